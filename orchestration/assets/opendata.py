"""Open data: the step that fetches before deliveries are read, when the setting says so.

What cannot be fetched stops no run: what was delivered before is used, and the run says so.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from orchestration import opendata
from orchestration.herkansing import EERSTE_WACHT, MEESTE
from orchestration.instellingen import Instellingen
from orchestration.resources import Werkplaats, load_contract
from orchestration.voortgang import Voortgang
from sources.opendata.fout import Onbereikbaar
from sources.opendata.klant import Geduld, Klant
from sources.opendata.ophalen import BRONNEN
from vera.contract import Bron
from vera.errors import BuurtpeilError

OPEN_DATA = dg.AssetKey("open_data")
OPGEHAALD = "open_data_opgehaald"
GROEP = "open_data"


def find_eerst(bron: Bron, instellingen: Instellingen | None) -> list[dg.AssetKey]:
    """Return what a source waits for: that open data was fetched, or nothing."""
    if instellingen is None or bron.naam not in BRONNEN or not opendata.is_aan(instellingen):
        return []
    return [OPEN_DATA]


def build_open_data(
    instellingen: Instellingen,
    *,
    eerste_wacht: float = EERSTE_WACHT,
    maak_klant: opendata.MaakKlant = Klant,
) -> list[dg.AssetsDefinition]:
    """Return the step; nothing when the setting is off, so that a run asks nobody anything.

    Parameters
    ----------
    instellingen
        Says whether, where, which areas and which years.
    eerste_wacht
        Seconds before a publisher that was away is tried again; three times as long each next time.
    maak_klant
        Makes who asks.
    """
    if not opendata.is_aan(instellingen):
        return []

    @dg.asset(
        key=OPEN_DATA,
        group_name=GROEP,
        owners=["team:datateam"],
        kinds={"api", "file"},
        check_specs=[
            dg.AssetCheckSpec(
                OPGEHAALD,
                asset=OPEN_DATA,
                description="Of alle open data zijn opgehaald. Waarschuwt, en houdt niets tegen.",
            )
        ],
        description=(
            "Eén rij per bestand: wat er is opgehaald bij CBS, politie, Leefbaarometer en "
            "Wijkprofiel, voor de buurten van de corporatie. Lukt het niet, dan blijft liggen wat "
            "er lag."
        ),
    )
    def fetch(
        context: dg.AssetExecutionContext,
        werkplaats: Werkplaats,
        voortgang: dg.ResourceParam[Voortgang],
    ) -> Iterator[dg.MaterializeResult[None]]:
        keer = context.retry_number
        fout: BuurtpeilError | None
        regels: list[dg.TableRecord] = []
        try:
            with voortgang.stap("open data ophalen"):
                uitslag = opendata.fetch(
                    instellingen,
                    load_contract(),
                    werkplaats.leveringen_map,
                    werkplaats.map.open_data,
                    # Trying again is what the step does; patience with each publisher besides
                    # would keep a run that has no line waiting for minutes.
                    geduld=Geduld() if keer == 0 else Geduld(pogingen=1),
                    meld=context.log.info,
                    maak_klant=maak_klant,
                )
            fout = uitslag.make_fout()
            regels = [
                dg.TableRecord({"bestand": regel.wat, "stand": regel.stand})
                for regel in uitslag.regels
            ]
        except BuurtpeilError as gevonden:
            fout = gevonden
            voortgang.fout = None  # told below; it ends nothing
        if isinstance(fout, Onbereikbaar) and keer < MEESTE:
            raise dg.RetryRequested(MEESTE, seconds_to_wait=eerste_wacht * 3**keer) from fout
        metadata: dict[str, Any] = {"dagster/row_count": len(regels)}
        if regels:
            metadata["bestanden"] = dg.MetadataValue.table(regels)
        yield dg.MaterializeResult(
            metadata=metadata,
            check_results=[
                dg.AssetCheckResult(
                    check_name=OPGEHAALD,
                    passed=fout is None,
                    severity=dg.AssetCheckSeverity.WARN,
                    description=(
                        "Alles is opgehaald."
                        if fout is None
                        else f"Open data: de run ging door met wat er lag. {fout}"
                    ),
                )
            ],
        )

    return [fetch]
