"""The log of the service holds what went wrong and where, and nothing of whom or what."""

from __future__ import annotations

import io
import json
import logging
import logging.config
import traceback
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving.dienst.verslag import (
    OMVANGEN,
    Regelvorm,
    Verslag,
    build_logging,
    describe_fout,
    read_omvang,
)
from serving.initiatief.register import Initiatiefregister
from serving.opslag import url_of_file
from tests.unit.serving.voorbeeld_release import publish_example
from tests.unit.serving.wie import Als, make_app
from vera.errors import GebruikFout

GEHEIM = "Jansen"
"""Stands in every place where somebody could put it."""


def ask_everywhere(klant: TestClient) -> list[int]:
    koppen = {
        "User-Agent": GEHEIM,
        "Referer": f"https://x.example/{GEHEIM}",
        "X-Request-Id": GEHEIM,
        "If-None-Match": f'"{GEHEIM}"',
        "Cookie": f"buurtpeil_sessie={GEHEIM}",
    }
    paden = (
        f"/{GEHEIM}",
        f"/v1/complexen/{GEHEIM}",
        f"/complexen/{GEHEIM}",
        f"/zoeken?zoek={GEHEIM}",
        f"/v1/complexen?zoek={GEHEIM}",
        f"/v1/complexen?onbekend={GEHEIM}",
        "/v1/complexen/C001",
        f"/v1/complexen/C001?{GEHEIM}=1",
        "/v1/bewonersinitiatieven",
    )
    statussen = [klant.get(pad, headers=koppen).status_code for pad in paden]
    zoek = {"zoekvragen": [{"postcode": "3011AB", "huisnummer": GEHEIM}], GEHEIM: GEHEIM}
    statussen.append(klant.post("/v1/complexen/_zoek", json=zoek, headers=koppen).status_code)
    statussen.append(
        klant.post("/v1/bewonersinitiatieven", json={"naam": GEHEIM}, headers=koppen).status_code
    )
    statussen.append(klant.post("/sociaal-signaal", data={"x": GEHEIM}, headers=koppen).status_code)
    statussen.append(klant.request(GEHEIM.upper(), "/v1/complexen", headers=koppen).status_code)
    return statussen


def open_klant(pad: Path, uit: io.StringIO, **delen: Any) -> TestClient:
    publish_example(pad / "releases")
    app = make_app(
        pad / "releases",
        toegang=Als("lezer", "wijkbeheer", naam=f"{GEHEIM} de Wit"),
        verslag=Verslag("alles", uit),
        **delen,
    )
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)


def test_log_of_everything_holds_nothing_that_somebody_sent(tmp_path: Path) -> None:
    uit = io.StringIO()
    statussen = ask_everywhere(open_klant(tmp_path, uit))

    regels = [json.loads(regel) for regel in uit.getvalue().splitlines()]
    # The look-up of one complex is the quick path, which leaves no line.
    assert [regel for regel in regels if regel["gebeurtenis"] == "fout"] == []
    assert [regel["status"] for regel in regels] == [*statussen[:6], *statussen[7:]]
    assert GEHEIM.lower() not in uit.getvalue().lower()
    assert "C001" not in uit.getvalue()
    assert {regel["adres"] for regel in regels} >= {"(onbekend)", "/v1/complexen/{complexId}"}
    assert {regel["rol"] for regel in regels} >= {"lezer+wijkbeheer"}


class Stuk(Initiatiefregister):
    """A store that repeats what it fell over, as stores do."""

    def list_initiatieven(self, *delen: Any, **meer: Any) -> Any:
        try:
            raise ValueError(f"no such name: {GEHEIM}")
        except ValueError as fout:
            raise RuntimeError(f"insert failed [parameters: ('{GEHEIM}',)]") from fout

    def __getattribute__(self, naam: str) -> Any:
        if naam in {"list_all", "list_open", "find", "read", "list_initiatieven", "count"}:
            return object.__getattribute__(self, "list_initiatieven")
        return object.__getattribute__(self, naam)


def test_error_is_told_by_its_type_and_place_and_found_back_by_its_number(tmp_path: Path) -> None:
    uit = io.StringIO()
    stuk = Stuk(url_of_file(tmp_path / "stuk.sqlite"))
    antwoord = open_klant(tmp_path, uit, initiatieven=stuk).get("/v1/bewonersinitiatieven")

    assert antwoord.status_code == 500
    regels = [json.loads(regel) for regel in uit.getvalue().splitlines()]
    fout = next(regel for regel in regels if regel["gebeurtenis"] == "fout")
    assert fout["soort"] == "builtins.RuntimeError"
    assert fout["oorzaken"] == ["builtins.ValueError"]
    assert any("test_verslag.py" in plek for plek in fout["plekken"])
    assert fout["adres"] == "/v1/bewonersinitiatieven"
    assert {regel["verzoek"] for regel in regels} == {antwoord.headers["x-request-id"]}
    assert GEHEIM not in uit.getvalue()
    assert GEHEIM not in antwoord.text


def test_log_of_errors_alone_is_silent_about_what_went_well_or_was_refused(tmp_path: Path) -> None:
    uit = io.StringIO()
    publish_example(tmp_path / "releases")
    klant = TestClient(make_app(tmp_path / "releases", verslag=Verslag("fouten", uit)))
    for adres in ("/", "/v1/complexen", "/bestaat-niet", "/v1/complexen/C999"):
        klant.get(adres)
    assert uit.getvalue() == ""


def test_what_a_library_logs_loses_its_values(caplog: pytest.LogCaptureFixture) -> None:
    vorm = Regelvorm()
    for naam, tekst in (
        ("asyncio", f"Task failed: {GEHEIM}"),
        ("uvicorn.error", "Exception in %s"),
    ):
        try:
            raise KeyError(GEHEIM)
        except KeyError:
            record = logging.getLogger(naam).makeRecord(
                naam, logging.ERROR, __file__, 1, tekst, (GEHEIM,), __import__("sys").exc_info()
            )
        regel = vorm.format(record)
        assert GEHEIM not in regel
        assert json.loads(regel)["soort"] == "builtins.KeyError"
        assert json.loads(regel)["van"] == naam


def make_traceback() -> str:
    try:
        raise KeyError(GEHEIM)
    except KeyError:
        return traceback.format_exc()


@pytest.mark.parametrize(
    ("bericht", "staat_er"),
    [
        (make_traceback(), "bericht"),
        (f"\n{make_traceback()}", "bericht"),
        (OSError(13, f"[Errno 13] {GEHEIM}"), "bericht"),
        ("", "bericht"),
        ("Exception in ASGI application\n", "Exception in ASGI application"),
        ("Application startup failed. Exiting.", "Application startup failed. Exiting."),
    ],
    ids=["traceback", "traceback after a line", "error itself", "nothing", "line", "sentence"],
)
def test_text_of_an_error_that_uvicorn_passes_on_is_not_told(
    bericht: object, staat_er: str
) -> None:
    record = logging.makeLogRecord(
        {"name": "uvicorn.error", "msg": bericht, "levelno": 40, "levelname": "ERROR"}
    )
    regel = Regelvorm().format(record)

    assert json.loads(regel)["gebeurtenis"] == staat_er
    assert GEHEIM not in regel


def test_configuration_of_logging_is_one_that_python_takes() -> None:
    configuratie = {**build_logging(), "root": {"handlers": [], "level": "WARNING"}}
    niveaus = {naam: logging.getLogger(naam).level for naam in (None, "uvicorn.access")}
    handlers = list(logging.getLogger().handlers)
    try:
        logging.config.dictConfig({**configuratie, "disable_existing_loggers": False})
    finally:
        logging.getLogger().handlers[:] = handlers
        for naam, niveau in niveaus.items():
            logging.getLogger(naam).setLevel(niveau)


def test_chain_of_causes_ends() -> None:
    fout: BaseException = ValueError(GEHEIM)
    for _ in range(50):
        nieuw = RuntimeError(GEHEIM)
        nieuw.__cause__ = fout
        fout = nieuw
    beschreven = describe_fout(fout)
    assert len(beschreven["oorzaken"]) < 10
    assert GEHEIM not in json.dumps(beschreven)


def test_setting_of_the_log_is_one_that_there_is() -> None:
    assert [read_omvang(omvang) for omvang in (*OMVANGEN, None)] == ["alles", "fouten", "fouten"]
    with pytest.raises(GebruikFout, match="VERZOEKLOG"):
        read_omvang("veel")
