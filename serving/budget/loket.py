"""The page with a proposal: the form, one or two divisions side by side, and the file of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from serving.api.toegang import lezer_of, vraagt
from serving.budget.bron import NIVEAUS, Budgetniveau
from serving.budget.dienst import FORMULE, Budgetdienst, Grondslag, explain_regel
from serving.budget.regel import (
    MAXIMUM_BUDGET,
    MAXIMUM_RESERVE,
    REGELVERSIE,
    Budgetregel,
    Deel,
    VerdelingKanNiet,
    Voorstel,
)
from serving.pagina.antwoord import Releasetekenaar, answer_bytes, answer_html
from serving.pagina.getal import count, format_getal
from serving.pagina.vraag import OngeldigeVraag
from vera.rekenblad import disarm

PAD: Final = "/budget"
PAD_CSV: Final = "/budget/voorstel.csv"
PER_BLAD: Final = 50
SCHUIF: Final = (-30, 30, 5)
"""Least, most and step of the slider, in percent of the budget."""

_ONBEKEND_GETOOND: Final = 20
_GELIJK: Final = "Gelijk verdeeld"
_NIET_BEWAREN: Final = {"cache-control": "no-store"}
_MEER: Final[Mapping[str, tuple[str, str]]] = {
    "wijk": ("wijk", "wijken"),
    "buurt": ("buurt", "buurten"),
}
_GRENZEN: Final = {
    "bodem": "op de bodem",
    "ondergrens": "op de ondergrens van vorig jaar",
    "bovengrens": "op de bovengrens van vorig jaar",
}
_KOLOMMEN: Final = (
    "gebied_id",
    "naam",
    "niveau",
    "label",
    "woningen",
    "woningen_zonder_label",
    "gewicht",
    "voorstel_eur",
    "gelijk_verdeeld_eur",
    "vorig_jaar_eur",
    "verschil_eur",
    "grens",
    "budget_eur",
    "reserve_eur",
    "regel",
)


class Tekenaar(Releasetekenaar, Protocol):
    """Makes pages with the head and the foot of this site."""

    def draw(self, aanvraag: Request, sjabloon: str, **inhoud: Any) -> str:
        """Return the HTML of a template."""
        ...


@dataclass(frozen=True)
class Budgetvraag:
    """What the form asks.

    Parameters
    ----------
    budget
        Whole euros; None = nobody filled it in.
    ander
        Another budget to compare with, by itself or by the slider; None = no comparison.
    schuif
        Where the slider stands, in percent of the budget.
    """

    budget: int | None
    ander: int | None
    schuif: int
    niveau: Budgetniveau
    regel: Budgetregel
    pagina: int

    def find_ander(self, budget: int) -> int | None:
        """Return the budget to compare with; what is typed goes before the slider."""
        if self.ander is not None:
            return self.ander
        return min(MAXIMUM_BUDGET, budget * (100 + self.schuif) // 100) if self.schuif else None


@dataclass(frozen=True)
class Rij:
    """One area on the page, in words and lengths (0 to 100)."""

    id: str
    naam: str
    label: int | None
    onder: str
    bedrag: str
    basis: str
    ander: str
    verschil: str
    lengte: int
    lengte_basis: int


@dataclass(frozen=True)
class Kolom:
    """One of the budgets in the table of totals."""

    budget: str
    reserve: str
    verdeeld: str
    per_woning: str
    meer: str
    minder: str
    aan_grens: str


@dataclass(frozen=True)
class Budgetbeeld:
    """Everything below the form. ``kolommen`` has two budgets when they are compared."""

    kop: str
    samenvatting: str
    basis: str
    kolommen: Sequence[Kolom]
    rijen: Sequence[Rij]
    laatste: int
    uitleg: Sequence[str]
    formule: Sequence[str]


class Budgetloket:
    """The page.

    Parameters
    ----------
    dienst
        Opens the release and last year's budget.
    """

    def __init__(self, dienst: Budgetdienst) -> None:
        self._dienst = dienst

    def list_routes(self, tekenaar: Tekenaar) -> list[Route]:
        """Return the addresses of the page, drawn by ``tekenaar``."""

        @vraagt("budget", toont=("complex",))
        def show(aanvraag: Request) -> Response:
            return self._show(aanvraag, tekenaar)

        @vraagt("budget")
        def send(aanvraag: Request) -> Response:
            return self._send(aanvraag)

        return [Route(PAD, show), Route(PAD_CSV, send)]

    def _show(self, aanvraag: Request, tekenaar: Tekenaar) -> Response:
        vraag = read_vraag(aanvraag.query_params)
        grondslag = self._dienst.open(lezer_of(aanvraag), vraag.niveau)
        budget = grondslag.standaard if vraag.budget is None else vraag.budget
        ander = vraag.find_ander(budget)
        beeld, fout = None, None
        try:
            beeld = describe_beeld(grondslag, vraag, budget, ander)
        except VerdelingKanNiet as geen:
            fout = f"{geen.gevonden} {geen.remedie[:1].upper()}{geen.remedie[1:]}."
        if beeld is not None and vraag.pagina > beeld.laatste:
            raise OngeldigeVraag([f"De lijst heeft {beeld.laatste} pagina’s."])
        onbekend = grondslag.list_onbekend()
        inhoud = {
            "vraag": vraag,
            "budget": budget,
            "ander": ander,
            "is_voorbeeld": vraag.budget is None and grondslag.vorig is None,
            "grondslag": grondslag,
            "enkel": _MEER[vraag.niveau][0],
            "meer": _MEER[vraag.niveau][1],
            "niveaus": {niveau: _MEER[niveau][1] for niveau in NIVEAUS},
            "schuif": SCHUIF,
            "beeld": beeld,
            "fout": fout,
            "onbekend": onbekend[:_ONBEKEND_GETOOND],
            "onbekend_woningen": sum(rij.woningen for rij in onbekend),
            "onbekend_meer": max(0, len(onbekend) - _ONBEKEND_GETOOND),
            "adres": PAD,
            "bestand": PAD_CSV,
            "velden": list_velden(vraag, budget),
            "maximum": MAXIMUM_BUDGET,
            "maximum_reserve": MAXIMUM_RESERVE,
        }
        if fout is not None:
            html = tekenaar.draw(aanvraag, "budget.html", **inhoud)
            return answer_html(aanvraag, 400, html, _NIET_BEWAREN)
        return tekenaar.answer_with(
            aanvraag,
            grondslag.uitgave,
            "budget.html",
            lambda: inhoud,
            kenmerk=grondslag.kenmerk,
        )

    def _send(self, aanvraag: Request) -> Response:
        vraag = read_vraag(aanvraag.query_params)
        grondslag = self._dienst.open(lezer_of(aanvraag), vraag.niveau)
        budget = grondslag.standaard if vraag.budget is None else vraag.budget
        try:
            voorstel = grondslag.propose(budget, vraag.regel)
        except VerdelingKanNiet as fout:
            raise OngeldigeVraag([fout.gevonden]) from fout
        koppen = {
            **_NIET_BEWAREN,
            "content-disposition": f'attachment; filename="budgetvoorstel-{vraag.niveau}.csv"',
        }
        inhoud = write_csv(voorstel, grondslag).encode()
        return answer_bytes(aanvraag, 200, inhoud, "text/csv; charset=utf-8", koppen)


def read_vraag(parameters: QueryParams) -> Budgetvraag:
    """Return what the form asks; an empty value is no value.

    Raises
    ------
    OngeldigeVraag
        With everything that is wrong.
    """
    fouten: list[str] = []

    def read(naam: str, wat: str, minimum: int, maximum: int) -> int | None:
        tekst = parameters.get(naam, "").strip()
        if not tekst:
            return None
        # As people write it: € 1.200.000. A budget has no cents.
        kaal = tekst.removeprefix("€").replace(".", "").replace(" ", "").replace("\xa0", "")
        kaal = kaal.removesuffix(",00")
        cijfers = kaal.removeprefix("-")
        if cijfers.isascii() and cijfers.isdigit() and len(cijfers) <= 12:
            waarde = int(kaal)
            if minimum <= waarde <= maximum:
                return waarde
        fouten.append(
            f"{wat} is een heel getal van {format_getal(minimum)} tot en met "
            f"{format_getal(maximum)}."
        )
        return None

    def choose(waarde: int | None, anders: int) -> int:
        return anders if waarde is None else waarde

    standaard = Budgetregel()
    budget = read("budget", "Het budget", 0, MAXIMUM_BUDGET)
    ander = read("ander", "Het andere budget", 0, MAXIMUM_BUDGET)
    schuif = choose(read("schuif", "De schuif", SCHUIF[0], SCHUIF[1]), 0)
    regel = Budgetregel(
        choose(read("bodem", "De bodem", 0, 100), standaard.bodem_procent),
        choose(read("band", "De grens met vorig jaar", 0, 100), standaard.band_procent),
        choose(read("reserve", "De reserve", 0, MAXIMUM_RESERVE), standaard.reserve_procent),
    )
    gekozen = parameters.get("niveau", "").strip() or NIVEAUS[0]
    niveau = next((soort for soort in NIVEAUS if soort == gekozen), None)
    if niveau is None:
        fouten.append(f"“niveau” kent deze waarde niet. Kies uit: {', '.join(NIVEAUS)}.")
    pagina = choose(read("pagina", "“pagina”", 1, 100_000), 1)
    if fouten or niveau is None:
        raise OngeldigeVraag(fouten)
    return Budgetvraag(budget, ander, schuif, niveau, regel, pagina)


def list_velden(vraag: Budgetvraag, budget: int) -> dict[str, int | str | None]:
    """Return the query of this page, for its links; what is as usual is left out."""
    regel, standaard = vraag.regel, Budgetregel()

    def differ(waarde: int, anders: int) -> int | None:
        return None if waarde == anders else waarde

    return {
        "budget": budget,
        "ander": vraag.ander,
        "schuif": vraag.schuif or None,
        "niveau": None if vraag.niveau == NIVEAUS[0] else vraag.niveau,
        "bodem": differ(regel.bodem_procent, standaard.bodem_procent),
        "band": differ(regel.band_procent, standaard.band_procent),
        "reserve": differ(regel.reserve_procent, standaard.reserve_procent),
    }


def describe_beeld(
    grondslag: Grondslag, vraag: Budgetvraag, budget: int, ander: int | None
) -> Budgetbeeld:
    """Return what stands below the form.

    Raises
    ------
    VerdelingKanNiet
        When one of the budgets cannot be divided.
    """
    voorstel = grondslag.propose(budget, vraag.regel)
    tweede = None if ander is None else grondslag.propose(ander, vraag.regel)
    basis = _GELIJK
    if voorstel.heeft_band and grondslag.vorig is not None:
        basis = f"Budget {grondslag.vorig.jaar}"
    van_tweede = {} if tweede is None else {deel.id: deel for deel in tweede.delen}
    hoogste = max(
        (
            max(deel.bedrag, _find_basis(deel), van_tweede[deel.id].bedrag if van_tweede else 0)
            for deel in voorstel.delen
        ),
        default=0,
    )
    rijen = [
        _describe_rij(deel, van_tweede.get(deel.id), grondslag, max(hoogste, 1))
        for deel in sorted(
            voorstel.delen,
            key=lambda deel: (-deel.verschil, grondslag.name(deel.id), deel.id),
        )
    ]
    begin = (vraag.pagina - 1) * PER_BLAD
    kolommen = [_describe_kolom(deel) for deel in (voorstel, tweede) if deel is not None]
    return Budgetbeeld(
        kop=f"Voorstel voor {format_euro(budget)}"
        + ("" if ander is None else f", naast {format_euro(ander)}"),
        samenvatting=_summarize(voorstel, vraag.niveau, basis),
        basis=basis,
        kolommen=kolommen,
        rijen=rijen[begin : begin + PER_BLAD],
        laatste=max(1, -(-len(rijen) // PER_BLAD)),
        uitleg=explain_regel(voorstel, grondslag),
        formule=FORMULE,
    )


def _find_basis(deel: Deel) -> int:
    return deel.gelijk if deel.vorig is None else deel.vorig


def _describe_rij(deel: Deel, tweede: Deel | None, grondslag: Grondslag, hoogste: int) -> Rij:
    onder = [count(deel.woningen, "woning", "woningen")]
    if deel.woningen_onbekend:
        onder.append(f"{format_getal(deel.woningen_onbekend)} zonder label")
    if deel.grens is not None:
        onder.append(_GRENZEN[deel.grens])
    verschil = deel.verschil if tweede is None else tweede.bedrag - deel.bedrag
    ander = _find_basis(deel) if tweede is None else tweede.bedrag
    return Rij(
        id=deel.id,
        naam=grondslag.name(deel.id),
        label=grondslag.bezit.labels.get(deel.id),
        onder=" · ".join(onder),
        bedrag=format_euro(deel.bedrag),
        basis=format_euro(_find_basis(deel)),
        ander="" if tweede is None else format_euro(tweede.bedrag),
        verschil=format_verschil(verschil),
        lengte=round(100 * deel.bedrag / hoogste),
        lengte_basis=round(100 * ander / hoogste),
    )


def _describe_kolom(voorstel: Voorstel) -> Kolom:
    woningen = sum(deel.woningen for deel in voorstel.delen)
    meer = sum(deel.verschil > 0 for deel in voorstel.delen)
    minder = sum(deel.verschil < 0 for deel in voorstel.delen)
    return Kolom(
        budget=format_euro(voorstel.budget),
        reserve=format_euro(voorstel.reserve),
        verdeeld=format_euro(voorstel.verdeeld),
        per_woning=f"€ {format_getal(voorstel.verdeeld / woningen, 2)}",
        meer=format_getal(meer),
        minder=format_getal(minder),
        aan_grens=format_getal(sum(deel.grens is not None for deel in voorstel.delen)),
    )


def _summarize(voorstel: Voorstel, niveau: Budgetniveau, basis: str) -> str:
    meer = [deel for deel in voorstel.delen if deel.verschil > 0]
    minder = sum(deel.verschil < 0 for deel in voorstel.delen)
    enkel, veel = _MEER[niveau]
    waarmee = "bij een gelijk bedrag per woning"
    if basis != _GELIJK:
        waarmee = f"in {basis.removeprefix('Budget ')}"
    krijgt = "krijgt" if len(meer) == 1 else "krijgen"
    return (
        f"{count(len(meer), enkel, veel)} {krijgt} meer dan {waarmee}, samen "
        f"{format_euro(sum(deel.verschil for deel in meer))}. "
        f"{count(minder, enkel, veel)} {'krijgt' if minder == 1 else 'krijgen'} minder."
    )


def format_euro(bedrag: int) -> str:
    """Return whole euros as people write them.

    Examples
    --------
    >>> format_euro(1200000)
    '€ 1.200.000'
    """
    return f"€ {format_getal(bedrag)}"


def format_verschil(bedrag: int) -> str:
    """Return a difference with its sign.

    Examples
    --------
    >>> format_verschil(1500), format_verschil(-20), format_verschil(0)
    ('+ € 1.500', '− € 20', '€ 0')
    """
    if not bedrag:
        return "€ 0"
    return f"{'+' if bedrag > 0 else '−'} {format_euro(abs(bedrag))}"


def write_csv(voorstel: Voorstel, grondslag: Grondslag) -> str:
    """Return a proposal as CSV, in which no text is a formula to a spreadsheet."""
    regel = voorstel.regel
    naam_regel = (
        f"{REGELVERSIE} bodem {regel.bodem_procent}% band "
        f"{f'{regel.band_procent}%' if voorstel.heeft_band else 'geen'} "
        f"reserve {regel.reserve_procent}%"
    )
    blad = io.StringIO()
    schrijver = csv.writer(blad, delimiter=";", lineterminator="\r\n")
    schrijver.writerow(_KOLOMMEN)
    for deel in voorstel.delen:
        schrijver.writerow(
            (
                disarm(deel.id),
                disarm(grondslag.name(deel.id)),
                grondslag.bezit.niveau,
                grondslag.bezit.labels.get(deel.id) or "",
                deel.woningen,
                deel.woningen_onbekend,
                f"{float(deel.gewicht):.4f}",
                deel.bedrag,
                deel.gelijk,
                "" if deel.vorig is None else deel.vorig,
                deel.verschil,
                deel.grens or "",
                voorstel.budget,
                voorstel.reserve,
                naam_regel,
            )
        )
    return blad.getvalue()
