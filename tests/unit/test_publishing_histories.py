"""Random histories of publications, rollbacks, proposals and approvals, against a model that keeps plain lists."""

from __future__ import annotations

import asyncio
import copy
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.publishing.edition import rolled_back
from shared.publishing.plan import Request
from shared.publishing.registry import REGISTRY, RefusedError
from shared.rules.rulebook import Rulebook
from tests.unit.desk import NOW, START, Desk, programme, rule

IDS = ("a", "b", "c")
BEGIN = datetime.fromisoformat(START)
hours = st.integers(-48, 48)
steps = st.one_of(
    st.tuples(st.just("publish"), st.sampled_from(IDS), st.integers(1, 3), hours),
    st.tuples(st.just("rollback"), st.sampled_from(IDS), st.one_of(st.none(), st.integers(0, 4)), hours),
    st.tuples(st.just("approvals"), st.just("p"), st.integers(0, 1), hours),
    st.tuples(st.just("approve"), st.sampled_from(("Ann", "Bob")), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("restart"), st.just(""), st.just(0), st.just(0)),
)
Said = tuple[datetime, int]


class Model:
    """What ought to be: of each definition the list of what its versions say and from when; number = place + 1."""

    def __init__(self) -> None:
        self.said: dict[str, list[Said]] = {"p": [(BEGIN, 0)], "a": [(BEGIN, 1)]}
        self.waiting: list[tuple[str, int, Said] | None] = []

    def ask(self, id_: str, value: int, effective: datetime) -> str:
        """What becomes of a publication: `nothing`, `waits` or `published`."""
        versions = self.said.get(id_, [])
        if versions and versions[-1][1] == value:
            return "nothing"
        if self.asks_for_two():
            self.waiting.append((id_, len(versions), (effective, value)))
            return "waits"
        self.said.setdefault(id_, []).append((effective, value))
        return "published"

    def asks_for_two(self) -> bool:
        return self.said["p"][-1][1] > 0 or (self.at("p", NOW) or 0) > 0

    def approve(self, number: int, approver: str) -> bool:
        """Whether the proposal may be published now; then it is."""
        found = self.waiting[number]
        if found is None or approver == "Ann" or len(self.said.get(found[0], [])) != found[1]:
            return False
        self.said.setdefault(found[0], []).append(found[2])
        self.waiting[number] = None
        return True

    def at(self, id_: str, moment: datetime) -> int | None:
        """What is said at a time: by the last in the list that is effective by then."""
        value = None
        for effective, said in self.said.get(id_, []):
            if effective <= moment:
                value = said
        return value


def told(book: Rulebook, id_: str, moment: datetime) -> int | None:
    """What the rulebook says at a time."""
    found: Any = next((each for each in book.at(moment).definitions if each.id == id_), None)
    return None if found is None else (found.approvals if id_ == "p" else found.points[0].fixed)


async def play(history: list[tuple[str, str, Any, int]]) -> None:
    """Does each step on both, and compares all that can be asked."""
    desk, model = await Desk().begun(rule("a", 1, effective=START)), Model()
    ids: list[str] = []
    before: dict[str, Any] = {}
    for number, (what, who, value, shift) in enumerate(history):
        now = NOW + timedelta(seconds=number)
        effective = NOW + timedelta(hours=shift)
        if what in ("publish", "approvals"):
            draft = rule(who, value) if what == "publish" else programme(approvals=value)
            done = await desk.office.publish(Request([draft], effective, "Ann", "n", retroactive=True), now)
            expected = model.ask(who, value, effective)
            assert expected == ("waits" if done.proposal else "published" if done.new else "nothing")
            ids += [done.proposal] if done.proposal else []
        elif what == "rollback":
            versions = model.said.get(who, [])
            target = len(versions) - 1 if value is None else value
            if not 1 <= target < len(versions):
                continue
            draft = rolled_back((await desk.office.registry())[who], value)
            done = await desk.office.publish(Request([draft], effective, "Ann", "n", retroactive=True), now)
            expected = model.ask(who, versions[target - 1][1], effective)
            assert expected == ("waits" if done.proposal else "published" if done.new else "nothing")
            ids += [done.proposal] if done.proposal else []
        elif what == "approve" and value < len(ids):
            try:
                await desk.office.approve(ids[value], who, now)
                done_ = True
            except RefusedError:
                done_ = False
            assert done_ == model.approve(value, who)
        elif what == "restart":
            await desk.office.start([programme(effective=START), rule("a", 1, effective=START)], now)
        before = compare(desk, model, before)


def compare(desk: Desk, model: Model, before: dict[str, Any]) -> dict[str, Any]:
    """Gapless, immutable, and chosen by event time, in the registry and in a worker's book."""
    registry = desk.store.collection(REGISTRY)
    assert {id_: [v["version"] for v in each["versions"]] for id_, each in registry.items()} == {
        id_: list(range(1, len(said) + 1)) for id_, said in model.said.items()
    }
    for id_, each in before.items():
        assert registry[id_]["versions"][: len(each["versions"])] == each["versions"]
    book = desk.shelf.book
    assert book is not None
    for moment in (BEGIN, *(NOW + timedelta(hours=shift) for shift in range(-49, 50, 7))):
        for id_ in model.said:
            assert told(book, id_, moment) == model.at(id_, moment), (id_, moment)
    return copy.deepcopy(registry)


@settings(max_examples=150, deadline=None)
@given(st.lists(steps, max_size=14))
def test_any_history_of_publications(history: list[tuple[str, str, Any, int]]) -> None:
    asyncio.run(play(history))
