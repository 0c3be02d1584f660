"""A what-if on a release: the question, the answer, and one page of what changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from serving.release.winkel import Uitgave
from serving.wat_als.bestand import read_gewichten, read_portefeuille
from serving.wat_als.rekening import THEMAS, Keuze, Uitkomst, compute_wat_als
from vera.errors import BuurtpeilError

GEWICHT_STAP: Final = 0.25
GEWICHT_MAXIMUM: Final = 3
GEEN_GEWICHT: Final = "Geef ten minste één thema een gewicht boven 0."
GEEN_WAT_ALS: Final = (
    "In deze release is niets om een wat-als mee te rekenen: er zijn geen scores op eigen "
    "gegevens, of de referentie is net vervangen. Na de volgende peildatum is het er weer."
)


class GeenWatAls(BuurtpeilError):
    """The release that is served has nothing to compute a what-if from."""


@dataclass(frozen=True)
class WatAlsAntwoord:
    """What was asked, what is published, and the labels that come out."""

    niveau: str
    keuze: Keuze
    gepubliceerd: Keuze
    uitkomst: Uitkomst


@dataclass(frozen=True)
class Verandering:
    """One object that would have another label; 0 is unknown."""

    beheerobject_id: str
    naam: str
    verhuureenheden: int
    oud: int
    nieuw: int
    is_benaderd: bool


def find_gepubliceerd(uitgave: Uitgave) -> Keuze:
    """Return the published weights and power."""
    return read_gewichten(uitgave.attachment("thema"))


def ask_wat_als(
    uitgave: Uitgave, niveau: str, gewichten: Sequence[float | None], macht: int
) -> WatAlsAntwoord:
    """Return the labels of one niveau under other weights.

    Parameters
    ----------
    uitgave
        The release.
    niveau
        complex, buurt or wijk.
    gewichten
        In the order of ``THEMAS``; None is the published weight.
    macht
        Power of the mean, 1, 2 or 4.

    Raises
    ------
    ValueError
        When all weights are zero.
    GeenWatAls
        When the release has nothing to compute from.
    """
    gepubliceerd = find_gepubliceerd(uitgave)
    keuze = Keuze(
        tuple(
            vast if gewicht is None else gewicht
            for gewicht, vast in zip(gewichten, gepubliceerd.gewichten, strict=True)
        ),
        macht,
    )
    portefeuille = read_portefeuille(uitgave, niveau)
    if portefeuille is None:
        raise GeenWatAls(GEEN_WAT_ALS)
    uitkomst = compute_wat_als(portefeuille, keuze, gepubliceerd)
    return WatAlsAntwoord(niveau, keuze, gepubliceerd, uitkomst)


def list_veranderingen(
    uitgave: Uitgave, antwoord: WatAlsAntwoord, pagina: int, per_pagina: int
) -> list[Verandering]:
    """Return one page of the objects that change, with their names."""
    uitkomst, bezit = antwoord.uitkomst, antwoord.uitkomst.portefeuille
    begin = (pagina - 1) * per_pagina
    plaatsen = uitkomst.veranderd[begin : begin + per_pagina].tolist()
    ids = [bezit.beheerobject_id[plaats] for plaats in plaatsen]
    vragen = ", ".join("?" * len(ids))
    namen = dict(
        uitgave.query(
            "select beheerobject_id, naam from lijst "  # noqa: S608
            f"where niveau = ? and beheerobject_id in ({vragen})",
            (antwoord.niveau, *ids),
        )
    )
    return [
        Verandering(
            id_,
            namen.get(id_, id_),
            int(bezit.verhuureenheden[plaats]),
            int(uitkomst.oud[plaats]),
            int(uitkomst.nieuw[plaats]),
            bool(bezit.is_benaderd[plaats]),
        )
        for plaats, id_ in zip(plaatsen, ids, strict=True)
    ]


__all__ = [
    "GEEN_GEWICHT",
    "GEWICHT_MAXIMUM",
    "GEWICHT_STAP",
    "THEMAS",
    "GeenWatAls",
    "Verandering",
    "WatAlsAntwoord",
    "ask_wat_als",
    "find_gepubliceerd",
    "list_veranderingen",
]
