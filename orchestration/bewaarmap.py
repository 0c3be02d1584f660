"""Where the data folder keeps up to when it was purged, and what was removed.

Apart from ``orchestration.bewaren``, which knows every store: the steps of a run need the place
alone.
"""

from __future__ import annotations

from pathlib import Path

from orchestration.werkmap import Werkmap


def bewaren_map(werkmap: Werkmap) -> Path:
    """Return the folder; keep it, or what was removed comes back from originals."""
    return werkmap.data / "bewaren"
