"""Mutated deliveries through the whole line: do labels change, and was that said.

Belongs here: building everything on some trials that the gate lets through, and comparing labels
with those of the sound delivery. The trials themselves are :mod:`orchestration.beproeving`.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from orchestration.beproeving import Bank, choose_proef, run_geval, write_levering
from orchestration.instellingen import Instellingen
from orchestration.uitvoering import run_job
from orchestration.voortgang import Voortgang
from orchestration.werkmap import Werkmap
from serving.release import schema
from serving.release.winkel import current
from vera.errors import BuurtpeilError

Labels = Mapping[tuple[object, ...], object]
_SLEUTEL = ("niveau", "beheerobject_id", "grondslag", "peildatum", "thema_code")


def run_keten(bank: Bank, nummers: Sequence[int], seed: int) -> list[str]:
    """Run the whole line on trials and compare the labels with those of the sound delivery.

    Parameters
    ----------
    bank
        The sound delivery.
    nummers, seed
        Which trials; the gate let them through.

    Returns
    -------
    list of str
        One sentence per trial; one that begins with FOUT when labels changed in silence.
    """
    if not nummers:
        return []
    with tempfile.TemporaryDirectory(prefix="buurtpeil-keten-") as naam:
        goed = Path(naam) / "goed"
        labels = _build(bank.leveringen, goed)
        return [_try_keten(bank, nummer, seed, labels, goed, Path(naam)) for nummer in nummers]


def _try_keten(
    bank: Bank, nummer: int, seed: int, goed: Labels, goede_data: Path, map_: Path
) -> str:
    uitslag = run_geval(bank, nummer, seed)
    proef = choose_proef(bank, np.random.default_rng([seed, nummer]))
    leveringen, data = map_ / "leveringen", map_ / "data"
    for pad in (leveringen, data):
        shutil.rmtree(pad, ignore_errors=True)
    shutil.copytree(bank.leveringen, leveringen)
    eigen = map_ / "eigen"
    shutil.rmtree(eigen, ignore_errors=True)
    write_levering(bank, proef, eigen)
    bron = proef.bron.naam
    for pad in (leveringen / bron).iterdir():
        is_eigen = proef.bron.formaat == "uitgever" or pad.name.startswith(f"{proef.tabel.naam}_2")
        if is_eigen:
            pad.unlink()
    shutil.copytree(eigen / bron, leveringen / bron, symlinks=True, dirs_exist_ok=True)
    if (goede_data / "dbt").exists():  # parsing the project is not what is tried
        shutil.copytree(goede_data / "dbt", data / "dbt")
    wat = f"geval {nummer} ({uitslag.tabel}; {'; '.join(uitslag.stappen)}; {uitslag.uitkomst})"
    try:
        labels = _build(leveringen, data)
    except BuurtpeilError as fout:
        return f"{wat}: geweigerd, niets gepubliceerd ({type(fout).__name__})"
    anders = sum(labels.get(sleutel) != waarde for sleutel, waarde in goed.items())
    anders += sum(sleutel not in goed for sleutel in labels)
    if anders and uitslag.uitkomst == "gelijk aanvaard":
        return f"FOUT {wat}: {anders} van {len(goed)} labels anders en niets gezegd"
    return f"{wat}: {anders} van {len(goed)} labels anders"


def _build(leveringen: Path, data: Path) -> Labels:
    run_job("verversing", Instellingen(data=data, leveringen=leveringen), Voortgang(), bewaar=False)
    releases = Werkmap.of(data).releases
    pad = releases / str(current(releases)) / schema.MAP_EXPORTS / f"{schema.LABEL.export}.parquet"
    rijen = pq.read_table(pad, columns=[*_SLEUTEL, "sociaal_beheer_label"]).to_pylist()
    return {tuple(rij[naam] for naam in _SLEUTEL): rij["sociaal_beheer_label"] for rij in rijen}
