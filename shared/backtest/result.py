"""The shapes of a backtest's result: what `report` fills, and text, page and JSON tell. Pure.

Points of different wallets are never added: money is what all of them come to. Members are told by our own id and
nothing else. The other side (`other`) is what the rules of the time came to.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Side:
    """Points, what they cost (a decimal as text), how many members got any, how often something was given.

    points: net of `taken`, which returns took back; None, both, where they are of several wallets.
    """

    points: int | None
    money: str
    members: int
    times: int | None = None
    taken: int | None = 0

    @property
    def given(self) -> int:
        """What was given before anything was taken back."""
        return (self.points or 0) + (self.taken or 0)


@dataclass(frozen=True, slots=True)
class Both:
    """The draft, the other side, and how much more the draft is."""

    draft: Side
    other: Side
    more: Side


@dataclass(frozen=True, slots=True)
class OfWallet:
    """All points of one wallet; how many members get more of them, and how many less."""

    wallet: str
    sums: Both
    winning: int
    losing: int


@dataclass(frozen=True, slots=True)
class OfThing:
    """How many vouchers, gifts, tickets … all rules together gave."""

    thing: str
    draft: int
    other: int


@dataclass(frozen=True, slots=True)
class OfRule:
    """One rule's points of one wallet; or (no wallet) its things of one sort and value: `times` counts them, and
    `cost_per_point` is what each is worth, empty where nobody says. Of points: of the draft's, or (where it gives none)
    of the other side's; `0.01 or 100` where versions of the rule say different things."""

    rule: str
    title: str
    kind: str
    wallet: str
    cost_per_point: str
    sums: Both
    thing: str | None = None


@dataclass(frozen=True, slots=True)
class OfSegment:
    """What the members of a segment got of one wallet (or, with `thing`, of things) while they were in it."""

    segment: str
    title: str
    wallet: str
    sums: Both
    thing: str | None = None


@dataclass(frozen=True, slots=True)
class OfDay:
    """One local day's points of one wallet, or its things."""

    day: str
    wallet: str
    draft: int
    other: int
    draft_money: str
    other_money: str


@dataclass(frozen=True, slots=True)
class OfMember:
    """One member's points of one wallet, by our id."""

    member: str
    wallet: str
    draft: int
    other: int

    @property
    def more(self) -> int:
        """How much more the draft gives."""
        return self.draft - self.other


@dataclass(frozen=True, slots=True)
class HeldBack:
    """What a limit, a budget or stacking took away from a rule: how often, and points; None: nobody noted them, or
    they are of several wallets.
    """

    rule: str
    why: str
    by: str | None
    draft_times: int
    draft_points: int | None
    other_times: int | None
    other_points: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything; `first` and `last` are local days, both included.

    merges: how many members were merged `within` the span, and `before` it: a replay merges nobody. Empty where nobody
    was. contested: rules of campaigns of which limits or budgets that members share were used up in the replay, where
    it is compared with what was posted: others may have been first there.
    """

    programme: str
    currency: str
    time_zone: str
    against: str
    other_decided: bool
    first: str
    last: str
    events: int
    members: int
    usual_cost: dict[str, str]
    definitions: list[dict[str, str]]
    total: Both
    wallets: list[OfWallet]
    rules: list[OfRule]
    days: list[OfDay]
    segments: list[OfSegment]
    winners: list[OfMember]
    losers: list[OfMember]
    held: list[HeldBack]
    things: list[OfThing]
    things_by_day: list[OfDay]
    merges: dict[str, int] = field(default_factory=dict)
    contested: list[str] = field(default_factory=list)

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        data = asdict(self)
        for name in ("merges", "contested"):
            if not data[name]:
                del data[name]
        for name in ("winners", "losers"):
            data[name] = [{**asdict(each), "more": each.more} for each in getattr(self, name)]
        return data
