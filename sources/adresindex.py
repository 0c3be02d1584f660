"""What an address and a dwelling's id become at ingest for the address index of a release.

Sealed under the service key (``vera.adressleutel``), never under that of the pseudonyms: so who
answers questions about addresses needs no more than the service key. The address itself goes no
further than here.

Belongs here: the columns that take the place of an address. Does not belong here: keys
(``serving.adresindex.sleutel``), the index itself (``serving.adresindex``).
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from vera.adressleutel import (
    compute_vingerafdruk,
    make_adressleutel,
    make_eenheidsleutel,
    make_nummersleutel,
    normalise_postcode,
    split_huisnummer,
)
from vera.contract import Kolom, Tabel

ADRESDELEN: Final = ("postcode", "huisnummer", "huisletter", "huisnummer_toevoeging")
EENHEID: Final = "eenheid_id"
ADRESSLEUTEL: Final = "adres_sleutel"
NUMMERSLEUTEL: Final = "nummer_sleutel"
EENHEIDSLEUTEL: Final = "eenheid_sleutel"
VINGERAFDRUK: Final = "index_vingerafdruk"
INDEXKOLOMMEN: Final = (ADRESSLEUTEL, NUMMERSLEUTEL, EENHEIDSLEUTEL, VINGERAFDRUK)
"""Columns in the place of an address: keys in hexadecimal, and which service key made them."""


def has_adresindex(tabel: Tabel) -> bool:
    """Tell whether the addresses of a table go into the index."""
    return any(kolom.behandeling == "adresindex" for kolom in tabel.kolommen)


def list_delen(tabel: Tabel, kolom: str) -> tuple[Kolom, ...]:
    """Return the delivered columns that a landed one was made of: itself, unless it is a key."""
    if kolom not in INDEXKOLOMMEN or not has_adresindex(tabel):
        return tuple(k for k in tabel.kolommen if k.naam == kolom)
    if kolom in {EENHEIDSLEUTEL, VINGERAFDRUK}:
        return tuple(k for k in tabel.kolommen if k.naam == EENHEID)
    return tuple(k for k in tabel.kolommen if k.behandeling == "adresindex")


def seal_adressen(geheim: bytes | None, rijen: pa.Table) -> pa.Table:
    """Return the rows with the index columns; addresses and ids are still there.

    Parameters
    ----------
    geheim
        The service key; None = no index is made, and the columns are empty.
    rijen
        With ``ADRESDELEN`` and ``EENHEID`` as delivered.

    Returns
    -------
    pyarrow.Table
        A row without a whole address has no address key; one with nothing added to its number
        has no number key, since the address key says the same.
    """
    leeg: list[str | None] = [None] * rijen.num_rows
    kolommen = {naam: list(leeg) for naam in INDEXKOLOMMEN}
    if geheim is not None:
        kolommen[VINGERAFDRUK] = [compute_vingerafdruk(geheim)] * rijen.num_rows
        kolommen[EENHEIDSLEUTEL] = [
            None if id_ is None else make_eenheidsleutel(geheim, id_).hex()
            for id_ in rijen[EENHEID].to_pylist()
        ]
        delen = (rijen[naam].to_pylist() for naam in ADRESDELEN)
        for rij, (postcode, huisnummer, *rest) in enumerate(zip(*delen, strict=True)):
            goed = None if postcode is None else normalise_postcode(postcode)
            deur = None if huisnummer is None else split_huisnummer(huisnummer, *rest)
            if goed is None or deur is None:
                continue
            kolommen[ADRESSLEUTEL][rij] = make_adressleutel(geheim, goed, *deur).hex()
            if deur[1]:
                kolommen[NUMMERSLEUTEL][rij] = make_nummersleutel(geheim, goed, deur[0]).hex()
    for naam, waarden in kolommen.items():
        rijen = rijen.append_column(naam, pa.array(waarden, pa.string()))
    return rijen
