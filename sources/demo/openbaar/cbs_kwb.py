"""Kerncijfers wijken en buurten of the fictional city, in the layout of StatLine."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sources.demo.geografie import GEMEENTECODE, GEMEENTENAAM, Geografie
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
from sources.demo.toeval import Getal, compute_sigmoide, make_rng

_ONBEKEND = "."
_BRONREGEL = "Synthetische gegevens van buurtpeil generate; niet van het CBS"
# Columns that follow from others: position of the column, and of those it completes to 100.
_VUL_AAN = {37: (38,), 39: (40,), 42: (41,), 47: (46,)}
_MEERGEZINS, _BEWOOND_NIET = 38, 40
_KOOP, _HUUR, _CORPORATIE, _OVERIGE, _EIGENDOM_ONBEKEND = 41, 42, 43, 44, 45
_WONINGVOORRAAD, _DICHTHEID, _HUISHOUDENGROOTTE = 35, 34, 33
_MAN, _VROUW, _INWONERS = 7, 8, 6
_HECTARE_TOTAAL, _HECTARE_LAND, _HECTARE_WATER = 100, 101, 102
_HUISHOUDENS = 29


def write_cbs_kwb(
    uit: Path, stand: Stand, geografie: Geografie, jaren: Sequence[int], seed: int
) -> dict[str, int]:
    """Write one file per year: the city, and every wijk followed by its buurten.

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
        Rows per written file, ``cbs_kwb/bestand``.
    """
    write_leesmij(uit, "de Kerncijfers wijken en buurten van het CBS")
    kolommen = read_kop("kerncijfers")
    waarden = {
        kolom.positie: draw_kolom(
            make_rng(seed, f"openbaar/cbs_kwb/{kolom.positie}"),
            kolom,
            np.stack([stand.get_druk(kolom.bron, jaar) for jaar in jaren]),
        )
        for kolom in kolommen
        if kolom.vorm in {"per_inwoner", "niveau"}
    }
    _derive(waarden, stand, geografie, seed)
    geschreven = {}
    for i, jaar in enumerate(jaren):
        regios = _build_regios(jaar, i, stand, geografie, kolommen, waarden)
        titel = [f"Kerncijfers wijken en buurten {jaar} (synthetisch)"]
        vulling = [""] * (len(kolommen) - 1)
        rijen = [
            [*titel, *vulling],
            ["", *vulling],
            ["", "Onderwerp", *vulling[1:]],
            [kolom.kop for kolom in kolommen],
            [kolom.eenheid for kolom in kolommen],
            *regios,
            [_BRONREGEL],
        ]
        naam = f"kwb_voorbeeldstad_synthetisch_{jaar}.csv"
        write_rijen(uit / naam, rijen, "utf-8-sig", ";")
        geschreven[f"cbs_kwb/{naam}"] = len(regios)
    return geschreven


def _derive(
    waarden: dict[int, Getal], stand: Stand, geografie: Geografie, seed: int
) -> None:
    """Make columns agree: shares add up to 100, counts follow the dwellings there are."""
    vorm = waarden[_INWONERS].shape
    rng = make_rng(seed, "openbaar/cbs_kwb/samenhang")
    jaargroei = np.cumprod(1.0 + 0.004 * rng.normal(size=vorm), axis=0)
    inwoners = np.rint(stand.inwoners * jaargroei)
    for positie, waarde in waarden.items():
        kolom = read_kop("kerncijfers")[positie]
        if kolom.vorm == "per_inwoner":
            waarden[positie] = waarde * inwoners
    waarden[_INWONERS] = inwoners
    waarden[_VROUW] = inwoners - waarden[_MAN]
    waarden[_WONINGVOORRAAD] = np.broadcast_to(stand.woningen, vorm).astype(np.float64)
    waarden[_HUISHOUDENS] = np.minimum(waarden[_HUISHOUDENS], 0.97 * waarden[_WONINGVOORRAAD])
    waarden[_HUISHOUDENGROOTTE] = inwoners / np.maximum(waarden[_HUISHOUDENS], 1.0)
    hoog = np.clip(100.0 * (0.25 + 0.75 * stand.hoogbouw), 2.0, 100.0)
    waarden[_MEERGEZINS] = np.broadcast_to(hoog, vorm)
    corporatie = np.minimum(100.0 * stand.corporatiewoningen / stand.woningen, 96.0)
    waarden[_CORPORATIE] = np.broadcast_to(corporatie, vorm)
    rest = 100.0 - waarden[_CORPORATIE]
    verhuur = rest * compute_sigmoide(-0.7 + 0.3 * rng.normal(size=vorm[1]))
    waarden[_EIGENDOM_ONBEKEND] = np.minimum(waarden[_EIGENDOM_ONBEKEND], 0.1 * rest)
    waarden[_OVERIGE] = verhuur
    waarden[_KOOP] = rest - verhuur - waarden[_EIGENDOM_ONBEKEND]
    for positie, anderen in _VUL_AAN.items():
        waarden[positie] = 100.0 - np.sum([waarden[ander] for ander in anderen], axis=0)
    waarden[_HUUR] = waarden[_CORPORATIE] + waarden[_OVERIGE]
    hectare = np.broadcast_to(geografie.oppervlakte_ha, vorm)
    waarden[_HECTARE_TOTAAL] = hectare
    waarden[_HECTARE_WATER] = 0.12 * hectare
    waarden[_HECTARE_LAND] = hectare - waarden[_HECTARE_WATER]
    waarden[_DICHTHEID] = 100.0 * inwoners / np.maximum(waarden[_HECTARE_LAND], 1.0)


def _build_regios(
    jaar: int,
    editie: int,
    stand: Stand,
    geografie: Geografie,
    kolommen: Sequence[KopKolom],
    waarden: dict[int, Getal],
) -> list[list[str]]:
    buurten, wijken = len(geografie.buurt_namen), len(geografie.wijk_namen)
    cellen = {
        kolom.positie: _format_kolom(kolom, waarden[kolom.positie][editie], stand, geografie)
        for kolom in kolommen
        if kolom.positie in waarden
    }
    namen = [*geografie.buurt_namen, *geografie.wijk_namen, GEMEENTENAAM]
    codes = [*geografie.buurt_codes, *geografie.wijk_codes, GEMEENTECODE]
    soorten = ["Buurt"] * buurten + ["Wijk"] * wijken + ["Gemeente"]
    plekken = [buurten + wijken]
    for wijk in range(wijken):
        plekken += [buurten + wijk, *np.flatnonzero(geografie.buurt_wijk == wijk).tolist()]
    return [
        [
            namen[plek], GEMEENTENAAM, soorten[plek], codes[plek], str(jaar),
            _ONBEKEND if soorten[plek] == "Gemeente" else "1",
            *(
                cellen[kolom.positie][plek] if kolom.positie in cellen else _ONBEKEND
                for kolom in kolommen[6:]
            ),
        ]
        for plek in plekken
    ]


def _format_kolom(
    kolom: KopKolom, waarde: Getal, stand: Stand, geografie: Geografie
) -> list[str]:
    """Format counts of people in fives; figures of small buurten are blank."""
    hectare = _HECTARE_TOTAAL <= kolom.positie <= _HECTARE_WATER
    tel_op = kolom.vorm == "per_inwoner" or hectare
    # A density is a mean by area, every other figure by inhabitants.
    gewicht = geografie.oppervlakte_ha if kolom.positie == _DICHTHEID else stand.inwoners
    alle = add_gebieden(waarde, geografie.buurt_wijk, gewicht, tel_op=tel_op)
    if kolom.vorm == "per_inwoner" and kolom.positie != _WONINGVOORRAAD:
        alle = 5.0 * np.rint(alle / 5.0)
    cellen = [format_getal(cel, kolom.decimalen) for cel in alle]
    if kolom.vorm != "per_inwoner" and not hectare:
        for buurt in np.flatnonzero(stand.inwoners < KLEIN_INWONERS):
            cellen[buurt] = _ONBEKEND
    return cellen
