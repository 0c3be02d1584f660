"""A release made again has the same bytes, or says what is in the way; so after another key."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from orchestration.bewaren import Opschoner
from orchestration.instellingen import Instellingen
from orchestration.reproductie import (
    AndereBytes,
    BronVoorbij,
    Reproductie,
    check_reproductie,
    compare_releases,
    reproduce,
)
from orchestration.resources import load_contract
from orchestration.sleutelrotatie import rotate
from orchestration.voortgang import Voortgang
from serving.besluit.werklijstregister import Werklijstregister
from tests.acceptance.conftest import Bedrijf
from vera.errors import BuurtpeilError, GebruikFout


def make_again(bedrijf: Bedrijf, release_id: str | None = None) -> Reproductie:
    instellingen = Instellingen(data=bedrijf.data, leveringen=bedrijf.leveringen)
    return reproduce(instellingen, load_contract(), release_id or str(bedrijf.huidig), Voortgang())


def read_stand(bedrijf: Bedrijf) -> dict[Path, int]:
    return {pad: pad.stat().st_mtime_ns for pad in bedrijf.data.rglob("*") if pad.is_file()}


def test_release_made_again_has_the_same_bytes_and_changes_nothing(kopie: Bedrijf) -> None:
    """Whatever was delivered, stopped or said of a model since."""
    besluiten = Instellingen(data=kopie.data, leveringen=kopie.leveringen).besluiten_adres
    with closing(Werklijstregister(besluiten)) as register:
        register.set_modelstand("overlast", "gestopt", "Er klopt iets niet", "Anna")
    (kopie.leveringen / "vera" / "zaak_2099-01-01.csv").write_text("van later", encoding="utf-8")
    voor = read_stand(kopie)
    uit = make_again(kopie)
    assert uit == Reproductie(str(kopie.huidig), (), ())
    assert read_stand(kopie) == voor


def test_release_with_another_export_is_named_with_the_file(kopie: Bedrijf, tmp_path: Path) -> None:
    release = kopie.data / "releases" / str(kopie.huidig)
    ander = tmp_path / "ander"
    shutil.copytree(release, ander)
    export = sorted((ander / "exports").iterdir())[0]
    export.write_bytes(export.read_bytes() + b"x")
    (ander / "manifest.run.json").write_text("{}", encoding="utf-8")
    verschillen = compare_releases(release, ander)
    assert verschillen == (f"exports/{export.name}",)
    with pytest.raises(AndereBytes, match=export.name) as fout:
        check_reproductie(Reproductie("0" * 12, verschillen, ("De code is een andere.",)))
    assert fout.value.exit_code == 5


def test_delivery_that_is_gone_is_named_with_its_rule(kopie: Bedrijf) -> None:
    pad = sorted(kopie.leveringen.glob("vera/zaak_*.csv"))[0]
    pad.unlink()
    with pytest.raises(BronVoorbij, match=rf"{pad.name} .*6 jaar na einddatum") as fout:
        make_again(kopie)
    assert fout.value.exit_code == 6


def test_release_from_before_a_purge_is_not_made_again(kopie: Bedrijf) -> None:
    nu = datetime(2026, 6, 1, tzinfo=UTC)
    instellingen = Instellingen(data=kopie.data, leveringen=kopie.leveringen)
    Opschoner(instellingen, load_contract(), lambda: nu).purge(nu.date())
    with pytest.raises(BronVoorbij, match=r"huurachterstand.*2 jaar na peildatum"):
        make_again(kopie)


def test_release_of_which_the_past_is_gone_says_so(kopie: Bedrijf) -> None:
    pad = kopie.data / "archief" / str(kopie.huidig) / "invoer.json"
    inhoud = json.loads(pad.read_text(encoding="utf-8"))
    pad.write_text(json.dumps({**inhoud, "vorige": "0" * 12}), encoding="utf-8")
    with pytest.raises(BronVoorbij, match="waar deze op volgt"):
        make_again(kopie)
    pad.unlink()
    with pytest.raises(BuurtpeilError, match="niet vastgelegd waar zij van uitging"):
        make_again(kopie)


def test_release_that_is_not_there_is_a_mistake_of_use(kopie: Bedrijf) -> None:
    with pytest.raises(GebruikFout, match="bestaat niet"):
        make_again(kopie, "0" * 12)


@pytest.mark.nacht
def test_labels_after_another_key_are_the_same_bytes(kopie: Bedrijf) -> None:
    """Everything is decided anew: nothing is ordered by, or drawn from, a pseudonym."""
    huidig = str(kopie.huidig)
    rotate(Instellingen(data=kopie.data, leveringen=kopie.leveringen), load_contract())
    for naam in ("releases", "archief", "referentie"):
        shutil.rmtree(kopie.data / naam)
    assert kopie.run().release_id == huidig
