"""Each peculiarity of real deliveries that the demo must hold is really there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sources.demo.genereer import GeneratieVerslag
from sources.demo.persoon import compute_bsn, compute_iban
from sources.landing import BronLanding
from vera.contract import Contract
from vera.persoonsgegeven import find_persoonsgegeven

Lees = Callable[..., list[dict[str, str]]]
EERSTE, TWEEDE = date(2025, 12, 1), date(2026, 1, 1)


def day(tekst: str) -> date:
    return date.fromisoformat(tekst)


def test_some_rows_are_known_weeks_after_they_happened(lees: Lees) -> None:
    dagen = [
        (day(rij["kennisdatum"]) - day(rij["registratiedatum"])).days
        for rij in lees("vera.zaak", "eerste")
    ]
    laat = sum(d >= 14 for d in dagen) / len(dagen)
    assert 0.01 < laat < 0.06
    assert min(dagen) >= 0


def test_second_delivery_holds_rows_that_were_late_for_the_first(lees: Lees) -> None:
    eerste = {rij["zaak_id"] for rij in lees("vera.zaak", "eerste")}
    nagekomen = [
        rij
        for rij in lees("vera.zaak", "tweede")
        if rij["zaak_id"] not in eerste and day(rij["registratiedatum"]) < EERSTE
    ]
    assert nagekomen
    assert all(EERSTE <= day(rij["kennisdatum"]) < TWEEDE for rij in nagekomen)


def test_second_delivery_edits_rows_of_the_first(lees: Lees) -> None:
    eerste = {rij["zaak_id"]: rij for rij in lees("vera.zaak", "eerste")}
    paren = [
        (eerste[rij["zaak_id"]], rij)
        for rij in lees("vera.zaak", "tweede")
        if rij["zaak_id"] in eerste
    ]
    assert any(oud["zaaktype_detail_soort_code"] != nieuw["zaaktype_detail_soort_code"]
               for oud, nieuw in paren)
    assert any(oud["einddatum"] != nieuw["einddatum"] for oud, nieuw in paren)
    assert all(day(nieuw["kennisdatum"]) > day(oud["kennisdatum"]) for oud, nieuw in paren)


@pytest.mark.parametrize(
    ("tabel", "reden"),
    [
        ("vera.zaak", "einddatum ligt voor begindatum"),
        ("vera.zaak", "onbekende code in lijst ZAAKTYPEDETAILSOORT"),
        ("vera.defect", "onbekende code in lijst DEFECTSOORT"),
        ("vera.eenheid", "geen decimal(8,1)"),
    ],
)
def test_entry_errors_are_there_and_stay_below_the_thresholds_of_the_gate(
    contract: Contract, demo_landing: dict[str, BronLanding], tabel: str, reden: str
) -> None:
    bron = contract.bron(tabel.partition(".")[0])
    verslagen = [g.verslag for g in demo_landing[bron.naam].van_tabel(tabel)]
    assert sum(v.afgekeurd_per_reden.get(reden, 0) for v in verslagen) > 0
    for v in verslagen:
        totaal = v.rijen + v.afgekeurd
        assert v.afgekeurd / totaal <= bron.drempel_quarantaine / 4
        assert sum(v.onbekende_codes.values()) / totaal <= bron.drempel_onbekende_code / 2


def test_nothing_but_the_planted_errors_is_rejected(
    demo_landing: dict[str, BronLanding],
) -> None:
    redenen = {
        (g.verslag.tabel, reden)
        for landing in demo_landing.values()
        for g in landing.bestanden
        for reden in g.verslag.afgekeurd_per_reden
    }
    assert {tabel for tabel, _ in redenen} <= {
        "vera.zaak", "vera.defect", "vera.eenheid", "vera.huurovereenkomst",
        "vera.huurachterstand",
    }
    assert not any(
        g.verslag.leesfout or g.verslag.ontbrekende_kolommen or g.verslag.onbekende_kolommen
        for landing in demo_landing.values()
        for g in landing.bestanden
        if landing.bron not in {"wijkprofiel", "cbs_kwb", "airbnb"}
    )
    assert [naam for landing in demo_landing.values() for naam in landing.overgeslagen] == []


def test_some_dwellings_have_no_rent(lees: Lees) -> None:
    rijen = lees("vera.eenheid", "eerste")
    zonder = sum(not rij["brutohuur_eur_per_maand"] for rij in rijen) / len(rijen)
    assert 0 < zonder < 0.01


def test_one_dwelling_reports_far_more_than_any_other(lees: Lees) -> None:
    meldingen = Counter(
        rij["eenheid_id"] for rij in lees("vera.zaak", "eerste") if rij["eenheid_id"]
    )
    (veelmelder, meest), (_, tweede) = meldingen.most_common(2)
    assert meest > 60
    assert meest > 4 * tweede
    dagen = sorted(
        day(rij["begindatum"])
        for rij in lees("vera.zaak", "eerste")
        if rij["eenheid_id"] == veelmelder
    )
    assert timedelta(days=500) < dagen[-1] - dagen[0] < timedelta(days=3 * 366 + 366)


def test_online_form_changes_how_much_is_reported_from_its_month_on(
    demo: GeneratieVerslag,
) -> None:
    k = demo.kerncijfers
    voor = k["meldingen_voor_formulier_per_woningjaar"]
    assert k["meldingen_na_formulier_per_woningjaar"] > 1.1 * voor


def test_months_without_schouw_are_a_gap_that_coverage_admits(lees: Lees) -> None:
    maanden = {rij["schouwdatum"][:7] for rij in lees("wijkbeheer.schouw")}
    # The world begins in January 2017; its gap is months 40 to 45.
    gat = {f"2020-{maand:02d}" for maand in range(5, 11)}
    assert not maanden & gat
    assert {"2020-02", "2020-11"} <= maanden
    dekking = [
        rij for rij in lees("wijkbeheer.dekking", "eerste")
        if rij["bron"] == "schouw" and not rij["cluster_id"]
    ]
    assert [(rij["begindatum"], rij["einddatum"], rij["is_gedekt"]) for rij in dekking] == [
        ("2020-05-01", "2020-11-01", "false")
    ]


def test_complex_splits_in_two_and_two_others_become_one(lees: Lees) -> None:
    clusters = [r for r in lees("vera.cluster", "tweede") if r["soort_code"] == "FIN"]
    einden = Counter(rij["einddatum"] for rij in clusters if rij["einddatum"])
    (splitsing,) = [dag for dag, keer in einden.items() if keer == 1]
    (samenvoeging,) = [dag for dag, keer in einden.items() if keer == 2]
    begint = Counter(rij["begindatum"] for rij in clusters)
    assert (begint[splitsing], begint[samenvoeging]) == (2, 1)
    leden = lees("vera.cluster_eenheid", "tweede")
    oud = next(r for r in clusters if r["einddatum"] == splitsing)["cluster_id"]
    nieuw = [r["cluster_id"] for r in clusters if r["begindatum"] == splitsing]
    voor = {r["eenheid_id"] for r in leden if r["cluster_id"] == oud}
    na = [{r["eenheid_id"] for r in leden if r["cluster_id"] == c} for c in nieuw]
    assert voor == na[0] | na[1]
    assert not na[0] & na[1]
    zaken = [r for r in lees("vera.zaak", "eerste") if r["cluster_id"] == oud]
    assert all(day(r["begindatum"]) < day(splitsing) for r in zaken)


def test_dwelling_is_in_one_complex_at_a_time(lees: Lees) -> None:
    fin = {r["cluster_id"] for r in lees("vera.cluster", "tweede") if r["soort_code"] == "FIN"}
    perioden: dict[str, list[tuple[str, str]]] = {}
    for rij in lees("vera.cluster_eenheid", "tweede"):
        if rij["cluster_id"] in fin:
            perioden.setdefault(rij["eenheid_id"], []).append(
                (rij["begindatum"], rij["einddatum"] or "9999-12-31")
            )
    for delen in perioden.values():
        delen.sort()
        assert all(een[1] == ander[0] for een, ander in pairwise(delen))


def test_free_text_holds_bait_of_every_kind(lees: Lees) -> None:
    teksten = [rij["omschrijving"] for rij in lees("vera.zaak")]
    teksten += [rij["omschrijving"] for rij in lees("vera.onderhoudsverzoek")]
    gevonden = {find_persoonsgegeven(tekst) for tekst in teksten}
    assert gevonden == {
        None, "BSN", "IBAN", "e-mailadres", "telefoonnummer", "postcode met huisnummer"
    }
    assert any(rij["huurder_naam"] for rij in lees("vera.huurovereenkomst", "eerste"))
    assert any(rij["huurder_geboortedatum"] for rij in lees("vera.huurovereenkomst", "eerste"))


def test_bait_names_nobody() -> None:
    assert {compute_bsn(i)[:4] for i in range(50)} == {"9999"}
    assert {compute_iban(i)[4:8] for i in range(50)} == {"DEMO"}
    assert find_persoonsgegeven(f"BSN {compute_bsn(7)}") == "BSN"
    assert find_persoonsgegeven(compute_iban(7)) == "IBAN"


def test_no_bait_survives_landing(
    demo_landing: dict[str, BronLanding], lees: Lees
) -> None:
    namen = {rij["huurder_naam"] for rij in lees("vera.huurovereenkomst", "eerste")}
    for landing in demo_landing.values():
        for geland in landing.bestanden:
            tabel = pq.read_table(geland.pad)
            assert not {"omschrijving", "huurder_naam", "huurder_geboortedatum", "huisnummer",
                        "postcode"} & set(tabel.column_names)
            for kolom in tabel.columns:
                if pa.types.is_string(kolom.type):
                    waarden = set(kolom.unique().to_pylist()) - {None}
                    assert not waarden & namen
                    # A pseudonym of digits alone is no number of a person.
                    teksten = [w for w in waarden if not _is_pseudoniem(w)]
                    assert [w for w in teksten if find_persoonsgegeven(w)] == []


def _is_pseudoniem(waarde: str) -> bool:
    return len(waarde) == 24 and all(teken in "0123456789abcdef" for teken in waarde)


def test_detail_code_that_vera_ended_gives_way_to_its_successor(lees: Lees) -> None:
    for rij in lees("vera.zaak", "eerste"):
        if rij["zaaktype_detail_soort_code"] == "VUIL":
            assert rij["begindatum"] < "2022-11-11"
        if rij["zaaktype_detail_soort_code"] == "VUI":
            assert rij["begindatum"] >= "2022-11-11"


def test_nothing_is_delivered_before_it_was_known(lees: Lees, demo: GeneratieVerslag) -> None:
    for pad in sorted(demo.uit.glob("*/*_20*.csv")):
        tabel = f"{pad.parent.name}.{pad.stem.rsplit('_', 1)[0]}"
        if pad.parent.name in {"wijkprofiel", "cbs_kwb", "politie"}:
            continue
        levering = pad.stem.rsplit("_", 1)[1]
        welke = "eerste" if levering == "2025-12-01" else "tweede"
        kennis = [rij["kennisdatum"] for rij in lees(tabel, welke) if "kennisdatum" in rij]
        assert all(dag < levering for dag in kennis), pad.name


def test_deliveries_say_that_they_are_synthetic(demo: GeneratieVerslag) -> None:
    assert "synthetisch: true" in (demo.uit / "organisatie.yml").read_text(encoding="utf-8")
    for pad in (demo.uit, *sorted(p for p in demo.uit.iterdir() if p.is_dir())):
        assert "ynthetisch" in (pad / "LEESMIJ.md").read_text(encoding="utf-8"), pad.name
    # Where a publisher's format leaves room in the name of the file, that says so too.
    vast = {"wijkprofiel"}
    for bron in ("cbs_kwb", "geo", "politie", "airbnb"):
        for bestand in _list_bestanden(demo.uit / bron):
            assert "synthetisch" in bestand
    assert all("_vi" in b or "_si" in b or "_fi" in b or "synthetisch" in b
               for bron in vast for b in _list_bestanden(demo.uit / bron))


def _list_bestanden(map_: Path) -> list[str]:
    return [pad.name for pad in map_.iterdir() if pad.name != "LEESMIJ.md"]
