"""The Dagster code location: everything in one graph."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import dagster as dg

from models.registry import Modelregister
from orchestration.assets.bewaartermijn import build_bewaartermijn
from orchestration.assets.herberekening import build_herberekening
from orchestration.assets.initiatief import build_bewonersinitiatieven
from orchestration.assets.label import build_label_stappen
from orchestration.assets.leveringen import build_levering_assets
from orchestration.assets.maatregel import build_maatregel_effect
from orchestration.assets.opendata import build_open_data
from orchestration.assets.ophalen import build_ophalen
from orchestration.assets.papieren import build_papieren
from orchestration.assets.release import build_release_assets
from orchestration.assets.risico import build_risico
from orchestration.assets.robuustheid import build_robuustheid
from orchestration.assets.run_invoer import build_run_invoer
from orchestration.assets.toezicht import build_doelbinding, build_persoonsgegevens
from orchestration.assets.warehouse import build_warehouse_assets
from orchestration.bewaren import Opschoner
from orchestration.checks import (
    build_duidingaandeel,
    build_poort_in,
    build_poort_uit,
    build_referentie_past,
    build_zekerheid,
)
from orchestration.dbt_step import parse_project, read_manifest
from orchestration.goedkeuring import Grenzen
from orchestration.initiatief import open_initiatieven
from orchestration.instellingen import Instellingen, read_instellingen
from orchestration.jobs import build_jobs
from orchestration.lek import build_lek_in_levering
from orchestration.melding import Melder
from orchestration.ophalen import Databanken
from orchestration.resources import Werkplaats, load_contract
from orchestration.schedules import build_schedules
from orchestration.sensors import build_sensors
from orchestration.sleutelbron import Sleutelbron
from orchestration.voortgang import RegelVoortgang
from orchestration.werkmap import Werkmap
from serving.besluit.register import Besluitregister
from serving.besluit.werklijstregister import Werklijstregister


def build_resources(instellingen: Instellingen, wacht_seconden: int = 0) -> dict[str, Any]:
    """Return the resources that the settings ask for."""
    return {
        "werkplaats": Werkplaats(
            data=str(instellingen.data.expanduser().resolve()),
            leveringen=str(instellingen.leveringen_map.expanduser().resolve()),
            wacht_seconden=wacht_seconden,
        ),
        "sleutelbron": Sleutelbron(
            Werkmap.of(instellingen.data).sleutels, instellingen.pseudoniem_sleutel
        ),
        "databanken": Databanken(instellingen, load_contract()),
        "opschoner": Opschoner(instellingen, load_contract()),
        "voortgang": RegelVoortgang(),
        "melder": Melder.of(instellingen),
        "grenzen": Grenzen.of(instellingen),
        "besluiten": Besluitregister(instellingen.besluiten_adres),
        "initiatieven": open_initiatieven(instellingen),
        "werklijsten": Werklijstregister(instellingen.besluiten_adres),
        "modelregister": Modelregister(instellingen.mlflow_adres, instellingen.modellen_map),
    }


def build_definitions(
    resources: Mapping[str, Any] | None = None,
    *,
    instellingen: Instellingen | None = None,
    wacht_seconden: int = 0,
) -> dg.Definitions:
    """Return a fresh graph of everything.

    Parameters
    ----------
    resources
        Resources that replace the standard ones, by name; a test swaps one.
    instellingen
        Settings; read from the environment when left out.
    wacht_seconden
        How long a run waits for another one in the data folder.
    """
    instellingen = instellingen or read_instellingen()
    werkmap = Werkmap.of(instellingen.data)
    pad = parse_project(werkmap.warehouse, werkmap.dbt)
    manifest = read_manifest(pad, pad.stat().st_mtime)
    with warnings.catch_warnings():
        # Of a part of Dagster that we use on purpose; the lock says which version.
        warnings.simplefilter("ignore", dg.BetaWarning)
        herberekening = build_herberekening(instellingen)
    return dg.Definitions(
        assets=[
            build_ophalen(),
            *build_open_data(instellingen),
            *build_levering_assets(instellingen),
            build_run_invoer(),
            *build_warehouse_assets(manifest),
            *build_label_stappen(),
            build_robuustheid(),
            build_risico(),
            build_maatregel_effect(),
            build_papieren(),
            *build_release_assets(),
            build_bewonersinitiatieven(),
            build_bewaartermijn(),
            herberekening,
        ],
        asset_checks=[
            build_poort_in(),
            build_poort_uit(),
            *build_doelbinding(),
            build_persoonsgegevens(),
            build_duidingaandeel(),
            build_zekerheid(),
            build_referentie_past(),
            build_lek_in_levering(),
        ],
        jobs=build_jobs(),
        schedules=build_schedules(),
        sensors=build_sensors(),
        resources={**build_resources(instellingen, wacht_seconden), **(resources or {})},
    )
