"""What a new version does to what is there: limits and budgets that begin at 0, points that count for less. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from shared.publishing.registry import Version, newest
from shared.rules.bounds import Limit
from shared.rules.definition import Bounded, Definition, Programme
from shared.rules.reading import readable


def uncounted(new: Definition, versions: Sequence[Version]) -> list[str]:
    """A line for each limit and budget that the newest of the published versions does not have.

    Only what has a limit is counted, each by whose it is, what it counts and its period: a higher or lower number goes
    on with what was counted. Of a definition that is not published nothing was given, and nothing is to be said. Of a
    programme: a line for each wallet whose points members cannot spend any more.
    """
    if versions and isinstance(new, Programme):
        return _unspendable(new, readable(newest({"versions": versions})["body"]))
    if not versions or not isinstance(new, Bounded):
        return []
    last = int(newest({"versions": versions})["version"])
    known = {int(each["version"]): _counters(readable(each["body"])) for each in versions}
    lines = _joined(new, readable(newest({"versions": versions})["body"]))
    for counter in _counters(new):
        before = [number for number, counters in known.items() if counter in counters]
        if not before:
            lines.append(f"{counter} begins at 0: what was given before is not counted")
        elif last not in before:
            lines.append(
                f"{counter} goes on from what was counted up to version {max(before)}: what was given since is not"
            )
    return lines


def _joined(new: Bounded, last: Definition | None) -> list[str]:
    """A rule that comes to a campaign brings nothing of what it gave."""
    campaign = getattr(new, "campaign", None)
    if campaign is None or campaign == getattr(last, "campaign", None):
        return []
    counts = f"the campaign {campaign} counts it from now on, where it has limits or a budget"
    return [f"{counts}: what was given before is not counted"]


def _unspendable(new: Programme, last: Definition | None) -> list[str]:
    """Points are never taken away by a publication; what they are worth may be."""
    if not isinstance(last, Programme):
        return []
    lines: list[str] = []
    for id_, was in last.purses.items():
        now = new.purses.get(id_)
        if now is None:
            lines.append(f"wallet {id_} is left out: points that members have in it stay, and cannot be spent")
        elif was.kind == "currency" and now.kind == "status":
            lines.append(
                f"wallet {id_} becomes status: points that members have in it cannot be spent, and are no liability"
            )
        elif was.redemption is not None and now.redemption is None:
            lines.append(f"wallet {id_} has no `redemption`: points that members have in it cannot be spent")
    return lines


def _counters(of: Definition | None) -> list[str]:
    """What is counted, in words: equal words are one counter (see `usage.Bound.key` and `budgets`)."""
    if not isinstance(of, Bounded):
        return []
    return [*map(_limit, of.limits), *([] if of.budget is None else [_budget(of)])]


def _limit(limit: Limit) -> str:
    whose = "of all" if limit.per == "programme" else f"a {limit.per}"
    return f"the limit of {limit.measure} {whose}, {'ever' if limit.period == 'ever' else f'a {limit.period}'},"


def _budget(of: Bounded) -> str:
    assert of.budget is not None
    return "the budget in " + ("points" if of.budget.money is None else of.budget.money.currency)
