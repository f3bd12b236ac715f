"""What publishing says: local times, conditions part by part, how a rule ends, a revision that workers tell too."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from shared.ops.telling_rules import difference_data, tell_difference, tell_plan
from shared.publishing.counting import uncounted
from shared.publishing.difference import FieldChange, difference, field_changes
from shared.publishing.edition import rolled_back
from shared.publishing.plan import plan
from shared.publishing.registry import RefusedError
from shared.rules.definition import as_data
from tests.unit.desk import NOW, START, Desk, programme, request, rule, written


async def test_what_is_announced_is_what_a_worker_tells() -> None:
    """/health/status has the rulebook's revision. Breaks where another one is announced."""
    desk = Desk()
    await desk.begun(rule(effective=START))
    done = await desk.office.publish(request(rule(points=2)), NOW)
    assert desk.shelf.book is not None
    assert done.revision == desk.shelf.book.revision


async def test_the_past_is_said_in_local_time() -> None:
    """23:30 UTC is half past midnight in Berlin, on the next day."""
    desk = await Desk().begun(rule(effective=START))
    late = request(rule(points=2), effective=datetime(2026, 1, 31, 23, 30, tzinfo=UTC))
    with pytest.raises(RefusedError, match=r"base: version 2 would be effective 2026-02-01 00:30:00\+01:00"):
        await desk.office.publish(late, NOW)


async def test_a_rule_with_one_version_is_told_how_it_ends() -> None:
    desk = await Desk().begun(rule(effective=START))
    with pytest.raises(
        RefusedError, match=r"nothing to go back to\. To end it, write in its file `schedule: \{until: "
    ):
        rolled_back((await desk.office.registry())["base"], None)
    ended = rule(schedule={"until": "2026-03-02"})  # as it says: a day to come
    assert len((await desk.office.publish(request(ended, effective=NOW), NOW)).new) == 1


async def test_a_limit_or_budget_that_was_not_counted_before_begins_at_0_and_that_is_said() -> None:
    """By `rules diff` and a publication alike. A number that changes goes on with what was counted, and so does a
    limit of another place in the list; another period, whose it is, what it counts and another currency do not."""
    day = {"period": "day", "times": 3}
    was = rule(effective=START, limits=[day], budget={"points": 100})
    desk = await Desk().begun(was, rule("free", effective=START))
    limits = [{"period": "month"}, {"period": "day"}, {"period": "day", "points": 5}, {"per": "household", **day}]
    money = {"money": {"amount": "5.00", "currency": "EUR"}, "cost_per_point": "0.01"}
    drafts = [rule(limits=limits, budget=money), rule("free", tags=["x"]), rule("new", limits=[day])]
    registry = await desk.office.registry()
    begin = [
        "    the limit of times a member, a month, begins at 0: what was given before is not counted",
        "    the limit of points a member, a day, begins at 0: what was given before is not counted",
        "    the limit of times a household, a day, begins at 0: what was given before is not counted",
        "    the budget in EUR begins at 0: what was given before is not counted",
    ]
    found = difference(drafts, registry, whole=False)
    assert [line for line in tell_difference(found) if "counted" in line] == begin
    assert [each["uncounted"] for each in difference_data(found)["changed"]] == [[x.strip() for x in begin], []]
    planned = plan(request(*drafts), registry, NOW)
    assert [line for line in tell_plan(planned, ZoneInfo("UTC")) if "counted" in line] == begin
    tightened = [rule(limits=[{**day, "times": 1}], budget={"points": 9})]
    assert difference(tightened, registry, whole=False).changed[0].uncounted == []


async def test_a_referral_s_new_limit_begins_at_0_and_that_is_said() -> None:
    sides = {"advocate": {"fixed": 2}, "friend": {"fixed": 1}}
    desk = await Desk().begun(written("referral", "refer", effective=START, **sides))
    draft = written("referral", "refer", limits=[{"period": "month"}], **sides)
    found = difference([draft], await desk.office.registry(), whole=False)
    assert found.changed[0].uncounted == [
        "the limit of times a member, a month, begins at 0: what was given before is not counted"
    ]


async def test_a_limit_that_comes_back_goes_on_from_what_it_had_counted() -> None:
    ever = [{"per": "programme", "period": "ever", "times": 9}]
    desk = await Desk().begun(rule(effective=START, limits=ever))
    await desk.office.publish(request(rule()), NOW)
    again = plan(request(rule(limits=ever)), await desk.office.registry(), NOW)
    said = "the limit of times of all, ever, goes on from what was counted up to version 1: what was given since is not"
    assert again.uncounted == [("base", said)]


def test_conditions_are_compared_part_by_part() -> None:
    """One part comes in between: the others are the same, and are not told."""
    old = {"when": {"all": ["a > 1", "b > 2", "c > 3"]}, "tags": ["x", "y"]}
    new = {"when": {"all": ["a > 1", "new", "b > 2", "c > 4"]}, "tags": ["x", "z"]}
    assert field_changes(old, new) == [
        FieldChange("when.all[1]", None, "new"),
        FieldChange("when.all[3]", "c > 3", "c > 4"),
        FieldChange("tags", ["x", "y"], ["x", "z"]),
    ]
    nested = ({"when": {"all": ["a", {"not": "b"}]}}, {"when": {"all": [{"not": "c"}]}})
    assert field_changes(*nested) == [
        FieldChange("when.all[0]", "a", {"not": "c"}), FieldChange("when.all[1]", {"not": "b"}, None),
    ]  # fmt: skip


def test_points_that_cannot_be_spent_any_more_are_told_before_it_is_published() -> None:
    """Nothing takes them away, and nobody would notice. Mechanism: `counting._unspendable`."""
    spent = {"value": {"amount": "1", "currency": "EUR"}, "redemption": {}}
    wallets = [{"id": "stars", **spent}, {"id": "miles", **spent}, {"id": "coins", **spent}, {"id": "kept", **spent}]
    last = programme(effective=START, wallets=wallets)
    now = programme(wallets=[{"id": "stars", "kind": "status"}, {"id": "miles"}, {"id": "kept", **spent}])
    published = [{"version": 1, "effective": START, "body": as_data(last.definition)}]
    assert uncounted(now.definition, published) == [
        "wallet stars becomes status: points that members have in it cannot be spent, and are no liability",
        "wallet miles has no `redemption`: points that members have in it cannot be spent",
        "wallet coins is left out: points that members have in it stay, and cannot be spent",
    ]
    assert uncounted(last.definition, published) == []


async def test_a_rule_that_joins_a_campaign_is_told_that_it_counts_from_then_on() -> None:
    """Mechanism: `counting._joined`."""
    desk = await Desk().begun(rule(effective=START), written("campaign", "spring", effective=START))
    registry = await desk.office.registry()
    counts = "the campaign spring counts it from now on, where it has limits or a budget"
    said = f"{counts}: what was given before is not counted"
    assert plan(request(rule(campaign="spring")), registry, NOW).uncounted == [("base", said)]
    await desk.office.publish(request(rule(campaign="spring")), NOW)
    assert plan(request(rule(points=3, campaign="spring")), await desk.office.registry(), NOW).uncounted == []


def test_elements_that_have_ids_are_compared_by_them() -> None:
    """One in the middle is left out, one is added, one is changed: the others are not told. Mechanism:
    `difference._named`; without it each after the first would be told as another."""
    wallets = [{"id": "stars"}, {"id": "clam", "kind": "status"}, {"id": "parcels"}, {"id": "miles"}]
    now = [{"id": "stars"}, {"id": "parcels", "title": "Parcels"}, {"id": "miles"}, {"id": "coins"}]
    found = field_changes({"wallets": wallets}, {"wallets": now})
    assert found == [
        FieldChange("wallets[clam]", {"id": "clam", "kind": "status"}, None, "left out"),
        FieldChange("wallets[parcels].title", None, "Parcels"),
        FieldChange("wallets[coins]", None, {"id": "coins"}, "added"),
    ]
    assert field_changes({"wallets": wallets}, {"wallets": wallets}) == []
    nested = (
        {"tiers": [{"id": "gold", "again": [{"id": "a"}, {"id": "b"}]}]},
        {"tiers": [{"id": "gold", "again": []}]},
    )
    assert [each.field for each in field_changes(*nested)] == ["tiers[gold].again[a]", "tiers[gold].again[b]"]
    twice = ({"x": [{"id": "a"}, {"id": "a"}]}, {"x": [{"id": "a"}, {"id": "b"}]})
    assert field_changes(*twice) == [FieldChange("x[1].id", "a", "b")], "no id of its own: by position"


def test_what_only_moved_is_told_in_one_line() -> None:
    """Mechanism: `before != after` in `difference._named`."""
    a, b, c = ({"id": each, "title": each.upper()} for each in "abc")
    assert field_changes({"wallets": [a, b, c]}, {"wallets": [c, a]}) == [
        FieldChange("wallets[b]", b, None, "left out"),
        FieldChange("wallets", ["a", "c"], ["c", "a"], "order"),
    ]


async def test_diff_and_publish_say_what_became_of_a_wallet() -> None:
    """Also where one is written as its id alone, and then with more."""
    clam = {"id": "clam", "kind": "status"}
    desk = await Desk().begun(wallets=["stars", clam, "parcels"])
    draft = programme(wallets=["parcels", {"id": "stars", "title": "Stars"}, "miles"])
    registry = await desk.office.registry()
    said = [
        '    wallets[stars].title: not written → "Stars"',
        '    wallets[clam]: left out; it was {"id": "clam", "kind": "status"}',
        '    wallets[miles]: added, {"id": "miles"}',
        "    wallets: in another order, stars, parcels → parcels, stars",
    ]
    told = tell_difference(difference([draft], registry, whole=False))
    assert [line for line in told if line.startswith("    wallets")] == said
    data = difference_data(difference([draft], registry, whole=False))["changed"][0]["fields"]
    assert [each.get("part") for each in data] == [None, "left out", "added", "order"]
    planned = tell_plan(plan(request(draft), registry, NOW), ZoneInfo("UTC"))
    assert [line for line in planned if line.startswith("    wallets")] == said
