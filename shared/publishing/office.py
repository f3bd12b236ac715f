"""The publishing office: carries a publication out, in the registry first, then on the topic.

Every publication writes the registry's head in its transaction: two at once conflict, and the second is decided again
on what the first has left. What a crash leaves unannounced, the next publication or campaigns' next start announces.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.logs import log
from shared.publishing.difference import difference
from shared.publishing.edition import Draft, NewVersion, Signature, joined
from shared.publishing.plan import Request, needs_approval, plan, plan_start
from shared.publishing.proposals import OPEN, PUBLISHED, approved, closed, planned_of, proposed
from shared.publishing.registry import (
    COLLECTIONS,
    HEAD,
    PROPOSALS,
    REGISTRY,
    Document,
    RefusedError,
    Registry,
    announcements,
    learned,
    merged,
)
from shared.rules.definition import KINDS
from shared.runtime.follower import read_shelf
from shared.runtime.mongo import MongoStore, connect
from shared.runtime.publisher import Publisher
from shared.runtime.records import Message
from shared.runtime.service import database_name
from shared.runtime.store import ConflictError, OutageError, Store, Unit
from shared.runtime.topics import ensure_internal
from shared.settings import Settings

Publish = Callable[[Sequence[Message]], Awaitable[None]]
# A publisher that was killed in its transaction keeps the head locked until MongoDB ends it: a minute or so.
_PATIENCE_S: Final = 110.0
_HEAD: Final = "head"
_CAMPAIGNS: Final = "campaigns"
_AT_START: Final = "as the files say, when campaigns started"


@dataclass(frozen=True, slots=True)
class State:
    """What is published: `registry` with what only the topic knew; `behind` are the documents that this changes."""

    registry: dict[str, Document]
    behind: dict[str, Document]
    held: frozenset[str]
    head: Document | None


@dataclass(frozen=True, slots=True)
class Change:
    """What a decision writes: new versions with their signature; a proposal that is new, or closed by them.

    proposal: the id under which it waits, also where exactly this was proposed already.
    """

    new: Sequence[NewVersion] = ()
    signature: Signature | None = None
    proposal: str | None = None
    propose: Document | None = None
    close: Document | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: the versions that are published, or the id of the proposal that waits for approval.

    revision: of the manifest that was announced; None of a proposal.
    """

    new: Sequence[NewVersion] = ()
    proposal: str | None = None
    revision: str | None = None


class UnannouncedError(OutageError):
    """The registry has it, and Kafka did not take it: whoever publishes next announces it too."""


class Office:
    """One publisher at work.

    publish: sends announcements, in order; topic: what the `definitions` topic knew when we came.
    """

    def __init__(self, store: Store, publish: Publish, prefix: str = "", topic: Registry | None = None) -> None:
        self._store = store
        self._publish = publish
        self._prefix = prefix
        self._topic = topic or {}

    async def registry(self) -> dict[str, Document]:
        """Everything that is published, by id."""
        async with self._store.unit() as unit:
            return (await self._state(unit)).registry

    async def proposals(self) -> list[Document]:
        """Every proposal, the oldest first."""
        async with self._store.unit() as unit:
            found = await unit.find(PROPOSALS, "status", [OPEN, PUBLISHED])
        return sorted(found, key=lambda each: (str(each["created"]), str(each["_id"])))

    async def proposal(self, id_: str) -> Document:
        """One proposal. Raises RefusedError where there is none of this id."""
        async with self._store.unit() as unit:
            return await _proposal(unit, id_)

    async def start(self, drafts: Sequence[Draft], now: datetime) -> Done:
        """Publishes what a programme's files say, when campaigns starts. Raises RefusedError or DefinitionError.

        Where the programme asks for a second person, files publish nothing: what they say otherwise is only told.
        """

        async def decide(_: Unit, state: State) -> Change:
            if needs_approval(state.registry, now):
                differing = difference(drafts, state.registry, whole=False)
                ids = [id_ for id_, _ in differing.added] + [each.id for each in differing.changed]
                if ids:
                    log.warning("files differ from what is published and need approval: `rules publish`", ids=ids)
                return Change()
            planned = plan_start(drafts, state.registry)
            for warning in planned.warnings:
                log.warning("worth a look before the rules are in force", fault=str(warning))
            return Change(planned.new, Signature(_CAMPAIGNS, _AT_START, now))

        change = await self._carried(decide)
        return Done(tuple(change.new), revision=await self.announce())

    async def publish(self, request: Request, now: datetime) -> Done:
        """Publishes, or stores a proposal where the programme asks for a second person. Raises ProgrammeError."""

        async def decide(unit: Unit, state: State) -> Change:
            planned = plan(request, state.registry, now)
            if not planned.new:
                return Change()
            if not planned.needs_approval:
                return Change(planned.new, Signature(request.author, request.note, now))
            proposal = proposed(request, planned, now)
            known = await unit.get(PROPOSALS, [proposal["_id"]])
            return Change(proposal=proposal["_id"], propose=None if known else proposal)

        change = await self._carried(decide)
        if change.proposal is not None:
            return Done(proposal=change.proposal)
        return Done(tuple(change.new), revision=await self.announce())

    async def approve(self, id_: str, approver: str, now: datetime) -> Done:
        """Publishes exactly what was proposed. Raises RefusedError: unknown, stale, the author's own, or too late."""

        async def decide(unit: Unit, state: State) -> Change:
            proposal = await _proposal(unit, id_)
            request = approved(proposal, state.registry, approver)
            planned = planned_of(proposal, request, state.registry, now)
            signature = Signature(request.author, request.note, now, approver)
            return Change(planned.new, signature, close=closed(proposal, approver, now))

        change = await self._carried(decide)
        return Done(tuple(change.new), revision=await self.announce())

    async def announce(self) -> str:
        """Brings the topic up to the registry; returns the manifest's revision. Raises UnannouncedError.

        Until it is what the registry says still: somebody else may have committed, and announced, in between.
        """
        while True:
            messages, revision = announcements(await self.registry(), self._prefix)
            try:
                await self._publish(messages)
            except OutageError as outage:
                raise UnannouncedError(str(outage)) from outage
            if announcements(await self.registry(), self._prefix)[1] == revision:
                return revision

    async def _carried(self, decide: Callable[[Unit, State], Awaitable[Change]]) -> Change:
        """Decides and commits; where another publisher was quicker, decides again on what they have left."""
        clock = asyncio.get_running_loop().time
        until = clock() + _PATIENCE_S
        while True:
            try:
                async with self._store.unit() as unit:
                    state = await self._state(unit)
                    change = await decide(unit, state)
                    await _commit(unit, state, change)
                    return change
            except ConflictError as conflict:
                if clock() > until:
                    raise RefusedError("others publish without a pause, or one was killed: try again") from conflict
                await asyncio.sleep(0.05 + 0.2 * random.random())

    async def _state(self, unit: Unit) -> State:
        head = (await unit.get(HEAD, [_HEAD])).get(_HEAD)
        held = {each["_id"]: each for each in await unit.find(REGISTRY, "kind", list(KINDS))}
        # Of a kind that only a newer release knows: its definitions stay in the registry and on the topic.
        held |= await unit.get(REGISTRY, [] if head is None else [id_ for id_ in head["ids"] if id_ not in held])
        registry, behind = merged(held, self._topic)
        return State(registry, behind, frozenset(held), head)


async def _commit(unit: Unit, state: State, change: Change) -> None:
    inserts: dict[str, list[Document]] = {}
    replaces: dict[str, list[Document]] = {}
    documents = dict(state.behind)
    if change.signature is not None:
        documents |= joined(state.registry, change.new, change.signature)
    for id_, document in documents.items():
        (replaces if id_ in state.held else inserts).setdefault(REGISTRY, []).append(document)
    if documents:
        number = 1 if state.head is None else state.head["number"] + 1
        head = {"_id": _HEAD, "number": number, "ids": sorted({*state.registry, *documents})}
        (inserts if state.head is None else replaces)[HEAD] = [head]
    if change.propose is not None:
        inserts[PROPOSALS] = [change.propose]
    if change.close is not None:
        replaces[PROPOSALS] = [change.close]
    if inserts or replaces:
        await unit.commit(inserts, replaces)


async def _proposal(unit: Unit, id_: str) -> Document:
    found = (await unit.get(PROPOSALS, [id_])).get(id_)
    if found is None:
        raise RefusedError(f"no proposal is called {id_}: `doublestar rules proposals` lists them")
    return found


@asynccontextmanager
async def opened(settings: Settings, *, announcing: bool = True) -> AsyncIterator[Office]:
    """An office on the settings' servers, closed afterwards; without `announcing` it only reads, and asks no Kafka."""
    client = connect(settings.mongo_url(), f"doublestar-{settings.prefix}rules")
    publisher = Publisher(settings.kafka_url() if announcing else "", settings.prefix, replicas=settings.replicas)
    try:
        store = MongoStore(client, database_name(_CAMPAIGNS, settings))
        if announcing:
            await store.prepare(COLLECTIONS)
            await ensure_internal(settings)
        topic = learned((await read_shelf(settings.kafka_url(), settings.prefix)).raw) if announcing else {}
        yield Office(store, publisher.publish, settings.prefix, topic)
    finally:
        await publisher.close()
        await client.close()
