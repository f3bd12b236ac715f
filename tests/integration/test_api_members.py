"""Members over HTTP: who has signed up a moment ago, and what is told of accounts that have ended."""

from __future__ import annotations

from services.earn import intake, ledger
from shared.access.roles import Role
from shared.rules import membership
from tests.integration.apikit import Api, somebody


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
    spend = {"member": member, "wallet": "stars", "points": 2}
    assert (await till.post("/quotes", spend, None)).json()["code"] == "too_few_points"
    gift = {"member": member, "wallet": "stars", "points": 5, "reason": "a welcome"}
    for caller, path, body in ((till, "/holds", spend), (office, "/adjustments", gift)):
        answer = await caller.post(path, body, f"k-{member}", Person="staff-7")
        assert (answer.status_code, answer.json()["code"]) == (409, "joining"), answer.text
        assert int(answer.headers["retry-after"]) >= 1
    await shop.database[ledger.MEMBERS].insert_one(membership.newcomer(member))
    again = await office.post("/adjustments", gift, f"k-{member}", Person="staff-7")
    assert again.status_code == 201, "the same key, asked again, is decided anew"
