"""The label of the demo association held against the truth of its world.

Belongs here: running the line on generated deliveries, and putting what it published beside what
was true. Does not belong here: the measures (``models.label.evaluatie``). Only this module and the
command read ``waarheid/``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from models.label.evaluatie import (
    THEMAS_MET_SIGNAAL,
    Themasignalen,
    Uitkomst,
    compute_ruwe_klassen,
    measure_kalibratie,
    measure_kracht,
    measure_labels,
    measure_vals_signaal,
    share_juist_vanaf,
)
from models.label.keten import compute_posterior, logit_aandeel
from models.label.plafond import choose_beste_label
from models.label.wereld import OMVANG_GRENZEN, compute_waarheid
from orchestration.instellingen import Instellingen
from orchestration.meting import Labelinvoer, read_labelinvoer
from orchestration.uitvoering import run_job
from orchestration.voortgang import Voortgang
from orchestration.warehouse import open_warehouse
from orchestration.werkmap import Werkmap
from sources.demo.genereer import generate

EENHEDEN, JAREN = 14_000, 7
"""About 450 complexes, as in the fixed world."""
_MAANDEN_PER_JAAR = 12
_RECENT, _EERDER = 6, 24
_EPISODES = {"SHV": ("SHV_VANDALISME", "SHV_ONGEDIERTE"), "OVL": ("OVL_EPISODE",)}

Getal = npt.NDArray[np.float64]
Geheel = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Waarheid:
    """What was to be expected of complexes that are one and the same cluster all the time.

    Attributes
    ----------
    clusters : tuple of str
        Of the C complexes.
    begin : int
        Number of the first month: 12 times the year plus the month.
    codes : tuple of str
        Of the K indicators.
    verwacht : ndarray, shape (C, T, K)
        By month.
    """

    clusters: tuple[str, ...]
    begin: int
    codes: tuple[str, ...]
    verwacht: Getal

    def average(self, van: int, tot: int) -> Getal:
        """Return the mean (C, K) over months ``van`` .. ``tot`` - 1, counted from the first."""
        return np.asarray(self.verwacht[:, max(van, 0) : tot].mean(axis=1))


def evaluate_demo(
    seed: int,
    map_: Path,
    voortgang: Voortgang,
    *,
    eenheden: int = EENHEDEN,
    jaren: int = JAREN,
) -> Uitkomst:
    """Generate an association, run the line on it, and measure its labels.

    Parameters
    ----------
    seed
        Of the world.
    map_
        An empty folder; it becomes the data folder of the run.
    voortgang
        Told how far the run is.
    eenheden, jaren
        Size of the world.
    """
    leveringen = map_ / "leveringen"
    with voortgang.stap("demo maken"):
        generate(leveringen, eenheden=eenheden, jaren=jaren, seed=seed)
    run_job("verversing", Instellingen(data=map_, leveringen=leveringen), voortgang, bewaar=False)
    with open_warehouse(Werkmap.of(map_).warehouse) as warehouse:
        return compare_demo(warehouse, read_waarheid(leveringen / "waarheid"), seed)


def read_waarheid(map_: Path) -> Waarheid:
    """Read the expectations of a generated world."""
    tabel = pq.read_table(map_ / "verwacht.parquet").to_pandas()
    codes = tuple(kolom for kolom in tabel if kolom not in ("maand", "complex", "cluster_id"))
    maanden = tabel["maand"].nunique()
    ids = tabel["cluster_id"].to_numpy(dtype=str).reshape(maanden, -1)
    verwacht = tabel[list(codes)].to_numpy(dtype=np.float64).reshape(*ids.shape, -1)
    naam, aantal = np.unique(ids, return_counts=True)
    # A split or merger is in one month two complexes of the world and in another one.
    alleen = np.isin(ids[0], naam[aantal == maanden]) & (ids == ids[0]).all(axis=0)
    eerste = tabel["maand"].iloc[0]
    return Waarheid(
        tuple(ids[0][alleen].tolist()),
        12 * eerste.year + eerste.month,
        codes,
        verwacht[:, alleen].transpose(1, 0, 2),
    )


def compare_demo(warehouse: duckdb.DuckDBPyConnection, waarheid: Waarheid, seed: int) -> Uitkomst:
    """Measure what a run published against the truth.

    Parameters
    ----------
    warehouse
        Of a run that is done.
    waarheid
        Of the same world.
    seed
        Of the experiment on power.
    """
    invoer = read_labelinvoer(warehouse)
    meting = invoer.meting
    ware_x = _build_ware_x(invoer, waarheid)
    waar = compute_waarheid(ware_x, meting, invoer.catalogus, invoer.methode)
    kwartalen = np.unique(meting.kwartaal)
    plaats = (meting.eenheid, np.searchsorted(kwartalen, meting.kwartaal))
    vorm = (len(invoer.eenheden), len(kwartalen))

    def spread(waarden: npt.NDArray[np.generic], leeg: float) -> npt.NDArray[np.generic]:
        veld = np.full((*vorm, *waarden.shape[1:]), leeg, dtype=waarden.dtype)
        veld[plaats] = waarden
        return veld

    ware_label = spread(waar.label[:, -1], 0).astype(np.int64)
    woningen = spread(meting.woningen, np.nan).astype(np.float64)
    label, kans = _read_labels(warehouse, invoer, kwartalen)
    ware_label = np.where(label > 0, ware_label, 0)
    cijfer = spread(meting.teller / meting.noemer * invoer.catalogus.richting, np.nan)
    klassen = compute_ruwe_klassen(cijfer.astype(np.float64), invoer.methode.knippen)
    klassen = np.where((label > 0) & (ware_label > 0), klassen, 0)
    beste = spread(
        choose_beste_label(
            compute_posterior(meting, invoer.catalogus, invoer.methode).x,
            meting.woningen,
            waar.score[:, -1],
            waar.knippen[-1],
            OMVANG_GRENZEN,
        ),
        0,
    ).astype(np.int64)
    van_beste = measure_labels(np.where(ware_label > 0, beste, 0), ware_label, woningen)
    banden = measure_kalibratie(label, ware_label, kans)
    signaal = _measure_signalen(warehouse, invoer, waarheid, seed)
    return Uitkomst(
        sbl={
            **measure_labels(label, ware_label, woningen),
            "juist_bij_kans_80": share_juist_vanaf(banden, 0.8),
            "vals_signaal": max(thema.vals for thema in signaal.values()),
            "kracht": signaal["OVL"].kracht,
        },
        ruw=measure_labels(klassen, ware_label, woningen),
        plafond={
            **measure_labels(ware_label, ware_label, woningen),
            **{code: van_beste[code] for code in ("juist", "juist_klein")},
        },
        banden=banden,
        signaal=signaal,
    )


def _build_ware_x(invoer: Labelinvoer, waarheid: Waarheid) -> Getal:
    """Return the true x of every row: the mean of the window's months, signed."""
    meting, soorten = invoer.meting, np.array(invoer.catalogus.soort)
    kolom = [waarheid.codes.index(code) for code in invoer.indicatoren]
    plek = {cluster: i for i, cluster in enumerate(waarheid.clusters)}
    complex_ = np.array([plek.get(naam, -1) for naam in invoer.eenheden])[meting.eenheid]
    x = np.full(meting.teller.shape, np.nan)
    for kwartaal in np.unique(meting.kwartaal):
        rij = (meting.kwartaal == kwartaal) & (complex_ >= 0)
        maand = _first_maand(int(kwartaal)) - waarheid.begin
        if maand < _MAANDEN_PER_JAAR:
            continue
        gemiddeld = waarheid.average(maand - _MAANDEN_PER_JAAR, maand)[:, kolom]
        x[rij] = gemiddeld[complex_[rij]]
    x[:, soorten == "telling"] = np.log(x[:, soorten == "telling"])
    x[:, soorten == "aandeel"] = logit_aandeel(x[:, soorten == "aandeel"])
    return np.asarray(x * invoer.catalogus.richting)


def _first_maand(kwartaal: int) -> int:
    """Return the number of the month that a quarter begins with: 12 times the year plus it."""
    jaar, rest = divmod(kwartaal - 1, 4)
    return 12 * jaar + 3 * rest + 1


def _read_labels(
    warehouse: duckdb.DuckDBPyConnection, invoer: Labelinvoer, kwartalen: Geheel
) -> tuple[Geheel, Getal]:
    """Return the model's labels (C, Q) and P (C, Q, 5) of the total, as published."""
    rijen = warehouse.execute(
        """
        select
            beheerobject_id,
            4 * year(peildatum) + quarter(peildatum) as kwartaal,
            model_sociaal_beheer_label as label,
            kans_1, kans_2, kans_3, kans_4, kans_5
        from mart.mart_label__sociaal_beheer_label
        where
            niveau = 'complex' and grondslag = 'eigen' and thema_code = 'TOT'
            and model_sociaal_beheer_label is not null
        """
    ).df()
    rijen = rijen[rijen["beheerobject_id"].isin(invoer.eenheden)]
    plaats = (
        np.searchsorted(invoer.eenheden, rijen["beheerobject_id"].to_numpy(dtype=str)),
        np.searchsorted(kwartalen, rijen["kwartaal"].to_numpy(dtype=np.int64)),
    )
    vorm = (len(invoer.eenheden), len(kwartalen))
    label = np.zeros(vorm, dtype=np.int64)
    kans = np.full((*vorm, 5), np.nan)
    label[plaats] = rijen["label"].to_numpy(dtype=np.int64)
    kans[plaats] = rijen[[f"kans_{k}" for k in range(1, 6)]].to_numpy(dtype=np.float64)
    return label, kans


def _measure_signalen(
    warehouse: duckdb.DuckDBPyConnection, invoer: Labelinvoer, waarheid: Waarheid, seed: int
) -> dict[str, Themasignalen]:
    """Return step 9 per theme, by month, for the complexes of which the truth is known."""
    maand_van = "12 * year(peildatum) + month(peildatum)"
    maanden = np.array(
        [
            rij[0]
            for rij in warehouse.execute(
                f"select distinct {maand_van} from intermediate.int_signaal__telling order by 1"
            ).fetchall()
        ]
    )
    namen = np.array(sorted(set(invoer.eenheden) & set(waarheid.clusters)))
    plek = [waarheid.clusters.index(naam) for naam in namen]
    rng = np.random.default_rng([seed, 9])
    uit = {}
    for thema in THEMAS_MET_SIGNAAL:
        kolom = [waarheid.codes.index(code) for code in _EPISODES[thema]]
        tempo = [
            [
                waarheid.average(maand - waarheid.begin - van, maand - waarheid.begin - tot)
                for van, tot in ((_RECENT, 0), (_RECENT + _EERDER, _RECENT))
            ]
            for maand in maanden.tolist()
        ]
        nu, toen = np.moveaxis(np.array(tempo)[:, :, :, kolom].sum(axis=3)[:, :, plek], 1, 0)
        signaal = np.zeros((len(namen), len(maanden)), dtype=bool)
        for naam, maand in warehouse.execute(
            f"select beheerobject_id, {maand_van} from mart.mart_label__themasignaal "
            "where thema_code = ?",
            [thema],
        ).fetchall():
            if naam in set(namen.tolist()):
                signaal[np.searchsorted(namen, naam), np.searchsorted(maanden, maand)] = True
        basis, phi = _read_tempo(warehouse, thema)
        uit[thema] = Themasignalen(
            vals=measure_vals_signaal(
                signaal, (nu / toen).T, len(namen) * len(maanden) / _MAANDEN_PER_JAAR
            ),
            kracht=measure_kracht(basis, phi, rng),
            phi=phi,
        )
    return uit


def _read_tempo(warehouse: duckdb.DuckDBPyConnection, thema: str) -> tuple[float, float]:
    """Return a theme's episodes per dwelling per year, and the phi that its signals work with."""
    (tempo,) = warehouse.execute(
        "select sum(tempo) from (select 4.0 * sum(teller) / sum(noemer) as tempo "
        "from intermediate.int_label__cel where list_contains(?, indicator_code) "
        "group by indicator_code)",
        [list(_EPISODES[thema])],
    ).fetchone() or (0.0,)
    (phi,) = warehouse.execute(
        "select max(phi) from intermediate.int_signaal__telling where thema_code = ?", [thema]
    ).fetchone() or (1.0,)
    return float(tempo or 0.0), float(phi or 1.0)
