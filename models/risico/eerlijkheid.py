"""Whether a model treats parts of the city alike: groups of buurten and sizes, never of people.

Belongs here: groups, metrics per group with an interval over buurten, tests for features that
stand in for composition, and the hit rate as a test of the threshold. Does not belong here: what
follows for the model (``poort``, ``drift``); composition as a feature, anywhere.
Source: design paper on the risk models, "Fairness at buurt level"; design paper on trust,
"Non-discrimination".

Composition is a public figure per buurt (CBS) that comes in here and nowhere else. Every ratio is
of a group against all others together; 1 is alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.linear_model import RidgeCV
from sklearn.metrics import r2_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from models.risico.paneel import Geheel, Getal, Vlag
from vera.errors import BuurtpeilError

Oordeel: TypeAlias = Literal["goed", "bekijken", "alarm", "te weinig gegevens"]
Maatnaam: TypeAlias = Literal["selectie", "tpr", "fpr", "precisie", "oe"]

MAATNAMEN: Mapping[Maatnaam, str] = {
    "selectie": "aandeel op de lijst",
    "tpr": "gevonden van wat er gebeurde",
    "fpr": "op de lijst terwijl er niets gebeurde",
    "precisie": "raak van wat op de lijst stond",
    "oe": "gebeurd gedeeld door voorspeld",
}
"""What colleagues call each metric."""

WIJK = "wijk"
"""Name of the division by wijk."""

ONBEKEND = -1
"""Group of a row whose buurt has no figure; such rows are in no group and in no comparison."""


class EerlijkheidFout(BuurtpeilError):
    """The arrays of a fairness report do not belong together, or name too few groups."""


@dataclass(frozen=True)
class Eerlijkheidsgrenzen:
    """Every limit of the fairness report.

    Attributes
    ----------
    onder, boven : float
        A ratio between these is no reason for concern.
    niveau : float
        Of the interval over buurten.
    minimum_aantal : int
        Rows that a share must be a share of, in the group and in the others.
    minimum_buurten : int
        Buurten in the group and in the others; an interval over fewer says nothing.
    minimum_verwacht : float
        Events that the group would have if it were like the others.
    maanden : int
        From how many months on a ratio outside the limits is looked at, whatever its interval.
    omweg_verschuiving, omweg_verlies : float
        A feature is a detour to composition when the ratio moves by more than the one while
        the average precision loses less than the other, without it.
    """

    onder: float = 0.8
    boven: float = 1.25
    niveau: float = 0.95
    minimum_aantal: int = 10
    minimum_buurten: int = 5
    minimum_verwacht: float = 5.0
    maanden: int = 12
    omweg_verschuiving: float = 0.15
    omweg_verlies: float = 0.01


# --- groups


def make_derden(waarde_per_buurt: Getal) -> Geheel:
    """Return the third of each buurt by its figure: 0 low, 1 middle, 2 high; -1 without a figure.

    Parameters
    ----------
    waarde_per_buurt : ndarray, shape (N,)
        Composition per buurt; NaN is unknown.

    Examples
    --------
    >>> make_derden(np.array([3.0, 1.0, np.nan, 2.0])).tolist()
    [2, 0, -1, 1]
    """
    bekend = np.flatnonzero(~np.isnan(waarde_per_buurt))
    derde = np.full(len(waarde_per_buurt), ONBEKEND, dtype=np.int64)
    volgorde = bekend[np.argsort(waarde_per_buurt[bekend], kind="stable")]
    derde[volgorde] = np.arange(len(bekend)) * 3 // max(len(bekend), 1)
    return derde


def make_groottederden(eenheden: Geheel) -> Geheel:
    """Return the third of each row by number of dwellings; equal sizes share a third.

    Examples
    --------
    >>> make_groottederden(np.array([10, 12, 12, 40, 80, 90])).tolist()
    [0, 0, 0, 1, 2, 2]
    """
    grenzen = np.quantile(eenheden, (1 / 3, 2 / 3), method="lower")
    return np.searchsorted(grenzen, eenheden, side="left").astype(np.int64)


def make_wijkgroepen(wijken: Sequence[str], buurt: Geheel) -> tuple[Geheel, tuple[str, ...]]:
    """Return the wijk of each row, shape (R,), and the names of the wijken; -1 is unknown.

    Parameters
    ----------
    wijken
        Name of the wijk of each buurt; empty where nobody says.
    buurt : ndarray of int, shape (R,)
        Index into ``wijken``.

    Examples
    --------
    >>> make_wijkgroepen(["West", "", "Oost"], np.array([0, 2, 1, 0]))[0].tolist()
    [1, 0, -1, 1]
    """
    namen = tuple(sorted({naam for naam in wijken if naam}))
    nummer = {naam: i for i, naam in enumerate(namen)}
    per_buurt = np.array([nummer.get(naam, ONBEKEND) for naam in wijken], dtype=np.int64)
    return per_buurt[buurt], namen


# --- metrics per group


@dataclass(frozen=True, eq=False)
class Toetsrijen:
    """What the report is made of: one row per complex and peildatum.

    Attributes
    ----------
    buurt : ndarray of int, shape (R,)
        Draws are of buurten.
    is_gekozen : ndarray of bool, shape (R,)
        Whether the row was among the k highest of its peildatum.
    y : ndarray, shape (R,)
        Outcome; NaN where it is not known yet. Selection is judged on all rows, the rest on
        known outcomes.
    p : ndarray, shape (R,)
        Chance that the model gave.
    """

    buurt: Geheel
    is_gekozen: Vlag
    y: Getal
    p: Getal

    def __post_init__(self) -> None:
        lengtes = {len(self.buurt), len(self.is_gekozen), len(self.y), len(self.p)}
        if len(lengtes) != 1:
            raise EerlijkheidFout(
                f"De rijen zijn niet even lang: {sorted(lengtes)}.",
                verwacht="van buurt, is_gekozen, y en p evenveel rijen",
                remedie="neem alle vier uit hetzelfde paneel",
            )


@dataclass(frozen=True)
class Groepsmaat:
    """One metric of one group against all others.

    Attributes
    ----------
    indeling, groep : str
        E.g. ``samenstelling`` and ``hoogste derde``.
    maat : str
        Key of :data:`MAATNAMEN`.
    aantal : int
        Rows that the share is a share of, in the group.
    waarde, waarde_anderen : float
        The share (of ``oe``: observed over expected) in the group and in the others.
    verhouding, onder, boven : float
        The one over the other, and its interval over buurten. NaN when there is too little.
    oordeel : str
    """

    indeling: str
    groep: str
    maat: Maatnaam
    aantal: int
    waarde: float
    waarde_anderen: float
    verhouding: float
    onder: float
    boven: float
    oordeel: Oordeel


def draw_buurten(buurten: int, trekkingen: int, rng: np.random.Generator) -> Getal:
    """Return how often each buurt is drawn, shape (B, N), with replacement."""
    return rng.multinomial(buurten, np.full(buurten, 1.0 / buurten), trekkingen).astype(np.float64)


def _per_buurt(buurt: Geheel, buurten: int, *kolommen: Getal) -> Getal:
    return np.stack([np.bincount(buurt, kolom, buurten) for kolom in kolommen], axis=1)


def _ratio(teller: Getal, noemer: Getal) -> Getal:
    with np.errstate(invalid="ignore", divide="ignore"):
        verhouding: Getal = teller / noemer
    return verhouding


def judge_verhouding(
    verhouding: float, onder: float, boven: float, maanden: int, grenzen: Eerlijkheidsgrenzen
) -> Oordeel:
    """Return what a ratio and its interval mean.

    ``alarm`` when the whole interval lies outside the limits; ``bekijken`` when the ratio itself
    does, over a year or more.
    """
    g = grenzen
    if np.isnan([verhouding, onder, boven]).any():
        return "te weinig gegevens"
    if boven < g.onder or onder > g.boven:
        return "alarm"
    if maanden >= g.maanden and not g.onder <= verhouding <= g.boven:
        return "bekijken"
    return "goed"


def compute_groepsmaten(
    rijen: Toetsrijen,
    indelingen: Mapping[str, tuple[Geheel, Sequence[str]]],
    *,
    maanden: int,
    rng: np.random.Generator,
    trekkingen: int = 500,
    grenzen: Eerlijkheidsgrenzen | None = None,
) -> tuple[Groepsmaat, ...]:
    """Return every metric of every group of every division, each against all others.

    Parameters
    ----------
    rijen
        One row per complex and peildatum.
    indelingen
        Name of the division -> (group of each row (R,), names of the groups). A row of group
        :data:`ONBEKEND` takes no part in that division.
    maanden
        How many months the rows span.
    rng, trekkingen
        Of the bootstrap over buurten.

    Raises
    ------
    EerlijkheidFout
        If a division does not have as many rows as ``rijen``.
    """
    g = grenzen or Eerlijkheidsgrenzen()
    _, buurt = np.unique(rijen.buurt, return_inverse=True)
    buurten = int(buurt.max(initial=-1)) + 1
    keer = draw_buurten(buurten, trekkingen, rng)
    bekend = ~np.isnan(rijen.y)
    y = np.where(bekend, rijen.y, 0.0)
    positief, negatief = bekend & (y == 1.0), bekend & (y == 0.0)
    gekozen = rijen.is_gekozen
    delen: Mapping[Maatnaam, tuple[Getal, Getal]] = {
        "selectie": (gekozen.astype(np.float64), np.ones(len(y))),
        "tpr": ((gekozen & positief).astype(np.float64), positief.astype(np.float64)),
        "fpr": ((gekozen & negatief).astype(np.float64), negatief.astype(np.float64)),
        "precisie": (
            (gekozen & positief).astype(np.float64),
            (gekozen & bekend).astype(np.float64),
        ),
        "oe": (positief.astype(np.float64), np.where(bekend, rijen.p, 0.0)),
    }
    uit: list[Groepsmaat] = []
    for indeling, (groep, namen) in indelingen.items():
        if len(groep) != len(y):
            raise EerlijkheidFout(
                f"De indeling {indeling} heeft {len(groep)} rijen.",
                verwacht=f"{len(y)} rijen",
                remedie="geef van elke rij de groep, met -1 waar die onbekend is",
            )
        for nummer, naam in enumerate(namen):
            in_groep, anders = groep == nummer, (groep != nummer) & (groep != ONBEKEND)
            for maat, (teller, noemer) in delen.items():
                som = _per_buurt(buurt, buurten, teller * in_groep, noemer * in_groep,
                                 teller * anders, noemer * anders)  # fmt: skip
                aantal = [
                    int(((bekend if maat == "oe" else noemer) * deel).sum())
                    for deel in (in_groep, anders)
                ]
                met = [int((som[:, kolom] > 0).sum()) for kolom in (1, 3)]
                uit.append(_judge_groep(indeling, naam, maat, som, keer, aantal, met, maanden, g))
    return tuple(uit)


def _judge_groep(
    indeling: str, naam: str, maat: Maatnaam, som: Getal, keer: Getal, aantal: list[int],
    met: list[int], maanden: int, g: Eerlijkheidsgrenzen,
) -> Groepsmaat:  # fmt: skip
    _, noemer, teller_a, _ = som.sum(axis=0)
    waarde, anderen = (float(w) for w in _ratio(som.sum(axis=0)[[0, 2]], som.sum(axis=0)[[1, 3]]))
    genoeg = (
        min(aantal) >= g.minimum_aantal
        and min(met) >= g.minimum_buurten
        and teller_a > 0
        # What the group would have if it were like the others, so that none at all can be told
        # from too few to see any.
        and anderen * noemer >= g.minimum_verwacht
    )
    verhouding = onder = boven = np.nan
    if genoeg:
        verhouding = waarde / anderen
        t = keer @ som
        staart = (1.0 - g.niveau) / 2.0
        ratios = _ratio(_ratio(t[:, 0], t[:, 1]), _ratio(t[:, 2], t[:, 3]))
        onder, boven = np.nanquantile(ratios[np.isfinite(ratios)], (staart, 1.0 - staart))
    return Groepsmaat(
        indeling=indeling,
        groep=naam,
        maat=maat,
        aantal=aantal[0],
        waarde=waarde,
        waarde_anderen=anderen,
        verhouding=float(verhouding),
        onder=float(onder),
        boven=float(boven),
        oordeel=judge_verhouding(float(verhouding), float(onder), float(boven), maanden, g),
    )


def describe_veelheid(maten: Sequence[Groepsmaat], indeling: str, niveau: float) -> str:
    """Return how many comparisons a division makes, and how many chance alone may put outside.

    Many groups are many chances to be wrong: of groups that are all alike some lie outside their
    interval. What follows from one is for people to say, and not for the model.

    Parameters
    ----------
    indeling
        Division of which the metrics are counted.
    niveau
        Of the intervals.
    """
    eigen = [m for m in maten if m.indeling == indeling]
    genoeg = [m for m in eigen if m.oordeel != "te weinig gegevens"]
    buiten = [m for m in genoeg if m.oordeel in {"alarm", "bekijken"}]
    if not eigen:
        return f"Per {indeling} is niets vergeleken: die indeling is niet geleverd."
    if not genoeg:
        return f"Voor geen enkele {indeling} zijn er genoeg gegevens om te vergelijken."
    toeval = max(1, round((1.0 - niveau) * len(genoeg)))
    return (
        f"Per {indeling} zijn er {len(genoeg)} vergelijkingen met genoeg gegevens, van de "
        f"{len(eigen)}. Zijn alle groepen in werkelijkheid gelijk, dan valt bij zoveel "
        f"vergelijkingen de 1 toch in ongeveer {toeval} keer buiten het interval. Er "
        f"{'is' if len(buiten) == 1 else 'zijn'} nu {len(buiten)} met het oordeel bekijken of "
        f"alarm. Een {indeling} houdt het model niet vanzelf tegen: een medewerker bekijkt waar "
        "het van komt."
    )


def describe_groepsmaat(maat: Groepsmaat) -> str:
    """Return the metric as a Dutch sentence."""
    wat = f"{MAATNAMEN[maat.maat]} ({maat.indeling}, {maat.groep})"
    if maat.oordeel == "te weinig gegevens":
        return f"{wat}: te weinig gegevens ({maat.aantal} rijen)."
    getallen = (
        f"{maat.verhouding:.2f} keer dat van de andere groepen, tussen {maat.onder:.2f} en "
        f"{maat.boven:.2f}"
    ).replace(".", ",")
    staart = {
        "goed": "dat is binnen de grenzen",
        "bekijken": "dat is al een jaar buiten de grenzen: bekijk waar het van komt",
        "alarm": "dat is zeker buiten de grenzen",
    }[maat.oordeel]
    return f"{wat}: {getallen}; {staart}."


# --- features that stand in for composition


@dataclass(frozen=True)
class Hertoets:
    """What a model does: its average precision, and a group's selection ratio."""

    ap: float
    selectieverhouding: float


@dataclass(frozen=True)
class Omweg:
    """What leaving features out changes.

    Attributes
    ----------
    kenmerken : tuple of str
        What was left out together: one feature or a family.
    verschuiving : float
        How much nearer to 1 the selection ratio comes; below 0 it moves away.
    verlies : float
        Share of the average precision that is lost.
    is_blokkade : bool
    """

    kenmerken: tuple[str, ...]
    verschuiving: float
    verlies: float
    is_blokkade: bool


def check_omwegen(
    volledig: Hertoets,
    herfit: Callable[[frozenset[str]], Hertoets],
    weglaten: Sequence[tuple[str, ...]],
    grenzen: Eerlijkheidsgrenzen | None = None,
) -> tuple[Omweg, ...]:
    """Return what each refit without some features does, and whether it blocks the model.

    Parameters
    ----------
    volledig
        The model as it is.
    herfit
        Fits and tests the same model without the features named.
    weglaten
        What to leave out, one refit each.

    Notes
    -----
    A model that can drop features, lose next to nothing and treat groups more alike, must. Only a
    move towards 1 counts: a ratio that gets worse is no reason to drop anything.
    """
    g = grenzen or Eerlijkheidsgrenzen()
    uit = []
    for namen in weglaten:
        zonder = herfit(frozenset(namen))
        winst = abs(volledig.selectieverhouding - 1.0) - abs(zonder.selectieverhouding - 1.0)
        verlies = 1.0 - zonder.ap / volledig.ap
        is_blokkade = bool(winst > g.omweg_verschuiving and verlies < g.omweg_verlies)
        uit.append(Omweg(tuple(namen), float(winst), float(verlies), is_blokkade))
    return tuple(uit)


def compute_voorspelbaarheid(
    x: Getal, samenstelling: Getal, buurt: Geheel, *, delen: int = 5
) -> float:
    """Return how well the features foretell composition: R2, cross-validated by buurt.

    Parameters
    ----------
    x : ndarray, shape (R, F)
        Features as the model gets them; NaN is unknown. One row per complex is enough.
    samenstelling : ndarray, shape (R,)
        The figure of each row's buurt; rows without one are left out.
    buurt : ndarray of int, shape (R,)
        A buurt is never in training and test at once: complexes of one buurt share its figure.

    Returns
    -------
    float
        At or below 0 the features know nothing of it. A linear model (ridge): what the champion
        could use.

    Raises
    ------
    EerlijkheidFout
        If there are fewer buurten with a figure than parts.
    """
    telt = ~np.isnan(samenstelling)
    x, z, groep = x[telt], samenstelling[telt], buurt[telt]
    if len(np.unique(groep)) < delen:
        raise EerlijkheidFout(
            f"Van {len(np.unique(groep))} buurten is de samenstelling bekend.",
            verwacht=f"minstens {delen} buurten",
            remedie="laat de toets weg en zet op de kaart: te weinig gegevens",
        )
    model = make_pipeline(
        SimpleImputer(add_indicator=True, keep_empty_features=True),
        StandardScaler(),
        RidgeCV(alphas=np.logspace(0, 4, 9)),
    )
    voorspeld = cross_val_predict(model, x, z, groups=groep, cv=GroupKFold(delen))
    return float(r2_score(z, voorspeld))


@dataclass(frozen=True)
class Helling:
    """A slope and its interval over buurten."""

    waarde: float
    onder: float
    boven: float

    @property
    def is_nul(self) -> bool:
        """Whether the interval holds 0."""
        return self.onder <= 0.0 <= self.boven


def compute_helling_samenstelling(
    logit_score: Getal,
    samenstelling: Getal,
    drijvers: Getal,
    buurt: Geheel,
    *,
    rng: np.random.Generator,
    trekkingen: int = 500,
    niveau: float = 0.95,
) -> Helling:
    """Return how much the score rises with composition among complexes that are alike otherwise.

    Parameters
    ----------
    logit_score : ndarray, shape (R,)
    samenstelling : ndarray, shape (R,)
        Figure of each row's buurt; the slope is per standard deviation of it.
    drijvers : ndarray, shape (R, D)
        What may drive the score: numbers that are known of every row.
    buurt : ndarray of int, shape (R,)

    Notes
    -----
    Least squares; the interval comes from draws of buurten, each drawn buurt's sums at once.
    """
    telt = ~np.isnan(samenstelling)
    z = samenstelling[telt]
    rest = drijvers[telt]
    breed = rest.std(axis=0)
    rest = (rest - rest.mean(axis=0)) / np.where(breed > 0, breed, 1.0)
    x = np.column_stack([(z - z.mean()) / z.std(), np.ones(len(z)), rest[:, breed > 0]])
    _, groep = np.unique(buurt[telt], return_inverse=True)
    buurten = int(groep.max(initial=-1)) + 1
    n, f = x.shape
    xx = np.zeros((buurten, f, f))
    xy = np.zeros((buurten, f))
    np.add.at(xx, groep, x[:, :, None] * x[:, None, :])
    np.add.at(xy, groep, x * logit_score[telt][:, None])
    keer = np.vstack([np.ones(buurten), draw_buurten(buurten, trekkingen, rng)])
    # A sliver of ridge: a draw may hold too few buurten to tell two drivers apart.
    som = np.einsum("bn,nij->bij", keer, xx) + 1e-9 * n * np.eye(f)
    helling = np.linalg.solve(som, (keer @ xy)[:, :, None])[:, 0, 0]
    staart = (1.0 - niveau) / 2.0
    onder, boven = np.quantile(helling[1:], (staart, 1.0 - staart))
    return Helling(float(helling[0]), float(onder), float(boven))


# --- the outcome as a test


@dataclass(frozen=True)
class Uitkomsttoets:
    """What happened in a group over what happens in the others, and what that says.

    Attributes
    ----------
    groep : str
    aantal : int
        Rows of the group.
    waarde, waarde_anderen : float
        Hit rate, or events over what is expected at the same schouw.
    verhouding, onder, boven : float
    zin : str
        Dutch sentence.
    """

    groep: str
    aantal: int
    waarde: float
    waarde_anderen: float
    verhouding: float
    onder: float
    boven: float
    zin: str


def _compare(
    teller: Getal, noemer: Getal, in_groep: Vlag, anders: Vlag, buurt: Geheel,
    rng: np.random.Generator, trekkingen: int, g: Eerlijkheidsgrenzen,
) -> tuple[float, float, float, float, float, bool]:  # fmt: skip
    """Return value, value of others, ratio, interval, and whether there is enough to say so."""
    _, index = np.unique(buurt, return_inverse=True)
    buurten = int(index.max(initial=-1)) + 1
    som = _per_buurt(index, buurten, teller * in_groep, noemer * in_groep,
                     teller * anders, noemer * anders)  # fmt: skip
    alles = som.sum(axis=0)
    waarde, anderen = (float(w) for w in _ratio(alles[[0, 2]], alles[[1, 3]]))
    met = [int((som[:, kolom] > 0).sum()) for kolom in (1, 3)]
    genoeg = (
        min(int(in_groep.sum()), int(anders.sum())) >= g.minimum_aantal
        and min(met) >= g.minimum_buurten
        and alles[2] > 0
        and anderen * alles[1] >= g.minimum_verwacht
    )
    if not genoeg:
        return waarde, anderen, np.nan, np.nan, np.nan, False
    t = draw_buurten(buurten, trekkingen, rng) @ som
    ratios = _ratio(_ratio(t[:, 0], t[:, 1]), _ratio(t[:, 2], t[:, 3]))
    staart = (1.0 - g.niveau) / 2.0
    onder, boven = np.quantile(ratios[np.isfinite(ratios)], (staart, 1.0 - staart))
    return waarde, anderen, waarde / anderen, float(onder), float(boven), True


def check_trefkans(
    is_treffer: Vlag,
    groep: Geheel,
    namen: Sequence[str],
    buurt: Geheel,
    *,
    rng: np.random.Generator,
    trekkingen: int = 500,
    grenzen: Eerlijkheidsgrenzen | None = None,
) -> tuple[Uitkomsttoets, ...]:
    """Return the hit rate of each group on the inspections that people or the draw chose.

    Parameters
    ----------
    is_treffer, groep, buurt : ndarray, shape (I,)
        One row per inspection with reason proactive or random; tips are left out by the caller,
        because their rate says who tipped.
    namen
        Names of the groups.

    Notes
    -----
    Where one bar is used for all, chosen complexes hit equally often at the margin. A lower rate
    says that a lower bar was used for the group: it was looked at too often.
    """
    g = grenzen or Eerlijkheidsgrenzen()
    uit = []
    raak, een = is_treffer.astype(np.float64), np.ones(len(is_treffer))
    for nummer, naam in enumerate(namen):
        in_groep, anders = groep == nummer, (groep != nummer) & (groep != ONBEKEND)
        waarde, anderen, ratio, onder, boven, genoeg = _compare(
            raak, een, in_groep, anders, buurt, rng, trekkingen, g
        )
        if not genoeg:
            zin = f"Van {naam} zijn er te weinig onderzoeken om iets te zeggen."
        elif boven < 1.0:
            zin = (
                f"In {naam} is een onderzoek minder vaak raak. Daar is bij minder aanleiding "
                "gekeken dan elders: de drempel lag er lager."
            )
        elif onder > 1.0:
            zin = (
                f"In {naam} is een onderzoek vaker raak. Daar is pas bij meer aanleiding gekeken "
                "dan elders: de drempel lag er hoger."
            )
        else:
            zin = f"In {naam} is een onderzoek ongeveer even vaak raak als elders."
        uit.append(
            Uitkomsttoets(naam, int(in_groep.sum()), waarde, anderen, ratio, onder, boven, zin)
        )
    return tuple(uit)


def compare_met_schouw(
    y: Getal,
    schouw: Getal,
    groep: Geheel,
    namen: Sequence[str],
    buurt: Geheel,
    *,
    rng: np.random.Generator,
    strata: int = 5,
    trekkingen: int = 500,
    grenzen: Eerlijkheidsgrenzen | None = None,
) -> tuple[Uitkomsttoets, ...]:
    """Return whether groups have fewer recorded events than others whose schouw is alike.

    The outcome itself may lean: where people report less, less escalates on paper, and equal
    rates then hide it. The schouw is made by staff on a round and does not wait for a report.

    Parameters
    ----------
    y : ndarray, shape (R,)
        Outcome, or a count of reports; NaN where unknown.
    schouw : ndarray, shape (R,)
        Last schouw; rows without one are left out.
    groep, buurt : ndarray of int, shape (R,)
    strata
        How many classes of equal size the schouw is cut into.

    Notes
    -----
    Indirect standardisation: what a group has over what it would have with the others' rate in
    each class.
    """
    g = grenzen or Eerlijkheidsgrenzen()
    telt = ~np.isnan(y) & ~np.isnan(schouw) & (groep != ONBEKEND)
    y, schouw, groep, buurt = y[telt], schouw[telt], groep[telt], buurt[telt]
    randen: Getal = np.zeros(0)
    if len(schouw):
        randen = np.quantile(schouw, np.arange(1, strata) / strata)
    klasse = np.searchsorted(randen, schouw, side="right")
    uit = []
    for nummer, naam in enumerate(namen):
        in_groep, anders = groep == nummer, groep != nummer
        tarief = _ratio(
            np.bincount(klasse[anders], y[anders], strata).astype(np.float64),
            np.bincount(klasse[anders], minlength=strata).astype(np.float64),
        )
        # A class that the others do not have tells nothing of this group.
        vergelijkbaar = np.isfinite(tarief[klasse])
        verwacht = np.where(vergelijkbaar, tarief[klasse], 0.0)
        waarde, anderen, ratio, onder, boven, genoeg = _compare(
            y * vergelijkbaar, verwacht, in_groep, anders, buurt, rng, trekkingen, g
        )
        if not genoeg:
            zin = f"Van {naam} is te weinig bekend om met de schouw te vergelijken."
        elif boven < 1.0:
            zin = (
                f"In {naam} is minder vastgelegd dan elders bij dezelfde schouw. Misschien wordt "
                "daar minder gemeld: een gelijk aandeel gevonden kan dat verbergen."
            )
        elif onder > 1.0:
            zin = f"In {naam} is meer vastgelegd dan elders bij dezelfde schouw."
        else:
            zin = f"In {naam} is ongeveer evenveel vastgelegd als elders bij dezelfde schouw."
        uit.append(
            Uitkomsttoets(naam, int(in_groep.sum()), waarde, anderen, ratio, onder, boven, zin)
        )
    return tuple(uit)


# --- what the gate gets of it


def collect_blokkades(
    maten: Sequence[Groepsmaat], omwegen: Sequence[Omweg]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what blocks a model and what is an alarm only, as Dutch texts.

    A detour blocks; a ratio outside the limits is an alarm that a person looks at, because it may
    be how things are.
    """
    blokkades = tuple(
        f"zonder {' en '.join(o.kenmerken)} worden groepen gelijker behandeld en is het model "
        "even goed"
        for o in omwegen
        if o.is_blokkade
    )
    alarmen = tuple(describe_groepsmaat(m) for m in maten if m.oordeel in {"alarm", "bekijken"})
    return blokkades, alarmen
