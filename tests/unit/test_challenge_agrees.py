"""Challenges with limits, budgets and campaigns: what is counted and given is what a list of baskets says, and so is
what `why` tells of every one of them. Random lives of three members through the ledger and campaigns."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from tests.model.seeds import seeds
from tests.model.winning import Basket, Bound, Market, Rule
from tests.unit.partnerkit import ANN, BOB, member
from tests.unit.returnkit import NOON
from tests.unit.rulekit import line, rule
from tests.unit.test_undoing import Coalition
from tests.unit.test_why_challenge import is_rebuilt, some, told

CAT = member(7)
HOMES = {ANN: "oak", BOB: "oak", CAT: "elm"}


def bounds(r: Random, id_: str) -> list[Bound]:
    """Perhaps a limit, perhaps a budget, of a challenge's own."""
    limits = [
        Bound(id_, "programme", "times", True, r.randint(1, 2)),
        Bound(id_, "programme", "times", False, r.randint(1, 4)),
        Bound(id_, "household", "points", True, r.choice([5, 9, 12])),
        Bound(id_, "household", "times", False, r.randint(1, 3)),
    ]
    return r.sample(limits, r.choice([0, 0, 1, 1, 2])) + [
        Bound(id_, "programme", "points", False, r.choice([5, 9, 20, 27, 40])) for _ in range(r.choice([0, 1, 1]))
    ]


def random_rules(r: Random) -> list[Rule]:
    """A campaign with a limit, its bonus and a challenge; and challenges of their own."""
    of_campaign = Bound("c", "member", "times", True, 1)
    found = [Rule("treat", r.choice([10, 30]), 1, bounds=(of_campaign,))]
    for number in range(r.randint(2, 5)):
        id_, count = f"ch-{number}", r.choice(["times", "days", "amount"])
        found.append(
            Rule(
                id_, r.choice([0, 0, 15]), r.randint(1, 3), r.choice([0, 10, 25]),
                r.choice([30, 70, 120]) if count == "amount" else r.randint(1, 4),
                count, r.choice(["month", "month", "ever"]),  # type: ignore[arg-type]
                ((of_campaign,) if number == 0 else ()) + tuple(bounds(r, id_)), r.choice([1, 1, 2, 3]),
            )
        )  # fmt: skip
    return found


def written(each: Rule) -> str:
    """As a definition."""
    asked = [f"basket.total >= {each.least}"] if each.least else []
    asked += [f"history.count(today) >= {each.place}"] if each.place > 1 else []
    said = f"when: {' && '.join(asked)}\n" if asked else ""
    limits = [bound for bound in each.bounds if bound.owner == each.id]
    budget = [bound for bound in limits if bound.per == "programme" and bound.measure == "points"]
    said += "campaign: c\n" if len(limits) < len(each.bounds) else ""
    said += "".join(f"budget: {{points: {bound.most}}}\n" for bound in budget)
    rest = ", ".join(
        f"{{per: {b.per}, period: {'day' if b.daily else 'ever'}, {b.measure}: {b.most}}}"
        for b in limits if b not in budget
    )  # fmt: skip
    said += f"limits: [{rest}]\n" if rest else ""
    if each.goal:
        said += f"progress: {{count: {each.count}, period: {each.period}, goal: {each.goal}}}\n"
    gives = f"per_amount: {{per: {each.each}, give: {each.points}}}" if each.each else f"fixed: {each.points}"
    return rule(each.id, f"{said}then: {{{gives}}}", "challenge" if each.goal else "bonus")


class Town:
    """The services, and the list."""

    def __init__(self, chance: Random) -> None:
        self.chance, rules = chance, random_rules(chance)
        campaign = rule("c", "limits: [{per: member, period: day, times: 1}]", "campaign")
        self.services = Coalition(campaign, *map(written, rules))
        self.market = Market(rules, HOMES)
        self.baskets: dict[str, Basket] = {}
        self.at = NOON

    async def lives(self, steps: int) -> None:
        for who, home in HOMES.items():
            await self.services.joins(who, household=home)
        await self.services.hear()
        for _ in range(steps):
            self.at += timedelta(minutes=self.chance.choice([1, 1, 1, 60 * 24, 60 * 24 * 9]))
            if self.chance.random() < 0.75:
                who, total = self.chance.choice([*HOMES]), self.chance.choice([3, 9, 12, 20, 31, 55])
                id_ = await self.services.buys(line(f"{total}.00"), who=who, at=self.at)
                self.baskets[id_] = self.market.buys(who, self.at.date(), total)
            elif kept := [id_ for id_, each in self.baskets.items() if each.kept]:
                gone = self.chance.choice(kept)
                await self.services.returns(gone, who=self.baskets[gone].who, at=self.at)
                self.market.gives_back(self.baskets[gone])
            self.agrees()

    def agrees(self) -> None:
        for who in HOMES:
            given = {rule_: points for rule_, points in self.services.granted(who).items() if points}
            assert given == self.market.points(who), who
            mine: dict[str, Any] = {}
            for each in (each for each in self.market.rules if each.goal):
                days = {each.bucket(basket.day) for basket in self.baskets.values()}
                mine[each.id] = {day: self.market.progress(who, each, day) for day in days}
            found = self.services.counted(who).get("progress", {}) if self.baskets else {}
            live = {
                rule_: {period: len(n) if isinstance(n, list) else n for period, n in periods.items()}
                for rule_, periods in found.items()
            }
            assert some(live) == some(mine), who

    def is_told(self) -> None:
        """Long afterwards, of each basket, what became of it then."""
        for id_, basket in self.baskets.items():
            for rule_, expected in basket.told.items():
                said = told(self.services, id_, basket.who, rule_)
                progress = expected.removesuffix(", but")
                assert progress in said, (id_, rule_)
                if "won" in expected:
                    assert said == expected, (id_, rule_)
                elif "star" in expected:
                    assert said.startswith(expected), (id_, rule_)
                else:
                    assert (", but " in said) == expected.endswith(", but"), (id_, rule_, said)
                    assert "star" not in said and "won already" not in said, (id_, rule_, said)
        for who in HOMES:
            is_rebuilt(self.services, who)


@pytest.mark.parametrize("seed", seeds(24))
async def test_what_challenges_count_and_give_and_are_told_is_what_a_list_says(seed: int) -> None:
    """Mechanisms: `challenges.counted`, which counts before it asks for the reward, `challenged`, by which `why` knows
    what was won, and `recalled` in `unwinding`, by which it takes back what had counted; without any of them they
    differ from the list."""
    town = Town(Random(seed))
    await town.lives(40)
    town.is_told()
