"""The one door to Great Expectations: measurements go in, findings in plain Dutch come out.

A gate measures its rules on whole columns and hands Great Expectations one small frame: a row
per file or table, a column per rule. It takes seconds to import, so it is imported when the
first :class:`Toetsbank` is made and never on import of this module.

Does not belong here: any rule (:mod:`expectations.poort_in`, :mod:`expectations.poort_uit`).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
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
class Meting:
    """What one rule measured on one file, table or source: above 0 is a breach.

    ``aantal`` counts rows, cells or columns that do not fit; ``gevonden`` and ``voorbeeld``
    hold no value of a person.
    """

    maat: float = 0.0
    aantal: int = 0
    gevonden: str = _VOLDAAN
    voorbeeld: str = ""


@dataclass(frozen=True)
class Gemeten:
    """The measurements of one file, table or source; a rule that is absent does not apply."""

    onderwerp: str
    metingen: Mapping[str, Meting]


class Toetsbank:
    """An ephemeral Great Expectations context for one gate; nothing is written or sent."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            # Its import and set-up warn about Python's and pandas' own deprecations.
            warnings.simplefilter("ignore")
            import great_expectations as gx
            from great_expectations.data_context.types.base import (
                DataContextConfig,
                InMemoryStoreBackendDefaults,
                ProgressBarsConfig,
            )

            # Without its own defaults, which make a folder for pages that nobody asked for.
            context = gx.get_context(
                mode="ephemeral",
                project_config=DataContextConfig(
                    store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
                    analytics_enabled=False,
                    progress_bars=ProgressBarsConfig(globally=False),
                ),
            )
            self._gx = gx
            self._stapel = (
                context.data_sources.add_pandas("poort")
                .add_dataframe_asset("metingen")
                .add_batch_definition_whole_dataframe("geheel")
            )

    def find_hoger(self, maten: Mapping[str, Sequence[float]]) -> dict[str, frozenset[int]]:
        """Expect every number to be 0 or less.

        Parameters
        ----------
        maten
            Per rule a number per file, table or source; nan where the rule does not apply.
            Few: asking for every unexpected position takes Great Expectations 36 s on a million.

        Returns
        -------
        dict of str to frozenset of int
            Per rule the positions (0-based) that are above 0.

        Raises
        ------
        BuurtpeilError
            When Great Expectations could not evaluate a rule; it would otherwise report that
            as an ordinary breach.
        """
        if not maten:
            return {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            verwacht = self._gx.expectations.ExpectColumnValuesToBeBetween
            suite = self._gx.ExpectationSuite(
                name="poort",
                expectations=[
                    verwacht(column=regel, max_value=0, meta={"regel": regel}) for regel in maten
                ],
            )
            batch = self._stapel.get_batch({"dataframe": pd.DataFrame(maten, dtype="float64")})
            resultaat = batch.validate(suite, result_format={"result_format": "COMPLETE"})
        # Great Expectations returns results in an order of its own.
        gevonden = dict(map(_read_uitkomst, resultaat.results))
        return {regel: gevonden[regel] for regel in maten}

    def judge_metingen(
        self, poort: str, regels: Iterable[Regel], gemeten: Sequence[Gemeten]
    ) -> list[Bevinding]:
        """Judge measurements: one finding per rule per subject, over all files of the subject.

        Parameters
        ----------
        poort
            Name of the gate.
        regels
            Rules by whose name the measurements are found; may repeat.
        gemeten
            One per file or source; several may share a subject.

        Returns
        -------
        list of Bevinding
            By subject in order of appearance, then by rule; also of rules that hold.
        """
        regels = [r for r in dict.fromkeys(regels) if any(r.naam in g.metingen for g in gemeten)]
        maten = {
            r.naam: [g.metingen[r.naam].maat if r.naam in g.metingen else math.nan for g in gemeten]
            for r in regels
        }
        te_hoog = self.find_hoger(maten)
        bevindingen = []
        for onderwerp in dict.fromkeys(g.onderwerp for g in gemeten):
            for regel in regels:
                plekken = [
                    plek
                    for plek, g in enumerate(gemeten)
                    if g.onderwerp == onderwerp and regel.naam in g.metingen
                ]
                if plekken:
                    eigen = {plek: gemeten[plek].metingen[regel.naam] for plek in plekken}
                    fout = [m for plek, m in eigen.items() if plek in te_hoog[regel.naam]]
                    bevindingen.append(
                        _make_bevinding(poort, onderwerp, regel, list(eigen.values()), fout)
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


def _make_bevinding(
    poort: str, onderwerp: str, regel: Regel, metingen: Sequence[Meting], fout: Sequence[Meting]
) -> Bevinding:
    """Make one finding of the measurements of a subject, of which ``fout`` break the rule."""
    toon = fout[0] if fout else metingen[-1]
    rest = f" (en nog {len(fout) - 1} keer zoiets in deze tabel)" if len(fout) > 1 else ""
    return Bevinding(
        poort=poort,
        tabel=onderwerp,
        regel=regel.naam,
        geslaagd=not fout,
        blokkeert=regel.blokkeert,
        aantal=sum(meting.aantal for meting in fout or metingen),
        verwacht=regel.verwacht,
        gevonden=toon.gevonden + rest,
        voorbeeld=toon.voorbeeld,
        remedie=regel.remedie if fout else "",
    )


def _read_uitkomst(uitkomst: Any) -> tuple[str, frozenset[int]]:
    regel = str(uitkomst.expectation_config.meta["regel"])
    fout = uitkomst.exception_info or {}
    # Either the flat shape, or one such shape per metric that failed.
    vormen = [fout] if "raised_exception" in fout else list(fout.values())
    if any(vorm["raised_exception"] for vorm in vormen):
        raise BuurtpeilError(
            f"Great Expectations kon de regel {regel} niet uitvoeren.",
            verwacht="een getal per bestand of tabel",
            remedie="dit is een fout in de poort zelf; meld haar met de naam van de regel",
        )
    return regel, frozenset(uitkomst.result.get("unexpected_index_list") or ())
