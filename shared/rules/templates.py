"""What message templates may say: the facts that each reason has, and a check that a template names no others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from jinja2 import Environment, TemplateSyntaxError, meta

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
    "custom": frozenset(("title", "period")),
}
_SYNTAX: Final = Environment(autoescape=False)


def check_template(reason: str, source: str) -> None:
    """Raises ValueError for a template that would fail when it is rendered: then it would be too late to say so."""
    try:
        names = meta.find_undeclared_variables(_SYNTAX.parse(source))
    except TemplateSyntaxError as error:
        raise ValueError(f"not a template: {error.message} (line {error.lineno} of the text)") from None
    unknown = names - COMMON - FACTS[reason]
    if unknown:
        known = ", ".join(sorted(COMMON | FACTS[reason]))
        raise ValueError(f"a {reason} message does not know {', '.join(sorted(unknown))}; it knows {known}")
