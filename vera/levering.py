"""What was delivered, file by file: the report that landing makes and the gate in judges."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class LeveringVerslag:
    """One delivered file of one table.

    ``volgnummer`` orders the deliveries of a table (1 = the first, the bulk load);
    ``leveringsdatum`` comes from the file name and is None for an undated file.
    ``inhoud_hash`` is the hash of the rows without date or edition, so that the same rows
    under another date are recognised. ``leesfout`` is set when the file could not be read as
    its contract says; then no row of it was landed. ``jongste_datum`` is the youngest date on
    which the association knew something in it (a publisher's edition: 31 December of its year).
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
    jongste_datum: date | None = None
    is_historische_editie: bool = False
    leesfout: str | None = None


@dataclass(frozen=True)
class Afkeuring:
    """One rejected row, as it stands in quarantine: never the value itself."""

    tabel: str
    bestand: str
    regel: int
    kolom: str
    waardeklasse: str
    reden: str
