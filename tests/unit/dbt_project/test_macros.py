"""The arithmetic that SQL does itself, against scipy, numpy and plain Python."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import polygamma
from scipy.stats import norm

from orchestration.dbt_step import build_args, warehouse_of

MACROS = {
    "phi": "phi('x')",
    "trigamma": "trigamma('x')",
    "rond12": "rond12('x')",
    "rond12_elders": "buurtpeil.default__rond12('x')",
    "vast12": "vast12('x')",
    "som12": "som12('x')",
    "logit": "empirische_logit('k', 'n')",
    "variantie": "variantie_logit('k', 'n')",
    "kwantielen": "gewogen_kwantielen('q', 'bron', ['groep'], 'waarde', 'gewicht', "
    "{'q1': 0.1, 'q3': 0.3, 'q5': 0.5, 'q7': 0.7, 'q9': 0.9})",
    "kwartaal_vanaf": "kwartaal_vanaf('d')",
    "reeks": "getallenreeks(400)",
    "kale_naam": "kale_naam('naam')",
}
_GRENS = "-- einde van een macro --"


@pytest.fixture(scope="session")
def sql(warehouse: Any) -> dict[str, str]:
    """The macros as dbt compiles them for DuckDB, by name."""
    from dbt.cli.main import dbtRunner

    inline = _GRENS.join("{{ " + aanroep + " }}" for aanroep in MACROS.values())
    with warehouse_of(warehouse.pad):
        uitkomst = dbtRunner().invoke(build_args(["compile", "--inline", inline], warehouse.doel))
    assert uitkomst.success, uitkomst.exception
    delen = uitkomst.result.results[0].node.compiled_code.split(_GRENS)
    return dict(zip(MACROS, delen, strict=True))


@pytest.fixture(scope="session")
def engine() -> duckdb.DuckDBPyConnection:
    """One engine for all: a connection costs more than most of these sums."""
    return duckdb.connect()


Reken = Callable[[str, np.ndarray], np.ndarray]


@pytest.fixture(scope="session")
def reken(engine: duckdb.DuckDBPyConnection, sql: dict[str, str]) -> Reken:
    """A function that computes a macro of ``x`` over an array, in order."""

    def compute(naam: str, x: np.ndarray) -> np.ndarray:
        engine.execute("create or replace table t (i integer, x double)")
        rijen = ", ".join(f"({i}, {float(waarde)!r})" for i, waarde in enumerate(x))
        engine.execute(f"insert into t values {rijen}")
        rijen = engine.execute(f"select {sql[naam]} from t order by i").fetchall()
        return np.array([rij[0] for rij in rijen], dtype=float)

    return compute


def test_phi_is_within_1e_7_of_the_normal_distribution(reken: Reken) -> None:
    x = np.linspace(-9, 9, 3001)
    assert np.abs(reken("phi", x) - norm.cdf(x)).max() <= 1e-7


def test_phi_never_falls_and_stays_between_0_and_1(reken: Reken) -> None:
    y = reken("phi", np.linspace(-40, 40, 4001))
    assert (np.diff(y) >= 0).all()
    assert y.min() >= 0
    assert y.max() <= 1


def test_trigamma_is_close_also_for_a_complex_without_events(reken: Reken) -> None:
    # a = y / phi + 1 / A, so no event and A = 10 make 0.1
    a = np.geomspace(0.1, 1e4, 200)
    assert np.abs(reken("trigamma", a) / polygamma(1, a) - 1).max() < 0.002


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e25, max_value=1e25))
def test_rond12_keeps_twelve_digits(reken: Reken, x: float) -> None:
    (y,) = reken("rond12", np.array([x]))
    if abs(x) < 1e-30:
        assert y == 0
    else:
        assert y == pytest.approx(x, rel=1e-11)
        assert y == pytest.approx(float(f"{x:.11e}"), rel=2e-12)
        # Rounding what is rounded changes nothing: a published number can be read back. A number
        # on the very edge of what counts as nothing may have been rounded over it.
        assert abs(y) < 1e-30 or reken("rond12", np.array([y]))[0] == y


def test_rond12_of_other_engines_is_the_same_number(reken: Reken) -> None:
    x = np.concatenate([np.geomspace(1e-20, 1e12, 400), -np.geomspace(1e-20, 1e12, 400)])
    assert reken("rond12_elders", x) == pytest.approx(reken("rond12", x), rel=2e-12)


def test_rond12_leaves_empty_empty(engine: duckdb.DuckDBPyConnection, sql: dict[str, str]) -> None:
    (uitkomst,) = engine.execute(
        f"select {sql['rond12']} from (select cast(null as double) as x)"
    ).fetchone() or (1,)
    assert uitkomst is None


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.lists(st.floats(min_value=-1e6, max_value=1e6), min_size=2, max_size=40),
    st.randoms(use_true_random=False),
)
def test_sum_is_the_same_in_any_order(
    engine: duckdb.DuckDBPyConnection, sql: dict[str, str], xs: list[float], toeval: Any
) -> None:
    def add(waarden: list[float]) -> float:
        rijen = ", ".join(f"({waarde!r}::double)" for waarde in waarden)
        (som,) = engine.execute(
            f"select {sql['som12']} from (values {rijen}) as t (x)"
        ).fetchone() or (math.nan,)
        return float(som)

    geschud = toeval.sample(xs, len(xs))
    assert add(xs) == add(geschud)
    assert add(xs) == pytest.approx(math.fsum(xs), abs=1e-9 * len(xs) + 1e-9)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_logit_of_a_share_and_its_variance(
    engine: duckdb.DuckDBPyConnection, sql: dict[str, str], kn: tuple[int, int]
) -> None:
    k, n = kn
    bron = "(select ?::double as k, ?::double as n)"
    vraag = f"select {sql['logit']}, {sql['variantie']} from {bron}"
    rij = engine.execute(vraag, [k, n]).fetchone()
    assert rij is not None
    assert rij[0] == pytest.approx(math.log((k + 0.5) / (n - k + 0.5)), abs=1e-12)
    assert rij[1] == pytest.approx((n + 1) * (n + 2) / (n * (k + 1) * (n - k + 1)), rel=1e-12)


def _quantile(rijen: list[tuple[float, int]], deel: Fraction) -> float | None:
    """Return the smallest value at which the summed weight reaches the share."""
    positief = sorted((waarde, gewicht) for waarde, gewicht in rijen if gewicht > 0)
    totaal = sum(gewicht for _, gewicht in positief)
    som = 0
    for waarde, gewicht in positief:
        som += gewicht
        if som >= deel * totaal:
            return waarde
    return None


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(st.integers(-20, 20).map(lambda i: i / 4), st.integers(0, 60)),
        min_size=1,
        max_size=40,
    )
)
def test_weighted_quantiles_are_those_of_plain_python(
    engine: duckdb.DuckDBPyConnection, sql: dict[str, str], rijen: list[tuple[float, int]]
) -> None:
    waarden = ", ".join(f"('g', {waarde}::double, {gewicht}::bigint)" for waarde, gewicht in rijen)
    gevonden = engine.execute(
        f"with bron as (select * from (values {waarden}) as t (groep, waarde, gewicht)), "
        f"{sql['kwantielen']} select q1, q3, q5, q7, q9 from q"
    ).fetchall()
    delen = [Fraction(deel, 10) for deel in (1, 3, 5, 7, 9)]
    verwacht = tuple(_quantile(rijen, deel) for deel in delen)
    assert gevonden == ([] if verwacht[0] is None else [verwacht])


def test_first_quarter_on_or_after_a_day(
    engine: duckdb.DuckDBPyConnection, sql: dict[str, str]
) -> None:
    vraag = f"select {sql['kwartaal_vanaf']} from (select ?::date as d)"
    for dag, kwartaal in (
        ("2023-12-31", "2024-01-01"),
        ("2024-01-01", "2024-01-01"),
        ("2024-01-02", "2024-04-01"),
        ("2024-03-31", "2024-04-01"),
    ):
        assert str(engine.execute(vraag, [dag]).fetchall()[0][0]) == kwartaal


def test_series_has_every_number_once(
    engine: duckdb.DuckDBPyConnection, sql: dict[str, str]
) -> None:
    getallen = engine.execute(f"select nummer from ({sql['reeks']})").fetchall()
    assert sorted(rij[0] for rij in getallen) == list(range(400))


def test_bare_name_has_no_case_spaces_or_signs(
    engine: duckdb.DuckDBPyConnection, sql: dict[str, str]
) -> None:
    vraag = f"select {sql['kale_naam']} from (select ? as naam)"
    assert engine.execute(vraag, ["'s-Gravenland Oost."]).fetchall() == [("sgravenlandoost",)]
