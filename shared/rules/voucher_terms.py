"""A voucher's terms as sentences, for whoever holds it or stands at the till. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from shared.rules.saying.phrase import Phrase, Saying, say


def terms(voucher: Mapping[str, Any], zone: ZoneInfo) -> Iterator[Saying]:
    """What it takes off, off what, and on which conditions. voucher: a document of earn's; until when: local time."""
    value, minimum = voucher["value"], voucher["minimum"]
    if value is not None:
        yield say(Phrase.OFF_AMOUNT, **_money(value))
    elif voucher["percent_off"] is not None:
        yield say(Phrase.OFF_PERCENT, percent=Decimal(voucher["percent_off"]))
    else:
        yield say(Phrase.FOR_THING, title=voucher["title"])
    if voucher["categories"] is not None:
        yield say(Phrase.ONLY_CATEGORIES, categories=tuple(voucher["categories"]))
    if minimum is not None:
        yield say(Phrase.SPEND_AT_LEAST, **_money(minimum))
    if voucher["alone"]:
        yield say(Phrase.NOT_WITH_OTHERS)
    until = voucher["until"]
    yield say(Phrase.GOOD_FOR_EVER) if until is None else say(Phrase.GOOD_BEFORE, until=until.astimezone(zone))


def _money(said: Mapping[str, str]) -> dict[str, Decimal | str]:
    return {"amount": Decimal(said["amount"]), "currency": said["currency"]}
