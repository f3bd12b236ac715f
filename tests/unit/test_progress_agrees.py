"""What campaigns counts of members is what a list of baskets says, whatever comes back, is merged and taken apart.

Random lives of three members through the ledger, the counter and campaigns, beside a plain list of what was bought:
whose, when, which lines are left. Goals are so high that nothing is won: then all that is left counts, for all who are
one, and for whoever bought it once they are apart.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.earn.counter.commands import Answer
from shared.ops.rebuilding import before
from tests.model.seeds import seeds
from tests.unit.campaignkit import Campaigning
from tests.unit.partnerkit import ANN, BOB
from tests.unit.relating import Related
from tests.unit.rulekit import rule
from tests.unit.test_people import CAT

WHO = [ANN, BOB, CAT]
STEP, LEAST = 10_000, 30_000  # dong: what all amounts are multiples of; the least that counts
WHEN = f"when: basket.total >= {LEAST}\n"
SECOND = "when: history.count(today) >= 2\n"
RICH = 60_000  # dong in a day
FEW = 3  # times that a limit allows in a week


def challenge(id_: str, count: str, period: str, goal: int, when: str = WHEN) -> str:
    """One that asks for a least spend, or something else."""
    body = f"{when}progress: {{count: {count}, period: {period}, goal: {goal}}}\nthen: {{fixed: 1}}"
    return rule(id_, body, "challenge")


RULES = [
    challenge("times", "times", "month", 1000),
    challenge("days", "days", "year", 366),
    challenge("amount", "amount", "ever", 10**9),
    challenge("second", "times", "month", 1000, SECOND),
    challenge("rich", "amount", "ever", 10**9, f"when: history.sum(basket.eligible, today) >= {RICH}\n"),
    rule("few", f"{WHEN}then: {{fixed: 7}}\nlimits: [{{period: week, times: {FEW}}}]", "bonus"),
    rule("some", f"{WHEN}then: {{fixed: 33}}\nlimits: [{{period: month, points: 66}}]", "bonus"),
    rule(
        "again",
        f"{SECOND}then: {{fixed: 5}}\nlimits: [{{period: week, times: {FEW}}}]",
        "bonus",
    ),
    rule("holes", f"{WHEN}then: {{punch: {{card: c, of: 100, points: 1}}}}", "bonus"),
]


@dataclass
class Basket:
    """Bought by whom, on which local day; amounts of the lines that are left; how many of that day were kept when
    it was bought, and what was left of them together; how often each bonus stands."""

    owner: str
    day: date
    lines: dict[int, int]
    earlier: int = 0
    spent: int = 0
    given: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """What counts of it."""
        total = sum(self.lines.values())
        return total if total >= LEAST else 0


def week(day: date) -> str:
    return "{}-W{:02}".format(*day.isocalendar()[:2])


def month(day: date) -> str:
    return f"{day:%Y-%m}"


def none_of_nothing(found: Any) -> Any:
    """Without counts of nothing."""
    if isinstance(found, dict):
        return {key: kept for key, each in found.items() if (kept := none_of_nothing(each))}
    return sorted(found) if isinstance(found, list) else found


class Town(Related):
    """The services, and the list."""

    def __init__(self, chance: Random) -> None:
        super().__init__(chance, WHO)
        self.mall = Campaigning(*RULES)
        self.baskets: dict[str, Basket] = {}

    def family(self, who: str) -> list[Basket]:
        """What all who are that person have bought."""
        return [each for each in self.baskets.values() if self.last(each.owner) == self.last(who)]

    async def buys(self) -> None:
        who, days_ago = self.chance.choice(WHO), self.chance.choice([0, 0, 0, 1, 5, 20])
        lines = [self.chance.randint(1, 4) * STEP for _ in range(self.chance.randint(1, 3))]
        day = (self.mall.clock.now - timedelta(days=days_ago)).astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date()
        now, past = Basket(self.last(who), day, dict(enumerate(lines))), self.family(who)
        kept = [each for each in past if each.day == day and each.lines]
        now.earlier, now.spent = len(kept), sum(sum(each.lines.values()) for each in kept)
        few = sum(each.given["few"] for each in past if week(each.day) == week(day))
        some = sum(each.given["some"] for each in past if month(each.day) == month(day))
        now.given = {"few": int(few < FEW), "some": int(some < 2)} if now.total else {"few": 0, "some": 0}
        again = sum(each.given["again"] for each in past if week(each.day) == week(day))
        now.given["again"] = int(now.earlier > 0 and again < FEW)
        self.baskets[await self.mall.buys_lines(who, *lines, days_ago=days_ago)] = now

    async def gives_back(self) -> None:
        """A line, or all that is left, by whoever is that person."""
        if not (there := sorted(key for key, each in self.baskets.items() if each.lines)):
            return
        key = self.chance.choice(there)
        bought = self.baskets[key]
        who = self.chance.choice(self.one_with(bought.owner))
        gone = self.chance.choice([None, *bought.lines])
        await self.mall.gives_back(who, key, gone)
        bought.lines = {} if gone is None else {n: each for n, each in bought.lines.items() if n != gone}
        if not bought.total:
            bought.given |= {"few": 0, "some": 0}
        if not bought.lines:
            bought.given["again"] = 0

    async def merged(self, one: str, other: str) -> Answer:
        return await self.mall.merges(one, other)

    async def unmerged(self, one: str) -> Answer:
        return await self.mall.parts(one)

    def expected(self, who: str) -> dict[str, Any]:
        """By the list."""
        kept = [each for each in self.family(who) if each.lines]
        left = [each for each in kept if each.total]
        all_of = {id(each): sum(each.lines.values()) for each in kept}
        days = Counter(each.day for each in left)
        amounts = sum(each.total for each in left)
        progress = {
            "times": Counter(month(each.day) for each in left),
            "days": {str(year): [day.toordinal() for day in days if day.year == year] for year in (2026, 2027)},
            "amount": {"ever": amounts},
            "second": Counter(month(each.day) for each in kept if each.earlier),
            "rich": {"ever": sum(all_of[id(each)] for each in kept if each.spent + all_of[id(each)] >= RICH)},
        }
        again = {str(year): {str(day.toordinal()): n - 1 for day, n in days.items() if day.year == year}
                 for year in (2026, 2027)}  # fmt: skip
        few, some, more = Counter[str](), Counter[str](), Counter[str]()
        for each in kept:
            more[week(each.day)] += each.given["again"]
        for each in left:
            few[week(each.day)] += each.given["few"]
            some[month(each.day)] += 33 * each.given["some"]
        uses = {"few:member:times:week": few, "some:member:points:month": some, "again:member:times:week": more}
        found = {"progress": progress, "again": {"days": again}, "uses": uses, "punches": len(left)}
        return dict(none_of_nothing(found))

    async def agrees(self) -> None:
        """Of whoever leads nowhere; the same where their past is rebuilt, but for cards."""
        for who in (each for each in WHO if each not in self.into):
            expected, found = self.expected(who), self.mall.counted(who)
            mine = {name: found.get(name, {}) for name in ("progress", "again", "uses")}
            punches = {"punches": found.get("cards", {}).get("c", {}).get("punches", 0)}
            assert none_of_nothing(mine | punches) == expected, who
            bonuses = {"few": 7, "some": 33, "again": 5}
            given = sum(n * each.given[id_] for each in self.family(who) for id_, n in bonuses.items())
            assert self.mall.stars(who) == given + sum(sum(each.lines.values()) // STEP for each in self.family(who))

    async def is_rebuilt(self) -> None:
        """What is explained from."""
        for who in WHO:
            sources = await self.mall.sources(who)
            rebuilt = before(len(sources.journal) + 1, who, sources).campaigns.document
            if who not in self.into:
                theirs = {name: rebuilt.get(name, {}) for name in ("progress", "again", "uses")}
                expected = {name: each for name, each in self.expected(who).items() if name != "punches"}
                assert none_of_nothing(theirs) == expected, who


async def lived(seed: int) -> None:
    town = Town(Random(seed))
    for who in WHO:
        await town.mall.joins(who, "home")
    await town.mall.hear()
    for _ in range(50):
        town.mall.passes(days=town.chance.choice([0, 0.01, 1, 3, 12]))
        await town.chance.choice([*4 * [town.buys], *3 * [town.gives_back], town.merges, town.parts])()
        await town.agrees()
    await town.is_rebuilt()


@pytest.mark.parametrize("seed", seeds(24))
async def test_what_is_counted_is_what_was_bought_and_kept(seed: int) -> None:
    """Mechanisms: `merging_progress.returned`, `charged` and `unpunch`; without any of them a return is charged to the
    survivor, and the duplicate has theirs back whole. `unwind`, for what is rebuilt, with `recalled`: without it what
    was the first of its day, and counted for nothing, is taken from what counts."""
    await lived(seed)
