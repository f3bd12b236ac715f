"""Random baskets and returns against a plain model: exactly that is kept, and in the end nothing."""

from __future__ import annotations

import asyncio
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.model.kept import Purchase
from tests.unit.returnkit import Shop
from tests.unit.rulekit import book, rule

# Amounts in cents; few pieces, so that returns ask for too much now and then.
LINES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 12_000)), min_size=1, max_size=4)
RETURNS = st.lists(
    st.one_of(st.tuples(st.integers(0, 3), st.integers(1, 3)), st.integers(1, 15_000)), min_size=1, max_size=5
)


def rules(per: int, spend: int) -> tuple[str, ...]:
    """The rules that the model knows, and one that may give twice a day."""
    return (
        rule("base", f"then: {{per_amount: {{per: {per}}}}}"),
        rule("least", f"when: basket.total >= {spend}\nthen: {{fixed: 40}}"),
        rule("double", "then: {multiply: {rules: [base], by: 2}}"),
        rule("seventh", "then: {per_amount: {per: 7}}\nstacking: {group: g, how: best, priority: 1}"),
        rule("fixed", f"when: basket.total >= {spend}\nthen: {{fixed: 30}}\nstacking: {{group: g, how: best}}"),
        rule("capped", "then: {per_amount: {per: 3}, at_most: 20}\nlimits: [{period: day, times: 2}]"),
    )


@settings(max_examples=120, deadline=None)
@given(lines=LINES, returns=RETURNS, per=st.integers(1, 12), spend=st.sampled_from([20, 60, 110]))
def test_returns_leave_what_the_model_says(
    lines: list[tuple[int, int]], returns: list[Any], per: int, spend: int
) -> None:
    asyncio.run(_returned(lines, returns, per, spend))


async def _returned(lines: list[tuple[int, int]], returns: list[Any], per: int, spend: int) -> None:
    found, model = Shop(book(*rules(per, spend))), Purchase([(n, Fraction(c, 100)) for n, c in lines], per, spend)
    basket = [{"product": "p", "quantity": n, "amount": f"{c // 100}.{c % 100:02d}"} for n, c in lines]
    bought = await found.buys(*basket)
    stands, balance = found.points(bought), found.balance()
    assert stands == (model.keeps() if not model.nothing else {})
    first = dict(stands)
    for each in [*returns, None]:
        taken, refused = True, len(found.letters())
        if each is None:
            taken = not model.nothing
            model.shares = [Fraction(0)] * len(lines)
            id_ = await found.returns(bought)
        elif isinstance(each, int):
            taken = model.take_amount(each)
            id_ = await found.returns(bought, amount=f"{each // 100}.{each % 100:02d}")
        else:
            line, pieces = each
            taken = line < len(lines) and not model.nothing and model.take(line, pieces)
            id_ = await found.returns(bought, (line, pieces))
        assert len(found.letters()) == refused + (not taken)
        if taken:
            for rule_, points in found.points(id_).items():
                stands[rule_] = stands.get(rule_, 0) + points
        stands = {rule_: points for rule_, points in stands.items() if points}
        assert stands == model.keeps()
        assert found.balance() <= balance  # no return gives
        balance = found.balance()
        assert balance == sum(stands.values())
        assert all(sum(accounts.values()) == 0 for accounts in found.sums().values())
        assert all(points <= first[rule_] for rule_, points in stands.items() if rule_ in first)
        uses = found.member().get("uses", {})
        assert bool(uses) == ("capped" in stands)
    assert balance == 0
