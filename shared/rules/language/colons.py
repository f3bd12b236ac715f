"""Colons between a fact and a value, as forms and searches have them: `event.store:"31"`, `member.tier: gold`. Here
they are compared; what asks the same is told. Pure; read from an expression by the lexer, from a file by
`yamlcolons`."""

from __future__ import annotations

import re
from typing import Final

from shared.rules.language.spoken import type_of
from shared.rules.language.terms import literal
from shared.rules.localtime import WEEKDAYS
from shared.rules.near import near

_NAME: Final = r"(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)"
_TEXT: Final = r"\"[^\"\\]*\"|'[^'\\]*'"
_VALUE: Final = (
    rf"(?P<value>{_TEXT}|-?\d+(?:\.\d+)?(?![\w.:-])|\d{{4}}-\d\d-\d\d(?![\w.:-])|[A-Za-z_][\w-]*(?![\w.(:-]))"
)
_BEFORE: Final = re.compile(rf"{_NAME}\s*$")
_BEHIND: Final = re.compile(rf"\s*{_VALUE}")
_SIGN: Final = re.compile(r"\s*(?:[=!<>]=|[<>])")
_PAIR: Final = re.compile(rf"(?P<quoted>{_TEXT})|(?<![\w.\])]){_NAME}\s*:\s*{_VALUE}")
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")


def of_a_colon(source: str, at: int) -> str:
    """What to write where a colon stands between a fact and its value; nothing where something else does."""
    name, value = _BEFORE.search(source, 0, at), _BEHIND.match(source, at + 1)
    if source[at] != ":" or name is None:
        return ""
    if _SIGN.match(source, at + 1):
        return "take it away: a comparison has one sign"
    if value is None:
        return ""
    asked = _asked(name["name"], value["value"])
    return f"write {asked}" if asked else "write == to compare"


def compared(text: str) -> str:
    """A condition with comparisons in the place of its colons; nothing where none stands between a fact and a value."""

    def instead(found: re.Match[str]) -> str:
        if found["quoted"]:
            return found[0]
        return _asked(found["name"], found["value"]) or found[0]

    said = _PAIR.sub(instead, text)
    return "" if said == text else said


def _asked(name: str, value: str) -> str:
    """What asks whether a fact has a value; nothing where it is none of ours, or never has such a value."""
    of = type_of(name)
    body = value[1:-1] if value[0] in "\"'" else value
    match of.kind if of is not None and body else None:
        case "texts":
            return f"{literal(body)} in {name}"
        case "text" | "date":
            return f"{name} == {literal((near(body, WEEKDAYS) or body) if name == 'calendar.weekday' else body)}"
        case "number" if _NUMBER.fullmatch(body):
            return f"{name} == {body}"
        case "truth" if body in ("true", "false"):
            return f"{name} == {body}"
        case "attribute":
            plain = body in ("true", "false") or _NUMBER.fullmatch(value)
            return f"{name} == {value if plain and value == body else literal(body)}"
    return ""
