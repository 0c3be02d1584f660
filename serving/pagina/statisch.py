"""The style sheet and the mark, under a name that changes with their content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MAP: Final = Path(__file__).parent / "statisch"
_MEDIATYPEN: Final = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
CACHE: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Bestand:
    """One file that a page refers to."""

    adres: str
    mediatype: str
    inhoud: bytes


def read_bestanden() -> Mapping[str, Bestand]:
    """Return every static file by its own name (``stijl.css``); its address holds a hash."""
    return {pad.name: _read(pad) for pad in sorted(MAP.iterdir()) if pad.suffix in _MEDIATYPEN}


def _read(pad: Path) -> Bestand:
    inhoud = pad.read_bytes()
    kenmerk = hashlib.sha256(inhoud).hexdigest()[:10]
    return Bestand(f"/statisch/{pad.stem}-{kenmerk}{pad.suffix}", _MEDIATYPEN[pad.suffix], inhoud)


def hash_pages() -> str:
    """Return a short hash of everything that makes a page, for its entity tag."""
    som = hashlib.sha256()
    for pad in sorted(Path(__file__).parent.rglob("*")):
        if pad.suffix in {".py", ".html", *_MEDIATYPEN}:
            som.update(pad.name.encode())
            som.update(pad.read_bytes())
    return som.hexdigest()[:10]
