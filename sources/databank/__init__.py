"""Deliveries that come from the association's own databases, read-only and in increments.

Belongs here: which tables (``bronnen``), a connection that can only read (``verbinding``), rows as
text (``lezer``, ``cel``), how far reading is (``cursor``), and from rows to a file in
``opgehaald/`` (``ophalen``). Does not belong here: the form of that file
(:mod:`sources.opgehaald`), landing it (:mod:`sources.landing`), settings and when it is done
(``orchestration``).
"""
