"""The example association with scores, facts and maatregelen, and worklists over it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
from starlette.testclient import TestClient

from serving.besluit.register import BESTAND, Besluitregister, url_of_file
from serving.besluit.werklijstregister import Werklijstregister
from serving.release import schema
from serving.werklijst.geheim import BESTAND as GEHEIMBESTAND
from tests.unit.serving.voorbeeld_release import build_tables, publish_example
from tests.unit.serving.wie import Als, Onthoudt, make_app
from vera.werklijst import Baan, Model, Regel, Samenstelling

BASIS = "http://127.0.0.1:8000"
MAAND, VERSIE = date(2026, 11, 1), "versie-uit-november"
REDEN = "Er komen meer meldingen dan vorig jaar"
COMPLEXEN = ("C001", "C002", "C003", "C004", "C005")
GEEN_SCORE = "C006"
GEHEIM = bytes(range(32))
"""Under it the score of C005 shows."""
KOPPEN = {"origin": BASIS, "sec-fetch-site": "same-origin"}


def _table(tabel: schema.Tabel, rijen: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rijen, schema=tabel.kolommen)


def make_score(complex_id: str, rang: int, model: str = "overlast") -> dict[str, Any]:
    return {
        "model": model,
        "complex_id": complex_id,
        "peildatum": MAAND,
        "scoreversie": VERSIE,
        "is_regel": False,
        "kans": 0.41237 / rang,
        "kans_laag": 0.31237 / rang,
        "kans_hoog": 0.51237 / rang,
        "rang": rang,
        "kans_top_k": 0.9,
        "band": "zeker",
        "redenen": json.dumps([{"zin": f"{REDEN} ({complex_id})"}]),
        "kans_piek": 0.123456,
    }


def make_stand(model: str, stand: str = "kampioen") -> dict[str, Any]:
    return {
        "model": model, "peildatum": MAAND, "stand": stand, "scoreversie": VERSIE,
        "soort": "tekenlogistiek", "k": 3, "getraind_op": date(2026, 7, 1),
        "aantal_complexen": 5, "zin": "Het model kwam door de poort.", "gezakt": "[]",
        "kaart": "# Modelkaart",
    }  # fmt: skip


def make_tables(stand: str = "kampioen") -> dict[str, pa.Table]:
    """Return the tables of the example, and those for roles."""
    feit = {"peildatum": MAAND, "maanden_bekend": 12}
    return {
        **build_tables(),
        schema.RISICOSCORE.naam: _table(
            schema.RISICOSCORE,
            [make_score(c, i, m) for m in ("overlast", "woonfraude")
             for i, c in enumerate(COMPLEXEN, 1)]
            # an earlier month, and another version
            + [{**make_score("C001", 5), "peildatum": date(2026, 10, 1)}],
        ),
        schema.RISICOMODEL.naam: _table(
            schema.RISICOMODEL, [make_stand("overlast", stand), make_stand("woonfraude", stand)]
        ),
        schema.FEIT_OVERLAST.naam: _table(
            schema.FEIT_OVERLAST,
            [
                {**feit, "complex_id": c, "meldingen": 7, "maanden_bekend_eerder": 12,
                 "meldingen_eerder": 4, "ernstig": 2, "schouw_maand": date(2026, 9, 1),
                 "schouw_cijfer": 6.4}
                for c in COMPLEXEN
            ],
        ),
        schema.FEIT_WOONFRAUDE.naam: _table(
            schema.FEIT_WOONFRAUDE,
            [{**feit, "complex_id": c, "weigeringen": 3, "advertenties": 1, "onderzoeken": 0}
             for c in COMPLEXEN],
        ),
        schema.MAATREGEL.naam: _table(
            schema.MAATREGEL,
            [
                {"beheerobject_id": "C001", "volgorde": 1, "soort_code": "toezicht",
                 "begindatum": date(2026, 9, 1), "einddatum": None},
                {"beheerobject_id": "C001", "volgorde": 2, "soort_code": "schoonmaakactie",
                 "begindatum": date(2026, 3, 1), "einddatum": date(2026, 4, 1)},
            ],
        ),
    }  # fmt: skip


def make_regel(
    complex_id: str,
    volgorde: int | None,
    baan: Baan = "model",
    rang: int = 1,
    aantal_adressen: int = 1,
) -> Regel:
    return Regel(
        complex_id,
        baan,
        selectiekans=0.9 if baan == "model" else 0.0525,
        volgorde=volgorde,
        rang=rang,
        kans=0.41237 / rang,
        band="zeker",
        redenen=json.dumps([{"zin": f"{REDEN} ({complex_id})"}]),
        is_onthouden=volgorde is None,
        aantal_adressen=aantal_adressen,
    )


REGELS = (
    make_regel("C001", 3, rang=1),
    make_regel("C002", 1, "aselect", rang=4),
    make_regel("C003", None, rang=2),
    make_regel("C004", 2, rang=3, aantal_adressen=2),
)
ANDERS = (
    make_regel("C001", 3, "aselect", rang=5, aantal_adressen=2),
    make_regel("C002", 1, rang=1),
    make_regel("C004", 2, rang=2),
)
"""The same complexes in the same order, with other lanes, scores and addresses; none withheld."""


def make_lijst(
    regels: tuple[Regel, ...] = REGELS, model: Model = "overlast", peildatum: date = MAAND
) -> Samenstelling:
    return Samenstelling(model, peildatum, "0dce49cfb540", VERSIE, 3, 5, regels)


def add_december(huis: Huis, *, komt_terug: bool) -> None:
    """Add a list a month later, on which C001 came again or did not."""
    nieuw = (make_regel("C005", 1, "aselect", rang=5),)
    terug = (make_regel("C001", 2, rang=1),) if komt_terug else ()
    huis.werklijsten.add_werklijst(make_lijst((*nieuw, *terug), peildatum=date(2026, 12, 1)))


class Huis:
    """A release with a store of decisions beside it, and somebody who knocks."""

    def __init__(self, map_: Path, stand: str = "kampioen") -> None:
        self.releases = map_ / "releases"
        publish_example(self.releases, make_tables(stand))
        sleutels = map_ / "sleutels"
        sleutels.mkdir(mode=0o700, exist_ok=True)
        (sleutels / GEHEIMBESTAND).write_text(GEHEIM.hex(), encoding="ascii")
        (sleutels / GEHEIMBESTAND).chmod(0o600)
        self.besluiten = Besluitregister(url_of_file(map_ / BESTAND))
        self.werklijsten = Werklijstregister.beside(self.besluiten)
        self.leeslog = Onthoudt()

    def open(self, *rollen: str, naam: str | None = "Anna", **delen: Any) -> TestClient:
        """Return a client for somebody with these roles."""
        app = make_app(
            self.releases,
            toegang=Als(*rollen, naam=naam),
            besluiten=self.besluiten,
            basis_url=BASIS,
            **{"leeslog": self.leeslog, **delen},
        )
        return TestClient(
            app, base_url=BASIS, headers=KOPPEN, raise_server_exceptions=False,
            follow_redirects=False,
        )  # fmt: skip

    def find_nummer(self, complex_id: str, model: Model = "overlast") -> int:
        """Return the number of a row that waits."""
        (nummer,) = [
            o.nummer for o in self.werklijsten.list_open(model) if o.complex_id == complex_id
        ]
        return nummer
