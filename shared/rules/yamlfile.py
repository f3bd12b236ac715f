"""Definition files: YAML text to definitions, each error with its file, line and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import yaml
from pydantic import ValidationError

from shared.rules.definition import DEFINITION, Definition


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a definition file."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class DefinitionError(ValueError):
    """One or more definitions are not valid; each fault has its place."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(str(fault) for fault in faults))


class _Loader(yaml.SafeLoader):
    """YAML as a marketer means it: `on` is a word, not a truth value, and 0.10 is exactly a tenth."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_constructor("tag:yaml.org,2002:float", lambda _loader, node: Decimal(str(node.value)))


def parse(text: str, file: str) -> tuple[list[Definition], list[Fault]]:
    """The definitions of one file (a list, one mapping, or several documents) and what is wrong with the others."""
    found: list[Definition] = []
    faults: list[Fault] = []
    try:
        loader = _Loader(text)
        while loader.check_node():
            root: Any = loader.get_node()
            for node in root.value if isinstance(root, yaml.SequenceNode) else [root]:
                data = loader.construct_object(node, deep=True)
                _one(node, data, file, found, faults)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        faults.append(Fault(file, *place, f"not YAML: {error.problem}"))
    except ValueError as error:  # a timestamp such as 2017-13-45
        faults.append(Fault(file, 1, 1, f"not YAML: {error}"))
    return found, faults


def _one(node: yaml.Node, data: object, file: str, found: list[Definition], faults: list[Fault]) -> None:
    try:
        found.append(DEFINITION.validate_python(data))
    except ValidationError as error:
        for each in error.errors(include_url=False):
            at = _place(node, each["loc"])
            name = ".".join(str(part) for part in each["loc"][1:] if part not in ("all", "any", "not", "fact"))
            message = each["msg"].removeprefix("Value error, ")
            faults.append(
                Fault(file, at.start_mark.line + 1, at.start_mark.column + 1, f"{name}: {message}".lstrip(": "))
            )


def _place(node: yaml.Node, loc: Iterable[int | str]) -> yaml.Node:
    """The node that an error is about: as far down as its location can be followed."""
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            node = next((value for key, value in node.value if key.value == str(part)), node)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
    return node


def read_all(files: Iterable[tuple[str, str]]) -> list[Definition]:
    """The definitions of several (name, text) files. Raises DefinitionError with every fault of all of them."""
    definitions: list[Definition] = []
    faults: list[Fault] = []
    where: dict[str, str] = {}
    for file, text in files:
        found, wrong = parse(text, file)
        faults += wrong
        for each in found:
            if each.id in where:
                faults.append(Fault(file, 1, 1, f"{each.id} is defined in {where[each.id]} already; ids are unique"))
            where[each.id] = file
        definitions += found
    faults += [
        Fault(where[each.id], 1, 1, message) for each in definitions for message in _references(each, definitions)
    ]
    if faults:
        raise DefinitionError(faults)
    return definitions


def _references(each: Definition, all_: list[Definition]) -> list[str]:
    """Ids that a definition names and nobody defines."""
    ids = {(other.kind, other.id) for other in all_}
    rules = {id_ for kind, id_ in ids if kind in ("earn", "bonus", "challenge")}
    wrong: list[str] = []
    match each.kind:
        case "earn" | "bonus" | "challenge":
            wrong += [
                f"{each.id}: `again` names {id_}, which no rule has"
                for id_ in each.then.again or ()
                if id_ not in rules
            ]
            if each.segment is not None and ("segment", each.segment) not in ids:
                wrong.append(f"{each.id}: no segment is called {each.segment}")
        case "ladder":
            wrong += [f"{each.id}: no rule is called {id_}" for id_ in each.qualifying if id_ not in rules]
        case "gift":
            if ("ladder", each.ladder) not in ids:
                wrong.append(f"{each.id}: no ladder is called {each.ladder}")
    return wrong
