"""The application: routes, problems, the guard around them."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pymongo.errors import PyMongoError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.earn.api import health, openapi, problems
from services.earn.api.guarding import Guard
from services.earn.api.room import Room
from services.earn.api.routes import routers


def application() -> FastAPI:
    """All routes; of its own it knows neither servers nor keys."""
    app = FastAPI(
        title="doublestar", version="1", docs_url=None, redoc_url=None, openapi_url="/openapi.json",
        redirect_slashes=False,
    )  # fmt: skip
    for each in (health.router, *routers()):
        # Side by side: routers within the router would each be matched anew for every request.
        app.router.routes += each.routes
    app.add_exception_handler(HTTPException, problems.on_http)
    app.add_exception_handler(RequestValidationError, problems.on_invalid)
    app.add_exception_handler(PyMongoError, _away)
    app.add_exception_handler(Exception, problems.on_failure)
    app.openapi = lambda: openapi.document(app)  # type: ignore[method-assign]
    return app


def build(room: Room) -> Guard:
    """The application in a room, with the guard around it."""
    app = application()
    app.state.room = room
    return Guard(app, room)


async def _away(request: Request, _: Exception) -> Response:
    return problems.answer(problems.unavailable("MongoDB does not answer"), request.state.request)
