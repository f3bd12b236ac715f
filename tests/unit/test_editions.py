"""Editions: which versions follow from files, how they are numbered, what may not be; decided by hand-written cases."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from shared.ops.telling_rules import tell_plan
from shared.publishing.difference import FieldChange, difference, field_changes
from shared.publishing.edition import ImmutableVersionError, rolled_back
from shared.publishing.plan import plan
from shared.publishing.registry import RefusedError
from shared.rules.definition import as_data
from shared.rules.rulebook import fingerprint
from tests.unit.desk import LATER, NOW, START, Desk, programme, request, rule, written

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


async def test_a_file_without_version_gets_the_next_number_where_its_content_changed() -> None:
    desk = await Desk().begun(rule(points=1, effective=START), rule("fresh", 5, effective=START))
    done = await desk.office.publish(request(rule(points=2), rule("fresh", 5), rule("new", 7)), NOW)
    assert [(each.id, each.version, each.effective) for each in done.new] == [("base", 2, LATER), ("new", 1, LATER)]
    assert desk.versions() == [(1, "2026-01-01", 1), (2, "2026-04-01", 2)]
    assert (await desk.office.publish(request(rule(points=2)), NOW)).new == ()
    assert desk.versions("fresh") == [(1, "2026-01-01", 5)]


async def test_a_version_carries_who_why_when_and_a_hash_of_its_body() -> None:
    desk = await Desk().begun(rule(effective=START))
    await desk.office.publish(request(rule(points=2)), NOW)
    [_, version] = desk.store.collection("registry")["base"]["versions"]
    body = {"id": "base", "kind": "earn", "title": "Base", "version": 2, "then": {"fixed": 2}}
    assert version == {
        "version": 2,
        "effective": "2026-04-01T00:00:00+00:00",
        "hash": fingerprint({**body, "effective": "2026-04-01T00:00:00Z"}),
        "body": {**body, "effective": "2026-04-01T00:00:00Z"},
        "author": "Ann",
        "note": "because",
        "published": "2026-03-01T12:00:00+00:00",
    }


def test_a_body_with_version_one_is_hashed_as_every_release_did() -> None:
    """Files and registries of before: breaks when a default of a new field gets into the published body."""
    base = rule(effective=START).definition
    assert as_data(base.model_copy(update={"version": 1})) == {
        "id": "base", "kind": "earn", "title": "Base", "effective": "2026-01-01T00:00:00Z", "then": {"fixed": 1},
    }  # fmt: skip


async def test_files_that_write_version_and_time_are_taken_as_they_say() -> None:
    desk = await Desk().begun(rule(effective=START))
    await desk.office.start(
        [programme(effective=START), rule(points=2, version=4, effective="2026-02-01T00:00:00Z")], NOW
    )
    assert desk.versions() == [(1, "2026-01-01", 1), (4, "2026-02-01", 2)]
    with pytest.raises(ImmutableVersionError, match="base: version 4 is published and differs; write `version: 5`"):
        await desk.office.start(
            [programme(effective=START), rule(points=3, version=4, effective="2026-02-01T00:00:00Z")], NOW
        )
    with pytest.raises(ImmutableVersionError, match="base: version 3 is older than 4, the newest"):
        await desk.office.start(
            [programme(effective=START), rule(points=3, version=3, effective="2026-02-01T00:00:00Z")], NOW
        )
    with pytest.raises(ImmutableVersionError, match="base is a earn; give the segment another id"):
        when = "has(member.attributes.kids)"
        await desk.office.publish(request(written("segment", "base", when=when)), NOW)


async def test_a_start_publishes_nothing_that_the_files_do_not_say_themselves() -> None:
    """An edited file stops campaigns; one that says what an older version said does not, after a rollback too."""
    desk = await Desk().begun(rule(points=1, effective=START))
    with pytest.raises(ImmutableVersionError, match="base: version 1 is published and differs; publish it with"):
        await desk.office.start([programme(effective=START), rule(points=2, effective=START)], NOW)
    with pytest.raises(RefusedError, match="new: nothing says from when version 1 is in force"):
        await desk.office.start([programme(effective=START), rule("new")], NOW)
    await desk.office.publish(request(rule(points=2)), NOW)
    assert (await desk.office.start([programme(effective=START), rule(points=1, effective=START)], NOW)).new == ()
    assert len(desk.versions()) == 2


async def test_the_past_is_refused_unless_asked_for() -> None:
    desk = await Desk().begun(rule(effective=START))
    past = request(rule(points=2), effective=datetime(2026, 2, 1, tzinfo=UTC))
    with pytest.raises(RefusedError, match=r"(?s)base: version 2 would be effective 2026-02-01.*--retroactive"):
        await desk.office.publish(past, NOW)
    # A file that still has the time it was written with says the past too.
    with pytest.raises(RefusedError, match="take `effective` out of the file"):
        await desk.office.publish(request(rule(points=2, effective=START)), NOW)
    assert len(desk.versions()) == 1
    registry = await desk.office.registry()
    again = request(rule(points=2), effective=datetime(2026, 2, 1, tzinfo=UTC), retroactive=True)
    assert [each.id for each in plan(again, registry, NOW).past] == ["base"]
    assert plan(request(rule(points=2), effective=None), registry, NOW).past == [], "now is not past"
    assert plan(request(programme(effective=START), rule(effective=START)), {}, NOW).past == [], "nothing was decided"


async def test_a_rollback_says_again_what_an_earlier_version_said_from_its_time_on() -> None:
    """Rulebook.at takes the highest number: version 3 wins from 2026-05-01 on and not before."""
    desk = await Desk().begun(rule(points=1, effective=START))
    await desk.office.publish(request(rule(points=2)), NOW)
    registry = await desk.office.registry()
    back = rolled_back(registry["base"], None)
    may, june = (datetime(2026, month, 1, tzinfo=UTC) for month in (5, 6))
    done = await desk.office.publish(request(back, effective=may), NOW)
    assert [(each.version, each.repeats) for each in done.new] == [(3, 1)]
    book = desk.shelf.book
    assert book is not None
    in_force = [[d.version for d in book.at(t).definitions if d.id == "base"] for t in (BEGUN, LATER, may, june)]
    assert in_force == [[1], [2], [3], [3]]
    assert desk.store.collection("registry")["base"]["versions"][2]["repeats"] == 1
    assert (await desk.office.publish(request(back, effective=may), NOW)).new == (), "it says that already"


async def test_what_cannot_be_rolled_back_is_said() -> None:
    desk = await Desk().begun(rule(effective=START))
    with pytest.raises(RefusedError, match="base has one version only"):
        rolled_back((await desk.office.registry())["base"], None)
    await desk.office.publish(request(rule(points=2)), NOW)
    document = (await desk.office.registry())["base"]
    with pytest.raises(RefusedError, match="version 2 is the newest; earlier ones: 1"):
        rolled_back(document, 2)
    with pytest.raises(RefusedError, match="version 7 does not exist; earlier ones: 1"):
        rolled_back(document, 7)
    document["versions"][0]["body"]["surprise"] = True
    with pytest.raises(RefusedError, match="this release cannot read version 1"):
        rolled_back(document, None)


async def test_a_version_that_was_to_come_later_and_never_does_is_named() -> None:
    desk = await Desk().begun(rule(points=1, effective=START))
    await desk.office.publish(request(rule(points=2)), NOW)
    registry = await desk.office.registry()
    sooner = plan(request(rule(points=3), effective=datetime(2026, 3, 15, tzinfo=UTC)), registry, NOW)
    assert sooner.overtaken == [("base", 2)]
    same = plan(request(rule(points=3)), registry, NOW)  # mechanism: of one instant the higher number is in force
    assert same.overtaken == [("base", 2)]
    assert tell_plan(same, ZoneInfo("UTC"))[-1] == "    version 2, which was to come later, never does"
    assert plan(request(rule(points=3), effective=datetime(2026, 5, 1, tzinfo=UTC)), registry, NOW).overtaken == []
    # by April 15th version 2 is in force: a version since March takes its time, and nothing was to come
    asked = request(rule(points=3), effective=datetime(2026, 3, 15, tzinfo=UTC), retroactive=True)
    then = plan(asked, registry, datetime(2026, 4, 15, tzinfo=UTC))
    assert (then.overtaken, then.replaced) == ([], [("base", 2)])
    assert tell_plan(then, ZoneInfo("UTC"))[-1] == (
        "    version 2 was in force: its time is decided by version 3 from now on"
    )


async def test_a_definition_may_not_take_the_manifests_place_and_programmes_do_not_mix() -> None:
    desk = await Desk().begun(rule(effective=START))
    with pytest.raises(RefusedError, match="cannot be called programme"):
        await desk.office.publish(request(rule("programme")), NOW)
    other = written("programme", "q", time_zone="UTC", currency="EUR", wallets=["stars"])
    with pytest.raises(RefusedError, match="these servers keep programme p, not q"):
        await desk.office.publish(request(other), NOW)
    with pytest.raises(RefusedError, match="no definition of kind programme is published"):
        await Desk().office.publish(request(rule()), NOW)


async def test_a_draft_must_fit_what_is_published() -> None:
    desk = await Desk().begun(rule(effective=START))
    with pytest.raises(ValueError, match=r"x version 1.*segment: no segment is called families"):
        await desk.office.publish(request(rule("x", segment="families")), NOW)
    with pytest.raises(ValueError, match="the programme has no wallet miles"):
        await desk.office.publish(request(written("earn", "x", then={"fixed": 1, "wallet": "miles"})), NOW)


async def test_the_difference_names_each_field_with_both_values() -> None:
    limits = [{"period": "day"}]
    desk = await Desk().begun(rule(points=1, effective=START, limits=limits), rule("fresh", effective=START))
    drafts = [rule(points=2, limits=[{"period": "day", "times": 3}], tags=["spring"]), rule("new")]
    found = difference(drafts, await desk.office.registry(), whole=True)
    assert found.added == [("new", "earn")]
    assert [(each.id, each.version) for each in found.changed] == [("base", 1)]
    assert found.changed[0].fields == [
        FieldChange("limits[0].times", None, 3),
        FieldChange("then.fixed", 1, 2),
        FieldChange("tags", None, ["spring"]),
    ]
    assert (found.unchanged, found.only_published) == (0, ["fresh", "p"])
    same = difference([rule("fresh", effective=START)], await desk.office.registry(), whole=False)
    assert (same.any, same.unchanged) == (False, 1)


async def test_a_file_that_is_behind_or_says_another_time_differs() -> None:
    desk = await Desk().begun(rule(points=1, effective=START))
    await desk.office.publish(request(rule(points=2)), NOW)
    registry = await desk.office.registry()
    behind = difference([rule(points=1, version=1, effective=START)], registry, whole=False)
    assert behind.changed[0].fields == [FieldChange("version", 2, 1), FieldChange("then.fixed", 2, 1)]
    moved = difference([rule(points=2, effective="2026-05-01T00:00:00Z")], registry, whole=False)
    assert [each.field for each in moved.changed[0].fields] == ["effective"]


def test_lists_of_words_are_compared_whole_and_lists_of_parts_part_by_part() -> None:
    old = {"texts": {"en": {"subject": "Hi"}}, "again": ["a", "b"], "all": [{"fact": "x"}, {"fact": "y"}]}
    new = {"texts": {"en": {"subject": "Hello"}}, "again": ["a"], "all": [{"fact": "x"}]}
    assert field_changes(old, new) == [
        FieldChange("texts.en.subject", "Hi", "Hello"),
        FieldChange("again", ["a", "b"], ["a"]),
        FieldChange("all[1]", {"fact": "y"}, None),
    ]
