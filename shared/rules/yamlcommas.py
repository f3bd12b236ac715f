"""Commas that end a value between { and } or [ and ] though they were meant as a part of it: what to write instead."""

from __future__ import annotations

import re
from typing import Final

import yaml

_NUMBER: Final = re.compile(r":\s+(\d+(?:,\d+)+(?:\.\d+)?)(?![\w.])")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_TAIL: Final = re.compile(r"(\d{1,3}),$")
_HEAD: Final = re.compile(r"\d{3}(?!\w)")
_DECIMALS: Final = re.compile(r"\d+,\d+")


def cut_by_comma(text: str, begin: int) -> str:
    """Why there is a field that nobody has written, whose empty value begins there: it is the rest of another's."""
    before, after = text[:begin].rstrip(), text[begin:].lstrip()
    cut = before[-1:] != ":" and after[:1] in (",", "}")
    return (
        "between { and } a comma ends a value: if this belongs to what is before it, put all of it in quotes"
        if cut
        else ""
    )


def number_cut(text: str, begin: int) -> str:
    """What to write where what begins there is the rest of a number with commas, such as 1,000; else nothing."""
    line = text.rfind("\n", 0, begin) + 1
    for found in _NUMBER.finditer(text, line):
        if found.start(1) > begin:
            break
        if found.start(1) < begin < found.end(1):
            return _number(found[1])
    return ""


def _number(written: str) -> str:
    if _THOUSANDS.fullmatch(written):
        return f"`{written}` is cut at its comma; write {written.replace(',', '')}, without a comma in the number"
    if _DECIMALS.fullmatch(written):
        return f"`{written}` is cut at its comma; write {written.replace(',', '.')}, with a point in the number"
    return f"`{written}` is cut at its comma; write the number without commas"


def rest_of_number(mark: yaml.Mark) -> str:
    """What to write where the digits there follow a comma that follows digits, as in [1,000]; else nothing."""
    if not isinstance(mark.buffer, str):
        return ""
    before, after = _TAIL.search(mark.buffer[: mark.pointer]), _HEAD.match(mark.buffer[mark.pointer :])
    if before is None or after is None:
        return ""
    return f"between [ and ] a comma ends a value: in a number write none, such as {before[1]}{after[0]}"


def condition_cut(text: str, node: yaml.Node) -> str:
    """What to write where a text that is no expression was cut at the comma of a function."""
    if not isinstance(node, yaml.ScalarNode) or node.style is not None:
        return ""
    before, after = text[: node.start_mark.index].rstrip(), text[node.end_mark.index :].lstrip()
    opened, closed = (node.value.count(each) for each in "()")
    if (opened > closed and after[:1] == ",") or (closed > opened and before[-1:] == ","):
        return "a comma ends a text between brackets of YAML ({ } and [ ]); put the whole text in quotes"
    return ""
