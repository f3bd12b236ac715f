"""Follows the `definitions` topic: every worker reads it all, and decides by complete rulebooks only."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from aiokafka import TopicPartition
from pydantic import ValidationError

from shared.events.definitions import DEFINITIONS_INPUT, DefinitionRecord
from shared.events.topics import DEFINITIONS
from shared.logs import log
from shared.rules.definition import Definition, Programme
from shared.rules.engines.engine import Engine
from shared.rules.engines.own import OWN
from shared.rules.reading import readable
from shared.rules.rulebook import Rulebook
from shared.rules.usable import uncompiled
from shared.runtime.braking import brake
from shared.runtime.reach import Reach
from shared.runtime.reading import fetching_ended, reader


class Shelf:
    """What the topic has said so far, and the latest rulebook that is complete: pure, fed record by record.

    A manifest names each definition with its newest version; until all of those have arrived the shelf keeps giving
    the book it had, so that a change of ten definitions is seen whole or not at all. A kind or field that only a newer
    release knows stops nobody: such a version is left out, and `unreadable` names it. Nor does one that cannot be
    compiled, or put into an order with the others: `unusable` says why. Versions are never taken back, so a record that
    knows less than another did is an older one, of a publisher that was overtaken, and ignored.
    """

    def __init__(self, engine: Engine = OWN) -> None:
        self._engine = engine
        self._versions: dict[str, dict[int, Definition | None]] = {}
        self._manifest: dict[str, int] = {}
        self.book: Rulebook | None = None
        self.raw: dict[str, DefinitionRecord] = {}
        self.unreadable: list[str] = []  # versions that this release does not understand, as `base v3`
        self.unusable: dict[str, str] = {}  # those that it understands and cannot use, and why
        self._uncompiled: dict[str, str] = {}

    @property
    def left_out(self) -> list[str]:
        """Published versions that are not in force here, for whatever reason."""
        return [*self.unreadable, *self.unusable]

    def add(self, value: bytes) -> bool:
        """Takes one record; True when a new complete rulebook is there."""
        record = DEFINITIONS_INPUT.validate_json(value)
        if isinstance(record, DefinitionRecord):
            known = self._versions.setdefault(record.data.id, {})
            new = {each.version: self._read(each.body) for each in record.data.versions if each.version not in known}
            if new:
                known.update(new)
                self.raw[record.data.id] = record
            # What no manifest names yet changes nothing: a programme of thousands is not compiled record by record.
            return any(version <= self._manifest.get(record.data.id, 0) for version in new) and self._complete()
        if all(version <= record.data.definitions.get(id_, 0) for id_, version in self._manifest.items()):
            self._manifest = record.data.definitions
            return self._complete()
        return False

    def _read(self, body: Mapping[str, Any]) -> Definition | None:
        known = readable(body)
        why = None if known is None else uncompiled(known)
        if known is None or why is None:
            return known
        self._uncompiled[f"{known.id} v{known.version}"] = why
        return None

    def _published(self) -> Iterator[tuple[str, int, Definition | None]]:
        for id_, newest in self._manifest.items():
            for version, each in self._versions.get(id_, {}).items():
                if version <= newest:
                    yield id_, version, each

    def _complete(self) -> bool:
        if any(version not in self._versions.get(id_, {}) for id_, version in self._manifest.items()):
            return False
        missing = [f"{id_} v{version}" for id_, version, each in self._published() if each is None]
        self.unreadable = [each for each in missing if each not in self._uncompiled]
        failed = {each: self._uncompiled[each] for each in missing if each in self._uncompiled}
        versions = ((id_, each) for id_, record in self.raw.items() for each in record.data.versions)
        since = {(id_, each.version): each.published for id_, each in versions if each.published is not None}
        book = Rulebook((each for _, _, each in self._published() if each is not None), self._engine, since)
        self.unusable = failed | {each.name: each.why for each in book.left_out}
        if not any(isinstance(each, Programme) for each in book.versions):
            return False  # without one it could decide nothing at all
        if self.book is not None and book.revision == self.book.revision:
            return False
        self.book = book
        return True


async def read_shelf(bootstrap: str, prefix: str = "") -> Shelf:
    """What the topic holds now, read once to its end."""
    place, shelf = TopicPartition(prefix + DEFINITIONS, 0), Shelf()
    consumer = reader(bootstrap)
    await consumer.start()
    try:
        consumer.assign([place])
        end = (await consumer.end_offsets([place]))[place]
        while await consumer.position(place) < end:
            for records in (await consumer.getmany(timeout_ms=1_000)).values():
                for record in records:
                    if record.value:
                        with contextlib.suppress(ValidationError):  # what no release of ours wrote
                            shelf.add(record.value)
    finally:
        await consumer.stop()
    return shelf


class Follower:
    """Keeps a shelf up to date in the background."""

    def __init__(
        self,
        bootstrap: str,
        prefix: str = "",
        on_book: Callable[[Rulebook], None] | None = None,
        engine: Engine = OWN,
    ) -> None:
        self._bootstrap = bootstrap
        self._topic = prefix + DEFINITIONS
        self._on_book = on_book
        self._ready = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._consumer: Any = None
        self._left_out: list[str] = []
        self._unusable: dict[str, str] = {}
        self.shelf = Shelf(engine)

    @property
    def book(self) -> Rulebook:
        """The rulebook in use; only after `ready`."""
        if self.shelf.book is None:
            raise RuntimeError("no complete programme was published yet")
        return self.shelf.book

    async def start(self) -> None:
        """Begins to follow."""
        self._task = asyncio.create_task(self._follow(), name="definitions")

    async def ready(self, outage_s: float) -> None:
        """Returns when a complete programme is known: nobody decides anything before that.

        Raises GaveUpError when the broker does not answer for that long.
        """
        gone = asyncio.get_running_loop().create_future()
        reach = Reach("definitions", self._ask, outage_s, gone.set_exception)
        reach.start()
        known, waiting = asyncio.create_task(self._ready.wait()), 0
        try:
            while not (await asyncio.wait({known, gone}, timeout=10, return_when=asyncio.FIRST_COMPLETED))[0]:
                waiting += 10
                log.warning("waiting for a programme on the definitions topic", topic=self._topic, seconds=waiting)
            if gone.done():
                gone.result()
        finally:
            known.cancel()
            await reach.stop()

    async def _ask(self) -> None:
        if self._consumer is None:
            raise OSError("not connected")
        await self._consumer.end_offsets([TopicPartition(self._topic, 0)])

    async def stop(self) -> None:
        """Ends following."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            try:
                await self._read()
            except Exception as error:  # whatever it is, a stale rulebook must not be followed in silence
                log.error("definitions: reading again", error=repr(error)[:200])
                await asyncio.sleep(1)

    async def _read(self) -> None:
        consumer = reader(self._bootstrap)
        await consumer.start()
        brake(consumer)
        self._consumer = consumer
        try:
            consumer.assign([TopicPartition(self._topic, 0)])
            while True:
                batches = await consumer.getmany(timeout_ms=1_000)
                if fetching_ended(consumer):
                    raise RuntimeError("the Kafka client has stopped fetching")
                for record in (record for batch in batches.values() for record in batch):
                    if record.value:
                        self._take(record.value)
        finally:
            self._consumer = None
            await consumer.stop()

    def _take(self, value: bytes) -> None:
        try:
            changed = self.shelf.add(value)
        except (ValidationError, ValueError) as error:
            # A record that nobody can read must not stop what can be read: the old book stays in force.
            log.error("record of definitions not understood; the rulebook stays as it was", error=str(error)[:500])
            return
        if self.shelf.unreadable != self._left_out:
            self._left_out = self.shelf.unreadable
            log.error("versions of a newer release are left out: upgrade", versions=self._left_out[:20])
        if self.shelf.unusable != self._unusable:
            self._unusable = self.shelf.unusable
            for version, why in self._unusable.items():
                log.error("a version cannot be used and is left out: publish it otherwise", version=version, why=why)
        if changed:
            log.info("rulebook", revision=self.book.revision, versions=len(self.book.versions))
            self._ready.set()
            if self._on_book is not None:
                self._on_book(self.book)
