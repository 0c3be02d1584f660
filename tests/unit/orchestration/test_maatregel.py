"""From complex-months to the effect of maatregelen: what counts, what is said when nothing does."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from models.maatregel.effect import Effect, Effectregels, Vensterverschil
from orchestration.cli import maatregel as cli
from orchestration.instellingen import Instellingen
from orchestration.maatregel import (
    COMPLEXMAAND,
    PER_SOORT,
    GeenMaatregelgegevens,
    compute_effect,
    compute_kracht,
    plot_verloop,
    read_gegevens,
    read_synthetisch,
)
from vera.errors import GebruikFout

MAANDEN, COMPLEXEN = 48, 160
Bouw = Callable[..., Path]


def make_tabellen(effect: float = -0.4) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw reports; a maatregel of one of two kinds starts where they were just many."""
    rng = np.random.default_rng(17)
    stress = rng.normal(size=COMPLEXEN)
    rest = np.zeros(COMPLEXEN, dtype=int)
    recent = np.zeros((3, COMPLEXEN))
    maand, soort = [], []
    for t in range(MAANDEN):
        stress = 0.85 * stress + np.sqrt(1 - 0.85**2) * rng.normal(size=COMPLEXEN)
        logit = -4.0 + 1.0 * np.log1p(recent.sum(axis=0))
        start = (rng.random(COMPLEXEN) < 1 / (1 + np.exp(-logit))) & (rest == 0)
        rest = np.where(start, 5, rest)
        aantal = rng.poisson(1.2 * np.exp(0.5 * stress - 0.125) * (1 + effect * (rest > 0)))
        dag = pd.Timestamp(2018 + t // 12, t % 12 + 1, 1)
        naam = [f"C{c:03}" for c in range(COMPLEXEN)]
        maand.append(
            pd.DataFrame(
                {
                    "complex_id": naam,
                    "maand": dag,
                    "aantal_eenheden": 30 + np.arange(COMPLEXEN),
                    "aantal_meldingen": aantal,
                    "aantal_ernstig": rng.binomial(aantal, 0.2),
                    "aantal_maatregelen": start.astype(int),
                }
            )
        )
        soort += [
            (naam[c], dag, ("toezicht", "bemiddeling")[c % 2], 1, 1, 5)
            for c in np.nonzero(start)[0]
        ]
        recent = np.vstack([recent[1:], aantal])
        rest = np.maximum(rest - 1, 0)
    kolommen = ["complex_id", "maand", "soort_code", "aantal_maatregelen", "aantal_met_einde",
                "looptijd_maanden"]  # fmt: skip
    return pd.concat(maand, ignore_index=True), pd.DataFrame(soort, columns=kolommen)


@pytest.fixture(scope="module")
def tabellen() -> tuple[pd.DataFrame, pd.DataFrame]:
    return make_tabellen()


@pytest.fixture
def bouw(tmp_path: Path) -> Bouw:
    """Give a function that writes the two tables of the warehouse."""

    def build(maand: pd.DataFrame, soort: pd.DataFrame) -> Path:
        pad = tmp_path / "warehouse.duckdb"
        with duckdb.connect(str(pad)) as db:
            db.execute("create schema intermediate")
            db.register("m", maand)
            db.register("s", soort)
            db.execute(
                f"create table intermediate.{COMPLEXMAAND} as select complex_id, "
                "maand::date as maand, aantal_eenheden::bigint as aantal_eenheden, "
                "aantal_meldingen::bigint as aantal_meldingen, "
                "aantal_ernstig::bigint as aantal_ernstig, "
                "aantal_maatregelen::bigint as aantal_maatregelen from m"
            )
            db.execute(
                f"create table intermediate.{PER_SOORT} as select complex_id::varchar as "
                "complex_id, maand::date as maand, soort_code::varchar as soort_code, "
                "aantal_maatregelen::bigint as aantal_maatregelen, "
                "aantal_met_einde::bigint as aantal_met_einde, "
                "looptijd_maanden::bigint as looptijd_maanden from s"
            )
        return pad

    return build


def blank(maand: pd.DataFrame, kolom: str, waar: Any) -> pd.DataFrame:
    """Return the table with a count unknown where ``waar``."""
    uit = maand.copy()
    uit[kolom] = uit[kolom].astype("Int64").mask(np.broadcast_to(waar, len(uit)))
    return uit


# --- what is read


def test_panel_has_every_month_complex_report_and_start_of_the_tables(
    tabellen: tuple[pd.DataFrame, pd.DataFrame], bouw: Bouw
) -> None:
    maand, soort = tabellen
    gegevens = read_gegevens(bouw(maand, soort))
    assert gegevens.paneel.start.shape == (MAANDEN, COMPLEXEN)
    assert gegevens.paneel.meldingen.sum() == maand["aantal_meldingen"].sum()
    assert gegevens.paneel.ernstig.sum() == maand["aantal_ernstig"].sum()
    assert gegevens.begonnen == len(soort) == maand["aantal_maatregelen"].sum()
    assert gegevens.paneel.eenheden.tolist() == list(range(30, 30 + COMPLEXEN))
    assert [dag.isoformat() for dag in gegevens.periode] == ["2018-01-01", "2021-12-01"]
    assert list(gegevens.per_soort.values()) == sorted(gegevens.per_soort.values(), reverse=True)
    plek = maand.set_index(["maand", "complex_id"])["aantal_meldingen"]
    assert gegevens.paneel.meldingen[14, 7] == plek[pd.Timestamp(2019, 3, 1), "C007"]


def test_one_kind_counts_its_own_starts_alone(
    tabellen: tuple[pd.DataFrame, pd.DataFrame], bouw: Bouw
) -> None:
    pad = bouw(*tabellen)
    alle, toezicht, rest = (read_gegevens(pad, s) for s in (None, "toezicht", "bemiddeling"))
    assert toezicht.begonnen == (tabellen[1]["soort_code"] == "toezicht").sum()
    assert ((toezicht.paneel.start | rest.paneel.start) == alle.paneel.start).all()


def test_prevention_of_woonfraude_is_judged_by_its_own_kind_and_in_no_sum(
    tabellen: tuple[pd.DataFrame, pd.DataFrame], bouw: Bouw
) -> None:
    maand, soort = tabellen
    preventie = pd.DataFrame(
        {
            "complex_id": ["C001", "C002"],
            "maand": [pd.Timestamp(2019, 3, 1)] * 2,
            "soort_code": "voorlichting",
            "aantal_maatregelen": 1,
            "aantal_met_einde": 1,
            "looptijd_maanden": 40,
        }
    )
    pad = bouw(maand, pd.concat([soort, preventie], ignore_index=True))
    alle, eigen = read_gegevens(pad), read_gegevens(pad, "voorlichting")
    assert alle.begonnen == maand["aantal_maatregelen"].sum()
    assert alle.looptijd == 5
    assert compute_kracht(pad).looptijd == 5
    assert (eigen.begonnen, eigen.looptijd) == (2, 12)


def test_kind_that_nobody_delivered_is_named_with_those_that_were(
    tabellen: tuple[pd.DataFrame, pd.DataFrame], bouw: Bouw
) -> None:
    with pytest.raises(GebruikFout, match="bemiddeling, toezicht"):
        read_gegevens(bouw(*tabellen), "cameras")


def test_month_in_which_nobody_wrote_down_maatregelen_is_not_a_month_without_one(
    tabellen: tuple[pd.DataFrame, pd.DataFrame], bouw: Bouw
) -> None:
    maand, soort = tabellen
    gat = (maand["complex_id"] == "C003") & (maand["maand"] == "2020-01-01")
    paneel = read_gegevens(bouw(blank(maand, "aantal_maatregelen", gat), soort)).paneel
    assert np.argwhere(np.isnan(paneel.meldingen)).tolist() == [[24, 3]]


def test_years_before_anything_was_recorded_and_the_running_month_do_not_take_part(
    tabellen: tuple[pd.DataFrame, pd.DataFrame], bouw: Bouw
) -> None:
    maand, soort = tabellen
    buiten = (maand["maand"] < "2018-07-01") | (maand["maand"] == "2021-12-01")
    gegevens = read_gegevens(bouw(blank(maand, "aantal_ernstig", buiten), soort))
    assert [dag.isoformat() for dag in gegevens.periode] == ["2018-07-01", "2021-11-01"]
    assert np.isfinite(gegevens.paneel.ernstig).all()
    assert compute_effect(gegevens).starts > 50


def test_complex_that_came_later_and_one_that_is_empty_now_keep_a_size(
    tabellen: tuple[pd.DataFrame, pd.DataFrame], bouw: Bouw
) -> None:
    maand, soort = tabellen
    maand = maand[(maand["complex_id"] != "C000") | (maand["maand"] >= "2020-01-01")].copy()
    maand.loc[
        (maand["complex_id"] == "C001") & (maand["maand"] >= "2021-01-01"), "aantal_eenheden"
    ] = 0
    paneel = read_gegevens(bouw(maand, soort)).paneel
    assert paneel.eenheden[:2].tolist() == [30, 31]
    assert np.isnan(paneel.meldingen[:24, 0]).all()
    assert np.isfinite(paneel.meldingen[24:, 0]).all()


@pytest.mark.parametrize(
    ("aantal_met_einde", "looptijd_maanden", "verwacht"),
    [(1, 5, 5), (1, 3, 3), (1, 1, 2), (1, 60, 12), (0, 0, Effectregels().looptijd)],
)
def test_maatregel_runs_as_long_as_those_that_ended(
    tabellen: tuple[pd.DataFrame, pd.DataFrame],
    bouw: Bouw,
    aantal_met_einde: int,
    looptijd_maanden: int,
    verwacht: int,
) -> None:
    maand, soort = tabellen
    soort = soort.assign(aantal_met_einde=aantal_met_einde, looptijd_maanden=looptijd_maanden)
    assert read_gegevens(bouw(maand, soort)).looptijd == verwacht


# --- nothing to say


@pytest.mark.parametrize(
    ("kolom", "tekst"),
    [
        ("aantal_meldingen", "meldingen van overlast"),
        ("aantal_ernstig", "hun ernst"),
        ("aantal_maatregelen", "waarin maatregelen"),
    ],
)
def test_source_that_was_never_recorded_is_named(
    tabellen: tuple[pd.DataFrame, pd.DataFrame], bouw: Bouw, kolom: str, tekst: str
) -> None:
    maand, soort = tabellen
    with pytest.raises(GeenMaatregelgegevens, match=tekst):
        read_gegevens(bouw(blank(maand, kolom, True), soort))


def test_sources_that_were_never_recorded_together_say_so(
    tabellen: tuple[pd.DataFrame, pd.DataFrame], bouw: Bouw
) -> None:
    maand, soort = tabellen
    maand = blank(maand, "aantal_meldingen", maand["maand"] >= "2020-01-01")
    maand = blank(maand, "aantal_maatregelen", maand["maand"] < "2020-01-01")
    with pytest.raises(GeenMaatregelgegevens, match="alle vastgelegd"):
        read_gegevens(bouw(maand, soort))


def test_association_without_maatregelen_is_told_to_look_at_power(
    tabellen: tuple[pd.DataFrame, pd.DataFrame], bouw: Bouw
) -> None:
    maand, soort = tabellen
    pad = bouw(maand.assign(aantal_maatregelen=0), soort.head(0))
    with pytest.raises(GeenMaatregelgegevens, match="buurtpeil maatregel kracht"):
        read_gegevens(pad)
    with pytest.raises(GeenMaatregelgegevens, match="buurtpeil maatregel kracht"):
        read_gegevens(pad, "toezicht")


def test_association_without_any_delivery_gets_a_message(bouw: Bouw) -> None:
    maand, soort = make_tabellen()
    pad = bouw(maand.head(0), soort.head(0))
    for doe in (read_gegevens, compute_kracht):
        with pytest.raises(GeenMaatregelgegevens, match="meldingen van overlast"):
            doe(pad)


def test_no_warehouse_or_one_without_the_tables_says_what_to_run(tmp_path: Path) -> None:
    pad = tmp_path / "warehouse.duckdb"
    with pytest.raises(GebruikFout, match="buurtpeil run"):
        read_gegevens(pad)
    duckdb.connect(str(pad)).close()
    with pytest.raises(GebruikFout, match="opnieuw"):
        compute_kracht(pad)


def test_few_maatregelen_give_a_verdict_and_no_figure(
    tabellen: tuple[pd.DataFrame, pd.DataFrame], bouw: Bouw
) -> None:
    maand, soort = tabellen
    gegevens = read_gegevens(bouw(maand, soort[soort["complex_id"] < "C010"]))
    effect = compute_effect(gegevens)
    tekst = "\n".join(cli.iter_effect(gegevens, effect))
    assert "Oordeel: te weinig gegevens." in tekst
    assert "%" not in tekst
    inhoud = cli._without_nan(cli._effect_as_json(gegevens, effect))
    assert json.loads(json.dumps(inhoud, allow_nan=False))["relatief"] is None
    assert inhoud["isAanloopGelijk"] is None


# --- the figures


def test_planted_effect_comes_back_with_before_and_after_beside_it(
    tabellen: tuple[pd.DataFrame, pd.DataFrame], bouw: Bouw
) -> None:
    gegevens = read_gegevens(bouw(*tabellen))
    effect = compute_effect(gegevens)
    assert effect.relatief_onder < -0.4 < effect.relatief_boven < 0
    assert effect.naief_relatief < effect.relatief
    tekst = "\n".join(cli.iter_effect(gegevens, effect))
    assert "Oordeel: effect aangetoond." in tekst
    assert f"meldingen tijdens     −{-100 * effect.relatief:.0f} %" in tekst
    assert f"ervoor tegen erna     −{-100 * effect.naief_relatief:.0f} %" in tekst
    assert "aanloop               gelijk" in tekst
    assert "ook vanzelf zakt" in tekst


def test_one_kind_is_not_compared_with_complexes_that_had_another(
    tabellen: tuple[pd.DataFrame, pd.DataFrame], bouw: Bouw
) -> None:
    pad = bouw(*tabellen)
    alle, toezicht = read_gegevens(pad), read_gegevens(pad, "toezicht")
    assert alle.paneel.ander is None
    assert toezicht.paneel.ander is not None
    assert (toezicht.paneel.begin == alle.paneel.start).all()
    assert not (toezicht.paneel.ander & toezicht.paneel.start).any()
    effect = compute_effect(toezicht)
    assert effect.relatief_onder < -0.4 < effect.relatief_boven < 0


def test_more_and_longer_maatregelen_let_a_smaller_effect_be_seen(
    tabellen: tuple[pd.DataFrame, pd.DataFrame], bouw: Bouw
) -> None:
    maand, soort = tabellen
    pad = bouw(maand.assign(aantal_maatregelen=None), soort.head(0))
    kracht = compute_kracht(pad, (50, 200, 800))
    assert list(kracht.kleinste) == [50, 200, 800]
    assert 1 > kracht.kleinste[50] > 1.5 * kracht.kleinste[200] > 0
    assert kracht.kleinste[200] > kracht.kleinste[800] > 0
    assert kracht.looptijd == Effectregels().looptijd
    assert compute_kracht(pad, (200,), 10).kleinste[200] < kracht.kleinste[200]


def test_power_says_when_even_no_report_at_all_would_not_be_seen(
    tabellen: tuple[pd.DataFrame, pd.DataFrame], bouw: Bouw
) -> None:
    kracht = compute_kracht(bouw(*tabellen), (3, 200))
    assert kracht.kleinste[3] > 1
    regels = list(cli.iter_kracht(kracht))
    assert "niets: ook als alle meldingen wegblijven" in regels[3]
    assert f"{100 * kracht.kleinste[200]:.0f} % minder of meer" in regels[4]
    assert "geen cijfer" in regels[-1]
    ruim = replace(kracht, kleinste={50: 0.3})
    assert "geen cijfer" not in "\n".join(cli.iter_kracht(ruim))


def test_invented_data_are_known_by_the_deliveries_when_nothing_is_published(
    tmp_path: Path,
) -> None:
    (tmp_path / "leveringen").mkdir()
    assert not read_synthetisch(Instellingen(data=tmp_path))
    (tmp_path / "leveringen" / "organisatie.yml").write_text("synthetisch: true\n", "utf-8")
    assert read_synthetisch(Instellingen(data=tmp_path))


# --- the picture


def make_effect(vensters: int) -> Effect:
    """Return an estimate with 3 windows before the start and the rest after it."""
    verloop = tuple(
        Vensterverschil(f"venster {i}", -0.1 * (i >= 3), -0.1 * (i >= 3) - 0.05, 0.05)
        for i in range(vensters)
    )
    return Effect(
        "effect aangetoond", "Zin.", 60, 0, -0.1, -0.15, -0.05, -0.3, -0.4, -0.2, -0.5, 0.1,
        verloop, True,
    )  # fmt: skip


@pytest.mark.parametrize(("vensters", "looptijd"), [(6, 5), (4, 3)])
def test_picture_is_a_png_and_the_same_every_time(vensters: int, looptijd: int) -> None:
    effect = make_effect(vensters)
    beeld = plot_verloop(effect, looptijd, is_synthetisch=False)
    assert beeld[:8] == b"\x89PNG\r\n\x1a\n"
    assert beeld == plot_verloop(effect, looptijd, is_synthetisch=False)
    assert beeld != plot_verloop(effect, looptijd, is_synthetisch=True)
    assert beeld != plot_verloop(make_effect(10 - vensters), looptijd, is_synthetisch=False)
