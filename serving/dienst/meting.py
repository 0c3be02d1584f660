"""What the service counts of itself: requests by address as documented, never by who asked.

No label holds a name, a role, an id or what was typed: a role that one person has would make this
a record of that person. Counting is a few additions in the memory of a worker, because the
look-up it counts takes microseconds; with several workers each leaves its counts in a file of its
own twice a second, and whoever is asked adds them up. What a killed worker counted stays.

Belongs here: counting, and telling it as OpenMetrics. Does not belong here: the address
(``loket``), the log (``verslag``).
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from serving.release.winkel import GeenRelease, Winkel

GRENZEN: Final = (
    0.0001,
    0.00025,
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    1.0,
    5.0,
)
"""Upper bounds of the histogram of durations, in seconds."""

METHODEN: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
ANDERS: Final = "anders"
ONBEKEND: Final = "(onbekend)"
"""Stands for every address that there is not: what people type there is not repeated."""

_RUST: Final = 0.5
"""Seconds between two times that a worker leaves its counts."""

MEDIATYPE: Final = "application/openmetrics-text; version=1.0.0; charset=utf-8"

Sleutel = tuple[str, str, int]
"""Address as documented, method, first digit of the status."""


@dataclass
class Stand:
    """The counts of one worker, or of all.

    Parameters
    ----------
    vakken
        Per sleutel: how many fell in each bin of ``GRENZEN`` (and above), and their seconds.
    wissels
        How often another release was opened.
    wachtrij
        Lines of the read log that are not on disk yet.
    werkers
        Processes that answer.
    """

    vakken: dict[Sleutel, list[float]] = field(default_factory=dict)
    wissels: int = 0
    wachtrij: int = 0
    werkers: int = 1

    def pack(self) -> bytes:
        """Return it as a file holds it."""
        vakken = [[*sleutel, waarden] for sleutel, waarden in self.vakken.items()]
        return json.dumps(
            {"vakken": vakken, "wissels": self.wissels, "wachtrij": self.wachtrij}
        ).encode()

    def add(self, inhoud: dict[str, Any], *, leeft: bool) -> None:
        """Add what another worker left; of one that is gone only what it had counted."""
        for adres, methode, klasse, waarden in inhoud["vakken"]:
            vak = self.vakken.setdefault((adres, methode, klasse), _empty())
            self.vakken[adres, methode, klasse] = [a + b for a, b in zip(vak, waarden, strict=True)]
        self.wissels += inhoud["wissels"]
        if leeft:
            self.wachtrij += inhoud["wachtrij"]
            self.werkers += 1


class Meting:
    """Counts in one worker.

    Parameters
    ----------
    winkel
        Door to the release that is served.
    wachtrij
        Gives how many lines of the read log wait for the disk.
    map_
        Folder that the workers share; None = there is one worker.
    """

    def __init__(
        self,
        winkel: Winkel,
        wachtrij: Callable[[], int] = lambda: 0,
        map_: Path | None = None,
    ) -> None:
        self._winkel = winkel
        self._wachtrij = wachtrij
        self._map = map_
        self._bestand = f"{os.getpid()}-{secrets.token_hex(4)}.json"
        self._vakken: dict[Sleutel, list[float]] = {}
        self._gepland = map_ is None

    def note(self, adres: str, methode: str, status: int, seconden: float) -> None:
        """Count one answer.

        Parameters
        ----------
        adres
            Address with its variables by name.
        methode, status
            Of the request and of the answer.
        seconden
            From asking until the answer was handed over.
        """
        sleutel = (adres, methode, status // 100)
        vak = self._vakken.get(sleutel)
        if vak is None:
            vak = self._make(sleutel)
        vak[bisect_left(GRENZEN, seconden)] += 1
        vak[-1] += seconden
        if not self._gepland:
            self._gepland = True
            asyncio.get_running_loop().call_later(_RUST, self.leave)

    def _make(self, sleutel: Sleutel) -> list[float]:
        adres, methode, klasse = sleutel
        return self._vakken.setdefault(
            (adres, methode if methode in METHODEN else ANDERS, klasse), _empty()
        )

    def leave(self) -> None:
        """Leave the counts where the other workers find them."""
        if self._map is None:
            return
        self._gepland = False
        tijdelijk = self._map / f".{self._bestand}"
        try:
            tijdelijk.write_bytes(self._own().pack())
            tijdelijk.replace(self._map / self._bestand)
        except OSError:
            return  # Figures that are late are no reason to stop answering.

    def read(self) -> Stand:
        """Return the counts of all workers together."""
        self.leave()
        samen = self._own()
        for inhoud, leeft in self._read_others():
            samen.add(inhoud, leeft=leeft)
        return samen

    def render(self) -> bytes:
        """Return everything as OpenMetrics text."""
        from prometheus_client import CollectorRegistry
        from prometheus_client.openmetrics.exposition import generate_latest

        register = CollectorRegistry(auto_describe=False)
        register.register(_Verzamelaar(self.read(), self._winkel))
        return bytes(generate_latest(register))  # type: ignore[no-untyped-call]

    def _own(self) -> Stand:
        vakken = {sleutel: list(vak) for sleutel, vak in self._vakken.items()}
        return Stand(vakken, self._winkel.wissels, self._wachtrij())

    def _read_others(self) -> Iterator[tuple[dict[str, Any], bool]]:
        for pad in self._map.glob("[0-9]*.json") if self._map is not None else ():
            if pad.name == self._bestand:
                continue
            try:
                inhoud = json.loads(pad.read_bytes())
            except (OSError, ValueError):
                continue
            yield inhoud, Path(f"/proc/{pad.name.partition('-')[0]}").exists()


class _Verzamelaar:
    """Hands counts to prometheus_client."""

    def __init__(self, stand: Stand, winkel: Winkel) -> None:
        self._stand = stand
        self._winkel = winkel

    def collect(self) -> Iterable[Any]:
        """Yield the families."""
        from prometheus_client.core import (
            CounterMetricFamily,
            GaugeMetricFamily,
            HistogramMetricFamily,
            InfoMetricFamily,
        )

        verzoeken = CounterMetricFamily(
            "buurtpeil_verzoeken",
            "Antwoorden, per adres zoals het in de documentatie staat.",
            labels=["adres", "methode", "klasse"],
        )
        duur = HistogramMetricFamily(
            "buurtpeil_verzoek_seconden", "Duur van een antwoord.", labels=["adres"]
        )
        per_adres: dict[str, list[float]] = {}
        for (adres, methode, klasse), vak in sorted(self._stand.vakken.items()):
            verzoeken.add_metric([adres, methode, f"{klasse}xx"], sum(vak[:-1]))
            samen = per_adres.setdefault(adres, _empty())
            per_adres[adres] = [a + b for a, b in zip(samen, vak, strict=True)]
        for adres, vak in per_adres.items():
            tot, emmers = 0.0, []
            for grens, aantal in zip((*map(str, GRENZEN), "+Inf"), vak[:-1], strict=True):
                tot += aantal
                emmers.append((grens, tot))
            duur.add_metric([adres], emmers, vak[-1])
        yield verzoeken
        yield duur
        yield CounterMetricFamily(
            "buurtpeil_release_wissels",
            "Keren dat een werker een andere release opende.",
            value=self._stand.wissels,
        )
        yield GaugeMetricFamily(
            "buurtpeil_leeslog_wachtrij",
            "Regels van het leeslog die nog niet op schijf staan.",
            value=self._stand.wachtrij,
        )
        yield GaugeMetricFamily(
            "buurtpeil_werkers", "Processen die antwoorden.", value=self._stand.werkers
        )
        yield from self._describe_release(GaugeMetricFamily, InfoMetricFamily)

    def _describe_release(self, gauge: Any, info: Any) -> Iterator[Any]:
        try:
            uitgave = self._winkel.current()
        except GeenRelease:
            yield gauge("buurtpeil_release_klaar", "1 = er is een release.", value=0)
            return
        leeftijd = (datetime.now(UTC).date() - date.fromisoformat(uitgave.peildatum)).days
        yield gauge("buurtpeil_release_klaar", "1 = er is een release.", value=1)
        yield gauge(
            "buurtpeil_release_verstoord",
            "1 = de laatste release is niet te openen; de vorige wordt getoond.",
            value=int(self._winkel.melding is not None),
        )
        yield gauge("buurtpeil_release_leeftijd_dagen", "Dagen sinds de peildatum.", value=leeftijd)
        yield info(
            "buurtpeil_release",
            "De release die wordt getoond.",
            value={"release": uitgave.release_id, "peildatum": uitgave.peildatum},
        )


def _empty() -> list[float]:
    return [0.0] * (len(GRENZEN) + 2)
