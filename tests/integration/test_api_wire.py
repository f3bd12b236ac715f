"""What the server cannot read as HTTP is refused as all else is: over a real socket, byte by byte."""

from __future__ import annotations

import asyncio

import orjson
import pytest

from shared.access.audit import AUDIT
from shared.access.roles import Role
from tests.integration.apikit import Api


async def asked(shop: Api, request: bytes) -> tuple[bytes, dict[bytes, bytes], bytes]:
    """The first line, headers and body of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", shop.http.base_url.port)
    try:
        writer.write(request)
        answer = await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    line, *headers = head.split(b"\r\n")
    return line, {each.partition(b": ")[0]: each.partition(b": ")[2] for each in headers}, body


@pytest.mark.parametrize(
    "request_",
    [
        "GET /v1/events?event=café HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
        b"GET /v1/events?event=a b HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /v1/wallets HTTP/1.1\r\nHöst: x\r\n\r\n".encode(),
        b"hello\r\n\r\n",
        b"GET /v1/" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["accent", "space", "header", "words", "long"],
)
async def test_what_is_no_http_is_told_so_in_a_document(shop: Api, request_: bytes) -> None:
    """Mechanism: `Wire`; the server itself answers in plain text, without an id."""
    line, headers, body = await asked(shop, request_)
    said = orjson.loads(body)
    assert (line, headers[b"content-type"]) == (b"HTTP/1.1 400 Bad Request", b"application/problem+json")
    assert (said["status"], said["code"], said["request"].encode()) == (400, "not_http", headers[b"x-request-id"])
    assert "write addresses in ASCII" in said["detail"]


async def test_a_request_that_is_whole_is_answered_whatever_comes_behind_it(shop: Api) -> None:
    """What it asked for is done. Mechanism: `more_body` in `Wire`; without it the answer to a write that was done would
    be 400."""
    office, member = await shop.asker(Role.back_office), await shop.member(10)
    said = {"member": member, "wallet": "stars", "points": 3, "kind": "goodwill", "reason": "late"}
    body, key = orjson.dumps(said), office.key["Authorization"]
    head = (
        f"POST /v1/adjustments HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\nPerson: staff-7 \t\r\n"
        f"Idempotency-Key: {member}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    line, _, answer = await asked(shop, head.encode() + body + b" x\r\n\r\n")
    assert (line, orjson.loads(answer)["balance"]) == (b"HTTP/1.1 201 Created", 13)
    cut = head.replace(f"Content-Length: {len(body)}", "Transfer-Encoding: chunked").encode() + b"no length\r\n"
    line, _, answer = await asked(shop, cut)
    assert (line, orjson.loads(answer)["code"]) == (b"HTTP/1.1 400 Bad Request", "not_http")


async def test_what_a_member_is_called_when_they_are_looked_for_is_not_noted(shop: Api) -> None:
    """Mechanism: `_FIND` in `routing._said`; a partner's number of a person would stay in the audit log."""
    office = await shop.asker(Role.back_office)
    answer = await office.post("/members/find", {"reference": "wire-20461", "partner": "bakery"})
    assert answer.status_code == 404
    [noted] = await shop.database[AUDIT].find({"action": "find_member"}).sort("_id", -1).limit(1).to_list()
    assert noted["said"] == {}
