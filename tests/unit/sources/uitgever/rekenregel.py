"""The published arithmetic of the Wijkprofiel: an index is the mean of its parts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sources.uitgever.wijkprofiel import read_wijkprofiel
from vera.contract import Bron

SUBJECTIEF = {"vi": range(6, 12), "si": range(6, 11), "fi_subj": range(6, 11)}
OBJECTIEF = {"vi": range(12, 17), "si": range(11, 15), "fi_obj": range(6, 10)}
INDEXEN = (("vi", "vi"), ("si", "si"), ("fi_subj", "fi_obj"))
INDEX, SUBJ, OBJ = 3, 4, 5
# All published values are rounded to whole points: the mean of parts and the whole both.
AFRONDING = 1.0


def read_posities(pad: Path, bron: Bron, soort: str) -> dict[int, dict[int, float]]:
    """Return ``{wijknr: {position: value}}`` of one file."""
    (gelezen,) = read_wijkprofiel(pad, bron)
    kolommen = [k for k in bron.tabel(soort).kolommen if k.positie is not None]
    return {
        rij["wijknr"]: {k.positie: rij[k.naam] for k in kolommen if k.positie is not None}
        for rij in gelezen.rijen.to_pylist()
    }


def iter_afwijkingen(bron_map: Path, bron: Bron, jaar: int) -> Iterator[tuple[str, int, float]]:
    """Yield (what, wijknr, distance between the published value and the mean of its parts)."""
    for subj, obj in INDEXEN:
        delen = {
            soort: read_posities(bron_map / f"wijkprofiel_{jaar}_{soort}.csv", bron, soort)
            for soort in {subj, obj}
        }
        for wijknr, waarden in delen[subj].items():
            objectief = delen[obj][wijknr]
            parts = (
                ("subjectief", waarden[SUBJ], [waarden[p] for p in SUBJECTIEF[subj]]),
                ("objectief", objectief[OBJ], [objectief[p] for p in OBJECTIEF[obj]]),
                ("index", waarden[INDEX], [waarden[SUBJ], objectief[OBJ]]),
            )
            for wat, geheel, stukken in parts:
                yield f"{subj} {wat}", wijknr, abs(geheel - sum(stukken) / len(stukken))
