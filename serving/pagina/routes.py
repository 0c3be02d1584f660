"""The addresses of the pages. Each takes the current release once and answers from it alone."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from serving.api.antwoord import COLLECTIES, Objectniveau
from serving.api.lijst import Lijstpagina, find_objects
from serving.api.toegang import check_thema, lezer_of, vraagt
from serving.besluit.aandeel import Duidingaandeel
from serving.pagina.aanmelden import Aanmeldloket
from serving.pagina.antwoord import answer_bytes, answer_html, answer_page
from serving.pagina.bezoeker import Bezoeker, describe_bezoeker
from serving.pagina.duiding import Duidingdeel, Duidingloket
from serving.pagina.formulier import KOPPEN as KOPPEN_FORMULIER
from serving.pagina.formulier import make_bewijs
from serving.pagina.hier import Hierdeel
from serving.pagina.kaart import Kaart, draw_buurt, draw_kaart, draw_wijk, fits_complexen
from serving.pagina.labelkaart import build_labelkaart, list_metingen
from serving.pagina.methode import (
    GEBRUIK,
    NOOIT,
    STAPPEN,
    explain_methode,
    find_themanamen,
    say_weights,
)
from serving.pagina.modellen import describe_modellen
from serving.pagina.omgeving import describe_context, find_complexen, list_buurten
from serving.pagina.overzicht import (
    NAMEN,
    count_labels,
    count_objects,
    find_largest,
    read_rows,
)
from serving.pagina.papieren import describe_papieren, has_papieren, read_papier
from serving.pagina.privacy import Privacyblad
from serving.pagina.robuustheid import describe_robuustheid, has_robuustheid
from serving.pagina.signaal import describe_signalen
from serving.pagina.sjabloon import Sjablonen, quote_part
from serving.pagina.statisch import CACHE, hash_pages
from serving.pagina.versheid import Versheid, describe_versheid
from serving.pagina.vraag import (
    OngeldigeVraag,
    read_overzicht,
    read_vraag,
    read_wat_als,
    read_zoek,
)
from serving.pagina.wat_als import MACHTEN, describe_wat_als, list_velden
from serving.pagina.zoek import drop_house_number, find_treffers, suggest_zoek
from serving.release.wijzer import BeschadigdeRelease, GeenRelease
from serving.release.winkel import Uitgave, Winkel
from serving.toegang.inzage import look_as
from serving.wat_als.vraag import GeenWatAls, find_gepubliceerd
from vera.toegang import Bereik, Lezer

_log = logging.getLogger(__name__)

_AANTAL_WIJKEN: Final = 25
_GEEN_PAPIER: Final = "Dit papier hoort niet bij deze cijfers."

_FOUTEN: Final[Mapping[int, tuple[str, str]]] = {
    400: ("Dit klopt niet", "Ga terug en probeer het opnieuw."),
    401: ("Meld u aan", "Deze pagina is alleen te lezen als u bent aangemeld."),
    403: ("Dit mag u niet", "Er is niets veranderd."),
    404: (
        "Deze pagina bestaat niet",
        "Misschien is het adres veranderd, of zit er een tikfout in. Een adres eindigt niet op "
        "een schuine streep.",
    ),
    405: ("Dit kan hier niet", "Deze pagina is er alleen om te lezen."),
    429: ("Even wachten", "U vraagt te veel in korte tijd. Probeer het later opnieuw."),
    500: ("Er ging iets mis", "Dat ligt aan ons en niet aan u. Probeer het later opnieuw."),
}


def today() -> date:
    """Return today's date, in UTC."""
    return datetime.now(UTC).date()


def add_pages(app: FastAPI, winkel: Winkel, **delen: Any) -> None:
    """Give ``app`` the pages, at every address that nothing before them has taken.

    Parameters
    ----------
    app
        Application that has its other routes already.
    winkel
        Door to the current release.
    **delen
        As :func:`build_pages` takes them.
    """
    app.mount("/", build_pages(winkel, **delen))


def build_pages(
    winkel: Winkel,
    *,
    vandaag: Callable[[], date] = today,
    loket: Duidingloket | None = None,
    aanmelden: Aanmeldloket | None = None,
    privacy: Privacyblad | None = None,
    hier: Callable[[Lezer, str, str, str], Hierdeel | None] | None = None,
    meer: Sequence[Callable[[Paginas], Sequence[Route]]] = (),
) -> Starlette:
    """Return the application of the pages, with its own, readable errors.

    Parameters
    ----------
    winkel
        Door to the current release.
    vandaag
        Gives today's date, for saying how old the release is.
    loket
        Reads and takes duidingen; None = cards do not show them.
    aanmelden
        Takes keys; None = there is nothing to log in to.
    privacy
        What the page on privacy tells; None = what is the same everywhere.
    hier
        Finds what residents do in a place, for a reader: niveau, id, buurt; None = not shown.
    meer
        Give the routes of other parts of the site, which these pages draw.
    """
    paginas = Paginas(winkel, vandaag, loket, aanmelden, privacy or Privacyblad(), hier)
    routes = [
        Route("/", paginas.show_overzicht),
        Route("/zoeken", paginas.show_zoeken),
        Route("/methode", paginas.show_methode),
        Route("/wat-als", paginas.show_wat_als),
        Route("/methode/robuustheid", paginas.show_robuustheid),
        Route("/methode/modellen", paginas.show_modellen),
        Route("/methode/papieren", paginas.show_papieren),
        Route("/methode/papieren/{bestand}", paginas.send_papier),
        Route("/privacy", paginas.show_privacy),
        Route("/statisch/{naam}", paginas.send_bestand),
    ]
    if aanmelden is not None:
        routes += [
            Route("/aanmelden", paginas.show_aanmelden),
            Route("/aanmelden", paginas.make_aanmelden(aanmelden), methods=["POST"]),
            Route("/afmelden", paginas.make_afmelden(aanmelden), methods=["POST"]),
        ]
    # ":path", because an association's own ids may hold a slash (sent as %2F).
    if loket is not None:
        pad = "/complexen/{beheerobject_id:path}/duidingen"
        routes.append(Route(pad, paginas.make_loket(loket), methods=["POST"]))
    for maak in meer:
        routes += maak(paginas)
    for collectie, niveau in COLLECTIES.items():
        routes.append(Route(f"/{collectie}", paginas.make_lijst(niveau)))
        routes.append(Route(f"/{collectie}/{{beheerobject_id:path}}", paginas.make_kaart(niveau)))
    app = Starlette(
        routes=routes,
        exception_handlers={
            HTTPException: paginas.handle_http,
            OngeldigeVraag: paginas.handle_invalid,
            GeenRelease: paginas.handle_no_release,
            GeenWatAls: paginas.handle_no_wat_als,
            Exception: paginas.handle_unforeseen,
        },
    )
    app.router.redirect_slashes = False
    return app


class Paginas:
    """The pages over one door to the release.

    Parameters
    ----------
    winkel
        Door to the current release.
    vandaag
        Gives today's date.
    loket
        Reads duidingen; None = cards do not show them.
    aanmelden
        Takes keys; None = there is nothing to log in to.
    privacy
        What the page on privacy tells.
    hier
        Finds what residents do in a place.
    """

    def __init__(
        self,
        winkel: Winkel,
        vandaag: Callable[[], date],
        loket: Duidingloket | None,
        aanmelden: Aanmeldloket | None,
        privacy: Privacyblad,
        hier: Callable[[Lezer, str, str, str], Hierdeel | None] | None = None,
    ) -> None:
        self._winkel = winkel
        self._vandaag = vandaag
        self._loket = loket
        self._aanmelden = aanmelden
        self._privacy = privacy
        self._hier = hier
        self._sjablonen = Sjablonen()
        self._op_adres = {bestand.adres: bestand for bestand in self._sjablonen.bestanden.values()}
        self._kenmerk = hash_pages()

    @vraagt("openbaar", toont=("complex", "indicator"))
    def show_overzicht(self, aanvraag: Request) -> Response:
        """Answer ``/``: search, how the labels are spread, the map, the largest tasks."""
        uitgave, versheid = self._open(aanvraag)
        thema, toont_complexen = read_overzicht(aanvraag.query_params)
        check_thema(lezer_of(aanvraag), thema)

        def render() -> str:
            aantallen = count_objects(uitgave)
            hoofdniveau = "complex" if aantallen.get("complex") else "buurt"
            return self._render(
                aanvraag,
                "overzicht.html",
                versheid,
                thema=thema,
                themanamen={"TOT": "Totaal", **find_themanamen(uitgave)},
                aantallen=aantallen,
                verdeling=count_labels(uitgave, hoofdniveau, thema),
                kaart=draw_kaart(uitgave, thema, toont_complexen=toont_complexen),
                toont_complexen=toont_complexen and fits_complexen(uitgave),
                kaart_past=fits_complexen(uitgave),
                duidingen=Duidingaandeel.of_manifest(uitgave.manifest),
                buurten=list_buurten(uitgave, thema),
                wijken=_find_names(uitgave, "wijk")[:_AANTAL_WIJKEN],
                grootste=[
                    (niveau, find_largest(uitgave, niveau, thema))
                    for niveau in ("complex", "buurt")
                    if aantallen.get(niveau)
                ],
            )

        return self._answer(aanvraag, uitgave, versheid, render)

    @vraagt("openbaar", toont=("complex",))
    def show_zoeken(self, aanvraag: Request) -> Response:
        """Answer ``/zoeken``: what has these words in its name, code or streets."""
        uitgave, versheid = self._open(aanvraag)
        zoek = read_zoek(aanvraag.query_params)

        def render() -> str:
            gevonden = find_treffers(uitgave, zoek) if zoek else []
            voorstel = suggest_zoek(uitgave, zoek) if zoek and not gevonden else None
            if voorstel is not None:
                gevonden = find_treffers(uitgave, voorstel)
            return self._render(
                aanvraag,
                "zoeken.html",
                versheid,
                zoek=zoek,
                gevonden=gevonden,
                voorstel=voorstel if gevonden else None,
                bevat_nummer=drop_house_number(zoek) is not None,
                zonder_nummer=drop_house_number(zoek) if not gevonden else None,
            )

        return self._answer(aanvraag, uitgave, versheid, render)

    @vraagt("openbaar")
    def show_methode(self, aanvraag: Request) -> Response:
        """Answer ``/methode``: what the label is made of."""
        uitgave, versheid = self._open_methode(aanvraag)

        def render() -> str:
            return self._render(
                aanvraag,
                "methode.html",
                versheid,
                grondslagen=explain_methode(uitgave),
                gewichten=say_weights(uitgave),
                stappen=STAPPEN,
                nooit=NOOIT,
                gebruik=GEBRUIK,
                heeft_robuustheid=has_robuustheid(uitgave),
                heeft_modellen=bool(describe_modellen(uitgave)),
                heeft_papieren=has_papieren(uitgave),
            )

        return self._answer(aanvraag, uitgave, versheid, render)

    @vraagt("openbaar")
    def show_robuustheid(self, aanvraag: Request) -> Response:
        """Answer ``/methode/robuustheid``: what other choices would do to the labels."""
        uitgave, versheid = self._open_methode(aanvraag)
        rapport = describe_robuustheid(uitgave)
        if rapport is None:
            raise HTTPException(
                404, "Voor deze methode is nog niet berekend wat andere keuzes uitmaken."
            )
        return self._answer(
            aanvraag,
            uitgave,
            versheid,
            lambda: self._render(aanvraag, "robuustheid.html", versheid, rapport=rapport),
        )

    @vraagt("openbaar")
    def show_modellen(self, aanvraag: Request) -> Response:
        """Answer ``/methode/modellen``: which model or rule chooses, why, and the model card."""
        uitgave, versheid = self._open_methode(aanvraag)
        bladen = describe_modellen(uitgave)
        if not bladen:
            raise HTTPException(404, "Bij deze cijfers horen geen risicomodellen.")
        return self._answer(
            aanvraag,
            uitgave,
            versheid,
            lambda: self._render(aanvraag, "modellen.html", versheid, bladen=bladen),
        )

    @vraagt("openbaar")
    def show_papieren(self, aanvraag: Request) -> Response:
        """Answer ``/methode/papieren``: what register, DPIA and residents need to know."""
        uitgave, versheid = self._open_methode(aanvraag)
        if not has_papieren(uitgave):
            raise HTTPException(404, _GEEN_PAPIER)
        return self._answer(
            aanvraag,
            uitgave,
            versheid,
            lambda: self._render(
                aanvraag, "papieren.html", versheid, blad=describe_papieren(uitgave)
            ),
        )

    @vraagt("openbaar")
    def send_papier(self, aanvraag: Request) -> Response:
        """Answer ``/methode/papieren/<bestand>``: one paper as a file."""
        uitgave, _ = self._open_methode(aanvraag)
        papier = read_papier(uitgave, aanvraag.path_params["bestand"])
        if papier is None:
            raise HTTPException(404, _GEEN_PAPIER)
        inhoud, mediatype = papier
        return answer_bytes(aanvraag, 200, inhoud, mediatype, {"cache-control": "no-cache"})

    @vraagt("wat_als", toont=("complex",))
    def show_wat_als(self, aanvraag: Request) -> Response:
        """Answer ``/wat-als``: the labels that other weights would give, not published."""
        uitgave, versheid = self._open(aanvraag)
        themanamen = find_themanamen(uitgave)
        vraag = read_wat_als(aanvraag.query_params, find_gepubliceerd(uitgave), themanamen)
        wat_als = describe_wat_als(uitgave, vraag)
        if vraag.pagina > wat_als.laatste:
            raise HTTPException(404, f"De lijst heeft {wat_als.laatste} pagina’s.")
        return self._answer(
            aanvraag,
            uitgave,
            versheid,
            lambda: self._render(
                aanvraag,
                "wat_als.html",
                versheid,
                wat_als=wat_als,
                vraag=vraag,
                velden=list_velden(vraag, themanamen),
                niveaus={niveau: meer for niveau, (_, meer) in NAMEN.items()},
                machten=MACHTEN,
            ),
        )

    def make_lijst(self, niveau: Objectniveau) -> Callable[[Request], Response]:
        """Return what answers the list of one niveau."""

        @vraagt(_ask(niveau), toont=("complex", "indicator"), niveau=niveau)
        def show_lijst(aanvraag: Request) -> Response:
            uitgave, versheid = self._open(aanvraag)
            vraag = read_vraag(niveau, aanvraag.query_params)
            check_thema(lezer_of(aanvraag), vraag.thema)
            pagina = find_objects(uitgave, vraag)
            if vraag.pagina > pagina.laatste:
                raise HTTPException(
                    404,
                    f"Pagina {vraag.pagina} bestaat niet. De lijst heeft "
                    f"{pagina.laatste} pagina{'' if pagina.laatste == 1 else '’s'}.",
                )
            return self._answer(
                aanvraag,
                uitgave,
                versheid,
                lambda: self._render_lijst(aanvraag, uitgave, versheid, pagina),
            )

        return show_lijst

    def _render_lijst(
        self, aanvraag: Request, uitgave: Uitgave, versheid: Versheid, pagina: Lijstpagina
    ) -> str:
        vraag = pagina.vraag
        enkel, meer = NAMEN[vraag.niveau]
        return self._render(
            aanvraag,
            "lijst.html",
            versheid,
            niveau=vraag.niveau,
            enkel=enkel,
            collectie=meer,
            pagina=pagina,
            vraag=vraag,
            rijen=read_rows(pagina.rijen),
            themanamen={"TOT": "Totaal", **find_themanamen(uitgave)},
            buurten=_find_names(uitgave, "buurt") if vraag.niveau == "complex" else [],
            wijken=_find_names(uitgave, "wijk") if vraag.niveau != "wijk" else [],
        )

    def make_kaart(self, niveau: Objectniveau) -> Callable[[Request], Response]:
        """Return what answers the card of one object of a niveau."""

        @vraagt(
            _ask(niveau),
            toont=("complex", "indicator"),
            niveau=niveau,
            sleutel="beheerobject_id",
        )
        def show_kaart(aanvraag: Request) -> Response:
            uitgave, versheid = self._open(aanvraag)
            inhoud = _find_answer(aanvraag, uitgave, niveau)
            deel = None
            if niveau == "complex" and self._loket is not None:
                deel = self._loket.read(aanvraag, uitgave, json.loads(inhoud)["id"])
            hier = self._find_hier(aanvraag, niveau, inhoud)

            def render() -> str:
                return self._render_object(
                    aanvraag, uitgave, versheid, niveau, json.loads(inhoud), deel, hier
                )

            if deel is not None and deel.bewijs is not None:
                return self._answer_form(aanvraag, 200, render(), deel)
            meer = "".join(f"-{stuk.kenmerk}" for stuk in (deel, hier) if stuk is not None)
            return self._answer(aanvraag, uitgave, versheid, render, meer)

        return show_kaart

    @vraagt("openbaar", toont=("privacy",))
    def show_privacy(self, aanvraag: Request) -> Response:
        """Answer ``/privacy``: what is held and why; who read it, for who watches over that."""
        ziet_alles = lezer_of(aanvraag).may("privacy")
        try:
            _, versheid = self._open(aanvraag)
        except GeenRelease:
            versheid = None  # what is held and who read it does not wait for figures
        html = self._render(
            aanvraag, "privacy.html", versheid, blad=self._privacy.describe(ziet_alles=ziet_alles)
        )
        return answer_html(aanvraag, 200, html, {"cache-control": "no-store"})

    @vraagt("openbaar")
    def show_aanmelden(self, aanvraag: Request) -> Response:
        """Answer ``/aanmelden``: the form, or who is logged in and how to stop that."""
        return self._answer_aanmelden(aanvraag, 200, None)

    def make_aanmelden(self, aanmelden: Aanmeldloket) -> Callable[..., Awaitable[Response]]:
        """Return what takes a key."""

        def take(aanvraag: Request, vorm: bytes) -> Response:
            antwoord = aanmelden.take(aanvraag, vorm)
            if antwoord is not None:
                return antwoord
            return self._answer_aanmelden(
                aanvraag, 400, "Deze sleutel geldt niet. Hij is verlopen, ingetrokken of verkeerd."
            )

        @vraagt("openbaar")
        async def take_form(aanvraag: Request) -> Response:
            return await run_in_threadpool(take, aanvraag, await aanvraag.body())

        return take_form

    def make_afmelden(self, aanmelden: Aanmeldloket) -> Callable[..., Awaitable[Response]]:
        """Return what ends a session."""

        @vraagt("openbaar")
        async def take_form(aanvraag: Request) -> Response:
            return await run_in_threadpool(aanmelden.leave, aanvraag, await aanvraag.body())

        return take_form

    def _answer_aanmelden(self, aanvraag: Request, status: int, fout: str | None) -> Response:
        if self._aanmelden is None:
            raise HTTPException(404)
        bewijs = make_bewijs(aanvraag)
        html = self._render(
            aanvraag,
            "aanmelden.html",
            None,
            bewijs=bewijs,
            fout=fout,
            rollen=[(rol.naam, rol.doel) for rol in lezer_of(aanvraag).rollen],
            terug=self._aanmelden.find_terug(aanvraag),
            aanbieder=self._aanmelden.find_aanbieder(),
        )
        antwoord = answer_html(aanvraag, status, html, KOPPEN_FORMULIER)
        self._aanmelden.remember(antwoord, bewijs)
        return antwoord

    def make_loket(self, loket: Duidingloket) -> Callable[[Request], Awaitable[Response]]:
        """Return what takes the form of a duiding."""

        def take(aanvraag: Request, vorm: bytes) -> Response:
            uitgave, versheid = self._open(aanvraag)
            inhoud = json.loads(_find_answer(aanvraag, uitgave, "complex"))
            fout = loket.take(aanvraag, uitgave, inhoud["id"], vorm)
            if fout is None:
                adres = f"/complexen/{quote_part(inhoud['id'])}#duiding"
                return RedirectResponse(adres, 303, {"cache-control": "no-store"})
            status, deel = fout
            hier = self._find_hier(aanvraag, "complex", json.dumps(inhoud).encode())
            html = self._render_object(aanvraag, uitgave, versheid, "complex", inhoud, deel, hier)
            return self._answer_form(aanvraag, status, html, deel)

        @vraagt("duiding", niveau="complex", sleutel="beheerobject_id")
        async def take_form(aanvraag: Request) -> Response:
            return await run_in_threadpool(take, aanvraag, await aanvraag.body())

        return take_form

    def _answer_form(
        self, aanvraag: Request, status: int, html: str, deel: Duidingdeel
    ) -> Response:
        antwoord = answer_html(aanvraag, status, html, KOPPEN_FORMULIER)
        if self._loket is not None and deel.bewijs is not None:
            self._loket.remember(antwoord, deel)
        return antwoord

    def _render_object(
        self,
        aanvraag: Request,
        uitgave: Uitgave,
        versheid: Versheid,
        niveau: str,
        antwoord: Mapping[str, Any],
        deel: Duidingdeel | None = None,
        hier: Hierdeel | None = None,
    ) -> str:
        sleutel = antwoord["id"]
        historie = uitgave.history(niveau, sleutel) or []
        themanamen = find_themanamen(uitgave)

        def say(label: Mapping[str, Any]) -> Any:
            return build_labelkaart(
                label,
                historie,
                naam=antwoord["naam"],
                niveau=niveau,
                themanamen=themanamen,
                is_voorlopig=versheid.is_voorlopig,
                is_gebied_gedeeld=antwoord.get("isGebiedGedeeld", False),
            )

        label = say(antwoord["sociaalBeheerLabel"])
        ander = antwoord["sociaalBeheerLabelAndereGrondslag"]
        kaart: Kaart | None = None
        if niveau == "wijk":
            kaart = draw_wijk(uitgave, sleutel)
        elif niveau == "buurt":
            kaart = draw_buurt(uitgave, sleutel, (antwoord["wijk"] or {}).get("id"))
        return self._render(
            aanvraag,
            "object.html",
            versheid,
            niveau=niveau,
            enkel=NAMEN[niveau][0],
            collectie=NAMEN[niveau][1],
            object=antwoord,
            label=label,
            ander=None if ander is None else say(ander),
            beheercluster=_find_beheercluster(uitgave, label.onbekend),
            themanamen=themanamen,
            metingen=list_metingen(
                uitgave.explanation(niveau, sleutel) or [], label.grondslag, themanamen
            ),
            kaart=kaart,
            complexen=find_complexen(uitgave, sleutel) if niveau == "buurt" else None,
            buurten=list_buurten(uitgave, "TOT", wijk_id=sleutel) if niveau == "wijk" else [],
            context=describe_context(antwoord.get("context") or ()),
            signalen=describe_signalen(antwoord.get("themasignalen") or ()),
            duidingdeel=deel,
            hierdeel=hier,
        )

    @vraagt("openbaar")
    def send_bestand(self, aanvraag: Request) -> Response:
        """Answer ``/statisch/<naam>``: the style sheet and the mark."""
        bestand = self._op_adres.get(f"/statisch/{aanvraag.path_params['naam']}")
        if bestand is None:
            raise HTTPException(404)
        return answer_bytes(
            aanvraag, 200, bestand.inhoud, bestand.mediatype, {"cache-control": CACHE}
        )

    def handle_http(self, aanvraag: Request, fout: Exception) -> Response:
        """Answer 401, 404, 405 and the like."""
        if not isinstance(fout, HTTPException):
            raise fout
        kop, uitleg = _FOUTEN.get(fout.status_code, ("Er ging iets mis", "Probeer het opnieuw."))
        eigen_tekst = " " in fout.detail and fout.detail not in {"Not Found", "Method Not Allowed"}
        return self._fail(
            aanvraag, fout.status_code, kop, [fout.detail if eigen_tekst else uitleg], fout.headers
        )

    def handle_invalid(self, aanvraag: Request, fout: Exception) -> Response:
        """Answer 400 with everything that is wrong in the address."""
        if not isinstance(fout, OngeldigeVraag):
            raise fout
        return self._fail(aanvraag, 400, "Dit adres klopt niet", list(fout.fouten))

    def handle_no_release(self, aanvraag: Request, fout: Exception) -> Response:
        """Answer 503 with what to run, or that what was published is damaged."""
        if isinstance(fout, BeschadigdeRelease):
            regels = ["Zij worden niet getoond, want zij zijn niet wat er is gepubliceerd."]
            regels.append("De beheerder moet ze herstellen.")
            return self._fail(aanvraag, 503, "De labels zijn beschadigd", regels)
        html = self._render(aanvraag, "geen_release.html", None)
        return answer_html(aanvraag, 503, html, {"cache-control": "no-store", "retry-after": "60"})

    def handle_no_wat_als(self, aanvraag: Request, fout: Exception) -> Response:
        """Answer 503: this release has nothing to compute a what-if from."""
        if not isinstance(fout, GeenWatAls):
            raise fout
        return self._fail(aanvraag, 503, "Nu geen wat-als", [fout.gevonden])

    def handle_unforeseen(self, aanvraag: Request, fout: Exception) -> Response:
        """Answer 500 without any inner detail; the log has it."""
        _log.error("unforeseen error: %s", type(fout).__name__, exc_info=fout)
        return self._fail(aanvraag, 500, *_as_lines(_FOUTEN[500]))

    def _fail(
        self,
        aanvraag: Request,
        status: int,
        kop: str,
        regels: list[str],
        koppen: Mapping[str, str] | None = None,
    ) -> Response:
        html = self._render(
            aanvraag,
            "melding.html",
            None,
            kop=kop,
            regels=regels,
            terug=aanvraag.url.path if status == 400 else None,
            aanmelden=aanvraag.url.path if status == 401 else None,
        )
        return answer_html(aanvraag, status, html, {"cache-control": "no-store", **(koppen or {})})

    def _open(self, aanvraag: Request) -> tuple[Uitgave, Versheid]:
        uitgave = look_as(self._winkel.current(), lezer_of(aanvraag))
        return uitgave, describe_versheid(uitgave, self._vandaag(), self._winkel.melding)

    def _open_methode(self, aanvraag: Request) -> tuple[Uitgave, Versheid]:
        """Open the whole release, for what is no secret to anybody: how it was made."""
        _, versheid = self._open(aanvraag)
        return self._winkel.current(), versheid

    def _answer(
        self,
        aanvraag: Request,
        uitgave: Uitgave,
        versheid: Versheid,
        render: Callable[[], str],
        meer: str = "",
        koppen: Mapping[str, str] | None = None,
    ) -> Response:
        # A page also says how old the release is and what is wrong with the next one.
        stand = f"{int(versheid.verouderd is not None)}{int(versheid.melding is not None)}"
        dag = f"-{self._vandaag().isoformat()}" if versheid.verouderd else ""
        wie = self._describe_bezoeker(aanvraag).kenmerk
        etag = f'"{uitgave.release_id}-{self._kenmerk}-{wie}-{stand}{dag}{meer}"'
        return answer_page(aanvraag, etag, render, koppen)

    def answer_with(
        self,
        aanvraag: Request,
        uitgave: Uitgave,
        sjabloon: str,
        make_inhoud: Callable[[], Mapping[str, Any]],
        *,
        kenmerk: str = "",
        koppen: Mapping[str, str] | None = None,
    ) -> Response:
        """Return a page of another part of the site, with an entity tag; ``304`` when it is known.

        Parameters
        ----------
        aanvraag
            The request.
        uitgave
            The release as this reader sees it; head and foot tell of the same one.
        sjabloon
            Name of the template.
        make_inhoud
            Makes what the template shows, of the release and of the address alone.
        kenmerk
            Of whatever else the page is made of.
        koppen
            Headers beside the usual ones.
        """
        versheid = describe_versheid(uitgave, self._vandaag(), self._winkel.melding)

        def render() -> str:
            return self._render(aanvraag, sjabloon, versheid, **make_inhoud())

        meer = f"-{kenmerk}" if kenmerk else ""
        return self._answer(aanvraag, uitgave, versheid, render, meer, koppen)

    def draw(self, aanvraag: Request, sjabloon: str, **inhoud: Any) -> str:
        """Return a page of another part of the site, with the head and foot of this one."""
        _, versheid = self._open(aanvraag)
        return self._render(aanvraag, sjabloon, versheid, **inhoud)

    def draw_bare(self, aanvraag: Request, sjabloon: str, **inhoud: Any) -> str:
        """Return a page that shows no figures, and is there before there are any."""
        return self._render(aanvraag, sjabloon, None, **inhoud)

    def _find_hier(self, aanvraag: Request, niveau: str, inhoud: bytes) -> Hierdeel | None:
        if self._hier is None or niveau == "wijk":
            return None
        feiten = json.loads(inhoud)
        buurt_id = str((feiten.get("buurt") or {}).get("id") or "")
        return self._hier(lezer_of(aanvraag), niveau, feiten["id"], buurt_id)

    def _render(
        self, aanvraag: Request, sjabloon: str, versheid: Versheid | None, **inhoud: Any
    ) -> str:
        bezoeker = self._describe_bezoeker(aanvraag)
        return self._sjablonen.render(sjabloon, versheid=versheid, bezoeker=bezoeker, **inhoud)

    def _describe_bezoeker(self, aanvraag: Request) -> Bezoeker:
        kan = self._aanmelden is not None
        return describe_bezoeker(lezer_of(aanvraag), kan_aanmelden=kan)


def _ask(niveau: Objectniveau) -> Bereik:
    return "complex" if niveau == "complex" else "openbaar"


def _find_answer(aanvraag: Request, uitgave: Uitgave, niveau: str) -> bytes:
    inhoud = uitgave.answer(niveau, str(aanvraag.path_params["beheerobject_id"]))
    if inhoud is None:
        raise HTTPException(
            404,
            f"Wij kennen geen {NAMEN[niveau][0]} met dit nummer. Zoek hieronder op naam of straat.",
        )
    return inhoud


def _as_lines(fout: tuple[str, str]) -> tuple[str, list[str]]:
    return fout[0], [fout[1]]


def _find_names(uitgave: Uitgave, niveau: str) -> list[tuple[str, str]]:
    rijen: list[tuple[str, str]] = uitgave.remember(
        ("namen", niveau),
        lambda: uitgave.query(
            "select beheerobject_id, naam from lijst where niveau = ? "
            "order by naam, beheerobject_id limit 1000",
            (niveau,),
        ),
    )
    return rijen


def _find_beheercluster(uitgave: Uitgave, onbekend: Any) -> tuple[str, str] | None:
    """Return id and name of the cluster that holds a small complex, if the release has it."""
    if onbekend is None or onbekend.beheercluster_id is None:
        return None
    rijen = uitgave.query(
        "select beheerobject_id, naam from lijst where niveau = 'complex' and beheerobject_id = ?",
        (onbekend.beheercluster_id,),
    )
    return (rijen[0][0], rijen[0][1]) if rijen else None
