"""What a partner's record is keyed by, so that a member's events keep their order. Pure."""

from __future__ import annotations

from typing import Any, Final

import orjson

_NAMES: Final = ("reference", "card", "phone", "email", "app")


def key(document: bytes) -> bytes | None:
    """The first name of the member whom it is about; None where it names nobody."""
    try:
        data: Any = orjson.loads(document)["data"]
        ref = data["member"] if "member" in data else data["friend"]
        return next((str(ref[name]).encode() for name in _NAMES if ref.get(name)), None)
    except (ValueError, TypeError, LookupError, AttributeError):
        return None
