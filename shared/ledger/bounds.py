"""How many points there may be: what a member has of a wallet, has ever earned in it, and gets at once. Pure.

10^15 passes through any JSON reader, and sums of thousands of members stay below 2^63, the most that MongoDB keeps as a
whole number. What is only given back (goods, a merge that is undone, points of a till) is not asked for: it was there
before, and so adds up to a few times the bound at most.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

MOST_POINTS: Final = 10**15
# Of an account that is no member's, only what comes at once counts.
NOBODYS: Final[Mapping[str, Any]] = {"balances": {}}


def too_many(member: Mapping[str, Any], wallet: str, points: int, *, earned: bool = False) -> str | None:
    """What is wrong with so many more points for a member; None where nothing is. earned: they count in what was ever
    earned, too."""
    have: int = member["balances"].get(wallet, 0)
    ever: int = member.get("lifetime", {}).get(wallet, 0) if earned else 0
    if max(points, have + points, ever + points) <= MOST_POINTS:
        return None
    if points > MOST_POINTS:
        return f"{points:,} {wallet} at once are more than the {MOST_POINTS:,} that there may be"
    what = "have" if have >= ever else "have earned"
    return f"with {points:,} {wallet} more the member would {what} more than the {MOST_POINTS:,} that there may be"
