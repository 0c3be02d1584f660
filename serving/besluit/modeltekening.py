"""Who may sign for a list that changes much, and what is kept of it: rules without a store.

The gate refuses a new model whose list shares too little with that of the model in use. Somebody
who looked at it may sign for that one change: of this version, in place of that champion. Nothing
else that the gate asks can be signed away. A signature counts at the next run.

Belongs here: these rules. Does not belong here: the gate (``models.risico.poort``), stopping a
model (``werklijst``), the store (``werklijstregister``).
Source: design paper on the risk models, "Gate" (e).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from serving.besluit import tekst
from serving.besluit.werklijst import OngeldigeInvoer, WerklijstKanNiet
from vera.werklijst import Model


@dataclass(frozen=True)
class Tekening:
    """A signature for the change of a list.

    Parameters
    ----------
    model
        ``overlast`` or ``woonfraude``.
    modelversie
        The version that would come.
    kampioen
        The version whose list it changes; against another champion the signature says nothing.
    reden, door
        Why, and by whom.
    vastgelegd_op
        When.
    """

    model: Model
    modelversie: str
    kampioen: str
    reden: str
    door: str
    vastgelegd_op: datetime


def check_tekening(
    bekend: Iterable[Tekening], modelversie: str, kampioen: str, reden: str, door: str
) -> tuple[str, str]:
    """Decide whether somebody may sign; return the tidied reason and name.

    Parameters
    ----------
    bekend
        Signatures for the same model.

    Raises
    ------
    OngeldigeInvoer, WerklijstKanNiet
        When a field is wrong, or somebody signed for this change already.
    """
    naam, waarom = tekst.tidy(door), tekst.tidy(reden)
    fouten = {"reden": tekst.check_toelichting(waarom), "door": tekst.check_naam(naam)}
    gevonden = {veld: melding for veld, melding in fouten.items() if melding}
    if gevonden:
        raise OngeldigeInvoer(gevonden)
    for tekening in bekend:
        if (tekening.modelversie, tekening.kampioen) == (modelversie, kampioen):
            raise WerklijstKanNiet(
                f"{tekening.door} heeft voor versie {modelversie} al getekend.",
                verwacht="één handtekening per verandering",
                remedie="draai de volgende run; daarin telt de handtekening",
            )
    return waarom, naam
