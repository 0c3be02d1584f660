"""What-if on a release that was really made: the published weights give what is published."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from orchestration.warehouse import open_warehouse
from serving.release import schema
from serving.release.winkel import open_release
from serving.wat_als.rekening import THEMAS, Keuze, compute_scores, estimate_knippen
from serving.wat_als.vraag import ask_wat_als

GEPUBLICEERD = [None] * len(THEMAS)


def _read_labels(release: Any, niveau: str) -> dict[str, int]:
    """Return the raw labels of the last peildatum as everybody can download them."""
    rijen = pq.read_table(release / "exports" / f"{schema.LABEL.export}.parquet")
    rijen = rijen.filter(
        pc.and_(
            pc.and_(pc.equal(rijen["niveau"], niveau), pc.equal(rijen["grondslag"], "eigen")),
            pc.equal(rijen["thema_code"], schema.THEMA_TOTAAL),
        )
    )
    rijen = rijen.filter(pc.equal(rijen["peildatum"], pc.max(rijen["peildatum"])))
    return {
        rij["beheerobject_id"]: rij["ruw_sociaal_beheer_label"] or 0 for rij in rijen.to_pylist()
    }


@pytest.mark.parametrize("niveau", schema.NIVEAUS)
def test_what_if_with_the_published_weights_gives_every_raw_label(
    gepubliceerd: Any, niveau: str
) -> None:
    release = gepubliceerd.data / "releases" / gepubliceerd.huidig
    with open_release(release) as uitgave:
        antwoord = ask_wat_als(uitgave, niveau, GEPUBLICEERD, 2)
    bezit = antwoord.uitkomst.portefeuille
    labels = dict(zip(bezit.beheerobject_id, antwoord.uitkomst.nieuw.tolist(), strict=True))
    verwacht = _read_labels(release, niveau)
    assert labels == verwacht
    assert any(verwacht.values())
    assert bezit.is_benaderd.any(), "a small cell has a stand-in, and keeps its label"


def test_cut_points_estimated_anew_on_exact_scores_are_those_of_the_reference(
    gepubliceerd: Any,
) -> None:
    """The arithmetic is that of the warehouse: numpy and SQL agree to the last digit."""
    with open_warehouse(gepubliceerd.data / "warehouse.duckdb") as warehouse:
        for niveau in ("complex", "buurt"):
            scores, woningen, knippen = _read_referentie(warehouse, niveau)
            totaal = compute_scores(scores, Keuze((1.0,) * len(THEMAS)))
            np.testing.assert_array_equal(estimate_knippen(totaal, woningen), knippen)


def _read_referentie(warehouse: Any, niveau: str) -> tuple[Any, Any, Any]:
    kolommen = ", ".join(
        f"max(case when thema_code = '{thema}' then score end) as {thema}" for thema in THEMAS
    )
    rijen = (
        warehouse.sql(
            f"select {kolommen}, max(verhuureenheden_aantal) as woningen, "
            + ", ".join(
                f"max(case when thema_code = 'TOT' then knip_{k} end) as knip_{k}"
                for k in (1, 2, 3, 4)
            )
            + f" from mart.{schema.WAT_ALS.naam} "
            f"where niveau = '{niveau}' and is_referentieperiode "
            "group by beheerobject_id, peildatum "
            "having max(case when thema_code = 'TOT' then score end) is not null"
        )
        .df()
        .astype("float64")
    )
    knippen = rijen[[f"knip_{k}" for k in (1, 2, 3, 4)]].to_numpy()[0]
    return rijen[list(THEMAS)].to_numpy(), rijen["woningen"].to_numpy().astype("int64"), knippen


def test_other_weights_change_labels_and_leave_the_release_as_it_is(gepubliceerd: Any) -> None:
    release = gepubliceerd.data / "releases" / gepubliceerd.huidig
    voor = {pad: pad.read_bytes() for pad in release.rglob("*") if pad.is_file()}
    with open_release(release) as uitgave:
        antwoord = ask_wat_als(uitgave, "complex", [0.0, 3.0, 0.0, 0.0, 0.0], 4)
    assert len(antwoord.uitkomst.veranderd) > 0
    assert {pad: pad.read_bytes() for pad in release.rglob("*") if pad.is_file()} == voor
