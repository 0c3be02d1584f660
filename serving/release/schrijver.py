"""Writing a release beside the others, and publishing it with one switch.

Belongs here: the order of steps that makes a crash harmless, files, hashes, the store.
Does not belong here: what an answer says (``weergave``), reading (``winkel``), whether a
release may be published (the gate out, ``expectations``).
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import sqlite3
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from serving.release import schema, voor_rollen, weergave, zoekindex
from serving.release.json_kolom import encode
from serving.release.modelversies import describe_modelversies
from serving.release.standen import Standen
from serving.release.stroom import Bron, ReleaseFout, Snijder, Stroom, object_key
from serving.release.wijzer import activate, sync_file, sync_folder, write_synced
from serving.release.winkel import hash_file, release_hash, verify
from serving.wat_als import bestand as wat_als
from vera.rekenblad import FORMULETEKENS

_OBJECTEN_PER_BLOK = 500
_RIJGROEP = 1_048_576
_ZLIB_NIVEAU = 1

Voortgang = Callable[[int, int], None]
"""Called with (objects rendered, objects in all)."""


def write_release(
    tabellen: Mapping[str, Bron],
    inhoud: Mapping[str, object],
    run: Mapping[str, object],
    releases_map: Path,
    *,
    papieren: Mapping[str, bytes] | None = None,
    voortgang: Voortgang | None = None,
    voor_naam: Callable[[str], None] | None = None,
) -> Path:
    """Build a release from ``tabellen`` and return its folder; nothing is published yet.

    The same tables and ``inhoud`` give the same bytes and the same release id. The caller
    holds the run lock: what an interrupted build left behind is removed first.

    Parameters
    ----------
    tabellen
        The tables of ``schema.TABELLEN`` by name. A table in memory may be in any order; a
        ``RecordBatchReader`` and a Parquet file must be sorted by the table's key.
    inhoud
        Facts for the hashed part of the manifest (``schema.VERPLICHTE_INHOUD`` and more).
    run
        Facts about this run (clock times, timings); kept outside the hash.
    releases_map
        Folder of all releases; made when absent.
    papieren
        Papers by file name (``serving.papier``), kept with what they speak of.
    voortgang
        Told how far the rendering is.
    voor_naam
        Called with the id before the release stands under it: who judges it afterwards leaves
        there that this is yet to come.

    Returns
    -------
    Path
        ``<releases_map>/<release_id>``. When that release existed already, the old one.

    Raises
    ------
    ReleaseFout
        When a table or column is missing, keys repeat, or facts do not fit together.
    """
    _check_input(tabellen, inhoud)
    releases_map.mkdir(parents=True, exist_ok=True)
    clean_leftovers(releases_map)
    begin = time.monotonic()
    bouw = releases_map / f"{schema.VOORVOEGSEL_BOUW}{secrets.token_hex(6)}"
    (bouw / schema.MAP_EXPORTS).mkdir(parents=True)
    try:
        manifest = _build(tabellen, inhoud, bouw, papieren or {}, voortgang)
        tekst = canonical_json(manifest)
        release_id = release_hash(tekst)
        write_synced(bouw / schema.BESTAND_MANIFEST, tekst)
        run_manifest = {
            "release_id": release_id,
            "geschreven_op": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "seconden_schrijven": round(time.monotonic() - begin, 3),
            **run,
        }
        write_synced(
            bouw / schema.BESTAND_MANIFEST_RUN,
            json.dumps(run_manifest, ensure_ascii=False, indent=2, default=str).encode(),
        )
        if voor_naam is not None:
            voor_naam(release_id)
        return _settle(bouw, releases_map / release_id)
    except BaseException:
        shutil.rmtree(bouw, ignore_errors=True)
        raise


def clean_leftovers(releases_map: Path) -> list[str]:
    """Remove what interrupted builds and switches left; return the names.

    Only for a caller that holds the run lock: a build of a live process would go as well.
    """
    weg = []
    for pad in sorted(releases_map.iterdir()):
        if pad.name.startswith(schema.VOORVOEGSEL_BOUW) and pad.is_dir():
            shutil.rmtree(pad, ignore_errors=True)
            weg.append(pad.name)
        elif pad.name.startswith(f".{schema.BESTAND_HUIDIG}-"):
            pad.unlink(missing_ok=True)
            weg.append(pad.name)
    return weg


def canonical_json(inhoud: Mapping[str, object]) -> bytes:
    """Return the one way to write ``inhoud`` as JSON bytes (sorted keys, no spaces)."""
    tekst = json.dumps(
        inhoud, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return tekst.encode()


def _check_input(tabellen: Mapping[str, Bron], inhoud: Mapping[str, object]) -> None:
    ontbreekt = [
        tabel.naam
        for tabel in schema.TABELLEN.values()
        if tabel.verplicht and tabel.naam not in tabellen
    ]
    vreemd = [naam for naam in tabellen if naam not in schema.TABELLEN]
    if ontbreekt or vreemd:
        raise ReleaseFout(
            f"Tabellen ontbreken ({', '.join(ontbreekt) or 'geen'}) of zijn onbekend "
            f"({', '.join(vreemd) or 'geen'}).",
            verwacht=", ".join(schema.TABELLEN),
            remedie="Geef precies de tabellen van serving/release/schema.py.",
        )
    sleutels = [sleutel for sleutel in schema.VERPLICHTE_INHOUD if sleutel not in inhoud]
    bezet = [sleutel for sleutel in schema.GERESERVEERDE_INHOUD if sleutel in inhoud]
    if sleutels or bezet:
        raise ReleaseFout(
            f"Inhoud van het manifest: ontbreekt {sleutels or 'niets'}, gereserveerd "
            f"{bezet or 'niets'}.",
            verwacht=f"ten minste {', '.join(schema.VERPLICHTE_INHOUD)}",
            remedie="Vul de inhoud aan; gereserveerde sleutels vult de schrijver zelf.",
        )


@dataclass
class _Bestanden:
    """Rows per file, gathered while writing."""

    rijen: dict[str, int]

    def describe(self, bouw: Path) -> dict[str, dict[str, object]]:
        """Hash, size and row count of every file, by its path in the release."""
        return {
            naam: {
                "sha256": hash_file(bouw / naam),
                "bytes": (bouw / naam).stat().st_size,
                "rijen": self.rijen[naam],
            }
            for naam in sorted(self.rijen)
        }


class _Export:
    """Parquet and, for tables that a spreadsheet can hold, CSV of one table."""

    def __init__(self, tabel: schema.Tabel, rijen: int, bouw: Path, bestanden: _Bestanden) -> None:
        self._tabel = tabel
        self._bestanden = bestanden
        stam = f"{schema.MAP_EXPORTS}/{tabel.export}"
        self._namen = [f"{stam}.parquet"]
        self._parquet = pq.ParquetWriter(
            bouw / self._namen[0], tabel.kolommen, compression="zstd", compression_level=1
        )
        self._csv: pacsv.CSVWriter | None = None
        if rijen <= schema.CSV_MAXIMUM_RIJEN:
            self._namen.append(f"{stam}.csv")
            self._csv = pacsv.CSVWriter(
                str(bouw / self._namen[1]),
                tabel.kolommen,
                write_options=pacsv.WriteOptions(delimiter=";", quoting_style="needed"),
            )
        for naam in self._namen:
            bestanden.rijen[naam] = 0

    def write(self, rijen: pa.Table) -> None:
        """Append rows, which arrive in key order."""
        if not rijen.num_rows:
            return
        self._parquet.write_table(rijen, row_group_size=_RIJGROEP)
        if self._csv is not None:
            self._csv.write_table(disarm_tabel(rijen))
        for naam in self._namen:
            self._bestanden.rijen[naam] += rijen.num_rows

    def close(self) -> None:
        """Finish the files."""
        self._parquet.close()
        if self._csv is not None:
            self._csv.close()


def disarm_tabel(rijen: pa.Table) -> pa.Table:
    """Return rows of which no text is a formula to a spreadsheet (``vera.rekenblad``)."""
    patroon = f"^[{re.escape(FORMULETEKENS)}]"
    for plek, veld in enumerate(rijen.schema):
        if not pa.types.is_string(veld.type):
            continue
        kolom = rijen[veld.name]
        is_formule = pc.match_substring_regex(kolom, patroon)
        if pc.any(is_formule).as_py():
            ontwapend = pc.binary_join_element_wise("'", kolom, "")
            rijen = rijen.set_column(plek, veld, pc.if_else(is_formule, ontwapend, kolom))
    return rijen


def _build(
    tabellen: Mapping[str, Bron],
    inhoud: Mapping[str, object],
    bouw: Path,
    papieren: Mapping[str, bytes],
    voortgang: Voortgang | None,
) -> dict[str, object]:
    stromen = {
        naam: Stroom(tabel, tabellen.get(naam, tabel.kolommen.empty_table()), bouw)
        for naam, tabel in schema.TABELLEN.items()
    }
    laatste, peildata = _find_peildata(stromen[schema.LABEL.naam])
    if not laatste:
        raise ReleaseFout(
            "Er is geen enkel label om te publiceren.",
            verwacht="ten minste één rij in mart_label__sociaal_beheer_label",
            remedie="Kijk of de leveringen genoeg bevatten (zie de samenvatting van de run).",
        )
    bestanden = _Bestanden({})
    for naam in (
        schema.BEHEEROBJECT.naam,
        schema.THEMASIGNAAL.naam,
        schema.THEMABEELD.naam,
        schema.VORM.naam,
        schema.CONTEXT.naam,
        schema.DEKKING.naam,
        schema.THEMA.naam,
        schema.INDICATOR.naam,
    ):
        export = _Export(schema.TABELLEN[naam], stromen[naam].rijen, bouw, bestanden)
        export.write(stromen[naam].read())
        export.close()
    bestanden.rijen[schema.BESTAND_WAT_ALS] = wat_als.write_bestand(
        stromen[schema.WAT_ALS.naam].batches(),
        wat_als.read_gewichten(stromen[schema.THEMA.naam].read().to_pylist()),
        bouw / schema.BESTAND_WAT_ALS,
    )
    for tabel in schema.INTERN:
        inhoud_tabel = stromen[tabel.naam].read()
        pq.write_table(inhoud_tabel, bouw / f"{tabel.export}.parquet", compression="zstd")
        bestanden.rijen[f"{tabel.export}.parquet"] = inhoud_tabel.num_rows
    for naam, tekst in sorted(papieren.items()):
        (bouw / schema.MAP_PAPIEREN).mkdir(exist_ok=True)
        (bouw / schema.MAP_PAPIEREN / naam).write_bytes(tekst)
        bestanden.rijen[f"{schema.MAP_PAPIEREN}/{naam}"] = tekst.count(b"\n")
    volledig: dict[str, object] = {
        "peildatum": max(laatste.values()).isoformat(),
        **inhoud,
        "formaatversie": schema.FORMAATVERSIE,
        "peildata": peildata,
    }
    _write_store(stromen, laatste, volledig, bouw, bestanden=bestanden, voortgang=voortgang)
    for stroom in stromen.values():
        stroom.close()
    return {**volledig, "bestanden": bestanden.describe(bouw)}


def _find_peildata(
    stroom: Stroom,
) -> tuple[dict[tuple[str, str], date], dict[str, dict[str, list[str]]]]:
    """Latest peildatum, and all of them, per niveau and grondslag."""
    gezien: dict[tuple[str, str], set[date]] = defaultdict(set)
    for deel in stroom.batches(["niveau", "grondslag", "peildatum"]):
        for rij in deel.group_by(["niveau", "grondslag", "peildatum"]).aggregate([]).to_pylist():
            gezien[(rij["niveau"], rij["grondslag"])].add(rij["peildatum"])
    vreemd = [
        paar
        for paar in sorted(gezien)
        if paar[0] not in schema.NIVEAUS or paar[1] not in schema.GRONDSLAGEN
    ]
    if vreemd:
        niveau, grondslag = vreemd[0]
        raise ReleaseFout(
            f"{stroom.tabel.naam}: niveau {niveau} met grondslag {grondslag} bestaat niet.",
            verwacht=f"niveau {', '.join(schema.NIVEAUS)}; "
            f"grondslag {', '.join(schema.GRONDSLAGEN)}",
            remedie="Verbeter de waarde in de mart.",
        )
    alle: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for (niveau, grondslag), dagen in sorted(gezien.items()):
        alle[niveau][grondslag] = [dag.isoformat() for dag in sorted(dagen)]
    return {sleutel: max(dagen) for sleutel, dagen in gezien.items()}, dict(alle)


def _write_store(
    stromen: Mapping[str, Stroom],
    laatste: Mapping[tuple[str, str], date],
    inhoud: Mapping[str, object],
    bouw: Path,
    *,
    bestanden: _Bestanden,
    voortgang: Voortgang | None,
) -> None:
    objecten = stromen[schema.BEHEEROBJECT.naam].read().combine_chunks()
    catalogus = weergave.Catalogus.from_tables(
        stromen[schema.THEMA.naam].read(), stromen[schema.INDICATOR.naam].read()
    )
    context = _group_context(stromen[schema.CONTEXT.naam].read())
    signalen = _group_signalen(stromen[schema.THEMASIGNAAL.naam].read(), inhoud.get("klok"))
    labelstroom = stromen[schema.LABEL.naam]
    indicatorstroom = stromen[schema.INDICATORWAARDE.naam]
    veranderstroom = stromen[schema.VERANDERING.naam]
    beeldstroom = stromen[schema.THEMABEELD.naam]
    exports = (
        _Export(schema.LABEL, labelstroom.rijen, bouw, bestanden),
        _Export(schema.INDICATORWAARDE, indicatorstroom.rijen, bouw, bestanden),
        _Export(schema.VERANDERING, veranderstroom.rijen, bouw, bestanden),
    )
    labels, indicatoren = Snijder(labelstroom), Snijder(indicatorstroom)
    veranderingen, beelden = Snijder(veranderstroom), Snijder(beeldstroom)
    verdeling: dict[tuple[str, str, int], list[int]] = defaultdict(lambda: [0, 0])
    standen = Standen(Counter(objecten["niveau"].to_pylist()))
    pad = bouw / schema.BESTAND_OPZOEK

    def write_block(groep: pa.Table, blok: weergave.Blok) -> None:
        exports[0].write(blok.labels)
        exports[1].write(blok.indicatoren)
        exports[2].write(blok.veranderingen)
        _insert_block(opzoek, groep, blok)
        _count_labels(verdeling, groep, blok)
        standen.add(groep, blok.labels)

    # One thread writes a block while the next is rendered; two blocks are held at most.
    with closing(_open_store(pad)) as opzoek, ThreadPoolExecutor(max_workers=1) as draad:
        opzoek.execute("begin")
        vorige: Future[None] | None = None
        for begin, groep in _blocks(objecten):
            grens = object_key(groep["niveau"][-1].as_py(), groep["beheerobject_id"][-1].as_py())
            blok = weergave.render_block(
                groep,
                labels.take_through(grens),
                indicatoren.take_through(grens),
                veranderingen.take_through(grens),
                beelden.take_through(grens),
                catalogus=catalogus,
                laatste=laatste,
                context=context,
                signalen=signalen,
            )
            if vorige is not None:
                vorige.result()
            vorige = draad.submit(write_block, groep, blok)
            if voortgang is not None:
                voortgang(begin + groep.num_rows, objecten.num_rows)
        if vorige is not None:
            vorige.result()
        for snijder, stroom in (
            (labels, labelstroom),
            (indicatoren, indicatorstroom),
            (veranderingen, veranderstroom),
            (beelden, beeldstroom),
        ):
            _refuse_remaining(snijder.take_remaining(), stroom.tabel)
        opzoek.executemany(
            "insert into themasignaal values (?, ?)",
            sorted({(rij["themaCode"], id_) for id_, rijen in signalen.items() for rij in rijen}),
        )
        opzoek.executemany("insert into stand values (?, ?, ?, ?, ?)", standen.list_rows())
        _insert_small(opzoek, stromen, verdeling, inhoud)
        voor_rollen.fill(opzoek, {n: stromen[n].read() for n in voor_rollen.TABELLEN})
        zoekindex.fill(opzoek)
        opzoek.execute("commit")
        opzoek.executescript(schema.OPZOEK_INDEXEN)
    for export in exports:
        export.close()
    bestanden.rijen[schema.BESTAND_OPZOEK] = objecten.num_rows


def _blocks(objecten: pa.Table) -> Iterator[tuple[int, pa.Table]]:
    for begin in range(0, objecten.num_rows, _OBJECTEN_PER_BLOK):
        yield begin, objecten.slice(begin, _OBJECTEN_PER_BLOK).combine_chunks()


def _refuse_remaining(rest: pa.Table, tabel: schema.Tabel) -> None:
    if rest.num_rows:
        raise ReleaseFout(
            f"{tabel.naam}: {rest['niveau'][0]} {rest['beheerobject_id'][0]} is geen beheerobject.",
            verwacht="alleen objecten uit mart_beheerobject__beheerobject",
            remedie="Laat de mart uitgaan van dezelfde objecten.",
        )


def _open_store(pad: Path) -> sqlite3.Connection:
    # Two threads use it, never at the same time.
    opzoek = sqlite3.connect(pad, isolation_level=None, check_same_thread=False)
    opzoek.executescript(
        "pragma page_size = 8192; pragma journal_mode = off; pragma synchronous = off;"
        f"pragma user_version = {schema.FORMAATVERSIE}; pragma encoding = 'UTF-8';"
    )
    opzoek.executescript(schema.OPZOEK_DDL)
    opzoek.executescript(voor_rollen.DDL)
    opzoek.executescript(zoekindex.DDL)
    return opzoek


def _insert_block(opzoek: sqlite3.Connection, groep: pa.Table, blok: weergave.Blok) -> None:
    sleutels = list(
        zip(groep["niveau"].to_pylist(), groep["beheerobject_id"].to_pylist(), strict=True)
    )
    opzoek.executemany(
        "insert into antwoord values (?, ?, ?)",
        [
            (*sleutel, tekst.encode())
            for sleutel, tekst in zip(sleutels, blok.antwoorden, strict=True)
        ],
    )
    opzoek.executemany(
        "insert into sturingslabel values (?, ?)",
        [
            (beheerobject_id, tekst.encode())
            for (niveau, beheerobject_id), tekst in zip(sleutels, blok.sturingslabels, strict=True)
            if niveau == "complex"
        ],
    )
    for tabel, teksten in (
        ("geschiedenis", blok.geschiedenissen),
        ("toelichting", blok.toelichtingen),
    ):
        opzoek.executemany(
            f"insert into {tabel} values (?, ?, ?)",  # noqa: S608 - two fixed names
            [
                (*sleutel, zlib.compress(tekst.encode(), _ZLIB_NIVEAU))
                for sleutel, tekst in zip(sleutels, teksten, strict=True)
            ],
        )
    rijen = []
    for nummer, rij in enumerate(groep.to_pylist()):
        rijen.append(
            (
                rij["niveau"],
                rij["beheerobject_id"],
                rij["naam"] or rij["code"] or rij["beheerobject_id"],
                rij["buurt_id"],
                rij["wijk_id"],
                blok.grondslagen[nummer],
                blok.peildata[nummer],
                rij["verhuureenheden_aantal"],
                rij["lengtegraad"],
                rij["breedtegraad"],
                blok.zoekteksten[nummer],
                *(int(waarde) or None for waarde in blok.label[nummer]),
                *(None if np.isnan(waarde) else float(waarde) for waarde in blok.score[nummer]),
                blok.lijstteksten[nummer].encode(),
            )
        )
    opzoek.executemany(f"insert into lijst values ({', '.join('?' * 24)})", rijen)  # noqa: S608


def _count_labels(
    verdeling: dict[tuple[str, str, int], list[int]], groep: pa.Table, blok: weergave.Blok
) -> None:
    niveaus = groep["niveau"].to_pylist()
    eenheden = pc.fill_null(groep["verhuureenheden_aantal"], 0).to_pylist()
    for nummer, niveau in enumerate(niveaus):
        for plaats, thema in enumerate(schema.THEMAS):
            telling = verdeling[(niveau, thema, int(blok.label[nummer, plaats]))]
            telling[0] += 1
            telling[1] += eenheden[nummer]


def _insert_small(
    opzoek: sqlite3.Connection,
    stromen: Mapping[str, Stroom],
    verdeling: Mapping[tuple[str, str, int], list[int]],
    inhoud: Mapping[str, object],
) -> None:
    opzoek.executemany(
        "insert into verdeling values (?, ?, ?, ?, ?)",
        [(*sleutel, *telling) for sleutel, telling in sorted(verdeling.items())],
    )
    opzoek.executemany(
        "insert into vorm values (?, ?, ?)",
        [
            (rij["niveau"], rij["beheerobject_id"], rij["geojson"])
            for rij in stromen[schema.VORM.naam].read().to_pylist()
            if rij["geojson"]
        ],
    )
    bijlagen: dict[str, Any] = {
        "dekking": _plain(stromen[schema.DEKKING.naam].read()),
        "indicator": _plain(stromen[schema.INDICATOR.naam].read()),
        "inhoud": dict(inhoud),
        "modelversies": describe_modelversies(stromen[schema.RISICOMODEL.naam].read().to_pylist()),
        "thema": sorted(
            _plain(stromen[schema.THEMA.naam].read()),
            key=lambda rij: (rij["volgorde"] or 0, rij["thema_code"]),
        ),
    }
    opzoek.executemany(
        "insert into bijlage values (?, ?)",
        [(naam, encode(waarde).encode()) for naam, waarde in bijlagen.items()],
    )


def _plain(tabel: pa.Table) -> list[dict[str, Any]]:
    return [
        {
            naam: waarde.isoformat() if isinstance(waarde, date) else waarde
            for naam, waarde in rij.items()
        }
        for rij in tabel.to_pylist()
    ]


def _group_signalen(rijen: pa.Table, klok: object) -> dict[str, list[dict[str, Any]]]:
    """Return the signals of the month that ``klok`` lies in, by complex; the strongest first."""
    if klok is None or not rijen.num_rows:
        return {}
    maand = date.fromisoformat(str(klok)).replace(day=1)
    nu = rijen.filter(pc.equal(rijen["peildatum"], pa.scalar(maand, pa.date32())))
    per_complex: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for rij in nu.sort_by([("kans", "descending"), ("thema_code", "ascending")]).to_pylist():
        per_complex[rij["beheerobject_id"]].append(
            {
                "themaCode": rij["thema_code"],
                "peildatum": rij["peildatum"].isoformat(),
                "aantalRecent": rij["aantal_recent"],
                "aantalEerder": rij["aantal_eerder"],
                "maandenRecent": rij["maanden_recent"],
                "maandenEerder": rij["maanden_eerder"],
                "kans": round(rij["kans"], 3),
            }
        )
    return dict(per_complex)


def _group_context(tabel: pa.Table) -> dict[str, list[dict[str, Any]]]:
    per_buurt: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for rij in tabel.to_pylist():
        per_buurt[rij["beheerobject_id"]].append(
            {naam: rij[naam] for naam in ("kenmerk", "waarde", "jaar", "bron")}
        )
    return per_buurt


def _settle(bouw: Path, doel: Path) -> Path:
    """Put a finished build in its place; an existing sound release of the same id stays."""
    for pad in sorted(bouw.rglob("*")):
        if pad.is_file():
            sync_file(pad)
            pad.chmod(0o444)
    for map_ in (bouw / schema.MAP_EXPORTS, bouw):
        sync_folder(map_)
    if doel.exists():
        if not verify(doel):
            shutil.rmtree(bouw)
            return doel
        # The content is what the id says, so a damaged copy may give way to a sound one.
        doel.replace(doel.parent / f"{schema.VOORVOEGSEL_BOUW}kapot-{secrets.token_hex(6)}")
    bouw.replace(doel)
    sync_folder(doel.parent)
    return doel


__all__ = ["activate", "canonical_json", "clean_leftovers", "write_release"]
