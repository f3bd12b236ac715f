"""Definitions that are to join others: judged together, as strictly as `doublestar rules check` judges files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from shared.rules.checks.checking import remarks
from shared.rules.checks.constants import Remark
from shared.rules.checks.shelf import Shelf
from shared.rules.definition import Campaign, Definition, Rule
from shared.rules.faults import Fault, divided
from shared.rules.references import References, mixing
from shared.rules.sources import Source
from shared.rules.yamlfile import DefinitionError


class Joining(NamedTuple):
    """A definition as it would join; and where it is written, where it comes from a file."""

    definition: Definition
    source: Source | None = None

    def fault(self, remark: Remark) -> Fault:
        """A remark at its place; what comes from no file is told by id and version."""
        if self.source is not None:
            return self.source.fault(
                remark.path, remark.said, code=remark.code, severity=remark.severity, span=remark.span
            )
        message, hint = divided(remark.said)
        field = ".".join(map(str, remark.path))
        place = f"({self.definition.id} version {self.definition.version})"
        return Fault(place, 1, 1, f"{field}: {message}" if field else message, hint, remark.code, remark.severity)


def judged(new: Sequence[Joining], published: Iterable[Definition]) -> list[Fault]:
    """What is worth a look (warnings) where `new` joins what is in force. Raises DefinitionError for faults.

    published: the newest version of each definition; a new one of its id takes its place. What is wrong with a
    published definition already, and would be without the new ones too, is not told: it cannot keep others out.
    """
    ids = {each.definition.id for each in new}
    before = list(published)
    beside = [each for each in before if each.id not in ids]
    after = Shelf([*(each.definition for each in new), *beside])
    found = [each.fault(remark) for each in new for remark in remarks(each.definition, after) if remark is not None]
    wrong = {each.id: _wrong(each, after, new) for each in beside}
    if any(wrong.values()):
        was = Shelf(before)
        for each in beside:
            known = {(one.path, one.said) for one in _wrong(each, was, new)} if wrong[each.id] else set()
            found += [_caused(each, one, new, beside) for one in wrong[each.id] if (one.path, one.said) not in known]
    if any(fault.severity == "error" for fault in found):
        raise DefinitionError(list(dict.fromkeys(found)))
    return list(dict.fromkeys(found))


def _wrong(each: Definition, shelf: Shelf, new: Sequence[Joining]) -> list[Remark]:
    """Of a published definition; in full only where a new one may matter to it: there may be thousands of others."""
    if any(_touches(one.definition, each) for one in new):
        return [remark for remark in remarks(each, shelf) if remark is not None]
    references: References = shelf.references
    return [Remark(wrong.path, wrong.said, wrong.code) for wrong in references.of(shelf.own(each))]


def _touches(new: Definition, other: Definition) -> bool:
    """Whether a new definition can make a published one wrong otherwise than by what that names."""
    if isinstance(new, Campaign):
        return isinstance(other, Rule) and other.campaign == new.id
    if not isinstance(new, Rule):
        return True  # a segment, the programme, a ladder, a draw: conditions of all kinds may ask about it
    if not isinstance(other, Rule):
        return False
    together = new.stacking is not None and other.stacking is not None and new.stacking.group == other.stacking.group
    return together or new.id in other.repeats


def _caused(published: Definition, remark: Remark, new: Sequence[Joining], beside: Sequence[Definition]) -> Fault:
    """A fault of a published definition, told at the new one that it speaks of: that is the one to mend."""
    words = set(re.findall(r"[a-z0-9-]+", remark.said))
    cause = next((each for each in new if each.definition.id in words), new[0] if len(new) == 1 else None)
    if remark.code == "campaign":  # it names one of each kind, also the one that the campaign can have
        wrong = mixing(_of_campaign((each.definition for each in new), published), _of_campaign(beside, published))
        cause = next((each for each in new if each.definition is wrong), cause)
    said = f"{published.id}, which is published: {remark.said}"
    if cause is None:
        message, hint = divided(said)
        return Fault("(published)", 1, 1, message, hint, remark.code, remark.severity)
    stacked = isinstance(cause.definition, Rule) and cause.definition.stacking is not None
    path: tuple[str, ...] = ("stacking",) if stacked and remark.path[:1] == ("stacking",) else ()
    if remark.code == "campaign" and isinstance(cause.definition, Rule) and cause.definition.campaign == published.id:
        path = ("campaign",)
    return cause.fault(Remark(path, said, remark.code, remark.severity))


def _of_campaign(definitions: Iterable[Definition], campaign: Definition) -> list[Rule]:
    return [each for each in definitions if isinstance(each, Rule) and each.campaign == campaign.id]
