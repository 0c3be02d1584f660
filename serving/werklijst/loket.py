"""The pages of the worklists: judge first, then see why, then decide; later what came of it.

Made for a telephone in a stairwell: one tap for an own view, two for a decision.

Belongs here: what the pages show and what their forms send. Does not belong here: the rules
(``serving.besluit.werklijst``), which rows somebody sees (``dienst``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, Protocol
from urllib.parse import quote, unquote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from serving.api.toegang import lezer_of, tell_log, vraagt
from serving.besluit.tekst import MAXIMUM_NAAM, MAXIMUM_TOELICHTING
from serving.besluit.werklijst import OnbekendeRegel, OngeldigeInvoer, WerklijstKanNiet
from serving.pagina.antwoord import answer_html
from serving.pagina.formulier import KOPPEN, make_bewijs, read_vorm, remember_bewijs
from serving.pagina.getal import format_datum, format_getal
from serving.werklijst.dienst import BEREIKEN, NAMEN, Besloten, Uitleg, Werklijstdienst, Werkregel
from vera.errors import BuurtpeilError
from vera.maatregel import PREVENTIE
from vera.toegang import Bereik
from vera.werklijst import BANEN, MODELLEN, OORDELEN, UITKOMSTEN, Model

PAD: Final = "/werklijsten"
KOEKJE_NAAM: Final = "buurtpeil_naam"
"""Who somebody said they are, where there is no login; it goes when the browser closes."""

_VERLOPEN: Final = (
    "Dit formulier komt niet van deze pagina, of is verlopen. Open de werklijst opnieuw. Er is "
    "niets vastgelegd."
)
_TEGEL: Final[Mapping[Model, str]] = {
    "overlast": "Complexen waar overlast kan oplopen",
    "woonfraude": "Complexen waar wij naar signalen kijken en woonfraude voorkomen",
}
_BANDEN: Final[Mapping[str, str]] = {
    "zeker": "Zeker: als wij opnieuw rekenen, staat dit complex bijna altijd bij de hoogste.",
    "waarschijnlijk": (
        "Waarschijnlijk: als wij opnieuw rekenen, staat dit complex meestal bij de hoogste."
    ),
    "grensgeval": "Grensgeval: het scheelt weinig of dit complex staat er niet bij.",
}
_KEUZES: Final = {
    "opvolgen": "Wij gaan ermee aan de slag",
    "niet_opvolgen": "Wij doen er nu niets mee",
}
_KLAAR: Final[Mapping[str, str]] = {
    "besluit": "Uw besluit is vastgelegd. De regel is van de lijst.",
    "uitkomst": "De uitkomst is vastgelegd.",
}
_VELDEN: Final[Mapping[str, str]] = {
    "door": "Uw naam",
    "oordeel": "Het oordeel",
    "reden": "De reden",
    "toelichting": "De toelichting",
    "uitkomst": "De uitkomst",
    "adres": "Het adres",
    "soort": "De soort",
    "begindatum": "De eerste dag",
    "einddatum": "De laatste dag",
}


class Tekenaar(Protocol):
    """Makes pages with the head and the foot of this site."""

    def draw(self, aanvraag: Request, sjabloon: str, **inhoud: Any) -> str:
        """Return the HTML of a template."""
        ...


class Werklijstloket:
    """The pages.

    Parameters
    ----------
    dienst
        The worklists.
    basis_url
        Address under which people reach the site.
    """

    def __init__(self, dienst: Werklijstdienst, basis_url: str) -> None:
        self._dienst = dienst
        self._basis_url = basis_url

    def list_routes(self, tekenaar: Tekenaar) -> list[Route]:
        """Return the addresses of the pages, drawn by ``tekenaar``."""
        alle: tuple[Bereik, ...] = tuple(BEREIKEN[model] for model in MODELLEN)

        @vraagt("openbaar", toont=alle)
        def show_overzicht(aanvraag: Request) -> Response:
            return self._show_overzicht(aanvraag, tekenaar)

        routes = [Route(PAD, show_overzicht)]
        for model in MODELLEN:
            routes += self._list_routes_of(model, tekenaar)
        return routes

    def _list_routes_of(self, model: Model, tekenaar: Tekenaar) -> list[Route]:
        @vraagt(BEREIKEN[model], niveau="complex")
        def show_lijst(aanvraag: Request) -> Response:
            return self._show_lijst(aanvraag, tekenaar, model)

        @vraagt(BEREIKEN[model], niveau="complex")
        def show_regel(aanvraag: Request) -> Response:
            return self._show_regel(aanvraag, tekenaar, model, 200)

        @vraagt(BEREIKEN[model], niveau="complex")
        async def take(aanvraag: Request) -> Response:
            vorm = await aanvraag.body()
            return await run_in_threadpool(self._take, aanvraag, tekenaar, model, vorm)

        een = f"{PAD}/{model}/{{nummer}}"
        return [
            Route(f"{PAD}/{model}", show_lijst),
            Route(een, show_regel),
            Route(een, take, methods=["POST"]),
        ]

    def _show_overzicht(self, aanvraag: Request, tekenaar: Tekenaar) -> Response:
        lezer = lezer_of(aanvraag)
        lijsten = []
        for model in MODELLEN:
            if lezer.may(BEREIKEN[model]):
                try:
                    aantal: int | None = self._dienst.count_open(model)
                except BuurtpeilError:
                    aantal = None
                lijsten.append((model, NAMEN[model], _TEGEL[model], aantal))
        html = tekenaar.draw(aanvraag, "werklijsten.html", lijsten=lijsten)
        return answer_html(aanvraag, 200, html, KOPPEN)

    def _show_lijst(self, aanvraag: Request, tekenaar: Tekenaar, model: Model) -> Response:
        try:
            lijst = self._dienst.read_lijst(model, _find_naam(aanvraag))
            wacht = [b for b in self._dienst.list_besloten(model) if not b.is_klaar]
        except BuurtpeilError as fout:
            raise HTTPException(503, fout.gevonden) from fout
        tell_log(aanvraag.scope, len(lijst.regels))
        gestopt = lijst.gestopt
        html = tekenaar.draw(
            aanvraag,
            "werklijst.html",
            soort=model,
            lijstnaam=NAMEN[model],
            uitleg=_TEGEL[model],
            regels=lijst.regels,
            beoordeeld=sum(regel.oordeel is not None for regel in lijst.regels),
            gestopt=None
            if gestopt is None
            else format_datum(gestopt.vastgelegd_op.date().isoformat()),
            wacht=[_say_besloten(b) for b in wacht],
            oordelen=OORDELEN,
            klaar=_KLAAR.get(aanvraag.query_params.get("klaar", "")),
            vandaag=self._dienst.vandaag(),
        )
        return answer_html(aanvraag, 200, html, KOPPEN)

    def _show_regel(
        self,
        aanvraag: Request,
        tekenaar: Tekenaar,
        model: Model,
        status: int,
        ingevuld: Mapping[str, str] | None = None,
        fouten: Mapping[str, str] | None = None,
    ) -> Response:
        nummer = _read_nummer(aanvraag)
        naam = _find_naam(aanvraag)
        regel: Werkregel | None = None
        besloten: Besloten | None = None
        try:
            try:
                regel = self._dienst.find_regel(model, nummer, naam)
            except OnbekendeRegel:
                besloten = self._dienst.find_besloten(model, nummer)
        except OnbekendeRegel as fout:
            raise HTTPException(
                404, "Deze regel staat niet op de werklijst, of is er al af."
            ) from fout
        except BuurtpeilError as fout:
            raise HTTPException(503, fout.gevonden) from fout
        tell_log(aanvraag.scope, 1, *(r.complex_id for r in (regel, besloten) if r is not None))
        bewijs = make_bewijs(aanvraag)
        html = tekenaar.draw(
            aanvraag,
            "werklijst_regel.html" if regel else "werklijst_besloten.html",
            soort=model,
            lijstnaam=NAMEN[model],
            regel=regel,
            besloten=None if besloten is None else _say_besloten(besloten),
            waarom=None if regel is None or regel.uitleg is None else _say_uitleg(regel.uitleg),
            bewijs=bewijs,
            vraagt_naam=lezer_of(aanvraag).naam is None,
            wie=naam or "",
            oordelen=OORDELEN,
            uitkomsten={c: r.tekst for c, r in UITKOMSTEN[model].items()},
            preventie=PREVENTIE if model == "woonfraude" else {},
            vandaag=self._dienst.vandaag(),
            ingevuld=ingevuld or {},
            fouten={_VELDEN.get(veld, veld): melding for veld, melding in (fouten or {}).items()},
            maximum_naam=MAXIMUM_NAAM,
            maximum_toelichting=MAXIMUM_TOELICHTING,
            ziet_complex=lezer_of(aanvraag).may("complex") and model == "overlast",
        )
        antwoord = answer_html(aanvraag, status, html, KOPPEN)
        remember_bewijs(antwoord, bewijs, self._basis_url)
        return antwoord

    def _take(self, aanvraag: Request, tekenaar: Tekenaar, model: Model, vorm: bytes) -> Response:
        velden = read_vorm(aanvraag, vorm, self._basis_url, _VERLOPEN)
        nummer = _read_nummer(aanvraag)
        naam = lezer_of(aanvraag).naam or velden.get("door", "")
        try:
            # First: nothing that can fail stands between the store and the line in the read log.
            tell_log(aanvraag.scope, 1, self._dienst.find_complex(model, nummer))
            waarheen = self._record(model, nummer, velden, naam)
        except OngeldigeInvoer as fout:
            return self._show_regel(aanvraag, tekenaar, model, 400, velden, fout.fouten)
        except WerklijstKanNiet as fout:
            return self._show_regel(aanvraag, tekenaar, model, 409, velden, {"": fout.gevonden})
        except OnbekendeRegel as fout:
            raise HTTPException(
                404, "Deze regel staat niet op de werklijst, of is er al af."
            ) from fout
        except BuurtpeilError as fout:
            raise HTTPException(503, fout.gevonden) from fout
        antwoord = RedirectResponse(waarheen, 303, {"cache-control": "no-store"})
        if lezer_of(aanvraag).naam is None:
            antwoord.set_cookie(
                KOEKJE_NAAM,
                quote(naam.strip()[:MAXIMUM_NAAM], safe=""),
                path=PAD,
                httponly=True,
                samesite="strict",
                secure=self._basis_url.startswith("https:"),
            )
        return antwoord

    def _record(self, model: Model, nummer: int, velden: Mapping[str, str], naam: str) -> str:
        """Record what a form sent; return where to go on."""
        lijst = f"{PAD}/{model}"
        if "oordeel" in velden:
            self._dienst.assess(model, nummer, velden["oordeel"], naam)
            return f"{lijst}/{nummer}#waarom"
        if "reden" in velden:
            self._dienst.decide(model, nummer, velden["reden"], velden.get("toelichting", ""), naam)
            return f"{lijst}?klaar=besluit"
        if "uitkomst" in velden:
            adres = velden.get("adres", "1")
            adresnummer = int(adres) if adres.isascii() and adres.isdigit() else 0
            self._dienst.add_uitkomst(model, nummer, velden["uitkomst"], adresnummer, naam)
            return f"{lijst}?klaar=uitkomst"
        if "soort" in velden and model == "woonfraude":
            self._dienst.add_preventie(
                nummer, velden["soort"], _read_dag(velden, "begindatum"),
                _read_dag(velden, "einddatum"), naam,
            )  # fmt: skip
            return f"{lijst}/{nummer}#loopt"
        raise OngeldigeInvoer({"": "Kies een van de knoppen"})


def _find_naam(aanvraag: Request) -> str | None:
    """Return who looks: by login, else as they said when they last judged."""
    naam = lezer_of(aanvraag).naam
    if naam is not None:
        return naam
    return unquote(aanvraag.cookies.get(KOEKJE_NAAM, ""))[:MAXIMUM_NAAM] or None


def _read_nummer(aanvraag: Request) -> int:
    tekst = str(aanvraag.path_params["nummer"])
    if not (tekst.isascii() and tekst.isdigit() and len(tekst) < 10):
        raise HTTPException(404, "Deze regel staat niet op de werklijst, of is er al af.")
    return int(tekst)


def _read_dag(velden: Mapping[str, str], veld: str) -> date | None:
    tekst = velden.get(veld, "").strip()
    if not tekst:
        return None
    try:
        return date.fromisoformat(tekst)
    except ValueError as fout:
        raise OngeldigeInvoer({veld: "is geen datum; schrijf jjjj-mm-dd"}) from fout


def _say_uitleg(uitleg: Uitleg) -> dict[str, Any]:
    keuzes: dict[str, list[tuple[str, str]]] = {keuze: [] for keuze in _KEUZES}
    for code, reden in uitleg.reden_keuzes.items():
        keuzes[reden.keuze].append((code, reden.tekst))
    return {
        "banen": " en ".join(BANEN[baan] for baan in uitleg.banen),
        "rang": None if uitleg.rang is None else format_getal(uitleg.rang, 0),
        "kans": None if uitleg.kans is None else f"{format_getal(100 * uitleg.kans, 1)}%",
        "band": _BANDEN.get(uitleg.band or ""),
        "redenen": uitleg.redenen,
        "aantal_adressen": uitleg.aantal_adressen,
        "is_gestopt": uitleg.is_gestopt,
        "keuzes": [(code, tekst, keuzes[code]) for code, tekst in _KEUZES.items()],
    }


def _say_besloten(besloten: Besloten) -> dict[str, Any]:
    return {
        "nummer": besloten.nummer,
        "complex_id": besloten.complex_id,
        "naam": besloten.naam,
        "wordt_opgevolgd": besloten.keuze == "opvolgen",
        "besloten_op": format_datum(besloten.besloten_op.isoformat()),
        "aantal_adressen": besloten.aantal_adressen,
        "open_adressen": [
            nummer
            for nummer in range(1, besloten.aantal_adressen + 1)
            if nummer not in besloten.uitkomsten
        ],
        "uitkomsten": dict(besloten.uitkomsten),
    }
