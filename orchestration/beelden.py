"""Pictures for Dagster: what people would rather see than read, as PNG inside Markdown."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Those of the page (stijl.css, --l1 to --l5): from light to dark, so order shows in grey as well.
KLEUREN = ("#eef4cf", "#b5dfb8", "#5bb8bd", "#2872a6", "#1b2f74")
_ONBEKEND = "#d0d0d0"


def plot_verdeling(warehouse: duckdb.DuckDBPyConnection) -> str:
    """Return the distribution of labels per theme of the newest peildatum, per niveau.

    Weighted by nothing: one complex, buurt or wijk counts once.
    """
    rijen = warehouse.execute(
        """
        with nieuwste as (
            select niveau, grondslag, max(peildatum) as peildatum
            from mart.mart_label__sociaal_beheer_label
            group by all
        )
        select niveau, grondslag, thema_code, coalesce(sociaal_beheer_label, 0) as label, count(*)
        from mart.mart_label__sociaal_beheer_label
        inner join nieuwste using (niveau, grondslag, peildatum)
        group by all order by all
        """
    ).fetchall()
    groepen = sorted({(niveau, grondslag) for niveau, grondslag, *_ in rijen})
    themas = ["TOT", "SHV", "OVL", "FIN", "SOC", "LFB"]
    fig = _make_figuur(max(len(groepen), 1))
    for as_, groep in zip(fig.axes, groepen, strict=False):
        telling = {(t, label): n for *g, t, label, n in rijen if tuple(g) == groep}
        links = [0.0] * len(themas)
        for label, kleur in [*enumerate(KLEUREN, start=1), (0, _ONBEKEND)]:
            breedte = [
                telling.get((thema, label), 0)
                / max(1, sum(telling.get((thema, k), 0) for k in range(6)))
                for thema in themas
            ]
            as_.barh(themas, breedte, left=links, color=kleur, edgecolor="#444444", linewidth=0.4,
                     label=str(label) if label else "onbekend")  # fmt: skip
            links = [a + b for a, b in zip(links, breedte, strict=True)]
        as_.set_title(f"{groep[0]} ({groep[1]})", fontsize=10)
        as_.set_xlim(0, 1)
        as_.invert_yaxis()
    if fig.axes:
        fig.axes[-1].legend(ncols=6, fontsize=7, loc="upper center", bbox_to_anchor=(0.5, -0.12))
    return _as_markdown(fig, "Verdeling van labels per thema op de nieuwste peildatum")


def plot_dekking(warehouse: duckdb.DuckDBPyConnection) -> str:
    """Return the share of dwellings covered, per source and quarter."""
    rijen = warehouse.execute(
        "select bron, kwartaal, aandeel_gedekt from mart.mart_release__dekking order by all"
    ).fetchall()
    bronnen = sorted({rij[0] for rij in rijen})
    kwartalen = sorted({rij[1] for rij in rijen})
    fig = _make_figuur(1)
    if rijen:
        plek = {(bron, kwartaal): deel for bron, kwartaal, deel in rijen}
        matrix = [[plek.get((b, k), 0.0) or 0.0 for k in kwartalen] for b in bronnen]
        as_ = fig.axes[0]
        as_.imshow(matrix, aspect="auto", cmap="Blues", vmin=0, vmax=1)
        as_.set_yticks(range(len(bronnen)), bronnen)
        stap = max(1, len(kwartalen) // 8)
        as_.set_xticks(
            range(0, len(kwartalen), stap), [str(k)[:7] for k in kwartalen[::stap]], fontsize=8
        )
    return _as_markdown(fig, "Dekking: deel van de woningen waarvoor wordt vastgelegd")


def plot_invloed(feiten: Mapping[str, Any]) -> str:
    """Return how much each choice of the method decides (Sobol: alone, and with the others)."""
    keuzes = feiten["keuzes"]
    fig = _make_figuur(1)
    as_ = fig.axes[0]
    for verschuif, soort, naam, kleur in (
        (-0.2, "eerste", "alleen", KLEUREN[2]),
        (0.2, "totaal", "met de andere keuzes samen", KLEUREN[4]),
    ):
        as_.barh(
            [i + verschuif for i in range(len(keuzes))],
            [max(0.0, keuze[soort]) for keuze in keuzes],
            height=0.38,
            color=kleur,
            label=naam,
        )
    as_.set_yticks(range(len(keuzes)), [keuze["naam"] for keuze in keuzes])
    as_.axvline(feiten["poorten"][2]["grens"], color="#444444", linewidth=0.8, linestyle="--")
    as_.invert_yaxis()
    as_.set_xlim(0, 1)
    as_.legend(fontsize=7)
    return _as_markdown(fig, "Hoeveel elke keuze bepaalt (Sobol-index van de rangverschuiving)")


def plot_zelfde_label(feiten: Mapping[str, Any]) -> str:
    """Return how many complexes keep their label in which share of the runs."""
    aantallen = feiten["zelfde_label"]
    fig = _make_figuur(1)
    as_ = fig.axes[0]
    as_.bar([(i + 0.5) / len(aantallen) for i in range(len(aantallen))], aantallen,
            width=0.9 / len(aantallen), color=KLEUREN[3])  # fmt: skip
    as_.axvline(feiten["poorten"][0]["waarde"], color="#444444", linewidth=1, linestyle="--")
    as_.set_xlim(0, 1)
    as_.set_ylabel("complexen")
    return _as_markdown(fig, "Deel van de doorrekeningen met hetzelfde label")


def plot_rangen(feiten: Mapping[str, Any]) -> str:
    """Return the 5-95 % range of ranks of complexes spread evenly over the ranking."""
    fig = _make_figuur(1)
    as_ = fig.axes[0]
    for rang, laag, hoog in feiten["rangen"]:
        as_.plot([rang, rang], [laag, hoog], color=KLEUREN[2], linewidth=2)
    as_.plot(*zip(*((r[0], r[0]) for r in feiten["rangen"]), strict=True), ".", color=KLEUREN[4])
    as_.set_xlim(0, 1.02)
    as_.set_ylim(1.02, 0)
    as_.set_xlabel("rang in de methode (0 = grootste opgave)")
    as_.set_ylabel("rang bij andere keuzes")
    return _as_markdown(fig, "Tussen welke rangen een complex ligt (5-95 %)")


def _make_figuur(aantal: int) -> Figure:
    from matplotlib.figure import Figure

    fig = Figure(figsize=(8, 1.6 * aantal + 1.0), layout="constrained")
    fig.subplots(aantal, 1)
    return fig


def _as_markdown(fig: Figure, titel: str) -> str:
    """Return the figure as an image that stands in the text itself: nothing is fetched."""
    fig.suptitle(titel, fontsize=11)
    buffer = io.BytesIO()
    # No clock time or version in the file: the same numbers give the same picture.
    fig.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    return f"![{titel}](data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()})"
