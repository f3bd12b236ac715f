"""What is wrong with a definition, in words that need no knowledge of a library's, and where in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Final

from pydantic_core import ErrorDetails

from shared.events.spelling import SPELT
from shared.events.values import CURRENCY, LANGUAGE, SLUG
from shared.rules.fields import fields_at, places_of
from shared.rules.meant_fields import as_a_wallet, field_meant, period_meant, whose
from shared.rules.meant_parts import hours, missing, money, such
from shared.rules.near import near
from shared.rules.rewards import SHAPES

Steps = tuple[int | str, ...]
_SPELT: Final = {each: SPELT[each] for each in (SLUG, LANGUAGE, CURRENCY)}
_TIME: Final = "write a time with its offset, such as 2017-08-01T00:00:00-04:00"
# What the library says of values, in our words; what stands in braces is its own.
_SIMPLE: Final = {
    "too_short": "write at least {min_length}",
    "too_long": "write at most {max_length}; there are {actual_length}",
    "string_too_short": "write something: it is empty",
    "string_too_long": "write at most {max_length} characters",
    "string_unicode": "a sign in it is no letter but the half of one (`\\ud800`); write the sign itself",
    "list_type": "write a list: [...]",
    "tuple_type": "write a list: [...]",
    "frozen_set_type": "write a list: [...]",
    "dict_type": "write fields, each on a line of its own",
    "bool_type": "write true or false",
    "bool_parsing": "write true or false",
    "int_type": "write a whole number",
    "int_parsing": "write a whole number",
    "int_parsing_size": "write a smaller number",
    "int_from_float": "write a whole number",
    "decimal_type": "write a number, such as 1.50",
    "decimal_parsing": "write a number, such as 1.50",
    "finite_number": "write a number, such as 1.50",
    "decimal_max_digits": "write at most {max_digits} digits",
    "decimal_whole_digits": "write at most {whole_digits} digits before the point",
    "greater_than": "write more than {gt}",
    "greater_than_equal": "write {ge} or more",
    "less_than": "write less than {lt}",
    "less_than_equal": "write {le} or less",
    "datetime_type": _TIME,
    "datetime_parsing": _TIME,
    "datetime_from_date_parsing": _TIME,
    "datetime_object_invalid": _TIME,
    "timezone_aware": _TIME,
}
_PROGRAMME: Final = re.compile(r"^[- ]*kind: *programme\b", re.MULTILINE)
_CURRENCY: Final = re.compile(r"^[- ]*currency: *([A-Z]{3})\b", re.MULTILINE)
_WHOLE: Final = re.compile(r"[1-9][0-9]{0,11}")
_MONEY: Final = '{amount: "5.00", currency: USD}'
_DECIMAL_KEY: Final = re.compile(r"Decimal\('(.+)'\)")  # as the library names a key that is a number
# Where a value may have several shapes: there the library adds the name of the shape that it tried.
_UNIONS: Final = ("when", "not")
# What a list holds that must not be empty, where its name alone does not say it.
_ONE: Final[dict[int | str, str]] = {"all": "condition", "any": "condition", "then": "effect", "again": "rule",
                                     "rules": "rule"}  # fmt: skip
_NEARLY: Final = 0.75  # how like its name a field is, to be meant rather than one that is called so somewhere else
_LISTED_UNIONS: Final = ("all", "any", "then", "wallets")


def path_of(loc: Steps) -> Steps:
    """An error's place as the file has it: without the names that the library gives to the shapes it tried."""
    path: list[int | str] = []
    rest = iter(loc[1:])
    for part in rest:
        if part != "[key]":
            key = _DECIMAL_KEY.fullmatch(part) if isinstance(part, str) else None
            path.append(part if key is None else key[1])
        if in_union(path):
            next(rest, None)
    return tuple(path)


def _shape(pattern: str) -> str:
    if pattern.startswith("^[0-9]{2}-"):
        return "write month-day, such as 12-31"
    if pattern.startswith("^[1-9]") and "month" in pattern:
        return "write a number and a unit, such as 12 months"
    if pattern.startswith("^[0-9]"):
        return 'write an amount in quotes, with at most four decimals, such as "12.50"'
    return "write words without line breaks or control characters"


def _text(value: object) -> str:
    """A number where a text is wanted."""
    if isinstance(value, bool | int | Decimal):
        said = str(value).lower() if isinstance(value, bool) else f"{value:f}" if isinstance(value, Decimal) else value
        return f'write a text, in quotes: "{said}"'
    return "write a text"


def _one_of(error: ErrorDetails) -> str:
    known = [each.strip(" '") for each in error["ctx"]["expected"].replace(" or ", ", ").split(",")]
    said = str(error["input"])[:60]
    meant = None if any(map(str.isdigit, said)) else near(said, known)  # `30 days` is no day
    hint = period_meant(said, known) or ("" if meant is None else f"did you mean {meant}?")
    hint = f"; {hint}" if hint else ""
    return f"write one of {', '.join(known)}{hint}" if len(known) > 1 else f"write {known[0]}"


def _beside(path: Steps) -> str:
    """Of a field that is known there, beside others of another shape."""
    if path[0] != "then":
        return "cannot stand beside the others here: join conditions with `all` or `any`"
    if path[-1] in SHAPES:
        return f"gives points, and beside it stands a thing; write a list of both: [{{{path[-1]}: …}}, {{…}}]"
    return "is for points, and a thing stands beside it; take it out"


def _instead_of(error: ErrorDetails, kind: str, path: Steps, known: Sequence[str], beside: Collection[str]) -> str:
    """What was meant by a field that does not stand where it was written."""
    name, value, top = str(path[-1]), error["input"], len(path) == 1
    places, meant = places_of(kind, name, path[:-1], beside), near(name, known)
    within = " or ".join(f"`{'.'.join(each)}`" for each in places[:3])
    if said := field_meant(path, value, known, beside, fields_at(kind, ())):
        # A `where` at the top may be one of lines, which stands elsewhere.
        return f"{said} Of lines, write it within {within}" if name == "where" and top and within else said
    # `tags` in an effect is its `tag`, misspelt, and none of the tags at the top.
    elsewhere = top or near(name, known, _NEARLY) is None
    if elsewhere and places and all(places):
        return f"write it within {within}"
    if elsewhere and places:
        stands = next(part for part in reversed(path[:-1]) if isinstance(part, str))
        return f"write it beside `id`, not within `{stands}`"
    wallet = as_a_wallet(name, value, known, beside, meant)
    there = f"there are: {', '.join(known)}" if meant is None else f"did you mean `{meant}`?"
    return f"{wallet}; {there}" if wallet else there


def in_its_currency(said: str, value: object, text: str) -> str:
    """A hint that shows an amount, in the currency of the programme that is in the same file; where one is written, or
    no programme is there, as it is."""
    found = _CURRENCY.search(text) if "currency: USD" in said and _PROGRAMME.search(text) else None
    return said if found is None or "USD" in str(value) else said.replace("currency: USD", f"currency: {found[1]}")


def in_union(path: Sequence[int | str]) -> bool:
    """Whether what stands there may have several shapes."""
    if path and isinstance(path[-1], int):
        return len(path) > 1 and path[-2] in _LISTED_UNIONS
    return bool(path) and path[-1] in _UNIONS


def words(error: ErrorDetails, kind: str, path: Steps, beside: Collection[str] = ()) -> str:
    """What is wrong and what to write, in words that need no knowledge of the library's. beside: the fields that are
    written where the wrong one is."""
    name, known, context = ".".join(map(str, path)), fields_at(kind, path[:-1]), error.get("ctx", {})
    match error["type"]:
        case "missing" if path[-1] in ("amount", "currency") and set(known) == {"amount", "currency"}:
            return f"`{name}` is missing; write an amount with its currency, such as {_MONEY}"
        case "missing":
            said = missing(path, error["input"], known)
            return f"`{name}` is missing{said and f'; write `{said}`'}"
        case "extra_forbidden" if path[-1] in known:
            return f"`{name}` {_beside(path)}"
        case "extra_forbidden":
            return f"`{name}`: no such field; {_instead_of(error, kind, path, known, beside)}"
        case "invalid_key":
            return f"`{name}` is no field: their names are words"
        case "model_type" | "model_attributes_type":
            parts = fields_at(kind, path)
            a_sum = set(parts) == {"amount", "currency"}
            said = money(path[-1], error["input"]) if a_sum else such(path, error["input"])
            return f"{name}: write its fields: {', '.join(parts)}{said and f'; such as `{said}`'}"
        case "string_pattern_mismatch" if context["pattern"] in _SPELT:
            return f"{name}: write {_SPELT[context['pattern']]}"
        case "string_pattern_mismatch":
            return f"{name}: {_shape(context['pattern'])}"
        case "literal_error" if path[-1] == "per" and (said := whose(path[0], error["input"], beside)):
            return f"{name}: {_one_of(error)}; {said}"
        case "literal_error":
            return f"{name}: {_one_of(error)}"
        case "list_type" if path[-1:] == ("then",):
            return "then: write what is given, such as {wallet: stars, fixed: 10}, or a list of such"
        case "list_type" | "tuple_type" | "frozen_set_type" if said := such(path, error["input"]):
            return f"{name}: write a list, such as `{said}`"
        case "string_type":
            return f"{name}: {_text(error['input'])}"
        case "int_type" | "int_parsing" if isinstance(error["input"], str) and _WHOLE.fullmatch(error["input"]):
            return f"{name}: write it without quotes: {error['input']}"
        case "too_short" if context["min_length"] == 1 and path[-1] in _ONE:
            return f"{name}: write at least one {_ONE[path[-1]]}"
        case type_ if type_ in _SIMPLE:
            return f"{name}: {_SIMPLE[type_].format(**context)}"
        case "expression":
            return f"{name}: {context['said']}"
        case "value_error" if "write a list: [...]" in error["msg"] and (said := such(path, error["input"])):
            return f"{name}: write a list, such as `{said}`"
        case "value_error" if path[-2:-1] == ("hours",) and (said := hours(str(error["input"]).casefold())):
            return f'{name}: write a time of day from and until: "{said}"'
        case _:
            return f"{name}: {error['msg'].removeprefix('Value error, ')}".lstrip(": ")
