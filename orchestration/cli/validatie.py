"""``valideer``: the label on open data beside the city's own indices, as tables and a picture."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from orchestration.beelden import KLEUREN
from orchestration.instellingen import Instellingen
from orchestration.validatie import INDICES, TOTAAL, Cijfer, Validatie, validate
from orchestration.werkmap import Werkmap

_KOPPEN = {
    False: "Zonder de index zelf: elk thema en elke indicator ervan is weggelaten",
    True: "Ter controle, circulair: met de index zelf erin",
}


def validate_openbaar(instellingen: Instellingen, *, als_json: bool, beeld: Path | None) -> None:
    """Print the rank correlations with the official indices; draw them when asked.

    Parameters
    ----------
    instellingen
        Names the data folder of a run on open deliveries.
    als_json
        Print every figure, not tables.
    beeld
        Where to write a scatter plot (PNG).

    Raises
    ------
    GebruikFout
        When there is no run with an edition of the Wijkprofiel.
    """
    validatie = validate(Werkmap.of(instellingen.data).warehouse)
    if als_json:
        print(
            json.dumps(
                {
                    "themas": validatie.themas,
                    "cijfers": [asdict(cijfer) for cijfer in validatie.cijfers],
                },
                indent=1,
            )
        )
    else:
        print("\n".join(iter_tabellen(validatie)))
    if beeld is not None:
        write_beeld(validatie, beeld)


def iter_tabellen(validatie: Validatie) -> Iterator[str]:
    """Give the lines of both tables, in Markdown: what stands in the docs is what is printed."""
    themas = [naam for naam in validatie.scores.columns if naam != TOTAAL]
    cellen = {(c.index, c.editie, c.thema, c.met_index): c for c in validatie.cijfers}
    edities = sorted({c.editie for c in validatie.cijfers})
    for met_index, kop in _KOPPEN.items():
        yield f"### {kop}"
        yield ""
        yield f"| index | editie | n | {' | '.join(themas)} | totaal | totaal uit |"
        yield f"|---|---|---|{'---|' * len(themas)}---|---|"
        for index in INDICES:
            uit = themas if met_index else validatie.themas[index.code]
            for editie in edities:
                rij = [cellen.get((index.code, editie, t, met_index)) for t in [*themas, TOTAAL]]
                n = sorted({c.samenhang.n for c in rij if c})
                yield (
                    f"| {index.naam} | {editie} | {'-'.join(map(str, n))} | "
                    f"{' | '.join(map(_write, rij))} | {', '.join(uit)} |"
                )
        yield ""


def _write(cijfer: Cijfer | None) -> str:
    if cijfer is None:
        return "weg"
    samen = cijfer.samenhang
    return f"{_dutch(samen.rho)} ({_dutch(samen.laag)} tot {_dutch(samen.hoog)})"


def _dutch(waarde: float) -> str:
    return f"{waarde:.2f}".replace(".", ",").replace("-", "−")


def describe_beeld(validatie: Validatie) -> str:
    """Return what the picture shows, in figures: it stands in the file, so that a test can see."""
    return "; ".join(
        f"{c.index} {c.editie} {_dutch(c.samenhang.rho)}"
        for c in validatie.cijfers
        if c.thema == TOTAAL and not c.met_index
    )


def write_beeld(validatie: Validatie, pad: Path) -> None:
    """Draw the total without each index against that index, one panel per index."""
    from matplotlib.figure import Figure

    fig = Figure(figsize=(9, 8), layout="constrained")
    for as_, index in zip(fig.subplots(2, 2).flat, INDICES, strict=True):
        eigen = validatie.punten[validatie.punten["index"] == index.code]
        for (editie, punten), (kleur, vorm) in zip(
            eigen.groupby("editie"), ((KLEUREN[2], "o"), (KLEUREN[4], "^")), strict=False
        ):
            rho = next(
                c.samenhang.rho
                for c in validatie.cijfers
                if (c.index, c.editie, c.thema, c.met_index) == (index.code, editie, TOTAAL, False)
            )
            as_.scatter(punten["waarde"], punten["score"], s=22, marker=vorm, color=kleur,
                        alpha=0.8, label=f"{editie}: rho {_dutch(rho)}")  # fmt: skip
        as_.set_title(
            f"{index.naam}\n(opgave uit {', '.join(validatie.themas[index.code])})", fontsize=10
        )
        as_.set_xlabel("officieel cijfer (hoger = beter, Rotterdam 2014 = 100)", fontsize=9)
        as_.set_ylabel("opgave zonder die index (0 = klein, 100 = groot)", fontsize=9)
        as_.set_ylim(0, 100)
        as_.grid(color="#dddddd", linewidth=0.6)
        as_.legend(fontsize=9, loc="upper right")
    fig.suptitle("Buurten van Rotterdam: de opgave naast de officiële index", fontsize=12)
    pad.parent.mkdir(parents=True, exist_ok=True)
    # No clock time or version in the file: the same numbers give the same picture.
    fig.savefig(pad, format="png", dpi=110,
                metadata={"Software": None, "Description": describe_beeld(validatie)})  # fmt: skip
