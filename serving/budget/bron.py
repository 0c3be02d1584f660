"""What the rule needs, read: dwellings from a release, last year's budget from a file.

Belongs here: reading and checking. Does not belong here: dividing (``regel``), or words of a page.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from serving.budget.regel import MAXIMUM_BUDGET, Gebied
from serving.release.winkel import Uitgave
from vera.errors import GebruikFout

BESTAND: Final = "budget.csv"
"""Name of the file with last year's budget, in the data folder."""

KOLOMMEN: Final = ("jaar", "niveau", "gebied_id", "bedrag_eur")
ZONDER_GEBIED: Final = "-"
"""Id of what lies in no area: its money must not vanish."""

Budgetniveau = Literal["buurt", "wijk"]
NIVEAUS: Final[tuple[Budgetniveau, ...]] = ("wijk", "buurt")

_MAXIMUM_BYTES: Final = 2_000_000
_VERWIJST: Final = "zie beheercluster "


class BudgetbestandFout(GebruikFout):
    """The file with last year's budget cannot be used."""


@dataclass(frozen=True)
class VorigBudget:
    """Last year's budget by area of one niveau, in whole euros."""

    jaar: int
    niveau: Budgetniveau
    bedragen: Mapping[str, int]

    @property
    def totaal(self) -> int:
        """Everything together."""
        return sum(self.bedragen.values())


@dataclass(frozen=True)
class Onbekend:
    """A complex without a known label: it counts as the mean, and is named."""

    id: str
    naam: str
    gebied_id: str
    woningen: int


@dataclass(frozen=True)
class Bezit:
    """The dwellings of a release by area and label.

    Parameters
    ----------
    woningen
        By id of the area: without a known label first, then by label 1 to 5.
    namen, labels
        Name and own label of every area.
    onbekend
        Complexes without a known label, the largest first.
    """

    niveau: Budgetniveau
    woningen: Mapping[str, tuple[int, int, int, int, int, int]]
    namen: Mapping[str, str]
    labels: Mapping[str, int | None]
    onbekend: Sequence[Onbekend]

    @property
    def aantal_woningen(self) -> int:
        """All dwellings."""
        return sum(map(sum, self.woningen.values()))

    def list_gebieden(self, vorig: VorigBudget | None) -> list[Gebied]:
        """Return the areas as the rule takes them; a budget of another niveau bounds nothing."""
        bedragen = vorig.bedragen if vorig is not None and vorig.niveau == self.niveau else {}
        return [Gebied(id_, aantal, bedragen.get(id_)) for id_, aantal in self.woningen.items()]


def read_bezit(uitgave: Uitgave, niveau: Budgetniveau) -> Bezit:
    """Return the dwellings of a release, once per release.

    A small complex that has its label in a beheercluster counts with that label; the cluster
    itself, whose dwellings are those of its complexes, does not count again.
    """
    return uitgave.remember(("budget", niveau), lambda: _read_bezit(uitgave, niveau))


def _read_bezit(uitgave: Uitgave, niveau: Budgetniveau) -> Bezit:
    kolom = {"buurt": "buurt_id", "wijk": "wijk_id"}[niveau]
    rijen = uitgave.query(
        f"select l.beheerobject_id, l.naam, l.{kolom}, l.verhuureenheden_aantal, l.label_tot, "  # noqa: S608 - one of two fixed names
        "case when l.label_tot is null then a.body end "
        "from lijst l join antwoord a on a.niveau = l.niveau "
        "and a.beheerobject_id = l.beheerobject_id where l.niveau = 'complex' "
        "order by l.beheerobject_id"
    )
    labels = {id_: label for id_, _, _, _, label, _ in rijen}
    clusters = {id_: _find_cluster(inhoud) for id_, *_, inhoud in rijen if inhoud is not None}
    geteld = set(clusters.values())  # by the complexes that they are made of
    tellingen: dict[str, Counter[int]] = defaultdict(Counter)
    onbekend = []
    for id_, naam, gebied_id, aantal, label, _ in rijen:
        if id_ in geteld or not aantal:
            continue
        waar = gebied_id or ZONDER_GEBIED
        geldt = label or labels.get(clusters[id_])
        tellingen[waar][geldt or 0] += aantal
        if not geldt:
            onbekend.append(Onbekend(id_, naam, waar, aantal))
    gebieden = uitgave.query(
        "select beheerobject_id, naam, label_tot from lijst where niveau = ?", (niveau,)
    )
    namen = {ZONDER_GEBIED: f"Zonder {niveau}"} | {id_: naam for id_, naam, _ in gebieden}
    return Bezit(
        niveau,
        MappingProxyType(
            {
                id_: (telling[0], telling[1], telling[2], telling[3], telling[4], telling[5])
                for id_, telling in sorted(tellingen.items())
            }
        ),
        MappingProxyType({id_: namen.get(id_, id_) for id_ in tellingen}),
        MappingProxyType({id_: label for id_, _, label in gebieden}),
        tuple(sorted(onbekend, key=lambda rij: (-rij.woningen, rij.id))),
    )


def _find_cluster(inhoud: bytes) -> str:
    """Return the id of the beheercluster that an answer points at; empty when it does not."""
    label = json.loads(inhoud + b"}")["sociaalBeheerLabel"]
    _, _, id_ = str(label.get("redenOnbekend") or "").partition(_VERWIJST)
    return id_.rstrip(".")


def read_vorig(pad: Path) -> VorigBudget | None:
    """Return last year's budget; None when there is no file.

    Parameters
    ----------
    pad
        CSV with ``;`` and the columns of ``KOLOMMEN``: one year, one niveau, a row per area.

    Raises
    ------
    BudgetbestandFout
        When the file is not that; the message names the line.
    """
    try:
        inhoud = pad.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as fout:
        raise _refuse(f"is niet te lezen ({type(fout).__name__})") from fout
    if len(inhoud) > _MAXIMUM_BYTES:
        raise _refuse(f"telt {len(inhoud)} bytes, meer dan {_MAXIMUM_BYTES}")
    return parse_vorig(inhoud)


def parse_vorig(inhoud: bytes) -> VorigBudget:
    """Return last year's budget as the bytes of a file say it.

    Raises
    ------
    BudgetbestandFout
        When they say something else.
    """
    try:
        lezer = csv.DictReader(io.StringIO(inhoud.decode("utf-8-sig")), delimiter=";", strict=True)
        if tuple(lezer.fieldnames or ()) != KOLOMMEN:
            raise _refuse("heeft andere kolommen")
        bedragen: dict[str, int] = {}
        soorten: set[tuple[int, Budgetniveau]] = set()
        for rij in lezer:
            if None in rij or None in rij.values():
                raise _refuse(f"heeft op regel {lezer.line_num} te veel of te weinig velden")
            id_ = rij["gebied_id"].strip()
            if not id_ or id_ in bedragen:
                raise _refuse(f"heeft op regel {lezer.line_num} geen gebied, of een dat er al was")
            bedragen[id_] = _read_whole(rij["bedrag_eur"], MAXIMUM_BUDGET, lezer.line_num)
            niveau = next((soort for soort in NIVEAUS if soort == rij["niveau"].strip()), None)
            if niveau is None:
                raise _refuse(f"heeft op regel {lezer.line_num} geen niveau “wijk” of “buurt”")
            soorten.add((_read_whole(rij["jaar"], 2200, lezer.line_num), niveau))
    except (UnicodeDecodeError, csv.Error) as fout:
        raise _refuse("is geen CSV in UTF-8") from fout
    if len(soorten) != 1:
        raise _refuse("gaat over geen of meer dan één jaar of niveau")
    ((jaar, niveau),) = soorten
    return VorigBudget(jaar, niveau, MappingProxyType(bedragen))


def _read_whole(tekst: str, maximum: int, regel: int) -> int:
    kaal = tekst.strip()
    if not (kaal.isascii() and kaal.isdigit() and int(kaal[:12]) <= maximum and len(kaal) <= 12):
        raise _refuse(f"heeft op regel {regel} geen heel getal van 0 tot en met {maximum}")
    return int(kaal)


def _refuse(wat: str) -> BudgetbestandFout:
    return BudgetbestandFout(
        f"Het bestand {BESTAND} met het budget van vorig jaar {wat}.",
        verwacht=f"kolommen {';'.join(KOLOMMEN)}, één jaar, één niveau, hele euro's",
        remedie=f"verbeter {BESTAND} in de datamap, of haal het weg",
    )
