"""Settlement over HTTP: statements as JSON and CSV, each partner its own; the liability; packs booked and listed."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pymongo
import pytest

from services.earn.api.problems import Problem
from services.earn.api.summing import Sums
from services.earn.posting import JOURNAL
from shared.access.roles import Role
from tests.integration.apikit import Api, Asker, somebody
from tests.integration.pipeline import until
from tests.integration.rules import SIGNED, commands, file

CSV = {"Accept": "text/csv"}
MONEY = {"amount": "45003", "currency": "VND"}


def today() -> date:
    """By the programme's clock."""
    return datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()


async def statement(asker: Asker, headers: dict[str, str] | None = None, **query: Any) -> httpx.Response:
    """From yesterday to the day after tomorrow, so that midnight may pass."""
    days = {"from": str(today() - timedelta(days=1)), "to": str(today() + timedelta(days=2))}
    return await asker.get("/statements", headers, **{**days, **query})


async def spent(shop: Api, partner: str, points: int) -> None:
    till, member = await shop.asker(Role.till, partner), await shop.member(100)
    assert (await till.post(f"/holds/{await till.held(member, points)}/capture")).status_code == 200


async def test_a_partner_has_its_own_statement_and_the_office_the_whole(shop: Api) -> None:
    """15 stars at 10,000 dong, the programme's value of one, were taken at the inn: it is paid 150,000."""
    await spent(shop, "inn", 15)
    await spent(shop, "pub", 2)
    inn, office = await shop.asker(Role.partner, "inn"), await shop.asker(Role.back_office)
    mine = (await statement(inn)).json()
    assert mine["lines"] == [{
        "partner": "inn", "wallet": "stars", "rule": "redemption", "kind": "redeemed", "points": 15, "price": "10000",
        "currency": "VND", "owes": "-150000", "agreed": False,
    }]  # fmt: skip
    assert mine["totals"] == [{"party": "inn", "currency": "VND", "owes": "-150000", "exact": "-150000"}]
    assert mine["accounts"] == {"stars": {"partner:inn:redeemed": 15}}
    assert (mine["closed"], mine["sums_to_zero"], mine["time_zone"]) == (False, True, "Asia/Ho_Chi_Minh")
    assert "pub" not in str(mine)
    whole = (await statement(office)).json()
    owed = {each["party"]: each["owes"] for each in whole["totals"]}
    assert (owed["inn"], owed["pub"]) == ("-150000", "-20000")
    assert sum(int(each) for each in owed.values()) == 0
    assert (await statement(office, partner="inn")).json() == mine
    other = await statement(inn, partner="pub")
    assert (other.status_code, other.json()["code"]) == (403, "not_yours")


BAR = """
- {{id: bar, kind: partner, title: Bar, reimbursement: {{stars: {{amount: "12000", currency: VND}}}}}}
"""


async def test_a_price_for_a_time_past_is_none_of_what_is_posted(shop: Api, tmp_path: Path) -> None:
    """The bar's price holds from yesterday on, and is published after 3 stars were spent there: they stay at the
    programme's 10,000; the next one is at 12,000. Mechanism: `Room.published`."""
    await spent(shop, "bar", 3)
    bar = await shop.asker(Role.partner, "bar")
    before = (await statement(bar)).json()["lines"]
    since = ("--effective", str(today() - timedelta(days=1)), "--retroactive", "--yes")
    done = await commands(shop.settings)("publish", file(tmp_path, BAR), *SIGNED, *since)
    assert done.exit_code == 0, done.output
    assert "what is posted stays posted, and settled at its prices;" in done.output
    await spent(shop, "bar", 2)

    async def heard() -> bool:
        return len((await statement(bar)).json()["lines"]) == 2

    await until(heard, "the API to hear of the price")
    lines = {each["points"]: each for each in (await statement(bar)).json()["lines"]}
    assert [lines[3]] == before
    assert (lines[2]["price"], lines[2]["owes"]) == ("12000", "-24000")


async def test_a_statement_as_a_table(shop: Api) -> None:
    await spent(shop, "spa", 3)
    table = await statement(await shop.asker(Role.partner, "spa"), CSV)
    assert (table.status_code, table.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert table.text.splitlines() == [
        "partner,wallet,rule,kind,points,price,currency,owes",
        "spa,stars,redemption,redeemed,3,10000,VND,-30000",
        "spa,,,total,,,VND,-30000",
    ]
    page = await statement(await shop.asker(Role.partner, "spa"), {"Accept": "text/html"})
    assert (page.status_code, page.json()["code"]) == (406, "not_acceptable")


@pytest.mark.parametrize(
    "days",
    [
        {"from": "2026-03-01", "to": "2026-03-01"},
        {"from": "2026-03-02", "to": "2026-03-01"},
        {"from": "2026-03-01", "to": "2027-03-03"},  # 367 days
        {"from": "2026-02-30", "to": "2026-03-03"},
        {"from": "yesterday", "to": "2026-03-03"},
        {"from": "2026-03-01", "to": ""},
    ],
)
async def test_a_period_that_is_none_is_refused(shop: Api, days: dict[str, Any]) -> None:
    answer = await (await shop.asker(Role.back_office)).get("/statements", **days)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_the_liability_is_what_the_journal_says(shop: Api) -> None:
    """Of members who were put into the database the journal knows nothing: what is given here is the difference."""
    office, auditor, member = await shop.asker(Role.back_office), await shop.asker(Role.auditor), await shop.member()

    async def owed() -> dict[str, Any]:
        wallets = (await auditor.get("/liability")).json()["wallets"]
        return next((each for each in wallets if each["wallet"] == "stars"), {"outstanding": 0})

    before = (await owed())["outstanding"]
    given = {"member": member, "wallet": "stars", "points": 7, "kind": "goodwill", "reason": "a gesture"}
    assert (await office.post("/adjustments", given, Person="staff-7")).status_code == 201
    after = await owed()
    assert after["outstanding"] == before + 7
    assert after["worth"] == {"amount": str(10_000 * (before + 7)), "currency": "VND"}
    table = await auditor.get("/liability", CSV, at=datetime.now().astimezone().isoformat())
    assert table.text.splitlines()[0] == "wallet,what,of,points,amount,currency"
    for at, status, code in (("never", 422, "invalid_request"), ("2016-12-31", 404, "no_programme")):
        answer = await auditor.get("/liability", at=at)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await auditor.get("/liability", at="2017-01-02")).json()["wallets"] == []


async def test_a_pack_is_booked_once_by_a_person(shop: Api) -> None:
    office, kiosk = await shop.asker(Role.back_office), await shop.asker(Role.partner, "kiosk")
    pack = {"partner": "kiosk", "wallet": "stars", "points": 5, "money": MONEY, "reference": "INV-7"}

    async def bought() -> int:
        found = (await kiosk.get("/packs")).json()["packs"]
        assert {each["partner"] for each in found} <= {"kiosk"}
        return sum(each["bought"] for each in found)

    before = await bought()
    done = await office.post("/packs", pack, "INV-7", Person="staff-7")
    assert (done.status_code, done.json()) == (201, {
        "partner": "kiosk", "wallet": "stars", "points": 5, "money": MONEY, "bought": before + 5,
    })  # fmt: skip
    again = await office.post("/packs", pack, "INV-7", Person="staff-7")
    assert (again.json(), again.headers["idempotency-replayed"]) == (done.json(), "true")
    assert await bought() == before + 5
    entry = await shop.database[JOURNAL].find_one({"_id": f"/earn/api/{office.name}|INV-7"})
    assert entry is not None
    assert (entry["by"]["person"], entry["reference"], entry["money"]) == ("staff-7", "INV-7", MONEY)
    for odd, code in (
        ({}, "booked_before"),  # the invoice, under another key
        ({"reference": "INV-8", "money": {"amount": "1", "currency": "EUR"}}, "wrong_currency"),
        ({"reference": "INV-8", "money": {"amount": "1.5", "currency": "VND"}}, "too_fine"),
        ({"reference": "INV-8", "wallet": "status"}, "status_wallet"),
    ):
        answer = await office.post("/packs", {**pack, **odd}, Person="staff-7")
        assert answer.json()["code"] == code, answer.text
    assert await bought() == before + 5
    told = (await statement(kiosk)).json()["packs"]
    assert [each["partner"] for each in told] == ["kiosk"]
    grocer = await shop.asker(Role.partner, "grocer")
    assert (await grocer.get("/packs")).json() == {"packs": []}
    assert (await grocer.get("/packs", partner="kiosk")).json()["code"] == "not_yours"


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"partner": "inn"}, 422, "not_prepaid"),
        ({"wallet": "miles"}, 422, "unknown_wallet"),
        ({"points": 0}, 422, "invalid_request"),
        ({"money": {"amount": "-1", "currency": "VND"}}, 422, "invalid_request"),
        ({"reference": None}, 422, "invalid_request"),
    ],
)
async def test_what_cannot_be_booked(shop: Api, said: dict[str, Any], status: int, code: str) -> None:
    office = await shop.asker(Role.back_office)
    pack = {"partner": "kiosk", "wallet": "stars", "points": 5, "money": MONEY, **said}
    answer = await office.post("/packs", pack, Person="staff-7")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    nobody = await office.post("/packs", {**pack, "partner": "kiosk"})
    assert nobody.status_code == 422


async def test_what_takes_too_long_is_ended_in_mongodb_and_said_so(shop: Api) -> None:
    """Mechanism: MongoDB is told the bound, and the shorter one of ordinary requests does not hold."""
    sums, id_ = Sums(0.3), somebody()
    await shop.database["slow"].insert_one({"_id": id_})
    thousand = {"$range": [0, 1_000]}
    endless = [stage for name in "abcd" for stage in ({"$set": {name: thousand}}, {"$unwind": f"${name}"})]

    async def slow() -> Any:
        cursor = await shop.database["slow"].aggregate([*endless, {"$count": "n"}], comment=id_)
        return await cursor.to_list()

    with pytest.raises(Problem) as raised:
        await asyncio.wait_for(sums.ask(slow), 15)
    assert (raised.value.status_code, raised.value.code) == (503, "takes_too_long")

    async def ended() -> bool:
        running = await shop.pipeline.client.admin.aggregate([{"$currentOp": {}}, {"$match": {"command.comment": id_}}])
        return await running.to_list() == []

    await until(ended, "MongoDB to end the query")

    async def quick() -> Any:
        return await shop.database["slow"].find_one({"_id": id_})

    with pymongo.timeout(1e-9):
        assert await Sums(30).ask(quick) == {"_id": id_}
