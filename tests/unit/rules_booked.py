"""Plays the examples of docs/capabilities/rules.md whose tables say what is booked: through ledger, counter, clock and
office on a store in memory. What a row has booked is what the journal then says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from services.earn.counter.approval_commands import Approve
from services.earn.counter.commands import (
    Adjust,
    Asked,
    Caller,
    Capture,
    Command,
    Denied,
    Goodwill,
    Hold,
    Transfer,
)
from services.earn.counter.people_commands import Close, Merge, Unmerge
from services.earn.posting import JOURNAL
from shared.publishing.edition import draft
from shared.publishing.plan import Request
from shared.rules.definition import DEFINITION
from shared.rules.rulebook import Rulebook
from shared.rules.yamlfile import read_all
from shared.runtime.memory import MemoryStore
from shared.runtime.records import Record
from shared.settlement.prices import Prices, Span
from shared.settlement.statement import Statement, Sum, fill
from tests.unit.desk import Desk
from tests.unit.partnerkit import Mall, activity, member
from tests.unit.rules_page import ZONE, Example, fields, goods

_TIME = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}")
_RULE = DEFINITION.validate_python({"id": "new", "kind": "earn", "title": "New", "then": {"fixed": 1}})
_OFFICE, _CHIEF = Caller("office", person="staff-7"), Caller("office", person="staff-8")


async def booked(programme: str, example: Example) -> list[tuple[str, list[str]]]:
    """What each row has booked: `base 12`, `expiry -40`, `waits`, `refused too_little`."""
    shop = Shop(example.yaml if example.has_programme else programme + example.yaml)
    return [(row.event, sorted(await shop.row(row.event, row.member))) for row in example.rows]


class Shop:
    """A programme with its members, whom the table names."""

    def __init__(self, yaml: str) -> None:
        self.definitions = read_all([("rules.md", yaml)])
        self.store = MemoryStore()
        self.mall = Mall(self.store)
        self.mall.book = Rulebook(self.definitions)
        self.names: list[str] = []
        self.purchases: list[str] = []
        self.hold = self.waiting = ""

    async def row(self, what: str, name: str) -> list[str]:
        """Of one row: when it is, what it is, of whom."""
        head, _, said = what.partition(": ")
        self.mall.clock.now = datetime.fromisoformat(_TIME.search(head)[0]).replace(tzinfo=ZONE)  # type: ignore[index]
        kind, *words = _TIME.sub("", head).split()
        before, told = set(self._journal), len(self.mall.sent)
        refused = await self._happens(kind, fields(words), said, self._member(name))
        if refused is not None:
            return refused
        new = [entry for key, entry in self._journal.items() if key not in before]
        alerts = [orjson.loads(each.value)["data"] for each in self.mall.sent[told:] if each.topic == "alerts"]
        return [*_told(new), *(f"alert {each['left']}" for each in alerts)]

    async def _happens(self, kind: str, words: dict[str, Any], said: str, who: str) -> list[str] | None:
        """Lets it happen; what is said instead of an entry."""
        if kind == "statement":
            return self._owed()
        if kind == "publication":
            return await self._published()
        if kind == "clock":
            await self.mall.swept(who)
            return None
        if kind in ("signup", "purchase", "return", "milestone"):
            await self._sent(kind, words, said, who)
            return None
        if kind == "pack":
            answer = await self.mall.ask(self.mall.pack(said.split()[0], int(said.split()[1]), currency="USD"))
        else:
            answer = await self.mall.ask(self._command(kind, said.split(), who))
        if isinstance(answer, Denied):
            return [f"refused {answer.code}"]
        self.waiting = str(answer.body.get("approval", ""))
        self.hold = str(answer.body.get("hold", ""))
        if kind == "spend":
            return await self._happens("capture", {}, "", who)
        return [f"held {answer.body['points']}"] if kind == "hold" else ["waits"] if answer.waits else None

    async def _sent(self, kind: str, words: dict[str, Any], said: str, who: str) -> None:
        """An event of a partner; a return or milestone is of the purchase whose number it says, else of the latest."""
        number, partner = self.mall.number(), words.pop("partner", "grocer")
        if kind == "purchase":
            self.purchases.append(f"b-{number}")
            words |= {"currency": "USD", "lines": [goods(each) for each in said.split(";")]}
            if "paid_with_points" in words:
                words["paid_with_points"] = {"wallet": "stars", "amount": words["paid_with_points"]}
        elif kind == "signup":
            words = {"profile": words}
        else:
            words["purchase"] = self.purchases[int(words.get("purchase", 0)) - 1]
        value = activity(who, partner, f"b-{number}", words, at=self.mall.clock.now, offset=number, kind=kind)
        await self.mall.ledger.run([Record("activities", 0, number, value)])

    def _command(self, kind: str, said: list[str], who: str) -> Command:
        """What a till or the back office asks for: `60 of 12.00`, `8 miles`, `1000 to bea`, `into bea`."""
        till: dict[str, Any] = {**self.mall.key(), "caller": Caller("till", partner="grocer"), "member": who}
        office = {**till, "caller": _OFFICE, "reason": "so it is"}
        if kind in ("hold", "spend"):
            bill = Decimal(said[said.index("of") + 1]) if "of" in said else None
            wallet = said[1] if said[1:2] not in ([], ["of"]) else "stars"
            return Hold(**till, partner="grocer", asked=Asked(wallet=wallet, points=int(said[0]), bill=bill))
        if kind == "capture":
            return Capture(**till, hold=self.hold)
        if kind in ("adjustment", "goodwill"):
            gives = Adjust if kind == "adjustment" else Goodwill
            return gives(**office, wallet="stars", points=int(said[0]))
        if kind == "transfer":
            return Transfer(**office, wallet="stars", points=int(said[0]), to=self._member(said[-1]))
        if kind == "merge":
            return Merge(**office, into=self._member(said[-1]))
        if kind == "approval":
            return Approve(**self.mall.key(), caller=_CHIEF, approval=self.waiting)
        return {"unmerge": Unmerge, "closing": Close}[kind](**office)

    async def _published(self) -> list[str]:
        """Whether a new rule is published at once, or waits."""
        office, now = Desk().office, self.mall.clock.now
        await office.start([draft(each) for each in self.definitions], now)
        new = _RULE.model_copy(update={"effective": now})
        done = await office.publish(Request([draft(new)], now, "staff-7", "because"), now)
        return ["waits"] if done.proposal is not None else ["published"]

    def _owed(self) -> list[str]:
        """What each partner owes, or is owed, of all that is booked."""
        prices, now = Prices(self.mall.book, {}), self.mall.clock.now
        span = Span(len(prices.edges), 0)
        own = ("redemption", "pack")
        sums = [
            Sum(each["account"], each["wallet"], each["rule"], each["rule"] in own, span, each["amount"])
            for entry in self._journal.values()
            for each in entry["postings"]
        ]
        found = fill(Statement(now.date(), now.date(), "UTC", True, now, now), sums, prices, {})
        return [
            f"{each.party} {'owes' if each.owes > 0 else 'is owed'} {abs(each.owes)}"
            for each in found.nets
            if each.owes and each.party != "coalition"
        ]

    @property
    def _journal(self) -> dict[str, dict[str, Any]]:
        return self.store.collection(JOURNAL)

    def _member(self, name: str) -> str:
        if name not in self.names:
            self.names.append(name)
        return member(self.names.index(name))


def _told(entries: list[dict[str, Any]]) -> Iterator[str]:
    """Entries as a table says them: points by rule; of what no rule gave, by what was done. Of stars, or of a wallet
    that is named. What moves no points is told by its kind, where nothing else of that kind is."""
    silent, moving = set[str](), set[str]()
    for entry in entries:
        told = orjson.loads(entry["event"])
        active = entry.get("active") or ({told["wallet"]: told["active"]} if "active" in told else {})
        sums: dict[tuple[str, str, str], int] = {("active", each, ""): points for each, points in active.items()}
        for each in entry["postings"]:
            if each["account"].startswith("member:"):
                key = each["rule"] if entry["awards"] else entry["kind"], each["wallet"], each["account"]
                sums[key] = sums.get(key, 0) + each["amount"]
        if entry["kind"] in ("warning", "pack"):  # which post nothing to a member
            sums[entry["kind"], told["wallet"], ""] = told["points"]
        (moving if sums else silent).add(entry["kind"])
        yield from (f"{what} {points}" + ("" if of == "stars" else f" {of}") for (what, of, _), points in sums.items())
    yield from silent - moving - {"signup", "purchase", "hold"}
