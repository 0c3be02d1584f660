"""The truth of the demo world, kept apart from its deliveries, and its measured base rates.

Nothing but the evaluation may read ``waarheid/``: no asset, feature or model. The oracle of
nuisance is written with M = 24 futures, quarterly: measured on 4 worlds its average precision
is within .001 of that of M = 400, which would take longer than the whole generation. An
evaluation that wants 400 runs :func:`sources.demo.wereld.compute_orakel` on the world, which
the same seed gives again in a second.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sources.demo import beheer, huur, onderhoud, zaken
from sources.demo.bezit import Bezit
from sources.demo.huur import Huur
from sources.demo.leveringen import Kalender, choose_code, make_id, to_arrow
from sources.demo.toeval import Geheel, Getal, Vlag, make_rng
from sources.demo.wereld import (
    MAANDEN_PER_JAAR,
    Geschiedenis,
    WereldParameters,
    compute_onderzoekkans_phi,
    compute_orakel,
)

HORIZON_MAANDEN = 6
_STAP_MAANDEN = 3
_TREND_MAANDEN = 24
_SURGE_MINIMUM = 6
_SURGE_FACTOR = 2.5
_SURGE_PER_WONING = 0.04
_TIP, _MEDEWERKER, _MODEL, _ASELECT = range(4)
_REDEN = ("tip", "proactief_medewerker", "proactief_model", "aselect")


def measure_kerncijfers(geschiedenis: Geschiedenis) -> dict[str, float]:
    """Measure the base rates of a world, to hold against the design paper.

    Parameters
    ----------
    geschiedenis
        The world.

    Returns
    -------
    dict
        By name. A rate is per dwelling-year where the name ends in ``_per_woningjaar``; a
        ``verhouding`` is group 1 (the third of buurten with the highest composition) against
        the others, per dwelling. What cannot be measured (no inspection of a kind) is NaN.
    """
    g = geschiedenis
    return {
        "complexen": float(g.stad.n.size),
        "woningen": float(g.stad.n.sum()),
        **_measure_overlast(g),
        **_measure_fraude(g),
        **_measure_groepen(g),
        "correlatie_samenstelling_u": _correlate(g.stad.sens, g.stad.u),
    }


def _measure_overlast(g: Geschiedenis) -> dict[str, float]:
    woningjaren = float(g.stad.n.sum()) / MAANDEN_PER_JAAR
    voor, na = slice(None, g.formulier_maand), slice(g.formulier_maand, None)
    escalatie, surge = measure_uitkomsten(g)
    in_risico = ~np.isnan(escalatie)
    som = np.fmax(escalatie, np.where(in_risico, surge, np.nan))
    return {
        "meldingen_per_woningjaar": float(g.meldingen.mean(axis=0).sum()) / woningjaren,
        "meldingen_voor_formulier_per_woningjaar": _mean(g.meldingen[voor].sum(axis=1))
        / woningjaren,
        "meldingen_na_formulier_per_woningjaar": _mean(g.meldingen[na].sum(axis=1)) / woningjaren,
        "incidenten_per_woningjaar": float(g.incidenten.mean(axis=0).sum()) / woningjaren,
        "escalatie_per_6m": _mean(escalatie[in_risico]),
        "escalatie_of_surge_per_6m": _mean(som[~np.isnan(som)]),
        "maatregel_aandeel_complexmaanden": float(g.maatregel_actief.mean()),
    }


def list_peilmaanden(geschiedenis: Geschiedenis) -> Geheel:
    """Return the as-of months: every third from month 24 on that has a whole horizon."""
    laatste = geschiedenis.maanden - HORIZON_MAANDEN
    return np.arange(_TREND_MAANDEN, laatste + 1, _STAP_MAANDEN, dtype=np.int64)


def measure_uitkomsten(geschiedenis: Geschiedenis) -> tuple[Getal, Getal]:
    """Return what followed on every third month from month 24 on, per complex.

    Returns
    -------
    escalatie, surge : ndarray
        As-of months x C: 1 where there was a first escalation (a surge of reports) in the six
        months from the as-of month on. ``escalatie`` is NaN out of the risk set.
    """
    g = geschiedenis
    maanden = list_peilmaanden(g)
    escalatie = np.full((maanden.size, g.stad.n.size), np.nan)
    surge = np.zeros_like(escalatie)
    for i, maand in enumerate(maanden.tolist()):
        venster = slice(maand, maand + HORIZON_MAANDEN)
        gevolg = g.escalatie[venster].max(axis=0)
        escalatie[i] = np.where(g.uitgesloten[maand] == 0, gevolg, np.nan)
        r6 = g.meldingen[venster].sum(axis=0)
        gewoon = g.meldingen[maand - _TREND_MAANDEN : maand].sum(axis=0) / 4.0
        surge[i] = (
            (r6 >= _SURGE_MINIMUM)
            & (r6 >= _SURGE_FACTOR * gewoon)
            & (r6 >= _SURGE_PER_WONING * g.stad.n)
        )
    return escalatie, surge


def _measure_fraude(g: Geschiedenis) -> dict[str, float]:
    o, woningen = g.onderzoeken, float(g.stad.n.sum())
    jaren = g.maanden / MAANDEN_PER_JAAR
    raak = {
        naam: _mean(o.is_bevestigd[o.reden == reden].astype(np.float64))
        for naam, reden in (
            ("tip", _TIP), ("medewerker", _MEDEWERKER), ("aselect", _ASELECT)
        )
    }
    return {
        "fraude_start_per_woningjaar": float(g.fraude_nieuw.sum()) / woningen / jaren,
        "fraude_prevalentie": float(g.fraude.sum()) / woningen / g.maanden,
        "onderzoeken_per_woningjaar": o.maand.size / woningen / jaren,
        "onderzoeken_tip_per_woningjaar": float((o.reden == _TIP).sum()) / woningen / jaren,
        "trefkans": _mean(o.is_bevestigd.astype(np.float64)),
        **{f"trefkans_{naam}": kans for naam, kans in raak.items()},
        "bevestigd_per_woningjaar": float(o.is_bevestigd.sum()) / woningen / jaren,
    }


def _measure_groepen(g: Geschiedenis) -> dict[str, float]:
    o, groep = g.onderzoeken, g.stad.groep
    per_complex = {
        "fraude": g.fraude.sum(axis=0).astype(np.float64),
        "tips": _count(o.tip_complex, groep),
        "onderzoeken": _count(o.complex, groep),
        "onderzoeken_medewerker": _count(o.complex[o.reden == _MEDEWERKER], groep),
        "bevestigd": _count(o.complex[o.is_bevestigd], groep),
        "incidenten": g.incidenten.sum(axis=0).astype(np.float64),
        "meldingen": g.meldingen.sum(axis=0).astype(np.float64),
    }
    return {
        f"verhouding_{naam}": _divide_groepen(waarde, groep, g.stad.n)
        for naam, waarde in per_complex.items()
    }


def _count(complexen: Geheel, groep: Vlag) -> Getal:
    return np.bincount(complexen, minlength=groep.size).astype(np.float64)


def _divide_groepen(waarde: Getal, groep: Vlag, n: Geheel) -> float:
    in_groep = float(waarde[groep].sum()) / max(float(n[groep].sum()), 1.0)
    anderen = float(waarde[~groep].sum()) / max(float(n[~groep].sum()), 1.0)
    return in_groep / anderen if anderen > 0 else float("nan")


def _mean(waarde: Any) -> float:
    getallen = np.asarray(waarde, dtype=np.float64)
    return float(getallen.mean()) if getallen.size else float("nan")


def _correlate(a: Getal, b: Getal) -> float:
    a, b = a - a.mean(), b - b.mean()
    noemer = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / noemer if noemer > 0 else 0.0


def write_waarheid(
    uit: Path,
    parameters: WereldParameters,
    geschiedenis: Geschiedenis,
    bezit: Bezit,
    kalender: Kalender,
    seed: int,
    huurstand: Huur,
    orakel: Sequence[Getal],
) -> None:
    """Write what truly happened, as Parquet.

    Files: ``complex`` (one row per complex of the world), ``complex_maand`` (latent state at
    the start of the month, hazards and counts in it, true fraud, the chance phi that an
    inspection confirms), ``buurt_maand``, ``onderzoek``, ``orakel`` (quarterly: the chance of a
    first escalation within six months, given the latent state; null out of the risk set),
    ``verwacht`` (monthly: what is to be expected of every indicator of the label), and
    ``wereld.json`` (parameters, seed, months of the events, base rates). ``cluster_id``
    is the id that the deliveries of that month use, so that a split complex can be found again.

    Parameters
    ----------
    uit
        Folder of the truth.
    parameters, geschiedenis, bezit, kalender, seed, huurstand
        The world.
    orakel
        What :func:`compute_orakels` gives of it.
    """
    uit.mkdir(parents=True, exist_ok=True)
    (uit / "LEESMIJ.md").write_text(
        "# Synthetisch: de waarheid van de demowereld\n\n"
        "Alleen voor de evaluatie. Geen asset, kenmerk of model leest deze map.\n",
        encoding="utf-8",
        newline="\n",
    )
    _write_tabel(uit / "complex.parquet", _build_complex(geschiedenis, bezit))
    _write_tabel(
        uit / "complex_maand.parquet",
        _build_complex_maand(parameters, geschiedenis, bezit, kalender),
    )
    _write_tabel(uit / "buurt_maand.parquet", _build_buurt_maand(geschiedenis, kalender))
    _write_tabel(uit / "onderzoek.parquet", _build_onderzoek(geschiedenis, bezit, kalender))
    _write_tabel(uit / "orakel.parquet", _build_orakel(geschiedenis, bezit, kalender, orakel))
    _write_tabel(
        uit / "verwacht.parquet",
        build_verwacht(parameters, geschiedenis, huurstand, bezit, kalender, seed),
    )
    wereld = {
        "synthetisch": True,
        "seed": seed,
        "jaren": geschiedenis.jaren,
        "begin": str(kalender.begin),
        "formulier_maand": geschiedenis.formulier_maand,
        "beleid_maand": geschiedenis.beleid_maand,
        "schouw_gat": list(geschiedenis.schouw_gat),
        "splitsing": str(bezit.lidmaatschap.splitsing),
        "samenvoeging": str(bezit.lidmaatschap.samenvoeging),
        "parameters": asdict(parameters),
        "kerncijfers": {
            naam: round(waarde, 6) if np.isfinite(waarde) else None
            for naam, waarde in measure_kerncijfers(geschiedenis).items()
        },
    }
    (uit / "wereld.json").write_text(
        json.dumps(wereld, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
    )


def _write_tabel(pad: Path, kolommen: Mapping[str, Any]) -> None:
    tabel = pa.table({naam: to_arrow(waarde) for naam, waarde in kolommen.items()})
    # Hardly any number occurs twice: a list of them takes three times as long and more room.
    herhaald = [veld.name for veld in tabel.schema if not pa.types.is_floating(veld.type)]
    pq.write_table(tabel, pad, compression="zstd", use_dictionary=herhaald)


def _build_complex(g: Geschiedenis, bezit: Bezit) -> dict[str, Any]:
    stad, lid = g.stad, bezit.lidmaatschap
    nummer = np.arange(stad.n.size)
    return {
        "complex": nummer,
        "buurt_id": make_id("B", stad.buurt + 1, 3),
        "woningen": stad.n,
        "v": stad.v,
        "u": stad.u,
        "huurkloof": stad.x1,
        "klein": stad.x2,
        "hoogbouw": stad.hoogbouw,
        "samenstelling": stad.sens,
        "groep": stad.groep,
        "meldneiging": stad.meldneiging,
        "splitst": np.isin(nummer, lid.splitspaar),
        "voegt_samen": np.isin(nummer, lid.voegpaar),
    }


def _build_complex_maand(
    p: WereldParameters, g: Geschiedenis, bezit: Bezit, kalender: Kalender
) -> dict[str, Any]:
    maanden, complexen = g.s.shape
    maand = np.repeat(np.arange(maanden), complexen)
    c = np.tile(np.arange(complexen), maanden)
    dag = kalender.maandstart(maand)
    phi = {
        f"phi_{naam}": np.concatenate([
            compute_onderzoekkans_phi(p, g.stad, m, bureau) for m in range(maanden)
        ]).astype(np.float32)
        for naam, bureau in (
            ("proactief", p.bureau_medewerker), ("aselect", p.bureau_aselect)
        )
    }
    return {
        "maand": dag,
        "complex": c.astype(np.int32),
        "cluster_id": bezit.cluster_id(c, dag),
        **{naam: getattr(g, naam).ravel() for naam in (
            "s", "s_complex", "e", "lambda_", "meldkans", "ernstkans", "hazard", "fraudekans")},
        **{naam: getattr(g, naam).ravel().astype(np.int32) for naam in (
            "incidenten", "meldingen", "ernstig", "uitgesloten", "verleden", "maatregel_rest",
            "fraude", "fraude_nieuw")},
        "escalatie": g.escalatie.ravel(),
        "maatregel_start": g.maatregel_start.ravel(),
        **phi,
    }


def compute_orakels(p: WereldParameters, g: Geschiedenis, seed: int) -> list[Getal]:
    """Return the oracle of nuisance of every as-of month, a chance per complex.

    It takes a third of the generation and hangs on the world alone, so it can be had beside it.
    """
    rng = make_rng(seed, "waarheid/orakel")
    return [
        compute_orakel(p, g, int(maand), p.orakel_toekomsten, rng) for maand in list_peilmaanden(g)
    ]


def _build_orakel(
    g: Geschiedenis, bezit: Bezit, kalender: Kalender, kansen: Sequence[Getal]
) -> dict[str, Any]:
    maanden = list_peilmaanden(g)
    complexen = np.arange(g.stad.n.size)
    maand, c = np.repeat(maanden, complexen.size), np.tile(complexen, maanden.size)
    dag = kalender.maandstart(maand)
    return {
        "maand": dag,
        "complex": c.astype(np.int32),
        "cluster_id": bezit.cluster_id(c, dag),
        "kans": np.concatenate(kansen) if kansen else np.zeros(0),
    }


def build_verwacht(
    p: WereldParameters, g: Geschiedenis, huurstand: Huur, bezit: Bezit, kalender: Kalender,
    seed: int,
) -> dict[str, Any]:
    """Return what is truly to be expected of every indicator, one row per complex and month.

    One column per code of the indicator catalogue: events per dwelling per year, a share or a
    mean, as the generator used it in that month; null where nothing is recorded.
    """
    maanden, complexen = g.s.shape
    maand = np.repeat(np.arange(maanden), complexen)
    c = np.tile(np.arange(complexen), maanden)
    dag = kalender.maandstart(maand)
    z = zaken.compute_verwachting(g, seed)
    o = onderhoud.compute_verwachting(g, beheer.draw_onderhoud_gedekt(g.stad, seed), seed)
    b = beheer.compute_verwachting(p, g, seed)
    h = huur.compute_verwachting(huurstand, g, seed)
    per_indicator = {
        "SHV_SCHOON": b["schouw"],
        "SHV_HEEL": b["schouw"],
        "SHV_VEILIG": b["schouw"],
        "SHV_VANDALISME": o["vandalisme"],
        "SHV_VEILIGHEIDSDEFECT": o["veiligheidsdefect"],
        "SHV_ONGEDIERTE": z["ongedierte"] + o["ongedierte"],
        "OVL_EPISODE": z["episode"],
        "OVL_ERNSTIG": z["ernstig"],
        "OVL_HEROPEND": z["heropend"],
        "OVL_EERSTE_CONTACT": z["eerste_contact"],
        "FIN_ACHTERSTAND": h["achterstand"],
        "FIN_REGELING": h["regeling"],
        "FIN_ONTRUIMING": h["ontruiming"],
        "SOC_THUIS": b["thuis"],
        "SOC_CONTACT": b["contact"],
        "SOC_MUTATIE": h["mutatie"],
        "SOC_INITIATIEF": b["initiatief"],
        "LFB_VEILIG": b["veilig"],
        "LFB_OVERLAST": b["overlast"],
        "LFB_SCHOON": b["schoon"],
        "LFB_INZET": b["inzet"],
        "LFB_LEEGSTAND": h["leegstand"],
    }
    return {
        "maand": dag,
        "complex": c.astype(np.int32),
        "cluster_id": bezit.cluster_id(c, dag),
        **{
            code: waarde.astype(np.float32).ravel() for code, waarde in per_indicator.items()
        },
    }


def _build_buurt_maand(g: Geschiedenis, kalender: Kalender) -> dict[str, Any]:
    maanden, buurten = g.s_buurt.shape
    b = np.tile(np.arange(buurten), maanden)
    return {
        "maand": kalender.maandstart(np.repeat(np.arange(maanden), buurten)),
        "buurt_id": make_id("B", b + 1, 3),
        "s_buurt": g.s_buurt.ravel(),
        "v_buurt": g.stad.v_buurt[b],
        "samenstelling": g.stad.sens_buurt[b],
        "groep": g.stad.groep_buurt[b],
    }


def _build_onderzoek(g: Geschiedenis, bezit: Bezit, kalender: Kalender) -> dict[str, Any]:
    o = g.onderzoeken
    dag = kalender.maandstart(o.maand)
    return {
        "maand": dag,
        "complex": o.complex,
        "cluster_id": bezit.cluster_id(o.complex, dag),
        "reden_code": choose_code(_REDEN, o.reden),
        "kans": o.kans,
        "is_bevestigd": o.is_bevestigd,
        "fraude": g.fraude[o.maand, o.complex],
    }
