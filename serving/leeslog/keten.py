"""The files of the read log: adding lines, checking the chain, taking away what is too old.

One chain for all processes: who writes holds a lock. A month of lines is a file. The number and
hash of the last line stand in an anchor elsewhere, signed, so that lines cut off at the end show.
What was removed because its term was over is stood in for by a signed line at the beginning.

What a check cannot see: lines cut off that were written after the anchor was (a crash between
the two), and a log, anchor and secret that are all replaced by somebody who may write them all.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from serving.leeslog.regel import (
    BEGIN,
    IJKPUNT,
    Lezing,
    hash_regel,
    write_lezingen,
    write_moment,
    write_regel,
)
from serving.toegang.peper import load_geheim
from vera.bewaren import Verwijdering, parse_termijn
from vera.errors import BuurtpeilError, GebruikFout

BEWAARTERMIJN: Final = "24 maanden na tijd"
MAP: Final = "leeslog"
ANKER: Final = "leeslog.anker"
SLOT: Final = ".slot"
_BESTAND: Final = re.compile(r"leeslog-\d{4}-\d{2}\.jsonl")
_STUK: Final = 16_384
"""Bytes read at once from the end of a file."""


class LeeslogFout(BuurtpeilError):
    """The read log cannot be written or read."""


@dataclass(frozen=True)
class Kop:
    """Where the chain ends: number and hash of the last line."""

    nummer: int = 0
    hash: str = BEGIN


@dataclass(frozen=True)
class Keuring:
    """What a check found.

    Parameters
    ----------
    aantal
        Number of lines that are there.
    kop
        The last line.
    problemen
        What is wrong, in Dutch; empty when the chain holds.
    verwijderd
        Number of lines that went because their term was over.
    """

    aantal: int
    kop: Kop
    problemen: tuple[str, ...]
    verwijderd: int = 0


class Keten:
    """The log in a folder.

    Parameters
    ----------
    map_
        Folder of the lines.
    sleutelmap
        Folder of the secret and the anchor; another one, so that rights can differ.
    nu
        Gives the moment.
    """

    def __init__(
        self,
        map_: Path,
        sleutelmap: Path,
        *,
        nu: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.map = map_
        self._sleutelmap = sleutelmap
        self._nu = nu
        self._stand: tuple[Path, int, Kop] | None = None

    def add(self, lezingen: Iterable[Lezing]) -> None:
        """Append lines and have them on disk.

        Raises
        ------
        LeeslogFout
            When that cannot be done.
        """
        with _told(), self._alone():
            kop = self._find_kop()
            regels, hash_ = write_lezingen(kop.nummer, kop.hash, lezingen)
            self._put(regels, Kop(kop.nummer + len(regels), hash_))

    def list_bestanden(self) -> list[Path]:
        """Return the files with lines, the oldest first."""
        if not self.map.is_dir():
            return []
        return sorted(pad for pad in self.map.iterdir() if _BESTAND.fullmatch(pad.name))

    def read(self, vanaf: date | None = None) -> Iterator[Mapping[str, Any]]:
        """Yield the acts, the oldest first; a line that cannot be read is passed over.

        So is what stands before the sign of the last purge: it was on its way out, or made up.

        Parameters
        ----------
        vanaf
            First day; files of earlier months are not opened.
        """
        for pad in self._list_from_ijkpunt():
            if vanaf is not None and pad.name < _name_file(vanaf):
                continue
            with pad.open("rb") as bestand:
                for regel in bestand:
                    inhoud = _parse(regel)
                    if inhoud is None or "daad" not in inhoud:
                        continue
                    if vanaf is None or str(inhoud["tijd"]) >= vanaf.isoformat():
                        yield inhoud

    def check(self) -> Keuring:
        """Walk the whole chain."""
        if not self.map.is_dir():
            problemen = ("het anker is er, het leeslog niet",) if self._anker.exists() else ()
            return Keuring(0, Kop(), problemen)
        with _told(), self._alone():
            return self._walk()

    def purge(self, peildatum: date, *, dry_run: bool = False) -> tuple[Verwijdering, ...]:
        """Take away the lines that are past their term, from the beginning.

        Parameters
        ----------
        peildatum
            The day to count from.
        dry_run
            Only say what would go.

        Returns
        -------
        tuple of Verwijdering
            One per file.

        Raises
        ------
        LeeslogFout
            When the chain does not hold: what is wrong must be looked at first.
        """
        grens = parse_termijn(BEWAARTERMIJN).find_grens(peildatum)
        if grens is None or not self.map.is_dir():
            return ()
        with _told(), self._alone():
            weg: list[Verwijdering] = []
            laatste, blijft = Kop(), b""
            geraakt: list[Path] = []
            for pad in self.list_bestanden():
                regels = pad.read_bytes().splitlines(keepends=True)
                oud = [regel for regel in regels if _is_before(regel, grens)]
                # Lines are in order of writing: what comes after the first one to stay, stays.
                while oud and oud != regels[: len(oud)]:
                    oud.pop()
                echt = [regel for regel in oud if (_parse(regel) or {}).get("soort") != IJKPUNT]
                if echt:
                    weg.append(_removed(pad, echt))
                    laatste = Kop(int((_parse(echt[-1]) or {})["nr"]), hash_regel(echt[-1]))
                elif len(oud) < len(regels):
                    break
                elif regels:  # nothing but the sign of the purge before
                    laatste = self._parse_kop(pad, regels[-1])
                geraakt.append(pad)
                blijft = b"".join(regels[len(oud) :])
                if blijft:
                    break
            if dry_run:
                return tuple(weg)
            for half in self.map.glob(".leeslog-*.jsonl.*"):
                half.unlink()  # of a purge that was stopped: a copy of lines
            if not weg:
                return ()
            keuring = self._walk()
            if keuring.problemen:
                raise LeeslogFout(
                    f"Het leeslog klopt niet: {keuring.problemen[0]}.",
                    verwacht="een keten zonder gaten voordat er iets wordt verwijderd",
                    remedie="zoek eerst uit wat er is gebeurd (`buurtpeil leeslog controleer`)",
                )
            self._shorten(geraakt, laatste, blijft)
            self._append(self._describe_purge(laatste, sum(v.aantal for v in weg)))
            return tuple(weg)

    def _shorten(self, geraakt: list[Path], laatste: Kop, blijft: bytes) -> None:
        doel = geraakt[-1]
        ijkpunt = self._sign({"soort": IJKPUNT, "nr": laatste.nummer, "hash": laatste.hash})
        tijdelijk = self.map / f".{doel.name}.{secrets.token_hex(4)}"
        tijdelijk.write_bytes(_encode(ijkpunt) + b"\n" + blijft)
        tijdelijk.chmod(0o600)
        _sync(tijdelijk)
        tijdelijk.replace(doel)
        for pad in geraakt[:-1]:
            pad.unlink()
        _sync(self.map)
        self._stand = None

    def _describe_purge(self, laatste: Kop, aantal: int) -> dict[str, Any]:
        return {
            "tijd": write_moment(self._nu().timestamp()),
            "wie": "buurtpeil purge",
            "daad": "opschonen",
            "wat": BEWAARTERMIJN,
            "aantal": aantal,
            "totEnMet": laatste.nummer,
        }

    def _append(self, inhoud: dict[str, Any]) -> None:
        kop = self._find_kop()
        regel = write_regel(kop.nummer + 1, kop.hash, inhoud)
        self._put([regel], Kop(kop.nummer + 1, hash_regel(regel)))

    def _put(self, regels: list[bytes], kop: Kop) -> None:
        if regels:
            # By the month of writing: a line never lands in a file before the last one.
            pad = self._file_now()
            with os.fdopen(os.open(pad, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as f:
                f.write(b"".join(regels))
                f.flush()
                os.fsync(f.fileno())
                self._stand = (pad, os.fstat(f.fileno()).st_size, kop)
        self._write_anker(kop)

    def _file_now(self) -> Path:
        bestanden = self.list_bestanden()
        nu = self.map / _name_file(self._nu().date())
        return max(bestanden[-1], nu) if bestanden else nu

    def _find_kop(self) -> Kop:
        """Return the last line, and mend a file whose last line was cut off by a crash.

        Where the anchor knows of a later line than there is, or of another one, the chain goes on
        from what the anchor knows: then the gap shows for good.
        """
        bestanden = self.list_bestanden()
        anker = self._read_anker([])
        if not bestanden:
            return anker
        pad = bestanden[-1]
        if self._stand is not None and self._stand[:2] == (pad, pad.stat().st_size):
            return self._stand[2]
        kop, los = Kop(), 0
        for bestand in reversed(bestanden):
            los += _cut_loose_end(bestand)
            laatste = _read_last(bestand)
            # A file without a line: made by a crash before its first one was written.
            if laatste is not None:
                kop = self._parse_kop(bestand, laatste)
                break
        if anker.nummer >= kop.nummer:
            kop = anker
        if not los:
            return kop
        hersteld = write_regel(
            kop.nummer + 1,
            kop.hash,
            {
                "tijd": write_moment(self._nu().timestamp()),
                "wie": DIENST,
                "daad": "hersteld",
                "wat": "afgebroken regel",
                "aantal": los,
            },
        )
        with pad.open("ab") as f:
            f.write(hersteld)
        return Kop(kop.nummer + 1, hash_regel(hersteld))

    def _parse_kop(self, pad: Path, regel: bytes) -> Kop:
        inhoud = _parse(regel) or {}
        if inhoud.get("soort") == IJKPUNT:
            is_van_ons = self._is_signed(inhoud)
            return Kop(_as_int(inhoud["nr"]), str(inhoud["hash"])) if is_van_ons else Kop()
        if not isinstance(inhoud.get("nr"), int):
            raise LeeslogFout(
                f"De laatste regel van {pad.name} is niet te lezen.",
                verwacht="een regel van het leeslog",
                remedie="kijk met `buurtpeil leeslog controleer`; zet het bestand apart",
            )
        return Kop(inhoud["nr"], hash_regel(regel))

    def _list_from_ijkpunt(self) -> list[Path]:
        bestanden = self.list_bestanden()
        for plaats in reversed(range(len(bestanden))):
            with bestanden[plaats].open("rb") as bestand:
                inhoud = _parse(bestand.readline()) or {}
            if inhoud.get("soort") == IJKPUNT and self._is_signed(inhoud):
                return bestanden[plaats:]
        return bestanden

    def _walk(self) -> Keuring:
        vooraf: list[str] = []
        kop, aantal, verwijderd = Kop(), 0, 0
        anker = self._read_anker(vooraf)
        problemen = [*vooraf]
        anker_gezien = anker.nummer == 0
        bestanden = self.list_bestanden()
        for pad in bestanden:
            with pad.open("rb") as bestand:
                for plaats, regel in enumerate(bestand, 1):
                    if pad == bestanden[-1] and not regel.endswith(b"\n"):
                        continue  # cut off by a crash, before the anchor knew of it
                    inhoud = _parse(regel)
                    if inhoud is None:
                        problemen.append(f"{pad.name} regel {plaats} is niet te lezen")
                        continue
                    if inhoud.get("soort") == IJKPUNT:
                        if plaats > 1:
                            problemen.append(f"het ijkpunt in {pad.name} staat niet aan het begin")
                            continue
                        kop = Kop(_as_int(inhoud.get("nr")), str(inhoud.get("hash")))
                        if self._is_signed(inhoud):
                            # What stands before it was on its way out when a purge was stopped.
                            problemen, aantal, verwijderd = [*vooraf], 0, kop.nummer
                        else:
                            problemen.append(f"het ijkpunt in {pad.name} is niet van Buurtpeil")
                        # The chain must get to the anchor from here: a sign of an earlier purge
                        # that is put back somewhere does not.
                        anker_gezien = anker.nummer == 0 or kop == anker
                        continue
                    aantal += 1
                    if inhoud.get("nr") != kop.nummer + 1 or inhoud.get("vorige") != kop.hash:
                        problemen.append(
                            f"{pad.name} regel {plaats} (nummer {inhoud.get('nr')}) sluit niet aan "
                            f"op nummer {kop.nummer}"
                        )
                    kop = Kop(_as_int(inhoud.get("nr")), hash_regel(regel))
                    anker_gezien |= kop == anker
        if not anker_gezien:
            problemen.append(
                f"nummer {anker.nummer}, waar het anker van weet, is er niet of is veranderd"
            )
        return Keuring(aantal, kop, tuple(problemen), verwijderd)

    @property
    def _anker(self) -> Path:
        return self._sleutelmap / ANKER

    def _read_anker(self, problemen: list[str]) -> Kop:
        try:
            inhoud = json.loads(self._anker.read_bytes())
        except FileNotFoundError:
            if self.list_bestanden():
                problemen.append("het anker ontbreekt")
            return Kop()
        except ValueError:
            inhoud = None
        if not isinstance(inhoud, dict) or not self._is_signed(inhoud):
            problemen.append("het anker is niet van Buurtpeil")
            return Kop()
        return Kop(_as_int(inhoud["nr"]), str(inhoud["hash"]))

    def _write_anker(self, kop: Kop) -> None:
        # One name, for one at a time writes: what a killed one left is written over.
        tijdelijk = self._anker.with_suffix(".deel")
        inhoud = self._sign({"soort": "anker", "nr": kop.nummer, "hash": kop.hash})
        tijdelijk.write_bytes(_encode(inhoud))
        tijdelijk.chmod(0o600)
        tijdelijk.replace(self._anker)

    def _sign(self, inhoud: Mapping[str, Any]) -> dict[str, Any]:
        geheim = load_geheim(self._sleutelmap)
        mac = hmac.digest(geheim, b"leeslog:" + _encode(inhoud), "sha256").hex()
        return {**inhoud, "zegel": mac}

    def _is_signed(self, inhoud: Mapping[str, Any]) -> bool:
        kaal = {naam: waarde for naam, waarde in inhoud.items() if naam != "zegel"}
        zegel = str(inhoud.get("zegel", "")).encode()
        return hmac.compare_digest(self._sign(kaal)["zegel"].encode(), zegel)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.map.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.map / SLOT).open("a", encoding="ascii") as slot:
            fcntl.flock(slot, fcntl.LOCK_EX)
            yield


DIENST: Final = "(de dienst)"


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except GebruikFout as fout:  # the secret is damaged, or others may read it
        raise LeeslogFout(fout.gevonden, verwacht=fout.verwacht, remedie=fout.remedie) from fout
    except OSError as fout:
        raise LeeslogFout(
            f"Het leeslog is niet te schrijven of te lezen ({fout.strerror}).",
            verwacht="ruimte en rechten in de map leeslog",
            remedie="maak ruimte vrij of herstel de rechten; tot dan blijven gegevens dicht",
        ) from fout


def _cut_loose_end(pad: Path) -> int:
    """Take away what stands after the last whole line; return how many bytes that was."""
    einde = _read_end(pad, 1)
    los = len(einde) - einde.rfind(b"\n") - 1
    if los:
        with pad.open("r+b") as bestand:
            bestand.truncate(pad.stat().st_size - los)
    return los


def _read_last(pad: Path) -> bytes | None:
    """Return the last line of a file that holds whole lines; None when it holds none."""
    regels = _read_end(pad, 2).splitlines(keepends=True)
    return regels[-1] if regels else None


def _read_end(pad: Path, regeleinden: int) -> bytes:
    """Return the end of a file from before as many line ends, or all of it when it has fewer.

    A month of lines is large, and with several workers each reads the last line of the others.
    """
    with pad.open("rb") as bestand:
        begin = bestand.seek(0, os.SEEK_END)
        einde = b""
        while begin and einde.count(b"\n") < regeleinden:
            stuk = min(begin, _STUK)
            begin = bestand.seek(begin - stuk)
            einde = bestand.read(stuk) + einde
    return einde


def _name_file(dag: date) -> str:
    return f"leeslog-{dag:%Y-%m}.jsonl"


def _parse(regel: bytes) -> dict[str, Any] | None:
    try:
        inhoud = json.loads(regel)
    except ValueError:
        return None
    return inhoud if isinstance(inhoud, dict) else None


def _as_int(waarde: object) -> int:
    return waarde if isinstance(waarde, int) else -1


def _is_before(regel: bytes, grens: date) -> bool:
    inhoud = _parse(regel) or {}
    return inhoud.get("soort") == IJKPUNT or str(inhoud.get("tijd", "9")) < grens.isoformat()


def _removed(pad: Path, regels: list[bytes]) -> Verwijdering:
    sleutels = tuple(hashlib.sha256(hash_regel(regel).encode()).hexdigest() for regel in regels)
    return Verwijdering("leeslog", "lezing", BEWAARTERMIJN, pad.name, sleutels)


def _encode(inhoud: Mapping[str, Any]) -> bytes:
    return json.dumps(inhoud, sort_keys=True, separators=(",", ":")).encode()


def _sync(pad: Path) -> None:
    nummer = os.open(pad, os.O_RDONLY)
    try:
        os.fsync(nummer)
    finally:
        os.close(nummer)
