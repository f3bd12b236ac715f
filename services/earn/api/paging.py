"""Cursors: where the next page begins, as one opaque word. Pure."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import orjson

from services.earn.api.problems import Problem


def cursor(*place: str) -> str:
    """The word for a place."""
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def place(said: str, length: int) -> list[str]:
    """The place that a cursor of ours stands for. Raises Problem for any other word."""
    try:
        found: Any = orjson.loads(base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)))
    except (ValueError, binascii.Error):
        found = None
    if not isinstance(found, list) or len(found) != length or not all(isinstance(each, str) for each in found):
        raise Problem(422, "invalid_cursor", "this cursor is none of ours: send `next` of the page before, unchanged")
    return found
