"""Another key for the pseudonyms: everything is landed anew from the originals, or nothing is.

A pseudonym cannot be turned into another one: that of the old pseudonym under a new key is not
that of the original under it, so a dwelling would have two, and nothing would say so. Nothing
hangs on a pseudonym but which rows belong together, so labels stay the same bytes.

Belongs here: the order of a rotation. Does not belong here: making a key (``sources.sleutels``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from orchestration.bewaren import shrink_warehouse
from orchestration.instellingen import Instellingen
from orchestration.slot import hold_slot
from orchestration.werkmap import Werkmap
from serving.adresindex.sleutel import load_sleutel as load_dienstsleutel
from sources.bestand import hash_bestand
from sources.bewaren import purge_bron, purge_verweesd, read_opgeschoond
from sources.landing import BronLanding, land_bron
from sources.opgehaald import has_partijen, is_opgehaald
from sources.sleutels import load_sleutel, prepare_nieuwe, promote_nieuwe
from sources.stand import read_standen, write_stand
from vera.contract import Contract
from vera.errors import BuurtpeilError, GebruikFout
from vera.levering import LeveringVerslag


@dataclass(frozen=True)
class Rotatie:
    """What a rotation did: fingerprints of both keys, and how many files were landed anew."""

    oud: str
    nieuw: str
    bestanden: int


def rotate(instellingen: Instellingen, contract: Contract) -> Rotatie:
    """Give the pseudonyms another key.

    Killed before the new key is in its place, the old one still holds; afterwards the new one
    does, and the next run and purge clear up.

    Raises
    ------
    GebruikFout
        When the key comes from the environment: only who sets it can change it.
    BuurtpeilError
        When an original is gone: what was landed of it cannot get another pseudonym.
    RunBezig
        When a run is at work.
    """
    if instellingen.pseudoniem_sleutel:
        raise GebruikFout(
            "De sleutel van de pseudoniemen komt uit de omgeving; Buurtpeil kan haar daar niet "
            "veranderen.",
            verwacht="een sleutel in de map sleutels van de datamap",
            remedie="zet een nieuwe waarde in BUURTPEIL_PSEUDONIEM_SLEUTEL, draai `buurtpeil run` "
            "en daarna `buurtpeil purge` (docs/runbooks/sleutel-roteren.md)",
        )
    map_ = Werkmap.of(instellingen.data)
    with hold_slot(map_.slot):
        leveringen = instellingen.leveringen_map.expanduser().resolve()
        standen = read_standen(contract.bronnen, map_.landing)
        _check_opgehaald(contract, map_.opgehaald)
        _check_originelen(standen, leveringen)
        oud = load_sleutel(map_.sleutels)
        nieuw = prepare_nieuwe(map_.sleutels)
        dienstsleutel = load_dienstsleutel(map_.sleutels)
        tot = read_opgeschoond(map_.bewaren)
        landingen = []
        for bron in contract.bronnen:
            landing = land_bron(bron, leveringen, map_.landing, nieuw, dienstsleutel)
            if tot is not None:
                landing, _ = purge_bron(bron, landing, tot)
            landingen.append(landing)
        promote_nieuwe(map_.sleutels)
        for bron, landing in zip(contract.bronnen, landingen, strict=True):
            write_stand(landing, map_.landing)
            purge_verweesd(bron, landing, map_.landing)
        shrink_warehouse(map_, contract, tot or datetime.now(UTC).date())
    aantal = sum(len(landing.bestanden) for landing in landingen)
    return Rotatie(oud.vingerafdruk, nieuw.vingerafdruk, aantal)


def _check_opgehaald(contract: Contract, opgehaald: Path) -> None:
    """Refuse while there is what was read from databases: no original of it is here."""
    vast = [bron.naam for bron in contract.bronnen if has_partijen(opgehaald, bron)]
    if vast:
        raise BuurtpeilError(
            f"Er is niets veranderd: van {', '.join(vast)} is opgehaald uit databases, en dat "
            "staat hier alleen onder de oude sleutel.",
            verwacht="leveringen waarvan het origineel nog te lezen is",
            remedie="begin eerst opnieuw met ophalen: docs/bronnen-sql.md, Een nieuwe sleutel",
        )


def _check_originelen(standen: tuple[BronLanding, ...], leveringen: Path) -> None:
    weg = [
        f"{geland.verslag.bestand}: {geland.verslag.rijen} rijen van {geland.verslag.tabel}"
        for stand in standen
        for geland in stand.bestanden
        if geland.verslag.sha256
        and not is_opgehaald(geland.verslag.bestand)
        and not _is_zelfde(leveringen, geland.verslag)
    ]
    if weg:
        raise BuurtpeilError(
            "Er is niets veranderd: van deze bestanden is het origineel weg of anders, en met een "
            "nieuwe sleutel is dat deel van het verleden verloren.\n  " + "\n  ".join(weg),
            verwacht="elk geleverd bestand in de leveringenmap, zoals het is ingelezen",
            remedie="zet de bestanden terug; zijn zij met opzet weg, draai dan eerst "
            "`buurtpeil run`, zodat ook Buurtpeil er niet meer van uitgaat",
        )


def _is_zelfde(leveringen: Path, verslag: LeveringVerslag) -> bool:
    try:
        return hash_bestand(leveringen / verslag.bestand) == verslag.sha256
    except OSError:
        return False
