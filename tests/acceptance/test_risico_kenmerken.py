"""Features of the risk models on deliveries: what is absent, what comes later, what comes back."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from orchestration.warehouse import find_laag

EERST, LAATST = "2025-12-01", "2026-01-01"
LIJST = Path(__file__).parents[2] / "dbt_project" / "seeds" / "risico" / "risico_kenmerk.csv"


def _read(bedrijf: Any, vraag: str) -> pd.DataFrame:
    with duckdb.connect(str(bedrijf.data / "warehouse.duckdb"), read_only=True) as verbinding:
        return verbinding.execute(vraag).df()


def _read_kenmerken(bedrijf: Any, model: str, tot: str = "9999-12-31") -> pd.DataFrame:
    naam = f"int_{model}__kenmerk"
    return _read(
        bedrijf,
        f"select * from {find_laag(naam)}.{naam} where peildatum <= date '{tot}' "
        "order by complex_id, peildatum",
    )


def _list_kenmerken(model: str, *bronnen: str) -> list[str]:
    """Return the features of a model that need one of these sources of coverage."""
    with LIJST.open(encoding="utf-8", newline="") as bestand:
        return [
            rij["kenmerk"]
            for rij in csv.DictReader(bestand)
            if rij["model"] == model and set(bronnen) & set(rij["bronnen"].split(";"))
        ]


def test_counts_of_the_world_come_back_in_the_months_in_which_they_were_known(
    gepubliceerd: Any,
) -> None:
    map_ = gepubliceerd.leveringen / "waarheid"
    samen = _read(
        gepubliceerd,
        f"""
        with waarheid as (
            select
                maand.cluster_id as complex_id, sum(maand.escalatie::int) as escalaties,
                sum(maand.ernstig) as ernstig, sum(maand.meldingen) as meldingen
            from '{map_}/complex_maand.parquet' as maand
            inner join '{map_}/complex.parquet' as complex using (complex)
            where not complex.splitst and not complex.voegt_samen
            group by all
        ), geteld as (
            select
                complex_id, sum(aantal_escalaties) as escalaties, sum(aantal_ernstig) as ernstig,
                sum(aantal_meldingen) as meldingen
            from intermediate.int_overlast__complexmaand
            group by all
        )
        select
            waarheid.*, geteld.escalaties as geteld_escalaties, geteld.ernstig as geteld_ernstig,
            geteld.meldingen as geteld_meldingen
        from waarheid inner join geteld using (complex_id)
        """,
    )
    assert len(samen) > 30
    # a report or step of the last weeks may be known only after the last delivery
    assert (samen["escalaties"] - samen["geteld_escalaties"]).sum() <= 1
    assert (samen["geteld_escalaties"] <= samen["escalaties"]).all()
    assert (samen["meldingen"] - samen["geteld_meldingen"]).clip(lower=0).sum() <= 5
    # extra reports: the noisy complainant of one complex, and cases opened for an escalation
    extra = samen["geteld_meldingen"] - samen["meldingen"]
    assert (extra > 3).sum() <= 1
    assert (samen["ernstig"] - samen["geteld_ernstig"]).abs().sum() <= samen["escalaties"].sum() + 3


def test_source_that_is_absent_leaves_its_features_unknown_and_the_rest_as_they_are(
    gepubliceerd: Any, nieuw: Any
) -> None:
    weg = [
        *(nieuw.leveringen / "wijkbeheer").glob("schouw_*.csv"),
        *(nieuw.leveringen / "vera").glob("onderhoudsverzoek_*.csv"),
        *(nieuw.leveringen / "vera").glob("defect_*.csv"),
        *(nieuw.leveringen / "vera").glob("onderhoudsorder_*.csv"),
        *(nieuw.leveringen / "woonfraude").glob("advertentie_match_*.csv"),
        # dwellings once a year: one snapshot stands for all of it
        nieuw.leveringen / "vera" / f"eenheid_{LAATST}.csv",
    ]
    for pad in weg:
        pad.unlink()
    nieuw.run()
    for model, bronnen in (("overlast", ("schouw", "onderhoud")), ("woonfraude", ("advertentie",))):
        onbekend = _list_kenmerken(model, *bronnen)
        assert onbekend
        zonder, met = (
            _read_kenmerken(bedrijf, model).set_index(["complex_id", "peildatum"])
            for bedrijf in (nieuw, gepubliceerd)
        )
        assert zonder[onbekend].isna().all(axis=None)
        assert met[onbekend].notna().any().all()
        rest = [kolom for kolom in met.columns if kolom not in onbekend]
        pd.testing.assert_frame_equal(zonder[rest], met.loc[zonder.index, rest], check_exact=True)
    (standen,) = _read(
        nieuw,
        "select count(distinct bekend_vanaf) as aantal from woonfraude.int_woonfraude__woning",
    )["aantal"]
    assert standen == 1


@pytest.mark.parametrize("model", ["overlast", "woonfraude"])
def test_features_of_past_peildata_stay_as_they_are_when_the_next_delivery_comes(
    gepubliceerd: Any, eerder: Any, model: str
) -> None:
    """The first delivery alone, and both: every peildatum up to the first says the same."""
    oud = _read_kenmerken(eerder, model, EERST)
    nieuw = _read_kenmerken(gepubliceerd, model, EERST)
    assert str(oud["peildatum"].max().date()) == EERST
    pd.testing.assert_frame_equal(oud, nieuw, check_exact=True)


@pytest.fixture(scope="module")
def eerder(gepubliceerd: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The association as it stood after the first delivery."""
    map_ = tmp_path_factory.mktemp("eerder")
    bedrijf = gepubliceerd.start(map_)
    bedrijf.hold_back(LAATST, map_ / "apart")
    bedrijf.run()
    return bedrijf
