"""A member who is merged into another, as campaigns counts them: progress and uses. Pure.

Referrals are `merging_referrals`', punch cards `merging_cards`'.

What the two have counted of a challenge is added up. Where that reaches the goal which neither had reached, it stops
one short of it, so that the next event that counts wins it: a challenge is won by an event, never by a merge, and
never twice. What is beyond that is withheld: it is there for what comes back, and counts once an event has won.

While they are one, what comes back of a purchase is the loss of whoever bought it, and of those by whom they came: each
of their documents counts it less (`returned`, and `merging.charged`). So a duplicate's own document always says what of
the survivor's is theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from shared.rules import merging_cards, merging_referrals
from shared.rules.absorbed import ALONE, Ties, absorb, let_go
from shared.rules.challenges import (
    Step,
    counted_of,
    forget_until,
    goal_reached,
    less,
    lose,
    lower,
    reached,
    withheld,
    withhold,
    won_periods,
)
from shared.rules.definition import Challenge, Rule
from shared.rules.facts import Facts
from shared.rules.merging import add_uses
from shared.rules.rulebook import Rulebook
from shared.rules.spent import counts_of, forget, is_spent, keep, spend

Document = dict[str, Any]
Way = Sequence[Document]
"""Of whoever had something, of those by whom they came where they were merged, and last of the member who has it."""


def lend(duplicate: Document, survivor: Document, book: Rulebook, further: Way = ()) -> None:
    """Gives the survivor what the duplicate has; keeps in the duplicate's document what of it that does not tell.

    further: whom the survivor leads to, where it is heard of first that they were merged themselves: it is theirs, too,
    as brought by the one before, else what is parted in turn would be looked for where it is not.
    """
    goals = _goals(book)
    duplicate["lent"] = {"won": {}, "filled": {}}
    absorb(duplicate, (survivor, *further))
    for by, each in pairwise((duplicate, survivor, *further)):
        _pour(duplicate, each, goals, by["lent"])
    merging_referrals.lend(duplicate, survivor)
    merging_referrals.carry((survivor, *further))


def _pour(duplicate: Document, survivor: Document, goals: Mapping[str, int], lent: Document) -> None:
    """What the duplicate has, to one who has it now. lent: what whoever brings it has brought that one."""
    for rule, periods in duplicate.get("progress", {}).items():
        for period in periods:
            _join(duplicate, survivor, rule, period, goals.get(rule))
    for rule, mark in duplicate.get("forgotten", {}).items():
        forget_until(survivor, rule, mark)  # or what the duplicate had won then would be won once more
    for rule, wins in won_periods(duplicate).items():
        for period in wins:
            if period not in won_periods(survivor).get(rule, ()):
                _bring(duplicate, survivor, lent, rule, period)
    merging_cards.pour(duplicate, survivor, lent)
    add_uses(survivor, duplicate.get("uses", {}))


def _bring(duplicate: Document, survivor: Document, lent: Document, rule: str, period: str) -> None:
    """What the duplicate has won, the survivor has won by them."""
    won_periods(survivor).setdefault(rule, []).append(period)
    lent["won"].setdefault(rule, []).append(period)
    whose = survivor.setdefault("theirs", {}).setdefault(rule, {})
    whose[period] = duplicate.get("theirs", {}).get(rule, {}).get(period, duplicate.get("_id"))
    if (goal := goal_reached(duplicate, rule, period)) is not None:
        survivor.setdefault("goals", {}).setdefault(rule, {})[period] = goal


def take_back(
    duplicate: Document, survivor: Document, book: Rulebook, further: Way = (), ties: Ties = ALONE,
    at: datetime | None = None,
) -> None:  # fmt: skip
    """Gives back what is still there: progress that has won something since is spent, and is nobody's any more.

    further: as of `lend`. What is spent of what the duplicate has is spent of what those within had brought: else it
    would come back with them, and win once more. at: when the ledger undid the merge (None: see `dated`): what was
    bought before that is spent with what it counted, and takes nothing of what is counted later when it comes back.
    """
    goals, lent, on = _goals(book), duplicate.pop("lent", {}), (survivor, *further)
    let_go(duplicate, on)
    by_all = [lent, *(each.get("lent", {}) for each in on[:-1])]
    for each, by, theirs in zip(on, by_all, _brought(lent, on), strict=True):
        for rule, period in _draw(duplicate, each, goals, lent, theirs):
            for one in (duplicate, *ties.within(duplicate)):
                spend(one, rule, period, at)
        merging_cards.draw(duplicate, each, by.get("filled", {}))
    merging_cards.spend(duplicate, ties.within(duplicate))
    for rule, wins in lent.get("won", {}).items():
        for period in wins:
            _lose(on, rule, period)
            _inherit(on, rule, period, ties)
            for each, after in pairwise(on):
                _stop_short(each, after, rule, period, goals.get(rule))
    for each in on:
        for rule, periods in duplicate.get("progress", {}).items():
            forget(each, rule, periods)
    merging_referrals.take_back(duplicate, survivor, lent.get("before"), further)


def _brought(lent: Document, on: Way) -> Iterator[Mapping[str, Sequence[str]]]:
    """What a duplicate had won for each of these by itself."""
    found: Mapping[str, Sequence[str]] = lent.get("won", {})
    yield found
    for each in on[:-1]:
        sent = each.get("lent", {}).get("won", {})
        found = {rule: [period for period in wins if period in sent.get(rule, ())] for rule, wins in found.items()}
        yield found


def _draw(
    duplicate: Document, survivor: Document, goals: Mapping[str, int], lent: Document, won: Mapping[str, Sequence[str]]
) -> list[tuple[str, str]]:
    """What is the duplicate's, from one who has it. won: what of that they had won themselves. Returns what is spent,
    by challenge and period."""
    spent: list[tuple[str, str]] = []
    for rule, periods in duplicate.get("progress", {}).items():
        for period in periods:
            # A merge of an earlier release kept by how much the survivor's progress grew.
            brought = counts_of(lent if "progress" in lent else duplicate, rule, period)
            goal = goal_reached(survivor, rule, period) or goals.get(rule)
            if _part(duplicate, survivor, rule, period, brought, None if period in won.get(rule, ()) else goal):
                spent.append((rule, period))
    add_uses(survivor, duplicate.get("uses", {}), -1)
    return spent


def returned(
    way: Way, rule: Rule, was: Facts, left: Facts | None, ties: Ties, posted: datetime | None = None
) -> list[tuple[Way, str]]:  # fmt: skip
    """What a purchase counted of a challenge comes back. way: whoever bought, those by whom they came, and last the
    member who has all of it; posted: when the ledger posted the purchase. Returns whose reward goes back (the way from
    there), and of which period.

    A reward goes back where all who are one miss the goal; what a duplicate had won before they were merged, also
    where they miss it themselves and another has a reward of their own.
    """
    gone, steps = less(rule, was, left), list[tuple[int, Step]]()
    if is_spent(way[0], rule, gone, posted):
        return []
    for number, each in enumerate(way):
        found = lower(each, rule, gone)
        if found is not None:
            step, gone = found  # what the first has counted of it is what the others have of them
            steps.append((number, step))
    goes: list[tuple[Way, str]] = []
    for number, step in steps:
        period, rest = step.period, way[number:]
        if not step.loses or period not in won_periods(way[number]).get(rule.id, ()):
            continue  # it has gone back with the reward of somebody by whom it came
        theirs = way[number].get("theirs", {}).get(rule.id, {}).get(period)
        all_miss = steps[-1][1].after < step.goal
        if theirs is not None:
            rest = ties.way(theirs) if all_miss and len(rest) == 1 else ()
        elif not (all_miss or _rivals(rest, rule.id, period, ties)) and all(
            period in each["lent"]["won"].get(rule.id, ()) for each in rest[:-1]
        ):
            rest = ()  # it is the one reward of all of them, who have reached the goal
        if rest:
            goes.append((rest, period))
            _lose(rest, rule.id, period)
            _inherit(rest, rule.id, period, ties)
    return goes


def _lose(way: Way, rule: str, period: str) -> None:
    """What the first of these had won is won no more, nor by them for the others."""
    lose(way[0], rule, period)
    for each, after in pairwise(way):
        brought = each["lent"]["won"].get(rule, [])
        if period not in brought:
            return
        brought.remove(period)
        lose(after, rule, period)


def _inherit(way: Way, rule: str, period: str, ties: Ties) -> None:
    """What one of these had won by somebody, they have won by another who is one with them and had won it, too: maybe
    by the one before, who has just been brought it."""
    for each in way:
        for other in ties.into(each):
            if period in won_periods(other).get(rule, ()) and period not in won_periods(each).get(rule, ()):
                _bring(other, each, other["lent"], rule, period)


def _rivals(way: Way, rule: str, period: str, ties: Ties) -> bool:
    """Whether somebody has won a period who is one with these, and not on the way."""
    for before, each in zip((None, *way), way, strict=False):
        for other in ties.into(each):
            if other is not before and period in won_periods(other).get(rule, ()):
                return True
    return False


def _join(duplicate: Document, survivor: Document, rule: str, period: str, goal: int | None) -> None:
    """What is counted together, and how much of it is withheld."""
    most = max(reached(duplicate, rule, period), reached(survivor, rule, period))
    short = withheld(duplicate, rule, period) + withheld(survivor, rule, period)
    mine, more = counts_of(survivor, rule, period), counts_of(duplicate, rule, period)
    keep(survivor, rule, period, mine + more if mine else more)
    total = counted_of(survivor["progress"][rule][period])
    if goal is not None:
        short = 0 if most >= goal else max(short, total - (goal - 1))
    withhold(survivor, rule, period, min(short, total - most))


def _part(
    duplicate: Document, survivor: Document, rule: str, period: str, brought: Any, goal: int | None
) -> bool:  # fmt: skip
    """What was brought is the duplicate's alone. goal: None where they had won the period themselves. Whether it is
    spent."""
    mine = counts_of(survivor, rule, period)
    if not mine:
        return False
    rest = max(0, mine - brought) if isinstance(mine, int) else mine - brought
    left = rest if isinstance(rest, int) else len(rest)
    # A goal that is reached may be waiting for its reward: on either side only what was won is won.
    won, theirs = (period in won_periods(each).get(rule, ()) for each in (survivor, duplicate))
    # What another had won before they came stands for itself, and spends nothing: it leaves with them.
    own = won and period not in survivor.get("theirs", {}).get(rule, {})
    if (
        own
        and goal is not None
        and not (theirs and reached(duplicate, rule, period) >= goal)
        and left < goal <= reached(survivor, rule, period)
    ):
        return True
    keep(survivor, rule, period, rest)
    most = 0 if goal is None else left - (goal - 1)
    withhold(survivor, rule, period, min(withheld(survivor, rule, period), most))
    return False


def _stop_short(duplicate: Document, survivor: Document, rule: str, period: str, goal: int | None) -> None:
    """Together they are one short of the goal, once whoever had won it is neither's any more."""
    if goal is None or period in won_periods(survivor).get(rule, ()):
        return
    mine, theirs = counts_of(survivor, rule, period), counts_of(duplicate, rule, period)
    own = mine - theirs if mine and theirs else mine
    total, alone = (each if isinstance(each, int) else len(each) for each in (mine, own))
    most = max(reached(duplicate, rule, period), alone)
    withhold(survivor, rule, period, 0 if most >= goal else max(0, total - max(most, goal - 1)))


def winners(documents: Iterable[Document]) -> set[str]:
    """Who had won what these have by them: their rewards may have to go back."""
    return {id_ for each in documents for periods in each.get("theirs", {}).values() for id_ in periods.values()}


def _goals(book: Rulebook) -> dict[str, int]:
    """Of the newest version of each challenge."""
    newest = sorted((each for each in book.versions if isinstance(each, Challenge)), key=lambda each: each.version)
    return {each.id: each.progress.goal for each in newest}
