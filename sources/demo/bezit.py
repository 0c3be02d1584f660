"""What the association owns: eenheden, clusters, their membership, addresses, buurt, wijk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from sources.demo.geografie import Geografie, draw_punten
from sources.demo.leveringen import Kalender, Levertabel, choose, choose_code, make_id
from sources.demo.toeval import NAT, Dag, Geheel, Getal, Vlag, draw_keuze, draw_zeldzaam, make_rng
from sources.demo.wereld import Stad

# Building types: 0 galerij, 1 portiek, 2 rij, 3 boven-beneden
_TYPE_NAAM = ("galerijflat", "portiek", "rijwoningen", "boven- en benedenwoningen")
_DETAIL = ("GAL", "POF", "POW", "TUS", "HOE", "EIN", "BEN", "BOV", "MAI", "PAR", "GAR", "WIR",
           "KAN")
_GAL, _POF, _POW, _TUS, _HOE, _EIN, _BEN, _BOV, _MAI, _PAR, _GAR, _WIR, _KAN = range(13)
_SOORT = ("WOO", "PAR", "BED")
_AANDEEL_PARKEREN = 0.06
_AANDEEL_BEDRIJF = 0.008
_AANDEEL_HUUR_ONBEKEND = 0.004
_AANDEEL_TEKST_IN_GETAL = 0.0003
_COMPLEXEN_PER_ONDERHOUD = 8
_EERSTE_LID = np.datetime64("2010-01-01", "D")  # memberships were registered from here on


@dataclass(frozen=True)
class Lidmaatschap:
    """Which cluster a complex of the world is, on a day.

    Two neighbouring complexes are one cluster until ``splitsing`` and two after it; two
    others are two until ``samenvoeging`` and one after it. ``eigen`` is the number of the
    complex's own cluster; the joint clusters are ``voor_splitsing`` and
    ``na_samenvoeging``. Cluster numbers count from 1.
    """

    splitsing: np.datetime64
    samenvoeging: np.datetime64
    splitspaar: Geheel
    voegpaar: Geheel
    voor_splitsing: int
    na_samenvoeging: int
    aantal: int

    def find_cluster(self, complexen: Geheel, dag: Dag) -> Geheel:
        """Return the number of the FIN cluster of each complex on each day."""
        nummer = complexen + 1
        nummer = np.where(
            np.isin(complexen, self.splitspaar) & (dag < self.splitsing),
            self.voor_splitsing,
            nummer,
        )
        return np.where(
            np.isin(complexen, self.voegpaar) & (dag >= self.samenvoeging),
            self.na_samenvoeging,
            nummer,
        )


@dataclass(frozen=True)
class Bezit:
    """The property: U units, the dwellings first, in order of complex.

    Attributes
    ----------
    complex
        World complex of each unit (U).
    woningen
        Number of dwellings; units from this index on are parking places and shops.
    begin
        First dwelling of each complex (C + 1), so that complex c owns
        ``begin[c]:begin[c + 1]``.
    unit_id
        Eenheid ids (U).
    type_complex
        Building type of each complex (C): 0 galerij, 1 portiek, 2 rij, 3 boven/beneden.
    brutohuur
        Rent in euro per month (U).
    """

    complex: Geheel
    woningen: int
    begin: Geheel
    unit_id: pa.Array
    type_complex: Geheel
    detail: Geheel
    bouwjaar: Geheel
    kamers: Geheel
    oppervlakte: Getal
    brutohuur: Getal
    markthuur: Getal
    straat: Geheel
    huisnummer: Geheel
    lidmaatschap: Lidmaatschap
    lengtegraad: Getal
    breedtegraad: Getal

    def draw_unit(self, rng: np.random.Generator, complexen: Geheel, scheef: float) -> Geheel:
        """Draw a dwelling per row; ``scheef`` above 1 makes the first ones more likely."""
        n = self.begin[complexen + 1] - self.begin[complexen]
        plek = np.floor(n * rng.random(complexen.size) ** scheef).astype(np.int64)
        # A fixed stride scatters the frequent ones over the complex.
        return self.begin[complexen] + (plek * 7919) % n

    def cluster_id(self, complexen: Geheel, dag: Dag) -> pa.Array:
        """Return FIN cluster ids of complexes on days."""
        return make_id("C", self.lidmaatschap.find_cluster(complexen, dag), 5)


def build_bezit(stad: Stad, geografie: Geografie, kalender: Kalender, seed: int) -> Bezit:
    """Build units, rents, addresses and memberships.

    Parameters
    ----------
    stad, geografie, kalender
        The world.
    seed
        Seed of the world.
    """
    rng = make_rng(seed, "bezit")
    complexen = stad.n.size
    woningen = int(stad.n.sum())
    parkeren = np.repeat(np.arange(complexen), rng.poisson(_AANDEEL_PARKEREN * stad.n))
    bedrijf = np.repeat(np.arange(complexen), rng.poisson(_AANDEEL_BEDRIJF * stad.n))
    complex_ = np.concatenate([np.repeat(np.arange(complexen), stad.n), parkeren, bedrijf])
    laag = draw_keuze(rng, (0.25, 0.55, 0.20), complexen) + 1
    type_complex = np.where(stad.hoogbouw, (rng.random(complexen) < 0.35).astype(int), laag)
    detail = _draw_detail(rng, stad, type_complex, woningen)
    detail = np.concatenate([
        detail,
        np.where(rng.random(parkeren.size) < 0.7, _PAR, _GAR),
        np.where(rng.random(bedrijf.size) < 0.6, _WIR, _KAN),
    ])
    tijdperk = rng.uniform(0, 1, complexen)
    bouwjaar = np.where(stad.hoogbouw, 1958 + 32 * tijdperk, 1912 + 100 * tijdperk)
    bouwjaar = np.minimum(bouwjaar.astype(np.int64), int(str(kalender.begin)[:4]) - 1)
    midden = np.where(stad.hoogbouw, 66.0, 82.0) - 9.0 * stad.x2
    oppervlakte = np.clip(midden[complex_] + rng.normal(0, 6, complex_.size), 22, 190)
    oppervlakte[woningen:] = np.where(detail[woningen:] <= _GAR, 14.0, 85.0)
    kamers = np.clip(np.rint(oppervlakte / 21.0), 1, 7).astype(np.int64)
    kamers[woningen:] = 0
    huur = 330 + 3.6 * oppervlakte + rng.normal(0, 28, complex_.size)
    huur[woningen:] = np.where(detail[woningen:] <= _GAR, 62.0, 980.0)
    markt = huur * (1.42 + 0.17 * stad.x1[complex_]) + rng.normal(0, 25, complex_.size)
    straat, huisnummer = _draw_adres(rng, stad, geografie, complex_)
    lengte, breedte = draw_punten(geografie, stad.buurt, seed)
    return Bezit(
        complex=complex_,
        woningen=woningen,
        begin=np.concatenate([[0], np.cumsum(stad.n)]),
        unit_id=make_id("E", np.arange(1, complex_.size + 1), 7),
        type_complex=type_complex,
        detail=detail,
        bouwjaar=bouwjaar,
        kamers=kamers,
        oppervlakte=np.round(oppervlakte, 1),
        brutohuur=np.round(np.maximum(huur, 35.0), 2),
        markthuur=np.round(np.maximum(markt, huur * 0.8), 2),
        straat=straat,
        huisnummer=huisnummer,
        lidmaatschap=_choose_paren(rng, stad, type_complex, kalender),
        lengtegraad=lengte,
        breedtegraad=breedte,
    )


def _draw_detail(
    rng: np.random.Generator, stad: Stad, type_complex: Geheel, woningen: int
) -> Geheel:
    """Dwelling types that follow the building type of the complex."""
    soort = np.repeat(type_complex, stad.n)
    plek = np.arange(woningen) - np.repeat(np.cumsum(stad.n) - stad.n, stad.n)
    grens = plek % 8
    rij = np.where(grens == 0, _HOE, np.where(grens == 7, _EIN, _TUS))
    portiekflat = np.repeat(rng.random(stad.n.size) < 0.5, stad.n)
    portiek = np.where(portiekflat, _POF, _POW)
    duplex = np.where(plek % 2 == 0, _BEN, _BOV)
    detail = np.choose(soort, [np.full(woningen, _GAL), portiek, rij, duplex])
    maisonnette = (soort <= 1) & (rng.random(woningen) < 0.06)
    return np.where(maisonnette, _MAI, detail)


def _draw_adres(
    rng: np.random.Generator, stad: Stad, geografie: Geografie, complex_: Geheel
) -> tuple[Geheel, Geheel]:
    """One or two streets per complex in its own buurt; house numbers count per street."""
    per_buurt = len(geografie.straat_namen) // len(geografie.buurt_namen)
    eerste = rng.integers(0, per_buurt, stad.n.size)
    tweede = np.where(stad.n > 60, (eerste + 1) % per_buurt, eerste)
    helft = np.zeros(complex_.size, dtype=bool)
    woningen = int(stad.n.sum())
    plek = np.arange(woningen) - np.repeat(np.cumsum(stad.n) - stad.n, stad.n)
    helft[:woningen] = plek >= np.repeat(stad.n, stad.n) // 2
    straat = stad.buurt[complex_] * per_buurt + np.where(
        helft, tweede[complex_], eerste[complex_]
    )
    volgorde = np.lexsort((np.arange(complex_.size), straat))
    gesorteerd = straat[volgorde]
    rang = np.arange(complex_.size) - np.searchsorted(gesorteerd, gesorteerd, side="left")
    huisnummer = np.empty(complex_.size, dtype=np.int64)
    huisnummer[volgorde] = rang + 1
    return straat, huisnummer


def _choose_paren(
    rng: np.random.Generator, stad: Stad, type_complex: Geheel, kalender: Kalender
) -> Lidmaatschap:
    """Choose two pairs of complexes of one buurt and type, of 10 to 60 dwellings each."""
    geschikt = np.flatnonzero((stad.n >= 10) & (stad.n <= 60))
    geschikt = geschikt[rng.permutation(geschikt.size)]
    soort = stad.buurt[geschikt] * 4 + type_complex[geschikt]
    geschikt = geschikt[np.argsort(soort, kind="stable")]
    soort = np.sort(soort, kind="stable")
    gelijk = np.flatnonzero(soort[1:] == soort[:-1])
    paren: list[Geheel] = []
    gebruikt: set[int] = set()
    for plek in gelijk[rng.permutation(gelijk.size)]:
        paar = {int(geschikt[plek]), int(geschikt[plek + 1])}
        if not paar & gebruikt:
            paren.append(np.array(sorted(paar), dtype=np.int64))
            gebruikt |= paar
        if len(paren) == 2:
            break
    leeg = np.zeros(0, dtype=np.int64)
    paren += [leeg] * (2 - len(paren))
    dagen = (kalender.eerste - kalender.begin).astype(int)
    return Lidmaatschap(
        splitsing=(kalender.begin + int(dagen * 0.55)).astype("datetime64[M]").astype(
            "datetime64[D]"),
        samenvoeging=(kalender.begin + int(dagen * 0.75)).astype("datetime64[M]").astype(
            "datetime64[D]"),
        splitspaar=paren[0],
        voegpaar=paren[1],
        voor_splitsing=stad.n.size + 1,
        na_samenvoeging=stad.n.size + 2,
        aantal=stad.n.size,
    )


def build_tabellen(
    bezit: Bezit,
    stad: Stad,
    geografie: Geografie,
    kalender: Kalender,
    seed: int,
    leeg_op: dict[np.datetime64, Vlag],
) -> list[Levertabel]:
    """Return eenheid, cluster, cluster_eenheid, eenheidadres, buurt and wijk.

    ``leeg_op`` says per delivery date which dwellings stand empty.
    """
    return [
        _eenheid(bezit, kalender, seed, leeg_op),
        *_clusters(bezit, stad, geografie, kalender),
        _eenheidadres(bezit, stad, geografie, kalender),
        _buurt(geografie, kalender),
        _wijk(geografie, kalender),
    ]


def _altijd(kalender: Kalender, rijen: int) -> Dag:
    return np.full(rijen, kalender.begin)


def _eenheid(
    bezit: Bezit, kalender: Kalender, seed: int, leeg_op: dict[np.datetime64, Vlag]
) -> Levertabel:
    rng = make_rng(seed, "vuil/eenheid")
    aantal = bezit.complex.size
    woning = np.arange(aantal) < bezit.woningen
    soort = np.where(woning, 0, np.where(bezit.detail <= _GAR, 1, 2))
    zonder_huur = draw_zeldzaam(rng, _AANDEEL_HUUR_ONBEKEND, aantal)
    tekst = draw_zeldzaam(rng, _AANDEEL_TEKST_IN_GETAL, aantal)
    jaar = bezit.bouwjaar[bezit.complex]
    begin = (jaar - 1970).astype("datetime64[Y]").astype("datetime64[D]") + (
        rng.integers(30, 330, bezit.begin.size)[bezit.complex]
    )

    def build(dag: np.datetime64, rijen: Geheel) -> dict[str, object]:
        leeg = np.zeros(aantal, dtype=bool)
        leeg[: bezit.woningen] = leeg_op[dag]
        m2 = pa.array(bezit.oppervlakte[rijen]).cast(pa.string())
        return {
            "eenheid_id": choose(bezit.unit_id, rijen),
            "soort_code": choose_code(_SOORT, soort[rijen]),
            "detail_soort_code": choose_code(_DETAIL, bezit.detail[rijen]),
            "status_code": choose_code(("VEH", "LEE"), leeg[rijen].astype(np.int64)),
            "bouwjaar": jaar[rijen],
            "kamers_aantal": bezit.kamers[rijen],
            "oppervlakte_m2": pa.compute.if_else(pa.array(tekst[rijen]), "onbekend", m2),
            "brutohuur_eur_per_maand": np.where(zonder_huur, np.nan, bezit.brutohuur)[rijen],
            "markthuur_eur_per_maand": np.where(woning, bezit.markthuur, np.nan)[rijen],
            "in_exploitatiedatum": begin[rijen],
            "uit_exploitatiedatum": np.full(rijen.size, NAT),
        }

    return Levertabel("vera", "eenheid", "volledig", _altijd(kalender, aantal), build)


@dataclass(frozen=True)
class _Clusters:
    """Clusters (K) in the order FIN, OND, RAY: complexes, maintenance clusters, rayons.

    ``plek`` is the world complex that gives a FIN cluster its place (K_fin); ``samen`` holds,
    per joint cluster, the pair of complexes and the cluster's position.
    """

    cluster_id: pa.Array
    soort: Geheel
    code: pa.Array
    begin: Dag
    eind: Dag
    plek: Geheel
    samen: tuple[tuple[Geheel, int], ...]
    onderhoud: Geheel
    rayon: Geheel

    @property
    def sortering(self) -> Geheel:
        """Order of the clusters by id."""
        return np.asarray(pa.compute.sort_indices(self.cluster_id), dtype=np.int64)


def _clusters(
    bezit: Bezit, stad: Stad, geografie: Geografie, kalender: Kalender
) -> list[Levertabel]:
    """Build cluster and cluster_eenheid."""
    clusters = _build_clusters(bezit, stad, geografie)
    return [
        _cluster(clusters, bezit, geografie, kalender),
        _cluster_eenheid(clusters, bezit, kalender),
    ]


def _build_clusters(bezit: Bezit, stad: Stad, geografie: Geografie) -> _Clusters:
    lid, complexen = bezit.lidmaatschap, stad.n.size
    wijk = geografie.buurt_wijk[stad.buurt]
    volgorde = np.lexsort((np.arange(complexen), stad.buurt, wijk))
    onderhoud = np.empty(complexen, dtype=np.int64)
    onderhoud[volgorde] = np.arange(complexen) // _COMPLEXEN_PER_ONDERHOUD
    rayon = wijk // 3
    oprichting = (bezit.bouwjaar - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    begin, eind = oprichting.copy(), np.full(complexen, NAT)
    begin[lid.splitspaar] = lid.splitsing
    eind[lid.voegpaar] = lid.samenvoeging
    # The joint clusters: one until the split, one from the merger on
    samen = [
        (paar, nummer, van, tot)
        for paar, nummer, van, tot in (
            (lid.splitspaar, lid.voor_splitsing, oprichting[lid.splitspaar[:1]], lid.splitsing),
            (lid.voegpaar, lid.na_samenvoeging, np.array([lid.samenvoeging]), NAT),
        )
        if paar.size
    ]
    nummer = np.concatenate([np.arange(1, complexen + 1), [rij[1] for rij in samen]]).astype(
        np.int64
    )
    ond, ray = (np.arange(1, int(groep.max()) + 2) for groep in (onderhoud, rayon))
    rest = ond.size + ray.size
    return _Clusters(
        cluster_id=pa.concat_arrays(
            [make_id("C", nummer, 5), make_id("OND", ond, 4), make_id("RAY", ray, 2)]
        ),
        soort=np.repeat([0, 1, 2], [nummer.size, ond.size, ray.size]),
        code=pa.concat_arrays(
            [make_id("", 1000 + nummer, 4), make_id("OH-", ond, 4), make_id("R", ray, 1)]
        ),
        begin=np.concatenate([begin, *(rij[2] for rij in samen), np.full(rest, _EERSTE_LID)]),
        eind=np.concatenate([eind, *([rij[3]] for rij in samen), np.full(rest, NAT)]),
        plek=np.concatenate([np.arange(complexen), [rij[0][0] for rij in samen]]).astype(
            np.int64
        ),
        samen=tuple((rij[0], complexen + i) for i, rij in enumerate(samen)),
        onderhoud=onderhoud,
        rayon=rayon,
    )


def _cluster(
    clusters: _Clusters, bezit: Bezit, geografie: Geografie, kalender: Kalender
) -> Levertabel:
    plek, sortering = clusters.plek, clusters.sortering
    straatnaam = choose(pa.array(geografie.straat_namen), bezit.straat[bezit.begin[plek]])
    soort_naam = choose_code(_TYPE_NAAM, bezit.type_complex[plek])
    soort_naam = pa.compute.binary_join_element_wise("(", soort_naam, ")", "")
    ond, ray = (np.arange(1, int((clusters.soort == i).sum()) + 1) for i in (1, 2))
    naam = pa.concat_arrays([
        pa.compute.binary_join_element_wise("Voorbeeldcomplex", straatnaam, soort_naam, " "),
        make_id("Voorbeeldonderhoud ", ond, 3),
        make_id("Voorbeeldrayon ", ray, 1),
    ])
    nergens = np.full(ond.size + ray.size, np.nan)
    lengte = np.concatenate([bezit.lengtegraad[plek], nergens])
    breedte = np.concatenate([bezit.breedtegraad[plek], nergens])

    def build(dag: np.datetime64, rijen: Geheel) -> dict[str, object]:
        r = sortering[rijen]
        return {
            "cluster_id": choose(clusters.cluster_id, r),
            "soort_code": choose_code(("FIN", "OND", "RAY"), clusters.soort[r]),
            "code": choose(clusters.code, r),
            "naam": choose(naam, r),
            "begindatum": clusters.begin[r],
            "einddatum": clusters.eind[r],
            "lengtegraad": lengte[r],
            "breedtegraad": breedte[r],
        }

    return Levertabel("vera", "cluster", "volledig", _altijd(kalender, sortering.size), build)


def _cluster_eenheid(clusters: _Clusters, bezit: Bezit, kalender: Kalender) -> Levertabel:
    """Build who is in which cluster: FIN (with what split and merged), OND, RAY."""
    c = bezit.complex
    units = np.arange(c.size)
    dubbel = [(units[np.isin(c, paar)], positie) for paar, positie in clusters.samen]
    lid_unit = np.concatenate([units, *(deel for deel, _ in dubbel), units, units])
    fin = clusters.plek.size
    lid_cluster = np.concatenate([
        c,
        *(np.full(deel.size, positie) for deel, positie in dubbel),
        fin + clusters.onderhoud[c],
        fin + int(clusters.onderhoud.max()) + 1 + clusters.rayon[c],
    ])
    begin = np.maximum(clusters.begin[lid_cluster], _EERSTE_LID)
    eind = clusters.eind[lid_cluster]
    rang = np.empty(len(clusters.cluster_id), dtype=np.int64)
    rang[clusters.sortering] = np.arange(rang.size)
    orde = np.lexsort((lid_unit, rang[lid_cluster]))

    def build(dag: np.datetime64, rijen: Geheel) -> dict[str, object]:
        r = orde[rijen]
        return {
            "cluster_id": choose(clusters.cluster_id, lid_cluster[r]),
            "eenheid_id": choose(bezit.unit_id, lid_unit[r]),
            "begindatum": begin[r],
            "einddatum": eind[r],
        }

    return Levertabel(
        "vera", "cluster_eenheid", "volledig", _altijd(kalender, orde.size), build
    )


def _eenheidadres(
    bezit: Bezit, stad: Stad, geografie: Geografie, kalender: Kalender
) -> Levertabel:
    straatnaam = pa.array(geografie.straat_namen)
    postcode = pa.array(geografie.straat_postcodes)
    duplex = np.isin(bezit.detail, (_BEN, _BOV))
    # A duplex pair shares a house number and differs by letter.
    nummer = np.where(duplex, (bezit.huisnummer + 1) // 2 * 2, bezit.huisnummer)
    letter = np.where(duplex, 1 - bezit.huisnummer % 2, -1)
    toevoeging = np.where(nummer % 97 == 0, 0, -1)

    def build(dag: np.datetime64, rijen: Geheel) -> dict[str, object]:
        return {
            "eenheid_id": choose(bezit.unit_id, rijen),
            "straatnaam": choose(straatnaam, bezit.straat[rijen]),
            "huisnummer": nummer[rijen],
            "huisletter": choose_code(("A", "B"), letter[rijen]),
            "huisnummer_toevoeging": choose_code(("bis",), toevoeging[rijen]),
            "postcode": choose(postcode, bezit.straat[rijen]),
            "buurt_id": make_id("B", stad.buurt[bezit.complex[rijen]] + 1, 3),
        }

    return Levertabel("vera", "eenheidadres", "volledig",
                      _altijd(kalender, bezit.complex.size), build)


def _buurt(geografie: Geografie, kalender: Kalender) -> Levertabel:
    def build(dag: np.datetime64, rijen: Geheel) -> dict[str, object]:
        return {
            "buurt_id": make_id("B", rijen + 1, 3),
            "id_gegevensbeheerder": choose_code(geografie.buurt_codes, rijen),
            "naam": choose_code(geografie.buurt_namen, rijen),
            "wijk_id": make_id("W", geografie.buurt_wijk[rijen] + 1, 2),
        }

    return Levertabel("vera", "buurt", "volledig",
                      _altijd(kalender, len(geografie.buurt_namen)), build)


def _wijk(geografie: Geografie, kalender: Kalender) -> Levertabel:
    def build(dag: np.datetime64, rijen: Geheel) -> dict[str, object]:
        return {
            "wijk_id": make_id("W", rijen + 1, 2),
            "id_gegevensbeheerder": choose_code(geografie.wijk_codes, rijen),
            "naam": choose_code(geografie.wijk_namen, rijen),
        }

    return Levertabel("vera", "wijk", "volledig",
                      _altijd(kalender, len(geografie.wijk_namen)), build)
