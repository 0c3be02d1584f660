"""Sentences about what changed and why a label did or did not move."""

from __future__ import annotations

from typing import Any

import pytest

from serving.pagina.verandering import (
    Oorzaak,
    compare_beleving,
    describe_u,
    list_chances,
    say_causes,
    say_decision,
    say_hidden,
    say_one_source,
    say_range,
    say_since_when,
    say_steps,
)

NAMEN = {"SHV": "Schoon heel en veilig", "FIN": "Financiële draagkracht", "SOC": "Sociaal"}
MELDING = {"naam": "Meldingen van overlast", "eenheid": "per woning per jaar", "richting": 1}


def make_regel(**anders: Any) -> dict[str, Any]:
    return {
        "soortCode": "waarde",
        "themaCode": "SHV",
        "indicator": MELDING,
        "richting": "omhoog",
        "isAfgerond": False,
        "waarde": 0.12,
        "vorigeWaarde": 0.08,
        "leeftijdKwartalen": 0,
        "vorigePeildatum": "2026-07-01",
    } | anders


def say(regel: dict[str, Any], niveau: str = "complex", grondslag: str = "eigen") -> Oorzaak | None:
    oorzaken = say_causes([regel], niveau, grondslag, NAMEN)
    return oorzaken[0] if oorzaken else None


def test_change_of_a_value_gives_both_values_with_the_unit_once() -> None:
    oorzaak = say(make_regel())
    assert oorzaak == Oorzaak(
        "Meldingen van overlast",
        "SHV",
        "Hoger dan vorig kwartaal: nu 12,0 per 100 woningen per jaar, toen 8,0.",
        "omhoog",
    )


@pytest.mark.parametrize(
    ("anders", "zin"),
    [
        (
            {"waarde": 0.05, "richting": "omlaag"},
            "Lager dan vorig kwartaal: nu 5,0 per 100 woningen per jaar, toen 8,0.",
        ),
        (
            {"waarde": 0.05, "richting": "omhoog"},
            "Lager dan vorig kwartaal: nu 5,0 per 100 woningen per jaar, toen 8,0. Toch maakt dit "
            "de opgave groter, want het label houdt rekening met toeval en met wat er verder is "
            "gemeten.",
        ),
        (
            {"soortCode": "verouderd", "leeftijdKwartalen": 1},
            "Geen nieuwe meting. De oude is nu 1 kwartaal oud en telt minder zwaar mee.",
        ),
        (
            {"soortCode": "dekking_weg", "waarde": None},
            "Hiervan zijn nu geen gegevens. Deze meting telt niet mee.",
        ),
        (
            {"soortCode": "dekking_terug", "vorigeWaarde": None},
            "Hiervan zijn nu wel gegevens: 12,0 per 100 woningen per jaar.",
        ),
        ({"vorigeWaarde": None}, "De uitkomst is anders dan vorig kwartaal."),
    ],
)
def test_every_kind_of_cause_has_its_sentence(anders: dict[str, Any], zin: str) -> None:
    oorzaak = say(make_regel(**anders))
    assert oorzaak is not None
    assert oorzaak.zin == zin


def test_values_that_read_the_same_are_no_news() -> None:
    assert say(make_regel(waarde=0.08001)) is None


def test_public_figures_compare_with_the_time_before_not_with_a_quarter() -> None:
    oorzaak = say(make_regel(), grondslag="openbaar")
    assert oorzaak is not None
    assert oorzaak.zin.startswith("Hoger dan de vorige keer:")


@pytest.mark.parametrize(
    ("nu", "zin"),
    [
        (48.0, "Dit complex heeft nu 48 woningen, vorig kwartaal 36."),
        (36.0, "Dit complex heeft net zoveel woningen, maar niet dezelfde."),
    ],
)
def test_other_dwellings_are_a_cause_of_their_own(nu: float, zin: str) -> None:
    regel = make_regel(
        soortCode="samenstelling", themaCode=None, indicator=None, waarde=nu, vorigeWaarde=36.0
    )
    oorzaak = say(regel)
    assert oorzaak is not None
    assert oorzaak.zin.startswith(zin)


def test_theme_that_comes_or_goes_is_called_by_its_name() -> None:
    weg = say(make_regel(soortCode="dekking_weg", indicator=None))
    terug = say(make_regel(soortCode="dekking_terug", indicator=None))
    assert weg is not None
    assert terug is not None
    assert (weg.naam, weg.zin) == (
        "Schoon heel en veilig",
        "Dit thema telt niet meer mee, want er zijn te weinig gegevens.",
    )
    assert "weer mee" in terug.zin


def test_another_method_says_that_quarters_do_not_compare() -> None:
    oorzaak = say(make_regel(soortCode="nieuwe_methode", themaCode=None, indicator=None))
    assert oorzaak is not None
    assert "niet goed te vergelijken met vorig kwartaal" in oorzaak.zin


def test_hidden_change_gives_the_theme_and_no_figure_and_no_direction() -> None:
    verborgen = [
        make_regel(soortCode="afgeschermd", themaCode=code, indicator=None, richting=None)
        for code in ("FIN", "SOC")
    ]
    assert say_causes(verborgen, "complex", "eigen", NAMEN) == ()
    zin = say_hidden(verborgen, NAMEN)
    assert zin is not None
    assert zin.startswith("Financiële draagkracht en Sociaal: hier gaat het om weinig huurders.")
    assert not any(teken.isdigit() for teken in zin)
    assert say_hidden([make_regel()], NAMEN) is None


def make_label(**anders: Any) -> dict[str, Any]:
    return {
        "waarde": 3,
        "ruweWaarde": 4,
        "modelWaarde": 3,
        "redenCode": "nog_niet_zeker",
        "kansen": [0.0, 0.08, 0.3, 0.42, 0.2],
        "isScoreAfgerond": False,
        "bereik": {"laag": 3, "hoog": 5},
    } | anders


def make_historie(vorig: int | None) -> list[dict[str, Any]]:
    return [{"modelWaarde": vorig}, {"modelWaarde": 3}]


def test_label_that_stays_says_what_the_score_points_to_and_how_sure() -> None:
    zin = say_decision(make_label(), make_historie(3))
    assert zin == (
        "De score van nu past bij label 4, maar het label blijft 3. De kans dat de opgave echt "
        "groter is dan bij label 3, is 62%. Een label verschuift pas bij een kans van 80%, of van "
        "65% in twee kwartalen na elkaar."
    )


def test_label_that_goes_down_says_the_chance_below_the_boundary() -> None:
    label = make_label(redenCode="nu_zeker_genoeg", ruweWaarde=3, kansen=[0.1, 0.2, 0.6, 0.1, 0.0])
    assert say_decision(label, make_historie(4)) == (
        "Het label ging van 4 naar 3. De kans dat de opgave echt kleiner is dan bij label 4, is "
        "90%. Dat is zeker genoeg (80% of meer)."
    )


def test_chances_of_small_numbers_are_called_about() -> None:
    zin = say_decision(
        make_label(redenCode="twee_kwartalen", isScoreAfgerond=True), make_historie(2)
    )
    assert zin == (
        "Het label ging van 2 naar 3. De kans dat de opgave echt groter is dan bij label 2, is "
        "ongeveer 92%. Ook vorig kwartaal was zij al 65% of meer."
    )


def test_chance_in_tenths_is_never_more_than_all() -> None:
    label = make_label(
        redenCode="nu_zeker_genoeg", isScoreAfgerond=True, kansen=[0.0, 0.1, 0.4, 0.4, 0.3]
    )
    zin = say_decision(label, make_historie(2))
    assert zin is not None
    assert "ongeveer 100%" in zin


@pytest.mark.parametrize(
    ("reden", "begin"),
    [
        ("eerste_publicatie", "Dit is het eerste label"),
        ("opnieuw_bekend", "Het label was onbekend"),
        ("nieuwe_methode", "De methode is vernieuwd"),
        ("ongewijzigd", "Het label blijft 3."),
        ("geen_demping", "Op openbare gegevens"),
    ],
)
def test_every_reason_has_its_sentence(reden: str, begin: str) -> None:
    zin = say_decision(make_label(redenCode=reden), make_historie(3))
    assert zin is not None
    assert zin.startswith(begin)


def test_unknown_label_has_no_decision_to_explain() -> None:
    assert say_decision(make_label(modelWaarde=None, redenCode="onbekend"), []) is None


def test_range_and_chances_are_said_as_they_are() -> None:
    assert say_range(make_label()) == (
        "Volgens de cijfers ligt het waarschijnlijk tussen label 3 en 5 (kans 80% of meer)."
    )
    smal = say_range(make_label(bereik={"laag": 3, "hoog": 3}))
    assert smal is not None
    assert "waarschijnlijk label 3" in smal
    assert say_range(make_label(bereik=None)) is None
    assert say_range(make_label(waarde=None)) is None
    assert [kans.lengte for kans in list_chances(make_label())] == [0, 8, 30, 42, 20]
    assert list_chances(make_label(kansen=None)) == ()
    assert list_chances(make_label(kansen=[0.004]))[0].tekst == "minder dan 1%"


def test_score_model_and_published_label_stand_side_by_side_where_they_differ() -> None:
    assert say_steps(make_label(ruweWaarde=3)) is None
    assert say_steps(make_label()) is None, "the decision names both already"
    verschoven = make_label(redenCode="nu_zeker_genoeg")
    assert say_steps(verschoven) == "Score alleen: label 4 en model: label 3."
    assert say_steps(make_label(waarde=2)) == (
        "Score alleen: label 4, model: label 3 en na duiding door een medewerker: label 2."
    )


def make_beeld(code: str, bewoners: float | None, metingen: float | None) -> dict[str, Any]:
    return {
        "themaCode": code,
        "volgensBewoners": bewoners,
        "volgensMetingen": metingen,
        "isEenBron": False,
    }


def test_only_themes_with_both_are_compared_and_a_large_gap_is_marked() -> None:
    beelden = [
        make_beeld("SOC", 1.5, 0.5),
        make_beeld("SHV", 0.1, -0.5),
        make_beeld("FIN", None, 1.0),
    ]
    uit = compare_beleving(beelden, NAMEN)
    assert [
        (regel.naam, regel.bewoners, regel.metingen, regel.is_verschillend) for regel in uit
    ] == [
        ("Schoon heel en veilig", "gewone opgave", "iets kleinere opgave", False),
        ("Sociaal", "veel grotere opgave", "iets grotere opgave", True),
    ]


@pytest.mark.parametrize(
    ("u", "woorden"),
    [
        (0.24, "gewone opgave"),
        (0.25, "iets grotere opgave"),
        (0.99, "iets grotere opgave"),
        (1.0, "veel grotere opgave"),
        (-1.0, "veel kleinere opgave"),
    ],
)
def test_words_change_at_a_quarter_and_at_one(u: float, woorden: str) -> None:
    assert describe_u(u) == woorden


def test_one_source_is_said_only_where_it_is_one() -> None:
    assert say_one_source([make_beeld("OVL", None, None)]) is None
    zin = say_one_source([make_beeld("OVL", None, None) | {"isEenBron": True}])
    assert zin is not None
    assert "één adres" in zin


def test_since_is_the_peildatum_that_is_compared_with() -> None:
    assert say_since_when([make_regel()]) == "1 juli 2026"
    assert say_since_when([]) is None
