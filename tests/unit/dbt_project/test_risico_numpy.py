"""Features and outcomes of the risk models, worked out again in plain Python.

The SQL reads one table; here it runs on small made-up ones. Source: design paper on the risk
models, "Features".
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from orchestration.warehouse import find_laag

TELLINGEN = (
    "aantal_meldingen", "aantal_ernstig", "aantal_escalaties", "aantal_maatregelen",
    "aantal_mutaties", "aantal_vandalisme",
)  # fmt: skip
DEKKING = {
    "aantal_meldingen": "is_gedekt_melding",
    "aantal_escalaties": "is_gedekt_dossier",
    "aantal_mutaties": "is_gedekt_mutatie",
    "aantal_vandalisme": "is_gedekt_onderhoud",
}

Bereken = Callable[[str, pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def bereken(warehouse: Any) -> Bereken:
    """Run the compiled SQL of a model on a table of complex-months."""
    map_ = warehouse.doel / "compiled" / "buurtpeil" / "models" / "intermediate"

    def run(model: str, complexmaand: pd.DataFrame) -> pd.DataFrame:
        domein = model.split("_")[1]
        sql = (map_ / f"risico_{domein}" / f"{model}.sql").read_text(encoding="utf-8")
        naam = f"int_{domein}__complexmaand"
        tabel = f'"warehouse"."{find_laag(naam)}"."{naam}"'
        assert tabel in sql
        with duckdb.connect() as verbinding:
            verbinding.register("complexmaand", complexmaand)
            gevonden = verbinding.execute(sql.replace(tabel, "complexmaand")).df()
        return gevonden.sort_values(["complex_id", "peildatum"]).reset_index(drop=True)

    return run


def make_overlast(seed: int, maanden: int = 40, complexen: int = 7) -> pd.DataFrame:
    """Made-up complex-months with gaps in coverage, three buurten and one without."""
    rng = np.random.default_rng(seed)
    maand = pd.date_range("2020-03-01", periods=maanden, freq="MS").date
    delen = []
    for c in range(complexen):
        n = int(rng.integers(10, 90))
        deel: dict[str, Any] = {
            "complex_id": f"C{c}",
            "maand": maand,
            "buurt_id": None if c == 0 else f"B{c % 3}",
            "aantal_eenheden": n,
            "is_hoogbouw": bool(c % 2),
            "schouw_score": np.where(
                rng.random(maanden) < 0.25, np.round(rng.uniform(3, 9, maanden), 2), np.nan
            ),
        }
        for telling in TELLINGEN:
            deel[telling] = rng.poisson(rng.uniform(0.05, 1.5), maanden)
        for dekking in (*DEKKING.values(), "is_gedekt_schouw"):
            gat = int(rng.integers(0, maanden))
            deel[dekking] = (np.arange(maanden) < gat) | (np.arange(maanden) >= gat + c)
        delen.append(pd.DataFrame(deel))
    rijen = pd.concat(delen, ignore_index=True)
    for telling in TELLINGEN:
        rijen[telling] = rijen[telling].astype("Int64")
        bron = DEKKING.get(telling, "is_gedekt_melding")
        rijen.loc[~rijen[bron], telling] = pd.NA
    return rijen


def refer_overlast(rijen: pd.DataFrame) -> pd.DataFrame:
    """The features by loops over complexes and months."""
    per_complex = {c: d.reset_index(drop=True) for c, d in rijen.groupby("complex_id")}

    def take(c: str, kolom: str, t: int, maanden: int) -> list[float]:
        deel = per_complex[c][kolom].iloc[max(0, t - maanden) : t]
        return [math.nan if pd.isna(x) else float(x) for x in deel]

    def full(c: str, kolom: str, t: int, maanden: int) -> float:
        bekend = [x for x in take(c, kolom, t, maanden) if not math.isnan(x)]
        if 2 * len(bekend) < maanden:
            return math.nan
        return sum(bekend) * maanden / len(bekend)

    def decay(c: str, t: int, half: float) -> float:
        terug = list(reversed(take(c, "aantal_meldingen", t, 24)))
        weging = [2.0 ** (-k / half) for k in range(24)]
        bekend = [(w, y) for w, y in zip(weging, terug, strict=False) if not math.isnan(y)]
        gewicht = sum(w for w, _ in bekend)
        # on the edge of half the weight a rounding decides; the SQL sums in another order
        if gewicht < sum(weging) / 2:
            return math.nan
        return sum(w * y for w, y in bekend) / gewicht * sum(weging)

    uit = []
    for t in range(max(len(d) for d in per_complex.values())):
        hier = {c: d for c, d in per_complex.items() if t < len(d)}
        geteld = exposure = 0.0
        for d in hier.values():
            for k in range(max(0, t - 12), t):
                if not pd.isna(d["aantal_meldingen"][k]):
                    geteld += float(d["aantal_meldingen"][k])
                    exposure += float(d["aantal_eenheden"][k])
        deflator = 0.1 * exposure / (12.0 * geteld) if geteld else math.nan
        zes = {c: full(c, "aantal_meldingen", t, 6) for c in hier}
        bekend = [c for c in hier if not math.isnan(zes[c])]
        n_bekend = sum(float(hier[c]["aantal_eenheden"][t]) for c in bekend)
        niveau = sum(zes[c] for c in bekend) / n_bekend if bekend else math.nan
        verval2 = {c: decay(c, t, 2.0) for c in hier}
        for c, d in hier.items():
            n = float(d["aantal_eenheden"][t])
            r = {m: full(c, "aantal_meldingen", t, m) for m in (1, 3, 6, 12, 24)}
            e = niveau * n
            buren = [
                verval2[x]
                for x in hier
                if x != c
                and d["buurt_id"][t] is not None
                and hier[x]["buurt_id"][t] == d["buurt_id"][t]
                and not math.isnan(verval2[x])
            ]
            cijfer = [k for k in range(t) if not pd.isna(d["schouw_score"][k])]
            laatste = cijfer[-1] if cijfer and t - cijfer[-1] <= 24 else None
            jaar = [d["schouw_score"][k] for k in cijfer if t - k <= 12]
            dossier = take(c, "aantal_escalaties", t, 12)
            ooit = [x for x in take(c, "aantal_escalaties", t, t) if not math.isnan(x)]
            raak = [
                k
                for k in range(t)
                if not pd.isna(d["aantal_escalaties"][k]) and d["aantal_escalaties"][k] > 0
            ]
            weet = sum(not math.isnan(x) for x in dossier) >= 6
            geschouwd = sum(take(c, "is_gedekt_schouw", t, 12))
            rij = {
                "complex_id": c,
                "t": t,
                "ln_eenheden": math.log(n),
                **{f"meldingen_{m}m": math.log1p(deflator * r[m]) for m in r},
                "meldingen_per_eenheid_6m": deflator * r[6] / n,
                "meldingen_per_eenheid_24m": deflator * r[24] / n,
                "relatieve_meldingen": math.log((r[6] + 0.5 * e + 0.25) / (1.5 * e + 0.25)),
                "meldingen_verval_2m": math.log1p(deflator * verval2[c]),
                "meldingen_verval_6m": math.log1p(deflator * decay(c, t, 6.0)),
                "meldingen_trend": math.log((r[3] + 0.5) / (np.maximum(r[12] - r[3], 0.0) + 1.5)),
                **{
                    f"ernstig_{m}m": math.log1p(full(c, "aantal_ernstig", t, m)) for m in (3, 6, 12)
                },
                "buurt_verval": math.log1p(deflator * sum(buren)) if buren else math.nan,
                "escalaties_eerder": min(3.0, sum(ooit)) if weet else math.nan,
                "escalatie_maanden_geleden": (
                    min(36.0, t - raak[-1] if raak else 36.0) if weet else math.nan
                ),
                "maatregelen_12m": full(c, "aantal_maatregelen", t, 12),
                "schouw_laatste": math.nan if laatste is None else d["schouw_score"][laatste],
                "schouw_12m": float(np.mean(jaar)) if jaar else math.nan,
                "schouw_leeftijd_maanden": math.nan if laatste is None else float(t - laatste),
                "schouw_ontbreekt": 0.0 if jaar else (1.0 if geschouwd >= 6 else math.nan),
                "mutaties_12m": full(c, "aantal_mutaties", t, 12) / n,
                "vandalisme_6m": math.log1p(full(c, "aantal_vandalisme", t, 6)),
                "vandalisme_12m": math.log1p(full(c, "aantal_vandalisme", t, 12)),
                "is_hoogbouw": float(d["is_hoogbouw"][t]),
                "maand_sin": math.sin(2 * math.pi * d["maand"][t].month / 12),
                "maand_cos": math.cos(2 * math.pi * d["maand"][t].month / 12),
            }
            uit.append(rij)
    return pd.DataFrame(uit).sort_values(["complex_id", "t"]).reset_index(drop=True)


@pytest.mark.parametrize("seed", [1, 2])
def test_features_are_those_of_plain_python(bereken: Bereken, seed: int) -> None:
    rijen = make_overlast(seed)
    sql = bereken("int_overlast__kenmerk", rijen)
    python = refer_overlast(rijen)
    for kolom in python.columns.drop(["complex_id", "t"]):
        np.testing.assert_allclose(
            sql[kolom].to_numpy(float), python[kolom].to_numpy(float),
            rtol=1e-9, atol=1e-9, err_msg=kolom,
        )  # fmt: skip


def test_past_peildata_stay_as_they_are_when_months_come_after(bereken: Bereken) -> None:
    rijen = make_overlast(3)
    grens = sorted(rijen["maand"].unique())[30]
    toen = rijen[rijen["maand"] <= grens].copy()
    # on the day of the peildatum its own month has no counts yet
    lopend = toen["maand"] == grens
    toen.loc[lopend, [*TELLINGEN]] = pd.NA
    toen.loc[lopend, "schouw_score"] = np.nan
    toen.loc[lopend, [*DEKKING.values(), "is_gedekt_schouw"]] = False
    oud = bereken("int_overlast__kenmerk", toen)
    nieuw = bereken("int_overlast__kenmerk", rijen)
    nieuw = nieuw[nieuw["peildatum"] <= pd.Timestamp(grens)].reset_index(drop=True)
    pd.testing.assert_frame_equal(oud, nieuw, check_exact=True)


def test_name_of_a_buurt_is_never_a_value(bereken: Bereken) -> None:
    rijen = make_overlast(4)
    anders = rijen.assign(buurt_id=rijen["buurt_id"].map({"B0": "Z", "B1": "A", "B2": "M"}))
    eerst = bereken("int_overlast__kenmerk", rijen).drop(columns="buurt_id")
    pd.testing.assert_frame_equal(
        eerst, bereken("int_overlast__kenmerk", anders).drop(columns="buurt_id"), check_exact=True
    )


def test_order_of_rows_does_not_matter(bereken: Bereken) -> None:
    rijen = make_overlast(5)
    door_elkaar = rijen.sample(frac=1.0, random_state=5)
    pd.testing.assert_frame_equal(
        bereken("int_overlast__kenmerk", rijen),
        bereken("int_overlast__kenmerk", door_elkaar),
        check_exact=True,
    )


@pytest.mark.parametrize(
    ("ervoor", "erna", "woningen", "piek"),
    [
        pytest.param(4, 6, 150, 1, id="four-per-hundred-dwellings-is-enough"),
        pytest.param(4, 6, 151, 0, id="just-under-it-is-not"),
        pytest.param(0, 6, 20, 1, id="six-after-nothing"),
        pytest.param(0, 5, 20, 0, id="five-after-nothing"),
        pytest.param(16, 10, 20, 1, id="two-and-a-half-times-the-usual"),
        pytest.param(17, 10, 20, 0, id="just-under-two-and-a-half-times"),
    ],
)
def test_surge_has_three_conditions(
    bereken: Bereken, ervoor: int, erna: int, woningen: int, piek: int
) -> None:
    rijen = make_overlast(6, maanden=30, complexen=1)
    rijen["aantal_eenheden"] = woningen
    rijen["is_gedekt_melding"] = True
    rijen["aantal_meldingen"] = [ervoor, *[0] * 28, erna]
    uit = bereken("int_overlast__uitkomst", rijen)
    assert uit["piek"][24] == piek
    assert uit["piek"][25:].isna().all()


def make_woonfraude(seed: int, maanden: int = 50) -> pd.DataFrame:
    """Made-up complex-months of four complexes."""
    rng = np.random.default_rng(seed)
    delen = []
    for c in range(4):
        onderzoeken = rng.poisson(0.3, maanden)
        delen.append(
            pd.DataFrame(
                {
                    "complex_id": f"C{c}",
                    "maand": pd.date_range("2020-01-01", periods=maanden, freq="MS").date,
                    "aantal_eenheden": int(rng.integers(10, 90)),
                    "is_hoogbouw": bool(c % 2),
                    "huurkloof": rng.normal(size=maanden),
                    "aandeel_klein": rng.normal(size=maanden),
                    "aantal_weigeringen": rng.poisson(0.4, maanden),
                    "aantal_advertenties": rng.poisson(0.1, maanden),
                    "aantal_onderzoeken_proactief": onderzoeken,
                    "aantal_treffers_proactief": rng.binomial(onderzoeken, 0.3),
                    "is_gedekt_weigering": np.arange(maanden) >= 3,
                    "is_gedekt_advertentie": rng.random(maanden) < 0.8,
                    "is_gedekt_onderzoek": np.arange(maanden) >= 5,
                }
            )
        )
    return pd.concat(delen, ignore_index=True)


def refer_woonfraude(deel: pd.DataFrame) -> pd.DataFrame:
    """The features of one complex."""
    uit = []
    for t in range(len(deel)):
        n = float(deel["aantal_eenheden"][t])

        def total(kolom: str, gedekt: str, maanden: int, t: int = t) -> tuple[float, int]:
            venster = deel.iloc[max(0, t - maanden) : t]
            venster = venster[venster[gedekt]]
            return float(venster[kolom].sum()), len(venster)

        w, w_maanden = total("aantal_weigeringen", "is_gedekt_weigering", 12)
        a, a_maanden = total("aantal_advertenties", "is_gedekt_advertentie", 12)
        i, i_maanden = total("aantal_onderzoeken_proactief", "is_gedekt_onderzoek", 36)
        h, _ = total("aantal_treffers_proactief", "is_gedekt_onderzoek", 36)
        uit.append(
            {
                "weigeringen_12m": (
                    math.log((w * 12 / w_maanden + 1) / (0.13 * n + 1))
                    if w_maanden >= 6
                    else math.nan
                ),
                "advertenties_12m": (
                    math.log((a * 12 / a_maanden + 0.3) / (0.006 * n + 0.3))
                    if a_maanden >= 6
                    else math.nan
                ),
                "trefkans_36m": (h + 0.45) / (i + 1.5) - 0.3 if i_maanden else math.nan,
                "huurkloof": deel["huurkloof"][t],
                "aandeel_klein": deel["aandeel_klein"][t],
            }
        )
    return pd.DataFrame(uit)


def test_features_of_woonfraude_are_those_of_plain_python(bereken: Bereken) -> None:
    rijen = make_woonfraude(1)
    sql = bereken("int_woonfraude__kenmerk", rijen)
    for complex_id, deel in rijen.groupby("complex_id"):
        python = refer_woonfraude(deel.reset_index(drop=True))
        van_sql = sql[sql["complex_id"] == complex_id]
        for kolom in python.columns:
            np.testing.assert_allclose(
                van_sql[kolom].to_numpy(float), python[kolom].to_numpy(float),
                rtol=1e-9, atol=1e-9, err_msg=f"{complex_id} {kolom}",
            )  # fmt: skip
