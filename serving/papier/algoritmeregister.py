"""Entries for the Dutch register of algorithms, in its standard 1.0.

Belongs here: the rules of the standard's fields, and an entry per algorithm. An entry that lacks
a required fact is not an entry: it is reported as missing, by field.

Source: design paper on trust, the field list of the Algoritmeregister 1.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from serving.papier.feiten import Kenmerk, Papierfeiten
from vera.werklijst import MODELLEN, Model

_Maand = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
_Tekst = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s.]+$")]
_Adres = Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]
_Lang = Annotated[_Tekst, Field(max_length=2499)]

NAMEN: Final[Mapping[str, str]] = {
    "label": "Sociaal Beheer Label",
    "overlast": "Vroeg zien van oplopende overlast, per complex",
    "woonfraude": "Kiezen waar naar woonfraude wordt gekeken, per complex",
}
_KORT: Final[Mapping[str, str]] = {
    "label": (
        "Geeft elk complex, elke buurt en elke wijk een label van 1 (kleine opgave) tot en met 5 "
        "(grote opgave), om mensen en geld voor het beheer te verdelen. Het gaat nooit over een "
        "bewoner of een woning."
    ),
    "overlast": (
        "Schat per complex de kans dat overlast in zes maanden oploopt tot een officiële stap. "
        "Een wijkbeheerder kijkt eerst zelf en beslist. Het gaat nooit over een bewoner of een "
        "woning."
    ),
    "woonfraude": (
        "Schat per complex hoe vaak een onderzoek iets bevestigt, zodat onderzoek eerlijk wordt "
        "verdeeld. Een deel wordt geloot. Een medewerker beslist. Het gaat nooit over een bewoner "
        "of een woning."
    ),
}
_DOEL: Final[Mapping[str, str]] = {
    "label": (
        "Zien waar de leefbaarheid achteruitgaat, en daar op tijd mensen en geld inzetten. Het "
        "label telt niet mee bij het toewijzen van woningen, de huurprijs of het beëindigen van "
        "een huurcontract."
    ),
    "overlast": (
        "Eerder gaan kijken waar overlast kan oplopen tot een waarschuwing, bemiddeling of een "
        "rechtszaak. Er volgt geen straf en geen besluit over een bewoner."
    ),
    "woonfraude": (
        "Woningen vrij krijgen voor wie wacht, en woonfraude voorkomen. Een onderzoek is een "
        "vermoeden en geen vaststelling."
    ),
}
_MENS: Final[Mapping[str, str]] = {
    "label": (
        "Medewerkers zien het label met de redenen en de zekerheid, en mogen het één hoger of "
        "lager maken, met een reden. Een tweede keer kan alleen met een collega. Het label zelf "
        "leidt tot geen enkel besluit."
    ),
    "overlast": (
        "Een wijkbeheerder geeft eerst een eigen oordeel, zonder de kans te zien. Daarna beslist "
        "die persoon, met naam en reden. De kans van dat moment wordt erbij bewaard."
    ),
    "woonfraude": (
        "Een medewerker geeft eerst een eigen oordeel, zonder de kans te zien. Daarna beslist die "
        "persoon, met naam en reden. Welk adres wordt bekeken, bepaalt het model niet."
    ),
}
_RISICO: Final[Mapping[str, str]] = {
    "label": (
        "In een klein complex zegt toeval veel: daarom staat bij elk label hoe zeker het is, en "
        "verschuift het pas als dat duidelijk is. In sommige buurten wordt minder gemeld dan er "
        "gebeurt. Kleine aantallen over betalen en zorg tonen wij niet."
    ),
    "overlast": (
        "Waar minder wordt gemeld, ziet het model minder. Elke toets vergelijkt buurten naar "
        "samenstelling en omvang, met cijfers van het CBS die het model zelf nooit ziet. Is het "
        "verschil te groot, dan stopt het model vanzelf en doet een vaste regel het werk."
    ),
    "woonfraude": (
        "Alleen wat is onderzocht, kan worden bevestigd. Daarom wordt een deel van de onderzoeken "
        "geloot, en wordt de keuze van eerdere onderzoeken teruggerekend. Kenmerken die armoede "
        "of afkomst verraden, zijn verboden en worden bij elke run opgespoord."
    ),
}
_METHODE: Final[Mapping[str, str]] = {
    "label": (
        "Tellingen per complex over twaalf maanden, gecorrigeerd voor toeval in kleine complexen, "
        "afgezet tegen een vaste periode van acht kwartalen, en per thema opgeteld. Vijfhonderd "
        "trekkingen geven de kans op elk label. Geen zelflerend model."
    ),
    "overlast": (
        "Logistische regressie met vaste richting per kenmerk en een straf op grote gewichten. "
        "Getoetst op latere jaren dan waarvan is geleerd, naast een vaste regel. Komt het niet "
        "door de toets, dan kiest de regel."
    ),
    "woonfraude": (
        "Logistische regressie met vaste richting per kenmerk, geleerd van eigen onderzoeken met "
        "bekende selectiekans. Zolang er te weinig geloot is, kiest een vaste regel."
    ),
}
_STATUS: Final[Mapping[str, str]] = {
    "kampioen": "In gebruik",
    "regel": "In gebruik",
    "gestopt": "Buiten gebruik",
    "storing": "Buiten gebruik",
    "geen": "Buiten gebruik",
}


class Inschrijving(BaseModel):
    """One entry; the names and limits are the standard's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[_Tekst, Field(max_length=99)]
    description_short: Annotated[_Tekst, Field(max_length=349)]
    organization: _Tekst
    category: _Tekst | None = None
    status: Literal["In gebruik", "In ontwikkeling", "Buiten gebruik"]
    begin_date: _Maand | None = None
    end_date: _Maand | None = None
    contact_email: _Email
    website: _Adres | None = None
    publication_category: Literal[
        "Hoog-risico AI-systemen", "Impactvolle algoritmes", "Overige algoritmes"
    ]
    url: _Adres | None = None
    goal: _Lang | None = None
    proportionality: _Lang | None = None
    human_intervention: _Lang | None = None
    risks: _Lang | None = None
    lawful_basis: _Lang | None = None
    lawful_basis_grouping: _Tekst | None = None
    process_index_url: _Adres | None = None
    impacttoetsen: tuple[Literal["DPIA", "IAMA", "FRIA"], ...] = ()
    source_data: _Lang | None = None
    methods_and_models: Annotated[_Tekst, Field(max_length=4999)] | None = None
    provider: Annotated[_Tekst, Field(max_length=199)] | None = None
    publiccode: _Adres | None = None
    lang: Literal["NLD"] = "NLD"
    standard_version: Literal["1.0"] = "1.0"
    source_id: _Tekst | None = None
    tags: tuple[_Tekst, ...] = ()


def build_register(feiten: Papierfeiten) -> tuple[list[dict[str, object]], list[str]]:
    """Return the entries, and what keeps others from being one.

    Returns
    -------
    tuple of (list of dict, list of str)
        Entries as the register's JSON, empty fields left out; and per algorithm that cannot be
        entered yet one line that names the fields.
    """
    goed: list[dict[str, object]] = []
    gebreken: list[str] = []
    for onderwerp in ("label", *MODELLEN):
        try:
            inschrijving = Inschrijving.model_validate(_describe(feiten, onderwerp))
        except ValidationError as fout:
            velden = sorted({".".join(map(str, e["loc"])) for e in fout.errors()})
            gebreken.append(f"{NAMEN[onderwerp]}: {', '.join(velden)}")
            continue
        goed.append(inschrijving.model_dump(exclude_none=True))
    return goed, gebreken


def _describe(feiten: Papierfeiten, onderwerp: str) -> dict[str, object]:
    wie = feiten.find_verantwoording(onderwerp)
    velden: dict[str, object] = {
        "lawful_basis": wie.grondslag or None,
        "impacttoetsen": ("DPIA",) if wie.dpia else (),
        "name": NAMEN[onderwerp],
        "description_short": _KORT[onderwerp],
        "organization": feiten.organisatie,
        "category": "Wonen",
        "contact_email": feiten.contact_email,
        "website": feiten.website or None,
        "publication_category": "Impactvolle algoritmes",
        "goal": _DOEL[onderwerp],
        "proportionality": (
            "Het gaat over een complex, buurt of wijk, en nooit over personen. Namen, BSN, "
            "geboortedata, adressen en vrije tekst verdwijnen bij ontvangst. Minder gegevens "
            f"kan niet: onder {feiten.minimum_eenheden} woningen is er geen eigen label."
        ),
        "human_intervention": _MENS[onderwerp],
        "risks": _RISICO[onderwerp],
        "methods_and_models": _METHODE[onderwerp],
        "source_id": f"buurtpeil-{onderwerp}",
        "tags": ("woningcorporatie", "leefbaarheid", "synthetisch")
        if feiten.is_synthetisch
        else ("woningcorporatie", "leefbaarheid"),
    }
    if onderwerp == "label":
        return velden | {
            "status": "In gebruik",
            "begin_date": feiten.eerste_peildatum[:7] or None,
            "source_data": _say_indicatoren(feiten),
        }
    model: Model = onderwerp  # type: ignore[assignment]
    stand = feiten.find_model(model)
    return velden | {
        "status": _STATUS[stand.stand],
        "begin_date": stand.getraind_op[:7] or None,
        "source_data": _say_kenmerken([k for k in feiten.kenmerken if k.model == model]),
    }


def _say_indicatoren(feiten: Papierfeiten) -> str:
    delen = []
    for code, naam in feiten.themas.items():
        namen = [i.naam for i in feiten.indicatoren if i.thema == code and not i.is_openbaar]
        if namen:
            delen.append(f"{naam}: {', '.join(namen)}.")
    bronnen = sorted({i.bron for i in feiten.indicatoren if i.is_openbaar})
    if bronnen:
        delen.append(f"Voor buurt en wijk ook openbare cijfers: {', '.join(bronnen)}.")
    return " ".join(delen)


def _say_kenmerken(kenmerken: list[Kenmerk]) -> str:
    per_familie: dict[str, list[str]] = {}
    for kenmerk in kenmerken:
        per_familie.setdefault(kenmerk.familie, []).append(kenmerk.naam)
    delen = [f"{familie} ({', '.join(namen)})" for familie, namen in per_familie.items()]
    return f"Per complex en maand: {'; '.join(delen)}. Niets over bewoners."
