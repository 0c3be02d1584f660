"""Budget of initiatives per buurt beside the label: for each reader what is theirs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from serving.initiatief.optelling import sum_buurten
from serving.initiatief.regels import STATUSSEN, Gegevens, Initiatief
from serving.initiatief.register import BESTAND, Initiatiefregister, url_of_file
from serving.release.winkel import Uitgave
from tests.unit.serving.initiatief.test_initiatief import NU
from tests.unit.serving.pagina.lezer import read_page
from tests.unit.serving.voorbeeld_release import publish_example
from tests.unit.serving.wie import make_app


def make(
    buurt_id: str, bedrag: str | None, status: str = "toegekend", nummer: int = 1
) -> Initiatief:
    gegevens = Gegevens(
        naam=f"Plan {nummer}",
        thema_code="groen",
        niveau="buurt",
        beheerobject_id=buurt_id,
        buurt_id=buurt_id,
        bedrag_eur=None if bedrag is None else Decimal(bedrag),
        status_code=status,
        begindatum=date(2026, 10, 1),
    )
    return Initiatief(nummer, "register", str(nummer), gegevens, NU)


@pytest.fixture(scope="module")
def uitgave(tmp_path_factory: pytest.TempPathFactory) -> Uitgave:
    map_ = tmp_path_factory.mktemp("optelling")
    publish_example(map_)
    return Uitgave(map_ / (map_ / "CURRENT").read_text().strip())


def test_amounts_are_added_up_per_buurt_the_largest_task_first(uitgave: Uitgave) -> None:
    optelling = sum_buurten(
        [make("BU02", "100.50"), make("BU01", "750", nummer=2), make("BU01", None, nummer=3)],
        uitgave,
    )

    assert [(s.id, s.label, s.aantal, s.bedrag, s.zonder_bedrag) for s in optelling.sommen] == [
        ("BU01", 4, 2, Decimal(750), 1),
        ("BU02", 3, 1, Decimal("100.50"), 0),
    ]
    assert optelling.zonder == ()


def test_buurt_with_a_large_task_and_no_initiative_is_named(uitgave: Uitgave) -> None:
    optelling = sum_buurten([make("BU02", "1"), make("BU01", "9", "aangevraagd")], uitgave)

    assert [id_ for id_, _ in optelling.zonder] == ["BU01"]


def test_place_outside_every_buurt_is_in_no_sum(uitgave: Uitgave) -> None:
    zonder = make("BU01", "5")
    zonder = replace(zonder, gegevens=replace(zonder.gegevens, buurt_id=""))

    assert sum_buurten([zonder], uitgave).sommen == ()


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["BU01", "BU02", "BU03", "BU99"]),
            st.one_of(st.none(), st.integers(0, 10_000)),
            st.sampled_from(sorted(STATUSSEN)),
        ),
        max_size=20,
    )
)
def test_sum_is_what_was_granted_and_nothing_else(
    uitgave: Uitgave, rijen: list[tuple[str, int | None, str]]
) -> None:
    initiatieven = [
        make(buurt, None if bedrag is None else str(bedrag), status, nummer)
        for nummer, (buurt, bedrag, status) in enumerate(rijen, start=1)
    ]

    optelling = sum_buurten(initiatieven, uitgave)

    toegekend = [rij for rij in rijen if rij[2] in {"toegekend", "afgerond"}]
    assert optelling.bedrag == sum(bedrag or 0 for _, bedrag, _ in toegekend)
    assert sum(som.aantal for som in optelling.sommen) == len(toegekend)


@pytest.mark.parametrize("rol", ["lezer", "zorg_welzijn"])
def test_page_shows_the_sum_beside_the_label(tmp_path: Path, rol: str) -> None:
    publish_example(tmp_path / "releases")
    register = Initiatiefregister(url_of_file(tmp_path / BESTAND), nu=lambda: NU)
    for status, bedrag in (("toegekend", "750"), ("afgerond", "250"), ("aangevraagd", "9000")):
        register.add(make("BU01", bedrag, status).gegevens, "A. de Wit")

    klant = TestClient(make_app(tmp_path / "releases", rol, initiatieven=register))
    tekst = read_page(klant.get("/bewonersinitiatieven").text).tekst

    assert "Samen is € 1.000 toegekend" in tekst
    assert "2 initiatieven" in tekst
    assert "€ 10.000" not in tekst
