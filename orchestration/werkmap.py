"""Where everything stands in the data folder, and the dbt project beside the code."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DBT_MAP = Path(__file__).resolve().parent.parent / "dbt_project"


@dataclass(frozen=True)
class Werkmap:
    """The layout of a data folder. Nothing is made by looking at a path.

    Parameters
    ----------
    data
        The data folder, absolute.
    """

    data: Path

    @classmethod
    def of(cls, data: Path) -> Werkmap:
        """Return the layout of ``data``, made absolute."""
        return cls(data.expanduser().resolve())

    @property
    def warehouse(self) -> Path:
        """The DuckDB file; one process opens it at a time."""
        return self.data / "warehouse.duckdb"

    @property
    def landing(self) -> Path:
        """Landed deliveries: typed and pseudonymised."""
        return self.data / "landing"

    @property
    def opgehaald(self) -> Path:
        """What was read from databases, pseudonymised; the database may not have it any more."""
        return self.data / "opgehaald"

    @property
    def open_data(self) -> Path:
        """What publishers answered, and which of it was laid with the deliveries."""
        return self.data / "open_data"

    @property
    def quarantaine(self) -> Path:
        """The list of rejected rows."""
        return self.data / "quarantaine"

    @property
    def poort_in(self) -> Path:
        """What the gate in warned for, the last time that it judged."""
        return self.data / "poort_in.json"

    @property
    def sleutels(self) -> Path:
        """Keys, readable by their owner alone."""
        return self.data / "sleutels"

    @property
    def referentie(self) -> Path:
        """Frozen references."""
        return self.data / "referentie"

    @property
    def releases(self) -> Path:
        """Published releases and the pointer."""
        return self.data / "releases"

    @property
    def archief(self) -> Path:
        """Exact (not shielded) tables behind each release; internal."""
        return self.data / "archief"

    @property
    def robuustheid(self) -> Path:
        """Robustness reports, a folder per version of the method."""
        return self.data / "robuustheid"

    @property
    def bewaren(self) -> Path:
        """Up to when was purged, and what was removed; without it originals bring that back."""
        return self.data / "bewaren"

    @property
    def papieren(self) -> Path:
        """Papers that the last run made; every release holds its own."""
        return self.data / "papieren"

    @property
    def dbt(self) -> Path:
        """What dbt writes: manifest, compiled SQL."""
        return self.data / "dbt"

    @property
    def dagster(self) -> Path:
        """DAGSTER_HOME."""
        return self.data / "dagster"

    @property
    def herberekend(self) -> Path:
        """Past labels as computed now, beside those published; the last comparison alone."""
        return self.data / "herberekend"

    @property
    def herberekening(self) -> Path:
        """The data folder of a run that computes past labels again; gone when it ends."""
        return self.data / "herberekening.werk"

    @property
    def herijking(self) -> Path:
        """The copy in which a new reference is estimated; gone when that ends."""
        return self.data / "herijking"

    @property
    def terugzetten(self) -> Path:
        """A copy that is being put back, before it is whole."""
        return self.data / ".terugzetten.deel"

    @property
    def slot(self) -> Path:
        """The run lock."""
        return self.data / "run.slot"
