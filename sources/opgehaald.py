"""What was read from a database, as files in ``opgehaald/``: one per table and day of reading.

Rows were judged by the contract and pseudonymised before they came here; of a rejected row there
is its place and the reason, never a cell. These files are also how far reading is: delete one,
and the next reading brings its rows again. So nothing can be at odds with them.

Belongs here: the form of such a file, finding, writing, shrinking it. Does not belong here: where
rows come from (:mod:`sources.databank`), landing (:mod:`sources.landing`).
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vera.contract import Bron, Contract, Tabel
from vera.levering import Afkeuring

EXTENSIE: Final = ".opgehaald.parquet"
REGEL: Final = "_regel"
SLEUTEL: Final = "_sleutel"
"""Keyed hash of a row's key and kennisdatum: which row it is."""
RIJ: Final = "_inhoud"
"""Keyed hash of all of its cells: what it said."""
KOLOM: Final = "_kolom"
KLASSE: Final = "_klasse"
REDEN: Final = "_reden"
"""Why a row was rejected; null for a sound one."""
EIGEN: Final = (REGEL, SLEUTEL, RIJ, KOLOM, KLASSE, REDEN)

INLEESFOUT: Final = (OSError, ValueError, pa.ArrowException)
"""What reading a damaged file raises."""

_NAAM: Final = re.compile(
    r"(?P<tabel>[a-z_]+)_(?P<datum>\d{4}-\d{2}-\d{2})(?:_(?P<nummer>\d{2}))?\.opgehaald\.parquet"
)
_METADATA: Final = b"buurtpeil"
_DEEL: Final = ".deel"


@dataclass(frozen=True)
class Kop:
    """What is known of a fetched file besides its rows.

    Parameters
    ----------
    tabel
        ``bron.tabel``.
    sha256
        Of the rows as the database gave them; stays when rows are removed.
    inhoud_hash
        Of the typed rows, as of a delivered file.
    rijen, afgekeurd
        How many sound and rejected rows came.
    vingerafdruk
        Of the key of the pseudonyms.
    contract
        Hash of the contract that judged the rows.
    behandeld
        What was done with each column that came: its treatment in the contract of then.
    cursor
        How far the cursor column was (:mod:`sources.databank.cursor`); None without one.
    verdeling
        How the columns were filled before they were pseudonymised, as JSON.
    onbekende_kolommen
        Columns of the table or view that the contract does not know. They were not read.
    opgeschoond
        Up to which peildatum rows were removed, and how many, in order.
    """

    tabel: str
    sha256: str
    inhoud_hash: str
    rijen: int
    afgekeurd: int
    vingerafdruk: str
    contract: str
    behandeld: Mapping[str, str]
    cursor: Mapping[str, str] | None = None
    verdeling: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    onbekende_kolommen: tuple[str, ...] = ()
    opgeschoond: tuple[tuple[str, int], ...] = ()

    def count_na(self, tot: date | None) -> int:
        """Return how many rows were removed for a later peildatum than ``tot``."""
        grens = "" if tot is None else tot.isoformat()
        return sum(aantal for dag, aantal in self.opgeschoond if dag > grens)


@dataclass(frozen=True)
class Partij:
    """A fetched file: where it is, and when it was read (``nummer``: the how-manieth that day)."""

    pad: Path
    datum: date
    nummer: int


def is_opgehaald(bestand: str) -> bool:
    """Tell whether a delivered file, by its name in a report, was read from a database.

    Examples
    --------
    >>> is_opgehaald("vera/zaak_2026-01-02.opgehaald.parquet"), is_opgehaald("vera/zaak.parquet")
    (True, False)
    """
    return bestand.endswith(EXTENSIE)


def list_partijen(opgehaald: Path, bron: str, tabel: str) -> tuple[Partij, ...]:
    """Return the fetched files of a table, oldest first."""
    map_ = opgehaald / bron
    if not map_.is_dir():
        return ()
    gevonden = []
    for pad in map_.iterdir():
        deel = _NAAM.fullmatch(pad.name)
        if deel is None or deel["tabel"] != tabel:
            continue
        try:
            datum = date.fromisoformat(deel["datum"])
        except ValueError:
            continue  # a name that we do not give
        gevonden.append(Partij(pad, datum, int(deel["nummer"] or 1)))
    return tuple(sorted(gevonden, key=lambda partij: (partij.datum, partij.nummer)))


def name_partij(tabel: str, datum: date, nummer: int) -> str:
    """Return the name of a fetched file; names sort in the order of reading."""
    staart = "" if nummer == 1 else f"_{nummer:02d}"
    return f"{tabel}_{datum.isoformat()}{staart}{EXTENSIE}"


def write_partij(pad: Path, rijen: pa.Table, kop: Kop) -> None:
    """Write a fetched file whole or not at all; others cannot read it.

    Parameters
    ----------
    pad
        Where it goes.
    rijen
        Protected columns of the contract and :data:`EIGEN`.
    kop
        What is known of it.
    """
    pad.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    inhoud = json.dumps(asdict(kop), sort_keys=True, ensure_ascii=False).encode()
    tijdelijk = pad.with_name(f"{pad.name}.{os.getpid()}{_DEEL}")
    greep = os.open(tijdelijk, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(greep, "wb") as bestand:
            pq.write_table(
                rijen.replace_schema_metadata({_METADATA: inhoud}),
                bestand,
                compression="zstd",
                write_page_checksum=True,
            )
            bestand.flush()
            os.fsync(bestand.fileno())
        tijdelijk.replace(pad)
    finally:
        tijdelijk.unlink(missing_ok=True)


def read_kop(pad: Path) -> Kop:
    """Read what is known of a fetched file.

    Raises
    ------
    OSError, ValueError, pyarrow.ArrowException
        When it is damaged.
    """
    metadata = pq.read_schema(pad).metadata or {}
    try:
        velden: dict[str, Any] = json.loads(metadata[_METADATA])
        velden["onbekende_kolommen"] = tuple(velden["onbekende_kolommen"])
        velden["opgeschoond"] = tuple((dag, aantal) for dag, aantal in velden["opgeschoond"])
        return Kop(**velden)
    except (KeyError, TypeError) as fout:
        raise ValueError(f"{pad.name} is no fetched file") from fout


def read_partij(pad: Path) -> pa.Table:
    """Read all of a fetched file, sound and rejected rows.

    Raises
    ------
    OSError, ValueError, pyarrow.ArrowException
        When it is damaged.
    """
    return pq.read_table(pad, page_checksum_verification=True).replace_schema_metadata(None)


def split_partij(rijen: pa.Table, tabel: str, naam: str) -> tuple[pa.Table, tuple[Afkeuring, ...]]:
    """Return the sound rows with ``_regel``, and the rejected ones as they stand in quarantine."""
    geldig = pc.is_null(rijen[REDEN])
    fout = rijen.filter(pc.invert(geldig)).select([REGEL, KOLOM, KLASSE, REDEN]).to_pylist()
    afkeuringen = tuple(
        Afkeuring(tabel, naam, rij[REGEL], rij[KOLOM], rij[KLASSE], rij[REDEN]) for rij in fout
    )
    eigen = [naam_ for naam_ in EIGEN if naam_ != REGEL]
    return rijen.filter(geldig).drop_columns(eigen), afkeuringen


def count_redenen(afkeuringen: Sequence[Afkeuring]) -> dict[str, int]:
    """Return how often each reason was given."""
    return dict(Counter(afkeuring.reden for afkeuring in afkeuringen))


def shrink_partij(pad: Path, behoud: pa.Array, tot: date) -> int:
    """Keep only the rows with these numbers; return how many went.

    Parameters
    ----------
    pad
        The fetched file.
    behoud
        ``_regel`` of the rows that stay.
    tot
        The peildatum of the purge, kept with the file.
    """
    rijen = read_partij(pad)
    blijft = pc.is_in(rijen[REGEL], value_set=behoud)
    weg = rijen.num_rows - pc.sum(blijft).as_py() if rijen.num_rows else 0
    if weg:
        kop = read_kop(pad)
        nieuw = (*kop.opgeschoond, (tot.isoformat(), weg))
        write_partij(pad, rijen.filter(blijft), replace(kop, opgeschoond=nieuw))
    return weg


def remove_vreemd(contract: Contract, opgehaald: Path) -> int:
    """Remove fetched files of tables that the contract no longer has, and half-written ones.

    Only names that we give go; a folder that was linked here by mistake keeps its own.
    """
    if not opgehaald.is_dir():
        return 0
    bekend = {(bron.naam, tabel.naam) for bron in contract.bronnen for tabel in bron.tabellen}
    weg = 0
    for pad in sorted(opgehaald.glob(f"*/*{EXTENSIE}*")):
        deel = _NAAM.match(pad.name)
        if deel is None:
            continue
        half = pad.name.endswith(_DEEL)
        if half or (pad.name.endswith(EXTENSIE) and (pad.parent.name, deel["tabel"]) not in bekend):
            pad.unlink()
            weg += 1
    return weg


def has_partijen(opgehaald: Path, bron: Bron) -> bool:
    """Tell whether anything of a source was read from a database."""
    return any(list_partijen(opgehaald, bron.naam, tabel.naam) for tabel in bron.tabellen)


def find_partij(opgehaald: Path, bestand: str, sha256: str) -> Path | None:
    """Return the fetched file of a report when its rows are those of then."""
    pad = opgehaald / bestand
    try:
        return pad if pad.is_file() and read_kop(pad).sha256 == sha256 else None
    except INLEESFOUT:
        return None


def list_kolommen(tabel: Tabel) -> tuple[str, ...]:
    """Return the columns that are asked of a database: not those that may not come in at all."""
    return tuple(kolom.naam for kolom in tabel.kolommen if kolom.behandeling != "verwijderen")
