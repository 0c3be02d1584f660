"""Making a release again from what it says of itself, and comparing the bytes.

The same deliveries (by their hash), the same published past, references and duidingen go into a
data folder of their own; the whole line runs there, and every file of the release is compared.
Nothing of the association's data folder changes.

Of what is past its term nothing is read again, not even for this: then the answer is which rule
took what away.

Belongs here: laying out that folder, and comparing. Does not belong here: what is kept of a
release's inputs (``orchestration.reproductie_invoer``), the line itself.

Source: design paper on trust, "Stop": every score reproducible from code, data and method.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from models.registry import Modelregister, RegisterFout
from orchestration import referentie
from orchestration.bewaard import RELEASETERMIJN
from orchestration.instellingen import Instellingen, check_leveringen_map
from orchestration.melding import Melder
from orchestration.methode import compute_codeversie, compute_methodeversie
from orchestration.ophalen import GeenDatabanken, lend_sleutel
from orchestration.reproductie_invoer import Invoer, hash_organisatie, read_invoer
from orchestration.reproductie_modellen import VasteStanden, rewind_modellen
from orchestration.uitvoering import run_job
from orchestration.voortgang import Voortgang
from orchestration.werkmap import Werkmap
from serving.adresindex.sleutel import load_sleutel as load_dienstsleutel
from serving.release import schema
from serving.release.wijzer import activate, is_release_id
from serving.release.winkel import read_manifest
from sources.bestand import hash_bestand
from sources.bewaren import purge_bron, purge_landing, read_opgeschoond, write_opgeschoond
from sources.landing import land_bron
from sources.opgehaald import find_partij, is_opgehaald, read_kop
from sources.organisatie import BESTAND as ORGANISATIE
from sources.sleutels import load_sleutel
from sources.stand import write_stand
from vera.contract import Contract
from vera.duiding import Regel
from vera.errors import BuurtpeilError, GebruikFout
from vera.maatregel import Preventieregel


class AndereBytes(BuurtpeilError):
    """The release could be made again, and is not the same."""

    exit_code = 5


class BronVoorbij(BuurtpeilError):
    """What the release was made from is gone, or past its term."""

    exit_code = 6


@dataclass(frozen=True)
class Reproductie:
    """What came of it.

    Parameters
    ----------
    release_id
        The release that was made again.
    verschillen
        Files that differ, or are in one of both only; empty = the same bytes.
    opmerkingen
        What was not as it was then, in Dutch: another code, another ``organisatie.yml``.
    """

    release_id: str
    verschillen: tuple[str, ...]
    opmerkingen: tuple[str, ...]


@dataclass(frozen=True)
class VasteDuidingen:
    """Gives a run the duidingen that a release recorded, whatever happened to them since."""

    regels: Sequence[Regel]

    def list_regels(self) -> tuple[Regel, ...]:
        """Return what counts per object and peildatum."""
        return tuple(self.regels)

    def list_preventieregels(self) -> tuple[Preventieregel, ...]:
        """Return none: they are in no release."""
        return ()


def reproduce(
    instellingen: Instellingen, contract: Contract, release_id: str, voortgang: Voortgang
) -> Reproductie:
    """Make a release again and compare it.

    Raises
    ------
    GebruikFout
        When there is no such release, or no deliveries folder.
    BronVoorbij
        When deliveries, the published past or a reference are gone, or rows past their term.
    BuurtpeilError
        When it was not kept what the release was made from.
    """
    map_ = Werkmap.of(instellingen.data)
    release = map_.releases / release_id
    if not is_release_id(release_id) or not release.is_dir():
        raise GebruikFout(
            f"Release {release_id} bestaat niet.",
            verwacht="een id uit `buurtpeil release list`",
        )
    leveringen = check_leveringen_map(instellingen.leveringen_map).expanduser().resolve()
    manifest = read_manifest(release)
    invoer = read_invoer(map_.archief / release_id)
    with tempfile.TemporaryDirectory(prefix="buurtpeil-") as tijdelijk:
        werk = Werkmap.of(Path(tijdelijk) / "data")
        bron = Path(tijdelijk) / "leveringen"
        geleverd, opgehaald = _split_herkomst(manifest["leveringen"])
        _lay_out_leveringen(geleverd, leveringen, bron, contract)
        _lay_out_data(map_, werk, invoer)
        eigen = replace(_keep_local(instellingen), data=werk.data, leveringen=bron)
        if opgehaald:
            lay_out_opgehaald(opgehaald, map_, werk, invoer.opgeschoond_tot)
            eigen = replace(eigen, pseudoniem_sleutel=instellingen.pseudoniem_sleutel)
        _check_termijn(contract, eigen, werk, invoer, read_opgeschoond(map_.bewaren))
        gereed = run_job(
            "verversing",
            eigen,
            voortgang,
            bewaar=False,
            # Nobody is told of a release that is made to compare.
            resources={
                "besluiten": VasteDuidingen(invoer.duidingen),
                "melder": Melder(),
                "databanken": GeenDatabanken(),
                **_put_back_modellen(eigen, invoer),
            },
        )
        nieuw = werk.releases / str(gereed.release_id)
        verschillen = compare_releases(release, nieuw)
    return Reproductie(release_id, verschillen, _note(manifest, invoer, leveringen))


def compare_releases(een: Path, ander: Path) -> tuple[str, ...]:
    """Return the files of two releases that are not the same bytes, by name.

    No part of a release's content are what the manifest tells of the run (clock times), and the
    address index: it hangs on a key of the installation.
    """

    def hash_files(map_: Path) -> dict[str, str]:
        return {
            pad.relative_to(map_).as_posix(): hash_bestand(pad)
            for pad in sorted(map_.rglob("*"))
            if pad.is_file() and pad.name not in schema.BUITEN_DE_INHOUD
        }

    hier, daar = hash_files(een), hash_files(ander)
    return tuple(naam for naam in sorted({*hier, *daar}) if hier.get(naam) != daar.get(naam))


def _keep_local(instellingen: Instellingen) -> Instellingen:
    """Return settings with no database but those in the data folder: nothing is written back."""
    return replace(
        instellingen,
        besluiten_url=None,
        toegang_url=None,
        signalen_url=None,
        mlflow_url=None,
        open_data=None,  # on what was delivered then, not on what a publisher has now
        pseudoniem_sleutel=None,
    )


def _split_herkomst(
    leveringen: Sequence[Mapping[str, Any]],
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Return what was delivered as a file, and what was read from a database."""
    return (
        [regel for regel in leveringen if not is_opgehaald(regel["bestand"])],
        [regel for regel in leveringen if is_opgehaald(regel["bestand"])],
    )


def lay_out_opgehaald(
    geleverd: Sequence[Mapping[str, Any]], map_: Werkmap, werk: Werkmap, tot: date | None
) -> None:
    """Give what was read from databases for the release, under the key that it was read with.

    Raises
    ------
    BronVoorbij
        When a file is gone or is another one, or rows of it went after the release was made.
    """
    weg = []
    for regel in geleverd:
        bestand = regel["bestand"]
        pad = find_partij(map_.opgehaald, bestand, regel["sha256"])
        if pad is None or read_kop(pad).count_na(tot):
            weg.append(f"{bestand} ({regel['tabel']})")
            continue
        link = werk.opgehaald / bestand
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(pad)
    if weg:
        raise BronVoorbij(
            "Wat hiervan uit databases kwam, is er niet meer, of er zijn sindsdien rijen uit "
            "verwijderd:\n  " + "\n  ".join(weg),
            verwacht="elk bestand van toen in de map opgehaald van de datamap",
            remedie="zet de map opgehaald terug uit de reservekopie; wat voorbij zijn "
            "bewaartermijn is, wordt ook hiervoor niet meer gelezen",
        )
    lend_sleutel(map_, werk)


def _lay_out_leveringen(
    geleverd: Sequence[Mapping[str, Any]], leveringen: Path, doel: Path, contract: Contract
) -> None:
    """Give the deliveries of the release, and no other, by links."""
    regels = {tabel.id: tabel.bewaartermijn for tabel in contract.tabellen}
    ontbreekt = []
    for bestand in {regel["bestand"]: regel for regel in geleverd}.values():
        pad = _find_bestand(leveringen / bestand["bestand"], bestand["sha256"])
        if pad is None:
            tabel = bestand["tabel"]
            regel = regels.get(tabel, "niet meer in het contract")
            ontbreekt.append(f"{bestand['bestand']} ({tabel}; bewaartermijn {regel})")
            continue
        link = doel / bestand["bestand"]
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(pad)
    if ontbreekt:
        raise BronVoorbij(
            "Deze leveringen zijn er niet meer, of zijn veranderd:\n  " + "\n  ".join(ontbreekt),
            verwacht="elk bestand van toen, met dezelfde inhoud",
            remedie="geef de map waarin zij wel staan met --leveringen; is een bestand verwijderd "
            "omdat zijn bewaartermijn voorbij is, dan is de release niet meer na te maken",
        )
    if (leveringen / ORGANISATIE).exists():
        (doel / ORGANISATIE).symlink_to(leveringen / ORGANISATIE)


def _find_bestand(pad: Path, sha256: str) -> Path | None:
    """Return the file with these bytes: where it was, or under another name in its folder."""
    anderen = sorted(pad.parent.iterdir()) if pad.parent.is_dir() else []
    for kandidaat in (pad, *anderen):
        if kandidaat.is_file() and hash_bestand(kandidaat) == sha256:
            return kandidaat
    return None


def _lay_out_data(map_: Werkmap, werk: Werkmap, invoer: Invoer) -> None:
    """Give the published past, the references and the models as they are known here."""
    werk.data.mkdir(parents=True)
    if invoer.vorige is not None:
        for bron, doel in ((map_.releases, werk.releases), (map_.archief, werk.archief)):
            if not (bron / invoer.vorige).is_dir():
                raise BronVoorbij(
                    f"Release {invoer.vorige}, waar deze op volgt, is er niet meer.",
                    verwacht=f"haar map in {bron.name} (bewaartermijn {RELEASETERMIJN.regel})",
                    remedie="zet de mappen releases en archief terug uit de back-up",
                )
            shutil.copytree(bron / invoer.vorige, doel / invoer.vorige)
        activate(werk.releases, invoer.vorige)
    for id_ in invoer.bevroren.values():
        pad = map_.referentie / f"{id_}.json"
        if not pad.exists():
            raise BronVoorbij(
                f"De referentie {id_} is er niet meer.",
                verwacht=f"{pad.name} in de map referentie van de datamap",
                remedie="zet de map referentie terug uit de back-up",
            )
        werk.referentie.mkdir(exist_ok=True)
        shutil.copyfile(pad, werk.referentie / pad.name)
        referentie.activate(referentie.read_referentie(pad), werk.referentie)
    # What was trained and stopped, as a copy: a run may write there.
    for naam in ("mlflow.sqlite", "besluiten.sqlite"):
        if (map_.data / naam).exists():
            shutil.copyfile(map_.data / naam, werk.data / naam)
    for bron in (map_.data / "modellen", map_.robuustheid, map_.dbt):
        if bron.is_dir():
            shutil.copytree(bron, werk.data / bron.name)


def _put_back_modellen(eigen: Instellingen, invoer: Invoer) -> dict[str, Any]:
    """Leave the copied registry as it was then; return the worklists with the stops of then."""
    if invoer.modellen is None:
        return {}
    try:
        rewind_modellen(Modelregister(eigen.mlflow_adres, eigen.modellen_map), invoer.modellen)
    except RegisterFout as fout:
        raise BronVoorbij(
            f"Een model dat toen koos, is niet meer terug te zetten: {fout.gevonden}",
            verwacht="elke versie die ooit scoorde, in het register van modellen",
            remedie="zet mlflow.sqlite en de map modellen terug uit de back-up",
        ) from fout
    return {"werklijsten": VasteStanden(eigen.besluiten_adres, invoer.modellen)}


def _check_termijn(
    contract: Contract, eigen: Instellingen, werk: Werkmap, invoer: Invoer, nu: date | None
) -> None:
    """Land what the release knew; refuse when some of it is past its term by now."""
    sleutel = load_sleutel(werk.sleutels, eigen.pseudoniem_sleutel)
    dienstsleutel = load_dienstsleutel(werk.sleutels)
    if invoer.opgeschoond_tot is not None:
        write_opgeschoond(werk.bewaren, invoer.opgeschoond_tot)
    for deel in contract.bronnen:
        landing = land_bron(
            deel, eigen.leveringen_map, werk.landing, sleutel, dienstsleutel, werk.opgehaald
        )
        if invoer.opgeschoond_tot is not None:
            landing, _ = purge_bron(deel, landing, invoer.opgeschoond_tot)
        write_stand(landing, werk.landing)
    if nu is None:
        return
    telling = Counter[tuple[str, str, str]]()
    for weg in purge_landing(contract, werk.landing, nu, dry_run=True):
        telling[weg.tabel, weg.batch, weg.regel] += weg.aantal
    if telling:
        raise BronVoorbij(
            f"Van deze leveringen zijn rijen verwijderd ({nu}), na deze release:\n  "
            + "\n  ".join(
                f"{batch} ({tabel}): {aantal} rijen; {regel}"
                for (tabel, batch, regel), aantal in sorted(telling.items())
            ),
            verwacht="een release die uitging van wat er nu nog is",
            remedie="wat voorbij zijn bewaartermijn is, wordt ook hiervoor niet meer gelezen",
        )


def _note(manifest: Mapping[str, Any], invoer: Invoer, leveringen: Path) -> tuple[str, ...]:
    opmerkingen = []
    if invoer.modellen is None:
        opmerkingen.append(
            "Welk model toen koos en wat er was stilgezet, is niet vastgelegd; dit is van nu."
        )
    for wat, toen, nu in (
        ("code", manifest.get("codeversie"), compute_codeversie()),
        ("methode", manifest.get("methodeversie"), compute_methodeversie()),
    ):
        if toen != nu:
            opmerkingen.append(f"De {wat} is een andere: toen {toen}, nu {nu}.")
    if hash_organisatie(leveringen / ORGANISATIE) != invoer.organisatie_sha256:
        opmerkingen.append(f"{ORGANISATIE} is sindsdien veranderd.")
    return tuple(opmerkingen)


def check_reproductie(uit: Reproductie) -> None:
    """Refuse a release that came out otherwise.

    Raises
    ------
    AndereBytes
        When a file differs.
    """
    if uit.verschillen:
        json_lijst = json.dumps(uit.verschillen, ensure_ascii=False)
        raise AndereBytes(
            f"Release {uit.release_id} komt niet hetzelfde terug. Anders: {json_lijst[1:-1]}.\n"
            + "\n".join(uit.opmerkingen),
            verwacht="dezelfde bytes in elk bestand van de release",
            remedie="neem de versie van Buurtpeil waarmee zij is gemaakt, en dezelfde "
            f"{ORGANISATIE}; blijft er een verschil, meld het dan",
        )
