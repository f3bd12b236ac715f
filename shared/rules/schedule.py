"""Schedules: when a rule runs, in local time; and the periods of local dates that limits and challenges count by."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, model_validator

from shared.rules.emptiness import refuse_empty
from shared.rules.gaps import in_a_gap
from shared.rules.localtime import WEEKDAYS, Weekday, ZoneName
from shared.rules.part import Once
from shared.rules.schedule_words import Hindrance, hindrance, why_not
from shared.rules.timetable import Terms, Timetable
from shared.rules.written_times import Dates, Hours, Listed, Moment, RRule

Weekdays = Annotated[
    frozenset[Weekday], Field(min_length=1), Listed, Once, PlainSerializer(sorted, return_type=list[str])
]
Period = Literal["day", "week", "month", "quarter", "year", "ever"]
EVER: Final = "ever"
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}").fullmatch
_SOUGHT: Final = timedelta(days=5 * 366)


class Schedule(BaseModel):
    """When a rule runs: all that is written must hold, in the local time of `time_zone`."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)
    __slots__ = ("_timetables",)  # no field: it neither travels nor makes two schedules different
    if TYPE_CHECKING:
        _timetables: dict[ZoneInfo, Timetable]

    starts: Moment | None = Field(None, alias="from", description="inclusive")
    until: Moment | None = Field(None, description="exclusive")
    weekdays: Weekdays | None = None
    hours: Annotated[tuple[Hours, ...], Field(min_length=1, max_length=48), Listed] | None = Field(
        None, description="times of day, the end exclusive; may pass midnight"
    )
    dates: Annotated[tuple[Dates, ...], Field(min_length=1, max_length=1_000), Listed] | None = Field(
        None, description="local dates, or first..last"
    )
    recurrence: RRule | None = Field(None, description="RFC 5545 rule for days, counted from `from`")
    time_zone: ZoneName | None = Field(None, description="IANA name; the programme's by default")

    @model_validator(mode="after")
    def _runs_at_all(self) -> Self:
        if self.recurrence and "COUNT=" in self.recurrence and self.starts is None:
            raise ValueError("COUNT in `recurrence` counts from `from`: write `from`, or leave COUNT out")
        refuse_empty(self._terms(), None if self.time_zone is None else ZoneInfo(self.time_zone))
        return self

    def _terms(self) -> Terms:
        numbers = None if self.weekdays is None else frozenset(map(WEEKDAYS.index, self.weekdays))
        return Terms(self.starts, self.until, self.dates, self.recurrence, numbers, self.hours)

    def skipped(self, zone: ZoneInfo) -> str:
        """Why it never runs where clocks skip all its times, and what to write; empty where it is not for that."""
        own = zone if self.time_zone is None else ZoneInfo(self.time_zone)
        return in_a_gap(self._terms(), own) if self.timetable(zone).first_run() is None else ""

    def timetable(self, zone: ZoneInfo) -> Timetable:
        """The schedule in its own time zone or, where it names none, in the programme's; made once for each."""
        try:
            known = self._timetables
        except AttributeError:
            known = {}
            object.__setattr__(self, "_timetables", known)
        found = known.get(zone)
        if found is None:
            own = zone if self.time_zone is None else ZoneInfo(self.time_zone)
            found = known[zone] = Timetable(self._terms(), own)
        return found

    def runs(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Whether it includes an instant. A moment that is local to the zone already is the cheapest to ask about."""
        return self.timetable(zone).runs(moment)

    def may_run(self, utc_day: date, zone: ZoneInfo) -> bool:
        """False only if it runs at no instant of that day of UTC: for indexes by day."""
        return self.timetable(zone).may_run(utc_day)

    def next_start(self, after: datetime, zone: ZoneInfo) -> datetime | None:
        """The first local time later than `after` at which it begins to run; None if there is none in five years."""
        timetable = self.timetable(zone)
        found = timetable.next_start(after, after + _SOUGHT)
        return None if found is None else found.astimezone(timetable.zone)

    def hindrance(self, moment: datetime, zone: ZoneInfo) -> Hindrance | None:
        """What keeps it from running at an instant; None when it runs."""
        return hindrance(self.timetable(zone), moment)

    def why_not(self, moment: datetime, zone: ZoneInfo) -> str:
        """Why it does not run at an instant, in a few words with the values that decided; empty when it runs."""
        return why_not(self.timetable(zone), moment, named=self.time_zone is not None)


def period_key(period: Period, local: datetime | date) -> str:
    """The name of the period that a local date falls in: 2017-01-31, 2017-W05 (ISO week), 2017-01, 2017-Q1, 2017, or
    ever."""
    return period_of_day(period, local.date() if isinstance(local, datetime) else local)


@lru_cache(maxsize=4096)  # asked for every limit and challenge of every event, and there are few days
def period_of_day(period: Period, day: date) -> str:
    """The same of a date."""
    match period:
        case "day":
            return day.isoformat()
        case "week":
            year, week, _ = day.isocalendar()
            return f"{year:04d}-W{week:02d}"
        case "month":
            return f"{day.year:04d}-{day.month:02d}"
        case "quarter":
            return f"{day.year:04d}-Q{(day.month + 2) // 3}"
        case "year":
            return f"{day.year:04d}"
        case "ever":
            return EVER


def period_said(key: str) -> date | str:
    """A period as it is told: a day as a date, which each language writes in its own way; any other by its name."""
    return date.fromisoformat(key) if _DAY(key) else key


def period_bounds(period: Period, local: datetime | date) -> tuple[date, date]:
    """The first day of the period that a local date falls in, and the day after its last; of ever, all that dates
    can say."""
    day = local.date() if isinstance(local, datetime) else local
    match period:
        case "day":
            return day, day + timedelta(days=1)
        case "week":
            monday = day - timedelta(days=day.weekday())
            return monday, monday + timedelta(days=7)
        case "month":
            return _months(day.year, day.month, 1)
        case "quarter":
            return _months(day.year, (day.month - 1) // 3 * 3 + 1, 3)
        case "year":
            return _months(day.year, 1, 12)
        case "ever":
            return date.min, date.max


def _months(year: int, month: int, count: int) -> tuple[date, date]:
    years, end = divmod(month - 1 + count, 12)
    return date(year, month, 1), date(year + years, end + 1, 1)


def year_start(year: int, zone: ZoneInfo) -> datetime:
    """The first instant of a local calendar year."""
    return datetime(year, 1, 1, tzinfo=zone)
