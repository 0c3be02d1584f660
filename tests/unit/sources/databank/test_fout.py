"""What a failing database says is turned into what to do, without its address or its data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, ProgrammingError

from orchestration.herkansing import can_pass
from sources.databank.fout import DatabankFout, DatabankWeg, explain
from sources.databank.verbinding import open_lezend, read_url
from tests.unit.conftest import postgres  # noqa: F401 - a server of its own
from tests.unit.sources.databank.conftest import Bronsysteem, Lezer
from vera.errors import GebruikFout, may_pass

GEHEIM = "geheim-9"


class Driverfout(Exception):
    def __init__(self, tekst: str, sqlstate: str | None = None) -> None:
        super().__init__(f"{tekst} {GEHEIM}")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("tekst", "sqlstate", "soort", "zegt"),
    [
        ("FATAL: password authentication failed", None, DatabankFout, "laat dit account niet toe"),
        ("FATAL: no pg_hba.conf entry", None, DatabankFout, "laat dit account niet toe"),
        ("x", "28P01", DatabankFout, "laat dit account niet toe"),
        ("x", "42501", DatabankFout, "niet lezen"),
        ("x", "42P01", DatabankFout, "Er is geen tabel of view"),
        ("x", "3D000", DatabankFout, "Niet gevonden"),
        ("x", "22007", DatabankFout, "lukt niet"),
        ("connection refused", None, DatabankWeg, "viel weg"),
        ("server closed the connection unexpectedly", None, DatabankWeg, "viel weg"),
        ("x", "57P01", DatabankWeg, "viel weg"),
        ("x", "08006", DatabankWeg, "viel weg"),
        ("x", "53300", DatabankWeg, "viel weg"),
        ("database is locked", None, DatabankWeg, "viel weg"),
        ("iets anders", None, DatabankFout, "lukt niet"),
    ],
)
def test_failure_says_what_to_do_and_whether_trying_again_helps(
    tekst: str, sqlstate: str | None, soort: type[DatabankFout], zegt: str
) -> None:
    for klasse in (OperationalError, ProgrammingError):
        fout = explain(klasse("select", {}, Driverfout(tekst, sqlstate)), "primair", "v_zaak")
        assert type(fout) is soort
        assert zegt in str(fout)
        assert fout.verwacht
        assert fout.remedie
        assert GEHEIM not in str(fout)
        assert may_pass(fout) == can_pass(fout) == (soort is DatabankWeg)


def test_kind_of_database_without_a_driver_is_named_and_an_address_that_is_none_refused() -> None:
    with (
        pytest.raises(GebruikFout, match="niets geïnstalleerd") as fout,
        open_lezend(make_url(f"oracle+oracledb://u:{GEHEIM}@h/x"), "primair"),
    ):
        pass
    assert GEHEIM not in str(fout.value)
    with pytest.raises(GebruikFout, match="geen adres") as fout:
        read_url(f"postgresql+psycopg://u:{GEHEIM}@h:poort/x", "primair")
    assert GEHEIM not in str(fout.value)


def test_sqlite_file_that_is_not_there_is_not_made(tmp_path: Any) -> None:
    pad = tmp_path / "weg.sqlite"
    with (
        pytest.raises(DatabankFout, match="is er niet"),
        open_lezend(make_url(f"sqlite:///{pad}"), "primair"),
    ):
        pass
    assert not pad.exists()


@pytest.mark.parametrize("bronsysteem", ["postgresql"], indirect=True)
def test_wrong_password_is_said_at_once_and_never_tried_again(
    bronsysteem: Bronsysteem, lezer: Lezer
) -> None:
    bronsysteem.execute("create role lezer_wachtwoord login password 'goed'")
    bronsysteem.execute("grant select on zaak to lezer_wachtwoord")
    bronsysteem.execute(
        "do $$ begin execute format($f$copy (values "
        "('local all lezer_wachtwoord scram-sha-256'), ('local all all trust')) to %L$f$, "
        "current_setting('hba_file')); perform pg_reload_conf(); perform pg_sleep(0.2); end $$"
    )
    wachten: list[float] = []

    def fetch(wachtwoord: str) -> tuple[Any, ...]:
        url = make_url(bronsysteem.url).set(username="lezer_wachtwoord", password=wachtwoord)
        tekst = url.render_as_string(hide_password=False)
        return replace(lezer, url=tekst, slaap=wachten.append).fetch().fouten

    (fout,) = fetch(GEHEIM)
    assert "laat dit account niet toe" in str(fout)
    assert GEHEIM not in str(fout)
    assert wachten == []
    assert fetch("goed") == ()
