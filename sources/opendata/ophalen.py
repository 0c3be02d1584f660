"""Fetches what is asked for, publisher by publisher, and says what became of each file.

One publisher that does not answer keeps no other from being asked, and leaves what was delivered
before as it was.

Belongs here: which files there are to fetch, and their order. Does not belong here: how a publisher
is asked (the module of each), when this is done (``orchestration``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from sources.opendata.adres import Adressen
from sources.opendata.fout import BestaatNiet, Onbereikbaar, OphaalFout
from sources.opendata.kerncijfers import BRON as CBS_KWB
from sources.opendata.kerncijfers import fetch_kerncijfers, list_tabellen
from sources.opendata.klant import Klant
from sources.opendata.levering import Geleverd, Legger, lay_if_other
from sources.opendata.losbestand import (
    GEMEENTE_WIJKPROFIEL,
    SOORTEN,
    fetch_leefbaarometer,
    fetch_wijkprofiel,
)
from sources.opendata.misdrijven import BRON as POLITIE
from sources.opendata.misdrijven import fetch_misdrijven, find_tabel, list_jaren
from sources.opendata.regio import Regio
from vera.contract import Bron, Contract

WIJKPROFIEL: Final = "wijkprofiel"
LEEFBAAROMETER: Final = "leefbaarometer"
BRONNEN: Final = (CBS_KWB, POLITIE, WIJKPROFIEL, LEEFBAAROMETER)
"""What can be fetched, in the order in which it is."""
LAATSTE: Final = 3
"""So many editions are fetched when no years are named."""

_LEEFBAAROMETER_BESTAND: Final = "leefbaarometer_buurten.csv"

Melden = Callable[[str], None]


@dataclass(frozen=True)
class Vraag:
    """What is to be fetched.

    Parameters
    ----------
    adressen
        Where the publishers are.
    regio
        The areas of the association.
    jaren
        Years of the editions; None = the last three that a publisher has.
    bronnen
        Which of ``BRONNEN``.
    """

    adressen: Adressen
    regio: Regio
    jaren: frozenset[int] | None = None
    bronnen: Collection[str] = BRONNEN


@dataclass(frozen=True)
class Regel:
    """What became of one file, or of a publisher as a whole.

    Parameters
    ----------
    wat
        ``bron/bestand``, or the source.
    stand
        In Dutch.
    fout
        Why it could not be fetched.
    """

    wat: str
    stand: str
    fout: OphaalFout | None = None


@dataclass(frozen=True)
class Uitslag:
    """What became of everything.

    Parameters
    ----------
    regels
        In the order in which it was fetched.
    geleverd
        What was laid with the deliveries, now or before, by ``bron/bestand``.
    """

    regels: tuple[Regel, ...]
    geleverd: dict[str, Geleverd]

    @property
    def fouten(self) -> list[OphaalFout]:
        """What could not be fetched, each failure once."""
        gezien: dict[str, OphaalFout] = {}
        for regel in self.regels:
            if regel.fout is not None:
                gezien.setdefault(str(regel.fout), regel.fout)
        return list(gezien.values())

    def make_fout(self) -> OphaalFout | None:
        """Return one failure that says what is missing and what is there; None when all is well."""
        fouten = self.fouten
        if not fouten:
            return None
        mislukt = [regel.wat for regel in self.regels if regel.fout is not None]
        # What may pass by itself comes first: it has another remedy.
        eerst = next((f for f in fouten if isinstance(f, Onbereikbaar)), fouten[0])
        redenen = "\n".join(f"  {fout.gevonden}" for fout in fouten)
        return type(eerst)(
            f"Niet alle open data zijn opgehaald. Het lukte niet voor: {', '.join(mislukt)}.\n"
            f"{redenen}\n{describe_geleverd(self.geleverd)}",
            verwacht=eerst.verwacht,
            remedie=eerst.remedie,
        )


def describe_geleverd(geleverd: dict[str, Geleverd]) -> str:
    """Say what was laid with the deliveries and of which day it is; they hold more than that."""
    if not geleverd:
        return "Er ligt niets dat eerder is opgehaald. Wat u zelf leverde, telt gewoon mee."
    wat = "; ".join(
        f"{naam} ({g.tabel}) van {_show_dag(g.opgehaald_op)}"
        for naam, g in sorted(geleverd.items())
    )
    return f"Wat eerder is opgehaald, ligt er nog: {wat}."


def fetch_open_data(
    vraag: Vraag, contract: Contract, legger: Legger, klant: Klant, meld: Melden = lambda _: None
) -> Uitslag:
    """Fetch what is asked for and lay it with the deliveries.

    Parameters
    ----------
    vraag
        What.
    contract
        The delivery contract; says which figures may be asked.
    legger
        Lays files.
    klant
        Asks publishers.
    meld
        Told of each file, before it is fetched.

    Returns
    -------
    Uitslag
        Never raises for a publisher: what failed is in it.
    """
    werk = _Werk(vraag, contract, legger, klant, meld)
    stappen = {
        CBS_KWB: werk.iter_kerncijfers,
        POLITIE: werk.iter_misdrijven,
        WIJKPROFIEL: werk.iter_wijkprofiel,
        LEEFBAAROMETER: werk.iter_leefbaarometer,
    }
    regels = []
    for bron in BRONNEN:
        if bron in vraag.bronnen:
            try:
                regels += list(stappen[bron]())
            except OphaalFout as fout:
                regels.append(Regel(bron, "mislukt", fout))
    return Uitslag(tuple(regels), legger.list_geleverd())


@dataclass(frozen=True)
class _Werk:
    vraag: Vraag
    contract: Contract
    legger: Legger
    klant: Klant
    meld: Melden

    def iter_kerncijfers(self) -> Iterator[Regel]:
        bron = self.contract.bron(CBS_KWB)
        jaren = self.vraag.jaren or ()
        tabellen = list_tabellen(self.klant, self.vraag.adressen, jaren)
        for jaar in self._choose(tabellen):
            naam = f"kwb_opgehaald_{jaar}.csv"
            tabel = tabellen.get(jaar)
            if tabel is None:
                yield _bestaat_niet(bron, naam)
                continue
            yield self._lay(
                bron,
                naam,
                f"CBS {tabel.naam}",
                partial(fetch_kerncijfers, self.klant, tabel, jaar, self.vraag.regio, bron),
            )

    def iter_misdrijven(self) -> Iterator[Regel]:
        bron = self.contract.bron(POLITIE)
        tabel = find_tabel(self.klant, self.vraag.adressen)
        jaren = list_jaren(self.klant, tabel)
        for jaar in self._choose(jaren):
            naam = f"misdrijven_opgehaald_{jaar}.csv"
            if jaar not in jaren:
                yield _bestaat_niet(bron, naam)
                continue
            yield self._lay(
                bron,
                naam,
                f"politie {tabel.naam}",
                partial(fetch_misdrijven, self.klant, tabel, jaar, self.vraag.regio),
            )

    def iter_wijkprofiel(self) -> Iterator[Regel]:
        bron = self.contract.bron(WIJKPROFIEL)
        if not self.vraag.adressen.wijkprofiel:
            yield Regel(WIJKPROFIEL, "overgeslagen: geen adres (BUURTPEIL_OPEN_WIJKPROFIEL)")
            return
        if GEMEENTE_WIJKPROFIEL not in self.vraag.regio.gemeenten:
            yield Regel(WIJKPROFIEL, "overgeslagen: alleen Rotterdam heeft een Wijkprofiel")
            return
        # Every second year since 2014; the city has no list of editions.
        nu = datetime.fromisoformat(self.klant.moment).year
        edities = range(2014, nu + 1, 2)
        for jaar in self._choose(edities):
            if jaar not in edities:
                continue  # named for another publisher
            for soort in SOORTEN:
                naam = f"wijkprofiel_{jaar}_{soort}.csv"
                yield self._lay(
                    bron,
                    naam,
                    "Wijkprofiel",
                    partial(fetch_wijkprofiel, self.klant, self.vraag.adressen, jaar, soort),
                )

    def iter_leefbaarometer(self) -> Iterator[Regel]:
        """Keep the scores beside the deliveries: no reader takes them yet."""
        wat = f"{LEEFBAAROMETER}/{_LEEFBAAROMETER_BESTAND}"
        self.meld(wat)
        inhoud = fetch_leefbaarometer(self.klant, self.vraag.adressen, self.vraag.regio)
        pad = self.legger.voorraad / LEEFBAAROMETER / _LEEFBAAROMETER_BESTAND
        yield Regel(wat, f"{lay_if_other(pad, inhoud)} (in de voorraad; geen label leest dit)")

    def _choose(self, er_zijn: Collection[int]) -> list[int]:
        """Return the years to fetch, of those that there are or those that were named."""
        return sorted(self.vraag.jaren or sorted(er_zijn)[-LAATSTE:])

    def _lay(self, bron: Bron, naam: str, tabel: str, fetch: Callable[[], bytes]) -> Regel:
        wat = f"{bron.naam}/{naam}"
        eigen = self.legger.find_eigen(bron, naam)
        if eigen is not None:
            # Nothing is asked for what would not be laid.
            return Regel(wat, f"overgeslagen: u leverde zelf {eigen}")
        self.meld(wat)
        try:
            inhoud = fetch()
            return Regel(wat, self.legger.lay(bron, naam, inhoud, tabel, self.klant.moment))
        except BestaatNiet:
            return _bestaat_niet(bron, naam)
        except OphaalFout as fout:
            return Regel(wat, "mislukt", fout)


def _bestaat_niet(bron: Bron, naam: str) -> Regel:
    return Regel(f"{bron.naam}/{naam}", "overgeslagen: de uitgever heeft deze editie niet")


def _show_dag(moment: str) -> str:
    dag = datetime.fromisoformat(moment)
    return f"{dag.day}-{dag.month}-{dag.year}"
