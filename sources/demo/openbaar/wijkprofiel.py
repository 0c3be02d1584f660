"""The Wijkprofiel of the fictional city: four files per edition, and the crosswalk.

Published arithmetic as in the real one: subjective and objective are the means of their
themes, the index is the mean of those two, the city in the first edition is 100.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from sources.demo.geografie import GEMEENTENAAM, Geografie
from sources.demo.openbaar.kolom import (
    KopKolom,
    add_gebieden,
    draw_kolom,
    format_getal,
    read_kop,
    write_leesmij,
    write_rijen,
)
from sources.demo.openbaar.stand import KLEIN_INWONERS, Stand
from sources.demo.toeval import Getal, make_rng

# Wijkprofiel numbers: 4000 and up is a gebied (our wijk), 5000 the city.
WIJKNR_GEBIED, WIJKNR_STAD = 4000, 5000
_SUBJECTIEF: Mapping[str, range] = {
    "vi": range(6, 12), "si": range(6, 11), "fi_subj": range(6, 11)
}
_OBJECTIEF: Mapping[str, range] = {
    "vi": range(12, 17), "si": range(11, 15), "fi_obj": range(6, 10)
}
# The physical index is published in both of its files.
_INDEX: Sequence[tuple[str, str]] = (("vi", "vi"), ("si", "si"), ("fi_subj", "fi_obj"))
_PUNTEN_PER_DRUK = 17.0


def write_wijkprofiel(
    uit: Path, stand: Stand, geografie: Geografie, edities: Sequence[int], seed: int
) -> dict[str, int]:
    """Write four files per edition and the crosswalk.

    Parameters
    ----------
    uit
        Folder of the source.
    stand, geografie
        State and map of the buurten (B).
    edities
        Years of the editions.
    seed
        Seed of the world.

    Returns
    -------
    dict
        Rows per written file, ``wijkprofiel/bestand``.
    """
    write_leesmij(uit, "het Wijkprofiel van een gemeente")
    kolommen = {(k.bestand, k.positie): k for k in read_kop("wijkprofiel")}
    waarden = _draw_waarden(stand, kolommen, edities, seed)
    _add_indexen(waarden, stand)
    geschreven = {}
    for i, editie in enumerate(edities):
        for soort in ("vi", "si", "fi_obj", "fi_subj"):
            rijen = _build_rijen(soort, i, stand, geografie, kolommen, waarden)
            naam = f"wijkprofiel_{editie}_{soort}.csv"
            write_rijen(uit / naam, rijen, "latin-1", ";")
            geschreven[f"wijkprofiel/{naam}"] = len(rijen) - 1
    crosswalk = _build_crosswalk(stand, geografie)
    naam = "crosswalk_wijkprofiel_cbs_synthetisch.csv"
    write_rijen(uit / naam, crosswalk, "utf-8", ",")
    geschreven[f"wijkprofiel/{naam}"] = len(crosswalk) - 1
    return geschreven


def _draw_waarden(
    stand: Stand,
    kolommen: Mapping[tuple[str, int], KopKolom],
    edities: Sequence[int],
    seed: int,
) -> dict[tuple[str, int], Getal]:
    """Values J x B of every theme and indicator; of a theme the points before they are set."""
    waarden = {}
    for plek, kolom in kolommen.items():
        if kolom.vorm == "tekst" or (kolom.vorm == "index" and kolom.positie < 6):
            continue
        rng = make_rng(seed, f"openbaar/wijkprofiel/{kolom.bestand}/{kolom.positie}")
        druk = np.stack([stand.get_druk(kolom.bron, editie) for editie in edities])
        if kolom.vorm == "index":
            ruis = 0.4 * rng.normal(size=druk.shape[1]) + 0.12 * rng.normal(size=druk.shape)
            waarden[plek] = -_PUNTEN_PER_DRUK * (druk + ruis)
        else:
            waarden[plek] = draw_kolom(rng, kolom, druk)
    return waarden


def _add_indexen(waarden: dict[tuple[str, int], Getal], stand: Stand) -> None:
    """Set the themes so that the first edition's city is 100, and average them up."""
    gewicht = stand.inwoners / stand.inwoners.sum()
    for subj, obj in _INDEX:
        delen = []
        for soort, themas in ((subj, _SUBJECTIEF[subj]), (obj, _OBJECTIEF[obj])):
            for positie in themas:
                punten = waarden[soort, positie]
                waarden[soort, positie] = 100.0 + punten - (punten[0] * gewicht).sum()
            delen.append(np.mean([waarden[soort, positie] for positie in themas], axis=0))
        for soort in {subj, obj}:
            waarden[soort, 3] = (delen[0] + delen[1]) / 2.0
            waarden[soort, 4], waarden[soort, 5] = delen


def _build_rijen(
    soort: str,
    editie: int,
    stand: Stand,
    geografie: Geografie,
    kolommen: Mapping[tuple[str, int], KopKolom],
    waarden: Mapping[tuple[str, int], Getal],
) -> list[list[str]]:
    eigen = [kolom for (bestand, _), kolom in kolommen.items() if bestand == soort]
    kop = [kolom.kop for kolom in eigen]
    cellen = [
        _format_kolom(kolom, waarden[soort, kolom.positie][editie], stand, geografie)
        for kolom in eigen
        if kolom.vorm != "tekst"
    ]
    plekken = _order_gebieden(geografie)
    return [
        kop,
        *(
            [*naam, *(kolom[plek] for kolom in cellen)]
            for plek, naam in zip(plekken, _name_gebieden(geografie, plekken), strict=True)
        ),
    ]


def _format_kolom(
    kolom: KopKolom, waarde: Getal, stand: Stand, geografie: Geografie
) -> list[str]:
    """Cells of buurten, gebieden and city; a small buurt has no survey."""
    alle = add_gebieden(waarde, geografie.buurt_wijk, stand.inwoners, tel_op=False)
    cellen = [
        format_getal(cel, kolom.decimalen, procent=kolom.vorm == "procent") for cel in alle
    ]
    if kolom.vorm == "procent":
        for buurt in np.flatnonzero(stand.inwoners < KLEIN_INWONERS):
            cellen[buurt] = "x."
    return cellen


def _order_gebieden(geografie: Geografie) -> list[int]:
    """Positions in (buurten, wijken, city): each gebied's buurten, the gebied, at last the city."""
    buurten, wijken = len(geografie.buurt_namen), len(geografie.wijk_namen)
    plekken: list[int] = []
    for wijk in sorted(range(wijken), key=lambda w: geografie.wijk_namen[w]):
        plekken += np.flatnonzero(geografie.buurt_wijk == wijk).tolist()
        plekken.append(buurten + wijk)
    return [*plekken, buurten + wijken]


def _name_gebieden(geografie: Geografie, plekken: Sequence[int]) -> list[tuple[str, str, str]]:
    """Return (gebied, wijknr, naam) per position."""
    buurten, wijken = len(geografie.buurt_namen), len(geografie.wijk_namen)
    namen = []
    for plek in plekken:
        if plek < buurten:
            gebied = geografie.wijk_namen[geografie.buurt_wijk[plek]]
            namen.append((gebied, str(plek + 1), geografie.buurt_namen[plek]))
        elif plek < buurten + wijken:
            gebied = geografie.wijk_namen[plek - buurten]
            namen.append((gebied, str(WIJKNR_GEBIED + plek - buurten), gebied))
        else:
            namen.append((GEMEENTENAAM, str(WIJKNR_STAD), GEMEENTENAAM))
    return namen


def _build_crosswalk(stand: Stand, geografie: Geografie) -> list[list[str]]:
    buurten = len(geografie.buurt_namen)
    plekken = _order_gebieden(geografie)
    inwoners = add_gebieden(
        stand.inwoners.astype(np.float64), geografie.buurt_wijk, stand.inwoners, tel_op=True
    )
    rijen = [["wijknr", "wijkprofiel_naam", "gebied", "niveau", "cbs_buurtcodes",
              "cbs_buurtnamen", "inwoners"]]
    for plek, (gebied, wijknr, naam) in zip(
        plekken, _name_gebieden(geografie, plekken), strict=True
    ):
        is_buurt = plek < buurten
        niveau = "buurt" if is_buurt else "gemeente" if wijknr == str(WIJKNR_STAD) else "gebied"
        code, cbs_naam = (
            (geografie.buurt_codes[plek], geografie.buurt_namen[plek]) if is_buurt else ("", "")
        )
        rijen.append([wijknr, naam, gebied, niveau, code, cbs_naam, f"{inwoners[plek]:.0f}"])
    return rijen
