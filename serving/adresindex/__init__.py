"""The address index of a release: from an address or a dwelling's id to a complex, under a key.

``sleutel`` is the service key, ``bestand`` the file beside a release, ``boek`` answers questions.
No address and no id of a dwelling is kept, and nothing here gives one back (ADR 0033).
"""
