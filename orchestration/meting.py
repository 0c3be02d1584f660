"""The label's sums, taken out of the warehouse as the arrays that ``models.label`` reckons with.

Belongs here: which relation and column is which array. Does not belong here: arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast, get_args

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from models.label.keten import Catalogus, Getal, Methode, Meting, Soort, TeWeinigGemeten
from vera.errors import BuurtpeilError

_SCHEMA = "intermediate"
_CELLEN_PER_KEER = 262_144
_PER_RIJ = ("eenheid", "kwartaal", "stratum", "gebouwtype", "woningen", "in_r")
_PER_CEL = ("teller", "noemer", "kwadraat", "leeftijd")


@dataclass(frozen=True)
class Labelinvoer:
    """What steps 2 to 6 start from, on own data, and what its codes stand for.

    Attributes
    ----------
    meting, catalogus, methode
        For ``models.label.keten``.
    is_stand : ndarray of bool, shape (K,)
        Indicators that are the state on the day.
    eenheden : tuple of str
        ``beheereenheid_id`` by code.
    indicatoren, themas : tuple of str
        Codes of the columns.
    """

    meting: Meting
    catalogus: Catalogus
    methode: Methode
    is_stand: npt.NDArray[np.bool_]
    eenheden: tuple[str, ...]
    indicatoren: tuple[str, ...]
    themas: tuple[str, ...]


def read_labelinvoer(warehouse: duckdb.DuckDBPyConnection) -> Labelinvoer:
    """Read what was measured of every beheereenheid at every quarter.

    Raises
    ------
    TeWeinigGemeten
        When there is not a single measurement on own data.
    """
    waarden = dict(warehouse.execute("select naam, waarde from seeds.methode").fetchall())
    themas = warehouse.execute(
        "select thema_code, gewicht, is_verplicht from seeds.thema order by volgorde, thema_code"
    ).fetchall()
    indicatoren = warehouse.execute(
        "select indicator_code, thema_code, soort_meting, richting, gewicht, is_stand, "
        "dekkingsbron, toon_minimum "
        "from seeds.indicator_eigen order by indicator_code"
    ).fetchall()
    thema_codes = [rij[0] for rij in themas]
    codes = [rij[0] for rij in indicatoren]
    bronnen = sorted({rij[6] for rij in indicatoren})
    met_kleine_cellen = {rij[1] for rij in indicatoren if rij[7] > 0}
    catalogus = Catalogus(
        soort=tuple(_read_soort(rij[2]) for rij in indicatoren),
        richting=np.array([rij[3] for rij in indicatoren], dtype=np.float64),
        thema=np.array([thema_codes.index(rij[1]) for rij in indicatoren], dtype=np.int64),
        gewicht=np.array([rij[4] for rij in indicatoren], dtype=np.float64),
        omega=np.array([rij[1] for rij in themas], dtype=np.float64),
        verplicht=np.array([rij[2] for rij in themas], dtype=np.bool_),
        bron=np.array([bronnen.index(rij[6]) for rij in indicatoren], dtype=np.int64),
        leunt=np.array([code not in met_kleine_cellen for code in thema_codes], dtype=np.bool_),
    )
    meting, eenheden = _read_meting(warehouse, codes, float(waarden["minimum_kwartalen_gedekt"]))
    return Labelinvoer(
        meting,
        catalogus,
        Methode.from_waarden(waarden),
        np.array([rij[5] for rij in indicatoren], dtype=np.bool_),
        eenheden,
        tuple(codes),
        tuple(thema_codes),
    )


def _read_soort(soort: str) -> Soort:
    if soort not in get_args(Soort):
        raise BuurtpeilError(
            f"Soort meting {soort} bestaat niet.",
            verwacht=", ".join(get_args(Soort)),
            remedie="verbeter de rij in seeds/methode/indicator_eigen.csv",
        )
    return cast(Soort, soort)


def _read_meting(
    warehouse: duckdb.DuckDBPyConnection, codes: list[str], minimum_gedekt: float
) -> tuple[Meting, tuple[str, ...]]:
    dicht = _Dicht.make(warehouse, len(codes))
    # Numbers travel a good deal faster than names.
    vraag = warehouse.sql(
        f"""
        with
        {_number_codes("beheereenheid_id")},
        {_number_codes("stratum_code")},
        {_number_codes("gebouwtype_code")}
        select
            beheereenheid_id.nummer as eenheid,
            stratum_code.nummer as stratum,
            gebouwtype_code.nummer as gebouwtype,
            list_position(?, indicator_code) - 1 as kolom,
            cast(verhuureenheden_aantal as double) as woningen,
            4 * year(peildatum) + quarter(peildatum) as kwartaal,
            coalesce(peildatum between eerste_peildatum and laatste_peildatum, false) as in_r,
            cast(teller as double) as teller,
            cast(noemer as double) as noemer,
            cast(som_kwadraat as double) as kwadraat,
            cast(leeftijd_kwartalen as double) as leeftijd
        from {_SCHEMA}.int_label__cel
        inner join beheereenheid_id using (beheereenheid_id)
        inner join stratum_code using (stratum_code)
        inner join gebouwtype_code using (gebouwtype_code)
        left join (from {_SCHEMA}.int_referentie__periode where grondslag = 'eigen') on true
        order by eenheid, kwartaal, kolom
        """,
        params=[codes],
    )
    for deel in vraag.to_arrow_reader(_CELLEN_PER_KEER):
        dicht.add(deel)
    if not dicht.rijen:
        raise TeWeinigGemeten(
            "Er is geen enkele meting op eigen gegevens.",
            verwacht="rijen in int_label__cel",
            remedie="kijk of de leveringen een volledig venster beslaan",
        )

    vastgelegd = {
        (int(q), code): gedekt >= minimum_gedekt
        for q, code, gedekt in warehouse.execute(
            f"""
            select
                4 * year(venster.peildatum) + quarter(venster.peildatum),
                indicator.indicator_code,
                count(case when bron.is_gedekt then 1 end)
            from {_SCHEMA}.int_tijd__venster as venster
            inner join {_SCHEMA}.int_dekking__bron_kwartaal as bron
                on venster.kwartaal = bron.kwartaal
            inner join seeds.indicator_eigen as indicator
                on bron.dekkingsbron = indicator.dekkingsbron
            group by all
            """
        ).fetchall()
    }
    van_rij = dicht.take_rij("kwartaal").astype(np.int64)
    eenheden = warehouse.execute(
        f"select distinct beheereenheid_id from {_SCHEMA}.int_label__cel order by all"
    ).fetchall()
    per_kwartaal = {
        q: [vastgelegd.get((q, code), False) for code in codes] for q in np.unique(van_rij).tolist()
    }
    meting = Meting(
        eenheid=dicht.take_rij("eenheid").astype(np.int64),
        kwartaal=van_rij,
        in_r=dicht.take_rij("in_r").astype(np.bool_),
        woningen=dicht.take_rij("woningen"),
        groepen=(
            dicht.take_rij("stratum").astype(np.int64),
            dicht.take_rij("gebouwtype").astype(np.int64),
            np.zeros(dicht.rijen, dtype=np.int64),
        ),
        teller=dicht.take("teller"),
        noemer=dicht.take("noemer"),
        kwadraat=dicht.take("kwadraat"),
        leeftijd=dicht.take("leeftijd"),
        vastgelegd=np.array([per_kwartaal[q] for q in van_rij.tolist()], dtype=np.bool_),
    )
    return meting, tuple(str(naam) for (naam,) in eenheden)


@dataclass
class _Dicht:
    """Rows by unit and quarter, with a place for every indicator, filled a batch at a time.

    Read at once, the cells of the whole sector would be there twice: as they come and in place.
    """

    per_rij: dict[str, Getal]
    per_cel: dict[str, Getal]
    rijen: int = 0
    laatste: tuple[int, int] = (-1, -1)

    @classmethod
    def make(cls, warehouse: duckdb.DuckDBPyConnection, kolommen: int) -> _Dicht:
        [(hoogstens,)] = warehouse.execute(
            "select count(distinct (beheereenheid_id, date_trunc('quarter', peildatum))) "
            f"from {_SCHEMA}.int_label__cel"
        ).fetchall()
        return cls(
            {naam: np.zeros(hoogstens) for naam in _PER_RIJ},
            {naam: np.full((hoogstens, kolommen), np.nan) for naam in _PER_CEL},
        )

    def add(self, deel: pa.RecordBatch) -> None:
        """Put cells in place; they come by unit and quarter."""
        if not deel.num_rows:
            return
        eenheid, kwartaal, kolom = (
            _as_array(deel, naam).astype(np.int64) for naam in ("eenheid", "kwartaal", "kolom")
        )
        # A row begins where one of the two changes.
        nieuw = np.concatenate([[True], (np.diff(eenheid) != 0) | (np.diff(kwartaal) != 0)])
        nieuw[0] = (int(eenheid[0]), int(kwartaal[0])) != self.laatste
        rij, eerste = self.rijen + np.cumsum(nieuw) - 1, np.flatnonzero(nieuw)
        for naam, waarden in self.per_rij.items():
            waarden[rij[eerste]] = _as_array(deel, naam)[eerste]
        for naam, waarden in self.per_cel.items():
            waarden[rij, kolom] = _as_array(deel, naam)
        self.rijen = int(rij[-1]) + 1
        self.laatste = (int(eenheid[-1]), int(kwartaal[-1]))

    def take_rij(self, naam: str) -> Getal:
        """Return a value per row."""
        return self.per_rij[naam][: self.rijen]

    def take(self, naam: str) -> Getal:
        """Return a value per row and indicator, NaN where there is none."""
        return self.per_cel[naam][: self.rijen]


def _as_array(deel: pa.RecordBatch, naam: str) -> Getal:
    kolom: Getal = deel.column(naam).to_numpy(zero_copy_only=False)
    return kolom


def _number_codes(kolom: str) -> str:
    """Return a CTE that numbers the values of a column from 0, in their order."""
    return (
        f"{kolom} as (select {kolom}, row_number() over (order by {kolom}) - 1 as nummer "
        f"from (select distinct {kolom} from {_SCHEMA}.int_label__cel))"
    )
