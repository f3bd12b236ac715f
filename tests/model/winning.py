"""What challenges count and give, naively: a list of baskets, and a list of what was won; everything is added up anew.

A basket matches by its total, and by which of its day's it was, of those that were kept when it was bought: what
becomes of the others later changes nothing of it. All that match count, whatever is left of limits and budgets; the
first with which the goal is reached, and for which anything is left to give, wins the period. What comes back is not
counted any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Per = Literal["programme", "household", "member"]


@dataclass(frozen=True)
class Bound:
    """At most so many times, or points, by day or ever; of a campaign, whose rules share it."""

    owner: str
    per: Per
    measure: Literal["times", "points"]
    daily: bool
    most: int


@dataclass(frozen=True)
class Rule:
    """A challenge, or (with a goal of 0) a bonus. each: points for so many dollars, else fixed; place: which of its
    buyer's baskets of the day is the first that matches."""

    id: str
    least: int
    points: int
    each: int = 0
    goal: int = 0
    count: Literal["times", "days", "amount"] = "times"
    period: Literal["month", "ever"] = "month"
    bounds: tuple[Bound, ...] = ()
    place: int = 1

    def bucket(self, day: date) -> str:
        """The period of a day, as it is called."""
        return f"{day:%Y-%m}" if self.period == "month" else "ever"

    def wants(self, total: int) -> int:
        """What it would give for a basket if nothing held it back."""
        return total // self.each * self.points if self.each else self.points


@dataclass
class Basket:
    """Bought by whom; place: which of the day's it was then; kept: whether it has not come back. told: what
    became of each challenge that it matched."""

    who: str
    day: date
    total: int
    place: int
    kept: bool = True
    told: dict[str, str] = field(default_factory=dict)


@dataclass
class Won:
    """By whom, for which basket, how much; by which goal. It stands until it goes back."""

    rule: Rule
    basket: Basket
    points: int
    goal: int
    stands: bool = True


class Market:
    """All that was bought, and all that was won by it."""

    def __init__(self, rules: list[Rule], homes: dict[str, str]) -> None:
        self.rules = sorted(rules, key=lambda each: (each.goal > 0, each.id))  # bonuses first
        self.homes = homes
        self.won: list[Won] = []
        self.baskets: list[Basket] = []
        self._days: dict[tuple[str, str, str], Counter[date]] = {}
        self._sums: Counter[tuple[str, str, str]] = Counter()

    def progress(self, who: str, rule: Rule, bucket: str) -> int:
        """How much is counted."""
        key = who, rule.id, bucket
        return len(+self._days.get(key, Counter())) if rule.count == "days" else self._sums[key]

    def standing(self, who: str, rule: Rule, bucket: str) -> Won | None:
        """What was won of a period, and has not gone back."""
        mine = (w for w in self.won if w.stands and w.rule.id == rule.id and w.basket.who == who)
        return next((w for w in mine if rule.bucket(w.basket.day) == bucket), None)

    def buys(self, who: str, day: date, total: int) -> Basket:
        """A basket, decided."""
        earlier = sum(each.kept and (each.who, each.day) == (who, day) for each in self.baskets)
        basket = Basket(who, day, total, earlier + 1)
        self.baskets.append(basket)
        for rule in self._matched(basket):
            if not rule.goal:
                self._gives(rule, basket)
                continue
            bucket = rule.bucket(day)
            already = self.standing(who, rule, bucket) is not None
            self._counts(rule, basket, already)
            reached = self.progress(who, rule, bucket)
            if already:
                basket.told[rule.id] = f"{bucket} is won already"
            elif reached < rule.goal:
                basket.told[rule.id] = f"{reached} of {rule.goal}"
            elif given := self._gives(rule, basket):
                basket.told[rule.id] = f"{given} star" + "s" * (given > 1)
            else:
                basket.told[rule.id] = f"{reached} of {rule.goal}, but"
        return basket

    def gives_back(self, basket: Basket) -> None:
        """All of it comes back."""
        basket.kept = False
        for rule in self._matched(basket):
            bucket, key = rule.bucket(basket.day), (basket.who, rule.id, rule.bucket(basket.day))
            if not rule.goal:
                for won in self.won:
                    won.stands = won.stands and not (won.basket is basket and won.rule is rule)
            elif rule.count == "days":
                days = self._days.setdefault(key, Counter())
                days[basket.day] = max(0, days[basket.day] - 1)
            else:
                self._sums[key] -= basket.total if rule.count == "amount" else 1
            won_now = self.standing(basket.who, rule, bucket) if rule.goal else None
            if won_now is not None and self.progress(basket.who, rule, bucket) < won_now.goal:
                won_now.stands = False

    def points(self, who: str) -> dict[str, int]:
        """What stands of each rule."""
        found = Counter[str]()
        for won in self.won:
            if won.stands and won.basket.who == who:
                found[won.rule.id] += won.points
        return dict(found)

    def _matched(self, basket: Basket) -> Iterator[Rule]:
        return (rule for rule in self.rules if basket.total >= rule.least and basket.place >= rule.place)

    def _counts(self, rule: Rule, basket: Basket, already: bool) -> None:
        key = basket.who, rule.id, rule.bucket(basket.day)
        if rule.count == "days":
            days = self._days.setdefault(key, Counter())
            if not already or days[basket.day] or len(+days) < rule.goal:
                days[basket.day] += 1
        else:
            self._sums[key] += basket.total if rule.count == "amount" else 1

    def _gives(self, rule: Rule, basket: Basket) -> int:
        points = rule.wants(basket.total)
        for bound in rule.bounds:
            used = sum(self._takes(bound, won) for won in self.won if won.stands and self._shares(bound, won, basket))
            if bound.measure == "points":
                points = min(points, bound.most - used)
            elif used >= bound.most:
                points = 0
        if points > 0:
            self.won.append(Won(rule, basket, points, rule.goal))
        return max(0, points)

    def _takes(self, bound: Bound, won: Won) -> int:
        return won.points if bound.measure == "points" else 1

    def _shares(self, bound: Bound, won: Won, basket: Basket) -> bool:
        if bound not in won.rule.bounds or (bound.daily and won.basket.day != basket.day):
            return False
        if bound.per == "member":
            return won.basket.who == basket.who
        return bound.per == "programme" or self.homes[won.basket.who] == self.homes[basket.who]
