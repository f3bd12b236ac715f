"""API keys: how one looks, how it is kept, when it is good. Pure but for chance.

A key is `ds_<id>_<secret>`. The id names its document; of the secret only a hash is kept. The secret is 256 random
bits: nobody can guess it, so the hash is a quick one, which each request can afford.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from shared.access.roles import MAY, Permission, Role

_TOKEN: Final = re.compile(r"ds_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
NAME: Final = r"^[a-z0-9][a-z0-9-]{0,62}$"


@dataclass(frozen=True, slots=True)
class Key:
    """One key. name: the caller's, under which all keys of a rotation stand; partner: None for the coalition's own."""

    id: str
    name: str
    role: Role
    partner: str | None
    hash: str
    created: datetime
    expires: datetime | None = None
    revoked: datetime | None = None

    @property
    def life(self) -> timedelta | None:
        """For how long it was given; None: for ever."""
        return None if self.expires is None else self.expires - self.created

    def may(self, permission: Permission) -> bool:
        """Whether its role allows it."""
        return permission in MAY[self.role]

    def ended(self, now: datetime) -> str | None:
        """Why it is not good any more; None while it is."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and self.expires <= now else None

    def document(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "_id": self.id,
            "name": self.name,
            "role": self.role.value,
            "partner": self.partner,
            "hash": self.hash,
            "created": self.created,
            "expires": self.expires,
            "revoked": self.revoked,
        }


def of_document(document: Mapping[str, Any]) -> Key:
    """A stored key."""
    return Key(
        id=document["_id"],
        name=document["name"],
        role=Role(document["role"]),
        partner=document["partner"],
        hash=document["hash"],
        created=document["created"],
        expires=document["expires"],
        revoked=document["revoked"],
    )


def mint(name: str, role: Role, partner: str | None, now: datetime, expires: datetime | None) -> tuple[Key, str]:
    """A new key, and the text that its holder sends; that text is kept nowhere."""
    id_, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    return Key(id_, name, role, partner, _hash(secret), now, expires), f"ds_{id_}_{secret}"


def parts(token: str) -> tuple[str, str] | None:
    """Id and secret of what was sent; None where that cannot be a key."""
    found = _TOKEN.fullmatch(token)
    return None if found is None else (found[1], found[2])


def fits(key: Key, secret: str) -> bool:
    """Whether it is this key's secret; takes as long whether or not."""
    return hmac.compare_digest(key.hash, _hash(secret))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
