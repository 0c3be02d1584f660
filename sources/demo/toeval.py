"""Seeded randomness: every part of the world draws from a stream of its own.

A stream is named, not counted, so that a new part never disturbs an old one. Python's
``hash`` is never used: it differs per process.
"""

from __future__ import annotations

import zlib
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

Getal: TypeAlias = npt.NDArray[np.float64]
Klein: TypeAlias = npt.NDArray[np.float32]
Geheel: TypeAlias = npt.NDArray[np.int64]
Vlag: TypeAlias = npt.NDArray[np.bool_]
Dag: TypeAlias = npt.NDArray[np.datetime64]

NAT = np.datetime64("NaT", "D")
# In fewer rows one planted error would be a share that the gate in refuses.
RIJEN_VOOR_ZELDZAAM = 300


def make_rng(seed: int, onderdeel: str) -> np.random.Generator:
    """Return the generator of one named part of the world.

    Parameters
    ----------
    seed
        Seed of the world, zero or more.
    onderdeel
        Name of the part, for example ``"wereld/incident"``.

    Returns
    -------
    numpy.random.Generator
        The same stream for the same seed and name, on every machine.
    """
    sleutel = zlib.crc32(onderdeel.encode("utf-8"))
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(sleutel,))))


def draw_dag(rng: np.random.Generator, laagste: int, hoogste: int, aantal: int) -> Geheel:
    """Draw whole days from ``laagste`` up to and including ``hoogste``."""
    return rng.integers(laagste, hoogste + 1, aantal)


def draw_keuze(rng: np.random.Generator, kansen: npt.ArrayLike, aantal: int) -> Geheel:
    """Draw indices with the given (unnormalised) chances, by inverse cumulative sums."""
    som = np.cumsum(np.asarray(kansen, dtype=np.float64))
    keuze: Geheel = np.searchsorted(som, rng.random(aantal) * som[-1], side="right").astype(
        np.int64
    )
    return keuze


def draw_zeldzaam(
    rng: np.random.Generator,
    aandeel: float,
    aantal: int,
    geschikt: Vlag | None = None,
    *,
    vanaf: int = RIJEN_VOOR_ZELDZAAM,
) -> Vlag:
    """Draw which rows have a rare peculiarity; one at least where there are rows enough.

    Parameters
    ----------
    rng
        Generator of the part.
    aandeel
        Share of the rows.
    aantal
        Number of rows.
    geschikt
        Rows that can have it; all when absent.
    vanaf
        Number of suitable rows from which one has it for certain.

    Returns
    -------
    ndarray of bool
        Where chance gave none to ``vanaf`` or more suitable rows, the middle one has it.
    """
    raak = rng.random(aantal) < aandeel
    if geschikt is not None:
        raak &= geschikt
    kandidaten = np.arange(aantal) if geschikt is None else np.flatnonzero(geschikt)
    if kandidaten.size >= vanaf and not raak.any():
        raak[kandidaten[kandidaten.size // 2]] = True
    return raak


def compute_sigmoide(x: npt.ArrayLike) -> Getal:
    """Return 1 / (1 + exp(-x))."""
    uitkomst: Getal = 1.0 / (1.0 + np.exp(-np.asarray(x, dtype=np.float64)))
    return uitkomst


def compute_z(x: Getal) -> Getal:
    """Return x with mean 0 and standard deviation 1 (a constant becomes 0)."""
    spreiding = float(x.std())
    uitkomst: Getal = (x - x.mean()) / (spreiding if spreiding > 0 else 1.0)
    return uitkomst


def compute_lognormaal(midden: Getal, spreiding: float, maximum: float) -> Getal:
    """Return the mean of min(X, maximum) where ln X is normal with this mean and spread."""
    log = np.log(maximum)
    onder = np.exp(midden + spreiding**2 / 2) * ndtr((log - midden - spreiding**2) / spreiding)
    uitkomst: Getal = onder + maximum * ndtr((midden - log) / spreiding)
    return uitkomst
