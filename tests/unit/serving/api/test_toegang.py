"""Who sits at this machine, and what a proxy, another name or another place makes of that."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient
from starlette.types import Scope

from serving.api.toegang import DezeMachine, is_local_name, read_koekje
from tests.unit.serving.wie import make_app
from vera.toegang import NIEMAND, ROLLEN


def make_scope(client: str | None = "127.0.0.1", **koppen: str) -> Scope:
    alle = {"host": "127.0.0.1:8000", "user-agent": "x", **koppen}
    return {
        "type": "http",
        "client": None if client is None else (client, 50_000),
        "headers": [
            (naam.replace("_", "-").encode(), waarde.encode()) for naam, waarde in alle.items()
        ],
    }


@pytest.mark.parametrize(
    ("client", "host"),
    [("127.0.0.1", "127.0.0.1:8000"), ("127.0.0.1", "localhost"), ("::1", "[::1]:8000"),
     ("127.0.0.1", "localhost:8000"), ("::1", "[::1]")],
)  # fmt: skip
def test_who_sits_here_reads_and_decides_in_the_districts_and_must_say_a_name(
    client: str, host: str
) -> None:
    scope = make_scope(client, host=host)
    toegang = DezeMachine()

    lezer = toegang.find_lezer(scope)

    assert [rol.naam for rol in lezer.rollen] == ["lezer", "wijkbeheer", "gebiedsmanager"]
    assert toegang.find_naam(scope) is None
    assert toegang.allows(scope, "duiding")


def test_who_sits_here_has_nothing_of_the_roles_that_need_a_key() -> None:
    lezer = DezeMachine().find_lezer(make_scope())

    for bereik in ("woonfraude", "werklijst_woonfraude", "signaal_opvolgen", "privacy", "beheer"):
        assert not lezer.may(bereik)  # type: ignore[arg-type]
    assert not {rol.naam for rol in lezer.rollen} & {n for n, r in ROLLEN.items() if r.is_partner}


@pytest.mark.parametrize(
    "anders",
    [
        {"client": "10.0.0.7"},
        {"client": None},
        {"client": "testclient"},
        {"host": "label.example"},
        {"host": "127.0.0.1.elders.example:8000"},
        {"host": ""},
        {"host": "label.example:127.0.0.1"},
        {"x_forwarded_for": "127.0.0.1"},
        {"forwarded": "for=127.0.0.1"},
        {"x_real_ip": "127.0.0.1"},
        {"via": "1.1 proxy"},
        {"x_forwarded_host": "127.0.0.1"},
        {"x_forwarded_proto": "https"},
        {"x_forwarded_port": "443"},
        {"x_client_ip": "10.0.0.7"},
        {"cf_ray": "1"},
        {"host": "[127.0.0.1"},
        {"host": "[localhost]"},
        {"host": "127.0.0.1]]:1"},
    ],
)
def test_who_comes_from_elsewhere_or_by_a_proxy_is_nobody(anders: dict[str, str]) -> None:
    assert DezeMachine().find_lezer(make_scope(**anders)) is NIEMAND


def test_proxy_that_says_nothing_of_itself_is_known_by_how_it_speaks() -> None:
    assert DezeMachine().find_lezer({**make_scope(), "http_version": "1.0"}) is NIEMAND
    assert DezeMachine().find_lezer({**make_scope(), "http_version": "1.1"}) is not NIEMAND


def test_who_names_two_hosts_is_nobody() -> None:
    scope = make_scope(host="elders.example")
    scope["headers"].append((b"host", b"localhost"))

    assert DezeMachine().find_lezer(scope) is NIEMAND


def test_names_of_the_machine_itself_are_told_from_others() -> None:
    assert is_local_name("http://127.0.0.1:8000")
    assert is_local_name("http://localhost")
    assert is_local_name("http://[::1]:9000/")
    for ander in ("http://0.0.0.0:8000", "https://label.example", "http://127.0.0.1.example", ""):
        assert not is_local_name(ander)


@pytest.mark.parametrize(
    ("koekjes", "sessie"),
    [(b"a=1; buurtpeil_sessie=x.y", "x.y"), (b"a=1", None), (b"", None), (b"=;;=", None)],
)
def test_session_is_read_among_other_cookies(koekjes: bytes, sessie: str | None) -> None:
    assert read_koekje(koekjes) == sessie


def test_service_that_is_told_nothing_shows_what_is_public_and_nothing_else(
    releases_map: Path,
) -> None:
    from serving.app import create_app

    client = TestClient(
        create_app(releases_map), client=("127.0.0.1", 1), base_url="http://127.0.0.1"
    )

    assert client.get("/v1/complexen").status_code == 401
    assert client.get("/v1/buurten").status_code == 200
    assert client.get("/aanmelden").status_code == 404, "there is nothing to log in to"


def test_page_under_a_name_pointed_here_afterwards_reads_nothing_restricted(
    releases_map: Path,
) -> None:
    client = TestClient(
        make_app(releases_map, toegang=DezeMachine()),
        client=("127.0.0.1", 1),
        base_url="http://kwaad.example",
    )

    assert client.get("/v1/complexen/C001").status_code == 401
