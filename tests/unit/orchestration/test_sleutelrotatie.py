"""Another key for the pseudonyms: everything anew or nothing, and the same rows stay together."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from orchestration import sleutelrotatie
from orchestration.instellingen import Instellingen
from orchestration.resources import load_contract
from orchestration.sleutelrotatie import rotate
from orchestration.werkmap import Werkmap
from sources.demo.genereer import generate
from sources.landing import land_bron
from sources.sleutels import BESTAND, NIEUW, load_sleutel
from sources.stand import write_stand
from vera.errors import BuurtpeilError, GebruikFout


@pytest.fixture(scope="session")
def leveringen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    map_ = tmp_path_factory.mktemp("sleutel") / "leveringen"
    generate(map_, eenheden=200, jaren=1, seed=2)
    return map_


@pytest.fixture
def instellingen(leveringen: Path, tmp_path: Path) -> Instellingen:
    """A data folder in which everything was landed, with deliveries of its own."""
    for pad in sorted(leveringen.rglob("*")):
        if pad.is_file():
            doel = tmp_path / "leveringen" / pad.relative_to(leveringen)
            doel.parent.mkdir(parents=True, exist_ok=True)
            doel.write_bytes(pad.read_bytes())
    uit = Instellingen(data=tmp_path / "data", leveringen=tmp_path / "leveringen")
    map_ = Werkmap.of(uit.data)
    sleutel = load_sleutel(map_.sleutels)
    for bron in load_contract().bronnen:
        write_stand(land_bron(bron, uit.leveringen_map, map_.landing, sleutel), map_.landing)
    return uit


def read_band(instellingen: Instellingen) -> tuple[set[str], list[tuple[object, ...]]]:
    """Return the pseudonyms of dwellings, and how many rows of a case hang on how many of them."""
    landing = Werkmap.of(instellingen.data).landing / "vera"
    eenheden = {
        str(rij[0])
        for rij in duckdb.sql(f"select eenheid_id from '{landing}/eenheid/*.parquet'").fetchall()
    }
    band = duckdb.sql(
        "select count(*), count(distinct zaak_id), count(distinct zaak.eenheid_id), "
        "count(distinct case when zaak.eenheid_id in "
        f"(select eenheid_id from '{landing}/eenheid/*.parquet') then zaak.eenheid_id end) "
        f"from '{landing}/zaak/*.parquet' as zaak"
    ).fetchall()
    return eenheden, band


def test_every_pseudonym_is_another_and_the_same_rows_stay_together(
    instellingen: Instellingen,
) -> None:
    oud, band = read_band(instellingen)
    rotatie = rotate(instellingen, load_contract())
    nieuw, band_daarna = read_band(instellingen)
    assert rotatie.oud != rotatie.nieuw
    assert oud.isdisjoint(nieuw)
    assert len(oud) == len(nieuw)
    assert band_daarna == band


def test_nothing_of_the_old_key_stays(instellingen: Instellingen) -> None:
    sleutels = Werkmap.of(instellingen.data).sleutels
    oud = (sleutels / BESTAND).read_text(encoding="ascii")
    rotate(instellingen, load_contract())
    assert {pad.name for pad in sleutels.iterdir()} == {BESTAND, "adresindex.sleutel"}
    assert (sleutels / BESTAND).read_text(encoding="ascii") != oud
    assert (sleutels / BESTAND).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("is_weg", [True, False], ids=["is gone", "is another"])
def test_rotation_is_refused_when_an_original(instellingen: Instellingen, *, is_weg: bool) -> None:
    pad = sorted(instellingen.leveringen_map.glob("vera/eenheid_*.csv"))[0]
    pad.unlink() if is_weg else pad.write_text("anders", encoding="utf-8")
    oud, _ = read_band(instellingen)
    with pytest.raises(BuurtpeilError, match=r"vera/eenheid_.*vera\.eenheid"):
        rotate(instellingen, load_contract())
    assert read_band(instellingen)[0] == oud
    assert not (Werkmap.of(instellingen.data).sleutels / NIEUW).exists()


def test_key_from_the_environment_is_changed_by_who_sets_it(instellingen: Instellingen) -> None:
    uit_omgeving = Instellingen(
        data=instellingen.data, leveringen=instellingen.leveringen, pseudoniem_sleutel="a" * 64
    )
    with pytest.raises(GebruikFout, match="komt uit de omgeving"):
        rotate(uit_omgeving, load_contract())


def test_rotation_that_was_killed_leaves_the_old_key_and_goes_on_with_the_new_one(
    instellingen: Instellingen, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleutels = Werkmap.of(instellingen.data).sleutels
    oud = load_sleutel(sleutels)

    def kill(_: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sleutelrotatie, "promote_nieuwe", kill)
        with pytest.raises(KeyboardInterrupt):
            rotate(instellingen, load_contract())
    assert load_sleutel(sleutels) == oud
    klaargezet = (sleutels / NIEUW).read_text(encoding="ascii")
    rotate(instellingen, load_contract())
    assert (sleutels / BESTAND).read_text(encoding="ascii") == klaargezet
