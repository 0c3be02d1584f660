"""Asks the service over many connections until told to stop, and says what did not fit.

A program of its own, so that it shares no core with the test: reads what to expect from a file,
asks until its input ends, prints one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections import Counter
from pathlib import Path
from typing import Any

VERBINDINGEN = 12


class Vrager:
    """Keeps the counts."""

    def __init__(self, poort: int, sleutel: str, verwacht: dict[str, dict[str, str]]) -> None:
        self.poort = poort
        self.sleutel = sleutel
        self.verwacht = verwacht
        self.adressen = sorted(verwacht)
        self.klaar = False
        self.status: Counter[int] = Counter()
        self.gezien: Counter[str] = Counter()
        self.opgezocht = 0
        self.fout: list[str] = []
        self.afgebroken: list[int] = []
        self.half: list[int] = []

    async def ask(self, nummer: int) -> None:
        """Ask over one connection after another."""
        rng = random.Random(nummer)
        while not self.klaar:
            try:
                lezen, schrijven = await asyncio.open_connection("127.0.0.1", self.poort)
            except OSError:
                if not self.klaar:
                    self.fout.append("no connection")
                return
            mijn_poort = schrijven.get_extra_info("sockname")[1]
            try:
                while not self.klaar:
                    await self.ask_once(rng, lezen, schrijven)
            except asyncio.IncompleteReadError as fout:
                (self.half if fout.partial else self.afgebroken).append(mijn_poort)
            except OSError:
                self.afgebroken.append(mijn_poort)
            finally:
                schrijven.close()

    async def ask_once(
        self, rng: random.Random, lezen: asyncio.StreamReader, schrijven: asyncio.StreamWriter
    ) -> None:
        adres = rng.choice(self.adressen)
        antwoorden = self.verwacht[adres]
        had = rng.choice(sorted(antwoorden)) if rng.random() < 0.2 else None
        conditie = f"If-None-Match: {had}\r\n" if had else ""
        schrijven.write(
            f"GET {adres} HTTP/1.1\r\nHost: 127.0.0.1:{self.poort}\r\n"
            f"Authorization: Bearer {self.sleutel}\r\n{conditie}\r\n".encode()
        )
        kop = (await lezen.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(kop[0].split()[1])
        koppen = dict(regel.lower().split(": ", 1) for regel in kop[1:] if ": " in regel)
        lengte = 0 if status == 304 else int(koppen["content-length"])
        body = (await lezen.readexactly(lengte)).decode()
        self.status[status] += 1
        etag = koppen.get("etag", "")
        if status == 304 and etag != had:
            self.fout.append(f"{adres}: 304 under {etag}, asked with {had}")
        elif status == 200 and antwoorden.get(etag) != body:
            self.fout.append(f"{adres}: another body under {etag}")
        elif status not in {200, 304}:
            self.fout.append(f"{adres}: {status}")
        self.gezien[etag] += 1
        self.opgezocht += adres.startswith("/v1/complexen/C") and adres.count("/") == 3


async def main() -> dict[str, Any]:
    opdracht = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    vrager = Vrager(opdracht["poort"], opdracht["sleutel"], opdracht["verwacht"])
    lussen = [asyncio.create_task(vrager.ask(nummer)) for nummer in range(VERBINDINGEN)]
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    vrager.klaar = True
    await asyncio.wait(lussen, timeout=30)
    return {
        "status": vrager.status,
        "gezien": vrager.gezien,
        "opgezocht": vrager.opgezocht,
        "fout": vrager.fout,
        "afgebroken": vrager.afgebroken,
        "half": vrager.half,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(main())))
