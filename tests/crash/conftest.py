"""Servers of its own for the crash test, since it kills them; and the plan (`--crash-full`: tests/conftest.py)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shared import stack
from shared.stack import Stack
from tests.crash.harness import FULL, SHORT, Plan


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[Stack]:
    """Kafka and mongod in a home of their own."""
    wanted: Any = os.environ.get("DOUBLESTAR_TEST_KAFKA", "auto")
    try:
        yield stack.start(tmp_path, kafka=wanted)
    finally:
        stack.stop(tmp_path, wipe=True)


@pytest.fixture
def plan(request: pytest.FixtureRequest) -> Plan:
    """The long one, or another seed's, where it is asked for."""
    wanted = FULL if request.config.getoption("--crash-full") else SHORT
    seed = request.config.getoption("--crash-seed")
    return wanted if seed is None else replace(wanted, seed=seed)
