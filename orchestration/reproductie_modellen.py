"""How the risk models stood when a release was made, and putting them back that way in a copy.

A model that was trained, stopped or signed for since would score otherwise, or not at all. Belongs
here: reading that state and giving it to a run. Does not belong here: where it is kept
(:mod:`orchestration.reproductie_invoer`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import get_args

from models.registry import Modelregister, RegisterFout
from orchestration.reproductie_invoer import Modelstaat
from orchestration.werklijst import read_gestopt
from serving.besluit.modeltekening import Tekening
from serving.besluit.werklijst import Modelstand
from serving.besluit.werklijstregister import Werklijstregister
from vera.werklijst import Model

NIEMAND = "niet bewaard"
"""Stands for who stopped a model or signed: that is in the store of decisions alone."""
_OOIT = datetime.min.replace(tzinfo=UTC)


def describe_modellen(
    register: Modelregister, werklijsten: Werklijstregister
) -> dict[str, Modelstaat] | None:
    """Return how each risk model stands; None when the registry cannot be read.

    Raises
    ------
    BesluitenFout
        When the store of decisions cannot be reached.
    """
    try:
        return {model: _describe(model, register, werklijsten) for model in get_args(Model)}
    except RegisterFout:
        return None


def _describe(model: Model, register: Modelregister, werklijsten: Werklijstregister) -> Modelstaat:
    versies = register.list_versies(model)
    gestopt = read_gestopt(werklijsten, model)
    return Modelstaat(
        kampioen=next((v.modelversie for v in versies if v.is_kampioen), None),
        versies={v.modelversie: v.gestopt_omdat for v in versies},
        gestopt=None if gestopt is None else (gestopt.vastgelegd_op, gestopt.reden),
        getekend=tuple((t.modelversie, t.kampioen) for t in werklijsten.list_tekeningen(model)),
    )


def rewind_modellen(register: Modelregister, modellen: Mapping[str, Modelstaat]) -> None:
    """Leave a copy of the registry as it was.

    Raises
    ------
    RegisterFout
        When a champion of then is gone.
    """
    for model in get_args(Model):
        if model in modellen:
            staat = modellen[model]
            register.rewind(model, staat.kampioen, staat.versies)


class VasteStanden(Werklijstregister):
    """A copy of the worklists, of which the models stand as they did."""

    def __init__(self, url: str, modellen: Mapping[str, Modelstaat]) -> None:
        super().__init__(url)
        self._modellen = modellen

    def read_modelstand(self, model: Model) -> Modelstand | None:
        """Return that a model was stopped; None when it was in use."""
        staat = self._modellen.get(model)
        if staat is None or staat.gestopt is None:
            return None
        moment, reden = staat.gestopt
        return Modelstand(model, "gestopt", reden, NIEMAND, moment)

    def list_tekeningen(self, model: Model) -> tuple[Tekening, ...]:
        """Return what was signed for."""
        staat = self._modellen.get(model)
        return tuple(
            Tekening(model, versie, kampioen, "", NIEMAND, _OOIT)
            for versie, kampioen in (staat.getekend if staat is not None else ())
        )
