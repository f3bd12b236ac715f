"""What a win is known by: rule, winner, and the scope in which it is won once. Pure."""

from __future__ import annotations

import hashlib


def event_scope(key: str) -> str:
    """The scope of what is won once an event, by the event's key; of other wins it is a period, or the friend."""
    return hashlib.blake2b(key.encode(), digest_size=8).hexdigest()
