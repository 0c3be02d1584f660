"""The delivery contract as frozen dataclasses.

The contract itself is the dbt sources YAML (``dbt_project/models/staging/<bron>/``);
``sources.contract`` reads it into these shapes and everything else works with them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Classificatie = Literal["openbaar", "intern", "persoonsgegeven", "bijzonder", "strafrechtelijk"]
Behandeling = Literal["behouden", "pseudoniem", "adresindex", "verwijderen"]
Levering = Literal["volledig", "aanvulling"]
Formaat = Literal["tabel", "uitgever"]


@dataclass(frozen=True)
class Kolom:
    """One column of a delivered table.

    ``type`` is a DuckDB type name. ``waarden`` holds the allowed values, whether written in
    the contract or taken from a VERA code list (``codelijst``). A detail code belongs under one
    code of another column: ``onder`` names that column, ``ouders`` pairs code and parent.
    ``kop`` and ``positie`` (0-based) say where a publisher's file has the column.
    """

    naam: str
    type: str
    omschrijving: str
    classificatie: Classificatie
    doelen: frozenset[str]
    verplicht: bool = False
    behandeling: Behandeling = "behouden"
    gebruik: Literal["waarde", "sleutel"] = "waarde"
    codelijst: str | None = None
    waarden: frozenset[str] = frozenset()
    onder: str | None = None
    ouders: tuple[tuple[str, str], ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    kop: str | None = None
    positie: int | None = None


@dataclass(frozen=True)
class Tabel:
    """One delivered table: its grain is ``sleutel``, its columns are all there is."""

    bron: str
    naam: str
    omschrijving: str
    sleutel: tuple[str, ...]
    levering: Levering
    kolommen: tuple[Kolom, ...]
    bewaartermijn: str
    schema: str
    kennisdatum_eerste_levering: str | None = None

    @property
    def id(self) -> str:
        """``bron.tabel``, as people write it."""
        return f"{self.bron}.{self.naam}"

    def kolom(self, naam: str) -> Kolom:
        """Return the column called ``naam``."""
        for kolom in self.kolommen:
            if kolom.naam == naam:
                return kolom
        raise KeyError(f"{self.id} has no column {naam}")


@dataclass(frozen=True)
class Bron:
    """One source: a folder of deliveries with one format and one rhythm."""

    naam: str
    omschrijving: str
    formaat: Formaat
    ritme: str
    tabellen: tuple[Tabel, ...]
    scheidingsteken: str = ";"
    codering: str = "utf-8"
    decimaalteken: str = "."
    drempel_quarantaine: float = 0.02
    drempel_onbekende_code: float = 0.01

    def tabel(self, naam: str) -> Tabel:
        """Return the table called ``naam``."""
        for tabel in self.tabellen:
            if tabel.naam == naam:
                return tabel
        raise KeyError(f"{self.naam} has no table {naam}")


@dataclass(frozen=True)
class Contract:
    """Everything that may be delivered."""

    bronnen: tuple[Bron, ...]
    codelijsten: dict[str, dict[str, str]] = field(default_factory=dict)

    def bron(self, naam: str) -> Bron:
        """Return the source called ``naam``."""
        for bron in self.bronnen:
            if bron.naam == naam:
                return bron
        raise KeyError(f"the contract has no source {naam}")

    @property
    def tabellen(self) -> tuple[Tabel, ...]:
        """All tables of all sources, in the contract's order."""
        return tuple(tabel for bron in self.bronnen for tabel in bron.tabellen)
