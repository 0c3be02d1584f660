"""Who delivers: ``organisatie.yml`` at the root of the deliveries folder.

Optional. It names the association, says whether the deliveries are synthetic and which VERA
cluster sort the association calls a complex, and lists changes of policy that people know of and
that change what is recorded (a risk model reckons with those, and with no other).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from vera.errors import PoortInFout

BESTAND = "organisatie.yml"


@dataclass(frozen=True)
class Beleidswijziging:
    """A change of policy after which more or less is recorded of the same reality.

    Parameters
    ----------
    model
        Which prediction it touches: ``overlast`` or ``woonfraude``.
    vanaf
        First day.
    reden
        What changed, in Dutch.
    vastgesteld_door
        Function of who says so; no name.
    """

    model: str
    vanaf: date
    reden: str
    vastgesteld_door: str


@dataclass(frozen=True)
class Organisatie:
    """The association behind a deliveries folder."""

    naam: str = "Onbekende organisatie"
    gemeente: str = ""
    synthetisch: bool = False
    clustersoort: str = "FIN"
    beleidswijzigingen: tuple[Beleidswijziging, ...] = ()


def read_organisatie(leveringen: Path) -> Organisatie:
    """Read ``organisatie.yml``; without it the defaults hold.

    Raises
    ------
    PoortInFout
        When the file holds something else than the known keys with values of their type.
    """
    pad = leveringen / BESTAND
    if not pad.exists():
        return Organisatie()
    try:
        inhoud = yaml.safe_load(pad.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as fout:
        plek = getattr(fout, "problem_mark", None)
        regel = f" (regel {plek.line + 1})" if plek is not None else ""
        raise PoortInFout(
            f"{BESTAND} is geen geldige YAML in UTF-8{regel}.",
            remedie=f"verbeter {BESTAND} in de leveringenmap of haal het weg",
        ) from None
    soorten = {veld.name: type(veld.default) for veld in fields(Organisatie)}
    soorten["beleidswijzigingen"] = list
    fouten = [
        naam
        for naam, waarde in (inhoud.items() if isinstance(inhoud, dict) else [("?", None)])
        if naam not in soorten or not isinstance(waarde, soorten[naam])
    ]
    wijzigingen = inhoud.pop("beleidswijzigingen", []) if isinstance(inhoud, dict) else []
    if isinstance(wijzigingen, list):
        fouten += [
            f"beleidswijzigingen nummer {nummer}"
            for nummer, rij in enumerate(wijzigingen, start=1)
            if not _is_wijziging(rij)
        ]
    if fouten:
        raise PoortInFout(
            f"{BESTAND} heeft sleutels die niet kloppen: {', '.join(map(str, fouten))}.",
            verwacht=", ".join(f"{naam} ({soort.__name__})" for naam, soort in soorten.items())
            + "; een beleidswijziging heeft model (overlast of woonfraude), vanaf (datum), reden en "
            "vastgesteld_door",
            remedie=f"verbeter {BESTAND} in de leveringenmap of haal het weg",
        )
    return Organisatie(
        **inhoud, beleidswijzigingen=tuple(Beleidswijziging(**rij) for rij in wijzigingen)
    )


def _is_wijziging(rij: Any) -> bool:
    return (
        isinstance(rij, dict)
        and set(rij) == {veld.name for veld in fields(Beleidswijziging)}
        and rij["model"] in {"overlast", "woonfraude"}
        and type(rij["vanaf"]) is date
        and all(isinstance(rij[k], str) and rij[k].strip() for k in ("reden", "vastgesteld_door"))
    )
