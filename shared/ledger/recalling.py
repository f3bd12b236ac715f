"""A member as they were before an entry of theirs, from their journal: for rules that are asked again. Pure.

The journal's entry keeps the answers that rules were given then; this is for what they did not ask then and do now, and
for history, whose answers counted the event itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from shared.events.light import GrantRead, Occurrence
from shared.ledger.kin import Journal, family
from shared.ledger.returned import RETURN_OF, activity, in_order, standing, unasked
from shared.rules import membership
from shared.rules.compiled import Compiled
from shared.rules.facts import Facts, unshown
from shared.rules.language.terms import facts_in
from shared.rules.matching import facts_of, ruled
from shared.rules.rulebook import Rulebook, Ruleset

Document = Mapping[str, Any]
_GRANT: Final = msgspec.json.Decoder(GrantRead)
_SEGMENTS: Final = "member.segments"  # follows from the other answers


def as_of(member: str, seq: int, journal: Journal, book: Rulebook) -> dict[str, Any]:
    """The member's document, as far as rules ask about it, before their entry of that number. journal: also of
    their kin, whose entries count as history while they were one."""
    found = membership.newcomer(member)
    before = [each for each in in_order(journal(member)) if each["seq"] < seq]
    for each in before:
        membership.hear(found, each.get("heard", ()))
        if each["kind"] == "grant":
            said = _GRANT.decode(bytes(each["event"])).data
            membership.grant(found, said.tag, said.role, back=said.corrects is not None)
        elif each["kind"] == "signup":
            membership.join(found, activity(each).event)
        _points(found, each)
    for event, by in standing(*family(member, journal, seq)):
        under = ruled(event, book, by)
        if under is not None:
            membership.count(found, under.facts, book)
    return found


def recalled(
    event: Occurrence, member: Document, rules: Ruleset, candidates: Iterable[Compiled], kept: Mapping[str, str | None]
) -> Facts:
    """An event's facts, with the answers about the member that the journal kept.

    event: what is left of the one that was decided; kept: the entry's `facts`.
    """
    facts = facts_of(event, member, rules)
    asked_by_earn = (fact.asked for compiled in candidates for term in compiled.terms for fact in facts_in(term))
    for asked in (*asked_by_earn, *rules.told.get(event.kind, ())):
        if asked.scope == "member" and asked.label != _SEGMENTS and asked.key in kept:
            now = asked.compute(facts) if asked.type.kind == "attribute" else None
            facts.recall(asked, unshown(asked, kept[asked.key], now))
    return facts


def _points(found: dict[str, Any], entry: Document) -> None:
    """Balances by postings; what was ever earned by awards, and less what came back of it."""
    balances, lifetime = found["balances"], found.setdefault("lifetime", {})
    for each in entry["postings"]:
        if each["account"] == f"member:{found['_id']}":
            balances[each["wallet"]] = balances.get(each["wallet"], 0) + each["amount"]
    correction = entry["kind"] == "grant" and _GRANT.decode(bytes(entry["event"])).data.corrects is not None
    for each in entry["awards"]:
        if RETURN_OF not in entry and (each["points"] > 0 or correction):
            lifetime[each["wallet"]] = lifetime.get(each["wallet"], 0) + each["points"]
    for wallet, points in entry.get("lifetime", {}).items():
        lifetime[wallet] = lifetime.get(wallet, 0) + points
    for wallet, points in unasked(entry).items() if correction else ():
        membership.never_earned(found, wallet, points)
