"""Holiday lettings in the fictional city, as Inside Airbnb lists them: no names, no addresses."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sources.demo.geografie import Geografie
from sources.demo.openbaar.kolom import write_leesmij, write_rijen
from sources.demo.openbaar.stand import Stand
from sources.demo.toeval import make_rng

_KOP = (
    "id", "host_since", "host_total_listings_count", "host_is_superhost",
    "neighbourhood_cleansed", "property_type", "room_type", "accommodates", "bathrooms_text",
    "beds", "price", "minimum_nights", "maximum_nights", "number_of_reviews",
    "review_scores_rating", "reviews_per_month", "instant_bookable",
)
_PER_WONING = 0.006
_AANDEEL_HELE_WONING = 0.68


def write_airbnb(uit: Path, stand: Stand, geografie: Geografie, seed: int) -> dict[str, int]:
    """Write one list of advertisements.

    Parameters
    ----------
    uit
        Folder of the source.
    stand, geografie
        State and map of the buurten (B).
    seed
        Seed of the world.

    Returns
    -------
    dict
        Rows of the written file, ``airbnb/bestand``.
    """
    write_leesmij(uit, "een lijst van Inside Airbnb")
    rng = make_rng(seed, "openbaar/airbnb")
    aantal = rng.poisson(
        _PER_WONING * stand.woningen * np.exp(0.6 * rng.normal(size=stand.woningen.size))
    )
    rijen = [list(_KOP)]
    for buurt, keer in enumerate(aantal.tolist()):
        for _ in range(keer):
            rijen.append(_draw_rij(rng, len(rijen), geografie.buurt_namen[buurt]))
    naam = "listings_synthetisch.csv"
    write_rijen(uit / naam, rijen, "utf-8", ",")
    return {f"airbnb/{naam}": len(rijen) - 1}


def _draw_rij(rng: np.random.Generator, nummer: int, buurt: str) -> list[str]:
    hele_woning = bool(rng.random() < _AANDEEL_HELE_WONING)
    bedden = int(rng.integers(1, 5))
    beoordelingen = int(rng.geometric(0.03)) - 1
    return [
        str(900_000 + nummer),
        f"{rng.integers(1, 13)}/{rng.integers(1, 29)}/{rng.integers(2012, 2024)}",
        str(rng.integers(1, 4)),
        "t" if rng.random() < 0.3 else "f",
        buurt,
        "Entire rental unit" if hele_woning else "Private room in rental unit",
        "Entire home/apt" if hele_woning else "Private room",
        str(bedden + 1),
        "1 bath",
        str(bedden),
        f"${rng.integers(45, 260)}.00 ",
        str(rng.integers(1, 5)),
        "365",
        str(beoordelingen),
        f"{rng.uniform(4.0, 5.0):.2f}" if beoordelingen else "",
        f"{rng.uniform(0.1, 3.0):.2f}" if beoordelingen else "",
        "t" if rng.random() < 0.25 else "f",
    ]
