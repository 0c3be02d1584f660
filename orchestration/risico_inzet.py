"""When a risk model is trained, what the gate says of it, and what scores today.

Belongs here: the path from panel to registry, and from registry to what scores. Does not belong
here: examining and judging (``models``), the card (``risico_kaart``), scores (``risico_score``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Literal, TypeAlias

import numpy as np

from models.overlast import cohort as overlast_cohort
from models.overlast import evaluatie as overlast_evaluatie
from models.overlast import keuring as overlast_keuring
from models.overlast import regel as overlast_regel
from models.overlast import training as overlast_training
from models.overlast.piek import Piekhoofd, examine_piek
from models.registry import (
    Geladen,
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
from models.risico.dekking import find_gedekt
from models.risico.modelkaart import find_ontbrekend, render_modelkaart
from models.risico.paneel import Paneel
from models.risico.poort import ONDERDEEL_LIJST, Poortbesluit, Uitslag, decide_poort
from models.risico.schatters import Schatter
from models.risico.tekenlogistiek import TekenLogistiek
from models.risico.tijdsplitsing import TijdFout
from models.woonfraude import cohort as woonfraude_cohort
from models.woonfraude import evaluatie as woonfraude_evaluatie
from models.woonfraude import keuring as woonfraude_keuring
from models.woonfraude import regel as woonfraude_regel
from models.woonfraude import training as woonfraude_training
from orchestration.risico import (
    HASHCIJFERS,
    Gegevens,
    as_known,
    find_trainingsmaand,
    hash_sql,
    list_wijzigingen,
    make_rng,
    to_peildatum,
    to_peilmaand,
)
from orchestration.risico_kaart import (
    as_totalen,
    build_kaart_overlast,
    build_kaart_woonfraude,
    draw_overlast,
    draw_woonfraude,
    say_onvolledig,
)
from orchestration.risico_paneel import read_toegestaan
from sources.organisatie import Organisatie
from vera.werklijst import Model

Verandering: TypeAlias = tuple[str, str]
"""A version, and the champion whose list it would change."""
Stand: TypeAlias = Literal["kampioen", "regel", "gestopt", "storing"]

MET_UITLEG: Final = frozenset({"lineair"})
"""Kinds of model whose score can be explained exactly. Others are measured, not promoted."""
_GEDEELDE_CODE: Final = (
    bootstrap, dekking, eerlijkheid, ijking, maten, poort, risico_keuring, schatters, selectie,
    tekenlogistiek, tijdsplitsing,
)  # fmt: skip
"""What a model and its verdict are made with: a change in it is another version, judged anew."""
_REGELVERSIE: Final = "regel-1"
_REGEL_KIEST: Final = "De vaste regel doet het werk."
_MAANDEN_PER_JAAR: Final = 12
_JULI: Final = 6
"""Of a year whose first month is 0."""
_TRAININGSMAAND: Final = "trainingsmaand"


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
    blokkades
        What the fairness report of this run blocks the champion on; empty where none was made.
    piekhoofd
        Second head, where this run made one to write the card; scoring takes it over.
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
    piekhoofd: Piekhoofd | None = None
    blokkades: tuple[str, ...] = ()


# --- overlast


def deploy_overlast(
    gegevens: Gegevens,
    register: Modelregister,
    organisatie: Organisatie,
    nu: int,
    meld: Callable[[int, int, str], None],
    getekend: AbstractSet[Verandering] = frozenset(),
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
    getekend
        Changes of the list that somebody signed for.
    """
    model: Model = "overlast"
    if not len(gegevens.paneel):
        return use_regel(model, "Er zijn geen meldingen van overlast geleverd.")
    t = find_trainingsmaand(model, nu)
    paneel = as_known(gegevens.paneel, t, overlast_cohort.Cohort().horizon)
    leer = overlast_keuring.select_leerbaar(paneel, t)
    wijzigingen = [to_peilmaand(w.vanaf) for w in list_wijzigingen(organisatie, model, t)]
    try:
        overlast_keuring.list_vensters(paneel)
    except TijdFout as fout:
        return use_regel(model, f"Er is nog te weinig om van te leren. {fout.gevonden}")
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
                "buurten_met_wijk": _count_wijken(gegevens),
            },
        )
        for soort in _list_soorten(t)
    }
    bekend = {versie.modelversie for versie in register.list_versies(model)}
    versies = {soort: compute_modelversie(model, h) for soort, h in herkomst.items()}
    soorten = _list_soorten(t)
    if set(versies.values()) <= bekend:
        if not _waits_for_signature(model, register, versies["lineair"], getekend):
            _settle(model, register, versies["lineair"])
            return _load(model, register, t, versies["lineair"])
        soorten = ("lineair",)
    keuringen = {}
    for klaar, soort in enumerate(soorten):
        meld(klaar, len(soorten), f"{model}: {soort}")
        keuringen[soort] = overlast_keuring.examine(
            paneel,
            soort,
            nu=t,
            samenstelling=gegevens.samenstelling,
            wijken=gegevens.wijken,
            wijzigingen=wijzigingen,
            rng=make_rng(model, soort, t),
        )
    nieuwste = paneel.select(paneel.peilmaand == t)
    piek = train_piek(gegevens, t)
    return _judge_overlast(
        keuringen, herkomst, register, organisatie, leer, nieuwste, t, piek, getekend
    )


def _list_soorten(t: int) -> tuple[str, ...]:
    """Return the kinds of model that are trained in a month.

    Those that may never score are measured once a year, for they cost more than the one that may:
    in July, as January trains woonfraude.
    """
    return tuple(
        soort
        for soort in overlast_keuring.KANDIDATEN
        if soort in MET_UITLEG or t % _MAANDEN_PER_JAAR == _JULI
    )


def _judge_overlast(
    keuringen: Mapping[str, overlast_keuring.Keuring],
    herkomst: Mapping[str, Herkomst],
    register: Modelregister,
    organisatie: Organisatie,
    leer: Paneel,
    nieuwste: Paneel,
    t: int,
    piek: Piekhoofd | None,
    getekend: AbstractSet[Verandering],
) -> Inzet:
    model: Model = "overlast"
    toegestaan = [k.naam for k in read_toegestaan(model)]
    tegen: overlast_keuring.Keuring | None = None
    per_naam = {k.naam: k for k in leer.kenmerken}
    huidig = _load_toegestaan(model, register, per_naam)
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
        # Of what may never score nobody needs a picture, and drawing costs seconds.
        beelden[soort] = draw_overlast(keuring, feiten.k) if soort in MET_UITLEG else {}

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
                rng=make_rng(model, "poort", t),
                kampioen=kampioen,
                nieuwste=nieuwste if kampioen else None,
                is_overlap_getekend=huidig is not None
                and (v, huidig.versie.modelversie) in getekend,
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
                    **as_totalen(keuring.ijking),
                    "overlap_hertraining": keuring.overlap,
                    "k": float(feiten.k),
                    _TRAININGSMAAND: float(t),
                },
                kaart=render_modelkaart(feiten) if is_compleet else say_onvolledig(feiten),
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
        piekhoofd=piek,
        blokkades=(
            keuringen[winnaar] if winnaar else tegen or keuringen["lineair"]
        ).eerlijkheid.blokkades,
    )


def train_piek(gegevens: Gegevens, nu: int) -> Piekhoofd | None:
    """Return the second head as the training month knew it; None where it cannot be made."""
    if gegevens.piek is None or not len(gegevens.paneel):
        return None
    c = overlast_cohort.Cohort()
    t = find_trainingsmaand("overlast", nu)
    paneel = as_known(replace(gegevens.paneel, y=gegevens.piek), t, c.horizon)
    if not np.nansum(paneel.y):
        return None
    try:
        return examine_piek(paneel, nu=t, rng=make_rng("overlast", "piek", t))
    except TijdFout:
        return None


# --- woonfraude


def deploy_woonfraude(
    gegevens: Gegevens,
    register: Modelregister,
    organisatie: Organisatie,
    nu: int,
    meld: Callable[[int, int, str], None],
    getekend: AbstractSet[Verandering] = frozenset(),
) -> Inzet:
    """Return what scores woonfraude in month ``nu``, after training when its year has begun."""
    model: Model = "woonfraude"
    t = find_trainingsmaand(model, nu)
    if gegevens.log is None or not len(gegevens.log):
        return use_regel(model, "Er zijn geen onderzoeken geleverd.")
    log = gegevens.log.select(gegevens.log.bekend < t)
    paneel = gegevens.paneel.select(gegevens.paneel.peilmaand <= t)
    try:
        in_paneel = woonfraude_cohort.find_rijen(paneel, log.complex_id, log.maand) >= 0
        woonfraude_keuring.list_vensters(log.select(in_paneel), t)
    except TijdFout as fout:
        return use_regel(model, f"Er is nog te weinig onderzocht. {fout.gevonden}")
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
            "buurten_met_wijk": _count_wijken(gegevens),
        },
    )  # fmt: skip
    versie = compute_modelversie(model, herkomst)
    is_bekend = versie in {v.modelversie for v in register.list_versies(model)}
    if is_bekend and not _waits_for_signature(model, register, versie, getekend):
        _settle(model, register, versie)
        return _load(model, register, t, versie)
    meld(0, 1, model)
    keuring = woonfraude_keuring.examine(
        paneel,
        log,
        nu=t,
        samenstelling=gegevens.samenstelling,
        wijken=gegevens.wijken,
        rng=make_rng(model, keuring_soort := woonfraude_keuring.SOORT, t),
    )
    feiten = build_kaart_woonfraude(keuring, versie, organisatie, paneel, t)
    is_compleet = not find_ontbrekend(feiten)
    per_naam = {k.naam: k for k in paneel.kenmerken}
    huidig = _load_toegestaan(model, register, per_naam)
    tegen: woonfraude_keuring.Keuring | None = None
    if huidig is not None:
        eigen = keuring
        if huidig.kenmerken != tuple(k.naam for k in keuring.training.kenmerken):
            eigen = woonfraude_keuring.examine(
                paneel,
                log,
                nu=t,
                samenstelling=gegevens.samenstelling,
                wijken=gegevens.wijken,
                namen=huidig.kenmerken,
                rng=make_rng(model, "kampioen", t),
            )
        kenmerken = tuple(per_naam[naam] for naam in huidig.kenmerken)
        tegen = replace(
            eigen,
            training=replace(eigen.training, schatter=huidig.schatter, kenmerken=kenmerken),
        )

    def build(
        k: woonfraude_keuring.Keuring, v: str, kampioen: woonfraude_keuring.Keuring | None
    ) -> Uitslag:
        return woonfraude_keuring.build_uitslag(
            k,
            v,
            toegestaan=[kenmerk.naam for kenmerk in read_toegestaan(model)],
            is_kaart_compleet=is_compleet,
            rng=make_rng(model, "poort", t),
            kampioen=kampioen,
            nieuwste=woonfraude_keuring.select_lijst(paneel, t) if kampioen else None,
            is_overlap_getekend=huidig is not None and (v, huidig.versie.modelversie) in getekend,
        )

    besluit = decide_poort(
        build(keuring, versie, tegen), build(tegen, "kampioen", None) if tegen else None
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
                **as_totalen(keuring.ijking),
                "kans_boven_regel": keuring.kans_boven_regel,
                "k": float(feiten.k),
                _TRAININGSMAAND: float(t),
            },
            kaart=render_modelkaart(feiten) if is_compleet else say_onvolledig(feiten),
            bestanden=beelden,
        )
    )
    register.register_versie(model, versie, besluit)
    if besluit.conclusie == "uitdager_wordt_kampioen" and keuring_soort in MET_UITLEG:
        register.set_kampioen(model, versie)
    elif besluit.conclusie == "regel_blijft":
        register.drop_kampioen(model)
    inzet = _load(model, register, t, versie)
    return replace(inzet, beelden=beelden, is_nieuw_getraind=True)


# --- what of the registry scores


def _hash_verantwoording(organisatie: Organisatie, model: Model) -> str:
    rijen = [repr(v) for v in organisatie.verantwoording if v.model == model]
    return hashlib.sha256("\n".join(rijen).encode()).hexdigest()[:HASHCIJFERS]


def _count_cijfers(gegevens: Gegevens) -> int:
    """Return how many buurten have a CBS figure: when it comes, the gate must judge anew."""
    return int(np.isfinite(gegevens.samenstelling).sum())


def _count_wijken(gegevens: Gegevens) -> int:
    """Return of how many buurten the wijk is known: likewise."""
    return sum(bool(naam) for naam in gegevens.wijken)


def _soort_of(schatter: Schatter) -> str:
    """Return which kind of model a pipeline is."""
    if isinstance(schatter.named_steps["model"], TekenLogistiek):
        return "lineair"
    return "boosting" if "leeg" in schatter.named_steps else "gam"


def use_regel(model: Model, zin: str, gezakt: tuple[str, ...] = ()) -> Inzet:
    """Return the rule as what scores, with why in a Dutch sentence."""
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


def _waits_for_signature(
    model: Model, register: Modelregister, versie: str, getekend: AbstractSet[Verandering]
) -> bool:
    """Return whether the gate refused a version for its list, and somebody signed since."""
    versies = {v.modelversie: v for v in register.list_versies(model)}
    kampioen = next((v.modelversie for v in versies.values() if v.is_kampioen), None)
    return (
        kampioen is not None
        and (versie, kampioen) in getekend
        and ONDERDEEL_LIJST in versies[versie].gezakt_onderdelen
    )


def _load_toegestaan(
    model: Model, register: Modelregister, toegestaan: Collection[str]
) -> Geladen | None:
    """Return the champion; a feature off the allow-list takes the model that reads it along."""
    huidig = register.load_kampioen(model)
    weg = [n for n in huidig.kenmerken if n not in toegestaan] if huidig else []
    if not weg:
        return huidig
    register.drop_kampioen(model, [f"Het model las {', '.join(weg)}. Dat mag niet meer."])
    return None


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
            return use_regel(model, " ".join(gestopt_omdat), gestopt_omdat)
        zin = "Het getrainde model kwam niet door de poort: " + " ".join(eigen.gezakt)
        if not eigen.gezakt:
            zin = "Er is geen model dat door de poort kwam."
        return use_regel(model, zin, eigen.gezakt)
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


def revert_to_regel(inzet: Inzet, redenen: Sequence[str]) -> Inzet:
    """Return the rule in place of a champion that must make room."""
    regel = use_regel(inzet.model, " ".join(redenen), tuple(redenen))
    return replace(regel, beelden=inzet.beelden, piekhoofd=inzet.piekhoofd)
