"""A shop whose customers bring things back: the ledger on a store in memory, purchases and returns by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from services.earn.consumers import LedgerHandler
from services.earn.posting import JOURNAL
from shared.rules.rulebook import Rulebook
from shared.runtime.batch import BatchLoop
from shared.runtime.memory import MemoryStore
from shared.runtime.records import Message, Record
from shared.runtime.sharing import HOUSEHOLDS
from tests.unit.partnerkit import ANN, activity, grant

NOON = datetime.fromisoformat("2017-03-01T12:00:00-05:00")
PARTNER = "grocer"


class Shop:
    """One ledger; events have the ids `e-1`, `e-2` ... and come minutes apart."""

    def __init__(self, book: Rulebook, partitions: int = 1) -> None:
        self.book = book
        self.store = MemoryStore()
        self.sent: list[Message] = []
        self._number = 0
        handler = LedgerHandler("", partitions, lambda: NOON)
        self.loop = BatchLoop(handler, self.store, self._publish, lambda: self.book)

    async def _publish(self, messages: Sequence[Message]) -> None:
        self.sent += messages

    async def buys(self, *lines: dict[str, Any], who: str = ANN, **more: Any) -> str:
        """A purchase in dollars; returns its id."""
        record, id_ = self.purchase(*lines, who=who, **more)
        await self.loop.run([record])
        return id_

    async def returns(self, purchase: str, *lines: tuple[int, int], who: str = ANN, **more: Any) -> str:
        """Goods come back: (line, pieces), or an amount, or all; returns the event's id."""
        record, id_ = self.back(purchase, *lines, who=who, **more)
        await self.loop.run([record])
        return id_

    async def reports(self, purchase: str, milestone: str, who: str = ANN, **about: Any) -> str:
        """A milestone of a purchase."""
        record, id_ = self._event("milestone", who, {"purchase": purchase, "milestone": milestone}, about)
        await self.loop.run([record])
        return id_

    async def is_granted(self, id_: str, points: int, *, time: datetime, **more: Any) -> None:
        """A grant of campaigns."""
        self._number += 1
        value = grant(ANN, "programme", id_, points, time, **more)
        await self.loop.run([Record("grants", 0, self._number, value)])

    async def joins(self, who: str = ANN, attributes: dict[str, Any] | None = None, **profile: Any) -> None:
        """A signup."""
        said = {"profile": profile, "attributes": attributes or {}}
        await self.loop.run([self._event("signup", who, said, {})[0]])

    def purchase(self, *lines: dict[str, Any], who: str = ANN, **more: Any) -> tuple[Record, str]:
        """A purchase and its id."""
        about = self._about(more)
        return self._event("purchase", who, {"currency": "USD", "lines": list(lines), **more}, about)

    def back(self, purchase: str, *lines: tuple[int, int], who: str = ANN, **more: Any) -> tuple[Record, str]:
        """A return and its id."""
        about = self._about(more)
        said = {"lines": [{"line": line, "quantity": pieces} for line, pieces in lines]} if lines else {}
        return self._event("return", who, {"purchase": purchase, **said, **more}, about)

    def _about(self, more: dict[str, Any]) -> dict[str, Any]:
        """What is said about an event, taken out of what it says."""
        return {key: more.pop(key) for key in ("at", "id", "partner", "lane") if key in more}

    def _event(self, kind: str, who: str, data: dict[str, Any], about: dict[str, Any]) -> tuple[Record, str]:
        self._number += 1
        id_, partner = about.get("id", f"e-{self._number}"), about.get("partner", PARTNER)
        at = about.get("at", NOON + timedelta(minutes=self._number))
        value = activity(who, partner, id_, data, at=at, offset=self._number, kind=kind)
        return Record("activities", about.get("lane", 0), self._number, value), id_

    def entry(self, id_: str, partner: str = PARTNER) -> dict[str, Any]:
        """What the journal says of an event."""
        found: dict[str, Any] = self.store.collection(JOURNAL)[f"/partners/{partner}|{id_}"]
        return found

    def points(self, id_: str) -> dict[str, int]:
        """What an event gave or took, by rule."""
        found: dict[str, int] = {}
        for each in self.entry(id_)["awards"]:
            found[each["rule"]] = found.get(each["rule"], 0) + each["points"]
        return found

    def member(self, who: str = ANN) -> dict[str, Any]:
        """The member's document."""
        return dict(self.store.collection("members")[who])

    def balance(self, wallet: str = "stars", who: str = ANN) -> int:
        """Theirs."""
        found: int = self.member(who)["balances"].get(wallet, 0)
        return found

    def letters(self) -> list[tuple[str, str]]:
        """Reason and detail of each dead letter."""
        found = self.store.collection("dead_letters").values()
        return [(each["reason"], each["detail"]) for each in found]

    def sums(self) -> dict[str, dict[str, int]]:
        """All accounts by wallet."""
        found: dict[str, dict[str, int]] = {}
        for entry in self.store.collection(JOURNAL).values():
            for each in entry["postings"]:
                wallet = found.setdefault(each["wallet"], {})
                wallet[each["account"]] = wallet.get(each["account"], 0) + each["amount"]
        return found

    def used(self) -> dict[str, int]:
        """All that is used of what members share: quotas by id, households' buckets."""
        found: dict[str, int] = {}
        for id_, document in self.store.collection("quotas").items():
            if document.get("used"):
                key = id_.rpartition("|")[0]
                found[key] = found.get(key, 0) + document["used"]
        for id_, document in self.store.collection(HOUSEHOLDS).items():
            for key, buckets in document.items():
                if key != "_id":
                    found |= {f"{id_}|{key}|{bucket}": used for bucket, used in buckets.items()}
        return found
