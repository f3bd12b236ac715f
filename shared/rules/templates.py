"""What message templates may say: the facts that each reason has, and what is wrong with one that names others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final, Literal, NamedTuple

from jinja2 import Environment, TemplateSyntaxError, meta

Reason = Literal[
    "welcome", "tier-reached", "tier-lost", "gift", "challenge-completed", "bonus", "referral",
    "voucher", "tickets", "punch", "points-expiring", "points-expired", "points-active", "return",
    "custom",
]  # fmt: skip
COMMON: Final = frozenset(("name", "formal", "tier", "programme"))
FACTS: Final[Mapping[str, frozenset[str]]] = {
    "welcome": frozenset(("points",)),
    "tier-reached": frozenset(("reached", "left", "qualifying", "year")),
    "tier-lost": frozenset(("reached", "left", "qualifying", "year")),
    "gift": frozenset(("gift", "amount", "currency", "gift_tier", "surprise")),
    "challenge-completed": frozenset(("title", "points", "period")),
    "bonus": frozenset(("title", "points", "period")),
    "referral": frozenset(("title", "points", "period")),
    "voucher": frozenset(("title", "voucher", "code", "amount", "currency", "percent_off", "last_day")),
    "tickets": frozenset(("title", "draw", "tickets")),
    "punch": frozenset(("title", "punches", "of", "filled", "points")),
    "points-expiring": frozenset(("points", "wallet", "last_day")),
    "points-expired": frozenset(("points", "wallet", "last_day")),
    "points-active": frozenset(("points", "wallet")),
    "return": frozenset(("points", "wallet", "others", "whole")),
    "custom": frozenset(("title", "period")),
}
_SYNTAX: Final = Environment(autoescape=False)


class TemplateFault(NamedTuple):
    """What is wrong; offset: the character of the template at which it is."""

    said: str
    offset: int


def fault_of_template(reason: str, source: str) -> TemplateFault | None:
    """What would make a template fail when it is rendered: then it would be too late to say so."""
    try:
        names = meta.find_undeclared_variables(_SYNTAX.parse(source))
    except TemplateSyntaxError as error:
        line = sum(len(each) for each in source.splitlines(keepends=True)[: error.lineno - 1])
        opened = re.search(r"\{[{%#]", source[line:])
        said = f"not a template; close each {{{{ with }}}} and each {{% with %}} ({error.message})"
        return TemplateFault(said, line + (opened.start() if opened is not None else 0))
    unknown = sorted(names - COMMON - FACTS[reason])
    if not unknown:
        return None
    known = sorted(COMMON | FACTS[reason])
    near = get_close_matches(unknown[0], known, n=1)
    hint = f"did you mean {near[0]}? It" if near else "it"
    said = f"a {reason} message does not know {', '.join(unknown)}; {hint} knows {', '.join(known)}"
    place = re.search(rf"\b{re.escape(unknown[0])}\b", source)
    return TemplateFault(said, place.start() if place is not None else 0)
