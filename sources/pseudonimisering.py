"""Keyed hashing of identifiers at ingest, so that no original key reaches the warehouse.

The same dwelling has the same pseudonym in every table: the domain of a hash is the column
name, so ``eenheid_id`` matches ``eenheid_id`` and never ``zaak_id``. Nothing may be ordered
by or drawn from a pseudonym (architecture, "Same bytes").
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from sources.sleutels import Sleutel

LENGTE_BYTES = 12


def hash_waarde(sleutel: Sleutel, domein: str, waarde: str) -> str:
    """Return the pseudonym of one value: 24 hex digits of keyed BLAKE2b."""
    return hashlib.blake2b(
        f"{domein}:{waarde}".encode(), key=sleutel.geheim, digest_size=LENGTE_BYTES
    ).hexdigest()


def pseudonymise(sleutel: Sleutel, domein: str, kolom: pa.ChunkedArray) -> pa.ChunkedArray:
    """Replace every value of a text column by its pseudonym; missing stays missing.

    Hashes each distinct value once, so its cost follows the number of keys and not of rows.
    """
    woordenboek = pc.dictionary_encode(kolom.combine_chunks())
    pseudoniemen = pa.array(
        [hash_waarde(sleutel, domein, waarde) for waarde in woordenboek.dictionary.to_pylist()],
        type=pa.string(),
    )
    return pa.chunked_array([pseudoniemen.take(woordenboek.indices)])


def hash_adressen(sleutel: Sleutel, delen: Iterable[pa.ChunkedArray]) -> pa.ChunkedArray:
    """Return the address key of postcode, number, letter and addition, normalised.

    A row without postcode or number has no address key.
    """
    kolommen = [kolom.to_pylist() for kolom in delen]
    sleutels = [
        hash_waarde(sleutel, "adres", "|".join(_normalise(deel) for deel in rij))
        if rij[0] and rij[1]
        else None
        for rij in zip(*kolommen, strict=True)
    ]
    return pa.chunked_array([pa.array(sleutels, type=pa.string())])


def _normalise(deel: str | None) -> str:
    return (deel or "").replace(" ", "").upper()
