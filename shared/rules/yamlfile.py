"""Definition files: YAML text to definitions, each error with its file, line and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, Final, cast

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from yaml.reader import ReaderError

from shared.rules.definition import DEFINITION, KINDS, Definition
from shared.rules.digits import FROM_FILE
from shared.rules.faults import Fault, divided
from shared.rules.fields import fields_at
from shared.rules.joins import joins_wrongly
from shared.rules.positions import spot
from shared.rules.references import References, Wrong
from shared.rules.rulebook import ProgrammeError
from shared.rules.sources import Source, names_at, node_at, written_path
from shared.rules.twice import twice
from shared.rules.wording import in_its_currency, path_of, words
from shared.rules.yamlbraces import unbraced
from shared.rules.yamlcolons import instead_of_a_condition, instead_of_fields, stuck, stuck_in_line, with_no_followers
from shared.rules.yamlcommas import condition_cut, cut_by_comma, number_cut
from shared.rules.yamlloader import Loader, refuse_floods
from shared.rules.yamlwords import emptied, in_quotes_then, unread

_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
WAITS: Final = "references to what cannot be read yet are checked once this is mended"
_LONGEST: Final = 60


class DefinitionError(ProgrammeError):
    """One or more definitions are not valid; each fault has its place."""

    def __init__(self, faults: list[Fault], note: str = "") -> None:
        self.faults = faults
        super().__init__("\n".join([*(str(fault) for fault in faults), *([note] if note else [])]))


@dataclass(slots=True)
class Read:
    """What is in one file: every definition as it is written, what is wrong, and where each id is.

    places: also of definitions that are not valid; under None, where the file may define something whose id cannot be
    read.
    """

    sources: list[Source] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    places: dict[str | None, Fault] = field(default_factory=dict)

    @property
    def definitions(self) -> list[Definition]:
        """Those that are valid."""
        return [each.definition for each in self.sources if each.definition is not None]


def parse(text: str, file: str) -> tuple[list[Definition], list[Fault]]:
    """The definitions of one file (a list, one mapping, or several documents) and what is wrong with the others."""
    found = read(text, file)
    return found.definitions, found.faults


def read(text: str, file: str) -> Read:
    """One file, with the places of what it says."""
    found = Read()
    loader = None
    try:
        loader = Loader(text)
        while loader.check_node():
            root: Any = loader.get_node()
            refuse_floods(root)
            for node in root.value if isinstance(root, yaml.SequenceNode) else [root]:
                data = loader.construct_object(node, deep=True)
                id_ = data.get("id") if isinstance(data, dict) else None
                known = id_ if isinstance(id_, str) and _ID.fullmatch(id_) else None
                begin = node.start_mark
                found.places.setdefault(known, Fault(file, begin.line + 1, begin.column + 1, ""))
                source, wrong = _one(Source(file, text, node), data)
                amiss = [_no_yaml(file, text, error) for error in loader.amiss]
                loader.amiss.clear()
                found.sources.append(source)
                found.faults += amiss
                known_amiss = {(each.line, each.column) for each in amiss}
                # A value that fits none of several shapes is one fault; what is amiss fits none.
                found.faults += dict.fromkeys(each for each in wrong if (each.line, each.column) not in known_amiss)
        if not found.sources:
            said = "no definition is here: write one, with `id`, `kind` and `title`, or take the file away"
            found.faults.append(Fault(file, 1, 1, said, code="file"))
        return found
    except ReaderError as error:
        said = f"the character U+{error.character:04X} cannot stand here; save the file as plain UTF-8 text"
        fault = _fault(file, *spot(text, error.position), said)
    except yaml.MarkedYAMLError as error:
        fault = _no_yaml(file, text, error)
    except RecursionError:
        line, column = (loader.line + 1, loader.column + 1) if loader else (1, 1)
        fault = _fault(file, line, column, "lists within lists, too deep to be meant; take brackets away")
    found.faults += [*(_no_yaml(file, text, error) for error in (loader.amiss if loader else ())), fault]
    found.places.setdefault(None, fault)
    return found


def _no_yaml(file: str, text: str, error: yaml.MarkedYAMLError) -> Fault:
    line, column, said, ends = unread(text, error)
    return _fault(file, line, column, said, ends)


def _fault(file: str, line: int, column: int, said: str, ends: int | None = None) -> Fault:
    message, hint = divided(f"not YAML: {said}")
    return Fault(file, line, column, message, hint, "yaml", end_column=ends)


def _one(source: Source, data: object) -> tuple[Source, list[Fault]]:
    """The definition, where it is valid, and what is wrong with it."""
    if not isinstance(data, dict):
        return source, [source.fault((), "write a definition here: its `id`, its `kind`, and what belongs to that")]
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        node = node_at(source.node, ("kind",))
        written = source.text[node.start_mark.index : node.end_mark.index].split("\n")[0]
        shown = kind if isinstance(kind, str) else written[:_LONGEST]
        near = get_close_matches(str(kind).lower()[:_LONGEST], KINDS, n=1)
        hint = f"did you mean {near[0]}? There are" if near else "there are"
        said = "`kind` is missing: write one of" if kind is None else f"no kind is called {shown}; {hint}:"
        return source, [source.fault(("kind",), f"{said} {', '.join(KINDS)}", code="kind")]
    try:
        return replace(source, definition=DEFINITION.validate_python(data, context=FROM_FILE)), []
    except ValidationError as error:
        return source, [
            fault for each in _first(error.errors(include_url=False)) for fault in _all(source, kind, each, data)
        ]


def _first(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """Without what only follows: a list whose only item is wrong is not too short besides."""
    wrong = {each["loc"][:end] for each in errors for end in range(len(each["loc"]))}
    return with_no_followers([each for each in errors if each["type"] != "too_short" or each["loc"] not in wrong])


def _all(source: Source, kind: str, error: ErrorDetails, data: dict[str, Any]) -> list[Fault]:
    """What a model found in itself may be in several fields."""
    apart = unbraced(source.text, source.node, data, written_path(source.node, path_of(error["loc"])))
    if apart is not None:
        path, said = apart
        return [source.fault(path, f"{'.'.join(map(str, path[:-1]))}: {said}", code="value")]
    if error["type"] == "expression":
        return [_told(source, kind, each) for each in _each_of(error)]
    if error["type"] != "placed":
        return [_told(source, kind, error)]
    found: list[Fault] = []
    for steps, said, offset in error["ctx"]["places"]:
        path = written_path(source.node, (*path_of(error["loc"]), *steps))
        span = None if offset is None else (offset, None)
        found.append(source.fault(path, f"{'.'.join(map(str, path))}: {said}", code="value", span=span))
    return found


def _each_of(error: ErrorDetails) -> list[ErrorDetails]:
    """All that is wrong with one expression, as an error of its own each."""
    context = error.get("ctx", {})
    others = [{**error, "ctx": {**context, "said": said, "offset": at}} for said, at in context.get("others", ())]
    return [error, *cast("list[ErrorDetails]", others)]


def _told(source: Source, kind: str, error: ErrorDetails) -> Fault:
    path = written_path(source.node, (*path_of(error["loc"]), *error.get("ctx", {}).get("steps", ())))
    at_key = error["type"] in ("extra_forbidden", "invalid_key") or error["loc"][-1] == "[key]"
    offset = error.get("ctx", {}).get("offset")
    code = "expression" if error["type"] == "expression" else "field" if at_key else "value"
    span = None if offset is None else (offset, None)
    said = in_its_currency(words(error, kind, path, names_at(source.node, path[:-1])), error["input"], source.text)
    if error["input"] is None and (why := emptied(source.text, node_at(source.node, path).start_mark)):
        said = f"{'.'.join(map(str, path))}: nothing is written here: {why}"
    elif at_key and (why := number_cut(source.text, node_at(source.node, path, True).start_mark.index)):
        said = why
    elif code == "expression" and (why := condition_cut(source.text, node_at(source.node, path))):
        said, span = f"{'.'.join(map(str, path))}: {why}", None
    elif code == "expression":
        said += in_quotes_then(said, node_at(source.node, path), offset or 0)
    elif at_key:
        why = _of_a_key(source, kind, path, empty=error["input"] is None)
        said = f"`{'.'.join(map(str, path))}`: no such field; {why}" if why else said
    elif why := _of_a_value(source, path, error["input"]):
        said = f"{'.'.join(map(str, path))}: {why}"
    return source.fault(path, said, code=code, span=span, at_key=at_key)


def _of_a_value(source: Source, path: tuple[int | str, ...], value: object) -> str:
    """What was meant by a value of another shape, where a colon is what is wrong."""
    node = node_at(source.node, path)
    return instead_of_a_condition(path, node) or instead_of_fields(path, value, source.text, node.start_mark.index)


def _of_a_key(source: Source, kind: str, path: tuple[int | str, ...], *, empty: bool) -> str:
    """Why there is a field that nobody has written; empty: it has no value."""
    begin = node_at(source.node, path, True).start_mark.index
    if not path:  # the name itself is none, such as a number
        return ""
    if not empty:
        return stuck_in_line(path[-1], source.text, begin)
    return stuck(path[-1], fields_at(kind, path[:-1]), source.text, begin) or cut_by_comma(
        source.text, node_at(source.node, path).start_mark.index
    )


def _of_published(each: Definition, wrong: Wrong, drafts: list[Source], beside: Iterable[Definition]) -> Fault:
    """What is wrong with a published definition: of a campaign, at the draft that joins it and cannot be beside."""
    said = f"{each.id}: {wrong.said}"
    joins = joins_wrongly(each, drafts, beside) if wrong.code == "campaign" else None
    if joins is None:
        return Fault("(published)", 1, 1, said, code=wrong.code)
    return joins.fault(("campaign",), said, code=wrong.code)


def read_all(files: Iterable[tuple[str, str | Fault]], published: Iterable[Definition] = ()) -> list[Definition]:
    """The definitions of several files; see `read_sources`."""
    return [each.definition for each in read_sources(files, published) if each.definition is not None]


def read_sources(files: Iterable[tuple[str, str | Fault]], published: Iterable[Definition] = ()) -> list[Source]:
    """The definitions of several files, each its name and its text (or why there is none), and where they stand.

    published: what is in force besides; where the files do not have its id, they may name it, and must fit it.

    Raises DefinitionError with every fault of all of them. What is said of a definition that cannot be read yet is no
    fault: it is checked once its file is mended.
    """
    sources: dict[str, Source] = {}
    faults: list[Fault] = []
    unread: set[str | None] = set()
    for file, text in files:
        found = read(text, file) if isinstance(text, str) else Read(faults=[text], places={None: text})
        faults += found.faults
        unread |= found.places.keys() - {each.id for each in found.definitions}
        for source in found.sources:
            each = source.definition
            if each is None:
                continue
            first = sources.setdefault(each.id, source)
            if first is not source and (again := twice(source, [first])) is not None:
                faults.append(source.fault(again.path, again.said, code=again.code))
    drafts = [each.definition for each in sources.values() if each.definition is not None]
    beside = {each.id: each for each in published if each.id not in sources and each.id not in unread}
    waits = False
    known = References([*drafts, *beside.values()])
    for each in (*drafts, *beside.values()):
        for wrong in known.of(each):
            lacks = wrong.lacks
            if lacks is not None and (lacks in unread or (None in unread and not {lacks} & (sources.keys() | beside))):
                waits = True
            elif each.id in sources:
                faults.append(sources[each.id].fault(wrong.path, wrong.said, code=wrong.code))
            else:
                faults.append(_of_published(each, wrong, list(sources.values()), beside.values()))
    if faults:
        raise DefinitionError(faults, WAITS if waits else "")
    return list(sources.values())
