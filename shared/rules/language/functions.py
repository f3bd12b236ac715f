"""Functions of the catalogue, checked: over the lines of the basket, over the member's history, over dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from shared.rules import history
from shared.rules.facts import Asked, Facts
from shared.rules.holidays import check_country, holiday
from shared.rules.language.catalogue import DAYS, FUNCTIONS, PIECES, SUMMED, TOLD_APART
from shared.rules.language.compiling import compile_test
from shared.rules.language.dates import as_date
from shared.rules.language.elsewhere import function_meant
from shared.rules.language.hints import (
    filter_of_events,
    no_method,
    refuse_window,
    sum_of_lines,
    window_meant,
    written_name,
)
from shared.rules.language.meant import since_a_written_date
from shared.rules.language.over_lines import in_currency, over_lines
from shared.rules.language.questions import known, zone_info
from shared.rules.language.reckoned import since_meant
from shared.rules.language.syntax import Call, ExpressionError, Literal, Name, Node
from shared.rules.language.terms import Fact, Term, children, facts_in, written
from shared.rules.language.types import TEXT, Type
from shared.rules.language.unlike import unlike
from shared.rules.schedule import Period

if TYPE_CHECKING:
    from shared.rules.language.checking import Checker

_WINDOWS: Final[dict[str, Period]] = {
    "today": "day",
    "this_week": "week",
    "this_month": "month",
    "this_quarter": "quarter",
    "this_year": "year",
    "ever": "ever",
}
_MOST_DAYS: Final = 730
_PURCHASES: Final = frozenset({"purchase"})
_ALL_KINDS: Final = frozenset({"signup", "purchase", "referral", "return"})


def call(checker: Checker, node: Call) -> Term:
    """The checked term of a function. Raises ExpressionError."""
    name = node.function
    if name not in FUNCTIONS and (said := no_method(name)):
        raise ExpressionError(said, node.at)
    if name not in FUNCTIONS:
        said = unlike(checker, node) or function_meant(node, checker.scope)
        raise ExpressionError(f"no function is called {name}; {said}", node.at)
    if name == "has":
        if len(node.arguments) != 1:
            raise _form(node)
        return checker.known(node)
    if checker.scope == "line":
        raise ExpressionError(f"{name} cannot stand in a filter of lines: ask about the line's own fields", node.at)
    if name == "days_since":
        return _days_since(checker, node)
    if name == "calendar.holiday":
        return _holiday(checker, node)
    if name.startswith("lines."):
        return _lines(checker, node)
    if checker.scope == "past":
        raise ExpressionError("a filter of history cannot ask for history once more", node.at)
    return _history(checker, node)


def _form(node: Call) -> ExpressionError:
    entry = FUNCTIONS[node.function]
    return ExpressionError(f"write {entry.form}, for example {entry.example}", node.at)


def _fact(node: Call, zone: str | None, asked: Asked) -> Fact:
    """The question as a term: the one that was made first for these words, so that its answer is shared."""
    return Fact(node.at, node.end, asked.type, known(asked.label, zone, lambda: asked))


def _days_since(checker: Checker, node: Call) -> Term:
    of = checker.term(node.arguments[0]) if len(node.arguments) == 1 else None
    if not isinstance(of, Fact) or of.type.kind != "date":
        raise since_a_written_date(node) or _form(node)
    inner, zone = of.asked, zone_info(checker.zone)

    def compute(facts: Facts) -> int | None:
        day = facts.get(inner)
        return None if day is None else (facts.today(zone) - date.fromisoformat(day)).days

    scope = inner.scope if inner.of_member else "calendar"
    return _fact(node, checker.zone, Asked(f"days_since({inner.label})", scope, DAYS, compute, counter=inner.counter))


def _holiday(checker: Checker, node: Call) -> Term:
    given = node.arguments[0] if len(node.arguments) == 1 else None
    if not isinstance(given, Literal) or not isinstance(given.value, str):
        raise _form(node)
    country, zone = given.value, zone_info(checker.zone)
    try:
        check_country(country)
    except ValueError as error:
        raise ExpressionError(str(error), given.at) from None
    label = f'calendar.holiday("{country}")'
    asked = Asked(label, "calendar", TEXT, lambda facts: holiday(country, facts.today(zone)))
    return _fact(node, checker.zone, asked)


def _choice(node: Call, at: int, options: Sequence[str]) -> str:
    given = node.arguments[at] if len(node.arguments) > at else None
    if not isinstance(given, Name) or given.dotted not in options:
        raise ExpressionError(
            f"write {' or '.join(options)} here: {FUNCTIONS[node.function].form}", given.at if given else node.end - 1
        )
    return given.dotted


def _lines(checker: Checker, node: Call) -> Term:
    function, rest, value = node.function.removeprefix("lines."), node.arguments, ""
    if function in ("sum", "distinct"):
        value, rest = _choice(node, 0, SUMMED if function == "sum" else TOLD_APART), rest[1:]
    if len(rest) > 1 or (not rest and function in ("any", "all", "none")):
        raise _form(node)
    where = line_filter(checker, rest[0]) if rest else None
    label = f"lines.{function}({', '.join(filter(None, (value, written(where) if where else '')))})"
    type_ = PIECES if value == "quantity" else FUNCTIONS[node.function].type
    compute = over_lines(function, value, where)
    if value == "amount" or function in ("cheapest", "dearest") or (where is not None and about_money(where)):
        compute = in_currency(compute)
    return _fact(node, None, Asked(label, "basket", type_, compute, sure=where))


def line_filter(checker: Checker, node: Node) -> Term:
    """A condition on a line's own fields."""
    try:
        return type(checker)("line", checker.zone).truth(node)
    except ExpressionError as error:
        own = f"write attributes.{written_name(node)};"
        if own not in error.message:
            raise
        said = error.message.replace(own, f"write attributes.{written_name(node)} == true;")
        raise ExpressionError(said, error.at) from None


def about_money(where: Term) -> bool:
    """Whether a filter of lines asks for amounts."""
    return where.type.unit == "money" or any(about_money(part) for part in children(where))


def _history(checker: Checker, node: Call) -> Term:
    function, rest, value = node.function.removeprefix("history."), node.arguments, None
    if function == "streak":
        spelt = _choice(node, 0, ("day", "week", "month"))
        period: Period = spelt  # type: ignore[assignment]
        window = history.this(period)
        if len(rest) > 1:
            refuse_window(checker, node, _WINDOWS)
    elif function == "distinct" and of_lines(node):
        return _distinct_lines(checker, node)
    else:
        if function in ("sum", "distinct"):
            value, rest = _counted(checker, node, function), rest[1:]
        if not rest:
            raise _form(node)
        window, period, spelt = _window(rest[0])
    if len(rest) > 2:
        raise _form(node)
    where = filter_of_events(checker, rest[1]) if len(rest) == 2 else None
    filter_ = written(where) if where is not None else ""
    asks = tuple(fact.asked for fact in facts_in(where)) if where is not None else ()
    counter = history.Counter(
        aggregate={"first": "dates", "last": "dates", "streak": "count"}.get(function, function),  # type: ignore[arg-type]
        period=period,
        value=value.asked if value is not None else None,
        where=compile_test(where) if where is not None else _always,
        spelt=filter_,
        kinds=_ALL_KINDS if any(asked.label == "event.kind" for asked in asks) else _PURCHASES,
        zone=_zone(checker),
        asks=asks,
    )
    read = history.streak(counter) if function == "streak" else history.reader(counter, function, window)
    named = ", ".join(filter(None, (value.asked.label if value else "", spelt, filter_)))
    type_ = FUNCTIONS[node.function].type
    if function == "sum" and value is not None:
        type_ = Type("number", value.type.unit)
    label = f"history.{function}({named})"
    return _fact(node, checker.zone, Asked(label, "history", type_, read, counter=counter))


def of_lines(node: Call) -> bool:
    """Whether `history.distinct` tells apart what lines say, rather than events; its filter is one of lines then."""
    first = node.arguments[0] if node.arguments else None
    return node.function == "history.distinct" and isinstance(first, Name) and first.dotted in TOLD_APART


def _distinct_lines(checker: Checker, node: Call) -> Term:
    """Of all lines that fit, of purchases within a window: how many different products, categories …"""
    field, rest = _choice(node, 0, TOLD_APART), node.arguments[1:]
    if not 1 <= len(rest) <= 2:
        raise _form(node)
    window, period, spelt = _window(rest[0])
    where = line_filter(checker, rest[1]) if len(rest) == 2 else None
    fits, money = None if where is None else compile_test(where), where is not None and about_money(where)
    filter_ = "" if where is None else written(where)

    def values(facts: Facts) -> frozenset[str]:
        if money and facts.foreign:
            return frozenset()
        found = (getattr(line, field) for line in facts.lines if fits is None or fits(line))
        return frozenset(each for each in found if each is not None)

    counter = history.Counter(
        aggregate="distinct",
        period=period,
        value=None,
        where=_always,
        spelt=filter_,
        kinds=_PURCHASES,
        zone=_zone(checker),
        of_lines=history.OfLines(field, values),
    )
    label = f"history.distinct({', '.join(filter(None, (field, spelt, filter_)))})"
    read = history.reader(counter, "distinct", window)
    type_ = FUNCTIONS[node.function].type
    return _fact(node, checker.zone, Asked(label, "history", type_, read, counter=counter))


def _always(_: Facts) -> bool:
    return True


def _zone(checker: Checker) -> ZoneInfo | None:
    return zone_info(checker.zone)


def _counted(checker: Checker, node: Call, function: str) -> Fact:
    """What `history.sum` adds up (a number of the event or basket), or `history.distinct` tells apart."""
    if function == "sum" and node.arguments and written_name(node.arguments[0]) in SUMMED:
        raise sum_of_lines(checker, node, _window(node.arguments[1])[2] if len(node.arguments) > 1 else "this_year")
    found = type(checker)("past", checker.zone).term(node.arguments[0]) if node.arguments else None
    wanted = ("number",) if function == "sum" else ("text", "date")
    if not isinstance(found, Fact) or found.type.kind not in wanted:
        what = "a number" if function == "sum" else "a text or a date"
        said = f"history.{function} takes {what} of the event first: {FUNCTIONS[node.function].example}"
        raise ExpressionError(said, node.arguments[0].at if node.arguments else node.at)
    return found


def _window(node: Node) -> tuple[history.Window, Period, str]:
    if isinstance(node, Name) and node.dotted in _WINDOWS:
        period = _WINDOWS[node.dotted]
        return history.this(period), period, node.dotted
    if isinstance(node, Call) and node.function in ("last_days", "since") and len(node.arguments) == 1:
        given = node.arguments[0]
        if isinstance(given, Literal) and node.function == "last_days":
            return _last_days(given)
        if isinstance(given, Literal) and isinstance(given.value, str):
            day = as_date(given.value, given.at)
            return history.since(day), "day", f'since("{day}")'
    windows = [*_WINDOWS, "last_days(30)", 'since("2017-08-01")']
    name = written_name(node)
    near = [window_meant(name) or since_meant(node), *get_close_matches(name, windows, n=1)]
    hint = f"did you mean {next(filter(None, near))}?" if any(near) else f"one of {', '.join(windows)}"
    raise ExpressionError(f"write over which time: {hint}", node.at)


def _last_days(given: Literal) -> tuple[history.Window, Period, str]:
    value = given.value
    if isinstance(value, str | bool) or value != int(value) or not 1 <= value <= _MOST_DAYS:
        raise ExpressionError(f"write a whole number of days, from 1 to {_MOST_DAYS}", given.at)
    return history.days(int(value)), "day", f"last_days({int(value)})"
