"""A counter for tests: a member with points, and commands decided one by one at instants that the test says."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from services.earn.counter.commands import Answer, Asked, Caller, Capture, Command, Hold, Release
from services.earn.counter.desk import Desk
from services.earn.counter.working import Read
from shared.ledger import due, lots
from shared.ledger.terms import Terms
from shared.rules import membership
from shared.rules.learning import utc
from tests.unit.rulekit import book

# A programme, as far as its wallets: these follow.
SHOP = """
- id: shop
  kind: programme
  effective: 2017-01-01T00:00:00+07:00
  title: Shop
  time_zone: Asia/Ho_Chi_Minh
  currency: VND
  wallets:
"""
PROGRAMME = (
    SHOP
    + """
    - id: stars
      value: {amount: "10000", currency: VND}
      redemption: {at_least: 2, step: 1, at_most_percent: 50, too_much: refuse, hold: 15 minutes}
    - id: miles
      value: {amount: "2.5", currency: VND}
      redemption: {step: 100, too_much: clamp}
    - id: status
      kind: status
"""
)
NOON = datetime.fromisoformat("2026-03-02T12:00:00+07:00")
ANN = "m-" + "a" * 20
BOB = "m-" + "b" * 20
TILL = Caller("till-1", partner="bakery")


class Counter:
    """Documents that are kept from one command to the next, as a database would."""

    def __init__(self, programme: str = PROGRAMME) -> None:
        self.book = book(programme=programme)
        self.members = {id_: membership.newcomer(id_) for id_ in (ANN, BOB)}
        self.journal: dict[str, dict[str, Any]] = {}
        self.messages: list[Any] = []
        self._keys = 0

    def give(self, points: int, wallet: str = "stars", expires: str | None = None, member: str = ANN) -> None:
        """Points with an expiry."""
        rules, document = self.book.at(NOON), self.members[member]
        terms = Terms(None, None if expires is None else utc(datetime.fromisoformat(expires)))
        lots.add(document, wallet, points, terms)
        due.note(document, rules.programme.purses, rules.zone)

    def ask(self, command: Command, at: datetime = NOON) -> Answer:
        """Decides one command and keeps what it did."""
        redemptions = {
            id_: [e for e in self.journal.values() if e.get("redemption") == id_] for id_ in command.redemptions
        }
        desk = Desk(Read(self.journal, self.members, redemptions), self.book.at(at), at)
        answer = desk.take(command)
        self.messages += desk.finish().messages
        return answer

    def key(self) -> dict[str, Any]:
        """A new key with its hash, and the till that asks."""
        self._keys += 1
        return {"key": f"/earn/api/till-1|{self._keys}", "hash": f"{self._keys}", "caller": TILL}

    def hold(self, points: int | None = None, wallet: str = "stars", **more: Any) -> Hold:
        """A command to hold points (or what an `amount` buys), of a `bill`; a high one where the test does not care."""
        more.setdefault("bill", "100000000")
        said = {name: more.pop(name) for name in ("amount", "bill") if name in more}
        at: dict[str, Any] = {name: Decimal(each) for name, each in said.items() if each is not None}
        asked = Asked(wallet=wallet, points=points, **at)
        return Hold(**{**self.key(), **more}, member=ANN, asked=asked, partner="bakery")

    def capture(self, hold: str, points: int | None = None, **more: Any) -> Capture:
        """A command to capture a hold."""
        return Capture(**{**self.key(), **more}, member=ANN, hold=hold, points=points)

    def release(self, hold: str, **more: Any) -> Release:
        """A command to release a hold."""
        return Release(**{**self.key(), **more}, member=ANN, hold=hold)

    def sums(self) -> dict[str, int]:
        """All postings, by wallet: zero each."""
        found: dict[str, int] = {}
        for entry in self.journal.values():
            for posting in entry["postings"]:
                found[posting["wallet"]] = found.get(posting["wallet"], 0) + posting["amount"]
        return found
