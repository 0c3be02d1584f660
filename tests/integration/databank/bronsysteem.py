"""A demo association whose own tables stand in a PostgreSQL database instead of in files."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psycopg
import yaml
from sqlalchemy.engine import make_url

from sources.databank.bronnen import BESTAND
from vera.contract import Bron, Contract, Tabel

SCHEMA = "levering"
EERSTE, TWEEDE = "2025-12-01", "2026-01-01"


def to_psycopg(url: str) -> str:
    """Return a SQLAlchemy URL as psycopg wants it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def list_tabellen(contract: Contract) -> list[tuple[Bron, Tabel]]:
    """Return the tables that may come from a database."""
    return [(b, t) for b in contract.bronnen if b.formaat == "tabel" for t in b.tabellen]


def name_tabel(tabel: Tabel) -> str:
    return f"{tabel.bron}_{tabel.naam}"


def create_tabellen(url: str, contract: Contract) -> None:
    """Make the association's tables; cells are text, as the demo has some that are of no type."""
    with psycopg.connect(to_psycopg(url)) as db:
        db.execute(f"create schema {SCHEMA}")
        for _, tabel in list_tabellen(contract):
            kolommen = ", ".join(f'"{kolom.naam}" text' for kolom in tabel.kolommen)
            db.execute(
                f"create table {SCHEMA}.{name_tabel(tabel)} ({kolommen}, gewijzigd_op timestamptz)"
            )


def load_levering(url: str, contract: Contract, leveringen: Path, dag: str) -> list[str]:
    """Bring a day's files into the tables, as the system of record would have it that day."""
    gedaan = []
    with psycopg.connect(to_psycopg(url)) as db:
        for bron, tabel in list_tabellen(contract):
            pad = leveringen / bron.naam / f"{tabel.naam}_{dag}.csv"
            if not pad.exists():
                continue
            gedaan.append(tabel.id)
            doel = f"{SCHEMA}.{name_tabel(tabel)}"
            with pad.open("rb") as bestand:
                kop = bestand.readline().decode().strip().split(";")
                namen = ", ".join(f'"{naam}"' for naam in kop)
                db.execute(f"create temp table nieuw (like {doel}) on commit drop")
                with db.cursor().copy(
                    f"copy nieuw ({namen}) from stdin (format csv, delimiter ';')"
                ) as kopie:
                    while blok := bestand.read(1 << 20):
                        kopie.write(blok)
            if tabel.levering == "volledig":
                db.execute(f"truncate {doel}")
            if "kennisdatum" in kop:
                db.execute(
                    "update nieuw set gewijzigd_op = kennisdatum::date "
                    r"where kennisdatum ~ '^\d{4}-\d\d-\d\d$'"
                )
            zelfde = " and ".join(
                f'oud."{naam}" is not distinct from nieuw."{naam}"' for naam in tabel.sleutel
            )
            db.execute(f"create index on nieuw ({', '.join(tabel.sleutel)})")
            if tabel.levering == "aanvulling" and dag != EERSTE:
                db.execute(f"delete from {doel} as oud using nieuw where {zelfde}")
            db.execute(f"insert into {doel} select * from nieuw")
            db.execute("drop table nieuw")
    return gedaan


def write_bronnen(leveringen: Path, tabellen: Iterable[Tabel], naam: str = "primair") -> None:
    """Write ``bronnen.yml``: every table, by a cursor where it grows by additions."""
    inhoud: dict[str, Any] = {}
    for tabel in tabellen:
        inhoud[tabel.id] = {"uit": f"{SCHEMA}.{name_tabel(tabel)}"}
        if tabel.levering == "aanvulling":
            inhoud[tabel.id]["cursor"] = "gewijzigd_op"
    leveringen.mkdir(parents=True, exist_ok=True)
    (leveringen / BESTAND).write_text(
        yaml.safe_dump({"databases": {naam: {"tabellen": inhoud}}}), encoding="utf-8"
    )


def copy_uitgevers(contract: Contract, bron: Path, doel: Path) -> None:
    """Take along what comes from publishers, and who delivers."""
    doel.mkdir(parents=True, exist_ok=True)
    for deel in contract.bronnen:
        if deel.formaat == "uitgever" and (bron / deel.naam).is_dir():
            shutil.copytree(bron / deel.naam, doel / deel.naam)
    shutil.copy2(bron / "organisatie.yml", doel / "organisatie.yml")
