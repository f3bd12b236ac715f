"""What is wrong with a definition, in words that need no knowledge of a library's, and where in it."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from pydantic_core import ErrorDetails

from shared.rules.fields import fields_at

Steps = tuple[int | str, ...]
_SPELT: Final = {
    r"^[a-z0-9][a-z0-9-]{0,62}$": "lower-case letters, digits and hyphens, at most 63",
    r"^[a-z]{2}$": "a language's two letters, such as en",
    r"^[A-Z]{3}$": "a currency's three capitals, such as VND",
}
# Where a value may have several shapes: there the library adds the name of the shape that it tried.
_UNIONS: Final = ("when", "not")
_LISTED_UNIONS: Final = ("all", "any", "then")


def path_of(loc: Steps) -> Steps:
    """An error's place as the file has it: without the names that the library gives to the shapes it tried."""
    path: list[int | str] = []
    rest = iter(loc[1:])
    for part in rest:
        if part != "[key]":
            path.append(part)
        if in_union(path):
            next(rest, None)
    return tuple(path)


def in_union(path: Sequence[int | str]) -> bool:
    """Whether what stands there may have several shapes."""
    if path and isinstance(path[-1], int):
        return len(path) > 1 and path[-2] in _LISTED_UNIONS
    return bool(path) and path[-1] in _UNIONS


def words(error: ErrorDetails, kind: str, path: Steps) -> str:
    """What is wrong and what to write, in words that need no knowledge of the library's."""
    name, known, context = ".".join(map(str, path)), fields_at(kind, path[:-1]), error.get("ctx", {})
    match error["type"]:
        case "missing":
            return f"`{name}` is missing"
        case "extra_forbidden" if path[-1] in known:
            return f"`{name}` cannot stand beside the others here: join conditions with `all` or `any`"
        case "extra_forbidden":
            near = get_close_matches(str(path[-1]), known, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(known)}"
            return f"`{name}`: no such field; {hint}"
        case "invalid_key":
            return f"`{name}` is no field: their names are words"
        case "model_type" | "model_attributes_type":
            return f"{name}: write its fields: {', '.join(fields_at(kind, path))}"
        case "string_pattern_mismatch" if context["pattern"] in _SPELT:
            return f"{name}: write {_SPELT[context['pattern']]}"
        case "too_short":
            return f"{name}: write at least {context['min_length']}"
        case "expression":
            return f"{name}: {error['msg']}"
        case _:
            return f"{name}: {error['msg'].removeprefix('Value error, ')}".lstrip(": ")
