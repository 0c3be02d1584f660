"""What changed since the peildatum before, and why the label did or did not move: in sentences.

Belongs here: words for the causes, the reason code and the chances of a release. Does not belong
here: which cause weighs most, or whether a label moves; the release says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from serving.pagina.eenheid import find_eenheid
from serving.pagina.getal import count, format_datum, format_getal, join_words

_AFGESCHERMD: Final = "afgeschermd"
_WONINGEN: Final = "samenstelling"

# Bounds of the mean u where a word changes: a quarter and one standard deviation of R.
_GEWOON: Final = 0.25
_VEEL: Final = 1.0


@dataclass(frozen=True)
class Oorzaak:
    """One cause of a change.

    Parameters
    ----------
    richting
        ``omhoog`` where it makes the task larger, ``omlaag`` where smaller; None when not told.
    """

    naam: str
    thema_code: str | None
    zin: str
    richting: str | None


def say_causes(
    verandering: Sequence[Mapping[str, Any]],
    niveau: str,
    grondslag: str | None,
    themanamen: Mapping[str, str],
) -> tuple[Oorzaak, ...]:
    """Say each cause of a change; values that read the same in both quarters are left out.

    Parameters
    ----------
    verandering
        Causes as the API gives them, the largest first.
    niveau, grondslag
        Of the label.
    themanamen
        Names of themes by code.
    """
    toen = "de vorige keer" if grondslag == "openbaar" else "vorig kwartaal"
    oorzaken = [
        _say_cause(regel, niveau, grondslag, toen, themanamen)
        for regel in verandering
        if regel["soortCode"] != _AFGESCHERMD
    ]
    return tuple(oorzaak for oorzaak in oorzaken if oorzaak is not None)


def say_hidden(
    verandering: Sequence[Mapping[str, Any]], themanamen: Mapping[str, str]
) -> str | None:
    """Say in which themes something may have changed that is not shown; None when in none."""
    namen = [
        themanamen.get(regel["themaCode"], regel["themaCode"])
        for regel in verandering
        if regel["soortCode"] == _AFGESCHERMD
    ]
    if not namen:
        return None
    return (
        f"{join_words(namen)}: hier gaat het om weinig huurders. Wat er precies veranderde en hoe "
        "zwaar dat telt, tonen we daarom niet (afgerond)."
    )


def _say_cause(
    regel: Mapping[str, Any],
    niveau: str,
    grondslag: str | None,
    toen: str,
    themanamen: Mapping[str, str],
) -> Oorzaak | None:
    soort = regel["soortCode"]
    if soort == _WONINGEN:
        return Oorzaak("Andere woningen", None, _say_dwellings(regel, niveau, toen), None)
    if soort == "nieuwe_methode":
        zin = (
            "De methode of de vergelijking is vernieuwd. De score is daarom niet goed te "
            f"vergelijken met {toen}."
        )
        return Oorzaak("Nieuwe methode", None, zin, None)
    indicator = regel["indicator"]
    if indicator is None:
        zin = (
            "Dit thema telt weer mee, want er zijn genoeg gegevens."
            if soort == "dekking_terug"
            else "Dit thema telt niet meer mee, want er zijn te weinig gegevens."
        )
        naam = themanamen.get(regel["themaCode"], regel["themaCode"])
        return Oorzaak(naam, regel["themaCode"], zin, regel["richting"])
    zin_of_niets = _say_measurement(regel, toen)
    if zin_of_niets is None:
        return None
    if grondslag != "openbaar":
        zin_of_niets = f"{zin_of_niets} {_reconcile(regel)}".rstrip()
    return Oorzaak(indicator["naam"], regel["themaCode"], zin_of_niets, regel["richting"])


def _say_dwellings(regel: Mapping[str, Any], niveau: str, toen: str) -> str:
    plaats = f"Dit {niveau}" if niveau == "complex" else f"Deze {niveau}"
    nu, eerder = int(regel["waarde"]), int(regel["vorigeWaarde"])
    if nu == eerder:
        wat = "heeft net zoveel woningen, maar niet dezelfde"
    else:
        wat = f"heeft nu {count(nu, 'woning', 'woningen')}, {toen} {format_getal(eerder)}"
    return f"{plaats} {wat}. De cijfers gaan over de woningen die er nu bij horen."


def _say_measurement(regel: Mapping[str, Any], toen: str) -> str | None:
    soort, nu, eerder = regel["soortCode"], regel["waarde"], regel["vorigeWaarde"]
    eenheid = find_eenheid(regel["indicator"]["eenheid"])
    if soort == "verouderd":
        kwartalen = count(regel["leeftijdKwartalen"] or 0, "kwartaal", "kwartalen")
        return f"Geen nieuwe meting. De oude is nu {kwartalen} oud en telt minder zwaar mee."
    if soort == "dekking_weg":
        return "Hiervan zijn nu geen gegevens. Deze meting telt niet mee."
    if soort == "dekking_terug":
        return f"Hiervan zijn nu wel gegevens{f': {eenheid.write(nu)}' if nu is not None else ''}."
    if nu is None or eerder is None:
        return f"De uitkomst is anders dan {toen}."
    if eenheid.number(nu) == eenheid.number(eerder):
        return None
    verhouding = "Hoger" if nu > eerder else "Lager"
    return f"{verhouding} dan {toen}: nu {eenheid.write(nu)}, toen {eenheid.number(eerder)}."


def _reconcile(regel: Mapping[str, Any]) -> str:
    """Say why a value that went one way counts the other way.

    What a measurement counts for hangs on its like, and on the others of its theme (ADR 0037).
    """
    nu, eerder = regel["waarde"], regel["vorigeWaarde"]
    teken, richting = regel["indicator"]["richting"], regel["richting"]
    if regel["soortCode"] != "waarde" or None in (nu, eerder, teken, richting):
        return ""
    if (nu - eerder) * (teken if richting == "omhoog" else -teken) > 0:
        return ""
    gevolg = "groter" if richting == "omhoog" else "kleiner"
    return (
        f"Toch maakt dit de opgave {gevolg}, want het label houdt rekening met toeval en met wat "
        "er verder is gemeten."
    )


def say_decision(label: Mapping[str, Any], historie: Sequence[Mapping[str, Any]]) -> str | None:
    """Say why the label did or did not move; None where there is nothing to say.

    Parameters
    ----------
    label
        A ``SociaalBeheerLabel`` as the API gives it.
    historie
        Labels of the same ground, the oldest first.
    """
    model, ruw = label["modelWaarde"], label["ruweWaarde"]
    if model is None:
        return None
    reden = label["redenCode"]
    vorig = historie[-2]["modelWaarde"] if len(historie) > 1 else None
    gegaan = f"Het label ging van {vorig} naar {model}" if vorig else f"Het label werd {model}"
    if reden == "nog_niet_zeker" and ruw is not None:
        return (
            f"De score van nu past bij label {ruw}, maar het label blijft {model}. "
            f"{_say_chance(label, model, naar=ruw)} Een label verschuift pas bij een kans van 80%, "
            "of van 65% in twee kwartalen na elkaar."
        )
    kans = _say_chance(label, vorig, naar=model) if vorig else ""
    zinnen = {
        "eerste_publicatie": "Dit is het eerste label; het volgt de score.",
        "opnieuw_bekend": "Het label was onbekend en is nu weer bekend. Het volgt de score.",
        "nieuwe_methode": "De methode is vernieuwd. Het label begint opnieuw en volgt de score.",
        "ongewijzigd": f"Het label blijft {model}. De score past daarbij.",
        "nu_zeker_genoeg": f"{gegaan}. {kans} Dat is zeker genoeg (80% of meer).",
        "twee_kwartalen": f"{gegaan}. {kans} Ook vorig kwartaal was zij al 65% of meer.",
        "geen_demping": "Op openbare gegevens volgt het label direct de score.",
    }
    return zinnen.get(reden or "")


def _say_chance(label: Mapping[str, Any], van: int, *, naar: int) -> str:
    """Say the chance that the task lies beyond label ``van``, on the side of ``naar``."""
    kansen = label["kansen"]
    if not kansen:
        return ""
    # Chances in tenths need not add up to one.
    kans = min(1.0, sum(kansen[van:] if naar > van else kansen[: van - 1]))
    anders = "groter" if naar > van else "kleiner"
    ongeveer = "ongeveer " if label["isScoreAfgerond"] else ""
    return (
        f"De kans dat de opgave echt {anders} is dan bij label {van}, is "
        f"{ongeveer}{format_getal(100 * kans)}%."
    )


def say_range(label: Mapping[str, Any]) -> str | None:
    """Return between which labels it lies with a chance of four in five; None when unknown."""
    bereik = label["bereik"]
    if label["waarde"] is None or bereik is None:
        return None
    if bereik["laag"] == bereik["hoog"]:
        return (
            f"Volgens de cijfers is het waarschijnlijk label {bereik['laag']} (kans 80% of meer)."
        )
    return (
        f"Volgens de cijfers ligt het waarschijnlijk tussen label {bereik['laag']} en "
        f"{bereik['hoog']} (kans 80% of meer)."
    )


@dataclass(frozen=True)
class Kans:
    """The chance on one label: its number, in words, and the length of its bar (0 to 100)."""

    label: int
    tekst: str
    lengte: int


def list_chances(label: Mapping[str, Any]) -> tuple[Kans, ...]:
    """Return the chance on each label; empty when the release gives none."""
    return tuple(
        Kans(
            nummer,
            "minder dan 1%" if 0 < kans < 0.01 else f"{format_getal(100 * kans)}%",
            round(100 * kans),
        )
        for nummer, kans in enumerate(label["kansen"] or (), start=1)
    )


def say_steps(label: Mapping[str, Any]) -> str | None:
    """Return raw, model and published label side by side.

    None where they are the same, or where ``say_decision`` names raw and model already.
    """
    ruw, model, waarde = label["ruweWaarde"], label["modelWaarde"], label["waarde"]
    if waarde is None or ruw is None or model is None or ruw == model == waarde:
        return None
    if waarde == model and label["redenCode"] == "nog_niet_zeker":
        return None
    delen = [f"score alleen: label {ruw}", f"model: label {model}"]
    if waarde != model:
        delen.append(f"na duiding door een medewerker: label {waarde}")
    return f"{join_words(delen).capitalize()}."


@dataclass(frozen=True)
class Beleving:
    """One theme as residents see it and as it was measured."""

    naam: str
    bewoners: str
    metingen: str
    is_verschillend: bool


def compare_beleving(
    themabeeld: Sequence[Mapping[str, Any]], themanamen: Mapping[str, str]
) -> tuple[Beleving, ...]:
    """Return the themes that have both, in words.

    Parameters
    ----------
    themabeeld
        As the API gives it.
    themanamen
        Names of themes by code, in the order to show.
    """
    per_code = {beeld["themaCode"]: beeld for beeld in themabeeld}
    uitkomst = []
    for code, naam in themanamen.items():
        beeld = per_code.get(code)
        if beeld is None:
            continue
        bewoners, metingen = beeld["volgensBewoners"], beeld["volgensMetingen"]
        if bewoners is None or metingen is None:
            continue
        uitkomst.append(
            Beleving(
                naam, describe_u(bewoners), describe_u(metingen), abs(bewoners - metingen) >= _VEEL
            )
        )
    return tuple(uitkomst)


def describe_u(u: float) -> str:
    """Return a mean distance to the middle of the reference in words.

    Examples
    --------
    >>> describe_u(1.4), describe_u(-0.3), describe_u(0)
    ('veel grotere opgave', 'iets kleinere opgave', 'gewone opgave')
    """
    if abs(u) < _GEWOON:
        return "gewone opgave"
    mate = "veel" if abs(u) >= _VEEL else "iets"
    return f"{mate} {'grotere' if u > 0 else 'kleinere'} opgave"


def say_one_source(themabeeld: Sequence[Mapping[str, Any]]) -> str | None:
    """Say that reports come from one source, where they do."""
    if not any(beeld["isEenBron"] for beeld in themabeeld):
        return None
    return (
        "De meldingen van overlast komen vooral van één adres. Kijk eerst wat "
        "daar speelt; het zegt weinig over het geheel. Eén adres telt hooguit drie keer mee."
    )


def say_since_when(verandering: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the peildatum that the causes compare with, in words."""
    return format_datum(verandering[0]["vorigePeildatum"]) if verandering else None
