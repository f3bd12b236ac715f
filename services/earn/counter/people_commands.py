"""What the back office asks about whole members: merge two that are one person, undo that, close an account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from services.earn.counter.commands import Merged, OfMember


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge(OfMember):
    """The member is a duplicate of another, `into` whom all of theirs goes."""

    into: str
    reason: str

    kind: ClassVar[str] = "merge"

    @property
    def members(self) -> tuple[str, ...]:
        """Both."""
        return (self.member, self.into)

    @property
    def named(self) -> tuple[str, ...]:
        """Whose names go over."""
        return (self.member,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmerge(OfMember):
    """The member was no duplicate after all: what they brought, and is still there, goes back to them."""

    reason: str

    kind: ClassVar[str] = "unmerge"
    merged: ClassVar[Merged] = "take"

    @property
    def named(self) -> tuple[str, ...]:
        """Whose names come back; the survivor has them, whom this one's document leads to."""
        return (self.member,)

    @property
    def vouchers(self) -> tuple[str, ...]:
        """Theirs, and the survivor's: what that one has used is no longer theirs."""
        return (self.member,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(OfMember):
    """The member leaves: what points there are end, and nothing more is earned or spent."""

    reason: str

    kind: ClassVar[str] = "closing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erase(OfMember):
    """Nobody shall know any more who the member was; with them all who were merged into them. The ledger's part of it:
    `shared.ops.erasing` does the rest. approved_by: at a terminal the second person is named at once. persons: who was
    one with them when it was asked for: nobody else goes without being asked about."""

    reason: str
    approved_by: str | None = None
    persons: tuple[str, ...] | None = None

    kind: ClassVar[str] = "erasure"
    closed: ClassVar[bool] = True
