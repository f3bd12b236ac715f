"""Parts of texts as spreadsheets and databases look for them: `ISERROR(FIND("31", event.store))`, `LEFT(event.store, 2)
== "31"`, `REGEXMATCH(event.store, "^31")`. Only what asks exactly the same is told to be written; where nothing does,
what can be asked of a text."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from shared.rules.language.meant import LINES, is_truth
from shared.rules.language.patterns import MATCHED, NO_PATTERN, matched
from shared.rules.language.spoken import type_of
from shared.rules.language.syntax import MIRRORED, Binary, Call, ExpressionError, Literal, Many, Name, Node, Unary
from shared.rules.language.terms import literal

_ENDS: Final = {
    **dict.fromkeys(("left", "leftb", "startswith", "starts_with", "beginswith"), "startsWith"),
    **dict.fromkeys(("right", "rightb", "endswith", "ends_with"), "endsWith"),
    **dict.fromkeys(("mid", "midb", "substr", "substring"), ""),
}
_CUTS: Final = ("left", "leftb", "right", "rightb", "mid", "midb", "substr", "substring")
_FIRST: Final = {"mid": (1,), "midb": (1,), "substr": (0, 1), "substring": (0, 1)}  # where they begin to count
_FROM_ZERO: Final = ("indexof",)  # where the first place is 0, and -1 is none
_PLACES: Final = ("find", "findb", "search", "searchb", "instr", "strpos", "charindex", "position", "locate", "indexof")
_WILD: Final = ("search", "searchb")  # in which ?, * and ~ are signs of a pattern
_TESTS: Final = ("contains", "includes", *MATCHED, *(each for each in _ENDS if each not in _CUTS))
_IS: Final = {"isnumber": True, "iserror": False, "iserr": False, "isna": False}  # whether it is true where it is found
_SPELT: Final = ("upper", "lower", "proper", "ucase", "lcase", "tolower", "toupper")
_SPACED: Final = ("trim", "ltrim", "rtrim", "clean")
_OF_SMALL_LETTERS: Final = ("calendar.weekday", "event.kind")
_BASKETS: Final = ("basket", "items", *LINES)
_ASKS: Final = "a text is compared with == and !=, or asked with startsWith, endsWith or contains"
_NO_PLACE: Final = f"what stands in the middle of a text is not asked by its place; {_ASKS}"
_NOT_THE_PLACE: Final = f"at which place a part of a text stands is not asked; {_ASKS}"
_AS_IT_STANDS: Final = "texts are compared as they stand, with their capital letters and spaces"
_AFTER: Final = 9  # a place behind the first


class _Asked(NamedTuple):
    """A condition, and what is said before it."""

    shown: str
    before: str = "write "
    behind: str = " alone"

    def told(self, *, found: bool = True) -> str:
        return f"{self.before}{self.shown if found else f'!({self.shown})'}{self.behind}"


def of_a_part(node: Call) -> str:
    """What to write for a function that looks into a text, where nothing is compared with it; nothing for another."""
    name, given = node.function.casefold(), node.arguments
    if name in _IS and len(given) == 1 and isinstance(given[0], Call) and _looks(given[0]):
        asked = _looked_for(given[0])
        return _nothing_so(given[0]) if asked is None else asked.told(found=_IS[name])
    if name in (*_SPELT, *_SPACED) and (fact := fact_in(given)):
        return f"{_AS_IT_STANDS}: compare {fact} with the text as partners send it"
    if not _looks(node) and name not in _ENDS:
        return ""
    if not _ENDS.get(name, "contains"):
        return _NO_PLACE
    asked = _looked_for(node)
    return _nothing_so(node) if asked is None else asked.told()


def refuse_part(node: Binary) -> None:
    """Raises ExpressionError for a part of a text, or its place, that is compared, with what asks the same."""
    of, sign, to = node.left, node.operator, node.right
    if not isinstance(of, Call):
        of, sign, to = to, MIRRORED.get(sign, sign), of
    if not isinstance(of, Call):
        return
    name = of.function.casefold()
    said = ""
    if name in _CUTS and fact_in(of.arguments):
        said = _cut(of, sign, to)
    elif name in (*_SPELT, *_SPACED) and fact_in(of.arguments):
        said = _spelt(of, sign, to)
    elif name in _PLACES:
        said = _placed(of, sign, to)
    elif name in _IS or name in _TESTS:
        said = _true_or_false(of, sign, to)
    if said:
        raise ExpressionError(f"no function is called {of.function}; {said}", of.at)


def fact_in(given: Sequence[Node]) -> str:
    """The first that is a text, or may be one."""
    return next((each for each in map(name_of, given) if kind_of(each) in ("text", "attribute")), "")


def texts_in(given: Sequence[Node]) -> str:
    """The first that is a set of texts."""
    return next((each for each in map(name_of, given) if kind_of(each) == "texts"), "")


def kind_of(name: str) -> str:
    """What a name is of; nothing where it is in no catalogue."""
    of = type_of(name)
    return "" if of is None else of.kind


def name_of(node: Node) -> str:
    """A name as it is written; nothing where it is none."""
    return node.dotted if isinstance(node, Name) else ""


def _looks(node: Call) -> bool:
    return node.function.casefold() in (*_PLACES, *_TESTS)


def _nothing_so(node: Call) -> str:
    return NO_PATTERN if node.function.casefold() in (*MATCHED, *_WILD) else _NOT_THE_PLACE


def _looked_for(node: Call) -> _Asked | None:
    """Whether a text is there at all; None where nothing asks the same."""
    name, given = node.function.casefold(), node.arguments
    method = _ENDS.get(name, "contains")
    texts = [each.value for each in given if isinstance(each, Literal) and isinstance(each.value, str) and each.value]
    text = texts[0] if name not in _CUTS and texts else "…"
    patterned = name in MATCHED and text != "…"
    if (name in _PLACES and len(given) > 2) or (name in _WILD and set(text) & set("?*~")):
        return None
    if (several := texts_in(given)) and method == "contains" and not patterned:
        shown = f"{literal(text if text != '…' else 'vip')} in {several}"
        return _Asked(shown, "a set of texts is asked with `in`: ", "")
    if any(each in _BASKETS for each in map(name_of, given)) and not patterned:
        shown = f"lines.any(category == {literal(text if text != '…' else 'wine')})"
        return _Asked(shown, "ask its lines, such as ", "")
    fact = fact_in(given)
    if patterned:
        shown = matched(fact, text)
        return _Asked(shown) if shown else None
    if not fact and (several or any(isinstance(each, Call) for each in given)):
        return None
    return _Asked(f"{fact or 'event.store'}.{method}({literal(text)})")


def _placed(of: Call, sign: str, to: Node) -> str:
    """`FIND("31", event.store) > 0`: by where the text may stand, whether it is to be there, not to be, or to begin."""
    asked, number = _looked_for(of), _number(to)
    if asked is None or number is None or sign not in MIRRORED:
        return _nothing_so(of)
    first = 0 if of.function.casefold() in _FROM_ZERO else 1
    nowhere, begins, later = (_holds(each, sign, number) for each in (first - 1, first, _AFTER))
    # All places behind the first have to be alike: of `== 3` nothing asks the same.
    if number >= first + 1 or (number == first and sign in ("!=", "<=", ">")):
        return _NOT_THE_PLACE
    if begins and not nowhere and not later and ".contains(" in asked.shown:
        return asked._replace(shown=asked.shown.replace(".contains(", ".startsWith(", 1)).told()
    if begins != later or nowhere == begins:
        return _NOT_THE_PLACE
    return asked.told(found=begins)


def _holds(place: int, sign: str, number: Decimal) -> bool:
    return {
        "==": place == number, "!=": place != number, "<": place < number, "<=": place <= number, ">": place > number,
        ">=": place >= number,
    }[sign]  # fmt: skip


def _true_or_false(of: Call, sign: str, to: Node) -> str:
    """`ISNUMBER(FIND("31", event.store)) == false`"""
    name = of.function.casefold()
    inner = of.arguments[0] if name in _IS and len(of.arguments) == 1 else of
    if not isinstance(inner, Call) or not _looks(inner):
        return ""
    asked, truth = _looked_for(inner), _truth(to)
    if asked is None or truth is None or sign not in ("==", "!="):
        return _nothing_so(inner)
    return asked.told(found=_IS.get(name, True) == (truth == (sign == "==")))


def _cut(of: Call, sign: str, to: Node) -> str:
    """`LEFT(event.store, 2) == "31"`, `LEFT(event.store, 1) in ["1", "2"]`"""
    fact, method = fact_in(of.arguments), _ENDS[of.function.casefold()]
    numbers = [_number(each) for each in of.arguments[1:]]
    if not method:
        if len(numbers) != 2 or numbers[0] not in _FIRST[of.function.casefold()]:
            return _NO_PLACE
        method, numbers = "startsWith", numbers[1:]
    texts = [_text(each) for each in (to.items if isinstance(to, Many) else (to,))]
    long = numbers[0] if len(numbers) == 1 else None
    if sign not in ("==", "!=", "in") or (sign == "in") is not isinstance(to, Many) or not texts or not all(texts):
        return f"a part of a text is not compared; {_ASKS}"
    if long is not None and any(len(each) != long for each in texts):
        return f"of {long:f} letters none is compared with more or fewer; {_ASKS}"
    shown = " || ".join(f"{fact}.{method}({literal(each)})" for each in texts)
    # In brackets where there are several: beside an &&, only the first would go with it.
    shown = f"!({shown})" if sign == "!=" else f"({shown})" if len(texts) > 1 else shown
    return f"write {shown}"


def _spelt(of: Call, sign: str, to: Node) -> str:
    """`UPPER(event.channel) == "APP"`: without the function it would no longer hold for what it was to hold for."""
    fact, text = fact_in(of.arguments), _text(to)
    if of.function.casefold() in _SPACED or not text or sign not in ("==", "!="):
        return f"{_AS_IT_STANDS}: compare {fact} with the text as partners send it"
    ways = list(dict.fromkeys((text, text.lower(), text.upper(), text.capitalize())))
    if len(ways) == 1 or fact in _OF_SMALL_LETTERS:
        return f"{_AS_IT_STANDS}; write {fact} {sign} {literal(text.lower())}"
    shown = f"{fact} in [{', '.join(map(literal, ways))}]"
    return f"{_AS_IT_STANDS}; for several ways to write it, write {shown if sign == '==' else f'!({shown})'}"


def _text(node: Node) -> str:
    """A text, or a number that is compared with one."""
    value = node.value if isinstance(node, Literal) else ""
    return f"{value:f}" if isinstance(value, Decimal) else value if isinstance(value, str) else ""


def _number(node: Node) -> Decimal | None:
    if isinstance(node, Unary) and node.operator == "-":
        inner = _number(node.of)
        return None if inner is None else -inner
    return node.value if isinstance(node, Literal) and isinstance(node.value, Decimal) else None


def _truth(node: Node) -> bool | None:
    if isinstance(node, Literal) and isinstance(node.value, bool):
        return node.value
    return name_of(node).casefold() == "true" if is_truth(name_of(node)) else None
