"""What is left of a purchase when parts of it came back: pieces of each line, and the part of its amount. Pure, exact.

- Pieces of a line take their share of what is left of its amount with them.
- An amount is taken from all that is left in proportion; the pieces stay, until no amount is left.
- What is left of a line's amount is shown to rules rounded up to the cent (or to the line's own smallest unit): a
  rounding never costs the member a threshold.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from msgspec.structs import replace

from shared.events.decode import Refused
from shared.events.light import Basket, Line, Occurrence, Returned
from shared.rules.facts import ZERO
from shared.rules.paying import paid_of, scale

_ALL: Final = Fraction(1)
_NONE: Final = Fraction(0)
WHOLE: Final = Returned(purchase="")


class Left(NamedTuple):
    """Of each line: how many pieces are left, and what part of its amount, from 0 to 1."""

    pieces: tuple[int, ...]
    parts: tuple[Fraction, ...]


def untouched(lines: Sequence[Line]) -> Left:
    """A purchase of which nothing has come back. What was sold without pieces (quantity 0) comes back as one."""
    return Left(tuple(each.quantity or 1 for each in lines), (_ALL,) * len(lines))


def after(left: Left, lines: Sequence[Line], said: Returned) -> Left | Refused:
    """What is left after one more return, or why it cannot be."""
    if is_gone(left, lines):
        return _refused("all of this purchase was returned (or cancelled) before")
    if said.back is not None:
        return _without_pieces(left, lines, said)
    if said.amount is None:
        return _gone(lines)
    digits = max(scale(each.amount) for each in lines)
    worth = sum((Fraction(x.amount) * part for x, part in zip(lines, left.parts, strict=True)), _NONE)
    units = _up(worth * 10**digits)
    if Fraction(said.amount) > Fraction(units, 10**digits):
        return _refused(f"of this purchase {units / 10**digits:.{digits}f} is left to return, not {said.amount}")
    if Fraction(said.amount) >= worth:
        return _gone(lines)
    share = 1 - Fraction(said.amount) / worth
    return Left(left.pieces, tuple(part * share for part in left.parts))


def left_after(lines: Sequence[Line], returns: Iterable[Returned]) -> Left:
    """What is left after returns that were accepted, in order."""
    left = untouched(lines)
    for said in returns:
        found = after(left, lines, said)
        assert isinstance(found, Left), "a return that is in the books was possible"
        left = found
    return left


class Leaves(NamedTuple):
    """A purchase with a return: what was left of it before and is left after it, and the same as rules see it."""

    event: Occurrence
    before: Left
    after: Left

    @property
    def was(self) -> Occurrence:
        """The purchase before this return."""
        found = remains(self.event, self.before)
        assert found is not None  # or the return would have been refused
        return found

    @property
    def now(self) -> Occurrence | None:
        """The purchase after it."""
        return remains(self.event, self.after)


def leaves(bought: Occurrence, earlier: Iterable[Returned], back: Returned) -> Leaves | Refused:
    """What a return leaves of a purchase, or why it cannot be. earlier: its returns before."""
    currency, lines = bought.data.currency, bought.data.lines
    if back.amount is not None and back.currency not in (None, currency):
        return Refused("wrong_currency", f"the purchase was in {currency}: write the amount in that")
    before = left_after(lines, earlier)
    found = after(before, lines, back)
    return found if isinstance(found, Refused) else Leaves(bought, before, found)


def is_gone(left: Left, lines: Sequence[Line]) -> bool:
    """Whether nothing is left. A line of no pieces and no amount is nothing, unless the purchase had no others."""
    parts = [part for line, part in zip(lines, left.parts, strict=True) if line.quantity or line.amount]
    return not any(parts or left.parts)


def remains(bought: Occurrence, left: Left) -> Occurrence | None:
    """The purchase as if only what is left had been bought; None where nothing is."""
    basket = bought.data
    assert isinstance(basket, Basket)
    if is_gone(left, basket.lines):
        return None
    each = zip(basket.lines, left.pieces, left.parts, strict=True)
    lines = [_part(line, pieces, part) for line, pieces, part in each if part]
    paid = basket.paid_with_points
    if paid is not None:
        paid = paid_of(paid, lines, basket.lines)
    return replace(bought, data=replace(basket, lines=lines, paid_with_points=paid))


def _part(line: Line, pieces: int, part: Fraction) -> Line:
    pieces = min(pieces, line.quantity)
    if part == 1 and pieces == line.quantity:
        return line
    digits = scale(line.amount)
    amount = ZERO + _up(Fraction(line.amount) * part * 10**digits)
    return replace(line, quantity=pieces, amount=amount.scaleb(-digits))


def _without_pieces(left: Left, lines: Sequence[Line], said: Returned) -> Left | Refused:
    pieces, parts = list(left.pieces), list(left.parts)
    for each in said.back or ():
        if each.line >= len(lines):
            return _refused(f"the purchase has {len(lines)} lines, counted from 0: there is no line {each.line}")
        there = pieces[each.line] if parts[each.line] else 0
        if each.quantity > there:
            return _refused(f"of line {each.line} {there} pieces are left to return, not {each.quantity}")
        parts[each.line] *= Fraction(there - each.quantity, there)
        pieces[each.line] = there - each.quantity
    found = Left(tuple(pieces), tuple(parts))
    return _gone(lines) if is_gone(found, lines) else found


def _gone(lines: Sequence[Line]) -> Left:
    return Left((0,) * len(lines), (_NONE,) * len(lines))


def _up(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)


def _refused(detail: str) -> Refused:
    return Refused("exceeds_purchase", f"{detail}; correct it under a new id")
