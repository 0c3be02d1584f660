"""The file of an address index: sealed keys to the number of a complex.

It stands in the folder of a release and is not part of its content: the release id says what was
published from which deliveries, and must be the same for everybody; a key is not. So the file may
be made anew under another key while the release stays what it is.

Belongs here: writing the file, and looking up sealed keys. Does not belong here: sealing what
somebody asks for (``boek``), nor the deliveries (``sources``).
"""

from __future__ import annotations

import secrets
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import groupby
from pathlib import Path
from typing import Final

from serving.release import schema
from serving.release.wijzer import sync_file, sync_folder

MEER_DAN_EEN: Final = 0
"""Number that stands for no complex: the key is one of dwellings in several."""

_DDL: Final = """
create table adres (sleutel blob primary key, complex integer not null) without rowid;
create table complex (nummer integer primary key, complex_id text not null);
create table kenmerk (naam text primary key, waarde text not null) without rowid;
"""


class GeenAdresindex(LookupError):
    """There is no index, or none under the key in use. Its text is for a reader."""


def write_adresindex(
    release: Path, sleutels: Iterable[tuple[bytes, str]], vingerafdruk: str
) -> int:
    """Put an address index beside a release, in the place of one that was there.

    Parameters
    ----------
    release
        Folder of the release.
    sleutels
        Sealed key and complex id, in order of the key; a key with several complexes is kept as
        such and leads to none.
    vingerafdruk
        Fingerprint of the service key.

    Returns
    -------
    int
        Number of keys.
    """
    bouw = release.parent / f"{schema.VOORVOEGSEL_BOUW}adresindex-{secrets.token_hex(6)}"
    bouw.mkdir()
    try:
        pad = bouw / schema.BESTAND_ADRESINDEX
        with closing(sqlite3.connect(pad, isolation_level=None)) as index:
            index.executescript(
                "pragma page_size = 8192; pragma journal_mode = off; pragma synchronous = off;"
            )
            index.executescript(_DDL)
            index.execute("begin")
            nummers: dict[str, int] = {}
            index.executemany("insert into adres values (?, ?)", _number(sleutels, nummers))
            aantal: int = index.execute("select count(*) from adres").fetchone()[0]
            index.executemany(
                "insert into complex values (?, ?)",
                [(nummer, complex_id) for complex_id, nummer in nummers.items()],
            )
            index.executemany(
                "insert into kenmerk values (?, ?)",
                [("release", release.name), ("vingerafdruk", vingerafdruk)],
            )
            index.execute("commit")
        sync_file(pad)
        pad.chmod(0o400)
        pad.replace(release / schema.BESTAND_ADRESINDEX)
        sync_folder(release)
    finally:
        shutil.rmtree(bouw, ignore_errors=True)
    return aantal


def _number(
    sleutels: Iterable[tuple[bytes, str]], nummers: dict[str, int]
) -> Iterator[tuple[bytes, int]]:
    for sleutel, paren in groupby(sleutels, key=lambda paar: paar[0]):
        complexen = {complex_id for _, complex_id in paren}
        if len(complexen) > 1:
            yield sleutel, MEER_DAN_EEN
            continue
        (complex_id,) = complexen
        yield sleutel, nummers.setdefault(complex_id, len(nummers) + 1)


@contextmanager
def open_adresindex(release: Path, vingerafdruk: str | None) -> Iterator[Adresindex]:
    """Open the index of a release.

    Parameters
    ----------
    release
        Folder of the release.
    vingerafdruk
        Fingerprint of the key in use; None = there is no key.

    Raises
    ------
    GeenAdresindex
        When there is no index, or one of another key or release.
    """
    pad = release / schema.BESTAND_ADRESINDEX
    if not pad.is_file():
        raise GeenAdresindex("Deze release heeft geen adresindex.")
    uri = f"{pad.resolve().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as verbinding:
        try:
            kenmerk = dict(verbinding.execute("select naam, waarde from kenmerk"))
        except sqlite3.Error as fout:
            raise GeenAdresindex("De adresindex van deze release is niet te lezen.") from fout
        if kenmerk.get("release") != release.name or kenmerk.get("vingerafdruk") != vingerafdruk:
            raise GeenAdresindex("De adresindex van deze release hoort bij een vorige sleutel.")
        yield Adresindex(verbinding)


class Adresindex:
    """An opened index under the key in use."""

    def __init__(self, verbinding: sqlite3.Connection) -> None:
        self._verbinding = verbinding

    def find(self, sleutels: Sequence[bytes]) -> list[int | None]:
        """Return the number of the complex of each key; None when the key is not there."""
        zoek = "select complex from adres where sleutel = ?"
        rijen = (self._verbinding.execute(zoek, (sleutel,)).fetchone() for sleutel in sleutels)
        return [None if rij is None else rij[0] for rij in rijen]

    def name_complexen(self, nummers: Iterable[int]) -> dict[int, str]:
        """Return complex ids by number."""
        zoek = "select complex_id from complex where nummer = ?"
        gevraagd = {nummer for nummer in nummers if nummer != MEER_DAN_EEN}
        return {n: self._verbinding.execute(zoek, (n,)).fetchone()[0] for n in gevraagd}
