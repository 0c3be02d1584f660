"""The command line. Heavy libraries are imported inside the commands, so that help is quick.

Exit codes: 0 published or already current, 2 usage, 3 refused at the gate in, 4 refused at
the gate out, 1 anything else.
"""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Entry point of ``buurtpeil``."""
    # Bytecode halves the time of every later start; some environments switch it off.
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    from orchestration.cli.opdrachten import app
    from vera.errors import BuurtpeilError

    try:
        app()
    except BuurtpeilError as fout:
        print(fout, file=sys.stderr)
        sys.exit(fout.exit_code)
    except KeyboardInterrupt:
        print("Afgebroken; wat gepubliceerd was, staat er nog.", file=sys.stderr)
        sys.exit(130)
