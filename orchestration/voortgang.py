"""How far a run is: a bar on a terminal, plain lines in a log, and the time each step took."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


class Voortgang:
    """Tells how far a run is. This base class keeps the times and says nothing.

    Attributes
    ----------
    seconden
        Wall time per step, in the order in which the steps began.
    fout
        The error that ended a step, or None. Dagster keeps only its text.
    """

    def __init__(self) -> None:
        self.seconden: dict[str, float] = {}
        self.fout: Exception | None = None
        self._stap = ""

    @contextmanager
    def stap(self, naam: str) -> Iterator[None]:
        """Time one step and show that it runs."""
        self._stap = naam
        begin = time.monotonic()
        self.begin(naam)
        try:
            yield
        except Exception as fout:
            self.fout = fout
            raise
        finally:
            duur = time.monotonic() - begin
            self.seconden[naam] = self.seconden.get(naam, 0.0) + duur
            self.einde(naam, duur)

    def meld(self, klaar: int, totaal: int, wat: str = "") -> None:
        """Tell how much of the current step is done."""

    def begin(self, naam: str) -> None:
        """A step begins."""

    def einde(self, naam: str, duur: float) -> None:
        """A step ended after ``duur`` seconds."""


class RegelVoortgang(Voortgang):
    """One plain line per step, for logs and for Dagster's compute log."""

    def __init__(self, uit: TextIO | None = None) -> None:
        super().__init__()
        self._uit = uit

    def begin(self, naam: str) -> None:
        """Say which step begins."""
        print(f"{naam} ...", file=self._uit or sys.stderr, flush=True)

    def einde(self, naam: str, duur: float) -> None:
        """Say which step ended."""
        print(f"{naam}: {duur:.1f} s", file=self._uit or sys.stderr, flush=True)


class BalkVoortgang(Voortgang):
    """A bar on a terminal."""

    def __init__(self) -> None:
        super().__init__()
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._balk = Progress(
            TextColumn("{task.description:<28}"),
            BarColumn(bar_width=32),
            TimeElapsedColumn(),
            TextColumn("{task.fields[wat]}"),
            console=Console(stderr=True),
        )
        self._taken: dict[str, object] = {}

    def begin(self, naam: str) -> None:
        """Add a bar for the step."""
        if not self._taken:
            self._balk.start()
        if naam not in self._taken:
            self._taken[naam] = self._balk.add_task(naam, total=None, wat="")

    def meld(self, klaar: int, totaal: int, wat: str = "") -> None:
        """Move the current bar."""
        self._balk.update(self._taken[self._stap], completed=klaar, total=totaal, wat=wat)  # type: ignore[arg-type]

    def einde(self, naam: str, duur: float) -> None:
        """Fill the bar."""
        self._balk.update(self._taken[naam], completed=1, total=1, wat=f"{duur:.1f} s")  # type: ignore[arg-type]

    def stop(self) -> None:
        """Leave the terminal as it should be."""
        self._balk.stop()


@contextmanager
def open_voortgang() -> Iterator[Voortgang]:
    """Give a bar on a terminal, else plain lines."""
    if not sys.stderr.isatty():
        yield RegelVoortgang()
        return
    balk = BalkVoortgang()
    try:
        yield balk
    finally:
        balk.stop()
