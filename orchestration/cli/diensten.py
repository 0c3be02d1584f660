"""``serve``, ``dev`` and ``dbt``: things that keep running, and dbt itself."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from orchestration.instellingen import Instellingen
from orchestration.slot import hold_slot
from orchestration.werkmap import DBT_MAP, Werkmap
from vera.contract import Classificatie
from vera.errors import GebruikFout

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from serving.pagina.privacy import Bewaartabel


@dataclass(frozen=True)
class Dienst:
    """What a worker makes the application of; travels to it as a whole."""

    instellingen: Instellingen
    host: str
    adres: str
    werkers: int = 1

    def __call__(self, metingen: Path | None) -> ASGIApp:
        """Return the application; ``metingen`` is where the workers leave their counts."""
        from orchestration.cli import use_one_thread

        use_one_thread()
        return build_service(
            self.instellingen,
            host=self.host,
            adres=self.adres,
            metingen=metingen,
            werkers=self.werkers,
        )


def serve_release(instellingen: Instellingen, *, host: str, port: int, werkers: int = 1) -> None:
    """Serve the page and the API until interrupted."""
    from serving.dienst.draaien import run

    check_poort(host, port)
    adres = find_adres(instellingen, host=host, port=port)
    print(f"Buurtpeil: {adres}  (API: {adres}/v1/openapi.json; stoppen met Ctrl-C)", flush=True)
    if not is_only_here(host, adres):
        print("Wie meer wil zien dan wat openbaar is, heeft een sleutel nodig.", flush=True)
    run(Dienst(instellingen, host, adres, werkers), host=host, port=port, werkers=werkers)


def check_poort(host: str, port: int) -> None:
    """Refuse a port that something else listens to, before anything starts.

    Raises
    ------
    GebruikFout
        When it is taken.
    """
    soort = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(soort) as proef:
        proef.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            proef.bind((host, port))
        except OSError as fout:
            if fout.errno != errno.EADDRINUSE:
                return  # what is wrong with the address is for the server to say
            raise GebruikFout(
                f"Op poort {port} draait al iets.",
                verwacht="een vrije poort",
                remedie="stop wat daar draait, of kies een andere met --port",
            ) from None


def find_adres(instellingen: Instellingen, *, host: str, port: int) -> str:
    """Return the address under which people reach the service."""
    return instellingen.basis_url or f"http://{_write_host(host)}:{port}"


def is_only_here(host: str, adres: str) -> bool:
    """Tell whether nothing but this machine reaches a service: by what it listens to, by name."""
    from serving.api.toegang import is_local_name

    return is_local_name(f"http://{_write_host(host)}") and is_local_name(adres)


def _write_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def build_service(
    instellingen: Instellingen,
    *,
    host: str,
    adres: str,
    metingen: Path | None = None,
    werkers: int = 1,
) -> ASGIApp:
    """Return the application over the data folder.

    Parameters
    ----------
    instellingen
        Where everything is.
    host
        What it listens to; together with ``adres`` it decides what who sits here may (ADR 0029).
    adres
        Address under which people reach it.
    metingen
        Folder where several workers leave their counts; None = there is one.
    werkers
        How many there are.
    """
    from orchestration.aanmelding import open_aanmelding, read_grenzen
    from orchestration.bewaard import EIGEN_OPSLAG
    from orchestration.signaal import open_signalen
    from serving.api.toegang import DezeMachine, Openbaar
    from serving.app import create_app
    from serving.besluit.register import Besluitregister
    from serving.dienst.verslag import Verslag, read_omvang
    from serving.initiatief.register import Initiatiefregister
    from serving.leeslog.keten import MAP, Keten
    from serving.leeslog.schrijver import Leeslogschrijver
    from serving.pagina.ondergrond import parse_kaartlaag
    from serving.pagina.privacy import Privacyblad
    from serving.toegang.afmelding import Afmeldingen
    from serving.toegang.kast import Sleutelkast
    from serving.toegang.peper import load_geheim
    from serving.toegang.register import Toegangsregister

    werkmap = Werkmap.of(instellingen.data)
    keten = Keten(werkmap.data / MAP, werkmap.sleutels)
    sleutels = Toegangsregister(instellingen.toegang_adres)
    afmeldingen = Afmeldingen(sleutels)

    def vind_geheim() -> bytes:
        return load_geheim(werkmap.sleutels)

    return create_app(
        werkmap.releases,
        basis_url=adres,
        toegang=DezeMachine() if is_only_here(host, adres) else Openbaar(),
        kast=Sleutelkast(sleutels, vind_geheim, afmeldingen=afmeldingen),
        aanmelding=open_aanmelding(instellingen, vind_geheim, adres, afmeldingen),
        grenzen=read_grenzen(instellingen).share(werkers),
        leeslog=Leeslogschrijver(keten),
        verslag=Verslag(read_omvang(instellingen.verzoeklog)),
        metingen=metingen,
        besluiten=Besluitregister(instellingen.besluiten_adres),
        signalen=open_signalen(instellingen),
        initiatieven=Initiatiefregister(instellingen.initiatieven_adres),
        kaartlaag=parse_kaartlaag(instellingen.kaartlaag) if instellingen.kaartlaag else None,
        privacy=Privacyblad(
            tabellen=list_bewaartabellen(),
            keten=keten,
            sleutels=sleutels,
            verwijdermap=werkmap.bewaren,
            opslag=EIGEN_OPSLAG,
        ),
    )


def list_bewaartabellen() -> tuple[Bewaartabel, ...]:
    """Return what the contract says is held, for the page on privacy."""
    from serving.pagina.privacy import Bewaartabel
    from sources.contract import read_contract

    return tuple(
        Bewaartabel(
            tabel.id,
            tabel.omschrijving,
            tuple(
                soort
                for soort in get_args(Classificatie)
                if any(kolom.classificatie == soort for kolom in tabel.kolommen)
            ),
            tuple(sorted(frozenset().union(*(kolom.doelen for kolom in tabel.kolommen)))),
            tabel.bewaartermijn,
        )
        for tabel in read_contract(DBT_MAP).tabellen
    )


def start_dagster(instellingen: Instellingen, *, port: int) -> None:
    """Start Dagster's pages, schedules and sensors until interrupted."""
    from orchestration.dagster_yaml import prepare_dagster_home

    check_poort("127.0.0.1", port)
    home = prepare_dagster_home(Werkmap.of(instellingen.data).dagster, instellingen.dagster_url)
    omgeving = {
        **os.environ,
        "DAGSTER_HOME": str(home),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "DO_NOT_TRACK": "true",
        # Dagster says of its own command that another is to come.
        "PYTHONWARNINGS": ",".join(
            [*filter(None, [os.environ.get("PYTHONWARNINGS")]), "ignore:Function `dev_command`"]
        ),
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
    gestart: list[subprocess.Popen[bytes]] = []

    def pass_on(nummer: int, _: object) -> None:
        for proces in gestart:
            proces.send_signal(nummer)

    # Before the start: a script starts what is in the background with Ctrl-C ignored, and Dagster
    # would inherit that and never stop.
    for soort in (signal.SIGINT, signal.SIGTERM):
        signal.signal(soort, pass_on)
    gestart.append(subprocess.Popen(opdracht, env=omgeving))  # noqa: S603 - our own interpreter's
    sys.exit(gestart[0].wait())


def call_dbt(instellingen: Instellingen, opdracht: Sequence[str]) -> None:
    """Run a dbt command on the warehouse of the data folder."""
    from dbt.cli.main import dbtRunner

    from orchestration.dbt_step import build_args, warehouse_of

    werkmap = Werkmap.of(instellingen.data)
    argumenten = [deel for deel in build_args(opdracht, werkmap.dbt) if deel != "--quiet"]
    with hold_slot(werkmap.slot), warehouse_of(werkmap.warehouse):
        uitkomst = dbtRunner().invoke(argumenten)
    sys.exit(0 if uitkomst.success else 1)
