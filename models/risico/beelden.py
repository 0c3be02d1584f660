"""Pictures of a risk model, as bytes of a PNG or SVG.

Belongs here: what the card, MLflow and Dagster show of a model. Does not belong here: the numbers
themselves (``maten``, ``eerlijkheid``, ``drift``), where a picture is kept or shown.

No clock time, version or random mark is in a file: the same numbers give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from scipy.stats import beta
from sklearn.metrics import precision_recall_curve

from models.risico.drift import Regelkaart
from models.risico.eerlijkheid import MAATNAMEN, Eerlijkheidsgrenzen, Groepsmaat
from models.risico.kenmerk import Kenmerk
from models.risico.maten import BAKKEN, KCurve
from models.risico.paneel import Getal
from vera.errors import BuurtpeilError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Vorm: TypeAlias = Literal["png", "svg"]

DONKER, MIDDEN, LICHT = "#1b2f74", "#2872a6", "#5bb8bd"
"""Of the page's scale, so that order shows in grey as well; the one warm tone is for alarms."""
ALARM, GRIJS = "#b3401f", "#8a8a8a"

_KLEIN_RECALL = 0.02


class BeeldFout(BuurtpeilError):
    """There is nothing to draw."""


def plot_precisie_recall(
    y: Getal,
    scores: Mapping[str, Getal],
    *,
    vorm: Vorm = "png",
) -> bytes:
    """Return precision against recall of model, rule and others, and the base rate.

    Parameters
    ----------
    y : ndarray, shape (R,)
        Outcome, 0 or 1.
    scores
        Name as shown -> score (R,); the first is drawn boldest.
    """
    if not y.any() or not scores:
        raise BeeldFout("Er is niets gebeurd of geen score om te tekenen.")
    fig, as_ = _make_figuur()
    top = float(y.mean())
    for nummer, (naam, score) in enumerate(scores.items()):
        precisie, recall, _ = precision_recall_curve(y, score)
        # The first few rows alone leap to nought or one; they do not set the scale.
        top = max(top, float(precisie[:-1][recall[:-1] >= _KLEIN_RECALL].max(initial=0.0)))
        as_.step(recall[:-1], precisie[:-1], where="post", label=naam,
                 color=(DONKER, LICHT, GRIJS)[min(nummer, 2)],
                 linewidth=2.0 if nummer == 0 else 1.2)  # fmt: skip
    as_.axhline(float(y.mean()), color=GRIJS, linestyle=":", linewidth=1, label="zonder model")
    as_.set_xlim(0, 1)
    as_.set_ylim(0, min(1.0, 1.15 * top))
    for schaal in (as_.xaxis, as_.yaxis):
        schaal.set_major_formatter(lambda w, _: _pct(w))
    as_.set_xlabel("deel van wat er gebeurt dat op de lijst staat")
    as_.set_ylabel("deel van de lijst dat raak is")
    as_.legend(fontsize=8, frameon=False)
    return _as_bytes(fig, "Raak tegenover gevonden", vorm)


def plot_ijking(y: Getal, p: Getal, *, bakken: int = BAKKEN, vorm: Vorm = "png") -> bytes:
    """Return what happened against what was foretold, in classes of equal size.

    Bars are 95 % (Jeffreys) of each class. Both axes are square roots: most chances are small.
    """
    if len(y) < bakken:
        raise BeeldFout(f"Er zijn {len(y)} rijen voor {bakken} klassen.")
    delen = np.array_split(np.argsort(p, kind="stable"), bakken)
    voorspeld = np.array([p[deel].mean() for deel in delen])
    treffers = np.array([y[deel].sum() for deel in delen])
    aantal = np.array([len(deel) for deel in delen])
    onder, boven = (
        np.asarray(beta.ppf(staart, treffers + 0.5, aantal - treffers + 0.5))
        for staart in (0.025, 0.975)
    )
    gebeurd = treffers / aantal
    fig, as_ = _make_figuur()
    top = float(max(voorspeld.max(), boven.max())) * 1.05
    as_.plot([0, top], [0, top], color=GRIJS, linewidth=1, linestyle=":", label="precies goed")
    # An interval of nought events does not reach down to the nought that was found.
    fout = np.abs(np.vstack([gebeurd - np.minimum(onder, gebeurd), boven - gebeurd]))
    as_.errorbar(voorspeld, gebeurd, yerr=fout, fmt="o", color=DONKER, ecolor=LICHT, capsize=2,
                 label=f"elk een {bakken}e deel van de complexen")  # fmt: skip
    for zet in (as_.set_xscale, as_.set_yscale):
        zet("function", functions=(_root, _square))
    as_.set_xlim(0, top)
    as_.set_ylim(0, top)
    stappen = _ticks(top)
    as_.set_xticks(stappen, [_pct(s) for s in stappen])
    as_.set_yticks(stappen, [_pct(s) for s in stappen])
    as_.set_xlabel("voorspelde kans")
    as_.set_ylabel("gebeurd")
    as_.legend(fontsize=8, frameon=False, loc="upper left")
    return _as_bytes(fig, "Kloppen de kansen?", vorm)


def plot_kcurve(curve: KCurve, k: int, drempel: float, *, vorm: Vorm = "png") -> bytes:
    """Return what each further block of the list is worth, and where the list ends.

    Parameters
    ----------
    curve
        From ``maten.compute_k_curve``.
    k
        Length of the list that was chosen; 0 draws no line.
    drempel
        Times the base rate that the last block must reach.
    """
    fig, as_ = _make_figuur()
    rand = np.concatenate([[0], curve.k])
    blok, minstens = (np.concatenate([w[:1], w]) for w in (curve.marginaal, curve.ondergrens))
    as_.fill_between(rand, minstens, blok, step="pre", color=LICHT,
                     alpha=0.35, linewidth=0, label="80 %-ondergrens van het blok")  # fmt: skip
    as_.step(rand, blok, where="pre", color=MIDDEN, label="raak van het blok")
    as_.plot(curve.k, curve.precisie, color=DONKER, linewidth=2, label="raak van de hele lijst")
    as_.axhline(drempel * curve.basis, color=ALARM, linestyle="--", linewidth=1,
                label=f"{_nl(drempel)} keer zonder model")  # fmt: skip
    as_.axhline(curve.basis, color=GRIJS, linestyle=":", linewidth=1, label="zonder model")
    if k:
        as_.axvline(k, color="#222222", linewidth=1, label=f"de lijst: {k} complexen")
    as_.set_xlim(0, float(curve.k[-1]))
    as_.set_ylim(0, None)
    as_.yaxis.set_major_formatter(lambda w, _: _pct(w))
    as_.set_xlabel("lengte van de lijst")
    as_.set_ylabel("deel dat raak is")
    as_.legend(fontsize=8, frameon=False)
    return _as_bytes(fig, "Hoe lang mag de lijst zijn?", vorm)


def plot_eerlijkheid(
    maten: Sequence[Groepsmaat],
    *,
    grenzen: Eerlijkheidsgrenzen | None = None,
    titel: str = "Worden groepen buurten gelijk behandeld?",
    vorm: Vorm = "png",
) -> bytes:
    """Return the ratio of each group with its interval, between the limits.

    A group with too little says so in words: an empty line would look like no difference.
    """
    if not maten:
        raise BeeldFout("Er zijn geen groepen om te vergelijken.")
    g = grenzen or Eerlijkheidsgrenzen()
    fig, as_ = _make_figuur(hoogte=1.3 + 0.27 * len(maten), breedte=9)
    as_.axvspan(g.onder, g.boven, color="#eef4cf", zorder=0)
    as_.axvline(1.0, color=GRIJS, linewidth=1, linestyle=":")
    kleur = {"goed": DONKER, "bekijken": MIDDEN, "alarm": ALARM}
    namen = []
    for rij, maat in enumerate(maten):
        namen.append(f"{maat.indeling}, {maat.groep}: {MAATNAMEN[maat.maat]}")
        if maat.oordeel == "te weinig gegevens":
            as_.text(1.0, rij, "te weinig gegevens", fontsize=7, color=GRIJS, va="center",
                     ha="center", backgroundcolor="white")  # fmt: skip
            continue
        tint = kleur[maat.oordeel]
        links, rechts = (float(np.clip(w, 0.25, 4.0)) for w in (maat.onder, maat.boven))
        as_.plot([links, rechts], [rij, rij], color=tint, linewidth=2)
        # Shape besides colour: an alarm shows in grey as well.
        as_.plot([np.clip(maat.verhouding, 0.25, 4.0)], [rij], color=tint,
                 marker={"goed": "o", "bekijken": "s", "alarm": "D"}[maat.oordeel])  # fmt: skip
    as_.set_xscale("log")
    as_.set_xlim(0.25, 4)
    stappen = [0.25, 0.5, g.onder, 1, g.boven, 2, 4]
    as_.set_xticks(stappen, [_nl(s) for s in stappen], fontsize=8)
    as_.set_xticks([], minor=True)
    as_.set_yticks(range(len(namen)), namen, fontsize=7)
    as_.set_ylim(len(namen) - 0.5, -0.5)
    as_.set_xlabel("verhouding met alle andere groepen (rond = binnen de grenzen, ruit = alarm)",
                   fontsize=8)  # fmt: skip
    return _as_bytes(fig, titel, vorm)


def plot_gewichten(
    kenmerken: Sequence[Kenmerk], gewichten: Mapping[str, float], *, vorm: Vorm = "png"
) -> bytes:
    """Return the coefficient of each feature and the sign that was agreed.

    Parameters
    ----------
    kenmerken
        In the order in which they are drawn.
    gewichten
        Name -> coefficient on the standard scale; a name that is absent is 0.
    """
    if not kenmerken:
        raise BeeldFout("Er zijn geen kenmerken om te tekenen.")
    fig, as_ = _make_figuur(hoogte=1.3 + 0.25 * len(kenmerken))
    waarden = [gewichten.get(kenmerk.naam, 0.0) for kenmerk in kenmerken]
    fout = [w * k.teken < 0 for w, k in zip(waarden, kenmerken, strict=True)]
    as_.barh(range(len(waarden)), waarden, color=[ALARM if f else MIDDEN for f in fout])
    as_.axvline(0, color="#222222", linewidth=0.8)
    teken = {1: "+", -1: "\N{MINUS SIGN}", 0: "vrij"}
    as_.set_yticks(range(len(waarden)), [f"{k.naam}  [{teken[k.teken]}]" for k in kenmerken],
                   fontsize=7)  # fmt: skip
    as_.set_ylim(len(waarden) - 0.5, -0.5)
    as_.xaxis.set_major_formatter(lambda w, _: _nl(round(w, 3)))
    as_.set_xlabel("gewicht per standaardafwijking; tussen haken het afgesproken teken", fontsize=8)
    return _as_bytes(fig, "Wat elk kenmerk doet", vorm)


def plot_regelkaart(kaart: Regelkaart, *, vorm: Vorm = "png") -> bytes:
    """Return reports per month against what was expected, and the sums of deviations."""
    if not len(kaart.maand):
        raise BeeldFout("Er zijn geen maanden om te tekenen.")
    from matplotlib.figure import Figure

    fig = Figure(figsize=(8, 5), layout="constrained")
    boven, onder = fig.subplots(2, 1, sharex=True, height_ratios=[2.2, 1])
    jaar = 1970 + kaart.maand / 12.0
    boven.fill_between(jaar, kaart.onder, kaart.boven, color=LICHT, alpha=0.25, linewidth=0,
                       label="grenzen van één maand")  # fmt: skip
    boven.plot(jaar, kaart.verwacht, color=MIDDEN, linewidth=1, linestyle="--", label="verwacht")
    boven.plot(jaar, kaart.aantal, color=DONKER, linewidth=1.2, marker=".", label="meldingen")
    boven.plot(jaar[kaart.is_alarm], kaart.aantal[kaart.is_alarm], "D", color=ALARM, label="alarm")
    boven.set_ylim(0, None)
    boven.set_ylabel("meldingen per maand")
    boven.legend(fontsize=8, frameon=False, ncols=4, loc="lower left")
    onder.plot(jaar, kaart.cusum_hoog, color=DONKER, label="te veel")
    onder.plot(jaar, kaart.cusum_laag, color=LICHT, label="te weinig")
    onder.axhline(5.0, color=ALARM, linestyle="--", linewidth=1, label="grens")
    onder.set_ylim(0, None)
    onder.set_ylabel("opgetelde\nafwijking")
    onder.legend(fontsize=8, frameon=False, ncols=3, loc="upper left")
    onder.xaxis.set_major_formatter(lambda w, _: f"{w:.0f}" if abs(w - round(w)) < 1e-6 else "")
    return _as_bytes(fig, "Meldingen van alle complexen samen", vorm)


def _root(w: Getal) -> Getal:
    return np.sqrt(np.maximum(w, 0.0))


def _square(w: Getal) -> Getal:
    return np.square(w)


def _ticks(top: float) -> list[float]:
    """Return round chances up to ``top``, closer together where chances are small."""
    rond = (0.0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0)
    return [w for w in rond if w <= top]


def _nl(waarde: float) -> str:
    return f"{waarde:g}".replace(".", ",").replace("-", "\N{MINUS SIGN}")


def _pct(waarde: float) -> str:
    return f"{_nl(round(100 * waarde, 1))} %"


def _make_figuur(hoogte: float = 4.5, breedte: float = 7.0) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    fig = Figure(figsize=(breedte, hoogte), layout="constrained")
    return fig, fig.subplots()


def _as_bytes(fig: Figure, titel: str, vorm: Vorm) -> bytes:
    from matplotlib import rc_context

    fig.suptitle(titel, fontsize=11)
    for as_ in fig.axes:
        as_.spines[["top", "right"]].set_visible(False)
    buffer = io.BytesIO()
    merk: dict[str, str | None] = {"Software": None} if vorm == "png" else {"Date": None}
    # Ids inside an SVG are drawn at random unless salted.
    with rc_context({"svg.hashsalt": "buurtpeil"}):
        fig.savefig(buffer, format=vorm, dpi=110, metadata=merk)
    return buffer.getvalue()
