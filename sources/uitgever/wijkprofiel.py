"""Reads the Wijkprofiel Rotterdam as the city publishes it.

Latin-1, ``;``, decimal comma, percentages as ``33%``, ``x.`` = missing. Headers repeat, so
columns are read by position, and the header at that position must be the contract's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from sources.uitgever.bestand import find_jaar, is_leeg, normalise_kop, read_csv
from sources.uitgever.gelezen import Gelezen, UitgeverFout, build_gelezen
from vera.contract import Bron, Tabel
from vera.levering import Afkeuring

_EDITIE = re.compile(r"wijkprofiel_[0-9]{4}_(?P<soort>vi|si|fi_obj|fi_subj)\.csv(\.gz)?", re.I)
_CROSSWALK = re.compile(r"crosswalk.*\.csv(\.gz)?", re.I)
_BUURTCODES = re.compile(r"BU[0-9]{8}(\|BU[0-9]{8})*")


def read_wijkprofiel(pad: Path, bron: Bron) -> list[Gelezen]:
    """Read one file of the Wijkprofiel; a file of another name gives an empty list.

    Raises
    ------
    UitgeverFout
        When a contract column is not where the contract says, naming the position, the
        header expected there and the header found.
    """
    if _CROSSWALK.fullmatch(pad.name):
        return [_read_crosswalk(pad, bron, bron.tabel("crosswalk"))]
    if treffer := _EDITIE.fullmatch(pad.name):
        return [_read_editie(pad, bron, bron.tabel(treffer["soort"].lower()))]
    return []


def _read_editie(pad: Path, bron: Bron, tabel: Tabel) -> Gelezen:
    jaar = find_jaar(pad)
    if jaar is None:
        raise UitgeverFout(
            f"{pad.name} noemt geen jaar.", verwacht="wijkprofiel_<jaar>_<soort>.csv"
        )
    (_, kop), *rijen = read_csv(pad, bron.codering, bron.scheidingsteken)
    koppen = [normalise_kop(cel) for cel in kop]
    posities = _check_posities(pad, tabel, koppen)
    afkeuringen = []
    cellen = []
    for regel, rij in rijen:
        if is_leeg(rij):
            continue
        if len(rij) != len(kop):
            afkeuringen.append(_afwijkende_rij(tabel, pad, regel))
            continue
        cellen.append((regel, {naam: rij[positie] for naam, positie in posities.items()}))
    gelezen = set(posities.values())
    return build_gelezen(
        bron,
        tabel,
        pad.name,
        jaar,
        cellen,
        afkeuringen=afkeuringen,
        geweigerd=[tekst for i, tekst in enumerate(koppen) if i not in gelezen],
    )


def _check_posities(pad: Path, tabel: Tabel, koppen: Sequence[str]) -> dict[str, int]:
    """Return the position per column, after checking the header that stands there."""
    posities = {}
    for kolom in tabel.kolommen:
        if kolom.positie is None or kolom.kop is None:
            continue
        gevonden = koppen[kolom.positie] if kolom.positie < len(koppen) else None
        if gevonden != kolom.kop:
            raise UitgeverFout(
                f"{pad.name}: op plaats {kolom.positie + 1} staat "
                f"{_describe_kop(gevonden, tabel)}.",
                verwacht=f"{kolom.kop!r} (kolom {kolom.naam} van {tabel.id})",
                remedie="Is de indeling van de uitgever veranderd, pas dan kop en positie in het "
                "contract aan; lever anders het bestand zoals het is opgehaald.",
            )
        posities[kolom.naam] = kolom.positie
    return posities


def _describe_kop(gevonden: str | None, tabel: Tabel) -> str:
    """Name what was found only where the contract itself knows it: it might be a value."""
    if gevonden is None:
        return "geen kolom"
    bekend = gevonden in {kolom.kop for kolom in tabel.kolommen}
    return f"de kop {gevonden!r}" if bekend else "een andere kop"


def _read_crosswalk(pad: Path, bron: Bron, tabel: Tabel) -> Gelezen:
    """Read the association's own list of areas and CBS codes (``,`` or ``;``, UTF-8)."""
    rijen = read_csv(pad, "utf-8-sig", ",")
    if len(rijen[0][1]) == 1:
        rijen = read_csv(pad, "utf-8-sig", ";")
    koppen = [normalise_kop(cel) for cel in rijen[0][1]]
    posities = {k.naam: koppen.index(k.kop) for k in tabel.kolommen if k.kop in koppen}
    ontbreekt = [naam for naam in ("wijknr", "cbs_buurtcodes") if naam not in posities]
    if ontbreekt:
        raise UitgeverFout(
            f"{pad.name} heeft geen kolom {' en geen kolom '.join(ontbreekt)}.",
            verwacht="een kop met wijknr en cbs_buurtcodes",
        )
    afkeuringen = []
    cellen = []
    for regel, rij in rijen[1:]:
        if is_leeg(rij):
            continue
        if len(rij) != len(koppen):
            afkeuringen.append(_afwijkende_rij(tabel, pad, regel))
            continue
        waarden = {naam: rij[positie].strip() for naam, positie in posities.items()}
        codes = waarden["cbs_buurtcodes"]
        if codes and not _BUURTCODES.fullmatch(codes):
            reden = "geen CBS-buurtcodes gescheiden door |"
            afkeuringen.append(
                Afkeuring(tabel.id, pad.name, regel, "cbs_buurtcodes", "tekst", reden)
            )
            waarden["cbs_buurtcodes"] = ""
        cellen.append((regel, waarden))
    return build_gelezen(
        bron,
        tabel,
        pad.name,
        find_jaar(pad),
        cellen,
        afkeuringen=afkeuringen,
        geweigerd=[tekst for i, tekst in enumerate(koppen) if i not in posities.values()],
        afwezig=[k.naam for k in tabel.kolommen if k.kop and k.naam not in posities],
    )


def _afwijkende_rij(tabel: Tabel, pad: Path, regel: int) -> Afkeuring:
    return Afkeuring(tabel.id, pad.name, regel, "", "rij", "ander aantal kolommen dan de kop")
