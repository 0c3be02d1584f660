"""The document that the API serves keeps the NLGov REST API Design Rules 2.2.1.

The rules that matter most are checked here in plain Python. The official ruleset is run as
well, where it and Spectral are at hand (``BUURTPEIL_NLGOV_RULESET``, ``BUURTPEIL_SPECTRAL``).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving.api.versie import API_VERSIE
from serving.app import create_app

REGELS = Path(
    os.environ.get("BUURTPEIL_NLGOV_RULESET")
    or Path(__file__).parents[3] / "shared" / "reference" / "nlgov" / "adr-ruleset-2.2.1.yaml"
)
SPECTRAL = os.environ.get("BUURTPEIL_SPECTRAL") or shutil.which("spectral")

# Words of the machinery; a reader of the API has nothing to do with them.
BINNENWERK = ("duckdb", "dbt", "mlflow", "dagster", "sqlite", "fastapi", "pydantic", "python")
BEWERKINGEN = [
    f"/{collectie}{staart}"
    for collectie, sleutel in (
        ("complexen", "complexId"), ("buurten", "buurtId"), ("wijken", "wijkId"),
    )
    for staart in ("", f"/{{{sleutel}}}", f"/{{{sleutel}}}/sociaal-beheer-labels")
]  # fmt: skip


DUIDINGEN = "/complexen/{complexId}/duidingen"
SIGNALEN = ("/sociale-signalen", "/sociale-signalen/{kenmerk}", "/signaaltellingen")
INITIATIEVEN = ("/bewonersinitiatieven", "/bewonersinitiatieven/{initiatiefId}")
WERKLIJSTEN = ("/werklijsten/overlast", "/werklijsten/woonfraude")
BESLUITEN = (
    *(f"{lijst}/{wat}" for lijst in WERKLIJSTEN
      for wat in ("beoordelingen", "besluiten", "uitkomsten")),
    "/werklijsten/woonfraude/preventiemaatregelen",
)  # fmt: skip
RISICOSCORES = tuple(
    f"/complexen/{{complexId}}/risicoscores{soort}" for soort in ("", "/woonfraude")
)
ZOEK = "/complexen/_zoek"
WAARDEN = tuple(
    f"/{collectie}/{{{sleutel}}}/indicatorwaarden"
    for collectie, sleutel in (
        ("complexen", "complexId"), ("buurten", "buurtId"), ("wijken", "wijkId"),
    )
)  # fmt: skip
VERSIES = ("/methodeversies", "/modelversies")
KAARTEN = tuple(f"/exports/{niveau}.geojson" for niveau in ("complex", "buurt", "wijk"))
BESTANDEN = ("/exports/gebiedslabels", "/exports/{bestand}", *KAARTEN)


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    app = create_app(
        tmp_path_factory.mktemp("leeg"),
        basis_url="https://label.voorbeeldwonen.example/",
        contact="data@voorbeeldwonen.example",
    )
    inhoud: dict[str, Any] = TestClient(app).get("/v1/openapi.json").json()
    return inhoud


def iter_operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for pad, bewerkingen in document["paths"].items():
        for methode, bewerking in bewerkingen.items():
            yield f"{methode.upper()} {pad}", bewerking


def iter_refs(deel: Any) -> Iterator[str]:
    if isinstance(deel, dict):
        if isinstance(deel.get("$ref"), str):
            yield deel["$ref"]
        for waarde in deel.values():
            yield from iter_refs(waarde)
    elif isinstance(deel, list):
        for waarde in deel:
            yield from iter_refs(waarde)


def resolve(document: dict[str, Any], verwijzing: str) -> Any:
    deel: Any = document
    for stap in verwijzing.removeprefix("#/").split("/"):
        deel = deel[stap]
    return deel


def test_document_names_version_server_contact_and_licence(document: dict[str, Any]) -> None:
    info = document["info"]

    assert document["openapi"].startswith("3.")
    assert info["version"] == API_VERSIE
    assert re.fullmatch(r"\d+\.\d+\.\d+", info["version"])
    assert [server["url"] for server in document["servers"]] == [
        "https://label.voorbeeldwonen.example/v1"
    ]
    assert info["contact"]["email"] == "data@voorbeeldwonen.example"
    assert info["contact"]["url"] == "https://label.voorbeeldwonen.example"
    assert info["contact"]["name"]


def test_every_promised_address_is_in_the_document_and_nothing_else(
    document: dict[str, Any],
) -> None:
    assert set(document["paths"]) == {
        *BEWERKINGEN, DUIDINGEN, ZOEK, *WAARDEN, *VERSIES, "/exports", *BESTANDEN, *SIGNALEN,
        *INITIATIEVEN, *WERKLIJSTEN, *BESLUITEN, *RISICOSCORES,
        "/wat-als", "/budgetvoorstellen", "/gezondheid", "/releases/actueel",
    }  # fmt: skip
    schrijvend = {naam for naam, _ in iter_operations(document) if not naam.startswith("GET ")}
    assert schrijvend == {
        f"POST {DUIDINGEN}", f"POST {ZOEK}",
        "POST /sociale-signalen", "PATCH /sociale-signalen/{kenmerk}",
        "POST /bewonersinitiatieven", "PATCH /bewonersinitiatieven/{initiatiefId}",
        *(f"POST {pad}" for pad in BESLUITEN),
    }  # fmt: skip


def test_paths_are_kebab_case_and_do_not_end_in_a_slash(document: dict[str, Any]) -> None:
    for pad in document["paths"]:
        for deel in pad.removeprefix("/").split("/"):
            # A search that is asked with a body ends in _zoek (NLGov).
            if deel == "_zoek" or pad in KAARTEN:
                continue
            assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*|\{[a-z]+[A-Za-z0-9]*\}", deel), pad


def test_parameters_are_camel_case_and_described(document: dict[str, Any]) -> None:
    for naam, bewerking in iter_operations(document):
        for parameter in bewerking.get("parameters", []):
            assert re.fullmatch(r"[a-z]+[A-Za-z0-9]*", parameter["name"]), naam
            assert parameter["in"] in {"path", "query"}
            assert parameter["description"], naam


def test_every_path_parameter_is_in_its_path(document: dict[str, Any]) -> None:
    for naam, bewerking in iter_operations(document):
        in_pad = set(re.findall(r"\{(\w+)\}", naam))
        genoemd = {p["name"] for p in bewerking.get("parameters", []) if p["in"] == "path"}
        assert genoemd == in_pad, naam


def test_every_good_answer_declares_the_version_header(document: dict[str, Any]) -> None:
    for naam, bewerking in iter_operations(document):
        for status, antwoord in bewerking["responses"].items():
            assert "API-Version" in antwoord["headers"], (naam, status)


def test_every_error_is_problem_json_with_status_title_and_detail(
    document: dict[str, Any],
) -> None:
    for naam, bewerking in iter_operations(document):
        fouten = {s: a for s, a in bewerking["responses"].items() if s[0] in "45"}
        assert {"400", "429", "500", "503"} <= set(fouten), naam
        assert "Retry-After" in fouten["429"]["headers"], naam
        # Of a row of a worklist the body has the number.
        assert ("404" in fouten) is ("{" in naam or naam.split()[1] in BESLUITEN), naam
        for antwoord in fouten.values():
            assert list(antwoord["content"]) == ["application/problem+json"], naam
            schema = resolve(
                document, antwoord["content"]["application/problem+json"]["schema"]["$ref"]
            )
            assert {"status", "title", "detail"} <= set(schema["required"])


def test_the_framework_its_own_errors_are_not_in_the_document(document: dict[str, Any]) -> None:
    tekst = json.dumps(document)

    assert "422" not in tekst
    assert "ValidationError" not in tekst


def test_every_good_answer_has_a_schema_and_every_reference_leads_somewhere(
    document: dict[str, Any],
) -> None:
    for naam, bewerking in iter_operations(document):
        maakt = naam.startswith("POST ") and naam != f"POST {ZOEK}"
        goed = bewerking["responses"]["201" if maakt else "200"]
        if naam.partition(" ")[2] in BESTANDEN:
            assert "application/json" not in goed["content"], naam
            continue
        assert goed["content"]["application/json"]["schema"]["$ref"], naam
    verwijzingen = set(iter_refs(document))
    for verwijzing in verwijzingen:
        resolve(document, verwijzing)
    for soort in ("schemas", "headers"):
        for onderdeel in document["components"][soort]:
            assert f"#/components/{soort}/{onderdeel}" in verwijzingen


def test_every_operation_is_described_and_named_once(document: dict[str, Any]) -> None:
    namen = [bewerking["operationId"] for _, bewerking in iter_operations(document)]

    assert len(namen) == len(set(namen))
    for naam, bewerking in iter_operations(document):
        assert bewerking["summary"], naam
        assert bewerking["description"], naam
        assert bewerking["tags"][0] in {tag["name"] for tag in document["tags"]}


def test_properties_are_camel_case_and_dates_are_dates(document: dict[str, Any]) -> None:
    for naam, schema in document["components"]["schemas"].items():
        for veld, inhoud in schema.get("properties", {}).items():
            assert re.fullmatch(r"[a-z]+[A-Za-z0-9]*", veld), (naam, veld)
            if veld.endswith("datum"):
                assert '"date"' in json.dumps(inhoud), (naam, veld)
            if veld.endswith("tijdstip"):
                assert '"date-time"' in json.dumps(inhoud), (naam, veld)


def test_document_says_nothing_of_the_machinery_inside(document: dict[str, Any]) -> None:
    tekst = json.dumps(document).lower()

    assert [woord for woord in BINNENWERK if woord in tekst] == []


def test_document_is_the_same_every_time(tmp_path: Path, document: dict[str, Any]) -> None:
    app = create_app(
        tmp_path,
        basis_url="https://label.voorbeeldwonen.example",
        contact="data@voorbeeldwonen.example",
    )

    assert TestClient(app).get("/v1/openapi.json").json() == document


@pytest.mark.skipif(not REGELS.is_file(), reason="zonder de map ../shared: geen NLGov-regels")
@pytest.mark.skipif(
    not SPECTRAL or not Path(SPECTRAL).is_file(), reason="zonder Spectral (BUURTPEIL_SPECTRAL)"
)
def test_official_linter_finds_nothing(document: dict[str, Any], tmp_path: Path) -> None:
    pad = tmp_path / "openapi.json"
    pad.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")

    uitkomst = subprocess.run(
        [str(SPECTRAL), "lint", "-F", "warn", "-r", str(REGELS), str(pad)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert uitkomst.returncode == 0, uitkomst.stdout + uitkomst.stderr


def test_every_operation_says_what_scope_it_asks_and_what_it_answers_without(
    document: dict[str, Any],
) -> None:
    schema = document["components"]["securitySchemes"]["sleutel"]
    assert (schema["type"], schema["scheme"]) == ("http", "bearer")
    open_ = set()
    for naam, bewerking in iter_operations(document):
        is_dicht = bewerking["security"] == [{"sleutel": []}]
        assert is_dicht or {} in bewerking["security"], naam
        assert ("401" in bewerking["responses"]) is is_dicht, naam
        assert re.search(r"Nodig: .+ \(`[a-z_]+`\)\.$", bewerking["description"]), naam
        if not is_dicht:
            open_.add(naam.partition(" ")[2])
    assert open_ == {
        pad for pad in BEWERKINGEN if not pad.startswith("/complexen")
    } | {"/gezondheid", "/releases/actueel", *VERSIES, "/exports", *KAARTEN[1:]}  # fmt: skip
