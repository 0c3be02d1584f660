"""Reading releases: which there are, whether they are sound, and answers from the current one.

Belongs here: everything that opens a release folder. Does not belong here: making one
(``schrijver``), HTTP (``serving.api``).
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
import weakref
import zlib
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

from serving.release import schema
from serving.release.stroom import ReleaseFout
from serving.release.wijzer import (
    BeschadigdeRelease,
    GeenRelease,
    activate,
    current,
    current_path,
    is_release_id,
)

_CACHE_KIB: Final = 2 * 1024
"""Pages that a connection may keep: the upper levels of every tree. Each thread has a connection,
so this counts many times; the pages themselves are with the system, for all workers at once."""

T = TypeVar("T")
_Stempel: TypeAlias = tuple[int, int, int]
_ONTHOUDEN: Final = 1024
"""Files whose hash is remembered."""


@dataclass(frozen=True)
class ReleaseRegel:
    """One release as ``release list`` shows it."""

    release_id: str
    map: Path
    is_huidig: bool
    peildatum: str | None
    methodeversie: str | None
    synthetisch: bool | None
    geschreven_op: str | None
    fout: str | None = None


def release_hash(manifest: bytes) -> str:
    """Return the release id that belongs to the bytes of a manifest."""
    return hashlib.sha256(manifest).hexdigest()[: schema.LENGTE_ID]


def hash_file(pad: Path) -> str:
    """Return the SHA-256 of a file, as hexadecimal text."""
    with pad.open("rb") as bestand:
        return hashlib.file_digest(bestand, "sha256").hexdigest()


def _stamp_file(pad: str) -> _Stempel:
    """Return what moves when a file is written or replaced; whoever writes cannot set it back."""
    stand = os.stat(pad)  # noqa: PTH116 - half the price of Path.stat, per request
    return stand.st_ctime_ns, stand.st_ino, stand.st_size


@lru_cache(maxsize=_ONTHOUDEN)
def _hash_stamped(pad: str, stempel: _Stempel) -> str:
    """Return the hash of a file, read once for as long as it does not change."""
    return hash_file(Path(pad))


def list_releases(releases_map: Path) -> list[ReleaseRegel]:
    """Return every release, the most recently written first."""
    if not releases_map.is_dir():
        return []
    huidig = current(releases_map)
    regels = []
    for pad in releases_map.iterdir():
        if pad.name.startswith(".") or not pad.is_dir():
            continue
        regels.append(_describe(pad, pad.name == huidig))
    return sorted(regels, key=lambda regel: (regel.geschreven_op or "", regel.release_id))[::-1]


def _describe(pad: Path, is_huidig: bool) -> ReleaseRegel:
    try:
        inhoud = read_manifest(pad)
    except (OSError, ValueError) as fout:
        return ReleaseRegel(
            pad.name, pad, is_huidig, None, None, None, None, f"manifest onleesbaar: {fout}"
        )
    return ReleaseRegel(
        release_id=pad.name,
        map=pad,
        is_huidig=is_huidig,
        peildatum=inhoud.get("peildatum"),
        methodeversie=inhoud.get("methodeversie"),
        synthetisch=inhoud.get("synthetisch"),
        geschreven_op=read_run_manifest(pad).get("geschreven_op"),
    )


def read_manifest(release: Path) -> dict[str, Any]:
    """Return the hashed part of a release's manifest."""
    inhoud = json.loads((release / schema.BESTAND_MANIFEST).read_bytes())
    if not isinstance(inhoud, dict):
        raise ValueError("geen JSON-object")
    return inhoud


def read_run_manifest(release: Path) -> dict[str, Any]:
    """Return the unhashed part of a release's manifest; empty when it is not there."""
    try:
        inhoud = json.loads((release / schema.BESTAND_MANIFEST_RUN).read_bytes())
    except (OSError, ValueError):
        return {}
    return inhoud if isinstance(inhoud, dict) else {}


def verify(release: Path) -> list[str]:
    """Check a release against its own manifest.

    Returns
    -------
    list of str
        Problems in Dutch; empty when the release is sound.
    """
    try:
        bytes_ = (release / schema.BESTAND_MANIFEST).read_bytes()
        inhoud = json.loads(bytes_)
        bestanden: Mapping[str, Mapping[str, Any]] = dict(inhoud["bestanden"])
    except (OSError, ValueError, KeyError, TypeError) as fout:
        return [f"{schema.BESTAND_MANIFEST} is niet te lezen: {type(fout).__name__}"]
    problemen = []
    if release_hash(bytes_) != release.name:
        problemen.append(
            f"het manifest hoort bij release {release_hash(bytes_)}, de map heet {release.name}"
        )
    for naam, verwacht in sorted(bestanden.items()):
        problemen.extend(_verify_file(release, naam, verwacht))
    aanwezig = {pad.relative_to(release).as_posix() for pad in release.rglob("*") if pad.is_file()}
    bekend = {schema.BESTAND_MANIFEST, *schema.BUITEN_DE_INHOUD}
    problemen.extend(
        f"{naam} hoort niet in de release" for naam in sorted(aanwezig - set(bestanden) - bekend)
    )
    if not problemen:
        for naam in (schema.BESTAND_OPZOEK, schema.BESTAND_ADRESINDEX):
            if (release / naam).exists():
                problemen.extend(_verify_store(release / naam))
    return problemen


def _verify_file(release: Path, naam: str, verwacht: Mapping[str, Any]) -> Iterator[str]:
    pad = release / naam
    if not pad.is_file():
        yield f"{naam} ontbreekt"
        return
    if pad.stat().st_size != verwacht.get("bytes"):
        yield f"{naam} telt {pad.stat().st_size} bytes, verwacht {verwacht.get('bytes')}"
        return
    if hash_file(pad) != verwacht.get("sha256"):
        yield f"{naam} heeft een andere inhoud dan bij het schrijven"


def _verify_store(pad: Path) -> Iterator[str]:
    try:
        with closing(_connect(pad)) as opzoek:
            uitkomst = [rij[0] for rij in opzoek.execute("pragma integrity_check")]
    except sqlite3.Error as fout:
        yield f"{pad.name} is niet te openen: {fout}"
        return
    if uitkomst != ["ok"]:
        yield f"{pad.name} is beschadigd: {uitkomst[0]}"


def rollback(releases_map: Path, release_id: str) -> None:
    """Serve an earlier release again, after checking it.

    Raises
    ------
    ReleaseFout
        When the release is not there or not sound; the current one stays served.
    """
    if is_release_id(release_id) and (releases_map / release_id).is_dir():
        problemen = verify(releases_map / release_id)
        if problemen:
            raise ReleaseFout(
                f"Release {release_id} is niet gaaf: {problemen[0]}.",
                verwacht="een release zonder problemen in `buurtpeil release verify`",
                remedie="Kies een andere release.",
            )
    activate(releases_map, release_id)


class _Verbinding(sqlite3.Connection):
    """A connection that closes itself when nobody holds it any more: its thread has ended."""

    def __del__(self) -> None:
        self.close()


def _connect(pad: Path) -> sqlite3.Connection:
    uri = f"{pad.resolve().as_uri()}?mode=ro&immutable=1"
    verbinding = sqlite3.connect(
        uri, uri=True, check_same_thread=False, isolation_level=None, factory=_Verbinding
    )
    verbinding.execute(f"pragma cache_size = {-_CACHE_KIB}")
    return verbinding


def _close_all(verbindingen: AbstractSet[sqlite3.Connection]) -> None:
    for verbinding in list(verbindingen):
        verbinding.close()


class Uitgave:
    """One opened release: answers that are ready to be sent, and facts about it.

    A request takes the ``Uitgave`` once and uses nothing else, so no answer mixes releases.
    Threads have a connection each; connections close when the last user lets go.

    What it answers is what was published: its manifest must be the one of its id, and a file must
    be the one of the manifest before anything is read from it.

    Raises
    ------
    BeschadigdeRelease
        When the manifest or the store is not what was published.
    ReleaseFout
        When it has another format.
    """

    def __init__(self, pad: Path) -> None:
        self.map = pad
        self.release_id = pad.name
        self.manifest: Mapping[str, Any] = read_manifest(pad)
        if self.manifest.get("formaatversie") != schema.FORMAATVERSIE:
            raise ReleaseFout(
                f"Release {pad.name} heeft formaatversie {self.manifest.get('formaatversie')}.",
                verwacht=f"formaatversie {schema.FORMAATVERSIE}",
                remedie="Schrijf de release opnieuw met deze versie van Buurtpeil.",
            )
        if release_hash((pad / schema.BESTAND_MANIFEST).read_bytes()) != pad.name:
            raise BeschadigdeRelease(pad.name, schema.BESTAND_MANIFEST)
        self._stempel = _stamp_file(str(self.find_bestand(schema.BESTAND_OPZOEK)))
        self.run: Mapping[str, Any] = read_run_manifest(pad)
        self.peildatum = str(self.manifest["peildatum"])
        self.synthetisch = bool(self.manifest["synthetisch"])
        release = json.dumps(
            {
                "id": self.release_id,
                "peildatum": self.peildatum,
                "isSynthetisch": self.synthetisch,
            },
            separators=(",", ":"),
        )
        self.staart = f',"release":{release}}}'.encode()
        self._per_draad = threading.local()
        # Held by their threads alone: those that answer come and go, and each cache is megabytes.
        self._verbindingen: weakref.WeakSet[sqlite3.Connection] = weakref.WeakSet()
        self._bewaard: dict[Any, Any] = {}
        self._slot = threading.RLock()
        self.close = weakref.finalize(self, _close_all, self._verbindingen)
        """Close the connections now, instead of when the last user lets go."""
        self._opzoek().execute("select 1 from antwoord limit 1").fetchone()

    @property
    def is_gaaf(self) -> bool:
        """Whether the store is still the file that was opened."""
        try:
            return self._stempel == _stamp_file(self._opzoekpad)
        except OSError:
            return False

    @cached_property
    def _opzoekpad(self) -> str:
        return str(self.map / schema.BESTAND_OPZOEK)

    def find_bestand(self, naam: str) -> Path:
        """Return the path of a file of this release, when it is what was published.

        The whole file is read, once for as long as it does not change.

        Parameters
        ----------
        naam
            Its name in the manifest.

        Raises
        ------
        BeschadigdeRelease
            When it is not, or is gone.
        """
        pad = str(self.map / naam)
        try:
            som = _hash_stamped(pad, _stamp_file(pad))
        except OSError as fout:
            raise BeschadigdeRelease(self.release_id, naam) from fout
        if som != self.manifest["bestanden"][naam]["sha256"]:
            raise BeschadigdeRelease(self.release_id, naam)
        return Path(pad)

    def _opzoek(self) -> sqlite3.Connection:
        verbinding: sqlite3.Connection | None = getattr(self._per_draad, "verbinding", None)
        if verbinding is None:
            verbinding = _connect(self.map / schema.BESTAND_OPZOEK)
            self._verbindingen.add(verbinding)
            self._per_draad.verbinding = verbinding
        return verbinding

    def query(self, sql: str, waarden: Mapping[str, Any] | tuple[Any, ...] = ()) -> list[Any]:
        """Return the rows of a query on the look-up store."""
        return self._opzoek().execute(sql, waarden).fetchall()

    def query_among(
        self, sql: str, waarden: Mapping[str, Any], rijen: AbstractSet[int]
    ) -> list[Any]:
        """Return the rows of a query in which ``is_treffer(rowid)`` tells whether a row is one.

        For thousands of rows: a list of them in the query costs more than asking at each row.
        """
        opzoek = self._opzoek()
        opzoek.create_function("is_treffer", 1, rijen.__contains__, deterministic=True)
        try:
            return opzoek.execute(sql, waarden).fetchall()
        finally:
            opzoek.create_function("is_treffer", 1, None)

    def answer(self, niveau: str, beheerobject_id: str) -> bytes | None:
        """Return the whole JSON answer about one object, or None when there is no such."""
        rij = (
            self._opzoek()
            .execute(
                "select body from antwoord where niveau = ? and beheerobject_id = ?",
                (niveau, beheerobject_id),
            )
            .fetchone()
        )
        return None if rij is None else rij[0] + self.staart

    def history(self, niveau: str, beheerobject_id: str) -> list[dict[str, Any]] | None:
        """Return every published label of an object, oldest first per ground."""
        return self._unpack("geschiedenis", niveau, beheerobject_id)

    def explanation(self, niveau: str, beheerobject_id: str) -> list[dict[str, Any]] | None:
        """Return all indicator values of an object on the last peildatum."""
        return self._unpack("toelichting", niveau, beheerobject_id)

    def attachment(self, naam: str) -> Any:
        """Return a small document of the release: dekking, indicator, inhoud or thema."""
        return self.remember(
            ("bijlage", naam),
            lambda: json.loads(
                self.query("select body from bijlage where naam = ?", (naam,))[0][0]
            ),
        )

    def remember(self, sleutel: Any, maak: Callable[[], T]) -> T:
        """Return what ``maak`` gives, computed once for the life of this release."""
        try:
            bewaard: T = self._bewaard[sleutel]
        except KeyError:
            with self._slot:
                if sleutel not in self._bewaard:
                    self._bewaard[sleutel] = maak()
                bewaard = self._bewaard[sleutel]
        return bewaard

    def _unpack(self, tabel: str, niveau: str, beheerobject_id: str) -> list[dict[str, Any]] | None:
        rijen = self.query(
            f"select body from {tabel} where niveau = ? and beheerobject_id = ?",  # noqa: S608
            (niveau, beheerobject_id),
        )
        if not rijen:
            return None
        inhoud: list[dict[str, Any]] = json.loads(zlib.decompress(rijen[0][0]))
        return inhoud


@dataclass
class Winkel:
    """The door to the release that is served now.

    ``current`` looks at the pointer at every call and opens a new release when it moved. The
    old one is simply dropped: who holds it keeps using it, and it closes after the last. A store
    that is written to while it is open is not answered from any more.

    Parameters
    ----------
    releases_map
        Folder with the releases and the pointer ``CURRENT``.

    Attributes
    ----------
    melding
        What is wrong with the release that should be served, in Dutch; None when all is well.
    wissels
        How often a release was opened.
    """

    releases_map: Path
    melding: str | None = field(default=None, init=False)
    wissels: int = field(default=0, init=False)
    # Pointer's stamp and the release opened at it, in one: threads read both or neither.
    _stand: tuple[_Stempel, Uitgave] | None = field(default=None, init=False)
    _slot: threading.Lock = field(default_factory=threading.Lock, init=False)

    @cached_property
    def _wijzer(self) -> str:
        return str(self.releases_map / schema.BESTAND_HUIDIG)

    def current(self) -> Uitgave:
        """Return the opened current release.

        When the pointer has moved to a release that cannot be opened, the one before stays.

        Raises
        ------
        GeenRelease
            When nothing is published, or nothing that can be opened; as ``BeschadigdeRelease``
            when it is not what was published.
        """
        stand = self._stand
        if stand is not None and stand[0] == self._stamp() and stand[1].is_gaaf:
            return stand[1]
        with self._slot:
            # The pointer is read after its stamp: when it moves in between, the next call
            # sees another stamp and looks again.
            stempel = self._stamp()
            stand = self._stand
            if stand is None or stand[0] != stempel or not stand[1].is_gaaf:
                self._stand = self._open(stempel)
            if self._stand is None:
                raise GeenRelease()
            return self._stand[1]

    @property
    def release_id(self) -> str | None:
        """Id of the release that was opened last, without looking whether there is a newer one."""
        stand = self._stand
        return None if stand is None else stand[1].release_id

    def _stamp(self) -> _Stempel | None:
        try:
            stand = os.stat(self._wijzer)  # noqa: PTH116 - half the price of Path.stat, per request
        except FileNotFoundError:
            return None
        return stand.st_mtime_ns, stand.st_ino, stand.st_size

    def _open(self, stempel: _Stempel | None) -> tuple[_Stempel, Uitgave] | None:
        self.melding = None
        if stempel is None:
            return None
        try:
            geopend = Uitgave(current_path(self.releases_map))
            self.wissels += 1
            return stempel, geopend
        except (OSError, ValueError, KeyError, sqlite3.Error, ReleaseFout) as fout:
            if self._stand is None or not self._stand[1].is_gaaf:
                if isinstance(fout, BeschadigdeRelease):
                    raise
                return None
            self.melding = (
                "De laatst gepubliceerde release kan niet worden geopend; de vorige wordt getoond."
            )
            return stempel, self._stand[1]


@contextmanager
def open_release(release: Path) -> Iterator[Uitgave]:
    """Open one release by its folder, for a command that looks something up."""
    uitgave = Uitgave(release)
    try:
        yield uitgave
    finally:
        uitgave.close()


__all__ = [
    "BeschadigdeRelease",
    "GeenRelease",
    "ReleaseRegel",
    "Uitgave",
    "Winkel",
    "current",
    "current_path",
    "list_releases",
    "open_release",
    "read_manifest",
    "release_hash",
    "rollback",
    "verify",
]
