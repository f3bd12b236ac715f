"""What goes on record before a request was checked can be anything, and is kept all the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import bson
import orjson
import pytest

from services.earn.api.app import build
from shared.access.roles import Role
from tests.unit.roomkit import asker, room

MEMBER = "m-" + "a" * 20


class Log:
    """An audit log that takes what MongoDB would take."""

    def __init__(self) -> None:
        self.said: list[Mapping[str, Any]] = []
        self.ends: list[str] = []

    async def begin(self, key: Any, person: str | None, action: str, said: Mapping[str, Any], request: str) -> str:
        bson.encode(dict(said))
        self.said.append(said)
        return "1"

    async def end(self, id_: str, outcome: str, status: int) -> None:
        self.ends.append(outcome)


@pytest.mark.parametrize(
    ("path", "body", "kept"),
    [
        ("adjustments", {"member": MEMBER, "points": 2**63}, {"member": MEMBER}),
        ("adjustments", {"member": MEMBER, "points": [{"\x00": 1}]}, {"member": MEMBER}),
        ("dead-letters/replay", {"ids": [{"a\x00b": [[]]}], "again": [False]}, {}),
        ("dead-letters/replay", {"ids": ["x", "y"], "again": 7}, {"ids": ["x", "y"], "again": 7}),
    ],
)
async def test_a_request_that_no_database_could_hold_is_refused_and_on_record(
    path: str, body: dict[str, Any], kept: dict[str, Any]
) -> None:
    """Mechanism: `routing._plain`."""
    log = Log()
    headers = {"Content-Type": "application/json", "Person": "staff-7", "Idempotency-Key": "1"}
    async with asker(build(room(Role.back_office, audit=log))) as http:
        answer = await http.post(f"/v1/{path}", content=orjson.dumps(body), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert (log.said, log.ends) == ([kept], ["invalid_request"])
