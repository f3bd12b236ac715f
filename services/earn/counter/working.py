"""What a command is decided with: documents that were read, rules, the instant; and how its entry is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from services.earn.accounts import Posting
from services.earn.counter.commands import Answer, Command, Done
from services.earn.posting import Heading, Poster
from shared.ledger import due
from shared.rules.rulebook import Ruleset


@dataclass(slots=True)
class Read:
    """What was read for a batch of commands."""

    journal: dict[str, dict[str, Any]]
    members: dict[str, dict[str, Any]]
    redemptions: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


class Working:
    """The desk's paper: one for a batch, so that a later command sees what an earlier one did."""

    def __init__(self, read: Read, rules: Ruleset, now: datetime, poster: Poster) -> None:
        self._read = read
        self.rules = rules
        self.now = now
        self.poster = poster
        self.touched: set[str] = set()

    def member(self, id_: str) -> dict[str, Any]:
        """The member's document."""
        return self._read.members[id_]

    def knows(self, id_: str) -> bool:
        """Whether there is such a member."""
        return id_ in self._read.members

    def entries_of(self, redemption: str) -> list[dict[str, Any]]:
        """The entries of a redemption: its capture, and its undoing."""
        return self._read.redemptions.get(redemption, [])

    def posted(
        self,
        command: Command,
        member: dict[str, Any],
        postings: Sequence[Posting],
        body: dict[str, object],
        *,
        wallet: str,
        points: int,
        more: Mapping[str, Any] | None = None,
        **said: Any,
    ) -> Answer:
        """Writes the command's entry, which moves points, and announces it."""
        document = self.poster.post(
            member, self._heading(command, member, wallet, points, said), postings, more=self._more(command, body, more)
        )
        if "redemption" in document:
            self._read.redemptions.setdefault(document["redemption"], []).append(document)
        self._touch(member)
        return Done(body)

    def noted(
        self, command: Command, member: dict[str, Any], body: dict[str, object], *, wallet: str, points: int
    ) -> Answer:
        """Writes the command's entry, which moves no points."""
        self.poster.note(self._heading(command, member, wallet, points, {}), self._more(command, body, None))
        self._touch(member)
        return Done(body)

    def told(self, command: Command, member: dict[str, Any], *, wallet: str, points: int, **said: Any) -> None:
        """Another member whom the command concerns has an entry too, which tells; its postings are in the command's."""
        said_to = self._heading(command, member, wallet, points, said)
        self.poster.post(member, said_to._replace(key=f"{command.key}:{member['_id']}"), [])
        self._touch(member)

    def _touch(self, member: dict[str, Any]) -> None:
        self.touched.add(member["_id"])
        due.note(member, self.rules.programme.purses, self.rules.zone)

    def _heading(
        self, command: Command, member: dict[str, Any], wallet: str, points: int, said: Mapping[str, Any]
    ) -> Heading:
        document = {
            "kind": command.kind,
            "id": command.key,
            "wallet": wallet,
            "points": points,
            "at": self.now.isoformat(),
            **{name: value for name, value in said.items() if value is not None},
        }
        raw = orjson.dumps(document)
        return Heading(command.key, command.hash, member["_id"], command.kind, self.now, raw, "entry")

    def _more(self, command: Command, body: Mapping[str, object], more: Mapping[str, Any] | None) -> dict[str, Any]:
        caller = command.caller
        by = {"caller": caller.name, **({"person": caller.person} if caller.person else {})}
        return {"by": by, "request": command.request, "answer": dict(body), **(more or {})}
