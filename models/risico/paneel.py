"""What a risk model learns from and scores: complexes by peildatum, as arrays.

Belongs here: the shape of that table, and choosing rows and columns of it. Does not belong here:
where it is read from (``orchestration``), which rows train and test (``tijdsplitsing``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from models.risico.kenmerk import Kenmerk
from vera.errors import BuurtpeilError

Getal: TypeAlias = npt.NDArray[np.float64]
Geheel: TypeAlias = npt.NDArray[np.int64]
Vlag: TypeAlias = npt.NDArray[np.bool_]
Tekst: TypeAlias = npt.NDArray[np.str_]


class PaneelFout(BuurtpeilError):
    """The arrays of a panel do not belong together, or lack what is asked of them."""


@dataclass(frozen=True, eq=False)
class Paneel:
    """One row per complex and peildatum.

    Attributes
    ----------
    complex_id : ndarray of str, shape (R,)
    peilmaand : ndarray of int, shape (R,)
        Months since 1970-01. Everything in ``x`` was known when it began.
    buurt : ndarray of int, shape (R,)
        Which buurt: for the bootstrap and the fairness report only, never a feature.
    eenheden : ndarray of int, shape (R,)
        Number of dwellings.
    x : ndarray, shape (R, F)
        Features; NaN is unknown, never zero.
    kenmerken : tuple of Kenmerk, length F
    y : ndarray, shape (R,)
        Outcome 0 or 1; NaN where it is not known yet.
    ruw : mapping of str to ndarray, each of shape (R,)
        Counts as they are, for the rule and the baselines.

    Raises
    ------
    PaneelFout
        If lengths differ, or ``y`` holds anything but 0, 1 and NaN.
    """

    complex_id: Tekst
    peilmaand: Geheel
    buurt: Geheel
    eenheden: Geheel
    x: Getal
    kenmerken: tuple[Kenmerk, ...]
    y: Getal
    ruw: Mapping[str, Getal]

    def __post_init__(self) -> None:
        rijen = len(self.complex_id)
        lengtes = {
            "peilmaand": len(self.peilmaand),
            "buurt": len(self.buurt),
            "eenheden": len(self.eenheden),
            "y": len(self.y),
            **{f"ruw[{naam}]": len(waarde) for naam, waarde in self.ruw.items()},
        }
        fout = [f"{naam} {lengte}" for naam, lengte in lengtes.items() if lengte != rijen]
        if fout or self.x.shape != (rijen, len(self.kenmerken)):
            raise PaneelFout(
                f"Het paneel heeft {rijen} rijen, {len(self.kenmerken)} kenmerken en x met vorm "
                f"{self.x.shape}; afwijkend: {', '.join(fout) or 'alleen x'}.",
                verwacht="in elke kolom evenveel rijen, en in x één kolom per kenmerk",
                remedie="bouw het paneel uit één tabel",
            )
        if not (np.isnan(self.y) | (self.y == 0.0) | (self.y == 1.0)).all():
            raise PaneelFout(
                "De uitkomst y bevat iets anders dan 0, 1 en onbekend.",
                verwacht="0, 1 of NaN",
                remedie="kijk na welke kolom als uitkomst is gelezen",
            )

    def __len__(self) -> int:
        return len(self.complex_id)

    @property
    def namen(self) -> tuple[str, ...]:
        """Names of the features, in the order of the columns."""
        return tuple(kenmerk.naam for kenmerk in self.kenmerken)

    @property
    def is_bekend(self) -> Vlag:
        """Rows whose outcome is known, shape (R,)."""
        return ~np.isnan(self.y)

    def select(self, mask: Vlag | Geheel) -> Paneel:
        """Return the rows of a mask, or the rows of these numbers.

        Rows of a mask that stand together are not copied: one month, or all up to a month, of a
        panel in the order of time.
        """
        welk = _find_reeks(mask)
        return replace(
            self,
            complex_id=self.complex_id[welk],
            peilmaand=self.peilmaand[welk],
            buurt=self.buurt[welk],
            eenheden=self.eenheden[welk],
            x=self.x[welk],
            y=self.y[welk],
            ruw={naam: waarde[welk] for naam, waarde in self.ruw.items()},
        )

    def select_kenmerken(self, namen: Sequence[str]) -> Paneel:
        """Return the panel with these features alone, in this order.

        Raises
        ------
        PaneelFout
            If the panel lacks one.
        """
        onbekend = sorted(set(namen) - set(self.namen))
        if onbekend:
            raise PaneelFout(
                f"Het paneel heeft geen kenmerk {', '.join(onbekend)}.",
                verwacht=f"namen uit {', '.join(self.namen)}",
                remedie="kies andere kenmerken of bouw het paneel met deze erbij",
            )
        if tuple(namen) == self.namen:
            return self
        plaatsen = [self.namen.index(naam) for naam in namen]
        return replace(
            self,
            x=np.take(self.x, plaatsen, axis=1),
            kenmerken=tuple(self.kenmerken[p] for p in plaatsen),
        )


def _find_reeks(mask: Vlag | Geheel) -> slice | Vlag | Geheel:
    """Return the slice that a mask is, or what was given where it has gaps or is no mask."""
    if mask.dtype != np.bool_:
        return mask
    aantal = int(np.count_nonzero(mask))
    eerste = int(mask.argmax()) if aantal else 0
    return slice(eerste, eerste + aantal) if mask[eerste : eerste + aantal].all() else mask
