"""Prices that are published for a time past: what is posted keeps the price that was published by then. By hand, on a
real mongod."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import orjson
import pytest

from services.earn.counter.commands import Asked, Caller, Capture, Done, Hold, Release, Undo
from shared.ops.owing import owed
from shared.ops.settling import By, stated
from shared.rules.as_known import Published
from shared.runtime.mongo import MongoStore
from shared.runtime.records import Record
from shared.settings import Settings
from tests.contract.malls import mall_on
from tests.unit.partnerkit import ANN, BOB, PROGRAMME, Mall, activity, grant

KIOSK = """
- {id: kiosk, kind: partner, effective: 2020-01-01T00:00:00+07:00, title: Kiosk,
   cost: {stars: {amount: "80", currency: VND}}, reimbursement: {stars: {amount: "70", currency: VND}}}
"""
DEARER = """
- {id: kiosk, kind: partner, version: 2, effective: 2026-03-10T00:00:00+07:00, title: Kiosk,
   cost: {stars: {amount: "90", currency: VND}}, reimbursement: {stars: {amount: "75", currency: VND}}}
"""
LATER = datetime.fromisoformat("2026-12-01T00:00:00+07:00")
CLERK = Caller("office", person="staff-7")


def day(number: int) -> datetime:
    """Noon of a day of March."""
    return datetime.fromisoformat(f"2026-03-{number:02}T12:00:00+07:00")


# The dearer price is of the 10th, and nobody had written it before the 20th.
KNOWN: Published = {("kiosk", 1): day(1), ("kiosk", 2): day(20)}


@pytest.fixture
async def mall(settings_for: Callable[..., Settings]) -> AsyncIterator[Mall]:
    """The coalition on a mongod of its own; a return leaves what is spent to the member."""
    programme = PROGRAMME.replace("redemption: {}", "redemption: {hold: 30 days}\n      on_return: zero")
    async with mall_on(settings_for(), later=DEARER, programme=programme + KIOSK) as found:
        yield found


async def told(mall: Mall, known: Published = KNOWN) -> list[tuple[str, int, Decimal | None]]:
    """Kind, points and price of each line of March."""
    assert isinstance(mall.store, MongoStore)
    found = await stated(mall.store.database, mall.book, date(2026, 3, 1), date(2026, 4, 1), LATER, known)
    assert found.off == []
    return [(each.kind, each.points, each.price) for each in found.lines if each.partner == "kiosk"]


async def buys(mall: Mall, points: int, posted: datetime, at: datetime, who: str = ANN) -> str:
    mall.clock.now = posted
    return (await mall.buys(who, "kiosk", points * 10_000, at=at)).partition("|")[2]


async def returned(mall: Mall, purchase: str, posted: datetime, who: str = ANN) -> None:
    mall.clock.now = posted
    number = mall.number()
    value = activity(who, "kiosk", f"e-{number}", {"purchase": purchase}, at=posted, offset=number, kind="return")
    await mall.ledger.run([Record("activities", 0, number, value)])


async def held(mall: Mall, points: int, at: datetime, who: str = ANN) -> str:
    mall.clock.now = at
    asked = Asked(wallet="stars", points=points)
    answer = await mall.ask(Hold(**mall.key(), caller=CLERK, member=who, asked=asked, partner="kiosk"))
    assert isinstance(answer, Done), answer
    return str(answer.body["hold"])


async def test_what_was_posted_before_a_price_was_published_keeps_its_own(mall: Mall) -> None:
    """Of purchases of the 12th one is posted at once, one on the 21st. Mechanism: `Span.published`; without it the
    figures of a period change that was settled."""
    await buys(mall, 5, day(12), day(12))
    before = await told(mall, {("kiosk", 1): day(1), ("kiosk", 2): LATER})
    assert before == [("issued", 5, Decimal(80))]
    assert await told(mall) == before
    await buys(mall, 7, day(21), day(12))
    assert await told(mall) == [("issued", 5, Decimal(80)), ("issued", 7, Decimal(90))]


async def test_an_event_that_is_ahead_of_its_time_is_priced_by_what_was_known(mall: Mall) -> None:
    """It came on the 9th, dated as of the 10th; the price of the 10th was published in between."""
    known = {("kiosk", 1): day(1), ("kiosk", 2): day(9) + timedelta(hours=11)}
    await buys(mall, 5, day(9), day(10))
    assert await told(mall, known) == [("issued", 5, Decimal(80))]


async def test_what_goes_back_has_the_price_of_when_it_was_given(mall: Mall) -> None:
    """Returned on the 25th. Mechanism: `priced_at`; without it the first goes back dearer than it was given."""
    early, late = await buys(mall, 5, day(12), day(12)), await buys(mall, 7, day(21), day(12))
    for each in (early, late):
        await returned(mall, each, day(25))
    assert sorted(await told(mall)) == [
        ("issued", 5, Decimal(80)), ("issued", 7, Decimal(90)),
        ("taken back", 5, Decimal(80)), ("taken back", 7, Decimal(90)),
    ]  # fmt: skip


async def test_what_goes_back_late_too(mall: Mall) -> None:
    """A till has the points while their goods come back, and lets go of them afterwards."""
    bought = await buys(mall, 5, day(12), day(12))
    hold = await held(mall, 5, day(13))
    await returned(mall, bought, day(25))
    assert await told(mall) == [("issued", 5, Decimal(80))]
    mall.clock.now = day(26)
    assert isinstance(await mall.ask(Release(**mall.key(), caller=CLERK, member=ANN, hold=hold)), Done)
    assert await told(mall) == [("issued", 5, Decimal(80)), ("taken back", 5, Decimal(80))]


async def test_a_bonus_that_is_taken_back_too(mall: Mall) -> None:
    """Given on the 12th, taken back on the 25th, in a batch of its own."""
    for number, (posted, points, more) in enumerate([(day(12), 5, {}), (day(25), -5, {"corrects": "g-0"})]):
        mall.clock.now = posted
        value = grant(BOB, "partner:kiosk", f"g-{number}", points, day(12), **more)
        assert orjson.loads(value)["data"]["points"] == points
        await mall.ledger.run([Record("grants", 0, number, value)])
    assert await told(mall) == [("issued", 5, Decimal(80)), ("taken back", 5, Decimal(80))]


async def test_what_is_spent_is_priced_as_of_the_hold(mall: Mall) -> None:
    """Held on the 13th, captured on the 22nd, undone on the 26th; and held on the 23rd."""
    await buys(mall, 9, day(12), day(12))
    hold = await held(mall, 5, day(13))
    mall.clock.now = day(22)
    done = await mall.ask(Capture(**mall.key(), caller=CLERK, member=ANN, hold=hold))
    assert isinstance(done, Done)
    later = await held(mall, 4, day(23))
    assert isinstance(await mall.ask(Capture(**mall.key(), caller=CLERK, member=ANN, hold=later)), Done)
    mall.clock.now = day(26)
    undone = await mall.ask(Undo(**mall.key(), caller=CLERK, member=ANN, redemption=str(done.body["redemption"])))
    assert isinstance(undone, Done)
    assert sorted(await told(mall)) == [
        ("issued", 9, Decimal(80)), ("redeemed", 4, Decimal(75)), ("redeemed", 5, Decimal(70)),
        ("undone", 5, Decimal(70)),
    ]  # fmt: skip


async def test_what_is_owed_on_a_day_has_the_prices_that_were_known_then(mall: Mall) -> None:
    """Ten points are owed on the 15th, at 80 each; on the 21st at 90. By event time the 15th is dearer since the 20th.
    Mechanism: `owed` asks what was published by then."""
    await buys(mall, 10, day(12), day(12))
    assert isinstance(mall.store, MongoStore)
    asked: list[tuple[datetime, By]] = [(day(15), "posted"), (day(21), "posted"), (day(15), "event")]
    costs = [await owed(mall.store.database, mall.book, moment, KNOWN, by=by) for moment, by in asked]
    assert [[share.cost for share in found[0].shares] for found in costs] == [[800], [900], [900]]
