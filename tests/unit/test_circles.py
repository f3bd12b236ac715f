"""Rules that build on each other: what the checker accepts can be put in order, and what came otherwise takes no other
rule with it."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.publishing.registry import RefusedError, announcements
from shared.rules.checks.checking import check
from shared.rules.compiled import compile_rule
from shared.rules.definition import DEFINITION, Definition, Rule
from shared.rules.order import in_order
from shared.rules.rulebook import Rulebook
from shared.runtime.follower import Shelf
from tests.unit.desk import NOW, START, Desk, request, rule, written
from tests.unit.marked import HEAD, told
from tests.unit.rulekit import PROGRAMME, Till, basket, line


def grouped(id_: str, then: str, how: str, kind: str = "earn", priority: int = 1) -> str:
    """A rule in the group g."""
    stacking = f"  stacking: {{group: g, how: {how}, priority: {priority}}}\n"
    return f"- id: {id_}\n  kind: {kind}\n  {HEAD}  then: {then}\n{stacking}"


ONE_GIVES = "is of the same group g, which is {how}: only one of the two gives, so none can build on the other"
INSTEAD = "write out here what it is to give, such as {this}, or take this rule out of the group: then it comes on top"


@pytest.mark.parametrize(
    ("how", "kind", "base", "then", "this"),
    [
        ("best", "earn", "{fixed: 5}", "{multiply: {rules: [▶base], by: 3}}", "`fixed: 15`"),
        ("exclusive", "bonus", "{fixed: 5}", "{again: [▶base]}", "`fixed: 5`"),
        (
            "best", "earn", "{per_amount: {per: 1.00, give: 2}}", "{multiply: {rules: [▶base], by: 2}}",
            "`per_amount: {per: 1.00, give: 4}`",
        ),
        ("best", "earn", "{fixed: 5}", "{multiply: {rules: [▶base], by: 1.5}}", "`fixed` or `per_amount`"),
    ],
)  # fmt: skip
def test_a_rule_cannot_build_on_another_of_a_group_of_which_one_gives(
    how: str, kind: str, base: str, then: str, this: str
) -> None:
    """`base, or triple base, whichever is better`. Breaks without `References._building`: it passed, and every event
    became a dead letter."""
    text = grouped("base", base, how, kind) + grouped("more", then, how, kind, priority=2)
    assert told(text) == [f"base {ONE_GIVES.format(how=how)}; {INSTEAD.format(this=this)}"]


@pytest.mark.parametrize("how", ["additive", "ordered"])
def test_a_rule_may_build_on_another_of_a_group_of_which_all_give(how: str) -> None:
    text = grouped("base", "{fixed: 5}", how) + grouped("more", "{multiply: {rules: [base], by: 3}}", how, priority=9)
    assert told(text) == []


def test_a_circle_through_a_group_is_told_at_each_rule_of_it() -> None:
    """Neither is of the other's group. Breaks when a group is named where its rules' ids are looked for."""
    apart = f"- id: apart\n  kind: earn\n  {HEAD}  then: {{again: [▶base]}}\n"
    text = grouped("base", "{fixed: 5}", "best") + apart + grouped("more", "{again: [▶apart]}", "best", priority=2)
    circle = "rules build on each other's points in a circle: apart -> group g -> apart; take one of them out"
    assert told(text) == [circle, circle]


def test_two_circles_are_both_told() -> None:
    """Breaks when only the first is looked for."""
    names = [("a", "b"), ("b", "a"), ("c", "d"), ("d", "c")]
    text = "".join(f"- id: {id_}\n  kind: earn\n  {HEAD}  then: {{again: [▶{on}]}}\n" for id_, on in names)
    assert [each.partition(": ")[2] for each in told(text)] == [
        "a -> b -> a; take one of them out", "a -> b -> a; take one of them out",
        "c -> d -> c; take one of them out", "c -> d -> c; take one of them out",
    ]  # fmt: skip


def test_a_long_chain_is_no_circle() -> None:
    """Breaks when the order is found by a function that calls itself: a thousand calls deep Python ends it."""
    chain = [
        DEFINITION.validate_python({
            "id": f"r-{number:04d}", "kind": "earn", "title": "A", "effective": START,
            "then": {"again": [f"r-{number + 1:04d}"]} if number < 2_999 else {"fixed": 1},
        })
        for number in range(3_000)
    ]  # fmt: skip
    ordered = in_order([each for each in chain if isinstance(each, Rule)])
    assert [each.id for each in ordered[:2]] == ["r-2999", "r-2998"]


IDS = ("a", "b", "c", "d", "e")
EFFECTS = st.one_of(
    st.just({"fixed": 5}),
    st.lists(st.sampled_from(IDS), min_size=1, max_size=2, unique=True).map(lambda ids: {"again": ids}),
    st.lists(st.sampled_from(IDS), min_size=1, max_size=2, unique=True).map(
        lambda ids: {"multiply": {"rules": ids, "by": 2}}
    ),
)
STACKING = st.one_of(
    st.none(),
    st.builds(
        lambda group, priority: {"group": f"{group}-group", "how": group, "priority": priority},
        st.sampled_from(("best", "exclusive", "ordered", "additive")),
        st.integers(0, 5),
    ),
)


@st.composite
def definitions(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Up to five rules, of kinds and events that are mostly the same, most of which build on others."""
    found = []
    for number, id_ in enumerate(draw(st.lists(st.sampled_from(IDS), min_size=2, unique=True))):
        one: dict[str, Any] = {
            "id": id_, "kind": draw(st.sampled_from(("earn", "earn", "bonus"))), "title": id_,
            "effective": f"2017-0{draw(st.integers(1, 3))}-01T00:00:00-05:00",
            "on": draw(st.sampled_from(("purchase", "purchase", "signup"))),
            "when": f'event.store == "{number}"', "then": draw(EFFECTS),
        }  # fmt: skip
        stacking = draw(STACKING)
        if stacking is not None:
            one["stacking"] = stacking
        if draw(st.booleans()):
            one["campaign"] = "spring"
        found.append(one)
    return found


@given(definitions())
@settings(max_examples=400, deadline=None)
def test_what_the_checker_accepts_can_be_put_in_order(data: list[dict[str, Any]]) -> None:
    """At every time, too. Breaks without `References._building`, or with a new way to form a circle that it misses."""
    campaign = {"id": "spring", "kind": "campaign", "title": "Spring", "effective": "2017-01-01T00:00:00Z"}
    programme = PROGRAMME + "".join(f"- {orjson.dumps(each).decode()}\n" for each in (campaign, *data))
    if check([("rules.yaml", programme)]).errors:
        return
    found: list[Definition] = [DEFINITION.validate_python(each) for each in (campaign, *data)]
    assert in_order([each for each in found if isinstance(each, Rule)])
    assert Rulebook(found).left_out == []


@given(definitions(), definitions(), st.integers(1, 4))
@settings(max_examples=200, deadline=None)
def test_whatever_was_published_there_are_rules_at_every_time(
    first: list[dict[str, Any]], second: list[dict[str, Any]], month: int
) -> None:
    """Nothing is checked here. Breaks when a circle is only looked for among the newest versions, or the first of
    several."""
    later = [{**each, "version": 2, "effective": f"2017-0{month}-15T00:00:00-05:00"} for each in second]
    programme = {"id": "shop", "kind": "programme", "title": "Shop", "effective": "2017-01-01T00:00:00-05:00",
                 "time_zone": "America/New_York", "currency": "USD", "wallets": ["stars"]}  # fmt: skip
    campaign = {"id": "spring", "kind": "campaign", "title": "Spring", "effective": "2017-01-01T00:00:00-05:00"}
    data = [programme, campaign, *first, *later]
    book = Rulebook([DEFINITION.validate_python(each) for each in data])
    for each in book.versions:
        rules = book.at(each.effective)
        assert rules.rules("earn", "purchase") is not None  # ordered, or it raises
    assert len(book.versions) + len(book.left_out) == len(data)


async def told_topic(*more: dict[str, Any]) -> list[bytes]:
    """The topic of a programme with a rule `base`, after which somebody wrote more on it than was checked."""
    desk = await Desk().begun(rule("base", 2, effective=START), rule("more", 3, effective=START))
    registry = desk.store.collection("registry")
    for body in more:
        body = {"title": "A", "kind": "earn", **body}
        version = {"version": body["version"], "effective": body["effective"], "hash": "h", "body": body}
        known = registry.get(body["id"], {"_id": body["id"], "kind": body["kind"], "versions": []})
        registry[body["id"]] = {**known, "versions": [*known["versions"], version]}
    return [each.value for each in announcements(registry)[0]]


CIRCLE = {"id": "more", "version": 2, "effective": "2026-02-01T00:00:00Z", "then": {"again": ["third"]}}
THIRD = {"id": "third", "version": 1, "effective": "2026-01-01T00:00:00Z", "then": {"again": ["more"]}}


async def test_a_rule_that_closes_a_circle_is_left_out_and_takes_no_other_with_it() -> None:
    """It came onto the topic unchecked. The version before it decides on; a worker that had read the topic before, and
    one that starts now, do the same. Breaks without `usable` in the rulebook: every event fails."""
    before, after = await told_topic(THIRD), await told_topic(THIRD, CIRCLE)
    old, fresh = Shelf(), Shelf()
    for each in [*before, *after]:
        old.add(each)
    for each in after:
        fresh.add(each)
    assert old.left_out == fresh.left_out == ["more v2"]
    assert fresh.unusable == {"more v2": "rules build on each other's points in a circle: more -> third -> more"}
    assert old.book is not None and fresh.book is not None
    assert old.book.revision == fresh.book.revision
    bought = basket(line("5.00"), time="2026-02-10T12:00:00+01:00", currency="EUR")
    assert Till(fresh.book).points(bought) == {"base": 2, "more": 3, "third": 3}


async def test_segments_that_ask_for_each_other_are_left_out_alike() -> None:
    """Breaks without `_of_segments`: whoever is asked for recurses until Python ends it."""
    when = [f'"{other}" in member.segments' for other in ("two", "one")]
    shelf = Shelf()
    for each in await told_topic(
        {"id": "one", "kind": "segment", "version": 1, "effective": START, "when": when[0]},
        {"id": "two", "kind": "segment", "version": 1, "effective": "2026-01-02T00:00:00Z", "when": when[1]},
    ):
        shelf.add(each)
    assert shelf.unusable == {"two v1": "segments ask for each other in a circle: one -> two -> one"}
    assert shelf.book is not None
    bought = basket(line("5.00"), time="2026-02-10T12:00:00+01:00", currency="EUR")
    assert Till(shelf.book).points(bought) == {"base": 2, "more": 3}


async def test_a_circle_between_versions_is_refused() -> None:
    """`a` builds on `b` until March 20th. The newest versions are in no circle; those in force from the 10th to then
    would be. Breaks without `_refuse_unusable`."""
    on_b = written("earn", "a", then={"again": ["b"]}, effective=START)
    desk = await Desk().begun(rule("b", effective=START), on_b)
    await desk.office.publish(request(rule("a", 7, effective="2026-03-20T00:00:00Z")), NOW)
    early = written("earn", "b", then={"again": ["a"]}, effective="2026-03-10T00:00:00Z")
    with pytest.raises(RefusedError) as refused:
        await desk.office.publish(request(early), NOW)
    assert str(refused.value) == (
        "b v2 could not be used from 2026-03-10 00:00:00+00:00 on: rules build on each other's points in a circle: "
        "a -> b -> a; take one of them out, or let what ends the circle be effective no later"
    )
    late = written("earn", "b", then={"again": ["a"]}, effective="2026-03-20T00:00:00Z")
    await desk.office.publish(request(late), NOW)
    assert desk.shelf.left_out == []


async def test_a_version_that_cannot_be_compiled_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Breaks when the shelf puts a book together of whatever can be read."""
    topic = await told_topic()

    def broken(each: Rule, campaign: None) -> Any:
        if each.id == "more":
            raise AttributeError("nobody thought of it")
        return compile_rule(each, campaign)

    monkeypatch.setattr("shared.rules.usable.compile_rule", broken)
    shelf = Shelf()
    for each in topic:
        shelf.add(each)
    assert (shelf.left_out, shelf.unreadable) == (["more v1"], [])
    assert shelf.book is not None
    assert [each.id for each in shelf.book.versions] == ["base", "p"]
