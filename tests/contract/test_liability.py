"""Liability by query on a real mongod, from the journal alone: by hand, and a past date told again the same later."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from services.earn.counter.commands import Adjust, Asked, Caller, Capture, Done, Goodwill, Hold, Release, Transfer, Undo
from services.earn.counter.people_commands import Close
from services.earn.ledger import MEMBERS
from shared.ledger import lots
from shared.ops.breakage import breakage_checks
from shared.ops.owing import owed, standing_check
from shared.ops.settling import By, stated
from shared.rules.learning import utc
from shared.runtime.mongo import MongoStore
from shared.runtime.records import Record
from shared.runtime.store import Document
from shared.settings import Settings
from shared.settlement.liability import Outstanding
from shared.settlement.liability_writing import as_csv, as_json, as_text
from tests.contract.malls import mall_on
from tests.unit.partnerkit import ANN, BOB, Mall, activity, member
from tests.unit.rulekit import rule

# Miles count two weeks after they were earned.
MILES = rule("miles-too", "then: {wallet: miles, fixed: 4}")
TILL = Caller("till", partner="grocer")


@pytest.fixture
async def mall(settings_for: Callable[..., Settings]) -> AsyncIterator[Mall]:
    """The coalition on a mongod of its own."""
    async with mall_on(settings_for(), MILES, miles="{id: miles, activates: {after: 14 days}}") as found:
        yield found


async def at(mall: Mall, moment: datetime, by: By = "posted") -> dict[str, Outstanding]:
    """What is owed then, by wallet."""
    assert isinstance(mall.store, MongoStore)
    return {each.wallet: each for each in await owed(mall.store.database, mall.book, moment, {}, by=by)}


async def hold(mall: Mall, who: str, points: int) -> str:
    """A hold's id."""
    asked = Asked(wallet="stars", points=points)
    held = await mall.ask(Hold(**mall.key(), caller=TILL, member=who, asked=asked, partner="grocer"))
    assert isinstance(held, Done), held
    return str(held.body["hold"])


def figures(found: Outstanding) -> tuple[int, int, int, int, int]:
    return found.active, found.pending, found.held, found.expired, found.owed


async def test_by_hand(mall: Mall) -> None:
    """Stars are good for twelve months, to the end of the day; miles count after two weeks."""
    await mall.buys(ANN, "grocer", 1_000_000)  # 2026-03-02: 100 stars to the end of 2027-03-02, 4 miles
    mall.clock.now = datetime.fromisoformat("2026-04-10T10:00:00+07:00")
    await mall.buys(BOB, "cinema", 500_000)  # 50 stars to the end of 2027-04-10
    await mall.granted(BOB, "partner:grocer", -70, corrects="g")  # 20 are owed
    kept = await hold(mall, ANN, 30)
    await mall.ask(Capture(**mall.key(), caller=TILL, member=ANN, hold=kept, points=10))
    kept = await hold(mall, ANN, 25)
    april = datetime.fromisoformat("2026-04-11T00:00:00+07:00")
    found = await at(mall, april)
    stars, miles = found["stars"], found["miles"]
    assert figures(stars) == (65, 0, 25, 0, -20)
    assert stars.months == {"2027-03": 90}
    assert (stars.outstanding, stars.balances, stars.worth) == (90, 70, Decimal(9000))
    assert figures(miles) == (4, 4, 0, 0, 0)  # Bob's are pending until the 24th
    assert (miles.worth, miles.months) == (None, {"never": 8})
    # Given so far: grocer 100 - 70 = 30, cinema 50: of 90 outstanding 34 (33.75) and 56 (56.25); cinema pays 80 each.
    assert [(each.issuer, each.points, each.cost) for each in stars.shares] == [
        ("cinema", 56, Decimal(4480)), ("grocer", 34, Decimal(3400)),
    ]  # fmt: skip
    # A month before, as it was then: pending miles, nothing spent.
    march = await at(mall, datetime.fromisoformat("2026-03-10T00:00:00+07:00"))
    assert (figures(march["stars"]), figures(march["miles"])) == ((100, 0, 0, 0, 0), (0, 4, 0, 0, 0))
    assert march["stars"].rate is None
    # A year later nobody has swept yet: what is past its day is no liability, and no breakage yet.
    lapsed = await at(mall, datetime.fromisoformat("2027-03-03T00:00:00+07:00"))
    assert figures(lapsed["stars"]) == (0, 0, 25, 65, -20)
    mall.clock.now = datetime.fromisoformat("2027-03-03T10:00:00+07:00")
    await mall.swept(ANN)
    swept = (await at(mall, datetime.fromisoformat("2027-03-04T00:00:00+07:00")))["stars"]
    assert (figures(swept), swept.breakage, swept.spent) == ((0, 0, 0, 0, -20), 90, 10)
    assert (swept.rate, swept.expected) == (Fraction(9, 10), 0)
    assert [str(each) for each in (await at(mall, april))["stars"].shares] == [str(each) for each in stars.shares]
    assert (await at(mall, april)) == found


async def test_points_that_end_by_inactivity_are_nobodys_month(settings_for: Callable[..., Settings]) -> None:
    """They are owed, and end when their member does nothing for so long."""
    async with mall_on(settings_for(), MILES, miles="{id: miles, expires: {inactive: 6 months}}") as mall:
        await mall.buys(ANN, "grocer", 1_000_000)
        miles = (await at(mall, datetime.fromisoformat("2026-04-10T00:00:00+07:00")))["miles"]
        assert (figures(miles), miles.months) == ((4, 0, 0, 0, 0), {"never": 4})


async def test_what_comes_back_after_its_end_is_never_less_than_nothing(mall: Mall) -> None:
    """Held in their last minute; afterwards six of ten are spent, and that is undone. Both ways of dating the entries
    say the same, at any instant. Mechanism: `sweeping.expire_back`."""
    await mall.buys(ANN, "grocer", 100_000)
    mall.clock.now = datetime.fromisoformat("2027-03-02T23:59:00+07:00")
    kept = await hold(mall, ANN, 10)
    mall.clock.now = datetime.fromisoformat("2027-03-03T00:10:00+07:00")
    spent = await mall.ask(Capture(**mall.key(), caller=TILL, member=ANN, hold=kept, points=6))
    assert isinstance(spent, Done)
    mall.clock.now = datetime.fromisoformat("2027-03-03T00:20:00+07:00")
    await mall.ask(Undo(**mall.key(), caller=TILL, member=ANN, redemption=str(spent.body["redemption"])))
    mall.clock.now = datetime.fromisoformat("2027-03-03T00:30:00+07:00")
    await mall.swept(ANN)
    told = {
        "00:00": ((0, 0, 10, 0, 0), 0, 0), "00:05": ((0, 0, 10, 0, 0), 0, 0), "00:15": ((0, 0, 0, 0, 0), 6, 4),
        "00:25": ((0, 0, 0, 0, 0), 0, 10),
    }  # fmt: skip
    ways: tuple[By, ...] = ("posted", "event")
    for by in ways:
        for time, expected in told.items():
            stars = (await at(mall, datetime.fromisoformat(f"2027-03-03T{time}:00+07:00"), by))["stars"]
            assert (figures(stars), stars.spent, stars.breakage) == expected, (by, time)


async def test_status_points_are_no_liability(settings_for: Callable[..., Settings]) -> None:
    """They only count: outstanding or expired, nothing is owed for them, in no form of the report. Mechanism: `status`
    in `liability.outstanding`."""
    async with mall_on(settings_for(), MILES, miles="{id: miles, kind: status, expires: {after: 1 month}}") as mall:
        await mall.buys(ANN, "grocer", 100_000)
        march = datetime.fromisoformat("2026-03-10T00:00:00+07:00")
        assert {name: figures(each) for name, each in (await at(mall, march)).items()} == {"stars": (10, 0, 0, 0, 0)}
        mall.clock.now = datetime.fromisoformat("2026-05-01T10:00:00+07:00")
        await mall.swept(ANN)
        may = await at(mall, datetime.fromisoformat("2026-05-02T00:00:00+07:00"))
        assert list(may) == ["stars"]
        assert "miles" not in as_csv(list(may.values()))
        assert isinstance(mall.store, MongoStore)
        assert (await standing_check(mall.store.database, mall.book, mall.clock.now))[1]


async def test_what_the_back_office_gives_is_the_programmes_share(mall: Mall) -> None:
    """Breaks where only rules' points are counted as given: the one partner would be told to have given them all."""
    await mall.buys(ANN, "grocer", 2_000_000)
    key: dict[str, Any] = {"caller": Caller("office", person="staff-7"), "wallet": "stars", "reason": "a long wait"}
    for kind, points in ((Goodwill, 1_000), (Adjust, 500), (Adjust, -100)):
        assert isinstance(await mall.ask(kind(**{**mall.key(), **key}, member=ANN, points=points)), Done)
    found = (await at(mall, datetime.fromisoformat("2026-06-02T00:00:00+07:00")))["stars"]
    assert (found.outstanding, [(each.issuer, each.points, each.cost) for each in found.shares]) == (
        1_600, [("grocer", 200, Decimal(20_000)), ("programme", 1_400, Decimal(140_000))]
    )  # fmt: skip
    # They end: of the 1,600 that expire the statement says the same.
    mall.clock.now = datetime.fromisoformat("2027-06-01T10:00:00+07:00")
    await mall.swept(ANN)
    assert isinstance(mall.store, MongoStore)
    told = await stated(mall.store.database, mall.book, date(2027, 6, 1), date(2027, 6, 2), mall.clock.now, {})
    assert told.expired["stars"] == {"grocer": 200, "programme": 1_400}


async def test_expected_breakage(mall: Mall) -> None:
    """Of 40 that ended 30 expired: of the 55 that are there 41.25 will. A debt that was forgiven is none of them."""
    await mall.buys(ANN, "grocer", 400_000)
    await mall.ask(
        Capture(**mall.key(), caller=TILL, member=ANN, hold=await hold(mall, ANN, 10))
    )  # fmt: skip
    mall.clock.now = datetime.fromisoformat("2027-06-01T10:00:00+07:00")
    await mall.swept(ANN)
    await mall.buys(ANN, "grocer", 550_000)
    await mall.granted(BOB, "programme", -25, corrects="g-1")
    key = {**mall.key(), "caller": Caller("office", person="staff-7")}
    assert isinstance(await mall.ask(Close(**key, member=BOB, reason="leaves with a debt")), Done)
    found = (await at(mall, datetime.fromisoformat("2027-06-02T00:00:00+07:00")))["stars"]
    assert (found.breakage, found.spent, found.rate, found.expected) == (30, 10, Fraction(3, 4), 41)


async def test_what_expired_and_is_returned_is_no_breakage(mall: Mall) -> None:
    """Told from the journal, and by the operator's check."""
    assert isinstance(mall.store, MongoStore)
    bought = await mall.buys(ANN, "grocer", 400_000)
    mall.clock.now = datetime.fromisoformat("2027-06-01T10:00:00+07:00")
    await mall.swept(ANN)
    value = activity(ANN, "grocer", "r-1", {"purchase": bought.partition("|")[2]}, at=mall.clock.now, offset=9,
                     kind="return")  # fmt: skip
    await mall.ledger.run([Record("activities", 0, 9, value)])
    found = (await at(mall, datetime.fromisoformat("2027-06-02T00:00:00+07:00")))["stars"]
    assert (found.breakage, found.balances) == (0, 0)
    database = mall.store.database
    [name, fine, said], _ = await breakage_checks(database, database, mall.clock.now)
    assert (name, fine, said) == ("breakage_is_what_expired", True, "miles: 0 expired, stars: 0 expired")


async def test_written_down(mall: Mall) -> None:
    await mall.buys(ANN, "grocer", 1_000_000)
    moment = datetime.fromisoformat("2026-03-10T00:00:00+07:00")
    found = list((await at(mall, moment)).values())
    assert as_csv(found).splitlines()[:3] == [
        "wallet,what,of,points,amount,currency", "miles,outstanding,,4,,", "miles,state,active,0,,",
    ]  # fmt: skip
    assert "stars,issuer,grocer,100,10000,VND" in as_csv(found).splitlines()
    assert "stars: 100 points, worth 10,000 VND" in as_text(found, moment)
    assert as_json(found, moment)["wallets"][1]["expires"] == {"2027-03": 100}


@pytest.mark.parametrize("seed", range(4))
async def test_the_journal_tells_what_the_documents_said(mall: Mall, seed: int) -> None:
    """A random year; at instants along the way members' documents are read, and the journal must say the same of those
    instants at the end."""
    random, seen = Random(seed), list[tuple[datetime, dict[str, tuple[int, ...]]]]()
    holds: list[tuple[str, str]] = []
    assert isinstance(mall.store, MongoStore)
    for turn in range(100):
        mall.passes(hours=random.randint(1, 200))
        who, other = (member(number) for number in random.sample(range(1, 4), 2))
        match random.choice(("buy", "buy", "hold", "end", "back", "move")):
            case "buy":
                await mall.buys(who, random.choice(("grocer", "cinema")), random.randint(1, 50) * 10_000)
            case "hold":
                asked = Asked(wallet="stars", points=random.randint(1, 20))
                made = await mall.ask(Hold(**mall.key(), caller=TILL, member=who, asked=asked, partner="grocer"))
                holds += [(who, str(made.body["hold"]))] if isinstance(made, Done) else []
            case "end" if holds:
                whose, id_ = holds.pop()
                kind = random.choice((Capture, Release))
                await mall.ask(kind(**mall.key(), caller=TILL, member=whose, hold=id_))
            case "back":
                await mall.granted(who, "partner:grocer", -random.randint(1, 60), corrects="g")
            case "move":
                await mall.ask(
                    Transfer(
                        **mall.key(), caller=TILL, member=who, to=other, wallet="stars", points=random.randint(1, 9)
                    )
                )
            case _:
                pass
        if turn % 10 == 9:
            mall.passes(seconds=1)
            seen.append((mall.clock.now, await documents(mall)))
    for moment, expected in seen:
        assert {wallet: figures(each) for wallet, each in (await at(mall, moment)).items()} == expected
    assert (await standing_check(mall.store.database, mall.book, mall.clock.now))[1]


async def documents(mall: Mall) -> dict[str, tuple[int, ...]]:
    """Active, pending, held, expired and owed, by wallet, by members' documents."""
    assert isinstance(mall.store, MongoStore)
    members: list[Document] = await mall.store.database[MEMBERS].find({}).to_list()
    moment, found = utc(mall.clock.now), dict[str, tuple[int, ...]]()
    for wallet in sorted({name for each in members for name in each["balances"]}):
        dead = [lot for each in members for lot in lots.of(each, wallet) if not lots.is_good(lot, moment)]
        found[wallet] = (
            sum(lots.spendable(each, wallet, moment) for each in members),
            sum(lots.pending(each, wallet, moment) for each in members),
            sum(lots.held(each, wallet) for each in members),
            sum(lot["points"] for lot in dead),
            -sum(lots.deficit(each, wallet) for each in members),
        )
    return found
