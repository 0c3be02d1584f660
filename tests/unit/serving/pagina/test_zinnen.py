"""Sentences say what the answer says, in words, and nothing more."""

from __future__ import annotations

from typing import Any

import pytest

from serving.pagina.zinnen import (
    OPGAVE,
    describe_label,
    explain_unknown,
    group_by_bron,
    say_changes,
    say_reden,
    say_since,
    say_weight,
)

NAMEN = {"OVL": "Overlast", "SHV": "Schoon, heel en veilig"}


def make_meting(**anders: Any) -> dict[str, Any]:
    """An indicator value as the API gives it."""
    eenheid = anders.pop("eenheid", "per woning per jaar")
    return {
        "indicator": {
            "code": "OVL_EPISODE",
            "naam": "Meldingen van overlast",
            "eenheid": eenheid,
            "richting": 1,
            "themaCode": "OVL",
            "bron": "vera.zaak",
        },
        "grondslag": "eigen",
        "waarde": 0.124,
        "isAfgerond": False,
        "stratumWaarde": 0.061,
        "portefeuilleWaarde": 0.052,
        "leeftijdKwartalen": 0,
        "richting": "omhoog",
        **anders,
    }


def make_regel(peildatum: str, totaal: int | None, **themas: int | None) -> dict[str, Any]:
    """A label of the history."""
    return {
        "peildatum": peildatum,
        "waarde": totaal,
        "themas": [{"code": code, "waarde": waarde} for code, waarde in themas.items()],
    }


def test_scale_runs_from_small_to_large_and_never_judges_a_place() -> None:
    assert list(OPGAVE) == [1, 2, 3, 4, 5]
    assert all(woord.endswith("opgave") for woord in OPGAVE.values())
    assert "klein" in OPGAVE[1]
    assert "groot" in describe_label(5) or "grote" in describe_label(5)


def test_unknown_label_is_unknown_in_words() -> None:
    assert describe_label(None) == "onbekend"


def test_reason_gives_the_value_of_comparable_complexes_and_of_all() -> None:
    reden = say_reden(make_meting(), "complex")
    assert reden.zin == (
        "Hier is dat 12,4 per 100 woningen per jaar. Dat is hoger dan bij vergelijkbare complexen "
        "(6,1) en in het hele bezit (5,2)."
    )
    assert [(staaf.naam, staaf.tekst, staaf.is_hier) for staaf in reden.staven] == [
        ("dit complex", "12,4", True),
        ("vergelijkbare complexen", "6,1", False),
        ("het hele bezit", "5,2", False),
    ]
    assert [staaf.lengte for staaf in reden.staven] == [100, 49, 42]


def test_reason_says_both_when_comparisons_differ() -> None:
    zin = say_reden(make_meting(waarde=0.055, richting=None), "complex").zin
    assert zin.endswith(
        "Dat is lager dan bij vergelijkbare complexen (6,1) en hoger dan in het hele bezit (5,2)."
    )


def test_values_that_read_the_same_are_called_the_same() -> None:
    meting = make_meting(waarde=0.0612, portefeuilleWaarde=None, richting=None)
    zin = say_reden(meting, "complex").zin
    assert zin.endswith("Dat is net zo hoog als bij vergelijkbare complexen (6,1).")


@pytest.mark.parametrize(
    ("waarde", "teken", "richting", "verbaast"),
    [
        (0.124, 1, "omhoog", False),
        (0.055, 1, "omhoog", False),
        (0.02, 1, "omhoog", True),
        (0.02, 1, "omlaag", False),
        (0.124, 1, "omlaag", True),
        (0.02, -1, "omhoog", False),
        (0.124, -1, "omhoog", True),
        (0.124, 1, None, False),
    ],
)
def test_a_reason_against_expectation_says_why(
    waarde: float, teken: int, richting: str | None, verbaast: bool
) -> None:
    meting = make_meting(waarde=waarde, richting=richting)
    meting["indicator"]["richting"] = teken
    zin = say_reden(meting, "complex").zin
    assert ("Toch maakt dit de opgave" in zin) is verbaast
    if verbaast:
        assert ("opgave groter" in zin) is (richting == "omhoog")


def test_banded_value_is_called_rounded_and_never_shown() -> None:
    reden = say_reden(make_meting(waarde=None, isAfgerond=True), "complex")
    assert "afgerond" in reden.zin
    assert "Bij vergelijkbare complexen is het 6,1 per 100 woningen per jaar" in reden.zin
    assert [staaf.is_hier for staaf in reden.staven] == [False, False]


def test_missing_value_is_not_a_zero() -> None:
    reden = say_reden(make_meting(waarde=None, richting=None), "complex")
    assert reden.zin == "Hiervan is geen waarde bekend."
    assert not any(staaf.is_hier for staaf in reden.staven)


def test_value_that_is_not_for_this_reader_is_not_called_unknown() -> None:
    reden = say_reden(make_meting(waarde=None), "complex")
    assert reden.zin == "Bij uw rol hoort deze waarde niet."


def test_value_from_a_count_on_fives_is_called_about() -> None:
    reden = say_reden(make_meting(isAfgerond=True), "complex")
    assert reden.zin.startswith("Hier is dat ongeveer 12,4 per 100 woningen per jaar.")


def test_buurt_on_public_data_is_compared_with_all_buurten_and_not_with_the_stock() -> None:
    meting = make_meting(grondslag="openbaar", eenheid="%", waarde=30.0, portefeuilleWaarde=18.0)
    zin = say_reden({**meting, "stratumWaarde": None}, "buurt").zin
    assert zin == "Hier is dat 30%. Dat is hoger dan gemiddeld in alle buurten (18)."
    assert "alle wijken" in say_reden(meting, "wijk").zin


def test_grades_have_bars_on_a_scale_of_ten() -> None:
    meting = make_meting(eenheid="cijfer 1-10", waarde=7.0, stratumWaarde=None)
    assert say_reden(meting, "complex").staven[0].lengte == 70


@pytest.mark.parametrize(("kwartalen", "tekst"), [(0, None), (1, "1 kwartaal"), (3, "3 kwartalen")])
def test_age_of_a_survey_is_told(kwartalen: int, tekst: str | None) -> None:
    leeftijd = say_reden(make_meting(leeftijdKwartalen=kwartalen), "complex").leeftijd
    assert leeftijd == (None if tekst is None else f"Deze meting is {tekst} oud.")


def test_bars_of_nothing_but_zeros_have_no_length() -> None:
    nul = make_meting(waarde=0.0, stratumWaarde=0.0, portefeuilleWaarde=0.0)
    assert [staaf.lengte for staaf in say_reden(nul, "complex").staven] == [0, 0, 0]


def test_small_complex_is_sent_to_its_cluster_or_its_buurt() -> None:
    cluster = explain_unknown("Minder dan 10 woningen: zie beheercluster BC-BU1-portiek")
    assert cluster.beheercluster_id == "BC-BU1-portiek"
    assert cluster.reden == "Minder dan 10 woningen. Kleine complexen krijgen samen één label."
    buurt = explain_unknown("Minder dan 10 woningen: zie het label van de buurt")
    assert buurt.is_bij_buurt
    assert buurt.beheercluster_id is None
    assert "Kijk naar het label van de buurt." in buurt.reden


def test_any_other_reason_is_given_as_it_is() -> None:
    assert explain_unknown("te weinig gegevens").reden == "Te weinig gegevens."
    assert explain_unknown(None).reden == "Er zijn geen gegevens op de peildatum."


def test_the_two_heaviest_themes_are_named() -> None:
    themas = [
        {"naam": "Overlast", "aandeelVanTotaal": 0.3},
        {"naam": "Schoon heel en veilig", "aandeelVanTotaal": 0.45},
        {"naam": "Financiële draagkracht", "aandeelVanTotaal": None},
    ]
    assert say_weight(themas) == "Schoon heel en veilig telt het zwaarst mee, daarna overlast."
    assert say_weight([{**thema, "aandeelVanTotaal": 0.2} for thema in themas[:2]]) == (
        "Overlast en schoon heel en veilig tellen het zwaarst mee."
    )
    assert say_weight(themas[:1]) == "Overlast telt het zwaarst mee."
    assert say_weight(themas[2:]) is None


def test_changes_name_the_total_and_every_theme_that_moved() -> None:
    historie = [
        make_regel("2026-07-01", 4, OVL=3, SHV=4),
        make_regel("2026-10-01", 5, OVL=None, SHV=4),
    ]
    assert say_changes(historie, NAMEN) == (
        "Het totaal ging van 4 naar 5.",
        "Overlast ging van 3 naar onbekend.",
    )


def test_a_total_that_stayed_is_told_beside_a_theme_that_moved() -> None:
    historie = [make_regel("2026-07-01", 4, OVL=3), make_regel("2026-10-01", 4, OVL=4)]
    assert say_changes(historie, NAMEN) == (
        "Het totaal bleef 4 sinds 1 juli 2026.",
        "Overlast ging van 3 naar 4.",
    )


def test_no_change_is_told_and_one_label_has_no_change() -> None:
    historie = [make_regel("2026-07-01", 4, OVL=3), make_regel("2026-10-01", 4, OVL=3)]
    assert say_changes(historie, NAMEN) == (
        "Sinds 1 juli 2026 is er niets veranderd, ook niet in de thema's.",
    )
    assert say_changes(historie[1:], NAMEN) == ()
    onbekend = [make_regel("2026-07-01", None, OVL=None), make_regel("2026-10-01", None, OVL=None)]
    assert say_changes(onbekend, NAMEN) == ()


def test_since_says_what_the_label_was_before() -> None:
    historie = [make_regel("2026-04-01", None), make_regel("2026-07-01", 4)]
    assert say_since(4, "2026-07-01", historie) == (
        "Het label is 4 sinds 1 juli 2026. Daarvoor was het onbekend."
    )
    assert say_since(4, "2026-04-01", historie[:1]) == (
        "Het label is al 4 sinds het begin van de reeks, 1 april 2026."
    )
    assert say_since(None, "2026-04-01", historie) is None


def test_sources_without_data_are_grouped() -> None:
    indicatoren = [
        {"naam": "Veilig voelen", "bron": "huurdersonderzoek.antwoord"},
        {"naam": "Ongedierte", "bron": "vera.defect"},
        {"naam": "Contact met buren", "bron": "huurdersonderzoek.antwoord"},
    ]
    assert group_by_bron(indicatoren) == (
        "huurdersonderzoek (veilig voelen, contact met buren)",
        "onderhoud (ongedierte)",
    )
