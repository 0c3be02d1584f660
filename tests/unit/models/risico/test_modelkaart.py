"""The model card: nothing missing, nothing that is only promised, and in plain Dutch."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from models.risico.drift import Signaal
from models.risico.eerlijkheid import Groepsmaat, Helling, Omweg
from models.risico.kenmerk import Kenmerk
from models.risico.maten import KCurve, Verhouding
from models.risico.modelkaart import (
    VERBODEN_GEBRUIK,
    Kaartfeiten,
    KaartFout,
    Vensterrij,
    find_ontbrekend,
    is_compleet,
    render_modelkaart,
)
from models.risico.selectie import Naasteen, Schatting

NAN = float("nan")


def make_feiten(**anders: Any) -> Kaartfeiten:
    velden: dict[str, Any] = {
        "model": "overlast",
        "modelversie": "ab12",
        "datum": date(2026, 1, 1),
        "is_synthetisch": True,
        "doel": "Zien waar overlast kan verergeren.",
        "eigenaar": "manager wijkbeheer",
        "grondslag": "gerechtvaardigd belang",
        "dpia_id": "DPIA-7",
        "cohort": "complexen vanaf 10 woningen",
        "uitkomst": "Een dossier met een zware stap binnen zes maanden.",
        "label_hash": "c0ffee",
        "data_van": date(2020, 1, 1),
        "data_tot": date(2025, 12, 31),
        "kenmerken": (
            Kenmerk("meldingen_6m", "omvang", 1, "ln", "Meldingen | half jaar", "veel", "weinig",
                    ("melding",)),
        ),
        "gewichten": {"meldingen_6m": 0.431},
        "vervallen": ("schouw_12m",),
        "vensters": tuple(
            Vensterrij(f"2024-0{i}", 1500, 50, 0.2 + i / 100, 0.15, 0.14, 0.2, 0.16, 0.15, 0.8, 6)
            for i in range(1, 5)
        ),
        "ece": 0.004,
        "ece_vloer": 0.003,
        "helling": 0.98,
        "oe": Verhouding(50, 49, 1.02, 0.76, 1.35),
        "k": 75,
        "kcurve": KCurve(
            k=np.arange(25, 151, 25), precisie=np.full(6, 0.2), recall=np.linspace(0.1, 0.5, 6),
            marginaal=np.full(6, 0.15), ondergrens=np.full(6, 0.1), basis=0.035,
        ),
        "eerlijkheid": (
            Groepsmaat("samenstelling", "hoog", "selectie", 500, 0.1, 0.1, 1.0, 0.9, 1.1, "goed"),
            Groepsmaat("samenstelling", "hoog", "tpr", 3, 0.1, 0.1, NAN, NAN, NAN,
                       "te weinig gegevens"),
        ),
        "omwegen": (Omweg(("is_hoogbouw",), 0.02, 0.004, False),),
        "voorspelbaarheid": -0.01,
        "helling_samenstelling": Helling(0.01, -0.05, 0.07),
        "aselect_aandeel": 0.1,
        "selectiebias": "Een tiende van de lijst is door loting gekozen.",
        "drift": (Signaal("verloop van de lijst", 0.2, "hoogstens 40 %", False, "Het is rustig."),),
        "bekende_fouten": ("Kleine complexen gaan vaker mis.",),
        "wijzigingen": ("Eerste versie.",),
        "samenvatting": "Het model schat de kans dat overlast in een complex verergert.",
        "bezwaar": "wijkbeheer@corporatie.example",
        **anders,
    }  # fmt: skip
    return Kaartfeiten(**velden)


def test_complete_card_has_every_part() -> None:
    kaart = render_modelkaart(make_feiten())
    assert kaart.startswith("# Modelkaart overlast\n")
    for stuk in ("Synthetisch", "01-01-2027", "DPIA-7", "`c0ffee`", "0,43", "`schouw_12m`",
                 "0,225 ± 0,006", "te weinig gegevens", "-0,01", "Kleine complexen", "1,02 (0,76",
                 "wijkbeheer@corporatie.example", "Door loting gekozen: 10 %"):  # fmt: skip
        assert stuk in kaart
    for verbod in VERBODEN_GEBRUIK:
        assert verbod in kaart


def test_every_row_of_a_table_has_as_many_cells_as_its_head() -> None:
    kaart = render_modelkaart(make_feiten())
    tabellen = [deel for deel in kaart.split("\n\n") if deel.startswith("|")]
    assert len(tabellen) >= 7
    for tabel in tabellen:
        breedte = {regel.replace("\\|", "").count("|") for regel in tabel.splitlines()}
        assert len(breedte) == 1


@pytest.mark.parametrize(
    ("veld", "leeg"),
    [
        ("doel", ""), ("eigenaar", "  "), ("grondslag", "TODO"), ("dpia_id", "n.t.b."),
        ("bezwaar", "..."), ("samenvatting", "nader te bepalen"), ("label_hash", ""),
        ("data_van", None), ("kenmerken", ()), ("vensters", ()), ("ece", NAN), ("helling", NAN),
        ("oe", None), ("k", 0), ("kcurve", None), ("eerlijkheid", ()), ("omwegen", ()),
        ("voorspelbaarheid", None), ("helling_samenstelling", None), ("aselect_aandeel", NAN),
        ("drift", None), ("bekende_fouten", ()), ("wijzigingen", ("todo",)),
    ],
)  # fmt: skip
def test_missing_fact_is_named_and_refused(veld: str, leeg: object) -> None:
    feiten = make_feiten(**{veld: leeg})
    assert find_ontbrekend(feiten) == (veld,)
    assert not is_compleet(feiten)
    with pytest.raises(KaartFout, match=veld):
        render_modelkaart(feiten)


def test_first_version_has_no_drift_and_may_have_nothing_dropped() -> None:
    feiten = make_feiten(drift=(), vervallen=(), gewichten={}, is_synthetisch=False)
    assert is_compleet(feiten)
    kaart = render_modelkaart(feiten)
    assert "eerste maand" in kaart
    assert "geen kenmerk vervallen" in kaart
    assert "Synthetisch" not in kaart
    assert "gewicht" not in kaart


def test_woonfraude_must_show_its_yield_with_and_without_weighting() -> None:
    feiten = make_feiten(model="woonfraude")
    assert find_ontbrekend(feiten) == ("opbrengsten",)
    met = Schatting(0.22, 0.18, 0.26, 300, 200.0)
    naast = Naasteen("Onderzoeken die raak zijn", met, replace(met, waarde=0.3))
    kaart = render_modelkaart(replace(feiten, opbrengsten=(naast,)))
    assert "22,0 % (tussen 18,0 en 26,0)" in kaart
    assert "zonder weging 30,0 %" in kaart


@pytest.mark.parametrize(
    ("datum", "vervalt"),
    [
        (date(2026, 1, 1), date(2027, 1, 1)),
        (date(2025, 12, 31), date(2026, 12, 31)),
        (date(2024, 2, 29), date(2025, 2, 28)),
    ],
)
def test_card_expires_after_a_year(datum: date, vervalt: date) -> None:
    feiten = make_feiten(datum=datum)
    assert feiten.vervaldatum == vervalt
    assert not feiten.is_verlopen(vervalt)
    assert feiten.is_verlopen(date.fromordinal(vervalt.toordinal() + 1))


def test_share_of_a_handful_of_complexes_is_not_on_the_card() -> None:
    """Of three events two were found: in a wijk everybody knows which."""
    klein = Groepsmaat("wijk", "Oost", "tpr", 3, 0.667, 0.5, NAN, NAN, NAN, "te weinig gegevens")
    kaart = render_modelkaart(make_feiten(eerlijkheid=(klein,)))
    (regel,) = (r for r in kaart.splitlines() if r.startswith("| wijk | Oost"))
    assert "| minder dan 10 | - | - |" in regel
    assert "0,667" not in kaart


def test_card_says_how_many_comparisons_of_wijken_chance_alone_may_put_outside() -> None:
    def make_maat(naam: str, oordeel: Any) -> Groepsmaat:
        return Groepsmaat("wijk", naam, "selectie", 90, 0.1, 0.1, 1.0, 0.9, 1.1, oordeel)

    maten = [make_maat(f"Wijk {i}", "goed") for i in range(39)]
    maten += [make_maat("Oost", "alarm"), make_maat("West", "te weinig gegevens")]
    kaart = render_modelkaart(make_feiten(eerlijkheid=tuple(maten)))
    assert "Per wijk zijn er 40 vergelijkingen met genoeg gegevens, van de 41." in kaart
    assert "in ongeveer 2 keer buiten het interval" in kaart
    assert "Er is nu 1 met het oordeel" in kaart
    assert "die indeling is niet geleverd" in render_modelkaart(make_feiten())
