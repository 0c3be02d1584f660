"""Many complexes at once: the order asked, what is wrong all at once, and no address anywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from serving.adresindex.bestand import write_adresindex
from serving.adresindex.boek import Adresboek
from serving.adresindex.sleutel import BESTAND, load_sleutel
from serving.api import zoek
from serving.api.zoek import (
    MAXIMUM_BYTES,
    MAXIMUM_VRAGEN,
    OngeldigeOpdracht,
    Zoekantwoord,
    find_delen,
    join_delen,
    parse_opdracht,
)
from serving.release.winkel import Uitgave
from tests.unit.serving.api.test_v1 import check_shape
from tests.unit.serving.voorbeeld_release import publish_example
from tests.unit.serving.wie import Onthoudt, make_app
from vera.adressleutel import (
    compute_vingerafdruk,
    make_adressleutel,
    make_eenheidsleutel,
    make_nummersleutel,
)

PAD = "/v1/complexen/_zoek"
POSTCODE, EENHEID = "3011AB", "VHE-004711"
TOE = "huisnummerToevoeging"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a release and an index: 7-A and VHE-004711 lie in C001, 9 in two."""
    pad = tmp_path_factory.mktemp("zoek")
    release = publish_example(pad / "releases")
    geheim = load_sleutel(pad / "sleutels")
    paren = [
        (make_adressleutel(geheim, POSTCODE, "7", "A"), "C001"),
        (make_nummersleutel(geheim, POSTCODE, "7"), "C001"),
        (make_eenheidsleutel(geheim, EENHEID), "C001"),
        (make_adressleutel(geheim, POSTCODE, "9", ""), "C001"),
        (make_adressleutel(geheim, POSTCODE, "9", ""), "C002"),
    ]
    write_adresindex(release, sorted(paren), compute_vingerafdruk(geheim))
    return pad


@pytest.fixture(scope="module")
def leeslog() -> Onthoudt:
    return Onthoudt()


@pytest.fixture(scope="module")
def klant(data: Path, leeslog: Onthoudt) -> TestClient:
    return TestClient(
        make_app(data / "releases", leeslog=leeslog),
        base_url="http://127.0.0.1:8000",
        raise_server_exceptions=False,
    )


def ask(klant: TestClient, *vragen: Any, **velden: Any) -> dict[str, Any]:
    antwoord = klant.post(PAD, json={"zoekvragen": list(vragen), **velden})
    assert antwoord.status_code == 200, antwoord.text
    inhoud: dict[str, Any] = antwoord.json()
    check_shape(inhoud, Zoekantwoord)
    return inhoud


def test_answer_has_the_order_of_the_question_and_says_what_is_not_there(klant: TestClient) -> None:
    inhoud = ask(klant, *({"complexId": id_} for id_ in ("C003", "C999", "C001", "C003", "BU01")))

    assert [r["complexId"] for r in inhoud["resultaten"]] == ["C003", None, "C001", "C003", None]
    assert [r["gevonden"] for r in inhoud["resultaten"]] == [True, False, True, True, False]
    assert (inhoud["aantal"], inhoud["aantalGevonden"]) == (5, 3)
    assert inhoud["release"]["peildatum"] == "2026-10-01"


def test_label_in_a_batch_is_the_one_of_the_card_in_the_form_of_vera(klant: TestClient) -> None:
    for id_ in ("C001", "C004", "C006"):
        (resultaat,) = ask(klant, {"complexId": id_})["resultaten"]
        kaart = klant.get(f"/v1/complexen/{id_}").json()
        label, hele = resultaat["sociaalBeheerLabel"], kaart["sociaalBeheerLabel"]

        assert resultaat["naam"] == kaart["naam"]
        assert list(label)[:5] == ["soort", "label", "begindatum", "einddatum", "bron"]
        assert {n: w for n, w in label.items() if n != "themas"} == {n: hele[n] for n in label
                                                                     if n != "themas"}  # fmt: skip
        assert label["themas"] == [
            {"code": thema["code"], "waarde": thema["waarde"]} for thema in hele["themas"]
        ]


def test_address_and_dwelling_lead_to_their_complex(klant: TestClient) -> None:
    inhoud = ask(
        klant,
        {"eenheidId": EENHEID},
        {"postcode": "3011 ab", "huisnummer": 7, "huisletter": "a"},
        {"postcode": POSTCODE, "huisnummer": "7", TOE: "A", "huisletter": None},
        {"postcode": POSTCODE, "huisnummer": "7a"},
        {"postcode": POSTCODE, "huisnummer": "7"},
        {"postcode": POSTCODE, "huisnummer": "7", TOE: "B"},
        {"postcode": POSTCODE, "huisnummer": "9"},
        {"eenheidId": "VHE-000000"},
        {"complexId": "C002"},
    )

    assert [r["complexId"] for r in inhoud["resultaten"]] == [
        *["C001"] * 5, None, None, None, "C002",
    ]  # fmt: skip
    assert [r["reden"] for r in inhoud["resultaten"]] == [
        *[None] * 5, "niet_gevonden", "meer_complexen", "niet_gevonden", None,
    ]  # fmt: skip


def test_label_of_an_earlier_day_is_the_one_of_the_history(klant: TestClient) -> None:
    historie = klant.get("/v1/complexen/C001/sociaal-beheer-labels?peildatum=2026-05-31").json()
    (toen,) = historie["labels"]
    (resultaat,) = ask(klant, {"complexId": "C001"}, peildatum="2026-05-31")["resultaten"]
    label = resultaat["sociaalBeheerLabel"]

    assert (label["waarde"], label["peildatum"]) == (toen["waarde"], toen["peildatum"])
    assert label["label"] == {"code": "4", "naam": "Grote opgave"}
    # It was 4 from the first quarter on, until the day before the quarter in which it became 5.
    assert (label["begindatum"], label["einddatum"]) == ("2025-01-01", "2026-06-30")
    (vroeg,) = ask(klant, {"complexId": "C001"}, peildatum="2020-01-01")["resultaten"]
    assert vroeg["gevonden"]
    assert vroeg["sociaalBeheerLabel"] is None
    (nu,) = ask(klant, {"complexId": "C001"}, peildatum="2027-01-01")["resultaten"]
    assert nu["sociaalBeheerLabel"]["einddatum"] is None


def test_every_error_is_told_at_once_and_no_value_comes_back(klant: TestClient) -> None:
    antwoord = klant.post(
        PAD,
        json={
            "zoekvragen": [
                {"complexId": ""},
                {"postcode": "GEHEIM", "huisnummer": "x"},
                {"postcode": POSTCODE},
                {"huisnummer": True, "postcode": POSTCODE},
                {"eenheidId": 12},
                {"complexId": "C001", "eenheidId": "E"},
                {},
                "C001",
                {"straatnaam": "Kade"},
            ],
            "peildatum": "gisteren",
            "extra": 1,
        },
    )

    assert antwoord.status_code == 400
    assert antwoord.headers["content-type"] == "application/problem+json"
    assert {f["naam"] for f in antwoord.json()["fouten"]} == {
        "extra", "peildatum", "zoekvragen.0.complexId", "zoekvragen.1.postcode",
        "zoekvragen.1.huisnummer", "zoekvragen.2.huisnummer", "zoekvragen.3.huisnummer",
        "zoekvragen.4.eenheidId", "zoekvragen.5", "zoekvragen.6", "zoekvragen.7",
        "zoekvragen.8.straatnaam",
    }  # fmt: skip
    for waarde in ("GEHEIM", "gisteren", POSTCODE, "Kade"):
        assert waarde not in antwoord.text


@pytest.mark.parametrize(
    "inhoud",
    [
        b"", b"{", b"[]", b"null", b"1", b'"x"', b'{"zoekvragen": {}}', b'{"zoekvragen": []}',
        b"\xff\xfe", b"[" * 50_000, b'{"zoekvragen":[{"complexId":"\\ud800"}]}',
        b'{"zoekvragen":[{"complexId":' + b"9" * 5000 + b"}]}", b'{"zoekvragen": NaN}',
        b'{"\\ud800": 1, "zoekvragen":[{"complexId":"C001"}]}',
    ],
    ids=range(14),
)  # fmt: skip
def test_what_is_no_question_is_refused_as_such(klant: TestClient, inhoud: bytes) -> None:
    antwoord = klant.post(PAD, content=inhoud, headers={"content-type": "application/json"})

    assert antwoord.status_code == 400
    assert antwoord.json()["fouten"]


def test_number_of_questions_and_bytes_is_bounded_and_a_thousand_addresses_fit(
    klant: TestClient,
) -> None:
    langst = {"postcode": "3011 AB", "huisnummer": "99999", "huisletter": "a" * 20, TOE: "b" * 20}
    vol = json.dumps({"zoekvragen": [langst] * MAXIMUM_VRAGEN})
    koppen = {"content-type": "application/json"}

    assert len(vol) < MAXIMUM_BYTES
    assert klant.post(PAD, content=vol, headers=koppen).status_code == 200
    teveel = klant.post(PAD, json={"zoekvragen": [{"complexId": "C001"}] * (MAXIMUM_VRAGEN + 1)})
    assert teveel.status_code == 400
    groot = klant.post(PAD, content=b" " * (MAXIMUM_BYTES + 1), headers=koppen)
    assert groot.status_code == 413
    assert klant.post(PAD, content="{}", headers={"content-type": "text/plain"}).status_code == 415
    # Elsewhere no more is taken than before.
    duiding = klant.post("/v1/complexen/C001/duidingen", content=b" " * 70_000, headers=koppen)
    assert duiding.status_code in {403, 413}


def test_log_has_a_line_a_complex_with_a_count_and_never_an_address(
    klant: TestClient, leeslog: Onthoudt
) -> None:
    leeslog.lezingen.clear()
    ask(klant, {"postcode": POSTCODE, "huisnummer": "7"})
    ask(klant, {"complexId": "C001"}, {"eenheidId": EENHEID}, {"complexId": "C003"})
    klant.post(PAD, json={"zoekvragen": [{}]})

    een, *drie = (lezing.describe() for lezing in leeslog.lezingen)
    assert (een["daad"], een["aantal"], een["object"], een["niveau"]) == (
        "lezen", 1, "C001", "complex",
    )  # fmt: skip
    assert [(d["aantal"], d["object"]) for d in drie] == [(3, "C001"), (3, "C003")]
    for lezing in (een, *drie):
        assert lezing["wat"] == "/v1/complexen/_zoek"
        assert POSTCODE not in json.dumps(lezing)
        assert EENHEID not in json.dumps(lezing)


def test_large_batch_is_one_line_with_a_count(
    klant: TestClient, leeslog: Onthoudt, monkeypatch: pytest.MonkeyPatch
) -> None:
    vragen = [{"complexId": naam} for naam in ("C001", "C002", "C003", "C999")]
    gezien = []
    for grens in (3, 2):
        monkeypatch.setattr(zoek, "MAXIMUM_GENOEMD", grens)
        leeslog.lezingen.clear()
        ask(klant, *vragen)
        gezien.append([(r.aantal, r.object_id) for r in leeslog.lezingen])
    assert gezien == [[(4, "C001"), (4, "C002"), (4, "C003")], [(4, None)]]


def test_batch_without_a_hit_is_noted_too(klant: TestClient, leeslog: Onthoudt) -> None:
    leeslog.lezingen.clear()
    ask(klant, {"complexId": "C999"}, {"complexId": "C998"})
    assert [(r.aantal, r.object_id) for r in leeslog.lezingen] == [(2, None)]


def test_after_another_key_addresses_wait_for_a_run_and_complexes_do_not(tmp_path: Path) -> None:
    release = publish_example(tmp_path / "releases")
    geheim = load_sleutel(tmp_path / "sleutels")
    paren = [(make_eenheidsleutel(geheim, EENHEID), "C001")]
    write_adresindex(release, paren, compute_vingerafdruk(geheim))
    klant = TestClient(make_app(tmp_path / "releases"))
    assert ask(klant, {"eenheidId": EENHEID})["aantalGevonden"] == 1

    (tmp_path / "sleutels" / BESTAND).unlink()

    weg = klant.post(PAD, json={"zoekvragen": [{"eenheidId": EENHEID}, {"complexId": "C001"}]})
    assert weg.status_code == 503
    assert "vorige sleutel" in weg.json()["detail"]
    assert ask(klant, {"complexId": "C001"})["aantalGevonden"] == 1


def test_who_sees_no_values_gets_the_same_labels(data: Path) -> None:
    zonder = TestClient(make_app(data / "releases", "sociaal_team"))
    alles = TestClient(make_app(data / "releases", "lezer"))

    assert ask(zonder, {"complexId": "C001"}) == ask(alles, {"complexId": "C001"})
    partner = TestClient(make_app(data / "releases", "politie"), raise_server_exceptions=False)
    assert partner.post(PAD, json={"zoekvragen": [{"complexId": "C001"}]}).status_code == 403


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda kind: (
            st.lists(kind, max_size=3)
            | st.dictionaries(
                st.sampled_from(["zoekvragen", "complexId", "postcode", "huisnummer", "x"]), kind
            )
        ),
        max_leaves=8,
    )
)
def test_any_json_is_a_question_or_is_refused_with_reasons(inhoud: object) -> None:
    fouten = []
    try:
        opdracht = parse_opdracht(json.dumps(inhoud).encode())
    except OngeldigeOpdracht as fout:
        fouten, opdracht = fout.fouten, None

    assert (opdracht is None) is bool(fouten)
    assert all(fout["melding"] for fout in fouten)
    assert opdracht is None or opdracht.complexen


def test_batch_in_process_gives_what_the_door_gives(uitgave: Uitgave) -> None:
    inhoud = json.dumps({"zoekvragen": [{"complexId": "C001"}, {"complexId": "x"}]}).encode()
    delen = find_delen(uitgave, parse_opdracht(inhoud), Adresboek(None))

    assert json.loads(join_delen(uitgave, delen))["aantalGevonden"] == 1
