"""``serve``, ``dev`` and ``dbt``: things that keep running, and dbt itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from orchestration.instellingen import Instellingen
from orchestration.slot import hold_slot
from orchestration.werkmap import Werkmap


def serve_release(instellingen: Instellingen, *, host: str, port: int) -> None:
    """Serve the page and the API until interrupted."""
    import uvicorn

    from serving.app import create_app
    from serving.besluit.register import Besluitregister

    adres = instellingen.basis_url or f"http://{host}:{port}"
    app = create_app(
        Werkmap.of(instellingen.data).releases,
        basis_url=adres,
        besluiten=Besluitregister(instellingen.besluiten_adres),
    )
    print(f"Buurtpeil: {adres}  (API: {adres}/v1/openapi.json; stoppen met Ctrl-C)", flush=True)
    uvicorn.run(app, host=host, port=port, access_log=False, log_level="warning")


def start_dagster(instellingen: Instellingen, *, port: int) -> None:
    """Start Dagster's pages, schedules and sensors until interrupted."""
    from orchestration.uitvoering import prepare_dagster_home

    home = prepare_dagster_home(Werkmap.of(instellingen.data).dagster)
    omgeving = {
        **os.environ,
        "DAGSTER_HOME": str(home),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "DO_NOT_TRACK": "true",
        "BUURTPEIL_DATA": str(instellingen.data.expanduser().resolve()),
        "BUURTPEIL_LEVERINGEN": str(instellingen.leveringen_map.expanduser().resolve()),
    }
    opdracht = [
        str(Path(sys.executable).with_name("dagster")),
        "dev",
        "-m",
        "orchestration.code_location",
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
    ]
    print(
        f"Dagster: http://127.0.0.1:{port}  (opstarten duurt een halve minuut; stoppen met Ctrl-C)",
        flush=True,
    )
    proces = subprocess.Popen(opdracht, env=omgeving)  # noqa: S603 - our own interpreter's dagster
    for soort in (signal.SIGINT, signal.SIGTERM):
        signal.signal(soort, lambda nummer, _: proces.send_signal(nummer))
    sys.exit(proces.wait())


def call_dbt(instellingen: Instellingen, opdracht: Sequence[str]) -> None:
    """Run a dbt command on the warehouse of the data folder."""
    from dbt.cli.main import dbtRunner

    from orchestration.dbt_step import build_args, warehouse_of

    werkmap = Werkmap.of(instellingen.data)
    argumenten = [deel for deel in build_args(opdracht, werkmap.dbt) if deel != "--quiet"]
    with hold_slot(werkmap.slot), warehouse_of(werkmap.warehouse):
        uitkomst = dbtRunner().invoke(argumenten)
    sys.exit(0 if uitkomst.success else 1)
