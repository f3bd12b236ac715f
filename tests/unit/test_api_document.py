"""The OpenAPI document is what the routes are; and a failure of ours is a problem, too."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from services.earn.api import app, openapi
from services.earn.api.guarding import Guard
from services.earn.api.routes import routers
from services.earn.api.routing import Route
from shared.access.roles import Role
from tests.unit.roomkit import asker, room

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "api" / openapi.FILE


def test_the_document_is_up_to_date() -> None:
    """`make docs` writes it."""
    assert DOCUMENT.read_text(encoding="utf-8") == openapi.written()


def test_every_answer_is_documented_with_its_problem() -> None:
    paths = json.loads(DOCUMENT.read_text(encoding="utf-8"))["paths"]
    for path in paths.values():
        for method, operation in path.items():
            assert operation["security"] == [{"key": []}], operation["operationId"]
            statuses = {"401", "403", "404", "422", "429", "500", "503"}
            statuses |= {"400", "409", "413", "415"} if method == "post" else set()
            assert statuses <= set(operation["responses"])
            for status in statuses:
                assert list(operation["responses"][status]["content"]) == ["application/problem+json"]


def test_every_write_to_the_ledger_asks_for_an_idempotency_key() -> None:
    """What changes no balance does not: looking, quoting, sending what has an id of its own, replaying."""
    paths = json.loads(DOCUMENT.read_text(encoding="utf-8"))["paths"]
    without = {
        operation["operationId"]
        for path in paths.values()
        for method, operation in path.items()
        if method == "post"
        and not any(each["name"] == "Idempotency-Key" and each["required"] for each in operation.get("parameters", ()))
    }
    assert without == {"find_member", "quote", "send_events", "replay_dead_letters"}


def test_every_route_goes_through_the_one_that_audits() -> None:
    """A router that was made by hand would answer past it."""
    assert len(routers()) >= 7
    assert all(isinstance(route, Route) for each in routers() for route in each.routes)


def test_no_request_takes_the_way_through_a_thread() -> None:
    """What is not async the framework runs in a pool of threads: under load each waits for the others' turns."""
    routes = [route for each in routers() for route in each.routes if isinstance(route, Route)]
    called = [each.call for route in routes for each in (route.dependant, *route.dependant.dependencies)]
    assert len(called) > len(routes)
    assert [each for each in called if not inspect.iscoroutinefunction(each)] == []


@pytest.mark.parametrize("begun", [False, True])
async def test_a_bug_is_answered_with_a_problem_and_its_request_id(begun: bool) -> None:
    """Breaks without the handler of exceptions: the framework would send a text, which the document does not have."""
    made = app.application()

    @made.get("/v1/broken")
    async def broken() -> None:
        raise ZeroDivisionError("ann@example.com")

    async def bare(scope: Any, receive: Any, send: Any) -> None:
        raise ZeroDivisionError("ann@example.com")

    inner: FastAPI | Any = made if begun else bare
    async with asker(Guard(inner, room(Role.reader))) as http:
        answer = await http.get("/v1/broken", headers={"X-Request-Id": "r-1"})
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert (answer.json()["code"], answer.json()["request"], answer.headers["x-request-id"]) == ("failed", "r-1", "r-1")
    assert "ann@" not in answer.text
