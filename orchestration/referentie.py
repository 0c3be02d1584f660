"""The frozen reference: estimated once per ground, kept with its hash, never re-estimated.

dbt estimates it (``int_referentie__*``) as long as it is not frozen; here it is taken out,
named after its content, kept in the data folder and given back to the next run.
Source: architecture.md, "One place per fact".
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from vera.errors import BuurtpeilError

EIGEN = "eigen"
OPENBAAR = "openbaar"
GRONDSLAGEN = (EIGEN, OPENBAAR)
VOORLOPIG = "voorlopig"
IN_GEBRUIK = "IN_GEBRUIK.json"
"""Which reference holds per ground, once there is more than one of it."""

# Per part of the reference its columns; `stratum`, `spreiding` and `samenhang` exist for own data
# only. One frozen before `samenhang` existed has none: then no indicator leans on another.
DELEN: dict[str, dict[str, str]] = {
    "periode": {
        "grondslag": "varchar",
        "eerste_peildatum": "date",
        "laatste_peildatum": "date",
        "aantal_peildata": "bigint",
        "is_voorlopig": "boolean",
    },
    "stratum": {
        "indicator_code": "varchar",
        "stratum_code": "varchar",
        "aantal_beheereenheden": "bigint",
        "verwacht": "double",
        "waarde": "double",
        "variantie": "double",
    },
    "spreiding": {
        "indicator_code": "varchar",
        "phi": "double",
        "a": "double",
        "tau2": "double",
        "sigma2": "double",
    },
    "samenhang": {
        "thema_code": "varchar",
        "rho": "double",
    },
    "ligging": {
        "grondslag": "varchar",
        "indicator_code": "varchar",
        "mediaan": "double",
        "schaal": "double",
    },
    "schaal": {
        "niveau": "varchar",
        "grondslag": "varchar",
        "thema_code": "varchar",
        "kappa": "double",
    },
    "knip": {
        "niveau": "varchar",
        "grondslag": "varchar",
        "thema_code": "varchar",
        "knip_1": "double",
        "knip_2": "double",
        "knip_3": "double",
        "knip_4": "double",
    },
}

# What a reference says that was frozen before a column existed: then a stratum counted as certain.
_VOOR_DE_KOLOM: dict[str, float] = {"variantie": 0.0}


@dataclass(frozen=True)
class Referentie:
    """The reference of one ground.

    Attributes
    ----------
    grondslag
        ``eigen`` or ``openbaar``.
    methodeversie
        The method it was estimated with.
    delen
        Per part of ``DELEN`` its rows, in a fixed order.
    """

    grondslag: str
    methodeversie: str
    delen: dict[str, list[dict[str, Any]]]

    @property
    def id(self) -> str:
        """Name made of the content: ``eigen-`` or ``openbaar-`` and 12 hexadecimal digits."""
        tekst = json.dumps(
            [self.methodeversie, self.delen], sort_keys=True, separators=(",", ":"), default=str
        )
        return f"{self.grondslag}-{hashlib.sha256(tekst.encode()).hexdigest()[:12]}"

    @property
    def is_voorlopig(self) -> bool:
        """Whether fewer complete quarters than the method asks for are in it."""
        return bool(self.delen["periode"][0]["is_voorlopig"])

    @property
    def periode(self) -> tuple[str, str]:
        """First and last peildatum of R."""
        rij = self.delen["periode"][0]
        return str(rij["eerste_peildatum"]), str(rij["laatste_peildatum"])


def read_bevroren(referentie_map: Path) -> dict[str, Referentie]:
    """Read the frozen references that are in use, by ground.

    Raises
    ------
    BuurtpeilError
        When a file's content is not what its name says (it was changed after freezing), or when
        there are several of a ground and none is chosen.
    """
    gekozen = _read_in_gebruik(referentie_map)
    gevonden = {}
    for grondslag in GRONDSLAGEN:
        paden = sorted(referentie_map.glob(f"{grondslag}-*.json"))
        if grondslag in gekozen:
            paden = [referentie_map / f"{gekozen[grondslag]}.json"]
        elif len(paden) > 1:
            raise BuurtpeilError(
                f"Er zijn {len(paden)} referenties voor {grondslag} en geen is gekozen.",
                verwacht=f"de keuze in {IN_GEBRUIK}, naast {', '.join(p.stem for p in paden)}",
                remedie="kies er een met `buurtpeil methode activate ID`",
            )
        for pad in paden:
            gevonden[grondslag] = read_referentie(pad)
    return gevonden


def read_referentie(pad: Path) -> Referentie:
    """Read one frozen reference.

    Raises
    ------
    BuurtpeilError
        When it is not there, or its content is not what its name says.
    """
    if not pad.exists():
        raise BuurtpeilError(
            f"Er is geen bevroren referentie {pad.stem}.",
            verwacht=", ".join(sorted(p.stem for p in pad.parent.glob("*-*.json")))
            or "geen enkele",
            remedie="kijk met `buurtpeil methode show` welke er zijn, of zet het bestand terug uit "
            "de back-up van de datamap",
        )
    inhoud = json.loads(pad.read_text(encoding="utf-8"))
    referentie = Referentie(inhoud["grondslag"], inhoud["methodeversie"], inhoud["delen"])
    if referentie.id != pad.stem:
        raise BuurtpeilError(
            f"De bevroren referentie {pad.name} is veranderd na het bevriezen.",
            verwacht=f"inhoud die bij {pad.stem} hoort; gevonden {referentie.id}",
            remedie="zet het bestand terug uit de back-up van de datamap",
        )
    return referentie


def list_bevroren(referentie_map: Path) -> list[Referentie]:
    """Read every frozen reference, in use or not, in the order of their names."""
    return [
        read_referentie(pad)
        for grondslag in GRONDSLAGEN
        for pad in sorted(referentie_map.glob(f"{grondslag}-*.json"))
    ]


def activate(referentie: Referentie, referentie_map: Path) -> None:
    """Put a reference in use for its ground: from the next run on it decides new peildata."""
    gekozen = {**_read_in_gebruik(referentie_map), referentie.grondslag: referentie.id}
    _write_json(referentie_map / IN_GEBRUIK, gekozen)


def _read_in_gebruik(referentie_map: Path) -> dict[str, str]:
    pad = referentie_map / IN_GEBRUIK
    gekozen: dict[str, str] = json.loads(pad.read_text(encoding="utf-8")) if pad.exists() else {}
    return gekozen


def _write_json(pad: Path, inhoud: object) -> None:
    tijdelijk = pad.with_suffix(".deel")
    tijdelijk.write_text(json.dumps(inhoud, indent=1, default=str), encoding="utf-8")
    tijdelijk.replace(pad)


def write_bevroren(referentie: Referentie, referentie_map: Path) -> Path:
    """Freeze a reference: write it under its own id, in one atomic step."""
    referentie_map.mkdir(parents=True, exist_ok=True)
    pad = referentie_map / f"{referentie.id}.json"
    inhoud = {
        "id": referentie.id,
        "grondslag": referentie.grondslag,
        "methodeversie": referentie.methodeversie,
        "delen": referentie.delen,
    }
    _write_json(pad, inhoud)
    return pad


def read_geschat(warehouse: duckdb.DuckDBPyConnection, methodeversie: str) -> dict[str, Referentie]:
    """Take the references that the last build used out of the warehouse, by ground."""
    gevonden = {}
    for grondslag in GRONDSLAGEN:
        delen = {naam: _read_deel(warehouse, naam, grondslag) for naam in DELEN}
        if delen["periode"] and delen["knip"]:
            gevonden[grondslag] = Referentie(grondslag, methodeversie, delen)
    return gevonden


def _read_deel(
    warehouse: duckdb.DuckDBPyConnection, naam: str, grondslag: str
) -> list[dict[str, Any]]:
    kolommen = list(DELEN[naam])
    waar = "true"
    if "grondslag" in kolommen:
        waar = f"grondslag = '{grondslag}'"
    elif grondslag != EIGEN:
        return []
    rijen = warehouse.execute(
        f"select {', '.join(kolommen)} from intermediate.int_referentie__{naam} "
        f"where {waar} order by all"
    ).fetchall()
    return [
        {
            kolom: waarde.isoformat() if isinstance(waarde, date) else waarde
            for kolom, waarde in zip(kolommen, rij, strict=True)
        }
        for rij in rijen
    ]


def create_tables(
    warehouse: duckdb.DuckDBPyConnection, bevroren: dict[str, Referentie]
) -> dict[str, int]:
    """Give dbt the frozen references as tables ``buurtpeil.referentie_*``; return row counts."""
    aantallen = {}
    for naam, kolommen in DELEN.items():
        tabel = f"buurtpeil.referentie_{naam}"
        soorten = ", ".join(f"{kolom} {soort}" for kolom, soort in kolommen.items())
        warehouse.execute(f"create or replace table {tabel} ({soorten})")
        rijen = [
            [rij.get(kolom, _VOOR_DE_KOLOM.get(kolom)) for kolom in kolommen]
            for referentie in bevroren.values()
            for rij in referentie.delen.get(naam, [])
        ]
        if rijen:
            vraagtekens = ", ".join("?" for _ in kolommen)
            warehouse.executemany(f"insert into {tabel} values ({vraagtekens})", rijen)
        aantallen[f"referentie_{naam}"] = len(rijen)
    return aantallen
