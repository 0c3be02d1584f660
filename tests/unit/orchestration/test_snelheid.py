"""The bench of the service: its release is a real one, its servers answer, its page is honest."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from orchestration.snelheid import dienst
from orchestration.snelheid.dienst import OPZOEK, STAPEL, Opzet, Verslag, write_verslag
from orchestration.snelheid.last import Uitslag, find_wrk
from orchestration.snelheid.servers import make_asgi, make_datasette, make_fastapi
from orchestration.snelheid.vulling import name_complex, write_vulling
from serving.release.winkel import open_release, verify
from vera.errors import GebruikFout

COMPLEXEN = 45


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_vulling(tmp_path_factory.mktemp("vulling"), COMPLEXEN)


def test_made_release_is_sound_and_knows_every_complex(release: Path) -> None:
    assert verify(release) == []
    with open_release(release) as uitgave:
        for nummer in range(COMPLEXEN):
            antwoord = json.loads(uitgave.answer("complex", name_complex(nummer)) or b"{}")
            assert antwoord["sociaalBeheerLabel"]["waarde"] in {1, 2, 3, 4, 5}
        assert uitgave.answer("complex", name_complex(COMPLEXEN)) is None
        # As long as a real answer, with reasons.
        assert len(antwoord["sociaalBeheerLabel"]["redenen"]["omhoog"]) == 3


def test_made_release_of_another_name_is_another_with_the_same_ids(
    release: Path, tmp_path: Path
) -> None:
    ander = write_vulling(tmp_path, COMPLEXEN, naam="B")
    assert ander.name != release.name
    with open_release(release) as een, open_release(ander) as twee:
        assert een.answer("complex", name_complex(1)) != twee.answer("complex", name_complex(1))


@pytest.mark.parametrize("maak", [make_fastapi, make_asgi])
def test_servers_to_compare_with_send_the_bytes_they_were_given(maak: object) -> None:
    klant = TestClient(maak(b'{"a":1}'))  # type: ignore[operator]
    antwoord = klant.get("/v1/complexen/C000001")
    assert (antwoord.status_code, antwoord.content) == (200, b'{"a":1}')
    assert antwoord.headers["content-type"] == "application/json"


def make_verslag(tempo: float, ander: float) -> Verslag:
    def meet(per_seconde: float, p99: float) -> list[Uitslag]:
        return [Uitslag(per_seconde * k, 1.0, p99, 60.0, 0) for k in (0.9, 1.0, 5.0)]

    return Verslag(
        Opzet(),
        {
            ("buurtpeil", OPZOEK): meet(tempo, 3.0),
            ("asgi", OPZOEK): meet(ander, 2.0),
            ("buurtpeil", STAPEL): meet(2_500.0, 9.0),
        },
        tot_antwoord=1.25,
        rss=250_000_000,
        ontbreekt=["Datasette (`uv pip install datasette`)"],
    )


def test_page_says_of_every_promise_whether_it_holds_and_what_was_not_measured() -> None:
    tekst = write_verslag(make_verslag(5_000, 10_000))

    assert "| opzoeken, maal een kale ASGI-app | 0,50 | ≥ 0,60 | **nee** |" in tekst
    assert "| p99 van opzoeken, maal die van de ASGI-app | 1,50 | ≤ 2,00 | ja |" in tekst
    assert "| labels per seconde in stapels van honderd | 250.000 | ≥ 200.000 | ja |" in tekst
    assert "| seconden van start tot eerste antwoord | 1,25 | ≤ 2,00 | ja |" in tekst
    assert "Niet gemeten: Datasette" in tekst
    assert "maal Datasette" not in tekst, "what was not measured makes no promise"


def test_ratio_is_of_the_same_round_so_that_a_noisy_round_does_not_count_twice() -> None:
    verslag = make_verslag(6_000, 10_000)
    ons = verslag.uitslagen["buurtpeil", OPZOEK]
    ons[2] = Uitslag(6_000 * 5.0 * 10, 1.0, 3.0, 60.0, 0)

    assert verslag.compare("asgi", lambda u: u.per_seconde) == pytest.approx(0.6)


def test_without_wrk_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(GebruikFout, match="apt-get install wrk"):
        find_wrk()


@pytest.mark.nacht
@pytest.mark.skipif(shutil.which("wrk") is None, reason="needs wrk (apt-get install wrk)")
def test_whole_bench_measures_everything_and_gets_good_answers_alone() -> None:
    verslag = dienst.measure(Opzet(200, 1_000, seconden=1, ronden=1), lambda _: None)

    assert verslag.fout == 0
    assert verslag.ontbreekt == []
    assert {soort for server, soort in verslag.uitslagen if server == "buurtpeil"} == {
        dienst.OPZOEK,
        dienst.NIEUW,
        dienst.STAPEL,
        dienst.LIJST,
        dienst.PAGINA,
    }
    assert {server for server, _ in verslag.uitslagen} == set(dienst.NAMEN)


def test_datasette_serves_the_same_table(release: Path) -> None:
    pytest.importorskip("datasette", reason="needs the group bench (datasette)")
    klant = TestClient(make_datasette(release / "opzoek.sqlite"))
    antwoord = klant.get(f"/opzoek/antwoord/complex,{name_complex(1)}.json")
    assert antwoord.status_code == 200
    assert name_complex(1) in antwoord.text
