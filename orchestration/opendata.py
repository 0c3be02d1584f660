"""Open data by the settings: where the publishers are, which areas, which years, and from when.

Nothing is fetched unless somebody gives the command, or ``BUURTPEIL_OPEN_DATA=ophalen`` lets a run
do it first.

Belongs here: settings into a question, and where things stand. Does not belong here: how a
publisher is asked (``sources.opendata``), the step of a run (``orchestration.assets.opendata``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

from orchestration.instellingen import Instellingen
from sources.opendata.adres import Adressen, check_adres
from sources.opendata.eigen import read_regio
from sources.opendata.klant import Geduld, Klant
from sources.opendata.levering import Legger
from sources.opendata.ophalen import (
    BRONNEN,
    WIJKPROFIEL,
    Melden,
    Uitslag,
    Vraag,
    fetch_open_data,
)
from sources.opendata.regio import Regio, parse_regio
from sources.opendata.voorraad import Voorraad
from sources.organisatie import read_organisatie
from vera.contract import Contract
from vera.errors import GebruikFout

AAN: Final = "ophalen"
"""Value of the setting that lets a run fetch."""

MaakKlant = Callable[..., Klant]


def is_aan(instellingen: Instellingen) -> bool:
    """Tell whether a run fetches open data first.

    Raises
    ------
    GebruikFout
        When the setting says something else than that it does.
    """
    if instellingen.open_data not in {None, AAN}:
        raise GebruikFout(
            f"BUURTPEIL_OPEN_DATA kent {instellingen.open_data!r} niet.",
            verwacht=f"{AAN}, of leeg: dan haalt een run niets op",
            remedie="verbeter BUURTPEIL_OPEN_DATA of haal de instelling weg",
        )
    return instellingen.open_data == AAN


def read_adressen(instellingen: Instellingen) -> Adressen:
    """Return where the publishers are.

    Raises
    ------
    GebruikFout
        When an address is not one, or that of the Wijkprofiel lacks the year or the kind of file.
    """
    gewoon = Adressen()
    wijkprofiel = instellingen.open_wijkprofiel or ""
    if wijkprofiel:
        check_adres(wijkprofiel, "BUURTPEIL_OPEN_WIJKPROFIEL")
        if not all(deel in wijkprofiel for deel in ("{jaar}", "{soort}")):
            raise GebruikFout(
                "BUURTPEIL_OPEN_WIJKPROFIEL zegt niet waar het jaar en de soort staan.",
                verwacht="een adres met {jaar} en {soort} (vi, si, fi_obj, fi_subj) erin",
                remedie="schrijf het adres van één bestand op en vervang het jaar en de soort",
            )
    return Adressen(
        cbs=check_adres(instellingen.open_cbs or gewoon.cbs, "BUURTPEIL_OPEN_CBS"),
        cbs_v3=check_adres(instellingen.open_cbs_v3 or gewoon.cbs_v3, "BUURTPEIL_OPEN_CBS_V3"),
        politie=check_adres(instellingen.open_politie or gewoon.politie, "BUURTPEIL_OPEN_POLITIE"),
        leefbaarometer=check_adres(
            instellingen.open_leefbaarometer or gewoon.leefbaarometer,
            "BUURTPEIL_OPEN_LEEFBAAROMETER",
        ),
        wijkprofiel=wijkprofiel,
    )


def parse_jaren(tekst: str | None) -> frozenset[int] | None:
    """Return the years that a setting names; None when it names none.

    Raises
    ------
    GebruikFout
        When it is no list of years.

    Examples
    --------
    >>> sorted(parse_jaren("2014-2016, 2024"))
    [2014, 2015, 2016, 2024]
    """
    if not tekst:
        return None
    jaren: set[int] = set()
    for deel in tekst.split(","):
        treffer = re.fullmatch(r"((?:19|20)[0-9]{2})(?:-((?:19|20)[0-9]{2}))?", deel.strip())
        van, tot = (int(treffer[1]), int(treffer[2] or treffer[1])) if treffer else (1, 0)
        if van > tot:
            raise GebruikFout(
                f"BUURTPEIL_OPEN_JAREN kent {deel.strip()!r} niet.",
                verwacht="jaren met komma's ertussen, zoals 2014-2017,2024",
                remedie="verbeter BUURTPEIL_OPEN_JAREN of haal de instelling weg",
            )
        jaren |= set(range(van, tot + 1))
    return frozenset(jaren)


def find_regio(instellingen: Instellingen, leveringen: Path, contract: Contract) -> Regio:
    """Return the areas of the association: of the setting, else of what it delivers.

    Raises
    ------
    GebruikFout
        When neither says which they are.
    """
    if instellingen.open_regio:
        return parse_regio(instellingen.open_regio, "BUURTPEIL_OPEN_REGIO")
    regio = read_regio(leveringen, contract.bron("vera"))
    if regio is None:
        raise GebruikFout(
            "Het is niet bekend over welke buurten de open data moeten gaan.",
            verwacht="CBS-codes in vera.buurt (id_gegevensbeheerder), of BUURTPEIL_OPEN_REGIO",
            remedie="lever vera.buurt, of noem de gemeente: BUURTPEIL_OPEN_REGIO=GM0599",
        )
    return regio


def find_legger(leveringen: Path, voorraad: Path) -> Legger:
    """Return what lays files with the deliveries.

    Raises
    ------
    GebruikFout
        When the deliveries are of an association that does not exist.
    """
    if read_organisatie(leveringen).synthetisch:
        raise GebruikFout(
            "Deze leveringen zijn synthetisch; daar komen geen echte open data bij.",
            verwacht="leveringen van een corporatie die bestaat",
            remedie="wijs met --leveringen de map van uw eigen leveringen aan, of haal "
            "BUURTPEIL_OPEN_DATA weg",
        )
    return Legger(leveringen, voorraad)


def fetch(
    instellingen: Instellingen,
    contract: Contract,
    leveringen: Path,
    voorraad: Path,
    *,
    bronnen: Collection[str] = (),
    jaren: Collection[int] = (),
    opnieuw: bool = False,
    geduld: Geduld | None = None,
    meld: Melden = lambda _: None,
    maak_klant: MaakKlant = Klant,
) -> Uitslag:
    """Fetch open data as the settings say, and lay it with the deliveries.

    Parameters
    ----------
    instellingen
        Where, which areas and which years.
    contract
        The delivery contract.
    leveringen, voorraad
        The deliveries folder, and the folder of what publishers answered.
    bronnen, jaren
        In place of every source, and of the years of the settings.
    opnieuw
        Ask for everything anew.
    geduld
        How patient to be with a publisher.
    meld
        Told of each file before it is fetched.
    maak_klant
        Makes who asks.

    Raises
    ------
    GebruikFout
        When the settings do not say what to fetch, or where.
    """
    vreemd = sorted(set(bronnen) - set(BRONNEN))
    if vreemd:
        raise GebruikFout(f"Er is geen open bron {', '.join(vreemd)}.", verwacht=", ".join(BRONNEN))
    legger = find_legger(leveringen, voorraad)
    vraag = Vraag(
        read_adressen(instellingen),
        find_regio(instellingen, leveringen, contract),
        frozenset(jaren) or parse_jaren(instellingen.open_jaren),
        tuple(bronnen) or _list_bronnen(instellingen),
    )
    with maak_klant(Voorraad(voorraad), geduld or Geduld(), opnieuw=opnieuw) as klant:
        return fetch_open_data(vraag, contract, legger, klant, meld)


def _list_bronnen(instellingen: Instellingen) -> tuple[str, ...]:
    """Return every source that has an address; who names one that has none is told so."""
    zonder = set() if instellingen.open_wijkprofiel else {WIJKPROFIEL}
    return tuple(bron for bron in BRONNEN if bron not in zonder)
