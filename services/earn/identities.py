"""Who is it? How the names that partners give a member become keys, and keys become a member. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Protocol

Identity = dict[str, Any]


class ConflictingIdentitiesError(Exception):
    """One signup names two different members."""


class Ref(Protocol):
    """How a partner names a member, however it was read: see `MemberRef`."""

    @property
    def reference(self) -> str | None: ...
    @property
    def card(self) -> str | None: ...
    @property
    def email(self) -> str | None: ...
    @property
    def phone(self) -> str | None: ...
    @property
    def app(self) -> str | None: ...


def identity_keys(ref: Ref, source: str) -> list[str]:
    """The keys of everything a partner calls a member by; a reference means something within its partner only."""
    keys: list[str] = []
    if ref.card:
        keys.append(f"card:{ref.card.strip()}")
    if ref.phone:
        keys.append(f"phone:{ref.phone}")
    if ref.email:
        keys.append(f"email:{ref.email.strip().lower()}")
    if ref.app:
        keys.append(f"app:{ref.app.strip()}")
    if ref.reference:
        keys.append(f"ref:{source}:{ref.reference.strip()}")
    return keys


def find_member(keys: list[str], known: Mapping[str, Identity]) -> str | None:
    """The member whom the first known key belongs to; None when no key is anybody's.

    The keys come in an order of trust (card, phone, e-mail, app, reference), and a key once known keeps its member:
    so nothing that passed once can be refused when it is read again.
    """
    return next((str(known[key]["member"]) for key in keys if key in known and known[key]["member"] is not None), None)


def only_member(keys: list[str], known: Mapping[str, Identity]) -> str | None:
    """The one member that all known keys belong to: a signup must not tie two members together silently."""
    members = {known[key]["member"] for key in keys if key in known and known[key]["member"] is not None}
    if len(members) > 1:
        raise ConflictingIdentitiesError("the signup names two different members: " + kinds(keys))
    return members.pop() if members else None


def kinds(keys: list[str]) -> str:
    """Which kinds of names were given, without the names (they are personal)."""
    return ", ".join(key.partition(":")[0] for key in keys)


def mint_member(event_key: str) -> str:
    """A member's id, from the event that first brought them: a replay of all topics mints the same."""
    return "m-" + hashlib.blake2b(event_key.encode(), digest_size=10).hexdigest()
