"""The release: an immutable folder with a look-up store, exports and a manifest.

Belongs here: names and shapes (``schema``), rendering of answers (``weergave``), writing and
publishing (``schrijver``), reading, checking and rolling back (``winkel``).
Does not belong here: HTTP (``serving.api``) and HTML (``serving.pagina``).
"""
