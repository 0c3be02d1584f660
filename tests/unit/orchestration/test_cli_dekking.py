"""Which deliveries a theme waits for, read from a release alone."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from orchestration.cli.dekking import print_tekort, read_dekking
from serving.release import schema
from serving.release.winkel import current_path
from tests.unit.serving.voorbeeld_release import publish_example


@pytest.fixture
def release(tmp_path: Path) -> Path:
    publish_example(tmp_path)
    return current_path(tmp_path)


def test_every_theme_says_how_many_complexes_it_knows_and_from_which_delivery(
    release: Path,
) -> None:
    themas = read_dekking(release)
    assert [thema.code for thema in themas] == [t for t in schema.THEMAS if t != "TOT"]
    for thema in themas:
        assert 0 <= thema.onbekend <= thema.complexen
        assert sum(i.gewicht for i in thema.indicatoren) == pytest.approx(1)
        assert all(0 <= i.gedekt <= thema.complexen for i in thema.indicatoren)


def test_indicator_without_coverage_anywhere_counts_no_complex(release: Path) -> None:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    bestand = release / schema.MAP_EXPORTS / f"{schema.INDICATORWAARDE.export}.parquet"
    waarden = pq.read_table(bestand)
    code = read_dekking(release)[0].indicatoren[0].naam
    catalogus = pq.read_table(bestand.with_name(f"{schema.INDICATOR.export}.parquet"))
    ((indicator,),) = [{r["indicator_code"] for r in catalogus.to_pylist() if r["naam"] == code}]
    geen = pc.if_else(
        pc.equal(waarden["indicator_code"], indicator), schema.DEKKING_GEEN, waarden["dekking_code"]
    )
    plek = waarden.schema.get_field_index("dekking_code")
    bestand.chmod(0o644)
    pq.write_table(waarden.set_column(plek, "dekking_code", geen), bestand)
    assert (
        next(i for t in read_dekking(release) for i in t.indicatoren if i.naam == code).gedekt == 0
    )


def test_after_a_run_only_themes_that_mostly_miss_are_told(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    thema = read_dekking(release)[0]
    arm, rijk = replace(thema, complexen=4, onbekend=3), replace(thema, complexen=4, onbekend=2)
    monkeypatch.setattr(
        "orchestration.cli.dekking.read_dekking",
        lambda _: [replace(arm, naam="Arm"), replace(rijk, naam="Rijk")],
    )
    console = Console(width=200, record=True, file=io.StringIO())
    print_tekort(console, release)
    tekst = console.export_text()
    assert "Arm" in tekst
    assert "Rijk" not in tekst
    assert thema.indicatoren[0].bron in tekst


def test_name_of_a_delivery_is_whole_and_a_theme_says_why_it_is_unknown(
    release: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    thema = read_dekking(release)[0]
    lang = replace(thema.indicatoren[0], bron="wijkbeheer.een_naam_die_lang_is_en_heel_blijft")
    redenen = (("Te weinig gevallen om complexen te vergelijken", 3),)
    arm = replace(thema, complexen=4, onbekend=3, indicatoren=(lang,), redenen=redenen)
    monkeypatch.setattr("orchestration.cli.dekking.read_dekking", lambda _: [arm])
    uit = io.StringIO()
    print_tekort(Console(file=uit, width=60), release)
    assert "…" not in uit.getvalue()
    assert "waarom onbekend (3x): Te weinig gevallen om" in uit.getvalue()


def test_reasons_add_up_to_what_is_unknown(release: Path) -> None:
    for thema in read_dekking(release):
        assert sum(aantal for _, aantal in thema.redenen) == thema.onbekend
