"""How people and list agree, and whether the list finds more than a lottery does.

Definitions, for rows that were shown:

- *agreement*: of the first own views of a row, given before lane and score were visible, the
  share "something is going on", in each lane. Views in doubt are counted apart.
- *override*: of the decided rows of the model lane, the share that is not followed up.
- *turned*: of the rows with a first own view that was not in doubt, the share that was decided
  the other way by that same person after seeing lane and score. High in the model lane alone
  means that the score decides.
- *hit rate*: of the outcomes that can be told, the share in which the model's event happened, in
  the model lane, in the lottery, and among withheld rows (what usual care comes to).

A complex that waited on more lists counts once per list for decisions and outcomes; a view counts
for the row that it was given of. The lottery's rate is of the rows as they are, not weighted with
their selection chance; the weighted one is in ``models.risico.selectie``.

Belongs here: counting. Does not belong here: the rules (``werklijst``), the store.
Source: design paper on trust, "Human decision" and "Selection bias".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from serving.besluit import tekst
from serving.besluit.werklijst import Rij
from vera.werklijst import BANEN, UITKOMSTEN, Baan

BETROUWBAARHEID: Final = 0.95
MINIMUM: Final = 10
"""Below so many a share says nothing: "te weinig gegevens"."""

Groep = Literal["model", "aselect", "onthouden"]
GROEPEN: Final[Mapping[Groep, str]] = {
    "model": "gekozen op score",
    "aselect": "gekozen door loting",
    "onthouden": "gebruikelijke zorg",
}


@dataclass(frozen=True)
class Aandeel:
    """A share with what it is of.

    Parameters
    ----------
    aantal, totaal
        Counts; ``aantal`` of ``totaal``.
    """

    aantal: int
    totaal: int

    @property
    def waarde(self) -> float | None:
        """The share, 0 to 1; None of nothing."""
        return self.aantal / self.totaal if self.totaal else None

    @property
    def is_te_weinig(self) -> bool:
        """Whether it is of too few to say anything."""
        return self.totaal < MINIMUM

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % interval (Wilson); None of nothing."""
        if not self.totaal:
            return None
        # Loaded here: it takes longer than all else, and a list of work does not need it.
        from scipy.stats import binomtest

        grens = binomtest(self.aantal, self.totaal).proportion_ci(BETROUWBAARHEID, "wilson")
        return float(grens.low), float(grens.high)


@dataclass(frozen=True)
class Verhouding:
    """Hit rate of the model lane over that of the lottery, with its 95 % interval."""

    waarde: float
    laag: float
    hoog: float


@dataclass(frozen=True)
class Cijfers:
    """The figures of a model's worklists.

    Parameters
    ----------
    aantal_open, aantal_besloten
        Shown rows that wait, and that left.
    overeenstemming, twijfel, omgeslagen, opgevolgd
        By lane.
    niet_opgevolgd
        The override rate: of the decided rows of the model lane.
    redenen
        Decided rows by reason code, both lanes.
    treffers
        By group, withheld rows included.
    """

    aantal_open: int
    aantal_besloten: int
    overeenstemming: Mapping[Baan, Aandeel]
    twijfel: Mapping[Baan, Aandeel]
    omgeslagen: Mapping[Baan, Aandeel]
    opgevolgd: Mapping[Baan, Aandeel]
    niet_opgevolgd: Aandeel
    redenen: Mapping[str, int]
    treffers: Mapping[Groep, Aandeel]

    @property
    def verhouding(self) -> Verhouding | None:
        """Model lane over lottery; None with too few outcomes, or without a hit in either."""
        model, loting = self.treffers["model"], self.treffers["aselect"]
        weinig = model.is_te_weinig or loting.is_te_weinig
        if weinig or not model.aantal or not loting.aantal:
            return None
        from scipy.stats.contingency import relative_risk

        uitslag = relative_risk(model.aantal, model.totaal, loting.aantal, loting.totaal)
        grens = uitslag.confidence_interval(BETROUWBAARHEID)
        return Verhouding(float(uitslag.relative_risk), float(grens.low), float(grens.high))


def count_cijfers(rijen: Iterable[Rij]) -> Cijfers:
    """Count the figures of one model's rows.

    Parameters
    ----------
    rijen
        Every row, withheld ones included.
    """
    alle = tuple(rijen)
    getoond = [rij for rij in alle if not rij.regel.is_onthouden]
    per_baan: dict[Baan, list[Rij]] = {
        baan: [rij for rij in getoond if rij.regel.baan == baan] for baan in BANEN
    }
    besloten = [rij for rij in getoond if rij.besluit is not None]
    opgevolgd = _share_by_lane(per_baan, _is_followed)
    model = opgevolgd["model"]
    return Cijfers(
        aantal_open=sum(rij.is_open for rij in alle),
        aantal_besloten=len(besloten),
        overeenstemming=_share_by_lane(per_baan, _agrees),
        twijfel=_share_by_lane(per_baan, _doubts),
        omgeslagen=_share_by_lane(per_baan, _turned),
        opgevolgd=opgevolgd,
        niet_opgevolgd=Aandeel(model.totaal - model.aantal, model.totaal),
        redenen=Counter(rij.besluit.reden_code for rij in besloten if rij.besluit is not None),
        treffers={
            "model": _count_treffers(per_baan["model"]),
            "aselect": _count_treffers(per_baan["aselect"]),
            "onthouden": _count_treffers([rij for rij in alle if rij.regel.is_onthouden]),
        },
    )


def _share_by_lane(
    per_baan: Mapping[Baan, Iterable[Rij]], zegt: Callable[[Rij], bool | None]
) -> dict[Baan, Aandeel]:
    uit: dict[Baan, Aandeel] = {}
    for baan, rijen in per_baan.items():
        antwoorden = [antwoord for rij in rijen if (antwoord := zegt(rij)) is not None]
        uit[baan] = Aandeel(sum(antwoorden), len(antwoorden))
    return uit


def _agrees(rij: Rij) -> bool | None:
    if not rij.beoordelingen or rij.beoordelingen[0].oordeel == "twijfel":
        return None
    return rij.beoordelingen[0].oordeel == "actie_nodig"


def _doubts(rij: Rij) -> bool | None:
    return rij.beoordelingen[0].oordeel == "twijfel" if rij.beoordelingen else None


def _is_followed(rij: Rij) -> bool | None:
    return None if rij.besluit is None else rij.besluit.keuze == "opvolgen"


def _turned(rij: Rij) -> bool | None:
    if rij.besluit is None:
        return None
    for beoordeling in rij.beoordelingen:
        if tekst.is_zelfde_naam(beoordeling.door, rij.besluit.door):
            if beoordeling.oordeel == "twijfel":
                return None
            wilde_actie = beoordeling.oordeel == "actie_nodig"
            return wilde_actie != (rij.besluit.keuze == "opvolgen")
    return None


def _count_treffers(rijen: Iterable[Rij]) -> Aandeel:
    treffers = [
        is_treffer
        for rij in rijen
        for code in {u.adresnummer: u.uitkomst_code for u in rij.uitkomsten}.values()
        if (is_treffer := UITKOMSTEN[rij.lijst.model][code].is_treffer) is not None
    ]
    return Aandeel(sum(treffers), len(treffers))
