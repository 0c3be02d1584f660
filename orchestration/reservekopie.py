"""A copy of everything that cannot be made again, and putting it back.

In the copy: the data folder without what a run makes again, SQLite stores as they were at one
moment, and a dump of every database that a setting names. Keys are in a file of their own, which
can be locked with a password: who has the copy alone reads no signal and turns no pseudonym.

Not in it: deliveries, which belong to their owner, and what is made of them (landing, warehouse).

Belongs here: what goes in, copying, checking, putting back. Does not belong here: the commands
(``orchestration.cli.reservekopie``), and when a copy is made (docs/runbooks/terugzetten.md).
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy.engine import URL, make_url

from orchestration.instellingen import Instellingen
from orchestration.slot import hold_slot
from orchestration.werkmap import Werkmap
from serving.leeslog.keten import MAP as MAP_LEESLOG
from serving.leeslog.keten import SLOT as SLOT_LEESLOG
from sources.bestand import hash_bestand
from vera.errors import BuurtpeilError, GebruikFout

INHOUD: Final = "reservekopie.json"
MAP_DATA: Final = "data"
MAP_DATABASES: Final = "databases"
FORMAAT: Final = 1

VAN_DE_SCHIJF: Final = "lost+found"
"""What a file system puts in a folder that is a mount."""
VAN_DE_EIGENAAR: Final = frozenset({"leveringen"})
"""Deliveries that lie in the data folder: a copy of these is for whoever delivers."""
DATABASES: Final = ("besluiten_url", "toegang_url", "signalen_url", "mlflow_url", "dagster_url")
"""Settings that name a database, in the order in which they are copied."""

_SQLITE: Final = b"SQLite format 3\x00"
_ZOUT: Final = 16
_MERK: Final = b"buurtpeil-sleutels-1\n"


class KopieFout(BuurtpeilError):
    """A copy could not be made, or is not sound."""


@dataclass(frozen=True)
class Kopie:
    """What is in a copy.

    Parameters
    ----------
    gemaakt_op
        When it was begun, in UTC.
    bestanden
        Per file (path from the folder of the copy) its SHA-256.
    databases
        Per setting the file of its dump.
    sleutels
        SHA-256 of the file of keys; empty when none was made.
    """

    gemaakt_op: str
    bestanden: Mapping[str, str]
    databases: Mapping[str, str]
    sleutels: str


def make_kopie(
    instellingen: Instellingen,
    naar: Path,
    *,
    sleutels: Path | None = None,
    wachtwoord: str | None = None,
    wacht: float = 0,
) -> Kopie:
    """Copy a data folder and its databases; no run works meanwhile, and people go on.

    Parameters
    ----------
    instellingen
        Where everything is.
    naar
        Folder of the copy; new or empty. It is there under its own name only when it is whole.
    sleutels
        File for the keys, elsewhere than ``naar`` and than the data folder; None = the keys are
        not copied.
    wachtwoord
        Locks that file.
    wacht
        Seconds to wait for a run that is at work; 0 = refuse at once.

    Raises
    ------
    GebruikFout
        When there is nothing to copy, or something stands where the copy is to come.
    KopieFout
        When a database could not be dumped, or a file not be read or written.
    RunBezig
        When a run is at work, and still is after ``wacht``.
    """
    map_ = Werkmap.of(instellingen.data)
    if not map_.data.is_dir():
        raise GebruikFout(
            f"Er is geen datamap {instellingen.data}.",
            verwacht="een datamap waarin een run is gedaan",
            remedie="geef de datamap met --data",
        )
    naar = naar.expanduser().resolve()
    _check_leeg(naar, "kies een ander PAD")
    if naar.is_relative_to(map_.data):
        raise GebruikFout(
            "De reservekopie zou in de datamap zelf komen.",
            verwacht="een map op een andere schijf of machine",
            remedie="kies een ander PAD",
        )
    if sleutels is not None:
        sleutels = sleutels.expanduser().resolve()
        if sleutels.exists() or any(map(sleutels.is_relative_to, (naar, map_.data))):
            raise GebruikFout(
                f"Het bestand voor de sleutels kan niet {sleutels.name} zijn.",
                verwacht="een nieuw bestand, buiten de reservekopie en buiten de datamap",
                remedie="kies een ander bestand met --sleutels",
            )
    with hold_slot(map_.slot, wacht), _tell_schijf("De reservekopie lukt niet"):
        return _make(instellingen, map_, naar, sleutels, wachtwoord)


def _make(
    instellingen: Instellingen,
    map_: Werkmap,
    naar: Path,
    sleutels: Path | None,
    wachtwoord: str | None,
) -> Kopie:
    """Copy beside the name, and give copy and keys their names together, when both are whole."""
    gemaakt_op = datetime.now(UTC).isoformat(timespec="seconds")
    deel = _name_deel(naar)
    shutil.rmtree(deel, ignore_errors=True)
    try:
        deel.mkdir(parents=True, mode=0o700)
        with _hold_leeslog(map_):
            _copy_data(map_, deel / MAP_DATA)
            hash_sleutels = (
                ""
                if sleutels is None
                else _write_sleutels(map_.sleutels, _name_deel(sleutels), wachtwoord)
            )
            databases = _dump_databases(instellingen, deel)
        kopie = Kopie(gemaakt_op, _hash_files(deel), databases, hash_sleutels)
        _write_inhoud(deel, kopie)
        if naar.is_dir():
            naar.rmdir()
        deel.rename(naar)
        if sleutels is not None:
            try:
                _name_deel(sleutels).rename(sleutels)
            except BaseException:
                # A copy that names keys which are nowhere is none.
                naar.rename(deel)
                raise
    except BaseException:
        shutil.rmtree(deel, ignore_errors=True)
        if sleutels is not None:
            _name_deel(sleutels).unlink(missing_ok=True)
        raise
    return kopie


def _name_deel(pad: Path) -> Path:
    return pad.with_name(f".{pad.name}.deel")


@contextmanager
def _tell_schijf(wat: str) -> Iterator[None]:
    """Say in Dutch what a disk or its rights refused."""
    try:
        yield
    except OSError as fout:
        reden = fout.strerror or type(fout).__name__
        raise KopieFout(
            f"{wat}: {reden}" + (f" ({fout.filename})." if fout.filename else "."),
            verwacht="mappen waarin dit account mag lezen en schrijven, en genoeg ruimte",
            remedie="kijk of de map er is, van wie zij is (`ls -ld`) en of er ruimte is (`df -h`)",
        ) from fout


def read_kopie(pad: Path) -> Kopie:
    """Read what is in a copy.

    Raises
    ------
    GebruikFout
        When it is no copy, or one of a newer version of Buurtpeil.
    """
    bestand = pad.expanduser() / INHOUD
    if not bestand.exists():
        raise GebruikFout(
            f"{pad} is geen reservekopie.",
            verwacht=f"een map met {INHOUD}, gemaakt met `buurtpeil reservekopie maak`",
            remedie="geef de map van de reservekopie zelf",
        )
    inhoud = json.loads(bestand.read_text(encoding="utf-8"))
    if inhoud.pop("formaat") > FORMAAT:
        raise GebruikFout(
            f"{pad} is gemaakt door een nieuwere versie van Buurtpeil.",
            remedie="werk Buurtpeil bij",
        )
    return Kopie(**inhoud)


def check_kopie(pad: Path) -> Kopie:
    """Compare every file of a copy with what was written of it.

    Raises
    ------
    KopieFout
        When a file is gone, changed or does not belong there.
    """
    kopie = read_kopie(pad)
    nu = _hash_files(pad.expanduser())
    verschillen = sorted(
        naam for naam in {*nu, *kopie.bestanden} if nu.get(naam) != kopie.bestanden.get(naam)
    )
    if verschillen:
        raise KopieFout(
            f"De reservekopie is niet gaaf; {len(verschillen)} bestanden zijn weg of anders: "
            + ", ".join(verschillen[:5])
            + (" …" if len(verschillen) > 5 else ""),
            verwacht="elk bestand zoals het is geschreven",
            remedie="neem een andere reservekopie",
        )
    return kopie


def restore_kopie(
    instellingen: Instellingen,
    pad: Path,
    *,
    sleutels: Path | None = None,
    wachtwoord: str | None = None,
) -> Kopie:
    """Put a copy back in a data folder and in databases that are empty.

    Parameters
    ----------
    instellingen
        Where everything comes.
    pad
        Folder of the copy.
    sleutels
        The file of its keys; None = new keys are made when they are needed.
    wachtwoord
        Opens that file.

    Raises
    ------
    GebruikFout
        When the data folder or a database is not empty, or a database is not set.
    KopieFout
        When the copy or the file of keys is not sound, or the data folder cannot be written.
    """
    map_ = Werkmap.of(instellingen.data)
    _check_leeg(
        map_.data,
        "kies een andere map met --data",
        behalve=(VAN_DE_SCHIJF, map_.terugzetten.name),
    )
    pad = pad.expanduser().resolve()
    kopie = check_kopie(pad)
    inhoud = None if sleutels is None else _open_sleutels(sleutels, kopie, wachtwoord)
    for naam in kopie.databases:
        _check_database(instellingen, naam)
    with _tell_schijf("Terugzetten lukt niet"), _put_back(map_, pad / MAP_DATA, inhoud):
        _restore_databases(instellingen, kopie, pad)
    return kopie


@contextmanager
def _put_back(map_: Werkmap, bron: Path, sleutels: bytes | None) -> Iterator[None]:
    """Put the files in the data folder; when what is inside fails, take them away again.

    They are built inside it: it may be a mount, in a folder where nobody may write.
    """
    was_er = map_.data.is_dir()
    deel = map_.terugzetten
    shutil.rmtree(deel, ignore_errors=True)
    gezet: list[Path] = []
    try:
        map_.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        with suppress(PermissionError):  # the owner of a mount decides on its mode
            map_.data.chmod(0o700)
        shutil.copytree(bron, deel, copy_function=shutil.copy2)
        if sleutels is not None:
            _extract_sleutels(sleutels, deel / map_.sleutels.name)
        for pad in sorted(deel.iterdir()):
            gezet.append(pad.rename(map_.data / pad.name))
        yield
        deel.rmdir()
    except BaseException:
        for pad in (deel, *gezet):
            if pad.is_dir():
                shutil.rmtree(pad, ignore_errors=True)
            else:
                pad.unlink(missing_ok=True)
        if not was_er:
            with suppress(OSError):  # what went wrong first is what is told
                map_.data.rmdir()
        raise


def _restore_databases(instellingen: Instellingen, kopie: Kopie, pad: Path) -> None:
    gedaan: list[str] = []
    for naam, bestand in kopie.databases.items():
        try:
            _restore_database(getattr(instellingen, naam), pad / bestand)
        except KopieFout as fout:
            if not gedaan:
                raise
            raise KopieFout(
                fout.gevonden,
                verwacht=fout.verwacht,
                remedie=f"{fout.remedie}; maak daarna eerst weer leeg: {', '.join(gedaan)}",
            ) from fout
        gedaan.append(f"BUURTPEIL_{naam.upper()}")


def _check_leeg(pad: Path, remedie: str, *, behalve: Collection[str] = ()) -> None:
    """Refuse a folder with something in it: nothing is written over."""
    if pad.exists() and (
        not pad.is_dir() or any(deel.name not in behalve for deel in pad.iterdir())
    ):
        raise GebruikFout(
            f"{pad} is niet leeg; er is niets overschreven.",
            verwacht="een nieuwe of lege map",
            remedie=remedie,
        )


@contextmanager
def _hold_leeslog(map_: Werkmap) -> Iterator[None]:
    """Let nobody add to the read log: log and anchor are copied as they fit together."""
    slot = map_.data / MAP_LEESLOG / SLOT_LEESLOG
    if not slot.exists():
        yield
        return
    with slot.open("rb") as bestand:
        fcntl.flock(bestand, fcntl.LOCK_EX)
        yield


def _copy_data(map_: Werkmap, naar: Path) -> None:
    naar.mkdir(mode=0o700)
    for pad in sorted(map_.data.iterdir()):
        if _is_over_te_slaan(map_, pad):
            continue
        for bestand in [pad] if pad.is_file() else sorted(pad.rglob("*")):
            if not bestand.is_file() or _is_bijbestand(bestand):
                continue
            doel = naar / bestand.relative_to(map_.data)
            doel.parent.mkdir(parents=True, exist_ok=True)
            # A release is its bytes; a store is copied as it is at one moment.
            if map_.releases in bestand.parents or not _is_sqlite(bestand):
                shutil.copy2(bestand, doel)
            else:
                _copy_sqlite(bestand, doel)


def _is_over_te_slaan(map_: Werkmap, pad: Path) -> bool:
    """Tell whether the next run makes it again, it is of somebody else, or it is a key."""
    # DuckDB and a purge write beside the warehouse, under names that begin as its own.
    return pad.name.startswith(f"{map_.warehouse.stem}.") or pad.name in {
        VAN_DE_SCHIJF,
        *VAN_DE_EIGENAAR,
        *(
            deel.name
            for deel in (
                map_.landing,
                map_.dbt,
                map_.quarantaine,
                map_.poort_in,
                map_.papieren,
                map_.herberekend,
                map_.herberekening,
                map_.herijking,
                map_.terugzetten,
                map_.slot,
                map_.sleutels,
            )
        ),
    }


def _is_bijbestand(pad: Path) -> bool:
    """Tell whether a file is SQLite's own, beside a store: its content goes with the store."""
    return any(
        pad.name.endswith(staart) and _is_sqlite(pad.with_name(pad.name.removesuffix(staart)))
        for staart in ("-wal", "-shm", "-journal")
    )


def _is_sqlite(pad: Path) -> bool:
    if not pad.is_file():
        return False
    with pad.open("rb") as bestand:
        return bestand.read(len(_SQLITE)) == _SQLITE


def _copy_sqlite(bron: Path, doel: Path) -> None:
    doel.touch(mode=0o600)
    with (
        closing(sqlite3.connect(f"{bron.as_uri()}?mode=ro", uri=True)) as van,
        closing(sqlite3.connect(doel)) as naar,
    ):
        van.backup(naar)
        # One file, whatever mode the store is in.
        naar.execute("pragma journal_mode = delete")
    shutil.copymode(bron, doel)


def _hash_files(map_: Path) -> dict[str, str]:
    return {
        pad.relative_to(map_).as_posix(): hash_bestand(pad)
        for pad in sorted(map_.rglob("*"))
        if pad.is_file() and pad != map_ / INHOUD
    }


def _write_inhoud(map_: Path, kopie: Kopie) -> None:
    inhoud = {
        "formaat": FORMAAT,
        "gemaakt_op": kopie.gemaakt_op,
        "bestanden": dict(kopie.bestanden),
        "databases": dict(kopie.databases),
        "sleutels": kopie.sleutels,
    }
    (map_ / INHOUD).write_text(json.dumps(inhoud, indent=1), encoding="utf-8")


def _write_sleutels(bron: Path, doel: Path, wachtwoord: str | None) -> str:
    buffer = io.BytesIO()
    # A key may be a link to where a machine keeps its secrets: the content goes in.
    with tarfile.open(fileobj=buffer, mode="w", dereference=True) as pak:
        for pad in sorted(bron.glob("*")):
            if pad.is_file():
                pak.add(pad, arcname=pad.name)
    inhoud = buffer.getvalue()
    if wachtwoord:
        zout = os.urandom(_ZOUT)
        inhoud = _MERK + zout + _make_fernet(wachtwoord, zout).encrypt(inhoud)
    doel.parent.mkdir(parents=True, exist_ok=True)
    doel.unlink(missing_ok=True)  # of a copy that was killed
    greep = os.open(doel, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(greep, "wb") as bestand:
        bestand.write(inhoud)
        bestand.flush()
        os.fsync(bestand.fileno())
    return hashlib.sha256(inhoud).hexdigest()


def _open_sleutels(pad: Path, kopie: Kopie, wachtwoord: str | None) -> bytes:
    from cryptography.fernet import InvalidToken

    if not pad.expanduser().is_file():
        raise GebruikFout(f"Er is geen bestand {pad}.", remedie="geef het met --sleutels")
    inhoud = pad.expanduser().read_bytes()
    if hashlib.sha256(inhoud).hexdigest() != kopie.sleutels:
        raise KopieFout(
            f"De sleutels in {pad.name} horen niet bij deze reservekopie, of zijn veranderd.",
            verwacht="het bestand dat tegelijk met de reservekopie is gemaakt",
            remedie="zoek het goede bestand; zonder sleutels zijn signalen niet te lezen",
        )
    if not inhoud.startswith(_MERK):
        return inhoud
    rest = inhoud[len(_MERK) :]
    try:
        open_: bytes = _make_fernet(wachtwoord or "", rest[:_ZOUT]).decrypt(rest[_ZOUT:])
    except InvalidToken as fout:
        raise GebruikFout(
            f"Het wachtwoord opent {pad.name} niet.",
            verwacht="het wachtwoord waarmee het bestand is gemaakt",
            remedie="geef het in BUURTPEIL_KOPIE_WACHTWOORD",
        ) from fout
    return open_


def _make_fernet(wachtwoord: str, zout: bytes) -> Any:
    import base64

    from cryptography.fernet import Fernet
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    sleutel = Scrypt(salt=zout, length=32, n=2**15, r=8, p=1).derive(wachtwoord.encode())
    return Fernet(base64.urlsafe_b64encode(sleutel))


def _extract_sleutels(inhoud: bytes, map_: Path) -> None:
    map_.mkdir(mode=0o700)
    with tarfile.open(fileobj=io.BytesIO(inhoud)) as pak:
        for lid in pak.getmembers():
            bron = pak.extractfile(lid)
            if bron is None or Path(lid.name).name != lid.name:
                continue
            greep = os.open(map_ / lid.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(greep, "wb") as bestand:
                bestand.write(bron.read())


def _dump_databases(instellingen: Instellingen, deel: Path) -> dict[str, str]:
    gedaan: dict[str, str] = {}
    for naam in DATABASES:
        url = _postgres(getattr(instellingen, naam))
        if url is None:
            continue
        bestand = f"{MAP_DATABASES}/{naam.removesuffix('_url')}.dump"
        (deel / MAP_DATABASES).mkdir(exist_ok=True, mode=0o700)
        _call(["pg_dump", "--format=custom", "--no-owner", "--no-privileges",
               "--file", str(deel / bestand)], url, naam)  # fmt: skip
        gedaan[naam] = bestand
    return gedaan


def _postgres(tekst: str | None) -> URL | None:
    if tekst is None:
        return None
    url = make_url(tekst)
    return url if url.get_backend_name() == "postgresql" else None


def _check_database(instellingen: Instellingen, naam: str) -> None:
    """Refuse a database that is not set, or has something in it."""
    instelling = f"BUURTPEIL_{naam.upper()}"
    url = _postgres(getattr(instellingen, naam))
    if url is None:
        raise GebruikFout(
            f"In de reservekopie zit een database, en {instelling} is niet gezet.",
            verwacht="voor elke database in de reservekopie een lege om haar in terug te zetten",
            remedie=f"maak een lege database en zet {instelling}",
        )
    uit = _call(
        ["psql", "--no-psqlrc", "--tuples-only", "--no-align", "--command",
         "select count(*) from information_schema.tables where table_schema = 'public'"],
        url, naam,
    )  # fmt: skip
    if uit.strip() != "0":
        raise GebruikFout(
            f"De database van {instelling} is niet leeg; er is niets overschreven.",
            verwacht="een lege database",
            remedie="maak een nieuwe database en verander de instelling",
        )


def _restore_database(adres: str, bestand: Path) -> None:
    url = _postgres(adres)
    if url is not None:
        _call(["pg_restore", "--no-owner", "--no-privileges", "--exit-on-error",
               "--single-transaction", str(bestand)], url, bestand.stem)  # fmt: skip


def _call(opdracht: list[str], url: URL, naam: str) -> str:
    """Run a program of PostgreSQL; the password goes in its environment, where nobody lists it."""
    programma = shutil.which(opdracht[0])
    if programma is None:
        raise KopieFout(
            f"Het programma {opdracht[0]} is er niet.",
            verwacht="de programma's van PostgreSQL op deze machine (pg_dump, pg_restore, psql)",
            remedie="installeer postgresql-client, in de versie van de server of nieuwer",
        )
    omgeving = dict(os.environ)
    wachtwoord = url.password if url.password is not None else url.query.get("password")
    if wachtwoord is not None:
        omgeving["PGPASSWORD"] = str(wachtwoord)
    zonder = URL.create(
        "postgresql", url.username, None, url.host, url.port, url.database,
        {naam: waarde for naam, waarde in url.query.items() if naam != "password"},
    )  # fmt: skip
    adres = zonder.render_as_string(hide_password=False)
    uit = subprocess.run(  # noqa: S603 - found on the path, arguments of our own
        [programma, "--dbname", adres, *opdracht[1:]],
        capture_output=True,
        text=True,
        check=False,
        env=omgeving,
    )
    if uit.returncode != 0:
        # What it says may hold the address; the last line says what is wrong.
        regel = (uit.stderr.strip().splitlines() or ["?"])[-1]
        if url.host:
            regel = regel.replace(url.host, "…")
        raise KopieFout(
            f"{opdracht[0]} lukt niet voor {naam}: {regel}",
            verwacht="een bereikbare database, en programma's die even nieuw zijn als de server",
            remedie="kijk of de instelling klopt, of de database draait en welke versie pg_dump is",
        )
    return uit.stdout
