"""How many points an effect gives, naively, in fractions: the sum is rounded once, the lines get what is gained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

from tests.model.rules.conditions import eligible, fits, may_earn
from tests.model.rules.world import World, money


@dataclass
class Given:
    """Points of one rule and wallet; `exact`: before rounding; `lines`: each line's part where they come from lines."""

    rule: str
    version: int
    wallet: str
    points: int
    exact: Fraction
    lines: list[int] | None
    repeats: list[str]


def repeats(rule: dict[str, Any]) -> list[str]:
    """Rules that a rule builds on."""
    return [
        id_ for effect in effects(rule) for id_ in effect.get("again") or effect.get("multiply", {}).get("rules", [])
    ]


def effects(rule: dict[str, Any]) -> list[dict[str, Any]]:
    then = rule["then"]
    return [then] if isinstance(then, dict) else then


def give(effect: dict[str, Any], world: World, so_far: list[Given]) -> tuple[int, Fraction, list[int] | None]:
    """Points, the same before rounding, and the lines' parts."""
    if "fixed" in effect:
        return effect["fixed"], Fraction(effect["fixed"]), None
    points, exact, lines = _shape(effect, world, so_far)
    changed = points
    if points and "at_least" in effect and points < effect["at_least"]:
        changed = effect["at_least"]
    if "at_most" in effect and changed > effect["at_most"]:
        changed = effect["at_most"]
    if changed == points:
        return points, exact, lines
    return changed, Fraction(changed), resized(lines, points, changed)


def resized(lines: list[int] | None, points: int, wanted: int) -> list[int] | None:
    """The lines' parts of other points: each running sum in proportion, rounded down."""
    if lines is None or points == 0:
        return None
    runs = [sum(lines[: n + 1]) * wanted // points for n in range(len(lines))]
    return [run - (runs[n - 1] if n else 0) for n, run in enumerate(runs)]


def _shape(effect: dict[str, Any], world: World, so_far: list[Given]) -> tuple[int, Fraction, list[int] | None]:
    wallet = effect.get("wallet", "stars")
    if "again" in effect:
        under = [each for id_ in effect["again"] for each in so_far if (each.rule, each.wallet) == (id_, wallet)]
        total = sum(each.points for each in under)
        return total, Fraction(total), added(under)
    if "multiply" in effect:
        return _multiplied(effect["multiply"], wallet, so_far)
    if "per_line" in effect:
        shape = effect["per_line"]
        parts = [shape["give"] * counts(shape, world, each) for each in world.lines]
        return sum(parts), Fraction(sum(parts)), parts
    if "per_quantity" in effect:
        shape = effect["per_quantity"]
        pieces = [Fraction(each["quantity"] * counts(shape, world, each)) for each in world.lines]
        return _per(pieces, Fraction(shape.get("per", 1)), shape["give"], "down", "sum")
    return _amounts(effect, world)


def counts(shape: dict[str, Any], world: World, line: dict[str, Any]) -> bool:
    """Of points per line or quantity."""
    return (shape.get("of") == "all" or may_earn(world, line)) and fits(shape.get("where"), world, line)


def _amounts(effect: dict[str, Any], world: World) -> tuple[int, Fraction, list[int] | None]:
    shape = effect.get("per_amount") or effect["cashback"]
    if world.data.get("currency") != world.programme["currency"]:
        return 0, Fraction(0), None
    amounts = (
        eligible(world) if shape.get("of", "basket.eligible") == "basket.eligible" else list(map(money, world.lines))
    )
    chosen = [amount * fits(shape.get("where"), world, line) for amount, line in zip(amounts, world.lines, strict=True)]
    if "cashback" in effect:
        worth = [amount * Fraction(str(shape["percent"])) / 100 for amount in chosen]
        unit, what = Fraction(str(shape["unit"])), shape.get("round", "sum")
        return _per(worth, unit, 1, shape.get("rounding", "down"), what)
    rounding, per = shape.get("rounding", "down"), Fraction(str(shape["per"]))
    return _per(chosen, per, shape.get("give", 1), rounding, shape.get("round", "sum"))


def _per(
    amounts: list[Fraction], per: Fraction, give_: int, rounding: str, what: str
) -> tuple[int, Fraction, list[int]]:
    exact = sum(amounts, Fraction(0)) / per * give_
    if what == "line":
        parts = [whole(amount / per, rounding) * give_ for amount in amounts]
    else:
        runs = [whole(sum(amounts[: n + 1], Fraction(0)) / per, rounding) * give_ for n in range(len(amounts))]
        parts = [run - (runs[n - 1] if n else 0) for n, run in enumerate(runs)]
    return sum(parts), exact, parts


def whole(value: Fraction, rounding: str) -> int:
    if rounding == "half_up":
        return floor(value + Fraction(1, 2))
    ways: dict[str, Callable[[Fraction], int]] = {"down": floor, "up": ceil, "half_even": round}
    return ways[rounding](value)


def added(under: list[Given]) -> list[int] | None:
    if not under or any(each.lines is None for each in under):
        return None
    return [sum(parts) for parts in zip(*(each.lines or [] for each in under), strict=True)]


def _multiplied(shape: dict[str, Any], wallet: str, so_far: list[Given]) -> tuple[int, Fraction, list[int] | None]:
    mine = [each for each in so_far if each.wallet == wallet]
    under = [each for id_ in shape["rules"] for each in mine if each.rule == id_]
    if shape.get("compounding"):
        under += [each for each in mine if set(each.repeats) & set(shape["rules"]) and each not in under]
    points = sum(each.points for each in under)
    base = sum((each.exact for each in under), Fraction(0)) if shape.get("on") == "exact" else Fraction(points)
    together = base * Fraction(str(shape["by"]))
    on_top = max(0, whole(together, shape.get("rounding", "down")) - points)
    return on_top, together - base, resized(added(under), points, on_top)
