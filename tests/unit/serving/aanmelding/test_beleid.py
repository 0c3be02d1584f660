"""What a provider's claims mean here, and which settings are refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from serving.aanmelding.beleid import (
    Beleid,
    check_adres,
    parse_rollen,
    read_naam,
    read_rollen,
)
from tests.unit.serving.aanmelding.uitgever import BELEID
from vera.errors import GebruikFout


def find(rollen: object, pad: str = "roles") -> list[str]:
    claims = {"roles": rollen} if pad == "roles" else {"realm_access": {"roles": rollen}}
    return [rol.naam for rol in read_rollen(replace(BELEID, rollen_claim=pad), claims)]


def test_name_of_the_provider_is_the_roles_that_are_written_for_it() -> None:
    assert find(["SBL.Lezer"]) == ["lezer"]
    assert find(["SBL.Wijk", "Iets.Anders"]) == ["lezer", "wijkbeheer"]
    assert find(["SBL.Lezer"], "realm_access.roles") == ["lezer"]


@pytest.mark.parametrize(
    "rollen",
    [
        None,
        [],
        "SBL.Lezer",
        "SBL.Lezer SBL.Wijk",
        {"SBL.Lezer": True},
        {"0": "SBL.Lezer"},
        [{"name": "SBL.Lezer"}],
        [["SBL.Lezer"]],
        ["SBL.Lezer", 7],
        ["SBL.Lezer", None],
        ["sbl.lezer"],
        ["SBL.LEZER"],
        [" SBL.Lezer"],
        ["SBL.Lezer "],
        ["SBL.Lezer\n"],
        ["SBL.Lezer\u200b"],
        ["lezer"],
        ["beheer"],
        ["openbaar"],
        [True],
        True,
        7,
    ],
)
def test_claim_that_is_not_a_list_of_names_that_are_written_gives_no_role(rollen: object) -> None:
    assert find(rollen) == []
    assert find(rollen, "realm_access.roles") == []


@pytest.mark.parametrize("claims", [{}, {"realm_access": []}, {"realm_access": "roles"}])
def test_path_to_nowhere_gives_no_role(claims: dict[str, Any]) -> None:
    assert read_rollen(replace(BELEID, rollen_claim="realm_access.roles"), claims) == ()


def test_name_for_the_log_is_the_subject_and_never_the_email_address_by_itself() -> None:
    claims = {"sub": "a1b2", "email": "anna@voorbeeld.example", "name": "Anna"}
    assert read_naam(BELEID, claims) == "a1b2"
    assert read_naam(replace(BELEID, naam_claim="name"), claims) == "Anna"


@pytest.mark.parametrize(
    "naam", [None, "", " ", " anna", "anna ", "a" * 81, "an\nna", "an\r\nna", "an\x00na",
             "an\u202ena", 7, ["anna"], {"a": 1}]
)  # fmt: skip
def test_name_that_cannot_be_read_in_the_log_is_none(naam: object) -> None:
    assert read_naam(BELEID, {"sub": naam}) is None


@pytest.mark.parametrize(
    "adres",
    [
        "http://aanbieder.example",
        "http://10.0.0.7",
        "http://127.0.0.1.elders.example",
        "http://localhost.elders.example",
        "http://0.0.0.0",
        "ftp://aanbieder.example",
        "aanbieder.example",
        "",
        "https://",
        "https://u:w@aanbieder.example",
        "https://aanbieder.example/#x",
        "https://aanbieder.example/a b",
        "https://aanbieder.example/\n",
        "https://[::1",
        "https://x:abc/",
    ],
)
def test_address_on_which_somebody_can_listen_in_is_refused(adres: str) -> None:
    with pytest.raises(GebruikFout, match="geen veilig adres"):
        check_adres(adres, "Het adres")
    with pytest.raises(GebruikFout):
        replace(BELEID, uitgever=adres)


@pytest.mark.parametrize(
    "adres",
    ["https://aanbieder.example/t", "http://127.0.0.1:9", "http://localhost", "http://[::1]:9"],
)
def test_address_of_https_or_of_this_machine_is_taken(adres: str) -> None:
    assert check_adres(adres, "Het adres") == adres


def test_provider_elsewhere_cannot_point_at_this_machine_without_https() -> None:
    with pytest.raises(GebruikFout):
        check_adres("http://127.0.0.1:9", "jwks_uri", is_hier=False)


def test_role_that_is_not_in_the_table_stops_the_service() -> None:
    with pytest.raises(GebruikFout, match="directie"):
        replace(BELEID, rollen=parse_rollen("A=directie"))
    with pytest.raises(GebruikFout, match="welke rol"):
        replace(BELEID, rollen={})


@pytest.mark.parametrize("tekst", ["lezer", "=lezer", "A=", "A=lezer,B"])
def test_list_of_roles_with_a_part_that_says_nothing_is_refused(tekst: str) -> None:
    with pytest.raises(GebruikFout, match="BUURTPEIL_OIDC_ROLLEN"):
        parse_rollen(tekst)


def test_api_that_has_the_name_of_the_page_stops_the_service() -> None:
    with pytest.raises(GebruikFout, match="id-token") as fout:
        replace(BELEID, audience=BELEID.client_id)
    assert "BUURTPEIL_OIDC_AUDIENCE" in fout.value.remedie
    assert "BUURTPEIL_OIDC_CLIENT_ID" in fout.value.verwacht


def test_api_alone_or_page_alone_may_have_any_name() -> None:
    assert replace(BELEID, audience="pagina", client_id=None).audience == "pagina"
    assert replace(BELEID, audience=None).client_id == "pagina"


def test_provider_for_nobody_or_without_openid_is_refused() -> None:
    with pytest.raises(GebruikFout, match="niemand"):
        Beleid("https://x.example", {"A": ("lezer",)})
    with pytest.raises(GebruikFout, match="openid"):
        replace(BELEID, scope="profile")
    with pytest.raises(GebruikFout, match="heten"):
        replace(BELEID, naam="\n")


def test_secret_of_the_page_is_not_printed() -> None:
    assert "g:e/h" not in repr(BELEID)
