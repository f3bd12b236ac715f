"""The batch loop alone: a small handler that counts, the store in memory, and servers that fail on request."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from shared.events.decode import Refused
from shared.events.internal import Origin
from shared.rules.rulebook import Rulebook
from shared.runtime import outbox
from shared.runtime.batch import BatchLoop, Patience
from shared.runtime.memory import MemoryStore, MemoryUnit
from shared.runtime.records import Decision, Item, Message, Record
from shared.runtime.store import OUTBOX, ConflictError, Document, GaveUpError, OutageError, Unit
from shared.runtime.tail import Tail

TOPIC = "partner.grocer"
QUICK = Patience(outage_s=5.0, first_wait_s=0.0, longest_wait_s=0.0)
IMPATIENT = Patience(outage_s=0.0, first_wait_s=0.0, longest_wait_s=0.0)


pytestmark = pytest.mark.usefixtures("quiet")


class Counting:
    """A handler for records such as `{"id": "e7"}`: one effect and one announcement each, once; `poison` raises."""

    consumer = "counting"

    def __init__(self, poison: Collection[str] = (), size: int = 0) -> None:
        self.poison, self.size = frozenset(poison), size
        self.batches: list[int] = []

    def decode(self, record: Record) -> str | Refused | None:
        if record.value == b"pass":
            return None
        if record.value == b"bug":
            raise KeyError("a bug in a decoder")
        try:
            return str(json.loads(record.value)["id"])
        except ValueError:
            return Refused("not_json", "not JSON")

    async def gather(self, unit: Unit, items: Sequence[Item[str]], book: Rulebook) -> set[str]:
        return set(await unit.get("effects", [item.event for item in items], ["_id"]))

    def decide(self, state: set[str], items: Sequence[Item[str]], book: Rulebook) -> Decision:
        self.batches.append(len(items))
        decision = Decision()
        for item in items:
            if item.event in self.poison:
                raise ZeroDivisionError
            if item.event not in state:
                state.add(item.event)
                decision.insert("effects", {"_id": item.event})
                decision.messages.append(Message("out", item.event, item.event.encode() + b"." * self.size))
        return decision

    def about(self, event: str) -> tuple[str | None, str | None, Origin | None]:
        return f"/partners/grocer|{event}", "m-1", None


class Server(MemoryStore):
    """A store and a broker that fail as often as they are told to."""

    def __init__(self) -> None:
        super().__init__()
        self.commits: list[Callable[[], Exception | None]] = []  # what befalls the next commits
        self.after: list[Exception] = []  # what is answered although the commit happened
        self.sends: list[Exception] = []
        self.sent: list[str] = []

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[MemoryUnit]:
        yield _Unit(self)

    async def publish(self, messages: Sequence[Message]) -> None:
        if self.sends:
            raise self.sends.pop(0)
        self.sent += [message.key for message in messages if message.topic == "out"]


class _Unit(MemoryUnit):
    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self._server = server

    async def commit(
        self, inserts: Mapping[str, Sequence[Document]], replaces: Mapping[str, Sequence[Document]]
    ) -> None:
        failure = self._server.commits.pop(0)() if self._server.commits else None
        if failure is not None:
            raise failure
        await super().commit(inserts, replaces)
        if self._server.after:
            raise self._server.after.pop(0)


def loop(
    server: Server, handler: Counting, patience: Patience = QUICK, tail: Tail | None = None, **more: Any
) -> BatchLoop[str, Any]:
    """The loop under test."""
    return BatchLoop(handler, server, server.publish, lambda: Rulebook([]), patience=patience, tail=tail, **more)


def records(values: Sequence[bytes]) -> list[Record]:
    """A batch of two partitions."""
    return [Record(TOPIC, n % 2, n // 2, value, b"key-%d" % n, 1_500_000_000_000 + n) for n, value in enumerate(values)]


def events(number: int) -> list[bytes]:
    """e0, e1, e2 ..."""
    return [b'{"id": "e%d"}' % n for n in range(number)]


def ids(numbers: Collection[int]) -> set[str]:
    """The same as effects are known by."""
    return {f"e{n}" for n in numbers}


async def test_one_bad_record_in_500_does_not_touch_the_other_499() -> None:
    """Each is decoded alone; the bad one is a dead letter with its reason, place and bytes, in the same transaction."""
    server, handler, values = Server(), Counting(), events(500)
    values[313] = b'{"id": '
    await loop(server, handler).run(records(values))
    assert set(server.collection("effects")) == ids(set(range(500)) - {313})
    assert server.sent == [f"e{n}" for n in range(500) if n != 313]
    (letter,) = server.collection("dead_letters").values()
    assert (letter["reason"], letter["value"], letter["key"], letter["status"]) == (
        "not_json",
        values[313],
        b"key-313",
        "open",
    )
    assert letter["origin"] == {"topic": TOPIC, "partition": 1, "offset": 156}
    assert handler.batches == [499]
    assert server.collection(OUTBOX) == {}


async def test_what_a_decoder_cannot_bear_and_what_is_not_for_us() -> None:
    """A bug in a decoder costs one record; a record for others costs nothing."""
    server = Server()
    await loop(server, Counting()).run(records([b"bug", b"pass", *events(2)]))
    assert set(server.collection("effects")) == ids({0, 1})
    assert [each["reason"] for each in server.collection("dead_letters").values()] == ["undecidable"]


async def test_a_poison_event_is_found_by_halving() -> None:
    """The others land; its letter says which event it was, and keeps the record."""
    server, handler, values = Server(), Counting(poison=["e13"]), events(50)
    await loop(server, handler).run(records(values))
    assert set(server.collection("effects")) == ids(set(range(50)) - {13})
    (letter,) = server.collection("dead_letters").values()
    assert letter["reason"] == "undecidable"
    assert "ZeroDivisionError" in letter["detail"]
    assert (letter["event"], letter["member"], letter["value"]) == ("/partners/grocer|e13", "m-1", values[13])
    # 50 is halved to 25, 12, 6, 3 and 1 on the way to number 13, and each other half is decided once.
    assert handler.batches == [50, 25, 12, 13, 6, 3, 1, 2, 1, 1, 3, 7, 25]


async def test_conflicts_try_the_whole_batch_twice_then_its_halves() -> None:
    """The third time it is decided in halves, so that two workers do not chase each other for ever."""
    server, handler = Server(), Counting()
    server.commits = [lambda: ConflictError("first"), lambda: ConflictError("second")]
    await loop(server, handler).run(records(events(8)))
    assert handler.batches == [8, 8, 4, 4]
    assert set(server.collection("effects")) == ids(range(8))
    assert sorted(server.sent) == sorted(ids(range(8)))


async def test_one_conflict_is_tried_again_whole() -> None:
    """What the other worker wrote meanwhile is seen on the second reading, and not done again."""
    server, handler = Server(), Counting()

    def another_was_first() -> None:
        server.documents["effects", "e2"] = {"_id": "e2"}

    server.commits = [another_was_first]
    await loop(server, handler).run(records(events(4)))
    assert handler.batches == [4, 4]
    assert server.sent == ["e0", "e1", "e3"]


async def test_an_outage_is_waited_out() -> None:
    """Three failures, then it works: everything once."""
    server, handler = Server(), Counting()
    server.commits = [lambda: OutageError("down")] * 3
    server.sends = [OutageError("broker down")] * 2
    await loop(server, handler).run(records(events(5)))
    assert handler.batches == [5, 5, 5, 5]
    assert server.sent == ["e0", "e1", "e2", "e3", "e4"]
    assert server.collection(OUTBOX) == {}


async def test_an_outage_that_lasts_ends_in_giving_up_with_nothing_half_done() -> None:
    """The process ends then; who comes next reads the same records again."""
    server = Server()
    server.commits = [lambda: OutageError("down")] * 9
    with pytest.raises(GaveUpError, match="down"):
        await loop(server, Counting(), IMPATIENT).run(records(events(5)))
    assert server.documents == {}
    assert server.sent == []
    server.commits = []
    await loop(server, Counting()).run(records(events(5)))
    assert server.sent == ["e0", "e1", "e2", "e3", "e4"]


async def test_a_commit_of_unknown_result_that_happened_is_announced_once() -> None:
    """Its announcements are in the outbox; deciding again finds duplicates and announces nothing more."""
    server, handler = Server(), Counting()
    server.after = [OutageError("no answer")]
    await loop(server, handler).run(records(events(3)))
    assert handler.batches == [3, 3]
    assert server.sent == ["e0", "e1", "e2"]
    assert server.collection(OUTBOX) == {}


@pytest.mark.parametrize("failure", [OutageError("broker down"), ValueError("a bug in a producer")])
async def test_what_is_committed_is_never_a_dead_letter(failure: Exception) -> None:
    """When publishing fails for good, the announcements stay in the outbox for whoever drains it."""
    server = Server()
    server.sends = [failure] * 2
    with pytest.raises(GaveUpError):
        await loop(server, Counting(), IMPATIENT).run(records(events(3)))
    assert server.collection("dead_letters") == {}
    assert len(server.collection(OUTBOX)) == 1
    server.sends = []
    await loop(server, Counting()).drain([f"{TOPIC}:1"])
    assert server.sent == ["e0", "e1", "e2"]
    assert server.collection(OUTBOX) == {}


async def test_with_a_tail_batches_are_announced_in_order() -> None:
    """Publishing one batch overlaps with deciding the next, and `idle` waits for all of it."""
    server, tail = Server(), Tail()
    each = loop(server, Counting(), tail=tail)
    batch = records(events(12))
    for start in (0, 4, 8):
        await each.run(batch[start : start + 4])
    await each.idle()
    assert server.sent == [f"e{n}" for n in range(12)]
    assert server.collection(OUTBOX) == {}
    await tail.close()


async def test_a_letter_is_written_once_however_often_its_record_is_read() -> None:
    """Nor is the partner told twice."""
    server = Server()
    for _ in range(3):
        await loop(server, Counting()).run(records([b"no", *events(1)]))
    assert len(server.collection("dead_letters")) == 1
    assert server.sent == ["e0"]


async def test_a_large_outbox_is_split(monkeypatch: pytest.MonkeyPatch) -> None:
    """A document must stay under MongoDB's 16 MiB: cut before that, all parts in order, all released."""
    server, taken = Server(), list[int]()

    async def publish(messages: Sequence[Message]) -> None:
        taken.extend(len(each["messages"]) for each in server.collection(OUTBOX).values())
        await Server.publish(server, messages)

    monkeypatch.setattr(server, "publish", publish)
    await loop(server, Counting(size=3_000_000)).run(records(events(5)))
    assert taken == [2, 2, 1]  # 8,000,000 bytes a document at most, the messages being 3,000,002 each
    assert server.sent == ["e0", "e1", "e2", "e3", "e4"]
    assert server.collection(OUTBOX) == {}


def test_one_message_larger_than_a_part_is_a_part() -> None:
    """It is never dropped; whether the broker takes it is the broker's to say."""
    large = [Message("out", "a", b"1"), Message("out", "b", bytes(outbox.MOST_BYTES + 1)), Message("out", "c", b"3")]
    documents = outbox.documents("counting", [f"{TOPIC}:0"], large)
    assert [[key for _, key, _, _ in each["messages"]] for each in documents] == [["a"], ["b"], ["c"]]
    assert [each["_id"] for each in documents] == sorted(each["_id"] for each in documents)


def test_the_outbox_keeps_what_must_not_be_overtaken() -> None:
    """A message that its record would yield again is kept where a kept one has the same topic and key."""
    passing, claimed = Message("out", "m-1", b"1", stored=False), Message("out", "m-1", b"2")
    other = Message("out", "m-2", b"3", stored=False)
    assert outbox.kept([passing, other, claimed]) == ([passing, claimed], frozenset({("out", "m-2")}))
    assert outbox.kept([passing, other]) == ([], frozenset({("out", "m-1"), ("out", "m-2")}))
