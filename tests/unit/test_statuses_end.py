"""Status runs out by the clock: at its instant, told once, in whichever order clock and purchases come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import orjson
import pytest

from services.tiers.clockwork import StatusHandler
from services.tiers.consumers import TiersHandler
from services.tiers.domain import MEMBERS
from shared.rules import membership
from shared.rules.rulebook import Rulebook
from shared.runtime.batch import BatchLoop
from shared.runtime.clockwork import Clockwork
from shared.runtime.memory import MemoryStore
from shared.runtime.records import Message, Record
from tests.unit.rulekit import book, rule

PROGRAMME = """
- id: p
  kind: programme
  effective: 2017-01-01T00:00:00Z
  title: P
  time_zone: America/New_York
  currency: USD
  wallets: [stars]
"""
LADDER = """
- id: ladder
  kind: ladder
  effective: 2017-01-01T00:00:00Z
  title: Ladder
  qualifying: [base]
  period: calendar_year
  keep: end_of_next_year
  tiers: [{id: silver, title: Silver, from: 100}, {id: gold, title: Gold, from: 300}]
"""
BASE = rule("base", "then: {wallet: stars, fixed: 1}")
ANN = "m-00000000000000000001"
END_OF_2018 = datetime(2019, 1, 1, 5, tzinfo=UTC)  # New York
END_OF_2019 = datetime(2020, 1, 1, 5, tzinfo=UTC)


def accrual(seq: int, points: int, at: str) -> Record:
    data = {"member": ANN, "seq": seq, "earned": [{"rule": "base", "version": 1, "wallet": "stars", "points": points}],
            "activity": {"data": {"event": {"source": "/partners/grocer", "id": f"b-{seq}"}}}}  # fmt: skip
    event = {"specversion": "1.0", "type": "loyalty.accrual.v1", "source": "/earn", "id": f"{ANN}-{seq}", "time": at,
             "data": data}  # fmt: skip
    return Record("accruals", 0, seq, orjson.dumps(event))


class Tiers:
    """The service on a store in memory; its clock is set by hand."""

    def __init__(self, known: Rulebook | None = None) -> None:
        self.book = known or book(BASE, programme=PROGRAMME + LADDER)
        self.store, self.said, self.now = MemoryStore(), list[dict[str, Any]](), datetime(2017, 1, 1, tzinfo=UTC)
        self._accruals = BatchLoop(TiersHandler(), self.store, self._publish, lambda: self.book)
        loop = BatchLoop(StatusHandler(lambda: self.now), self.store, self._publish, lambda: self.book)
        self._clock = Clockwork(loop, self.store, MEMBERS, lambda: self.now, lambda error: None)

    async def _publish(self, messages: Sequence[Message]) -> None:
        self.said += [orjson.loads(each.value) for each in messages]

    async def earns(self, *records: Record) -> None:
        await self._accruals.run(list(records))

    async def comes(self, moment: datetime) -> None:
        """The clock stands there; everything due is done."""
        self.now = moment
        while await self._clock.round():
            pass

    @property
    def changes(self) -> list[tuple[str | None, str | None, datetime, str]]:
        """Before, after, since, and whose word it is."""
        return [
            (each["data"]["before"], each["data"]["after"], datetime.fromisoformat(each["data"]["since"]),
             each["data"]["cause"]["source"])
            for each in self.said
        ]  # fmt: skip


async def test_it_ends_at_its_instant_and_is_told_once() -> None:
    """Gold by 2017's points and Silver by 2018's: at the end of 2018 Silver is left, at the end of 2019 nothing.

    Mechanism: `due_at` of tiers' members and `Qualification.end`.
    """
    tiers = Tiers()
    await tiers.earns(accrual(1, 300, "2017-03-01T12:00:00Z"), accrual(2, 120, "2018-03-01T12:00:00Z"))
    await tiers.comes(datetime(2019, 1, 1, 4, 59, 59, tzinfo=UTC))
    assert len(tiers.said) == 1  # Gold, by the purchase
    await tiers.comes(END_OF_2018)
    await tiers.comes(END_OF_2018)
    await tiers.comes(datetime(2025, 1, 1, tzinfo=UTC))
    assert tiers.changes[1:] == [
        ("gold", "silver", END_OF_2018, "/tiers/clock"), ("silver", None, END_OF_2019, "/tiers/clock"),
    ]  # fmt: skip
    assert datetime.fromisoformat(tiers.said[1]["data"]["until"]) == END_OF_2019


async def test_two_ends_that_are_found_late_are_told_apart() -> None:
    """Nobody looked for years: each end has its own instant all the same."""
    tiers = Tiers()
    await tiers.earns(accrual(1, 300, "2017-03-01T12:00:00Z"), accrual(2, 120, "2018-03-01T12:00:00Z"))
    await tiers.comes(datetime(2025, 1, 1, tzinfo=UTC))
    assert [(after, since) for _, after, since, _ in tiers.changes[1:]] == [
        ("silver", END_OF_2018), (None, END_OF_2019),
    ]  # fmt: skip


@pytest.mark.parametrize("clock_first", [True, False])
async def test_whether_clock_or_purchase_comes_first_is_not_seen(clock_first: bool) -> None:
    """A purchase of 2019 finds Gold of 2017 run out: the same changes, with the same ids, either way.

    Mechanism: `_qualify` first ends what has run out.
    """
    tiers = Tiers()
    await tiers.earns(accrual(1, 300, "2017-03-01T12:00:00Z"))
    if clock_first:
        await tiers.comes(END_OF_2018)
    await tiers.earns(accrual(2, 130, "2019-02-01T12:00:00Z"))
    await tiers.comes(datetime(2019, 2, 1, 13, tzinfo=UTC))
    assert [each["id"] for each in tiers.said] == [f"ladder:{ANN}:{number}" for number in (1, 2, 3)]
    assert tiers.changes[1:] == [
        ("gold", None, END_OF_2018, "/tiers/clock"),
        (None, "silver", datetime(2019, 2, 1, 12, tzinfo=UTC), "/partners/grocer"),
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_late_points_of_the_year_gone_by_bring_the_status_that_they_still_hold(order: tuple[int, ...]) -> None:
    """300 of 2018 come in thirds, before and after the clock has ended Silver of 2017: Gold, until the end of 2019."""
    tiers = Tiers()
    await tiers.earns(accrual(1, 100, "2017-03-01T12:00:00Z"))
    times = ("2018-05-01T12:00:00Z", "2018-06-01T12:00:00Z", "2018-12-31T12:00:00Z")
    first, *late = (accrual(2 + number, 100, times[number]) for number in order)
    await tiers.earns(first)
    await tiers.comes(END_OF_2018)
    await tiers.earns(*late)
    assert tiers.changes[-1][1] == "gold"
    assert datetime.fromisoformat(tiers.said[-1]["data"]["until"]) == END_OF_2019


async def test_a_ladder_that_is_gone_ends_nobodys_status() -> None:
    """Nobody can say what would be left of it; it is not looked at for ever either."""
    tiers = Tiers()
    await tiers.earns(accrual(1, 300, "2017-03-01T12:00:00Z"))
    tiers.book = book(BASE, programme=PROGRAMME)
    await tiers.comes(END_OF_2018)
    assert len(tiers.said) == 1
    async with tiers.store.unit() as unit:
        member = (await unit.get(MEMBERS, [ANN]))[ANN]
    assert "due_at" not in member
    assert member["ladders"]["ladder"]["tier"] == "gold"


def test_of_ten_changes_at_one_instant_the_last_one_counts() -> None:
    """Mechanism: `learning.numbered`; as texts the ninth change would beat the tenth."""
    document, moment = membership.newcomer(ANN), datetime(2019, 1, 1, tzinfo=UTC)
    for number in range(1, 12):
        assert membership.rank(document, "ladder", f"tier-{number}", moment, f"ladder:{ANN}:{number}")
    assert document["tiers"] == {"ladder": "tier-11"}
