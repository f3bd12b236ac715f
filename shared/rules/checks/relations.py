"""What facts have to do with each other: values that each may have, and that all of them never have at once.

Only what is so for every event: a part is not more than its whole, a date has one weekday and its holidays, amounts in
a foreign currency are not known. Where it is not sure, values are taken to go together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from fractions import Fraction
from itertools import product
from math import inf
from typing import Final

from shared.rules.checks.ages import ages
from shared.rules.checks.values import Values, numbers
from shared.rules.checks.zones import together
from shared.rules.facts import Asked
from shared.rules.holidays import holiday
from shared.rules.localtime import WEEKDAYS

Known = Mapping[Asked, Values]
_SOME: Final = numbers(Fraction(1))
_ZERO: Final = numbers(Fraction(0), Fraction(0))
# What the lines that fit a filter make of `any`, `none`, `all` and `count`: all fit, some, none.
_STATES: Final[tuple[tuple[bool, bool, bool, Values], ...]] = (
    (True, False, True, _SOME),
    (True, False, False, _SOME),
    (False, True, False, _ZERO),
)
_LINES: Final = ("lines.any(", "lines.none(", "lines.all(", "lines.count(")
_OF_MONEY: Final = ("basket.total", "basket.eligible", "basket.paid_with_points", "lines.sum(amount", "lines.cheapest",
                    "lines.dearest")  # fmt: skip
_OF_BIRTHDAY: Final = ("member.is_birthday", "member.age")
_SUMS: Final = ("history.count(", "history.sum(")
_COUNTED: Final = (*_SUMS, "basket.", "lines.sum(", "lines.count(", "lines.cheapest", "lines.dearest")
# What is a part of each of these.
_WHOLES: Final = {
    # No amount is negative, and a piece costs no more than its line.
    "basket.total": ("basket.eligible", "lines.sum(amount", "lines.cheapest(", "lines.dearest("),
    "basket.quantity": ("lines.sum(quantity",),
    "lines.count()": ("lines.count(",),
}
# A window holds all of the other's days: of two windows of one count the smaller counts no more.
_NESTED: Final = ("today", "this_month", "this_quarter", "this_year")
_MOST_DAYS: Final = 1_500
_HOLIDAYS_OF: Final = 400  # so many days are asked for their holidays
_HOLIDAY: Final = re.compile(r'holiday\("([^"]+)"\)')
_LEAP: Final = [date(2024, 1, 1) + timedelta(days=n) for n in range(366)]  # every day that any year has


def agree(known: Known, currency: str | None, zone: str | None = None) -> bool:
    """Whether all these values may be those of one event. currency, zone: the programme's, where they are known."""
    alike = _lines(known) and _parts(known) and _dates(known, zone) and _birthdays(known)
    return alike and (currency is None or _in_currency(known, currency))


def kin(label: str) -> str:
    """Facts of two kins have nothing to do with each other here; of one they may."""
    if label.startswith(_OF_MONEY) or label == "event.currency":
        return "money"
    if label.startswith(("basket.quantity", "lines.sum(quantity")):
        return "pieces"
    if label.startswith(_LINES):
        return "lines"
    if label in _OF_BIRTHDAY or label == "member.birthday":
        return "birthday"
    return "history" if label.startswith("history.") else "calendar" if label.startswith("calendar.") else label


def _lines(known: Known) -> bool:
    """Of each filter: that no line fits and that one does are never both so."""
    filters: dict[str, list[Values | None]] = {}
    for asked, values in known.items():
        for place, head in enumerate(_LINES):
            if asked.label.startswith(head):
                filters.setdefault(asked.label.removeprefix(head), [None] * len(_LINES))[place] = values
    return all(_of_filter(*found) for found in filters.values())


def _of_filter(any_: Values | None, none: Values | None, all_: Values | None, count: Values | None) -> bool:
    written = [each for each in (any_, none, all_, count) if each is not None]
    if len(written) < 2 or all(each.unknown for each in written):
        return True
    for one, other, third, number in _STATES:
        truths = all(each is None or is_ in each.truths for each, is_ in ((any_, one), (none, other), (all_, third)))
        if truths and (count is None or count.meet(number).numbers):
            return True
    return False


def _parts(known: Known) -> bool:
    """What is never more than another fact."""
    return all(
        small.unknown or big.unknown or not small.numbers or not big.numbers or _may_be_less(small, big)
        for small, big in _pairs(known)
    )


def _pairs(known: Known) -> Iterator[tuple[Values, Values]]:
    counted = [each for each in known.items() if each[0].label.startswith(_COUNTED)]
    for (one, small), (other, big) in product(counted, counted):
        if at_most(one, other):
            yield small, big


def at_most(one: Asked, other: Asked) -> bool:
    """Whether the one is never more than the other, where both are known: a part beside its whole, the cheapest piece
    beside the dearest, what a window counts beside a wider one."""
    if one is other:
        return False
    if one.scope == other.scope == "history":
        same = one.label.startswith(_SUMS) and other.label.startswith(_SUMS) and _of_one(one) == _of_one(other)
        return same and _within(_window(one), _window(other))
    if other.label in _WHOLES:
        return one.label.startswith(_WHOLES[other.label])
    return _prices(one, other)


def _prices(one: Asked, other: Asked) -> bool:
    """Of all pieces the cheapest costs no more than any, the dearest no less; so it is of those that fit one filter."""
    (first, _, mine), (second, _, theirs) = one.label.partition("("), other.label.partition("(")
    ends = ("lines.cheapest", "lines.dearest")
    if first not in ends or second not in ends or (first, second) == ends[::-1]:
        return False
    of_all = (first == ends[0] and mine == ")") or (second == ends[1] and theirs == ")")
    return of_all or (first != second and mine == theirs)


def _of_one(asked: Asked) -> tuple[object, ...]:
    """What is counted, whatever the window."""
    counter = asked.counter
    value = None if counter.value is None else counter.value.label
    return asked.label.partition("(")[0], value, counter.spelt, counter.zone


def _window(asked: Asked) -> str:
    """As it is written: the label without the value before it and the filter behind it."""
    counter = asked.counter
    inner = asked.label.partition("(")[2][:-1]
    if counter.value is not None:
        inner = inner.removeprefix(f"{counter.value.label}, ")
    return inner.removesuffix(f", {counter.spelt}") if counter.spelt else inner


def _within(one: str, other: str) -> bool:
    """Whether all that a window holds is in the other too, with events that came late or in another order."""
    if other == "ever":
        return True
    if one in _NESTED and other in _NESTED:
        return _NESTED.index(one) < _NESTED.index(other)
    if one == "today":
        return other == "this_week" or other.startswith("last_days(")
    if one.startswith("last_days(") and other.startswith("last_days("):
        return _days(one) < _days(other)
    return one.startswith("since(") and other.startswith("since(") and one > other


def _days(window: str) -> int:
    return int(window.removeprefix("last_days(").removesuffix(")"))


def _may_be_less(small: Values, big: Values) -> bool:
    """Whether some number of the one is at most some number of the other."""
    low, open_low = min((each.low, each.open_low) for each in small.numbers)
    high, closed = max((each.high, not each.open_high) for each in big.numbers)
    return low < high or (low == high and closed and not open_low)


def _in_currency(known: Known, currency: str) -> bool:
    """Amounts in another currency than the programme's are not known."""
    said = next((values for asked, values in known.items() if asked.label == "event.currency"), None)
    if said is None or said.unknown or (currency in said.texts.values) is not said.texts.others:
        return True
    return all(values.unknown for asked, values in known.items() if asked.label.startswith(_OF_MONEY))


def _birthdays(known: Known) -> bool:
    """Of whom no birthday is known, it is not today, and no age is known; else the age is that of the day."""
    said = {asked.label: values for asked, values in known.items() if asked.label.startswith("member.")}
    day = said.get("member.birthday")
    if day is None:
        return True
    if not day.known.empty:
        age = said.get("member.age")
        if age is None or age.unknown or day.unknown:
            return True
        return not age.meet(ages(day, [each for asked, each in known.items() if asked.label == "calendar.date"])).empty
    return all(values.unknown or values.truths == {False} for name, values in said.items() if name in _OF_BIRTHDAY)


def _dates(known: Known, programme: str | None) -> bool:
    """In each zone: a date has one weekday, day and month, and its holidays, and not every month every day. Of two
    zones: both are so at one time."""
    zones: dict[str | None, dict[str, Values]] = {}
    for asked, values in known.items():
        if asked.scope == "calendar" and asked.label.startswith("calendar."):
            name = asked.key.removeprefix(asked.label).removeprefix(" in ") or None
            zones.setdefault(name, {})[asked.label.removeprefix("calendar.")] = values
    alone = all(_of_zone(found) for found in zones.values())
    return alone and (len(zones) < 2 or together(zones, programme, _is))


def _is(said: Mapping[str, Values], day: date) -> bool:
    number = Fraction(day.toordinal())
    dated = "date" not in said or bool(said["date"].meet(numbers(number, number)).numbers)
    return dated and _fits(said, day.month, day.day, WEEKDAYS[day.weekday()])


def _of_zone(said: Mapping[str, Values]) -> bool:
    days = each_day(said["date"], _MOST_DAYS) if "date" in said else None
    if days is not None:
        fitting = (day for day in days if _fits(said, day.month, day.day, WEEKDAYS[day.weekday()]))
        countries = {found[1]: values for name, values in said.items() if (found := _HOLIDAY.fullmatch(name))}
        if not countries or each_day(said["date"], _HOLIDAYS_OF) is None:
            return any(True for _ in fitting)
        return any(all(_keeps(holiday(of, day), values) for of, values in countries.items()) for day in fitting)
    return any(_fits(said, day.month, day.day, None) for day in _LEAP)


def _keeps(name: str | None, values: Values) -> bool:
    """Whether a day's holiday is among the values; a day without one has none that is known."""
    return values.unknown if name is None else (name in values.texts.values) is not values.texts.others


def each_day(values: Values, most: int) -> Iterable[date] | None:
    """The dates, where there are few enough to try each."""
    if any(inf in (-each.low, each.high) for each in values.numbers):
        return None
    if sum(int(each.high - each.low) + 1 for each in values.numbers) > most:
        return None
    return [date.fromordinal(n) for each in values.numbers for n in range(int(each.low), int(each.high) + 1)]


def _fits(said: Mapping[str, Values], month: int, day: int, weekday: str | None) -> bool:
    for name, number in (("month", month), ("day", day)):
        if name in said and not said[name].meet(numbers(Fraction(number), Fraction(number))).numbers:
            return False
    texts = said["weekday"].texts if "weekday" in said and weekday is not None else None
    return texts is None or (weekday in texts.values) is not texts.others
