"""Definition files: YAML text to definitions, each error with its file, line and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import yaml
from pydantic import ValidationError

from shared.rules.definition import (
    DEFINITION,
    Definition,
    GiftRule,
    Ladder,
    MessageTemplate,
    Programme,
    ReferralRule,
    Rule,
    Segment,
)
from shared.rules.rulebook import ProgrammeError, dependencies_first


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


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    """A key that is written twice is a mistake; YAML readers keep the last and say nothing."""
    seen: set[Any] = set()
    for key, _ in node.value:
        if key.value in seen:
            raise yaml.constructor.ConstructorError(None, None, f"`{key.value}` is written twice", key.start_mark)
        seen.add(key.value)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def parse(text: str, file: str, places: dict[str, Fault] | None = None) -> tuple[list[Definition], list[Fault]]:
    """The definitions of one file (a list, one mapping, or several documents) and what is wrong with the others."""
    found: list[Definition] = []
    faults: list[Fault] = []
    places = places if places is not None else {}
    try:
        loader = _Loader(text)
        while loader.check_node():
            root: Any = loader.get_node()
            for node in root.value if isinstance(root, yaml.SequenceNode) else [root]:
                data = loader.construct_object(node, deep=True)
                if isinstance(data, dict) and "id" in data:
                    here = Fault(file, node.start_mark.line + 1, node.start_mark.column + 1, "")
                    places.setdefault(str(data["id"]), here)
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
    definitions: dict[str, Definition] = {}
    faults: list[Fault] = []
    where: dict[str, Fault] = {}
    for file, text in files:
        places: dict[str, Fault] = {}
        found, wrong = parse(text, file, places)
        faults += wrong
        for each in found:
            here = places[each.id]
            if each.id in definitions:
                first = where[each.id]
                faults.append(replace(here, message=f"{each.id} is defined in {first.file}:{first.line} already"))
            where.setdefault(each.id, here)
            definitions.setdefault(each.id, each)
    all_ = list(definitions.values())
    faults += [replace(where[each.id], message=message) for each in all_ for message in _references(each, all_)]
    if faults:
        raise DefinitionError(faults)
    return all_


def _references(each: Definition, all_: list[Definition]) -> list[str]:
    """What a definition says of others that is not so: ids that nobody defines, wallets, tiers, circles."""
    by_id = {other.id: other for other in all_}
    wrong: list[str] = []
    if isinstance(each, Rule):
        wrong += _of_rule(each, by_id)
    if isinstance(each, ReferralRule):
        wrong += _of_wallet(each.id, each.advocate.wallet, all_) + _of_wallet(each.id, each.friend.wallet, all_)
    if isinstance(each, Rule):
        wrong += _of_wallet(each.id, each.then.wallet, all_)
    if isinstance(each, Ladder):
        wrong += [
            f"{each.id}: no rule is called {id_}" for id_ in each.qualifying if not isinstance(by_id.get(id_), Rule)
        ]
    if isinstance(each, GiftRule):
        ladder = by_id.get(each.ladder)
        if not isinstance(ladder, Ladder):
            wrong.append(f"{each.id}: no ladder is called {each.ladder}")
        elif each.tier not in (known := [tier.id for tier in ladder.tiers]):
            wrong.append(f"{each.id}: {each.ladder} has no tier {each.tier}; it has {', '.join(known)}")
    if isinstance(each, MessageTemplate):
        same = [o.id for o in all_ if isinstance(o, MessageTemplate) and o.reason == each.reason and o.id < each.id]
        wrong += [f"{each.id}: {id_} is written for {each.reason} already" for id_ in same]
    return wrong


def _of_rule(rule: Rule, by_id: dict[str, Definition]) -> list[str]:
    wrong = []
    for id_ in rule.then.again or ():
        other = by_id.get(id_)
        if not isinstance(other, Rule) or other.kind != rule.kind or other.on != rule.on:
            wrong.append(f"{rule.id}: `again` names {id_}, which no {rule.kind} rule on {rule.on} is called")
    if not wrong:
        try:
            dependencies_first([other for other in by_id.values() if isinstance(other, Rule)])
        except ValueError as circle:
            wrong += [f"{rule.id}: {circle}"] if f"{rule.id} ->" in str(circle) else []
    if rule.segment is not None and not isinstance(by_id.get(rule.segment), Segment):
        wrong.append(f"{rule.id}: no segment is called {rule.segment}")
    return wrong


def _of_wallet(id_: str, wallet: str, all_: list[Definition]) -> list[str]:
    declared = [each for programme in all_ if isinstance(programme, Programme) for each in programme.wallets]
    if not declared or wallet in declared:
        return []
    return [f"{id_}: the programme has no wallet {wallet}; it has {', '.join(declared)}"]
