"""Rules of the gate in that are measured on landed rows: keys, dates, references.

Nothing here restates the contract: keys come from it, references are columns that bear the
name of another table's key, and what a date may be follows from its name and its table.
Of every table only the columns that a rule needs are kept.

Does not belong here: rules on files (:mod:`expectations.poort_in_verslag`); whether a cell
has its type or a code exists (quarantine, in ``sources``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from expectations.poort import Gemeten, Meting, Regel, measure_rijen
from expectations.poort_in_aannemelijk import (
    ONDERSOORT,
    VOLGORDE,
    measure_ondersoort,
    measure_volgorde,
)
from expectations.poort_in_vergelijking import measure_paren
from vera.contract import Contract, Tabel
from vera.persoonsgegeven import find_persoonsgegeven

# Dates on which something is due or ends: they may lie ahead without limit (9999-12-31 too).
GEPLANDE_EINDEN = frozenset({"einddatum", "uit_exploitatiedatum", "opzegdatum", "vervaldatum"})
# Dates on which a period begins: one that is announced may begin ahead.
BEGINDATUMS = frozenset({"begindatum", "in_exploitatiedatum"})
# How far ahead an announced period may begin: a contract signed or a block under way.
AANKONDIGING_DAGEN = 366
# This share of references may be unknown; above it is a warning (issue 2, working paper).
AANDEEL_ONBEKENDE_VERWIJZING = 0.01

# What a key must look like to be shown: anything else may be code for who reads it.
_TOONBAAR = re.compile(r"[A-Za-z0-9_.\-]{1,40}")

_BESTAND, _REGEL = "_bestand", "_regel"

SLEUTEL = Regel(
    "sleutel_uniek",
    "elke sleutel hoogstens één keer per bestand",
    "haal de dubbele rijen uit de export en lever het bestand opnieuw",
)
DATUM = Regel(
    "datums_niet_in_toekomst",
    "geen gebeurtenis of kennisdatum na de klok van deze run",
    "verbeter de datum in de bron en lever het bestand opnieuw",
)


@dataclass
class Ouders:
    """Keys of the tables read so far, to look references up in."""

    sleutels: dict[str, pa.ChunkedArray] = field(default_factory=dict)


@dataclass(frozen=True)
class RijMeting:
    """What was measured on one table's rows.

    ``veranderdagen_per_jaar`` says of a full table how often something in it begins.
    """

    gemeten: Gemeten
    regels: tuple[Regel, ...]
    veranderdagen_per_jaar: float


def list_verwijzingen(contract: Contract) -> dict[str, dict[str, str]]:
    """Return per table the columns that refer to another table: ``{table: {column: parent}}``.

    A column refers to the table whose whole key has the column's name; where several tables
    have that key, to the one that is called after it (``eenheid_id``: ``eenheid``, not
    ``eenheidadres``). A column without purposes is never looked up anywhere.
    """
    per_sleutel: dict[str, list[Tabel]] = {}
    for bron in contract.bronnen:
        for tabel in bron.tabellen:
            if bron.formaat == "tabel" and len(tabel.sleutel) == 1:
                per_sleutel.setdefault(tabel.sleutel[0], []).append(tabel)
    ouder_van = {
        sleutel: next((t for t in tabellen if f"{t.naam}_id" == sleutel), tabellen[0])
        for sleutel, tabellen in per_sleutel.items()
    }
    verwijzingen: dict[str, dict[str, str]] = {}
    for bron in contract.bronnen:
        if bron.formaat != "tabel":
            continue
        for tabel in bron.tabellen:
            verwijzingen[tabel.id] = {
                kolom.naam: ouder_van[kolom.naam].id
                for kolom in tabel.kolommen
                if kolom.naam in ouder_van
                and ouder_van[kolom.naam].id != tabel.id
                and kolom.doelen
                and kolom.behandeling in {"behouden", "pseudoniem"}
            }
    return verwijzingen


def iter_ouders_eerst(
    contract: Contract, verwijzingen: Mapping[str, Mapping[str, str]]
) -> Iterator[Tabel]:
    """Yield the contract's tables so that a table comes after those it refers to."""
    tabellen = {tabel.id: tabel for tabel in contract.tabellen}
    gezien: set[str] = set()

    def visit(naam: str) -> Iterator[Tabel]:
        if naam in gezien:
            return
        gezien.add(naam)
        for ouder in verwijzingen.get(naam, {}).values():
            yield from visit(ouder)
        yield tabellen[naam]

    for naam in tabellen:
        yield from visit(naam)


def measure_tabel(
    tabel: Tabel,
    *,
    verwijzingen: Mapping[str, str],
    ouders: Ouders,
    is_ouder: bool,
    lees_tabel: Callable[[str], pd.DataFrame],
    klok: date,
    vergelijk: Sequence[tuple[str, str]] = (),
) -> RijMeting:
    """Measure every rule on the landed rows of one table.

    Parameters
    ----------
    tabel
        The table's contract.
    verwijzingen
        Columns that refer to another table, with that table.
    ouders
        Keys read so far; this table's keys are added when ``is_ouder``.
    is_ouder
        Whether another table refers to this one.
    lees_tabel
        Gives the landed rows of ``bron.tabel``; called once.
    klok
        The run's clock.
    vergelijk
        Of a full table the pairs of files (older, newer) of which the same keys are compared.

    Returns
    -------
    RijMeting
        One measurement per rule.
    """
    datums = [k.naam for k in tabel.kolommen if k.type == "date"]
    nodig = {*_list_nodig(tabel, verwijzingen), _BESTAND, _REGEL}
    rijen = lees_tabel(tabel.id)
    paren = measure_paren(tabel, rijen, vergelijk)
    ondersoort = measure_ondersoort(tabel, rijen)
    rijen = rijen[[naam for naam in rijen.columns if naam in nodig]].reset_index(drop=True)
    for naam in datums:
        if naam in rijen:
            rijen[naam] = _to_dag(rijen[naam])
    if is_ouder:
        ouders.sleutels[tabel.id] = _as_teksten(rijen[tabel.sleutel[0]]).unique()

    def name_plaats(plek: int) -> str:
        return _name_plaats(tabel, rijen, plek)

    metingen = {
        SLEUTEL: measure_rijen(
            rijen.duplicated([*tabel.sleutel, _BESTAND], keep=False),
            f"{{aantal}} rijen delen hun sleutel ({', '.join(tabel.sleutel)}) "
            "met een andere rij van hetzelfde bestand",
            name_plaats,
        )
    }
    metingen |= paren
    metingen |= {} if ondersoort is None else {ONDERSOORT: ondersoort}
    if datums:
        metingen[DATUM] = _measure_datums(tabel, rijen, klok, name_plaats)
    if not _may_be_aangekondigd(tabel, tabel.kennisdatum_eerste_levering):
        volgorde = measure_volgorde(tabel, rijen)
        metingen |= {} if volgorde is None else {VOLGORDE: volgorde}
    for kolom, ouder in verwijzingen.items():
        if ouder in ouders.sleutels and kolom in rijen:
            metingen[_make_regel_verwijzing(kolom, ouder)] = measure_rijen(
                _mark_onbekend(rijen[kolom], ouders.sleutels[ouder]),
                f"{{aantal}} rijen met een {kolom} die niet in {ouder} staat",
                name_plaats,
                toegestaan=AANDEEL_ONBEKENDE_VERWIJZING * int(rijen[kolom].notna().sum()),
            )
    return RijMeting(
        Gemeten(tabel.id, {regel.naam: meting for regel, meting in metingen.items()}),
        tuple(metingen),
        _count_veranderdagen(tabel, rijen, klok),
    )


def list_kolommen(tabel: Tabel, verwijzingen: Mapping[str, str]) -> list[str]:
    """Return the columns that the rules on rows of a table read, beside its file and line.

    Of a full table all that are kept: each is laid beside the delivery before.
    """
    gehouden = [k for k in tabel.kolommen if k.behandeling in {"behouden", "pseudoniem"}]
    if tabel.levering == "volledig":
        return [k.naam for k in gehouden]
    nodig = _list_nodig(tabel, verwijzingen)
    for kolom in gehouden:
        if kolom.onder:
            nodig |= {kolom.onder, kolom.naam}
    return [k.naam for k in gehouden if k.naam in nodig]


def _list_nodig(tabel: Tabel, verwijzingen: Mapping[str, str]) -> set[str]:
    return {*tabel.sleutel, *(k.naam for k in tabel.kolommen if k.type == "date"), *verwijzingen}


def _mark_onbekend(kolom: pd.Series, bekend: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Return whether a value is filled in and not among ``bekend``."""
    # Not with pandas, which takes text out of Arrow value by value: minutes on millions of rows.
    waarden = _as_teksten(kolom)
    onbekend = pc.and_(pc.is_valid(waarden), pc.invert(pc.is_in(waarden, value_set=bekend)))
    uitkomst: npt.NDArray[np.bool_] = onbekend.to_numpy()
    return uitkomst


def _as_teksten(kolom: pd.Series) -> pa.ChunkedArray:
    """Return a column of keys as text for Arrow, whatever pandas keeps it as."""
    waarden = pa.array(kolom, from_pandas=True)
    delen = waarden if isinstance(waarden, pa.ChunkedArray) else pa.chunked_array([waarden])
    return delen.cast(pa.large_string())


def _to_dag(kolom: pd.Series) -> pd.Series:
    """Turn ``date`` objects or timestamps into datetime64[s], which holds the year 9999."""
    return pd.to_datetime(kolom).astype("datetime64[s]")


def _limits(tabel: Tabel, rijen: pd.DataFrame, kolom: str, klok: date) -> pd.Series:
    """Return per row the last day that a date column may hold.

    An event cannot have happened after the clock. A period (a table with a planned end) may
    begin ahead when it is known now: in a full state it is, in an addition it is where the
    row has a ``kennisdatum`` of its own. Without one its begin would become its kennisdatum.
    """
    laatste = pd.Series(np.datetime64(klok, "s"), index=rijen.index)
    if not _may_be_aangekondigd(tabel, kolom):
        return laatste
    ruim = laatste + pd.Timedelta(days=AANKONDIGING_DAGEN)
    if tabel.levering == "volledig":
        return ruim
    if "kennisdatum" not in rijen:
        return laatste
    return laatste.where(rijen["kennisdatum"].isna(), ruim)


def _may_be_aangekondigd(tabel: Tabel, kolom: str | None) -> bool:
    """Whether a date is the begin of a period, which may be known before it comes."""
    return kolom in BEGINDATUMS and any(k.naam in GEPLANDE_EINDEN for k in tabel.kolommen)


def _measure_datums(
    tabel: Tabel, rijen: pd.DataFrame, klok: date, plaats: Callable[[int], str]
) -> Meting:
    """Measure the rows with a date that lies beyond its limit."""
    te_laat = {
        k.naam: (rijen[k.naam] > _limits(tabel, rijen, k.naam, klok)).to_numpy()
        for k in tabel.kolommen
        if k.type == "date" and k.naam not in GEPLANDE_EINDEN and k.naam in rijen
    }
    per_kolom = ", ".join(f"{naam} {fout.sum()}x" for naam, fout in te_laat.items() if fout.any())
    return measure_rijen(
        np.any(list(te_laat.values()), axis=0) if te_laat else np.zeros(0, dtype=bool),
        f"{{aantal}} rijen met een datum in de toekomst: {per_kolom}",
        plaats,
    )


def _make_regel_verwijzing(kolom: str, ouder: str) -> Regel:
    return Regel(
        f"verwijzing_{kolom}_bekend",
        f"hoogstens {100 * AANDEEL_ONBEKENDE_VERWIJZING:.0f} % van de ingevulde {kolom} die niet "
        f"in {ouder} staat",
        f"controleer of {ouder} compleet is geleverd en dezelfde sleutels gebruikt",
        blokkeert=False,
    )


def _name_plaats(tabel: Tabel, rijen: pd.DataFrame, plek: int) -> str:
    """File and line, and of the key only what is neither a pseudonym nor personal.

    Of a table that holds keys of a person or dwelling as well, no key at all: columns may have
    been swapped.
    """
    rij = rijen.iloc[plek]
    delen = []
    kolommen = [tabel.kolom(naam) for naam in tabel.sleutel]
    if any(kolom.behandeling != "behouden" for kolom in kolommen):
        kolommen = []
    for kolom in kolommen:
        naam = kolom.naam
        if kolom.classificatie not in {"openbaar", "intern"} or naam not in rijen:
            continue
        if pd.isna(rij[naam]):
            continue
        waarde = rij[naam]
        tekst = str(waarde.date()) if isinstance(waarde, pd.Timestamp) else str(waarde)
        if _TOONBAAR.fullmatch(tekst) and find_persoonsgegeven(tekst) is None:
            delen.append(f"{naam} {tekst}")
    plaats = f"{rij[_BESTAND]} regel {rij[_REGEL]}"
    return f"{plaats} ({', '.join(delen)})" if delen else plaats


def _count_veranderdagen(tabel: Tabel, rijen: pd.DataFrame, klok: date) -> float:
    """Count the days of the last year on which something in a full table began."""
    begin = [
        k.naam
        for k in tabel.kolommen
        if k.type == "date" and k.verplicht and k.naam not in GEPLANDE_EINDEN and k.naam in rijen
    ]
    if tabel.levering != "volledig" or not begin:
        return 0.0
    dagen = rijen[begin[0]].drop_duplicates().dropna()
    dagen = dagen[dagen <= np.datetime64(klok, "s")]
    if dagen.empty:
        return 0.0
    return float((dagen > dagen.max() - pd.Timedelta(days=365)).sum())
