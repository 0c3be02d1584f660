"""The city's open data: the publishers' formats, the world's state, no more than noise besides."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely.geometry

from sources.demo.genereer import GeneratieVerslag
from sources.demo.geografie import Geografie, build_geografie
from sources.demo.leveringen import Kalender
from sources.demo.openbaar import write_openbaar
from sources.demo.openbaar.kolom import add_gebieden, format_getal
from sources.demo.openbaar.stand import list_edities, list_kerncijferjaren
from sources.demo.wereld import (
    Geschiedenis,
    WereldParameters,
    build_stad,
    simulate_wereld,
)
from sources.landing import BronLanding, iter_afkeuringen
from sources.uitgever import read_uitgever
from tests.unit.sources.uitgever.rekenregel import AFRONDING, iter_afwijkingen
from vera.contract import Contract

UITGEVERS = ("airbnb", "cbs_kwb", "geo", "politie", "wijkprofiel")
JAREN = 6


@pytest.fixture(scope="module")
def stad(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, Geschiedenis, Geografie]:
    """Eighty buurten, so that a correlation means something."""
    p, uit = WereldParameters(), tmp_path_factory.mktemp("openbaar")
    geschiedenis = simulate_wereld(p, build_stad(p, 20_000, 11), JAREN, 11)
    geografie = build_geografie(geschiedenis.stad.n_buurt.size, 11)
    financieel = np.random.default_rng(1).normal(size=geschiedenis.stad.n.size)
    write_openbaar(uit, geschiedenis, geografie, Kalender.of_jaren(JAREN), financieel, 11)
    return uit, geschiedenis, geografie


def read_kolommen(uit: Path, contract: Contract, bron: str, tabel: str, editie: int) -> Mapping[
    str, list[object]
]:
    for _, delen in read_uitgever(uit / bron, contract.bron(bron)):
        for deel in delen:
            if (deel.tabel, deel.editie) == (tabel, editie):
                return {naam: deel.rijen[naam].to_pylist() for naam in deel.rijen.column_names}
    raise KeyError(tabel, editie)


def per_buurt(
    uit: Path, contract: Contract, bron: str, tabel: str, editie: int, kolom: str, buurten: int
) -> np.ndarray:
    """Values of a column in the order of the buurten; NaN where missing."""
    kolommen = read_kolommen(uit, contract, bron, tabel, editie)
    if bron == "wijkprofiel":
        waarde = dict(zip(kolommen["wijknr"], kolommen[kolom], strict=True))
        return np.array([waarde[i + 1] for i in range(buurten)], dtype=float)
    rijen = [
        (code, w)
        for code, soort, w in zip(
            kolommen["regio_code"], kolommen["soort_regio"], kolommen[kolom], strict=True
        )
        if soort == "Buurt"
    ]
    return np.array([w for _, w in sorted(rijen)], dtype=float)


def correlate(a: np.ndarray, b: np.ndarray) -> float:
    goed = ~(np.isnan(a) | np.isnan(b))
    return float(np.corrcoef(a[goed], b[goed])[0, 1])


def test_every_public_file_passes_its_reader_without_a_rejected_cell(
    demo: GeneratieVerslag, demo_landing: dict[str, BronLanding]
) -> None:
    for bron in UITGEVERS:
        landing = demo_landing[bron]
        assert landing.bestanden
        assert landing.overgeslagen == ()
        assert list(iter_afkeuringen([landing])) == []
        assert [g.verslag.leesfout for g in landing.bestanden if g.verslag.leesfout] == []
        for geland in landing.bestanden:
            assert geland.verslag.rijen > 0
    assert {"wijkprofiel.vi", "wijkprofiel.crosswalk", "cbs_kwb.samenstelling"} <= {
        g.verslag.tabel for bron in UITGEVERS for g in demo_landing[bron].bestanden
    }


def test_published_arithmetic_holds_in_the_demo_too(
    stad: tuple[Path, Geschiedenis, Geografie], contract: Contract
) -> None:
    for jaar in list_edities(Kalender.of_jaren(JAREN)):
        afwijkingen = list(
            iter_afwijkingen(stad[0] / "wijkprofiel", contract.bron("wijkprofiel"), jaar)
        )
        assert max(afwijking for _, _, afwijking in afwijkingen) <= AFRONDING + 1e-9


def test_city_of_the_first_edition_is_a_hundred(
    stad: tuple[Path, Geschiedenis, Geografie], contract: Contract
) -> None:
    eerste = list_edities(Kalender.of_jaren(JAREN))[0]
    kolommen = read_kolommen(stad[0], contract, "wijkprofiel", "vi", eerste)
    plek = kolommen["wijknr"].index(5000)
    for kolom in contract.bron("wijkprofiel").tabel("vi").kolommen:
        if kolom.positie is not None and 3 <= kolom.positie <= 16:
            assert kolommen[kolom.naam][plek] == pytest.approx(100, abs=1)


def test_outside_figures_follow_the_world(
    stad: tuple[Path, Geschiedenis, Geografie], contract: Contract
) -> None:
    uit, g, geografie = stad
    b, v = len(geografie.buurt_namen), g.stad.v_buurt
    def wp(tabel: str, kolom: str) -> np.ndarray:
        return per_buurt(uit, contract, "wijkprofiel", tabel, 2024, kolom, b)
    assert correlate(wp("vi", "veiligheidsindex"), v) < -0.6
    assert correlate(wp("vi", "overlast_omwonenden_pct"), v) > 0.4
    assert correlate(wp("fi_subj", "woonbeleving_index"), v) < -0.25
    woz = per_buurt(uit, contract, "cbs_kwb", "kerncijfers", 2024, "woningwaarde_keur", b)
    assert correlate(woz, v) < -0.3


def test_composition_moves_the_columns_on_composition_and_nothing_else(
    stad: tuple[Path, Geschiedenis, Geografie], contract: Contract
) -> None:
    uit, g, geografie = stad
    b, sens = len(geografie.buurt_namen), g.stad.sens_buurt
    inwoners = per_buurt(uit, contract, "cbs_kwb", "samenstelling", 2024, "inwoners_aantal", b)
    aantal = per_buurt(uit, contract, "cbs_kwb", "samenstelling", 2024, "niet_westers_aantal", b)
    assert correlate(aantal / inwoners, sens) > 0.6
    # What composition explains of the other figures is chance: 60-odd buurten, |r| < .4.
    for bron, tabel, kolom in (
        ("wijkprofiel", "vi", "veiligheidsindex"),
        ("wijkprofiel", "si", "moeilijk_rondkomen_pct"),
        ("wijkprofiel", "fi_obj", "vastgoed_objectief_index"),
        ("cbs_kwb", "kerncijfers", "huishouden_laag_inkomen_pct"),
    ):
        anders = per_buurt(uit, contract, bron, tabel, 2024, kolom, b)
        goed = ~np.isnan(anders)
        v = g.stad.v_buurt[goed]
        rest = anders[goed] - np.polyval(np.polyfit(v, anders[goed], 1), v)
        assert abs(correlate(rest, sens[goed])) < 0.4, kolom


def test_crosswalk_fits_the_buurten_and_wijken_of_the_association(
    demo: GeneratieVerslag, demo_landing: dict[str, BronLanding]
) -> None:
    def landed(bron: str, tabel: str) -> list[dict[str, object]]:
        return pq.read_table(demo_landing[bron].van_tabel(tabel)[-1].pad).to_pylist()

    crosswalk = {r["wijknr"]: r["cbs_buurtcodes"] for r in landed("wijkprofiel",
                                                                  "wijkprofiel.crosswalk")}
    buurten = {r["id_gegevensbeheerder"]: r["naam"] for r in landed("vera", "vera.buurt")}
    wijken = {r["naam"] for r in landed("vera", "vera.wijk")}
    vi = {r["wijknr"]: r for r in landed("wijkprofiel", "wijkprofiel.vi")}
    assert set(crosswalk) == set(vi)
    assert {code for code in crosswalk.values() if code} == set(buurten)
    for wijknr, rij in vi.items():
        if crosswalk[wijknr]:
            assert rij["naam"] == buurten[crosswalk[wijknr]]
            assert rij["gebied_naam"] in wijken
    gebieden = {w: r["naam"] for w, r in vi.items() if 4000 <= w < 5000}
    assert set(gebieden.values()) == wijken
    assert set(gebieden) == set(range(4000, 4000 + len(wijken)))
    regio = {r["regio_code"] for r in landed("cbs_kwb", "cbs_kwb.kerncijfers")}
    assert set(buurten) <= regio
    assert set(buurten) == {r["buurtcode"] for r in landed("geo", "geo.buurt")}
    assert set(buurten) == {r["buurtcode"] for r in landed("politie", "politie.misdrijf")}
    assert {r["buurtnaam"] for r in landed("airbnb", "airbnb.advertentie")} <= set(
        buurten.values()
    )


def test_map_holds_the_shapes_of_the_buurten(
    stad: tuple[Path, Geschiedenis, Geografie],
) -> None:
    uit, _, geografie = stad
    kaart = json.loads((uit / "geo" / "voorbeeldstad_synthetisch_buurten.geojson").read_text())
    for feature, vorm in zip(kaart["features"], geografie.vormen, strict=True):
        assert shapely.geometry.shape(feature["geometry"]).equals_exact(
            shapely.geometry.MultiPolygon([vorm]), 1e-9
        )


def test_shares_of_dwellings_add_up_and_small_buurten_are_blank(
    stad: tuple[Path, Geschiedenis, Geografie], contract: Contract
) -> None:
    kolommen = read_kolommen(stad[0], contract, "cbs_kwb", "kerncijfers", 2024)
    leeg = 0
    for koop, huur, corporatie, overige, inwoners in zip(
        *(kolommen[naam] for naam in ("koopwoning_pct", "huurwoning_pct", "corporatiewoning_pct",
                                      "overige_verhuur_pct", "inwoners_aantal")), strict=True
    ):
        if koop is None:
            leeg += 1
            continue
        assert inwoners % 5 == 0  # type: ignore[operator]
        assert 96 <= koop + huur <= 101  # type: ignore[operator]
        assert huur == pytest.approx(corporatie + overige, abs=1.01)  # type: ignore[operator]
    assert leeg < len(kolommen["koopwoning_pct"]) / 3


def test_corporation_dwellings_are_those_of_the_association(
    stad: tuple[Path, Geschiedenis, Geografie], contract: Contract
) -> None:
    uit, g, geografie = stad
    b = len(geografie.buurt_namen)
    voorraad = per_buurt(uit, contract, "cbs_kwb", "kerncijfers", 2024,
                         "woningvoorraad_aantal", b)
    deel = per_buurt(uit, contract, "cbs_kwb", "kerncijfers", 2024, "corporatiewoning_pct", b)
    goed = ~np.isnan(deel)
    afwijking = np.abs(voorraad * deel / 100 - g.stad.n_buurt)[goed]
    assert (afwijking <= 0.006 * voorraad[goed] + 5).all()


@pytest.mark.parametrize(
    ("jaren", "edities", "kerncijfers"),
    [
        (10, (2016, 2018, 2020, 2022, 2024), (2016, 2018, 2020, 2022, 2024, 2025)),
        (2, (2024,), (2024, 2025)),
        (1, (2025,), (2025,)),
    ],
)
def test_editions_lie_within_the_years_of_the_world(
    jaren: int, edities: tuple[int, ...], kerncijfers: tuple[int, ...]
) -> None:
    assert list_edities(Kalender.of_jaren(jaren)) == edities
    assert list_kerncijferjaren(Kalender.of_jaren(jaren)) == kerncijfers


def test_wijkprofiel_is_latin_1_with_a_decimal_comma_as_the_real_one(
    stad: tuple[Path, Geschiedenis, Geografie],
) -> None:
    inhoud = (stad[0] / "wijkprofiel" / "wijkprofiel_2024_si.csv").read_bytes()
    assert "braderieën".encode("latin-1") in inhoud
    assert b"\r\n" in inhoud
    rijen = list(csv.reader(inhoud.decode("latin-1").splitlines(), delimiter=";"))
    cellen = {cel for rij in rijen[1:] for cel in rij[3:]}
    assert any(cel.endswith("%") for cel in cellen)
    assert any("," in cel for cel in cellen)
    assert not any("." in cel.replace("x.", "") for cel in cellen)


def test_wijk_has_the_sum_or_the_weighted_mean_of_its_buurten() -> None:
    waarde, groep = np.array([1.0, 3.0, 10.0]), np.array([0, 0, 1])
    gewicht = np.array([1, 3, 5])
    assert add_gebieden(waarde, groep, gewicht, tel_op=True).tolist() == [1, 3, 10, 4, 10, 14]
    gemiddeld = add_gebieden(waarde, groep, gewicht, tel_op=False)
    assert gemiddeld.tolist() == pytest.approx([1, 3, 10, 2.5, 10, 60 / 9])


@pytest.mark.parametrize(
    ("waarde", "decimalen", "tekst"), [(12.345, 1, "12,3"), (-0.2, 0, "0"), (-1.26, 1, "-1,3")]
)
def test_figure_is_written_with_a_comma(waarde: float, decimalen: int, tekst: str) -> None:
    assert format_getal(waarde, decimalen) == tekst
