"""The effect of maatregelen from a run's warehouse: what is read, when there is nothing to say.

Belongs here: the queries, the panel that the estimate asks for, and the picture. Does not belong
here: the estimate and its verdict (``models.maatregel.effect``), what is printed (``cli``).
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.maatregel.effect import (
    Effect,
    Effectregels,
    Maatregelpaneel,
    compute_kleinste_effect,
    estimate_effect,
)
from orchestration.beelden import KLEUREN
from orchestration.instellingen import Instellingen
from orchestration.warehouse import list_kolommen, open_warehouse
from orchestration.werkmap import Werkmap
from serving.release.winkel import current, current_path, open_release
from sources.organisatie import read_organisatie
from vera.errors import BuurtpeilError, GebruikFout
from vera.maatregel import PREVENTIESOORTEN

if TYPE_CHECKING:
    import duckdb

COMPLEXMAAND = "int_overlast__complexmaand"
PER_SOORT = "int_maatregel__complexmaand"
STARTS = (50, 100, 200, 400, 800)
"""How many maatregelen the smallest visible effect is told for, when nobody names a number."""

_KORTSTE, _LANGSTE = 2, 12
_WAT = {
    "aantal_meldingen": "meldingen van overlast",
    "aantal_ernstig": "meldingen met hun ernst",
    "aantal_maatregelen": "maatregelen",
}
_AANTALLEN = [*_WAT]
_EENHEDEN = "aantal_eenheden"
_MAAND = "12 * (year(maand) - 1970) + month(maand) - 1"
_RIJEN_PER_KEER = 262_144
_GRIJS = "#8a8a8a"


class GeenMaatregelgegevens(BuurtpeilError):
    """The deliveries hold nothing to estimate on."""


@dataclass(frozen=True, eq=False)
class Maatregelgegevens:
    """What the deliveries say of maatregelen.

    Attributes
    ----------
    paneel : Maatregelpaneel
        Months are NaN where reports or maatregelen were not recorded.
    soort : str or None
        Code of the kind whose starts are in the panel; None = all kinds.
    looptijd : int
        Months that a maatregel runs: the mean of those that ended, or that of the design.
    per_soort : mapping of str to int
        Maatregelen by kind, most first.
    """

    paneel: Maatregelpaneel
    soort: str | None
    looptijd: int
    per_soort: Mapping[str, int]

    @property
    def begonnen(self) -> int:
        """Complex-months with a start."""
        return int(self.paneel.start.sum())

    @property
    def complexen(self) -> int:
        """Complexes of which reports are known in some month."""
        return int(np.isfinite(self.paneel.meldingen).any(axis=0).sum())

    @property
    def periode(self) -> tuple[date, date]:
        """First and last month."""
        eerste, laatste = self.paneel.maand[0], self.paneel.maand[-1]
        return _as_date(int(eerste)), _as_date(int(laatste))


@dataclass(frozen=True)
class Kracht:
    """What maatregelen that are still to start would let one see.

    Attributes
    ----------
    periode : tuple of date
        First and last month of the reports that it is reckoned from.
    complexen : int
    looptijd : int
        Months that each would run.
    kleinste : mapping of int to float
        Number of maatregelen -> smallest change, as share of the reports.
    minimum_starts : int
        With fewer, the estimate gives no figure at all.
    """

    periode: tuple[date, date]
    complexen: int
    looptijd: int
    kleinste: Mapping[int, float]
    minimum_starts: int


def _as_date(maand: int) -> date:
    return date(1970 + maand // 12, maand % 12 + 1, 1)


# --- what is read


def read_gegevens(warehouse: Path, soort: str | None = None) -> Maatregelgegevens:
    """Return reports and starts per complex and month.

    Raises
    ------
    GebruikFout
        When there is no warehouse, or no such kind in it.
    GeenMaatregelgegevens
        When reports, their seriousness or maatregelen were never recorded, or none started.
    """
    reeksen, soorten = _read_tabellen(warehouse)
    if not soorten.empty and soort is not None and soort not in set(soorten["soort_code"]):
        raise GebruikFout(
            f"Er is geen maatregel van soort {soort}.",
            verwacht="een van: " + ", ".join(sorted(set(soorten["soort_code"]))),
        )
    reeksen = reeksen.trim(_AANTALLEN)
    maatregelen = reeksen.waarde["aantal_maatregelen"]
    if not soorten["aantal_maatregelen"].sum() or not maatregelen.any():
        raise GeenMaatregelgegevens(
            "Er is geen enkele maatregel begonnen in de maanden die zijn vastgelegd.",
            verwacht="de tabel wijkbeheer.maatregel met maatregelen per complex",
            remedie="lever haar aan (`buurtpeil contract wijkbeheer.maatregel`); of kijk met "
            "`buurtpeil maatregel kracht` vooraf wat te zien zou zijn",
        )
    # Prevention of woonfraude is judged by its own kind; it was never meant to lower reports.
    gewoon = soorten[~soorten["soort_code"].isin(PREVENTIESOORTEN)]
    gekozen = gewoon if soort is None else soorten[soorten["soort_code"] == soort]
    begonnen = (
        gekozen.groupby(["maand", "complex_id"])["aantal_maatregelen"]
        .sum()
        .unstack(fill_value=0)
        .reindex(index=reeksen.maand, columns=reeksen.complexen, fill_value=0)
    )
    start = begonnen.to_numpy(dtype=np.float64) > 0
    ander = (maatregelen > 0) & ~start
    paneel = Maatregelpaneel(
        maand=reeksen.maand,
        # Where nobody wrote down maatregelen, a month without one cannot be told from one with.
        meldingen=np.where(np.isnan(maatregelen), np.nan, reeksen.waarde["aantal_meldingen"]),
        ernstig=reeksen.waarde["aantal_ernstig"],
        start=start,
        eenheden=reeksen.find_eenheden(),
        ander=None if soort is None else ander,
    )
    return Maatregelgegevens(paneel, soort, _compute_looptijd(gekozen), _count(soorten))


def compute_effect(gegevens: Maatregelgegevens) -> Effect:
    """Return what the maatregelen did to reports while they ran.

    Raises
    ------
    EffectFout
        When there are too few months.
    """
    return estimate_effect(gegevens.paneel, Effectregels(looptijd=gegevens.looptijd))


def compute_kracht(
    warehouse: Path, starts: Sequence[int] = STARTS, looptijd: int | None = None
) -> Kracht:
    """Return the smallest change that a number of maatregelen would show; none need have started.

    Parameters
    ----------
    warehouse
        DuckDB file of a run.
    starts
        Numbers of maatregelen.
    looptijd
        Months that each runs; that of earlier ones when left out.

    Raises
    ------
    GebruikFout
        When there is no warehouse.
    GeenMaatregelgegevens
        When reports were never recorded.
    EffectFout
        When there are too few months or no reports.
    """
    reeksen, soorten = _read_tabellen(warehouse)
    reeksen = reeksen.trim(_AANTALLEN[:1])
    gewoon = soorten[~soorten["soort_code"].isin(PREVENTIESOORTEN)]
    regels = Effectregels(looptijd=looptijd or _compute_looptijd(gewoon))
    reeks = reeksen.waarde["aantal_meldingen"]
    return Kracht(
        periode=(_as_date(int(reeksen.maand[0])), _as_date(int(reeksen.maand[-1]))),
        complexen=int(np.isfinite(reeks).any(axis=0).sum()),
        looptijd=regels.looptijd,
        kleinste={n: compute_kleinste_effect(reeks, n, regels) for n in starts},
        minimum_starts=regels.minimum_starts,
    )


def read_synthetisch(instellingen: Instellingen) -> bool:
    """Return whether the run was made of invented data: its release says so, else who delivers."""
    releases = Werkmap.of(instellingen.data).releases
    if current(releases) is None:
        return read_organisatie(instellingen.leveringen_map).synthetisch
    with open_release(current_path(releases)) as uitgave:
        return uitgave.synthetisch


@dataclass(frozen=True, eq=False)
class _Reeksen:
    """What is known per month and complex.

    Attributes
    ----------
    maand : ndarray of int, shape (T,)
        Consecutive months since 1970-01.
    complexen : ndarray of str, shape (C,)
    is_er : ndarray of bool, shape (T, C)
        Whether there is a row.
    waarde : mapping of str to ndarray of shape (T, C)
        Each column; NaN where it is unknown or there is no row.
    """

    maand: npt.NDArray[np.int64]
    complexen: npt.NDArray[np.object_]
    is_er: npt.NDArray[np.bool_]
    waarde: Mapping[str, npt.NDArray[np.float64]]

    def trim(self, kolommen: Sequence[str]) -> _Reeksen:
        """Return the months from the first to the last in which all columns are known somewhere.

        What lies before and after says nothing, and is not what the figure is about.
        """
        for naam in kolommen:
            if np.isnan(self.waarde[naam]).all():
                raise GeenMaatregelgegevens(
                    f"Er is geen maand waarin {_WAT[naam]} vastgelegd zijn.",
                    verwacht="overlastzaken met hun ernst (vera.zaak, zaakverloop.zaak_ernst) en "
                    "maatregelen (wijkbeheer.maatregel)",
                    remedie="kijk op de pagina bij dekking welke bron ontbreekt, en lever haar aan",
                )
        bekend = np.logical_and.reduce([~np.isnan(self.waarde[naam]) for naam in kolommen])
        maanden = np.flatnonzero(bekend.any(axis=1))
        if not len(maanden):
            raise GeenMaatregelgegevens(
                "Er is geen maand waarin meldingen, hun ernst en maatregelen alle vastgelegd zijn.",
                verwacht="een periode waarin alle drie worden bijgehouden",
                remedie="wacht tot er meer maanden zijn",
            )
        tijd = slice(int(maanden[0]), int(maanden[-1]) + 1)
        met = self.is_er[tijd].any(axis=0)
        return _Reeksen(
            self.maand[tijd],
            self.complexen[met],
            self.is_er[tijd][:, met],
            {naam: w[tijd][:, met] for naam, w in self.waarde.items()},
        )

    def find_eenheden(self) -> npt.NDArray[np.int64]:
        """Return the dwellings of each complex when last there; a size, not a feature over time."""
        eenheden = self.waarde[_EENHEDEN]
        heeft = eenheden > 0
        laatste = len(eenheden) - 1 - heeft[::-1].argmax(axis=0)
        gevonden = eenheden[laatste, np.arange(eenheden.shape[1])]
        return np.where(heeft.any(axis=0), gevonden, 1).astype(np.int64)


def _read_tabellen(warehouse: Path) -> tuple[_Reeksen, pd.DataFrame]:
    """Return complex-months, and starts per kind; ``maand`` in months since 1970-01."""
    if not warehouse.exists():
        raise GebruikFout(
            "Er is nog geen warehouse in deze datamap.",
            verwacht="een datamap waarin een run is gedaan",
            remedie="draai eerst `buurtpeil run --leveringen <map>` of `buurtpeil demo`",
        )
    with open_warehouse(warehouse) as db:
        if not {("intermediate", naam) for naam in (COMPLEXMAAND, PER_SOORT)} <= set(
            list_kolommen(db)
        ):
            raise GebruikFout(
                "Het warehouse is van voor de maatregelen of van een afgebroken run.",
                verwacht=f"de tabellen {COMPLEXMAAND} en {PER_SOORT}",
                remedie="draai `buurtpeil run` opnieuw",
            )
        soorten = db.execute(
            f"select complex_id, {_MAAND} as maand, soort_code, aantal_maatregelen, "
            f"aantal_met_einde, looptijd_maanden from intermediate.{PER_SOORT} order by all"
        ).df()
        return _read_reeksen(db), soorten


def _read_reeksen(db: duckdb.DuckDBPyConnection) -> _Reeksen:
    """Put complex-months in place a batch at a time: as a table they are there many times over."""
    [(eerste, laatste)] = db.execute(
        f"select min({_MAAND}), max({_MAAND}) from intermediate.{COMPLEXMAAND}"
    ).fetchall()
    maand = np.arange(eerste, laatste + 1) if eerste is not None else np.zeros(0, dtype=np.int64)
    namen = db.execute(
        f"select distinct complex_id from intermediate.{COMPLEXMAAND} order by all"
    ).fetchall()
    vorm = (len(maand), len(namen))
    is_er = np.zeros(vorm, dtype=np.bool_)
    waarde = {naam: np.full(vorm, np.nan) for naam in (_EENHEDEN, *_AANTALLEN)}
    lezer = db.sql(
        f"""
        with nummering as (
            select complex_id, row_number() over (order by complex_id) - 1 as nummer
            from (select distinct complex_id from intermediate.{COMPLEXMAAND})
        )
        select nummering.nummer as complex, {_MAAND} - {eerste or 0} as plek,
            {", ".join(f"cast({naam} as double) as {naam}" for naam in waarde)}
        from intermediate.{COMPLEXMAAND}
        inner join nummering using (complex_id)
        """
    ).to_arrow_reader(_RIJEN_PER_KEER)
    for deel in lezer:
        plaats = tuple(deel.column(naam).to_numpy() for naam in ("plek", "complex"))
        is_er[plaats] = True
        for naam, reeks in waarde.items():
            reeks[plaats] = deel.column(naam).to_numpy(zero_copy_only=False)
    return _Reeksen(maand, np.array([naam for (naam,) in namen], dtype=object), is_er, waarde)


def _compute_looptijd(soorten: pd.DataFrame) -> int:
    afgelopen = int(soorten["aantal_met_einde"].sum())
    if not afgelopen:
        return Effectregels().looptijd
    gemiddeld = round(int(soorten["looptijd_maanden"].sum()) / afgelopen)
    # What runs for years is judged on its first year: after that nobody is left to compare with.
    return min(max(gemiddeld, _KORTSTE), _LANGSTE)


def _count(soorten: pd.DataFrame) -> dict[str, int]:
    telling = soorten.groupby("soort_code")["aantal_maatregelen"].sum()
    return {
        str(soort): int(aantal)
        for soort, aantal in sorted(telling.items(), key=lambda paar: (-paar[1], paar[0]))
    }


# --- the picture


def plot_verloop(effect: Effect, looptijd: int, *, is_synthetisch: bool) -> bytes:
    """Return the event study as PNG: windows before the start, then while it runs.

    Parameters
    ----------
    effect
        With windows: not the answer "too little".
    looptijd
        Months that a maatregel runs.
    is_synthetisch
        Whether the picture must say that the data are invented.

    Notes
    -----
    The same numbers give the same bytes.
    """
    from matplotlib.figure import Figure

    fig = Figure(figsize=(8, 4.4), layout="constrained")
    as_ = fig.subplots()
    ervoor, tijdens, daarna = effect.verloop[:3], effect.verloop[3], effect.verloop[4:]
    as_.axhline(0.0, color=_GRIJS, linewidth=1)
    as_.axvline(0.0, color="#222222", linewidth=1, linestyle="--")
    as_.fill_between([0, looptijd], tijdens.onder, tijdens.boven, color=KLEUREN[2], alpha=0.3,
                     linewidth=0)  # fmt: skip
    as_.plot([0, looptijd], [tijdens.verschil] * 2, color=KLEUREN[3], linewidth=2,
             label="hele looptijd, met 95 %-interval")  # fmt: skip
    for reeks, plekken, kleur, vorm, naam in (
        (ervoor, (-10.5, -7.5, -4.5), "#555555", "s", "ervoor: hoort rond 0 te liggen"),
        (daarna, (1.5, (3 + looptijd) / 2), KLEUREN[4], "o", "tijdens, in twee delen"),
    ):
        if reeks:
            midden = np.array([v.verschil for v in reeks])
            fout = [midden - [v.onder for v in reeks], [v.boven for v in reeks] - midden]
            as_.errorbar(plekken, midden, yerr=fout, fmt=vorm, color=kleur, capsize=3, label=naam)
    as_.plot([-1.5], [0.0], "D", color="white", markeredgecolor="#555555",
             label="3 maanden ervoor: hiermee vergeleken")  # fmt: skip
    as_.set_xlim(-12.5, looptijd + 0.5)
    as_.set_xticks(sorted({*range(-12, looptijd + 1, 3), looptijd}))
    as_.set_xlabel("maanden sinds het begin van de maatregel")
    as_.set_ylabel("verschil in meldingen\nper complex per maand")
    as_.spines[["top", "right"]].set_visible(False)
    as_.yaxis.set_major_formatter(lambda w, _: f"{w:+.2f}".replace(".", ",") if w else "0")
    as_.legend(fontsize=8, frameon=False, loc="best")
    titel = "Meldingen rond een maatregel, tegenover vergelijkbare complexen"
    fig.suptitle(titel + (" (synthetisch)" if is_synthetisch else ""), fontsize=11)
    as_.set_title(f"oordeel: {effect.oordeel}", fontsize=9)
    buffer = io.BytesIO()
    # No clock time or version in the file.
    fig.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    return buffer.getvalue()
