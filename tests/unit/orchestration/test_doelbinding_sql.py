"""Every way in which SQL uses a column is seen, and what cannot be read is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from orchestration.doelbinding import Gebruik
from orchestration.doelbinding.gebruik import BESTAND
from vera.errors import BuurtpeilError

KOLOMMEN = {("s", "t"): ["a", "b", "c", "lijst"], ("s", "v"): ["b", "a", "d"]}


def make_gebruik(map_: Path, sql: str, *, bewaar: bool = False) -> Gebruik:
    """Return the use of columns in a project of two sources and one model."""
    pad = map_ / "compiled" / "buurtpeil" / "models" / "m.sql"
    pad.parent.mkdir(parents=True, exist_ok=True)
    pad.write_text(sql, encoding="utf-8")
    bronnen: dict[str, Any] = {
        naam: {"resource_type": "source", "schema": "s", "identifier": naam, "name": naam}
        for naam in ("t", "v")
    }
    model = {
        "resource_type": "model",
        "name": "m",
        "original_file_path": "models/m.sql",
        "depends_on": {"nodes": ["t", "v"]},
    }
    manifest = {
        "metadata": {"project_name": "buurtpeil"},
        "nodes": {"m": model},
        "sources": bronnen,
    }
    return Gebruik(manifest, map_, KOLOMMEN, bewaar=bewaar)


def list_gebruik(gebruik: Gebruik, kolom: str) -> set[str]:
    """Return what a column uses, as ``tabel.kolom`` with ``!`` where it is a value."""
    return {
        f"{ouder}.{naam}{'!' if soort == 'waarde' else ''}"
        for ouder, naam, soort in gebruik.find_bronnen("m", kolom, "waarde")
        if naam is not None
    }


@pytest.mark.parametrize(
    ("sql", "verwacht"),
    [
        ("select a as x from s.t where b > 0", {"t.a!", "t.b"}),
        ("select sum(a) as x from s.t group by b having max(c) > 1", {"t.a!", "t.b", "t.c"}),
        ("select b, sum(a) as x from s.t group by all", {"t.a!", "t.b"}),
        ("select sum(a) over w as x from s.t window w as (partition by b)", {"t.a!", "t.b"}),
        ("select sum(a) over (order by c) as x from s.t", {"t.a!", "t.c"}),
        ("select distinct on (b) a as x from s.t order by c", {"t.a!", "t.b", "t.c"}),
        ("select distinct a as x, b from s.t", {"t.a!", "t.a", "t.b"}),
        ("select a as x from s.t order by c limit 3", {"t.a!", "t.c"}),
        ("select a as x from s.t order by c", {"t.a!"}),
        ("select u.e as x from s.t, unnest(t.lijst) as u(e)", {"t.lijst!", "t.lijst"}),
        ("select t.a as x from s.t join s.v using (b)", {"t.a!", "t.b", "v.b"}),
        ("select t.a as x from s.t left join s.v on t.b = v.b", {"t.a!"}),
        ("select t.a as x from s.t where exists (select 1 from s.v where v.d = t.b)",
         {"t.a!", "t.b", "v.d"}),
        ("select t.a as x, (select max(v.d) from s.v where v.a = t.c) as y from s.t", {"t.a!"}),
        ("select (select max(v.d) from s.v where v.a = t.c) as x from s.t",
         {"v.d!", "v.a", "t.c"}),
        ("select a as x from s.t where a in (select d from s.v)", {"t.a!", "t.a", "v.d"}),
        ("select a as x, b from s.t union all by name select b, a as x from s.v",
         {"t.a!", "v.a!"}),
        ("select a as x, b from s.t union all select b, a from s.v", {"t.a!", "v.b!"}),
        ("select a as x from s.t except all select d from s.v",
         {"t.a!", "t.a", "v.d!", "v.d"}),
        ("select count(a) as x from s.t", {"t.a"}),
        ("select count(distinct a) as x from s.t", {"t.a"}),
        ("select count(case when a > 1 then 1 end) as x from s.t", {"t.a!"}),
        ("select case when a is null then 0 else c end as x from s.t", {"t.a", "t.c!"}),
        ("select case when a > 3 then 0 else c end as x from s.t", {"t.a!", "t.c!"}),
        ("with q as (select * from s.t) select a as x from q", {"t.a!"}),
        ("select list_transform(lijst, lambda q: q + a) as x from s.t", {"t.lijst!", "t.a!"}),
    ],
)  # fmt: skip
def test_use_of_a_column_is_seen(tmp_path: Path, sql: str, verwacht: set[str]) -> None:
    assert list_gebruik(make_gebruik(tmp_path, sql), "x") == verwacht


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("select x.a as x from read_parquet('geheim.parquet') as x", id="file"),
        pytest.param("select a as x from s.anders", id="table-dbt-does-not-know"),
        pytest.param("select columns(*) as x from s.t", id="columns"),
        pytest.param("select t as x from s.t", id="whole-row"),
        pytest.param("select a as x from (pivot s.t on b using sum(c))", id="pivot"),
        pytest.param("select a as x from s.t union all select d from s.v order by 1 limit 3",
                     id="limit-on-a-union"),
        pytest.param("select a as x from s.t where (", id="no-sql"),
    ],
)  # fmt: skip
def test_sql_of_which_the_columns_are_not_certain_is_refused(tmp_path: Path, sql: str) -> None:
    with pytest.raises(BuurtpeilError, match="herkomst van m is niet te lezen"):
        make_gebruik(tmp_path, sql).find_bronnen("m", "x", "waarde")


def test_star_of_a_table_without_known_columns_is_refused(tmp_path: Path) -> None:
    gebruik = make_gebruik(tmp_path, "select * from s.t")
    gebruik._kolommen = {}
    with pytest.raises(BuurtpeilError, match="herkomst van m is niet te lezen"):
        gebruik.list_kolommen("m")


def test_what_was_kept_is_used_until_the_sql_changes(tmp_path: Path) -> None:
    sql = "select a as x from s.t where b > 0"
    eerst = make_gebruik(tmp_path, sql, bewaar=True)
    assert list_gebruik(eerst, "x") == {"t.a!", "t.b"}
    eerst.save()
    bewaard = (tmp_path / BESTAND).read_text(encoding="utf-8")
    (tmp_path / BESTAND).write_text(bewaard.replace('"b"', '"c"'), encoding="utf-8")
    assert list_gebruik(make_gebruik(tmp_path, sql, bewaar=True), "x") == {"t.a!", "t.c"}
    anders = make_gebruik(tmp_path, sql.replace("b > 0", "b > 1"), bewaar=True)
    assert list_gebruik(anders, "x") == {"t.a!", "t.b"}


def test_kept_file_that_is_broken_is_read_anew(tmp_path: Path) -> None:
    (tmp_path / BESTAND).write_text("{kapot", encoding="utf-8")
    gebruik = make_gebruik(tmp_path, "select a as x from s.t", bewaar=True)
    assert list_gebruik(gebruik, "x") == {"t.a!"}
