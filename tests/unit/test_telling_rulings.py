"""What a rule's lines say of limits where something else kept it from giving."""

from __future__ import annotations

from shared.ops.rulings import Ruling
from shared.ops.telling_rulings import tell_ruling
from shared.rules.saying.speaking import data
from tests.unit.rulekit import basket, book, line, rule
from tests.unit.test_explaining import Counter


def test_limits_are_told_though_the_condition_stopped_the_rule() -> None:
    """Twice a week, of which one is used. Breaks where only what stopped the rule is told."""
    counter = Counter(book(rule("x", "when: basket.total >= 10\nthen: {fixed: 5}\nlimits: [{period: week, times: 2}]")))
    counter.decide(basket(line("10.00"), time="2017-03-01T12:00:00-05:00"))
    found = counter.explain(basket(line("6.80"), time="2017-03-02T12:00:00-05:00", id_="e2"))
    ruling = Ruling("x", "X", "earn", 1, found.verdict, (), found.why, found)
    assert tell_ruling(ruling)[-2:] == [
        "      no: the basket is at least 10.00 (is 6.80): 3.20 more",
        "      limit of the member this week: 1 of 2 times used",
    ]
    assert tell_ruling(ruling, "vi")[-1] == "      giới hạn của hội viên trong tuần này: đã dùng 1 trên 2 lần"


def test_conditions_are_told_though_time_stopped_the_rule() -> None:
    """2017-03-02 was a Thursday. Breaks where only what stopped the rule is told."""
    body = "schedule: {weekdays: [wednesday]}\nwhen: basket.total >= 10\nthen: {fixed: 5}"
    found = Counter(book(rule("x", body))).explain(basket(line("6.80"), time="2017-03-02T12:00:00-05:00"))
    ruling = Ruling("x", "X", "earn", 1, found.verdict, (), found.why, found)
    assert found.verdict == "not_scheduled"
    assert tell_ruling(ruling)[1:] == ["      no: the basket is at least 10.00 (is 6.80): 3.20 more"]


def test_under_a_not_each_line_says_whether_it_holds() -> None:
    """The amount is what must not be so, and it is. Breaks when a line that is at fault always begins with no: text
    and JSON contradict each other, and nobody sees how much the basket was."""
    when = "when: {not: {any: [basket.total >= 5.00, 'has(member.household)', 'event.store != \"9\"']}}"
    body = f"{when}\nthen: {{fixed: 5}}"
    found = Counter(book(rule("x", body))).explain(basket(line("6.00"), time="2017-03-02T12:00:00-05:00", store="7"))
    ruling = Ruling("x", "X", "earn", 1, found.verdict, (), found.why, found)
    assert tell_ruling(ruling)[1:] == [
        "      no: not so:",
        "        yes: one of these:",
        "          yes: the basket is at least 5.00: must be less than 5.00; is 6.00",
        "          no: the household is known (the household is unknown)",
        "          yes: the store is not 9: needs 9; is 7",
    ]
    assert tell_ruling(ruling, "vi")[3:] == [
        "          đạt: tổng giỏ hàng ít nhất là 5,00: phải nhỏ hơn 5,00; hiện là 6,00",
        "          chưa đạt: đã biết hộ gia đình (chưa biết hộ gia đình)",
        "          đạt: cửa hàng không phải là 9: cần 9; hiện là 7",
    ]
    condition = found.asks[-1].condition
    assert condition is not None
    assert [each["held"] for each in data(condition)["parts"][0]["parts"]] == [True, False, True]


def test_what_is_known_and_must_not_be_is_told_once() -> None:
    """Breaks when the value is repeated where what is missing says it already."""
    when = "when: '!has(event.store) && !(event.channel == \"app\")'"
    found = Counter(book(rule("x", f"{when}\nthen: {{fixed: 5}}"))).explain(
        basket(line("6.00"), time="2017-03-02T12:00:00-05:00", store="7", channel="app")
    )
    ruling = Ruling("x", "X", "earn", 1, found.verdict, (), found.why, found)
    assert tell_ruling(ruling)[1:] == [
        "      no: all of these:",
        "        no: not so:",
        "          yes: the store is known: the store must be unknown; is 7",
        "        no: not so:",
        "          yes: the channel is app (is app): must not be app",
    ]


def test_a_used_up_limit_says_when_it_gives_again_though_something_else_stopped_the_rule() -> None:
    """A campaign's limit, and a condition that does not hold. Mechanism: `Held.resuming` of the line; without it the
    member brings a larger basket the same week, and gets nothing."""
    fair = rule("fair", "limits: [{period: week}]", kind="campaign")
    counter = Counter(book(fair, rule("x", "campaign: fair\nwhen: basket.total >= 10\nthen: {fixed: 5}")))
    counter.decide(basket(line("10.00"), time="2017-03-01T12:00:00-05:00"))
    found = counter.explain(basket(line("6.80"), time="2017-03-02T12:00:00-05:00", id_="e2"))
    ruling = Ruling("x", "X", "earn", 1, found.verdict, (), found.why, found)
    said = "campaign A title (fair): limit of the member this week: 1 of 1 times used; again from 2017-03-06"
    assert tell_ruling(ruling)[-1] == f"      {said}"
    assert tell_ruling(ruling, "vi")[-1] == (
        "      chiến dịch A title (fair): giới hạn của hội viên trong tuần này: đã dùng 1 trên 1 lần; "
        "dùng lại được từ 06/03/2017"
    )
