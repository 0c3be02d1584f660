"""Bewonersinitiatieven between register and deliveries, both ways.

What an association records here goes to the label as everything does: as a delivery
(``wijkbeheer.bewonersinitiatief``), so that coverage, versions and purposes hold for it too.
What it records elsewhere and delivers comes into the register after a run, to be shown beside
the label. A number that begins with ``REG-`` is our own and does not come back.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import duckdb

from orchestration.instellingen import Instellingen
from orchestration.warehouse import open_warehouse
from orchestration.werkmap import Werkmap
from serving.initiatief.regels import STATUSSEN, Gegevens
from serving.initiatief.register import Geleverd, Initiatiefregister, Stand
from serving.release.winkel import Uitgave, current_path, open_release
from vera.errors import GebruikFout
from vera.persoonsgegeven import find_persoonsgegeven

VOORVOEGSEL: Final = "REG-"
DOOR_LEVERING: Final = "levering"
KOLOMMEN: Final = (
    "kennisdatum", "bewonersinitiatief_id", "cluster_id", "buurt_id", "naam", "bedrag_eur",
    "status_code", "begindatum", "einddatum",
)  # fmt: skip


@dataclass(frozen=True)
class Overname:
    """How many initiatives deliveries bring, and how many of them were new or changed."""

    geleverd: int
    nieuw: int


_NAAMLOOS: Final = "Initiatief zonder naam"


def open_initiatieven(instellingen: Instellingen) -> Initiatiefregister:
    """Return the register as the settings say where it is."""
    return Initiatiefregister(instellingen.initiatieven_adres)


def read_geleverd(warehouse: Path, uitgave: Uitgave) -> list[Geleverd]:
    """Return the delivered initiatives as they were last known, with places of the release.

    Parameters
    ----------
    warehouse
        The warehouse of the last run.
    uitgave
        The current release: a complex that is not in it has no card to stand on.

    Raises
    ------
    GebruikFout
        When there is no warehouse with deliveries yet.
    """
    vraag = (
        "select i.bewonersinitiatief_id, i.cluster_id, i.naam, i.bedrag_eur, i.status_code, "
        "i.begindatum, i.einddatum, coalesce(b.id_gegevensbeheerder, i.buurt_id) "
        "from staging.stg_wijkbeheer__bewonersinitiatief i left join buurten b using (buurt_id) "
        "where i.bekend_tot is null order by i.bewonersinitiatief_id"
    )
    try:
        with open_warehouse(warehouse) as verbinding:
            rijen = verbinding.execute(f"with buurten as ({_BUURTEN}) {vraag}").fetchall()
    except (duckdb.Error, OSError) as fout:
        raise GebruikFout(
            "Er zijn nog geen geleverde bewonersinitiatieven.",
            verwacht="een run met de bron wijkbeheer",
            remedie="draai eerst `buurtpeil run`",
        ) from fout
    buurt_van = dict(
        uitgave.query("select beheerobject_id, buurt_id from lijst where niveau = 'complex'")
    )
    return [
        geleverd
        for rij in rijen
        if not str(rij[0]).startswith(VOORVOEGSEL)
        and (geleverd := _make_geleverd(rij, buurt_van)) is not None
    ]


_BUURTEN: Final = "select distinct buurt_id, id_gegevensbeheerder from staging.stg_vera__buurt"


def _make_geleverd(rij: tuple[Any, ...], buurt_van: dict[str, str | None]) -> Geleverd | None:
    id_, cluster_id, naam, bedrag, status, begin, eind, buurt_id = rij
    is_complex = cluster_id is not None
    if is_complex and cluster_id not in buurt_van:
        return None
    plek = cluster_id if is_complex else buurt_id
    if plek is None:
        return None
    naam = " ".join(str(naam or "").split())[:80]
    # The column is for names of plans; what looks like a person is not shown.
    if not naam or find_persoonsgegeven(naam):
        naam = _NAAMLOOS
    return Geleverd(
        str(id_),
        Gegevens(
            naam=naam,
            thema_code=None,
            niveau="complex" if is_complex else "buurt",
            beheerobject_id=plek,
            buurt_id=(buurt_van[cluster_id] if is_complex else buurt_id) or "",
            bedrag_eur=bedrag,
            status_code=status if status in STATUSSEN else "toegekend",
            begindatum=begin,
            einddatum=None if eind is not None and eind < begin else eind,
        ),
    )


def take_over(register: Initiatiefregister, werkmap: Werkmap) -> Overname:
    """Take into the register what the deliveries of the last run say; twice changes nothing.

    Raises
    ------
    GeenRelease
        When nothing is published yet: a place without a card has nowhere to show it.
    GebruikFout
        When there is no warehouse with deliveries yet.
    InitiatievenFout
        When the register cannot be written.
    """
    with open_release(current_path(werkmap.releases)) as uitgave:
        geleverd = read_geleverd(werkmap.warehouse, uitgave)
    if not geleverd:  # makes no register
        return Overname(0, 0)
    return Overname(len(geleverd), register.take_levering(geleverd, DOOR_LEVERING))


def write_levering(register: Initiatiefregister, map_: Path, werkmap: Werkmap, dag: date) -> Path:
    """Write our own initiatives as a delivery; return the file.

    Every state is a version, known since the day on which it was recorded; of more on one day
    the last one counts.

    Raises
    ------
    GebruikFout
        When there is nothing to write, or a file of that name is there already.
    """
    standen = register.list_standen()
    if not standen:
        raise GebruikFout(
            "Er zijn geen bewonersinitiatieven in het register.",
            remedie="leg er een vast op de pagina Bewonersinitiatieven",
        )
    pad = map_ / "wijkbeheer" / f"bewonersinitiatief_{dag.isoformat()}.csv"
    if pad.exists():
        raise GebruikFout(
            f"{pad.name} is er al.",
            verwacht="een levering van vandaag die er nog niet is",
            remedie="haal haar weg, of lever morgen weer",
        )
    pad.parent.mkdir(parents=True, exist_ok=True)
    eigen = _read_buurten(werkmap.warehouse)
    tijdelijk = pad.with_name(f".{pad.name}")
    with tijdelijk.open("w", encoding="utf-8", newline="") as bestand:
        schrijver = csv.writer(bestand, delimiter=";")
        schrijver.writerow(KOLOMMEN)
        schrijver.writerows(_iter_versies(standen, eigen))
    tijdelijk.replace(pad)
    return pad


def _iter_versies(standen: tuple[Stand, ...], eigen: dict[str, str]) -> Iterator[list[str]]:
    versies: dict[tuple[int, date], Stand] = {}
    for stand in standen:
        versies[stand.initiatief_id, stand.vastgelegd_op.date()] = stand
    for (id_, kennis), stand in sorted(versies.items()):
        feiten = stand.gegevens
        yield [
            kennis.isoformat(),
            f"{VOORVOEGSEL}{id_:06d}",
            feiten.beheerobject_id if feiten.niveau == "complex" else "",
            eigen.get(feiten.buurt_id, feiten.buurt_id),
            feiten.naam,
            "" if feiten.bedrag_eur is None else f"{feiten.bedrag_eur:.2f}",
            feiten.status_code,
            feiten.begindatum.isoformat(),
            "" if feiten.einddatum is None else feiten.einddatum.isoformat(),
        ]


def _read_buurten(warehouse: Path) -> dict[str, str]:
    """Return the association's own id of a buurt by that of the release, where it knows them."""
    try:
        with open_warehouse(warehouse) as verbinding:
            rijen = verbinding.execute(_BUURTEN).fetchall()
    except (duckdb.Error, OSError):
        return {}
    return {str(beheer): str(eigen) for eigen, beheer in rijen if beheer is not None}
