"""Liability of a date to come, on a real mongod: holds that will have ended by then. By hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

import pytest

from shared.ops.owing import owed
from shared.runtime.mongo import MongoStore
from shared.settings import Settings
from shared.settlement.liability import Outstanding
from shared.settlement.liability_writing import as_json, as_text
from tests.contract.malls import mall_on
from tests.contract.test_liability import figures, hold
from tests.unit.partnerkit import ANN, Mall
from tests.unit.rulekit import rule


@pytest.fixture
async def mall(settings_for: Callable[..., Settings]) -> AsyncIterator[Mall]:
    """Stars are good for twelve months, to the end of the day."""
    async with mall_on(settings_for(), rule("none", "then: {wallet: miles, fixed: 1}")) as found:
        yield found


async def stars(mall: Mall, moment: str) -> Outstanding:
    """What will be owed then, told now."""
    assert isinstance(mall.store, MongoStore)
    then = datetime.fromisoformat(moment)
    found = await owed(mall.store.database, mall.book, then, {}, now=mall.clock.now)
    return next(each for each in found if each.wallet == "stars")


async def test_a_hold_is_held_to_its_end_and_no_longer(mall: Mall) -> None:
    """100 to the end of 2027-03-02, of which 30 are held from noon for a quarter of an hour. Mechanism:
    `to_come.given_back`; without it 30 are held in 2030."""
    await mall.buys(ANN, "grocer", 1_000_000)
    await hold(mall, ANN, 30)
    held_from = mall.clock.now
    for moment, told in (
        ((held_from + timedelta(seconds=1)).isoformat(), (70, 0, 30, 0, 0)),
        ((held_from + timedelta(minutes=14)).isoformat(), (70, 0, 30, 0, 0)),
        ((held_from + timedelta(minutes=15)).isoformat(), (100, 0, 0, 0, 0)),
        ("2026-06-01T00:00:00+07:00", (100, 0, 0, 0, 0)),
        ("2027-03-02T23:59:59+07:00", (100, 0, 0, 0, 0)),
        ("2027-03-03T00:00:00+07:00", (0, 0, 0, 100, 0)),
        ("2030-01-01T00:00:00+07:00", (0, 0, 0, 100, 0)),
    ):
        assert figures(await stars(mall, moment)) == told, moment
    assert (await stars(mall, "2026-06-01T00:00:00+07:00")).months == {"2027-03": 100}


async def test_what_comes_back_repays_what_is_owed_by_then(mall: Mall) -> None:
    """All 100 are held, and 40 are asked back: owed now, repaid by the end of the hold."""
    await mall.buys(ANN, "grocer", 1_000_000)
    await hold(mall, ANN, 100)
    await mall.granted(ANN, "partner:grocer", -40, corrects="g")
    assert figures(await stars(mall, (mall.clock.now + timedelta(seconds=1)).isoformat())) == (0, 0, 100, 0, -40)
    assert figures(await stars(mall, "2026-06-01T00:00:00+07:00")) == (60, 0, 0, 0, 0)


async def test_an_answer_about_a_date_to_come_says_so(mall: Mall) -> None:
    await mall.buys(ANN, "grocer", 1_000_000)
    moment = datetime.fromisoformat("2030-01-01T00:00:00+07:00")
    found = [await stars(mall, moment.isoformat())]
    assert [as_json(found, moment, to_come=each)["to_come"] for each in (True, False)] == [True, False]
    assert as_text(found, moment, to_come=True)[1].startswith("this date is to come: ")
    assert not any("to come" in each for each in as_text(found, moment))
