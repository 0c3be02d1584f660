"""Personal data is known by its shape; codes, figures and coordinates are left alone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vera.persoonsgegeven import (
    VOORFILTER,
    find_eerste,
    find_persoonsgegeven,
    hide_persoonsgegeven,
    list_vindplaatsen,
)


@pytest.mark.parametrize(
    ("tekst", "soort"),
    [
        ("BSN 123456782", "BSN"),
        ("bsn:1234.56.782", "BSN"),
        ("123-45-6782", "BSN"),
        ("(123.45.6782)", "BSN"),
        ("bsn 123 45 6782,", "BSN"),
        ("123-456-782", "BSN"),
        ("1234-56-782", "BSN"),
        ("12-345-6782", "BSN"),
        ("12.345.6782", "BSN"),
        ("rekening NL91 ABNA 0417 1643 00", "IBAN"),
        ("nl91abna0417164300", "IBAN"),
        ("mail naar jan.jansen@voorbeeld.nl", "e-mailadres"),
        ("bel 06-12345678", "telefoonnummer"),
        ("tel.0612345678", "telefoonnummer"),
        ("+31 6 12 34 56 78", "telefoonnummer"),
        ("010 - 1234567".replace(" ", ""), "telefoonnummer"),
        ("3011 AB 12", "postcode met huisnummer"),
        ("3011AB, 12", "postcode met huisnummer"),
        ("Dorpsstraat 12a, 3011 AB", "postcode met huisnummer"),
    ],
)
def test_personal_data_is_recognised_by_its_shape(tekst: str, soort: str) -> None:
    assert find_persoonsgegeven(tekst) == soort


@pytest.mark.parametrize(
    "tekst",
    [
        "123456789",  # nine digits that fail the 11-proof
        "BU05991571",
        "[4.477733123,51.922893456]",
        "[4.123456782,51.123456782]",
        "NL00 ABNA 0417 1643 00",  # fails mod 97
        "2025-12-31",
        "123-45-6789",  # fails the 11-proof
        "2026-03-001",
        "2026-03-003",  # passes it: a year, a month and a number
        "123-45-6782-1",
        "1-123-45-6782",
        "12.34.56.782",
        "10.11.12.105",  # passes it: an address on the network
        "2024-12345",
        "123.45-6782",
        "12 34 56 782",
        "Laan van 1940 12",
        "1.234.567 euro",
        "a1b2c3d4e5f6",
        "0363200000123456",  # BAG id
        "Complex C-0123",
        "",
    ],
)
def test_codes_figures_and_coordinates_are_not_personal(tekst: str) -> None:
    assert find_persoonsgegeven(tekst) is None


def test_hidden_text_does_not_hold_the_value() -> None:
    assert "123456782" not in hide_persoonsgegeven("regel van 123456782")
    assert hide_persoonsgegeven("complex C1") == "complex C1"


def test_first_personal_value_is_found_by_position_and_other_types_are_skipped() -> None:
    assert find_eerste([None, 3, "C1", "x@voorbeeld.nl"]) == (3, "e-mailadres")
    assert find_eerste(["C1", "C2"]) is None


_STUKKEN = st.one_of(
    st.sampled_from([
        "123456782", "1234.56.782", "123 456 782", "123-45-6782", "12.345.6782",
        "NL91 ABNA 0417 1643 00", "nl91abna0417164300",
        "jan@voorbeeld.nl", "06-12345678", "0612345678", "+31 6 12 34 56 78", "0031612345678",
        "+31(0)10-1234567", "010-1234567", "3011 AB 12", "3011AB12", "12a, 3011 AB", "5 3011AB",
    ]),
    st.text(alphabet="0123456789 .,-+@ABNLablé_:", max_size=12),
)  # fmt: skip


@given(st.lists(_STUKKEN, max_size=5).map("".join))
def test_prefilter_lets_everything_through_that_is_personal_data(tekst: str) -> None:
    if list_vindplaatsen(tekst):
        assert re.search(VOORFILTER, tekst)


@given(st.lists(_STUKKEN, max_size=5).map(" ".join))
def test_first_kind_and_list_of_places_agree(tekst: str) -> None:
    plaatsen = list_vindplaatsen(tekst)
    assert find_persoonsgegeven(tekst) == (plaatsen[0].soort if plaatsen else None)


def test_place_is_where_the_value_stands() -> None:
    tekst = "bel 06-12345678 of mail jan@voorbeeld.nl, NL91ABNA0417164300"
    gevonden = {tekst[v.begin : v.einde]: v.soort for v in list_vindplaatsen(tekst)}
    assert gevonden == {
        "06-12345678": "telefoonnummer",
        "jan@voorbeeld.nl": "e-mailadres",
        "NL91ABNA0417164300": "IBAN",
    }


def test_long_text_without_blanks_is_read_in_time() -> None:
    assert find_persoonsgegeven("a" * 200_000 + "@") is None
