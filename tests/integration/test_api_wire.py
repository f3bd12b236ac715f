"""What the server cannot read as HTTP is refused as all else is: over a real socket, byte by byte."""

from __future__ import annotations

import asyncio

import orjson
import pytest

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
