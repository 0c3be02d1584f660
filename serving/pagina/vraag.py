"""Reading the address of a page: a form sends empty fields, a person may change a value.

An empty value is no value. Parameters that no page knows are ignored, because links get them
from elsewhere; a known parameter with a wrong value is an error that says what is right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, get_args

from starlette.datastructures import QueryParams

from serving.api.antwoord import COLLECTIES
from serving.api.lijst import MAXIMUM_ZOEKTEKST, Sorteer, Themacode, Vraag
from serving.pagina.getal import format_getal
from serving.wat_als.rekening import MACHTEN, THEMAS, Keuze
from serving.wat_als.vraag import GEEN_GEWICHT, GEWICHT_MAXIMUM, GEWICHT_STAP

PER_PAGINA: Final = 25
_MAXIMUM_PAGINA: Final = 1_000_000
_MAXIMUM_ID: Final = 64
_MAXIMUM_LABELS: Final = 6


class OngeldigeVraag(Exception):
    """An address that cannot be answered; ``fouten`` are sentences in Dutch."""

    def __init__(self, fouten: Sequence[str]) -> None:
        self.fouten = tuple(fouten)
        super().__init__(f"{len(self.fouten)} fouten in het adres")


class _Lezer:
    """Reads parameters one by one and keeps every mistake."""

    def __init__(self, parameters: QueryParams) -> None:
        self._parameters = parameters
        self.fouten: list[str] = []

    def text(self, naam: str, maximum: int) -> str:
        waarde = self._parameters.get(naam, "").strip()
        if len(waarde) > maximum:
            self.fouten.append(f"“{naam}” is te lang; het maximum is {maximum} tekens.")
        return waarde[:maximum]

    def choice(self, naam: str, keuzes: Sequence[str], anders: str) -> str:
        waarde = self._parameters.get(naam, "").strip() or anders
        if waarde in keuzes:
            return waarde
        self.fouten.append(f"“{naam}” kent deze waarde niet. Kies uit: {', '.join(keuzes)}.")
        return anders

    def page(self, naam: str) -> int:
        waarde = self._parameters.get(naam, "").strip() or "1"
        if waarde.isascii() and waarde.isdigit() and 1 <= int(waarde[:9]) <= _MAXIMUM_PAGINA:
            return int(waarde[:9])
        self.fouten.append(f"“{naam}” is geen paginanummer. Gebruik een getal vanaf 1.")
        return 1

    def number(self, naam: str, wat: str, maximum: float, stap: float, anders: float) -> float:
        # A person may write 0,5 as well.
        tekst = self._parameters.get(naam, "").strip().replace(",", ".") or str(anders)
        try:
            waarde = float(tekst)
        except ValueError:
            waarde = -1.0
        if 0 <= waarde <= maximum and (waarde / stap).is_integer():
            return waarde
        self.fouten.append(
            f"{wat} is een getal van 0 tot en met {format_getal(maximum, 0)}, in stappen van "
            f"{format_getal(stap, 2)}."
        )
        return anders

    def labels(self, naam: str) -> tuple[int, ...]:
        waarden = [waarde.strip() for waarde in self._parameters.getlist(naam)]
        waarden = [waarde for waarde in waarden if waarde]
        bekend = {str(label): label for label in range(6)}
        if len(waarden) > _MAXIMUM_LABELS or any(waarde not in bekend for waarde in waarden):
            self.fouten.append(f"“{naam}” is een getal van 1 tot en met 5, of 0 voor onbekend.")
            return ()
        return tuple(sorted({bekend[waarde] for waarde in waarden}))


def read_vraag(niveau: str, parameters: QueryParams) -> Vraag:
    """Return what a list must hold.

    Raises
    ------
    OngeldigeVraag
        With every parameter that is wrong.
    """
    lezer = _Lezer(parameters)
    labels = lezer.labels("label")
    thema = lezer.choice("thema", get_args(Themacode), "TOT")
    zoek = lezer.text("zoek", MAXIMUM_ZOEKTEKST)
    buurt_id = lezer.text("buurtId", _MAXIMUM_ID) if niveau == "complex" else ""
    wijk_id = lezer.text("wijkId", _MAXIMUM_ID) if niveau != "wijk" else ""
    sorteer = lezer.choice("sorteer", get_args(Sorteer), "-score")
    pagina = lezer.page("pagina")
    if lezer.fouten:
        raise OngeldigeVraag(lezer.fouten)
    return Vraag(
        niveau,
        labels,
        _as_thema(thema),
        zoek,
        buurt_id or None,
        wijk_id or None,
        _as_sorteer(sorteer),
        pagina,
        PER_PAGINA,
    )


def read_overzicht(parameters: QueryParams) -> tuple[Themacode, bool]:
    """Return the theme of the first page and whether the map shows complexes.

    Raises
    ------
    OngeldigeVraag
        With every parameter that is wrong.
    """
    lezer = _Lezer(parameters)
    thema = lezer.choice("thema", get_args(Themacode), "TOT")
    kaart = lezer.choice("kaart", ("buurten", "complexen"), "buurten")
    if lezer.fouten:
        raise OngeldigeVraag(lezer.fouten)
    return _as_thema(thema), kaart == "complexen"


@dataclass(frozen=True)
class WatAlsVraag:
    """What a what-if is asked for: weights in the order of the themes, power, and a page."""

    niveau: str
    gewichten: tuple[float, ...]
    macht: int
    pagina: int


def read_wat_als(
    parameters: QueryParams, gepubliceerd: Keuze, themanamen: Mapping[str, str]
) -> WatAlsVraag:
    """Return which weights a what-if is asked for; what is left out is as published.

    Raises
    ------
    OngeldigeVraag
        With every parameter that is wrong, or when no theme counts.
    """
    lezer = _Lezer(parameters)
    niveau = lezer.choice("niveau", tuple(COLLECTIES.values()), "complex")
    gewichten = tuple(
        lezer.number(
            f"gewicht{thema.capitalize()}",
            f"Het gewicht van “{themanamen.get(thema, thema)}”",
            GEWICHT_MAXIMUM,
            GEWICHT_STAP,
            vast,
        )
        for thema, vast in zip(THEMAS, gepubliceerd.gewichten, strict=True)
    )
    macht = int(lezer.choice("macht", [str(p) for p in MACHTEN], str(gepubliceerd.macht)))
    pagina = lezer.page("pagina")
    if not lezer.fouten and not any(gewichten):
        lezer.fouten.append(GEEN_GEWICHT)
    if lezer.fouten:
        raise OngeldigeVraag(lezer.fouten)
    return WatAlsVraag(niveau, gewichten, macht, pagina)


def read_zoek(parameters: QueryParams) -> str:
    """Return the text to search for; empty when nothing was asked.

    Raises
    ------
    OngeldigeVraag
        When the text is too long.
    """
    lezer = _Lezer(parameters)
    zoek = lezer.text("zoek", MAXIMUM_ZOEKTEKST)
    if lezer.fouten:
        raise OngeldigeVraag(lezer.fouten)
    return zoek


def _as_thema(waarde: str) -> Themacode:
    return next(code for code in get_args(Themacode) if code == waarde)


def _as_sorteer(waarde: str) -> Sorteer:
    return next(keuze for keuze in get_args(Sorteer) if keuze == waarde)
