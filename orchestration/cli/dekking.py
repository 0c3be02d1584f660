"""``dekking``: which indicators have data, and why a theme is unknown.

An association that delivers for the first time sees mostly "onbekend"; this says which delivery
would change that. Figures over all complexes together, no complex by name.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from orchestration.instellingen import Instellingen
from orchestration.methode import read_seed
from orchestration.werkmap import Werkmap
from serving.release import schema
from serving.release.winkel import current_path

_MEETELLEN = "minimum_gewicht_thema"


@dataclass(frozen=True)
class Indicatordekking:
    """How far one indicator reaches on the last peildatum.

    Parameters
    ----------
    naam, bron
        From the catalogue: name, and the table that it is counted in.
    gewicht
        Share of the theme's weight, 0 to 1.
    gedekt
        Complexes with a value, an older one included.
    """

    naam: str
    bron: str
    gewicht: float
    gedekt: int


@dataclass(frozen=True)
class Themadekking:
    """How far one theme reaches: complexes, those without a label and why, its indicators."""

    code: str
    naam: str
    complexen: int
    onbekend: int
    indicatoren: tuple[Indicatordekking, ...]
    redenen: tuple[tuple[str, int], ...] = ()


def show_dekking(instellingen: Instellingen) -> None:
    """Print every theme with its indicators, of the current release."""
    console, nodig = Console(highlight=False), _read_nodig()
    for thema in read_dekking(current_path(Werkmap.of(instellingen.data).releases)):
        _print_thema(console, thema, nodig)


def print_tekort(console: Console, release: Path) -> None:
    """Print the themes that most complexes have no label for, after a run."""
    nodig = _read_nodig()
    for thema in read_dekking(release):
        if 2 * thema.onbekend > thema.complexen:
            _print_thema(console, thema, nodig)


def read_dekking(release: Path) -> list[Themadekking]:
    """Return how far each theme reaches on the last peildatum, from a release's exports.

    Returns
    -------
    list of Themadekking
        In the order of the themes; empty for a release without complexes.
    """
    exports = release / schema.MAP_EXPORTS
    labels = _read_last(
        exports, schema.LABEL.export, ("thema_code", "sociaal_beheer_label", "reden_onbekend")
    )
    if not labels:
        return []
    waarden = _read_last(exports, schema.INDICATORWAARDE.export, ("indicator_code", "dekking_code"))
    gedekt: dict[str, int] = {}
    for waarde in waarden:
        if waarde["dekking_code"] != schema.DEKKING_GEEN:
            gedekt[waarde["indicator_code"]] = gedekt.get(waarde["indicator_code"], 0) + 1
    catalogus = [
        rij
        for rij in _read(exports, schema.INDICATOR.export)
        if rij["grondslag"] == schema.GRONDSLAGEN[0]
    ]
    themas = sorted(_read(exports, schema.THEMA.export), key=lambda rij: rij["volgorde"])
    return [
        _describe(thema, labels, [r for r in catalogus if r["thema_code"] == code], gedekt)
        for thema in themas
        if (code := thema["thema_code"]) != schema.THEMA_TOTAAL
    ]


def _describe(
    thema: dict[str, Any],
    labels: list[dict[str, Any]],
    catalogus: list[dict[str, Any]],
    gedekt: dict[str, int],
) -> Themadekking:
    van_thema = [rij for rij in labels if rij["thema_code"] == thema["thema_code"]]
    zonder = [rij for rij in van_thema if rij["sociaal_beheer_label"] is None]
    totaal = sum(rij["gewicht"] for rij in catalogus) or 1.0
    return Themadekking(
        code=thema["thema_code"],
        naam=thema["naam"],
        complexen=len(van_thema),
        onbekend=len(zonder),
        redenen=tuple(Counter(r["reden_onbekend"] or "" for r in zonder).most_common()),
        indicatoren=tuple(
            Indicatordekking(
                rij["naam"],
                rij["bron"],
                rij["gewicht"] / totaal,
                gedekt.get(rij["indicator_code"], 0),
            )
            for rij in catalogus
        ),
    )


def _read(exports: Path, naam: str, **keuze: Any) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    rijen: list[dict[str, Any]] = pq.read_table(exports / f"{naam}.parquet", **keuze).to_pylist()
    return rijen


def _read_last(exports: Path, naam: str, kolommen: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return these columns of the complexes on the last peildatum."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    eigen = [("niveau", "=", "complex")]
    peildata = pq.read_table(exports / f"{naam}.parquet", columns=["peildatum"], filters=eigen)
    if not peildata.num_rows:
        return []
    laatste = pc.max(peildata["peildatum"]).as_py()
    return _read(
        exports, naam, columns=list(kolommen), filters=[*eigen, ("peildatum", "=", laatste)]
    )


def _print_thema(console: Console, thema: Themadekking, nodig: float) -> None:
    tabel = Table(
        title=f"{thema.naam} ({thema.code}): onbekend bij {thema.onbekend} van {thema.complexen} "
        f"complexen; nodig is {nodig:.0%} van het gewicht",
        title_justify="left",
    )
    for kop in ("indicator", "gewicht", "met gegevens", "uit"):
        tabel.add_column(
            kop,
            justify="right" if kop in {"gewicht", "met gegevens"} else "left",
            overflow="fold",
        )
    for rij in thema.indicatoren:
        met = "geen" if not rij.gedekt else f"{rij.gedekt} van {thema.complexen}"
        tabel.add_row(rij.naam, f"{rij.gewicht:.0%}", met, rij.bron)
    console.print(tabel)
    for reden, aantal in thema.redenen:
        if reden:
            console.print(f"  waarom onbekend ({aantal}x): {reden}", markup=False)


def _read_nodig() -> float:
    return next(
        float(rij["waarde"]) for rij in read_seed("methode.csv") if rij["naam"] == _MEETELLEN
    )
