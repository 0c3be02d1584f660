"""What of the landed deliveries is past its term, and removing it.

A row is judged by the last version of its key: a case that was opened again is not past its term
because an earlier version says when it ended. Of a table that is delivered whole, a row that is no
longer in the last delivery counts from the last day that it was.

Belongs here: landings and quarantine, by the rules of the contract. Does not belong here: the
warehouse, stores and releases, nor when it is done (``orchestration.bewaren``). Originals in the
deliveries folder are never touched.

Source: AVG art. 5.1.e; design paper on trust, "Storage limitation".
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from sources.landing import BronLanding, Geland, count_opgeschoond, shrink_landing
from sources.stand import read_stand, write_stand
from vera.bewaren import Termijn, Verwijdering, parse_termijn
from vera.contract import Bron, Contract, Tabel

BESTAND: Final = "opgeschoond.json"
LANDING: Final = "landing"
QUARANTAINE: Final = "quarantaine"
VERWEESD: Final = "hoort bij geen huidige levering, contract of sleutel"
_HASH_BYTES: Final = 12
_VAN_LANDING: Final = re.compile(r"[0-9a-f]{16}-[0-9a-f]{8}\.(?:parquet|json)(?:\..*deel)?")
"""Names that landing gives. A landing folder that leads to originals, by a link or a setting, holds
others: nobody knows whose they are, so they stay."""

Plekken = npt.NDArray[np.int64]
"""Row numbers in a landed file."""


@dataclass(frozen=True)
class Origineel:
    """A delivered file that holds rows past their term; only its owner can remove it.

    Parameters
    ----------
    tabel, bestand, regel
        ``bron.tabel``, where it lies in the deliveries folder, and the rule.
    rijen
        How many of its rows are past their term.
    """

    tabel: str
    bestand: str
    regel: str
    rijen: int


def read_opgeschoond(map_: Path) -> date | None:
    """Return up to which peildatum was purged; None when that was never done."""
    pad = map_ / BESTAND
    if not pad.exists():
        return None
    return date.fromisoformat(json.loads(pad.read_text(encoding="utf-8"))["opgeschoond_tot"])


def write_opgeschoond(map_: Path, peildatum: date) -> None:
    """Keep up to which peildatum is purged: what is landed anew gets the same border."""
    map_.mkdir(parents=True, exist_ok=True, mode=0o700)
    tijdelijk = map_ / f"{BESTAND}.deel"
    tijdelijk.write_text(json.dumps({"opgeschoond_tot": peildatum.isoformat()}), encoding="utf-8")
    tijdelijk.replace(map_ / BESTAND)


def find_grenzen(contract: Contract, opgeschoond_tot: date | None) -> dict[str, date]:
    """Return per table (``bron.tabel``) the first day that is still kept.

    Tables without a border are left out: those that are kept without end, and all of them when
    nothing was ever purged.
    """
    if opgeschoond_tot is None:
        return {}
    return {
        tabel.id: grens
        for tabel in contract.tabellen
        if (grens := parse_termijn(tabel.bewaartermijn).find_grens(opgeschoond_tot)) is not None
    }


def hash_sleutel(tabel: str, waarden: Iterable[object]) -> str:
    """Return the hash of a row's key, for the log of removals: never the key itself.

    Parameters
    ----------
    tabel
        ``bron.tabel``, so that the same key in two tables has two hashes.
    waarden
        The key as it was kept: pseudonyms where the contract says so.
    """
    tekst = "\x1f".join("" if waarde is None else str(waarde) for waarde in waarden)
    return hashlib.blake2b(
        f"{tabel}\x1e{tekst}".encode(), digest_size=_HASH_BYTES, person=b"verwijderd"
    ).hexdigest()


def purge_bron(
    bron: Bron, landing: BronLanding, opgeschoond_tot: date, *, dry_run: bool = False
) -> tuple[BronLanding, tuple[Verwijdering, ...]]:
    """Remove what is past its term from the landed files of one source.

    Parameters
    ----------
    bron
        The source's contract.
    landing
        Its landed files.
    opgeschoond_tot
        The peildatum that terms are counted back from.
    dry_run
        Only say what would go.

    Returns
    -------
    BronLanding
        The same files; without rejected rows where those went.
    tuple of Verwijdering
        Per file what went, rows and rejected rows apart.
    """
    weg: list[Verwijdering] = []
    zonder: set[Path] = set()
    # A table that counts from another one goes first: afterwards its dates are gone.
    for tabel in sorted(bron.tabellen, key=lambda t: parse_termijn(t.bewaartermijn).tabel is None):
        termijn = parse_termijn(tabel.bewaartermijn)
        grens = termijn.find_grens(opgeschoond_tot)
        if grens is None:
            continue
        voorbij = _find_voorbij(bron, tabel, termijn, opgeschoond_tot, landing)
        for pad, gelanden in _group_pad(landing.van_tabel(tabel.id)).items():
            geland = gelanden[-1]
            plekken = voorbij.get(pad, np.empty(0, np.int64))
            oud = bool(geland.afkeuringen) and all(_is_oud(g, grens) for g in gelanden)
            if not plekken.size and not oud:
                continue
            rijen = pq.read_table(pad)
            weg += _describe(tabel, geland, rijen, plekken, met_afkeuringen=not oud)
            if oud:
                zonder.add(pad)
            if not dry_run:
                blijft = np.ones(rijen.num_rows, bool)
                blijft[plekken] = False
                shrink_landing(
                    pad, rijen.filter(pa.array(blijft)), weg=plekken.size, met_afkeuringen=not oud
                )
    bestanden = tuple(
        replace(geland, afkeuringen=()) if geland.pad in zonder and not dry_run else geland
        for geland in landing.bestanden
    )
    return replace(landing, bestanden=bestanden), tuple(weg)


def _group_pad(gelanden: Iterable[Geland]) -> dict[Path, list[Geland]]:
    """Return landed files by where they stand: deliveries with the same bytes share a landing."""
    per_pad: dict[Path, list[Geland]] = {}
    for geland in gelanden:
        per_pad.setdefault(geland.pad, []).append(geland)
    return per_pad


def purge_landing(
    contract: Contract, landing_map: Path, opgeschoond_tot: date, *, dry_run: bool = False
) -> tuple[Verwijdering, ...]:
    """Remove what is past its term from every source's landing, and landings of nothing.

    A landing that the last run did not use (of an older contract or key, or of a file that is no
    longer delivered) is a copy of data that nobody reads: it goes whole.

    Returns
    -------
    tuple of Verwijdering
        What went, or with ``dry_run`` would go.
    """
    weg: list[Verwijdering] = []
    for bron in contract.bronnen:
        stand = read_stand(bron.naam, landing_map)
        nieuw, verwijderd = purge_bron(bron, stand, opgeschoond_tot, dry_run=dry_run)
        weg += verwijderd
        if not dry_run and nieuw != stand:
            write_stand(nieuw, landing_map)
        weg += purge_verweesd(bron, stand, landing_map, dry_run=dry_run)
    return tuple(weg)


def list_originelen(
    contract: Contract,
    landing_map: Path,
    leveringen: Path,
    gepland: Sequence[Verwijdering] = (),
) -> list[Origineel]:
    """Return the delivered files that hold rows past their term, by what was removed of them.

    Nothing of the deliveries folder is read but whether the file is there. ``gepland`` is what a
    purge would remove yet.
    """
    gevonden = []
    nog = Counter[str]()
    for deel in gepland:
        if deel.plek == LANDING:
            nog[deel.batch] += deel.aantal
    for bron in contract.bronnen:
        for geland in read_stand(bron.naam, landing_map).bestanden:
            rijen = count_opgeschoond(geland.pad) + nog[geland.verslag.bestand]
            if rijen and (leveringen / geland.verslag.bestand).exists():
                tabel = bron.tabel(geland.verslag.tabel.removeprefix(f"{bron.naam}."))
                gevonden.append(
                    Origineel(tabel.id, geland.verslag.bestand, tabel.bewaartermijn, rijen)
                )
    return gevonden


def _is_oud(geland: Geland, grens: date) -> bool:
    """Tell whether everything in a file was known before ``grens``: its rejects go as well."""
    dag = geland.verslag.leveringsdatum or geland.verslag.jongste_datum
    return dag is not None and dag < grens


def _describe(
    tabel: Tabel, geland: Geland, rijen: pa.Table, plekken: Plekken, *, met_afkeuringen: bool
) -> list[Verwijdering]:
    bestand = geland.verslag.bestand
    sleutels = rijen.select(list(tabel.sleutel)).take(pa.array(plekken)).to_pylist()
    delen = []
    if plekken.size:
        hashes = tuple(hash_sleutel(tabel.id, rij.values()) for rij in sleutels)
        delen.append(Verwijdering(LANDING, tabel.id, tabel.bewaartermijn, bestand, hashes))
    if not met_afkeuringen:
        hashes = tuple(hash_sleutel(tabel.id, (bestand, a.regel)) for a in geland.afkeuringen)
        delen.append(Verwijdering(QUARANTAINE, tabel.id, tabel.bewaartermijn, bestand, hashes))
    return delen


def purge_verweesd(
    bron: Bron, stand: BronLanding, landing_map: Path, *, dry_run: bool = False
) -> list[Verwijdering]:
    """Remove the landings of a source that are not in ``stand``; return what they were."""
    gebruikt = {geland.pad for geland in stand.bestanden}
    map_ = landing_map / bron.naam
    weg = []
    for pad in sorted(map_.glob("**/*")):
        if not pad.is_file() or pad.parent == map_ or pad.with_suffix(".parquet") in gebruikt:
            continue
        if not _VAN_LANDING.fullmatch(pad.name):
            continue
        if pad.suffix == ".parquet":
            tabel = f"{bron.naam}.{pad.parent.relative_to(map_).parts[0]}"
            hashes = (hash_sleutel(tabel, (pad.name,)),)
            weg.append(Verwijdering(LANDING, tabel, VERWEESD, pad.name, hashes))
        if not dry_run:
            pad.unlink()
    return weg


def _find_voorbij(
    bron: Bron, tabel: Tabel, termijn: Termijn, peildatum: date, landing: BronLanding
) -> dict[Path, Plekken]:
    """Return per landed file the rows that are past their term."""
    gelanden = [g for g in landing.van_tabel(tabel.id) if g.pad.exists()]
    if not gelanden:
        return {}
    with duckdb.connect() as db:
        db.execute("set enable_progress_bar = false")
        verwijzing = bron.tabel(termijn.tabel).sleutel if termijn.tabel else ()
        db.execute(f"create table rij as {_select_rijen(tabel, gelanden, verwijzing)}")
        datum = f"laatste.{_quote(str(termijn.kolom))}"
        if termijn.tabel is None:
            db.execute(f"create table laatste as {_select_laatste(tabel, 'rij')}")
            bron_van_datum = "laatste"
            gemist = "false"
        else:
            ander = bron.tabel(termijn.tabel)
            anderen = [g for g in landing.van_tabel(ander.id) if g.pad.exists()]
            if not anderen:
                return {}
            db.execute(f"create table ander as {_select_rijen(ander, anderen)}")
            db.execute(f"create table laatste_ander as {_select_laatste(ander, 'ander')}")
            db.execute(f"create table laatste as {_select_laatste(tabel, 'rij')}")
            datum = f"laatste_ander.{_quote(str(termijn.kolom))}"
            gemist = _say_gemist(tabel, ander, anderen, peildatum)
            bron_van_datum = "laatste left join laatste_ander on " + _match(
                ander.sleutel, "laatste", "laatste_ander"
            )
        if tabel.levering == "volledig":
            # Not in the last delivery any more: it counts from the last day that it was.
            datum = (
                f"coalesce({datum}, case when laatste._volgnummer < "  # noqa: S608
                "(select max(_volgnummer) from rij) then laatste._leveringsdatum end)"
            )
        db.execute(
            f"create table voorbij as select laatste.* from {bron_van_datum} "  # noqa: S608
            f"where {datum} < ? or ({gemist})",
            [termijn.find_grens(peildatum)],
        )
        gevonden = db.execute(
            "select rij._bestand, rij.file_row_number from rij semi join voorbij on "  # noqa: S608
            f"{_match(tabel.sleutel, 'rij', 'voorbij')} order by all"
        ).fetchnumpy()
    nummers = np.asarray(gevonden["_bestand"], np.int64)
    plekken = np.asarray(gevonden["file_row_number"], np.int64)
    return {
        gelanden[nummer].pad: plekken[nummers == nummer] for nummer in np.unique(nummers).tolist()
    }


def _say_gemist(tabel: Tabel, ander: Tabel, anderen: Sequence[Geland], peildatum: date) -> str:
    """Return SQL of a row whose date went with a purge of the other table before.

    Not of one whose counterpart was rejected: that may come back next month.
    """
    if not any(count_opgeschoond(geland.pad) for geland in anderen):
        return "false"
    gemist = "laatste_ander._volgnummer is null"
    grens = parse_termijn(ander.bewaartermijn).find_grens(peildatum)
    eigen = tabel.kennisdatum_eerste_levering
    if eigen is None or grens is None:
        return gemist
    return f"{gemist} and laatste.{_quote(eigen)} < date '{grens}'"


def _select_rijen(tabel: Tabel, gelanden: Sequence[Geland], verwijzing: Sequence[str] = ()) -> str:
    """Return SQL of the key, dates, references and place of every landed row."""
    datums = [k.naam for k in tabel.kolommen if k.type == "date" and k.behandeling == "behouden"]
    namen = dict.fromkeys([*tabel.sleutel, *datums, *verwijzing])
    kolommen = ", ".join(_quote(naam) for naam in namen)
    delen = []
    for nummer, geland in enumerate(gelanden):
        verslag = geland.verslag
        dag = f"date '{verslag.leveringsdatum}'" if verslag.leveringsdatum else "null::date"
        pad = str(geland.pad).replace("'", "''")
        delen.append(
            f"select {kolommen}, _regel, file_row_number, {nummer} as _bestand, "  # noqa: S608
            f"{verslag.volgnummer} as _volgnummer, {dag} as _leveringsdatum "
            f"from read_parquet('{pad}', file_row_number = true)"
        )
    return " union all by name ".join(delen)


def _select_laatste(tabel: Tabel, relatie: str) -> str:
    """Return SQL of the last version of each key."""
    sleutel = ", ".join(_quote(naam) for naam in tabel.sleutel)
    kennis = (
        "kennisdatum desc nulls last, "
        if any(k.naam == "kennisdatum" for k in tabel.kolommen)
        else ""
    )
    return (
        f"select * from {relatie} qualify row_number() over (partition by {sleutel} "  # noqa: S608
        f"order by _volgnummer desc, {kennis}_regel desc) = 1"
    )


def _match(sleutel: Sequence[str], een: str, ander: str) -> str:
    return " and ".join(
        f"{een}.{_quote(naam)} is not distinct from {ander}.{_quote(naam)}" for naam in sleutel
    )


def _quote(naam: str) -> str:
    return f'"{naam}"'
