"""What pages of figures say about a machine."""

from __future__ import annotations

import socket

from orchestration.machine import describe_machine


def test_machine_is_described_without_its_name() -> None:
    tekst = describe_machine()
    assert "kernen" in tekst
    assert "GiB" in tekst
    assert socket.gethostname() not in tekst
