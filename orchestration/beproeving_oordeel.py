"""The oracle of the trials: it knows what was mutated and holds landing and gate to it.

Belongs here: comparing what landed, what was rejected and what the gate said with what a
mutation means. Does not belong here: running a trial (:mod:`orchestration.beproeving`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pyarrow.parquet as pq

from expectations.poort_in_vergelijking import AANDEEL_SLEUTEL_WEG, SLEUTELS
from expectations.poort_in_verslag import ONGEWIJZIGD
from sources.adresindex import INDEXKOLOMMEN
from sources.bestand import show_naam
from sources.demo.mutatie import Proef
from sources.demo.mutatie.bestand import LEESBAAR
from sources.landing import BronLanding, Geland
from vera.bevinding import Bevinding
from vera.contract import Kolom
from vera.levering import Afkeuring

if TYPE_CHECKING:
    from orchestration.beproeving import Bank

Uitkomst = Literal[
    "gelijk aanvaard",
    "als tekst aanvaard",
    "quarantaine",
    "geweigerd",
    "aanvaard met melding",
    "niet te zien",
    "gestrand",
]
UITKOMSTEN: Final[tuple[Uitkomst, ...]] = (
    "gelijk aanvaard",
    "als tekst aanvaard",
    "quarantaine",
    "geweigerd",
    "aanvaard met melding",
    "niet te zien",
    "gestrand",
)

MINIMUM_GEHEIM = 6
"""Shorter personal values occur in honest messages by chance."""
MAXIMUM_GEHEIMEN = 400
_BESTURING: Final = ("\x1b", "\r", "\0", "\u202e")

# What must be seen whatever the rules of the gate: far over its limits, on enough rows.
MOET_ANDERS = 0.55
MOET_RIJEN = 100
MOET_OMVANG = 0.35


@dataclass(frozen=True)
class Oordeel:
    """What became of a trial, what is wrong with that, and what the gate said."""

    uitkomst: Uitkomst
    fouten: tuple[str, ...]
    waarom: tuple[str, ...]
    poort_open: bool = False


@dataclass(frozen=True)
class Uitslag:
    """One trial as it is reported."""

    nummer: int
    tabel: str
    bestand: str
    soort: str
    stappen: tuple[str, ...]
    uitkomst: Uitkomst
    fouten: tuple[str, ...]
    waarom: tuple[str, ...]
    poort_open: bool

    @property
    def mutatie(self) -> str:
        """Name of the mutation that carries meaning."""
        return next((s for s in self.stappen if s.startswith(self.soort)), self.stappen[0])


def judge(
    bank: Bank,
    proef: Proef,
    landing: BronLanding,
    regels: Mapping[int, int],
    bevindingen: Sequence[Bevinding],
) -> Oordeel:
    """Judge what became of a trial.

    Parameters
    ----------
    bank
        The sound delivery.
    proef
        What was done.
    landing
        What was landed of the source.
    regels
        The number of the row per line of the mutated file.
    bevindingen
        What the gate finds that it does not find in the sound delivery.
    """
    from orchestration.beproeving import name_bestand

    bestand = f"{proef.bron.naam}/{name_bestand(proef)}"
    eigen = [g for g in landing.bestanden if g.verslag.bestand == bestand]
    fouten = list(_find_onthuld(bank, proef, landing, bevindingen))
    blokkades = [b for b in bevindingen if b.blokkeert]
    if proef.bron.formaat == "uitgever":
        feiten = _judge_uitgever(bank, proef, landing, eigen)
    elif not eigen:
        feiten = _Feiten(fouten=() if bestand in landing.overgeslagen else ("het bestand is weg",))
    else:
        feiten = _judge_tabel(bank, proef, eigen[0], regels)
    fouten += feiten.fouten
    if feiten.is_misgelezen and not bevindingen:
        # A name in the head that lost a letter takes a column from every row; that is said.
        fouten.append("veel rijen zijn geland die niet in het goede bestand staan")
    if feiten.leesfout and not any(b.regel in {LEESBAAR, "kolommen_aanwezig"} for b in blokkades):
        fouten.append("het bestand is niet gelezen en de poort weigert het niet")
    if feiten.leesfout and proef.weigert and not any(w in feiten.leesfout for w in proef.weigert):
        fouten.append(f"geweigerd om een reden die niet klopt: {feiten.leesfout}")
    # Of a file that is not read nothing can be said but that, which is held above.
    if (
        proef.melding
        and not feiten.leesfout
        and not any(_is_een(b.regel, proef.melding) for b in bevindingen)
    ):
        fouten.append(f"de poort zwijgt; verwacht: {' of '.join(sorted(proef.melding))}")
    uitkomst = _name_uitkomst(proef, feiten, bevindingen)
    genoemd = f"{proef.bron.naam}/{show_naam(name_bestand(proef))}" in landing.overgeslagen
    if genoemd and uitkomst in {"gelijk aanvaard", "niet te zien"}:
        uitkomst = "aanvaard met melding"  # every run names what it did not read
    if uitkomst == "niet te zien":
        fouten += _demand_melding(bank, proef)
    if proef.soort in {"gelijk", "cel", "tekst"} and not feiten.leesfout:
        mag = proef.mag_melden | proef.melding
        if proef.soort != "gelijk":
            mag |= {ONGEWIJZIGD.naam}  # that a published file is another one is always said
        if _count_sleutels_weg(proef) > AANDEEL_SLEUTEL_WEG * len(proef.blad.rijen):
            mag |= {SLEUTELS.naam}
        fouten += [
            f"de poort meldt wat niet klopt: {b.tabel} {b.regel}: {b.gevonden}"
            for b in bevindingen
            if not _is_een(b.regel, mag)
        ]
    return Oordeel(
        uitkomst,
        tuple(fouten),
        tuple(f"{b.tabel}: {b.regel}: {b.gevonden}" for b in bevindingen),
        poort_open=not blokkades,
    )


def _count_sleutels_weg(proef: Proef) -> int:
    """Return in how many rows a mutation takes the key away: to quarantine, or by another one."""
    sleutel = set(proef.tabel.sleutel)
    anders = {nummer for nummer, cellen in proef.gewijzigd.items() if sleutel & cellen.keys()}
    return len(anders | proef.afgekeurd.keys())


def _name_uitkomst(proef: Proef, feiten: _Feiten, bevindingen: Sequence[Bevinding]) -> Uitkomst:
    if any(b.blokkeert for b in bevindingen):
        return "geweigerd"
    if feiten.is_afgekeurd:
        return "quarantaine"
    if bevindingen and (feiten.is_anders or proef.melding):
        return "aanvaard met melding"
    if not feiten.is_anders:
        return "gelijk aanvaard"
    return "als tekst aanvaard" if proef.soort == "tekst" else "niet te zien"


@dataclass(frozen=True)
class _Feiten:
    """What became of the rows of the mutated file."""

    fouten: tuple[str, ...] = ()
    leesfout: str = ""
    is_afgekeurd: bool = False
    is_anders: bool = False
    is_misgelezen: bool = False


def _is_een(regel: str, namen: frozenset[str]) -> bool:
    """Whether a rule is one of some names; ``*verwijzing`` stands for every reference."""
    return regel in namen or ("*verwijzing" in namen and regel.startswith("verwijzing_"))


def _find_onthuld(
    bank: Bank, proef: Proef, landing: BronLanding, bevindingen: Sequence[Bevinding]
) -> Iterator[str]:
    """Yield every message that repeats a value or holds control characters."""
    teksten = [
        tekst
        for b in bevindingen
        for tekst in (b.gevonden, b.voorbeeld, b.verwacht, b.remedie, b.tabel, b.regel)
    ]
    for geland in landing.bestanden:
        verslag = geland.verslag
        teksten += [verslag.bestand, verslag.leesfout or "", *verslag.onbekende_kolommen]
        teksten += [*verslag.voorbeeld_onbekende_code.values(), *verslag.afgekeurd_per_reden]
        teksten += [t for a in geland.afkeuringen for t in _list_teksten(a)]
    teksten += landing.overgeslagen
    alles = "\n".join(dict.fromkeys(teksten))
    for geheim in (*proef.verboden, *_list_geheimen(proef)):
        if geheim in alles if geheim.strip() else any(geheim in tekst for tekst in teksten):
            yield "een melding herhaalt een waarde uit het bestand"
            break
    if any(teken in tekst for tekst in teksten for teken in ("\n", *_BESTURING)):
        yield "een melding bevat een regeleinde of stuurteken"
    if any(t[:1] in {"=", "+", "-", "@"} for g in landing.bestanden for a in g.afkeuringen
           for t in _list_teksten(a)):  # fmt: skip
        yield "de lijst met afkeuringen bevat een formule"


def _list_teksten(afkeuring: Afkeuring) -> tuple[str, ...]:
    return (afkeuring.bestand, afkeuring.kolom, afkeuring.waardeklasse, afkeuring.reden)


def _list_geheimen(proef: Proef) -> list[str]:
    """Return values of the file that no message may hold: what is hidden or removed on landing."""
    geheim: dict[str, None] = {}
    for kolom in proef.tabel.kolommen:
        if kolom.behandeling == "behouden" or kolom.naam not in proef.blad.kop:
            continue
        plek = proef.blad.find(kolom.naam)
        for rij in proef.blad.rijen:
            if plek < len(rij.cellen) and len(rij.cellen[plek].strip()) >= MINIMUM_GEHEIM:
                geheim[rij.cellen[plek].strip()] = None
    return list(geheim)[:MAXIMUM_GEHEIMEN]


def _judge_tabel(bank: Bank, proef: Proef, geland: Geland, regels: Mapping[int, int]) -> _Feiten:
    """Judge the rows of a table's file."""
    verslag = geland.verslag
    if verslag.leesfout or verslag.ontbrekende_kolommen:
        reden = verslag.leesfout or "ontbreekt: " + ", ".join(verslag.ontbrekende_kolommen)
        mag = bool(proef.weigert)
        return _Feiten(
            fouten=() if mag else (f"een leesbaar bestand is geweigerd: {reden}",), leesfout=reden
        )
    landed = pq.read_table(geland.pad).to_pylist()
    goed = bank.read_rijen(f"{proef.bron.naam}/{proef.oorspronkelijk or proef.bestand}")
    if proef.doe_bytes is not None or proef.plaats is not None:
        return _judge_beschadigd(goed, proef, geland, landed)
    fouten: list[str] = []
    if verslag.afgekeurd != len(geland.afkeuringen) or verslag.rijen != len(landed):
        fouten.append("het verslag telt anders dan er staat")
    per_nummer: dict[int, dict[str, Any]] = {}
    for rij in landed:
        nummer = regels.get(rij.pop("_regel"))
        if nummer is None:
            fouten.append("een gelande rij staat op een regel die er niet is")
            continue
        per_nummer[nummer] = rij
    afgekeurd = {regels.get(a.regel, 0): a for a in geland.afkeuringen}
    verwacht = {abs(rij.nummer) for rij in proef.blad.rijen}
    al_afgekeurd = {n for n in verwacht if n not in goed}
    is_anders = False
    for plek in proef.blad.rijen:
        is_anders |= bool(plek.nummer in per_nummer and plek.nummer in proef.gewijzigd)
        fouten += _judge_rij(
            proef,
            plek.nummer,
            afgekeurd.get(plek.nummer),
            per_nummer.get(plek.nummer),
            goed.get(abs(plek.nummer)),
        )
    if len(proef.blad.rijen) < len(goed) + len(al_afgekeurd) and proef.soort == "aannemelijk":
        is_anders = True
    if any(rij.nummer < 0 for rij in proef.blad.rijen):
        is_anders = True
    return _Feiten(
        fouten=tuple(dict.fromkeys(fouten))[:5],
        is_afgekeurd=len(afgekeurd) > len(al_afgekeurd),
        is_anders=is_anders,
    )


def _judge_rij(
    proef: Proef,
    nummer: int,
    af: Afkeuring | None,
    nu: Mapping[str, Any] | None,
    goed: Mapping[str, Any] | None,
) -> Iterator[str]:
    """Yield what is wrong with what became of one row: rejected (``af``) or landed (``nu``)."""
    eis = proef.afgekeurd.get(nummer)
    vrij = proef.soort == "aannemelijk"  # a swap may break a row as well, or mend it
    if af is None and nu is None:
        yield f"rij {nummer} is zonder bericht verdwenen"
    elif eis is not None:
        # A row that was rejected in the sound file too may be so for what ails it there.
        if goed is not None or af is None or af.kolom in eis[0]:
            yield from _judge_afkeuring(nummer, af, eis)
    elif nu is None:
        if goed is not None and not (vrij and nummer in proef.gewijzigd):
            yield f"rij {nummer} is afgekeurd en er mankeert niets aan: {af}"
    elif goed is not None:
        yield from _compare_rij(proef, nummer, nu, goed, proef.gewijzigd.get(nummer, {}))
    elif not vrij:
        yield f"rij {nummer} was eerst afgekeurd en is nu geland"


def _judge_afkeuring(
    nummer: int, af: Afkeuring | None, eis: tuple[frozenset[str], tuple[str, ...]]
) -> Iterator[str]:
    kolommen, redenen = eis
    if af is None:
        yield f"rij {nummer} is geland en had in quarantaine moeten staan ({', '.join(redenen)})"
    elif af.kolom not in kolommen:
        yield f"rij {nummer}: afgekeurd op kolom {af.kolom!r}, het is {sorted(kolommen)}"
    elif not any(reden in af.reden for reden in redenen):
        yield f"rij {nummer}: afgekeurd om {af.reden!r}, het is {redenen}"


def _compare_rij(
    proef: Proef,
    nummer: int,
    nu: Mapping[str, Any],
    goed: Mapping[str, Any],
    wijziging: Mapping[str, str],
) -> Iterator[str]:
    """Yield the columns of a landed row that hold something else than they should."""
    kolommen = {kolom.naam: kolom for kolom in proef.tabel.kolommen}
    adres = {k.naam for k in proef.tabel.kolommen if k.behandeling == "adresindex"}
    for naam, waarde in nu.items():
        if naam in wijziging:
            if not _is_tekst(waarde, wijziging[naam], kolommen[naam]):
                yield f"rij {nummer}: {naam} is niet geland zoals het er staat"
        elif naam in INDEXKOLOMMEN and adres & wijziging.keys():
            continue
        elif waarde != goed[naam]:
            yield f"rij {nummer}: {naam} is veranderd en daar is niets aan gedaan"


def _is_tekst(waarde: Any, tekst: str, kolom: Kolom) -> bool:
    """Whether a landed value is what a text says."""
    kaal = tekst.strip(" ")
    if not kaal:
        return waarde is None
    if kolom.behandeling == "pseudoniem":
        from orchestration.beproeving import hash_proef

        return bool(waarde == hash_proef(kolom.naam, kaal))
    if kolom.type == "varchar":
        return bool(waarde == kaal)
    if kolom.type == "date":
        return str(waarde) == kaal[:10]
    if isinstance(waarde, Decimal):
        # Rounded to the decimals of the contract, never further.
        stap = Decimal(1).scaleb(int(waarde.as_tuple().exponent))
        return abs(waarde - Decimal(kaal)) <= stap / 2
    return waarde is not None and float(waarde) == float(kaal)


def _judge_beschadigd(
    goed: Mapping[int, Mapping[str, Any]],
    proef: Proef,
    geland: Geland,
    landed: list[dict[str, Any]],
) -> _Feiten:
    """Judge a damaged file: what is left of the sound rows must be what it was."""
    inhoud = {_freeze(rij) for rij in goed.values()}
    vreemd = 0
    for rij in landed:
        rij.pop("_regel")
        vreemd += _freeze(rij) not in inhoud
    return _Feiten(
        is_misgelezen=vreemd > MAXIMUM_VREEMD,
        is_afgekeurd=bool(geland.afkeuringen),
        is_anders=vreemd > 0 or len(landed) < len(goed),
    )


MAXIMUM_VREEMD = 40
"""Bytes that a mutation flips or sprinkles, hence rows that may read as something else."""


def _freeze(rij: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(sorted((k, str(v)) for k, v in rij.items() if k != "_regel"))


def _judge_uitgever(
    bank: Bank, proef: Proef, landing: BronLanding, eigen: Sequence[Geland]
) -> _Feiten:
    """Judge a publisher's file against the sound rows, line by line."""
    fouten: list[str] = []
    leesfout = next((g.verslag.leesfout for g in eigen if g.verslag.leesfout), "") or ""
    naam = f"{proef.bron.naam}/{proef.oorspronkelijk or proef.bestand}"
    toen = [g for g in bank.landingen[proef.bron.naam].bestanden if g.verslag.bestand == naam]
    is_anders, is_afgekeurd = False, False
    vrij = bool(proef.weigert) or bool(proef.mag_melden & {"*alles", "*vorm"})
    if leesfout and not vrij and "*cel" not in proef.mag_melden:
        fouten.append(f"een leesbaar bestand is geweigerd: {leesfout}")
    for oud in toen if not leesfout else ():
        nieuw = [g for g in eigen if g.verslag.tabel == oud.verslag.tabel]
        if not nieuw:
            is_anders = True
            continue
        is_afgekeurd |= len(nieuw[0].afkeuringen) > len(oud.afkeuringen)
        een = {r.pop("_regel"): r for r in pq.read_table(oud.pad).to_pylist()}
        ander = {r.pop("_regel"): r for r in pq.read_table(nieuw[0].pad).to_pylist()}
        verschil = {
            (regel, kolom)
            for regel in een.keys() & ander.keys()
            for kolom in een[regel]
            if een[regel][kolom] != ander[regel][kolom]
        }
        weg = een.keys() - ander.keys()
        is_anders |= bool(verschil or weg)
        if vrij:
            continue
        regels = {regel for regel, _ in verschil}
        if "*cel" in proef.mag_melden:
            if proef.bron.naam != "airbnb" and len(regels | weg) > 1:
                fouten.append("meer rijen zijn anders dan de ene waarin iets is veranderd")
        elif verschil or weg or een.keys() != ander.keys():
            fouten.append("dezelfde inhoud geeft andere rijen")
    return _Feiten(tuple(fouten[:5]), leesfout, is_afgekeurd, is_anders)


def _demand_melding(bank: Bank, proef: Proef) -> Iterator[str]:
    """Yield what the gate should have seen: a change far beyond its limits, on enough rows."""
    if proef.soort != "aannemelijk":
        return
    n = len(proef.blad.rijen)
    goed = bank.read_rijen(f"{proef.bron.naam}/{proef.bestand}")
    if proef.stappen and any("rijen weg" in stap for stap in proef.stappen):
        weg = 1 - n / max(1, len(goed))
        if weg > MOET_OMVANG and len(goed) >= MOET_RIJEN:
            yield f"{weg:.0%} van de rijen is weg en de poort zwijgt"
        return
    if n < MOET_RIJEN:
        return
    per_kolom: dict[str, int] = {}
    for cellen in proef.gewijzigd.values():
        for naam in cellen:
            per_kolom[naam] = per_kolom.get(naam, 0) + 1
    bestanden = bank.landingen[proef.bron.naam].van_tabel(proef.tabel.id)
    is_stand = proef.tabel.levering == "volledig" and len(bestanden) > 1
    for naam, aantal in per_kolom.items():
        kolom = proef.tabel.kolom(naam)
        if is_stand and aantal / n > MOET_ANDERS and not _is_getal(kolom) and _is_kept(kolom):
            yield f"{naam} is bij {aantal / n:.0%} van de sleutels anders en de poort zwijgt"
        elif _measure_afstand(proef, bank, kolom) > MOET_ANDERS and _is_kept(kolom):
            yield f"{naam} is heel anders verdeeld en de poort zwijgt"


def _is_kept(kolom: Kolom) -> bool:
    return kolom.behandeling in {"behouden", "pseudoniem"}


def _is_getal(kolom: Kolom) -> bool:
    return kolom.type.startswith(("integer", "bigint", "decimal", "double"))


def _measure_afstand(proef: Proef, bank: Bank, kolom: Kolom) -> float:
    """Return how far a column moved as a whole: of empty cells, of codes, or of numbers (0..1).

    Dates of a table that grows are measured from the day of knowing, which moves with them.
    """
    from orchestration.beproeving import read_goed_blad

    aangroei = proef.tabel.levering == "aanvulling"
    if aangroei and (kolom.type == "date" or kolom.naam.endswith("_id")):
        return 0.0
    if kolom.naam not in proef.blad.kop:
        nu = [""] * len(proef.blad.rijen)
    else:
        nu = [cel.strip() for cel in proef.blad.get_kolom(kolom.naam)]
    toen = read_goed_blad(bank, proef.bron, proef.bestand).get_kolom(kolom.naam)
    leeg = abs(np.mean([not c for c in nu]) - np.mean([not c for c in toen]))
    vol_nu, vol_toen = [c for c in nu if c], [c for c in toen if c]
    if min(len(vol_nu), len(vol_toen)) < MOET_RIJEN:
        return float(leeg)
    if kolom.waarden:
        codes = {*vol_nu, *vol_toen}
        deel = [
            abs(vol_nu.count(c) / len(vol_nu) - vol_toen.count(c) / len(vol_toen)) for c in codes
        ]
        return max(float(leeg), 0.5 * sum(deel))
    if not _is_getal(kolom):
        return float(leeg)
    a, b = (np.sort(np.array(v, dtype=np.float64)) for v in (vol_nu, vol_toen))
    x = np.concatenate([a, b])
    ks = np.abs(
        np.searchsorted(a, x, side="right") / a.size - np.searchsorted(b, x, side="right") / b.size
    ).max()
    return max(float(leeg), float(ks))
