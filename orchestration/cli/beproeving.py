"""``beproef``: mutated deliveries, each by a number of its own, and what became of them."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path
from time import monotonic

import typer
from rich.console import Console
from rich.table import Table

from orchestration.beproeving import Bank, build_bank, run_geval
from orchestration.beproeving_keten import (
    KETENUITKOMSTEN,
    WEGEN,
    Ketenuitslag,
    Weg,
    build_ketenbank,
    choose_gevallen,
    run_keten,
)
from orchestration.beproeving_oordeel import UITKOMSTEN, Uitslag
from orchestration.werkmap import DBT_MAP

_BLOK = 50
_VOORBEELDEN = 20


def beproef(
    *,
    aantal: int,
    seed: int,
    geval: int | None,
    keten: int,
    werkers: int,
    als_json: bool,
    markdown: Path | None,
    bewaar: Path | None,
) -> None:
    """Run trials 0 to ``aantal``, or the one numbered ``geval``; exit 1 when one goes wrong."""
    console = Console(stderr=True)
    begin = monotonic()
    with _open_map() as map_:
        bank = build_bank(DBT_MAP, map_ / "goed", seed)
        if geval is not None:
            stroom: Iterator[Uitslag] = iter([run_geval(bank, geval, seed, bewaar=bewaar)])
        elif werkers == 1:
            stroom = _run_hier(bank, aantal, seed, console)
        else:
            stroom = _run_naast_elkaar(map_, aantal, seed, werkers, console)
        uitslagen = []
        for uitslag in stroom:
            uitslagen.append(uitslag)
            if als_json:  # a line each as they come: what is done is kept when the rest is not
                print(json.dumps(asdict(uitslag), ensure_ascii=False), flush=True)
        uitslagen.sort(key=lambda uitslag: uitslag.nummer)
        ketens: list[Ketenuitslag] = []
        for ketenuitslag in _run_ketens(bank, map_, uitslagen, seed, keten, console):
            ketens.append(ketenuitslag)
            if als_json:
                print(json.dumps(asdict(ketenuitslag), ensure_ascii=False), flush=True)
    mis = [uitslag for uitslag in uitslagen if uitslag.fouten]
    keten_mis = [ketenuitslag for ketenuitslag in ketens if ketenuitslag.fouten]
    if not als_json:
        _show(uitslagen, geval is not None)
        _show_ketens(ketens)
    if markdown is not None:
        delen = [write_markdown(uitslagen)]
        delen += [write_ketenmarkdown(ketens)] if ketens else []
        markdown.write_text("\n".join(delen), encoding="utf-8")
    console.print(
        f"{len(uitslagen)} gevallen in {monotonic() - begin:.0f} s, {len(mis)} met een bevinding",
        highlight=False,
    )
    if mis or keten_mis:
        raise typer.Exit(1)


@contextmanager
def _open_map() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="buurtpeil-beproeving-") as naam:
        yield Path(naam)


def _run_hier(bank: Bank, aantal: int, seed: int, console: Console) -> Iterator[Uitslag]:
    for nummer in range(aantal):
        yield run_geval(bank, nummer, seed)
        _say(console, nummer + 1, aantal)


def _run_naast_elkaar(
    map_: Path, aantal: int, seed: int, werkers: int, console: Console
) -> Iterator[Uitslag]:
    """Run blocks of trials in processes of their own; a trial hangs on its number alone."""
    blokken = [range(b, min(b + _BLOK, aantal)) for b in range(0, aantal, _BLOK)]
    klaar = 0
    with ProcessPoolExecutor(
        werkers, mp_context=get_context("spawn"), initializer=_start, initargs=(map_, seed)
    ) as pool:
        try:
            for taak in as_completed([pool.submit(_run_blok, blok, seed) for blok in blokken]):
                uitslagen = taak.result()
                klaar += len(uitslagen)
                yield from uitslagen
                _say(console, klaar, aantal)
        finally:  # what one block stumbles over must not wait for all the others
            pool.shutdown(wait=False, cancel_futures=True)


_BANK: dict[str, Bank] = {}


def _start(map_: Path, seed: int) -> None:
    """Give a process a landing of its own beside the shared deliveries."""
    eigen = Path(tempfile.mkdtemp(prefix="werker-", dir=map_))
    (eigen / "leveringen").symlink_to(map_ / "goed" / "leveringen")
    _BANK["bank"] = build_bank(DBT_MAP, eigen, seed)


def _run_blok(nummers: range, seed: int) -> list[Uitslag]:
    return [run_geval(_BANK["bank"], nummer, seed) for nummer in nummers]


def _say(console: Console, klaar: int, aantal: int) -> None:
    if klaar % 500 == 0 or klaar == aantal:
        console.print(f"{klaar} van {aantal} gevallen", highlight=False)


def _run_ketens(
    bank: Bank, map_: Path, uitslagen: Sequence[Uitslag], seed: int, elke: int, console: Console
) -> Iterator[Ketenuitslag]:
    if not elke:
        return
    kiest = choose_gevallen(uitslagen, elke)
    console.print(f"labels voor {len(kiest)} gevallen die de poort doorlaat", highlight=False)
    if kiest:
        yield from run_keten(build_ketenbank(bank, map_ / "keten"), kiest, seed)


def _show(uitslagen: Sequence[Uitslag], is_een: bool) -> None:
    console = Console()
    if is_een:
        [uitslag] = uitslagen
        for naam, waarde in asdict(uitslag).items():
            console.print(f"{naam}: {waarde}", highlight=False, markup=False)
        return
    tabel = Table(title="Mutatie en uitkomst")
    tabel.add_column("mutatie")
    for uitkomst in UITKOMSTEN:
        tabel.add_column(uitkomst, justify="right")
    for mutatie, telling in count_uitkomsten(uitslagen):
        tabel.add_row(mutatie, *(str(telling[u] or "") for u in UITKOMSTEN))
    console.print(tabel)
    mis = [u for u in uitslagen if u.fouten]
    for uitslag in mis[:_VOORBEELDEN]:
        console.print(
            f"geval {uitslag.nummer}: {uitslag.tabel} {uitslag.bestand!r}: "
            f"{'; '.join(uitslag.stappen)}",
            *(f"  {fout}" for fout in uitslag.fouten),
            sep="\n",
            highlight=False,
            markup=False,
        )


def _show_ketens(ketens: Sequence[Ketenuitslag]) -> None:
    console = Console()
    for keten in ketens:
        console.print(
            f"geval {keten.nummer} ({keten.tabel}; {'; '.join(keten.stappen)}), {keten.weg}: "
            f"{keten.uitkomst}, {keten.anders} van {keten.labels} labels anders",
            *(f"  {fout}" for fout in keten.fouten),
            sep="\n",
            highlight=False,
            markup=False,
        )


def count_uitkomsten(uitslagen: Iterable[Uitslag]) -> list[tuple[str, Counter[str]]]:
    """Count outcomes per mutation, in order of name."""
    per: dict[str, Counter[str]] = {}
    for uitslag in uitslagen:
        per.setdefault(uitslag.mutatie, Counter())[uitslag.uitkomst] += 1
    return sorted(per.items())


def write_markdown(uitslagen: Sequence[Uitslag]) -> str:
    """Return the table of mutations and outcomes as Markdown."""
    regels = [
        "| mutatie | " + " | ".join(UITKOMSTEN) + " |",
        "|---|" + "---:|" * len(UITKOMSTEN),
    ]
    telling_samen: Counter[str] = Counter()
    for mutatie, telling in count_uitkomsten(uitslagen):
        telling_samen += telling
        regels.append(
            f"| {mutatie} | " + " | ".join(str(telling[u] or "") for u in UITKOMSTEN) + " |"
        )
    regels.append("| **samen** | " + " | ".join(str(telling_samen[u]) for u in UITKOMSTEN) + " |")
    return "\n".join(regels) + "\n"


def write_ketenmarkdown(ketens: Sequence[Ketenuitslag]) -> str:
    """Return the table of what became of labels as Markdown, per kind of mutation and way.

    Plausible mutations have a row each. Behind the counts stands the largest share of labels
    that one trial changed, told and untold.
    """
    regels = [
        "| mutatie | weg | "
        + " | ".join(KETENUITKOMSTEN)
        + " | hoogstens anders, gemeld | hoogstens anders, niet te zien |",
        "|---|---|" + "---:|" * (len(KETENUITKOMSTEN) + 2),
    ]
    groepen: dict[tuple[str, Weg], list[Ketenuitslag]] = {}
    for keten in ketens:
        naam = keten.mutatie if keten.soort == "aannemelijk" else keten.soort
        groepen.setdefault((naam, keten.weg), []).append(keten)
    rijen = [*sorted(groepen.items())]
    rijen += [(("**samen**", weg), [k for k in ketens if k.weg == weg]) for weg in WEGEN]
    for (naam, weg), groep in rijen:
        telling = Counter(keten.uitkomst for keten in groep)
        meeste = [
            max((k.aandeel for k in groep if k.uitkomst == uitkomst), default=0.0)
            for uitkomst in ("labels anders, gemeld", "labels anders, niet te zien")
        ]
        cellen = [naam, weg, *(str(telling[u] or "") for u in KETENUITKOMSTEN)]
        cellen += [f"{100 * deel:.0f} %" if deel else "" for deel in meeste]
        regels.append("| " + " | ".join(cellen) + " |")
    return "\n".join(regels) + "\n"
