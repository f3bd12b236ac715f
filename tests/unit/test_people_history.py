"""History of members who are one: counted anew from the entries of both, whatever comes next. By hand."""

from __future__ import annotations

import pytest

from services.earn.ledger import MEMBERS
from shared.runtime.memory import MemoryStore
from tests.unit.partnerkit import ANN, BOB, Mall
from tests.unit.rulekit import rule
from tests.unit.test_people import merged, of, unmerged
from tests.unit.test_people_returns import returned

THIRD = rule("third", "when: history.count(ever) == 3\nthen: {wallet: miles, fixed: 7}")


async def buys(at: Mall, who: str) -> str:
    return await at.buys(who, "grocer", 50_000)


def miles(at: Mall) -> int:
    found: int = of(at, MEMBERS)[ANN]["balances"].get("miles", 0)
    return found


@pytest.mark.parametrize("returns", ["nothing", "the survivor's", "the duplicate's", "both"])
@pytest.mark.parametrize("chain", [False, True])
async def test_what_comes_back_before_the_next_purchase_changes_no_count(returns: str, *, chain: bool) -> None:
    """Ann has bought once, Bob twice: the next purchase is the fourth, and no third one follows. A part of what either
    bought comes back before that. Mechanism: `needs_backfill` leaves out who is led; without it the duplicate's
    document, which a return reads too, takes their entries, and Ann's next purchases are her second and third."""
    found = Mall(MemoryStore(), THIRD)
    hers, his = await buys(found, ANN), await buys(found, BOB)
    await buys(found, BOB)
    await merged(found, BOB, ANN)
    if chain:
        await unmerged(found, BOB)
        await merged(found, BOB, ANN)
    for purchase, what in ((hers, "the survivor's"), (his, "the duplicate's")):
        if returns in (what, "both"):
            await returned(found, ANN, purchase, amount="10000")
    for _ in range(3):
        await buys(found, ANN)
        assert miles(found) == 0
