"""What a return did to each rule of its purchase: what stood of its points before, and what stands after it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.ledger.returned import NUMBER, RETURN_OF, activity, in_turn, left_of, said
from shared.ops.rebuilding import Sources
from shared.ops.story import grant_of, parts_of, short
from shared.ops.telling import amounts
from shared.rules.saying.phrase import Phrase, Saying, say

Entry = Mapping[str, Any]
_Points = tuple[str, int, str, int]  # rule, version, wallet, points


@dataclass(slots=True)
class Undone:
    """Points of one rule by wallet, without wallets of which there are none. purchase: as it is told; left: whether
    anything is left of it."""

    rule: str
    version: int
    purchase: str
    left: bool
    before: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)

    @property
    def stays(self) -> bool:
        """Whether nothing of it was taken, or given."""
        return self.before == self.after

    def why(self) -> Saying:
        """What became of its points."""
        before, after, event = amounts(self.before), amounts(self.after), self.purchase
        if any(points < 0 for points in self.after.values()):  # a challenge's reward, which another purchase brought
            return say(Phrase.HAD_GIVEN, event=event)
        if self.stays:
            return say(Phrase.BACK_STAYS, points=before, event=event)
        if not self.left:
            return say(Phrase.BACK_ALL, points=before, event=event)
        if not after:
            return say(Phrase.BACK_NOTHING, before=before, event=event)
        if sum(self.after.values()) > sum(self.before.values()):
            return say(Phrase.BACK_INSTEAD, after=after, event=event)
        return say(Phrase.BACK_LESS, before=before, after=after, event=event)


def undone(entry: Entry, sources: Sources) -> list[Undone]:
    """Every rule whose points stood before a return, or that gives by it; none where the purchase is not at hand."""
    bought = next((each for each in sources.entries if each["_id"] == entry.get(RETURN_OF)), None)
    if bought is None:
        return []
    key = bought["_id"]
    returns = [each for each in in_turn(sources.entries) if each[RETURN_OF] == key and each[NUMBER] <= entry[NUMBER]]
    left = left_of(activity(bought).event, [said(each) for each in returns]) is not None
    found: dict[str, Undone] = {}
    for each in (bought, *returns):
        for rule, version, wallet, points in _changes(each, sources):
            one = found.setdefault(rule, Undone(rule, version, short(key), left))
            stood = (one.after,) if each is returns[-1] else (one.before, one.after)
            for kept in stood:
                kept[wallet] = kept.get(wallet, 0) + points
    for one in found.values():
        one.before, one.after = ({wallet: n for wallet, n in all_.items() if n} for all_ in (one.before, one.after))
    return [one for one in found.values() if one.before or one.after]


def _changes(entry: Entry, sources: Sources) -> Iterator[_Points]:
    """What a purchase gave, or a return changed: by earn, whatever it left to the member, and by campaigns."""
    if RETURN_OF in entry:
        yield from (tuple(each) for each in entry["back"])
    else:
        yield from ((each.rule, each.version, each.wallet, each.points) for each in parts_of(entry))
    for grant in sources.caused(entry):
        if RETURN_OF not in entry or grant_of(grant).data.corrects is not None:
            yield from ((each.rule, each.version, each.wallet, each.points) for each in parts_of(grant))
