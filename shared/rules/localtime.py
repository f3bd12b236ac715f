"""Local time: which zones there are, when a wall clock shows a time, and where summer time moves its hands.

A wall time within the gap of summer time never occurs; one within the repeated hour occurs twice.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Final, Literal, get_args

from pydantic import AfterValidator

from shared.rules.abbreviated import is_abbreviated, such_as

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: Final[tuple[Weekday, ...]] = get_args(Weekday)
_DAY: Final = timedelta(days=1)
_OFFSET: Final = re.compile(r"(UTC|GMT)?[+-][0-9:]{1,5}")
_TICK: Final = timedelta(microseconds=1)
_LIKE: Final = 0.8
_LIST: Final = "all are in https://data.iana.org/time-zones/tzdb/zone.tab"


def _exists(name: str) -> str:
    if _OFFSET.fullmatch(name):
        raise ValueError(f"{name} is an offset, not a time zone: name a place that keeps it, such as Asia/Ho_Chi_Minh")
    if name not in _zones():
        near = _nearest(name)
        hint = f"did you mean {near}?" if near else f"write an IANA name such as {such_as(name)}; {_LIST}"
        raise ValueError(f"no such time zone: {name}; {hint}")
    return name


def _nearest(name: str) -> str:
    """The zone that was meant, where its city is nearly the one that is written: areas alone are alike, too."""
    zones, city = {each.casefold(): each for each in sorted(_zones())}, _city(name.casefold())
    cities = {_city(each): each for each in zones}
    if is_abbreviated(name):
        return zones.get(name.casefold()) or zones.get(cities.get(city, ""), "")
    alike = get_close_matches(name.casefold(), zones, n=5)
    found = [each for each in alike if get_close_matches(city, [_city(each)], cutoff=_LIKE)]
    found += [cities[each] for each in get_close_matches(city, cities, n=1, cutoff=_LIKE)]
    return zones[found[0]] if found else ""


def _city(name: str) -> str:
    return name.rpartition("/")[2].replace(" ", "_")


# Listed, not tried: opening a name would find folders, and files that only this machine has, such as `localtime`.
@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split())


ZoneName = Annotated[str, AfterValidator(_exists)]


def instants(wall: datetime, zone: tzinfo) -> list[datetime]:
    """The instants, in UTC and in order, at which clocks show a wall time: none in a gap, two in a repeated hour."""
    tried = [wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    shown = [each for each in tried if each.astimezone(zone).replace(tzinfo=None, fold=0) == wall]
    return sorted(set(shown))


def first_instant(wall: datetime, zone: tzinfo) -> datetime:
    """The instant, in UTC, that a wall time means: the first of a repeated hour, the first one after a gap."""
    found = instants(wall, zone)
    if found:
        return found[0]
    late, early = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return shifts(early, late, zone)[0]


def shifts(begin: datetime, end: datetime, zone: tzinfo) -> list[datetime]:
    """The instants, in UTC, within (begin, end] from which on clocks are moved; at most one is looked for.

    begin, end: at most two days apart, so that what is moved is not moved back unseen.
    """
    low, high = int(begin.timestamp()), int(end.timestamp())
    before = _offset(low, zone)
    if _offset(high, zone) == before:
        return []
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    return [datetime.fromtimestamp(high, UTC)]


def _offset(second: int, zone: tzinfo) -> timedelta | None:
    return datetime.fromtimestamp(second, zone).utcoffset()


@lru_cache(maxsize=10_000)
def local_days(utc_day: date, zone: tzinfo) -> range:
    """The local dates, as ordinals, that clocks may show at some time of a day of UTC."""
    begin = datetime.combine(utc_day, time(), UTC)
    first, last = (each.astimezone(zone).toordinal() for each in (begin, begin + _DAY - _TICK))
    return range(first, last + 1)
