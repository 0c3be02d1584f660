"""The effect of maatregelen from deliveries to a person: figure, power, picture, and no data."""

from __future__ import annotations

import json
from typing import Any

import dagster as dg
import duckdb
import pytest

from orchestration.assets.maatregel import MAATREGEL_EFFECT, build_maatregel_effect
from orchestration.resources import Werkplaats
from orchestration.voortgang import Voortgang


def materialize(bedrijf: Any) -> dict[str, Any]:
    """Return what the asset shows on the warehouse of an association."""
    uitkomst = dg.materialize(
        [build_maatregel_effect()],
        resources={
            "werkplaats": Werkplaats(data=str(bedrijf.data), leveringen=str(bedrijf.leveringen)),
            "voortgang": Voortgang(),
        },
    )
    assert uitkomst.success
    (gemaakt,) = uitkomst.get_asset_materialization_events()
    assert gemaakt.asset_key == MAATREGEL_EFFECT
    return {naam: waarde.value for naam, waarde in gemaakt.materialization.metadata.items()}


def change(bedrijf: Any, *opdrachten: str) -> None:
    with duckdb.connect(str(bedrijf.data / "warehouse.duckdb")) as db:
        for opdracht in opdrachten:
            db.execute(opdracht)


def test_maatregelen_are_the_delivered_ones_and_count_alike_with_and_without_their_kind(
    gepubliceerd: Any,
) -> None:
    with duckdb.connect(str(gepubliceerd.data / "warehouse.duckdb"), read_only=True) as db:
        verschil = db.execute(
            """
            with soort as (
                select complex_id, maand, sum(aantal_maatregelen) as aantal
                from intermediate.int_maatregel__complexmaand group by all
            )
            select count(*), sum(aantal), sum(abs(aantal - maand.aantal_maatregelen))
            from soort inner join intermediate.int_overlast__complexmaand as maand
            using (complex_id, maand) where maand.aantal_maatregelen is not null
            """
        ).fetchone()
        (geleverd,) = db.execute(
            "select count(distinct maatregel_id) from wijkbeheer.maatregel"
        ).fetchone() or (0,)
    assert verschil is not None
    rijen, aantal, ongelijk = verschil
    assert rijen > 30
    assert ongelijk == 0
    # a few complexes are so small, alone and together, that they belong nowhere
    assert 0.8 * geleverd <= aantal <= geleverd


def multiply(bedrijf: Any, keer: int) -> None:
    """Make every complex come back under other names: the small demo has few maatregelen."""
    change(
        bedrijf,
        *(
            f"create or replace table intermediate.{tabel} as "
            f"select * replace (complex_id || '-' || nummer as complex_id) "
            f"from intermediate.{tabel} cross join range({keer}) as keer (nummer)"
            for tabel in ("int_overlast__complexmaand", "int_maatregel__complexmaand")
        ),
    )


def test_few_maatregelen_are_too_few_to_say_anything_and_that_is_the_answer(
    gepubliceerd: Any,
) -> None:
    uit = gepubliceerd.call("maatregel", "effect")
    assert uit.returncode == 0, uit.stderr
    assert uit.stdout.startswith("SYNTHETISCHE GEGEVENS\n")
    assert "Oordeel: te weinig gegevens." in uit.stdout
    assert "%" not in uit.stdout


def test_effect_is_said_with_its_verdict_and_that_the_data_are_invented(kopie: Any) -> None:
    multiply(kopie, 12)
    uit = kopie.call("maatregel", "effect")
    assert uit.returncode == 0, uit.stderr
    assert uit.stdout.startswith("SYNTHETISCHE GEGEVENS\n")
    assert "ervoor tegen erna" in uit.stdout
    gegevens = json.loads(kopie.call("maatregel", "effect", "--json").stdout)
    assert gegevens["isSynthetisch"]
    assert gegevens["looptijdMaanden"] == 5
    assert f"{gegevens['begonnen']} begonnen" in uit.stdout
    assert f"Oordeel: {gegevens['oordeel']}.\n{gegevens['zin']}" in uit.stdout
    assert gegevens["relatiefOnder"] < gegevens["relatief"] < gegevens["relatiefBoven"]


def test_power_is_told_and_a_kind_that_is_not_there_is_wrong_use(gepubliceerd: Any) -> None:
    uit = gepubliceerd.call("maatregel", "kracht", "--starts", "80", "--json")
    assert uit.returncode == 0, uit.stderr
    (kracht,) = json.loads(uit.stdout)["kleinsteEffect"]
    assert kracht["maatregelen"] == 80
    assert kracht["relatief"] > 0.1
    fout = gepubliceerd.call("maatregel", "effect", "--soort", "cameras")
    assert fout.returncode == 2
    assert "toezicht" in fout.stderr


def test_asset_shows_the_same_figure_and_a_picture_that_does_not_change(kopie: Any) -> None:
    assert materialize(kopie)["oordeel"] == "te weinig gegevens"
    multiply(kopie, 12)
    eerst, opnieuw = materialize(kopie), materialize(kopie)
    assert eerst == opnieuw
    assert eerst["verloop"].startswith("![Meldingen rond een maatregel](data:image/png;base64,")
    assert eerst["synthetisch"]
    gegevens = json.loads(kopie.call("maatregel", "effect", "--json").stdout)
    assert gegevens["relatief"] == pytest.approx(eerst["verandering"], abs=1e-6)
    assert gegevens["oordeel"] == eerst["oordeel"]


def test_without_reports_or_maatregelen_everyone_is_told_why_and_no_run_stops(
    kopie: Any,
) -> None:
    change(
        kopie,
        "delete from intermediate.int_maatregel__complexmaand",
        "update intermediate.int_overlast__complexmaand set aantal_maatregelen = 0 "
        "where aantal_maatregelen is not null",
    )
    for opdracht, reden in ((None, "geen enkele maatregel"), ("melding", "meldingen van overlast")):
        if opdracht:
            change(
                kopie, "update intermediate.int_overlast__complexmaand set aantal_meldingen = null"
            )
        uit = kopie.call("maatregel", "effect")
        assert uit.returncode == 1
        assert reden in uit.stderr
        assert "Traceback" not in uit.stderr
        assert reden in materialize(kopie)["niet gerekend"]
    assert kopie.call("maatregel", "kracht").returncode == 1
