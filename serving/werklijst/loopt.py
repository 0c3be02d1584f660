"""What runs in a place: delivered maatregelen, prevention, and what residents do.

Of prevention colleagues without woonfraude in their role see voorlichting alone, named as what it
is and nothing more: that the other kinds are done says what is thought of a complex. Maatregelen
against overlast are not for the worklist of woonfraude.

Belongs here: which of it who sees. Does not belong here: initiatives (``serving.initiatief``), the
card (``serving.pagina``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from serving.besluit.preventie import Preventiemaatregel, Preventieregister
from serving.pagina.getal import format_datum
from serving.pagina.hier import Hierdeel, Maatregelregel
from serving.release.voor_rollen import read_maatregelen
from serving.release.winkel import Uitgave, Winkel
from vera.errors import BuurtpeilError
from vera.maatregel import MAATREGELEN, PREVENTIE, VOOR_IEDEREEN
from vera.toegang import Lezer
from vera.werklijst import Model

_NIET_TE_LEZEN: Final = "Wat wij zelf vastlegden is nu niet te lezen."

Vinder = Callable[[Lezer, str, str, str], Hierdeel | None]


@dataclass(frozen=True)
class Loopt:
    """A maatregel that runs or ran in the last year."""

    code: str
    naam: str
    begindatum: date
    einddatum: date | None

    def say(self, vandaag: date) -> Maatregelregel:
        """Return it in words."""
        eind = self.einddatum
        periode = f"vanaf {format_datum(self.begindatum.isoformat())}"
        if eind is not None:
            periode = (
                f"{format_datum(self.begindatum.isoformat())} tot en met "
                f"{format_datum(eind.isoformat())}"
            )
        if self.begindatum > vandaag:
            stand = "begint nog"
        else:
            stand = "loopt" if eind is None or eind >= vandaag else "voorbij"
        return Maatregelregel(self.naam, stand, periode)


def list_maatregelen(uitgave: Uitgave, complex_id: str) -> list[Loopt]:
    """Return the delivered maatregelen of a complex, the latest first."""
    return [
        Loopt(
            regel["soort_code"],
            MAATREGELEN.get(regel["soort_code"], MAATREGELEN["overig"]),
            date.fromisoformat(regel["begindatum"]),
            date.fromisoformat(regel["einddatum"]) if regel["einddatum"] else None,
        )
        for regel in read_maatregelen(uitgave, complex_id)
    ]


def list_preventie(
    preventie: Iterable[Preventiemaatregel], vandaag: date, *, alles: bool
) -> list[Loopt]:
    """Return what of prevention is recent; without ``alles`` what everybody sees."""
    return [
        Loopt(m.soort_code, PREVENTIE[m.soort_code], m.begindatum, m.einddatum)
        for m in preventie
        if m.is_recent(vandaag) and (alles or m.soort_code in VOOR_IEDEREEN)
    ]


def list_loopt(
    uitgave: Uitgave,
    vastgelegd: Iterable[Preventiemaatregel],
    model: Model,
    complex_id: str,
    vandaag: date,
) -> list[Loopt]:
    """Return what runs in a complex, as far as the purpose of a worklist goes, the latest first.

    Parameters
    ----------
    vastgelegd
        Prevention in this complex.
    """
    preventie = list_preventie(vastgelegd, vandaag, alles=model == "woonfraude")
    geleverd = [] if model == "woonfraude" else list_maatregelen(uitgave, complex_id)
    return _sort([*preventie, *geleverd])


def _sort(regels: Sequence[Loopt]) -> list[Loopt]:
    return sorted(regels, key=lambda regel: (regel.begindatum, regel.naam), reverse=True)


class Looptloket:
    """Finds what runs in a place, for its card.

    Parameters
    ----------
    winkel
        Door to the current release.
    register
        The preventiemaatregelen.
    initiatieven
        Finds what residents do there.
    vandaag
        Gives today's date.
    """

    def __init__(
        self,
        winkel: Winkel,
        register: Preventieregister,
        initiatieven: Vinder,
        vandaag: Callable[[], date],
    ) -> None:
        self._winkel = winkel
        self._register = register
        self._initiatieven = initiatieven
        self._vandaag = vandaag

    def find_hier(
        self, lezer: Lezer, niveau: str, beheerobject_id: str, buurt_id: str
    ) -> Hierdeel | None:
        """Return what runs in a place; None when nothing does that this reader sees.

        Parameters
        ----------
        lezer
            Who looks.
        niveau, beheerobject_id
            The place: a complex or a buurt.
        buurt_id
            The buurt of the place; empty where there is none.
        """
        deel = self._initiatieven(lezer, niveau, beheerobject_id, buurt_id)
        if niveau != "complex" or not lezer.may("complex"):
            return deel
        deel = deel or Hierdeel((), 0)
        vandaag, uitgave = self._vandaag(), self._winkel.current()
        regels = list_maatregelen(uitgave, beheerobject_id)
        try:
            hier = self._register.list_maatregelen(beheerobject_id)
            regels += list_preventie(hier, vandaag, alles=lezer.may("woonfraude"))
        except BuurtpeilError:
            # The card itself does not depend on the store.
            deel = replace(deel, melding=deel.melding or _NIET_TE_LEZEN)
        if not regels and not deel.regels and deel.melding is None:
            return None
        return replace(deel, maatregelen=tuple(regel.say(vandaag) for regel in _sort(regels)))
