"""What initiatives in a buurt got together, beside the label of that buurt.

Belongs here: adding up. Does not belong here: which initiatives and which label a reader sees; both
come in as they may see them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from serving.initiatief.regels import GEBEURT, Initiatief
from serving.release.winkel import Uitgave

GROOT: Final = (4, 5)
"""Labels at which it stands out that nothing happens."""


@dataclass(frozen=True)
class Buurtsom:
    """The initiatives of one buurt.

    Parameters
    ----------
    label
        Of the buurt; None = unknown, or not for this reader.
    bedrag
        Granted amounts together, in euros.
    zonder_bedrag
        How many have no known amount.
    """

    id: str
    naam: str
    label: int | None
    aantal: int
    bedrag: Decimal
    zonder_bedrag: int


@dataclass(frozen=True)
class Optelling:
    """All buurten with an initiative, and those with a large task and none (id and name)."""

    sommen: Sequence[Buurtsom]
    zonder: Sequence[tuple[str, str]]
    bedrag: Decimal


def sum_buurten(initiatieven: Sequence[Initiatief], uitgave: Uitgave) -> Optelling:
    """Add up what was granted, per buurt; the largest task first.

    Parameters
    ----------
    initiatieven
        As the reader may see them; requests and refusals do not count.
    uitgave
        The release as the reader may see it.
    """
    buurten = _read_buurten(uitgave)
    groepen: dict[str, list[Initiatief]] = defaultdict(list)
    for initiatief in initiatieven:
        if initiatief.gegevens.status_code in GEBEURT and initiatief.gegevens.buurt_id:
            groepen[initiatief.gegevens.buurt_id].append(initiatief)
    sommen = [_sum(id_, groep, *buurten.get(id_, (id_, None))) for id_, groep in groepen.items()]
    sommen.sort(key=lambda som: (-(som.label or 0), -som.bedrag, som.naam, som.id))
    zonder = sorted(
        (naam, id_)
        for id_, (naam, label) in buurten.items()
        if label in GROOT and id_ not in groepen
    )
    return Optelling(
        tuple(sommen),
        tuple((id_, naam) for naam, id_ in zonder),
        sum((som.bedrag for som in sommen), Decimal(0)),
    )


def _read_buurten(uitgave: Uitgave) -> Mapping[str, tuple[str, int | None]]:
    return uitgave.remember(
        "initiatief_buurten",
        lambda: {
            id_: (naam, label)
            for id_, naam, label in uitgave.query(
                "select beheerobject_id, naam, label_tot from lijst where niveau = 'buurt' "
                "and (label_tot is null or verhuureenheden_aantal > 0)"
            )
        },
    )


def _sum(id_: str, groep: Sequence[Initiatief], naam: str, label: int | None) -> Buurtsom:
    bedragen = [initiatief.gegevens.bedrag_eur for initiatief in groep]
    bekend = [bedrag for bedrag in bedragen if bedrag is not None]
    return Buurtsom(
        id_, naam, label, len(groep), sum(bekend, Decimal(0)), len(bedragen) - len(bekend)
    )
