"""Small histories for one thing each: who races whom, and a record that nobody can decide."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson

from tests.simulation.shopping import STARTS, Published, event, history


def strangers(number: int = 12) -> list[Published]:
    """People who buy at one partner and sign up at another: purchase and signup race on two topics."""
    records: list[Published] = []
    for n in range(number):
        member = {"phone": f"+8491000{n:04d}"}
        bought = {"member": member, "currency": "USD", "lines": [{"product": "1", "quantity": 1, "amount": f"{n}.50"}]}
        for partner, kind, data in (("grocer", "purchase", bought), ("chemist", "signup", {"member": member})):
            body = event(partner, kind, f"{kind}-{n}", STARTS[0] + timedelta(minutes=n), data)
            records.append((f"partner.{partner}", b"%d" % n, orjson.dumps(body)))
    return records


def joiner(number: int = 12) -> list[Published]:
    """One member of one partner, who buys and is signed up anew, in turn."""
    member = {"reference": "j"}
    bought = {"member": member, "currency": "USD", "lines": [{"product": "1", "quantity": 1, "amount": "5.00"}]}
    again: list[tuple[str, dict[str, Any]]] = [("purchase", bought), ("signup", {"member": member})]
    events = [again[1], *again * number]
    return [
        ("partner.grocer", b"j", orjson.dumps(event("grocer", kind, f"{n}", STARTS[0] + timedelta(minutes=n), data)))
        for n, (kind, data) in enumerate(events)
    ]


def with_poison(seed: int, mark: str) -> list[Published]:
    """A history with one good purchase more, in its middle, whose id is the mark of what somebody cannot decide."""
    records = history(seed).records
    topic, key, _ = records[0]
    lines = [{"product": "1", "quantity": 1, "amount": "5.00"}]
    data = {"member": {"reference": key.decode()}, "currency": "USD", "lines": lines}
    body = event(topic.removeprefix("partner."), "purchase", mark, STARTS[0], data)
    return [*records[:20], (topic, key, orjson.dumps(body)), *records[20:]]
