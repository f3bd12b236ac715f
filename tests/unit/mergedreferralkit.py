"""Friends and advocates who are merged and taken apart: what each holds of purchases and of a referral's reward.

A point for each 10,000 dong; 200 for whoever brings somebody, 100 for whom they bring.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.campaigns.domain import MEMBERS as COUNTED
from services.earn.ledger import MEMBERS
from shared.runtime.records import Record
from tests.unit.campaignkit import Campaigning
from tests.unit.partnerkit import activity, member
from tests.unit.rulekit import rule

X, S, D, T, Y = (member(n) for n in range(11, 16))
"""An advocate; a survivor, and a duplicate of theirs; another survivor; another advocate."""
REFER = "advocate: {fixed: 200}\nfriend: {fixed: 100}"
POINT = 10_000


class Circle(Campaigning):
    """Members who are all signed up; each thing happens a minute after the last."""

    def __init__(self, gives: str = REFER, *more: str) -> None:
        super().__init__(rule("refer", gives, kind="referral"), *more)
        self.waits = False

    async def hear(self) -> None:
        """Not yet, where it is to wait."""
        if not self.waits:
            await super().hear()

    async def hears_at_once(self) -> None:
        """All that campaigns have not heard, in one batch."""
        sent = [each for each in self.sent[self._heard :] if each.topic == "accruals"]
        await self._campaigns.run([Record("accruals", 0, 1000 + n, each.value) for n, each in enumerate(sent)])
        self.waits = False
        await self.hear()

    async def begun(self) -> Circle:
        """Signs them all up."""
        for who in (X, S, D, T, Y):
            await self.joins(who, "home")
        await self.hear()
        return self

    async def refers(self, friend: str, advocate: str = X, days_ago: int = 0) -> None:
        """Somebody brought them."""
        number = self.number()
        said: dict[str, Any] = {"advocate": {"reference": advocate}, "friend": {"reference": friend}}
        at = self._next() - timedelta(days=days_ago)
        value = activity(friend, "grocer", f"e-{number}", said, at=at, offset=number, kind="referral")
        value = value.replace(b'"origin"', b'"advocate":"%b","origin"' % advocate.encode())
        await self.ledger.run([Record("activities", 0, number, value)])
        await self.hear()

    async def bought(self, who: str, points: int, days_ago: int = 0) -> str:
        """A purchase that is worth so many points; its key."""
        self._next()
        return await self.buys_lines(who, points * POINT, days_ago=days_ago)

    async def back(self, who: str, purchase: str) -> None:
        """All of it comes back."""
        self._next()
        await self.gives_back(who, purchase)

    def held(self, *who: str) -> list[int]:
        """Their balances."""
        return [self.stars(each) for each in who]

    async def merged_before(self, who: str, into: str) -> None:
        """Merged by an earlier release, which kept with the duplicate what the survivor had, and nothing apart."""
        had = {each: self.counted(into).get(each) for each in ("referral", "first_purchase", "rewarded")}
        await self.merges(who, into)
        self.campaigns.documents[COUNTED, into].pop("referred", None)
        self.campaigns.documents[COUNTED, who]["lent"]["before"] = had

    def brought(self, who: str) -> int:
        """How many friends the ledger counts of them."""
        return int(self.books(MEMBERS)[who].get("referrals", 0))

    def used(self, who: str) -> int:
        """How often they have used the referral's limit."""
        uses = self.counted(who).get("uses", {}).values()
        return sum(times for buckets in uses for times in buckets.values())

    def _next(self) -> Any:
        self.passes(minutes=1)
        return self.clock.now
