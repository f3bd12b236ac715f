"""Which of some versions can be used together at every time: one that closes a circle is left out, so that it takes
no other with it. Pure.

The checker refuses circles before they are published; this is for what came otherwise: by an older release, or straight
onto the topic. What is left out follows from the versions alone, so that every worker leaves out the same, whenever it
began to read. The version before it stays in force in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

from shared.rules.compiled import compile_rule, gate, segments_named
from shared.rules.conditions import term_of
from shared.rules.definition import Base, Campaign, Definition, Rule, Segment
from shared.rules.language.compiling import compile_test
from shared.rules.order import CircleError, circle_in, ranks, unit

D = TypeVar("D", Rule, Segment)


class LeftOut(NamedTuple):
    """A version that is not used, and why."""

    definition: Base
    why: str

    @property
    def name(self) -> str:
        """As `base v3`."""
        return f"{self.definition.id} v{self.definition.version}"


def usable(versions: Iterable[Definition]) -> tuple[list[Definition], list[LeftOut]]:
    """The versions that can be used, in their order, and those that are left out."""
    kept, left_out = list(versions), list[LeftOut]()
    while (wrong := _circle(kept)) is not None:
        left_out.append(wrong)
        kept = [each for each in kept if each is not wrong.definition]
    return kept, left_out


def _circle(versions: Sequence[Definition]) -> LeftOut | None:
    rules = [each for each in versions if isinstance(each, Rule)]
    segments = [each for each in versions if isinstance(each, Segment)]
    return _of_rules(rules) or _of_segments(segments)


def _of_rules(rules: Sequence[Rule]) -> LeftOut | None:
    needs: dict[str, set[str]] = {}
    units: dict[str, set[str]] = {}
    for rule in rules:
        units.setdefault(rule.id, set()).add(unit(rule))
    for rule in rules:
        if rule.repeats:
            needs.setdefault(unit(rule), set()).update(each for id_ in rule.repeats for each in units.get(id_, ()))
    if circle_in(needs) is None:  # not even where all versions of all times are taken together: nearly always
        return None
    for chosen in _times(rules):
        try:
            ranks(list(chosen.values()))
        except CircleError as circle:
            return LeftOut(_last(chosen[builder] for builder, _ in circle.links), str(circle))
    return None


def _of_segments(segments: Sequence[Segment]) -> LeftOut | None:
    named = {id(each): segments_named(term_of(each.when)) for each in segments}
    needs: dict[str, set[str]] = {}
    for each in segments:
        needs.setdefault(each.id, set()).update(named[id(each)])
    if circle_in(needs) is None:
        return None
    for chosen in _times(segments):
        found = circle_in({id_: named[id(each)] for id_, each in chosen.items()})
        if found is not None:
            said = f"segments ask for each other in a circle: {' -> '.join(found)}"
            return LeftOut(_last(chosen[id_] for id_ in found), said)
    return None


def _times(versions: Sequence[D]) -> Iterator[dict[str, D]]:
    """The versions in force at each instant of change, by id, as `Rulebook.at` chooses them."""
    ordered = sorted(versions, key=lambda each: (each.id, each.version))
    edges: list[datetime] = sorted({each.effective for each in versions})
    for edge in edges:
        yield {each.id: each for each in ordered if each.effective <= edge}


def _last(among: Iterable[Base]) -> Base:
    """Which of them is left out: the one that came into force last, and so closed the circle."""
    return max(among, key=lambda each: (each.effective, each.version, each.id))


def uncompiled(each: Definition) -> str | None:
    """What goes wrong where a version is compiled that could be read; None nearly always, as reading checks it all."""
    try:
        if isinstance(each, Rule):
            compile_rule(each, None)
        elif isinstance(each, Campaign):
            gate(each)
        elif isinstance(each, Segment):
            compile_test(term_of(each.when))
    except Exception as error:  # whatever it is: one version must not keep all the others from being used
        return repr(error)[:200]
    return None
