"""The SQL outside dispatched macros reads on another engine: no function that only DuckDB has."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from orchestration.werkmap import DBT_MAP

# What is used today and exists under one meaning in Spark, PostgreSQL and DuckDB, as sqlglot
# names it. A new one belongs here, or in a macro with `default__` and `duckdb__`.
OVERAL = {
    "ABS", "AND", "AVG", "CASE", "CAST", "COALESCE", "CONCAT", "COUNT", "DATEDIFF", "EXISTS",
    "EXP", "EXTRACT", "FLOOR", "GREATEST", "GROUP_CONCAT", "IF", "LAG", "LEAD", "LEAST", "LENGTH",
    "LN", "LOG", "LOWER", "MAX", "MIN", "NULLIF", "OR", "POWER", "REPLACE", "ROUND", "ROW_NUMBER",
    "SQRT", "SUBSTRING", "SUM", "TIMESTAMP_TRUNC",
}  # fmt: skip
# In macros that are dispatched per engine: their DuckDB form.
GEDISPATCHT = {"REGEXP_REPLACE"}


@pytest.fixture(scope="module")
def bomen(warehouse: Any) -> dict[str, exp.Expression]:
    """The compiled SQL of every model, parsed."""
    map_ = warehouse.doel / "compiled" / "buurtpeil" / "models"
    return {
        pad.stem: sqlglot.parse_one(pad.read_text(encoding="utf-8"), read="duckdb")
        for pad in map_.rglob("*.sql")
        # a unit test is compiled into a folder named after its YAML; it runs on DuckDB alone
        if not any(deel.endswith(".yml") for deel in pad.relative_to(map_).parts)
    }


def test_models_use_functions_that_every_engine_has(bomen: dict[str, exp.Expression]) -> None:
    assert len(bomen) > 100
    for naam, boom in bomen.items():
        gebruikt = {
            functie.name if isinstance(functie, exp.Anonymous) else functie.sql_name()
            for functie in boom.find_all(exp.Func)
        }
        assert gebruikt <= OVERAL | GEDISPATCHT, f"{naam}: {gebruikt - OVERAL - GEDISPATCHT}"


def test_models_have_no_syntax_that_spark_lacks(bomen: dict[str, exp.Expression]) -> None:
    for naam, boom in bomen.items():
        assert boom.sql(dialect="spark", unsupported_level=sqlglot.ErrorLevel.RAISE), naam
        assert not list(boom.find_all(exp.Qualify, exp.Filter, exp.Lambda)), naam


def test_models_leave_to_macros_what_dbt_spells_wrongly_for_spark() -> None:
    """A text of any length has another name there; dates go by way of seconds, a list unordered."""
    for pad in (DBT_MAP / "models").rglob("*.sql"):
        tekst = pad.read_text(encoding="utf-8")
        assert not re.search(r"\bvarchar\b", tekst), f"{pad.stem}: dbt.type_string()"
        assert not re.search(r"dbt\.(dateadd|datediff|date_trunc|listagg)\b", tekst), (
            f"{pad.stem}: tel_dagen, tel_maanden, dagen_tussen, begin_maand, als_lijst"
        )
