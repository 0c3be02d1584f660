"""Nobody works out a small count from what a release shows, and the attacker is worth its name.

Each planted breach switches one step of the shielding off, with figures from the warehouse; then
the attacker does find counts.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from orchestration.warehouse import open_warehouse
from tests.acceptance.aanvaller import (
    BAND,
    Cel,
    Kennis,
    attack,
    attack_afgeleid,
    attack_antwoorden,
    attack_direct,
    attack_kwartalen,
    attack_sommen,
    read_kennis,
)

ALLE_DAGEN = 100


def _release(bedrijf: Any) -> Path:
    map_: Path = bedrijf.data / "releases" / bedrijf.huidig
    return map_


class Echt(NamedTuple):
    """A cell as the warehouse knows it."""

    waarde: float
    u: float | None
    teller: int
    noemer: int


@pytest.fixture(scope="module")
def echt(gepubliceerd: Any) -> dict[Cel, Echt]:
    """Every cell that has a border, from the warehouse."""
    with open_warehouse(gepubliceerd.data / "warehouse.duckdb") as warehouse:
        rijen = warehouse.execute(
            """
            with cel as (
                select niveau, object_id, indicator_code, peildatum::varchar as dag, waarde, u,
                    teller, noemer, case when soort_meting = 'telling' then 4.0 else 1.0 end as maal
                from intermediate.int_label__gestandaardiseerd
                inner join intermediate.int_methode__indicator using (grondslag, indicator_code)
                where grondslag = 'eigen' and toon_minimum > 0
            )
            select niveau, object_id, indicator_code, dag, waarde, u, teller, noemer from cel
            union all
            select 'portefeuille', 'alle', indicator_code, dag,
                max(maal) * sum(teller) / sum(noemer), null, sum(teller), sum(noemer)
            from cel where niveau = 'complex' group by indicator_code, dag
            """
        ).fetchall()
    return {Cel(*rij[:4]): Echt(float(rij[4]), rij[5], int(rij[6]), int(rij[7])) for rij in rijen}


@pytest.fixture(scope="module")
def kennis(gepubliceerd: Any, echt: dict[Cel, Echt]) -> Kennis:
    """All that the release shows, to somebody who knows how many contracts there are."""
    return _add_noemers(read_kennis(_release(gepubliceerd)), echt)


def _add_noemers(kennis: Kennis, echt: dict[Cel, Echt]) -> Kennis:
    return replace(kennis, noemers={cel: deel.noemer for cel, deel in echt.items()})


def _last_days(kennis: Kennis, aantal: int) -> list[str]:
    return sorted({cel.peildatum for cel in kennis.aanwezig})[-aantal:]


def test_attacker_reads_what_is_shown_and_what_is_banded(
    kennis: Kennis, echt: dict[Cel, Echt]
) -> None:
    """Otherwise it would find nothing for want of anything to go by."""
    for soort in ("telling", "aandeel"):
        cellen = [c for c in kennis.waarde if kennis.soort[c.indicator] == soort and c in echt]
        assert len(cellen) > 20, soort
        for cel in cellen:
            onder, boven = kennis.bounds(cel) or (1, 0)
            assert onder <= echt[cel].teller <= boven, cel
    assert sum(cel.niveau == "complex" for cel in kennis.dicht) > 100


def test_attacker_works_out_no_small_count_of_a_release(gepubliceerd: Any, kennis: Kennis) -> None:
    assert attack(kennis) == []
    # without knowing how many contracts there are, too
    buiten = read_kennis(_release(gepubliceerd))
    assert attack_direct(buiten) + attack_sommen(buiten, _last_days(buiten, 2)) == []


@pytest.mark.nacht
def test_attacker_works_out_no_small_count_of_two_releases_after_each_other(
    gepubliceerd: Any, echt: dict[Cel, Echt], tmp_path: Path
) -> None:
    bedrijf = gepubliceerd.start(tmp_path)
    deliver_januari = bedrijf.hold_back("2026-01-01", tmp_path / "apart")
    bedrijf.run()
    eerste = _release(bedrijf)
    deliver_januari()
    bedrijf.run()
    assert _release(bedrijf) != eerste

    kennis = _add_noemers(read_kennis(eerste, _release(bedrijf)), echt)
    assert attack(kennis, peildata=2) == []


def test_without_suppression_of_sums_the_attacker_subtracts_levels(
    kennis: Kennis, echt: dict[Cel, Echt]
) -> None:
    """Every buurt, wijk and the portfolio, as if only small complexes were hidden."""
    open_ = {cel: deel.waarde for cel, deel in echt.items() if cel.niveau != "complex"}

    gevonden = attack_sommen(kennis.show(open_), _last_days(kennis, 4))

    assert gevonden
    assert all(
        v.onder <= echt[v.cel].teller <= v.boven
        for v in gevonden
        if kennis.soort[v.cel.indicator] != "gemiddelde"
    )


def test_with_derived_figures_the_attacker_solves_buurten(
    kennis: Kennis, echt: dict[Cel, Echt]
) -> None:
    """The standardised value of every area and complex whose own count is not small."""
    groot = {
        cel: deel
        for cel, deel in echt.items()
        if kennis.soort[cel.indicator] == "telling" and deel.teller > BAND and deel.u is not None
    }
    meer = kennis.show(
        {cel: deel.waarde for cel, deel in groot.items()},
        {cel: deel.u for cel, deel in groot.items() if deel.u is not None},
    )

    gevonden = attack_afgeleid(meer, _last_days(kennis, ALLE_DAGEN))

    assert gevonden
    assert all(v.onder <= echt[v.cel].teller <= v.boven for v in gevonden)


def test_with_exact_counts_every_quarter_the_attacker_takes_windows_apart(
    kennis: Kennis, echt: dict[Cel, Echt]
) -> None:
    groot = {
        cel: deel.waarde
        for cel, deel in echt.items()
        if cel.niveau == "complex"
        and kennis.soort[cel.indicator] == "telling"
        and deel.teller > BAND
    }

    gevonden = attack_kwartalen(kennis.show(groot))

    assert gevonden
    hele = [v for v in gevonden if v.cel in echt]
    assert all(v.onder <= echt[v.cel].teller <= v.boven for v in hele)


def test_value_that_another_file_or_release_shows_is_simply_read(
    kennis: Kennis, echt: dict[Cel, Echt]
) -> None:
    cel = next(
        c
        for c in sorted(kennis.dicht - set(kennis.waarde))
        if c.niveau == "complex" and kennis.soort[c.indicator] == "aandeel" and echt[c].teller > 0
    )

    [vondst] = attack_direct(kennis.leak({cel: echt[cel].waarde}))

    assert vondst.cel == cel


# --- small worlds made by hand


def _make(waarden: dict[Cel, float], soort: str, **velden: Any) -> Kennis:
    return Kennis(
        waarde=waarden,
        u={},
        dicht=frozenset(),
        aanwezig=frozenset(waarden),
        stratum={},
        woningen={(cel.niveau, cel.object, cel.peildatum): 40 for cel in waarden},
        plaats={},
        soort={cel.indicator: soort for cel in waarden},
        **velden,
    )


@pytest.mark.parametrize(("later", "gevonden"), [(2, 1), (8, 0)])
def test_quarter_of_coverage_more_gives_the_count_of_that_quarter(
    later: int, gevonden: int
) -> None:
    """Three covered quarters, then four: the difference is a quarter, small or not."""
    eerst = Cel("complex", "C", "SOC_MUTATIE", "2024-01-01")
    erna = eerst._replace(peildatum="2024-04-01")
    kennis = _make(
        {eerst: 10 / 30, erna: (10 + later) / 40}, "telling", kwartalen={eerst: 3, erna: 4}
    )

    vondsten = [v for v in attack_kwartalen(kennis) if v.cel.peildatum == "kwartaal 4"]

    assert len(vondsten) == gevonden


@pytest.mark.parametrize(("antwoorden", "gevonden"), [(29, 1), (20, 0)])
def test_mean_of_the_same_answers_less_one_gives_that_answer(
    antwoorden: int, gevonden: int
) -> None:
    eerst = Cel("complex", "C", "SOC_THUIS", "2024-01-01")
    erna = eerst._replace(peildatum="2024-04-01")
    som = 211 - 7 * (30 - antwoorden)

    vondsten = attack_antwoorden(_make({eerst: 211 / 30, erna: som / antwoorden}, "gemiddelde"))

    assert len(vondsten) == gevonden
