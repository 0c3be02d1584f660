"""Damage of a file as a whole: it must be refused or quarantined, and never end in a traceback."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from sources.demo.mutatie.blad import Mutatie, Proef, Rij, zip_bytes

LEESBAAR, KOLOMMEN = "bestand_leesbaar", "kolommen_aanwezig"
VOLUME = frozenset(
    {"omvang_past_bij_vorige", "omvang_editie_past_bij_vorige", "afkeuringen_onder_drempel"}
)
_GEEN_TABEL = (
    "leeg", "kop", "scheidingsteken", "UTF-16", "gzip", "niet te lezen", "ontbreekt", "mist",
    "geen kolom", "geen leesbare", "geen geldig", "tekens buiten", "Parquet", "leesbaar",
    "geen titel", "namen en", "regel", "eenheid", "GeoJSON",
)  # fmt: skip

BOM_BYTES = 96 * 1024 * 1024
GROOT_VELD = 10 * 1024 * 1024
Doe = Callable[[bytes, np.random.Generator], bytes]


def _damage(doe: Doe, *, parquet: bool | None = False) -> Mutatie:
    """Return a mutation of the written bytes; the file must be refused, or its rows rejected."""

    def mutate(proef: Proef, rng: np.random.Generator) -> Proef | None:
        if parquet is not None and bool(proef.vorm.parquet) != parquet:
            return None
        zaad = int(rng.integers(2**32))
        return replace(
            proef,
            doe_bytes=lambda inhoud: doe(inhoud, np.random.default_rng(zaad)),
            soort="bestand",
            weigert=_GEEN_TABEL,
            melding=frozenset(),
        )

    return mutate


def _truncate(inhoud: bytes, rng: np.random.Generator) -> bytes:
    return inhoud[: int(len(inhoud) * rng.uniform(0.0, 0.98))]


def _replace_all(*keuze: bytes) -> Doe:
    return lambda inhoud, rng: keuze[int(rng.integers(len(keuze)))]


def _random(inhoud: bytes, rng: np.random.Generator) -> bytes:
    return rng.bytes(int(rng.integers(1, 5000)))


def _sprinkle_nul(inhoud: bytes, rng: np.random.Generator) -> bytes:
    uit = bytearray(inhoud)
    for plek in rng.integers(0, max(1, len(uit)), size=30).tolist():
        uit[plek : plek + 1] = b"\0"
    return bytes(uit)


def _flip(inhoud: bytes, rng: np.random.Generator) -> bytes:
    uit = bytearray(inhoud)
    for plek in rng.integers(0, max(1, len(uit)), size=40).tolist():
        uit[plek] ^= int(rng.integers(1, 256))
    return bytes(uit)


def _to_utf16(inhoud: bytes, rng: np.random.Generator) -> bytes:
    tekst = inhoud.decode("utf-8", errors="replace")
    return tekst.encode(("utf-16", "utf-16-le", "utf-16-be", "utf-32")[int(rng.integers(4))])


def _to_xlsx(inhoud: bytes, rng: np.random.Generator) -> bytes:
    uit = io.BytesIO()
    with zipfile.ZipFile(uit, "w") as bestand:
        bestand.writestr("xl/worksheets/sheet1.xml", inhoud)
    return uit.getvalue()


def _drop_kop(inhoud: bytes, rng: np.random.Generator) -> bytes:
    return inhoud.partition(b"\n")[2]


def _open_aanhaling(inhoud: bytes, rng: np.random.Generator) -> bytes:
    plek = int(rng.integers(len(inhoud) + 1))
    return inhoud[:plek] + b'"' + inhoud[plek:]


def _change_scheiding(*tekens: bytes) -> Doe:
    return lambda inhoud, rng: (
        inhoud.replace(b";", tekens[int(rng.integers(len(tekens)))])
        if b";" in inhoud
        else inhoud.replace(b",", b";")
    )


def _truncate_gz(inhoud: bytes, rng: np.random.Generator) -> bytes:
    return inhoud[: int(len(inhoud) * rng.uniform(0.0, 0.97))]


def _bomb(inhoud: bytes, rng: np.random.Generator) -> bytes:
    """Unzips to a hundred mebibytes behind a sound head."""
    kop = gzip.decompress(inhoud).partition(b"\n")[0] + b"\n"
    vulling = (b"\0", b"\n", b";", b"a")[int(rng.integers(4))]
    return zip_bytes(kop) + zip_bytes(vulling * BOM_BYTES)


def _in_gz(doe: Doe) -> Mutatie:
    damage = _damage(doe)

    def mutate(proef: Proef, rng: np.random.Generator) -> Proef | None:
        if f"{proef.bestand}.gz" in proef.extra:
            return None  # a zipped copy would lie under its name
        nieuw = damage(proef, rng)
        return nieuw and replace(nieuw, vorm=replace(nieuw.vorm, gz=True))

    return mutate


def grow_veld(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Make one cell ten megabytes long: its row goes to quarantine, the others stay."""
    if proef.vorm.parquet or not proef.blad.rijen:
        return None
    kolommen = proef.list_kolommen()
    kolom = kolommen[int(rng.integers(len(kolommen)))].naam
    plek = int(rng.integers(len(proef.blad.rijen)))
    rij = proef.blad.rijen[plek]
    if len(rij.cellen) != len(proef.blad.kop) or rij.nummer in proef.afgekeurd:
        return None
    return replace(
        proef,
        blad=proef.blad.set_cel(plek, kolom, "k" * GROOT_VELD),
        afgekeurd={
            **proef.afgekeurd,
            rij.nummer: (frozenset({"", kolom}), ("niet te lezen", "geen ", "onbekende code")),
        },
        soort="bestand",
        mag_melden=proef.mag_melden | {"afkeuringen_onder_drempel"},
    )


def add_kolommen(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Add two thousand columns: they are passed over and the rows stay."""
    blad = proef.blad
    if any(len(rij.cellen) != len(blad.kop) for rij in blad.rijen):
        return None
    kop = (*blad.kop, *(f"extra{i}" for i in range(2000)))
    rijen = tuple(Rij(rij.nummer, (*rij.cellen, *("",) * 2000)) for rij in blad.rijen[:40])
    over = {rij.nummer for rij in rijen}
    return replace(
        proef,
        blad=replace(blad, kop=kop, rijen=rijen),
        afgekeurd={n: eis for n, eis in proef.afgekeurd.items() if n in over},
        gewijzigd={n: eis for n, eis in proef.gewijzigd.items() if n in over},
        soort="bestand",
        melding=proef.melding if len(over) == len(blad.rijen) else frozenset(),
        mag_melden=proef.mag_melden
        | VOLUME
        | {"geen_onbekende_kolommen", "verdeling_past_bij_vorige", "onbekende_codes_onder_drempel"}
        | {"*verwijzing"},
    )


def drop_verplicht(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Leave out a required column."""
    kolommen = [k for k in proef.list_kolommen() if k.verplicht]
    if not kolommen:
        return None
    i = proef.blad.find(kolommen[int(rng.integers(len(kolommen)))].naam)
    if any(len(rij.cellen) != len(proef.blad.kop) for rij in proef.blad.rijen):
        return None
    rijen = tuple(
        replace(rij, cellen=rij.cellen[:i] + rij.cellen[i + 1 :]) for rij in proef.blad.rijen
    )
    kop = proef.blad.kop[:i] + proef.blad.kop[i + 1 :]
    return replace(
        proef,
        blad=replace(proef.blad, kop=kop, rijen=rijen),
        soort="bestand",
        weigert=("ontbreekt",),
    )


def rename_kop(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Write names of the head otherwise: capitals, twice the same, with a personal value."""
    blad = proef.blad
    if len(blad.kop) < 2:
        return None
    verplicht = [k.naam for k in proef.list_kolommen() if k.verplicht]
    if not verplicht:
        return None
    i = blad.find(verplicht[int(rng.integers(len(verplicht)))])
    j = (i + 1) % len(blad.kop)
    if blad.kop[j] not in {k.naam for k in proef.tabel.kolommen}:
        return None
    naam = (blad.kop[i].upper(), blad.kop[j], "Jan de Kanarie", "")[int(rng.integers(4))]
    kop = (*blad.kop[:i], naam, *blad.kop[i + 1 :])
    return replace(
        proef,
        blad=replace(blad, kop=kop),
        soort="bestand",
        weigert=("ontbreekt", "meer dan één keer"),
        verboden=(*proef.verboden, "Kanarie"),
    )


def swap_onverenigbaar(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Swap the cells of two columns of different types: no row is what the contract says."""
    vol = [k for k in proef.list_kolommen() if any(proef.blad.get_kolom(k.naam))]
    paren = [
        (a, b)
        for a in vol
        for b in vol
        if a.type == "date" and (b.type.startswith(("decimal", "integer")) or b.waarden)
    ]
    if not paren or proef.afgekeurd or proef.gewijzigd:
        return None
    een, ander = paren[int(rng.integers(len(paren)))]
    a, b = proef.blad.get_kolom(een.naam), proef.blad.get_kolom(ander.naam)
    blad = proef.blad.set_kolom(een.naam, b).set_kolom(ander.naam, a)
    eis = (frozenset({een.naam, ander.naam}), ("geen ", "onbekende code", "verplicht"))
    afgekeurd = {rij.nummer: eis for rij, x, y in zip(blad.rijen, a, b, strict=True) if x or y}
    return replace(
        proef,
        blad=blad,
        afgekeurd=afgekeurd,
        soort="bestand",
        melding=frozenset({"afkeuringen_onder_drempel", "onbekende_codes_onder_drempel"}),
    )


def _place(plaats: Callable[[Path, bytes], None]) -> Mutatie:
    def mutate(proef: Proef, rng: np.random.Generator) -> Proef | None:
        return replace(
            proef,
            plaats=plaats,
            soort="bestand",
            weigert=(*_GEEN_TABEL, "te openen"),
            melding=frozenset(),
        )

    return mutate


def _make_map(pad: Path, inhoud: bytes) -> None:
    pad.mkdir()
    (pad / pad.name).write_bytes(inhoud)


def _make_lus(pad: Path, inhoud: bytes) -> None:
    pad.symlink_to(pad.name)


def _make_los(pad: Path, inhoud: bytes) -> None:
    pad.symlink_to(pad.with_name("is er niet.csv"))


def _make_buiten(pad: Path, inhoud: bytes) -> None:
    """Make a link that leads out of the deliveries folder."""
    (pad.parent.parent.parent / "buiten.txt").write_text("Jan de Kanarie, geheim\n", "utf-8")
    pad.symlink_to(Path("..", "..", "buiten.txt"))


def change_datum(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Name a date that does not exist, or one that has yet to come."""
    if proef.bron.formaat != "tabel" or proef.vorm.gz or proef.vorm.parquet:
        return None
    datum = ("2025-13-45", "2026-02-30", "0000-01-01", "2061-01-01")[int(rng.integers(4))]
    return replace(
        proef,
        bestand=f"{proef.tabel.naam}_{datum}.csv",
        oorspronkelijk=proef.oorspronkelijk or proef.bestand,
        soort="bestand",
        weigert=("datum", "toekomst"),
        melding=frozenset({LEESBAAR, "levering_niet_in_toekomst"}),
    )


BESTAND: Mapping[str, Mutatie] = {
    "afgekapt": _damage(_truncate),
    "leeg": _damage(_replace_all(b"", b"\n\n", b"   ", b"\xef\xbb\xbf")),
    "ander soort bestand": _damage(
        _replace_all(
            b"<!doctype html><title>Aanmelden</title><p>Jan de Kanarie",
            b'{"fout": "Jan de Kanarie", "bsn": 123456782}',
            b"PK\x03\x04kapot",
            b"%PDF-1.7\nJan de Kanarie\n",
            b"PAR1" + b"\0" * 40 + b"PAR1",
        )
    ),
    "willekeurige bytes": _damage(_random),
    "omgevallen bytes": _damage(_flip),
    "NUL-bytes": _damage(_sprinkle_nul),
    "UTF-16 of UTF-32": _damage(_to_utf16),
    "Excel-bestand met andere naam": _damage(_to_xlsx),
    "kop weg": _damage(_drop_kop),
    "aanhalingsteken open": _damage(_open_aanhaling),
    "ander scheidingsteken": _damage(_change_scheiding(b",", b"\t", b"|", b":")),
    "gz afgekapt": _in_gz(_truncate_gz),
    "gz die geen gz is": _in_gz(lambda inhoud, rng: gzip.decompress(inhoud)),
    "gz-bom": _in_gz(_bomb),
    "veld van 10 MB": grow_veld,
    "2.000 kolommen": add_kolommen,
    "verplichte kolom weg": drop_verplicht,
    "kop met andere namen": rename_kop,
    "kolommen van ander type verwisseld": swap_onverenigbaar,
    "map met de naam van het bestand": _place(_make_map),
    "koppeling naar zichzelf": _place(_make_lus),
    "koppeling naar niets": _place(_make_los),
    "koppeling naar buiten": _place(_make_buiten),
    "datum in de naam": change_datum,
    "Parquet afgekapt": _damage(_truncate, parquet=True),
    "Parquet met omgevallen bytes": _damage(_flip, parquet=True),
}
