"""What a second person says to what is kept waiting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from services.earn.counter.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging(Command):
    """About something that was asked for, by the id that it waits under."""

    approval: str

    @property
    def approvals(self) -> tuple[str, ...]:
        """The one that is judged."""
        return (self.approval,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve(Judging):
    """It is to be done, as it was asked for."""

    kind: ClassVar[str] = "approval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse(Judging):
    """It is not to be done."""

    reason: str

    kind: ClassVar[str] = "refusal"
