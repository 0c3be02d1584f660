"""Risk models from deliveries to a decision: what a release holds, and what a later run leaves.

The small demo has too little history to train on: the rule ranks. What a trained model does in
the line is in ``tests/unit/orchestration/test_risico.py``.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.archief import seal_archief
from serving.release.winkel import open_release, read_manifest, verify

JANUARI = "2026-01-01"
INTERN = ("risicoscore.parquet", "risicomodel.parquet")
SCORES = "select * from '{}' order by model, complex_id, peildatum"


def release_of(bedrijf: Any) -> Path:
    map_: Path = bedrijf.data / "releases" / bedrijf.huidig
    return map_


def query(pad: Path, vraag: str = SCORES) -> list[tuple[Any, ...]]:
    with duckdb.connect() as db:
        return db.execute(vraag.format(pad)).fetchall()


# --- the release


def test_scores_are_files_of_the_release_that_are_verified_and_are_no_export(
    gepubliceerd: Any, tmp_path: Path
) -> None:
    release = release_of(gepubliceerd)
    assert set(INTERN) <= set(read_manifest(release)["bestanden"])
    assert not [pad.name for pad in (release / "exports").iterdir() if "risico" in pad.name]
    for naam in INTERN:
        kopie = tmp_path / naam / release.name
        shutil.copytree(release, kopie)
        assert verify(kopie) == []
        inhoud = bytearray((kopie / naam).read_bytes())
        inhoud[len(inhoud) // 2] ^= 1
        (kopie / naam).write_bytes(inhoud)
        assert [fout for fout in verify(kopie) if naam in fout]


def test_no_export_has_a_column_of_the_scores(gepubliceerd: Any) -> None:
    for pad in (release_of(gepubliceerd) / "exports").glob("*.csv"):
        with pad.open(encoding="utf-8", newline="") as bestand:
            kop = next(csv.reader(bestand, delimiter=";"))
        assert not {"scoreversie", "is_regel", "kans_top_k", "band", "redenen"} & set(kop), pad.name


def test_every_complex_of_ten_dwellings_has_one_rank_of_each_model_and_smaller_ones_none(
    gepubliceerd: Any,
) -> None:
    release = release_of(gepubliceerd)
    rijen = query(
        release / INTERN[0],
        "select model, list(rang order by rang), count(distinct complex_id), "
        "count(distinct peildatum), max(peildatum)::varchar from '{}' group by model order by all",
    )
    assert [rij[0] for rij in rijen] == ["overlast", "woonfraude"]
    for _, rangen, complexen, peildata, laatste in rijen:
        assert rangen == list(range(1, complexen + 1))
        assert (peildata, laatste) == (1, JANUARI)
    with duckdb.connect(str(gepubliceerd.data / "warehouse.duckdb"), read_only=True) as db:
        groot = {
            (naam,)
            for (naam,) in db.execute(
                "select complex_id from intermediate.int_overlast__kenmerk "
                f"where peildatum = date '{JANUARI}' and aantal_eenheden >= 10 "
                "and coalesce(escalatie_maanden_geleden, 36) > 9"
            ).fetchall()
        }
    gescoord = query(release / INTERN[0], "select complex_id from '{}' where model = 'overlast'")
    assert set(gescoord) == groot
    with open_release(release) as uitgave:
        klein = {
            (naam,)
            for (naam,) in uitgave.query(
                "select beheerobject_id from lijst "
                "where niveau = 'complex' and verhuureenheden_aantal < 10"
            )
        }
    assert klein
    assert not klein & set(query(release / INTERN[0], "select distinct complex_id from '{}'"))


def test_with_little_history_the_rule_ranks_and_the_release_says_why_in_one_sentence(
    gepubliceerd: Any,
) -> None:
    release = release_of(gepubliceerd)
    for _, stand, versie, k, zin, kaart in query(
        release / INTERN[1], "select model, stand, scoreversie, k, zin, kaart from '{}'"
    ):
        assert (stand, versie, k, kaart) == ("regel", "regel-1", 0, "")
        assert zin.startswith("De vaste regel doet het werk. Er is nog te weinig")
        assert "\n" not in zin
    assert query(
        release / INTERN[0], "select distinct is_regel, kans, kans_laag, band from '{}'"
    ) == [(True, None, None, "")]


def test_reasons_are_sentences_without_a_code_a_name_or_an_address(gepubliceerd: Any) -> None:
    zinnen = {
        reden["zin"]
        for (tekst,) in query(release_of(gepubliceerd) / INTERN[0], "select redenen from '{}'")
        for reden in json.loads(tekst)
    }
    assert len(zinnen) > 5
    with duckdb.connect(str(gepubliceerd.data / "warehouse.duckdb"), read_only=True) as db:
        ids = {naam for (naam,) in db.execute("select cluster_id from vera.cluster").fetchall()}
        namen = {naam for (naam,) in db.execute("select naam from vera.cluster").fetchall() if naam}
    for zin in zinnen:
        assert "_" not in zin
        assert not ids & set(re.findall(r"\w+", zin))
        assert not [naam for naam in namen if naam in zin]
        assert not re.search(r"\d{4} ?[A-Z]{2}\b|@|\+31|\b06", zin)


def test_exact_scores_of_the_archive_are_those_of_the_release(gepubliceerd: Any) -> None:
    archief = gepubliceerd.data / "archief" / gepubliceerd.huidig / INTERN[0]
    assert query(archief) == query(release_of(gepubliceerd) / INTERN[0])


# --- the worklist


def test_worklist_is_made_of_the_release_and_a_row_leaves_it_by_view_and_decision(
    kopie: Any,
) -> None:
    maak = ("werklijst", "overlast", "maak", "--capaciteit", "10")
    gemaakt = kopie.call(*maak)
    assert gemaakt.returncode == 0, gemaakt.stderr
    assert f"van {JANUARI} is samengesteld" in gemaakt.stdout
    assert "blijft zoals zij is" in kopie.call(*maak).stdout

    regels = json.loads(kopie.call("werklijst", "overlast", "--json").stdout)["regels"]
    gescoord = query(release_of(kopie) / INTERN[0], "select distinct complex_id from '{}'")
    assert regels
    assert {(regel["complexId"],) for regel in regels} <= set(gescoord)
    assert all("redenen" not in regel for regel in regels)  # first an own view

    nummer = str(regels[0]["nummer"])
    door = ("--door", "Anna")
    besluit = ("werklijst", "overlast", "besluit", nummer, "--reden", "lokale_kennis", *door)
    assert kopie.call(*besluit).returncode != 0
    gezien = kopie.call("werklijst", "overlast", "beoordeel", nummer, "geen_actie", *door)
    assert gezien.returncode == 0, gezien.stderr
    assert "SYNTHETISCHE GEGEVENS" in gezien.stdout
    assert "vaste regel" in gezien.stdout
    besloten = kopie.call(*besluit)
    assert besloten.returncode == 0, besloten.stderr
    over = json.loads(kopie.call("werklijst", "overlast", "--json").stdout)["regels"]
    assert [r["nummer"] for r in over] == [r["nummer"] for r in regels[1:]]


# --- a later run


@pytest.fixture(scope="module")
def later(gepubliceerd: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A run on the same deliveries, after somebody stopped woonfraude.

    What was published before it is made other than it would be computed: a month more of
    overlast, by a model, and nothing yet of woonfraude.
    """
    bedrijf = gepubliceerd.copy(tmp_path_factory.mktemp("later"))
    pad = bedrijf.data / "archief" / bedrijf.huidig / INTERN[0]
    with duckdb.connect() as db:
        db.execute(f"create table scores as from '{pad}' where model = 'overlast'")
        db.execute(
            "insert into scores by name select * replace (date '2025-12-01' as peildatum, "
            "'abc' as scoreversie, false as is_regel, 0.25 as kans, 'zeker' as band) from scores"
        )
        db.execute(f"copy scores to '{pad}' (format parquet)")
    seal_archief(pad.parent)
    gestopt = bedrijf.call(
        "modellen", "stop", "woonfraude", "--reden", "Eerst een gesprek", "--door", "Anna"
    )
    assert gestopt.returncode == 0, gestopt.stderr
    bedrijf.run()
    return bedrijf


def test_published_scores_stay_as_they_are_in_a_later_run(gepubliceerd: Any, later: Any) -> None:
    nu = query(release_of(later) / INTERN[0], "from '{}' where model = 'overlast' order by all")
    oud = query(
        release_of(gepubliceerd) / INTERN[0], "from '{}' where model = 'overlast' order by all"
    )
    assert [rij for rij in nu if str(rij[2]) == JANUARI] == oud
    december = [rij for rij in nu if str(rij[2]) == "2025-12-01"]
    assert [rij[1] for rij in december] == [rij[1] for rij in oud]
    assert {rij[3:6] for rij in december} == {("abc", False, 0.25)}


def test_stopped_model_has_no_score_and_the_release_says_that_it_is_stopped(later: Any) -> None:
    release = release_of(later)
    zonder = query(
        release / INTERN[0],
        "select distinct kans, redenen, scoreversie from '{0}' where model = 'woonfraude' "
        "and peildatum = (select max(peildatum) from '{0}')",
    )
    assert zonder == [(None, "[]", "gestopt")]
    standen = query(release / INTERN[1], "select model, stand, zin from '{}' order by model")
    assert [(model, stand) for model, stand, _ in standen] == [
        ("overlast", "regel"),
        ("woonfraude", "gestopt"),
    ]
    zin = standen[1][2]
    assert "Eerst een gesprek" in zin
    assert "Anna" not in zin
    assert verify(release) == []


def test_stop_of_a_model_leaves_labels_and_exports_byte_for_byte(
    gepubliceerd: Any, later: Any
) -> None:
    een, ander = (
        {pad.name: pad.read_bytes() for pad in sorted((release_of(b) / "exports").iterdir())}
        for b in (gepubliceerd, later)
    )
    assert een == ander
    assert gepubliceerd.huidig != later.huidig


def test_same_deliveries_trained_nothing(later: Any) -> None:
    uit = later.call("modellen", "list", "--json")
    assert uit.returncode == 0, uit.stderr
    inhoud = json.loads(uit.stdout)
    assert {model: deel["versies"] for model, deel in inhoud.items()} == {
        "overlast": [],
        "woonfraude": [],
    }
    assert inhoud["woonfraude"]["isGestopt"]
