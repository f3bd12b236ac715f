"""Stored activity: the ledger's entries in the order in which they were posted, and what was announced with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from shared.events.light import Occurrence, Reported, Returned
from shared.rules.effects import Award
from shared.rules.matching import Passed


class Change(NamedTuple):
    """A change of a member's tier: which ladder, the tier held from then on (None: none), and since when."""

    member: str
    ladder: str
    after: str | None
    since: datetime


class Taken(NamedTuple):
    """What a return (or a cancelled purchase) took back of what rules had given for its purchase; of a grant that takes
    another back only what it did not take (`spared`): its awards are the entry's.

    at: the purchase's instant, when it counts; awards: as they were posted: less of what had given, perhaps more of
    another of its stacking group; spared: how many points of which wallets the member kept, by the wallets' policies.
    """

    at: datetime
    awards: Sequence[Award] = ()
    spared: Mapping[str, int] = {}


class Entry(Struct, frozen=True, gc=False):
    """One entry of the ledger: an activity (`event`), or a grant (its id).

    time: when it happened; advocate: of a referral, who brought the friend; awards and passed: what the ledger posted
    and held back; heard: changes of tier that the ledger heard of after the member's entry before this one;
    taken: of a return, and of a grant that left something to its member.
    """

    member: str
    time: datetime
    event: Occurrence | None
    grant: str | None = None
    advocate: str | None = None
    awards: Sequence[Award] = ()
    passed: Sequence[Passed] = ()
    heard: Sequence[Change] = ()
    taken: Taken | None = None

    @property
    def back(self) -> Back | None:
        """Whose purchase it takes something back of, and which; None where it takes nothing back."""
        if self.event is None or not isinstance(self.event.data, Returned | Reported):
            return None
        return Back(self.member, f"{self.event.source}|{self.event.data.purchase}")


class Back(NamedTuple):
    """A purchase (its key: source and id) of which something came back from a member."""

    member: str
    purchase: str


class Announced(NamedTuple):
    """What a replay has to know before it begins.

    grants, changes: all that campaigns and tiers told the ledger in the stored activity: ids of grants, and changes of
    tier. What a replay announces too reaches its ledger where it reached the stored one; other news reaches it at once.
    A change may be there twice: a status that is lost and reached again at one instant.
    returns: purchases of which something came back; of these a replay keeps what it takes to take it back.
    merges: when members were merged: a replay merges nobody, and its result says so.
    """

    grants: frozenset[str] = frozenset()
    changes: tuple[Change, ...] = ()
    returns: frozenset[Back] = frozenset()
    merges: tuple[datetime, ...] = ()
