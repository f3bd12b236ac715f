"""An explanation as values: what became of a rule, what it asked for, what it gave. For people and for machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shared.rules.findings import Finding
from shared.rules.holding import Held
from shared.rules.saying.phrase import Saying
from shared.rules.timing import Timing


@dataclass(frozen=True, slots=True)
class Segmented:
    """Whether the member is in the segment that a rule or campaign is for, and why."""

    segment: str
    held: bool
    finding: Finding | None
    title: str


@dataclass(frozen=True, slots=True)
class Asks:
    """What the campaign (`kind`) or the rule itself asks for, and whether each of it held."""

    kind: Literal["campaign", "rule"]
    id: str
    version: int
    schedule: Timing
    segment: Segmented | None
    condition: Finding | None
    title: str


@dataclass(frozen=True, slots=True)
class Gives:
    """The points of one wallet: `wanted` before limits and budgets, `points` after them; `lines` are parts of `points`.

    working: how `wanted` came about, and how it was rounded.
    """

    wallet: str
    points: int
    wanted: int
    lines: tuple[int, ...] | None
    working: tuple[Saying, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a challenge is in a period: `reached` of `goal`, this event included."""

    period: str
    reached: int
    goal: int
    counted: bool
    completes: bool


@dataclass(frozen=True, slots=True)
class Explained:
    """What became of one rule.

    verdict: as in `matching.Outcome`; of a challenge that matches without being completed, `counts`. why: in a sentence
    what kept it from giving (all of) its points; None where nothing did. by: the key of the limit or budget that did,
    or the id of the rule that won instead. wanted: all its points without them. held: limits and budgets before this
    event. given: its `things` in words; cards: wallet and points of each punch card that it may fill.
    """

    rule: str
    title: str
    kind: str
    version: int
    verdict: str
    why: Saying | None
    by: str | None
    wanted: int
    gives: tuple[Gives, ...]
    things: tuple[str, ...]
    asks: tuple[Asks, ...]
    held: tuple[Held, ...]
    progress: Progress | None = None
    given: tuple[Saying, ...] = ()
    cards: tuple[tuple[str, int], ...] = ()

    @property
    def applies(self) -> bool:
        """Whether it gives."""
        return self.verdict == "applies"

    @property
    def points(self) -> int:
        """Points of all wallets that it gives."""
        return sum(each.points for each in self.gives) if self.applies else 0

    @property
    def version_and_points(self) -> tuple[int, dict[str, int]]:
        """The version, and the points by wallet: to be compared with what was posted."""
        return self.version, {each.wallet: each.points for each in self.gives if each.points} if self.applies else {}

    def findings(self) -> list[Finding]:
        """Every condition that was asked: the campaign's, the segments', its own."""
        found: list[Finding] = []
        for each in self.asks:
            if each.segment is not None and each.segment.finding is not None:
                found.append(each.segment.finding)
            if each.condition is not None:
                found.append(each.condition)
        return found
