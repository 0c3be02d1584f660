"""``scan``: personal data in what a run left behind; never prints a value."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from orchestration.instellingen import Instellingen
from orchestration.scan import UITZONDERINGEN, Uitslag, read_toegestaan, scan_data
from vera.errors import GebruikFout

UITGANG_GEVONDEN = 1


def show_scan(instellingen: Instellingen, termen: Path | None, *, als_json: bool) -> None:
    """Scan the data folder and print what was found; exit with 1 when that is anything.

    Raises
    ------
    GebruikFout
        When there is no data folder, or no file of terms.
    """
    data = instellingen.data.expanduser().resolve()
    if not data.is_dir():
        raise GebruikFout(
            f"De datamap {instellingen.data} is er niet.",
            verwacht="een map waarin al eens is gedraaid",
            remedie="draai eerst `make demo` of `buurtpeil run`, of geef --data",
        )
    uitslag = scan_data(data, _read_termen(termen), read_toegestaan(instellingen.leveringen_map))
    buiten = list_buiten(instellingen)
    if als_json:
        print(json.dumps(_as_json(uitslag, buiten), ensure_ascii=False, indent=2))
    else:
        for vondst in uitslag.vondsten:
            print(vondst)
        print(
            f"{len(uitslag.vondsten)} vondsten in {uitslag.bekeken} bestanden."
            if uitslag.vondsten
            else f"Niets gevonden in {uitslag.bekeken} bestanden."
        )
        for uitzondering in UITZONDERINGEN:
            aantal = uitslag.overgeslagen.get(uitzondering.patroon, 0)
            print(f"Niet bekeken: {uitzondering.patroon} ({aantal}x): {uitzondering.reden}.")
        for naam in buiten:
            print(f"Niet bekeken: {naam}; die database staat niet in de datamap.")
    if uitslag.vondsten:
        sys.exit(UITGANG_GEVONDEN)


def _read_termen(pad: Path | None) -> list[str]:
    if pad is None:
        return []
    try:
        return pad.read_text(encoding="utf-8").splitlines()
    except OSError as fout:
        raise GebruikFout(
            f"Het bestand met termen {pad} is niet te lezen: {fout.strerror}",
            verwacht="een tekstbestand met één term per regel",
            remedie="verbeter het pad achter --termen",
        ) from fout


def list_buiten(instellingen: Instellingen) -> list[str]:
    """Return the settings that point to a database that is not a file of the data folder."""
    adressen = {
        "BUURTPEIL_BESLUITEN_URL": instellingen.besluiten_url,
        "BUURTPEIL_TOEGANG_URL": instellingen.toegang_url,
        "BUURTPEIL_SIGNALEN_URL": instellingen.signalen_url,
        "BUURTPEIL_MLFLOW_URL": instellingen.mlflow_url,
        "BUURTPEIL_DAGSTER_URL": instellingen.dagster_url,
    }
    return [naam for naam, adres in adressen.items() if adres]


def _as_json(uitslag: Uitslag, buiten: list[str]) -> dict[str, object]:
    return {
        "vondsten": [vars(vondst) for vondst in uitslag.vondsten],
        "bestanden": uitslag.bekeken,
        "niet_bekeken": [
            {
                "waar": uitzondering.patroon,
                "reden": uitzondering.reden,
                "bestanden": uitslag.overgeslagen.get(uitzondering.patroon, 0),
            }
            for uitzondering in UITZONDERINGEN
        ]
        + [{"waar": naam, "reden": "een database buiten de datamap"} for naam in buiten],
    }
