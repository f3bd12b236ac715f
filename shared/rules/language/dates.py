"""Dates as expressions write them."""

from __future__ import annotations

from datetime import date

from shared.rules.language.syntax import ExpressionError
from shared.rules.written_times import no_such_day


def as_date(text: str, at: int) -> str:
    """A date as it is written. Raises ExpressionError."""
    try:
        if date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    said = no_such_day(text)
    raise ExpressionError(said or f'"{text}" is no date; write it as year-month-day, such as "2017-08-01"', at)
