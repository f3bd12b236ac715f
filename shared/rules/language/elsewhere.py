"""Functions as spreadsheets and other languages have them, in any case: `SUMIF(category, "wine", amount)`,
`AND(a, b)`, `ISBLANK(member.age)`, `basket.contains("wine")`. There are none of these; what asks the same is told."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from difflib import get_close_matches
from typing import Final, NamedTuple

from shared.rules.language import slips
from shared.rules.language.catalogue import FACTS, FUNCTIONS, LINE, SUMMED
from shared.rules.language.meant import COUNTS, LINES, OTHERWISE, TODAY
from shared.rules.language.patterns import NO_PATTERN, is_wild, wildcard
from shared.rules.language.sheets import asked_of_a_set, nothing_near, of_a_text_or_date
from shared.rules.language.slips import Token
from shared.rules.language.syntax import Binary, Call, Literal, Method, Name, Node
from shared.rules.language.terms import literal

_IF: Final = ("if", "iif", "ifs")
_SUMS: Final = ("sum", "sumif", "sumifs")
_COUNTED: Final = ("count", "counta", "countif", "countifs")
_ENDS: Final = {"max": "lines.dearest", "min": "lines.cheapest"}
_BLANK: Final = ("isblank", "isempty", "isnull", "isna")
_FILLED: Final = ("isnotblank", "isnotempty", "isnotnull", "isset", "exists", "defined")
_ROUNDED: Final = ("round", "roundup", "rounddown", "mround", "floor", "ceil", "ceiling", "trunc", "int", "abs")
_AVERAGES: Final = ("average", "averageif", "avg", "mean", "median")
_DATES: Final = {
    "today": "calendar.date", "now": "calendar.date", "month": "calendar.month", "day": "calendar.day",
    "hour": "calendar.hour",
}  # fmt: skip
_NO_AVERAGE: Final = (
    "there is no average, as it would not be exact; compare {0}.sum(…) and {0}.count(…), each with a number"
)
_OF_A_LINE: Final = 'a filter asks about the line\'s own fields, such as category == "wine"'
# What lines have several of, as a list of them may be called; of a basket itself nobody knows which field is meant.
_FIELDS: Final = {"products": "product", "categories": "category", "brands": "brand", "departments": "department"}
_BASKETS: Final = ("basket", "items", *LINES)
_HAVING: Final = ("contains", "includes", "has", "contain", "include")
_JOINED: Final = {"and": "&&", "or": "||"}
_FREE: Final = {"", "(", ")", ","}
_LONGEST: Final = 120


def function_meant(node: Call, scope: str) -> str:
    """What to write for a function that there is not: one of another name, or what asks the same; or what there is."""
    name = node.function
    if said := _of_a_sheet(node, scope) or held_by_lines(node, scope) or of_a_text_or_date(node):
        return said
    of, _, called = name.rpartition(".")
    if of in ("lines", "history") and called in _AVERAGES:
        return _NO_AVERAGE.format(of)
    field = _name(node.arguments[0]) if node.arguments else ""
    if name in ("lines.max", "lines.min") and field in SUMMED:
        return _extreme(called, LINE[field].example)
    if name.casefold() in COUNTS and field in LINES:
        return "did you mean lines.count()?"
    near_ = [OTHERWISE[name]] if name in OTHERWISE else get_close_matches(name, FUNCTIONS, n=1, cutoff=0.5)
    return f"did you mean {FUNCTIONS[near_[0]].form}?" if near_ else nothing_near()


def _extreme(called: str, more: str) -> str:
    """What asks for the largest or the smallest, where nobody knows what it is compared with."""
    less = more.replace(">=", "<=")
    end, high, low = ("largest", "any", "all") if called == "max" else ("smallest", "all", "any")
    return (
        f"to ask for the {end}, write lines.{high}({more}) for as much or more, lines.{low}({less}) for as much or less"
    )


def _of_a_sheet(node: Call, scope: str) -> str:
    """What to write for a function of a spreadsheet; nothing for what is none."""
    name, given = node.function.casefold(), node.arguments
    first = _name(given[0]) if given else ""
    if name in _IF:
        return "a condition is not chosen by another: write the condition alone, without what follows from it"
    if name in (*_BLANK, *_FILLED) and len(given) == 1 and first in FACTS and FACTS[first].type.kind == "texts":
        return asked_of_a_set(first)
    if name in _BLANK and len(given) == 1:
        return f"write !has({first or 'fact'})"
    if name in _FILLED and len(given) == 1:
        return f"write has({first or 'fact'})"
    if name in _ROUNDED:
        known = first in FACTS or first in LINE
        return f"nothing is rounded here: {f'write {first} alone' if known else 'compare the number itself'}"
    if name in _ENDS and len(given) > 1:
        return "of several numbers none is chosen: compare each by itself, and join these with || or &&"
    if scope == "line" and name in (*_SUMS, *_COUNTED, *_AVERAGES, *_ENDS):
        return _OF_A_LINE
    # Of another date than today the same would be asked of the wrong day: MONTH(member.birthday) is no calendar.month.
    of_today = not given or isinstance(given[0], Call) or first.casefold() in (*TODAY, "calendar.date")
    return _of_all_lines(name, given) or (f"did you mean {_DATES[name]}?" if name in _DATES and of_today else "")


def _of_all_lines(name: str, given: Sequence[Node]) -> str:
    """`SUMIF(category, "wine", amount)`, `COUNTIF(category == "wine")`, `MAX(price)`, `AVERAGE(amount)`"""
    first = _name(given[0]) if given else ""
    field = first.rpartition(".")[2]
    if name in _AVERAGES:
        return _NO_AVERAGE.format("lines")
    if name in _ENDS and field in SUMMED:
        return _extreme(name, LINE[field].example)
    if name in _ENDS and field == "price":
        return f"did you mean {FUNCTIONS[_ENDS[name]].form}?"
    if name == "sum" and len(given) == 1 and first in FACTS and FACTS[first].type.kind == "number":
        return f"it is one number: write {first} alone"
    if name not in (*_SUMS, *_COUNTED):
        return ""
    summed, where = _read(given)
    if name in _SUMS and where is not None and (where or name == "sum"):
        return f"write lines.sum({', '.join(filter(None, (summed or 'amount', where)))})"
    if name in _COUNTED and where and not summed:
        return f"write lines.count({where})"
    if any(isinstance(each, Literal) and isinstance(each.value, str) and _wild(each.value) for each in given):
        return NO_PATTERN
    if name.endswith(("if", "ifs")):
        called = "lines.sum" if name in _SUMS else "lines.count"
        return f"write {called} with a filter, such as {FUNCTIONS[called].example}"
    lines = first in LINES or first in LINE
    return f"did you mean {FUNCTIONS['lines.sum'].form}?" if name in _SUMS else "write lines.count()" if lines else ""


def _read(given: Sequence[Node]) -> tuple[str, str | None]:
    """What is added up, and the filter of lines, `category == "wine"` or `category, "wine"`; None where some of it
    cannot be shown as it is."""
    summed, asked, rest = "", list[str](), list(given)
    while rest:
        node = rest.pop(0)
        name = _name(node)
        if isinstance(node, Binary) and _name(node.left) in LINE and isinstance(node.right, Literal):
            asked.append(_compared(_name(node.left), node.operator, node.right))
        elif name in LINE and rest and _plain(rest[0]):
            value = rest.pop(0)
            assert isinstance(value, Literal)
            asked.append(_compared(name, "==", value))
        elif name.rpartition(".")[2] in SUMMED and not summed:
            summed = name.rpartition(".")[2]
        else:
            return "", None
    return summed, " && ".join(asked) if all(asked) else None


def _compared(field: str, sign: str, value: Literal) -> str:
    """A comparison of a field of lines; nothing where it is one with a pattern that nothing asks."""
    if isinstance(value.value, str) and sign in ("==", "!=") and _wild(value.value):
        asked = wildcard(field, value.value)
        return f"!({asked})" if asked and sign == "!=" else asked
    return f"{field} {sign} {_beside(field, value)}"


def _wild(text: str) -> bool:
    """As spreadsheets have it, in which `?` is any letter."""
    return is_wild(text) or bool(set(text) & set("*?~"))


def _beside(field: str, value: Literal) -> str:
    """A value as it is compared with a field: numbers that name products and the like are texts."""
    a_number = isinstance(value.value, Decimal) and LINE[field].type.kind == "text"
    return f'"{value.value}"' if a_number else literal(value.value)


def _plain(node: Node | None) -> bool:
    """Whether a value is one to be equal to, and not a comparison in a text, as `">5"` is in a spreadsheet."""
    if not isinstance(node, Literal):
        return False
    return isinstance(node.value, Decimal) or (isinstance(node.value, str) and node.value[:1] not in ("", *"<>="))


def held_by_lines(node: Method | Call, scope: str) -> str:
    """What to write for `basket.contains("wine")`; nothing where no basket is asked."""
    of = _name(node.of) if isinstance(node, Method) else node.function.rpartition(".")[0]
    called = node.name if isinstance(node, Method) else node.function.rpartition(".")[2]
    before, _, last = of.rpartition(".")
    within = of in _BASKETS or (last in _FIELDS and before in ("", "basket", "event", "lines"))
    if scope == "line" or called not in _HAVING or not within:
        return ""
    given = node.arguments[0] if len(node.arguments) == 1 else None
    text = given.value if isinstance(given, Literal) and isinstance(given.value, str) and given.value else "wine"
    field = _FIELDS.get(last, "product" if text.isdigit() else "category")
    return f"ask its lines, such as lines.any({field} == {literal(text)})"


def joined(words: Sequence[Token], at: int) -> str:
    """What to write for `AND(a, b)`, of which the name stands at `at`; nothing where no bracket follows."""
    sign = _JOINED.get(words[at].text.casefold(), "")
    if not sign or at + 1 >= len(words) or words[at + 1].text != "(":
        return ""
    said = f"`{words[at].text}` stands between what it joins;"
    parts = _parts(words, at + 1)
    asked = [_asked(part) for part in parts]
    # Of what is wrong itself nothing is shown: it would be wrong still.
    if not parts or not all(each.shown for each in asked):
        return f"{said} put {sign} between them"
    end = next(n for n, each in enumerate(words) if each.at > parts[-1][-1].at)  # the bracket that closes
    around = words[at - 1].text if at else "", words[end + 1].text
    shown = _between(sign, asked).shown
    if not set(around) <= _FREE:  # `!` and `&&` would take the first part alone
        shown = f"({shown})"
    if len(asked) == 1:
        said = f"`{words[at].text}` of one condition is that condition;"
    return f"{said} write {shown}" if len(shown) <= _LONGEST else f"{said} put {sign} between them"


class _Asked(NamedTuple):
    """A condition as it is written here (nothing where that is not known); whether && or || join it."""

    shown: str
    joined: bool = False


def _asked(part: Sequence[Token]) -> _Asked:
    """A part, with all that is joined or denied within it."""
    name = part[0].text.casefold() if part else ""
    if name not in (*_JOINED, "not") or len(part) < 3 or part[1].text != "(":
        wrong = any(slips.word(each.text) for each in part)
        return _Asked("" if wrong else slips.text(part), any(each.text in ("&&", "||") for each in part))
    asked = [_asked(each) for each in _parts(part, 1)]
    if not asked or not all(each.shown for each in asked) or _open(part[1:-1]) != 1 or part[-1].text != ")":
        return _Asked("")
    if name != "not":
        return _between(_JOINED[name], asked)
    return _Asked(f"!({asked[0].shown})" if len(asked) == 1 else "")


def _between(sign: str, asked: Sequence[_Asked]) -> _Asked:
    if len(asked) == 1:
        return asked[0]
    return _Asked(f" {sign} ".join(f"({each.shown})" if each.joined else each.shown for each in asked), True)


def _open(words: Sequence[Token]) -> int:
    """How many brackets are open behind the first that never was closed before; 0 where the first was closed."""
    depth = 0
    for each in words:
        depth += {"(": 1, ")": -1}.get(each.text if each.kind == "sign" else "", 0)
        if depth == 0:
            return 0
    return depth


def _parts(words: Sequence[Token], bracket: int) -> list[list[Token]]:
    """What stands between the commas of a bracket that opens there; none where it does not close."""
    parts, depth = list[list[Token]]([[]]), 0
    for each in words[bracket:]:
        sign = each.text if each.kind == "sign" else ""
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(sign, 0)
        if depth == 0:
            return parts
        if depth == 1 and sign == ",":
            parts.append([])
        elif each.at != words[bracket].at:
            parts[-1].append(each)
    return []


def _name(node: Node) -> str:
    return node.dotted if isinstance(node, Name) else ""
