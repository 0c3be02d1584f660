"""The facts of the papers, gathered from contract, catalogue, warehouse and ``organisatie.yml``.

Belongs here: reading the facts, and keeping the papers in the data folder. Does not belong here:
what a paper says (``serving.papier``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb

from orchestration.bewaard import EIGEN_OPSLAG
from orchestration.methode import compute_codeversie, compute_methodeversie
from serving.papier.bundel import BESTAND_BASIS, BESTANDEN, find_verouderd
from serving.papier.feiten import (
    Indicator,
    Kenmerk,
    Modelstand,
    Papierfeiten,
    Verantwoording,
    compute_basis,
)
from sources.organisatie import Organisatie
from vera.contract import Contract
from vera.errors import PoortUitFout


def read_feiten(
    warehouse: duckdb.DuckDBPyConnection, contract: Contract, organisatie: Organisatie, klok: date
) -> Papierfeiten:
    """Return what the papers are made of, as it stands in the warehouse now."""
    modellen = tuple(
        Modelstand(*rij)
        for rij in warehouse.execute(
            "select model, stand, coalesce(scoreversie, ''), coalesce(zin, ''), "
            "coalesce(getraind_op::varchar, '') from mart.mart_risico__model order by model"
        ).fetchall()
    )
    [(eerste,)] = warehouse.execute(
        "select min(peildatum) from mart.mart_label__sociaal_beheer_label"
    ).fetchall()
    [(minimum,)] = warehouse.execute(
        "select minimum_verhuureenheden::integer from intermediate.int_methode__parameter"
    ).fetchall()
    return Papierfeiten(
        organisatie=organisatie.naam,
        is_synthetisch=organisatie.synthetisch,
        contact_email=organisatie.contact_email,
        website=organisatie.website,
        methodeversie=compute_methodeversie(),
        codeversie=compute_codeversie(),
        klok=klok.isoformat(),
        eerste_peildatum=eerste.isoformat() if eerste else "",
        minimum_eenheden=minimum,
        themas=dict(
            warehouse.execute(
                "select thema_code, naam from seeds.thema order by volgorde"
            ).fetchall()
        ),
        indicatoren=_read_indicatoren(warehouse),
        kenmerken=_read_kenmerken(warehouse),
        modellen=modellen,
        verantwoording={
            v.model: Verantwoording(v.eigenaar, v.grondslag, v.dpia, v.bezwaar)
            for v in organisatie.verantwoording
        },
        contract=contract,
        opslag=EIGEN_OPSLAG,
    )


def _read_indicatoren(warehouse: duckdb.DuckDBPyConnection) -> tuple[Indicator, ...]:
    return tuple(
        Indicator(*rij)
        for rij in warehouse.execute(
            "select indicator_code, thema_code, naam, coalesce(omschrijving, ''), bron, "
            "grondslag = 'openbaar' from intermediate.int_methode__indicator "
            "order by indicator_code"
        ).fetchall()
    )


def _read_kenmerken(warehouse: duckdb.DuckDBPyConnection) -> tuple[Kenmerk, ...]:
    return tuple(
        Kenmerk(*rij)
        for rij in warehouse.execute(
            "select model, kenmerk, familie, teken, omschrijving, coalesce(bronnen, '') "
            "from seeds.risico_kenmerk order by model, kenmerk"
        ).fetchall()
    )


def write_papieren(papieren: Mapping[str, bytes], naar: Path) -> None:
    """Write the papers into a folder; ``basis.json`` last, so that half a bundle is stale."""
    naar.mkdir(parents=True, exist_ok=True)
    (naar / BESTAND_BASIS).unlink(missing_ok=True)
    for naam in (*BESTANDEN, BESTAND_BASIS):
        (naar / naam).write_bytes(papieren[naam])


def read_papieren(
    van: Path, warehouse: duckdb.DuckDBPyConnection, contract: Contract
) -> dict[str, bytes]:
    """Return the papers of the data folder, when they speak of what stands in the warehouse.

    Raises
    ------
    PoortUitFout
        When they are absent, or older than the list of features or the version that scores.
    """
    papieren = {
        naam: (van / naam).read_bytes()
        for naam in (BESTAND_BASIS, *BESTANDEN)
        if (van / naam).is_file()
    }
    basis = compute_basis(
        _read_indicatoren(warehouse), _read_kenmerken(warehouse), contract, EIGEN_OPSLAG
    )
    versies = dict(
        warehouse.execute(
            "select model, coalesce(scoreversie, '') from mart.mart_risico__model"
        ).fetchall()
    )
    redenen = find_verouderd(papieren, basis, versies)
    if redenen:
        raise PoortUitFout(
            f"De papieren zijn ouder dan wat er gepubliceerd wordt: {'; '.join(redenen)}.",
            verwacht="papieren die bij deze kenmerkenlijst en deze modellen horen",
            remedie="materialiseer `papieren` opnieuw, of draai de hele verversing",
        )
    return papieren
