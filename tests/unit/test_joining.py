"""The strict checks where definitions join what is in force: on every way to publish, and in a backtest."""

from __future__ import annotations

from typing import Any

import pytest

from shared.publishing.edition import Draft, as_the_files_say, drafts_of, rolled_back
from shared.publishing.office import Office
from shared.publishing.plan import plan, plan_start
from shared.publishing.registry import REGISTRY, RefusedError
from shared.rules.rulebook import ProgrammeError
from shared.rules.yamlfile import DefinitionError, read_sources
from tests.unit.desk import NOW, START, Desk, programme, request, rule, written

NEVER = "calendar.hour > 23"
BEST = {"group": "b", "how": "best", "priority": 1}
ALONE = {"group": "x", "how": "exclusive", "priority": 1}


def segment(id_: str, when: str, **said: Any) -> Draft:
    return written("segment", id_, when=when, **said)


async def refused(desk: Desk, *drafts: Draft) -> str:
    with pytest.raises(DefinitionError) as error:
        await desk.office.publish(request(*drafts), NOW)
    return str(error.value)


async def test_what_never_holds_is_not_published() -> None:
    desk = await Desk().begun()
    assert "when: never true: calendar.hour is from 0 to 23" in await refused(desk, rule(when=NEVER))
    assert "base" not in desk.store.collection(REGISTRY)


async def test_a_fault_is_told_at_its_place_in_the_file() -> None:
    desk = await Desk().begun()
    text = "- id: late\n  kind: earn\n  title: Late\n  when: calendar.hour > 23\n  then: {fixed: 1}\n"
    found = await refused(desk, *drafts_of(read_sources([("late.yaml", text)])))
    assert found == "late.yaml:4:9: never true: calendar.hour is from 0 to 23; write a value within that"


async def test_rules_that_collide_with_one_in_force_are_refused_whichever_comes_first_by_id() -> None:
    desk = await Desk().begun(rule("m", effective=START, stacking=ALONE))
    for id_ in ("a", "z"):
        said = await refused(desk, rule(id_, 2, stacking=ALONE))
        assert "has the priority 1 too and both can apply to one event" in said
        assert said.startswith(f"({id_} version 1)")


async def test_a_rule_that_another_in_force_always_beats_is_refused() -> None:
    desk = await Desk().begun(rule("big", 50, effective=START, stacking=BEST))
    assert "it never wins" in await refused(desk, rule("small", 5, stacking={**BEST, "priority": 0}))


async def test_a_new_segment_that_makes_a_rule_in_force_unreachable_is_refused() -> None:
    late = segment("late", "calendar.hour >= 20", effective=START)
    desk = await Desk().begun(late, rule(when="calendar.hour < 21", segment="late", effective=START))
    said = await refused(desk, segment("late", "calendar.hour >= 22"))
    assert "base, which is published: nobody in the segment late ever meets the rule's condition" in said


async def test_a_window_is_judged_with_the_time_that_the_publication_says() -> None:
    desk = await Desk().begun()
    early = rule(schedule={"until": "2026-03-15"})
    assert "it never runs" in await refused(desk, early)  # from April on
    assert (await desk.office.publish(request(early, effective=NOW), NOW)).new


async def test_a_proposal_is_judged_before_it_waits_and_again_when_it_is_approved() -> None:
    desk = await Desk().begun(approvals=1)
    await refused(desk, rule(when=NEVER))
    first = await desk.office.publish(request(rule("a", stacking=ALONE)), NOW)
    second = await desk.office.publish(request(rule("b", stacking=ALONE)), NOW)
    await desk.office.approve(str(first.proposal), "Bob", NOW)
    with pytest.raises(DefinitionError, match="a has the priority 1 too"):
        await desk.office.approve(str(second.proposal), "Bob", NOW)


async def test_campaigns_start_refuses_faults_and_logs_warnings() -> None:
    desk = Desk()
    with pytest.raises(DefinitionError, match="never true"):
        await desk.office.start([programme(effective=START), rule(when=NEVER, effective=START)], NOW)
    assert not desk.store.collection(REGISTRY)
    drafts = [programme(effective=START), rule(when='"a" in member.tags', effective=START)]
    assert [each.code for each in plan_start(drafts, {}).warnings] == ["tag"]
    await desk.office.start(drafts, NOW)
    assert set(desk.store.collection(REGISTRY)) == {"p", "base"}


async def test_warnings_keep_nobody_from_publishing_or_rolling_back() -> None:
    desk = await Desk().begun(rule(when='"a" in member.tags', effective=START))
    await desk.office.publish(request(rule()), NOW)
    registry = await desk.office.registry()
    back = request(rolled_back(registry["base"], None))
    assert [(each.code, each.severity) for each in plan(back, registry, NOW).warnings] == [("tag", "warning")]
    assert len((await desk.office.publish(back, NOW)).new) == 1


async def with_a_fault_in_force(monkeypatch: pytest.MonkeyPatch, *drafts: Draft) -> Desk:
    """As an older release published it, which did not look so closely."""
    with monkeypatch.context() as patched:
        patched.setattr("shared.publishing.plan.judged", lambda *_: [])
        return await Desk().begun(*drafts)


async def test_what_is_published_already_can_be_given_again_whatever_is_wrong_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = rule("old", when=NEVER, effective=START)
    desk = await with_a_fault_in_force(monkeypatch, old)
    assert (await desk.office.publish(request(rule("old", when=NEVER)), NOW)).new == ()
    assert (await desk.office.start([old], NOW)).new == ()


async def test_a_fault_that_is_in_force_keeps_others_not_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Breaks where the faults that were there before are not taken off."""
    pair = [rule(id_, effective=START, stacking=ALONE) for id_ in ("a", "b")]
    desk = await with_a_fault_in_force(monkeypatch, *pair)
    new = rule("c", stacking={**ALONE, "priority": 2}, when="calendar.hour < 3")
    assert len((await desk.office.publish(request(new), NOW)).new) == 1
    assert await Office(desk.store, desk.publish).registry()


def test_everything_that_keeps_files_from_starting_is_told_at_once() -> None:
    text = "".join(f"- id: {id_}\n  kind: earn\n  title: T\n  then: {{fixed: 1}}\n" for id_ in ("one", "two"))
    drafts = [programme(effective=START), *drafts_of(read_sources([("r.yaml", text)]))]
    with pytest.raises(RefusedError) as error:
        as_the_files_say(drafts, {})
    assert [line.partition(" nothing")[0] for line in str(error.value).splitlines()] == [
        "r.yaml:1:3: one:", "r.yaml:5:3: two:",
    ]  # fmt: skip
    assert isinstance(error.value, ProgrammeError)
