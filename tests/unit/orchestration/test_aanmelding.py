"""Settings of provider, limits and proxies; and that no secret works where it was not given."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from orchestration.aanmelding import read_beleid, read_grenzen
from orchestration.cli.diensten import build_service, find_adres
from orchestration.instellingen import Instellingen, read_instellingen
from orchestration.werkmap import Werkmap
from serving.api.rem import Grenzen
from serving.api.toegang import SESSIEKOEKJE
from serving.opslag import url_of_file
from serving.toegang.peper import load_geheim
from serving.toegang.register import Toegangsregister
from tests.unit.serving.pagina.test_aanmelden import find_bewijs
from tests.unit.serving.voorbeeld_release import publish_example
from vera.errors import GebruikFout

GOED = {
    "BUURTPEIL_OIDC_ISSUER": "https://login.example/tenant/v2.0",
    "BUURTPEIL_OIDC_AUDIENCE": "api://buurtpeil",
    "BUURTPEIL_OIDC_ROLLEN": "SBL.Lezer=lezer, SBL.Wijk=wijkbeheer",
}


def test_provider_of_the_settings() -> None:
    beleid = read_beleid(
        read_instellingen(
            {
                **GOED,
                "BUURTPEIL_OIDC_CLIENT_ID": "pagina",
                "BUURTPEIL_OIDC_CLIENT_SECRET": "geheim",
                "BUURTPEIL_OIDC_ROLLEN_CLAIM": "realm_access.roles",
                "BUURTPEIL_OIDC_NAAM_CLAIM": "oid",
                "BUURTPEIL_OIDC_NAAM": "Voorbeeld Wonen",
            }
        )
    )

    assert beleid is not None
    assert (beleid.uitgever, beleid.audience) == (GOED["BUURTPEIL_OIDC_ISSUER"], "api://buurtpeil")
    assert dict(beleid.rollen) == {"SBL.Lezer": ("lezer",), "SBL.Wijk": ("wijkbeheer",)}
    assert (beleid.rollen_claim, beleid.naam_claim) == ("realm_access.roles", "oid")
    assert (beleid.client_id, beleid.client_geheim) == ("pagina", "geheim")
    assert read_beleid(read_instellingen({})) is None


def test_secret_of_the_page_can_be_in_a_file_that_not_everybody_reads(tmp_path: Path) -> None:
    bestand = tmp_path / "geheim"
    bestand.write_text("g1\n")
    bestand.chmod(0o600)
    omgeving = {
        **GOED,
        "BUURTPEIL_OIDC_CLIENT_ID": "pagina",
        "BUURTPEIL_OIDC_CLIENT_SECRET_BESTAND": str(bestand),
    }

    beleid = read_beleid(read_instellingen(omgeving))

    assert beleid is not None
    assert beleid.client_geheim == "g1"
    bestand.chmod(0o644)
    with pytest.raises(GebruikFout, match="iedereen"):
        read_beleid(read_instellingen(omgeving))
    bestand.unlink()
    with pytest.raises(GebruikFout, match="niet te lezen"):
        read_beleid(read_instellingen(omgeving))
    with pytest.raises(GebruikFout, match="niet te lezen"):
        read_beleid(read_instellingen({**omgeving, "BUURTPEIL_OIDC_CLIENT_SECRET": "g2"}))


@pytest.mark.parametrize(
    ("omgeving", "waarom"),
    [
        ({"BUURTPEIL_OIDC_CLIENT_ID": "pagina"}, "niet wie dat is"),
        ({"BUURTPEIL_OIDC_ROLLEN": "A=lezer"}, "niet wie dat is"),
        ({**GOED, "BUURTPEIL_OIDC_ISSUER": "http://login.example"}, "geen veilig adres"),
        ({**GOED, "BUURTPEIL_OIDC_ROLLEN": ""}, "welke rol"),
        ({**GOED, "BUURTPEIL_OIDC_ROLLEN": "A=directie"}, "directie"),
        ({**GOED, "BUURTPEIL_OIDC_AUDIENCE": ""}, "niemand"),
        ({**GOED, "BUURTPEIL_OIDC_CLIENT_ID": "api://buurtpeil"}, "heten bij de aanbieder"),
        ({**GOED, "BUURTPEIL_OIDC_SCOPE": "profile"}, "openid"),
    ],
)
def test_settings_of_a_provider_that_do_not_hold_stop_the_service(
    omgeving: dict[str, str], waarom: str, tmp_path: Path
) -> None:
    instellingen = read_instellingen({**omgeving, "BUURTPEIL_DATA": str(tmp_path)})
    with pytest.raises(GebruikFout, match=waarom):
        build_service(instellingen, host="0.0.0.0", adres="https://x.example")


def test_limits_of_the_settings() -> None:
    assert read_grenzen(read_instellingen({})) == Grenzen()
    grenzen = read_grenzen(
        read_instellingen(
            {
                "BUURTPEIL_GRENS_MENS": "10",
                "BUURTPEIL_GRENS_PROGRAMMA": "0",
                "BUURTPEIL_GRENS_ADRES": "30",
                "BUURTPEIL_GRENS_MISLUKT": "4",
                "BUURTPEIL_PROXIES": "10.0.0.7",
            }
        )
    )
    assert (grenzen.mens, grenzen.programma, grenzen.adres, grenzen.mislukt) == (10, 0, 30, 4)
    assert [str(net) for net in grenzen.proxies] == ["10.0.0.7/32"]
    for waarde in ("veel", "-1", "1.5", "٣"):
        with pytest.raises(GebruikFout, match="BUURTPEIL_GRENS_MENS"):
            read_grenzen(read_instellingen({"BUURTPEIL_GRENS_MENS": waarde}))


def make_data(pad: Path) -> tuple[Instellingen, str]:
    """Return an installation with a release and a key of every right that the demo has."""
    publish_example(pad / "releases")
    register = Toegangsregister(url_of_file(pad / "toegang.sqlite"))
    geheim = load_geheim(Werkmap.of(pad).sleutels)
    _, sleutel = register.issue(geheim, "demo", ["lezer"], organisatie="t", door="t", dagen=1)
    register.close()
    return Instellingen(data=pad), sleutel


def open_client(instellingen: Instellingen, host: str, client: str = "127.0.0.1") -> TestClient:
    adres = find_adres(instellingen, host=host, port=8000)
    app = build_service(instellingen, host=host, adres=adres)
    return TestClient(app, base_url="http://127.0.0.1:8000", client=(client, 5))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7"])
@pytest.mark.parametrize("client", ["127.0.0.1", "10.0.0.9"])
def test_service_that_others_reach_gives_nobody_anything_without_a_setting_or_a_key(
    tmp_path: Path, host: str, client: str
) -> None:
    instellingen, sleutel = make_data(tmp_path)
    klant = open_client(instellingen, host, client)

    for koppen in ({}, {"authorization": "Bearer bp_demo"}, {"authorization": "Bearer eyJ.x.y"},
                   {"authorization": "Basic YWRtaW46YWRtaW4="}):  # fmt: skip
        for adres in ("/v1/complexen", "/v1/complexen/C001", "/v1/exports/vorm.csv", "/complexen"):
            assert klant.get(adres, headers=koppen).status_code == 401
    koppen = {"authorization": f"Bearer {sleutel}"}
    assert klant.get("/v1/complexen/C001", headers=koppen).status_code == 200
    assert klant.get("/aanmelden/begin").status_code == 404, "there is no provider"


def test_key_of_one_data_folder_opens_nothing_in_another(tmp_path: Path) -> None:
    een, sleutel = make_data(tmp_path / "een")
    ander, eigen = make_data(tmp_path / "ander")
    # Also when its store is taken along: the secret is in another folder.
    meegenomen = Instellingen(data=tmp_path / "ander", toegang_url=een.toegang_adres)

    for instellingen, goed in ((een, sleutel), (ander, eigen)):
        klant = open_client(instellingen, "0.0.0.0")
        koppen = {"authorization": f"Bearer {goed}"}
        assert klant.get("/v1/complexen/C001", headers=koppen).status_code == 200
    for instellingen in (ander, meegenomen):
        klant = open_client(instellingen, "0.0.0.0")
        koppen = {"authorization": f"Bearer {sleutel}"}
        assert klant.get("/v1/complexen/C001", headers=koppen).status_code == 401


def log_in(klant: TestClient, sleutel: str) -> str:
    """Log in with a key at the form; return the session."""
    velden = {"bewijs": find_bewijs(klant.get("/aanmelden").text), "sleutel": sleutel}
    assert klant.post("/aanmelden", data=velden, follow_redirects=False).status_code == 303
    return str(klant.cookies[SESSIEKOEKJE])


def test_who_logged_out_is_logged_out_after_a_restart_of_the_service_too(tmp_path: Path) -> None:
    instellingen, sleutel = make_data(tmp_path)
    instellingen = replace(instellingen, basis_url="http://127.0.0.1:8000")
    klant = open_client(instellingen, "0.0.0.0")
    klant.headers["origin"] = "http://127.0.0.1:8000"
    sessie = log_in(klant, sleutel)
    klant.cookies.clear()
    blijft = log_in(klant, sleutel)
    klant.cookies.clear()
    klant.cookies[SESSIEKOEKJE] = sessie
    bewijs = find_bewijs(klant.get("/aanmelden").text)
    gegaan = klant.post("/afmelden", data={"bewijs": bewijs}, follow_redirects=False)
    assert gegaan.status_code == 303

    opnieuw = open_client(instellingen, "0.0.0.0")

    for waarde, status in ((sessie, 401), (blijft, 200)):
        koppen = {"cookie": f"{SESSIEKOEKJE}={waarde}"}
        assert opnieuw.get("/v1/complexen/C001", headers=koppen).status_code == status


def test_two_installations_have_no_secret_in_common(tmp_path: Path) -> None:
    geheimen = {load_geheim(tmp_path / naam) for naam in ("een", "twee", "drie")}
    assert len(geheimen) == 3
