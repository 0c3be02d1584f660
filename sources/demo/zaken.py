"""Zaken with their statuses, steps and severity, made from the world's counts.

Reports of nuisance come one by one from the world; other zaken (care, vermin, fraud,
finance, liveability) and the noisy complainant are extra and no part of its truth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sources.demo.bezit import Bezit
from sources.demo.leveringen import Kalender, Levertabel, choose, choose_code, hide, make_id
from sources.demo.persoon import mix_aas
from sources.demo.toeval import (
    NAT,
    Dag,
    Geheel,
    Getal,
    Klein,
    Vlag,
    compute_lognormaal,
    compute_sigmoide,
    draw_keuze,
    draw_zeldzaam,
    make_rng,
)
from sources.demo.wereld import Geschiedenis, Stad

SOORT = ("SOC", "OMG", "WOO", "FIN", "LEE")
_SOC, _OMG, _WOO, _FIN, _LEE = range(5)
DETAIL = ("GEL", "RUZ", "VUI", "VUIL", "STA", "DIE", "VAN", "AGR", "ONV", "DRU", "OVE", "HAN",
          "PSY", "VER", "ONG", "HEN", "ONR", "BED", "HUA", "BET", "XYZ")
_D = {code: nummer for nummer, code in enumerate(DETAIL)}
_LICHT = {"GEL": 0.38, "RUZ": 0.15, "VUI": 0.13, "STA": 0.06, "DIE": 0.05, "VAN": 0.04,
          "AGR": 0.03, "ONV": 0.04, "DRU": 0.02, "OVE": 0.03, "HAN": 0.07}
_ZWAAR = {"GEL": 0.16, "RUZ": 0.18, "VUI": 0.10, "STA": 0.02, "DIE": 0.02, "VAN": 0.13,
          "AGR": 0.19, "ONV": 0.08, "DRU": 0.10, "OVE": 0.01, "HAN": 0.01}
_CONTACT_LOG_DAGEN = float(np.log(3.5))
_CONTACT_SPREIDING = 0.8
_CONTACT_MAXIMUM = 60.0
_VUI_VANAF = np.datetime64("2022-11-11", "D")
_FIN_VANAF = np.datetime64("2025-10-10", "D")
_ZORG_PER_MAAND = 0.006 / 12
_ONGEDIERTE_PER_MAAND = 0.008 / 12
_ONGEDIERTE_V_S = (0.35, 0.2)
_LEE_PER_MAAND = 0.002 / 12
_FIN_PER_MAAND = 0.03 / 12
_STAP = ("gesprek", "waarschuwing", "bemiddeling", "juridisch")
_TEKST = {
    "GEL": "Melder hoort vaak harde muziek in de avond",
    "RUZ": "Melder en buren liggen met elkaar overhoop",
    "VUI": "Afval in portiek en bij de containers",
    "STA": "Stank in het trappenhuis",
    "DIE": "Hond blaft de hele dag",
    "VAN": "Toegangsdeur en bellentableau vernield",
    "AGR": "Melder voelt zich bedreigd",
    "ONV": "Onveilig gevoel in kelderbox en portiek",
    "DRU": "Veel aanloop in de avond",
    "HAN": "Hangplek bij de ingang",
    "PSY": "Zorg over bewoner, wijkteam gevraagd",
    "VER": "Zorg over bewoner, wijkteam gevraagd",
    "ONG": "Muizen of kakkerlakken gezien",
}


@dataclass(frozen=True)
class Zaken:
    """All zaken (Z) in order of registration.

    ``unit`` is -1 where the reporter was no tenant; ``heeft_cluster`` says whether the
    cluster is filled in. ``stap_*`` and ``ernst`` belong to ``zaakverloop``.
    """

    complex: Geheel
    unit: Geheel
    heeft_cluster: Vlag
    soort: Geheel
    detail: Geheel
    begin: Dag
    registratie: Dag
    is_ernstig: Vlag
    is_overlast: Vlag
    status_zaak: Geheel
    status_code: Geheel
    status_dag: Dag
    einde: Dag
    stap_zaak: Geheel
    stap_code: Geheel
    stap_begin: Dag
    stap_einde: Dag


@dataclass(frozen=True)
class _Deel:
    """Some zaken before they are numbered."""

    complex: Geheel
    dag: Dag
    soort: Geheel
    detail: Geheel
    is_ernstig: Vlag
    is_overlast: Vlag
    unit: Geheel
    stap_dag: Dag


def simulate_zaken(
    geschiedenis: Geschiedenis, bezit: Bezit, kalender: Kalender, seed: int
) -> Zaken:
    """Make zaken from the counts of the world.

    Parameters
    ----------
    geschiedenis, bezit, kalender
        The world.
    seed
        Seed of the world.
    """
    rng = make_rng(seed, "zaken")
    delen = [
        _overlast(rng, geschiedenis, bezit, kalender),
        _veelmelder(make_rng(seed, "zaken/veelmelder"), geschiedenis, bezit, kalender),
        *_overige(make_rng(seed, "zaken/overig"), geschiedenis, bezit, kalender),
    ]
    delen.append(_fraude(make_rng(seed, "zaken/fraude"), geschiedenis, bezit, kalender))
    complex_ = np.concatenate([deel.complex for deel in delen])
    dag = np.concatenate([deel.dag for deel in delen])
    overlast = np.concatenate([deel.is_overlast for deel in delen])
    # An escalation is a formal step in the most recent nuisance zaak of the complex; where
    # there was none in the last 18 months a zaak is opened for it.
    extra, stap_van, stap_dag = _attach_escalaties(
        make_rng(seed, "zaken/stap"), geschiedenis, kalender, complex_, dag, overlast
    )
    delen.append(extra)
    veld = {
        naam: np.concatenate([getattr(deel, naam) for deel in delen])
        for naam in ("complex", "dag", "soort", "detail", "is_ernstig", "is_overlast", "unit")
    }
    registratie = veld["dag"] + np.minimum(rng.geometric(0.55, veld["dag"].size) - 1, 9)
    orde = np.lexsort((veld["unit"], veld["complex"], registratie))
    plaats = np.empty(orde.size, dtype=np.int64)
    plaats[orde] = np.arange(orde.size)
    veld = {naam: waarde[orde] for naam, waarde in veld.items()}
    return _verloop(
        make_rng(seed, "zaken/verloop"), geschiedenis, kalender, veld, registratie[orde],
        plaats[stap_van], stap_dag,
    )


def _deel(
    complexen: Geheel, dag: Dag, soort: Geheel, detail: Geheel, unit: Geheel, *,
    ernstig: Vlag | None = None, overlast: bool = False,
) -> _Deel:
    nee = np.zeros(complexen.size, dtype=bool)
    return _Deel(complexen, dag, soort, detail, nee if ernstig is None else ernstig,
                 np.full(complexen.size, overlast), unit, np.full(complexen.size, NAT))


def _draw_detail(rng: np.random.Generator, ernstig: Vlag, dag: Dag) -> tuple[Geheel, Geheel]:
    """Draw detail codes; OMG has one of its own, and VUIL became VUI in November 2022."""
    codes = np.array([_D[code] for code in _LICHT])
    licht = draw_keuze(rng, list(_LICHT.values()), ernstig.size)
    zwaar = draw_keuze(rng, list(_ZWAAR.values()), ernstig.size)
    detail = codes[np.where(ernstig, zwaar, licht)]
    detail = np.where((detail == _D["VUI"]) & (dag < _VUI_VANAF), _D["VUIL"], detail)
    return np.where(detail == _D["HAN"], _OMG, _SOC), detail


def _overlast(
    rng: np.random.Generator, g: Geschiedenis, bezit: Bezit, kalender: Kalender
) -> _Deel:
    maand, complexen = np.nonzero(g.meldingen)
    aantal = g.meldingen[maand, complexen]
    zwaar = np.repeat(g.ernstig[maand, complexen], aantal)
    maand, complexen = np.repeat(maand, aantal), np.repeat(complexen, aantal)
    rang = np.arange(complexen.size) - np.repeat(np.cumsum(aantal) - aantal, aantal)
    ernstig = rang < zwaar
    dag = kalender.draw_dag(rng, maand)
    soort, detail = _draw_detail(rng, ernstig, dag)
    unit = bezit.draw_unit(rng, complexen, 1.7)
    unit = np.where(rng.random(unit.size) < 0.04, -1, unit)
    return _deel(complexen, dag, soort, detail, unit, ernstig=ernstig, overlast=True)


def _veelmelder(
    rng: np.random.Generator, g: Geschiedenis, bezit: Bezit, kalender: Kalender
) -> _Deel:
    """One dwelling that reports about three times a month for at most three years."""
    middel = np.flatnonzero((g.stad.n >= 25) & (g.stad.n <= 80) & (np.abs(g.stad.v) < 0.7))
    if middel.size == 0:
        middel = np.arange(g.stad.n.size)
    c = int(middel[rng.integers(middel.size)])
    begin = max(0, g.maanden - 48)
    per_maand = rng.poisson(3.0, min(36, g.maanden - begin))
    maand = np.repeat(np.arange(begin, begin + per_maand.size), per_maand)
    dag = kalender.draw_dag(rng, maand)
    soort, detail = _draw_detail(rng, np.zeros(maand.size, dtype=bool), dag)
    unit = np.full(maand.size, bezit.begin[c] + int(rng.integers(g.stad.n[c])))
    return _deel(np.full(maand.size, c), dag, soort, detail, unit, overlast=True)


def _telling(
    rng: np.random.Generator, g: Geschiedenis, per_maand: float, v: float, s: float
) -> tuple[Geheel, Geheel]:
    """Draw months and complexes of events with a rate per dwelling that follows v and S."""
    verwacht = g.stad.n * per_maand * np.exp(v * g.stad.v + s * g.s - (v * v + s * s) / 2)
    aantal = rng.poisson(verwacht)
    maand, complexen = np.nonzero(aantal)
    keer = aantal[maand, complexen]
    return np.repeat(maand, keer), np.repeat(complexen, keer)


def _overige(
    rng: np.random.Generator, g: Geschiedenis, bezit: Bezit, kalender: Kalender
) -> list[_Deel]:
    delen = []
    maand, complexen = _telling(rng, g, _ZORG_PER_MAAND, 0.3, 0.2)
    detail = np.where(rng.random(maand.size) < 0.6, _D["PSY"], _D["VER"])
    delen.append(_deel(complexen, kalender.draw_dag(rng, maand), np.full(maand.size, _SOC), detail,
                       bezit.draw_unit(rng, complexen, 1.0)))
    maand, complexen = _telling(rng, g, _ONGEDIERTE_PER_MAAND, *_ONGEDIERTE_V_S)
    delen.append(_deel(complexen, kalender.draw_dag(rng, maand), np.full(maand.size, _SOC),
                       np.full(maand.size, _D["ONG"]), bezit.draw_unit(rng, complexen, 1.0)))
    maand, complexen = _telling(rng, g, _LEE_PER_MAAND, 0.2, 0.0)
    delen.append(_deel(complexen, kalender.draw_dag(rng, maand), np.full(maand.size, _LEE),
                       np.full(maand.size, -1), np.full(maand.size, -1)))
    # FIN exists as a zaaktype only since 10 October 2025
    maand, complexen = _telling(rng, g, _FIN_PER_MAAND, 0.4, 0.0)
    dag = kalender.draw_dag(rng, maand)
    vanaf = dag >= _FIN_VANAF
    complexen, dag = complexen[vanaf], dag[vanaf]
    delen.append(_deel(complexen, dag, np.full(dag.size, _FIN),
                       np.where(rng.random(dag.size) < 0.7, _D["HUA"], _D["BET"]),
                       bezit.draw_unit(rng, complexen, 1.0)))
    return delen


def _fraude(
    rng: np.random.Generator, g: Geschiedenis, bezit: Bezit, kalender: Kalender
) -> _Deel:
    """Open a zaak for every confirmed inspection and half of the others: a suspicion."""
    o = g.onderzoeken
    opent = o.is_bevestigd | (rng.random(o.maand.size) < 0.5)
    maand, complexen = o.maand[opent], o.complex[opent]
    keuze = draw_keuze(rng, (0.55, 0.25, 0.20), maand.size)
    detail = np.array([_D["ONR"], _D["BED"], _D["HEN"]])[keuze]
    soort = np.where(detail == _D["HEN"], _SOC, _WOO)
    return _deel(complexen, kalender.draw_dag(rng, maand), soort, detail,
                 np.full(maand.size, -1))


def _attach_escalaties(
    rng: np.random.Generator, g: Geschiedenis, kalender: Kalender, complex_: Geheel, dag: Dag,
    overlast: Vlag,
) -> tuple[_Deel, Geheel, Dag]:
    maand, c = np.nonzero(g.escalatie)
    stap_dag = kalender.draw_dag(rng, maand)
    kandidaat = np.flatnonzero(overlast)
    sleutel = complex_[kandidaat] * 100_000 + dag[kandidaat].astype(np.int64)
    orde = np.argsort(sleutel, kind="stable")
    grens = c * 100_000 + stap_dag.astype(np.int64) - 3
    plek = np.searchsorted(sleutel[orde], grens, side="right") - 1
    gevonden = kandidaat[orde[np.maximum(plek, 0)]] if kandidaat.size else np.zeros_like(plek)
    goed = (plek >= 0) & (complex_[gevonden] == c) & (dag[gevonden] > stap_dag - 550)
    nieuw = np.flatnonzero(~goed)
    start = np.maximum(stap_dag[nieuw] - rng.integers(5, 25, nieuw.size), kalender.begin)
    ernstig = np.ones(nieuw.size, dtype=bool)
    extra = _deel(c[nieuw], start, np.full(nieuw.size, _SOC), np.full(nieuw.size, _D["RUZ"]),
                  np.full(nieuw.size, -1), ernstig=ernstig, overlast=True)
    zaak = gevonden.copy()
    zaak[nieuw] = complex_.size + np.arange(nieuw.size)
    return extra, zaak, stap_dag


def draw_traagheid(rng: np.random.Generator, stad: Stad) -> Getal:
    """Return how slow first contact is in each complex (C), on a log scale: the first draw."""
    traag: Getal = 0.25 * stad.v + 0.35 * rng.normal(size=stad.n.size)
    return traag


def compute_heropenkans(v: Getal, s: Getal | Klein) -> Getal:
    """Return the chance that a zaak is opened again."""
    return compute_sigmoide(-2.75 + 0.3 * v + 0.3 * s)


def compute_verwachting(geschiedenis: Geschiedenis, seed: int) -> dict[str, Getal]:
    """Return what is to be expected (T x C) of zaken.

    By name: ``episode`` and ``ernstig`` (reports and serious reports per dwelling-year, given
    what happened before: the world excites itself), ``heropend`` (share), ``eerste_contact``
    (days, at most 60), ``ongedierte`` (reports of vermin per dwelling-year). The noisy
    complainant and the cap per address are no part of it.
    """
    g = geschiedenis
    meldingen = 12.0 * g.lambda_ * g.meldkans / g.stad.n
    traag = draw_traagheid(make_rng(seed, "zaken/verloop"), g.stad)
    dagen = compute_lognormaal(
        _CONTACT_LOG_DAGEN + traag, _CONTACT_SPREIDING, _CONTACT_MAXIMUM
    )
    v, s = _ONGEDIERTE_V_S
    return {
        "episode": meldingen,
        "ernstig": meldingen * g.ernstkans,
        "heropend": compute_heropenkans(g.stad.v, g.s),
        "eerste_contact": np.broadcast_to(dagen, g.s.shape),
        "ongedierte": 12.0
        * _ONGEDIERTE_PER_MAAND
        * np.exp(v * g.stad.v + s * g.s - (v * v + s * s) / 2),
    }


def _verloop(
    rng: np.random.Generator, g: Geschiedenis, kalender: Kalender,
    veld: dict[str, np.ndarray], registratie: Dag, stap_zaak: Geheel, stap_dag: Dag,
) -> Zaken:
    """Give every zaak its statuses and steps."""
    c = veld["complex"]
    aantal = c.size
    traag = draw_traagheid(rng, g.stad)
    contact = np.rint(
        np.exp(_CONTACT_LOG_DAGEN + traag[c] + _CONTACT_SPREIDING * rng.normal(size=aantal))
    )
    contact = np.clip(contact, 0, 90).astype(np.int64)
    duur = np.where(veld["is_ernstig"], 75.0, 30.0) * np.exp(0.6 * rng.normal(size=aantal))
    duur = np.clip(np.rint(duur), 2, 500).astype(np.int64)
    in_behandeling = registratie + contact
    afgerond = in_behandeling + duur
    formeel = np.full(aantal, NAT)
    formeel[stap_zaak] = stap_dag
    afgerond = np.maximum(
        afgerond, np.where(np.isnat(formeel), afgerond, formeel + rng.integers(30, 150, aantal))
    )
    vroeg = np.where(np.isnat(formeel), in_behandeling, np.minimum(in_behandeling, formeel - 1))
    in_behandeling = np.maximum(vroeg, registratie)
    annuleert = (rng.random(aantal) < 0.02) & np.isnat(formeel)
    maand = np.clip(
        (registratie.astype("datetime64[M]") - kalender.begin_maand).astype(np.int64),
        0, g.maanden - 1,
    )
    kans = compute_heropenkans(g.stad.v[c], g.s[maand, c])
    heropend = (rng.random(aantal) < kans) & ~annuleert
    weer = afgerond + rng.integers(5, 40, aantal)
    weer_af = weer + rng.integers(10, 60, aantal)
    slot = np.where(heropend, weer_af, afgerond) + rng.integers(3, 12, aantal)
    index = np.arange(aantal)
    gewoon, her = index[~annuleert], index[heropend]
    status_zaak = np.concatenate(
        [index, gewoon, gewoon, her, her, gewoon, index[annuleert]]
    )
    status_code = np.repeat(
        [0, 1, 2, 1, 2, 3, 4],
        [aantal, gewoon.size, gewoon.size, her.size, her.size, gewoon.size, annuleert.sum()],
    )
    status_dag = np.concatenate([
        registratie, in_behandeling[gewoon], afgerond[gewoon], weer[her], weer_af[her],
        slot[gewoon], registratie[annuleert] + contact[annuleert],
    ])
    einde = np.where(annuleert, registratie + contact, slot)
    stappen = _stappen(rng, veld, in_behandeling, formeel, stap_zaak, stap_dag)
    orde = np.lexsort((status_dag, status_code, status_zaak))
    return Zaken(
        complex=c,
        unit=veld["unit"],
        heeft_cluster=(veld["unit"] < 0) | (rng.random(aantal) < 0.10),
        soort=veld["soort"],
        detail=veld["detail"],
        begin=veld["dag"],
        registratie=registratie,
        is_ernstig=veld["is_ernstig"],
        is_overlast=veld["is_overlast"],
        status_zaak=status_zaak[orde],
        status_code=status_code[orde],
        status_dag=status_dag[orde],
        einde=einde,
        stap_zaak=stappen[0],
        stap_code=stappen[1],
        stap_begin=stappen[2],
        stap_einde=stappen[3],
    )


def _stappen(
    rng: np.random.Generator, veld: dict[str, np.ndarray], in_behandeling: Dag, formeel: Dag,
    stap_zaak: Geheel, stap_dag: Dag,
) -> tuple[Geheel, Geheel, Dag, Dag]:
    """Build formal steps (the world's escalations), what followed, and talks."""
    soort = draw_keuze(rng, (0.55, 0.30, 0.15), stap_zaak.size) + 1
    vervolg = (rng.random(stap_zaak.size) < 0.18) & (soort < 3)
    gesprek = np.flatnonzero(
        veld["is_overlast"] & (rng.random(formeel.size) < np.where(np.isnat(formeel), 0.12, 0.7))
    )
    gesprek_dag = np.where(
        np.isnat(formeel[gesprek]), in_behandeling[gesprek] + rng.integers(1, 15, gesprek.size),
        np.maximum(formeel[gesprek] - rng.integers(3, 30, gesprek.size),
                   in_behandeling[gesprek]),
    )
    zaak: Geheel = np.concatenate([stap_zaak, stap_zaak[vervolg], gesprek])
    code: Geheel = np.concatenate([
        soort, np.full(vervolg.sum(), 3), np.zeros(gesprek.size, dtype=np.int64),
    ])
    dag: Dag = np.concatenate([
        stap_dag, stap_dag[vervolg] + rng.integers(60, 121, int(vervolg.sum())), gesprek_dag,
    ])
    einde: Dag = dag + rng.integers(1, 60, zaak.size)
    orde = np.lexsort((dag, code, zaak))
    zaak, code, dag, einde = zaak[orde], code[orde], dag[orde], einde[orde]
    uniek = np.ones(zaak.size, dtype=bool)
    uniek[1:] = (zaak[1:] != zaak[:-1]) | (code[1:] != code[:-1]) | (dag[1:] != dag[:-1])
    return zaak[uniek], code[uniek], dag[uniek], einde[uniek]


def build_tabellen(
    zaken: Zaken, bezit: Bezit, kalender: Kalender, seed: int
) -> list[Levertabel]:
    """Return zaak, zaakstatus, zaak_stap and zaak_ernst."""
    zaak_id = make_id("Z", np.arange(1, zaken.complex.size + 1), 8)
    laat = _draw_laat(make_rng(seed, "zaken/laat"), zaken.complex.size)
    kennis = zaken.registratie + laat
    return [
        _zaak(zaken, bezit, kalender, seed, zaak_id, kennis),
        _zaakstatus(zaken, seed, zaak_id, kennis),
        _zaak_stap(zaken, seed, zaak_id, kennis),
        _zaak_ernst(zaken, seed, zaak_id, kennis),
    ]


def _draw_laat(rng: np.random.Generator, aantal: int) -> Geheel:
    """Days between event and knowing it: mostly none, 3 % two weeks to three months."""
    return np.where(rng.random(aantal) < 0.03, rng.integers(14, 91, aantal), 0)


def _zaak(
    zaken: Zaken, bezit: Bezit, kalender: Kalender, seed: int, zaak_id: pa.Array, kennis: Dag
) -> Levertabel:
    rng = make_rng(seed, "vuil/zaak")
    aantal = zaken.complex.size
    onbekend = draw_zeldzaam(rng, 0.0006, aantal)
    verkeerd = draw_zeldzaam(rng, 0.001, aantal, zaken.einde < kalender.eerste)
    vers = (kennis >= kalender.eerste - 120) & (kennis < kalender.eerste)
    correctie = draw_zeldzaam(rng, 0.02, aantal, vers & zaken.is_overlast, vanaf=5)
    correctiedag = np.where(correctie, kalender.eerste + rng.integers(2, 28, aantal), NAT)
    anders = np.where(zaken.detail == _D["OVE"], _D["GEL"], _D["OVE"])
    sluit = np.where(zaken.einde >= kalender.eerste, zaken.einde, NAT)
    sluit = np.where(sluit < kalender.tweede, sluit, NAT)
    gewijzigd = np.where(np.isnat(correctiedag), sluit,
                         np.where(sluit > correctiedag, sluit, correctiedag))
    gewijzigd = np.maximum(gewijzigd, kennis)
    teksten = pa.array([_TEKST.get(code, "Melding aangenomen") for code in DETAIL])
    tekst = mix_aas(rng, choose(teksten, np.maximum(zaken.detail, 0)), 0.03)

    def build(dag: np.datetime64, rijen: Geheel) -> dict[str, object]:
        gecorrigeerd = correctiedag[rijen] < dag
        detail = np.where(gecorrigeerd, anders[rijen], zaken.detail[rijen])
        soort = np.where(gecorrigeerd, _SOC, zaken.soort[rijen])
        detail = np.where(onbekend[rijen], _D["XYZ"], detail)
        einde = hide(zaken.einde[rijen], dag)
        einde = np.where(verkeerd[rijen] & ~np.isnat(einde), zaken.begin[rijen] - 3, einde)
        return {
            "zaak_id": choose(zaak_id, rijen),
            "zaaktype_soort_code": choose_code(SOORT, soort),
            "zaaktype_detail_soort_code": choose_code(DETAIL, detail),
            "eenheid_id": choose(bezit.unit_id, zaken.unit[rijen]),
            "cluster_id": _met_cluster(bezit, zaken.complex[rijen], zaken.begin[rijen],
                                       zaken.heeft_cluster[rijen]),
            "registratiedatum": zaken.registratie[rijen],
            "begindatum": zaken.begin[rijen],
            "einddatum": einde,
            "omschrijving": choose(tekst, rijen),
        }

    return Levertabel("vera", "zaak", "aanvulling", kennis, build, gewijzigd, heeft_tekst=True)


def _met_cluster(bezit: Bezit, complexen: Geheel, dag: Dag, heeft_cluster: Vlag) -> pa.Array:
    ids = bezit.cluster_id(complexen, dag)
    return pa.compute.if_else(pa.array(heeft_cluster), ids, pa.scalar(None, pa.string()))


def _zaakstatus(zaken: Zaken, seed: int, zaak_id: pa.Array, zaak_kennis: Dag) -> Levertabel:
    rng = make_rng(seed, "zaken/status")
    laat = np.minimum(rng.geometric(0.7, zaken.status_zaak.size) - 1, 5)
    kennis = np.maximum(zaken.status_dag + laat, zaak_kennis[zaken.status_zaak])

    def build(dag: np.datetime64, rijen: Geheel) -> dict[str, object]:
        return {
            "zaak_id": choose(zaak_id, zaken.status_zaak[rijen]),
            "soort_code": choose_code(("AAN", "INB", "AFG", "GES", "GEA"),
                                    zaken.status_code[rijen]),
            "begindatum": zaken.status_dag[rijen],
        }

    return Levertabel("vera", "zaakstatus", "aanvulling", kennis, build)


def _zaak_stap(zaken: Zaken, seed: int, zaak_id: pa.Array, zaak_kennis: Dag) -> Levertabel:
    rng = make_rng(seed, "zaken/stapkennis")
    laat = np.where(rng.random(zaken.stap_zaak.size) < 0.04,
                    rng.integers(7, 45, zaken.stap_zaak.size), 0)
    kennis = np.maximum(zaken.stap_begin + laat, zaak_kennis[zaken.stap_zaak])

    def build(dag: np.datetime64, rijen: Geheel) -> dict[str, object]:
        return {
            "zaak_id": choose(zaak_id, zaken.stap_zaak[rijen]),
            "stap_code": choose_code(_STAP, zaken.stap_code[rijen]),
            "begindatum": zaken.stap_begin[rijen],
            "einddatum": hide(zaken.stap_einde[rijen], dag),
        }

    return Levertabel("zaakverloop", "zaak_stap", "aanvulling", kennis, build,
                      np.maximum(zaken.stap_einde, kennis))


def _zaak_ernst(zaken: Zaken, seed: int, zaak_id: pa.Array, zaak_kennis: Dag) -> Levertabel:
    rng = make_rng(seed, "zaken/ernst")
    beoordeeld = zaken.is_overlast & (zaken.is_ernstig | (rng.random(zaken.complex.size) < 0.6))
    zaak = np.flatnonzero(beoordeeld)
    dag0 = zaken.registratie[zaak]

    def build(dag: np.datetime64, rijen: Geheel) -> dict[str, object]:
        return {
            "zaak_id": choose(zaak_id, zaak[rijen]),
            "ernst_code": choose_code(("licht", "ernstig"),
                                    zaken.is_ernstig[zaak[rijen]].astype(np.int64)),
            "begindatum": dag0[rijen],
        }

    return Levertabel("zaakverloop", "zaak_ernst", "aanvulling",
                      np.maximum(dag0, zaak_kennis[zaak]), build)


