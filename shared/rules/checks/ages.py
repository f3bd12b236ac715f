"""How old a member can be who was born on some days, when an event is on some days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Final

from shared.rules.checks.values import NOTHING, Values, numbers
from shared.rules.member import kept_on

_FIRST: Final = date(2000, 1, 1).toordinal()  # no event is dated before
_LAST: Final = date(2200, 12, 31).toordinal()


def ages(born: Values, days: Sequence[Values]) -> Values:
    """Full years. days: what the dates of the event may be, a day more on either side, as zones may differ."""
    lows = [int(min(each.low for each in one.numbers)) - 1 for one in days if one.numbers]
    highs = [int(max(each.high for each in one.numbers)) + 1 for one in days if one.numbers]
    first, last = max([_FIRST, *lows]), min([_LAST, *highs])
    if not born.numbers or first > last:
        return NOTHING
    eldest = _age(int(min(each.low for each in born.numbers)), last)
    youngest = _age(int(max(each.high for each in born.numbers)), first)
    return NOTHING if eldest < 0 else numbers(Fraction(max(0, youngest)), Fraction(eldest))


def _age(born: int, day: int) -> int:
    birthday, today = date.fromordinal(born), date.fromordinal(day)
    return today.year - birthday.year - (today < kept_on(birthday, today.year))
