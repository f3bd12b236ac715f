"""Dead letters: what a refused record leaves behind, and how its partner is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import orjson

from shared.events.topics import PARTNER_PREFIX, rejections_topic
from shared.runtime.originals import Fetch
from shared.runtime.records import Decision, Letter, Message, Record
from shared.runtime.store import DEAD_LETTERS, Document, Unit

WALL: Final = timedelta()
# A replay that is published and not marked yet may be refused anew before the mark; else it would stay unseen.
_SENT: Final = ("replaying", "replayed")


async def add(
    unit: Unit,
    decision: Decision,
    consumer: str,
    found: Sequence[Letter],
    originals: Fetch,
    prefix: str,
    ahead: timedelta = WALL,
) -> None:
    """Dead letters join a batch's decision, each with its partner's own record, and so do the rejections.

    One that is there already (its record is read again) is left as it is; one that was replayed and is refused anew
    is open again. ahead: of the broker's clock, by which records came, so that all of it is told by the clock that all
    else goes by. Raises OutageError when the broker does not answer for a partner's record.
    """
    by_place = {letter.origin.key: letter for letter in found}
    # By place, not by id: what intake refused while its member was unknown, the ledger would refuse once more.
    known = {each["place"]: each for each in await unit.find(DEAD_LETTERS, "place", list(by_place))}
    news = [each for place, each in by_place.items() if place not in known or known[place].get("status") in _SENT]
    for letter in await _as_sent(news, originals):
        written = document(consumer, letter, ahead)
        before = known.get(letter.origin.key)
        if before is None:
            decision.insert(DEAD_LETTERS, written)
        elif before["record"] != written["record"]:
            decision.replace(DEAD_LETTERS, {**written, "_id": before["_id"]})
        else:
            continue
        decision.count(f"dead_letter:{letter.refused.reason}")
        told = rejection(letter, prefix, ahead)
        if told is not None:
            decision.messages.append(told)


async def _as_sent(letters: Sequence[Letter], originals: Fetch) -> list[Letter]:
    """The same with what their senders sent, where a consumer only saw what came of it."""
    elsewhere = [each.origin for each in letters if each.origin != each.record.origin]
    records = await originals(elsewhere) if elsewhere else {}
    return [replace(each, record=records.get(each.origin.key, each.record)) for each in letters]


def document(consumer: str, letter: Letter, ahead: timedelta = WALL) -> Document:
    """The dead letter as it is stored.

    `_id` is the partner's position where there is one, so that a record that is read again (or an activity that was
    published twice) leaves one letter, not two.
    """
    record, origin = letter.record, letter.origin
    return {
        "_id": f"{consumer}|{origin.key}",
        "consumer": consumer,
        "reason": letter.refused.reason,
        "detail": letter.refused.detail,
        "origin": origin.model_dump(),
        "place": origin.key,
        "record": {"topic": record.topic, "partition": record.partition, "offset": record.offset},
        "key": record.key,
        "value": record.value,
        "event": letter.event,
        "member": letter.member,
        "received": _received(record, ahead),
        "status": "open",
    }


def rejection(letter: Letter, prefix: str, ahead: timedelta = WALL) -> Message | None:
    """What the partner reads on its own topic; None where the record did not come from a partner."""
    origin = letter.origin
    start = prefix + PARTNER_PREFIX
    if not origin.topic.startswith(start):
        return None
    partner = origin.topic.removeprefix(start)
    received = _received(letter.record, ahead)
    body = {
        "specversion": "1.0",
        "id": origin.key,
        "source": "/earn",
        "type": "loyalty.rejection.v1",
        "time": received.isoformat(),
        "datacontenttype": "application/json",
        "data": {
            "reason": letter.refused.reason,
            "detail": letter.refused.detail,
            "origin": origin.model_dump(),
            "event": letter.event,
        },
    }
    return Message(prefix + rejections_topic(partner), origin.key, orjson.dumps(body), "rejection")


def _received(record: Record, ahead: timedelta) -> datetime:
    return datetime.fromtimestamp(record.timestamp_ms / 1000, UTC) + ahead
