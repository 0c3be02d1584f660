"""dbt's cross-database macros as sqlfluff sees them: SQL of the same shape, never run."""

from __future__ import annotations


def dateadd(deel: str, aantal: object, datum: object) -> str:
    """Write a date so many parts later."""
    return f"date_add({datum}, '{deel}', {aantal})"


def date_trunc(deel: str, datum: object) -> str:
    """Write the first day of the part that a date lies in."""
    return f"date_trunc('{deel}', {datum})"


def datediff(van: object, tot: object, deel: str) -> str:
    """Write the number of parts between two dates."""
    return f"date_diff('{deel}', {van}, {tot})"


def listagg(kolom: str, scheiding: str, volgorde: str) -> str:
    """Write a list of values in one text."""
    return f"string_agg({kolom}, {scheiding} {volgorde})"


def type_string() -> str:
    """Write the type of a text."""
    return "varchar"
