"""An attacker on the small counts of a release: what can be worked out from all that goes out.

Reads what the widest role can get and nothing else: the exports and the answers in the store, of
one release or of two after each other. Knows the method, which is public, and assumes the worst:
that a banded complex has fewer than five. Every finding names a cell and between which bounds its
count must lie; three numbers must stay possible (docs/privacy/kleine-aantallen.md, ADR 0027).

Does not belong here: what is protected (``int_label__afscherming``), or the truth.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, least_squares, milp

BAND = 4
"""The most that a banded complex can have."""
RAND = 2
"""So far a count on fives can be from what is shown."""
RUIMTE = 2
"""A count is found when its bounds lie closer together than this."""
_GEBIEDEN = ("buurt", "wijk", "portefeuille")
_MOGELIJKHEDEN = 4
_PRECIES = 1e-7
_ONMOGELIJK = 2


class Cel(NamedTuple):
    """One number: of an object, an indicator and a day."""

    niveau: str
    object: str
    indicator: str
    peildatum: str


class Vondst(NamedTuple):
    """What an attack found out: the count of ``cel`` is at least ``onder``, at most ``boven``."""

    aanval: str
    cel: Cel
    onder: float
    boven: float


@dataclass(frozen=True)
class Kennis:
    """What the attacker has read.

    ``waarde`` and ``u`` hold figures that were shown, by cell; ``dicht`` the cells that are said to
    be banded; ``aanwezig`` all cells with data. ``woningen`` is by (niveau, object, peildatum),
    ``plaats`` by complex its buurt and wijk, ``soort`` and ``thema`` are by indicator.
    ``stratum`` is what comparable complexes have, ``kwartalen`` how many quarters a count covers.
    ``noemers`` is what somebody in the house may know besides: how many contracts there are, and
    how many dwelling-quarters.
    """

    waarde: Mapping[Cel, float]
    u: Mapping[Cel, float]
    dicht: frozenset[Cel]
    aanwezig: frozenset[Cel]
    stratum: Mapping[Cel, float]
    woningen: Mapping[tuple[str, str, str], int]
    plaats: Mapping[str, tuple[str | None, str | None]]
    soort: Mapping[str, str]
    kwartalen: Mapping[Cel, int] = field(default_factory=dict)
    noemers: Mapping[Cel, int] = field(default_factory=dict)

    def count(self, cel: Cel) -> int | None:
        """Return the count behind a shown value of a count or a share; None when not shown."""
        waarde = self.waarde.get(cel)
        if waarde is None:
            return None
        if cel in self.noemers:
            deel = 4 if self.soort[cel.indicator] == "telling" else 1
            return round(waarde * self.noemers[cel] / deel)
        n = self.woningen.get((cel.niveau, cel.object, cel.peildatum), 0)
        if self.soort[cel.indicator] == "telling":
            # Dwellings are known, and so is how many of the four quarters are covered.
            kwartalen = self.kwartalen.get(cel, 4)
            return round(waarde * n * kwartalen / 4)
        breuk = Fraction(waarde).limit_denominator(max(n, 1))
        # Contracts are at most the dwellings, and most dwellings have one.
        return breuk.numerator * max(n // breuk.denominator, 1)

    def show(self, waarde: Mapping[Cel, float], u: Mapping[Cel, float] | None = None) -> Kennis:
        """Return what is known when these figures are shown as well, exactly."""
        return replace(self.leak(waarde, u), dicht=self.dicht - set(waarde))

    def leak(self, waarde: Mapping[Cel, float], u: Mapping[Cel, float] | None = None) -> Kennis:
        """Return what is known when these figures, said to be banded, are shown after all."""
        return replace(self, waarde={**self.waarde, **waarde}, u={**self.u, **(u or {})})

    def bounds(self, cel: Cel) -> tuple[float, float] | None:
        """Return between which numbers the count of a shown value lies; None when not shown."""
        aantal = self.count(cel)
        if aantal is None:
            return None
        if cel in self.dicht and self.soort[cel.indicator] == "telling" and cel.niveau != "wijk":
            # To the nearest five, and what is less than five is not shown at all.
            return max(aantal - RAND, BAND + 1), aantal + RAND
        return aantal, aantal

    def add(self, waarde: Mapping[Cel, float], u: Mapping[Cel, float] | None = None) -> Kennis:
        """Return what is known when these figures are shown too."""
        return replace(self, waarde={**self.waarde, **waarde}, u={**self.u, **(u or {})})


def read_kennis(*releases: Path) -> Kennis:
    """Read the exports and the store of releases, the oldest first: all that is in any of them."""
    kennis, *later = [_read(map_) for map_ in releases]
    for deel in later:
        kennis = replace(
            kennis,
            waarde={**kennis.waarde, **deel.waarde},
            u={**kennis.u, **deel.u},
            dicht=kennis.dicht | deel.dicht,
            aanwezig=kennis.aanwezig | deel.aanwezig,
            stratum={**kennis.stratum, **deel.stratum},
            woningen={**kennis.woningen, **deel.woningen},
            plaats={**kennis.plaats, **deel.plaats},
        )
    return kennis


def _read(map_: Path) -> Kennis:
    exports = map_ / "exports"
    catalogus = pd.read_parquet(exports / "indicator.parquet")
    eigen = catalogus[
        (catalogus["grondslag"] == "eigen") & catalogus["thema_code"].isin(["FIN", "SOC"])
    ]
    soort = dict(zip(eigen["indicator_code"], eigen["soort_meting"], strict=True))
    rijen = pd.read_parquet(exports / "indicatorwaarde.parquet")
    rijen = rijen[(rijen["grondslag"] == "eigen") & (rijen["dekking_code"] != "geen_dekking")]
    labels = pd.read_parquet(exports / "sociaal_beheer_label.parquet")
    labels = labels[(labels["grondslag"] == "eigen") & (labels["thema_code"] == "TOT")]
    objecten = pd.read_parquet(exports / "beheerobject.parquet")
    waarde, u, stratum, dicht, aanwezig = {}, {}, {}, set(), set()
    portefeuille: dict[Cel, float] = {}
    for rij in rijen[rijen["indicator_code"].isin(soort)].itertuples():
        dag = str(rij.peildatum)
        cel = Cel(rij.niveau, rij.beheerobject_id, rij.indicator_code, dag)
        aanwezig.add(cel)
        if rij.is_gebandeerd:
            dicht.add(cel)
        for kolom, naar in (
            ("waarde", waarde),
            ("gestandaardiseerd", u),
            ("stratum_waarde", stratum),
        ):
            if not pd.isna(getattr(rij, kolom)):
                naar[cel] = float(getattr(rij, kolom))
        if not pd.isna(rij.portefeuille_waarde):
            portefeuille[Cel("portefeuille", "alle", rij.indicator_code, dag)] = (
                rij.portefeuille_waarde
            )
    woningen = {
        (rij.niveau, rij.beheerobject_id, str(rij.peildatum)): int(rij.verhuureenheden_aantal)
        for rij in labels.itertuples()
        if not pd.isna(rij.verhuureenheden_aantal)
    }
    for (niveau, _, dag), aantal in list(woningen.items()):
        if niveau == "complex":
            sleutel = ("portefeuille", "alle", dag)
            woningen[sleutel] = woningen.get(sleutel, 0) + aantal
    gelezen = {
        **_read_veranderingen(exports, soort),
        **_read_antwoorden(map_ / "opzoek.sqlite", soort),
    }
    return Kennis(
        waarde={**gelezen, **portefeuille, **waarde},
        u=u,
        dicht=frozenset(dicht),
        aanwezig=frozenset(aanwezig),
        stratum=stratum,
        woningen=woningen,
        plaats={
            rij.beheerobject_id: (rij.buurt_id, rij.wijk_id)
            for rij in objecten.itertuples()
            if rij.niveau == "complex"
        },
        soort=soort,
    )


def _read_veranderingen(exports: Path, soort: Mapping[str, str]) -> dict[Cel, float]:
    rijen = pd.read_parquet(exports / "verandering.parquet")
    rijen = rijen[(rijen["grondslag"] == "eigen") & rijen["indicator_code"].isin(soort)]
    return {
        Cel(rij.niveau, rij.beheerobject_id, rij.indicator_code, str(dag)): float(waarde)
        for rij in rijen.itertuples()
        for dag, waarde in ((rij.peildatum, rij.waarde), (rij.vorige_peildatum, rij.vorige_waarde))
        if not pd.isna(waarde)
    }


def _read_antwoorden(pad: Path, soort: Mapping[str, str]) -> dict[Cel, float]:
    """Read every value in the cards and in the lists of all indicators, wherever it stands."""
    gevonden: dict[Cel, float] = {}
    with closing(sqlite3.connect(f"file:{pad}?mode=ro", uri=True)) as opzoek:
        kaarten = opzoek.execute("select niveau, beheerobject_id, body from antwoord").fetchall()
        lijsten = opzoek.execute("select niveau, beheerobject_id, body from toelichting").fetchall()
    dagen = {}
    for niveau, id_, body in kaarten:
        antwoord = json.loads(body + b"}")  # the release itself is added when served
        for naam in ("sociaalBeheerLabel", "sociaalBeheerLabelAndereGrondslag"):
            label = antwoord.get(naam) or {}
            if label.get("grondslag") != "eigen":
                continue
            dagen[niveau, id_] = label["peildatum"]
            for meting in _walk(label):
                for dag, veld in (
                    (label["peildatum"], "waarde"),
                    (meting.get("vorigePeildatum"), "vorigeWaarde"),
                ):
                    _keep(gevonden, niveau, id_, meting, soort, dag, veld)
    for niveau, id_, body in lijsten:
        for meting in _walk(json.loads(zlib.decompress(body))):
            if meting.get("grondslag") == "eigen":
                _keep(gevonden, niveau, id_, meting, soort, dagen.get((niveau, id_)), "waarde")
    return gevonden


def _keep(
    gevonden: dict[Cel, float],
    niveau: str,
    id_: str,
    meting: Mapping[str, Any],
    soort: Mapping[str, str],
    dag: str | None,
    veld: str,
) -> None:
    code = meting["indicator"]["code"]
    if dag and code in soort and meting.get(veld) is not None:
        gevonden[Cel(niveau, id_, code, dag)] = float(meting[veld])


def _walk(knoop: Any) -> Iterator[dict[str, Any]]:
    """Yield every object in an answer that is about one indicator."""
    if isinstance(knoop, dict):
        if isinstance(knoop.get("indicator"), dict):
            yield knoop
        for deel in knoop.values():
            yield from _walk(deel)
    elif isinstance(knoop, list):
        for deel in knoop:
            yield from _walk(deel)


# --- the attacks


def attack(kennis: Kennis, peildata: int = 4) -> list[Vondst]:
    """Return what every attack finds; those on one day look at the last ``peildata`` days."""
    dagen = sorted({cel.peildatum for cel in kennis.aanwezig})[-peildata:]
    return [
        *attack_direct(kennis),
        *attack_sommen(kennis, dagen),
        *attack_afgeleid(kennis, dagen),
        *attack_kwartalen(kennis),
        *attack_antwoorden(kennis),
    ]


def attack_direct(kennis: Kennis) -> list[Vondst]:
    """Look for a banded complex that is shown elsewhere: another file, text, day or release."""
    vondsten = []
    for cel in sorted(kennis.dicht):
        if cel.niveau != "complex" or not (cel in kennis.waarde or cel in kennis.u):
            continue
        aantal = kennis.count(cel)
        op_vijftal = kennis.soort[cel.indicator] == "telling" and aantal and aantal % 5 == 0
        if cel in kennis.u or not op_vijftal:
            vondsten.append(Vondst("direct", cel, aantal or 0, aantal or 0))
    return vondsten


def _members(kennis: Kennis, gebied: Cel) -> list[Cel]:
    """Complexes that the figure of an area is made of."""
    plek = {"buurt": 0, "wijk": 1}.get(gebied.niveau)
    return [
        cel
        for cel in kennis.aanwezig
        if cel.niveau == "complex"
        and cel[2:] == gebied[2:]
        and (plek is None or kennis.plaats.get(cel.object, (None, None))[plek] == gebied.object)
    ]


def _group(kennis: Kennis, dagen: Iterable[str]) -> Iterator[tuple[str, str, list[Cel], list[Cel]]]:
    """Per indicator and day: complexes, and areas with a value."""
    complexen: dict[tuple[str, str], list[Cel]] = defaultdict(list)
    gebieden: dict[tuple[str, str], list[Cel]] = defaultdict(list)
    for cel in sorted(kennis.aanwezig):
        if cel.niveau == "complex":
            complexen[cel[2:]].append(cel)
    for cel in sorted(kennis.waarde):
        if cel.niveau in _GEBIEDEN:
            gebieden[cel[2:]].append(cel)
    for sleutel in sorted(complexen):
        if sleutel[1] in set(dagen):
            yield (*sleutel, complexen[sleutel], gebieden[sleutel])


def attack_sommen(kennis: Kennis, dagen: Iterable[str]) -> list[Vondst]:
    """Subtract what is shown from what is shown: complex < buurt < wijk < portfolio.

    Unknown are the banded complexes, each 0 to 4. A buurt that is not shown is a sum of them.
    """
    vondsten: list[Vondst] = []
    for code, _, complexen, gebieden in _group(kennis, dagen):
        dicht = {cel for cel in complexen if cel not in kennis.waarde}
        vergelijkingen = []
        for gebied in gebieden:
            leden = _members(kennis, gebied)
            open_ = [cel for cel in leden if cel in dicht]
            if kennis.soort[code] == "gemiddelde":
                # How many answered is not shown: what is left of one complex is that complex.
                vondsten += [Vondst("sommen", cel, 0, 0) for cel in open_ if len(open_) == 1]
            elif open_:
                vergelijkingen.append((gebied, leden))
        vondsten += _bound(kennis, vergelijkingen)
    return vondsten


def _bound(kennis: Kennis, vergelijkingen: list[tuple[Cel, list[Cel]]]) -> list[Vondst]:
    """Bound every banded complex in equations that hang together: small systems."""
    vondsten = []
    while vergelijkingen:
        samen = [vergelijkingen.pop()]
        leden = set(samen[0][1])
        while aan := [deel for deel in vergelijkingen if leden & set(deel[1])]:
            samen += aan
            vergelijkingen = [deel for deel in vergelijkingen if deel not in aan]
            leden.update(*(deel[1] for deel in aan))
        plek = {cel: nummer for nummer, cel in enumerate(sorted(leden))}
        grenzen = np.array([kennis.bounds(cel) or (0, BAND) for cel in plek], dtype=float)
        rijen = np.zeros((len(samen), len(plek)))
        for rij, (_, cellen) in zip(rijen, samen, strict=True):
            rij[[plek[cel] for cel in cellen]] = 1
        sommen = np.array([kennis.bounds(gebied) for gebied, _ in samen], dtype=float)
        for cel, nummer in plek.items():
            if cel in kennis.waarde:
                continue
            doel = np.zeros(len(plek))
            doel[nummer] = 1
            gevonden = _extremes(doel, rijen, sommen, grenzen)
            if gevonden is not None and gevonden[1] - gevonden[0] < RUIMTE:
                vondsten.append(Vondst("sommen", cel, *gevonden))
    return vondsten


def _extremes(
    doel: np.ndarray, rijen: np.ndarray, sommen: np.ndarray, grenzen: np.ndarray
) -> tuple[float, float] | None:
    """Return the least and the most that ``doel`` can be in whole numbers; None: impossible.

    ``sommen`` and ``grenzen`` hold the least and the most per equation and per unknown.
    """
    uitkomsten = []
    for teken in (1, -1):
        uitkomst = milp(
            teken * doel,
            constraints=LinearConstraint(rijen, sommen[:, 0], sommen[:, 1]),
            integrality=np.ones(len(doel)),
            bounds=Bounds(grenzen[:, 0], grenzen[:, 1]),
        )
        if uitkomst.x is None:
            return None if uitkomst.status == _ONMOGELIJK else (0.0, np.inf)
        uitkomsten.append(float(round(doel @ uitkomst.x)))
    return uitkomsten[0], uitkomsten[1]


def attack_afgeleid(kennis: Kennis, dagen: Iterable[str]) -> list[Vondst]:
    """Solve the banded complexes of an area from its sum and its standardised value.

    The formula of the method is public. Its three constants follow from the complexes that are
    shown; then every way to share the sum over the banded complexes gives a standardised value.
    """
    vondsten: list[Vondst] = []
    for code, soort in sorted(kennis.soort.items()):
        schatting = _fit(kennis, code) if soort == "telling" else None
        if schatting is None:
            continue
        for _, _, _, gebieden in _group(kennis, dagen):
            for gebied in gebieden:
                if gebied.indicator == code and gebied in kennis.u:
                    vondsten += _solve(kennis, gebied, schatting)
    return vondsten


def _features(kennis: Kennis, cellen: Iterable[Cel]) -> tuple[np.ndarray, np.ndarray]:
    """Dwellings and stratum value of complexes."""
    paren = [
        (kennis.woningen[cel.niveau, cel.object, cel.peildatum], kennis.stratum.get(cel, np.nan))
        for cel in cellen
    ]
    tabel = np.array(paren, dtype=float).reshape(-1, 2)
    return tabel[:, 0], tabel[:, 1]


def _posterior(y: np.ndarray, n: np.ndarray, m: np.ndarray, steun: float) -> np.ndarray:
    return np.log(m * (y + steun) / (n * m + steun))


def _fit(kennis: Kennis, code: str) -> tuple[float, float, float] | None:
    cellen = [
        cel
        for cel in sorted(kennis.u)
        if cel.niveau == "complex"
        and cel.indicator == code
        and abs(kennis.u[cel]) < 3
        and cel in kennis.waarde
        and cel in kennis.stratum
    ]
    if len(cellen) < 4:
        return None
    n, m = _features(kennis, cellen)
    y = np.array([kennis.count(cel) for cel in cellen], dtype=float)
    u = np.array([kennis.u[cel] for cel in cellen])

    def miss(p: np.ndarray) -> np.ndarray:
        return p[1] + p[2] * _posterior(y, n, m, float(np.exp(p[0]))) - u

    pogingen = [
        least_squares(miss, [start, 0.0, 1.0], xtol=1e-15, ftol=1e-15, gtol=1e-15)
        for start in (-1.0, 1.0, 3.0)
    ]
    beste = min(pogingen, key=lambda poging: poging.cost)
    if np.abs(beste.fun).max() > _PRECIES:
        return None
    return float(np.exp(beste.x[0])), float(beste.x[1]), float(beste.x[2])


def _solve(kennis: Kennis, gebied: Cel, schatting: tuple[float, float, float]) -> list[Vondst]:
    steun, midden, helling = schatting
    leden = sorted(_members(kennis, gebied))
    dicht = [cel for cel in leden if cel not in kennis.waarde]
    if not 2 <= len(dicht) <= _MOGELIJKHEDEN:
        return []
    bekend = [cel for cel in leden if cel in kennis.waarde]
    n, m = _features(kennis, [*bekend, *dicht])
    vast = np.array([kennis.count(cel) for cel in bekend], dtype=float)
    rest = (kennis.count(gebied) or 0) - vast.sum()
    past = [
        keuze
        for keuze in itertools.product(range(BAND + 1), repeat=len(dicht))
        if sum(keuze) == rest
        and abs(
            midden
            + helling * float(n @ _posterior(np.concatenate([vast, keuze]), n, m, steun)) / n.sum()
            - kennis.u[gebied]
        )
        < _PRECIES
    ]
    if not past:
        return []
    tabel = np.array(past)
    return [
        Vondst("afgeleid", cel, float(laag), float(hoog))
        for cel, laag, hoog in zip(dicht, tabel.min(axis=0), tabel.max(axis=0), strict=True)
        if hoog - laag < RUIMTE
    ]


def attack_kwartalen(kennis: Kennis) -> list[Vondst]:
    """Take the overlapping windows of counts apart into quarters.

    Unknown is the count of every quarter, of every object. A finding is a hidden window, or a
    quarter of fewer than five that is known exactly.
    """
    reeksen: dict[tuple[str, str, str], list[Cel]] = defaultdict(list)
    for cel in sorted(kennis.aanwezig):
        if kennis.soort[cel.indicator] == "telling":
            reeksen[cel[:3]].append(cel)
    vondsten: list[Vondst] = []
    for reeks in reeksen.values():
        if any(cel in kennis.waarde for cel in reeks):
            vondsten += _split(kennis, sorted(reeks, key=lambda cel: cel.peildatum))
    return vondsten


def _split(kennis: Kennis, reeks: list[Cel]) -> list[Vondst]:
    nummers = [_quarter(cel.peildatum) for cel in reeks]
    aantal = nummers[-1] - nummers[0] + 4
    rijen = np.zeros((len(reeks), aantal))
    for rij, nummer, cel in zip(rijen, nummers, reeks, strict=True):
        einde = nummer - nummers[0] + 4
        # Coverage of a source begins and then stays: what is missing is at the front.
        rij[einde - kennis.kwartalen.get(cel, 4) : einde] = 1
    getoond = np.array([cel in kennis.waarde for cel in reeks])
    # A banded complex is 0 to 4; of an area that is not shown nothing is known.
    hoogst = BAND if reeks[0].niveau == "complex" else np.inf
    sommen = np.array([kennis.bounds(cel) or (0, hoogst) for cel in reeks], dtype=float)
    doelen = [(rijen[i], reeks[i], RUIMTE) for i in np.flatnonzero(~getoond)]
    for kwartaal in np.flatnonzero(rijen[getoond].any(axis=0)):
        doel = np.zeros(aantal)
        doel[kwartaal] = 1
        doelen.append((doel, reeks[0]._replace(peildatum=f"kwartaal {kwartaal}"), 1))
    grenzen = np.tile((0.0, np.inf), (aantal, 1))
    vondsten = []
    for doel, cel, ruimte in doelen:
        gevonden = _extremes(doel, rijen, sommen, grenzen)
        # Whoever has fewer than five is who is protected.
        if gevonden and gevonden[1] - gevonden[0] < ruimte and gevonden[1] <= BAND:
            vondsten.append(Vondst("kwartalen", cel, *gevonden))
    return vondsten


def _quarter(peildatum: str) -> int:
    jaar, maand = int(peildatum[:4]), int(peildatum[5:7])
    return 4 * jaar + (maand - 1) // 3


def attack_antwoorden(kennis: Kennis) -> list[Vondst]:
    """Compare means that follow each other: a few more or fewer answers are those of a few."""
    reeksen: dict[tuple[str, str, str], list[Cel]] = defaultdict(list)
    for cel in sorted(kennis.waarde):
        if kennis.soort.get(cel.indicator) == "gemiddelde" and cel.niveau != "portefeuille":
            reeksen[cel[:3]].append(cel)
    vondsten = []
    for reeks in reeksen.values():
        for eerder, later in itertools.pairwise(reeks):
            if _quarter(later.peildatum) - _quarter(eerder.peildatum) != 1:
                continue
            n = kennis.woningen[later.niveau, later.object, later.peildatum]
            een, twee = (
                Fraction(kennis.waarde[cel]).limit_denominator(n) for cel in (eerder, later)
            )
            if max(een.denominator, twee.denominator) * 2 <= n:
                continue  # how many answered is not known
            antwoorden = twee.denominator - een.denominator
            som = twee.numerator - een.numerator
            if 0 < abs(antwoorden) < 10 and 1 <= som / antwoorden <= 10:
                vondsten.append(Vondst("antwoorden", later, som, som))
    return vondsten
