"""The service under questions during a chaos trial: what it answers, and what it acknowledges.

Every answer must be to the byte what a sound service answers under the same ETag, and everything
that was acknowledged by 201 must be in the stores afterwards.

Belongs here: running the service and asking it. Does not belong here: what happens meanwhile
(:mod:`orchestration.ontregeling`).
"""

from __future__ import annotations

import hashlib
import http.client
import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from orchestration.ontregeling_bank import Bank, Proces
from orchestration.snelheid.last import find_poort
from serving.opslag import url_of_file
from serving.release.wijzer import activate
from serving.release.winkel import open_release
from serving.toegang.peper import load_geheim
from serving.toegang.register import BESTAND as BESTAND_TOEGANG
from serving.toegang.register import Toegangsregister
from vera.errors import BuurtpeilError

VRAGERS: Final = 2
GEDULD: Final = 240.0
"""Seconds that the service may take to start, or to show a new release, on a busy machine."""
WAARHEID: Final = "antwoorden.json"

Waarheid = dict[str, dict[str, str]]
"""Per address the hash of the body per ETag."""


@dataclass
class Gesprek:
    """What was asked and answered, while the block lasts.

    Parameters
    ----------
    data
        Data folder of the service.
    waarheid
        What a sound service answers.
    sleutel
        Key of who asks.
    plek
        Folder for what the service says.
    """

    data: Path
    waarheid: Waarheid
    sleutel: str
    plek: Path
    fouten: list[str] = field(default_factory=list)
    bon: list[tuple[str, Any]] = field(default_factory=list)
    aantal: int = 0
    _gezien: set[str] = field(default_factory=set)
    _klaar: threading.Event = field(default_factory=threading.Event)
    _dood: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Start the service and wait until it answers."""
        self.poort = find_poort()
        self.proces = Proces("dien", (self.data, self.poort), self.plek / "dienst.txt")
        tot = time.monotonic() + GEDULD
        while self.ask("GET", "/gezondheid/klaar")[0] != 200:
            if time.monotonic() > tot or not self.proces.proces.is_alive():
                tekst = self.proces.uit.read_text(encoding="utf-8")[-500:]
                raise BuurtpeilError(f"De dienst start niet: {tekst}")
            time.sleep(0.05)
        self._dood.clear()

    def stop(self) -> None:
        """Stop asking, and then the service."""
        self._klaar.set()
        self.proces.proces.terminate()
        self.proces.wait(60)

    def kill_and_restart(self) -> None:
        """Kill the service (-9) and start it again."""
        self._dood.set()
        self.proces.kill()
        self.proces.wait()
        self.start()

    def wait_for(self, release_id: str) -> None:
        """Wait until an answer comes from a release."""
        tot = time.monotonic() + GEDULD
        while not any(release_id in etag for etag in self._gezien):
            if time.monotonic() > tot:
                self.fouten.append(f"de dienst geeft release {release_id} niet")
                return
            time.sleep(0.05)

    def ask(
        self, daad: str, adres: str, inhoud: dict[str, Any] | None = None
    ) -> tuple[int, str, bytes]:
        """Return status (0 when nobody answers, or not to the end), ETag and body."""
        koppen = {"Authorization": f"Bearer {self.sleutel}"}
        tekst = None if inhoud is None else json.dumps(inhoud)
        if tekst is not None:
            koppen["Content-Type"] = "application/json"
        with closing(http.client.HTTPConnection("127.0.0.1", self.poort, timeout=60)) as lijn:
            try:
                lijn.request(daad, adres, tekst, koppen)
                antwoord = lijn.getresponse()
                return antwoord.status, antwoord.headers.get("ETag", ""), antwoord.read()
            except (OSError, http.client.HTTPException):
                return 0, "", b""

    def ask_on(self, seed: int) -> None:
        """Ask one address after another until the end."""
        rng = random.Random(seed)  # noqa: S311 - which address is asked, no secret
        adressen = sorted(self.waarheid)
        while not self._klaar.is_set():
            adres = rng.choice(adressen)
            status, etag, body = self.ask("GET", adres)
            if status == 0:
                if not (self._dood.is_set() or self._klaar.is_set()):
                    time.sleep(0.2)  # the kill may have come just before it was noted
                    if not (self._dood.is_set() or self._klaar.is_set()):
                        self.fouten.append(f"{adres}: geen antwoord")
                time.sleep(0.01)
                continue
            self.aantal += 1
            self._gezien.add(etag)
            if status != 200:
                self.fouten.append(f"{adres}: {status}")
            elif self.waarheid[adres].get(etag) != hashlib.sha256(body).hexdigest():
                self.fouten.append(f"{adres}: andere inhoud onder {etag}")

    def report_on(self, complexen: list[str]) -> None:
        """Report signals and set duidingen until the end; note what was acknowledged."""
        for nummer in range(1_000_000):
            if self._klaar.is_set():
                return
            id_ = complexen[nummer % len(complexen)]
            status, _, body = self.ask(
                "POST",
                "/v1/sociale-signalen",
                {
                    "complexId": id_,
                    "signaalCode": "dementie",
                    "urgentieCode": "deze_week",
                    "organisatieCode": "onderhoud",
                },
            )
            self._note("signaal", status, body, ("kenmerk",))
            if nummer < len(complexen):
                status, _, body = self.ask(
                    "POST",
                    f"/v1/complexen/{id_}/duidingen",
                    {
                        "delta": 1,
                        "redenCode": "recente_maatregel",
                        "toelichting": "Het trappenhuis is verlicht.",
                    },
                )
                self._note("duiding", status, body, ("duiding", "id"))
            time.sleep(0.02)

    def _note(self, soort: str, status: int, body: bytes, weg: tuple[str, ...]) -> None:
        if status == 201:
            waarde = json.loads(body)
            for naam in weg:
                waarde = waarde[naam]
            self.bon.append((soort, waarde))
        elif status >= 500:
            self.fouten.append(f"{soort}: {status}")


@contextmanager
def ask_during(bank: Bank, data: Path, plek: Path) -> Iterator[Gesprek]:
    """Run the service over a data folder and ask it, until the end of the block.

    Parameters
    ----------
    bank
        What is true.
    data
        A copy of its data folder.
    plek
        Folder for what the service says.
    """
    waarheid = read_waarheid(bank, plek)
    gesprek = Gesprek(data, waarheid, issue_sleutel(data), plek)
    complexen = list_complexen(data, bank.feiten.oud)
    gesprek.start()
    draden = [threading.Thread(target=gesprek.ask_on, args=(n,)) for n in range(VRAGERS)]
    draden.append(threading.Thread(target=gesprek.report_on, args=(complexen,)))
    for draad in draden:
        draad.start()
    try:
        yield gesprek
    finally:
        gesprek._klaar.set()
        for draad in draden:
            draad.join()
        gesprek.stop()


def issue_sleutel(data: Path) -> str:
    """Return a new key for the roles that a trial needs."""
    with closing(Toegangsregister(url_of_file(data / BESTAND_TOEGANG))) as register:
        _, sleutel = register.issue(
            load_geheim(data / "sleutels"),
            "ontregel",
            ["lezer", "gebiedsmanager"],
            organisatie="Proef",
            door="ontregel",
            dagen=1,
        )
    return sleutel


def list_complexen(data: Path, release_id: str) -> list[str]:
    """Return the complexes of a release."""
    with open_release(data / "releases" / release_id) as uitgave:
        sql = "select beheerobject_id from lijst where niveau = 'complex' order by 1"
        return [id_ for (id_,) in uitgave.query(sql)]


def read_waarheid(bank: Bank, plek: Path) -> Waarheid:
    """Return what a sound service answers from either release, asked once for a bank."""
    pad = bank.map_ / WAARHEID
    if pad.exists():
        inhoud: Waarheid = json.loads(pad.read_text(encoding="utf-8"))
        return inhoud
    adressen = [
        *(f"/v1/complexen/{id_}" for id_ in list_complexen(bank.data, bank.feiten.oud)),
        "/v1/complexen",
        "/v1/exports/sociaal_beheer_label.csv",
    ]
    waarheid: Waarheid = {adres: {} for adres in adressen}
    with bank.open_kopie("waarheid", plek) as data:
        releases = data / "releases"
        nieuw = releases / bank.feiten.nieuw
        bank.copy_nieuw(nieuw)
        gesprek = Gesprek(data, waarheid, issue_sleutel(data), plek)
        gesprek.start()
        try:
            for id_ in (bank.feiten.oud, bank.feiten.nieuw):
                activate(releases, id_)
                for adres in adressen:
                    status, etag, body = gesprek.ask("GET", adres)
                    if status != 200:
                        raise BuurtpeilError(f"Een gezonde dienst antwoordt {status} op {adres}.")
                    waarheid[adres][etag] = hashlib.sha256(body).hexdigest()
        finally:
            gesprek.stop()
    pad.write_text(json.dumps(waarheid, indent=1), encoding="utf-8")
    return waarheid
