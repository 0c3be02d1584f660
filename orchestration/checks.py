"""The two gates as asset checks, and those that only warn.

What the gates refuse is in ``expectations``.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any

import dagster as dg

from expectations.poort_in import check_relaties
from expectations.relatie import PLEK
from orchestration import archief, duiding, referentie
from orchestration.assets.initiatief import OVERGENOMEN
from orchestration.assets.label import ONZEKERHEID
from orchestration.assets.leveringen import key_of
from orchestration.assets.opendata import OPGEHAALD as OPEN_DATA_OPGEHAALD
from orchestration.assets.ophalen import ALLEEN_LEZEN
from orchestration.assets.release import REFERENTIE
from orchestration.assets.risico import DRIFT, ONTBREKEN, VERLOOP
from orchestration.assets.toezicht import PERSOONSGEGEVENS
from orchestration.assets.warehouse import key_of_release_tabel
from orchestration.lek import LEK_IN_LEVERING
from orchestration.methode import compute_methodeversie
from orchestration.poort_uit import judge_release
from orchestration.poortmelding import write_meldingen
from orchestration.resources import Werkplaats, load_contract
from orchestration.voortgang import Voortgang
from orchestration.warehouse import RELATIES, open_warehouse
from serving.besluit.duiding import ALARM_AANDEEL
from serving.release import schema
from sources.stand import list_verslagen, read_standen, read_verslagen
from vera.bevinding import Bevinding
from vera.contract import Contract

POORT_IN = "poort_in"
POORT_UIT = "poort_uit"
DUIDINGAANDEEL = "duidingaandeel"
ZEKERHEID = "trekkingen_bij_gesloten_vorm"
REFERENTIE_PAST = "referentie_past_bij_methode"
WAARSCHUWEND = (
    ALLEEN_LEZEN,
    DRIFT,
    DUIDINGAANDEEL,
    LEK_IN_LEVERING,
    OPEN_DATA_OPGEHAALD,
    REFERENTIE_PAST,
    ZEKERHEID,
    VERLOOP,
    ONTBREKEN,
    OVERGENOMEN,
    PERSOONSGEGEVENS,
)
"""Checks that warn and stop nothing; what they find is said at the end of a run."""

GRENZEN_VERHOUDING = (0.9, 1.6)
"""Between which the closed form over the draws lies in the median; label.md says about 1.17."""


def build_poort_in() -> dg.AssetChecksDefinition:
    """Return the gate in: one check per delivered table, all judged in one go."""
    return _build_poort(
        POORT_IN,
        {tabel.id: key_of(tabel) for tabel in load_contract().tabellen},
        "Wat aan de levering van {} wordt geweigerd, per regel.",
        judge_in,
    )


def build_poort_uit() -> dg.AssetChecksDefinition:
    """Return the gate out: one check per mart of the release.

    What is found in the seeds of the method goes to the first mart: a check that stands on a
    seed would have to pass before the marts are built that it is about.
    """
    return _build_poort(
        POORT_UIT,
        {
            naam: key_of_release_tabel(naam)
            for naam in schema.TABELLEN
            if RELATIES[naam].startswith("mart.")
        },
        "Wat aan {} niet gepubliceerd mag worden, per regel.",
        judge_out,
    )


def build_duidingaandeel() -> dg.AssetChecksDefinition:
    """Return the check on how often labels are read otherwise; it warns and stops nothing."""

    @dg.asset_check(
        name=DUIDINGAANDEEL,
        asset=key_of_release_tabel(schema.LABEL.naam),
        description=(
            "Hoeveel van de complexen met een label een duiding hebben. Boven "
            f"{ALARM_AANDEEL:.0%} past het label niet meer bij wat medewerkers zien."
        ),
    )
    def check(werkplaats: Werkplaats) -> dg.AssetCheckResult:
        with open_warehouse(werkplaats.map.warehouse) as warehouse:
            aandeel = duiding.measure_aandeel(warehouse)
        return dg.AssetCheckResult(
            passed=aandeel is None or not aandeel.is_alarm,
            severity=dg.AssetCheckSeverity.WARN,
            description=duiding.say_aandeel(aandeel),
            metadata=duiding.describe_aandeel(aandeel) if aandeel else {},
        )

    return check


def build_zekerheid() -> dg.AssetChecksDefinition:
    """Return the check of the draws against the closed form; it warns and stops nothing."""

    @dg.asset_check(
        asset=ONZEKERHEID,
        name=ZEKERHEID,
        additional_deps=[dg.AssetKey(["intermediate", "int_label__onzekerheid_gesloten"])],
        description=(
            "De standaardfout uit de trekkingen naast die in gesloten vorm. De gesloten vorm kent "
            "de kromming van de score niet en ligt er daarom boven; ver eronder of erboven is er "
            "iets mis met de trekkingen."
        ),
    )
    def check(werkplaats: Werkplaats) -> dg.AssetCheckResult:
        with open_warehouse(werkplaats.map.warehouse) as warehouse:
            rijen = warehouse.execute(
                """
                select niveau, round(median(gesloten.standaardfout / trekking.standaardfout), 3),
                    count(*)
                from buurtpeil.onzekerheid as trekking
                inner join intermediate.int_label__onzekerheid_gesloten as gesloten
                    using (niveau, object_id, peildatum, thema_code)
                where thema_code = 'TOT' and trekking.standaardfout > 0
                group by niveau order by niveau
                """
            ).fetchall()
        laag, hoog = GRENZEN_VERHOUDING
        buiten = [niveau for niveau, verhouding, _ in rijen if not laag <= verhouding <= hoog]
        return dg.AssetCheckResult(
            passed=not buiten,
            severity=dg.AssetCheckSeverity.WARN,
            description=(
                f"Bij {', '.join(buiten)} liggen de trekkingen en de gesloten vorm uiteen."
                if buiten
                else "Trekkingen en gesloten vorm passen bij elkaar."
            ),
            metadata={
                "verhouding gesloten vorm / trekkingen (mediaan)": {n: v for n, v, _ in rijen},
                "labels": {n: aantal for n, _, aantal in rijen},
                "verwacht": f"{laag} tot {hoog}",
            },
        )

    return check


def build_referentie_past() -> dg.AssetChecksDefinition:
    """Return the check that the references in use were estimated with this method."""

    @dg.asset_check(
        asset=REFERENTIE,
        name=REFERENTIE_PAST,
        description="Of de referentie in gebruik met deze versie van de methode is geschat.",
    )
    def check(werkplaats: Werkplaats) -> dg.AssetCheckResult:
        methode = compute_methodeversie()
        bevroren = referentie.read_bevroren(werkplaats.map.referentie).values()
        ouder = [ref for ref in bevroren if ref.methodeversie != methode]
        namen = ", ".join(f"{ref.id} ({ref.methodeversie})" for ref in ouder)
        return dg.AssetCheckResult(
            passed=not ouder,
            severity=dg.AssetCheckSeverity.WARN,
            description=(
                f"De methode is nu {methode}, de referentie in gebruik is geschat met een andere: "
                f"{namen}. Maak een nieuwe ernaast met `buurtpeil methode rebase` en kijk hoe "
                "labels overgaan; tot dan geldt de oude."
                if ouder
                else "De referentie in gebruik hoort bij deze methode."
            ),
        )

    return check


def _build_poort(
    poort: str,
    tabellen: Mapping[str, dg.AssetKey],
    omschrijving: str,
    judge: Callable[[Werkplaats], list[Bevinding]],
) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(
        name=poort,
        specs=[
            dg.AssetCheckSpec(
                poort, asset=sleutel, blocking=True, description=omschrijving.format(naam)
            )
            for naam, sleutel in tabellen.items()
        ],
    )
    def check(
        werkplaats: Werkplaats, voortgang: dg.ResourceParam[Voortgang]
    ) -> Iterator[dg.AssetCheckResult]:
        with voortgang.stap(poort.replace("_", " ")):
            bevindingen = judge(werkplaats)
        yield from _report(poort, tabellen, bevindingen)

    return check


def judge_in(werkplaats: Werkplaats) -> list[Bevinding]:
    """Judge what was landed."""
    standen = read_standen(werkplaats.contract.bronnen, werkplaats.map.landing)
    verleden = archief.find_archief(werkplaats.map.archief, werkplaats.map.releases)
    eerdere = read_verslagen(verleden / archief.LEVERINGEN) if verleden else ()
    klok: date = werkplaats.compute_klok()
    with open_warehouse(werkplaats.map.warehouse) as warehouse:
        verslagen = list_verslagen(standen)
        bevindingen = check_relaties(
            warehouse,
            werkplaats.contract,
            verslagen,
            partial(number_geland, werkplaats.contract),
            klok,
            eerdere,
        )
    write_meldingen(werkplaats.map.poort_in, bevindingen, verslagen)
    return bevindingen


def number_geland(contract: Contract, naam: str) -> str:
    """Return SQL of the landed rows of ``bron.tabel`` for the gate in, by file and line."""
    tabel = next(tabel for tabel in contract.tabellen if tabel.id == naam)
    return (
        f"(select cast(_volgnummer as bigint) * 4294967296 + _regel as {PLEK}, * "
        f'from "{tabel.schema}"."{tabel.naam}")'
    )


def judge_out(werkplaats: Werkplaats) -> list[Bevinding]:
    """Judge what is about to be published."""
    verleden = archief.find_archief(werkplaats.map.archief, werkplaats.map.releases)
    with open_warehouse(werkplaats.map.warehouse) as warehouse:
        return judge_release(warehouse, verleden, werkplaats.contract)


def _report(
    poort: str, tabellen: Mapping[str, dg.AssetKey], bevindingen: Iterable[Bevinding]
) -> Iterator[dg.AssetCheckResult]:
    per_tabel: dict[str, list[Bevinding]] = defaultdict(list)
    for bevinding in bevindingen:
        per_tabel[_find_tabel(bevinding.tabel, tabellen)].append(bevinding)
    for naam, sleutel in tabellen.items():
        eigen = per_tabel[naam]
        fout = [b for b in eigen if not b.geslaagd]
        blokkeert = any(b.blokkeert for b in fout)
        metadata: dict[str, Any] = {"regels": len(eigen)}
        if eigen:
            metadata["bevindingen"] = dg.MetadataValue.table([_as_record(b) for b in eigen])
        yield dg.AssetCheckResult(
            asset_key=sleutel,
            check_name=poort,
            passed=not fout,
            severity=dg.AssetCheckSeverity.ERROR if blokkeert else dg.AssetCheckSeverity.WARN,
            description="\n\n".join(map(str, fout)) or "Alle regels in orde.",
            metadata=metadata,
        )


def _find_tabel(onderwerp: str, tabellen: Mapping[str, dg.AssetKey]) -> str:
    """Return the table a finding belongs to; one on a whole source goes to its first table."""
    if onderwerp in tabellen:
        return onderwerp
    eerste = next(iter(tabellen))
    return next((naam for naam in tabellen if naam.startswith(f"{onderwerp}.")), eerste)


def _as_record(bevinding: Bevinding) -> dg.TableRecord:
    return dg.TableRecord(
        {
            "regel": bevinding.regel,
            "in orde": "ja" if bevinding.geslaagd else "nee",
            "blokkeert": "ja" if bevinding.blokkeert else "nee",
            "aantal": bevinding.aantal,
            "verwacht": bevinding.verwacht,
            "gevonden": bevinding.gevonden,
            "voorbeeld": bevinding.voorbeeld,
            "wat te doen": bevinding.remedie,
        }
    )
