"""The engine with one mechanism taken out: each function removes one, for the test that it is needed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import count
from random import Random
from typing import Any

import pytest

from services.campaigns import domain as campaigns
from services.earn import accounts, entries, intake, ledger
from services.earn.consumers import IntakeHandler
from services.notify import domain as notify
from services.tiers import domain as tiers
from shared.events.decode import Refused
from shared.events.light import Occurrence
from shared.rules import referrals
from shared.rules.rulebook import Rulebook, Ruleset
from shared.runtime import outbox
from shared.runtime.batch import BatchLoop
from shared.runtime.memory import MemoryUnit
from shared.runtime.records import Decision, Item, Message, Record
from shared.runtime.store import Document
from tests.simulation.log import by_key

Patch = pytest.MonkeyPatch


def journal_blinded(patch: Patch) -> None:
    """The journal no longer knows an event again: each reading is filed under a key of its own."""
    real, number = entries.entry, count()

    def entry(event: Any, raw: bytes) -> entries.Entry:
        made = real(event, raw)
        return made._replace(key=f"{made.key}#{next(number)}")

    patch.setattr(entries, "entry", entry)


def all_admitted(patch: Patch) -> None:
    """Downstream no longer remembers which announcements of a member it has applied."""

    def admit(document: Document, seq: int) -> bool:
        return True

    patch.setattr(tiers, "admit", admit)
    patch.setattr(campaigns, "admit", admit)


def nothing_kept(patch: Patch) -> None:
    """Announcements are published after the commit, but not committed with it."""

    def kept(messages: Sequence[Message]) -> tuple[list[Message], frozenset[tuple[str, str]]]:
        return [], frozenset()

    patch.setattr(outbox, "kept", kept)


def kept_alone(patch: Patch) -> None:
    """The outbox keeps what no record yields again, and lets it overtake the same member's other messages."""

    def kept(messages: Sequence[Message]) -> tuple[list[Message], frozenset[tuple[str, str]]]:
        return [message for message in messages if message.stored], frozenset()

    patch.setattr(outbox, "kept", kept)


def no_placeholders(patch: Patch) -> None:
    """An event that waits no longer writes the names it waits for, so a signup at the same moment misses it."""
    real = IntakeHandler.decide

    def decide(self: IntakeHandler, state: Any, items: Sequence[Item[Any]], book: Rulebook) -> Decision:
        decision = real(self, state, items, book)
        for writes in (decision.inserts, decision.replaces):
            found = [each for each in writes.pop(intake.IDENTITIES, []) if each["member"] is not None]
            if found:
                writes[intake.IDENTITIES] = found
        return decision

    patch.setattr(IntakeHandler, "decide", decide)


def single_entry(patch: Patch) -> None:
    """Points come from nowhere: the issuer's side of a posting is left out."""
    real = accounts.of
    patch.setattr(accounts, "of", lambda *of: real(*of)[::2])


def last_writer_wins(patch: Patch) -> None:
    """A commit no longer looks whether what it read has changed meanwhile."""

    async def commit(
        self: MemoryUnit, inserts: Mapping[str, Sequence[Document]], replaces: Mapping[str, Sequence[Document]]
    ) -> None:
        for writes in (inserts, replaces):
            for collection, documents in writes.items():
                self._store.documents.update({(collection, str(each["_id"])): each for each in documents})

    patch.setattr(MemoryUnit, "commit", commit)


def decoded_together(patch: Patch) -> None:
    """A batch is decoded as a whole: one record that is none refuses them all."""
    real = BatchLoop._decode

    async def run(self: BatchLoop[Any, Any], records: Sequence[Record]) -> None:
        decoded = [(record, real(self, record)) for record in records]
        bad = next((event for _, event in decoded if isinstance(event, Refused)), None)
        items = [Item(record, bad or event) for record, event in decoded if event is not None]
        if items:
            await self._settle(items)

    patch.setattr(BatchLoop, "run", run)


def rules_by_arrival(patch: Patch) -> None:
    """The rules of the latest time heard of so far, instead of those of the event's own time."""
    real, heard = Rulebook.at, list[datetime]()

    def at(self: Rulebook, moment: datetime) -> Ruleset:
        heard[:] = [max([*heard, moment])]
        return real(self, heard[0])

    patch.setattr(Rulebook, "at", at)


def scattered(topic: str, key: bytes, partitions: int) -> int:
    """A partitioner that forgets the key on our own topics: two workers then share a member."""
    return by_key(topic, key, partitions) if topic.startswith("partner.") else _DICE.randrange(partitions)


_DICE = Random(5)


def news_not_held(patch: Patch) -> None:
    """News of somebody whose signup has not been heard of yet is dropped."""
    real = notify.Notifications.take

    def take(self: notify.Notifications, item: Item[Any]) -> None:
        real(self, item)
        for member in self._members.values():
            member["held"] = []

    patch.setattr(notify.Notifications, "take", take)


def rewards_never_taken_back(patch: Patch) -> None:
    """What a referral was once rewarded with stays, whatever becomes known of the friend later."""
    real = referrals._same
    patch.setattr(referrals, "_same", lambda held, due: held is not None or real(held, due))


def first_heard_referral_counts(patch: Patch) -> None:
    """The first referral and the first purchase that are heard of count, not the earliest ones."""

    def seen(event: Occurrence) -> Document:
        return {"time": event.time.isoformat(), "source": event.source, "id": event.id}

    def keep_referral(friend: Document, event: Occurrence, advocate: str) -> None:
        friend.setdefault("referral", seen(event) | {"advocate": advocate})

    def keep_first(friend: Document, event: Occurrence) -> bool:
        return "first_purchase" not in friend and bool(friend.setdefault("first_purchase", seen(event)))

    patch.setattr(referrals, "_keep_referral", keep_referral)
    patch.setattr(referrals, "_keep_first", keep_first)


def members_by_chance(patch: Patch) -> None:
    """A member's id no longer follows from the event that brought them. The same chance every time."""
    chance = Random(6)
    patch.setattr(intake, "mint_member", lambda key: f"m-{chance.getrandbits(80):020x}")


def never_drained(patch: Patch) -> None:
    """A worker that starts leaves its predecessor's outbox alone."""

    async def drain(self: BatchLoop[Any, Any], places: Collection[str]) -> None:
        await self.idle()

    patch.setattr(BatchLoop, "drain", drain)


def not_halved(patch: Patch) -> None:
    """A batch that cannot be decided is not taken apart."""

    async def halves(self: BatchLoop[Any, Any], items: Sequence[Item[Any]]) -> None:
        raise RuntimeError("a batch that cannot be decided")

    patch.setattr(BatchLoop, "_halves", halves)


def poisoned(patch: Patch, mark: bytes) -> None:
    """Not a mechanism but a bug: the ledger cannot decide events whose bytes hold a mark."""
    real = ledger.Ledger._entry

    def take(self: ledger.Ledger, item: Item[entries.Entry]) -> None:
        if mark in item.event.raw:
            raise ValueError("poison")
        real(self, item)

    patch.setattr(ledger.Ledger, "_entry", take)
