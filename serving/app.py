"""The web application: the API under ``/v1`` and the pages, over one door to the release."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.adresindex.boek import Adresboek
from serving.api import zoek
from serving.api.antwoord import Snelpad
from serving.api.bewaking import Grendel, guard_routes
from serving.api.omvang import Omvang
from serving.api.poort import Poort
from serving.api.probleem import add_handlers
from serving.api.rem import Grenzen, Rem
from serving.api.toegang import SESSIEKOEKJE, EenKeer, Openbaar, Sleuteltoegang, Toegang
from serving.api.v1 import build_v1
from serving.api.versie import KOPPEN_API, KOPPEN_PAGINA, Koppen
from serving.besluit.register import BESTAND, Besluitregister, url_of_file
from serving.besluit.werklijstregister import Werklijstregister
from serving.budget.api import build_budget
from serving.budget.bron import BESTAND as BESTAND_BUDGET
from serving.budget.dienst import Budgetdienst
from serving.budget.loket import Budgetloket
from serving.dienst.levensloop import Levensloop
from serving.dienst.loket import Dienstloket
from serving.dienst.meting import Meting
from serving.dienst.verslag import Verslag
from serving.dienst.waarneming import Waarneming
from serving.initiatief.api import build_initiatieven
from serving.initiatief.loket import Initiatiefloket
from serving.initiatief.register import BESTAND as BESTAND_INITIATIEVEN
from serving.initiatief.register import Initiatiefregister
from serving.leeslog.keten import MAP as MAP_LEESLOG
from serving.leeslog.keten import Keten
from serving.leeslog.schrijver import Leeslog, Leeslogschrijver
from serving.pagina.aanmelden import Aanmeldloket
from serving.pagina.duiding import Duidingloket
from serving.pagina.herkomst import name_koekje
from serving.pagina.kaartblad import Kaartloket
from serving.pagina.ondergrond import Kaartlaag
from serving.pagina.privacy import Privacyblad
from serving.pagina.routes import Paginas, add_pages, today
from serving.release.winkel import Winkel
from serving.signaal.api import build_signalen
from serving.signaal.dienst import Signaaldienst
from serving.signaal.loket import make_loket
from serving.signaal.register import BESTAND as BESTAND_SIGNALEN
from serving.signaal.register import Signaalregister
from serving.signaal.sleutel import Sleutelbos
from serving.toegang.kast import Sleutelkast
from serving.werklijst.api import build_risicoscores, build_werklijsten
from serving.werklijst.dienst import Werklijstdienst
from serving.werklijst.geheim import load_geheim as load_werklijstgeheim
from serving.werklijst.loket import Werklijstloket
from serving.werklijst.loopt import Looptloket

if TYPE_CHECKING:
    from serving.aanmelding.dienst import Aanmelding

PAD_API: Final = "/v1"


class Kopzetter:
    """ASGI layer that gives every response the headers it must have, unless it has them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the response's headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        koppen = KOPPEN_API if _is_api(scope["path"]) else KOPPEN_PAGINA

        async def send_complete(bericht: Message) -> None:
            if bericht["type"] == "http.response.start":
                _complete(bericht, koppen)
            await send(bericht)

        await self._app(scope, receive, send_complete)


def _is_api(pad: str) -> bool:
    return pad == PAD_API or pad.startswith(f"{PAD_API}/")


def _complete(bericht: Message, koppen: Koppen) -> None:
    aanwezig = MutableHeaders(scope=bericht)
    for naam, waarde in koppen:
        aanwezig.setdefault(naam.decode(), waarde.decode())
    aanwezig.setdefault("cache-control", "no-cache")


def create_app(
    releases_map: Path,
    *,
    basis_url: str = "http://127.0.0.1:8000",
    toegang: Toegang | None = None,
    kast: Sleutelkast | None = None,
    leeslog: Leeslog | None = None,
    besluiten: Besluitregister | None = None,
    signalen: Signaalregister | None = None,
    initiatieven: Initiatiefregister | None = None,
    privacy: Privacyblad | None = None,
    kaartlaag: Kaartlaag | None = None,
    aanmelding: Aanmelding | None = None,
    grenzen: Grenzen | None = None,
    verslag: Verslag | None = None,
    metingen: Path | None = None,
    contact: str = "buurtpeil@voorbeeldwonen.example",
) -> ASGIApp:
    """Return the application that serves the current release under ``releases_map``.

    Nothing is opened yet: the first request does that, and every request looks whether
    another release was published.

    Parameters
    ----------
    releases_map
        Folder with the releases and the pointer ``CURRENT``; may be empty or absent.
    basis_url
        Address under which people reach the application, for absolute links and the OpenAPI
        document (which must name ``https`` in production).
    toegang
        Says who asks when they show no key; when left out they are nobody, who see what is public.
    kast
        The keys; None = nobody can log in.
    leeslog
        Takes who read what; files beside the releases when left out.
    besluiten
        The decisions; a file beside the releases when left out.
    signalen
        The Sociale Signalen; a file beside the releases when left out.
    initiatieven
        The bewonersinitiatieven; a file beside the releases when left out.
    privacy
        What the page on privacy tells.
    kaartlaag
        A map from elsewhere beneath our own; None = there is none.
    aanmelding
        The OpenID provider, beside the keys; None = there is none.
    grenzen
        How often somebody may ask; the usual limits when left out.
    verslag
        Tells of requests and errors; errors alone, on stderr, when left out.
    metingen
        Folder where several workers leave their counts; None = there is one.
    contact
        E-mail address of who runs the API, for the OpenAPI document.

    Returns
    -------
    ASGIApp
        For an ASGI server, e.g. ``uvicorn.run(app, access_log=False)``.

    Raises
    ------
    ZonderBereik
        When a route does not say what scope it asks: a mistake of ours.
    """
    winkel = Winkel(releases_map)
    toegang = toegang or Openbaar()
    rem = Rem(grenzen or Grenzen())
    if kast is not None:
        toegang = Sleuteltoegang(
            kast,
            toegang,
            tokens=aanmelding.tokens if aanmelding else None,
            sessies=aanmelding.sessies if aanmelding else None,
            koekje=name_koekje(SESSIEKOEKJE, basis_url),
        )
    toegang = EenKeer(toegang)
    data = releases_map.parent
    leeslog = leeslog or Leeslogschrijver(Keten(data / MAP_LEESLOG, data / "sleutels"))
    besluiten = besluiten or Besluitregister(url_of_file(data / BESTAND))
    meting = Meting(winkel, lambda: getattr(leeslog, "wachtend", 0), metingen)
    app = FastAPI(
        title="Buurtpeil",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=Levensloop(leeslog),
    )
    add_handlers(app)
    dienst = Signaaldienst(
        signalen
        or Signaalregister(url_of_file(data / BESTAND_SIGNALEN), Sleutelbos(data / "sleutels")),
        winkel,
        find_adres=rem.find_adres,
    )
    initiatieven = initiatieven or Initiatiefregister(url_of_file(data / BESTAND_INITIATIEVEN))
    budget = Budgetdienst(winkel, data / BESTAND_BUDGET)
    werk = Werklijstdienst(
        winkel, Werklijstregister.beside(besluiten), besluiten, today,
        lambda: load_werklijstgeheim(data / "sleutels"),
    )  # fmt: skip
    adres = f"{basis_url.rstrip('/')}{PAD_API}"
    meer = (
        build_signalen(dienst, adres),
        build_initiatieven(initiatieven, winkel, adres, today),
        build_budget(budget),
        build_werklijsten(werk, adres),
    )
    v1 = build_v1(
        winkel, toegang, besluiten, adres, contact, meer, [build_risicoscores(werk)],
        boek=Adresboek(data / "sleutels"),
    )  # fmt: skip
    initiatiefloket = Initiatiefloket(initiatieven, winkel, basis_url, today)
    loopt = Looptloket(winkel, besluiten, initiatiefloket.find_hier, today)
    app.mount(PAD_API, v1)
    # A mount begins at "/v1/": without its own route, "/v1" would be an unknown page.
    app.router.routes.append(Route(PAD_API, endpoint=v1))
    add_pages(
        app,
        winkel,
        loket=Duidingloket(besluiten, toegang, basis_url),
        aanmelden=None if kast is None else Aanmeldloket(kast, basis_url, rem, aanmelding),
        privacy=privacy,
        hier=loopt.find_hier,
        meer=(
            Dienstloket(winkel, leeslog, meting).list_routes,
            make_loket(dienst, basis_url),
            initiatiefloket.list_routes,
            Budgetloket(budget).list_routes,
            Kaartloket(winkel, kaartlaag).list_routes,
            Werklijstloket(werk, basis_url).list_routes,
            *_list_aanbieder(aanmelding, basis_url, rem),
        ),
    )
    guard_routes(app, toegang, leeslog, winkel)
    app.add_middleware(Kopzetter)
    ruimer = {f"{PAD_API}{zoek.PAD}": zoek.MAXIMUM_BYTES}
    gezien = Waarneming(Omvang(Grendel(app), ruimer=ruimer), meting, verslag or Verslag(), winkel)
    snel = Snelpad(gezien, winkel, toegang, PAD_API, leeslog=leeslog, meting=meting)
    return Poort(snel, toegang, rem, PAD_API, aanmelding.tokens if aanmelding else None, meting)


def _list_aanbieder(
    aanmelding: Aanmelding | None, basis_url: str, rem: Rem
) -> list[Callable[[Paginas], Sequence[Route]]]:
    if aanmelding is None or aanmelding.beleid.client_id is None:
        return []
    # Here and not above: it takes a tenth of a second to load, for who has a provider alone.
    from serving.aanmelding.loket import Aanbiederloket

    return [Aanbiederloket(aanmelding, basis_url, rem).list_routes]
