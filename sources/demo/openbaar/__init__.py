"""What publishers would say about Voorbeeldstad, in the files they would say it in.

Belongs here: one module per open-data source with the name of that source, the state they all
draw on (``stand``), and :func:`write_openbaar`, which writes them. The heads of the real files
are lists in ``sources/demo/kop``.
Does not belong here: reading such files (``sources.uitgever``), joining them (``dbt_project``).

Every file says that it is synthetic in its name where its reader leaves room for that, and
every folder in its LEESMIJ.md.
"""

from __future__ import annotations

from pathlib import Path

from sources.demo.geografie import Geografie
from sources.demo.leveringen import Kalender
from sources.demo.openbaar import airbnb, cbs_kwb, geo, politie, wijkprofiel
from sources.demo.openbaar.stand import build_stand, list_edities, list_kerncijferjaren
from sources.demo.toeval import Getal
from sources.demo.wereld import Geschiedenis

__all__ = ["write_openbaar"]

_POLITIEJAREN = 2


def write_openbaar(
    uit: Path,
    geschiedenis: Geschiedenis,
    geografie: Geografie,
    kalender: Kalender,
    financieel: Getal,
    seed: int,
) -> dict[str, int]:
    """Write the open data of the fictional city.

    Parameters
    ----------
    uit
        The deliveries folder; one sub-folder per source is made in it.
    geschiedenis, geografie, kalender
        The world, its map and its span of years.
    financieel
        Financial state of each complex (C); higher is worse.
    seed
        Seed of the world.

    Returns
    -------
    dict
        Rows per written file, ``bron/bestand``.
    """
    edities = list_edities(kalender)
    stand = build_stand(geschiedenis, kalender, financieel, seed)
    geschreven: dict[str, int] = {}
    geschreven |= wijkprofiel.write_wijkprofiel(
        uit / "wijkprofiel", stand, geografie, edities, seed
    )
    geschreven |= cbs_kwb.write_cbs_kwb(
        uit / "cbs_kwb", stand, geografie, list_kerncijferjaren(kalender), seed
    )
    geschreven |= politie.write_politie(
        uit / "politie", stand, geografie, stand.jaren[-_POLITIEJAREN:], seed
    )
    geschreven |= geo.write_geo(uit / "geo", geografie)
    geschreven |= airbnb.write_airbnb(uit / "airbnb", stand, geografie, seed)
    return geschreven
