"""A mall with campaigns: members buy, give back, and are merged; what they win comes back to the ledger as it goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from services.campaigns.consumers import CampaignsHandler
from services.campaigns.domain import MEMBERS as COUNTED
from services.earn.counter.commands import Answer, Caller, Command
from services.earn.counter.people_commands import Close, Merge, Unmerge
from services.earn.ledger import MEMBERS
from services.earn.posting import JOURNAL
from shared.ops.merged import Kin, kin_of
from shared.ops.rebuilding import Sources
from shared.runtime.batch import BatchLoop
from shared.runtime.memory import MemoryStore
from shared.runtime.records import Message, Record
from tests.unit.partnerkit import PROGRAMME, Mall, activity

CLERK = Caller("office", person="staff-7")


async def relayed(sent: Sequence[Message], begin: int, loops: Mapping[str, Sequence[BatchLoop[Any, Any]]]) -> int:
    """What was sent from there on to those who read its topic, until nothing is left to say; how far that was."""
    while begin < len(sent):
        each = sent[begin]
        begin += 1
        for loop in loops.get(each.topic, ()):
            await loop.run([Record(each.topic, 0, begin, each.value)])
    return begin


class Read(Mall):
    """Members who are merged and taken apart, and what is read of them."""

    async def merges(self, who: str, into: str) -> Answer:
        """The one is a duplicate of the other."""
        return await self.ask(Merge(**{**self.key(), "caller": CLERK}, member=who, into=into, reason="one person"))

    async def parts(self, who: str) -> Answer:
        """They are two after all."""
        return await self.ask(Unmerge(**{**self.key(), "caller": CLERK}, member=who, reason="two persons"))

    async def closes(self, who: str) -> Answer:
        """They have left."""
        return await self.ask(Close(**{**self.key(), "caller": CLERK}, member=who, reason="has left"))

    def books(self, collection: str) -> dict[str, dict[str, Any]]:
        """What the ledger keeps."""
        assert isinstance(self.store, MemoryStore)
        return self.store.collection(collection)

    def journal(self, who: str) -> list[dict[str, Any]]:
        """A member's entries."""
        return [each for each in self.books(JOURNAL).values() if each["member"] == who and each["seq"] is not None]

    async def sources(self, who: str) -> Sources:
        """What their past is rebuilt from."""

        async def read(members: list[str]) -> list[dict[str, Any]]:
            return [entry for each in members for entry in self.journal(each)]

        kin = await kin_of(who, self.journal(who), read)
        return Sources(self.journal(who), self.book, kin={each: Kin(entries) for each, entries in kin.items()})


class Campaigning(Read):
    """The ledger and campaigns, which hear of each other at once."""

    def __init__(self, *rules: str, programme: str = PROGRAMME) -> None:
        super().__init__(MemoryStore(), *rules, programme=programme)
        self.campaigns = MemoryStore()
        self._campaigns = BatchLoop(CampaignsHandler(), self.campaigns, self._publish, lambda: self.book)
        self._heard = 0

    async def hear(self) -> None:
        """Accruals to campaigns, grants to the ledger, until nothing is left to say."""
        loops: dict[str, list[BatchLoop[Any, Any]]] = {"accruals": [self._campaigns], "grants": [self.ledger]}
        self._heard = await relayed(self.sent, self._heard, loops)

    async def sends(self, kind: str, who: str, data: dict[str, Any], days_ago: int = 0) -> str:
        """An event of the grocer's; its key."""
        number = self.number()
        at = self.clock.now - timedelta(days=days_ago)
        value = activity(who, "grocer", f"e-{number}", data, at=at, offset=number, kind=kind)
        await self.ledger.run([Record("activities", 0, number, value)])
        await self.hear()
        return f"/partners/grocer|e-{number}"

    async def buys_lines(self, who: str, *amounts: int, days_ago: int = 0) -> str:
        """A purchase with a line of each amount; its key."""
        lines = [{"product": "p", "quantity": 1, "amount": str(each)} for each in amounts]
        return await self.sends("purchase", who, {"currency": "VND", "lines": lines}, days_ago)

    async def gives_back(self, who: str, purchase: str, line: int | None = None) -> str:
        """A line of a purchase, or all that is left; the return's key."""
        part = {} if line is None else {"lines": [{"line": line, "quantity": 1}]}
        return await self.sends("return", who, {"purchase": purchase.partition("|")[2], **part})

    async def ask(self, command: Command) -> Answer:
        """Asks the counter; campaigns hears of it."""
        answer = await super().ask(command)
        await self.hear()
        return answer

    def counted(self, who: str) -> dict[str, Any]:
        """What campaigns keeps of a member."""
        return self.campaigns.collection(COUNTED).get(who, {"_id": who, "progress": {}})

    def given(self, who: str, rule: str) -> int:
        """Points of grants of a rule in the member's journal, less what went back."""
        awards = [award for each in self.journal(who) if each["kind"] == "grant" for award in each["awards"]]
        return sum(each["points"] for each in awards if each["rule"] == rule)

    def stars(self, who: str) -> int:
        """Their balance."""
        return int(self.books(MEMBERS)[who]["balances"].get("stars", 0))
