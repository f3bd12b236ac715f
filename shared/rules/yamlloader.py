"""Reads YAML as a marketer means it. Where one value cannot be read, all others are."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final, cast

import yaml

from shared.rules.written_times import no_such_day, no_such_time
from shared.rules.yamlcommas import rest_of_number

_MOST_NODES: Final = 200_000
_WHOLE: Final = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL: Final = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+")


class Loader(yaml.SafeLoader):
    """YAML as a marketer means it: `on` is a word, not a truth value, and 0.10 is exactly a tenth.

    amiss: what looked like a time or a number and is none; it is read on, so that all else is told at once.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.amiss: list[yaml.MarkedYAMLError] = []

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Its node. A `!` with a space behind it would be left out without a word: the condition that was to be denied
        would hold."""
        event = cast(Any, self).peek_event()
        if getattr(event, "tag", None) == "!":
            raise yaml.composer.ComposerError(None, None, "a tag without a name", event.start_mark)
        return super().compose_node(parent, index)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """The value; of what is amiss its text, and an error that knows its place."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, ArithmeticError, TypeError):
            value = node.value if isinstance(node, yaml.ScalarNode) else None
            what = f"`{value}`" if value is not None else "this"
            hint = rest_of_number(node.start_mark) or (
                "if it is a number, write its digits alone, without a 0 before them; if it is a text, put it in quotes"
            )
            wrong = no_such_day(value or "") or no_such_time(value or "") or f"{what} cannot be read as a value; {hint}"
            error = yaml.constructor.ConstructorError(None, None, wrong, node.start_mark)
            if value is None:
                raise error from None
            self.amiss.append(error)
            # As the reader does with what it could read: an alias of it is neither a circle nor told once more.
            del self.recursive_objects[node]
            self.constructed_objects[node] = value
            return value


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _whole(_loader: Loader, node: yaml.ScalarNode) -> int:
    """YAML 1.1 would read 010 as eight, 1:30 as ninety, 0x10 as sixteen: none of them is what anybody meant."""
    if not _WHOLE.fullmatch(node.value):
        raise ValueError(node.value)
    return int(node.value)


def _decimal(_loader: Loader, node: yaml.ScalarNode) -> Decimal:
    if not _DECIMAL.fullmatch(node.value):
        raise ValueError(node.value)
    return Decimal(node.value)


Loader.add_constructor("tag:yaml.org,2002:int", _whole)
Loader.add_constructor("tag:yaml.org,2002:float", _decimal)


def _mapping(loader: Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    """A key that is written twice is a mistake; YAML readers keep the last and say nothing."""
    seen: set[str] = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            wrong = "this cannot be read as a value; if it is a text, put it in quotes"
            raise yaml.constructor.ConstructorError(None, None, wrong, node.start_mark)
        if key.value in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"`{key.value}` is written twice; keep one of them", key.start_mark
            )
        seen.add(key.value)
    return loader.construct_mapping(node, deep=True)


Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def refuse_floods(root: yaml.Node) -> None:
    """A few lines of aliases of aliases can stand for millions of values, which would take hours to read."""
    sizes: dict[int, int] = {}

    def size(node: yaml.Node) -> int:
        if id(node) not in sizes:
            sizes[id(node)] = 0  # a node within itself is refused by the reader
            parts = [part for each in node.value for part in (each if isinstance(each, tuple) else (each,))]
            sizes[id(node)] = 1 + sum(map(size, parts)) if isinstance(node, yaml.CollectionNode) else 1
        if sizes[id(node)] > _MOST_NODES:
            said = f"this stands for more than {_MOST_NODES:,} values; write fewer aliases (*) or several files"
            raise yaml.constructor.ConstructorError(None, None, said, node.start_mark)
        return sizes[id(node)]

    size(root)
