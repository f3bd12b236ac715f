"""A dead letter as operators' tools see it: read, shown, judged before a replay. Pure.

A letter is known by `consumer/topic:partition:offset` (stored with `|`, which a shell would take for a pipe); the
position alone will do where one consumer has a letter of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from shared.events.decode import AHEAD, Reason, Refused, decode_partner, too_early
from shared.events.topics import partner_of
from shared.ops.databases import SERVICES, NotThereError
from shared.runtime.store import Document

OPEN: Final = "open"
REPLAYING: Final = "replaying"  # claimed by a replay, whose record is not known to be published yet
REPLAYED: Final = "replayed"
ERASED: Final = "erased"
# A replay gives up long before; what is claimed for longer was broken off. By the wall's clock, as one that was moved
# would let two publish at once, or nobody.
BROKEN_OFF: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Replay:
    """One replay of a letter: when, and where the new record stands; `fixed` when its bytes were corrected."""

    at: datetime
    topic: str
    partition: int
    offset: int
    fixed: bool

    @property
    def place(self) -> str:
        """`topic:partition:offset`"""
        return f"{self.topic}:{self.partition}:{self.offset}"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead letter as its service keeps it. `topic` and what follows is where the record was read."""

    service: str
    id: str
    consumer: str
    reason: str
    detail: str
    origin: str
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes
    event: str | None
    member: str | None
    received: datetime
    status: str
    replays: list[Replay] = field(default_factory=list)
    claimed: datetime | None = None  # since when it is being replayed, by the wall's clock

    @property
    def shown(self) -> str:
        """The id as people write it."""
        return self.id.replace("|", "/", 1)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which letters; None means any."""

    service: str | None = None
    reason: str | None = None
    status: str | None = None

    def query(self) -> Document:
        """The filter as MongoDB takes it."""
        wanted = {"reason": self.reason, "status": self.status}
        return {name: value for name, value in wanted.items() if value is not None}

    def services(self) -> tuple[str, ...]:
        """The services whose letters are meant."""
        return SERVICES if self.service is None else (self.service,)


def from_document(service: str, document: Mapping[str, Any]) -> DeadLetter:
    """A stored letter; see `shared.runtime.letters`."""
    origin, record = document["origin"], document["record"]
    return DeadLetter(
        service=service,
        id=document["_id"],
        consumer=document["consumer"],
        reason=document["reason"],
        detail=document["detail"],
        origin=f"{origin['topic']}:{origin['partition']}:{origin['offset']}",
        topic=record["topic"],
        partition=record["partition"],
        offset=record["offset"],
        key=None if document["key"] is None else bytes(document["key"]),
        value=bytes(document["value"]),
        event=document["event"],
        member=document["member"],
        received=document["received"],
        status=document["status"],
        replays=[Replay(**each) for each in document.get("replays", [])],
        claimed=None if document.get("claim") is None else document["claim"]["at"],
    )


def broken_off(letter: DeadLetter, now: datetime) -> bool:
    """Whether a replay claimed it and did not end: nobody knows whether its record was published."""
    return letter.status == REPLAYING and (letter.claimed is None or letter.claimed <= now - BROKEN_OFF)


def may_claim(letter: DeadLetter, now: datetime, *, again: bool) -> bool:
    """Whether a replay may have it; now: by the wall's clock; again: also where it was replayed before."""
    return letter.status == OPEN or broken_off(letter, now) or (again and letter.status == REPLAYED)


def unclaimed(letter: DeadLetter) -> Document:
    """What finds the letter in MongoDB as long as it is as it was read: nobody else has claimed, replayed or erased it
    since, and it was not refused anew (with other bytes, which nobody has judged)."""
    return {
        "_id": letter.id,
        "status": letter.status,
        "record.topic": letter.topic,
        "record.partition": letter.partition,
        "record.offset": letter.offset,
        "claim.at": letter.claimed,
        f"replays.{len(letter.replays)}": {"$exists": False},
    }


def one_of(found: Sequence[DeadLetter], id_: str) -> DeadLetter:
    """The one letter that an id stands for. Raises NotThereError for none or several."""
    if len(found) == 1:
        return found[0]
    if found:
        raise NotThereError(f"several letters are at {id_}; write one of: {', '.join(each.shown for each in found)}")
    raise NotThereError(f"no dead letter {id_}: `doublestar deadletters list` shows their ids")


def foresee(
    letter: DeadLetter, value: bytes, prefix: str, ahead: timedelta = AHEAD, now: datetime | None = None
) -> Refused | None:
    """Why intake would refuse these bytes again; None where it would not, as far as can be told from here.

    What an event was refused for that is noted with its id is for ever: it is decided alike whenever it is read.
    """
    if letter.status == ERASED:
        return Refused("empty", "the person whom it named was erased, and its bytes with them")
    noted = next((each for each in _FOR_EVER if each == letter.reason), None)
    if noted is not None and value == letter.value:
        return Refused(noted, letter.detail)
    partner = partner_of(letter.topic, prefix)
    if partner is None:
        return None
    event = decode_partner(value, partner)
    return event if isinstance(event, Refused) else too_early(event, now or datetime.now(UTC), ahead)


def text_of(value: bytes | None) -> tuple[str, str]:
    """Bytes as people can read them, and how: `utf-8` as it is, else `escaped` as Python would write them."""
    if value is None:
        return "none", ""
    try:
        return "utf-8", value.decode()
    except UnicodeDecodeError:
        return "escaped", repr(value)[2:-1]


_FOR_EVER: Final[tuple[Reason, ...]] = ("content_changed", "identity_conflict", "self_referral")
_CORRECT: Final = (
    "The sender's record is at fault, and the sender was told on its rejections topic. It may send it again, "
    "corrected, under the same id; or replay it corrected here: `doublestar deadletters replay {id} --file FIXED.json`."
)
ADVICE: Final[Mapping[str, str]] = {
    "empty": "The record had no value, so there is nothing to replay: ask its sender what it was to be.",
    "not_json": _CORRECT,
    "too_large": "The sender must split it into several events, each with an id of its own.",
    "unknown_type": _CORRECT,
    "unsupported_version": "Upgrade to a release that understands this version, then replay it; or let the sender send "
    "the version that is understood.",
    "missing_field": _CORRECT,
    "unknown_field": _CORRECT,
    "invalid_value": _CORRECT,
    "wrong_source": "Find out who wrote it: only the partner may write to its own topic (access rules). What the "
    "partner itself sent by mistake it may send again with its own source.",
    "identity_conflict": "The event names two different members: let the partner find out whose it is, and send it "
    "again with a new id (this one stays refused), or replay it corrected so: "
    "`doublestar deadletters replay {id} --file FIXED.json`.",
    "self_referral": "Nothing to do: a member cannot be their own friend.",
    "content_changed": "The first content under this id counted and stays. If this one is right, the partner sends the "
    "difference as an event with an id of its own.",
    "before_programme": "The event is older than the programme. If it is to count, publish definitions that are "
    "effective by then, and replay it: `doublestar deadletters replay {id}`.",
    "in_the_future": "The sender's clock is wrong, or it sends what has not happened yet. Once it has, it may be "
    "replayed: `doublestar deadletters replay {id}`.",
    "before_purchase": "The return or milestone says that it happened before its purchase. The partner corrects its "
    "time, and sends it under a new id.",
    "exceeds_purchase": "More was returned than is left of the purchase; nothing of it was done. The partner "
    "corrects it, and sends it under a new id.",
    "wrong_currency": "The return's amount is in another currency than its purchase; the partner sends it anew.",
    "unknown_wallet": "No such points can have paid it. Correct `paid_with_points` and replay it: `doublestar "
    "deadletters replay {id} --file FIXED.json`; or publish the wallet, effective by then, and replay it as it is.",
    "unknown_purchase": "The purchase that the event names was not posted. Once it has been, replay this: "
    "`doublestar deadletters replay {id}`; where the id is wrong, `--file FIXED.json` corrects it.",
    "account_closed": "The member left before the event came. Nothing to do, unless it was sent for somebody else.",
    "too_many_points": "Nobody may have more than 10^15 points of a wallet. Where a rule gives too many, mend it, "
    "publish it effective by the event's time, and replay this: `doublestar deadletters replay {id}`; where an amount "
    "of the event is wrong, correct it: `--file FIXED.json`.",
    "undecidable": "A bug of ours, not the sender's: the service's log names it (search for the position). Once it is "
    "mended, replay it: `doublestar deadletters replay {id}`.",
}


def advice(letter: DeadLetter) -> str:
    """What to do next."""
    if letter.status == ERASED:
        return "The person whom it named was erased, and its bytes with them: nothing is left to be done."
    if letter.status == REPLAYING:
        return (
            f"It is being replayed. Where that was broken off ({BROKEN_OFF.seconds} s and still so), replay it: "
            f"`doublestar deadletters replay {letter.shown}`; if it was published before, it has no second effect."
        )
    if letter.status == REPLAYED:
        return f"It was replayed to {letter.replays[-1].place}; nothing to do, unless that record was refused too."
    return ADVICE.get(letter.reason, _CORRECT).format(id=letter.shown)
