"""A release is written beside the others, the same from the same, or not at all."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from serving.release import schema, schrijver
from serving.release.schrijver import clean_leftovers, write_release
from serving.release.stroom import ReleaseFout
from serving.release.winkel import open_release, verify
from tests.unit.serving.voorbeeld_release import INHOUD, KWARTALEN, RUN

BEHEEROBJECT, LABEL = schema.BEHEEROBJECT.naam, schema.LABEL.naam
INDICATORWAARDE, INDICATOR = schema.INDICATORWAARDE.naam, schema.INDICATOR.naam


def write(tabellen: dict[str, Any], releases_map: Path, **inhoud: object) -> Path:
    return write_release(tabellen, {**INHOUD, **inhoud}, RUN, releases_map)


def read_bytes(release: Path) -> dict[str, bytes]:
    return {
        pad.relative_to(release).as_posix(): pad.read_bytes()
        for pad in release.rglob("*")
        if pad.is_file() and pad.name != schema.BESTAND_MANIFEST_RUN
    }


def read_manifest(release: Path) -> dict[str, Any]:
    inhoud: dict[str, Any] = json.loads((release / schema.BESTAND_MANIFEST).read_text())
    return inhoud


def make_readers(tabellen: dict[str, pa.Table], rijen: int) -> dict[str, pa.RecordBatchReader]:
    lezers = {}
    for naam, tabel in tabellen.items():
        gesorteerd = tabel.sort_by([(k, "ascending") for k in schema.TABELLEN[naam].sleutel])
        lezers[naam] = pa.RecordBatchReader.from_batches(
            gesorteerd.schema, gesorteerd.combine_chunks().to_batches(max_chunksize=rijen)
        )
    return lezers


def change(tabel: pa.Table, kolom: str, waarde: object, rij: int = 0) -> pa.Table:
    rijen = tabel.to_pylist()
    rijen[rij][kolom] = waarde
    return pa.Table.from_pylist(rijen, schema=tabel.schema)


@pytest.mark.parametrize("rijen", [1, 7, 100_000])
def test_tables_and_sorted_readers_give_the_same_bytes(
    tabellen: dict[str, pa.Table], tmp_path: Path, rijen: int
) -> None:
    uit_tabellen = write(tabellen, tmp_path / "een")
    uit_lezers = write(make_readers(tabellen, rijen), tmp_path / "twee")

    assert uit_lezers.name == uit_tabellen.name
    assert read_bytes(uit_lezers) == read_bytes(uit_tabellen)


def test_order_of_the_rows_and_facts_of_the_run_do_not_matter(
    tabellen: dict[str, pa.Table], tmp_path: Path
) -> None:
    omgekeerd = {
        naam: tabel.take(pa.array(range(tabel.num_rows - 1, -1, -1), pa.int64()))
        for naam, tabel in tabellen.items()
    }

    een = write_release(tabellen, INHOUD, {"begonnen_op": "gisteren"}, tmp_path / "een")
    twee = write_release(omgekeerd, INHOUD, {"begonnen_op": "vandaag"}, tmp_path / "twee")

    assert read_bytes(een) == read_bytes(twee)


@pytest.mark.parametrize(
    ("naam", "kolom", "waarde"),
    [
        (BEHEEROBJECT, "naam", "Anders"),
        (LABEL, "sociaal_beheer_label", 2),
        (INDICATORWAARDE, "stratum_waarde", 0.5),
    ],
)
def test_other_content_is_another_release(
    tabellen: dict[str, pa.Table], releases_map: Path, naam: str, kolom: str, waarde: object
) -> None:
    een = write(tabellen, releases_map)
    tabellen[naam] = change(tabellen[naam], kolom, waarde)

    assert write(tabellen, releases_map).name != een.name
    assert write(tabellen, releases_map, codeversie="abc").name != een.name


def test_manifest_says_what_is_in_the_release_and_the_clock_stays_outside_the_hash(
    tabellen: dict[str, pa.Table], releases_map: Path
) -> None:
    release = write(tabellen, releases_map)
    manifest = read_manifest(release)
    run = json.loads((release / schema.BESTAND_MANIFEST_RUN).read_text())

    assert manifest["formaatversie"] == schema.FORMAATVERSIE
    assert manifest["peildatum"] == "2026-10-01"
    assert manifest["peildata"]["complex"] == {"eigen": [dag.isoformat() for dag in KWARTALEN]}
    assert manifest["peildata"]["buurt"]["openbaar"] == ["2024-12-31", "2025-12-31"]
    assert manifest["bestanden"]["exports/beheerobject.csv"]["rijen"] == 10
    assert set(manifest["bestanden"]) == set(read_bytes(release)) - {schema.BESTAND_MANIFEST}
    assert run["release_id"] == release.name
    assert run["begonnen_op"] == RUN["begonnen_op"]
    assert "geschreven_op" not in manifest


def test_exports_have_the_declared_columns_in_key_order(
    tabellen: dict[str, pa.Table], releases_map: Path
) -> None:
    release = write(tabellen, releases_map)
    for tabel in schema.TABELLEN.values():
        if any(
            tabel is intern for intern in (schema.WAT_ALS, *schema.INTERN, *schema.ALLEEN_OPZOEK)
        ):
            continue  # no exports (tests/unit/serving/wat_als, and the next test)
        rijen = pq.read_table(release / "exports" / f"{tabel.export}.parquet")
        assert rijen.schema.remove_metadata() == tabel.kolommen
        assert rijen.equals(rijen.sort_by([(k, "ascending") for k in tabel.sleutel]))
        assert rijen.num_rows == len(tabellen.get(tabel.naam, ()))
        with (release / "exports" / f"{tabel.export}.csv").open(newline="") as bestand:
            regels = list(csv.reader(bestand, delimiter=";"))
        assert regels[0] == tabel.kolommen.names
        assert len(regels) == rijen.num_rows + 1


def test_scores_of_risk_models_stand_beside_the_exports_and_not_among_them(
    tabellen: dict[str, pa.Table], releases_map: Path
) -> None:
    release = write(tabellen, releases_map)
    bestanden = read_manifest(release)["bestanden"]
    for tabel in schema.INTERN:
        naam = f"{tabel.export}.parquet"
        assert naam in bestanden
        assert pq.read_table(release / naam).schema.remove_metadata() == tabel.kolommen
        assert not list((release / "exports").glob(f"{tabel.export}.*"))


def test_table_that_no_spreadsheet_can_open_is_exported_as_parquet_only(
    tabellen: dict[str, pa.Table], releases_map: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "CSV_MAXIMUM_RIJEN", 200)

    bestanden = read_manifest(write(tabellen, releases_map))["bestanden"]

    assert "exports/sociaal_beheer_label.csv" not in bestanden
    assert bestanden["exports/sociaal_beheer_label.parquet"]["rijen"] > 200
    assert "exports/beheerobject.csv" in bestanden


def test_store_counts_every_object_once_in_each_distribution(
    tabellen: dict[str, pa.Table], releases_map: Path
) -> None:
    release = write(tabellen, releases_map)
    with open_release(release) as uitgave:
        rijen = uitgave.query(
            "select sociaal_beheer_label, aantal, verhuureenheden_aantal from verdeling "
            "where niveau = 'complex' and thema_code = 'TOT' order by 1"
        )
        vormen = uitgave.query("select count(*) from vorm")

    assert rijen == [(0, 1, 12), (1, 1, 61), (2, 1, 22), (3, 1, 120), (4, 1, 36), (5, 1, 84)]
    assert vormen == [(3,)]


@pytest.mark.parametrize("objecten", [1, 3])
def test_answers_do_not_depend_on_how_many_objects_are_rendered_at_once(
    tabellen: dict[str, pa.Table],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    objecten: int,
) -> None:
    in_een_keer = write(tabellen, tmp_path / "een")
    monkeypatch.setattr(schrijver, "_OBJECTEN_PER_BLOK", objecten)
    in_stukken = write(tabellen, tmp_path / "twee")

    assert (in_stukken / "opzoek.sqlite").read_bytes() == (
        in_een_keer / "opzoek.sqlite"
    ).read_bytes()


def test_progress_is_told_until_every_object_is_rendered(
    tabellen: dict[str, pa.Table], releases_map: Path
) -> None:
    standen: list[tuple[int, int]] = []

    write_release(
        tabellen, INHOUD, RUN, releases_map, voortgang=lambda *stand: standen.append(stand)
    )

    assert standen[-1] == (10, 10)


def test_optional_tables_may_stay_away(tabellen: dict[str, pa.Table], releases_map: Path) -> None:
    nodig = {n: t for n, t in tabellen.items() if schema.TABELLEN[n].verplicht}

    assert verify(write(nodig, releases_map)) == []


def remove(naam: str) -> Callable[[dict[str, pa.Table]], None]:
    return lambda tabellen: tabellen.pop(naam)


def put(
    naam: str, kolom: str, waarde: object, rij: int = 0
) -> Callable[[dict[str, pa.Table]], None]:
    def do(tabellen: dict[str, pa.Table]) -> None:
        tabellen[naam] = change(tabellen[naam], kolom, waarde, rij)

    return do


def empty(naam: str) -> Callable[[dict[str, pa.Table]], None]:
    return lambda tabellen: tabellen.update({naam: tabellen[naam].schema.empty_table()})


def add_unknown(tabellen: dict[str, pa.Table]) -> None:
    tabellen["mart_vreemd"] = pa.table({"a": [1]})


@pytest.mark.parametrize(
    ("break_it", "melding"),
    [
        (remove(LABEL), f"Tabellen ontbreken \\({LABEL}\\)"),
        (add_unknown, "zijn onbekend \\(mart_vreemd\\)"),
        (empty(LABEL), "geen enkel label"),
        (put(LABEL, "beheerobject_id", "C000"), "complex C000 is geen beheerobject"),
        (put(LABEL, "beheerobject_id", "C002x"), "complex C002x is geen beheerobject"),
        (put(LABEL, "niveau", "zz"), "niveau zz met grondslag eigen bestaat niet"),
        (put(INDICATORWAARDE, "niveau", "stad"), "stad"),
        (put(LABEL, "grondslag", "gemengd"), "gemengd"),
        (put(LABEL, "thema_code", "XYZ"), "waarde 'XYZ' is niet bekend"),
        (put(INDICATORWAARDE, "beheerobject_id", "C9"), "complex C9 is geen beheerobject"),
        (put(INDICATORWAARDE, "indicator_code", "nieuw", -1), "nieuw staat niet in de catalogus"),
        (put(INDICATOR, "thema_code", "XYZ"), "noemt thema XYZ"),
        (put(BEHEEROBJECT, "beheerobject_id", None), "1 rijen zonder beheerobject_id"),
        (put(BEHEEROBJECT, "beheerobject_id", "C002"), "sleutel komt dubbel voor"),
    ],
)
def test_tables_that_do_not_fit_together_are_refused_and_leave_nothing(
    tabellen: dict[str, pa.Table],
    releases_map: Path,
    break_it: Callable[[dict[str, pa.Table]], None],
    melding: str,
) -> None:
    break_it(tabellen)

    with pytest.raises(ReleaseFout, match=melding) as gevangen:
        write(tabellen, releases_map)

    assert gevangen.value.verwacht
    assert gevangen.value.remedie
    assert not releases_map.exists() or list(releases_map.iterdir()) == []


def test_content_of_the_manifest_is_checked(
    tabellen: dict[str, pa.Table], releases_map: Path
) -> None:
    zonder = {naam: waarde for naam, waarde in INHOUD.items() if naam != "organisatie"}
    with pytest.raises(ReleaseFout, match="organisatie"):
        write_release(tabellen, zonder, RUN, releases_map)
    with pytest.raises(ReleaseFout, match="peildata"):
        write(tabellen, releases_map, peildata={})


def test_writing_the_same_release_again_keeps_the_one_that_is_there(
    tabellen: dict[str, pa.Table], releases_map: Path
) -> None:
    eerste = write(tabellen, releases_map)
    nummer = (eerste / schema.BESTAND_OPZOEK).stat().st_ino

    assert write(tabellen, releases_map) == eerste
    assert (eerste / schema.BESTAND_OPZOEK).stat().st_ino == nummer
    assert [pad.name for pad in releases_map.iterdir()] == [eerste.name]


def test_writing_the_same_release_again_replaces_a_damaged_one(
    tabellen: dict[str, pa.Table], releases_map: Path
) -> None:
    release = write(tabellen, releases_map)
    (release / schema.BESTAND_OPZOEK).unlink()

    assert write(tabellen, releases_map) == release
    assert verify(release) == []
    clean_leftovers(releases_map)
    assert [pad.name for pad in releases_map.iterdir()] == [release.name]


def test_files_of_a_release_cannot_be_written_to(
    tabellen: dict[str, pa.Table], releases_map: Path
) -> None:
    release = write(tabellen, releases_map)

    assert {pad.stat().st_mode & 0o222 for pad in release.rglob("*") if pad.is_file()} == {0}
    with open_release(release) as uitgave, pytest.raises(sqlite3.OperationalError):
        uitgave.query("delete from lijst")


def test_what_a_killed_run_left_behind_goes_and_nothing_else(
    tabellen: dict[str, pa.Table], releases_map: Path
) -> None:
    release = write(tabellen, releases_map)
    (releases_map / ".bouw-123" / "exports").mkdir(parents=True)
    (releases_map / ".CURRENT-123").write_text("x")
    (releases_map / ".andere").mkdir()

    write(tabellen, releases_map)

    assert sorted(pad.name for pad in releases_map.iterdir()) == [".andere", release.name]


def test_total_labels_in_the_export_are_the_ones_in_the_store(
    tabellen: dict[str, pa.Table], releases_map: Path
) -> None:
    release = write(tabellen, releases_map)
    labels = pq.read_table(release / "exports" / "sociaal_beheer_label.parquet")
    nu = labels.filter(
        pc.and_(
            pc.equal(pc.cast(labels["peildatum"], pa.string()), "2026-10-01"),
            pc.and_(pc.equal(labels["niveau"], "complex"), pc.equal(labels["thema_code"], "TOT")),
        )
    )
    with open_release(release) as uitgave:
        lijst = uitgave.query(
            "select beheerobject_id, label_tot, score_tot from lijst where niveau = 'complex' "
            "order by 1"
        )

    assert lijst == [
        (rij["beheerobject_id"], rij["sociaal_beheer_label"], rij["score"])
        for rij in nu.to_pylist()
    ]


def test_id_is_told_before_the_release_stands_under_it(
    tabellen: dict[str, pa.Table], releases_map: Path
) -> None:
    gezien = []

    def look(release_id: str) -> None:
        gezien.append((release_id, (releases_map / release_id).exists()))

    release = write_release(tabellen, INHOUD, RUN, releases_map, voor_naam=look)
    assert gezien == [(release.name, False)]
