"""Preventiemaatregelen against woonfraude: what is recorded of one, and the register of them.

They are recorded on the worklist, show under what runs in a complex, and go to the next run
without a name, so that what they did can be estimated (``orchestration.maatregel``).

Belongs here: the rules, reading and adding. Does not belong here: who sees which kind
(``vera.maatregel``, ``serving.werklijst``).
Source: design paper on trust, "Minimisation"; design paper on the risk models, "Intervention
feedback".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, cast

from sqlalchemy import Connection, select

from serving.besluit import tekst
from serving.besluit.opslag import Besluitopslag
from serving.besluit.tabellen import PREVENTIEMAATREGEL
from serving.besluit.werklijst import OngeldigeInvoer
from vera.maatregel import PREVENTIE, Preventieregel, Preventiesoort

VROEGSTE: Final = date(2000, 1, 1)
VOORUIT: Final = timedelta(days=366)
"""How far ahead a first day may lie."""
LANGSTE: Final = timedelta(days=5 * 366)
ACHTERAF: Final = timedelta(days=366)
"""How long one that is over still shows."""


@dataclass(frozen=True)
class Preventiemaatregel:
    """What somebody recorded."""

    id: int
    complex_id: str
    soort_code: Preventiesoort
    begindatum: date
    einddatum: date | None
    door: str
    vastgelegd_op: datetime

    def is_recent(self, vandaag: date) -> bool:
        """Tell whether it runs, is going to, or ended within the last year."""
        return self.einddatum is None or self.einddatum >= vandaag - ACHTERAF


def check_preventie(
    soort_code: str, begindatum: date | None, einddatum: date | None, door: str, vandaag: date
) -> tuple[Preventiesoort, date, str]:
    """Decide whether a preventiemaatregel may be recorded; return kind, first day and tidied name.

    Raises
    ------
    OngeldigeInvoer
        When a field is wrong.
    """
    naam = tekst.tidy(door)
    fouten = {
        "soort": None
        if soort_code in PREVENTIE
        else f"is onbekend; kies uit {', '.join(PREVENTIE)}",
        "begindatum": _check_begin(begindatum, vandaag),
        "einddatum": _check_einde(begindatum, einddatum),
        "door": tekst.check_naam(naam),
    }
    gevonden = {veld: melding for veld, melding in fouten.items() if melding}
    if gevonden or begindatum is None:
        raise OngeldigeInvoer(gevonden)
    return cast("Preventiesoort", soort_code), begindatum, naam


def _check_begin(begindatum: date | None, vandaag: date) -> str | None:
    if begindatum is None:
        return "is verplicht"
    if not VROEGSTE <= begindatum <= vandaag + VOORUIT:
        return "ligt te ver weg; kies een dag vanaf 2000 tot over een jaar"
    return None


def _check_einde(begindatum: date | None, einddatum: date | None) -> str | None:
    if einddatum is None or begindatum is None:
        return None
    if einddatum < begindatum:
        return "ligt voor de eerste dag"
    return "ligt meer dan vijf jaar na de eerste dag" if einddatum - begindatum > LANGSTE else None


class Preventieregister(Besluitopslag):
    """The door to the preventiemaatregelen."""

    def list_maatregelen(self, complex_id: str | None = None) -> tuple[Preventiemaatregel, ...]:
        """Return every preventiemaatregel (of one complex), the latest beginning first.

        Raises
        ------
        BesluitenFout
            When the store cannot be reached.
        """
        with self._look() as verbinding:
            return () if verbinding is None else _read(verbinding, complex_id)

    def add_maatregel(
        self,
        complex_id: str,
        soort_code: str,
        begindatum: date | None,
        einddatum: date | None,
        door: str,
    ) -> Preventiemaatregel:
        """Record a preventiemaatregel in a complex.

        Raises
        ------
        OngeldigeInvoer
            When the rules refuse it; nothing is recorded then.
        BesluitenFout
            When the store cannot be reached.
        """
        nu = self._nu()
        soort, begin, naam = check_preventie(
            soort_code, begindatum, einddatum, door, nu.astimezone(UTC).date()
        )
        velden = {
            "complex_id": complex_id,
            "soort_code": soort,
            "begindatum": begin,
            "einddatum": einddatum,
            "door": naam,
            "vastgelegd_op": nu,
        }
        with self._write() as verbinding:
            id_: int = verbinding.execute(
                PREVENTIEMAATREGEL.insert().returning(PREVENTIEMAATREGEL.c.id), velden
            ).scalar_one()
        return Preventiemaatregel(id=id_, **velden)  # type: ignore[arg-type]


def as_regels(maatregelen: tuple[Preventiemaatregel, ...]) -> tuple[Preventieregel, ...]:
    """Return them as a run takes them, in one order."""
    return tuple(
        sorted(
            Preventieregel(
                m.id,
                m.complex_id,
                m.soort_code,
                m.begindatum,
                m.einddatum,
                m.vastgelegd_op.astimezone(UTC).date(),
            )
            for m in maatregelen
        )
    )


def _read(verbinding: Connection, complex_id: str | None) -> tuple[Preventiemaatregel, ...]:
    tabel = PREVENTIEMAATREGEL
    vraag = select(tabel).order_by(tabel.c.begindatum.desc(), tabel.c.id.desc())
    if complex_id is not None:
        vraag = vraag.where(tabel.c.complex_id == complex_id)
    return tuple(Preventiemaatregel(**rij._mapping) for rij in verbinding.execute(vraag))
