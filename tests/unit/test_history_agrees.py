"""What rules ask of a past is what a list of baskets says, whatever was late, given back, merged, parted or published.

Random lives of three members in the ledger, beside a plain list of what was bought: whose, when, which lines are left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.earn.counter.commands import Answer
from services.earn.posting import JOURNAL
from shared.rules.rulebook import Rulebook
from shared.rules.yamlfile import read_all
from shared.runtime.memory import MemoryStore
from shared.runtime.records import Record
from tests.model.seeds import seeds
from tests.unit.partnerkit import ANN, BOB, Mall, activity
from tests.unit.relating import Related
from tests.unit.rulekit import rule
from tests.unit.test_people import CAT, merged, of, unmerged

WHO = [ANN, BOB, CAT]
MOST = 12
STEP = 10_000  # dong: what all amounts are multiples of


@dataclass
class Basket:
    """Bought by whom, on which local day; product and amount of each line that is left; what they had bought before;
    and the stars that stand, by question or limit."""

    owner: str
    day: date
    lines: dict[int, tuple[str, int]]
    past: list[Basket] = field(default_factory=list)
    given: dict[str, int] = field(default_factory=dict)

    def has(self, product: str) -> bool:
        """Whether a line of it is left."""
        return any(each == product for each, _ in self.lines.values())


def _in_row(days: set[date], last: date) -> int:
    length = int(last in days)
    while last - timedelta(days=1) in days:
        last, length = last - timedelta(days=1), length + 1
    return length


def _since(found: list[Basket], last: date, pick: Callable[[list[date]], date]) -> int:
    return max(0, (last - pick([each.day for each in found])).days) if found else 0


# Each question, and its answer from the baskets before (not given back) and the one that is decided.
QUESTIONS: dict[str, tuple[str, Callable[[list[Basket], Basket], int]]] = {
    "count": ("history.count(ever)", lambda past, now: len([*past, now])),
    "week": (
        "history.count(last_days(7))",
        lambda past, now: sum(timedelta() <= now.day - each.day < timedelta(days=7) for each in [*past, now]),
    ),
    "sum": (
        "history.sum(basket.total, this_month)",
        lambda past, now: sum(
            amount for each in [*past, now] if (each.day.year, each.day.month) == (now.day.year, now.day.month)
            for _, amount in each.lines.values()
        ),
    ),
    "tea": (
        'history.count(ever, lines.any(product == "tea"))',
        lambda past, now: sum(each.has("tea") for each in [*past, now]),
    ),
    "kinds": (
        "history.distinct(product, ever)",
        lambda past, now: len({product for each in [*past, now] for product, _ in each.lines.values()}),
    ),
    "row": ("history.streak(day)", lambda past, now: _in_row({each.day for each in [*past, now]}, now.day)),
    "last": ("days_since(history.last(ever))", lambda past, now: _since(past, now.day, max)),
    "first": ("days_since(history.first(ever))", lambda past, now: _since(past, now.day, min)),
}  # fmt: skip

LIMITS = {"times": (33, 66, "times: 2"), "points": (4, 10, "points: 10")}  # what is given, most a week, as is said


def asking(names: list[str]) -> str:
    """A star for each step that the answer of a question reaches."""
    return "".join(
        rule(f"{name}-{step}", f"when: '{QUESTIONS[name][0]} >= {step * of}'\nthen: {{fixed: 1}}")
        for name in names
        for of in [STEP if name == "sum" else 1]
        for step in range(1, MOST + 1)
    )


LIMITED = [
    rule(name, f"then: {{fixed: {gives}}}\nlimits: [{{period: week, {said}}}]")
    for name, (gives, _, said) in LIMITS.items()
]


def by_question(points: Iterable[tuple[str, int]]) -> Counter[str]:
    """Points by rule, put together by what they ask."""
    found = Counter[str]()
    for rule_, number in points:
        found[rule_.rpartition("-")[0] or rule_] += number
    found.pop("base", None)
    return +found


class Street(Related):
    """The ledger, and the list."""

    def __init__(self, chance: Random) -> None:
        super().__init__(chance, WHO)
        names = list(QUESTIONS)
        chance.shuffle(names)
        cut = chance.randrange(len(names))
        self.asked, self.later = names[:cut], names[cut:]
        self.mall = Mall(MemoryStore(), *LIMITED, asking(self.asked))
        self.baskets: dict[str, Basket] = {}

    def family(self, who: str) -> list[Basket]:
        """What all who are that person have bought, and not given back."""
        mine = self.one_with(who)
        return [each for each in self.baskets.values() if each.owner in mine and each.lines]

    async def send(self, kind: str, who: str, days_ago: int, data: dict[str, Any]) -> str:
        number = self.mall.number()
        at = self.mall.clock.now - timedelta(days=days_ago)
        value = activity(who, "grocer", f"e-{number}", data, at=at, offset=number, kind=kind)
        await self.mall.ledger.run([Record("activities", 0, number, value)])
        return f"/partners/grocer|e-{number}"

    def answers(self, past: list[Basket], now: Basket, asked: list[str]) -> dict[str, int]:
        """How many stars each question gives."""
        return {name: min(MOST, QUESTIONS[name][1](past, now)) for name in asked}

    def allowed(self, past: list[Basket], now: Basket) -> dict[str, int]:
        """What is left of the week's limits, of which all who are one have used some."""
        week = [each for each in past if each.day.isocalendar()[:2] == now.day.isocalendar()[:2]]
        used = {name: sum(each.given[name] for each in week) for name in LIMITS}
        return {name: min(gives, max(0, most - used[name])) for name, (gives, most, _) in LIMITS.items()}

    async def buys(self) -> None:
        """Now or late; the ledger's points for each question are the answer of the list."""
        who, days_ago = self.chance.choice(WHO), self.chance.choice([0, 0, 0, 1, 5, 20])
        lines = [(self.chance.choice(["tea", "rice", "salt"]), self.chance.randint(1, 4))
                 for _ in range(self.chance.randint(1, 3))]  # fmt: skip
        said = [{"product": each, "quantity": 1, "amount": str(amount * STEP)} for each, amount in lines]
        key = await self.send("purchase", who, days_ago, {"currency": "VND", "lines": said})
        day = (self.mall.clock.now - timedelta(days=days_ago)).astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date()
        now = Basket(self.last(who), day, dict(enumerate(lines)), [replace(each, past=[]) for each in self.family(who)])
        now.given = self.answers(now.past, now, self.asked) | self.allowed(now.past, now)
        self.baskets[key] = now
        awards = of(self.mall, JOURNAL)[key]["awards"]
        assert by_question((each["rule"], each["points"]) for each in awards) == +Counter(now.given), key

    async def gives_back(self) -> None:
        """A line, or all that is left, by whoever is that person. Of a line, rules are asked again with what was
        known when it was bought: of all who were one then, less what had come back by then."""
        if not (there := sorted(key for key, each in self.baskets.items() if each.lines)):
            return
        key = self.chance.choice(there)
        bought = self.baskets[key]
        who = self.chance.choice(self.one_with(bought.owner))
        gone = self.chance.choice(sorted(bought.lines))
        whole = self.chance.random() < 0.4 or len(bought.lines) == 1
        part = {} if whole else {"lines": [{"line": gone, "quantity": 1}]}
        back = await self.send("return", who, 0, {"purchase": key.partition("|")[2], **part})
        bought.lines = {} if whole else {number: each for number, each in bought.lines.items() if number != gone}
        left = dict.fromkeys(bought.given, 0)
        if not whole:
            left = bought.given | self.answers(
                bought.past, bought, [name for name in bought.given if name in QUESTIONS]
            )
        less = by_question((rule_, -points) for rule_, _, _, points in of(self.mall, JOURNAL)[back]["back"])
        assert less == Counter(bought.given) - Counter(left), (key, back)
        bought.given = left

    async def merged(self, one: str, other: str) -> Answer:
        return await merged(self.mall, one, other)

    async def unmerged(self, one: str) -> Answer:
        return await unmerged(self.mall, one)

    async def publishes(self) -> None:
        """A question that was not asked before: the past is counted for it."""
        if self.later:
            self.asked.append(self.later.pop())
            known = self.mall.book.versions
            self.mall.book = Rulebook([*known, *read_all([("later.yaml", asking(self.asked[-1:]))], known)])


@pytest.mark.parametrize("seed", seeds(24))
async def test_a_past_is_what_was_bought_and_kept(seed: int) -> None:
    """Mechanisms: `note`, `unnote` and `recount`; `needs_backfill`; what merging and parting forget."""
    street = Street(Random(seed))
    for who in WHO:
        await street.mall.joins(who, "home")
    for _ in range(60):
        street.mall.passes(days=street.chance.choice([0, 0.01, 1, 3, 12]))
        await street.chance.choice(
            [*4 * [street.buys], *2 * [street.gives_back], street.merges, street.parts, street.publishes]
        )()
