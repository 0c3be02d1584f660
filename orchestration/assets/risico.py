"""The risk models as assets: what scores this month, and why.

They stand between two parts of the dbt build, as the draws do. What they compute is in the
modules ``orchestration.risico*``; a version that the registry has is not trained again.
"""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

import dagster as dg
import duckdb
import numpy as np
import pandas as pd

from models.registry import Modelregister, RegisterFout
from models.risico.beelden import plot_regelkaart
from models.risico.drift import Signaal, compute_regelkaart
from models.risico.modelkaart import add_maand, render_signalen
from orchestration import risico
from orchestration.assets.leveringen import EIGENAAR
from orchestration.resources import Werkplaats
from orchestration.risico import MODEL, SCORE, Gegevens
from orchestration.risico_bewaking import (
    check_gepubliceerd,
    describe_ontbreken,
    describe_verloop,
)
from orchestration.risico_inzet import (
    Inzet,
    Stand,
    Verandering,
    deploy_overlast,
    deploy_woonfraude,
    revert_to_regel,
)
from orchestration.risico_score import (
    describe_inzetten,
    score_gestopt,
    score_overlast,
    score_woonfraude,
)
from orchestration.voortgang import Voortgang
from orchestration.warehouse import find_laag, open_warehouse
from orchestration.werklijst import read_gestopt, write_uitkomsten
from serving.besluit.werklijstregister import Werklijstregister
from sources.organisatie import Organisatie
from vera.werklijst import Model

RISICOSCORE = dg.AssetKey(["buurtpeil", SCORE])
RISICOMODEL = dg.AssetKey(["buurtpeil", MODEL])
POORT, DRIFT = "poort_{}", "aantal_meldingen_zoals_verwacht"
VERLOOP = "scores_zoals_vorige_maand"
ONTBREKEN = "kenmerken_zo_bekend_als_bij_het_leren"
MODELLEN: tuple[Model, ...] = get_args(Model)
_BRONNEN = (
    "int_overlast__kenmerk",
    "int_overlast__uitkomst",
    "int_overlast__complexmaand",
    "int_woonfraude__kenmerk",
    "int_woonfraude__onderzoek",
)
_LEES: Mapping[Model, Callable[[duckdb.DuckDBPyConnection], Gegevens]] = {
    "overlast": risico.read_overlast,
    "woonfraude": risico.read_woonfraude,
}
_ZET_IN = {"overlast": deploy_overlast, "woonfraude": deploy_woonfraude}
_SCOOR = {"overlast": score_overlast, "woonfraude": score_woonfraude}


def build_risico() -> dg.AssetsDefinition:
    """Return the scores and what gave them. Gates and drift warn: the label does not wait."""

    @dg.multi_asset(
        name="risico",
        specs=[
            dg.AssetSpec(
                RISICOMODEL,
                group_name="risico",
                owners=[EIGENAAR],
                kinds={"python", "sklearn", "mlflow"},
                deps=[
                    *(dg.AssetKey([find_laag(naam), naam]) for naam in _BRONNEN),
                    dg.AssetKey(["staging", "stg_vera__buurt"]),
                    dg.AssetKey(["staging", "stg_vera__wijk"]),
                    dg.AssetKey(["buurtpeil", "gepubliceerde_risicoscore"]),
                    dg.AssetKey(["cbs_kwb", "samenstelling"]),
                ],
                description=(
                    "Eén rij per model: wat er deze maand kiest (een model dat door de poort kwam, "
                    "de vaste regel, of niets) en waarom. Overlast leert in januari en juli, "
                    "woonfraude in januari, op wat toen bekend was."
                ),
            ),
            dg.AssetSpec(
                RISICOSCORE,
                group_name="risico",
                owners=[EIGENAAR],
                kinds={"python", "duckdb"},
                deps=[RISICOMODEL],
                description=(
                    "Eén rij per model en complex van deze maand: kans met interval, plaats, hoe "
                    "vast die is, en redenen. Nooit over een persoon of woning."
                ),
            ),
        ],
        check_specs=[
            *(
                dg.AssetCheckSpec(
                    POORT.format(model),
                    asset=RISICOMODEL,
                    description=(
                        f"Of een getraind model van {model} door de poort kwam. Zo niet, dan doet "
                        "de vaste regel het werk."
                    ),
                )
                for model in MODELLEN
            ),
            dg.AssetCheckSpec(
                DRIFT,
                asset=RISICOSCORE,
                description=(
                    "Of er in de laatste maand evenveel gemeld is als het seizoen en de jaren "
                    "ervoor doen verwachten."
                ),
            ),
            dg.AssetCheckSpec(
                VERLOOP,
                asset=RISICOSCORE,
                description=(
                    "Of de lijst en de gemiddelde kans niet ineens heel anders zijn dan vorige "
                    "maand."
                ),
            ),
            dg.AssetCheckSpec(
                ONTBREKEN,
                asset=RISICOSCORE,
                description=(
                    "Of van elk kenmerk deze maand ongeveer evenveel bekend is als toen het model "
                    "leerde."
                ),
            ),
        ],
        description="Traint wanneer het halfjaar of jaar begint, en scoort elke maand.",
    )
    def build(
        werkplaats: Werkplaats,
        voortgang: dg.ResourceParam[Voortgang],
        modelregister: dg.ResourceParam[Modelregister],
        werklijsten: dg.ResourceParam[Werklijstregister],
    ) -> Iterator[dg.MaterializeResult[None]]:
        with voortgang.stap("risicomodellen"):
            organisatie = werkplaats.read_organisatie()
            inzetten, rijen, ontbreken = write_risico(
                werkplaats, organisatie, modelregister, werklijsten, voortgang
            )
        with open_warehouse(werkplaats.map.warehouse) as warehouse:
            uitkomsten = write_uitkomsten(warehouse, werklijsten)
            verloop = check_verloop(warehouse)
            drift = check_meldingen(
                warehouse,
                [
                    risico.to_peilmaand(w.vanaf)
                    for w in organisatie.beleidswijzigingen
                    if w.model == "overlast"
                ],
            )
        yield dg.MaterializeResult(
            asset_key=RISICOMODEL,
            metadata={"dagster/row_count": len(inzetten), **_describe(inzetten)},
            check_results=[_judge(inzet) for inzet in inzetten],
        )
        yield dg.MaterializeResult(
            asset_key=RISICOSCORE,
            metadata={"dagster/row_count": rijen, "nieuwe uitkomsten": uitkomsten},
            check_results=[drift, verloop, check_ontbreken(ontbreken)],
        )

    return build


def write_risico(
    werkplaats: Werkplaats,
    organisatie: Organisatie,
    modelregister: Modelregister,
    werklijsten: Werklijstregister,
    voortgang: Voortgang,
) -> tuple[list[Inzet], int, dict[Model, tuple[Signaal, ...]]]:
    """Train where it is time, score this month, and write both tables.

    Returns
    -------
    inzetten
        What scores.
    rijen
        How many scores there are.
    ontbreken
        Per model how much of each feature is unknown this month.
    """
    ontbreken: dict[Model, tuple[Signaal, ...]] = {}
    nu = risico.to_peilmaand(werkplaats.compute_klok())
    inzetten, scores = [], []
    for model in MODELLEN:
        # One model at a time: a panel of the sector is large.
        inzet, deel, ontbreken[model] = _deploy(
            model, nu, werkplaats, organisatie, modelregister, werklijsten, voortgang
        )
        inzetten.append(inzet)
        if deel is not None:
            scores.append(deel)
    gevuld = [deel for deel in scores if len(deel)]
    frame = pd.concat(gevuld, ignore_index=True) if gevuld else None
    with open_warehouse(werkplaats.map.warehouse, schrijf=True) as warehouse:
        risico.create_tables(warehouse)
        _insert(warehouse, SCORE, frame)
        _insert(warehouse, MODEL, describe_inzetten(inzetten, scores, nu))
    return inzetten, 0 if frame is None else len(frame), ontbreken


def _deploy(
    model: Model,
    nu: int,
    werkplaats: Werkplaats,
    organisatie: Organisatie,
    modelregister: Modelregister,
    werklijsten: Werklijstregister,
    voortgang: Voortgang,
) -> tuple[Inzet, pd.DataFrame | None, tuple[Signaal, ...]]:
    """Return what scores of one model, its scores, and what is unknown this month."""
    with open_warehouse(werkplaats.map.warehouse) as warehouse:
        gegevens = _LEES[model](warehouse)
    # A month scores once its first day has come: the last peildatum that has features.
    maand = int(gegevens.paneel.peilmaand.max(initial=nu))
    ontbreken = describe_ontbreken(gegevens, model, maand)
    if gestopt := read_gestopt(werklijsten, model):
        inzet = _say_geen(
            model,
            "gestopt",
            f"Het model is stilgezet op {gestopt.vastgelegd_op:%d-%m-%Y}: "
            f"{gestopt.reden}. Alleen de loting kiest.",
        )
        return inzet, score_gestopt(gegevens, inzet, maand), ontbreken
    try:
        inzet = _ZET_IN[model](
            gegevens,
            modelregister,
            organisatie,
            maand,
            voortgang.meld,
            read_getekend(werklijsten, model),
        )
    except RegisterFout as fout:
        # Labels do not wait for the registry; a rule in its place would be for good.
        inzet = _say_geen(model, "storing", f"Er zijn deze maand geen scores: {fout.gevonden}")
        return inzet, None, ontbreken
    with open_warehouse(werkplaats.map.warehouse) as warehouse:
        redenen = _find_stop(warehouse, gegevens, inzet)
    if redenen:
        modelregister.drop_kampioen(model, redenen)
        inzet = revert_to_regel(inzet, redenen)
    inzet = replace(inzet, kaart=add_maand(inzet.kaart, risico.to_peildatum(maand), ontbreken))
    return inzet, _SCOOR[model](gegevens, inzet, maand), ontbreken


def _say_geen(model: Model, stand: Stand, zin: str) -> Inzet:
    """Return that nothing chooses this month, and why."""
    return Inzet(model=model, stand=stand, scoreversie=stand, soort="geen", k=0, zin=zin)


def read_getekend(werklijsten: Werklijstregister, model: Model) -> frozenset[Verandering]:
    """Return the changes of a model's list that somebody signed for."""
    return frozenset((t.modelversie, t.kampioen) for t in werklijsten.list_tekeningen(model))


def _insert(warehouse: duckdb.DuckDBPyConnection, naam: str, frame: pd.DataFrame | None) -> None:
    if frame is None or not len(frame):
        return
    warehouse.register("rijen", frame)
    warehouse.execute(f"insert into buurtpeil.{naam} by name select * from rijen")
    warehouse.unregister("rijen")


def _find_stop(
    warehouse: duckdb.DuckDBPyConnection, gegevens: Gegevens, inzet: Inzet
) -> tuple[str, ...]:
    """Return why a champion must make room, from what it said before and what came of it.

    Of its own version alone: what another said is of a model that is gone, and its successor came
    through a gate that looked at those months. What it said before the rule last chose does not
    count either, or one that came back would never get the chance to do better.
    """
    if inzet.model != "overlast" or inzet.stand != "kampioen":
        return ()
    gepubliceerd = warehouse.execute(
        """
        with overlast as (
            select * from buurtpeil.gepubliceerde_risicoscore where model = 'overlast'
        )
        select complex_id, peildatum, kans from overlast
        where not is_regel and kans is not null and scoreversie = ?
            and peildatum > coalesce(
                (
                    select max(peildatum) from overlast
                    where is_regel and scoreversie <> 'gestopt'
                ),
                date '1970-01-01'
            )
        order by all
        """,
        [inzet.scoreversie],
    ).df()
    return check_gepubliceerd(gegevens, gepubliceerd, inzet.blokkades)


def check_meldingen(
    warehouse: duckdb.DuckDBPyConnection, breuken: Sequence[int] = ()
) -> dg.AssetCheckResult:
    """Return the control chart of all reports, as a check that warns.

    ``breuken`` are months of known changes: the chart is silent after them, not alarmed.
    """
    rijen = warehouse.execute(
        """
        select maand, sum(aantal_meldingen) as aantal, sum(aantal_eenheden) as eenheden
        from intermediate.int_overlast__complexmaand
        where is_gedekt_melding
        group by maand order by maand
        """
    ).df()
    if rijen.empty:
        return dg.AssetCheckResult(
            asset_key=RISICOSCORE,
            check_name=DRIFT,
            passed=True,
            severity=dg.AssetCheckSeverity.WARN,
            description="Er zijn geen meldingen geleverd.",
        )
    maand = rijen["maand"].to_numpy().astype("datetime64[M]").astype(np.int64)
    alle = np.arange(maand[0], maand[-1] + 1)
    plaats = maand - maand[0]
    aantal, omvang = np.full(len(alle), np.nan), np.full(len(alle), np.nan)
    aantal[plaats] = rijen["aantal"].astype(float).to_numpy()
    omvang[plaats] = rijen["eenheden"].astype(float).to_numpy()
    omvang = pd.Series(omvang).ffill().to_numpy()
    kaart = compute_regelkaart(alle, aantal, omvang, breuken=breuken)
    return dg.AssetCheckResult(
        asset_key=RISICOSCORE,
        check_name=DRIFT,
        passed=not bool(kaart.is_alarm[-1]),
        severity=dg.AssetCheckSeverity.WARN,
        description=kaart.zin,
        metadata={
            "regelkaart": dg.MetadataValue.md(
                _as_markdown(plot_regelkaart(kaart), "Meldingen per maand")
            )
        },
    )


def check_verloop(warehouse: duckdb.DuckDBPyConnection) -> dg.AssetCheckResult:
    """Return what changed in the scores since they were last published, as a check that warns."""
    k_van = dict(warehouse.execute("select model, k from buurtpeil.risicomodel").fetchall())
    vraag = (
        "select model, complex_id, peildatum, kans, rang from buurtpeil.{} "
        "where scoreversie != 'gestopt' order by all"
    )
    nu = warehouse.execute(vraag.format(SCORE)).df()
    eerder = warehouse.execute(vraag.format("gepubliceerde_risicoscore")).df()
    signalen = {
        model: describe_verloop(
            nu[nu["model"] == model], eerder[eerder["model"] == model], k_van[model]
        )
        for model in MODELLEN
        # The rule has no length of its own; its list is as long as people can handle.
        if k_van.get(model)
    }
    zinnen = [f"{model}: {s.zin}" for model, rij in signalen.items() for s in rij]
    return dg.AssetCheckResult(
        asset_key=RISICOSCORE,
        check_name=VERLOOP,
        passed=not any(s.is_alarm for rij in signalen.values() for s in rij),
        severity=dg.AssetCheckSeverity.WARN,
        description=" ".join(zinnen) or "Er is nog geen vorige maand om mee te vergelijken.",
    )


def check_ontbreken(signalen: Mapping[Model, Sequence[Signaal]]) -> dg.AssetCheckResult:
    """Return how much of each feature is unknown, as a check that warns."""
    alarmen = [f"{model}: {s.zin}" for model, rij in signalen.items() for s in rij if s.is_alarm]
    gevuld = {model: rij for model, rij in signalen.items() if rij}
    goed = "Van elk kenmerk is ongeveer evenveel bekend als bij het leren."
    return dg.AssetCheckResult(
        asset_key=RISICOSCORE,
        check_name=ONTBREKEN,
        passed=not alarmen,
        severity=dg.AssetCheckSeverity.WARN,
        description=" ".join(alarmen)
        or (goed if gevuld else "Er zijn nog geen maanden om mee te vergelijken."),
        metadata={
            model: dg.MetadataValue.md(render_signalen(rij)) for model, rij in gevuld.items()
        },
    )


def _judge(inzet: Inzet) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=RISICOMODEL,
        check_name=POORT.format(inzet.model),
        passed=inzet.stand == "kampioen",
        severity=dg.AssetCheckSeverity.WARN,
        description=inzet.zin,
        metadata={"niet gehaald": dg.MetadataValue.json(list(inzet.gezakt))},
    )


def _describe(inzetten: list[Inzet]) -> dict[str, Any]:
    uit: dict[str, Any] = {}
    for inzet in inzetten:
        uit[f"{inzet.model}: stand"] = inzet.stand
        uit[f"{inzet.model}: versie"] = inzet.scoreversie
        uit[f"{inzet.model}: nu getraind"] = inzet.is_nieuw_getraind
        if inzet.kaart:
            uit[f"{inzet.model}: modelkaart"] = dg.MetadataValue.md(inzet.kaart)
        for naam, beeld in inzet.beelden.items():
            stam = naam.removesuffix(".png").replace("_", " ")
            uit[f"{inzet.model}: {stam}"] = dg.MetadataValue.md(_as_markdown(beeld, stam))
    return uit


def _as_markdown(beeld: bytes, titel: str) -> str:
    return f"![{titel}](data:image/png;base64,{base64.b64encode(beeld).decode()})"
