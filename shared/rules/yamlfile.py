"""Definition files: YAML text to definitions, each error with its file, line and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Final

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from yaml.reader import ReaderError

from shared.rules.definition import DEFINITION, KINDS, Definition
from shared.rules.fields import fields_at
from shared.rules.references import references
from shared.rules.rulebook import ProgrammeError

_Steps = tuple[int | str, ...]
_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
_SPELT: Final = {
    r"^[a-z0-9][a-z0-9-]{0,62}$": "lower-case letters, digits and hyphens, at most 63",
    r"^[a-z]{2}$": "a language's two letters, such as en",
    r"^[A-Z]{3}$": "a currency's three capitals, such as VND",
}
# Where a condition or its value stands: there the library adds the name of the shape that it tried.
_UNIONS: Final = ("when", "not", "is", "is_not")
_LISTED_UNIONS: Final = ("all", "any", "in", "not_in")
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
                wrong = [_fault(file, at, said) for at, said in _one(node, data, found)]
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


def _fault(file: str, at: yaml.Node, message: str) -> Fault:
    return Fault(file, at.start_mark.line + 1, at.start_mark.column + 1, message)


def _one(node: yaml.Node, data: object, found: list[Definition]) -> Iterator[tuple[yaml.Node, str]]:
    """What is wrong with one definition, and where; one that is valid joins those found."""
    if not isinstance(data, dict):
        yield node, "write a definition here: its `id`, its `kind`, and what belongs to that"
        return
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        near = get_close_matches(str(kind).lower(), KINDS, n=1)
        hint = f"did you mean {near[0]}? There are" if near else "there are"
        said = "`kind` is missing: write one of" if kind is None else f"no kind is called {kind}; {hint}:"
        yield _place(node, ("kind",)), f"{said} {', '.join(KINDS)}"
        return
    try:
        found.append(DEFINITION.validate_python(data))
    except ValidationError as error:
        for each in error.errors(include_url=False):
            path = _path(each["loc"])
            at_key = each["type"] in ("extra_forbidden", "invalid_key") or each["loc"][-1] == "[key]"
            yield _place(node, path, at_key), _words(each, kind, path)


def _path(loc: _Steps) -> _Steps:
    """An error's place as the file has it: without the names that the library gives to the shapes it tried."""
    path: list[int | str] = []
    rest = iter(loc[1:])
    for part in rest:
        if part != "[key]":
            path.append(part)
        if _in_union(path):
            next(rest, None)
    return tuple(path)


def _in_union(path: Sequence[int | str]) -> bool:
    """Whether what stands there may have several shapes."""
    if path and isinstance(path[-1], int):
        return len(path) > 1 and path[-2] in _LISTED_UNIONS
    return bool(path) and path[-1] in _UNIONS


def _words(error: ErrorDetails, kind: str, path: _Steps) -> str:
    """What is wrong and what to write, in words that need no knowledge of the library's."""
    name, known, context = ".".join(map(str, path)), fields_at(kind, path[:-1]), error.get("ctx", {})
    match error["type"]:
        case "missing":
            return f"`{name}` is missing"
        case "extra_forbidden" if path[-1] in known:
            return f"`{name}` cannot stand beside the others here: join conditions with `all` or `any`"
        case "extra_forbidden":
            near = get_close_matches(str(path[-1]), known, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(known)}"
            return f"`{name}`: no such field; {hint}"
        case "invalid_key":
            return f"`{name}` is no field: their names are words"
        case "model_type" | "model_attributes_type":
            return f"{name}: write its fields: {', '.join(fields_at(kind, path))}"
        case "string_pattern_mismatch" if context["pattern"] in _SPELT:
            return f"{name}: write {_SPELT[context['pattern']]}"
        case "too_short":
            return f"{name}: write at least {context['min_length']}"
        case _ if _in_union(path) and path[-1] not in ("when", "not") and path[-2] not in ("all", "any"):
            return f"{name}: write a text in quotes, a whole number, true or false"
        case _:
            return f"{name}: {error['msg'].removeprefix('Value error, ')}".lstrip(": ")


def _place(node: yaml.Node, path: _Steps, at_key: bool = False) -> yaml.Node:
    """The node that an error is about, as far down as its path can be followed; or the key of that node."""
    key = node
    for part in path:
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
