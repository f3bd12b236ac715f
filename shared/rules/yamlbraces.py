"""Fields of one thing in a list without braces around them: of `limits: [period: week, times: 1]` YAML makes two things
of one field each. What to write instead. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml
from pydantic import ValidationError

from shared.rules.definition import DEFINITION
from shared.rules.digits import FROM_FILE
from shared.rules.sources import node_at
from shared.rules.wording import path_of

Path = tuple[int | str, ...]


def unbraced(text: str, root: yaml.Node, data: dict[str, Any], path: Path) -> tuple[Path, str] | None:
    """The first of the fields that were meant to be of one thing, around a fault at `path`, and what to write; None
    where nothing would be mended by braces. data: the definition as it was read."""
    for end in range(1, len(path) + 1):
        node = node_at(root, path[:end])
        fields = _fields(text, node) if isinstance(path[end - 1], str) else []
        if fields and _fits(data, path[:end]):
            said = f"{path[end - 1]}: [{{{', '.join(fields)}}}]"
            return (*path[:end], 0), f"in a list each of these is a thing of its own; write `{said}`"
    return None


def _fields(text: str, node: yaml.Node) -> list[str]:
    """What stands between the commas, where each is one field without braces and none is written twice."""
    items = node.value if isinstance(node, yaml.SequenceNode) and node.flow_style else []
    alone = [
        each for each in items
        if isinstance(each, yaml.MappingNode) and len(each.value) == 1 and text[each.start_mark.index] != "{"
    ]  # fmt: skip
    names = {each.value[0][0].value for each in alone}
    if len(items) < 2 or len(names) < len(items):
        return []
    return [text[each.start_mark.index : each.end_mark.index].strip() for each in alone]


def _fits(data: dict[str, Any], path: Path) -> bool:
    """Whether all of them are right as one thing."""
    mended = _with_one(data, path)
    try:
        DEFINITION.validate_python(mended, context=FROM_FILE)
    except ValidationError as error:
        return all(path_of(each["loc"])[: len(path)] != path for each in error.errors(include_url=False))
    return True


def _with_one(value: Any, path: Sequence[int | str]) -> Any:
    """The same, with the things that stand at the path joined to one."""
    if not path:
        return [{name: each for item in value for name, each in item.items()}]
    changed = value.copy()
    changed[path[0]] = _with_one(value[path[0]], path[1:])
    return changed
