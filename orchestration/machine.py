"""What a page of figures says about the machine that they were taken on.

Nothing that tells one machine from another of its kind: no name, no path.
"""

from __future__ import annotations

import os
import platform
from pathlib import Path


def describe_machine() -> str:
    """Return processor, cores, memory and Python."""
    kernen = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    geheugen = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{_read_processor()}, {kernen} kernen, {geheugen:.0f} GiB geheugen, "
        f"{platform.system()}, Python {platform.python_version()}"
    )


def _read_processor() -> str:
    pad = Path("/proc/cpuinfo")
    regels = pad.read_text("utf-8", "replace").splitlines() if pad.exists() else []
    namen = [regel.partition(":")[2] for regel in regels if regel.startswith("model name")]
    naam = namen[0] if namen else platform.processor() or platform.machine()
    return " ".join(naam.split())
