"""What an engine is: it answers which rules' conditions hold; everything that follows is the same for all engines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from shared.rules.compiled import Compiled
from shared.rules.engines.names import EngineName
from shared.rules.facts import Facts


class Rules(Protocol):
    """What an engine is given: the rules in force at one time."""

    zone: ZoneInfo
    kept: dict[tuple[Any, ...], Any]  # what an engine keeps for all times of one rulebook

    def rules(self, kind: str, event: str) -> Sequence[Compiled]:
        """Rules of a kind that look at a kind of event, in the order of decisions."""
        ...

    def in_segment(self, segment: str, facts: Facts) -> bool:
        """Whether the member is in a segment."""
        ...


class Matcher(Protocol):
    """An engine's answers for the rules in force at one time. Both keep the order of decisions."""

    def plausible(self, kind: str, facts: Facts) -> list[Compiled]:
        """Exactly those rules of a kind that time and event allow, whoever the member is."""
        ...

    def plausible_of(self, kinds: tuple[str, ...], facts: Facts) -> Sequence[list[Compiled]]:
        """The same of several kinds at once."""
        ...

    def holding(self, plausible: Sequence[Compiled], facts: Facts) -> list[Compiled]:
        """Of rules that are plausible, exactly those whose segments and conditions on the member hold too."""
        ...


class Engine(Protocol):
    """Makes matchers. One engine serves a process: it may keep what rulebooks have in common."""

    name: EngineName

    def matcher(self, rules: Rules) -> Matcher:
        """For the rules in force at one time."""
        ...
