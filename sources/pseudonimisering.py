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
    return hash_waarden(sleutel, domein, [waarde])[0]


def hash_waarden(sleutel: Sleutel, domein: str, waarden: Iterable[str]) -> list[str]:
    """Return the pseudonyms of many values of one domain, in their order."""
    copy = hashlib.blake2b(f"{domein}:".encode(), key=sleutel.geheim, digest_size=LENGTE_BYTES).copy
    pseudoniemen = []
    for waarde in waarden:
        som = copy()
        som.update(waarde.encode())
        pseudoniemen.append(som.hexdigest())
    return pseudoniemen


def pseudonymise(sleutel: Sleutel, domein: str, kolom: pa.ChunkedArray) -> pa.ChunkedArray:
    """Replace every value of a text column by its pseudonym; missing stays missing.

    Hashes each distinct value once, so its cost follows the number of keys and not of rows.
    """
    woordenboek = pc.dictionary_encode(kolom.combine_chunks())
    pseudoniemen = pa.array(
        hash_waarden(sleutel, domein, woordenboek.dictionary.to_pylist()), pa.string()
    )
    return pa.chunked_array([pseudoniemen.take(woordenboek.indices)])
