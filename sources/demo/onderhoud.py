"""Maintenance: requests, defects and orders, some of which follow the state of the complex."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from scipy.special import ndtr

from sources.demo.bezit import Bezit
from sources.demo.leveringen import Kalender, Levertabel, choose, choose_code, hide, make_id
from sources.demo.persoon import mix_aas
from sources.demo.toeval import Dag, Geheel, Getal, Vlag, draw_keuze, draw_zeldzaam, make_rng
from sources.demo.wereld import Geschiedenis, Stad


@dataclass(frozen=True)
class _Soort:
    """One kind of defect: rate per dwelling-year, pull of v and S, codes, causes, repair."""

    per_jaar: float
    v: float
    s: float
    codes: tuple[str, ...]
    oorzaken: tuple[str, ...]
    oorzaak_aandeel: tuple[float, ...]
    gemeenschappelijk: float
    dagen: float
    traag_v: float


_SOORTEN = (
    _Soort(0.014, 0.50, 0.45, ("BEK", "GLA", "INB", "BS0"), ("VAN",), (1.0,), 0.7, 6.0, 0.1),
    _Soort(0.014, 0.35, 0.20, ("RAT", "MUI", "KKL", "WAN", "MIE"), ("OUD", "BEW"), (0.6, 0.4),
           0.2, 9.0, 0.1),
    _Soort(0.032, 0.15, 0.15, ("SDE", "SLU", "VWE"), ("SLT", "OUD"), (0.7, 0.3), 0.6, 6.0, 0.25),
    _Soort(0.240, 0.05, 0.0,
           ("LEK", "DEF", "VS1", "STO", "KLE", "DRP", "LOO", "VOC", "SCH", "TOC", "BRE", "LOS"),
           ("SLT", "OUD", "BEW", "WAT", "STO"), (0.5, 0.3, 0.1, 0.06, 0.04), 0.08, 8.0, 0.05),
)
_DEFECT = (*(code for soort in _SOORTEN for code in soort.codes), "ZZZ")
_OORZAAK = ("VAN", "OUD", "BEW", "SLT", "WAT", "STO")
_ONBEKEND = len(_DEFECT) - 1
_DUUR_SPREIDING = 0.75
_AANDEEL_MET_ORDER = 0.95
_LANG_OPEN = 14
_ONGEDIERTE_GETELD = ("RAT", "MUI", "KKL", "WAN")
_LEE_VANAF = np.datetime64("2025-01-24", "D")
_TEKST = ("Vernieling in of aan het gebouw", "Ongedierte gezien", "Deur of verlichting werkt niet",
          "Reparatie gevraagd")


@dataclass(frozen=True)
class Onderhoud:
    """Requests (R) in order of the day of reporting; ``tweede`` marks a second defect."""

    complex: Geheel
    unit: Geheel
    dag: Dag
    soort: Geheel
    defect: Geheel
    oorzaak: Geheel
    tweede: Vlag
    heeft_order: Vlag
    opdracht: Dag
    gereed: Dag


def draw_ploeg(rng: np.random.Generator, stad: Stad) -> Getal:
    """Return how slow the crew of each complex (C) is, on a log scale: the stream's first draw."""
    ploeg: Getal = 0.3 * rng.normal(size=stad.n.size)
    return ploeg


def compute_verwachting(
    geschiedenis: Geschiedenis, gedekt: Vlag, seed: int
) -> dict[str, Getal]:
    """Return the true rates (T x C) per dwelling-year of what follows from maintenance.

    By name: ``vandalisme``; ``ongedierte`` (the codes that the label counts, requests alone);
    ``veiligheidsdefect``, those that stay open for more than 14 days and have an order. Complexes
    that are not covered have NaN: nothing is recorded there.
    """
    g = geschiedenis
    ploeg = draw_ploeg(make_rng(seed, "onderhoud"), g.stad)
    vandalisme, ongedierte, veiligheid = (
        np.where(gedekt, soort.per_jaar * _pull(soort, g), np.nan) for soort in _SOORTEN[:3]
    )
    slot = _SOORTEN[2]
    midden = np.log(slot.dagen) + slot.traag_v * g.stad.v + 0.15 * g.s + ploeg
    wacht = np.arange(13)
    kans_wacht = 0.5 ** (wacht + 1.0)
    kans_wacht[-1] = 1.0 - kans_wacht[:-1].sum()
    lang = np.zeros(g.s.shape)
    for dagen, kans in zip(wacht, kans_wacht, strict=True):
        lang += kans * ndtr((midden - np.log(_LANG_OPEN + 0.5 - dagen)) / _DUUR_SPREIDING)
    geteld = sum(code in _ONGEDIERTE_GETELD for code in _SOORTEN[1].codes)
    return {
        "vandalisme": vandalisme,
        "ongedierte": ongedierte * geteld / len(_SOORTEN[1].codes),
        "veiligheidsdefect": veiligheid * lang * _AANDEEL_MET_ORDER,
    }


def _pull(soort: _Soort, g: Geschiedenis) -> Getal:
    """Return by what factor (T x C) the state of a complex multiplies a rate."""
    factor: Getal = np.exp(
        soort.v * g.stad.v + soort.s * g.s - (soort.v**2 + soort.s**2) / 2
    )
    return factor


def simulate_onderhoud(
    geschiedenis: Geschiedenis,
    bezit: Bezit,
    kalender: Kalender,
    seed: int,
    gedekt: Vlag,
) -> Onderhoud:
    """Draw requests from the state of each complex.

    Parameters
    ----------
    geschiedenis, bezit, kalender
        The world.
    seed
        Seed of the world.
    gedekt
        Which complexes (C) have maintenance in the association's own system.
    """
    g = geschiedenis
    rng = make_rng(seed, "onderhoud")
    ploeg = draw_ploeg(rng, g.stad)
    delen: list[tuple[Geheel, Dag, Geheel, Geheel, Geheel, Geheel, Dag, Dag]] = []
    begin_code = 0
    for nummer, soort in enumerate(_SOORTEN):
        verwacht = gedekt * g.stad.n * soort.per_jaar / 12.0 * _pull(soort, g)
        aantal = rng.poisson(verwacht)
        maand, complexen = np.nonzero(aantal)
        keer = aantal[maand, complexen]
        maand, complexen = np.repeat(maand, keer), np.repeat(complexen, keer)
        dag = kalender.draw_dag(rng, maand)
        unit = bezit.draw_unit(rng, complexen, 1.2)
        unit = np.where(rng.random(unit.size) < soort.gemeenschappelijk, -1, unit)
        oorzaak = np.array([_OORZAAK.index(code) for code in soort.oorzaken])[
            draw_keuze(rng, soort.oorzaak_aandeel, dag.size)
        ]
        opdracht = dag + np.minimum(rng.geometric(0.5, dag.size) - 1, 12)
        duur = np.exp(
            np.log(soort.dagen)
            + soort.traag_v * g.stad.v[complexen]
            + 0.15 * g.s[maand, complexen]
            + ploeg[complexen]
            + _DUUR_SPREIDING * rng.normal(size=dag.size)
        )
        gereed = opdracht + np.clip(np.rint(duur), 0, 260).astype(np.int64)
        defect = begin_code + rng.integers(0, len(soort.codes), dag.size)
        delen.append((complexen, dag, unit, np.full(dag.size, nummer), defect, oorzaak,
                      opdracht, gereed))
        begin_code += len(soort.codes)
    complexen, dag, unit, soort_, defect, oorzaak, opdracht, gereed = (
        np.concatenate([deel[i] for deel in delen]) for i in range(8)
    )
    orde = np.lexsort((soort_, complexen, dag))
    return Onderhoud(
        complex=complexen[orde],
        unit=unit[orde],
        dag=dag[orde],
        soort=soort_[orde],
        defect=defect[orde],
        oorzaak=oorzaak[orde],
        tweede=rng.random(orde.size) < 0.06,
        heeft_order=rng.random(orde.size) < _AANDEEL_MET_ORDER,
        opdracht=opdracht[orde],
        gereed=gereed[orde],
    )


def build_tabellen(
    onderhoud: Onderhoud, bezit: Bezit, kalender: Kalender, seed: int
) -> list[Levertabel]:
    """Return onderhoudsverzoek, defect and onderhoudsorder."""
    o = onderhoud
    rng = make_rng(seed, "vuil/onderhoud")
    aantal = o.dag.size
    kennis = o.dag + np.where(rng.random(aantal) < 0.02, rng.integers(10, 60, aantal), 0)
    verzoek_id = make_id("OV", np.arange(1, aantal + 1), 8)
    einde = np.where(o.heeft_order, o.gereed, o.opdracht)
    tekst = mix_aas(rng, choose_code(_TEKST, o.soort), 0.01)
    leefbaar = (o.soort == 0) & (o.unit < 0) & (o.dag >= _LEE_VANAF)

    def build_verzoek(dag: np.datetime64, rijen: Geheel) -> dict[str, object]:
        gereed = einde[rijen] < dag
        return {
            "onderhoudsverzoek_id": choose(verzoek_id, rijen),
            "onderhoud_soort_code": choose_code(("REP", "LEE"), leefbaar[rijen].astype(np.int64)),
            "status_code": choose_code(("INB", "AFG"), gereed.astype(np.int64)),
            "eenheid_id": choose(bezit.unit_id, o.unit[rijen]),
            "cluster_id": pa.compute.if_else(
                pa.array(o.unit[rijen] < 0),
                bezit.cluster_id(o.complex[rijen], o.dag[rijen]),
                pa.scalar(None, pa.string()),
            ),
            "melddatum": o.dag[rijen],
            "omschrijving": choose(tekst, rijen),
        }

    verzoek = Levertabel("vera", "onderhoudsverzoek", "aanvulling", kennis, build_verzoek,
                         np.maximum(einde, kennis), heeft_tekst=True)
    return [verzoek, _defect(o, rng, verzoek_id, kennis), _order(o, verzoek_id, kennis, kalender)]


def _defect(
    o: Onderhoud, rng: np.random.Generator, verzoek_id: pa.Array, kennis: Dag
) -> Levertabel:
    van = np.repeat(np.arange(o.dag.size), 1 + o.tweede)
    is_tweede = np.zeros(van.size, dtype=bool)
    is_tweede[1:] = van[1:] == van[:-1]
    # The second defect of a request is an ordinary one
    gewoon = len(_DEFECT) - 1 - len(_SOORTEN[3].codes)
    code = np.where(is_tweede, gewoon + rng.integers(0, len(_SOORTEN[3].codes), van.size),
                    o.defect[van])
    code = np.where(draw_zeldzaam(rng, 0.0005, van.size), _ONBEKEND, code)
    oorzaak = np.where(is_tweede, 3, o.oorzaak[van])
    defect_id = make_id("D", np.arange(1, van.size + 1), 8)

    def build(dag: np.datetime64, rijen: Geheel) -> dict[str, object]:
        return {
            "defect_id": choose(defect_id, rijen),
            "onderhoudsverzoek_id": choose(verzoek_id, van[rijen]),
            "soort_code": choose_code(_DEFECT, code[rijen]),
            "oorzaak_code": choose_code(_OORZAAK, oorzaak[rijen]),
            "melddatum": o.dag[van[rijen]],
        }

    return Levertabel("vera", "defect", "aanvulling", kennis[van], build)


def _order(o: Onderhoud, verzoek_id: pa.Array, kennis: Dag, kalender: Kalender) -> Levertabel:
    van = np.flatnonzero(o.heeft_order)
    order_id = make_id("OO", np.arange(1, van.size + 1), 8)
    bekend = np.maximum(o.opdracht[van], kennis[van])

    def build(dag: np.datetime64, rijen: Geheel) -> dict[str, object]:
        return {
            "onderhoudsorder_id": choose(order_id, rijen),
            "onderhoudsverzoek_id": choose(verzoek_id, van[rijen]),
            "opdrachtdatum": o.opdracht[van[rijen]],
            "technisch_gereeddatum": hide(o.gereed[van[rijen]], dag),
        }

    return Levertabel("vera", "onderhoudsorder", "aanvulling", bekend, build,
                      np.maximum(o.gereed[van], bekend))


