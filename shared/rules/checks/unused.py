"""What a whole programme has and nothing in it uses: a group of one rule, a campaign without rules, a segment.

Of single files nobody can tell: what uses it may be in another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from shared.rules.checks.constants import Remark
from shared.rules.checks.pieces import expressions, nodes
from shared.rules.checks.shelf import Shelf
from shared.rules.definition import Bounded, Campaign, Definition, Rule, Segment
from shared.rules.language.syntax import Binary, Literal, Name

_NEARLY: Final = 0.8
_NUMBERS: Final = re.compile(r"\d+")


def unused(each: Definition, shelf: Shelf) -> Iterator[Remark]:
    """Worth a look, as it may be meant for later: warnings. While something cannot be read, that may use it."""
    if shelf.unread or shelf.any_unread:
        return
    if isinstance(each, Rule) and each.stacking is not None and each.stacking.how != "additive":
        yield from _alone(each.stacking.group, each.stacking.how, shelf)
    elif isinstance(each, Campaign) and all(rule.campaign != each.id for rule in shelf.of(Rule)):
        said = f"no rule belongs to this campaign; write `campaign: {each.id}` in its rules, or take it out"
        yield Remark(("id",), said, "unused", "warning")
    elif isinstance(each, Segment) and each.id not in _segments_asked(shelf):
        said = f"nothing asks for this segment; write `segment: {each.id}` where it is meant, or take it out"
        yield Remark(("id",), said, "unused", "warning")


def _alone(group: str, how: str, shelf: Shelf) -> Iterator[Remark]:
    """The only rule of a group that is called nearly as another: where names are numbered, each is meant."""
    if len(shelf.groups.get(group, ())) > 1:
        return
    others = [each for each in shelf.groups if each != group and _NUMBERS.findall(each) == _NUMBERS.findall(group)]
    for near in get_close_matches(group, others, n=1, cutoff=_NEARLY):
        said = f"no other rule is in the group {group}, which is {how}; did you mean {near}?"
        yield Remark(("stacking", "group"), said, "group", "warning")


def _segments_asked(shelf: Shelf) -> frozenset[str]:
    """Those that a rule, a campaign or another segment names; found once for all of them."""
    if "segments asked" not in shelf.noted:
        of_rules = {each.segment for each in shelf.newest.values() if isinstance(each, Bounded) and each.segment}
        within = {id_ for each in shelf.newest.values() for id_ in _within(each)}
        shelf.noted["segments asked"] = frozenset(of_rules | within)
    found: frozenset[str] = shelf.noted["segments asked"]
    return found


def _within(each: Definition) -> Iterator[str]:
    for text in expressions(each):
        for node in nodes(text.tree):
            match node:
                case Binary(operator="in", left=Literal(value=str(id_)), right=Name(dotted="member.segments")):
                    if id_ != each.id:
                        yield id_
