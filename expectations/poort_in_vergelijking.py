"""Rules of the gate in that lay two deliveries of one full table beside each other, key by key.

Margins show neither a column that moved up one row nor rows that came under other keys. Belongs
here: the same keys in two files. Does not belong here: how columns are filled
(:mod:`expectations.poort_in_verdeling`); which files are compared
(:func:`expectations.poort_in_verslag.list_vergelijkingen`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from expectations.poort import Meting, Regel
from vera.contract import Tabel

# In a full table so many rows may say something else of the same key than the time before.
AANDEEL_ANDERE_WAARDE = 0.20
# Below this many keys in both deliveries a change of that share says nothing.
MINIMUM_ZELFDE_SLEUTEL = 20
# Of fewer keys, from this number on, more than half must say something else.
MINIMUM_WEINIG_SLEUTELS = 4
AANDEEL_ANDERE_WAARDE_WEINIG = 0.50
# A number counts as another one from this relative difference on: rents rise every year.
ANDER_GETAL = 0.25
# So many of the keys may be gone the next time; more is another table, or half of one.
AANDEEL_SLEUTEL_WEG = 0.30
MINIMUM_SLEUTEL_WEG = 2

_BESTAND, _REGEL = "_bestand", "_regel"

STABIEL = Regel(
    "waarden_per_sleutel_stabiel",
    "bij dezelfde sleutel meestal dezelfde waarden als in de vorige levering",
    "vraag de leverancier of kolommen of rijen zijn verschoven, of waarom zo veel is gewijzigd",
    blokkeert=False,
)
SLEUTELS = Regel(
    "sleutels_van_vorige_levering",
    f"hoogstens {100 * AANDEEL_SLEUTEL_WEG:.0f} % van de sleutels van de vorige levering weg",
    "vraag de leverancier of de sleutels zijn vernieuwd, of kolommen zijn verwisseld",
    blokkeert=False,
)


def measure_paren(
    tabel: Tabel, rijen: pd.DataFrame, paren: Sequence[tuple[str, str]]
) -> dict[Regel, Meting]:
    """Measure what moved between each two deliveries that follow one another.

    Parameters
    ----------
    tabel
        The contract of a full table.
    rijen
        Its landed rows of all files, with ``_bestand``.
    paren
        Files (older, newer); none gives no measurement.

    Returns
    -------
    dict
        Per rule the first pair that breaks it, else a measurement in which nothing is wrong.
    """
    if not paren:
        return {}
    uit = {STABIEL: Meting(), SLEUTELS: Meting()}
    per_bestand = {naam: _read_bestand(tabel, rijen, naam) for paar in paren for naam in paar}
    for ouder, nieuwer in paren:
        toen, nu = per_bestand[ouder], per_bestand[nieuwer]
        for regel, meting in (
            (STABIEL, _measure_stabiel(toen, nu, ouder, nieuwer)),
            (SLEUTELS, _measure_sleutels(toen, nu, ouder, nieuwer)),
        ):
            if uit[regel].maat <= 0:
                uit[regel] = meting
    return uit


def _read_bestand(tabel: Tabel, rijen: pd.DataFrame, bestand: str) -> pd.DataFrame:
    """Return the rows of one file by key; a row without its whole key is nobody's."""
    sleutel = list(tabel.sleutel)
    eigen = rijen[rijen[_BESTAND] == bestand].dropna(subset=sleutel)
    return eigen.drop_duplicates(sleutel).set_index(sleutel)


def _measure_sleutels(toen: pd.DataFrame, nu: pd.DataFrame, ouder: str, nieuwer: str) -> Meting:
    """Measure how many keys are gone; an empty file is refused for its size, not told here."""
    weg = len(toen.index.difference(nu.index))
    if weg < MINIMUM_SLEUTEL_WEG or nu.empty or weg <= AANDEEL_SLEUTEL_WEG * len(toen):
        return Meting()
    deel = weg / len(toen)
    return Meting(
        deel - AANDEEL_SLEUTEL_WEG,
        weg,
        f"{weg} van de {len(toen)} sleutels uit {ouder} komen niet meer voor ({deel:.0%})".replace(
            "%", " %"
        ),
        nieuwer,
    )


def _measure_stabiel(toen: pd.DataFrame, nu: pd.DataFrame, ouder: str, nieuwer: str) -> Meting:
    """Measure in how many rows with the same key a column says something else than before."""
    samen = nu.index.intersection(toen.index)
    if len(samen) < MINIMUM_WEINIG_SLEUTELS:
        return Meting()
    grens = (
        AANDEEL_ANDERE_WAARDE
        if len(samen) >= MINIMUM_ZELFDE_SLEUTEL
        else AANDEEL_ANDERE_WAARDE_WEINIG
    )
    toen, nu = toen.loc[samen], nu.loc[samen]
    kolommen = [k for k in nu.columns if k not in {_BESTAND, _REGEL}]
    deel = {naam: float(_mark_anders(nu[naam], toen[naam]).mean()) for naam in kolommen}
    te_veel = {naam: d for naam, d in deel.items() if d > grens}
    if not te_veel:
        return Meting()
    hoogste = max(te_veel.values())
    per_kolom = ", ".join(f"{naam} bij {d:.0%}" for naam, d in te_veel.items())
    return Meting(
        hoogste - grens,
        round(hoogste * len(samen)),
        f"andere waarden bij dezelfde sleutel dan in {ouder}: {per_kolom}".replace("%", " %"),
        nieuwer,
    )


def _mark_anders(nu: pd.Series, toen: pd.Series) -> npt.NDArray[np.bool_]:
    """Return per row whether a value differs; empty beside filled does, empty twice does not."""
    leeg_nu, leeg_toen = nu.isna().to_numpy(), toen.isna().to_numpy()
    beide = ~leeg_nu & ~leeg_toen
    anders: npt.NDArray[np.bool_] = leeg_nu != leeg_toen
    if pd.api.types.is_numeric_dtype(nu):
        a, b = nu.to_numpy(np.float64), toen.to_numpy(np.float64)
        anders[beide] = np.abs(a[beide] - b[beide]) > ANDER_GETAL * np.abs(b[beide])
    elif nu.dtype == toen.dtype and not pd.api.types.is_object_dtype(nu):
        # As objects a million dates take seconds.
        anders[beide] = np.asarray(nu.array != toen.array, dtype=bool)[beide]
    else:
        anders[beide] = (nu.to_numpy(object) != toen.to_numpy(object))[beide]
    return anders
