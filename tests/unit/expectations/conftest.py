"""A small contract, a sound delivery of it and a sound release, to break one thing at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from expectations import poort_in, poort_uit
from expectations.poort import Toetsbank
from expectations.poort_in import check_leveringen
from expectations.poort_uit import check_release
from vera.bevinding import Bevinding
from vera.contract import Bron, Contract, Kolom, Tabel
from vera.levering import LeveringVerslag


class VlotteBank(Toetsbank):
    """Judges as Great Expectations does (test_poort holds it to that), without its second each."""

    def __init__(self) -> None:
        pass

    def find_hoger(self, maten: Mapping[str, Sequence[float]]) -> dict[str, frozenset[int]]:
        return {
            regel: frozenset(plek for plek, maat in enumerate(getallen) if maat > 0)
            for regel, getallen in maten.items()
        }


@pytest.fixture
def great_expectations() -> None:
    """Ask for this to have the gate judged by Great Expectations itself."""


@pytest.fixture(autouse=True)
def _vlotte_bank(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "great_expectations" not in request.fixturenames:
        monkeypatch.setattr(poort_in, "Toetsbank", VlotteBank)
        monkeypatch.setattr(poort_uit, "Toetsbank", VlotteBank)


KLOK = date(2026, 1, 1)
PEILDATUM = date(2026, 1, 1)
VORIGE_PEILDATUM = date(2025, 10, 1)
THEMAS = ("SHV", "OVL", "FIN", "SOC", "LFB")


def make_kolom(naam: str, soort: str = "varchar", **velden: Any) -> Kolom:
    standaard = {"classificatie": "intern", "doelen": frozenset({"label"}), "omschrijving": naam}
    return Kolom(naam=naam, type=soort, **{**standaard, **velden})


def make_pseudoniem(naam: str) -> Kolom:
    return make_kolom(
        naam, verplicht=True, classificatie="persoonsgegeven", behandeling="pseudoniem"
    )


def make_tabel(
    bron: str,
    naam: str,
    sleutel: tuple[str, ...],
    levering: str,
    kolommen: Sequence[Kolom],
    kennisdatum_eerste_levering: str | None = None,
) -> Tabel:
    return Tabel(
        bron=bron,
        naam=naam,
        omschrijving=naam,
        sleutel=sleutel,
        levering=levering,  # type: ignore[arg-type]
        kolommen=tuple(kolommen),
        bewaartermijn="onbeperkt",
        schema=bron,
        kennisdatum_eerste_levering=kennisdatum_eerste_levering,
    )


def make_contract() -> Contract:
    begin = make_kolom("begindatum", "date", verplicht=True)
    eind = make_kolom("einddatum", "date")
    vera = Bron(
        naam="vera",
        omschrijving="primair systeem",
        formaat="tabel",
        ritme="maand",
        tabellen=(
            make_tabel("vera", "wijk", ("wijk_id",), "volledig", [make_kolom("wijk_id")]),
            make_tabel("vera", "eenheid", ("eenheid_id",), "volledig",
                       [make_pseudoniem("eenheid_id")]),
            make_tabel("vera", "eenheidadres", ("eenheid_id",), "volledig",
                       [make_pseudoniem("eenheid_id")]),
            make_tabel("vera", "cluster", ("cluster_id",), "volledig", [make_kolom("cluster_id")]),
            make_tabel("vera", "cluster_eenheid", ("cluster_id", "eenheid_id", "begindatum"),
                       "volledig",
                       [make_kolom("cluster_id"), make_pseudoniem("eenheid_id"), begin, eind]),
            make_tabel("vera", "huurovereenkomst", ("overeenkomst_id",), "volledig",
                       [make_pseudoniem("overeenkomst_id"), make_pseudoniem("eenheid_id"),
                        begin, eind]),
            make_tabel("vera", "zaak", ("zaak_id",), "aanvulling",
                       [make_kolom("kennisdatum", "date"), make_pseudoniem("zaak_id"),
                        make_pseudoniem("eenheid_id"),
                        make_kolom("registratiedatum", "date", verplicht=True), begin, eind],
                       "registratiedatum"),
        ),
    )  # fmt: skip
    schouw = Bron(
        naam="wijkbeheer",
        omschrijving="schouw",
        formaat="tabel",
        ritme="kwartaal",
        tabellen=(
            make_tabel("wijkbeheer", "schouw", ("cluster_id", "schouwdatum"), "aanvulling",
                       [make_kolom("cluster_id"), make_kolom("schouwdatum", "date")],
                       "schouwdatum"),
        ),
    )  # fmt: skip
    uitgever = Bron(
        naam="wijkprofiel",
        omschrijving="edities",
        formaat="uitgever",
        ritme="eenmalig",
        tabellen=(
            make_tabel("wijkprofiel", "vi", ("jaar", "wijknr"), "aanvulling",
                       [make_kolom("jaar", "integer"), make_kolom("wijknr"),
                        make_kolom("index", "double")]),
        ),
    )  # fmt: skip
    return Contract((vera, schouw, uitgever))


def make_verslag(tabel: str, datum: date | None = KLOK, **velden: Any) -> LeveringVerslag:
    staart = f"_{datum}" if datum else ""
    bestand = velden.pop("bestand", f"{tabel.replace('.', '/')}{staart}.csv")
    inhoud = velden.pop("inhoud_hash", f"inhoud van {bestand}")
    return LeveringVerslag(
        **{
            "tabel": tabel,
            "bestand": bestand,
            "leveringsdatum": datum,
            "volgnummer": 1,
            "sha256": inhoud,
            "inhoud_hash": inhoud,
            "rijen": 100,
            "afgekeurd": 0,
            **velden,
        }
    )


def make_rijen(tabel: str, n: int) -> pd.DataFrame:
    """``n`` sound rows of a table as landing gives them."""
    nummer = np.arange(n)
    dagen = pd.Series(pd.Timestamp("2025-12-31") - pd.to_timedelta(nummer % 60, unit="D"))
    kolommen = {
        "wijk_id": [f"W{i}" for i in nummer],
        "eenheid_id": [f"p-eenheid-{i}" for i in nummer],
        "cluster_id": [f"C{i}" for i in nummer],
        "overeenkomst_id": [f"p-overeenkomst-{i}" for i in nummer],
        "zaak_id": [f"p-zaak-{i}" for i in nummer],
        "kennisdatum": dagen.dt.date,
        "registratiedatum": dagen.dt.date,
        "begindatum": dagen,
        "schouwdatum": dagen,
        "einddatum": [date(9999, 12, 31)] * n,
        "jaar": [2014] * n,
        "wijknr": [str(i) for i in nummer],
        "index": [100.0] * n,
    }
    bron, naam = tabel.split(".")
    namen = [k.naam for k in make_contract().bron(bron).tabel(naam).kolommen]
    rijen = pd.DataFrame({kolom: kolommen[kolom] for kolom in namen})
    rijen["_bestand"] = f"{bron}/{naam}_{KLOK}.csv"
    rijen["_regel"] = nummer + 2
    rijen["_volgnummer"] = 1
    rijen["_leveringsdatum"] = KLOK
    return rijen


@dataclass
class Leveringen:
    """Deliveries and what the gate says of them."""

    contract: Contract = field(default_factory=make_contract)
    verslagen: list[LeveringVerslag] = field(default_factory=list)
    eerdere: list[LeveringVerslag] = field(default_factory=list)
    rijen: dict[str, pd.DataFrame] = field(default_factory=dict)
    klok: date = KLOK
    gelezen: list[str] = field(default_factory=list)

    def change(self, tabel: str, **velden: Any) -> None:
        """Change the report of a table's only file."""
        self.verslagen = [replace(v, **velden) if v.tabel == tabel else v for v in self.verslagen]

    def drop(self, tabel: str) -> None:
        """Take a table out of the deliveries."""
        self.verslagen = [v for v in self.verslagen if v.tabel != tabel]

    def add(self, tabel: str, datum: date | None, **velden: Any) -> LeveringVerslag:
        """Add a file of a table, in the place that landing would give it."""
        nieuw = make_verslag(tabel, datum, **velden)
        eigen = sorted(
            [*(v for v in self.verslagen if v.tabel == tabel), nieuw],
            key=lambda v: (v.leveringsdatum or date.min, v.bestand),
        )
        self.drop(tabel)
        self.verslagen += [replace(v, volgnummer=i) for i, v in enumerate(eigen, start=1)]
        return nieuw

    def read(self, tabel: str) -> pd.DataFrame:
        """Stand in for the warehouse."""
        self.gelezen.append(tabel)
        return self.rijen[tabel].copy()

    def check(self) -> list[Bevinding]:
        """Run the gate."""
        return check_leveringen(
            self.contract, self.verslagen, self.read, self.klok, tuple(self.eerdere)
        )

    def find(self, tabel: str, regel: str) -> Bevinding:
        """Run the gate and return one finding."""
        return find_bevinding(self.check(), tabel, regel)


def find_bevinding(bevindingen: Sequence[Bevinding], tabel: str, regel: str) -> Bevinding:
    """Return the one finding of a rule on a table."""
    [bevinding] = [b for b in bevindingen if (b.tabel, b.regel) == (tabel, regel)]
    return bevinding


@pytest.fixture
def leveringen() -> Leveringen:
    """A delivery in which nothing is wrong: one file per table, 100 rows each."""
    contract = make_contract()
    namen = [tabel.id for tabel in contract.tabellen]
    wereld = Leveringen(contract, [make_verslag(n) for n in namen if n != "wijkprofiel.vi"])
    wereld.verslagen.append(
        make_verslag(
            "wijkprofiel.vi",
            None,
            bestand="wijkprofiel/wijkprofiel_2014_vi.csv",
            jongste_datum=date(2014, 12, 31),
            is_historische_editie=True,
        )
    )
    wereld.rijen = {naam: make_rijen(naam, 100) for naam in namen}
    return wereld


@dataclass
class Release:
    """The tables of a release, those of the one before, and what the gate says."""

    tabellen: dict[str, pd.DataFrame]
    vorige: dict[str, pd.DataFrame] | None = None
    contract: Contract = field(default_factory=make_contract)

    def check(self) -> list[Bevinding]:
        """Run the gate."""
        return check_release(self.tabellen, self.vorige, self.contract)

    def find(self, tabel: str, regel: str) -> Bevinding:
        """Run the gate and return one finding."""
        return find_bevinding(self.check(), tabel, regel)


def make_labels(objecten: int = 10, peildata: Sequence[date] = (PEILDATUM,)) -> pd.DataFrame:
    """Labels of ``objecten`` complexes, all known."""
    rijen = [
        {
            "niveau": "complex",
            "beheerobject_id": f"C{i}",
            "grondslag": "eigen",
            "peildatum": peildatum,
            "thema_code": thema,
            "score": 10.0 + i,
            "sociaal_beheer_label": 1 + i % 5,
            "reden_onbekend": None,
            "aandeel_van_totaal": None if thema == "TOT" else 0.2,
            "verhuureenheden_aantal": 40,
        }
        for peildatum in peildata
        for i in range(objecten)
        for thema in ("TOT", *THEMAS)
    ]
    frame = pd.DataFrame(rijen)
    frame["sociaal_beheer_label"] = frame["sociaal_beheer_label"].astype("Int64")
    frame["reden_onbekend"] = frame["reden_onbekend"].astype("object")
    return frame


def make_indicatorwaarden(objecten: int = 10) -> pd.DataFrame:
    """Two indicators for theme OVL of every complex, weights 2 and 1."""
    rijen = []
    for i in range(objecten):
        for code, gewicht, u in (("OVL1", 2.0, 0.5), ("OVL2", 1.0, -1.0 + i / 10)):
            rijen.append(
                {
                    "niveau": "complex",
                    "beheerobject_id": f"C{i}",
                    "grondslag": "eigen",
                    "peildatum": PEILDATUM,
                    "indicator_code": code,
                    "thema_code": "OVL",
                    "waarde": 0.1,
                    "gestandaardiseerd": u,
                    "gewicht": gewicht,
                    "bijdrage": gewicht * u / 3.0,
                    "is_gebandeerd": False,
                }
            )
    return pd.DataFrame(rijen)


@pytest.fixture
def release() -> Release:
    """A release in which nothing is wrong: ten complexes, two peildata, one release before."""
    labels = make_labels(peildata=(VORIGE_PEILDATUM, PEILDATUM))
    return Release(
        tabellen={
            "mart_beheerobject__beheerobject": pd.DataFrame(
                {
                    "niveau": "complex",
                    "beheerobject_id": [f"C{i}" for i in range(10)],
                    "naam": [f"Complex {i}" for i in range(10)],
                    "straatnamen": "Dorpsstraat, Laan van 1940",
                    "verhuureenheden_aantal": 40,
                }
            ),
            "mart_label__sociaal_beheer_label": labels,
            "mart_label__indicatorwaarde": make_indicatorwaarden(),
        },
        vorige={"mart_label__sociaal_beheer_label": make_labels(peildata=(VORIGE_PEILDATUM,))},
    )
