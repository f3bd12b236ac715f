"""Local time: whether a rule runs at an event's time, and which day, week, month or year an event falls in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, PlainSerializer, model_validator

from shared.events.values import Instant
from shared.rules.part import Part

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Weekdays = Annotated[frozenset[Weekday], PlainSerializer(sorted, return_type=list[str])]
Period = Literal["day", "week", "month", "quarter", "year", "ever"]
EVER: Final = "ever"
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Schedule(Part):
    """When a rule runs, in the programme's time zone: `from` inclusive, `until` exclusive."""

    starts: Instant | None = Field(None, alias="from")
    until: Instant | None = None
    weekdays: Weekdays | None = Field(None, min_length=1)
    time_zone: str | None = None

    @model_validator(mode="after")
    def _window(self) -> Self:
        if self.starts and self.until and self.starts >= self.until:
            raise ValueError("the window is empty: `until` must be later than `from`")
        return self

    def runs(self, moment: datetime, zone: ZoneInfo) -> bool:
        if self.starts is not None and moment < self.starts:
            return False
        if self.until is not None and moment >= self.until:
            return False
        return self.weekdays is None or _DAYS[moment.astimezone(zone).weekday()] in self.weekdays

    def may_run(self, utc_day: date, zone: ZoneInfo) -> bool:
        return True

    def next_start(self, after: datetime, zone: ZoneInfo) -> datetime | None:
        return None

    def why_not(self, moment: datetime, zone: ZoneInfo) -> str:
        return "not scheduled"


def period_key(period: Period, local: datetime | date) -> str:
    """The name of the period that a local date falls in: 2017-01-31, 2017-W05 (ISO week), 2017-01, 2017, or ever."""
    if period == "day":
        return f"{local.year:04d}-{local.month:02d}-{local.day:02d}"
    if period == "week":
        year, week, _ = local.isocalendar()
        return f"{year:04d}-W{week:02d}"
    if period == "month":
        return f"{local.year:04d}-{local.month:02d}"
    if period == "quarter":
        return f"{local.year:04d}-Q{(local.month + 2) // 3}"
    return f"{local.year:04d}" if period == "year" else EVER


def year_start(year: int, zone: ZoneInfo) -> datetime:
    """The first instant of a local calendar year."""
    return datetime(year, 1, 1, tzinfo=zone)
