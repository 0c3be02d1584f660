"""What is written of a trained risk model: the facts of its card, and its pictures.

Belongs here: Dutch texts and figures of one examined model. Does not belong here: the form of a
card (``models.risico.modelkaart``), drawing (``models.risico.beelden``), what the gate says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from models.overlast import cohort as overlast_cohort
from models.overlast import keuring as overlast_keuring
from models.overlast.piek import Piekhoofd
from models.risico import keuring as risico_keuring
from models.risico.beelden import (
    plot_eerlijkheid,
    plot_gewichten,
    plot_ijking,
    plot_kcurve,
    plot_precisie_recall,
)
from models.risico.eerlijkheid import WIJK, Groepsmaat
from models.risico.kenmerk import Kenmerk
from models.risico.maten import DREMPEL_K, KCurve, choose_k, compute_oe
from models.risico.modelkaart import Kaartfeiten, Vensterrij, find_ontbrekend
from models.risico.paneel import Paneel
from models.risico.schatters import Schatter
from models.risico.tekenlogistiek import TekenLogistiek
from models.woonfraude import cohort as woonfraude_cohort
from models.woonfraude import keuring as woonfraude_keuring
from orchestration.risico import HASHCIJFERS, hash_sql, list_wijzigingen, to_peildatum
from sources.organisatie import Organisatie
from vera.werklijst import Model

AANDEEL_LIJST = 0.10
"""Share of the complexes that a list may hold at most, whatever the curve says."""


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


def as_totalen(ijking: risico_keuring.Ijkmaten) -> dict[str, float]:
    """Return calibration as metrics of the registry."""
    return {naam: float(w) for naam, w in ijking.items() if isinstance(w, float)}


def say_onvolledig(feiten: Kaartfeiten) -> str:
    """Return what stands in place of a card that lacks facts."""
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
    wijzigingen = list_wijzigingen(organisatie, "overlast", t)
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
        label_hash=hash_sql("int_overlast__uitkomst")[:HASHCIJFERS],
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
        label_hash=hash_sql("int_woonfraude__onderzoek")[:HASHCIJFERS],
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
        **_draw_eerlijkheid(keuring.eerlijkheid.maten),
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
        **_draw_eerlijkheid(keuring.eerlijkheid.maten),
        "gewichten.png": plot_gewichten(
            keuring.training.kenmerken,
            _gewichten(keuring.training.schatter, keuring.training.kenmerken),
        ),
    }


def _draw_eerlijkheid(maten: Sequence[Groepsmaat]) -> dict[str, bytes]:
    """Return the fairness pictures; of wijken only those that can be compared, and may be none."""
    wijken = [m for m in maten if m.indeling == WIJK and m.oordeel != "te weinig gegevens"]
    uit = {"eerlijkheid.png": plot_eerlijkheid([m for m in maten if m.indeling != WIJK])}
    if wijken:
        uit["eerlijkheid_wijk.png"] = plot_eerlijkheid(
            wijken, titel="Worden wijken gelijk behandeld?"
        )
    return uit
