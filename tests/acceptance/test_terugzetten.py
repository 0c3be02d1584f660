"""The restore drill: everything lost, a copy put back on another machine, and on with it."""

from __future__ import annotations

import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from orchestration.instellingen import Instellingen
from orchestration.reservekopie import make_kopie, restore_kopie
from serving.besluit.publicatie import read_publicatie
from serving.besluit.register import Besluitregister
from serving.leeslog.keten import MAP, Keten
from serving.release.winkel import current_path, open_release
from tests.acceptance.conftest import Bedrijf
from tests.integration.test_toegang_dienst import run as run_service
from tests.unit.serving.besluit.conftest import make_voorstel


def test_copy_is_served_and_verified_on_another_machine(kopie: Any, tmp_path: Path) -> None:
    with open_release(current_path(kopie.data / "releases")) as uitgave:
        publicatie = read_publicatie(uitgave)
        ((complex_id,),) = uitgave.query(
            "select beheerobject_id from lijst where niveau = 'complex' and label_tot is not null "
            "order by beheerobject_id limit 1"
        )
    with closing(Besluitregister(Instellingen(data=kopie.data).besluiten_adres)) as besluiten:
        besluiten.add_duiding(make_voorstel(complex_id), publicatie, 3)
        voor = besluiten.list_duidingen()
    gezien = kopie.call("label", complex_id, "--json")
    assert gezien.returncode == 0, gezien.stderr

    pad, kluis = tmp_path / "schijf" / "kopie", tmp_path / "kluis" / "sleutels"
    gemaakt = kopie.call("reservekopie", "maak", str(pad), "--sleutels", str(kluis))
    assert gemaakt.returncode == 0, gemaakt.stderr
    assert "niet versleuteld" in gemaakt.stdout
    release, aantal = kopie.huidig, Keten(kopie.data / MAP, kopie.data / "sleutels").check().aantal
    kopie.data.rename(tmp_path / "verloren")

    elders = Bedrijf(tmp_path / "elders", kopie.leveringen)
    terug = elders.call("reservekopie", "terugzetten", str(pad), "--sleutels", str(kluis))
    assert terug.returncode == 0, terug.stderr
    assert elders.huidig == release
    keuring = Keten(elders.data / MAP, elders.data / "sleutels").check()
    assert (keuring.aantal, keuring.problemen) == (aantal, ())
    with closing(Besluitregister(Instellingen(data=elders.data).besluiten_adres)) as besluiten:
        assert besluiten.list_duidingen() == voor
    assert elders.call("release", "verify").returncode == 0
    with run_service(elders.data) as (poort, _):
        adres = f"http://127.0.0.1:{poort}/"
        with urllib.request.urlopen(adres, timeout=60) as antwoord:
            assert antwoord.status == 200
            assert "Voorbeeldwonen" in antwoord.read().decode()


@pytest.mark.nacht
def test_run_after_a_restore_goes_on_where_it_was(kopie: Any, tmp_path: Path) -> None:
    """With the same deliveries it has the same past, key and reference: nothing new."""
    pad, kluis = tmp_path / "kopie", tmp_path / "sleutels"
    make_kopie(Instellingen(data=kopie.data), pad, sleutels=kluis)
    elders = Bedrijf(tmp_path / "elders", kopie.leveringen)
    restore_kopie(Instellingen(data=elders.data), pad, sleutels=kluis)
    gereed = elders.run()
    assert (gereed.release_id, gereed.is_nieuw, gereed.wacht) == (kopie.huidig, False, ())
