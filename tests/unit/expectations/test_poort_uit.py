"""The gate out: every rule holds on a sound release and is broken by one planted fault."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from expectations.poort import list_blokkades
from expectations.poort_uit import INDICATORWAARDE, KOLOMMEN, LABEL, SLEUTELS, check_release
from serving.release import schema
from vera.bevinding import Bevinding
from vera.contract import Contract

BEHEEROBJECT = schema.BEHEEROBJECT.naam
PEILDATUM, VORIGE_PEILDATUM = date(2026, 1, 1), date(2025, 10, 1)


def check_refusal(
    bevinding: Bevinding, *, aantal: int | None = None, blokkeert: bool = True
) -> None:
    assert not bevinding.geslaagd
    assert bevinding.blokkeert is blokkeert
    assert bevinding.poort == "poort uit"
    assert bevinding.aantal > 0
    if aantal is not None:
        assert bevinding.aantal == aantal
    assert bevinding.verwacht
    assert bevinding.gevonden != "in orde"
    assert bevinding.remedie


def pick(frame: pd.DataFrame, object_id: str, thema: str = "TOT") -> pd.Series:
    """Rows of one object and theme at the newest peildatum."""
    return (
        (frame["beheerobject_id"] == object_id)
        & (frame["thema_code"] == thema)
        & (frame["peildatum"] == PEILDATUM)
    )


def change_label(release: Any, object_id: str, thema: str = "TOT", **velden: object) -> None:
    frame = release.tabellen[LABEL]
    for kolom, waarde in velden.items():
        frame.loc[pick(frame, object_id, thema), kolom] = waarde


def forget_label(release: Any, object_id: str, thema: str = "TOT") -> None:
    """Make a label properly unknown."""
    change_label(
        release, object_id, thema, score=None, sociaal_beheer_label=pd.NA,
        reden_onbekend="te weinig gegevens", aandeel_van_totaal=None,
    )  # fmt: skip


# --- nothing wrong


@pytest.mark.usefixtures("great_expectations")
def test_sound_release_passes_every_rule(release: Any) -> None:
    bevindingen = release.check()

    assert [b for b in bevindingen if not b.geslaagd] == []
    assert len({(b.tabel, b.regel) for b in bevindingen}) == len(bevindingen)


def test_first_release_has_nothing_to_compare_with(release: Any) -> None:
    release.vorige = None

    bevindingen = release.check()

    assert list_blokkades(bevindingen) == []
    assert not {"gepubliceerd_label_ongewijzigd", "aandeel_onbekend_niet_gestegen"} & {
        b.regel for b in bevindingen
    }


def test_keys_and_columns_are_those_of_the_release() -> None:
    assert {naam: tabel.sleutel for naam, tabel in schema.TABELLEN.items()} == SLEUTELS
    for naam, kolommen in KOLOMMEN.items():
        assert set(kolommen) <= set(schema.TABELLEN[naam].kolommen.names)


def test_tables_are_judged_alike_from_the_warehouse_and_from_parquet(release: Any) -> None:
    labels = release.tabellen[LABEL]
    labels["peildatum"] = pd.to_datetime(labels["peildatum"]).astype("datetime64[us]")
    labels["sociaal_beheer_label"] = labels["sociaal_beheer_label"].astype("int32")
    labels["niveau"] = labels["niveau"].astype("category")

    assert list_blokkades(release.check()) == []


def test_tables_are_left_as_they_were_given(release: Any) -> None:
    voor = {naam: frame.copy() for naam, frame in release.tabellen.items()}

    release.check()

    for naam, frame in release.tabellen.items():
        pd.testing.assert_frame_equal(frame, voor[naam])


# --- tables and keys


@pytest.mark.parametrize("naam", [BEHEEROBJECT, LABEL, INDICATORWAARDE])
def test_table_that_is_not_there_is_refused(release: Any, naam: str) -> None:
    del release.tabellen[naam]

    bevinding = release.find(naam, "tabel_compleet")

    check_refusal(bevinding)
    assert bevinding.gevonden == "de tabel ontbreekt"


def test_column_that_is_not_there_is_refused_by_name(release: Any) -> None:
    release.tabellen[LABEL] = release.tabellen[LABEL].drop(columns=["score", "niveau"])

    bevinding = release.find(LABEL, "tabel_compleet")

    check_refusal(bevinding, aantal=2)
    assert bevinding.gevonden == "kolommen ontbreken: niveau, score"


def test_duplicate_key_is_refused_with_an_example(release: Any) -> None:
    frame = release.tabellen[LABEL]
    release.tabellen[LABEL] = pd.concat([frame, frame.iloc[[0]]], ignore_index=True)

    bevinding = release.find(LABEL, "sleutel_uniek")

    check_refusal(bevinding, aantal=2)
    assert bevinding.voorbeeld == (
        "rij 1, niveau complex, beheerobject_id C0, grondslag eigen, peildatum 2025-10-01, "
        "thema_code TOT"
    )


def test_key_of_an_optional_table_is_judged_too(release: Any) -> None:
    release.tabellen["thema"] = pd.DataFrame(
        {"thema_code": ["SHV", "OVL", "FIN", "SOC", "LFB", "LFB"]}
    )

    check_refusal(release.find("thema", "sleutel_uniek"), aantal=2)


@pytest.mark.parametrize("naam", [None, "", "  "])
def test_object_without_a_name_is_refused(release: Any, naam: str | None) -> None:
    release.tabellen[BEHEEROBJECT].loc[3, "naam"] = naam

    bevinding = release.find(BEHEEROBJECT, "naam_ingevuld")

    check_refusal(bevinding, aantal=1)
    assert bevinding.voorbeeld == "rij 4, niveau complex, beheerobject_id C3"


def test_label_of_an_object_that_is_not_listed_is_a_warning(release: Any) -> None:
    release.tabellen[BEHEEROBJECT] = release.tabellen[BEHEEROBJECT].iloc[1:]

    check_refusal(release.find(LABEL, "label_van_bekend_object"), aantal=12, blokkeert=False)


# --- labels and scores


@pytest.mark.parametrize("label", [0, 6, -1])
def test_label_outside_one_to_five_is_refused(release: Any, label: int) -> None:
    change_label(release, "C3", sociaal_beheer_label=label)

    check_refusal(release.find(LABEL, "label_1_tot_5"), aantal=1)


@pytest.mark.parametrize("score", [-0.001, 100.001])
def test_score_outside_zero_to_hundred_is_refused(release: Any, score: float) -> None:
    change_label(release, "C3", score=score)

    check_refusal(release.find(LABEL, "score_0_tot_100"), aantal=1)


@pytest.mark.parametrize("reden", [None, "", " ", "\x0b", "\x1f\x85"])
def test_unknown_label_without_a_reason_is_refused(release: Any, reden: str | None) -> None:
    forget_label(release, "C3", "OVL")
    change_label(release, "C3", "OVL", reden_onbekend=reden)

    check_refusal(release.find(LABEL, "onbekend_met_reden"), aantal=1)


@pytest.mark.parametrize(("eenheden", "geweigerd"), [(9, True), (10, False), (None, False)])
def test_small_complex_with_a_label_is_refused(
    release: Any, eenheden: int | None, geweigerd: bool
) -> None:
    frame = release.tabellen[LABEL]
    frame["verhuureenheden_aantal"] = frame["verhuureenheden_aantal"].astype("Int64")
    change_label(release, "C3", verhuureenheden_aantal=pd.NA if eenheden is None else eenheden)

    assert release.find(LABEL, "klein_complex_zonder_label").geslaagd is not geweigerd


def test_small_complex_without_label_and_small_buurt_with_one_are_fine(release: Any) -> None:
    frame = release.tabellen[LABEL]
    forget_label(release, "C3")
    change_label(release, "C3", verhuureenheden_aantal=5)
    frame.loc[frame["beheerobject_id"] == "C4", ["niveau", "verhuureenheden_aantal"]] = ["buurt", 5]

    assert release.find(LABEL, "klein_complex_zonder_label").geslaagd


@pytest.mark.parametrize(("aandeel", "geweigerd"), [(0.2 + 1e-8, True), (0.2 + 1e-10, False)])
def test_shares_of_the_themes_that_do_not_add_up_are_refused(
    release: Any, aandeel: float, geweigerd: bool
) -> None:
    change_label(release, "C3", "OVL", aandeel_van_totaal=aandeel)

    bevinding = release.find(LABEL, "aandelen_tellen_op")

    assert bevinding.geslaagd is not geweigerd
    if geweigerd:
        assert bevinding.aantal == 1
        assert "beheerobject_id C3" in bevinding.voorbeeld


def test_shares_need_not_add_up_where_the_total_is_unknown(release: Any) -> None:
    forget_label(release, "C3")
    forget_label(release, "C3", "OVL")

    assert release.find(LABEL, "aandelen_tellen_op").geslaagd


def test_peildatum_without_one_of_the_themes_is_refused(release: Any) -> None:
    frame = release.tabellen[LABEL]
    weg = (frame["thema_code"] == "SOC") & (frame["peildatum"] == PEILDATUM)
    release.tabellen[LABEL] = frame[~weg]

    bevinding = release.find(LABEL, "themas_compleet")

    check_refusal(bevinding, aantal=1)
    assert bevinding.gevonden == "bij complex eigen 2026-01-01 ontbreekt SOC"


def test_themes_are_those_of_the_seed_where_it_is_part_of_the_release(release: Any) -> None:
    release.tabellen["thema"] = pd.DataFrame({"thema_code": ["SHV", "OVL", "TOT", "WON"]})

    bevinding = release.find(LABEL, "themas_compleet")

    check_refusal(bevinding)
    assert "ontbreekt WON" in bevinding.gevonden


def test_release_without_a_single_known_label_is_refused(release: Any) -> None:
    frame = release.tabellen[LABEL]
    frame["sociaal_beheer_label"] = pd.NA

    check_refusal(release.find(LABEL, "release_niet_leeg"))
    release.tabellen[LABEL] = frame.iloc[:0]
    assert not release.find(LABEL, "release_niet_leeg").geslaagd


# --- indicators


def test_exact_value_of_a_banded_cell_is_refused(release: Any) -> None:
    frame = release.tabellen[INDICATORWAARDE]
    frame.loc[2, "is_gebandeerd"] = True
    check_refusal(release.find(INDICATORWAARDE, "gebandeerd_zonder_waarde"), aantal=1)

    frame.loc[2, ["waarde", "gestandaardiseerd", "bijdrage"]] = None
    assert list_blokkades(release.check()) == []


@pytest.mark.parametrize(("afwijking", "geweigerd"), [(1e-8, True), (1e-10, False)])
def test_contributions_that_do_not_add_up_to_their_theme_are_refused(
    release: Any, afwijking: float, geweigerd: bool
) -> None:
    release.tabellen[INDICATORWAARDE].loc[2, "bijdrage"] += afwijking

    bevinding = release.find(INDICATORWAARDE, "bijdragen_tellen_op")

    assert bevinding.geslaagd is not geweigerd
    if geweigerd:
        assert bevinding.aantal == 2  # both indicators of the theme
        assert "beheerobject_id C1" in bevinding.voorbeeld


def test_contributions_of_an_unknown_theme_are_not_judged(release: Any) -> None:
    forget_label(release, "C1", "OVL")
    release.tabellen[INDICATORWAARDE].loc[2, "bijdrage"] += 1

    assert release.find(INDICATORWAARDE, "bijdragen_tellen_op").geslaagd


def test_indicator_without_a_value_weighs_nothing(release: Any) -> None:
    frame = release.tabellen[INDICATORWAARDE]
    frame.loc[3, ["gestandaardiseerd", "bijdrage", "waarde"]] = None
    assert not release.find(INDICATORWAARDE, "bijdragen_tellen_op").geslaagd

    frame.loc[2, "bijdrage"] = frame.loc[2, "gestandaardiseerd"]
    assert release.find(INDICATORWAARDE, "bijdragen_tellen_op").geslaagd


def test_release_without_a_single_indicator_value_passes_the_rules_on_them(release: Any) -> None:
    release.tabellen[INDICATORWAARDE] = release.tabellen[INDICATORWAARDE].iloc[:0]

    assert release.find(INDICATORWAARDE, "bijdragen_tellen_op").geslaagd
    assert release.find(INDICATORWAARDE, "sleutel_uniek").geslaagd


# --- against the previous release


def test_published_label_that_changed_is_refused_with_an_example(release: Any) -> None:
    oud = release.vorige[LABEL]
    oud.loc[
        (oud["beheerobject_id"] == "C3") & (oud["thema_code"] == "FIN"), "sociaal_beheer_label"
    ] = 1

    bevinding = release.find(LABEL, "gepubliceerd_label_ongewijzigd")

    check_refusal(bevinding, aantal=1)
    assert bevinding.gevonden == "1 labels gewijzigd, 0 verdwenen"
    assert bevinding.voorbeeld == (
        "niveau complex, beheerobject_id C3, grondslag eigen, peildatum 2025-10-01, thema_code FIN"
    )


def test_published_label_that_became_unknown_or_went_away_is_refused(release: Any) -> None:
    frame = release.tabellen[LABEL]
    oud = frame["peildatum"] == VORIGE_PEILDATUM
    frame.loc[oud & (frame["beheerobject_id"] == "C3"), "sociaal_beheer_label"] = pd.NA
    release.tabellen[LABEL] = frame[~(oud & (frame["beheerobject_id"] == "C4"))]

    bevinding = release.find(LABEL, "gepubliceerd_label_ongewijzigd")

    check_refusal(bevinding, aantal=12)
    assert bevinding.gevonden == "6 labels gewijzigd, 6 verdwenen"


@pytest.mark.parametrize(("weg", "geweigerd"), [(5, False), (6, True)])
def test_stock_of_which_more_than_half_is_gone_is_another_association(
    release: Any, weg: int, geweigerd: bool
) -> None:
    objecten = release.tabellen[BEHEEROBJECT]
    release.vorige[BEHEEROBJECT] = objecten.copy()
    objecten.loc[: weg - 1, "verhuureenheden_aantal"] = 0

    bevinding = release.find(BEHEEROBJECT, "bezit_van_dezelfde_corporatie")

    assert bevinding.geslaagd is not geweigerd
    if geweigerd:
        check_refusal(bevinding, aantal=6)
        assert bevinding.voorbeeld == "complex C0"


def test_first_release_has_no_stock_to_compare_with(release: Any) -> None:
    release.vorige = None
    regels = {bevinding.regel for bevinding in release.check()}
    assert "bezit_van_dezelfde_corporatie" not in regels


def test_unknown_label_that_stays_unknown_is_not_a_change(release: Any) -> None:
    for frame in (release.tabellen[LABEL], release.vorige[LABEL]):
        rijen = (frame["peildatum"] == VORIGE_PEILDATUM) & (frame["beheerobject_id"] == "C3")
        frame.loc[rijen, "sociaal_beheer_label"] = pd.NA
        frame.loc[rijen, "reden_onbekend"] = "te weinig gegevens"

    assert release.find(LABEL, "gepubliceerd_label_ongewijzigd").geslaagd


@pytest.mark.parametrize(("aantal", "geweigerd"), [(1, False), (2, True)])
def test_rise_of_the_unknown_share_by_more_than_ten_points_is_refused(
    release: Any, aantal: int, geweigerd: bool
) -> None:
    for nummer in range(aantal):
        forget_label(release, f"C{nummer}")

    bevinding = release.find(LABEL, "aandeel_onbekend_niet_gestegen")

    assert bevinding.geslaagd is not geweigerd
    if geweigerd:
        check_refusal(bevinding)
        assert bevinding.gevonden == "complex eigen: 20 % onbekend, was 0 %"


def test_share_of_a_ground_that_was_not_there_before_is_not_compared(release: Any) -> None:
    frame = release.tabellen[LABEL]
    openbaar = frame[frame["peildatum"] == PEILDATUM].assign(grondslag="openbaar", niveau="buurt")
    openbaar = openbaar.assign(sociaal_beheer_label=pd.NA, score=None, reden_onbekend="geen")
    release.tabellen[LABEL] = pd.concat([frame, openbaar], ignore_index=True)

    assert release.find(LABEL, "aandeel_onbekend_niet_gestegen").geslaagd


def test_previous_release_without_labels_is_no_previous_release(release: Any) -> None:
    release.vorige = {}

    assert list_blokkades(release.check()) == []


# --- personal data


@pytest.mark.parametrize(
    ("waarde", "soort"),
    [("123456782", "BSN"), ("NL91 ABNA 0417 1643 00", "IBAN"), ("jan@voorbeeld.nl", "e-mailadres"),
     ("06-12345678", "telefoonnummer"), ("3011 AB 12", "postcode met huisnummer")],
)  # fmt: skip
def test_personal_value_anywhere_is_refused_by_column_and_not_shown(
    release: Any, waarde: str, soort: str
) -> None:
    release.tabellen[BEHEEROBJECT].loc[4, "naam"] = f"Complex {waarde}"

    bevinding = release.find(BEHEEROBJECT, "geen_persoonsgegevens")

    check_refusal(bevinding, aantal=1)
    assert bevinding.gevonden == f"kolommen: naam ({soort})"
    assert bevinding.voorbeeld == "kolom naam, rij 5"
    assert waarde not in "".join(map(str, release.check()))


@pytest.mark.usefixtures("great_expectations")
def test_personal_value_in_a_key_is_not_shown_by_any_other_rule(release: Any) -> None:
    frame = release.tabellen[LABEL]
    frame.loc[frame["beheerobject_id"] == "C3", "beheerobject_id"] = "123456782"
    change_label(release, "123456782", score=200.0, sociaal_beheer_label=9)

    tekst = "\n".join(map(str, release.check()))

    assert "score_0_tot_100" in tekst
    assert "123456782" not in tekst


def test_column_that_is_personal_in_the_contract_is_refused_by_name(release: Any) -> None:
    release.tabellen[LABEL]["zaak_id"] = "p-1"

    bevinding = release.find(LABEL, "geen_persoonsgegevens")

    check_refusal(bevinding, aantal=1)
    assert "zaak_id (in het contract een persoonsgegeven)" in bevinding.gevonden


def test_column_that_is_also_an_ordinary_one_somewhere_is_allowed(release: Any) -> None:
    contract = release.contract
    vera = contract.bron("vera")
    gewoon = replace(
        vera.tabel("zaak").kolom("zaak_id"), classificatie="intern", behandeling="behouden"
    )
    wijk = replace(vera.tabel("wijk"), kolommen=(*vera.tabel("wijk").kolommen, gewoon))
    release.contract = Contract(
        (replace(vera, tabellen=(wijk, *vera.tabellen[1:])), *contract.bronnen[1:])
    )
    release.tabellen[LABEL]["zaak_id"] = "x"

    assert release.find(LABEL, "geen_persoonsgegevens").geslaagd


def test_seed_may_name_a_column_as_a_source_does(release: Any) -> None:
    release.tabellen["thema"] = pd.DataFrame(
        {"thema_code": ["SHV", "OVL", "FIN", "SOC", "LFB"], "zaak_id": "x"}
    )

    assert release.find("thema", "geen_persoonsgegevens").geslaagd


@pytest.mark.usefixtures("great_expectations")
def test_release_is_judged_without_any_table_at_all(release: Any) -> None:
    bevindingen = check_release({}, None, release.contract)

    assert {b.regel for b in list_blokkades(bevindingen)} == {"tabel_compleet"}
