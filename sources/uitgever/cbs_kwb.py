"""Reads CBS Kerncijfers wijken en buurten as StatLine gives them.

UTF-8 with a byte order mark, ``;``, decimal comma, ``.`` = missing. Title rows, a row of
names (``|`` marks depth), a row of units, the regions, and sometimes a last row that names
the source. The set, the order and the units of the columns change every year, so a column is
found by its name *and* unit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sources.uitgever.bestand import find_jaar, is_leeg, normalise_kop, read_csv
from sources.uitgever.gelezen import Gelezen, UitgeverFout, build_gelezen
from vera.contract import Bron, Tabel
from vera.levering import Afkeuring

_BESTAND = re.compile(r"kwb_(.*_)?[0-9]{4}\.csv(\.gz)?", re.I)
_TITEL = re.compile(r"Kerncijfers wijken en buurten\s+([0-9]{4})", re.I)
_KOPRIJ_BINNEN = 12  # rows; the title has three
_IS_JAAR = re.compile(r"[0-9]{4}")
_CODERING = "Codering"
_JAAR = "Jaar"


@dataclass(frozen=True)
class _Blad:
    """The layout of one file: headers as ``naam [eenheid]`` by position, and the regions."""

    koppen: tuple[str, ...]
    regios: tuple[tuple[int, list[str]], ...]


def read_cbs_kwb(pad: Path, bron: Bron) -> list[Gelezen]:
    """Read one edition into every table of the contract; another name gives an empty list.

    Raises
    ------
    UitgeverFout
        When the title or the year column speaks of another year than the file name, when a
        key column is missing, or when a known column has an unknown unit.
    """
    if not _BESTAND.fullmatch(pad.name):
        return []
    jaar = find_jaar(pad)
    if jaar is None:
        raise UitgeverFout(
            f"{pad.name} noemt meer dan één jaar.", verwacht="één jaar in de bestandsnaam"
        )
    blad = _read_blad(pad, bron, jaar)
    bekend = {kop for tabel in bron.tabellen for kop in _list_koppen(tabel)}
    geweigerd = [
        kop for i, kop in enumerate(blad.koppen) if i and kop not in bekend and _naam(kop) != _JAAR
    ]
    return [
        _read_tabel(pad, bron, tabel, jaar, blad, geweigerd if i == 0 else [])
        for i, tabel in enumerate(bron.tabellen)
    ]


def _read_blad(pad: Path, bron: Bron, jaar: int) -> _Blad:
    rijen = read_csv(pad, bron.codering, bron.scheidingsteken)
    koprij = next(
        (
            i
            for i, (_, rij) in enumerate(rijen[:_KOPRIJ_BINNEN])
            if _CODERING in {_strip_diepte(cel) for cel in rij}
        ),
        None,
    )
    if koprij is None or koprij + 1 >= len(rijen):
        raise UitgeverFout(
            f"{pad.name} heeft in de eerste {_KOPRIJ_BINNEN} regels geen kolom {_CODERING}.",
            verwacht="titelregels, een regel met namen en een regel met eenheden",
            remedie="Haal het bestand bij StatLine op als CSV met statistische symbolen.",
        )
    _check_titel(pad, [rij for _, rij in rijen[:koprij]], jaar)
    namen = [_strip_diepte(cel) for cel in rijen[koprij][1]]
    eenheden = [normalise_kop(cel) for cel in rijen[koprij + 1][1]]
    if len(namen) != len(eenheden):
        raise UitgeverFout(
            f"{pad.name} heeft {len(namen)} namen en {len(eenheden)} eenheden.",
            verwacht="evenveel namen als eenheden",
        )
    regios = tuple(
        (regel, rij)
        for regel, rij in rijen[koprij + 2 :]
        if not is_leeg(rij) and not is_leeg(rij[1:])  # the source line has one cell
    )
    if _JAAR in namen:
        plek = namen.index(_JAAR)
        anders = {rij[plek].strip() for _, rij in regios if len(rij) > plek} - {str(jaar)}
        if anders:
            ander_jaar = next((cel for cel in sorted(anders) if _IS_JAAR.fullmatch(cel)), "")
            raise _jaar_fout(pad, ander_jaar, jaar)
    koppen = tuple(f"{n} [{e}]" if n else "" for n, e in zip(namen, eenheden, strict=True))
    return _Blad(koppen, regios)


def _check_titel(pad: Path, titelrijen: Sequence[list[str]], jaar: int) -> None:
    """Refuse a file whose title names another year: a copied edition is not a new one."""
    treffer = _TITEL.search(" ".join(cel for rij in titelrijen for cel in rij))
    if treffer is None:
        raise UitgeverFout(
            f"{pad.name} heeft geen titel met een jaar.",
            verwacht="'Kerncijfers wijken en buurten <jaar>' boven de kolommen",
        )
    if int(treffer[1]) != jaar:
        raise _jaar_fout(pad, treffer[1], jaar)


def _jaar_fout(pad: Path, gevonden: str, jaar: int) -> UitgeverFout:
    return UitgeverFout(
        f"{pad.name} bevat cijfers over {gevonden or 'iets anders dan één jaar'}.",
        verwacht=f"cijfers over {jaar}, zoals de bestandsnaam zegt",
        remedie="Geef het bestand zijn eigen jaar of lever de juiste editie.",
    )


def _read_tabel(
    pad: Path, bron: Bron, tabel: Tabel, jaar: int, blad: _Blad, geweigerd: Sequence[str]
) -> Gelezen:
    posities = _find_posities(pad, tabel, blad.koppen)
    ontbreekt = [
        kolom.naam
        for kolom in tabel.kolommen
        if kolom.naam not in posities
        and kolom.naam != "jaar"
        and (kolom.verplicht or kolom.naam in tabel.sleutel)
    ]
    if ontbreekt:
        raise UitgeverFout(
            f"{pad.name} mist {', '.join(ontbreekt)} van {tabel.id}.",
            verwacht=", ".join(tabel.kolom(naam).kop or naam for naam in ontbreekt),
        )
    afkeuringen = []
    cellen = []
    for regel, rij in blad.regios:
        if len(rij) != len(blad.koppen):
            afkeuringen.append(
                Afkeuring(tabel.id, pad.name, regel, "", "rij", "ander aantal kolommen dan de kop")
            )
            continue
        cellen.append((regel, {naam: rij[positie] for naam, positie in posities.items()}))
    return build_gelezen(
        bron,
        tabel,
        pad.name,
        jaar,
        cellen,
        afkeuringen=afkeuringen,
        geweigerd=geweigerd,
        afwezig=[k.naam for k in tabel.kolommen if k.naam not in posities and k.naam != "jaar"],
    )


def _find_posities(pad: Path, tabel: Tabel, koppen: Sequence[str]) -> dict[str, int]:
    """Return the position of each column; a column that this year lacks has none."""
    _check_eenheden(pad, tabel, koppen)
    posities = {}
    for kolom in tabel.kolommen:
        if not kolom.kop:
            if kolom.positie is not None:
                posities[kolom.naam] = kolom.positie
            continue
        plekken = [i for i, kop in enumerate(koppen) if kop == kolom.kop]
        if len(plekken) > 1:
            raise UitgeverFout(
                f"{pad.name} heeft de kolom {kolom.kop!r} {len(plekken)} keer.",
                verwacht="eenmaal; anders is niet te zeggen welke bedoeld is",
            )
        if plekken:
            posities[kolom.naam] = plekken[0]
    return posities


def _check_eenheden(pad: Path, tabel: Tabel, koppen: Sequence[str]) -> None:
    """Refuse a column that the contract knows in another unit: thousands are not units."""
    verwacht: dict[str, set[str]] = {}
    for kop in _list_koppen(tabel):
        verwacht.setdefault(_naam(kop), set()).add(kop)
    for naam, bekend in verwacht.items():
        gevonden = {kop for kop in koppen if _naam(kop) == naam}
        if gevonden and not gevonden & bekend:
            raise UitgeverFout(
                f"{pad.name}: kolom {naam!r} heeft een andere eenheid.",
                verwacht=" of ".join(repr(kop) for kop in sorted(bekend)),
                remedie="Voeg de kolom met deze eenheid apart toe aan het contract van "
                f"{tabel.id}.",
            )


def _list_koppen(tabel: Tabel) -> list[str]:
    return [kolom.kop for kolom in tabel.kolommen if kolom.kop]


def _naam(kop: str) -> str:
    return kop.rpartition(" [")[0]


def _strip_diepte(cel: str) -> str:
    return normalise_kop(cel).lstrip("|").strip()
