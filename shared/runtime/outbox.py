"""The outbox: a batch's announcements, committed with its effects and deleted once they are published."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from shared.runtime.records import Message
from shared.runtime.store import Document, Held

# MongoDB refuses documents over 16 MiB; a batch of 500 large baskets can be larger, so it is cut well before.
MOST_BYTES: Final = 8_000_000
# The place of commands at a terminal, which is no process's. What one left that was killed the next one publishes, or
# whatever process of the counter starts: also while one runs, as what comes twice is known by its number.
TERMINAL: Final = "counter-terminal"


def documents(consumer: str, places: Iterable[str], messages: Sequence[Message]) -> list[Document]:
    """The outbox documents of a batch, nearly always one; in order, each under `MOST_BYTES` of payload.

    `_id` begins with the time in nanoseconds, so that documents of one partition, which are written one after the
    other by one worker at a time, sort oldest first.
    """
    stamp, filed = f"{time.time_ns():020d}", sorted(set(places))
    return [
        {
            "_id": f"{stamp}-{number:04d}-{uuid.uuid4().hex[:8]}",
            "consumer": consumer,
            "places": filed,
            "messages": [[m.topic, m.key, m.kind, m.value] for m in part],
        }
        for number, part in enumerate(_parts(messages))
    ]


def kept(messages: Sequence[Message]) -> tuple[list[Message], frozenset[tuple[str, str]]]:
    """What of a batch goes to the outbox, and topic and key of what does not.

    A message that its record would yield again is kept all the same where one of the same topic and key is stored:
    else, after a crash, the outbox would publish the later one first.
    """
    stored = {(message.topic, message.key) for message in messages if message.stored}
    loose = frozenset((message.topic, message.key) for message in messages) - stored
    return [message for message in messages if (message.topic, message.key) in stored], loose


def from_document(document: Document) -> Held:
    """What an outbox document holds."""
    return Held(
        str(document["_id"]),
        [Message(topic, key, bytes(value), kind) for topic, key, kind, value in document["messages"]],
    )


def _parts(messages: Sequence[Message]) -> Iterator[list[Message]]:
    part: list[Message] = []
    size = 0
    for message in messages:
        if part and size + len(message.value) > MOST_BYTES:
            yield part
            part, size = [], 0
        part.append(message)
        size += len(message.value) + 128
    if part:
        yield part
