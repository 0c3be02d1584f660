"""A release as a reader sees it who may not see everything, with the doors of a release.

Pages and API ask a release the same questions whoever reads; what a reader may not see is not in
what they are handed, so no page can forget to leave it out. For labels alone a small store is
made of what is left, once per release and set of themes; it holds no complex.

What is kept is named field by field: what a release gets later is not shown by itself.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from serving.release import schema
from serving.release.json_kolom import encode
from serving.release.publiek import AANTALLEN, MINIMUM_WONINGEN, publieke_waarde
from serving.release.standen import Sleutel, pack_labels
from serving.release.winkel import Uitgave
from vera.toegang import Lezer, Zicht

T = TypeVar("T")

GEBIEDEN: Final = ("buurt", "wijk")

_VAN_LABEL: Final = (
    "soort",
    "grondslag",
    "peildatum",
    "begindatum",
    "einddatum",
    "vorigeWaarde",
    "redenOnbekend",
    "isReferentieperiode",
    "isAchterafBerekend",
    "isGepubliceerdeGrondslag",
    "bron",
)
_LEEG_LABEL: Final[Mapping[str, Any]] = {
    **dict.fromkeys(
        (
            "ruweWaarde",
            "modelWaarde",
            "redenCode",
            "duiding",
            "kansen",
            "bereik",
            "standaardfout",
            "score",
            "betrouwbaarheid",
        )
    ),
    "isScoreAfgerond": False,
    "redenen": {"omhoog": [], "omlaag": []},
    "dekking": {"aandeelGewicht": None, "zonderDekking": [], "verouderd": []},
    "verandering": [],
    "themabeeld": [],
}
_LEEG_THEMA: Final[Mapping[str, Any]] = {
    **dict.fromkeys(
        (
            "ruweWaarde",
            "redenCode",
            "betrouwbaarheid",
            "bereik",
            "score",
            "aandeelVanTotaal",
            "aandeelDekking",
        )
    ),
    "isScoreAfgerond": False,
}
_WAARDEN: Final = (
    "waarde",
    "stratumWaarde",
    "portefeuilleWaarde",
    "gestandaardiseerd",
    "bijdrage",
)
_WAARDEN_OORZAAK: Final = ("waarde", "vorigeWaarde")
_VAN_MANIFEST: Final = (
    "formaatversie",
    "organisatie",
    "gemeente",
    "synthetisch",
    "methodeversie",
    "referentie_id",
    "is_voorlopig",
    "klok",
    "peildatum",
    "codeversie",
    "referenties",
)
_KLEIN: Final[Mapping[str, Any]] = {
    "waarde": None,
    "vorigeWaarde": None,
    "begindatum": None,
    "redenOnbekend": f"minder dan {MINIMUM_WONINGEN} woningen",
}
"""What is said of an area with so few dwellings that a label would be about a handful of people."""
_WONINGEN, _COMPLEXEN = AANTALLEN


def look_as(uitgave: Uitgave, lezer: Lezer) -> Uitgave:
    """Return a release as a reader sees it."""
    zicht = lezer.zicht
    if zicht.inzage == "alles":
        return uitgave
    if zicht.inzage == "zonder_waarden":
        return ZonderWaarden(uitgave)
    return uitgave.remember(("inzage", zicht), lambda: Labelinzage(uitgave, zicht))


def round_aantal(aantal: int | None, *cel: str) -> int | None:
    """Return a count as others than our own people see it: on fives.

    Parameters
    ----------
    aantal
        The count.
    *cel
        What identifies the cell: niveau, object and name of the figure.
    """
    return publieke_waarde(aantal, *cel)


class ZonderWaarden(Uitgave):
    """A release without the values of indicators: what a label says and which reasons it has."""

    def __init__(self, uitgave: Uitgave) -> None:
        self._uitgave = uitgave
        self.map = uitgave.map
        self.release_id = uitgave.release_id
        self.manifest = uitgave.manifest
        self.run = uitgave.run
        self.peildatum = uitgave.peildatum
        self.synthetisch = uitgave.synthetisch
        self.staart = uitgave.staart

    def _opzoek(self) -> sqlite3.Connection:
        return self._uitgave._opzoek()

    def remember(self, sleutel: Any, maak: Callable[[], T]) -> T:
        """Return what ``maak`` gives, computed once for everybody who sees no values."""
        return self._uitgave.remember(("zonder_waarden", sleutel), maak)

    def answer(self, niveau: str, beheerobject_id: str) -> bytes | None:
        """Return the answer about one object, without values."""
        inhoud = super().answer(niveau, beheerobject_id)
        if inhoud is None:
            return None
        antwoord = json.loads(inhoud)
        for naam in ("sociaalBeheerLabel", "sociaalBeheerLabelAndereGrondslag"):
            if antwoord[naam] is not None:
                antwoord[naam] = _drop_values(antwoord[naam])
        return encode(antwoord).encode()

    def explanation(self, niveau: str, beheerobject_id: str) -> list[dict[str, Any]] | None:
        """Return nothing: these are values."""
        return None if super().explanation(niveau, beheerobject_id) is None else []


def _drop_values(label: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **label,
        "redenen": {
            kant: [{**reden, **dict.fromkeys(_WAARDEN)} for reden in redenen]
            for kant, redenen in label["redenen"].items()
        },
        "verandering": [
            # Without an indicator it is a number of dwellings.
            oorzaak
            if oorzaak["indicator"] is None
            else {**oorzaak, **dict.fromkeys(_WAARDEN_OORZAAK)}
            for oorzaak in label["verandering"]
        ],
        "themabeeld": [],
    }


class Labelinzage(Uitgave):
    """Labels of buurten and wijken for some themes, and counts in fives; no complex anywhere.

    It holds on to nothing of the release that it was made of, and has no folder: files hold more.
    """

    def __init__(self, uitgave: Uitgave, zicht: Zicht) -> None:
        self._zicht = zicht
        self.themas = zicht.themas
        self.release_id = uitgave.release_id
        self.manifest = _prune_manifest(uitgave.manifest)
        self.run = {naam: uitgave.run.get(naam) for naam in ("geschreven_op",)}
        self.peildatum = uitgave.peildatum
        self.synthetisch = uitgave.synthetisch
        self.staart = uitgave.staart
        self._bewaard: dict[Any, Any] = {}
        self._slot = uitgave._slot
        # One connection for all threads: SQLite takes its turns itself.
        self._store = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._store.executescript(schema.OPZOEK_DDL)
        self._fill(uitgave)

    def __del__(self) -> None:
        self._store.close()

    def _opzoek(self) -> sqlite3.Connection:
        return self._store

    def history(self, niveau: str, beheerobject_id: str) -> list[dict[str, Any]] | None:
        """Return the published labels of an object, oldest first per ground."""
        rijen = self.query(
            "select body from geschiedenis where niveau = ? and beheerobject_id = ?",
            (niveau, beheerobject_id),
        )
        if not rijen:
            return None
        inhoud: list[dict[str, Any]] = json.loads(rijen[0][0])
        return inhoud

    def explanation(self, niveau: str, beheerobject_id: str) -> list[dict[str, Any]] | None:
        """Return nothing: these are values."""
        return None if self.answer(niveau, beheerobject_id) is None else []

    def _fill(self, uitgave: Uitgave) -> None:
        themas, store = self._zicht.themas, self._store
        store.execute("begin")
        verdeling: dict[tuple[str, str, int], list[int]] = defaultdict(lambda: [0, 0])
        standen: dict[Sleutel, dict[str, int | None]] = defaultdict(dict)
        ids: dict[str, list[str]] = defaultdict(list)
        rijen = uitgave.query(
            "select niveau, beheerobject_id, naam, buurt_id, wijk_id, grondslag, peildatum, "
            "verhuureenheden_aantal, zoek, body from lijst where niveau in (?, ?) "
            "order by niveau, beheerobject_id",
            GEBIEDEN,
        )
        for niveau, id_, naam, buurt_id, wijk_id, grondslag, peildatum, aantal, zoek, body in rijen:
            regel = _prune_row(json.loads(body), niveau, themas)
            labels = {
                "TOT": regel["sociaalBeheerLabel"]["waarde"],
                **{t["code"]: t["waarde"] for t in regel["sociaalBeheerLabel"]["themas"]},
            }
            rond = round_aantal(aantal, niveau, id_, _WONINGEN)
            kolommen = [labels.get(thema) for thema in schema.THEMAS]
            store.execute(
                f"insert into lijst values ({', '.join('?' * 24)})",  # noqa: S608 - marks only
                (niveau, id_, naam, buurt_id, wijk_id, grondslag, peildatum, rond, None, None, zoek,
                 *kolommen, *[None] * len(kolommen), encode(regel).encode()),
            )  # fmt: skip
            for thema in themas & set(schema.THEMAS):
                telling = verdeling[(niveau, thema, labels.get(thema) or 0)]
                telling[0] += 1
                telling[1] += rond or 0
            ids[niveau].append(id_)
            for historisch in self._fill_object(uitgave, niveau, id_):
                for sleutel, label in _list_standen(niveau, historisch, themas):
                    standen[sleutel][id_] = label
        store.executemany("insert into stand values (?, ?, ?, ?, ?)", pack_labels(standen, ids))
        store.executemany(
            "insert into verdeling values (?, ?, ?, ?, ?)",
            [(*sleutel, *telling) for sleutel, telling in sorted(verdeling.items())],
        )
        store.executemany(
            "insert into vorm values (?, ?, ?)",
            uitgave.query(
                "select niveau, beheerobject_id, geojson from vorm where niveau in (?, ?)", GEBIEDEN
            ),
        )
        themarijen = [rij for rij in uitgave.attachment("thema") if rij["thema_code"] in themas]
        store.executemany(
            "insert into bijlage values (?, ?)",
            [
                (naam, encode(waarde).encode())
                for naam, waarde in (
                    ("thema", themarijen),
                    ("indicator", []),
                    ("dekking", []),
                    ("inhoud", self.manifest),
                    ("modelversies", uitgave.attachment("modelversies")),
                )
            ],
        )
        store.execute("commit")
        store.executescript(schema.OPZOEK_INDEXEN)

    def _fill_object(self, uitgave: Uitgave, niveau: str, id_: str) -> list[dict[str, Any]]:
        """Keep what is left of one object; return its history."""
        antwoord = uitgave.answer(niveau, id_)
        if antwoord is None:
            return []
        themas, inhoud = self._zicht.themas, json.loads(antwoord)
        kaal = _prune_object(inhoud, themas)
        historie = [
            _prune_label(regel, themas, inhoud["aantalVerhuureenheden"])
            for regel in uitgave.history(niveau, id_) or ()
        ]
        for tabel, blob in (
            ("antwoord", encode(kaal).removesuffix("}").encode()),
            ("geschiedenis", encode(historie).encode()),
        ):
            self._store.execute(
                f"insert into {tabel} values (?, ?, ?)",  # noqa: S608 - two fixed names
                (niveau, id_, blob),
            )
        return historie


def _list_standen(
    niveau: str, label: Mapping[str, Any], themas: frozenset[str]
) -> list[tuple[Sleutel, int | None]]:
    """Return the labels of one row of a history, as the table ``stand`` has them."""
    if not label.get("isGepubliceerdeGrondslag"):
        return []
    waarden = {schema.THEMA_TOTAAL: label["waarde"]} | {
        thema["code"]: thema["waarde"] for thema in label["themas"]
    }
    return [
        ((niveau, label["grondslag"], label["peildatum"], thema), waarde)
        for thema, waarde in waarden.items()
        if thema in themas
    ]


def _prune_manifest(manifest: Mapping[str, Any]) -> dict[str, Any]:
    peildata = manifest.get("peildata") or {}
    return {
        **{naam: manifest[naam] for naam in _VAN_MANIFEST if naam in manifest},
        "peildata": {niveau: peildata[niveau] for niveau in GEBIEDEN if niveau in peildata},
        "leveringen": [],
    }


def _prune_object(antwoord: Mapping[str, Any], themas: frozenset[str]) -> dict[str, Any]:
    kaal = {naam: antwoord[naam] for naam in ("id", "code", "naam", "niveau")}
    if antwoord["niveau"] == "buurt":
        kaal["wijk"] = antwoord["wijk"]
    ander = antwoord["sociaalBeheerLabelAndereGrondslag"]
    cel, woningen = (antwoord["niveau"], antwoord["id"]), antwoord["aantalVerhuureenheden"]
    kaal |= {
        "aantalVerhuureenheden": round_aantal(woningen, *cel, _WONINGEN),
        "aantalComplexen": round_aantal(antwoord["aantalComplexen"], *cel, _COMPLEXEN),
        "isGebiedGedeeld": antwoord["isGebiedGedeeld"],
    }
    if antwoord["niveau"] == "buurt":
        kaal["context"] = []
    return {
        **kaal,
        "sociaalBeheerLabel": _prune_label(antwoord["sociaalBeheerLabel"], themas, woningen),
        "sociaalBeheerLabelAndereGrondslag": (
            None if ander is None else _prune_label(ander, themas, woningen)
        ),
    }


def _prune_label(
    label: Mapping[str, Any], themas: frozenset[str], woningen: int | None
) -> dict[str, Any]:
    """Return a label of a card or of a history: the fields it has, emptied where not for all."""
    kaal = {naam: leeg for naam, leeg in _LEEG_LABEL.items() if naam in label}
    kaal |= {naam: label[naam] for naam in _VAN_LABEL if naam in label}
    klein = _is_too_small(label["grondslag"], woningen)
    if klein:
        kaal |= {naam: leeg for naam, leeg in _KLEIN.items() if naam in kaal}
    toont_totaal = schema.THEMA_TOTAAL in themas and not klein
    return {
        **kaal,
        **({"label": label["label"] if toont_totaal else None} if "label" in label else {}),
        "waarde": label["waarde"] if toont_totaal else None,
        "themas": _prune_themas(label["themas"], themas, klein=klein),
    }


def _is_too_small(grondslag: str | None, woningen: int | None) -> bool:
    """Own figures of few dwellings; figures from outside are public already."""
    return grondslag != "openbaar" and (woningen or 0) < MINIMUM_WONINGEN


def _prune_themas(
    regels: Sequence[Mapping[str, Any]], themas: frozenset[str], *, klein: bool
) -> list[dict[str, Any]]:
    return [
        {
            **{naam: leeg for naam, leeg in _LEEG_THEMA.items() if naam in regel},
            **{
                naam: regel[naam]
                for naam in ("code", "naam", "waarde", "redenOnbekend")
                if naam in regel
            },
            **({naam: leeg for naam, leeg in _KLEIN.items() if naam in regel} if klein else {}),
        }
        for regel in regels
        if regel["code"] in themas
    ]


def _prune_row(regel: Mapping[str, Any], niveau: str, themas: frozenset[str]) -> dict[str, Any]:
    """Return a row of the list."""
    label, woningen = regel["sociaalBeheerLabel"], regel["aantalVerhuureenheden"]
    klein = _is_too_small(label["grondslag"], woningen)
    return {
        **{naam: regel[naam] for naam in ("id", "code", "naam", "wijk") if naam in regel},
        "aantalVerhuureenheden": round_aantal(woningen, niveau, regel["id"], _WONINGEN),
        "sociaalBeheerLabel": {
            "waarde": label["waarde"] if schema.THEMA_TOTAAL in themas and not klein else None,
            "score": None,
            "grondslag": label["grondslag"],
            "peildatum": label["peildatum"],
            "aandeelDekking": None,
            "themas": _prune_themas(label["themas"], themas, klein=klein),
        },
    }
