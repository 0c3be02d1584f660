"""Last year's budget for liveability, per wijk: what the page on budgets compares a proposal with.

It stands in the data folder and is no delivery: no label, model or release is made of it. Drawn by
a generator of its own, so that the rest of the demo has the same bytes with and without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np

from sources.demo.geografie import Geografie
from sources.demo.toeval import make_rng
from sources.demo.wereld import Stad

BESTAND: Final = "budget.csv"
JAAR: Final = 2025
_KOLOMMEN: Final = "jaar;niveau;gebied_id;bedrag_eur"
_PER_WONING: Final = 100.0
_SPREIDING: Final = 0.15
_AFRONDING: Final = 500
"""Euros. A budget that grew over the years: about as much per dwelling everywhere, in round sums,
and not where the labels say that the task is."""


def draw_budget(stad: Stad, geografie: Geografie, seed: int) -> dict[str, int]:
    """Return last year's budget in whole euros by code of the wijk.

    Parameters
    ----------
    stad
        Complexes with their dwellings and buurt.
    geografie
        Which wijk a buurt lies in.
    seed
        Seed of the world.
    """
    wijk = geografie.buurt_wijk[stad.buurt]
    aantal = len(geografie.wijk_codes)
    woningen = np.bincount(wijk, weights=stad.n, minlength=aantal)
    factor = 1.0 + make_rng(seed, "budget").uniform(-_SPREIDING, _SPREIDING, aantal)
    bedragen = np.maximum(1, np.rint(woningen * _PER_WONING * factor / _AFRONDING)) * _AFRONDING
    return {
        code: int(bedrag)
        for code, bedrag, heeft in zip(geografie.wijk_codes, bedragen, woningen > 0, strict=True)
        if heeft
    }


def write_budget(pad: Path, bedragen: Mapping[str, int]) -> None:
    """Write the file, unless there is one: somebody may be trying another budget in it."""
    if pad.exists():
        return
    regels = [_KOLOMMEN, *(f"{JAAR};wijk;{code};{bedrag}" for code, bedrag in bedragen.items())]
    pad.write_text("\n".join(regels) + "\n", encoding="utf-8", newline="\n")
