"""Due work: what the clock does to members whose `due_at` has come, many in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from services.earn.ledger import MEMBERS
from services.earn.posting import Poster
from services.earn.sweeping import sweep
from shared.events.topics import ACCRUALS
from shared.rules.learning import utc
from shared.rules.rulebook import Rulebook
from shared.runtime.due_members import DueMembers
from shared.runtime.records import Decision, Item
from shared.runtime.store import Document


class DueHandler(DueMembers):
    """Members to entries and accruals."""

    consumer = "earn-due"

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
