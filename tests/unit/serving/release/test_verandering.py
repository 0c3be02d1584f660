"""What changed, as it is served and exported: the largest causes, nothing of what is hidden."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from serving.release import schema
from serving.release.schrijver import write_release
from serving.release.stroom import ReleaseFout
from serving.release.winkel import Uitgave
from tests.unit.serving.voorbeeld_release import INHOUD, KWARTALEN, RUN, build_tables

NU, TOEN = KWARTALEN[-1], KWARTALEN[-2]
CIJFERS = ("effect", "verschil", "waarde", "vorige_waarde")


def make_oorzaak(volgorde: int, **anders: Any) -> dict[str, Any]:
    return {
        "niveau": "complex",
        "beheerobject_id": "C001",
        "grondslag": "eigen",
        "peildatum": NU,
        "soort_code": "waarde",
        "thema_code": "OVL",
        "indicator_code": "ovl_melding",
        "vorige_peildatum": TOEN,
        "effect": Decimal("120.25"),
        "verschil": 0.3,
        "waarde": 12.0,
        "vorige_waarde": 8.0,
        "leeftijd_kwartalen": 0,
        "is_gebandeerd": False,
        "volgorde": volgorde,
    } | anders


def make_verborgen(effect: Decimal, volgorde: int = 2) -> dict[str, Any]:
    return make_oorzaak(
        volgorde,
        soort_code="afgeschermd",
        thema_code="FIN",
        indicator_code="",
        effect=effect,
        is_gebandeerd=True,
    )


def publish(releases: Path, rijen: list[dict[str, Any]], tabel: schema.Tabel) -> Path:
    tabellen: dict[str, pa.Table] = build_tables()
    tabellen[tabel.naam] = pa.Table.from_pylist(rijen, schema=tabel.kolommen)
    return write_release(tabellen, INHOUD, RUN, releases)


def read_label(release: Path, beheerobject_id: str = "C001") -> Mapping[str, Any]:
    inhoud = Uitgave(release).answer("complex", beheerobject_id)
    assert inhoud is not None
    label: Mapping[str, Any] = json.loads(inhoud)["sociaalBeheerLabel"]
    return label


def test_cause_says_what_it_was_and_what_it_is(tmp_path: Path) -> None:
    release = publish(tmp_path, [make_oorzaak(1)], schema.VERANDERING)
    (oorzaak,) = read_label(release)["verandering"]
    assert oorzaak["indicator"]["naam"] == "Overlastmeldingen"
    assert oorzaak["richting"] == "omhoog"
    assert (oorzaak["effect"], oorzaak["waarde"], oorzaak["vorigeWaarde"]) == (120.2, 12, 8)
    assert oorzaak["vorigePeildatum"] == TOEN.isoformat()
    assert read_label(release, "C002")["verandering"] == []


def test_cause_about_the_whole_names_no_theme_and_no_indicator(tmp_path: Path) -> None:
    rij = make_oorzaak(
        1,
        soort_code="samenstelling",
        thema_code="TOT",
        indicator_code="",
        effect=None,
        verschil=None,
    )
    (oorzaak,) = read_label(publish(tmp_path, [rij], schema.VERANDERING))["verandering"]
    assert (oorzaak["themaCode"], oorzaak["indicator"], oorzaak["richting"]) == (None, None, None)


def test_largest_six_causes_and_every_hidden_one_stand_on_the_card(tmp_path: Path) -> None:
    codes = [rij["indicator_code"] for rij in build_tables()["indicator"].to_pylist()]
    rijen = [
        make_oorzaak(nummer, indicator_code=code, soort_code=soort, effect=Decimal(100 - nummer))
        for nummer, (soort, code) in enumerate(
            [(soort, code) for soort in ("waarde", "verouderd") for code in codes[:5]], start=1
        )
    ]
    rijen.append(make_verborgen(Decimal(500), volgorde=11))
    release = publish(tmp_path, rijen, schema.VERANDERING)
    oorzaken = read_label(release)["verandering"]
    assert [oorzaak["effect"] for oorzaak in oorzaken] == [99, 98, 97, 96, 95, 94, None]
    assert oorzaken[-1]["isAfgerond"]
    assert pq.read_table(release / "exports" / "verandering.parquet").num_rows == 11


@pytest.mark.parametrize("effect", [Decimal("-88.123456"), Decimal(0), Decimal(3000)])
def test_nothing_that_goes_out_depends_on_a_hidden_change(tmp_path: Path, effect: Decimal) -> None:
    ander = publish(
        tmp_path / "a", [make_oorzaak(1), make_verborgen(Decimal("12.5"))], schema.VERANDERING
    )
    deze = publish(tmp_path / "b", [make_oorzaak(1), make_verborgen(effect)], schema.VERANDERING)
    assert read_label(ander) == read_label(deze)
    for bestand in ("verandering.parquet", "verandering.csv"):
        assert (ander / "exports" / bestand).read_bytes() == (
            deze / "exports" / bestand
        ).read_bytes()
    uit = pq.read_table(deze / "exports" / "verandering.parquet").to_pylist()
    verborgen = next(rij for rij in uit if rij["is_gebandeerd"])
    assert [verborgen[cijfer] for cijfer in CIJFERS] == [None] * 4


def test_causes_of_an_older_peildatum_are_not_shown(tmp_path: Path) -> None:
    release = publish(tmp_path, [make_oorzaak(1, peildatum=TOEN)], schema.VERANDERING)
    assert read_label(release)["verandering"] == []


def test_cause_of_an_unknown_object_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReleaseFout, match="C999"):
        publish(tmp_path, [make_oorzaak(1, beheerobject_id="C999")], schema.VERANDERING)


def test_theme_says_what_residents_and_measurements_say_apart(tmp_path: Path) -> None:
    rij = {
        "niveau": "complex",
        "beheerobject_id": "C001",
        "grondslag": "eigen",
        "peildatum": NU,
        "thema_code": "OVL",
        "volgens_bewoners": 1.256,
        "volgens_metingen": None,
        "is_een_bron": True,
    }
    release = publish(tmp_path, [rij], schema.THEMABEELD)
    assert read_label(release)["themabeeld"] == [
        {
            "themaCode": "OVL",
            "volgensBewoners": 1.26,
            "volgensMetingen": None,
            "isEenBron": True,
        }
    ]
    assert read_label(release, "C002")["themabeeld"] == []


def test_list_row_says_how_much_was_measured(tmp_path: Path) -> None:
    release = write_release(build_tables(), INHOUD, RUN, tmp_path)
    rijen = Uitgave(release).query(
        "select body from lijst where beheerobject_id in ('C001','C006')"
    )
    delen = [json.loads(body)["sociaalBeheerLabel"]["aandeelDekking"] for (body,) in rijen]
    assert delen == [0.875, 0.0]
