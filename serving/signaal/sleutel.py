"""The keys of the Sociale Signalen: a file of their own, or a setting.

One Fernet key per line, the newest first: the first one encrypts, all of them decrypt. The file
is read anew for every transaction, so that a rotation reaches a running server.
Belongs here: finding, making and changing keys. Using them is ``versleuteling``.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, MultiFernet

from vera.errors import GebruikFout

BESTAND: Final = "signaal.sleutel"
INSTELLING: Final = "BUURTPEIL_SIGNAAL_SLEUTEL"


class GeenSleutel(GebruikFout):
    """There is no key, while there is something to read."""


class Sleutelbos:
    """The keys, newest first.

    Parameters
    ----------
    map_
        Folder of the key file; made with mode 0700 at the first key.
    waarde
        Keys from a setting, with commas between them; then no file is looked at.
    """

    def __init__(self, map_: Path, waarde: str | None = None) -> None:
        self._pad = map_ / BESTAND
        self._waarde = waarde

    def __repr__(self) -> str:
        return f"Sleutelbos({'instelling' if self._waarde else 'bestand'})"

    @property
    def is_instelling(self) -> bool:
        """Whether the keys come from a setting, that this process cannot change."""
        return bool(self._waarde)

    @property
    def aantal(self) -> int:
        """How many keys there are; more than one while a rotation is under way."""
        return len(self._read())

    def load(self) -> MultiFernet:
        """Return what encrypts and decrypts.

        Raises
        ------
        GeenSleutel
            When there is no key.
        GebruikFout
            When a key is malformed, or others than its owner may read the file.
        """
        sleutels = self._read()
        if not sleutels:
            raise GeenSleutel(
                f"De sleutel van de Sociale Signalen is er niet ({BESTAND}).",
                verwacht=f"{BESTAND} in de map sleutels, of {INSTELLING}",
                remedie="zet de bewaarde sleutel terug; zonder haar is niets meer te lezen",
            )
        return MultiFernet([_make_fernet(sleutel) for sleutel in sleutels])

    def make(self) -> MultiFernet:
        """Return what encrypts; make a key when there is none yet."""
        if not self._read():
            tijdelijk = self._write_beside([Fernet.generate_key().decode()])
            # Two first reports at once must end with one key: a link never replaces.
            with contextlib.suppress(FileExistsError):
                os.link(tijdelijk, self._pad)
            tijdelijk.unlink()
        return self.load()

    def add_new(self) -> None:
        """Put a new key before the others; it encrypts from now on."""
        self._write_beside([Fernet.generate_key().decode(), *self._read()]).replace(self._pad)

    def keep_first(self) -> None:
        """Drop every key but the newest."""
        self._write_beside(self._read()[:1]).replace(self._pad)

    def _read(self) -> list[str]:
        if self._waarde:
            return [deel.strip() for deel in self._waarde.split(",") if deel.strip()]
        try:
            # The opened file itself is looked at: not one that takes its place meanwhile.
            with self._pad.open(encoding="ascii", errors="replace") as bestand:
                if stat.S_IMODE(os.fstat(bestand.fileno()).st_mode) & 0o077:
                    raise GebruikFout(
                        f"Het sleutelbestand {BESTAND} is leesbaar voor anderen.",
                        verwacht="rechten 600 (alleen de eigenaar)",
                        remedie=f"chmod 600 op {BESTAND} in de map sleutels van de datamap",
                    )
                return [regel.strip() for regel in bestand if regel.strip()]
        except FileNotFoundError:
            return []

    def _write_beside(self, sleutels: list[str]) -> Path:
        self._pad.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        tijdelijk = self._pad.with_suffix(f".{secrets.token_hex(6)}")
        # O_EXCL and the mode in one call: there is no moment at which others can read it.
        greep = os.open(tijdelijk, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(greep, "w", encoding="ascii") as bestand:
            bestand.write("".join(f"{sleutel}\n" for sleutel in sleutels))
            bestand.flush()
            os.fsync(bestand.fileno())
        return tijdelijk


def _make_fernet(sleutel: str) -> Fernet:
    try:
        return Fernet(sleutel)
    except ValueError as fout:
        raise GebruikFout(
            "Een sleutel van de Sociale Signalen is niet te gebruiken.",
            verwacht="32 bytes, base64 voor URL's (44 tekens), één sleutel per regel",
            remedie="zet de bewaarde sleutel terug",
        ) from fout
