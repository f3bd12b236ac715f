"""The OpenAPI document, as it is served and checked in: `python -m services.earn.api.openapi docs/api`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from services.earn.api import problems
from services.earn.api.models.common import Problem

FILE: Final = "openapi.json"
_ABOUT: Final = """Members, tills, partners' events, and the back office.

Every request carries a key (`Authorization: Bearer ds_...`); what it may be used for is its role's. Every answer
carries X-Request-Id. A no is `application/problem+json`, with a `code` for programs and a `detail` that says what to
do. Writes to the ledger carry an Idempotency-Key: repeated, they are answered as before (Idempotency-Replayed: true)
and do nothing twice."""
_EVERYWHERE: Final = {
    400: "the body is not JSON",
    401: "no key, or none that is good",
    403: "the key's role may not do this, or it is another partner's",
    404: "there is no such thing",
    409: "as things stand, it cannot be done",
    413: "the body is too long",
    415: "the body's media type is not taken here",
    422: "the request does not fit this document, or was another one under the same Idempotency-Key",
    429: "too many requests; Retry-After says when to ask again",
    500: "our fault; nothing is half-done",
    503: "MongoDB or Kafka is away; Retry-After says when to ask again",
}
_OF_BODIES: Final = (400, 409, 413, 415)
_IN_TWO_FORMS: Final = ("read_statement", "read_liability")
# The guard asks for it, before any route: a dependency of each would read the header once more.
_KEY: Final = "key"
_SCHEME: Final = {"type": "http", "description": "`Authorization: Bearer ds_...`", "scheme": "bearer"}
_LAST: Final = ("parameters", "requestBody", "responses")
_TAGGED: Final = ("read_balance", "list_vouchers")
_TEXT: Final[dict[str, Any]] = {"schema": {"type": "string"}}


def document(app: FastAPI) -> dict[str, Any]:
    """The document of an application's routes."""
    if app.openapi_schema is None:
        made = get_openapi(title="Doublestar", version=app.version, description=_ABOUT, routes=app.routes)
        schemas = made["components"]["schemas"]
        made["components"]["securitySchemes"] = {_KEY: _SCHEME}
        for each in ("HTTPValidationError", "ValidationError"):
            schemas.pop(each, None)
        schemas["Problem"] = Problem.model_json_schema()
        for path in made["paths"].values():
            for method, operation in path.items():
                _complete(operation, method)
        app.openapi_schema = made
    return app.openapi_schema


def _complete(operation: dict[str, Any], method: str) -> None:
    """What every operation may answer besides, and the headers that every answer has."""
    answers = operation["responses"]
    for status, said in _EVERYWHERE.items():
        if method != "get" or status not in _OF_BODIES:
            answers[str(status)] = {"description": said, "content": _problem()}
    if operation["operationId"] in _TAGGED:
        answers["304"] = {"description": "as the ETag in If-None-Match has it"}
    if operation["operationId"] in _IN_TWO_FORMS:
        answers["406"] = {"description": "neither JSON nor CSV is accepted", "content": _problem()}
    for status, each in answers.items():
        headers = each.setdefault("headers", {})
        headers["X-Request-Id"] = {"required": True, **_TEXT}
        if status != "401":
            headers |= {"RateLimit": _TEXT, "RateLimit-Policy": _TEXT}
        if status in ("429", "503"):
            headers["Retry-After"] = {"required": True, "schema": {"type": "string", "pattern": "^[0-9]+$"}}
        if status in ("200", "304") and operation["operationId"] in _TAGGED:
            headers["ETag"] = {"required": True, **_TEXT}
    operation["responses"] = dict(sorted(answers.items()))
    _no_null(operation.get("requestBody", {}))
    rest = {name: operation.pop(name) for name in list(operation) if name in _LAST}
    operation["security"] = [{_KEY: []}]
    operation.update(rest)


def _no_null(body: dict[str, Any]) -> None:
    """A body that may be left out is left out: null is refused (see `strict`)."""
    for each in body.get("content", {}).values():
        choices = [one for one in each["schema"].get("anyOf", ()) if one != {"type": "null"}]
        if len(choices) == 1:
            each["schema"] = choices[0]


def _problem() -> dict[str, Any]:
    return {problems.MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def written() -> str:
    """The document as text; the same routes give the same bytes."""
    from services.earn.api.app import application

    return json.dumps(document(application()), indent=2, ensure_ascii=False) + "\n"


def main(folder: Path) -> None:
    """Writes it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(written(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
