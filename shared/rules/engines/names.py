"""What engines there are, by name, and what is said of one that is not: for settings and the command line, which must
not load all the rules to know it."""

from __future__ import annotations

from typing import Literal

EngineName = Literal["own", "durable"]


class EngineMissingError(RuntimeError):
    """The engine that was chosen cannot run here; the text says why and what to do instead."""
