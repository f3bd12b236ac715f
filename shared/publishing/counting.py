"""What a new version counts that was not counted before: such limits and budgets begin at 0. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from shared.publishing.registry import Version, newest
from shared.rules.bounds import Limit
from shared.rules.definition import Bounded, Definition
from shared.rules.reading import readable


def uncounted(new: Definition, versions: Sequence[Version]) -> list[str]:
    """A line for each limit and budget that the newest of the published versions does not have.

    Only what has a limit is counted, each by whose it is, what it counts and its period: a higher or lower number goes
    on with what was counted. Of a definition that is not published nothing was given, and nothing is to be said.
    """
    if not versions or not isinstance(new, Bounded):
        return []
    last = int(newest({"versions": versions})["version"])
    known = {int(each["version"]): _counters(readable(each["body"])) for each in versions}
    lines: list[str] = []
    for counter in _counters(new):
        before = [number for number, counters in known.items() if counter in counters]
        if not before:
            lines.append(f"{counter} begins at 0: what was given before is not counted")
        elif last not in before:
            lines.append(
                f"{counter} goes on from what was counted up to version {max(before)}: what was given since is not"
            )
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
