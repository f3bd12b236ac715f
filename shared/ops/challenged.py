"""What challenges gave: which event won which period, by what is kept of it. Pure.

What others had used of a budget is in no member's journal. Decided again from there, a period would be said to be won
that nobody won, or held back one that was: so it is looked up. Only what leaves no trace is decided again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from shared.ops.past import Counted, Won
from shared.ops.story import grant_of
from shared.ops.unwinding import use_bounds
from shared.rules.challenges import count, counted, win
from shared.rules.definition import Rule
from shared.rules.matching import Ruled
from shared.rules.rulebook import Rulebook

Entry = Mapping[str, Any]
_THING: Final = re.compile(r"m-[0-9a-z]+:(?P<period>[^:]+)(:again\d+)?:t\d+")  # after its rule: see `wins.Win.id`
_EVENT: Final = re.compile("[0-9a-f]{16}")  # of a bonus, which is won by event: see `wins.event_scope`


class Reward(NamedTuple):
    """What a challenge gave for one event, and for which period. sure: that it was this event, and not another one of
    the same instant."""

    won: Won
    period: str
    sure: bool


Rewards = dict[str, Reward]
"""By rule: an event falls in one period of each."""


def rewards(
    at: datetime, caused: Iterable[Entry], documents: Iterable[Mapping[str, Any] | None], things: Iterable[Entry]
) -> Rewards:
    """What challenges gave for an event of that instant. caused: the grants that followed from it; documents: those of
    campaigns of all who are one; things: what they won."""
    found: Rewards = {}
    for each in (*_of_things(at, things), *noted(at, documents), *_granted(caused)):
        found[each.won.rule] = each
    return found


def challenged(
    document: dict[str, Any],
    key: str,
    under: Ruled,
    given: Rewards,
    forgotten: Callable[[Rule], bool],
    usage: Counted,
    book: Rulebook,
) -> None:
    """Challenges count an event; it has won what is known to have been given for it (`given`).

    document: campaigns', as it is rebuilt; in `gave` it keeps what each period brought, and by which event (`key`), for
    what comes back. forgotten: whether nothing would tell that a rule gave something.
    """
    facts, rules = under.facts, under.rules
    for compiled in rules.rules("challenge", facts.kind):
        if not compiled.matches(facts, rules.in_segment):
            continue
        rule = compiled.rule
        if forgotten(rule):
            counted(document, compiled, facts, rules, usage)
            continue
        step, reward = count(document, rule, facts), given.get(rule.id)
        if reward is None or step.won or reward.period != step.period or not (reward.sure or step.reaches):
            continue
        win(document, rule.id, step.period, step.goal)
        use_bounds(reward.won, facts, rules, book, usage)
        document.setdefault("gave", {}).setdefault(rule.id, {})[step.period] = reward.won, facts.event.time, key


def noted(at: datetime, documents: Iterable[Mapping[str, Any] | None]) -> Iterator[Reward]:
    """By campaigns' own notes, also what is on its way; of a period that was won twice, the second time."""
    for document in documents:
        for rule, periods in (document or {}).get("completed", {}).items():
            for period, held in periods.items():
                if held and datetime.fromisoformat(held["at"]) == at:
                    points = sum(points for _, points in held["points"])
                    yield Reward(Won(rule, held["version"], points), period, sure=False)


def _of_things(at: datetime, things: Iterable[Entry]) -> Iterator[Reward]:
    for each in things:
        rule: str = each["rule"]
        found = _THING.fullmatch(each["_id"].removeprefix(f"{rule}:"))
        if found is not None and each["at"] == at and not _EVENT.fullmatch(found["period"]):
            yield Reward(Won(rule, each["version"], 0), found["period"], sure=False)


def _granted(caused: Iterable[Entry]) -> Iterator[Reward]:
    found: Rewards = {}
    for each in caused:
        said = grant_of(each).data
        if said.reason == "challenge" and said.corrects is None and said.period is not None:
            before = found[said.rule].won.points if said.rule in found else 0
            points = before + sum(award["points"] for award in each["awards"])
            found[said.rule] = Reward(Won(said.rule, said.version, points), said.period, sure=True)
    return iter(found.values())
