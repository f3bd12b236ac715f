"""The JSON Schema of a file of definitions, for editors: every field described, each kind with its own fields.

Built from the models of the rules, so that it says what they accept; made plainer, so that an editor's messages are:
the kind decides which fields there may be, what the models check in code is said too, and what only a library's
defaults would tell (titles, nulls as defaults) is left out.
"""

from __future__ import annotations

from typing import Any, Final

from shared.events.field_words import OF_ONE, WORDS
from shared.rules.definition import DEFINITION
from shared.rules.rewards import SHAPES, THINGS

Json = dict[str, Any]
_TIME: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?([Zz]|[+-][0-9]{2}:?[0-9]{2})$"
# By its digits alone, as the checker reads it; its bounds are told of numbers only, but that it is more than nothing.
_DECIMAL: Final = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"
_POSITIVE: Final = r"^(0\.[0-9]*[1-9][0-9]*|[1-9][0-9]*(\.[0-9]+)?)$"
_BOUNDS: Final = {"gt": "exclusiveMinimum", "ge": "minimum", "lt": "exclusiveMaximum", "le": "maximum"}
_SAID: Final = {"when", "segment", "budget", "campaign", "stacking"}  # there and empty they would be a slip
_NOT_NULL: Final[Json] = {"not": {"type": "null"}}


def definition_schema(dialect: str) -> Json:
    """A file of definitions as people write it: one, or a list of them."""
    schema = DEFINITION.json_schema(by_alias=True)
    parts: Json = schema["$defs"]
    add_rules(parts)
    for name, part in parts.items():
        _describe(name, part)
    parts["Definition"] = _by_kind(schema["discriminator"]["mapping"])
    one: Json = {"$ref": "#/$defs/Definition"}
    return {
        "$schema": dialect,
        "title": "Doublestar definitions",
        "description": "One definition, or a list of them; a YAML file may also hold several documents.",
        "if": {"type": "array"},
        "then": {"items": one},
        "else": one,
        "$defs": {name: _plainer(part) for name, part in sorted(parts.items())},
    }


def add_rules(parts: Json) -> None:
    """What the models of effects and bounds check in code: which of several words is written."""
    if "PointsEffect" in parts:
        parts["PointsEffect"]["oneOf"] = [written(name, _NOT_NULL) for name in SHAPES]
        parts["PointsEffect"]["if"] = written("fixed", _NOT_NULL)  # which need no bounds
        parts["PointsEffect"]["then"] = {"properties": {each: {"type": "null"} for each in ("at_least", "at_most")}}
    if "Thing" in parts:
        parts["Thing"]["oneOf"] = [written(name, _NOT_NULL) for name in THINGS]
    if "Limit" in parts:
        parts["Limit"]["not"] = {"allOf": [written(each, _NOT_NULL) for each in ("times", "points")]}
    if "Budget" in parts:
        parts["Budget"]["oneOf"] = [written(each, _NOT_NULL) for each in ("points", "money")]
    if "Earn" in parts:
        _only_points(parts["Earn"])
    for part in parts.values():
        for name in _SAID & part.get("properties", {}).keys():
            field = part["properties"][name]
            shapes = [each for each in field.pop("anyOf", ()) if each != {"type": "null"}]
            field |= {"anyOf": shapes} if len(shapes) > 1 else dict(*shapes)
        if "limits" in part.get("properties", {}):  # the same one twice; of one period by another number it is not seen
            part["properties"]["limits"]["uniqueItems"] = True
        then = part.get("properties", {}).get("then")
        if then is not None:  # one effect needs no list
            part["properties"]["then"] = {"if": {"type": "array"}, "then": then, "else": then["items"]}


def _only_points(earn: Json) -> None:
    """Of rules that earn: they give points, so that a budget in money needs what one costs."""
    earn["properties"]["then"]["items"] = {"$ref": "#/$defs/PointsEffect"}
    earn["if"] = written("budget", written("money", _NOT_NULL))
    earn["then"] = {"properties": {"budget": {"required": ["cost_per_point"]}}}


def written(name: str, value: Json) -> Json:
    """An object that has a field, with such a value."""
    return {"required": [name], "properties": {name: value}}


def _by_kind(mapping: dict[str, str]) -> Json:
    """The kind first, then the fields of that kind: so an editor's message is about the one that is meant."""
    kinds = list(mapping)
    return {
        "description": "A definition: `id`, `kind`, `title`, and what belongs to the kind.",
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"description": WORDS["kind"], "enum": kinds}},
        "allOf": [
            {"if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]}, "then": {"$ref": mapping[kind]}}
            for kind in kinds
        ],
    }


def _describe(model: str, part: Json) -> None:
    """A model's docstring is wrapped for a file; a field that its model does not describe has words in a table."""
    if "description" in part:
        part["description"] = " ".join(part["description"].split())
    for name, field in part.get("properties", {}).items():
        words = OF_ONE.get((model, name)) or field.get("description") or WORDS.get(name)
        if words is not None:
            field["description"] = words


def _plainer(value: Any, *, named: bool = False) -> Any:
    """Without titles and null defaults; `named`: the keys are names of fields, not words of the schema."""
    if isinstance(value, dict):
        if value.get("format") == "date-time":
            value = {**value, "pattern": _TIME}  # not every reader of schemas looks at formats
        value = _exact(value)
        left_out = {"title", "discriminator"} if not named else set()
        if not named and value.get("default", 0) is None:
            left_out |= {"default"}
        return {key: _plainer(each, named=key in ("properties", "$defs") and not named)
                for key, each in value.items() if key not in left_out}  # fmt: skip
    return [_plainer(each) for each in value] if isinstance(value, list) else value


def _exact(value: Json) -> Json:
    """A decimal, which may be a number or a text of digits; any other schema as it is. The library takes any text, and
    says bounds beside both in words that are no schema's."""
    shapes = value.get("anyOf")
    if not isinstance(shapes, list) or [each.get("type") for each in shapes] != ["number", "string"]:
        return value
    number, text = shapes
    number = number | {name: value[each] for each, name in _BOUNDS.items() if each in value}
    low = number.get("exclusiveMinimum", number.get("minimum"))
    text = text | {"pattern": _DECIMAL if low is None or low < 0 else _POSITIVE}
    rest = {name: each for name, each in value.items() if name not in (*_BOUNDS, "max_digits")}
    return {**rest, "anyOf": [number, text]}
