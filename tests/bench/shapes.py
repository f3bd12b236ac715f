"""What the floor writes and sends: documents and messages of the product's shapes and sizes, by no rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

Document = dict[str, Any]
HASH: Final = "d1d192698ceef68903241fcfd6bf1040"
SINCE: Final = "2017-01-01T05:00:00.000000+00:00"
FACTS: Final = {
    "lines.distinct_products where department PRODUCE": "1",
    "event.currency": "USD",
    "basket.eligible": "21.37",
}


def envelope(id_: str, source: str, kind: str, time: str, data: Mapping[str, Any]) -> bytes:
    """A CloudEvent."""
    return orjson.dumps(
        {"specversion": "1.0", "id": id_, "source": source, "type": f"loyalty.{kind}.v1", "time": time, "data": data}
    )


def activity(place: str, offset: int, member: str, time: str, event: bytes) -> bytes:
    """intake's message: a partner's event and whose it is."""
    origin = {"topic": place, "partition": 0, "offset": offset}
    data = {"member": member, "origin": origin, "hash": HASH, "event": orjson.Fragment(event)}
    return envelope(f"{place}:0:{offset}", "/earn", "activity", time, data)


def identities(event: Mapping[str, Any], member: str) -> list[Document]:
    """intake's two names of a new member."""
    named = (f"email:household-{member}@example.com", f"ref:{event['source']}:{event['data']['member']['reference']}")
    return [{"_id": each, "member": member, "touched": 0} for each in named]


def noted(event: Mapping[str, Any], member: str) -> Document:
    """intake's inbox."""
    key = f"{event['source']}|{event['id']}"
    return {"_id": key, "hash": HASH, "member": member, "advocate": None, "refused": None}


def account(member: str) -> Document:
    """earn's member."""
    lot = {"wallet": "stars", "activates": None, "expires": None, "points": 0}
    known = {name: [SINCE, "/partners/grocer|signup-999", "35-44"] for name in ("age", "income", "kids_count")}
    uses = {"welcome:member:times:ever": {"ever": 1}, "fresh:member:times:day": {}}
    counted = {"balances": {"stars": 0}, "lifetime": {"stars": 0}, "lots": [lot], "uses": uses}
    return {"_id": member, "seq": 0, **counted, "known": known, "joined": SINCE}


def entry(
    number: int, body: Mapping[str, Any], member: str, seq: int, awards: Sequence[Document], raw: bytes
) -> Document:
    """The ledger's journal entry, with two postings an award."""
    postings = []
    for award in awards:
        named = {"wallet": "stars", "rule": award["rule"], "version": 1}
        postings.append({"account": f"member:{member}", "amount": award["points"], **named})
        postings.append({"account": "partner:grocer:issued", "amount": -award["points"], **named})
    return {
        "_id": f"/partners/grocer|{number}|{body['id']}",
        "hash": HASH,
        "origin": body["id"],
        "member": member,
        "seq": seq,
        "kind": "purchase",
        "at": body["time"],
        "facts": FACTS,
        "awards": awards,
        "postings": postings,
        "event": raw,
    }


def accrual(member: Document, time: str, awards: Sequence[Document], cause: str, raw: bytes) -> bytes:
    """The ledger's message."""
    data = {
        "member": member["_id"],
        "seq": member["seq"],
        "earned": awards,
        "balances": member["balances"],
        "facts": {"member.attributes.kids_count": "35-44"},
        cause: orjson.Fragment(raw),
    }
    return envelope(f"{member['_id']}-{member['seq']}", "/earn", "accrual", time, data)


def standing(member: str) -> Document:
    """tiers' member."""
    ladder = {"years": {"2017": 0}, "tier": None, "until": None, "reached": {}, "latest": SINCE}
    return {"_id": member, "ladders": {"star-ladder": ladder}, "changes": 0, "high": 0, "ahead": []}


def progress(member: str) -> Document:
    """campaigns' member."""
    seen = {"time": SINCE, "source": "/partners/grocer", "id": "basket-31225445218"}
    return {"_id": member, "progress": {}, "uses": {}, "high": 0, "ahead": [], "first_purchase": seen}


def won(number: int, member: str, kind: str, time: str) -> bytes:
    """campaigns' grant or offer, or a change of tier."""
    data = {
        "member": member,
        "rule": "three-days",
        "version": 1,
        "wallet": "stars",
        "points": 50,
        "reason": "challenge",
        "period": "2017-W05",
        "cause": {"source": "/partners/grocer", "id": "basket-31225445218"},
        "issuer": "programme",
    }
    return envelope(f"three-days:{member}:{number}", "/campaigns", kind, time, data)


def addressee(member: str) -> Document:
    """notify's member."""
    known = {name: [SINCE, "/partners/grocer|signup-999", "Household 999"] for name in ("name", "email", "language")}
    return {"_id": member, "joined": True, "known": known, "held": []}


def sent(id_: str, member: str, time: str) -> Document:
    """notify's note of a message."""
    return {
        "_id": id_, "member": member, "template": "welcome", "definition": "message-welcome", "version": 1,
        "language": "en", "channel": "email", "at": time,
    }  # fmt: skip


def notification(id_: str, member: str, time: str) -> bytes:
    """notify's message."""
    data = {
        "member": member,
        "template": "welcome",
        "definition": "message-welcome",
        "version": 1,
        "language": "en",
        "channel": "email",
        "to_name": "Household 999",
        "to_email": "household-999@example.com",
        "subject": "Household 999, welcome",
        "text": "x" * 200,
        "facts": {"points": 25},
        "cause": {"source": "/partners/grocer", "id": "signup-999"},
    }
    return envelope(id_, "/notify", "notification", time, data)


def email(body: Mapping[str, Any]) -> bytes:
    """delivery's file."""
    data = body["data"]
    headers = f"To: {data['to_name']} <{data['to_email']}>\nSubject: {data['subject']}\n{'x' * 250}"
    return f"{headers}\n\n{data['text']}".encode()
