"""Who holds a token: believed for half a minute, never past its end, and few are remembered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.aanmelding.tokenkast import VERS, Tokenkast
from serving.aanmelding.voorraad import Voorraad
from serving.api.toegang import TokensWeg
from tests.unit.serving.aanmelding.uitgever import ANDER, NU, Wereld, claim, publish, sign
from tests.unit.serving.wie import run_alone
from vera.toegang import Lezer


class Klok:
    def __init__(self) -> None:
        self.nu = NU

    def __call__(self) -> float:
        return self.nu


def examine(kast: Tokenkast, token: bytes) -> Lezer | None:
    return run_alone(kast.examine(token))


@pytest.fixture
def klok() -> Klok:
    return Klok()


@pytest.fixture
def wereld() -> Wereld:
    return Wereld()


@pytest.fixture
def kast(wereld: Wereld, klok: Klok) -> Tokenkast:
    return Tokenkast(wereld.make_aanbieder(), klok=klok)


def test_token_is_unknown_until_it_is_examined_and_then_known_for_half_a_minute(
    kast: Tokenkast, klok: Klok
) -> None:
    token = sign(claim())
    assert kast.find_lezer(token) is None

    lezer = examine(kast, token)

    assert lezer is not None
    assert (lezer.naam, lezer.organisatie) == ("anna", "Voorbeeld Wonen")
    assert [rol.naam for rol in lezer.rollen] == ["lezer"]
    assert kast.find_lezer(token) is lezer
    klok.nu += VERS - 0.1
    assert kast.find_lezer(token) is lezer
    klok.nu += 0.1
    assert kast.find_lezer(token) is None


def test_token_is_not_believed_past_its_end(kast: Tokenkast, klok: Klok) -> None:
    token = sign(claim(exp=NU + 5))
    assert examine(kast, token)
    klok.nu = NU + 5

    assert kast.find_lezer(token) is None
    assert examine(kast, token) is None


def test_token_that_held_once_is_known_for_that_until_its_end(kast: Tokenkast, klok: Klok) -> None:
    goed, vals = sign(claim(exp=NU + 300)), sign(claim(aud="x"))
    assert not kast.was_good(goed)
    examine(kast, goed)
    examine(kast, vals)

    klok.nu = NU + 299
    assert kast.was_good(goed)
    assert not kast.was_good(vals)
    klok.nu = NU + 300
    assert not kast.was_good(goed)


def test_token_that_is_refused_is_not_remembered_and_asks_no_keys(
    kast: Tokenkast, wereld: Wereld
) -> None:
    examine(kast, sign(claim()))
    gevraagd = len(wereld.gevraagd)

    for token in (
        sign(claim(exp=NU - 1)),
        sign(claim(aud="x")),
        b"eyJ.x.y",
        sign(claim(sub="a\nb")),
    ):
        assert examine(kast, token) is None
        assert kast.find_lezer(token) is None
    assert len(wereld.gevraagd) == gevraagd


def test_token_by_a_new_key_is_taken_as_soon_as_the_keys_may_be_asked_again(
    kast: Tokenkast, wereld: Wereld
) -> None:
    oud, nieuw = sign(claim()), sign(claim(), sleutel=ANDER, kid="nieuw")
    assert examine(kast, oud)
    sleutels = publish(ANDER)
    sleutels["keys"][0]["kid"] = "nieuw"
    wereld.inhoud["/tenant/jwks"] = sleutels

    assert examine(kast, nieuw) is None
    wereld.nu = 30
    assert examine(kast, nieuw)
    assert wereld.count("/tenant/jwks") == 2
    assert examine(kast, sign(claim(sub="bo"))) is None, "the old key is gone"


def test_provider_that_is_away_shuts_out_no_token_of_a_known_key(
    kast: Tokenkast, wereld: Wereld
) -> None:
    examine(kast, sign(claim()))
    wereld.weg = True
    wereld.nu = 5_000

    assert examine(kast, sign(claim(sub="bo")))
    wereld.nu = 6_000
    with pytest.raises(TokensWeg):
        examine(kast, sign(claim(), sleutel=ANDER, kid="nieuw"))


def test_without_any_key_nobody_can_say_whether_a_token_is_good(
    kast: Tokenkast, wereld: Wereld
) -> None:
    wereld.weg = True

    for _ in range(3):
        with pytest.raises(TokensWeg):
            examine(kast, sign(claim()))
    assert len(wereld.gevraagd) == 1, "or every such token asks the network"


def test_token_without_a_role_of_ours_is_somebody_without_a_role(kast: Tokenkast) -> None:
    for rollen in (None, ["Iets.Anders"], "SBL.Lezer", ["SBL.Lezer", {"a": 1}]):
        lezer = examine(kast, sign(claim(roles=rollen)))
        assert lezer is not None
        assert (lezer.naam, lezer.rollen) == ("anna", ())


def test_tokens_themselves_are_kept_nowhere(kast: Tokenkast) -> None:
    token = sign(claim())
    examine(kast, token)

    assert token not in kast._gezien._alles
    assert token.decode() not in repr(kast._gezien._alles)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 40)), max_size=60))
def test_never_more_is_kept_than_the_maximum_and_nothing_past_its_moment(
    stukken: list[tuple[int, int]],
) -> None:
    voorraad: Voorraad[int] = Voorraad(5)
    tot: dict[bytes, int] = {}
    for nu, (sleutel, duur) in enumerate(stukken):
        naam = str(sleutel).encode()
        voorraad.keep(naam, sleutel, nu + duur, nu)
        tot[naam] = nu + duur
        assert len(voorraad) <= 5
        assert voorraad.find(naam, nu) == sleutel
        for ander, eind in tot.items():
            if nu >= eind:
                assert voorraad.find(ander, nu) is None
