"""Checks definition files together: every fault and warning of all of them, each at its place, in their order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from shared.rules.checks.bounding import bounding
from shared.rules.checks.building import building, wallets
from shared.rules.checks.cards import cards
from shared.rules.checks.comments import cut_short
from shared.rules.checks.constants import Remark, constants
from shared.rules.checks.giving import giving
from shared.rules.checks.goals import of_goal
from shared.rules.checks.groups import of_group
from shared.rules.checks.ladders import rungs
from shared.rules.checks.limiting import limiting
from shared.rules.checks.moneys import money
from shared.rules.checks.names import names
from shared.rules.checks.purses import purses
from shared.rules.checks.reach import never_met, unreachable
from shared.rules.checks.replacing import left, told_at, told_at_what_changes
from shared.rules.checks.shelf import Shelf
from shared.rules.checks.tagging import tagging
from shared.rules.checks.unused import unused
from shared.rules.checks.windows import windows
from shared.rules.definition import Definition, Programme, ReferralRule, Rule
from shared.rules.faults import Fault
from shared.rules.sources import Source
from shared.rules.twice import twice
from shared.rules.yamlfile import WAITS, Read, read


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found. `definitions`: how many could be read; `note`: what could not be checked yet; `replaced`: a line
    for each definition whose place a draft takes."""

    faults: list[Fault]
    definitions: int
    note: str = ""
    replaced: list[str] = field(default_factory=list)

    @property
    def errors(self) -> list[Fault]:
        """What keeps the files from being used."""
        return [each for each in self.faults if each.severity == "error"]


@dataclass(slots=True)
class _Desk:
    sources: list[Source] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    places: set[str | None] = field(default_factory=set)
    files: dict[str, int] = field(default_factory=dict)
    replaced: dict[str, Definition] = field(default_factory=dict)

    def take(self, file: str, found: Read) -> None:
        """One file more."""
        self.files.setdefault(file, len(self.files))
        self.faults += found.faults
        self.places |= found.places.keys()
        self.sources += [each for each in found.sources if each.definition is not None]

    def take_beside(self, file: str, found: Read, drafted: Collection[str | None]) -> list[str]:
        """One file of what the drafts are meant for; a line for each definition that gives its place to one."""
        rest, gone = left(found, drafted)
        self.take(file, rest)
        said: list[str] = []
        for source in gone:
            if (before := source.definition) is None:
                continue
            self.replaced[before.id] = before
            place = f"{file}:{source.node.start_mark.line + 1}"
            said.append(f"{before.id} is checked in place of the one in {place}")
            for draft in self.sources:
                self.faults += _otherwise(draft, before, place)
        return said


class _Before:
    """What the drafts are meant for, as it is without them."""

    def __init__(self, others: Iterable[Source], replaced: Iterable[Definition]) -> None:
        found = [*(each.definition for each in others if each.definition is not None), *replaced]
        self._shelf = cache(lambda: Shelf(found))

    def without(self, source: Source, remark: Remark) -> bool:
        """Whether a definition that no draft changes was without this remark; its words may name the drafts."""
        assert source.definition is not None
        before = remarks(source.definition, self._shelf())
        return all(each is not None and (each.path, each.code) != (remark.path, remark.code) for each in before)


def check(
    files: Iterable[tuple[str, str | Fault]], beside: Iterable[tuple[str, str | Fault]] = (), *, whole: bool = False
) -> Checked:
    """Everything that is wrong with these files, each its name and its text (or why there is none).

    beside: files of the definitions that these are meant for; one whose id these have gives its place. Without a
    programme among all of them, what they name and do not define may be elsewhere: that is a warning then. whole: they
    are all of a programme, so that what nothing uses is told.
    """
    desk = _Desk()
    for file, text in files:
        desk.take(file, _read(file, text))
    drafted, drafts = frozenset(desk.places), list(desk.sources)
    replaced = [line for file, text in beside for line in desk.take_beside(file, _read(file, text), drafted)]
    definitions = [each.definition for each in desk.sources if each.definition is not None]
    unread = desk.places - {each.id for each in definitions}
    named = frozenset(each for each in unread if each is not None)
    shelf = Shelf(definitions, named, None in unread, frozenset(desk.replaced))
    waits, others = False, desk.sources[len(drafts) :]
    known = _Before(others, desk.replaced.values())
    before: dict[str, list[Source]] = {}
    for source in desk.sources:
        assert source.definition is not None
        earlier = before.setdefault(source.definition.id, [])
        again = twice(source, earlier)
        second = [] if again is None else [Remark(again.path, again.said, again.code)]
        idle = unused(source.definition, shelf) if whole else ()
        for remark in (*second, *remarks(source.definition, shelf), *idle):
            if remark is None:
                waits = True
            else:
                place, told = told_at(source, remark, drafts, others)
                wrong = place in others and told.severity == "error" and told not in second
                if wrong and known.without(place, told):
                    place, told = told_at_what_changes(source, remark, drafts)
                fault = place.fault(told.path, told.said, code=told.code, severity=told.severity, span=told.span)
                desk.faults.append(fault)
        desk.faults += cut_short(source)
        earlier.append(source)
    faults = sorted(dict.fromkeys(desk.faults), key=lambda each: (desk.files[each.file], each.line, each.column))
    return Checked(faults, len(definitions), WAITS if waits else "", replaced)


def _read(file: str, text: str | Fault) -> Read:
    return read(text, file) if isinstance(text, str) else Read(faults=[text], places={None: text})


def _otherwise(draft: Source, before: Definition, place: str) -> list[Fault]:
    """A draft of another kind than what has its id takes nobody's place: a version keeps its kind."""
    assert draft.definition is not None
    kind = draft.definition.kind
    if draft.definition.id != before.id or kind == before.kind:
        return []
    said = f"{before.id} is a {before.kind} in {place}; give the {kind} another `id`"
    return [draft.fault(("kind",), said, code="version")]


def remarks(each: Definition, shelf: Shelf) -> Iterator[Remark | None]:
    """What is to be said of one definition beside the others; None: a reference that cannot be checked yet."""
    each = shelf.own(each)
    if isinstance(each, Programme) and shelf.programme is not None and shelf.programme.id != each.id:
        said = f"{shelf.programme.id} is the programme already; write exactly one definition of kind programme"
        yield Remark(("kind",), said, "programme")
    wrong = constants(each)
    yield from wrong
    yield from _references(each, shelf)
    yield from names(each, shelf)
    yield from money(each, shelf)
    yield from purses(each)
    yield from rungs(each)
    yield from bounding(each, shelf)
    yield from limiting(each, shelf)
    empty = windows(each, shelf)
    yield from empty
    if isinstance(each, ReferralRule) and all(remark.severity == "warning" for remark in wrong):
        yield from never_met(each, shelf)
    if isinstance(each, Rule):
        yield from wallets(each, shelf)
        yield from cards(each, shelf)
        if not empty and all(remark.severity == "warning" for remark in wrong):
            never = unreachable(each, shelf)
            yield from never
            if all(remark.severity == "warning" for remark in never):
                yield from of_goal(each, shelf)
                yield from building(each, shelf)
                yield from giving(each, shelf)
                yield from tagging(each, shelf)
        yield from of_group(each, shelf)


def _references(each: Definition, shelf: Shelf) -> Iterator[Remark | None]:
    for wrong in shelf.references.of(each):
        if wrong.lacks is not None and wrong.lacks not in shelf.newest and not shelf.lacks(wrong.lacks):
            yield None
            continue
        elsewhere = shelf.programme is None and wrong.lacks is not None and wrong.lacks not in shelf.newest
        said = _elsewhere(wrong.said) if elsewhere else wrong.said
        yield Remark(wrong.path, said, wrong.code, "warning" if elsewhere else "error")


def _elsewhere(said: str) -> str:
    """Of a reference that may be defined in a file that is not among those checked."""
    wrong, _, hint = said.partition("; ")
    return f"{wrong} in these files; {hint or 'check it together with the file that defines it'}"
