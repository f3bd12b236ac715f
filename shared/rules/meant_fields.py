"""Fields by the names that people write for them, where the nearest by its letters would lead astray, or none is near.
Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final, get_args

from shared.currencies import CODES
from shared.rules.part import EventKind
from shared.rules.rewards import SHAPES, THINGS
from shared.rules.schedule import Period

_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
_FROM: Final = ("start", "starts", "begin", "begins", "since", "start_date", "start_time", "starts_at", "valid_from")
_UNTIL: Final = (
    "to", "till", "end", "ends", "end_date", "end_time", "ends_at", "stop", "valid_to", "valid_until", "expires",
    "expires_at", "expiry",
)  # fmt: skip
_IF: Final = ("condition", "conditions", "if", "criteria")
_WHEN: Final = (*_IF, "where")
_THEN: Final = ("reward", "rewards", "effect", "effects", "gives")
_ON: Final = ("event", "events", "trigger", "triggers")
_SCHEDULED: Final = dict.fromkeys(_FROM, "from") | dict.fromkeys(_UNTIL, "until") | dict.fromkeys(
    ("tz", "timezone", "zone"), "time_zone"
)  # fmt: skip
_TITLE: Final = dict.fromkeys(("name", "description", "label"), "title")
_SEGMENT: Final = dict.fromkeys(("audience", "target", "targeting"), "segment")
_VALID: Final = (
    "expires", "expiry", "expires_in", "expires_after", "expires_at", "expiration", "valid_until", "valid_to",
    "validity",
)  # fmt: skip
# What is published is in force; there is no switch beside it.
_SWITCHES: Final = ("active", "enabled", "inactive", "disabled", "is_active", "is_enabled", "paused")
_MEMBERS: Final = ("customer", "user", "person", "client", "guest", "shopper", "buyer", "account", "cardholder")
_FAMILIES: Final = ("family", "home", "families", "households")
_TIMES: Final = ("count", "max", "maximum", "limit", "most")
_PERIOD: Final = ("every", "each")
# By what they are written in (nothing: the definition itself).
_MEANT: Final[Mapping[str, Mapping[str, str]]] = {
    "": _SEGMENT | dict.fromkeys(_WHEN, "when") | dict.fromkeys(_THEN, "then") | dict.fromkeys(_ON, "on") | _TITLE,
    "schedule": _SCHEDULED,
    "limits": dict.fromkeys(_TIMES, "times") | dict.fromkeys(_PERIOD, "period"),
    "progress": dict.fromkeys(("per", *_PERIOD), "period"),
    "stacking": dict.fromkeys(("mode", "strategy", "method", "policy"), "how"),
    "voucher": _TITLE | dict.fromkeys(_VALID, "valid_days"),
    "gift": _TITLE,
}
_PERIODS: Final = get_args(Period)
_ALL: Final = ("all", "everyone", "everybody", "total", "global", "overall")
_EVENTS: Final = get_args(EventKind)
_BY: Final = {"double": 2, "triple": 3}
_PER: Final = re.compile(r"(?:points?_)?per_([a-z]+)(?:_spent)?")
_MONEY: Final = ("amount", "money", "spend", "spent", "euro", "euros", "dollar", "dollars", "pound", "yen", "dong")
_PER_WHAT: Final = dict.fromkeys((*_MONEY, *map(str.lower, CODES)), "per_amount") | dict.fromkeys(
    ("item", "items", "piece", "pieces", "unit"), "per_quantity"
)
_NUMBERS: Final = ("fixed", "at_least", "at_most")
_POINTS: Final = ("points", "point", "give")
_GIVEN: Final = (*_POINTS, "award", "earn")  # at the top, where `then` is meant
_SO_MANY: Final = re.compile(r"([1-9][0-9]{0,11})(?: ?(?:points?|pts))?")
_PERIOD_WORDS: Final = {
    **dict.fromkeys(("lifetime", "forever", "always", "all_time", "alltime", "overall"), "ever"),
    "daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter",
    **dict.fromkeys(("yearly", "annual", "annually"), "year"),
}  # fmt: skip
_IN_QUOTES: Final = re.compile(r"[1-9][0-9]{0,11}")
_BOUNDS: Final = {"max": "at_most", "maximum": "at_most", "min": "at_least", "minimum": "at_least"}
_OF_VOUCHERS: Final = ("minimum",)  # there it is money


def field_meant(
    path: Sequence[int | str], value: object, known: Collection[str], beside: Collection[str], top: Collection[str]
) -> str:
    """What to write for a field of another name; nothing where nobody knows. known: what may be written there; beside:
    what is; top: what may be written at the top of the definition."""
    name, within = path[-1], next((each for each in reversed(path[:-1]) if isinstance(each, str)), "")
    meant = _MEANT.get(within, {}).get(str(name), "")
    if meant == "title" and meant in beside:
        return "`title` says what it is; take this out, or write it as a comment, behind #"
    if meant == "valid_days" and meant in known and meant not in beside:
        return f"write `valid_days: {value if _whole(value) else '30'}`, for how many days it is valid once it is given"
    if meant in known and not (within and meant in beside):
        return f"write `on: {value}`" if meant == "on" and value in _EVENTS else f"did you mean `{meant}`?"
    if not within and (said := _at_the_top(str(name), meant, value, known, beside)):
        return said
    if within and path[0] != "when" and name in _IF and "when" in top and "when" not in known:
        return f"write `when` beside `id`, not within `{within}`"
    return _of_points(str(name), value, known, beside)


def _at_the_top(name: str, meant: str, value: object, known: Collection[str], beside: Collection[str]) -> str:
    """Of a field of the definition itself, for which its kind has nothing, or not there."""
    if name in _GIVEN and "then" in known and "then" not in beside and (points := _SO_MANY.fullmatch(str(value))):
        return f"write `then: {{fixed: {points[1]}}}`"
    if name in _SWITCHES:
        ends = "end it with `schedule: {until: …}`, or " if "schedule" in known else ""
        return f"what is published is in force: {ends}leave this out"
    if name in _SCHEDULED and "schedule" in known and "time_zone" not in known:
        return f"write `{_SCHEDULED[name]}` within `schedule`"
    if name == "then" or meant == "then":
        if {"advocate", "friend"}.issubset(known):
            return "write `advocate` and `friend`: what each of the two is given"
        return f"there are: {', '.join(known)}"
    if meant == "on":  # and not `segment`, which is spelt nearly as `event`
        return f"there are: {', '.join(known)}"
    if name in ("per", *_PERIOD) and "progress" in known and value in _PERIODS:
        return f"write `period: {value}` within `progress`, or within `limits`"
    return ""


def whose(within: object, value: object, beside: Collection[str]) -> str:
    """What to write where a limit's `per`, which says whose it is, has a span of time."""
    if within == "limits" and str(value).casefold() in _MEMBERS:
        return "did you mean member?"
    if within == "limits" and str(value).casefold() in _FAMILIES:
        return "did you mean household?"
    if within == "limits" and str(value).casefold() in _ALL:
        return "of all together, write programme"
    if within != "limits" or value not in _PERIODS or "period" in beside:
        return ""
    return f"a span of time is its period: write `period: {value}`"


def period_meant(value: object, known: Collection[str]) -> str:
    """The period of those there are that somebody meant by another word; nothing where nobody knows."""
    meant = _PERIOD_WORDS.get(str(value).casefold(), "")
    return f"did you mean {meant}?" if meant in known else ""


def _of_points(name: str, value: object, known: Collection[str], beside: Collection[str]) -> str:
    """Of a field of an effect."""
    if name in _BY and "multiply" in known and _gives_nothing(known, beside):
        return f"write `multiply: {{rules: [{_rules(value)}], by: {_BY[name]}}}`"
    per = _PER.fullmatch(name)
    shape = "" if per is None else _PER_WHAT.get(per[1], "")
    if shape in known:
        return f"write `{shape}: {{per: 1, give: {value}}}`" if _whole(value) else f"did you mean `{shape}`?"
    if name in _BOUNDS and "fixed" in beside:
        return f"`fixed` points need no {'most' if _BOUNDS[name] == 'at_most' else 'least'}; leave it out"
    if _BOUNDS.get(name) in known and (name not in _OF_VOUCHERS or _whole(value)):
        return f"did you mean `{_BOUNDS[name]}`?"
    if name not in _POINTS or "fixed" not in known or "card" in beside:  # a punch card's points are its own
        return ""
    if "per" in beside:  # for each so much, not once
        return "" if name == "give" or not _whole(value) else f"write `give: {value}` beside `per`, in `per_amount`"
    if not _whole(value):
        said = f"did you mean `fixed`? It takes a whole number{_such_as(value)}"
        return said if _gives_nothing(known, beside) else ""
    thing = next((each for each in THINGS if each in beside), "")
    if thing:
        return f"write a list of both: [{{{thing}: …}}, {{wallet: stars, fixed: {value}}}]"
    if not _gives_nothing(known, beside):
        return ""
    if "wallet" in beside:
        return f"write `fixed: {value}`"
    return f"write {{wallet: stars, fixed: {value}}}, with the wallet that the points are of"


def _rules(value: object) -> str:
    """The rules that are named, as a list has them."""
    named = value if isinstance(value, list) else [value]
    slugs = [each for each in named if isinstance(each, str) and _SLUG.fullmatch(each)]
    return ", ".join(slugs) if slugs and len(slugs) == len(named) else "…"


def _such_as(value: object) -> str:
    """The number of a text in quotes, without them."""
    return f": write `fixed: {value}`" if isinstance(value, str) and _IN_QUOTES.fullmatch(value) else ""


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
