"""Explanations, by hand: how points came about, and what took them away; each in English and in Vietnamese."""

from __future__ import annotations

from typing import Any

import pytest

from shared.events.light import Occurrence
from shared.rules.explained import Explained
from shared.rules.explaining import explain
from shared.rules.matching import decide, facts_of
from shared.rules.quotas import Quotas
from shared.rules.rulebook import Rulebook
from shared.rules.saying.phrase import Saying
from shared.rules.saying.speaking import spoken
from shared.rules.usage import MemberUsage
from shared.runtime.sharing import SharedUsage
from tests.unit.rulekit import basket, book, line, rule

NOON = "2017-03-01T12:00:00-05:00"  # a Wednesday


class Counter:
    """A member whose baskets are decided, and whose last one is explained; events are called a, b, c ..."""

    def __init__(self, rules: Rulebook, **member: Any) -> None:
        self.rules, self.document = rules, member
        self.by: dict[tuple[str, str], list[str]] = {}
        self.shared = SharedUsage({}, Quotas({}, 1)).lane(0)

    def decide(self, happened: Occurrence) -> None:
        ruleset = self.rules.at(happened.time)
        facts = facts_of(happened, self.document, ruleset)
        decided = decide(list(ruleset.candidates("earn", facts)), facts, ruleset, self._usage())
        for outcome in decided.outcomes:
            for gate in outcome.compiled.gates:
                for limit in gate.of.limits:
                    key = f"{gate.of.id}:{limit.per}:{limit.measure}:{limit.period}"
                    for bucket in self.document.get("uses", {}).get(key, {}):
                        self.by.setdefault((key, bucket), []).append(happened.key)

    def explain(self, happened: Occurrence, id_: str = "x") -> Explained:
        ruleset = self.rules.at(happened.time)
        facts = facts_of(happened, self.document, ruleset)
        found = explain("earn", facts, ruleset, self._usage(), self.by)
        return next(each for each in found if each.rule == id_)

    def _usage(self) -> MemberUsage:
        household = (self.document.get("known") or {}).get("profile.household", [None] * 3)[2]
        return MemberUsage(self.document, self.shared, household)


def both(said: Saying | None) -> list[str]:
    """In English, then in Vietnamese."""
    assert said is not None
    return [spoken(said), spoken(said, "vi")]


BASE = rule("base", "then: {per_amount: {per: 1.00}}")
DELI = basket(line("48.37", department="DELI"), line("20.00", 3, department="FUEL"), time=NOON)


@pytest.mark.parametrize(
    ("then", "points", "english", "vietnamese"),
    [
        ("{fixed: 10}", 10, ["a fixed number"], ["số điểm cố định"]),
        ("{per_amount: {per: 1.00}}", 48,
         ["48.37: 1 for each 1.00, rounded down"], ["48,37: 1 cho mỗi 1,00, làm tròn xuống"]),
        ("{per_amount: {per: 10.00, of: basket.total, give: 5, rounding: half_up}}", 35,
         ["68.37: 5 for each 10.00, rounded half up"], ["68,37: 5 cho mỗi 10,00, làm tròn, nửa thì lên"]),
        ("{per_amount: {per: 10.00, of: basket.total, rounding: up, round: line}}", 7,
         ["68.37: 1 for each 10.00, each line rounded up"],
         ["68,37: 1 cho mỗi 10,00, từng mặt hàng làm tròn lên"]),
        ("{per_amount: {per: 2.00, of: basket.total, where: amount < 40.00, rounding: half_even}}", 10,
         ["20.00: 1 for each 2.00, rounded half to even"],
         ["20,00: 1 cho mỗi 2,00, làm tròn, nửa thì về số chẵn"]),
        ("{per_quantity: {per: 2, give: 3, of: all}}", 6,
         ["4 pieces: 3 for each 2, rounded down"], ["4 sản phẩm: 3 cho mỗi 2, làm tròn xuống"]),
        ("{per_line: {give: 4}}", 4, ["1 line: 4 for each"], ["1 mặt hàng: 4 cho mỗi mặt hàng"]),
        ("{per_line: {give: 4, where: department == 'DELI'}}", 4,
         ["1 line: 4 for each"], ["1 mặt hàng: 4 cho mỗi mặt hàng"]),
        ("{cashback: {percent: 2.5, unit: 0.01}}", 120,
         ["2.5 % of 48.37, 1 for each 0.01, rounded down"], ["2,5 % của 48,37, 1 cho mỗi 0,01, làm tròn xuống"]),
        ("{again: [base]}", 48, ["what A title (base) gave, once more"],
         ["nhận thêm một lần số điểm của A title (base)"]),
        ("{multiply: {rules: [base], by: 1.5}}", 24,
         ["1.5 times the 48 of A title (base), of which this is what comes on top, rounded down"],
         ["gấp 1,5 lần 48 điểm của A title (base), đây là phần thêm, làm tròn xuống"]),
        ("{multiply: {rules: [base], by: 1.5, on: exact, rounding: up}}", 25,
         ["1.5 times the 48.37 of A title (base), of which this is what comes on top, rounded up"],
         ["gấp 1,5 lần 48,37 điểm của A title (base), đây là phần thêm, làm tròn lên"]),
        ("{per_amount: {per: 1.00}, at_most: 20}", 20,
         ["48.37: 1 for each 1.00, rounded down", "but at most 20"],
         ["48,37: 1 cho mỗi 1,00, làm tròn xuống", "nhưng nhiều nhất 20"]),
        ("{per_amount: {per: 40.00}, at_least: 15}", 15,
         ["48.37: 1 for each 40.00, rounded down", "but at least 15"],
         ["48,37: 1 cho mỗi 40,00, làm tròn xuống", "nhưng ít nhất 15"]),
    ],
)  # fmt: skip
def test_how_points_came_about(then: str, points: int, english: list[str], vietnamese: list[str]) -> None:
    found = Counter(book(BASE, rule("x", f"then: {then}"))).explain(DELI)
    [gives] = found.gives
    assert (found.verdict, found.points, gives.points, gives.wanted, found.why) == (
        "applies", points, points, points, None,
    )  # fmt: skip
    assert [spoken(each) for each in gives.working] == english
    assert [spoken(each, "vi") for each in gives.working] == vietnamese


def test_points_are_told_by_wallet_and_by_line() -> None:
    then = "then: [{per_amount: {per: 1.00, of: basket.total}}, {wallet: miles, fixed: 7}]"
    found = Counter(book(rule("x", then))).explain(DELI)
    assert [(each.wallet, each.points, each.lines) for each in found.gives] == [
        ("stars", 68, (48, 20)), ("miles", 7, None),
    ]  # fmt: skip
    assert found.version_and_points == (1, {"stars": 68, "miles": 7})


ONE = basket(line("12.00"), time=NOON)


@pytest.mark.parametrize(
    ("body", "verdict", "english", "vietnamese"),
    [
        ("schedule: {weekdays: [monday], hours: ['09:00-12:00']}", "not_scheduled",
         "only on Monday; this was Wednesday; again from Monday 2017-03-06 09:00",
         "chỉ vào thứ Hai; lần này là thứ Tư; áp dụng lại từ 09:00 thứ Hai 06/03/2017"),
        ("schedule: {hours: ['09:00-12:00']}", "not_scheduled",
         "only at 09:00-12:00; this was at 12:00; again from Thursday 2017-03-02 09:00",
         "chỉ trong giờ 09:00-12:00; lần này lúc 12:00; áp dụng lại từ 09:00 thứ Năm 02/03/2017"),
        ("schedule: {from: 2017-08-01}", "not_scheduled",
         "only from Tuesday 2017-08-01 00:00 on; this was Wednesday 2017-03-01 12:00",
         "chỉ từ 00:00 thứ Ba 01/08/2017; lần này là 12:00 thứ Tư 01/03/2017"),
        ("schedule: {until: 2017-02-01}", "not_scheduled",
         "only until Wednesday 2017-02-01 00:00; this was Wednesday 2017-03-01 12:00; it does not run again",
         "chỉ đến 00:00 thứ Tư 01/02/2017; lần này là 12:00 thứ Tư 01/03/2017; không áp dụng nữa"),
        ("schedule: {dates: [2017-03-08..2017-03-17]}", "not_scheduled",
         "only on 2017-03-08 to 2017-03-17; this was 2017-03-01; again from Wednesday 2017-03-08 00:00",
         "chỉ vào 08/03/2017 đến 17/03/2017; lần này là 01/03/2017; áp dụng lại từ 00:00 thứ Tư 08/03/2017"),
        ("schedule: {recurrence: 'FREQ=MONTHLY;BYDAY=1FR', time_zone: Asia/Ho_Chi_Minh}", "not_scheduled",
         "only on the first Friday of each month; this was 2017-03-02 (time of Asia/Ho_Chi_Minh); "
         "again from Thursday 2017-03-02 12:00 (time of America/New_York)",
         "chỉ vào thứ Sáu đầu tiên của mỗi tháng; lần này là 02/03/2017 (theo giờ Asia/Ho_Chi_Minh); "
         "áp dụng lại từ 12:00 thứ Năm 02/03/2017 (theo giờ America/New_York)"),
        ("segment: families", "not_in_segment", "only for members of the segment A title (families)",
         "chỉ dành cho hội viên thuộc nhóm A title (families)"),
        ("when: basket.total >= 15.20", "condition", "its condition does not hold", "điều kiện chưa thỏa mãn"),
        ("campaign: spring", "not_in_segment",
         "campaign A title (spring): only for members of the segment A title (families)",
         "chiến dịch A title (spring): chỉ dành cho hội viên thuộc nhóm A title (families)"),
    ],
)  # fmt: skip
def test_why_a_rule_does_not_apply(body: str, verdict: str, english: str, vietnamese: str) -> None:
    families = rule("families", "when: member.attributes.kids_count >= 2", kind="segment")
    spring = rule("spring", "segment: families", kind="campaign")
    found = Counter(book(families, spring, rule("x", f"{body}\nthen: {{fixed: 1}}"))).explain(ONE)
    assert (found.verdict, found.points, found.gives) == (verdict, 0, ())
    assert both(found.why) == [english, vietnamese]


def test_every_condition_is_told_of_campaign_segment_and_rule_whatever_stopped_it() -> None:
    families = rule("families", "when: {all: [has(member.attributes.kids_count), member.attributes.kids_count >= 2]}",
                    kind="segment")  # fmt: skip
    spring = rule("spring", "segment: families\nwhen: basket.total >= 10.00", kind="campaign")
    mine = rule("x", "campaign: spring\nschedule: {weekdays: [monday]}\nwhen: basket.total >= 15.20\nthen: {fixed: 1}")
    found = Counter(book(families, spring, mine)).explain(ONE)
    campaign, own = found.asks
    assert (campaign.kind, campaign.id, campaign.schedule.held, own.kind, own.schedule.held) == (
        "campaign", "spring", True, "rule", False,
    )  # fmt: skip
    assert own.schedule.next_start is not None
    assert own.schedule.next_start.isoformat() == "2017-03-06T00:00:00-05:00"
    assert campaign.segment is not None and not campaign.segment.held
    tests = [test for each in found.findings() for test in each.tests()]
    assert [(each.text, each.held, each.missing and spoken(each.missing)) for each in tests] == [
        ("has(member.attributes.kids_count)", False, "kids_count is unknown"),
        ("member.attributes.kids_count >= 2", False, "kids_count is unknown"),
        ("basket.total >= 10.00", True, None),
        ("basket.total >= 15.20", False, "3.20 more"),
    ]


def day(number: int, amount: str = "12.00", id_: str = "e") -> Occurrence:
    """A basket of March 2017."""
    return basket(line(amount), time=f"2017-03-{number:02d}T12:00:00-05:00", id_=id_)


@pytest.mark.parametrize(
    ("limits", "verdict", "points", "english", "vietnamese"),
    [
        ("limits: [{period: week, times: 1}]", "limit", 0,
         "already used this week (by a); again from 2017-03-06",
         "đã dùng trong tuần này (bởi a); dùng lại được từ 06/03/2017"),
        ("limits: [{period: month, times: 2}]", "limit", 0,
         "already used 2 times this month (by a, b); again from 2017-04-01",
         "đã dùng 2 lần trong tháng này (bởi a, b); dùng lại được từ 01/04/2017"),
        ("limits: [{period: ever, times: 1}]", "limit", 0, "already used in all (by a)", "đã dùng tổng cộng (bởi a)"),
        ("limits: [{period: year, points: 24}]", "limit", 0,
         "all 24 points that it gives this year are given (by a, b); again from 2018-01-01",
         "đã nhận đủ 24 điểm trong năm này (bởi a, b); dùng lại được từ 01/01/2018"),
        ("limits: [{period: quarter, points: 30}]", "applies", 6,
         "6 of 12 taken away: all 30 points that it gives this quarter are given (by a, b); again from 2017-04-01",
         "bớt 6 trong 12: đã nhận đủ 30 điểm trong quý này (bởi a, b); dùng lại được từ 01/04/2017"),
        ("limits: [{per: household, period: week, times: 2}]", "limit", 0,
         "already used up by the household this week; again from 2017-03-06",
         "hộ gia đình đã dùng hết trong tuần này; dùng lại được từ 06/03/2017"),
        ("limits: [{per: programme, period: ever, times: 2}]", "limit", 0,
         "used up in all by all members together", "tất cả hội viên đã dùng hết tổng cộng"),
        ("budget: {points: 24}", "budget", 0, "its budget of 24 points is spent", "ngân sách 24 điểm đã hết"),
        ("budget: {money: {amount: '0.29', currency: USD}, cost_per_point: 0.01}", "applies", 5,
         "7 of 12 taken away: its budget of 0.29 USD is spent", "bớt 7 trong 12: ngân sách 0,29 USD đã hết"),
    ],
)  # fmt: skip
def test_what_limits_and_budgets_took_away(
    limits: str, verdict: str, points: int, english: str, vietnamese: str
) -> None:
    counter = Counter(book(rule("x", f"then: {{per_amount: {{per: 1.00}}}}\n{limits}")),
                      known={"profile.household": ["", "", "h-1"]})  # fmt: skip
    counter.decide(day(1, id_="a"))
    counter.decide(day(2, id_="b"))
    found = counter.explain(day(3, id_="c"))
    assert (found.verdict, found.points) == (verdict, points)
    [gives] = found.gives
    assert (gives.points, gives.wanted) == (points, 12)
    assert both(found.why) == [english, vietnamese]
    [held] = found.held
    assert (held.key, held.most - held.used) == (found.by, points)


def test_a_limit_that_is_not_reached_is_told_too() -> None:
    counter = Counter(book(rule("x", "then: {fixed: 5}\nlimits: [{period: month, times: 3}]")))
    counter.decide(day(1, id_="a"))
    [held] = counter.explain(day(2, id_="b")).held
    assert (held.used, held.most, held.left, held.by, str(held.again)) == (
        1, 3, 2, ("/partners/grocer|a",), "2017-04-01",
    )  # fmt: skip


def test_a_period_that_nobody_remembers_is_said_to_be() -> None:
    counter = Counter(book(rule("x", "then: {fixed: 5}\nlimits: [{period: day, times: 1}]")))
    for month in range(2, 7):
        for number in range(1, 29):
            counter.decide(basket(line("1.00"), time=f"2017-{month:02d}-{number:02d}T12:00:00-05:00"))
    found = counter.explain(basket(line("1.00"), time="2017-01-15T12:00:00-05:00"))
    assert found.verdict == "limit"
    assert both(found.why) == [
        "too long ago to be sure that it was not used", "quá lâu để chắc chắn là chưa dùng",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("mine", "other", "english", "vietnamese"),
    [
        ("then: {fixed: 20}\nstacking: {group: g, how: best}", "then: {fixed: 50}\nstacking: {group: g, how: best}",
         "A title (other) gave more: 50 instead of 20", "A title (other) được nhiều hơn: 50 thay vì 20"),
        ("then: {fixed: 50}\nstacking: {group: g, how: best}", "then: {fixed: 50}\nstacking: {group: g, how: best}",
         "A title (other) comes first, and only one of g gives points",
         "A title (other) được ưu tiên, và chỉ một quy tắc của g được cộng điểm"),
        ("then: {fixed: 50}\nstacking: {group: g, how: exclusive}",
         "then: {fixed: 1}\nstacking: {group: g, how: exclusive, priority: 5}",
         "A title (other) comes first, and only one of g gives points",
         "A title (other) được ưu tiên, và chỉ một quy tắc của g được cộng điểm"),
    ],
)  # fmt: skip
def test_what_stacking_took_away(mine: str, other: str, english: str, vietnamese: str) -> None:
    counter = Counter(book(rule("x", mine), rule("other", other)))
    found = counter.explain(ONE)
    assert (found.verdict, found.points, found.by) == ("stacking", 0, "other")
    assert both(found.why) == [english, vietnamese]
    assert counter.explain(ONE, "other").why is None


@pytest.mark.parametrize(
    ("happened", "then", "english", "vietnamese"),
    [
        (basket(line("0.99"), time=NOON), "{per_amount: {per: 1.00}}",
         "0.99: 1 for each 1.00, rounded down", "0,99: 1 cho mỗi 1,00, làm tròn xuống"),
        (basket(line("9.00"), time=NOON, currency="VND"), "{per_amount: {per: 1.00}}",
         "amounts are in VND; the rate is one of USD", "số tiền là VND; mức tính là USD"),
        (basket(line("0.50"), time=NOON), "{again: [base]}",
         "it builds on A title (base), which gave nothing", "dựa trên A title (base), mà chưa được điểm nào"),
    ],
)  # fmt: skip
def test_why_a_rule_that_applies_gives_no_points(
    happened: Occurrence, then: str, english: str, vietnamese: str
) -> None:
    found = Counter(book(BASE, rule("x", f"then: {then}"))).explain(happened)
    assert found.verdict == "no_points"
    assert both(found.why) == [english, vietnamese]


def test_the_version_in_force_at_the_time_of_the_event_is_explained() -> None:
    newer = book(rule("x", "version: 2\nthen: {fixed: 2}").replace("2017-01-01", "2017-06-01"))
    rules = Rulebook([*book(rule("x", "then: {fixed: 1}")).versions,
                      *(each for each in newer.versions if each.id == "x")])  # fmt: skip
    summer = basket(line("12.00"), time="2017-07-01T12:00:00-04:00")
    assert [(each.version, each.points) for each in (Counter(rules).explain(ONE), Counter(rules).explain(summer))] == [
        (1, 1), (2, 2),
    ]  # fmt: skip
