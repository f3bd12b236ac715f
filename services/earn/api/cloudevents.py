"""CloudEvents by HTTP (protocol binding 1.0.2): structured, batched or binary, as a topic takes them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.message import Message
from typing import Final
from urllib.parse import unquote

import msgspec
import orjson

from services.earn.api.problems import Problem
from services.earn.api.strict import fault_of

STRUCTURED: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
JSON: Final = "application/json"
MOST: Final = 500  # events in one batch
_ATTRIBUTE: Final = re.compile(rb"ce-([a-z0-9]{1,20})")
_EVENTS: Final = msgspec.json.Decoder(list[msgspec.Raw])
Headers = Iterable[tuple[bytes, bytes]]


def events(headers: Headers, body: bytes) -> list[bytes]:
    """The events of a request, each byte for byte as it was sent where it was sent in one piece.

    Raises Problem where the request as a whole cannot be read; whether an event is good, the contract decides.
    """
    given = list(headers)
    media = media_type(given)
    if media == STRUCTURED:
        return [body]
    if media == BATCH:
        return _batch(body)
    if any(_ATTRIBUTE.fullmatch(name) for name, _ in given) and media in (JSON, ""):
        return [_binary(given, body)]
    raise Problem(
        415, "wrong_media_type",
        f"send {STRUCTURED}, or {BATCH}, or {JSON} with the attributes in ce- headers (ce-id, ce-source, ce-type ...)",
        {"Accept-Post": f"{STRUCTURED}, {BATCH}, {JSON}"},
    )  # fmt: skip


def media_type(headers: Headers) -> str:
    """The request's media type, in lower case and without parameters; other charsets than UTF-8 are none of ours."""
    said = Message()
    said["content-type"] = next((value.decode("latin-1") for name, value in headers if name == b"content-type"), "")
    if not said["content-type"].strip():
        return ""
    charset = said.get_param("charset")
    return said.get_content_type() if charset is None or str(charset).lower() == "utf-8" else "unknown"


def _batch(body: bytes) -> list[bytes]:
    try:
        found = [bytes(each) for each in _EVENTS.decode(body)]
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        why = fault_of(body) or "the body is no JSON array of events"
        raise Problem(400, "not_json", f"{why}; nothing was taken") from None
    if not 1 <= len(found) <= MOST:
        what = f"this one {len(found)}: divide it" if found else "this one has none"
        raise Problem(422, "invalid_request", f"a batch holds 1 to {MOST} events; {what}")
    return found


def _binary(headers: Headers, body: bytes) -> bytes:
    """Attributes from the headers, the body as `data`; it is read first, or it could close the object and go on."""
    said: dict[str, object] = {}
    for name, value in headers:
        attribute = _ATTRIBUTE.fullmatch(name)
        if attribute is not None:
            said[attribute[1].decode()] = _unquoted(name, value)
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        why = fault_of(body) or "the body is not JSON"
        raise Problem(400, "not_json", f"{why}: in binary mode it is the event's `data`") from None
    said.pop("data", None)
    return orjson.dumps({**said, "data": orjson.Fragment(body)})


def _unquoted(name: bytes, value: bytes) -> str:
    """An attribute's text. What is cut within a character is refused, and what is no ASCII: two ids would become one,
    or one would be two."""
    try:
        return unquote(value.decode("ascii").strip('"'), errors="strict")
    except UnicodeDecodeError as error:
        said = f"header.{name.decode()}: what it has in percents is not UTF-8; write all bytes of a character"
        if error.encoding == "ascii":
            said = f"header.{name.decode()}: it is not ASCII; write each byte of its UTF-8 in percents: é as %C3%A9"
        raise Problem(422, "invalid_request", said) from None
