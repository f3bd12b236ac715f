"""What the naive interpreter sees: one event of one member, all that happened before, and the calendar. Plain dicts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass
class World:
    """An event, the member's profile and earlier events in the order in which they came, and the definitions."""

    event: dict[str, Any]
    member: dict[str, Any]
    earlier: list[dict[str, Any]]
    programme: dict[str, Any]
    segments: dict[str, Any] = field(default_factory=dict)
    zone: str | None = None

    def of(self, zone: str | None) -> World:
        """As a definition sees it that has a zone of its own."""
        return World(self.event, self.member, self.earlier, self.programme, self.segments, zone)

    def then(self, event: dict[str, Any]) -> World:
        """The same at another of the member's events."""
        return World(event, self.member, [], self.programme, self.segments, self.zone)

    @property
    def kind(self) -> str:
        return str(self.event["type"]).split(".")[1]

    @property
    def data(self) -> dict[str, Any]:
        return dict(self.event["data"])

    @property
    def lines(self) -> list[dict[str, Any]]:
        return list(self.event["data"].get("lines", []))

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.event["time"])

    @property
    def local(self) -> datetime:
        return self.moment.astimezone(ZoneInfo(self.zone or self.programme["time_zone"]))

    @property
    def today(self) -> date:
        return self.local.date()

    @property
    def foreign(self) -> bool:
        """In another currency than the programme's."""
        return self.data.get("currency") not in (None, self.programme["currency"])


def money(line: dict[str, Any]) -> Fraction:
    return Fraction(line["amount"])


def price(line: dict[str, Any]) -> Fraction:
    """Of one piece, to four decimals, half up."""
    if line["quantity"] == 0:
        return money(line)
    if line["quantity"] == 1:
        return money(line)
    return Fraction(int(money(line) / line["quantity"] * 10_000 + Fraction(1, 2)), 10_000)


def period(name: str, day: date) -> str:
    """The period that a day falls in."""
    if name == "day":
        return day.isoformat()
    if name == "week":
        return f"{day.isocalendar().year:04d}-W{day.isocalendar().week:02d}"
    if name == "month":
        return day.isoformat()[:7]
    if name == "quarter":
        return f"{day.year:04d}-Q{(day.month - 1) // 3 + 1}"
    return day.isoformat()[:4] if name == "year" else "ever"


def day_before(name: str, day: date) -> date:
    """The last day of the period before."""
    before = day
    while period(name, before) == period(name, day):
        before -= timedelta(days=1)
    return before


def runs(schedule: dict[str, Any], world: World) -> bool:
    """Whether a schedule runs at the event; its local times are not within hours that clocks repeat or leave out."""
    world = world.of(schedule.get("time_zone"))
    local = world.local
    for word in ("from", "until"):
        if word in schedule:
            edge = datetime.fromisoformat(schedule[word])
            reached = world.moment >= edge if edge.tzinfo else local.replace(tzinfo=None) >= edge
            if reached != (word == "from"):
                return False
    clock, day = f"{local:%H:%M}", local.date()
    if "hours" not in schedule:
        return _on(schedule, day)
    for hours in schedule["hours"]:
        begin, end = hours.split("-")
        if begin < end and begin <= clock < end and _on(schedule, day):
            return True
        if begin > end and clock >= begin and _on(schedule, day):
            return True
        if begin > end and clock < end and _on(schedule, day - timedelta(days=1)):
            return True
    return False


def _on(schedule: dict[str, Any], day: date) -> bool:
    if "weekdays" in schedule and DAYS[day.weekday()] not in schedule["weekdays"]:
        return False
    spans = [each.partition("..") for each in schedule.get("dates", [])]
    return not spans or any(first <= day.isoformat() <= (last or first) for first, _, last in spans)
