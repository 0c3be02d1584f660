"""What of a release says too much about few people: rules of the gate out, on frames.

The gate sees what goes out and not the counts behind it, so it reads a value as whoever receives
it would: a count is value times dwellings, a share is a fraction of at most the dwellings. What
is found here is a fault of the shielding in the warehouse (``int_label__afscherming``), which
decides on exact counts; the two do not share code.

Does not belong here: rules that are not about small counts (:mod:`expectations.poort_uit`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from typing import Final

import numpy as np
import pandas as pd

MINIMUM_TELLER: Final = 5
"""So many with the trait, and so many without, must be in a cell that is shown."""
VIJFTAL: Final = 5
MINIMUM_GEBIED: Final = 10
"""Of an area with fewer dwellings others than our own people get no label."""
GEBIEDEN: Final = ("buurt", "wijk")
PEILING: Final = ["niveau", "beheerobject_id", "grondslag", "peildatum"]
CEL: Final = [*PEILING, "indicator_code"]
VAN_VORIGE: Final = (*CEL, "waarde", "is_gebandeerd")
"""Columns of the previous release's values that are compared."""
_KLEIN_VERSCHIL: Final = 1e-6
_KWARTALEN: Final = (1, 2, 3, 4)


def find_afgeleid(waarden: pd.DataFrame, indicatoren: pd.DataFrame | None) -> pd.Series:
    """Mark banded rows that hold more than they may.

    A banded row has no standardised value and no contribution. That of a complex has no value
    either, unless it is a count: that may go out on fives (``find_kleine`` looks whether it does).

    Parameters
    ----------
    waarden
        Rows of ``mart_label__indicatorwaarde``.
    indicatoren
        The catalogue, or None: then no indicator is known to be a count.
    """
    gebandeerd = _as_bool(waarden["is_gebandeerd"])
    telling = _look_up(waarden, indicatoren, "soort_meting") == "telling"
    waarde = waarden["waarde"].notna() & (waarden["niveau"] == "complex") & ~telling
    return gebandeerd & (
        waarde | waarden["gestandaardiseerd"].notna() | waarden["bijdrage"].notna()
    )


def find_kleine(
    waarden: pd.DataFrame, labels: pd.DataFrame, indicatoren: pd.DataFrame
) -> pd.Series:
    """Mark rows that show a value of a cell that can only be too small.

    In favour of the release: where a value can be of several counts, the largest is taken. Of a
    count of a complex also what is not on fives.

    Parameters
    ----------
    waarden, labels
        Rows of the marts with values and with labels, which know the dwellings on that day.
    indicatoren
        The catalogue with ``toon_minimum`` and ``soort_meting``.
    """
    minimum = pd.to_numeric(_look_up(waarden, indicatoren, "toon_minimum")).fillna(0)
    soort = _look_up(waarden, indicatoren, "soort_meting")
    telt = (waarden["grondslag"] == "eigen") & (minimum > 0) & waarden["waarde"].notna()
    fout = pd.Series(False, index=waarden.index)
    if not telt.any():
        return fout
    per_dag = labels.drop_duplicates(PEILING).set_index(PEILING)["verhuureenheden_aantal"]
    woningen = per_dag.reindex(pd.MultiIndex.from_frame(waarden.loc[telt, PEILING]))
    n = pd.Series(woningen.to_numpy(dtype="float64"), index=waarden.index[telt]).fillna(0)
    tellingen = telt & (soort == "telling")
    aantal = waarden.loc[tellingen, "waarde"] * n[tellingen[telt]]
    fout[tellingen] = aantal < MINIMUM_TELLER - _KLEIN_VERSCHIL
    complex_ = tellingen & (waarden["niveau"] == "complex")
    fout[complex_] |= ~_is_op_vijftal(aantal[complex_[tellingen]])
    andere = waarden.loc[telt & (soort != "telling"), "waarde"].astype("float64")
    for rij, waarde in zip(andere.index, andere.tolist(), strict=True):
        teller, noemer = _largest(waarde, int(n[rij]))
        te_weinig = min(teller, noemer - teller) < MINIMUM_TELLER
        fout[rij] = noemer < minimum[rij] or (soort[rij] == "aandeel" and te_weinig)
    return fout


def find_aftrekbaar(
    waarden: pd.DataFrame,
    objecten: pd.DataFrame,
    laatste: Mapping[tuple[str, str], pd.Timestamp] | None = None,
) -> pd.Series:
    """Mark buurten and wijken whose value gives that of the one hidden complex in them.

    On the last day of each ground and niveau, as the objects say only where a complex lies now. In
    a wijk those complexes count that are in no buurt with a value.

    Parameters
    ----------
    waarden
        Rows of ``mart_label__indicatorwaarde``.
    objecten
        Rows of ``mart_beheerobject__beheerobject``.
    laatste
        Last peildatum per (niveau, grondslag); that of ``waarden`` when absent.
    """
    fout = pd.Series(False, index=waarden.index)
    if not {"buurt_id", "wijk_id"} <= set(objecten.columns):
        return fout
    if laatste is None:
        dagen = waarden.groupby(["niveau", "grondslag"])["peildatum"].transform("max")
    else:
        eigen_dag = {niveau: dag for (niveau, grond), dag in laatste.items() if grond == "eigen"}
        dagen = pd.to_datetime(waarden["niveau"].map(eigen_dag))
    nu = (waarden["grondslag"] == "eigen") & (waarden["peildatum"] == dagen)
    eigen = waarden[nu]
    dicht = eigen[
        (eigen["niveau"] == "complex") & _as_bool(eigen["is_gebandeerd"]) & eigen["waarde"].isna()
    ]
    ligging = objecten.loc[
        objecten["niveau"] == "complex", ["beheerobject_id", "buurt_id", "wijk_id"]
    ]
    dicht = dicht.merge(ligging, on="beheerobject_id")
    getoond = eigen[eigen["waarde"].notna()]
    dag = ["peildatum", "indicator_code"]
    buurten = pd.MultiIndex.from_frame(
        getoond.loc[getoond["niveau"] == "buurt", ["beheerobject_id", *dag]]
    )
    los = dicht[~pd.MultiIndex.from_frame(dicht[["buurt_id", *dag]]).isin(buurten)]
    for niveau, rijen in (("buurt", dicht), ("wijk", los)):
        aantal = rijen.groupby([f"{niveau}_id", *dag]).size()
        een = aantal[aantal == 1].index
        van_niveau = getoond[getoond["niveau"] == niveau]
        raak = pd.MultiIndex.from_frame(van_niveau[["beheerobject_id", *dag]]).isin(een)
        fout[van_niveau.index[raak]] = True
    return fout


def find_herzien(waarden: pd.DataFrame, vorige: pd.DataFrame) -> pd.Series:
    """Mark rows of the previous release that this one shows otherwise.

    Who has both subtracts one from the other, or reads in one what the other hides.

    Parameters
    ----------
    waarden, vorige
        Rows of ``mart_label__indicatorwaarde`` now and as published before.

    Returns
    -------
    pandas.Series
        Per row of ``vorige`` whether it is not as it was, or gone.
    """
    samen = vorige[list(VAN_VORIGE)].merge(
        waarden.drop_duplicates(CEL)[list(VAN_VORIGE)],
        on=CEL,
        how="left",
        suffixes=("_oud", "_nieuw"),
        indicator="waar",
    )
    oud, nieuw = (pd.to_numeric(samen[f"waarde_{k}"]) for k in ("oud", "nieuw"))
    zelfde = (oud == nieuw) | (oud.isna() & nieuw.isna())
    band = _as_bool(samen["is_gebandeerd_oud"]) == _as_bool(samen["is_gebandeerd_nieuw"])
    return (samen["waar"] == "left_only") | ~zelfde | ~band


def find_te_openbaar(
    gezien: pd.DataFrame,
    precies: pd.DataFrame,
    mag: Collection[str],
    themas: Sequence[str],
) -> dict[str, pd.Series]:
    """Mark rows that say more than somebody may know who gets labels alone.

    Parameters
    ----------
    gezien, precies
        Areas as that reader gets them and as they are, a row each: ``niveau``,
        ``beheerobject_id``, ``grondslag``, ``woningen``, per theme ``label_*`` and ``score_*`` of
        the list, and ``kaart_*`` of the card with ``kaart_woningen`` and ``kaart_score``.
    mag
        Codes of the themes that the reader sees.
    themas
        Codes of all themes.

    Returns
    -------
    dict
        Per fault, in Dutch, the rows of ``gezien`` that have it.
    """
    sleutel = ["niveau", "beheerobject_id"]
    plek = pd.MultiIndex.from_frame(gezien[sleutel])
    aantal = pd.to_numeric(precies.set_index(sleutel)["woningen"]).reindex(plek)
    n = pd.Series(aantal.fillna(0).to_numpy(dtype="float64"), index=gezien.index)
    klein = (gezien["grondslag"] != "openbaar") & (n < MINIMUM_GEBIED)

    def has_any(voorvoegsels: Sequence[str], codes: Collection[str]) -> pd.Series:
        namen = [f"{v}{code.lower()}" for v in voorvoegsels for code in sorted(codes)]
        return gezien[namen].notna().any(axis=1)

    getoond = ("label_", "kaart_")
    scheef = pd.Series(False, index=gezien.index)
    for naam in ("woningen", "kaart_woningen"):
        rond = pd.to_numeric(gezien[naam]).astype("float64")
        scheef |= rond.notna() & ((rond % VIJFTAL != 0) | ((rond - n).abs() >= VIJFTAL))
    return {
        "geen buurt of wijk": ~gezien["niveau"].isin(GEBIEDEN),
        f"een label bij minder dan {MINIMUM_GEBIED} woningen": klein & has_any(getoond, themas),
        "een thema dat niet voor deze lezer is": has_any(getoond, set(themas) - set(mag)),
        "een score": has_any(("score_",), themas) | gezien["kaart_score"].notna(),
        "een aantal dat niet op een vijftal is afgerond": scheef,
    }


def _as_bool(kolom: pd.Series) -> pd.Series:
    return kolom.astype("boolean").fillna(False).astype(bool)


def _look_up(waarden: pd.DataFrame, indicatoren: pd.DataFrame | None, kolom: str) -> pd.Series:
    """Give every row what the catalogue says of its indicator; empty where it says nothing."""
    if indicatoren is None or kolom not in indicatoren:
        return pd.Series(None, index=waarden.index, dtype="object")
    sleutel = ["grondslag", "indicator_code"]
    per_indicator = indicatoren.drop_duplicates(sleutel).set_index(sleutel)[kolom]
    plek = pd.MultiIndex.from_frame(waarden[sleutel])
    return pd.Series(per_indicator.reindex(plek).to_numpy(), index=waarden.index, dtype="object")


def _is_op_vijftal(aantal: pd.Series) -> pd.Series:
    """Whether a count is on fives, in any number of covered quarters."""
    per_kwartaal = np.outer(aantal.to_numpy(dtype="float64"), np.array(_KWARTALEN) / 4)
    rest = np.abs(per_kwartaal / VIJFTAL - np.round(per_kwartaal / VIJFTAL))
    return pd.Series((rest < _KLEIN_VERSCHIL).any(axis=1), index=aantal.index)


def _largest(waarde: float, woningen: int) -> tuple[int, int]:
    """Return the largest fraction of at most ``woningen`` that this value can be."""
    breuk = Fraction(waarde).limit_denominator(max(woningen, 1))
    maal = max(woningen // breuk.denominator, 1)
    return breuk.numerator * maal, breuk.denominator * maal
