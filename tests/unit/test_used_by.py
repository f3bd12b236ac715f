"""By which events a limit in points is told to be used, and where its most alone is too little; by hand."""

from __future__ import annotations

from shared.ops.explaining import explain
from shared.ops.past import Past, Side
from shared.ops.rebuilding import Sources
from shared.ops.rejoined import join, part
from shared.ops.telling_rulings import tell_ruling
from shared.rules import membership
from shared.rules.saying.speaking import Language
from shared.rules.usage import Bound
from tests.unit.partnerkit import ANN, BOB, NOON
from tests.unit.returnkit import Shop
from tests.unit.rulekit import book, line, rule
from tests.unit.test_returns_told import journal

CAPPED = rule("capped", "then: {per_amount: {per: 10}}\nlimits: [{period: week, points: 5}]")
WEEK = Bound("capped", "member", "points", "week", "2017-W09", 5, 1)


def told(found: Shop, event: str, language: Language = "en") -> str:
    """What is said of the rule."""
    [ruling] = explain(found.entry(event), Sources(journal(found), found.book)).rulings
    return tell_ruling(ruling, language)[0].partition("): ")[2]


async def test_an_event_whose_points_all_went_back_has_used_nothing() -> None:
    """2 and 1 points, of which the 2 go back; then 4: all 5 are given by the second and the third. Of the third's 4
    points 2 go back, and it is named still. Mechanism: `past.lessen`; without it the first is named, too."""
    found = Shop(book(CAPPED))
    first, second = await found.buys(line("20")), await found.buys(line("10"))
    await found.returns(first)
    third = await found.buys(line("20"), line("20"))
    last = await found.buys(line("30"))
    assert told(found, last) == (
        f"all 5 points that it gives this week are given (by {second}, {third}); again from 2017-03-06"
    )
    await found.returns(third, (0, 1))
    again = await found.buys(line("30"))
    assert found.points(again) == {"capped": 2}
    assert told(found, again) == (
        f"2 stars; 1 of 3 taken away: all 5 points that it gives this week are given (by {second}, {third}); "
        "again from 2017-03-06"
    )


async def test_a_most_that_is_too_little_by_itself_is_said_to_be_and_nobody_is_named() -> None:
    """7 points at once, of 5; also when those who had used some have given all of it back. Mechanism: `POINTS_MOST` of
    `Held`; without it all 5 points are said to be given already."""
    found = Shop(book(CAPPED))
    first = await found.buys(line("70"))
    said = "5 stars; 2 of 7 taken away: it gives at most 5 points this week; again from 2017-03-06"
    assert told(found, first) == said
    assert told(found, first, "vi") == (
        "5 stars; bớt 2 trong 7: chỉ cho tối đa 5 điểm trong tuần này; dùng lại được từ 06/03/2017"
    )
    await found.returns(first)
    assert told(found, await found.buys(line("70"))) == said


def test_what_came_back_while_two_were_one_is_used_by_nobody_when_they_part() -> None:
    """Of three events of Bob's one went back whole, and one in part, under Ann's name. Mechanism: `rejoined.part`
    takes from him what the survivor lost of his; without it Bob's first is named again."""
    ann, bob = (Past(Side(membership.newcomer(who)), Side({"_id": who, "progress": {}})) for who in (ANN, BOB))
    for key, amount in (("b-1", 2), ("b-2", 2), ("b-3", 1)):
        bob.earn.usage(key, None).use(WEEK, amount)
        bob.entries.append({"_id": key, "member": BOB, "at": key})
    rules = book(CAPPED)
    join(ann, BOB, bob, rules)
    assert ann.earn.used_by() == {(WEEK.key, WEEK.bucket): ("b-1", "b-2", "b-3")}
    ann.earn.usage("r", None).less(WEEK, 2, "b-1")
    ann.earn.usage("r", None).less(WEEK, 1, "b-2")
    assert part(ann, BOB, rules, NOON) is bob
    assert ann.earn.used_by() == {(WEEK.key, WEEK.bucket): ()}
    assert bob.earn.used_by() == {(WEEK.key, WEEK.bucket): ("b-2", "b-3")}
    assert bob.earn.by == {(WEEK.key, WEEK.bucket): {"b-2": 1, "b-3": 1}}
