"""Public holidays by country, from the library `holidays`, by their English names where the library has them.

The library, a file for each country, is read where a rule asks for a holiday: every command starts sooner without.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

_LETTERS: Final = 3  # of a code that is not ours
# Codes of three letters as sports have them, where ISO 3166-1 has others (DEU), which the library knows.
_OF_SPORTS: Final = {
    "BUL": "BG", "CHI": "CL", "CRO": "HR", "DEN": "DK", "ENG": "GB", "GER": "DE", "GRE": "GR", "INA": "ID",
    "KSA": "SA", "LAT": "LV", "MAS": "MY", "NED": "NL", "NGR": "NG", "PAR": "PY", "PHI": "PH", "POR": "PT",
    "PUR": "PR", "RSA": "ZA", "SLO": "SI", "SUI": "CH", "TPE": "TW", "UAE": "AE", "URU": "UY", "VIE": "VN",
}  # fmt: skip
_ENGLISH: Final = "en_US"


def holiday(country: str, day: date) -> str | None:
    """The name of a country's public holiday on a day, observed ones included; None when it is none.

    country: as check_country takes it. Two holidays on one day are joined by `; `, in the order of their names.
    """
    return _year(country, day.year).get(day)


def names_of(country: str, years: Iterable[int]) -> frozenset[str]:
    """The names of all holidays of a country in some years."""
    return frozenset(name for year in years for name in _year(country, year).values())


def check_country(code: str) -> str:
    """The code: two capital letters of ISO 3166-1, or with a part of the country: US, US-NY.

    Raises ValueError with the nearest code when no holidays are known for it.
    """
    country, dash, part = code.partition("-")
    known = _countries()
    if country not in known:
        near = _nearest(country)
        hint = f"did you mean {near}?" if near else "write two letters such as US or VN"
        raise ValueError(f"no public holidays are known for {code}; {hint}")
    if dash and part not in known[country]:
        parts = known[country]
        near_parts = get_close_matches(part.upper(), parts, n=1, cutoff=0.5)
        hint = f"did you mean {country}-{near_parts[0]}?" if near_parts else f"it has {', '.join(parts) or 'no parts'}"
        raise ValueError(f"{country} has no part {part} with holidays of its own; {hint}")
    return code


def _nearest(country: str) -> str | None:
    """The code that somebody meant by another spelling, by three letters or by a country's name."""
    from holidays.registry import COUNTRIES

    meant = {word.casefold(): each[1] for name, each in COUNTRIES.items() for word in (name.replace("_", ""), *each)}
    if country.upper() in _OF_SPORTS:
        return _OF_SPORTS[country.upper()]
    word = country.casefold().replace(" ", "").replace("_", "")
    # Of three letters many are near, and nearly all of them another country's.
    near = [word] if word in meant else get_close_matches(word, meant, n=1) if len(word) != _LETTERS else []
    return meant[near[0]] if near else None


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, list[str]]:
    from holidays import list_supported_countries

    return list_supported_countries(include_aliases=False)


@lru_cache(maxsize=1_024)
def _year(country: str, year: int) -> Mapping[date, str]:
    """Always of one year alone and in a named language: neither what was asked before nor the machine's own language
    may change an answer."""
    from holidays import country_holidays

    code, _, part = check_country(country).partition("-")
    spoken = country_holidays(code, subdiv=part or None).supported_languages
    found = country_holidays(code, subdiv=part or None, years=year, language=_ENGLISH if _ENGLISH in spoken else None)
    return {day: "; ".join(sorted(name.split("; "))) for day, name in found.items()}
