"""Shapes of the answers, for the OpenAPI document.

The bodies themselves are made in ``serving.release.weergave``; a test holds every kind of body
against these models, with nothing missing and nothing extra.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Labelwaarde = Annotated[
    int, Field(ge=1, le=5, description="1 = kleine beheeropgave, 5 = grote beheeropgave.")
]
Score = Annotated[float, Field(ge=0, le=100, description="Score van 0 tot 100; hoger is zwaarder.")]


class Model(BaseModel):
    """Base: camelCase on the wire, nothing extra."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", populate_by_name=True)


class Verwijzing(Model):
    """Een gebied, met zijn id en naam."""

    id: str
    naam: str


class Code(Model):
    """Een waarde uit een codelijst."""

    code: str
    naam: str


class Bron(Model):
    """De methode waarmee het label is bepaald."""

    code: str | None
    naam: str
    referentie_id: str | None = Field(description="Kenmerk van de bevroren referentie.")


class Release(Model):
    """De release waaruit dit antwoord komt."""

    id: str = Field(examples=["0dce49cfb540"])
    peildatum: date
    is_synthetisch: bool = Field(description="Waar als de gegevens verzonnen zijn (demo).")


class Indicator(Model):
    """Een meting uit de catalogus van de methode."""

    code: str
    naam: str
    eenheid: str | None
    richting: Literal[-1, 1] | None = Field(
        description="1: een hogere waarde is een grotere opgave; -1: een lagere waarde."
    )
    thema_code: str
    bron: str | None


class Indicatorwaarde(Model):
    """De waarde van een indicator, naast die van vergelijkbare complexen en het totale bezit."""

    indicator: Indicator
    grondslag: Literal["eigen", "openbaar"]
    waarde: float | None = Field(
        description="Leeg als de waarde onbekend is, of niet naar buiten mag."
    )
    is_afgerond: bool = Field(
        description=(
            "Waar als de precieze waarde niet wordt getoond omdat het om weinig gaat: dan is de "
            "waarde leeg of berekend uit een aantal dat op 5 is afgerond."
        )
    )
    stratum_waarde: float | None = Field(description="Waarde bij vergelijkbare complexen.")
    portefeuille_waarde: float | None = Field(description="Waarde in het totale bezit.")
    gestandaardiseerd: float | None = Field(description="Van -3 tot 3; hoger is zwaarder.")
    gewicht: float | None
    bijdrage: float | None = Field(description="Bijdrage aan de score van het thema.")
    richting: Literal["omhoog", "omlaag"] | None = Field(
        description="Of deze indicator de opgave groter of kleiner maakt."
    )
    dekking: Literal["gedekt", "geen_dekking", "verouderd"] | None
    leeftijd_kwartalen: int | None = Field(description="Hoe oud de meting is, in kwartalen.")


class Bereik(Model):
    """De labels die samen ten minste 80 % kans hebben."""

    laag: Labelwaarde
    hoog: Labelwaarde


class Duiding(Model):
    """De lezing van een medewerker die het modellabel kent en er een bij of af doet."""

    delta: Literal[-1, 1]
    reden_code: str


class Themasignaal(Model):
    """Het aantal meldingen nam waarschijnlijk met ten minste de helft toe; los van het label."""

    thema_code: str
    peildatum: date = Field(description="Eerste dag van de maand waarin het signaal geldt.")
    aantal_recent: int = Field(description="Meldingen in het laatste half jaar, schoon geteld.")
    aantal_eerder: int = Field(description="Meldingen in de twee jaar daarvoor, schoon geteld.")
    maanden_recent: int = Field(description="Maanden van het half jaar waarin is vastgelegd.")
    maanden_eerder: int = Field(description="Maanden van de twee jaar waarin is vastgelegd.")
    kans: float = Field(ge=0, le=1)


Redencode = Literal[
    "onbekend",
    "geen_demping",
    "eerste_publicatie",
    "opnieuw_bekend",
    "nieuwe_methode",
    "ongewijzigd",
    "nog_niet_zeker",
    "nu_zeker_genoeg",
    "twee_kwartalen",
]
"""Why a label did or did not move since the quarter before."""


class Thema(Model):
    """Het label van een thema."""

    code: str
    naam: str
    waarde: Labelwaarde | None
    ruwe_waarde: Labelwaarde | None = Field(description="Label dat de score alleen geeft.")
    reden_code: Redencode | None = Field(description="Waarom het label wel of niet verschoof.")
    betrouwbaarheid: Literal["hoog", "midden", "laag"] | None
    bereik: Bereik | None
    score: Score | None
    is_score_afgerond: bool
    aandeel_van_totaal: float | None = Field(description="Deel van het totaal, 0 tot 1.")
    aandeel_dekking: float | None = Field(description="Deel van de indicatoren met gegevens.")
    reden_onbekend: str | None


class Redenen(Model):
    """De drie indicatoren die de opgave het meest groter maken, en die hem kleiner maken."""

    omhoog: list[Indicatorwaarde]
    omlaag: list[Indicatorwaarde]


class Dekking(Model):
    """Waarover er gegevens zijn en waarover niet."""

    aandeel_gewicht: float | None
    zonder_dekking: list[Indicator]
    verouderd: list[Indicator]


class Oorzaak(Model):
    """Iets wat het totaal veranderde sinds de peildatum ervoor."""

    soort_code: Literal[
        "waarde",
        "verouderd",
        "dekking_weg",
        "dekking_terug",
        "samenstelling",
        "afgeschermd",
        "nieuwe_methode",
    ] = Field(
        description="waarde: een andere uitkomst; samenstelling: andere woningen; afgeschermd: "
        "iets in het thema, wat precies wordt niet getoond."
    )
    thema_code: str | None = Field(description="Leeg als het over het geheel gaat.")
    indicator: Indicator | None
    richting: Literal["omhoog", "omlaag"] | None = Field(
        description="Of dit de opgave groter of kleiner maakte; leeg als dat niet wordt getoond."
    )
    effect: float | None = Field(
        description="Deel van de verandering van het kwadraat van de score; samen is dat alles."
    )
    is_afgerond: bool = Field(description="Waar als de cijfers niet worden getoond.")
    waarde: float | None
    vorige_waarde: float | None
    leeftijd_kwartalen: int | None
    vorige_peildatum: date


class Themabeeld(Model):
    """Een thema zoals bewoners het zien en zoals het gemeten is, apart van elkaar."""

    thema_code: str
    volgens_bewoners: float | None = Field(
        description="Van -3 tot 3; hoger is een grotere opgave. Leeg = onbekend of afgerond."
    )
    volgens_metingen: float | None
    is_een_bron: bool = Field(
        description="Waar als de meldingen effectief van minder dan twee adressen komen."
    )


class SociaalBeheerLabel(Model):
    """Het Sociaal Beheer Label; volgt de vorm van VERA's Sturingslabel."""

    soort: Code
    label: Code | None = Field(description="`waarde` als code met naam. Leeg = onbekend.")
    waarde: Labelwaarde | None = Field(description="Leeg = onbekend.")
    ruwe_waarde: Labelwaarde | None = Field(description="Label dat de score alleen geeft.")
    model_waarde: Labelwaarde | None = Field(description="Label na demping, voor een duiding.")
    reden_code: Redencode | None = Field(description="Waarom het label wel of niet verschoof.")
    duiding: Duiding | None
    kansen: list[float] | None = Field(
        description="Kans op label 1 tot en met 5; in tienden waar het om kleine aantallen gaat."
    )
    bereik: Bereik | None
    standaardfout: float | None = Field(description="Van de score, in punten.")
    score: Score | None
    is_score_afgerond: bool
    reden_onbekend: str | None
    grondslag: Literal["eigen", "openbaar"] | None = Field(
        description="Eigen gegevens van de corporatie of openbare gegevens; nooit gemengd."
    )
    peildatum: date | None
    begindatum: date | None = Field(description="Peildatum sinds wanneer dit label geldt.")
    einddatum: date | None = Field(description="Leeg: het label geldt nog.")
    vorige_waarde: Labelwaarde | None = Field(description="Label op de peildatum hiervoor.")
    betrouwbaarheid: Literal["hoog", "midden", "laag"] | None
    is_referentieperiode: bool
    is_achteraf_berekend: bool
    bron: Bron | None
    themas: list[Thema]
    redenen: Redenen
    dekking: Dekking
    verandering: list[Oorzaak] = Field(
        description="Wat het totaal het meest veranderde sinds de peildatum ervoor."
    )
    themabeeld: list[Themabeeld]


class Context(Model):
    """Een cijfer van buiten bij een buurt; telt nooit mee in een label."""

    kenmerk: str
    waarde: float | None
    jaar: int
    bron: str | None


class Object(Model):
    """Wat elk antwoord over een complex, buurt of wijk heeft."""

    id: str
    code: str | None
    naam: str
    niveau: Literal["complex", "buurt", "wijk"]
    aantal_verhuureenheden: int | None
    sociaal_beheer_label: SociaalBeheerLabel
    sociaal_beheer_label_andere_grondslag: SociaalBeheerLabel | None = Field(
        description="Hetzelfde label op de andere grondslag, apart en niet gemengd."
    )
    release: Release


class Complex(Object):
    """Een complex (VERA: Cluster) met zijn label."""

    buurt: Verwijzing | None
    wijk: Verwijzing | None
    gebouwtype: str | None
    straatnamen: list[str]
    is_beheercluster: bool = Field(
        description="Waar als kleine complexen in dezelfde buurt samen zijn genomen."
    )
    themasignalen: list[Themasignaal] = Field(description="Signalen van de laatste maand.")


class Gebied(Object):
    """Wat een buurt en een wijk gemeen hebben."""

    aantal_complexen: int | None
    is_gebied_gedeeld: bool = Field(
        description="Waar als het cijfer over een groter gebied gaat dan dit ene."
    )


class Buurt(Gebied):
    """Een buurt met haar label."""

    wijk: Verwijzing | None
    context: list[Context]


class Wijk(Gebied):
    """Een wijk met haar label."""


class Historiethema(Model):
    """Label van een thema op een eerdere peildatum."""

    code: str
    waarde: Labelwaarde | None
    ruwe_waarde: Labelwaarde | None
    score: Score | None
    is_score_afgerond: bool


class Historielabel(Model):
    """Het label zoals het op een peildatum is gepubliceerd."""

    peildatum: date
    grondslag: Literal["eigen", "openbaar"]
    is_gepubliceerde_grondslag: bool
    waarde: Labelwaarde | None
    ruwe_waarde: Labelwaarde | None
    model_waarde: Labelwaarde | None
    reden_code: Redencode | None
    duiding: Duiding | None
    score: Score | None
    is_score_afgerond: bool
    reden_onbekend: str | None
    betrouwbaarheid: Literal["hoog", "midden", "laag"] | None
    is_referentieperiode: bool
    is_achteraf_berekend: bool
    bron: Bron
    themas: list[Historiethema]


class Labelhistorie(Model):
    """Labels van één object, de oudste eerst."""

    id: str
    labels: list[Historielabel]
    release: Release


class Lijstthema(Model):
    """Label van een thema in een lijst."""

    code: str
    waarde: Labelwaarde | None


class Lijstlabel(Model):
    """Het label in het kort."""

    waarde: Labelwaarde | None
    score: Score | None
    grondslag: Literal["eigen", "openbaar"] | None
    peildatum: date | None
    aandeel_dekking: float | None = Field(description="Deel van de metingen met gegevens.")
    themas: list[Lijstthema]


class Lijstregel(Model):
    """Een object in een lijst; vraag het object zelf op voor de redenen."""

    id: str
    code: str | None
    naam: str
    buurt: Verwijzing | None = None
    wijk: Verwijzing | None = None
    aantal_verhuureenheden: int | None
    sociaal_beheer_label: Lijstlabel


class Lijst(Model):
    """Eén pagina van een lijst."""

    aantal: int = Field(description="Aantal gevonden objecten op alle pagina's samen.")
    pagina: int
    aantal_per_pagina: int
    resultaten: list[Lijstregel]
    release: Release


class Themagewicht(Model):
    """Hoe zwaar een thema telt."""

    thema_code: str
    gewicht: float


class WatAlsVerdeling(Model):
    """Hoeveel objecten een label hebben in de release, en met deze gewichten."""

    waarde: Labelwaarde | None = Field(description="Leeg = onbekend.")
    aantal_in_release: int
    aantal_wat_als: int
    verhuureenheden_in_release: int
    verhuureenheden_wat_als: int


class WatAlsOvergang(Model):
    """Hoeveel objecten van het ene label naar het andere gaan; gelijk is ook een overgang."""

    van: Labelwaarde | None
    naar: Labelwaarde | None
    aantal: int


class WatAlsregel(Model):
    """Een object dat met deze gewichten een ander label zou hebben."""

    id: str
    naam: str
    aantal_verhuureenheden: int | None
    ruwe_waarde: Labelwaarde | None = Field(
        description="Ruw label in de release: wat de score alleen geeft."
    )
    wat_als_waarde: Labelwaarde | None
    is_benaderd: bool = Field(
        description="Waar als een score over weinig gevallen gaat en hier is geschat uit het label."
    )


class WatAls(Model):
    """De ruwe labels zoals ze met andere gewichten zouden zijn. Er wordt niets gepubliceerd."""

    status: Literal["niet gepubliceerd"]
    niveau: Literal["complex", "buurt", "wijk"]
    gewichten: list[Themagewicht]
    macht: Literal[1, 2, 4] = Field(
        description="1 = gewoon gemiddelde; hoger = een slecht thema telt zwaarder."
    )
    is_gepubliceerde_methode: bool = Field(description="Waar als dit de gepubliceerde weging is.")
    aantal_objecten: int
    aantal_benaderd: int = Field(description="Objecten waarvan een score is geschat.")
    verdeling: list[WatAlsVerdeling]
    overgangen: list[WatAlsOvergang]
    aantal: int = Field(description="Objecten die een ander label zouden hebben.")
    pagina: int
    aantal_per_pagina: int
    resultaten: list[WatAlsregel]
    release: Release


class Gezondheid(Model):
    """Of er een release wordt getoond, en hoe vers die is."""

    status: Literal["in orde", "verouderd", "verstoord"]
    release: Release
    leeftijd_dagen: int = Field(description="Dagen tussen de peildatum en vandaag.")
    melding: str | None


class Levering(Model):
    """Een levering waarop de release rust."""

    tabel: str | None
    sha256: str | None
    rijen: int | None


class ActueleRelease(Model):
    """Wat er nu wordt getoond."""

    id: str
    peildatum: date
    is_synthetisch: bool
    organisatie: str
    methodeversie: str | None
    referentie_id: str | None
    publicatietijdstip: datetime | None = Field(
        description="Moment waarop de release is geschreven (UTC)."
    )
    peildata: dict[str, dict[str, list[date]]] = Field(
        description="Peildata per niveau en grondslag."
    )
    aantallen: dict[str, int] = Field(description="Aantal objecten per niveau.")
    leveringen: list[Levering]


class Fout(Model):
    """Eén onjuiste plek in de aanvraag."""

    plaats: str
    naam: str
    melding: str


class Probleem(Model):
    """Een fout, volgens RFC 9457 (problem+json)."""

    status: int
    title: str
    detail: str
    fouten: list[Fout] = Field(default_factory=list)
