"""Deciding, by hand: schedules, segments, campaigns, limits at the ends of periods, budgets, stacking."""

from __future__ import annotations

from typing import Any

import pytest

from shared.rules.quotas import Quotas
from shared.rules.yamlfile import DefinitionError
from shared.runtime.sharing import SharedUsage
from tests.unit.rulekit import Till, basket, book, line, rule

ONE = line("1.00")


def at(time: str, **more: Any) -> Any:
    """A basket of one dollar at a time."""
    return basket(ONE, time=time, **more)


@pytest.mark.parametrize(
    ("period", "times", "given_"),
    [
        # New York; summer time there began on 12 March 2017.
        ("day", ["2017-03-01T23:59:59-05:00", "2017-03-02T00:00:00-05:00"], [5, 5]),
        ("day", ["2017-03-12T03:30:00-04:00", "2017-03-12T23:59:00-04:00", "2017-03-13T00:30:00-04:00"], [5, 0, 5]),
        ("week", ["2017-03-05T23:59:00-05:00", "2017-03-06T00:00:00-05:00", "2017-03-12T20:00:00-04:00"], [5, 5, 0]),
        ("week", ["2017-12-25T00:00:00-05:00", "2017-12-31T23:00:00-05:00", "2018-01-01T00:00:00-05:00"], [5, 0, 5]),
        ("month", ["2017-01-31T23:00:00-05:00", "2017-02-01T00:00:00-05:00", "2017-02-28T23:59:00-05:00"], [5, 5, 0]),
        ("quarter", ["2017-03-31T23:00:00-04:00", "2017-04-01T00:00:00-04:00", "2017-06-30T23:00:00-04:00"], [5, 5, 0]),
        ("year", ["2017-12-31T23:59:59-05:00", "2018-01-01T00:00:00-05:00"], [5, 5]),
        ("ever", ["2017-01-01T00:00:00-05:00", "2019-06-01T00:00:00-05:00"], [5, 0]),
    ],
)
def test_a_limit_is_counted_by_the_local_period(period: str, times: list[str], given_: list[int]) -> None:
    body = f"then: {{fixed: 5}}\nlimits: [{{period: {period}, times: 1}}]"
    till = Till(book(rule("x", body)))
    assert [till.points(at(time)).get("x", 0) for time in times] == given_


def test_a_limit_goes_by_the_zone_of_its_definition() -> None:
    """Eight in the evening in New York is the next day in Ho Chi Minh City."""
    zone = "schedule: {time_zone: Asia/Ho_Chi_Minh}"
    till = Till(book(rule("x", f"then: {{fixed: 5}}\nlimits: [{{period: day, times: 1}}]\n{zone}")))
    times = ["2017-03-01T10:00:00-05:00", "2017-03-01T20:00:00-05:00", "2017-03-02T10:00:00-05:00"]
    assert [till.points(at(time)).get("x", 0) for time in times] == [5, 5, 0]


def test_a_limit_in_points_cuts_the_last_award() -> None:
    till = Till(book(rule("x", "then: {per_amount: {per: 1.00}}\nlimits: [{period: month, points: 50}]")))
    first, second = till.decide(basket(line("40.00"))), till.decide(basket(line("30.00"), line("10.00")))
    assert [each.points for each in first.awards] == [40]
    assert [(each.points, each.lines) for each in second.awards] == [(10, (7, 3))]
    assert [tuple(each) for each in second.passed] == [("x", 1, "limit", 40, "x:member:points:month")]
    third = till.decide(basket(line("5.00")))
    assert (third.awards, [each.verdict for each in third.passed]) == ([], ["limit"])


def test_late_events_count_in_their_own_period() -> None:
    till = Till(book(rule("x", "then: {fixed: 5}\nlimits: [{period: day, times: 1}]")))
    times = ["2017-03-03T10:00:00-05:00", "2017-03-01T10:00:00-05:00", "2017-03-03T11:00:00-05:00"]
    assert [till.points(at(time)).get("x", 0) for time in times] == [5, 5, 0]


def test_what_is_older_than_all_that_is_kept_counts_as_used() -> None:
    """A limit must not be exceeded because nobody remembers: of days a hundred are kept."""
    till = Till(book(rule("x", "then: {fixed: 5}\nlimits: [{period: day, times: 1}]")))
    for day in range(1, 29):
        for month in range(2, 9):
            till.points(at(f"2017-{month:02d}-{day:02d}T10:00:00-05:00"))
    assert till.points(at("2017-01-15T10:00:00-05:00")) == {}
    assert len(till.document["uses"]["x:member:times:day"]) <= 120


def shared() -> Any:
    """Households and quotas with nothing used yet, as one partition sees them."""
    return SharedUsage({}, Quotas({}, 1)).lane(0)


def test_a_household_shares_its_limits_and_who_has_none_is_one_alone() -> None:
    rules, together = book(rule("x", "then: {fixed: 5}\nlimits: [{per: household, period: ever, times: 1}]")), shared()

    def member(household: str | None) -> Till:
        known = {} if household is None else {"profile.household": ["", "", household]}
        return Till(rules, shared=together, known=known)

    tills = [member("h"), member("h"), member("other"), member(None), member(None)]
    assert [till.points(at("2017-03-01T10:00:00-05:00")).get("x", 0) for till in tills] == [5, 0, 5, 5, 5]
    assert tills[3].points(at("2017-03-02T10:00:00-05:00")) == {}


def test_a_budget_is_spent_to_the_last_point_and_no_further() -> None:
    """2.00 dollars at a cent a point are 200 points: 150, then 50 of 150, then none."""
    budget = 'budget: {money: {amount: "2.00", currency: USD}, cost_per_point: 0.01}'
    rules, together = book(rule("x", f"then: {{fixed: 150}}\n{budget}")), shared()
    found = [Till(rules, shared=together).decide(at("2017-03-01T10:00:00-05:00")) for _ in range(3)]
    assert [sum(award.points for award in each.awards) for each in found] == [150, 50, 0]
    assert [[(p.verdict, p.wanted) for p in each.passed] for each in found] == [[], [("budget", 150)], [("budget", 0)]]


def test_a_later_version_with_another_cost_counts_on() -> None:
    """1.00 at a cent: 60 points leave 0.40. Version 2 costs 0.015: that is 26 points, and a cent buys none."""
    budget = 'budget: {{money: {{amount: "1.00", currency: USD}}, cost_per_point: {}}}'
    first = rule("x", "then: {fixed: 60}\n" + budget.format("0.01"))
    second = book(rule("x", "version: 2\nthen: {fixed: 60}\n" + budget.format("0.015")).replace("2017-01", "2017-06"))
    rules, together = book(first), shared()
    both = type(rules)([*rules.versions, *(each for each in second.versions if each.id == "x")])
    times = ["2017-03-01T10:00:00-05:00", "2017-07-01T10:00:00-05:00", "2017-07-02T10:00:00-05:00"]
    assert [Till(both, shared=together).points(at(time)).get("x", 0) for time in times] == [60, 26, 0]


def test_a_limit_in_all_counts_every_member() -> None:
    rules, together = book(rule("x", "then: {fixed: 5}\nlimits: [{per: programme, period: week, times: 2}]")), shared()
    found = [Till(rules, shared=together).points(at("2017-03-01T10:00:00-05:00")) for _ in range(3)]
    assert found == [{"x": 5}, {"x": 5}, {}]
    assert Till(rules, shared=together).points(at("2017-03-06T00:00:00-05:00")) == {"x": 5}


def group(how: str, *priorities: int) -> tuple[str, ...]:
    """Rules a, b, c that give 10, 30 and 20 points, in one group."""
    return tuple(
        rule(id_, f"then: {{fixed: {points}}}\nstacking: {{group: g, how: {how}, priority: {priority}}}")
        for id_, points, priority in zip("abc", (10, 30, 20), priorities, strict=True)
    )


@pytest.mark.parametrize(
    ("rules", "given_", "winner"),
    [
        (group("additive", 1, 2, 3), {"a": 10, "b": 30, "c": 20}, None),
        (group("ordered", 1, 2, 3), {"a": 10, "b": 30, "c": 20}, None),
        (group("best", 1, 2, 3), {"b": 30}, "b"),
        (group("exclusive", 1, 2, 3), {"c": 20}, "c"),
        (group("exclusive", 9, 2, 3), {"a": 10}, "a"),
        ((rule("z", "then: {fixed: 5}\nstacking: {group: g, how: best, priority: 1}"),
          rule("y", "then: {fixed: 5}\nstacking: {group: g, how: best, priority: 2}")), {"y": 5}, "y"),
        ((rule("z", "then: {fixed: 5}\nstacking: {group: g, how: best}"),
          rule("y", "then: {fixed: 5}\nstacking: {group: g, how: best}")), {"y": 5}, "y"),
    ],
)  # fmt: skip
def test_stacking(rules: tuple[str, ...], given_: dict[str, int], winner: str | None) -> None:
    found = Till(book(*rules)).decide(at("2017-03-01T10:00:00-05:00"))
    assert {award.rule: award.points for award in found.awards} == given_
    assert {(each.verdict, each.by) for each in found.passed} == ({("stacking", winner)} if winner else set())


def test_who_loses_uses_nothing_of_its_limits() -> None:
    """Until the better rule is used up it wins; then the other one does, whose limit is still whole."""
    better = rule("b", "then: {fixed: 30}\nlimits: [{period: ever, times: 1}]\nstacking: {group: g, how: best}")
    other = rule("a", "then: {fixed: 10}\nlimits: [{period: ever, times: 1}]\nstacking: {group: g, how: best}")
    till = Till(book(better, other))
    found = [till.points(at(f"2017-03-0{day}T10:00:00-05:00")) for day in (1, 2, 3)]
    assert found == [{"b": 30}, {"a": 10}, {}]


def test_a_campaign_holds_its_rules_together() -> None:
    """They run while it runs, for its segment and its condition, and share its limits."""
    campaign = rule(
        "spring",
        "schedule: {from: 2017-03-01, until: 2017-04-01}\nsegment: city\nwhen: basket.total >= 10\n"
        "limits: [{period: ever, points: 25}]",
        kind="campaign",
    )
    city = rule("city", 'when: member.attributes.town == "city"', kind="segment")
    rules = book(campaign, city, rule("a", "campaign: spring\nthen: {fixed: 10}"),
                 rule("b", "campaign: spring\nthen: {fixed: 10}"))  # fmt: skip
    till = Till(rules, known={"town": ["", "", "city"]})
    rich = line("10.00")
    assert till.points(basket(rich, time="2017-02-28T23:59:00-05:00")) == {}
    assert till.points(basket(line("9.99"))) == {}
    assert Till(rules).points(basket(rich)) == {}
    assert till.points(basket(rich)) == {"a": 10, "b": 10}
    assert till.points(basket(rich)) == {"a": 5}
    assert till.points(basket(rich)) == {}


def test_a_rule_does_not_run_before_its_campaign_is_in_force() -> None:
    """Without the campaign nobody would hold it to the campaign's condition and limits."""
    campaign = rule("spring", "when: basket.total >= 10", kind="campaign").replace("2017-01-01", "2017-06-01")
    till = Till(book(campaign, rule("a", "campaign: spring\nthen: {fixed: 10}")))
    assert till.points(basket(line("10.00"))) == {}
    assert till.points(basket(line("10.00"), time="2017-06-01T12:00:00-04:00")) == {"a": 10}


def test_what_cut_the_first_effect_is_told_though_the_second_is_whole() -> None:
    """33 points at most: of 30 stars and 5 miles the miles are cut. 20 at most: of 30 stars, and none are left."""
    body = (
        "then: [{per_amount: {per: 1.00}}, {per_line: {give: 5}, wallet: miles}]\nlimits: [{period: ever, points: 33}]"
    )
    till = Till(book(rule("x", body)))
    decided = till.decide(basket(line("30.00")))
    assert [tuple(each) for each in decided.passed] == [("x", 1, "limit", 35, "x:member:points:ever")]
    cut = Till(book(rule("x", "then: [{fixed: 30}, {fixed: 1, wallet: miles}]\nbudget: {points: 20}")), shared=shared())
    assert [tuple(each) for each in cut.decide(basket(line("1.00"))).passed] == [
        ("x", 1, "budget", 31, "x:programme:budget:ever")]  # fmt: skip


def many(*rules: str) -> Any:
    """Among so many others that an index is worth it."""
    others = (rule(f"o-{n}", f'when: event.store == "{n}"\nthen: {{fixed: 1}}') for n in range(130))
    return book(*rules, *others)


def test_hours_that_pass_midnight_are_found_on_the_day_after() -> None:
    """Wednesday's night: 2017-03-02 was a Thursday."""
    till = Till(many(rule("x", 'schedule: {weekdays: [wednesday], hours: ["22:00-04:00"]}\nthen: {fixed: 5}')))
    times = ["2017-03-01T23:00:00-05:00", "2017-03-02T03:00:00-05:00", "2017-03-02T23:00:00-05:00"]
    assert [till.points(at(time)).get("x", 0) for time in times] == [5, 5, 0]


def test_a_condition_that_no_event_can_meet_stops_nobody() -> None:
    never = rule("x", 'when: \'event.payment == "a" && event.payment == "b"\'\nthen: {fixed: 5}')
    assert Till(many(never)).points(at("2017-03-01T10:00:00-05:00", store="7")) == {"o-7": 1}


def test_segments_may_name_segments() -> None:
    inner = rule("grown", "when: member.age >= 18", kind="segment")
    outer = rule("vip", "when: {all: ['\"grown\" in member.segments', member.balance.stars >= 10]}", kind="segment")
    rules = book(inner, outer, rule("x", "segment: vip\nthen: {fixed: 1}"))
    grown = {"profile.birthday": ["", "", "1990-01-01"]}
    assert Till(rules, known=grown, balances={"stars": 10}).points(at("2017-03-01T10:00:00-05:00")) == {"x": 1}
    assert Till(rules, known=grown, balances={"stars": 9}).points(at("2017-03-01T10:00:00-05:00")) == {}
    assert Till(rules, balances={"stars": 10}).points(at("2017-03-01T10:00:00-05:00")) == {}


def test_the_version_in_force_at_the_time_of_the_event_counts() -> None:
    old = rule("x", "then: {fixed: 1}")
    rules = book(old)
    newer = book(rule("x", "version: 2\nthen: {fixed: 2}").replace("2017-01-01", "2017-06-01"))
    both = type(rules)([*rules.versions, *(each for each in newer.versions if each.id == "x")])
    till = Till(both)
    times = ["2017-07-01T00:00:00-04:00", "2017-05-31T23:59:59-05:00", "2017-06-01T00:00:00-05:00"]
    assert [(award.version, award.points) for time in times for award in till.decide(at(time)).awards] == [
        (2, 2), (1, 1), (2, 2)]  # fmt: skip


def test_a_campaign_with_a_budget_has_rules_of_one_side_only() -> None:
    """earn and campaigns would each spend the whole of it."""
    campaign = rule("spring", "budget: {points: 10}", kind="campaign")
    earn, bonus = (rule(kind, "campaign: spring\nthen: {fixed: 1}", kind=kind) for kind in ("earn", "bonus"))
    assert len(book(campaign, earn).versions) == 3
    with pytest.raises(DefinitionError, match=r"counted twice, as it has earn rules \(.*\) and others \(.*, a .*\)"):
        book(campaign, earn, bonus)
