"""Numbers with more digits behind the point than an amount of their currency has, or than points and pieces have:
nobody can pay them, or the point is between thousands, and the number is a thousandth of what was meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final, NamedTuple

from shared.currencies import digits
from shared.events.values import Money
from shared.rules.checks.constants import Remark
from shared.rules.checks.pieces import Expression, Path, expressions, filters, lists
from shared.rules.definition import Bounded, Definition, Draw, Partner, Programme, Rule
from shared.rules.language.checking import condition
from shared.rules.language.syntax import Literal, Many
from shared.rules.language.terms import Arithmetic, Comparison, Const, Fact, LineFact, OneOf, Term, children
from shared.rules.language.types import Unit
from shared.rules.rewards import PointsEffect
from shared.rules.wallets import Wallet

_THOUSANDS: Final = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
# What a piece costs, in the mean of a line: a quotient, so of four decimals in every currency.
_QUOTIENTS: Final = ("lines.cheapest(", "lines.dearest(", "history.sum(lines.cheapest(", "history.sum(lines.dearest(")


class _Amount(NamedTuple):
    """A number that stands for money, or for so many of a unit. currency: its own, or else the programme's; rate: it
    need not be payable, such as what one point costs, so that only a point between thousands is wrong of it."""

    path: Path
    text: str
    rate: bool = False
    currency: str | None = None
    unit: Unit = "money"
    span: tuple[int, int] | None = None


def decimals(each: Definition, currency: str | None) -> Iterator[Remark]:
    """Of the numbers that a definition writes. currency: the programme's, where it is known."""
    for path, text, rate, own, unit, span in (*_written(each), *_compared(each, currency)):
        of = own or currency
        if unit != "money":
            said = _told(text, 0, f"{unit} have no decimals")
        else:
            said = "" if of is None else too_many(text, of, rate=rate)
        if said:
            yield Remark(path, said, "money" if unit == "money" else "value", "error", span)


def too_many(text: str, currency: str, *, rate: bool = False) -> str:
    """What is wrong with an amount as it is written, and what to write instead; nothing where its currency has as many
    decimals, or where it is a rate that cannot be misread."""
    most = digits(currency)
    has = f"{most or 'no'} decimals"
    unpaid = "" if rate else f"nobody can pay {text} {currency}, which has {has}"
    return _told(text, most, f"{currency} has {has}", unpaid)


def _told(text: str, most: int, has: str, unpaid: str = "") -> str:
    """The same. has: why there are no more than `most` decimals; unpaid: what is said of an amount that is a fraction
    even so, and nothing of a rate."""
    thousands = _THOUSANDS.fullmatch(text)
    if len(text.partition(".")[2]) <= most or not (thousands or unpaid):
        return ""
    joined, payable = text.replace(".", ""), f"{Decimal(text):.{most}f}"
    if Decimal(payable) == Decimal(text):
        said, instead = f"{has}, and {text} is {payable}", payable
    elif unpaid:
        said, instead = unpaid, f"at most {most} decimals" if most else "a whole amount"
    else:  # one decimal more or less is nobody's thousands
        said, instead = f"{has}, and {text} may be read as {joined}", text[:-1] if text.endswith("0") else f"{text}0"
    thousand = f"{joined} if the point is between thousands, or " if thousands else ""
    return f"{said}; write {thousand}{instead}"


def _written(each: Definition) -> Iterator[_Amount]:
    """What stands outside of expressions."""
    if isinstance(each, Bounded) and each.budget is not None and each.budget.cost_per_point is not None:
        money = each.budget.money
        currency = None if money is None else money.currency
        yield _Amount(("budget", "cost_per_point"), f"{each.budget.cost_per_point:f}", True, currency)
    for number, effect in enumerate(each.then if isinstance(each, Rule) else ()):
        if isinstance(effect, PointsEffect) and effect.per_amount is not None:
            yield _Amount(("then", number, "per_amount", "per"), f"{effect.per_amount.per:f}")
        if isinstance(effect, PointsEffect) and effect.cashback is not None:
            yield _Amount(("then", number, "cashback", "unit"), f"{effect.cashback.unit:f}", True)
    for path, said, rate in _monies(each):
        yield _Amount((*path, "amount"), said.amount, rate, said.currency)


def _monies(each: Definition) -> Iterator[tuple[Path, Money, bool]]:
    """What points and prizes are worth."""
    if isinstance(each, Programme):
        for number, wallet in enumerate(each.wallets):
            if isinstance(wallet, Wallet) and wallet.value is not None:
                yield ("wallets", number, "value"), wallet.value, True
    if isinstance(each, Partner):
        yield from ((("cost", wallet), said, True) for wallet, said in each.cost.items())
        yield from ((("reimbursement", wallet), said, True) for wallet, said in each.reimbursement.items())
    if isinstance(each, Draw):
        for number, prize in enumerate(each.prizes):
            if prize.value is not None:
                yield ("prizes", number, "value"), prize.value, False


def _compared(each: Definition, currency: str | None) -> Iterator[_Amount]:
    """What conditions and filters compare with money and other units, or add to it."""
    fewest = 3 if currency is None else min(3, digits(currency) + 1)
    for text in expressions(each):
        if not re.search(rf"\.[0-9]{{{fewest}}}", text.text):
            continue  # nothing to look for, as nearly always
        whole = condition(text.text, text.scope, text.zone)
        for term in (whole, *(each.term for each in filters(text))):
            for number, rate, unit in _of_term(term, text):
                span = number.at, number.end
                yield _Amount(text.path, f"{number.value:f}".removeprefix("-"), rate, unit=unit, span=span)


def _of_term(term: Term, text: Expression) -> Iterator[tuple[Const | Literal, bool, Unit]]:
    """The numbers that stand for so many of a unit, and whether each is a rate."""
    match term:
        case Comparison(left=left, right=right) if (unit := left.type.unit or right.type.unit) is not None:
            rate = _scaled(left) or _scaled(right)
            yield from ((number, rate, unit) for side in (left, right) for number in _summands(side))
        case OneOf(of=of) if of.type.unit is not None:
            options = lists(text.tree)[term.at, term.end].right
            found = options.items if isinstance(options, Many) else ()
            yield from ((number, _scaled(of), of.type.unit) for number in found if isinstance(number, Literal))
        case _:
            for part in children(term):
                yield from _of_term(part, text)


def _summands(term: Term) -> Iterator[Const]:
    """Numbers that stand for amounts themselves; a factor is none."""
    match term:
        case Const():
            yield term
        case Arithmetic(operator="+" | "-", left=left, right=right):
            yield from _summands(left)
            yield from _summands(right)
        case Arithmetic(left=left, right=right):
            for each in (left, right):
                if not isinstance(each, Const):
                    yield from _summands(each)


def _scaled(term: Term) -> bool:
    """Whether what it is compared with need not be payable: it is multiplied, or a price."""
    if isinstance(term, Fact):
        return term.asked.label.startswith(_QUOTIENTS)
    if isinstance(term, LineFact):
        return term.field == "price"
    return (isinstance(term, Arithmetic) and term.operator == "*") or any(map(_scaled, children(term)))
