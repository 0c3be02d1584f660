"""Letting: contracts with vacancy between them, monthly arrears, payment arrangements.

Stepped month by month over dwellings. The financial state of a complex correlates .5 with
its liveability v; no trait of people exists in this world.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sources.demo.bezit import Bezit
from sources.demo.leveringen import Kalender, Levertabel, choose, choose_code, make_id
from sources.demo.persoon import PersoonNamen
from sources.demo.toeval import (
    NAT,
    Dag,
    Geheel,
    Getal,
    Klein,
    Vlag,
    compute_lognormaal,
    draw_keuze,
    make_rng,
)
from sources.demo.wereld import Geschiedenis

_DAGEN_PER_JAAR = 365.25
_MUTATIE_PER_JAAR = 0.066
_GEMIDDELDE_DUUR_JAREN = 9.0
_LEEGSTAND_DAGEN = 24.0
_INSTROOM = 0.0068
_UITSTROOM = 0.17
_AANLOOP_MAANDEN = 60
_REGELING_KANS = 0.12
_ONTRUIMING_VANAF_MAANDEN = 4.0
_ONTRUIMING_KANS = 0.012
_ACHTERSTAND_VANAF_MAANDEN = 2.0
_LEEGSTAND_MAXIMUM = 365.0
# Points of financial state at which the stationary arrears are measured, and on how much
_ROOSTER, _WONINGEN_PER_PUNT, _HERHALINGEN = 17, 3000, 4
_REDEN = ("REG", "OVE", "WON", "WIJ", "PAS", "LEE", "NOO", "ONT")
_REDEN_AANDEEL = (0.62, 0.13, 0.05, 0.05, 0.12, 0.015, 0.015)
_REG, _OVE, _PAS, _NOO, _ONT = 0, 1, 4, 6, 7
# PAS exists in VERA from this day on; before it REG.
_PAS_VANAF = np.datetime64("2025-02-14", "D")


@dataclass(frozen=True)
class Huur:
    """Contracts (K) and arrears (A rows), in order of contract start and of month.

    ``leeg`` is the share of days without a contract per month and complex (T x C).
    """

    unit: Geheel
    begin: Dag
    einde: Dag
    opzeg: Dag
    reden: Geheel
    financieel: Getal
    achterstand_contract: Geheel
    achterstand_maand: Geheel
    achterstand_maanden: Getal
    regeling_contract: Geheel
    regeling_begin: Dag
    regeling_einde: Dag

    def find_leeg(self, woningen: int, dag: np.datetime64) -> Vlag:
        """Return which dwellings have no contract on a day."""
        bezet = (self.begin <= dag) & (np.isnat(self.einde) | (self.einde > dag))
        leeg = np.ones(woningen, dtype=bool)
        leeg[self.unit[bezet]] = False
        return leeg


def simulate_huur(
    bezit: Bezit, geschiedenis: Geschiedenis, kalender: Kalender, seed: int
) -> Huur:
    """Step all contracts through the months of the world.

    Parameters
    ----------
    bezit, geschiedenis, kalender
        The property and the world it stands in.
    seed
        Seed of the world.
    """
    rng = make_rng(seed, "huur")
    stad = geschiedenis.stad
    woningen = bezit.woningen
    c = bezit.complex[:woningen]
    financieel = 0.5 * stad.v + np.sqrt(0.75) * rng.normal(size=stad.n.size)
    instroom = _compute_instroom(financieel)[c]
    # Contracts: one running per dwelling; ended ones are moved to the list
    duur = rng.exponential(_GEMIDDELDE_DUUR_JAREN * _DAGEN_PER_JAAR, woningen)
    gebouwd = (bezit.bouwjaar[c] - 1969).astype("datetime64[Y]").astype("datetime64[D]")
    begin = np.maximum(kalender.begin - 1 - duur.astype(np.int64), gebouwd)
    begin = np.minimum(begin, kalender.begin - 1)
    nummer = np.arange(woningen)
    volgend = woningen
    lijst_unit, lijst_begin = [np.arange(woningen)], [begin.copy()]
    eind_nummer: list[Geheel] = []
    eind_dag: list[Dag] = []
    eind_reden: list[Geheel] = []
    stand, regeling_tot = _warm_up(rng, instroom, _compute_mutatiekans(geschiedenis, 0)[c])
    rijen: list[tuple[Geheel, Geheel, Getal]] = []
    regelingen: list[tuple[Geheel, Dag, Geheel]] = []
    for maand in range(geschiedenis.maanden):
        dag1 = kalender.maandstart(maand)
        lopend = begin < dag1
        # Arrears as they stand on the first of the month
        stand = _step_achterstand(rng, stand, instroom, lopend, regeling_tot >= maand)
        met = np.flatnonzero(stand)
        rijen.append((nummer[met], np.full(met.size, maand), stand[met].astype(np.float64)))
        nieuw = met[(stand[met] >= 1.0) & (regeling_tot[met] < maand)]
        nieuw = nieuw[rng.random(nieuw.size) < _REGELING_KANS]
        looptijd = rng.integers(4, 13, nieuw.size)
        regeling_tot[nieuw] = maand + looptijd
        regelingen.append((nummer[nieuw], kalender.draw_dag(rng, np.full(nieuw.size, maand)),
                           looptijd))
        # Ends: ordinary turnover and evictions
        kans = _compute_mutatiekans(geschiedenis, maand)
        gaat = lopend & (rng.random(woningen, dtype=np.float32) < kans[c])
        hoog = met[stand[met] >= _ONTRUIMING_VANAF_MAANDEN]
        ontruimd = hoog[rng.random(hoog.size) < _ONTRUIMING_KANS * 4]
        gaat[ontruimd] = True
        weg = np.flatnonzero(gaat)
        einde = kalender.draw_dag(rng, np.full(weg.size, maand)) + 1
        reden = _draw_reden(rng, einde, np.isin(weg, ontruimd))
        leeg = _draw_leegstand(rng, stad.v[c[weg]])
        eind_nummer.append(nummer[weg])
        eind_dag.append(einde)
        eind_reden.append(reden)
        begin[weg] = einde + leeg
        nummer[weg] = np.arange(volgend, volgend + weg.size)
        volgend += weg.size
        stand[weg] = 0.0
        regeling_tot[weg] = -1
        lijst_unit.append(weg)
        lijst_begin.append(begin[weg])
    return _collect(
        kalender, rng, financieel, lijst_unit, lijst_begin, eind_nummer, eind_dag, eind_reden,
        rijen, regelingen,
    )


def _warm_up(
    rng: np.random.Generator, instroom: Getal, mutatiekans: Klein
) -> tuple[np.ndarray, np.ndarray]:
    """Step the months before the world begins, so that arrears start at their usual level.

    Without it the reference (the first years) holds few arrears, and every complex seems to
    get worse for ever after.
    """
    stand = np.zeros(instroom.size, dtype=np.float32)
    regeling_tot = np.full(instroom.size, -_AANLOOP_MAANDEN - 1, dtype=np.int32)
    lopend = np.ones(instroom.size, dtype=bool)
    for maand in range(-_AANLOOP_MAANDEN, 0):
        stand = _step_achterstand(rng, stand, instroom, lopend, regeling_tot >= maand)
        met = np.flatnonzero((stand >= 1.0) & (regeling_tot < maand))
        nieuw = met[rng.random(met.size) < _REGELING_KANS]
        regeling_tot[nieuw] = maand + rng.integers(4, 13, nieuw.size)
        ontruimd = (stand >= _ONTRUIMING_VANAF_MAANDEN) & (
            rng.random(stand.size) < _ONTRUIMING_KANS * 4
        )
        gaat = ontruimd | (rng.random(stand.size) < mutatiekans)
        stand[gaat] = 0.0
        regeling_tot[gaat] = maand - 1
    return stand, regeling_tot


def _compute_instroom(financieel: Getal) -> Getal:
    """Return the chance per month that rent is owed for the first time."""
    kans: Getal = _INSTROOM * np.exp(0.45 * financieel - 0.10)
    return kans


def _compute_mutatiekans(geschiedenis: Geschiedenis, maand: int) -> Klein:
    """Return the chance (C) that a contract ends this month by ordinary turnover."""
    kracht = 0.20 * geschiedenis.stad.v + 0.15 * geschiedenis.s[maand].astype(np.float64)
    kans: Klein = (_MUTATIE_PER_JAAR / 12.0 * np.exp(kracht)).astype(np.float32)
    return kans


def _draw_reden(rng: np.random.Generator, einde: Dag, is_ontruimd: Vlag) -> Geheel:
    reden = draw_keuze(rng, _REDEN_AANDEEL, einde.size)
    reden = np.where((reden == _PAS) & (einde < _PAS_VANAF), _REG, reden)
    return np.where(is_ontruimd, _ONT, reden)


def compute_verwachting(huur: Huur, geschiedenis: Geschiedenis, seed: int) -> dict[str, Getal]:
    """Return what is to be expected (T x C) of letting.

    By name: ``achterstand`` (share of contracts that owe two months or more) and ``regeling``
    (share with a payment arrangement), ``ontruiming`` and ``mutatie`` (ends of contracts per
    dwelling-year), ``leegstand`` (days, at most 365). Arrears have no closed form: their
    stationary state is measured once on dwellings of a grid of financial states, at the average
    turnover, with a stream of its own, and interpolated.
    """
    g = geschiedenis
    rng = make_rng(seed, "waarheid/huur")
    rooster = np.linspace(-4.0, 4.0, _ROOSTER)
    instroom = np.repeat(_compute_instroom(rooster), _WONINGEN_PER_PUNT)
    kans = np.full(instroom.size, _MUTATIE_PER_JAAR / 12.0)
    som = np.zeros((3, _ROOSTER))
    for _ in range(_HERHALINGEN):
        stand, regeling_tot = _warm_up(rng, instroom, kans.astype(np.float32))
        for rij, heeft in enumerate((
            stand >= _ACHTERSTAND_VANAF_MAANDEN,
            regeling_tot >= 0,
            stand >= _ONTRUIMING_VANAF_MAANDEN,
        )):
            som[rij] += heeft.reshape(_ROOSTER, -1).mean(axis=1) / _HERHALINGEN
    achterstand, regeling, hoog = (
        np.broadcast_to(np.interp(huur.financieel, rooster, _smooth(rij)), g.s.shape)
        for rij in som
    )
    ontruiming = 12.0 * _ONTRUIMING_KANS * 4 * hoog
    gewoon = 12.0 * np.stack([_compute_mutatiekans(g, maand) for maand in range(g.maanden)])
    leegstand = compute_lognormaal(
        np.log(_LEEGSTAND_DAGEN) + 0.25 * g.stad.v, 0.7, _LEEGSTAND_MAXIMUM
    )
    return {
        "achterstand": achterstand,
        "regeling": regeling,
        "ontruiming": ontruiming,
        "mutatie": gewoon + ontruiming,
        "leegstand": np.broadcast_to(leegstand, g.s.shape),
    }


def _smooth(aandeel: Getal) -> Getal:
    """Return shares over the grid without the noise of their simulation: a cubic in the log."""
    punten = np.linspace(-1.0, 1.0, aandeel.size)
    log = np.log(np.maximum(aandeel, 1e-5))
    glad: Getal = np.exp(np.polynomial.Polynomial.fit(punten, log, 3)(punten))
    return glad


def _draw_leegstand(rng: np.random.Generator, v: Getal) -> Geheel:
    """Draw days of vacancy after a contract: longer where the complex is less liveable."""
    dagen = np.rint(np.exp(np.log(_LEEGSTAND_DAGEN) + 0.25 * v + 0.7 * rng.normal(size=v.size)))
    heel: Geheel = np.clip(dagen, 0, 400).astype(np.int64)
    return heel


def _step_achterstand(
    rng: np.random.Generator, stand: np.ndarray, instroom: Getal, lopend: Vlag, regeling: Vlag
) -> np.ndarray:
    """Step the months of rent owed: enter, stay, grow, shrink, clear."""
    met = np.flatnonzero(stand)
    toeval = rng.random(met.size)
    groei = rng.random(met.size)
    stap = np.where(groei < 0.30, 1.0, np.where(groei < 0.62, 0.0, -0.45))
    stap = np.where(regeling[met], -0.25, stap)
    nieuw = np.maximum(stand[met] + stap, 0.15)
    uit = toeval < _UITSTROOM / (1.0 + 0.35 * np.maximum(stand[met] - 1.0, 0.0))
    uit |= regeling[met] & (nieuw <= 0.3)
    stand = stand.copy()
    stand[met] = np.where(uit, 0.0, np.minimum(nieuw, 18.0))
    start = np.flatnonzero((rng.random(stand.size, dtype=np.float32) < instroom) & lopend)
    start = start[stand[start] == 0]
    stand[start] = 0.3 + rng.random(start.size)
    return np.round(stand, 2)


def _collect(
    kalender: Kalender,
    rng: np.random.Generator,
    financieel: Getal,
    unit: list[Geheel],
    begin: list[Dag],
    eind_nummer: list[Geheel],
    eind_dag: list[Dag],
    eind_reden: list[Geheel],
    rijen: list[tuple[Geheel, Geheel, Getal]],
    regelingen: list[tuple[Geheel, Dag, Geheel]],
) -> Huur:
    units, begins = np.concatenate(unit), np.concatenate(begin)
    einde = np.full(units.size, NAT)
    reden = np.full(units.size, -1, dtype=np.int64)
    nummer, dag = np.concatenate(eind_nummer), np.concatenate(eind_dag)
    einde[nummer] = dag
    reden[nummer] = np.concatenate(eind_reden)
    opzeg = einde - rng.integers(28, 62, units.size)
    opzeg = np.where(np.isin(reden, (_ONT, _NOO, _OVE)), NAT, opzeg)
    opzeg = np.where(opzeg < begins, begins, opzeg)
    # Contracts in order of start, so that ids grow with time
    volgorde = np.lexsort((units, begins))
    plaats = np.empty(units.size, dtype=np.int64)
    plaats[volgorde] = np.arange(units.size)
    contract = plaats[np.concatenate([rij[0] for rij in rijen])]
    maand = np.concatenate([rij[1] for rij in rijen])
    waarde = np.concatenate([rij[2] for rij in rijen])
    orde = np.lexsort((maand, contract))
    regeling = plaats[np.concatenate([rij[0] for rij in regelingen])]
    regeling_begin = np.concatenate([rij[1] for rij in regelingen])
    looptijd = np.concatenate([rij[2] for rij in regelingen])
    regeling_einde = regeling_begin + looptijd * 30
    contracteinde = einde[volgorde][regeling]
    regeling_einde = np.where(contracteinde < regeling_einde, contracteinde, regeling_einde)
    regeling_begin = np.minimum(regeling_begin, regeling_einde)
    r = np.lexsort((regeling, regeling_begin))
    return Huur(
        unit=units[volgorde],
        begin=begins[volgorde],
        einde=einde[volgorde],
        opzeg=opzeg[volgorde],
        reden=reden[volgorde],
        financieel=financieel,
        achterstand_contract=contract[orde],
        achterstand_maand=maand[orde],
        achterstand_maanden=waarde[orde],
        regeling_contract=regeling[r],
        regeling_begin=regeling_begin[r],
        regeling_einde=regeling_einde[r],
    )


def build_tabellen(huur: Huur, bezit: Bezit, kalender: Kalender, seed: int) -> list[Levertabel]:
    """Return huurovereenkomst, huurachterstand and betalingsregeling."""
    contract_id = make_id("H", np.arange(1, huur.unit.size + 1), 8)
    return [
        _huurovereenkomst(huur, bezit, seed, contract_id),
        _huurachterstand(huur, bezit, kalender, seed, contract_id),
        _betalingsregeling(huur, seed, contract_id),
    ]


def _huurovereenkomst(huur: Huur, bezit: Bezit, seed: int, contract_id: pa.Array) -> Levertabel:
    rng = make_rng(seed, "vuil/huurovereenkomst")
    aantal = huur.unit.size
    namen = PersoonNamen.draw(rng, aantal)
    verkeerd = rng.random(aantal) < 0.0005
    kennis = huur.begin - rng.integers(5, 25, aantal)
    bekend = np.where(np.isnat(huur.opzeg), huur.einde, huur.opzeg)

    def build(dag: np.datetime64, rijen: Geheel) -> dict[str, object]:
        weet = bekend[rijen] < dag
        einde = np.where(weet, huur.einde[rijen], NAT)
        opzeg = np.where(weet, huur.opzeg[rijen], NAT)
        reden = np.where(weet, huur.reden[rijen], -1)
        voorbij = einde <= dag
        status = np.where(voorbij, np.where(np.isin(reden, (_ONT, _NOO)), 3, 2),
                          np.where(weet, 1, 0))
        status = np.where(huur.begin[rijen] >= dag, 4, status)
        fout = verkeerd[rijen] & voorbij
        return {
            "overeenkomst_id": choose(contract_id, rijen),
            "eenheid_id": choose(bezit.unit_id, huur.unit[rijen]),
            "status_code": choose_code(("LOP", "OPG", "BEE", "ONT", "GOE"), status),
            "begindatum": huur.begin[rijen],
            "einddatum": np.where(fout, huur.begin[rijen] - 30, einde),
            "opzegdatum": opzeg,
            "einde_detail_reden_code": choose_code(_REDEN, reden),
            "huurder_naam": namen.naam(rijen),
            "huurder_geboortedatum": namen.geboortedatum(rijen),
        }

    return Levertabel("vera", "huurovereenkomst", "volledig", kennis, build)


def _huurachterstand(
    huur: Huur, bezit: Bezit, kalender: Kalender, seed: int, contract_id: pa.Array
) -> Levertabel:
    rng = make_rng(seed, "vuil/huurachterstand")
    peil = kalender.maandstart(huur.achterstand_maand)
    tekst = rng.random(peil.size) < 0.0002
    laat = rng.random(peil.size) < 0.002
    kennis = peil + np.where(laat, rng.integers(20, 60, peil.size), 1)
    maanden = huur.achterstand_maanden
    # A correction in the last month: paid after all, booked on another contract
    correctie = (rng.random(peil.size) < 0.02) & (peil >= kalender.eerste - 92)
    gewijzigd = np.where(correctie, kalender.eerste + rng.integers(3, 25, peil.size), NAT)

    def build(dag: np.datetime64, rijen: Geheel) -> dict[str, object]:
        nu = np.where(gewijzigd[rijen] < dag, np.maximum(maanden[rijen] - 0.5, 0.0),
                      maanden[rijen])
        huurprijs = bezit.brutohuur[huur.unit[huur.achterstand_contract[rijen]]]
        bedrag = pa.array(np.round(nu * huurprijs, 2)).cast(pa.string())
        return {
            "overeenkomst_id": choose(contract_id, huur.achterstand_contract[rijen]),
            "peildatum": peil[rijen],
            "achterstand_eur": pa.compute.if_else(pa.array(tekst[rijen]), "n.v.t.", bedrag),
            "maanden_achterstand": np.round(nu, 2),
        }

    return Levertabel("vera", "huurachterstand", "aanvulling", kennis, build, gewijzigd)


def _betalingsregeling(huur: Huur, seed: int, contract_id: pa.Array) -> Levertabel:
    rng = make_rng(seed, "betalingsregeling")
    aantal = huur.regeling_begin.size
    gestopt = rng.random(aantal) < 0.12
    regeling_id = make_id("BR", np.arange(1, aantal + 1), 7)

    def build(dag: np.datetime64, rijen: Geheel) -> dict[str, object]:
        voorbij = huur.regeling_einde[rijen] < dag
        status = np.where(voorbij, np.where(gestopt[rijen], 2, 1), 0)
        return {
            "betalingsregeling_id": choose(regeling_id, rijen),
            "overeenkomst_id": choose(contract_id, huur.regeling_contract[rijen]),
            "status_code": choose_code(("ACT", "BEE", "ANN"), status),
            "begindatum": huur.regeling_begin[rijen],
            "einddatum": np.where(voorbij, huur.regeling_einde[rijen], NAT),
        }

    return Levertabel(
        "vera", "betalingsregeling", "aanvulling",
        huur.regeling_begin + rng.integers(0, 4, aantal), build, huur.regeling_einde,
    )
