"""Answers of the API against its document: clients of the tests look at every good answer that they get, so that no
field is answered that its schema does not have."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import httpx
from jsonschema import Draft202012Validator

from services.earn.api.app import application
from services.earn.api.openapi import document

JSON = "application/json"


async def look_at(response: httpx.Response) -> None:
    """A hook of a client. Fails where an answer has more than the document says, or something else."""
    asked = response.request
    if response.is_success and response.headers.get("content-type") == JSON and asked.url.path.startswith("/v1/"):
        await response.aread()
        found = undeclared(asked.method, asked.url.path, response.status_code, response.json())
        assert not found, f"{asked.method} {asked.url.path} {response.status_code}: not in the document: {found}"


def undeclared(method: str, path: str, status: int, body: Any) -> list[str]:
    """What an answer has that its schema does not, with the places."""
    for pattern, operations in _paths():
        if pattern.fullmatch(path) and method.lower() in operations:
            answer = operations[method.lower()]["responses"].get(str(status))
            if answer is None:
                return [f"status {status}"]
            # The components stand where the schema's references look for them.
            schema = {**answer["content"][JSON]["schema"], "components": _document()["components"]}
            return [f"{each.json_path}: {each.message}" for each in Draft202012Validator(schema).iter_errors(body)]
    return ["the address"]


@cache
def _document() -> dict[str, Any]:
    found: dict[str, Any] = _closed(document(application()))
    return found


@cache
def _paths() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    paths = _document()["paths"]
    return [(re.compile(re.sub(r"\{[^}]*\}", "[^/]+", path)), each) for path, each in paths.items()]


def _closed(schema: Any) -> Any:
    """The same, in which objects have the fields that are named and no others."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _closed(each) for name, each in schema.items()}
    if isinstance(found.get("properties"), dict) and found.get("type") == "object":
        found.setdefault("additionalProperties", False)
    return found
