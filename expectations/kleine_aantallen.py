"""What of a release says too much about few people: rules of the gate out.

The gate sees what goes out and not the counts behind it, so it reads a value as whoever receives
it would: a count is value times dwellings, a share is a fraction of at most the dwellings, a mean
one of at most their answers. What is found here is a fault of the shielding in the warehouse
(``int_label__afscherming``), which decides on exact counts; the two do not share code.

Does not belong here: rules that are not about small counts (:mod:`expectations.poort_uit`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from typing import Final

import numpy as np
import pandas as pd

from expectations.relatie import PLEK

MINIMUM_TELLER: Final = 5
"""So many with the trait, and so many without, must be in a cell that is shown."""
VIJFTAL: Final = 5
ANTWOORDEN: Final = 4
"""A mean is of answers: so many may come from a dwelling in a year, one a quarter."""
MINIMUM_GEBIED: Final = 10
"""Of an area with fewer dwellings others than our own people get no label."""
GEBIEDEN: Final = ("buurt", "wijk")
PEILING: Final = ["niveau", "beheerobject_id", "grondslag", "peildatum"]
CEL: Final = [*PEILING, "indicator_code"]
VAN_VORIGE: Final = (*CEL, "waarde", "is_gebandeerd")
"""Columns of the previous release's values that are compared."""
CATALOGUS: Final = "catalogus"
"""View with ``soort_meting`` and ``toon_minimum`` of each indicator of a ``grondslag``."""
_KLEIN_VERSCHIL: Final = 1e-6
_KWARTALEN: Final = (1, 2, 3, 4)


def select_afgeleid(waarden: str) -> str:
    """Return SQL of banded rows that hold more than they may.

    A banded row has no standardised value and no contribution. That of a complex has no value
    either, unless it is a count: that may go out on fives (``find_kleine`` looks whether it does).

    Parameters
    ----------
    waarden
        View of ``mart_label__indicatorwaarde``.
    """
    return f"""
        select 1 as aantal, {PLEK} as eerste
        from {waarden} left join {CATALOGUS} using (grondslag, indicator_code)
        where is_gebandeerd
            and (
                gestandaardiseerd is not null
                or bijdrage is not null
                or (
                    waarde is not null
                    and niveau = 'complex'
                    and soort_meting is distinct from 'telling'
                )
            )
    """


def select_cellen(waarden: str, labels: str) -> str:
    """Return SQL of the different cells of which a small value may not be shown.

    Many rows show the same value of as many dwellings; each is judged once.

    Parameters
    ----------
    waarden, labels
        Views of the marts with values and with labels, which know the dwellings on that day.
    """
    return f"""
        with woning as (
            select
                niveau,
                beheerobject_id,
                peildatum,
                arg_min_null(verhuureenheden_aantal, {PLEK}) as woningen
            from {labels}
            where grondslag = 'eigen'
            group by niveau, beheerobject_id, peildatum
        )
        select
            niveau = 'complex' as is_complex,
            soort_meting,
            toon_minimum,
            waarde,
            coalesce(woningen, 0) as woningen,
            count(*) as aantal,
            min({PLEK}) as eerste
        from {waarden}
        inner join {CATALOGUS} using (grondslag, indicator_code)
        left join woning using (niveau, beheerobject_id, peildatum)
        where grondslag = 'eigen' and toon_minimum > 0 and waarde is not null
        group by all
    """


def find_kleine(cellen: pd.DataFrame) -> pd.Series:
    """Mark cells that can only be too small to show.

    In favour of the release: where a value can be of several counts, the largest is taken. Of a
    count of a complex also what is not on fives.

    Parameters
    ----------
    cellen
        Rows of :func:`select_cellen`.
    """
    telling = cellen["soort_meting"] == "telling"
    aantal = cellen["waarde"] * cellen["woningen"]
    tellingen = telling & (
        (aantal < MINIMUM_TELLER - _KLEIN_VERSCHIL)
        | (cellen["is_complex"] & ~_is_op_vijftal(aantal))
    )
    andere = [
        not is_telling and _is_te_klein(str(soort), waarde, int(woningen), minimum)
        for is_telling, soort, waarde, woningen, minimum in zip(
            telling.tolist(),
            cellen["soort_meting"].tolist(),
            cellen["waarde"].tolist(),
            cellen["woningen"].tolist(),
            cellen["toon_minimum"].tolist(),
            strict=True,
        )
    ]
    return tellingen | pd.Series(andere, index=cellen.index, dtype="bool")


def select_aftrekbaar(waarden: str, objecten: str) -> str:
    """Return SQL of buurten and wijken whose value gives that of the one hidden complex in them.

    On the last day of each niveau, as the objects say only where a complex lies now. In a wijk
    those complexes count that are in no buurt with a value.

    Parameters
    ----------
    waarden, objecten
        Views of ``mart_label__indicatorwaarde`` and ``mart_beheerobject__beheerobject``.
    """
    return f"""
        with dag as (
            select niveau, max(peildatum) as peildatum
            from {waarden} where grondslag = 'eigen' group by niveau
        ),
        eigen as materialized (
            select {PLEK}, niveau, beheerobject_id, peildatum, indicator_code, waarde, is_gebandeerd
            from {waarden} semi join dag using (niveau, peildatum)
            where grondslag = 'eigen'
        ),
        getoond as (
            select
                {PLEK}, niveau, peildatum, indicator_code, beheerobject_id as gebied_id
            from eigen where waarde is not null and niveau in {GEBIEDEN}
        ),
        dicht as (
            select eigen.peildatum, eigen.indicator_code, ligging.buurt_id, ligging.wijk_id
            from eigen inner join {objecten} as ligging using (niveau, beheerobject_id)
            where eigen.niveau = 'complex' and eigen.is_gebandeerd and eigen.waarde is null
        ),
        los as (
            select * from dicht
            anti join (select * from getoond where niveau = 'buurt') as buurt
                on dicht.buurt_id = buurt.gebied_id
                and dicht.peildatum = buurt.peildatum
                and dicht.indicator_code = buurt.indicator_code
        ),
        een as (
            select 'buurt' as niveau, buurt_id as gebied_id, peildatum, indicator_code
            from dicht group by all having count(*) = 1
            union all
            select 'wijk' as niveau, wijk_id as gebied_id, peildatum, indicator_code
            from los group by all having count(*) = 1
        )
        select 1 as aantal, {PLEK} as eerste
        from getoond semi join een using (niveau, gebied_id, peildatum, indicator_code)
    """


def find_te_openbaar(
    gezien: pd.DataFrame,
    precies: pd.DataFrame,
    mag: Collection[str],
    themas: Sequence[str],
) -> dict[str, pd.Series]:
    """Mark rows that say more than somebody may know who gets labels alone.

    Parameters
    ----------
    gezien, precies
        Areas as that reader gets them and as they are, a row each: ``niveau``,
        ``beheerobject_id``, ``grondslag``, ``woningen``, per theme ``label_*`` and ``score_*`` of
        the list; as that reader gets them also ``kaart_*`` of the card with ``kaart_woningen`` and
        ``kaart_score``.
    mag
        Codes of the themes that the reader sees.
    themas
        Codes of all themes.

    Returns
    -------
    dict
        Per fault, in Dutch, the rows of ``gezien`` that have it.
    """
    sleutel = ["niveau", "beheerobject_id"]
    plek = pd.MultiIndex.from_frame(gezien[sleutel])
    aantal = pd.to_numeric(precies.set_index(sleutel)["woningen"]).reindex(plek)
    n = pd.Series(aantal.fillna(0).to_numpy(dtype="float64"), index=gezien.index)
    klein = (gezien["grondslag"] != "openbaar") & (n < MINIMUM_GEBIED)

    def has_any(voorvoegsels: Sequence[str], codes: Collection[str]) -> pd.Series:
        namen = [f"{v}{code.lower()}" for v in voorvoegsels for code in sorted(codes)]
        return gezien[namen].notna().any(axis=1)

    getoond = ("label_", "kaart_")
    scheef = pd.Series(False, index=gezien.index)
    for naam in ("woningen", "kaart_woningen"):
        rond = pd.to_numeric(gezien[naam]).astype("float64")
        scheef |= rond.notna() & ((rond % VIJFTAL != 0) | ((rond - n).abs() >= VIJFTAL))
    return {
        "geen buurt of wijk": ~gezien["niveau"].isin(GEBIEDEN),
        f"een label bij minder dan {MINIMUM_GEBIED} woningen": klein & has_any(getoond, themas),
        "een thema dat niet voor deze lezer is": has_any(getoond, set(themas) - set(mag)),
        "een score": has_any(("score_",), themas) | gezien["kaart_score"].notna(),
        "een aantal dat niet op een vijftal is afgerond": scheef,
    }


def _is_op_vijftal(aantal: pd.Series) -> pd.Series:
    """Whether a count is on fives, in any number of covered quarters."""
    per_kwartaal = np.outer(aantal.to_numpy(dtype="float64"), np.array(_KWARTALEN) / 4)
    rest = np.abs(per_kwartaal / VIJFTAL - np.round(per_kwartaal / VIJFTAL))
    return pd.Series((rest < _KLEIN_VERSCHIL).any(axis=1), index=aantal.index)


def _is_te_klein(soort: str, waarde: float, woningen: int, minimum: float) -> bool:
    """Whether a share or mean is of too few, or of too few with or without the trait."""
    hoogstens = woningen * ANTWOORDEN if soort == "gemiddelde" else woningen
    teller, noemer = _largest(waarde, hoogstens)
    te_weinig = min(teller, noemer - teller) < MINIMUM_TELLER
    return noemer < minimum or (soort == "aandeel" and te_weinig)


def _largest(waarde: float, hoogstens: int) -> tuple[int, int]:
    """Return the largest fraction of at most ``hoogstens`` that this value can be."""
    breuk = Fraction(waarde).limit_denominator(max(hoogstens, 1))
    maal = max(hoogstens // breuk.denominator, 1)
    return breuk.numerator * maal, breuk.denominator * maal
