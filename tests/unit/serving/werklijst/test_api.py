"""Worklists over the API: one order, the same facts, and nothing of a score before an own view."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving.besluit.opslag import BesluitenFout
from serving.leeslog.keten import LeeslogFout
from serving.leeslog.regel import Lezing
from serving.werklijst.dienst import Werklijstdienst
from tests.unit.serving.werklijst.voorbeeld import (
    ANDERS,
    REDEN,
    REGELS,
    VERSIE,
    Huis,
    add_december,
    make_lijst,
)
from tests.unit.serving.wie import Onthoudt

LIJST = "/v1/werklijsten/overlast"
GEHEIM = (REDEN, VERSIE, "0.41237", "0.20618", "gekozen op", "door loting", "aselect", "selectie")
"""What tells why a complex is on the list."""


def read(client: TestClient, pad: str = LIJST) -> dict[str, Any]:
    antwoord = client.get(pad)
    assert antwoord.status_code == 200, antwoord.text
    inhoud: dict[str, Any] = antwoord.json()
    return inhoud


def test_everybody_sees_one_order_and_every_row_has_the_same_facts(huis: Huis) -> None:
    anna, bert = (read(huis.open("wijkbeheer", naam=naam)) for naam in ("Anna", "Bert"))
    assert anna == bert
    assert [r["complex"]["id"] for r in anna["regels"]] == ["C002", "C004", "C001"]
    assert len({tuple(r["feiten"]) for r in anna["regels"]}) == 1
    eerste = anna["regels"][-1]
    assert eerste["complex"]["naam"] == "Eikenhof"
    assert eerste["feiten"]["aantalMeldingen"] == 7
    assert eerste["feiten"]["labels"][0] == {"peildatum": "2026-10-01", "waarde": 5, "overlast": 5}
    assert [m["soort"]["naam"] for m in eerste["feiten"]["loopt"]] == [
        "Toezicht",
        "Schoonmaakactie",
    ]
    assert (eerste["oordeel"], eerste["waarom"]) == (None, None)


def test_facts_of_woonfraude_hold_no_report_label_or_maatregel_against_overlast(
    huis: Huis,
) -> None:
    antwoord = huis.open("woonfraude").get("/v1/werklijsten/woonfraude")
    eerste = antwoord.json()["regels"][0]
    assert set(eerste["feiten"]) == {
        "maandenBekend", "aantalWeigeringen", "aantalAdvertenties", "aantalOnderzoeken", "loopt",
    }  # fmt: skip
    assert eerste["feiten"]["loopt"] == []
    for woord in ("melding", "label", "schouw", "Toezicht", "buurt", "Boomkwartier"):
        assert woord not in antwoord.text


def test_nothing_of_lane_score_or_reasons_is_in_an_answer_before_an_own_view(huis: Huis) -> None:
    client = huis.open("wijkbeheer")
    client.post(f"{LIJST}/beoordelingen", json={"nummer": huis.find_nummer("C004"),
                                                "oordeelCode": "twijfel"})  # fmt: skip
    antwoord = client.get(LIJST)
    (gezien,) = [r for r in antwoord.json()["regels"] if r["waarom"]]
    rest = json.dumps([r for r in antwoord.json()["regels"] if not r["waarom"]])
    assert gezien["complex"]["id"] == "C004"
    assert gezien["waarom"]["score"]["redenen"] == [f"{REDEN} (C004)"]
    assert not [woord for woord in GEHEIM if woord in rest]
    assert "C003" not in antwoord.text, "withheld"


def test_answers_do_not_depend_on_lane_or_score_for_who_gave_no_view(tmp_path: Path) -> None:
    antwoorden = []
    for naam, regels in (("een", REGELS), ("ander", ANDERS)):
        huis = Huis(tmp_path / naam)
        huis.werklijsten.add_werklijst(make_lijst(regels))
        client = huis.open("wijkbeheer")
        nummers = [o.nummer for o in huis.werklijsten.list_open("overlast")]
        antwoorden.append(
            [client.get(pad).content for pad in (
                LIJST, "/v1/complexen/C001/risicoscores", "/v1/complexen/C002/risicoscores",
            )]
            + [client.post(f"{LIJST}/besluiten", json={"nummer": n, "redenCode": r}).content
               for n in nummers for r in ("steekproef", "lokale_kennis")]
            + [client.post(f"{LIJST}/uitkomsten", json={"nummer": n, "uitkomstCode": "escalatie",
                                                        "adresnummer": a}).content
               for n in nummers for a in (1, 2)]
        )  # fmt: skip
    assert antwoorden[0] == antwoorden[1]


def test_complex_that_comes_on_a_second_list_answers_as_one_that_does_not(tmp_path: Path) -> None:
    antwoorden = []
    for komt_terug in (True, False):
        huis = Huis(tmp_path / str(komt_terug))
        huis.werklijsten.add_werklijst(make_lijst())
        add_december(huis, komt_terug=komt_terug)
        client = huis.open("wijkbeheer")
        # Numbers that are nobody's too, among them those of the rows of the second list.
        antwoorden.append(
            [client.get(LIJST).content]
            + [client.post(f"{LIJST}/besluiten", json={"nummer": n, "redenCode": "steekproef"})
               .content for n in range(1, 12)]
        )  # fmt: skip
    assert antwoorden[0] == antwoorden[1]


def test_withheld_row_answers_as_one_that_does_not_exist(huis: Huis) -> None:
    (onthouden,) = [
        rij.id for rij in huis.werklijsten.list_rijen("overlast") if rij.regel.is_onthouden
    ]
    client = huis.open("wijkbeheer")
    for pad, rest in (
        ("beoordelingen", {"oordeelCode": "twijfel"}),
        ("besluiten", {"redenCode": "lokale_kennis"}),
        ("uitkomsten", {"uitkomstCode": "escalatie"}),
    ):
        echt, verzonnen = (
            client.post(f"{LIJST}/{pad}", json={"nummer": n, **rest}) for n in (onthouden, 9999)
        )
        assert echt.status_code == verzonnen.status_code == 404
        assert re.sub(rf"regel {onthouden}\b", "regel 9999", echt.text) == verzonnen.text


def test_view_shows_why_at_once_and_to_nobody_else(huis: Huis) -> None:
    anna, bert = huis.open("wijkbeheer"), huis.open("wijkbeheer", naam="Bert")
    nummer = huis.find_nummer("C002")
    antwoord = anna.post(
        f"{LIJST}/beoordelingen", json={"nummer": nummer, "oordeelCode": "geen_actie"}
    )
    assert antwoord.status_code == 201
    waarom = antwoord.json()["regel"]["waarom"]
    assert waarom["banen"] == [{"code": "aselect", "naam": "gekozen door loting"}]
    assert waarom["score"]["rang"] == 4
    assert read(anna)["regels"][0]["waarom"] == waarom, "read after write"
    assert read(bert)["regels"][0]["waarom"] is None
    nog = anna.post(f"{LIJST}/beoordelingen", json={"nummer": nummer, "oordeelCode": "actie_nodig"})
    assert nog.status_code == 409


def test_decision_needs_an_own_view_keeps_the_score_and_takes_the_row_off(huis: Huis) -> None:
    client = huis.open("wijkbeheer")
    nummer = huis.find_nummer("C001")
    besluit = {"nummer": nummer, "redenCode": "cijfers_overtuigen"}
    te_vroeg = client.post(f"{LIJST}/besluiten", json=besluit)
    assert te_vroeg.status_code == 409
    assert not [woord for woord in GEHEIM if woord in te_vroeg.text]
    client.post(f"{LIJST}/beoordelingen", json={"nummer": nummer, "oordeelCode": "actie_nodig"})
    genomen = client.post(f"{LIJST}/besluiten", json=besluit)
    assert genomen.status_code == 201
    inhoud = genomen.json()["besluit"]
    assert (inhoud["rang"], inhoud["kans"], inhoud["scoreversie"]) == (1, 0.41237, VERSIE)
    assert inhoud["keuze"]["code"] == "opvolgen"
    assert "C001" not in [r["complex"]["id"] for r in read(client)["regels"]]
    (rij,) = [r for r in huis.werklijsten.list_rijen("overlast") if r.id == nummer]
    assert rij.besluit is not None
    assert rij.besluit.door == "Anna"
    assert client.post(f"{LIJST}/besluiten", json=besluit).status_code == 404


def test_outcome_comes_after_the_decision(huis: Huis) -> None:
    client = huis.open("wijkbeheer")
    nummer = huis.find_nummer("C001")
    uitkomst = {"nummer": nummer, "uitkomstCode": "geen_escalatie"}
    assert client.post(f"{LIJST}/uitkomsten", json=uitkomst).status_code == 404
    client.post(f"{LIJST}/beoordelingen", json={"nummer": nummer, "oordeelCode": "twijfel"})
    client.post(f"{LIJST}/besluiten", json={"nummer": nummer, "redenCode": "beeld_ter_plaatse"})
    gelukt = client.post(f"{LIJST}/uitkomsten", json=uitkomst)
    assert gelukt.status_code == 201
    assert gelukt.json()["uitkomst"]["uitkomst"]["code"] == "geen_escalatie"
    fout = client.post(f"{LIJST}/uitkomsten", json={**uitkomst, "adresnummer": 2})
    assert (fout.status_code, fout.json()["fouten"][0]["naam"]) == (400, "adresnummer")


def test_wrong_input_names_every_field_and_records_nothing(huis: Huis) -> None:
    client = huis.open("wijkbeheer", naam=None)
    antwoord = client.post(
        f"{LIJST}/beoordelingen", json={"nummer": 0, "oordeelCode": "slecht", "score": 1}
    )
    assert antwoord.status_code == 400
    assert {f["naam"] for f in antwoord.json()["fouten"]} == {"nummer", "oordeelCode", "score"}
    zonder_naam = client.post(
        f"{LIJST}/beoordelingen",
        json={"nummer": huis.find_nummer("C001"), "oordeelCode": "twijfel"},
    )
    assert zonder_naam.json()["fouten"] == [
        {"plaats": "body", "naam": "door", "melding": "is verplicht"}
    ]
    elders = client.post(
        f"{LIJST}/beoordelingen", json={}, headers={"origin": "https://elders.example"}
    )
    assert elders.status_code == 403
    assert all(not r.beoordelingen for r in huis.werklijsten.list_rijen("overlast"))


def test_without_a_name_nothing_shows_of_what_somebody_else_said(huis: Huis) -> None:
    client = huis.open("wijkbeheer", naam=None)
    client.post(
        f"{LIJST}/beoordelingen",
        json={"nummer": huis.find_nummer("C001"), "oordeelCode": "twijfel", "door": "Anna"},
    )
    assert [r["waarom"] for r in read(client)["regels"]] == [None, None, None]


def test_answers_are_never_kept_so_no_304_hides_or_shows_a_score(huis: Huis) -> None:
    client = huis.open("wijkbeheer", "woonfraude")
    for pad in (LIJST, "/v1/werklijsten/woonfraude", "/v1/complexen/C005/risicoscores"):
        antwoord = client.get(pad, headers={"if-none-match": "*"})
        assert antwoord.status_code == 200
        assert antwoord.headers["cache-control"] == "no-store"
        assert "etag" not in antwoord.headers


def test_stopped_model_shows_the_lottery_without_a_score(huis: Huis) -> None:
    huis.werklijsten.set_modelstand("overlast", "gestopt", "De cijfers kloppen niet.", "Bert")
    client = huis.open("wijkbeheer")
    lijst = read(client)
    assert lijst["isGestopt"]
    assert [r["complex"]["id"] for r in lijst["regels"]] == ["C002"]
    antwoord = client.post(
        f"{LIJST}/beoordelingen",
        json={"nummer": huis.find_nummer("C002"), "oordeelCode": "twijfel"},
    )
    assert antwoord.json()["regel"]["waarom"]["score"] is None
    assert REDEN not in antwoord.text


def test_log_has_a_line_before_a_decision_is_stored_and_names_its_complex(huis: Huis) -> None:
    nummer = huis.find_nummer("C001")
    client = huis.open("wijkbeheer")
    client.get(LIJST)
    client.post(f"{LIJST}/beoordelingen", json={"nummer": nummer, "oordeelCode": "twijfel"})
    regels = [(r.daad, r.bereik, r.object_id, r.aantal) for r in huis.leeslog.lezingen]
    assert regels == [
        ("lezen", "werklijst_overlast", None, 3),
        ("poging", "werklijst_overlast", None, None),
        ("schrijven", "werklijst_overlast", "C001", 1),
    ]


@pytest.mark.parametrize(
    ("wat", "status"),
    [(BesluitenFout("De database is weg."), 503), (RuntimeError("iets anders"), 500)],
    ids=["503", "500"],
)
def test_what_fails_after_it_was_stored_has_a_line_that_names_its_complex(
    huis: Huis, monkeypatch: pytest.MonkeyPatch, wat: Exception, status: int
) -> None:
    def fail(*_: Any) -> None:
        raise wat

    nummer = huis.find_nummer("C001")
    monkeypatch.setattr(Werklijstdienst, "_show_one", fail)
    antwoord = huis.open("wijkbeheer").post(
        f"{LIJST}/beoordelingen", json={"nummer": nummer, "oordeelCode": "twijfel"}
    )
    assert antwoord.status_code == status
    assert any(r.beoordelingen for r in huis.werklijsten.list_rijen("overlast"))
    assert [(r.daad, r.object_id) for r in huis.leeslog.lezingen] == [
        ("poging", None),
        ("afgebroken", "C001"),
    ]
    assert huis.leeslog.geschreven == 2


def test_what_is_refused_has_no_line_that_it_may_be_stored(huis: Huis) -> None:
    nummer = huis.find_nummer("C001")
    antwoord = huis.open("wijkbeheer").post(
        f"{LIJST}/besluiten", json={"nummer": nummer, "redenCode": "lokale_kennis"}
    )
    assert antwoord.status_code == 409
    assert [r.daad for r in huis.leeslog.lezingen] == ["poging"]


def test_what_cannot_be_logged_is_not_stored(huis: Huis) -> None:
    class Vol(Onthoudt):
        def note(self, lezing: Lezing) -> None:
            raise LeeslogFout("De schijf is vol.")

    client = huis.open("wijkbeheer", leeslog=Vol())
    antwoord = client.post(
        f"{LIJST}/beoordelingen",
        json={"nummer": huis.find_nummer("C001"), "oordeelCode": "twijfel"},
    )
    assert antwoord.status_code == 503
    assert all(not r.beoordelingen for r in huis.werklijsten.list_rijen("overlast"))


def test_prevention_is_recorded_in_the_complex_of_a_row_and_shows_with_it(huis: Huis) -> None:
    client = huis.open("woonfraude")
    pad = "/v1/werklijsten/woonfraude/preventiemaatregelen"
    verzoek = {
        "nummer": huis.find_nummer("C001", "woonfraude"),
        "soortCode": "sleutelbeheer",
        "begindatum": "2026-11-20",
    }
    antwoord = client.post(pad, json=verzoek)
    assert antwoord.status_code == 201
    assert antwoord.json()["maatregel"]["complexId"] == "C001"
    (regel,) = [
        r for r in read(client, "/v1/werklijsten/woonfraude")["regels"]
        if r["complex"]["id"] == "C001"
    ]  # fmt: skip
    assert [m["soort"]["code"] for m in regel["feiten"]["loopt"]] == ["sleutelbeheer"]
    fout = client.post(pad, json={**verzoek, "einddatum": "2026-11-19"})
    assert (fout.status_code, fout.json()["fouten"][0]["naam"]) == (400, "einddatum")
    assert client.post(pad, json={**verzoek, "nummer": 999}).status_code == 404


@pytest.mark.parametrize("rol", ["lezer", "gebiedsmanager", "woonfraude", "sociaal_team"])
def test_worklist_of_overlast_is_for_wijkbeheer_alone(huis: Huis, rol: str) -> None:
    client = huis.open(rol)
    assert client.get(LIJST).status_code == 403
    assert client.post(f"{LIJST}/beoordelingen", json={}).status_code == 403
