"""What a theme signal saw, in a sentence. A signal stands beside the label, never in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from serving.pagina.getal import format_datum, format_getal

_GETELD: Final[Mapping[str, str]] = {
    "OVL": "meldingen van overlast",
    "SHV": "meldingen van vernieling en ongedierte",
}
"""What a signal counts per theme (int_signaal__gebeurtenis)."""


@dataclass(frozen=True)
class Signalen:
    """The signals of one place in the last month: a sentence each, and the day."""

    zinnen: tuple[str, ...]
    datum: str


def describe_signalen(signalen: Sequence[Mapping[str, Any]]) -> Signalen | None:
    """Return what to say; None where there is no signal."""
    if not signalen:
        return None
    return Signalen(tuple(map(say_signaal, signalen)), format_datum(signalen[0]["peildatum"]))


def say_signaal(signaal: Mapping[str, Any]) -> str:
    """Say how much there is now, against what was usual here.

    Examples
    --------
    >>> zin = say_signaal({"themaCode": "OVL", "aantalRecent": 9, "maandenRecent": 6,
    ...                    "aantalEerder": 10, "maandenEerder": 24})
    >>> zin.split(": ")[1]
    '9 in het laatste half jaar, daarvoor gemiddeld 2,5 per half jaar.'
    """
    wat = _GETELD.get(signaal["themaCode"], "meldingen")
    maanden = signaal["maandenRecent"]
    periode = "het laatste half jaar" if maanden == 6 else f"de laatste {maanden} maanden"
    gewoon = format_getal(6 * signaal["aantalEerder"] / signaal["maandenEerder"], 1)
    return (
        f"Meer {wat} dan eerder: {signaal['aantalRecent']} in {periode}, daarvoor gemiddeld "
        f"{gewoon} per half jaar."
    )
