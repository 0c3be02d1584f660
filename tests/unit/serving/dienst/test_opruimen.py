"""A worker keeps no garbage for long, however large the application is."""

from __future__ import annotations

import subprocess
import sys

_PROEF = """
import gc
from serving.dienst.draaien import Fabriek

def make(_):
    return [[] for _ in range(600_000)]  # stands for all that an application holds

app = Fabriek(make)()
voor = gc.get_stats()[2]["collections"]
blijft = [[] for _ in range(100_000)]
print(gc.get_stats()[2]["collections"] - voor)
"""


def test_what_was_there_at_the_start_does_not_put_off_a_full_collection() -> None:
    """Python waits until a quarter has been added to what the last full collection left."""
    uit = subprocess.run(
        [sys.executable, "-c", _PROEF], capture_output=True, text=True, check=True, timeout=60
    )
    assert int(uit.stdout) >= 1
