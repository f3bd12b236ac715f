"""Dates as expressions write them."""

from __future__ import annotations

from datetime import date

from shared.rules.language.syntax import ExpressionError
from shared.rules.written_times import no_such_day


def is_date(text: str) -> bool:
    """Whether a text is a date, as expressions write it."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def as_date(text: str, at: int) -> str:
    """A date as it is written. Raises ExpressionError."""
    if is_date(text):
        return text
    said = no_such_day(text)
    raise ExpressionError(said or f'"{text}" is no date; write it as year-month-day, such as "2017-08-01"', at)
