"""The rule that divides a budget over areas: numbers in, whole euros out.

Belongs here: arithmetic alone, exact (fractions, no floats). Does not belong here: a release, a
file, a request, or words for a reader.

Source: design paper on the API, ``/budgetvoorstellen``; ADR 0035. Rounding is that of the largest
remainder (Hamilton), which keeps every part within one euro of its exact share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from vera.errors import GebruikFout

REGELVERSIE: Final = "budgetregel-1"
MAXIMUM_BUDGET: Final = 1_000_000_000
"""Euros; more than any association spends on this, and far from where numbers lose digits."""

MAXIMUM_RESERVE: Final = 50
AANTAL_LABELS: Final = 5
FACTOREN: Final = (
    Fraction(1, 2),
    Fraction(3, 4),
    Fraction(1),
    Fraction(3, 2),
    Fraction(2),
)
"""How much a dwelling counts by label 1..5; label 3 is one."""

Grens = Literal["bodem", "ondergrens", "bovengrens"]


class VerdelingKanNiet(GebruikFout):
    """No division keeps to all limits; the message says which limits clash."""


@dataclass(frozen=True)
class Budgetregel:
    """What may be chosen of the rule; the rest of it is fixed.

    Parameters
    ----------
    bodem_procent
        Every area gets at least this part of what an even division per dwelling would give it.
    band_procent
        An area goes up or down by at most this part of its budget of last year, where that is
        given.
    reserve_procent
        Part of the budget that is kept apart for prevention, and is not divided.
    factoren
        How much a dwelling counts, by label 1 to 5.
    """

    bodem_procent: int = 50
    band_procent: int = 20
    reserve_procent: int = 10
    factoren: tuple[Fraction, ...] = FACTOREN

    def __post_init__(self) -> None:
        for naam, waarde, maximum in (
            ("bodem_procent", self.bodem_procent, 100),
            ("band_procent", self.band_procent, 100),
            ("reserve_procent", self.reserve_procent, MAXIMUM_RESERVE),
        ):
            if not 0 <= waarde <= maximum:
                raise ValueError(f"{naam} is 0 to {maximum}, not {waarde}")
        oplopend = all(a <= b for a, b in zip(self.factoren, self.factoren[1:], strict=False))
        if len(self.factoren) != AANTAL_LABELS or self.factoren[0] <= 0 or not oplopend:
            raise ValueError("factoren is five positive numbers that do not go down")


@dataclass(frozen=True)
class Gebied:
    """What the rule knows of an area.

    Parameters
    ----------
    id
        Identifies it; the result does not depend on the order of areas.
    woningen
        Numbers of dwellings: without a known label first, then by label 1 to 5.
    vorig
        Budget of last year in whole euros; None = not given. Where it was nothing there is no band.
    """

    id: str
    woningen: tuple[int, int, int, int, int, int]
    vorig: int | None = None

    def __post_init__(self) -> None:
        if len(self.woningen) != AANTAL_LABELS + 1 or min(self.woningen) < 0:
            raise ValueError("woningen is six numbers of at least 0")
        if self.vorig is not None and self.vorig < 0:
            raise ValueError("vorig is at least 0")


@dataclass(frozen=True)
class Deel:
    """What an area gets, in whole euros, and what it is compared with.

    Parameters
    ----------
    gewicht
        Dwellings times their factor.
    bedrag
        What the rule proposes.
    gelijk
        What an even division per dwelling would give.
    vorig
        Budget of last year; None = not given.
    grens
        The limit that decided; None = the weights did.
    """

    id: str
    woningen: int
    woningen_onbekend: int
    gewicht: Fraction
    bedrag: int
    gelijk: int
    vorig: int | None
    grens: Grens | None

    @property
    def verschil(self) -> int:
        """How much more or less than last year, or than an even division where that is unknown."""
        return self.bedrag - (self.gelijk if self.vorig is None else self.vorig)


@dataclass(frozen=True)
class Voorstel:
    """A division of a budget.

    Parameters
    ----------
    budget, reserve, verdeeld
        Whole euros; the first is the sum of the other two.
    factor_onbekend
        How much a dwelling without a known label counts: the mean of those with one.
    delen
        By id of the area.
    """

    budget: int
    reserve: int
    verdeeld: int
    regel: Budgetregel
    factor_onbekend: Fraction
    delen: tuple[Deel, ...]

    @property
    def heeft_band(self) -> bool:
        """Whether a budget of last year bounded any area."""
        return any(deel.vorig for deel in self.delen)


def compute_voorstel(
    budget: int,
    gebieden: Sequence[Gebied],
    regel: Budgetregel | None = None,
    name: Callable[[str], str] = str,
) -> Voorstel:
    """Divide a budget over areas.

    Every area gets its weight times one amount per unit of weight, but not less than its floor and
    not outside its band; that amount is the one at which all parts together are what there is to
    divide. Exact until the last step, which rounds to whole euros.

    Parameters
    ----------
    budget
        Whole euros, reserve included.
    gebieden
        The areas, in any order.
    regel
        What was chosen.
    name
        Gives the name of an area, for saying which limits clash.

    Raises
    ------
    ValueError
        When the budget is no amount, or an area is there twice.
    VerdelingKanNiet
        When there is nothing to divide over, or the limits clash.
    """
    regel = regel or Budgetregel()
    if not 0 <= budget <= MAXIMUM_BUDGET:
        raise ValueError(f"budget is 0 to {MAXIMUM_BUDGET}, not {budget}")
    op_volgorde = sorted(gebieden, key=lambda gebied: gebied.id)
    if len({gebied.id for gebied in op_volgorde}) != len(op_volgorde):
        raise ValueError("an area is there twice")
    alle = sum(sum(gebied.woningen) for gebied in op_volgorde)
    if not alle:
        raise VerdelingKanNiet(
            "Er zijn geen woningen om het budget over te verdelen.",
            remedie="kijk of er een release is met complexen",
        )
    reserve = budget * regel.reserve_procent // 100
    verdeeld = budget - reserve
    gemiddeld = find_factor_onbekend(op_volgorde, regel)
    gewichten = [_weigh(gebied, regel, gemiddeld) for gebied in op_volgorde]
    gelijke = [Fraction(verdeeld * sum(gebied.woningen), alle) for gebied in op_volgorde]
    grenzen = [
        _bound(gebied, gelijk, regel) for gebied, gelijk in zip(op_volgorde, gelijke, strict=True)
    ]
    _check_grenzen([name(g.id) for g in op_volgorde], gewichten, grenzen, verdeeld)
    exact = fill(verdeeld, gewichten, grenzen)
    bedragen = round_parts(exact, verdeeld)
    return Voorstel(
        budget,
        reserve,
        verdeeld,
        regel,
        gemiddeld,
        tuple(
            Deel(
                gebied.id,
                sum(gebied.woningen),
                gebied.woningen[0],
                gewicht,
                bedrag,
                gelijk,
                gebied.vorig,
                _name_grens(deel, grens, Fraction(regel.bodem_procent, 100) * even),
            )
            for gebied, gewicht, bedrag, gelijk, deel, grens, even in zip(
                op_volgorde,
                gewichten,
                bedragen,
                round_parts(gelijke, verdeeld),
                exact,
                grenzen,
                gelijke,
                strict=True,
            )
        ),
    )


def find_factor_onbekend(gebieden: Sequence[Gebied], regel: Budgetregel) -> Fraction:
    """Return how much a dwelling without a known label counts: the mean of those with one.

    One when no label is known at all: then everything counts the same.
    """
    per_label = [sum(gebied.woningen[label] for gebied in gebieden) for label in range(1, 6)]
    bekend = sum(per_label)
    if not bekend:
        return Fraction(1)
    som = sum(aantal * factor for aantal, factor in zip(per_label, regel.factoren, strict=True))
    return Fraction(som) / bekend


def fill(
    totaal: int,
    gewichten: Sequence[Fraction],
    grenzen: Sequence[tuple[Fraction, Fraction | None]],
) -> list[Fraction]:
    """Return parts in proportion to weights, within bounds, that add up to ``totaal``.

    Parameters
    ----------
    totaal
        What there is to divide.
    gewichten
        At least 0 each.
    grenzen
        Least and most of every part; None = no most. What has no weight gets its least.

    Notes
    -----
    Part i is ``min(most, max(least, rate * weight))``. Their sum goes up with the rate in straight
    pieces, so the rate is found by walking along the places where a piece ends.
    """
    buigpunten: list[tuple[Fraction, Fraction]] = []
    for gewicht, (minst, meest) in zip(gewichten, grenzen, strict=True):
        if gewicht > 0:
            buigpunten.append((minst / gewicht, gewicht))
            if meest is not None:
                buigpunten.append((meest / gewicht, -gewicht))
    buigpunten.sort()
    som, helling, tarief = sum((minst for minst, _ in grenzen), Fraction(0)), Fraction(0), None
    for plek, verandering in buigpunten:
        if tarief is not None and helling > 0 and som + helling * (plek - tarief) >= totaal:
            break
        som += Fraction(0) if tarief is None else helling * (plek - tarief)
        tarief, helling = plek, helling + verandering
    if tarief is None:
        return [minst for minst, _ in grenzen]
    if helling > 0:
        tarief += (totaal - som) / helling
    return [
        minst
        if gewicht == 0
        else max(minst, tarief * gewicht if meest is None else min(meest, tarief * gewicht))
        for gewicht, (minst, meest) in zip(gewichten, grenzen, strict=True)
    ]


def round_parts(delen: Sequence[Fraction], totaal: int) -> list[int]:
    """Return whole parts that add up to ``totaal``: the largest remainders are rounded up.

    Equal remainders go in the order of ``delen``.

    Examples
    --------
    >>> round_parts([Fraction(1, 3), Fraction(4, 3), Fraction(4, 3)], 3)
    [1, 1, 1]
    """
    heel = [int(deel) for deel in delen]  # parts are not negative
    over = totaal - sum(heel)
    volgorde = sorted(range(len(delen)), key=lambda plek: (heel[plek] - delen[plek], plek))
    for plek in volgorde[:over]:
        heel[plek] += 1
    return heel


def _weigh(gebied: Gebied, regel: Budgetregel, gemiddeld: Fraction) -> Fraction:
    factoren = (gemiddeld, *regel.factoren)
    return sum(
        (aantal * factor for aantal, factor in zip(gebied.woningen, factoren, strict=True)),
        Fraction(0),
    )


def _bound(
    gebied: Gebied, gelijk: Fraction, regel: Budgetregel
) -> tuple[Fraction, Fraction | None]:
    bodem = gelijk * regel.bodem_procent / 100
    if not gebied.vorig:  # a part of nothing would hold an area at nothing for ever
        return bodem, None
    laag, hoog = find_band(gebied.vorig, regel)
    return max(bodem, Fraction(laag)), Fraction(hoog)


def find_band(vorig: int, regel: Budgetregel) -> tuple[int, int]:
    """Return the least and the most an area may get, in whole euros within its band.

    Examples
    --------
    >>> find_band(1001, Budgetregel(band_procent=20))
    (801, 1201)
    """
    laag = -(-vorig * (100 - regel.band_procent) // 100)
    return laag, vorig * (100 + regel.band_procent) // 100


def _check_grenzen(
    namen: Sequence[str],
    gewichten: Sequence[Fraction],
    grenzen: Sequence[tuple[Fraction, Fraction | None]],
    verdeeld: int,
) -> None:
    minste = sum((minst for minst, _ in grenzen), Fraction(0))
    if minste > verdeeld:
        raise VerdelingKanNiet(
            f"Te verdelen is {_euro(verdeeld)}, en de ondergrenzen vragen samen ten minste "
            f"{_euro(minste)}.",
            verwacht="een budget boven de som van de ondergrenzen",
            remedie="verhoog het budget, verlaag de reserve, of verruim de grens ten opzichte van "
            "vorig jaar",
        )
    is_open = any(
        gewicht > 0 and meest is None
        for gewicht, (_, meest) in zip(gewichten, grenzen, strict=True)
    )
    meeste = sum(
        (
            minst if gewicht == 0 or meest is None else meest
            for gewicht, (minst, meest) in zip(gewichten, grenzen, strict=True)
        ),
        Fraction(0),
    )
    if not is_open and meeste < verdeeld:
        raise VerdelingKanNiet(
            f"Te verdelen is {_euro(verdeeld)}, en de bovengrenzen laten samen hoogstens "
            f"{_euro(meeste)} toe.",
            verwacht="een budget onder de som van de bovengrenzen",
            remedie="verlaag het budget, verhoog de reserve, of verruim de grens ten opzichte van "
            "vorig jaar",
        )
    for naam, (minst, meest) in zip(namen, grenzen, strict=True):
        if meest is not None and minst > meest:
            raise VerdelingKanNiet(
                f"In {naam} is de bodem {_euro(minst)}, en de grens van vorig jaar laat "
                f"hoogstens {_euro(meest)} toe.",
                verwacht="een bodem onder de bovengrens van elk gebied",
                remedie="verlaag de bodem, of verruim de grens ten opzichte van vorig jaar",
            )


def _name_grens(
    deel: Fraction, grens: tuple[Fraction, Fraction | None], bodem: Fraction
) -> Grens | None:
    minst, meest = grens
    if meest is not None and deel == meest:
        return "bovengrens"
    if deel == minst and deel > 0:
        return "bodem" if minst == bodem else "ondergrens"
    return None


def _euro(bedrag: Fraction | int) -> str:
    return f"€ {int(bedrag):,}".replace(",", ".")


def list_factoren(regel: Budgetregel) -> Mapping[int, Fraction]:
    """Return the factor of every label.

    Examples
    --------
    >>> [float(factor) for factor in list_factoren(Budgetregel()).values()]
    [0.5, 0.75, 1.0, 1.5, 2.0]
    """
    return dict(enumerate(regel.factoren, start=1))
