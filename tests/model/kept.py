"""What a purchase may keep after returns, plainly, for five rules written out: a model apart from the rules' engine.

base: a point for `per`, by line. least: 40 from `spend` on. double: as many as base once more. best: of a seventh (by
line) and 30 from `spend` on the higher, the seventh where they are equal. capped: a third, 20 at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

LEAST, SECOND, CAP = 40, 30, 20


def by_line(amounts: list[Fraction], per: int) -> list[int]:
    """Points of each line: the running sum is rounded down."""
    sums = [floor(sum(amounts[: n + 1], Fraction(0)) / per) for n in range(len(amounts))]
    return [now - before for before, now in zip([0, *sums], sums, strict=False)]


@dataclass
class Purchase:
    """Lines as (pieces, amount); what is left of them as pieces and shares."""

    lines: list[tuple[int, Fraction]]
    per: int
    spend: int

    def __post_init__(self) -> None:
        """Nothing has come back. What has no pieces is one thing."""
        self.pieces = [max(1, pieces) for pieces, _ in self.lines]
        self.shares = [Fraction(1)] * len(self.lines)
        self.amounts = [amount for _, amount in self.lines]
        whole = sum(self.amounts, Fraction(0))
        self.seventh, self.third = by_line(self.amounts, 7), by_line(self.amounts, 3)
        self.rates = by_line(self.amounts, self.per)
        self.first = sum(self.seventh) >= (SECOND if whole >= self.spend else 0)  # the seventh won
        self.cut = min(CAP, sum(self.third))

    @property
    def worth(self) -> Fraction:
        """What the lines that are left cost."""
        return sum((a * s for a, s in zip(self.amounts, self.shares, strict=True)), Fraction(0))

    @property
    def nothing(self) -> bool:
        """All is gone. What was free and had no pieces is asked for only where nothing else was bought."""
        real = [share for line, share in zip(self.lines, self.shares, strict=True) if any(line)]
        return not any(real if real else self.shares)

    def take(self, line: int, pieces: int) -> bool:
        """Pieces of a line come back."""
        if pieces > self.pieces[line] or not self.shares[line]:
            return False
        self.shares[line] *= Fraction(self.pieces[line] - pieces, self.pieces[line])
        self.pieces[line] -= pieces
        return True

    def take_amount(self, cents: int) -> bool:
        """An amount comes back."""
        if self.nothing or cents > ceil(self.worth * 100):
            return False
        rest = max(Fraction(0), self.worth - Fraction(cents, 100))
        share = rest / self.worth if self.worth else Fraction(0)
        self.shares = [each * share for each in self.shares]
        return True

    def keeps(self) -> dict[str, int]:
        """Points of each rule for what is left."""
        if self.nothing:
            return {}
        left = [Fraction(ceil(a * s * 100), 100) for a, s in zip(self.amounts, self.shares, strict=True)]
        enough = sum(left, Fraction(0)) >= self.spend
        was_enough = sum(self.amounts, Fraction(0)) >= self.spend
        base = self._of_lines(self.rates)
        seventh = self._of_lines(self.seventh) if self.first else min(sum(by_line(left, 7)), sum(self.seventh))
        fixed = SECOND if enough and was_enough else 0
        capped = min(CAP, sum(by_line(left, 3)))
        if self.third and sum(self.third):
            parts = self._of_lines(self._resized())
            capped = min(self.cut, max(parts, capped))
        found = {
            "base": base,
            "least": LEAST if enough and was_enough else 0,
            "double": base,
            "seventh": seventh if seventh >= fixed else 0,
            "fixed": fixed if fixed > seventh else 0,
            "capped": capped,
        }
        return {rule: points for rule, points in found.items() if points}

    def _resized(self) -> list[int]:
        whole = sum(self.third)
        sums = [sum(self.third[: n + 1]) * self.cut // whole for n in range(len(self.third))]
        return [now - before for before, now in zip([0, *sums], sums, strict=False)]

    def _of_lines(self, points: list[int]) -> int:
        return sum(p - floor(p * (1 - s)) for p, s in zip(points, self.shares, strict=True))
