"""Where the keys of an ingest come from. Kept out of Dagster's config, which is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from serving.adresindex.sleutel import load_sleutel as load_dienstsleutel
from sources.sleutels import Sleutel, load_sleutel


@dataclass(frozen=True)
class Sleutelbron:
    """Loads the key when it is needed.

    Parameters
    ----------
    map
        Folder of the key file.
    waarde
        The key itself, from the environment; None = the file. Never in a repr.
    """

    map: Path
    waarde: str | None = field(default=None, repr=False)

    def load(self) -> Sleutel:
        """Return the key; its file is made at first use."""
        return load_sleutel(self.map, self.waarde)

    def load_dienst(self) -> bytes:
        """Return the key of the address index; its file is made at first use."""
        return load_dienstsleutel(self.map)
