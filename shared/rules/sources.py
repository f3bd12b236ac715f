"""Where a definition is written: places in its file by the path of a field, down to the character of an expression."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import yaml

from shared.rules.definition import Definition
from shared.rules.faults import Fault, Severity, divided
from shared.rules.positions import ends, indices, spot

Steps = Sequence[int | str]
_WORD: Final = re.compile(r"[A-Za-z0-9_.]+|[&|=!<>]+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Source:
    """One definition of a file. `definition` is None where it cannot be read."""

    file: str
    text: str
    node: yaml.Node
    definition: Definition | None = None

    def fault(
        self,
        path: Steps,
        said: str,
        *,
        code: str = "definition",
        severity: Severity = "error",
        span: tuple[int, int | None] | None = None,
        at_key: bool = False,
    ) -> Fault:
        """A fault at a field, or at characters of its text. said: what is wrong; what to write instead."""
        node = node_at(self.node, path, at_key)
        begin, end = _range(self.text, node, span)
        first, last = (spot(self.text, each, node.start_mark) for each in (begin, end))
        ends = last.column if last.line == first.line and last.column > first.column else None
        message, hint = divided(said)
        return Fault(self.file, first.line, first.column, message, hint, code, severity, ends)


def _range(text: str, node: yaml.Node, span: tuple[int, int | None] | None) -> tuple[int, int]:
    """The first character in the file and the one after the last."""
    if span is None or not isinstance(node, yaml.ScalarNode):
        return node.start_mark.index, node.end_mark.index
    at, until = span
    value, places = node.value, indices(text, node)
    at = min(at, len(value))
    if at >= len(value.rstrip()):  # what is missing at the end is shown there, not on a line end that follows
        at = len(value.rstrip())
        place = ends(text, node)[at - 1] if at else places[0]
        return place, place
    if until is None:
        word = _WORD.match(value, at)
        until = at + 1 if word is None else word.end()
    return places[at], ends(text, node)[max(at, min(until, len(value)) - 1)]


def node_at(node: yaml.Node, path: Steps, at_key: bool = False) -> yaml.Node:
    """The node that a path leads to, as far down as it can be followed; or the key of that node."""
    key = node
    for part in path:
        pair = _step(node, part)
        if pair is None and isinstance(node, yaml.MappingNode) and isinstance(part, int):
            continue  # one effect, written without a list around it
        if pair is None:
            break
        key, node = pair
    return key if at_key else node


def names_at(node: yaml.Node, path: Steps) -> list[str]:
    """The names of the fields that are written where a path leads."""
    found = node_at(node, path)
    pairs = found.value if isinstance(found, yaml.MappingNode) else ()
    return [key.value for key, _ in pairs if isinstance(key, yaml.ScalarNode)]


def written_path(node: yaml.Node, path: Steps) -> tuple[int | str, ...]:
    """The path as the file has it: no number where one effect is written without a list around it."""
    steps: list[int | str] = []
    current: yaml.Node | None = node
    for part in path:
        pair = None if current is None else _step(current, part)
        if pair is None and isinstance(current, yaml.MappingNode) and isinstance(part, int):
            continue
        steps.append(part)
        current = None if pair is None else pair[1]
    return tuple(steps)


def _step(node: yaml.Node, part: int | str) -> tuple[yaml.Node, yaml.Node] | None:
    """Key and value; an item of a list is both."""
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    return None
