"""Money that a definition writes: in a currency that there is, the programme's, and in amounts that can be paid."""

from __future__ import annotations

from collections.abc import Iterator

from shared.currencies import CODES
from shared.events.values import Money
from shared.rules.checks.constants import Remark
from shared.rules.checks.decimals import decimals, too_many
from shared.rules.checks.pieces import Path
from shared.rules.checks.shelf import Shelf
from shared.rules.definition import Bounded, Definition, GiftRule, Programme, Rule
from shared.rules.references import nearest


def money(each: Definition, shelf: Shelf) -> Iterator[Remark]:
    """What is wrong with budgets, with what vouchers and gifts are worth, and with the programme's currency."""
    if isinstance(each, Programme) and each.currency not in CODES:
        yield Remark(("currency",), no_currency(each.currency), "money")
    yield from decimals(each, None if shelf.programme is None else shelf.programme.currency)
    for path, what, said, code in _written(each):
        if shelf.programme is not None and said.currency != shelf.programme.currency:
            mine, currency = said.currency, shelf.programme.currency
            words = f"{what} is in {mine}, and the programme in {currency}; write the amount in {currency}"
            yield Remark((*path, "currency"), words, code)
        if words := too_many(said.amount, said.currency):
            yield Remark((*path, "amount"), words, code)
        if path[-2:] == ("voucher", "value") and said.value == 0:
            words = (
                f"a voucher of {said.amount} {said.currency} buys nothing; write what it is worth, or leave `value` out"
            )
            yield Remark((*path, "amount"), words, code)


def no_currency(code: str, likely: str | None = None) -> str:
    """What is said of a code that ISO 4217 does not have. likely: what was meant before others, where it is near."""
    mean = "did you mean {}?"
    hint = likely and nearest(code, [likely], mean)
    hint = hint or nearest(code, sorted(CODES), mean) or "write an ISO 4217 code, such as VND"
    return f"no currency has the code {code}; {hint}"


def _written(each: Definition) -> Iterator[tuple[Path, str, Money, str]]:
    if isinstance(each, Bounded) and each.budget is not None and each.budget.money is not None:
        yield ("budget", "money"), "the budget", each.budget.money, "budget"
    if isinstance(each, GiftRule) and each.value is not None:
        yield ("value",), "the gift's value", each.value, "money"
    for number, effect in enumerate(each.then if isinstance(each, Rule) else ()):
        for name in ("voucher", "gift"):
            thing = getattr(effect, name, None)
            for field in ("value", "minimum"):
                said = getattr(thing, field, None)
                if said is not None:
                    yield ("then", number, name, field), f"the {name}'s {field}", said, "money"
