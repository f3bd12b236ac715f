"""Before a request is answered: an id for it, a bound on its body, whose key it is, and how often that one may ask.

Plain ASGI around the application, so that every answer has passed here, those of the framework too.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from time import perf_counter
from typing import Any, Final
from uuid import uuid4

import pymongo
import structlog
from pymongo.errors import PyMongoError

from services.earn.api import health
from services.earn.api.problems import RETRY_S, Problem, answer, failed, unavailable
from services.earn.api.room import Room
from services.earn.api.strict import check_headers
from shared.access.keys import Key
from shared.logs import frames, log
from shared.runtime.records import REQUEST_ID

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]
KEPT: Final = "/v1/"  # what is under it needs a key
MOST_BYTES: Final = 65_536
EVENT_BYTES: Final = 4_000_000
_HEARD_OUT: Final = 4 * EVENT_BYTES
_EVENTS: Final = "/v1/events"
_MONGO_S: Final = 12.0  # a server that is there and does not answer; longer than a command may take
_KEY_S: Final = 5.0
_KEY: Final = b"authorization"
_SCHEME: Final = re.compile(r"bearer +(\S+) *", re.IGNORECASE)


class Guard:
    """Around the application."""

    def __init__(self, app: Asgi, room: Room) -> None:
        self._app, self._room = app, room

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        if scope["method"] == "HEAD":  # answered as GET is, without the body; the server still knows it as HEAD
            scope, send = {**scope, "method": "GET"}, _bodiless(send)
        # Blanks around a header's value are none of it (RFC 9110); the server leaves those behind it.
        scope = {**scope, "headers": [(name, value.strip(b" \t")) for name, value in scope["headers"]]}
        one = Passing(scope, send)
        with structlog.contextvars.bound_contextvars(request=one.id):
            try:
                if scope["path"].startswith(KEPT):
                    with pymongo.timeout(_KEY_S):
                        await self._admit(one)
                body = await _body(receive, scope)
                if body is None:
                    return None  # nobody is there to be answered, and what was asked is not known to its end
                with pymongo.timeout(_MONGO_S):
                    await self._app(scope, _given(body, receive), one.send)
            except Problem as problem:
                await answer(problem, one.id)(scope, receive, one.send)
            except PyMongoError:
                await answer(unavailable("MongoDB does not answer"), one.id)(scope, receive, one.send)
            except Exception as error:
                log.error("request failed", route=one.route, error=type(error).__name__, frames=frames(error))
                await one.fail(receive)
            finally:
                one.note()

    async def _admit(self, one: Passing) -> None:
        if not self._room.open.is_set():
            said = "no programme is published yet, or this process has just started: ask again in a few seconds"
            raise Problem(503, "not_open", said, {"Retry-After": str(RETRY_S)})
        check_headers(each for each in one.scope["headers"] if each[0] == _KEY)  # the rest is noted with its key
        key = await self._holder(one.header(_KEY))
        one.scope["state"]["key"] = one.key = key
        allowance = await self._room.limiter.take(key.name)
        one.headers += [each for each in allowance.headers if each[0] != b"retry-after"]
        if not allowance.ok:
            said = f"more than {allowance.most} requests in {allowance.window_s} s: ask again in {allowance.reset_s} s"
            raise Problem(429, "too_many_requests", said, {"Retry-After": str(allowance.reset_s)})

    async def _holder(self, said: str) -> Key:
        token = _SCHEME.fullmatch(said)
        found = "missing" if token is None else await self._room.keyring.holder(token[1])
        if isinstance(found, Key):
            return found
        what = {
            "missing": "send a key: `Authorization: Bearer ds_...`",
            "unknown": "this key is not known: check that all of it was sent",
            "expired": "this key has expired: use its successor, or have one made",
            "revoked": "this key was revoked: use another, or have one made",
        }[found]
        raise Problem(401, f"key_{found}", what, {"WWW-Authenticate": "Bearer"})


class Passing:
    """One request on its way: what every answer to it carries, and what is noted of it."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope, self._send = scope, send
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        self.id = given.decode() if REQUEST_ID.fullmatch(given) else uuid4().hex
        scope.setdefault("state", {})["request"] = self.id
        self.key: Key | None = None
        self.headers: list[tuple[bytes, bytes]] = [(b"x-request-id", self.id.encode())]
        self.status = 0
        self._begun = perf_counter()

    @property
    def route(self) -> str:
        """The route's pattern: what was really asked for may name people."""
        return getattr(self.scope.get("route"), "path", "-")

    def header(self, name: bytes) -> str:
        """A header of the request; empty where it is not there."""
        found: bytes = next((value for each, value in self.scope["headers"] if each == name), b"")
        return found.decode("latin-1")

    async def send(self, message: MutableMapping[str, Any]) -> None:
        """Sends on, with our headers."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *self.headers]
        await self._send(message)

    async def fail(self, receive: Receive) -> None:
        """A bug of ours: said so, where the answer has not begun."""
        if not self.status:
            await answer(failed(), self.id)(self.scope, receive, self.send)

    def note(self) -> None:
        """In the log and the metrics."""
        took, method = perf_counter() - self._begun, self.scope["method"]
        if self.scope["path"].startswith(KEPT):
            caller = None if self.key is None else self.key.name
            said = {"route": self.route, "method": method, "status": self.status, "ms": round(took * 1000, 1)}
            log.info("request", caller=caller, **said)
        # A method is the caller's word: only those that we know make a label.
        method = method if method in ("GET", "POST", "HEAD") else "other"
        health.SECONDS.labels(self.route, method).observe(took)
        health.REQUESTS.labels(self.route, method, str(self.status)).inc()


def _bodiless(send: Send) -> Send:
    async def without(message: MutableMapping[str, Any]) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return without


async def _body(receive: Receive, scope: Scope) -> bytes | None:
    """All of it, read before anything is done; None where the caller went before its end: a part of a body may be a
    request too, and another one (a capture without its points is of all points). Raises Problem where it is too long.
    """
    most = EVENT_BYTES if scope["path"] == _EVENTS else MOST_BYTES
    parts: list[bytes] = []
    size, more = 0, True
    # Who is still sending does not hear the answer: what is too long is read on, unkept, within reason.
    while more and size <= _HEARD_OUT:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
        if size <= most:
            parts.append(message.get("body", b""))
    if size > most:
        raise Problem(413, "too_large", f"the body is longer than {most} bytes: divide it", {"Connection": "close"})
    return b"".join(parts)


def _given(body: bytes, receive: Receive) -> Receive:
    """The body in one piece, then whatever comes."""
    first = True

    async def again() -> MutableMapping[str, Any]:
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return again
