"""Members who say who they are, win tags, and are merged and taken apart: what is known of each, as rules read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from services.earn.counter.commands import Answer
from services.earn.counter.people_commands import Erase
from services.earn.ledger import MEMBERS
from shared.ops.rebuilding import before
from shared.rules.member import PROFILE
from shared.runtime.memory import MemoryStore
from shared.runtime.records import Record
from tests.unit.campaignkit import CLERK, Campaigning
from tests.unit.partnerkit import PROGRAMME, activity
from tests.unit.rulekit import rule

WINE = rule("winer", "when: basket.total >= 300000\nthen: {tag: wine}", kind="bonus")
BOTTLE = 300_000


def instant(at: datetime) -> str:
    """As the ledger keeps it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


class Sayings(Campaigning):
    """The ledger and campaigns; who buys a bottle is given a tag."""

    def __init__(self, programme: str = PROGRAMME) -> None:
        super().__init__(WINE, programme=programme)

    def days_ago(self, days: int) -> datetime:
        """An instant."""
        return self.clock.now - timedelta(days=days)

    async def says(self, who: str, days_ago: int, household: str | None = None, **attributes: str) -> str:
        """A signup of theirs that says so; its key."""
        number = self.number()
        said: dict[str, Any] = {"attributes": attributes}
        if household is not None:
            said["profile"] = {"household": household}
        value = activity(who, "grocer", f"s-{number}", said, kind="signup", at=self.days_ago(days_ago), offset=number)
        await self.ledger.run([Record("activities", 0, number, value)])
        await self.hear()
        return f"/partners/grocer|s-{number}"

    async def tagged(self, who: str, tag: str) -> None:
        """Campaigns put a tag on them."""
        await self.granted(who, "programme", 0, wallet="none", tag=tag)

    async def erases(self, who: str) -> Answer:
        """All that is known of them goes."""
        return await self.ask(
            Erase(**{**self.key(), "caller": CLERK}, member=who, reason="asked for it", approved_by="staff-8")
        )

    def document(self, who: str) -> dict[str, Any]:
        """What the ledger keeps of them, and goes by when it is changed."""
        assert isinstance(self.store, MemoryStore)
        return self.store.documents[MEMBERS, who]

    def home(self, who: str) -> str | None:
        """Whom they live with: by what is known, and as it is looked for by the till."""
        document = self.document(who)
        found: str | None = document.get("household")
        assert document["known"].get(f"{PROFILE}household", [None])[-1] == found
        return found

    def words(self, who: str) -> dict[str, Any]:
        """What is known but for the household."""
        return _words(self.document(who))

    def tags(self, who: str) -> list[str]:
        """Their tags."""
        return sorted(self.document(who).get("tags", ()))

    async def explained(self, who: str) -> tuple[Any, ...]:
        """What an explanation takes to be known of them after all that is posted."""
        return said_of(before(self.document(who)["seq"] + 1, who, await self.sources(who)).earn.document)


def said_of(document: Mapping[str, Any]) -> tuple[Any, ...]:
    """All that is known, by whatever document."""
    return document["known"], sorted(document.get("tags", ())), document["joined"], document.get("household")


def _words(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: said[2] for name, said in document["known"].items() if name != f"{PROFILE}household"}
