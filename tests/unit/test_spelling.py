"""Every form that a text must have is told in words, and no pattern reaches whoever wrote it wrongly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from services.earn.api import openapi
from services.earn.api.app import build
from services.earn.api.models import common
from shared.access.roles import Role
from shared.events.partner import PARTNER_EVENT
from shared.events.spelling import SPELT, said
from tests.unit.roomkit import asker, room
from tests.unit.test_event_times import purchase, refused


def patterns(schema: Any) -> Iterator[str]:
    """All patterns of a schema."""
    for name, value in schema.items() if isinstance(schema, dict) else enumerate(schema):
        if name == "pattern" and isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            yield from patterns(value)


def asked(document: dict[str, Any]) -> dict[str, Any]:
    """What callers write: parameters and bodies, and what those refer to."""
    found: dict[str, Any] = {}
    for path in document["paths"].values():
        for name, operation in path.items():
            body = operation.get("requestBody", {})
            found[operation["operationId"]] = [name, operation.get("parameters", []), body]
    open_, schemas = [json.dumps(found)], document["components"]["schemas"]
    while open_:
        text = open_.pop()
        for name in schemas.keys() - found.keys():
            if f'#/components/schemas/{name}"' in text:
                found[name] = schemas[name]
                open_.append(json.dumps(schemas[name]))
    return found


WHEN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt]"  # of an instant the library's own words are not asked for, see `values`


def test_every_pattern_of_partners_events_has_words() -> None:
    found = set(patterns(PARTNER_EVENT.json_schema()))
    assert {each for each in found if not each.startswith(WHEN)} - SPELT.keys() == set()
    assert len(found) > 5


def test_every_pattern_of_the_api_has_words() -> None:
    found = set(patterns(asked(json.loads(openapi.written()))))
    assert {each for each in found if not each.startswith(WHEN)} - SPELT.keys() - common.SPELT.keys() == set()
    assert len(found) > 8


def test_what_is_no_pattern_keeps_the_librarys_words() -> None:
    assert said({"type": "missing", "msg": "Field required"}) == "Field required"


def test_a_partner_is_told_how_an_amount_is_written() -> None:
    """Mechanism: `said` in `shared.events.decode`."""
    event = purchase()
    event["data"]["lines"][0]["amount"] = "1.000,00"
    words = 'write an amount as a text, not negative, with at most 12 digits and four decimals, such as "12.50"'
    assert refused(event) == f"invalid_value: data.lines.0.amount: {words}"


@pytest.mark.parametrize(
    ("method", "path", "words"),
    [
        ("GET", "/v1/members/ann/balance", "path.member: write a member's id, such as m-0123456789abcdef0123"),
        ("POST", "/v1/holds/7/release", "path.hold: write a hold's id, as it was answered: h-m-..."),
    ],
)
async def test_a_caller_is_told_how_an_id_is_written(method: str, path: str, words: str) -> None:
    """Mechanism: `said` in `on_invalid`."""
    async with asker(build(room(Role.till, "grocer"))) as http:
        answer = await http.request(method, path, headers={"Authorization": "Bearer x", "Idempotency-Key": "k"})
    assert answer.status_code == 422
    assert words in answer.json()["detail"]
