"""How every route is answered: JSON in, and what the back office does goes on record before it is done."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any, Final

import orjson
from fastapi import APIRouter, HTTPException, Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pymongo.errors import PyMongoError

from services.earn.api.calling import REPLAYED
from services.earn.api.cloudevents import JSON, media_type
from services.earn.api.problems import Problem
from services.earn.api.room import room_of
from services.earn.api.strict import check_body, check_headers, check_query
from shared.access.audit import AuditLog
from shared.access.roles import OF_THE_COALITION
from shared.logs import log

OFFICE: Final = "back office"
_PERSON: Final = re.compile(r"[\x21-\x7e]{1,64}")
# What of a request is put on record: what it is about, never names or addresses of people.
_NAMED: Final = ("member", "to", "into", "partner", "wallet", "points", "kind", "reason", "reference", "ids", "again")
_ASKED: Final = ("entry", "letter", "reason", "status", "cursor", "limit", "from", "to", "partner", "at")
_FIND: Final = "/v1/members/find"  # where `reference` is what a member is called
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Route(APIRoute):
    """A route of ours."""

    def get_route_handler(self) -> Handler:
        """See `APIRoute`."""
        handle, office = super().get_route_handler(), OFFICE in self.tags
        takes_json = self.body_field is not None
        reads_bytes = self.openapi_extra is not None  # events: what they may be is their own contract's
        known = _parameters(self.dependant)

        async def strictly(request: Request) -> Response:
            check_headers(request.headers.raw)
            if not reads_bytes:
                check_body(await request.body(), taken=takes_json)
            check_query([name for name, _ in request.query_params.multi_items()], known)
            return await handle(request)

        async def answer(request: Request) -> Response:
            if takes_json and await request.body() and media_type(request.headers.raw) != JSON:
                raise Problem(415, "wrong_media_type", f"send the body as {JSON}", {"Accept-Post": JSON})
            if office or request.state.key.role in OF_THE_COALITION:
                return await _audited(request, self.operation_id or self.name, strictly)
            return await strictly(request)

        return answer


def _parameters(dependant: Dependant) -> set[str]:
    """Names of the query's parameters, those of what it depends on included."""
    names = {each.alias for each in dependant.query_params}
    return names.union(*(_parameters(each) for each in dependant.dependencies))


def router(tag: str) -> APIRouter:
    """A router under /v1. A module of `routes` that has one, as `router`, is served."""
    return APIRouter(prefix="/v1", tags=[tag], route_class=Route)


async def _audited(request: Request, action: str, handle: Handler) -> Response:
    audit, state = room_of(request).audit, request.state
    person = request.headers.get("person", "")
    known = person if _PERSON.fullmatch(person) else None
    id_ = await audit.begin(state.key, known, action, await _said(request), state.request)
    try:
        response = await handle(request)
    except Problem as problem:
        await _end(audit, id_, problem.code, problem.status_code)
        raise
    except (RequestValidationError, HTTPException):
        await _end(audit, id_, "invalid_request", 422)
        raise
    except PyMongoError:
        raise  # as it is away, it could not be noted either
    except Exception:
        await _end(audit, id_, "failed", 500)
        raise
    await _end(audit, id_, _outcome(response), response.status_code)
    return response


def _outcome(response: Response) -> str:
    """What became of a request that was answered: done now or before, or asked of a second person."""
    if REPLAYED in response.headers:
        return "done_before"
    return "waits" if response.status_code == HTTPStatus.ACCEPTED else "done"


async def _said(request: Request) -> dict[str, Any]:
    query = request.query_params
    said: dict[str, Any] = {**request.path_params, **{name: query[name] for name in _ASKED if name in query}}
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        body = None
    if isinstance(body, dict) and request.url.path != _FIND:
        said |= {name: body[name] for name in _NAMED if _plain(body.get(name))}
    return {name: each for name, each in said.items() if len(str(each)) <= 2_000}


def _plain(value: object) -> bool:
    """Whether it is of a kind that a good request has there: what BSON cannot hold would end as a failure of ours."""
    if isinstance(value, list):
        return all(isinstance(each, str) for each in value)
    return isinstance(value, str) or (isinstance(value, int) and abs(value) < 2**63)


async def _end(audit: AuditLog, id_: str, outcome: str, status: int) -> None:
    """What is done is done, also where its end cannot be noted any more."""
    try:
        await audit.end(id_, outcome, status)
    except PyMongoError as error:
        log.error("the end of an audited action was not noted", audit=id_, outcome=outcome, error=type(error).__name__)
