"""Cursors: where the next page begins, as one opaque word. Pure."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from services.earn.api.problems import Problem

_MOST: Final = 2**63  # MongoDB holds integers of 64 bits, and the driver breaks on others


def cursor(of: str, *place: str) -> str:
    """The word for a place in a list. of: which list."""
    return base64.urlsafe_b64encode(orjson.dumps((of, *place))).decode().rstrip("=")


def list_of(of: str, **filters: str | None) -> str:
    """The name of a list of which only some are wanted."""
    wanted = "&".join(f"{name}={each}" for name, each in sorted(filters.items()) if each is not None)
    return f"{of}?{wanted}" if wanted else of


def place(said: str, of: str, length: int) -> list[str]:
    """The place in that list that a cursor of ours stands for. Raises Problem for any other word, also one that another
    list told, or the same with other filters: from there on entries would be missing."""
    try:
        found: Any = orjson.loads(base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)))
    except (ValueError, binascii.Error):
        found = None
    if not isinstance(found, list) or len(found) != length + 1 or not all(isinstance(each, str) for each in found):
        raise not_ours()
    if cursor(*found) != said:  # the decoder reads over what is no base64
        raise not_ours()
    if found[0] != of:
        raise _filtered() if found[0].partition("?")[0] == of.partition("?")[0] else not_ours()
    return found[1:]


def instant(said: str) -> datetime:
    """An instant of a place, written as `isoformat` writes one in UTC. Raises Problem for any other: with an offset it
    may lie where no calendar goes."""
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        raise not_ours() from None
    if moment.utcoffset() != timedelta() or moment.isoformat() != said:
        raise not_ours()
    return moment


def number(said: str) -> int:
    """A number of a place, that MongoDB can hold. Raises Problem for any other."""
    try:
        found = int(said)
    except ValueError:
        raise not_ours() from None
    if str(found) != said or not -_MOST <= found < _MOST:
        raise not_ours()
    return found


def not_ours() -> Problem:
    """The answer to a word that no page of ours has told."""
    return Problem(
        422, "invalid_cursor", "this cursor is none of this list's: send `next` of its page before, unchanged"
    )


def _filtered() -> Problem:
    return Problem(
        422, "invalid_cursor",
        "this cursor goes on with this list by other filters: send it with those of its page before, or begin without",
    )  # fmt: skip
