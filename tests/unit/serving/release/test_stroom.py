"""Tables and readers become streams in key order, or are refused."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.release.schema import CONTEXT, VORM
from serving.release.stroom import (
    ReleaseFout,
    Snijder,
    Stroom,
    build_key,
    object_key,
    shape_table,
)

KOLOMMEN = VORM.kolommen.names


def make_vormen(*sleutels: tuple[str, str]) -> pa.Table:
    rijen = [dict(zip(KOLOMMEN, (*sleutel, "{}"), strict=True)) for sleutel in sleutels]
    return pa.Table.from_pylist(rijen, schema=VORM.kolommen)


def make_reader(tabel: pa.Table, rijen_per_batch: int) -> pa.RecordBatchReader:
    return pa.RecordBatchReader.from_batches(
        tabel.schema, tabel.to_batches(max_chunksize=rijen_per_batch)
    )


def test_table_in_any_order_is_sorted_by_its_key(tmp_path: Path) -> None:
    vormen = make_vormen(("wijk", "W1"), ("buurt", "B2"), ("buurt", "B1"))

    stroom = Stroom(VORM, vormen, tmp_path)

    assert stroom.read()["beheerobject_id"].to_pylist() == ["B1", "B2", "W1"]
    assert stroom.rijen == 3


def test_reader_is_kept_on_disk_and_can_be_read_again(tmp_path: Path) -> None:
    vormen = make_vormen(*[("buurt", f"B{n:02}") for n in range(10)])
    stroom = Stroom(VORM, make_reader(vormen, 3), tmp_path)

    assert stroom.read().equals(vormen)
    assert stroom.read().equals(vormen)
    assert stroom.rijen == 10
    stroom.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("rijen_per_batch", [1, 2, 10])
def test_reader_out_of_order_or_with_a_repeated_key_is_refused(
    tmp_path: Path, rijen_per_batch: int
) -> None:
    for sleutels in (
        [("buurt", "B1"), ("buurt", "B3"), ("buurt", "B2")],
        [("buurt", "B1"), ("buurt", "B1")],
        [("wijk", "W1"), ("buurt", "B1")],
    ):
        with pytest.raises(ReleaseFout, match="dubbel voor of de stroom is niet gesorteerd"):
            Stroom(VORM, make_reader(make_vormen(*sleutels), rijen_per_batch), tmp_path)


def test_repeated_key_in_a_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReleaseFout, match="mart_beheerobject__vorm"):
        Stroom(VORM, make_vormen(("buurt", "B1"), ("buurt", "B1")), tmp_path)


def test_numbers_in_a_key_are_ordered_as_numbers(tmp_path: Path) -> None:
    rijen = [
        {"beheerobject_id": "B1", "kenmerk": "k", "waarde": 1.0, "jaar": jaar, "bron": "b"}
        for jaar in (2025, 999, 0)
    ]
    context = pa.Table.from_pylist(rijen, schema=CONTEXT.kolommen)

    assert Stroom(CONTEXT, context, tmp_path).read()["jaar"].to_pylist() == [0, 999, 2025]


def test_missing_column_wrong_type_and_empty_key_are_refused_by_name() -> None:
    vormen = make_vormen(("buurt", "B1"))
    with pytest.raises(ReleaseFout, match="kolom geojson ontbreekt"):
        shape_table(vormen.drop_columns(["geojson"]), VORM)
    jaren = pa.table(
        {"beheerobject_id": ["B"], "kenmerk": ["k"], "waarde": [1], "jaar": ["x"], "bron": ["b"]}
    )
    with pytest.raises(ReleaseFout, match="typen passen niet"):
        shape_table(jaren, CONTEXT)
    leeg = vormen.set_column(1, "beheerobject_id", pa.array([None], pa.string()))
    with pytest.raises(ReleaseFout, match="1 rijen zonder beheerobject_id"):
        shape_table(leeg, VORM)


def test_other_columns_and_wider_types_are_taken_to_the_declared_shape() -> None:
    ruim = pa.table(
        {
            "extra": [1],
            "jaar": pa.array([2025], pa.int64()),
            "beheerobject_id": pa.array(["B1"], pa.large_string()),
            "kenmerk": ["k"],
            "waarde": pa.array([1], pa.decimal128(5, 2)),
            "bron": pa.array([None], pa.null()),
        }
    )

    assert shape_table(ruim, CONTEXT).schema == CONTEXT.kolommen


@given(
    st.lists(st.tuples(st.sampled_from(["buurt", "complex"]), st.text("ab/ é\t", max_size=3))),
    st.integers(1, 4),
)
def test_cutting_at_objects_gives_every_row_to_its_object(
    sleutels: list[tuple[str, str]], rijen_per_batch: int
) -> None:
    sleutels = sorted(set(sleutels), key=lambda sleutel: [deel.encode() for deel in sleutel])
    vormen = make_vormen(*sleutels)
    stroom = Stroom(VORM, vormen, Path())
    stroom.batches = lambda kolommen=None: iter(  # type: ignore[method-assign]
        vormen.slice(begin, rijen_per_batch) for begin in range(0, len(sleutels), rijen_per_batch)
    )
    snijder = Snijder(stroom)

    for sleutel in sleutels:
        deel = snijder.take_through(object_key(*sleutel))
        assert build_key(deel, ("niveau", "beheerobject_id")).to_pylist() == [object_key(*sleutel)]
    assert snijder.take_remaining().num_rows == 0


def test_rows_of_an_object_nobody_asked_for_remain() -> None:
    snijder = Snijder(Stroom(VORM, make_vormen(("buurt", "B1"), ("buurt", "B2")), Path()))

    assert snijder.take_through(object_key("buurt", "B1")).num_rows == 1
    assert snijder.take_remaining()["beheerobject_id"].to_pylist() == ["B2"]
