"""A ledger and a desk on documents in memory, driven by a clock that the test moves: what lots and due work are tested
on."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import orjson

from services.earn import entries
from services.earn.counter.commands import (
    Adjust,
    Answer,
    Asked,
    Caller,
    Capture,
    Command,
    Hold,
    Release,
    Transfer,
    Undo,
)
from services.earn.counter.desk import Desk
from services.earn.counter.working import Read
from services.earn.entries import Entry
from services.earn.ledger import Ledger, LedgerState
from services.earn.milestones import MILESTONE_OF
from services.earn.posting import Poster
from services.earn.purchases import Purchases, purchase_key
from services.earn.sweeping import sweep
from shared.events.light import ActivityRead, GrantRead
from shared.ledger import due, lots
from shared.ledger.returned import RETURN_OF
from shared.rules import membership
from shared.rules.learning import utc
from shared.rules.quotas import Quotas
from shared.rules.rulebook import Rulebook
from shared.runtime.records import Decision, Item, Letter, Message, Record
from shared.runtime.sharing import SharedUsage

ANN, BOB = "m-" + "a" * 20, "m-" + "b" * 20
TILL = Caller("till-1", partner="shop")
_DECODER = msgspec.json.Decoder(ActivityRead | GrantRead)


def rule(wallet: str) -> str:
    """A purchase in the store of a wallet's name earns a point of it for each unit of money."""
    return f"""
- id: earn-{wallet}
  kind: earn
  effective: 2017-01-01T00:00:00Z
  title: Points
  when: event.store == "{wallet}"
  then: {{wallet: {wallet}, per_amount: {{per: 1}}}}
"""


class Books:
    """Members and their journal, as a database would keep them."""

    def __init__(self, book: Rulebook) -> None:
        self.book = book
        self.members = {id_: membership.newcomer(id_) for id_ in (ANN, BOB)}
        self.journal: dict[str, dict[str, Any]] = {}
        self.messages: list[Message] = []
        self.letters: list[Letter] = []
        self.seen: set[object] = set()
        self._number = 0

    def take(self, value: bytes) -> None:
        """One record of `activities` or `grants`."""
        event = _DECODER.decode(value)
        entry = entries.entry(event, value)
        state = LedgerState(
            self.journal, self.members, SharedUsage({}, Quotas({}, 1)), set(), purchases=self._of(entry)
        )
        desk = Ledger(state, self.book, entry.time)
        desk.take(Item(Record("activities", 0, self._next(), value), entry))
        self._keep(desk.finish())

    def _of(self, entry: Entry) -> Purchases:
        key = purchase_key(entry.event) if isinstance(entry.event, ActivityRead) else None
        known = Purchases()
        if key is not None and key in self.journal:
            known.entries[key] = self.journal[key]
            known.milestones[key] = [each for each in self.journal.values() if each.get(MILESTONE_OF) == key]
            known.returns[key] = [each for each in self.journal.values() if each.get(RETURN_OF) == key]
            mine = [each for each in self.journal.values() if each["member"] == entry.member]
            known.pasts = {entry.member: mine}
        return known

    def ask(self, command: Command, at: datetime) -> Answer:
        """Decides one command."""
        found = {id_: [e for e in self.journal.values() if e.get("redemption") == id_] for id_ in command.redemptions}
        desk = Desk(Read(self.journal, self.members, found), self.book.at(at), at)
        answer = desk.take(command)
        self._keep(desk.finish())
        return answer

    def sweep(self, at: datetime, member: str = ANN) -> int:
        """What a worker does to one member."""
        decision = Decision()
        poster = Poster(decision, "accruals", self.journal, at)
        poster.watch(self.members[member])
        done = sweep(self.members[member], self.book.at(at), at, poster)
        self._keep(decision)
        return done

    def buy(self, wallet: str, points: int, at: datetime, member: str = ANN) -> str:
        """A purchase that earns points of a wallet; returns its id."""
        data = {"currency": "EUR", "store": wallet, "lines": [{"product": "p", "quantity": 1, "amount": str(points)}]}
        return self._event("purchase", at, data, member)

    def report(self, purchase: str, milestone: str, at: datetime, member: str = ANN) -> str:
        """A milestone of a purchase."""
        return self._event("milestone", at, {"purchase": purchase, "milestone": milestone}, member)

    def bring_back(self, purchase: str, amount: int, at: datetime, member: str = ANN) -> str:
        """Goods of a purchase come back, for so much."""
        return self._event("return", at, {"purchase": purchase, "amount": str(amount)}, member)

    def correct(self, wallet: str, points: int, at: datetime) -> None:
        """A grant is taken back that should not have been."""
        data = {"member": ANN, "rule": "gift", "version": 1, "wallet": wallet, "points": -points, "reason": "bonus",
                "corrects": "g", "cause": {"source": "/partners/shop", "id": "b"}, "issuer": "programme"}  # fmt: skip
        head = {"specversion": "1.0", "type": "loyalty.grant.v1", "source": "/campaigns", "id": f"g-{self._next()}"}
        self.take(orjson.dumps({**head, "time": at.isoformat(), "data": data}))

    def hold(self, wallet: str, points: int) -> Hold:
        """A till asks for points."""
        return Hold(**self._key(), member=ANN, asked=Asked(wallet=wallet, points=points), partner="shop")

    def capture(self, hold: str, points: int | None = None) -> Capture:
        """A till spends what it holds."""
        return Capture(**self._key(), member=ANN, hold=hold, points=points)

    def release(self, hold: str) -> Release:
        """A till gives back what it holds."""
        return Release(**self._key(), member=ANN, hold=hold)

    def undo(self, redemption: str) -> Undo:
        """A till gives back what it spent."""
        return Undo(**self._key(), member=ANN, redemption=redemption)

    def transfer(self, wallet: str, points: int) -> Transfer:
        """Ann gives Bob points."""
        return Transfer(**self._key(), member=ANN, to=BOB, wallet=wallet, points=points)

    def give(self, wallet: str, points: int, member: str = ANN) -> Adjust:
        """The back office gives somebody points."""
        return Adjust(**self._key(), member=member, wallet=wallet, points=points, reason="a delay")

    def kinds(self) -> list[str]:
        """What was posted and noted, in order."""
        return [each["kind"] for each in self.journal.values()]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Entries of a kind."""
        return [each for each in self.journal.values() if each["kind"] == kind]

    def sums(self) -> dict[str, dict[str, int]]:
        """All postings by wallet and account."""
        found: dict[str, dict[str, int]] = {}
        for entry in self.journal.values():
            for each in entry["postings"]:
                accounts = found.setdefault(each["wallet"], {})
                accounts[each["account"]] = accounts.get(each["account"], 0) + each["amount"]
        return found

    def _event(self, kind: str, at: datetime, data: dict[str, Any], member: str) -> str:
        number = self._next()
        event = {"specversion": "1.0", "id": f"e-{number}", "source": "/partners/shop", "type": f"loyalty.{kind}.v1",
                 "time": at.isoformat(), "data": {"member": {"reference": "7"}, **data}}  # fmt: skip
        origin = {"topic": "partner.shop", "partition": 0, "offset": number}
        said = {"member": member, "origin": origin, "hash": f"{number}", "event": event}
        self.take(orjson.dumps({"specversion": "1.0", "id": f"partner.shop:0:{number}", "source": "/earn",
                                "type": "loyalty.activity.v1", "time": at.isoformat(), "data": said}))  # fmt: skip
        return f"e-{number}"

    def _key(self) -> dict[str, Any]:
        number = self._next()
        return {"key": f"/earn/api/till-1|{number}", "hash": f"{number}", "caller": TILL}

    def _keep(self, decision: Decision) -> None:
        """The journal has what was inserted already; `_id`s must be new, as in a database."""
        for each in decision.inserts.get("journal", ()):
            assert each["_id"] not in self.seen, f"{each['_id']} was inserted twice"
            self.seen.add(each["_id"])
        self.messages += decision.messages
        self.letters += decision.letters

    def _next(self) -> int:
        self._number += 1
        return self._number


def seen(member: dict[str, Any], at: datetime, zone: ZoneInfo) -> Counter[tuple[Any, ...]]:
    """A document's free points, however they are bucketed: wallet, until when they wait, when they end."""
    found: Counter[tuple[Any, ...]] = Counter()
    for lot in member["lots"]:
        waits = lot["activates"] if not lots.is_active(lot, utc(at)) else None
        waits = "order" if waits is not None and waits.startswith("on:") else waits
        found[lot["wallet"], waits, due.expiry_of(member, lot["wallet"], lot["expires"], zone)] += lot["points"]
    return found


def moves(entry: dict[str, Any]) -> list[Any]:
    """What an entry moved: where it does not say so, its postings do."""
    if "moves" in entry:
        found: list[Any] = entry["moves"]
        return found
    mine = [each for each in entry["postings"] if each["account"] == f"member:{entry['member']}"]
    return [[each["wallet"], "lot", *each.get("terms", (None, None)), each["amount"]] for each in mine]
