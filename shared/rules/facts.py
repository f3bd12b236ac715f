"""Facts: what rules may ask about an event, its basket and its member; each computed once, when first asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from shared.events.light import Line, Occurrence
from shared.rules.language.types import Type
from shared.rules.member import NOBODY, Member
from shared.rules.sets import joined, parted

LineTest = Callable[[Line], bool]


class Eligible(NamedTuple):
    """Which lines may earn: of one line whether it does, of a basket's the amount of each, 0 of those that do not."""

    test: LineTest
    amounts: Callable[[Sequence[Line]], list[Decimal]]


ZERO: Final = Decimal(0)


class Asked:
    """One question to the facts, made when a rule is compiled; compared by identity, so that asking costs little.

    `scope`: event, basket, calendar, member or history. `sure`: what a line must be for the answer not to be empty
    (an index is made of it); `counter`: what has to be counted for it; `of_member`: the event alone does not tell.
    """

    __slots__ = ("compute", "counter", "key", "label", "of_member", "scope", "sure", "type", "zone")

    def __init__(
        self,
        label: str,
        scope: str,
        type_: Type,
        compute: Callable[[Facts], Any],
        *,
        sure: Any = None,
        counter: Any = None,
    ) -> None:
        self.label, self.scope, self.type, self.compute = label, scope, type_, compute
        self.key = label  # with the zone, where a definition has one of its own
        self.zone: str | None = None  # that zone
        self.sure, self.counter = sure, counter
        self.of_member = scope in ("member", "history")


class Facts(Struct, eq=False, gc=False):
    """The facts of one event for one member; nothing is computed that no condition asks for, and nothing twice.

    zone: the programme's; lines: the basket's, as rules look at them; `told`: answers about the member that somebody
    else gave (earn, to campaigns), by label, as JSON values; where it is there, the member is not asked. by_line:
    whether awards must say each line's part; nobody asks a backtest for that. rules: the ruleset, for facts that are
    definitions themselves (segments); bounds: see `usage.bounds`.
    """

    event: Occurrence
    zone: ZoneInfo
    lines: list[Line]
    earning: Eligible | None = None
    member: Member = NOBODY
    rules: Any = None
    told: Mapping[str, Any] | None = None
    by_line: bool = True
    bounds: dict[int, Any] = {}
    _here: datetime | None = None  # the local time in the programme's zone
    _today: date | None = None  # its date
    _elsewhere: dict[ZoneInfo, datetime] = {}  # and in others
    _eligible: list[Decimal] | None = None
    _asked: dict[Asked, Any] = {}
    _of_member: bool = False  # whether anything of that is about the member

    @property
    def kind(self) -> str:
        """signup, purchase, referral or return."""
        return self.event.kind

    @property
    def local(self) -> datetime:
        """The event's time in the programme's zone."""
        return self.local_in(self.zone)

    def local_in(self, zone: ZoneInfo) -> datetime:
        """The event's time in a zone."""
        if zone is self.zone:  # nearly always
            here = self._here
            if here is None:
                here = self._here = self.event.time.astimezone(zone)
            return here
        known = self._elsewhere.get(zone)
        if known is None:
            known = self._elsewhere[zone] = self.event.time.astimezone(zone)
        return known

    def today(self, zone: ZoneInfo | None) -> date:
        """The local date of the event; None stands for the programme's zone."""
        if zone is not None and zone is not self.zone:
            return self.local_in(zone).date()
        today = self._today
        if today is None:
            today = self._today = self.local_in(self.zone).date()
        return today

    @property
    def eligible_amounts(self) -> list[Decimal]:
        """The eligible amount of each line, in the basket's order; 0 where the line is not eligible."""
        if self._eligible is None:  # every line of every basket passes here
            earning, lines = self.earning, self.lines
            self._eligible = [x.amount for x in lines] if earning is None else earning.amounts(lines)
        return self._eligible

    def eligible(self, line: Line) -> bool:
        """Whether the programme lets a line earn."""
        return self.earning is None or self.earning.test(line)

    @property
    def total_amounts(self) -> list[Decimal]:
        """The amount of each line, in the basket's order."""
        return [line.amount for line in self.lines]

    @property
    def foreign(self) -> bool:
        """Whether the amounts are in another currency than the programme's: then nobody knows what they are worth."""
        return self.rules is not None and self.event.data.currency not in (None, self.rules.programme.currency)

    def of_member(self, member: Member, told: Mapping[str, Any] | None = None) -> Facts:
        """Now that the member is known: what was computed of the event alone is kept."""
        self.member, self.told = member, told
        if self._of_member:
            self._of_member = False
            for asked in [each for each in self._asked if each.of_member]:
                del self._asked[asked]
        return self

    def recall(self, asked: Asked, answer: Any) -> None:
        """What was answered before, when the event was decided first."""
        self._asked[asked] = answer
        self._of_member = self._of_member or asked.of_member

    def get(self, asked: Asked) -> Any:
        """A fact's value; None when it is not known."""
        known = self._asked
        if asked in known:
            return known[asked]
        if self.told is not None and asked.of_member:
            value = untold(asked, self.told.get(asked.key))
        else:
            value = asked.compute(self)
        if asked.of_member:
            self._of_member = True
        known[asked] = value
        return value

    def used(self) -> dict[str, str | None]:
        """Every fact that was asked for so far, as text: what a decision rested on."""
        return {asked.key: shown(value) for asked, value in self._asked.items()}


def dated(event: Occurrence, at: datetime, zone: ZoneInfo) -> Facts:
    """Facts of an event that counts at another time than its own."""
    return Facts(replace(event, time=at), zone, event.data.lines)


def shown(value: Any) -> str | None:
    """A fact's value as text; None stays what it is: unknown."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, frozenset | set | list | tuple):
        return joined(map(str, value))
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def unshown(asked: Asked, text: str | None, now: Any = None) -> Any:
    """A fact's value from its text.

    now: the value today. An attribute may be a text, a number or a truth, which its text does not tell: it is of the
    sort that it has today, and the very value where nothing has changed.
    """
    match asked.type.kind:
        case "attribute" if text is not None:
            return now if shown(now) == text else _unshown_attribute(text, now)
        case "number" if text is not None:
            return Decimal(text)
        case "truth" if text is not None:
            return text == "true"
        case "texts" if text is not None:
            return parted(text)
    return text


def _unshown_attribute(text: str, now: Any) -> Any:
    if isinstance(now, str):
        return text
    if text in ("true", "false"):
        return text == "true"
    try:
        return int(text)  # as partners' contract has them: campaigns are told numbers of JSON, and texts as texts
    except ValueError:
        return text


def told(asked: Asked, value: Any) -> Any:
    """A fact's value as JSON; numbers as texts, exact."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return sorted(value) if isinstance(value, frozenset | set) else value


def untold(asked: Asked, value: Any) -> Any:
    """A fact's value from JSON."""
    if value is None:
        return None
    if asked.type.kind == "number" and isinstance(value, str):
        return Decimal(value)
    return frozenset(value) if asked.type.kind == "texts" else value
