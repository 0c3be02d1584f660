"""Mutations of publishers' files, which are cells in a layout of their own.

What may change is told by line: a cell that does not fit becomes empty and is reported with its
line, a file that is no such file is refused, and nothing else moves.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from sources.demo.mutatie.bestand import BESTAND
from sources.demo.mutatie.blad import Mutatie, Proef, zip_bytes

Doe = Callable[[bytes, np.random.Generator], bytes]


def _same(doe: Doe) -> Mutatie:
    """Return a mutation after which the same rows must land."""

    def mutate(proef: Proef, rng: np.random.Generator) -> Proef | None:
        if _is_kaart(proef):
            return None
        zaad = int(rng.integers(2**32))
        return replace(
            proef,
            doe_bytes=lambda inhoud: doe(inhoud, np.random.default_rng(zaad)),
            soort="uitgever",
        )

    return mutate


def _is_kaart(proef: Proef) -> bool:
    return ".geojson" in proef.bestand


def zip_bestand(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Zip the file."""
    return replace(proef, vorm=replace(proef.vorm, gz=True), doe_bytes=zip_bytes, soort="uitgever")


def _crlf(inhoud: bytes, rng: np.random.Generator) -> bytes:
    return inhoud.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _slot(inhoud: bytes, rng: np.random.Generator) -> bytes:
    return inhoud.rstrip(b"\r\n")


CELLEN = (
    b"n.v.t.", b"NaN", b"inf", b"-5", b"1e9", b"999999999999999999999", b"=1+1", b"kanarie",
    b"12%%", b"", b"x", b"<script>alert(1)</script>", b"1.000.000", b"33,3,3", b"\xe9\xe9",
)  # fmt: skip


KOPREGELS: Mapping[str, tuple[str, ...]] = {
    "cbs_kwb": ("titel", "leeg", "onderwerp", "namen", "eenheden")
}
"""Lines before the rows, where there are more than the names: those are no cells of one row."""


def change_cel(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Put something else in one cell of one line, of any column."""
    if _is_kaart(proef):
        return None
    zaad = int(rng.integers(2**32))
    teken = _find_teken(proef)
    koppen = len(KOPREGELS.get(proef.bron.naam, ("namen",)))

    def doe(inhoud: bytes) -> bytes:
        eigen = np.random.default_rng(zaad)
        regels = inhoud.split(b"\n")
        vol = [i for i, regel in enumerate(regels) if regel.count(teken) > 1][koppen:]
        plek = vol[int(eigen.integers(len(vol)))]
        cellen = regels[plek].split(teken)
        cellen[int(eigen.integers(len(cellen)))] = CELLEN[int(eigen.integers(len(CELLEN)))]
        regels[plek] = teken.join(cellen)
        return b"\n".join(regels)

    return replace(proef, doe_bytes=doe, soort="uitgever", mag_melden=frozenset({"*cel"}))


def _find_teken(proef: Proef) -> bytes:
    """Return the separator; the crosswalk is not the city's own file and has a comma."""
    return b"," if proef.bestand.startswith("crosswalk") else proef.bron.scheidingsteken.encode()


def swap_koppen(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Swap two names of the head and leave the cells."""
    if _is_kaart(proef):
        return None
    zaad = int(rng.integers(2**32))
    teken = _find_teken(proef)
    na_titel = KOPREGELS.get(proef.bron.naam, ("namen",)).index("namen")

    def doe(inhoud: bytes) -> bytes:
        eigen = np.random.default_rng(zaad)
        regels = inhoud.split(b"\n")
        # The first line with most separators: the names, unless a title is as wide.
        plek = int(np.argmax([regel.count(teken) for regel in regels])) + na_titel
        cellen = regels[plek].split(teken)
        i, j = (int(k) for k in eigen.choice(len(cellen), size=2, replace=False))
        cellen[i], cellen[j] = cellen[j], cellen[i]
        regels[plek] = teken.join(cellen)
        return b"\n".join(regels)

    return replace(
        proef,
        doe_bytes=doe,
        soort="uitgever",
        onherleidbaar="een uitgever die zijn eigen kop verkeerd zet",
        mag_melden=frozenset({"*alles"}),
    )


def rename(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Give the file a name with another year in it, or one that tries to be code."""
    stam, punt, rest = proef.bestand.partition(".")
    namen = [
        stam.replace("2024", "2019").replace("2025", "2019") + punt + rest,
        f"=1+1 {proef.bestand}",
        f"{stam}'; drop table x; --{punt}{rest}",
        f"{stam}\nERROR alles in orde{punt}{rest}",
        f"{stam}\x1b[31m{punt}{rest}",
        f"jan.kanarie@voorbeeld.nl {proef.bestand}",
        f"{stam}{punt}{rest}.bak",
    ]
    naam = namen[int(rng.integers(len(namen)))]
    if naam == proef.bestand:
        return None
    return replace(
        proef,
        bestand=naam,
        oorspronkelijk=proef.oorspronkelijk or proef.bestand,
        soort="uitgever",
        mag_melden=frozenset({"*alles"}),
        verboden=("kanarie@", "\n", "\x1b"),
        onherleidbaar="een andere naam is een ander bestand",
    )


def _break_kaart(doe: Callable[[dict[str, object], np.random.Generator], object]) -> Mutatie:
    """Return a mutation of a map; it must be refused or leave out its own feature only."""

    def mutate(proef: Proef, rng: np.random.Generator) -> Proef | None:
        if not _is_kaart(proef):
            return None
        zaad = int(rng.integers(2**32))

        def change(inhoud: bytes) -> bytes:
            kaart = json.loads(inhoud)
            return json.dumps(doe(kaart, np.random.default_rng(zaad))).encode()

        return replace(proef, doe_bytes=change, soort="uitgever", mag_melden=frozenset({"*vorm"}))

    return mutate


VORMEN: tuple[object, ...] = (
    None,
    {},
    {"type": "Polygon"},
    {"type": "Polygon", "coordinates": "kanarie"},
    {"type": "Polygon", "coordinates": []},
    {"type": "Polygon", "coordinates": [[[4.5, 51.9], [4.6, 51.9]]]},
    {"type": "Polygon", "coordinates": [[[4.5, 51.9], [4.6, 51.9], [4.6, 52.0], [4.5, 51.8]]]},
    {"type": "Polygon", "coordinates": [[[float("nan"), 51.9]] * 4]},
    {"type": "Polygon", "coordinates": [[[float("inf"), 51.9]] * 4]},
    {"type": "Polygon", "coordinates": [[[92000, 437000], [92100, 437000], [92100, 437100],
                                         [92000, 437000]]]},
    {"type": "Polygon", "coordinates": [[["4.5", "51.9"]] * 4]},
    {"type": "MultiPolygon", "coordinates": [[[4.5, 51.9]]]},
    {"type": "Point", "coordinates": [4.5, 51.9]},
    {"type": "GeometryCollection", "geometries": []},
    [4.5, 51.9],
    "kanarie",
)  # fmt: skip


def _change_vorm(kaart: dict[str, object], rng: np.random.Generator) -> object:
    features = kaart["features"]
    if isinstance(features, list):
        features[int(rng.integers(len(features)))]["geometry"] = VORMEN[
            int(rng.integers(len(VORMEN)))
        ]
    return kaart


def _change_eigenschap(kaart: dict[str, object], rng: np.random.Generator) -> object:
    features = kaart["features"]
    waarden: tuple[object, ...] = (None, 5, [], {}, True, "=1+1", "<b>kanarie</b>", float("nan"))
    if isinstance(features, list):
        eigen = features[int(rng.integers(len(features)))]["properties"]
        eigen[sorted(eigen)[int(rng.integers(len(eigen)))]] = waarden[
            int(rng.integers(len(waarden)))
        ]
    return kaart


def _change_geheel(kaart: dict[str, object], rng: np.random.Generator) -> object:
    keuze: tuple[object, ...] = (
        [], {}, "kanarie", None, {**kaart, "features": None}, {**kaart, "features": {}},
        {**kaart, "features": [1, 2]}, {**kaart, "type": "Feature"}, {**kaart, "features": []},
        {**kaart, "crs": {"properties": {"name": "EPSG:28992"}}}, {**kaart, "crs": [1]},
        {**kaart, "features": [{"type": "Feature"}]},
    )  # fmt: skip
    return keuze[int(rng.integers(len(keuze)))]


_RUW = (
    "afgekapt", "leeg", "ander soort bestand", "willekeurige bytes", "omgevallen bytes",
    "NUL-bytes", "UTF-16 of UTF-32", "Excel-bestand met andere naam", "kop weg",
    "aanhalingsteken open", "map met de naam van het bestand", "koppeling naar zichzelf",
    "koppeling naar niets",
)  # fmt: skip

UITGEVER: Mapping[str, Mutatie] = {
    "gz": zip_bestand,
    "regeleinde CRLF": _same(_crlf),
    "geen laatste regeleinde": _same(_slot),
    "andere cel": change_cel,
    "namen in de kop verwisseld": swap_koppen,
    "andere bestandsnaam": rename,
    "andere vorm op de kaart": _break_kaart(_change_vorm),
    "andere eigenschap op de kaart": _break_kaart(_change_eigenschap),
    "andere opbouw van de kaart": _break_kaart(_change_geheel),
    **{naam: BESTAND[naam] for naam in _RUW},
}
