"""Keys by which readers are known, sessions, and what a reader sees of a release.

Belongs here: issuing and checking keys, the store of them, looking at a release with less than
everything. Does not belong here: the table of roles (``vera.toegang``), HTTP (``serving.api``).
"""
