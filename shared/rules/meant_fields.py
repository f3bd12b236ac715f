"""Fields by the names that people write for them, where the nearest by its letters would lead astray, or none is near.
Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from shared.currencies import CODES
from shared.rules.rewards import SHAPES, THINGS

_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
_FROM: Final = ("start", "starts", "begin", "begins", "since", "start_date")
_UNTIL: Final = ("to", "till", "end", "ends", "end_date", "stop")
_WHEN: Final = ("condition", "conditions", "if", "where", "criteria")
_THEN: Final = ("reward", "rewards", "effect", "effects", "gives")
_DATES: Final = dict.fromkeys(_FROM, "from") | dict.fromkeys(_UNTIL, "until")
# By what they are written in (nothing: the definition itself).
_MEANT: Final[Mapping[str, Mapping[str, str]]] = {
    "": dict.fromkeys(_WHEN, "when") | dict.fromkeys(_THEN, "then"),
    "schedule": _DATES,
}
_PER: Final = re.compile(r"(?:points?_)?per_([a-z]+)(?:_spent)?")
_MONEY: Final = ("amount", "money", "spend", "spent", "euro", "euros", "dollar", "dollars", "pound", "yen", "dong")
_PER_WHAT: Final = dict.fromkeys((*_MONEY, *map(str.lower, CODES)), "per_amount") | dict.fromkeys(
    ("item", "items", "piece", "pieces", "unit"), "per_quantity"
)
_NUMBERS: Final = ("fixed", "at_least", "at_most")
_POINTS: Final = ("points", "point", "give")


def field_meant(path: Sequence[int | str], value: object, known: Collection[str], beside: Collection[str]) -> str:
    """What to write for a field of another name; nothing where nobody knows. known: what may be written there; beside:
    what is."""
    name, within = path[-1], next((each for each in reversed(path[:-1]) if isinstance(each, str)), "")
    meant = _MEANT.get(within, {}).get(str(name), "")
    if meant in known:
        return f"did you mean `{meant}`?"
    if not within and "schedule" in known and name in _DATES:
        return f"write `{_DATES[name]}` within `schedule`"
    return _of_points(str(name), value, known, beside)


def _of_points(name: str, value: object, known: Collection[str], beside: Collection[str]) -> str:
    """Of a field of an effect."""
    per = _PER.fullmatch(name)
    shape = "" if per is None else _PER_WHAT.get(per[1], "")
    if shape in known:
        return f"write `{shape}: {{per: 1, give: {value}}}`" if _whole(value) else f"did you mean `{shape}`?"
    if name not in _POINTS or not _whole(value) or "fixed" not in known:
        return ""
    thing = next((each for each in THINGS if each in beside), "")
    if thing:
        return f"write a list of both: [{{{thing}: …}}, {{wallet: stars, fixed: {value}}}]"
    if not _gives_nothing(known, beside):
        return ""
    if "wallet" in beside:
        return f"write `fixed: {value}`"
    return f"write {{wallet: stars, fixed: {value}}}, with the wallet that the points are of"


def as_a_wallet(name: str, value: object, known: Collection[str], beside: Collection[str], near: str | None) -> str:
    """What to write where points are given by their wallet's name, `{miles: 10}`: which wallets there are is another
    definition's. near: the field that is spelt nearly so; `cash` may be a wallet all the same, beside `cashback`."""
    if not _whole(value) or not _SLUG.fullmatch(name) or "wallet" in beside or not _gives_nothing(known, beside):
        return ""
    if near is not None and (near in _NUMBERS or not near.startswith(name)):
        return ""
    return f"if {name} is a wallet, write {{wallet: {name}, fixed: {value}}}"


def _gives_nothing(known: Collection[str], beside: Collection[str]) -> bool:
    """Whether it is an effect that does not say yet what it gives."""
    return "fixed" in known and not {*SHAPES, *THINGS}.intersection(beside)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
