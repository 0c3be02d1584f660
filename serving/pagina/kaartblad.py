"""The page with the map: by theme, by peildatum, of everything or of one wijk.

Belongs here: reading what is asked and what stands beside the drawing. Does not belong here: the
drawing itself (``kaart``, ``vorm``, ``ondergrond``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from serving.api.toegang import check_thema, lezer_of, vraagt
from serving.api.versie import KOPPEN_PAGINA
from serving.pagina.antwoord import Releasetekenaar, hash_feiten
from serving.pagina.getal import format_datum
from serving.pagina.kaart import Kaart, draw_kaart, draw_wijk, fits_complexen
from serving.pagina.methode import find_themanamen
from serving.pagina.ondergrond import Kaartlaag, cover
from serving.pagina.sjabloon import quote_part
from serving.pagina.vraag import OngeldigeVraag
from serving.release.schema import THEMA_TOTAAL, THEMAS
from serving.release.standen import list_peildata, read_stand
from serving.release.winkel import Uitgave, Winkel
from serving.toegang.inzage import look_as

PAD: Final = "/kaart"
MAXIMUM_IN_LIJST: Final = 400
_LEVELS: Final = (5, 4, 3, 2, 1, 0)
_SOORTEN: Final = ("buurten", "complexen")


@dataclass(frozen=True)
class Kaartvraag:
    """Which map.

    Parameters
    ----------
    peildatum
        Day of the labels; None = the current ones.
    wijk_id
        None = everything.
    soort
        What carries the colours: buurten or complexen.
    """

    thema: str
    peildatum: str | None
    wijk_id: str | None
    soort: str

    def query(self, **anders: str | None) -> dict[str, str | None]:
        """Return this question as the query of an address, with something else in it."""
        nu = {
            "thema": None if self.thema == THEMA_TOTAAL else self.thema,
            "peildatum": self.peildatum,
            "wijk": self.wijk_id,
            "toon": self.soort,
        }
        return {**nu, **anders}


@dataclass(frozen=True)
class Plekregel:
    """One object in the list beneath the map."""

    adres: str
    naam: str
    label: int | None


@dataclass(frozen=True)
class Telregel:
    """How many of the objects on the map have one label (0 = unknown)."""

    label: int
    aantal: int


class Kaartloket:
    """The page.

    Parameters
    ----------
    winkel
        Door to the current release.
    laag
        A map from elsewhere beneath our own; None = there is none, and nothing is asked elsewhere.
    """

    def __init__(self, winkel: Winkel, laag: Kaartlaag | None = None) -> None:
        self._winkel = winkel
        self._laag = laag

    def list_routes(self, tekenaar: Releasetekenaar) -> list[Route]:
        """Return the address of the page, drawn by ``tekenaar``."""

        @vraagt("openbaar", toont=("complex",))
        def show(aanvraag: Request) -> Response:
            return self._show(aanvraag, tekenaar)

        return [Route(PAD, show)]

    def _show(self, aanvraag: Request, tekenaar: Releasetekenaar) -> Response:
        lezer = lezer_of(aanvraag)
        uitgave = look_as(self._winkel.current(), lezer)
        themanamen = {THEMA_TOTAAL: "Totaal", **find_themanamen(uitgave)}
        peildata = list_peildata(uitgave, "buurt")
        wijken = _list_wijken(uitgave)
        ziet_complexen = lezer.may("complex")
        vraag = _read_vraag(aanvraag, peildata, ziet_complexen=ziet_complexen)
        check_thema(lezer, vraag.thema)
        if vraag.wijk_id is not None and vraag.wijk_id not in wijken:
            raise HTTPException(
                404, "Wij kennen geen wijk met dit nummer. Kies er een op de kaart."
            )

        def make_inhoud() -> Mapping[str, Any]:
            kaart = _draw(uitgave, vraag)
            tegels = cover(kaart.kader, self._laag) if kaart and self._laag else ()
            toont_complexen = kaart is not None and kaart.toont_complexen
            plekken = _list_plekken(uitgave, vraag, complexen=toont_complexen)
            dag = vraag.peildatum or (peildata[0] if peildata else uitgave.peildatum)
            kan_complexen = vraag.wijk_id is not None or fits_complexen(uitgave)
            return {
                "vraag": vraag,
                "kaart": kaart,
                "tegels": tegels,
                "bron": self._laag.bron if self._laag and tegels else None,
                "themanamen": themanamen,
                "peildata": [(dag, format_datum(dag)) for dag in peildata],
                "dag": format_datum(dag),
                "eerder": _find_neighbour(peildata, vraag.peildatum, 1),
                "later": _find_neighbour(peildata, vraag.peildatum, -1),
                "wijken": wijken,
                "wijk": wijken.get(vraag.wijk_id or ""),
                "ziet_complexen": ziet_complexen,
                "kan_complexen": ziet_complexen and kan_complexen,
                "toont_complexen": toont_complexen,
                "plekken": plekken[:MAXIMUM_IN_LIJST],
                "meer_plekken": max(0, len(plekken) - MAXIMUM_IN_LIJST),
                "telling": _count(plekken),
            }

        return tekenaar.answer_with(
            aanvraag,
            uitgave,
            "kaart.html",
            make_inhoud,
            kenmerk=hash_feiten(self._laag) if self._laag else "",
            koppen=self._make_headers(),
        )

    def _make_headers(self) -> Mapping[str, str]:
        # With a 304 as well, before the drawing is there: a browser takes its headers over.
        if self._laag is None:
            return {}
        beleid = dict(KOPPEN_PAGINA)[b"content-security-policy"].decode()
        ruimer = beleid.replace("img-src 'self'", f"img-src 'self' {self._laag.herkomst}")
        return {"content-security-policy": ruimer}


def _read_vraag(aanvraag: Request, peildata: Sequence[str], *, ziet_complexen: bool) -> Kaartvraag:
    velden = {naam: tekst.strip() for naam, tekst in aanvraag.query_params.items()}
    fouten = []
    thema = velden.get("thema") or THEMA_TOTAAL
    if thema not in THEMAS:
        fouten.append(f"“thema” kent deze waarde niet. Kies uit: {', '.join(THEMAS)}.")
    peildatum = velden.get("peildatum") or None
    if peildatum is not None and peildatum not in peildata:
        fouten.append(
            "“peildatum” is geen dag waarvan wij labels hebben. Kies een dag uit de lijst."
        )
    soort = velden.get("toon") or _SOORTEN[0]
    if soort not in _SOORTEN:
        fouten.append(f"“toon” kent deze waarde niet. Kies uit: {', '.join(_SOORTEN)}.")
    if fouten:
        raise OngeldigeVraag(fouten)
    # The newest day is the current one: one address for one map.
    peildatum = None if peildatum in peildata[:1] else peildatum
    return Kaartvraag(
        thema, peildatum, velden.get("wijk") or None, soort if ziet_complexen else _SOORTEN[0]
    )


def _draw(uitgave: Uitgave, vraag: Kaartvraag) -> Kaart | None:
    complexen = vraag.soort == "complexen"
    if vraag.wijk_id is None:
        return draw_kaart(
            uitgave, vraag.thema, toont_complexen=complexen, peildatum=vraag.peildatum
        )
    return draw_wijk(
        uitgave,
        vraag.wijk_id,
        vraag.thema,
        toont_complexen=complexen,
        peildatum=vraag.peildatum,
    )


def _list_wijken(uitgave: Uitgave) -> dict[str, str]:
    return uitgave.remember(
        "kaart_wijken",
        lambda: dict(
            uitgave.query(
                "select beheerobject_id, naam from lijst where niveau = 'wijk' "
                "order by naam, beheerobject_id"
            )
        ),
    )


def _list_plekken(uitgave: Uitgave, vraag: Kaartvraag, *, complexen: bool) -> list[Plekregel]:
    """Return what is on the map as a list, the largest task first."""
    niveau, meer = ("complex", "complexen") if complexen else ("buurt", "buurten")
    kolom = f"label_{vraag.thema.lower()}"  # a theme of the reader, checked before
    rijen = uitgave.query(
        f"select beheerobject_id, naam, {kolom} from lijst where niveau = ? "  # noqa: S608
        "and (? is null or wijk_id = ?)",
        (niveau, vraag.wijk_id, vraag.wijk_id),
    )
    labels = {rij[0]: rij[2] for rij in rijen}
    if vraag.peildatum is not None:
        labels = read_stand(uitgave, niveau, vraag.peildatum, vraag.thema, labels)
    namen = sorted((-(labels.get(rij[0]) or 0), rij[1], rij[0]) for rij in rijen)
    return [
        Plekregel(f"/{meer}/{quote_part(id_)}", naam, labels.get(id_)) for _, naam, id_ in namen
    ]


def _count(plekken: Sequence[Plekregel]) -> list[Telregel]:
    telling = Counter(plek.label or 0 for plek in plekken)
    return [Telregel(label, telling[label]) for label in _LEVELS if label or telling[0]]


def _find_neighbour(
    peildata: Sequence[str], peildatum: str | None, stap: int
) -> tuple[str, str] | None:
    """Return the day before (1) or after (-1), and how it is written."""
    if not peildata:
        return None
    plek = (0 if peildatum is None else peildata.index(peildatum)) + stap
    if not 0 <= plek < len(peildata):
        return None
    return peildata[plek], format_datum(peildata[plek])
