"""What `reconcile` checks of partners and liability: sums of zero; packs and lots that are what the journal says."""

from __future__ import annotations

from datetime import date, datetime

from pymongo.asynchronous.database import AsyncDatabase

from shared.ops.owing import standing_check
from shared.ops.packs import posted, standings
from shared.ops.settling import stated
from shared.rules.as_known import Published
from shared.rules.rulebook import Rulebook
from shared.runtime.store import Document

Answer = tuple[str, bool, str]


async def partner_checks(
    earn: AsyncDatabase[Document], book: Rulebook, now: datetime, known: Published
) -> list[Answer]:
    """Name, whether it holds, and a detail, of each check."""
    return [await _settlement(earn, book, now, known), await _packs(earn), await standing_check(earn, book, now)]


async def _settlement(earn: AsyncDatabase[Document], book: Rulebook, now: datetime, known: Published) -> Answer:
    """What partners owe each other sums to zero, over all time, in points and in money."""
    found = await stated(earn, book, date(2000, 1, 1), date(2199, 12, 31), now, known)
    partners = len({each.partner for each in found.lines})
    detail = "; ".join(found.off) or f"{partners} partners, {len(found.lines)} lines"
    return "settlement_sums_to_zero", not found.off, detail


async def _packs(earn: AsyncDatabase[Document]) -> Answer:
    """What the counters have left is what the journal has left; nothing is drawn that nobody bought."""
    found, left = await standings(earn), await posted(earn)
    wrong = [f"{x.partner} {x.wallet}" for x in found if not 0 <= x.left == left.get((x.partner, x.wallet), 0)]
    return "packs_equal_journal", not wrong, f"{len(found)} packs; {len(wrong)} differ {wrong[:3] or ''}"
