"""What a card, a history and a list row say, and that what is unknown is never a zero."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from serving.release import schema
from serving.release.schrijver import write_release
from serving.release.weergave import split_straatnamen
from serving.release.winkel import Uitgave, open_release
from tests.unit.serving.voorbeeld_release import INHOUD, KWARTALEN, RUN, build_tables


@pytest.fixture
def uitgave(release: Path) -> Iterator[Uitgave]:
    with open_release(release) as geopend:
        yield geopend


def read(uitgave: Uitgave, niveau: str, beheerobject_id: str) -> dict[str, Any]:
    inhoud = uitgave.answer(niveau, beheerobject_id)
    assert inhoud is not None
    antwoord: dict[str, Any] = json.loads(inhoud)
    return antwoord


def read_label(uitgave: Uitgave, niveau: str, beheerobject_id: str) -> dict[str, Any]:
    label: dict[str, Any] = read(uitgave, niveau, beheerobject_id)["sociaalBeheerLabel"]
    return label


def read_changed(
    releases_map: Path, naam: str, change: Callable[[dict[str, Any]], dict[str, Any] | None]
) -> Uitgave:
    """Write the example with every row of one table passed through ``change``, and open it."""
    tabellen = build_tables()
    rijen = [uit for rij in tabellen[naam].to_pylist() if (uit := change(rij)) is not None]
    tabellen[naam] = pa.Table.from_pylist(rijen, schema=schema.TABELLEN[naam].kolommen)
    return Uitgave(write_release(tabellen, INHOUD, RUN, releases_map))


def test_card_of_a_complex_says_where_it_is_and_what_its_label_rests_on(uitgave: Uitgave) -> None:
    kaart = read(uitgave, "complex", "C001")
    label = kaart["sociaalBeheerLabel"]

    assert (kaart["naam"], kaart["code"], kaart["aantalVerhuureenheden"]) == (
        "Eikenhof",
        "10-001",
        84,
    )
    assert kaart["straatnamen"] == ["Eikenlaan", "Beukweg"]
    assert (kaart["buurt"]["naam"], kaart["wijk"]["id"]) == ("Boomkwartier", "WK01")
    assert (label["waarde"], label["score"], label["grondslag"]) == (5, 95.5, "eigen")
    assert (label["peildatum"], label["begindatum"]) == ("2026-10-01", "2026-07-01")
    assert label["bron"]["code"] == "SBL-1"
    assert [thema["code"] for thema in label["themas"]] == ["SHV", "OVL", "FIN", "SOC", "LFB"]
    assert kaart["release"]["isSynthetisch"] is True
    assert kaart["sociaalBeheerLabelAndereGrondslag"] is None


def test_previous_label_is_the_one_of_the_peildatum_before(
    release: Path, releases_map: Path
) -> None:
    def raise_last(rij: dict[str, Any]) -> dict[str, Any]:
        if rij["beheerobject_id"] == "C003" and rij["peildatum"] == KWARTALEN[-1]:
            rij["sociaal_beheer_label"] = 5
        return rij

    label = read_label(read_changed(releases_map, schema.LABEL.naam, raise_last), "complex", "C003")

    assert (label["waarde"], label["vorigeWaarde"], label["begindatum"]) == (5, 3, "2026-10-01")


def test_unknown_label_is_null_with_a_reason_and_never_zero(uitgave: Uitgave) -> None:
    label = read_label(uitgave, "complex", "C006")

    assert (label["waarde"], label["score"], label["vorigeWaarde"]) == (None, None, None)
    assert label["redenOnbekend"] == "te weinig gegevens"
    assert {(t["waarde"], t["score"], t["aandeelVanTotaal"]) for t in label["themas"]} == {
        (None, None, None)
    }
    assert label["redenen"] == {"omhoog": [], "omlaag": []}
    waarden = uitgave.explanation("complex", "C006")
    assert waarden is not None
    assert {waarde["waarde"] for waarde in waarden} == {None}


def test_object_without_any_row_at_the_last_peildatum_is_unknown(releases_map: Path) -> None:
    uitgave = read_changed(
        releases_map,
        schema.LABEL.naam,
        lambda rij: None if rij["beheerobject_id"] == "C001" else rij,
    )
    label = read_label(uitgave, "complex", "C001")

    assert label["waarde"] is None
    assert label["redenOnbekend"] == "geen gegevens op de peildatum"
    assert label.keys() == read_label(uitgave, "complex", "C002").keys()
    assert uitgave.history("complex", "C001") == []


def test_object_that_stopped_before_the_last_peildatum_does_not_show_an_old_label(
    releases_map: Path,
) -> None:
    def stop(rij: dict[str, Any]) -> dict[str, Any] | None:
        weg = rij["beheerobject_id"] == "C001" and rij["peildatum"] == KWARTALEN[-1]
        return None if weg else rij

    uitgave = read_changed(releases_map, schema.LABEL.naam, stop)
    historie = uitgave.history("complex", "C001")

    assert read_label(uitgave, "complex", "C001")["waarde"] is None
    assert historie is not None
    assert historie[-1]["peildatum"] == "2026-07-01"


def test_buurt_shows_the_published_ground_and_the_other_beside_it(uitgave: Uitgave) -> None:
    openbaar = read(uitgave, "buurt", "BU03")
    eigen = read(uitgave, "buurt", "BU01")

    assert openbaar["sociaalBeheerLabel"]["grondslag"] == "openbaar"
    assert openbaar["sociaalBeheerLabel"]["peildatum"] == "2025-12-31"
    assert openbaar["sociaalBeheerLabelAndereGrondslag"]["grondslag"] == "eigen"
    assert eigen["sociaalBeheerLabel"]["grondslag"] == "eigen"
    assert openbaar["isGebiedGedeeld"] is True


def test_reasons_never_mix_grounds(uitgave: Uitgave) -> None:
    for buurt_id in ("BU01", "BU02", "BU03"):
        kaart = read(uitgave, "buurt", buurt_id)
        for label in (kaart["sociaalBeheerLabel"], kaart["sociaalBeheerLabelAndereGrondslag"]):
            redenen = [*label["redenen"]["omhoog"], *label["redenen"]["omlaag"]]
            assert redenen
            assert {reden["grondslag"] for reden in redenen} == {label["grondslag"]}


def test_reasons_are_the_three_largest_contributions_each_way_largest_first(
    uitgave: Uitgave,
) -> None:
    redenen = read_label(uitgave, "complex", "C001")["redenen"]
    omhoog = [reden["bijdrage"] for reden in redenen["omhoog"]]
    omlaag = [reden["bijdrage"] for reden in redenen["omlaag"]]
    waarden = uitgave.explanation("complex", "C001")
    assert waarden is not None
    alle = sorted(waarde["bijdrage"] for waarde in waarden if waarde["bijdrage"] is not None)

    assert omhoog == [bijdrage for bijdrage in alle[::-1] if bijdrage > 0][:3]
    assert omlaag == [bijdrage for bijdrage in alle if bijdrage < 0][:3]


def test_banded_indicator_is_no_reason_and_has_no_direction(uitgave: Uitgave) -> None:
    label = read_label(uitgave, "complex", "C002")
    waarden = uitgave.explanation("complex", "C002")
    assert waarden is not None
    [fin] = [waarde for waarde in waarden if waarde["indicator"]["themaCode"] == "FIN"]

    assert fin["isAfgerond"] is True
    assert (fin["waarde"], fin["bijdrage"], fin["richting"]) == (None, None, None)
    assert all(
        reden["indicator"]["themaCode"] != "FIN"
        for reden in (*label["redenen"]["omhoog"], *label["redenen"]["omlaag"])
    )
    assert label["isScoreAfgerond"] is True
    assert label["score"] == 80


def test_sources_without_coverage_and_old_measurements_are_named(releases_map: Path) -> None:
    def age(rij: dict[str, Any]) -> dict[str, Any]:
        if rij["indicator_code"] == "soc_mutatie":
            rij |= {"dekking_code": "verouderd", "leeftijd_kwartalen": 3}
        return rij

    uitgave = read_changed(releases_map, schema.INDICATORWAARDE.naam, age)
    dekking = read_label(uitgave, "complex", "C001")["dekking"]

    assert [i["code"] for i in dekking["zonderDekking"]] == ["lfb_veilig"]
    assert [i["code"] for i in dekking["verouderd"]] == ["soc_mutatie"]
    assert dekking["aandeelGewicht"] == 0.875


def test_history_holds_every_peildatum_per_ground_oldest_first(uitgave: Uitgave) -> None:
    historie = uitgave.history("buurt", "BU03")
    assert historie is not None

    per_grond = {
        grond: [h["peildatum"] for h in historie if h["grondslag"] == grond]
        for grond in ("eigen", "openbaar")
    }

    assert per_grond["eigen"] == [dag.isoformat() for dag in KWARTALEN]
    assert per_grond["openbaar"] == ["2024-12-31", "2025-12-31"]
    assert [h["isReferentieperiode"] for h in historie[:8]] == [True] * 4 + [False] * 4
    assert [h["isAchterafBerekend"] for h in historie[:8]] == [True] * 7 + [False]


def test_label_without_a_row_for_the_total_is_unknown_but_keeps_its_themes(
    releases_map: Path,
) -> None:
    uitgave = read_changed(
        releases_map, schema.LABEL.naam, lambda rij: None if rij["thema_code"] == "TOT" else rij
    )
    label = read_label(uitgave, "complex", "C001")

    assert (label["waarde"], label["score"], label["betrouwbaarheid"]) == (None, None, None)
    assert [thema["waarde"] for thema in label["themas"]] == [5] * 5


def test_context_of_a_buurt_stands_beside_the_label_and_not_in_it(uitgave: Uitgave) -> None:
    kaart = read(uitgave, "buurt", "BU02")

    assert kaart["context"] == [
        {
            "kenmerk": "Advertenties voor vakantieverhuur",
            "waarde": 41.0,
            "jaar": 2025,
            "bron": "airbnb",
        }
    ]
    assert read(uitgave, "buurt", "BU01")["context"] == []
    assert "airbnb" not in json.dumps(kaart["sociaalBeheerLabel"])


def test_object_without_a_name_is_called_by_its_code_and_then_by_its_id(
    releases_map: Path,
) -> None:
    def forget(rij: dict[str, Any]) -> dict[str, Any]:
        if rij["beheerobject_id"] == "C001":
            rij["naam"] = None
        if rij["beheerobject_id"] == "C002":
            rij |= {"naam": None, "code": None, "buurt_id": None, "straatnamen": None}
        return rij

    uitgave = read_changed(releases_map, schema.BEHEEROBJECT.naam, forget)

    assert read(uitgave, "complex", "C001")["naam"] == "10-001"
    kaart = read(uitgave, "complex", "C002")
    assert (kaart["naam"], kaart["buurt"], kaart["straatnamen"]) == ("C002", None, [])


def test_texts_with_quotes_and_signs_stay_whole(releases_map: Path) -> None:
    naam = 'Het "Hof" \\ <b>&\u2028é</b>'

    def rename(rij: dict[str, Any]) -> dict[str, Any]:
        if rij["beheerobject_id"] == "C001":
            rij["naam"] = naam
        return rij

    uitgave = read_changed(releases_map, schema.BEHEEROBJECT.naam, rename)

    assert read(uitgave, "complex", "C001")["naam"] == naam


def test_list_row_is_the_card_in_short(uitgave: Uitgave) -> None:
    for niveau, beheerobject_id, body in uitgave.query(
        "select niveau, beheerobject_id, body from lijst"
    ):
        regel, kaart = json.loads(body), read(uitgave, niveau, beheerobject_id)
        for veld in ("waarde", "score", "grondslag", "peildatum"):
            assert regel["sociaalBeheerLabel"][veld] == kaart["sociaalBeheerLabel"][veld]
        assert [t["waarde"] for t in regel["sociaalBeheerLabel"]["themas"]] == [
            t["waarde"] for t in kaart["sociaalBeheerLabel"]["themas"]
        ]
        assert regel["naam"] == kaart["naam"]


def test_history_ends_with_the_label_of_the_card(uitgave: Uitgave) -> None:
    for beheerobject_id in ("C001", "C002", "C006"):
        historie = uitgave.history("complex", beheerobject_id)
        assert historie is not None
        label = read_label(uitgave, "complex", beheerobject_id)
        for veld in ("peildatum", "waarde", "score", "isScoreAfgerond", "redenOnbekend", "bron"):
            assert historie[-1][veld] == label[veld]


def test_street_names_are_split_and_empty_ones_left_out() -> None:
    assert split_straatnamen("Kade,  Zonstraat ,,") == ["Kade", "Zonstraat"]
    assert split_straatnamen(None) == []


def test_peildatum_of_a_release_is_its_youngest_or_the_one_that_is_given(
    tabellen: dict[str, pa.Table], releases_map: Path
) -> None:
    inhoud = {**INHOUD, "peildatum": date(2026, 7, 1).isoformat()}

    assert Uitgave(write_release(tabellen, inhoud, RUN, releases_map)).peildatum == "2026-07-01"


def test_signal_stands_with_its_complex_in_the_month_of_the_klok_alone(
    uitgave: Uitgave,
) -> None:
    op, voorbij = (read(uitgave, "complex", id_) for id_ in ("C001", "C002"))
    assert [s["themaCode"] for s in op["themasignalen"]] == ["SHV", "OVL"]
    assert op["themasignalen"][1] == {
        "themaCode": "OVL",
        "peildatum": "2026-11-01",
        "aantalRecent": 9,
        "aantalEerder": 10,
        "maandenRecent": 6,
        "maandenEerder": 24,
        "kans": 0.988,
    }
    assert voorbij["themasignalen"] == []
