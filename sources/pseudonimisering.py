"""Keyed hashing of identifiers at ingest, so that no original key reaches the warehouse.

The same dwelling has the same pseudonym in every table: the domain of a hash is the column
name, so ``eenheid_id`` matches ``eenheid_id`` and never ``zaak_id``. Nothing may be ordered
by or drawn from a pseudonym (architecture, "Same bytes").
"""

from __future__ import annotations

import hashlib
from binascii import hexlify

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sources.sleutels import Sleutel

LENGTE_BYTES = 12


def hash_waarde(sleutel: Sleutel, domein: str, waarde: str) -> str:
    """Return the pseudonym of one value: 24 hex digits of keyed BLAKE2b."""
    pseudoniem: str = hash_waarden(sleutel, domein, pa.array([waarde]))[0].as_py()
    return pseudoniem


def hash_waarden(sleutel: Sleutel, domein: str, waarden: pa.Array) -> pa.StringArray:
    """Return the pseudonyms of many texts of one domain, in their order; none is missing."""
    copy = hashlib.blake2b(f"{domein}:".encode(), key=sleutel.geheim, digest_size=LENGTE_BYTES).copy
    sommen = []
    for waarde in waarden.cast(pa.binary()).to_pylist():
        som = copy()
        som.update(waarde)
        sommen.append(som.digest())
    # In one piece from the hashes to Arrow: a text per pseudonym would cost as much as its hash.
    begin = np.arange(len(sommen) + 1, dtype=np.int32) * (2 * LENGTE_BYTES)
    return pa.StringArray.from_buffers(
        len(sommen), pa.py_buffer(begin), pa.py_buffer(hexlify(b"".join(sommen)))
    )


def pseudonymise(sleutel: Sleutel, domein: str, kolom: pa.ChunkedArray) -> pa.ChunkedArray:
    """Replace every value of a text column by its pseudonym; missing stays missing.

    Hashes each distinct value once, so its cost follows the number of keys and not of rows.
    """
    woordenboek = pc.dictionary_encode(kolom.combine_chunks())
    pseudoniemen = hash_waarden(sleutel, domein, woordenboek.dictionary)
    return pa.chunked_array([pseudoniemen.take(woordenboek.indices)])
