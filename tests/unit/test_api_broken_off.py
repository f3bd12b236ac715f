"""A caller that goes away in the middle of a body has asked for nothing."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from services.earn.api.guarding import Guard
from shared.access.roles import Role
from tests.unit.roomkit import room

Message = MutableMapping[str, Any]


@pytest.mark.parametrize(
    ("parts", "body"),
    [
        ([{"type": "http.disconnect"}], None),
        ([{"type": "http.request", "body": b'{"points"', "more_body": True}, {"type": "http.disconnect"}], None),
        ([{"type": "http.request", "body": b"", "more_body": False}], b""),
        ([{"type": "http.request", "body": b"{}", "more_body": True}, {"type": "http.request", "body": b" "}], b"{} "),
    ],
)
async def test_a_body_that_was_broken_off_is_no_request(parts: list[Message], body: bytes | None) -> None:
    """A capture without a body is of all that is held: what was to be a part of it must not become that.

    Mechanism: `_body` tells the end of a body from the end of a connection.
    """
    answered: list[bytes] = []

    async def app(scope: Message, receive: Any, send: Any) -> None:
        answered.append((await receive())["body"])

    left, sent = list(parts), list[Message]()

    async def receive() -> Message:
        return left.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "path": "/v1/holds/h-1/capture", "method": "POST",
             "headers": [(b"authorization", b"Bearer x")]}  # fmt: skip
    await asyncio.wait_for(Guard(app, room(Role.till, "bakery"))(scope, receive, send), 5)
    assert answered == ([] if body is None else [body])
    assert sent == []
