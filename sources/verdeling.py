"""How the columns of a delivered file are filled, for the gate in to compare with the last one.

Measured on typed rows before they are pseudonymised, and kept as shares and percentiles only.
Belongs here: measuring. What difference is too much is for :mod:`expectations`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vera.contract import Kolom, Tabel
from vera.levering import Verdeling

KANSEN = tuple(round(0.05 * stap, 2) for stap in range(1, 20))
# Below this many filled cells a percentile would be the value of a few rows.
MINIMUM_GEVULD = 20


def measure_verdeling(tabel: Tabel, rijen: pa.Table) -> dict[str, Verdeling]:
    """Measure every column of a landed file that goes on in any form.

    Parameters
    ----------
    tabel
        The contract.
    rijen
        Typed rows with the contract's columns, not yet pseudonymised.

    Returns
    -------
    dict of str to Verdeling
        Per column. Dates of a table that grows by additions are measured from the date by which
        a row counts as known: the dates themselves move on with every delivery.
    """
    anker = tabel.kennisdatum_eerste_levering
    return {
        kolom.naam: _measure_kolom(
            kolom,
            rijen[kolom.naam],
            rijen[anker] if anker is not None and anker in rijen.column_names else None,
        )
        for kolom in tabel.kolommen
        if kolom.behandeling != "verwijderen" and kolom.naam != anker
    }


def parse_verdeling(velden: Mapping[str, object]) -> Verdeling:
    """Turn the JSON form of a distribution into a distribution."""
    return Verdeling(
        soort=str(velden["soort"]),
        rijen=cast(int, velden["rijen"]),
        leeg=cast(int, velden["leeg"]),
        aandelen=dict(cast(Mapping[str, float], velden["aandelen"])),
        kwantielen=tuple(cast("list[float]", velden["kwantielen"])),
    )


def _measure_kolom(
    kolom: Kolom, waarden: pa.ChunkedArray, anker: pa.ChunkedArray | None
) -> Verdeling:
    rijen, leeg = len(waarden), waarden.null_count
    if kolom.waarden:
        return Verdeling("code", rijen, leeg, aandelen=_measure_aandelen(waarden))
    if kolom.type == "varchar":
        return Verdeling("lengte", rijen, leeg, kwantielen=_measure(pc.utf8_length(waarden)))
    if kolom.type == "date":
        dagen = waarden.cast(pa.int32())
        if anker is not None:
            dagen = pc.subtract(dagen, anker.cast(pa.int32()))
        return Verdeling("dagen", rijen, leeg, kwantielen=_measure(dagen))
    return Verdeling("getal", rijen, leeg, kwantielen=_measure(waarden.cast(pa.float64())))


def _measure_aandelen(waarden: pa.ChunkedArray) -> dict[str, float]:
    gevuld = waarden.drop_null()
    telling = pc.value_counts(gevuld)
    return {
        str(paar["values"]): paar["counts"] / len(gevuld)
        for paar in sorted(telling.to_pylist(), key=lambda paar: str(paar["values"]))
    }


def _measure(getallen: pa.ChunkedArray) -> tuple[float, ...]:
    gevuld: npt.NDArray[np.float64] = (
        getallen.drop_null().cast(pa.float64()).to_numpy(zero_copy_only=False)
    )
    if gevuld.size < MINIMUM_GEVULD:
        return ()
    # Values that occur: an interpolated one would blur ties.
    kwantielen = np.quantile(gevuld, KANSEN, method="inverted_cdf")
    return tuple(round(float(waarde), 6) for waarde in kwantielen)
