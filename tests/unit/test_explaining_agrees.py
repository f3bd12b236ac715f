"""Explanations agree with decisions: random definitions, members and histories of events, both from the same start."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.rules.challenges import completed
from shared.rules.definition import DEFINITION
from shared.rules.explained import Explained
from shared.rules.explaining import explain, explain_challenges
from shared.rules.findings import Finding
from shared.rules.history import note
from shared.rules.matching import decide, facts_of
from shared.rules.quotas import Quotas
from shared.rules.rulebook import Rulebook
from shared.rules.saying.speaking import data
from shared.rules.usage import MemberUsage
from shared.runtime.sharing import SharedUsage
from tests.unit.rulekit import basket, line

HEAD = {"version": 1, "effective": "2017-01-01T00:00:00-05:00", "title": "A title"}
PROGRAMME = {
    **HEAD, "id": "shop", "kind": "programme", "time_zone": "America/New_York", "currency": "USD",
    "wallets": ["stars", "miles"], "not_eligible": 'department == "FUEL"',
}  # fmt: skip
SEGMENT = {**HEAD, "id": "families", "kind": "segment", "when": "member.attributes.kids >= 2"}
CAMPAIGN_LIMITS = [{"per": "member", "period": "ever", "points": 60}]
LEAVES = [
    "basket.eligible >= 10.00", "basket.total < 25.00", "basket.eligible > 12.50", "lines.count() >= 2",
    'lines.any(department == "DELI")', "history.count(ever) >= 2", "history.sum(basket.total, this_week) >= 30.00",
    'member.tier == "gold"', 'event.store in ["1", "2"]', "has(member.household)", "member.attributes.kids != 2",
    '"families" in member.segments', "days_since(history.last(ever)) >= 1", "member.balance.stars >= 5",
    'calendar.weekday == "wednesday" || calendar.hour < 12', '!(event.store == "1") && basket.quantity >= 2',
    "basket.total - basket.eligible > 0", 'event.channel.startsWith("on")', '"vip" in member.tags',
]  # fmt: skip
conditions = st.recursive(
    st.sampled_from(LEAVES),
    lambda part: st.one_of(
        st.lists(part, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(part, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        part.map(lambda each: {"not": each}),
    ),
    max_leaves=5,
)
roundings = st.sampled_from(["down", "up", "half_up", "half_even"])
shapes = st.one_of(
    st.integers(1, 30).map(lambda n: {"fixed": n}),
    st.builds(
        lambda per, of, rounding, by: {"per_amount": {"per": per, "of": of, "rounding": rounding, "round": by}},
        st.sampled_from(["1.00", "0.70", "3.00"]), st.sampled_from(["basket.eligible", "basket.total"]),
        roundings, st.sampled_from(["sum", "line"]),
    ),
    st.just({"per_line": {"give": 2, "where": "amount >= 3.00"}}),
    st.just({"per_quantity": {"per": 2, "give": 3}}),
    roundings.map(lambda each: {"cashback": {"percent": "2.5", "unit": "0.10", "rounding": each}}),
    roundings.map(lambda each: {"cashback": {"percent": "2.5", "unit": "0.10", "rounding": each, "round": "line"}}),
    st.just({"again": ["r0"]}),
    st.builds(
        lambda by, on, compounding: {"multiply": {"rules": ["r0"], "by": by, "on": on, "compounding": compounding}},
        st.sampled_from(["1.5", "3"]), st.sampled_from(["rounded", "exact"]), st.booleans(),
    ),
)  # fmt: skip
limits = st.lists(
    st.builds(
        lambda per, period, measure, most: {"per": per, "period": period, measure: most},
        st.sampled_from(["member", "household", "programme"]), st.sampled_from(["day", "week", "ever"]),
        st.sampled_from(["times", "points"]), st.integers(1, 25),
    ),
    max_size=2, unique_by=lambda each: (each["per"], each["period"], *(each.keys() - {"per", "period"})),
)  # fmt: skip
schedules = st.sampled_from(
    [None, None, {"weekdays": ["wednesday"]}, {"hours": ["08:00-12:00"]}, {"from": "2017-03-02"},
     {"time_zone": "Asia/Ho_Chi_Minh", "weekdays": ["thursday"]}]
)  # fmt: skip


@st.composite
def rules(draw: Any, kind: str = "earn") -> list[dict[str, Any]]:
    """Up to six rules of a kind, of one campaign or none, in up to two groups; the first is a plain base."""
    found = [{**HEAD, "id": "r0", "kind": kind, "then": [{"wallet": "stars", "per_amount": {"per": "1.00"}}]}]
    for number in range(1, draw(st.integers(2, 6))):
        shape = draw(shapes)
        bounds = {} if "fixed" in shape else draw(st.sampled_from([{}, {"at_most": 12}, {"at_least": 4}]))
        then = [{"wallet": "stars", **shape, **bounds}]
        if draw(st.booleans()):
            then.append({"wallet": "miles", "fixed": 3})
        optional = {
            "when": draw(st.none() | conditions), "schedule": draw(schedules),
            "segment": draw(st.sampled_from([None, "families"])), "campaign": draw(st.sampled_from([None, "spring"])),
            "budget": draw(st.sampled_from([None, {"points": 40}])),
            "stacking": draw(st.sampled_from([None, {"group": "g", "how": "best"},
                                              {"group": "h", "how": "exclusive", "priority": number}])),
        }  # fmt: skip
        written = {key: value for key, value in optional.items() if value is not None}
        found.append({**HEAD, "id": f"r{number}", "kind": kind, "then": then, "limits": draw(limits), **written})
    campaign = {**HEAD, "id": "spring", "kind": "campaign", "limits": draw(st.sampled_from([[], CAMPAIGN_LIMITS]))}
    campaign["when"] = draw(st.sampled_from(LEAVES))
    return [PROGRAMME, SEGMENT, campaign, *found]


lines = st.builds(
    lambda cents, quantity, department: line(f"{cents / 100:.2f}", quantity, department=department),
    st.integers(0, 2_000), st.integers(0, 3), st.sampled_from(["DELI", "FUEL", None]),
)  # fmt: skip
baskets = st.builds(
    lambda lines, day, hour, store, currency, channel: basket(
        *lines, time=f"2017-03-{day:02d}T{hour:02d}:30:00-05:00", store=store, currency=currency, channel=channel
    ),
    st.lists(lines, min_size=1, max_size=4), st.integers(1, 9), st.integers(0, 23),
    st.sampled_from(["1", "3", None]), st.sampled_from(["USD", "USD", "USD", "VND"]),
    st.sampled_from(["online", "till", None]),
)  # fmt: skip
members = st.builds(
    lambda kids, tier, household, tags: {
        "known": {**({"kids": ["", "", kids]} if kids is not None else {}),
                  **({"profile.household": ["", "", household]} if household else {})},
        "tiers": {"ladder": tier} if tier else {}, "tags": tags, "balances": {"stars": 7},
    },
    st.sampled_from([None, 1, 2, 3]), st.sampled_from([None, "gold", "silver"]), st.sampled_from([None, "h-1"]),
    st.sampled_from([[], ["vip"]]),
)  # fmt: skip


def held(finding: Finding) -> bool:
    """What a tree of findings comes to, by its leaves alone."""
    parts = [held(part) for part in finding.parts]
    match finding.how:
        case "all":
            return all(parts)
        case "any":
            return any(parts)
        case "not":
            return not parts[0]
    return finding.held


def check(each: Explained) -> None:
    """What an explanation says of its conditions is what its verdict rests on."""
    for finding in each.findings():
        assert finding.held == held(finding)
    open_ = [
        asks.schedule.held
        and (asks.segment is None or asks.segment.held)
        and (asks.condition is None or asks.condition.held)
        for asks in each.asks
    ]
    assert all(open_) == (each.verdict not in ("not_scheduled", "not_in_segment", "condition"))
    said = [finding.lacking() for finding in each.findings() if not finding.held]
    assert all(said), "a condition that does not hold says what is missing"
    if not each.applies and each.verdict != "counts":
        assert each.why is not None
    for language in ("en", "vi"):
        data(each, language)  # every saying can be said


@settings(max_examples=150, deadline=None)
@given(rules(), members, st.lists(baskets, min_size=1, max_size=6))
def test_an_explanation_gives_what_the_decision_gives(
    written: list[dict[str, Any]], member: dict[str, Any], events: list[Any]
) -> None:
    """Points, parts of lines, what was held back and what is used afterwards: event by event, to the point."""
    book = Rulebook([DEFINITION.validate_python(each) for each in written])
    mine, theirs = deepcopy(member), deepcopy(member)
    my_shared, their_shared = (SharedUsage({}, Quotas({}, 1)).lane(0) for _ in range(2))
    for happened in events:
        ruleset = book.at(happened.time)
        facts = facts_of(happened, mine, ruleset)
        decided = decide(
            list(ruleset.candidates("earn", facts)), facts, ruleset,
            MemberUsage(mine, my_shared, facts.member.profile("household")),
        )  # fmt: skip
        again = facts_of(happened, theirs, ruleset)
        found = explain("earn", again, ruleset, MemberUsage(theirs, their_shared, again.member.profile("household")))
        for each in found:
            check(each)
        assert {each.rule for each in found if each.applies} == {each.rule.id for each in decided.outcomes}
        assert [(each.rule, gives.wallet, gives.points, gives.lines) for each in found if each.applies
                for gives in each.gives if gives.points] == [
            (award.rule, award.wallet, award.points, award.lines) for award in decided.awards]  # fmt: skip
        passed = {each.rule: (each.wanted, each.by) for each in decided.passed}
        assert passed == {
            each.rule: (each.wanted, each.by) for each in found
            if each.verdict in ("limit", "budget", "stacking") or (each.applies and each.wanted > each.points)
        }  # fmt: skip
        for key, counter in book.counters.items():
            note(mine.setdefault("history", {}), counter, key, facts)
            note(theirs.setdefault("history", {}), counter, key, again)
        assert mine == theirs


challenges = st.builds(
    lambda count, goal, when: {
        **HEAD, "id": "c", "kind": "challenge", "then": {"wallet": "stars", "fixed": 50}, "when": when,
        "progress": {"count": count, "period": "week", "goal": goal},
    },
    st.sampled_from(["days", "times", "amount"]), st.integers(1, 4), st.sampled_from(LEAVES),
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(challenges, members, st.lists(baskets, min_size=1, max_size=8))
def test_an_explanation_of_a_challenge_counts_as_campaigns_does(
    written: dict[str, Any], member: dict[str, Any], events: list[Any]
) -> None:
    book = Rulebook([DEFINITION.validate_python(each) for each in (PROGRAMME, SEGMENT, written)])
    mine: dict[str, Any] = {"progress": {}}
    theirs = deepcopy(mine)
    shared = SharedUsage({}, Quotas({}, 1)).lane(0)
    for happened in events:
        ruleset = book.at(happened.time)
        facts = facts_of(happened, member, ruleset)
        plausible = [each for each in ruleset.candidates("challenge", facts) if each.plausible(facts)]
        won = [
            outcome.rule.id
            for outcome, _ in completed(mine, plausible, facts, ruleset, MemberUsage(mine, shared))
        ]  # fmt: skip
        again = facts_of(happened, member, ruleset)
        found = explain_challenges(theirs, again, ruleset, MemberUsage(theirs, shared))
        assert [each.rule for each in found if each.applies] == won
        assert theirs["progress"].get("c", {}) == mine["progress"].get("c", {})
        for each in found:
            check(each)
