"""How far a run is: a bar on a terminal, plain lines in a log, and the time each step took."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.progress import TaskID


class Voortgang:
    """Tells how far a run is. This base class keeps the times and says nothing.

    Attributes
    ----------
    seconden
        Wall time per step, in the order in which the steps began.
    fout
        The error that ended a step, or None; None again when a second try of that step ends
        well. Dagster keeps only its text.
    """

    def __init__(self) -> None:
        self.seconden: dict[str, float] = {}
        self.fout: Exception | None = None
        self._stap = ""
        self._fout_van = ("", "")

    @contextmanager
    def stap(self, naam: str, wat: str = "") -> Iterator[None]:
        """Time one step, or a part of it (``wat``), and show that it runs."""
        self._stap = naam
        begin = time.monotonic()
        self.begin(naam, wat)
        try:
            yield
        except Exception as fout:
            self.fout = fout
            self._fout_van = (naam, wat)
            raise
        else:
            # Another step that ends well says nothing of the one that failed.
            if self._fout_van == (naam, wat):
                self.fout = None
        finally:
            duur = time.monotonic() - begin
            self.seconden[naam] = self.seconden.get(naam, 0.0) + duur
            self.einde(naam, duur, wat)

    @property
    def huidig(self) -> str:
        """The step that began last; empty before the first."""
        return self._stap

    def meld(self, klaar: int, totaal: int, wat: str = "") -> None:
        """Tell how much of the current step is done."""

    def begin(self, naam: str, wat: str) -> None:
        """Tell that a step begins, or a part of it."""

    def einde(self, naam: str, duur: float, wat: str) -> None:
        """Tell that a step ended after ``duur`` seconds, or a part of it."""


class RegelVoortgang(Voortgang):
    """One plain line per step or part, for logs and for Dagster's compute log."""

    def __init__(self, uit: TextIO | None = None) -> None:
        super().__init__()
        self._uit = uit

    def einde(self, naam: str, duur: float, wat: str) -> None:
        """Say what ended."""
        regel = f"{naam} ({wat})" if wat else naam
        print(f"{regel}: {duur:.1f} s", file=self._uit or sys.stderr, flush=True)


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
        self._taken: dict[str, TaskID] = {}

    def begin(self, naam: str, wat: str) -> None:
        """Add a bar for the step, or tell which part of it runs."""
        if not self._taken:
            self._balk.start()
        if naam not in self._taken:
            self._taken[naam] = self._balk.add_task(naam, total=None, wat=wat)
        else:
            self._balk.update(self._taken[naam], wat=wat)

    def meld(self, klaar: int, totaal: int, wat: str = "") -> None:
        """Move the current bar."""
        self._balk.update(self._taken[self._stap], completed=klaar, total=totaal, wat=wat)

    def einde(self, naam: str, duur: float, wat: str) -> None:
        """Fill the bar and tell how long the whole step took."""
        duur = self.seconden[naam]
        self._balk.update(self._taken[naam], completed=1, total=1, wat=f"{duur:.1f} s")

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
