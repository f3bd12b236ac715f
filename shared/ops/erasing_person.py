"""Who is erased, and which documents are about them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import orjson

from shared.access.audit import AUDIT
from shared.ops import redacting
from shared.ops.databases import APPROVALS, DEAD_LETTERS, EARN, ERASURES, JOURNAL
from shared.ops.said import gathered, texts
from shared.ops.spellings import folded
from shared.ops.terms import Terms
from shared.ops.wrapped import HELD
from shared.runtime.store import Document

_WRITTEN: Final = tuple(
    f"{EARN}.{each}" for each in (AUDIT, APPROVALS, ERASURES)
)  # where each `reason` is a person's words


@dataclass(slots=True)
class Person:
    """Who is erased: their members' ids, words that are theirs alone, and names that others may have, too. asked: ids
    of what was asked for about them; who judged it tells no more of them. commands: ids of entries of commands about
    them, also in others' journals: whom a transfer comes to is told no more of who gave it. requests: those that
    brought these, as the audit log has them: an unmerge is about both, and names one. numbers: by which partners call
    them, as identities' keys. keys: all that they are called, as identities'
    keys. own: `strong`, and the words that others are known by, too: looked for in what is
    about them."""

    persons: list[str]
    strong: Terms
    names: Terms
    asked: list[str] = field(default_factory=list)
    commands: frozenset[str] = frozenset()
    requests: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    own: Terms | None = None
    numbers: frozenset[str] = field(init=False)
    _tails: tuple[bytes, ...] = field(init=False)
    _numbers: tuple[str, ...] = field(init=False)
    _parts: Terms = field(init=False)
    _ids: Terms = field(init=False)
    _others: Terms = field(init=False)

    def __post_init__(self) -> None:
        known = (*self.strong.words, *self.strong.plain)
        self.numbers = frozenset(each for each in known if each.startswith("ref:/"))
        self._tails = tuple(orjson.dumps(each.split(":", 2)[2])[1:-1] for each in self.numbers)
        self._numbers = tuple(folded(each.split(":", 2)[2]) for each in self.numbers)
        self._parts = Terms.of_reasons(self.names, self.own or self.strong)
        self._others = self.names.but_households()
        self._ids = Terms([*self.persons, *self.asked], settled=frozenset())

    def keep(self, ids: list[str], own: list[str]) -> None:
        """Lets these ids stand, though an identifier is in them; and their own, though a name is, or a word that others
        are known by, too."""
        self.strong = self.strong.keeping(ids)
        self.names = self.names.keeping(own)
        self._others = self.names.but_households()
        self.own = None if self.own is None else self.own.keeping([*ids, *own])
        self._parts = Terms.of_reasons(self.names, self.own or self.strong)

    def household(self, name: str) -> str:
        """What others' household is called from now on."""
        return self.strong.household(name)

    def called(self, value: bytes) -> bool:
        """Whether a record is about them: one of its sides is. What only mentions them is somebody else's."""
        found = redacting.sides(value)
        if found is None:  # an event that is none, or a record that is no event: whose it is nobody can tell
            return self.strong.found(value)
        return any(self.strong.found(each, record=True) or self._ids.found(each) for each in found)

    def numbered(self, document: Document) -> bool:
        """Whether a document has an event that calls them by a partner's number: a word that is theirs there alone."""
        found = (each for each in (document.get("event"), document.get("value")) if isinstance(each, bytes))
        # Hardly any has one: only what may is looked into, and what is escaped, in UTF-16 or Base64 may have any.
        origin = document.get("origin")  # a place as a text, in the journal
        topic = str(origin.get("topic", "")) if isinstance(origin, dict) else ""
        tails = (*self._tails, b"\\", b"\0", HELD.encode())
        return any(
            any(map(each.__contains__, tails)) and redacting.numbered(each, self.numbers, topic) for each in found
        )

    def unnamed(self, entry: Document) -> Document:
        """What changes in somebody else's entry: the event keeps their own names, goods and all that rules go by."""
        raw = bytes(entry["event"])
        left = redacting.unnamed(raw, self.numbers, self.strong.found)
        # Of what somebody of the staff did the request leads to the audit log, and stays.
        brought = {} if left == raw or entry.get("request") is None else {"request": None}
        return {"event": self._others.scrubbed(self.strong.scrubbed(left)), **brought}

    def may_be_in(self, document: Document, place: str) -> bool:
        """False only where a document has no word of theirs: so of nearly all of millions. What it says is read once,
        and not again for each sort of words."""
        said = "\0".join(gathered(document))
        low = folded(said)
        bare = low if said.isascii() else folded(said, bare=True)
        sorts = [self.strong, self.names, self.own, self._parts if self._is_written(document, place) else None]
        if any(each.may_stand_in(low, bare) for each in sorts if each is not None):
            return True
        return any(tail in low for tail in self._numbers)

    def named(self, document: Document, place: str) -> bool:
        """Whether a document that is about them has a name of theirs: whole, or a part of it in what somebody wrote."""
        called = self.names.found(document) or self._has_own(document)
        if not called and self._in_parts(document, place) == document:
            return False
        return self.told(document)  # hardly ever: the whole document is looked through

    def _has_own(self, document: Document) -> bool:
        theirs = "event" in document and owner(document) not in self.persons
        return self.own is not None and not theirs and self.own.found(document)

    def kept(self, document: Document) -> bool:
        """Whether a document has an id that stays: with an identifier in it or, where it is about them, with a name."""
        theirs = self.names.kept(document) or (self.own is not None and self.own.kept(document))
        return self.strong.kept(document) or (theirs and self.told(document))

    def told(self, document: Document) -> bool:
        """Whether a document is about them: their own, one that tells their id, as the audit log does, or a command
        about them, as the entry of somebody they gave points to does, and its line in the audit log."""
        if owner(document) in self.persons or self._ids.found(document):
            return True
        if "said" in document and document.get("request") in self.requests:
            return True
        return not self.commands.isdisjoint(texts(document))

    def without(self, document: Document, place: str) -> Document:
        """What is left of a document that is about them, or has a word that is theirs alone."""
        clean: Document = self.strong.scrubbed(document)
        if not self.told(document):
            left: Document = self._others.scrubbed(clean)  # households by a name are not told from themselves
            return left
        # In somebody else's entry a word that others are known by, too, is that one's name.
        others = "event" in document and owner(document) not in self.persons
        mine = clean if self.own is None or others else self.own.scrubbed(clean)
        return self._in_parts(self.names.scrubbed(mine), place)

    def _in_parts(self, document: Document, place: str) -> Document:
        """Reasons of rules and services are slugs, in which a name would be a chance; of a dead letter only its bytes
        may be what somebody wrote: an entry's announcement."""
        if not self._is_written(document, place):
            return document
        if place.endswith(f".{DEAD_LETTERS}"):
            return document | {"value": redacting.in_reasons(document["value"], self._parts.scrubbed)}
        left: Document = redacting.in_reasons(document, self._parts.scrubbed)
        return left

    def _is_written(self, document: Document, place: str) -> bool:
        """Whether somebody may have written about them there."""
        if place.endswith(f".{DEAD_LETTERS}"):
            return bool(document.get("value"))
        return place in _WRITTEN or (place == f"{EARN}.{JOURNAL}" and "by" in document)


def owner(document: Mapping[str, object]) -> str:
    """Whose a document is, where it is a member's."""
    return str(document.get("member") or document["_id"])
