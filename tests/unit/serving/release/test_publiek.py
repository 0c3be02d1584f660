"""Who sees no complexes gets labels of areas and counts on fives, the same every time."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.release import schema
from serving.release.publiek import (
    AANTALLEN,
    PUBLIEK,
    check_publiek,
    publieke_waarde,
    shield_publiek,
)
from serving.release.schrijver import write_release
from serving.release.stroom import ReleaseFout
from tests.unit.serving.voorbeeld_release import INHOUD, RUN, build_tables

aantallen = st.integers(0, 10_000)
namen = st.text(min_size=1, max_size=12)


@given(aantallen, namen)
def test_count_is_rounded_to_a_neighbouring_five_and_a_five_stays(aantal: int, cel: str) -> None:
    getoond = publieke_waarde(aantal, "buurt", cel)

    assert getoond is not None
    assert getoond % 5 == 0
    assert abs(getoond - aantal) < 5
    assert publieke_waarde(getoond, "buurt", cel) == getoond


@given(aantallen, namen)
def test_larger_count_of_a_cell_is_never_shown_smaller(aantal: int, cel: str) -> None:
    een, meer = (publieke_waarde(n, cel) for n in (aantal, aantal + 1))

    assert een is not None
    assert meer is not None
    assert een <= meer


def test_on_average_nothing_is_added() -> None:
    for rest in range(5):
        getoond = [publieke_waarde(40 + rest, "buurt", f"B{i}") or 0 for i in range(4000)]
        assert sum(getoond) / len(getoond) == pytest.approx(40 + rest, abs=0.15)


def test_unknown_count_stays_unknown_and_a_cell_must_have_a_name() -> None:
    assert publieke_waarde(None, "buurt", "B1") is None
    for aantal, cel in ((-1, ("B1",)), (3, ())):
        with pytest.raises(ValueError, match="expected"):
            publieke_waarde(aantal, *cel)


@pytest.fixture
def release(tmp_path: Path) -> dict[str, pa.Table]:
    """Labels and objects as a release exports them."""
    map_ = write_release(build_tables(), INHOUD, RUN, tmp_path) / schema.MAP_EXPORTS
    return {
        tabel.naam: pq.read_table(map_ / f"{tabel.export}.parquet")
        for tabel in (schema.LABEL, schema.BEHEEROBJECT)
    }


def shield(release: dict[str, pa.Table], *themas: str) -> list[dict[str, Any]]:
    return shield_publiek(
        release[schema.LABEL.naam], release[schema.BEHEEROBJECT.naam], themas
    ).to_pylist()


def test_partner_gets_labels_of_areas_in_its_own_themes_and_nothing_else(
    release: dict[str, pa.Table],
) -> None:
    rijen = shield(release, "TOT", "SHV")

    assert {rij["thema_code"] for rij in rijen} == {"TOT", "SHV"}
    assert {rij["niveau"] for rij in rijen} <= {"buurt", "wijk"}
    assert any(rij["sociaal_beheer_label"] for rij in rijen)
    assert all(rij[naam] is None or rij[naam] % 5 == 0 for rij in rijen for naam in AANTALLEN)
    assert shield(release) == []


def test_next_release_shows_the_same_count_of_the_same_area(release: dict[str, pa.Table]) -> None:
    labels = release[schema.LABEL.naam]
    later = labels.set_column(
        labels.column_names.index("peildatum"),
        labels.schema.field("peildatum"),
        pa.array([date(2030, 1, 1)] * labels.num_rows, pa.date32()),
    )

    nu, straks = (
        {(r["niveau"], r["beheerobject_id"], *(r[naam] for naam in AANTALLEN)) for r in rijen}
        for rijen in (shield(release, "TOT"), shield({**release, schema.LABEL.naam: later}, "TOT"))
    )

    assert nu
    assert nu == straks


GOED = {
    "niveau": "buurt", "beheerobject_id": "B1", "naam": "B", "wijk_id": "W", "grondslag": "eigen",
    "peildatum": date(2026, 1, 1), "thema_code": "SHV", "sociaal_beheer_label": 3,
    "verhuureenheden_aantal": 40, "aantal_complexen": 5,
}  # fmt: skip


@pytest.mark.parametrize(
    "fout",
    [
        {"niveau": "complex"},
        {"thema_code": "FIN"},
        {"sociaal_beheer_label": 7},
        {"verhuureenheden_aantal": 42},
        {"aantal_complexen": 3},
    ],
    ids=["complex", "theme of others", "no label", "dwellings", "complexes"],
)
def test_row_that_says_too_much_is_refused(fout: dict[str, object]) -> None:
    check_publiek(pa.Table.from_pylist([GOED], schema=PUBLIEK), {"SHV"})

    with pytest.raises(ReleaseFout, match="te veel"):
        check_publiek(pa.Table.from_pylist([{**GOED, **fout}], schema=PUBLIEK), {"SHV"})


def test_column_that_is_not_named_is_refused() -> None:
    with pytest.raises(ReleaseFout, match="score"):
        check_publiek(pa.Table.from_pylist([{**GOED, "score": 51.2}]), {"SHV"})
