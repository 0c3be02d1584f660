"""Reads the police's registered crimes per buurt (``misdrijven_*_<jaar>.csv``).

The published sum holds the all-types total besides the types, so it is about twice the real
count: good for comparing buurten, not as a number of crimes. The list of CBS names that
comes with it adds no buurt and no name to this table and is not read.
"""

from __future__ import annotations

import re
from pathlib import Path

from sources.uitgever.bestand import find_jaar, is_leeg, normalise_kop, read_csv
from sources.uitgever.gelezen import Gelezen, UitgeverFout, build_gelezen
from vera.contract import Bron
from vera.levering import Afkeuring

_BESTAND = re.compile(r"misdrijven_.*[0-9]{4}\.csv(\.gz)?", re.I)


def read_politie(pad: Path, bron: Bron) -> list[Gelezen]:
    """Read one list of buurten; a file of another name gives an empty list.

    Raises
    ------
    UitgeverFout
        When a column of the contract is missing or the file name has no single year.
    """
    if not _BESTAND.fullmatch(pad.name):
        return []
    jaar = find_jaar(pad)
    if jaar is None:
        raise UitgeverFout(
            f"{pad.name} noemt meer dan één jaar.", verwacht="één jaar in de bestandsnaam"
        )
    tabel = bron.tabel("misdrijf")
    (_, kop), *rijen = read_csv(pad, bron.codering, bron.scheidingsteken)
    koppen = [normalise_kop(cel) for cel in kop]
    verwacht = {kolom.naam: kolom.kop for kolom in tabel.kolommen if kolom.kop}
    ontbreekt = [tekst for tekst in verwacht.values() if tekst not in koppen]
    if ontbreekt:
        raise UitgeverFout(
            f"{pad.name} mist {', '.join(ontbreekt)}.", verwacht=", ".join(verwacht.values())
        )
    posities = {naam: koppen.index(tekst) for naam, tekst in verwacht.items()}
    afkeuringen = []
    cellen = []
    for regel, rij in rijen:
        if is_leeg(rij):
            continue
        if len(rij) != len(kop):
            reden = "ander aantal kolommen dan de kop"
            afkeuringen.append(Afkeuring(tabel.id, pad.name, regel, "", "rij", reden))
            continue
        cellen.append((regel, {naam: rij[positie] for naam, positie in posities.items()}))
    return [
        build_gelezen(
            bron,
            tabel,
            pad.name,
            jaar,
            cellen,
            afkeuringen=afkeuringen,
            geweigerd=[tekst for tekst in koppen if tekst not in verwacht.values()],
        )
    ]
