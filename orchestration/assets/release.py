"""The reference and the release: what is frozen, written beside the others and switched to."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import duckdb

from models.registry import Modelregister
from orchestration import archief, duiding, goedkeuring, poortmelding, referentie, voor_publicatie
from orchestration.adresindex import RELATIE as RELATIE_ADRES
from orchestration.adresindex import publish_adresindex
from orchestration.assets.leveringen import EIGENAAR, TIJDZONE
from orchestration.assets.papieren import PAPIEREN
from orchestration.assets.robuustheid import ROBUUSTHEID
from orchestration.assets.warehouse import key_of_release_tabel
from orchestration.goedkeuring import Grenzen
from orchestration.melding import Melder, describe_wacht
from orchestration.methode import compute_codeversie, compute_methodeversie
from orchestration.papieren import read_papieren
from orchestration.referentie import VOORLOPIG, Referentie
from orchestration.reproductie_invoer import Invoer, Modelstaat, hash_organisatie, write_invoer
from orchestration.reproductie_modellen import describe_modellen
from orchestration.resources import Werkplaats
from orchestration.robuustheid import read_feiten
from orchestration.scan import read_toegestaan
from orchestration.uitvoering import AL_BEVROREN, WACHT
from orchestration.voortgang import Voortgang
from orchestration.warehouse import RELATIES, open_warehouse
from serving.besluit.aandeel import SLEUTEL
from serving.besluit.werklijstregister import Werklijstregister
from serving.release import schema
from serving.release.schrijver import write_release
from serving.release.wijzer import activate, current
from sources.bewaren import read_opgeschoond
from sources.organisatie import BESTAND as ORGANISATIE
from sources.stand import list_verslagen, read_standen, write_verslagen
from vera.levering import LeveringVerslag

RELEASE = dg.AssetKey("release")
REFERENTIE = dg.AssetKey("referentie")
GEWOON = "release_is_gewoon"


def build_release_assets() -> list[dg.AssetsDefinition]:
    """Return the reference and the release."""

    @dg.asset(
        key=REFERENTIE,
        group_name="release",
        owners=[EIGENAAR],
        kinds={"json"},
        deps=[dg.AssetKey(["intermediate", f"int_referentie__{d}"]) for d in referentie.DELEN],
        description=(
            "Eén rij per grondslag: de referentie (stratumwaarden, medianen, knippen) waar labels "
            "tegen worden afgezet. Wordt bij de eerste publicatie bevroren en daarna niet meer "
            "geschat; met te weinig kwartalen blijft zij voorlopig."
        ),
    )
    def build_referentie(werkplaats: Werkplaats) -> dg.MaterializeResult[None]:
        geschat, bevroren = find_referenties(werkplaats)
        return dg.MaterializeResult(
            metadata={
                grondslag: dg.MetadataValue.md(_describe(ref, grondslag in bevroren))
                for grondslag, ref in geschat.items()
            }
        )

    @dg.asset(
        key=RELEASE,
        # The schedule is of the second of the month; a delivery starts a run by itself as well.
        freshness_policy=dg.FreshnessPolicy.cron(
            deadline_cron="0 12 2 * *",
            lower_bound_delta=timedelta(days=2),
            timezone=TIJDZONE,
        ),
        group_name="release",
        owners=[EIGENAAR],
        kinds={"sqlite", "parquet"},
        deps=[
            REFERENTIE,
            ROBUUSTHEID,
            PAPIEREN,
            dg.AssetKey(RELATIE_ADRES.split(".")),
            *(key_of_release_tabel(naam) for naam in schema.TABELLEN),
        ],
        check_specs=[
            dg.AssetCheckSpec(
                GEWOON,
                asset=RELEASE,
                description=(
                    "Of de release niet ongewoon is. Is zij dat wel, dan wacht zij op goedkeuring: "
                    "job `goedkeuring`, of `buurtpeil release goedkeuren`."
                ),
            )
        ],
        description=(
            "Eén rij per release: de gepubliceerde labels als onveranderlijke map met "
            "opzoekbestand, exports en manifest. De wijzer CURRENT gaat pas om als alles klopt."
        ),
    )
    def build_release(
        context: dg.AssetExecutionContext,
        werkplaats: Werkplaats,
        voortgang: dg.ResourceParam[Voortgang],
        grenzen: dg.ResourceParam[Grenzen],
        melder: dg.ResourceParam[Melder],
        modelregister: dg.ResourceParam[Modelregister],
        werklijsten: dg.ResourceParam[Werklijstregister],
    ) -> Iterator[dg.MaterializeResult[None]]:
        with voortgang.stap("publiceren"):
            modellen = describe_modellen(modelregister, werklijsten)
            uitkomst = publish(werkplaats, voortgang, grenzen, modellen)
        besluit = goedkeuring.read_besluit(werkplaats.map, uitkomst["release"])
        if besluit is not None and besluit.stand == "wacht":
            melding = describe_wacht(context.job_name, besluit.release_id, besluit.redenen)
            for regel in melder.send(melding):
                context.log.warning(regel)
        yield dg.MaterializeResult(
            metadata=uitkomst,
            check_results=[
                dg.AssetCheckResult(
                    check_name=GEWOON,
                    passed=WACHT not in uitkomst,
                    severity=dg.AssetCheckSeverity.WARN,
                    description=uitkomst.get(WACHT, "Verandert zoals een kwartaal gewoon is."),
                )
            ],
        )

    return [build_referentie, build_release]


def find_referenties(
    werkplaats: Werkplaats,
) -> tuple[dict[str, Referentie], dict[str, Referentie]]:
    """Return the references that the build used, and those of them that are frozen already."""
    bevroren = referentie.read_bevroren(werkplaats.map.referentie)
    with open_warehouse(werkplaats.map.warehouse) as warehouse:
        gebruikt = referentie.read_geschat(warehouse, compute_methodeversie())
    return {**gebruikt, **bevroren}, bevroren


def list_te_bevriezen(werkplaats: Werkplaats) -> dict[str, Referentie]:
    """Return what is complete and not frozen yet."""
    gebruikt, bevroren = find_referenties(werkplaats)
    return {
        grondslag: ref
        for grondslag, ref in gebruikt.items()
        if grondslag not in bevroren and not ref.is_voorlopig
    }


def freeze_referenties(werkplaats: Werkplaats) -> dict[str, Referentie]:
    """Freeze what is complete and not frozen yet; return what was frozen now."""
    nieuw = list_te_bevriezen(werkplaats)
    for ref in nieuw.values():
        referentie.write_bevroren(ref, werkplaats.map.referentie)
    return nieuw


def publish(
    werkplaats: Werkplaats,
    voortgang: Voortgang,
    grenzen: Grenzen,
    modellen: Mapping[str, Modelstaat] | None = None,
) -> dict[str, Any]:
    """Write a release, keep its exact tables, freeze the reference and switch the pointer.

    One that is unusual waits for somebody (``orchestration.goedkeuring``): then the last two are
    not done, and why stands under ``WACHT``.

    A crash at any point leaves the previous release served: the pointer moves last, in one
    atomic step, and everything before it is written beside or under a name of its own. Until the
    release is judged it is marked as such: no other way shows it, and the next run removes it.
    """
    gebruikt, eerder_bevroren = find_referenties(werkplaats)
    ids = {g: VOORLOPIG if ref.is_voorlopig else ref.id for g, ref in gebruikt.items()}
    verslagen = list_verslagen(read_standen(werkplaats.contract.bronnen, werkplaats.map.landing))
    releases = werkplaats.map.releases
    # Refused here as at the start of a run: what is served may have been damaged since.
    archief.find_archief(werkplaats.map.archief, releases)
    vorige = current(releases)
    # What a killed run left: it was never looked at.
    goedkeuring.remove_ongekeurd(werkplaats.map)
    eerder_getoond = []

    def mark(release_id: str) -> None:
        if goedkeuring.was_getoond(werkplaats.map, release_id):
            eerder_getoond.append(release_id)
        goedkeuring.mark_ongekeurd(werkplaats.map, release_id, vorige)

    with (
        open_warehouse(werkplaats.map.warehouse) as warehouse,
        archief.build_archief(warehouse, werkplaats.map.archief, ids) as bouw,
    ):
        tabellen = {n: archief.read_tabel(warehouse, n, ids, bouw) for n in schema.TABELLEN}
        aandeel = duiding.measure_aandeel(warehouse)
        release = write_release(
            tabellen,
            {
                **_describe_inhoud(werkplaats, gebruikt, ids, verslagen),
                SLEUTEL: aandeel.as_manifest() if aandeel else None,
            },
            {
                "seconden": {k: round(v, 2) for k, v in voortgang.seconden.items()},
                # Beside the hash: the next run over the same deliveries has nothing to say of them.
                poortmelding.SLEUTEL: poortmelding.read_meldingen(
                    werkplaats.map.poort_in, verslagen
                ),
            },
            releases,
            papieren=read_papieren(werkplaats.map.papieren, warehouse, werkplaats.contract),
            voortgang=lambda klaar, totaal: voortgang.meld(klaar, totaal, "kaarten"),
            voor_naam=mark,
        )
        rijen = _count_rows(warehouse)
        sleutels = publish_adresindex(warehouse, release)
        archief.place_archief(bouw, werkplaats.map.archief / release.name)
        write_invoer(
            werkplaats.map.archief / release.name,
            Invoer(
                vorige=vorige,
                bevroren={grondslag: ref.id for grondslag, ref in eerder_bevroren.items()},
                duidingen=duiding.read_table(warehouse),
                opgeschoond_tot=read_opgeschoond(werkplaats.map.bewaren),
                organisatie_sha256=hash_organisatie(werkplaats.leveringen_map / ORGANISATIE),
                modellen=modellen,
            ),
        )
    write_verslagen(verslagen, werkplaats.map.archief / release.name / archief.LEVERINGEN)
    archief.seal_archief(werkplaats.map.archief / release.name)
    if vorige != release.name:
        with voortgang.stap(voor_publicatie.STAP):
            voor_publicatie.check_release(
                release,
                werkplaats.map.archief / release.name,
                read_toegestaan(werkplaats.leveringen_map),
                was_getoond=release.name in eerder_getoond,
            )
    besluit = goedkeuring.hold_back(
        werkplaats.map, release.name, vorige, grenzen, list_te_bevriezen(werkplaats).values()
    )
    bevroren = ""
    if besluit is None:
        bevroren = ", ".join(ref.id for ref in freeze_referenties(werkplaats).values())
        if vorige != release.name:
            activate(releases, release.name)
        goedkeuring.forget_ongekeurd(werkplaats.map, release.name)
    return {
        **({} if besluit is None else {WACHT: "\n".join(besluit.redenen)}),
        "release": release.name,
        "is nieuw": vorige != release.name,
        "bevroren referentie": bevroren or AL_BEVROREN,
        "map": dg.MetadataValue.path(str(release)),
        "sleutels in de adresindex": sleutels,
        "tijdstip": datetime.now(UTC).isoformat(timespec="seconds"),
        **rijen,
        **(duiding.describe_aandeel(aandeel) if aandeel else {}),
    }


def _describe_inhoud(
    werkplaats: Werkplaats,
    gebruikt: Mapping[str, Referentie],
    ids: Mapping[str, str],
    verslagen: tuple[LeveringVerslag, ...],
) -> dict[str, Any]:
    """Return the facts of the hashed part of the manifest: no clock time, no run id."""
    organisatie = werkplaats.read_organisatie()
    robuustheid = read_feiten(werkplaats.map.robuustheid, compute_methodeversie())
    return {
        **({"robuustheid": robuustheid} if robuustheid else {}),
        "organisatie": organisatie.naam,
        "gemeente": organisatie.gemeente,
        "synthetisch": organisatie.synthetisch,
        "klok": werkplaats.compute_klok().isoformat(),
        "methodeversie": compute_methodeversie(),
        "codeversie": compute_codeversie(),
        "referentie_id": ids.get(referentie.EIGEN) or ids.get(referentie.OPENBAAR) or VOORLOPIG,
        "is_voorlopig": any(ref.is_voorlopig for ref in gebruikt.values()),
        "referenties": {
            grondslag: {"id": ids[grondslag], "hash": ref.id, "periode": list(ref.periode)}
            for grondslag, ref in sorted(gebruikt.items())
        },
        "leveringen": [
            {
                naam: waarde if waarde is None or isinstance(waarde, int) else str(waarde)
                for naam, waarde in asdict(verslag).items()
                if naam in {"tabel", "bestand", "leveringsdatum", "sha256", "rijen", "afgekeurd"}
            }
            for verslag in verslagen
        ],
    }


def _describe(ref: Referentie, is_bevroren: bool) -> str:
    stand = "bevroren" if is_bevroren else "voorlopig" if ref.is_voorlopig else "nieuw"
    begin, einde = ref.periode
    return f"`{ref.id}` ({stand}), peildata {begin} tot en met {einde}"


def _count(warehouse: duckdb.DuckDBPyConnection, naam: str) -> int:
    [(aantal,)] = warehouse.execute(f"select count(*) from {RELATIES[naam]}").fetchall()
    return int(aantal)


def _count_rows(warehouse: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    return {f"rijen {naam}": _count(warehouse, naam) for naam in schema.TABELLEN}
