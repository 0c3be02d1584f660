"""The worklists in the store, on SQLite and on a real PostgreSQL server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from serving.besluit.opslag import BESTAND, BesluitenFout, url_of_file
from serving.besluit.register import Besluitregister
from serving.besluit.werklijst import (
    OnbekendeRegel,
    OngeldigeInvoer,
    Openstaand,
    WerklijstKanNiet,
)
from serving.besluit.werklijstregister import Werklijstregister
from tests.unit.serving.besluit.conftest import NA_OKTOBER, NU, make_voorstel
from tests.unit.serving.besluit.werklijst_voorbeeld import (
    DECEMBER,
    NOVEMBER,
    OKTOBER,
    REGELS,
    RELEASE,
    make_regel,
    make_samenstelling,
)

WORTEL = Path(__file__).parents[4]


@pytest.fixture
def werklijsten(besluiten_url: str) -> Iterator[Werklijstregister]:
    geopend = Werklijstregister(besluiten_url, nu=lambda: NU)
    yield geopend
    geopend.close()


def find(werklijsten: Werklijstregister, complex_id: str) -> Openstaand:
    (gevonden,) = [o for o in werklijsten.list_open("overlast") if o.complex_id == complex_id]
    return gevonden


def beoordeel(
    werklijsten: Werklijstregister,
    complex_id: str,
    oordeel: str = "actie_nodig",
    door: str = "Anna",
) -> Openstaand:
    nummer = find(werklijsten, complex_id).nummer
    return werklijsten.add_beoordeling("overlast", nummer, oordeel, door)


def test_list_is_kept_as_it_was_composed(werklijsten: Werklijstregister) -> None:
    lijst, is_nieuw = werklijsten.add_werklijst(make_samenstelling())

    assert is_nieuw
    assert (lijst.model, lijst.peildatum, lijst.release_id) == ("overlast", NOVEMBER, RELEASE)
    assert (lijst.k, lijst.capaciteit, lijst.vastgelegd_op) == (3, 5, NU)
    assert werklijsten.list_lijsten("overlast") == (lijst,)
    assert {rij.regel for rij in werklijsten.list_rijen("overlast")} == set(REGELS)
    assert werklijsten.list_rijen("woonfraude") == ()


def test_rows_are_shown_in_the_shuffled_order_and_withheld_ones_not_at_all(
    werklijsten: Werklijstregister,
) -> None:
    werklijsten.add_werklijst(make_samenstelling())

    getoond = werklijsten.list_open("overlast")

    assert [o.complex_id for o in getoond] == ["C-midden", "C-loting", "C-hoog", "C-andere-loting"]
    # Numbers, too, follow that order: they tell no lane.
    assert [o.nummer for o in getoond] == sorted(o.nummer for o in getoond)


def test_withheld_row_answers_as_a_row_that_does_not_exist(
    werklijsten: Werklijstregister,
) -> None:
    werklijsten.add_werklijst(make_samenstelling())
    (onthouden,) = [rij.id for rij in werklijsten.list_rijen("overlast") if rij.regel.is_onthouden]

    meldingen = []
    for nummer in (onthouden, 999):
        with pytest.raises(OnbekendeRegel) as fout:
            werklijsten.add_beoordeling("overlast", nummer, "twijfel", "Anna")
        with pytest.raises(OnbekendeRegel):
            werklijsten.add_besluit("overlast", nummer, "steekproef", "Anna", release_id=RELEASE)
        with pytest.raises(OnbekendeRegel):
            werklijsten.add_uitkomst("overlast", nummer, "escalatie", "Anna")
        meldingen.append(str(fout.value).replace(str(nummer), "N"))
    assert meldingen[0] == meldingen[1]


def test_run_that_is_repeated_gives_the_list_that_people_are_at_work_on(
    werklijsten: Werklijstregister,
) -> None:
    eerste, _ = werklijsten.add_werklijst(make_samenstelling())
    beoordeel(werklijsten, "C-hoog")

    zelfde, is_nieuw = werklijsten.add_werklijst(make_samenstelling())

    assert (zelfde, is_nieuw) == (eerste, False)
    assert len(werklijsten.list_rijen("overlast")) == len(REGELS)
    with pytest.raises(WerklijstKanNiet, match="abc123"):
        werklijsten.add_werklijst(make_samenstelling(scoreversie="def456"))
    with pytest.raises(WerklijstKanNiet, match="latere peildatum"):
        werklijsten.add_werklijst(make_samenstelling(OKTOBER))


def test_nobody_decides_without_an_own_view_first(werklijsten: Werklijstregister) -> None:
    werklijsten.add_werklijst(make_samenstelling())
    beoordeel(werklijsten, "C-hoog", door="Anna")
    nummer = find(werklijsten, "C-hoog").nummer

    with pytest.raises(WerklijstKanNiet, match="Bert heeft nog geen eigen oordeel"):
        werklijsten.add_besluit(
            "overlast", nummer, "cijfers_overtuigen", "Bert", release_id=RELEASE
        )

    assert find(werklijsten, "C-hoog").nummer == nummer


def test_row_leaves_by_a_decision_with_name_and_reason_that_keeps_the_score(
    werklijsten: Werklijstregister,
) -> None:
    werklijsten.add_werklijst(make_samenstelling())
    nummer = beoordeel(werklijsten, "C-hoog").nummer

    (rij,) = werklijsten.add_besluit(
        "overlast", nummer, "al_in_behandeling", " anna ", release_id="1later",
        toelichting="De wijkbeheerder is er elke week.",
    )  # fmt: skip

    assert rij.besluit is not None
    assert (rij.besluit.keuze, rij.besluit.reden_code) == ("niet_opvolgen", "al_in_behandeling")
    assert (rij.besluit.rang, rij.besluit.kans, rij.besluit.scoreversie) == (1, 0.41, "abc123")
    assert (rij.besluit.door, rij.besluit.release_id) == ("anna", "1later")
    assert rij.besluit.vastgelegd_op == NU
    assert "C-hoog" not in [o.complex_id for o in werklijsten.list_open("overlast")]
    with pytest.raises(OnbekendeRegel):
        werklijsten.add_besluit("overlast", nummer, "steekproef", "Anna", release_id=RELEASE)


def test_own_view_is_given_once_and_by_each_for_themselves(
    werklijsten: Werklijstregister,
) -> None:
    werklijsten.add_werklijst(make_samenstelling())
    beoordeel(werklijsten, "C-hoog", "geen_actie", "Anna de Wit")

    with pytest.raises(WerklijstKanNiet, match="al een oordeel"):
        beoordeel(werklijsten, "C-hoog", "actie_nodig", "anna  DE wit")
    openstaand = beoordeel(werklijsten, "C-hoog", "actie_nodig", "Bert")

    assert [b.oordeel for b in openstaand.beoordelingen] == ["geen_actie", "actie_nodig"]
    assert openstaand.find_beoordeling("Carla") is None


@pytest.mark.parametrize(
    ("reden", "toelichting", "door", "veld"),
    [
        ("zomaar", "", "Anna", "reden is onbekend"),
        ("steekproef", "", "Anna", "reden past hier niet"),
        ("lokale_kennis", "kort", "Anna", "toelichting telt 4"),
        ("lokale_kennis", "Bel mij op 06-12345678 hierover", "Anna", "telefoonnummer"),
        ("lokale_kennis", "", "  ", "door is verplicht"),
    ],
)
def test_decision_with_a_wrong_field_is_refused_and_leaves_the_row(
    werklijsten: Werklijstregister, reden: str, toelichting: str, door: str, veld: str
) -> None:
    werklijsten.add_werklijst(make_samenstelling())
    nummer = beoordeel(werklijsten, "C-hoog").nummer

    with pytest.raises(OngeldigeInvoer, match=veld):
        werklijsten.add_besluit(
            "overlast", nummer, reden, door, release_id=RELEASE, toelichting=toelichting
        )

    assert find(werklijsten, "C-hoog").nummer == nummer


def test_refusal_before_an_own_view_does_not_tell_the_lane(
    werklijsten: Werklijstregister,
) -> None:
    werklijsten.add_werklijst(make_samenstelling())

    meldingen = set()
    for complex_id in ("C-hoog", "C-loting"):
        nummer = find(werklijsten, complex_id).nummer
        with pytest.raises(WerklijstKanNiet) as fout:
            werklijsten.add_besluit("overlast", nummer, "steekproef", "Bert", release_id=RELEASE)
        meldingen.add(str(fout.value).replace(f"regel {nummer}", "regel N"))

    assert len(meldingen) == 1


def test_complex_that_still_waits_is_one_row_of_the_next_list_and_one_decision_closes_both(
    werklijsten: Werklijstregister,
) -> None:
    werklijsten.add_werklijst(make_samenstelling(NOVEMBER))
    beoordeel(werklijsten, "C-hoog")
    volgende = (make_regel("C-nieuw", 1), make_regel("C-hoog", 2, rang=4, kans=0.22))
    werklijsten.add_werklijst(make_samenstelling(DECEMBER, volgende, scoreversie="def456"))

    getoond = werklijsten.list_open("overlast")
    assert [o.complex_id for o in getoond] == [
        "C-midden", "C-loting", "C-hoog", "C-andere-loting", "C-nieuw",
    ]  # fmt: skip
    openstaand = find(werklijsten, "C-hoog")
    assert openstaand.rijen[0].regel.kans == 0.22
    # Who gave a view in November has seen the score since: that view stays the first.
    with pytest.raises(WerklijstKanNiet, match="al een oordeel"):
        beoordeel(werklijsten, "C-hoog", "geen_actie")

    gesloten = werklijsten.add_besluit(
        "overlast", openstaand.nummer, "beeld_ter_plaatse", "Anna", release_id=RELEASE
    )

    assert [r.besluit.kans for r in gesloten if r.besluit] == [0.41, 0.22]
    assert "C-hoog" not in [o.complex_id for o in werklijsten.list_open("overlast")]


def test_row_that_waits_stays_when_the_next_list_withholds_its_complex(
    werklijsten: Werklijstregister,
) -> None:
    werklijsten.add_werklijst(make_samenstelling(NOVEMBER, (make_regel("C1", 1, kans=0.5),)))
    werklijsten.add_werklijst(make_samenstelling(DECEMBER, (make_regel("C1", None),)))

    openstaand = find(werklijsten, "C1")

    assert [rij.regel.kans for rij in openstaand.rijen] == [0.5]


def test_of_a_stopped_model_only_the_lottery_is_shown_and_can_be_decided(
    werklijsten: Werklijstregister,
) -> None:
    werklijsten.add_werklijst(make_samenstelling())
    nummer = find(werklijsten, "C-hoog").nummer

    stand = werklijsten.set_modelstand(
        "overlast", "gestopt", "De cijfers van oktober kloppen niet.", "Anna"
    )

    assert werklijsten.read_modelstand("overlast") == stand
    assert (stand.door, stand.vastgelegd_op) == ("Anna", NU)
    assert werklijsten.read_modelstand("woonfraude") is None
    assert [o.complex_id for o in werklijsten.list_open("overlast")] == [
        "C-loting", "C-andere-loting",
    ]  # fmt: skip
    with pytest.raises(OnbekendeRegel):
        werklijsten.add_beoordeling("overlast", nummer, "twijfel", "Anna")

    werklijsten.set_modelstand("overlast", "in_gebruik", "Oktober is hersteld.", "Bert")
    assert len(werklijsten.list_open("overlast")) == 4


def test_model_is_not_stopped_twice_nor_without_a_reason(
    werklijsten: Werklijstregister,
) -> None:
    with pytest.raises(WerklijstKanNiet, match="al in gebruik"):
        werklijsten.set_modelstand("overlast", "in_gebruik", "Zo maar een reden.", "Anna")
    with pytest.raises(OngeldigeInvoer, match="reden telt 0"):
        werklijsten.set_modelstand("overlast", "gestopt", " ", "Anna")
    with pytest.raises(OngeldigeInvoer, match="door is verplicht"):
        werklijsten.set_modelstand("overlast", "gestopt", "Een goede reden.", "")
    assert werklijsten.read_modelstand("overlast") is None


def test_outcome_can_be_corrected_and_every_version_stays(
    werklijsten: Werklijstregister,
) -> None:
    werklijsten.add_werklijst(make_samenstelling())
    nummer = find(werklijsten, "C-loting").nummer

    werklijsten.add_uitkomst("overlast", nummer, "escalatie", "Anna")
    rij = werklijsten.add_uitkomst("overlast", nummer, "geen_escalatie", "Bert")

    assert [(u.uitkomst_code, u.door) for u in rij.uitkomsten] == [
        ("escalatie", "Anna"), ("geen_escalatie", "Bert"),
    ]  # fmt: skip
    with pytest.raises(OngeldigeInvoer, match="uitkomst is onbekend"):
        werklijsten.add_uitkomst("overlast", nummer, "bevestigd", "Anna")
    with pytest.raises(OngeldigeInvoer, match="adres is 1 tot en met 1"):
        werklijsten.add_uitkomst("overlast", nummer, "escalatie", "Anna", adresnummer=2)


def test_outcomes_that_follow_from_the_data_reach_withheld_rows_and_a_repeat_adds_none(
    werklijsten: Werklijstregister,
) -> None:
    werklijsten.add_werklijst(make_samenstelling())
    uitkomsten = {"C-hoog": "escalatie", "C-onthouden": "geen_escalatie", "C-ergens": "escalatie"}

    eerst = werklijsten.add_uitkomsten("overlast", NOVEMBER, uitkomsten, "int_overlast__uitkomst")
    weer = werklijsten.add_uitkomsten("overlast", NOVEMBER, uitkomsten, "int_overlast__uitkomst")
    elders = werklijsten.add_uitkomsten("overlast", DECEMBER, uitkomsten, "int_overlast__uitkomst")

    assert (eerst, weer, elders) == (2, 0, 0)
    per_complex = {
        rij.regel.complex_id: [u.uitkomst_code for u in rij.uitkomsten]
        for rij in werklijsten.list_rijen("overlast")
        if rij.uitkomsten
    }
    assert per_complex == {"C-hoog": ["escalatie"], "C-onthouden": ["geen_escalatie"]}


def test_result_of_an_inspection_needs_the_decision_to_inspect(
    werklijsten: Werklijstregister,
) -> None:
    regels = (make_regel("C1", 1, aantal_adressen=2),)
    werklijsten.add_werklijst(make_samenstelling(regels=regels, model="woonfraude"))
    (openstaand,) = werklijsten.list_open("woonfraude")
    nummer = openstaand.nummer

    with pytest.raises(WerklijstKanNiet, match="hoort geen onderzoek"):
        werklijsten.add_uitkomst("woonfraude", nummer, "bevestigd", "Anna")
    werklijsten.add_beoordeling("woonfraude", nummer, "twijfel", "Anna")
    werklijsten.add_besluit("woonfraude", nummer, "cijfers_overtuigen", "Anna", release_id=RELEASE)
    werklijsten.add_uitkomst("woonfraude", nummer, "niets_gevonden", "Anna")
    rij = werklijsten.add_uitkomst("woonfraude", nummer, "bevestigd", "Anna", adresnummer=2)

    assert [(u.adresnummer, u.uitkomst_code) for u in rij.uitkomsten] == [
        (1, "niets_gevonden"), (2, "bevestigd"),
    ]  # fmt: skip


def test_looking_at_worklists_makes_no_file(tmp_path: Path) -> None:
    pad = tmp_path / BESTAND
    werklijsten = Werklijstregister(url_of_file(pad))

    assert werklijsten.list_open("overlast") == ()
    assert werklijsten.list_rijen("overlast") == ()
    assert werklijsten.list_lijsten("overlast") == ()
    assert werklijsten.read_modelstand("overlast") is None
    assert not pad.exists()


def test_unreachable_store_does_not_pass_for_a_model_that_runs(tmp_path: Path) -> None:
    werklijsten = Werklijstregister(f"postgresql+psycopg://u:geheim@/db?host={tmp_path}")

    with pytest.raises(BesluitenFout):
        werklijsten.read_modelstand("overlast")


def fill(werklijsten: Werklijstregister) -> None:
    werklijsten.add_werklijst(make_samenstelling())
    nummer = beoordeel(werklijsten, "C-hoog").nummer
    werklijsten.add_besluit("overlast", nummer, "lokale_kennis", "Anna", release_id=RELEASE)
    werklijsten.add_uitkomst("overlast", nummer, "escalatie", "Anna")
    werklijsten.set_modelstand("overlast", "gestopt", "Een goede reden.", "Anna")
    werklijsten.add_tekening("overlast", "abc", "def", "Een goede reden.", "Anna")


@pytest.mark.parametrize(
    ("tabel", "kolom"),
    [
        ("werklijst", "scoreversie"),
        ("werklijstregel", "redenen"),
        ("beoordeling", "oordeel"),
        ("besluit", "door"),
        ("uitkomst", "uitkomst_code"),
        ("modelstand", "reden"),
        ("modeltekening", "door"),
    ],
)
def test_database_itself_refuses_to_change_what_was_recorded(
    werklijsten: Werklijstregister, besluiten_url: str, tabel: str, kolom: str
) -> None:
    fill(werklijsten)
    motor = create_engine(besluiten_url)

    with (
        pytest.raises(DBAPIError, match="een besluit wordt niet gewijzigd"),
        motor.begin() as verbinding,
    ):
        verbinding.execute(text(f"update {tabel} set {kolom} = 'anders'"))

    motor.dispose()


def test_store_that_holds_duidingen_alone_gets_the_worklists_and_keeps_them(
    besluiten_url: str,
) -> None:
    duidingen = Besluitregister(besluiten_url)
    gezet = duidingen.add_duiding(make_voorstel(), NA_OKTOBER, 3)
    duidingen.close()
    motor = create_engine(besluiten_url)
    with motor.begin() as verbinding:  # back to how the first version left it
        for tabel in (
            "uitkomst", "besluit", "beoordeling", "werklijstregel", "werklijst", "modelstand",
            "modeltekening", "preventiemaatregel",
        ):  # fmt: skip
            verbinding.execute(text(f"drop table {tabel}"))
        verbinding.execute(text("update alembic_version set version_num = '0001'"))
    motor.dispose()

    werklijsten = Werklijstregister(besluiten_url)
    werklijsten.add_werklijst(make_samenstelling())
    werklijsten.close()

    later = Besluitregister(besluiten_url)
    assert later.list_duidingen() == (gezet,)
    later.close()


def test_signature_is_for_one_change_of_one_model_and_is_given_once(
    werklijsten: Werklijstregister,
) -> None:
    assert werklijsten.list_tekeningen("overlast") == ()
    eerste = werklijsten.add_tekening("overlast", "nieuw", "oud", " Nieuwe wijk erbij. ", "Anna")
    assert (eerste.reden, eerste.door, eerste.vastgelegd_op) == ("Nieuwe wijk erbij.", "Anna", NU)
    with pytest.raises(WerklijstKanNiet, match="Anna heeft voor versie nieuw al getekend"):
        werklijsten.add_tekening("overlast", "nieuw", "oud", "Nog eens gekeken.", "Bert")
    # after another champion it is another change
    tweede = werklijsten.add_tekening("overlast", "nieuw", "ouder", "Nog eens gekeken.", "Bert")
    assert werklijsten.list_tekeningen("overlast") == (eerste, tweede)
    assert werklijsten.list_tekeningen("woonfraude") == ()


def test_nobody_signs_without_a_name_and_a_reason(werklijsten: Werklijstregister) -> None:
    with pytest.raises(OngeldigeInvoer, match="reden telt 0"):
        werklijsten.add_tekening("overlast", "nieuw", "oud", " ", "Anna")
    with pytest.raises(OngeldigeInvoer, match="door is verplicht"):
        werklijsten.add_tekening("overlast", "nieuw", "oud", "Een goede reden.", "")
    assert werklijsten.list_tekeningen("overlast") == ()


BEIDE = """
import sys
from serving.besluit.werklijst import WerklijstKanNiet, OnbekendeRegel
from serving.besluit.werklijstregister import Werklijstregister
werklijsten = Werklijstregister(sys.argv[1])
for openstaand in werklijsten.list_open("overlast"):
    try:
        werklijsten.add_beoordeling("overlast", openstaand.nummer, "twijfel", sys.argv[2])
        werklijsten.add_besluit("overlast", openstaand.nummer, "lokale_kennis", sys.argv[2],
                                release_id="r")
    except (WerklijstKanNiet, OnbekendeRegel):
        pass
"""


def test_two_people_who_decide_at_once_leave_one_decision_per_row(
    werklijsten: Werklijstregister, besluiten_url: str
) -> None:
    regels = tuple(make_regel(f"C{k}", k) for k in range(1, 6))
    werklijsten.add_werklijst(make_samenstelling(regels=regels))
    processen = [
        subprocess.Popen(
            [sys.executable, "-c", BEIDE, besluiten_url, naam],
            cwd=WORTEL,
            env={**os.environ, "PYTHONPATH": str(WORTEL)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for naam in ("Anna", "Bert")
    ]

    for proces in processen:
        _, fout = proces.communicate(timeout=120)
        assert proces.returncode == 0, fout

    assert werklijsten.list_open("overlast") == ()
    assert all(rij.besluit is not None for rij in werklijsten.list_rijen("overlast"))
