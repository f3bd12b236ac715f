"""Ports for servers and services: several who start some side by side have none in common."""

from __future__ import annotations

import pytest

from shared.stack.process import PART_OF_PORTS, free_port, part_of_ports

ALL = range(20_000, 32_768)


def test_parts_have_no_port_in_common_and_together_all() -> None:
    """Mechanism: `part_of_ports`; without it what one has chosen another binds before a service does."""
    parts = [set(part_of_ports(ALL, f"{which}/6")) for which in range(6)]
    assert sum(len(each) for each in parts) == len(ALL) == len(set().union(*parts))
    assert part_of_ports(ALL, "0/1") == ALL


def test_a_process_is_given_no_port_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight services are given theirs before the first of them listens. Mechanism: `_given`."""
    monkeypatch.setenv(PART_OF_PORTS, "5/6")
    found = [free_port() for _ in range(400)]
    assert len(set(found)) == len(found)
    assert {(each - 20_000) % 6 for each in found} == {5}
