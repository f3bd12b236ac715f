"""Time zones that definitions name: the programme's own is as if it were not written, and clocks of two zones are held
beside each other. Expectations by hand, by the zones' offsets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from shared.rules.checks.checking import check
from shared.rules.checks.shelf import Shelf
from shared.rules.checks.zones import differences
from shared.rules.definition import ReferralRule
from shared.rules.yamlfile import parse
from tests.unit.marked import HEAD, PROGRAMME, rule, told

OWN = ", time_zone: America/New_York"
TOKYO = ", time_zone: Asia/Tokyo"
TIE = "a has the priority 3 too and both can apply to one event"


def alone(id_: str, more: str, mark: str = "") -> str:
    """A rule of a group in which one of several gives."""
    return rule(id_, f"{more}\nstacking: {{group: g, how: exclusive, priority: {mark}3}}")


def on(schedule: str, when: str = "", zone: str = "") -> str:
    times = f"schedule: {{{schedule}{zone}}}".replace("{, ", "{") if schedule or zone else ""
    return times + (f"\nwhen: '{when}'" if when else "")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("weekdays: [monday]", ""), ("weekdays: [tuesday]", "")),
        (("", "calendar.month == 1"), ("", "calendar.month == 6")),
        (("", 'calendar.weekday == "monday"'), ("", 'calendar.weekday == "tuesday"')),
        (("", 'calendar.date < "2017-06-01"'), ("", 'calendar.date >= "2017-06-01"')),
        (("hours: ['09:00-10:00']", ""), ("", "calendar.hour >= 12")),
    ],
)
def test_the_programmes_own_zone_is_as_if_it_were_not_written(one: tuple[str, str], other: tuple[str, str]) -> None:
    """Mechanism: `Shelf` leaves it out of what is compared; else these are facts of two zones, and told to meet."""
    for zones in (("", ""), (OWN, ""), ("", OWN), (OWN, OWN)):
        texts = [alone(id_, on(*said, zone)) for id_, said, zone in zip("ab", (one, other), zones, strict=True)]
        assert told("".join(texts)) == []


def test_a_rule_that_never_runs_with_what_it_needs_is_told_with_the_zone_written_too() -> None:
    """Mechanism: as above; with another zone's facts both were taken to go together."""
    campaign = f"- id: c\n  kind: campaign\n  {HEAD}  schedule: {{weekdays: [tuesday]}}\n"
    [said] = told(campaign + rule("x", f"campaign: c\nschedule: ▶{{weekdays: [monday]{OWN}}}"))
    assert said.startswith("it never runs while its campaign c does; change the `schedule` of one of them")
    base = rule("base", "schedule: {weekdays: [tuesday]}")
    [said] = told(base + rule("x", f"schedule: {{weekdays: [monday]{OWN}}}", then="{again: ▶[base]}"))
    assert said.startswith("it never applies to an event together with base: it gives nothing")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # 09:00 in New York is 22:00 or 23:00 in Tokyo.
        ("hours: ['09:00-10:00']", "hours: ['09:00-10:00']"),
        ("hours: ['09:00-10:00']", "hours: ['21:00-22:00']"),
        ("weekdays: [monday]", "weekdays: [thursday]"),
        ("weekdays: [monday]", "weekdays: [sunday]"),  # Tokyo is ahead
        ("weekdays: [monday], hours: ['09:00-10:00']", "weekdays: [tuesday]"),  # there it is Monday still
        ("dates: ['2017-03-01']", "dates: ['2017-03-03']"),
        ("dates: ['2017-02-27..2017-03-01']", "dates: ['2017-02-26', '2017-03-03']"),
        ("from: 2017-03-01, until: 2030-03-01", "from: 2030-03-03"),
    ],
)
def test_clocks_of_two_zones_that_never_show_both(one: str, other: str) -> None:
    """Mechanism: `zones.together`; without it each zone's clocks are thought of alone."""
    assert told(alone("a", f"schedule: {{{one}}}") + alone("b", f"schedule: {{{other}{TOKYO}}}")) == []


def test_conditions_in_two_zones_that_never_hold_at_once() -> None:
    here = alone("a", "when: calendar.month == 6")
    assert told(here + alone("b", on("", "calendar.month == 1", TOKYO))) == []
    # 09:00 in New York is 23:00 in Tokyo in January, 22:00 in July: never the other way round.
    january = alone("a", on("hours: ['09:00-10:00']", "calendar.month == 1"))
    assert told(january + alone("b", on("", "calendar.hour == 22", TOKYO))) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hours: ['09:00-10:00']", "hours: ['22:00-23:00']"),
        ("hours: ['09:00-10:00']", "hours: ['23:00-24:00']"),
        ("weekdays: [monday]", "weekdays: [tuesday]"),
        ("weekdays: [sunday], hours: ['12:00-13:00']", "weekdays: [monday]"),  # 12:00 is 01:00 or 02:00 of the next day
        ("dates: ['2020-02-28']", "dates: ['2020-02-29']"),
        ("dates: ['2017-12-31']", "dates: ['2018-01-01']"),
    ],
)
def test_clocks_of_two_zones_that_may_show_both(one: str, other: str) -> None:
    [said] = told(alone("a", f"schedule: {{{one}}}") + alone("b", f"schedule: {{{other}{TOKYO}}}", "▶"))
    assert said.startswith(TIE)


def test_months_that_touch_meet() -> None:
    here = alone("a", "when: calendar.month == 12")
    [said] = told(here + alone("b", on("", "calendar.month == 1", TOKYO), "▶"))
    assert said.startswith(TIE)


def test_how_far_two_clocks_are_apart_is_known_of_every_instant() -> None:
    """Beside random instants, as the zones' own rules have them."""
    random = Random(11)
    names = ["America/New_York", "America/Chicago", "Asia/Tokyo", "Africa/Casablanca", "Australia/Lord_Howe", "UTC",
             "Pacific/Kiritimati", "Etc/GMT+12", "America/St_Johns", "Pacific/Apia"]  # fmt: skip
    for _ in range(3_000):
        here, there = (ZoneInfo(each) for each in random.sample(names, 2))
        moment = datetime(2000, 1, 2, tzinfo=UTC) + timedelta(minutes=random.randrange(200 * 365 * 1440))
        one, other = (moment.astimezone(zone) for zone in (here, there))
        apart = (other.replace(tzinfo=None) - one.replace(tzinfo=None)) // timedelta(minutes=1)
        assert (one.month, one.day) in differences(here, there)[apart]


def test_what_a_referral_has_derived_from_the_zone_is_not_kept() -> None:
    """Mechanism: `zones.without_own` builds a definition anew; a copy would keep its sides, of the other zone."""
    text = f"- id: friends\n  kind: referral\n  {HEAD}  schedule: {{weekdays: [monday]{OWN}}}\n"
    [shop, referral] = parse(PROGRAMME + text + "  advocate: {fixed: 1}\n  friend: {fixed: 1}\n", "r.yaml")[0]
    assert isinstance(referral, ReferralRule)
    assert referral.sides[0].schedule.time_zone == "America/New_York"
    own = Shelf([shop, referral]).own(referral)
    assert isinstance(own, ReferralRule)
    assert own.sides[0].schedule.time_zone is None


def test_without_a_programme_no_zone_is_the_own_one() -> None:
    text = alone("a", f"schedule: {{weekdays: [monday]{OWN}}}") + alone("b", "schedule: {weekdays: [tuesday]}")
    [said] = [each for each in check([("r.yaml", text)]).faults if each.code == "group"]
    assert said.message.startswith("a has the priority 3 too")
