"""Every answer that is a no: `application/problem+json` (RFC 9457), with a code for programs and words for people."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import orjson
from fastapi import HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.routing import Route

from services.earn.api.models.common import SPELT
from services.earn.counter.commands import Denied
from shared.events.spelling import said

MEDIA: Final = "application/problem+json"
TYPE: Final = "urn:problem-type:doublestar:"
RETRY_S: Final = 2
# What the counter denies, by its code; any other is a conflict with how things stand.
_STATUS: Final[Mapping[str, int]] = {
    "unknown_member": 404,
    "unknown_hold": 404,
    "unknown_redemption": 404,
    "unknown_voucher": 404,
    "unknown_approval": 404,
    "second_person": 403,
    "unknown_wallet": 422,
    "not_spendable": 422,
    "wrong_currency": 422,
    "wrong_step": 422,
    "bill_needed": 422,
    "same_member": 422,
    "not_prepaid": 422,
    "status_wallet": 422,
    "too_fine": 422,
    "key_used_before": 422,
}
NOT_JSON: Final = "the body is not JSON; send one JSON object in UTF-8"
_SAID: Final[Mapping[int, tuple[str, str]]] = {
    400: ("not_json", NOT_JSON),
    404: ("not_found", "there is nothing at this address; the OpenAPI document lists all addresses"),
    405: ("wrong_method", "this address is not asked with this method; the Allow header lists those it takes"),
}
_SHOWN: Final = 5


class Problem(HTTPException):
    """A no. status: of HTTP; code: stable, for programs; detail: what is wrong and what to do; more: members."""

    def __init__(
        self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(status, detail, dict(headers or {}))
        self.code, self.more = code, more


def of_denied(denied: Denied) -> Problem:
    """What the counter denied."""
    wait = {"Retry-After": str(RETRY_S)} if denied.code == "joining" else None
    return Problem(_STATUS.get(denied.code, 409), denied.code, denied.detail, wait, **denied.more)


def unavailable(what: str, again: str = "with the same request and the same Idempotency-Key") -> Problem:
    """A server is away, or too slow: nothing is lost, and asking again is safe."""
    return Problem(
        503, "unavailable", f"{what}; ask again in {RETRY_S} s {again}: what was done is not done twice",
        {"Retry-After": str(RETRY_S)},
    )  # fmt: skip


def body(status: int, code: str, detail: str, request: str, more: Mapping[str, Any] | None = None) -> bytes:
    """The document."""
    return orjson.dumps({
        **(more or {}),
        "type": TYPE + code,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "request": request,
    })  # fmt: skip


def answer(problem: StarletteHTTPException, request: str) -> Response:
    """A problem as it is sent; one that the framework raised gets our words."""
    status = problem.status_code
    if isinstance(problem, Problem):
        code, detail, more = problem.code, str(problem.detail), problem.more
    else:
        code, detail = _SAID.get(status, ("invalid_request", str(problem.detail)))
        more = {}
    return Response(body(status, code, detail, request, more), status, dict(problem.headers or {}), MEDIA)


async def on_http(request: Request, error: Exception) -> Response:
    """A problem that was raised."""
    assert isinstance(error, StarletteHTTPException)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:  # the framework tells those of one route alone
        error = StarletteHTTPException(error.status_code, error.detail, {"Allow": _methods(request)})
    return answer(error, request.state.request)


def _methods(request: Request) -> str:
    """All that this address is asked with; whatever is asked with GET may be asked with HEAD."""
    path = request.url.path
    routes = [each for each in request.app.routes if isinstance(each, Route) and each.path_regex.match(path)]
    methods = {method for each in routes for method in each.methods or ()}
    return ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))


async def on_invalid(request: Request, error: Exception) -> Response:
    """What does not fit the document: where, and which rule it breaks; never the value, which may be personal."""
    assert isinstance(error, RequestValidationError)
    errors = error.errors()
    if any(each["type"] == "json_invalid" for each in errors):
        return answer(Problem(400, *_SAID[400]), request.state.request)
    places = [f"{'.'.join(str(part) for part in each['loc'])}: {said(each, SPELT)}" for each in errors[:_SHOWN]]
    more = f"; and {len(errors) - _SHOWN} more" if len(errors) > _SHOWN else ""
    return answer(Problem(422, "invalid_request", "; ".join(places) + more), request.state.request)


async def on_failure(request: Request, _: Exception) -> Response:
    """A bug of ours: said so; the guard logs it."""
    return answer(failed(), request.state.request)


def failed() -> Problem:
    """A bug of ours."""
    said = "we failed to answer; ask again with the same Idempotency-Key, and tell us the request's id"
    return Problem(500, "failed", said)
