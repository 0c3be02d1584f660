"""Trying again where that can help: a network folder that was away, a database that restarted.

What a gate refuses, and what is wrong in a delivery, is the same a minute later; it is never tried
again.

Belongs here: which failures pass by themselves, and how long to wait. Does not belong here: what is
tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import dagster as dg
from sqlalchemy.exc import InterfaceError, OperationalError

from vera.errors import may_pass

MEESTE: Final = 3
"""So often a step is tried again."""
EERSTE_WACHT: Final = 5.0
"""Seconds before the first time; three times as long before each next one: 5, 15, 45."""

def can_pass(fout: BaseException | None) -> bool:
    """Tell whether a failure, or what caused it, may be gone a minute later."""
    while fout is not None:
        if isinstance(fout, OperationalError | InterfaceError):
            return True
        if may_pass(fout):
            return True
        fout = fout.__cause__
    return False


@contextmanager
def try_again(eerste_wacht: float = EERSTE_WACHT) -> Iterator[None]:
    """Let Dagster try the step again when its failure may pass; the last failure stays itself.

    Parameters
    ----------
    eerste_wacht
        Seconds before the first time.
    """
    try:
        yield
    except Exception as fout:
        keer = dg.OpExecutionContext.get().retry_number
        if not can_pass(fout) or keer >= MEESTE:
            raise
        raise dg.RetryRequested(MEESTE, seconds_to_wait=eerste_wacht * 3**keer) from fout
