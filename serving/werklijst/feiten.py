"""The facts with a row of a worklist: the same ones for every row, of the purpose of that list.

Whoever still has to judge sees these, and no score. For overlast: recent reports, the last
schouw, labels, what runs there. For woonfraude: no report, label or buurt, because its purpose
does not allow them (``orchestration.doelbinding``): refused access, advertisements, inspections,
prevention.

Belongs here: gathering them, and words. Does not belong here: lane, score and reasons.
Source: design paper on trust, "Human decision" and "The firewall".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from serving.pagina.getal import count, format_datum, format_getal
from serving.release.voor_rollen import read_feiten
from serving.release.winkel import Uitgave
from serving.werklijst.loopt import Loopt
from vera.werklijst import Model

_LABELS: Final = 4
"""Labels shown, the last ones: a year of quarters."""
_ONBEKEND: Final = "niet vastgelegd"
_JAAR: Final = 12


@dataclass(frozen=True)
class Labelfeit:
    """A published label of the complex, and that of its theme overlast."""

    peildatum: str
    waarde: int | None
    overlast: int | None


@dataclass(frozen=True)
class Feiten:
    """What stands with a row.

    Parameters
    ----------
    getallen
        Row of the table of facts; None = the release has none of this complex.
    labels
        For overlast, the latest first.
    """

    model: Model
    getallen: Mapping[str, Any] | None
    labels: tuple[Labelfeit, ...]
    loopt: tuple[Loopt, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the facts as the API tells them: every row the same names."""
        g = self.getallen or {}
        loopt = [
            {
                "soort": {"code": regel.code, "naam": regel.naam},
                "begindatum": regel.begindatum.isoformat(),
                "einddatum": None if regel.einddatum is None else regel.einddatum.isoformat(),
            }
            for regel in self.loopt
        ]
        if self.model == "woonfraude":
            return {
                "maandenBekend": g.get("maanden_bekend", 0),
                "aantalWeigeringen": g.get("weigeringen"),
                "aantalAdvertenties": g.get("advertenties"),
                "aantalOnderzoeken": g.get("onderzoeken"),
                "loopt": loopt,
            }
        return {
            "maandenBekend": g.get("maanden_bekend", 0),
            "aantalMeldingen": g.get("meldingen"),
            "aantalMeldingenEerder": g.get("meldingen_eerder"),
            "aantalErnstig": g.get("ernstig"),
            "schouwMaand": g.get("schouw_maand"),
            "schouwCijfer": g.get("schouw_cijfer"),
            "labels": [
                {"peildatum": f.peildatum, "waarde": f.waarde, "overlast": f.overlast}
                for f in self.labels
            ],
            "loopt": loopt,
        }

    def list_zinnen(self) -> list[tuple[str, str]]:
        """Return name and words of each count."""
        g = self.getallen or {}
        if self.model == "woonfraude":
            return [
                ("Geen toegang of afspraak, 12 maanden", _say(g.get("weigeringen"))),
                ("Advertenties die hier passen, 12 maanden", _say(g.get("advertenties"))),
                ("Onderzoeken op eigen initiatief, 12 maanden", _say(g.get("onderzoeken"))),
            ]
        eerder = g.get("meldingen_eerder")
        return [
            ("Meldingen, 12 maanden", f"{_say(g.get('meldingen'))}{_say_deel(g)}"),
            ("Het jaar daarvoor", _say(eerder)),
            ("Ernstige meldingen, 12 maanden", _say(g.get("ernstig"))),
            ("Laatste schouw", _say_schouw(g)),
        ]


def gather_feiten(
    uitgave: Uitgave, model: Model, complex_id: str, loopt: Sequence[Loopt]
) -> Feiten:
    """Return the facts with a row."""
    labels: tuple[Labelfeit, ...] = ()
    if model == "overlast":
        labels = _list_labels(uitgave.history("complex", complex_id) or ())
    getallen = read_feiten(uitgave, model).get(complex_id)
    return Feiten(model, getallen, labels, tuple(loopt))


def find_gestart(loopt: Sequence[Loopt], vandaag: date) -> list[Loopt]:
    """Return what runs today."""
    return [
        regel
        for regel in loopt
        if regel.begindatum <= vandaag and (regel.einddatum is None or regel.einddatum >= vandaag)
    ]


def _list_labels(historie: Sequence[Mapping[str, Any]]) -> tuple[Labelfeit, ...]:
    eigen = [label for label in historie if label["grondslag"] == "eigen"]
    return tuple(
        Labelfeit(
            label["peildatum"],
            label["waarde"],
            next((t["waarde"] for t in label["themas"] if t["code"] == "OVL"), None),
        )
        for label in eigen[: -_LABELS - 1 : -1]
    )


def _say(aantal: int | None) -> str:
    return _ONBEKEND if aantal is None else format_getal(aantal, 0)


def _say_deel(g: Mapping[str, Any]) -> str:
    bekend = g.get("maanden_bekend", 0)
    if not 0 < bekend < _JAAR:
        return ""
    return f" (bekend van {count(bekend, 'maand', 'maanden')})"


def _say_schouw(g: Mapping[str, Any]) -> str:
    if g.get("schouw_maand") is None or g.get("schouw_cijfer") is None:
        return "geen in twee jaar"
    maand = format_datum(g["schouw_maand"]).split(" ", 1)[1]
    return f"{format_getal(g['schouw_cijfer'], 1)} in {maand}"
