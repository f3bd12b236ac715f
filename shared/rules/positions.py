"""Where the characters of a YAML text's value stand in its file, whatever way the text is written.

A value may be plain, in quotes with escapes, folded over lines or a block: an error at the value's fifth character is
shown at the character of the file that it came from. The rules of folding are those of the YAML reader; where a value
does not come out the same (it cannot be followed), its beginning is the place of all of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

import yaml

_BREAKS: Final = "\r\n\x85\u2028\u2029"
_LINE_END: Final = re.compile(rf"\r\n|[{_BREAKS}]")
_ESCAPES: Final = yaml.SafeLoader.ESCAPE_REPLACEMENTS
_CODES: Final = yaml.SafeLoader.ESCAPE_CODES
_HEADER: Final = re.compile(r"[|>]([+-]?)([1-9]?)([+-]?)[ \t]*(#[^\r\n\x85\u2028\u2029]*)?")


class Spot(NamedTuple):
    """A place in a file: line and column count from 1."""

    line: int
    column: int


def spot(text: str, index: int, since: yaml.Mark | None = None) -> Spot:
    """The place of a character of a text; lines end as the YAML reader has them.

    since: a place before it, from which on to count: the file may be long.
    """
    begin, line, column = (0, 0, 0) if since is None else (since.index, since.line, since.column)
    before = text[begin : max(0, min(index, len(text)))]
    breaks = [begin + match.end() for match in _LINE_END.finditer(before)]
    if before.endswith("\r") and text[index : index + 1] == "\n":
        breaks.pop()  # in the middle of one line end
    start = breaks[-1] if breaks else begin - column
    return Spot(line + len(breaks) + 1, index - start + 1)


def indices(text: str, node: yaml.ScalarNode) -> list[int]:
    """Where in the file each character of a node's value stands, and after them where the last one ends."""
    return _followed(text, node).begins


def ends(text: str, node: yaml.ScalarNode) -> list[int]:
    """Where in the file each character of a node's value ends: one that is written with others, such as `\\"`, takes
    more than one place."""
    return _followed(text, node).ends


class Places(NamedTuple):
    """Where characters begin, and after them where the last one ends; and where each of them ends."""

    begins: list[int]
    ends: list[int]


def _followed(text: str, node: yaml.ScalarNode) -> Places:
    start, end = node.start_mark.index, node.end_mark.index
    reader = _Reader(text, start, end)
    if node.style in ("|", ">"):
        return _block(reader, node)
    ways: dict[str | None, Callable[[_Reader], None]] = {None: _plain, "'": _single, '"': _double}
    ways[node.style](reader)
    return reader.found(node.value) or _at_once(start, node)


def _at_once(start: int, node: yaml.ScalarNode) -> Places:
    """Of a value that cannot be followed, its beginning is the place of all of it."""
    size = len(node.value)
    return Places([start] * (size + 1), [start + 1] * size)


class _Reader:
    """Takes a value's characters from a file, and notes where each stood."""

    def __init__(self, text: str, at: int, end: int) -> None:
        self.text, self.at, self.end = text, at, end
        self.said: list[str] = []
        self.places: list[int] = []
        self.ends: list[int] = []
        self.done = at

    def peek(self, ahead: int = 0) -> str:
        """The character that comes; empty after the last."""
        at = self.at + ahead
        return self.text[at] if at < self.end else ""

    def take(self, count: int, said: str | None = None) -> None:
        """So many characters as they are, or all of them for one that they stand for."""
        for number, character in enumerate(self.text[self.at : self.at + count] if said is None else said):
            self.said.append(character)
            self.places.append(self.at + (number if said is None else 0))
            self.ends.append(self.at + (number + 1 if said is None else count))
        self.at += count
        self.done = self.at

    def line_break(self) -> tuple[str, int]:
        """What a line end says, and where it stands; none is said of anything else."""
        at, character = self.at, self.peek()
        if not character or character not in _BREAKS:
            return "", at
        self.at += 2 if character == "\r" and self.peek(1) == "\n" else 1
        return ("\n" if character in "\r\n\x85" else character), at

    def spaces(self, which: str) -> int:
        """Passes spaces; returns how many."""
        before = self.at
        while (character := self.peek()) and character in which:
            self.at += 1
        return self.at - before

    def put(self, said: str, at: int) -> None:
        """A character that stands for a line end."""
        self.said.append(said)
        self.places.append(at)
        self.ends.append(at + 1)

    def found(self, value: str) -> Places | None:
        """The places, if this is what was read."""
        return Places([*self.places, self.done], self.ends) if "".join(self.said) == value else None


def _fold(reader: _Reader, which: str, *, escaped: bool = False) -> None:
    """Spaces and line ends within a text: one line end is a space, of more all but the first are kept."""
    start = reader.at
    spaces = reader.spaces(which)
    said, at = reader.line_break()
    if not said:
        reader.at = start
        reader.take(spaces)
        return
    more: list[tuple[str, int]] = []
    while True:
        reader.spaces(which)
        other = reader.line_break()
        if not other[0]:
            break
        more.append(other)
    if escaped:
        pass  # the backslash took the first away
    elif said != "\n":
        reader.put(said, at)
    elif not more:
        reader.put(" ", at)
    for each in more:
        reader.put(*each)


def _plain(reader: _Reader) -> None:
    while character := reader.peek():
        if character == " " or character in _BREAKS:
            before = reader.at
            _fold(reader, " ")
            if reader.at == before:
                return
        else:
            reader.take(1)


def _single(reader: _Reader) -> None:
    reader.at, reader.end = reader.at + 1, reader.end - 1
    reader.done = reader.at
    while character := reader.peek():
        if character == "'" and reader.peek(1) == "'":
            reader.take(2, "'")
        elif character in " \t" or character in _BREAKS:
            _fold(reader, " \t")
        else:
            reader.take(1)


def _double(reader: _Reader) -> None:
    reader.at, reader.end = reader.at + 1, reader.end - 1
    reader.done = reader.at
    while character := reader.peek():
        if character == "\\":
            _escape(reader)
        elif character in " \t" or character in _BREAKS:
            _fold(reader, " \t")
        else:
            reader.take(1)


def _escape(reader: _Reader) -> None:
    code = reader.peek(1)
    if code in _CODES:
        digits = reader.text[reader.at + 2 : reader.at + 2 + _CODES[code]]
        reader.take(2 + _CODES[code], chr(int(digits, 16)))
    elif code in _ESCAPES:
        reader.take(2, _ESCAPES[code])
    else:
        reader.at += 1
        _fold(reader, " \t", escaped=True)


def _block(reader: _Reader, node: yaml.ScalarNode) -> Places:
    """The header does not tell how far a block is indented: what reads the same as the value is the answer."""
    header = _HEADER.match(reader.text, reader.at)
    begin = reader.at if header is None else header.end()
    chomp = "" if header is None else header.group(1) or header.group(3)
    widest = max(
        (len(each) - len(each.lstrip(" ")) for each in reader.text[begin : reader.end].splitlines()), default=0
    )
    for indent in range(widest, -1, -1):
        trial = _Reader(reader.text, begin, reader.end)
        trial.line_break()
        _lines(trial, indent, chomp, folded=node.style == ">")
        found = trial.found(node.value)
        if found is not None:
            return found
    return _at_once(reader.at, node)


def _lines(reader: _Reader, indent: int, chomp: str, *, folded: bool) -> None:
    breaks = _empty(reader, indent)
    last: tuple[str, int] = ("", reader.at)
    while _indented(reader, indent):
        reader.at += indent
        for each in breaks:
            reader.put(*each)
        joined = reader.peek() not in (" ", "\t")
        length = 0
        while (character := reader.peek(length)) and character not in _BREAKS:
            length += 1
        reader.take(length)
        last = reader.line_break()
        breaks = _empty(reader, indent)
        if not _indented(reader, indent):
            break
        if folded and last[0] == "\n" and joined and reader.peek(indent) not in (" ", "\t"):
            if not breaks:
                reader.put(" ", last[1])
        elif last[0]:
            reader.put(*last)
    if chomp != "-" and last[0]:
        reader.put(*last)
    if chomp == "+":
        for each in breaks:
            reader.put(*each)


def _indented(reader: _Reader, indent: int) -> bool:
    """Whether a line of the block comes."""
    ahead = reader.text[reader.at : reader.at + indent]
    return ahead == " " * indent and bool(reader.peek(indent))


def _empty(reader: _Reader, indent: int) -> list[tuple[str, int]]:
    """The empty lines that come."""
    found: list[tuple[str, int]] = []
    while True:
        start, spaces = reader.at, 0
        while spaces < indent and reader.peek() == " ":
            reader.at, spaces = reader.at + 1, spaces + 1
        each = reader.line_break()
        if not each[0]:
            reader.at = start
            return found
        found.append(each)
