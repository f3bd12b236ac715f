"""Settlement statements by query on a real mongod: by hand, closed periods, and against a sum made apart in Python."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any

import orjson
import pytest

from services.earn.counter.commands import Asked, Caller, Capture, Denied, Done, Hold, Undo
from services.earn.posting import JOURNAL
from shared.ops.packs import standings
from shared.ops.partner_books import partner_checks
from shared.ops.settling import stated
from shared.rules.as_known import Published
from shared.runtime.mongo import MongoStore
from shared.settings import Settings
from shared.settlement.statement import Statement
from shared.settlement.writing import as_csv, as_json, as_text
from tests.contract.malls import mall_on
from tests.unit.partnerkit import ANN, BOB, PROGRAMME, Mall, member
from tests.unit.rulekit import rule

DEARER = """
- id: cinema
  kind: partner
  version: 2
  effective: 2026-03-10T00:00:00+07:00
  title: Cinema
  cost: {stars: {amount: "81.125", currency: VND}}
  reimbursement: {stars: {amount: "70.25", currency: VND}}
  prepaid: {alert_at: 5, at_zero: overdraw}
"""
MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)
LATER = datetime(2026, 12, 1, tzinfo=UTC)
ALWAYS: Published = {}  # nobody says when anything was published


@pytest.fixture
async def mall(settings_for: Callable[..., Settings]) -> AsyncIterator[Mall]:
    """The coalition on a mongod of its own."""
    async with mall_on(settings_for(), later=DEARER) as found:
        yield found


async def of(
    mall: Mall, begin: date = MARCH, end: date = APRIL, now: datetime = LATER, known: Published = ALWAYS, **more: Any
) -> Statement:
    """The statement of a period."""
    assert isinstance(mall.store, MongoStore)
    return await stated(mall.store.database, mall.book, begin, end, now, known, **more)


async def spend(mall: Mall, who: str, partner: str, points: int) -> str | None:
    """Holds and captures at a partner; the redemption's id, None where there are too few."""
    caller = Caller("till", partner=partner)
    asked = Asked(wallet="stars", points=points)
    held = await mall.ask(Hold(**mall.key(), caller=caller, member=who, asked=asked, partner=partner))
    if isinstance(held, Denied):
        return None
    done = await mall.ask(Capture(**mall.key(), caller=caller, member=who, hold=str(held.body["hold"])))
    assert isinstance(done, Done)
    return str(done.body["redemption"])


def lines(found: Statement) -> list[tuple[str, str, str, int, str]]:
    """Partner, rule, kind, points and what is owed."""
    return [(each.partner, each.rule, each.kind, each.points, f"{each.owes:f}") for each in found.lines]


def nets(found: Statement) -> dict[str, str]:
    """What each party owes, in dong."""
    return {each.party: f"{each.owes:f}" for each in found.nets if each.currency == "VND"}


async def a_march(mall: Mall) -> None:
    """Three partners' March, by hand."""
    await mall.ask(mall.pack("cinema", 50, "4000"))
    await mall.buys(ANN, "grocer", 1_000_000)  # 100 stars, at their value of 100
    await mall.buys(ANN, "cinema", 600_000)  # 60: 50 of the pack, 10 beyond it at 80
    mall.clock.now = datetime.fromisoformat("2026-03-20T10:00:00+07:00")
    await mall.buys(BOB, "cinema", 30_000)  # 3 beyond, at 81.125
    taken = await spend(mall, ANN, "cinema", 40)
    await spend(mall, ANN, "grocer", 7)
    await mall.ask(Undo(**mall.key(), caller=Caller("till", partner="cinema"), member=ANN, redemption=str(taken)))
    await spend(mall, ANN, "cinema", 30)
    await mall.granted(BOB, "partner:grocer", 20)
    await mall.granted(BOB, "partner:grocer", -5, corrects="g-1")


async def test_a_march_by_hand(mall: Mall) -> None:
    await a_march(mall)
    found = await of(mall)
    assert lines(found) == [
        ("cinema", "base", "drawn", 50, "0"),
        ("cinema", "base", "overdrawn", 10, "800"),
        ("cinema", "base", "overdrawn", 3, "243.375"),
        ("cinema", "redemption", "redeemed", 70, "-4917.50"),
        ("cinema", "undo", "undone", 40, "2810.00"),
        ("grocer", "base", "issued", 100, "10000"),
        ("grocer", "gift", "issued", 20, "2000"),
        ("grocer", "redemption", "redeemed", 7, "-700"),
        ("grocer", "gift", "taken back", 5, "-500"),
    ]
    # Cinema: 800 + 243.375 - 4,917.50 + 2,810 = -1,064.125; grocer: 10,000 + 2,000 - 700 - 500.
    assert nets(found) == {"cinema": "-1064", "grocer": "10800", "coalition": "-9736"}
    assert found.accounts == {"stars": {
        "members": 178 - 37, "partner:cinema:prepaid": 0, "programme:packs": -50, "partner:cinema:issued": -13,
        "partner:cinema:redeemed": 30, "partner:grocer:issued": -115, "partner:grocer:redeemed": 7,
    }}  # fmt: skip
    assert [(each.partner, each.points, each.money) for each in found.packs] == [("cinema", 50, Decimal(4000))]
    assert found.off == []
    assert found.closed


async def test_a_closed_period_stays(mall: Mall) -> None:
    """What is heard of in April about March is April's; by event time it is March's."""
    await a_march(mall)
    before = as_json(await of(mall))
    mall.clock.now = datetime.fromisoformat("2026-04-02T10:00:00+07:00")
    await mall.buys(ANN, "grocer", 500_000, at=datetime.fromisoformat("2026-03-05T10:00:00+07:00"))
    assert as_json(await of(mall)) == before
    assert lines(await of(mall, APRIL, MAY)) == [("grocer", "base", "issued", 50, "5000")]
    assert ("grocer", "base", "issued", 150, "15000") in lines(await of(mall, by="event"))


async def test_local_days_are_half_open(mall: Mall) -> None:
    for moment in ("2026-02-28T23:59:59+07:00", "2026-03-01T00:00:00+07:00", "2026-03-31T23:59:59+07:00",
                   "2026-04-01T00:00:00+07:00"):  # fmt: skip
        mall.clock.now = datetime.fromisoformat(moment)
        await mall.buys(ANN, "grocer", 10_000)
    assert [each.points for each in (await of(mall)).lines] == [2]
    assert not (await of(mall, now=datetime.fromisoformat("2026-04-01T00:04:00+07:00"))).closed
    assert (await of(mall, now=datetime.fromisoformat("2026-04-01T00:05:00+07:00"))).closed


async def test_written_down(mall: Mall) -> None:
    await a_march(mall)
    found = await of(mall)
    table = as_csv(found, "grocer").splitlines()
    assert table[:2] == [
        "partner,wallet,rule,kind,points,price,currency,owes",
        "grocer,stars,base,issued,100,100,VND,10000",
    ]
    assert table[-1] == "grocer,,,total,,,VND,10800"
    told = as_text(found)
    assert "grocer owes 10,800 VND" in told
    assert "cinema is owed 1,064 VND" in told
    assert "the coalition is paid 9,736 VND" in told
    assert told[-1] == "points and money sum to zero over the coalition"
    assert orjson.loads(orjson.dumps(as_json(found)))["sums_to_zero"] is True


@pytest.mark.parametrize("seed", range(3))
async def test_against_a_sum_made_apart(mall: Mall, seed: int) -> None:
    """A random half year; each month's statement is what a plain loop over all entries makes of it."""
    random = Random(seed)
    mall.clock.now = datetime(2026, 3, 1, tzinfo=UTC)
    for partner in ("bakery", "cinema"):
        await mall.ask(mall.pack(partner, 300, "24000"))
    kept: list[str] = []
    for _ in range(120):
        mall.passes(hours=random.randint(1, 48))
        who, partner = member(random.randint(1, 4)), random.choice(("bakery", "cinema", "grocer"))
        match random.choice(("buy", "buy", "buy", "spend", "undo", "grant", "back", "pack")):
            case "buy":
                late = random.choice((0, 0, 0, 40))
                at = mall.clock.now.replace(tzinfo=UTC)
                await mall.buys(who, partner, random.randint(1, 90) * 5_000,
                                at=datetime.fromtimestamp(at.timestamp() - late * 86_400, UTC))  # fmt: skip
            case "spend":
                kept += [f"{who} {found}" for found in [await spend(mall, who, partner, random.randint(1, 9))] if found]
            case "undo" if kept:
                whose, redemption = kept.pop(random.randrange(len(kept))).split()
                await mall.ask(Undo(**mall.key(), caller=Caller("office"), member=whose, redemption=redemption))
            case "grant":
                await mall.granted(who, f"partner:{partner}", random.randint(1, 30))
            case "back":
                await mall.granted(who, f"partner:{partner}", -random.randint(1, 9), corrects="g")
            case "pack":
                await mall.ask(mall.pack(random.choice(("bakery", "cinema")), 40, "3200"))
            case _:
                pass
    assert isinstance(mall.store, MongoStore)
    entries = await mall.store.database[JOURNAL].find({}).to_list()
    months = [date(2026, month, 1) for month in range(3, 12)]
    for begin, end in pairwise(months):
        found = await of(mall, begin, end)
        assert found.off == []
        assert {key: amount for key, amount in exact(found).items() if amount} == recomputed(entries, begin, end)
    assert [ok for _, ok, _ in await partner_checks(mall.store.database, mall.book, LATER, {})] == [True, True, True]
    assert {each.partner for each in await standings(mall.store.database)} == {"bakery", "cinema"}


def exact(found: Statement) -> dict[str, Decimal]:
    return {each.party: each.exact for each in found.nets if each.party != "coalition"}


def recomputed(entries: list[dict[str, Any]], begin: date, end: date) -> dict[str, Decimal]:
    """What each partner owes, by a loop over the entries and prices written out here once more."""
    found: dict[str, Decimal] = {}
    undone = {each["redemption"]: each["at"] for each in entries if each["kind"] == "redemption"}
    for entry in entries:
        local = (entry["posted_at"].timestamp() + 7 * 3600) // 86_400
        if not begin.toordinal() - 719_163 <= local < end.toordinal() - 719_163:
            continue
        at = undone[entry["redemption"]] if entry["kind"] == "undo" else entry["at"]
        dearer = at >= datetime(2026, 3, 9, 17, tzinfo=UTC)
        for posting in entry["postings"]:
            parts = posting["account"].split(":")
            if parts[0] != "partner" or parts[2] == "prepaid":
                continue
            price = {
                ("cinema", "issued"): "81.125" if dearer else "80", ("cinema", "redeemed"): "70.25",
                ("bakery", "issued"): "90.5",
            }.get((parts[1], parts[2]), "100")  # fmt: skip
            found[parts[1]] = found.get(parts[1], Decimal(0)) - posting["amount"] * Decimal(price)
    return {partner: amount for partner, amount in found.items() if amount}


async def test_a_redemption_is_settled_at_what_the_till_was_told(mall: Mall) -> None:
    """The value of a point falls between hold and capture: 10 points at 100 are 1,000, and so is their undoing.
    Mechanism: `counts_at` of a capture."""
    cheaper = PROGRAMME.split("- id: bakery")[0].replace('amount: "100"', 'amount: "40"')
    later = cheaper.replace("effective: 2020-01-01", "version: 2\n  effective: 2026-03-03")
    known = Mall(mall.store, later=later)
    known.begin(700)
    await known.buys(ANN, "grocer", 100_000)
    caller = Caller("till", partner="grocer")
    asked = Asked(wallet="stars", points=10)
    known.clock.now = datetime.fromisoformat("2026-03-02T23:50:00+07:00")
    held = await known.ask(Hold(**known.key(), caller=caller, member=ANN, asked=asked, partner="grocer"))
    assert isinstance(held, Done)
    known.passes(minutes=12)
    spent = await known.ask(Capture(**known.key(), caller=caller, member=ANN, hold=str(held.body["hold"])))
    assert isinstance(spent, Done)
    assert (held.body["worth"], spent.body["worth"]) == ({"amount": "1000", "currency": "VND"},) * 2
    told = [each for each in lines(await of(known)) if each[1] in ("redemption", "undo")]
    assert told == [("grocer", "redemption", "redeemed", 10, "-1000")]
    await known.ask(Undo(**known.key(), caller=caller, member=ANN, redemption=str(spent.body["redemption"])))
    told = [each for each in lines(await of(known)) if each[1] in ("redemption", "undo")]
    assert told == [("grocer", "redemption", "redeemed", 10, "-1000"), ("grocer", "undo", "undone", 10, "1000")]


async def test_status_of_a_prepaid_partner_is_issued_and_not_overdrawn(mall: Mall) -> None:
    """Packs are of points that can be spent. Mechanism: the wallet in `Prices.prepaid`."""
    status = rule("status", "then: {wallet: miles, fixed: 3}")
    known = Mall(mall.store, status, miles="{id: miles, kind: status}")
    known.begin(500)
    await known.buys(ANN, "cinema", 20_000)
    found = await of(known)
    kinds = {(each.partner, each.wallet, each.kind) for each in found.lines if each.partner == "cinema"}
    assert kinds == {("cinema", "stars", "overdrawn"), ("cinema", "miles", "issued")}
