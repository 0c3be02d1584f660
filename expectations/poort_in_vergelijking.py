"""Rules of the gate in that lay two deliveries of one full table beside each other, key by key.

Margins show neither a column that moved up one row nor rows that came under other keys. Belongs
here: the same keys in two files. Does not belong here: how columns are filled
(:mod:`expectations.poort_in_verdeling`); which files are compared
(:func:`expectations.poort_in_verslag.list_vergelijkingen`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from expectations.poort import Meting, Regel
from expectations.relatie import PLEK, Meter, quote, quote_tekst
from vera.contract import Tabel

# In a full table so many rows may say something else of the same key than the time before.
AANDEEL_ANDERE_WAARDE = 0.20
# Below this many keys in both deliveries a change of that share says nothing.
MINIMUM_ZELFDE_SLEUTEL = 20
# Of fewer keys, from this number on, more than half must say something else.
MINIMUM_WEINIG_SLEUTELS = 4
AANDEEL_ANDERE_WAARDE_WEINIG = 0.50
# A number counts as another one from this relative difference on: rents rise every year.
ANDER_GETAL = 0.25
# So many of the keys may be gone the next time; more is another table, or half of one.
AANDEEL_SLEUTEL_WEG = 0.30
MINIMUM_SLEUTEL_WEG = 2

_GETAL = re.compile("U?(?:TINY|SMALL|BIG|HUGE)?INT|DOUBLE|FLOAT|DECIMAL|BOOLEAN")

STABIEL = Regel(
    "waarden_per_sleutel_stabiel",
    "bij dezelfde sleutel meestal dezelfde waarden als in de vorige levering",
    "vraag de leverancier of kolommen of rijen zijn verschoven, of waarom zo veel is gewijzigd",
    blokkeert=False,
)
SLEUTELS = Regel(
    "sleutels_van_vorige_levering",
    f"hoogstens {100 * AANDEEL_SLEUTEL_WEG:.0f} % van de sleutels van de vorige levering weg",
    "vraag de leverancier of de sleutels zijn vernieuwd, of kolommen zijn verwisseld",
    blokkeert=False,
)


def measure_paren(
    meter: Meter,
    tabel: Tabel,
    view: str,
    kolommen: Mapping[str, str],
    paren: Sequence[tuple[str, str]],
    *,
    is_uniek: bool,
) -> dict[Regel, Meting]:
    """Measure what moved between each two deliveries that follow one another.

    Parameters
    ----------
    meter
        Asks the database with the rows.
    tabel
        The contract of a full table.
    view
        Its landed rows of all files, with ``_bestand``.
    kolommen
        The columns that are laid beside each other, with their types.
    paren
        Files (older, newer); none gives no measurement.
    is_uniek
        Whether each key stands in a file once; else the first row of a key counts.

    Returns
    -------
    dict
        Per rule the first pair that breaks it, else a measurement in which nothing is wrong.
    """
    if not paren:
        return {}
    uit = {STABIEL: Meting(), SLEUTELS: Meting()}
    sleutel = [quote(k) for k in tabel.sleutel]
    andere = {k: soort for k, soort in kolommen.items() if k not in tabel.sleutel}
    for ouder, nieuwer in paren:
        toen, nu = (_select_bestand(view, sleutel, b, is_uniek=is_uniek) for b in (ouder, nieuwer))
        paar = _compare_paar(meter, sleutel, andere, toen, nu)
        for regel, meting in (
            (STABIEL, _measure_stabiel(paar, ouder, nieuwer)),
            (SLEUTELS, _measure_sleutels(paar, ouder, nieuwer)),
        ):
            if uit[regel].maat <= 0:
                uit[regel] = meting
    return uit


@dataclass(frozen=True)
class _Paar:
    """How many keys two files have, how many both, and per column how many of these differ."""

    toen: int
    nu: int
    samen: int
    anders: Mapping[str, int]


def _compare_paar(
    meter: Meter, sleutel: Sequence[str], andere: Mapping[str, str], toen: str, nu: str
) -> _Paar:
    """Lay two files beside each other; ``andere`` are the columns beside the key."""
    telling = [f"count(*) filter ({_is_anders(quote(k), soort)})" for k, soort in andere.items()]
    [(samen, *anders)] = meter.ask(
        f"select {', '.join(['count(*)', *telling])} "
        f"from {nu} as nu inner join {toen} as toen using ({', '.join(sleutel)})"
    )
    [(aantal_toen,)], [(aantal_nu,)] = (meter.ask(f"select count(*) from {f}") for f in (toen, nu))
    return _Paar(aantal_toen, aantal_nu, samen, dict(zip(andere, anders, strict=True)))


def _select_bestand(view: str, sleutel: Sequence[str], bestand: str, *, is_uniek: bool) -> str:
    """Return SQL of the rows of one file by key; a row without its whole key is nobody's."""
    gevuld = " and ".join(f"{k} is not null" for k in sleutel)
    eerste = f"row_number() over (partition by {', '.join(sleutel)} order by {PLEK})"
    uniek = "" if is_uniek else f" qualify {eerste} = 1"
    return f"(select * from {view} where _bestand = {quote_tekst(bestand)} and {gevuld}{uniek})"


def _is_anders(kolom: str, soort: str) -> str:
    """Return SQL of whether a value differs; empty beside filled does, empty twice does not."""
    nu, toen = f"nu.{kolom}", f"toen.{kolom}"
    if not _GETAL.match(soort):
        return f"{nu} is distinct from {toen}"
    nu, toen = f"cast({nu} as double)", f"cast({toen} as double)"
    verschil = f"abs({nu} - {toen}) > {ANDER_GETAL} * abs({toen})"
    return f"({nu} is null) <> ({toen} is null) or coalesce({verschil}, false)"


def _measure_sleutels(paar: _Paar, ouder: str, nieuwer: str) -> Meting:
    """Measure how many keys are gone; an empty file is refused for its size, not told here."""
    weg = paar.toen - paar.samen
    if weg < MINIMUM_SLEUTEL_WEG or not paar.nu or weg <= AANDEEL_SLEUTEL_WEG * paar.toen:
        return Meting()
    deel = weg / paar.toen
    return Meting(
        deel - AANDEEL_SLEUTEL_WEG,
        weg,
        f"{weg} van de {paar.toen} sleutels uit {ouder} komen niet meer voor ({deel:.0%})".replace(
            "%", " %"
        ),
        nieuwer,
    )


def _measure_stabiel(paar: _Paar, ouder: str, nieuwer: str) -> Meting:
    """Measure in how many rows with the same key a column says something else than before."""
    if paar.samen < MINIMUM_WEINIG_SLEUTELS:
        return Meting()
    grens = (
        AANDEEL_ANDERE_WAARDE
        if paar.samen >= MINIMUM_ZELFDE_SLEUTEL
        else AANDEEL_ANDERE_WAARDE_WEINIG
    )
    deel = {naam: aantal / paar.samen for naam, aantal in paar.anders.items()}
    te_veel = {naam: d for naam, d in deel.items() if d > grens}
    if not te_veel:
        return Meting()
    hoogste = max(te_veel.values())
    per_kolom = ", ".join(f"{naam} bij {d:.0%}" for naam, d in te_veel.items())
    return Meting(
        hoogste - grens,
        round(hoogste * paar.samen),
        f"andere waarden bij dezelfde sleutel dan in {ouder}: {per_kolom}".replace("%", " %"),
        nieuwer,
    )
