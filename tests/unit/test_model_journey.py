"""The model of the demo programme: each rule on baskets made by hand, and figures that pandas gave independently."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from tests.model.journey import DATA_CLOCK, Member, Visit, expect, shop

MONDAY, TUESDAY, WEDNESDAY, SUNDAY = "2017-02-06", "2017-02-07", "2017-02-08", "2017-02-12"


def earned(*visits: tuple[str, list[tuple[str | None, str]]], kids: str | None = None) -> Member:
    """A member after these visits: (time on the data's clock, [(department, amount), ...])."""
    member = Member(kids)
    for number, (time, lines) in enumerate(visits):
        at = datetime.fromisoformat(time).replace(tzinfo=DATA_CLOCK)
        if len(time) == len("2017-02-06"):
            at = at.replace(hour=12)
        goods = [(product, department, Decimal(amount)) for product, (department, amount) in enumerate(lines)]
        shop(member, Visit(at, number, 1, goods))
    return member


def stars(*visits: tuple[str, list[tuple[str | None, str]]], kids: str | None = None) -> dict[str, int]:
    return dict(+earned(*visits, kids=kids).stars)


def test_base_adds_the_amounts_first_and_leaves_fuel_out() -> None:
    lines: list[tuple[str | None, str]] = [("GROCERY", "1.60"), (None, "0.60"), ("FUEL", "40.00")]
    assert stars((MONDAY, lines)) == {"welcome": 25, "base": 2}


def test_wednesday_is_the_local_one() -> None:
    assert stars((WEDNESDAY, [("DELI", "7.99")])) == {"welcome": 25, "base": 7, "double-star-wednesday": 7}
    # In July, Tuesday 23:30 on the data's clock is Wednesday 00:30 in New York; Wednesday 23:30 is Thursday.
    assert "double-star-wednesday" in stars(("2017-07-11T23:30:00", [("DELI", "7.99")]))
    assert "double-star-wednesday" not in stars(("2017-07-12T23:30:00", [("DELI", "7.99")]))


def test_fresh_counts_products_once_a_local_day() -> None:
    three: list[tuple[str | None, str]] = [("PRODUCE", "0.10"), ("PRODUCE", "0.00"), ("PRODUCE", "0.10")]
    assert stars((MONDAY, three)) == {"welcome": 25, "fresh": 10}
    assert stars((MONDAY, three[:2])) == {"welcome": 25}
    assert stars((f"{MONDAY}T09:00:00", three), (f"{MONDAY}T19:00:00", three), (TUESDAY, three))["fresh"] == 20


def test_three_days_needs_ten_each_within_one_week_and_pays_once() -> None:
    ten: list[tuple[str | None, str]] = [("MEAT", "10.00")]
    assert stars((MONDAY, ten), (TUESDAY, ten), (SUNDAY, ten))["three-days"] == 50
    assert stars((MONDAY, ten), (TUESDAY, ten), (WEDNESDAY, ten), (SUNDAY, ten))["three-days"] == 50
    assert "three-days" not in stars((MONDAY, ten), (TUESDAY, ten), (f"{TUESDAY}T20:00:00", ten))
    assert "three-days" not in stars((MONDAY, ten), (TUESDAY, ten), (SUNDAY, [("MEAT", "9.99"), ("FUEL", "20.00")]))
    assert "three-days" not in stars((WEDNESDAY, ten), (SUNDAY, ten), ("2017-02-13", ten)), "the Monday after"


@pytest.mark.parametrize(
    ("time", "kids", "amount", "pays"),
    [
        ("2017-07-31T22:59:59", "1", "20.00", False),
        ("2017-07-31T23:00:00", "1", "20.00", True),  # midnight of 1 August in New York
        ("2017-09-15T22:59:59", "3+", "20.00", True),
        ("2017-09-15T23:00:00", "3+", "20.00", False),
        ("2017-08-15T12:00:00", "2", "19.99", False),
        ("2017-08-15T12:00:00", "0", "20.00", False),
        ("2017-08-15T12:00:00", None, "20.00", False),
    ],
)
def test_families(time: str, kids: str | None, amount: str, pays: bool) -> None:
    lines: list[tuple[str | None, str]] = [("DRUG GM", amount), ("GROCERY", "5.00")]
    member = earned((time, lines), (time, lines), kids=kids)
    assert member.stars["families-back-to-school"] == (100 if pays else 0)
    assert member.notifications["bonus"] == (1 if pays else 0)


def test_tiers_are_reached_by_a_local_year_and_kept() -> None:
    member = earned((MONDAY, [("MEAT", "999.99")]), (TUESDAY, [("MEAT", "1.00")]), (WEDNESDAY, [("MEAT", "1000.00")]))
    assert member.tiers == {"silver": date(2017, 2, 7), "gold": date(2017, 2, 8)}, "999 + 1, then 1,000 counted twice"
    assert (member.notifications["tier-reached"], member.notifications["gift"]) == (2, 1)

    at_once = earned((MONDAY, [("MEAT", "3000.00")]), ("2018-01-01", [("MEAT", "3000.00")]))
    assert at_once.tiers == {"silver": date(2017, 2, 6), "gold": date(2017, 2, 6)}
    assert (at_once.notifications["tier-reached"], at_once.notifications["gift"]) == (1, 1)
    assert at_once.qualifying == {2017: 3000, 2018: 3000}


def test_three_households_over_the_year() -> None:
    found = expect(12, [1, 5, 900])
    assert found.by_rule == {
        "1": {"welcome": 25, "base": 2386, "double-star-wednesday": 485, "fresh": 160},
        "5": {"welcome": 25, "base": 287, "double-star-wednesday": 24},
        "900": {"welcome": 25, "base": 7277, "double-star-wednesday": 945, "fresh": 170, "three-days": 2000},
    }
    assert found.balances == {"1": 3056, "5": 336, "900": 10417}
    assert found.tier_dates == {
        "1": {"silver": date(2017, 5, 8)},
        "900": {"silver": date(2017, 2, 22), "gold": date(2017, 5, 20)},
    }
    assert found.events == {"signup": 3, "purchase": 745, "duplicate": 7, "changed": 1, "invalid": 200}


def test_everything() -> None:
    found = expect(12)
    assert found.members == 2469
    assert found.stars == {
        "welcome": 61_725,
        "base": 4_193_005,
        "double-star-wednesday": 508_587,
        "fresh": 207_710,
        "three-days": 308_650,
        "families-back-to-school": 10_500,
    }
    assert found.stars_total == sum(found.balances.values()) == 5_290_177
    assert found.tiers == {"silver": 1419, "gold": 512}
    assert (found.gifts, found.challenges, found.notifications["bonus"]) == (512, 6173, 105)
    assert found.duplicates == 1558
    assert found.dead_letters["content_changed"] == 311
