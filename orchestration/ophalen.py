"""Reading deliveries from databases: which addresses, which tables, and what came of it.

Addresses come from the environment or from a file that only its owner can read. They are never in
``bronnen.yml``, never shown, and never in Dagster's config.

Belongs here: settings to addresses, holding keys, one outcome for command and run. Does not belong
here: reading itself (``sources.databank``).
"""

from __future__ import annotations

import re
import shutil
import stat
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from orchestration.instellingen import Instellingen
from orchestration.sleutelbron import Sleutelbron
from orchestration.werkmap import Werkmap
from serving.release.winkel import list_releases, read_manifest
from sources.databank.bronnen import BESTAND, Databank, keep_bronnen, read_bronnen
from sources.databank.ophalen import Ophaler, Sleutels, Uitkomst
from sources.databank.verbinding import read_url
from sources.opgehaald import list_partijen
from sources.sleutels import BESTAND as SLEUTELBESTAND
from vera.contract import Contract
from vera.errors import BuurtpeilError, GebruikFout

TIJDZONE: Final = ZoneInfo("Europe/Amsterdam")
_PAAR: Final = re.compile(r"(?P<naam>[a-z][a-z0-9_]{0,30})=(?P<url>\S+://\S+)")


class OphaalFout(BuurtpeilError):
    """Some tables could not be read; others may have been."""


@dataclass(frozen=True)
class Keuze:
    """What is asked.

    Parameters
    ----------
    bron, tabel
        One source, one table (``bron.tabel``); None = all.
    alles
        Read whole tables and not only from where the last reading ended.
    opnieuw
        First forget what was read and is in no release yet: after a mistake in the database.
    """

    bron: str | None = None
    tabel: str | None = None
    alles: bool = False
    opnieuw: bool = False


@dataclass(frozen=True)
class Databanken:
    """Reads what ``bronnen.yml`` names into ``opgehaald/`` of the data folder.

    Parameters
    ----------
    instellingen
        Where everything is, with the addresses.
    contract
        The delivery contract.
    slaap
        Waits so many seconds before a database is tried again.
    vandaag
        Gives the day of reading.
    """

    instellingen: Instellingen = field(repr=False)
    contract: Contract = field(repr=False)
    slaap: Callable[[float], object] = time.sleep
    vandaag: Callable[[], date] = lambda: datetime.now(TIJDZONE).date()

    def fetch(
        self, keuze: Keuze | None = None, meld: Callable[[str], object] = lambda _: None
    ) -> Uitkomst:
        """Read; whoever calls this holds the run lock. Nothing to do without ``bronnen.yml``.

        Parameters
        ----------
        keuze
            What to read; all that is new when left out.
        meld
            Is told which table is read now.

        Raises
        ------
        GebruikFout
            When settings or ``bronnen.yml`` are wrong, or what is asked comes from no database.
        """
        keuze = keuze or Keuze()
        leveringen = self.instellingen.leveringen_map.expanduser()
        databanken = read_bronnen(leveringen, self.contract)
        if keuze.bron is not None or keuze.tabel is not None:
            databanken = keep_bronnen(databanken, keuze.bron, keuze.tabel)
        if not databanken:
            return Uitkomst()
        urls = read_urls(self.instellingen)
        map_ = Werkmap.of(self.instellingen.data)
        if keuze.opnieuw:
            forget_ongebruikt(map_, databanken)
        sleutels = Sleutelbron(map_.sleutels, self.instellingen.pseudoniem_sleutel)
        ophaler = Ophaler(
            self.contract,
            map_.opgehaald,
            Sleutels(sleutels.load(), sleutels.load_dienst()),
            self.vandaag(),
            alles=keuze.alles,
            slaap=self.slaap,
            meld=meld,
        )
        return ophaler.fetch(
            [
                (databank, read_url(_find_url(databank, urls), databank.naam))
                for databank in databanken
            ]
        )


class GeenDatabanken(Databanken):
    """Reads nothing: for a run that works with what was read before."""

    def __init__(self) -> None:
        super().__init__(Instellingen(), Contract(()))

    def fetch(
        self, keuze: Keuze | None = None, meld: Callable[[str], object] = lambda _: None
    ) -> Uitkomst:
        """Read nothing."""
        return Uitkomst()


def check_uitkomst(uitkomst: Uitkomst) -> None:
    """Raise when a table could not be read, with what was wrong with each.

    Raises
    ------
    OphaalFout
        When any could not. What else was read stays.
    """
    if not uitkomst.fouten:
        return
    binnen = sum(bool(deel.bestand) for deel in uitkomst.tabellen)
    raise OphaalFout(
        f"Ophalen lukte niet voor {len(uitkomst.fouten)} "
        f"{'tabel of database' if len(uitkomst.fouten) == 1 else 'tabellen of databases'}; "
        f"van {binnen} tabellen is nieuws binnen en dat blijft.\n\n"
        + "\n\n".join(str(fout) for fout in uitkomst.fouten)
    )


def forget_ongebruikt(map_: Werkmap, databanken: Sequence[Databank]) -> int:
    """Remove fetched files that no release was made from; return how many.

    What a release was made from stays whatever happens: without it the release cannot be made
    again, and nobody knows any more what was known when.
    """
    gebruikt = {
        regel["bestand"]
        for release in list_releases(map_.releases)
        for regel in read_manifest(release.map).get("leveringen", ())
    }
    weg = 0
    for databank in databanken:
        for deel in databank.tabellen:
            for partij in list_partijen(map_.opgehaald, deel.tabel.bron, deel.tabel.naam):
                if f"{deel.tabel.bron}/{partij.pad.name}" not in gebruikt:
                    partij.pad.unlink()
                    weg += 1
    return weg


def lend_opgehaald(map_: Werkmap, werk: Werkmap) -> None:
    """Let a data folder that lives for one run read what was fetched here, under the same key.

    Rows are kept under pseudonyms, so another key would tear them from those of files.
    """
    if not map_.opgehaald.is_dir():
        return
    werk.opgehaald.symlink_to(map_.opgehaald)
    lend_sleutel(map_, werk)


def lend_sleutel(map_: Werkmap, werk: Werkmap) -> None:
    """Copy the key of the pseudonyms to a data folder that lives for one run."""
    bron = map_.sleutels / SLEUTELBESTAND
    if bron.exists():
        werk.sleutels.mkdir(mode=0o700, exist_ok=True)
        shutil.copy2(bron, werk.sleutels / SLEUTELBESTAND)


def read_urls(instellingen: Instellingen) -> dict[str, str]:
    """Return the addresses of databases by name, from the setting and from its file.

    Raises
    ------
    GebruikFout
        When they are malformed, given twice, or others may read the file.
    """
    delen = (instellingen.bron_urls or "").split()
    if instellingen.bron_urls_bestand is not None:
        delen += _read_bestand(instellingen.bron_urls_bestand.expanduser())
    urls: dict[str, str] = {}
    for deel in delen:
        paar = _PAAR.fullmatch(deel)
        if paar is None or paar["naam"] in urls:
            raise GebruikFout(
                "Een adres in BUURTPEIL_BRON_URLS of het bestand daarvan is niet te lezen, of "
                "staat er twee keer.",
                verwacht="`naam=adres`, met een spatie of nieuwe regel ertussen",
                remedie=f"geef elke database uit {BESTAND} één keer; een spatie in een wachtwoord "
                "wordt %20 (docs/bronnen-sql.md)",
            )
        urls[paar["naam"]] = paar["url"]
    return urls


def _read_bestand(pad: Path) -> Sequence[str]:
    try:
        staat = pad.stat()
        regels = pad.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise GebruikFout(
            f"Het bestand {pad.name} met adressen van databases is niet te lezen.",
            verwacht="een tekstbestand op het pad van BUURTPEIL_BRON_URLS_BESTAND",
            remedie="verbeter het pad, of geef de gebruiker van Buurtpeil leesrecht",
        ) from None
    if stat.S_IMODE(staat.st_mode) & 0o077:
        raise GebruikFout(
            f"Het bestand {pad.name} met adressen van databases is leesbaar voor anderen.",
            verwacht="rechten 600 (alleen de eigenaar)",
            remedie=f"chmod 600 op {pad.name}, en verander de wachtwoorden erin als anderen het "
            "konden lezen",
        )
    return [
        deel for regel in regels if not regel.lstrip().startswith("#") for deel in regel.split()
    ]


def _find_url(databank: Databank, urls: dict[str, str]) -> str:
    if databank.naam not in urls:
        raise GebruikFout(
            f"Er is geen adres van database {databank.naam}, die in {BESTAND} staat.",
            verwacht=f"{databank.naam}=… in BUURTPEIL_BRON_URLS of in het bestand daarvan",
            remedie="vul het adres aan (docs/bronnen-sql.md), of draai "
            "`buurtpeil run --zonder-ophalen`",
        )
    return urls[databank.naam]
