"""Reads Inside Airbnb (``listings*.csv``) and counts per neighbourhood.

No advertisement leaves this module: what goes on is a count per neighbourhood name. Only the
two columns that are counted are looked at.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from sources.uitgever.bestand import find_jaar, is_leeg, normalise_kop, read_csv
from sources.uitgever.gelezen import Gelezen, UitgeverFout, build_gelezen
from vera.contract import Bron
from vera.levering import Afkeuring

_BESTAND = re.compile(r"listings.*\.csv(\.gz)?", re.I)
_HELE_WONING = "Entire home/apt"


def read_airbnb(pad: Path, bron: Bron) -> list[Gelezen]:
    """Count the advertisements per neighbourhood; another file name gives an empty list.

    ``_regel`` is the line of the neighbourhood's first advertisement.

    Raises
    ------
    UitgeverFout
        When the column with the neighbourhood is missing.
    """
    if not _BESTAND.fullmatch(pad.name):
        return []
    tabel = bron.tabel("advertentie")
    buurt, soort = tabel.kolom("buurtnaam").kop, tabel.kolom("hele_woning_aantal").kop
    (_, kop), *rijen = read_csv(pad, bron.codering, bron.scheidingsteken)
    koppen = [normalise_kop(cel) for cel in kop]
    if buurt not in koppen:
        raise UitgeverFout(f"{pad.name} heeft geen kolom {buurt}.", verwacht=str(buurt))
    plek_buurt = koppen.index(buurt)
    plek_soort = koppen.index(soort) if soort in koppen else None
    aantal: Counter[str] = Counter()
    hele_woning: Counter[str] = Counter()
    eerste_regel: dict[str, int] = {}
    afkeuringen = []
    for regel, rij in rijen:
        if is_leeg(rij):
            continue
        naam = rij[plek_buurt].strip() if len(rij) == len(kop) else ""
        if not naam:
            reden = "geen buurtnaam" if len(rij) == len(kop) else "ander aantal kolommen dan de kop"
            afkeuringen.append(Afkeuring(tabel.id, pad.name, regel, "", "rij", reden))
            continue
        eerste_regel.setdefault(naam, regel)
        aantal[naam] += 1
        hele_woning[naam] += plek_soort is not None and rij[plek_soort].strip() == _HELE_WONING
    cellen = [
        (
            regel,
            {
                "buurtnaam": naam,
                "advertenties_aantal": str(aantal[naam]),
                "hele_woning_aantal": "" if plek_soort is None else str(hele_woning[naam]),
            },
        )
        for naam, regel in sorted(eerste_regel.items())
    ]
    return [
        build_gelezen(
            bron,
            tabel,
            pad.name,
            find_jaar(pad),
            cellen,
            afkeuringen=afkeuringen,
            geweigerd=[tekst for tekst in koppen if tekst not in {buurt, soort}],
        )
    ]
