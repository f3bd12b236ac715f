"""Who asks, and what for: the key that the guard found, the permission that a route wants, the caller's idempotency."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypedDict

import orjson
from fastapi import Depends, Header, Request
from fastapi.responses import Response

from services.earn.api.models.common import ONCE, PERSON
from services.earn.api.problems import Problem, of_denied, unavailable
from services.earn.api.room import Room, room_of
from services.earn.counter.commands import Caller, Command, Denied, Done
from services.earn.counter.queue import NoAnswerError
from shared.access.keys import Key
from shared.access.persons import same_person
from shared.access.roles import Permission, Role, who_may
from shared.runtime.store import GaveUpError

SOURCE: Final = "/earn/api"
REPLAYED: Final = "Idempotency-Replayed"
_ANSWER_S: Final = 10.0
_STALLED_S: Final = 5.0


def _once(description: str) -> Any:
    return Header(alias="Idempotency-Key", pattern=ONCE, description=description)


OnceHeader = Annotated[
    str, _once("yours, a new one for each thing to do; a repeated request with it does nothing twice")
]
EventsOnceHeader = Annotated[
    str | None, _once("yours, for this request; events have ids of their own, so it may be left out")
]
PersonHeader = Annotated[
    str | None,
    Header(
        alias="Person", pattern=PERSON,
        description="who at your end asks for it (a staff number); a key of the back office must say",
    ),
]  # fmt: skip


class Heading(TypedDict):
    """What every command begins with."""

    key: str
    hash: str
    caller: Caller
    request: str


def allowed(permission: Permission) -> Callable[..., Awaitable[Key]]:
    """A dependency: the caller's key, if its role has the permission."""

    # Not async, the framework would answer it in a thread: a hop there and back for nothing.
    async def found(request: Request) -> Key:
        key: Key = request.state.key
        if not key.may(permission):
            roles = who_may(permission)
            said = f"a key for {key.role} may not {permission}: use one for {', '.join(roles)}"
            raise Problem(403, "not_allowed", said, roles=roles)
        return key

    return found


@dataclass(frozen=True, slots=True)
class Write:
    """A request that writes to the ledger."""

    room: Room
    key: Key
    once: str
    person: str | None
    request: str

    @property
    def journal_key(self) -> str:
        """What it is known by for ever."""
        return f"{SOURCE}/{self.key.name}|{self.once}"

    def heading(self, *said: object) -> Heading:
        """said: all that is asked, in canonical form: another request under the same key is told by its hash."""
        raw = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
        return Heading(
            key=self.journal_key,
            hash=hashlib.blake2b(raw, digest_size=16).hexdigest(),
            caller=Caller(self.key.name, self.key.partner, self.person),
            request=self.request,
        )

    async def settle(self, command: Command, status: int = 200) -> Response:
        """The answer of the counter, committed; 202 where it waits for a second person. Raises Problem for a no, and
        where a server is away."""
        answer = await self.decided(command)
        return answered(answer.body, 202 if answer.waits else status, again=answer.again)

    async def decided(self, command: Command) -> Done:
        """The same, not yet written out."""
        queue = self.room.queue
        if queue.stalled(_STALLED_S):
            raise unavailable("Kafka or MongoDB does not answer, and what was decided before waits for it")
        try:
            async with asyncio.timeout(_ANSWER_S):
                answer = await queue.ask(command)
        except (TimeoutError, GaveUpError) as error:
            raise unavailable("MongoDB or Kafka does not answer; it may be done or not") from error
        except NoAnswerError:
            said = "we failed to decide it, and did nothing; tell us the request's id"
            raise Problem(500, "undecidable", said) from None
        if isinstance(answer, Denied):
            raise of_denied(answer)
        if self.key.role == Role.back_office and answer.person and not same_person(answer.person, self.person or ""):
            # Else who sends it again is told that they have done it.
            said = "this Idempotency-Key came before from another person; use a new one"
            raise of_denied(Denied("key_used_before", said))
        return answer


def answered(body: object, status: int = 200, *, again: bool = False) -> Response:
    """A body as JSON; again: this request came before, and this is what it was answered then."""
    headers = {"Cache-Control": "no-store", **({REPLAYED: "true"} if again else {})}
    return Response(orjson.dumps(body), status, headers, "application/json")


def tagged(body: object, if_none_match: str | None) -> Response:
    """A body as JSON with its ETag; 304 without a body where the caller has it already."""
    raw = orjson.dumps(body)
    tag = f'"{hashlib.blake2b(raw, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if if_none_match is not None and _matches(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    return Response(raw, 200, headers, "application/json")


def _matches(said: str, tag: str) -> bool:
    """If-None-Match: one of these tags, weak or strong, or any."""
    return said.strip() == "*" or tag in {each.strip().removeprefix("W/") for each in said.split(",")}


def must_say(key: Key, person: str | None) -> None:
    """Raises Problem where a key of the back office does not say who asks."""
    if key.role == Role.back_office and person is None:
        raise Problem(422, "person_missing", "say who asks: send their staff number in the header Person")


def writing(permission: Permission) -> Callable[..., Awaitable[Write]]:
    """A dependency: a caller that may write, with what every write says."""
    may = allowed(permission)

    async def found(
        request: Request,
        once: OnceHeader,
        person: PersonHeader = None,
        key: Key = Depends(may),  # noqa: B008
    ) -> Write:
        must_say(key, person)
        return Write(room_of(request), key, once, person, request.state.request)

    return found
