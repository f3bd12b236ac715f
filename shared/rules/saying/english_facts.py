"""What facts are called in English: those of the catalogue, fields of lines, windows of time, and functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

FACTS: Final[Mapping[str, str]] = {
    "event.kind": "the kind of event",
    "event.partner": "the partner",
    "event.store": "the store",
    "event.channel": "the channel",
    "event.payment": "the way of paying",
    "event.currency": "the currency",
    "event.attributes": "{name}",
    "basket.total": "the basket",
    "basket.paid_with_points": "what points paid",
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
    "member.consents": "the list of consents",
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

FIELDS: Final[Mapping[str, str]] = {
    "product": "products",
    "category": "category",
    "brand": "brand",
    "department": "department",
    "amount": "amounts",
    "price": "price",
    "quantity": "pieces",
}
FILTERED: Final[Mapping[str, str]] = {
    "product": "product",
    "category": "category",
    "brand": "brand",
    "department": "department",
    "amount": "an amount",
    "price": "a price",
    "quantity": "a quantity",
    "basket.total": "a basket",
    "basket.eligible": "an eligible amount",
    "basket.quantity": "a number of pieces",
    "basket.paid_with_points": "an amount paid with points",
}
NUMBERS: Final[Mapping[str, str]] = {
    "==": "{field} of {value}",
    ">=": "{field} of at least {value}",
    ">": "{field} of more than {value}",
    "<=": "{field} of at most {value}",
    "<": "{field} of less than {value}",
}
WHERE: Final = " with {conditions}"
AND: Final = " and "
OR: Final = " or "
OTHER: Final = "{field} other than {value}"
WINDOWS: Final[Mapping[str, str]] = {
    "today": "today",
    "this_week": "this week",
    "this_month": "this month",
    "this_quarter": "this quarter",
    "this_year": "this year",
    "ever": "ever",
    "last_day": "in the last day",
    "last_days": "in the last {count} days",
    "since": "since {day}",
    "day": "days",
    "week": "weeks",
    "month": "months",
}
EVENTS: Final[Mapping[str, Sequence[tuple[str, str]]]] = {
    "purchase": (),
    "return": (("purchase", "return"),),
    "referral": (("purchase", "referral"),),
    "signup": (("purchase", "signup"),),
}
"""What stands instead of a word in sentences about purchases, by kind of event."""
FUNCTIONS: Final[Mapping[str, str]] = {
    "history.count": "the number of purchases {window}{where}",
    "history.sum": "the sum of {of} {window}{where}",
    "history.distinct": "the number of different values of {of} {window}{where}",
    "history.distinct.lines": "the number of different {of} bought {window}{where}",
    "history.streak": "the number of {window} in a row with a purchase{where}",
    "history.first": "the first purchase {window}{where}",
    "history.last": "the last purchase {window}{where}",
    "lines.count": "the number of lines{where}",
    "lines.cheapest": "the price of the cheapest piece{where}",
    "lines.dearest": "the price of the dearest piece{where}",
    "lines.sum": "the sum of {of} of lines{where}",
    "lines.distinct": "the number of different {of}{where}",
    "lines.any": "a line of the basket{where}",
    "lines.all": "nothing but lines{where}",
    "lines.none": "no line{where}",
    "days_since": "the number of days since {of}",
    "calendar.holiday": "the holiday ({of})",
}
