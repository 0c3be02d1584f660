"""What is kept besides deliveries as they came: what it is for, about whom, how long, who reads it.

The page on privacy and the papers are made of this. Terms are those of the modules that carry
them out, readers those of ``vera.toegang``.

Belongs here: the list, and the terms of what this room itself keeps. Does not belong here:
removing anything (``orchestration.bewaren``), what is delivered (the contract).
"""

from __future__ import annotations

from typing import Final

from models.bewaren import NOOIT_GEKOZEN
from serving.besluit.bewaren import TERMIJNEN as BESLUITTERMIJNEN
from serving.initiatief.regels import BEWAARTERMIJN as INITIATIEFTERMIJN
from serving.leeslog.keten import BEWAARTERMIJN as LEESLOGTERMIJN
from serving.papier.feiten import Eigenopslag
from serving.signaal.bewaren import GESLOTEN as SIGNAAL_GESLOTEN
from serving.signaal.bewaren import LOG as SIGNAAL_LOG
from serving.signaal.bewaren import OPEN as SIGNAAL_OPEN
from serving.signaal.bewaren import TELLING as SIGNAAL_TELLING
from serving.toegang.register import BEWAARTERMIJN as TOEGANGTERMIJN
from vera.bewaren import parse_termijn

RELEASETERMIJN: Final = parse_termijn("7 jaar na geschreven_op")
"""A release and its archive hold no personal data; this keeps the folder from growing for ever."""
MINIMUM_RELEASES: Final = 2
"""So many stay however old they are, the served one among them: to go back to."""
LOGTERMIJN: Final = parse_termijn("5 jaar na maand")
"""The log of removals itself, by the month that it was written in."""

_BESLUITEN: Final = {
    "duiding": "duiding",
    "werklijst": "werklijst en wat erover is besloten",
    "modelstand": "model stilgezet of gestart, behalve het laatste woord",
    "modeltekening": "handtekening onder een lijst, behalve de laatste",
    "preventiemaatregel": "preventiemaatregel tegen woonfraude",
}
_OPSLAG: Final = "eigen opslag, alleen te lezen voor de dienst; rollen, standaard dicht"

EIGEN_OPSLAG: Final = (
    Eigenopslag(
        plek="signalen",
        naam="Sociale Signalen",
        doel="Bewoners bereiken die hulp nodig kunnen hebben",
        soort="bijzonder",
        betrokkenen=(
            "bewoners, zonder naam of adres; medewerkers en partners die melden of opvolgen"
        ),
        gegevens=(
            "complex, grove code, hoe snel, soort organisatie, hoe te benaderen, reden van "
            "afsluiten; soort signaal, nummer van de woning en korte tekst alleen als dat is "
            "aangezet; in het log wie las of opvolgde; aantallen per buurt en kwartaal vanaf tien"
        ),
        lezers=(
            ("signaal_opvolgen", "inhoud"),
            ("signaal_telling", "aantallen per buurt"),
            ("privacy", "log"),
        ),
        termijnen=(
            ("afgesloten melding", SIGNAAL_GESLOTEN.regel),
            ("elke melding", SIGNAAL_OPEN.regel),
            ("log", SIGNAAL_LOG.regel),
            ("aantallen", SIGNAAL_TELLING.regel),
        ),
        beveiliging=(
            "database voor zich; inhoud versleuteld met een eigen sleutel; elk lezen in een "
            "verzegeld log; komt in geen label, model, levering of bestand"
        ),
    ),
    Eigenopslag(
        plek="opgehaald",
        naam="Opgehaald uit uw databases",
        doel="Leveringen uit een database inlezen, en onthouden tot waar er is gelezen",
        soort="strafrechtelijk",
        betrokkenen="dezelfde als in de leveringen, onder pseudoniem",
        gegevens=(
            "alleen als bronnen.yml een database noemt: rijen van de tabellen die daarin staan, "
            "zonder namen en vrije tekst; van een afgekeurde rij alleen plaats en reden"
        ),
        lezers=(),
        termijnen=(
            ("rij", "zoals haar tabel in het leveringscontract"),
            ("plaats van een afgekeurde rij", "tot het hele bestand voorbij die termijn is"),
        ),
        beveiliging=(
            "bestanden zijn alleen te lezen voor de dienst; pseudoniemen en adressen onder eigen "
            "sleutels; de ruwe rij blijft in de database"
        ),
    ),
    Eigenopslag(
        plek="initiatieven",
        naam="Bewonersinitiatieven",
        doel="Laten zien wat bewoners zelf doen, naast het label",
        soort="persoonsgegeven",
        betrokkenen="medewerkers die een initiatief vastleggen",
        gegevens="naam van het plan, plek, bedrag, status, data; wie het vastlegde",
        lezers=(("initiatief_lezen", ""),),
        termijnen=(("initiatief", INITIATIEFTERMIJN.regel),),
        beveiliging=f"{_OPSLAG}; geen namen van bewoners; wie het vastlegde, is niet te zien",
    ),
    Eigenopslag(
        plek="besluiten",
        naam="Besluiten van medewerkers",
        doel="Nagaan wie wat besloot en waarom, en of modellen doen wat ze beloven",
        soort="persoonsgegeven",
        betrokkenen="medewerkers die besluiten",
        gegevens=(
            "duidingen, werklijsten met oordeel, besluit en uitkomst per complex, preventie per "
            "complex, stilzetten en tekenen van modellen; naam, reden en tijd van wie besloot"
        ),
        lezers=(
            ("complex", "duidingen"),
            ("werklijst_overlast", "werklijst overlast"),
            ("werklijst_woonfraude", "werklijst woonfraude"),
        ),
        termijnen=tuple(
            (_BESLUITEN[naam], termijn.regel) for naam, termijn in BESLUITTERMIJNEN.items()
        ),
        beveiliging=f"{_OPSLAG}; regels zijn niet te wijzigen; lezen staat in het leeslog",
    ),
    Eigenopslag(
        plek="toegang",
        naam="Toegangssleutels",
        doel="Zorgen dat alleen wie mag iets ziet",
        soort="persoonsgegeven",
        betrokkenen="medewerkers en partners met een sleutel",
        gegevens="naam, organisatie, rollen, tot wanneer, wie de sleutel gaf of introk; van een "
        "afgemelde sessie een afdruk, niet van wie",
        lezers=(("privacy", ""), ("beheer", "")),
        termijnen=(("sleutel", TOEGANGTERMIJN),),
        beveiliging=f"{_OPSLAG}; de sleutel zelf wordt niet bewaard, alleen een afdruk met geheim",
    ),
    Eigenopslag(
        plek="leeslog",
        naam="Leeslog",
        doel="Nagaan wie wat las en waarvoor",
        soort="persoonsgegeven",
        betrokkenen="medewerkers en partners die lezen of besluiten",
        gegevens="naam, organisatie, rol, doel, tijd, adres of opdracht, complex of buurt",
        lezers=(("privacy", ""),),
        termijnen=(("regel", LEESLOGTERMIJN),),
        beveiliging="elke regel houdt de vorige vast; laatste nummer verzegeld in een andere map",
    ),
    Eigenopslag(
        plek="adresindex",
        naam="Adresindex naast een release",
        doel="Bij een adres of woning het complex vinden",
        soort="persoonsgegeven",
        betrokkenen="wie op een adres woont",
        gegevens=(
            "per adres en per woning een kenmerk onder een eigen sleutel, en het complex; het "
            "adres zelf niet, en niets over wie er woont"
        ),
        lezers=(("complex", "het complex bij een adres dat iemand zelf noemt"),),
        termijnen=(
            (f"met de release, maar nooit de getoonde en de laatste {MINIMUM_RELEASES}",
             RELEASETERMIJN.regel),
        ),
        beveiliging=(
            "zonder de sleutel is geen adres na te gaan; een andere sleutel maakt elke index van "
            "daarvoor onbruikbaar"
        ),
    ),
    Eigenopslag(
        plek="releases",
        naam="Releases en hun archief",
        doel="Labels tonen, en later kunnen uitleggen",
        soort="intern",
        betrokkenen="",
        gegevens="labels, cijfers en kansen per complex, buurt en wijk; niets over personen",
        lezers=(
            ("openbaar", "afgeronde labels per buurt en wijk"),
            ("gebied", "buurten en wijken"),
            ("complex", "complexen"),
        ),
        termijnen=(
            (f"release, maar nooit de getoonde en de laatste {MINIMUM_RELEASES}",
             RELEASETERMIJN.regel),
        ),
        beveiliging="kleine aantallen afgeschermd; controlegetal per bestand",
    ),
    Eigenopslag(
        plek="modellen",
        naam="Risicomodellen",
        doel="Een kans opnieuw kunnen uitrekenen, en uitleggen waarom een model wel of niet koos",
        soort="intern",
        betrokkenen="",
        gegevens="gewichten, cijfers van de toetsen, modelkaarten; niets over personen",
        lezers=(("openbaar", "modelkaart"), ("beheer", "")),
        termijnen=(
            ("training die nooit koos en in geen besluit staat", NOOIT_GEKOZEN.regel),
        ),
        beveiliging="zonder code; controlegetal; proefrijen van geen enkel complex",
    ),
    Eigenopslag(
        plek="bewaren",
        naam="Logboek van verwijderingen",
        doel="Laten zien dat iets op tijd is verwijderd",
        soort="intern",
        betrokkenen="",
        gegevens="plek, tabel, regel, bestand, tijd en een hash van de sleutel",
        lezers=(("privacy", "aantallen"), ("beheer", "")),
        termijnen=(("maand", LOGTERMIJN.regel),),
        beveiliging="zegt alleen iets aan wie de sleutel van de rij al kent",
    ),
    Eigenopslag(
        plek="open_data",
        naam="Opgehaalde open data",
        doel="Niet twee keer vragen wat een uitgever al gaf, en weten wat bij de leveringen ligt",
        soort="openbaar",
        betrokkenen="",
        gegevens=(
            "alleen na `buurtpeil ophalen-open`: antwoorden van CBS, politie, Rotterdam en "
            "Leefbaarometer over buurten en wijken; niets over personen"
        ),
        lezers=(),
        termijnen=(("antwoord", "tot er een nieuwer is; anders onbeperkt, want openbaar"),),
        beveiliging="controlegetal per antwoord; alles is opnieuw op te halen",
    ),
)  # fmt: skip
"""In the order of how sensitive it is; ``plek`` as the log of removals names it. What goes from
``opgehaald`` is logged once, with its landing."""
