"""Preventiemaatregelen: recorded once, never changed, and without a name to a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import date

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from serving.besluit.bewaren import Besluitbewaring
from serving.besluit.preventie import Preventieregister
from serving.besluit.register import Besluitregister
from serving.besluit.werklijst import OngeldigeInvoer
from tests.unit.serving.besluit.conftest import NU
from vera.maatregel import PREVENTIE, PREVENTIESOORTEN, Preventieregel

BEGIN = date(2026, 11, 20)


@pytest.fixture
def preventie(besluiten_url: str) -> Iterator[Preventieregister]:
    geopend = Preventieregister(besluiten_url, nu=lambda: NU)
    yield geopend
    geopend.close()


def test_what_is_recorded_comes_back_the_latest_first(preventie: Preventieregister) -> None:
    assert preventie.list_maatregelen() == ()
    eerste = preventie.add_maatregel("C1", "voorlichting", BEGIN, None, "  Anna   de Wit ")
    later = preventie.add_maatregel("C2", "huisbezoek", date(2026, 12, 1), date(2026, 12, 31), "Bo")
    assert (eerste.door, eerste.vastgelegd_op) == ("Anna de Wit", NU)
    assert preventie.list_maatregelen() == (later, eerste)
    assert preventie.list_maatregelen("C1") == (eerste,)


@pytest.mark.parametrize(
    ("velden", "fout"),
    [
        ({"soort_code": "inval"}, {"soort"}),
        ({"begindatum": None}, {"begindatum"}),
        ({"begindatum": date(1999, 12, 31)}, {"begindatum"}),
        ({"begindatum": date(2027, 11, 26)}, {"begindatum"}),
        ({"einddatum": date(2026, 11, 19)}, {"einddatum"}),
        ({"einddatum": date(2040, 1, 1)}, {"einddatum"}),
        ({"door": " "}, {"door"}),
        ({"soort_code": "", "begindatum": None, "door": ""}, {"soort", "begindatum", "door"}),
    ],
    ids=["soort", "leeg", "te_vroeg", "te_laat", "omgekeerd", "te_lang", "naamloos", "alles"],
)
def test_wrong_input_names_every_field_and_records_nothing(
    preventie: Preventieregister, velden: dict[str, object], fout: set[str]
) -> None:
    goed = {"soort_code": "voorlichting", "begindatum": BEGIN, "einddatum": None, "door": "Anna"}
    with pytest.raises(OngeldigeInvoer) as gevonden:
        preventie.add_maatregel("C1", **{**goed, **velden})  # type: ignore[arg-type]
    assert set(gevonden.value.fouten) == fout
    assert preventie.list_maatregelen() == ()


@pytest.mark.parametrize("soort", PREVENTIESOORTEN)
def test_every_kind_fits_the_database(preventie: Preventieregister, soort: str) -> None:
    assert preventie.add_maatregel("C1", soort, BEGIN, BEGIN, "Anna").soort_code == soort
    assert soort in PREVENTIE


def test_database_itself_refuses_to_change_one(
    preventie: Preventieregister, besluiten_url: str
) -> None:
    preventie.add_maatregel("C1", "voorlichting", BEGIN, None, "Anna")
    motor = create_engine(besluiten_url)
    with (
        pytest.raises(DBAPIError, match="een besluit wordt niet gewijzigd"),
        motor.begin() as verbinding,
    ):
        verbinding.execute(text("update preventiemaatregel set door = 'Bert'"))
    motor.dispose()


def test_run_gets_place_kind_and_days_and_no_name(besluiten_url: str) -> None:
    register = Besluitregister(besluiten_url, nu=lambda: NU)
    register.add_maatregel("C2", "voorlichting", BEGIN, None, "Anna")
    register.add_maatregel("C1", "huisbezoek", BEGIN, date(2026, 12, 1), "Bert")
    regels = register.list_preventieregels()
    register.close()
    assert [(r.complex_id, r.soort_code, r.bekend_op) for r in regels] == [
        ("C2", "voorlichting", NU.date()),
        ("C1", "huisbezoek", NU.date()),
    ]
    assert "door" not in {veld.name for veld in fields(Preventieregel)}


def test_goes_seven_years_after_its_first_day(
    preventie: Preventieregister, besluiten_url: str
) -> None:
    preventie.add_maatregel("C1", "voorlichting", BEGIN, None, "Anna")
    bewaring = Besluitbewaring(besluiten_url)
    assert bewaring.purge(date(2033, 11, 20)) == ()
    (weg,) = bewaring.purge(date(2033, 11, 21))
    bewaring.close()
    assert (weg.tabel, weg.aantal) == ("preventiemaatregel", 1)
    assert preventie.list_maatregelen() == ()
