"""Sociaal Signaal: a presumed vulnerable situation, reported by who works in or near a dwelling.

A store of its own, under a key of its own. Belongs here: what may be reported, keeping it,
following it up, telling the reporter how it stands, counting it per buurt, and removing it on
time; and its routes and pages. Does not belong here: anything of labels, risk models or the
warehouse. Nothing outside ``serving.app``, the command line and the nightly purge may import
this package (import-linter).

Source: design papers on trust ("Sociaal Signaal"; AVG art. 9) and on the mission.
"""
