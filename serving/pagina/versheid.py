"""How fresh the pages are: the facts of the release that every page ends with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from serving.api.v1 import VEROUDERD_NA_DAGEN
from serving.pagina.getal import format_datum, format_getal, format_moment
from serving.release.winkel import Uitgave


@dataclass(frozen=True)
class Levering:
    """The deliveries of one table on which the release rests."""

    tabel: str
    aantal: int
    rijen: str


@dataclass(frozen=True)
class Versheid:
    """What a reader must know to trust the figures: whose, of when, from what.

    ``verouderd`` and ``melding`` are sentences; None when all is well. Invented data does not
    grow old.
    """

    release_id: str
    organisatie: str
    gemeente: str | None
    is_synthetisch: bool
    is_voorlopig: bool
    peildatum: str
    gepubliceerd: str | None
    methodeversie: str
    leveringen: tuple[Levering, ...]
    aantal_leveringen: int
    verouderd: str | None
    melding: str | None


def describe_versheid(uitgave: Uitgave, vandaag: date, melding: str | None) -> Versheid:
    """Return the facts of a release.

    Parameters
    ----------
    uitgave
        Release that is shown.
    vandaag
        Today; decides whether the release is old.
    melding
        What is wrong with the release that should have been shown, if anything.
    """
    manifest = uitgave.manifest
    dagen = (vandaag - date.fromisoformat(uitgave.peildatum)).days
    geschreven = uitgave.run.get("geschreven_op")
    gemeente = manifest.get("gemeente")
    return Versheid(
        release_id=uitgave.release_id,
        organisatie=str(manifest["organisatie"]),
        gemeente=str(gemeente) if gemeente else None,
        is_synthetisch=uitgave.synthetisch,
        is_voorlopig=bool(manifest.get("is_voorlopig")),
        peildatum=format_datum(uitgave.peildatum),
        gepubliceerd=format_moment(str(geschreven)) if geschreven else None,
        methodeversie=str(manifest.get("methodeversie") or "onbekend"),
        leveringen=_group_leveringen(manifest.get("leveringen") or ()),
        aantal_leveringen=len(manifest.get("leveringen") or ()),
        verouderd=(
            f"Deze gegevens zijn {format_getal(dagen)} dagen oud. Nieuwere zijn er nog niet."
            if dagen > VEROUDERD_NA_DAGEN and not uitgave.synthetisch
            else None
        ),
        melding=melding,
    )


def _group_leveringen(leveringen: Sequence[Mapping[str, Any]]) -> tuple[Levering, ...]:
    """One line per table: years of deliveries would make every page heavy."""
    per_tabel: dict[str, list[int]] = {}
    for levering in leveringen:
        rijen = per_tabel.setdefault(str(levering.get("tabel") or "onbekend"), [])
        rijen.append(int(levering.get("rijen") or 0))
    return tuple(
        Levering(tabel, len(rijen), format_getal(sum(rijen)))
        for tabel, rijen in sorted(per_tabel.items())
    )
