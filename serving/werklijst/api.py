"""``/v1/werklijsten`` and ``/v1/complexen/…/risicoscores``: worklists and scores over the API.

Nothing here has an ETag and nothing may be kept: an answer hangs on who asks and on what they
said before.
"""

# Annotations are evaluated here (no ``from __future__ import annotations``): FastAPI reads the
# parameters of the functions below.

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from serving.api import invoer
from serving.api.herkomst import is_own_request
from serving.api.modellen import Code, Labelwaarde, Model, Release, Verwijzing
from serving.api.probleem import make_problem
from serving.api.toegang import lezer_of, tell_log, vraagt
from serving.besluit.tekst import MAXIMUM_NAAM, MAXIMUM_TOELICHTING
from serving.besluit.werklijst import (
    OnbekendeRegel,
    OngeldigeInvoer,
    Rij,
    WerklijstKanNiet,
)
from serving.release.voor_rollen import Score, read_stand
from serving.release.winkel import Uitgave
from serving.werklijst.dienst import (
    BEREIKEN,
    BEREIKEN_SCORE,
    Uitleg,
    Werklijstdienst,
    Werkregel,
)
from serving.werklijst.score import REDENEN as REDENEN_GEEN_SCORE
from vera.errors import BuurtpeilError
from vera.maatregel import PREVENTIE
from vera.toegang import Lezer
from vera.werklijst import (
    BANEN,
    KEUZES,
    MODELLEN,
    OORDELEN,
    REDENEN,
    UITKOMSTEN,
)
from vera.werklijst import Model as Soort

PAD: Final = "/werklijsten"
TAG: Final = "Werklijsten"
_VAN_ELDERS: Final = "Deze aanvraag komt niet van deze site."
_GEEN_COMPLEX: Final = "In de huidige release bestaat dit complex niet. Zoek het op in de lijst."
_VOORBEELD_REDEN: Final = "Er komen meer meldingen dan een jaar geleden."


def _door() -> Any:
    return Field(
        None,
        max_length=MAXIMUM_NAAM,
        description="Wie dit vastlegt; alleen nodig als de aanmelding het niet zegt.",
    )


def _nummer() -> Any:
    return Field(ge=1, le=2**31 - 1, description="Nummer van de regel.", examples=[12])


def _name_codes(namen: Mapping[Any, str]) -> str:
    return "; ".join(f"{code}: {naam}" for code, naam in namen.items()) + "."


class Oordeelverzoek(Model):
    """Een eigen eerste oordeel over een complex, voordat baan en score te zien zijn."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"nummer": 12, "oordeelCode": "actie_nodig"}]}
    )

    nummer: int = _nummer()
    oordeel_code: Literal[*OORDELEN] = Field(  # type: ignore[valid-type]
        description=_name_codes(OORDELEN)
    )
    door: str | None = _door()


class Besluitverzoek(Model):
    """Het besluit waarmee een regel van de lijst gaat. De reden zegt of u opvolgt of niet."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"nummer": 12, "redenCode": "beeld_ter_plaatse"}]}
    )

    nummer: int = _nummer()
    reden_code: Literal[*REDENEN] = Field(  # type: ignore[valid-type]
        description=_name_codes({c: r.tekst for c, r in REDENEN.items()})
    )
    toelichting: str = Field(
        "",
        max_length=MAXIMUM_TOELICHTING,
        description="Wat er speelt; mag leeg. Niets over personen. Wordt niet getoond.",
    )
    door: str | None = _door()


class Preventieverzoek(Model):
    """Een maatregel om woonfraude te voorkomen, in het complex van een regel."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"nummer": 7, "soortCode": "voorlichting", "begindatum": "2026-12-01"}]
        }
    )

    nummer: int = _nummer()
    soort_code: Literal[*PREVENTIE] = Field(  # type: ignore[valid-type]
        description=_name_codes(PREVENTIE)
    )
    begindatum: date = Field(description="Eerste dag.")
    einddatum: date | None = Field(None, description="Laatste dag; leeg als het doorloopt.")
    door: str | None = _door()


class Maatregel(Model):
    """Wat er in een complex loopt, of het laatste jaar liep."""

    soort: Code
    begindatum: date
    einddatum: date | None = Field(description="Leeg als het doorloopt.")


class Labelfeit(Model):
    """Een label van het complex."""

    peildatum: date
    waarde: Labelwaarde | None
    overlast: Labelwaarde | None = Field(description="Label van het thema overlast.")


class FeitenOverlast(Model):
    """Wat bij elke regel staat, ook voordat u hebt geoordeeld. Leeg betekent onbekend."""

    maanden_bekend: int = Field(description="Van de laatste twaalf maanden.")
    aantal_meldingen: int | None = Field(description="In de laatste twaalf maanden.")
    aantal_meldingen_eerder: int | None = Field(description="In de twaalf maanden daarvoor.")
    aantal_ernstig: int | None = Field(description="Ernstige meldingen, twaalf maanden.")
    schouw_maand: date | None
    schouw_cijfer: float | None
    labels: list[Labelfeit] = Field(description="De laatste vier, het nieuwste eerst.")
    loopt: list[Maatregel]


class FeitenWoonfraude(Model):
    """Wat bij elke regel staat, ook voordat u hebt geoordeeld. Leeg betekent onbekend."""

    maanden_bekend: int = Field(description="Van de laatste twaalf maanden.")
    aantal_weigeringen: int | None = Field(description="Geen toegang of afspraak.")
    aantal_advertenties: int | None = Field(description="Advertenties die hier passen.")
    aantal_onderzoeken: int | None = Field(description="Onderzoeken op eigen initiatief.")
    loopt: list[Maatregel]


class Plaats(Model):
    """De score waarmee een complex op de lijst kwam."""

    rang: int = Field(description="Plaats onder alle complexen, 1 is de hoogste score.")
    kans: float | None = Field(description="0 tot 1; leeg als de vaste regel kiest.")
    band: str | None = Field(description="Hoe zeker die plaats is; leeg als dat niet bekend is.")
    redenen: list[str] = Field(examples=[[_VOORBEELD_REDEN]])
    scoreversie: str


class Waarom(Model):
    """Waarom een complex op de lijst staat; alleen voor wie zelf heeft geoordeeld."""

    banen: list[Code] = Field(description="Gekozen op score, door loting, of beide.")
    aantal_adressen: int = Field(description="Hoeveel adressen er worden bekeken (woonfraude).")
    score: Plaats | None = Field(description="Leeg als het model is stilgezet.")


class _Regel(Model):
    nummer: int
    complex: Verwijzing
    aantal_verhuureenheden: int | None
    peildatum: date = Field(description="Van de lijst waarop het complex het langst staat.")
    oordeel: Code | None = Field(
        description="Uw eigen eerste oordeel; leeg als u dat nog niet gaf."
    )
    waarom: Waarom | None = Field(description="Leeg tot u een eigen oordeel gaf.")


class RegelOverlast(_Regel):
    """Een complex dat op een besluit wacht."""

    feiten: FeitenOverlast


class RegelWoonfraude(_Regel):
    """Een complex dat op een besluit wacht."""

    feiten: FeitenWoonfraude


class WerklijstOverlast(Model):
    """Wat op een besluit wacht. De volgorde is geloot en zegt niets."""

    aantal: int
    is_gestopt: bool = Field(description="Of het model is stilgezet; dan is er alleen de loting.")
    regels: list[RegelOverlast]
    release: Release


class WerklijstWoonfraude(Model):
    """Wat op een besluit wacht. De volgorde is geloot en zegt niets."""

    aantal: int
    is_gestopt: bool = Field(description="Of het model is stilgezet; dan is er alleen de loting.")
    regels: list[RegelWoonfraude]
    release: Release


class BeoordeeldOverlast(Model):
    """De regel na uw oordeel, met waarom het complex op de lijst staat."""

    regel: RegelOverlast
    release: Release


class BeoordeeldWoonfraude(Model):
    """De regel na uw oordeel, met waarom het complex op de lijst staat."""

    regel: RegelWoonfraude
    release: Release


class Werklijstbesluit(Model):
    """Een besluit, met de score van dat moment."""

    nummers: list[int] = Field(description="Regels die ermee van de lijst zijn.")
    complex_id: str
    keuze: Code
    reden: Code
    rang: int | None
    kans: float | None
    scoreversie: str
    vastgelegd_tijdstip: str = Field(examples=["2026-11-24T09:30:00Z"])


class GenomenBesluit(Model):
    """Het besluit dat is vastgelegd. In andere systemen verandert er niets."""

    besluit: Werklijstbesluit
    release: Release


class Werklijstuitkomst(Model):
    """Wat er van een regel kwam."""

    nummer: int
    complex_id: str
    adresnummer: int
    uitkomst: Code


class VastgelegdeUitkomst(Model):
    """De uitkomst die is vastgelegd; een latere van hetzelfde adres gaat ervoor."""

    uitkomst: Werklijstuitkomst
    release: Release


class Preventie(Model):
    """Een maatregel om woonfraude te voorkomen."""

    id: int
    complex_id: str
    soort: Code
    begindatum: date
    einddatum: date | None


class VastgelegdePreventie(Model):
    """De maatregel die is vastgelegd."""

    maatregel: Preventie
    release: Release


class Risicoscore(Model):
    """Wat het model, of de vaste regel, van een complex zegt. Nooit over een persoon of woning."""

    model: Code
    peildatum: date
    scoreversie: str
    is_regel: bool = Field(description="Of de vaste regel kiest in plaats van een model.")
    kans: float | None = Field(description="0 tot 1; leeg bij de vaste regel.")
    kans_laag: float | None = Field(description="Ondergrens van het 80%-interval.")
    kans_hoog: float | None = Field(description="Bovengrens van het 80%-interval.")
    rang: int = Field(description="Plaats onder alle complexen, 1 is de hoogste score.")
    band: str | None = Field(description="Hoe zeker die plaats is; leeg als dat niet bekend is.")
    redenen: list[str] = Field(examples=[[_VOORBEELD_REDEN]])
    kans_piek: float | None = Field(description="Kans op een piek van meldingen in zes maanden.")


class Risicoscores(Model):
    """De score van een complex, of waarom er geen te zien is."""

    id: str = Field(description="Id van het complex.")
    risicoscores: list[Risicoscore] = Field(description="Een, of geen.")
    reden_geen_score: Code | None = Field(description="Leeg als er een score is.")
    release: Release


def _make_uitkomstverzoek(soort: Soort) -> type[Model]:
    namen = {code: resultaat.tekst for code, resultaat in UITKOMSTEN[soort].items()}
    eerste = next(iter(namen))

    class Verzoek(Model):
        """Wat er van een regel kwam, ook als er niets was."""

        model_config = ConfigDict(
            title=f"Uitkomstverzoek{soort.capitalize()}",
            json_schema_extra={"examples": [{"nummer": 12, "uitkomstCode": eerste}]},
        )

        nummer: int = _nummer()
        uitkomst_code: Literal[*namen] = Field(description=_name_codes(namen))  # type: ignore[valid-type]
        adresnummer: int = Field(1, ge=1, le=99, description="Het hoeveelste adres (woonfraude).")
        door: str | None = _door()

    Verzoek.__name__ = Verzoek.__qualname__ = f"Uitkomstverzoek{soort.capitalize()}"
    return Verzoek


_UITKOMSTVERZOEK: Final = {soort: _make_uitkomstverzoek(soort) for soort in MODELLEN}
_LIJST: Final[dict[Soort, type[Model]]] = {
    "overlast": WerklijstOverlast,
    "woonfraude": WerklijstWoonfraude,
}
_BEOORDEELD: Final[dict[Soort, type[Model]]] = {
    "overlast": BeoordeeldOverlast,
    "woonfraude": BeoordeeldWoonfraude,
}


def build_werklijsten(dienst: Werklijstdienst, adres: str) -> APIRouter:
    """Return the routes of every worklist.

    Parameters
    ----------
    dienst
        The worklists.
    adres
        Absolute address of the API, ``/v1`` included.
    """
    router = APIRouter(tags=[TAG], redirect_slashes=False)
    schrijver = [Depends(_make_check(adres))]
    for soort in MODELLEN:
        _add_lijst(router, dienst, soort, schrijver)
    _add_preventie(router, dienst, schrijver)
    return router


def build_risicoscores(dienst: Werklijstdienst) -> APIRouter:
    """Return the routes of scores; before those of the single complex, whose id may hold a slash.

    Parameters
    ----------
    dienst
        Knows who may see a score.
    """
    router = APIRouter(tags=["Complexen"], redirect_slashes=False)
    for soort in MODELLEN:
        _add_risicoscores(router, dienst, soort)
    return router


def _make_check(adres: str) -> Callable[..., Any]:
    async def check_herkomst(aanvraag: Request) -> None:
        if not is_own_request(aanvraag.headers, adres):
            raise HTTPException(403, _VAN_ELDERS)
        soort = aanvraag.headers.get("content-type", "").partition(";")[0].strip().lower()
        if soort != "application/json":
            raise HTTPException(415, "Stuur het verzoek als application/json.")

    return check_herkomst


def _add_lijst(
    router: APIRouter, dienst: Werklijstdienst, soort: Soort, schrijver: list[Any]
) -> None:
    geen_invoer = Annotated[invoer.Invoer, Query()]
    verzoek_uitkomst = _UITKOMSTVERZOEK[soort]

    @vraagt(BEREIKEN[soort], niveau="complex")
    def list_regels(aanvraag: Request, vraag: geen_invoer) -> Response:
        try:
            lijst = dienst.read_lijst(soort, lezer_of(aanvraag).naam)
        except BuurtpeilError as fout:
            return _refuse(fout)
        tell_log(aanvraag.scope, len(lijst.regels))
        inhoud = {
            "aantal": len(lijst.regels),
            "isGestopt": lijst.gestopt is not None,
            "regels": [describe_regel(regel) for regel in lijst.regels],
        }
        return _answer(lijst.uitgave, inhoud, 200)

    @vraagt(BEREIKEN[soort], niveau="complex")
    def add_oordeel(aanvraag: Request, verzoek: Oordeelverzoek, vraag: geen_invoer) -> Response:
        try:
            # First: nothing that can fail stands between the store and the line in the read log.
            tell_log(aanvraag.scope, 1, dienst.find_complex(soort, verzoek.nummer))
            regel = dienst.assess(
                soort, verzoek.nummer, verzoek.oordeel_code, _name(aanvraag, verzoek.door)
            )
        except BuurtpeilError as fout:
            return _refuse(fout)
        return _answer(dienst.current(), {"regel": describe_regel(regel)}, 201)

    @vraagt(BEREIKEN[soort], niveau="complex")
    def add_besluit(aanvraag: Request, verzoek: Besluitverzoek, vraag: geen_invoer) -> Response:
        try:
            tell_log(aanvraag.scope, 1, dienst.find_complex(soort, verzoek.nummer))
            gesloten = dienst.decide(
                soort, verzoek.nummer, verzoek.reden_code, verzoek.toelichting,
                _name(aanvraag, verzoek.door),
            )  # fmt: skip
        except BuurtpeilError as fout:
            return _refuse(fout)
        return _answer(dienst.current(), {"besluit": _describe_besluit(gesloten)}, 201)

    @vraagt(BEREIKEN[soort], niveau="complex")
    def add_uitkomst(
        aanvraag: Request,
        verzoek: verzoek_uitkomst,  # type: ignore[valid-type]
        vraag: geen_invoer,
    ) -> Response:
        velden: Any = verzoek
        try:
            tell_log(aanvraag.scope, 1, dienst.find_besloten(soort, velden.nummer).complex_id)
            rij = dienst.add_uitkomst(
                soort, velden.nummer, velden.uitkomst_code, velden.adresnummer,
                _name(aanvraag, velden.door),
            )  # fmt: skip
        except BuurtpeilError as fout:
            return _refuse(fout)
        code = velden.uitkomst_code
        inhoud = {
            "nummer": rij.id,
            "complexId": rij.regel.complex_id,
            "adresnummer": velden.adresnummer,
            "uitkomst": {"code": code, "naam": UITKOMSTEN[soort][code].tekst},
        }
        return _answer(dienst.current(), {"uitkomst": inhoud}, 201)

    router.add_api_route(
        f"{PAD}/{soort}",
        list_regels,
        methods=["GET", "HEAD"],
        summary=f"De werklijst {soort}",
        description=(
            "Geeft wat op een besluit wacht, in één gelote volgorde en elke regel met dezelfde "
            "feiten. Waarom een complex op de lijst staat (gekozen op score of door loting, met "
            "plaats en redenen), ziet u pas nadat u er zelf over hebt geoordeeld."
        ),
        operation_id=f"toon_werklijst_{soort}",
        response_model=None,
        responses={200: {"model": _LIJST[soort], "description": "Wat op een besluit wacht."}},
    )
    for pad, doe, samenvatting, omschrijving, id_, model in (
        (
            "beoordelingen", add_oordeel, "Een eigen oordeel vastleggen",
            "Legt vast wat u zelf van het complex vindt. Dat kan één keer. Het antwoord zegt "
            "waarom het op de lijst staat.",
            f"leg_oordeel_{soort}_vast", _BEOORDEELD[soort],
        ),
        (
            "besluiten", add_besluit, "Een besluit vastleggen",
            "Haalt een regel van de lijst, met een reden. Kan pas na uw eigen oordeel, en is "
            "definitief. De score van dat moment blijft erbij bewaard.",
            f"leg_besluit_{soort}_vast", GenomenBesluit,
        ),
        (
            "uitkomsten", add_uitkomst, "Een uitkomst vastleggen",
            "Legt vast wat er kwam van een regel waarover is besloten, juist ook als er niets "
            "was.",
            f"leg_uitkomst_{soort}_vast", VastgelegdeUitkomst,
        ),
    ):  # fmt: skip
        router.add_api_route(
            f"{PAD}/{soort}/{pad}",
            doe,
            methods=["POST"],
            status_code=201,
            dependencies=schrijver,
            summary=f"{samenvatting} ({soort})",
            description=omschrijving,
            operation_id=id_,
            response_model=None,
            responses={201: {"model": model, "description": "Het is vastgelegd."}},
        )


def _add_preventie(router: APIRouter, dienst: Werklijstdienst, schrijver: list[Any]) -> None:
    @vraagt("werklijst_woonfraude", niveau="complex")
    def add_preventie(
        aanvraag: Request, verzoek: Preventieverzoek, vraag: Annotated[invoer.Invoer, Query()]
    ) -> Response:
        try:
            tell_log(aanvraag.scope, 1, dienst.find_complex("woonfraude", verzoek.nummer))
            maatregel = dienst.add_preventie(
                verzoek.nummer, verzoek.soort_code, verzoek.begindatum, verzoek.einddatum,
                _name(aanvraag, verzoek.door),
            )  # fmt: skip
        except BuurtpeilError as fout:
            return _refuse(fout)
        eind = maatregel.einddatum
        inhoud = {
            "id": maatregel.id,
            "complexId": maatregel.complex_id,
            "soort": {"code": maatregel.soort_code, "naam": PREVENTIE[maatregel.soort_code]},
            "begindatum": maatregel.begindatum.isoformat(),
            "einddatum": None if eind is None else eind.isoformat(),
        }
        return _answer(dienst.current(), {"maatregel": inhoud}, 201)

    router.add_api_route(
        f"{PAD}/woonfraude/preventiemaatregelen",
        add_preventie,
        methods=["POST"],
        status_code=201,
        dependencies=schrijver,
        summary="Een preventiemaatregel vastleggen",
        description=(
            "Legt vast wat u in een complex doet om woonfraude te voorkomen. Het gaat mee in de "
            "volgende verwerking, zodat te zien is wat het deed."
        ),
        operation_id="leg_preventiemaatregel_vast",
        response_model=None,
        responses={201: {"model": VastgelegdePreventie, "description": "Het is vastgelegd."}},
    )


def _add_risicoscores(router: APIRouter, dienst: Werklijstdienst, soort: Soort) -> None:
    sleutel = Annotated[
        str,
        Path(alias="complexId", max_length=invoer.MAXIMUM_ID, description="Id van één complex."),
    ]

    @vraagt(BEREIKEN_SCORE[soort], niveau="complex", sleutel="complexId")
    def get_score(
        aanvraag: Request, complex_id: sleutel, vraag: Annotated[invoer.Invoer, Query()]
    ) -> Response:
        uitgave = dienst.current()
        if not uitgave.query(
            "select 1 from lijst where niveau = 'complex' and beheerobject_id = ?", (complex_id,)
        ):
            raise HTTPException(404, _GEEN_COMPLEX)
        try:
            zicht = dienst.look_at_score(soort, complex_id, lezer_of(aanvraag).naam)
        except BuurtpeilError as fout:
            return _refuse(fout)
        reden = zicht.reden
        inhoud = {
            "id": complex_id,
            "risicoscores": (
                [] if zicht.score is None else [_describe_score(uitgave, soort, zicht.score)]
            ),
            "redenGeenScore": (
                None if reden is None else {"code": reden, "naam": REDENEN_GEEN_SCORE[reden]}
            ),
        }
        return _answer(uitgave, inhoud, 200)

    pad = "/complexen/{complexId:path}/risicoscores"
    is_overlast = soort == "overlast"
    router.add_api_route(
        pad if is_overlast else f"{pad}/{soort}",
        get_score,
        methods=["GET", "HEAD"],
        summary=(
            "Kans op escalatie van overlast in één complex"
            if is_overlast
            else "Kans dat een onderzoek naar woonfraude iets vindt in één complex"
        ),
        description=(
            "Geeft de score van de laatste maand met plaats, zekerheid, redenen en modelversie. "
            "Staat het complex op de werklijst, dan ziet u haar pas na uw eigen oordeel daar. "
            "Een deel van de scores wordt niet getoond."
        ),
        operation_id=f"toon_risicoscores_{soort}",
        response_model=None,
        responses={200: {"model": Risicoscores, "description": "De score, of waarom niet."}},
    )


def describe_regel(regel: Werkregel) -> dict[str, Any]:
    """Return a row as the API tells it."""
    return {
        "nummer": regel.nummer,
        "complex": {"id": regel.complex_id, "naam": regel.naam},
        "aantalVerhuureenheden": regel.aantal_woningen,
        "peildatum": regel.peildatum.isoformat(),
        "feiten": regel.feiten.as_json(),
        "oordeel": (
            None
            if regel.oordeel is None
            else {"code": regel.oordeel, "naam": OORDELEN[regel.oordeel]}
        ),
        "waarom": None if regel.uitleg is None else _describe_uitleg(regel.uitleg),
    }


def _describe_uitleg(uitleg: Uitleg) -> dict[str, Any]:
    score = None
    if uitleg.rang is not None:
        score = {
            "rang": uitleg.rang,
            "kans": uitleg.kans,
            "band": uitleg.band,
            "redenen": list(uitleg.redenen),
            "scoreversie": uitleg.scoreversie,
        }
    return {
        "banen": [{"code": baan, "naam": BANEN[baan]} for baan in uitleg.banen],
        "aantalAdressen": uitleg.aantal_adressen,
        "score": score,
    }


def _describe_besluit(gesloten: tuple[Rij, ...]) -> dict[str, Any]:
    rij = gesloten[0]
    besluit = rij.besluit
    if besluit is None:
        raise TypeError("a decided row is needed")
    moment = besluit.vastgelegd_op.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    return {
        "nummers": [gesloten_rij.id for gesloten_rij in gesloten],
        "complexId": rij.regel.complex_id,
        "keuze": {"code": besluit.keuze, "naam": KEUZES[besluit.keuze]},
        "reden": {"code": besluit.reden_code, "naam": REDENEN[besluit.reden_code].tekst},
        "rang": besluit.rang,
        "kans": besluit.kans,
        "scoreversie": besluit.scoreversie,
        "vastgelegdTijdstip": f"{moment.isoformat()}Z",
    }


def _describe_score(uitgave: Uitgave, soort: Soort, score: Score) -> dict[str, Any]:
    stand = read_stand(uitgave, soort)
    if stand is None:
        raise TypeError("a score comes with what chose it")
    return {
        "model": {"code": soort, "naam": soort.capitalize()},
        "peildatum": stand.peildatum.isoformat(),
        "scoreversie": stand.scoreversie,
        "isRegel": score.is_regel,
        "kans": score.kans,
        "kansLaag": score.kans_laag,
        "kansHoog": score.kans_hoog,
        "rang": score.rang,
        "band": score.band,
        "redenen": list(score.redenen),
        "kansPiek": score.kans_piek,
    }


def _name(aanvraag: Request, door: str | None) -> str:
    lezer: Lezer = lezer_of(aanvraag)
    return lezer.naam or door or ""


def _answer(uitgave: Uitgave, inhoud: dict[str, Any], status: int) -> Response:
    tekst = json.dumps(inhoud, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(
        tekst[:-1] + uitgave.staart,
        status_code=status,
        media_type="application/json",
        headers={"cache-control": "no-store"},
    )


_VELDEN: Final = {
    "oordeel": "oordeelCode",
    "reden": "redenCode",
    "uitkomst": "uitkomstCode",
    "soort": "soortCode",
    "adres": "adresnummer",
}
"""Fields of the rules as they are called on the wire."""


def _refuse(fout: BuurtpeilError) -> Response:
    if isinstance(fout, OngeldigeInvoer):
        fouten = [
            {"plaats": "body", "naam": _VELDEN.get(veld, veld), "melding": melding}
            for veld, melding in fout.fouten.items()
        ]
        return make_problem(400, fout.gevonden, fouten=fouten)
    if isinstance(fout, OnbekendeRegel):
        return make_problem(404, fout.gevonden)
    return make_problem(409 if isinstance(fout, WerklijstKanNiet) else 503, fout.gevonden)
