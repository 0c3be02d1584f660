"""Answers which complex an address or a dwelling lies in; what was asked is nowhere kept.

Belongs here: sealing what somebody asks for and reading the answer. Does not belong here: how it
is asked and told (``serving.api.zoek``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from serving.adresindex.bestand import MEER_DAN_EEN, GeenAdresindex, open_adresindex
from serving.adresindex.sleutel import read_sleutel
from vera.adressleutel import (
    compute_vingerafdruk,
    make_adressleutel,
    make_eenheidsleutel,
    make_nummersleutel,
)
from vera.errors import GebruikFout

Reden = Literal["niet_gevonden", "meer_complexen"]


@dataclass(frozen=True)
class Adres:
    """A front door, or all doors of a number when nothing is added to it.

    The parts are as ``vera.adressleutel`` writes them. None of them is in its repr.
    """

    postcode: str = field(repr=False)
    nummer: str = field(repr=False)
    toevoeging: str = field(default="", repr=False)


@dataclass(frozen=True)
class Eenheid:
    """A dwelling by the association's own id, which is not in its repr."""

    eenheid_id: str = field(repr=False)


@dataclass(frozen=True)
class Gevonden:
    """The complex that was found, or why there is none."""

    complex_id: str | None
    reden: Reden | None = None


class Adresboek:
    """Looks up addresses and dwellings in the index of a release.

    Parameters
    ----------
    sleutelmap
        Folder of the service key; None = there is none. Key and index are looked at anew for
        every question: a key that was replaced is in use at once, and none stays in memory.
    """

    def __init__(self, sleutelmap: Path | None) -> None:
        self._sleutelmap = sleutelmap

    def find(self, release: Path, gevraagd: Sequence[Adres | Eenheid]) -> list[Gevonden]:
        """Return the complex of each, in order.

        Raises
        ------
        GeenAdresindex
            When this cannot be told now; "not found" would be untrue.
        """
        try:
            geheim = read_sleutel(self._sleutelmap) if self._sleutelmap else None
        except (GebruikFout, OSError) as fout:
            raise GeenAdresindex("De sleutel van de adresindex is niet te lezen.") from fout
        vingerafdruk = compute_vingerafdruk(geheim) if geheim else None
        with open_adresindex(release, vingerafdruk) as index:
            if geheim is None:
                raise GeenAdresindex("Er is geen sleutel van de adresindex.")
            eerst, daarna = zip(*(_seal(geheim, vraag) for vraag in gevraagd), strict=True)
            nummers = index.find(eerst)
            for plek, nummer in enumerate(nummers):
                anders = daarna[plek]
                if nummer is None and anders is not None:
                    (nummers[plek],) = index.find([anders])
            namen = index.name_complexen(n for n in nummers if n is not None)
        return [_tell(nummer, namen) for nummer in nummers]


def _seal(geheim: bytes, vraag: Adres | Eenheid) -> tuple[bytes, bytes | None]:
    """Return the key to look for, and the one to look for when that is not there."""
    if isinstance(vraag, Eenheid):
        return make_eenheidsleutel(geheim, vraag.eenheid_id), None
    deur = make_adressleutel(geheim, vraag.postcode, vraag.nummer, vraag.toevoeging)
    if vraag.toevoeging:
        return deur, None
    return deur, make_nummersleutel(geheim, vraag.postcode, vraag.nummer)


def _tell(nummer: int | None, namen: dict[int, str]) -> Gevonden:
    if nummer is None:
        return Gevonden(None, "niet_gevonden")
    if nummer == MEER_DAN_EEN:
        return Gevonden(None, "meer_complexen")
    return Gevonden(namen[nummer])
