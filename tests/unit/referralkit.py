"""Friends whom one member brings: a referral in a shop with campaigns, through to what both sides hold."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.unit.partnerkit import ANN
from tests.unit.rulekit import line, rule
from tests.unit.test_undoing import Coalition

FIRST, SECOND, THIRD, FOURTH = (f"m-{n:020d}" for n in range(11, 15))
BOTH = "advocate: {fixed: 20}\nfriend: {fixed: 10}"


def on(day: str) -> datetime:
    return datetime.fromisoformat(f"2017-{day}T12:00:00-05:00")


def refer(body: str, gives: str = BOTH) -> str:
    return rule("refer", f"{body}\n{gives}", kind="referral")


class Friends(Coalition):
    """Whoever ANN brings; each buys on a day."""

    async def brings(self, friend: str, day: str, amount: str = "30") -> str:
        """She brings a friend, who buys at once; returns the purchase."""
        await self.refers(friend, ANN)
        return await self.buys(line(amount), who=friend, at=on(day))

    def gave(self, *friends: str) -> tuple[int, ...]:
        """What ANN was given, and each friend."""
        return tuple(self.granted(who).get("refer", 0) for who in (ANN, *friends))

    def uses(self) -> dict[str, Any]:
        """What ANN has used."""
        found: dict[str, Any] = self.counted(ANN).get("uses", {})
        return found

    def shared(self) -> dict[str, int]:
        """What is used of what all share."""
        found: dict[str, int] = {}
        for id_, document in self.campaigns.collection("quotas").items():
            if "used" in document:
                key = id_.rpartition("|")[0]
                found[key] = found.get(key, 0) + document["used"]
        return found
