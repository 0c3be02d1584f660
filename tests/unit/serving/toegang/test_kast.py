"""Which keys open something now: how soon a revoked one stops, and sessions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from serving.toegang.kast import SESSIE_SECONDEN, VERS, Sleutelkast
from serving.toegang.register import Sleutel, ToegangFout, hash_sleutel

GEHEIM = b"g" * 32
BEGIN = datetime(2026, 11, 24, 9, 30, tzinfo=UTC).timestamp()
SLEUTEL = b"bp_" + b"a" * 43


class Wereld:
    """A clock that stands still until it is moved, and a store of one key."""

    def __init__(self) -> None:
        self.tijd = BEGIN
        self.ingetrokken: float | None = None
        self.is_weg = False
        self.gelezen = 0
        self.kast = self.make_kast()

    def make_kast(self, geheim: bytes = GEHEIM) -> Sleutelkast:
        return Sleutelkast(self, lambda: geheim, klok=lambda: self.tijd)

    def list_sleutels(self) -> tuple[Sleutel, ...]:
        self.gelezen += 1
        if self.is_weg:
            raise ToegangFout("weg")
        return (
            Sleutel(
                id=7,
                vingerafdruk=hash_sleutel(GEHEIM, SLEUTEL),
                naam="Anna",
                organisatie="ons",
                rollen=("lezer", "opgeheven_rol"),
                door="Bert",
                uitgegeven_op=datetime.fromtimestamp(BEGIN, UTC),
                vervalt_op=datetime.fromtimestamp(BEGIN + 86_400, UTC),
                ingetrokken_op=None
                if self.ingetrokken is None
                else datetime.fromtimestamp(self.ingetrokken, UTC),
            ),
        )


@pytest.fixture
def wereld() -> Wereld:
    return Wereld()


def test_key_gives_its_holder_and_another_gives_nobody(wereld: Wereld) -> None:
    lezer = wereld.kast.find_lezer(SLEUTEL)

    assert lezer is not None
    assert lezer.naam == "Anna"
    assert [rol.naam for rol in lezer.rollen] == ["lezer"], "a role that is gone gives nothing"
    for ander in (b"", SLEUTEL[:-1], SLEUTEL + b"a", b"bp_" + b"b" * 43):
        assert wereld.kast.find_lezer(ander) is None


def test_hash_of_the_store_opens_nothing_without_our_secret(wereld: Wereld) -> None:
    assert wereld.make_kast(b"h" * 32).find_lezer(SLEUTEL) is None
    assert wereld.kast.find_lezer(hash_sleutel(GEHEIM, SLEUTEL).encode()) is None


def test_revoked_key_stops_within_half_a_minute_and_its_session_with_it(wereld: Wereld) -> None:
    sessie = wereld.kast.open_sessie(SLEUTEL)
    assert sessie is not None
    wereld.ingetrokken = wereld.tijd

    wereld.tijd += VERS - 0.1
    assert wereld.kast.find_lezer(SLEUTEL) is not None, "or the store is asked at every request"
    wereld.tijd = BEGIN + VERS
    assert wereld.kast.find_lezer(SLEUTEL) is None
    assert wereld.kast.find_sessie(sessie) is None
    assert VERS <= 30


def test_store_is_asked_once_in_half_a_minute_also_for_keys_that_open_nothing(
    wereld: Wereld,
) -> None:
    for _ in range(100):
        wereld.kast.find_lezer(SLEUTEL)
        wereld.kast.find_lezer(b"bp_x")

    assert wereld.gelezen == 1


def test_key_stops_at_the_moment_it_expires(wereld: Wereld) -> None:
    wereld.tijd = BEGIN + 86_400 - 1
    assert wereld.kast.find_lezer(SLEUTEL) is not None
    wereld.tijd += 1
    assert wereld.kast.find_lezer(SLEUTEL) is None


def test_store_that_is_away_shuts_every_key(wereld: Wereld) -> None:
    wereld.kast.find_lezer(SLEUTEL)
    wereld.is_weg = True
    wereld.tijd += VERS

    with pytest.raises(ToegangFout):
        wereld.kast.find_lezer(SLEUTEL)


def test_clock_that_is_set_back_does_not_keep_an_old_list(wereld: Wereld) -> None:
    wereld.kast.find_lezer(SLEUTEL)
    wereld.ingetrokken = wereld.tijd
    wereld.tijd -= 3600

    assert wereld.kast.find_lezer(SLEUTEL) is None


def test_session_ends_after_its_hours_and_at_logging_out(wereld: Wereld) -> None:
    sessie, ander = wereld.kast.open_sessie(SLEUTEL), wereld.kast.open_sessie(SLEUTEL)
    assert sessie is not None
    assert ander is not None
    wereld.kast.close_sessie(sessie)

    assert wereld.kast.find_sessie(sessie) is None
    assert wereld.kast.find_sessie(ander) is not None
    wereld.tijd += SESSIE_SECONDEN
    assert wereld.kast.find_sessie(ander) is None
    assert wereld.kast.open_sessie(b"bp_anders") is None


def test_session_that_is_made_up_or_changed_is_nobody(wereld: Wereld) -> None:
    sessie = wereld.kast.open_sessie(SLEUTEL)
    assert sessie is not None
    nummer, eind, keuze, zegel = sessie.split(".")

    for waarde in (
        "",
        "a.b.c.d",
        f"8.{eind}.{keuze}.{zegel}",
        f"{nummer}.{int(eind) + 1}.{keuze}.{zegel}",
        f"{nummer}.{eind}.anders.{zegel}",
        f"{nummer}.{eind}.{keuze}.",
        sessie + ".x",
    ):
        assert wereld.kast.find_sessie(waarde) is None
    assert wereld.make_kast(b"h" * 32).find_sessie(sessie) is None


def test_session_holds_nothing_of_the_key(wereld: Wereld) -> None:
    sessie = wereld.kast.open_sessie(SLEUTEL)

    assert sessie is not None
    assert SLEUTEL.decode() not in sessie
    assert hash_sleutel(GEHEIM, SLEUTEL) not in sessie
