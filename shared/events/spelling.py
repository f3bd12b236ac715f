"""How texts of a certain form are written, in words: nobody who reads an error should have to read a pattern."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from shared.events.envelope import SOURCE
from shared.events.partner import EMAIL, PHONE
from shared.events.values import AMOUNT, CURRENCY, DAY, LANGUAGE, PRINTABLE, SLUG

SPELT: Final[Mapping[str, str]] = {
    AMOUNT: 'an amount as a text, not negative, with at most 12 digits and four decimals, such as "12.50"',
    CURRENCY: "a currency's three capitals, such as VND",
    DAY: "a day, such as 2026-11-25",
    EMAIL: "an e-mail address such as name@example.com: letters without accents, and a domain that ends in two or more",
    LANGUAGE: "a language's two letters, such as en",
    PHONE: "a telephone number with its country's code and digits alone, such as +84281234567",
    PRINTABLE: "words without line breaks or control characters",
    SLUG: "lower-case letters, digits and hyphens, at most 63",
    SOURCE: "/partners/ and the partner's id, such as /partners/grocer",
}
"""By pattern."""
_TIME: Final = "no such time: write one such as 2026-11-25T09:30:00+07:00, from 00:00:00 to 23:59:59"
_WORDS: Final[Mapping[str, str]] = {
    "datetime_parsing": _TIME,
    "datetime_from_date_parsing": _TIME,
    "datetime_object_invalid": _TIME,
    "union_tag_not_found": "it is missing: write what happened, such as loyalty.purchase.v1; over HTTP in binary mode "
    "in the header ce-type",
}
"""By the library's name of the error, where its own words tell of itself."""


def said(error: Mapping[str, Any], more: Mapping[str, str] = SPELT) -> str:
    """What the library says of a value, or how to write it where that would be a pattern. more: by pattern, for those
    that are not in `SPELT`."""
    if error["type"] in _WORDS:
        return _WORDS[error["type"]]
    pattern = error.get("ctx", {}).get("pattern") if error["type"] == "string_pattern_mismatch" else None
    words = None if pattern is None else SPELT.get(pattern) or more.get(pattern)
    return f"write {words}" if words else str(error["msg"]).removeprefix("Value error, ")
