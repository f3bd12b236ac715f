"""The back office about whole members: merges, their undoing, closing of accounts."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from services.earn.api.models.common import Asking, MemberId, Reason, Said

_MOVED = "by wallet, where any did"


class Merging(Asking):
    """Two members are one person."""

    member: MemberId = Field(description="the duplicate: empty from now on; it leads to the other")
    into: MemberId = Field(description="the survivor")
    reason: Reason


class Because(Asking):
    """Why it is done."""

    reason: Reason


class Joined(Said):
    """Done."""

    member: MemberId
    into: MemberId
    points: dict[str, int] = Field(description=f"that went over, {_MOVED}")
    identities: int = Field(description="names that lead to the survivor now")
    balances: dict[str, int] = Field(description="the survivor's")


class Parted(Said):
    """Done."""

    member: MemberId
    from_: MemberId = Field(alias="from", description="whom they had been merged into")
    points: dict[str, int] = Field(description=f"that came back, {_MOVED}; a debt that is owed again is negative")
    identities: int = Field(description="names that are the member's again")
    balances: dict[str, int] = Field(description="the member's")


class Closed(Said):
    """Done."""

    member: MemberId
    ended: dict[str, int] = Field(description=f"points that ended, {_MOVED}; a debt that was forgiven is negative")


class Erasure(Said):
    """How far it is."""

    member: MemberId
    persons: list[MemberId] = Field(description="all ids that were theirs")
    state: str = Field(description="begun: the ledger's part is done, the rest is an operator's to end; or done")
    begun: str
    person: str = Field(description="who asked for it")
    approved_by: str
    approval: str | None = Field(description="under which it waited; null where it was begun at a terminal")
    done: dict[str, int] = Field(description="what was removed or redacted, by step")
    proof: dict[str, Any] | None = Field(description="what a search of everything found; null until it was made")
