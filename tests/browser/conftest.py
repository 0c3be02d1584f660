"""A real browser before the real application, over the invented town."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from serving.api.toegang import DezeMachine
from serving.app import create_app
from serving.opslag import url_of_file
from serving.toegang.kast import Sleutelkast
from serving.toegang.register import Toegangsregister
from tests.unit.serving.pagina.voorbeeldstad import publish_stad

BREED, TELEFOON = (1400, 900), (390, 844)
VLAGGEN = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def releases_map(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder in which the town is published."""
    map_ = tmp_path_factory.mktemp("browser") / "releases"
    publish_stad(map_)
    return map_


@pytest.fixture(scope="session")
def adres(releases_map: Path) -> Iterator[str]:
    """Address of the running application, on a free port of this machine."""
    # The socket listens before the server runs, so an early visitor waits instead of failing.
    deur = socket.create_server(("127.0.0.1", 0))
    register = Toegangsregister(url_of_file(releases_map.parent / "toegang.sqlite"))
    kast = Sleutelkast(register, lambda: b"g" * 32)
    instelling = uvicorn.Config(
        create_app(releases_map, toegang=DezeMachine(), kast=kast),
        access_log=False,
        log_level="error",
        lifespan="off",
        ws="none",
    )
    server = uvicorn.Server(instelling)
    draad = threading.Thread(target=server.run, kwargs={"sockets": [deur]}, daemon=True)
    draad.start()
    yield f"http://127.0.0.1:{deur.getsockname()[1]}"
    server.should_exit = True
    draad.join(timeout=20)
    deur.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the system."""
    programma = os.environ.get("BUURTPEIL_CHROMIUM", "/usr/bin/chromium")
    if not Path(programma).exists():
        pytest.skip(f"geen Chromium op {programma}; installeer die of zet BUURTPEIL_CHROMIUM")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=programma, args=list(VLAGGEN))
        yield chromium
        chromium.close()


@pytest.fixture
def open_pagina(browser: Browser, adres: str) -> Iterator[Callable[..., Page]]:
    """Opens an address in a window of its own; anything that goes elsewhere is an error."""
    contexten = []
    elders: list[str] = []

    def open_(
        pad: str, maat: tuple[int, int] = BREED, kleuren: str = "light", zonder_script: bool = True
    ) -> Page:
        context = browser.new_context(
            viewport={"width": maat[0], "height": maat[1]},
            color_scheme=kleuren,
            java_script_enabled=not zonder_script,
            base_url=adres,
        )
        contexten.append(context)
        pagina = context.new_page()
        pagina.on(
            "request",
            lambda aanvraag: (
                elders.append(aanvraag.url) if not aanvraag.url.startswith(adres) else None
            ),
        )
        pagina.goto(pad)
        return pagina

    yield open_
    for context in contexten:
        context.close()
    assert elders == []
