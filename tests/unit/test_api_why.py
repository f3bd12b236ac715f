"""What the API's `why` says of entries that were decided before definitions were published for their time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from services.earn.api import reading
from services.earn.api.app import build
from services.earn.api.limiting import Limiter
from services.earn.api.room import Room
from shared.access.roles import Role
from shared.clock import wall
from shared.publishing.registry import announcements, published
from shared.rules.definition import as_data
from shared.rules.rulebook import Rulebook
from shared.runtime.follower import Shelf
from tests.unit.roomkit import Ring, asker
from tests.unit.rulekit import book, rule
from tests.unit.test_rebuilding import ME
from tests.unit.test_why_since import LATER, decided, republished

FIRST = rule("big", "when: basket.total >= 50.00\nthen: {fixed: 5}")
SECOND = rule("big", "version: 2\nwhen: basket.total >= 30.00\nthen: {fixed: 5}")


def shelf(rules: Rulebook, *later: tuple[str, int]) -> Shelf:
    """The topic with these versions; published an hour ago, or (later) an hour from now."""
    registry: dict[str, Any] = {}
    for each in rules.versions:
        moment = datetime.now(UTC) + timedelta(hours=1 if (each.id, each.version) in later else -1)
        document = registry.setdefault(each.id, {"_id": each.id, "kind": each.kind, "versions": []})
        body = as_data(each)
        said = {"version": each.version, "effective": each.effective.isoformat(), "hash": "h", "body": body}
        document["versions"].append({**said, "published": moment.isoformat()})
    found = Shelf()
    for message in announcements(registry)[0]:
        found.add(message.value)
    assert found.book is not None
    assert found.book.published == published(registry.values())
    return found


async def test_what_was_published_later_did_not_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    """50.00 were asked of a basket of 35.00; published later for that time, 30.00 are. Mechanism: `published` of the
    sources of the API's route; without it the basket is told of by version 2 alone, as if that had decided it."""
    found = shelf(republished(FIRST, again=SECOND), ("big", 2))
    books = decided(book(FIRST), 2)

    async def journals(_: Any, members: list[str]) -> list[Any]:
        return [each for each in books.journal if each["member"] in members]

    async def standing(_: Any, member: str) -> dict[str, Any]:
        return {"_id": member}

    monkeypatch.setattr(reading, "journals", journals)
    monkeypatch.setattr(reading, "standing", standing)
    follower = SimpleNamespace(shelf=found, book=found.book)
    keyring, limiter = Ring(Role.reader, None), Limiter("1000000/second")
    nothing: Any = None
    here = Room(nothing, nothing, nothing, cast(Any, follower), nothing, cast(Any, keyring), nothing, limiter, wall)
    here.open.set()
    async with asker(build(here)) as http:
        answer = await http.get(f"/v1/members/{ME}/why", params={"entry": "/partners/grocer|b-2"})
    assert answer.status_code == 200, answer.text
    [ruling] = answer.json()["explained"]["rulings"]
    assert (ruling["verdict"], ruling["version"]) == ("not_posted", 2)
    assert ruling["why"]["text"] == f"version 2 would give 5 stars, {LATER}"
