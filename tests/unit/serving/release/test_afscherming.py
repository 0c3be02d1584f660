"""What is served or exported does not give a small cell's value back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.release import schema
from serving.release.afscherming import find_bands, shield_indicatorwaarden, shield_labels
from serving.release.schrijver import write_release
from tests.unit.serving.voorbeeld_release import INHOUD, RUN, build_tables

PEILDATUM = date(2026, 10, 1)
THEMAS = ("FIN", "LFB", "OVL", "SHV", "SOC")


def make_cell(
    scores: Mapping[str, float], *, gebandeerd: bool = True, label: int | None = 3
) -> tuple[pa.Table, pa.Table]:
    """Labels and FIN's one indicator of one complex, with the power mean as its total."""
    bekend = {thema: score for thema, score in scores.items() if thema != "FIN" or label}
    kwadraten = sum(score**2 for score in bekend.values())
    sleutel = {
        "niveau": "complex",
        "beheerobject_id": "C1",
        "grondslag": "eigen",
        "peildatum": PEILDATUM,
    }
    rijen: list[dict[str, Any]] = [
        {
            **sleutel,
            "thema_code": thema,
            "score": bekend.get(thema),
            "sociaal_beheer_label": 3 if thema in bekend else None,
            "aandeel_van_totaal": (
                bekend[thema] ** 2 / kwadraten if thema in bekend and kwadraten else None
            ),
        }
        for thema in THEMAS
    ]
    totaal = (kwadraten / len(bekend)) ** 0.5
    rijen.append({**sleutel, "thema_code": "TOT", "score": totaal, "sociaal_beheer_label": 3})
    waarde = {
        **sleutel,
        "indicator_code": "fin",
        "thema_code": "FIN",
        "waarde": 0.1,
        "gestandaardiseerd": 1.0,
        "bijdrage": 1.0,
        "gewicht": 1.0,
        "is_gebandeerd": gebandeerd,
    }
    return (
        pa.Table.from_pylist(rijen, schema=schema.LABEL.kolommen),
        pa.Table.from_pylist([waarde], schema=schema.INDICATORWAARDE.kolommen),
    )


def shield(labels: pa.Table, indicatoren: pa.Table) -> dict[str, dict[str, Any]]:
    uit = shield_labels(labels, find_bands(labels, indicatoren))
    return {rij["thema_code"]: rij for rij in uit.to_pylist()}


def test_banded_theme_keeps_its_label_only_and_the_total_is_rounded_to_five() -> None:
    rij = shield(*make_cell({"FIN": 61.3, "LFB": 40.2, "OVL": 12.5, "SHV": 33.3, "SOC": 48.0}))

    assert (rij["FIN"]["score"], rij["FIN"]["aandeel_van_totaal"]) == (None, None)
    assert rij["FIN"]["sociaal_beheer_label"] == 3
    assert rij["TOT"]["score"] == 40.0
    assert rij["SHV"]["score"] == 33.3
    assert rij["SHV"]["aandeel_van_totaal"] == 0.1


def test_cell_without_a_banded_value_is_served_exactly() -> None:
    labels, indicatoren = make_cell(dict.fromkeys(THEMAS, 61.3), gebandeerd=False)

    assert shield_labels(labels, find_bands(labels, indicatoren)).equals(labels)
    assert shield_indicatorwaarden(indicatoren).equals(indicatoren)


def test_unknown_theme_hides_nothing_so_the_total_stays_exact() -> None:
    labels, indicatoren = make_cell(dict.fromkeys(THEMAS, 61.3), label=None)

    assert shield_labels(labels, find_bands(labels, indicatoren)).equals(labels)


def test_banded_row_loses_value_standardised_value_and_contribution() -> None:
    _, indicatoren = make_cell(dict.fromkeys(THEMAS, 61.3))

    [rij] = shield_indicatorwaarden(indicatoren).to_pylist()

    assert [rij[kolom] for kolom in ("waarde", "gestandaardiseerd", "bijdrage")] == [None] * 3
    assert rij["gewicht"] == 1.0


def test_total_near_zero_leaves_the_shares_out() -> None:
    rij = shield(*make_cell(dict.fromkeys(THEMAS, 1.0)))

    assert rij["TOT"]["score"] == 0.0
    assert rij["SHV"]["aandeel_van_totaal"] is None


scores = st.floats(0, 100).map(lambda score: round(score, 6))


@given(st.fixed_dictionaries(dict.fromkeys(THEMAS, scores)), scores)
def test_two_banded_scores_with_the_same_rounded_total_look_the_same(
    een: dict[str, float], anders: float
) -> None:
    ander = {**een, "FIN": anders}
    rij_een, rij_ander = shield(*make_cell(een)), shield(*make_cell(ander))
    if rij_een["TOT"]["score"] == rij_ander["TOT"]["score"]:
        assert rij_een == rij_ander


@given(st.fixed_dictionaries(dict.fromkeys(THEMAS, scores)))
def test_shielding_again_changes_nothing_so_a_next_run_publishes_the_same(
    een: dict[str, float],
) -> None:
    labels, indicatoren = make_cell(een)
    banden = find_bands(labels, indicatoren)
    eenmaal = shield_labels(labels, banden)

    assert shield_labels(eenmaal, find_bands(eenmaal, indicatoren)).equals(eenmaal)
    assert all(
        aandeel is None or 0 <= aandeel <= 1
        for aandeel in eenmaal["aandeel_van_totaal"].to_pylist()
    )


def change_banded(tabellen: dict[str, pa.Table], factor: float) -> dict[str, pa.Table]:
    """Give every banded indicator another value and theme FIN of its cell another score."""
    indicatoren = tabellen[schema.INDICATORWAARDE.naam].to_pylist()
    cellen = set()
    for rij in indicatoren:
        if rij["is_gebandeerd"]:
            cellen.add((rij["niveau"], rij["beheerobject_id"], rij["peildatum"]))
            for kolom in ("waarde", "gestandaardiseerd", "bijdrage"):
                rij[kolom] = None if rij[kolom] is None else rij[kolom] * factor
    labels = tabellen[schema.LABEL.naam].to_pylist()
    for rij in labels:
        if (rij["niveau"], rij["beheerobject_id"], rij["peildatum"]) in cellen and rij["score"]:
            if rij["thema_code"] == "FIN":
                rij["score"] *= factor
            if rij["thema_code"] == "TOT":
                rij["score"] += (factor - 1.0) / 10
    return {
        **tabellen,
        schema.INDICATORWAARDE.naam: pa.Table.from_pylist(
            indicatoren, schema=schema.INDICATORWAARDE.kolommen
        ),
        schema.LABEL.naam: pa.Table.from_pylist(labels, schema=schema.LABEL.kolommen),
    }


def test_releases_that_differ_in_banded_values_only_are_the_same_release(tmp_path: Path) -> None:
    tabellen = build_tables()
    anders = change_banded(tabellen, 1.01)
    assert anders[schema.LABEL.naam] != tabellen[schema.LABEL.naam]

    een = write_release(tabellen, INHOUD, RUN, tmp_path / "een")
    ander = write_release(anders, INHOUD, RUN, tmp_path / "ander")

    assert een.name == ander.name


@pytest.mark.parametrize("naam", [schema.LABEL.naam, schema.INDICATORWAARDE.naam])
def test_exports_of_a_release_can_be_published_again_as_they_are(tmp_path: Path, naam: str) -> None:
    tabellen = build_tables()
    eerste = write_release(tabellen, INHOUD, RUN, tmp_path / "een")
    stam = schema.TABELLEN[naam].export
    tabellen[naam] = pq.read_table(eerste / schema.MAP_EXPORTS / f"{stam}.parquet")

    assert write_release(tabellen, INHOUD, RUN, tmp_path / "twee").name == eerste.name
