"""Rules of the gate in that are measured on landed rows: keys, dates, references.

Nothing here restates the contract: keys come from it, references are columns that bear the
name of another table's key, and what a date may be follows from its name and its table.
Each rule is a question to DuckDB, where the rows are.

Does not belong here: rules on files (:mod:`expectations.poort_in_verslag`); whether a cell
has its type or a code exists (quarantine, in ``sources``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from expectations.poort import Gemeten, Meting, Regel
from expectations.poort_in_aannemelijk import (
    ONDERSOORT,
    VOLGORDE,
    measure_ondersoort,
    measure_volgorde,
)
from expectations.poort_in_vergelijking import measure_paren
from expectations.relatie import PLEK, Meter, quote
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

_BESTAND = "_bestand"

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
    meter: Meter,
    tabel: Tabel,
    *,
    relatie: str,
    verwijzingen: Mapping[str, str],
    ouders: set[str],
    is_ouder: bool,
    klok: date,
    vergelijk: Sequence[tuple[str, str]] = (),
) -> RijMeting:
    """Measure every rule on the landed rows of one table.

    Parameters
    ----------
    meter
        Asks the database with the rows.
    tabel
        The table's contract.
    relatie
        SQL of its landed rows, numbered.
    verwijzingen
        Columns that refer to another table, with that table.
    ouders
        Tables of which the keys are kept; this one is added when ``is_ouder``.
    is_ouder
        Whether another table refers to this one.
    klok
        The run's clock.
    vergelijk
        Of a full table the pairs of files (older, newer) of which the same keys are compared.

    Returns
    -------
    RijMeting
        One measurement per rule.
    """
    kolommen = meter.list_kolommen(relatie)
    datums = [k.naam for k in tabel.kolommen if k.type == "date" and k.naam in kolommen]
    view = _create_view(meter, tabel, relatie, {naam: kolommen[naam] for naam in datums})
    if is_ouder:
        # Hashes: that an unknown key has that of a known one is a chance of one in 10^11.
        sleutels = f"select distinct {_hash(tabel.sleutel[0])} as h from {view}"
        meter.create_tabel(_name_sleutels(tabel.id), sleutels)
        ouders.add(tabel.id)

    def name_plaats(plek: int) -> str:
        return _name_plaats(meter, tabel, view, kolommen, plek)

    dubbel = meter.measure_dubbel(
        view,
        [*tabel.sleutel, _BESTAND],
        f"{{aantal}} rijen delen hun sleutel ({', '.join(tabel.sleutel)}) "
        "met een andere rij van hetzelfde bestand",
        name_plaats,
    )
    metingen = {SLEUTEL: dubbel}
    gehouden = {
        k.naam: kolommen[k.naam]
        for k in tabel.kolommen
        if k.behandeling in {"behouden", "pseudoniem"} and k.naam in kolommen
    }
    is_uniek = not dubbel.aantal
    metingen |= measure_paren(meter, tabel, view, gehouden, vergelijk, is_uniek=is_uniek)
    soorten = [k for k in tabel.kolommen if k.onder in kolommen and k.naam in kolommen]
    if soorten:
        nodig = dict.fromkeys(quote(n) for k in soorten for n in (str(k.onder), k.naam))
        rijen = meter.read_gedeeld(
            f"select {', '.join(nodig)}, _bestand, _regel from {view} order by {PLEK}"
        )
        ondersoort = measure_ondersoort(tabel, rijen)
        metingen |= {} if ondersoort is None else {ONDERSOORT: ondersoort}
    if any(k.type == "date" for k in tabel.kolommen):
        metingen[DATUM] = _measure_datums(meter, tabel, view, datums, klok, name_plaats)
    anker = tabel.kennisdatum_eerste_levering
    if not _may_be_aangekondigd(tabel, anker) and {"kennisdatum", anker} <= set(kolommen):
        metingen[VOLGORDE] = measure_volgorde(meter, view, str(anker))
    for kolom, ouder in verwijzingen.items():
        if ouder in ouders and kolom in kolommen:
            [(gevuld,)] = meter.ask(f"select count({quote(kolom)}) from {view}")
            eigen = (
                f"select {PLEK}, {_hash(kolom)} as h from {view} where {quote(kolom)} is not null"
            )
            metingen[_make_regel_verwijzing(kolom, ouder)] = meter.measure(
                f"select count(*) as aantal, min({PLEK}) as eerste "
                f"from ({eigen}) anti join {_name_sleutels(ouder)} using (h)",
                f"{{aantal}} rijen met een {kolom} die niet in {ouder} staat",
                name_plaats,
                toegestaan=AANDEEL_ONBEKENDE_VERWIJZING * gevuld,
            )
    return RijMeting(
        Gemeten(tabel.id, {regel.naam: meting for regel, meting in metingen.items()}),
        tuple(metingen),
        _count_veranderdagen(meter, tabel, view, datums, klok),
    )


def name_view(tabel: str) -> str:
    """Return the name of the view on the landed rows of ``bron.tabel``."""
    return quote(f"rijen {tabel}")


def _name_sleutels(tabel: str) -> str:
    return quote(f"sleutels {tabel}")


def _hash(kolom: str) -> str:
    """Return SQL of the hash of a key, the same for a number and for its text."""
    return f"hash(cast({quote(kolom)} as varchar))"


def _create_view(meter: Meter, tabel: Tabel, relatie: str, datums: Mapping[str, str]) -> str:
    """Make a view in which what the contract calls a date is one."""
    view = name_view(tabel.id)
    delen = []
    for naam, soort in datums.items():
        # A column of a frame in which nothing is filled in has no type of its own.
        is_datum = soort.startswith(("DATE", "TIMESTAMP"))
        waarde = quote(naam) if is_datum else f"cast({quote(naam)} as varchar)"
        delen.append(f"cast({waarde} as date) as {quote(naam)}")
    vervang = f" replace ({', '.join(delen)})" if delen else ""
    meter.create_view(view, f"select *{vervang} from {relatie}")
    return view


def _select_grens(tabel: Tabel, kolom: str, datums: Sequence[str], klok: date) -> str:
    """Return SQL of the last day that a date column may hold.

    An event cannot have happened after the clock. A period (a table with a planned end) may
    begin ahead when it is known now: in a full state it is, in an addition it is where the
    row has a ``kennisdatum`` of its own. Without one its begin would become its kennisdatum.
    """
    laatste = f"date '{klok}'"
    if not _may_be_aangekondigd(tabel, kolom):
        return laatste
    ruim = f"date '{klok + timedelta(days=AANKONDIGING_DAGEN)}'"
    if tabel.levering == "volledig":
        return ruim
    if "kennisdatum" not in datums:
        return laatste
    return f"case when kennisdatum is null then {laatste} else {ruim} end"


def _may_be_aangekondigd(tabel: Tabel, kolom: str | None) -> bool:
    """Whether a date is the begin of a period, which may be known before it comes."""
    return kolom in BEGINDATUMS and any(k.naam in GEPLANDE_EINDEN for k in tabel.kolommen)


def _measure_datums(
    meter: Meter,
    tabel: Tabel,
    view: str,
    datums: Sequence[str],
    klok: date,
    plaats: Callable[[int], str],
) -> Meting:
    """Measure the rows with a date that lies beyond its limit."""
    te_laat = {
        naam: f"({quote(naam)} > {_select_grens(tabel, naam, datums, klok)})"
        for naam in datums
        if naam not in GEPLANDE_EINDEN
    }
    if not te_laat:
        return Meting()
    een = " or ".join(te_laat.values())
    per_kolom = ", ".join(f"count(*) filter ({fout})" for fout in te_laat.values())
    [(aantal, eerste, *aantallen)] = meter.ask(
        f"select count(*) filter ({een}), min({PLEK}) filter ({een}), {per_kolom} from {view}"
    )
    if not aantal:
        return Meting()
    tekst = ", ".join(f"{naam} {n}x" for naam, n in zip(te_laat, aantallen, strict=True) if n)
    return Meting(
        aantal, aantal, f"{aantal} rijen met een datum in de toekomst: {tekst}", plaats(eerste)
    )


def _make_regel_verwijzing(kolom: str, ouder: str) -> Regel:
    return Regel(
        f"verwijzing_{kolom}_bekend",
        f"hoogstens {100 * AANDEEL_ONBEKENDE_VERWIJZING:.0f} % van de ingevulde {kolom} die niet "
        f"in {ouder} staat",
        f"controleer of {ouder} compleet is geleverd en dezelfde sleutels gebruikt",
        blokkeert=False,
    )


def _name_plaats(
    meter: Meter, tabel: Tabel, view: str, geleverd: Mapping[str, str], plek: int
) -> str:
    """File and line, and of the key only what is neither a pseudonym nor personal.

    Of a table that holds keys of a person or dwelling as well, no key at all: columns may have
    been swapped.
    """
    kolommen = [tabel.kolom(naam) for naam in tabel.sleutel]
    if any(kolom.behandeling != "behouden" for kolom in kolommen):
        kolommen = []
    openbaar = {"openbaar", "intern"}
    namen = [k.naam for k in kolommen if k.classificatie in openbaar and k.naam in geleverd]
    velden = ", ".join([_BESTAND, "_regel", *map(quote, namen)])
    (bestand, regel, *waarden), *_ = meter.ask(
        f"select {velden} from {view} where {PLEK} = ? limit 1", [plek]
    )
    delen = []
    for naam, waarde in zip(namen, waarden, strict=True):
        tekst = str(waarde.date()) if isinstance(waarde, datetime) else str(waarde)
        is_veilig = _TOONBAAR.fullmatch(tekst) and find_persoonsgegeven(tekst) is None
        if waarde is not None and is_veilig:
            delen.append(f"{naam} {tekst}")
    plaats = f"{bestand} regel {regel}"
    return f"{plaats} ({', '.join(delen)})" if delen else plaats


def _count_veranderdagen(
    meter: Meter, tabel: Tabel, view: str, datums: Sequence[str], klok: date
) -> float:
    """Count the days of the last year on which something in a full table began."""
    begin = [
        k.naam
        for k in tabel.kolommen
        if k.naam in datums and k.verplicht and k.naam not in GEPLANDE_EINDEN
    ]
    if tabel.levering != "volledig" or not begin:
        return 0.0
    dag = quote(begin[0])
    [(aantal,)] = meter.ask(
        f"with dagen as (select distinct {dag} as dag from {view} where {dag} <= date '{klok}') "
        "select count(*) from dagen where dag > (select max(dag) from dagen) - 365"
    )
    return float(aantal)
