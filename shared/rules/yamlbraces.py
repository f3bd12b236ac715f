"""Fields of one thing in a list without braces around them: of `limits: [period: week, times: 1]` YAML makes two things
of one field each. What to write instead. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import yaml
from pydantic import ValidationError

from shared.rules.definition import DEFINITION
from shared.rules.digits import FROM_FILE
from shared.rules.fields import parts_of
from shared.rules.sources import node_at, written_path
from shared.rules.wording import path_of

Path = tuple[int | str, ...]


def unbraced(text: str, root: yaml.Node, data: dict[str, Any], path: Path) -> tuple[Path, str] | None:
    """The first of the fields that were meant to be of one thing, around a fault at `path`, and what to write; None
    where nothing would be mended by braces. data: the definition as it was read."""
    for end in range(1, len(path) + 1):
        name, place = path[end - 1], path[:end]
        fields = ", ".join(_fields(text, node_at(root, place), parts_of(str(name))))
        if fields and _fits(root, data, place, listed=True):
            return (*place, 0), f"in a list each of these is a thing of its own; write `{name}: [{{{fields}}}]`"
        if fields and _fits(root, data, place, listed=False):
            return (*place, 0), f"what has fields stands between {{ and }}; write `{name}: {{{fields}}}`"
    return None


def _fields(text: str, node: yaml.Node, known: Collection[str]) -> list[str]:
    """What stands between the commas, where each is one known field without braces and none is written twice."""
    items = node.value if isinstance(node, yaml.SequenceNode) and node.flow_style else []
    alone = [
        each for each in items
        if isinstance(each, yaml.MappingNode) and len(each.value) == 1 and text[each.start_mark.index] != "{"
    ]  # fmt: skip
    names = {each.value[0][0].value for each in alone}
    if len(items) < 2 or len(names) < len(items) or not names.issubset(known):
        return []
    return [text[each.start_mark.index : each.end_mark.index].strip() for each in alone]


def _fits(root: yaml.Node, data: dict[str, Any], path: Path, *, listed: bool) -> bool:
    """Whether all of them are right as one thing, in a list or by itself."""
    mended = _with_one(data, path, listed=listed)
    try:
        DEFINITION.validate_python(mended, context=FROM_FILE)
    except ValidationError as error:
        wrong = (written_path(root, path_of(each["loc"])) for each in error.errors(include_url=False))
        return all(each[: len(path)] != path for each in wrong)
    return True


def _with_one(value: Any, path: Sequence[int | str], *, listed: bool) -> Any:
    """The same, with the things that stand at the path joined to one."""
    if not path:
        one = {name: each for item in value for name, each in item.items()}
        return [one] if listed else one
    changed = value.copy()
    changed[path[0]] = _with_one(value[path[0]], path[1:], listed=listed)
    return changed
