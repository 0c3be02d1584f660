"""What follows from sizes that were measured: how steps grow, which limits are kept, the page.

Belongs here: arithmetic on costs, and the text of ``docs/schaal.md``. Does not belong here:
measuring (``meting``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from orchestration.schaal.meting import Grootte

GRENS_GEHEUGEN: Final = 12 * 1024
"""MB that the whole job may hold at most."""
GRENS_SECONDEN: Final = 25 * 60
SECTOR: Final = 2_400_000
"""Dwellings of the Dutch sector, some 77,000 complexes."""
DEEL_KLEIN: Final = 0.01
"""A step below this share of the largest size is not judged: what is measured is its start."""


@dataclass(frozen=True)
class Groei:
    """How a step grows between the two largest sizes in which it ended.

    Attributes
    ----------
    naam
        The step.
    macht
        Power of the number of dwellings that its time goes with.
    grens
        The power that n log n has between the same sizes.
    telt
        Whether the step is large enough to be judged.
    """

    naam: str
    macht: float
    grens: float
    telt: bool

    @property
    def gehaald(self) -> bool:
        """Whether it grows no faster than n log n."""
        return not self.telt or self.macht <= self.grens


def compute_macht(klein: float, groot: float, n_klein: int, n_groot: int) -> float:
    """Return the power of n with which something grows between two sizes.

    Examples
    --------
    >>> compute_macht(2.0, 8.0, 100, 200)
    2.0
    """
    return math.log(groot / klein) / math.log(n_groot / n_klein)


def compute_grens(n_klein: int, n_groot: int) -> float:
    """Return the power of n that n log n has between two sizes: somewhat above 1.

    Examples
    --------
    >>> round(compute_grens(60_000, 600_000), 3)
    1.083
    """
    return compute_macht(n_klein * math.log(n_klein), n_groot * math.log(n_groot), n_klein, n_groot)


def list_stappen(groottes: Sequence[Grootte]) -> list[str]:
    """Return the names of all steps, in the order in which they ran."""
    return list(dict.fromkeys(naam for grootte in groottes for naam in grootte.kosten))


def list_groei(groottes: Sequence[Grootte]) -> list[Groei]:
    """Return how each step grows, by the time of the processors.

    The time on the wall would say how busy the machine was.
    """
    groei = []
    for naam in list_stappen(groottes):
        met = [g for g in groottes if naam in _list_af(g)]
        if len(met) < 2:
            continue
        klein, groot = met[-2], met[-1]
        a, b = (max(g.kosten[naam].rekentijd, 1e-3) for g in (klein, groot))
        samen = sum(k.rekentijd for k in groot.kosten.values())
        groei.append(
            Groei(
                naam,
                compute_macht(a, b, klein.eenheden, groot.eenheden),
                compute_grens(klein.eenheden, groot.eenheden),
                telt=b >= DEEL_KLEIN * samen,
            )
        )
    return groei


def _list_af(grootte: Grootte) -> list[str]:
    """Return the steps that ended: of one that was stopped halfway nothing is known."""
    return [naam for naam in grootte.kosten if naam != grootte.bezig]


def write_verslag(
    groottes: Sequence[Grootte], jaren: int, machine: str, opdracht: str, klein: str = ""
) -> str:
    """Return the page, in Dutch and Markdown.

    Parameters
    ----------
    groottes
        What was measured, the smallest first.
    jaren
        Length of the worlds.
    machine
        Description of the machine, without its name.
    opdracht
        The command that wrote the page.
    klein
        What a reader must know beside it.
    """
    delen = [
        "# Hoe groot het kan",
        f"Dit bestand is gemaakt door `{opdracht}`. Elke grootte is een eigen proces dat "
        f"leveringen van {jaren} jaar maakt, ze inleest, keurt en doorrekent, modellen traint en "
        f"een release publiceert. De machine: {machine}.",
        _write_beloften(groottes),
        _write_groottes(groottes),
        "## Rekentijd per stap\n\nSeconden van de processors samen, en de macht van het aantal "
        "woningen waarmee de stap groeit tussen de twee grootste groottes waarin hij af was. "
        "n log n heeft daar de macht die ernaast staat. Een stap onder "
        f"{DEEL_KLEIN * 100:.0f} % van de tijd van de grootste telt niet mee.",
        _write_rekentijd(groottes),
        "## Geheugen per stap\n\nHet meeste dat het proces tijdens de stap vasthield, in MB; wat "
        "eerdere stappen lieten staan, telt mee.",
        _write_geheugen(groottes),
        "*Rekentijd* hangt weinig af van wat er verder op de machine draait; de tijd op de klok "
        "wel. *Drukte* is het gemiddelde aantal processen dat tijdens de meting een processor "
        "wilde: boven het aantal kernen duurt alles op de klok langer dan op een stille machine.",
    ]
    return "\n\n".join([*delen, *([klein] if klein else [])]) + "\n"


def _write_beloften(groottes: Sequence[Grootte]) -> str:
    grootste = groottes[-1]
    gehaald = {True: "ja", False: "**nee**"}
    is_af = not grootste.afgebroken
    is_sector = grootste.eenheden >= SECTOR * 0.9
    seconden = sum(k.seconden for k in grootste.kosten.values())
    wat = "" if is_sector else " (geen sector)"
    regels = ["| belofte | gemeten | grens | gehaald |", "|---|---:|---:|---|"]
    af = "ja" if is_af else "nee"
    regels.append(f"| {_getal(grootste.eenheden)} woningen gepubliceerd{wat} | {af} | ja | "
                  f"{gehaald[is_af and is_sector]} |")  # fmt: skip
    regels.append(
        f"| meeste geheugen, MB{'' if is_af else ' (tot waar het kwam)'} | "
        f"{_getal(grootste.piek)} | ≤ {_getal(GRENS_GEHEUGEN)} | "
        f"{gehaald[is_af and is_sector and grootste.piek <= GRENS_GEHEUGEN]} |"
    )
    regels.append(
        f"| minuten op de klok{'' if is_af else ' (tot waar het kwam)'} | {seconden / 60:.0f} | "
        f"≤ {GRENS_SECONDEN / 60:.0f} | "
        f"{gehaald[is_af and is_sector and seconden <= GRENS_SECONDEN]} |"
    )
    groei = [g for g in list_groei(groottes) if g.telt]
    if groei:
        snelste = max(groei, key=lambda g: g.macht - g.grens)
        regels.append(
            f"| snelst groeiende stap: {snelste.naam} | {_macht(snelste.macht)} | "
            f"≤ {_macht(snelste.grens)} | {gehaald[all(g.gehaald for g in groei)]} |"
        )
    return "\n".join(regels)


def _write_groottes(groottes: Sequence[Grootte]) -> str:
    regels = [
        "| woningen | complexen | geleverde rijen | klok (min) | rekentijd (s) | piek (MB) "
        "| drukte | hoe ver |",
        "|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for g in groottes:
        klok = sum(k.seconden for k in g.kosten.values()) / 60
        reken = sum(k.rekentijd for k in g.kosten.values())
        regels.append(
            f"| {_getal(g.eenheden)} | {_getal(g.complexen)} | {_getal(g.rijen)} | {klok:.0f} | "
            f"{_getal(reken)} | {_getal(g.piek)} | {g.belasting:.0f} | "
            f"{g.afgebroken or 'gepubliceerd'} |"
        )
    return "\n".join(regels)


def _write_rekentijd(groottes: Sequence[Grootte]) -> str:
    groei = {g.naam: g for g in list_groei(groottes)}
    regels = [_kop(groottes, " macht | n log n | gehaald |"), _lijn(groottes, "---:|---:|---|")]
    for naam in list_stappen(groottes):
        cellen = [_cel(g, naam, f"{g.kosten[naam].rekentijd:.1f}".replace(".", ","))
                  if naam in g.kosten else "" for g in groottes]  # fmt: skip
        g = groei.get(naam)
        rest = ["", "", ""]
        if g is not None:
            oordeel = ("ja" if g.gehaald else "**nee**") if g.telt else "telt niet"
            rest = [_macht(g.macht), _macht(g.grens), oordeel]
        regels.append(f"| {naam} | {' | '.join([*cellen, *rest])} |")
    return "\n".join(regels)


def _write_geheugen(groottes: Sequence[Grootte]) -> str:
    regels = [_kop(groottes, ""), _lijn(groottes, "")]
    for naam in list_stappen(groottes):
        cellen = [_cel(g, naam, _getal(g.kosten[naam].piek))
                  if naam in g.kosten else "" for g in groottes]  # fmt: skip
        regels.append(f"| {naam} | {' | '.join(cellen)} |")
    return "\n".join(regels)


def _cel(grootte: Grootte, naam: str, tekst: str) -> str:
    """Mark what a step cost that did not end."""
    return f"({tekst})" if naam == grootte.bezig else tekst


def _kop(groottes: Sequence[Grootte], rest: str) -> str:
    return f"| stap | {' | '.join(_getal(g.eenheden) for g in groottes)} |{rest}"


def _lijn(groottes: Sequence[Grootte], rest: str) -> str:
    return f"|---|{'---:|' * len(groottes)}{rest}"


def _getal(waarde: float) -> str:
    return f"{waarde:,.0f}".replace(",", ".")


def _macht(waarde: float) -> str:
    return f"{waarde:.2f}".replace(".", ",")
