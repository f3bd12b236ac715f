"""Dates as expressions write them."""

from __future__ import annotations

from datetime import date

from shared.rules.language.syntax import ExpressionError


def as_date(text: str, at: int) -> str:
    """A date as it is written. Raises ExpressionError."""
    try:
        if date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    raise ExpressionError(f'"{text}" is no date; write it as year-month-day, such as "2017-08-01"', at)
