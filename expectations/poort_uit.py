"""The gate out: what release is refused, after everything is computed and before the switch.

Judges the tables that a release is made of (the marts), on their own and against the
previous release. Rules inside one model are dbt tests; here stands what may not be published.

Does not belong here: building, verifying or switching a release (``serving``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from expectations import kleine_aantallen
from expectations.poort import Gemeten, Meting, Regel, Toetsbank, measure_rijen
from vera.bevinding import Bevinding
from vera.contract import Contract
from vera.persoonsgegeven import find_eerste, hide_persoonsgegeven

POORT = "poort uit"

BEHEEROBJECT = "mart_beheerobject__beheerobject"
LABEL = "mart_label__sociaal_beheer_label"
INDICATORWAARDE = "mart_label__indicatorwaarde"
VORM = "mart_beheerobject__vorm"
CONTEXT = "mart_buurt__context"
DEKKING = "mart_release__dekking"
THEMASIGNAAL = "mart_label__themasignaal"
VERANDERING = "mart_label__verandering"
THEMABEELD = "mart_label__themabeeld"
WAT_ALS = "mart_label__wat_als"
RISICOSCORE = "mart_risico__score"
RISICOMODEL = "mart_risico__model"
FEIT_OVERLAST = "mart_werklijst__overlast"
FEIT_WOONFRAUDE = "mart_werklijst__woonfraude"
MAATREGEL = "mart_maatregel__lopend"
THEMA = "thema"
INDICATOR = "indicator"

TOTAAL = "TOT"
# label.md, "Themes"
THEMAS = ("SHV", "OVL", "FIN", "SOC", "LFB")
LABELS = (1, 2, 3, 4, 5)
# label.md, step 0: the unit of a label has at least this many verhuureenheden.
MINIMUM_VERHUUREENHEDEN = 10
# The share of unknown labels may rise this much from one release to the next.
STIJGING_ONBEKEND = 0.10
# So many of the complexes that had dwellings must still have them.
BLIJVEND_BEZIT = 0.5
# Floats are rounded to 12 significant digits (architecture.md), so sums fit closer than this.
MARGE = 1e-9

_OBJECT = ["niveau", "beheerobject_id", "grondslag", "peildatum"]
_WONINGEN = "verhuureenheden_aantal"
_PEILING = ["niveau", "grondslag", "peildatum"]
SLEUTELS: Mapping[str, tuple[str, ...]] = {
    BEHEEROBJECT: ("niveau", "beheerobject_id"),
    LABEL: (*_OBJECT, "thema_code"),
    INDICATORWAARDE: (*_OBJECT, "indicator_code"),
    VORM: ("niveau", "beheerobject_id"),
    CONTEXT: ("beheerobject_id", "kenmerk", "jaar"),
    DEKKING: ("bron", "kwartaal"),
    THEMA: ("thema_code",),
    INDICATOR: ("indicator_code", "grondslag"),
    THEMASIGNAAL: ("niveau", "beheerobject_id", "peildatum", "thema_code"),
    VERANDERING: (
        "niveau",
        "beheerobject_id",
        "grondslag",
        "soort_code",
        "thema_code",
        "indicator_code",
    ),
    THEMABEELD: ("niveau", "beheerobject_id", "grondslag", "thema_code"),
    WAT_ALS: ("niveau", "beheerobject_id", "peildatum", "thema_code"),
    RISICOSCORE: ("model", "complex_id", "peildatum"),
    RISICOMODEL: ("model",),
    FEIT_OVERLAST: ("complex_id",),
    FEIT_WOONFRAUDE: ("complex_id",),
    MAATREGEL: ("beheerobject_id", "volgorde"),
}
# Columns that the rules read beside the key.
KOLOMMEN: Mapping[str, tuple[str, ...]] = {
    BEHEEROBJECT: ("naam", "verhuureenheden_aantal"),
    LABEL: (
        "score",
        "sociaal_beheer_label",
        "reden_onbekend",
        "aandeel_van_totaal",
        "verhuureenheden_aantal",
    ),
    INDICATORWAARDE: (
        "thema_code",
        "waarde",
        "gestandaardiseerd",
        "gewicht",
        "bijdrage",
        "is_gebandeerd",
    ),
}
VERPLICHTE_TABELLEN = (BEHEEROBJECT, LABEL, INDICATORWAARDE)
# Seeds are written by us and describe the method: their column names are not a source's.
SEEDS = frozenset({THEMA, INDICATOR})

_NAAR_TEAM = "meld dit het datateam; er is niets gepubliceerd en de vorige release blijft staan"

AANWEZIG = Regel(
    "tabel_compleet", "de tabel met de kolommen die een release nodig heeft", _NAAR_TEAM
)
SLEUTEL = Regel("sleutel_uniek", "elke sleutel één keer", _NAAR_TEAM)
NAAM = Regel(
    "naam_ingevuld",
    "een naam bij elk complex, elke buurt en elke wijk",
    "vul de naam aan in de bron (vera.cluster, vera.buurt, vera.wijk) en draai opnieuw",
)
WAARDEN = Regel("label_1_tot_5", "een sociaal beheerlabel van 1 tot en met 5, of leeg", _NAAR_TEAM)
SCORE = Regel("score_0_tot_100", "een score van 0 tot en met 100, of leeg", _NAAR_TEAM)
REDEN = Regel("onbekend_met_reden", "een reden bij elk label dat onbekend is", _NAAR_TEAM)
KLEIN = Regel(
    "klein_complex_zonder_label",
    f"geen label en geen score bij een complex met minder dan {MINIMUM_VERHUUREENHEDEN} "
    "verhuureenheden",
    _NAAR_TEAM,
)
ONBEKEND_OBJECT = Regel(
    "label_van_bekend_object",
    "bij elk label een complex, buurt of wijk in de lijst van beheerobjecten",
    _NAAR_TEAM,
    blokkeert=False,
)
COMPLEET = Regel(
    "themas_compleet", "bij elke peildatum het totaal en elk van de vijf thema's", _NAAR_TEAM
)
AANDELEN = Regel(
    "aandelen_tellen_op", "aandelen van de thema's die samen 1 zijn waar het totaal bekend is",
    _NAAR_TEAM,
)  # fmt: skip
BIJDRAGEN = Regel(
    "bijdragen_tellen_op",
    "bijdragen van indicatoren die samen het gewogen gemiddelde van het thema zijn",
    _NAAR_TEAM,
)
GEBANDEERD = Regel(
    "gebandeerd_zonder_waarde",
    "bij een afgeschermde waarde geen exacte waarde en niets wat ervan is afgeleid",
    _NAAR_TEAM,
)
KLEINE_CEL = Regel(
    "kleine_cel_niet_getoond",
    f"geen waarde van FIN of SOC bij minder dan {kleine_aantallen.MINIMUM_TELLER} met of zonder "
    "het kenmerk, en tellingen van complexen op vijftallen",
    _NAAR_TEAM,
)
AFTREKBAAR = Regel(
    "verborgen_complex_niet_af_te_trekken",
    "geen waarde van een buurt of wijk waarvan één complex verborgen is",
    _NAAR_TEAM,
)
HERZIEN = Regel(
    "gepubliceerde_waarde_ongewijzigd",
    "dezelfde waarden als de vorige release op elke peildatum die daarin stond",
    "het verschil van twee releases zegt iets over weinig mensen. Een gepubliceerde waarde wordt "
    "nooit overschreven: zet het archief terug, of kies een andere datamap (--data)",
)
NIET_LEEG = Regel(
    "release_niet_leeg",
    "minstens één bekend label",
    "kijk bij de poort in en de dekking welke bron ontbreekt; zonder gegevens is er geen label",
)
VERLEDEN = Regel(
    "gepubliceerd_label_ongewijzigd",
    "dezelfde labels als de vorige release op elke peildatum die daarin stond",
    "een gepubliceerd label wordt nooit overschreven: herbereken het hooguit ernaast. "
    "Zijn dit leveringen van een andere organisatie, kies dan een andere datamap (--data)",
)
ONBEKEND_AANDEEL = Regel(
    "aandeel_onbekend_niet_gestegen",
    f"een aandeel onbekend dat hoogstens {100 * STIJGING_ONBEKEND:.0f} punten boven dat van de "
    "vorige release ligt",
    "kijk welke bron is weggevallen (dekking) en vraag de levering op",
)
BEZIT = Regel(
    "bezit_van_dezelfde_corporatie",
    f"ten minste {100 * BLIJVEND_BEZIT:.0f} % van de complexen uit de vorige release met woningen",
    "zijn dit leveringen van een andere corporatie, kies dan een andere datamap (--data); mist er "
    "een deel van het bezit, vraag de volledige levering van vera op",
)
PERSOONSGEGEVEN = Regel(
    "geen_persoonsgegevens",
    "geen kolom met persoonsgegevens (BSN, IBAN, e-mail, telefoon, postcode met huisnummer)",
    "haal de kolom of de waarde weg waar zij ontstaat; publiceer haar niet",
)

REGELS = (
    AANWEZIG,
    PERSOONSGEGEVEN,
    SLEUTEL,
    NAAM,
    WAARDEN,
    SCORE,
    REDEN,
    KLEIN,
    AANDELEN,
    ONBEKEND_OBJECT,
    GEBANDEERD,
    KLEINE_CEL,
    AFTREKBAAR,
    HERZIEN,
    BIJDRAGEN,
    NIET_LEEG,
    COMPLEET,
    VERLEDEN,
    ONBEKEND_AANDEEL,
    BEZIT,
)

_Plaats = Callable[[int], str]
_Tabellen = Mapping[str, pd.DataFrame]
_Laatste = Mapping[tuple[str, str], pd.Timestamp]


@dataclass(frozen=True)
class Deel:
    """The rows of some objects: all of a wijk are in one part.

    Attributes
    ----------
    tabellen
        The long tables of the new release (``PER_OBJECT``), of these objects alone.
    vorige
        Those of the release that is served now; None when there is none.
    """

    tabellen: Mapping[str, pd.DataFrame]
    vorige: Mapping[str, pd.DataFrame] | None = None


@dataclass(frozen=True)
class Geheel:
    """What is judged over the release as a whole.

    Attributes
    ----------
    labels
        Of every label the ``PEILING``, ``thema_code`` and ``sociaal_beheer_label``.
    vorige
        The same of the release that is served now; None when there is none.
    laatste
        Last peildatum per (niveau, grondslag) of the values of indicators.
    """

    labels: pd.DataFrame
    vorige: pd.DataFrame | None
    laatste: Mapping[tuple[str, str], pd.Timestamp]


PER_OBJECT = (LABEL, INDICATORWAARDE, WAT_ALS)
"""Long tables of which rows are judged with those of the same wijk at most."""


def check_release(
    tabellen: Mapping[str, pd.DataFrame],
    vorige: Mapping[str, pd.DataFrame] | None,
    contract: Contract,
) -> list[Bevinding]:
    """Judge a release before it is published.

    Parameters
    ----------
    tabellen
        The tables of the new release by name of mart or seed.
    vorige
        Those of the release that is served now, or None when there is none. Only the labels,
        the objects and, when given, the values of indicators are read.
    contract
        The delivery contract: which column names are personal data.

    Returns
    -------
    list of Bevinding
        One per rule per table, also of rules that hold.
    """
    return check_delen(tabellen, vorige, [Deel(tabellen, vorige)], None, contract)


def check_delen(
    tabellen: Mapping[str, pd.DataFrame],
    vorige: Mapping[str, pd.DataFrame] | None,
    delen: Iterable[Deel],
    geheel: Geheel | None,
    contract: Contract,
) -> list[Bevinding]:
    """Judge a release of which the long tables come a part at a time.

    Parameters
    ----------
    tabellen, vorige
        As of :func:`check_release`; of the long tables the shape alone is read when ``geheel`` is
        given.
    delen
        The rows of the long tables, each once.
    geheel
        What is judged over the whole; None when the first part is the whole.
    contract
        As of :func:`check_release`.
    """
    namen = [*VERPLICHTE_TABELLEN, *(n for n in tabellen if n not in VERPLICHTE_TABELLEN)]
    gemeten = [_measure_tabel(naam, tabellen.get(naam), contract) for naam in namen]
    compleet = {
        tabel.onderwerp: _normalise(tabellen[tabel.onderwerp])
        for tabel in gemeten
        if tabel.metingen[AANWEZIG.naam].maat == 0
    }
    gemeten += [
        _measure_rijen(naam, frame, compleet, None)
        for naam, frame in compleet.items()
        if naam not in PER_OBJECT
    ]
    themas = _list_themas(compleet)
    for deel in delen:
        gemeten += _measure_deel(deel, compleet, geheel, themas, contract)
    if geheel is not None and LABEL in compleet:
        labels = _normalise(geheel.labels)
        oud = None if geheel.vorige is None else _normalise(geheel.vorige)
        gemeten.append(_measure_geheel(labels, oud, themas))
    if BEHEEROBJECT in compleet and vorige is not None and BEHEEROBJECT in vorige:
        bezit = _measure_bezit(compleet[BEHEEROBJECT], vorige[BEHEEROBJECT])
        gemeten.append(Gemeten(BEHEEROBJECT, {BEZIT.naam: bezit}))
    return Toetsbank().judge_metingen(POORT, REGELS, gemeten)


def _measure_deel(
    deel: Deel,
    compleet: _Tabellen,
    geheel: Geheel | None,
    themas: Sequence[str],
    contract: Contract,
) -> list[Gemeten]:
    """Measure the rules on rows of the long tables, and, of a part that is all, on the whole."""
    eigen = {
        naam: _normalise(deel.tabellen[naam]) if geheel is not None else compleet[naam]
        for naam in PER_OBJECT
        if naam in compleet
    }
    tabellen = {**compleet, **eigen}
    laatste = None if geheel is None else geheel.laatste
    gemeten = []
    for naam, frame in eigen.items():
        if geheel is not None:
            persoonlijk = _measure_persoonsgegeven(naam, frame, contract)
            gemeten.append(Gemeten(naam, {PERSOONSGEGEVEN.naam: persoonlijk}))
        gemeten.append(_measure_rijen(naam, frame, tabellen, laatste))
    if LABEL in eigen:
        oud = _read_vorige(deel.vorige)
        if geheel is None:
            gemeten.append(_measure_geheel(eigen[LABEL], oud, themas))
        if oud is not None:
            verleden = _measure_verleden(eigen[LABEL], oud)
            gemeten.append(Gemeten(LABEL, {VERLEDEN.naam: verleden}))
    if INDICATORWAARDE in eigen and deel.vorige is not None and INDICATORWAARDE in deel.vorige:
        herzien = _measure_herzien(eigen[INDICATORWAARDE], deel.vorige[INDICATORWAARDE])
        gemeten.append(Gemeten(INDICATORWAARDE, {HERZIEN.naam: herzien}))
    return gemeten


def _normalise(frame: pd.DataFrame) -> pd.DataFrame:
    """Give dates and numbers one type, whether they come from the warehouse or from Parquet."""
    frame = frame.reset_index(drop=True)
    for kolom in ("peildatum", "kwartaal"):
        if kolom in frame:
            frame[kolom] = pd.to_datetime(frame[kolom]).astype("datetime64[s]")
    for kolom in (
        "score",
        "sociaal_beheer_label",
        "aandeel_van_totaal",
        "verhuureenheden_aantal",
        "waarde",
        "gestandaardiseerd",
        "gewicht",
        "bijdrage",
    ):
        if kolom in frame:
            frame[kolom] = pd.to_numeric(frame[kolom], errors="coerce").astype("float64")
    return frame


def _read_vorige(vorige: Mapping[str, pd.DataFrame] | None) -> pd.DataFrame | None:
    if vorige is None or LABEL not in vorige:
        return None
    return _normalise(vorige[LABEL])


def _list_themas(tabellen: Mapping[str, pd.DataFrame]) -> tuple[str, ...]:
    """Return the themes of the seed, else those of the method; never the total."""
    if THEMA not in tabellen:
        return THEMAS
    return tuple(code for code in tabellen[THEMA]["thema_code"] if code != TOTAAL)


def _namer(frame: pd.DataFrame, sleutel: Sequence[str]) -> _Plaats:
    def name_plaats(plek: int) -> str:
        rij = frame.iloc[plek]
        delen = [f"{kolom} {_as_tekst(rij[kolom])}" for kolom in sleutel]
        return ", ".join([f"rij {plek + 1}", *map(hide_persoonsgegeven, delen)])

    return name_plaats


def _as_tekst(waarde: object) -> str:
    return str(waarde.date()) if isinstance(waarde, pd.Timestamp) else str(waarde)


# --- per table: is it whole, and does it hold personal data


def _measure_tabel(naam: str, frame: pd.DataFrame | None, contract: Contract) -> Gemeten:
    if frame is None:
        return Gemeten(naam, {AANWEZIG.naam: Meting(1.0, 1, "de tabel ontbreekt")})
    nodig = (*SLEUTELS.get(naam, ()), *KOLOMMEN.get(naam, ()))
    mist = [kolom for kolom in nodig if kolom not in frame]
    aanwezig = Meting()
    if mist:
        aanwezig = Meting(len(mist), len(mist), f"kolommen ontbreken: {', '.join(mist)}")
    return Gemeten(
        naam,
        {
            AANWEZIG.naam: aanwezig,
            PERSOONSGEGEVEN.naam: _measure_persoonsgegeven(naam, frame, contract),
        },
    )


def _measure_persoonsgegeven(naam: str, frame: pd.DataFrame, contract: Contract) -> Meting:
    gevonden = []
    voorbeeld = ""
    for kolom in frame.columns:
        if naam not in SEEDS and kolom in _list_persoonlijke_kolommen(contract):
            gevonden.append(f"{kolom} (in het contract een persoonsgegeven)")
            continue
        if not _is_tekst(frame[kolom]):
            continue
        waarden = frame[kolom].reset_index(drop=True).drop_duplicates()
        eerste = find_eerste(waarden)
        if eerste is not None:
            plek, soort = eerste
            gevonden.append(f"{kolom} ({soort})")
            voorbeeld = voorbeeld or f"kolom {kolom}, rij {int(waarden.index[plek]) + 1}"
    if not gevonden:
        return Meting()
    return Meting(len(gevonden), len(gevonden), f"kolommen: {', '.join(gevonden)}", voorbeeld)


def _is_tekst(kolom: pd.Series) -> bool:
    soort = kolom.dtype
    return (
        pd.api.types.is_object_dtype(soort)
        or pd.api.types.is_string_dtype(soort)
        or isinstance(soort, pd.CategoricalDtype)
    )


def _list_persoonlijke_kolommen(contract: Contract) -> frozenset[str]:
    """Return column names that are personal data wherever the contract has them."""
    kolommen = [kolom for tabel in contract.tabellen for kolom in tabel.kolommen]
    gewoon = {k.naam for k in kolommen if k.classificatie in {"openbaar", "intern"}}
    return frozenset(k.naam for k in kolommen) - gewoon


# --- per row


def _measure_rijen(
    naam: str, frame: pd.DataFrame, tabellen: _Tabellen, laatste: _Laatste | None
) -> Gemeten:
    sleutel = list(SLEUTELS.get(naam, ()))
    plaats = _namer(frame, sleutel)
    metingen: dict[Regel, Meting] = {}
    if naam == INDICATORWAARDE:
        metingen = _measure_indicatorwaarden(frame, tabellen, plaats, laatste)
    elif naam in _METEN:
        metingen = _METEN[naam](frame, tabellen, plaats)
    if sleutel:
        metingen[SLEUTEL] = measure_rijen(
            frame.duplicated(sleutel, keep=False),
            f"{{aantal}} rijen delen hun sleutel ({', '.join(sleutel)})",
            plaats,
        )
    return Gemeten(naam, {regel.naam: meting for regel, meting in metingen.items()})


def _measure_beheerobjecten(
    frame: pd.DataFrame, _: _Tabellen, plaats: _Plaats
) -> dict[Regel, Meting]:
    leeg = _is_leeg(frame["naam"])
    return {NAAM: measure_rijen(leeg, "{aantal} beheerobjecten zonder naam", plaats)}


def _is_leeg(kolom: pd.Series) -> pd.Series:
    return kolom.isna() | (kolom.astype("str").str.strip() == "")


def _measure_labelrijen(
    frame: pd.DataFrame, tabellen: _Tabellen, plaats: _Plaats
) -> dict[Regel, Meting]:
    label, score = frame["sociaal_beheer_label"], frame["score"]
    is_klein = (frame["niveau"] == "complex") & (
        frame["verhuureenheden_aantal"] < MINIMUM_VERHUUREENHEDEN
    )
    metingen = {
        WAARDEN: measure_rijen(
            label.notna() & ~label.isin(LABELS), "{aantal} rijen met een ander label", plaats
        ),
        SCORE: measure_rijen(
            score.notna() & ~score.between(0, 100),
            "{aantal} rijen met een score daarbuiten",
            plaats,
        ),
        REDEN: measure_rijen(
            label.isna() & _is_leeg(frame["reden_onbekend"]),
            "{aantal} onbekende labels zonder reden",
            plaats,
        ),
        KLEIN: measure_rijen(
            is_klein & (label.notna() | score.notna()),
            "{aantal} rijen van kleine complexen met een label of score",
            plaats,
        ),
        AANDELEN: measure_rijen(
            _find_scheve_totalen(frame),
            "bij {aantal} totalen tellen de aandelen niet op tot 1",
            plaats,
        ),
    }
    if BEHEEROBJECT in tabellen:
        bekend = pd.MultiIndex.from_frame(tabellen[BEHEEROBJECT][["niveau", "beheerobject_id"]])
        eigen = pd.MultiIndex.from_frame(frame[["niveau", "beheerobject_id"]])
        metingen[ONBEKEND_OBJECT] = measure_rijen(
            ~eigen.isin(bekend), "{aantal} rijen van een onbekend beheerobject", plaats
        )
    return metingen


def _find_scheve_totalen(frame: pd.DataFrame) -> pd.Series:
    """Mark the known totals whose themes' shares of S² do not add up to 1."""
    is_totaal = frame["thema_code"] == TOTAAL
    groep = frame.groupby(_OBJECT, dropna=False, sort=False).ngroup().to_numpy()
    aandeel = frame["aandeel_van_totaal"].where(~is_totaal, 0.0).fillna(0.0)
    som = np.bincount(groep, weights=aandeel.to_numpy(), minlength=1)
    fout = np.abs(som[groep] - 1.0) > MARGE if len(frame) else np.zeros(0, dtype=bool)
    return is_totaal & frame["score"].notna() & fout


def _measure_indicatorwaarden(
    frame: pd.DataFrame, tabellen: _Tabellen, plaats: _Plaats, laatste: _Laatste | None
) -> dict[Regel, Meting]:
    gebandeerd = frame["is_gebandeerd"].astype("boolean").fillna(False).astype(bool)
    catalogus = tabellen.get(INDICATOR)
    metingen = {
        GEBANDEERD: measure_rijen(
            kleine_aantallen.find_afgeleid(frame, catalogus),
            "{aantal} gebandeerde rijen met meer dan er mag",
            plaats,
        ),
        BIJDRAGEN: measure_rijen(
            _find_scheve_themas(frame, gebandeerd, tabellen.get(LABEL)),
            "bij {aantal} rijen telt het thema van de indicator niet op",
            plaats,
        ),
    }
    if catalogus is not None and "toon_minimum" in catalogus and LABEL in tabellen:
        metingen[KLEINE_CEL] = measure_rijen(
            kleine_aantallen.find_kleine(frame, tabellen[LABEL], catalogus),
            "{aantal} waarden van te kleine cellen",
            plaats,
        )
    if BEHEEROBJECT in tabellen:
        metingen[AFTREKBAAR] = measure_rijen(
            kleine_aantallen.find_aftrekbaar(frame, tabellen[BEHEEROBJECT], laatste),
            "{aantal} waarden waarvan één verborgen complex overblijft",
            plaats,
        )
    return metingen


def _find_scheve_themas(
    frame: pd.DataFrame, gebandeerd: pd.Series, labels: pd.DataFrame | None
) -> pd.Series:
    """Mark the rows of themes whose contributions are not Σ w·u / Σ w (label.md, step 4).

    Only themes with a known score; not where banding leaves a part of the sum out.
    """
    groepen = [*_OBJECT, "thema_code"]
    groep = frame.groupby(groepen, dropna=False, sort=False).ngroup().to_numpy()
    if not len(frame):
        return pd.Series(dtype="bool")

    def total(waarden: pd.Series) -> np.ndarray:
        gewichten = waarden.fillna(0.0).astype("float64").to_numpy()
        som: np.ndarray = np.bincount(groep, weights=gewichten)
        return som

    telt_mee = frame["gestandaardiseerd"].notna() & frame["gewicht"].notna()
    gewicht = total(frame["gewicht"].where(telt_mee))
    gewogen = total((frame["gewicht"] * frame["gestandaardiseerd"]).where(telt_mee))
    z = np.divide(gewogen, gewicht, out=np.zeros_like(gewogen), where=gewicht > 0)
    fout = np.abs(total(frame["bijdrage"]) - z) > MARGE
    weggelaten = frame["bijdrage"].isna() | frame["gestandaardiseerd"].isna()
    fout &= total(gebandeerd & weggelaten) == 0
    te_toetsen = pd.Series(True, index=frame.index)
    if labels is not None:
        bekend = pd.MultiIndex.from_frame(labels.loc[labels["score"].notna(), groepen])
        te_toetsen = pd.Series(pd.MultiIndex.from_frame(frame[groepen]).isin(bekend), frame.index)
    is_fout = pd.Series(fout[groep], index=frame.index)
    return te_toetsen & is_fout


# --- over the release as a whole, and against the previous one


def _measure_geheel(
    labels: pd.DataFrame, oud: pd.DataFrame | None, themas: Sequence[str]
) -> Gemeten:
    metingen = {
        NIET_LEEG.naam: _measure_niet_leeg(labels),
        COMPLEET.naam: _measure_compleet(labels, themas),
    }
    if oud is not None:
        metingen[ONBEKEND_AANDEEL.naam] = _measure_onbekend(labels, oud)
    return Gemeten(LABEL, metingen)


def _measure_niet_leeg(labels: pd.DataFrame) -> Meting:
    if labels["sociaal_beheer_label"].notna().any():
        return Meting()
    return Meting(1.0, len(labels), f"{len(labels)} rijen en geen enkel bekend label")


def _measure_compleet(labels: pd.DataFrame, themas: Sequence[str]) -> Meting:
    nodig = {TOTAAL, *themas}
    mist = [
        (peiling, sorted(nodig - set(codes)))
        for peiling, codes in labels.groupby(_PEILING)["thema_code"].unique().items()
        if nodig - set(codes)
    ]
    if not mist:
        return Meting()
    peiling, codes = mist[0]
    waar = _name_peiling(peiling)
    return Meting(len(mist), len(mist), f"bij {waar} ontbreekt {', '.join(codes)}", waar)


def _name_peiling(peiling: object) -> str:
    delen = peiling if isinstance(peiling, tuple) else (peiling,)
    return " ".join(map(_as_tekst, delen))


def _measure_verleden(labels: pd.DataFrame, oud: pd.DataFrame) -> Meting:
    """Compare every label of the previous release, unknown ones included, with this one."""
    sleutel = list(SLEUTELS[LABEL])
    kolommen = [*sleutel, "sociaal_beheer_label"]
    samen = oud[kolommen].merge(
        labels[kolommen].drop_duplicates(sleutel),
        on=sleutel,
        how="left",
        suffixes=("_oud", "_nieuw"),
        indicator="waar",
    )
    verdwenen = samen["waar"] == "left_only"
    was, werd = samen["sociaal_beheer_label_oud"], samen["sociaal_beheer_label_nieuw"]
    gewijzigd = ~verdwenen & (was.fillna(0) != werd.fillna(0))
    fout = np.flatnonzero(verdwenen | gewijzigd)
    if not len(fout):
        return Meting()
    return Meting(
        len(fout),
        len(fout),
        f"{int(gewijzigd.sum())} labels gewijzigd, {int(verdwenen.sum())} verdwenen",
        _namer(samen, sleutel)(int(fout[0])).split(", ", 1)[1],
    )


def _iter_aandeel_onbekend(labels: pd.DataFrame) -> Iterator[tuple[tuple[str, str], float]]:
    """Yield the share of unknown totals at the newest peildatum, per niveau and grondslag."""
    totalen = labels[labels["thema_code"] == TOTAAL]
    for (niveau, grondslag), groep in totalen.groupby(["niveau", "grondslag"]):
        nieuwste = groep[groep["peildatum"] == groep["peildatum"].max()]
        yield (
            (str(niveau), str(grondslag)),
            float(nieuwste["sociaal_beheer_label"].isna().mean()),
        )


def _measure_onbekend(labels: pd.DataFrame, oud: pd.DataFrame) -> Meting:
    vroeger = dict(_iter_aandeel_onbekend(oud))
    gestegen = [
        (aandeel - vroeger[waar], waar, aandeel)
        for waar, aandeel in _iter_aandeel_onbekend(labels)
        if waar in vroeger and aandeel - vroeger[waar] > STIJGING_ONBEKEND + MARGE
    ]
    if not gestegen:
        return Meting()
    stijging, waar, aandeel = max(gestegen)
    naam = " ".join(waar)
    return Meting(
        stijging,
        len(gestegen),
        f"{naam}: {100 * aandeel:.0f} % onbekend, was {100 * vroeger[waar]:.0f} %",
        naam,
    )


def _measure_herzien(waarden: pd.DataFrame, oud: pd.DataFrame) -> Meting:
    """Compare every value of the previous release with this one."""
    oud = _normalise(oud)
    return measure_rijen(
        kleine_aantallen.find_herzien(waarden, oud),
        "{aantal} gepubliceerde waarden zijn nu anders of weg",
        _namer(oud, SLEUTELS[INDICATORWAARDE]),
    )


def _measure_bezit(objecten: pd.DataFrame, oud: pd.DataFrame) -> Meting:
    """Count the complexes that had dwellings in the previous release and have none now."""
    had, heeft = (
        set(frame.loc[(frame["niveau"] == "complex") & (frame[_WONINGEN] > 0), "beheerobject_id"])
        for frame in (oud, objecten)
    )
    weg = sorted(had - heeft)
    if not had or len(weg) <= (1 - BLIJVEND_BEZIT) * len(had):
        return Meting()
    return Meting(
        len(weg) / len(had),
        len(weg),
        f"{len(weg)} van de {len(had)} complexen hebben geen woningen meer",
        f"complex {weg[0]}",
    )


_METEN: Mapping[str, Callable[[pd.DataFrame, _Tabellen, _Plaats], dict[Regel, Meting]]] = {
    BEHEEROBJECT: _measure_beheerobjecten,
    LABEL: _measure_labelrijen,
}
