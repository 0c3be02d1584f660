"""Labels of a past peildatum as computed now, beside those published."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.herberekening import _lay_out, compare_labels, recompute
from orchestration.instellingen import Instellingen
from orchestration.voortgang import Voortgang
from orchestration.werkmap import Werkmap
from serving.release.wijzer import current
from tests.unit.orchestration.test_goedkeuring import write_archief
from tests.unit.serving.voorbeeld_release import publish_example
from vera.errors import BuurtpeilError, GebruikFout

DAG = date(2026, 10, 1)
LABEL = st.one_of(st.none(), st.integers(1, 5))


def write_labels(pad: Path, labels: list[int | None]) -> Path:
    rijen = [
        {
            "niveau": "complex",
            "beheerobject_id": f"C{nummer:03}",
            "grondslag": "eigen",
            "peildatum": DAG,
            "thema_code": "TOT",
            "sociaal_beheer_label": label,
        }
        for nummer, label in enumerate(labels)
    ]
    kolommen = pa.schema(
        [
            *((naam, pa.string()) for naam in ("niveau", "beheerobject_id", "grondslag")),
            ("peildatum", pa.date32()),
            ("thema_code", pa.string()),
            ("sociaal_beheer_label", pa.int32()),
        ]
    )
    pq.write_table(pa.Table.from_pylist(rijen, schema=kolommen), pad)
    return pad


@settings(max_examples=12)  # each one opens a database
@given(paren=st.lists(st.tuples(LABEL, LABEL), min_size=1, max_size=30))
def test_every_published_label_is_counted_once(
    paren: list[tuple[int | None, int | None]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    map_ = tmp_path_factory.mktemp("labels")
    oud = write_labels(map_ / "oud.parquet", [oud for oud, _ in paren])
    nieuw = write_labels(map_ / "nieuw.parquet", [nieuw for _, nieuw in paren])
    uit = compare_labels(oud, nieuw, [DAG], map_ / "naar")
    gepubliceerd = [(een, ander) for een, ander in paren if een is not None]
    assert sum(deel.gepubliceerd for deel in uit) == len(gepubliceerd)
    for deel in uit:
        assert deel.gelijk + deel.een + deel.meer == deel.gepubliceerd
        assert deel.gelijk == sum(een == ander for een, ander in gepubliceerd)
        assert deel.een == sum(b is not None and abs(a - b) == 1 for a, b in gepubliceerd)


def test_both_labels_stand_beside_each_other_per_object(tmp_path: Path) -> None:
    oud = write_labels(tmp_path / "oud.parquet", [3, 4])
    nieuw = write_labels(tmp_path / "nieuw.parquet", [3, 2, 5])
    (tmp_path / "naar").mkdir()
    (tmp_path / "naar" / "2026-07-01.parquet").touch()
    compare_labels(oud, nieuw, [DAG], tmp_path / "naar")
    assert [pad.name for pad in (tmp_path / "naar").iterdir()] == ["2026-10-01.parquet"]
    rijen = pq.read_table(tmp_path / "naar" / "2026-10-01.parquet").to_pylist()
    assert [
        (r["beheerobject_id"], r["gepubliceerd_label"], r["herberekend_label"]) for r in rijen
    ] == [("C000", 3, 3), ("C001", 4, 2), ("C002", None, 5)]


def test_day_on_which_nothing_was_published_is_refused_with_those_there_are(tmp_path: Path) -> None:
    release = publish_example(tmp_path / "data" / "releases")
    archief = write_archief(tmp_path / "data" / "archief" / release.name, [3] * 3)
    for naam in ("indicatorwaarde.parquet", "themasignaal.parquet", "leveringen.json"):
        (archief / naam).touch()
    instellingen = Instellingen(data=tmp_path / "data", leveringen=tmp_path)
    with pytest.raises(GebruikFout, match="Op 2026-08-01 is niets gepubliceerd") as fout:
        recompute(instellingen, [date(2026, 8, 1), DAG], Voortgang())
    assert "2026-07-01 tot en met 2026-10-01" in fout.value.verwacht
    assert current(tmp_path / "data" / "releases") == release.name


def test_without_a_release_there_is_nothing_to_lie_beside(tmp_path: Path) -> None:
    with pytest.raises(BuurtpeilError, match="nog niets gepubliceerd"):
        recompute(Instellingen(data=tmp_path / "data"), [DAG], Voortgang())


def test_rows_and_key_of_a_killed_computation_go_with_the_next_one(tmp_path: Path) -> None:
    werkmap = Werkmap.of(tmp_path / "data")
    achter = werkmap.herberekening / "sleutels" / "pseudoniem.sleutel"
    achter.parent.mkdir(parents=True)
    achter.write_bytes(b"oud")
    with _lay_out(Instellingen(data=werkmap.data, leveringen=tmp_path), werkmap) as nieuw:
        assert nieuw.data == werkmap.herberekening
        assert nieuw.data.stat().st_mode & 0o777 == 0o700
        assert list(nieuw.data.iterdir()) == []
        achter.parent.mkdir()
    assert not werkmap.herberekening.exists()
