"""What can go wrong between us and a publisher. What was delivered before stays, whatever it is."""

from __future__ import annotations

from vera.errors import BuurtpeilError


class OphaalFout(BuurtpeilError):
    """Open data could not be fetched; what was delivered before is untouched."""


class Onbereikbaar(OphaalFout):
    """The publisher does not answer, or asks to come back later."""


class AnderAntwoord(OphaalFout):
    """The publisher answers something else than what it is known to answer."""


class BestaatNiet(AnderAntwoord):
    """The publisher does not have it: a year that is not published, a file that is gone."""
