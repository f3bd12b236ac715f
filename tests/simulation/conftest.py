"""What all simulations have in common."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def quietly(quiet: None) -> None:
    """Outages and poison are logged, and here there are thousands of them on purpose."""
