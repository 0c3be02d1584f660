"""Rules of the gate in that are judged on landed rows: keys, dates, references.

Nothing here restates the contract: keys come from it, references are columns that bear the
name of another table's key, and what a date may be follows from its name and its table.
Of every table only the columns that a rule needs are kept.

Does not belong here: rules on files (:mod:`expectations.poort_in_verslag`); whether a cell
has its type or a code exists (quarantine, in ``sources``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from expectations.persoonsgegeven import find_persoonsgegeven
from expectations.poort import Regel, RijEis, Toetsbank
from vera.bevinding import Bevinding
from vera.contract import Contract, Tabel

# Dates on which something is due or ends: they may lie ahead without limit (9999-12-31 too).
GEPLANDE_EINDEN = frozenset({"einddatum", "uit_exploitatiedatum", "opzegdatum", "vervaldatum"})
# Dates on which a period begins: one that is announced may begin ahead.
BEGINDATUMS = frozenset({"begindatum", "in_exploitatiedatum"})
# How far ahead an announced period may begin: a contract signed or a block under way.
AANKONDIGING_DAGEN = 366
# Share of references that must be known; the rest is a warning (issue 2, working paper).
AANDEEL_BEKENDE_VERWIJZING = 0.99

_BESTAND, _REGEL = "_bestand", "_regel"
_BESTAND_NUMMER, _NA_KLOK = "_bestand_nummer", "_dagen_na_klok"

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

    sleutels: dict[str, pd.Index] = field(default_factory=dict)


@dataclass(frozen=True)
class RijOordeel:
    """Findings on one table's rows and, of a full table, how often something in it begins."""

    bevindingen: tuple[Bevinding, ...]
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


def judge_tabel(
    bank: Toetsbank,
    poort: str,
    tabel: Tabel,
    *,
    verwijzingen: Mapping[str, str],
    ouders: Ouders,
    is_ouder: bool,
    lees_tabel: Callable[[str], pd.DataFrame],
    klok: date,
) -> RijOordeel:
    """Judge the landed rows of one table.

    Parameters
    ----------
    bank, poort
        Where the expectations run and the name of the gate.
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

    Returns
    -------
    RijOordeel
        One finding per rule.
    """
    datums = [k.naam for k in tabel.kolommen if k.type == "date"]
    nodig = {*tabel.sleutel, *datums, *verwijzingen, _BESTAND, _REGEL}
    rijen = lees_tabel(tabel.id)
    rijen = rijen[[naam for naam in rijen.columns if naam in nodig]].reset_index(drop=True)
    for naam in datums:
        if naam in rijen:
            rijen[naam] = _to_dag(rijen[naam])
    if is_ouder:
        ouders.sleutels[tabel.id] = pd.Index(rijen[tabel.sleutel[0]].unique())

    sleutel = [naam for naam in tabel.sleutel if naam in rijen]
    toets = rijen[sleutel].copy()
    toets[_BESTAND_NUMMER] = pd.factorize(rijen[_BESTAND])[0]
    eisen = [
        RijEis(
            SLEUTEL,
            "ExpectCompoundColumnsToBeUnique",
            {"column_list": [*sleutel, _BESTAND_NUMMER]},
            lambda aantal: (
                f"{aantal} rijen delen hun sleutel ({', '.join(sleutel)}) "
                "met een andere rij van hetzelfde bestand"
            ),
        )
    ]
    na_klok = _count_dagen_na_klok(tabel, rijen, klok)
    if not na_klok.empty or datums:
        toets[_NA_KLOK] = na_klok.max(axis=1) if len(na_klok.columns) else 0
        eisen.append(_eis_datum(na_klok))
    for kolom, ouder in verwijzingen.items():
        if ouder in ouders.sleutels and kolom in rijen:
            naam = f"_onbekend_{kolom}"
            onbekend = (~rijen[kolom].isin(ouders.sleutels[ouder])).astype("float64")
            toets[naam] = onbekend.where(rijen[kolom].notna())
            eisen.append(_eis_verwijzing(kolom, ouder, naam))

    def name_plaats(plek: int) -> str:
        return _name_plaats(tabel, rijen, plek)

    bevindingen = bank.judge_rijen(poort, tabel.id, toets, eisen, name_plaats)
    return RijOordeel(tuple(bevindingen), _count_veranderdagen(tabel, rijen, klok))


def _to_dag(kolom: pd.Series) -> pd.Series:
    """Turn ``date`` objects or timestamps into datetime64[s], which holds the year 9999."""
    return pd.Series(
        kolom.to_numpy(dtype="datetime64[s]", na_value=np.datetime64("NaT")), index=kolom.index
    )


def _limits(tabel: Tabel, rijen: pd.DataFrame, kolom: str, klok: date) -> pd.Series:
    """Return per row the last day that a date column may hold.

    An event cannot have happened after the clock. A period (a table with a planned end) may
    begin ahead when it is known now: in a full state it is, in an addition it is where the
    row has a ``kennisdatum`` of its own. Without one its begin would become its kennisdatum.
    """
    laatste = pd.Series(np.datetime64(klok, "s"), index=rijen.index)
    is_periode = any(k.naam in GEPLANDE_EINDEN for k in tabel.kolommen)
    if kolom not in BEGINDATUMS or not is_periode:
        return laatste
    ruim = laatste + pd.Timedelta(days=AANKONDIGING_DAGEN)
    if tabel.levering == "volledig":
        return ruim
    if "kennisdatum" not in rijen:
        return laatste
    return laatste.where(rijen["kennisdatum"].isna(), ruim)


def _count_dagen_na_klok(tabel: Tabel, rijen: pd.DataFrame, klok: date) -> pd.DataFrame:
    """Return per row and date column the days beyond its limit; 0 when within or empty."""
    kolommen = [
        k.naam
        for k in tabel.kolommen
        if k.type == "date" and k.naam not in GEPLANDE_EINDEN and k.naam in rijen
    ]
    return pd.DataFrame(
        {
            naam: (rijen[naam] - _limits(tabel, rijen, naam, klok)).dt.days.clip(lower=0).fillna(0)
            for naam in kolommen
        },
        index=rijen.index,
    ).astype("int64")


def _eis_datum(na_klok: pd.DataFrame) -> RijEis:
    fout = {naam: int((na_klok[naam] > 0).sum()) for naam in na_klok}

    def describe(aantal: int) -> str:
        kolommen = ", ".join(f"{naam} {keer}x" for naam, keer in fout.items() if keer)
        return f"{aantal} rijen met een datum in de toekomst: {kolommen}"

    return RijEis(
        DATUM, "ExpectColumnValuesToBeBetween", {"column": _NA_KLOK, "max_value": 0}, describe
    )


def _eis_verwijzing(kolom: str, ouder: str, naam: str) -> RijEis:
    grens = f"{100 * (1 - AANDEEL_BEKENDE_VERWIJZING):.0f} %"
    return RijEis(
        Regel(
            f"verwijzing_{kolom}_bekend",
            f"hoogstens {grens} van de ingevulde {kolom} die niet in {ouder} staat",
            f"controleer of {ouder} compleet is geleverd en dezelfde sleutels gebruikt",
            blokkeert=False,
        ),
        "ExpectColumnValuesToBeBetween",
        {"column": naam, "max_value": 0, "mostly": AANDEEL_BEKENDE_VERWIJZING},
        lambda aantal: f"{aantal} rijen met een {kolom} die niet in {ouder} staat",
    )


def _name_plaats(tabel: Tabel, rijen: pd.DataFrame, plek: int) -> str:
    """File and line, and of the key only what is neither a pseudonym nor personal."""
    rij = rijen.iloc[plek]
    delen = []
    for naam in tabel.sleutel:
        kolom = tabel.kolom(naam)
        if kolom.classificatie not in {"openbaar", "intern"} or kolom.behandeling != "behouden":
            continue
        if naam not in rijen or pd.isna(rij[naam]):
            continue
        waarde = rij[naam]
        tekst = str(waarde.date()) if isinstance(waarde, pd.Timestamp) else str(waarde)
        if len(tekst) <= 40 and find_persoonsgegeven(tekst) is None:
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
