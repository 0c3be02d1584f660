"""Mutations without meaning: the same rows written in another way must land as the same rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import numpy as np

from sources.demo.mutatie.blad import Mutatie, Proef, write_blad, zip_bytes

ONBEKENDE_KOLOM = "geen_onbekende_kolommen"
NIEUW = "inhoud_is_nieuw"


def _is_csv(proef: Proef) -> bool:
    return not proef.vorm.parquet


def _is_recht(proef: Proef) -> bool:
    """Whether every row has as many cells as the head."""
    return all(len(rij.cellen) == len(proef.blad.kop) for rij in proef.blad.rijen)


def shuffle_rijen(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Write the rows in another order."""
    volgorde = rng.permutation(len(proef.blad.rijen))
    rijen = tuple(proef.blad.rijen[i] for i in volgorde)
    return replace(proef, blad=replace(proef.blad, rijen=rijen))


def shuffle_kolommen(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Write the columns in another order, head and cells together."""
    breedte = len(proef.blad.kop)
    if any(len(rij.cellen) != breedte for rij in proef.blad.rijen):
        return None
    volgorde = rng.permutation(breedte)
    rijen = tuple(
        replace(rij, cellen=tuple(rij.cellen[i] for i in volgorde)) for rij in proef.blad.rijen
    )
    kop = tuple(proef.blad.kop[i] for i in volgorde)
    return replace(proef, blad=replace(proef.blad, kop=kop, rijen=rijen))


def quote_alles(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Put quotes around every cell."""
    return replace(proef, vorm=replace(proef.vorm, aanhalen=True)) if _is_csv(proef) else None


def add_bom(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Begin with a byte order mark."""
    return replace(proef, vorm=replace(proef.vorm, bom=True)) if _is_csv(proef) else None


def use_crlf(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """End lines as Windows does."""
    return replace(proef, vorm=replace(proef.vorm, einde="\r\n")) if _is_csv(proef) else None


def add_witregels(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Leave lines blank between rows."""
    if not _is_csv(proef) or not proef.blad.rijen or len(proef.blad.kop) == 1:
        return None
    plekken = rng.integers(0, len(proef.blad.rijen), size=3).tolist()
    return replace(proef, vorm=replace(proef.vorm, witregels=frozenset(plekken)))


def drop_slot(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Leave out the last line end."""
    return replace(proef, vorm=replace(proef.vorm, slot=False)) if _is_csv(proef) else None


def add_scheiding(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """End every line with one separator more, as some exports do."""
    return replace(proef, vorm=replace(proef.vorm, staart=True)) if _is_csv(proef) else None


def zip_bestand(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Zip the file, unless a zipped copy would then lie under its name."""
    if not _is_csv(proef) or f"{proef.bestand}.gz" in proef.extra:
        return None
    return replace(proef, vorm=replace(proef.vorm, gz=True))


def add_kolom(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Add a column that the contract does not name, with personal data in it."""
    naam = ("bsn_huurder", "opmerking", "Naam huurder", "x" * 300)[int(rng.integers(4))]
    waarde = ("123456782", "Jan de Kanarie", "kanarie@voorbeeld.nl")[int(rng.integers(3))]
    if any(len(rij.cellen) != len(proef.blad.kop) for rij in proef.blad.rijen):
        return None
    rijen = tuple(replace(rij, cellen=(*rij.cellen, waarde)) for rij in proef.blad.rijen)
    return replace(
        proef,
        blad=replace(proef.blad, kop=(*proef.blad.kop, naam), rijen=rijen),
        mag_melden=proef.mag_melden | {ONBEKENDE_KOLOM},
        verboden=(*proef.verboden, waarde),
    )


def pad_cellen(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Put spaces around the cells of one column."""
    kolom = proef.blad.kop[int(rng.integers(len(proef.blad.kop)))]
    if any(len(rij.cellen) != len(proef.blad.kop) for rij in proef.blad.rijen):
        return None
    cellen = [f" {cel}  " for cel in proef.blad.get_kolom(kolom)]
    return replace(proef, blad=proef.blad.set_kolom(kolom, cellen))


def write_momenten(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Write the dates of one column as moments."""
    datums = proef.list_kolommen("date")
    if not datums or not _is_recht(proef):
        return None
    kolom = datums[int(rng.integers(len(datums)))].naam
    staart = ("T00:00:00", " 00:00:00", "T00:00:00Z", "T13:45:10.123Z")[int(rng.integers(4))]
    cellen = [
        cel + staart if cel and cel[:4].isdigit() and len(cel) == len("2025-01-01") else cel
        for cel in proef.blad.get_kolom(kolom)
    ]
    return replace(proef, blad=proef.blad.set_kolom(kolom, cellen))


def write_nullen(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Write the numbers of one column with a zero more behind the point."""
    getallen = proef.list_kolommen("integer", "decimal", "double", "bigint")
    if not getallen or not _is_recht(proef):
        return None
    kolom = getallen[int(rng.integers(len(getallen)))].naam
    cellen = [
        (f"{cel}0" if "." in cel else f"{cel}.0") if cel.replace(".", "", 1).isdigit() else cel
        for cel in proef.blad.get_kolom(kolom)
    ]
    return replace(proef, blad=proef.blad.set_kolom(kolom, cellen))


def _is_vreemd(cel: str) -> bool:
    """Whether a cell holds what Parquet text cannot, or what only CSV forbids."""
    return "\0" in cel or any("\udc80" <= teken <= "\udcff" for teken in cel)


def _write_parquet(vorm: Literal["tekst", "getypeerd"]) -> Mutatie:
    def write(proef: Proef, rng: np.random.Generator) -> Proef | None:
        v = proef.vorm
        if v.gz or v.bom or v.aanhalen or v.witregels or v.staart or not v.slot or v.einde != "\n":
            return None
        if any(len(rij.cellen) != len(proef.blad.kop) for rij in proef.blad.rijen):
            return None
        if len(set(proef.blad.kop)) != len(proef.blad.kop):
            return None
        if any(_is_vreemd(cel) for rij in proef.blad.rijen for cel in rij.cellen):
            return None
        return replace(proef, vorm=replace(v, parquet=vorm))

    return write


def copy_bestand(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Deliver the file twice: zipped beside itself, or with other line ends under a later date."""
    if proef.bron.formaat != "tabel" or not _is_csv(proef) or proef.vorm.gz:
        return None
    inhoud, _ = write_blad(proef.blad, proef.vorm)
    if rng.random() < 0.5:
        return replace(
            proef,
            extra={**proef.extra, f"{proef.bestand}.gz": zip_bytes(inhoud)},
            mag_melden=proef.mag_melden | {NIEUW},
        )
    inhoud, _ = write_blad(proef.blad, replace(proef.vorm, einde="\r\n", bom=True))
    landt = len(proef.blad.rijen) - len(proef.afgekeurd)
    must = (
        proef.tabel.levering == "aanvulling" and landt > 1 and proef.soort != "aannemelijk"
    )  # a swap may leave no row to copy
    return replace(
        proef,
        extra={**proef.extra, f"{proef.tabel.naam}_2026-02-01.csv": inhoud},
        melding=proef.melding | ({NIEUW} if must else frozenset()),
        mag_melden=proef.mag_melden
        | {NIEUW, "omvang_past_bij_vorige", "verdeling_past_bij_vorige"},
    )


def add_los_bestand(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Lay something beside it that is no delivery."""
    naam = ("LEESMIJ.txt", ".DS_Store", "~$zaak.xlsx", "kopie van zaak.csv", "Thumbs.db", "Ütf.csv")
    return replace(
        proef, extra={**proef.extra, naam[int(rng.integers(len(naam)))]: b"Jan de Kanarie;1\n"}
    )


GELIJK: Mapping[str, Mutatie] = {
    "rijen in andere volgorde": shuffle_rijen,
    "kolommen in andere volgorde": shuffle_kolommen,
    "alles tussen aanhalingstekens": quote_alles,
    "BOM": add_bom,
    "regeleinde CRLF": use_crlf,
    "witregels": add_witregels,
    "geen laatste regeleinde": drop_slot,
    "scheidingsteken te veel aan elk regeleinde": add_scheiding,
    "gz": zip_bestand,
    "onbekende kolom erbij": add_kolom,
    "spaties om cellen": pad_cellen,
    "datum als moment": write_momenten,
    "getal met nul erachter": write_nullen,
    "als Parquet, alles tekst": _write_parquet("tekst"),
    "als Parquet, met typen": _write_parquet("getypeerd"),
    "bestand dubbel": copy_bestand,
    "los bestand ernaast": add_los_bestand,
}
