"""The decisions store, on SQLite and on a real PostgreSQL server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from serving.besluit.duiding import (
    DuidingKanNiet,
    OnbekendeDuiding,
    OngeldigeDuiding,
    find_status,
    select_regels,
)
from serving.besluit.register import BESTAND, BesluitenFout, Besluitregister, url_of_file
from serving.besluit.tabellen import metadata
from tests.unit.serving.besluit.conftest import (
    NA_APRIL,
    NA_JANUARI,
    NA_OKTOBER,
    NU,
    make_voorstel,
)
from vera.errors import GebruikFout

WORTEL = Path(__file__).parents[4]


def test_duiding_is_kept_as_it_was_set_with_the_label_and_release_of_that_moment(
    register: Besluitregister,
) -> None:
    gezet = register.add_duiding(make_voorstel(), NA_OKTOBER, 3)

    assert register.list_duidingen() == (gezet,)
    assert gezet.voorstel == make_voorstel()
    assert gezet.model_label == 3
    assert gezet.publicatie == NA_OKTOBER
    assert gezet.vastgelegd_op == NU
    assert gezet.bevestiging is None
    assert gezet.intrekking is None


def test_only_the_duidingen_of_the_complex_that_was_asked_for_are_given(
    register: Besluitregister,
) -> None:
    register.add_duiding(make_voorstel("C001"), NA_OKTOBER, 3)
    ander = register.add_duiding(make_voorstel("C002", delta=-1), NA_OKTOBER, 3)
    register.withdraw_duiding(ander.id, "Bert", NA_OKTOBER)

    (gevonden,) = register.list_duidingen("C002")

    assert gevonden.id == ander.id
    assert gevonden.intrekking is not None
    assert register.list_duidingen("C003") == ()


def test_refused_duiding_leaves_nothing_behind(register: Besluitregister) -> None:
    with pytest.raises(DuidingKanNiet):
        register.add_duiding(make_voorstel(), NA_OKTOBER, 5)
    with pytest.raises(OngeldigeDuiding):
        register.add_duiding(make_voorstel(delta=2), NA_OKTOBER, 3)

    assert register.list_duidingen() == ()


def test_second_in_a_row_counts_from_the_confirmation_by_a_second_person(
    register: Besluitregister,
) -> None:
    register.add_duiding(make_voorstel(), NA_OKTOBER, 3)
    tweede = register.add_duiding(make_voorstel(), NA_APRIL, 3)

    assert find_status(tweede, NA_APRIL.peildatum) == "wacht_op_bevestiging"
    voor = select_regels(register.list_duidingen())
    bevestigd = register.confirm_duiding(tweede.id, "Bert Bos", NA_APRIL)
    na = select_regels(register.list_duidingen())

    assert [regel.peildatum.isoformat() for regel in voor] == ["2027-01-01", "2027-04-01"]
    assert [regel.peildatum.isoformat() for regel in na] == [
        "2027-01-01", "2027-04-01", "2027-07-01", "2027-10-01",
    ]  # fmt: skip
    assert bevestigd.bevestiging is not None
    assert bevestigd.bevestiging.door == "Bert Bos"


def test_second_person_may_be_named_at_once_but_not_be_the_first(
    register: Besluitregister,
) -> None:
    register.add_duiding(make_voorstel(), NA_OKTOBER, 3)

    with pytest.raises(OngeldigeDuiding, match="dezelfde persoon"):
        register.add_duiding(make_voorstel(), NA_APRIL, 3, tweede="anna  de wit")
    assert len(register.list_duidingen()) == 1

    gezet = register.add_duiding(make_voorstel(), NA_APRIL, 3, tweede="Bert")
    assert find_status(gezet, NA_APRIL.peildatum) == "gepland"


def test_withdrawal_is_added_and_the_duiding_itself_stays(register: Besluitregister) -> None:
    gezet = register.add_duiding(make_voorstel(), NA_OKTOBER, 3)

    ingetrokken = register.withdraw_duiding(gezet.id, "Anna de Wit", NA_JANUARI)

    assert ingetrokken.voorstel == gezet.voorstel
    assert [r.peildatum for r in select_regels([ingetrokken])] == [NA_JANUARI.peildatum]
    with pytest.raises(DuidingKanNiet, match="ingetrokken"):
        register.withdraw_duiding(gezet.id, "Anna de Wit", NA_JANUARI)


@pytest.mark.parametrize("methode", ["confirm_duiding", "withdraw_duiding"])
def test_number_that_does_not_exist_says_so(register: Besluitregister, methode: str) -> None:
    with pytest.raises(OnbekendeDuiding, match="geen duiding 7"):
        getattr(register, methode)(7, "Bert", NA_OKTOBER)


@pytest.mark.parametrize("tabel", ["duiding", "duiding_stap"])
def test_database_itself_refuses_to_change_a_decision(
    register: Besluitregister, besluiten_url: str, tabel: str
) -> None:
    gezet = register.add_duiding(make_voorstel(), NA_OKTOBER, 3)
    register.withdraw_duiding(gezet.id, "Bert", NA_OKTOBER)
    motor = create_engine(besluiten_url)

    with (
        pytest.raises(DBAPIError, match="een besluit wordt niet gewijzigd"),
        motor.begin() as verbinding,
    ):
        verbinding.execute(text(f"update {tabel} set door = 'iemand anders'"))

    motor.dispose()


def test_migrations_make_exactly_the_tables_that_the_code_uses(
    register: Besluitregister, besluiten_url: str
) -> None:
    register.add_duiding(make_voorstel(), NA_OKTOBER, 3)
    motor = create_engine(besluiten_url)

    with motor.connect() as verbinding:
        verschillen = compare_metadata(
            MigrationContext.configure(verbinding, opts={"compare_type": True}), metadata
        )

    motor.dispose()
    assert verschillen == []


def test_store_of_a_newer_version_is_refused_with_what_to_do(
    register: Besluitregister, besluiten_url: str
) -> None:
    register.add_duiding(make_voorstel(), NA_OKTOBER, 3)
    motor = create_engine(besluiten_url)
    with motor.begin() as verbinding:
        verbinding.execute(text("update alembic_version set version_num = '9999'"))
    motor.dispose()
    later = Besluitregister(besluiten_url)

    with pytest.raises(BesluitenFout, match="nieuwere versie"):
        later.list_duidingen()

    later.close()


SCHRIJVER = """
import sys
from serving.besluit.register import Besluitregister
from tests.unit.serving.besluit.conftest import NA_OKTOBER, make_voorstel
register = Besluitregister(sys.argv[1])
for nummer in range(25):
    register.add_duiding(make_voorstel(f"{sys.argv[2]}-{nummer}"), NA_OKTOBER, 3)
"""

DEZELFDE = """
import sys
from serving.besluit.duiding import DuidingKanNiet, find_status
from serving.besluit.register import Besluitregister
from tests.unit.serving.besluit.conftest import NA_OKTOBER, make_voorstel
register = Besluitregister(sys.argv[1])
for nummer in range(25):
    try:
        register.add_duiding(make_voorstel(f"C-{nummer}", door=sys.argv[2]), NA_OKTOBER, 3)
    except DuidingKanNiet:
        pass
"""


def _start(code: str, *argumenten: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *argumenten],
        cwd=WORTEL,
        env={**os.environ, "PYTHONPATH": str(WORTEL)},
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_processes_that_open_and_write_at_once_lose_no_decision(besluiten_url: str) -> None:
    processen = [_start(SCHRIJVER, besluiten_url, naam) for naam in ("een", "twee")]

    for proces in processen:
        _, fout = proces.communicate(timeout=120)
        assert proces.returncode == 0, fout

    register = Besluitregister(besluiten_url)
    gezet = [duiding.voorstel.beheerobject_id for duiding in register.list_duidingen()]
    register.close()
    assert sorted(gezet) == sorted(f"{n}-{k}" for n in ("een", "twee") for k in range(25))


def test_two_people_who_set_the_same_complex_at_once_do_not_slip_past_the_second_person(
    besluiten_url: str,
) -> None:
    processen = [_start(DEZELFDE, besluiten_url, naam) for naam in ("Anna", "Bert")]

    for proces in processen:
        _, fout = proces.communicate(timeout=120)
        assert proces.returncode == 0, fout

    register = Besluitregister(besluiten_url)
    alle = register.list_duidingen()
    register.close()
    zonder = [d.voorstel.beheerobject_id for d in alle if not d.is_tweede_nodig]
    met = [d.voorstel.beheerobject_id for d in alle if d.is_tweede_nodig]
    assert sorted(zonder) == sorted(met) == sorted(f"C-{k}" for k in range(25))


HALVERWEGE = """
import os, signal, sys
from serving.besluit.register import Besluitregister
from tests.unit.serving.besluit.conftest import NA_OKTOBER, make_voorstel
class Dood(Besluitregister):
    def _add_stap(self, *_):
        os.kill(os.getpid(), signal.SIGKILL)
Dood(sys.argv[1]).add_duiding(make_voorstel("C-dood"), NA_OKTOBER, 3, tweede="Bert")
"""


def test_process_that_dies_between_two_rows_leaves_neither_and_blocks_nobody(
    register: Besluitregister, besluiten_url: str
) -> None:
    register.add_duiding(make_voorstel("C-eerst"), NA_OKTOBER, 3)
    proces = _start(HALVERWEGE, besluiten_url)
    proces.communicate(timeout=60)
    assert proces.returncode == -signal.SIGKILL

    register.add_duiding(make_voorstel("C-daarna"), NA_OKTOBER, 3)

    gezet = [duiding.voorstel.beheerobject_id for duiding in register.list_duidingen()]
    assert gezet == ["C-eerst", "C-daarna"]


def test_looking_makes_no_file_and_a_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    pad = tmp_path / "nog niet" / BESTAND
    register = Besluitregister(url_of_file(pad))

    assert register.list_duidingen() == ()
    assert not pad.parent.exists()
    register.add_duiding(make_voorstel(), NA_OKTOBER, 3)

    assert pad.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "url",
    ["mysql://u:geheim@x/y", "geheim", "sqlite://", "sqlite:///:memory:", "postgresql://host"],
)
def test_address_that_is_no_store_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(GebruikFout, match="BUURTPEIL_BESLUITEN_URL") as fout:
        Besluitregister(url)
    assert "geheim" not in str(fout.value)


def test_unreachable_store_says_so_without_the_password(tmp_path: Path) -> None:
    register = Besluitregister(f"postgresql+psycopg://u:geheim@/db?host={tmp_path}")

    with pytest.raises(BesluitenFout) as fout:
        register.list_duidingen()

    assert "geheim" not in str(fout.value)
