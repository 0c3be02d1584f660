"""Readers from elsewhere: nothing they can get depends on what is not theirs, byte for byte.

Two releases that differ in everything a reader may not see (other themes, complexes, scores,
values, chances, exact counts) must be the same to that reader.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from serving.release import schema
from serving.release.publiek import publieke_waarde
from tests.unit.serving.deuren import BASIS, Huis, iter_adressen, open_huis
from tests.unit.serving.voorbeeld_release import build_tables, publish_example
from vera.toegang import NIEMAND, OPENBAAR, ROLLEN, Lezer, find_rollen

PARTNERS = [rol.naam for rol in ROLLEN.values() if rol.is_partner]
BUITEN = [*PARTNERS, "niemand", "woonfraude", "melder", "privacy", "beheer"]


def make_lezer(wie: str) -> Lezer:
    return NIEMAND if wie == "niemand" else Lezer(wie, find_rollen([wie]))


def _change_label(rij: dict[str, Any], themas: frozenset[str]) -> dict[str, Any]:
    """Change all that a reader of these themes does not see of this row."""
    is_eigen = rij["niveau"] != "complex" and rij["thema_code"] in themas
    label = rij["sociaal_beheer_label"]
    if label is not None and not is_eigen:
        label = 6 - label if label != 3 else 5
    anders = {
        kolom: None if rij[kolom] is None else 1 + rij[kolom] % 5
        for kolom in ("ruw_sociaal_beheer_label", "model_sociaal_beheer_label", "label_laag")
    }
    anders |= {
        f"kans_{k}": None if rij[f"kans_{k}"] is None else rij[f"kans_{6 - k}"] for k in range(1, 6)
    }
    return {
        **rij,
        **anders,
        "sociaal_beheer_label": label,
        "score": None if rij["score"] is None else 100 - rij["score"],
        "standaardfout": None if rij["standaardfout"] is None else rij["standaardfout"] + 3,
        "aandeel_van_totaal": 0.125,
        "gewicht_dekking": 0.7,
        "betrouwbaarheid": "laag",
        "reden_label_code": "twee_kwartalen",
    }


def _change_object(rij: dict[str, Any]) -> dict[str, Any]:
    if rij["niveau"] == "complex":
        return {
            **rij,
            "naam": f"Ander {rij['beheerobject_id']}",
            "straatnamen": "Nieuwstraat",
            "verhuureenheden_aantal": rij["verhuureenheden_aantal"] + 7,
            "gebouwtype_naam": "Toren",
        }
    return rij


def change_hidden(themas: frozenset[str]) -> dict[str, pa.Table]:
    """The example with everything changed that is not of a reader of these themes."""
    tabellen = build_tables()

    def rewrite(tabel: schema.Tabel, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        rijen = [change(rij) for rij in tabellen[tabel.naam].to_pylist()]
        tabellen[tabel.naam] = pa.Table.from_pylist(rijen, schema=tabel.kolommen)

    rewrite(schema.LABEL, lambda rij: _change_label(rij, themas))
    rewrite(schema.BEHEEROBJECT, _change_object)
    rewrite(
        schema.INDICATORWAARDE,
        lambda rij: {
            **rij,
            **{
                kolom: None if rij[kolom] is None else rij[kolom] * -1.5 + 0.25
                for kolom in ("waarde", "stratum_waarde", "gestandaardiseerd", "bijdrage")
            },
        },
    )
    rewrite(schema.THEMASIGNAAL, lambda rij: {**rij, "aantal_recent": rij["aantal_recent"] + 5})
    rewrite(schema.CONTEXT, lambda rij: {**rij, "waarde": (rij["waarde"] or 0) + 1})
    rewrite(schema.DEKKING, lambda rij: {**rij, "aandeel_gedekt": 0.5})
    return tabellen


def iter_answers(huis: Huis, wie: str, release_id: str) -> Iterator[tuple[str, bytes]]:
    """Everything that somebody can get, the release's own id made the same."""
    client = TestClient(huis.app, base_url=BASIS, raise_server_exceptions=False)
    sleutel = huis.sleutels.get(wie)
    koppen = {"authorization": f"Bearer {sleutel}"} if sleutel else {}
    adressen = [adres for deur, adres in iter_adressen(huis.app) if "GET" in deur.methoden]
    adressen.remove("/metrieken")  # counts and times this very run
    themas = schema.THEMAS
    adressen += [f"/v1/buurten/{b}" for b in ("BU02", "BU03")]
    adressen += [f"/v1/buurten/{b}/sociaal-beheer-labels" for b in ("BU02", "BU03")]
    adressen += [f"/buurten/{b}" for b in ("BU02", "BU03")]
    for thema in themas:
        adressen += [f"/?thema={thema}", f"/?thema={thema}&kaart=complexen"]
        for sorteer in ("score", "-score", "aantalVerhuureenheden", "-aantalVerhuureenheden"):
            adressen += [
                f"/v1/{c}?thema={thema}&sorteer={sorteer}"
                for c in ("complexen", "buurten", "wijken")
            ]
        for label in range(1, 6):
            adressen += [f"/v1/buurten?thema={thema}&label={label}",
                         f"/buurten?thema={thema}&label={label}"]  # fmt: skip
    adressen += ["/zoeken?zoek=eik", "/zoeken?zoek=kade", "/v1/buurten?zoek=eikenlaan"]
    for tabel in schema.TABELLEN.values():
        adressen += [f"/v1/exports/{tabel.export}.{soort}" for soort in ("csv", "parquet")]
    for adres in adressen:
        antwoord = client.get(adres, headers=koppen)
        eigen = {"set-cookie", "x-request-id"}  # another at every request
        kop = repr(sorted((k, v) for k, v in antwoord.headers.items() if k not in eigen))
        inhoud = f"{antwoord.status_code} {kop}\n".encode() + antwoord.content
        inhoud = inhoud.replace(release_id.encode(), b"RELEASE")
        yield adres, _drop_bewijs(inhoud)


def _drop_bewijs(inhoud: bytes) -> bytes:
    """Leave out the token of a form, which is drawn anew."""
    import re

    return re.sub(rb'name="bewijs" value="[\w-]{43}"', b"", inhoud)


def _open(tmp: Path, tabellen: Mapping[str, pa.Table]) -> tuple[Huis, str]:
    releases = tmp / "releases"
    release = publish_example(releases, tabellen)
    # When it was written is on every page, and is not the same for two of them.
    run = release / schema.BESTAND_MANIFEST_RUN
    run.chmod(0o644)
    run.write_text(json.dumps({"geschreven_op": "2026-11-22T12:00:00Z"}), encoding="utf-8")
    return open_huis(releases, tmp), release.name


@pytest.fixture(scope="module")
def gewoon(tmp_path_factory: pytest.TempPathFactory) -> tuple[Huis, str]:
    return _open(tmp_path_factory.mktemp("gewoon"), build_tables())


@pytest.mark.parametrize("wie", BUITEN)
def test_nothing_that_somebody_from_elsewhere_gets_depends_on_what_is_not_theirs(
    gewoon: tuple[Huis, str], tmp_path: Path, wie: str
) -> None:
    anders = _open(tmp_path, change_hidden(make_lezer(wie).themas))

    verschil = [
        adres
        for (adres, een), (_, twee) in zip(
            iter_answers(gewoon[0], wie, gewoon[1]),
            iter_answers(anders[0], wie, anders[1]),
            strict=True,
        )
        if een != twee
    ]

    # To whoever reports, names of complexes are shown to choose from: names, and nothing else.
    assert [adres for adres in verschil if not adres.startswith("/sociaal-signaal")] == []


def test_the_two_releases_do_differ_for_a_reader(gewoon: tuple[Huis, str], tmp_path: Path) -> None:
    anders = _open(tmp_path, change_hidden(make_lezer("politie").themas))

    verschil = {
        adres
        for (adres, een), (_, twee) in zip(
            iter_answers(gewoon[0], "lezer", gewoon[1]),
            iter_answers(anders[0], "lezer", anders[1]),
            strict=True,
        )
        if een != twee
    }

    assert {"/", "/v1/buurten/BU01", "/buurten/BU01", "/v1/complexen/C001",
            "/v1/exports/sociaal_beheer_label.csv", "/v1/exports/indicatorwaarde.parquet",
            "/v1/buurten?thema=FIN&label=5"} <= verschil  # fmt: skip


@pytest.mark.parametrize("wie", ["politie", "ondernemer"])
def test_police_and_shopkeepers_get_no_financial_or_social_code_nor_risk_in_any_figure(
    gewoon: tuple[Huis, str], wie: str
) -> None:
    for adres, inhoud in iter_answers(gewoon[0], wie, gewoon[1]):
        # How the method works is public, and names its themes; the page on privacy too.
        is_uitleg = adres.startswith(("/methode", "/privacy", "/statisch", "/v1/openapi"))
        is_geweigerd = inhoud[:3] in {b"401", b"403", b"404"}
        if is_uitleg or is_geweigerd:
            continue
        for woord in (b'"FIN"', b'"SOC"', b"Financi", b"Sociale draagkracht", b"achterstand",
                      b"fin_", b"soc_", b"risico", b"rangorde", b'"kans"'):  # fmt: skip
            assert woord not in inhoud, (adres, woord)


@pytest.mark.parametrize("wie", [*PARTNERS, "lezer"])
def test_export_of_areas_holds_cell_by_cell_what_the_role_may_see(
    gewoon: tuple[Huis, str], wie: str
) -> None:
    huis, _ = gewoon
    antwoord = TestClient(huis.app, base_url=BASIS).get(
        "/v1/exports/gebiedslabels",
        headers={"authorization": f"Bearer {huis.sleutels[wie]}"},
    )
    tabellen = build_tables()
    labels = {
        (rij["niveau"], rij["beheerobject_id"], rij["thema_code"]): rij
        for rij in sorted(
            tabellen[schema.LABEL.naam].to_pylist(), key=lambda rij: str(rij["peildatum"])
        )
        if rij["is_gepubliceerde_grondslag"]
    }
    objecten = {
        (rij["niveau"], rij["beheerobject_id"]): rij
        for rij in tabellen[schema.BEHEEROBJECT.naam].to_pylist()
        if rij["niveau"] != "complex"
    }

    lezer = csv.DictReader(io.StringIO(antwoord.text), delimiter=";")
    rijen = {(rij["niveau"], rij["id"]): rij for rij in lezer}

    codes = [code for code in schema.THEMAS if code in ROLLEN[wie].themas]
    vooraan = ["niveau", "id", "naam", "wijk_id", "grondslag", "peildatum", "woningen_vijftal"]
    assert lezer.fieldnames == [*vooraan, *(f"label_{code.lower()}" for code in codes)]
    assert set(rijen) == set(objecten)
    for sleutel, rij in rijen.items():
        bron = objecten[sleutel]
        verwacht = {
            "niveau": sleutel[0],
            "id": sleutel[1],
            "naam": bron["naam"],
            "wijk_id": bron["wijk_id"] if sleutel[0] == "buurt" else "",
            "grondslag": labels[(*sleutel, "TOT")]["grondslag"],
            "peildatum": labels[(*sleutel, "TOT")]["peildatum"].isoformat(),
            "woningen_vijftal": str(
                publieke_waarde(bron["verhuureenheden_aantal"], *sleutel, "verhuureenheden_aantal")
            ),
            **{
                f"label_{code.lower()}": str(labels[(*sleutel, code)]["sociaal_beheer_label"] or "")
                for code in codes
            },
        }
        assert rij == verwacht


def test_own_figures_of_a_handful_of_dwellings_are_not_for_others(tmp_path: Path) -> None:
    tabellen = build_tables()
    rijen = tabellen[schema.BEHEEROBJECT.naam].to_pylist()
    for rij in rijen:
        if rij["beheerobject_id"] == "BU01":
            rij["verhuureenheden_aantal"] = 9
    tabellen[schema.BEHEEROBJECT.naam] = pa.Table.from_pylist(
        rijen, schema=schema.BEHEEROBJECT.kolommen
    )
    huis, _ = _open(tmp_path, tabellen)
    client = TestClient(huis.app, base_url=BASIS)
    eigen = {"authorization": f"Bearer {huis.sleutels['lezer']}"}
    ander = {"authorization": f"Bearer {huis.sleutels['gemeente']}"}

    assert client.get("/v1/buurten/BU01", headers=eigen).json()["sociaalBeheerLabel"]["waarde"]
    label = client.get("/v1/buurten/BU01", headers=ander).json()["sociaalBeheerLabel"]
    assert label["waarde"] is None
    assert label["redenOnbekend"] == "minder dan 10 woningen"
    assert {thema["waarde"] for thema in label["themas"]} == {None}
    historie = client.get("/v1/buurten/BU01/sociaal-beheer-labels", headers=ander).json()["labels"]
    assert {regel["waarde"] for regel in historie if regel["grondslag"] == "eigen"} == {None}
    lijst = client.get("/v1/buurten", headers=ander).json()["resultaten"]
    (regel,) = [r for r in lijst if r["id"] == "BU01"]
    assert regel["sociaalBeheerLabel"]["waarde"] is None
    assert client.get("/buurten/BU01", headers=ander).status_code == 200


def test_theme_of_another_role_is_refused_and_not_offered(gewoon: tuple[Huis, str]) -> None:
    huis, _ = gewoon
    client = TestClient(huis.app, base_url=BASIS)
    koppen = {"authorization": f"Bearer {huis.sleutels['politie']}"}

    assert client.get("/v1/buurten?thema=FIN", headers=koppen).status_code == 403
    assert client.get("/v1/buurten?thema=OVL", headers=koppen).status_code == 200
    assert client.get("/buurten?thema=SOC", headers=koppen).status_code == 403
    pagina = client.get("/buurten", headers=koppen).text
    assert '<option value="OVL"' in pagina
    assert '<option value="FIN"' not in pagina
    assert client.get("/v1/buurten?thema=OVL").status_code == 403, "nobody has the total and LFB"


def test_answers_for_others_have_the_shape_of_the_document(gewoon: tuple[Huis, str]) -> None:
    from serving.api import modellen

    huis, _ = gewoon
    client = TestClient(huis.app, base_url=BASIS)
    for wie in ("gemeente", "sociaal_team"):
        koppen = {"authorization": f"Bearer {huis.sleutels[wie]}"}
        for adres, model in (
            ("/v1/buurten/BU01", modellen.Buurt),
            ("/v1/buurten/BU03", modellen.Buurt),
            ("/v1/wijken/WK01", modellen.Wijk),
            ("/v1/buurten", modellen.Lijst),
            ("/v1/buurten/BU01/sociaal-beheer-labels", modellen.Labelhistorie),
            ("/v1/releases/actueel", modellen.ActueleRelease),
        ):
            model.model_validate(client.get(adres, headers=koppen).json())


def test_social_team_sees_reasons_of_a_complex_and_no_values(gewoon: tuple[Huis, str]) -> None:
    from serving.api import modellen

    huis, _ = gewoon
    client = TestClient(huis.app, base_url=BASIS)
    koppen = {"authorization": f"Bearer {huis.sleutels['sociaal_team']}"}
    antwoord = client.get("/v1/complexen/C001", headers=koppen).json()
    modellen.Complex.model_validate(antwoord)

    redenen = antwoord["sociaalBeheerLabel"]["redenen"]
    assert redenen["omhoog"]
    for reden in (*redenen["omhoog"], *redenen["omlaag"]):
        assert reden["indicator"]["naam"]
        for naam in ("waarde", "stratumWaarde", "portefeuilleWaarde", "bijdrage"):
            assert reden[naam] is None
    pagina = client.get("/complexen/C001", headers=koppen)
    assert pagina.status_code == 200
    assert "Bij uw rol hoort deze waarde niet." in pagina.text
    assert "Alle metingen" not in pagina.text
    assert client.get("/v1/wat-als", headers=koppen).status_code == 403


def test_browser_that_others_used_before_is_not_told_that_nothing_changed(
    gewoon: tuple[Huis, str],
) -> None:
    huis, _ = gewoon
    client = TestClient(huis.app, base_url=BASIS)
    for adres in ("/v1/buurten/BU01", "/v1/buurten", "/buurten/BU01", "/",
                  "/v1/exports/gebiedslabels"):  # fmt: skip
        etags = set()
        for wie in ("lezer", "sociaal_team", "politie", "gemeente"):
            koppen = {"authorization": f"Bearer {huis.sleutels[wie]}"}
            antwoord = client.get(adres, headers=koppen)
            etags.add(antwoord.headers["etag"])
            assert antwoord.headers["vary"] == "Authorization, Cookie"
            assert antwoord.headers["cache-control"] == "private, no-cache"
        assert len(etags) == 4, adres


def test_public_role_of_the_table_is_what_nobody_gets(gewoon: tuple[Huis, str]) -> None:
    client = TestClient(gewoon[0].app, base_url=BASIS)

    antwoord = client.get("/v1/buurten/BU01").json()

    themas = {thema["code"] for thema in antwoord["sociaalBeheerLabel"]["themas"]} | {"TOT"}
    assert themas == OPENBAAR.themas
    assert json.dumps(antwoord).count("C00") == 0
