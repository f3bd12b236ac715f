"""What services log: one JSON object a line, libraries' lines too, and nothing of a member in any of them."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest
import structlog
from pymongo.errors import DuplicateKeyError

from services.earn.consumers import IntakeHandler
from services.earn.intake import Arrival, IntakeState
from shared.events.decode import Refused
from shared.logs import configure, log
from shared.rules.rulebook import Rulebook
from shared.runtime.batch import BatchLoop, Patience
from shared.runtime.memory import MemoryStore, MemoryUnit
from shared.runtime.mongo import translated
from shared.runtime.records import Decision, Item, Message, Record
from shared.runtime.store import Document, GaveUpError, OutageError

PERSON = {"name": "Ann Example", "email": "ann@example.com", "phone": "+84900000001"}
TOPIC = "partner.grocer"


class Lines(io.StringIO):
    """What was written, line by line."""

    def all(self) -> list[dict[str, Any]]:
        return [json.loads(each) for each in self.getvalue().splitlines()]

    def one(self) -> dict[str, Any]:
        [line] = self.all()
        return line

    def holds_nobody(self) -> bool:
        return not any(value in self.getvalue() for value in PERSON.values())


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lines]:
    """Logging as a service sets it up, written here; everything as it was afterwards."""
    lines, root, before = Lines(), logging.getLogger(), structlog.get_config()
    level = root.level
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(sys, "stderr", lines)
    configure("json", service="earn", worker=3)
    yield lines
    root.setLevel(level)
    structlog.configure(**before)
    structlog.contextvars.unbind_contextvars("service", "worker")


def signup(id_: str) -> bytes:
    """A signup with everything that is personal."""
    return orjson.dumps({
        "specversion": "1.0", "id": id_, "source": "/partners/grocer", "type": "loyalty.signup.v1",
        "time": "2017-01-01T00:00:00-05:00",
        "data": {
            "member": {"reference": "900", "email": PERSON["email"], "phone": PERSON["phone"]},
            "profile": {"name": PERSON["name"]},
        },
    })  # fmt: skip


def records(*values: bytes) -> list[Record]:
    """A batch."""
    return [Record(TOPIC, 0, n, value, b"900", 1_483_549_200_000) for n, value in enumerate(values)]


class Poisoned(IntakeHandler):
    """Intake with a bug that quotes the event it stumbles over."""

    def decide(self, state: IntakeState, items: Sequence[Item[Arrival]], book: Rulebook) -> Decision:
        raise ValueError(f"what to do with {[item.event.event for item in items]}?")


class Undecodable(IntakeHandler):
    """Intake with a bug that quotes the bytes it cannot read."""

    def decode(self, record: Record) -> Arrival | Refused:
        raise KeyError(record.value.decode())


class Conflicting(MemoryStore):
    """A database in which somebody else is always first, and that quotes the key, as MongoDB does."""

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[MemoryUnit]:
        yield _Taken(self)


class _Taken(MemoryUnit):
    async def commit(
        self, inserts: Mapping[str, Sequence[Document]], replaces: Mapping[str, Sequence[Document]]
    ) -> None:
        with translated():
            text = f"E11000 duplicate key error, dup key: {{ _id: 'email:{PERSON['email']}' }}"
            raise DuplicateKeyError(text, 11000, {"keyValue": {"_id": f"email:{PERSON['email']}"}})


async def settle(handler: IntakeHandler, store: MemoryStore, *values: bytes, publish: Any = None) -> None:
    """One batch, with little patience."""

    async def nowhere(messages: Sequence[Message]) -> None:
        return

    patience = Patience(outage_s=0.0, conflict_s=0.0, first_wait_s=0.0, longest_wait_s=0.0)
    loop: BatchLoop[Any, Any] = BatchLoop(handler, store, publish or nowhere, lambda: Rulebook([]), patience=patience)
    await loop.run(records(*values))


async def test_a_poison_record_is_told_without_what_it_holds(logged: Lines) -> None:
    store = MemoryStore()
    await settle(Poisoned(), store, signup("s-1"))
    assert len(store.collection("dead_letters")) == 1
    line = logged.one()
    assert (line["event"], line["level"], line["error"]) == ("poison record", "error", "ValueError")
    assert (line["place"], line["offset"], line["service"], line["worker"]) == (f"{TOPIC}:0", 0, "earn", 3)
    assert logged.holds_nobody()


async def test_a_decoders_fault_is_told_without_what_it_read(logged: Lines) -> None:
    await settle(Undecodable(), MemoryStore(), signup("s-1"))
    line = logged.one()
    assert (line["event"], line["error"]) == ("decode failed", "KeyError")
    assert line["frames"][-1].endswith(" decode")
    assert logged.holds_nobody()


async def test_a_conflict_is_told_without_its_key(logged: Lines) -> None:
    """Nor does what gives up in the end say whom it was about: that text is logged by whoever ends the process."""
    with pytest.raises(GaveUpError) as raised:
        await settle(IntakeHandler(), Conflicting(), signup("s-1"), signup("s-2"))
    log.critical("consumer gave up; the process ends", error=str(raised.value))
    assert logged.one()["error"] == "gave up after 0 s: a document exists already"
    assert logged.holds_nobody()


async def test_an_outage_is_told_without_what_was_to_be_sent(logged: Lines) -> None:
    waiting: list[bytes] = []

    async def publish(messages: Sequence[Message]) -> None:
        waiting.extend(message.value for message in messages)
        raise OutageError("publishing: no broker")

    with pytest.raises(GaveUpError, match="no broker"):
        await settle(IntakeHandler(), MemoryStore(), signup("s-1"), publish=publish)
    assert PERSON["email"].encode() in b"".join(waiting)
    assert logged.holds_nobody()


async def test_a_refusal_is_not_logged_at_all(logged: Lines) -> None:
    """It is a dead letter, with its bytes in the database; a partner's errors are no operator's news."""
    store = MemoryStore()
    await settle(IntakeHandler(), store, signup("s-1").replace(b"signup", b"sign"), signup("s-1")[:-9])
    assert len(store.collection("dead_letters")) == 2
    assert logged.getvalue() == ""


def test_a_library_that_brought_its_own_handler_loses_it(logged: Lines) -> None:
    """FastStream does, when it is imported, and writes errors whole with it."""
    own = logging.getLogger("library-with-a-handler")
    own.propagate = False
    own.setLevel(logging.DEBUG)
    own.addHandler(logging.StreamHandler(logged))
    configure("json", service="earn", worker=3)
    own.info("below what operators must see")
    assert (own.handlers, own.propagate, logged.getvalue()) == ([], True, "")


def test_a_librarys_line_has_our_form(logged: Lines) -> None:
    logging.getLogger("aiokafka.consumer.fetcher").warning("Failed fetch messages from %s: %s", 1, KeyError("ann"))
    logging.getLogger("aiokafka.consumer.fetcher").info("below what operators must see")
    line = logged.one()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "Failed fetch messages from 1: KeyError",
        "level": "warning",
        "logger": "aiokafka.consumer.fetcher",
        "service": "earn",
        "worker": 3,
    }


def test_a_librarys_thread_writes_whose_line_it_is(logged: Lines) -> None:
    """Breaks when only the context, which a library's thread does not have, knows service and worker."""
    thread = threading.Thread(target=lambda: logging.getLogger("pymongo").error("away"))
    thread.start()
    thread.join()
    assert (logged.one()["service"], logged.one()["worker"]) == ("earn", 3)


def test_a_librarys_error_is_its_type_and_frames(logged: Lines) -> None:
    try:
        raise ValueError(f"cannot send {PERSON}")
    except ValueError as error:
        logging.getLogger("faststream").exception("Exception in handler\n%s", error)
        logging.getLogger("faststream").error(error)
    first, second = logged.all()
    assert (first["event"], first["error"]) == ("Exception in handler", "ValueError")
    assert first["frames"][-1].endswith(" test_a_librarys_error_is_its_type_and_frames")
    assert second["event"] == "ValueError"
    assert logged.holds_nobody()


async def test_an_error_that_nobody_awaited_is_its_type_and_frames(logged: Lines) -> None:
    """asyncio writes the error into its message, too."""

    async def fails() -> None:
        raise ValueError(f"cannot send {PERSON}")

    task = asyncio.ensure_future(fails())
    await asyncio.wait([task])
    asyncio.get_running_loop().default_exception_handler({
        "message": "Task exception was never retrieved", "future": task, "exception": task.exception(),
    })  # fmt: skip
    line = logged.one()
    assert (line["event"], line["error"]) == ("Task exception was never retrieved", "ValueError")
    assert logged.holds_nobody()


def test_a_traceback_that_comes_as_text_is_its_type_and_frames(logged: Lines) -> None:
    """So uvicorn tells of an application that does not start."""
    logging.getLogger("uvicorn.error").error(
        "Traceback (most recent call last):\n"
        '  File "/app/lifespan.py", line 7, in start\n'
        "    await self.begin()\n"
        '  File "/app/begin.py", line 9, in begin\n'
        "    raise KafkaConnectionError(who)\n"
        f"aiokafka.errors.KafkaConnectionError: no broker for {PERSON['name']}\n{PERSON['email']}\n"
    )
    line = logged.one()
    assert line["error"] == "KafkaConnectionError"
    assert line["frames"] == ["/app/lifespan.py:7 start", "/app/begin.py:9 begin"]
    assert logged.holds_nobody()


def test_as_text_a_librarys_line_looks_like_ours_too(logged: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", logged)  # pytest has put its own back since the fixture
    configure("text", service="earn", worker=3)
    logging.getLogger("pymongo").warning("away")
    assert "[warning  ] away" in logged.getvalue()
    assert "[pymongo]" in logged.getvalue()
