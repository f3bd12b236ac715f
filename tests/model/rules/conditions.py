"""Whether a condition holds, naively: the parser's tree is walked anew for every event. None stands for unknown."""

from __future__ import annotations

import operator
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

from shared.rules.language import syntax as s
from shared.rules.language.parser import parse as parsed
from tests.model.rules import past
from tests.model.rules.world import DAYS, World, money, price

parse = cache(parsed)  # the tree alone: what it answers is found anew each time
SIGNS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq,
         "!=": operator.ne}  # fmt: skip

# Of the United States, of the months that events are made for; looked up in a calendar.
HOLIDAYS = {"2017-02-20": "Washington's Birthday", "2017-05-29": "Memorial Day", "2017-07-04": "Independence Day"}


def tree(condition: Any, world: World) -> bool:
    """A tree of all, any and not."""
    if isinstance(condition, str):
        return value(parse(condition), world) is True
    if "all" in condition:
        return all(tree(part, world) for part in condition["all"])
    if "any" in condition:
        return any(tree(part, world) for part in condition["any"])
    return not tree(condition["not"], world)


def fits(filter_: str | None, world: World, line: dict[str, Any]) -> bool:
    """Whether a line fits what `where` says."""
    return filter_ is None or value(parse(filter_), world, line) is True


def value(node: s.Node, world: World, line: dict[str, Any] | None = None) -> Any:
    """Any part of an expression; `line` is the one that a filter looks at."""
    match node:
        case s.Literal(value=said):
            return said if isinstance(said, str | bool) else Fraction(said)
        case s.Name():
            return plain(name(node.parts, world) if line is None else of_line(node.parts, line))
        case s.Joined(operator=sign, parts=parts):
            found = [value(part, world, line) is True for part in parts]
            return all(found) if sign == "&&" else any(found)
        case s.Unary(operator="!", of=of):
            return value(of, world, line) is not True
        case s.Unary(of=of):
            inner = value(of, world, line)
            return None if inner is None else -inner
        case s.Binary(operator="in", left=left, right=s.Many(items=items)):
            mine = value(left, world, line)
            return any(same(mine, value(item, world)) for item in items)
        case s.Binary(operator="in", left=left, right=right):
            return value(left, world) in (value(right, world) or ())
        case s.Binary(operator=sign, left=left, right=right):
            return joined(sign, value(left, world, line), value(right, world, line))
        case s.Method(of=of, name=method, arguments=(s.Literal(value=str(part)),)):
            text = value(of, world, line)
            if not isinstance(text, str):
                return False
            return {"startsWith": text.startswith(part), "endsWith": text.endswith(part)}.get(method, part in text)
        case s.Call():
            return call(node, world, line)
    raise AssertionError(node)


def joined(sign: str, left: Any, right: Any) -> Any:
    """A calculation, or a comparison; what is unknown equals nothing, and neither does what is of another sort."""
    if sign in ("+", "-", "*"):
        if left is None or right is None:
            return None
        return left + right if sign == "+" else left - right if sign == "-" else left * right
    if left is None or right is None or type(left) is not type(right):
        return sign == "!="
    return SIGNS[sign](left, right)


def same(left: Any, right: Any) -> bool:
    return left is not None and type(left) is type(right) and left == right


def plain(found: Any) -> Any:
    """Whole numbers become fractions, so that all numbers are of one sort."""
    return Fraction(found) if isinstance(found, int) and not isinstance(found, bool) else found


def of_line(parts: tuple[str, ...], line: dict[str, Any]) -> Any:
    if parts[0] == "attributes":
        return line.get("attributes", {}).get(parts[1])
    if parts[0] in ("amount", "price"):
        return money(line) if parts[0] == "amount" else price(line)
    return line.get(parts[0])


def name(parts: tuple[str, ...], world: World) -> Any:
    """A fact by its name."""
    if parts[0] == "event":
        if parts[1] == "attributes":
            return world.data.get("attributes", {}).get(parts[2])
        if parts[1] == "partner":
            return world.event["source"].split("/")[-1]
        return world.kind if parts[1] == "kind" else world.data.get(parts[1])
    if parts[0] == "calendar":
        local = world.local
        return {"date": world.today.isoformat(), "weekday": DAYS[local.weekday()], "hour": local.hour,
                "day": local.day, "month": local.month}[parts[1]]  # fmt: skip
    if parts[0] == "basket":
        return basket(parts[1], world)
    return of_member(parts, world)


def basket(what: str, world: World) -> Any:
    if not world.lines or (what != "quantity" and world.foreign):
        return None
    if what == "quantity":
        return sum(line["quantity"] for line in world.lines)
    return sum(eligible(world) if what == "eligible" else map(money, world.lines))


def eligible(world: World) -> list[Fraction]:
    """Each line's amount, 0 where the programme excludes it."""
    return [money(each) if may_earn(world, each) else Fraction(0) for each in world.lines]


def may_earn(world: World, line: dict[str, Any]) -> bool:
    """Whether the programme lets a line earn."""
    excluded = world.programme.get("not_eligible")
    return not (excluded and fits(excluded, world, line))


def of_member(parts: tuple[str, ...], world: World) -> Any:
    member, today = world.member, world.today
    if parts[1] in ("attributes", "balance", "lifetime"):
        return member.get(parts[1], {}).get(parts[2], None if parts[1] == "attributes" else 0)
    if parts[1] == "segments":
        return {id_ for id_, when in world.segments.items() if tree(when, world.of(None))}
    if parts[1] == "tier":
        ladders = sorted(member.get("tiers", {}))
        return member["tiers"][ladders[0]] if ladders else None
    if parts[1] == "tiers":
        return set(member.get("tiers", {}).values())
    if parts[1] in ("age", "is_birthday"):
        born = member.get("birthday")
        if born is None:
            return None
        kept = [day for day in (_birthday(born, year) for year in range(int(born[:4]), today.year + 1)) if day <= today]
        if parts[1] == "is_birthday":
            return today == _birthday(born, today.year)
        return len(kept) - 1 if kept else None
    if parts[1] == "joined":
        joined_ = member.get("joined")
        return joined_ and World({"time": joined_}, {}, [], world.programme, {}, world.zone).today.isoformat()
    if parts[1] == "referrals":
        return member.get("referrals", 0)
    return set(member.get("tags", ())) if parts[1] == "tags" else member.get(parts[1])


def _birthday(born: str, year: int) -> date:
    try:
        return date.fromisoformat(born).replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def call(node: s.Call, world: World, line: dict[str, Any] | None) -> Any:
    """A function."""
    given = node.arguments
    if node.function == "has":
        return value(given[0], world, line) is not None
    if node.function == "days_since":
        day = value(given[0], world)
        return None if day is None else Fraction((world.today - date.fromisoformat(day)).days)
    if node.function == "calendar.holiday":
        return HOLIDAYS.get(world.today.isoformat())
    if node.function.startswith("lines."):
        return plain(over_lines(node.function[6:], given, world))
    if node.function == "history.distinct" and isinstance(given[0], s.Name) and len(given[0].parts) == 1:
        bought = past.purchases(given[1], world)
        return Fraction(len(set().union(*(different(given[0], given[2:], then) for then in bought))))
    return plain(past.history(node.function[8:], given, world, value))


def different(field: s.Node, rest: tuple[s.Node, ...], world: World) -> set[Any]:
    """What the lines of a purchase that fit have in a field."""
    if world.foreign and any(map(about_money, rest)):
        return set()
    name = field.dotted  # type: ignore[attr-defined]
    fitting = [line for line in world.lines if not rest or value(rest[0], world, line) is True]
    return {line[name] for line in fitting if line.get(name) is not None}


def over_lines(function: str, given: tuple[s.Node, ...], world: World) -> Any:
    what, rest = "", list(given)
    if function in ("sum", "distinct"):
        what = rest.pop(0).dotted  # type: ignore[attr-defined]
    asks_money = what == "amount" or function in ("cheapest", "dearest") or any(map(about_money, rest))
    if world.foreign and asks_money:
        return None
    fitting = [line for line in world.lines if not rest or value(rest[0], world, line) is True]
    match function:
        case "any":
            return bool(fitting)
        case "none":
            return not fitting
        case "all":
            return bool(world.lines) and len(fitting) == len(world.lines)
        case "count":
            return len(fitting)
        case "sum":
            return sum((Fraction(line[what]) for line in fitting), Fraction(0))
        case "distinct":
            return len({line[what] for line in fitting if line.get(what) is not None})
    prices = sorted(map(price, fitting))
    return None if not prices else prices[0] if function == "cheapest" else prices[-1]


def about_money(node: s.Node) -> bool:
    """Whether a filter of lines asks for amounts."""
    match node:
        case s.Name(parts=parts):
            return parts[0] in ("amount", "price")
        case s.Joined(parts=parts):
            return any(map(about_money, parts))
        case s.Binary(left=left, right=right):
            return about_money(left) or about_money(right)
        case s.Unary(of=of) | s.Method(of=of):
            return about_money(of)
        case s.Call(arguments=arguments):
            return any(map(about_money, arguments))
    return False
