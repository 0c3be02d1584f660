"""Whether a model may be used: challenger against rule, persistence and champion.

Belongs here: the conditions (a) to (f), the extra ones of woonfraude, and what follows from them.
Does not belong here: the metrics (``maten``), the paired bootstrap (``bootstrap``), the fairness
block (``eerlijkheid``), keeping the champion (``models/registry.py``).
Source: design paper on the risk models, "Gate".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from vera.errors import BuurtpeilError
from vera.werklijst import Model

Conclusie: TypeAlias = Literal["uitdager_wordt_kampioen", "kampioen_blijft", "regel_blijft"]

CONCLUSIES: dict[Conclusie, str] = {
    "uitdager_wordt_kampioen": "Het nieuwe model voldoet en gaat het werk doen.",
    "kampioen_blijft": "Het nieuwe model voldoet niet. Het model van nu voldoet en blijft.",
    "regel_blijft": "Geen model voldoet. De vaste regel doet het werk.",
}
"""What colleagues read of each conclusion."""

ONDERDEEL_LIJST = "e"
"""The condition that somebody can sign for: the list may not change too much."""
_SPEL = 1e-9


class PoortFout(BuurtpeilError):
    """The evaluation that the gate was handed cannot be judged."""


@dataclass(frozen=True)
class Poortgrenzen:
    """Every limit of the gate.

    ``minimum_winst`` and ``niet_slechter`` are differences of the metric itself; wins are the
    share of windows in which the challenger is ahead.
    """

    kans_boven_regel: float = 0.95
    verhouding_regel: float = 1.25
    minimum_winst: float = 0.01
    kans_boven_kampioen: float = 0.90
    aandeel_gewonnen: float = 5 / 7
    niet_slechter: float = -0.005
    ece: float = 0.008
    ece_vloer: float = 2.0
    helling: tuple[float, float] = (0.85, 1.15)
    overlap: float = 0.6
    vensters: int = 4
    aselect_aandeel: float = 0.10
    onderzoeken: int = 300


@dataclass(frozen=True)
class Vergelijking:
    """The challenger's metric minus the champion's, per window, and how sure that is.

    Attributes
    ----------
    verschillen : tuple of float
        One per window, paired; NaN where a window holds no event, which is passed over.
    kans_groter : float
        Share of bootstrap draws over complexes in which the mean difference is above 0.
    is_eenvoudiger : bool
        Whether the challenger is the simpler of the two (fewer features, or linear).
    overlap_top_k : float
        Share of the champion's k highest that are among the challenger's.
    is_overlap_getekend : bool
        Whether somebody signed for a smaller overlap, by name, in the decisions store.
    """

    verschillen: tuple[float, ...]
    kans_groter: float
    is_eenvoudiger: bool
    overlap_top_k: float
    is_overlap_getekend: bool = False


@dataclass(frozen=True)
class Opbrengst:
    """What woonfraude must show besides: yield per inspection, weighted back to all complexes.

    Attributes
    ----------
    model, regel, medewerker : float
        Confirmed per inspection under each way of choosing, by weights on the proactive and
        random log (``selectie.compute_opbrengst``). NaN is unknown, and then not better.
    aselect_aandeel : float
        Share of proactive capacity that is random now.
    onderzoeken : int
        Proactive inspections logged with their selection probability.
    """

    model: float
    regel: float
    medewerker: float
    aselect_aandeel: float
    onderzoeken: int


@dataclass(frozen=True)
class Uitslag:
    """What was measured of one model over the test windows.

    Attributes
    ----------
    model
        ``overlast`` or ``woonfraude``.
    modelversie : str
    waarde, waarde_regel : tuple of float
        The deciding metric per window: average precision for overlast, weighted yield for
        woonfraude (a recorded average precision says where was looked, not where it is).
    kans_boven_regel : float
        Share of bootstrap draws over complexes in which the mean difference is above 0.
    precisie, precisie_regel, precisie_persistentie : tuple of float
        Precision at k per window; of woonfraude again the weighted yield, of the k chosen.
    ece, ece_vloer, helling : float
        Pooled over windows; the floor is that of a perfect model (``maten.simulate_ece_vloer``).
    oe_onder, oe_boven : float
        Interval of observed over expected.
    is_herijkt : bool
        Whether the model was recalibrated since (``ijking``), so that O/E no longer speaks of it.
    blokkades : tuple of str
        What the fairness report blocks on; empty when nothing.
    verkeerde_tekens, verboden_kolommen : int
    is_kaart_compleet : bool
    tegen_kampioen : Vergelijking, optional
        Absent of the champion itself, and of the first model.
    opbrengst : Opbrengst, optional
        Of woonfraude, and required there.
    """

    model: Model
    modelversie: str
    waarde: tuple[float, ...]
    waarde_regel: tuple[float, ...]
    kans_boven_regel: float
    precisie: tuple[float, ...]
    precisie_regel: tuple[float, ...]
    precisie_persistentie: tuple[float, ...]
    ece: float
    ece_vloer: float
    helling: float
    oe_onder: float
    oe_boven: float
    is_herijkt: bool
    blokkades: tuple[str, ...]
    verkeerde_tekens: int
    verboden_kolommen: int
    is_kaart_compleet: bool
    tegen_kampioen: Vergelijking | None = None
    opbrengst: Opbrengst | None = None

    def __post_init__(self) -> None:
        lengtes = {
            len(rij)
            for rij in (
                self.waarde,
                self.waarde_regel,
                self.precisie,
                self.precisie_regel,
                self.precisie_persistentie,
                *((self.tegen_kampioen.verschillen,) if self.tegen_kampioen else ()),
            )
        }
        if len(lengtes) != 1 or not len(self.waarde):
            raise PoortFout(
                f"De uitslag van {self.modelversie} telt {sorted(lengtes)} vensters.",
                verwacht="van elke maat evenveel vensters, en ten minste één",
                remedie="meet model, regel en kampioen op dezelfde vensters",
            )
        if (self.model == "woonfraude") != (self.opbrengst is not None):
            raise PoortFout(
                f"De uitslag van {self.modelversie} ({self.model}) heeft "
                f"{'een' if self.opbrengst else 'geen'} opbrengst.",
                verwacht="een opbrengst bij woonfraude, en alleen daar",
                remedie="bereken de opbrengst met models.risico.selectie",
            )


@dataclass(frozen=True)
class Voorwaarde:
    """One condition and how it went.

    Attributes
    ----------
    onderdeel : str
        ``a`` to ``f`` of the design paper, or ``woonfraude``.
    naam : str
        Dutch name.
    waarde, grens : str
        As shown; ``-`` where the condition does not apply.
    is_gehaald : bool
    zin : str
        Dutch sentence.
    """

    onderdeel: str
    naam: str
    waarde: str
    grens: str
    is_gehaald: bool
    zin: str


@dataclass(frozen=True)
class Poortbesluit:
    """What the gate concludes, with every condition it looked at."""

    conclusie: Conclusie
    voorwaarden: tuple[Voorwaarde, ...]
    voorwaarden_kampioen: tuple[Voorwaarde, ...] = field(default=())

    @property
    def gezakt(self) -> tuple[Voorwaarde, ...]:
        """The conditions that the challenger did not meet."""
        return tuple(v for v in self.voorwaarden if not v.is_gehaald)

    def __str__(self) -> str:
        return CONCLUSIES[self.conclusie]


def judge_uitslag(uitslag: Uitslag, grenzen: Poortgrenzen | None = None) -> tuple[Voorwaarde, ...]:
    """Return every condition of one model, met or not.

    A number that is unknown (NaN) never meets a condition.
    """
    g = grenzen or Poortgrenzen()
    return (
        *_judge_regel(uitslag, g),
        *_judge_kampioen(uitslag, g),
        *_judge_ijking(uitslag, g),
        *_judge_veilig(uitslag),
        *_judge_opbrengst(uitslag, g),
    )


def decide_poort(
    uitdager: Uitslag, kampioen: Uitslag | None, grenzen: Poortgrenzen | None = None
) -> Poortbesluit:
    """Return which of challenger, champion and rule does the work.

    Parameters
    ----------
    uitdager
        The new model, compared with the champion when there is one.
    kampioen
        The model in use, measured anew on the same windows; None when the rule does the work.
    grenzen
        Limits; those of the design paper when left out.

    Raises
    ------
    PoortFout
        When there is a champion that the challenger was not compared with, or the two are of
        different models.

    Notes
    -----
    The champion must itself still meet everything but the comparison. When neither does, the
    rule stays.
    """
    if (kampioen is None) != (uitdager.tegen_kampioen is None):
        raise PoortFout(
            f"Van {uitdager.modelversie} is de vergelijking met de kampioen er "
            f"{'niet' if kampioen else 'wel'}, terwijl er {'een' if kampioen else 'geen'} is.",
            verwacht="een vergelijking als er een kampioen is, en alleen dan",
            remedie="meet uitdager en kampioen op dezelfde vensters en vergelijk ze per complex",
        )
    if kampioen is not None and (
        kampioen.model != uitdager.model or kampioen.tegen_kampioen is not None
    ):
        raise PoortFout(
            f"De kampioen is van {kampioen.model} en de uitdager van {uitdager.model}, of de "
            "kampioen is met zichzelf vergeleken.",
            verwacht="twee versies van hetzelfde model, en geen vergelijking bij de kampioen",
            remedie="geef de kampioen zonder vergelijking",
        )
    van_uitdager = judge_uitslag(uitdager, grenzen)
    van_kampioen = judge_uitslag(kampioen, grenzen) if kampioen else ()
    conclusie: Conclusie = "regel_blijft"
    if all(v.is_gehaald for v in van_uitdager):
        conclusie = "uitdager_wordt_kampioen"
    elif kampioen is not None and all(v.is_gehaald for v in van_kampioen):
        conclusie = "kampioen_blijft"
    return Poortbesluit(conclusie, van_uitdager, van_kampioen)


def _known(rij: Sequence[float]) -> list[float]:
    """Return the values of windows in which something happened; in the others nothing is known."""
    return [waarde for waarde in rij if not math.isnan(waarde)]


def _mean(rij: Sequence[float]) -> float:
    bekend = _known(rij)
    return math.fsum(bekend) / len(bekend) if bekend else math.nan


def _getal(waarde: float, cijfers: int = 3) -> str:
    return "onbekend" if math.isnan(waarde) else f"{waarde:.{cijfers}f}".replace(".", ",")


def _row(
    onderdeel: str, naam: str, waarde: str, grens: str, is_gehaald: bool, zin: str
) -> Voorwaarde:
    return Voorwaarde(onderdeel, naam, waarde, grens, bool(is_gehaald), zin)


def _judge_regel(u: Uitslag, g: Poortgrenzen) -> list[Voorwaarde]:
    woonfraude = u.model == "woonfraude"
    maat = "opbrengst" if woonfraude else "gemiddelde precisie"
    model, regel = _mean(u.waarde), _mean(u.waarde_regel)
    vensters = len(_known(u.waarde))
    rijen = [
        _row("a", "genoeg vensters", str(vensters), f"minstens {g.vensters}",
             vensters >= g.vensters,
             f"Het model is getoetst op {vensters} momenten die na het leren liggen."),
        _row("a", f"{maat} boven de regel", _getal(u.kans_boven_regel, 2),
             f"kans minstens {_getal(g.kans_boven_regel, 2)}",
             model > regel and u.kans_boven_regel >= g.kans_boven_regel,
             f"De {maat} is {_getal(model)} en die van de vaste regel {_getal(regel)}. De kans dat "
             f"het model echt beter is, is {_getal(u.kans_boven_regel, 2)}."),
    ]  # fmt: skip
    if not woonfraude:
        # Of woonfraude the paper asks no ratio: yields lie closer together than precisions.
        verhouding = model / regel if regel > 0 else math.nan
        rijen.append(
            _row("a", "verhouding met de regel", _getal(verhouding, 2),
                 f"minstens {_getal(g.verhouding_regel, 2)}",
                 verhouding >= g.verhouding_regel - _SPEL,
                 f"Het model is {_getal(verhouding, 2)} keer zo goed als de vaste regel.")
        )  # fmt: skip
    precisie = _mean(u.precisie)
    for naam, rij in (("de regel", u.precisie_regel), ("persistentie", u.precisie_persistentie)):
        tegen = _mean(rij)
        rijen.append(
            _row("a", f"precisie bij k boven {naam}", _getal(precisie), f"meer dan {_getal(tegen)}",
                 precisie > tegen,
                 f"Van de complexen op de lijst is {_getal(precisie)} raak. Bij {naam} is dat "
                 f"{_getal(tegen)}.")
        )  # fmt: skip
    return rijen


def _judge_kampioen(u: Uitslag, g: Poortgrenzen) -> list[Voorwaarde]:
    v = u.tegen_kampioen
    if v is None:
        geen = "Er is geen ander model om mee te vergelijken."
        return [
            _row("b", "beter dan het model van nu", "-", "-", True, geen),
            _row(ONDERDEEL_LIJST, "lijst verandert niet te veel", "-", "-", True, geen),
        ]
    winst = _mean(v.verschillen)
    bekend = _known(v.verschillen)
    gewonnen = sum(d > 0 for d in bekend) / len(bekend) if bekend else math.nan
    beter = (
        winst >= g.minimum_winst - _SPEL
        and v.kans_groter >= g.kans_boven_kampioen
        and gewonnen >= g.aandeel_gewonnen - _SPEL
    )
    eenvoudiger = winst > g.niet_slechter and v.is_eenvoudiger
    waarom = (
        "Het nieuwe model is duidelijk beter dan het model van nu."
        if beter
        else "Het nieuwe model is eenvoudiger en niet slechter dan het model van nu."
        if eenvoudiger
        else "Het nieuwe model is niet duidelijk beter dan het model van nu, en ook niet "
        "eenvoudiger en even goed."
    )
    overlap = v.overlap_top_k >= g.overlap - _SPEL
    return [
        _row("b", "beter dan het model van nu",
             f"winst {_getal(winst)}, kans {_getal(v.kans_groter, 2)}, "
             f"gewonnen {_getal(gewonnen, 2)}",
             f"winst {_getal(g.minimum_winst)}, kans {_getal(g.kans_boven_kampioen, 2)}, gewonnen "
             f"{_getal(g.aandeel_gewonnen, 2)}; of eenvoudiger en winst boven "
             f"{_getal(g.niet_slechter)}",
             beter or eenvoudiger, waarom),
        _row(ONDERDEEL_LIJST, "lijst verandert niet te veel", _getal(v.overlap_top_k, 2),
             f"minstens {_getal(g.overlap, 2)}, of getekend",
             overlap or v.is_overlap_getekend,
             f"Van de lijst van nu blijft {_getal(v.overlap_top_k, 2)} staan."
             + (" Iemand heeft voor deze verandering getekend."
                if v.is_overlap_getekend and not overlap else "")),
    ]  # fmt: skip


def _judge_ijking(u: Uitslag, g: Poortgrenzen) -> list[Voorwaarde]:
    grens = max(g.ece, g.ece_vloer * u.ece_vloer) if not math.isnan(u.ece_vloer) else g.ece
    laag, hoog = g.helling
    return [
        _row("c", "kansen kloppen gemiddeld (ECE)", _getal(u.ece, 4),
             f"hoogstens {_getal(grens, 4)}", u.ece <= grens + _SPEL,
             f"De voorspelde kansen zitten er gemiddeld {_getal(u.ece, 4)} naast."),
        _row("c", "helling", _getal(u.helling, 2), f"{_getal(laag, 2)} tot {_getal(hoog, 2)}",
             laag <= u.helling <= hoog,
             "De kansen zijn niet te zeker en niet te voorzichtig."
             if laag <= u.helling <= hoog
             else "De kansen zijn te zeker of te voorzichtig."),
        _row("c", "waargenomen gedeeld door verwacht",
             f"{_getal(u.oe_onder, 2)} tot {_getal(u.oe_boven, 2)}"
             + (", daarna herijkt" if u.is_herijkt else ""),
             "interval bevat 1, of herijkt", u.is_herijkt or u.oe_onder <= 1.0 <= u.oe_boven,
             "Er gebeurt ongeveer zoveel als het model voorspelt."
             if u.oe_onder <= 1.0 <= u.oe_boven
             else "Er gebeurt meer of minder dan het model voorspelde."
             + (" Het model is daarop bijgesteld." if u.is_herijkt else "")),
    ]  # fmt: skip


def _judge_veilig(u: Uitslag) -> list[Voorwaarde]:
    return [
        _row("d", "eerlijk tussen buurten", str(len(u.blokkades)), "0 blokkades", not u.blokkades,
             "De toets op eerlijkheid houdt het model niet tegen." if not u.blokkades
             else "De toets op eerlijkheid houdt het model tegen: " + "; ".join(u.blokkades) + "."),
        _row("f", "tekens kloppen", str(u.verkeerde_tekens), "0 verkeerd", u.verkeerde_tekens == 0,
             f"{u.verkeerde_tekens} kenmerken werken tegen de afgesproken richting in."),
        _row("f", "geen verboden kolommen", str(u.verboden_kolommen), "0",
             u.verboden_kolommen == 0,
             f"Het model gebruikt {u.verboden_kolommen} kolommen die het niet mag gebruiken."),
        _row("f", "modelkaart compleet", "ja" if u.is_kaart_compleet else "nee", "ja",
             u.is_kaart_compleet,
             "De modelkaart is compleet." if u.is_kaart_compleet
             else "Op de modelkaart ontbreekt iets."),
    ]  # fmt: skip


def _judge_opbrengst(u: Uitslag, g: Poortgrenzen) -> list[Voorwaarde]:
    o = u.opbrengst
    if o is None:
        return []
    rijen = [
        _row("woonfraude", f"opbrengst boven {naam}", _getal(o.model), f"meer dan {_getal(tegen)}",
             o.model > tegen,
             f"Per onderzoek wordt {_getal(o.model)} bevestigd. Bij {naam} is dat "
             f"{_getal(tegen)}. Beide zijn teruggewogen naar alle complexen.")
        for naam, tegen in (("de regel", o.regel), ("de keuze van medewerkers", o.medewerker))
    ]  # fmt: skip
    rijen += [
        _row("woonfraude", "loting loopt", _getal(o.aselect_aandeel, 2),
             f"minstens {_getal(g.aselect_aandeel, 2)}",
             o.aselect_aandeel >= g.aselect_aandeel - _SPEL,
             f"{_getal(100 * o.aselect_aandeel, 0)} % van de eigen onderzoeken gaat naar een "
             "complex dat door loting is gekozen."),
        _row("woonfraude", "genoeg onderzoeken met bekende kans", str(o.onderzoeken),
             f"minstens {g.onderzoeken}", o.onderzoeken >= g.onderzoeken,
             f"Er zijn {o.onderzoeken} eigen onderzoeken vastgelegd met de kans waarmee het "
             f"complex is gekozen. Onder de {g.onderzoeken} kiest de vaste regel."),
    ]  # fmt: skip
    return rijen
