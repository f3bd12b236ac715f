"""Names within conditions that nobody defines: segments, wallets, tiers, tags, holidays, currencies, partners (where
they are a slip of one that is); and segments in a circle."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from shared.currencies import CODES
from shared.events.values import CURRENCY
from shared.rules.checks.constants import Remark
from shared.rules.checks.moneys import no_currency
from shared.rules.checks.pieces import Expression, expressions, nodes
from shared.rules.checks.shelf import Shelf
from shared.rules.compiled import segments_named
from shared.rules.definition import Definition, Partner, Segment
from shared.rules.holidays import names_of
from shared.rules.language.syntax import Binary, Call, Literal, Many, Name, Node
from shared.rules.near import mistyped
from shared.rules.references import nearest, no_wallet, suggested

_OF_WALLETS: Final = ("member.balance", "member.lifetime")
_OF_TIERS: Final = ("member.tier", "member.tiers")


def names(each: Definition, shelf: Shelf) -> list[Remark]:
    """Of all expressions of a definition."""
    found = [remark for text in expressions(each) for node in nodes(text.tree) for remark in _of(node, text, shelf)]
    return [*found, *_circle(each, shelf)]


def _of(node: Node, text: Expression, shelf: Shelf) -> Iterator[Remark]:
    if text.scope == "line":
        return
    if isinstance(node, Name) and ".".join(node.parts[:2]) in _OF_WALLETS and len(node.parts) == 3:
        yield from _wallet(node, text, shelf)
    if not isinstance(node, Binary):
        return
    left, right = node.left, node.right
    if node.operator == "in" and isinstance(left, Literal) and isinstance(right, Name):
        yield from _of_set(left, right.dotted, text, shelf)
    elif node.operator in ("==", "!=", "in"):
        for name, other in ((left, right), (right, left)):
            for value in _literals(other):
                if isinstance(name, Name) and name.dotted == "member.tier":
                    yield from _of_set(value, name.dotted, text, shelf)
                if isinstance(name, Name) and name.dotted == "event.partner":
                    yield from _partner(value, text, shelf)
                if isinstance(name, Name) and name.dotted == "event.currency":
                    yield from _currency(value, text, shelf)
                if isinstance(name, Call) and name.function == "calendar.holiday":
                    yield from _holiday(name, value, text)


def _literals(node: Node) -> list[Literal]:
    return [each for each in (node.items if isinstance(node, Many) else (node,)) if isinstance(each, Literal)]


def _wallet(node: Name, text: Expression, shelf: Shelf) -> Iterator[Remark]:
    wallet = node.parts[2]
    if shelf.programme is not None and wallet not in shelf.programme.purses:
        said = no_wallet(wallet, shelf.programme.purses)
        yield Remark(text.path, said, "wallet", "error", (node.at, node.end))


def _of_set(value: Literal, name: str, text: Expression, shelf: Shelf) -> Iterator[Remark]:
    """A text that is asked for in a set of the member's."""
    id_, span = str(value.value), (value.at, value.end)
    if name == "member.segments":
        known = [each.id for each in shelf.of(Segment)]
        if id_ not in known and (id_ in shelf.newest or shelf.lacks(id_)):
            said = f"no segment is called {id_}; {suggested(id_, known, 'segment')}"
            yield Remark(text.path, said, "reference", "error" if shelf.programme else "warning", span)
    elif name in _OF_TIERS:
        rungs = shelf.rungs
        if id_ not in rungs and not shelf.any_unread and not shelf.unread:
            hint = nearest(id_, rungs, "; did you mean {}?") or f"; there are {', '.join(rungs) or 'no ladders'}"
            said = f"no ladder has a tier {id_}{hint}"
            yield Remark(text.path, said, "reference", "error" if shelf.programme else "warning", span)
    elif name == "member.tags":
        given = shelf.tags
        if id_ not in given and not shelf.any_unread and not shelf.unread:
            hint = nearest(id_, given, "; did you mean {}?") or "; give it with `then: {tag: …}` or leave this out"
            yield Remark(text.path, f"no rule gives the tag {id_}{hint}", "tag", "warning", span)


def _partner(value: Literal, text: Expression, shelf: Shelf) -> Iterator[Remark]:
    """A coalition may have partners that nobody defines: only what is a slip of one that is defined is told."""
    id_ = str(value.value)
    known = [each.id for each in shelf.of(Partner)]
    meant = mistyped(id_, known) if id_ not in known and shelf.lacks(id_) else None
    if meant is not None:
        said = f"no partner is defined as {id_}; did you mean {meant}?"
        yield Remark(text.path, said, "reference", "warning", (value.at, value.end))


def _currency(value: Literal, text: Expression, shelf: Shelf) -> Iterator[Remark]:
    """Partners may send any three capitals, so that it could hold."""
    code = str(value.value)
    if code not in CODES and re.fullmatch(CURRENCY, code):  # anything else never holds, and is told as such
        likely = None if shelf.programme is None else shelf.programme.currency
        yield Remark(text.path, no_currency(code, likely), "money", "warning", (value.at, value.end))


def _holiday(call: Call, value: Literal, text: Expression) -> Iterator[Remark]:
    country = call.arguments[0]
    if not isinstance(country, Literal) or not isinstance(value.value, str):
        return
    known = _holidays(str(country.value))
    if value.value not in known:
        called = ", ".join(f'"{name}"' for name in sorted(known, key=_plain_first)[:3])
        hint = nearest(value.value, known, '; did you mean "{}"?') or f"; its holidays are called {called} …"
        said = f"{country.value} has no holiday of that name from 2000 to 2040{hint}"
        yield Remark(text.path, said, "holiday", "warning", (value.at, value.end))


def _plain_first(name: str) -> tuple[bool, str]:
    """Days off instead of another, and days with a number, come after those that people would ask for."""
    return not name.replace(" ", "").isalpha(), name


@lru_cache(maxsize=64)
def _holidays(country: str) -> frozenset[str]:
    return names_of(country, range(2000, 2041))


def _circle(each: Definition, shelf: Shelf) -> Iterator[Remark]:
    """A segment that asks for itself, straight or by others: nobody could tell who is in it."""
    if not isinstance(each, Segment):
        return
    path: list[str] = []
    todo: list[tuple[str, tuple[str, ...]]] = [(each.id, (each.id,))]
    seen: set[str] = set()
    while todo and not path:
        id_, way = todo.pop()
        for named in _asked(shelf, id_):
            if named == each.id:
                path = [*way, named]
            elif named not in seen:
                seen.add(named)
                todo.append((named, (*way, named)))
    if path:
        said = f"segments ask for each other in a circle: {' -> '.join(path)}; take one of these out"
        yield Remark(("when",), said, "circle")


def _asked(shelf: Shelf, id_: str) -> Iterable[str]:
    return segments_named(shelf.segments[id_]) if id_ in shelf.segments else ()
