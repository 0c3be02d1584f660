"""What a reader sees of the register, for API and page alike.

Our own colleagues see everything. Who sees no complexes sees what really happens, with the buurt
as its place: requests and refusals are nobody else's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from serving.initiatief.regels import GEBEURT, STATUSSEN, THEMAS, Initiatief
from serving.pagina.plek import list_plekken
from serving.release.winkel import Uitgave
from vera.toegang import Lezer


@dataclass(frozen=True)
class Filter:
    """Which initiatives; what is None does not matter."""

    complex_id: str | None = None
    buurt_id: str | None = None
    status_code: str | None = None
    thema_code: str | None = None


def select_initiatieven(
    initiatieven: Sequence[Initiatief], lezer: Lezer, vraag: Filter
) -> tuple[Initiatief, ...]:
    """Return those that this reader may see and asks for."""
    mag_alles = lezer.may("complex")
    return tuple(
        i
        for i in initiatieven
        if (mag_alles or i.gegevens.status_code in GEBEURT)
        and vraag.complex_id in {None, _complex_of(i)}
        and vraag.buurt_id in {None, i.gegevens.buurt_id}
        and vraag.status_code in {None, i.gegevens.status_code}
        and vraag.thema_code in {None, i.gegevens.thema_code}
    )


def describe_initiatief(
    initiatief: Initiatief, uitgave: Uitgave, lezer: Lezer, vandaag: date
) -> dict[str, Any]:
    """Return an initiative as the API tells it to this reader."""
    feiten = initiatief.gegevens
    complex_id = _complex_of(initiatief) if lezer.may("complex") else None
    return {
        "id": initiatief.id,
        "naam": feiten.naam,
        "thema": _name_code(feiten.thema_code, THEMAS),
        "complex": _refer(uitgave, "complex", complex_id),
        "buurt": _refer(uitgave, "buurt", feiten.buurt_id or None),
        "bedragEur": None if feiten.bedrag_eur is None else float(feiten.bedrag_eur),
        "status": _name_code(feiten.status_code, STATUSSEN),
        "begindatum": feiten.begindatum.isoformat(),
        "einddatum": None if feiten.einddatum is None else feiten.einddatum.isoformat(),
        "isLopend": initiatief.runs(vandaag),
        "herkomst": initiatief.herkomst,
    }


def _complex_of(initiatief: Initiatief) -> str | None:
    feiten = initiatief.gegevens
    return feiten.beheerobject_id if feiten.niveau == "complex" else None


def _name_code(code: str | None, namen: Mapping[str, str]) -> dict[str, str] | None:
    return None if code is None else {"code": code, "naam": namen.get(code, code)}


def _refer(uitgave: Uitgave, niveau: str, id_: str | None) -> dict[str, str] | None:
    if id_ is None:
        return None
    plek = list_plekken(uitgave, niveau).get(id_)
    return {"id": id_, "naam": plek.naam if plek else id_}
