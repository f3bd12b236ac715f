"""A member as callers see them: found by name, balance, history."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from services.earn.api.models.common import MemberId, Said, Slug, Worth
from shared.events.partner import MemberRef

Closed: Any = Field(None, description="RFC 3339; only of an account that is closed: nothing is earned or spent")


class Named(MemberRef):
    """Any name that a member has; of several, those that are known must be of one member."""

    partner: Slug | None = Field(None, description="whose `reference` it is; a partner's key needs not say")


class Found(Said):
    """Who it is."""

    member: MemberId
    joined: str | None = Field(description="RFC 3339; null until the ledger has heard of the signup")
    tiers: dict[str, str] = Field(description="ladder to tier, where one is held")
    closed: str | None = Closed


class Ending(Said):
    """The points that end first."""

    at: str = Field(description="RFC 3339, exclusive: from this instant on they are gone")
    points: int


class Common(Said):
    """What a household can spend together at a till."""

    spendable: int = Field(ge=0, description="of all its members, this one's with them")
    members: int = Field(ge=1)


class Purse(Said):
    """One wallet of a member."""

    wallet: Slug
    title: str
    kind: str = Field(description="currency, or status")
    balance: int = Field(description="active, pending and held, less what is owed")
    spendable: int = Field(ge=0, description="of the active ones; none where the wallet's points cannot be spent")
    pending: int = Field(ge=0, description="not active yet")
    held: int = Field(ge=0, description="set aside at tills")
    owed: int = Field(ge=0, description="was taken back after it had been spent; what comes in repays it first")
    worth: Worth | None = Field(description="of what is spendable, where the programme says what a point is worth")
    ends: Ending | None = Field(description="soonest expiry; null where none is known")
    household: Common | None = Field(None, description="only where the wallet is spent in common, and they have one")


class Balance(Said):
    """All wallets."""

    member: MemberId
    wallets: list[Purse]
    closed: str | None = Closed


class Given(Said):
    """What one rule gave."""

    rule: str
    version: int
    wallet: str
    points: int


class Entry(Said):
    """One entry of the ledger."""

    entry: str = Field(description="its key: ask `why` with it")
    kind: str
    at: str = Field(description="RFC 3339: when it happened")
    points: dict[str, int] = Field(description="by which each wallet's balance changed")
    rules: list[Given] = Field(description="what each rule gave")
    partner: str | None = Field(description="at whom it happened")
    by: str | None = Field(description="who asked for it, where a person or a till did")
    person: str | None = Field(
        None, description="the person who asked for it; told to back-office and auditor keys, where one was named"
    )
    approved_by: str | None = Field(
        None,
        description="the second person, who approved it; told to back-office and auditor keys, where there was one",
    )
    reason: str | None
    redemption: str | None = Field(
        None, description="of a redemption and of its undoing: its id, by which it is undone; none of others'"
    )
    activated: dict[str, int] | None = Field(
        None, description="pending points that it made active, by wallet; only where it made some so"
    )
    spared: dict[str, int] | None = Field(
        None,
        description="of a return: points by wallet that were spent and that `on_return` leaves to the member; only "
        "where there are some",
    )
    ended: dict[str, int] | None = Field(
        None,
        description="of a return: points by wallet that had expired unspent and that breakage gave back, not the "
        "member; only where there are some",
    )


class History(Said):
    """A page, newest first."""

    entries: list[Entry]
    next: str | None = Field(description="cursor of the next page; null on the last one")


class Why(Said):
    """Why an entry gave what it gave."""

    entry: str
    explained: dict[str, Any] = Field(description="facts, rules with their conditions, lines, postings")
