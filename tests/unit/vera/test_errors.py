"""A full disk is told in words, whoever says it."""

from __future__ import annotations

import errno
import sqlite3

import pytest

from vera.errors import explain_schijf


@pytest.mark.parametrize(
    "fout",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        OSError(errno.EFBIG, "File too large"),
        sqlite3.OperationalError("database or disk is full"),
        RuntimeError("IO Error: Could not write file: No space left on device"),
    ],
    ids=["full", "quota", "limit", "sqlite", "duckdb"],
)
def test_full_disk_is_explained(fout: Exception) -> None:
    uitleg = explain_schijf(fout)
    assert uitleg is not None
    assert "schijf is vol" in str(uitleg)
    assert "ruimte" in uitleg.remedie


def test_full_disk_behind_another_error_is_explained() -> None:
    fout = RuntimeError("the step failed")
    fout.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert explain_schijf(fout) is not None


def test_other_failure_is_not_called_a_full_disk() -> None:
    assert explain_schijf(ValueError("no")) is None
    assert explain_schijf(OSError(errno.EACCES, "Permission denied")) is None
