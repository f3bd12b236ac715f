"""Returns, plainly: what is left of a basket, and how many of its stars (one a whole dollar, by line) went back."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any


@dataclass
class Left:
    """Of each line the pieces that are left, and the share of its amount."""

    pieces: list[int]
    shares: list[Fraction]


def take(kept: dict[str, Left], bought: dict[str, Any], said: dict[str, Any]) -> bool:
    """One return; False, and nothing changed, where it asks for too much."""
    lines = bought["data"]["lines"]
    left = kept.get(bought["id"]) or Left([x["quantity"] or 1 for x in lines], [Fraction(1)] * len(lines))
    amounts = [Fraction(x["amount"]) for x in lines]
    worth = sum(a * s for a, s in zip(amounts, left.shares, strict=True))
    weighty = [n for n, x in enumerate(lines) if x["quantity"] or Fraction(x["amount"])] or range(len(lines))
    if not any(left.pieces[n] and left.shares[n] for n in weighty):
        return False
    now = Left(list(left.pieces), list(left.shares))
    if "lines" in said:
        for each in said["lines"]:
            line, wanted = each["line"], each["quantity"]
            if wanted > now.pieces[line] or not now.shares[line]:
                return False
            now.shares[line] *= Fraction(now.pieces[line] - wanted, now.pieces[line])
            now.pieces[line] -= wanted
    elif "amount" in said:
        asked = Fraction(said["amount"])
        if asked > Fraction(ceil(worth * 100), 100):
            return False
        share = max(Fraction(0), 1 - asked / worth) if worth else Fraction(0)
        now.shares = [s * share for s in now.shares]
    else:
        now.shares = [Fraction(0)] * len(lines)
    kept[bought["id"]] = now
    return True


def gone(bought: dict[str, Any], left: Left) -> int:
    """Stars that went back: of each line what it earned, in the share that went, rounded down."""
    running, before, found = Fraction(0), 0, 0
    for line, share in zip(bought["data"]["lines"], left.shares, strict=True):
        running += 0 if line.get("department") == "FUEL" else Fraction(line["amount"])
        earned, before = floor(running) - before, floor(running)
        found += floor(earned * (1 - share))
    return found
