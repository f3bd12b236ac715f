"""The office on a store in memory: two publishers at once, two people, crashes between the registry and the topic."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from shared.publishing.edition import rolled_back
from shared.publishing.office import Office, UnannouncedError
from shared.publishing.proposals import standing
from shared.publishing.registry import PROPOSALS, REGISTRY, RefusedError, learned
from shared.runtime.memory import MemoryStore, MemoryUnit
from shared.runtime.records import Message
from shared.runtime.store import Document, OutageError
from tests.unit.desk import LATER, NOW, START, Desk, programme, request, rule


class Overtaken(MemoryStore):
    """A store in which somebody else publishes between our reading and our commit, once."""

    def __init__(self) -> None:
        super().__init__()
        self.other: Any = None

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[MemoryUnit]:
        """See `Store.unit`."""
        unit = MemoryUnit(self)
        commit = unit.commit

        async def late(inserts: Mapping[str, Sequence[Document]], replaces: Mapping[str, Sequence[Document]]) -> None:
            other, self.other = self.other, None
            if other is not None:
                await other()
            await commit(inserts, replaces)

        unit.commit = late  # type: ignore[method-assign]
        yield unit


async def overtaken(*drafts: Any) -> Desk:
    """A desk at which, during the next publication, these drafts are published by Bob."""
    desk = await Desk(Overtaken()).begun(rule(points=1, effective=START))
    assert isinstance(desk.store, Overtaken)
    desk.store.other = lambda: desk.office.publish(request(*drafts, author="Bob"), NOW)
    return desk


@pytest.mark.parametrize("others", [rule("new", 7), rule(points=9)])
async def test_two_publishers_at_once_lose_and_double_nothing(others: Any) -> None:
    """Breaks without the retry."""
    desk = await overtaken(others)
    await desk.office.publish(request(rule(points=2)), NOW)
    versions = {id_: [v["version"] for v in d["versions"]] for id_, d in desk.store.collection(REGISTRY).items()}
    assert versions == ({"p": [1], "base": [1, 2], "new": [1]} if others.id == "new" else {"p": [1], "base": [1, 2, 3]})
    assert desk.versions()[-1] == (versions["base"][-1], "2026-04-01", 2)
    book = desk.shelf.book
    assert book is not None
    assert {(each.id, each.version) for each in book.versions} == {(i, v) for i, vs in versions.items() for v in vs}


async def test_a_publication_is_decided_on_what_another_left_though_they_write_different_definitions() -> None:
    """Bob asks for a second person meanwhile, so Ann's publication becomes a proposal. Breaks without the head that
    every publication writes: their transactions would not conflict."""
    desk = await overtaken(programme(approvals=1))
    done = await desk.office.publish(request(rule(points=2)), NOW)
    assert done.proposal is not None
    assert (len(desk.versions("p")), len(desk.versions())) == (2, 1)


async def test_two_publishers_of_the_same_content_publish_it_once() -> None:
    desk = await overtaken(rule(points=2))
    assert (await desk.office.publish(request(rule(points=2)), NOW)).new == ()
    assert [each["author"] for each in desk.store.collection(REGISTRY)["base"]["versions"]] == ["campaigns", "Bob"]


async def test_what_was_shown_is_not_published_over_what_came_meanwhile() -> None:
    desk = await overtaken(rule(points=9))
    with pytest.raises(RefusedError, match="base: version 2 was published meanwhile"):
        await desk.office.publish(request(rule(points=2), shown={"base": 1}), NOW)
    assert desk.versions()[-1][2] == 9


async def test_the_topic_ends_with_the_newest_though_the_older_announcement_comes_last() -> None:
    """Ann commits first and announces last. Breaks when `announce` does not look at the registry again, and the
    second part when the shelf takes back versions that a record or manifest does not have."""
    desk = await Desk().begun(rule(points=1, effective=START))
    between = [lambda: desk.office.publish(request(rule(points=3), author="Bob"), NOW)]

    async def slow(messages: Sequence[Message]) -> None:
        if between:
            await between.pop()()
            newest = desk.shelf.book
            assert newest is not None
            assert len(newest.versions) == 4
        await desk.publish(messages)
        assert desk.shelf.book is newest_book()

    def newest_book() -> Any:
        return desk.shelf.book if len(desk.shelf.book.versions) == 4 else None  # type: ignore[union-attr]

    await Office(desk.store, slow).publish(request(rule(points=2)), NOW)
    manifest = [each.value for each in desk.topic if each.kind == "manifest"][-1]
    assert b'"base":3' in manifest
    assert [each[2] for each in desk.versions()] == [1, 2, 3]


async def test_a_crash_before_the_announcement_is_mended_by_the_next_publication_or_start() -> None:
    """Breaks when what is published already is not announced again."""
    for mend in ("publication", "start"):
        desk = await Desk().begun(rule(points=1, effective=START))

        async def away(_: Sequence[Message]) -> None:
            raise OutageError("no broker")

        with pytest.raises(UnannouncedError):
            await Office(desk.store, away).publish(request(rule(points=2)), NOW)
        assert desk.shelf.book is not None
        assert [each.version for each in desk.shelf.book.versions] == [1, 1], "only the registry has it"
        if mend == "publication":
            assert (await desk.office.publish(request(rule(points=2)), NOW)).new == ()
        else:
            await desk.office.start([programme(effective=START), rule(points=1, effective=START)], NOW)
        assert [each.version for each in desk.shelf.book.versions] == [1, 2, 1]


async def test_an_empty_registry_learns_from_the_topic_and_numbers_on() -> None:
    """Breaks when only the topic's newest, or nothing, is learnt: version 2 would be given twice."""
    desk = await Desk().begun(rule(points=1, effective=START))
    await desk.office.publish(request(rule(points=2)), NOW)
    before = desk.store.collection(REGISTRY)
    anew = Desk()
    office = Office(anew.store, anew.publish, topic=learned(desk.shelf.raw))
    assert [(each.id, each.version) for each in (await office.publish(request(rule(points=3)), NOW)).new] == [
        ("base", 3)
    ]
    after = anew.store.collection(REGISTRY)
    assert after["base"]["versions"][:2] == before["base"]["versions"]
    assert after["p"] == before["p"]


async def test_an_author_does_not_approve_their_own_and_somebody_else_publishes_exactly_that() -> None:
    desk = await Desk().begun(rule(points=1, effective=START), approvals=1)
    done = await desk.office.publish(request(rule(points=2)), NOW)
    assert done.proposal is not None
    assert (done.new, desk.versions()) == ((), [(1, "2026-01-01", 1)])
    for himself in ("Ann", " ann ", "Ａｎｎ", "ＡNN"):
        with pytest.raises(RefusedError, match="is Ann's own: the programme asks that somebody else"):
            await desk.office.approve(done.proposal, himself, NOW)
    await desk.office.approve(done.proposal, "Bob", NOW + timedelta(days=1))
    version = desk.store.collection(REGISTRY)["base"]["versions"][-1]
    assert desk.versions()[1:] == [(2, "2026-04-01", 2)]
    assert (version["author"], version["approved_by"], version["note"]) == ("Ann", "Bob", "because")
    with pytest.raises(RefusedError, match="was approved by Bob and published at"):
        await desk.office.approve(done.proposal, "Cem", NOW)
    with pytest.raises(RefusedError, match="no proposal is called p-0"):
        await desk.office.approve("p-0", "Bob", NOW)


async def test_the_same_proposed_twice_is_one_proposal() -> None:
    """As after an outage, when nobody knows whether the first was stored."""
    desk = await Desk().begun(rule(points=1, effective=START), approvals=1)
    first, second = [(await desk.office.publish(request(rule(points=2)), NOW)).proposal for _ in range(2)]
    assert first == second
    assert len(await desk.office.proposals()) == 1


async def test_a_proposal_is_stale_once_another_publication_changed_what_it_is_about() -> None:
    desk = await Desk().begun(rule(points=1, effective=START), rule("fresh", effective=START), approvals=1)
    proposals = [
        (await desk.office.publish(request(each), NOW)).proposal
        for each in (rule(points=2), rule(points=3), rule("fresh", 9))
    ]
    first, second, other = (str(each) for each in proposals)
    await desk.office.approve(first, "Bob", NOW)
    with pytest.raises(RefusedError, match="is stale: version 2 of base was published since"):
        await desk.office.approve(second, "Bob", NOW)
    registry = await desk.office.registry()
    assert [standing(each, registry) for each in await desk.office.proposals() if each["_id"] == second] == ["stale"]
    await desk.office.approve(other, "Bob", NOW)
    assert desk.versions("fresh")[-1][2] == 9


async def test_a_proposal_that_was_changed_or_whose_time_has_passed_is_refused() -> None:
    desk = await Desk().begun(rule(points=1, effective=START), approvals=1)
    proposal = str((await desk.office.publish(request(rule(points=2)), NOW)).proposal)
    with pytest.raises(RefusedError, match=r"(?s)can no longer be published.*that is past.*propose it anew"):
        await desk.office.approve(proposal, "Bob", LATER + timedelta(seconds=1))
    desk.store.documents[(PROPOSALS, proposal)]["drafts"][0]["body"]["then"]["fixed"] = 1_000
    with pytest.raises(RefusedError, match="is not what was proposed"):
        await desk.office.approve(proposal, "Bob", NOW)
    assert len(desk.versions()) == 1


async def test_a_proposal_for_now_is_effective_when_it_is_approved() -> None:
    desk = await Desk().begun(rule(points=1, effective=START), approvals=1)
    proposal = str((await desk.office.publish(request(rule(points=2), effective=None), NOW)).proposal)
    await desk.office.approve(proposal, "Bob", LATER)
    assert desk.versions()[-1] == (2, "2026-04-01", 2)


async def test_turning_approval_off_needs_approval_until_it_is_off() -> None:
    """Whoever asks for none from April on is asked until April. Breaks when the files say what is needed, or only the
    newest version does."""
    desk = await Desk().begun(rule(points=1, effective=START), approvals=1)
    off = (await desk.office.publish(request(programme()), NOW)).proposal
    assert off is not None
    await desk.office.approve(off, "Bob", NOW)
    assert (await desk.office.publish(request(rule(points=2)), NOW)).proposal is not None
    assert (await desk.office.publish(request(rule(points=2), effective=None), LATER)).proposal is None


async def test_a_rollback_needs_approval_too_and_keeps_what_it_repeats() -> None:
    desk = await Desk().begun(rule(points=1, effective=START))
    await desk.office.publish(request(rule(points=2), programme(approvals=1)), NOW)
    back = rolled_back((await desk.office.registry())["base"], None)
    proposal = (await desk.office.publish(request(back), NOW)).proposal
    assert proposal is not None
    await desk.office.approve(proposal, "Bob", NOW)
    assert desk.store.collection(REGISTRY)["base"]["versions"][-1]["repeats"] == 1


async def test_a_start_is_no_way_around_approval() -> None:
    """Files that say a new version of their own are not published, and campaigns starts all the same."""
    desk = await Desk().begun(rule(points=1, effective=START), approvals=1)
    files = [
        programme(version=2, effective="2026-02-01T00:00:00Z"),
        rule(points=9, version=2, effective="2026-02-01T00:00:00Z"),
    ]
    assert (await desk.office.start(files, NOW)).new == ()
    assert (desk.versions(), len(desk.versions("p"))) == ([(1, "2026-01-01", 1)], 1)


async def test_definitions_of_a_newer_release_stay_published() -> None:
    """Of a kind that is unknown here: an older campaigns that starts must not take it off the manifest."""
    desk = await Desk().begun(rule(points=1, effective=START))
    documents = desk.store.documents
    draw = {"_id": "spring", "kind": "draw", "versions": [{
        "version": 1, "effective": "2026-01-01T00:00:00+00:00", "hash": "h", "body": {"kind": "draw", "id": "spring"},
    }]}  # fmt: skip
    documents[(REGISTRY, "spring")] = draw
    head = documents[("registry_head", "head")]
    documents[("registry_head", "head")] = {**head, "ids": [*head["ids"], "spring"]}
    await desk.office.start([programme(effective=START), rule(points=1, effective=START)], NOW)
    manifest = [each.value for each in desk.topic if each.kind == "manifest"][-1]
    assert b'"spring":1' in manifest
    assert desk.shelf.unreadable == ["spring v1"]
