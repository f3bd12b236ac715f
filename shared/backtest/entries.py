"""Stored activity: the ledger's entries in the order in which they were posted, and what was announced with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from shared.events.light import Occurrence
from shared.rules.effects import Award
from shared.rules.matching import Passed


class Change(NamedTuple):
    """A change of a member's tier: which ladder, the tier held from then on (None: none), and since when."""

    member: str
    ladder: str
    after: str | None
    since: datetime


class Entry(NamedTuple):
    """One entry of the ledger: an activity (`event`), or a grant (its id).

    time: when it happened; advocate: of a referral, who brought the friend; awards and passed: what the ledger posted
    and held back; heard: changes of tier that the ledger heard of after the member's entry before this one.
    """

    member: str
    time: datetime
    event: Occurrence | None
    grant: str | None = None
    advocate: str | None = None
    awards: Sequence[Award] = ()
    passed: Sequence[Passed] = ()
    heard: Sequence[Change] = ()


class Announced(NamedTuple):
    """All that campaigns and tiers told the ledger in the stored activity: ids of grants, and changes of tier.

    What a replay announces too reaches its ledger where it reached the stored one; other news reaches it at once.
    """

    grants: frozenset[str] = frozenset()
    changes: frozenset[Change] = frozenset()
