"""The shelf of definitions: whole changes or none, newer releases' definitions left out; and a batch keeps its book."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from shared.publishing.registry import announcements
from shared.rules.rulebook import Rulebook
from shared.runtime.batch import BatchLoop
from shared.runtime.follower import Shelf
from shared.runtime.memory import MemoryStore
from shared.runtime.records import Decision, Item, Record
from tests.unit.desk import NOW, START, Desk, programme, request, rule


async def announced() -> tuple[list[bytes], list[bytes], Desk]:
    """What was announced before and after a publication of two definitions."""
    desk = await Desk().begun(rule("a", 1, effective=START), rule("b", 1, effective=START))
    before = [each.value for each in desk.topic]
    await desk.office.publish(request(rule("a", 2), rule("b", 2)), NOW)
    return before, [each.value for each in desk.topic[len(before) :]], desk


def points(book: Rulebook | None) -> list[tuple[str, int]]:
    """Every rule's newest version."""
    assert book is not None
    newest = {each.id: each.version for each in book.versions}
    return sorted((id_, version) for id_, version in newest.items() if id_ != "p")


async def test_a_change_of_several_definitions_is_seen_whole() -> None:
    """Breaks when records take effect as they come, without the manifest that names them (or before all it names)."""
    before, after, _ = await announced()
    shelf = Shelf()
    changes = [shelf.add(each) for each in before]
    assert changes == [False, False, False, True]
    old = shelf.book
    for each in after[:-1]:
        assert not shelf.add(each)
        assert shelf.book is old
    assert shelf.add(after[-1])
    assert (points(old), points(shelf.book)) == ([("a", 1), ("b", 1)], [("a", 2), ("b", 2)])


async def test_a_manifest_that_comes_first_waits_for_its_definitions() -> None:
    """Compaction and a crashed publisher leave any order. Breaks when the manifest's versions are not waited for."""
    before, after, _ = await announced()
    shelf = Shelf()
    for each in before:
        shelf.add(each)
    old = shelf.book
    *definitions, manifest = after
    assert [shelf.add(each) for each in (manifest, *definitions)] == [False, False, True, False]
    assert (points(old), points(shelf.book)) == ([("a", 1), ("b", 1)], [("a", 2), ("b", 2)])


async def test_versions_that_no_manifest_names_yet_are_not_in_force() -> None:
    """A worker that starts while a publication is on its way, on a compacted topic. Breaks when a record's versions
    count as soon as the record is there."""
    before, after, _ = await announced()
    shelf = Shelf()
    for each in (before[-1], *after[:-1]):
        shelf.add(each)
    assert points(shelf.book) == [("a", 1), ("b", 1)]
    assert shelf.add(after[-1])
    assert points(shelf.book) == [("a", 2), ("b", 2)]


async def test_what_an_overtaken_publisher_announces_late_takes_nothing_back() -> None:
    before, after, _ = await announced()
    shelf = Shelf()
    for each in [*before, *after]:
        shelf.add(each)
    book = shelf.book
    assert not any(shelf.add(each) for each in before)
    assert shelf.book is book
    assert {id_: len(record.data.versions) for id_, record in shelf.raw.items()} == {"a": 2, "b": 2, "p": 1}


def newer_release(desk: Desk, **of_b: Any) -> list[bytes]:
    """What a release announces that knows a kind `draw`, and fields that we do not."""
    registry = {document["_id"]: document for document in desk.store.collection("registry").values()}
    body = {"id": "b", "kind": "earn", "title": "B", "then": {"fixed": 3}, "effective": START, "version": 3, **of_b}
    drawn = {"id": "spring", "kind": "draw", "title": "Spring", "effective": START, "prizes": 3}
    registry["b"]["versions"].append({"version": 3, "effective": START, "hash": "h", "body": body})
    registry["spring"] = {
        "_id": "spring", "kind": "draw", "versions": [{"version": 1, "effective": START, "hash": "h", "body": drawn}],
    }  # fmt: skip
    values = [orjson.loads(each.value) for each in announcements(registry)[0]]
    for each in values:
        each["traceparent"] = "00-1"
        each["data"]["campaign"] = "of a newer release"
    return [orjson.dumps(each) for each in values]


async def test_kinds_and_fields_of_a_newer_release_stop_nobody() -> None:
    """They are left out and named; what is known takes effect. Breaks when one of them makes the set incomplete."""
    _, _, desk = await announced()
    shelf = Shelf()
    changed = [shelf.add(each) for each in newer_release(desk, sprinkle=True)]
    assert changed[-1]
    assert points(shelf.book) == [("a", 2), ("b", 2)]
    assert shelf.unreadable == ["b v3", "spring v1"]
    known = Shelf()
    for each in newer_release(desk):
        known.add(each)
    assert points(known.book) == [("a", 2), ("b", 3)], "the same without the field"


async def test_a_programme_that_cannot_be_read_at_all_is_waited_for() -> None:
    desk = await Desk().begun(rule(effective=START))
    registry = desk.store.collection("registry")
    registry["p"]["versions"][0]["body"]["surprise"] = True
    shelf = Shelf()
    assert not any(shelf.add(each.value) for each in announcements(registry)[0])
    assert shelf.book is None


class Slow:
    """A handler that is overtaken by a publication while it reads."""

    consumer = "slow"

    def __init__(self, shelf: Shelf, news: Sequence[bytes]) -> None:
        self.shelf, self.news = shelf, list(news)
        self.books: list[list[tuple[str, int]]] = []

    def decode(self, record: Record) -> bytes:
        return record.value

    async def gather(self, _: Any, __: Sequence[Item[bytes]], book: Rulebook) -> None:
        self.books.append(points(book))
        while self.news:
            self.shelf.add(self.news.pop(0))

    def decide(self, _: None, __: Sequence[Item[bytes]], book: Rulebook) -> Decision:
        self.books.append(points(book))
        return Decision()

    def about(self, _: bytes) -> tuple[None, None, None]:
        return None, None, None


async def test_a_batch_is_decided_under_the_book_it_began_with() -> None:
    """Breaks when `BatchLoop._decide` asks for the book more than once."""
    before, after, _ = await announced()
    shelf = Shelf()
    for each in before:
        shelf.add(each)
    slow = Slow(shelf, after)

    async def publish(_: Any) -> None:
        pass

    def book() -> Rulebook:
        assert shelf.book is not None
        return shelf.book

    loop: BatchLoop[Any, Any] = BatchLoop(slow, MemoryStore(), publish, book)
    for offset in range(2):
        await loop.run([Record("t", 0, offset, b"x", None, timestamp_ms=0)])
    old, new = [("a", 1), ("b", 1)], [("a", 2), ("b", 2)]
    assert slow.books == [old, old, new, new]


async def test_a_large_programme_is_compiled_once_and_not_record_by_record() -> None:
    """Announcing what is known already compiles nothing. Breaks when each record asks for a new book."""
    desk = await Desk().begun(*(rule(f"r-{number}", effective=START) for number in range(20)))
    compiled = 0

    class Counting(Shelf):
        def _complete(self) -> bool:
            nonlocal compiled
            compiled += 1
            return super()._complete()

    shelf = Counting()
    for each in [*desk.topic, *desk.topic[:-1]]:
        shelf.add(each.value)
    assert compiled == 1
    await desk.office.publish(request(rule("r-1", 5), programme(title="Q")), NOW)
    for each in desk.topic[-22:]:
        shelf.add(each.value)
    assert compiled == 2
