"""What can hardly be so: told at a first delivery too, and never of what is ordinary."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from expectations.poort_in_aannemelijk import (
    EEN_CLUSTER,
    EENVORMIG,
    VOLGORDE,
    measure_een_cluster,
    measure_ondersoort,
)
from expectations.poort_in_vergelijking import SLEUTELS, STABIEL
from sources.contract import read_contract
from vera.contract import Contract, Kolom, Tabel
from vera.levering import Verdeling

DBT_MAP = Path(__file__).parents[3] / "dbt_project"
VORIGE, NU = date(2025, 12, 1), date(2026, 1, 1)
OVEREENKOMST, ZAAK = "vera.huurovereenkomst", "vera.zaak"


def make_twee(leveringen: Any, tabel: str = OVEREENKOMST, n: int = 100) -> pd.DataFrame:
    """A full table delivered twice with the same ``n`` rows; returns the rows."""
    leveringen.add(tabel, VORIGE)
    nieuw = leveringen.rijen[tabel].iloc[:n]
    oud = nieuw.assign(_bestand=f"{tabel.replace('.', '/')}_{VORIGE}.csv")
    leveringen.rijen[tabel] = pd.concat([oud, nieuw], ignore_index=True)
    rijen: pd.DataFrame = leveringen.rijen[tabel]
    return rijen


def change_kolom(leveringen: Any, tabel: str, naam: str, **velden: Any) -> None:
    """Change a column of the contract."""

    def change(kolom: Kolom) -> Kolom:
        return replace(kolom, **velden) if kolom.naam == naam else kolom

    leveringen.contract = Contract(
        tuple(
            replace(
                bron,
                tabellen=tuple(
                    replace(t, kolommen=tuple(map(change, t.kolommen))) if t.id == tabel else t
                    for t in bron.tabellen
                ),
            )
            for bron in leveringen.contract.bronnen
        )
    )


def find_tabel(naam: str) -> Tabel:
    (tabel,) = [tabel for tabel in read_contract(DBT_MAP).tabellen if tabel.id == naam]
    return tabel


# --- the same keys


def test_table_that_came_back_with_other_keys_is_told(leveringen: Any) -> None:
    rijen = make_twee(leveringen)
    is_nieuw = rijen["_bestand"].str.contains(str(NU))
    rijen.loc[is_nieuw, "overeenkomst_id"] = [f"p-anders-{i}" for i in range(100)]

    bevinding = leveringen.find(OVEREENKOMST, SLEUTELS.naam)

    assert not bevinding.geslaagd
    assert not bevinding.blokkeert
    assert bevinding.aantal == 100
    assert bevinding.voorbeeld == f"vera/huurovereenkomst_{NU}.csv"


@pytest.mark.parametrize(("van", "weg", "gemeld"), [(4, 1, False), (4, 2, True), (100, 30, False),
                                                     (100, 31, True), (2, 1, False)])  # fmt: skip
def test_half_of_a_small_table_is_told_and_a_few_keys_are_not(
    leveringen: Any, van: int, weg: int, gemeld: bool
) -> None:
    rijen = make_twee(leveringen, n=van)
    leveringen.rijen[OVEREENKOMST] = rijen.iloc[: len(rijen) - weg]

    assert leveringen.find(OVEREENKOMST, SLEUTELS.naam).geslaagd is not gemeld


def test_copy_under_a_later_date_does_not_hide_what_is_wrong_with_the_one_before(
    leveringen: Any,
) -> None:
    rijen = make_twee(leveringen)
    is_nieuw = rijen["_bestand"].str.contains(str(NU))
    rijen.loc[is_nieuw, "begindatum"] -= pd.Timedelta(days=365)
    later = rijen[is_nieuw].assign(_bestand="vera/huurovereenkomst_2026-02-01.csv")
    leveringen.add(OVEREENKOMST, date(2026, 2, 1))
    leveringen.rijen[OVEREENKOMST] = pd.concat([rijen, later], ignore_index=True)

    assert "begindatum" in leveringen.find(OVEREENKOMST, STABIEL.naam).gevonden


@pytest.mark.parametrize(("anders", "gemeld"), [(3, False), (4, True)])
def test_of_a_handful_of_rows_more_than_half_must_say_something_else(
    leveringen: Any, anders: int, gemeld: bool
) -> None:
    rijen = make_twee(leveringen, n=6)
    nieuw = rijen.index[rijen["_bestand"].str.contains(str(NU))]
    rijen.loc[nieuw[:anders], "begindatum"] -= pd.Timedelta(days=365)

    assert leveringen.find(OVEREENKOMST, STABIEL.naam).geslaagd is not gemeld


# --- a first delivery


@pytest.mark.parametrize(("detail", "gemeld"), [("GEL", False), ("HAN", True), (None, False)])
def test_pair_of_codes_that_does_not_exist_is_told_with_the_pair(
    detail: str | None, gemeld: bool
) -> None:
    tabel = find_tabel(ZAAK)
    rijen = pd.DataFrame(
        {
            "zaaktype_soort_code": ["SOC"] * 40,
            "zaaktype_detail_soort_code": ["GEL"] * 20 + [detail] * 20,
            "_bestand": "vera/zaak_2026-01-01.csv",
            "_regel": range(2, 42),
        }
    )

    meting = measure_ondersoort(tabel, rijen)

    assert meting is not None
    assert (meting.maat > 0) is gemeld
    assert ("SOC/HAN 20x" in meting.gevonden) is gemeld
    assert meting.voorbeeld == ("vera/zaak_2026-01-01.csv regel 22" if gemeld else "")


def test_one_wrong_file_does_not_drown_in_years_of_good_ones() -> None:
    rijen = pd.DataFrame(
        {
            "zaaktype_soort_code": "SOC",
            "zaaktype_detail_soort_code": ["GEL"] * 990 + ["HAN"] * 10,
            "_bestand": ["vera/zaak_2025-01-01.csv"] * 990 + ["vera/zaak_2025-02-01.csv"] * 10,
            "_regel": range(1000),
        }
    )
    meting = measure_ondersoort(find_tabel(ZAAK), rijen)
    assert meting is not None
    assert "10 van 10 rijen" in meting.gevonden
    assert meting.voorbeeld.startswith("vera/zaak_2025-02-01.csv")


def test_table_without_detail_codes_is_not_judged_on_them(leveringen: Any) -> None:
    tabel = find_tabel("vera.wijk")
    assert measure_ondersoort(tabel, leveringen.rijen[ZAAK]) is None


def test_day_of_knowing_that_is_no_column_of_the_file_is_no_empty_column(leveringen: Any) -> None:
    leveringen.change(
        ZAAK,
        verdeling={"kennisdatum": Verdeling("dagen", 100, 100)},
        niet_geleverde_kolommen=("kennisdatum",),
    )
    assert leveringen.find(ZAAK, EENVORMIG.naam).geslaagd


def test_column_for_the_label_that_nobody_filled_is_told_at_a_first_delivery(
    leveringen: Any,
) -> None:
    leeg = Verdeling("dagen", 100, 100)
    leveringen.change(ZAAK, verdeling={"kennisdatum": leeg, "einddatum": leeg})

    bevinding = leveringen.find(ZAAK, EENVORMIG.naam)

    assert not bevinding.geslaagd
    assert not bevinding.blokkeert
    assert bevinding.gevonden == ("kennisdatum is nergens ingevuld; einddatum is nergens ingevuld")


def test_register_in_which_nothing_has_ended_is_ordinary(leveringen: Any) -> None:
    leveringen.change(OVEREENKOMST, verdeling={"einddatum": Verdeling("dagen", 100, 100)})
    assert leveringen.find(OVEREENKOMST, EENVORMIG.naam).geslaagd


def test_column_for_something_else_than_the_label_may_be_empty(leveringen: Any) -> None:
    change_kolom(leveringen, ZAAK, "kennisdatum", doelen=frozenset({"woonfraude"}))
    leveringen.change(ZAAK, verdeling={"kennisdatum": Verdeling("dagen", 100, 100)})

    assert leveringen.find(ZAAK, EENVORMIG.naam).geslaagd


def test_later_delivery_is_held_against_the_one_before_and_not_against_this_rule(
    leveringen: Any,
) -> None:
    leveringen.change(ZAAK, verdeling={"kennisdatum": Verdeling("dagen", 100, 100)})
    leveringen.eerdere = list(leveringen.verslagen)
    leveringen.add(ZAAK, date(2026, 2, 1))

    assert leveringen.find(ZAAK, EENVORMIG.naam).geslaagd


@pytest.mark.parametrize(("tabel", "gemeld"), [(ZAAK, True), (OVEREENKOMST, False)])
def test_events_under_one_code_are_told_and_dwellings_in_one_state_are_not(
    leveringen: Any, tabel: str, gemeld: bool
) -> None:
    change_kolom(leveringen, tabel, "eenheid_id", waarden=frozenset({"A", "B"}))
    leveringen.change(tabel, verdeling={"eenheid_id": Verdeling("code", 100, 0, {"A": 1.0})})

    assert leveringen.find(tabel, EENVORMIG.naam).geslaagd is not gemeld


@pytest.mark.parametrize(("verwisseld", "gemeld"), [(True, True), (False, False)])
def test_day_of_knowing_before_the_event_is_told(
    leveringen: Any, verwisseld: bool, gemeld: bool
) -> None:
    rijen = leveringen.rijen[ZAAK]
    dagen = pd.to_datetime(rijen["kennisdatum"])
    laat, vroeg = dagen, dagen - pd.Timedelta(days=9)
    rijen["kennisdatum"], rijen["registratiedatum"] = (vroeg, laat) if verwisseld else (laat, vroeg)

    bevinding = leveringen.find(ZAAK, VOLGORDE.naam)

    assert bevinding.geslaagd is not gemeld
    assert not bevinding.blokkeert
    if gemeld:
        assert bevinding.aantal == 100
        assert bevinding.voorbeeld == "vera/zaak_2026-01-01.csv regel 2"


# --- dwellings over clusters


def make_clusters(per_cluster: list[int], soorten: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Clusters that hold the first so many dwellings of one row of dwellings each."""
    ids = [f"C{i}" for i in range(len(per_cluster))]
    woningen = [
        (id_, f"{soort}-{i}" if soort == "RAY" else f"{id_}-{i}")
        for id_, n, soort in zip(ids, per_cluster, soorten, strict=True)
        for i in range(n)
    ]
    return (
        pd.DataFrame({"cluster_id": ids, "soort_code": soorten}),
        pd.DataFrame(woningen, columns=["cluster_id", "eenheid_id"]),
    )


@pytest.mark.parametrize(
    ("per_cluster", "soorten", "gemeld"),
    [
        ([90, 20, 20, 10, 10, 10], ["FIN"] * 6, True),
        ([70, 20, 20, 10, 10, 10], ["FIN"] * 6, False),
        ([900, 20, 20], ["RAY"] * 3, False),  # a region or two hold everything by nature
        ([900, 20, 20, 10, 10, 10], ["RAY"] + ["FIN"] * 5, False),
    ],
    ids=["meer dan de helft", "minder dan de helft", "te weinig clusters", "een andere soort"],
)
def test_one_cluster_with_most_dwellings_of_its_kind_is_told(
    per_cluster: list[int], soorten: list[str], gemeld: bool
) -> None:
    clusters, woningen = make_clusters(per_cluster, soorten)

    meting = measure_een_cluster(clusters, woningen, "vera/cluster.csv", NU)

    assert meting is not None
    assert (meting.maat > 0) is gemeld
    if gemeld:
        assert meting.aantal == 90
        assert "C0" not in meting.gevonden  # the file is named, which cluster it is follows


def test_dwellings_that_left_the_cluster_count_no_more() -> None:
    clusters, woningen = make_clusters([90, 20, 20, 10, 10, 10], ["FIN"] * 6)
    woningen["einddatum"] = pd.NaT
    woningen["einddatum"] = woningen["einddatum"].astype("datetime64[s]")
    woningen.loc[woningen.index[:60], "einddatum"] = pd.Timestamp("2020-01-01")

    meting = measure_een_cluster(clusters, woningen, "vera/cluster.csv", NU)

    assert meting is not None
    assert meting.maat == 0


def test_kind_that_moved_up_one_row_is_told_by_the_gate_and_not_once_it_was_published(
    leveringen: Any,
) -> None:
    change_kolom(leveringen, "vera.cluster", "cluster_id")
    cluster = leveringen.rijen["vera.cluster"]
    cluster["soort_code"] = "FIN"
    woningen = leveringen.rijen["vera.cluster_eenheid"]
    woningen["cluster_id"] = np.where(np.arange(100) < 60, "C0", woningen["cluster_id"])

    bevinding = leveringen.find("vera.cluster", EEN_CLUSTER.naam)
    assert not bevinding.geslaagd
    assert not bevinding.blokkeert
    assert bevinding.aantal == 60

    leveringen.eerdere = list(leveringen.verslagen)
    assert not any(b.regel == EEN_CLUSTER.naam for b in leveringen.check())
