"""The engine by its name, as the setting says it."""

from __future__ import annotations

from collections.abc import Callable

from shared.rules.engines.engine import Engine
from shared.rules.engines.names import EngineName
from shared.rules.engines.own import OWN


def engine(name: EngineName, say: Callable[[str], None] = lambda text: None) -> Engine:
    """One for the process. Raises EngineMissingError with one line that says why and what to do."""
    if name == "own":
        return OWN
    from shared.rules.engines.durable import DurableEngine

    return DurableEngine(say)
