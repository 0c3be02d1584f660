"""What wijkbeheer and the woonfraude team record, and the yearly tenant survey.

Tables: schouw, maatregel, bewonersinitiatief, dekking; antwoord; onderzoek, tip,
toegang_geweigerd, advertentie_match.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from sources.demo.bezit import Bezit
from sources.demo.leveringen import Kalender, Levertabel, choose, choose_code, make_id
from sources.demo.toeval import NAT, Dag, Geheel, Getal, Vlag, draw_keuze, make_rng
from sources.demo.wereld import Geschiedenis, Stad, WereldParameters

_AANDEEL_ZONDER_ONDERHOUD = 0.015
_AANDEEL_ZONDER_SCHOUW = 0.02
_RESPONS = 0.08
_VRAAG = ("thuis", "contact", "veilig", "overlast", "schoon", "inzet")
# Per question: level, pull of v, pull of S
_VRAAG_MODEL = (
    (7.4, -0.40, -0.15), (6.7, -0.35, -0.10), (7.0, -0.50, -0.30),
    (6.8, -0.50, -0.45), (6.6, -0.45, -0.25), (6.4, -0.20, -0.05),
)
_MAATREGEL = ("toezicht", "schoonmaakactie", "bemiddeling", "fysieke_ingreep",
              "huismeester_extra", "bewonersaanpak", "overig")
_MAATREGEL_AANDEEL = (0.22, 0.17, 0.22, 0.08, 0.18, 0.08, 0.05)
_INITIATIEF = ("Samen schoon", "Portiekborrel", "Buurttuin", "Speelmiddag", "Koffie in de hal",
               "Groene gevel", "Klusploeg", "Burendag")
_INITIATIEF_PER_MAAND = 0.0003
_HEEL_DE_BUURT, _AFGEWEZEN, _INITIATIEF_DAGEN = 0.2, 0.1, (60, 500)
_DAGEN_PER_MAAND = 365.25 / 12.0
_STATUS = ("aangevraagd", "toegekend", "afgerond", "afgewezen")
_REDEN = ("tip", "proactief_medewerker", "proactief_model", "aselect")


def draw_onderhoud_gedekt(stad: Stad, seed: int) -> Vlag:
    """Return the complexes (C) whose repairs are in the association's system.

    The others leave them to an owners' association and have a ``dekking`` row that says so.
    """
    rng = make_rng(seed, "dekking/onderhoud")
    gedekt: Vlag = rng.random(stad.n.size) >= _AANDEEL_ZONDER_ONDERHOUD
    return gedekt


def _draw_schouw_gedekt(stad: Stad, seed: int) -> Vlag:
    rng = make_rng(seed, "dekking/schouw")
    gedekt: Vlag = rng.random(stad.n.size) >= _AANDEEL_ZONDER_SCHOUW
    return gedekt


def draw_initiatieven(rng: np.random.Generator, stad: Stad) -> Getal:
    """Return the initiatives to be expected per complex (C) and month: the first draw."""
    kracht = -0.3 * stad.v + 0.5 * rng.normal(size=stad.n.size)
    verwacht: Getal = (_INITIATIEF_PER_MAAND * stad.n * np.exp(kracht)).astype(np.float64)
    return verwacht


def compute_verwachting(
    parameters: WereldParameters, geschiedenis: Geschiedenis, seed: int
) -> dict[str, Getal]:
    """Return what is to be expected (T x C) of schouw, survey and initiatives.

    By name: ``schouw`` (mark of all three items), each question of the survey (mark, before it is
    rounded to 1 .. 10), and ``initiatief``: the chance that in a quarter an initiative runs in
    the complex or for its whole buurt.
    """
    g, stad = geschiedenis, geschiedenis.stad
    niveau, v, s, _ = parameters.schouw
    per_maand = (1.0 - _AFGEWEZEN) * draw_initiatieven(make_rng(seed, "bewonersinitiatief"), stad)
    in_buurt = np.bincount(stad.buurt, weights=per_maand, minlength=stad.n_buurt.size)
    tempo = (1.0 - _HEEL_DE_BUURT) * per_maand + _HEEL_DE_BUURT * in_buurt[stad.buurt]
    looptijd = (sum(_INITIATIEF_DAGEN) - 1) / 2.0 / _DAGEN_PER_MAAND
    # An initiative is there in a quarter if it begins in it, or less than its length before it.
    initiatief = 1.0 - np.exp(-tempo * (looptijd + 3.0))
    return {
        "schouw": niveau + v * stad.v + s * g.s,
        "initiatief": np.broadcast_to(initiatief, g.s.shape),
        **{
            vraag: midden + pull_v * stad.v + pull_s * g.s
            for vraag, (midden, pull_v, pull_s) in zip(_VRAAG, _VRAAG_MODEL, strict=True)
        },
    }


def build_tabellen(
    parameters: WereldParameters,
    geschiedenis: Geschiedenis,
    bezit: Bezit,
    kalender: Kalender,
    seed: int,
) -> list[Levertabel]:
    """Return the tables of wijkbeheer, huurdersonderzoek and woonfraude."""
    g = geschiedenis
    return [
        _schouw(parameters, g, bezit, kalender, seed),
        _maatregel(parameters, g, bezit, kalender, seed),
        _bewonersinitiatief(g, bezit, kalender, seed),
        _dekking(g, bezit, kalender, seed),
        _antwoord(g, bezit, kalender, seed),
        _onderzoek(g, bezit, kalender, seed),
        _tip(g, bezit, kalender, seed),
        _maandtelling("toegang_geweigerd", g.weigeringen, bezit, kalender, seed),
        _maandtelling("advertentie_match", g.advertenties, bezit, kalender, seed),
    ]


def _schouw(
    p: WereldParameters, g: Geschiedenis, bezit: Bezit, kalender: Kalender, seed: int
) -> Levertabel:
    """One round per quarter, in its middle month; a share is missed and there is a gap."""
    rng = make_rng(seed, "schouw")
    niveau, v, s, ruis = p.schouw
    maanden = np.arange(1, g.maanden, 3)
    in_gat = (maanden >= g.schouw_gat[0]) & (maanden <= g.schouw_gat[1])
    maanden = maanden[~in_gat]
    maand = np.repeat(maanden, g.stad.n.size)
    c = np.tile(np.arange(g.stad.n.size), maanden.size)
    blijft = (rng.random(c.size) >= p.schouw_gemist) & _draw_schouw_gedekt(g.stad, seed)[c]
    maand, c = maand[blijft], c[blijft]
    latent = niveau + v * g.stad.v[c] + s * g.s[maand, c]
    cijfers = [
        np.clip(np.round(latent + rng.normal(0, ruis, c.size), 1), 1.0, 10.0) for _ in range(3)
    ]
    dag = kalender.draw_dag(rng, maand)
    orde = np.lexsort((c, dag))
    c, dag = c[orde], dag[orde]
    cijfers = [cijfer[orde] for cijfer in cijfers]
    kennis = dag + rng.integers(0, 6, dag.size)
    schouw_id = make_id("S", np.arange(1, dag.size + 1), 7)

    def build(peil: np.datetime64, rijen: Geheel) -> dict[str, object]:
        return {
            "schouw_id": choose(schouw_id, rijen),
            "cluster_id": bezit.cluster_id(c[rijen], dag[rijen]),
            "schouwdatum": dag[rijen],
            "schoon_cijfer": cijfers[0][rijen],
            "heel_cijfer": cijfers[1][rijen],
            "veilig_cijfer": cijfers[2][rijen],
        }

    return Levertabel("wijkbeheer", "schouw", "aanvulling", kennis, build)


def _maatregel(
    p: WereldParameters, g: Geschiedenis, bezit: Bezit, kalender: Kalender, seed: int
) -> Levertabel:
    rng = make_rng(seed, "maatregel")
    maand, c = np.nonzero(g.maatregel_start)
    begin = kalender.draw_dag(rng, maand)
    einde = kalender.maandstart(maand + p.maatregel_maanden) - 1
    soort = draw_keuze(rng, _MAATREGEL_AANDEEL, c.size)
    orde = np.lexsort((c, begin))
    c, begin, einde, soort = c[orde], begin[orde], einde[orde], soort[orde]
    kennis = begin + rng.integers(0, 8, c.size)
    maatregel_id = make_id("M", np.arange(1, c.size + 1), 6)

    def build(peil: np.datetime64, rijen: Geheel) -> dict[str, object]:
        return {
            "maatregel_id": choose(maatregel_id, rijen),
            "cluster_id": bezit.cluster_id(c[rijen], begin[rijen]),
            "soort_code": choose_code(_MAATREGEL, soort[rijen]),
            "begindatum": begin[rijen],
            "einddatum": np.where(einde[rijen] < peil, einde[rijen], NAT),
        }

    return Levertabel("wijkbeheer", "maatregel", "aanvulling", kennis, build,
                      np.maximum(einde, kennis))


def _bewonersinitiatief(
    g: Geschiedenis, bezit: Bezit, kalender: Kalender, seed: int
) -> Levertabel:
    rng = make_rng(seed, "bewonersinitiatief")
    verwacht = np.broadcast_to(draw_initiatieven(rng, g.stad), g.s.shape)
    aantal = rng.poisson(verwacht)
    maand, c = np.nonzero(aantal)
    keer = aantal[maand, c]
    maand, c = np.repeat(maand, keer), np.repeat(c, keer)
    begin = kalender.draw_dag(rng, maand)
    orde = np.lexsort((c, begin))
    c, begin = c[orde], begin[orde]
    heel_de_buurt = rng.random(c.size) < _HEEL_DE_BUURT
    einde = begin + rng.integers(*_INITIATIEF_DAGEN, c.size)
    afgewezen = rng.random(c.size) < _AFGEWEZEN
    bedrag = np.round(rng.gamma(2.0, 450.0, c.size), -1) + 50.0
    naam = rng.integers(0, len(_INITIATIEF), c.size)
    besluit = begin + rng.integers(7, 40, c.size)
    kennis = begin
    initiatief_id = make_id("BI", np.arange(1, c.size + 1), 6)

    def build(peil: np.datetime64, rijen: Geheel) -> dict[str, object]:
        r = rijen
        voorbij = (einde[r] < peil) & ~afgewezen[r]
        status = np.where(besluit[r] >= peil, 0, np.where(afgewezen[r], 3, 1))
        return {
            "bewonersinitiatief_id": choose(initiatief_id, r),
            "cluster_id": pa.compute.if_else(
                pa.array(heel_de_buurt[r]), pa.scalar(None, pa.string()),
                bezit.cluster_id(c[r], begin[r]),
            ),
            "buurt_id": make_id("B", g.stad.buurt[c[r]] + 1, 3),
            "naam": choose_code(_INITIATIEF, naam[r]),
            "bedrag_eur": np.where(status == 0, np.nan, np.where(status == 3, 0.0, bedrag[r])),
            "status_code": choose_code(_STATUS, np.where(voorbij, 2, status)),
            "begindatum": begin[r],
            "einddatum": np.where(voorbij, einde[r], NAT),
        }

    gewijzigd = np.where((einde < kalender.tweede) & ~afgewezen, einde, besluit)
    return Levertabel("wijkbeheer", "bewonersinitiatief", "aanvulling", kennis, build,
                      np.maximum(gewijzigd, kennis))


def _dekking(g: Geschiedenis, bezit: Bezit, kalender: Kalender, seed: int) -> Levertabel:
    """Where and when a source records nothing: the gap, complexes without, the first year."""
    zonder_onderhoud = np.flatnonzero(~draw_onderhoud_gedekt(g.stad, seed))
    zonder_schouw = np.flatnonzero(~_draw_schouw_gedekt(g.stad, seed))
    bron: list[str] = []
    cluster: list[str | None] = []
    begin: list[np.datetime64] = []
    einde: list[np.datetime64] = []
    for naam, complexen in (("onderhoud", zonder_onderhoud), ("schouw", zonder_schouw)):
        for dag_begin, dag_einde, ids in _perioden(bezit, kalender, complexen):
            bron += [naam] * len(ids)
            cluster += ids
            begin += [dag_begin] * len(ids)
            einde += [dag_einde] * len(ids)
    eerste, laatste = g.schouw_gat
    if laatste >= eerste and eerste < g.maanden:
        bron.append("schouw")
        cluster.append(None)
        begin.append(kalender.get_maandstart(eerste))
        einde.append(kalender.get_maandstart(laatste + 1))
    if g.jaren > 2:
        bron.append("huurdersonderzoek")
        cluster.append(None)
        begin.append(kalender.begin)
        einde.append(kalender.get_maandstart(12))
    orde = sorted(range(len(bron)), key=lambda i: (bron[i], cluster[i] or "", str(begin[i])))
    begins = np.array(begin, dtype="datetime64[D]")
    eindes = np.array(einde, dtype="datetime64[D]")
    volgorde = np.array(orde, dtype=np.int64)

    def build(peil: np.datetime64, rijen: Geheel) -> dict[str, object]:
        r = volgorde[rijen]
        return {
            "bron": choose(pa.array(bron, pa.string()), r),
            "cluster_id": choose(pa.array(cluster, pa.string()), r),
            "begindatum": begins[r],
            "einddatum": eindes[r],
            "is_gedekt": np.zeros(r.size, dtype=bool),
        }

    return Levertabel("wijkbeheer", "dekking", "volledig",
                      np.full(len(bron), kalender.begin), build)


def _perioden(
    bezit: Bezit, kalender: Kalender, complexen: Geheel
) -> list[tuple[np.datetime64, np.datetime64, list[str]]]:
    """Cluster ids of complexes, per stretch in which no cluster splits or merges."""
    gewoon = complexen[
        ~np.isin(complexen, np.concatenate([bezit.lidmaatschap.splitspaar,
                                            bezit.lidmaatschap.voegpaar]))
    ]
    # Complexes that split or merge are left covered; a split must not have two answers.
    ids = bezit.cluster_id(gewoon, np.full(gewoon.size, kalender.begin)).to_pylist()
    return [(kalender.begin, NAT, ids)]


def _antwoord(g: Geschiedenis, bezit: Bezit, kalender: Kalender, seed: int) -> Levertabel:
    """Yearly survey in autumn; 8 % of the dwellings answers six questions."""
    rng = make_rng(seed, "huurdersonderzoek")
    jaren = np.arange(1 if g.jaren > 2 else 0, g.jaren)
    unit_c = bezit.complex[: bezit.woningen]
    c_delen, dag_delen, maand_delen = [], [], []
    for jaar in jaren:
        c = unit_c[rng.random(bezit.woningen, dtype=np.float32) < _RESPONS]
        maand = np.full(c.size, 12 * jaar + 8) + (rng.random(c.size) < 0.3)
        c_delen.append(c)
        maand_delen.append(maand)
        dag_delen.append(kalender.draw_dag(rng, maand))
    c = np.concatenate(c_delen)
    maand = np.concatenate(maand_delen)
    dag = np.concatenate(dag_delen)
    # No address and no order by dwelling: answers are shuffled within the year
    orde = np.lexsort((rng.random(c.size), maand // 12))
    c, maand, dag = c[orde], maand[orde], dag[orde]
    vragen = len(_VRAAG)
    eigen = rng.normal(0, 0.9, c.size)
    niveau, pull_v, pull_s = np.array(_VRAAG_MODEL).T
    verwacht = (
        niveau + g.stad.v[c][:, None] * pull_v + g.s[maand, c].astype(np.float64)[:, None] * pull_s
        + eigen[:, None] + rng.normal(0, 1.3, (c.size, vragen))
    )
    score = np.clip(np.rint(verwacht), 1, 10)
    # Some leave a question open
    gaf = rng.random((c.size, vragen)) >= 0.03
    respons, vraag = np.nonzero(gaf)
    late = rng.random(c.size) < 0.01
    klaar = (maand // 12 * 12 + 10).astype(np.int64)
    kennis_r = np.where(late, kalender.maandstart(klaar + 1) + rng.integers(3, 20, c.size),
                        kalender.maandstart(klaar) + 14)
    waarde = score[respons, vraag]
    respons_id = make_id("R", np.arange(1, c.size + 1), 8)

    def build(peil: np.datetime64, rijen: Geheel) -> dict[str, object]:
        wie = respons[rijen]
        return {
            "respons_id": choose(respons_id, wie),
            "cluster_id": bezit.cluster_id(c[wie], dag[wie]),
            "meetdatum": dag[wie],
            "vraag_code": choose_code(_VRAAG, vraag[rijen]),
            "score": waarde[rijen].astype(np.int64),
        }

    return Levertabel("huurdersonderzoek", "antwoord", "aanvulling", kennis_r[respons], build)


def _onderzoek(g: Geschiedenis, bezit: Bezit, kalender: Kalender, seed: int) -> Levertabel:
    rng = make_rng(seed, "onderzoek")
    o = g.onderzoeken
    dag = kalender.draw_dag(rng, o.maand)
    orde = np.lexsort((o.complex, dag))
    c, dag = o.complex[orde], dag[orde]
    unit = bezit.draw_unit(rng, c, 1.0)
    reden, kans = o.reden[orde], o.kans[orde]
    versie = pa.array([tekst or None for tekst in o.scoreversie], pa.string()).take(pa.array(orde))
    afgerond = o.is_bevestigd[orde] | (rng.random(c.size) >= 0.02)
    uitkomst = np.where(o.is_bevestigd[orde], 0, np.where(afgerond, 1, 2))
    bureau = (reden > 0) | (rng.random(c.size) < 0.5)
    duur = rng.integers(3, 30, c.size)
    kennis = dag + duur
    onderzoek_id = make_id("OZ", np.arange(1, c.size + 1), 7)

    def build(peil: np.datetime64, rijen: Geheel) -> dict[str, object]:
        return {
            "onderzoek_id": choose(onderzoek_id, rijen),
            "cluster_id": bezit.cluster_id(c[rijen], dag[rijen]),
            "eenheid_id": choose(bezit.unit_id, unit[rijen]),
            "reden_code": choose_code(_REDEN, reden[rijen]),
            "selectiekans": np.round(kans[rijen], 8),
            "scoreversie": choose(versie, rijen),
            "bureauonderzoek_code": choose_code(("niet_gedaan", "gedaan"),
                                              bureau[rijen].astype(np.int64)),
            "uitkomst_code": choose_code(("bevestigd", "niets_gevonden", "niet_afgerond"),
                                       uitkomst[rijen]),
            "datum": dag[rijen],
        }

    return Levertabel("woonfraude", "onderzoek", "aanvulling", kennis, build)


def _tip(g: Geschiedenis, bezit: Bezit, kalender: Kalender, seed: int) -> Levertabel:
    rng = make_rng(seed, "tip")
    dag = kalender.draw_dag(rng, g.onderzoeken.tip_maand)
    orde = np.lexsort((g.onderzoeken.tip_complex, dag))
    c, dag = g.onderzoeken.tip_complex[orde], dag[orde]
    kennis = dag + np.where(rng.random(c.size) < 0.03, rng.integers(5, 40, c.size), 0)
    tip_id = make_id("T", np.arange(1, c.size + 1), 7)

    def build(peil: np.datetime64, rijen: Geheel) -> dict[str, object]:
        return {
            "tip_id": choose(tip_id, rijen),
            "cluster_id": bezit.cluster_id(c[rijen], dag[rijen]),
            "datum": dag[rijen],
        }

    return Levertabel("woonfraude", "tip", "aanvulling", kennis, build)


def _maandtelling(
    naam: str, telling: Geheel, bezit: Bezit, kalender: Kalender, seed: int
) -> Levertabel:
    """Build counts per cluster and month, known shortly after the month has ended."""
    maand, c = np.nonzero(telling)
    aantal = telling[maand, c]
    start = kalender.maandstart(maand)
    cluster = bezit.lidmaatschap.find_cluster(c, start)
    # A merged complex has one row: add up
    orde = np.lexsort((cluster, maand))
    maand, cluster, aantal = maand[orde], cluster[orde], aantal[orde]
    eerste = np.ones(maand.size, dtype=bool)
    eerste[1:] = (maand[1:] != maand[:-1]) | (cluster[1:] != cluster[:-1])
    som = np.add.reduceat(aantal, np.flatnonzero(eerste)) if maand.size else aantal
    maand, cluster = maand[eerste], cluster[eerste]
    dag: Dag = kalender.maandstart(maand)
    kennis = kalender.maandstart(maand + 1) + 1
    laat = make_rng(seed, f"laat/{naam}").random(maand.size) < 0.01
    kennis = np.where(laat, kennis + 27, kennis)

    def build(peil: np.datetime64, rijen: Geheel) -> dict[str, object]:
        return {
            "cluster_id": make_id("C", cluster[rijen], 5),
            "maand": dag[rijen],
            "aantal": som[rijen],
        }

    return Levertabel("woonfraude", naam, "aanvulling", kennis, build)
