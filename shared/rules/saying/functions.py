"""Functions of the catalogue in words: `history.count(this_month)` is "the number of purchases this month".

What is called so is what is written in a condition; where a part of it has no words, all of it is told as written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from shared.rules.kinds import reads_otherwise

_CALL: Final = re.compile(r"(days_since|calendar\.holiday|(?:history|lines)\.\w+)\((.*)\)", re.DOTALL)
_EQUAL: Final = re.compile(r'([\w.]+) == (?:"((?:[^"\\]|\\.)*)"|(true|false))')
_NUMBER: Final = re.compile(r"(amount|price|quantity) (==|>=|>|<=|<) (\d+(?:\.\d+)?)")
_OF_VALUE: Final = ("history.sum", "history.distinct", "lines.sum", "lines.distinct")

Name = Callable[[str], str]
"""What a fact is called, by its label."""


def in_words(label: str, room: Any, name: Name) -> str | None:
    """A function in a language; None where it, or a part of it, has no words."""
    match = _CALL.fullmatch(label)
    sentence = room.FUNCTIONS.get(match[1]) if match is not None else None
    if match is None or sentence is None:
        return None
    arguments = _divided(match[2], ", ")
    if match[1] == "history.distinct" and arguments and arguments[0] in room.FIELDS:
        sentence = room.FUNCTIONS["history.distinct.lines"]
    parts: dict[str, str | None] = {"of": "", "window": "", "where": ""}
    if match[1] in _OF_VALUE and arguments:
        parts["of"] = _named(arguments.pop(0), room, name)
    if match[1].startswith("history.") and arguments:
        parts["window"] = _window(arguments.pop(0), room)
    elif match[1] in ("days_since", "calendar.holiday") and arguments:
        argument = arguments.pop(0)
        parts["of"] = argument.strip('"') if argument.startswith('"') else _named(argument, room, name)
    if arguments:
        parts["where"] = _where(arguments[0], room, name)
    if len(arguments) > 1 or any(each is None for each in parts.values()):
        return None
    return str(sentence).format_map({**parts, "of": _bare(str(sentence), parts["of"] or "")})


def _bare(sentence: str, of: str) -> str:
    """What is summed, without the words that the sentence begins with: no sum of a sum is told."""
    head = sentence.partition("{of}")[0]
    return of.removeprefix(head) if head.strip() else of


def _named(label: str, room: Any, name: Name) -> str | None:
    field = room.FIELDS.get(label)
    if field is not None:
        return str(field)
    found = name(label)
    return None if found == label else found


def _window(written: str, room: Any) -> str | None:
    windows: Mapping[str, str] = room.WINDOWS
    if written in windows:
        return windows[written]
    function, _, argument = written.rstrip(")").partition("(")
    if function == "last_days":
        return windows[function].format(count=room.number(int(argument)))
    if function == "since":
        return windows[function].format(day=room.day(date.fromisoformat(argument.strip('"'))))
    return None


def _where(written: str, room: Any, name: Name) -> str | None:
    """What a filter asks: comparisons with a value, all of which must hold."""
    found: list[str] = []
    for part in _divided(written, " && "):
        equal, number = _EQUAL.fullmatch(part), _NUMBER.fullmatch(part)
        if number is not None:
            value, field = room.number(Decimal(number[3])), room.FILTERED[number[1]]
            found.append(str(room.NUMBERS[number[2]]).format(field=field, value=value))
        elif equal is not None and equal[1] != "event.kind":
            field = room.FILTERED.get(equal[1]) or _named(equal[1], room, name)
            found.append(f"{field} {_value(equal)}" if field is not None else "")
        else:
            found.append(in_words(part, room, name) or "")
    if not all(found):
        return None
    return str(room.WHERE).format(conditions=str(room.AND).join(found))


def _value(equal: re.Match[str]) -> str:
    """The value of a comparison; a text of an attribute in quotes where it reads like something else."""
    text: str | None = equal[2]
    if text is None:
        return str(equal[3])
    return f"“{text}”" if ".attributes." in equal[1] and reads_otherwise(text) else text


def _divided(text: str, between: str) -> list[str]:
    """Parts of a text, divided where nothing is open: no bracket, no quote."""
    parts, begin, depth, quoted, at = list[str](), 0, 0, False, 0
    while at < len(text):
        sign = text[at]
        if quoted and sign == "\\":
            at += 1
        elif sign == '"':
            quoted = not quoted
        elif not quoted and sign in "([":
            depth += 1
        elif not quoted and sign in ")]":
            depth -= 1
        elif not quoted and depth == 0 and text.startswith(between, at):
            parts.append(text[begin:at])
            begin = at + len(between)
        at += 1
    return [each for each in [*parts, text[begin:]] if each]
