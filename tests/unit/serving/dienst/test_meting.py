"""What the service counts, how workers add it up, and what OpenMetrics makes of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from serving.api.antwoord import GEWEERD
from serving.api.rem import Grenzen
from serving.dienst.loket import PAD_METRIEKEN
from serving.dienst.meting import GRENZEN, MEDIATYPE, ONBEKEND, Meting
from serving.release.winkel import Winkel
from tests.unit.serving.voorbeeld_release import publish_example
from tests.unit.serving.wie import Als, make_app, run_alone
from vera.toegang import find_rollen

WORTEL = Path(__file__).parents[4]
EEN = "/v1/complexen/{complexId}"


def read_metrieken(app: ASGIApp) -> dict[str, dict[tuple[str, ...], float]]:
    """Return samples by name and labels in order of their names, as a scraper reads them."""
    antwoord = TestClient(app, base_url="http://127.0.0.1").get(PAD_METRIEKEN)
    assert antwoord.status_code == 200
    assert antwoord.headers["content-type"] == MEDIATYPE
    return parse(antwoord.text)


def parse(tekst: str) -> dict[str, dict[tuple[str, ...], float]]:
    gelezen: dict[str, dict[tuple[str, ...], float]] = {}
    for familie in text_string_to_metric_families(tekst):
        for s in familie.samples:
            gelezen.setdefault(s.name, {})[tuple(s.labels[naam] for naam in sorted(s.labels))] = (
                s.value
            )
    return gelezen


@pytest.fixture
def releases_map(tmp_path: Path) -> Path:
    publish_example(tmp_path / "releases")
    return tmp_path / "releases"


def test_answers_are_counted_by_the_address_of_the_documentation(releases_map: Path) -> None:
    app = make_app(releases_map, "lezer", "beheer")
    klant = TestClient(app, base_url="http://127.0.0.1")
    etag = klant.get("/v1/complexen/C001").headers["etag"]
    klant.get("/v1/complexen/C002", headers={"If-None-Match": etag})
    klant.get("/v1/complexen/C999")
    klant.get("/complexen/C001")
    klant.get("/bestaat-niet/Jansen")
    klant.request("JANSEN", "/v1/complexen")

    gelezen = read_metrieken(app)

    tel = gelezen["buurtpeil_verzoeken_total"]
    assert tel[EEN, "2xx", "GET"] == tel[EEN, "3xx", "GET"] == tel[EEN, "4xx", "GET"] == 1
    assert tel["/complexen/{beheerobject_id}", "2xx", "GET"] == 1
    assert tel[ONBEKEND, "4xx", "GET"] == 1
    assert sum(aantal for (_, _, methode), aantal in tel.items() if methode == "anders") == 1
    assert gelezen["buurtpeil_verzoek_seconden_count"][(EEN,)] == 3
    assert gelezen["buurtpeil_release_wissels_total"][()] == 1
    assert gelezen["buurtpeil_release_klaar"][()] == 1
    assert gelezen["buurtpeil_release_leeftijd_dagen"][()] > 0


def test_metrics_hold_no_id_name_or_word_that_was_typed(releases_map: Path) -> None:
    app = make_app(releases_map, toegang=Als("lezer", "beheer", naam="Anna de Wit"))
    klant = TestClient(app, base_url="http://127.0.0.1")
    for adres in ("/v1/complexen/C001", "/complexen?zoek=Jansen", "/x/Jansen", "/v1/complexen/J"):
        klant.get(adres)

    tekst = klant.get(PAD_METRIEKEN).text

    for verboden in ("C001", "Jansen", "Anna", "Wit", "lezer", "complexen/J"):
        assert verboden not in tekst, verboden


def test_who_is_stopped_at_the_gate_is_counted_without_an_address(releases_map: Path) -> None:
    app = make_app(releases_map, toegang=Als("lezer", naam="A"), grenzen=Grenzen(mens=2))
    klant = TestClient(app, base_url="http://127.0.0.1")
    statussen = [klant.get("/v1/buurten").status_code for _ in range(4)]

    assert 429 in statussen
    tel = find_meting(app).read().vakken
    assert sum(tel[GEWEERD, "GET", 4][:-1]) == statussen.count(429)


def find_meting(app: ASGIApp) -> Meting:
    while not isinstance(getattr(app, "_meting", None), Meting):
        app = app._app  # type: ignore[attr-defined]
    return app._meting  # type: ignore[attr-defined, no-any-return]


@given(seconden=st.lists(st.floats(0, 20), min_size=1, max_size=30))
def test_every_duration_falls_in_the_first_bin_that_holds_it(seconden: list[float]) -> None:
    meting = Meting(Winkel(Path("nergens")))
    for duur in seconden:
        meting.note("/a", "GET", 200, duur)

    gelezen = parse(meting.render().decode())

    emmers = gelezen["buurtpeil_verzoek_seconden_bucket"]
    for grens in GRENZEN:
        assert emmers["/a", str(grens)] == sum(duur <= grens for duur in seconden)
    assert emmers["/a", "+Inf"] == gelezen["buurtpeil_verzoeken_total"]["/a", "2xx", "GET"]
    assert gelezen["buurtpeil_verzoek_seconden_sum"]["/a",] == pytest.approx(sum(seconden))


WERKER = """
import asyncio, sys
from pathlib import Path
from serving.dienst.meting import Meting
from serving.release.winkel import Winkel
async def main():
    meting = Meting(Winkel(Path("nergens")), lambda: 5, Path(sys.argv[1]))
    for _ in range(7):
        meting.note("/a", "GET", 200, 0.002)
    meting.leave()
    print("klaar", flush=True)
    sys.stdin.read()
asyncio.run(main())
"""


def test_workers_are_added_up_and_a_killed_one_keeps_its_counts(tmp_path: Path) -> None:
    async def read() -> str:
        meting = Meting(Winkel(Path("nergens")), lambda: 2, tmp_path)
        meting.note("/a", "GET", 200, 0.002)
        return meting.render().decode()

    with subprocess.Popen(
        [sys.executable, "-c", WERKER, str(tmp_path)],
        cwd=WORTEL,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as ander:
        assert ander.stdout is not None
        ander.stdout.readline()
        samen = parse(run_alone(read()))
        ander.kill()
        ander.wait()
    daarna = parse(run_alone(read()))

    assert samen["buurtpeil_verzoeken_total"]["/a", "2xx", "GET"] == 8
    assert samen["buurtpeil_leeslog_wachtrij"][()] == 7
    assert samen["buurtpeil_werkers"][()] == 2
    assert daarna["buurtpeil_verzoeken_total"]["/a", "2xx", "GET"] >= 8
    assert daarna["buurtpeil_leeslog_wachtrij"][()] == 2 + 2  # the reader before is this process


def test_damaged_counts_of_another_worker_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "1-ab.json").write_text("{", encoding="utf-8")
    meting = Meting(Winkel(Path("nergens")), map_=tmp_path)
    assert meting.read().vakken == {}


def test_metrics_are_for_who_runs_the_service(releases_map: Path) -> None:
    for rollen, status in (((), 401), (("lezer",), 403), (("beheer",), 200)):
        app = make_app(releases_map, toegang=Als(*rollen))
        klant = TestClient(app, base_url="http://127.0.0.1")
        assert klant.get(PAD_METRIEKEN).status_code == status
    assert find_rollen(["beheer"])[0].niveau == "buurt"
