"""The back office's requests and answers: corrections, transfers, dead letters, the audit log."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from services.earn.api.models.common import LETTER, MOST_POINTS, Asking, MemberId, Points, Reason, Said, Slug

LetterId = Annotated[str, StringConstraints(min_length=1, max_length=400, pattern=LETTER)]


class Adjusting(Asking):
    """Points given to a member, or taken: a correction, or a gesture (goodwill, which only gives)."""

    member: MemberId
    wallet: Slug
    points: Annotated[int, Field(ge=-MOST_POINTS, le=MOST_POINTS, description="not 0; negative takes away")]
    kind: Literal["adjustment", "goodwill"] = "adjustment"
    reason: Reason


class Adjusted(Said):
    """Done."""

    member: MemberId
    wallet: Slug
    points: int
    balance: int


class Transferring(Asking):
    """Points from one member to another; they keep their expiry."""

    member: MemberId = Field(description="who gives")
    to: MemberId = Field(description="who takes")
    wallet: Slug
    points: Points
    reason: Reason


class Transferred(Said):
    """Done; `balance` is the giver's."""

    member: MemberId
    to: MemberId
    wallet: Slug
    points: Points
    balance: int


class Letter(Said):
    """A record that had no effect."""

    id: str
    reason: str
    detail: str
    status: str = Field(
        description="open, replaying (by somebody who is not known to have published it), replayed, or erased"
    )
    received: str = Field(description="when its record came, by the clock that all goes by (also a moved one)")
    origin: str = Field(description="where the sender's record stands: topic:partition:offset")
    event: str | None
    member: str | None


class WholeLetter(Letter):
    """The same with its bytes, and what to do next."""

    value: str
    value_encoding: str = Field(description="utf-8; or escaped, where the bytes are no text")
    replays: list[dict[str, Any]] = Field(description="when, by the same clock, and where it stands since")
    next: str


class Letters(Said):
    """A page, newest first, and how many there are in all, by reason and status."""

    letters: list[Letter]
    counts: dict[str, dict[str, int]]
    next: str | None = Field(description="cursor of the next page; null on the last one")


class Replaying(Asking):
    """Which letters are published again, as they are."""

    ids: Annotated[list[LetterId], Field(min_length=1, max_length=100)]
    again: bool = Field(False, description="also those that were replayed before")


class Replayed(Said):
    """Where they stand now; what took effect meanwhile has no second effect."""

    replayed: list[str]


class Audited(Said):
    """One action."""

    id: str
    at: str
    caller: str
    role: str
    key: str = Field(description="id of the key that was used; - at the command line")
    person: str | None
    action: str = Field(description="operation of this document; or the words of a command (`members merge`)")
    said: dict[str, Any] = Field(description="what the request was about")
    request: str
    outcome: str | None = Field(
        description="done; done_before: a repetition under its key; waits: for a second person; or a problem's code; "
        "null: cut off, the journal tells what was done"
    )
    status: int | None


class Audit(Said):
    """A page, newest first."""

    actions: list[Audited]
    next: str | None = Field(description="cursor of the next page; null on the last one")
