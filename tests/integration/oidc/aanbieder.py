"""A real OpenID provider for the tests, in a process of its own (``provider.mjs``)."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from serving.aanmelding.beleid import Beleid
from vera.toegang import ROLLEN

AUDIENCE = "urn:buurtpeil"
SCRIPT = Path(__file__).with_name("provider.mjs")
ROLNAMEN = {
    **{f"SBL.{naam}": (naam,) for naam in ROLLEN},
    "SBL.Lezer": ("lezer",),
    "SBL.Wijkbeheer": ("wijkbeheer",),
}


@dataclass
class Provider:
    """A provider that runs."""

    issuer: str
    proces: subprocess.Popen[str]

    def make_beleid(self, **anders: Any) -> Beleid:
        """Return what is agreed with it."""
        return Beleid(
            **{
                "uitgever": self.issuer,
                "rollen": ROLNAMEN,
                "audience": AUDIENCE,
                "client_id": "pagina",
                "client_geheim": "g:e/h e+i%m",
                "naam": "Voorbeeld Wonen",
                **anders,
            }
        )

    def give_token(self, programma: str, audience: str = AUDIENCE) -> str:
        """Return an access token of a program, as it gets one itself (client credentials)."""
        antwoord = httpx2.post(
            f"{self.issuer}/token",
            auth=(programma, "proef"),
            data={"grant_type": "client_credentials", "resource": audience, "scope": "lezen"},
            trust_env=False,
        )
        assert antwoord.status_code == 200, antwoord.text
        return str(antwoord.json()["access_token"])

    def read_keys(self) -> list[dict[str, Any]]:
        """Return its public keys."""
        sleutels: list[dict[str, Any]] = self.get("/jwks").json()["keys"]
        return sleutels

    def replace_keys(self) -> None:
        """Let it sign with other keys from now on."""
        httpx2.post(f"{self.issuer}/_proef/nieuwe-sleutels", trust_env=False)

    def get(self, pad: str) -> httpx2.Response:
        """Ask something of it."""
        return httpx2.get(f"{self.issuer}{pad}", trust_env=False)

    def stop(self) -> None:
        """Let it go away."""
        self.proces.kill()
        self.proces.wait(timeout=20)


@contextmanager
def run_provider(pagina: str = "http://127.0.0.1:1", id_token: str = "") -> Iterator[Provider]:
    """Run a provider on a free port; skip when there is none to run.

    Parameters
    ----------
    pagina
        Address of the page that logs in there.
    id_token
        "vol" puts roles in the id token; else they are at userinfo.
    """
    map_ = os.environ.get("BUURTPEIL_OIDC_PROVIDER", "")
    node = shutil.which("node")
    if node is None or not (Path(map_) / "node_modules" / "oidc-provider").is_dir() or not map_:
        pytest.skip(
            "geen OpenID-aanbieder; `npm install oidc-provider` in een map, en zet die map in "
            "BUURTPEIL_OIDC_PROVIDER"
        )
    omgeving = {
        **os.environ,
        "PAGINA": pagina,
        "ID_TOKEN": id_token,
        "ROLNAMEN": json.dumps(list(ROLLEN)),
    }
    proces = subprocess.Popen(
        [node, str(SCRIPT)],
        env=omgeving,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with proces:
        try:
            assert proces.stdout is not None
            yield Provider(proces.stdout.readline().strip(), proces)
        finally:
            proces.kill()


def open_deur() -> tuple[socket.socket, str]:
    """Return a socket that listens on a free port of this machine, and its address."""
    deur = socket.create_server(("127.0.0.1", 0))
    return deur, f"http://127.0.0.1:{deur.getsockname()[1]}"
