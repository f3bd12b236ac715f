"""What earn's member document remembers of an event: who the member is, grants besides points, history. Pure.

The ledger writes it with each batch; whoever wants a member as they were before an event does it again from the
journal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.events.light import Joining, Occurrence
from shared.rules.facts import Facts
from shared.rules.history import Counter, note
from shared.runtime.learning import learn, utc


def nobody(id_: str) -> dict[str, Any]:
    """The document of a member of whom nothing is known yet."""
    return {"_id": id_, "seq": 0, "balances": {}, "lots": [], "known": {}, "joined": None}


def join(member: dict[str, Any], signup: Occurrence) -> None:
    """What a signup says of the member; the earliest is the day of joining."""
    data = signup.data
    profile = data.profile.said if isinstance(data, Joining) else {}
    learn(member, {**data.attributes, **profile}, signup.time, signup.key)
    member["joined"] = min(filter(None, (member["joined"], utc(signup.time))))


def granted(member: dict[str, Any], tag: str | None, role: str | None) -> None:
    """What a grant says besides points."""
    if tag is not None and tag not in member.get("tags", ()):
        member.setdefault("tags", []).append(tag)
    if role == "advocate":
        member["referrals"] = member.get("referrals", 0) + 1


def count(member: dict[str, Any], facts: Facts, counters: Mapping[str, Counter]) -> None:
    """Counts an event in the member's history."""
    if counters:
        history = member.setdefault("history", {})
        for key, counter in counters.items():
            note(history, counter, key, facts)
