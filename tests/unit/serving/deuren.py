"""Every route of the service, with an address to call it at, and keys for every role."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from starlette.applications import Starlette
from starlette.types import ASGIApp

from serving.aanmelding.beleid import Beleid
from serving.aanmelding.dienst import make_aanmelding
from serving.api.bewaking import Deur, Grendel, list_deuren
from serving.api.rem import Grenzen
from serving.app import create_app
from serving.opslag import url_of_file
from serving.pagina.statisch import read_bestanden
from serving.toegang.kast import Sleutelkast
from serving.toegang.register import Toegangsregister
from tests.unit.serving.wie import Onthoudt
from vera.toegang import ROLLEN

GEHEIM = b"p" * 32
BASIS = "http://127.0.0.1:8000"
ELDERS = Beleid(
    "http://127.0.0.1:9", {"Lezer": ("lezer",)}, audience="urn:buurtpeil", client_id="pagina"
)
"""A provider that does not answer: nothing listens there."""
_IDS = {"complex": "C001", "buurt": "BU01", "wijk": "WK01"}


def find_app(app: ASGIApp) -> Starlette:
    """Return the application with the routes, behind what stands before it."""
    while not isinstance(app, Starlette):
        assert hasattr(app, "_app"), app
        app = app._app
    return app


def has_grendel(app: ASGIApp) -> bool:
    """Tell whether something holds back what no guard let through."""
    while not isinstance(app, Grendel | Starlette):
        app = app._app  # type: ignore[attr-defined]
    return isinstance(app, Grendel)


def iter_adressen(app: ASGIApp) -> Iterator[tuple[Deur, str]]:
    """Yield every route with an address that exists in the example."""
    statisch = read_bestanden()["stijl.css"].adres.rpartition("/")[2]
    for deur in list_deuren(find_app(app)):
        adres = deur.adres
        for naam in ("complexId", "buurtId", "wijkId", "beheerobject_id"):
            adres = adres.replace(f"{{{naam}}}", _IDS.get(deur.vraag.niveau or "", "?"))
        is_export = adres.startswith("/v1/exports")
        bestand = "sociaal_beheer_label.csv" if is_export else "waarom-dit-label.md"
        adres = adres.replace("{bestand}", bestand).replace("{naam}", statisch)
        adres = (
            adres.replace("{initiatiefId}", "1")
            .replace("{initiatief_id}", "1")
            .replace("{nummer}", "1")
        )
        yield deur, adres.replace("{kenmerk}", "K7M3-9QXD-2BRP")


@dataclass(frozen=True)
class Huis:
    """The service with a key of every role, one that was revoked and one that expired."""

    app: ASGIApp
    sleutels: dict[str, str]
    leeslog: Onthoudt


def open_huis(releases_map: Path, pad: Path) -> Huis:
    """Give every role a key, by its name; ``ingetrokken`` and ``verlopen`` are of a reader."""
    nu = datetime.now(UTC)
    register = Toegangsregister(url_of_file(pad / "toegang.sqlite"))

    def issue(rol: str, van: Toegangsregister = register) -> tuple[int, str]:
        return van.issue(GEHEIM, f"test {rol}", [rol], organisatie="test", door="test", dagen=2)

    sleutels = {rol: issue(rol)[1] for rol in ROLLEN}
    nummer, sleutels["ingetrokken"] = issue("lezer")
    register.revoke(nummer, "test")
    vroeger = Toegangsregister(
        url_of_file(pad / "toegang.sqlite"), nu=lambda: nu - timedelta(days=3)
    )
    sleutels["verlopen"] = issue("lezer", vroeger)[1]
    leeslog = Onthoudt()
    app = create_app(
        releases_map,
        basis_url=BASIS,
        kast=Sleutelkast(register, lambda: GEHEIM),
        leeslog=leeslog,
        aanmelding=make_aanmelding(ELDERS, lambda: GEHEIM, BASIS),
        grenzen=Grenzen(0, 0, 0, 0),
    )
    return Huis(app, sleutels, leeslog)
