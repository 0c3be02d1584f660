"""A worklist for the tests: four complexes shown, one withheld."""

from __future__ import annotations

from datetime import date

from vera.werklijst import Baan, Model, Regel, Samenstelling

OKTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
RELEASE = "0dce49cfb540"


def make_regel(
    complex_id: str,
    volgorde: int | None,
    baan: Baan = "model",
    *,
    rang: int = 1,
    kans: float = 0.3,
    selectiekans: float | None = None,
    aantal_adressen: int = 1,
) -> Regel:
    standaard = 0.9 if baan == "model" else 0.05
    return Regel(
        complex_id,
        baan,
        selectiekans=standaard if selectiekans is None else selectiekans,
        volgorde=volgorde,
        rang=rang,
        kans=kans,
        band="zeker" if baan == "model" else None,
        redenen='["Er komen meer meldingen"]',
        is_onthouden=volgorde is None,
        aantal_adressen=aantal_adressen,
    )


REGELS = (
    make_regel("C-hoog", 3, rang=1, kans=0.41),
    make_regel("C-midden", 1, rang=2, kans=0.37),
    make_regel("C-onthouden", None, rang=3, kans=0.35),
    make_regel("C-loting", 2, "aselect", rang=70, kans=0.02),
    make_regel("C-andere-loting", 4, "aselect", rang=90, kans=0.01),
)


def make_samenstelling(
    peildatum: date = NOVEMBER,
    regels: tuple[Regel, ...] = REGELS,
    model: Model = "overlast",
    scoreversie: str = "abc123",
) -> Samenstelling:
    return Samenstelling(model, peildatum, RELEASE, scoreversie, 3, 5, regels)
