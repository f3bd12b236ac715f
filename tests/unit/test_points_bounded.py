"""More points than there may be: what campaigns refuses, and what the loop makes of a decision that ends so."""

from __future__ import annotations

import pytest

from shared.events.decode import Refused, RefusedError
from shared.ledger.bounds import MOST_POINTS, too_many
from shared.rules import membership
from shared.runtime.records import Item
from tests.unit.partnerkit import ANN, BOB
from tests.unit.rulekit import line, rule
from tests.unit.test_batch_loop import Counting, Server, events, loop, records
from tests.unit.test_undoing import Coalition

pytestmark = pytest.mark.usefixtures("quiet")


class Refusing(Counting):
    """Ends a decision about `e3` with a reason."""

    def decide(self, state: set[str], items: list[Item[str]], book: object) -> object:  # type: ignore[override]
        if any(item.event == "e3" for item in items):
            raise RefusedError(Refused("too_many_points", "too many"))
        return super().decide(state, items, book)  # type: ignore[arg-type]


async def test_a_decision_that_is_refused_is_of_its_record_alone() -> None:
    """Mechanism: `RefusedError` in `_poisoned`. Its letter has the reason, and no bug is told of."""
    server = Server()
    await loop(server, Refusing()).run(records(events(6)))
    assert sorted(each["_id"] for each in server.collection("effects").values()) == ["e0", "e1", "e2", "e4", "e5"]
    [letter] = server.collection("dead_letters").values()
    assert (letter["reason"], letter["detail"]) == ("too_many_points", "too many")
    assert letter["event"] == "/partners/grocer|e3"


async def test_a_bonus_of_too_many_is_refused_and_stops_nobody() -> None:
    """Mechanism: `Giver._grant`. For each hundredth of 10 dollars 1,000,000 stars, times 1,000,000,000 in two steps."""
    base = rule("base", "then: {per_amount: {per: 1}}")
    many = rule("many", "then: {per_amount: {per: 0.0001, give: 1000000}}", "bonus")
    more = rule("more", "then: {multiply: {rules: [many], by: 1000}}", "bonus")
    shop = Coalition(base, many, more)
    await shop.buys(line("1000000.00"))
    await shop.buys(line("0.01"), who=BOB)
    [letter] = shop.campaigns.collection("dead_letters").values()
    assert (letter["reason"], letter["detail"]) == ("too_many_points", (
        "many: 10,000,000,000,000,000 stars at once are more than the 1,000,000,000,000,000 that there may be"
    ))  # fmt: skip
    assert (shop.granted(ANN), shop.balance()) == ({}, 1_000_000)
    assert shop.granted(BOB) == {"many": 100_000_000, "more": 99_900_000_000}


@pytest.mark.parametrize(
    ("balance", "ever", "points", "earned", "fine"),
    [
        (0, 0, MOST_POINTS, True, True),
        (0, 0, MOST_POINTS + 1, True, False),
        (1, 1, MOST_POINTS, False, False),
        (-5, 0, MOST_POINTS, True, True),
        (0, 1, MOST_POINTS, True, False),
        (0, 1, MOST_POINTS, False, True),
        (MOST_POINTS, MOST_POINTS, -1, True, True),
    ],
)
def test_the_bound(balance: int, ever: int, points: int, earned: bool, fine: bool) -> None:
    member = {**membership.newcomer("m-1"), "balances": {"stars": balance}, "lifetime": {"stars": ever}}
    assert (too_many(member, "stars", points, earned=earned) is None) is fine
