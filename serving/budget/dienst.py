"""A proposal for whoever asks: the release, last year's budget and the rule, brought together.

Belongs here: what API and page share. Does not belong here: how either writes it down.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from serving.budget.bron import (
    Bezit,
    BudgetbestandFout,
    Budgetniveau,
    Onbekend,
    VorigBudget,
    read_bezit,
    read_vorig,
)
from serving.budget.regel import Budgetregel, Voorstel, compute_voorstel, list_factoren
from serving.pagina.antwoord import hash_feiten
from serving.pagina.getal import format_getal, join_words
from serving.release.winkel import Uitgave, Winkel
from serving.toegang.inzage import look_as
from vera.toegang import Lezer

STATUS: Final = "niet gepubliceerd"
VOORBEELD_PER_WONING: Final = 100
"""Euros a dwelling of the example that shows while nobody filled in a budget."""

FORMULE: Final = (
    "gewicht = som over de complexen van woningen × f(label)",
    "bedrag = min(bovengrens, max(ondergrens, t × gewicht))",
    "t is zo gekozen dat alle bedragen samen budget − reserve zijn",
)
_MEER: Final = {"wijk": "wijken", "buurt": "buurten"}


@dataclass(frozen=True)
class Grondslag:
    """Everything but the budget: what the rule divides over, and what bounds it.

    Parameters
    ----------
    vorig
        Last year's budget for this niveau; None = not given.
    melding
        Why a budget of last year bounds nothing, in Dutch; None when it does.
    """

    uitgave: Uitgave
    bezit: Bezit
    vorig: VorigBudget | None
    melding: str | None

    @property
    def standaard(self) -> int:
        """The budget to begin with: that of last year, or an example."""
        if self.vorig is not None and self.vorig.totaal:
            return self.vorig.totaal
        return self.bezit.aantal_woningen * VOORBEELD_PER_WONING

    @property
    def kenmerk(self) -> str:
        """What changes with last year's budget, for the entity tag."""
        vorig = self.vorig
        feiten = (
            None if vorig is None else (vorig.jaar, vorig.niveau, sorted(vorig.bedragen.items()))
        )
        return hash_feiten(feiten, self.melding)

    def propose(self, budget: int, regel: Budgetregel) -> Voorstel:
        """Return the proposal.

        Raises
        ------
        VerdelingKanNiet
            When the limits clash; areas go by their names.
        """
        return compute_voorstel(budget, self.bezit.list_gebieden(self.vorig), regel, self.name)

    def name(self, gebied_id: str) -> str:
        """Return the name of an area."""
        return self.bezit.namen.get(gebied_id, gebied_id)

    def list_onbekend(self) -> tuple[Onbekend, ...]:
        """Return the complexes that count as the mean."""
        return tuple(self.bezit.onbekend)


class Budgetdienst:
    """Opens what a proposal rests on.

    Parameters
    ----------
    winkel
        Door to the current release.
    pad
        File with last year's budget; need not be there.
    """

    def __init__(self, winkel: Winkel, pad: Path) -> None:
        self._winkel = winkel
        self._pad = pad

    def open(self, lezer: Lezer, niveau: Budgetniveau) -> Grondslag:
        """Return what there is for a reader; a file that is wrong is said, and bounds nothing."""
        uitgave = look_as(self._winkel.current(), lezer)
        bezit = read_bezit(uitgave, niveau)
        try:
            vorig = read_vorig(self._pad)
        except BudgetbestandFout as fout:
            return Grondslag(uitgave, bezit, None, f"{fout.gevonden} Het telt nu niet mee.")
        if vorig is None:
            return Grondslag(uitgave, bezit, None, "Het budget van vorig jaar is niet gegeven.")
        if vorig.niveau != niveau:
            return Grondslag(
                uitgave,
                bezit,
                None,
                f"Het budget van {vorig.jaar} is gegeven per {vorig.niveau}, en deze verdeling is "
                f"per {niveau}.",
            )
        vreemd = sorted(set(vorig.bedragen) - set(bezit.woningen))
        melding = None
        if vreemd:
            melding = (
                f"Het budget van {vorig.jaar} noemt gebieden zonder woningen in deze cijfers: "
                f"{join_words(vreemd[:5])}{' en andere' if len(vreemd) > 5 else ''}. Dat deel telt "
                "niet mee."
            )
        return Grondslag(uitgave, bezit, vorig, melding)


def explain_regel(voorstel: Voorstel, grondslag: Grondslag) -> tuple[str, ...]:
    """Return the rule in sentences, with its numbers."""
    regel, niveau = voorstel.regel, grondslag.bezit.niveau
    factoren = [
        f"label {label}: {format_factor(factor)}" for label, factor in list_factoren(regel).items()
    ]
    if voorstel.heeft_band and grondslag.vorig is not None:
        band = (
            f"Een {niveau} gaat ten hoogste {regel.band_procent}% omhoog of omlaag ten opzichte "
            f"van {grondslag.vorig.jaar}. Waar toen geen budget was, geldt die grens niet."
        )
    else:
        band = (
            f"Voor hoeveel een {niveau} omhoog of omlaag mag, geldt geen grens. "
            "Daarvoor is het budget van vorig jaar per gebied nodig."
        )
    return (
        f"Van het budget blijft {regel.reserve_procent}% apart voor preventie. De rest wordt "
        f"verdeeld over de {_MEER[niveau]}.",
        "Elk complex telt mee met zijn aantal woningen maal een factor die bij het label hoort. "
        f"De factor is bij {join_words(factoren)}.",
        "Een complex zonder bekend label telt mee met het gemiddelde van alle woningen met een "
        f"label. Dat is nu {format_factor(voorstel.factor_onbekend)}.",
        f"Een {niveau} krijgt een deel naar het gewicht van de complexen. Dat deel is ten minste "
        f"{regel.bodem_procent}% van wat bij een gelijk bedrag per woning naar die {niveau} zou "
        "gaan.",
        band,
        "Bedragen zijn hele euro’s. De euro’s die bij het afronden overblijven, gaan naar de "
        "grootste resten.",
    )


def format_factor(factor: object) -> str:
    """Return a factor as people write it.

    Examples
    --------
    >>> format_factor(1.5), format_factor(1), format_factor(1.0833)
    ('1,5', '1', '1,083')
    """
    tekst = format_getal(float(factor), 3)  # type: ignore[arg-type]
    return tekst.rstrip("0").rstrip(",")
