"""temporary"""

from __future__ import annotations

from datetime import date

import holidays as lib


def check_country(code: str) -> None:
    if code not in lib.list_supported_countries():
        raise ValueError(f"no country {code}")


def holiday(country: str, day: date) -> str | None:
    return lib.country_holidays(country, years=day.year).get(day)
