"""``release list | verify | rollback``."""

from __future__ import annotations

import json
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from orchestration.archief import check_archief
from orchestration.goedkeuring import IN_WOORDEN, Besluit, check_mag_getoond, read_besluit
from orchestration.instellingen import Instellingen
from orchestration.slot import hold_slot
from orchestration.werkmap import Werkmap
from serving.release.wijzer import is_release_id
from serving.release.winkel import current_path, list_releases, rollback, verify
from vera.errors import BuurtpeilError, GebruikFout


def list_all(instellingen: Instellingen, *, als_json: bool) -> None:
    """Print every release, the newest first."""
    werkmap = Werkmap.of(instellingen.data)
    regels = list_releases(werkmap.releases)
    besluiten = {regel.release_id: read_besluit(werkmap, regel.release_id) for regel in regels}
    if als_json:
        uit = [
            {
                **asdict(regel),
                "map": str(regel.map),
                "goedkeuring": asdict(besluit) if besluit else None,
            }
            for regel in regels
            for besluit in [besluiten[regel.release_id]]
        ]
        print(json.dumps(uit, indent=2))
        return
    tabel = Table()
    for kop in ("", "release", "peildatum", "methode", "synthetisch", "geschreven", "opmerking"):
        # The other commands ask for the id, so it is whole on any screen.
        tabel.add_column(kop, overflow="fold", no_wrap=kop == "release")
    for regel in regels:
        tabel.add_row(
            "nu" if regel.is_huidig else "",
            regel.release_id,
            regel.peildatum,
            regel.methodeversie,
            {True: "ja", False: "nee", None: ""}[regel.synthetisch],
            regel.geschreven_op,
            regel.fout or _describe(besluiten[regel.release_id]),
        )
    Console().print(tabel if regels else "Er is nog geen release.")


def _describe(besluit: Besluit | None) -> str:
    if besluit is None:
        return ""
    if besluit.stand in {"ongekeurd", "wacht"}:
        return f"{IN_WOORDEN[besluit.stand]}: {' '.join(besluit.redenen)}"
    return f"{IN_WOORDEN[besluit.stand]}: {besluit.toelichting}"


def verify_one(instellingen: Instellingen, release_id: str | None) -> None:
    """Check a release against its manifest.

    Raises
    ------
    BuurtpeilError
        When it is not sound.
    """
    releases = Werkmap.of(instellingen.data).releases
    if release_id is None:
        pad = current_path(releases)
    elif is_release_id(release_id) and (releases / release_id).is_dir():
        pad = releases / release_id
    else:
        raise GebruikFout(
            f"Release {release_id} bestaat niet.",
            verwacht="een id uit `buurtpeil release list`",
        )
    problemen = verify(pad)
    if problemen:
        raise BuurtpeilError(
            f"Release {pad.name} is niet gaaf:\n  " + "\n  ".join(problemen),
            remedie="ga terug naar een gave release met `buurtpeil release rollback ID`",
        )
    Console().print(f"Release {pad.name} is gaaf.")


def rollback_to(instellingen: Instellingen, release_id: str) -> None:
    """Serve an earlier release again."""
    werkmap = Werkmap.of(instellingen.data)
    with hold_slot(werkmap.slot):
        check_mag_getoond(werkmap, release_id)
        # The next run goes on from its exact tables; without these the pointer stays.
        if is_release_id(release_id) and (werkmap.releases / release_id).is_dir():
            check_archief(werkmap.archief, release_id)
        rollback(werkmap.releases, release_id)
    Console().print(
        f"Release {release_id} wordt weer getoond. De volgende run gaat uit van de labels erin."
    )
