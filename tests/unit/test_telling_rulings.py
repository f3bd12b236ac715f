"""What a rule's lines say of limits where something else kept it from giving."""

from __future__ import annotations

from shared.ops.rulings import Ruling
from shared.ops.telling_rulings import tell_ruling
from tests.unit.rulekit import basket, book, line, rule
from tests.unit.test_explaining import Counter


def test_limits_are_told_though_the_condition_stopped_the_rule() -> None:
    """Twice a week, of which one is used. Breaks where only what stopped the rule is told."""
    counter = Counter(book(rule("x", "when: basket.total >= 10\nthen: {fixed: 5}\nlimits: [{period: week, times: 2}]")))
    counter.decide(basket(line("10.00"), time="2017-03-01T12:00:00-05:00"))
    found = counter.explain(basket(line("6.80"), time="2017-03-02T12:00:00-05:00", id_="e2"))
    ruling = Ruling("x", "X", "earn", 1, found.verdict, (), found.why, found)
    assert tell_ruling(ruling)[-2:] == [
        "      no: the basket is at least 10 (is 6.80): 3.20 more",
        "      limit of the member this week: 1 of 2 times used",
    ]
    assert tell_ruling(ruling, "vi")[-1] == "      giới hạn của hội viên trong tuần này: đã dùng 1 trên 2 lần"


def test_conditions_are_told_though_time_stopped_the_rule() -> None:
    """2017-03-02 was a Thursday. Breaks where only what stopped the rule is told."""
    body = "schedule: {weekdays: [wednesday]}\nwhen: basket.total >= 10\nthen: {fixed: 5}"
    found = Counter(book(rule("x", body))).explain(basket(line("6.80"), time="2017-03-02T12:00:00-05:00"))
    ruling = Ruling("x", "X", "earn", 1, found.verdict, (), found.why, found)
    assert found.verdict == "not_scheduled"
    assert tell_ruling(ruling)[1:] == ["      no: the basket is at least 10 (is 6.80): 3.20 more"]
