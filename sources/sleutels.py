"""The keys of pseudonymisation: outside the warehouse, readable by their owner alone.

What belongs here: finding, making and fingerprinting a key. Using it is
:mod:`sources.pseudonimisering`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from vera.errors import GebruikFout

BESTAND = "pseudoniem.sleutel"
NIEUW = "pseudoniem.sleutel.nieuw"


@dataclass(frozen=True)
class Sleutel:
    """A secret of 32 bytes. Its repr never shows it."""

    geheim: bytes

    def __repr__(self) -> str:
        return f"Sleutel({self.vingerafdruk})"

    @property
    def vingerafdruk(self) -> str:
        """Eight hex digits that tell two keys apart and say nothing about them."""
        return hashlib.blake2b(self.geheim, digest_size=4, person=b"vingerafdruk").hexdigest()


def load_sleutel(sleutelmap: Path, waarde: str | None = None) -> Sleutel:
    """Return the key from a setting, else from its file, else make that file.

    Parameters
    ----------
    sleutelmap
        Folder of the key file; made with mode 0700.
    waarde
        64 hex digits from the environment, or None.

    Raises
    ------
    GebruikFout
        When the key is malformed, or others than its owner may read the file.
    """
    if waarde:
        return Sleutel(_decode(waarde, "de instelling BUURTPEIL_PSEUDONIEM_SLEUTEL"))
    return _load_bestand(sleutelmap / BESTAND)


def prepare_nieuwe(sleutelmap: Path) -> Sleutel:
    """Make the key that is to take the place of the one in use; it is not in use yet.

    One that a rotation left behind is taken up again: what was landed under it still counts.
    """
    return _load_bestand(sleutelmap / NIEUW)


def promote_nieuwe(sleutelmap: Path) -> None:
    """Put the new key in the place of the old one, in one step; the old one is gone then."""
    (sleutelmap / NIEUW).replace(sleutelmap / BESTAND)
    greep = os.open(sleutelmap, os.O_RDONLY)
    try:
        os.fsync(greep)
    finally:
        os.close(greep)


def _load_bestand(pad: Path) -> Sleutel:
    sleutelmap = pad.parent
    if not pad.exists():
        sleutelmap.mkdir(parents=True, exist_ok=True, mode=0o700)
        tijdelijk = pad.with_name(f"{pad.name}.{secrets.token_hex(6)}")
        # O_EXCL and the mode in one call: there is no moment at which others can read it.
        with os.fdopen(os.open(tijdelijk, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as f:
            f.write(secrets.token_hex(32) + "\n")
            f.flush()
            os.fsync(f.fileno())
        # Two first runs at once must end with one key: a link never replaces.
        with contextlib.suppress(FileExistsError):
            os.link(tijdelijk, pad)
        tijdelijk.unlink()
    if stat.S_IMODE(pad.stat().st_mode) & 0o077:
        raise GebruikFout(
            f"Het sleutelbestand {pad.name} is leesbaar voor anderen.",
            verwacht="rechten 600 (alleen de eigenaar)",
            remedie=f"chmod 600 op {pad.name} in de map sleutels van de datamap",
        )
    tekst = pad.read_bytes().decode("ascii", errors="replace")
    return Sleutel(_decode(tekst.strip(), pad.name))


def _decode(tekst: str, herkomst: str) -> bytes:
    try:
        geheim = bytes.fromhex(tekst.strip())
    except ValueError:
        geheim = b""
    if len(geheim) != 32:
        raise GebruikFout(
            f"De pseudonimiseringssleutel uit {herkomst} is niet te gebruiken.",
            verwacht="64 hexadecimale cijfers",
            remedie="zet de bewaarde sleutel terug; een nieuwe sleutel breekt de band met "
            "eerdere leveringen",
        )
    return geheim
