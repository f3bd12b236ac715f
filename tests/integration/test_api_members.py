"""Members over HTTP: who has signed up a moment ago, and what is told of accounts that have ended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson

from services.earn import intake, ledger
from services.earn.api import reading
from services.earn.posting import JOURNAL
from shared.access.roles import Role
from shared.rules import membership
from tests.integration.apikit import BILL, Api, somebody
from tests.unit.partnerkit import ANN
from tests.unit.test_households import held
from tests.unit.test_people import of
from tests.unit.test_people_returns import returned
from tests.unit.test_returns_late import buys, mall, released


async def test_who_is_found_can_be_asked_about_before_the_ledger_has_read_their_signup(shop: Api) -> None:
    """Intake has their names, the ledger no document. Mechanism: `reading.standing` and `Read.joining` ask identities;
    without them whom `find` finds would be unknown."""
    member, till, office = somebody(), await shop.asker(Role.till, "bakery"), await shop.asker(Role.back_office)
    await shop.database[intake.IDENTITIES].insert_one({"_id": f"card:{member}", "member": member})
    found = await till.post("/members/find", {"card": member}, None)
    assert (found.status_code, found.json()["member"], found.json()["joined"]) == (200, member, None)
    balance = await till.get(f"/members/{member}/balance")
    assert balance.status_code == 200, balance.text
    assert [(each["balance"], each["spendable"]) for each in balance.json()["wallets"]] == [(0, 0), (0, 0)]
    assert (await till.get(f"/members/{member}/history")).json() == {"entries": [], "next": None}
    assert (await till.get(f"/members/{member}/vouchers")).json()["vouchers"] == []
    spend = {"member": member, "wallet": "stars", "points": 2, "bill": BILL}
    assert (await till.post("/quotes", spend, None)).json()["code"] == "too_few_points"
    gift = {"member": member, "wallet": "stars", "points": 5, "reason": "a welcome"}
    for caller, path, body in ((till, "/holds", spend), (office, "/adjustments", gift)):
        answer = await caller.post(path, body, f"k-{member}", Person="staff-7")
        assert (answer.status_code, answer.json()["code"]) == (409, "joining"), answer.text
        assert int(answer.headers["retry-after"]) >= 1
    await shop.database[ledger.MEMBERS].insert_one(membership.newcomer(member))
    again = await office.post("/adjustments", gift, f"k-{member}", Person="staff-7")
    assert again.status_code == 201, "the same key, asked again, is decided anew"


async def test_names_of_two_members_find_neither(shop: Api) -> None:
    """Breaks where the first known name is taken: a till would spend one member's points at the other's word."""
    cards = [somebody(), somebody()]
    members = [await shop.member(10, f"card:{card}", f"app:{card}") for card in cards]
    till = await shop.asker(Role.till, "bakery")
    both = await till.post("/members/find", {"card": cards[0], "app": cards[1]}, None)
    assert (both.status_code, both.json()["code"]) == (409, "several_members")
    assert cards[0] not in both.text, "an answer that may be logged has no names in it"
    for said in ({"card": cards[0], "app": cards[0]}, {"card": cards[0], "app": "nobody's"}):
        assert (await till.post("/members/find", said, None)).json()["member"] == members[0]


async def test_a_partner_whom_nobody_knows_is_told_to_be_unknown(shop: Api) -> None:
    """Else whoever misspells it would look for the reference. Mechanism: `is_known` in `reading.find`."""
    office, till = await shop.asker(Role.back_office), await shop.asker(Role.till, "bakery")
    answer = await office.post("/members/find", {"reference": "nobody's", "partner": "bakeri"}, None)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_partner")
    said = "no partner bakeri has an agreement, a key or an event here; check how `partner` is written"
    assert answer.json()["detail"] == said
    for asker, asked in ((office, {"reference": "nobody's", "partner": "bakery"}), (till, {"reference": "nobody's"}),
                         (office, {"card": "nobody's"})):  # fmt: skip
        answer = await asker.post("/members/find", asked, None)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_member"), asked


async def test_the_history_tells_what_a_return_took_late(shop: Api) -> None:
    """Fifty are held while their goods come back, and go back with the hold's end, by the rule that gave them. As the
    ledger wrote it. Mechanism: `reading._ENTRY` reads whose entry it is; without it every page with this one failed."""
    found = mall("zero")
    bought = await buys(found)
    hold = await held(found, ANN, 50)
    await returned(found, ANN, bought)
    await released(found, ANN, hold)
    member = somebody()
    renamed = orjson.loads(orjson.dumps([each["postings"] for each in of(found, JOURNAL).values()]))
    for entry, postings in zip(of(found, JOURNAL).values(), renamed, strict=True):
        for each in postings:
            each["account"] = each["account"].replace(ANN, member)
        entry |= {"_id": f"{entry['_id']}-{member}", "member": member, "postings": postings}
        await shop.database[JOURNAL].insert_one(entry)
    for role in (Role.reader, Role.back_office, Role.auditor):
        answer = await (await shop.asker(role)).get(f"/members/{member}/history")
        assert answer.status_code == 200, answer.text
        late = next(each for each in answer.json()["entries"] if each["kind"] == "late_return")
        assert late["points"] == {"stars": -50}
        assert late["rules"] == [{"rule": "base", "version": 1, "wallet": "stars", "points": -50}]


async def test_an_account_that_has_ended_says_so_and_its_vouchers_are_not_told_as_valid(shop: Api) -> None:
    office, reader = await shop.asker(Role.back_office), await shop.asker(Role.reader)
    member = await shop.member(10, card := f"card:{somebody()}")
    code = await shop.voucher(member, percent_off="10")
    for answer in (await reader.post("/members/find", {"card": card[5:]}, None),
                   await reader.get(f"/members/{member}/balance")):  # fmt: skip
        assert "closed" not in answer.json()
    done = await office.post(f"/members/{member}/close", {"reason": "leaves us"}, Person="staff-7")
    assert done.status_code == 200, done.text
    for answer in (await reader.post("/members/find", {"card": card[5:]}, None),
                   await reader.get(f"/members/{member}/balance")):  # fmt: skip
        assert datetime.fromisoformat(answer.json()["closed"]).year >= 2026
    for query, states in (({"state": "valid"}, []), ({"state": "closed"}, ["closed"]), ({}, ["closed"])):
        told = (await reader.get(f"/members/{member}/vouchers", None, **query)).json()["vouchers"]
        assert [each["state"] for each in told] == states
        assert {each["voucher"] for each in told} <= {code}


async def test_entries_of_one_instant_are_told_in_their_order_on_whatever_page(shop: Api) -> None:
    """Twelve entries, the keys of which are in another order. Mechanism: pages are ordered by `seq`, not by `_id`."""
    member, reader, at = await shop.member(), await shop.asker(Role.reader), datetime(2026, 5, 1, tzinfo=UTC)
    entry = {"member": member, "kind": "purchase", "at": at, "awards": [], "postings": [], "event": b"{}"}
    keys = [f"/partners/bakery|{(7 * number) % 12}-{member}" for number in range(12)]
    await shop.database[JOURNAL].insert_many([entry | {"_id": key, "seq": n} for n, key in enumerate(keys, 1)])
    told: list[str] = []
    page: dict[str, Any] = {"limit": 5}
    while True:
        got = (await reader.get(f"/members/{member}/history", **page)).json()
        told += [each["entry"] for each in got["entries"]]
        if got["next"] is None:
            break
        page["cursor"] = got["next"]
    assert told == keys[::-1]
    # Others share this database, and replay what is in it.
    await shop.database[JOURNAL].delete_many({"_id": {"$in": keys}})


async def test_the_history_says_what_became_active_by_the_clock_and_by_a_milestone(shop: Api) -> None:
    member, reader, at = await shop.member(), await shop.asker(Role.reader), datetime(2026, 5, 1, tzinfo=UTC)
    entry = {"member": member, "at": at, "awards": [], "postings": []}
    said = b'{"kind":"activation","id":"a","wallet":"stars","points":0,"at":"2026-05-01T00:00:00+00:00","active":7}'
    await shop.database[JOURNAL].insert_many([
        entry | {"_id": f"a-{member}", "seq": 1, "kind": "activation", "event": said},
        entry | {"_id": f"m-{member}", "seq": 2, "kind": "milestone", "event": b"{}", "active": {"stars": 3}},
        entry | {"_id": f"p-{member}", "seq": 3, "kind": "purchase", "event": b"{}"},
    ])  # fmt: skip
    got = (await reader.get(f"/members/{member}/history")).json()["entries"]
    assert [each.get("activated") for each in got] == [None, {"stars": 3}, {"stars": 7}]
    await shop.database[JOURNAL].delete_many({"_id": {"$in": [f"{each}-{member}" for each in "amp"]}})  # as above


async def test_a_partner_that_nobody_knows_has_no_statement(shop: Api) -> None:
    office = await shop.asker(Role.back_office)
    days: dict[str, Any] = {"from": "2026-01-01", "to": "2026-02-01"}
    await shop.asker(Role.till, "stall")
    asked: tuple[tuple[str, dict[str, Any]], ...] = (("/statements", days), ("/packs", {}))
    for path, query in asked:
        got = {each: (await office.get(path, **query, partner=each)).status_code for each in ("nope", "kiosk", "stall")}
        assert got == {"nope": 422, "kiosk": 200, "stall": 200}


async def test_a_partner_sees_what_its_returns_took_late_and_no_others(shop: Api) -> None:
    """As it sees the returns. Mechanism: `late_for` in `reading`; without it neither its history nor `why` has what its
    statement says was taken back."""
    member = await shop.member()
    mine, other = [await shop.asker(Role.till, partner) for partner in ("bakery", "kiosk")]
    key = f"/earn/clock|{member}:late_return:1"
    named = {"wallet": "stars", "rule": "base", "version": 1}
    postings = [{"account": f"member:{member}", "amount": -4, **named},
                {"account": "partner:bakery:issued", "amount": 4, **named}]  # fmt: skip
    said = {"kind": "late_return", "id": f"{member}:late_return:1", "wallet": "stars", "points": -4}
    await shop.database[JOURNAL].insert_one({
        "_id": key, "member": member, "seq": 1, "kind": "late_return", "at": datetime(2026, 5, 1, tzinfo=UTC),
        "awards": [], "postings": postings, "event": orjson.dumps(said), "late_for": f"/partners/bakery|r-{member}",
    })  # fmt: skip
    [[told], _] = await reading.entries(shop.database, member, "bakery", None, 50)
    assert (told["_id"], reading.partner_at(told)) == (key, "bakery")
    why = (await mine.get(f"/members/{member}/why", entry=key)).json()["explained"]
    assert (why["kind"], why["postings"]) == ("late_return", postings)
    assert (await other.get(f"/members/{member}/history")).json()["entries"] == []
    assert (await other.get(f"/members/{member}/why", entry=key)).status_code == 404
    await shop.database[JOURNAL].delete_one({"_id": key})  # others share this database, and replay what is in it
