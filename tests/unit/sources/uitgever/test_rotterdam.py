"""The publishers' real files of Rotterdam, as they were downloaded."""

from __future__ import annotations

import csv
import datetime
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sources.demo.openbaar.kolom import read_kop
from sources.landing import BronLanding, iter_afkeuringen, land_bron, list_onbekend
from sources.sleutels import Sleutel
from tests.unit.sources.uitgever.rekenregel import AFRONDING, iter_afwijkingen
from tests.unit.sources.uitgever.test_uitgever import judge
from vera.contract import Contract

pytestmark = pytest.mark.rotterdam

# Words of what may never be a column of a label or model: origin, language, person, belief.
VERBODEN = ("westers", "marokk", "turk", "surin", "antil", "nederland", "taalhulp", "spreken",
            "religie", "geloof", "etnisch", "allochto", "gezondheid", "mannen [", "vrouwen [",
            "host", "gehuwd", "discriminatie")


@pytest.fixture(scope="module")
def landingen(
    contract: Contract,
    rotterdam: Path,
    sleutel: Sleutel,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, BronLanding]:
    landing_map = tmp_path_factory.mktemp("rotterdam")
    return {
        bron.naam: land_bron(bron, rotterdam, landing_map, sleutel) for bron in contract.bronnen
    }


def test_every_file_lands_and_no_cell_is_rejected(
    contract: Contract, rotterdam: Path, landingen: dict[str, BronLanding]
) -> None:
    verslagen = [g.verslag for landing in landingen.values() for g in landing.bestanden]
    assert list(iter_afkeuringen(landingen.values())) == []
    assert [v.bestand for v in verslagen if v.leesfout] == []
    overgeslagen = {naam for landing in landingen.values() for naam in landing.overgeslagen}
    # The list of names adds nothing to the table; the extract nothing to the national list.
    assert overgeslagen == {
        "politie/cbs_buurtnamen_2024.csv.gz", "politie/misdrijven_rotterdam_2024.csv"
    }
    geleverd = {
        str(pad.relative_to(rotterdam))
        for pad in rotterdam.glob("*/*")
        if pad.stem.upper() != "README"
    }
    assert {v.bestand for v in verslagen} | overgeslagen == geleverd
    assert list_onbekend(contract, rotterdam) == ()


@pytest.mark.parametrize(
    ("tabel", "rijen"),
    [("wijkprofiel.vi", 86), ("wijkprofiel.crosswalk", 86), ("cbs_kwb.kerncijfers", 115),
     ("cbs_kwb.samenstelling", 115), ("geo.buurt", 78), ("politie.misdrijf", 14_730),
     ("airbnb.advertentie", 72)],
)
def test_rows_are_those_of_the_publisher(
    landingen: dict[str, BronLanding], tabel: str, rijen: int
) -> None:
    landing = landingen[tabel.partition(".")[0]]
    assert {g.verslag.rijen for g in landing.van_tabel(tabel)} == {rijen}


@pytest.mark.parametrize("jaar", [2014, 2016])
def test_published_index_is_the_mean_of_its_parts_within_rounding(
    contract: Contract, rotterdam: Path, jaar: int
) -> None:
    bron = contract.bron("wijkprofiel")
    afwijkingen = list(iter_afwijkingen(rotterdam / "wijkprofiel", bron, jaar))
    assert len(afwijkingen) == 3 * 3 * 86
    fout = [rij for rij in afwijkingen if rij[2] > AFRONDING + 1e-9]
    assert fout == []


def test_kerncijfers_are_those_of_the_checked_table(
    rotterdam: Path, landingen: dict[str, BronLanding]
) -> None:
    verwacht_pad = (
        rotterdam.parent / "rotterdam_expected" / "kwb_rotterdam_2014_2017_tidy.csv"
    )
    if not verwacht_pad.exists():
        pytest.skip("zonder de map ../shared: de nagerekende Kerncijfers zijn er niet")
    paren = {
        "inwoners": "inwoners_aantal",
        "huishoudens": "huishoudens_aantal",
        "gem_huishoudensgrootte": "huishoudensgrootte_gemiddeld",
        "bevolkingsdichtheid_km2": "inwoners_per_km2",
        "woningvoorraad": "woningvoorraad_aantal",
        "gem_woz_x1000": "woningwaarde_keur",
        "pct_meergezins": "meergezinswoning_pct",
        "pct_onbewoond": "onbewoond_pct",
        "pct_koop": "koopwoning_pct",
        "pct_huur": "huurwoning_pct",
        "pct_corporatie": "corporatiewoning_pct",
        "pct_overige_verhuur": "overige_verhuur_pct",
        "pct_bouwjaar_voor2000": "bouwjaar_voor_2000_pct",
        "gem_inkomen_inwoner_x1000": "inkomen_per_inwoner_keur",
        "pct_hh_laag_inkomen": "huishouden_laag_inkomen_pct",
        "pct_hh_sociaal_minimum": "huishouden_sociaal_minimum_pct",
        "bijstand_aantal": "bijstand_aantal",
        "diefstal_woning_per1000": "woningdiefstal_per_1000_inwoners",
        "vernieling_openbare_orde_per1000": "vernieling_per_1000_inwoners",
        "geweld_seksueel_per1000": "geweld_per_1000_inwoners",
        "stedelijkheid": "stedelijkheid_code",
    }
    gelezen = {
        (rij["jaar"], rij["regio_code"]): rij
        for geland in landingen["cbs_kwb"].van_tabel("cbs_kwb.kerncijfers")
        for rij in pq.read_table(geland.pad).to_pylist()
    }
    with verwacht_pad.open(encoding="utf-8", newline="") as bestand:
        verwacht = list(csv.DictReader(bestand))
    assert len(verwacht) == len(gelezen) == 460
    for rij in verwacht:
        eigen = gelezen[int(rij["jaar"]), rij["code"]]
        for hun, onze in paren.items():
            waarde = float(rij[hun]) if rij[hun] else None
            assert eigen[onze] == waarde, (rij["jaar"], rij["code"], hun)


def test_columns_on_origin_language_or_person_are_refused(
    contract: Contract, landingen: dict[str, BronLanding]
) -> None:
    for bron in contract.bronnen:
        for tabel in bron.tabellen:
            for geland in landingen[bron.naam].van_tabel(tabel.id):
                if tabel.schema == "toetsing":
                    continue
                koppen = [(k.kop or "").lower() for k in tabel.kolommen]
                namen = [naam.lower() for naam in pq.read_schema(geland.pad).names]
                raak = [w for w in VERBODEN if any(w in tekst for tekst in [*koppen, *namen])]
                assert raak == [], (tabel.id, raak)
    geweigerd = {
        kop.lower()
        for landing in landingen.values()
        for geland in landing.bestanden
        for kop in geland.verslag.onbekende_kolommen
    }
    assert any("nederlands" in kop for kop in geweigerd)
    assert any(kop.startswith("mannen") for kop in geweigerd)


def test_composition_is_in_the_schema_of_the_equality_test_only(
    contract: Contract, landingen: dict[str, BronLanding]
) -> None:
    tabel = contract.bron("cbs_kwb").tabel("samenstelling")
    assert tabel.schema == "toetsing"
    for kolom in tabel.kolommen:
        assert kolom.doelen == {"toetsing_gelijke_behandeling"}
    assert len(landingen["cbs_kwb"].van_tabel("cbs_kwb.samenstelling")) == 4


def test_real_edition_copied_under_a_later_year_is_refused_by_name(
    contract: Contract, rotterdam: Path, tmp_path: Path, sleutel: Sleutel
) -> None:
    bron_map = tmp_path / "wijkprofiel"
    shutil.copytree(rotterdam / "wijkprofiel", bron_map)
    shutil.copy(bron_map / "wijkprofiel_2014_si.csv", bron_map / "wijkprofiel_2018_si.csv")
    landing = land_bron(contract.bron("wijkprofiel"), tmp_path, tmp_path / "landing", sleutel)
    (bevinding,) = judge(contract, landing)
    assert (bevinding.tabel, bevinding.regel) == ("wijkprofiel.si", "inhoud_is_nieuw")
    assert "wijkprofiel_2018_si.csv" in bevinding.gevonden


def test_clock_of_an_edition_is_the_last_day_of_its_year(
    landingen: dict[str, BronLanding],
) -> None:
    datums = {g.verslag.jongste_datum for g in landingen["wijkprofiel"].van_tabel("wijkprofiel.vi")}
    assert datums == {datetime.date(2014, 12, 31), datetime.date(2016, 12, 31)}
    assert all(g.verslag.is_historische_editie for g in landingen["wijkprofiel"].bestanden)


@pytest.mark.parametrize(
    ("naam", "bestand", "codering", "rij"),
    [
        ("vi", "wijkprofiel/wijkprofiel_2016_vi.csv", "latin-1", 0),
        ("si", "wijkprofiel/wijkprofiel_2016_si.csv", "latin-1", 0),
        ("fi_obj", "wijkprofiel/wijkprofiel_2016_fi_obj.csv", "latin-1", 0),
        ("fi_subj", "wijkprofiel/wijkprofiel_2016_fi_subj.csv", "latin-1", 0),
        ("kerncijfers", "cbs_kwb/kwb_rotterdam_2017.csv", "utf-8-sig", 3),
    ],
)
def test_demo_uses_the_heads_of_the_real_files(
    rotterdam: Path, naam: str, bestand: str, codering: str, rij: int
) -> None:
    with (rotterdam / bestand).open(encoding=codering, newline="") as inhoud:
        kop = list(csv.reader(inhoud, delimiter=";"))[rij]
    bron = "kerncijfers" if naam == "kerncijfers" else "wijkprofiel"
    assert [kolom.kop for kolom in read_kop(bron) if kolom.bestand == naam] == kop
