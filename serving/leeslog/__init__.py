"""The read log: who read what that is restricted, when and what for; lines hold on to each other.

Belongs here: writing, checking, reading and shortening the log. Does not belong here: deciding
who may read (``vera.toegang``) or which route is restricted (``serving.api.bewaking``).
"""
