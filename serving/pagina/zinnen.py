"""Sentences about a label, in plain Dutch (level B1).

Belongs here: words for what an answer already says. Does not belong here: deciding anything;
whether an indicator makes the task larger is the release's word (``richting``), not ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from serving.pagina.bron import name_bron
from serving.pagina.eenheid import Eenheid, find_eenheid
from serving.pagina.getal import format_datum, join_words

OPGAVE: Final[Mapping[int, str]] = {
    1: "zeer kleine opgave",
    2: "kleine opgave",
    3: "gemiddelde opgave",
    4: "grote opgave",
    5: "zeer grote opgave",
}
"""What each label means. The scale runs from a small to a large task, never to a bad place."""

ONBEKEND: Final = "onbekend"

GRONDSLAG: Final[Mapping[str, str]] = {
    "eigen": "eigen gegevens",
    "openbaar": "openbare gegevens",
}

GRONDSLAG_UITLEG: Final[Mapping[str, str]] = {
    "eigen": (
        "Dit label is gemaakt met gegevens van de corporatie zelf, zoals meldingen, onderhoud, "
        "de huuradministratie en het huurdersonderzoek."
    ),
    "openbaar": (
        "Dit label is gemaakt met openbare cijfers over de hele buurt, dus ook over woningen van "
        "anderen. Een peildatum is hier de laatste dag van het jaar van de cijfers."
    ),
}

BETROUWBAARHEID: Final[Mapping[str, str]] = {
    "hoog": "De kans is groot dat dit label klopt (80% of meer).",
    "midden": "Het label kan er ook één naast zitten.",
    "laag": "Het label kan er goed één naast zitten. Gebruik het met extra voorzichtigheid.",
}

_BEHEERCLUSTER: Final = re.compile(r"zie beheercluster (?P<id>\S+?)\.?$")
_LABEL_VAN_BUURT: Final = re.compile(r"zie het label van de buurt\.?$")


def describe_label(waarde: int | None) -> str:
    """Return the label in words; an unknown label is unknown and never zero.

    Examples
    --------
    >>> describe_label(5), describe_label(None)
    ('zeer grote opgave', 'onbekend')
    """
    return ONBEKEND if waarde is None else OPGAVE[waarde]


@dataclass(frozen=True)
class Onbekend:
    """Why a label is unknown, and the page that does have one.

    Parameters
    ----------
    reden
        Sentence in Dutch.
    beheercluster_id
        Cluster of small complexes that holds this one; None when there is none.
    is_bij_buurt
        Whether the label of the buurt is the one to look at.
    """

    reden: str
    beheercluster_id: str | None = None
    is_bij_buurt: bool = False


def explain_unknown(reden: str | None) -> Onbekend:
    """Read the reason that a release gives for an unknown label.

    Examples
    --------
    >>> explain_unknown("Minder dan 10 woningen: zie beheercluster BC-1").beheercluster_id
    'BC-1'
    """
    tekst = _sentence(reden or "Er zijn geen gegevens op de peildatum")
    gevonden = _BEHEERCLUSTER.search(tekst)
    if gevonden:
        zin = (
            f"{_sentence(tekst[: gevonden.start()].rstrip(' :'))} "
            "Kleine complexen krijgen samen één label."
        )
        return Onbekend(zin, beheercluster_id=gevonden["id"])
    bij_buurt = _LABEL_VAN_BUURT.search(tekst)
    if bij_buurt:
        begin = _sentence(tekst[: bij_buurt.start()].rstrip(" :"))
        return Onbekend(f"{begin} Kijk naar het label van de buurt.", is_bij_buurt=True)
    return Onbekend(tekst)


def _sentence(tekst: str) -> str:
    tekst = tekst.strip()
    if not tekst:
        return ""
    return f"{tekst[0].upper()}{tekst[1:]}{'' if tekst.endswith(('.', '!', '?')) else '.'}"


@dataclass(frozen=True)
class Staaf:
    """One value to compare: whose, in words, and how long its bar is (0 to 100)."""

    naam: str
    tekst: str
    lengte: int
    is_hier: bool


@dataclass(frozen=True)
class Reden:
    """One indicator that moves a label: a heading, a sentence and values to compare."""

    naam: str
    thema_code: str
    zin: str
    staven: tuple[Staaf, ...]
    is_afgerond: bool
    bron: str
    leeftijd: str | None


def say_reden(meting: Mapping[str, Any], niveau: str) -> Reden:
    """Say one indicator value beside that of comparable complexes and of everything.

    Parameters
    ----------
    meting
        An ``Indicatorwaarde`` as the API gives it.
    niveau
        Complex, buurt or wijk: whose value it is.
    """
    eenheid = find_eenheid(meting["indicator"]["eenheid"])
    anderen = _name_others(meting, niveau)
    kwartalen = meting["leeftijdKwartalen"] or 0
    return Reden(
        naam=meting["indicator"]["naam"],
        thema_code=meting["indicator"]["themaCode"],
        zin=_compare(meting, eenheid, anderen),
        staven=_draw_bars(meting["waarde"], eenheid, anderen, niveau),
        is_afgerond=meting["isAfgerond"],
        bron=name_bron(meting["indicator"]["bron"]),
        leeftijd=_say_age(kwartalen),
    )


def _say_age(kwartalen: int) -> str | None:
    if kwartalen <= 0:
        return None
    return f"Deze meting is {kwartalen} {'kwartaal' if kwartalen == 1 else 'kwartalen'} oud."


def _name_others(meting: Mapping[str, Any], niveau: str) -> list[tuple[str, float]]:
    """Whose values there are to compare with: comparable complexes, then everything."""
    if meting["grondslag"] == "openbaar":
        alles = "alle wijken" if niveau == "wijk" else "alle buurten"
    else:
        alles = "het hele bezit"
    paren = (
        ("vergelijkbare complexen", meting["stratumWaarde"]),
        (alles, meting["portefeuilleWaarde"]),
    )
    return [(naam, waarde) for naam, waarde in paren if waarde is not None]


_GEEN_WAARDE: Final = "Hiervan is geen waarde bekend."


def _compare(
    meting: Mapping[str, Any], eenheid: Eenheid, anderen: Sequence[tuple[str, float]]
) -> str:
    if meting["isAfgerond"] and meting["waarde"] is None:
        zin = "Het gaat om weinig woningen, daarom tonen we dit getal niet precies (afgerond)."
        if anderen:
            plaatsen = [f"{_place(naam)} is het {eenheid.write(getal)}" for naam, getal in anderen]
            zin += f" {_capital(join_words(plaatsen))}."
        return zin
    if meting["waarde"] is None:
        # What has a direction has a value: then it is not for this reader.
        niet_voor_u = meting["richting"] is not None
        return "Bij uw rol hoort deze waarde niet." if niet_voor_u else _GEEN_WAARDE
    ongeveer = "ongeveer " if meting["isAfgerond"] else ""
    zin = f"Hier is dat {ongeveer}{eenheid.write(meting['waarde'])}."
    if not anderen:
        return zin
    vergelijking = [
        (_relate(meting["waarde"], waarde, eenheid), f"{_place(naam)} ({eenheid.number(waarde)})")
        for naam, waarde in anderen
    ]
    if len({verhouding for verhouding, _ in vergelijking}) == 1:
        overal = " en ".join(plaats for _, plaats in vergelijking)
        zin = f"{zin} Dat is {vergelijking[0][0]} {overal}."
    else:
        delen = " en ".join(f"{verhouding} {plaats}" for verhouding, plaats in vergelijking)
        zin = f"{zin} Dat is {delen}."
    return f"{zin} {_reconcile(meting, anderen)}".rstrip()


def _reconcile(meting: Mapping[str, Any], anderen: Sequence[tuple[str, float]]) -> str:
    """Say why a value counts the other way than a reader expects from the comparison.

    The method compares with a fixed period, draws small complexes to their like and lets the
    measurements of a theme support each other (ADR 0037); outside areas weigh by their corporation
    dwellings. So a value that is worse than that of others may still make the task smaller.
    Source: label.md, steps 2, 3 and 11.
    """
    richting, teken = meting["richting"], meting["indicator"]["richting"]
    if richting is None or teken is None:
        return ""
    verwacht = teken if richting == "omhoog" else -teken
    if any((meting["waarde"] - waarde) * verwacht > 0 for _, waarde in anderen):
        return ""
    gevolg = "groter" if richting == "omhoog" else "kleiner"
    reden = (
        "het label vergelijkt vooral met gebieden waar veel corporatiewoningen staan"
        if meting["grondslag"] == "openbaar"
        else "het label vergelijkt met een vaste periode, en houdt rekening met toeval en met wat "
        "er verder is gemeten"
    )
    return f"Toch maakt dit de opgave {gevolg}, want {reden}."


def _relate(waarde: float, ander: float, eenheid: Eenheid) -> str:
    # Compared as shown: two numbers that read the same are the same to a reader.
    if eenheid.number(waarde) == eenheid.number(ander):
        return "net zo hoog als"
    return "hoger dan" if waarde > ander else "lager dan"


def _place(naam: str) -> str:
    if naam.startswith("vergelijkbare"):
        return f"bij {naam}"
    return f"gemiddeld in {naam}" if naam.startswith("alle") else f"in {naam}"


def _draw_bars(
    waarde: float | None, eenheid: Eenheid, anderen: Sequence[tuple[str, float]], niveau: str
) -> tuple[Staaf, ...]:
    rijen = [(naam, getal, False) for naam, getal in anderen]
    if waarde is not None:
        rijen.insert(0, (f"deze {niveau}" if niveau != "complex" else "dit complex", waarde, True))
    einde = eenheid.bereik or max((getal for _, getal, _ in rijen), default=0)
    if einde <= 0:
        einde = 1
    return tuple(
        Staaf(naam, eenheid.number(getal), min(100, max(0, round(100 * getal / einde))), hier)
        for naam, getal, hier in rijen
    )


def say_weight(themas: Sequence[Mapping[str, Any]]) -> str | None:
    """Return a sentence on the two themes that count most in the total, or None."""
    met_aandeel = [thema for thema in themas if thema["aandeelVanTotaal"]]
    volgorde = sorted(met_aandeel, key=lambda thema: -thema["aandeelVanTotaal"])[:2]
    if not volgorde:
        return None
    namen = [_in_sentence(str(thema["naam"])) for thema in volgorde]
    if len(namen) == 1:
        return f"{_capital(namen[0])} telt het zwaarst mee."
    if volgorde[0]["aandeelVanTotaal"] == volgorde[1]["aandeelVanTotaal"]:
        return f"{_capital(namen[0])} en {namen[1]} tellen het zwaarst mee."
    return f"{_capital(namen[0])} telt het zwaarst mee, daarna {namen[1]}."


def _in_sentence(naam: str) -> str:
    return f"{naam[:1].lower()}{naam[1:]}"


def _capital(zin: str) -> str:
    return f"{zin[:1].upper()}{zin[1:]}"


def say_changes(
    historie: Sequence[Mapping[str, Any]], namen: Mapping[str, str], *, met_totaal: bool = True
) -> tuple[str, ...]:
    """Say what changed between the last two labels of one ground.

    Parameters
    ----------
    historie
        Labels of one ground, the oldest first, as the API gives them.
    namen
        Names of themes by code.
    met_totaal
        Whether to say what the total did; not where its decision is explained beside this.

    Returns
    -------
    tuple of str
        Sentences; empty when there is only one label.
    """
    if len(historie) < 2:
        return ()
    eerder, nu = historie[-2], historie[-1]
    if not any(_knows(regel) for regel in (eerder, nu)):
        return ()
    zinnen = []
    if met_totaal and eerder["waarde"] != nu["waarde"]:
        zinnen.append(f"Het totaal ging van {_name(eerder['waarde'])} naar {_name(nu['waarde'])}.")
    vorige = {thema["code"]: thema["waarde"] for thema in eerder["themas"]}
    for thema in nu["themas"]:
        code = thema["code"]
        if code in vorige and vorige[code] != thema["waarde"]:
            van, naar = _name(vorige[code]), _name(thema["waarde"])
            zinnen.append(f"{namen.get(code, code)} ging van {van} naar {naar}.")
    sinds = format_datum(eerder["peildatum"])
    if not met_totaal:
        return tuple(zinnen)
    if not zinnen:
        return (f"Sinds {sinds} is er niets veranderd, ook niet in de thema's.",)
    if eerder["waarde"] == nu["waarde"]:
        zinnen.insert(0, f"Het totaal bleef {_name(nu['waarde'])} sinds {sinds}.")
    return tuple(zinnen)


def _knows(regel: Mapping[str, Any]) -> bool:
    """Whether anything at all is known on a peildatum."""
    return regel["waarde"] is not None or any(
        thema["waarde"] is not None for thema in regel["themas"]
    )


def _name(waarde: int | None) -> str:
    return ONBEKEND if waarde is None else str(waarde)


def say_since(
    waarde: int | None, begindatum: str | None, historie: Sequence[Mapping[str, Any]]
) -> str | None:
    """Return since when a label is what it is and what it was before."""
    if waarde is None or begindatum is None:
        return None
    voor = [regel for regel in historie if regel["peildatum"] < begindatum]
    sinds = f"Het label is {waarde} sinds {format_datum(begindatum)}"
    if not voor:
        return f"Het label is al {waarde} sinds het begin van de reeks, {format_datum(begindatum)}."
    return f"{sinds}. Daarvoor was het {_name(voor[-1]['waarde'])}."


def group_by_bron(indicatoren: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return one text per source that gave nothing, with the indicators it would have fed.

    Examples
    --------
    >>> group_by_bron([{"naam": "Veilig voelen", "bron": "huurdersonderzoek"}])
    ('huurdersonderzoek (veilig voelen)',)
    """
    per_bron: dict[str, list[str]] = {}
    for indicator in indicatoren:
        per_bron.setdefault(name_bron(indicator["bron"]), []).append(
            _in_sentence(str(indicator["naam"]))
        )
    return tuple(f"{bron} ({', '.join(namen)})" for bron, namen in per_bron.items())
