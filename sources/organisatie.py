"""Who delivers: ``organisatie.yml`` at the root of the deliveries folder.

Optional. It names the association, says whether the deliveries are synthetic and which VERA
cluster sort the association calls a complex. It lists changes of policy that people know of and
that change what is recorded (a risk model reckons with those, and with no other), and says who
answers for each risk model and on what ground: without that none comes through the gate. Address
and website go into the papers.
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
class Verantwoording:
    """Who answers for a risk model or the label, and on what ground it may exist.

    Parameters
    ----------
    model
        ``overlast``, ``woonfraude``, or ``label`` for the label itself.
    eigenaar
        Function, no name.
    grondslag
        Legal basis.
    dpia
        Number or title of the DPIA.
    bezwaar
        Where people go with questions and objections.
    """

    model: str
    eigenaar: str
    grondslag: str
    dpia: str
    bezwaar: str


@dataclass(frozen=True)
class Organisatie:
    """The association behind a deliveries folder."""

    naam: str = "Onbekende organisatie"
    gemeente: str = ""
    synthetisch: bool = False
    clustersoort: str = "FIN"
    contact_email: str = ""
    website: str = ""
    beleidswijzigingen: tuple[Beleidswijziging, ...] = ()
    verantwoording: tuple[Verantwoording, ...] = ()


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
    soorten |= dict.fromkeys(_LIJSTEN, list)
    fouten = [
        naam
        for naam, waarde in (inhoud.items() if isinstance(inhoud, dict) else [("?", None)])
        if naam not in soorten or not isinstance(waarde, soorten[naam])
    ]
    if not fouten:
        fouten = [
            f"{lijst} nummer {nummer}"
            for lijst, soort in _LIJSTEN.items()
            for nummer, rij in enumerate(inhoud.get(lijst, []), start=1)
            if not _is_rij(rij, soort)
        ]
    if fouten:
        raise PoortInFout(
            f"{BESTAND} heeft sleutels die niet kloppen: {', '.join(map(str, fouten))}.",
            verwacht=", ".join(f"{naam} ({soort.__name__})" for naam, soort in soorten.items())
            + "; in een lijst: "
            + "; ".join(
                f"{naam}: {', '.join(veld.name for veld in fields(soort))}"
                for naam, soort in _LIJSTEN.items()
            ),
            remedie=f"verbeter {BESTAND} in de leveringenmap of haal het weg",
        )
    return Organisatie(
        **{naam: waarde for naam, waarde in inhoud.items() if naam not in _LIJSTEN},
        beleidswijzigingen=tuple(
            Beleidswijziging(**rij) for rij in inhoud.get("beleidswijzigingen", [])
        ),
        verantwoording=tuple(Verantwoording(**rij) for rij in inhoud.get("verantwoording", [])),
    )


_LIJSTEN: dict[str, type] = {
    "beleidswijzigingen": Beleidswijziging,
    "verantwoording": Verantwoording,
}


_MODELLEN: dict[type, frozenset[str]] = {
    Beleidswijziging: frozenset({"overlast", "woonfraude"}),
    Verantwoording: frozenset({"overlast", "woonfraude", "label"}),
}


def _is_rij(rij: Any, soort: type) -> bool:
    """Return whether a row has every field, a date in ``vanaf`` and a text in all others."""
    namen = {veld.name for veld in fields(soort)}
    return (
        isinstance(rij, dict)
        and set(rij) == namen
        and rij["model"] in _MODELLEN[soort]
        and all(
            type(waarde) is date if naam == "vanaf" else isinstance(waarde, str) and waarde.strip()
            for naam, waarde in rij.items()
        )
    )
