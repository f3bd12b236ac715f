"""The catalogue: every fact and function that a condition may ask for, with its type, unit, meaning and an example.

Its page, docs/capabilities/facts.md, is generated from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from shared.rules.language.types import ATTRIBUTE, DATE, TEXT, TEXTS, TRUTH, Type

Scope = Literal["event", "basket", "line", "member", "history", "calendar"]
MONEY: Final = Type("number", "money")
POINTS: Final = Type("number", "points")
PIECES: Final = Type("number", "pieces")
TIMES: Final = Type("number", "times")
DAYS: Final = Type("number", "days")


@dataclass(frozen=True, slots=True)
class Entry:
    """One fact (or, with `form`, one function) of the catalogue."""

    type: Type
    scope: Scope
    about: str
    example: str
    form: str | None = None


FACTS: Final[Mapping[str, Entry]] = {
    "event.kind": Entry(TEXT, "event", "signup, purchase, referral or return", 'event.kind == "purchase"'),
    "event.partner": Entry(TEXT, "event", "id of the partner that sent it", 'event.partner == "grocer"'),
    "event.store": Entry(TEXT, "event", "the partner's store", 'event.store in ["12", "31"]'),
    "event.channel": Entry(TEXT, "event", "the partner's channel", 'event.channel == "online"'),
    "event.payment": Entry(TEXT, "event", "how it was paid", 'event.payment == "co-branded-card"'),
    "event.currency": Entry(TEXT, "event", "ISO 4217 code of the amounts", 'event.currency == "VND"'),
    "basket.total": Entry(MONEY, "basket", "sum of the lines' amounts", "basket.total >= 50.00"),
    "basket.paid_with_points": Entry(
        MONEY, "basket", "what points paid of the bill; 0 where they paid nothing", "basket.paid_with_points == 0"
    ),
    "basket.eligible": Entry(MONEY, "basket", "sum of the amounts of eligible lines", "basket.eligible >= 10.00"),
    "basket.quantity": Entry(PIECES, "basket", "sum of the lines' quantities", "basket.quantity > 3"),
    "calendar.date": Entry(DATE, "calendar", "the local date", 'calendar.date == "2017-12-24"'),
    "calendar.weekday": Entry(TEXT, "calendar", "monday to sunday, local", 'calendar.weekday == "friday"'),
    "calendar.hour": Entry(Type("number", "hours"), "calendar", "0 to 23, local", "calendar.hour < 9"),
    "calendar.day": Entry(Type("number"), "calendar", "day of the month, 1 to 31, local", "calendar.day == 1"),
    "calendar.month": Entry(Type("number"), "calendar", "1 to 12, local", "calendar.month in [6, 7, 8]"),
    "member.tier": Entry(TEXT, "member", "id of the tier held (on the first ladder by id)", 'member.tier == "gold"'),
    "member.tiers": Entry(TEXTS, "member", "ids of the tiers held on all ladders", '"gold" in member.tiers'),
    "member.segments": Entry(TEXTS, "member", "segments whose condition holds", '"families" in member.segments'),
    "member.tags": Entry(TEXTS, "member", "tags given by rules", '"wine-club" in member.tags'),
    "member.consents": Entry(TEXTS, "member", "what the member agreed to", '"sms" in member.consents'),
    "member.household": Entry(TEXT, "member", "id of the household, as partners name it", "has(member.household)"),
    "member.joined": Entry(DATE, "member", "local date of the first signup", 'member.joined < "2017-06-01"'),
    "member.birthday": Entry(DATE, "member", "date of birth", 'member.birthday >= "1990-01-01"'),
    "member.is_birthday": Entry(
        TRUTH, "member", "today is the birthday; one of 29 February is kept on the 28th in other years",
        "member.is_birthday",
    ),
    "member.age": Entry(Type("number", "years"), "member", "full years today", "member.age >= 18"),
    "member.referrals": Entry(TIMES, "member", "rewarded referrals the member made", "member.referrals >= 3"),
}  # fmt: skip

PREFIXES: Final[Mapping[str, Entry]] = {
    "event.attributes": Entry(ATTRIBUTE, "event", "an attribute of the event", 'event.attributes.coupon == "X1"'),
    "member.attributes": Entry(
        ATTRIBUTE, "member", "an attribute from the member's signups", 'member.attributes.kids_count != "0"'
    ),
    "member.balance": Entry(POINTS, "member", "balance of a wallet, before this event", "member.balance.stars >= 500"),
    "member.lifetime": Entry(POINTS, "member", "all that was ever earned in a wallet", "member.lifetime.stars > 9000"),
}

LINE: Final[Mapping[str, Entry]] = {
    "product": Entry(TEXT, "line", "id of the product", 'product == "4711"'),
    "category": Entry(TEXT, "line", "its category", 'category == "wine"'),
    "department": Entry(TEXT, "line", "its department", 'department == "PRODUCE"'),
    "brand": Entry(TEXT, "line", "its brand", 'brand in ["Acme", "Best"]'),
    "quantity": Entry(PIECES, "line", "pieces on the line", "quantity >= 2"),
    "amount": Entry(MONEY, "line", "what was paid for the line", "amount >= 5.00"),
    "price": Entry(
        MONEY, "line", "the amount of one piece, to four decimals, half up; of a line of 0 pieces its amount",
        "price < 1.00",
    ),
}  # fmt: skip
LINE_PREFIXES: Final[Mapping[str, Entry]] = {
    "attributes": Entry(ATTRIBUTE, "line", "an attribute of the line", "attributes.organic == true"),
}
# What `lines.sum` adds up, and what `lines.distinct` tells apart.
SUMMED: Final = ("amount", "quantity")
TOLD_APART: Final = ("product", "category", "department", "brand")

FUNCTIONS: Final[Mapping[str, Entry]] = {
    "has": Entry(TRUTH, "event", "the fact is known", "has(member.household)", "has(fact)"),
    "days_since": Entry(DAYS, "calendar", "days from a date to today, local", "days_since(member.joined) <= 30",
                        "days_since(date)"),
    "calendar.holiday": Entry(TEXT, "calendar", "name of today's public holiday in a country; unknown on other days",
                              'has(calendar.holiday("VN"))', 'calendar.holiday("country")'),
    "lines.any": Entry(TRUTH, "basket", "at least one line fits", 'lines.any(department == "PRODUCE")',
                       "lines.any(filter)"),
    "lines.all": Entry(TRUTH, "basket", "there are lines, and every one fits", 'lines.all(brand == "Acme")',
                       "lines.all(filter)"),
    "lines.none": Entry(TRUTH, "basket", "no line fits", 'lines.none(category == "tobacco")', "lines.none(filter)"),
    "lines.count": Entry(TIMES, "basket", "how many lines fit", "lines.count(amount >= 5.00) >= 2",
                         "lines.count(filter?)"),
    "lines.sum": Entry(MONEY, "basket", "sum of amount or quantity over the lines that fit",
                       'lines.sum(amount, department == "DELI") >= 20.00', "lines.sum(amount | quantity, filter?)"),
    "lines.distinct": Entry(TIMES, "basket", "how many different products (categories …) the lines that fit have",
                            'lines.distinct(product, department == "PRODUCE") >= 3',
                            "lines.distinct(product | category | department | brand, filter?)"),
    "lines.cheapest": Entry(MONEY, "basket", "lowest price of a piece among the lines that fit",
                            'lines.cheapest(category == "wine") < 5.00', "lines.cheapest(filter?)"),
    "lines.dearest": Entry(MONEY, "basket", "highest price of a piece among the lines that fit",
                           "lines.dearest() >= 100.00", "lines.dearest(filter?)"),
    "history.count": Entry(TIMES, "history", "how many events fit, this one included",
                           "history.count(this_month) == 3", "history.count(window, filter?)"),
    "history.sum": Entry(MONEY, "history", "sum of a number of the events that fit, this one included",
                         "history.sum(basket.eligible, this_quarter) >= 500.00", "history.sum(fact, window, filter?)"),
    "history.distinct": Entry(TIMES, "history", "how many different values the events that fit have, this one "
                              "included; or how many different products (categories …) the lines that fit",
                              "history.distinct(event.store, ever) >= 5",
                              "history.distinct(fact | product | category | department | brand, window, filter?)"),
    "history.first": Entry(DATE, "history", "local date of the first event that fits, before this one",
                           "days_since(history.first(ever)) <= 30", "history.first(window, filter?)"),
    "history.last": Entry(DATE, "history", "local date of the last event that fits, before this one",
                          "days_since(history.last(ever)) >= 90", "history.last(window, filter?)"),
    "history.streak": Entry(TIMES, "history", "how many days, weeks or months in a row, up to this one, have an event "
                            "that fits, this one included", "history.streak(week) >= 4",
                            "history.streak(day | week | month, filter?)"),
}  # fmt: skip

WINDOWS: Final[Mapping[str, str]] = {
    "today": "the local day",
    "this_week": "the local week, from Monday",
    "this_month": "the local calendar month",
    "this_quarter": "the local calendar quarter",
    "this_year": "the local calendar year",
    "ever": "always",
    "last_days(n)": "the last n local days, the event's own included (1 to 730)",
    'since("date")': "from a local date on, that day included, to the event's own day",
}
