"""Definition files: YAML text to definitions, each error with its file, line and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Final

import yaml
from pydantic import ValidationError
from yaml.reader import ReaderError

from shared.rules.definition import DEFINITION, KINDS, Definition
from shared.rules.references import references
from shared.rules.rulebook import ProgrammeError
from shared.rules.wording import Steps, path_of, words

_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
_WAITS: Final = "references to what cannot be read yet are checked once this is mended"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a definition file."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class DefinitionError(ProgrammeError):
    """One or more definitions are not valid; each fault has its place."""

    def __init__(self, faults: list[Fault], note: str = "") -> None:
        self.faults = faults
        super().__init__("\n".join([*(str(fault) for fault in faults), *([note] if note else [])]))


class _Loader(yaml.SafeLoader):
    """YAML as a marketer means it: `on` is a word, not a truth value, and 0.10 is exactly a tenth."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """The value; what looks like a time or a number and is none becomes an error that knows its place."""
        try:
            return super().construct_object(node, deep)
        except (ValueError, ArithmeticError, TypeError):
            what = f"`{node.value}`" if isinstance(node, yaml.ScalarNode) else "this"
            wrong = f"{what} cannot be read as a value; if it is a text, put it in quotes"
            raise yaml.constructor.ConstructorError(None, None, wrong, node.start_mark) from None


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_constructor("tag:yaml.org,2002:float", lambda _loader, node: Decimal(str(node.value)))


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    """A key that is written twice is a mistake; YAML readers keep the last and say nothing."""
    seen: set[Any] = set()
    for key, _ in node.value:
        if key.value in seen:
            raise yaml.constructor.ConstructorError(None, None, f"`{key.value}` is written twice", key.start_mark)
        seen.add(key.value)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def parse(text: str, file: str, places: dict[str | None, Fault] | None = None) -> tuple[list[Definition], list[Fault]]:
    """The definitions of one file (a list, one mapping, or several documents) and what is wrong with the others.

    places: receives where each id is written, also of definitions that are not valid; under None, where the file may
    define something whose id cannot be read.
    """
    found: list[Definition] = []
    faults: list[Fault] = []
    places = places if places is not None else {}
    try:
        loader = _Loader(text)
        while loader.check_node():
            root: Any = loader.get_node()
            for node in root.value if isinstance(root, yaml.SequenceNode) else [root]:
                data = loader.construct_object(node, deep=True)
                id_ = data.get("id") if isinstance(data, dict) else None
                known = id_ if isinstance(id_, str) and _ID.fullmatch(id_) else None
                places.setdefault(known, _fault(file, node, ""))
                wrong = [_fault(file, at, said, offset) for at, said, offset in _one(node, data, found)]
                faults += dict.fromkeys(wrong)  # a value that fits none of several shapes is one fault
        return found, faults
    except ReaderError as error:
        before = text[: error.position]
        place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        said = f"the character U+{error.character:04X} cannot stand here; save the file as plain UTF-8 text"
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        said = str(error.problem)
    faults.append(Fault(file, *place, f"not YAML: {said}"))
    places.setdefault(None, faults[-1])
    return found, faults


def _fault(file: str, at: yaml.Node, message: str, offset: int = 0) -> Fault:
    """offset: characters into a text of one line; the place of one that is folded over lines is its beginning."""
    start, end = at.start_mark, at.end_mark
    if offset and start.line == end.line:
        quote = 1 if isinstance(at, yaml.ScalarNode) and at.style in ("'", '"') else 0
        return Fault(file, start.line + 1, min(start.column + 1 + quote + offset, end.column + 1), message)
    return Fault(file, start.line + 1, start.column + 1, message)


def _one(node: yaml.Node, data: object, found: list[Definition]) -> Iterator[tuple[yaml.Node, str, int]]:
    """What is wrong with one definition, where, and how far into that; one that is valid joins those found."""
    if not isinstance(data, dict):
        yield node, "write a definition here: its `id`, its `kind`, and what belongs to that", 0
        return
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        near = get_close_matches(str(kind).lower(), KINDS, n=1)
        hint = f"did you mean {near[0]}? There are" if near else "there are"
        said = "`kind` is missing: write one of" if kind is None else f"no kind is called {kind}; {hint}:"
        yield _place(node, ("kind",)), f"{said} {', '.join(KINDS)}", 0
        return
    try:
        found.append(DEFINITION.validate_python(data))
    except ValidationError as error:
        for each in error.errors(include_url=False):
            path = path_of(each["loc"])
            at_key = each["type"] in ("extra_forbidden", "invalid_key") or each["loc"][-1] == "[key]"
            yield _place(node, path, at_key), words(each, kind, path), each.get("ctx", {}).get("offset", 0)


def _place(node: yaml.Node, path: Steps, at_key: bool = False) -> yaml.Node:
    """The node that an error is about, as far down as its path can be followed; or the key of that node."""
    key = node
    for part in path:
        if isinstance(node, yaml.MappingNode) and isinstance(part, int):
            continue  # one effect, written without a list around it
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == str(part)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            pair = (node.value[part], node.value[part])
        else:
            pair = None
        if pair is None:
            break
        key, node = pair
    return key if at_key else node


def read_all(files: Iterable[tuple[str, str | Fault]], published: Iterable[Definition] = ()) -> list[Definition]:
    """The definitions of several files, each its name and its text (or why there is none).

    published: what is in force besides; where the files do not have its id, they may name it, and must fit it.

    Raises DefinitionError with every fault of all of them. What is said of a definition that cannot be read yet is no
    fault: it is checked once its file is mended.
    """
    definitions: dict[str, Definition] = {}
    faults: list[Fault] = []
    where: dict[str | None, Fault] = {}
    unread: set[str | None] = set()
    for file, text in files:
        places: dict[str | None, Fault] = {}
        found, wrong = parse(text, file, places) if isinstance(text, str) else ([], [text])
        faults += wrong
        unread |= {None} if isinstance(text, Fault) else places.keys() - {each.id for each in found}
        for each in found:
            here = places[each.id]
            if each.id in definitions:
                first = where[each.id]
                faults.append(replace(here, message=f"{each.id} is defined in {first.file}:{first.line} already"))
            where.setdefault(each.id, here)
            definitions.setdefault(each.id, each)
    beside = {each.id: each for each in published if each.id not in definitions and each.id not in unread}
    where.update({id_: Fault("(published)", 1, 1, "") for id_ in beside})
    all_ = [*definitions.values(), *beside.values()]
    waits = False
    for each in all_:
        for id_, message in references(each, all_):
            if id_ is not None and (id_ in unread or (None in unread and id_ not in where)):
                waits = True
            else:
                faults.append(replace(where[each.id], message=message))
    if faults:
        raise DefinitionError(faults, _WAITS if waits else "")
    return list(definitions.values())
