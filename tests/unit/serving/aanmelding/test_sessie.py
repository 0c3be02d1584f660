"""Sessions of who came by the provider."""

from __future__ import annotations

from dataclasses import replace

import pytest

from serving.aanmelding.sessie import Sessies
from tests.unit.serving.aanmelding.uitgever import BELEID, NU
from vera.toegang import find_rollen

ROLLEN = find_rollen(["lezer", "politie"])


class Klok:
    nu = NU

    def __call__(self) -> float:
        return self.nu


def make(klok: Klok, geheim: bytes = b"g" * 32, **anders: object) -> Sessies:
    return Sessies(replace(BELEID, **anders), lambda: geheim, klok=klok)  # type: ignore[arg-type]


def test_session_says_who_it_is_with_which_roles() -> None:
    klok = Klok()
    waarde, seconden = make(klok).open_sessie("Zoë – team", ROLLEN, NU + 100)

    lezer = make(klok).find_sessie(waarde)

    assert lezer is not None
    assert (lezer.naam, lezer.rollen, lezer.organisatie) == ("Zoë – team", ROLLEN, BELEID.naam)
    assert seconden == 100
    assert waarde.isascii()
    assert not set(waarde) & set(' ",;\\')


@pytest.mark.parametrize(("tot", "duur"), [(NU + 100, 100), (NU + 100_000, 8 * 3600)])
def test_session_ends_with_the_token_and_after_a_working_day_at_most(tot: float, duur: int) -> None:
    klok = Klok()
    sessies = make(klok)
    waarde, seconden = sessies.open_sessie("anna", ROLLEN, tot)

    assert seconden == duur
    klok.nu = NU + duur - 1
    assert sessies.find_sessie(waarde)
    klok.nu = NU + duur
    assert sessies.find_sessie(waarde) is None


@pytest.mark.parametrize(
    "anders",
    [{"geheim": b"h" * 32}, {"uitgever": "https://elders.example"}, {"client_id": "ander"},
     {"rollen": {"SBL.Lezer": ("lezer",)}}],
)  # fmt: skip
def test_session_of_another_installation_provider_or_agreement_is_none(
    anders: dict[str, object],
) -> None:
    klok = Klok()
    waarde, _ = make(klok).open_sessie("anna", ROLLEN, NU + 100)

    assert make(klok, **anders).find_sessie(waarde) is None  # type: ignore[arg-type]


def test_no_part_of_a_session_can_be_changed() -> None:
    klok = Klok()
    waarde, _ = make(klok).open_sessie("anna", ROLLEN, NU + 100)
    for plek in range(len(waarde)):
        ander = "A" if waarde[plek] != "A" else "B"
        vals = waarde[:plek] + ander + waarde[plek + 1 :]
        if vals[:-1] != waarde[:-1]:  # the last sign holds bits that say nothing
            assert make(klok).find_sessie(vals) is None, plek
    for vals in ("", "oidc.", "oidc...", f"{waarde}.x", "7.1.x.y", "oidc.9.é.x", waarde + "é"):
        assert make(klok).find_sessie(vals) is None


def test_session_that_was_ended_stays_ended_for_who_kept_the_cookie() -> None:
    sessies = make(Klok())
    een, _ = sessies.open_sessie("anna", ROLLEN, NU + 100)
    twee, _ = sessies.open_sessie("anna", ROLLEN, NU + 100)
    assert sessies.find_sessie(een)

    assert sessies.close_sessie(een)

    assert sessies.find_sessie(een) is None
    assert sessies.find_sessie(twee)
    assert not sessies.close_sessie(een)
    assert not sessies.close_sessie("7.1.x.y")


def test_role_that_is_not_in_the_table_any_more_gives_nothing() -> None:
    sessies = make(Klok())
    vroeger = replace(ROLLEN[0], naam="directeur")
    waarde, _ = sessies.open_sessie("anna", (vroeger, ROLLEN[1]), NU + 100)

    lezer = sessies.find_sessie(waarde)

    assert lezer is not None
    assert lezer.rollen == (ROLLEN[1],)
