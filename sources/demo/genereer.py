"""The one public entry of the demo association: ``generate`` writes a folder of deliveries."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sources.demo import beheer, bezit, budget, huur, onderhoud, openbaar, waarheid, zaken
from sources.demo.geografie import GEMEENTENAAM, build_geografie
from sources.demo.leveringen import Kalender, Levertabel, write_tabel
from sources.demo.wereld import (
    Beleid,
    Geschiedenis,
    WereldParameters,
    build_stad,
    simulate_wereld,
)
from vera.errors import GebruikFout

ORGANISATIE = "Stichting Voorbeeldwonen"
_MAXIMUM_JAREN = 15  # memberships of clusters were registered from 2010 on
Voortgang = Callable[[str, float], None]

_ORGANISATIE_YML = f"""# Synthetische gegevens: deze corporatie en deze stad bestaan niet.
naam: "{ORGANISATIE} (synthetisch)"
synthetisch: true
clustersoort: FIN
gemeente: {GEMEENTENAAM}
contact_email: privacy@voorbeeldwonen.example
website: https://voorbeeldwonen.example
"""

_WIJZIGING_YML = """beleidswijzigingen:
  - model: overlast
    vanaf: {vanaf}
    reden: "Elke officiële waarschuwing wordt voortaan vastgelegd, ook bij een eerste overtreding"
    vastgesteld_door: "manager sociaal beheer"
verantwoording:
  - model: label
    eigenaar: "manager sociaal beheer"
    grondslag: "Gerechtvaardigd belang (AVG art. 6 lid 1 f): een veilige en leefbare woonomgeving"
    dpia: "DPIA Sociaal Beheer Label (synthetisch voorbeeld)"
    bezwaar: "de privacy officer van de corporatie, via het contactformulier"
  - model: overlast
    eigenaar: "manager sociaal beheer"
    grondslag: "Gerechtvaardigd belang (AVG art. 6 lid 1 f): een veilige en leefbare woonomgeving"
    dpia: "DPIA overlast (synthetisch voorbeeld)"
    bezwaar: "de privacy officer van de corporatie, via het contactformulier"
  - model: woonfraude
    eigenaar: "manager woonruimteverdeling"
    grondslag: "Gerechtvaardigd belang (AVG art. 6 lid 1 f): woningen voor wie aan de beurt is"
    dpia: "DPIA woonfraude (synthetisch voorbeeld)"
    bezwaar: "de privacy officer van de corporatie, via het contactformulier"
"""

_LEESMIJ = """# {naam}: synthetische leveringen

**Deze gegevens zijn verzonnen.** Corporatie, stad, bewoners, zaken en cijfers bestaan niet;
`buurtpeil generate` maakt ze uit een rekenmodel. Namen, BSN's, rekeningnummers, adressen en
telefoonnummers in vrije tekst en naamkolommen zijn lokaas: ze horen bij ontvangst te
verdwijnen.

| | |
|---|---|
| woningen | {eenheden} |
| complexen | {complexen} |
| buurten | {buurten} |
| periode | {begin} tot en met 2025-12-31 |
| seed | {seed} |

De map `waarheid/` bevat wat er in de wereld echt gebeurde. Alleen de evaluatie leest die;
geen asset, kenmerk of model mag dat.
"""


_LEESMIJ_BRON = f"""# Synthetisch: {ORGANISATIE} bestaat niet

Deze leveringen zijn verzonnen door `buurtpeil generate`; zie LEESMIJ.md een map hoger.
"""


@dataclass(frozen=True)
class GeneratieVerslag:
    """What was generated.

    Attributes
    ----------
    uit
        The folder of deliveries.
    eenheden, complexen, buurten, maanden, seed
        Size of the world.
    rijen
        Rows per written file, ``bron/bestand``.
    seconden
        Time per step.
    kerncijfers
        Measured base rates of the world, by name (per dwelling-year unless the name says
        otherwise).
    budget
        Last year's budget by wijk, in euros; for the data folder, not for the deliveries.
    """

    uit: Path
    eenheden: int
    complexen: int
    buurten: int
    maanden: int
    seed: int
    rijen: dict[str, int] = field(default_factory=dict)
    seconden: dict[str, float] = field(default_factory=dict)
    kerncijfers: dict[str, float] = field(default_factory=dict)
    budget: dict[str, int] = field(default_factory=dict)


class _Klok:
    """Times the steps and tells the caller how far they are."""

    def __init__(self, voortgang: Voortgang | None, stappen: int) -> None:
        self.voortgang, self.stappen = voortgang, stappen
        self.klaar = 0
        self.seconden: dict[str, float] = {}

    @contextmanager
    def stap(self, naam: str) -> Iterator[None]:
        """Time one step."""
        if self.voortgang:
            self.voortgang(naam, min(self.klaar / self.stappen, 0.99))
        begin = time.perf_counter()
        yield
        self.seconden[naam] = self.seconden.get(naam, 0.0) + time.perf_counter() - begin
        self.klaar += 1


def generate(
    uit: Path,
    eenheden: int = 60_000,
    jaren: int = 10,
    seed: int = 1,
    voortgang: Voortgang | None = None,
    *,
    parameters: WereldParameters | None = None,
    beleid: Beleid | None = None,
) -> GeneratieVerslag:
    """Write the deliveries of the demo association, and its truth apart.

    Parameters
    ----------
    uit
        Folder to write to; made when absent. ``uit/waarheid`` gets the truth.
    eenheden
        Number of dwellings, at least 100.
    jaren
        Number of years, 1 to 15; the world always ends on 2025-12-31.
    seed
        The same seed gives the same bytes.
    voortgang
        Called with the name of each step and the share done (0..1).
    parameters
        The numbers of the world; the published ones when absent.
    beleid
        The policy under which the world is run; the status quo when absent.

    Returns
    -------
    GeneratieVerslag
        Counts, timings and measured rates.

    Raises
    ------
    vera.errors.GebruikFout
        When the world is too small, or too long for the registers it imitates.
    """
    if not 1 <= jaren <= _MAXIMUM_JAREN:
        raise GebruikFout(
            f"Een demowereld van {jaren} jaar kan niet.", verwacht=f"1 tot en met {_MAXIMUM_JAREN}"
        )
    p = parameters or WereldParameters()
    klok = _Klok(voortgang, 9)
    with klok.stap("wereld"):
        stad = build_stad(p, eenheden, seed)
        geschiedenis = simulate_wereld(p, stad, jaren, seed, beleid)
        kalender = Kalender.of_jaren(jaren)
    with klok.stap("kaart en bezit"):
        geografie = build_geografie(stad.n_buurt.size, seed)
        eigendom = bezit.build_bezit(stad, geografie, kalender, seed)
    verslag = GeneratieVerslag(
        uit,
        int(stad.n.sum()),
        stad.n.size,
        stad.n_buurt.size,
        geschiedenis.maanden,
        seed,
        seconden=klok.seconden,
        kerncijfers=waarheid.measure_kerncijfers(geschiedenis),
        budget=budget.draw_budget(stad, geografie, seed),
    )
    uit.mkdir(parents=True, exist_ok=True)
    _write_begeleiding(uit, verslag, kalender, geschiedenis.beleid_maand)
    with ThreadPoolExecutor(max_workers=1) as draad:
        orakel = draad.submit(waarheid.compute_orakels, p, geschiedenis, seed)
        with klok.stap("verhuur"):
            contracten = huur.simulate_huur(eigendom, geschiedenis, kalender, seed)
            leeg = {
                dag: contracten.find_leeg(eigendom.woningen, dag)
                for dag in (kalender.eerste, kalender.tweede)
            }
            _write_tabellen(
                huur.build_tabellen(contracten, eigendom, kalender, seed), verslag, kalender
            )
        with klok.stap("bezit"):
            _write_tabellen(
                bezit.build_tabellen(eigendom, stad, geografie, kalender, seed, leeg),
                verslag,
                kalender,
            )
        with klok.stap("zaken"):
            dossier = zaken.simulate_zaken(geschiedenis, eigendom, kalender, seed)
            _write_tabellen(
                zaken.build_tabellen(dossier, eigendom, kalender, seed), verslag, kalender
            )
        with klok.stap("onderhoud"):
            gedekt = beheer.draw_onderhoud_gedekt(stad, seed)
            verzoeken = onderhoud.simulate_onderhoud(geschiedenis, eigendom, kalender, seed, gedekt)
            _write_tabellen(
                onderhoud.build_tabellen(verzoeken, eigendom, kalender, seed), verslag, kalender
            )
        with klok.stap("beheer en woonfraude"):
            _write_tabellen(
                beheer.build_tabellen(p, geschiedenis, eigendom, kalender, seed), verslag, kalender
            )
        with klok.stap("openbare gegevens"):
            verslag.rijen.update(
                openbaar.write_openbaar(
                    uit, geschiedenis, geografie, kalender, contracten.financieel, seed
                )
            )
        with klok.stap("waarheid"):
            waarheid.write_waarheid(
                uit / "waarheid",
                p,
                geschiedenis,
                eigendom,
                kalender,
                seed,
                contracten,
                orakel.result(),
            )
    _write_leesmij_per_bron(uit)
    if voortgang:
        voortgang("klaar", 1.0)
    return verslag


def _write_tabellen(
    tabellen: list[Levertabel], verslag: GeneratieVerslag, kalender: Kalender
) -> None:
    for tabel in tabellen:
        verslag.rijen.update(write_tabel(tabel, verslag.uit, kalender))


def _write_begeleiding(
    uit: Path, verslag: GeneratieVerslag, kalender: Kalender, beleid_maand: int
) -> None:
    (uit / "organisatie.yml").write_text(
        _ORGANISATIE_YML + _WIJZIGING_YML.format(vanaf=kalender.get_maandstart(beleid_maand)),
        encoding="utf-8",
        newline="\n",
    )
    (uit / "LEESMIJ.md").write_text(
        _LEESMIJ.format(
            naam=ORGANISATIE,
            eenheden=verslag.eenheden,
            complexen=verslag.complexen,
            buurten=verslag.buurten,
            begin=kalender.begin,
            seed=verslag.seed,
        ),
        encoding="utf-8",
        newline="\n",
    )


def _write_leesmij_per_bron(uit: Path) -> None:
    """Say in every folder of deliveries that it is invented, where nothing says so yet."""
    for bron_map in uit.iterdir():
        leesmij = bron_map / "LEESMIJ.md"
        if bron_map.is_dir() and not leesmij.exists():
            leesmij.write_text(_LEESMIJ_BRON, encoding="utf-8", newline="\n")


__all__ = ["ORGANISATIE", "GeneratieVerslag", "Geschiedenis", "generate"]
