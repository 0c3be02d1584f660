"""The gate out: what release is refused, after everything is computed and before the switch.

Judges the tables that a release is made of (the marts), on their own and against the
previous release. Rules inside one model are dbt tests; here stands what may not be published.
Each rule is a question to DuckDB, where the tables are: for the whole sector the values of
indicators are tens of millions of rows.

Does not belong here: building, verifying or switching a release (``serving``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pandas as pd

from expectations import kleine_aantallen
from expectations.kleine_aantallen import CATALOGUS, CEL, PEILING
from expectations.poort import Gemeten, Meting, Regel, Toetsbank
from expectations.relatie import PLEK, Meter, put_frame, quote
from vera.bevinding import Bevinding
from vera.contract import Contract
from vera.persoonsgegeven import VOORFILTER, find_eerste, hide_persoonsgegeven

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

# Numbers of one type, whether they come from the warehouse or from a frame; what is no number is
# empty.
_GETALLEN = frozenset(
    {
        "score",
        "sociaal_beheer_label",
        "aandeel_van_totaal",
        "verhuureenheden_aantal",
        "waarde",
        "gestandaardiseerd",
        "gewicht",
        "bijdrage",
        "toon_minimum",
    }
)
_TEKST = re.compile("VARCHAR|JSON|ENUM")

_Plaats = Callable[[int], str]


@dataclass(frozen=True)
class _Tabel:
    """A complete table of a release, as the rules ask for it: a view, and how a row is named."""

    naam: str
    view: str
    plaats: _Plaats


_Tabellen = Mapping[str, _Tabel]


def check_release(
    tabellen: Mapping[str, pd.DataFrame],
    vorige: Mapping[str, pd.DataFrame] | None,
    contract: Contract,
) -> list[Bevinding]:
    """Judge a release of which the tables are frames.

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
    with duckdb.connect() as verbinding:
        nu = {n: put_frame(verbinding, f"frame_{n}", f) for n, f in tabellen.items()}
        toen = None
        if vorige is not None:
            toen = {n: put_frame(verbinding, f"vorig_frame_{n}", f) for n, f in vorige.items()}
        return check_relaties(verbinding, nu, toen, contract)


def check_relaties(
    verbinding: duckdb.DuckDBPyConnection,
    tabellen: Mapping[str, str],
    vorige: Mapping[str, str] | None,
    contract: Contract,
) -> list[Bevinding]:
    """Judge a release before it is published, where its tables are.

    Parameters
    ----------
    verbinding
        Connection that knows the tables; nothing is written to it but views of its own.
    tabellen, vorige
        As of :func:`check_release`: SQL of each table, numbered (:mod:`expectations.relatie`).
    contract
        As of :func:`check_release`.
    """
    meter = Meter(verbinding)
    namen = [*VERPLICHTE_TABELLEN, *(n for n in tabellen if n not in VERPLICHTE_TABELLEN)]
    persoonlijk = _list_persoonlijke_kolommen(contract)
    gemeten = [_measure_tabel(meter, naam, tabellen.get(naam), persoonlijk) for naam in namen]
    nu = {
        tabel.onderwerp: _create_view(meter, "nu", tabel.onderwerp, tabellen[tabel.onderwerp])
        for tabel in gemeten
        if tabel.metingen[AANWEZIG.naam].maat == 0
    }
    toen = {
        naam: _create_view(meter, "toen", naam, relatie) for naam, relatie in (vorige or {}).items()
    }
    for naam, tabel in nu.items():
        metingen = _METEN[naam](meter, nu, toen) if naam in _METEN else {}
        sleutel = SLEUTELS.get(naam, ())
        if sleutel:
            metingen[SLEUTEL] = meter.measure_dubbel(
                tabel.view,
                sleutel,
                f"{{aantal}} rijen delen hun sleutel ({', '.join(sleutel)})",
                tabel.plaats,
            )
        gemeten.append(Gemeten(naam, {regel.naam: meting for regel, meting in metingen.items()}))
    return Toetsbank().judge_metingen(POORT, REGELS, gemeten)


def _create_view(meter: Meter, wanneer: str, naam: str, relatie: str) -> _Tabel:
    """Make a view in which dates and numbers have one type, wherever the table comes from."""
    delen = []
    for kolom in meter.list_kolommen(relatie):
        if kolom in _GETALLEN:
            delen.append(f"nullif(try_cast({kolom} as double), 'nan') as {kolom}")
        elif kolom == "peildatum":
            delen.append("cast(peildatum as date) as peildatum")
        elif kolom == "is_gebandeerd":
            delen.append("coalesce(cast(is_gebandeerd as boolean), false) as is_gebandeerd")
    view = f"{wanneer}_{naam}"
    vervang = f" replace ({', '.join(delen)})" if delen else ""
    meter.create_view(view, f"select *{vervang} from {relatie}")
    return _Tabel(naam, view, _namer(meter, view, SLEUTELS.get(naam, ())))


def _namer(meter: Meter, view: str, sleutel: Sequence[str]) -> _Plaats:
    def name_plaats(plek: int) -> str:
        [rij] = meter.ask(f"select {', '.join(sleutel)} from {view} where {PLEK} = ?", [plek])
        delen = [f"{kolom} {_as_tekst(waarde)}" for kolom, waarde in zip(sleutel, rij, strict=True)]
        return ", ".join([f"rij {plek + 1}", *map(hide_persoonsgegeven, delen)])

    return name_plaats


def _as_tekst(waarde: object) -> str:
    return str(waarde.date()) if isinstance(waarde, datetime) else str(waarde)


# --- per table: is it whole, and does it hold personal data


def _measure_tabel(
    meter: Meter, naam: str, relatie: str | None, persoonlijk: Collection[str]
) -> Gemeten:
    if relatie is None:
        return Gemeten(naam, {AANWEZIG.naam: Meting(1.0, 1, "de tabel ontbreekt")})
    kolommen = meter.list_kolommen(relatie)
    nodig = (*SLEUTELS.get(naam, ()), *KOLOMMEN.get(naam, ()))
    mist = [kolom for kolom in nodig if kolom not in kolommen]
    aanwezig = Meting()
    if mist:
        aanwezig = Meting(len(mist), len(mist), f"kolommen ontbreken: {', '.join(mist)}")
    return Gemeten(
        naam,
        {
            AANWEZIG.naam: aanwezig,
            # Seeds name columns as they like.
            PERSOONSGEGEVEN.naam: _measure_persoonsgegeven(
                meter, relatie, kolommen, () if naam in SEEDS else persoonlijk
            ),
        },
    )


def _measure_persoonsgegeven(
    meter: Meter, relatie: str, kolommen: Mapping[str, str], persoonlijk: Collection[str]
) -> Meting:
    gevonden = []
    voorbeeld = ""
    for kolom, type_ in kolommen.items():
        if kolom in persoonlijk:
            gevonden.append(f"{kolom} (in het contract een persoonsgegeven)")
        elif _TEKST.match(type_):
            verdacht = _list_verdacht(meter, relatie, kolom)
            eerste = find_eerste(waarde for waarde, _ in verdacht)
            if eerste is not None:
                plek, soort = eerste
                gevonden.append(f"{kolom} ({soort})")
                voorbeeld = voorbeeld or f"kolom {kolom}, rij {verdacht[plek][1] + 1}"
    if not gevonden:
        return Meting()
    return Meting(len(gevonden), len(gevonden), f"kolommen: {', '.join(gevonden)}", voorbeeld)


def _list_verdacht(meter: Meter, relatie: str, kolom: str) -> list[tuple[str, int]]:
    """Return the different texts of a column that may be personal, and where each is first.

    DuckDB looks at each once with one wide pattern. It knows digits and letters of ASCII alone,
    so that a text with any other sign is always among them.
    """
    return meter.ask(
        f"""
        with waarde as materialized (
            select cast({quote(kolom)} as varchar) as tekst, min({PLEK}) as eerste
            from {relatie} group by 1
        )
        select tekst, eerste from waarde
        where regexp_matches(tekst, ?) or strlen(tekst) <> length(tekst)
        order by eerste
        """,
        [VOORFILTER],
    )


def _list_persoonlijke_kolommen(contract: Contract) -> frozenset[str]:
    """Return column names that are personal data wherever the contract has them."""
    kolommen = [kolom for tabel in contract.tabellen for kolom in tabel.kolommen]
    gewoon = {k.naam for k in kolommen if k.classificatie in {"openbaar", "intern"}}
    return frozenset(k.naam for k in kolommen) - gewoon


# --- objects


def _measure_beheerobjecten(meter: Meter, nu: _Tabellen, toen: _Tabellen) -> dict[Regel, Meting]:
    tabel = nu[BEHEEROBJECT]
    metingen = {
        NAAM: meter.measure_waar(
            tabel.view, _is_leeg("naam"), "{aantal} beheerobjecten zonder naam", tabel.plaats
        )
    }
    if BEHEEROBJECT in toen:
        metingen[BEZIT] = _measure_bezit(meter, tabel, toen[BEHEEROBJECT])
    return metingen


def _is_leeg(kolom: str) -> str:
    """Return the condition that a text holds nothing but white space, as Python knows it."""
    teken = r"[^\s\p{Z}\x0b\x1c-\x1f\x{85}]"
    return f"not coalesce(regexp_matches(cast({kolom} as varchar), '{teken}'), false)"


def _measure_bezit(meter: Meter, objecten: _Tabel, oud: _Tabel) -> Meting:
    """Count the complexes that had dwellings in the previous release and have none now."""
    had, heeft = (
        {
            str(id_)
            for (id_,) in meter.ask(
                f"select beheerobject_id from {tabel.view} "
                "where niveau = 'complex' and verhuureenheden_aantal > 0"
            )
        }
        for tabel in (oud, objecten)
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


# --- labels


def _measure_labels(meter: Meter, nu: _Tabellen, toen: _Tabellen) -> dict[Regel, Meting]:
    labels = nu[LABEL]

    def measure(voorwaarde: str, gevonden: str) -> Meting:
        return meter.measure_waar(labels.view, voorwaarde, gevonden, labels.plaats)

    is_klein = f"niveau = 'complex' and verhuureenheden_aantal < {MINIMUM_VERHUUREENHEDEN}"
    metingen = {
        WAARDEN: measure(
            f"sociaal_beheer_label not in {LABELS}", "{aantal} rijen met een ander label"
        ),
        SCORE: measure("score not between 0 and 100", "{aantal} rijen met een score daarbuiten"),
        REDEN: measure(
            f"sociaal_beheer_label is null and {_is_leeg('reden_onbekend')}",
            "{aantal} onbekende labels zonder reden",
        ),
        KLEIN: measure(
            f"{is_klein} and (sociaal_beheer_label is not null or score is not null)",
            "{aantal} rijen van kleine complexen met een label of score",
        ),
        AANDELEN: meter.measure(
            _select_scheve_totalen(labels),
            "bij {aantal} totalen tellen de aandelen niet op tot 1",
            labels.plaats,
        ),
    }
    if BEHEEROBJECT in nu:
        metingen[ONBEKEND_OBJECT] = meter.measure(
            f"""
            select 1 as aantal, {PLEK} as eerste from {labels.view}
            anti join {nu[BEHEEROBJECT].view} using (niveau, beheerobject_id)
            """,
            "{aantal} rijen van een onbekend beheerobject",
            labels.plaats,
        )
    telling = _count_labels(meter, labels)
    metingen[NIET_LEEG] = _measure_niet_leeg(telling)
    metingen[COMPLEET] = _measure_compleet(telling, _list_themas(meter, nu))
    if LABEL in toen:
        metingen[VERLEDEN] = _measure_verleden(meter, labels, toen[LABEL])
        metingen[ONBEKEND_AANDEEL] = _measure_onbekend(telling, _count_labels(meter, toen[LABEL]))
    return metingen


def _select_scheve_totalen(labels: _Tabel) -> str:
    """Return SQL of the known totals whose themes' shares of S² do not add up to 1."""
    return f"""
        select
            count(*) filter (thema_code = '{TOTAAL}' and score is not null) as aantal,
            min({PLEK}) filter (thema_code = '{TOTAAL}' and score is not null) as eerste
        from {labels.view}
        group by {", ".join(PEILING)}
        having abs(
            coalesce(
                sum(aandeel_van_totaal) filter (thema_code is distinct from '{TOTAAL}'), 0
            ) - 1
        ) > {MARGE}
    """


def _list_themas(meter: Meter, nu: _Tabellen) -> tuple[str, ...]:
    """Return the themes of the seed, else those of the method; never the total."""
    if THEMA not in nu:
        return THEMAS
    codes = meter.ask(f"select thema_code from {nu[THEMA].view} order by {PLEK}")
    return tuple(code for (code,) in codes if code != TOTAAL)


def _count_labels(meter: Meter, labels: _Tabel) -> pd.DataFrame:
    """Count per ``niveau``, ``grondslag``, ``peildatum`` and ``thema_code`` what is known."""
    return meter.read(
        f"""
        select
            niveau, grondslag, peildatum, thema_code,
            count(*) as rijen, count(sociaal_beheer_label) as bekend
        from {labels.view}
        group by niveau, grondslag, peildatum, thema_code
        order by niveau, grondslag, peildatum, thema_code
        """
    )


def _measure_niet_leeg(telling: pd.DataFrame) -> Meting:
    if telling["bekend"].any():
        return Meting()
    rijen = int(telling["rijen"].sum())
    return Meting(1.0, rijen, f"{rijen} rijen en geen enkel bekend label")


def _measure_compleet(telling: pd.DataFrame, themas: Sequence[str]) -> Meting:
    nodig = {TOTAAL, *themas}
    per_dag = telling.groupby(["niveau", "grondslag", "peildatum"])["thema_code"]
    mist = [(dag, sorted(nodig - set(codes))) for dag, codes in per_dag if nodig - set(codes)]
    if not mist:
        return Meting()
    dag, codes = mist[0]
    waar = " ".join(map(_as_tekst, dag))
    return Meting(len(mist), len(mist), f"bij {waar} ontbreekt {', '.join(codes)}", waar)


def _compute_aandeel_onbekend(telling: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Return the share of unknown totals at the newest peildatum, per niveau and grondslag."""
    totalen = telling[telling["thema_code"] == TOTAAL]
    # In order of peildatum.
    nieuwste = totalen.groupby(["niveau", "grondslag"])[["rijen", "bekend"]].last()
    aandeel = (nieuwste["rijen"] - nieuwste["bekend"]) / nieuwste["rijen"]
    plekken = zip(*(aandeel.index.get_level_values(n).astype(str) for n in (0, 1)), strict=True)
    return dict(zip(plekken, aandeel.tolist(), strict=True))


def _measure_onbekend(telling: pd.DataFrame, oud: pd.DataFrame) -> Meting:
    vroeger = _compute_aandeel_onbekend(oud)
    gestegen = [
        (aandeel - vroeger[waar], waar, aandeel)
        for waar, aandeel in _compute_aandeel_onbekend(telling).items()
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


def _select_eerste(tabel: _Tabel, sleutel: Sequence[str]) -> str:
    """Return SQL of the first row of each key: of keys that are not unique another rule tells."""
    plek = f"row_number() over (partition by {', '.join(sleutel)} order by {PLEK})"
    return f"(select * from {tabel.view} qualify {plek} = 1)"


def _measure_verleden(meter: Meter, labels: _Tabel, oud: _Tabel) -> Meting:
    """Compare every label of the previous release, unknown ones included, with this one."""
    sleutel = SLEUTELS[LABEL]
    if meter.is_bevat(oud.view, labels.view, [*sleutel, "sociaal_beheer_label"]):
        return Meting()
    [(aantal, verdwenen, eerste)] = meter.ask(
        f"""
        select count(*), count(*) filter (nieuw.{PLEK} is null), min(oud.{PLEK})
        from {oud.view} as oud
        left join {_select_eerste(labels, sleutel)} as nieuw using ({", ".join(sleutel)})
        where nieuw.{PLEK} is null
            or oud.sociaal_beheer_label is distinct from nieuw.sociaal_beheer_label
        """
    )
    if not aantal:
        return Meting()
    return Meting(
        aantal,
        aantal,
        f"{aantal - verdwenen} labels gewijzigd, {verdwenen} verdwenen",
        oud.plaats(eerste).split(", ", 1)[1],
    )


# --- values of indicators


def _measure_indicatorwaarden(meter: Meter, nu: _Tabellen, toen: _Tabellen) -> dict[Regel, Meting]:
    waarden = nu[INDICATORWAARDE]
    catalogus = meter.list_kolommen(nu[INDICATOR].view) if INDICATOR in nu else {}
    _create_catalogus(meter, nu.get(INDICATOR), catalogus)
    metingen = {
        GEBANDEERD: meter.measure(
            kleine_aantallen.select_afgeleid(waarden.view),
            "{aantal} gebandeerde rijen met meer dan er mag",
            waarden.plaats,
        ),
        BIJDRAGEN: meter.measure(
            _select_scheve_themas(waarden, nu.get(LABEL)),
            "bij {aantal} rijen telt het thema van de indicator niet op",
            waarden.plaats,
        ),
    }
    if "toon_minimum" in catalogus and LABEL in nu:
        cellen = meter.read(kleine_aantallen.select_cellen(waarden.view, nu[LABEL].view))
        kleine = cellen[kleine_aantallen.find_kleine(cellen)]
        metingen[KLEINE_CEL] = Meting()
        if len(kleine):
            aantal = int(kleine["aantal"].sum())
            metingen[KLEINE_CEL] = Meting(
                aantal,
                aantal,
                f"{aantal} waarden van te kleine cellen",
                waarden.plaats(int(kleine["eerste"].min())),
            )
    if BEHEEROBJECT in nu:
        objecten = nu[BEHEEROBJECT].view
        heeft_ligging = {"buurt_id", "wijk_id"} <= set(meter.list_kolommen(objecten))
        metingen[AFTREKBAAR] = (
            meter.measure(
                kleine_aantallen.select_aftrekbaar(waarden.view, objecten),
                "{aantal} waarden waarvan één verborgen complex overblijft",
                waarden.plaats,
            )
            if heeft_ligging
            else Meting()
        )
    if INDICATORWAARDE in toen:
        metingen[HERZIEN] = _measure_herzien(meter, waarden, toen[INDICATORWAARDE])
    return metingen


def _create_catalogus(meter: Meter, tabel: _Tabel | None, kolommen: Collection[str]) -> None:
    """Make the view of what the catalogue says of each indicator; empty where it says nothing."""
    delen = [
        f"arg_min_null({kolom}, {PLEK}) as {kolom}" if kolom in kolommen else f"null as {kolom}"
        for kolom in ("soort_meting", "toon_minimum")
    ]
    bron = "(select 0 as _plek, '' as grondslag, '' as indicator_code limit 0)"
    meter.create_view(
        CATALOGUS,
        f"select grondslag, indicator_code, {', '.join(delen)} "
        f"from {tabel.view if tabel else bron} group by grondslag, indicator_code",
    )


def _select_scheve_themas(waarden: _Tabel, labels: _Tabel | None) -> str:
    """Return SQL of the themes whose contributions are not Σ w·u / Σ w (label.md, step 4).

    Only themes with a known score; not where banding leaves a part of the sum out.
    """
    groep = f"{', '.join(PEILING)}, thema_code"
    bekend = "true"
    if labels is not None:
        bekend = f"({groep}) in (select ({groep}) from {labels.view} where score is not null)"
    return f"""
        with thema as (
            select
                {groep},
                count(*) as aantal,
                min({PLEK}) as eerste,
                coalesce(sum(bijdrage), 0) as som,
                sum(gewicht) filter (gestandaardiseerd is not null) as gewicht,
                sum(gewicht * gestandaardiseerd) as gewogen
            from {waarden.view}
            group by {groep}
            having not bool_or(is_gebandeerd and (bijdrage is null or gestandaardiseerd is null))
        ),
        scheef as materialized (
            select * from thema
            where abs(som - case when gewicht > 0 then gewogen / gewicht else 0 end) > {MARGE}
        )
        select aantal, eerste from scheef where {bekend}
    """


def _measure_herzien(meter: Meter, waarden: _Tabel, oud: _Tabel) -> Meting:
    """Compare every value of the previous release with this one.

    Who has both subtracts one from the other, or reads in one what the other hides.
    """
    if meter.is_bevat(oud.view, waarden.view, kleine_aantallen.VAN_VORIGE):
        return Meting()
    zelfde = " and ".join(f"oud.{k} is not distinct from nieuw.{k}" for k in ("waarde",
                          "is_gebandeerd"))  # fmt: skip
    return meter.measure(
        f"""
        select 1 as aantal, oud.{PLEK} as eerste from {oud.view} as oud
        anti join {_select_eerste(waarden, CEL)} as nieuw
            on {" and ".join(f"oud.{k} = nieuw.{k}" for k in CEL)} and {zelfde}
        """,
        "{aantal} gepubliceerde waarden zijn nu anders of weg",
        oud.plaats,
    )


_METEN: Mapping[str, Callable[[Meter, _Tabellen, _Tabellen], dict[Regel, Meting]]] = {
    BEHEEROBJECT: _measure_beheerobjecten,
    LABEL: _measure_labels,
    INDICATORWAARDE: _measure_indicatorwaarden,
}
