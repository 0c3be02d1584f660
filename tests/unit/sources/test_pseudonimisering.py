"""Pseudonyms: the same thing the same everywhere, and no way back without the key."""

from __future__ import annotations

import hashlib

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from sources.pseudonimisering import (
    LENGTE_BYTES,
    hash_waarde,
    hash_waarden,
    pseudonymise,
)
from sources.sleutels import Sleutel

EEN, ANDER = Sleutel(b"1" * 32), Sleutel(b"2" * 32)


def kolom(*waarden: str | None) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(waarden, pa.string())])


def test_dwelling_has_one_pseudonym_in_every_table_and_row() -> None:
    uit = pseudonymise(EEN, "eenheid_id", kolom("E1", "E2", "E1")).to_pylist()
    assert uit[0] == uit[2] == hash_waarde(EEN, "eenheid_id", "E1")
    assert uit[0] != uit[1]
    assert len(uit[0]) == 2 * LENGTE_BYTES


def test_pseudonym_of_a_dwelling_says_nothing_about_a_zaak_with_the_same_number() -> None:
    assert hash_waarde(EEN, "eenheid_id", "1") != hash_waarde(EEN, "zaak_id", "1")


def test_missing_value_stays_missing() -> None:
    assert pseudonymise(EEN, "eenheid_id", kolom(None, "E1"))[0].as_py() is None


def test_new_key_gives_other_pseudonyms() -> None:
    assert hash_waarde(EEN, "eenheid_id", "E1") != hash_waarde(ANDER, "eenheid_id", "E1")


def test_pseudonym_is_keyed_blake2b_so_that_it_can_be_checked_elsewhere() -> None:
    som = hashlib.blake2b(b"eenheid_id:E1", key=b"1" * 32, digest_size=12)
    assert hash_waarde(EEN, "eenheid_id", "E1") == som.hexdigest()


@given(st.lists(st.text(max_size=12), max_size=20, unique=True))
def test_no_two_values_share_a_pseudonym(waarden: list[str]) -> None:
    pseudoniemen = hash_waarden(EEN, "zaak_id", pa.array(waarden, pa.string()))
    assert len(set(pseudoniemen.to_pylist())) == len(waarden)
