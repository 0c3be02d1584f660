"""Every text that somebody else wrote, on every page that there is: shown as text, never markup."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from serving.app import create_app
from serving.besluit.duiding import Publicatie, Voorstel
from serving.initiatief.regels import Gegevens
from serving.initiatief.register import BESTAND as BESTAND_INITIATIEVEN
from serving.initiatief.register import Initiatiefregister
from serving.leeslog.keten import Keten
from serving.leeslog.regel import Lezing
from serving.opslag import url_of_file
from serving.pagina.ondergrond import Kaartlaag
from serving.pagina.privacy import Privacyblad
from serving.signaal.regels import Beleid
from serving.signaal.regels import Voorstel as Signaal
from serving.signaal.register import BESTAND as BESTAND_SIGNALEN
from serving.signaal.register import Signaalregister
from serving.signaal.sleutel import Sleutelbos
from serving.toegang.register import Toegangsregister
from tests.unit.serving.deuren import BASIS, GEHEIM, iter_adressen
from tests.unit.serving.voorbeeld_release import INHOUD, publish_example
from tests.unit.serving.werklijst.voorbeeld import Huis, make_lijst, make_regel, make_tables
from tests.unit.serving.wie import Als, Onthoudt
from vera.toegang import ROLLEN, Lezer, find_rollen

KWAAD = "<kwaad onload=x>\"'><b>{{7*7}}"
ONSCHADELIJK = "&lt;kwaad onload=x&gt;&#34;&#39;&gt;&lt;b&gt;{{7*7}}"
DAG = date(2026, 9, 1)
_VRIJ = ("naam", "namen", "omschrijving", "zin", "kaart", "bron")
"""How columns end that hold a text for people; others are codes, which a gate checks."""


def poison(tabel: pa.Table) -> pa.Table:
    """Add the text to everything in a table that may be any text."""
    for plek, veld in enumerate(tabel.schema):
        if pa.types.is_string(veld.type) and veld.name.endswith(_VRIJ):
            waarden = [w and f"{w} {KWAAD}" for w in tabel[veld.name].to_pylist()]
            tabel = tabel.set_column(plek, veld, pa.array(waarden, veld.type))
    return tabel


@pytest.fixture(scope="module")
def klant(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """Somebody with every role and a name like that, where everything has such texts."""
    map_ = tmp_path_factory.mktemp("vreemd")
    huis = Huis(map_)
    inhoud = {**INHOUD, "organisatie": KWAAD, "gemeente": KWAAD, "methodeversie": KWAAD}
    publish_example(
        huis.releases, {naam: poison(tabel) for naam, tabel in make_tables().items()}, inhoud
    )
    redenen = json.dumps([{"zin": KWAAD}])
    regels = [
        replace(make_regel(f"C00{k}", k, rang=k), redenen=redenen, band=KWAAD) for k in (1, 2, 3)
    ]
    for model in ("overlast", "woonfraude"):
        huis.werklijsten.add_werklijst(make_lijst(tuple(regels), model))
        nummer = huis.find_nummer("C001", model)
        huis.werklijsten.add_beoordeling(model, nummer, "twijfel", KWAAD)
    huis.besluiten.add_duiding(
        Voorstel("C002", 1, "cijfers_achterhaald", f"De plek: {KWAAD}", KWAAD),
        Publicatie("0dce49cfb540", date(2026, 10, 1)),
        3,
    )
    initiatieven = Initiatiefregister(url_of_file(map_ / BESTAND_INITIATIEVEN))
    initiatieven.add(
        Gegevens(KWAAD, "groen", "complex", "C001", "BU01", Decimal(5), "toegekend", DAG),
        KWAAD,
    )
    signalen = Signaalregister(
        url_of_file(map_ / BESTAND_SIGNALEN),
        Sleutelbos(map_ / "sleutels"),
        beleid=Beleid(mag_toelichting=True),
    )
    signalen.add(
        Signaal("C001", "BU01", "zorgmijding", "deze_week", "onderhoud", toelichting=KWAAD), KWAAD
    )
    sleutels = Toegangsregister(url_of_file(map_ / "toegang.sqlite"))
    sleutels.issue(GEHEIM, KWAAD, ["lezer"], organisatie=KWAAD, door=KWAAD, dagen=9, persoon=KWAAD)
    keten = Keten(map_ / "leeslog", map_ / "sleutels")
    wie = Lezer(KWAAD, find_rollen(["lezer"]), KWAAD)
    keten.add(
        [Lezing(datetime.now(UTC).timestamp() - 60, wie, "complex", KWAAD, KWAAD, "complex", "r")]
    )
    app = create_app(
        huis.releases,
        basis_url=BASIS,
        toegang=Als(*ROLLEN, naam=KWAAD),
        leeslog=Onthoudt(),
        besluiten=huis.besluiten,
        initiatieven=initiatieven,
        signalen=signalen,
        privacy=Privacyblad(keten=keten, sleutels=sleutels),
        kaartlaag=Kaartlaag("https://tegels.example/{z}/{x}/{y}.png", KWAAD),
    )
    return TestClient(app, base_url=BASIS)


MEER = (
    "/?kaart=complexen",
    "/kaart?toon=complexen&wijk=WK01",
    "/kaart?peildatum=2026-07-01",
    "/zoeken?zoek=kwaad",
    "/complexen?zoek=kwaad",
    "/complexen/C002",
    "/werklijsten/woonfraude/4",
    "/budget?budget=90000&ander=80000&niveau=buurt",
)


def test_text_of_somebody_else_is_never_markup_on_any_page(klant: TestClient) -> None:
    adressen = {
        adres
        for deur, adres in iter_adressen(klant.app)
        if "GET" in deur.methoden and not adres.startswith(("/v1", "/statisch", "/metrieken"))
    }
    gezien = {}
    for adres in sorted(adressen | set(MEER)):
        antwoord = klant.get(adres)
        soort = antwoord.headers["content-type"].partition(";")[0]
        assert antwoord.status_code in {200, 404}, adres
        if soort == "text/html":
            assert "<kwaad" not in antwoord.text, adres
            assert "<b>{{" not in antwoord.text, adres
            assert "<b>49" not in antwoord.text, adres
            assert KWAAD[16:] not in antwoord.text, adres
            if antwoord.status_code == 200:
                gezien[adres] = antwoord.text.count(ONSCHADELIJK)

    assert len(gezien) >= 25
    op_elke = gezien["/werklijsten"]  # name of who reads, association
    assert min(gezien.values()) >= op_elke > 0
    kaal = {adres for adres, aantal in gezien.items() if aantal == op_elke}
    assert kaal <= {"/werklijsten", "/zoeken", "/sociaal-signaal/stand", "/methode/modellen"}


def test_text_of_somebody_else_ends_no_answer_of_the_api(klant: TestClient) -> None:
    for deur, adres in iter_adressen(klant.app):
        if "GET" in deur.methoden and adres.startswith("/v1/") and "exports" not in adres:
            antwoord = klant.get(adres)
            if antwoord.status_code == 200 and adres != "/v1/openapi.json":
                assert antwoord.headers["content-type"].startswith("application/"), adres
                assert antwoord.headers["x-content-type-options"] == "nosniff"
                json.loads(antwoord.content)
