"""The label card: one label of an answer, with everything said in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from serving.pagina.bron import name_bron
from serving.pagina.eenheid import describe_eenheid, find_eenheid
from serving.pagina.getal import count, format_datum, format_getal, join_words
from serving.pagina.trend import Trend, build_trend
from serving.pagina.verandering import (
    Beleving,
    Kans,
    Oorzaak,
    compare_beleving,
    list_chances,
    say_causes,
    say_decision,
    say_hidden,
    say_one_source,
    say_range,
    say_since_when,
    say_steps,
)
from serving.pagina.zinnen import (
    BETROUWBAARHEID,
    GRONDSLAG,
    GRONDSLAG_UITLEG,
    Onbekend,
    Reden,
    describe_label,
    explain_unknown,
    group_by_bron,
    say_changes,
    say_reden,
    say_since,
    say_weight,
)

_MERKEN: Final[Mapping[str, tuple[str, str]]] = {
    "voorlopig": (
        "Voorlopig",
        "Er zijn nog geen acht volledige kwartalen om mee te vergelijken. "
        "De grenzen tussen de labels kunnen daarom nog veranderen.",
    ),
    "gebied_gedeeld": (
        "Groter gebied",
        "Voor deze buurt alleen zijn er geen cijfers. Dit label gaat over een groter gebied, "
        "samen met een of meer buurten ernaast.",
    ),
    "achteraf": (
        "Achteraf berekend",
        "Dit label is later uitgerekend, met alleen wat toen bekend was. "
        "Het is op die dag niet gepubliceerd.",
    ),
    "referentie": (
        "Referentieperiode",
        "Dit kwartaal hoort bij de periode waarmee we alle kwartalen vergelijken.",
    ),
}


@dataclass(frozen=True)
class Merk:
    """A remark that goes with a label: a word and what it means."""

    naam: str
    uitleg: str


@dataclass(frozen=True)
class Themaregel:
    """One theme of a label.

    ``score`` and ``aandeel`` are texts; None where the release does not give them.
    """

    code: str
    naam: str
    waarde: int | None
    woord: str
    score: str | None
    aandeel: str | None
    reden_onbekend: str | None
    is_afgerond: bool


@dataclass(frozen=True)
class Labelkaart:
    """One label on one ground, ready for the template.

    Parameters
    ----------
    onbekend
        Why there is no label; None when there is one.
    kort
        The card in a few sentences.
    afgerond
        Which themes have measurements that are too small to show; None when there are none.
    zonder_gegevens, verouderd
        Sources that gave nothing, or too long ago, each with its indicators.
    besluit
        Why the label did or did not move.
    bereik, kansen, stappen
        How sure it is; the label of the score alone and of the model, where they differ.
    oorzaken, verborgen_oorzaak, sinds
        What changed since which day, and the themes where that is not shown.
    beleving
        Themes that residents and measurements both speak of.
    een_bron
        That reports come from one source, where they do.
    """

    waarde: int | None
    woord: str
    onbekend: Onbekend | None
    score: str | None
    is_score_afgerond: bool
    grondslag: str
    grondslag_naam: str
    grondslag_uitleg: str
    peildatum: str | None
    betrouwbaarheid: str | None
    betrouwbaarheid_uitleg: str | None
    methode: str | None
    kort: tuple[str, ...]
    merken: tuple[Merk, ...]
    themas: tuple[Themaregel, ...]
    omhoog: tuple[Reden, ...]
    omlaag: tuple[Reden, ...]
    afgerond: str | None
    heeft_gegevens: str | None
    zonder_gegevens: tuple[str, ...]
    verouderd: tuple[str, ...]
    besluit: str | None
    bereik: str | None
    kansen: tuple[Kans, ...]
    stappen: str | None
    oorzaken: tuple[Oorzaak, ...]
    verborgen_oorzaak: str | None
    sinds: str | None
    beleving: tuple[Beleving, ...]
    een_bron: str | None
    veranderingen: tuple[str, ...]
    trend: Trend | None
    historie: tuple[Mapping[str, Any], ...]


def build_labelkaart(
    label: Mapping[str, Any],
    historie: Sequence[Mapping[str, Any]],
    *,
    naam: str,
    niveau: str,
    themanamen: Mapping[str, str],
    is_voorlopig: bool = False,
    is_gebied_gedeeld: bool = False,
) -> Labelkaart:
    """Say one label in sentences.

    Parameters
    ----------
    label
        ``sociaalBeheerLabel`` (or that of the other ground) of an answer.
    historie
        Every published label of the object; only those of the same ground are used.
    naam, niveau
        Of the object.
    themanamen
        Names of themes by code.
    is_voorlopig
        Whether the reference is provisional.
    is_gebied_gedeeld
        Whether outside figures are about a larger area.
    """
    grondslag = label["grondslag"]
    eigen_historie = [regel for regel in historie if regel["grondslag"] == grondslag]
    waarde = label["waarde"]
    besluit = say_decision(label, eigen_historie)
    return Labelkaart(
        waarde=waarde,
        woord=describe_label(waarde),
        onbekend=explain_unknown(label["redenOnbekend"]) if waarde is None else None,
        score=None if label["score"] is None else format_getal(label["score"]),
        is_score_afgerond=label["isScoreAfgerond"],
        grondslag=grondslag or "",
        grondslag_naam=GRONDSLAG.get(grondslag or "", "geen gegevens"),
        grondslag_uitleg=GRONDSLAG_UITLEG.get(grondslag or "", ""),
        peildatum=format_datum(label["peildatum"]) if label["peildatum"] else None,
        betrouwbaarheid=label["betrouwbaarheid"],
        betrouwbaarheid_uitleg=_explain_reliability(label),
        methode=_name_method((label["bron"] or {}).get("naam")),
        kort=_summarise(label, eigen_historie, naam),
        merken=_mark(
            label,
            is_voorlopig=is_voorlopig,
            is_gebied_gedeeld=is_gebied_gedeeld and grondslag == "openbaar",
        ),
        themas=_list_themas(label),
        omhoog=tuple(say_reden(meting, niveau) for meting in label["redenen"]["omhoog"]),
        omlaag=tuple(say_reden(meting, niveau) for meting in label["redenen"]["omlaag"]),
        afgerond=_say_banded(label["themas"]),
        heeft_gegevens=_share(label["dekking"]["aandeelGewicht"]) if waarde is not None else None,
        zonder_gegevens=group_by_bron(label["dekking"]["zonderDekking"]),
        verouderd=group_by_bron(label["dekking"]["verouderd"]),
        besluit=besluit,
        bereik=say_range(label),
        kansen=list_chances(label),
        stappen=say_steps(label),
        oorzaken=say_causes(label["verandering"], niveau, grondslag, themanamen),
        verborgen_oorzaak=say_hidden(label["verandering"], themanamen),
        sinds=say_since_when(label["verandering"]),
        beleving=compare_beleving(label["themabeeld"], themanamen),
        een_bron=say_one_source(label["themabeeld"]),
        veranderingen=say_changes(eigen_historie, themanamen, met_totaal=besluit is None),
        trend=build_trend(eigen_historie),
        historie=tuple(reversed(eigen_historie)),
    )


def _explain_reliability(label: Mapping[str, Any]) -> str | None:
    if label["grondslag"] == "openbaar" and label["betrouwbaarheid"] == "laag":
        return "Er zijn weinig gegevens. Gebruik dit label met extra voorzichtigheid."
    return BETROUWBAARHEID.get(label["betrouwbaarheid"] or "")


def _summarise(
    label: Mapping[str, Any], historie: Sequence[Mapping[str, Any]], naam: str
) -> tuple[str, ...]:
    waarde = label["waarde"]
    if waarde is None:
        return (f"Het label van {naam} is onbekend.",)
    zinnen = [
        f"{naam} heeft label {waarde}: een {describe_label(waarde)}.",
        say_weight(label["themas"]),
        say_since(waarde, label["begindatum"], historie),
    ]
    return tuple(zin for zin in zinnen if zin)


def _mark(
    label: Mapping[str, Any], *, is_voorlopig: bool, is_gebied_gedeeld: bool
) -> tuple[Merk, ...]:
    aan = {
        "voorlopig": is_voorlopig,
        "gebied_gedeeld": is_gebied_gedeeld,
        "achteraf": label["isAchterafBerekend"],
        "referentie": label["isReferentieperiode"],
    }
    return tuple(Merk(*_MERKEN[code]) for code, geldt in aan.items() if geldt)


def _list_themas(label: Mapping[str, Any]) -> tuple[Themaregel, ...]:
    """All themes, or none where the reason of the label says everything about each of them."""
    themas = tuple(
        _describe_thema(thema, is_afgerond=label["isScoreAfgerond"]) for thema in label["themas"]
    )
    zegt_niets = label["waarde"] is None and all(thema.waarde is None for thema in themas)
    return () if zegt_niets else themas


def _say_banded(themas: Sequence[Mapping[str, Any]]) -> str | None:
    """Say which themes count while their measurements are too small to show."""
    namen = [thema["naam"] for thema in themas if thema["isScoreAfgerond"]]
    if not namen:
        return None
    return (
        f"{join_words(namen)}: hier gaat het om weinig huurders. De metingen tellen mee in het "
        "label, maar we tonen ze niet precies (afgerond)."
    )


def _name_method(naam: str | None) -> str | None:
    return f"{naam[:1].lower()}{naam[1:]}" if naam else None


def _describe_thema(thema: Mapping[str, Any], *, is_afgerond: bool) -> Themaregel:
    onbekend = thema["waarde"] is None
    return Themaregel(
        code=thema["code"],
        naam=thema["naam"],
        waarde=thema["waarde"],
        woord=describe_label(thema["waarde"]),
        score=None if thema["score"] is None else format_getal(thema["score"]),
        aandeel=_say_share(thema["aandeelVanTotaal"], is_afgerond=is_afgerond),
        reden_onbekend=explain_unknown(thema["redenOnbekend"]).reden if onbekend else None,
        is_afgerond=thema["isScoreAfgerond"],
    )


def _say_share(deel: float | None, *, is_afgerond: bool) -> str | None:
    """Share of the total; where a cell is banded the release rounds it to tenths."""
    if deel is None or not is_afgerond:
        return _percent(deel)
    return f"ongeveer {_percent(deel)}" if deel else "minder dan 5%"


def _percent(deel: float | None) -> str | None:
    return None if deel is None else f"{format_getal(100 * deel)}%"


def _share(deel: float | None) -> str | None:
    if deel is None:
        return None
    if deel >= 0.995:
        return "Alle metingen van de methode hebben gegevens."
    return f"Voor {_percent(deel)} van wat meetelt zijn er gegevens."


@dataclass(frozen=True)
class Meting:
    """One indicator in the table of everything that was measured."""

    naam: str
    waarde: str
    vergelijkbaar: str
    bezit: str
    invloed: str
    eenheid: str
    bron: str
    opmerking: str


@dataclass(frozen=True)
class Metingen:
    """All indicators of one theme."""

    thema: str
    rijen: tuple[Meting, ...]


def list_metingen(
    toelichting: Sequence[Mapping[str, Any]], grondslag: str, themanamen: Mapping[str, str]
) -> tuple[Metingen, ...]:
    """Return every indicator value of one ground, theme by theme.

    Parameters
    ----------
    toelichting
        Indicator values as the release keeps them.
    grondslag
        Ground to show.
    themanamen
        Names of themes by code, in the order to show.
    """
    uitkomst = []
    for code, naam in themanamen.items():
        rijen = tuple(
            _describe_meting(meting)
            for meting in toelichting
            if meting["grondslag"] == grondslag and meting["indicator"]["themaCode"] == code
        )
        if rijen:
            uitkomst.append(Metingen(naam, rijen))
    return tuple(uitkomst)


_INVLOED: Final = {"omhoog": "groter", "omlaag": "kleiner"}


def _describe_meting(meting: Mapping[str, Any]) -> Meting:
    eenheid = find_eenheid(meting["indicator"]["eenheid"])

    def write(waarde: float | None, anders: str) -> str:
        return anders if waarde is None else eenheid.number(waarde)

    waarde = write(meting["waarde"], "afgerond" if meting["isAfgerond"] else "onbekend")
    if meting["isAfgerond"] and meting["waarde"] is not None:
        waarde = f"ongeveer {waarde}"

    opmerkingen = {
        "geen_dekking": "geen gegevens",
        "verouderd": "ouder dan een jaar",
    }
    kwartalen = meting["leeftijdKwartalen"] or 0
    opmerking = opmerkingen.get(meting["dekking"] or "", "")
    if not opmerking and kwartalen:
        opmerking = f"{count(kwartalen, 'kwartaal', 'kwartalen')} oud"
    return Meting(
        naam=meting["indicator"]["naam"],
        waarde=waarde,
        vergelijkbaar=write(meting["stratumWaarde"], ""),
        bezit=write(meting["portefeuilleWaarde"], ""),
        invloed=_INVLOED.get(meting["richting"] or "", ""),
        eenheid=describe_eenheid(meting["indicator"]["eenheid"]),
        bron=name_bron(meting["indicator"]["bron"]),
        opmerking=opmerking,
    )
