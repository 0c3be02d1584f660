"""Answers of publishers as they came, each with its hash and its moment beside it.

A part of a table is kept under the version of that table: an interrupted fetch goes on where it
was, and a table that did not change is not asked again. A body whose hash is not that of its note
is as good as none.

Belongs here: files and notes. Does not belong here: asking (:mod:`sources.opendata.klant`).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from sources.bestand import hash_bestand

_LANG: Final = 24
"""So many hexadecimal digits name a file."""
DEEL: Final = ".deel"
"""What is not whole yet."""


@dataclass(frozen=True)
class Briefje:
    """What is known of an answer.

    Parameters
    ----------
    adres
        Where it was asked.
    opgehaald_op
        Moment of the answer, or of the last time that it was said to be the same; ISO 8601, UTC.
    sha256
        Of the body.
    omvang
        Bytes of the body.
    etag, gewijzigd_op
        As the publisher says them, to ask whether it is still the same; may be empty.
    """

    adres: str
    opgehaald_op: str
    sha256: str
    omvang: int
    etag: str = ""
    gewijzigd_op: str = ""


@dataclass(frozen=True)
class Begin:
    """The beginning of a file: bytes that are there, and by what to recognise the rest."""

    pad: Path
    omvang: int
    kenmerk: str


@dataclass(frozen=True)
class Voorraad:
    """A folder of answers. Nothing is made by looking.

    Parameters
    ----------
    map
        The folder; everything in it can be fetched anew.
    """

    map: Path

    def find(self, adres: str, plek: str = "los") -> tuple[Path, Briefje] | None:
        """Return a kept answer and its note; None when there is none, or it is damaged."""
        pad = self._pad(adres, plek)
        try:
            briefje = Briefje(**json.loads(_note(pad).read_text(encoding="utf-8")))
            heel = briefje.adres == adres and hash_bestand(pad) == briefje.sha256
        except (OSError, ValueError, TypeError):
            return None
        return (pad, briefje) if heel else None

    def store(
        self, adres: str, inhoud: bytes, koppen: Mapping[str, str], nu: str, plek: str = "los"
    ) -> Path:
        """Keep an answer; the note comes last, so what was cut short is not believed."""
        pad = self._pad(adres, plek)
        pad.parent.mkdir(parents=True, exist_ok=True)
        write_heel(pad, inhoud)
        self._write_note(pad, adres, hashlib.sha256(inhoud).hexdigest(), len(inhoud), koppen, nu)
        return pad

    def confirm(self, adres: str, nu: str, plek: str = "los") -> None:
        """Note that the publisher says a kept answer is still the same."""
        gevonden = self.find(adres, plek)
        if gevonden is not None:
            pad, briefje = gevonden
            koppen = {"etag": briefje.etag, "last-modified": briefje.gewijzigd_op}
            self._write_note(pad, adres, briefje.sha256, briefje.omvang, koppen, nu)

    def find_begin(self, adres: str) -> Begin:
        """Return how much of a file came in before the line broke; nothing is 0 bytes."""
        pad = self._pad(adres, "bestand")
        deel = pad.with_name(pad.name + DEEL)
        try:
            kenmerk = str(json.loads(_note(deel).read_text(encoding="utf-8"))["kenmerk"])
            omvang = deel.stat().st_size
        except (OSError, ValueError, TypeError, KeyError):
            return Begin(deel, 0, "")
        # Without a mark nobody can say that the rest is of the same file.
        return Begin(deel, omvang if kenmerk else 0, kenmerk)

    def start_begin(self, adres: str, kenmerk: str) -> Begin:
        """Make room for a file that comes in from its first byte."""
        begin = self.find_begin(adres)
        begin.pad.parent.mkdir(parents=True, exist_ok=True)
        begin.pad.write_bytes(b"")
        write_heel(_note(begin.pad), json.dumps({"adres": adres, "kenmerk": kenmerk}).encode())
        return Begin(begin.pad, 0, kenmerk)

    def finish_begin(self, adres: str, koppen: Mapping[str, str], nu: str) -> Path:
        """Turn a file that is whole now into a kept answer."""
        pad = self._pad(adres, "bestand")
        deel = pad.with_name(pad.name + DEEL)
        sha256, omvang = hash_bestand(deel), deel.stat().st_size
        deel.replace(pad)
        self._write_note(pad, adres, sha256, omvang, koppen, nu)
        _note(deel).unlink(missing_ok=True)
        return pad

    def keep_only(self, bron: str, tabel: str, versie: str) -> None:
        """Remove what is kept of other versions of a table."""
        houden = self.map / place(bron, tabel, versie)
        if houden.parent.is_dir():
            for ander in houden.parent.iterdir():
                if ander != houden and ander.is_dir():
                    shutil.rmtree(ander)

    def _pad(self, adres: str, plek: str) -> Path:
        return self.map / plek / hashlib.sha256(adres.encode()).hexdigest()[:_LANG]

    @staticmethod
    def _write_note(
        pad: Path, adres: str, sha256: str, omvang: int, koppen: Mapping[str, str], nu: str
    ) -> None:
        briefje = Briefje(
            adres, nu, sha256, omvang, koppen.get("etag", ""), koppen.get("last-modified", "")
        )
        write_heel(_note(pad), json.dumps(asdict(briefje), indent=1).encode())


def place(bron: str, tabel: str, versie: str) -> str:
    """Return where in a stock a version of a table is; texts of a publisher name no path."""
    return f"{bron}/{_short(tabel)}/{_short(versie)}"


def write_heel(pad: Path, inhoud: bytes, *, duurzaam: bool = False) -> None:
    """Write a file beside its place and move it there: it is there whole, or as it was.

    ``duurzaam`` waits for the disk first, so that it is so after a power cut as well. Of what is
    in the stock its hash says so.
    """
    deel = pad.with_name(f"{pad.name}.{os.getpid()}{DEEL}")
    try:
        deel.write_bytes(inhoud)
        if duurzaam:
            _sync(deel)
        deel.replace(pad)
    finally:
        deel.unlink(missing_ok=True)


def read_json(pad: Path) -> dict[str, Any]:
    """Return a JSON object; nothing when there is no such file, or it is damaged."""
    try:
        inhoud = json.loads(pad.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return inhoud if isinstance(inhoud, dict) else {}


def _note(pad: Path) -> Path:
    return pad.with_name(pad.name + ".json")


def _short(tekst: str) -> str:
    return hashlib.sha256(tekst.encode()).hexdigest()[:16]


def _sync(pad: Path) -> None:
    with pad.open("rb") as bestand:
        os.fsync(bestand.fileno())
