"""Values that a comment of YAML cuts short without anybody meaning it: `title: Offer #1 of the week` is "Offer"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import yaml

from shared.rules.faults import Fault
from shared.rules.sources import Source

# Who means a comment writes a space behind its sign, or several signs.
_UNMEANT: Final = re.compile(r"[ \t]+(#[^\s#].*)")
_TEXT: Final = "tag:yaml.org,2002:str"
_LONGEST: Final = 40
_Path = tuple[str | int, ...]


def cut_short(source: Source) -> Iterator[Fault]:
    """A warning for each text without quotes that a comment follows which may have been meant as part of it."""
    for path, node in _texts(source.node, (), set()):
        found = _UNMEANT.match(source.text, node.end_mark.index)
        if found is not None:
            rest = found[1].rstrip()
            shown = rest if len(rest) <= _LONGEST else f"{rest[:_LONGEST]}…"
            said = (
                f"{'.'.join(map(str, path))}: `{shown}` is a comment to YAML and no part of the value; put the value "
                "in quotes if it belongs to it, else write a space behind #"
            )
            yield source.fault(path, said, code="yaml", severity="warning")


def _texts(node: yaml.Node, path: _Path, seen: set[int]) -> Iterator[tuple[_Path, yaml.ScalarNode]]:
    """Plain texts with their places; what an alias repeats is looked at once."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        if node.style is None and node.tag == _TEXT:
            yield path, node
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _texts(value, (*path, str(key.value)), seen)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _texts(value, (*path, number), seen)
