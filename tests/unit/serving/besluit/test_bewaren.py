"""Decisions go when their term is over, with all that hangs on them, and leave no page behind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Date

from serving.besluit.bewaren import JONGSTE_BLIJFT, TERMIJNEN, Besluitbewaring, list_wortels
from serving.besluit.register import BESTAND, Besluitregister, url_of_file
from serving.besluit.tabellen import metadata
from serving.besluit.werklijstregister import Werklijstregister
from serving.opslag import Moment
from tests.unit.serving.besluit.conftest import NA_OKTOBER, NU, make_voorstel
from tests.unit.serving.besluit.werklijst_voorbeeld import make_samenstelling

LATER = date(2060, 1, 1)


@pytest.fixture
def bewaring(besluiten_url: str) -> Iterator[Besluitbewaring]:
    geopend = Besluitbewaring(besluiten_url)
    yield geopend
    geopend.close()


def write_alles(url: str) -> None:
    """Write a duiding with a second person, a worklist that was worked on, and a stopped model."""
    duidingen = Besluitregister(url, nu=lambda: NU)
    duiding = duidingen.add_duiding(make_voorstel(), NA_OKTOBER, 3)
    duidingen.withdraw_duiding(duiding.id, "Bea Blauw", NA_OKTOBER)
    duidingen.close()
    werklijsten = Werklijstregister(url, nu=lambda: NU)
    werklijsten.add_werklijst(make_samenstelling())
    nummer = werklijsten.list_open("overlast")[0].nummer
    werklijsten.add_beoordeling("overlast", nummer, "actie_nodig", "Anna")
    werklijsten.set_modelstand("overlast", "gestopt", "cijfers kloppen niet", "Anna")
    werklijsten.set_modelstand("overlast", "in_gebruik", "cijfers kloppen weer", "Anna")
    werklijsten.close()


def test_every_table_that_hangs_on_no_other_has_a_term() -> None:
    assert {tabel.name for tabel in list_wortels()} == set(TERMIJNEN)


def test_every_term_counts_from_a_date_of_its_table() -> None:
    for naam, termijn in TERMIJNEN.items():
        assert isinstance(metadata.tables[naam].c[str(termijn.kolom)].type, Date | Moment)


def test_nothing_goes_before_its_term_and_all_of_it_after(
    besluiten_url: str, bewaring: Besluitbewaring
) -> None:
    write_alles(besluiten_url)
    assert bewaring.purge(date(2031, 10, 1)) == ()
    weg = {v.tabel: v.aantal for v in bewaring.purge(LATER)}
    assert weg["duiding"] == weg["duiding_stap"] == weg["werklijst"] == weg["beoordeling"] == 1
    assert weg["werklijstregel"] > 1
    duidingen = Besluitregister(besluiten_url)
    assert duidingen.list_duidingen() == ()
    duidingen.close()


def test_last_word_on_a_model_stays_however_old_it_is(
    besluiten_url: str, bewaring: Besluitbewaring
) -> None:
    write_alles(besluiten_url)
    weg = {v.tabel: v.aantal for v in bewaring.purge(LATER)}
    assert weg["modelstand"] == 1
    assert "modelstand" in JONGSTE_BLIJFT
    werklijsten = Werklijstregister(besluiten_url)
    stand = werklijsten.read_modelstand("overlast")
    werklijsten.close()
    assert stand is not None
    assert stand.stand == "in_gebruik"


def test_trial_says_the_same_and_removes_nothing(
    besluiten_url: str, bewaring: Besluitbewaring
) -> None:
    write_alles(besluiten_url)
    gezegd = bewaring.purge(LATER, dry_run=True)
    assert gezegd == bewaring.purge(LATER)
    assert bewaring.purge(LATER) == ()


def test_name_of_who_decided_is_no_longer_in_the_file(tmp_path: Path) -> None:
    pad = tmp_path / BESTAND
    write_alles(url_of_file(pad))
    bewaring = Besluitbewaring(url_of_file(pad))
    bewaring.purge(LATER)
    bewaring.close()
    inhoud = b"".join(deel.read_bytes() for deel in tmp_path.glob(f"{BESTAND}*"))
    assert b"Bea Blauw" not in inhoud


def test_looking_makes_no_store(tmp_path: Path) -> None:
    assert Besluitbewaring(url_of_file(tmp_path / BESTAND)).purge(LATER) == ()
    assert list(tmp_path.iterdir()) == []
