"""The answers of a release: the JSON of cards, histories and list rows, block by block.

Belongs here: which facts an answer holds and how they are called on the wire (VERA's names in
camelCase). Does not belong here: storage (``schrijver``), HTTP (``serving.api``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from serving.release import afscherming
from serving.release.json_kolom import (
    concat,
    encode,
    json_bool,
    json_date,
    json_list,
    json_number,
    json_object,
    json_significant,
    json_text,
    take_or,
)
from serving.release.schema import (
    DEKKING_GEEN,
    DEKKING_VEROUDERD,
    GRONDSLAGEN,
    NIVEAUS,
    THEMA_TOTAAL,
    THEMAS,
)
from serving.release.stroom import ReleaseFout, build_key, object_key
from serving.release.zoektekst import normalize_zoektekst

SOORT_LABEL: Final = '{"code":"SBL","naam":"Sociaal Beheer Label"}'
"""VERA's Sturingslabel has an empty code list for ``soort``; this is our entry."""

NAMEN_LABEL: Final[Mapping[int, str]] = {
    1: "Zeer kleine opgave",
    2: "Kleine opgave",
    3: "Gemiddelde opgave",
    4: "Grote opgave",
    5: "Zeer grote opgave",
}
"""VERA's list of labels (STURINGSLABEL) is empty as well; these are our entries."""
STURINGSLABEL: Final = (
    "soort",
    "label",
    "begindatum",
    "einddatum",
    "bron",
    "waarde",
    "score",
    "grondslag",
    "peildatum",
    "redenOnbekend",
    "themas",
)
"""Fields of a label in a batch: those of VERA's Sturingslabel first."""

AANTAL_REDENEN: Final = 3
AANTAL_OORZAKEN: Final = 6
REDEN_GEEN_RIJ: Final = "geen gegevens op de peildatum"

_EPOCHE: Final = date(1970, 1, 1)

Indexen: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Catalogus:
    """The method as far as answers show it: themes in order and indicators by code.

    ``volgorde`` and ``naam_van_thema`` are by theme code, ``indicatoren`` holds per
    ``(grondslag, indicator_code)`` the JSON object that names it. ``tellingen`` are the codes of
    indicators on own data that are counts.
    """

    naam_van_thema: Mapping[str, str]
    volgorde: Mapping[str, int]
    indicatoren: Mapping[tuple[str, str], str]
    tellingen: frozenset[str] = frozenset()

    @classmethod
    def from_tables(cls, themas: pa.Table, indicatoren: pa.Table) -> Catalogus:
        """Read the two seeds.

        Raises
        ------
        ReleaseFout
            When an indicator names a theme that does not exist.
        """
        rijen = themas.to_pylist()
        namen = {rij["thema_code"]: rij["naam"] for rij in rijen}
        volgorde = {rij["thema_code"]: int(rij["volgorde"] or 0) for rij in rijen}
        namen.setdefault(THEMA_TOTAAL, "Totaal")
        volgorde[THEMA_TOTAAL] = -1
        teksten: dict[tuple[str, str], str] = {}
        for rij in indicatoren.to_pylist():
            thema = rij["thema_code"]
            if thema not in namen:
                raise ReleaseFout(
                    f"indicator {rij['indicator_code']} noemt thema {thema}.",
                    verwacht=f"een van {', '.join(sorted(namen))}",
                    remedie="Verbeter de thema_code in de seed indicator.",
                )
            teksten[(rij["grondslag"], rij["indicator_code"])] = encode(
                {
                    "code": rij["indicator_code"],
                    "naam": rij["naam"],
                    "eenheid": rij["eenheid"],
                    "richting": rij["richting"],
                    "themaCode": thema,
                    "bron": rij["bron"],
                }
            )
        tellingen = frozenset(
            rij["indicator_code"]
            for rij in indicatoren.to_pylist()
            if rij["grondslag"] == "eigen" and rij["soort_meting"] == "telling"
        )
        return cls(namen, volgorde, teksten, tellingen)


@dataclass(frozen=True)
class Blok:
    """The rendered answers of a run of objects, in the order of the objects.

    ``labels``, ``indicatoren`` and ``veranderingen`` are the rows as they may be exported; the
    texts have one element per object; ``label`` and ``score`` are matrices object × ``THEMAS`` of
    the published ground (label 0 and score nan = unknown).
    """

    labels: pa.Table
    indicatoren: pa.Table
    veranderingen: pa.Table
    antwoorden: list[str]
    sturingslabels: list[str]
    geschiedenissen: list[str]
    toelichtingen: list[str]
    lijstteksten: list[str]
    zoekteksten: list[str]
    grondslagen: list[str | None]
    peildata: list[str | None]
    label: npt.NDArray[np.int64]
    score: npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Cellen:
    """Cells (object × grondslag × peildatum) of a block and where their rows are."""

    van_rij: Indexen
    object: Indexen
    grondslag: Indexen
    totaalrij: Indexen
    eerste_rij: Indexen
    is_laatste: npt.NDArray[np.bool_]


def render_block(
    objecten: pa.Table,
    labels: pa.Table,
    indicatoren: pa.Table,
    veranderingen: pa.Table,
    themabeelden: pa.Table,
    *,
    catalogus: Catalogus,
    laatste: Mapping[tuple[str, str], date],
    context: Mapping[str, Sequence[Mapping[str, Any]]],
    signalen: Mapping[str, Sequence[Mapping[str, Any]]],
) -> Blok:
    """Render every answer about ``objecten``.

    Parameters
    ----------
    objecten
        Rows of ``BEHEEROBJECT`` in key order.
    labels, indicatoren, veranderingen, themabeelden
        All rows of these objects, in key order.
    catalogus
        Names of themes and indicators.
    laatste
        Most recent peildatum per (niveau, grondslag); cards show that one.
    context
        Outside figures by buurt id.
    signalen
        Theme signals of the last month by complex id.

    Raises
    ------
    ReleaseFout
        When a row is about an object, theme or indicator that is not known.
    """
    banden = afscherming.find_bands(labels, indicatoren)
    labels = afscherming.shield_labels(labels, banden)
    indicatoren = afscherming.shield_indicatorwaarden(indicatoren, catalogus.tellingen)
    veranderingen = afscherming.shield_veranderingen(veranderingen)

    aantal = objecten.num_rows
    cellen = _find_cells(objecten, labels, laatste, catalogus)
    basis = _describe_objects(objecten, context, signalen)
    historie = _render_history(labels, cellen, banden, aantal, catalogus)
    redenen = _render_indicatoren(objecten, indicatoren, catalogus, laatste)
    kaarten, kort, keuze, ander = _render_cards(
        labels,
        cellen,
        banden,
        redenen=redenen,
        naast=(
            ("verandering", _render_changes(objecten, veranderingen, catalogus, laatste)),
            ("themabeeld", _render_pictures(objecten, themabeelden, laatste)),
        ),
        aantal=aantal,
        catalogus=catalogus,
    )

    onbekend = encode_unknown_label()
    antwoorden = concat(
        basis,
        ',"sociaalBeheerLabel":',
        take_or(kaarten, keuze, onbekend),
        ',"sociaalBeheerLabelAndereGrondslag":',
        take_or(kaarten, ander, "null"),
    )
    sturingslabels = json_object(
        ("gevonden", "true"),
        ("reden", "null"),
        ("complexId", json_text(_column(objecten, "beheerobject_id"))),
        ("naam", json_text(pa.array(_list_namen(objecten), pa.string()))),
        ("sociaalBeheerLabel", take_or(kort, keuze, encode_unknown_sturingslabel())),
    )
    label, score = _matrix(labels, cellen, keuze, aantal)
    grondslagen, peildata, dekking = _describe_choice(labels, cellen, keuze)
    return Blok(
        labels=labels,
        indicatoren=indicatoren,
        veranderingen=veranderingen,
        antwoorden=antwoorden.to_pylist(),
        sturingslabels=sturingslabels.to_pylist(),
        geschiedenissen=historie.to_pylist(),
        toelichtingen=redenen.alle.to_pylist(),
        lijstteksten=_render_list_rows(objecten, label, score, grondslagen, peildata, dekking),
        zoekteksten=_build_search_texts(objecten),
        grondslagen=grondslagen,
        peildata=peildata,
        label=label,
        score=score,
    )


def encode_unknown_label() -> str:
    """Return the label of an object without any row at the last peildatum: unknown, not 0."""
    leeg: dict[str, Any] = dict.fromkeys(
        ("label", "waarde", "score", "grondslag", "peildatum", "begindatum", "vorigeWaarde")
    )
    leeg |= dict.fromkeys(("einddatum",))
    leeg |= dict.fromkeys(("ruweWaarde", "modelWaarde", "redenCode", "duiding"))
    leeg |= dict.fromkeys(("kansen", "bereik", "standaardfout", "betrouwbaarheid", "bron"))
    leeg_label = {
        **leeg,
        "isScoreAfgerond": False,
        "redenOnbekend": REDEN_GEEN_RIJ,
        "isReferentieperiode": False,
        "isAchterafBerekend": False,
        "themas": [],
        "redenen": {"omhoog": [], "omlaag": []},
        "dekking": {"aandeelGewicht": None, "zonderDekking": [], "verouderd": []},
        "verandering": [],
        "themabeeld": [],
    }
    return f'{{"soort":{SOORT_LABEL},{encode(leeg_label)[1:]}'


def encode_unknown_sturingslabel() -> str:
    """Return the same in the short form of a batch."""
    leeg: dict[str, Any] = dict.fromkeys(STURINGSLABEL)
    return encode(
        {**leeg, "soort": json.loads(SOORT_LABEL), "redenOnbekend": REDEN_GEEN_RIJ, "themas": []}
    )


def _list_namen(objecten: pa.Table) -> list[str]:
    return [
        naam or code or id_
        for naam, code, id_ in zip(
            objecten["naam"].to_pylist(),
            objecten["code"].to_pylist(),
            objecten["beheerobject_id"].to_pylist(),
            strict=True,
        )
    ]


def _find_cells(
    objecten: pa.Table,
    labels: pa.Table,
    laatste: Mapping[tuple[str, str], date],
    catalogus: Catalogus,
) -> _Cellen:
    object_van_rij = _find_objects(objecten, labels, "mart_label__sociaal_beheer_label")
    grondslag_van_rij = _index_in(labels["grondslag"], GRONDSLAGEN, "grondslag")
    _index_in(labels["thema_code"], tuple(catalogus.volgorde), "thema_code")
    dagen = _days(labels["peildatum"])
    rijen = labels.num_rows
    nieuw = np.ones(rijen, dtype=bool)
    if rijen:
        nieuw[1:] = (
            (object_van_rij[1:] != object_van_rij[:-1])
            | (grondslag_van_rij[1:] != grondslag_van_rij[:-1])
            | (dagen[1:] != dagen[:-1])
        )
    cel_van_rij = np.cumsum(nieuw) - 1
    eerste = np.flatnonzero(nieuw)
    totaalrij = np.full(len(eerste), -1, dtype=np.int64)
    is_totaal = _bools(pc.equal(labels["thema_code"], THEMA_TOTAAL))
    totaalrij[cel_van_rij[is_totaal]] = np.flatnonzero(is_totaal)
    return _Cellen(
        van_rij=cel_van_rij,
        object=object_van_rij[eerste],
        grondslag=grondslag_van_rij[eerste],
        totaalrij=totaalrij,
        eerste_rij=eerste,
        is_laatste=_is_last(labels, laatste)[eerste],
    )


def _render_history(
    labels: pa.Table,
    cellen: _Cellen,
    banden: afscherming.Banden,
    aantal: int,
    catalogus: Catalogus,
) -> pa.Array:
    """JSON list per object: every published label, oldest first, grounds apart."""
    themarijen = _theme_rows(labels, cellen, catalogus)
    rij = labels.take(themarijen)
    themas = json_list(
        json_object(
            ("code", json_text(_column(rij, "thema_code"))),
            ("waarde", json_number(_column(rij, "sociaal_beheer_label"))),
            ("ruweWaarde", json_number(_column(rij, "ruw_sociaal_beheer_label"))),
            ("score", json_number(_column(rij, "score"), 1)),
            ("isScoreAfgerond", json_bool(banden.thema.take(themarijen))),
        ),
        cellen.van_rij[themarijen],
        len(cellen.eerste_rij),
    )
    hoofd = labels.take(_head_rows(cellen))
    regels = json_object(
        ("peildatum", json_date(_column(hoofd, "peildatum"))),
        ("grondslag", json_text(_column(hoofd, "grondslag"))),
        ("isGepubliceerdeGrondslag", json_bool(_column(hoofd, "is_gepubliceerde_grondslag"))),
        ("waarde", _total(json_number(_column(hoofd, "sociaal_beheer_label")), cellen)),
        *((naam, _total(deel, cellen)) for naam, deel in _render_decision(hoofd)),
        ("score", _total(json_number(_column(hoofd, "score"), 1), cellen)),
        ("isScoreAfgerond", json_bool(banden.cel.take(_head_rows(cellen)))),
        ("redenOnbekend", _total(json_text(_column(hoofd, "reden_onbekend")), cellen)),
        ("betrouwbaarheid", _total(json_text(_column(hoofd, "betrouwbaarheid")), cellen)),
        ("isReferentieperiode", json_bool(_column(hoofd, "is_referentieperiode"))),
        ("isAchterafBerekend", json_bool(_column(hoofd, "is_achteraf_berekend"))),
        ("bron", _render_source(hoofd)),
        ("themas", themas),
    )
    return json_list(regels, cellen.object, aantal)


@dataclass(frozen=True)
class _Redenen:
    """Rendered indicator values: lists per object × grondslag, and all of them per object."""

    omhoog: pa.Array
    omlaag: pa.Array
    zonder_dekking: pa.Array
    verouderd: pa.Array
    alle: pa.Array


def _render_indicatoren(
    objecten: pa.Table,
    indicatoren: pa.Table,
    catalogus: Catalogus,
    laatste: Mapping[tuple[str, str], date],
) -> _Redenen:
    nu = _is_last(indicatoren, laatste)
    object_van_rij = _find_objects(objecten, indicatoren, "mart_label__indicatorwaarde")[nu]
    rij = indicatoren.filter(pa.array(nu)).combine_chunks()
    # A banded contribution is empty by now, so it says nothing about order or direction.
    rangorde = pc.fill_null(_column(rij, "bijdrage"), 0.0).to_numpy()
    grondslag_van_rij = _index_in(rij["grondslag"], GRONDSLAGEN, "grondslag")
    groep = object_van_rij * len(GRONDSLAGEN) + grondslag_van_rij
    groepen = objecten.num_rows * len(GRONDSLAGEN)
    naam = _name_indicators(rij, catalogus)
    teksten = json_object(
        ("indicator", naam),
        ("grondslag", json_text(_column(rij, "grondslag"))),
        ("waarde", json_significant(_column(rij, "waarde"))),
        ("isAfgerond", json_bool(_column(rij, "is_gebandeerd"))),
        ("stratumWaarde", json_significant(_column(rij, "stratum_waarde"))),
        ("portefeuilleWaarde", json_significant(_column(rij, "portefeuille_waarde"))),
        ("gestandaardiseerd", json_number(_column(rij, "gestandaardiseerd"), 2)),
        ("gewicht", json_significant(_column(rij, "gewicht"))),
        ("bijdrage", json_number(_column(rij, "bijdrage"), 3)),
        ("richting", _render_direction(rangorde)),
        ("dekking", json_text(_column(rij, "dekking_code"))),
        ("leeftijdKwartalen", json_number(_column(rij, "leeftijd_kwartalen"))),
    )

    def per_group(keuze: Indexen) -> pa.Array:
        return json_list(teksten.take(keuze), groep[keuze], groepen)

    def per_group_names(dekking: str) -> pa.Array:
        keuze = np.flatnonzero(_bools(pc.equal(rij["dekking_code"], dekking)))
        return json_list(naam.take(keuze), groep[keuze], groepen)

    return _Redenen(
        omhoog=per_group(_top(groep, rangorde)),
        omlaag=per_group(_top(groep, -rangorde)),
        zonder_dekking=per_group_names(DEKKING_GEEN),
        verouderd=per_group_names(DEKKING_VEROUDERD),
        alle=json_list(teksten, object_van_rij, objecten.num_rows),
    )


def _render_changes(
    objecten: pa.Table,
    oorzaken: pa.Table,
    catalogus: Catalogus,
    laatste: Mapping[tuple[str, str], date],
) -> pa.Array:
    """JSON list per object × grondslag: what changed the total, the largest first."""
    rij, groep = _rows_by_group(
        objecten,
        oorzaken.filter(
            pc.or_(
                pc.less_equal(oorzaken["volgorde"], AANTAL_OORZAKEN),
                pc.fill_null(oorzaken["is_gebandeerd"], False),
            )
        ),
        laatste,
        "mart_label__verandering",
    )
    volgorde = np.lexsort((_ints(rij["volgorde"]), groep))
    rij, groep = rij.take(pa.array(volgorde)), groep[volgorde]
    heeft = np.flatnonzero(_bools(pc.not_equal(rij["indicator_code"], "")))
    plaats = np.full(len(groep), -1, dtype=np.int64)
    plaats[heeft] = np.arange(len(heeft))
    indicator = take_or(_name_indicators(rij.take(heeft), catalogus), plaats, "null")
    # The effect on the total, else that on the theme: they have the same sign.
    effect = pc.cast(_column(rij, "effect"), pa.float64())
    teken = pc.coalesce(effect, _column(rij, "verschil"))
    thema = _column(rij, "thema_code")
    teksten = json_object(
        ("soortCode", json_text(_column(rij, "soort_code"))),
        ("themaCode", pc.if_else(pc.equal(thema, THEMA_TOTAAL), "null", json_text(thema))),
        ("indicator", indicator),
        ("richting", _render_direction(pc.fill_null(teken, 0.0).to_numpy(zero_copy_only=False))),
        ("effect", json_number(effect, 1)),
        ("isAfgerond", json_bool(_column(rij, "is_gebandeerd"))),
        ("waarde", json_significant(_column(rij, "waarde"))),
        ("vorigeWaarde", json_significant(_column(rij, "vorige_waarde"))),
        ("leeftijdKwartalen", json_number(_column(rij, "leeftijd_kwartalen"))),
        ("vorigePeildatum", json_date(_column(rij, "vorige_peildatum"))),
    )
    return json_list(teksten, groep, objecten.num_rows * len(GRONDSLAGEN))


def _render_pictures(
    objecten: pa.Table, beelden: pa.Table, laatste: Mapping[tuple[str, str], date]
) -> pa.Array:
    """JSON list per object × grondslag: themes by what residents say and what was measured."""
    rij, groep = _rows_by_group(objecten, beelden, laatste, "mart_label__themabeeld")
    teksten = json_object(
        ("themaCode", json_text(_column(rij, "thema_code"))),
        ("volgensBewoners", json_number(_column(rij, "volgens_bewoners"), 2)),
        ("volgensMetingen", json_number(_column(rij, "volgens_metingen"), 2)),
        ("isEenBron", json_bool(_column(rij, "is_een_bron"))),
    )
    return json_list(teksten, groep, objecten.num_rows * len(GRONDSLAGEN))


def _rows_by_group(
    objecten: pa.Table, rijen: pa.Table, laatste: Mapping[tuple[str, str], date], tabel: str
) -> tuple[pa.Table, Indexen]:
    """Rows of the last peildatum and their object × grondslag, which ascends."""
    nu = _is_last(rijen, laatste)
    rij = rijen.filter(pa.array(nu)).combine_chunks()
    object_van_rij = _find_objects(objecten, rij, tabel)
    groep = object_van_rij * len(GRONDSLAGEN) + _index_in(
        rij["grondslag"], GRONDSLAGEN, "grondslag"
    )
    return rij, groep


def _render_cards(
    labels: pa.Table,
    cellen: _Cellen,
    banden: afscherming.Banden,
    *,
    redenen: _Redenen,
    naast: Sequence[tuple[str, pa.Array]],
    aantal: int,
    catalogus: Catalogus,
) -> tuple[pa.Array, pa.Array, Indexen, Indexen]:
    """JSON of the current label per (object × grondslag), whole and short, and the published one.

    ``naast`` holds further fields, with a value per object × grondslag.
    """
    nu = np.flatnonzero(cellen.is_laatste)
    nummer_van_cel = np.full(len(cellen.eerste_rij), -1, dtype=np.int64)
    nummer_van_cel[nu] = np.arange(len(nu))
    themarijen = _theme_rows(labels, cellen, catalogus)
    themarijen = themarijen[cellen.is_laatste[cellen.van_rij[themarijen]]]
    rij = labels.take(themarijen)
    namen = pa.array(
        [encode(catalogus.naam_van_thema[code]) for code in _column(rij, "thema_code").to_pylist()],
        pa.string(),
    )
    themas = json_list(
        json_object(
            ("code", json_text(_column(rij, "thema_code"))),
            ("naam", namen),
            ("waarde", json_number(_column(rij, "sociaal_beheer_label"))),
            ("ruweWaarde", json_number(_column(rij, "ruw_sociaal_beheer_label"))),
            ("redenCode", json_text(_column(rij, "reden_label_code"))),
            ("betrouwbaarheid", json_text(_column(rij, "betrouwbaarheid"))),
            ("bereik", _render_range(rij)),
            ("score", json_number(_column(rij, "score"), 1)),
            ("isScoreAfgerond", json_bool(banden.thema.take(themarijen))),
            ("aandeelVanTotaal", json_number(_column(rij, "aandeel_van_totaal"), 3)),
            ("aandeelDekking", json_number(_column(rij, "gewicht_dekking"), 3)),
            ("redenOnbekend", json_text(_column(rij, "reden_onbekend"))),
        ),
        nummer_van_cel[cellen.van_rij[themarijen]],
        len(nu),
    )
    begin, vorige = _find_changes(labels, cellen)
    hoofdrijen = _head_rows(cellen)[nu]
    hoofd = labels.take(hoofdrijen)
    groep = cellen.object[nu] * len(GRONDSLAGEN) + cellen.grondslag[nu]
    begindatum = json_date(_column(labels.take(begin[nu]), "peildatum"))
    kaarten = json_object(
        ("soort", SOORT_LABEL),
        ("label", _total(_render_label(hoofd), cellen, nu)),
        ("waarde", _total(json_number(_column(hoofd, "sociaal_beheer_label")), cellen, nu)),
        *(
            (naam, _total(deel, cellen, nu))
            for naam, deel in (*_render_decision(hoofd), *_render_uncertainty(hoofd))
        ),
        ("score", _total(json_number(_column(hoofd, "score"), 1), cellen, nu)),
        ("isScoreAfgerond", json_bool(banden.cel.take(hoofdrijen))),
        ("redenOnbekend", _total(json_text(_column(hoofd, "reden_onbekend")), cellen, nu)),
        ("grondslag", json_text(_column(hoofd, "grondslag"))),
        ("peildatum", json_date(_column(hoofd, "peildatum"))),
        ("begindatum", begindatum),
        ("einddatum", "null"),
        ("vorigeWaarde", json_number(vorige.take(nu))),
        ("betrouwbaarheid", _total(json_text(_column(hoofd, "betrouwbaarheid")), cellen, nu)),
        ("isReferentieperiode", json_bool(_column(hoofd, "is_referentieperiode"))),
        ("isAchterafBerekend", json_bool(_column(hoofd, "is_achteraf_berekend"))),
        ("bron", _render_source(hoofd)),
        ("themas", themas),
        (
            "redenen",
            json_object(
                ("omhoog", redenen.omhoog.take(groep)), ("omlaag", redenen.omlaag.take(groep))
            ),
        ),
        (
            "dekking",
            json_object(
                (
                    "aandeelGewicht",
                    _total(json_number(_column(hoofd, "gewicht_dekking"), 3), cellen, nu),
                ),
                ("zonderDekking", redenen.zonder_dekking.take(groep)),
                ("verouderd", redenen.verouderd.take(groep)),
            ),
        ),
        *((naam, kolom.take(groep)) for naam, kolom in naast),
    )
    kort = json_object(
        ("soort", SOORT_LABEL),
        ("label", _total(_render_label(hoofd), cellen, nu)),
        ("begindatum", begindatum),
        ("einddatum", "null"),
        ("bron", _render_source(hoofd)),
        ("waarde", _total(json_number(_column(hoofd, "sociaal_beheer_label")), cellen, nu)),
        ("score", _total(json_number(_column(hoofd, "score"), 1), cellen, nu)),
        ("grondslag", json_text(_column(hoofd, "grondslag"))),
        ("peildatum", json_date(_column(hoofd, "peildatum"))),
        ("redenOnbekend", _total(json_text(_column(hoofd, "reden_onbekend")), cellen, nu)),
        (
            "themas",
            json_list(
                json_object(
                    ("code", json_text(_column(rij, "thema_code"))),
                    ("waarde", json_number(_column(rij, "sociaal_beheer_label"))),
                ),
                nummer_van_cel[cellen.van_rij[themarijen]],
                len(nu),
            ),
        ),
    )
    keuze, ander = _choose_ground(cellen, nu, hoofd, aantal)
    return kaarten, kort, keuze, ander


def _choose_ground(
    cellen: _Cellen, nu: Indexen, hoofd: pa.Table, aantal: int
) -> tuple[Indexen, Indexen]:
    """Place among the current cells of the published ground per object, and of the other."""
    gepubliceerd = _bools(pc.fill_null(hoofd["is_gepubliceerde_grondslag"], False))
    plaats = np.full((aantal, len(GRONDSLAGEN)), -1, dtype=np.int64)
    plaats[cellen.object[nu], cellen.grondslag[nu]] = np.arange(len(nu))
    voorkeur = np.zeros((aantal, len(GRONDSLAGEN)), dtype=np.int64)
    voorkeur[cellen.object[nu], cellen.grondslag[nu]] = 1
    voorkeur[cellen.object[nu][gepubliceerd], cellen.grondslag[nu][gepubliceerd]] = 2
    eerste = np.argmax(voorkeur, axis=1)
    rijen = np.arange(aantal)
    return plaats[rijen, eerste], plaats[rijen, 1 - eerste]


def _find_changes(labels: pa.Table, cellen: _Cellen) -> tuple[Indexen, pa.Array]:
    """Per cell: the row since which the total label is what it is, and the label before it."""
    aantal = len(cellen.eerste_rij)
    waarden = np.zeros(aantal, dtype=np.int64)
    heeft_totaal = cellen.totaalrij >= 0
    waarden[heeft_totaal] = _ints(labels["sociaal_beheer_label"])[cellen.totaalrij[heeft_totaal]]
    reeks = cellen.object * len(GRONDSLAGEN) + cellen.grondslag
    start = np.ones(aantal, dtype=bool)
    zelfde_reeks = np.zeros(aantal, dtype=bool)
    if aantal:
        zelfde_reeks[1:] = reeks[1:] == reeks[:-1]
        start[1:] = ~zelfde_reeks[1:] | (waarden[1:] != waarden[:-1])
    begincel = np.maximum.accumulate(np.where(start, np.arange(aantal), 0)) if aantal else start
    vorige = np.zeros(aantal, dtype=np.int64)
    if aantal:
        vorige[1:] = np.where(zelfde_reeks[1:], waarden[:-1], 0)
    return (
        cellen.eerste_rij[np.asarray(begincel, dtype=np.int64)],
        pa.array(vorige, pa.int64(), mask=vorige == 0),
    )


def _describe_objects(
    objecten: pa.Table,
    context: Mapping[str, Sequence[Mapping[str, Any]]],
    signalen: Mapping[str, Sequence[Mapping[str, Any]]],
) -> pa.Array:
    teksten = []
    for rij in objecten.to_pylist():
        feiten: dict[str, Any] = {
            "id": rij["beheerobject_id"],
            "code": rij["code"],
            "naam": rij["naam"] or rij["code"] or rij["beheerobject_id"],
            "niveau": rij["niveau"],
        }
        if rij["niveau"] == "complex":
            feiten["buurt"] = _reference(rij["buurt_id"], rij["buurt_naam"])
        if rij["niveau"] != "wijk":
            feiten["wijk"] = _reference(rij["wijk_id"], rij["wijk_naam"])
        feiten["aantalVerhuureenheden"] = rij["verhuureenheden_aantal"]
        if rij["niveau"] == "complex":
            feiten["gebouwtype"] = rij["gebouwtype_naam"]
            feiten["straatnamen"] = split_straatnamen(rij["straatnamen"])
            feiten["isBeheercluster"] = bool(rij["is_beheercluster"])
            feiten["themasignalen"] = list(signalen.get(rij["beheerobject_id"], ()))
        else:
            feiten["aantalComplexen"] = rij["aantal_complexen"]
            feiten["isGebiedGedeeld"] = bool(rij["is_gebied_gedeeld"])
        if rij["niveau"] == "buurt":
            feiten["context"] = list(context.get(rij["beheerobject_id"], ()))
        teksten.append(encode(feiten)[:-1])
    return pa.array(teksten, pa.string())


def split_straatnamen(straatnamen: str | None) -> list[str]:
    """Return the street names in the mart's comma-joined text.

    Examples
    --------
    >>> split_straatnamen("Eikenlaan, Beukweg")
    ['Eikenlaan', 'Beukweg']
    """
    return [naam.strip() for naam in (straatnamen or "").split(",") if naam.strip()]


def _render_list_rows(
    objecten: pa.Table,
    label: npt.NDArray[np.int64],
    score: npt.NDArray[np.float64],
    grondslagen: list[str | None],
    peildata: list[str | None],
    dekking: list[float | None],
) -> list[str]:
    regels = []
    for nummer, rij in enumerate(objecten.to_pylist()):
        regel: dict[str, Any] = {
            "id": rij["beheerobject_id"],
            "code": rij["code"],
            "naam": rij["naam"] or rij["code"] or rij["beheerobject_id"],
        }
        if rij["niveau"] == "complex":
            regel["buurt"] = _reference(rij["buurt_id"], rij["buurt_naam"])
        if rij["niveau"] != "wijk":
            regel["wijk"] = _reference(rij["wijk_id"], rij["wijk_naam"])
        regel["aantalVerhuureenheden"] = rij["verhuureenheden_aantal"]
        totaal = score[nummer, 0]
        regel["sociaalBeheerLabel"] = {
            "waarde": int(label[nummer, 0]) or None,
            "score": None if np.isnan(totaal) else round(float(totaal), 1),
            "grondslag": grondslagen[nummer],
            "peildatum": peildata[nummer],
            "aandeelDekking": dekking[nummer],
            "themas": [
                {"code": code, "waarde": int(label[nummer, plaats]) or None}
                for plaats, code in enumerate(THEMAS)
                if code != THEMA_TOTAAL
            ],
        }
        regels.append(encode(regel))
    return regels


def _build_search_texts(objecten: pa.Table) -> list[str]:
    velden = ("naam", "code", "beheerobject_id", "straatnamen", "buurt_naam", "wijk_naam")
    return [
        normalize_zoektekst(" | ".join(str(rij[veld]) for veld in velden if rij[veld]))
        for rij in objecten.select(list(velden)).to_pylist()
    ]


def _matrix(
    labels: pa.Table, cellen: _Cellen, keuze: Indexen, aantal: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    label = np.zeros((aantal, len(THEMAS)), dtype=np.int64)
    score = np.full((aantal, len(THEMAS)), np.nan)
    gekozen_cellen = np.flatnonzero(cellen.is_laatste)[keuze[keuze >= 0]]
    is_gekozen = np.zeros(len(cellen.eerste_rij), dtype=bool)
    is_gekozen[gekozen_cellen] = True
    rijen = np.flatnonzero(is_gekozen[cellen.van_rij]) if labels.num_rows else np.array([], int)
    thema = _index_in(labels["thema_code"], THEMAS, "thema_code")[rijen]
    objecten = cellen.object[cellen.van_rij[rijen]]
    label[objecten, thema] = _ints(labels["sociaal_beheer_label"])[rijen]
    score[objecten, thema] = np.asarray(
        _column(labels, "score").to_numpy(zero_copy_only=False), dtype=np.float64
    )[rijen]
    return label, score


def _describe_choice(
    labels: pa.Table, cellen: _Cellen, keuze: Indexen
) -> tuple[list[str | None], list[str | None], list[float | None]]:
    """Ground, peildatum and coverage of the published label per object."""
    nu = np.flatnonzero(cellen.is_laatste)
    rijen = np.where(keuze >= 0, 0, -1)
    rijen[keuze >= 0] = _head_rows(cellen)[nu[keuze[keuze >= 0]]]
    plaats = pa.array(rijen, pa.int64(), mask=rijen < 0)
    return (
        _column(labels, "grondslag").take(plaats).to_pylist(),
        pc.cast(_column(labels, "peildatum"), pa.string()).take(plaats).to_pylist(),
        pc.round(_column(labels, "gewicht_dekking").take(plaats), 3).to_pylist(),
    )


def _render_source(rijen: pa.Table) -> pa.Array:
    versie = _column(rijen, "methodeversie")
    naam = concat("Methode ", pc.fill_null(versie, "onbekend"))
    return json_object(
        ("code", json_text(versie)),
        ("naam", json_text(naam)),
        ("referentieId", json_text(_column(rijen, "referentie_id"))),
    )


def describe_label(waarde: int | None) -> dict[str, str] | None:
    """Return a label as VERA writes a coded value; None when it is unknown."""
    return None if waarde is None else {"code": str(waarde), "naam": NAMEN_LABEL[waarde]}


def _render_label(rijen: pa.Table) -> pa.Array:
    teksten = pa.array(["null", *(encode(describe_label(waarde)) for waarde in NAMEN_LABEL)])
    return teksten.take(pa.array(_ints(rijen["sociaal_beheer_label"])))


def _render_decision(rijen: pa.Table) -> tuple[tuple[str, pa.Array], ...]:
    """Render what led to the published label: raw, after damping, a person's reading of it."""
    delta = _column(rijen, "duiding_delta")
    duiding = json_object(
        ("delta", json_number(delta)),
        ("redenCode", json_text(_column(rijen, "duiding_reden_code"))),
    )
    heeft = pc.fill_null(pc.not_equal(delta, 0), False)
    return (
        ("ruweWaarde", json_number(_column(rijen, "ruw_sociaal_beheer_label"))),
        ("modelWaarde", json_number(_column(rijen, "model_sociaal_beheer_label"))),
        ("redenCode", json_text(_column(rijen, "reden_label_code"))),
        ("duiding", pc.if_else(heeft, duiding, "null")),
    )


def _render_uncertainty(rijen: pa.Table) -> tuple[tuple[str, pa.Array], ...]:
    delen: list[pa.Array | str] = ["["]
    for label in range(1, 6):
        delen += [json_number(_column(rijen, f"kans_{label}"), 3), "]" if label == 5 else ","]
    bekend = pc.is_valid(_column(rijen, "kans_1"))
    return (
        ("kansen", pc.if_else(bekend, concat(*delen), "null")),
        ("bereik", _render_range(rijen)),
        ("standaardfout", json_number(_column(rijen, "standaardfout"), 1)),
    )


def _render_range(rijen: pa.Table) -> pa.Array:
    laag = _column(rijen, "label_laag")
    bereik = json_object(
        ("laag", json_number(laag)), ("hoog", json_number(_column(rijen, "label_hoog")))
    )
    return pc.if_else(pc.is_valid(laag), bereik, "null")


def _render_direction(rangorde: npt.NDArray[np.float64]) -> pa.Array:
    """Say in a word whether an indicator makes the task larger; nothing where unknown."""
    keuze = np.where(rangorde > 0, '"omhoog"', np.where(rangorde < 0, '"omlaag"', "null"))
    return pa.array(keuze.tolist(), pa.string())


def _name_indicators(rijen: pa.Table, catalogus: Catalogus) -> pa.Array:
    sleutels = [f"{grondslag}\x1f{code}" for grondslag, code in catalogus.indicatoren]
    plaats = pc.index_in(
        build_key(rijen, ("grondslag", "indicator_code")), value_set=pa.array(sleutels, pa.string())
    )
    if plaats.null_count:
        onbekend = rijen.filter(pc.is_null(plaats))["indicator_code"][0].as_py()
        raise ReleaseFout(
            f"mart_label__indicatorwaarde: indicator {onbekend} staat niet in de catalogus.",
            verwacht="elke indicator_code met zijn grondslag in de seed indicator",
            remedie="Voeg de rij toe aan de seed of laat de indicator weg.",
        )
    return pa.array(list(catalogus.indicatoren.values()), pa.string()).take(plaats)


def _top(groep: Indexen, rangorde: npt.NDArray[np.float64]) -> Indexen:
    """Rows of the (at most three) largest positive contributions per group, largest first."""
    volgorde = np.lexsort((np.arange(len(groep)), -rangorde, groep))
    volgorde = volgorde[rangorde[volgorde] > 0]
    gesorteerd = groep[volgorde]
    plaats = np.arange(len(gesorteerd)) - np.searchsorted(gesorteerd, gesorteerd)
    return np.asarray(volgorde[plaats < AANTAL_REDENEN], dtype=np.int64)


def _theme_rows(labels: pa.Table, cellen: _Cellen, catalogus: Catalogus) -> Indexen:
    """Rows of the themes (not the total), by cell and then in the method's order."""
    codes = tuple(catalogus.volgorde)
    rang = np.array([catalogus.volgorde[code] for code in codes], dtype=np.int64)
    thema = _index_in(labels["thema_code"], codes, "thema_code")
    volgorde = np.lexsort((rang[thema], cellen.van_rij))
    is_totaal = _bools(pc.equal(labels["thema_code"], THEMA_TOTAAL))
    return np.asarray(volgorde[~is_totaal[volgorde]], dtype=np.int64)


def _head_rows(cellen: _Cellen) -> Indexen:
    """Row that speaks for a cell: the total's, or the first where there is no total."""
    return np.where(cellen.totaalrij >= 0, cellen.totaalrij, cellen.eerste_rij)


def _total(kolom: pa.Array, cellen: _Cellen, nu: Indexen | None = None) -> pa.Array:
    """Keep a fact of the total only where the cell has a row for the total."""
    heeft = cellen.totaalrij >= 0
    return pc.if_else(pa.array(heeft if nu is None else heeft[nu]), kolom, "null")


def _is_last(rijen: pa.Table, laatste: Mapping[tuple[str, str], date]) -> npt.NDArray[np.bool_]:
    grens = np.full((len(NIVEAUS), len(GRONDSLAGEN)), np.iinfo(np.int64).max)
    for (niveau, grondslag), dag in laatste.items():
        dagen = (dag - _EPOCHE).days
        grens[NIVEAUS.index(niveau), GRONDSLAGEN.index(grondslag)] = dagen
    op_niveau = _index_in(rijen["niveau"], NIVEAUS, "niveau")
    op_grondslag = _index_in(rijen["grondslag"], GRONDSLAGEN, "grondslag")
    return np.asarray(_days(rijen["peildatum"]) == grens[op_niveau, op_grondslag], dtype=np.bool_)


def _find_objects(objecten: pa.Table, rijen: pa.Table, tabel: str) -> Indexen:
    bekend = pa.array(
        [
            object_key(niveau, beheerobject_id)
            for niveau, beheerobject_id in zip(
                objecten["niveau"].to_pylist(), objecten["beheerobject_id"].to_pylist(), strict=True
            )
        ],
        pa.string(),
    )
    plaats = pc.index_in(build_key(rijen, ("niveau", "beheerobject_id")), value_set=bekend)
    if plaats.null_count:
        vreemd = rijen.filter(pc.is_null(plaats))
        raise ReleaseFout(
            f"{tabel}: {vreemd['niveau'][0]} {vreemd['beheerobject_id'][0]} is geen beheerobject.",
            verwacht="alleen objecten uit mart_beheerobject__beheerobject",
            remedie="Laat de mart uitgaan van dezelfde objecten.",
        )
    return np.asarray(plaats.to_numpy(zero_copy_only=False), dtype=np.int64)


def _index_in(kolom: pa.ChunkedArray, waarden: Sequence[str], naam: str) -> Indexen:
    plaats = pc.index_in(kolom, value_set=pa.array(list(waarden), pa.string()))
    if plaats.null_count:
        vreemd = kolom.filter(pc.is_null(plaats))[0].as_py()
        raise ReleaseFout(
            f"{naam}: waarde {vreemd!r} is niet bekend.",
            verwacht=f"een van {', '.join(waarden)}",
            remedie="Verbeter de waarde in de mart of vul de seed aan.",
        )
    return np.asarray(plaats.to_numpy(), dtype=np.int64)


def _column(rijen: pa.Table, naam: str) -> pa.Array:
    kolom = rijen[naam]
    return kolom.combine_chunks() if isinstance(kolom, pa.ChunkedArray) else kolom


def _days(kolom: pa.ChunkedArray) -> Indexen:
    return np.asarray(pc.cast(kolom, pa.int32()).to_numpy(), dtype=np.int64)


def _ints(kolom: pa.ChunkedArray) -> Indexen:
    return np.asarray(pc.fill_null(kolom, 0).to_numpy(), dtype=np.int64)


def _bools(kolom: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    if isinstance(kolom, pa.ChunkedArray):
        kolom = kolom.combine_chunks()
    return np.asarray(kolom.to_numpy(zero_copy_only=False), dtype=bool)


def _reference(sleutel: str | None, naam: str | None) -> dict[str, str] | None:
    return None if sleutel is None else {"id": sleutel, "naam": naam or sleutel}


__all__ = [
    "AANTAL_REDENEN",
    "SOORT_LABEL",
    "Blok",
    "Catalogus",
    "encode_unknown_label",
    "render_block",
    "split_straatnamen",
]
