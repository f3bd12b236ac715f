"""Public holidays: dates and names by hand, from the countries' calendars of 2017."""

from __future__ import annotations

from datetime import date

import pytest

from shared.rules.holidays import check_country, holiday


@pytest.mark.parametrize(
    ("country", "day", "name"),
    [
        ("US", "2017-07-04", "Independence Day"),
        ("US", "2017-11-23", "Thanksgiving Day"),
        ("US", "2017-07-05", None),
        ("US", "2017-11-10", "Veterans Day (observed)"),  # the 11th is a Saturday
        ("US", "2017-02-12", None),
        ("US-NY", "2017-02-12", "Lincoln's Birthday"),
        ("US-NY", "2017-07-04", "Independence Day"),
        ("VN", "2017-01-28", "Lunar New Year"),
        ("VN", "2017-04-30", "Liberation Day/Reunification Day"),
        ("VN", "2017-07-04", None),
        ("DE", "2017-10-03", "German Unity Day"),
        ("DE", "2017-10-31", "Reformation Day"),  # in all of Germany in 2017 alone
        ("DE", "2018-10-31", None),
        ("DE-BB", "2018-10-31", "Reformation Day"),
        ("GB", "2017-12-25", "Christmas Day"),
        ("NZ", "2017-02-06", "Waitangi Day"),
    ],
)
def test_named_in_english(country: str, day: str, name: str | None) -> None:
    assert holiday(check_country(country), date.fromisoformat(day)) == name


def test_what_was_asked_before_changes_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "vi")
    asked = [holiday("VN", date(year, 9, 2)) for year in (2030, 2017, 2030, 2001)]
    assert asked == ["National Day"] * 4


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("us", "did you mean US?"),
        ("USA", "did you mean US?"),
        ("Vietnam", "did you mean VN?"),
        ("Untied States", "did you mean US?"),
        ("UK", "did you mean GB?"),
        ("?", "write two letters such as US or VN"),
        ("", "write two letters such as US or VN"),
        ("US-NYC", "did you mean US-NY?"),
        ("US-ny", "did you mean US-NY?"),
        ("VN-XX", "it has no parts"),
    ],
)
def test_a_country_that_is_unknown_names_the_nearest(code: str, hint: str) -> None:
    with pytest.raises(ValueError, match="holidays") as error:
        check_country(code)
    assert str(error.value).endswith(hint)
