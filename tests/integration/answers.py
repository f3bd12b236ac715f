"""Answers of the API against its document: clients of the tests look at every good answer that they get, so that no
field is answered that its schema does not have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx

from services.earn.api.app import application
from services.earn.api.openapi import document

JSON = "application/json"


async def look_at(response: httpx.Response) -> None:
    """A hook of a client. Fails where an answer has more than the document says."""
    asked = response.request
    if response.is_success and response.headers.get("content-type") == JSON and asked.url.path.startswith("/v1/"):
        await response.aread()
        found = undeclared(asked.method, asked.url.path, response.status_code, response.json())
        assert not found, f"{asked.method} {asked.url.path} {response.status_code}: not in the document: {found}"


def undeclared(method: str, path: str, status: int, body: Any) -> list[str]:
    """The fields of an answer that its schema does not have, with their places."""
    for pattern, operations in _paths():
        if pattern.fullmatch(path) and method.lower() in operations:
            answer = operations[method.lower()]["responses"].get(str(status))
            if answer is None:
                return [f"status {status}"]
            return list(_more(answer["content"][JSON]["schema"], body, ""))
    return ["the address"]


@cache
def _document() -> dict[str, Any]:
    return document(application())


@cache
def _paths() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    paths = _document()["paths"]
    return [(re.compile(re.sub(r"\{[^}]*\}", "[^/]+", path)), each) for path, each in paths.items()]


def _more(schema: dict[str, Any], value: Any, at: str) -> Iterator[str]:
    schema = _resolved(schema)
    if "anyOf" in schema:
        tried = [list(_more(each, value, at)) for each in schema["anyOf"] if _may_be(_resolved(each), value)]
        yield from min(tried, key=len, default=[f"{at}: none of the kinds that the document has"])
    elif isinstance(value, dict):
        known, rest = schema.get("properties", {}), schema.get("additionalProperties", not schema.get("properties"))
        for name, each in value.items():
            if name in known:
                yield from _more(known[name], each, f"{at}.{name}")
            elif isinstance(rest, dict):
                yield from _more(rest, each, f"{at}.{name}")
            elif not rest:
                yield f"{at}.{name}"
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _more(schema.get("items", {}), each, f"{at}[{number}]")


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = _document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def _may_be(schema: dict[str, Any], value: Any) -> bool:
    """Whether a choice is for a value of this kind."""
    kinds: dict[str, type] = {"object": dict, "array": list, "null": type(None), "string": str, "boolean": bool}
    said = schema.get("type")
    return said is None or (isinstance(value, kinds[said]) if said in kinds else isinstance(value, int | float))
