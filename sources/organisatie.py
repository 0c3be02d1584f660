"""Who delivers: ``organisatie.yml`` at the root of the deliveries folder.

Optional. It names the association, says whether the deliveries are synthetic and which VERA
cluster sort the association calls a complex.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import yaml

from vera.errors import PoortInFout

BESTAND = "organisatie.yml"


@dataclass(frozen=True)
class Organisatie:
    """The association behind a deliveries folder."""

    naam: str = "Onbekende organisatie"
    gemeente: str = ""
    synthetisch: bool = False
    clustersoort: str = "FIN"


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
    fouten = [
        naam
        for naam, waarde in (inhoud.items() if isinstance(inhoud, dict) else [("?", None)])
        if naam not in soorten or not isinstance(waarde, soorten[naam])
    ]
    if fouten:
        raise PoortInFout(
            f"{BESTAND} heeft sleutels die niet kloppen: {', '.join(map(str, fouten))}.",
            verwacht=", ".join(f"{naam} ({soort.__name__})" for naam, soort in soorten.items()),
            remedie=f"verbeter {BESTAND} in de leveringenmap of haal het weg",
        )
    return Organisatie(**inhoud)
