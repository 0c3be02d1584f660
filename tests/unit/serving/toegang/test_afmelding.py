"""A session that was ended is over in every worker, also after a restart; no name is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from serving.aanmelding.sessie import Sessies
from serving.opslag import url_of_file
from serving.toegang.afmelding import VERS, Afmeldingen, hash_sessie
from serving.toegang.kast import SESSIE_SECONDEN, Sleutelkast
from serving.toegang.register import ToegangFout, Toegangsregister
from tests.unit.serving.aanmelding.uitgever import BELEID
from vera.toegang import find_rollen

GEHEIM = b"g" * 32
BEGIN = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


class Huis:
    """One store, and as many workers over it as are asked for; the clock stands still."""

    def __init__(self, pad: Path) -> None:
        self.pad = pad / "toegang.sqlite"
        self.nu = BEGIN
        self.is_weg = False
        self.gelezen = 0
        self.register = self.open_register()
        _, self.sleutel = self.register.issue(
            GEHEIM, "Anna", ["lezer"], organisatie="ons", door="Bert", dagen=10
        )

    def open_register(self) -> Toegangsregister:
        return Toegangsregister(url_of_file(self.pad), nu=lambda: self.nu)

    def klok(self) -> float:
        return self.nu.timestamp()

    def add_afmelding(self, vingerafdruk: str, vervalt_op: datetime) -> None:
        self._check()
        self.register.add_afmelding(vingerafdruk, vervalt_op)

    def list_afmeldingen(self) -> Mapping[str, datetime]:
        self.gelezen += 1
        self._check()
        return self.register.list_afmeldingen()

    def _check(self) -> None:
        if self.is_weg:
            raise ToegangFout("De sleutels zijn niet te lezen.")

    def open_worker(self) -> tuple[Sleutelkast, Sessies]:
        afmeldingen = Afmeldingen(self, klok=self.klok)
        return (
            Sleutelkast(
                self.open_register(), lambda: GEHEIM, afmeldingen=afmeldingen, klok=self.klok
            ),
            Sessies(BELEID, lambda: GEHEIM, afmeldingen=afmeldingen, klok=self.klok),
        )

    def wait(self, seconden: float) -> None:
        self.nu += timedelta(seconds=seconden)


@pytest.fixture
def huis(tmp_path: Path) -> Huis:
    return Huis(tmp_path)


def open_key(kast: Sleutelkast, huis: Huis) -> str:
    sessie = kast.open_sessie(huis.sleutel.encode())
    assert sessie is not None
    return sessie


def open_provider(sessies: Sessies, huis: Huis, seconden: float = 3600) -> str:
    tot = huis.klok() + seconden
    return sessies.open_sessie("anna", find_rollen(["lezer"]), tot)[0]


def test_session_that_one_worker_ended_is_over_in_another_within_half_a_minute(huis: Huis) -> None:
    (kast, sessies), (andere_kast, andere_sessies) = huis.open_worker(), huis.open_worker()
    van_sleutel, blijft = open_key(kast, huis), open_key(kast, huis)
    van_aanbieder = open_provider(sessies, huis)
    assert andere_kast.find_sessie(van_sleutel)
    assert andere_sessies.find_sessie(van_aanbieder)

    kast.close_sessie(van_sleutel)
    assert sessies.close_sessie(van_aanbieder)

    assert kast.find_sessie(van_sleutel) is None, "here at once"
    assert sessies.find_sessie(van_aanbieder) is None
    huis.wait(VERS)
    assert VERS <= 30
    assert andere_kast.find_sessie(van_sleutel) is None
    assert andere_sessies.find_sessie(van_aanbieder) is None
    assert andere_kast.find_sessie(blijft)


def test_session_that_was_ended_is_over_after_a_restart_too(huis: Huis) -> None:
    kast, sessies = huis.open_worker()
    van_sleutel, van_aanbieder = open_key(kast, huis), open_provider(sessies, huis)
    kast.close_sessie(van_sleutel)
    sessies.close_sessie(van_aanbieder)

    kast, sessies = huis.open_worker()

    assert kast.find_sessie(van_sleutel) is None
    assert sessies.find_sessie(van_aanbieder) is None


def test_list_of_ended_sessions_is_read_once_in_half_a_minute(huis: Huis) -> None:
    kast, sessies = huis.open_worker()
    een, ander = open_key(kast, huis), open_provider(sessies, huis)
    for _ in range(50):
        assert kast.find_sessie(een)
        assert sessies.find_sessie(ander)
    assert huis.gelezen == 1


def test_store_that_is_away_shuts_out_nobody_of_a_provider_and_forgets_nothing(huis: Huis) -> None:
    sessies, andere = huis.open_worker()[1], huis.open_worker()[1]
    vroeger, later = open_provider(sessies, huis), open_provider(sessies, huis)
    blijft = open_provider(sessies, huis)
    sessies.close_sessie(vroeger)
    assert andere.find_sessie(vroeger) is None
    huis.is_weg = True
    huis.wait(VERS)

    assert sessies.close_sessie(later), "ended here, also when nobody else hears of it"

    assert sessies.find_sessie(later) is None
    assert andere.find_sessie(vroeger) is None
    gelezen = huis.gelezen
    for _ in range(50):
        assert andere.find_sessie(blijft)
    assert huis.gelezen == gelezen, "a store that is away is not asked at every request"


def test_clock_that_is_set_back_does_not_keep_an_old_list(huis: Huis) -> None:
    sessies, andere = huis.open_worker()[1], huis.open_worker()[1]
    sessie = open_provider(sessies, huis)
    assert andere.find_sessie(sessie)
    sessies.close_sessie(sessie)
    huis.wait(-5)

    assert andere.find_sessie(sessie) is None


def test_store_holds_nothing_of_who_it_was_nor_of_the_cookie(huis: Huis) -> None:
    kast, sessies = huis.open_worker()
    waarden = [open_key(kast, huis), open_provider(sessies, huis)]
    kast.close_sessie(waarden[0])
    sessies.close_sessie(waarden[1])

    with create_engine(url_of_file(huis.pad)).connect() as verbinding:
        rijen = verbinding.execute(text("select * from afmelding")).all()
    assert {rij[0] for rij in rijen} == {hash_sessie(w.rpartition(".")[0]) for w in waarden}
    assert {len(rij) for rij in rijen} == {2}
    assert not any(deel in str(rijen) for w in waarden for deel in w.split(".")[2:])


def test_ended_session_leaves_the_store_when_it_would_be_over_anyhow(huis: Huis) -> None:
    kast, _ = huis.open_worker()
    kast.close_sessie(open_key(kast, huis))
    assert len(huis.register.list_afmeldingen()) == 1
    huis.wait(SESSIE_SECONDEN)
    assert huis.register.list_afmeldingen() == {}
    huis.wait(2 * 86_400)
    kast.close_sessie(open_key(kast, huis))

    with create_engine(url_of_file(huis.pad)).connect() as verbinding:
        assert verbinding.scalar(text("select count(*) from afmelding")) == 1


def test_ending_twice_is_one_row_that_nobody_can_move_to_another_moment(huis: Huis) -> None:
    for _ in range(2):
        huis.register.add_afmelding("a" * 64, huis.nu + timedelta(hours=1))
    assert len(huis.register.list_afmeldingen()) == 1

    with (
        create_engine(url_of_file(huis.pad)).begin() as verbinding,
        pytest.raises(DBAPIError, match="niet gewijzigd"),
    ):
        verbinding.execute(text("update afmelding set vervalt_op = '2000-01-01'"))


def test_store_without_keys_lets_go_of_old_ended_sessions_too(tmp_path: Path) -> None:
    register = Toegangsregister(url_of_file(tmp_path / "leeg.sqlite"), nu=lambda: BEGIN)
    assert register.purge(BEGIN.date()) == ()
    register.add_afmelding("a" * 64, BEGIN)
    later = (BEGIN + timedelta(days=1_000)).date()

    gezegd = register.purge(later, dry_run=True)
    assert [deel.tabel for deel in gezegd] == ["afmelding"]
    assert register.purge(BEGIN.date()) == ()
    assert register.purge(later) == gezegd
    assert register.purge(later) == ()


def test_looking_for_ended_sessions_makes_no_file(tmp_path: Path) -> None:
    register = Toegangsregister(url_of_file(tmp_path / "leeg.sqlite"))
    assert not Afmeldingen(register).is_uit("x")
    assert list(tmp_path.iterdir()) == []


def test_store_of_before_takes_ended_sessions_after_its_migration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = url_of_file(tmp_path / "toegang.sqlite")
    naar, upgrade = "0001", command.upgrade
    with monkeypatch.context() as oud:
        oud.setattr(command, "upgrade", lambda instelling, _: upgrade(instelling, naar))
        vroeger = Toegangsregister(url, nu=lambda: BEGIN)
        vroeger.issue(GEHEIM, "Anna", ["lezer"], organisatie="ons", door="Bert", dagen=10)

    register = Toegangsregister(url, nu=lambda: BEGIN)
    register.add_afmelding("a" * 64, BEGIN + timedelta(hours=1))

    assert [sleutel.naam for sleutel in register.list_sleutels()] == ["Anna"]
    assert list(register.list_afmeldingen()) == ["a" * 64]
