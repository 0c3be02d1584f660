"""A new reference beside the old one: compared first, used from a chosen day, never backwards."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any


def _read_labels(bedrijf: Any) -> dict[tuple[str, ...], dict[str, str]]:
    pad = bedrijf.data / "releases" / bedrijf.huidig / "exports" / "sociaal_beheer_label.csv"
    sleutel = ("niveau", "beheerobject_id", "grondslag", "peildatum", "thema_code")
    with pad.open(encoding="utf-8", newline="") as bestand:
        return {
            tuple(rij[deel] for deel in sleutel): rij
            for rij in csv.DictReader(bestand, delimiter=";")
        }


def test_new_reference_is_compared_then_used_and_the_past_stays(
    gepubliceerd: Any, tmp_path: Path
) -> None:
    bedrijf = gepubliceerd.start(tmp_path)
    deliver_januari = bedrijf.hold_back("2026-01-01", tmp_path / "apart")
    bedrijf.run()
    oud = _read_labels(bedrijf)
    (oude_id,) = {rij["referentie_id"] for k, rij in oud.items() if k[2] == "eigen"}

    uit = bedrijf.call("methode", "rebase", "--vanaf", "2023-01-01")
    assert uit.returncode == 0, uit.stderr
    referenties = bedrijf.data / "referentie"
    (pad,) = referenties.glob("concordantie-*.csv")
    with pad.open(encoding="utf-8", newline="") as bestand:
        tabel = list(csv.DictReader(bestand, delimiter=";"))
    totaal = [rij for rij in tabel if rij["niveau"] == "complex" and rij["thema_code"] == "TOT"]
    ((eerste, laatste),) = {(r["eerste_peildatum"], r["laatste_peildatum"]) for r in totaal}
    overlap = {k for k in oud if k[0] == "complex" and k[4] == "TOT" and eerste <= k[3] <= laatste}
    assert len({k[3] for k in overlap}) == 4
    assert sum(int(rij["aantal"]) for rij in totaal) == len(overlap)
    ids = json.loads((referenties / "IN_GEBRUIK.json").read_text(encoding="utf-8"))
    assert ids["eigen"] == oude_id, "a new reference is not in use before somebody says so"

    (nieuwe_id,) = {p.stem for p in referenties.glob("eigen-*.json")} - {oude_id}
    assert bedrijf.call("methode", "activate", nieuwe_id).returncode == 0
    deliver_januari()
    gereed = bedrijf.run()
    # Another reference changes more labels than is usual in a quarter: somebody looks first.
    assert "krijgen een ander label" in gereed.wacht[0]
    goed = ("--reden", "Er is een nieuwe referentie.", "--door", "Anna")
    besluit = bedrijf.call("release", "goedkeuren", str(gereed.release_id), *goed)
    assert besluit.returncode == 0, besluit.stderr
    nieuw = _read_labels(bedrijf)
    assert {k: nieuw[k] for k in oud} == oud
    bij = {k: rij for k, rij in nieuw.items() if k not in oud and k[2] == "eigen"}
    assert {rij["referentie_id"] for rij in bij.values()} == {nieuwe_id}
    redenen = {rij["reden_label_code"] for k, rij in bij.items() if rij["sociaal_beheer_label"]}
    assert redenen <= {"nieuwe_methode", "opnieuw_bekend", "eerste_publicatie"}
    assert "nieuwe_methode" in redenen


def test_reference_that_does_not_exist_cannot_be_used(kopie: Any) -> None:
    uit = kopie.call("methode", "activate", "eigen-000000000000")
    assert uit.returncode == 1
    assert "eigen-000000000000" in uit.stderr
    assert "methode show" in uit.stderr
