"""What a release was made from besides its deliveries, kept in its archive to make it again.

Belongs here: the shape, writing and reading it. Does not belong here: making a release again
(``orchestration.reproductie``). There are no names in it: of a duiding only what it did.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from vera.duiding import Regel
from vera.errors import BuurtpeilError

BESTAND: Final = "invoer.json"


@dataclass(frozen=True)
class Invoer:
    """What went in.

    Parameters
    ----------
    vorige
        The release that was served before; its labels are the published past. None = the first.
    bevroren
        Id per ground of the references that were frozen already.
    duidingen
        What counted, per object and peildatum.
    opgeschoond_tot
        Up to which peildatum landings were purged; None = never.
    organisatie_sha256
        Hash of ``organisatie.yml``; empty when there was none.
    """

    vorige: str | None
    bevroren: Mapping[str, str]
    duidingen: Sequence[Regel]
    opgeschoond_tot: date | None
    organisatie_sha256: str


def hash_organisatie(pad: Path) -> str:
    """Return the hash of ``organisatie.yml``; empty when it is not there."""
    return hashlib.sha256(pad.read_bytes()).hexdigest() if pad.exists() else ""


def write_invoer(map_: Path, invoer: Invoer) -> None:
    """Keep what a release was made from; what is there already made it first, and stays."""
    pad = map_ / BESTAND
    if pad.exists():
        return
    inhoud = {
        "vorige": invoer.vorige,
        "bevroren": dict(sorted(invoer.bevroren.items())),
        "duidingen": [
            [r.niveau, r.beheerobject_id, r.peildatum.isoformat(), r.delta, r.reden_code]
            for r in sorted(invoer.duidingen)
        ],
        "opgeschoond_tot": invoer.opgeschoond_tot.isoformat() if invoer.opgeschoond_tot else None,
        "organisatie_sha256": invoer.organisatie_sha256,
    }
    tijdelijk = pad.with_suffix(".deel")
    tijdelijk.write_text(json.dumps(inhoud, ensure_ascii=False, indent=1), encoding="utf-8")
    tijdelijk.replace(pad)


def read_invoer(map_: Path) -> Invoer:
    """Read what a release was made from.

    Raises
    ------
    BuurtpeilError
        When that was not kept: the release is older than this, or its archive is gone.
    """
    pad = map_ / BESTAND
    if not pad.exists():
        raise BuurtpeilError(
            f"Van release {map_.name} is niet vastgelegd waar zij van uitging.",
            verwacht=f"{BESTAND} in de map archief/{map_.name} van de datamap",
            remedie="zet de map archief terug uit de back-up; een release van voor deze versie van "
            "Buurtpeil is niet na te maken",
        )
    inhoud = json.loads(pad.read_text(encoding="utf-8"))
    tot = inhoud["opgeschoond_tot"]
    return Invoer(
        vorige=inhoud["vorige"],
        bevroren=inhoud["bevroren"],
        duidingen=tuple(
            Regel(niveau, id_, date.fromisoformat(peildatum), delta, reden)
            for niveau, id_, peildatum, delta, reden in inhoud["duidingen"]
        ),
        opgeschoond_tot=date.fromisoformat(tot) if tot else None,
        organisatie_sha256=inhoud["organisatie_sha256"],
    )
