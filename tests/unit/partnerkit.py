"""A small coalition for tests: the ledger and the counter on one store, purchases and packs at instants that tests say.

Two partners have agreements: the bakery refuses at zero, the cinema overdraws; the grocer has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson

from services.earn.clockwork import DueHandler
from services.earn.consumers import LedgerHandler
from services.earn.counter.commands import Answer, BuyPack, Caller, Command
from services.earn.counter.handler import CounterHandler
from services.earn.counter.queue import Queue
from services.earn.counter.voucher_commands import BillLine, RedeemVoucher
from services.earn.vouchers import VoucherHandler
from shared.events.internal import Cause, Offer, OfferData, ThingData
from shared.rules.rulebook import Rulebook
from shared.rules.yamlfile import read_all
from shared.runtime.batch import BatchLoop
from shared.runtime.records import Message, Record
from shared.runtime.store import Store
from tests.unit.rulekit import book, rule

PROGRAMME = """
- id: mall
  kind: programme
  effective: 2020-01-01T00:00:00+07:00
  title: Mall
  time_zone: Asia/Ho_Chi_Minh
  currency: VND
  wallets:
    - id: stars
      value: {amount: "100", currency: VND}
      redemption: {}
      expires: {after: 12 months}
    - miles
- id: bakery
  kind: partner
  effective: 2020-01-01T00:00:00+07:00
  title: Bakery
  cost: {stars: {amount: "90.5", currency: VND}}
  prepaid: {alert_at: 20, at_zero: refuse}
- id: cinema
  kind: partner
  effective: 2020-01-01T00:00:00+07:00
  title: Cinema
  cost: {stars: {amount: "80", currency: VND}}
  reimbursement: {stars: {amount: "70.25", currency: VND}}
  prepaid: {alert_at: 5, at_zero: overdraw}
"""
POOLED = PROGRAMME.replace("      redemption: {}\n", "      redemption: {}\n      pooled: household\n")
BASE = rule("base", "then: {per_amount: {per: 10000}}")
NOON = datetime.fromisoformat("2026-03-02T12:00:00+07:00")


def member(number: int) -> str:
    """A member's id."""
    return f"m-{number:020d}"


ANN, BOB = member(1), member(2)


class Moving:
    """A clock that the test moves."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """What time it is."""
        return self.now


def activity(
    who: str, partner: str, id_: str, data: dict[str, Any], *,
    at: datetime = NOON, offset: int = 0, kind: str = "purchase",
) -> bytes:  # fmt: skip
    """An activity as intake writes it."""
    event = {"specversion": "1.0", "id": id_, "source": f"/partners/{partner}", "type": f"loyalty.{kind}.v1",
             "time": at.isoformat(), "data": {"member": {"reference": who}, **data}}  # fmt: skip
    body = {"member": who, "origin": {"topic": f"partner.{partner}", "partition": 0, "offset": offset}, "hash": id_,
            "event": event}  # fmt: skip
    return orjson.dumps({"specversion": "1.0", "type": "loyalty.activity.v1", "source": "/earn", "id": id_,
                         "time": at.isoformat(), "data": body})  # fmt: skip


def grant(who: str, issuer: str, id_: str, points: int, at: datetime = NOON, **more: Any) -> bytes:
    """A grant as campaigns writes it."""
    data = {"member": who, "rule": "gift", "version": 1, "wallet": "stars", "points": points, "reason": "bonus",
            "cause": {"source": "/partners/bakery", "id": "b"}, "issuer": issuer, **more}  # fmt: skip
    return orjson.dumps({"specversion": "1.0", "type": "loyalty.grant.v1", "source": "/campaigns", "id": id_,
                         "time": at.isoformat(), "data": data})  # fmt: skip


def offer(who: str, code: str, id_: str, at: datetime = NOON, **terms: Any) -> bytes:
    """An offer of a voucher as campaigns writes it, checked against the contract."""
    thing = ThingData(kind="voucher", title="A voucher", code=code, **terms)
    data = OfferData(member=who, reason="bonus", rule="gift", version=1, title="Gift", wallet="none", points=0,
                     thing=thing, cause=Cause(source="/partners/grocer", id="b"))  # fmt: skip
    made = Offer(specversion="1.0", id=id_, source="/campaigns", time=at, data=data)
    return made.model_dump_json(exclude_none=True).encode()


class Mall:
    """The coalition on a store: what is sent to it, and what it publishes."""

    def __init__(
        self, store: Store, *rules: str, partitions: int = 1, later: str = "", miles: str = "miles",
        programme: str = PROGRAMME,
    ) -> None:  # fmt: skip
        known = book(BASE, *rules, programme=programme.replace("- miles", f"- {miles}")).versions
        self.book = Rulebook([*known, *(read_all([("later.yaml", later)], known) if later else ())])
        self.clock = Moving()
        self.sent: list[Message] = []
        self.store = store
        self._numbers = 0
        self.ledger = BatchLoop(LedgerHandler("", partitions, self.clock), store, self._publish, lambda: self.book)
        self.vouchers = BatchLoop(VoucherHandler(), store, self._publish, lambda: self.book)
        handler = CounterHandler(self.clock)
        self.queue = Queue(handler, BatchLoop(handler, store, self._publish, lambda: self.book))

    async def _publish(self, messages: Sequence[Message]) -> None:
        self.sent += messages

    def begin(self, number: int) -> None:
        """Its keys begin there, so that several may share a database."""
        self._numbers = number
        self.queue.place = f"counter-{number}"

    def number(self) -> int:
        """One that no other has."""
        self._numbers += 1
        return self._numbers

    async def buys(self, who: str, partner: str, amount: int, at: datetime | None = None, lane: int = 0) -> str:
        """A purchase of so much; its key."""
        number = self.number()
        lines = [{"product": "p", "quantity": 1, "amount": str(amount)}]
        value = activity(who, partner, f"b-{number}", {"currency": "VND", "lines": lines},
                         at=at or self.clock.now, offset=number)  # fmt: skip
        await self.ledger.run([Record("activities", lane, number, value)])
        return f"/partners/{partner}|b-{number}"

    async def joins(self, who: str, household: str, at: datetime | None = None) -> None:
        """A signup that says who they live with."""
        number = self.number()
        value = activity(who, "grocer", f"s-{number}", {"profile": {"household": household}}, kind="signup",
                         at=at or self.clock.now, offset=number)  # fmt: skip
        await self.ledger.run([Record("activities", 0, number, value)])

    async def granted(self, who: str, issuer: str, points: int, **more: Any) -> None:
        """A grant of campaigns."""
        number = self.number()
        value = grant(who, issuer, f"g-{number}", points, self.clock.now, **more)
        await self.ledger.run([Record("grants", 0, number, value)])

    async def offered(self, who: str, code: str, at: datetime | None = None, **terms: Any) -> None:
        """A voucher of campaigns."""
        number = self.number()
        value = offer(who, code, f"o-{number}", at or self.clock.now, **terms)
        await self.vouchers.run([Record("offers", 0, number, value)])

    async def redeems(self, who: str, code: str, *lines: tuple[str, str | None], **more: Any) -> Answer:
        """The till redeems a voucher on a bill."""
        return await self.ask(self.redemption(who, code, *lines, **more))

    def redemption(self, who: str, code: str, *lines: tuple[str, str | None], **more: Any) -> RedeemVoucher:
        """A command to redeem a voucher on a bill."""
        said = {
            "caller": Caller("till", partner="grocer"),
            "partner": "grocer",
            "bill": "b-1",
            "currency": "VND",
            **more,
        }
        bill = tuple(BillLine(Decimal(amount), category) for amount, category in lines or (("100000", None),))
        return RedeemVoucher(**{**self.key(), **said}, member=who, code=code, lines=bill)

    def pack(self, partner: str, points: int, money: str = "1000", **more: Any) -> BuyPack:
        """A command to book a pack."""
        said = {"wallet": "stars", "currency": "VND", "caller": Caller("office", person="Ann"), **more}
        return BuyPack(**self.key(), partner=partner, points=points, money=Decimal(money), **said)

    def key(self) -> dict[str, Any]:
        """A new key with its hash."""
        number = self.number()
        return {"key": f"/earn/api/office|{number}", "hash": f"{number}"}

    async def ask(self, command: Command) -> Answer:
        """Asks the counter."""
        await self.queue.start()
        try:
            return await self.queue.ask(command)
        finally:
            await self.queue.stop()

    async def swept(self, *who: str) -> None:
        """The clock does what is due of these members."""
        loop = BatchLoop(DueHandler(self.clock), self.store, self._publish, lambda: self.book)
        await loop.run([Record("due", 0, self.number(), id_.encode()) for id_ in who])

    def passes(self, **span: float) -> None:
        """Time goes on."""
        self.clock.now += timedelta(**span)
