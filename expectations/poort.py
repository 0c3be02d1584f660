"""The one door to Great Expectations: rules go in, findings in plain Dutch come out.

Great Expectations takes seconds to import, so it is imported when the first
:class:`Toetsbank` is made and never on import of this module. Its results hold values of
rows; only counts and row positions leave this module.

Does not belong here: any rule (:mod:`expectations.poort_in`, :mod:`expectations.poort_uit`).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from vera.bevinding import Bevinding
from vera.errors import BuurtpeilError

_VOLDAAN = "in orde"


@dataclass(frozen=True)
class Regel:
    """One rule of a gate. Its name is stable: Dagster uses it as the name of a check."""

    naam: str
    verwacht: str
    remedie: str
    blokkeert: bool = True


@dataclass(frozen=True)
class RijEis:
    """A rule on the rows of one table, as one expectation of Great Expectations.

    ``soort`` is the class name of the expectation, ``argumenten`` its arguments.
    ``gevonden`` turns the number of unexpected rows into a sentence without values.
    """

    regel: Regel
    soort: str
    argumenten: Mapping[str, Any]
    gevonden: Callable[[int], str]


@dataclass(frozen=True)
class Meting:
    """What one rule measured on one file (or source): above 0 is a breach.

    ``aantal`` counts rows, cells or columns that break the rule.
    """

    maat: float = 0.0
    aantal: int = 0
    gevonden: str = _VOLDAAN
    voorbeeld: str = ""


@dataclass(frozen=True)
class Gemeten:
    """The measurements of one file or source; a rule that is absent does not apply to it."""

    onderwerp: str
    metingen: Mapping[str, Meting]


@dataclass(frozen=True)
class Uitslag:
    """How one expectation went: unexpected rows counted, the first 20 by position (0-based)."""

    geslaagd: bool
    aantal: int
    rijen: tuple[int, ...]


class Toetsbank:
    """An ephemeral Great Expectations context for one gate; nothing is written or sent."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            # Its import and set-up warn about Python's and pandas' own deprecations.
            warnings.simplefilter("ignore")
            import great_expectations as gx
            from great_expectations.data_context.types.base import ProgressBarsConfig

            context = gx.get_context(mode="ephemeral")
            context.enable_analytics(False)
            context.variables.progress_bars = ProgressBarsConfig(globally=False)
            self._gx = gx
            self._bron = context.data_sources.add_pandas("poort")
        self._volgnummer = 0

    def toets(
        self,
        frame: pd.DataFrame,
        eisen: Mapping[str, tuple[str, Mapping[str, Any]]],
        *,
        alle_rijen: bool = False,
    ) -> dict[str, Uitslag]:
        """Validate expectations on one frame.

        Parameters
        ----------
        frame
            Any frame; its index is replaced by positions.
        eisen
            Per rule name the expectation's class name and its arguments.
        alle_rijen
            Return every unexpected position. Great Expectations is slow at that (36 s for a
            million), so only for frames with a row per file.

        Returns
        -------
        dict of str to Uitslag
            One per rule, in the order given.

        Raises
        ------
        BuurtpeilError
            When Great Expectations could not evaluate a rule; it would otherwise report that
            as an ordinary breach.
        """
        if not eisen:
            return {}
        self._volgnummer += 1
        naam = f"toets_{self._volgnummer}"
        formaat = {"result_format": "COMPLETE" if alle_rijen else "SUMMARY"}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            suite = self._gx.ExpectationSuite(
                name=naam,
                expectations=[
                    getattr(self._gx.expectations, soort)(**argumenten, meta={"regel": regel})
                    for regel, (soort, argumenten) in eisen.items()
                ],
            )
            batch = (
                self._bron.add_dataframe_asset(naam)
                .add_batch_definition_whole_dataframe("geheel")
                .get_batch({"dataframe": frame.reset_index(drop=True)})
            )
            resultaat = batch.validate(suite, result_format=formaat)
        # Great Expectations returns results in an order of its own.
        uitslagen = {
            _name_regel(uitkomst): _read_uitslag(uitkomst, alle_rijen)
            for uitkomst in resultaat.results
        }
        return {regel: uitslagen[regel] for regel in eisen}

    def judge_rijen(
        self,
        poort: str,
        tabel: str,
        frame: pd.DataFrame,
        eisen: Sequence[RijEis],
        plaats: Callable[[int], str],
    ) -> list[Bevinding]:
        """Judge rows of one table: one finding per rule.

        Parameters
        ----------
        poort, tabel
            Where the finding belongs.
        frame
            Rows of the table.
        eisen
            The rules; ``mostly`` among the arguments is the share that must hold.
        plaats
            Says where the row at a position (0-based) is, without personal values.

        Returns
        -------
        list of Bevinding
            In the order of ``eisen``, also of rules that hold.
        """
        uitslagen = self.toets(frame, {e.regel.naam: (e.soort, e.argumenten) for e in eisen})
        return [
            _make_bevinding(
                poort,
                tabel,
                eis.regel,
                uitslag.geslaagd,
                uitslag.aantal,
                eis.gevonden(uitslag.aantal) if uitslag.aantal else _VOLDAAN,
                plaats(uitslag.rijen[0]) if uitslag.rijen else "",
            )
            for eis, uitslag in zip(eisen, uitslagen.values(), strict=True)
        ]

    def judge_metingen(
        self, poort: str, regels: Iterable[Regel], gemeten: Sequence[Gemeten]
    ) -> list[Bevinding]:
        """Judge measurements: one finding per rule per subject, over all files of the subject.

        Parameters
        ----------
        poort
            Name of the gate.
        regels
            Rules by whose name the measurements are found.
        gemeten
            One per file or source; several may share a subject.

        Returns
        -------
        list of Bevinding
            By subject in order of appearance, then by rule; also of rules that hold.
        """
        regels = [r for r in regels if any(r.naam in g.metingen for g in gemeten)]
        frame = pd.DataFrame(
            {
                regel.naam: [
                    g.metingen[regel.naam].maat if regel.naam in g.metingen else math.nan
                    for g in gemeten
                ]
                for regel in regels
            },
            dtype="float64",
        )
        grens = {r.naam: ("ExpectColumnValuesToBeBetween", _hoogstens_nul(r.naam)) for r in regels}
        uitslagen = self.toets(frame, grens, alle_rijen=True)
        bevindingen = []
        for onderwerp in dict.fromkeys(g.onderwerp for g in gemeten):
            for regel in regels:
                plekken = [
                    plek
                    for plek, g in enumerate(gemeten)
                    if g.onderwerp == onderwerp and regel.naam in g.metingen
                ]
                if not plekken:
                    continue
                fout = [
                    gemeten[plek].metingen[regel.naam]
                    for plek in plekken
                    if plek in set(uitslagen[regel.naam].rijen)
                ]
                eerste = fout[0] if fout else gemeten[plekken[-1]].metingen[regel.naam]
                gevonden = eerste.gevonden
                if len(fout) > 1:
                    gevonden += f" (en nog {len(fout) - 1} keer zoiets in deze tabel)"
                bevindingen.append(
                    _make_bevinding(
                        poort,
                        onderwerp,
                        regel,
                        not fout,
                        sum(meting.aantal for meting in fout),
                        gevonden,
                        eerste.voorbeeld if fout else "",
                    )
                )
        return bevindingen


def list_blokkades(bevindingen: Iterable[Bevinding]) -> list[Bevinding]:
    """Return the findings that stop the run."""
    return [b for b in bevindingen if b.blokkeert and not b.geslaagd]


def format_bevindingen(bevindingen: Sequence[Bevinding]) -> str:
    """Write findings for the terminal: a summary, what blocks, then what only warns.

    Parameters
    ----------
    bevindingen
        Of one gate; rules that hold are only counted.

    Returns
    -------
    str
        Dutch text without trailing newline.
    """
    blokkades = list_blokkades(bevindingen)
    meldingen = [b for b in bevindingen if not b.geslaagd and not b.blokkeert]
    delen = [
        f"{len(bevindingen)} controles: {len(blokkades)} blokkerend, "
        f"{len(meldingen)} met een melding, "
        f"{len(bevindingen) - len(blokkades) - len(meldingen)} in orde."
    ]
    delen += [f"GEWEIGERD  {bevinding}" for bevinding in blokkades]
    delen += [f"MELDING    {bevinding}" for bevinding in meldingen]
    return "\n\n".join(delen)


def _hoogstens_nul(kolom: str) -> dict[str, Any]:
    return {"column": kolom, "max_value": 0}


def _make_bevinding(
    poort: str,
    tabel: str,
    regel: Regel,
    geslaagd: bool,
    aantal: int,
    gevonden: str,
    voorbeeld: str,
) -> Bevinding:
    return Bevinding(
        poort=poort,
        tabel=tabel,
        regel=regel.naam,
        geslaagd=geslaagd,
        blokkeert=regel.blokkeert,
        aantal=aantal,
        verwacht=regel.verwacht,
        gevonden=gevonden,
        voorbeeld=voorbeeld,
        remedie="" if geslaagd else regel.remedie,
    )


def _name_regel(uitkomst: Any) -> str:
    return str(uitkomst.expectation_config.meta["regel"])


def _read_uitslag(uitkomst: Any, alle_rijen: bool) -> Uitslag:
    regel = _name_regel(uitkomst)
    fout = uitkomst.exception_info or {}
    # Either the flat shape, or one such shape per metric that failed.
    vormen = [fout] if "raised_exception" in fout else list(fout.values())
    if any(vorm["raised_exception"] for vorm in vormen):
        raise BuurtpeilError(
            f"Great Expectations kon de regel {regel} niet uitvoeren.",
            verwacht="de kolommen en typen die het contract noemt",
            remedie="dit is een fout in de poort zelf; meld haar met de naam van de regel",
        )
    sleutel = "unexpected_index_list" if alle_rijen else "partial_unexpected_index_list"
    rijen = tuple(int(plek) for plek in uitkomst.result.get(sleutel) or ())
    return Uitslag(bool(uitkomst.success), int(uitkomst.result["unexpected_count"]), rijen)
