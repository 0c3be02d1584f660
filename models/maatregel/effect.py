"""The effect of maatregelen on reports: difference-in-differences, against regression to the mean.

Belongs here: the estimate, what it would have needed to see an effect, and the verdict in words.
Does not belong here: which complex gets a maatregel, costs, the withheld flags of the worklist
(a comparison by lot, which beats all of this once there are enough).

Why not before against after: a maatregel starts where reports just peaked, and peaks pass. Why not
the usual staggered design: maatregelen come back, and who has *not yet* had one five months later
had few reports in those months, by selection. What was tried on demo worlds of 46,600 dwellings and
8 years (2,300 starts each; while a maatregel runs, true reports are 25 % fewer):

==============================================================================  ==============
estimate                                                                        change
==============================================================================  ==============
before (3 months) against after                                                 -44 to -50 %
Callaway-Sant'Anna on the first start, not yet treated, periods of 5 months     -1 to +15 %
the same, doubly robust in recent reports (counts or ``log1p``)                 +15 to +45 %
trial per month, weighted, controls without a start during the whole term       -18 to +1 %
trial per month, weighted, all controls that were free at the start             -18 to -25 %
trial per month, doubly robust, controls leave at their own start (here)        -25 % (mean)
==============================================================================  ==============

Of the last, over 30 worlds: the mean is -25 % and 29 intervals (plus or minus 7 points) hold the
truth. Without any effect it says -1 % on average over 20 worlds and is wrong in two; before against
after says -29 % then.

So: every month is a trial of its own. Who starts is compared with who was free to start that month;
a control leaves when it starts itself, and those that stay weigh for it, by 1 over their chance not
to have started. Each comparison is that of Callaway and Sant'Anna, doubly robust in the recent
reports that made people act. Counts per month, not logs: the mean of ``log1p`` moves less
than the reports do, and with half of the months empty it is no percentage of anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression

from models.risico.paneel import Geheel, Getal, Vlag
from vera.errors import BuurtpeilError

Oordeel: TypeAlias = Literal["effect aangetoond", "geen effect aangetoond", "te weinig gegevens"]

_VENSTERS: Mapping[int, str] = MappingProxyType(
    {1: "10 tot 12 maanden ervoor", 2: "7 tot 9 maanden ervoor", 3: "4 tot 6 maanden ervoor",
     4: "3 maanden ervoor", 5: "tijdens", 6: "eerste 3 maanden", 7: "daarna, tot het einde"}
)  # fmt: skip
"""Windows of the event study, by the number that stands for time in the estimate."""

_BEGIN, _TIJDENS = 4, 5
_KWARTAAL, _JAAR = 3, 12
_KLEINSTE_KANS = 1e-6
"""A chance to start is kept this far from 0 and 1: who cannot be compared must not weigh."""


class EffectFout(BuurtpeilError):
    """The panel of maatregelen cannot be estimated on."""


@dataclass(frozen=True)
class Effectregels:
    """Every number of the estimate.

    Attributes
    ----------
    looptijd : int
        Months that a maatregel runs, that of its start included.
    steun : float
        Starts with a larger chance than this are left out: next to nobody is like them. A number
        between a fifth and two fifths changes the estimate little and its interval much.
    minimum_starts : int
    relevant : float
        Change of reports that matters; smaller effects need not be seen.
    betrouwbaarheid, onderscheid : float
        Of the interval; and the chance with which a relevant effect must be seen.
    """

    looptijd: int = 5
    steun: float = 0.25
    minimum_starts: int = 50
    relevant: float = 0.30
    betrouwbaarheid: float = 0.95
    onderscheid: float = 0.80


@dataclass(frozen=True, eq=False)
class Maatregelpaneel:
    """Reports and starts per month and complex.

    Attributes
    ----------
    maand : ndarray of int, shape (T,)
        Consecutive months since 1970-01.
    meldingen, ernstig : ndarray, shape (T, C)
        NaN in a month without coverage.
    start : ndarray of bool, shape (T, C)
        A maatregel of the kind that is judged starts.
    eenheden : ndarray of int, shape (C,)
    ander : ndarray of bool, shape (T, C), optional
        One of another kind starts: who has that is not compared with, and leaves as a control.
    """

    maand: Geheel
    meldingen: Getal
    ernstig: Getal
    start: Vlag
    eenheden: Geheel
    ander: Vlag | None = None

    def __post_init__(self) -> None:
        vorm = (len(self.maand), len(self.eenheden))
        vormen = {self.meldingen.shape, self.ernstig.shape, self.start.shape}
        vormen |= set() if self.ander is None else {self.ander.shape}
        if vormen != {vorm} or (np.diff(self.maand) != 1).any():
            raise EffectFout(
                f"Het paneel heeft vormen {sorted(vormen)}, of er ontbreekt een maand.",
                verwacht=f"overal {vorm} (maanden x complexen) en opeenvolgende maanden",
                remedie="bouw het paneel uit één tabel van complexen per maand",
            )

    @property
    def begin(self) -> Vlag:
        """Where a maatregel of any kind starts, shape (T, C)."""
        return self.start if self.ander is None else self.start | self.ander


@dataclass(frozen=True)
class Vensterverschil:
    """Started against comparable complexes in one window, less the same just before the start.

    Attributes
    ----------
    venster : str
        Dutch.
    verschil, onder, boven : float
        Reports per complex and month.
    """

    venster: str
    verschil: float
    onder: float
    boven: float


@dataclass(frozen=True)
class Effect:
    """What maatregelen did, with everything needed to doubt it.

    Attributes
    ----------
    oordeel : str
    zin : str
        Dutch sentences.
    starts, starts_buiten_steun : int
        Used, and left out for want of comparable complexes.
    verschil, onder, boven : float
        Reports per complex and month while it ran, against without; with interval.
    relatief, relatief_onder, relatief_boven : float
        The same as share of what there would have been.
    naief_relatief : float
        Before against after: what it would have seemed without comparison.
    kleinste_effect : float
        Share of reports that could have been seen with the chance asked for.
    verloop : tuple of Vensterverschil
        Event study, windows before the start first.
    is_aanloop_gelijk : bool
        Whether the windows up to three months before the start show no difference.
    """

    oordeel: Oordeel
    zin: str
    starts: int
    starts_buiten_steun: int
    verschil: float
    onder: float
    boven: float
    relatief: float
    relatief_onder: float
    relatief_boven: float
    naief_relatief: float
    kleinste_effect: float
    verloop: tuple[Vensterverschil, ...]
    is_aanloop_gelijk: bool


# --- the trials


@dataclass(frozen=True, eq=False)
class _Proeven:
    """Rows of all trials: complex ``c`` was free in month ``t`` and started or not."""

    t: Geheel
    c: Geheel
    is_start: Vlag
    x: Getal


def _sum_before(reeks: Getal, maanden: int) -> Getal:
    """Return the sum of the months before each month, shape (T, C); NaN where not all known."""
    uit = np.full(reeks.shape, np.nan)
    # Not a running sum: that would stay unknown for good after one month that is.
    uit[maanden:] = sum(reeks[h : len(reeks) - maanden + h] for h in range(maanden))
    return uit


def _covariates(paneel: Maatregelpaneel) -> Getal:
    """Return what people saw when they decided, shape (T, C, 5)."""
    t, c = paneel.start.shape
    hoek = 2.0 * np.pi * paneel.maand / 12.0
    return np.stack(
        [
            np.log1p(_sum_before(paneel.meldingen, _KWARTAAL)),
            np.log1p(_sum_before(paneel.ernstig, _KWARTAAL)),
            np.broadcast_to(np.log(paneel.eenheden), (t, c)),
            np.broadcast_to(np.sin(hoek)[:, None], (t, c)),
            np.broadcast_to(np.cos(hoek)[:, None], (t, c)),
        ],
        axis=2,
    )


def _free(paneel: Maatregelpaneel, looptijd: int) -> Vlag:
    """Return where no earlier maatregel runs, shape (T, C)."""
    eerder = _sum_before(paneel.begin.astype(np.float64), looptijd)
    vrij: Vlag = np.nan_to_num(eerder, nan=1.0) == 0
    return vrij


def _make_proeven(paneel: Maatregelpaneel, x: Getal, vrij: Vlag, looptijd: int) -> _Proeven:
    gemeten = ~np.isnan(paneel.meldingen)
    som = np.vstack([np.zeros(gemeten.shape[1]), np.cumsum(gemeten, axis=0)])
    mag = vrij & np.isfinite(x).all(axis=2)
    if paneel.ander is not None:
        mag &= ~(paneel.ander & ~paneel.start)
    laatste = len(paneel.maand) - looptijd
    mag[:_JAAR] = False
    mag[laatste + 1 :] = False
    t, c = np.nonzero(mag)
    compleet = som[t + looptijd, c] - som[t - _JAAR, c] == _JAAR + looptijd
    t, c = t[compleet], c[compleet]
    return _Proeven(t, c, paneel.start[t, c], x[t, c])


def _mean(som: Getal, p: _Proeven, van: int, tot: int) -> Getal:
    """Return the reports per month in months ``van`` up to ``tot`` after the trial's month."""
    uit: Getal = (som[p.t + tot, p.c] - som[p.t + van, p.c]) / (tot - van)
    return uit


def _censored(paneel: Maatregelpaneel, p: _Proeven, kans: Getal, van: int, tot: int) -> Getal:
    """Return the reports per month as if no control had started meanwhile, in expectation.

    A control counts until it starts itself; what it counts for grows by 1 over the chance not to
    have started. Who started at the trial's month counts as it is.
    """
    gewicht = np.ones(len(p.t))
    som = np.zeros(len(p.t))
    for h in range(tot):
        t = p.t + h
        if h:
            blijft = np.where(paneel.begin[t, p.c], 0.0, 1.0 / (1.0 - kans[t, p.c]))
            gewicht = np.where(p.is_start, 1.0, gewicht * blijft)
        if h >= van:
            som += gewicht * paneel.meldingen[t, p.c]
    return som / (tot - van)


# --- the estimate


def _fit(x: Getal, is_start: Vlag) -> LogisticRegression:
    return LogisticRegression(C=np.inf, max_iter=1000).fit(x, is_start)


@dataclass(frozen=True, eq=False)
class _Vergelijking:
    """Who started against who was free to, doubly robust: what all windows share.

    Attributes
    ----------
    x : ndarray, shape (R, 6)
        An intercept, then the covariates.
    is_start : ndarray of bool, shape (R,)
    complex_ : ndarray of int, shape (R,)
    kans : ndarray, shape (R,)
        To start.
    keer : ndarray, shape (R,)
        How much a control counts: the odds to start; 0 for who started.
    """

    x: Getal
    is_start: Vlag
    complex_: Geheel
    kans: Getal
    keer: Getal

    @classmethod
    def make(cls, p: _Proeven) -> _Vergelijking:
        """Estimate how likely each trial was to start."""
        from diff_diff.linalg import solve_logit

        _, kans = solve_logit(p.x, p.is_start.astype(np.float64))
        kans = np.clip(kans, _KLEINSTE_KANS, 1.0 - _KLEINSTE_KANS)
        keer = np.where(p.is_start, 0.0, kans / (1.0 - kans))
        x = np.column_stack([np.ones(len(p.x)), p.x])
        return cls(x, p.is_start, np.unique(p.c, return_inverse=True)[1], kans, keer)

    def estimate(self, verandering: Getal) -> tuple[float, float]:
        """Return the difference in change, and its standard error clustered by complex.

        Source: Sant'Anna and Zhao (2020), the doubly robust estimate for panels with its influence
        function; that of the two estimates it rests on is in it.

        Parameters
        ----------
        verandering : ndarray, shape (R,)
            Of the reports of each trial since just before it.
        """
        x, starts = self.x, float(self.is_start.sum())
        anders = x[~self.is_start]
        brood = _invert(anders.T @ anders)
        rest = verandering - x @ (brood @ (anders.T @ verandering[~self.is_start]))
        gewogen = np.where(self.is_start, rest, -self.keer * rest) / starts
        verschil = float(gewogen.sum())
        invloed = gewogen - np.where(self.is_start, verschil / starts, 0.0)
        # What the chance to start, and what controls would have done, are uncertain of themselves.
        kromming = _invert((x * (self.kans * (1.0 - self.kans))[:, None]).T @ x)
        van_kans = kromming @ (x.T @ np.where(self.is_start, 0.0, gewogen))
        invloed += (self.is_start - self.kans) * (x @ van_kans)
        van_rest = brood @ (x.T @ np.where(self.is_start, -1.0, self.keer)) / starts
        invloed += np.where(self.is_start, 0.0, rest) * (x @ van_rest)
        per_complex = np.bincount(self.complex_, invloed)
        aantal = len(per_complex)
        afwijking = per_complex - per_complex.mean()
        return verschil, float(np.sqrt(aantal / max(aantal - 1, 1) * (afwijking**2).sum()))


def _invert(som: Getal) -> Getal:
    """Return the inverse; a covariate that says nothing, such as one size for all, has no part."""
    gevonden: Getal = np.asarray(np.linalg.pinv(som, rcond=1e-12, hermitian=True), dtype=np.float64)
    return gevonden


def estimate_effect(paneel: Maatregelpaneel, regels: Effectregels | None = None) -> Effect:
    """Return what maatregelen did to reports while they ran.

    Parameters
    ----------
    paneel
        Two years or more: a year before each start, and the term after it.
    regels
        Numbers; those of the design when left out.

    Raises
    ------
    EffectFout
        If the panel is shorter than a year and the term.

    Notes
    -----
    The standard error is clustered by complex: a complex is a control many times. It takes the
    weights of censoring as known. The comparison is diff-diff's ``CallawaySantAnna`` with a
    universal base period, of which a test keeps it the equal; that wants a table with a row per
    trial and window, which is ten gigabytes for the sector.

    Unseen reasons to act stay a reason to doubt: recent reports, serious ones, size and season are
    all that is compared on. Windows of 4 to 12 months before the start are not used for that, and
    are the check: a difference there means that the two were not alike to begin with.
    """
    r = regels or Effectregels()
    if len(paneel.maand) < _JAAR + r.looptijd + 1:
        raise EffectFout(
            f"Het paneel heeft {len(paneel.maand)} maanden.",
            verwacht=f"meer dan {_JAAR + r.looptijd} maanden",
            remedie="wacht tot er meer maanden zijn",
        )
    x = _covariates(paneel)
    vrij = _free(paneel, r.looptijd)
    alle = _make_proeven(paneel, x, vrij, r.looptijd)
    aantal = int(alle.is_start.sum())
    if aantal < r.minimum_starts:
        return _too_little(aantal)

    steun = _fit(alle.x, alle.is_start).predict_proba(alle.x)[:, 1] <= r.steun
    # A start where an earlier maatregel runs cannot happen, and nobody is weighted for it.
    open_ = vrij & np.isfinite(x).all(axis=2)
    kans = np.zeros(paneel.start.shape)
    kans[open_] = _fit(x[open_], paneel.begin[open_]).predict_proba(x[open_])[:, 1]
    p = _Proeven(alle.t[steun], alle.c[steun], alle.is_start[steun], alle.x[steun])
    starts = int(p.is_start.sum())
    if starts < r.minimum_starts:
        return _too_little(starts)

    som = np.vstack([np.zeros(paneel.meldingen.shape[1]),
                     np.cumsum(np.nan_to_num(paneel.meldingen), axis=0)])  # fmt: skip
    kwartaal = {
        nummer: _mean(som, p, -_KWARTAAL * (5 - nummer), -_KWARTAAL * (4 - nummer))
        for nummer in range(1, _TIJDENS)
    }
    na = {_TIJDENS: (0, r.looptijd)}
    if r.looptijd > _KWARTAAL:
        na |= {6: (0, _KWARTAAL), 7: (_KWARTAAL, r.looptijd)}
    tijdens = {nummer: _censored(paneel, p, kans, van, tot) for nummer, (van, tot) in na.items()}
    vergelijk = _Vergelijking.make(p)
    cellen = {
        nummer: vergelijk.estimate(uitkomst - kwartaal[_BEGIN])
        for nummer, uitkomst in (kwartaal | tijdens).items()
        if nummer != _BEGIN
    }
    if not all(se > 0.0 for _, se in cellen.values()):
        raise EffectFout(
            "De meldingen verschillen nergens, of er is maar één complex om naar te kijken.",
            verwacht="meldingen bij meer complexen, met en zonder maatregel",
            remedie="kijk of de meldingen zijn geleverd: `buurtpeil dekking`",
        )
    z = float(norm.ppf(0.5 + r.betrouwbaarheid / 2.0))
    verloop = tuple(
        Vensterverschil(_VENSTERS[n], verschil, verschil - z * se, verschil + z * se)
        for n, (verschil, se) in sorted(cellen.items())
    )
    aanloop = [abs(cellen[n][0] / cellen[n][1]) for n in range(1, _BEGIN)]
    # Three windows are looked at: each may be off by chance.
    z_aanloop = float(norm.ppf(1.0 - (1.0 - r.betrouwbaarheid) / 2.0 / len(aanloop)))
    met = float(kwartaal[_BEGIN][p.is_start].mean()), float(tijdens[_TIJDENS][p.is_start].mean())
    return _conclude(
        *cellen[_TIJDENS], met, starts, aantal - starts, verloop, max(aanloop) <= z_aanloop, r
    )


def _conclude(
    verschil: float, se: float, met: tuple[float, float], starts: int, buiten: int,
    verloop: tuple[Vensterverschil, ...], aanloop: bool, r: Effectregels,
) -> Effect:  # fmt: skip
    ervoor, tijdens = met
    zonder = tijdens - verschil
    z = float(norm.ppf(0.5 + r.betrouwbaarheid / 2.0))
    onder, boven = verschil - z * se, verschil + z * se
    naief = tijdens / ervoor - 1.0 if ervoor > 0 else np.nan
    kleinste = (z + float(norm.ppf(r.onderscheid))) * se / zonder if zonder > 0 else np.inf
    deel = (lambda w: w / zonder) if zonder > 0 else (lambda w: np.nan)
    aangetoond = not onder <= 0.0 <= boven
    oordeel: Oordeel
    if not aanloop:
        oordeel = "geen effect aangetoond"
        zin = (
            "De complexen met een maatregel liepen al anders dan vergelijkbare complexen, voordat "
            "de maatregel begon. Wat het verschil daarna deed, is niet te zeggen."
        )
    elif aangetoond:
        oordeel = "effect aangetoond"
        richting = "minder" if verschil < 0 else "meer"
        zin = (
            f"Tijdens een maatregel kwamen er {_pct(abs(deel(verschil)))} {richting} meldingen dan "
            f"zonder (tussen {_pct(deel(onder))} en {_pct(deel(boven))})."
        )
    elif kleinste <= r.relevant:
        oordeel = "geen effect aangetoond"
        zin = (
            f"Er is geen verschil te zien. Een verandering van {_pct(kleinste)} of meer was "
            "waarschijnlijk gezien."
        )
    else:
        oordeel = "te weinig gegevens"
        zin = (
            f"Het verschil is te onzeker. Pas een verandering van {_pct(kleinste)} of meer is met "
            f"{starts} maatregelen te zien."
        )
    zin += (
        f" Wie alleen kijkt naar ervoor en erna, ziet {_pct(naief)}. Daarin telt mee dat "
        "maatregelen beginnen als er net veel meldingen zijn, en dat zo'n piek ook vanzelf zakt."
    )
    return Effect(
        oordeel=oordeel,
        zin=zin,
        starts=starts,
        starts_buiten_steun=buiten,
        verschil=float(verschil),
        onder=float(onder),
        boven=float(boven),
        relatief=float(deel(verschil)),
        relatief_onder=float(deel(onder)),
        relatief_boven=float(deel(boven)),
        naief_relatief=float(naief),
        kleinste_effect=float(kleinste),
        verloop=verloop,
        is_aanloop_gelijk=bool(aanloop),
    )


def _pct(deel: float) -> str:
    return "onbekend" if np.isnan(deel) else f"{100 * deel:.0f} %"


def _too_little(starts: int) -> Effect:
    nan = float("nan")
    return Effect(
        oordeel="te weinig gegevens",
        zin=f"Er zijn {starts} maatregelen met een vergelijkbaar complex. Dat is te weinig.",
        starts=starts,
        starts_buiten_steun=0,
        verschil=nan,
        onder=nan,
        boven=nan,
        relatief=nan,
        relatief_onder=nan,
        relatief_boven=nan,
        naief_relatief=nan,
        kleinste_effect=nan,
        verloop=(),
        is_aanloop_gelijk=False,
    )


# --- before anything starts


def compute_kleinste_effect(
    meldingen: Getal, starts: int, regels: Effectregels | None = None
) -> float:
    """Return the smallest change that a number of starts would let one see, before any starts.

    Parameters
    ----------
    meldingen : ndarray, shape (T, C)
        Reports per month, from before there were maatregelen.
    starts
        How many starts there will be.

    Returns
    -------
    float
        Share of the reports. Of complexes as they are chosen: those with the most reports in the
        three months before, where reports are most and vary most.

    Raises
    ------
    EffectFout
        If nothing is expected to start, or the panel is too short.
    """
    from diff_diff.power import compute_mde

    r = regels or Effectregels()
    maanden, complexen = meldingen.shape
    laatste = maanden - r.looptijd
    if starts < 1 or laatste < _KWARTAAL:
        raise EffectFout(
            f"Er zijn {maanden} maanden en er worden {starts} maatregelen verwacht.",
            verwacht=f"minstens {_KWARTAAL + r.looptijd} maanden en één maatregel",
            remedie="neem een langere reeks",
        )
    ervoor = _sum_before(meldingen, _KWARTAAL)[_KWARTAAL : laatste + 1] / _KWARTAAL
    som = np.vstack([np.zeros(complexen), np.cumsum(meldingen, axis=0)])
    tijdens = (som[r.looptijd :] - som[: -r.looptijd])[_KWARTAAL : laatste + 1] / r.looptijd
    bekend = np.isfinite(ervoor) & np.isfinite(tijdens)
    # The tenth with the most reports: where people act.
    druk = bekend & (ervoor >= np.quantile(ervoor[bekend], 0.9)) & (ervoor > 0)
    if druk.sum() < 2:
        raise EffectFout(
            "Er zijn geen meldingen om mee te rekenen.",
            verwacht="complexen met meldingen",
            remedie="kijk na of de meldingen zijn geleverd",
        )
    verandering = tijdens[druk] - ervoor[druk]
    kleinste = compute_mde(
        n_treated=starts,
        n_control=max(starts, complexen),
        # diff-diff asks the spread of one measurement; two are subtracted.
        sigma=float(verandering.std()) / np.sqrt(2.0),
        power=r.onderscheid,
        alpha=1.0 - r.betrouwbaarheid,
    )
    return float(kleinste / tijdens[druk].mean())
