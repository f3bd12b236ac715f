"""Rules and events for tests of the rules alone: a programme from YAML, a member's purchases, what each earned."""

from __future__ import annotations

from typing import Any

import msgspec
import orjson

from shared.events.light import MilestoneRead, Occurrence, PurchaseRead, ReferralRead, ReturnRead, SignupRead
from shared.rules.facts import Facts
from shared.rules.history import note
from shared.rules.matching import Decided, decide, facts_of
from shared.rules.rulebook import Rulebook
from shared.rules.usage import Ample, MemberUsage, Shared
from shared.rules.yamlfile import read_all

_DECODER = msgspec.json.Decoder(SignupRead | PurchaseRead | ReferralRead | ReturnRead | MilestoneRead)
PROGRAMME = """
- id: shop
  kind: programme
  effective: 2017-01-01T00:00:00-05:00
  title: Shop
  time_zone: America/New_York
  currency: USD
  wallets: [stars, miles, cash]
  not_eligible: department == "FUEL"
"""
HEAD = "  effective: 2017-01-01T00:00:00-05:00\n  title: A title\n"


def rule(id_: str, body: str, kind: str = "earn") -> str:
    """One rule of a YAML list; `body` is its own lines."""
    lines = "".join(f"  {line}\n" for line in body.strip().splitlines())
    return f"- id: {id_}\n  kind: {kind}\n{HEAD}{lines}"


def book(*rules: str, programme: str = PROGRAMME) -> Rulebook:
    """A rulebook of these rules and a programme."""
    return Rulebook(read_all([("rules.yaml", programme + "".join(rules))]))


def line(amount: str, quantity: int = 1, **fields: Any) -> dict[str, Any]:
    """A line of a basket."""
    return {"product": "p", "quantity": quantity, "amount": amount, **fields}


def event(kind: str, time: str, id_: str = "e", partner: str = "grocer", **data: Any) -> Occurrence:
    """An event as rules look at it; a return is of purchase `p` where nothing else is said."""
    data = {"purchase": "p", **data} if kind == "return" else data
    head = {"id": id_, "source": f"/partners/{partner}", "type": f"loyalty.{kind}.v1", "time": time}
    found: Occurrence = _DECODER.decode(orjson.dumps({**head, "data": data}))
    return found


def basket(*lines: dict[str, Any], time: str = "2017-03-01T12:00:00-05:00", **data: Any) -> Occurrence:
    """A purchase in dollars; 2017-03-01 was a Wednesday."""
    return event("purchase", time, currency=data.pop("currency", "USD"), lines=list(lines), **data)


def facts(happened: Occurrence, rules: Rulebook, member: dict[str, Any] | None = None) -> Facts:
    """The event's facts for a member's document."""
    return facts_of(happened, member if member is not None else {}, rules.at(happened.time))


class Till:
    """One member at a till: decides their events one by one, as the ledger does, and keeps their document."""

    def __init__(self, rules: Rulebook, kind: str = "earn", shared: Shared | None = None, **member: Any) -> None:
        self.rules, self.kind, self.shared = rules, kind, shared or Ample()
        self.document: dict[str, Any] = member

    def decide(self, happened: Occurrence) -> Decided:
        """What an event earns; counted."""
        ruleset = self.rules.at(happened.time)
        asked = facts_of(happened, self.document, ruleset)
        usage = MemberUsage(self.document, self.shared, asked.member.profile("household"))
        plausible = ruleset.matcher.plausible(self.kind, asked)
        decided = decide(plausible, asked, ruleset, usage, plausible=True)
        for key, counter in self.rules.counters.items():
            note(self.document.setdefault("history", {}), counter, key, asked)
        return decided

    def points(self, happened: Occurrence) -> dict[str, int]:
        """What an event earns, by rule."""
        return {award.rule: award.points for award in self.decide(happened).awards}
