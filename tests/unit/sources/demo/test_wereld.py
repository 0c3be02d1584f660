"""The world tests itself against the rates of the design paper, over several seeds."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace

import numpy as np
import pytest

from sources.demo.toeval import make_rng
from sources.demo.waarheid import list_peilmaanden, measure_kerncijfers, measure_uitkomsten
from sources.demo.wereld import (
    Geschiedenis,
    Onderzoekkeuze,
    StatusQuo,
    Waarneming,
    WereldParameters,
    build_stad,
    compute_onderzoekkans_phi,
    compute_orakel,
    count_complexen,
    simulate_wereld,
)
from vera.errors import GebruikFout

PARAMETERS = WereldParameters()
# The evaluation's world: 1,500 complexes, 96 months. A month of it costs a millisecond.
WONINGEN, JAREN = 46_600, 8
SEEDS = (1, 2, 3, 4, 5, 6)


def simulate(seed: int, woningen: int = WONINGEN, jaren: int = JAREN) -> Geschiedenis:
    return simulate_wereld(PARAMETERS, build_stad(PARAMETERS, woningen, seed), jaren, seed)


@pytest.fixture(scope="module")
def werelden() -> list[Geschiedenis]:
    return [simulate(seed) for seed in SEEDS]


@pytest.fixture(scope="module")
def kerncijfers(werelden: list[Geschiedenis]) -> dict[str, float]:
    """Means over the seeds."""
    metingen = [measure_kerncijfers(wereld) for wereld in werelden]
    return {naam: float(np.mean([m[naam] for m in metingen])) for naam in metingen[0]}


@pytest.mark.parametrize(
    ("naam", "laag", "hoog"),
    [
        # design paper: reports .082 per dwelling-year, true incidents .18
        ("meldingen_per_woningjaar", 0.068, 0.095),
        ("incidenten_per_woningjaar", 0.14, 0.21),
        # escalation 2.7-4.2 % per 6 months, with a surge 5.1 %
        ("escalatie_per_6m", 0.027, 0.042),
        ("escalatie_of_surge_per_6m", 0.038, 0.060),
        # interventions in 12 % of complex-months
        ("maatregel_aandeel_complexmaanden", 0.09, 0.15),
        # onset 1.1 % a year, prevalence 1.5 %
        ("fraude_start_per_woningjaar", 0.0100, 0.0125),
        ("fraude_prevalentie", 0.0135, 0.0170),
        # inspections 1.15 % of dwellings a year, tips 229 of 46,600
        ("onderzoeken_per_woningjaar", 0.0105, 0.0130),
        ("onderzoeken_tip_per_woningjaar", 0.0042, 0.0058),
        # hit rate .27: tips .36, staff .19, random complex .14
        ("trefkans", 0.24, 0.30),
        ("trefkans_tip", 0.31, 0.39),
        ("trefkans_medewerker", 0.17, 0.23),
        ("trefkans_aselect", 0.11, 0.18),
        # confirmed .31 % a year
        ("bevestigd_per_woningjaar", 0.0027, 0.0035),
        # group ratios: true fraud .89, tips 1.30, inspections 2.13, confirmed 1.31
        ("verhouding_fraude", 0.82, 0.96),
        ("verhouding_tips", 1.15, 1.50),
        ("verhouding_onderzoeken", 1.80, 2.50),
        ("verhouding_bevestigd", 1.15, 1.50),
    ],
)
def test_base_rate_lies_in_the_band_of_the_design_paper(
    kerncijfers: dict[str, float], naam: str, laag: float, hoog: float
) -> None:
    assert laag <= kerncijfers[naam] <= hoog


def test_true_fraud_is_unrelated_to_composition(werelden: list[Geschiedenis]) -> None:
    for wereld in werelden:
        assert abs(measure_kerncijfers(wereld)["correlatie_samenstelling_u"]) < 1e-9
        groep = wereld.stad.groep
        assert abs(wereld.stad.u[groep].mean() - wereld.stad.u[~groep].mean()) < 1e-9


def test_group_one_reports_a_fifth_less_for_equal_incidents(
    kerncijfers: dict[str, float],
) -> None:
    verhouding = kerncijfers["verhouding_meldingen"] / kerncijfers["verhouding_incidenten"]
    assert verhouding == pytest.approx(0.80, abs=0.06)


def test_online_form_lifts_reports_by_a_quarter(werelden: list[Geschiedenis]) -> None:
    sprong = []
    for wereld in werelden:
        aandeel = wereld.meldingen.sum(axis=1) / wereld.incidenten.sum(axis=1)
        t = wereld.formulier_maand
        sprong.append(aandeel[t:].mean() / aandeel[:t].mean())
    assert np.mean(sprong) == pytest.approx(1.25, abs=0.05)


def test_oracle_of_nuisance_ranks_as_in_the_design_paper(werelden: list[Geschiedenis]) -> None:
    aucs = []
    for wereld in werelden[:3]:
        escalatie, _ = measure_uitkomsten(wereld)
        maanden = list_peilmaanden(wereld)
        for i in (10, 16, 21):
            kans = compute_orakel(
                PARAMETERS, wereld, int(maanden[i]), 24, make_rng(i, "toets/orakel")
            )
            in_risico = ~np.isnan(escalatie[i])
            assert np.array_equal(in_risico, ~np.isnan(kans))
            aucs.append(_measure_auc(escalatie[i][in_risico], kans[in_risico]))
    assert 0.78 <= np.mean(aucs) <= 0.86


def _measure_auc(uitkomst: np.ndarray, kans: np.ndarray) -> float:
    rang = np.argsort(np.argsort(kans)) + 1.0
    raak = uitkomst > 0
    n1, n0 = raak.sum(), (~raak).sum()
    return float((rang[raak].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


def test_oracle_is_calibrated(werelden: list[Geschiedenis]) -> None:
    escalatie, _ = measure_uitkomsten(werelden[0])
    maanden = list_peilmaanden(werelden[0])
    verwacht = sum(
        float(np.nansum(compute_orakel(PARAMETERS, werelden[0], int(m), 24, make_rng(m, "t"))))
        for m in maanden[::2]
    )
    assert float(np.nansum(escalatie[::2])) / verwacht == pytest.approx(1.0, abs=0.2)


def test_chance_phi_follows_the_propensity_and_the_desk_check() -> None:
    stad = build_stad(PARAMETERS, 5_000, 1)
    sterk = compute_onderzoekkans_phi(PARAMETERS, stad, 40, PARAMETERS.bureau_medewerker)
    zwak = compute_onderzoekkans_phi(PARAMETERS, stad, 40, PARAMETERS.bureau_aselect)
    assert ((sterk > zwak) & (zwak > 0) & (sterk < PARAMETERS.ontdekking)).all()
    assert np.corrcoef(sterk, stad.u)[0, 1] > 0.7


def test_parameters_are_the_published_ones() -> None:
    """Changing a number of the world is a line in "Changes in the numbers" (CHANGELOG)."""
    tekst = json.dumps(asdict(PARAMETERS), sort_keys=True)
    assert hashlib.sha256(tekst.encode()).hexdigest()[:16] == "8b40afc39e6034d1"


def test_world_has_as_many_dwellings_as_asked() -> None:
    for woningen in (100, 3_001, 60_000):
        stad = build_stad(PARAMETERS, woningen, 3)
        assert stad.n.sum() == woningen
        assert stad.n.size == count_complexen(PARAMETERS, woningen)
        assert stad.n.min() >= PARAMETERS.grootte_minimum
        assert stad.n.max() <= PARAMETERS.grootte_maximum


@pytest.mark.parametrize("woningen", [0, 99])
def test_world_that_is_too_small_is_refused(woningen: int) -> None:
    with pytest.raises(GebruikFout, match="te klein"):
        build_stad(PARAMETERS, woningen, 1)


def test_world_without_years_is_refused() -> None:
    with pytest.raises(GebruikFout):
        simulate_wereld(PARAMETERS, build_stad(PARAMETERS, 500, 1), 0, 1)


def test_events_keep_their_month_in_a_long_world_and_move_in_a_short_one() -> None:
    assert PARAMETERS.move_maand(60, 10) == 60
    assert PARAMETERS.move_maand(60, 4) == 30
    assert simulate(1, 500, 4).formulier_maand == 30


@dataclass
class Toeschouwer:
    """A policy that does nothing and writes down what it was shown."""

    gezien: list[Waarneming] = field(default_factory=list)
    naam: str = "toeschouwer"

    def choose_maatregelen(
        self, waarneming: Waarneming, rng: np.random.Generator
    ) -> np.ndarray:
        self.gezien.append(waarneming)
        return np.zeros(waarneming.stad.n.size, dtype=bool)

    def choose_onderzoeken(
        self, waarneming: Waarneming, rng: np.random.Generator
    ) -> Onderzoekkeuze:
        niets = np.zeros(0, dtype=np.int64)
        return Onderzoekkeuze(niets, niets > 0, niets > 0, np.zeros(0))


def test_policy_sees_past_months_only() -> None:
    beleid = Toeschouwer()
    stad = build_stad(PARAMETERS, 1_000, 2)
    wereld = simulate_wereld(PARAMETERS, stad, 1, 2, beleid)
    aanloop = PARAMETERS.aanloop_maanden
    assert [w.maand for w in beleid.gezien] == list(range(-aanloop, 12))
    for waarneming in beleid.gezien:
        assert waarneming.meldingen.shape[0] == waarneming.maand + aanloop
        assert waarneming.bevestigd.shape[0] == waarneming.maand + aanloop
    assert not wereld.maatregel_actief.any()


def test_policy_changes_what_it_acts_on_and_not_the_stress_of_the_world() -> None:
    stad = build_stad(PARAMETERS, 1_000, 2)
    anders = simulate_wereld(PARAMETERS, stad, 2, 2, Toeschouwer())
    gewoon = simulate_wereld(PARAMETERS, stad, 2, 2, StatusQuo())
    assert np.array_equal(anders.s, gewoon.s)
    assert set(np.unique(anders.onderzoeken.reden)) <= {0}
    assert gewoon.maatregel_actief.any()


def test_confirmed_cases_are_removed_and_never_more_than_there_were() -> None:
    wereld = simulate(4, 6_000, 4)
    o = wereld.onderzoeken
    assert (wereld.fraude >= 0).all()
    assert (wereld.fraude <= wereld.stad.n).all()
    # The state kept is that before the month's inspections.
    per_maand = np.zeros_like(wereld.fraude)
    np.add.at(per_maand, (o.maand[o.is_bevestigd], o.complex[o.is_bevestigd]), 1)
    assert (per_maand <= wereld.fraude).all()


def test_complex_leaves_the_risk_set_for_nine_months_after_an_escalation(
    werelden: list[Geschiedenis],
) -> None:
    wereld = werelden[0]
    for maand, c in np.argwhere(wereld.escalatie[:-9])[:50]:
        assert (wereld.uitgesloten[maand + 1 : maand + 9, c] > 0).all()
        assert not wereld.escalatie[maand + 1 : maand + 9, c].any()


def test_nonlinear_variant_is_another_world() -> None:
    anders = replace(PARAMETERS, niet_lineair=True)
    stad = build_stad(anders, 3_000, 5)
    een = simulate_wereld(anders, stad, 2, 5)
    ander = simulate_wereld(PARAMETERS, stad, 2, 5)
    assert not np.array_equal(een.hazard, ander.hazard)
    assert np.array_equal(een.s, ander.s)
