"""Who sees the score of a complex outside the worklist, and when nobody does.

On a worklist people judge first (ADR 0022); a score that could be looked up beforehand would
undo that. And a flag that is withheld must not be found out by what is missing. So (ADR 0034):

- scores of a month show after its list was composed; where lists were never made, at once;
- of a complex that waits on a list, its score shows to who gave an own view of it, and to nobody
  else;
- of a complex whose flag is withheld there is no score, as of one that never had any;
- while flags are withheld, as large a share of all other complexes, drawn under a secret of
  the installation that knows no score, has none either: that a score is missing tells nothing then.

Belongs here: this rule, without HTTP. Does not belong here: the scores (``serving.release``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from serving.besluit.werklijst import Openstaand, Rij, list_open
from serving.release.voor_rollen import Risicostand, Score
from vera.werklijst import Model

Reden = Literal["lijst_niet_gemaakt", "eerst_oordelen", "geen_score", "gestopt"]
REDENEN: Final[dict[Reden, str]] = {
    "lijst_niet_gemaakt": (
        "De werklijst van deze maand is nog niet gemaakt. De scores zijn daarna te zien."
    ),
    "eerst_oordelen": (
        "Dit complex staat op de werklijst. Geef daar eerst uw eigen oordeel; daarna ziet u de "
        "score."
    ),
    "geen_score": (
        "Van dit complex is er nu geen score. Dat kan zijn omdat er al een dossier loopt, omdat "
        "het te klein is, of omdat een deel van de scores niet wordt getoond om te kunnen "
        "nagaan of de lijst werkt."
    ),
    "gestopt": "Het model is stilgezet, of er kiest nu niets. Er zijn geen scores.",
}
"""Why there is no score to see. ``geen_score`` does not say which of its reasons it is."""

AANDEEL_NIET_GETOOND: Final = 0.10
"""Share of all complexes without a score to see: that of the withheld flags of a list, by
``models.risico.werklijst``."""
_MAANDEN_PER_BLOK: Final = 6
"""How long a complex stays without, so that a score does not come and go from month to month."""


@dataclass(frozen=True)
class Zicht:
    """The score as somebody sees it: either it, or why there is none."""

    score: Score | None
    reden: Reden | None


def look_at_score(
    stand: Risicostand | None,
    score: Score | None,
    rijen: Sequence[Rij],
    complex_id: str,
    naam: str | None,
    *,
    model: Model,
    laatste: date | None,
    is_gestopt: bool,
    geheim: bytes,
) -> Zicht:
    """Return what somebody sees of the score of a complex.

    Parameters
    ----------
    stand, score
        What chooses in this release, and what it says of the complex.
    rijen
        Every row of the model's worklists, withheld ones included.
    naam
        Who looks; None = they did not say, so they gave no view.
    laatste
        Peildatum of the last list; None = there never was one.
    is_gestopt
        Whether a person stopped the model since.
    geheim
        Secret of the installation, by which is drawn whose score is kept out of sight.
    """
    if stand is None or not stand.scoort or is_gestopt:
        return Zicht(None, "gestopt")
    if laatste is not None and laatste < stand.peildatum:
        return Zicht(None, "lijst_niet_gemaakt")
    staand = _find_open(list_open(rijen), complex_id)
    if staand is not None:
        mag = naam is not None and staand.find_beoordeling(naam) is not None
        return (
            Zicht(score, None if score else "geen_score") if mag else Zicht(None, "eerst_oordelen")
        )
    onthouden = {
        rij.regel.complex_id
        for rij in rijen
        if rij.regel.is_onthouden and rij.lijst.peildatum == laatste
    }
    if complex_id in onthouden or (
        onthouden and is_niet_getoond(model, complex_id, stand.peildatum, geheim)
    ):
        score = None
    return Zicht(score, "geen_score" if score is None else None)


def is_niet_getoond(
    model: Model,
    complex_id: str,
    peildatum: date,
    geheim: bytes,
    aandeel: float = AANDEEL_NIET_GETOOND,
) -> bool:
    """Tell whether a complex is among those without a score to see, whatever its score is.

    For half a year at a time, which begins in another month for each complex. Under a secret of
    the installation: whoever could draw this again would know which missing scores it explains,
    and that the others are withheld.

    Examples
    --------
    >>> is_niet_getoond("overlast", "C1", date(2026, 10, 1), b"", 1.0)
    True
    """
    verschuiving = _hash(geheim, model, complex_id, "verschuiving") % _MAANDEN_PER_BLOK
    blok = (peildatum.year * 12 + peildatum.month - 1 + verschuiving) // _MAANDEN_PER_BLOK
    return _hash(geheim, model, complex_id, str(blok)) / 2**64 < aandeel


def _hash(geheim: bytes, *delen: str) -> int:
    tekst = "\x1f".join(delen).encode()
    afdruk = hashlib.blake2b(tekst, digest_size=8, key=geheim, person=b"nietgetoond")
    return int.from_bytes(afdruk.digest())


def _find_open(open_: Sequence[Openstaand], complex_id: str) -> Openstaand | None:
    return next((staand for staand in open_ if staand.complex_id == complex_id), None)
