"""The till over HTTP, at a real process: quote, hold, capture, release, undo; once, whatever is repeated or at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import httpx

from services.earn.posting import JOURNAL
from shared.access.roles import Role
from shared.ledger import lots
from tests.integration.apikit import BILL, Api, Asker, somebody

CLIENTS = 50


def second(shop: Api, till: Asker) -> tuple[httpx.AsyncClient, Asker]:
    """The same caller at the other process; the client is to be closed."""
    http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{shop.pipeline.worker('api-1').port}", timeout=30)
    return http, Asker(http, till.token, till.name, till.numbers)


async def test_points_are_quoted_held_and_captured_and_a_read_right_after_sees_it(shop: Api) -> None:
    till, member = await shop.asker(Role.till, "bakery"), await shop.member(100)
    bill = {"amount": "500000", "currency": "VND"}
    spend = {"member": member, "wallet": "stars", "points": 20, "bill": bill}
    worth = {"amount": "200000", "currency": "VND"}
    quoted = await till.post("/quotes", spend, once=None)
    assert (quoted.status_code, quoted.json()) == (
        200, {"wallet": "stars", "points": 20, "worth": worth, "clamped": False, "spendable": 100},
    )  # fmt: skip
    assert await till.spendable(member) == 100, "a quote changes nothing"
    held = await till.post("/holds", spend)
    assert held.status_code == 201
    assert (held.json()["points"], held.json()["spendable"], held.json()["worth"]) == (20, 80, worth)
    purse = (await till.get(f"/members/{member}/balance")).json()["wallets"][0]
    assert (purse["balance"], purse["spendable"], purse["held"]) == (100, 80, 20)
    captured = await till.post(f"/holds/{held.json()['hold']}/capture", {"points": 15})
    assert captured.status_code == 200
    assert {name: captured.json()[name] for name in ("points", "released", "spendable", "worth")} == {
        "points": 15, "released": 5, "spendable": 85, "worth": {"amount": "150000", "currency": "VND"},
    }  # fmt: skip
    purse = (await till.get(f"/members/{member}/balance")).json()["wallets"][0]
    assert (purse["balance"], purse["spendable"], purse["held"]) == (85, 85, 0)
    undone = await till.post(f"/redemptions/{captured.json()['redemption']}/undo")
    assert (undone.status_code, undone.json()["points"], await till.spendable(member)) == (200, 15, 100)
    again = await till.post(f"/redemptions/{captured.json()['redemption']}/undo")
    assert (again.status_code, again.json()["code"]) == (409, "undone_already")
    kept = lots.accounted(await shop.document(member))
    assert kept == {"stars": 100}


async def test_what_pays_a_bill_is_quoted_in_money(shop: Api) -> None:
    """A star is worth 10,000 and may pay half a bill: 95,000 of 180,000 is refused, 85,000 makes eight stars."""
    till, member = await shop.asker(Role.till, "bakery"), await shop.member(100)

    async def quote(pay: str) -> httpx.Response:
        bill = {"amount": "180000", "currency": "VND"}
        return await till.post(
            "/quotes", {"member": member, "wallet": "stars", "pay": {"amount": pay, "currency": "VND"}, "bill": bill}
        )

    assert (await quote("85000")).json()["points"] == 8
    refused = (await quote("100000")).json()
    assert (refused["status"], refused["code"], refused["most"]) == (409, "too_much_of_the_bill", 9)


async def test_a_hold_is_released_once(shop: Api) -> None:
    till, member = await shop.asker(Role.till, "bakery"), await shop.member(10)
    hold = await till.held(member, 6)
    released = await till.post(f"/holds/{hold}/release")
    assert (released.status_code, released.json()) == (200, {"hold": hold, "released": 6, "spendable": 10})
    for what in ("release", "capture"):
        answer = await till.post(f"/holds/{hold}/{what}")
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_hold")


async def test_who_releases_what_was_captured_is_told_that_it_is_spent(shop: Api) -> None:
    """A till has lost the answer to its capture. Mechanism: `_of_hold`; without it the hold would have been `unknown`,
    released for all that the till knows. Undone, it has to be neither spent nor undone again."""
    till, member = await shop.asker(Role.till, "bakery"), await shop.member(10)
    hold = await till.held(member, 6)
    redemption = (await till.post(f"/holds/{hold}/capture")).json()["redemption"]
    answers = [await till.post(f"/holds/{hold}/{what}") for what in ("release", "capture")]
    for answer, then in zip(answers, ("to give them back, undo that", "do not spend again"), strict=True):
        assert (answer.status_code, answer.json()["code"]) == (409, "captured_already")
        assert answer.json()["redemption"] == redemption
        said = f"this hold was captured before: its points are spent, under the redemption {redemption}; {then}"
        assert answer.json()["detail"] == said
    other = await shop.asker(Role.till, "grocer")
    assert (await other.post(f"/holds/{hold}/release")).json()["code"] == "unknown_hold"
    assert (await till.post(f"/redemptions/{redemption}/undo")).status_code == 200
    undone = (await till.post(f"/holds/{hold}/release")).json()
    assert undone["code"] == "captured_already"
    assert undone["detail"].endswith("and that was undone: its points are back")
    assert await till.spendable(member) == 10


async def test_what_cannot_be_spent_is_denied_with_a_code_and_nothing_changes(shop: Api) -> None:
    till, member = await shop.asker(Role.till, "bakery"), await shop.member(10)
    money = {"amount": "100000", "currency": "USD"}
    for asked, status, code in (
        ({"points": 11}, 409, "too_few_points"),
        ({"points": 1}, 409, "too_little"),
        ({"points": 5, "wallet": "miles"}, 422, "unknown_wallet"),
        ({"points": 5, "wallet": "status"}, 422, "not_spendable"),
        ({"pay": money, "bill": money}, 422, "wrong_currency"),
        ({"points": 5, "member": somebody()}, 404, "unknown_member"),
        ({"points": 0}, 422, "invalid_request"),
        ({"points": "5"}, 422, "invalid_request"),
        ({"points": 5.0}, 422, "invalid_request"),
        ({"points": 5, "pay": money}, 422, "invalid_request"),
        ({"points": 5, "bill": None}, 422, "invalid_request"),
        ({"points": 5, "tip": 1}, 422, "invalid_request"),
        ({}, 422, "invalid_request"),
    ):
        spend = {"member": member, "wallet": "stars", "bill": BILL, **asked}
        for path, once in (("/quotes", None), ("/holds", "")):
            answer = await till.post(path, spend, once=once)
            assert (answer.status_code, answer.json()["code"]) == (status, code), (path, asked, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"
    for path, once in (("/quotes", None), ("/holds", "")):
        answer = await till.post(path, {"member": member, "wallet": "stars", "points": 5}, once=once)
        assert (answer.status_code, answer.json()["code"]) == (422, "bill_needed"), path
    assert await till.spendable(member) == 10
    assert await shop.database[JOURNAL].count_documents({"member": member}) == 0


async def test_points_past_their_expiry_are_neither_shown_nor_spent_though_nobody_swept(shop: Api) -> None:
    """Breaks without `standing.by`: the balance would show what is gone."""
    till = await shop.asker(Role.till, "bakery")
    member = await shop.member(10, expires="2026-01-01T00:00:00.000000Z")
    assert await till.spendable(member) == 0
    for path in ("/quotes", "/holds"):
        answer = await till.post(path, {"member": member, "wallet": "stars", "points": 5, "bill": BILL})
        assert (answer.status_code, answer.json()["code"], answer.json()["spendable"]) == (409, "too_few_points", 0)


async def test_a_repeated_request_is_answered_as_before_and_another_under_its_key_is_refused(shop: Api) -> None:
    till, member = await shop.asker(Role.till, "bakery"), await shop.member(100)
    spend = {"member": member, "wallet": "stars", "points": 30, "bill": BILL}
    first = await till.post("/holds", spend, once="basket-7")
    again = await till.post("/holds", dict(reversed(spend.items())), once="basket-7")
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    other = await till.post("/holds", {**spend, "points": 31}, once="basket-7")
    assert (other.status_code, other.json()["code"]) == (422, "key_used_before")
    capture = await till.post(f"/holds/{first.json()['hold']}/capture", once="basket-7")
    assert (capture.status_code, capture.json()["code"]) == (422, "key_used_before"), "another operation is another"
    assert await till.spendable(member) == 70
    missing = await till.post("/holds", spend, once=None)
    assert (missing.status_code, missing.json()["code"]) == (422, "invalid_request")
    assert "Idempotency-Key" in missing.json()["detail"]
    entry = await shop.database[JOURNAL].find_one({"_id": f"/earn/api/{till.name}|basket-7"})
    assert entry is not None
    assert (entry["request"], entry["by"]) == (first.headers["x-request-id"], {"caller": till.name})


async def test_one_key_at_once_at_two_processes_is_done_once(shop: Api) -> None:
    """Breaks without the journal's key: each request would hold points of its own."""
    till, member = await shop.asker(Role.till, "bakery"), await shop.member(1_000)
    http, there = second(shop, till)
    spend = {"member": member, "wallet": "stars", "points": 10, "bill": BILL}
    async with http:
        answers = await asyncio.gather(*((till, there)[n % 2].post("/holds", spend, once="same") for n in range(20)))
    assert {each.status_code for each in answers} == {201}
    assert len({each.json()["hold"] for each in answers}) == 1
    assert sum("idempotency-replayed" not in each.headers for each in answers) == 1
    assert await till.spendable(member) == 990


async def test_two_tills_capture_one_hold_and_one_wins(shop: Api) -> None:
    till, member = await shop.asker(Role.till, "bakery"), await shop.member(100)
    http, there = second(shop, till)
    async with http:
        for _ in range(5):
            hold = await till.held(member, 10)
            answers = await asyncio.gather(*(each.post(f"/holds/{hold}/capture") for each in (till, there)))
            codes = sorted((each.status_code, each.json().get("code")) for each in answers)
            assert codes == [(200, None), (409, "captured_already")]
            lost = next(each.json() for each in answers if each.status_code == 409)
            assert lost["redemption"] == "r" + hold.removeprefix("h"), "who lost hears what became of the hold"
    assert await till.spendable(member) == 50


async def test_fifty_clients_spend_one_balance_and_never_more(shop: Api) -> None:
    """50 ask for 7 of 100, at two processes: 14 have them, 36 are told that there are too few."""
    till, member = await shop.asker(Role.till, "bakery"), await shop.member(100)
    http, there = second(shop, till)

    async def buy(number: int) -> Any:
        asker = (till, there)[number % 2]
        spend = {"member": member, "wallet": "stars", "points": 7, "bill": BILL}
        held = await asker.post("/holds", spend, once=f"hold-{number}")
        if held.status_code != 201:
            return held.status_code, held.json()["code"]
        return (await asker.post(f"/holds/{held.json()['hold']}/capture", once=f"capture-{number}")).status_code

    async with http:
        ends = Counter(await asyncio.gather(*(buy(number) for number in range(CLIENTS))))
    assert ends == {200: 14, (409, "too_few_points"): 36}
    document = await shop.document(member)
    assert (document["balances"], lots.accounted(document)) == ({"stars": 2}, {"stars": 2})
    spent = await shop.database[JOURNAL].find({"member": member, "kind": "redemption"}).to_list()
    amounts = [posting["amount"] for entry in spent for posting in entry["postings"]]
    assert (sum(amounts), sum(each for each in amounts if each < 0)) == (0, -98)


async def test_a_household_spends_in_common_and_each_sees_whose(shop: Api) -> None:
    """Bob's star ends first: it is spent first, though Ann pays; both histories tell."""
    till = await shop.asker(Role.till, "bakery")
    ann, bob = await shop.member(5), await shop.member(6, expires="2198-01-01T00:00:00.000000+00:00")
    await shop.together(f"house-{ann}", ann, bob)
    purse = (await till.get(f"/members/{ann}/balance")).json()["wallets"][0]
    assert (purse["balance"], purse["spendable"], purse["household"]) == (5, 5, {"spendable": 11, "members": 2})
    assert "household" not in (await till.get(f"/members/{await shop.member(1)}/balance")).json()["wallets"][0]
    quoted = await till.post("/quotes", {"member": ann, "wallet": "stars", "points": 8, "bill": BILL}, None)
    assert (quoted.json()["points"], quoted.json()["spendable"]) == (8, 11)
    done = (await till.post(f"/holds/{await till.held(ann, 8)}/capture")).json()
    assert (done["member"], done["points"], done["spendable"]) == (ann, 8, 3)
    for member, points, left in ((ann, -2, 3), (bob, -6, 0)):
        [entry] = (await till.get(f"/members/{member}/history")).json()["entries"]
        assert (entry["kind"], entry["points"]) == ("redemption", {"stars": points})
        assert entry["redemption"] == done["redemption"], "whoever takes a complaint knows the member alone"
        assert (await till.get(f"/members/{member}/balance")).json()["wallets"][0]["balance"] == left
    undone = (await till.post(f"/redemptions/{done['redemption']}/undo")).json()
    assert (undone["points"], undone["spendable"]) == (8, 11)
    assert await till.spendable(bob) == 6


async def test_two_of_a_household_pay_at_once(shop: Api) -> None:
    """Of 20 stars in common, 8 payments of 3 at once: 6 are done."""
    till = await shop.asker(Role.till, "bakery")
    pair = [await shop.member(10), await shop.member(10)]
    await shop.together(f"house-{pair[0]}", *pair)
    said = [{"member": pair[number % 2], "wallet": "stars", "points": 3, "bill": BILL} for number in range(8)]
    answers = await asyncio.gather(*(till.post("/holds", each) for each in said))
    assert sorted(each.status_code for each in answers) == [201] * 6 + [409] * 2
    assert sum([await till.spendable(each) for each in pair]) == 2
