"""Follows the `definitions` topic: every worker reads it all, and decides by complete rulebooks only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import ValidationError

from shared.events.definitions import DEFINITIONS_INPUT, DefinitionRecord
from shared.events.topics import DEFINITIONS
from shared.logs import log
from shared.rules.definition import DEFINITION, Definition
from shared.rules.engines.engine import Engine
from shared.rules.engines.own import OWN
from shared.rules.rulebook import Rulebook


class Shelf:
    """What the topic has said so far, and the latest rulebook that is complete: pure, fed record by record.

    A manifest names each definition with its newest version; until all of those have arrived the shelf keeps giving
    the book it had, so that a change of ten definitions is seen whole or not at all.
    """

    def __init__(self, engine: Engine = OWN) -> None:
        self._engine = engine
        self._versions: dict[str, dict[int, Definition]] = {}
        self._manifest: dict[str, int] = {}
        self.book: Rulebook | None = None
        self.raw: dict[str, DefinitionRecord] = {}

    def add(self, value: bytes) -> bool:
        """Takes one record; True when a new complete rulebook is there."""
        record = DEFINITIONS_INPUT.validate_json(value)
        if isinstance(record, DefinitionRecord):
            self.raw[record.data.id] = record
            self._versions[record.data.id] = {
                each.version: DEFINITION.validate_python(each.body) for each in record.data.versions
            }
        else:
            self._manifest = record.data.definitions
        return self._complete()

    def _complete(self) -> bool:
        if not self._manifest:
            return False
        if any(version not in self._versions.get(id_, {}) for id_, version in self._manifest.items()):
            return False
        versions = [
            each
            for id_, newest in self._manifest.items()
            for version, each in self._versions[id_].items()
            if version <= newest
        ]
        book = Rulebook(versions, self._engine)
        if self.book is not None and book.revision == self.book.revision:
            return False
        self.book = book
        return True


async def read_shelf(bootstrap: str, prefix: str = "") -> Shelf:
    """What the topic holds now, read once to its end."""
    place, shelf = TopicPartition(prefix + DEFINITIONS, 0), Shelf()
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([place])
        end = (await consumer.end_offsets([place]))[place]
        while await consumer.position(place) < end:
            for records in (await consumer.getmany(timeout_ms=1_000)).values():
                for record in records:
                    if record.value:
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

    async def ready(self) -> None:
        """Returns when a complete programme is known: nobody decides anything before that."""
        waiting = 0
        while not self._ready.is_set():
            try:
                await asyncio.wait_for(self._ready.wait(), 10)
            except TimeoutError:
                waiting += 10
                log.warning("waiting for a programme on the definitions topic", topic=self._topic, seconds=waiting)

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
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap, auto_offset_reset="earliest", enable_auto_commit=False, group_id=None
        )
        await consumer.start()
        try:
            consumer.assign([TopicPartition(self._topic, 0)])
            while True:
                batches = await consumer.getmany(timeout_ms=1_000)
                for record in (record for batch in batches.values() for record in batch):
                    if record.value:
                        self._take(record.value)
        finally:
            await consumer.stop()

    def _take(self, value: bytes) -> None:
        try:
            changed = self.shelf.add(value)
        except (ValidationError, ValueError) as error:
            # A definition that this release cannot read must not stop the ones it can: the old book stays in force.
            log.error("definition not understood; the rulebook stays as it was", error=str(error)[:500])
            return
        if changed:
            log.info("rulebook", revision=self.book.revision, versions=len(self.book.versions))
            self._ready.set()
            if self._on_book is not None:
                self._on_book(self.book)
