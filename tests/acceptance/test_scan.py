"""Nothing personal is left of the bait in the demo's deliveries, and what leaks is found."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from models.registry import Modelregister
from orchestration.scan import Uitslag, read_toegestaan, scan_data
from orchestration.werkmap import DBT_MAP
from sources.contract import read_contract
from sources.demo.persoon import compute_bsn, compute_iban
from tests.acceptance.conftest import Bedrijf
from vera.persoonsgegeven import find_persoonsgegeven

ADRES, BSN, IBAN = "3011 AB 12", compute_bsn(1234), compute_iban(1234)


def list_aas(leveringen: Path) -> set[str]:
    """Return every value of a column that the contract removes: names, birth dates, free text."""
    waarden: set[str] = set()
    for tabel in read_contract(DBT_MAP).tabellen:
        weg = [kolom.naam for kolom in tabel.kolommen if kolom.behandeling == "verwijderen"]
        for pad in sorted((leveringen / tabel.bron).glob(f"{tabel.naam}_2*.csv")) if weg else ():
            with pad.open(encoding="utf-8", newline="") as bestand:
                for rij in csv.DictReader(bestand, delimiter=";"):
                    waarden |= {rij[kolom] for kolom in weg if rij.get(kolom)}
    return waarden


@pytest.fixture(scope="module")
def aas(gepubliceerd: Bedrijf) -> list[str]:
    """Names and free text with personal data in it, as the demo planted them.

    Other free text ("hond blaft") is a sentence that a description of a model may hold as well,
    and a birth date is a day like any other.
    """
    waarden = list_aas(gepubliceerd.leveringen)
    namen = {w for w in waarden if len(w) < 30 and w[1:3] == ". "}
    tekst = {w for w in waarden if find_persoonsgegeven(w)}
    assert len(namen) > 100
    assert len(tekst) > 5
    # a term ends where a quote stands
    return sorted(namen | {w for w in tekst if '"' not in w})


def scan(bedrijf: Bedrijf, aas: list[str]) -> Uitslag:
    return scan_data(bedrijf.data, aas, read_toegestaan(bedrijf.leveringen))


def test_small_demo_leaves_no_personal_data_behind(gepubliceerd: Bedrijf, aas: list[str]) -> None:
    uitslag = scan(gepubliceerd, aas)
    assert [str(vondst) for vondst in uitslag.vondsten] == []
    assert uitslag.bekeken > 100


def test_bait_is_in_the_deliveries_and_the_scan_would_see_it(
    gepubliceerd: Bedrijf, aas: list[str]
) -> None:
    soorten = {vondst.soort for vondst in scan_data(gepubliceerd.leveringen, aas).vondsten}
    assert soorten >= {"BSN", "IBAN", "e-mailadres", "telefoonnummer", "opgegeven term"}


def test_planted_leaks_are_found_and_named_without_their_value(
    kopie: Bedrijf, aas: list[str]
) -> None:
    naam = next(term for term in aas if len(term) < 30)
    with closing(duckdb.connect(str(kopie.data / "warehouse.duckdb"))) as warehouse:
        warehouse.execute(
            "update mart.mart_beheerobject__beheerobject set naam = ? where rowid = 3", [ADRES]
        )
    (kopie.data / "run.log").write_text(f"INFO begin\nERROR rij van {BSN}\n", encoding="utf-8")
    mlflow = kopie.data / "mlflow.sqlite"
    Modelregister(f"sqlite:///{mlflow}", kopie.data / "modellen").prepare()
    with closing(sqlite3.connect(mlflow)) as verbinding:
        verbinding.execute(
            "insert into experiment_tags (key, value, experiment_id) values ('rekening', ?, 0)",
            [IBAN],
        )
        verbinding.commit()
    (kopie.data / "dagster").mkdir(exist_ok=True)
    with dg.DagsterInstance.local_temp(str(kopie.data / "dagster")) as instantie:
        instantie.report_runless_asset_event(
            dg.AssetMaterialization("marts", metadata={"voorbeeld": f"rij van {naam}"})
        )
    vondsten = scan(kopie, aas).vondsten
    gevonden = {(vondst.plaats, vondst.soort) for vondst in vondsten}
    mart = "warehouse.duckdb: mart.mart_beheerobject__beheerobject.naam"
    assert (mart, "postcode met huisnummer") in gevonden
    assert ("run.log", "BSN") in gevonden
    assert ("mlflow.sqlite: experiment_tags.value", "IBAN") in gevonden
    assert any(p.startswith("dagster/") and s == "opgegeven term" for p, s in gevonden)
    assert next(v.eerste for v in vondsten if v.plaats == mart) == "rij 4"
    tekst = "\n".join(map(str, vondsten))
    assert not any(waarde in tekst for waarde in (ADRES, BSN, IBAN, naam))


def test_command_says_what_it_left_out_and_stops_with_one_when_it_found_something(
    kopie: Bedrijf,
) -> None:
    goed = kopie.call("scan", "--json")
    assert goed.returncode == 0, goed.stdout + goed.stderr
    assert json.loads(goed.stdout)["vondsten"] == []
    (kopie.data / "run.log").write_text(f"zie {BSN}", encoding="utf-8")
    fout = kopie.call("scan")
    assert fout.returncode == 1
    assert "run.log: BSN, 1x, eerste op regel 1, teken 5" in fout.stdout
    assert "Niet bekeken: sleutels/*" in fout.stdout
    assert BSN not in fout.stdout + fout.stderr


def test_command_doelbinding_reads_what_the_run_left_and_shows_the_way(kopie: Bedrijf) -> None:
    goed = kopie.call("doelbinding", "--json")
    assert goed.returncode == 0, goed.stdout + goed.stderr
    uitkomst = json.loads(goed.stdout)
    modellen = ("overlastmodel", "woonfraudemodel", "risicoscore")
    werklijsten = ("werklijst overlast", "werklijst woonfraude")
    assert {p["naam"]: p["in_orde"] for p in uitkomst["producten"]} == dict.fromkeys(
        (*modellen, *werklijsten, "label", "pagina", "export"), True
    )
    assert uitkomst["gewijzigd_sinds_de_bouw"] == []
    assert kopie.call("doelbinding", "--product", "anders").returncode == 2
    marts = kopie.data / "dbt" / "compiled" / "buurtpeil" / "models" / "marts"
    sql = marts / "beheerobject" / "mart_beheerobject__vorm.sql"
    tip = '(select max(t.cluster_id) from "warehouse"."woonfraude"."stg_woonfraude__tip" as t)'
    sql.write_text(sql.read_text("utf-8").replace("geometrie as", f"{tip} as"), encoding="utf-8")
    manifest = kopie.data / "dbt" / "manifest.json"
    inhoud = json.loads(manifest.read_text(encoding="utf-8"))
    ouders = inhoud["nodes"]["model.buurtpeil.mart_beheerobject__vorm"]["depends_on"]["nodes"]
    ouders.append("model.buurtpeil.stg_woonfraude__tip")
    manifest.write_text(json.dumps(inhoud), encoding="utf-8")
    fout = kopie.call("doelbinding", "--product", "pagina")
    assert fout.returncode == 1, fout.stdout + fout.stderr
    assert "woonfraude.tip.cluster_id [woonfraude] als waarde: NIET GOED" in fout.stdout
    weg = "mart_beheerobject__vorm.geojson < stg_woonfraude__tip.cluster_id < woonfraude.tip."
    assert weg in fout.stdout
