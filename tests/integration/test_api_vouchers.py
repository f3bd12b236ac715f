"""Vouchers over HTTP, at two real processes: told with their terms, redeemed once, undone, denied in clear words."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.earn.posting import JOURNAL
from services.earn.vouchers import VOUCHERS
from shared.access.roles import Role
from tests.integration.apikit import Api, Asker, somebody
from tests.integration.test_api_till import second

TEN = {"amount": "10000", "currency": "VND"}
LONG_AGO, FAR_AWAY = datetime(2026, 1, 1, tzinfo=UTC), datetime(2199, 3, 31, 17, tzinfo=UTC)


async def redeem(till: Asker, member: str, code: str, once: str = "", **more: Any) -> httpx.Response:
    """On a bill of 100,000 dong for tea, unless the test says another."""
    bill = {"bill": "b-1", "currency": "VND", "lines": [{"amount": "100000", "category": "tea"}], **more}
    return await till.post(f"/vouchers/{code}/redeem", {"member": member, **bill}, once)


async def test_vouchers_are_told_as_data_and_in_words(shop: Api) -> None:
    reader, member = await shop.asker(Role.reader), await shop.member()
    code = await shop.voucher(
        member, percent_off="12.5", minimum=TEN, categories=["tea", "rice"], alone=True, until=FAR_AWAY
    )
    told = (await reader.get(f"/members/{member}/vouchers")).json()
    [voucher] = told["vouchers"]
    assert (told["member"], told["next"]) == (member, None)
    assert datetime.now(UTC) - datetime.fromisoformat(voucher.pop("given")) < timedelta(minutes=5)
    assert voucher == {
        "voucher": code, "title": "A voucher", "state": "valid", "until": "2199-03-31T17:00:00+00:00", "value": None,
        "percent_off": "12.5", "minimum": TEN, "categories": ["tea", "rice"], "alone": True, "used": None,
        "terms": [
            "12.5 % off", "only for tea, rice", "when at least 10,000 VND is spent on what it is for",
            "not with another voucher on the same bill", "valid before Monday 2199-04-01 00:00",
        ],
    }  # fmt: skip
    told = (await reader.get(f"/members/{member}/vouchers", language="vi")).json()
    assert told["vouchers"][0]["terms"] == [
        "giảm 12,5 %", "chỉ áp dụng cho tea, rice", "khi mua từ 10.000 VND hàng được áp dụng",
        "không dùng cùng phiếu khác trên một hóa đơn", "có giá trị trước 00:00 thứ Hai 01/04/2199",
    ]  # fmt: skip
    plain = await shop.voucher(thing := await shop.member())
    [voucher] = (await reader.get(f"/members/{thing}/vouchers")).json()["vouchers"]
    assert (voucher["voucher"], voucher["terms"]) == (plain, ["good for: A voucher", "valid without an end"])


async def test_states_and_pages(shop: Api) -> None:
    """Whichever is asked for, each voucher is told once."""
    till, member = await shop.asker(Role.till, "bakery"), await shop.member()
    valid, expired = await shop.voucher(member, value=TEN), await shop.voucher(member, value=TEN, until=LONG_AGO)
    used = await shop.voucher(member, value=TEN, until=FAR_AWAY)
    assert (await redeem(till, member, used)).status_code == 200
    gone = await shop.voucher(member, value=TEN, until=LONG_AGO, withdrawn=True)
    path = f"/members/{member}/vouchers"
    for state, code in (("valid", valid), ("expired", expired), ("used", used), ("withdrawn", gone)):
        found = (await till.get(path, state=state)).json()["vouchers"]
        assert [(each["voucher"], each["state"]) for each in found] == [(code, state)]
    first = (await till.get(path, limit=3)).json()
    following = (await till.get(path, limit=3, cursor=first["next"])).json()
    pages = [each["voucher"] for page in (first, following) for each in page["vouchers"]]
    assert (pages, following["next"]) == ([gone, used, expired, valid], None)
    refused = await redeem(till, member, gone, bill="b-2")
    assert (refused.status_code, refused.json()["code"]) == (409, "voucher_withdrawn")
    wrong = await till.get(path, state="lost")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_request")
    nobody = await till.get(f"/members/{somebody()}/vouchers")
    assert (nobody.status_code, nobody.json()["code"]) == (404, "unknown_member")


async def test_a_list_is_not_sent_twice(shop: Api) -> None:
    till, member = await shop.asker(Role.till, "bakery"), await shop.member()
    code = await shop.voucher(member, value=TEN)
    path = f"/members/{member}/vouchers"
    tag = (await till.get(path)).headers["etag"]
    assert (await till.get(path, {"If-None-Match": tag})).status_code == 304
    await redeem(till, member, code)
    changed = await till.get(path, {"If-None-Match": tag})
    assert (changed.status_code, changed.json()["vouchers"][0]["state"]) == (200, "used")


async def test_redeemed_once_and_answered_again(shop: Api) -> None:
    till, member = await shop.asker(Role.till, "bakery"), await shop.member()
    code = await shop.voucher(member, percent_off="10")
    done = await redeem(till, member, code, "bill-1")
    assert (done.status_code, done.json()) == (200, {
        "voucher": code, "member": member, "title": "A voucher", "bill": "b-1", "counted": "100000", "worth": TEN,
    })  # fmt: skip
    again = await redeem(till, member, code, "bill-1")
    assert (again.json(), again.headers["idempotency-replayed"]) == (done.json(), "true")
    other = await redeem(till, member, code, "bill-1", bill="b-2")
    assert (other.status_code, other.json()["code"]) == (422, "key_used_before")
    used = await redeem(till, member, code)
    assert (used.status_code, used.json()["code"], "used_at" in used.json()) == (409, "used_already", True)
    [entry] = await shop.database[JOURNAL].find({"member": member}).to_list()
    assert (entry["kind"], entry["voucher"], entry["partner"]) == ("voucher", code, "bakery")
    assert (entry["by"], entry["request"]) == ({"caller": till.name}, done.headers["x-request-id"])


@pytest.mark.parametrize(
    ("terms", "asked", "status", "code"),
    [
        ({"until": LONG_AGO}, {}, 409, "voucher_expired"),
        ({"minimum": {"amount": "100001", "currency": "VND"}}, {}, 409, "spend_more"),
        ({"categories": ["rice"]}, {}, 409, "nothing_counts"),
        ({"value": TEN}, {"currency": "USD"}, 422, "wrong_currency"),
        ({}, {"code": "NONE"}, 404, "unknown_voucher"),
        ({}, {"code": "none"}, 422, "invalid_request"),
        ({}, {"member": "another"}, 404, "unknown_voucher"),
        ({}, {"member": "nobody"}, 404, "unknown_member"),
        ({}, {"lines": []}, 422, "invalid_request"),
        ({}, {"lines": [{"amount": 5}]}, 422, "invalid_request"),
        ({}, {"lines": [{"amount": "-5"}]}, 422, "invalid_request"),
        ({}, {"lines": [{"amount": "5", "category": None}]}, 422, "invalid_request"),
        ({}, {"bill": ""}, 422, "invalid_request"),
    ],
)
async def test_what_cannot_be_redeemed_is_denied_and_stays_as_it_was(
    shop: Api, terms: dict[str, Any], asked: dict[str, Any], status: int, code: str
) -> None:
    till, member = await shop.asker(Role.till, "bakery"), await shop.member()
    mine, said = await shop.voucher(member, **terms), dict(asked)
    who = {"another": await shop.member(), "nobody": somebody()}.get(said.pop("member", ""), member)
    answer = await redeem(till, who, said.pop("code", mine), **said)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    voucher = await shop.database[VOUCHERS].find_one({"_id": mine})
    assert voucher is not None
    assert voucher["used"] is None
    assert await shop.database[JOURNAL].count_documents({"member": member}) == 0


async def test_one_that_is_not_used_with_others_is_alone_on_its_bill(shop: Api) -> None:
    till, member = await shop.asker(Role.till, "bakery"), await shop.member()
    first, second_ = await shop.voucher(member, value=TEN), await shop.voucher(member, value=TEN, alone=True)
    bill, next_ = {"bill": f"{member}-1"}, {"bill": f"{member}-2"}  # others share this till: bills of the test's own
    assert (await redeem(till, member, first, **bill)).status_code == 200
    refused = await redeem(till, member, second_, **bill)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_with_others")
    assert (await redeem(till, member, second_, **next_)).status_code == 200
    another = await shop.member()
    theirs = await shop.voucher(another, value=TEN)
    refused = await redeem(till, another, theirs, **next_)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_with_others")
    assert (await redeem(till, another, theirs, **bill)).status_code == 200


async def test_a_closed_account_redeems_nothing(shop: Api) -> None:
    till, member = await shop.asker(Role.till, "bakery"), await shop.member()
    code = await shop.voucher(member, value=TEN)
    await shop.database.members.update_one({"_id": member}, {"$set": {"closed": True}})
    refused = await redeem(till, member, code)
    assert (refused.status_code, refused.json()["code"]) == (409, "closed")


async def test_undone_by_the_partner_that_redeemed_it_or_the_office_and_nobody_else(shop: Api) -> None:
    bakery, grocer = [await shop.asker(Role.till, each) for each in ("bakery", "grocer")]
    office, member = await shop.asker(Role.back_office), await shop.member()
    code = await shop.voucher(member, value=TEN)
    path, whose = f"/vouchers/{code}/undo", {"member": member}
    early = await bakery.post(path, whose)
    assert (early.status_code, early.json()["code"]) == (409, "not_used")
    await redeem(bakery, member, code)
    listed = f"/members/{member}/vouchers"
    [mine], [theirs] = [(await each.get(listed)).json()["vouchers"] for each in (bakery, grocer)]
    assert (mine["used"]["partner"], mine["used"]["bill"], mine["used"]["worth"]) == ("bakery", "b-1", "10000")
    assert theirs["used"] == {"at": mine["used"]["at"], "partner": None, "bill": None, "worth": None}
    other = await grocer.post(path, whose)
    assert (other.status_code, other.json()["code"]) == (409, "not_used")
    done = await bakery.post(path, whose)
    assert (done.status_code, done.json()) == (200, {"voucher": code, "member": member, "bill": "b-1"})
    assert (await redeem(bakery, member, code, bill="b-2")).status_code == 200
    nameless = await office.post(path, whose)
    assert (nameless.status_code, nameless.json()["code"]) == (422, "person_missing")
    assert (await office.post(path, whose, Person="staff-7")).status_code == 200
    assert (await bakery.get(listed)).json()["vouchers"][0]["state"] == "valid"


async def test_twenty_tills_at_two_processes_redeem_one_voucher_and_one_has_it(shop: Api) -> None:
    """Breaks without the transaction that writes voucher and member together."""
    till, member = await shop.asker(Role.till, "bakery"), await shop.member()
    code = await shop.voucher(member, value=TEN)
    http, there = second(shop, till)
    async with http:
        some = [redeem((till, there)[number % 2], member, code, bill=f"b-{number}") for number in range(20)]
        answers = await asyncio.gather(*some)
    assert Counter(each.json().get("code", "done") for each in answers) == {"done": 1, "used_already": 19}
