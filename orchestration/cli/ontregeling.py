"""``ontregel``: chaos trials, each by a number of its own, and what was left after each."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from time import monotonic

import typer
from rich.console import Console

from orchestration.ontregeling import (
    HEEL,
    WAT,
    Omgeving,
    Uitslag,
    choose_soorten,
    run_proef,
)
from orchestration.ontregeling_bank import build_bank
from orchestration.ontregeling_server import find_bin, open_server


def ontregel(
    *,
    aantal: int,
    seed: int,
    soorten: Sequence[str],
    geval: int | None,
    map_: Path | None,
    als_json: Path | None,
    markdown: Path | None,
) -> None:
    """Run trials 0 to ``aantal``, or the one numbered ``geval``; exit 1 when one goes wrong."""
    console = Console(stderr=True)
    begin = monotonic()
    gekozen = choose_soorten(soorten, met_database=find_bin() is not None)
    nummers = range(aantal) if geval is None else [geval]
    uitslagen: list[Uitslag] = []
    with _open_map(map_) as plek, open_server() as server:
        heel = any(soort in HEEL for soort in gekozen)
        bank = build_bank(plek / "bank", seed=seed, heel=heel)
        omgeving = Omgeving(bank, plek / "proeven", server)
        for nummer in nummers:
            uitslag = run_proef(omgeving, nummer, seed, gekozen)
            uitslagen.append(uitslag)
            if als_json is not None:  # a line each as they come: what is done is kept
                with als_json.open("a", encoding="utf-8") as uit:
                    uit.write(json.dumps(asdict(uitslag), ensure_ascii=False) + "\n")
            for regel in describe(uitslag) if uitslag.fouten or geval is not None else ():
                console.print(regel, highlight=False, markup=False)
    tabel = write_markdown(uitslagen)
    print(tabel, end="")
    if markdown is not None:
        markdown.write_text(tabel, encoding="utf-8")
    mis = sum(bool(uitslag.fouten) for uitslag in uitslagen)
    console.print(
        f"{len(uitslagen)} proeven in {monotonic() - begin:.0f} s, {mis} met een bevinding",
        highlight=False,
    )
    if mis:
        raise typer.Exit(1)


@contextmanager
def _open_map(map_: Path | None) -> Iterator[Path]:
    if map_ is not None:
        map_.mkdir(parents=True, exist_ok=True)
        yield map_.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="buurtpeil-ontregeling-") as naam:
        yield Path(naam)


def describe(uitslag: Uitslag) -> list[str]:
    """Return what was done in a trial and what became of it, in lines."""
    geraakt = "" if uitslag.geraakt else " (niet geraakt)"
    return [
        f"proef {uitslag.nummer}, {uitslag.soort}, {uitslag.variant}: {uitslag.moment}{geraakt}; "
        f"getoond: {uitslag.getoond}",
        *(f"  {fout}" for fout in uitslag.fouten),
    ]


def write_markdown(uitslagen: Sequence[Uitslag]) -> str:
    """Return the counts per kind and variant as a table in Markdown."""
    regels = [
        "| soort | variant | proeven | geraakt | vorige getoond | nieuwe getoond "
        "| niets getoond | bevindingen |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    groepen: dict[tuple[str, str], list[Uitslag]] = {}
    for uitslag in uitslagen:
        groepen.setdefault((uitslag.soort, uitslag.variant), []).append(uitslag)
    volgorde = list(WAT)
    rijen = sorted(groepen.items(), key=lambda rij: (volgorde.index(rij[0][0]), rij[0][1]))
    for (soort, variant), groep in [*rijen, (("**samen**", ""), list(uitslagen))]:
        getallen = [
            len(groep),
            sum(u.geraakt for u in groep),
            sum(u.getoond == "vorige" for u in groep),
            sum(u.getoond in {"nieuwe", "andere"} for u in groep),
            sum(u.getoond == "niets" for u in groep),
            sum(bool(u.fouten) for u in groep),
        ]
        cellen = [soort, variant, *(str(getal or "") for getal in getallen)]
        regels.append("| " + " | ".join(cellen) + " |")
    return "\n".join(regels) + "\n"
