"""Words and shapes of a worklist: the lanes, what people may say of a row, what came of it.

Belongs here: what composing (``models.risico``), keeping (``serving.besluit``) and showing
(``orchestration``, later the pages) of a worklist must agree on.
Does not belong here: choosing complexes (``models.risico.werklijst``), rules about who may say
what when (``serving.besluit.werklijst``).
Source: design paper on trust, "Human decision" and "Selection bias"; design paper on the risk
models, "Selection bias" and "Intervention feedback".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, get_args

from vera.errors import GebruikFout

Model = Literal["overlast", "woonfraude"]
MODELLEN: Final[tuple[Model, ...]] = get_args(Model)

Baan = Literal["model", "aselect"]
BANEN: Final[Mapping[Baan, str]] = {
    "model": "gekozen op score",
    "aselect": "gekozen door loting",
}
"""Why a complex is on the list. Nobody sees the lane before giving an own view."""

Oordeel = Literal["actie_nodig", "twijfel", "geen_actie"]
OORDELEN: Final[Mapping[Oordeel, str]] = {
    "actie_nodig": "Hier is iets aan de hand",
    "twijfel": "Ik weet het niet",
    "geen_actie": "Hier is niets bijzonders",
}
"""What somebody who knows the place says before seeing lane, score and reasons."""

Keuze = Literal["opvolgen", "niet_opvolgen"]
KEUZES: Final[Mapping[Keuze, str]] = {
    "opvolgen": "wij gaan erheen of pakken het op",
    "niet_opvolgen": "wij doen er nu niets mee",
}


@dataclass(frozen=True)
class Reden:
    """A reason that a decision may have.

    Parameters
    ----------
    keuze
        The decision that it is a reason for.
    tekst
        Dutch sentence.
    banen
        Lanes whose rows may be decided with it.
    """

    keuze: Keuze
    tekst: str
    banen: tuple[Baan, ...] = ("model", "aselect")


REDENEN: Final[Mapping[str, Reden]] = {
    "beeld_ter_plaatse": Reden("opvolgen", "Wat wij ter plaatse zien, vraagt om actie"),
    "cijfers_overtuigen": Reden("opvolgen", "De cijfers en de redenen erbij overtuigen"),
    "steekproef": Reden("opvolgen", "Het complex hoort bij de loting", ("aselect",)),
    "al_in_behandeling": Reden("niet_opvolgen", "Er loopt al een aanpak"),
    "recente_maatregel": Reden("niet_opvolgen", "Er is kort geleden een maatregel genomen"),
    "cijfers_achterhaald": Reden("niet_opvolgen", "De cijfers zijn achterhaald of onvolledig"),
    "lokale_kennis": Reden("niet_opvolgen", "Wat wij ter plaatse zien, past niet bij de cijfers"),
    "geen_capaciteit": Reden("niet_opvolgen", "Er is nu geen tijd of geen budget"),
}
"""Why somebody decides so, by code; about the place and the figures, never about people."""


@dataclass(frozen=True)
class Resultaat:
    """What came of a row later.

    Parameters
    ----------
    tekst
        Dutch sentence.
    is_treffer
        Whether the model's event happened; None = it cannot be said.
    """

    tekst: str
    is_treffer: bool | None


UITKOMSTEN: Final[Mapping[Model, Mapping[str, Resultaat]]] = {
    "overlast": {
        "escalatie": Resultaat("Binnen zes maanden een dossier met een zware stap", True),
        "geen_escalatie": Resultaat("Binnen zes maanden geen dossier met een zware stap", False),
        "onbekend": Resultaat("Niet vast te stellen", None),
    },
    "woonfraude": {
        "bevestigd": Resultaat("Onderzocht en bevestigd", True),
        "niets_gevonden": Resultaat("Onderzocht en niets gevonden", False),
        "niet_onderzocht": Resultaat("Niet onderzocht, of niet binnen gekomen", None),
    },
}
"""Outcomes by model and code; "nothing found" is recorded as well."""


@dataclass(frozen=True)
class Regel:
    """A complex on a worklist, as it was chosen.

    Parameters
    ----------
    complex_id
        The complex.
    baan
        The lane that it came through.
    selectiekans
        Chance with which this row came on the list through its lane, above 0 and at most 1.
    volgorde
        Place in the one shuffled order in which rows are shown, from 1; None when withheld.
    rang
        Rank by score among all complexes, 1 = highest; None without a score.
    kans
        Score at that moment, 0 to 1; None when the rule chose instead of the model.
    band
        How certain its place is (``zeker``, ``waarschijnlijk``, ``grensgeval``), or None.
    redenen
        Reasons as JSON text, as the score had them.
    is_onthouden
        Whether the flag is withheld: logged, never shown, so that what usual care comes to
        stays known.
    aantal_adressen
        How many addresses are looked at in this complex.
    """

    complex_id: str
    baan: Baan
    selectiekans: float
    volgorde: int | None
    rang: int | None = None
    kans: float | None = None
    band: str | None = None
    redenen: str = "[]"
    is_onthouden: bool = False
    aantal_adressen: int = 1

    def __post_init__(self) -> None:
        fout = None
        if self.baan not in BANEN:
            fout = f"baan {self.baan!r}"
        elif not 0 < self.selectiekans <= 1:
            fout = f"selectiekans {self.selectiekans}"
        elif self.kans is not None and not 0 <= self.kans <= 1:
            fout = f"kans {self.kans}"
        elif self.is_onthouden and self.baan != "model":
            fout = "een onthouden regel uit de loting"
        elif self.is_onthouden != (self.volgorde is None):
            fout = f"volgorde {self.volgorde} bij onthouden = {self.is_onthouden}"
        elif self.aantal_adressen < 1:
            fout = f"{self.aantal_adressen} adressen"
        if fout:
            raise GebruikFout(
                f"Een regel van de werklijst klopt niet ({self.complex_id}): {fout}.",
                verwacht="een bekende baan, een selectiekans boven 0 tot en met 1, een volgorde "
                "voor elke regel die getoond wordt en alleen daarvoor",
            )


@dataclass(frozen=True)
class Samenstelling:
    """A worklist as it was composed, before anybody looked at it.

    Parameters
    ----------
    model, peildatum
        Which list it is; together the key.
    release_id
        Release that the scores came with.
    scoreversie
        Version of the model or the rule that scored.
    k
        Length of the model lane that the evaluation allows.
    capaciteit
        How many rows people can take on, both lanes together.
    regels
        The rows, withheld ones included.
    """

    model: Model
    peildatum: date
    release_id: str
    scoreversie: str
    k: int
    capaciteit: int
    regels: tuple[Regel, ...] = field(default=())

    def __post_init__(self) -> None:
        getoond = [regel.volgorde for regel in self.regels if regel.volgorde is not None]
        sleutels = [(regel.complex_id, regel.baan) for regel in self.regels]
        fout = None
        if self.model not in MODELLEN:
            fout = f"model {self.model!r}"
        elif len(set(sleutels)) < len(sleutels):
            fout = "een complex staat er twee keer op in dezelfde baan"
        elif len(set(getoond)) < len(getoond):
            fout = "twee regels hebben dezelfde plaats"
        elif len(getoond) > self.capaciteit:
            fout = f"{len(getoond)} regels bij een capaciteit van {self.capaciteit}"
        if fout:
            raise GebruikFout(
                f"De werklijst klopt niet: {fout}.",
                verwacht="elk complex één keer per baan, elke plaats één keer, niet meer dan de "
                "capaciteit",
            )


def check_model(naam: str) -> Model:
    """Return ``naam`` as the name of a model.

    Raises
    ------
    GebruikFout
        When there is no such model.

    Examples
    --------
    >>> check_model("overlast")
    'overlast'
    """
    for model in MODELLEN:
        if naam == model:
            return model
    raise GebruikFout(f"Er is geen model {naam}.", verwacht=" of ".join(MODELLEN))
