"""Rules of the gate in that are measured on the reports of landing, one report per file.

Each rule is a measurement per file; above 0 is a breach. Which files are compared, and how
far apart they may be, is written here; that nothing may be above 0 is the expectation.

Does not belong here: rules on rows (:mod:`expectations.poort_in_rij`).
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from expectations.poort import Gemeten, Meting, Regel
from expectations.poort_in_aannemelijk import EENVORMIG, measure_eenvormig
from expectations.poort_in_rij import GEPLANDE_EINDEN
from expectations.poort_in_verdeling import VERDELING, compare_verdeling
from vera.contract import Bron, Contract, Tabel
from vera.levering import LeveringVerslag
from vera.persoonsgegeven import find_persoonsgegeven, hide_persoonsgegeven

# A full delivery may differ this share from the one before (issue 2: "far from the last").
VERSCHIL_VOLLEDIG = 0.30
# Below this many rows more or less a full delivery is not judged: 2 -> 3 rows is no alarm.
MINIMUM_VERSCHIL_RIJEN = 5
# An increment may be this factor smaller or larger than the median of earlier increments.
FACTOR_AANVULLING = 5
# Below this many rows an increment is chance: 0 next to a median of 3 says nothing.
MINIMUM_RIJEN_AANVULLING = 20
# A register in which this many days of change were due cannot have stood still: with a
# Poisson number of changes the chance is below exp(-5), under 1 %.
VERWACHTE_VERANDERDAGEN = 5
# Months per ritme; None is exempt from the rule on stale data.
MAANDEN_PER_RITME: Mapping[str, int | None] = {
    "maand": 1,
    "kwartaal": 3,
    "halfjaar": 6,
    "jaar": 12,
    "tweejaar": 24,
    "eenmalig": None,
}
# Labels cannot be made from part of these: which unit exists, and in which complex.
VERA_KERN = ("vera.eenheid", "vera.cluster", "vera.cluster_eenheid")

_ROND = 1e-12
_KOLOMNAAM = re.compile(r"[A-Za-z_][A-Za-z0-9_ .\-]{0,39}")
_PLAATS = re.compile(r"[\w./ -]+ regel \d+")
_AANHALING = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`|‘[^’]*’|“[^”]*”|«[^»]*»")

LEESBAAR = Regel(
    "bestand_leesbaar",
    "een bestand dat te lezen is zoals het contract zegt",
    "controleer formaat, scheidingsteken en codering (buurtpeil contract TABEL) "
    "en lever het bestand opnieuw",
)
KOLOMMEN = Regel(
    "kolommen_aanwezig",
    "alle verplichte kolommen en sleutelkolommen van het contract",
    "vul de export aan met de genoemde kolommen en lever het bestand opnieuw",
)
GEEN_EXTRA = Regel(
    "geen_onbekende_kolommen",
    "alleen kolommen die in het contract staan",
    "haal de kolommen uit de export; ze zijn niet ingelezen",
    blokkeert=False,
)
CODES = Regel(
    "onbekende_codes_onder_drempel",
    "een aandeel rijen met een onbekende code dat niet boven de drempel van het contract ligt",
    "gebruik de codes van de codelijst, of laat een nieuwe code in het contract opnemen",
)
CODES_MELDING = Regel(
    "codes_bekend",
    "alleen codes uit de codelijst van het contract",
    "kijk in quarantaine/ welke rijen het zijn; ze doen niet mee",
    blokkeert=False,
)
AFKEURING = Regel(
    "afkeuringen_onder_drempel",
    "een aandeel afgekeurde rijen dat niet boven de drempel van het contract ligt",
    "kijk in quarantaine/ naar regel, kolom en reden, verbeter de bron en lever opnieuw",
)
OMVANG = Regel(
    "omvang_past_bij_vorige",
    "een omvang in de buurt van de vorige levering",
    "vraag de leverancier of het bestand compleet is en lever het zo nodig opnieuw",
)
OMVANG_EDITIE = Regel(
    "omvang_editie_past_bij_vorige",
    "een editie met ongeveer evenveel rijen als de vorige",
    "controleer of het hele bestand van de uitgever is gedownload",
    blokkeert=False,
)
NIEUW = Regel(
    "inhoud_is_nieuw",
    "een inhoud die niet al onder een andere datum of editie is geleverd",
    "haal het bestand weg dat een kopie is, of lever de juiste inhoud onder deze naam",
)
ONGEWIJZIGD = Regel(
    "gepubliceerd_bestand_ongewijzigd",
    "een bestand dat nog dezelfde inhoud heeft als toen er labels uit zijn gepubliceerd",
    "ga na of de leverancier het met opzet verving. Gepubliceerde labels blijven; nieuwe labels "
    "kijken naar de nieuwe inhoud",
    blokkeert=False,
)
NIET_VOORUIT = Regel(
    "levering_niet_in_toekomst",
    "een leveringsdatum of editie die niet na de klok van deze run ligt",
    "verbeter de datum of het jaar in de bestandsnaam",
)
ACTUEEL = Regel(
    "levering_actueel",
    "een jongste levering die niet ouder is dan twee keer het ritme van de bron",
    "vraag de leverancier om de laatste levering, of haal de map van de bron weg "
    "(dan telt hij als niet gedekt)",
)
TABEL_WEG = Regel(
    "tabel_nog_geleverd",
    "elke tabel van deze bron die bij de vorige release was geleverd",
    "zet het bestand terug of lever de tabel opnieuw; levert de bron niets meer, haal dan zijn "
    "hele map weg (dan telt hij als niet gedekt)",
)
BESTAND_WEG = Regel(
    "aanvullingen_nog_aanwezig",
    "elke aanvulling die bij de vorige release was geleverd",
    "zet het bestand terug, tenzij het met opzet is verwijderd (bewaartermijn)",
    blokkeert=False,
)
RITME_BEKEND = Regel(
    "ritme_bekend",
    f"een ritme uit {', '.join(MAANDEN_PER_RITME)}",
    "verbeter ritme in het contract van deze bron",
    blokkeert=False,
)
KERN = Regel(
    "vera_kern_compleet",
    f"{', '.join(VERA_KERN)} samen, zodra iets van vera is geleverd",
    "lever het ontbrekende bestand mee",
)

REGELS = (
    LEESBAAR,
    KOLOMMEN,
    GEEN_EXTRA,
    CODES,
    CODES_MELDING,
    AFKEURING,
    OMVANG,
    OMVANG_EDITIE,
    NIEUW,
    ONGEWIJZIGD,
    NIET_VOORUIT,
    ACTUEEL,
    RITME_BEKEND,
    TABEL_WEG,
    BESTAND_WEG,
    KERN,
    VERDELING,
    EENVORMIG,
)


@dataclass(frozen=True)
class _Dossier:
    """One report and everything it is compared with."""

    bron: Bron
    tabel: Tabel
    verslag: LeveringVerslag
    geschiedenis: tuple[LeveringVerslag, ...]
    eerder_gepubliceerd: tuple[LeveringVerslag, ...]
    huidig: tuple[LeveringVerslag, ...]
    is_al_gepubliceerd: bool
    klok: date
    veranderdagen_per_jaar: float


def measure_bestanden(
    contract: Contract,
    verslagen: Sequence[LeveringVerslag],
    eerdere: Sequence[LeveringVerslag],
    klok: date,
    veranderdagen: Mapping[str, float],
) -> list[Gemeten]:
    """Measure every rule on every delivered file.

    Parameters
    ----------
    contract
        The delivery contract.
    verslagen
        Reports of this run, one per file.
    eerdere
        Reports of the last published run; what is in there is compared with, not judged.
    klok
        The run's clock.
    veranderdagen
        Per full table the number of days in a year on which something in it begins
        (:func:`expectations.poort_in_rij.measure_tabel`).

    Returns
    -------
    list of Gemeten
        One per report, in the order of ``verslagen``.
    """
    bronnen = {tabel.id: (bron, tabel) for bron in contract.bronnen for tabel in bron.tabellen}
    gemeten = []
    for verslag in verslagen:
        bron, tabel = bronnen[verslag.tabel]
        dossier = _Dossier(
            bron=bron,
            tabel=tabel,
            verslag=verslag,
            geschiedenis=_list_geschiedenis(verslag, verslagen, eerdere),
            eerder_gepubliceerd=tuple(e for e in eerdere if e.tabel == tabel.id),
            huidig=tuple(v for v in verslagen if v.tabel == tabel.id and v is not verslag),
            is_al_gepubliceerd=is_gepubliceerd(verslag, eerdere),
            klok=klok,
            veranderdagen_per_jaar=veranderdagen.get(tabel.id, 0.0),
        )
        metingen = {naam: meet(dossier) for naam, meet in _METINGEN.items()}
        gemeten.append(
            Gemeten(tabel.id, {naam: m for naam, m in metingen.items() if m is not None})
        )
    return gemeten


def measure_bronnen(
    contract: Contract,
    verslagen: Sequence[LeveringVerslag],
    eerdere: Sequence[LeveringVerslag],
    klok: date,
) -> list[Gemeten]:
    """Measure per delivered source whether it is up to date and whether nothing of it went away.

    A source is as young as its youngest delivery, and so is each of its tables that grows by
    additions: one that stopped would look like a year without events. Undated deliveries are
    judged by the youngest date in the source; historical editions are exempt. A source that
    delivers nothing any more is not judged: that is a source without coverage.
    """
    gemeten = []
    for bron in contract.bronnen:
        eigen = [v for v in verslagen if v.tabel.split(".")[0] == bron.naam]
        if not eigen:
            continue
        metingen = {RITME_BEKEND.naam: _measure_ritme(bron)}
        actueel = _measure_actueel(bron, bron.naam, eigen, klok)
        if actueel is not None:
            metingen[ACTUEEL.naam] = actueel
        gemeten.append(Gemeten(bron.naam, metingen))
        gemeten += [_measure_tabel(bron, tabel, eigen, eerdere, klok) for tabel in bron.tabellen]
    return gemeten


def _measure_tabel(
    bron: Bron,
    tabel: Tabel,
    verslagen: Sequence[LeveringVerslag],
    eerdere: Sequence[LeveringVerslag],
    klok: date,
) -> Gemeten:
    """Measure one table of a source that delivers something."""
    nu = [v for v in verslagen if v.tabel == tabel.id]
    toen = [e for e in eerdere if e.tabel == tabel.id]
    metingen = {}
    if toen:
        metingen[TABEL_WEG.naam] = (
            Meting()
            if nu
            else Meting(
                1.0,
                sum(e.rijen for e in toen),
                f"geen bestand van {tabel.id}, de vorige release had er {len(toen)}",
                toen[-1].bestand,
            )
        )
    if nu and tabel.levering == "aanvulling" and bron.formaat == "tabel":
        weg = [e for e in toen if not any(_is_zelfde_plek(e, v) for v in nu)]
        metingen[BESTAND_WEG.naam] = (
            Meting(len(weg), sum(e.rijen for e in weg), f"{len(weg)} weg", weg[0].bestand)
            if weg
            else Meting()
        )
        if all(v.leveringsdatum is not None for v in nu):
            actueel = _measure_actueel(bron, tabel.id, nu, klok)
            if actueel is not None:
                metingen[ACTUEEL.naam] = actueel
    return Gemeten(tabel.id, metingen)


def list_vergelijkingen(
    tabel: Tabel, verslagen: Sequence[LeveringVerslag], eerdere: Sequence[LeveringVerslag]
) -> list[tuple[str, str]]:
    """Return each two files of a full table that follow one another, when either is new.

    Empty for additions, and for a table with historical editions, as publishers give them: there
    the same key is a newer version or another edition. Not the last two alone: a copy under a
    later date would hide what is wrong with the file before it.
    """
    eigen = sorted((v for v in verslagen if v.tabel == tabel.id and _is_geland(v)), key=_volgorde)
    if tabel.levering != "volledig" or any(v.is_historische_editie for v in eigen):
        return []
    return [
        (ouder.bestand, nieuwer.bestand)
        for ouder, nieuwer in pairwise(eigen)
        if not all(is_gepubliceerd(v, eerdere) for v in (ouder, nieuwer))
    ]


def is_gepubliceerd(verslag: LeveringVerslag, eerdere: Sequence[LeveringVerslag]) -> bool:
    """Whether a delivery is, unchanged, among those of the last published run."""
    return any(_is_zelfde_levering(verslag, e) for e in eerdere)


def find_laatste(tabel: str, verslagen: Sequence[LeveringVerslag]) -> LeveringVerslag | None:
    """Return the last readable delivery of a table."""
    eigen = [v for v in verslagen if v.tabel == tabel and _is_geland(v)]
    return max(eigen, key=_volgorde, default=None)


def measure_kern(contract: Contract, verslagen: Sequence[LeveringVerslag]) -> list[Gemeten]:
    """Measure whether the core tables of VERA came together, once any of its files came."""
    geleverd = {verslag.tabel for verslag in verslagen}
    if not any(naam.startswith("vera.") for naam in geleverd):
        return []
    bekend = {tabel.id for tabel in contract.tabellen}
    return [
        Gemeten(
            naam,
            {
                KERN.naam: Meting()
                if naam in geleverd
                else Meting(1.0, 1, f"geen bestand van {naam} in deze leveringen")
            },
        )
        for naam in VERA_KERN
        if naam in bekend
    ]


def _volgorde(verslag: LeveringVerslag) -> tuple[date, int, str]:
    return (verslag.leveringsdatum or date.min, verslag.volgnummer, verslag.bestand)


def _is_zelfde_plek(een: LeveringVerslag, ander: LeveringVerslag) -> bool:
    """Whether a file takes the place of another; zipped or as Parquet it does as well."""
    return (een.tabel, _stam(een.bestand), een.leveringsdatum) == (
        ander.tabel,
        _stam(ander.bestand),
        ander.leveringsdatum,
    )


def _stam(bestand: str) -> str:
    return bestand.removesuffix(".gz").removesuffix(".csv").removesuffix(".parquet")


def _is_zelfde_levering(een: LeveringVerslag, ander: LeveringVerslag) -> bool:
    return _is_zelfde_plek(een, ander) and een.inhoud_hash == ander.inhoud_hash


def _list_geschiedenis(
    verslag: LeveringVerslag,
    verslagen: Sequence[LeveringVerslag],
    eerdere: Sequence[LeveringVerslag],
) -> tuple[LeveringVerslag, ...]:
    """Deliveries of the same table before this one, oldest first, each once."""
    huidig = [v for v in verslagen if v.tabel == verslag.tabel and v is not verslag]
    vroeger = [
        e
        for e in eerdere
        if e.tabel == verslag.tabel
        and not any(_is_zelfde_plek(e, v) for v in huidig)
        and not _is_zelfde_levering(e, verslag)
    ]
    # A file that replaces a published one of the same name is compared with what it replaces.
    ervoor = [
        v
        for v in (*huidig, *vroeger)
        if _volgorde(v) < _volgorde(verslag) or (v in vroeger and _is_zelfde_plek(v, verslag))
    ]
    return tuple(sorted(ervoor, key=_volgorde))


def _aandeel(aantal: int, verslag: LeveringVerslag) -> float:
    """Share of the delivered rows; landed rows and rejected rows together are the file."""
    return aantal / max(1, verslag.rijen + verslag.afgekeurd)


def _procent(aandeel: float) -> str:
    return f"{100 * aandeel:.1f}".replace(".", ",") + " %"


def _measure_leesbaar(dossier: _Dossier) -> Meting:
    fout = dossier.verslag.leesfout
    if fout is None:
        return Meting()
    return Meting(1.0, 1, _hide_aanhalingen(fout, dossier), dossier.verslag.bestand)


def _hide_aanhalingen(tekst: str, dossier: _Dossier) -> str:
    """Blank what a reader's message quotes, unless the contract itself says it."""
    tabel = dossier.tabel
    bekend = {tabel.naam, tabel.id, dossier.verslag.bestand, dossier.bron.scheidingsteken}
    bekend |= {naam for k in tabel.kolommen for naam in (k.naam, k.kop, k.type) if naam}

    def keep_or_hide(gevonden: re.Match[str]) -> str:
        heel = gevonden.group()
        return heel if heel[1:-1] in bekend else f"{heel[0]}…{heel[-1]}"

    return hide_persoonsgegeven(_AANHALING.sub(keep_or_hide, tekst))


def _measure_kolommen(dossier: _Dossier) -> Meting:
    mist = dossier.verslag.ontbrekende_kolommen
    if not mist:
        return Meting()
    return Meting(len(mist), len(mist), f"ontbreekt: {', '.join(mist)}", dossier.verslag.bestand)


def _measure_extra(dossier: _Dossier) -> Meting:
    verslag = dossier.verslag
    extra = verslag.onbekende_kolommen
    if not extra:
        return Meting()
    if dossier.bron.formaat == "uitgever":
        # A publisher's file always has more; refusing columns is what the contract is for.
        return Meting(gevonden=f"{len(extra)} kolommen van de uitgever niet ingelezen")
    # Without a header row the "names" are the first row of data: then none is shown.
    toonbaar = () if verslag.ontbrekende_kolommen else tuple(filter(_is_kolomnaam, extra))
    namen = ", ".join(toonbaar[:10])
    rest = len(extra) - len(toonbaar[:10])
    gevonden = "; ".join(
        deel
        for deel in (namen, f"{rest} waarvan de naam niet wordt getoond" if rest else "")
        if deel
    )
    return Meting(len(extra), len(extra), f"onbekend: {gevonden}", verslag.bestand)


def _is_kolomnaam(naam: str) -> bool:
    return bool(_KOLOMNAAM.fullmatch(naam)) and find_persoonsgegeven(naam) is None


def _describe_codes(verslag: LeveringVerslag) -> tuple[str, str]:
    per_kolom = ", ".join(
        f"{kolom} {aantal}x ({_procent(_aandeel(aantal, verslag))})"
        for kolom, aantal in sorted(verslag.onbekende_codes.items())
    )
    kolom = max(verslag.onbekende_codes, key=lambda k: verslag.onbekende_codes[k])
    plaats = verslag.voorbeeld_onbekende_code.get(kolom, "")
    if not _PLAATS.fullmatch(plaats):
        plaats = ""  # anything but file and line may be the value itself
    return f"onbekende codes in {per_kolom}", plaats or verslag.bestand


def _overshoot_codes(dossier: _Dossier) -> float:
    hoogste = max(dossier.verslag.onbekende_codes.values(), default=0)
    return _aandeel(hoogste, dossier.verslag) - dossier.bron.drempel_onbekende_code - _ROND


def _measure_codes(dossier: _Dossier) -> Meting:
    te_veel = _overshoot_codes(dossier)
    if te_veel <= 0:
        return Meting()
    tekst, plaats = _describe_codes(dossier.verslag)
    drempel = _procent(dossier.bron.drempel_onbekende_code)
    aantal = sum(dossier.verslag.onbekende_codes.values())
    return Meting(te_veel, aantal, f"{tekst}; de drempel is {drempel}", plaats)


def _measure_codes_melding(dossier: _Dossier) -> Meting:
    aantal = sum(dossier.verslag.onbekende_codes.values())
    if aantal == 0 or _overshoot_codes(dossier) > 0:
        return Meting()
    return Meting(aantal, aantal, *_describe_codes(dossier.verslag))


def _measure_afkeuring(dossier: _Dossier) -> Meting:
    verslag, drempel = dossier.verslag, dossier.bron.drempel_quarantaine
    if dossier.bron.formaat == "uitgever":
        # Publishers' files are rejected cell by cell, so the share is one of cells.
        cellen = max(1, verslag.rijen) * len(dossier.tabel.kolommen)
        aandeel = verslag.afgekeurd / cellen
    else:
        aandeel = _aandeel(verslag.afgekeurd, verslag)
    if aandeel <= drempel + _ROND:
        return Meting()
    redenen = sorted(verslag.afgekeurd_per_reden.items(), key=lambda paar: (-paar[1], paar[0]))
    waarom = ", ".join(f"{hide_persoonsgegeven(reden)} {aantal}x" for reden, aantal in redenen[:5])
    gevonden = f"{_procent(aandeel)} afgekeurd, de drempel is {_procent(drempel)}"
    if waarom:
        gevonden += f": {waarom}"
    return Meting(aandeel - drempel, verslag.afgekeurd, gevonden, verslag.bestand)


def _measure_omvang(dossier: _Dossier) -> Meting | None:
    if dossier.bron.formaat == "uitgever":
        return None
    if dossier.tabel.levering == "aanvulling" and not _replaces_gepubliceerd(dossier):
        return _compare_aanvulling(dossier)
    return _compare_volledig(dossier)


def _replaces_gepubliceerd(dossier: _Dossier) -> bool:
    """Whether a file takes the place of a published one and says something else."""
    if dossier.is_al_gepubliceerd or not _is_geland(dossier.verslag):
        return False
    return any(
        _is_geland(e) and _is_zelfde_plek(e, dossier.verslag) for e in dossier.eerder_gepubliceerd
    )


def _measure_omvang_editie(dossier: _Dossier) -> Meting | None:
    if dossier.bron.formaat != "uitgever":
        return None
    return _compare_volledig(dossier)


def _is_geland(verslag: LeveringVerslag) -> bool:
    return verslag.leesfout is None and not verslag.ontbrekende_kolommen


def _compare_volledig(dossier: _Dossier) -> Meting:
    verslag = dossier.verslag
    eerder = [v for v in dossier.geschiedenis if _is_geland(v)]
    if not eerder or dossier.is_al_gepubliceerd or not _is_geland(verslag):
        return Meting()
    vorige = eerder[-1]
    verschil = abs(verslag.rijen - vorige.rijen)
    grens = max(VERSCHIL_VOLLEDIG * vorige.rijen + _ROND, MINIMUM_VERSCHIL_RIJEN - 0.5)
    if verschil <= grens:
        return Meting()
    return Meting(
        verschil - grens,
        verschil,
        f"{verslag.rijen} rijen, de vorige levering ({vorige.bestand}) had er {vorige.rijen}; "
        f"meer dan {VERSCHIL_VOLLEDIG:.0%} verschil",
        verslag.bestand,
    )


def _compare_aanvulling(dossier: _Dossier) -> Meting:
    """Compare an increment with those before it; the bulk load is not an increment."""
    verslag = dossier.verslag
    geland = [v for v in dossier.geschiedenis if _is_geland(v)]
    eerder = [v.rijen for v in geland]
    if not eerder or dossier.is_al_gepubliceerd or not _is_geland(verslag):
        return Meting()
    if verslag.rijen == 0 and eerder[-1] >= MINIMUM_RIJEN_AANVULLING:
        return Meting(
            eerder[-1],
            eerder[-1],
            f"geen enkele rij, de vorige levering ({geland[-1].bestand}) had er {eerder[-1]}",
            verslag.bestand,
        )
    if len(eerder) < 2:
        return Meting()
    mediaan = statistics.median(eerder[1:])
    if max(mediaan, verslag.rijen) < MINIMUM_RIJEN_AANVULLING:
        return Meting()
    te_weinig = mediaan / FACTOR_AANVULLING - verslag.rijen
    te_veel = verslag.rijen - mediaan * FACTOR_AANVULLING
    if max(te_weinig, te_veel) <= 0:
        return Meting()
    return Meting(
        max(te_weinig, te_veel),
        verslag.rijen,
        f"{verslag.rijen} rijen, eerdere aanvullingen hadden er meestal {mediaan:g}; "
        f"meer dan {FACTOR_AANVULLING} keer zo {'weinig' if te_weinig > 0 else 'veel'}",
        verslag.bestand,
    )


def _measure_verdeling(dossier: _Dossier) -> Meting | None:
    if dossier.bron.formaat == "uitgever":
        return None  # editions differ in what they measure, and a few wijken say nothing
    if dossier.is_al_gepubliceerd or not _is_geland(dossier.verslag):
        return Meting()
    eerder = [v for v in dossier.geschiedenis if _is_geland(v)]
    return compare_verdeling(dossier.tabel, dossier.verslag, eerder)


def _measure_eenvormig(dossier: _Dossier) -> Meting | None:
    """Judge a first delivery; a later one is compared with it."""
    if dossier.bron.formaat == "uitgever" or any(map(_is_geland, dossier.geschiedenis)):
        return None
    if dossier.is_al_gepubliceerd or not _is_geland(dossier.verslag):
        return Meting()
    return measure_eenvormig(dossier.tabel, dossier.verslag, GEPLANDE_EINDEN)


def _measure_nieuw(dossier: _Dossier) -> Meting:
    verslag = dossier.verslag
    # In one folder a file and its zipped twin are two deliveries of the same thing.
    tweelingen = [
        v
        for v in (*dossier.eerder_gepubliceerd, *dossier.geschiedenis)
        if v.inhoud_hash == verslag.inhoud_hash
        and (v in dossier.huidig or not _is_zelfde_plek(v, verslag))
    ]
    if verslag.rijen == 0 or not tweelingen:
        return Meting()
    tweeling = tweelingen[-1]
    zin = f"{verslag.bestand} heeft dezelfde inhoud als {tweeling.bestand}"
    if not _must_change(dossier, tweeling):
        return Meting(gevonden=f"{zin}; voor een volledige stand die zelden wijzigt kan dat")
    return Meting(1.0, verslag.rijen, zin, f"{verslag.bestand} en {tweeling.bestand}")


def _measure_ongewijzigd(dossier: _Dossier) -> Meting:
    """Tell that a published file was replaced: what it says now may differ in any way."""
    verslag = dossier.verslag
    if not _replaces_gepubliceerd(dossier):
        return Meting()
    zin = f"{verslag.bestand} heeft een andere inhoud dan bij de vorige release"
    return Meting(1.0, verslag.rijen, zin, verslag.bestand)


def _must_change(dossier: _Dossier, tweeling: LeveringVerslag) -> bool:
    """Whether an unchanged delivery cannot be right.

    New rows and new editions always differ. A full state may stand still (twelve wijken do),
    unless its own dates say that several changes were due between the two deliveries.
    """
    if dossier.tabel.levering == "aanvulling" or dossier.bron.formaat == "uitgever":
        return True
    nieuw, oud = dossier.verslag.leveringsdatum, tweeling.leveringsdatum
    if nieuw is not None and oud is not None:
        dagen = abs((nieuw - oud).days)
    else:
        dagen = 30 * (MAANDEN_PER_RITME.get(dossier.bron.ritme) or 1)
    return dossier.veranderdagen_per_jaar * dagen / 365 >= VERWACHTE_VERANDERDAGEN


def _measure_vooruit(dossier: _Dossier) -> Meting:
    verslag = dossier.verslag
    datum = verslag.leveringsdatum
    if dossier.bron.formaat == "uitgever" and datum is None:
        datum = verslag.jongste_datum
    if datum is None or datum <= dossier.klok:
        return Meting()
    return Meting(
        (datum - dossier.klok).days,
        1,
        f"{datum}, terwijl de klok op {dossier.klok} staat",
        verslag.bestand,
    )


def _measure_ritme(bron: Bron) -> Meting:
    if bron.ritme in MAANDEN_PER_RITME:
        return Meting()
    return Meting(1.0, 1, f"ritme {bron.ritme}: of de bron actueel is, is niet te beoordelen")


def _measure_actueel(
    bron: Bron, onderwerp: str, verslagen: Sequence[LeveringVerslag], klok: date
) -> Meting | None:
    maanden = MAANDEN_PER_RITME.get(bron.ritme)
    lopend = [v for v in verslagen if not v.is_historische_editie]
    gedateerd = [v for v in lopend if v.leveringsdatum is not None]
    if gedateerd:
        datums = [(v.leveringsdatum, v.bestand) for v in gedateerd]
    else:
        datums = [(v.jongste_datum, v.bestand) for v in lopend]
    bekend = [(datum, bestand) for datum, bestand in datums if datum is not None]
    if maanden is None or not bekend:
        return None
    jongste, bestand = max(bekend)
    grens = _subtract_maanden(klok, 2 * maanden)
    if jongste >= grens:
        return Meting()
    return Meting(
        (grens - jongste).days,
        len(verslagen),
        f"de jongste levering van {onderwerp} (ritme: {bron.ritme}) is van {jongste}, "
        f"ouder dan {grens}",
        bestand,
    )


def _subtract_maanden(datum: date, maanden: int) -> date:
    """Go back whole months; a day that the month lacks becomes the 28th."""
    jaar, maand = divmod(datum.year * 12 + datum.month - 1 - maanden, 12)
    try:
        return date(jaar, maand + 1, datum.day)
    except ValueError:
        return date(jaar, maand + 1, 28)


_METINGEN: Mapping[str, Callable[[_Dossier], Meting | None]] = {
    LEESBAAR.naam: _measure_leesbaar,
    KOLOMMEN.naam: _measure_kolommen,
    GEEN_EXTRA.naam: _measure_extra,
    CODES.naam: _measure_codes,
    CODES_MELDING.naam: _measure_codes_melding,
    AFKEURING.naam: _measure_afkeuring,
    OMVANG.naam: _measure_omvang,
    OMVANG_EDITIE.naam: _measure_omvang_editie,
    NIEUW.naam: _measure_nieuw,
    ONGEWIJZIGD.naam: _measure_ongewijzigd,
    NIET_VOORUIT.naam: _measure_vooruit,
    VERDELING.naam: _measure_verdeling,
    EENVORMIG.naam: _measure_eenvormig,
}
