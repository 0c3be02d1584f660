"""A part of the mutated deliveries on every run; `buurtpeil beproef` has all of them."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from expectations.poort import Toetsbank
from orchestration.beproeving import (
    Bank,
    Vlotbank,
    build_bank,
    choose_proef,
    read_goed_blad,
    run_geval,
    try_proef,
)
from orchestration.beproeving_oordeel import UITKOMSTEN, _judge_rij
from orchestration.cli.beproeving import write_markdown
from orchestration.werkmap import DBT_MAP
from sources.demo.mutatie import (
    AANNEMELIJK,
    BESTAND,
    CEL,
    GELIJK,
    TEKST,
    UITGEVER,
    Blad,
    Proef,
    Vorm,
)
from sources.demo.mutatie.blad import Mutatie, Rij, write_parquet
from sources.demo.mutatie.cel import GEVOLGEN
from sources.demo.mutatie.uitgever import KOPREGELS
from vera.levering import Afkeuring

SEED = 7
AANTAL = 24


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    return build_bank(DBT_MAP, tmp_path_factory.mktemp("beproeving"), SEED, eenheden=200)


def test_mutated_deliveries_are_accepted_quarantined_refused_or_reported(bank: Bank) -> None:
    uitslagen = [run_geval(bank, nummer, SEED) for nummer in range(AANTAL)]
    mis = {u.nummer: (u.stappen, u.fouten) for u in uitslagen if u.fouten}
    assert mis == {}
    assert {u.uitkomst for u in uitslagen} >= {"gelijk aanvaard", "quarantaine", "geweigerd"}
    assert write_markdown(uitslagen).count("\n") >= len({u.mutatie for u in uitslagen})


def test_same_number_is_the_same_trial(bank: Bank) -> None:
    assert run_geval(bank, 3, SEED) == run_geval(bank, 3, SEED)
    een, ander = (choose_proef(bank, np.random.default_rng([SEED, n])) for n in (3, 4))
    assert (een.tabel.id, een.stappen) != (ander.tabel.id, ander.stappen)


def test_every_kind_of_mutation_is_chosen(bank: Bank) -> None:
    gekozen = {
        stap
        for nummer in range(4000)
        for stap in choose_proef(bank, np.random.default_rng([SEED, nummer])).stappen
    }
    soorten = {
        "gelijk": GELIJK, "cel": CEL, "tekst": TEKST,
        "aannemelijk": AANNEMELIJK, "bestand": BESTAND, "uitgever": UITGEVER,
    }  # fmt: skip
    alle = {f"{soort}: {naam}" for soort, mutaties in soorten.items() for naam in mutaties}
    # Damage of Parquet needs a file that a mutation without meaning made Parquet before.
    assert {stap for stap in alle - gekozen if "Parquet" not in stap} == set()


def test_oracle_sees_a_reader_that_lets_a_wrong_date_through(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    nummer = next(
        n
        for n in range(1500)
        if choose_proef(bank, np.random.default_rng([SEED, n])).stappen
        == ("cel: datum die niet bestaat",)
    )
    assert run_geval(bank, nummer, SEED).fouten == ()
    monkeypatch.setattr("sources.cel._list_eisen_kolom", lambda kolom: [])
    monkeypatch.setattr("sources.landing.LEESVERSIE", "kapot")
    assert any("in quarantaine" in fout for fout in run_geval(bank, nummer, SEED).fouten)


def test_quick_judge_says_what_great_expectations_says() -> None:
    maten = {"een": [0.0, 1.0, float("nan")], "twee": [-1.0, 0.0, 0.001]}
    assert Vlotbank().find_hoger(maten) == Toetsbank().find_hoger(maten)


def test_sound_delivery_stays_what_it_is(bank: Bank) -> None:
    voor = {pad: pad.read_bytes() for pad in sorted(bank.leveringen.rglob("*.csv"))}
    run_geval(bank, 5, SEED)
    assert {pad: pad.read_bytes() for pad in sorted(bank.leveringen.rglob("*.csv"))} == voor
    assert len(UITKOMSTEN) == len(set(UITKOMSTEN))
    assert isinstance(replace(bank, bekend={}).map_, Path)


def make_proef(bank: Bank, naam: str, levering: int = 0) -> Proef:
    """Return a sound file of a table (``bron.tabel``), with nothing done to it yet."""
    bron, tabel, bestand = [
        (bron, tabel, bestand)
        for bron, tabel, bestand in bank.list_bestanden("tabel")
        if tabel.id == naam
    ][levering]
    blad = read_goed_blad(bank, bron, bestand)
    return Proef(bron, tabel, bestand, blad, Vorm(scheiding=bron.scheidingsteken))


def test_copy_of_a_file_that_is_not_read_need_not_be_told(bank: Bank) -> None:
    eigen = make_proef(bank, "huurdersonderzoek.antwoord")
    dubbel = next(
        proef
        for zaad in range(50)
        if (proef := GELIJK["bestand dubbel"](eigen, np.random.default_rng(zaad))) is not None
        and proef.melding
    )
    kop = next(
        proef
        for zaad in range(50)
        if (proef := BESTAND["kop met andere namen"](dubbel, np.random.default_rng(zaad)))
        and len(set(proef.blad.kop)) < len(proef.blad.kop)
    )

    assert try_proef(bank, dubbel).fouten == (), "the copy of a file that is read is told"
    oordeel = try_proef(bank, kop)

    assert (oordeel.uitkomst, oordeel.fouten) == ("geweigerd", ())


@pytest.mark.parametrize(
    "zip_", [GELIJK["gz"], BESTAND["gz afgekapt"], BESTAND["gz die geen gz is"]]
)
def test_file_is_not_zipped_over_its_own_copy(bank: Bank, zip_: Mutatie) -> None:
    eigen = make_proef(bank, "vera.huurovereenkomst")
    assert zip_(eigen, np.random.default_rng(0)) is not None

    kopie = replace(eigen, extra={f"{eigen.bestand}.gz": b""})

    assert zip_(kopie, np.random.default_rng(0)) is None


@pytest.mark.parametrize("tekst", ["9" * 20, "9" * 38, "9" * 39, "9" * 400])
def test_number_that_fits_no_decimal_stays_what_it_is_in_parquet(bank: Bank, tekst: str) -> None:
    proef = make_proef(bank, "woonfraude.onderzoek")
    blad = proef.blad.set_cel(0, "selectiekans", tekst)

    inhoud, _ = write_parquet(blad, proef.tabel, getypeerd=True)

    kolom = pq.read_table(io.BytesIO(inhoud)).column("selectiekans").to_pylist()
    assert str(kolom[0]) == tekst


def test_row_with_a_fault_of_its_own_may_be_rejected_for_that(bank: Bank) -> None:
    eis = {217: (frozenset({"datum", "huur"}), ("geen date",))}
    proef = replace(make_proef(bank, "vera.eenheid"), soort="bestand", afgekeurd=eis)
    af = Afkeuring("vera.eenheid", "eenheid.csv", 217, "oppervlakte", "getal", "geen decimal(8,1)")

    assert list(_judge_rij(proef, 217, af, None, None)) == []
    assert list(_judge_rij(proef, 217, None, {"huur": 1}, None)), "it may not land"
    assert list(_judge_rij(proef, 217, af, None, {"huur": 1})), "a sound row has no other fault"


@pytest.mark.parametrize("deel", [0.1, 0.5])
@pytest.mark.parametrize("soort", ["cel", "tekst"])
def test_gate_may_miss_keys_that_a_trial_took_from_most_rows(
    bank: Bank, soort: str, deel: float
) -> None:
    proef = replace(make_proef(bank, "vera.cluster", levering=-1), soort=soort)
    for plek in range(round(deel * len(proef.blad.rijen))):
        rij = proef.blad.rijen[plek]
        if soort == "cel":  # the row goes to quarantine
            blad = proef.blad.set_rij(plek, Rij(rij.nummer, (*rij.cellen, "te veel")))
            eis = (frozenset({""}), ("aantal kolommen",))
            proef = replace(proef, blad=blad, afgekeurd={**proef.afgekeurd, rij.nummer: eis})
        else:  # the row lands under another key
            cellen = {"cluster_id": f"=1+1 {plek}"}
            blad = proef.blad.set_cel(plek, *next(iter(cellen.items())))
            proef = replace(proef, blad=blad, gewijzigd={**proef.gewijzigd, rij.nummer: cellen})
    proef = replace(proef, mag_melden=GEVOLGEN, stappen=(f"{soort}: eigen",))

    oordeel = try_proef(bank, proef)

    assert oordeel.fouten == ()
    assert any("sleutels_van_vorige_levering" in w for w in oordeel.waarom) is (deel == 0.5)


def test_other_cell_of_a_publisher_is_one_of_a_row_and_not_of_its_heads(bank: Bank) -> None:
    for bron, tabel, bestand in bank.list_bestanden("uitgever"):
        if bron.naam != "cbs_kwb":
            continue
        inhoud = (bank.leveringen / bron.naam / bestand).read_bytes()
        koppen = len(KOPREGELS[bron.naam])
        for zaad in range(60):
            rng = np.random.default_rng(zaad)
            proef = UITGEVER["andere cel"](Proef(bron, tabel, bestand, Blad((), ())), rng)
            assert proef is not None
            assert proef.doe_bytes is not None
            nieuw = proef.doe_bytes(inhoud)
            assert b"Codering" in b"\n".join(inhoud.split(b"\n")[: koppen - 1])
            assert nieuw.split(b"\n")[:koppen] == inhoud.split(b"\n")[:koppen]


def test_map_that_is_another_kind_of_file_is_refused_for_that(bank: Bank) -> None:
    kaart = next(
        Proef(bron, tabel, bestand, Blad((), ()))
        for bron, tabel, bestand in bank.list_bestanden("uitgever")
        if bestand.endswith(".geojson")
    )
    proef = BESTAND["ander soort bestand"](kaart, np.random.default_rng(0))
    assert proef is not None
    oordeel = try_proef(bank, replace(proef, doe_bytes=lambda _: b'{"fout": "Aanmelden"}'))
    assert (oordeel.uitkomst, oordeel.fouten) == ("geweigerd", ())
