"""Where a field belongs that an event does not have where it was written: somewhere else in it, or by another name.

Says names of the contract alone, never what the sender wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any, Final, get_args

from pydantic import BaseModel

from shared.events.partner import AnyEvent

Place = tuple[str, ...]
_EVENTS: Final = {get_args(each.model_fields["type"].annotation)[0]: each for each in get_args(AnyEvent)}
_ALIKE: Final = 0.75  # so that `qty` is no `city`, and `amout` an amount
_MOST: Final = 3


def belongs(loc: Sequence[int | str]) -> str | None:
    """What to write instead, by pydantic's place of the unknown field: the type of the event, then the way to it. None
    of what is no partner's event."""
    kind, *way = loc
    if kind not in _EVENTS or not way:
        return None
    here, written = tuple("0" if isinstance(each, int) else each for each in way[:-1]), str(way[-1])
    known = _places(str(kind))
    beside = [each for each in known if each[:-1] == here]
    found = [each for each in known if _plain(each[-1]) == _plain(written)] or _near(written, beside)
    found = found or _near(written, known)
    if found:
        return f"no such field here; write {' or '.join(_path(each, way) for each in found[:_MOST])}"
    facts = (*here, "attributes")
    own = f"; a fact of your own goes into {_path(facts, way)}" if facts in known else ""
    return f"no such field; there are {', '.join(each[-1] for each in beside)}{own}" if beside else None


@cache
def _places(kind: str) -> tuple[Place, ...]:
    return tuple(_below(_EVENTS[kind], ()))


def _below(model: type[BaseModel], way: Place) -> Iterator[Place]:
    for name, field in model.model_fields.items():
        yield (*way, name)
        for inner, listed in _models(field.annotation, listed=False):
            yield from _below(inner, (*way, name, *(["0"] if listed else [])))


def _models(annotation: Any, *, listed: bool) -> Iterator[tuple[type[BaseModel], bool]]:
    """The models in a field's type, and whether they are in a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, listed
    for each in get_args(annotation):
        yield from _models(each, listed=listed or getattr(annotation, "__origin__", None) is list)


def _near(written: str, places: Sequence[Place]) -> list[Place]:
    names = {_plain(each[-1]): None for each in places}
    close = get_close_matches(_plain(written), names, n=1, cutoff=_ALIKE)
    return [each for each in places if _plain(each[-1]) in close]


def _plain(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "")


def _path(place: Place, way: Sequence[int | str]) -> str:
    """With the numbers of the lines that the sender wrote in, as far as the two go the same way."""
    same, parts = True, list[str]()
    for number, each in enumerate(place):
        theirs = way[number] if same and number < len(way) - 1 else None
        same = theirs is not None and (theirs == each or isinstance(theirs, int))
        parts.append(str(theirs) if same else each)
    return ".".join(parts)
