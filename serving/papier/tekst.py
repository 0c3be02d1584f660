"""The papers in Dutch Markdown and CSV: input of a DPIA, register of processing, why this label."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from serving.papier.algoritmeregister import NAMEN
from serving.papier.feiten import PERSOONLIJK, Eigenopslag, Indicator, Papierfeiten
from vera.rekenblad import disarm
from vera.toegang import ROLLEN, THEMAS
from vera.werklijst import MODELLEN

_SYNTHETISCH: Final = "> **Synthetische gegevens.** Deze corporatie bestaat niet.\n\n"
_BEHANDELING: Final[Mapping[str, str]] = {
    "behouden": "blijft",
    "pseudoniem": "wordt bij ontvangst een pseudoniem",
    "adresindex": "wordt bij ontvangst een sleutel van het adres",
    "verwijderen": "verdwijnt bij ontvangst",
}
_DOELEN: Final[Mapping[str, str]] = {
    "label": "Sociaal Beheer Label",
    "overlast": "voorspelling overlast",
    "woonfraude": "keuze van onderzoek naar woonfraude",
    "pagina": "tonen op de pagina",
    "export": "bestanden voor andere systemen",
    "toetsing_gelijke_behandeling": "nagaan of een model groepen ongelijk behandelt",
    "validatie": "nagaan of het label lijkt op wat anderen meten",
}
_BEVEILIGING: Final = (
    "pseudoniemen met een sleutel buiten het warehouse; rollen, standaard dicht; leeslog; "
    "kleine aantallen afgeschermd; niets gaat naar derden buiten de rollen"
)


def _kop(feiten: Papierfeiten, titel: str) -> str:
    synthetisch = _SYNTHETISCH if feiten.is_synthetisch else ""
    return (
        f"# {titel}\n\n{synthetisch}"
        f"{feiten.organisatie}. Gemaakt uit de gegevens tot {feiten.klok}, methode "
        f"{feiten.methodeversie}, code {feiten.codeversie}, lijst van kenmerken `{feiten.basis}`.\n"
    )


def _tabel(kop: Sequence[str], rijen: Iterable[Sequence[str]]) -> str:
    regels = [kop, ["---"] * len(kop), *rijen]
    return "\n".join(
        "| " + " | ".join(cel.replace("|", "\\|").replace("\n", " ") for cel in regel) + " |"
        for regel in regels
    )


def render_dpia(feiten: Papierfeiten) -> str:
    """Return what a DPIA needs of the platform, in the order of the government's model.

    What only people can say (interests, necessity, the opinion of residents) is left open and
    named as such: this is input, not the DPIA.
    """
    return "\n\n".join(
        [
            _kop(feiten, "Invoer voor de DPIA").rstrip(),
            "Dit is invoer en niet de DPIA zelf. Wat alleen mensen kunnen zeggen, staat open bij "
            "*Zelf invullen*.",
            "## A. Wat er gebeurt",
            "### 1. Voorstel\n\nEen label per complex, buurt en wijk, en twee voorspellingen per "
            "complex die werk ordenen. Nooit over een persoon, huishouden of woning.",
            "### 2. Persoonsgegevens\n\n" + _say_gegevens(feiten) + _say_opslag(feiten),
            "### 3. Verwerkingen\n\nLeveringen worden bij ontvangst ontdaan van namen, adressen en "
            "vrije tekst. Sleutels worden pseudoniemen. Daarna wordt geteld per complex. Alleen "
            "tellingen, labels en kansen per complex komen in een release.",
            "### 4. Doelen\n\n" + _say_doelen(feiten),
            "### 5. Betrokken partijen\n\n" + _say_ontvangers(),
            "### 6. Belangen\n\n*Zelf invullen.*",
            "### 7. Plaats\n\nAlles draait bij de corporatie. Er gaat niets naar buiten: geen "
            "metingen, geen lettertypen, geen scripts van anderen. *Zelf invullen: waar de server "
            "staat.*",
            "### 8. Techniek\n\n" + _say_modellen(feiten),
            "### 9. Andere regels\n\nWoningwet art. 45; AI-verordening; AVG art. 22: er is geen "
            "besluit zonder mens.",
            "### 10. Bewaartermijnen\n\n" + _say_termijnen(feiten),
            "## B. Of het mag",
            "### 11. Grondslag\n\n" + _say_grondslagen(feiten),
            "### 12. Bijzondere gegevens\n\n" + _say_bijzonder(feiten),
            "### 13. Doelbinding\n\nElke kolom heeft in het contract haar doelen. Bij elke run "
            "volgt een controle elk product terug naar elke kolom, en stopt de run als een kolom "
            "dat doel niet heeft (`buurtpeil doelbinding`).",
            "### 14. Noodzaak\n\n*Zelf invullen: waarom het niet met minder kan.* Onder "
            f"{feiten.minimum_eenheden} woningen is er geen eigen label.",
            "### 15. Rechten van betrokkenen\n\n" + _say_rechten(feiten),
            "## C. Risico's\n\nMinder melden in sommige buurten; toeval in kleine complexen; een "
            "model dat leert van wie al werd bekeken; kleine aantallen die iemand verraden. "
            "*Zelf invullen: kans en ernst.*",
            "## D. Maatregelen\n\nZekerheid bij elk label; demping; loting naast het model; eerst "
            "een eigen oordeel; toets op groepen van buurten; stopregel en noodstop; afscherming "
            "van kleine aantallen; leeslog; verwijderen op tijd. *Zelf invullen: restrisico.*",
        ]
    ) + "\n"  # fmt: skip


def _say_gegevens(feiten: Papierfeiten) -> str:
    rijen = [
        (
            f"{tabel.id}.{kolom.naam}",
            kolom.omschrijving,
            kolom.classificatie,
            _BEHANDELING[kolom.behandeling],
            ", ".join(sorted(kolom.doelen)) or "geen",
        )
        for tabel in feiten.contract.tabellen
        for kolom in tabel.kolommen
        if kolom.classificatie in PERSOONLIJK
    ]
    return _tabel(("kolom", "wat", "soort", "bij ontvangst", "doelen"), rijen)


def _say_opslag(feiten: Papierfeiten) -> str:
    """Return what is kept besides deliveries: employees are data subjects too."""
    rijen = [
        (o.naam, o.doel, o.betrokkenen, o.gegevens, o.soort, o.ontvangers)
        for o in feiten.opslag
        if o.is_verwerking
    ]
    if not rijen:
        return ""
    kop = ("wat", "doel", "over wie", "gegevens", "soort", "wie leest het")
    return "\n\nDaarnaast legt het platform zelf vast:\n\n" + _tabel(kop, rijen)


def _say_doelen(feiten: Papierfeiten) -> str:
    doelen = sorted({d for t in feiten.contract.tabellen for k in t.kolommen for d in k.doelen})
    rijen = [
        (doel, _DOELEN.get(doel, doel), str(len(feiten.list_kolommen(doel)))) for doel in doelen
    ]
    return _tabel(("doel", "betekenis", "kolommen"), rijen)


def _say_ontvangers() -> str:
    rijen = [
        (
            rol.naam,
            rol.doel,
            rol.niveau,
            "alle" if rol.themas == THEMAS else ", ".join(sorted(rol.themas)) or "geen",
            "ja" if rol.is_partner else "nee",
        )
        for rol in ROLLEN.values()
    ]
    return _tabel(("rol", "doel", "fijnste niveau", "thema's", "andere organisatie"), rijen)


def _say_modellen(feiten: Papierfeiten) -> str:
    delen = []
    for model in MODELLEN:
        stand = feiten.find_model(model)
        kenmerken = [k for k in feiten.kenmerken if k.model == model]
        rijen = [(k.naam, k.omschrijving, _TEKEN[k.teken]) for k in kenmerken]
        delen.append(
            f"**{NAMEN[model]}** ({stand.scoreversie or 'geen versie'}). {stand.zin}\n\n"
            + _tabel(("kenmerk", "wat", "richting"), rijen)
        )
    return "\n\n".join(delen)


_TEKEN: Final[Mapping[int, str]] = {1: "hoger = meer kans", -1: "hoger = minder kans", 0: "vrij"}


def _say_termijnen(feiten: Papierfeiten) -> str:
    return _tabel(
        ("tabel", "wat", "bewaartermijn"),
        [
            *((t.id, t.omschrijving, t.bewaartermijn) for t in feiten.contract.tabellen),
            *((o.naam, wat, regel) for o in feiten.opslag for wat, regel in o.termijnen),
        ],
    )


def _say_grondslagen(feiten: Papierfeiten) -> str:
    rijen = []
    leeg = "**ontbreekt in organisatie.yml**"
    for onderwerp in ("label", *MODELLEN):
        wie = feiten.find_verantwoording(onderwerp)
        rijen.append(
            (NAMEN[onderwerp], wie.grondslag or leeg, wie.dpia or leeg, wie.eigenaar or leeg)
        )
    return _tabel(("wat", "grondslag", "DPIA", "verantwoordelijk"), rijen)


def _say_bijzonder(feiten: Papierfeiten) -> str:
    kolommen = [
        f"{t.id}.{k.naam}"
        for t in feiten.contract.tabellen
        for k in t.kolommen
        if k.classificatie in {"bijzonder", "strafrechtelijk"}
    ]
    gegevens = ", ".join(f"`{naam}`" for naam in kolommen) or "geen kolommen"
    zelf = "".join(
        f"\n\n**{o.naam}** (AVG art. 9): {o.doel.lower()}. {o.beveiliging[:1].upper()}"
        f"{o.beveiliging[1:]}. Leest: {o.ontvangers}. Termijn: {o.bewaartermijn}. *Zelf invullen: "
        "op welke uitzondering van AVG art. 9 lid 2 dit rust.*"
        for o in feiten.opslag
        if o.soort == "bijzonder"
    )
    return f"Bijzonder of strafrechtelijk in het contract: {gegevens}.{zelf}"


def _say_rechten(feiten: Papierfeiten) -> str:
    wegen = sorted({wie.bezwaar for wie in feiten.verantwoording.values() if wie.bezwaar})
    waar = "; ".join(wegen) or "**ontbreekt in organisatie.yml**"
    return (
        "Het label gaat over een plek; bij elk label staat waarom. Vragen en bezwaar: "
        f"{waar}. Wie heeft gelezen, staat in het leeslog. Medewerkers zijn ook betrokkenen: van "
        "wie besluit of leest, staat de naam in het platform. *Zelf invullen: hoe zij dat weten, "
        "en wat de ondernemingsraad ervan vindt.*"
    )


def render_verwerkingsregister(feiten: Papierfeiten) -> str:
    """Return the rows of the register of processing (AVG art. 30) as CSV with semicolons."""
    uit = io.StringIO()
    kolommen = (
        "verwerking", "verantwoordelijke", "contact", "doel", "grondslag", "betrokkenen",
        "gegevens", "ontvangers", "doorgifte", "bewaartermijn", "beveiliging",
    )  # fmt: skip
    schrijver = csv.writer(uit, delimiter=";", lineterminator="\n")
    schrijver.writerow(kolommen)
    for onderwerp in ("label", *MODELLEN):
        schrijver.writerow(map(disarm, _verwerking(feiten, onderwerp)))
    for opslag in feiten.opslag:
        if opslag.is_verwerking:
            schrijver.writerow(map(disarm, _eigen_verwerking(feiten, opslag)))
    return uit.getvalue()


_SOORT: Final = {
    "bijzonder": "; bijzonder (AVG art. 9)",
    "strafrechtelijk": "; ook strafrechtelijk, als onderzoek naar woonfraude zo komt (AVG art. 10)",
}


def _eigen_verwerking(feiten: Papierfeiten, opslag: Eigenopslag) -> tuple[str, ...]:
    soort = _SOORT.get(opslag.soort, "")
    return (
        opslag.naam,
        feiten.organisatie,
        feiten.contact_email or "ontbreekt",
        opslag.doel,
        # Which ground holds is for the association to say; organisatie.yml has no field for it.
        "zelf invullen"
        + (", ook de uitzondering van art. 9 lid 2" if opslag.soort == "bijzonder" else ""),
        opslag.betrokkenen,
        opslag.gegevens + soort,
        opslag.ontvangers,
        "door het platform: geen",
        opslag.bewaartermijn,
        opslag.beveiliging,
    )


def _verwerking(feiten: Papierfeiten, onderwerp: str) -> tuple[str, ...]:
    gebruikt = [
        (tabel, kolom)
        for tabel, kolom in feiten.list_kolommen(onderwerp)
        if kolom.classificatie in PERSOONLIJK
    ]
    tabellen = {tabel.id: tabel for tabel, _ in gebruikt}
    wie = feiten.find_verantwoording(onderwerp)
    bereik = "gebied" if onderwerp == "label" else onderwerp
    return (
        NAMEN[onderwerp],
        feiten.organisatie,
        feiten.contact_email or "ontbreekt",
        _DOELEN[onderwerp],
        wie.grondslag or "ontbreekt",
        "huurders, als pseudoniem; medewerkers die een besluit vastleggen",
        ", ".join(f"{tabel.id}.{kolom.naam}" for tabel, kolom in gebruikt) or "geen",
        ", ".join(r.naam for r in ROLLEN.values() if bereik in r.bereiken),
        "door het platform: geen",
        "; ".join(f"{naam}: {t.bewaartermijn}" for naam, t in sorted(tabellen.items())) or "geen",
        _BEVEILIGING,
    )


def _group_eigen(feiten: Papierfeiten) -> dict[str, list[Indicator]]:
    """Return the indicators on own data per theme, in the method's order; empty themes go."""
    eigen = [i for i in feiten.indicatoren if not i.is_openbaar]
    groepen = {naam: [i for i in eigen if i.thema == code] for code, naam in feiten.themas.items()}
    return {naam: groep for naam, groep in groepen.items() if groep}


def render_waarom(feiten: Papierfeiten) -> str:
    """Return the answer to a resident who asks why a complex has its label, in general."""
    delen = [
        _kop(feiten, "Waarom dit label?").rstrip(),
        "Het Sociaal Beheer Label zegt hoe groot het werk is om een complex, buurt of wijk prettig "
        "te houden. Label 1 is weinig werk, label 5 is veel werk. Het zegt niets over u, uw "
        "huishouden of uw woning.",
        "## Wat telt mee",
        *(
            f"**{naam}**: {', '.join(i.naam.lower() for i in indicatoren)}."
            for naam, indicatoren in _group_eigen(feiten).items()
        ),
        "## Wat nooit meetelt",
        "Wie u bent: afkomst, taal, geloof, leeftijd, geslacht, gezondheid of uw soort huishouden. "
        "Zorgen die iemand over u meldde. Onderzoek naar woonfraude.",
        "## Wat het label niet doet",
        "Het telt niet mee voor uw huur, voor het krijgen van een woning of voor uw contract.",
        "## Waarom juist dit complex",
        "Op de kaart van het complex staan de drie belangrijkste redenen, hoe zeker het label is "
        f"en wat er veranderde. Een complex met minder dan {feiten.minimum_eenheden} woningen "
        "krijgt geen eigen label.",
        "## Vragen of bezwaar",
        f"Schrijf aan {feiten.contact_email}." if feiten.contact_email
        else "Vraag het bij de corporatie.",
    ]  # fmt: skip
    return "\n\n".join(delen) + "\n"
