"""Registered crimes per buurt of the fictional city, as the police publish them.

As in the real list the sum holds the all-types total besides the types: about twice the count.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sources.demo.geografie import Geografie
from sources.demo.openbaar.kolom import write_leesmij, write_rijen
from sources.demo.openbaar.stand import Stand
from sources.demo.toeval import make_rng

_PER_INWONER = 0.080
_DUBBEL = 2.0


def write_politie(
    uit: Path, stand: Stand, geografie: Geografie, jaren: Sequence[int], seed: int
) -> dict[str, int]:
    """Write one list per year.

    Parameters
    ----------
    uit
        Folder of the source.
    stand, geografie
        State and map of the buurten (B).
    jaren
        Years to write.
    seed
        Seed of the world.

    Returns
    -------
    dict
        Rows per written file, ``politie/bestand``.
    """
    write_leesmij(uit, "de misdrijven per buurt van de politie")
    rng = make_rng(seed, "openbaar/politie")
    eigen = 0.25 * rng.normal(size=stand.inwoners.size)
    geschreven = {}
    for jaar in jaren:
        verwacht = (
            _PER_INWONER
            * stand.inwoners
            * np.exp(0.4 * stand.get_druk("leefbaarheid", jaar) + eigen)
        )
        som = _DUBBEL * rng.poisson(verwacht)
        rijen = [
            ["WijkenEnBuurten", "buurt_naam", "geregistreerde_misdrijven_som"],
            *(
                [code, naam, f"{aantal:.1f}"]
                for code, naam, aantal in zip(
                    geografie.buurt_codes, geografie.buurt_namen, som, strict=True
                )
            ),
        ]
        naam = f"misdrijven_voorbeeldstad_synthetisch_{jaar}.csv"
        write_rijen(uit / naam, rijen, "utf-8", ",")
        geschreven[f"politie/{naam}"] = len(rijen) - 1
    return geschreven
