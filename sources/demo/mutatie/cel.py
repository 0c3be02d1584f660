"""Mutations of cells: values that break the contract, and texts that try to be code.

A broken cell must put its own row in quarantine and no other; a text in a free column must land
as it is and do nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from sources.demo.mutatie.blad import Mutatie, Proef, Rij
from vera.contract import Kolom

SLEUTEL = "sleutel_uniek"
TOEKOMST = "datums_niet_in_toekomst"
CODES = frozenset({"codes_bekend", "onbekende_codes_onder_drempel"})
# What is true to say of a table that lost rows to quarantine.
GEVOLGEN = frozenset(
    {
        "afkeuringen_onder_drempel",
        "omvang_past_bij_vorige",
        "verdeling_past_bij_vorige",
        "*verwijzing",
    }
)
VERWIJZING = "verwijzing_"
MAXIMUM_RIJEN = 3
Maak = Callable[[Kolom, np.random.Generator], str | None]

_GETAL = ("integer", "bigint", "decimal", "double")


def _choose_plekken(proef: Proef, rng: np.random.Generator) -> list[int]:
    """Choose rows to spoil that are not spoilt yet, and were sound to begin with."""
    nummers = {rij.nummer for rij in proef.blad.rijen}
    vrij = [
        plek
        for plek, rij in enumerate(proef.blad.rijen)
        if rij.nummer not in proef.afgekeurd
        and -rij.nummer not in nummers  # a row that stands there twice stays as it is
        and rij.nummer not in proef.gewijzigd
        and len(rij.cellen) == len(proef.blad.kop)
    ]
    aantal = min(len(vrij), int(rng.integers(1, MAXIMUM_RIJEN + 1)))
    return sorted(int(p) for p in rng.choice(vrij, size=aantal, replace=False)) if vrij else []


def _spoil(proef: Proef, kolom: Kolom, plekken: list[int], tekst: str, *reden: str) -> Proef:
    """Put a text that breaks the contract in a column of some rows."""
    blad = proef.blad
    afgekeurd = dict(proef.afgekeurd)
    for plek in plekken:
        blad = blad.set_cel(plek, kolom.naam, tekst)
        afgekeurd[blad.rijen[plek].nummer] = (frozenset({kolom.naam}), reden)
    verboden = (*proef.verboden, tekst) if len(tekst.strip()) >= MINIMUM_VERBODEN else ()
    return replace(
        proef,
        blad=blad,
        afgekeurd=afgekeurd,
        soort="cel",
        mag_melden=proef.mag_melden | CODES | GEVOLGEN,
        verboden=verboden or proef.verboden,
    )


MINIMUM_VERBODEN = 5
"""Shorter texts occur in honest messages by chance."""


def _break_kolom(soorten: tuple[str, ...], maak: Maak, *reden: str) -> Mutatie:
    """Return a mutation that fills cells of columns of some types with a text that is no such."""

    def mutate(proef: Proef, rng: np.random.Generator) -> Proef | None:
        kolommen = proef.list_kolommen(*soorten)
        plekken = _choose_plekken(proef, rng)
        if not kolommen or not plekken:
            return None
        kolom = kolommen[int(rng.integers(len(kolommen)))]
        tekst = maak(kolom, rng)
        return None if tekst is None else _spoil(proef, kolom, plekken, tekst, *reden)

    return mutate


def _one_of(*teksten: str) -> Maak:
    return lambda kolom, rng: teksten[int(rng.integers(len(teksten)))]


def _above(kolom: Kolom, rng: np.random.Generator) -> str | None:
    return None if kolom.maximum is None else str(int(kolom.maximum) + int(rng.integers(1, 9)))


def _below(kolom: Kolom, rng: np.random.Generator) -> str | None:
    return None if kolom.minimum is None else str(int(kolom.minimum) - int(rng.integers(1, 9)))


def empty_verplicht(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Leave a required cell empty, or with nothing but spaces."""
    kolommen = [kolom for kolom in proef.list_kolommen() if kolom.verplicht]
    plekken = _choose_plekken(proef, rng)
    if not kolommen or not plekken or len(proef.blad.kop) == 1:
        return None
    kolom = kolommen[int(rng.integers(len(kolommen)))]
    leeg = ("", "   ")[int(rng.integers(2))]
    return _spoil(proef, kolom, plekken, leeg, "verplicht veld is leeg")


def write_onbekende_code(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Put a code that no list has: unknown, in the wrong case, with something behind it."""
    kolommen = [kolom for kolom in proef.list_kolommen() if kolom.waarden]
    plekken = _choose_plekken(proef, rng)
    if not kolommen or not plekken:
        return None
    kolom = kolommen[int(rng.integers(len(kolommen)))]
    echt = sorted(kolom.waarden)[int(rng.integers(len(kolom.waarden)))]
    keuze = (
        "QQKANARIE",
        echt.swapcase(),
        echt + "_",
        echt + "\u200b",
        f"{echt},{echt}",
        "NULL",
    )
    code = keuze[int(rng.integers(len(keuze)))]
    if code in kolom.waarden:
        return None
    return _spoil(proef, kolom, plekken, code, "onbekende code")


def reverse_periode(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Let a period end before it begins."""
    namen = {kolom.naam for kolom in proef.list_kolommen("date")}
    plekken = [
        plek
        for plek in _choose_plekken(proef, rng)
        if not namen or len(proef.blad.rijen[plek].cellen) == len(proef.blad.kop)
    ]
    paren = [p for p in PERIODEN if set(p) <= namen]
    if not paren or not plekken:
        return None
    begin, einde = paren[int(rng.integers(len(paren)))]
    vol = [
        plek
        for plek in plekken
        if proef.blad.rijen[plek].cellen[proef.blad.find(begin)][:4].isdigit()
    ]
    if not vol:
        return None
    kolom = proef.tabel.kolom(einde)
    return _spoil(proef, kolom, vol, "1901-02-03", f"{einde} ligt voor {begin}")


PERIODEN = (("begindatum", "einddatum"), ("in_exploitatiedatum", "uit_exploitatiedatum"))


def write_bytes(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Put bytes in a cell that are no UTF-8, or a NUL."""
    if proef.vorm.parquet or proef.bron.codering != "utf-8":
        return None
    plekken = _choose_plekken(proef, rng)
    if not plekken:
        return None
    kolommen = proef.list_kolommen()
    kolom = kolommen[int(rng.integers(len(kolommen)))]
    tekst = ("caf\udce9kanarie", "kan\0arie", "\udcff\udcfekanarie")[int(rng.integers(3))]
    nieuw = _spoil(proef, kolom, plekken, tekst, "tekens buiten", "geen ", "onbekende code")
    afgekeurd = {
        nummer: (frozenset({"", *eis[0]}) if nummer not in proef.afgekeurd else eis[0], eis[1])
        for nummer, eis in nieuw.afgekeurd.items()
    }
    return replace(nieuw, afgekeurd=afgekeurd)


def change_aantal(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Give rows a cell too many, or one too few."""
    if proef.vorm.parquet or len(proef.blad.kop) < 3:
        return None
    plekken = _choose_plekken(proef, rng)
    if not plekken:
        return None
    blad, afgekeurd = proef.blad, dict(proef.afgekeurd)
    for plek in plekken:
        rij = blad.rijen[plek]
        cellen = (*rij.cellen, "kanarie") if rng.random() < 0.5 else rij.cellen[:-2]
        blad = blad.set_rij(plek, Rij(rij.nummer, cellen))
        afgekeurd[rij.nummer] = (frozenset({""}), ("aantal kolommen",))
    return replace(
        proef,
        blad=blad,
        afgekeurd=afgekeurd,
        soort="cel",
        mag_melden=proef.mag_melden | CODES | GEVOLGEN,
    )


def double_sleutel(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Deliver a row twice in one file: the gate must refuse it."""
    plekken = _choose_plekken(proef, rng)[:1]
    if not plekken:
        return None
    rij = proef.blad.rijen[plekken[0]]
    blad = replace(proef.blad, rijen=(*proef.blad.rijen, replace(rij, nummer=-rij.nummer)))
    return replace(proef, blad=blad, soort="cel", melding=proef.melding | {SLEUTEL})


def write_toekomst(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Put a date ahead where something has happened: the gate must refuse it."""
    kolommen = [
        k
        for k in proef.list_kolommen("date")
        if k.naam not in {"einddatum", "uit_exploitatiedatum", "opzegdatum", "vervaldatum"}
    ]
    plekken = _choose_plekken(proef, rng)[:1]
    if not kolommen or not plekken:
        return None
    kolom = kolommen[int(rng.integers(len(kolommen)))]
    jaar = ("2026-07-14", "2031-07-14", "2206-01-01")[int(rng.integers(3))]
    if kolom.naam in {"begindatum", "in_exploitatiedatum"}:
        jaar = "2031-07-14"
    blad, rij = proef.blad, proef.blad.rijen[plekken[0]]
    if any(
        naam in blad.kop and rij.cellen[blad.find(naam)]
        for begin, naam in PERIODEN
        if begin == kolom.naam
    ):
        return None  # a period that ends before it begins is another mutation
    return replace(
        proef,
        blad=blad.set_cel(plekken[0], kolom.naam, jaar),
        gewijzigd={**proef.gewijzigd, rij.nummer: {kolom.naam: jaar}},
        soort="cel",
        melding=proef.melding | {TOEKOMST},
    )


INJECTIES = (
    "=HYPERLINK(\"http://kanarie.example\";\"klik\")",
    "=1+1",
    "+31 kanarie",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(A1:A9)",
    "\t=1+1",
    "'; drop table vera.zaak; --",
    "\" or 1=1 --",
    "<script>alert('kanarie')</script>",
    "<img src=x onerror=alert(1)>",
    "regel een\nERROR poort in: alles in orde",
    "regel een\r\nregel twee",
    "\x1b[2J\x1b[31mkanarie",
    "../../etc/passwd",
    "{{ var('kanarie') }} ${kanarie}",
    "\u202eeirank",
    "a\u200bb\u00a0c\ufeff",
    "n\u0301 \U0001f600 \u4e2d\u6587",
    "k" * 5000,
    "een; twee; \"drie\"",
    "NULL",
    "NaN",
    "None",
    "0",
    "%s%n%d",
)  # fmt: skip


def write_injectie(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Put a text that tries to be code in a free column: it must land as that text."""
    kolommen = [k for k in proef.list_kolommen("varchar") if not k.waarden]
    plekken = _choose_plekken(proef, rng)
    if not kolommen or not plekken:
        return None
    kolom = kolommen[int(rng.integers(len(kolommen)))]
    tekst = INJECTIES[int(rng.integers(len(INJECTIES)))]
    blad, gewijzigd = proef.blad, dict(proef.gewijzigd)
    for i, plek in enumerate(plekken):
        # A key must stay one.
        eigen = tekst if kolom.naam not in proef.tabel.sleutel else f"{tekst} {i}"
        blad = blad.set_cel(plek, kolom.naam, eigen)
        gewijzigd[blad.rijen[plek].nummer] = {kolom.naam: eigen}
    return replace(
        proef,
        blad=blad,
        gewijzigd=gewijzigd,
        soort="tekst",
        mag_melden=proef.mag_melden
        | {f"{VERWIJZING}{kolom.naam}_bekend", "waarden_per_sleutel_stabiel"}
        | {"verdeling_past_bij_vorige"},
        verboden=(*proef.verboden, tekst) if len(tekst) >= MINIMUM_VERBODEN else proef.verboden,
    )


def write_injectie_in_code(proef: Proef, rng: np.random.Generator) -> Proef | None:
    """Put such a text where a code, a number or a date belongs: its row goes to quarantine."""
    kolommen = [k for k in proef.list_kolommen() if k.waarden or k.type != "varchar"]
    plekken = _choose_plekken(proef, rng)
    if not kolommen or not plekken:
        return None
    kolom = kolommen[int(rng.integers(len(kolommen)))]
    tekst = INJECTIES[int(rng.integers(15))]
    reden = "onbekende code" if kolom.waarden else "geen "
    return replace(_spoil(proef, kolom, plekken, tekst, reden), soort="tekst")


CEL: Mapping[str, Mutatie] = {
    "tekst in getal": _break_kolom(
        _GETAL,
        _one_of("vermoedelijk 1931", "n.v.t.", "12 stuks", "€ 650", "--12", "1.2.3"),
        "geen ",
    ),
    "NaN of oneindig": _break_kolom(
        _GETAL,
        _one_of("NaN", "nan", "inf", "-inf", "Infinity", "1e400", "#N/B", "#DIV/0!"),
        "geen ",
    ),
    "vreemd getal": _break_kolom(
        _GETAL,
        _one_of("0x41", "1_000", "\uff11\uff12", "1 000", "1,5", "1.000,00", "1e3", "TRUE", "½"),
        "geen ",
    ),
    "gebroken geheel getal": _break_kolom(("integer", "bigint"), _one_of("3.5", "0.99"), "geen "),
    "te groot getal": _break_kolom(
        _GETAL, _one_of("99999999999999999999", "9" * 400), "geen ", "groter dan"
    ),
    "boven het maximum": _break_kolom(_GETAL, _above, "groter dan", "geen "),
    "onder het minimum": _break_kolom(_GETAL, _below, "kleiner dan"),
    "datum die niet bestaat": _break_kolom(
        ("date",), _one_of("2025-02-30", "2025-13-01", "2023-02-29", "0000-00-00"), "geen date"
    ),
    "datum in andere vorm": _break_kolom(
        ("date",),
        _one_of(
            "31-12-2024",
            "12/31/2024",
            "20241231",
            "45657",
            "1 januari 2025",
            "25-01-01",
            "infinity",
        ),
        "geen date",
    ),
    "verplicht veld leeg": empty_verplicht,
    "onbekende code": write_onbekende_code,
    "einde voor begin": reverse_periode,
    "vreemde bytes": write_bytes,
    "ander aantal cellen": change_aantal,
    "rij dubbel": double_sleutel,
    "datum in de toekomst": write_toekomst,
}

TEKST: Mapping[str, Mutatie] = {
    "injectie in vrije tekst": write_injectie,
    "injectie in code, getal of datum": write_injectie_in_code,
}
