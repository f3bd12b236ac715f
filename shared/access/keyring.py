"""Keys in the database: made, listed, ended, and looked up at each request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from time import monotonic
from typing import Any, Final

from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError
from pymongo.write_concern import WriteConcern

from shared.access.keys import Key, fits, mint, of_document, parts
from shared.access.roles import Role, belongs_wrongly
from shared.clock import Clock, wall

KEYS: Final = "api_keys"
CALLERS: Final = "api_callers"
COLLECTIONS: Final[Mapping[str, Sequence[str]]] = {KEYS: ["name"], CALLERS: []}
# For so long a process trusts what it has read: a key that is revoked is refused everywhere that much later at most.
TRUST_S: Final = 2.0
_MOST_KNOWN: Final = 10_000


class KeyringError(Exception):
    """It cannot be done; the text says why, and what to do."""


class Keyring:
    """All keys of a namespace."""

    def __init__(self, database: AsyncDatabase[dict[str, Any]], clock: Clock = wall, trust_s: float = TRUST_S) -> None:
        self._keys = database[KEYS].with_options(write_concern=WriteConcern("majority"))
        self._callers = database[CALLERS].with_options(write_concern=WriteConcern("majority"))
        self._clock, self._trust_s = clock, trust_s
        self._known: dict[str, tuple[float, Key]] = {}

    async def create(self, name: str, role: Role, partner: str | None, lasts: timedelta | None) -> tuple[Key, str]:
        """A new key of a caller, and its text. Raises KeyringError where the caller is another role's or partner's."""
        fault = belongs_wrongly(role, partner)
        if fault is not None:
            raise KeyringError(fault)
        # A caller's name stands before its Idempotency-Keys in the journal: it must mean one caller for ever.
        try:
            await self._callers.insert_one({"_id": name, "role": role.value, "partner": partner})
        except DuplicateKeyError:
            known = await self._callers.find_one({"_id": name}) or {}
            if (known["role"], known["partner"]) != (role.value, partner):
                whose = f"{known['role']} of {known['partner'] or 'the coalition'}"
                raise KeyringError(f"{name} is the name of a {whose}: choose another name") from None
        now = self._clock()
        key, token = mint(name, role, partner, now, None if lasts is None else now + lasts)
        await self._keys.insert_one(key.document())
        return key, token

    async def rotate(
        self, name: str, overlap: timedelta, lasts: timedelta | None = None, *, for_ever: bool = False
    ) -> tuple[Key, str, list[Key]]:
        """A new key of a caller that has one; its earlier ones end after the overlap, if not before; without any they
        are revoked at once. Where nothing is said of it, the new one has as long a life as the newest of those had been
        given: a key that was to end must not be for ever by being rotated. Raises KeyringError."""
        now = self._clock()
        before = [each for each in await self.list(name) if each.ended(now) is None]
        if not before:
            raise KeyringError(f"{name} has no key that is good: make one with `doublestar keys create`")
        key, token = await self.create(
            name, before[0].role, before[0].partner, None if for_ever else lasts or before[-1].life
        )
        if not overlap:
            await self._keys.update_many({"_id": {"$in": [each.id for each in before]}}, {"$set": {"revoked": now}})
            return key, token, before
        until = now + overlap
        later = {"_id": {"$in": [each.id for each in before]}, "$or": [{"expires": None}, {"expires": {"$gt": until}}]}
        await self._keys.update_many(later, {"$set": {"expires": until}})
        return key, token, before

    async def revoke(self, which: str) -> list[Key]:
        """Ends a key (by its id), or all of a caller (by its name), now. Raises KeyringError where there is none."""
        wanted = {"$or": [{"_id": which}, {"name": which}], "revoked": None}
        found = [of_document(each) async for each in self._keys.find(wanted)]
        if not found:
            raise KeyringError(f"no key that is not revoked yet has the id or name {which}: see `doublestar keys list`")
        await self._keys.update_many(
            {"_id": {"$in": [each.id for each in found]}}, {"$set": {"revoked": self._clock()}}
        )
        return found

    async def list(self, name: str | None = None) -> list[Key]:
        """Keys by name, oldest first."""
        wanted = {} if name is None else {"name": name}
        cursor = self._keys.find(wanted).sort([("name", 1), ("created", 1), ("_id", 1)])
        return [of_document(each) async for each in cursor]

    async def holder(self, token: str) -> Key | str:
        """Whose key it is; or why it is nobody's: unknown, revoked, expired."""
        sent = parts(token)
        if sent is None:
            return "unknown"
        id_, secret = sent
        key = await self._key(id_)
        if key is None or not fits(key, secret):
            return "unknown"
        return key.ended(self._clock()) or key

    async def _key(self, id_: str) -> Key | None:
        at, key = self._known.get(id_, (0.0, None))
        if key is not None and monotonic() - at < self._trust_s:
            return key
        document = await self._keys.find_one({"_id": id_})
        if document is None:
            return None
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        key = of_document(document)
        self._known[id_] = (monotonic(), key)
        return key
