"""Money among facts as people write it: with the decimals of the programme's currency, wherever it is told. Pure.

Sums of history are kept as they were added up, 88.1 or 129; told so beside 88.10, they read like another amount.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal
from typing import Any, Final

from shared.currencies import digits
from shared.rules.facts import Facts
from shared.rules.language.checking import Checker
from shared.rules.language.parser import parse
from shared.rules.language.syntax import ExpressionError

_CENTS: Final = 2
_EXACT: Final = Context(prec=60)  # sums of years have more digits than the default context keeps
_IN_ZONE: Final = re.compile(r" in \w[\w+/-]*$")  # the zone of a label, see `questions.known`


def currency_of(facts: Facts) -> str | None:
    """What amounts are told in; None where no programme is known."""
    return None if facts.rules is None else str(facts.rules.programme.currency)


def in_currency(value: Any, unit: str | None, currency: str | None) -> Any:
    """A fact's value: money with the currency's decimals, and what has more than those exactly; all else as it is."""
    if unit != "money" or not isinstance(value, int | Decimal):
        return value
    exact = Decimal(value)
    whole = exact.quantize(Decimal(1).scaleb(-(_CENTS if currency is None else digits(currency))), context=_EXACT)
    return whole if whole == exact else value


def kept(label: str, text: str | None, currency: str | None) -> str | None:
    """The same of a fact's text, as a journal keeps it by its label."""
    if text is None or _unit(_IN_ZONE.sub("", label)) != "money":
        return text
    return f"{in_currency(Decimal(text), 'money', currency):f}"


def _unit(label: str) -> str | None:
    try:
        return Checker("event", None).term(parse(label)).type.unit
    except ExpressionError:  # what an earlier release has asked, and this one does not know
        return None
