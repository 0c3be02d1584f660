"""The risk models on delivered data: what is read, when a model is trained, what scores today.

Belongs here: reading panels from the warehouse, the calendar of training, keeping what was trained
in the registry, and the rows that go to ``buurtpeil.risicoscore`` and ``buurtpeil.risicomodel``.
Does not belong here: examining and judging (``models``), the Dagster assets (``assets.risico``),
worklists (``werklijst``).

A model is trained on what was known on the first day of a half year (overlast) or year
(woonfraude). The same deliveries thus give the same version, whatever day the run is on, and a
version that the registry has is not trained again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, Literal, TypeAlias, TypedDict

import duckdb
import numpy as np
import pandas as pd

from models.overlast import cohort as overlast_cohort
from models.overlast import evaluatie as overlast_evaluatie
from models.overlast import keuring as overlast_keuring
from models.overlast import regel as overlast_regel
from models.overlast import training as overlast_training
from models.overlast.piek import Piekhoofd, examine_piek
from models.registry import (
    Herkomst,
    Modelregister,
    Modelrun,
    Venstermaten,
    compute_modelversie,
    hash_code,
    hash_data,
    hash_paneel,
)
from models.risico import (
    bootstrap,
    dekking,
    eerlijkheid,
    ijking,
    maten,
    poort,
    schatters,
    selectie,
    tekenlogistiek,
    tijdsplitsing,
)
from models.risico import keuring as risico_keuring
from models.risico.beelden import (
    plot_eerlijkheid,
    plot_gewichten,
    plot_ijking,
    plot_kcurve,
    plot_precisie_recall,
)
from models.risico.dekking import find_gedekt
from models.risico.drift import (
    Signaal,
    Toetsvenster,
    check_stopregel,
    compare_gemiddelde,
    compute_verloop,
)
from models.risico.kenmerk import Kenmerk
from models.risico.maten import DREMPEL_K, KCurve, choose_k, compute_ap, compute_oe
from models.risico.modelkaart import Kaartfeiten, Vensterrij, find_ontbrekend, render_modelkaart
from models.risico.onzekerheid import HERTRAININGEN, OnzekerheidFout, estimate_onzekerheid
from models.risico.paneel import Geheel, Getal, Paneel, Vlag
from models.risico.poort import Poortbesluit, Uitslag, decide_poort
from models.risico.schatters import Schatter
from models.risico.tekenlogistiek import TekenLogistiek
from models.risico.tijdsplitsing import TijdFout
from models.risico.uitleg import explain_kampioen
from models.risico.werklijst import compute_rang
from models.woonfraude import cohort as woonfraude_cohort
from models.woonfraude import evaluatie as woonfraude_evaluatie
from models.woonfraude import keuring as woonfraude_keuring
from models.woonfraude import regel as woonfraude_regel
from models.woonfraude import training as woonfraude_training
from orchestration.risico_paneel import (
    build_overlast_paneel,
    build_woonfraude_paneel,
    match_uitkomst,
    read_toegestaan,
)
from orchestration.werkmap import DBT_MAP
from sources.organisatie import Beleidswijziging, Organisatie
from vera.werklijst import Model

Stand: TypeAlias = Literal["kampioen", "regel", "gestopt", "storing"]

SCORE: Final = "risicoscore"
MODEL: Final = "risicomodel"
KOLOMMEN: Final[Mapping[str, str]] = {
    SCORE: (
        "model varchar, complex_id varchar, peildatum date, scoreversie varchar, "
        "is_regel boolean, kans double, kans_laag double, kans_hoog double, rang integer, "
        "kans_top_k double, band varchar, redenen varchar, kans_piek double"
    ),
    MODEL: (
        "model varchar, peildatum date, stand varchar, scoreversie varchar, soort varchar, "
        "k integer, getraind_op date, aantal_complexen integer, zin varchar, gezakt varchar, "
        "kaart varchar"
    ),
}
"""What a run writes for dbt, in schema ``buurtpeil``."""
MAANDEN_GELDIG: Final[Mapping[Model, int]] = {"overlast": 6, "woonfraude": 12}
"""Months between trainings; the first of them is January."""
AANDEEL_LIJST = 0.10
"""Share of the complexes that a list may hold at most, whatever the curve says."""
MET_UITLEG: Final = frozenset({"lineair"})
"""Kinds of model whose score can be explained exactly. Others are measured, not promoted."""
MAANDEN_UITLOOP = 9
"""Months after an escalation in which a complex is not scored, as in ``int_overlast__uitkomst``."""
_SINDS_ESCALATIE: Final = "escalatie_maanden_geleden"
_GEDEELDE_CODE: Final = (
    bootstrap, dekking, eerlijkheid, ijking, maten, poort, risico_keuring, schatters, selectie,
    tekenlogistiek, tijdsplitsing,
)  # fmt: skip
"""What a model and its verdict are made with: a change in it is another version, judged anew."""
_CIJFERS = 12
_MAANDEN_TERUG = 12
_REGELVERSIE: Final = "regel-1"
_REGEL_KIEST: Final = "De vaste regel doet het werk."
_TRAININGSMAAND: Final = "trainingsmaand"


@dataclass(frozen=True, eq=False)
class Gegevens:
    """What the warehouse holds of one prediction.

    Attributes
    ----------
    paneel
        Complexes by month; ``buurt`` is an index into ``buurten``.
    buurten
        CBS code or own id, for the fairness report alone.
    samenstelling : ndarray, shape (B,)
        CBS figure per buurt; NaN where there is none. No model sees it.
    log
        Inspections (woonfraude); None of overlast.
    piek : ndarray, shape (R,), optional
        Whether a surge of reports followed (overlast, second head); NaN while open or out of the
        cohort.
    in_cohort : ndarray of bool, shape (R,), optional
        Complexes that are not known to be in the wash-out after an escalation (overlast).
    """

    paneel: Paneel
    buurten: tuple[str, ...]
    samenstelling: Getal
    log: woonfraude_cohort.Onderzoeklog | None = None
    piek: Getal | None = None
    in_cohort: Vlag | None = None


@dataclass(frozen=True, eq=False)
class Inzet:
    """What scores now, and why.

    Attributes
    ----------
    stand
        ``kampioen``, ``regel``, ``gestopt`` by a person, or ``storing``: the registry cannot be
        used, and nothing scores this month.
    schatter, kenmerken
        Of the champion; None where the rule does the work.
    k
        Longest list of the model that the evaluation allows.
    zin
        In Dutch, for the page.
    kaart
        Model card; empty where the rule does the work.
    """

    model: Model
    stand: Stand
    scoreversie: str
    soort: str
    k: int
    zin: str
    getraind_op: date | None = None
    gezakt: tuple[str, ...] = ()
    kaart: str = ""
    schatter: Schatter | None = None
    kenmerken: tuple[str, ...] = ()
    beelden: Mapping[str, bytes] = field(default_factory=dict)
    is_nieuw_getraind: bool = False


# --- reading


def create_tables(warehouse: duckdb.DuckDBPyConnection, *namen: str) -> None:
    """Make the tables of this step (all when none is named) anew, without rows."""
    for naam in namen or KOLOMMEN:
        warehouse.execute(f"create or replace table buurtpeil.{naam} ({KOLOMMEN[naam]})")


def read_overlast(warehouse: duckdb.DuckDBPyConnection) -> Gegevens:
    """Return the panel of overlast; without rows where no report was ever delivered."""
    tabel = _read(warehouse, "int_overlast__kenmerk", "peildatum, complex_id")
    uitkomst = _read(warehouse, "int_overlast__uitkomst", "peildatum, complex_id")
    paneel = build_overlast_paneel(tabel, read_toegestaan("overlast"), None)
    escalatie, piek = match_uitkomst(paneel, uitkomst)
    paneel = replace(paneel, y=escalatie)
    buurten = _list_buurten(tabel["buurt_id"].unique().to_pylist())
    return Gegevens(
        paneel,
        buurten,
        read_samenstelling(warehouse, buurten),
        piek=piek,
        # Who learns must know of all nine months; who scores leaves out what is known to run.
        # A month of dossiers that comes late would else take every complex off the list.
        in_cohort=~(paneel.x[:, paneel.namen.index(_SINDS_ESCALATIE)] <= MAANDEN_UITLOOP),
    )


def read_woonfraude(warehouse: duckdb.DuckDBPyConnection) -> Gegevens:
    """Return the panel of woonfraude with its inspections.

    The features hold no place (the firewall); the buurt of each complex comes from the list of
    complexes, for the fairness report and the intervals.
    """
    tabel = _read(warehouse, "int_woonfraude__kenmerk", "peildatum, complex_id")
    paneel = build_woonfraude_paneel(tabel, read_toegestaan("woonfraude"))
    plaats = dict(
        warehouse.execute(
            "select complex_id, max(buurt_id) from intermediate.int_overlast__complexmaand "
            "group by complex_id"
        ).fetchall()
    )
    per_rij = [str(plaats.get(c) or c) for c in paneel.complex_id.tolist()]
    buurten = _list_buurten(per_rij)
    paneel = replace(paneel, buurt=np.searchsorted(np.array(buurten), np.array(per_rij)))
    rijen = warehouse.execute(
        "select complex_id, maand, bekend_vanaf, reden_code, selectiekans, is_treffer "
        "from intermediate.int_woonfraude__onderzoek order by maand, onderzoek_id"
    ).df()
    kans = rijen["selectiekans"].to_numpy().astype(np.float64)
    log = woonfraude_cohort.Onderzoeklog(
        complex_id=rijen["complex_id"].to_numpy().astype(np.str_),
        maand=_to_maand(rijen["maand"]),
        bekend=_to_maand(rijen["bekend_vanaf"]),
        reden=rijen["reden_code"].to_numpy().astype(np.str_),
        # What was chosen had a chance: 0 is what rounding or a form left of an unknown one.
        selectiekans=np.where(kans > 0, kans, np.nan),
        is_treffer=rijen["is_treffer"].to_numpy().astype(np.float64),
    )
    return Gegevens(paneel, buurten, read_samenstelling(warehouse, buurten), log)


def read_samenstelling(warehouse: duckdb.DuckDBPyConnection, buurten: Sequence[str]) -> Getal:
    """Return the newest CBS figure of each buurt, shape (B,); NaN where there is none."""
    gevonden = dict(
        warehouse.execute(
            """
            select regio_code, max_by(
                coalesce(
                    niet_westers_pct, 100.0 * niet_westers_aantal / nullif(inwoners_aantal, 0)
                ), jaar
            )
            from toetsing.samenstelling
            where soort_regio = 'Buurt'
            group by regio_code
            """
        ).fetchall()
    )
    return np.array([np.nan if gevonden.get(b) is None else gevonden[b] for b in buurten])


def _read(warehouse: duckdb.DuckDBPyConnection, model: str, orde: str) -> Any:
    return warehouse.sql(f"select * from intermediate.{model} order by {orde}").to_arrow_table()


def _list_buurten(ids: Sequence[str | None]) -> tuple[str, ...]:
    return tuple(sorted({str(b) for b in ids}))


def _to_maand(kolom: pd.Series[Any]) -> Geheel:
    return kolom.to_numpy().astype("datetime64[M]").astype(np.int64)


def to_peilmaand(dag: date) -> int:
    """Return the months since 1970-01 of the first of the month of a day."""
    return (dag.year - 1970) * 12 + dag.month - 1


def to_peildatum(maand: int) -> date:
    """Return the first day of a month."""
    return date(1970 + maand // 12, maand % 12 + 1, 1)


# --- training


def find_trainingsmaand(model: Model, nu: int) -> int:
    """Return the first month of the half year or year that a month is in.

    Examples
    --------
    >>> to_peildatum(find_trainingsmaand("overlast", to_peilmaand(date(2026, 9, 1))))
    datetime.date(2026, 7, 1)
    """
    return nu - nu % MAANDEN_GELDIG[model]


def hash_sql(*modellen: str) -> str:
    """Return the hash of the SQL of dbt models: what an outcome and its features are."""
    som = hashlib.sha256()
    for naam in modellen:
        (pad,) = DBT_MAP.glob(f"models/**/{naam}.sql")
        som.update(pad.read_bytes())
    return som.hexdigest()


def deploy_overlast(
    gegevens: Gegevens,
    register: Modelregister,
    organisatie: Organisatie,
    nu: int,
    meld: Callable[[int, int, str], None],
) -> Inzet:
    """Return what scores overlast in month ``nu``, after training when its half year has begun.

    Parameters
    ----------
    gegevens
        From :func:`read_overlast`.
    register
        The registry; champion and gate results stand there.
    organisatie
        Who answers for the model, and known changes of policy.
    nu
        Peilmaand.
    meld
        Told how far it is.
    """
    model: Model = "overlast"
    if not len(gegevens.paneel):
        return _use_regel(model, "Er zijn geen meldingen van overlast geleverd.")
    t = find_trainingsmaand(model, nu)
    paneel = _as_known(gegevens.paneel, t, overlast_cohort.Cohort().horizon)
    leer = overlast_keuring.select_leerbaar(paneel, t)
    wijzigingen = [to_peilmaand(w.vanaf) for w in _list_wijzigingen(organisatie, model, t)]
    try:
        overlast_keuring.list_vensters(paneel)
    except TijdFout as fout:
        return _use_regel(model, f"Er is nog te weinig om van te leren. {fout.gevonden}")
    code = hash_code(
        *_GEDEELDE_CODE, overlast_training, overlast_cohort, overlast_evaluatie, overlast_keuring,
        overlast_regel,
    )  # fmt: skip
    gedekt, _ = find_gedekt(leer, overlast_training.KENMERKEN)
    kenmerken = leer.select_kenmerken(gedekt).kenmerken
    herkomst = {
        soort: Herkomst(
            data_sha256=hash_paneel(leer),
            code_sha256=code,
            kenmerken=kenmerken,
            parameters={
                "soort": soort,
                "alpha": overlast_training.ALPHA,
                "trainingsmaand": t,
                "wijzigingen": json.dumps(wijzigingen),
                "sql": hash_sql("int_overlast__kenmerk", "int_overlast__uitkomst"),
                "verantwoording": _hash_verantwoording(organisatie, model),
                "buurten_met_cijfer": _count_cijfers(gegevens),
            },
        )
        for soort in overlast_keuring.KANDIDATEN
    }
    bekend = {versie.modelversie for versie in register.list_versies(model)}
    versies = {soort: compute_modelversie(model, h) for soort, h in herkomst.items()}
    if set(versies.values()) <= bekend:
        _settle(model, register, versies["lineair"])
        return _load(model, register, t, versies["lineair"])
    keuringen = {}
    for klaar, soort in enumerate(overlast_keuring.KANDIDATEN):
        meld(klaar, len(overlast_keuring.KANDIDATEN), f"{model}: {soort}")
        keuringen[soort] = overlast_keuring.examine(
            paneel,
            soort,
            nu=t,
            samenstelling=gegevens.samenstelling,
            wijzigingen=wijzigingen,
            rng=_rng(model, soort, t),
        )
    nieuwste = paneel.select(paneel.peilmaand == t)
    piek = train_piek(gegevens, t)
    return _judge_overlast(keuringen, herkomst, register, organisatie, leer, nieuwste, t, piek)


def _judge_overlast(
    keuringen: Mapping[str, overlast_keuring.Keuring],
    herkomst: Mapping[str, Herkomst],
    register: Modelregister,
    organisatie: Organisatie,
    leer: Paneel,
    nieuwste: Paneel,
    t: int,
    piek: Piekhoofd | None,
) -> Inzet:
    model: Model = "overlast"
    toegestaan = [k.naam for k in read_toegestaan(model)]
    huidig = register.load_kampioen(model)
    tegen: overlast_keuring.Keuring | None = None
    per_naam = {k.naam: k for k in leer.kenmerken}
    if huidig is not None and (weg := [n for n in huidig.kenmerken if n not in per_naam]):
        # A feature that was taken off the allow-list takes the model that reads it along.
        register.drop_kampioen(model, [f"Het model las {', '.join(weg)}. Dat mag niet meer."])
        huidig = None
    if huidig is not None:
        eigen = keuringen[_soort_of(huidig.schatter)]
        kenmerken = tuple(per_naam[naam] for naam in huidig.kenmerken)
        tegen = replace(
            eigen,
            training=replace(eigen.training, schatter=huidig.schatter, kenmerken=kenmerken),
        )
    winnaar: str | None = None
    besluiten: dict[str, Poortbesluit] = {}
    beelden: dict[str, dict[str, bytes]] = {}
    for soort, keuring in keuringen.items():
        versie = compute_modelversie(model, herkomst[soort])
        feiten = build_kaart_overlast(keuring, versie, organisatie, len(nieuwste), leer, t, piek)
        is_compleet = not find_ontbrekend(feiten)
        beelden[soort] = draw_overlast(keuring, feiten.k)

        def build(
            k: overlast_keuring.Keuring,
            v: str,
            kampioen: overlast_keuring.Keuring | None,
            is_compleet: bool = is_compleet,
        ) -> Uitslag:
            return overlast_keuring.build_uitslag(
                k,
                v,
                toegestaan=toegestaan,
                is_kaart_compleet=is_compleet,
                rng=_rng(model, "poort", t),
                kampioen=kampioen,
                nieuwste=nieuwste if kampioen else None,
            )

        besluit = decide_poort(
            build(keuring, versie, tegen), build(tegen, "kampioen", None) if tegen else None
        )
        besluiten[soort] = besluit
        register.log_run(
            Modelrun(
                model=model,
                schatter=keuring.training.schatter,
                proef=leer.select_kenmerken([k.naam for k in keuring.training.kenmerken]).x,
                herkomst=herkomst[soort],
                vensters=tuple(
                    Venstermaten(dag, maten)
                    for dag, maten in zip(keuring.vensters, keuring.measure_vensters(), strict=True)
                ),
                totalen={
                    **_as_totalen(keuring.ijking),
                    "overlap_hertraining": keuring.overlap,
                    "k": float(feiten.k),
                    _TRAININGSMAAND: float(t),
                },
                kaart=render_modelkaart(feiten) if is_compleet else _say_onvolledig(feiten),
                bestanden=beelden[soort],
            )
        )
        register.register_versie(model, versie, besluit)
        if besluit.conclusie == "uitdager_wordt_kampioen" and soort in MET_UITLEG:
            winnaar, tegen = soort, keuring
    lineair = besluiten["lineair"]
    if winnaar is not None:
        register.set_kampioen(model, compute_modelversie(model, herkomst[winnaar]))
    elif lineair.conclusie == "regel_blijft":
        register.drop_kampioen(model)
    inzet = _load(model, register, t, compute_modelversie(model, herkomst["lineair"]))
    return replace(
        inzet,
        beelden=beelden[winnaar or "lineair"],
        is_nieuw_getraind=True,
    )


def deploy_woonfraude(
    gegevens: Gegevens,
    register: Modelregister,
    organisatie: Organisatie,
    nu: int,
    meld: Callable[[int, int, str], None],
) -> Inzet:
    """Return what scores woonfraude in month ``nu``, after training when its year has begun."""
    model: Model = "woonfraude"
    t = find_trainingsmaand(model, nu)
    if gegevens.log is None or not len(gegevens.log):
        return _use_regel(model, "Er zijn geen onderzoeken geleverd.")
    log = gegevens.log.select(gegevens.log.bekend < t)
    paneel = gegevens.paneel.select(gegevens.paneel.peilmaand <= t)
    try:
        in_paneel = woonfraude_cohort.find_rijen(paneel, log.complex_id, log.maand) >= 0
        woonfraude_keuring.list_vensters(log.select(in_paneel), t)
    except TijdFout as fout:
        return _use_regel(model, f"Er is nog te weinig onderzocht. {fout.gevonden}")
    geleerd = woonfraude_cohort.build_trainingset(paneel, log, t)
    gedekt, _ = find_gedekt(paneel.select(geleerd.paneelrij), woonfraude_training.KENMERKEN)
    herkomst = Herkomst(
        data_sha256=hash_data(
            {
                "paneel": np.frombuffer(hash_paneel(paneel).encode(), dtype=np.uint8),
                "complex_id": log.complex_id,
                "maand": log.maand,
                "bekend": log.bekend,
                "reden": log.reden,
                "selectiekans": log.selectiekans,
                "is_treffer": log.is_treffer,
            }
        ),
        code_sha256=hash_code(
            *_GEDEELDE_CODE, woonfraude_training, woonfraude_cohort, woonfraude_evaluatie,
            woonfraude_keuring, woonfraude_regel,
        ),
        kenmerken=paneel.select_kenmerken(gedekt).kenmerken,
        parameters={
            "soort": woonfraude_keuring.SOORT,
            "alpha": woonfraude_training.ALPHA,
            "trainingsmaand": t,
            "sql": hash_sql("int_woonfraude__kenmerk", "int_woonfraude__onderzoek"),
            "verantwoording": _hash_verantwoording(organisatie, model),
            "buurten_met_cijfer": _count_cijfers(gegevens),
        },
    )  # fmt: skip
    versie = compute_modelversie(model, herkomst)
    if versie in {v.modelversie for v in register.list_versies(model)}:
        _settle(model, register, versie)
        return _load(model, register, t, versie)
    meld(0, 1, model)
    keuring = woonfraude_keuring.examine(
        paneel,
        log,
        nu=t,
        samenstelling=gegevens.samenstelling,
        rng=_rng(model, keuring_soort := woonfraude_keuring.SOORT, t),
    )
    feiten = build_kaart_woonfraude(keuring, versie, organisatie, paneel, t)
    is_compleet = not find_ontbrekend(feiten)
    besluit = decide_poort(
        woonfraude_keuring.build_uitslag(
            keuring,
            versie,
            toegestaan=[k.naam for k in read_toegestaan(model)],
            is_kaart_compleet=is_compleet,
        ),
        None,
    )
    proef = paneel.select_kenmerken([k.naam for k in keuring.training.kenmerken]).x
    beelden = draw_woonfraude(keuring)
    register.log_run(
        Modelrun(
            model=model,
            schatter=keuring.training.schatter,
            proef=woonfraude_cohort.add_reden(proef[-200:]),
            herkomst=herkomst,
            vensters=tuple(
                Venstermaten(dag, maten)
                for dag, maten in zip(keuring.vensters, keuring.measure_vensters(), strict=True)
            ),
            totalen={
                **_as_totalen(keuring.ijking),
                "kans_boven_regel": keuring.kans_boven_regel,
                "k": float(feiten.k),
                _TRAININGSMAAND: float(t),
            },
            kaart=render_modelkaart(feiten) if is_compleet else _say_onvolledig(feiten),
            bestanden=beelden,
        )
    )
    register.register_versie(model, versie, besluit)
    if besluit.conclusie == "uitdager_wordt_kampioen" and keuring_soort in MET_UITLEG:
        register.set_kampioen(model, versie)
    else:
        register.drop_kampioen(model)
    inzet = _load(model, register, t, versie)
    return replace(inzet, beelden=beelden, is_nieuw_getraind=True)


def _as_known(paneel: Paneel, t: int, horizon: int) -> Paneel:
    """Return the panel as it was known in month ``t``: later rows gone, open outcomes unknown."""
    deel = paneel.select(paneel.peilmaand <= t)
    return replace(deel, y=np.where(deel.peilmaand <= t - horizon, deel.y, np.nan))


def _list_wijzigingen(
    organisatie: Organisatie, model: Model, t: int
) -> tuple[Beleidswijziging, ...]:
    """Return the known changes of policy of a model up to month ``t``; later ones teach later."""
    return tuple(
        w for w in organisatie.beleidswijzigingen if w.model == model and to_peilmaand(w.vanaf) <= t
    )


def _hash_verantwoording(organisatie: Organisatie, model: Model) -> str:
    rijen = [repr(v) for v in organisatie.verantwoording if v.model == model]
    return hashlib.sha256("\n".join(rijen).encode()).hexdigest()[:_CIJFERS]


def _count_cijfers(gegevens: Gegevens) -> int:
    """Return how many buurten have a CBS figure: when it comes, the gate must judge anew."""
    return int(np.isfinite(gegevens.samenstelling).sum())


def _rng(*delen: object) -> np.random.Generator:
    tekst = "|".join(map(str, delen))
    zaad = int.from_bytes(hashlib.blake2b(tekst.encode(), digest_size=8).digest(), "big")
    return np.random.default_rng(zaad)


def _soort_of(schatter: Schatter) -> str:
    """Return which kind of model a pipeline is."""
    if isinstance(schatter.named_steps["model"], TekenLogistiek):
        return "lineair"
    return "boosting" if "leeg" in schatter.named_steps else "gam"


def _use_regel(model: Model, zin: str, gezakt: tuple[str, ...] = ()) -> Inzet:
    return Inzet(
        model=model,
        stand="regel",
        scoreversie=_REGELVERSIE,
        soort="regel",
        k=0,
        zin=f"{_REGEL_KIEST} {zin}",
        getraind_op=None,
        gezakt=gezakt,
    )


def _settle(model: Model, register: Modelregister, versie: str) -> None:
    """Let what the gate said of a known version be what scores.

    A run may have died between the two, and what was said before may come back: without who
    answers for it no model scores, also when one did so yesterday. What the stop rule took away
    stays away.
    """
    versies = {v.modelversie: v for v in register.list_versies(model)}
    eigen = versies[versie]
    if eigen.conclusie == "regel_blijft":
        register.drop_kampioen(model)
    elif eigen.conclusie == "uitdager_wordt_kampioen" and not eigen.gestopt_omdat:
        register.set_kampioen(model, versie)


def _load(model: Model, register: Modelregister, t: int, versie: str) -> Inzet:
    """Return the champion of the registry, or the rule when there is none.

    ``versie`` is what was trained in month ``t``: the registry says why it does not score, and
    says the same in every run.
    """
    geladen = register.load_kampioen(model)
    if geladen is None:
        versies = register.list_versies(model)
        (eigen,) = (v for v in versies if v.modelversie == versie)
        gestopt_omdat = eigen.gestopt_omdat
        if eigen.conclusie == "kampioen_blijft":
            # What chose was an older one, so that it is what had to make room.
            ouder = [v for v in versies if v.kampioen_sinds is not None]
            ouder.sort(key=lambda v: (v.kampioen_sinds, v.nummer))
            gestopt_omdat = ouder[-1].gestopt_omdat if ouder else ()
        if gestopt_omdat:
            return _use_regel(model, " ".join(gestopt_omdat), gestopt_omdat)
        zin = "Het getrainde model kwam niet door de poort: " + " ".join(eigen.gezakt)
        if not eigen.gezakt:
            zin = "Er is geen model dat door de poort kwam."
        return _use_regel(model, zin, eigen.gezakt)
    return Inzet(
        model=model,
        stand="kampioen",
        scoreversie=geladen.versie.modelversie,
        soort=_soort_of(geladen.schatter),
        k=int(geladen.totalen["k"]),
        zin="Een getraind model kiest, en is door de poort.",
        # A champion that a challenger did not beat is older than this half year.
        getraind_op=to_peildatum(int(geladen.totalen.get(_TRAININGSMAAND, t))),
        kaart=geladen.kaart,
        schatter=geladen.schatter,
        kenmerken=geladen.kenmerken,
    )


# --- what is written of a model


def choose_lengte(n: int, curve: KCurve | None = None) -> int:
    """Return the longest list that is allowed: never more than a tenth of all complexes.

    Parameters
    ----------
    n
        Complexes.
    curve
        What each block of a list of complexes is worth (overlast). Of woonfraude the inspections
        that were done say nothing of a list of complexes; there the budget sets the length.
    """
    hoogstens = max(1, round(AANDEEL_LIJST * n))
    return hoogstens if curve is None else max(1, choose_k(curve, hoogstens))


class _Verantwoord(TypedDict, total=False):
    eigenaar: str
    grondslag: str
    dpia_id: str
    bezwaar: str


def _verantwoord(organisatie: Organisatie, model: Model) -> _Verantwoord:
    """Return who answers for a model; empty texts where nobody said so, which fails the gate."""
    for v in organisatie.verantwoording:
        if v.model == model:
            return {"eigenaar": v.eigenaar, "grondslag": v.grondslag, "dpia_id": v.dpia,
                    "bezwaar": v.bezwaar}  # fmt: skip
    return {}


def _gewichten(schatter: Schatter, kenmerken: Sequence[Kenmerk]) -> dict[str, float]:
    model = schatter.named_steps["model"]
    if not isinstance(model, TekenLogistiek):
        return {}
    return {k.naam: float(c) for k, c in zip(kenmerken, model.coef_, strict=False)}


def _as_totalen(ijking: risico_keuring.Ijkmaten) -> dict[str, float]:
    return {naam: float(w) for naam, w in ijking.items() if isinstance(w, float)}


def _say_onvolledig(feiten: Kaartfeiten) -> str:
    return (
        f"# Modelkaart {feiten.model} (niet compleet)\n\nOp deze kaart ontbreekt: "
        f"{', '.join(find_ontbrekend(feiten))}. Zonder complete kaart komt een model niet door de "
        "poort en doet de vaste regel het werk.\n"
    )


def _say_piek(piek: Piekhoofd | None) -> str:
    """Return what the card says of the second head."""
    if piek is None:
        return ""

    def toon(waarde: float, cijfers: int = 2) -> str:
        return f"{waarde:.{cijfers}f}".replace(".", ",")

    oordeel = (
        "De kans wordt getoond, en bepaalt de volgorde niet."
        if piek.is_bruikbaar
        else "Dat is niet goed genoeg: de kans wordt niet getoond."
    )
    return (
        " Tweede uitkomst, met dezelfde kenmerken: de kans op een piek van meldingen in dezelfde "
        f"maanden. Op dezelfde toetsen was de gemiddelde precisie {toon(piek.ap, 3)}, en "
        f"{toon(piek.ap_persistentie, 3)} bij persistentie; gebeurd gedeeld door voorspeld was "
        f"{toon(piek.oe.verhouding)} ({toon(piek.oe.onder)} tot {toon(piek.oe.boven)}). {oordeel}"
    )


def build_kaart_overlast(
    keuring: overlast_keuring.Keuring,
    versie: str,
    organisatie: Organisatie,
    complexen: int,
    leer: Paneel,
    t: int,
    piek: Piekhoofd | None = None,
) -> Kaartfeiten:
    """Return the facts of the card of a model of overlast; ``complexen`` there were in ``t``."""
    c = overlast_cohort.Cohort()
    v = keuring.voorspelling
    maten = keuring.measure_vensters()
    wijzigingen = _list_wijzigingen(organisatie, "overlast", t)
    return Kaartfeiten(
        model="overlast",
        modelversie=versie,
        datum=to_peildatum(t),
        is_synthetisch=organisatie.synthetisch,
        **_verantwoord(organisatie, "overlast"),
        doel=(
            "Vroeg zien in welke complexen overlast kan oplopen tot een officiële waarschuwing, "
            "bemiddeling of een rechtszaak. Dan kan een wijkbeheerder eerder gaan kijken."
        ),
        cohort=(
            f"complexen met minstens {c.minimum_eenheden} woningen, die de laatste 9 maanden niet "
            "in zo'n fase kwamen; elke maand"
        ),
        uitkomst=(
            f"De kans dat in de {c.horizon} maanden na de peildatum voor het eerst een officiële "
            "waarschuwing, bemiddeling of rechtszaak wordt vastgelegd." + _say_piek(piek)
        ),
        label_hash=hash_sql("int_overlast__uitkomst")[:_CIJFERS],
        data_van=to_peildatum(int(leer.peilmaand.min())),
        data_tot=to_peildatum(int(leer.peilmaand.max()) + c.horizon),
        kenmerken=keuring.training.kenmerken,
        gewichten=_gewichten(keuring.training.schatter, keuring.training.kenmerken),
        vervallen=keuring.training.weggelaten,
        vensters=tuple(
            Vensterrij(
                naam=dag.isoformat(),
                rijen=int(m["rijen"]),
                gebeurtenissen=int(m["gebeurtenissen"]),
                waarde=m["ap"],
                waarde_regel=m["ap_regel"],
                waarde_persistentie=m["ap_persistentie"],
                precisie=m["precisie_top"],
                precisie_regel=m["precisie_top_regel"],
                precisie_persistentie=m["precisie_top_persistentie"],
                auc=m["auc"],
                lift=m["precisie_top"] * m["rijen"] / max(m["gebeurtenissen"], 1.0),
            )
            for dag, m in zip(keuring.vensters, maten, strict=True)
        ),
        ece=keuring.ijking["ece"],
        ece_vloer=keuring.ijking["ece_vloer"],
        helling=keuring.ijking["helling"],
        oe=compute_oe(v.y, v.model),
        k=choose_lengte(complexen, keuring.k_curve),
        kcurve=keuring.k_curve,
        eerlijkheid=keuring.eerlijkheid.maten,
        omwegen=keuring.eerlijkheid.omwegen,
        voorspelbaarheid=keuring.eerlijkheid.voorspelbaarheid,
        helling_samenstelling=keuring.eerlijkheid.helling,
        aselect_aandeel=0.10,
        selectiebias=(
            "Een melding wordt overal vastgelegd, of een complex op de lijst staat of niet. Van "
            "een tiende van de lijst wordt het eerste jaar niets gezegd: zo is te zien wat er "
            "zonder de lijst gebeurt."
        ),
        drift=(),
        bekende_fouten=(
            "In sommige buurten wordt minder gemeld dan er gebeurt. Daar ziet het model minder.",
            "In een klein complex gebeurt zo weinig dat het bijna nooit op de lijst komt.",
            "Een nieuwe manier van melden lijkt even op meer overlast.",
            *keuring.eerlijkheid.uitkomst,
        ),
        wijzigingen=(
            f"Getraind op wat op {to_peildatum(t):%d-%m-%Y} bekend was ({keuring.soort}).",
            *(
                f"Beleid veranderde op {w.vanaf:%d-%m-%Y}: {w.reden} (vastgesteld door "
                f"{w.vastgesteld_door}). Daarop is het niveau van de kans bijgesteld met "
                f"{keuring.training.verschuiving:.2f} log-odds."
                for w in wijzigingen
            ),
        ),
        samenvatting=(
            "Dit model telt meldingen, ernst, eerdere dossiers en de schouw van een complex bij "
            "elkaar op. Het zegt waar overlast kan oplopen. Het weet niets van bewoners en zegt "
            "niets over een woning. Een medewerker beslist wat er gebeurt."
        ),
    )


def build_kaart_woonfraude(
    keuring: woonfraude_keuring.Keuring,
    versie: str,
    organisatie: Organisatie,
    paneel: Paneel,
    t: int,
) -> Kaartfeiten:
    """Return the facts of the card of a model of woonfraude."""
    nu = paneel.peilmaand == paneel.peilmaand.max()
    nan = float("nan")
    return Kaartfeiten(
        model="woonfraude",
        modelversie=versie,
        datum=to_peildatum(t),
        is_synthetisch=organisatie.synthetisch,
        **_verantwoord(organisatie, "woonfraude"),
        doel=(
            "Zien in welke complexen een onderzoek naar gebruik van woningen in strijd met het "
            "contract het vaakst iets bevestigt, zodat woningen vrijkomen voor wie wacht."
        ),
        cohort=f"complexen met minstens {woonfraude_cohort.MINIMUM_EENHEDEN} woningen; elke maand",
        uitkomst=(
            "De kans dat één eigen onderzoek van één adres in het complex een geval bevestigt. Een "
            "onderzoek is een vermoeden en geen vaststelling."
        ),
        label_hash=hash_sql("int_woonfraude__onderzoek")[:_CIJFERS],
        data_van=to_peildatum(int(paneel.peilmaand.min())),
        data_tot=to_peildatum(t),
        kenmerken=keuring.training.kenmerken,
        gewichten=_gewichten(keuring.training.schatter, keuring.training.kenmerken),
        vervallen=keuring.training.weggelaten,
        vensters=tuple(
            Vensterrij(
                naam=dag.isoformat(),
                rijen=int(m["onderzoeken"]),
                gebeurtenissen=int(m["treffers"]),
                waarde=m["opbrengst_model"],
                waarde_regel=m["opbrengst_regel"],
                waarde_persistentie=m["opbrengst_persistentie"],
                precisie=m["opbrengst_model"],
                precisie_regel=m["opbrengst_regel"],
                precisie_persistentie=m["opbrengst_persistentie"],
                auc=nan,
                lift=nan,
            )
            for dag, m in zip(keuring.vensters, keuring.measure_vensters(), strict=True)
        ),
        ece=keuring.ijking["ece"],
        ece_vloer=keuring.ijking["ece_vloer"],
        helling=keuring.ijking["helling"],
        oe=compute_oe(keuring.y, keuring.p),
        k=choose_lengte(int(nu.sum())),
        kcurve=keuring.k_curve,
        eerlijkheid=keuring.eerlijkheid.maten,
        omwegen=keuring.eerlijkheid.omwegen,
        voorspelbaarheid=keuring.eerlijkheid.voorspelbaarheid,
        helling_samenstelling=keuring.eerlijkheid.helling,
        aselect_aandeel=keuring.aselect_aandeel,
        selectiebias=(
            "Alleen waar gekeken wordt, wordt iets gevonden. Daarom kiest de loting een deel van "
            "de complexen, en telt elk onderzoek mee naar de kans waarmee het complex is gekozen. "
            + keuring.loting_zin
        ),
        opbrengsten=(*keuring.opbrengst.values(), keuring.prevalentie),
        drift=(),
        bekende_fouten=(
            "Wat nooit onderzocht kon worden, ziet geen enkele weging.",
            "Tips doen niet mee in de kans: zij zeggen ook wat buren van een buurt vinden.",
            *keuring.eerlijkheid.uitkomst,
        ),
        wijzigingen=(f"Getraind op wat op {to_peildatum(t):%d-%m-%Y} bekend was.",),
        samenvatting=(
            "Dit model kijkt naar het gebouw en naar sporen: geweigerde toegang, advertenties, "
            "huur ver onder de markt. Het weet niets van bewoners, overlast of schulden en zegt "
            "niets over een woning. Een medewerker beslist wat er gebeurt."
        ),
    )


def draw_overlast(keuring: overlast_keuring.Keuring, k: int) -> dict[str, bytes]:
    """Return the pictures of a model of overlast, by file name."""
    v = keuring.voorspelling
    uit = {
        "precisie_recall.png": plot_precisie_recall(
            v.y, {"model": v.model, "regel": v.regel, "persistentie": v.persistentie}
        ),
        "ijking.png": plot_ijking(v.y, v.model),
        "kcurve.png": plot_kcurve(keuring.k_curve, k, DREMPEL_K),
        "eerlijkheid.png": plot_eerlijkheid(keuring.eerlijkheid.maten),
    }
    gewichten = _gewichten(keuring.training.schatter, keuring.training.kenmerken)
    if gewichten:
        uit["gewichten.png"] = plot_gewichten(keuring.training.kenmerken, gewichten)
    return uit


def draw_woonfraude(keuring: woonfraude_keuring.Keuring) -> dict[str, bytes]:
    """Return the pictures of a model of woonfraude, by file name."""
    return {
        "precisie_recall.png": plot_precisie_recall(keuring.y, {"model": keuring.p}),
        "ijking.png": plot_ijking(keuring.y, keuring.p),
        "kcurve.png": plot_kcurve(keuring.k_curve, 0, DREMPEL_K),
        "eerlijkheid.png": plot_eerlijkheid(keuring.eerlijkheid.maten),
        "gewichten.png": plot_gewichten(
            keuring.training.kenmerken,
            _gewichten(keuring.training.schatter, keuring.training.kenmerken),
        ),
    }


# --- what scores today


def score_overlast(gegevens: Gegevens, inzet: Inzet, nu: int) -> pd.DataFrame:
    """Return the scores of month ``nu``, a row per complex of the cohort.

    A complex whose dossier is running needs no early warning, and has no row.
    """
    frame = _score_overlast(gegevens, inzet, nu)
    hoofd = train_piek(gegevens, nu)
    if hoofd is not None and hoofd.is_bruikbaar and len(frame):
        dag = _select_dag(gegevens, nu)
        frame["kans_piek"] = _round(hoofd.training.predict(dag))
    return frame


def train_piek(gegevens: Gegevens, nu: int) -> Piekhoofd | None:
    """Return the second head as the training month knew it; None where it cannot be made."""
    if gegevens.piek is None or not len(gegevens.paneel):
        return None
    c = overlast_cohort.Cohort()
    t = find_trainingsmaand("overlast", nu)
    paneel = _as_known(replace(gegevens.paneel, y=gegevens.piek), t, c.horizon)
    if not np.nansum(paneel.y):
        return None
    try:
        return examine_piek(paneel, nu=t, rng=_rng("overlast", "piek", t))
    except TijdFout:
        return None


def _select_dag(gegevens: Gegevens, nu: int) -> Paneel:
    p = gegevens.paneel
    telt = (p.peilmaand == nu) & (p.eenheden >= overlast_cohort.Cohort().minimum_eenheden)
    return p.select(telt if gegevens.in_cohort is None else telt & gegevens.in_cohort)


def _score_overlast(gegevens: Gegevens, inzet: Inzet, nu: int) -> pd.DataFrame:
    c = overlast_cohort.Cohort()
    alles = gegevens.paneel
    dag = _select_dag(gegevens, nu)
    if inzet.schatter is None:
        invoer = overlast_regel.build_invoer(dag)
        punten = overlast_regel.OverlastRegel().decision_function(invoer)
        redenen = [
            [{"zin": zin} for zin in overlast_regel.explain_punten(rij)] for rij in invoer.tolist()
        ]
        return _frame_regel(inzet, dag, punten, redenen, nu)
    t = find_trainingsmaand("overlast", nu)
    leer = overlast_keuring.select_leerbaar(_as_known(alles, t, c.horizon), t)
    return _frame_model(
        inzet,
        dag.select_kenmerken(inzet.kenmerken),
        leer.select_kenmerken(inzet.kenmerken),
        nu,
    )


def score_woonfraude(gegevens: Gegevens, inzet: Inzet, nu: int) -> pd.DataFrame:
    """Return the scores of month ``nu``, a row per complex that is large enough."""
    dag = woonfraude_keuring.select_lijst(gegevens.paneel, nu)
    if inzet.schatter is None or gegevens.log is None:
        invoer = woonfraude_regel.build_invoer(dag)
        score = woonfraude_regel.WoonfraudeRegel().decision_function(invoer)
        tekst = {k.naam: k.tekst_hoog for k in dag.kenmerken}
        redenen = [
            [
                {"zin": tekst[naam]}
                for naam, waarde in zip(woonfraude_regel.KOLOMMEN, rij, strict=True)
                if np.isfinite(waarde) and waarde > 0
            ]
            for rij in invoer.tolist()
        ]
        return _frame_regel(inzet, dag, score, redenen, nu)
    t = find_trainingsmaand("woonfraude", nu)
    geleerd = woonfraude_cohort.build_trainingset(gegevens.paneel, gegevens.log, t)
    leer = replace(gegevens.paneel.select(geleerd.paneelrij), y=geleerd.y)
    return _frame_model(
        inzet,
        dag.select_kenmerken(inzet.kenmerken),
        leer.select_kenmerken(inzet.kenmerken),
        nu,
        extra=woonfraude_cohort.add_reden,
        train_x=woonfraude_cohort.add_reden(
            leer.select_kenmerken(inzet.kenmerken).x, geleerd.log.reden
        ),
    )


def score_gestopt(gegevens: Gegevens, inzet: Inzet, nu: int) -> pd.DataFrame:
    """Return rows without a score for a model that a person stopped: the lot goes on.

    The rank says nothing: it follows from a hash of the complex.
    """
    p = gegevens.paneel
    dag = p.select((p.peilmaand == nu) & (p.eenheden >= overlast_cohort.Cohort().minimum_eenheden))
    return _frame_regel(inzet, dag, np.zeros(len(dag)), [[]] * len(dag), nu)


def _frame_regel(
    inzet: Inzet,
    dag: Paneel,
    score: Getal,
    redenen: Sequence[Sequence[Mapping[str, str]]],
    nu: int,
) -> pd.DataFrame:
    n = len(dag)
    return pd.DataFrame(
        {
            "model": inzet.model,
            "complex_id": dag.complex_id,
            "peildatum": to_peildatum(nu),
            "scoreversie": inzet.scoreversie,
            "is_regel": True,
            "kans": np.full(n, np.nan),
            "kans_laag": np.full(n, np.nan),
            "kans_hoog": np.full(n, np.nan),
            "rang": compute_rang(dag.complex_id, score) if n else np.zeros(0, dtype=np.int64),
            "kans_top_k": np.full(n, np.nan),
            "band": "",
            "redenen": [json.dumps(list(r), ensure_ascii=False) for r in redenen],
            "kans_piek": np.full(n, np.nan),
        }
    )


def _frame_model(
    inzet: Inzet,
    dag: Paneel,
    leer: Paneel,
    nu: int,
    *,
    extra: Callable[[Getal], Getal] = lambda x: x,
    train_x: Getal | None = None,
) -> pd.DataFrame:
    if inzet.schatter is None:
        raise TypeError("a model is needed to score with")
    x = extra(dag.x)
    kans = inzet.schatter.predict_proba(x)[:, 1]
    k = min(inzet.k, len(dag))
    laag = hoog = top = np.full(len(dag), np.nan)
    band = np.full(len(dag), "")
    try:
        onzeker = estimate_onzekerheid(
            inzet.schatter,
            leer,
            x,
            k,
            _rng("onzekerheid", inzet.scoreversie, nu),
            hertrainingen=HERTRAININGEN,
            train_x=train_x,
        )
        laag, hoog, top, band = onzeker.onder, onzeker.boven, onzeker.kans_top_k, onzeker.band
    except OnzekerheidFout:
        pass  # the score stands; how sure it is, is not known, and nothing is shown of it
    uitleg = explain_kampioen(
        inzet.schatter, dag, extra=x[:, dag.x.shape[1] :] if x.shape[1] > dag.x.shape[1] else None
    )
    return pd.DataFrame(
        {
            "model": inzet.model,
            "complex_id": dag.complex_id,
            "peildatum": to_peildatum(nu),
            "scoreversie": inzet.scoreversie,
            "is_regel": False,
            "kans": _round(kans),
            "kans_laag": _round(laag),
            "kans_hoog": _round(hoog),
            "rang": compute_rang(dag.complex_id, _round(kans)),
            "kans_top_k": _round(top),
            "band": band,
            "redenen": [
                json.dumps(
                    [
                        {"familie": r.familie, "kenmerk": r.kenmerk, "zin": r.zin,
                         "bijdrage": round(r.bijdrage, 4)}
                        for r in u.redenen
                    ],
                    ensure_ascii=False,
                )
                for u in uitleg
            ],
            "kans_piek": np.full(len(dag), np.nan),
        }
    )  # fmt: skip


def _round(x: Getal) -> Getal:
    """Round to nine digits: more of a fitted chance is the order in which a sum was taken."""
    return np.round(x, 9)


def describe_inzetten(
    inzetten: Sequence[Inzet], scores: Sequence[pd.DataFrame], nu: int
) -> pd.DataFrame:
    """Return the rows of ``buurtpeil.risicomodel``."""
    aantal = {str(deel["model"].iloc[0]): len(deel) for deel in scores if len(deel)}
    return pd.DataFrame(
        [
            {
                "model": inzet.model,
                "peildatum": to_peildatum(nu),
                "stand": inzet.stand,
                "scoreversie": inzet.scoreversie,
                "soort": inzet.soort,
                "k": inzet.k,
                "getraind_op": inzet.getraind_op,
                "aantal_complexen": aantal.get(inzet.model, 0),
                "zin": inzet.zin,
                "gezakt": json.dumps(list(inzet.gezakt), ensure_ascii=False),
                "kaart": inzet.kaart,
            }
            for inzet in inzetten
        ]
    )


# --- what changed since last month


def describe_verloop(
    frame: pd.DataFrame, gepubliceerd: pd.DataFrame, k: int
) -> tuple[Signaal, ...]:
    """Return the monthly signals of one model's scores against what was published before.

    Parameters
    ----------
    frame
        Scores of this month.
    gepubliceerd
        Published rows of the model: ``complex_id``, ``peildatum``, ``kans``, ``rang``.
    k
        Length of the list.
    """
    nu = frame["peildatum"].max()
    eerder = gepubliceerd[pd.to_datetime(gepubliceerd["peildatum"]) < pd.Timestamp(nu)]
    if not len(eerder):
        return ()
    laatste = eerder["peildatum"].max()
    vorige = eerder.loc[(eerder["peildatum"] == laatste) & (eerder["rang"] <= k), "complex_id"]
    gemiddelden = eerder.groupby("peildatum")["kans"].mean().dropna().tail(_MAANDEN_TERUG)
    signalen = [
        compute_verloop(set(vorige), set(frame.loc[frame["rang"] <= k, "complex_id"])),
    ]
    if frame["kans"].notna().any():
        signalen.append(
            compare_gemiddelde(frame["kans"].to_numpy(dtype=np.float64), gemiddelden.tolist())
        )
    return tuple(signalen)


# --- the stop rule


def revert_to_regel(inzet: Inzet, redenen: Sequence[str]) -> Inzet:
    """Return the rule in place of a champion that must make room."""
    return replace(
        _use_regel(inzet.model, " ".join(redenen), tuple(redenen)), beelden=inzet.beelden
    )


def check_gepubliceerd(gegevens: Gegevens, gepubliceerd: pd.DataFrame) -> tuple[str, ...]:
    """Return why the model of overlast must make room, from its own published scores.

    Parameters
    ----------
    gegevens
        With outcomes as they are known now.
    gepubliceerd
        Published rows of overlast by the model: ``complex_id``, ``peildatum``, ``kans``.

    Notes
    -----
    Half-yearly: each peildatum of January and July with a complete outcome is a window. What was
    said beforehand is held against what followed, and against the rule.
    """
    p = gegevens.paneel
    vensters = []
    for dag in sorted(set(gepubliceerd["peildatum"])):
        maand = to_peilmaand(pd.Timestamp(dag).date())
        if maand % MAANDEN_GELDIG["overlast"]:
            continue
        kans = dict(
            gepubliceerd.loc[gepubliceerd["peildatum"] == dag, ["complex_id", "kans"]].to_numpy()
        )
        toen = p.select((p.peilmaand == maand) & p.is_bekend & np.isin(p.complex_id, list(kans)))
        if not toen.y.any():
            continue
        score = np.array([kans[c] for c in toen.complex_id], dtype=np.float64)
        regel = overlast_regel.OverlastRegel().decision_function(overlast_regel.build_invoer(toen))
        vensters.append(
            Toetsvenster(
                naam=to_peildatum(maand).isoformat(),
                waarde=compute_ap(toen.y, score),
                waarde_regel=compute_ap(toen.y, regel),
                oe=compute_oe(toen.y, score).verhouding,
            )
        )
    return check_stopregel(vensters, ()).redenen
