"""The till over HTTP: quote, hold, capture, release, undo, once whatever is repeated; by a real process."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from shared.access.roles import Role
from tests.conftest import Servers
from tests.integration.apikit import ANN, Api, api


@pytest_asyncio.fixture(scope="module")
async def shop(servers: Servers, tmp_path_factory) -> AsyncIterator[Api]:
    import uuid

    from shared.settings import Settings

    settings = Settings(
        kafka=servers.kafka,
        mongo=servers.mongo,
        namespace=f"t{uuid.uuid4().hex[:11]}",
        home=tmp_path_factory.mktemp("api"),
        rate="100000/second",
    )
    async with api(settings) as found:
        yield found


async def test_a_hold_is_captured(shop: Api) -> None:
    await shop.member(ANN, 100, "card:77")
    till = await shop.asker(Role.till, "bakery")
    r = await till.get(f"/members/{ANN}/balance")
    print(r.status_code, r.text, dict(r.headers))
    r = await till.post("/members/find", {"card": "77"}, once=None)
    print(r.status_code, r.text)
    r = await till.post("/quotes", {"member": ANN, "wallet": "stars", "points": 30}, once=None)
    print(r.status_code, r.text)
    r = await till.post("/holds", {"member": ANN, "wallet": "stars", "points": 30})
    print(r.status_code, r.text)
    h = r.json()["hold"]
    r = await till.post(f"/holds/{h}/capture", None, once="c1")
    print(r.status_code, r.text)
    r = await till.post(f"/holds/{h}/capture", None, once="c1")
    print(r.status_code, r.text, dict(r.headers))
    r = await till.post(f"/holds/{h}/capture", {"points": 3}, once="c1")
    print(r.status_code, r.text)
    r = await till.get(f"/members/{ANN}/history")
    print(r.status_code, r.text)
    for p in ("/v1/nothing", "/openapi.json", "/health/status", "/v1/holds"):
        r = await shop.http.get(p, headers=till._key)
        print(p, r.status_code, r.text[:200], r.headers.get("allow"))
    r = await till.post("/members/find", {"card": None}, once=None)
    print(r.status_code, r.text)
    r = await till.http.post("/v1/quotes", content=b"{", headers={**till._key, "content-type": "application/json"})
    print(r.status_code, r.text)
    r = await till.http.post("/v1/quotes", content=b"{}", headers={**till._key, "content-type": "text/plain"})
    print(r.status_code, r.text)
    r = await till.http.post("/v1/quotes", content=b"x" * 70000, headers={**till._key, "content-type": "text/plain"})
    print(r.status_code, r.text)
    r = await shop.http.get("/v1/nothing")
    print(r.status_code, r.text)
    assert False
