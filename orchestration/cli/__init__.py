"""The command line. Heavy libraries are imported inside the commands, so that help is quick.

Exit codes: 0 published or already current, 2 usage, 3 refused at the gate in, 4 refused at
the gate out, 5 a release came out otherwise when made again, 6 what it was made of is gone or
past its term, 7 a release is written and waits for approval, 1 anything else.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

EEN_DRAAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Switches of numpy's and scikit-learn's own threads; they are read when those are imported."""


def use_one_thread() -> None:
    """Let fits and sums run on one thread: the same bytes, and no waiting for one another.

    DuckDB has threads of its own and keeps them.
    """
    for naam in EEN_DRAAD:
        os.environ.setdefault(naam, "1")


def main() -> None:
    """Entry point of ``buurtpeil``."""
    # Bytecode halves the time of every later start; some environments switch it off.
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    use_one_thread()
    from orchestration.cli.opdrachten import app

    with tell_errors():
        app()


@contextmanager
def tell_errors() -> Iterator[None]:
    """Say what went wrong and end the process with the exit code that belongs to it."""
    from vera.errors import BuurtpeilError, explain_schijf

    try:
        yield
    except BuurtpeilError as fout:
        print(fout, file=sys.stderr)
        sys.exit(fout.exit_code)
    except KeyboardInterrupt:
        print("Afgebroken; wat gepubliceerd was, staat er nog.", file=sys.stderr)
        sys.exit(130)
    except Exception as fout:
        vol = explain_schijf(fout)
        if vol is None:
            raise
        print(vol, file=sys.stderr)
        sys.exit(vol.exit_code)
