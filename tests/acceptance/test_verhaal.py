"""The story end to end: deliveries in, a label out, twice the same, and never half."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from serving.adresindex.boek import Adres, Adresboek, Eenheid, Gevonden
from serving.release import schema
from serving.release.winkel import list_releases, open_release, verify
from vera.adressleutel import normalise_postcode, split_huisnummer


def _hash_exports(data: Path, release_id: str) -> dict[str, bytes]:
    map_ = data / "releases" / release_id
    return {
        str(pad.relative_to(map_)): pad.read_bytes()
        for pad in sorted(map_.rglob("*"))
        if pad.is_file() and pad.name not in schema.BUITEN_DE_INHOUD
    }


def test_demo_publishes_labels_marked_as_synthetic(gepubliceerd: Any) -> None:
    with open_release(gepubliceerd.data / "releases" / gepubliceerd.huidig) as uitgave:
        assert uitgave.synthetisch
        bekend = dict(
            uitgave.query(
                "select niveau, count(label_tot) from lijst group by niveau order by niveau"
            )
        )
        assert all(bekend[niveau] > 0 for niveau in ("complex", "buurt", "wijk"))
        assert {label for (label,) in uitgave.query("select distinct label_tot from lijst")} >= {
            2,
            3,
            4,
        }
    assert verify(gepubliceerd.data / "releases" / gepubliceerd.huidig) == []


def test_every_theme_is_known_for_most_of_the_larger_complexes(gepubliceerd: Any) -> None:
    with open_release(gepubliceerd.data / "releases" / gepubliceerd.huidig) as uitgave:
        # FIN is left out: in so small a world its differences are no more than chance.
        for thema in ("shv", "ovl", "soc", "lfb"):
            ((alle, bekend),) = uitgave.query(
                f"select count(*), count(label_{thema}) from lijst "
                "where niveau = 'complex' and verhuureenheden_aantal >= 25"
            )
            assert bekend >= 0.6 * alle, thema


def test_second_run_on_the_same_deliveries_publishes_nothing_new(kopie: Any) -> None:
    voor = kopie.huidig
    gereed = kopie.run()
    assert gereed.release_id == voor
    assert not gereed.is_nieuw
    assert len(list_releases(kopie.data / "releases")) == 1


def test_two_associations_with_the_same_deliveries_give_the_same_bytes(
    gepubliceerd: Any, nieuw: Any
) -> None:
    """Their keys differ, so nothing hangs on a pseudonym; the address index stands beside."""
    nieuw.run()
    for naam in ("pseudoniem.sleutel", "adresindex.sleutel"):
        sleutels = [b.data / "sleutels" / naam for b in (gepubliceerd, nieuw)]
        assert sleutels[0].read_text() != sleutels[1].read_text()
    assert nieuw.huidig == gepubliceerd.huidig
    assert _hash_exports(nieuw.data, nieuw.huidig) == _hash_exports(
        gepubliceerd.data, gepubliceerd.huidig
    )


def test_dwelling_and_its_address_lead_to_one_complex(gepubliceerd: Any) -> None:
    release = gepubliceerd.data / "releases" / gepubliceerd.huidig
    laatste = sorted((gepubliceerd.leveringen / "vera").glob("eenheidadres_*.csv"))[-1]
    with laatste.open(encoding="utf-8", newline="") as bestand:
        rijen = [rij for rij in csv.DictReader(bestand, delimiter=";") if rij["postcode"]]
    adressen, eenheden = [], []
    for rij in rijen:
        postcode = normalise_postcode(rij["postcode"])
        deur = split_huisnummer(rij["huisnummer"], rij["huisletter"], rij["huisnummer_toevoeging"])
        if postcode is not None and deur is not None:
            adressen.append(Adres(postcode, *deur))
            eenheden.append(Eenheid(rij["eenheid_id"]))
    boek = Adresboek(gepubliceerd.data / "sleutels")

    op_adres, op_id = boek.find(release, adressen), boek.find(release, eenheden)

    gevonden = [(adres, id_) for adres, id_ in zip(op_adres, op_id, strict=True) if id_.complex_id]
    assert len(gevonden) > 0.8 * len(rijen)
    assert all(adres in (id_, Gevonden(None, "meer_complexen")) for adres, id_ in gevonden)
    with open_release(release) as uitgave:
        complexen = {id_ for (id_,) in uitgave.query("select complex_id from sturingslabel")}
    assert {id_.complex_id for _, id_ in gevonden} <= complexen
    assert boek.find(release, [Eenheid("bestaat niet")]) == [Gevonden(None, "niet_gevonden")]


def test_label_command_prints_the_answer_of_the_api(gepubliceerd: Any) -> None:
    with open_release(gepubliceerd.data / "releases" / gepubliceerd.huidig) as uitgave:
        ((id_,),) = uitgave.query(
            "select beheerobject_id from lijst where niveau = 'complex' and label_tot is not null "
            "order by score_tot desc limit 1"
        )
        verwacht = json.loads(uitgave.answer("complex", id_))
    uit = gepubliceerd.call("label", id_, "--json")
    assert uit.returncode == 0, uit.stderr
    assert json.loads(uit.stdout) == verwacht
    mens = gepubliceerd.call("label", id_)
    assert f"Label: {verwacht['sociaalBeheerLabel']['waarde']}" in mens.stdout
    assert "SYNTHETISCH" in mens.stdout


def test_next_delivery_leaves_the_published_past_as_it_was(
    gepubliceerd: Any, tmp_path: Path
) -> None:
    """First only the deliveries of December, then those of January: the past stays."""
    bedrijf = gepubliceerd.start(tmp_path)
    deliver_januari = bedrijf.hold_back("2026-01-01", tmp_path / "apart")
    bedrijf.run()
    eerste = bedrijf.huidig
    deliver_januari()
    gereed = bedrijf.run()
    assert gereed.is_nieuw
    oud, nieuw = (_labels(bedrijf.data, id_) for id_ in (eerste, bedrijf.huidig))
    assert set(oud) < set(nieuw)
    assert {sleutel: nieuw[sleutel] for sleutel in oud} == oud
    assert {sleutel[3] for sleutel in set(nieuw) - set(oud)} >= {"2026-01-01"}


def _labels(data: Path, release_id: str) -> dict[tuple[str, ...], tuple[str, ...]]:
    regels = (
        (data / "releases" / release_id / "exports" / "sociaal_beheer_label.csv")
        .read_text(encoding="utf-8")
        .splitlines()
    )
    kop = [naam.strip('"') for naam in regels[0].split(";")]
    # All of it, with the chances and the reason: damping starts from what was published.
    assert {"kans_1", "reden_label_code", "model_sociaal_beheer_label"} <= set(kop)
    rijen = [regel.split(";") for regel in regels[1:]]
    return {tuple(rij[:5]): tuple(rij[5:]) for rij in rijen}


# Ends of steps, and points inside the long ones, after which the run is killed.
MOMENTEN = [
    ("opstarten", 0.0),
    ("leveringen inlezen (huurdersonderzoek)", 0.0),
    ("leveringen inlezen (vera)", 0.0),
    ("leveringen inlezen (woonfraude)", 0.0),
    ("poort in", 0.0),
    ("klaarzetten", 0.0),
    ("klaarzetten", 1.0),
    ("klaarzetten", 4.0),
    ("warehouse", 0.0),
    ("trekkingen", 0.0),
    ("marts", 0.0),
    ("poort uit", 0.0),
    ("poort uit", 0.1),
    ("poort uit", 0.25),
    ("poort uit", 0.5),
]


ENKELE_MOMENTEN = [
    ("leveringen inlezen (vera)", 0.0),
    ("klaarzetten", 1.0),
    ("warehouse", 0.0),
    ("marts", 0.0),
    ("poort uit", 0.1),
    ("poort uit", 0.25),
]


@pytest.mark.parametrize(
    "momenten",
    [
        pytest.param(ENKELE_MOMENTEN, id="enkele"),
        pytest.param(MOMENTEN, id="alle", marks=pytest.mark.nacht),
    ],
)
def test_run_that_is_killed_at_any_moment_leaves_the_previous_release_served(
    kopie: Any, verander: Any, momenten: list[tuple[str, float]]
) -> None:
    """``kill -9`` at several moments; each next run starts from what the last one left."""
    verander(kopie.leveringen / "vera" / "zaak_2026-01-01.csv", lambda regels: regels[:-5])
    vorige = kopie.huidig
    for stap, wacht in momenten:
        _run_and_kill(kopie, stap, wacht)
        huidig = kopie.huidig
        assert verify(kopie.data / "releases" / huidig) == []
        if huidig != vorige:
            break  # the switch had been made: from here on the new release is served
        with open_release(kopie.data / "releases" / huidig) as uitgave:
            assert uitgave.query("select count(*) from antwoord")[0][0] > 0
    gereed = kopie.run()
    assert gereed.release_id == kopie.huidig
    assert kopie.huidig != vorige
    assert verify(kopie.data / "releases" / kopie.huidig) == []
    assert not list((kopie.data / "releases").glob(".*")), "nothing half is left lying"


def _run_and_kill(bedrijf: Any, stap: str, wacht: float) -> None:
    proces = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from orchestration.cli import main; main()",
            "run",
            "--leveringen",
            str(bedrijf.leveringen),
            "--data",
            str(bedrijf.data),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    assert proces.stderr is not None
    for regel in proces.stderr:
        if regel.startswith(f"{stap}:"):
            break
    with contextlib.suppress(subprocess.TimeoutExpired):
        proces.wait(timeout=wacht or 0.001)
    proces.send_signal(signal.SIGKILL)
    proces.wait()
    proces.stderr.close()
