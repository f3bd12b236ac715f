"""Files against what is published: what is added, what differs field by field, what only the registry has. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Final, Literal

from shared.publishing.counting import uncounted
from shared.publishing.edition import Draft
from shared.publishing.registry import Registry, instant, newest
from shared.rules.definition import as_data
from shared.rules.reading import content

_ABSENT: Final = object()
_LISTED: Final = re.compile(r"^when\b.*\.?(all|any)$")
Part = Literal["added", "left out", "order"]


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field; None stands for one that is not written (or is at its default). part: what became of an element that
    is known by its id (`wallets[stars]`), or, of a list of such, that those which stay stand in another order: by
    their ids."""

    field: str
    old: Any
    new: Any
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """A definition that differs from its newest version. uncounted: see there."""

    id: str
    kind: str
    version: int
    fields: list[FieldChange]
    uncounted: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Difference:
    """What the files say otherwise than the registry. `only_published` stays in force: files do not end a rule."""

    added: list[tuple[str, str]]
    changed: list[Changed]
    unchanged: int
    only_published: list[str]

    @property
    def any(self) -> bool:
        """Whether there is a difference at all."""
        return bool(self.added or self.changed or self.only_published)


def difference(drafts: Sequence[Draft], registry: Registry, *, whole: bool) -> Difference:
    """Files against the newest version of each definition.

    whole: the files are all of a programme, so that an id that only the registry has is a difference too.
    """
    added: list[tuple[str, str]] = []
    changed: list[Changed] = []
    for each in sorted(drafts, key=lambda each: each.id):
        document = registry.get(each.id)
        if document is None:
            added.append((each.id, each.definition.kind))
            continue
        fields = _fields(each, document)
        if fields:
            number, begin = int(newest(document)["version"]), uncounted(each.definition, document["versions"])
            changed.append(Changed(each.id, each.definition.kind, number, fields, begin))
    ours = {each.id for each in drafts}
    return Difference(
        added,
        changed,
        len(ours) - len(added) - len(changed),
        sorted(registry.keys() - ours) if whole else [],
    )


def field_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[FieldChange]:
    """What differs between two bodies, by path: `then.fixed`, `limits[0].times`, `wallets[stars].value`,
    `texts.vi.subject`."""
    return list(_compared("", old, new))


def _fields(each: Draft, document: Mapping[str, Any]) -> list[FieldChange]:
    last = newest(document)
    says = content(as_data(each.definition))
    fields = field_changes(content(last["body"]), says)
    alike = [version for version in document["versions"] if fields or content(version["body"]) == says]
    if each.effective is not None and each.effective not in [instant(version) for version in alike]:
        fields.insert(0, FieldChange("effective", last["effective"], each.effective.isoformat()))
    if each.version is not None and each.version != last["version"]:
        # A file that writes an older number is behind the registry even where it says the same.
        fields.insert(0, FieldChange("version", last["version"], each.version))
    return fields


def _compared(path: str, old: Any, new: Any) -> Iterator[FieldChange]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in _in_order(old, new):
            here = f"{path}.{name}" if path else str(name)
            yield from _compared(here, old.get(name, _ABSENT), new.get(name, _ABSENT))
    elif _by_id(old) and _by_id(new) and any(isinstance(each, Mapping) for each in (*old, *new)):
        yield from _named(path, _of_ids(old), _of_ids(new))
    elif _of_parts(old) and _of_parts(new) and not _LISTED.search(path):
        for number in range(max(len(old), len(new))):
            parts = (each[number] if number < len(each) else _ABSENT for each in (old, new))
            yield from _compared(f"{path}[{number}]", *parts)
    elif _LISTED.search(path) and isinstance(old, list) and isinstance(new, list):
        yield from _items(path, old, new)
    elif old != new:
        yield FieldChange(path, _said(old), _said(new))


def _items(path: str, old: list[Any], new: list[Any]) -> Iterator[FieldChange]:
    """A condition's parts, one by one: what went, what came, what was written otherwise."""
    before, after = ([repr(each) for each in side] for side in (old, new))
    for what, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        for number in range(max(b - a, d - c)):
            here = f"{path}[{(c if c + number < d else a) + number}]"
            one = old[a + number] if a + number < b else _ABSENT
            other = new[c + number] if c + number < d else _ABSENT
            yield from _compared(here, one, other)


def _named(path: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[FieldChange]:
    """A list's elements by their ids: what was left out, what differs, what was added; then where those that stay stand
    in another order."""
    for id_ in _in_order(old, new):
        here = f"{path}[{id_}]"
        if id_ not in new:
            yield FieldChange(here, old[id_], None, "left out")
        elif id_ not in old:
            yield FieldChange(here, None, new[id_], "added")
        else:
            yield from _compared(here, old[id_], new[id_])
    before, after = ([id_ for id_ in one if id_ in other] for one, other in ((old, new), (new, old)))
    if before != after:
        yield FieldChange(path, before, after, "order")


def _in_order(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys([*old, *new]))


def _by_id(value: Any) -> bool:
    """A list whose elements each have an id of their own, or are one (a wallet of which nothing else is said)."""
    if not isinstance(value, list):
        return False
    ids = [each.get("id") if isinstance(each, Mapping) else each for each in value]
    return all(isinstance(each, str) for each in ids) and len(set(ids)) == len(ids)


def _of_ids(value: list[Any]) -> dict[str, Any]:
    found = (each if isinstance(each, Mapping) else {"id": each} for each in value)
    return {each["id"]: each for each in found}


def _of_parts(value: Any) -> bool:
    """A list whose elements have fields of their own; a list of words is compared whole."""
    return isinstance(value, list) and any(isinstance(each, Collection) and not isinstance(each, str) for each in value)


def _said(value: Any) -> Any:
    return None if value is _ABSENT else value
