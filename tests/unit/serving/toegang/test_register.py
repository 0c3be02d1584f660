"""Keys: issued once, kept as a hash under a secret, revoked for good."""

from __future__ import annotations

import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from serving.opslag import url_of_file
from serving.toegang.peper import BESTAND as BESTAND_GEHEIM
from serving.toegang.peper import load_geheim
from serving.toegang.register import VOORVOEGSEL, Toegangsregister
from serving.toegang.tabellen import metadata
from vera.errors import GebruikFout

NU = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
GEHEIM = b"g" * 32


@pytest.fixture
def url(tmp_path: Path) -> str:
    return url_of_file(tmp_path / "toegang.sqlite")


@pytest.fixture
def register(url: str) -> Toegangsregister:
    return Toegangsregister(url, nu=lambda: NU)


def issue(register: Toegangsregister, *rollen: str, dagen: int = 10) -> tuple[int, str]:
    return register.issue(
        GEHEIM, "Anna", rollen or ("lezer",), organisatie="ons", door="Bert", dagen=dagen
    )


def test_key_has_256_random_bits_and_is_nowhere_in_the_store(
    register: Toegangsregister, tmp_path: Path
) -> None:
    _, een = issue(register)
    _, ander = issue(register)

    assert een != ander
    assert een.startswith(VOORVOEGSEL)
    assert len(een) == len(VOORVOEGSEL) + 43
    inhoud = b"".join(pad.read_bytes() for pad in tmp_path.iterdir())
    assert een.encode() not in inhoud
    assert een.removeprefix(VOORVOEGSEL).encode() not in inhoud


def test_key_is_known_with_who_holds_it_and_until_when(register: Toegangsregister) -> None:
    nummer, _ = issue(register, "politie", "melder")

    (sleutel,) = register.list_sleutels()

    assert (sleutel.id, sleutel.naam, sleutel.door) == (nummer, "Anna", "Bert")
    assert sleutel.rollen == ("melder", "politie")
    assert sleutel.lezer.organisatie == "ons"
    assert sleutel.vervalt_op == NU + timedelta(days=10)
    assert sleutel.is_geldig(NU)
    assert not sleutel.is_geldig(NU + timedelta(days=10))


def test_two_keys_and_a_login_of_one_person_are_one_name(register: Toegangsregister) -> None:
    wie = {"organisatie": "ons", "door": "Bert", "dagen": 10}
    register.issue(GEHEIM, "laptop", ["lezer"], persoon=" anna@ons ", **wie)  # type: ignore[arg-type]
    register.issue(GEHEIM, "telefoon", ["lezer"], persoon="anna@ons", **wie)  # type: ignore[arg-type]

    laptop, telefoon = register.list_sleutels()

    assert (laptop.naam, telefoon.naam) == ("laptop", "telefoon")
    assert laptop.lezer.naam == telefoon.lezer.naam == "anna@ons"


def test_keys_of_before_there_were_persons_have_the_name_of_their_holder(url: str) -> None:
    oud = Toegangsregister(url, nu=lambda: NU)
    issue(oud)
    oud.close()
    motor = create_engine(url)
    with motor.begin() as verbinding:
        verbinding.execute(text("alter table sleutel drop column persoon"))
        verbinding.execute(text("update alembic_version set version_num = '0002'"))
    motor.dispose()

    (sleutel,) = Toegangsregister(url, nu=lambda: NU).list_sleutels()

    assert sleutel.persoon is None
    assert sleutel.lezer.naam == "Anna"


@pytest.mark.parametrize("persoon", ["", "  ", "a\u200bb", "x" * 81])
def test_person_without_a_readable_name_is_refused(
    register: Toegangsregister, persoon: str
) -> None:
    with pytest.raises(GebruikFout, match="sleutel"):
        register.issue(
            GEHEIM, "A", ["lezer"], organisatie="ons", door="Bert", dagen=1, persoon=persoon
        )


def test_revoked_key_opens_nothing_and_cannot_be_revoked_twice(
    register: Toegangsregister,
) -> None:
    nummer, _ = issue(register)

    register.revoke(nummer, "Carla")

    assert not register.list_sleutels()[0].is_geldig(NU)
    with pytest.raises(GebruikFout, match="al ingetrokken"):
        register.revoke(nummer, "Carla")
    with pytest.raises(GebruikFout, match="bestaat niet"):
        register.revoke(99, "Carla")


@pytest.mark.parametrize(
    "fout",
    [{"rollen": ("koning",)}, {"rollen": ()}, {"naam": " "}, {"door": ""}, {"dagen": 0},
     {"dagen": 401}, {"organisatie": "x" * 81}],
)  # fmt: skip
def test_key_that_is_not_right_is_not_issued(
    register: Toegangsregister, fout: dict[str, object], tmp_path: Path
) -> None:
    goed = {"naam": "Anna", "rollen": ("lezer",), "organisatie": "ons", "door": "B", "dagen": 1}

    with pytest.raises(GebruikFout):
        register.issue(GEHEIM, **{**goed, **fout})  # type: ignore[arg-type]

    assert list(tmp_path.iterdir()) == []


def test_looking_makes_no_file(register: Toegangsregister, tmp_path: Path) -> None:
    assert register.list_sleutels() == ()
    assert list(tmp_path.iterdir()) == []


def test_database_refuses_to_change_a_key(register: Toegangsregister, url: str) -> None:
    issue(register)
    motor = create_engine(url)
    with pytest.raises(DBAPIError, match="niet gewijzigd"), motor.begin() as verbinding:
        verbinding.execute(text("update sleutel set rollen = 'woonfraude'"))
    motor.dispose()


def test_migrations_make_exactly_the_tables_that_the_code_uses(
    register: Toegangsregister, url: str
) -> None:
    issue(register)
    motor = create_engine(url)
    with motor.connect() as verbinding:
        verschillen = compare_metadata(
            MigrationContext.configure(verbinding, opts={"compare_type": True}), metadata
        )
    motor.dispose()
    assert verschillen == []


def test_secret_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    geheim = load_geheim(tmp_path / "sleutels")

    pad = tmp_path / "sleutels" / BESTAND_GEHEIM
    assert len(geheim) == 32
    assert load_geheim(tmp_path / "sleutels") == geheim
    assert stat.S_IMODE(pad.stat().st_mode) == 0o600
    pad.chmod(0o640)
    with pytest.raises(GebruikFout, match="leesbaar voor anderen"):
        load_geheim(tmp_path / "sleutels")
    pad.chmod(0o600)
    pad.write_text("kort")
    with pytest.raises(GebruikFout, match="beschadigd"):
        load_geheim(tmp_path / "sleutels")


def test_key_and_who_held_it_go_two_years_after_it_expired(register: Toegangsregister) -> None:
    nummer, _ = issue(register, dagen=10)
    register.revoke(nummer, "Carla")
    issue(register, dagen=11)
    grens = date(2028, 12, 5)

    assert register.purge(grens - timedelta(days=1)) == ()
    (proef,) = register.purge(grens, dry_run=True)
    assert len(register.list_sleutels()) == 2
    (weg,) = register.purge(grens)

    assert proef == weg
    assert (weg.plek, weg.tabel, weg.aantal) == ("toegang", "sleutel", 1)
    assert [sleutel.id for sleutel in register.list_sleutels()] == [2]
