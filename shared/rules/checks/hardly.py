"""Comparisons that can hold and hardly mean what is written: a birthday beside the day of the event, a text with a
wildcard at its end, numbers ordered as texts. Pure."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from shared.rules.language.patterns import WILD, is_wild, wildcard
from shared.rules.language.questions import spelt
from shared.rules.language.syntax import MIRRORED
from shared.rules.language.terms import Comparison, Const, OneOf, Term, TextTest, literal

_AGE: Final = "days_since(member.birthday)"
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_A_YEAR: Final = 366  # days: of fewer, those around a birthday are meant


def of_a_birthday(term: Term) -> str | None:
    """Of a birthday compared with the day of the event: it has its year, and so is hardly ever that day."""
    if not isinstance(term, Comparison) or term.operator not in ("==", "!="):
        return None
    sides = {spelt(term.left), spelt(term.right)}
    if sides not in ({"member.birthday", "calendar.date"}, {_AGE, "0"}):
        return None
    meant = "member.is_birthday" if term.operator == "==" else "!member.is_birthday"
    only = "holds only for" if term.operator == "==" else "holds for all but"
    return f"a birthday has its year, so this {only} who was born on the very day of the event; did you mean {meant}?"


def hardly_meant(term: Term) -> tuple[str, str] | None:
    """The code of a warning, and what it says."""
    if (said := _around_a_birthday(term)) is not None:
        return "birthday", said
    if (said := _by_letters(term)) is not None:
        return "letters", said
    said = _with_a_wildcard(term)
    return None if said is None else ("wildcard", said)


def _by_letters(term: Term) -> str | None:
    """`member.attributes.kids_count >= "2"`: a partner's text may be before another, and is no number."""
    if not isinstance(term, Comparison) or term.operator not in ("<", "<=", ">", ">="):
        return None
    of, sign, to = term.left, term.operator, term.right
    if isinstance(of, Const):
        of, sign, to = to, MIRRORED.get(sign, sign), of
    text = to.value if isinstance(to, Const) and isinstance(to.value, str) else ""
    if of.type.kind != "attribute" or not _NUMBER.fullmatch(text):
        return None
    said = f'texts are ordered by their letters, so that "10" is before "9": where partners send a number, write {text}'
    return f"{said} without quotes ({spelt(of)} {sign} {text}); where they send a text, list all that are meant with in"


def _around_a_birthday(term: Term) -> str | None:
    """`days_since(member.birthday) <= 7`"""
    if not isinstance(term, Comparison):
        return None
    of, sign, to = term.left, term.operator, term.right
    if isinstance(of, Const):
        of, sign, to = to, MIRRORED.get(sign, sign), of
    number = to.value if isinstance(to, Const) and isinstance(to.value, Decimal) else None
    if number is None or abs(number) > _A_YEAR or spelt(of) != _AGE:
        return None
    what = "who is hardly born yet" if sign in ("<", "<=", "==") else "nearly everybody"
    said = f"a birthday has its year, so these are the days since somebody's birth, and this holds for {what}"
    return f"{said}; ask member.is_birthday (today is the day) or member.age"


def _with_a_wildcard(term: Term) -> str | None:
    """`category == "wine*"`, `category.startsWith("wine*")`"""
    match term:
        case Comparison(operator="==" | "!=" as sign, left=of, right=Const(value=str() as text)):
            return _wild(of, text, denied=sign == "!=")
        case Comparison(operator="==" | "!=" as sign, left=Const(value=str() as text), right=of):
            return _wild(of, text, denied=sign == "!=")
        case OneOf(of=of, options=options):
            wild = next((each for each in options if isinstance(each, str) and is_wild(each)), None)
            return None if wild is None else _wild(of, wild, listed=True)
        case TextTest(of=of, method=method, value=text) if is_wild(text):
            return _told(text, f"write {spelt(of)}.{method}({literal(text.strip(WILD))})")
    return None


def _wild(of: Term, text: str, *, denied: bool = False, listed: bool = False) -> str | None:
    if of.type.kind not in ("text", "attribute") or not is_wild(text):
        return None
    asked = wildcard(spelt(of), text)
    if not asked:
        return _told(text, "ask with startsWith, endsWith or contains")
    if listed:
        return _told(text, f"take it out of the list, and ask {asked} beside it")
    return _told(text, f"write {f'!({asked})' if denied else asked}")


def _told(text: str, hint: str) -> str:
    return f"* and % are no wildcards, so {literal(text)} is compared as it stands; {hint}"
