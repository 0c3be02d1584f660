"""Whether the columns of a delivery are filled as they were the last time.

A value may be right by the contract and still be wrong: two columns swapped, all cases under one
code, cents for euros, a column that stayed empty. Row by row nobody sees that; next to the last
delivery it shows. What is compared is in the reports of landing, so a delivery that is long gone
can still be compared with.

Does not belong here: keys and the same row in two deliveries (:mod:`expectations.poort_in_rij`);
how many rows there are (:mod:`expectations.poort_in_verslag`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from expectations.poort import Meting, Regel
from vera.contract import Kolom, Tabel
from vera.levering import LeveringVerslag, Verdeling

# So much may the share of empty cells move, and the mix of codes or a distribution function.
GRENS_LEEG = 0.10
GRENS_VERSCHUIVING = 0.20
# Beside the bulk load, years of rows that have run their course, an increment may differ more.
GRENS_LEEG_BULK = 0.50
GRENS_VERSCHUIVING_BULK = 0.35
# Chance may move them too: this many standard errors, some 1 in 40,000 per column.
GRENS_TOEVAL = 2.3
# A code with this share that was there has gone when chance rarely gives none of it.
AANDEEL_VASTE_CODE = 0.02
KANS_GEEN_ENKELE = 1e-5
# Compared with the last delivery that has this many filled cells, else with the largest.
MINIMUM_VERGELIJKING = 100
# Step of the percentiles in a report; the distance between two of them is known no closer.
STAP = 0.05
_KENNISDATUM = "kennisdatum"

VERDELING = Regel(
    "verdeling_past_bij_vorige",
    "kolommen die ongeveer zo gevuld zijn als in de vorige levering",
    "vraag de leverancier of kolommen zijn verwisseld, leeg gebleven of anders worden gevuld",
    blokkeert=False,
)


def compare_verdeling(
    tabel: Tabel, verslag: LeveringVerslag, eerdere: Sequence[LeveringVerslag]
) -> Meting:
    """Compare a delivery with earlier ones of the same table, column by column.

    Parameters
    ----------
    tabel
        The contract.
    verslag
        The delivery that is judged.
    eerdere
        Earlier deliveries, oldest first; those without distributions are passed over.

    Returns
    -------
    Meting
        Above 0 is the number of columns that moved further than the limits and chance allow.
    """
    gevonden = []
    for kolom in tabel.kolommen:
        nu = verslag.verdeling.get(kolom.naam)
        vorige = _choose_vorige(kolom.naam, tabel, verslag, eerdere)
        if nu is None or vorige is None or not nu.rijen:
            continue
        tegen_bulk = _is_aanvulling_op_bulk(tabel, verslag, vorige)
        toen = vorige.verdeling[kolom.naam]
        if tegen_bulk and kolom.naam == _KENNISDATUM:
            # Old rows have other dates, not none.
            zinnen = ["is nergens meer ingevuld"] if _stayed_empty(nu, toen) else []
        elif tegen_bulk and _depends_on_age(kolom):
            continue
        elif _grows_on(tabel, kolom):
            zinnen = list(_compare_leeg(nu, toen, GRENS_LEEG_BULK if tegen_bulk else GRENS_LEEG))
        else:
            zinnen = list(compare_kolom(nu, toen, ruim=tegen_bulk))
        if zinnen:
            gevonden.append(f"{kolom.naam} {zinnen[0]} (vergeleken met {vorige.bestand})")
    if not gevonden:
        return Meting()
    rest = f"; en nog {len(gevonden) - 4} kolommen" if len(gevonden) > 4 else ""
    return Meting(
        float(len(gevonden)), len(gevonden), "; ".join(gevonden[:4]) + rest, verslag.bestand
    )


def compare_kolom(nu: Verdeling, vorige: Verdeling, *, ruim: bool = False) -> Iterator[str]:
    """Yield in Dutch every way in which a column moved further than limits and chance allow.

    Parameters
    ----------
    nu, vorige
        The same column in two deliveries.
    ruim
        Whether the wider limits hold, of an increment beside the bulk load.

    Examples
    --------
    >>> vol, leeg = Verdeling("getal", 100, 0), Verdeling("getal", 100, 60)
    >>> list(compare_kolom(leeg, vol))
    ['is leeg bij 60 %, dat was 0 %']
    >>> list(compare_kolom(vol, vol))
    []
    """
    yield from _compare_leeg(nu, vorige, GRENS_LEEG_BULK if ruim else GRENS_LEEG)
    grens = GRENS_VERSCHUIVING_BULK if ruim else GRENS_VERSCHUIVING
    if not nu.gevuld or not vorige.gevuld or nu.soort != vorige.soort:
        return
    if nu.soort == "code":
        yield from _compare_codes(nu, vorige, grens)
        if not ruim:  # years of rows hold codes that went out of use
            yield from _find_code_weg(nu, vorige)
    elif nu.kwantielen and vorige.kwantielen:
        yield from _compare_kwantielen(nu, vorige, grens)


def _choose_vorige(
    kolom: str, tabel: Tabel, verslag: LeveringVerslag, eerdere: Sequence[LeveringVerslag]
) -> LeveringVerslag | None:
    """Return the last delivery that says enough about a column, else the largest.

    Of a table that grows by additions like is compared with like: the bulk load with the one it
    replaces, an increment with increments, and only the first of them with the bulk load.
    """
    met = [v for v in eerdere if kolom in v.verdeling and v.verdeling[kolom].rijen]
    if tabel.levering == "aanvulling":
        gelijk = [v for v in met if (v.volgnummer == 1) == (verslag.volgnummer == 1)]
        met = gelijk or ([] if verslag.volgnummer == 1 else met)
    for vorige in reversed(met):
        if vorige.verdeling[kolom].gevuld >= MINIMUM_VERGELIJKING:
            return vorige
    return max(met, key=lambda v: v.verdeling[kolom].rijen, default=None)


def _is_aanvulling_op_bulk(tabel: Tabel, verslag: LeveringVerslag, vorige: LeveringVerslag) -> bool:
    return tabel.levering == "aanvulling" and vorige.volgnummer == 1 != verslag.volgnummer


def _grows_on(tabel: Tabel, kolom: Kolom) -> bool:
    """Whether a column holds numbers that are handed out in order: new rows have longer ones."""
    return tabel.levering == "aanvulling" and kolom.naam.endswith("_id")


def _depends_on_age(kolom: Kolom) -> bool:
    """Whether a column says how far a row has come: how it stands, when it was known or ended."""
    return "status" in kolom.naam or (kolom.type == "date" and not kolom.verplicht)


def _compute_toeval(n: int, m: int) -> float:
    """Return how far chance moves a share of ``n`` beside one of ``m`` rows, at the limit."""
    return GRENS_TOEVAL * math.sqrt(1 / n + 1 / m)


def _stayed_empty(nu: Verdeling, vorige: Verdeling) -> bool:
    """Whether a column is empty throughout that chance would not have left so."""
    return nu.gevuld == 0 and (vorige.leeg / vorige.rijen) ** nu.rijen < KANS_GEEN_ENKELE


def _compare_leeg(nu: Verdeling, vorige: Verdeling, grens: float) -> Iterator[str]:
    deel, dat_was = nu.leeg / nu.rijen, vorige.leeg / vorige.rijen
    samen = (nu.leeg + vorige.leeg) / (nu.rijen + vorige.rijen)
    spreiding = math.sqrt(samen * (1 - samen) * (1 / nu.rijen + 1 / vorige.rijen))
    if _stayed_empty(nu, vorige) or abs(deel - dat_was) > max(grens, 2 * GRENS_TOEVAL * spreiding):
        yield f"is leeg bij {deel:.0%}, dat was {dat_was:.0%}".replace("%", " %")


def _compare_codes(nu: Verdeling, vorige: Verdeling, grens: float) -> Iterator[str]:
    codes = sorted({*nu.aandelen, *vorige.aandelen})
    p = np.array([nu.aandelen.get(code, 0.0) for code in codes])
    q = np.array([vorige.aandelen.get(code, 0.0) for code in codes])
    samen = (p * nu.gevuld + q * vorige.gevuld) / (nu.gevuld + vorige.gevuld)
    fout = math.sqrt(1 / nu.gevuld + 1 / vorige.gevuld)
    # Half the sum of mean absolute differences that chance gives, and room above it (McDiarmid).
    verwacht = 0.5 * float(np.sqrt(2 * samen * (1 - samen) / math.pi).sum()) * fout
    verschil = 0.5 * float(np.abs(p - q).sum())
    if verschil > max(grens, verwacht + _compute_toeval(nu.gevuld, vorige.gevuld)):
        yield f"heeft bij {verschil:.0%} van de rijen een andere code".replace("%", " %")


def _find_code_weg(nu: Verdeling, vorige: Verdeling) -> Iterator[str]:
    for code, toen in sorted(vorige.aandelen.items()):
        is_vast = toen >= AANDEEL_VASTE_CODE and (1 - toen) ** nu.gevuld < KANS_GEEN_ENKELE
        if is_vast and not nu.aandelen.get(code):
            yield f"heeft nergens meer code {code}, dat was {toen:.0%}".replace("%", " %")


def _compare_kwantielen(nu: Verdeling, vorige: Verdeling, grens: float) -> Iterator[str]:
    """Compare two distribution functions at their percentiles (Kolmogorov-Smirnov)."""
    x = np.array([*nu.kwantielen, *vorige.kwantielen])
    f_nu = STAP * np.searchsorted(np.array(nu.kwantielen), x, side="right")
    f_toen = STAP * np.searchsorted(np.array(vorige.kwantielen), x, side="right")
    verschil = float(np.abs(f_nu - f_toen).max()) - STAP
    if verschil <= max(grens, _compute_toeval(nu.gevuld, vorige.gevuld)):
        return
    if nu.soort == "lengte":
        yield "heeft teksten van een andere lengte"
    elif nu.soort == "dagen":
        yield "heeft datums die anders liggen"
    else:
        midden = len(nu.kwantielen) // 2
        yield (
            f"heeft andere getallen: in het midden {nu.kwantielen[midden]:g}, "
            f"dat was {vorige.kwantielen[midden]:g}"
        )
