"""Why of a return, in words; and of what follows it: a member's past without what came back."""

from __future__ import annotations

from typing import Any

from shared.ops.explaining import explain
from shared.ops.rebuilding import Sources, before
from shared.ops.story import build_story
from shared.ops.telling import tell_story
from shared.ops.telling_events import tell_explanation
from tests.unit.partnerkit import ANN
from tests.unit.returnkit import Shop
from tests.unit.rulekit import book, line, rule

BASE = rule("base", "then: {per_amount: {per: 10}}")
ONCE = rule("once", "when: basket.total >= 50\nthen: {fixed: 25}\nlimits: [{period: month}]")
ASKS = rule("asks", "when: history.sum(basket.total, this_month) >= 900 || history.distinct(event.store, ever) > 8\n"
                    "then: {fixed: 1}")  # fmt: skip


def journal(found: Shop) -> list[dict[str, Any]]:
    return list(found.store.collection("journal").values())


async def test_a_return_says_what_went_back_of_which_purchase_by_which_rule() -> None:
    found = Shop(book(BASE, ONCE))
    bought = await found.buys(line("30"), line("40"))
    back = await found.returns(bought, (0, 1))
    told = "\n".join(tell_explanation(explain(found.entry(back), Sources(journal(found), found.book))))
    assert f"return of grocer {bought}" in told
    assert f"A title (base, v1, return): -3 stars; it had given them for what came back of grocer {bought}" in told
    assert f"A title (once, v1, return): -25 stars; it had given them for what came back of grocer {bought}" in told
    story = "\n".join(tell_story(build_story(found.member(), journal(found), None, found.book, 0)))
    assert f"return of grocer {bought}" in story


async def test_the_past_of_what_comes_after_is_without_what_came_back() -> None:
    """Balances, what was ever earned, uses and history, as the ledger has them. Mechanism: `unwinding.unwind`."""
    found = Shop(book(BASE, ONCE, ASKS))
    whole = await found.buys(line("60"), store="a")
    part = await found.buys(line("30"), line("40"), store="b")
    await found.returns(whole)
    await found.returns(part, (1, 1))
    again = await found.buys(line("50"))
    assert found.points(again)["once"] == 25  # the first one's use came back
    past = before(found.entry(again)["seq"] + 1, ANN, Sources(journal(found), found.book)).earn.document
    member = found.member()
    assert (past["balances"], past["lifetime"]) == (member["balances"], member["lifetime"])
    assert past["history"] == member["history"]
    used = {key: {b: n for b, n in buckets.items() if n} for key, buckets in past["uses"].items()}
    assert used == member["uses"]
    why = explain(found.entry(again), Sources(journal(found), found.book))
    assert [(each.rule, each.why) for each in why.rulings if each.points] == [("base", None), ("once", None)]
