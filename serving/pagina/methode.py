"""The method page: themes and indicators from the release, steps and promises in plain Dutch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from serving.pagina.bron import name_bron
from serving.pagina.eenheid import describe_eenheid
from serving.pagina.getal import format_getal
from serving.pagina.zinnen import GRONDSLAG, GRONDSLAG_UITLEG
from serving.release.winkel import Uitgave

NOOIT: Final[Sequence[str]] = (
    "Kenmerken van mensen: afkomst, nationaliteit, taal, geloof, leeftijd, geslacht, "
    "gezondheid of het soort huishouden.",
    "Het Sociaal Signaal: zorgen die medewerkers melden over een bewoner.",
    "Onderzoek naar woonfraude.",
    "Cijfers over de hele buurt in het label van een complex. Een complex krijgt geen ander label "
    "door de buurt waar het staat.",
)
"""What is never in a label. Source: design of the label, "Not in the label"."""

GEBRUIK: Final[Sequence[str]] = (
    "Het label gaat over een plek: een complex, een buurt of een wijk. Nooit over een bewoner, een "
    "huishouden of één woning.",
    "Het label helpt om mensen en geld te verdelen over het beheer. Een medewerker beslist.",
    "Het label telt niet mee bij het toewijzen van woningen, de huurprijs of het beëindigen van "
    "een huurcontract.",
)


@dataclass(frozen=True)
class Stap:
    """One step from data to label."""

    naam: str
    uitleg: str


STAPPEN: Final[Sequence[Stap]] = (
    Stap(
        "We tellen eerlijk",
        "We kijken naar de laatste twaalf maanden. Melden dezelfde mensen vaak, dan telt één adres "
        "hooguit drie keer mee. Een complex met minder dan tien woningen krijgt geen eigen label; "
        "kleine complexen van hetzelfde soort in dezelfde buurt krijgen er samen één. Komen de "
        "meldingen van overlast vooral van één adres, dan staat er 'één bron' bij.",
    ),
    Stap(
        "We houden rekening met toeval",
        "In een klein complex zegt één melding meer weinig. Daarom schuift de waarde van een klein "
        "complex een stuk op naar die van vergelijkbare complexen: hetzelfde soort gebouw en "
        "ongeveer even groot. Metingen van één thema die vaak samengaan, steunen elkaar: zegt de "
        "ene meting weinig, dan telt mee wat de andere zeggen.",
    ),
    Stap(
        "We maken alles vergelijkbaar",
        "Elke meting zetten we om naar dezelfde schaal. Die schaal ligt vast: we vergelijken "
        "altijd met dezelfde acht kwartalen. Zo betekent een label elk jaar hetzelfde.",
    ),
    Stap(
        "We maken een score per thema",
        "Per thema nemen we het gemiddelde van de metingen, met hun gewicht. Zijn er te weinig "
        "gegevens (minder dan twee derde van het gewicht), dan is het thema onbekend.",
    ),
    Stap(
        "We maken een totaal",
        "Het totaal telt een slecht thema extra zwaar. Eén groot probleem verdwijnt zo niet achter "
        "vier goede thema's. Voor een totaal op eigen gegevens zijn vier thema's nodig, op "
        "openbare gegevens drie. Overlast en Schoon, heel en veilig horen daar altijd bij.",
    ),
    Stap(
        "We geven een label van 1 tot en met 5",
        "In de acht vaste kwartalen had 10% van de woningen label 1, 20% label 2, 40% label 3, "
        "20% label 4 en 10% label 5. Die grenzen liggen vast. Komen er later meer complexen in "
        "label 5, dan is de opgave echt groter geworden.",
    ),
    Stap(
        "We rekenen uit hoe zeker het is",
        "We rekenen elk label vijfhonderd keer opnieuw uit, met het toeval dat bij zulke aantallen "
        "hoort. Zo weten we de kans op elk label. Heeft één label een kans van 80% of meer, dan is "
        "de betrouwbaarheid hoog; vanaf 60% is zij midden, anders laag.",
    ),
    Stap(
        "Een label verschuift niet door toeval",
        "Het label verschuift pas als de kans 80% of meer is dat de opgave echt aan de andere kant "
        "van een grens ligt, of twee kwartalen na elkaar 65% of meer. Een eerste label, en een "
        "label dat onbekend was, volgt de score. Wat de score alleen zou zeggen, staat er altijd "
        "bij.",
    ),
    Stap(
        "Een snelle stijging valt meteen op",
        "Elke maand kijken we of het laatste half jaar veel meer meldingen had dan de twee jaar "
        "ervoor. Is het vrijwel zeker dat het er ten minste de helft meer zijn, dan geven we een "
        "signaal bij het thema. Dat staat los van het label.",
    ),
    Stap(
        "Een medewerker kan het label duiden",
        "Wie de wijk kent, mag het label één hoger of lager maken, met een reden en zonder iets "
        "over personen te schrijven. Na twee kwartalen vervalt dat. Twee keer na elkaar kan alleen "
        "als een tweede medewerker het ermee eens is. Het label van het model blijft zichtbaar.",
    ),
    Stap(
        "Voor buurt en wijk zijn er twee labels, nooit gemengd",
        "Op eigen gegevens is het label van een buurt of wijk gemaakt van de complexen, gewogen "
        "naar woningen. Op openbare gegevens is het gemaakt van cijfers van buiten. Het eerste "
        "geldt als de corporatie er 50 woningen of meer heeft, met genoeg gegevens. Wat bewoners "
        "vinden en wat er gemeten is, tonen we apart.",
    ),
    Stap(
        "We zeggen wat er veranderde",
        "Bij elk label staat wat er anders is dan vorig kwartaal: andere uitkomsten, gegevens die "
        "wegvielen of terugkwamen, of andere woningen. Samen is dat precies de hele verandering. "
        "Gaat het om weinig huurders, dan tonen we de cijfers niet.",
    ),
)


@dataclass(frozen=True)
class Indicatorregel:
    """One indicator of the catalogue, in words."""

    naam: str
    omschrijving: str
    eenheid: str
    richting: str
    gewicht: str
    bron: str
    soort: str


@dataclass(frozen=True)
class Themauitleg:
    """One theme with its indicators."""

    code: str
    naam: str
    omschrijving: str
    indicatoren: tuple[Indicatorregel, ...]


@dataclass(frozen=True)
class Grondslaguitleg:
    """One ground: own data or public data, with what each theme is made of."""

    code: str
    naam: str
    uitleg: str
    themas: tuple[Themauitleg, ...]


def find_themanamen(uitgave: Uitgave) -> Mapping[str, str]:
    """Return the names of the five themes by code, in the method's order."""
    return {thema["thema_code"]: thema["naam"] for thema in uitgave.attachment("thema")}


def say_weights(uitgave: Uitgave) -> str:
    """Return how the five themes count in the total."""
    gewichten = {thema["naam"]: thema["gewicht"] or 0.0 for thema in uitgave.attachment("thema")}
    if len(set(gewichten.values())) == 1:
        return "De vijf thema’s tellen in het totaal even zwaar, maar een slecht thema weegt door."
    delen = [f"{naam} ({format_getal(gewicht, 1)})" for naam, gewicht in gewichten.items()]
    return f"De thema’s hebben in het totaal een eigen gewicht: {', '.join(delen)}."


def explain_methode(uitgave: Uitgave) -> tuple[Grondslaguitleg, ...]:
    """Return the catalogue of the release, ground by ground; grounds without indicators go."""
    themas: list[dict[str, Any]] = uitgave.attachment("thema")
    indicatoren: list[dict[str, Any]] = uitgave.attachment("indicator")
    uitkomst = []
    for code, naam in GRONDSLAG.items():
        van_grondslag = [rij for rij in indicatoren if rij["grondslag"] == code]
        regels = tuple(
            Themauitleg(
                thema["thema_code"],
                thema["naam"],
                thema["omschrijving"] or "",
                tuple(
                    _describe_indicator(rij)
                    for rij in van_grondslag
                    if rij["thema_code"] == thema["thema_code"]
                ),
            )
            for thema in themas
        )
        if van_grondslag:
            uitkomst.append(Grondslaguitleg(code, naam, GRONDSLAG_UITLEG[code], regels))
    return tuple(uitkomst)


def _describe_indicator(rij: Mapping[str, Any]) -> Indicatorregel:
    gewicht = rij["gewicht"] or 0.0
    return Indicatorregel(
        naam=rij["naam"],
        omschrijving=rij["omschrijving"] or "",
        eenheid=describe_eenheid(rij["eenheid"]),
        richting="hoger = grotere opgave" if rij["richting"] == 1 else "lager = grotere opgave",
        gewicht=format_getal(gewicht, 0 if gewicht == int(gewicht) else 1),
        bron=name_bron(rij["bron"]),
        soort="mening van bewoners" if rij["is_subjectief"] else "registratie",
    )
