"""The allow-list: what a feature is, and how rows of the seed become features."""

from __future__ import annotations

import math

import pytest

from models.risico.kenmerk import FAMILIES, Kenmerk, KenmerkFout, build_kenmerken

RIJ = {
    "model": "overlast",
    "kenmerk": "schouw_laatste",
    "familie": "fysiek",
    "teken": "-1",
    "bronnen": "vera.schouw; vera.eenheid",
    "eenheid": "punten",
    "omschrijving": "Score van de laatste schouw",
    "tekst_hoog": "de schouw is slecht",
    "tekst_laag": "de schouw is goed",
}


def test_row_of_the_seed_becomes_a_feature() -> None:
    (kenmerk,) = build_kenmerken([RIJ], "overlast")
    assert kenmerk == Kenmerk(
        naam="schouw_laatste",
        familie="fysiek",
        teken=-1,
        eenheid="punten",
        omschrijving="Score van de laatste schouw",
        tekst_hoog="de schouw is slecht",
        tekst_laag="de schouw is goed",
        bronnen=("vera.schouw", "vera.eenheid"),
    )


@pytest.mark.parametrize("leeg", [None, math.nan, ""], ids=["none", "nan", "tekst"])
def test_empty_cell_is_no_source_whoever_read_the_table(leeg: object) -> None:
    (kenmerk,) = build_kenmerken([{**RIJ, "bronnen": leeg}], "overlast")
    assert kenmerk.bronnen == ()


def test_features_are_of_one_model_and_in_the_order_asked_for() -> None:
    rijen = [
        RIJ,
        {**RIJ, "kenmerk": "is_hoogbouw", "familie": "gebouw", "teken": 1.0},
        {**RIJ, "model": "woonfraude", "kenmerk": "huurkloof", "familie": "spoor"},
    ]
    namen = ["is_hoogbouw", "schouw_laatste"]
    assert [k.naam for k in build_kenmerken(rijen, "overlast", namen)] == namen
    assert [k.naam for k in build_kenmerken(rijen, "woonfraude")] == ["huurkloof"]


@pytest.mark.parametrize(
    ("rijen", "namen"),
    [([RIJ, RIJ], None), ([], None), ([RIJ], ["postcode"])],
    ids=["dubbel", "leeg", "niet op de lijst"],
)
def test_list_that_is_not_right_is_refused(
    rijen: list[dict[str, str]], namen: list[str] | None
) -> None:
    with pytest.raises(KenmerkFout, match="risico_kenmerk"):
        build_kenmerken(rijen, "overlast", namen)


@pytest.mark.parametrize(
    "fout", [{"familie": "herkomst"}, {"teken": "2"}, {"kenmerk": ""}], ids=lambda f: next(iter(f))
)
def test_feature_without_family_sign_or_name_is_refused(fout: dict[str, str]) -> None:
    with pytest.raises(KenmerkFout, match="Verwacht"):
        build_kenmerken([{**RIJ, **fout}], "overlast")


def test_every_family_has_a_name_that_colleagues_read() -> None:
    assert all(naam and naam == naam.lower() for naam in FAMILIES.values())
