"""``doelbinding``: what each product is made of, back to the source columns, and their purposes.

It judges the SQL that the data folder was built with (``make demo`` or ``buurtpeil run`` is all
it needs), because that is what was published, and says which models were changed since.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from typing import Any

from orchestration.dbt_step import MANIFEST
from orchestration.doelbinding import (
    PRODUCTEN,
    Gebruik,
    Herkomst,
    Product,
    Schending,
    Weg,
    check_project,
    read_gebruik,
    trace_product,
)
from orchestration.instellingen import Instellingen
from orchestration.werkmap import DBT_MAP, Werkmap
from sources.bewaren import read_opgeschoond
from sources.contract import read_contract
from vera.errors import BuurtpeilError, GebruikFout

UITGANG_SCHENDING = 1


def show_doelbinding(instellingen: Instellingen, naam: str | None, *, als_json: bool) -> None:
    """Print what products are made of; exit with 1 when one reaches what it may not.

    Raises
    ------
    GebruikFout
        When there is no such product, or nothing was built in the data folder yet.
    """
    producten = _find_producten(naam)
    werkmap = Werkmap.of(instellingen.data)
    if not (werkmap.dbt / MANIFEST).exists() or not werkmap.warehouse.exists():
        raise GebruikFout(
            f"In {instellingen.data} is nog niets gebouwd.",
            verwacht="een datamap met een warehouse en de SQL waarmee dat is gemaakt",
            remedie="draai eerst `make demo` of `buurtpeil run`",
        )
    gebruik = read_gebruik(werkmap.dbt, werkmap.warehouse)
    contract = read_contract(DBT_MAP)
    project = check_project(gebruik)
    with _told_when_purged(werkmap):
        herkomsten = [trace_product(product, gebruik, contract) for product in producten]
    gebruik.save()
    gewijzigd = list_gewijzigd(gebruik)
    if als_json:
        print(json.dumps(_as_json(herkomsten, project, gewijzigd), ensure_ascii=False, indent=2))
    else:
        for regel in _list_regels(herkomsten, project, gewijzigd, is_heel=naam is not None):
            print(regel)
    if project or any(herkomst.schendingen for herkomst in herkomsten):
        sys.exit(UITGANG_SCHENDING)


@contextmanager
def _told_when_purged(werkmap: Werkmap) -> Iterator[None]:
    """Say that tables are gone because of a purge, instead of which SQL could not be read."""
    try:
        yield
    except BuurtpeilError as fout:
        tot = read_opgeschoond(werkmap.bewaren)
        if tot is None:
            raise
        raise GebruikFout(
            f"Het warehouse is opgeschoond (tot {tot}): tabellen met rijen over mensen zijn weg, "
            "en daarmee de kolommen die hiervoor nodig zijn.",
            verwacht="een warehouse van een run na de laatste opschoning",
            remedie="draai `buurtpeil run`; die kijkt dit zelf ook na, voor er iets verschijnt",
        ) from fout


def _find_producten(naam: str | None) -> list[Product]:
    gekozen = [product for product in PRODUCTEN if naam in {None, product.naam}]
    if not gekozen:
        raise GebruikFout(
            f"Er is geen product {naam}.",
            verwacht=", ".join(product.naam for product in PRODUCTEN),
            remedie="kies een van deze, of laat --product weg",
        )
    return gekozen


def list_gewijzigd(gebruik: Gebruik) -> list[str]:
    """Return the models whose SQL is not what the warehouse was built with any more."""
    gewijzigd = []
    for props in gebruik.knopen.values():
        som = (props.get("checksum") or {}).get("checksum")
        if props["resource_type"] != "model" or not som:
            continue
        pad = DBT_MAP / props["original_file_path"]
        # dbt leaves out white space at the ends before it hashes.
        sql = pad.read_text(encoding="utf-8").strip() if pad.exists() else ""
        if hashlib.sha256(sql.encode()).hexdigest() != som:
            gewijzigd.append(str(props["name"]))
    return sorted(gewijzigd)


def _group(wegen: Iterable[Weg]) -> list[tuple[Weg, int]]:
    """Return one way per source column, use and verdict, the shortest, with how many there are."""

    def sleutel(weg: Weg) -> tuple[str, str, str, str]:
        return weg.bron, weg.gebruik, weg.doel, weg.reden or ""

    gesorteerd = sorted(wegen, key=lambda weg: (*sleutel(weg), len(weg.pad), weg.pad))
    groepen = (list(groep) for _, groep in groupby(gesorteerd, key=sleutel))
    return [(groep[0], len(groep)) for groep in groepen]


def _list_regels(
    herkomsten: Iterable[Herkomst],
    project: Iterable[Schending],
    gewijzigd: Iterable[str],
    *,
    is_heel: bool,
) -> Iterable[str]:
    for schending in project:
        yield f"NIET GOED  dbt-project: {schending.kolom}: {schending.reden}"
    for herkomst in herkomsten:
        groepen = _group(herkomst.wegen)
        fout = [weg for weg, _ in groepen if weg.reden]
        bronnen = len({weg.bron for weg, _ in groepen})
        oordeel = f"NIET GOED: {len(fout)} keer" if fout else "in orde"
        yield (
            f"{herkomst.product.naam} (doel: {herkomst.product.doel}): {oordeel}; "
            f"{bronnen} bronkolommen en brontabellen"
        )
        for weg, aantal in groepen:
            if is_heel or weg.reden:
                yield from _say_weg(weg, aantal)
    if gewijzigd:
        yield (
            f"Let op: {len(list(gewijzigd))} modellen zijn veranderd sinds dit warehouse is "
            f"gebouwd ({', '.join(list(gewijzigd)[:5])}). Dit gaat over de SQL van toen; draai "
            "`buurtpeil run`, dan wordt de nieuwe SQL beoordeeld."
        )
    if not is_heel:
        yield "Alle wegen van één product: buurtpeil doelbinding --product NAAM"


def _say_weg(weg: Weg, aantal: int) -> Iterable[str]:
    eigen = "van de run zelf" if weg.bron.startswith("buurtpeil.") else "geen doel"
    doelen = ", ".join(sorted(weg.doelen)) or eigen
    rol = "als waarde" if weg.gebruik == "waarde" else "bepaalt alleen welke rijen tellen"
    oordeel = f"NIET GOED, {weg.reden}" if weg.reden else "goed"
    yield f"  {weg.bron} [{doelen}] {rol}: {oordeel} ({aantal} kolommen)"
    yield f"    {' < '.join(weg.pad)}"


def _as_json(
    herkomsten: Iterable[Herkomst], project: Iterable[Schending], gewijzigd: Iterable[str]
) -> dict[str, Any]:
    return {
        "producten": [
            {
                "naam": herkomst.product.naam,
                "doel": herkomst.product.doel,
                "in_orde": not herkomst.schendingen,
                "bronnen": [
                    {
                        "bron": weg.bron,
                        "gebruik": weg.gebruik,
                        "doelen": sorted(weg.doelen),
                        "getoetst_op": weg.doel,
                        "reden": weg.reden,
                        "aantal_kolommen": aantal,
                        "pad": list(weg.pad),
                    }
                    for weg, aantal in _group(herkomst.wegen)
                ],
            }
            for herkomst in herkomsten
        ],
        "project": [{"naam": schending.kolom, "reden": schending.reden} for schending in project],
        "gewijzigd_sinds_de_bouw": list(gewijzigd),
    }
