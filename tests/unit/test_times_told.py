"""In which zone the times of an explanation are: moments in the programme's, whatever zone a rule has; by hand."""

from __future__ import annotations

from typing import Any

import pytest

from shared.ops.rulings import Ruling
from shared.ops.telling_rulings import tell_ruling
from shared.rules.explained import Explained
from shared.rules.explaining import explain_challenges
from shared.rules.saying.speaking import data, spoken
from shared.rules.usage import Ample, MemberUsage
from tests.unit.rulekit import PROGRAMME, basket, book, facts, line, rule
from tests.unit.test_explaining import Counter

BERLIN = PROGRAMME.replace("America/New_York", "Europe/Berlin")
ONE, TWO = "2026-11-27T20:00:00+01:00", "2026-11-27T21:00:00+01:00"  # in Tokyo Saturday, 04:00 and 05:00
TOKYO = 'schedule: {time_zone: Asia/Tokyo, weekdays: [saturday, sunday], hours: ["04:00-12:00"]}\n'
FIXED = "then: {fixed: 11}\n"


def asked(body: str, *times: str, more: str = "", programme: str = BERLIN) -> Explained:
    """Bought at these times, the last of which is asked about."""
    found = Counter(book(more, rule("x", body + FIXED), programme=programme))
    *before, last = [basket(line("9.00"), time=each, id_=f"v{number}") for number, each in enumerate(times, 1)]
    for each in before:
        found.decide(each)
    return found.explain(last)


def told(found: Explained) -> tuple[str, str]:
    """Why it gave nothing, in English and Vietnamese."""
    assert found.why is not None
    return spoken(found.why), spoken(found.why, "vi")


def test_the_next_time_of_a_day_in_tokyo_is_told_by_the_clock_of_berlin() -> None:
    """Of Sunday 04:00 in Tokyo. Mechanism: `resuming` tells moments in the programme's zone; without it 04:00 of Tokyo
    is told, and who comes to the shop in Berlin then gets nothing."""
    found = asked(TOKYO + "limits: [{period: day}, {period: month, points: 15}]\n", ONE, TWO)
    assert told(found) == (
        "already used this day (by v1); again from Saturday 2026-11-28 20:00 (time of Europe/Berlin)",
        "đã dùng trong ngày này (bởi v1); dùng lại được từ 20:00 thứ Bảy 28/11/2026 (theo giờ Europe/Berlin)",
    )
    by_key = {each["key"]: each for each in data(found)["held"]}
    day = by_key["x:member:times:day"]
    assert day["again"] == day["again_at"] == "2026-11-28T20:00:00+01:00"
    gives_again = basket(line("9.00"), time="2026-11-28T20:00:00+01:00")
    assert Counter(book(rule("x", TOKYO + FIXED), programme=BERLIN)).explain(gives_again).applies


def test_a_whole_day_of_another_zone_is_told_by_when_it_begins() -> None:
    """A limit by days of Tokyo, which begin at 16:00 in Berlin; by points, too. Mechanism: `_told` of `resuming`;
    without it the date of Tokyo is told as if it began at midnight in Berlin."""
    schedule = "schedule: {time_zone: Asia/Tokyo}\n"
    found = asked(schedule + "limits: [{period: day}]\n", ONE, TWO)
    assert told(found)[0].endswith("; again from Saturday 2026-11-28 16:00 (time of Europe/Berlin)")
    found = asked(schedule + "limits: [{period: month, points: 11}]\n", ONE, TWO)
    assert told(found)[0].endswith("(by v1); again from Monday 2026-11-30 16:00 (time of Europe/Berlin)")


def test_a_day_of_a_zone_with_the_same_clocks_is_a_day() -> None:
    """Paris and Berlin; and the programme's own zone, which nobody need name. An instant stands beside it for
    machines. Mechanism: `named_beside`; without it the programme's zone is named to all members."""
    for zone, named in (("Europe/Paris", " (time of Europe/Berlin)"), ("Europe/Berlin", "")):
        found = asked(f"schedule: {{time_zone: {zone}}}\nlimits: [{{period: day}}]\n", ONE, TWO)
        assert told(found)[0] == f"already used this day (by v1); again from 2026-11-28{named}"
        [held] = data(found)["held"]
        assert (held["again"], held["again_at"]) == ("2026-11-28", "2026-11-28T00:00:00+01:00")


@pytest.mark.parametrize(
    ("body", "english", "vietnamese", "start"),
    [
        (
            TOKYO,
            "only on Saturday, Sunday; this was Friday (time of Asia/Tokyo); "
            "again from Friday 2026-11-27 20:00 (time of Europe/Berlin)",
            "chỉ vào thứ Bảy, Chủ nhật; lần này là thứ Sáu (theo giờ Asia/Tokyo); "
            "áp dụng lại từ 20:00 thứ Sáu 27/11/2026 (theo giờ Europe/Berlin)",
            "2026-11-27T20:00:00+01:00",
        ),
        (
            "schedule: {time_zone: Asia/Tokyo, from: 2026-12-01}\n",
            "only from Monday 2026-11-30 16:00 on; this was Friday 2026-11-27 12:00 (time of Europe/Berlin)",
            "chỉ từ 16:00 thứ Hai 30/11/2026; lần này là 12:00 thứ Sáu 27/11/2026 (theo giờ Europe/Berlin)",
            "2026-11-30T16:00:00+01:00",
        ),
        (
            "schedule: {time_zone: Asia/Tokyo, until: 2026-11-01}\n",
            "only until Saturday 2026-10-31 16:00; this was Friday 2026-11-27 12:00 (time of Europe/Berlin); "
            "it does not run again",
            "chỉ đến 16:00 thứ Bảy 31/10/2026; lần này là 12:00 thứ Sáu 27/11/2026 (theo giờ Europe/Berlin); "
            "không áp dụng nữa",
            None,
        ),
    ],
)  # fmt: skip
def test_when_a_schedule_of_another_zone_runs(body: str, english: str, vietnamese: str, start: str | None) -> None:
    """What it asks for is of Tokyo and said to be; when it begins, began or ended is told by the programme's clock.
    Mechanism: `timing_at` turns moments into the programme's zone; without it they are Tokyo's, by no name."""
    found = asked(body, "2026-11-27T12:00:00+01:00")
    assert told(found) == (english, vietnamese)
    assert data(found)["asks"][0]["schedule"]["next_start"] == start


def test_the_end_of_a_campaign_of_another_zone_is_told_in_the_programmes() -> None:
    """Mechanism: `_end` of `resuming`; without it the end is midnight of Tokyo, told as if it were Berlin's."""
    fair = rule("fair", "schedule: {time_zone: Asia/Tokyo, until: 2026-11-29}", kind="campaign")
    found = asked("campaign: fair\nlimits: [{period: week}]\n", ONE, TWO, more=fair)
    assert told(found) == (
        "already used this week (by v1); "
        "not again, as it runs only until Saturday 2026-11-28 16:00 (time of Europe/Berlin)",
        "đã dùng trong tuần này (bởi v1); "
        "không dùng lại được, vì chỉ áp dụng đến 16:00 thứ Bảy 28/11/2026 (theo giờ Europe/Berlin)",
    )
    [held] = data(found)["held"]
    assert (held["again_at"], held["until"]) == (None, "2026-11-28T16:00:00+01:00")


def test_of_a_campaigns_and_the_rules_days_the_later_is_told_whatever_their_zones() -> None:
    """On the 28th the campaign's day, which is Honolulu's, ends at 11:00 in Berlin; the rule's, of Tokyo, at 16:00.
    Mechanism: `lasting` compares instants; without it the campaign's, which is met first, says when."""
    fair = rule("fair", "schedule: {time_zone: Pacific/Honolulu}\nlimits: [{period: day}]", kind="campaign")
    found = asked("campaign: fair\nschedule: {time_zone: Asia/Tokyo}\nlimits: [{period: day}]\n", ONE, TWO, more=fair)
    assert told(found)[0].endswith("again from Saturday 2026-11-28 16:00 (time of Europe/Berlin)")


@pytest.mark.parametrize(
    ("when", "english", "vietnamese"),
    [
        ("calendar.hour >= 9", "no: the hour is at least 9 (time of Asia/Tokyo): from 09:00; is 05:00",
         "chưa đạt: giờ ít nhất là 9 (theo giờ Asia/Tokyo): từ 09:00; hiện là 05:00"),
        ("calendar.hour + 1 >= 9",
         "no: calendar.hour + 1 >= 9 (the hour is 5): from 08:00; is 05:00 (the hour) (time of Asia/Tokyo)", None),
        ("history.count(this_week) >= 3",
         "no: the number of purchases this week is at least 3 (time of Asia/Tokyo) (is 1): 2 more", None),
        ("history.sum(basket.total, this_week) * 0.9 - 1.00 >= 5.00",
         "yes: history.sum(basket.total, this_week) * 0.9 - 1.00 >= 5.00 (time of Asia/Tokyo) "
         "(the sum of the basket this week is 9.00)",
         "đạt: history.sum(basket.total, this_week) * 0.9 - 1.00 >= 5.00 (theo giờ Asia/Tokyo) "
         "(tổng giỏ hàng trong tuần này là 9,00)"),
        ("history.sum(basket.total, ever) * 0.9 >= 5.00",
         "yes: history.sum(basket.total, ever) * 0.9 >= 5.00 (the sum of the basket ever is 9.00)", None),
        ("history.count(ever) >= 3", "no: the number of purchases ever is at least 3 (is 1): 2 more", None),
        ("has(member.attributes.kids)", "no: kids is known: kids is unknown", None),
    ],
)  # fmt: skip
def test_hours_and_days_that_a_condition_asks_for_are_of_a_named_zone(
    when: str, english: str, vietnamese: str | None
) -> None:
    """Mechanisms: `_zone` of findings, without which 05:00 is told of a purchase that the page says was at 21:00;
    `Finding.calculates`, without which 9.00 would stand behind a calculation that comes to 7.10. What hangs on no day
    is of no zone."""
    found = asked(f"schedule: {{time_zone: Asia/Tokyo}}\nwhen: {when}\n", TWO)
    ruling = Ruling("x", "X", "earn", 1, found.verdict, (), found.why, found)
    assert tell_ruling(ruling)[1].strip() == english
    if vietnamese is not None:
        assert tell_ruling(ruling, "vi")[1].strip() == vietnamese


@pytest.mark.parametrize(
    ("zone", "progress", "english", "vietnamese"),
    [
        ("Asia/Tokyo", "{count: quantity, period: day, goal: 50}", "42 of 50 in 2026-11-02 (time of Asia/Tokyo)",
         "42 trên 50 trong 02/11/2026 (theo giờ Asia/Tokyo)"),
        ("Asia/Tokyo", "{goal: 3}", "2026-11-02 is day 1 of 3 in 2026-W45 (time of Asia/Tokyo)",
         "02/11/2026 là ngày thứ 1 trên 3 trong 2026-W45 (theo giờ Asia/Tokyo)"),
        ("Asia/Tokyo", "{count: times, period: ever, goal: 3}", "1 of 3 in ever", None),
        ("Europe/Berlin", "{count: quantity, period: day, goal: 50}", "42 of 50 in 2026-11-01", None),
    ],
)  # fmt: skip
def test_days_and_periods_of_a_challenge_are_of_a_named_zone(
    zone: str, progress: str, english: str, vietnamese: str | None
) -> None:
    """Sunday the 1st at 16:59 in Berlin is Monday the 2nd in Tokyo. Mechanism: `progress` of reasons names the zone;
    without it the day of the page and that of the challenge differ, and nothing says why."""
    body = f"schedule: {{time_zone: {zone}}}\nprogress: {progress}\nthen: {{fixed: 9}}"
    rules = book(rule("x", body, "challenge"), programme=BERLIN)
    bought = basket(line("9.00", 42), time="2026-11-01T16:59:00+01:00")
    ruleset, member = rules.at(bought.time), dict[str, Any](progress={})
    [found] = explain_challenges(member, facts(bought, rules), ruleset, MemberUsage(member, Ample()))
    assert told(found) == (english, spoken(found.why, "vi") if vietnamese is None and found.why else vietnamese)
