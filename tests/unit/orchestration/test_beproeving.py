"""A part of the mutated deliveries on every run; `buurtpeil beproef` has all of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from expectations.poort import Toetsbank
from orchestration.beproeving import Bank, Vlotbank, build_bank, choose_proef, run_geval
from orchestration.beproeving_oordeel import UITKOMSTEN
from orchestration.cli.beproeving import write_markdown
from orchestration.werkmap import DBT_MAP
from sources.demo.mutatie import AANNEMELIJK, BESTAND, CEL, GELIJK, TEKST, UITGEVER

SEED = 7
AANTAL = 24


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    return build_bank(DBT_MAP, tmp_path_factory.mktemp("beproeving"), SEED, eenheden=200)


def test_mutated_deliveries_are_accepted_quarantined_refused_or_reported(bank: Bank) -> None:
    uitslagen = [run_geval(bank, nummer, SEED) for nummer in range(AANTAL)]
    mis = {u.nummer: (u.stappen, u.fouten) for u in uitslagen if u.fouten}
    assert mis == {}
    assert {u.uitkomst for u in uitslagen} >= {"gelijk aanvaard", "quarantaine", "geweigerd"}
    assert write_markdown(uitslagen).count("\n") >= len({u.mutatie for u in uitslagen})


def test_same_number_is_the_same_trial(bank: Bank) -> None:
    assert run_geval(bank, 3, SEED) == run_geval(bank, 3, SEED)
    een, ander = (choose_proef(bank, np.random.default_rng([SEED, n])) for n in (3, 4))
    assert (een.tabel.id, een.stappen) != (ander.tabel.id, ander.stappen)


def test_every_kind_of_mutation_is_chosen(bank: Bank) -> None:
    gekozen = {
        stap
        for nummer in range(4000)
        for stap in choose_proef(bank, np.random.default_rng([SEED, nummer])).stappen
    }
    soorten = {
        "gelijk": GELIJK, "cel": CEL, "tekst": TEKST,
        "aannemelijk": AANNEMELIJK, "bestand": BESTAND, "uitgever": UITGEVER,
    }  # fmt: skip
    alle = {f"{soort}: {naam}" for soort, mutaties in soorten.items() for naam in mutaties}
    # Damage of Parquet needs a file that a mutation without meaning made Parquet before.
    assert {stap for stap in alle - gekozen if "Parquet" not in stap} == set()


def test_oracle_sees_a_reader_that_lets_a_wrong_date_through(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    nummer = next(
        n
        for n in range(1500)
        if choose_proef(bank, np.random.default_rng([SEED, n])).stappen
        == ("cel: datum die niet bestaat",)
    )
    assert run_geval(bank, nummer, SEED).fouten == ()
    monkeypatch.setattr("sources.cel._list_eisen_kolom", lambda kolom: [])
    monkeypatch.setattr("sources.landing.LEESVERSIE", "kapot")
    assert any("in quarantaine" in fout for fout in run_geval(bank, nummer, SEED).fouten)


def test_quick_judge_says_what_great_expectations_says() -> None:
    maten = {"een": [0.0, 1.0, float("nan")], "twee": [-1.0, 0.0, 0.001]}
    assert Vlotbank().find_hoger(maten) == Toetsbank().find_hoger(maten)


def test_sound_delivery_stays_what_it_is(bank: Bank) -> None:
    voor = {pad: pad.read_bytes() for pad in sorted(bank.leveringen.rglob("*.csv"))}
    run_geval(bank, 5, SEED)
    assert {pad: pad.read_bytes() for pad in sorted(bank.leveringen.rglob("*.csv"))} == voor
    assert len(UITKOMSTEN) == len(set(UITKOMSTEN))
    assert isinstance(replace(bank, bekend={}).map_, Path)
