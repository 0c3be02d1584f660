"""Delivered demo tables as lists of rows, raw as they stand in the files."""

from __future__ import annotations

import csv
from collections.abc import Callable

import pytest

from sources.demo.genereer import GeneratieVerslag

Rijen = list[dict[str, str]]


@pytest.fixture(scope="session")
def lees(demo: GeneratieVerslag) -> Callable[..., Rijen]:
    """Read both deliveries of a table, or one of them (``eerste`` or ``tweede``)."""
    bewaard: dict[tuple[str, str], Rijen] = {}

    def read(tabel: str, welke: str = "") -> Rijen:
        if (tabel, welke) not in bewaard:
            bron, naam = tabel.split(".")
            datum = {"eerste": "2025-12-01", "tweede": "2026-01-01", "": "????-??-??"}[welke]
            rijen: Rijen = []
            for pad in sorted((demo.uit / bron).glob(f"{naam}_{datum}.csv")):
                with pad.open(encoding="utf-8", newline="") as bestand:
                    rijen += csv.DictReader(bestand, delimiter=";")
            bewaard[tabel, welke] = rijen
        return bewaard[tabel, welke]

    return read
