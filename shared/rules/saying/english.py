"""Every phrase in English. A pair says one and several, by `count`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from shared.rules.saying.phrase import Phrase as P

PHRASES: Final[Mapping[P, str | tuple[str, str]]] = {
    P.AMOUNT: "{count} {wallet}",
    P.MONDAY: "Monday",
    P.TUESDAY: "Tuesday",
    P.WEDNESDAY: "Wednesday",
    P.THURSDAY: "Thursday",
    P.FRIDAY: "Friday",
    P.SATURDAY: "Saturday",
    P.SUNDAY: "Sunday",
    P.IN_DAY: "this day",
    P.IN_WEEK: "this week",
    P.IN_MONTH: "this month",
    P.IN_QUARTER: "this quarter",
    P.IN_YEAR: "this year",
    P.IN_EVER: "in all",
    P.TRUE: "true",
    P.FALSE: "false",
    P.NONE: "none",
    P.MORE: "{amount} more",
    P.MORE_POINTS: ("{count} more point", "{count} more points"),
    P.MORE_PIECES: ("{count} more piece", "{count} more pieces"),
    P.MORE_TIMES: "{count} more",
    P.MORE_DAYS: ("{count} more day", "{count} more days"),
    P.MORE_YEARS: ("{count} more year", "{count} more years"),
    P.MORE_HOURS: ("{count} more hour", "{count} more hours"),
    P.MORE_THAN: "more than {amount} more",
    P.TOO_MUCH: "{amount} too much",
    P.TOO_MANY: "{count} too many",
    P.LESS_THAN: "must be less than {wanted}; is {value}",
    P.NEEDS: "needs {wanted}; is {value}",
    P.NEEDS_ONE_OF: "needs one of {wanted}; is {value}",
    P.NEEDS_OTHER: "must not be {wanted}",
    P.NEEDS_BEFORE: "needs a day before {wanted}; is {value}",
    P.NEEDS_UNTIL: "needs {wanted} or earlier; is {value}",
    P.NEEDS_FROM: "needs {wanted} or later; is {value}",
    P.NEEDS_AFTER: "needs a day after {wanted}; is {value}",
    P.NEEDS_MORE_THAN: "needs more than {wanted}; is {value}",
    P.NEEDS_AT_LEAST: "needs at least {wanted}; is {value}",
    P.NEEDS_LESS_THAN: "needs less than {wanted}; is {value}",
    P.NEEDS_AT_MOST: "needs at most {wanted}; is {value}",
    P.FROM_HOUR: "from {hour}:00; is {value}:00",
    P.BEFORE_HOUR: "before {hour}:00; is {value}:00",
    P.NEEDS_TAG: "needs the tag {wanted}",
    P.NEEDS_CONSENT: "needs the consent {wanted}",
    P.NEEDS_TIER: "needs {wanted}; is {value}",
    P.NEEDS_SEGMENT: "only for members of the segment {wanted}",
    P.NO_SEGMENT: "no segment {wanted} was in force at that time",
    P.NEEDS_START: "must begin with {wanted}; is {value}",
    P.NEEDS_END: "must end with {wanted}; is {value}",
    P.NEEDS_WITHIN: "must contain {wanted}; is {value}",
    P.UNKNOWN: "{fact} is unknown",
    P.MUST_BE_UNKNOWN: "{fact} must be unknown; is {value}",
    P.MUST_NOT_HOLD: "must not be so",
    P.NO_LINE: "no line of the basket fits",
    P.EVERY_LINE: "every line of the basket must fit",
    P.NO_LINE_MAY: "no line of the basket may fit",
    P.ONLY_BIRTHDAY: "only on the birthday",
    P.MUST_HOLD: "must be so",
    P.ONLY_FROM: "only from {wanted} on; this was {value}",
    P.ONLY_UNTIL: "only until {wanted}; this was {value}",
    P.ONLY_DATES: "only on {wanted}; this was {value}",
    P.ONLY_WEEKDAYS: "only on {wanted}; this was {value}",
    P.ONLY_RECURRENCE: "only on the days of {wanted}; this was {value}",
    P.ONLY_HOURS: "only at {wanted}; this was at {value}",
    P.AT_NIGHT: "{day} night",
    P.IN_ZONE: "{reason} (time of {zone})",
    P.RUNS_NEXT: "{reason}; again from {start}",
    P.RUNS_NO_MORE: "{reason}; it does not run again",
    P.CONDITION: "its condition does not hold",
    P.ONLY_SEGMENT: "only for members of the segment {segment}",
    P.OF_CAMPAIGN: "campaign {campaign}: {reason}",
    P.USED: ("already used {period}", "already used {count} times {period}"),
    P.USED_BY: ("already used {period} (by {events})", "already used {count} times {period} (by {events})"),
    P.POINTS_USED: "all {count} points that it gives {period} are given",
    P.POINTS_USED_BY: "all {count} points that it gives {period} are given (by {events})",
    P.HOUSEHOLD_USED: "already used up by the household {period}",
    P.ALL_USED: "used up {period} by all members together",
    P.BUDGET_SPENT: "its budget of {count} points is spent",
    P.TOO_OLD: "too long ago to be sure that it was not used",
    P.AGAIN_FROM: "{reason}; again from {start}",
    P.CUT: "{taken} of {wanted} taken away: {reason}",
    P.STACKED_BEST: "{winner} gave more: {winning} instead of {wanted}",
    P.STACKED_FIRST: "{winner} comes first, and only one of {group} gives points",
    P.FIXED: "a fixed number",
    P.PER_AMOUNT: "{total}: {give} for each {per}, {rounding}",
    P.PER_QUANTITY: "{total} pieces: {give} for each {per}, {rounding}",
    P.PER_LINE: ("{count} line: {give} for each", "{count} lines: {give} for each"),
    P.CASHBACK: "{percent} % of {total}, 1 for each {unit}, {rounding}",
    P.ONCE_MORE: "what {rules} gave, once more",
    P.TIMES: "{by} times the {base} of {rules}, of which this is what comes on top, {rounding}",
    P.DOWN: "rounded down",
    P.UP: "rounded up",
    P.HALF_UP: "rounded half up",
    P.HALF_EVEN: "rounded half to even",
    P.EACH_LINE: "each line {rounding}",
    P.AT_LEAST: "but at least {bound}",
    P.AT_MOST: "but at most {bound}",
    P.NO_CURRENCY: "amounts are in no currency; the rate is one of {wanted}",
    P.OTHER_CURRENCY: "amounts are in {currency}; the rate is one of {wanted}",
    P.BUILDS_ON_NOTHING: "it builds on {rules}, which gave nothing",
    P.DAY_OF: "{day} is day {number} of {goal} in {period}",
    P.COUNT_OF: "{reached} of {goal} in {period}",
    P.DAY_COUNTED: "{day} was counted before; {reached} of {goal} in {period}",
    P.WAS_FULL: "{period} had its {goal} already",
    P.NOT_COUNTED: "{period} is too long ago to be counted",
    P.PUBLISHED_SINCE: "posted by the definitions of that time; others were published since",
    P.WOULD_GIVE: "version {version} would give {points}, but was published after this event was posted",
    P.NOT_POSTED: "won {points}, but its grant is not posted yet: see `doublestar status` for lag",
}

FACTS: Final[Mapping[str, str]] = {
    "event.kind": "the kind of event",
    "event.partner": "the partner",
    "event.store": "the store",
    "event.channel": "the channel",
    "event.payment": "the way of paying",
    "event.currency": "the currency",
    "event.attributes": "{name}",
    "basket.total": "the basket",
    "basket.eligible": "the eligible amount",
    "basket.quantity": "the number of pieces",
    "calendar.date": "the date",
    "calendar.weekday": "the weekday",
    "calendar.hour": "the hour",
    "calendar.day": "the day of the month",
    "calendar.month": "the month",
    "member.tier": "the tier",
    "member.tiers": "the tiers",
    "member.segments": "the segments",
    "member.tags": "the tags",
    "member.consents": "the consents",
    "member.household": "the household",
    "member.joined": "the day of joining",
    "member.birthday": "the birthday",
    "member.is_birthday": "whether it is the birthday",
    "member.age": "the age",
    "member.referrals": "the number of referrals",
    "member.attributes": "{name}",
    "member.balance": "the balance of {name}",
    "member.lifetime": "all {name} ever earned",
}


def number(value: int | Decimal) -> str:
    """`1,234.50`"""
    return f"{value:,d}" if isinstance(value, int) else f"{value:,f}"


def day(value: date) -> str:
    """`2017-01-09`"""
    return value.isoformat()


def moment(value: datetime) -> str:
    """`Monday 2017-01-09 09:00`"""
    weekday = PHRASES[list(P)[list(P).index(P.MONDAY) + value.weekday()]]
    return f"{weekday} {value:%Y-%m-%d %H:%M}"


def wallet(name: str, count: int) -> str:
    """`stars`, or `star` of one."""
    one = abs(count) == 1 and name.endswith("s") and not name.endswith(("ss", "us"))
    return name[:-1] if one else name
