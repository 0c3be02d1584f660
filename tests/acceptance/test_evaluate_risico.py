"""The risk models against the truth: what docs/evaluatie-risico.md reports stays so.

Three worlds, four windows, limits 5 % looser: the quick version of ``evaluate --risico``.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer

from models.overlast.training import KENMERKEN
from models.plafond import Plafonds
from models.risico.paneel import Paneel
from orchestration import risico_wereld as rw
from orchestration.cli import evaluatie_risico
from orchestration.risico_ablatie import run_ablatie
from orchestration.risico_evaluatie import (
    DOELEN,
    ONTWIKKELSEED,
    PLAFOND_SEEDS,
    Doel,
    Uitslag,
    build_plafonds,
    evaluate_risico,
    find_plafond,
    judge,
    list_seeds,
    read_plafonds,
)
from orchestration.risico_lus import Aanbevolen
from orchestration.voortgang import Voortgang
from sources.demo.wereld import simulate_wereld


@pytest.fixture(scope="module")
def sql() -> rw.KenmerkSql:
    """The features as the line has them, compiled once."""
    return rw.compile_kenmerken()


@pytest.fixture(scope="module")
def uitslag(sql: rw.KenmerkSql) -> Uitslag:
    return evaluate_risico(3, sql, None, Voortgang(), snel=True)


@pytest.fixture(scope="module")
def klein() -> rw.Wereld:
    """A world of about a hundred complexes."""
    return rw.simulate(7, eenheden=3_000)


# --- goals


@pytest.mark.parametrize("doel", DOELEN, ids=lambda doel: f"{doel.groep}-{doel.code}")
def test_goal_is_met_on_three_worlds(uitslag: Uitslag, doel: Doel) -> None:
    (rij,) = [rij for rij in uitslag.rijen if rij.doel.code == doel.code]
    assert rij.holds, (rij.gemiddeld, rij.doel.onder, rij.doel.boven)


def test_every_figure_is_measured_but_those_of_the_ceiling(uitslag: Uitslag) -> None:
    leeg = {rij.doel.code for rij in uitslag.rijen if not np.isfinite(rij.gemiddeld)}
    assert leeg == {"ap_per_plafond", "opbrengst_per_plafond"}


def test_run_as_json_holds_every_goal_and_every_world(uitslag: Uitslag) -> None:
    uit = json.loads(json.dumps(uitslag.to_json(), allow_nan=False))
    assert [rij["doel"]["code"] for rij in uit["doelen"]] == [doel.code for doel in DOELEN]
    assert set(uit["werelden"]) == {"1", "2", "3"}


def test_worlds_on_which_choices_were_made_are_measured_nowhere() -> None:
    seeds = list_seeds(100)
    assert len(set(seeds)) == 100
    assert ONTWIKKELSEED not in seeds
    assert not set(seeds) & set(PLAFOND_SEEDS)


def test_missed_goal_ends_the_command_with_one_and_is_named(
    sql: rw.KenmerkSql,
    uitslag: Uitslag,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    slecht = {
        seed: {**cijfers, "model": {**cijfers["model"], "lift": 1.0}}
        for seed, cijfers in uitslag.werelden.items()
    }
    uit = judge(slecht, (1, 2, 3), snel=True, met_plafond=False)
    monkeypatch.setattr(evaluatie_risico, "compile_kenmerken", lambda: sql)
    monkeypatch.setattr(evaluatie_risico, "evaluate_risico", lambda *_, **__: uit)
    with pytest.raises(typer.Exit) as einde:
        evaluatie_risico.evaluate(
            data=tmp_path, seeds=3, snel=True, bouw_plafond=False, als_json=False
        )
    tekst = " ".join(capsys.readouterr().out.split())
    assert einde.value.exit_code == 1
    assert "Niet gehaald: Lift in de top 5 %. Waarom staat in" in tekst
    assert "Er is nog geen plafond." in tekst


# --- a world becomes what the line would hold of it


def test_features_count_what_happened_in_the_months_before(
    sql: rw.KenmerkSql, klein: rw.Wereld
) -> None:
    g = klein.geschiedenis
    panelen = rw.build_panelen(klein, sql)
    complex_, maand = rw.find_complex(panelen.overlast), rw.find_maand(panelen.overlast)
    for rij in range(0, len(panelen.overlast), 97):
        c, m = complex_[rij], maand[rij]
        ruw = {naam: waarde[rij] for naam, waarde in panelen.overlast.ruw.items()}
        assert ruw["aantal_meldingen_6m"] == g.meldingen[m - 6 : m, c].sum()
        assert ruw["aantal_ernstig_6m"] == g.ernstig[m - 6 : m, c].sum()
        assert ruw["aantal_escalaties_ooit"] == g.escalatie[:m, c].sum()
        y = panelen.overlast.y[rij]
        if g.uitgesloten[m, c]:
            assert np.isnan(y)
        else:
            assert y == g.escalatie[m : m + 6, c].any()


def test_features_of_an_as_of_date_do_not_change_with_what_happens_from_then_on(
    sql: rw.KenmerkSql, klein: rw.Wereld
) -> None:
    m = 60
    g = klein.geschiedenis

    def change(telling: np.ndarray) -> np.ndarray:
        return np.where(np.arange(g.maanden)[:, None] >= m, 7, telling)

    anders = replace(
        g,
        meldingen=change(g.meldingen),
        ernstig=change(g.ernstig),
        weigeringen=change(g.weigeringen),
        advertenties=change(g.advertenties),
    )
    later = replace(klein, geschiedenis=anders)
    voor = [rw.build_panelen(wereld, sql) for wereld in (klein, later)]

    def get(paneel: Paneel, maand: int) -> np.ndarray:
        rijen: np.ndarray = paneel.x[paneel.peilmaand == rw.to_peilmaand(maand)]
        return rijen

    for naam in ("overlast", "woonfraude"):
        een, ander = (getattr(panelen, naam) for panelen in voor)
        assert np.array_equal(get(een, m), get(ander, m), equal_nan=True)
        assert not np.array_equal(get(een, m + 6), get(ander, m + 6), equal_nan=True)


def test_what_a_world_does_not_record_is_unknown_and_not_zero(
    sql: rw.KenmerkSql, klein: rw.Wereld
) -> None:
    paneel = rw.build_panelen(klein, sql).overlast
    assert np.isnan(paneel.x[:, paneel.namen.index("mutaties_12m")]).all()
    assert np.isfinite(paneel.x[:, paneel.namen.index("vandalisme_6m")]).all()


# --- the closed loop


def test_recommended_policy_keeps_capacity_and_its_random_share(
    sql: rw.KenmerkSql, klein: rw.Wereld
) -> None:
    with rw.KenmerkBank(sql) as bank:
        beleid = Aanbevolen(klein.parameters, bank, begin=48)
        lus = simulate_wereld(klein.parameters, klein.stad, 8, klein.seed, beleid)
    nu, zoals = lus.onderzoeken, klein.geschiedenis.onderzoeken
    # Before it begins nothing differs.
    assert np.array_equal(nu.complex[nu.maand < 48], zoals.complex[zoals.maand < 48])
    eigen, oud = ((o.reden > 0) & (o.maand >= 48) for o in (nu, zoals))
    assert eigen.sum() == pytest.approx(oud.sum(), rel=0.15)
    assert not (nu.reden[eigen] == 1).any()
    assert (nu.kans[eigen] > 0).all()
    assert klein.stad.n[nu.complex[eigen]].min() >= 10


def test_hits_that_a_policy_infers_are_nearly_those_of_the_log(
    sql: rw.KenmerkSql, klein: rw.Wereld
) -> None:
    with rw.KenmerkBank(sql) as bank:
        beleid = Aanbevolen(klein.parameters, bank, begin=90)
        lus = simulate_wereld(klein.parameters, klein.stad, 8, klein.seed, beleid)
    o = lus.onderzoeken
    raak = (o.reden > 0) & o.is_bevestigd & (o.maand < len(beleid.treffers))
    echt = np.zeros_like(beleid.treffers)
    np.add.at(echt, (o.maand[raak], o.complex[raak]), 1)
    assert echt.sum() > 20
    assert np.abs(beleid.treffers - echt).sum() <= 0.1 * echt.sum()


# --- the choices


def test_choices_are_tried_by_leaving_out_each_family_of_features(
    sql: rw.KenmerkSql, klein: rw.Wereld, monkeypatch: pytest.MonkeyPatch
) -> None:
    gevraagd: list[int] = []

    def simulate(seed: int) -> rw.Wereld:
        gevraagd.append(seed)
        return klein

    monkeypatch.setattr("orchestration.risico_ablatie.simulate", simulate)
    proeven = run_ablatie(sql, Voortgang())
    assert gevraagd == [ONTWIKKELSEED]
    per_naam = {proef.naam: proef for proef in proeven}
    assert per_naam["de gekozen"].kenmerken == len(KENMERKEN)
    zonder = [proef for proef in proeven if proef.naam.startswith("zonder ")]
    # Each feature belongs to one family, and is left out once.
    assert sum(len(KENMERKEN) - proef.kenmerken for proef in zonder) == len(KENMERKEN)
    assert all(np.isfinite([p.ap, p.p_top, p.logverlies]).all() for p in proeven)
    assert per_naam["1000"].logverlies != per_naam["1"].logverlies


# --- the ceiling


def test_ceiling_is_kept_per_feature_sql_and_read_back(
    sql: rw.KenmerkSql, klein: rw.Wereld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.risico_evaluatie.simulate", lambda *_, **__: klein)
    pad = find_plafond(tmp_path, sql)
    assert read_plafonds(pad) is None
    gebouwd = build_plafonds(pad, sql, Voortgang(), seeds=(7,), processen=1)
    gelezen = read_plafonds(pad)
    assert isinstance(gelezen, Plafonds)
    panelen = rw.build_panelen(klein, sql)
    for domein in ("overlast", "woonfraude"):
        een, ander = (
            getattr(plafonds, domein).predict(getattr(panelen, domein))
            for plafonds in (gebouwd, gelezen)
        )
        assert np.array_equal(een, ander)
        assert np.ptp(een) > 0
    model = rw.WOONFRAUDE_KENMERK
    anders = sql.code[model].replace("0.13", "0.14")
    anders_gezegd = "-- anders gezegd" + chr(10) + sql.code[model]
    assert find_plafond(tmp_path, replace(sql, code={**sql.code, model: anders})) != pad
    assert find_plafond(tmp_path, replace(sql, code={**sql.code, model: anders_gezegd})) == pad
