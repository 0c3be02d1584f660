"""What was delivered, file by file: the report that landing makes and the gate in judges."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Verdeling:
    """How one column of a delivered file is filled: enough to see a shift, not to see a row.

    ``soort`` is ``code`` (``aandelen``: share per code of the filled cells), ``getal``, ``dagen``
    (days since 1970-01-01, or since the date by which the row counts as known) or ``lengte`` (of
    a text). The last three have ``kwantielen``: the 5th, 10th, ... 95th percentile of the filled
    cells; the ends are left out, they would be values of one row. ``rijen`` counts rows, ``leeg``
    those without a value.
    """

    soort: str
    rijen: int
    leeg: int
    aandelen: dict[str, float] = field(default_factory=dict)
    kwantielen: tuple[float, ...] = ()

    @property
    def gevuld(self) -> int:
        """Number of filled cells."""
        return self.rijen - self.leeg


@dataclass(frozen=True)
class LeveringVerslag:
    """One delivered file of one table.

    ``volgnummer`` orders the deliveries of a table (1 = the first, the bulk load);
    ``leveringsdatum`` comes from the file name and is None for an undated file.
    ``inhoud_hash`` is the hash of the rows without date or edition, so that the same rows
    under another date are recognised. ``leesfout`` is set when the file could not be read as
    its contract says; then no row of it was landed. ``jongste_datum`` is the youngest date on
    which the association knew something in it (a publisher's edition: 31 December of its year).
    ``niet_geleverde_kolommen`` are columns of the contract that the file has not.
    ``verdeling`` says per column how it is filled; empty for publishers' files and for landings
    from before it was measured.
    """

    tabel: str
    bestand: str
    leveringsdatum: date | None
    volgnummer: int
    sha256: str
    inhoud_hash: str
    rijen: int
    afgekeurd: int
    afgekeurd_per_reden: dict[str, int] = field(default_factory=dict)
    onbekende_codes: dict[str, int] = field(default_factory=dict)
    voorbeeld_onbekende_code: dict[str, str] = field(default_factory=dict)
    ontbrekende_kolommen: tuple[str, ...] = ()
    onbekende_kolommen: tuple[str, ...] = ()
    niet_geleverde_kolommen: tuple[str, ...] = ()
    jongste_datum: date | None = None
    is_historische_editie: bool = False
    leesfout: str | None = None
    verdeling: dict[str, Verdeling] = field(default_factory=dict)


@dataclass(frozen=True)
class Afkeuring:
    """One rejected row, as it stands in quarantine: never the value itself."""

    tabel: str
    bestand: str
    regel: int
    kolom: str
    waardeklasse: str
    reden: str
