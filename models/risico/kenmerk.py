"""One feature of a risk model, as the allow-list describes it.

Belongs here: the shape of a row of the seed ``risico_kenmerk`` and what its families are called.
Does not belong here: how a feature is computed (``dbt_project``), its values (``paneel``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from vera.errors import BuurtpeilError

Teken: TypeAlias = int
"""1: a higher value can only raise the chance; -1: only lower it; 0: free."""

FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "omvang": "hoeveelheid meldingen",
        "trend": "ontwikkeling van de meldingen",
        "ernst": "ernst van de meldingen",
        "buren": "meldingen in de buurt",
        "verleden": "eerdere dossiers en maatregelen",
        "fysiek": "staat van het complex",
        "gebouw": "grootte en soort gebouw",
        "seizoen": "tijd van het jaar",
        "spoor": "sporen van ander gebruik",
    }
)
"""What colleagues call a family of features."""

BRONNEN: Mapping[str, str] = MappingProxyType(
    {
        "melding": "meldingen",
        "ernst": "ernst van de meldingen",
        "dossier": "dossiers",
        "maatregel": "maatregelen",
        "schouw": "schouw",
        "mutatie": "verhuizingen",
        "onderhoud": "reparaties",
        "weigering": "toegang tot woningen",
        "advertentie": "advertenties",
        "onderzoek": "onderzoeken",
    }
)
"""What colleagues call a coverage source, when its data are missing."""


class KenmerkFout(BuurtpeilError):
    """A feature is described in a way that the models cannot use."""


@dataclass(frozen=True)
class Kenmerk:
    """One feature on the allow-list of one model.

    Attributes
    ----------
    naam : str
        Column of ``int_<model>__kenmerk``.
    familie : str
        Key of :data:`FAMILIES`: what explanations sum over.
    teken : int
        1, -1 or 0 (:data:`Teken`).
    eenheid : str
        Unit of the value.
    omschrijving : str
        One line of Dutch.
    tekst_hoog, tekst_laag : str
        Dutch phrase for a value above that of the mean complex, and below it. Which of the two
        raises the chance is the coefficient's to say: a high mark of the schouw lowers it.
    bronnen : tuple of str
        Coverage sources without which the value is unknown.

    Raises
    ------
    KenmerkFout
        If the name is empty, the family unknown or the sign none of the three.

    Examples
    --------
    >>> Kenmerk("meldingen_6m", "omvang", 1, "ln", "Meldingen", "veel", "weinig", ()).teken
    1
    """

    naam: str
    familie: str
    teken: Teken
    eenheid: str
    omschrijving: str
    tekst_hoog: str
    tekst_laag: str
    bronnen: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.naam or self.familie not in FAMILIES or self.teken not in {-1, 0, 1}:
            raise KenmerkFout(
                f"Kenmerk '{self.naam}' heeft familie '{self.familie}' en teken {self.teken}.",
                verwacht=f"een naam, een familie uit {', '.join(FAMILIES)} en teken 1, -1 of 0",
                remedie="herstel de rij in de seed risico_kenmerk",
            )


def build_kenmerken(
    rijen: Iterable[Mapping[str, object]], model: str, namen: Sequence[str] | None = None
) -> tuple[Kenmerk, ...]:
    """Return the features of one model from rows of the seed ``risico_kenmerk``.

    Parameters
    ----------
    rijen
        Rows by column name, as read from the CSV or from the warehouse.
    model
        ``overlast`` or ``woonfraude``.
    namen
        The features to keep, in this order; left out, all in the order of the seed.

    Raises
    ------
    KenmerkFout
        If the model has no rows, a name occurs twice, or a name asked for is not on the list.

    Examples
    --------
    >>> rij = {"model": "overlast", "kenmerk": "ln_eenheden", "familie": "gebouw", "teken": "1"}
    >>> [k.naam for k in build_kenmerken([rij], "overlast")]
    ['ln_eenheden']
    """

    def tekst(rij: Mapping[str, object], kolom: str) -> str:
        waarde = rij.get(kolom)
        # An empty cell is None from a database and NaN from pandas.
        leeg = waarde is None or (isinstance(waarde, float) and math.isnan(waarde))
        return "" if leeg else str(waarde).strip()

    gevonden: dict[str, Kenmerk] = {}
    for rij in rijen:
        if tekst(rij, "model") != model:
            continue
        naam = tekst(rij, "kenmerk")
        if naam in gevonden:
            raise KenmerkFout(
                f"Kenmerk '{naam}' staat twee keer in de lijst van {model}.",
                verwacht="één rij per model en kenmerk",
                remedie="haal de dubbele rij uit de seed risico_kenmerk",
            )
        gevonden[naam] = Kenmerk(
            naam=naam,
            familie=tekst(rij, "familie"),
            teken=int(float(tekst(rij, "teken") or 0)),
            eenheid=tekst(rij, "eenheid"),
            omschrijving=tekst(rij, "omschrijving"),
            tekst_hoog=tekst(rij, "tekst_hoog"),
            tekst_laag=tekst(rij, "tekst_laag"),
            bronnen=tuple(b.strip() for b in tekst(rij, "bronnen").split(";") if b.strip()),
        )
    onbekend = sorted(set(namen or ()) - set(gevonden))
    if onbekend or not gevonden:
        raise KenmerkFout(
            f"Niet op de lijst van {model}: {', '.join(onbekend) or 'geen enkel kenmerk'}.",
            verwacht=f"kenmerken uit de seed risico_kenmerk met model '{model}'",
            remedie="voeg het kenmerk aan de lijst toe, of vraag er niet om",
        )
    return tuple(gevonden.values() if namen is None else (gevonden[naam] for naam in namen))
