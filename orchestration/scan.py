"""Looks for personal data in everything that a run left behind in the data folder.

Belongs here: which places are looked through and which are not, with the reason, and what a find
says: where and of what kind, never the value. Does not belong here: what personal data look like
(``vera.persoonsgegeven``) and how a kind of file is read (``orchestration.scan_lezers``).

Source: design paper on trust, "Minimisation".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

import duckdb

from orchestration.scan_lezers import Scan, Vondst, Zoeker, is_duckdb
from orchestration.warehouse import LAGEN, open_warehouse
from sources.organisatie import BESTAND


@dataclass(frozen=True)
class Uitzondering:
    """A place that the scan leaves out, and why.

    Attributes
    ----------
    patroon
        Path below the data folder (with ``*``).
    reden
        Why nothing is looked for there.
    """

    patroon: str
    reden: str


UITZONDERINGEN: Final = (
    Uitzondering(
        "leveringen/*",
        "wat de corporatie zelf levert, met namen en vrije tekst; daarna begint het weglaten",
    ),
    Uitzondering("sleutels/*", "toevallige bytes; alleen hun eigenaar mag ze lezen"),
    Uitzondering(
        "open_data/*",
        "antwoorden van uitgevers, over gebieden; een jaar heet er 2024JJ00, en dat lijkt op een "
        "postcode met huisnummer",
    ),
    Uitzondering("*.png", "beeldpunten, geen tekst"),
)
"""Every place that is left out. In Dagster and in cards a picture stands in the text (base64):
those characters are left out too, for the same reason as a PNG."""

SCHEMAS: Final = ("buurtpeil", *LAGEN, "mart", "seeds")
"""Schemas of the warehouse that are read. All others are views on ``landing/``, which is a place
of its own."""


@dataclass(frozen=True)
class Uitslag:
    """What a scan found, and what it looked at.

    Attributes
    ----------
    vondsten
        One per place and kind, in order of place.
    bekeken
        Number of tables and files.
    overgeslagen
        Number of files per exception that was used.
    """

    vondsten: tuple[Vondst, ...]
    bekeken: int
    overgeslagen: Mapping[str, int]


Meld = Callable[[str], None]


def scan_data(
    data: Path,
    termen: Iterable[str] = (),
    toegestaan: Iterable[str] = (),
    meld: Meld | None = None,
) -> Uitslag:
    """Return the personal data in a data folder: warehouse, releases, logs, models, and all else.

    Every file is read by what it is (by its first bytes, not its name), so that a place that is
    new tomorrow is looked through as well.

    Parameters
    ----------
    data
        The data folder.
    termen
        Texts to look for besides, for instance names: a name has no shape.
    toegestaan
        Values that may stand anywhere: what the association wrote in ``organisatie.yml`` to be
        published, such as its mail address for questions.
    meld
        Called with the name of each place.

    Returns
    -------
    Uitslag
        The finds, without a single value in them.
    """
    scan = Scan(Zoeker(termen, toegestaan))
    overgeslagen: dict[str, int] = {}
    bekeken = 0
    for pad in sorted(data.rglob("*")):
        if pad.is_symlink() or not pad.is_file():
            continue
        naam = pad.relative_to(data).as_posix()
        uitzondering = next((u for u in UITZONDERINGEN if fnmatchcase(naam, u.patroon)), None)
        if uitzondering is not None:
            overgeslagen[uitzondering.patroon] = overgeslagen.get(uitzondering.patroon, 0) + 1
            continue
        if meld is not None:
            meld(naam)
        bekeken += 1
        if is_duckdb(pad):
            try:
                with open_warehouse(pad) as warehouse:
                    _read_warehouse(scan, warehouse, naam)
            except duckdb.Error:
                scan.add_onleesbaar(naam)
        else:
            scan.read_bestand(pad, naam)
    return Uitslag(tuple(scan.list_vondsten()), bekeken, overgeslagen)


def read_toegestaan(leveringen: Path) -> list[str]:
    """Return what the association itself wrote down to be shown: its own organisatie.yml."""
    pad = leveringen / BESTAND
    return pad.read_text(encoding="utf-8").splitlines() if pad.exists() else []


def _read_warehouse(scan: Scan, warehouse: duckdb.DuckDBPyConnection, naam: str) -> None:
    tabellen = warehouse.execute(
        """
        select schema_name, table_name, true from duckdb_tables()
        where list_contains($schemas, schema_name)
        union all
        select schema_name, view_name, false from duckdb_views()
        where list_contains($schemas, schema_name) and not internal
        order by all
        """,
        {"schemas": list(SCHEMAS)},
    ).fetchall()
    for laag, tabel, is_tabel in tabellen:
        rij = "rowid + 1" if is_tabel else "cast(null as bigint)"
        plaats = f"{naam}: {laag}.{tabel}"
        try:
            scan.read_relatie(
                warehouse, f'(select {rij} as _rij, * from "{laag}"."{tabel}")', plaats
            )
        except duckdb.Error:  # a view on a file that is gone, or elsewhere
            scan.add_onleesbaar(plaats)
