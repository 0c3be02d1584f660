"""A duiding from the command line to the published label, and its end after two quarters."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from orchestration.instellingen import Instellingen
from serving.besluit.aandeel import Duidingaandeel
from serving.besluit.duiding import Publicatie, Voorstel
from serving.besluit.register import Besluitregister
from serving.release.winkel import open_release

TEKST = "In de gangen staat al weken grofvuil."
NAAM = "Anna de Wit-Toets"


def _read_labels(bedrijf: Any, complex_id: str) -> dict[str, dict[str, Any]]:
    """Return the labels of a complex by peildatum."""
    with open_release(bedrijf.data / "releases" / bedrijf.huidig) as uitgave:
        historie = uitgave.history("complex", complex_id)
    return {regel["peildatum"]: regel for regel in historie}


def _find_complex(bedrijf: Any, *peildata: str) -> str:
    """Return a complex whose label may go up on all of these peildata."""
    with open_release(bedrijf.data / "releases" / bedrijf.huidig) as uitgave:
        for (id_,) in uitgave.query(
            "select beheerobject_id from lijst where niveau = 'complex' order by beheerobject_id"
        ):
            historie = {r["peildatum"]: r for r in uitgave.history("complex", id_) or []}
            if all(historie.get(p, {}).get("modelWaarde") in {1, 2, 3} for p in peildata):
                return str(id_)
    raise AssertionError("no complex with a known label")


def _list_files(bedrijf: Any) -> list[Path]:
    map_ = bedrijf.data / "releases" / bedrijf.huidig
    return [pad for pad in map_.rglob("*") if pad.is_file()]


def test_duiding_moves_the_label_of_the_next_publication_and_nothing_before(
    gepubliceerd: Any, tmp_path: Path
) -> None:
    bedrijf = gepubliceerd.start(tmp_path)
    deliver_januari = bedrijf.hold_back("2026-01-01", tmp_path / "apart")
    bedrijf.run()
    eerste = bedrijf.huidig
    complex_id = _find_complex(bedrijf, "2025-10-01")
    oud = _read_labels(bedrijf, complex_id)
    assert max(oud) == "2025-10-01"

    uit = bedrijf.call(
        "duiding", "add", complex_id, "--delta", "+1", "--reden", "lokale_kennis",
        "--toelichting", TEKST, "--door", NAAM,
    )  # fmt: skip
    assert uit.returncode == 0, uit.stderr
    assert "2026-01-01 en 2026-04-01" in uit.stdout
    deliver_januari()
    gereed = bedrijf.run()

    assert gereed.is_nieuw
    assert bedrijf.huidig != eerste
    nu = _read_labels(bedrijf, complex_id)
    label = nu["2026-01-01"]
    assert label["duiding"] == {"delta": 1, "redenCode": "lokale_kennis"}
    assert label["waarde"] == min(5, label["modelWaarde"] + 1)
    assert {peildatum: nu[peildatum] for peildatum in oud} == oud
    with open_release(bedrijf.data / "releases" / bedrijf.huidig) as uitgave:
        aandeel = Duidingaandeel.of_manifest(uitgave.manifest)
        kaart = json.loads(uitgave.answer("complex", complex_id))["sociaalBeheerLabel"]
    assert aandeel is not None
    assert (aandeel.peildatum, aandeel.met_duiding, aandeel.aantal) == (date(2026, 1, 1), 1, 2)
    assert not aandeel.is_alarm
    assert (kaart["waarde"], kaart["modelWaarde"]) == (label["waarde"], label["modelWaarde"])
    for pad in _list_files(bedrijf):
        inhoud = pad.read_bytes()
        assert NAAM.encode() not in inhoud, pad
        assert TEKST.encode() not in inhoud, pad
    kpi = bedrijf.call("duiding", "kpi")
    assert f"1 van de {aandeel.met_label} complexen" in kpi.stdout


def test_duiding_counts_on_two_quarters_and_then_lapses(gepubliceerd: Any, nieuw: Any) -> None:
    """Nothing is published yet, so one run decides the quarters before, in and after it."""
    peildata = ("2025-04-01", "2025-07-01", "2025-10-01", "2026-01-01")
    complex_id = _find_complex(gepubliceerd, *peildata)
    zonder = _read_labels(gepubliceerd, complex_id)
    register = Besluitregister(Instellingen(data=nieuw.data).besluiten_adres)
    register.add_duiding(
        Voorstel(complex_id, 1, "recente_maatregel", TEKST, NAAM),
        Publicatie("eerder", date(2025, 4, 1)),
        zonder["2025-04-01"]["modelWaarde"],
    )
    register.close()

    nieuw.run()

    met = _read_labels(nieuw, complex_id)
    verschil = {p: met[p]["waarde"] - zonder[p]["waarde"] for p in peildata}
    assert verschil == {"2025-04-01": 0, "2025-07-01": 1, "2025-10-01": 1, "2026-01-01": 0}
    for peildatum in zonder:
        assert met[peildatum]["modelWaarde"] == zonder[peildatum]["modelWaarde"]
    assert nieuw.huidig != gepubliceerd.huidig
