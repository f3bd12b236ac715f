"""The elements of rules: all that the catalogue and the models know, and those that an example shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from shared.rules import recurrence
from shared.rules.conditions import expressions
from shared.rules.definition import KINDS, Definition
from shared.rules.language.catalogue import FACTS, FUNCTIONS, LINE, LINE_PREFIXES, PREFIXES, SUMMED, WINDOWS
from shared.rules.language.parser import METHODS, parse
from shared.rules.language.syntax import Binary, Call, Joined, Many, Method, Name, Node, Unary

STREAKS = FUNCTIONS["history.streak"].form or ""


def known() -> set[str]:
    """All that may be written: facts, functions and what these take, fields and their words, parts of recurrences."""
    found = {*_of_language(), *(f"kind: {kind}" for kind in KINDS)}
    for model in _models_of(set(), *KINDS.values()):
        for name, field in model.model_fields.items():
            found.add(_field(model, name))
            found |= {f"{_field(model, name)}: {word}" for word in _words(field.annotation)}
    return found


def _of_language() -> Iterator[str]:
    yield from (*FACTS, *(f"{each}.<name>" for each in PREFIXES))
    yield from (f"line: {each}" for each in (*LINE, *(f"{each}.<name>" for each in LINE_PREFIXES)))
    yield from (f"{each}()" for each in FUNCTIONS)
    yield from (f"text.{each}()" for each in METHODS)
    yield from (f"window: {each.partition('(')[0]}" for each in WINDOWS)
    yield from (f"lines.sum({each})" for each in SUMMED)
    yield from (f"history.streak({each})" for each in ("day", "week", "month") if each in STREAKS)
    yield from (f"recurrence: {each}=" for each in recurrence._VALUES)
    yield from (f"recurrence: FREQ={each}" for each in recurrence._FREQUENCIES)


def shown(definition: Definition) -> set[str]:
    """Those that a definition writes; of words also the one that is meant where none is written."""
    return {f"kind: {definition.kind}", *_shown(definition)}


def _shown(part: BaseModel) -> Iterator[str]:
    for name, field in type(part).model_fields.items():
        said = getattr(part, name)
        if name in part.model_fields_set:
            yield _field(type(part), name)
        words = _words(field.annotation)
        yield from (
            f"{_field(type(part), name)}: {each}"
            for each in words & {each for each in _each(said) if isinstance(each, str)}
        )
        if name in ("when", "where", "not_eligible") and said is not None:
            texts = [said] if isinstance(said, str) else [each.text for each in expressions(said)]
            yield from (each for text in texts for each in _asked(parse(text)))
        if name == "recurrence" and said is not None:
            for each, value in recurrence.parts_of(said).items():
                yield from (f"recurrence: {each}=", f"recurrence: {each}={value}")
        for each in _each(said):
            if isinstance(each, BaseModel):
                yield from _shown(each)


def _asked(node: Node) -> Iterator[str]:
    """What an expression asks for."""
    match node:
        case Name(parts=parts, dotted=dotted):
            names = {*FACTS, *LINE}
            general = dotted if dotted in names else ".".join((*parts[:-1], "<name>"))
            yield f"line: {general}" if general.partition(".")[0] in {*LINE, *LINE_PREFIXES} else general
        case Call(function=function, arguments=arguments):
            yield from (f"{function}()", f"window: {function}")
            for each in arguments:
                word = each.dotted if isinstance(each, Name) else ""
                yield from (f"{function}({word})", f"window: {word}")
                if word not in LINE:  # what is added up or told apart is no filter's
                    yield from _asked(each)
        case Method(of=of, name=name):
            yield from (f"text.{name}()", *_asked(of))
        case _:
            yield from (each for part in _parts(node) for each in _asked(part))


def _parts(node: Node) -> tuple[Node, ...]:
    match node:
        case Joined(parts=parts) | Many(items=parts):
            return parts
        case Unary(of=of):
            return (of,)
        case Binary(left=left, right=right):
            return left, right
    return ()


def _field(model: type[BaseModel], name: str) -> str:
    """A field by the model that declares it: what kinds share, one of them shows."""
    owner = next(each for each in reversed(model.__mro__) if name in getattr(each, "model_fields", ()))
    return f"{owner.__name__}.{model.model_fields[name].alias or name}"


def _models_of(seen: set[type[BaseModel]], *annotations: Any) -> set[type[BaseModel]]:
    """All models within types, and within their fields."""
    for each in annotations:
        if not (isinstance(each, type) and issubclass(each, BaseModel)):
            _models_of(seen, *get_args(each))
        elif each not in seen:
            seen.add(each)
            _models_of(seen, *(field.annotation for field in each.model_fields.values()))
    return seen


def _words(annotation: Any) -> set[Any]:
    """The words of a fixed choice; `kind` is told by itself."""
    if get_origin(annotation) is Literal:
        return set(get_args(annotation))
    return {word for each in get_args(annotation) for word in _words(each)}


def _each(said: Any) -> list[Any]:
    if isinstance(said, Mapping):
        return list(said.values())
    return list(said) if isinstance(said, list | tuple | frozenset) else [said]
