"""The exact tables behind each release, kept inside: what the next run starts from.

A release shields small cells before it leaves. The calculation goes on with exact values
(trust.md, "Small counts"), and published labels are an input of the next run, so the exact
tables are kept in the data folder beside the release. They hold no personal data.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb

from orchestration.warehouse import RELATIES
from serving.release import schema, winkel
from serving.release.stroom import Bron
from serving.release.wijzer import is_release_id, write_synced
from vera.errors import BuurtpeilError

LABELS = "sociaal_beheer_label.parquet"
INDICATOREN = "indicatorwaarde.parquet"
BEHEEROBJECTEN = "beheerobject.parquet"
SIGNALEN = "themasignaal.parquet"
RISICOSCORES = "risicoscore.parquet"
LEVERINGEN = "leveringen.json"
SOMMEN: Final = "sommen.json"
"""Hash of every other file; an archive from before there were sums has none."""

_BOUW: Final = ".bouw"
"""Folder of an archive whose release is being written, and has no id yet."""

GOEDKEURING: Final = "goedkeuring"
"""Folder beside it, of ``orchestration.goedkeuring``."""

# SQL types of the Arrow types that a release's tables have.
_SOORT = {
    "string": "varchar",
    "double": "double",
    "int32": "integer",
    "bool": "boolean",
    "date32[day]": "date",
}
_TABELLEN = {
    schema.BEHEEROBJECT.naam: BEHEEROBJECTEN,
    schema.LABEL.naam: LABELS,
    schema.INDICATORWAARDE.naam: INDICATOREN,
    schema.THEMASIGNAAL.naam: SIGNALEN,
    schema.RISICOSCORE.naam: RISICOSCORES,
}
_LANG = frozenset({schema.LABEL.naam, schema.INDICATORWAARDE.naam, schema.WAT_ALS.naam})
"""Tables with a row per object, day and theme or indicator: never whole in memory."""
_RIJEN_PER_KEER = 262_144
_LATER = frozenset({RISICOSCORES})
"""What a release from before there were risk models has not."""


def find_archief(archief_map: Path, releases_map: Path) -> Path | None:
    """Return the archive of the current release, or None when nothing is published.

    Raises
    ------
    BuurtpeilError
        When there is a release without its archive, or nothing says which release is served: the
        past would be computed anew.
    """
    huidig = winkel.current(releases_map)
    if huidig is not None and is_release_id(huidig) and (releases_map / huidig).is_dir():
        return check_archief(archief_map, huidig)
    if huidig is not None or _was_gepubliceerd(archief_map, releases_map):
        raise BuurtpeilError(
            f"De wijzer {releases_map.name}/{schema.BESTAND_HUIDIG} is beschadigd of weg.",
            verwacht="de naam van de release die wordt getoond",
            remedie="kijk met `buurtpeil release list` welke de laatste was, en zet haar terug met "
            "`buurtpeil release rollback ID`; gepubliceerde labels mogen niet opnieuw worden "
            "berekend",
        )
    return None


def _was_gepubliceerd(archief_map: Path, releases_map: Path) -> bool:
    """Tell whether a release stands there that may have been served.

    The first one has a mark in ``goedkeuring`` from before it stands there until it is served.
    """
    if not releases_map.is_dir():
        return False
    return any(
        is_release_id(pad.name) and not (archief_map.parent / GOEDKEURING / pad.name).exists()
        for pad in releases_map.iterdir()
    )


def check_archief(archief_map: Path, release_id: str) -> Path:
    """Return the archive of a release.

    Raises
    ------
    BuurtpeilError
        When it is not whole.
    """
    map_ = archief_map / release_id
    verwacht = {*_TABELLEN.values(), LEVERINGEN} - _LATER
    ontbreekt = sorted(naam for naam in verwacht if not (map_ / naam).exists())
    if ontbreekt:
        raise BuurtpeilError(
            f"Bij release {release_id} ontbreekt het archief ({', '.join(ontbreekt)}).",
            verwacht="de map archief naast de map releases in de datamap",
            remedie="zet de map archief terug uit de back-up; gepubliceerde labels mogen niet "
            "opnieuw worden berekend",
        )
    beschadigd = sorted(naam for naam, som in _read_sommen(map_) if som != _hash(map_ / naam))
    if beschadigd:
        raise BuurtpeilError(
            f"Het archief van release {release_id} is beschadigd ({', '.join(beschadigd)}).",
            verwacht="de bestanden zoals zij bij het publiceren zijn geschreven",
            remedie="zet de map archief terug uit de back-up; gepubliceerde labels mogen niet "
            "opnieuw worden berekend",
        )
    return map_


def seal_archief(map_: Path) -> None:
    """Note the hash of every file of an archive that is whole; the last thing written to it."""
    sommen = {pad.name: _hash(pad) for pad in sorted(map_.iterdir()) if pad.name != SOMMEN}
    tijdelijk = map_ / f"{SOMMEN}.deel"
    write_synced(tijdelijk, json.dumps(sommen, indent=1).encode())
    tijdelijk.replace(map_ / SOMMEN)


def _read_sommen(map_: Path) -> list[tuple[str, str]]:
    pad = map_ / SOMMEN
    if not pad.exists():
        return []
    try:
        sommen: dict[str, str] = json.loads(pad.read_bytes())
        return [(str(naam), str(som)) for naam, som in sommen.items()]
    except (ValueError, AttributeError):
        return [(SOMMEN, "")]


def _hash(pad: Path) -> str | None:
    return winkel.hash_file(pad) if pad.exists() else None


@contextmanager
def build_archief(
    warehouse: duckdb.DuckDBPyConnection, archief_map: Path, referentie_ids: Mapping[str, str]
) -> Iterator[Path]:
    """Write the exact tables of the last build, in key order, in a folder that goes afterwards.

    They are written before the release, which is made of the long ones: sorted once, and never
    whole in memory. :func:`place_archief` gives them their place. What a killed run left goes.
    """
    bouw = archief_map / _BOUW
    shutil.rmtree(bouw, ignore_errors=True)
    bouw.mkdir(parents=True)
    try:
        for tabel, bestand in _TABELLEN.items():
            bron = select_tabel(tabel, referentie_ids)
            warehouse.execute(f"copy ({bron}) to '{_quote(bouw / bestand)}' (format parquet)")
        yield bouw
    finally:
        shutil.rmtree(bouw, ignore_errors=True)


def read_tabel(
    warehouse: duckdb.DuckDBPyConnection, naam: str, ids: Mapping[str, str], bouw: Path
) -> Bron:
    """Return a table of a release; a long one as its file in the archive, or row by row.

    A reader has a connection of its own: a second question on one would end the first.
    """
    if naam in _LANG and naam in _TABELLEN:
        return bouw / _TABELLEN[naam]
    vraag = select_tabel(naam, ids)
    if naam not in _LANG:
        return warehouse.sql(vraag).to_arrow_table()
    eigen = warehouse.cursor()
    eigen.execute("set enable_progress_bar = false")
    return eigen.sql(vraag).to_arrow_reader(_RIJEN_PER_KEER)


def place_archief(bouw: Path, map_: Path) -> None:
    """Put the tables beside their release, in the place of those that are there."""
    map_.mkdir(exist_ok=True)
    for pad in sorted(bouw.iterdir()):
        pad.replace(map_ / pad.name)


def select_tabel(tabel: str, referentie_ids: Mapping[str, str]) -> str:
    """Return SQL of a table of a release, as it goes into the release: in key order."""
    if "referentie_id" in schema.TABELLEN[tabel].kolommen.names:
        bron = select_gepubliceerd(tabel, dict(referentie_ids))
    else:
        kolommen = ", ".join(schema.TABELLEN[tabel].kolommen.names)
        bron = f"select {kolommen} from {RELATIES[tabel]}"
    return f"{bron} order by {', '.join(schema.TABELLEN[tabel].sleutel)}"


def select_gepubliceerd(tabel: str, referentie_ids: dict[str, str]) -> str:
    """Return SQL of a mart as it is published.

    A label that is decided in this run carries the id of the reference only now: the id is
    made of the reference's content, which exists after the build.
    """
    kolommen = ", ".join(
        _fill_referentie(referentie_ids) if kolom == "referentie_id" else kolom
        for kolom in schema.TABELLEN[tabel].kolommen.names
    )
    return f"select {kolommen} from mart.{tabel}"


def _fill_referentie(referentie_ids: dict[str, str]) -> str:
    takken = " ".join(f"when '{g}' then '{id_}'" for g, id_ in sorted(referentie_ids.items()))
    keuze = f"case grondslag {takken} end" if takken else "null"
    return f"coalesce(nullif(referentie_id, ''), {keuze}) as referentie_id"


def create_tables(warehouse: duckdb.DuckDBPyConnection, archief: Path | None) -> dict[str, int]:
    """Give dbt what was published as ``buurtpeil.gepubliceerd*``; return row counts."""
    aantallen = {}
    for naam, tabel in (
        ("gepubliceerd_beheerobject", schema.BEHEEROBJECT),
        ("gepubliceerd_label", schema.LABEL),
        ("gepubliceerde_indicatorwaarde", schema.INDICATORWAARDE),
        ("gepubliceerd_themasignaal", schema.THEMASIGNAAL),
        ("gepubliceerde_risicoscore", schema.RISICOSCORE),
    ):
        kolommen = ", ".join(f"{veld.name} {_SOORT[str(veld.type)]}" for veld in tabel.kolommen)
        warehouse.execute(f"create or replace table buurtpeil.{naam} ({kolommen})")
        if archief is not None and (archief / _TABELLEN[tabel.naam]).exists():
            pad = _quote(archief / _TABELLEN[tabel.naam])
            warehouse.execute(
                f"insert into buurtpeil.{naam} by name select * from read_parquet('{pad}')"
            )
        telling = warehouse.execute(f"select count(*) from buurtpeil.{naam}").fetchone()
        aantallen[naam] = int(telling[0]) if telling else 0
    return aantallen


def _quote(pad: Path) -> str:
    return str(pad).replace("'", "''")
