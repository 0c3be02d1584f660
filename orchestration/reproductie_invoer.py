"""What a release was made from besides its deliveries, kept in its archive to make it again.

Belongs here: the shape, writing and reading it. Does not belong here: making a release again
(``orchestration.reproductie``). There are no names in it: of a duiding only what it did.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from vera.duiding import Regel
from vera.errors import BuurtpeilError

BESTAND: Final = "invoer.json"


@dataclass(frozen=True)
class Modelstaat:
    """How a risk model stood after a run: what could score, and what people had said of it.

    Parameters
    ----------
    kampioen
        The version that scored, or None.
    versies
        Every version there was, with why it had to make room (empty: it had not).
    gestopt
        When and why it was stopped; None when it was in use. Not by whom.
    getekend
        Versions and champions for which somebody signed.
    """

    kampioen: str | None
    versies: Mapping[str, tuple[str, ...]]
    gestopt: tuple[datetime, str] | None
    getekend: tuple[tuple[str, str], ...]


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
    modellen
        How each risk model stood; None when that was not kept, or the registry was out of reach.
    """

    vorige: str | None
    bevroren: Mapping[str, str]
    duidingen: Sequence[Regel]
    opgeschoond_tot: date | None
    organisatie_sha256: str
    modellen: Mapping[str, Modelstaat] | None = None


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
        "modellen": (
            None
            if invoer.modellen is None
            else {model: _as_json(staat) for model, staat in sorted(invoer.modellen.items())}
        ),
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
        modellen=_read_modellen(inhoud.get("modellen")),
    )


def _as_json(staat: Modelstaat) -> dict[str, Any]:
    gestopt = staat.gestopt
    return {
        "kampioen": staat.kampioen,
        "versies": {versie: list(redenen) for versie, redenen in sorted(staat.versies.items())},
        "gestopt": None if gestopt is None else [gestopt[0].isoformat(), gestopt[1]],
        "getekend": [list(paar) for paar in sorted(staat.getekend)],
    }


def _read_modellen(inhoud: Mapping[str, Any] | None) -> dict[str, Modelstaat] | None:
    if inhoud is None:
        return None
    return {
        model: Modelstaat(
            kampioen=staat["kampioen"],
            versies={versie: tuple(redenen) for versie, redenen in staat["versies"].items()},
            gestopt=(
                (datetime.fromisoformat(staat["gestopt"][0]), staat["gestopt"][1])
                if staat["gestopt"]
                else None
            ),
            getekend=tuple((versie, kampioen) for versie, kampioen in staat["getekend"]),
        )
        for model, staat in inhoud.items()
    }
