"""The gate in: every rule holds on a sound delivery and is broken by one planted fault."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from expectations import poort_in_rij
from expectations.poort import list_blokkades
from expectations.poort_in import check_leveringen
from expectations.poort_in_rij import iter_ouders_eerst, list_verwijzingen
from expectations.poort_in_verslag import MAANDEN_PER_RITME
from expectations.relatie import Meter
from sources.contract import read_contract
from vera.bevinding import Bevinding
from vera.contract import Bron, Contract

KLOK = date(2026, 1, 1)
DAG = timedelta(days=1)
ZAAK, WIJK, OVEREENKOMST = "vera.zaak", "vera.wijk", "vera.huurovereenkomst"
VI = "wijkprofiel.vi"


def check_refusal(bevinding: Bevinding, *, blokkeert: bool = True) -> None:
    """Hold a refusal to what it must say: table, rule, count, example and remedy."""
    assert not bevinding.geslaagd
    assert bevinding.blokkeert is blokkeert
    assert bevinding.poort == "poort in"
    assert bevinding.aantal > 0
    assert bevinding.verwacht
    assert bevinding.gevonden
    assert bevinding.gevonden != "in orde"
    assert bevinding.voorbeeld
    assert bevinding.remedie
    assert bevinding.tabel in str(bevinding)


def list_failed(leveringen: Any) -> set[tuple[str, str]]:
    return {(b.tabel, b.regel) for b in leveringen.check() if not b.geslaagd}


# --- nothing wrong


@pytest.mark.usefixtures("great_expectations")
def test_sound_delivery_passes_every_rule(leveringen: Any) -> None:
    bevindingen = leveringen.check()

    assert [b for b in bevindingen if not b.geslaagd] == []
    assert all(b.remedie == "" and b.aantal == 0 for b in bevindingen)
    assert len({(b.tabel, b.regel) for b in bevindingen}) == len(bevindingen)


def test_first_run_has_nothing_to_compare_with_and_passes(leveringen: Any) -> None:
    assert leveringen.eerdere == []
    assert list_blokkades(leveringen.check()) == []


def test_every_delivered_table_is_read_once_and_parents_come_first(leveringen: Any) -> None:
    leveringen.check()

    gelezen = leveringen.gelezen
    assert sorted(gelezen) == sorted({v.tabel for v in leveringen.verslagen})
    assert gelezen.index("vera.eenheid") < gelezen.index(ZAAK)
    assert gelezen.index("vera.cluster") < gelezen.index("wijkbeheer.schouw")


def test_table_that_was_never_delivered_is_not_judged_and_not_read(leveringen: Any) -> None:
    leveringen.drop("wijkbeheer.schouw")

    assert {b.tabel for b in leveringen.check()} & {"wijkbeheer", "wijkbeheer.schouw"} == set()
    assert "wijkbeheer.schouw" not in leveringen.gelezen


def test_no_deliveries_at_all_give_no_findings(leveringen: Any) -> None:
    assert check_leveringen(leveringen.contract, [], leveringen.read, KLOK) == []


def test_table_that_the_contract_does_not_know_is_an_error(leveringen: Any) -> None:
    leveringen.verslagen[0] = replace(leveringen.verslagen[0], tabel="vera.onbekend")

    with pytest.raises(KeyError):
        leveringen.check()


# --- the file


def test_file_that_cannot_be_read_is_refused_without_showing_what_stands_in_it(
    leveringen: Any,
) -> None:
    leveringen.change(ZAAK, leesfout="regel 3: 'Jan de Vries' is geen date in kolom 'begindatum'")

    bevinding = leveringen.find(ZAAK, "bestand_leesbaar")

    check_refusal(bevinding)
    assert "Jan" not in str(bevinding)
    assert "'begindatum'" in bevinding.gevonden


def test_reader_message_that_holds_something_personal_is_not_shown(leveringen: Any) -> None:
    leveringen.change(ZAAK, leesfout="kon jan@voorbeeld.nl niet lezen")

    assert "jan@" not in str(leveringen.find(ZAAK, "bestand_leesbaar"))


def test_missing_columns_are_refused_by_name(leveringen: Any) -> None:
    leveringen.change(ZAAK, ontbrekende_kolommen=("registratiedatum", "zaak_id"))

    bevinding = leveringen.find(ZAAK, "kolommen_aanwezig")

    check_refusal(bevinding)
    assert bevinding.gevonden == "ontbreekt: registratiedatum, zaak_id"
    assert bevinding.aantal == 2


def test_columns_outside_the_contract_are_named_as_a_warning(leveringen: Any) -> None:
    leveringen.change(ZAAK, onbekende_kolommen=("toelichting", "06-12345678", "x" * 50))

    bevinding = leveringen.find(ZAAK, "geen_onbekende_kolommen")

    check_refusal(bevinding, blokkeert=False)
    assert bevinding.gevonden == "onbekend: toelichting; 2 waarvan de naam niet wordt getoond"


def test_file_without_a_header_row_shows_none_of_its_first_row(leveringen: Any) -> None:
    leveringen.change(
        ZAAK, ontbrekende_kolommen=("zaak_id",), onbekende_kolommen=("Jan", "Dorpsstraat")
    )

    for regel in ("geen_onbekende_kolommen", "kolommen_aanwezig"):
        assert "Jan" not in str(leveringen.find(ZAAK, regel))


def test_more_columns_are_normal_in_a_publishers_file(leveringen: Any) -> None:
    leveringen.change(VI, onbekende_kolommen=("taal", "herkomst"))

    assert leveringen.find(VI, "geen_onbekende_kolommen").geslaagd


# --- unknown codes and rejected rows, against the thresholds of the contract


@pytest.mark.parametrize(("aantal", "geweigerd"), [(10, False), (11, True)])
def test_unknown_codes_are_refused_above_the_threshold_only(
    leveringen: Any, aantal: int, geweigerd: bool
) -> None:
    leveringen.change(
        ZAAK,
        rijen=1000 - aantal,
        afgekeurd=aantal,
        onbekende_codes={"soort_code": aantal, "status_code": 1},
        voorbeeld_onbekende_code={"soort_code": "vera/zaak_2026-01-01.csv regel 7"},
    )

    bevinding = leveringen.find(ZAAK, "onbekende_codes_onder_drempel")
    melding = leveringen.find(ZAAK, "codes_bekend")

    assert bevinding.geslaagd is not geweigerd
    assert melding.geslaagd is geweigerd
    geteld = bevinding if geweigerd else melding
    check_refusal(geteld, blokkeert=geweigerd)
    assert geteld.aantal == aantal + 1
    assert geteld.voorbeeld == "vera/zaak_2026-01-01.csv regel 7"
    assert f"soort_code {aantal}x" in geteld.gevonden


def test_example_of_an_unknown_code_is_a_place_and_never_the_code(leveringen: Any) -> None:
    leveringen.change(
        ZAAK,
        onbekende_codes={"soort_code": 50},
        voorbeeld_onbekende_code={"soort_code": "Jan de Vries"},
    )

    bevinding = leveringen.find(ZAAK, "onbekende_codes_onder_drempel")

    assert bevinding.voorbeeld == "vera/zaak_2026-01-01.csv"
    assert "Jan" not in str(bevinding)


@pytest.mark.parametrize(("aantal", "geweigerd"), [(20, False), (21, True)])
def test_rejected_rows_are_refused_above_the_threshold_with_their_reasons(
    leveringen: Any, aantal: int, geweigerd: bool
) -> None:
    leveringen.change(
        ZAAK,
        rijen=1000 - aantal,
        afgekeurd=aantal,
        afgekeurd_per_reden={"geen datum": aantal - 5, "BSN 123456782": 5},
    )

    bevinding = leveringen.find(ZAAK, "afkeuringen_onder_drempel")

    assert bevinding.geslaagd is not geweigerd
    if geweigerd:
        check_refusal(bevinding)
        assert bevinding.aantal == 21
        assert "2,1 % afgekeurd, de drempel is 2,0 %: geen datum 16x" in bevinding.gevonden
        assert "123456782" not in str(bevinding)


def test_threshold_is_the_one_of_the_source(leveringen: Any) -> None:
    bronnen = tuple(
        replace(bron, drempel_quarantaine=0.5) if bron.naam == "vera" else bron
        for bron in leveringen.contract.bronnen
    )
    leveringen.contract = Contract(bronnen)
    leveringen.change(ZAAK, rijen=60, afgekeurd=40, afgekeurd_per_reden={"x": 40})

    assert leveringen.find(ZAAK, "afkeuringen_onder_drempel").geslaagd


def test_publishers_file_is_judged_on_its_cells(leveringen: Any) -> None:
    leveringen.change(VI, rijen=100, afgekeurd=6, afgekeurd_per_reden={"geen getal": 6})
    assert leveringen.find(VI, "afkeuringen_onder_drempel").geslaagd

    leveringen.change(VI, rijen=100, afgekeurd=7, afgekeurd_per_reden={"geen getal": 7})
    check_refusal(leveringen.find(VI, "afkeuringen_onder_drempel"))


# --- volume


@pytest.mark.parametrize(
    ("toen", "nu", "geweigerd"),
    [(100, 130, False), (100, 131, True), (100, 70, False), (100, 69, True), (100, 0, True),
     (3, 7, False), (3, 8, True), (12, 8, False), (0, 4, False)],
)  # fmt: skip
def test_full_state_far_from_the_one_before_is_refused(
    leveringen: Any, toen: int, nu: int, geweigerd: bool
) -> None:
    leveringen.change(WIJK, rijen=nu)
    leveringen.add(WIJK, KLOK - 30 * DAG, rijen=toen)

    bevinding = leveringen.find(WIJK, "omvang_past_bij_vorige")

    assert bevinding.geslaagd is not geweigerd
    if geweigerd:
        check_refusal(bevinding)
        assert f"{nu} rijen, de vorige levering (vera/wijk_2025-12-02.csv) had er {toen}" in (
            bevinding.gevonden
        )


def test_full_state_is_compared_with_the_last_published_one_too(leveringen: Any) -> None:
    oud = next(v for v in leveringen.verslagen if v.tabel == WIJK)
    leveringen.eerdere = [
        replace(oud, bestand="vera/wijk_2025-12-01.csv", leveringsdatum=date(2025, 12, 1),
                inhoud_hash="oud", rijen=1000)
    ]  # fmt: skip

    check_refusal(leveringen.find(WIJK, "omvang_past_bij_vorige"))


def test_delivery_that_was_published_before_is_not_judged_again(leveringen: Any) -> None:
    leveringen.change(WIJK, rijen=5)
    leveringen.add(WIJK, KLOK - 30 * DAG, rijen=1000)
    leveringen.eerdere = list(leveringen.verslagen)

    assert list_failed(leveringen) == set()


def test_file_that_replaces_a_published_one_is_compared_with_it(leveringen: Any) -> None:
    leveringen.eerdere = list(leveringen.verslagen)
    leveringen.change(WIJK, rijen=5, inhoud_hash="nieuw")

    check_refusal(leveringen.find(WIJK, "omvang_past_bij_vorige"))


def deliver_increments(leveringen: Any, *rijen: int) -> None:
    """Give table zaak deliveries of these sizes, the last one on the clock."""
    leveringen.drop(ZAAK)
    for terug, aantal in zip(range(len(rijen) - 1, -1, -1), rijen, strict=True):
        leveringen.add(ZAAK, KLOK - 30 * terug * DAG, rijen=aantal)


@pytest.mark.parametrize(
    ("rijen", "geweigerd"),
    [
        ((9000, 80), False),  # the bulk load says nothing about the first increment
        ((9000, 0), True),
        ((15, 0), False),
        ((9000, 80, 100, 90, 450), False),
        ((9000, 80, 100, 90, 451), True),
        ((9000, 80, 100, 90, 18), False),
        ((9000, 80, 100, 90, 17), True),
        ((9000, 80, 100, 90, 0), True),
        ((9000, 3, 2, 4, 0), False),  # chance
        ((9000, 3, 2, 4, 60), True),
    ],
)
def test_increment_far_from_earlier_increments_is_refused(
    leveringen: Any, rijen: Sequence[int], geweigerd: bool
) -> None:
    deliver_increments(leveringen, *rijen)

    bevinding = leveringen.find(ZAAK, "omvang_past_bij_vorige")

    assert bevinding.geslaagd is not geweigerd
    if geweigerd:
        check_refusal(bevinding)


def test_file_that_could_not_be_read_is_not_what_the_next_is_compared_with(
    leveringen: Any,
) -> None:
    leveringen.add(WIJK, KLOK - 30 * DAG, rijen=0, leesfout="stuk")
    leveringen.add(WIJK, KLOK - 60 * DAG, rijen=110)

    assert leveringen.find(WIJK, "omvang_past_bij_vorige").geslaagd


def test_empty_delivery_passes_every_rule_on_rows_and_is_refused_on_its_size(
    leveringen: Any,
) -> None:
    leveringen.change(WIJK, rijen=0)
    leveringen.add(WIJK, KLOK - 30 * DAG, rijen=100)
    leveringen.rijen[WIJK] = leveringen.rijen[WIJK].iloc[:0]

    assert list_failed(leveringen) == {(WIJK, "omvang_past_bij_vorige")}


def test_edition_of_another_size_is_a_warning(leveringen: Any) -> None:
    leveringen.add(
        VI, None, bestand="wijkprofiel/wijkprofiel_2013_vi.csv", rijen=50,
        jongste_datum=date(2013, 12, 31), is_historische_editie=True,
    )  # fmt: skip

    check_refusal(leveringen.find(VI, "omvang_editie_past_bij_vorige"), blokkeert=False)


# --- the same content again


def test_addition_that_is_a_copy_under_another_date_is_refused_by_name(leveringen: Any) -> None:
    kopie = next(v for v in leveringen.verslagen if v.tabel == ZAAK)
    leveringen.add(ZAAK, KLOK - 30 * DAG, inhoud_hash=kopie.inhoud_hash)

    bevinding = leveringen.find(ZAAK, "inhoud_is_nieuw")

    check_refusal(bevinding)
    assert bevinding.gevonden == (
        "vera/zaak_2026-01-01.csv heeft dezelfde inhoud als vera/zaak_2025-12-02.csv"
    )


def test_copy_of_a_published_delivery_is_refused_though_the_original_is_gone(
    leveringen: Any,
) -> None:
    kopie = next(v for v in leveringen.verslagen if v.tabel == ZAAK)
    leveringen.eerdere = [
        replace(kopie, bestand="vera/zaak_2025-12-01.csv", leveringsdatum=date(2025, 12, 1))
    ]

    assert "vera/zaak_2025-12-01.csv" in leveringen.find(ZAAK, "inhoud_is_nieuw").gevonden


def test_edition_that_is_a_copy_of_another_year_is_refused_by_name(leveringen: Any) -> None:
    kopie = next(v for v in leveringen.verslagen if v.tabel == VI)
    leveringen.add(
        VI, None, bestand="wijkprofiel/wijkprofiel_2022_vi.csv", inhoud_hash=kopie.inhoud_hash,
        jongste_datum=date(2022, 12, 31), is_historische_editie=True,
    )  # fmt: skip

    bevinding = leveringen.find(VI, "inhoud_is_nieuw")

    check_refusal(bevinding)
    for jaar in (2014, 2022):
        assert f"wijkprofiel_{jaar}_vi.csv" in bevinding.voorbeeld


def test_full_state_that_seldom_changes_may_stand_still(leveringen: Any) -> None:
    kopie = next(v for v in leveringen.verslagen if v.tabel == WIJK)
    leveringen.add(WIJK, KLOK - 30 * DAG, inhoud_hash=kopie.inhoud_hash)

    bevinding = leveringen.find(WIJK, "inhoud_is_nieuw")

    assert bevinding.geslaagd
    assert "zelden wijzigt" in bevinding.gevonden


def test_full_state_in_which_something_begins_every_week_cannot_stand_still(
    leveringen: Any,
) -> None:
    kopie = next(v for v in leveringen.verslagen if v.tabel == OVEREENKOMST)
    leveringen.add(OVEREENKOMST, KLOK - 31 * DAG, inhoud_hash=kopie.inhoud_hash)

    check_refusal(leveringen.find(OVEREENKOMST, "inhoud_is_nieuw"))


def test_same_file_delivered_and_published_before_is_no_copy(leveringen: Any) -> None:
    leveringen.eerdere = list(leveringen.verslagen)

    assert list_failed(leveringen) == set()


def test_two_empty_deliveries_are_no_copies(leveringen: Any) -> None:
    leveringen.change(ZAAK, rijen=0, inhoud_hash="leeg")
    leveringen.add(ZAAK, KLOK - 30 * DAG, rijen=0, inhoud_hash="leeg")

    assert leveringen.find(ZAAK, "inhoud_is_nieuw").geslaagd


# --- keys, dates and references of the rows


def test_duplicate_key_in_one_file_is_refused_with_an_example(leveringen: Any) -> None:
    rijen = leveringen.rijen["vera.cluster"]
    rijen.loc[[5, 9], "cluster_id"] = "C1"

    bevinding = leveringen.find("vera.cluster", "sleutel_uniek")

    check_refusal(bevinding)
    assert bevinding.aantal == 3
    assert bevinding.voorbeeld == "vera/cluster_2026-01-01.csv regel 3 (cluster_id C1)"


def test_pseudonym_of_a_person_is_never_the_example(leveringen: Any) -> None:
    leveringen.rijen[ZAAK].loc[[5, 9], "zaak_id"] = "p-geheim"

    bevinding = leveringen.find(ZAAK, "sleutel_uniek")

    assert bevinding.voorbeeld == "vera/zaak_2026-01-01.csv regel 7"
    assert "p-geheim" not in str(bevinding)


@pytest.mark.parametrize("waarde", ["123456782", "jan@voorbeeld.nl", "3011 AB 12", "x" * 41])
def test_key_that_looks_personal_is_never_the_example(leveringen: Any, waarde: str) -> None:
    leveringen.rijen["vera.cluster"].loc[[5, 9], "cluster_id"] = waarde

    assert waarde not in str(leveringen.find("vera.cluster", "sleutel_uniek"))


def test_key_of_several_columns_is_judged_as_a_whole(leveringen: Any) -> None:
    rijen = leveringen.rijen["vera.cluster_eenheid"]
    rijen.loc[1, ["cluster_id", "eenheid_id"]] = rijen.loc[0, ["cluster_id", "eenheid_id"]]
    assert leveringen.find("vera.cluster_eenheid", "sleutel_uniek").geslaagd

    rijen.loc[1, "begindatum"] = rijen.loc[0, "begindatum"]
    bevinding = leveringen.find("vera.cluster_eenheid", "sleutel_uniek")
    check_refusal(bevinding)
    # A dwelling's key may stand in the column of the cluster: of such a table only the line.
    assert bevinding.voorbeeld.endswith(" regel 2")


def test_empty_part_of_a_key_counts_as_a_value(leveringen: Any) -> None:
    leveringen.rijen["vera.cluster"].loc[[5, 9], "cluster_id"] = None

    bevinding = leveringen.find("vera.cluster", "sleutel_uniek")

    assert bevinding.aantal == 2
    assert bevinding.voorbeeld == "vera/cluster_2026-01-01.csv regel 7"


def test_same_key_in_a_later_file_is_an_update_and_no_duplicate(leveringen: Any) -> None:
    rijen = leveringen.rijen[ZAAK]
    leveringen.rijen[ZAAK] = pd.concat(
        [rijen, rijen.assign(_bestand="vera/zaak_2025-12-01.csv")], ignore_index=True
    )

    assert leveringen.find(ZAAK, "sleutel_uniek").geslaagd


@pytest.mark.parametrize("kolom", ["kennisdatum", "registratiedatum", "begindatum"])
def test_event_after_the_clock_is_refused(leveringen: Any, kolom: str) -> None:
    rijen = leveringen.rijen[ZAAK]
    if kolom == "begindatum":  # without a kennisdatum its begin is when it was known
        rijen.loc[4, "kennisdatum"] = None
    rijen.loc[4, kolom] = pd.Timestamp(KLOK + DAG) if kolom == "begindatum" else KLOK + DAG

    bevinding = leveringen.find(ZAAK, "datums_niet_in_toekomst")

    check_refusal(bevinding)
    assert bevinding.gevonden == f"1 rijen met een datum in de toekomst: {kolom} 1x"
    assert bevinding.voorbeeld == "vera/zaak_2026-01-01.csv regel 6"


@pytest.mark.parametrize("tabel", [ZAAK, OVEREENKOMST])
@pytest.mark.parametrize(("dagen", "geweigerd"), [(366, False), (367, True)])
def test_period_that_is_announced_may_begin_a_year_ahead(
    leveringen: Any, tabel: str, dagen: int, geweigerd: bool
) -> None:
    leveringen.rijen[tabel].loc[0, "begindatum"] = pd.Timestamp(KLOK + dagen * DAG)

    assert leveringen.find(tabel, "datums_niet_in_toekomst").geslaagd is not geweigerd


def test_planned_end_may_lie_as_far_ahead_as_it_likes(leveringen: Any) -> None:
    assert (leveringen.rijen[OVEREENKOMST]["einddatum"] == date(9999, 12, 31)).all()
    assert leveringen.find(OVEREENKOMST, "datums_niet_in_toekomst").geslaagd


def test_event_without_an_end_may_not_begin_ahead(leveringen: Any) -> None:
    leveringen.rijen["wijkbeheer.schouw"].loc[0, "schouwdatum"] = pd.Timestamp(KLOK + DAG)

    check_refusal(leveringen.find("wijkbeheer.schouw", "datums_niet_in_toekomst"))


@pytest.mark.parametrize(
    "zet_om",
    [
        lambda kolom: pd.to_datetime(kolom).astype("datetime64[us]"),
        lambda kolom: pd.to_datetime(kolom).astype("datetime64[ns]"),
        lambda kolom: pd.to_datetime(kolom).dt.date,
        lambda kolom: pd.to_datetime(kolom).dt.date.astype("date32[day][pyarrow]"),
    ],
)
def test_dates_are_judged_alike_whatever_type_they_are_read_as(
    leveringen: Any, zet_om: Callable[[pd.Series], pd.Series]
) -> None:
    rijen = leveringen.rijen["wijkbeheer.schouw"]
    rijen.loc[3, "schouwdatum"] = pd.NaT
    rijen.loc[4, "schouwdatum"] = pd.Timestamp(KLOK + DAG)
    rijen["schouwdatum"] = zet_om(rijen["schouwdatum"])

    assert leveringen.find("wijkbeheer.schouw", "datums_niet_in_toekomst").aantal == 1


@pytest.mark.parametrize(("aantal", "geslaagd"), [(1, True), (2, False)])
def test_references_to_what_was_not_delivered_are_a_warning_above_one_percent(
    leveringen: Any, aantal: int, geslaagd: bool
) -> None:
    leveringen.rijen[ZAAK].loc[: aantal - 1, "eenheid_id"] = "p-onbekend"

    bevinding = leveringen.find(ZAAK, "verwijzing_eenheid_id_bekend")

    assert bevinding.geslaagd is geslaagd
    assert bevinding.aantal == aantal
    if not geslaagd:
        check_refusal(bevinding, blokkeert=False)
        assert "p-onbekend" not in str(bevinding)


def test_empty_reference_is_not_an_unknown_one(leveringen: Any) -> None:
    leveringen.rijen[ZAAK].loc[:49, "eenheid_id"] = None

    assert leveringen.find(ZAAK, "verwijzing_eenheid_id_bekend").aantal == 0


def test_reference_to_a_table_that_was_not_delivered_is_not_judged(leveringen: Any) -> None:
    leveringen.drop("vera.eenheid")

    assert not any(b.regel == "verwijzing_eenheid_id_bekend" for b in leveringen.check())


def test_references_follow_from_the_names_of_keys(leveringen: Any) -> None:
    verwijzingen = list_verwijzingen(leveringen.contract)

    assert verwijzingen[ZAAK] == {"eenheid_id": "vera.eenheid"}
    assert verwijzingen["vera.eenheidadres"] == {"eenheid_id": "vera.eenheid"}
    assert verwijzingen["wijkbeheer.schouw"] == {"cluster_id": "vera.cluster"}
    assert VI not in verwijzingen
    volgorde = [t.id for t in iter_ouders_eerst(leveringen.contract, verwijzingen)]
    assert sorted(volgorde) == sorted(t.id for t in leveringen.contract.tabellen)
    assert volgorde.index("vera.eenheid") < volgorde.index("vera.eenheidadres")


# --- up to date


def test_delivery_dated_after_the_clock_is_refused(leveringen: Any) -> None:
    leveringen.add(ZAAK, KLOK + 3 * DAG)

    bevinding = leveringen.find(ZAAK, "levering_niet_in_toekomst")

    check_refusal(bevinding)
    assert bevinding.voorbeeld == "vera/zaak_2026-01-04.csv"


def test_edition_of_a_year_that_is_not_over_is_refused(leveringen: Any) -> None:
    leveringen.change(VI, jongste_datum=date(2026, 12, 31))

    check_refusal(leveringen.find(VI, "levering_niet_in_toekomst"))


@pytest.mark.parametrize(
    ("ritme", "grens"),
    [("maand", date(2025, 11, 1)), ("kwartaal", date(2025, 7, 1)), ("halfjaar", date(2025, 1, 1)),
     ("jaar", date(2024, 1, 1)), ("tweejaar", date(2022, 1, 1))],
)  # fmt: skip
def test_source_older_than_twice_its_own_rhythm_is_stale(
    leveringen: Any, ritme: str, grens: date
) -> None:
    leveringen.contract = set_ritme(leveringen.contract, "wijkbeheer", ritme)
    leveringen.change("wijkbeheer.schouw", leveringsdatum=grens)
    assert leveringen.find("wijkbeheer", "levering_actueel").geslaagd

    leveringen.change("wijkbeheer.schouw", leveringsdatum=grens - DAG)
    bevinding = leveringen.find("wijkbeheer", "levering_actueel")
    check_refusal(bevinding)
    assert f"(ritme: {ritme}) is van {grens - DAG}, ouder dan {grens}" in bevinding.gevonden


def set_ritme(contract: Contract, naam: str, ritme: str) -> Contract:
    def change(bron: Bron) -> Bron:
        return replace(bron, ritme=ritme) if bron.naam == naam else bron

    return Contract(tuple(map(change, contract.bronnen)))


def test_table_that_stopped_is_stale_though_its_source_goes_on(leveringen: Any) -> None:
    leveringen.change(ZAAK, leveringsdatum=date(2025, 6, 1), bestand="vera/zaak_2025-06-01.csv")

    assert leveringen.find("vera", "levering_actueel").geslaagd
    check_refusal(leveringen.find(ZAAK, "levering_actueel"))


def test_full_state_of_long_ago_is_fine_while_its_source_goes_on(leveringen: Any) -> None:
    leveringen.change(WIJK, leveringsdatum=date(2020, 1, 1), bestand="vera/wijk_2020-01-01.csv")

    assert list_failed(leveringen) == set()


def test_end_of_a_short_month_is_counted_back_to_a_day_that_exists(leveringen: Any) -> None:
    leveringen.klok = date(2026, 4, 30)
    leveringen.contract = set_ritme(leveringen.contract, "wijkbeheer", "maand")
    leveringen.verslagen = [
        replace(v, leveringsdatum=date(2026, 2, 28)) if v.leveringsdatum else v
        for v in leveringen.verslagen
    ]

    assert leveringen.find("wijkbeheer", "levering_actueel").geslaagd


def test_undated_delivery_is_judged_by_the_youngest_date_in_it(leveringen: Any) -> None:
    for jongste, geslaagd in ((date(2025, 12, 1), True), (date(2024, 1, 1), False)):
        leveringen.change("wijkbeheer.schouw", leveringsdatum=None, jongste_datum=jongste)
        assert leveringen.find("wijkbeheer", "levering_actueel").geslaagd is geslaagd


def test_historical_editions_and_one_off_sources_are_never_stale(leveringen: Any) -> None:
    assert not any(
        (b.tabel, b.regel) == ("wijkprofiel", "levering_actueel") for b in leveringen.check()
    )
    leveringen.contract = set_ritme(leveringen.contract, "wijkprofiel", "jaar")
    assert list_failed(leveringen) == set()
    leveringen.contract = set_ritme(leveringen.contract, "wijkbeheer", "eenmalig")
    leveringen.change("wijkbeheer.schouw", leveringsdatum=date(1999, 1, 1))
    assert list_failed(leveringen) == set()


def test_rhythm_that_nobody_knows_is_a_warning(leveringen: Any) -> None:
    leveringen.contract = set_ritme(leveringen.contract, "vera", "dagelijks")

    bevinding = leveringen.find("vera", "ritme_bekend")

    assert not bevinding.geslaagd
    assert not bevinding.blokkeert
    assert "dagelijks" in bevinding.gevonden
    assert all(ritme in bevinding.verwacht for ritme in MAANDEN_PER_RITME)


# --- what went away


def test_table_that_is_delivered_no_more_is_refused_while_its_source_goes_on(
    leveringen: Any,
) -> None:
    leveringen.eerdere = list(leveringen.verslagen)
    leveringen.drop(ZAAK)

    bevinding = leveringen.find(ZAAK, "tabel_nog_geleverd")

    check_refusal(bevinding)
    assert bevinding.aantal == 100
    assert bevinding.voorbeeld == "vera/zaak_2026-01-01.csv"


def test_source_that_is_delivered_no_more_is_a_source_without_coverage(leveringen: Any) -> None:
    leveringen.eerdere = list(leveringen.verslagen)
    leveringen.drop("wijkbeheer.schouw")

    assert list_failed(leveringen) == set()


def test_addition_that_went_away_is_a_warning_and_an_old_full_state_is_not(
    leveringen: Any,
) -> None:
    leveringen.add(ZAAK, KLOK - 30 * DAG)
    leveringen.add(WIJK, KLOK - 30 * DAG)
    leveringen.eerdere = list(leveringen.verslagen)
    leveringen.verslagen = [v for v in leveringen.verslagen if v.leveringsdatum != KLOK - 30 * DAG]

    assert list_failed(leveringen) == {(ZAAK, "aanvullingen_nog_aanwezig")}
    bevinding = leveringen.find(ZAAK, "aanvullingen_nog_aanwezig")
    check_refusal(bevinding, blokkeert=False)
    assert bevinding.voorbeeld == "vera/zaak_2025-12-02.csv"


@pytest.mark.parametrize("tabel", ["vera.eenheid", "vera.cluster", "vera.cluster_eenheid"])
def test_core_of_vera_comes_together_or_not_at_all(leveringen: Any, tabel: str) -> None:
    leveringen.drop(tabel)
    assert not leveringen.find(tabel, "vera_kern_compleet").geslaagd

    leveringen.verslagen = [v for v in leveringen.verslagen if not v.tabel.startswith("vera.")]
    assert not any(b.regel == "vera_kern_compleet" for b in leveringen.check())


# --- no message holds a personal value


@pytest.mark.usefixtures("great_expectations")
def test_no_finding_of_a_delivery_full_of_bait_holds_any_of_it(leveringen: Any) -> None:
    aas = ["123456782", "NL91ABNA0417164300", "jan.devries@voorbeeld.nl", "0612345678",
           "3011AB 12"]  # fmt: skip
    for naam, rijen in leveringen.rijen.items():
        for kolom in rijen.columns:
            if not isinstance(rijen[kolom].dtype, pd.StringDtype) or kolom == "_bestand":
                continue
            rijen[kolom] = np.resize(np.array(aas, dtype=object), len(rijen))
        leveringen.rijen[naam] = rijen
    leveringen.verslagen = [
        replace(
            v,
            leesfout=f"kan {aas[0]} niet lezen",
            afgekeurd=90,
            afgekeurd_per_reden={aas[1]: 90},
            onbekende_codes={"soort_code": 90},
            voorbeeld_onbekende_code={"soort_code": aas[2]},
            onbekende_kolommen=tuple(aas),
        )
        for v in leveringen.verslagen
    ]

    tekst = "\n".join(map(str, leveringen.check()))

    assert "sleutel_uniek" in tekst
    for waarde in aas:
        assert re.search(re.escape(waarde), tekst) is None


# --- a file in the place of a published one


def test_zipped_file_takes_the_place_of_the_published_one(leveringen: Any) -> None:
    leveringen.eerdere = list(leveringen.verslagen)
    leveringen.change(ZAAK, bestand=f"vera/zaak_{KLOK}.csv.gz", sha256="anders")
    leveringen.rijen[ZAAK]["_bestand"] = f"vera/zaak_{KLOK}.csv.gz"
    assert list_failed(leveringen) == set()


def test_file_and_its_zipped_twin_in_one_folder_are_one_too_many(leveringen: Any) -> None:
    leveringen.add(
        ZAAK,
        KLOK,
        bestand=f"vera/zaak_{KLOK}.csv.gz",
        inhoud_hash=f"inhoud van vera/zaak_{KLOK}.csv",
    )
    assert (ZAAK, "inhoud_is_nieuw") in list_failed(leveringen)


def test_bulk_load_that_lost_half_its_rows_is_refused(leveringen: Any) -> None:
    leveringen.eerdere = list(leveringen.verslagen)
    leveringen.change(ZAAK, rijen=40, inhoud_hash="korter")
    check_refusal(leveringen.find(ZAAK, "omvang_past_bij_vorige"))


def test_key_that_could_be_code_is_not_shown(leveringen: Any) -> None:
    rijen = leveringen.rijen[WIJK]
    rijen.loc[[0, 1], "wijk_id"] = "=1+1\x1b[31m"
    bevinding = leveringen.find(WIJK, "sleutel_uniek")
    check_refusal(bevinding)
    assert "=1+1" not in bevinding.voorbeeld


def test_published_file_that_was_replaced_is_told_and_stops_nothing(leveringen: Any) -> None:
    regel = "gepubliceerd_bestand_ongewijzigd"
    leveringen.eerdere = list(leveringen.verslagen)
    assert leveringen.find("vera.zaak", regel).geslaagd

    leveringen.change("vera.zaak", inhoud_hash="een andere inhoud")
    bevinding = leveringen.find("vera.zaak", regel)
    assert not bevinding.geslaagd
    assert not bevinding.blokkeert
    assert "zaak" in bevinding.voorbeeld
    assert leveringen.find("vera.eenheid", regel).geslaagd


def test_new_file_replaces_nothing(leveringen: Any) -> None:
    leveringen.eerdere = [v for v in leveringen.verslagen if v.tabel != "vera.zaak"]
    assert leveringen.find("vera.zaak", "gepubliceerd_bestand_ongewijzigd").geslaagd


def test_days_of_change_are_counted_whatever_year_is_delivered() -> None:
    vera = read_contract(Path(__file__).parents[3] / "dbt_project").bron("vera")
    tabel = vera.tabel("huurovereenkomst")
    dagen = "date '0000-01-01'", "date '2024-02-01'", "date '2024-02-01'", "date '2025-01-01'"
    with duckdb.connect() as verbinding:
        verbinding.execute(f"create table t as select unnest([{', '.join(dagen)}]) as begindatum")
        for klok, aantal in ((date(2025, 1, 2), 2), (date(2024, 12, 31), 1), (date(1, 1, 1), 1)):
            geteld = poort_in_rij._count_veranderdagen(
                Meter(verbinding), tabel, "t", ["begindatum"], klok
            )
            assert geteld == aantal
