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
from shared.rules.language.syntax import MIRRORED
from shared.rules.localtime import WEEKDAYS
from shared.rules.saying.phrases import Phrase

_CALL: Final = re.compile(r"(days_since|calendar\.holiday|(?:history|lines)\.\w+)\((.*)\)", re.DOTALL)
_SIGNS: Final = ("==", "!=", ">=", ">", "<=", "<", "in")
_TEXT: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_ATTRIBUTE: Final = re.compile(r"attributes\.(\w+)")
_KIND: Final = re.compile(r'event\.kind == "(\w+)"')
_OF_EVENTS: Final = ("history.count", "history.streak", "history.first", "history.last")
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
    if arguments and match[1] in _OF_EVENTS:
        sentence, arguments = _of_kind(sentence, arguments, room)
    if arguments:
        parts["where"] = _where(arguments[0], room, name)
    if len(arguments) > 1 or any(each is None for each in parts.values()):
        return None
    return str(sentence).format_map({**parts, "of": _bare(str(sentence), parts["of"] or "")})


def _of_kind(sentence: str, arguments: list[str], room: Any) -> tuple[str, list[str]]:
    """Of a filter that asks for one kind of event the sentence about that kind, and what is left of the filter."""
    asked = _divided(arguments[0], " && ")
    kinds = [each for each in asked if (found := _KIND.fullmatch(each)) and found[1] in room.EVENTS]
    if len(kinds) != 1 or len(arguments) > 1:
        return sentence, arguments
    for ours, theirs in room.EVENTS[kinds[0].split('"')[1]]:
        sentence = sentence.replace(ours, theirs)
    left = " && ".join(each for each in asked if each != kinds[0])
    return sentence, [left] if left else []


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
        one = int(argument) == 1 and windows.get("last_day")
        return one or windows[function].format(count=room.number(int(argument)))
    if function == "since":
        return windows[function].format(day=room.day(date.fromisoformat(argument.strip('"'))))
    return None


def _where(written: str, room: Any, name: Name) -> str | None:
    """What a filter asks: comparisons with values, all of which must hold."""
    found = [_compared(part, room, name) or "" for part in _divided(written, " && ")]
    if not all(found):
        return None
    return str(room.WHERE).format(conditions=str(room.AND).join(found))


def _compared(part: str, room: Any, name: Name) -> str | None:
    """A comparison within a filter; without one, the function that is asked."""
    sign, sides = next(((s, two) for s in _SIGNS if len(two := _divided(part, f" {s} ")) == 2), ("", [part]))
    if not sign:
        return in_words(part, room, name)
    of, value = sides
    if _NUMBER.fullmatch(of):
        sign, of, value = MIRRORED.get(sign, ""), value, of
    field = None if of == "event.kind" else _field(of, room, name)
    values = [_value(of, each, room) for each in _divided(value[1:-1], ", ")] if sign == "in" else []
    if field is None or None in values:
        return None
    if sign == "in":
        return f"{field} {str(room.OR).join(filter(None, values))}"
    if _NUMBER.fullmatch(value) and sign in room.NUMBERS:
        return str(room.NUMBERS[sign]).format(field=field, value=room.number(Decimal(value)))
    found = _value(of, value, room)
    if found is None or sign not in ("==", "!="):
        return None
    return f"{field} {found}" if sign == "==" else str(room.OTHER).format(field=field, value=found)


def _field(label: str, room: Any, name: Name) -> str | None:
    """What a filter asks about: a field or an attribute of a line, or a fact."""
    attribute = _ATTRIBUTE.fullmatch(label)
    if attribute is not None:
        return attribute[1]
    found: str | None = room.FILTERED.get(label)
    return found or _named(label, room, name)


def _value(of: str, written: str, room: Any) -> str | None:
    """A text, a truth value or a number that something is compared with; a text of an attribute in quotes where it
    reads like something else."""
    text = _TEXT.fullmatch(written)
    if text is None:
        number = _NUMBER.fullmatch(written)
        return room.number(Decimal(written)) if number else written if written in ("true", "false") else None
    if of == "calendar.weekday" and text[1] in WEEKDAYS:
        return str(room.PHRASES[Phrase(text[1])])
    own = "attributes." in of and reads_otherwise(text[1])
    return f"“{text[1]}”" if own else text[1]


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
