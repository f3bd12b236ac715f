"""Double-entry postings: who gets the points, whose account pays, and what that does to the member's lots. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.events.light import ActivityRead, GrantRead
from shared.rules.effects import Award
from shared.rules.membership import credit


def of(awards: Sequence[Award], member: str, event: ActivityRead | GrantRead) -> list[dict[str, Any]]:
    """Two entries an award, summing to zero: the member's account and its issuer's."""
    entries: list[dict[str, Any]] = []
    for award in awards:
        named = {"wallet": award.wallet, "rule": award.rule, "version": award.version}
        entries.append({"account": f"member:{member}", "amount": award.points, **named})
        entries.append({"account": f"{_issuer(award, event)}:issued", "amount": -award.points, **named})
    return entries


def _issuer(award: Award, event: ActivityRead | GrantRead) -> str:
    """A brand pays for its own rules; for the coalition's the partner pays at whom they were earned."""
    if isinstance(event, GrantRead):
        return event.data.issuer
    if award.owner != "coalition":
        return f"partner:{award.owner}"
    return "partner:" + event.event.source.removeprefix("/partners/")


def apply(member: dict[str, Any], entries: Sequence[dict[str, Any]], *, correction: bool = False) -> None:
    """The member's balances and lots after these postings; a correction takes back what was never earned."""
    for entry in entries:
        if entry["account"].startswith("member:"):
            credit(member, entry["wallet"], entry["amount"], correction=correction)
