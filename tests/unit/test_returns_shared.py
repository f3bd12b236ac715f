"""Random purchases of several members, each with returns right after it: limits, budgets and packs that they share are
used as in a ledger that never saw what came back.

Amounts are whole tens a piece, so no line's part is rounded; each rule has limits, a budget or a pack of its own, as
what one rule was cut by gives another nothing back.
"""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.earn.refunding import Refunds
from shared.runtime.records import Record
from tests.unit.partnerkit import ANN, BOB
from tests.unit.returnkit import Shop
from tests.unit.rulekit import book, line, rule

CAT = "m-cat"
RULES = (
    rule("base", "then: {per_amount: {per: 10}}"),
    rule("home", "owner: bakery\nthen: {per_amount: {per: 5}}\nlimits: [{per: household, period: month, points: 40}]"),
    rule("visit", "owner: bakery\nwhen: basket.total >= 50\nthen: {fixed: 3}\nlimits:\n"
         "  - {per: household, period: day, times: 2}\n  - {per: programme, period: ever, times: 4}"),
    rule("mine", "owner: bakery\nthen: {fixed: 5}\nlimits: [{period: week, times: 2}]"),
    rule("pot", "owner: bakery\nthen: {per_amount: {per: 2}}\n"
         "budget: {money: {amount: \"21.50\", currency: USD}, cost_per_point: 0.5}"),
    rule("jar", "owner: bakery\nthen: {per_amount: {per: 10}, at_most: 7}\nbudget: {points: 25}"),
)  # fmt: skip
PACK = """
- {{id: grocer, kind: partner, effective: 2017-01-01T00:00:00Z, title: G,
   cost: {{stars: {{amount: "1", currency: USD}}}}, prepaid: {{alert_at: 0, at_zero: {}}}}}
"""


class Bought(NamedTuple):
    """Who bought lines of (pieces, tens a piece), and what came back: (line, pieces), or nothing: all of it."""

    who: str
    lines: list[tuple[int, int]]
    back: list[tuple[int, int] | None]

    def left(self) -> list[tuple[int, int]]:
        """Lines without what came back; of more than is there, nothing does."""
        pieces = [each for each, _ in self.lines]
        for each in self.back:
            if each is None:
                return []
            number, some = each
            if number < len(pieces) and some <= pieces[number]:
                pieces[number] -= some
        return [(some, tens) for some, (_, tens) in zip(pieces, self.lines, strict=True) if some]


LINES = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 4)), min_size=1, max_size=3)
BACK = st.lists(st.one_of(st.none(), st.tuples(st.integers(0, 2), st.integers(1, 3))), max_size=3)
LIVES = st.lists(st.builds(Bought, st.sampled_from([ANN, BOB, CAT]), LINES, BACK), min_size=1, max_size=7)


async def shop(at_zero: str) -> Shop:
    """Ann and Bob are one household; the grocer has a pack of fifty."""
    found = Shop(book(*RULES, PACK.format(at_zero)))
    id_ = "quota|pack.grocer.stars|pack|ever"
    state = {"version": 1, "total": 50, "leased": 0, "spent": 0, "lanes": [], "writes": 0}
    found.store.documents["quotas", id_] = {"_id": id_, **state}
    await found.joins(ANN, household="h")
    await found.joins(BOB, household="h")
    await found.joins(CAT)
    return found


def basket(lines: list[tuple[int, int]]) -> list[dict[str, Any]]:
    return [line(str(pieces * tens * 10), pieces) for pieces, tens in lines]


async def lived(lives: list[Bought], at_zero: str, *, together: bool) -> Shop:
    """All that was bought, and came back; together: in one batch."""
    found = await shop(at_zero)
    records: list[Record] = []
    for each in lives:
        bought, id_ = found.purchase(*basket(each.lines), who=each.who)
        backs = [found.back(id_, *([] if back is None else [back]), who=each.who)[0] for back in each.back]
        records += [bought, *backs]
    for batch in [records] if together else [[each] for each in records]:
        await found.loop.run(batch)
    return found


async def never_saw(lives: list[Bought], at_zero: str) -> Shop:
    """Only what is left was bought."""
    found = await shop(at_zero)
    for each in lives:
        if left := each.left():
            await found.buys(*basket(left), who=each.who)
    return found


def stands(found: Shop) -> dict[str, Any]:
    """Uses of what is shared, and of each member's own; accounts, packs among them."""
    members = found.store.collection("members")
    own = {id_: {key: held for key, held in each.get("uses", {}).items() if held} for id_, each in members.items()}
    sums = {wallet: {of: n for of, n in each.items() if n} for wallet, each in found.sums().items()}
    return {"shared": found.used(), "own": own, "sums": {wallet: each for wallet, each in sums.items() if each}}


async def compared(lives: list[Bought], at_zero: str, *, together: bool) -> None:
    one, other = await lived(lives, at_zero, together=together), await never_saw(lives, at_zero)
    assert stands(one) == stands(other)


@settings(max_examples=80, deadline=None)
@given(lives=LIVES, at_zero=st.sampled_from(["refuse", "overdraw"]), together=st.booleans())
def test_what_is_shared_is_used_as_if_it_had_never_been_bought(
    lives: list[Bought], at_zero: str, together: bool
) -> None:
    asyncio.run(compared(lives, at_zero, together=together))


async def test_it_breaks_when_uses_are_not_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mechanism: `Refunds._uses`."""
    lives = [Bought(ANN, [(2, 4)], [(0, 1)]), Bought(BOB, [(1, 3)], [])]
    await compared(lives, "refuse", together=False)
    monkeypatch.setattr(Refunds, "_uses", lambda *_: None)
    with pytest.raises(AssertionError):
        await compared(lives, "refuse", together=False)
