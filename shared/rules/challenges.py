"""Challenges, decided: what counts within a period, and the event that wins it. Pure.

All matching events count, whatever the reward would be for one of them, and whatever limits and budgets say then: these
hold only the reward back. A period is won by its first matching event with which the goal is reached and the reward can
be given; where a budget is empty at that moment, nothing is lost, and a later event may win.

Progress is kept in the member's document: of each challenge and period the days or the sum counted so far, and whether
it was won (`won`: periods by challenge): a period is won once, however its goal changes while it runs. Only the newest
periods are kept, as many for each who is one with the member; an event that is older than all of them counts for
nothing, because it may have counted before.

The goal by which a period was won is kept (`goals`): what comes back is held against that one.

By merges (see `merging_progress`) more may have been counted than counts yet (`withheld`), and a period may have been
won by somebody who was merged into the member (`theirs`: by whom). What has won for a survivor whom the member was
merged into is `spent`: of each period, until when.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from shared.rules.compiled import Compiled
from shared.rules.definition import Challenge, Rule
from shared.rules.facts import Facts
from shared.rules.language.questions import ask, zone_info
from shared.rules.matching import Outcome, judge_alone, settle_alone
from shared.rules.rulebook import Ruleset
from shared.rules.schedule import period_key, period_of_day
from shared.rules.usage import Usage

_KEPT: Final = 12
_ELIGIBLE: Final = ask("basket.eligible")
_QUANTITY: Final = ask("basket.quantity")


class Step(Struct, frozen=True, gc=False):
    """What one event did to a challenge's period: what was counted before it, and with it.

    won: whether the period had been won before; forgotten: it is older than all that are kept, so the event counted for
    nothing; wins: whether this event won it.
    """

    period: str
    before: int
    after: int
    goal: int
    won: bool = False
    forgotten: bool = False
    wins: bool = False

    @property
    def reaches(self) -> bool:
        """Whether it wins the period, if the reward can be given. Of a period that is won no later event does."""
        return not self.won and not self.forgotten and self.after >= self.goal

    @property
    def loses(self) -> bool:
        """Whether a return leaves less than the goal of a period that was won."""
        return self.won and self.after < self.goal


class Less(NamedTuple):
    """What a return takes from a challenge's period: so many; of one that counts days one, that day."""

    period: str
    number: int
    day: int | None = None


def completed(
    member: dict[str, Any],
    candidates: Sequence[Compiled],
    facts: Facts,
    rules: Ruleset,
    usage: Usage,
    watch: Callable[[Outcome, str], None] = lambda *_: None,
) -> Iterator[tuple[Outcome, str]]:
    """Challenges that this event wins, each with its period; all that match count it. watch: is shown what became of
    the reward, and of which period, wherever the event reached the goal."""
    for compiled in rules.matcher.holding(candidates, facts):
        step, outcome = counted(member, compiled, facts, rules, usage)
        if outcome is not None:
            watch(outcome, step.period)
        if step.wins and outcome is not None:
            yield outcome, step.period


def counted(
    member: dict[str, Any], compiled: Compiled, facts: Facts, rules: Ruleset, usage: Usage
) -> tuple[Step, Outcome | None]:
    """One challenge that matches: the event is counted, its uses where it wins.

    The outcome is the reward's; None where nobody asks for it: most events only count.
    """
    step = count(member, compiled.rule, facts)
    if not step.reaches:
        return step, None
    outcome = judge_alone(compiled, facts, rules, usage)
    if outcome.verdict != "applies":  # held back, or it is nothing: what was counted stays for the next event
        return step, outcome
    win(member, compiled.rule.id, step.period, step.goal)
    settle_alone(outcome, facts, usage)
    return replace(step, wins=True), outcome


def win(member: dict[str, Any], rule: str, period: str, goal: int) -> None:
    """A period is won, by that goal."""
    won_periods(member).setdefault(rule, []).append(period)
    member.setdefault("goals", {}).setdefault(rule, {})[period] = goal


def lose(member: dict[str, Any], rule: str, period: str) -> None:
    """What a period won has gone back: it may be won once more."""
    won = won_periods(member).get(rule, [])
    if period in won:
        won.remove(period)
    for kept in ("goals", "theirs"):
        member.get(kept, {}).get(rule, {}).pop(period, None)


def goal_reached(member: dict[str, Any], rule: str, period: str) -> int | None:
    """The goal by which a period was won, whatever it has been changed to since; None where it is not won, or was by an
    earlier release."""
    found: int | None = member.get("goals", {}).get(rule, {}).get(period)
    return found


def won_periods(member: dict[str, Any]) -> dict[str, list[str]]:
    """Periods that were won, by challenge. A document of an earlier release has what was given instead."""
    if "won" not in member:
        member["won"] = {rule: list(periods) for rule, periods in member.get("completed", {}).items()}
    found: dict[str, list[str]] = member["won"]
    return found


def count(member: dict[str, Any], rule: Rule, facts: Facts) -> Step:
    """Counts an event that matches; whether it wins is asked afterwards."""
    step = _step(member, rule, facts)
    if step.reaches:  # what kept a merge from winning keeps no event from it: now all counts
        withhold(member, rule.id, step.period, 0)
    return step


def _step(member: dict[str, Any], rule: Rule, facts: Facts) -> Step:
    assert isinstance(rule, Challenge)
    id_, progress = rule.id, rule.progress
    goal, zone = progress.goal, rule.schedule.time_zone
    today = facts.today(None if zone is None else zone_info(zone))
    period = period_of_day(progress.period, today)
    all_: dict[str, dict[str, Any]] = member.setdefault("progress", {})
    periods = all_.get(id_)
    if periods is None:
        periods = all_[id_] = {}
    # Who is merged into the member has periods of their own: the member's would be forgotten for these.
    most = _KEPT if "absorbed" not in member else _KEPT * (1 + len(member["absorbed"]))
    if period not in periods and periods and period < min(periods) and _is_forgotten(member, id_, period, most):
        return Step(period, 0, 0, goal, forgotten=True)
    won_before = member.get("won")
    won = period in (won_periods(member) if won_before is None else won_before).get(id_, ())
    held = periods.get(period)
    by_day = progress.count == "days"
    if held is not None and isinstance(held, list) != by_day:
        periods.pop(period, None)  # a draft that counts something else, in a backtest: nothing of that is counted yet
        held = None
    least = withheld(member, id_, period) if "withheld" in member else 0
    before = counted_of(held) - least
    if by_day:
        days: list[int] = periods.setdefault(period, [])
        day = today.toordinal()
        if day in days:
            again, named = _again(member, id_, period), str(day)
            again[named] = again.get(named, 0) + 1
            if least > 0:  # of days that a merge withheld each event makes one count: else nobody won a week of seven
                withhold(member, id_, period, least - 1)
            return Step(period, before, before + (least > 0), goal, won)
        if won and before >= goal:  # no more days are kept than are needed to win, and until then
            return Step(period, before, before, goal, won)
        days.append(day)
        after = before + 1
    else:
        more = _part(progress.count, facts)
        periods[period] = periods.get(period, 0) + more
        after = before + more
    if len(periods) > most:
        for old in sorted(periods)[:-most]:
            del periods[old]
            member.get("again", {}).get(id_, {}).pop(old, None)
            withhold(member, id_, old, 0)
            lose(member, id_, old)
            member.get("spent", {}).get(id_, {}).pop(old, None)
            forget_until(member, id_, old)
    return Step(period, before, after, goal, won)


def forget_until(member: dict[str, Any], rule: str, period: str) -> None:
    """Of this period, and those before it, nothing is known any more: what was counted of them, or won."""
    marks: dict[str, str] = member.setdefault("forgotten", {})
    marks[rule] = max(period, marks.get(rule, period))


def _is_forgotten(member: dict[str, Any], rule: str, period: str, most: int) -> bool:
    """Of a period that is older than all that are kept. An earlier release did not note what it had forgotten."""
    mark = member.get("forgotten", {}).get(rule)
    held = len(member["progress"][rule])
    return bool(held >= _KEPT if mark is None else held >= most or period <= mark)


def less(rule: Rule, was: Facts, left: Facts | None) -> Less:
    """What a return takes of what a purchase counted.

    was: the purchase before, for which the challenge held; left: what is left, None where it holds no more.
    """
    assert isinstance(rule, Challenge)
    today, count = was.today(zone_info(rule.schedule.time_zone)), rule.progress.count
    period = period_key(rule.progress.period, today)
    if count == "days":
        return Less(period, int(left is None), today.toordinal())
    return Less(period, _part(count, was) - (0 if left is None else _part(count, left)))


def lower(member: dict[str, Any], rule: Rule, gone: Less) -> tuple[Step, Less] | None:
    """Counts so much less, and what that was: no more than was counted; None where the period is not kept. What a merge
    withheld goes first."""
    assert isinstance(rule, Challenge)
    period = gone.period
    goal = goal_reached(member, rule.id, period) or rule.progress.goal
    periods: dict[str, Any] = member.get("progress", {}).get(rule.id, {})
    if period not in periods or isinstance(periods[period], list) != (rule.progress.count == "days"):
        return None
    won, before = period in won_periods(member).get(rule.id, ()), reached(member, rule.id, period)
    kept, number = counted_of(periods[period]), gone.number
    if gone.day is not None:
        number = number and _day_less(member, rule.id, period, periods[period], gone.day)
    else:
        number = min(number, periods[period])
        periods[period] -= number
    fewer = kept - counted_of(periods[period])
    withhold(member, rule.id, period, withheld(member, rule.id, period) - fewer)
    return Step(period, before, reached(member, rule.id, period), goal, won), gone._replace(number=number)


def _day_less(member: dict[str, Any], rule: str, period: str, days: list[int], day: int) -> int:
    """A day counts while anything of it is left. Whether it was counted."""
    again = _again(member, rule, period)
    if again.get(str(day), 0):
        again[str(day)] -= 1
    elif day in days:
        days.remove(day)
    else:
        return 0
    return 1


def _again(member: dict[str, Any], rule: str, period: str) -> dict[str, int]:
    """How often a day was counted that counted already: it counts until all of these have come back."""
    found: dict[str, int] = member.setdefault("again", {}).setdefault(rule, {}).setdefault(period, {})
    return found


def reached(member: dict[str, Any], rule: str, period: str) -> int:
    """How much counts: what was counted, less what is withheld."""
    return counted_of(member.get("progress", {}).get(rule, {}).get(period)) - withheld(member, rule, period)


def counted_of(held: Any) -> int:
    """How much was counted: a number, or so many days."""
    return len(held) if isinstance(held, list) else held or 0


def withheld(member: dict[str, Any], rule: str, period: str) -> int:
    """How much of what was counted does not count: see `merging_progress`."""
    found: int = member.get("withheld", {}).get(rule, {}).get(period, 0)
    return found


def withhold(member: dict[str, Any], rule: str, period: str, number: int) -> None:
    """So much does not count from here on; nothing is kept where that is nothing."""
    if number > 0:
        member.setdefault("withheld", {}).setdefault(rule, {})[period] = number
    elif withheld(member, rule, period):
        del member["withheld"][rule][period]


def _part(count: str, facts: Facts) -> int:
    if count == "times":
        return 1
    return int(facts.get(_QUANTITY if count == "quantity" else _ELIGIBLE) or 0)
