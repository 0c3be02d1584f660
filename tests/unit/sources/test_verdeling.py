"""What a report keeps of how columns are filled: shifts, and no row."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa

from sources.verdeling import MINIMUM_GEVULD, measure_verdeling
from vera.contract import Contract

DAG = date(2025, 1, 1)


def make_zaken(contract: Contract, n: int, code: str = "SOC", later: int = 3) -> pa.Table:
    tabel = contract.bron("vera").tabel("zaak")
    waarden = {
        "zaak_id": [f"Z{i:05}" for i in range(n)],
        "zaaktype_soort_code": [code] * n,
        "registratiedatum": [DAG + timedelta(days=i) for i in range(n)],
        "begindatum": [DAG + timedelta(days=i + later) for i in range(n)],
    }
    soort = {"date": pa.date32(), "varchar": pa.string()}
    return pa.table(
        {
            kolom.naam: pa.chunked_array(
                [pa.array(waarden.get(kolom.naam, [None] * n), soort[kolom.type])]
            )
            for kolom in tabel.kolommen
        }
    )


def test_dates_of_additions_are_counted_from_the_day_of_knowing(contract: Contract) -> None:
    tabel = contract.bron("vera").tabel("zaak")
    gemeten = measure_verdeling(tabel, make_zaken(contract, 40))
    assert set(gemeten["begindatum"].kwantielen) == {3.0}
    assert "registratiedatum" not in gemeten


def test_codes_are_shares_and_empty_is_counted(contract: Contract) -> None:
    tabel = contract.bron("vera").tabel("zaak")
    gemeten = measure_verdeling(tabel, make_zaken(contract, 40))
    assert gemeten["zaaktype_soort_code"].aandelen == {"SOC": 1.0}
    assert (gemeten["eenheid_id"].rijen, gemeten["eenheid_id"].leeg) == (40, 40)


def test_removed_column_is_not_measured_and_few_rows_have_no_percentiles(
    contract: Contract,
) -> None:
    tabel = contract.bron("vera").tabel("zaak")
    gemeten = measure_verdeling(tabel, make_zaken(contract, MINIMUM_GEVULD - 1))
    assert "omschrijving" not in gemeten
    assert gemeten["begindatum"].kwantielen == ()
