"""What waits for a second person, and what became of it."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints

from services.earn.api.models.common import APPROVAL, Said

ApprovalId = Annotated[str, StringConstraints(pattern=APPROVAL), Field(examples=[f"a-{'0' * 20}"])]
State = Literal["pending", "approved", "refused", "expired"]


class Waiting(Said):
    """It is kept, and nothing is done before another person approves."""

    approval: ApprovalId
    state: str = Field(description="pending")
    kind: str
    until: str = Field(description="RFC 3339; then it has expired")


WAITS: Final[dict[int | str, dict[str, Any]]] = {
    202: {"model": Waiting, "description": "it needs a second person, as the programme says, and waits for one"}
}


class Asker(Said):
    """Whose request it is."""

    caller: str
    person: str


class Judge(Asker):
    """Who has approved or refused it."""

    at: str
    reason: str | None = Field(description="why it was refused")
    entry: str = Field(description="key of the entry by which it was done, or refused")


class Approval(Said):
    """One request."""

    approval: ApprovalId
    kind: str = Field(description="adjustment, goodwill, transfer, merge, unmerge, closing, erasure")
    said: dict[str, Any] = Field(description="what is asked for")
    author: Asker
    at: str
    until: str
    state: State
    judged: Judge | None


class Approvals(Said):
    """A page, newest first."""

    approvals: list[Approval]
    next: str | None = Field(description="cursor of the next page; null on the last one")


class Approved(Said):
    """Done."""

    approval: ApprovalId
    state: str = Field(description="approved")
    done: dict[str, Any] = Field(description="what the request would have been answered, had it not waited")


class Refused(Said):
    """It is not done, and stays on record."""

    approval: ApprovalId
    state: str = Field(description="refused")
