"""What engines there are, by name: for settings, which must not load all the rules to know it."""

from __future__ import annotations

from typing import Literal

EngineName = Literal["own", "durable"]
