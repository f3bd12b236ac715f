"""Slips of the pen: words, signs and numbers that stand where they mean nothing here, by what people mean with them who
know another language or write as they would on paper. What names were meant is in `hints`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from shared.currencies import CODES
from shared.rules.language.clock import in_a_text

# Words of other languages, whatever their case.
_WORDS: Final = {"and": "&&", "or": "||", "is": "==", "equals": "=="}
# `!` alone would deny the nearest word only, and `!event.store == "1"` is none.
_NOT: Final = "write !(…) for `{}`, with brackets around all that is denied"
_BETWEEN: Final = "write two comparisons for `between`, such as basket.total >= 5 && basket.total <= 10"
# Nothing of the language says of every how many; what is given by them does.
_EVERY: Final = (
    "`%` is not part of the language; for something at every fifth event write a punch card, "
    "`then: {punch: {card: fifth, of: 5, points: 10}}`, and for points by an amount `per_amount`"
)
_COMPARISONS: Final = ("==", "!=", "<", "<=", ">", ">=", "in")
# Signs that no token begins with.
_SIGNS: Final = {
    "=": "write == to compare",
    ";": "write a comma between what a function or a list has; join conditions with && or ||",
    "&": "write && for `and`",
    "|": "write || for `or`",
    "“": 'write straight quotes: "',
    "”": 'write straight quotes: "',
    "‘": "write straight quotes: '",
    "’": "write straight quotes: '",
    "≥": "write >=",
    "≤": "write <=",
    "≠": "write !=",
}
_AROUND: Final = {
    "=>": "write >=", "=<": "write <=", "=!": "write !=", ">==": "write >=", "<==": "write <=",
    "===": "write == for `===`", "!==": "write != for `!==`",
}  # fmt: skip
# `lines.some(l => l.category == "wine")`
_ARROW: Final = re.compile(r"\(\s*(?:\w+|\(\s*\w+\s*\))\s*=\Z")
_NO_ARROW: Final = (
    'no line has a name here: write what it must be alone, such as lines.any(category == "wine"), and lines.all of all'
)
_MONEY: Final = "$€£¥₫₹₩₽฿₱₺₴₦"
_NO_CURRENCY: Final = "an amount has no currency, it is in the programme's: write the number alone"
_LIKE_SWISS: Final = re.compile(r"\d{1,3}(?:'\d{3})+(?![\d'])")
_MARKS: Final = re.compile("[ ,._]")
_THOUSAND: Final = re.compile(r"\d{3}(?:\.\d+)?")
_UNDERSCORED: Final = re.compile(r"(?:_\d+)+")
_APART: Final = {",": "comma", " ": "spaces", "_": "underscores", ".": "dots between thousands"}


class Token(NamedTuple):
    """One word; kind: number, name, text, sign or end."""

    kind: str
    text: str
    at: int

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.at + len(self.text)


def text(words: Sequence[Token]) -> str:
    """Words as they are written, with one space where there are any."""
    pairs = zip(words, [None, *words], strict=False)
    return "".join((" " if before and before.end < each.at else "") + each.text for each, before in pairs)


def word(text: str) -> str:
    """What to write for a word of another language; nothing for other words."""
    low = text.casefold()
    if low == "between":
        return _BETWEEN
    if low == "not":
        return _NOT.format(text)
    return f"write {_WORDS[low]} for `{text}`" if low in _WORDS else ""


def left_over(words: Sequence[Token], at: int) -> str:
    """What to write where a word follows that nothing can be made of; nothing where nobody knows what was meant."""
    token, before = words[at], words[max(0, at - 1)]
    if token.kind == "name" and token.text.casefold() == "not" and words[at + 1].text.casefold() == "in":
        return 'write !(…) around all of it for `not in`, such as !(event.store in ["1", "2"])'
    if token.kind == "name" and (said := word(token.text)):
        return said
    if token.kind == "name" and token.text != "in" and token.text.casefold() == "in":
        return f'write in for `{token.text}`, and a list in [...] behind it: event.store in ["1", "2"]'
    if token.text in _COMPARISONS and token.kind in ("name", "sign"):
        return f"a comparison has two sides: join two comparisons with &&, instead of `{token.text}` once more"
    if said := _number(words, at) or _currency(before, token):
        return said
    if token.kind == "sign" and token.text == "/":
        return "`/` is not part of the language: its results would not be exact; multiply the other side"
    if token.kind == "sign" and token.text == "%":
        return _EVERY
    return ""


def _currency(before: Token, token: Token) -> str:
    """Of an amount with its currency behind or before it."""
    for number, name in ((before, token), (token, before)):
        if number.kind == "number" and name.kind == "name" and name.text in CODES:
            return f"{_NO_CURRENCY}, {number.text}"
    return ""


def _number(words: Sequence[Token], at: int) -> str:
    """What to write for a number whose thousands stand apart, or with a comma before its decimals; at: where something
    follows that is no part of it."""
    first = words[at - 1].text if at and words[at - 1].kind == "number" else ""
    written = first
    while written and (more := _more(words, at)) and not ("." in written and more[0] == " "):
        written, at = written + "".join(more), at + len(more) - (more[0] == " ")
    apart, groups = _MARKS.findall(written), _MARKS.split(written)
    if written == first or not written:
        return ""
    said = f"numbers have no {next(_APART[each] for each in _APART if each in apart)}: write"
    if apart == [","]:
        one, other = groups
        return f"{said} {one}.{other} for decimals, or {one}{other} for thousands"
    if len(apart) > 1 and apart[-1] not in apart[:-1]:
        return f"{said} {''.join(groups[:-1])}.{groups[-1]}"
    return f"{said} {''.join(groups)}"


def _more(words: Sequence[Token], at: int) -> list[str]:
    """A group of digits that goes on with a number, and what stands before it."""
    token, after = words[at], words[min(at + 1, len(words) - 1)]
    if token.kind == "number" and _THOUSAND.fullmatch(token.text):
        return [" ", token.text]
    touch = words[at - 1].end == token.at and token.end == after.at  # or the comma stands between two of a list
    if token.kind == "sign" and token.text in ",." and after.kind == "number" and touch:
        return [token.text, after.text]
    return [token.text] if token.kind == "name" and _UNDERSCORED.fullmatch(token.text) else []


def pointless(number: Decimal) -> str:
    """What to write for `50.`."""
    decimals = f" or {number:f}.00" if "." not in f"{number:f}" else ""
    return f"a number does not end with its point: write {number:f}{decimals}"


def sign(source: str, at: int) -> str:
    """What to write for a sign with which no word begins."""
    if source[at : at + 2] == "=>" and _ARROW.search(source[: at + 1]):
        return _NO_ARROW
    around = (source[max(0, at - 2) : at + 1], source[at : at + 2], source[max(0, at - 1) : at + 1])
    for each in around:
        if each in _AROUND:
            return _AROUND[each]
    if source[at] == "=" and (said := _apart(source, at)):
        return said
    if source[at] in _MONEY:
        return _NO_CURRENCY
    if source[at] == ":" and (said := in_a_text(source, at)):
        return said
    return _SIGNS.get(source[at], "take it away, or put a text in quotes")


def _apart(source: str, at: int) -> str:
    """Of a `=` that begins a condition, as it does a formula, or that stands apart from the sign it belongs to."""
    before, behind = source[:at].rstrip(), source[at + 1 :].lstrip()
    if not before:
        return "take it away: a condition begins with what it asks for"
    if before[-1] in "<>!":
        return f"write {before[-1]}= without a space between"
    return f"write {behind[0]}=" if behind[:1] in ("<", ">") else ""


def apostrophes(source: str, at: int) -> str:
    """What to write for 1'000; nothing where a text begins."""
    found = _LIKE_SWISS.match(source, source.rfind(" ", 0, at) + 1)
    return "" if found is None else f"numbers have no apostrophes: write {found.group().replace(chr(39), '')}"


def stuck(number: str, behind: str) -> str:
    """What to write where a letter follows a number."""
    name = re.match(r"[A-Za-z]*", behind)
    if name is not None and name.group() in CODES:
        return f"{_NO_CURRENCY}, {number}"
    if name is not None and name.group().casefold() in ("d", "day", "days"):
        return f"a number has no unit: write {number} alone, or last_days({number}) for a window"
    return f"put a space or an operator between {number} and {behind[0]}"
