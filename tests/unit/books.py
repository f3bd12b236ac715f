"""A programme, a journal and what goes with it, written by hand: what `why` is tested on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson

from shared.ops.databases import rulebook
from shared.rules.rulebook import Rulebook

MEMBER = "m-" + "0" * 20
DISTINCT = 'lines.distinct(product, department == "PRODUCE")'
START = "2017-01-01T00:00:00-05:00"
STARS = {"wallet": "stars"}


def version(kind: str, id_: str, **body: Any) -> dict[str, Any]:
    full = {"id": id_, "kind": kind, "version": 1, "effective": START, "title": id_.title(), **body}
    return {"version": full["version"], "effective": full["effective"], "hash": "", "body": full}


def definition(kind: str, id_: str, **body: Any) -> dict[str, Any]:
    return {"_id": id_, "kind": kind, "versions": [version(kind, id_, **body)]}


REGISTRY = [
    definition(
        "programme", "p", time_zone="America/New_York", currency="USD", wallets=["stars"],
        not_eligible='department == "FUEL"',
    ),
    definition("earn", "welcome", on="signup", then={**STARS, "fixed": 25}),
    definition("earn", "base", then={**STARS, "per_amount": {"per": "1.00"}}),
    definition("earn", "double", schedule={"weekdays": ["wednesday"]}, then={**STARS, "again": ["base"]}),
    definition(
        "earn", "fresh", then={**STARS, "fixed": 10}, limits=[{"period": "day", "times": 1}],
        when='lines.distinct(product, department == "PRODUCE") >= 2',
    ),
    definition("segment", "families", when='member.attributes.kids == "2"'),
    definition(
        "bonus", "school", segment="families", then={**STARS, "fixed": 100}, limits=[{"period": "ever", "times": 1}],
        when='lines.sum(amount, department == "DRUG GM") >= 20.00',
    ),
    definition(
        "challenge", "three-days", progress={"goal": 2}, then={**STARS, "fixed": 50},
        when="basket.eligible >= 10.00",
    ),
    definition(
        "ladder", "star-ladder", qualifying=["base", "double"],
        tiers=[{"id": "silver", "title": "Silver", "from": 50}, {"id": "gold", "title": "Gold", "from": 90}],
    ),
    definition(
        "gift", "surprise", ladder="star-ladder", tier="gold", gift="certificate",
        value={"amount": "20.00", "currency": "USD"}, announced=False,
    ),
]  # fmt: skip
BOOK: Rulebook = rulebook(REGISTRY)


def partner_event(kind: str, id_: str, time: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": id_, "source": "/partners/grocer", "type": f"loyalty.{kind}.v1", "time": time,
        "data": {"member": {"reference": "7"}, **data},
    }  # fmt: skip


def entry(
    seq: int, event: dict[str, Any], *awards: dict[str, Any], facts: dict[str, str] | None = None
) -> dict[str, Any]:
    """A journal document, as services/earn/ledger.py writes it."""
    grant = event["type"] == "loyalty.grant.v1"
    data = {"member": MEMBER, "origin": {"topic": "partner.grocer", "partition": 1, "offset": seq}, "hash": "h"}
    activity = {
        "specversion": "1.0", "id": f"partner.grocer:1:{seq}", "source": "/earn", "type": "loyalty.activity.v1",
        "time": event["time"], "data": {**data, "event": event},
    }  # fmt: skip
    postings = [
        {"account": account, "amount": sign * each["points"], "wallet": "stars", "rule": each["rule"], "version": 1}
        for each in awards
        for account, sign in ((f"member:{MEMBER}", 1), ("partner:grocer:issued", -1))
    ]
    return {
        "_id": f"{event['source']}|{event['id']}",
        "hash": "h",
        "origin": None if grant else f"partner.grocer:1:{seq}",
        "member": MEMBER,
        "seq": seq,
        "kind": event["type"].split(".")[1],
        "at": datetime.fromisoformat(event["time"]).astimezone(UTC),
        "facts": facts or {},
        "awards": list(awards),
        "postings": postings,
        "event": orjson.dumps(event if grant else activity),
    }


def award(rule: str, points: int, lines: list[int] | None = None) -> dict[str, Any]:
    return {"rule": rule, "version": 1, "wallet": "stars", "points": points} | ({"lines": lines} if lines else {})


def line(product: str, department: str, amount: str) -> dict[str, Any]:
    return {"product": product, "department": department, "quantity": 1, "amount": amount}


SIGNUP = entry(1, partner_event("signup", "s-7", START, {"attributes": {"kids": "0"}}), award("welcome", 25))
BASKET = {
    "currency": "USD",
    "lines": [line("kiwi", "PRODUCE", "10.50"), line("leek", "PRODUCE", "30.60"), line("petrol", "FUEL", "40.00")],
}
WEDNESDAY = entry(
    2,
    partner_event("purchase", "basket-1", "2017-01-04T12:00:00-05:00", BASKET),
    award("base", 41, [10, 31, 0]),
    award("double", 41, [10, 31, 0]),
    award("fresh", 10),
    facts={"event.currency": "USD", DISTINCT: "2"},
)
SAME_DAY = entry(
    3, partner_event("purchase", "basket-2", "2017-01-04T18:00:00-05:00", BASKET),
    award("base", 41, [10, 31, 0]), award("double", 41, [10, 31, 0]),
)  # fmt: skip
THURSDAY = entry(
    4,
    partner_event("purchase", "basket-3", "2017-01-05T09:00:00-05:00", {
        "currency": "USD", "lines": [line("gum", "DRUG GM", "0.99")],
    }),
)  # fmt: skip
FRIDAY = entry(
    5,
    partner_event("purchase", "basket-4", "2017-01-06T09:00:00-05:00", {
        "currency": "USD", "lines": [line("soap", "DRUG GM", "12.00")],
    }),
    award("base", 12, [12]),
)  # fmt: skip
GRANT = entry(
    6,
    {
        "specversion": "1.0", "id": f"three-days:{MEMBER}:2017-W01", "source": "/campaigns", "type": "loyalty.grant.v1",
        "time": "2017-01-06T09:00:00-05:00",
        "data": {
            "member": MEMBER, "rule": "three-days", "version": 1, "wallet": "stars", "points": 50,
            "reason": "challenge", "period": "2017-W01", "cause": {"source": "/partners/grocer", "id": "basket-4"},
        },
    },
    award("three-days", 50),
)  # fmt: skip
JOURNAL = [FRIDAY, GRANT, SIGNUP, SAME_DAY, WEDNESDAY, THURSDAY]  # in no order
DOCUMENT = {"_id": MEMBER, "seq": 6, "balances": {"stars": 261}, "joined": START}
TIERS = {
    "_id": MEMBER,
    "ladders": {"star-ladder": {"years": {"2017": 176}, "tier": "gold", "until": "2019-01-01T00:00:00-05:00"}},
    "gifts": ["surprise"],
}
