"""Expressions are a subset of CEL: Google's own implementation parses what ours accepts, and decides it alike.

Where the two differ is listed here, each difference with a test, and in docs/decisions/0012.
"""

from __future__ import annotations

import random
import re
from decimal import Decimal
from typing import Any

import pytest
from cel_expr_python import cel  # type: ignore[import-untyped]

from shared.rules.checks.pieces import nodes
from shared.rules.language.catalogue import FACTS, FUNCTIONS, LINE, PREFIXES
from shared.rules.language.checking import condition
from shared.rules.language.compiling import compile_test
from shared.rules.language.parser import parse
from shared.rules.language.questions import ask
from shared.rules.language.syntax import Call, ExpressionError, Name
from tests.fuzz.breaking import PARTS
from tests.unit.rulekit import basket, book, facts, line
from tests.unit.rules_page import examples

ROOTS = ("event", "basket", "calendar", "member")
ENV = cel.NewEnv(variables=dict.fromkeys(ROOTS, cel.Type.DYN))
RULES = book()


def parses(text: str) -> bool:
    """Whether it is CEL, whatever its names mean."""
    try:
        ENV.compile(text, disable_check=True)
    except RuntimeError:
        return False
    return True


def accepted(text: str) -> bool:
    try:
        condition(text)
    except ExpressionError:
        return False
    return True


def apart(text: str) -> bool:
    """The one difference in grammar: CEL's `has` wants a selection with a point; ours takes any fact."""
    called = [each for each in nodes(parse(text)) if isinstance(each, Call) and each.function == "has"]
    inner = [each.arguments[0] for each in called]
    return any(not isinstance(each, Name) or len(each.parts) < 2 or "[" in text[each.at : each.end] for each in inner)


# The corpus.

WRITTEN = [
    *(entry.example for table in (FACTS, PREFIXES, FUNCTIONS) for entry in table.values()),
    *(f"lines.any({entry.example})" for entry in LINE.values()),
    *re.findall(r"(?:when|where): ([^\n\[{]*[<>=][^\n]*)", "\n".join(each.yaml for each in examples())),
]
NUMBERS = ("basket.total", "basket.eligible", "basket.quantity", "calendar.hour", "calendar.day")
WORDS = ("event.store", "event.channel", "event.kind", "calendar.weekday", "event.attributes.word")
TEXTS = ('"a"', '"ab"', '"purchase"', '"wednesday"', "'it\\'s'", '"\\"q\\""', '"a\\\\b"', '"é\\t"')
VALUES = ("0.0", "0.5", "5.0", "12.25", "23.0")


def number(random_: random.Random) -> str:
    """A calculation, with decimals throughout: CEL does not add whole numbers to others."""
    fact = random_.choice(NUMBERS)
    shape = random_.choice(("{f}", "{f}", "{f} * {v}", "{f} + {v}", "{f} - {g}", "-{f} + {v}", "({f} + {g}) * {v}"))
    other = random_.choice(NUMBERS[:2]) if fact in NUMBERS[:2] else fact  # of the same unit
    return shape.format(f=fact, g=other, v=random_.choice(VALUES[1:]))


def leaf(random_: random.Random) -> str:
    """One comparison of facts that are known."""
    match random_.randrange(7):
        case 0 | 1:
            return f"{number(random_)} {random_.choice(('==', '!=', '<', '<=', '>', '>='))} {random_.choice(VALUES)}"
        case 2:
            return f"{random_.choice(NUMBERS)} in [{', '.join(random_.sample(VALUES, 3))}]"
        case 3:
            return f"{random_.choice(WORDS)} {random_.choice(('==', '!='))} {random_.choice(TEXTS)}"
        case 4:
            return f"{random_.choice(WORDS)} in [{', '.join(random_.sample(TEXTS, 3))}]"
        case 5:
            test = random_.choice(("startsWith", "endsWith", "contains"))
            return f"{random_.choice(WORDS)}.{test}({random_.choice(TEXTS)})"
    return random_.choice(
        ("event.attributes.flag == true", "event.attributes.flag != true", "has(event.store)", "has(event.payment)",
         'event.attributes["two words"] == "a"', 'calendar.date >= "2017-03-01"', 'calendar.date != "2017-03-02"')
    )  # fmt: skip


def expression(random_: random.Random, depth: int = 2) -> str:
    """A random condition, with and without the brackets that precedence makes needless."""
    if depth == 0 or random_.random() < 0.25:
        found = leaf(random_)
        return f"!({found})" if random_.random() < 0.2 else found
    joined = random_.choice((" && ", " || ")).join(expression(random_, depth - 1) for _ in range(random_.randint(2, 3)))
    return random_.choice(("({})", "({})", "!({})", "{}")).format(joined)


def told(text: str, event: Any) -> tuple[bool, Any]:
    """What ours and what CEL say of an expression, of facts that are all known."""
    data: dict[str, Any] = {root: {} for root in ROOTS}
    for name in (*NUMBERS, *WORDS[:4], "calendar.date", "event.payment"):
        value = event.get(ask(name))
        root, _, last = name.partition(".")
        if value is not None:
            data[root][last] = float(value) if isinstance(value, int | Decimal) else value
    data["event"]["attributes"] = dict(event.event.data.attributes)
    return compile_test(condition(text))(event), ENV.compile(text).eval(data=data).value()


EVENTS = [
    facts(basket(line(amount, 2), time=time, store=store, channel="ab", payment="card",
                 attributes={"word": word, "flag": flag, "two words": "a"}), RULES)
    for amount, time, store, word, flag in (
        ("0.50", "2017-03-01T05:00:00-05:00", "a", "it's", True),
        ("12.25", "2017-03-02T23:30:00-05:00", "a\\b", '"q"', False),
        ("5.00", "2017-03-05T00:00:00-05:00", "é\t", "ab", True),
    )
]  # fmt: skip


@pytest.mark.parametrize("text", [each for each in WRITTEN if each.isascii()])
def test_what_is_written_here_is_cel(text: str) -> None:
    text = text.strip().rstrip("}").strip("'")
    assert parses(text) or apart(text)


def test_what_is_accepted_parses_as_cel() -> None:
    """Words thrown together: of the few that ours takes, CEL's parser must take all but the known difference."""
    random_, seen = random.Random(12), 0
    for _ in range(20_000):
        parts = [random_.choice(PARTS) for _ in range(random_.randint(1, 5))]
        for text in (" ".join(parts), "".join(parts), f"{leaf(random_)} {' '.join(parts)}"):
            if accepted(text):
                seen += 1
                assert parses(text) or apart(text), text
    assert seen > 100


def test_random_conditions_are_decided_alike() -> None:
    random_, both = random.Random(13), set[bool]()
    for _ in range(1_500):
        text = expression(random_)
        assert accepted(text), text
        for event in EVENTS:
            ours, theirs = told(text, event)
            assert ours is theirs, (text, event.used())
            both.add(ours)
    assert both == {True, False}


# Known differences.


@pytest.mark.parametrize(
    "text", ["lines.any(has(brand))", 'has(event.attributes["two words"])', 'has(calendar.holiday("US"))']
)
def test_has_takes_any_fact(text: str) -> None:
    """CEL's macro takes a selection with a point only."""
    assert accepted(text) and apart(text)
    assert not parses(text)


def test_decimals_are_exact() -> None:
    """In CEL a number with a point is a binary double: 0.1 + 0.2 is not 0.3."""
    event = facts(basket(line("0.10")), RULES)
    assert compile_test(condition("basket.total + 0.2 == 0.3"))(event) is True
    data: dict[str, Any] = {root: {} for root in ROOTS} | {"basket": {"total": 0.1}}
    assert ENV.compile("basket.total + 0.2 == 0.3").eval(data=data).value() is False


def test_whole_numbers_and_others_are_calculated_with_alike() -> None:
    """CEL has no sum of a double and a whole number."""
    event = facts(basket(line("3.50")), RULES)
    assert compile_test(condition("basket.total + 1 == 4.5"))(event) is True
    with pytest.raises(RuntimeError, match="no matching overload"):
        ENV.compile("basket.total + 1 == 4.5")


def test_what_is_unknown_equals_nothing() -> None:
    """In CEL a key that is not there is an error."""
    event = facts(basket(line("3.50")), RULES)
    data: dict[str, Any] = {root: {} for root in ROOTS}
    for text, ours in (('event.store == "a"', False), ('event.store != "a"', True), ('!(event.store == "a")', True)):
        assert compile_test(condition(text))(event) is ours
        assert "Key not found" in str(ENV.compile(text).eval(data=data))


def test_an_attribute_of_another_kind_is_not_ordered() -> None:
    """In CEL the comparison is an error; equality differs in neither."""
    event = facts(basket(line("3.50"), attributes={"x": "5"}), RULES)
    data: dict[str, Any] = {root: {} for root in ROOTS} | {"event": {"attributes": {"x": "5"}}}
    assert compile_test(condition("event.attributes.x < 9"))(event) is False
    assert "No matching overloads" in str(ENV.compile("event.attributes.x < 9").eval(data=data))
    assert compile_test(condition("event.attributes.x == 5"))(event) is False
    assert ENV.compile("event.attributes.x == 5").eval(data=data).value() is False
