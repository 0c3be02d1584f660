"""From a publisher's API to a delivery that is whole, or as it was."""

from __future__ import annotations

import csv
import io
import random
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sources.demo.genereer import generate
from sources.landing import BronLanding, land_bron
from sources.opendata.eigen import read_regio
from sources.opendata.fout import AnderAntwoord, Onbereikbaar
from sources.opendata.kerncijfers import list_tabellen
from sources.opendata.klant import Geduld
from sources.opendata.ophalen import BRONNEN, Uitslag, Vraag
from sources.opendata.regio import Regio, parse_regio
from sources.sleutels import Sleutel
from sources.uitgever.cbs_kwb import read_cbs_kwb
from tests.unit.sources.opendata.conftest import STAD, Plek
from tests.unit.sources.opendata.nepuitgever import (
    Nepuitgever,
    cut,
    hang,
    rewrite,
    status,
    zip_it,
)
from tests.unit.sources.opendata.wereld import read_kwb, read_misdrijven, serve_stad
from tests.unit.sources.uitgever.test_uitgever import judge
from vera.contract import Contract
from vera.errors import GebruikFout

Maak = Callable[[str], Plek]
CIJFERS = ("cbs_kwb", "politie")


def ask(nep: Nepuitgever, regio: Regio = STAD, *bronnen: str, jaren: str = "") -> Vraag:
    gekozen = frozenset(map(int, jaren.split())) or None
    return Vraag(nep.adressen, regio, gekozen, bronnen or CIJFERS)


def show(uitslag: Uitslag) -> dict[str, str]:
    return {regel.wat: regel.stand for regel in uitslag.regels}


def read_codes(inhoud: bytes) -> list[str]:
    rijen = list(csv.reader(io.StringIO(inhoud.decode("utf-8-sig"), newline=""), delimiter=";"))
    return [rij[3] for rij in rijen[5:] if len(rij) > 3]


def test_last_three_editions_come_in_as_deliveries(nep: Nepuitgever, plek: Plek) -> None:
    uitslag = plek.fetch(ask(nep))
    assert show(uitslag) == {
        "cbs_kwb/kwb_opgehaald_2022.csv": "nieuw",
        "cbs_kwb/kwb_opgehaald_2023.csv": "nieuw",
        "cbs_kwb/kwb_opgehaald_2024.csv": "nieuw",
        "politie/misdrijven_opgehaald_2023.csv": "nieuw",
        "politie/misdrijven_opgehaald_2024.csv": "nieuw",
    }
    assert uitslag.make_fout() is None
    assert set(plek.list_bestanden()) == set(show(uitslag))


@pytest.mark.parametrize("v4", [True, False], ids=["OData 4", "OData 3"])
def test_figure_of_each_area_stands_in_its_own_cell(
    plek: Plek, v4: bool, contract: Contract
) -> None:
    with Nepuitgever() as nep:
        serve_stad(nep, v4=v4)
        plek.fetch(ask(nep, STAD, "cbs_kwb", jaren="2024"))
    pad = plek.leveringen / "cbs_kwb" / "kwb_opgehaald_2024.csv"
    kerncijfers, _ = read_cbs_kwb(pad, contract.bron("cbs_kwb"))
    rijen = {rij["regio_code"]: rij for rij in kerncijfers.rijen.to_pylist()}
    assert list(rijen) == [
        "GM9999", "WK999901", "BU99990101", "BU99990102", "WK999902", "BU99990201"
    ]  # fmt: skip
    hof = rijen["BU99990102"]
    assert (hof["regio_naam"], hof["soort_regio"], hof["gemeente_naam"]) == (
        "Klaverhof", "Buurt", "Voorbeeldstad"
    )  # fmt: skip
    assert (hof["inwoners_aantal"], hof["inwoners_per_km2"]) == (3054, 3055.0)
    assert (hof["koopwoning_pct"], rijen["BU99990201"]["koopwoning_pct"]) == (None, 5.5)
    assert kerncijfers.afkeuringen == []


@pytest.fixture(scope="module")
def demo_map(tmp_path_factory: pytest.TempPathFactory) -> Path:
    uit = tmp_path_factory.mktemp("voorbeeldstad")
    generate(uit, eenheden=300, jaren=3, seed=1)
    return uit


def land(
    contract: Contract, leveringen: Path, landing: Path, sleutel: Sleutel
) -> dict[str, BronLanding]:
    return {
        naam: land_bron(contract.bron(naam), leveringen, landing, sleutel)
        for naam in (*CIJFERS, "wijkprofiel")
    }


def list_rijen(landingen: dict[str, BronLanding]) -> dict[str, list[dict[str, object]]]:
    """Rows per table in the order of their key, without the number of their line."""
    rijen: dict[str, list[dict[str, object]]] = {}
    for landing in landingen.values():
        for geland in landing.bestanden:
            inhoud = pq.read_table(geland.pad).drop_columns(["_regel"]).to_pylist()
            rijen.setdefault(geland.verslag.tabel, []).extend(inhoud)
    return {tabel: sorted(deel, key=repr) for tabel, deel in rijen.items()}


@pytest.mark.parametrize("v4", [True, False], ids=["OData 4", "OData 3"])
@pytest.mark.parametrize("per_pagina", [10_000, 97], ids=["one page", "pages"])
def test_fetched_city_lands_as_the_same_rows_as_its_delivered_files_and_passes_the_gate(
    demo_map: Path, plek: Plek, contract: Contract, sleutel: Sleutel, v4: bool, per_pagina: int
) -> None:
    with Nepuitgever() as nep:
        nep.per_pagina = per_pagina
        for pad in sorted((demo_map / "cbs_kwb").glob("*.csv")):
            tabel = read_kwb(pad, int(pad.stem[-4:]))
            (nep.v4 if v4 else nep.v3)[tabel.naam] = tabel
        (pad,) = (demo_map / "politie").glob("*2025.csv")
        nep.politie = read_misdrijven(pad, 2025)
        for pad in (demo_map / "wijkprofiel").glob("wijkprofiel_*.csv"):
            _, jaar, soort = pad.stem.split("_", 2)
            nep.bestanden[f"/wijkprofiel/{jaar}/{soort}.csv"] = pad.read_bytes()
        regio = read_regio(demo_map, contract.bron("vera"))
        assert regio is not None
        # The Wijkprofiel is of Rotterdam; here it is of a city with another number.
        regio = Regio(regio.codes | {"GM0599"})
        uitslag = plek.fetch(ask(nep, regio, *CIJFERS, "wijkprofiel", jaren="2024 2025"))
    assert uitslag.make_fout() is None
    eigen = plek.map / "geleverd"
    for naam in (*CIJFERS, "wijkprofiel"):
        shutil.copytree(demo_map / naam, eigen / naam)
    (eigen / "politie" / "misdrijven_voorbeeldstad_synthetisch_2024.csv").unlink()
    (eigen / "wijkprofiel" / "crosswalk_wijkprofiel_cbs_synthetisch.csv").unlink()
    geleverd = land(contract, eigen, plek.map / "l1", sleutel)
    opgehaald = land(contract, plek.leveringen, plek.map / "l2", sleutel)
    assert list_rijen(opgehaald) == list_rijen(geleverd)
    assert len(list_rijen(opgehaald)) == 7
    assert [judge(contract, landing) for landing in opgehaald.values()] == [[], [], []]


def test_only_figures_of_the_contract_and_areas_of_the_association_are_asked(
    nep: Nepuitgever, plek: Plek
) -> None:
    plek.fetch(ask(nep, Regio(frozenset({"BU99990102"})), jaren="2024"))
    (cijfers,) = nep.list_gevraagd("/Observations")
    assert "T001036" in cijfers
    assert "'1010'" not in cijfers  # marital state: no product may read it
    assert "9998" not in "".join(nep.list_gevraagd())
    bestanden = plek.list_bestanden()
    assert read_codes(bestanden["cbs_kwb/kwb_opgehaald_2024.csv"]) == [
        "GM9999", "WK999901", "BU99990102"
    ]  # fmt: skip
    assert bestanden["politie/misdrijven_opgehaald_2024.csv"].decode().splitlines()[1:] == [
        "BU99990102,Klaverhof,102"
    ]


def test_second_time_nothing_but_the_catalogues_is_asked_and_nothing_is_touched(
    nep: Nepuitgever, plek: Plek
) -> None:
    plek.fetch(ask(nep))
    tijden = {pad: pad.stat().st_mtime_ns for pad in plek.leveringen.rglob("*.csv")}
    nep.gevraagd.clear()
    plek.nu = datetime(2026, 12, 2, 6, tzinfo=UTC)
    uitslag = plek.fetch(ask(nep))
    assert set(show(uitslag).values()) == {"ongewijzigd"}
    assert {pad: pad.stat().st_mtime_ns for pad in plek.leveringen.rglob("*.csv")} == tijden
    assert len(nep.gevraagd) == 2
    assert all("if-none-match" in koppen for _, koppen in nep.gevraagd)
    assert {stuk.opgehaald_op[:10] for stuk in uitslag.geleverd.values()} == {"2026-12-02"}


def test_table_that_the_publisher_changed_replaces_what_was_fetched(
    nep: Nepuitgever, plek: Plek
) -> None:
    plek.fetch(ask(nep, STAD, "cbs_kwb", jaren="2023 2024"))
    oud = nep.v4["82024NED"]
    cijfers = {**oud.cijfers, ("BU99990101", "T001036"): "4444"}
    nep.v4["82024NED"] = replace(oud, cijfers=cijfers, gewijzigd="2026-06-01T02:00:00")
    uitslag = plek.fetch(ask(nep, STAD, "cbs_kwb", jaren="2023 2024"))
    assert list(show(uitslag).values()) == ["ongewijzigd", "vervangen"]
    assert b"4444" in plek.list_bestanden()["cbs_kwb/kwb_opgehaald_2024.csv"]
    # The stock keeps one version of a table.
    assert [len(list(t.iterdir())) for t in (plek.map / "openbaar/cbs_kwb").iterdir()] == [1, 1]


def test_everything_is_asked_anew_when_somebody_wants_that(nep: Nepuitgever, plek: Plek) -> None:
    plek.fetch(ask(nep))
    eerst = len(nep.gevraagd)
    uitslag = plek.fetch(ask(nep), opnieuw=True)
    assert len(nep.gevraagd) == 2 * eerst  # each once
    assert set(show(uitslag).values()) == {"ongewijzigd"}


def test_interrupted_fetch_goes_on_with_the_page_that_is_missing(
    nep: Nepuitgever, plek: Plek
) -> None:
    nep.per_pagina = 4
    vraag = ask(nep, STAD, "cbs_kwb", jaren="2024")
    nep.fail("skiptoken=12", *[status(503)] * 5)
    assert isinstance(plek.fetch(vraag).make_fout(), Onbereikbaar)
    assert plek.list_bestanden() == {}
    nep.gevraagd.clear()
    assert show(plek.fetch(vraag)) == {"cbs_kwb/kwb_opgehaald_2024.csv": "nieuw"}
    paginas = nep.list_gevraagd("/Observations")
    assert "skiptoken=12" in paginas[0]
    assert len(paginas) == 2


def test_year_that_version_4_lacks_is_asked_of_version_3(nep: Nepuitgever, plek: Plek) -> None:
    serve_stad(nep, v4=False)
    del nep.v4["82021NED"]
    with plek.open_klant() as klant:
        tabellen = list_tabellen(klant, nep.adressen, {2021, 2024})
    assert {jaar: tabel.is_v4 for jaar, tabel in tabellen.items()} == {
        2021: False, 2022: True, 2023: True, 2024: True
    }  # fmt: skip


def test_version_3_is_left_alone_when_version_4_has_every_year(
    nep: Nepuitgever, plek: Plek
) -> None:
    nep.fail("/ODataCatalog", *[status(503)] * 9)
    with plek.open_klant() as klant:
        assert len(list_tabellen(klant, nep.adressen)) == 4
        assert len(list_tabellen(klant, nep.adressen, {2021})) == 4
    assert nep.list_gevraagd("/ODataCatalog") == []


def test_table_that_does_not_say_when_it_changed_is_asked_every_time(
    nep: Nepuitgever, plek: Plek
) -> None:
    nep.v4 = {naam: replace(tabel, gewijzigd="") for naam, tabel in nep.v4.items()}
    vraag = ask(nep, STAD, "cbs_kwb", jaren="2024")
    plek.fetch(vraag)
    eerst = len(nep.gevraagd)
    assert show(plek.fetch(vraag)) == {"cbs_kwb/kwb_opgehaald_2024.csv": "ongewijzigd"}
    assert len(nep.gevraagd) == 2 * eerst
    assert all("if-none-match" in koppen for _, koppen in nep.gevraagd[eerst:])


@pytest.mark.parametrize(
    ("tekst", "verander", "woorden"),
    [
        ("/Observations", lambda a: a.pop("value"), "zonder lijst"),
        ("/Observations", lambda a: a["value"][0].pop("Measure"), "rij zonder Measure"),
        ("/Observations", lambda a: a.update(value=["x"]), "rij zonder"),
        ("/MeasureCodes", lambda a: a["value"][0].update(Title="Inwonertal"), ""),
        ("/MeasureCodes", lambda a: a["value"][0].update(Unit="x 1 000"), ""),
        ("/MeasureCodes", lambda a: a.update(value=a["value"][:1] * 2), "meer dan één keer"),
        ("/MeasureCodes", lambda a: a.update(value=[]), "zonder onderwerpen"),
        ("/WijkenEnBuurtenCodes", lambda a: a.update(value=[]), "geen enkele buurt"),
        ("/Datasets", lambda a: a.update(value={}), "zonder lijst"),
    ],
    ids=[
        "no rows", "other names", "no objects", "other title", "other unit", "twice", "none",
        "no areas", "catalogue",
    ],
)  # fmt: skip
def test_other_schema_leaves_the_delivery_as_it_was(
    nep: Nepuitgever, plek: Plek, tekst: str, verander: Callable[..., object], woorden: str
) -> None:
    vraag = ask(nep, STAD, "cbs_kwb", jaren="2024")
    plek.fetch(vraag)
    voor = plek.list_bestanden()
    nep.fail(tekst, rewrite(verander))
    uitslag = plek.fetch(vraag, opnieuw=True)
    fout = uitslag.make_fout()
    if woorden:
        assert isinstance(fout, AnderAntwoord)
        assert woorden in fout.gevonden
        assert "kwb_opgehaald_2024.csv (CBS 82024NED) van 2-11-2026" in fout.gevonden
        assert plek.list_bestanden() == voor
    else:
        # A figure under another name or in another unit is another figure: it is left out.
        assert fout is None
        (inhoud,) = plek.list_bestanden().values()
        assert "Aantal inwoners" not in inhoud.decode("utf-8-sig")


def test_column_of_the_police_that_is_gone_is_said(nep: Nepuitgever, plek: Plek) -> None:
    assert nep.politie is not None
    nep.politie = replace(nep.politie, kolom="Incidenten_1")
    fout = plek.fetch(ask(nep, STAD, "politie")).make_fout()
    assert fout is not None
    assert "GeregistreerdeMisdrijven" in fout.gevonden
    assert plek.list_bestanden() == {}


def test_pages_that_go_round_in_a_circle_are_left(nep: Nepuitgever, plek: Plek) -> None:
    nep.per_pagina = 4
    eerste = f"{nep.begin}/odata/v1/CBS/82024NED/MeasureCodes?$select=Identifier,Title,Unit"
    nep.fail("/MeasureCodes", rewrite(lambda a: a.update({"@odata.nextLink": eerste})))
    fout = plek.fetch(ask(nep, STAD, "cbs_kwb", jaren="2024")).make_fout()
    assert fout is not None
    assert "niet ophouden" in fout.gevonden


def test_next_page_elsewhere_is_not_asked(nep: Nepuitgever, plek: Plek) -> None:
    with Nepuitgever() as ander:
        link = f"{ander.begin}/odata/v1/CBS/82024NED/Observations"
        nep.fail("/Observations", rewrite(lambda a: a.update({"@odata.nextLink": link})))
        fout = plek.fetch(ask(nep, STAD, "cbs_kwb", jaren="2024")).make_fout()
        assert ander.gevraagd == []
    assert fout is not None
    assert "buiten zijn eigen site" in fout.gevonden


def test_delivery_of_ones_own_is_never_replaced(nep: Nepuitgever, plek: Plek) -> None:
    eigen = plek.leveringen / "cbs_kwb" / "kwb_stad_2024.csv"
    eigen.parent.mkdir(parents=True)
    eigen.write_text("met de hand", encoding="utf-8")
    vraag = ask(nep, STAD, "cbs_kwb", jaren="2023 2024")
    assert show(plek.fetch(vraag)) == {
        "cbs_kwb/kwb_opgehaald_2023.csv": "nieuw",
        "cbs_kwb/kwb_opgehaald_2024.csv": "overgeslagen: u leverde zelf kwb_stad_2024.csv",
    }
    opgehaald = plek.leveringen / "cbs_kwb" / "kwb_opgehaald_2023.csv"
    opgehaald.write_text("verbeterd met de hand", encoding="utf-8")
    plek.fetch(vraag, opnieuw=True)
    assert opgehaald.read_text(encoding="utf-8") == "verbeterd met de hand"
    assert eigen.read_text(encoding="utf-8") == "met de hand"


def test_run_that_was_killed_between_list_and_file_goes_on(
    nep: Nepuitgever, plek: Plek, monkeypatch: pytest.MonkeyPatch
) -> None:
    vraag = ask(nep, STAD, "cbs_kwb", jaren="2024")
    plek.fetch(vraag)
    oud = nep.v4["82024NED"]
    nep.v4["82024NED"] = replace(oud, gewijzigd="2026-06-01", cijfers=dict(oud.cijfers) | {
        ("BU99990101", "T001036"): "4444"
    })  # fmt: skip

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as m:
        m.setattr("sources.opendata.levering.lay_heel", die)
        with pytest.raises(KeyboardInterrupt):
            plek.fetch(vraag)
    assert show(plek.fetch(vraag)) == {"cbs_kwb/kwb_opgehaald_2024.csv": "vervangen"}


def test_publisher_that_is_away_keeps_no_other_from_being_fetched(
    nep: Nepuitgever, plek: Plek
) -> None:
    plek.fetch(ask(nep, jaren="2023"))
    nep.fail("/odata/v1/CBS", *[status(503)] * 50)
    uitslag = plek.fetch(ask(nep, jaren="2023 2024"), Geduld(pogingen=2))
    assert show(uitslag) == {
        "cbs_kwb": "mislukt",
        "politie/misdrijven_opgehaald_2023.csv": "ongewijzigd",
        "politie/misdrijven_opgehaald_2024.csv": "nieuw",
    }
    fout = uitslag.make_fout()
    assert isinstance(fout, Onbereikbaar)
    assert "Het lukte niet voor: cbs_kwb." in str(fout)
    assert "cbs_kwb/kwb_opgehaald_2023.csv (CBS 82023NED) van 2-11-2026" in str(fout)
    assert "Verwacht: een verbinding met 127.0.0.1" in str(fout)
    assert "Wat te doen:" in str(fout)


def test_year_that_is_not_published_is_no_failure(nep: Nepuitgever, plek: Plek) -> None:
    uitslag = plek.fetch(ask(nep, jaren="1999"))
    assert set(show(uitslag).values()) == {"overgeslagen: de uitgever heeft deze editie niet"}
    assert uitslag.make_fout() is None


FOUTEN = (
    status(429, retry_after="3"), status(500), status(503), status(404), status(403),
    cut(0.5), cut(0.9, zonder_lengte=True), cut(0.0), zip_it,
    rewrite(lambda a: a.pop("value", None)),
    rewrite(lambda a: a.update(value=a["value"][:-1])),
)  # fmt: skip


@pytest.mark.parametrize("poging", range(12))
def test_whatever_goes_wrong_a_delivery_is_whole_or_as_it_was(
    nep: Nepuitgever, make_plek: Maak, contract: Contract, poging: int
) -> None:
    rng = random.Random(poging)
    nep.per_pagina = rng.choice([3, 7, 1000])
    plek = make_plek("kapot")
    if rng.random() < 0.5:
        plek.fetch(ask(nep, jaren="2023"))
    voor = plek.list_bestanden()
    for _ in range(rng.randrange(1, 8)):
        nep.fail(rng.choice(["/", "/Observations", "TypedDataSet", "Codes"]), rng.choice(FOUTEN))
    plek.fetch(ask(nep, jaren="2023 2024"), opnieuw=rng.random() < 0.5)
    na = plek.list_bestanden()
    assert set(voor) <= set(na)
    assert not [naam for naam in na if naam.rpartition("/")[2].startswith(".")]
    for naam in na:
        if naam.startswith("cbs_kwb"):
            delen = read_cbs_kwb(plek.leveringen / naam, contract.bron("cbs_kwb"))
            assert all(not deel.afkeuringen for deel in delen)
    # When all is well again, it comes out as if nothing had happened.
    nep.fouten.clear()
    goed = make_plek("heel")
    vraag = ask(nep, jaren="2023 2024")
    assert plek.fetch(vraag, opnieuw=True).make_fout() is None
    assert goed.fetch(vraag).make_fout() is None
    assert plek.list_bestanden() == goed.list_bestanden()


def test_server_that_hangs_halfway_a_page_is_asked_again(nep: Nepuitgever, plek: Plek) -> None:
    nep.fail("/Observations", hang)
    uitslag = plek.fetch(ask(nep, STAD, "cbs_kwb", jaren="2024"), Geduld(stilte=0.5))
    assert uitslag.make_fout() is None


def build_lbm(naam: str = "Leefbaarometer-scores buurten 2002-2024.csv", **anders: str) -> bytes:
    kop = ["bu_code", "jaar", "versie", "lbm", "fys", "onv", "soc", "vrz", "won"]
    kop = [anders.get(kolom, kolom) for kolom in kop]
    rijen = [
        [code, jaar, "Leefbaarometer 3.0", "4.1", "0.1", "-0.2", "0.3", "0.0", "0.5"]
        for code in ("BU99990102", "BU99980101", "BU99990101")
        for jaar in ("2024", "2022")
    ]
    uit = io.BytesIO()
    with zipfile.ZipFile(uit, "w", zipfile.ZIP_DEFLATED) as zip_:
        tekst = "\n".join(",".join(rij) for rij in [kop, *rijen])
        zip_.writestr(f"Meting 2024 - open data/{naam}", tekst)
        zip_.writestr("Meting 2024 - open data/Leefbaarometer-scores wijken 2002-2024.csv", "x")
    return uit.getvalue()


def test_scores_of_the_leefbaarometer_are_kept_for_the_own_buurten(
    nep: Nepuitgever, plek: Plek
) -> None:
    nep.bestanden["/resources/lbm.zip"] = build_lbm()
    nep.fail("/resources/lbm.zip", cut(0.5))
    uitslag = plek.fetch(ask(nep, STAD, "leefbaarometer"))
    assert uitslag.make_fout() is None
    pad = plek.map / "openbaar" / "leefbaarometer" / "leefbaarometer_buurten.csv"
    with pad.open(encoding="utf-8", newline="") as bestand:
        rijen = list(csv.DictReader(bestand))
    assert [(rij["bu_code"], rij["jaar"], rij["lbm"]) for rij in rijen] == [
        ("BU99990101", "2022", "4.1"), ("BU99990101", "2024", "4.1"),
        ("BU99990102", "2022", "4.1"), ("BU99990102", "2024", "4.1"),
    ]  # fmt: skip
    assert not plek.leveringen.exists()  # no reader takes it


@pytest.mark.parametrize(
    ("inhoud", "woorden"),
    [
        (b"<html>niet hier</html>", "geen zip"),
        (build_lbm("iets anders.csv"), "0 lijsten"),
        (build_lbm(lbm="score"), "zonder kolom lbm"),
        (build_lbm()[:-40], "geen zip"),
    ],
    ids=["a page", "no list", "other column", "half"],
)
def test_leefbaarometer_that_is_something_else_is_refused(
    nep: Nepuitgever, plek: Plek, inhoud: bytes, woorden: str
) -> None:
    nep.bestanden["/resources/lbm.zip"] = inhoud
    fout = plek.fetch(ask(nep, STAD, "leefbaarometer")).make_fout()
    assert isinstance(fout, AnderAntwoord)
    assert woorden in fout.gevonden


def test_wijkprofiel_that_its_reader_does_not_take_is_not_laid(
    nep: Nepuitgever, plek: Plek
) -> None:
    nep.bestanden["/wijkprofiel/2024/vi.csv"] = b"gebied;iets anders\nNoord;1\n"
    uitslag = plek.fetch(ask(nep, Regio(frozenset({"GM0599"})), "wijkprofiel", jaren="2024"))
    assert show(uitslag)["wijkprofiel/wijkprofiel_2024_vi.csv"] == "mislukt"
    assert show(uitslag)["wijkprofiel/wijkprofiel_2024_si.csv"].startswith("overgeslagen")
    assert plek.list_bestanden() == {}


def test_wijkprofiel_is_asked_for_rotterdam_and_when_there_is_an_address_alone(
    nep: Nepuitgever, plek: Plek
) -> None:
    assert "alleen Rotterdam" in show(plek.fetch(ask(nep, STAD, "wijkprofiel")))["wijkprofiel"]
    zonder = Vraag(
        replace(nep.adressen, wijkprofiel=""), Regio(frozenset({"GM0599"})), None, ("wijkprofiel",)
    )
    assert "geen adres" in show(plek.fetch(zonder))["wijkprofiel"]
    assert nep.gevraagd == []


def test_everything_that_is_fetched_is_open_by_contract(contract: Contract) -> None:
    bronnen = [bron for bron in contract.bronnen if bron.naam in BRONNEN]
    assert len(bronnen) == 3
    assert {
        kolom.classificatie for bron in bronnen for tabel in bron.tabellen
        for kolom in tabel.kolommen
    } == {"openbaar"}  # fmt: skip


def test_areas_are_those_that_the_association_delivers(tmp_path: Path, contract: Contract) -> None:
    vera = contract.bron("vera")
    assert read_regio(tmp_path, vera) is None
    (tmp_path / "vera").mkdir()
    (tmp_path / "vera" / "buurt_2026-01-01.csv").write_text(
        "buurt_id;id_gegevensbeheerder;naam;wijk_id\nB1;BU0363AA01;Een;W1\nB2;;Twee;W1\n"
        "B3;geen code;Drie;W1\n",
        encoding="utf-8",
    )
    (tmp_path / "vera" / "wijk.csv").write_bytes(b"\xff\xfe kapot")
    regio = read_regio(tmp_path, vera)
    assert regio is not None
    assert regio.codes == {"BU0363AA01"}
    assert regio.gemeenten == ["0363"]
    assert [regio.has(code) for code in ("GM0363", "WK0363AA", "BU0363AA02", "GM0599")] == [
        True, True, False, False
    ]  # fmt: skip


@pytest.mark.parametrize("tekst", ["GM599", "Rotterdam", "BU0599011", ","])
def test_area_that_is_no_code_is_refused(tekst: str) -> None:
    with pytest.raises(GebruikFout, match="BUURTPEIL_OPEN_REGIO"):
        parse_regio(tekst, "BUURTPEIL_OPEN_REGIO")


def test_area_may_be_typed_in_small_letters() -> None:
    assert parse_regio(" gm0599 ,BU0363aa01", "X").codes == {"GM0599", "BU0363AA01"}
