"""Mutated deliveries through to the label; `buurtpeil beproef --keten` has many more of them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from orchestration import trekkingen
from orchestration.assets.warehouse import NA_TREKKING
from orchestration.beproeving import VANDAAG, build_bank, choose_proef, read_goed_blad, run_geval
from orchestration.beproeving_bouw import (
    GETALLEN,
    KLASSEN,
    MARTS,
    SLEUTEL,
    Verleden,
    index_labels,
    read_plan,
    write_invoer,
)
from orchestration.beproeving_keten import (
    Ketenbank,
    Ketenuitslag,
    build_ketenbank,
    choose_gevallen,
    judge_labels,
    run_keten,
    run_proef,
)
from orchestration.beproeving_oordeel import Uitslag
from orchestration.cli.beproeving import write_ketenmarkdown
from orchestration.dbt_step import run_dbt
from orchestration.voortgang import Voortgang
from orchestration.warehouse import open_warehouse
from orchestration.werkmap import DBT_MAP
from sources.demo.mutatie import Proef, Vorm
from sources.landing import determine_klok

SEED = 7
ALLE = {"vera.zaak": frozenset({"TOT", "OVL"}), "airbnb.advertentie": frozenset[str]()}
NIEUW, PUBLICATIE = "2026-01-01", "2025-10-01"


@pytest.fixture(scope="module")
def keten(tmp_path_factory: pytest.TempPathFactory) -> Ketenbank:
    map_ = tmp_path_factory.mktemp("keten")
    return build_ketenbank(build_bank(DBT_MAP, map_, SEED), map_ / "keten")


def _make_labels(**ander: float) -> pd.DataFrame:
    """Make a label per complex ``a`` .. ``c``, new and published; ``ander`` sets new ones."""
    rijen = [
        ("complex", naam, "eigen", pd.Timestamp(peildatum), thema, 3.0, 3.0, 1.0, 0.5, 0.1)
        for naam in "abc"
        for peildatum in (PUBLICATIE, NIEUW)
        for thema in ("OVL", "TOT")
    ]
    kader = pd.DataFrame(rijen, columns=[*SLEUTEL, *KLASSEN, *GETALLEN])
    for naam, waarde in ander.items():
        kies = (kader["beheerobject_id"] == naam) & (kader["peildatum"] == NIEUW)
        kader.loc[kies & (kader["thema_code"] == "TOT"), list(KLASSEN[:2])] = waarde
    return kader.set_index(list(SLEUTEL)).sort_index()


def _judge(
    nu: pd.DataFrame,
    *,
    soort: str = "cel",
    tabel: str = "vera.zaak",
    gemeld: frozenset[str] = frozenset(),
    mag_stil: bool = False,
) -> Ketenuitslag:
    goed = _make_labels()
    publicatie = goed.index.get_level_values("peildatum") == pd.Timestamp(PUBLICATIE)
    uit = Ketenuitslag(0, tabel, soort, "cel: iets", (), "na een release", "labels gelijk")
    return judge_labels(
        uit,
        goed,
        nu,
        gepubliceerd=goed.index[publicatie],
        gemeld=gemeld,
        voedt=ALLE,
        eigen=frozenset({tabel}),
        mag_stil=mag_stil,
    )


def test_label_that_changes_in_silence_is_a_finding() -> None:
    uit = _judge(_make_labels(a=5.0))
    assert uit.fouten == ("een label verandert en niets wordt gemeld: TOT",)
    assert (uit.labels, uit.anders, uit.ver, uit.verdwenen) == (6, 1, 1, 0)


@pytest.mark.parametrize("gemeld", ["vera.zaak", "vera"])
def test_label_may_change_where_the_report_names_a_table_that_feeds_it(gemeld: str) -> None:
    uit = _judge(_make_labels(a=np.nan), gemeld=frozenset({gemeld}))
    assert (uit.uitkomst, uit.fouten, uit.verdwenen) == ("labels anders, gemeld", (), 1)


def test_message_on_a_table_that_feeds_no_label_excuses_nothing() -> None:
    assert _judge(_make_labels(a=4.0), gemeld=frozenset({"airbnb.advertentie"})).fouten


def test_change_that_nobody_can_see_is_counted_and_no_finding() -> None:
    uit = _judge(_make_labels(a=4.0, b=4.0), mag_stil=True)
    assert (uit.uitkomst, uit.fouten) == ("labels anders, niet te zien", ())
    assert uit.aandeel == pytest.approx(2 / 6)
    assert "33 %" in write_ketenmarkdown([uit])


def test_table_that_feeds_no_label_changes_none_whatever_is_said() -> None:
    uit = _judge(
        _make_labels(a=4.0), tabel="airbnb.advertentie", gemeld=frozenset(ALLE), mag_stil=True
    )
    assert any("niet voedt" in fout for fout in uit.fouten)


def test_same_rows_written_otherwise_keep_every_score() -> None:
    nu = _make_labels()
    assert _judge(nu, soort="gelijk").fouten == ()
    nu.loc[nu.index[-1], "score"] = 0.51
    assert _judge(nu, soort="gelijk", gemeld=frozenset(ALLE)).fouten


def test_published_label_may_not_change_vanish_double_or_get_company() -> None:
    goed = _make_labels()
    gewijzigd = goed.copy()
    gewijzigd.loc[gewijzigd.index[0], KLASSEN[0]] = 1.0  # the first key is published
    erbij = goed.loc[[("complex", "a", "eigen", pd.Timestamp(PUBLICATIE), "TOT")]].rename(
        index={"a": "d"}
    )
    for nu in (
        gewijzigd,
        goed.iloc[1:],
        pd.concat([goed, goed.iloc[:1]]),
        pd.concat([goed, erbij]),
    ):
        assert _judge(nu, gemeld=frozenset(ALLE), mag_stil=True).fouten
    assert _judge(goed).fouten == ()


def test_every_mutation_that_the_gate_lets_through_gets_its_turn() -> None:
    def make(nummer: int, stap: str, *, is_open: bool = True) -> Uitslag:
        return Uitslag(
            nummer, "vera.zaak", "", "cel", (f"cel: {stap}",), "quarantaine", (), (), is_open
        )

    gevallen = [make(n, "vaak") for n in range(10, 0, -1)]
    gevallen += [make(11, "zelden"), make(12, "nooit", is_open=False)]
    assert choose_gevallen(gevallen, 4) == [1, 5, 9, 11]


def test_plan_knows_which_themes_a_table_feeds() -> None:
    marten = [f"model.buurtpeil.{naam}" for naam in MARTS]
    knopen = {
        naam: {
            "name": naam.rpartition(".")[2],
            "resource_type": "model",
            "database": "warehouse",
            "schema": "s",
            "alias": "a",
            "config": {"materialized": "table"},
            "compiled_code": "select 1",
        }
        for naam in [*marten, "model.buurtpeil.int_indicator__ovl_episode", "model.buurtpeil.stg"]
    }
    indicator, stg = "model.buurtpeil.int_indicator__ovl_episode", "model.buurtpeil.stg"
    kinderen = {"source.zaak": [indicator], indicator: marten, "source.wijk": [stg], stg: marten}
    ouders: dict[str, list[str]] = {naam: [] for naam in knopen}
    for ouder, namen in kinderen.items():
        for naam in namen:
            ouders[naam].append(ouder)
    bronnen = {
        naam: {"source_name": "vera", "name": naam.rpartition(".")[2]}
        for naam in ("source.zaak", "source.wijk", "source.los")
    }
    manifest = {
        "nodes": knopen, "sources": bronnen, "parent_map": ouders, "child_map": kinderen,
    }  # fmt: skip
    plan = read_plan(manifest, DBT_MAP)
    assert plan.voedt["vera.zaak"] == {"OVL", "TOT"}
    assert {"OVL", "FIN", "TOT"} <= plan.voedt["vera.wijk"]
    assert plan.voedt["vera.los"] == frozenset()


def _find(keten: Ketenbank, soort: str, uitkomst: str) -> int:
    """Return the first trial of a kind with an outcome, on a table that feeds labels."""
    for nummer in range(400):
        proef = choose_proef(keten.bank, np.random.default_rng([SEED, nummer]))
        if proef.soort != soort or not keten.plan.voedt[proef.tabel.id]:
            continue
        if run_geval(keten.bank, nummer, SEED).uitkomst == uitkomst:
            return nummer
    raise AssertionError(soort)


@pytest.mark.parametrize(
    ("soort", "uitkomst"), [("gelijk", "gelijk aanvaard"), ("cel", "quarantaine")]
)
@pytest.mark.nacht
def test_no_label_changes_in_silence(keten: Ketenbank, soort: str, uitkomst: str) -> None:
    eerste, vervolg = run_keten(keten, [_find(keten, soort, uitkomst)], SEED)
    assert (eerste.fouten, vervolg.fouten) == ((), ())
    assert eerste.labels > vervolg.labels > 0
    assert eerste.uitkomst in {"labels gelijk", "labels anders, gemeld", "poort in weigert"}


def _make_proef(keten: Ketenbank, naam: str, laatste: int = 0) -> Proef:
    """Return a trial on a table of VERA that nothing was done to yet."""
    [*bestanden] = (
        (bron, tabel, bestand)
        for bron, tabel, bestand in keten.bank.list_bestanden("tabel")
        if tabel.id == f"vera.{naam}"
    )
    bron, tabel, bestand = bestanden[laatste]
    blad = read_goed_blad(keten.bank, bron, bestand)
    return Proef(
        bron, tabel, bestand, blad, Vorm(scheiding=bron.scheidingsteken), ("gelijk: niets",)
    )


def _accept(proef: Proef) -> Uitslag:
    return Uitslag(
        0, proef.tabel.id, proef.bestand, "gelijk", proef.stappen, "gelijk aanvaard", (), (), True
    )


@pytest.mark.nacht
def test_label_is_missed_when_landing_loses_rows_without_a_word(keten: Ketenbank) -> None:
    proef = _make_proef(keten, "zaak")
    rijen = proef.blad.rijen
    proef = replace(proef, blad=replace(proef.blad, rijen=rijen[: 2 * len(rijen) // 3]))
    eerste, vervolg = run_proef(keten, proef, _accept(proef))
    assert any("ander label" in fout for fout in eerste.fouten)
    # What was published stands, whatever is lost below it.
    assert not any("gepubliceerd" in fout for fout in vervolg.fouten)


@pytest.mark.nacht
def test_gate_out_refuses_a_region_that_takes_the_dwellings_of_its_complexes(
    keten: Ketenbank,
) -> None:
    assert [stand.bekend_uit for stand in keten.standen] == [frozenset(), frozenset()]
    proef = _make_proef(keten, "cluster", -1)
    soorten = ["FIN" if soort == "RAY" else soort for soort in proef.blad.get_kolom("soort_code")]
    proef = replace(proef, blad=proef.blad.set_kolom("soort_code", soorten))
    _, vervolg = run_proef(keten, proef, _accept(proef))
    assert vervolg.uitkomst == "poort uit weigert"
    assert any("bezit_van_dezelfde_corporatie" in reden for reden in vervolg.waarom)


@pytest.mark.nacht
def test_quick_build_gives_the_labels_that_dbt_gives(keten: Ketenbank, tmp_path: Path) -> None:
    plan, pad = keten.plan, tmp_path / "warehouse.duckdb"
    shutil.copyfile(plan.zaden, pad)
    doel = plan.zaden.parent / "dbt"
    with open_warehouse(pad, schrijf=True) as warehouse:
        write_invoer(
            warehouse,
            keten.bank.contract,
            keten.bank.landingen,
            determine_klok(keten.bank.verslagen, VANDAAG) or VANDAAG,
            keten.clustersoort,
            Verleden(),
        )
    mart = f"+{MARTS[0]}"
    uit = run_dbt(["run", "--select", mart, "--exclude", *NA_TREKKING], pad, doel)
    with open_warehouse(pad, schrijf=True) as warehouse:
        trekkingen.write_onzekerheid(warehouse, Voortgang())
    uit += run_dbt(["run", "--select", *(f"{deel},{mart}" for deel in NA_TREKKING)], pad, doel)
    assert all(u.geslaagd for u in uit)
    with open_warehouse(pad) as warehouse:
        van_dbt = index_labels(warehouse.execute(f"select * from mart.{MARTS[0]}").df())
    pd.testing.assert_frame_equal(van_dbt, keten.standen[0].bouw.labels, rtol=1e-9)
