"""Pictures for Dagster: what people would rather see than read, as PNG inside Markdown."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

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
