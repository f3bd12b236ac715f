"""A member who is merged into another, as campaigns counts them: progress, cards, uses, referrals. Pure.

What the two have counted of a challenge is added up. Where that reaches the goal which neither had reached, it stops
one short of it, so that the next event that counts wins it: a challenge is won by an event, never by a merge, and
never twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from shared.rules.challenges import lose, reached, won_periods
from shared.rules.definition import Challenge
from shared.rules.merging import add_uses
from shared.rules.rulebook import Rulebook

Document = dict[str, Any]
_REFERRAL: Final = ("referral", "first_purchase")


def lend(duplicate: Document, survivor: Document, book: Rulebook) -> None:
    """Gives the survivor what the duplicate has; keeps in the duplicate's document what was given."""
    goals, given = _goals(book), dict[str, dict[str, Any]]()
    for rule, periods in duplicate.get("progress", {}).items():
        mine = survivor.setdefault("progress", {}).setdefault(rule, {})
        for period, held in periods.items():
            before = mine.get(period)
            mine[period], given.setdefault(rule, {})[period] = _joined(before, held, goals.get(rule))
    won: dict[str, list[str]] = {}
    for rule, wins in won_periods(duplicate).items():
        mine_won = won_periods(survivor).setdefault(rule, [])
        won[rule] = [period for period in wins if period not in mine_won]
        mine_won += won[rule]
    cards = {card: state["punches"] for card, state in duplicate.get("cards", {}).items()}
    for card, punches in cards.items():
        survivor.setdefault("cards", {}).setdefault(card, {"punches": 0, "filled": 0})["punches"] += punches
    add_uses(survivor, duplicate.get("uses", {}))
    before = {what: survivor.get(what) for what in (*_REFERRAL, "rewarded")}
    duplicate["lent"] = {"progress": given, "won": won, "cards": cards, "before": before}
    _refer(duplicate, survivor)


def take_back(duplicate: Document, survivor: Document, book: Rulebook) -> None:
    """Gives back what is still there: progress that has won something since is spent, and is nobody's any more."""
    goals, lent = _goals(book), duplicate.pop("lent", {})
    for rule, periods in lent.get("progress", {}).items():
        mine = survivor.get("progress", {}).get(rule, {})
        for period, given in periods.items():
            goal = goals.get(rule)
            own = duplicate["progress"][rule]
            if goal is not None and reached(own[period]) < goal <= reached(mine.get(period)):
                own[period] = [] if isinstance(own[period], list) else 0
            elif period in mine:
                mine[period] = _less(mine[period], given)
    for rule, wins in lent.get("won", {}).items():
        for period in wins:
            lose(survivor, rule, period)
    for card, punches in lent.get("cards", {}).items():
        state = survivor.get("cards", {}).get(card, {"punches": 0})
        back = min(punches, state["punches"])
        state["punches"] -= back
        duplicate["cards"][card]["punches"] = back
    add_uses(survivor, duplicate.get("uses", {}), -1)
    for what, held in lent.get("before", {}).items():
        if held is None:
            survivor.pop(what, None)
        else:
            survivor[what] = held


def _joined(mine: Any, more: Any, goal: int | None) -> tuple[Any, Any]:
    """What is counted together, and by what it grew."""
    most = None if goal is None or max(reached(mine), reached(more)) >= goal else goal - 1
    if isinstance(more, list):
        days = [*(mine or []), *(day for day in more if day not in (mine or []))]
        kept = days if most is None else days[: max(most, reached(mine))]
        return kept, kept[reached(mine) :]
    total = (mine or 0) + more
    total = total if most is None else min(total, most)
    return total, total - (mine or 0)


def _less(held: Any, given: Any) -> Any:
    if isinstance(held, list):
        return [day for day in held if day not in given]
    return held - given


def _refer(duplicate: Document, survivor: Document) -> None:
    """The earliest of both; one who was rewarded as the duplicate is not rewarded once more."""
    if survivor.get("rewarded") is not None:
        return
    if duplicate.get("rewarded") is not None:
        survivor["rewarded"] = True
        return
    for what in _REFERRAL:
        found = [each for each in (survivor.get(what), duplicate.get(what)) if each is not None]
        if found:
            survivor[what] = min(found, key=_time)


def _time(seen: Mapping[str, str] | str) -> str:
    return seen if isinstance(seen, str) else seen["time"]


def _goals(book: Rulebook) -> dict[str, int]:
    """Of the newest version of each challenge."""
    newest = sorted((each for each in book.versions if isinstance(each, Challenge)), key=lambda each: each.version)
    return {each.id: each.progress.goal for each in newest}
