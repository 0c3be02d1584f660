"""Bait: invented personal data as it turns up in names and free text of real deliveries.

It is there so that every scan for personal data has something to find. Nobody exists: names
are combinations, BSNs start with the unissued 9999 and pass the 11-proof, IBANs are of a
bank DEMO, e-mail addresses end in .example, telephone numbers start with the unassigned
06-00.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sources.demo.leveringen import choose
from sources.demo.toeval import Dag, Geheel

_VOORLETTER = tuple("ABCDEFGHIJKLMNOPRSTVW")
_ACHTERNAAM = (
    "Voorbeeld", "Testman", "De Demo", "Van Nergens", "Fictief", "Verzonnen", "Van der Proef",
    "Proefstra", "Demoor", "Nepveld", "Schijnders", "Van Verzinsel", "Bedachtzaam", "Modelma",
    "De Denkbeeldige", "Figurantsen", "Van Papier", "Oefenaar", "Spoofen", "Zogenaamd",
)


@dataclass(frozen=True)
class PersoonNamen:
    """Invented tenants: one per row."""

    letter: Geheel
    achternaam: Geheel
    geboren: Dag

    @classmethod
    def draw(cls, rng: np.random.Generator, aantal: int) -> PersoonNamen:
        """Draw ``aantal`` names and birth dates."""
        geboren = np.datetime64("1935-01-01", "D") + rng.integers(0, 25_000, aantal)
        return cls(
            rng.integers(0, len(_VOORLETTER), aantal),
            rng.integers(0, len(_ACHTERNAAM), aantal),
            geboren,
        )

    def naam(self, rijen: Geheel) -> pa.Array:
        """Return names of rows."""
        return pc.binary_join_element_wise(
            choose(pa.array(_VOORLETTER), self.letter[rijen]),
            choose(pa.array(_ACHTERNAAM), self.achternaam[rijen]),
            ". ",
        )

    def geboortedatum(self, rijen: Geheel) -> Dag:
        """Return birth dates of rows."""
        return self.geboren[rijen]


def compute_bsn(volgnummer: int) -> str:
    """Return a BSN of the form 9999nnnnc that passes the 11-proof.

    Parameters
    ----------
    volgnummer
        Anything; the first following number that has a check digit is taken.
    """
    for poging in range(volgnummer, volgnummer + 20):
        cijfers = [9, 9, 9, 9, *(int(teken) for teken in f"{poging % 10_000:04d}")]
        rest = sum((9 - i) * cijfer for i, cijfer in enumerate(cijfers)) % 11
        if rest < 10:
            return "".join(map(str, cijfers)) + str(rest)
    raise AssertionError("two of eleven numbers at most have no check digit")


def compute_iban(rekening: int) -> str:
    """Return an IBAN of the fictional bank DEMO with valid check digits."""
    kern = f"DEMO{rekening % 10**10:010d}"
    als_getal = "".join(str(int(teken, 36)) for teken in kern + "NL00")
    return f"NL{98 - int(als_getal) % 97:02d}{kern}"


def make_aas(rng: np.random.Generator, aantal: int) -> pa.Array:
    """Return ``aantal`` scraps of free text with personal data in them."""
    zinnen: list[str] = []
    for soort, getal in zip(
        rng.integers(0, 6, aantal), rng.integers(0, 9000, aantal), strict=True
    ):
        naam = f"{_VOORLETTER[getal % 21]}. {_ACHTERNAAM[getal % 20]}"
        zinnen.append(
            (
                f"BSN {compute_bsn(int(getal))} genoteerd",
                f"terugbetalen op {compute_iban(int(getal) * 7919)}",
                f"mailt vanaf bewoner{getal}@voorbeeldwonen.example",
                f"terugbellen op 06-00{getal:06d}",
                f"volgens {naam}; \"al jaren\" bekend",
                f"gaat over 9999{chr(65 + getal % 17)}B {getal % 180 + 1}",
            )[soort]
        )
    return pa.array(zinnen, pa.string())


def mix_aas(
    rng: np.random.Generator, tekst: pa.Array, aandeel: float
) -> pa.Array:
    """Append bait to a share of the texts."""
    heeft = rng.random(len(tekst)) < aandeel
    aas = make_aas(rng, int(heeft.sum()))
    plek = np.full(len(tekst), -1, dtype=np.int64)
    plek[heeft] = np.arange(len(aas))
    met = pc.binary_join_element_wise(tekst, choose(aas, plek), ", ", null_handling="emit_null")
    return pc.coalesce(met, tekst)


