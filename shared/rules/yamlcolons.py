"""Colons that do not say what was meant. With no space behind one, YAML takes all of `fixed:5` for a name or a text,
of which there is then no value; a second one in a line, as in `then: fixed: 5` or `when: member.tier: gold`, begins a
field where none can be. What to write instead, and what only follows from it. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

import yaml
from pydantic_core import ErrorDetails

from shared.rules.fields import parts_of
from shared.rules.language.checking import condition
from shared.rules.language.colons import compared
from shared.rules.language.syntax import ExpressionError
from shared.rules.yamlloader import Loader
from shared.rules.yamlthings import equal, equal_alone, in_braces, rounded

_CONDITIONS: Final = ("when", "where", "not_eligible")
_TIGHT: Final = re.compile(r"\s*(?:- +)*(?P<key>[a-z_]+):(?P<value>[{\[].*)")
_STUCK: Final = re.compile(r"([A-Za-z_]\w*):(\S.*)")


def stuck(key: object, known: Collection[str], text: str, begin: int) -> str:
    """What to write for a key that begins there and is a field and its value. Where no field is called so and it is not
    the first in its braces, it may as well be the rest of a text with a comma: nothing is said of that."""
    if said := equal(key, known):
        return said
    found = _STUCK.fullmatch(key) if isinstance(key, str) else None
    if found is None or (found[1] not in known and text[:begin].rstrip()[-1:] != "{"):
        return ""
    return f"write a space after the colon: `{found[1]}: {found[2]}`"


def with_no_followers(errors: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Without the fields that are missing only as their colons have no space behind them."""
    stuck_ = {
        (*each["loc"][:-1], found[1])
        for each in errors
        if each["type"] == "extra_forbidden" and (found := _STUCK.fullmatch(str(each["loc"][-1])))
    }
    return [each for each in errors if each["type"] != "missing" or each["loc"] not in stuck_]


def tight(line: str) -> tuple[int, str] | None:
    """Of a line whose field and its brackets have no space between, `then:{fixed: 5}`: where it begins, and what to
    write. None of other lines."""
    found = _TIGHT.match(line)
    if found is None:
        return None
    return found.start("key"), f"a space is missing after the colon; write `{found['key']}: {found['value'].rstrip()}`"


def stuck_in_line(key: object, text: str, begin: int) -> str:
    """What to write for a key that begins there and has a bracket in it, as `then:{fixed` of `then:{fixed: 5}`."""
    line = text[begin:].partition("\n")[0]
    found = tight(line) if isinstance(key, str) and re.fullmatch(r"[a-z_]+:[{\[].*", key) else None
    return "" if found is None else found[1]


def instead_of_fields(path: Sequence[int | str], value: object, text: str, begin: int) -> str:
    """What to write for a text that is fields and their values, `fixed:5` in the line below `then:`; nothing for
    others. begin: where it stands."""
    key = next((each for each in reversed(path) if isinstance(each, str)), "")
    if said_ := equal_alone(path[-1] if path else "", value):
        return said_
    known, said = parts_of(key), value.split() if isinstance(value, str) else []
    pairs = [_STUCK.fullmatch(each) for each in said]
    fields = [f"{each[1]}: {each[2]}" for each in pairs if each is not None and each[1] in known]
    if not fields or len(fields) < len(said) or len({each.partition(":")[0] for each in fields}) < len(fields):
        return ""
    alone = not text[text.rfind("\n", 0, begin) + 1 : begin].strip(" -")
    if alone and len(fields) == 1:
        return f"a space is missing after the colon; write `{fields[0]}`"
    joined = ", ".join(fields)
    shown = f"{{{joined}}}" if key != path[-1] else f"{key}: {in_braces(key, joined)}"
    return f"a space is missing after the colon; write `{shown}`"


def instead_of_a_condition(path: Sequence[int | str], node: yaml.Node) -> str:
    """What to write for fields that stand where a condition goes, `{member.tier: gold}`; nothing for others."""
    if path[:1] != ("when",) or not isinstance(node, yaml.MappingNode):
        return ""
    meant = [compared(f"{name.value}: {each.value}") for name, each in node.value if isinstance(name, yaml.ScalarNode)]
    shown = " && ".join(meant)
    if not meant or not all(meant) or not _read(shown, "when"):
        return ""
    return f"a condition compares with ==; write `{_plain(shown)}`"


def doubled(key: str, value: str) -> str:
    """What to write where a value has a colon of its own, `then: fixed: 5`, `when: member.tier: gold`; nothing where
    it is a text, which wants quotes."""
    if key in _CONDITIONS and (meant := compared(value)) and _read(meant, key):
        return f"a `: ` begins a field, and a condition compares with ==; write `{key}: {_plain(meant)}`"
    if said := rounded(key, value):
        return said
    try:
        inner = yaml.load(f"{{{value}}}", Loader)
    except yaml.YAMLError:
        return ""
    if not isinstance(inner, dict) or not all(each in parts_of(key) for each in inner) or None in inner.values():
        return ""
    return f"fields in one line stand between {{ and }}; write `{key}: {in_braces(key, value)}`"


def _read(meant: str, key: str) -> bool:
    """Whether what would be told to write is a condition."""
    try:
        condition(meant, "event" if key == "when" else "line")
    except ExpressionError:
        return False
    return True


def _plain(text: str) -> str:
    """As YAML takes it: in quotes where it begins with one, as with other signs of YAML's own."""
    return text if text[0].isalpha() or text[0] == "(" else f"'{text}'"
