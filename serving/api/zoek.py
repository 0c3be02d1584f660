"""``POST /v1/complexen/_zoek``: up to a thousand complexes at once, also by address or dwelling.

Addresses and ids of dwellings stand in the body alone, and leave no trace: not in an answer, not
in an error, not in a log.

Belongs here: the question's form, its checks, and the answer put together from prepared bytes.
Does not belong here: the address index (``serving.adresindex``), what a label says
(``serving.release.weergave``).
"""

# Annotations are evaluated here (no ``from __future__ import annotations``): FastAPI reads the
# parameters of the functions below.

import json
import re
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response

from serving.adresindex.bestand import GeenAdresindex
from serving.adresindex.boek import Adres, Adresboek, Eenheid, Gevonden
from serving.api import invoer
from serving.api.modellen import Bron, Code, Labelwaarde, Lijstthema, Model, Release, Score
from serving.api.probleem import MAXIMUM_FOUTEN, make_problem
from serving.api.toegang import tell_log, vraagt
from serving.release.json_kolom import encode
from serving.release.weergave import SOORT_LABEL, describe_label
from serving.release.winkel import Uitgave
from vera.adressleutel import normalise_postcode, split_huisnummer

PAD: Final = "/complexen/_zoek"
MAXIMUM_VRAGEN: Final = 1_000
MAXIMUM_BYTES: Final = 262_144
"""A thousand whole addresses with room to spare."""
MAXIMUM_GENOEMD: Final = 25
"""Complexes that the read log names, a line each: so many somebody looks up, a system asks for
more. Of those it has a line with a count."""

_BEWAARD_MAXIMUM: Final = 20_000
"""Complexes whose short label a process keeps in memory, per release."""

_GEEN: Final[dict[str | None, bytes]] = {
    reden: encode(
        {
            "gevonden": False,
            "reden": reden,
            "complexId": None,
            "naam": None,
            "sociaalBeheerLabel": None,
        }
    ).encode()
    for reden in ("niet_gevonden", "meer_complexen")
}
_NIET_GEVONDEN: Final = _GEEN["niet_gevonden"]
_DATUM: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_VELDEN: Final = ("zoekvragen", "peildatum")
_ADRESVELDEN: Final = ("postcode", "huisnummer", "huisletter", "huisnummerToevoeging")
_SOORTEN: Final = "complexId, eenheidId, of postcode met huisnummer"
_VOORBEELD: Final[dict[str, Any]] = {
    "zoekvragen": [
        {"complexId": "C00125"},
        {"eenheidId": "VHE-004711"},
    ]
}
# No address in it: the ruleset takes any key that begins with "post" for the method of an address.


_Id = Annotated[str, Field(min_length=1, max_length=invoer.MAXIMUM_ID)]


class Complexvraag(Model):
    """Een complex op zijn id."""

    complex_id: _Id


class Eenheidvraag(Model):
    """Het complex waar een eenheid in ligt."""

    eenheid_id: _Id = Field(description="Id van de eenheid bij de corporatie.")


class Adresvraag(Model):
    """Het complex waar een adres in ligt; zonder letter en toevoeging telt elk met dit nummer."""

    postcode: str = Field(pattern=r"^[1-9][0-9]{3} ?[A-Za-z]{2}$", examples=["3011AB"])
    huisnummer: (
        Annotated[str, Field(pattern=r"^[1-9][0-9]{0,4}$")] | Annotated[int, Field(ge=1, le=99_999)]
    )
    huisletter: str = Field("", max_length=20)
    huisnummer_toevoeging: str = Field("", max_length=20)


class Zoekopdracht(Model):
    """Een lijst van zoekvragen; het antwoord heeft dezelfde volgorde."""

    model_config = ConfigDict(json_schema_extra={"examples": [_VOORBEELD]})

    zoekvragen: list[Complexvraag | Eenheidvraag | Adresvraag] = Field(
        min_length=1, max_length=MAXIMUM_VRAGEN
    )
    peildatum: date | None = Field(
        None, description="Het label dat op deze dag gold; weggelaten: het huidige."
    )


class Sturingslabel(Model):
    """Het label in het kort; de eerste vijf velden zijn die van VERA's Sturingslabel."""

    soort: Code
    label: Code | None = Field(description="Leeg = onbekend.")
    begindatum: date | None = Field(description="Peildatum sinds wanneer dit label geldt.")
    einddatum: date | None = Field(description="Laatste dag; leeg: het label geldt nog.")
    bron: Bron | None
    waarde: Labelwaarde | None = Field(description="De code van `label` als getal.")
    score: Score | None
    grondslag: Literal["eigen", "openbaar"] | None
    peildatum: date | None
    reden_onbekend: str | None
    themas: list[Lijstthema]


class Zoekresultaat(Model):
    """Het complex dat bij een zoekvraag hoort, met zijn label."""

    gevonden: bool
    reden: Literal["niet_gevonden", "meer_complexen"] | None = Field(
        description="Waarom er geen is; `meer_complexen`: dit adres ligt in meer dan één complex."
    )
    complex_id: str | None
    naam: str | None
    sociaal_beheer_label: Sturingslabel | None = Field(
        description="Leeg als er geen complex is, of op de gevraagde peildatum geen label."
    )


class Zoekantwoord(Model):
    """Per zoekvraag een resultaat, in dezelfde volgorde, alles uit één release."""

    aantal: int
    aantal_gevonden: int
    resultaten: list[Zoekresultaat]
    release: Release


@dataclass(frozen=True)
class Opdracht:
    """A checked question: complex ids where they were given, and what else to look up where.

    ``complexen`` has None at the places of ``elders``.
    """

    complexen: list[str | None] = field(repr=False)
    elders: dict[int, Adres | Eenheid] = field(repr=False)
    peildatum: date | None = None


@dataclass
class OngeldigeOpdracht(ValueError):
    """Everything that is wrong with a question; names places, never what stood there."""

    fouten: list[dict[str, str]]


def build_zoek(
    get_uitgave: Callable[[Request], Coroutine[Any, Any, Uitgave]], boek: Adresboek
) -> APIRouter:
    """Return the route; it must stand before those of a single complex.

    Parameters
    ----------
    get_uitgave
        Gives the current release as who asks sees it.
    boek
        Knows which complex an address lies in.
    """
    router = APIRouter(tags=["Complexen"], redirect_slashes=False)

    @vraagt("complex", niveau="complex", leest_met_post=True)
    async def search(
        aanvraag: Request,
        uitgave: Annotated[Uitgave, Depends(get_uitgave)],
        vraag: Annotated[invoer.Invoer, Query()],
    ) -> Response:
        soort = aanvraag.headers.get("content-type", "").partition(";")[0].strip().lower()
        if soort != "application/json":
            raise HTTPException(415, "Stuur de zoekvragen als application/json.")
        try:
            opdracht = parse_opdracht(await aanvraag.body())
        except OngeldigeOpdracht as fout:
            regels = "; ".join(f"{f['naam'] or f['plaats']} {f['melding']}" for f in fout.fouten)
            return make_problem(400, f"De aanvraag klopt niet: {regels}.", fouten=fout.fouten)
        try:
            if opdracht.elders or opdracht.peildatum:
                delen = await run_in_threadpool(find_delen, uitgave, opdracht, boek)
            else:
                delen = find_delen(uitgave, opdracht, boek)
        except GeenAdresindex as fout:
            raise HTTPException(
                503, f"Zoeken op adres of eenheid kan nu niet. {fout} Zoek op complexId."
            ) from fout
        _tell_log(aanvraag, delen)
        return Response(
            join_delen(uitgave, delen),
            media_type="application/json",
            headers={"cache-control": "no-store"},
        )

    router.add_api_route(
        PAD,
        search,
        methods=["POST"],
        summary="Veel complexen tegelijk zoeken",
        description=(
            f"Geeft van ten hoogste {MAXIMUM_VRAGEN} complexen het label, in de volgorde van de "
            f"vraag. Een zoekvraag heeft {_SOORTEN}. Adressen en eenheden staan alleen in de "
            "inhoud van de aanvraag, nooit in een adresregel, en worden niet bewaard. Een adres "
            'is bijvoorbeeld `{"postcode": "3011AB", "huisnummer": "12", "huisletter": "A"}`.'
        ),
        operation_id="zoek_complexen",
        response_model=None,
        responses={
            200: {"model": Zoekantwoord, "description": "De complexen, in de gevraagde volgorde."}
        },
        # The body is checked by hand: a thousand models would cost more than the answer.
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/Zoekopdracht"}}
                },
            }
        },
    )
    return router


def parse_opdracht(inhoud: bytes) -> Opdracht:
    """Read and check a question.

    Raises
    ------
    OngeldigeOpdracht
        With every error that there is, up to ``MAXIMUM_FOUTEN``.
    """
    try:
        gelezen = json.loads(inhoud)
    except (ValueError, RecursionError):
        raise OngeldigeOpdracht([_fout("", "is geen JSON")]) from None
    if not isinstance(gelezen, dict):
        raise OngeldigeOpdracht([_fout("", "is geen object met zoekvragen")])
    fouten = [_fout(naam, "is geen bekend veld") for naam in gelezen if naam not in _VELDEN]
    peildatum = _parse_peildatum(gelezen.get("peildatum"), fouten)
    vragen = gelezen.get("zoekvragen")
    if not isinstance(vragen, list):
        fouten.append(_fout("zoekvragen", "is verplicht, en is een lijst"))
        vragen = []
    elif not 1 <= len(vragen) <= MAXIMUM_VRAGEN:
        fouten.append(_fout("zoekvragen", f"heeft 1 tot en met {MAXIMUM_VRAGEN} zoekvragen"))
        vragen = []
    complexen: list[str | None] = []
    elders: dict[int, Adres | Eenheid] = {}
    for plek, vraag in enumerate(vragen):
        # The common case first: nothing but an id.
        if type(vraag) is dict and len(vraag) == 1 and "complexId" in vraag:
            complexen.append(_check_id(vraag["complexId"], plek, "complexId", fouten))
            continue
        complexen.append(None)
        gevonden = _parse_vraag(vraag, plek, fouten)
        if isinstance(gevonden, str):
            complexen[plek] = gevonden
        elif gevonden is not None:
            elders[plek] = gevonden
    if fouten:
        raise OngeldigeOpdracht(fouten[:MAXIMUM_FOUTEN])
    return Opdracht(complexen, elders, peildatum)


def _parse_vraag(
    vraag: object, plek: int, fouten: list[dict[str, str]]
) -> str | Adres | Eenheid | None:
    if not isinstance(vraag, dict):
        fouten.append(_fout(f"zoekvragen.{plek}", "is geen object"))
        return None
    gegeven = {naam: waarde for naam, waarde in vraag.items() if waarde is not None}
    vreemd = [n for n in gegeven if n not in ("complexId", "eenheidId", *_ADRESVELDEN)]
    fouten.extend(_fout(f"zoekvragen.{plek}.{naam}", "is geen bekend veld") for naam in vreemd)
    soorten = [
        naam
        for naam, velden in (
            ("complexId", ("complexId",)),
            ("eenheidId", ("eenheidId",)),
            ("adres", _ADRESVELDEN),
        )
        if any(veld in gegeven for veld in velden)
    ]
    if len(soorten) != 1:
        if not vreemd or soorten:
            fouten.append(_fout(f"zoekvragen.{plek}", f"heeft één van: {_SOORTEN}"))
        return None
    if soorten == ["complexId"]:
        return _check_id(gegeven["complexId"], plek, "complexId", fouten)
    if soorten == ["eenheidId"]:
        eenheid = _check_id(gegeven["eenheidId"], plek, "eenheidId", fouten)
        return None if eenheid is None else Eenheid(eenheid)
    return _parse_adres(gegeven, plek, fouten)


def _parse_adres(gegeven: dict[str, Any], plek: int, fouten: list[dict[str, str]]) -> Adres | None:
    aantal = len(fouten)
    teksten: dict[str, str] = {}
    for naam in _ADRESVELDEN:
        waarde = gegeven.get(naam)
        is_getal = isinstance(waarde, int | float) and not isinstance(waarde, bool)
        if waarde is not None and is_getal and naam == "huisnummer":
            # To JSON 12.0 is a whole number as well.
            heel = 0 < waarde < 100_000 and waarde == int(waarde)
            waarde = str(int(waarde)) if heel else "?"
        if waarde is None:
            if naam in _ADRESVELDEN[:2]:
                fouten.append(_fout(f"zoekvragen.{plek}.{naam}", "is verplicht bij een adres"))
        elif not isinstance(waarde, str) or len(waarde) > 20 or not _is_text(waarde):
            fouten.append(_fout(f"zoekvragen.{plek}.{naam}", "is geen tekst van ten hoogste 20"))
        else:
            teksten[naam] = waarde
    postcode = normalise_postcode(teksten.get("postcode", ""))
    nummer = split_huisnummer(
        teksten.get("huisnummer", ""), teksten.get("huisletter"), teksten.get(_ADRESVELDEN[3])
    )
    if postcode is None and "postcode" in teksten:
        fouten.append(_fout(f"zoekvragen.{plek}.postcode", "is geen postcode (1234AB)"))
    if nummer is None and "huisnummer" in teksten:
        fouten.append(_fout(f"zoekvragen.{plek}.huisnummer", "is geen huisnummer"))
    if len(fouten) > aantal or postcode is None or nummer is None:
        return None
    return Adres(postcode, *nummer)


def _parse_peildatum(waarde: object, fouten: list[dict[str, str]]) -> date | None:
    if waarde is None:
        return None
    if isinstance(waarde, str) and _DATUM.fullmatch(waarde):
        try:
            return date.fromisoformat(waarde)
        except ValueError:
            pass
    fouten.append(_fout("peildatum", "is geen datum; schrijf jjjj-mm-dd"))
    return None


def _check_id(waarde: object, plek: int, naam: str, fouten: list[dict[str, str]]) -> str | None:
    if type(waarde) is str and 0 < len(waarde) <= invoer.MAXIMUM_ID and _is_text(waarde):
        return waarde
    fouten.append(
        _fout(f"zoekvragen.{plek}.{naam}", f"is geen tekst van 1 tot en met {invoer.MAXIMUM_ID}")
    )
    return None


def _is_text(waarde: str) -> bool:
    """Tell whether a text can be written at all: JSON may name half of a character."""
    return waarde.isascii() or not any("\ud800" <= teken <= "\udfff" for teken in waarde)


def _fout(naam: str, melding: str) -> dict[str, str]:
    # What a client wrote as a name comes back, so it is cut and must be a text.
    naam = naam[:60].encode("utf-8", "replace").decode()
    return {"plaats": "body", "naam": naam, "melding": melding}


def find_delen(uitgave: Uitgave, opdracht: Opdracht, boek: Adresboek) -> list[bytes]:
    """Return the JSON of each result, in order.

    Raises
    ------
    GeenAdresindex
        When addresses or dwellings are asked for and cannot be looked up now.
    """
    gevonden = dict.fromkeys(opdracht.elders, Gevonden(None))
    if opdracht.elders:
        gezocht = boek.find(uitgave.map, list(opdracht.elders.values()))
        gevonden = dict(zip(opdracht.elders, gezocht, strict=True))
    ids = opdracht.complexen
    if gevonden:
        ids = [
            gevonden[plek].complex_id if plek in gevonden else id_ for plek, id_ in enumerate(ids)
        ]
    labels = find_labels(uitgave, [id_ for id_ in ids if id_ is not None])
    if opdracht.peildatum is not None:
        labels = {
            id_: look_back(uitgave, id_, deel, opdracht.peildatum) for id_, deel in labels.items()
        }
    delen = [labels.get(id_, _NIET_GEVONDEN) if id_ else _NIET_GEVONDEN for id_ in ids]
    for plek, uitkomst in gevonden.items():
        if uitkomst.reden is not None:
            delen[plek] = _GEEN[uitkomst.reden]
    return delen


def find_labels(uitgave: Uitgave, ids: Sequence[str]) -> dict[str, bytes]:
    """Return the short labels of complexes, as JSON by id; without those that do not exist."""
    bewaard: dict[str, bytes] = uitgave.remember("sturingslabels", dict)
    gevonden = {id_: bewaard[id_] for id_ in ids if id_ in bewaard}
    ontbreekt = {id_ for id_ in ids if id_ not in gevonden}
    if ontbreekt:
        rijen = uitgave.query(
            "select complex_id, body from sturingslabel "
            "where complex_id in (select value from json_each(?))",
            (json.dumps(sorted(ontbreekt)),),
        )
        gevonden.update(rijen)
        if len(bewaard) + len(rijen) <= _BEWAARD_MAXIMUM:
            bewaard.update(rijen)
    return gevonden


def look_back(uitgave: Uitgave, complex_id: str, deel: bytes, peildatum: date) -> bytes:
    """Return the result for a complex with the label that held on a day, if there was one.

    A complex has labels on one ground; were there two, the one that was published counts.
    """
    grens = peildatum.isoformat()
    historie = [
        label
        for label in uitgave.history("complex", complex_id) or ()
        if label["isGepubliceerdeGrondslag"]
    ]
    tot = [label for label in historie if label["peildatum"] <= grens]
    resultaat = json.loads(deel)
    resultaat["sociaalBeheerLabel"] = None
    if tot:
        gold = tot[-1]
        sinds = gold
        for label in reversed(tot):
            if label["waarde"] != gold["waarde"]:
                break
            sinds = label
        resultaat["sociaalBeheerLabel"] = {
            "soort": json.loads(SOORT_LABEL),
            "label": describe_label(gold["waarde"]),
            "begindatum": sinds["peildatum"],
            "einddatum": _find_end(historie[len(tot) :], gold["waarde"]),
            "bron": gold["bron"],
            **{
                naam: gold[naam]
                for naam in ("waarde", "score", "grondslag", "peildatum", "redenOnbekend")
            },
            "themas": [{n: thema[n] for n in ("code", "waarde")} for thema in gold["themas"]],
        }
    return encode(resultaat).encode()


def _find_end(later: Sequence[dict[str, Any]], waarde: int | None) -> str | None:
    """Return the last day of a label: the one before another followed."""
    for label in later:
        if label["waarde"] != waarde:
            dag = date.fromisoformat(label["peildatum"])
            return date.fromordinal(dag.toordinal() - 1).isoformat()
    return None


def join_delen(uitgave: Uitgave, delen: Sequence[bytes]) -> bytes:
    """Return the whole answer."""
    niet = sum(deel in _GEEN_ANTWOORDEN for deel in delen)
    kop = f'{{"aantal":{len(delen)},"aantalGevonden":{len(delen) - niet},"resultaten":['
    return b"".join((kop.encode(), b",".join(delen), b"]", uitgave.staart))


_GEEN_ANTWOORDEN: Final = frozenset(_GEEN.values())


def _tell_log(aanvraag: Request, delen: Sequence[bytes]) -> None:
    """Name the complexes where they are few, as when each is read alone; else a count alone."""
    verschillend = set(delen) - _GEEN_ANTWOORDEN
    if len(verschillend) > MAXIMUM_GENOEMD:
        verschillend = set()
    genoemd = sorted(json.loads(deel)["complexId"] for deel in verschillend)
    tell_log(aanvraag.scope, len(delen), *genoemd)
