"""Conditions as they are spoken, or as databases have them: `member.tags contains "vip"`, `category like "wine%"`,
`last 7 days`, `30 days ago`, a list in round brackets. The parser stops at the word behind what it can read; here is
what was meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from shared.rules.language import patterns
from shared.rules.language.catalogue import FACTS, FUNCTIONS, LINE, LINE_PREFIXES, PREFIXES
from shared.rules.language.dates import is_date
from shared.rules.language.slips import Token, text
from shared.rules.language.syntax import MIRRORED
from shared.rules.language.types import DATE, Type

_TESTS: Final = {
    **dict.fromkeys(("contains", "includes", "has", "contain", "include", "have"), "contains"),
    **dict.fromkeys(("startswith", "beginswith", "starts", "begins", "start", "begin"), "startsWith"),
    **dict.fromkeys(("endswith", "ends", "end"), "endsWith"),
}
_ANY_TEXT: Final = 'such as category.{}("wine"); a set of texts is asked with `in`: "vip" in member.tags'
_DAYS: Final = {"day": 1, "days": 1, "week": 7, "weeks": 7, "month": 30, "months": 30, "year": 365, "years": 365}
# How a fact's own unit may be called behind its number.
_UNITS: Final = {
    "year": "years", "hour": "hours", "piece": "pieces", "item": "pieces", "items": "pieces", "point": "points",
    "purchases": "times", "time": "times",
}  # fmt: skip
# Comparisons in words, behind an `is` or without one.
_MORE: Final = ("greater", "more", "larger", "higher", "bigger", "later")
_LESS: Final = ("less", "fewer", "smaller", "lower", "earlier")
_COMPARED: Final = {
    **{f"{each}{than}": ">" for each in _MORE for than in (" than", "")},
    **{f"{each}{than}": "<" for each in _LESS for than in (" than", "")},
    **{f"{each} than or {equal}": ">=" for each in _MORE for equal in ("equal to", "equal", "equals")},
    **{f"{each} than or {equal}": "<=" for each in _LESS for equal in ("equal to", "equal", "equals")},
    **dict.fromkeys(("above", "over", "after", "exceeds"), ">"),
    **dict.fromkeys(("below", "under", "before"), "<"),
    **dict.fromkeys(("at least", "no less than", "minimum"), ">="),
    **dict.fromkeys(("at most", "no more than", "up to", "maximum"), "<="),
    **dict.fromkeys(("equal", "equal to", "the same as"), "=="),
    **dict.fromkeys(("in", "one of", "any of"), "in"),
    **dict.fromkeys(("empty", "blank", "null", "missing", "unknown", "none"), "!has"),
    **dict.fromkeys(("known", "set"), "has"),
}
_BUT: Final = {">": "<=", "<": ">=", ">=": "<", "<=": ">", "==": "!=", "in": "!in", "!has": "has", "has": "!has"}
_MOST_WORDS: Final = 7
_LINES: Final = ("item", "items", "line", "lines", "product", "products")  # what is counted by lines.count
_MOST_DAYS: Final = 730
_LAST: Final = re.compile(r"(?:(?P<last>last|past|previous|last_days) )?(?P<number>\d+)(?: (?P<unit>[a-z]+))?")
_THIS: Final = re.compile(r"this (day|week|month|quarter|year)")
_BEFORE: Final = re.compile(r"(?:last|past|previous) (day|week|month|year)")
_AGO: Final = "`ago` is not part of the language; ask how long ago it was, such as days_since(member.joined) <= {}"


def left_over(words: Sequence[Token], at: int) -> str:
    """What to write where a word follows that nothing can be made of; nothing where nobody knows what was meant."""
    return _window(words, at) or _from_a_day(words, at) or _since(words, at) or _tested(words, at)


def compared(words: Sequence[Token], at: int) -> str:
    """What to write for a comparison in words, `basket.total is greater than 20`; nothing where none begins there."""
    said = [each.text.casefold() for each in takewhile(_is_name, words[at : at + _MOST_WORDS])]
    verb = said[:1] in (["is"], ["are"], ["was"])
    denied = said[verb : verb + 1] == ["not"]
    begin = verb + denied
    long = next((n for n in range(len(said) - begin, 0, -1) if " ".join(said[begin : begin + n]) in _COMPARED), 0)
    sign = _COMPARED[" ".join(said[begin : begin + long])] if long else "=="
    if (not long and not (verb and denied)) or (sign in ("==", "in") and not verb):
        return ""
    sign, behind = _BUT[sign] if denied else sign, at + begin + long
    wrong, of = text(words[at:behind]), _named(words, at - 1)
    if sign in ("has", "!has") and (type_ := type_of(of)) is not None and type_.kind == "texts":
        return _of_a_set(of, wrong, sign)
    if sign in ("has", "!has"):
        return f"write {sign}({of or 'fact'}) for `{wrong}`"
    if sign == "!in":
        return f'write !(…) around all of it for `{wrong}`, such as !(event.store in ["1", "2"])'
    shown = f": {of} {sign} {words[behind].text}" if of and _alone(words, at - 1, behind) else ""
    return f"write {sign} for `{wrong}`{shown}"


def _of_a_set(of: str, wrong: str, sign: str) -> str:
    """A set of texts is always known, and what it has is not counted."""
    one = f'"vip" in {of}'
    asked = one if sign == "has" else f"!({one})"
    return f"of a set of texts `{wrong}` cannot be asked, only whether it has one; write {asked}"


def _is_name(word: Token) -> bool:
    return word.kind == "name"


def _alone(words: Sequence[Token], end: int, value: int) -> bool:
    """Whether a name that ends there and a number or text behind it are all that is compared."""
    while end > 1 and words[end - 1].text == ".":
        end -= 2
    around = ("", "(", ")", "&&", "||")
    before = words[end - 1].text if end else ""
    return words[value].kind in ("number", "text") and before in around and words[value + 1].text in around


def listed(words: Sequence[Token], at: int) -> str:
    """What to write for a list in round brackets, of which the first stands at `at`; nothing where `in` is not before
    it."""
    if at == 0 or (words[at - 1].kind, words[at - 1].text) != ("name", "in"):
        return ""
    end = next((n for n in range(at + 1, len(words)) if words[n].text == ")"), None)
    inside = words[at + 1 : end]
    plain = end is not None and all(each.kind in ("text", "number") or each.text == "," for each in inside)
    return f"a list is written in square brackets; write [{text(inside) if plain else '…'}]"


def _named(words: Sequence[Token], end: int) -> str:
    """The name of which the last word stands at `end`; nothing where none does."""
    if end < 0 or words[end].kind != "name":
        return ""
    begin = end
    while begin > 1 and words[begin - 1].text == "." and words[begin - 2].kind == "name":
        begin -= 2
    return "".join(each.text for each in words[begin : end + 1])


def _bracket(words: Sequence[Token], at: int) -> int:
    """Where the bracket is open within which a word stands; -1 where it stands in none."""
    depth = 0
    for place in range(at - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(words[place].text, 0)
        if depth < 0:
            return place
    return -1


def type_of(name: str) -> Type | None:
    """What a fact or a field of lines is; None of what is neither."""
    of, _, _ = name.rpartition(".")
    entry = FACTS.get(name) or LINE.get(name) or PREFIXES.get(of) or LINE_PREFIXES.get(of)
    return None if entry is None else entry.type


def _window(words: Sequence[Token], at: int) -> str:
    """`history.count(last 7 days)`"""
    begin = end = at
    while words[begin - 1].kind in ("name", "number") and begin:
        begin -= 1
    while words[end].kind in ("name", "number"):
        end += 1
    bracket = _bracket(words, at)
    of = _named(words, bracket - 1)
    known = (of in FUNCTIONS and of.startswith("history.") and of != "history.streak") or of == "last_days"
    if not known or words[begin - 1].text not in ("(", ","):
        return ""
    said = " ".join(each.text.casefold() for each in words[begin:end])
    if (this := _THIS.fullmatch(said)) is not None:
        return f"a window is one word; write {'today' if this[1] == 'day' else f'this_{this[1]}'}"
    last, before = _LAST.fullmatch(said), _BEFORE.fullmatch(said)
    days = 0 if before is None else _DAYS[before[1]]
    if last is not None and (last["unit"] in _DAYS or (last["last"] and not last["unit"])):
        days = int(last["number"]) * _DAYS.get(last["unit"], 1)
    if days > _MOST_DAYS:
        return f"a window has at most {_MOST_DAYS} days; write last_days({_MOST_DAYS}), or ever"
    return f"a window of days has their number in brackets; write last_days({days})" if days else ""


def _from_a_day(words: Sequence[Token], at: int) -> str:
    """`history.count(since 2026-01-01)`"""
    bracket = _bracket(words, at)
    of = _named(words, bracket - 1)
    if not at or words[at - 1].text.casefold() != "since" or not (of in FUNCTIONS and of.startswith("history.")):
        return ""
    end = at
    while words[end].kind in ("number", "text") or words[end].text == "-":
        end += 1
    given = text(words[at:end]).strip("\"'")
    day = given if is_date(given) else "2026-01-01"
    return f'a window from a day on has it in brackets and quotes; write since("{day}")'


def _since(words: Sequence[Token], at: int) -> str:
    """`member.joined >= 30 days ago`, `30 days ago <= member.joined`, `member.age >= 18 years`"""
    unit, number = words[at].text.casefold(), words[at - 1].text
    if not at or words[at].kind != "name" or words[at - 1].kind != "number" or not number.isdecimal():
        return ""
    days, ago = int(number) * _DAYS.get(unit, 0), words[at + 1].text.casefold() == "ago"
    of, sign = _compared(words, at, at + 2 if ago else at + 1)
    type_ = type_of(of)
    if of.endswith(")"):
        type_ = FUNCTIONS[of.partition("(")[0]].type
    if days and type_ == DATE and of != "calendar.date":
        # Of `member.joined >= 30 days` nobody knows on which side of that day is meant.
        asked = f"write days_since({of}) {sign} {days}" if ago else f"compare days_since({of}) with {days}"
        return f"of dates, ask how many days ago they are; {asked}"
    if days and ago and type_ is not None and type_.unit == "days":  # of days, which are as many as are written
        return f"`ago` is not part of the language; write {of} {MIRRORED[sign]} {days}"
    if days and ago:
        return _AGO.format(days)
    if unit in _LINES and of.startswith("lines.count("):
        return f"a number has no unit; write {number} alone"
    if type_ is None or type_.kind != "number" or type_.unit not in ("days", unit, _UNITS.get(unit)):
        return ""
    return f"a number has no unit; write {days if type_.unit == 'days' else number} alone"


def _compared(words: Sequence[Token], at: int, behind: int) -> tuple[str, str]:
    """What a number of days is compared with, and by which sign days since then are; behind: the word after it."""
    sign = words[at - 2].text if at > 1 else ""
    if sign in MIRRORED:
        end = at - 3
        if end > 0 and words[end].text == ")":
            bracket = _bracket(words, end)
            called = _named(words, bracket - 1)
            inside = text(words[bracket : end + 1])
            return (f"{called}{inside}" if called in FUNCTIONS else ""), MIRRORED[sign]
        return _named(words, end), MIRRORED[sign]
    sign, end = words[behind].text, behind + 1
    if sign not in MIRRORED:
        return "", ""
    while end + 2 < len(words) and words[end + 1].text == ".":
        end += 2
    return _named(words, end), sign


def _tested(words: Sequence[Token], at: int) -> str:
    """`member.tags contains "vip"`, `member.tags.contains "vip"`, `category like "wine%"`, `does not contain`"""
    dotted = words[at].kind == "text" and at > 2 and words[at - 2].text == "."
    denied = [each.text.casefold() for each in words[at : at + 2]] == ["does", "not"]
    at, end = (at - 1, at - 3) if dotted else (at + 2, at - 1) if denied else (at, at - 1)
    word, given = words[at].text, _given(words, at)
    if words[at].kind == "name" and word.casefold() in patterns.MATCHED:
        return _matched(_named(words, end), given, denied=denied)
    method = "like" if word.casefold() == "like" else _TESTS.get(word.casefold(), "")
    if words[at].kind != "name" or not method:
        return ""
    wrong = f"what `{word}` is given stands in brackets" if dotted else f"`{word}` is no operator"
    of = _named(words, end)
    type_ = type_of(of)
    if type_ is not None and type_.kind not in ("texts", "text", "attribute"):
        return ""
    ways = "startsWith, endsWith or contains"
    if method == "like":
        wrong, (method, given), ways = (
            "there is no `like`",
            patterns.like(given),
            "startsWith, endsWith, contains or ==",
        )
        if type_ is not None and type_.kind == "texts" and method:  # a set has no texts that begin so
            given = "…"
    if type_ is None or given == "…":
        return f"{wrong}; write {ways}, {_ANY_TEXT.format(method or 'startsWith')}"
    if type_.kind == "texts":
        asked = f'"{given}" in {of}'
        return f"{wrong}; a set of texts is asked with `in`: {f'!({asked})' if denied else asked}"
    asked = f'{of}.{method}("{given}")' if method else f'{of} == "{given}"'
    return f"{wrong}; write {f'!({asked})' if denied else asked}"


def _matched(of: str, pattern: str, *, denied: bool) -> str:
    """`event.store matches "^31"`"""
    type_ = type_of(of)
    asked = patterns.matched(of, pattern) if type_ is not None and type_.kind in ("text", "attribute") else ""
    return f"write {f'!({asked})' if denied else asked}" if asked else patterns.NO_PATTERN


def _given(words: Sequence[Token], at: int) -> str:
    """The text that is looked for, where it can be shown as it is."""
    near = [each for each in words[at + 1 : at + 3] if each.kind == "text"] or words[at + 1 : at + 2]
    first = near[0] if near else words[-1]
    body = first.text[1:-1] if first.kind == "text" else first.text if first.kind in ("name", "number") else ""
    return body if body and not set(body) & {"\\", '"'} else "…"
