"""Steps 2 to 6 and 11a of the method computed a second time, in numpy, on a small world.

Written from the method, not from the SQL: what the two agree on to 1e-9 is the method. The
normal distribution function is the one thing shared (test_macros holds it to scipy's).
"""

from __future__ import annotations

import csv
import itertools
import shutil
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pytest

from orchestration.warehouse import open_warehouse
from orchestration.werkmap import DBT_MAP

MODELLEN = (
    "int_referentie__periode int_referentie__stratum int_label__cel_verwacht "
    "int_referentie__spreiding int_label__posterior_alleen int_referentie__samenhang "
    "int_label__posterior int_label__gebied int_label__positie "
    "int_referentie__ligging int_label__gestandaardiseerd int_label__afscherming "
    "int_label__thema_z int_referentie__schaal int_label__score int_referentie__knip "
    "int_label__label int_label__onzekerheid_gesloten int_label__beslissing int_label__demping "
    "mart_label__sociaal_beheer_label mart_label__indicatorwaarde"
)
KWARTALEN = [date(2021 + k // 4, 1 + 3 * (k % 4), 1) for k in range(11)]
REFERENTIE = KWARTALEN[:8]


class Cel(NamedTuple):
    """What was counted or measured for one unit, quarter and indicator."""

    teller: float
    noemer: int
    kwadraat: float
    leeftijd: int


class Eenheid(NamedTuple):
    """A unit: its dwellings, stratum and place."""

    n: int
    gebouwtype: str
    omvang: str
    buurt: str
    wijk: str


def _read_seed(naam: str) -> list[dict[str, str]]:
    pad = DBT_MAP / "seeds" / "methode" / f"{naam}.csv"
    with pad.open(encoding="utf-8", newline="") as bestand:
        return list(csv.DictReader(bestand))


METHODE = {rij["naam"]: float(rij["waarde"]) for rij in _read_seed("methode")}
INDICATOR = {rij["indicator_code"]: rij for rij in _read_seed("indicator_eigen")}
VERPLICHT = [rij["thema_code"] for rij in _read_seed("thema") if rij["is_verplicht"] == "true"]
THEMAS = [rij["thema_code"] for rij in _read_seed("thema")]


def build_world(rng: np.random.Generator) -> tuple[dict[str, Eenheid], dict[Any, Cel]]:
    """Draw 44 units in four buurten and what is known of them; some of it is missing."""
    eenheden, cellen = {}, {}
    for i in range(44):
        groot = i % 3 == 0
        n = int(rng.integers(25, 49) if groot else rng.integers(10, 24))
        gebouwtype = "portiek" if i < 30 else "hoogbouw"
        eenheden[f"C{i:02}"] = Eenheid(
            n, gebouwtype, "25-49" if groot else "10-24", f"b{i % 4}", f"w{i % 4 // 2}"
        )
    # Half of what units differ by, they differ by on all of a theme.
    thema = {code: rng.normal(0, 0.42, len(eenheden)) for code in THEMAS}
    niveau = {
        code: int(rij["richting"]) * thema[rij["thema_code"]] + rng.normal(0, 0.42, len(eenheden))
        for code, rij in INDICATOR.items()
    }
    for e, (naam, eenheid) in enumerate(eenheden.items()):
        for peildatum in KWARTALEN:
            for code, rij in INDICATOR.items():
                if rng.random() < 0.06:
                    continue
                cel = _draw_cel(rng, code, rij["soort_meting"], eenheid, niveau[code][e])
                if cel is not None:
                    cellen[naam, peildatum, code] = cel
    return eenheden, cellen


def _draw_cel(
    rng: np.random.Generator, code: str, soort: str, eenheid: Eenheid, niveau: float
) -> Cel | None:
    if soort == "telling":
        kwartalen = int(rng.integers(2, 5))
        tempo = 0.0004 if code == "FIN_ONTRUIMING" else 0.03
        y = rng.poisson(eenheid.n * kwartalen * tempo * np.exp(niveau))
        return Cel(float(y), eenheid.n * kwartalen, 0.0, 0)
    if code == "SOC_INITIATIEF":
        # Nearly always all quarters: more than half of the weight on one value
        return Cel(float(4 if rng.random() < 0.9 else rng.integers(0, 4)), 4, 0.0, 0)
    if soort == "aandeel":
        n = max(10, eenheid.n - int(rng.integers(0, 3)))
        return Cel(float(rng.binomial(n, 1 / (1 + np.exp(2 - niveau)))), n, 0.0, 0)
    # One schouw of one score each window; several answers to the survey
    aantal = 1 if code == "SHV_HEEL" else int(rng.integers(1, 6))
    if code == "LFB_INZET":
        scores = np.full(aantal, 7.0)
    else:
        scores = np.round(7 + niveau + rng.normal(0, 1, aantal), 1)
    oud = int(rng.integers(0, 5)) if INDICATOR[code]["doortrekken_kwartalen"] != "0" else 0
    return Cel(round(float(scores.sum()), 1), aantal, round(float((scores**2).sum()), 4), oud)


# --- the method


def compute_phi(x: float) -> float:
    """Return the normal distribution function as the SQL computes it."""
    t = 1 / (1 + 0.2316419 * abs(x))
    reeks = t * (
        0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429)))
    )
    staart = 0.3989422804014327 * np.exp(-0.5 * x * x) * reeks
    return float(1 - staart if x >= 0 else staart)


def find_quantile(waarden: list[float], gewichten: list[int], deel: float) -> float:
    """Return the smallest value at which the summed weight reaches the share."""
    orde = np.argsort(waarden, kind="stable")
    som = np.cumsum(np.array(gewichten)[orde])
    # Weights are whole numbers, so half a unit of play changes nothing but rounding.
    return float(np.array(waarden)[orde][np.searchsorted(som, deel * som[-1] - 1e-6)])


def compute_trigamma(a: float) -> float:
    """Return the variance of the log of a Gamma variable of shape a, as in step 2."""
    return 1 / a**2 + sum(1 / (d * (a + 1) ** p) for d, p in ((1, 1), (2, 2), (6, 3)))


def compute_logit(k: float, n: float) -> float:
    """Return the log-odds with half a case on either side."""
    return float(np.log((k + 0.5) / (n - k + 0.5)))


class Stratum:
    """One stratum of one indicator in R, as measured and, later, leaning on the one above."""

    def __init__(self, soort: str, leden: list[tuple[str, Cel]]) -> None:
        self.soort = soort
        per_eenheid: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for naam, cel in leden:
            per_eenheid[naam][0] += cel.teller
            per_eenheid[naam][1] += cel.noemer
        self.noemer = sum(n for _, n in per_eenheid.values())
        teller = sum(y for y, _ in per_eenheid.values())
        self.waarde = m = teller / self.noemer
        aantal = len(per_eenheid)
        rest = sum((y - m * n) ** 2 for y, n in per_eenheid.values()) / self.noemer**2
        spreiding = rest * aantal / (aantal - 1) if aantal > 1 else float("nan")
        self.verwacht = m
        if soort == "telling":
            self.ligging = float(np.log(m)) if m > 0 else float("nan")
            self.variantie = spreiding / m**2 if m > 0 else float("nan")
        elif soort == "aandeel":
            p = min(0.9995, max(0.0005, m))
            self.ligging = float(np.log(p / (1 - p)))
            self.variantie = spreiding / (m * (1 - m)) ** 2 if 0 < m < 1 else float("nan")
            self.verwacht = (
                sum(c.noemer * compute_logit(c.teller, c.noemer) for _, c in leden) / self.noemer
            )
        else:
            self.ligging, self.variantie = m, spreiding
        self.is_genoeg = (
            aantal >= METHODE["minimum_complexen_stratum"]
            and not np.isnan(self.variantie)
            and (
                soort != "telling"
                or teller >= METHODE["minimum_gebeurtenissen_stratum"] * len(REFERENTIE)
            )
        )
        self.plaats = self.onzeker = float("nan")

    def lean(self, boven: Stratum, tau2: float) -> None:
        """Draw it to the one above as far as its distance can be chance."""
        deel = tau2 / (tau2 + self.variantie) if self.is_genoeg and tau2 > 0 else 0.0
        self.plaats = boven.plaats + (deel * (self.ligging - boven.plaats) if deel else 0.0)
        self.onzeker = tau2 * (1 - deel) + (1 - deel) ** 2 * boven.onzeker
        self.waarde = boven.waarde
        if deel:
            self.waarde = {
                "telling": float(np.exp(self.plaats)),
                "aandeel": float(1 / (1 + np.exp(-self.plaats))),
            }.get(self.soort, self.plaats)
        if self.soort != "aandeel":
            self.verwacht = self.waarde
        elif self.is_genoeg:
            self.verwacht += self.plaats - self.ligging
        else:
            self.verwacht = boven.verwacht


class Alleen(NamedTuple):
    """What one indicator says of one unit by itself."""

    x: float
    afwijking: float
    var: float
    vooraf: float
    leunt: float
    deel: float
    onzeker: float


class Methode:
    """The label of a world, step by step.

    Parameters
    ----------
    eenheden, cellen
        The world.
    """

    def __init__(self, eenheden: dict[str, Eenheid], cellen: dict[Any, Cel]) -> None:
        self.eenheden, self.cellen = eenheden, cellen
        self.in_r = {sleutel: cel for sleutel, cel in cellen.items() if sleutel[1] in REFERENTIE}
        self.x: dict[Any, tuple[float, float]] = {}
        self.lading: dict[Any, float] = {}
        self.alleen: dict[Any, Alleen] = {}
        self.zonder_onderscheid: set[str] = set()
        for code in INDICATOR:
            self.shrink(code)
        self.samenhang = {thema: self.compute_samenhang(thema) for thema in THEMAS}
        for naam in eenheden:
            for peildatum in KWARTALEN:
                for thema in THEMAS:
                    self.lean(naam, peildatum, thema)
        self.add_gebieden()
        self.u = self.standardise()
        self.z, self.dekking = self.combine()
        self.kappa = self.scale()
        self.score = self.build_scores()
        self.knip = self.cut()

    # step 2
    def shrink(self, code: str) -> None:
        soort = INDICATOR[code]["soort_meting"]
        richting = int(INDICATOR[code]["richting"])
        eigen = {s: c for s, c in self.cellen.items() if s[2] == code}
        referentie = {s: c for s, c in self.in_r.items() if s[2] == code}
        verwacht, aandeel, onzeker = self.expect(code, soort, referentie)
        vloer = METHODE["minimum_heterogeniteit"]
        genoeg = METHODE["minimum_gebeurtenissen_stratum"] * len(REFERENTIE)
        gevallen = sum(c.teller for c in referentie.values())
        if soort == "telling":
            e = {s: c.noemer * verwacht[s[0]] for s, c in eigen.items()}
            phi = self.compute_overdispersion(referentie)
            som_e = sum(e[s] for s in referentie)
            pearson = sum((c.teller - e[s]) ** 2 / e[s] for s, c in referentie.items())
            a = (pearson - phi * len(referentie)) / som_e if gevallen >= genoeg else 0.0
            a = max(vloer, a)
            for s, c in eigen.items():
                vorm, schaal = c.teller / phi + 1 / a, e[s] / phi + 1 / a
                self.alleen[s] = Alleen(
                    richting * float(np.log(verwacht[s[0]] * vorm / schaal)),
                    richting * float(np.log(vorm / schaal)),
                    compute_trigamma(vorm),
                    compute_trigamma(1 / a),
                    1 / a / schaal,
                    e[s] / phi / schaal,
                    onzeker[s[0]],
                )
            gelijk = a <= vloer
        else:
            tau2, sigma2 = self.compute_spread(soort, referentie, verwacht, aandeel)
            if soort == "aandeel" and gevallen < genoeg:
                tau2 = vloer
            tau2 = max(vloer, tau2)
            for s, c in eigen.items():
                if soort == "aandeel":
                    z = compute_logit(c.teller, c.noemer)
                    s2 = (
                        (c.noemer + 1)
                        * (c.noemer + 2)
                        / (c.noemer * (c.teller + 1) * (c.noemer - c.teller + 1))
                    )
                else:
                    z, s2 = c.teller / c.noemer, sigma2 / c.noemer
                s2 *= 1 + c.leeftijd / 4
                w = tau2 / (tau2 + s2)
                midden, deel = verwacht[s[0]], w
                if soort == "aandeel":
                    p = min(0.9995, max(0.0005, aandeel[s[0]]))
                    midden = float(np.log(p / (1 - p)))
                    deel = tau2 / (tau2 + (1 + c.leeftijd / 4) / (c.noemer * p * (1 - p)))
                afwijking = richting * w * (z - verwacht[s[0]])
                self.alleen[s] = Alleen(
                    richting * midden + afwijking,
                    afwijking,
                    tau2 * s2 / (tau2 + s2),
                    tau2,
                    1 - w,
                    deel,
                    onzeker[s[0]],
                )
            gelijk = tau2 <= vloer
        if gelijk:
            self.zonder_onderscheid.add(code)

    def compute_samenhang(self, thema: str) -> float:
        """Return rho of a theme: products of pairs from two sources over what they should be."""
        codes = [c for c in INDICATOR if INDICATOR[c]["thema_code"] == thema]
        if any(int(INDICATOR[c]["toon_minimum"]) > 0 for c in codes):
            return 0.0
        product = verwacht = 0.0
        eenheden = set()
        for naam, peildatum in itertools.product(self.eenheden, REFERENTIE):
            bekend = [
                (INDICATOR[c]["dekkingsbron"], self.alleen[naam, peildatum, c])
                for c in codes
                if (naam, peildatum, c) in self.alleen and c not in self.zonder_onderscheid
            ]
            for (een, a), (twee, b) in itertools.combinations(bekend, 2):
                if een != twee:
                    eenheden.add(naam)
                    product += a.afwijking * b.afwijking / np.sqrt(a.vooraf * b.vooraf)
                    verwacht += a.deel * b.deel
        if len(eenheden) < METHODE["minimum_complexen_samenhang"]:
            return 0.0
        return min(METHODE["maximum_samenhang"], max(0.0, float(product / verwacht)))

    def lean(self, naam: str, peildatum: date, thema: str) -> None:
        """Set x, its variance and what it shares by the joint normal posterior of a theme.

        As linear algebra, on a scale on which every indicator varies by one beforehand: the shared
        part f and the own parts have precision 1; a measurement of an indicator adds
        ``deel / (1 - deel)``, and to f as much of it as falls to it of its source.
        """
        cellen = {
            c: self.alleen[naam, peildatum, c]
            for c in INDICATOR
            if INDICATOR[c]["thema_code"] == thema and (naam, peildatum, c) in self.alleen
        }
        rho = self.samenhang[thema]
        leunend = [c for c in cellen if rho > 0 and c not in self.zonder_onderscheid]
        per_bron: dict[str, float] = defaultdict(float)
        for c in leunend:
            per_bron[INDICATOR[c]["dekkingsbron"]] += cellen[c].deel
        precisie, lineair = 1.0, 0.0
        for c in leunend:
            a, aandeel = cellen[c], cellen[c].deel / per_bron[INDICATOR[c]["dekkingsbron"]]
            # z = d / deel measures sqrt(rho) f with the own part and the noise as its error
            fout = (1 - rho) + (1 - a.deel) / a.deel
            precisie += aandeel * rho / fout
            lineair += aandeel * np.sqrt(rho) * a.afwijking / np.sqrt(a.vooraf) / a.deel / fout
        f = lineair / precisie
        for c, a in cellen.items():
            s = (naam, peildatum, c, "complex")
            if c not in leunend:
                self.x[s] = (a.x, a.var + a.leunt**2 * a.onzeker)
                self.lading[s] = 0.0
                continue
            t, aandeel = np.sqrt(a.vooraf), a.deel / per_bron[INDICATOR[c]["dekkingsbron"]]
            # Given f the own part has prior variance 1 - rho; it is measured by z - sqrt(rho) f.
            ruis = (1 - a.deel) / a.deel
            houd = (1 - rho) / (1 - rho + ruis)
            z = a.afwijking / t / a.deel
            nieuw = t * (np.sqrt(rho) * f + houd * (z - np.sqrt(rho) * f))
            los, gedeeld = houd * ruis, rho * (1 - houd) ** 2 / precisie
            # Alone the variance is 1 - deel on this scale: a count's own is scaled alike.
            maat = a.var / (1 - a.deel)
            df = aandeel * np.sqrt(rho) / (1 - rho + ruis) / precisie
            uit_z = houd + (1 - houd) * np.sqrt(rho) * df
            leunt = 1 - (1 - a.leunt) * uit_z / a.deel
            self.x[s] = (
                float(a.x - a.afwijking + nieuw),
                float(maat * (los + gedeeld) + leunt**2 * a.onzeker),
            )
            self.lading[s] = float(np.sqrt(maat * gedeeld))

    def expect(
        self, code: str, soort: str, referentie: dict[Any, Cel]
    ) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
        """Return per unit what its stratum expects, the share of it, and how uncertain that is."""
        groepen: dict[str, list[tuple[str, Cel]]] = defaultdict(list)
        for (naam, _, _), cel in referentie.items():
            eenheid = self.eenheden[naam]
            for stratum in (f"{eenheid.gebouwtype}|{eenheid.omvang}", eenheid.gebouwtype, "alle"):
                groepen[stratum].append((naam, cel))
        gemeten = {stratum: Stratum(soort, leden) for stratum, leden in groepen.items()}
        alle = gemeten["alle"]
        alle.plaats, alle.onzeker = alle.ligging, 0.0
        niveaus = (
            [stratum for stratum in gemeten if "|" not in stratum and stratum != "alle"],
            [stratum for stratum in gemeten if "|" in stratum],
        )
        for niveau in niveaus:
            boven = {s: gemeten[s.split("|")[0] if "|" in s else "alle"] for s in niveau}
            zelf = [s for s in niveau if gemeten[s].is_genoeg]
            noemer = sum(gemeten[s].noemer for s in zelf)
            tau2 = max(
                0.0,
                sum(
                    gemeten[s].noemer
                    * ((gemeten[s].ligging - boven[s].ligging) ** 2 - gemeten[s].variantie)
                    for s in zelf
                )
                / noemer
                if zelf
                else 0.0,
            )
            for s in niveau:
                gemeten[s].lean(boven[s], tau2)
        per_eenheid, per_aandeel, per_onzeker = {}, {}, {}
        for naam, eenheid in self.eenheden.items():
            paden = (f"{eenheid.gebouwtype}|{eenheid.omvang}", eenheid.gebouwtype, "alle")
            stratum = gemeten[next(pad for pad in paden if pad in gemeten)]
            per_eenheid[naam], per_aandeel[naam] = stratum.verwacht, stratum.waarde
            per_onzeker[naam] = stratum.onzeker
        return per_eenheid, per_aandeel, per_onzeker

    @staticmethod
    def compute_overdispersion(referentie: dict[Any, Cel]) -> float:
        """Return Pearson's dispersion of two windows that do not overlap (ADR 0005)."""
        paren = defaultdict(dict)
        for (naam, peildatum, _), cel in referentie.items():
            if peildatum in (REFERENTIE[-1], REFERENTIE[-5]):
                paren[naam][peildatum] = cel
        delen = []
        for paar in paren.values():
            y = sum(c.teller for c in paar.values())
            n = sum(c.noemer for c in paar.values())
            if len(paar) == 2 and y > 0:
                delen.append(
                    sum(
                        (c.teller - y * c.noemer / n) ** 2 / (y * c.noemer / n)
                        for c in paar.values()
                    )
                )
        return max(1.0, float(np.mean(delen))) if delen else 1.0

    def compute_spread(
        self,
        soort: str,
        referentie: dict[Any, Cel],
        verwacht: dict[str, float],
        aandeel: dict[str, float],
    ) -> tuple[float, float]:
        """Return tau2 between units and sigma2 within them."""
        if soort == "aandeel":
            boven = onder = 0.0
            for (naam, _, _), c in referentie.items():
                p = aandeel[naam]
                boven += (c.teller - c.noemer * p) ** 2 - c.noemer * p * (1 - p)
                onder += c.noemer * (c.noemer - 1) * (p * (1 - p)) ** 2
            return boven / onder, 0.0
        binnen = sum(c.kwadraat - c.teller**2 / c.noemer for c in referentie.values())
        vrijheid = sum(c.noemer - 1 for c in referentie.values())
        afwijking = sum(
            c.noemer * (c.teller / c.noemer - verwacht[naam]) ** 2
            for (naam, _, _), c in referentie.items()
        )
        som_n = sum(c.noemer for c in referentie.values())
        sigma2 = binnen / vrijheid if vrijheid else self.compute_between_windows(referentie)
        return (afwijking - len(referentie) * sigma2) / som_n, sigma2

    @staticmethod
    def compute_between_windows(referentie: dict[Any, Cel]) -> float:
        paren = defaultdict(dict)
        for (naam, peildatum, _), cel in referentie.items():
            if peildatum in (REFERENTIE[-1], REFERENTIE[-5]) and cel.leeftijd == 0:
                paren[naam][peildatum] = cel
        delen = []
        for paar in paren.values():
            if len(paar) == 2:
                m = sum(c.teller for c in paar.values()) / sum(c.noemer for c in paar.values())
                delen.append(sum(c.noemer * (c.teller / c.noemer - m) ** 2 for c in paar.values()))
        return float(np.mean(delen))

    # step 11a
    def add_gebieden(self) -> None:
        for niveau in ("buurt", "wijk"):
            leden = defaultdict(list)
            for naam, eenheid in self.eenheden.items():
                leden[getattr(eenheid, niveau)].append(naam)
            for gebied, namen in leden.items():
                alle = sum(self.eenheden[naam].n for naam in namen)
                for peildatum in KWARTALEN:
                    for code in INDICATOR:
                        deel = [
                            (
                                self.eenheden[naam].n,
                                *self.x[naam, peildatum, code, "complex"],
                                self.lading[naam, peildatum, code, "complex"],
                            )
                            for naam in namen
                            if (naam, peildatum, code, "complex") in self.x
                        ]
                        n = sum(d[0] for d in deel)
                        if n and n / alle >= 2 / 3 - 1e-12:
                            x = sum(d[0] * d[1] for d in deel) / n
                            var = sum(d[0] ** 2 * d[2] for d in deel) / n**2
                            self.x[gebied, peildatum, code, niveau] = (x, var)
                            self.lading[gebied, peildatum, code, niveau] = float(
                                np.sqrt(sum((d[0] * d[3]) ** 2 for d in deel)) / n
                            )

    def count_woningen(self, naam: str, niveau: str) -> int:
        if niveau == "complex":
            return self.eenheden[naam].n
        return sum(e.n for e in self.eenheden.values() if getattr(e, niveau) == naam)

    # step 3
    def standardise(self) -> dict[Any, float]:
        ligging = {}
        for code in INDICATOR:
            xs, ws, vs = [], [], []
            for (naam, peildatum, i, niveau), (x, var) in self.x.items():
                if i == code and niveau == "complex" and peildatum in REFERENTIE:
                    xs.append(x)
                    vs.append(var)
                    ws.append(self.eenheden[naam].n)
            mediaan = find_quantile(xs, ws, 0.5)
            afstand = [abs(x - mediaan) for x in xs]
            schaal = METHODE["schaal_mad"] * find_quantile(afstand, ws, 0.5)
            sd = float(np.sqrt(np.average(np.square(afstand), weights=ws)))
            if schaal < METHODE["minimum_deel_standaardafwijking"] * sd or schaal == 0:
                schaal = sd
            schaal = float(np.hypot(schaal, np.sqrt(np.average(vs, weights=ws))))
            ligging[code] = (mediaan, None if code in self.zonder_onderscheid else schaal)
        u = {}
        self.var_u, self.lading_u = {}, {}
        for (naam, peildatum, code, niveau), (x, var) in self.x.items():
            mediaan, schaal = ligging[code]
            self.var_u[naam, peildatum, code, niveau] = var / schaal**2 if schaal else 0.0
            self.lading_u[naam, peildatum, code, niveau] = (
                self.lading[naam, peildatum, code, niveau] / schaal if schaal else 0.0
            )
            u[naam, peildatum, code, niveau] = (
                0.0 if not schaal else float(np.clip((x - mediaan) / schaal, -3, 3))
            )
        return u

    # step 4
    def combine(self) -> tuple[dict[Any, float], dict[Any, float]]:
        som: dict[Any, float] = defaultdict(float)
        gewicht: dict[Any, float] = defaultdict(float)
        for (naam, peildatum, code, niveau), u in self.u.items():
            thema = INDICATOR[code]["thema_code"]
            w = float(INDICATOR[code]["gewicht"])
            som[naam, peildatum, thema, niveau] += w * u
            gewicht[naam, peildatum, thema, niveau] += w
        alle: dict[str, float] = defaultdict(float)
        for rij in INDICATOR.values():
            alle[rij["thema_code"]] += float(rij["gewicht"])
        dekking = {s: w / alle[s[2]] for s, w in gewicht.items()}
        self.var_z: dict[Any, float] = defaultdict(float)
        samen: dict[Any, float] = defaultdict(float)
        for sleutel, var in self.var_u.items():
            naam, peildatum, code, niveau = sleutel
            s = (naam, peildatum, INDICATOR[code]["thema_code"], niveau)
            w = float(INDICATOR[code]["gewicht"]) / gewicht[s]
            self.var_z[s] += w**2 * (var - self.lading_u[sleutel] ** 2)
            samen[s] += w * self.lading_u[sleutel]
        for s, gedeeld in samen.items():
            self.var_z[s] += gedeeld**2
        z = {s: som[s] / gewicht[s] for s in som if dekking[s] >= 2 / 3 - 1e-12}
        return z, dekking

    def scale(self) -> dict[Any, float]:
        kappa = {}
        for niveau in ("complex", "buurt"):
            for thema in THEMAS:
                zs = [
                    (z, self.count_woningen(s[0], niveau), self.var_z[s])
                    for s, z in self.z.items()
                    if s[2] == thema and s[3] == niveau and s[1] in REFERENTIE
                ]
                waarden, gewichten, onzeker = np.array(zs).T
                midden = np.average(waarden, weights=gewichten)
                kappa[niveau, thema] = float(
                    np.sqrt(np.average((waarden - midden) ** 2 + onzeker, weights=gewichten))
                )
        for thema in THEMAS:
            kappa["wijk", thema] = kappa["buurt", thema]
        return kappa

    # steps 4 and 5
    def build_scores(self) -> dict[Any, float]:
        score = {
            s: 100 * compute_phi(z / self.kappa[s[3], s[2]])
            for s, z in self.z.items()
            if self.kappa[s[3], s[2]] > 0
        }
        objecten = {(s[0], s[1], s[3]) for s in self.dekking}
        for naam, peildatum, niveau in objecten:
            themas = {
                t: score[naam, peildatum, t, niveau]
                for t in THEMAS
                if (naam, peildatum, t, niveau) in score
            }
            if len(themas) >= METHODE["minimum_themas_eigen"] and set(VERPLICHT) <= set(themas):
                score[naam, peildatum, "TOT", niveau] = float(
                    np.sqrt(np.mean(np.square(list(themas.values()))))
                )
        return score

    # step 6
    def cut(self) -> dict[Any, list[float]]:
        knip = {}
        for niveau in ("complex", "buurt"):
            for thema in (*THEMAS, "TOT"):
                paren = [
                    (score, self.count_woningen(s[0], niveau))
                    for s, score in self.score.items()
                    if s[2] == thema and s[3] == niveau and s[1] in REFERENTIE
                ]
                if paren:
                    waarden, gewichten = zip(*paren, strict=True)
                    knip[niveau, thema] = [
                        find_quantile(list(waarden), list(gewichten), METHODE[f"knip_{k}"])
                        for k in (1, 2, 3, 4)
                    ]
        for thema in (*THEMAS, "TOT"):
            if ("buurt", thema) in knip:
                knip["wijk", thema] = knip["buurt", thema]
        return knip

    def label(self, sleutel: Any) -> int | None:
        """Return 1 to 5; a score on the cut belongs below it."""
        if sleutel not in self.score or (sleutel[3], sleutel[2]) not in self.knip:
            return None
        score, knip = self.score[sleutel], self.knip[sleutel[3], sleutel[2]]
        return 1 + sum(score > grens + 1e-9 for grens in knip)


# --- the same world through dbt


@pytest.fixture(scope="module")
def wereld() -> tuple[dict[str, Eenheid], dict[Any, Cel]]:
    return build_world(np.random.default_rng(20240101))


@pytest.fixture(scope="module")
def methode(wereld: tuple[dict[str, Eenheid], dict[Any, Cel]]) -> Methode:
    return Methode(*wereld)


@pytest.fixture(scope="module")
def gebouwd(
    warehouse: Any,
    wereld: tuple[dict[str, Eenheid], dict[Any, Cel]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    """The warehouse with this world in place of what sources would give."""
    map_ = tmp_path_factory.mktemp("numpy")
    pad = Path(shutil.copy(warehouse.pad, map_ / "warehouse.duckdb"))
    eenheden, cellen = wereld
    with open_warehouse(pad, schrijf=True) as verbinding:
        for tabel, rijen in _list_tabellen(eenheden, cellen).items():
            verbinding.register("nieuw", pa.Table.from_pylist(rijen))
            verbinding.execute(f"delete from intermediate.{tabel}")
            verbinding.execute(f"insert into intermediate.{tabel} by name from nieuw")
            verbinding.unregister("nieuw")
    eigen = warehouse._replace(pad=pad)
    mislukt = [u for u in eigen.run("run", "--select", MODELLEN) if not u.geslaagd]
    assert not mislukt, mislukt
    return eigen


def _list_tabellen(
    eenheden: dict[str, Eenheid], cellen: dict[Any, Cel]
) -> dict[str, list[dict[str, object]]]:
    omvang, gebied, objecten = [], defaultdict(int), []
    for peildatum in KWARTALEN:
        for naam, e in eenheden.items():
            omvang.append(
                {
                    "beheereenheid_id": naam,
                    "peildatum": peildatum,
                    "verhuureenheden_aantal": e.n,
                    "aantal_complexen": 1,
                    "gebouwtype_code": e.gebouwtype,
                    "buurt_id": e.buurt,
                    "eigen_wijk_id": e.wijk,
                    "is_beheercluster": False,
                    "stratum_code": f"{e.gebouwtype}|{e.omvang}",
                }
            )
            objecten.append(("complex", naam, peildatum, e.n))
            gebied["buurt", e.buurt, peildatum] += e.n
            gebied["wijk", e.wijk, peildatum] += e.n
    objecten += [(niveau, naam, peildatum, n) for (niveau, naam, peildatum), n in gebied.items()]
    return {
        "int_tijd__peildatum": [
            {"peildatum": dag, "venster_begin": dag, "volgnummer": i + 1}
            for i, dag in enumerate(KWARTALEN)
        ],
        "int_dekking__begin": [{"tabel": "vera.zaak", "eerste_datum": date(2020, 1, 1)}],
        "int_beheereenheid__omvang": omvang,
        "int_gebied__omvang": [
            {
                "niveau": niveau,
                "gebied_id": naam,
                "peildatum": peildatum,
                "verhuureenheden_aantal": n,
                "aantal_complexen": 11,
            }
            for (niveau, naam, peildatum), n in gebied.items()
        ],
        "int_beheerobject__per_peildatum": [
            {
                "niveau": niveau,
                "beheerobject_id": naam,
                "grondslag": "eigen",
                "peildatum": peildatum,
                "object_id": naam,
                "verhuureenheden_aantal": n,
            }
            for niveau, naam, peildatum, n in objecten
        ],
        "int_label__cel": [
            {
                "beheereenheid_id": naam,
                "peildatum": peildatum,
                "indicator_code": code,
                "soort_meting": INDICATOR[code]["soort_meting"],
                "richting": int(INDICATOR[code]["richting"]),
                "stratum_code": f"{eenheden[naam].gebouwtype}|{eenheden[naam].omvang}",
                "gebouwtype_code": eenheden[naam].gebouwtype,
                "verhuureenheden_aantal": eenheden[naam].n,
                "teller": cel.teller,
                "noemer": cel.noemer,
                "som_kwadraat": cel.kwadraat,
                "leeftijd_kwartalen": cel.leeftijd,
            }
            for (naam, peildatum, code), cel in cellen.items()
        ],
    }


def test_world_holds_the_edge_cases(methode: Methode) -> None:
    assert "FIN_ONTRUIMING" in methode.zonder_onderscheid
    assert "LFB_INZET" in methode.zonder_onderscheid
    assert len(INDICATOR) - len(methode.zonder_onderscheid) > 5
    onbekend = [s for s in methode.dekking if s not in methode.z]
    assert onbekend
    leunend = [thema for thema, rho in methode.samenhang.items() if 0 < rho < 1]
    assert len(leunend) >= 2, methode.samenhang
    assert methode.samenhang["FIN"] == methode.samenhang["SOC"] == 0  # they have small cells
    assert len({methode.label(s) for s in methode.score if s[2] == "TOT"}) == 5


def test_x_and_its_variance(gebouwd: Any, methode: Methode) -> None:
    gevonden = {
        (naam, peildatum, code, niveau): (x, var, lading)
        for niveau, naam, peildatum, code, x, var, lading in gebouwd.fetch(
            "select niveau, object_id, peildatum, indicator_code, x, var_x, lading "
            "from intermediate.int_label__positie"
        )
    }
    assert gevonden.keys() == methode.x.keys()
    for sleutel, verwacht in methode.x.items():
        alles = (*verwacht, methode.lading[sleutel])
        assert gevonden[sleutel] == pytest.approx(alles, rel=1e-9, abs=1e-9), sleutel


def test_coherence_of_the_themes(gebouwd: Any, methode: Methode) -> None:
    gevonden = dict(gebouwd.fetch("from intermediate.int_referentie__samenhang"))
    assert gevonden == pytest.approx(methode.samenhang, rel=1e-9)


def test_u_and_contributions(gebouwd: Any, methode: Methode) -> None:
    rijen = gebouwd.fetch(
        "select object_id, peildatum, indicator_code, niveau, thema_code, u, bijdrage "
        "from intermediate.int_label__gestandaardiseerd"
    )
    assert len(rijen) == len(methode.u)
    som: dict[Any, float] = defaultdict(float)
    for naam, peildatum, code, niveau, thema, u, bijdrage in rijen:
        assert u == pytest.approx(methode.u[naam, peildatum, code, niveau], abs=1e-9)
        som[naam, peildatum, thema, niveau] += float(bijdrage)
    for sleutel, z in methode.z.items():
        assert som[sleutel] == pytest.approx(z, abs=1e-9)


def test_scores_labels_and_shares_in_the_mart(gebouwd: Any, methode: Methode) -> None:
    rijen = gebouwd.fetch(
        "select beheerobject_id, peildatum, thema_code, niveau, score, sociaal_beheer_label, "
        "aandeel_van_totaal, gewicht_dekking, is_referentieperiode "
        "from mart.mart_label__sociaal_beheer_label"
    )
    objecten = {rij[:2] for rij in rijen}
    assert len(objecten) == len(KWARTALEN) * 50
    assert len(rijen) == 6 * len(objecten)
    for naam, peildatum, thema, niveau, score, label, aandeel, dekking, in_r in rijen:
        sleutel = (naam, peildatum, thema, niveau)
        assert (score is None) == (sleutel not in methode.score), sleutel
        assert label == methode.label(sleutel), sleutel
        assert in_r == (peildatum in REFERENTIE)
        if score is not None:
            assert score == pytest.approx(methode.score[sleutel], rel=1e-9), sleutel
        if thema != "TOT":
            assert dekking == pytest.approx(methode.dekking.get(sleutel, 0), abs=1e-9)
        totaal = (naam, peildatum, "TOT", niveau)
        if score is None or thema == "TOT" or totaal not in methode.score:
            assert aandeel is None
        else:
            themas = sum((naam, peildatum, t, niveau) in methode.score for t in THEMAS)
            assert aandeel == pytest.approx(
                score**2 / (themas * methode.score[totaal] ** 2), abs=1e-9
            )


def test_cut_points_and_scales_of_the_reference(gebouwd: Any, methode: Methode) -> None:
    knippen = gebouwd.fetch("from intermediate.int_referentie__knip")
    assert len(knippen) == len(methode.knip)
    for niveau, _, thema, *grenzen in knippen:
        assert grenzen == pytest.approx(methode.knip[niveau, thema], rel=1e-9)
    schalen = gebouwd.fetch("from intermediate.int_referentie__schaal")
    for niveau, _, thema, kappa in schalen:
        assert kappa == pytest.approx(methode.kappa[niveau, thema], rel=1e-9)


# --- what must hold of the SQL itself: rows in another order, and a unit that does worse

SLECHTER = {f"C{i:02}" for i in range(0, 44, 4)}
LAATSTE = KWARTALEN[-1]


def worsen(code: str, cel: Cel) -> Cel:
    """Return the cell with two more events or cases, or half a point, in the bad direction."""
    soort, richting = INDICATOR[code]["soort_meting"], int(INDICATOR[code]["richting"])
    teller = cel.teller + richting * (0.5 * cel.noemer if soort == "gemiddelde" else 2.0)
    if soort == "aandeel":
        teller = min(float(cel.noemer), teller)
    return cel._replace(teller=max(0.0, teller))


@pytest.fixture(scope="module")
def slechter(
    gebouwd: Any,
    wereld: tuple[dict[str, Eenheid], dict[Any, Cel]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    """The same world with its rows the other way round, and every fourth unit worse at the end."""
    pad = Path(shutil.copy(gebouwd.pad, tmp_path_factory.mktemp("slechter") / "warehouse.duckdb"))
    eenheden, cellen = wereld
    anders = {
        (naam, peildatum, code): worsen(code, cel)
        if naam in SLECHTER and peildatum == LAATSTE
        else cel
        for (naam, peildatum, code), cel in cellen.items()
    }
    with open_warehouse(pad, schrijf=True) as verbinding:
        for tabel, rijen in _list_tabellen(eenheden, anders).items():
            verbinding.register("nieuw", pa.Table.from_pylist(rijen[::-1]))
            verbinding.execute(f"delete from intermediate.{tabel}")
            verbinding.execute(f"insert into intermediate.{tabel} by name from nieuw")
            verbinding.unregister("nieuw")
    eigen = gebouwd._replace(pad=pad)
    mislukt = [u for u in eigen.run("run", "--select", MODELLEN) if not u.geslaagd]
    assert not mislukt, mislukt
    return eigen


def _fetch_mart(warehouse: Any) -> dict[Any, tuple[Any, ...]]:
    rijen = warehouse.fetch(
        "select niveau, beheerobject_id, peildatum, thema_code, score, sociaal_beheer_label, "
        "* exclude (niveau, beheerobject_id, peildatum, thema_code, score, sociaal_beheer_label) "
        "from mart.mart_label__sociaal_beheer_label"
    )
    return {rij[:4]: rij[4:] for rij in rijen}


def test_order_of_the_rows_and_what_others_do_change_nothing_to_the_last_bit(
    gebouwd: Any, slechter: Any
) -> None:
    eerst, daarna = _fetch_mart(gebouwd), _fetch_mart(slechter)
    gelijk = [
        sleutel
        for sleutel in eerst
        if sleutel[2] != LAATSTE or (sleutel[0] == "complex" and sleutel[1] not in SLECHTER)
    ]
    assert len(gelijk) > 2500
    assert eerst.keys() == daarna.keys()
    assert [eerst[s] for s in gelijk] == [daarna[s] for s in gelijk]


def test_unit_that_does_worse_never_gets_a_smaller_task_nor_does_its_area(
    gebouwd: Any, slechter: Any
) -> None:
    eerst, daarna = _fetch_mart(gebouwd), _fetch_mart(slechter)
    hoger = 0
    for sleutel in eerst:
        (score, label, *_), (nieuw, nieuw_label, *_) = eerst[sleutel], daarna[sleutel]
        assert (score is None) == (nieuw is None), sleutel
        if score is not None:
            assert nieuw >= score, sleutel
            assert label is None or nieuw_label >= label, sleutel
            hoger += nieuw > score
    assert hoger > 60


def test_contributions_and_shares_add_up_in_the_mart(slechter: Any) -> None:
    """Of a theme to z to the last bit, of the total to one."""
    zonder_som = slechter.fetch(
        "select object_id from intermediate.int_label__thema_z as z inner join ("
        "select niveau, object_id, peildatum, thema_code, sum(bijdrage) as som "
        "from intermediate.int_label__gestandaardiseerd group by all"
        ") using (niveau, object_id, peildatum, thema_code) where z.z != som"
    )
    assert zonder_som == []
    ((laag, hoog),) = slechter.fetch(
        "select min(som), max(som) from (select sum(aandeel_van_totaal) as som "
        "from mart.mart_label__sociaal_beheer_label where aandeel_van_totaal is not null "
        "group by niveau, beheerobject_id, peildatum)"
    )
    assert laag == pytest.approx(1, abs=1e-9)
    assert hoog == pytest.approx(1, abs=1e-9)
