"""Due work: what the clock does to members whose `due_at` has come, many in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from services.earn.ledger import MEMBERS
from services.earn.posting import Poster
from services.earn.sweeping import sweep
from shared.clock import Clock
from shared.events.decode import Refused
from shared.events.internal import Origin
from shared.events.topics import ACCRUALS
from shared.rules.learning import utc
from shared.rules.rulebook import Rulebook
from shared.runtime.records import Decision, Item, Record
from shared.runtime.store import Document, Unit


class DueHandler:
    """Members to entries and accruals. A member's turn travels as a record whose value is their id."""

    consumer = "earn-due"

    def __init__(self, clock: Clock, prefix: str = "") -> None:
        self._clock = clock
        self._prefix = prefix

    def decode(self, record: Record) -> str | Refused:
        """The member."""
        return record.value.decode()

    async def gather(self, unit: Unit, items: Sequence[Item[str]], book: Rulebook) -> dict[str, Document]:
        """The members' documents."""
        return await unit.get(MEMBERS, sorted({item.event for item in items}))

    def decide(self, state: dict[str, Document], items: Sequence[Item[str]], book: Rulebook) -> Decision:
        """All that is due of each; nothing where another worker was first, or no programme is in force."""
        decision, now = Decision(), self._clock()
        rules, poster = book.found(now), Poster(decision, self._prefix + ACCRUALS, {}, now)
        touched: set[str] = set()
        for id_, member in sorted(state.items()):
            before = member.get("due_at")
            if rules is not None and before is not None and before <= utc(now):
                poster.watch(member)
                sweep(member, rules, now, poster)
                touched.add(id_)
                decision.count("swept")
        decision.keep(MEMBERS, touched, state, frozenset(state))
        return decision

    def about(self, event: str) -> tuple[str | None, str | None, Origin | None]:
        """The member."""
        return None, event, None
