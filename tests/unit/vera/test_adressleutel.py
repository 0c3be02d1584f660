"""Keys of addresses: one door has one key however it is written, and nobody without the key."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vera.adressleutel import (
    LENGTE_BYTES,
    compute_vingerafdruk,
    make_adressleutel,
    make_eenheidsleutel,
    make_nummersleutel,
    normalise_postcode,
    split_huisnummer,
)

GEHEIM = b"g" * 32


@pytest.mark.parametrize(
    ("huisnummer", "delen", "verwacht"),
    [
        ("12", (), ("12", "")),
        (" 012 ", (), ("12", "")),
        ("12", ("a", None), ("12", "A")),
        ("12", (None, "a"), ("12", "A")),
        ("12A", (), ("12", "A")),
        ("12", ("A", "2"), ("12", "A2")),
        ("12-A 2", (), ("12", "A2")),
        ("12", ("", " bis "), ("12", "BIS")),
    ],
)
def test_number_with_what_is_added_is_one_door_however_it_is_written(
    huisnummer: str, delen: tuple[str | None, ...], verwacht: tuple[str, str]
) -> None:
    assert split_huisnummer(huisnummer, *delen) == verwacht


@pytest.mark.parametrize("huisnummer", ["", "A", "0", "-", "Kade 7", "١٢", "000"])
def test_what_has_no_number_is_no_house_number(huisnummer: str) -> None:
    assert split_huisnummer(huisnummer) is None


@pytest.mark.parametrize(
    ("postcode", "verwacht"),
    [
        ("3011 ab", "3011AB"),
        (" 3011AB", "3011AB"),
        ("0123AB", None),
        ("3011A", None),
        ("3011ABC", None),
        ("٣٠١١AB", None),
        ("", None),
    ],
)
def test_postcode_is_written_in_one_way(postcode: str, verwacht: str | None) -> None:
    assert normalise_postcode(postcode) == verwacht


def test_key_is_an_hmac_so_that_it_can_be_checked_elsewhere() -> None:
    som = hmac.new(GEHEIM, b"adres:3011AB|12|A", hashlib.sha256).digest()
    assert make_adressleutel(GEHEIM, "3011AB", "12", "A") == som[:LENGTE_BYTES]


@given(st.text(max_size=8), st.text(max_size=8))
def test_door_number_and_dwelling_never_share_a_key(een: str, ander: str) -> None:
    sleutels = {
        make_adressleutel(GEHEIM, een, ander, ""),
        make_nummersleutel(GEHEIM, een, ander),
        make_eenheidsleutel(GEHEIM, f"{een}|{ander}"),
        make_adressleutel(b"h" * 32, een, ander, ""),
    }
    assert len(sleutels) == 4


def test_fingerprint_tells_keys_apart() -> None:
    assert compute_vingerafdruk(GEHEIM) != compute_vingerafdruk(b"h" * 32)
    assert len(compute_vingerafdruk(GEHEIM)) == 16
