"""Notices of failed runs, sent to a real web server and a real mail server on this machine."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from aiosmtpd.controller import Controller

from orchestration.cli.verversing import run_verversing
from orchestration.instellingen import Instellingen
from orchestration.melding import (
    MAX_TEKST,
    Melder,
    describe_fout,
    describe_gebeurtenis,
    describe_wacht,
    tell_failure,
)
from orchestration.sensors import build_sensors
from orchestration.slot import RunBezig, hold_slot
from orchestration.uitvoering import LABEL_OPDRACHTREGEL
from orchestration.voortgang import Voortgang
from vera.errors import BuurtpeilError, GebruikFout, PoortInFout

FOUT = PoortInFout(
    "vera.zaak: 12 rijen zonder melddatum.",
    verwacht="bij elke zaak een melddatum",
    remedie="vul de datum en lever het bestand opnieuw",
)


@dataclass
class Webserver:
    """What it got, and with what it answers."""

    adres: str = ""
    status: int = 204
    naar: str | None = None
    ontvangen: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def serve() -> Iterator[Webserver]:
    stand = Webserver()

    class Antwoord(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            inhoud = self.rfile.read(int(self.headers["Content-Length"]))
            stand.ontvangen.append(json.loads(inhoud))
            self.send_response(stand.status)
            if stand.naar:
                self.send_header("Location", stand.naar)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Antwoord)
    stand.adres = f"http://127.0.0.1:{server.server_port}/haak"
    draad = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    draad.start()
    try:
        yield stand
    finally:
        server.shutdown()
        draad.join()
        server.server_close()


class Postbus:
    """Keeps what was delivered."""

    def __init__(self) -> None:
        self.ontvangen: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.ontvangen.append(envelope)
        return "250 OK"


@pytest.fixture
def webserver() -> Iterator[Webserver]:
    with serve() as stand:
        yield stand


@pytest.fixture
def postbus() -> Iterator[tuple[str, Postbus]]:
    bus = Postbus()
    with socket.create_server(("127.0.0.1", 0)) as vrij:
        poort = vrij.getsockname()[1]
    server = Controller(bus, hostname="127.0.0.1", port=poort)
    server.start()
    try:
        yield f"smtp://127.0.0.1:{poort}", bus
    finally:
        server.stop()


def test_webhook_gets_step_error_remedy_and_runbook(webserver: Webserver) -> None:
    melder = Melder.of(Instellingen(melding_webhook=webserver.adres))
    assert melder.send(describe_fout("verversing", "poort in", FOUT)) == ()
    (bericht,) = webserver.ontvangen
    assert bericht["soort"] == "mislukt"
    assert (bericht["job"], bericht["stap"]) == ("verversing", "poort in")
    assert bericht["gevonden"] == FOUT.gevonden
    assert bericht["verwacht"] == FOUT.verwacht
    assert bericht["remedie"] == FOUT.remedie
    assert bericht["runbook"].startswith("docs/runbooks/mislukte-run.md")
    assert FOUT.remedie in bericht["text"], "what a chat program shows"


def test_mail_reaches_every_address_with_the_same_text(postbus: tuple[str, Postbus]) -> None:
    adres, bus = postbus
    instellingen = Instellingen(melding_email="a@voorbeeld.nl, b@voorbeeld.nl", smtp=adres)
    melding = describe_fout("verversing", "poort in", FOUT)
    assert Melder.of(instellingen).send(melding) == ()
    (post,) = bus.ontvangen
    assert post.rcpt_tos == ["a@voorbeeld.nl", "b@voorbeeld.nl"]
    tekst = post.content.decode()
    assert "Subject: Buurtpeil: verversing is mislukt bij poort in" in tekst
    assert FOUT.remedie in tekst


def test_password_is_not_sent_to_a_mail_server_without_encryption(
    postbus: tuple[str, Postbus],
) -> None:
    adres, bus = postbus
    open_ = adres.replace("smtp://", "smtp://ik:geheim@")
    melder = Melder.of(Instellingen(melding_email="a@voorbeeld.nl", smtp=open_))
    (regel,) = melder.send(describe_fout("verversing", "", FOUT))
    assert "e-mail" in regel
    assert "geheim" not in regel
    assert bus.ontvangen == []


def test_webhook_that_cannot_be_reached_is_told_and_the_failure_stays_what_it_was() -> None:
    with serve() as stand:
        weg = stand.adres
    gezegd: list[str] = []
    voortgang = Voortgang()
    with (
        pytest.raises(PoortInFout) as gevangen,
        tell_failure(Melder(webhook=weg), "verversing", voortgang, gezegd.append),
        voortgang.stap("poort in"),
    ):
        raise FOUT
    assert gevangen.value is FOUT
    assert len(gezegd) == 1
    assert "webhook" in gezegd[0]
    assert weg not in gezegd[0], "who knows the address may post there"


def test_run_of_the_command_line_that_cannot_start_is_told(
    webserver: Webserver, tmp_path: Path
) -> None:
    (tmp_path / "leveringen").mkdir()
    instellingen = Instellingen(
        data=tmp_path / "data",
        leveringen=tmp_path / "leveringen",
        melding_webhook=webserver.adres,
    )
    with hold_slot(tmp_path / "data" / "run.slot"), pytest.raises(RunBezig):
        run_verversing(instellingen)
    (bericht,) = webserver.ontvangen
    assert bericht["gevonden"].startswith("Er loopt al een run")


def test_one_way_that_fails_does_not_stop_the_other(
    webserver: Webserver, postbus: tuple[str, Postbus]
) -> None:
    webserver.status = 500
    adres, bus = postbus
    melder = Melder.of(
        Instellingen(melding_webhook=webserver.adres, melding_email="a@voorbeeld.nl", smtp=adres)
    )
    (regel,) = melder.send(describe_fout("verversing", "", FOUT))
    assert "webhook" in regel
    assert len(bus.ontvangen) == 1


def test_webhook_that_points_elsewhere_is_not_followed(webserver: Webserver) -> None:
    with serve() as elders:
        webserver.status, webserver.naar = 307, elders.adres
        assert Melder(webhook=webserver.adres).send(describe_fout("verversing", "", FOUT))
        assert elders.ontvangen == []


def test_notice_holds_nothing_that_looks_like_personal_data() -> None:
    fout = BuurtpeilError("Rij 3 is vreemd: 06-12345678.\nRij 4 ook.", remedie="mail a@b.nl")
    melding = describe_fout("verversing", "", fout)
    assert "06-12345678" not in melding.tekst
    assert "a@b.nl" not in melding.tekst
    assert "Rij 4 ook." in melding.tekst


def test_text_of_an_error_that_is_not_ours_stays_here() -> None:
    for melding in (
        describe_fout("verversing", "inlezen", ValueError("Jansen, Dorpsstraat 1")),
        describe_gebeurtenis("verversing", "inlezen", "ValueError", "ValueError: Jansen"),
    ):
        assert "Jansen" not in melding.tekst
        assert "ValueError" in melding.gevonden


def test_error_of_ours_that_dagster_kept_as_text_is_told_whole() -> None:
    melding = describe_gebeurtenis(
        "verversing", "levering_vera", "PoortInFout", f"vera.errors.PoortInFout: {FOUT}\n"
    )
    direct = describe_fout("verversing", "levering_vera", FOUT)
    assert (melding.gevonden, melding.verwacht, melding.remedie, melding.runbook) == (
        direct.gevonden, direct.verwacht, direct.remedie, direct.runbook
    )  # fmt: skip


def test_long_error_is_cut() -> None:
    melding = describe_fout("verversing", "", BuurtpeilError("regel\n" * 5000))
    assert len(melding.gevonden) == MAX_TEKST


def test_release_that_waits_is_told_with_the_two_commands() -> None:
    melding = describe_wacht("verversing", "0123456789ab", ("Er is veel anders.",))
    assert "release goedkeuren 0123456789ab" in melding.remedie
    assert "release afwijzen 0123456789ab" in melding.remedie
    assert melding.onderwerp.endswith("wacht op goedkeuring")


@pytest.mark.parametrize(
    "velden",
    [
        {"melding_webhook": "ftp://voorbeeld.nl"},
        {"melding_webhook": "https://"},
        {"melding_email": "niemand", "smtp": "smtp://localhost"},
        {"melding_email": "a@voorbeeld.nl"},
        {"smtp": "mail.voorbeeld.nl"},
        {"smtp": "smtp://gebruiker:geheim@host:poort"},
    ],
    ids=["scheme", "host", "address", "no server", "no scheme", "port"],
)
def test_setting_that_is_not_right_is_refused_without_repeating_it(velden: dict[str, str]) -> None:
    with pytest.raises(GebruikFout) as fout:
        Melder.of(Instellingen(**velden))  # type: ignore[arg-type]
    assert "geheim" not in str(fout.value)


@dg.op
def poort() -> None:
    raise FOUT


@dg.job(name="verversing")
def mislukt() -> None:
    poort()


def evaluate(melder: Melder, tags: dict[str, str]) -> Any:
    (sensor,) = [s for s in build_sensors() if s.name == "mislukte_run"]
    with dg.DagsterInstance.ephemeral() as instance:
        uitkomst = mislukt.execute_in_process(instance=instance, raise_on_error=False, tags=tags)
        context = dg.build_run_status_sensor_context(
            sensor_name="mislukte_run",
            dagster_instance=instance,
            dagster_run=uitkomst.dagster_run,
            dagster_event=uitkomst.get_run_failure_event(),
            resources={"melder": melder},
        ).for_run_failure()
        return sensor(context)


def test_dagster_tells_of_a_failed_run_as_the_command_line_does(webserver: Webserver) -> None:
    evaluate(Melder(webhook=webserver.adres), {})
    (bericht,) = webserver.ontvangen
    assert (bericht["job"], bericht["stap"]) == ("verversing", "poort")
    assert bericht["gevonden"] == FOUT.gevonden
    assert bericht["remedie"] == FOUT.remedie


def test_run_of_the_command_line_is_not_told_twice(webserver: Webserver) -> None:
    uitkomst = evaluate(Melder(webhook=webserver.adres), {LABEL_OPDRACHTREGEL: "ja"})
    assert isinstance(uitkomst, dg.SkipReason)
    assert webserver.ontvangen == []
