"""Dead letters: what a refused record leaves behind, and how its partner is told."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson

from shared.events.topics import PARTNER_PREFIX, rejections_topic
from shared.runtime.records import Letter, Message
from shared.runtime.store import Document


def document(consumer: str, letter: Letter) -> Document:
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
        "received": datetime.fromtimestamp(record.timestamp_ms / 1000, UTC),
        "status": "open",
    }


def rejection(letter: Letter, prefix: str) -> Message | None:
    """What the partner reads on its own topic; None where the record did not come from a partner."""
    origin = letter.origin
    start = prefix + PARTNER_PREFIX
    if not origin.topic.startswith(start):
        return None
    partner = origin.topic.removeprefix(start)
    received = datetime.fromtimestamp(letter.record.timestamp_ms / 1000, UTC)
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
