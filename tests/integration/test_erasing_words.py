"""What people wrote about somebody, wherever a command has put it, and however they spelt the name: erased, proven."""

from __future__ import annotations

import secrets
import unicodedata
from typing import Any

import orjson
import pytest

from services.earn.posting import JOURNAL
from shared.access.audit import AUDIT
from shared.access.roles import Role
from tests.integration.apikit import Api, Asker
from tests.integration.terminal import Commands


async def called(shop: Api, member: str, name: str) -> None:
    heard = {"known": {"name": ["2026-01-01", "e", name]}}
    await shop.pipeline.database("notify").members.replace_one({"_id": member}, heard, upsert=True)


async def gives(office: Asker, giver: str, taker: str, reason: str, once: str = "") -> None:
    said = {"member": giver, "to": taker, "wallet": "stars", "points": 20, "reason": reason}
    assert (await office.post("/transfers", said, once, Person="staff-7")).status_code == 201


async def erases(doublestar: Commands, member: str) -> str:
    by = ("--reason", "asked by letter", "--person", "staff-7", "--approved-by", "staff-8")
    return await doublestar("members", "erase", member, *by)


async def reasons(office: Asker, member: str) -> list[str]:
    """Of a member's entries, the newest first."""
    entries = (await office.get(f"/members/{member}/history")).json()["entries"]
    return [each["reason"] for each in entries if each.get("reason")]


async def everything(shop: Api) -> str:
    """All that is in the database, also the bytes of events, in lower case."""
    names = await shop.database.list_collection_names()
    return str([await shop.database[each].find({}).to_list() for each in names]).lower()


async def test_who_was_given_points_has_an_entry_that_is_about_the_giver_too(shop: Api, doublestar: Commands) -> None:
    """Mechanism: `erasing_steps.commands`. Without it the taker's entry, which names neither the giver nor an
    approval, keeps the giver's name, in `reason` and in its bytes, and the proof says `nowhere`."""
    office = await shop.asker(Role.back_office)
    giver, taker, other = [await shop.member(points) for points in (90, 10, 10)]
    await called(shop, giver, "Wilhelmina Abernathy")
    once = f"once-{secrets.token_hex(4)}"
    await gives(office, giver, taker, "Wilhelmina asked us to give them away", once)
    # Called as if it were a part of that command, but another's: it is not about the giver.
    await gives(office, taker, other, "Wilhelmina is a saint, too", f"{once}:{other}")
    assert "found nowhere" in await erases(doublestar, giver)
    assert await reasons(office, taker) == ["Wilhelmina is a saint, too", "[erased] asked us to give them away"]
    assert await reasons(office, other) == ["Wilhelmina is a saint, too"]
    entry = await shop.database[JOURNAL].find_one({"_id": f"/earn/api/{office.name}|{once} {taker}"})
    assert entry is not None
    assert entry["reason"] == orjson.loads(entry["event"])["reason"] == "[erased] asked us to give them away"
    assert (await everything(shop)).count("wilhelmina") == 2 * 2 + 1, "entry, bytes, of both sides; and the log"
    await shop.database[AUDIT].delete_many({"said.to": other})  # others share this database


@pytest.mark.parametrize("earlier", [False, True])
async def test_what_was_given_to_somebody_is_about_them_in_the_givers_entry(
    shop: Api, doublestar: Commands, *, earlier: bool
) -> None:
    """Also where an earlier release wrote it, with a colon in the taker's key."""
    office = await shop.asker(Role.back_office)
    giver, taker = await shop.member(90), await shop.member(10)
    await called(shop, taker, "Theophila Abernathy")
    await gives(office, giver, taker, "Theophila has none left")
    second = await shop.database[JOURNAL].find_one({"_id": {"$regex": f" {taker}$"}})
    assert second is not None
    if earlier:
        await shop.database[JOURNAL].delete_one({"_id": second["_id"]})
        await shop.database[JOURNAL].insert_one(second | {"_id": second["_id"].replace(" ", ":")})
    assert "found nowhere" in await erases(doublestar, taker)
    assert await reasons(office, giver) == ["[erased] has none left"]
    assert "theophila" not in await everything(shop)


@pytest.mark.parametrize("back", [False, True])
async def test_both_sides_of_a_merge_are_about_either(shop: Api, doublestar: Commands, *, back: bool) -> None:
    """Taken apart again, only one of the two is erased."""
    office = await shop.asker(Role.back_office)
    duplicate, survivor = await shop.member(5), await shop.member(7)
    await called(shop, duplicate, "Ermintrude Abernathy")
    by = {"Person": "staff-7"}
    said: Any = {"member": duplicate, "into": survivor, "reason": "Ermintrude has two cards"}
    assert (await office.post("/merges", said, **by)).status_code == 201
    if back:
        said = {"reason": "Ermintrude has a twin"}
        assert (await office.post(f"/members/{duplicate}/unmerge", said, **by)).status_code == 200
    assert "found nowhere" in await erases(doublestar, duplicate if back else survivor)
    assert "ermintrude" not in await everything(shop)
    expected = ["[erased] has a twin"] * back + ["[erased] has two cards"]
    assert [each for each in await reasons(office, survivor) if "letter" not in each] == expected


SPELT = {  # reasons, and what is left of them
    unicodedata.normalize("NFD", "Gisèle called"): "[erased] called",
    "GISELE without an accent": "[erased] without an accent",
    "Ms Køhler only": "Ms [erased] only",
    "Vandenberghe, that is": "[erased], that is",
    "phone +351 912 338600": "phone [erased]",
    "phone +351-912-338-600": "phone [erased]",
    "phone (912) 338/600": "phone ([erased]",
    "phone 0912338600": "phone [erased]",
    "phone 912.338.600": "phone [erased]",
    "card nna5f318-9988 7766": "card [erased]",
}


async def test_whoever_is_written_about_in_other_letters_is_erased_all_the_same(
    shop: Api, doublestar: Commands
) -> None:
    """Mechanism: `shared.ops.spellings`. Without it all of these stay in the journal, the audit log and approvals, and
    the proof says `nowhere`."""
    office = await shop.asker(Role.back_office)
    member = await shop.member(90, "phone:+351912338600", "card:NNa5f31899887766")
    other = await shop.member(10)
    await called(shop, member, "Gisèle Vandenberghe-Køhler")
    for whom, each in (*((member, each) for each in SPELT), (other, "Gisele, 25 000 stars, part of 0912338600")):
        said = {"member": whom, "wallet": "stars", "points": 5, "kind": "goodwill", "reason": each}
        assert (await office.post("/adjustments", said, Person="staff-7")).status_code == 201
    said = {"member": member, "wallet": "stars", "points": 501, "kind": "goodwill", "reason": "for MS KOHLER"}
    assert (await office.post("/adjustments", said, Person="staff-7")).status_code == 202
    assert "found nowhere" in await erases(doublestar, member)
    assert await reasons(office, member) == ["asked by letter", *reversed(SPELT.values())]
    assert await reasons(office, other) == ["Gisele, 25 000 stars, part of 0912338600"]
    found = shop.database[AUDIT].find({"said.member": member, "said.reason": {"$exists": True}}).sort("_id", 1)
    assert [each["said"]["reason"] async for each in found] == [*SPELT.values(), "for MS [erased]", "asked by letter"]
    waits = await shop.database["approvals"].find_one({"said.member": member})
    assert waits is not None
    assert waits["said"]["reason"] == "for MS [erased]"


async def test_what_was_bought_under_the_persons_number_goes_from_the_survivors_entries_and_no_other_name(
    shop: Api, doublestar: Commands
) -> None:
    """Apart again, the duplicate is erased. Their number at the mill goes from what was bought under it for the
    survivor (mechanism: `redacting.unnamed`); the survivor's own number, and a phone of the survivor's that the
    duplicate once gave, stay the survivor's (mechanism: `others` of `_called`; or its owner would never be found)."""
    office, phone = await shop.asker(Role.back_office), f"+849{secrets.randbelow(10**8):08}"
    duplicate, survivor = await shop.member(5), await shop.member(7)
    said: Any = {"member": duplicate, "into": survivor, "reason": "one person"}
    assert (await office.post("/merges", said, Person="staff-7")).status_code == 201
    again = await office.post(f"/members/{duplicate}/unmerge", {"reason": "two"}, Person="staff-7")
    assert again.status_code == 200
    card = f"card-{secrets.randbelow(10**12):012}"
    names = {f"ref:/partners/mill:{duplicate}": duplicate, f"card:{card}": duplicate, f"phone:{phone}": survivor}
    await called(shop, duplicate, "Perpetua Abernathy")
    await shop.database["identities"].insert_many([{"_id": key, "member": of} for key, of in names.items()])
    theirs = {"reference": duplicate, "phone": phone}
    own, friends = {"reference": "c-78"}, {"advocate": {"reference": "c-78"}, "friend": {"reference": duplicate}}
    told: list[tuple[str, dict[str, Any]]] = [
        (survivor, {"member": theirs}),
        (survivor, {"member": own}),
        (duplicate, {"member": theirs}),
        (survivor, friends),
        (survivor, {"member": {"card": card, "phone": phone}}),
    ]
    bought = {"lines": [{"product": "p", "attributes": {"organic": "yes"}}], "payment": "cash"}
    note = {"attributes": {"note": f"{card} of Perpetua Abernathy"}}
    for number, (of, names_in_it) in enumerate(told):
        event = {"source": "/partners/mill", "id": f"b-{number}", "data": {**names_in_it, **bought, **note}}
        raw = orjson.dumps({"data": {"member": of, "request": "r-1", "event": event}})
        entry: dict[str, Any] = {"kind": "purchase", "seq": None, "awards": [], "postings": [], "request": "r-1"}
        entry |= {"_id": f"/partners/mill|{duplicate}-{number}", "member": of, "event": raw}
        await shop.database[JOURNAL].insert_one(entry | {"facts": {"member.tier": "gold"}})
    letter = {"_id": f"earn-ledger|mill-{duplicate}", "status": "open", "member": survivor, "key": None,
              "value": orjson.dumps({"source": "/partners/mill", "data": {"member": theirs}})}  # fmt: skip
    await shop.database["dead_letters"].insert_one(letter)
    assert "found nowhere" in await erases(doublestar, duplicate)
    found = await shop.database[JOURNAL].find({"_id": {"$regex": f"mill.{duplicate}"}}).sort("_id", 1).to_list()
    left = [orjson.loads(each["event"])["data"]["event"]["data"] for each in found]
    erased = {"reference": "erased"}
    assert [{name: each[name] for name in ("member", "advocate", "friend") if name in each} for each in left] == [
        {"member": {"phone": phone}}, {"member": {"reference": "c-78"}}, {"member": erased},
        {"advocate": {"reference": "c-78"}, "friend": erased}, {"member": {"phone": phone}},
    ]  # fmt: skip
    # What came back of the survivor's goods later is reckoned by all else that their entry says.
    assert [bought.items() <= each.items() for each in left] == [True, True, False, True, True]
    assert {each["attributes"]["note"] for each in left if "attributes" in each} == {"[erased] of [erased]"}
    assert ["member.tier" in each["facts"] for each in found] == [True, True, False, True, True]
    assert [each["request"] for each in found] == [None, "r-1", None, None, None], "its sender's"
    gone = await shop.database["dead_letters"].find_one({"_id": letter["_id"]})
    assert gone is not None
    assert (gone["status"], gone["value"]) == ("erased", b"")
    assert await shop.database["identities"].find_one({"_id": f"phone:{phone}"}) == {
        "_id": f"phone:{phone}", "member": survivor,
    }  # fmt: skip
    await shop.database[JOURNAL].delete_many({"_id": {"$regex": f"mill.{duplicate}"}})  # others share this database
    await shop.database["identities"].delete_one({"_id": f"phone:{phone}"})
    await shop.database["dead_letters"].delete_one({"_id": letter["_id"]})


async def test_what_is_said_of_somebody_after_their_erasure_is_not_noted(shop: Api, doublestar: Commands) -> None:
    """A request that is sent again, an approval of what was asked before, another erasure, and something new: each with
    the name. Mechanisms: `AuditLog._erased`; `ERASED` of the desk, without which a second erasure would wait, with its
    reason, for a second person."""
    office = await shop.asker(Role.back_office)
    member, taker = await shop.member(90), await shop.member(10)
    await called(shop, member, "Quentin Vanloo")
    small: Any = {"member": member, "wallet": "stars", "points": 5, "kind": "goodwill", "reason": "Quentin was angry"}
    large = small | {"points": 501, "reason": "Vanloo was furious"}
    given: Any = {"member": taker, "to": member, "wallet": "stars", "points": 1, "reason": "for Quentin"}

    async def asks() -> list[tuple[int, str]]:
        found = [
            await office.post("/adjustments", small, f"small-{member}", Person="staff-7"),
            await office.post("/adjustments", large, f"large-{member}", Person="staff-7"),
            await office.post("/transfers", given, f"given-{member}", Person="staff-7"),
        ]
        return [(each.status_code, each.json().get("approval", "")) for each in found]

    asked = await asks()
    assert [status for status, _ in asked] == [201, 202, 201]
    refused: Any = {"reason": "Quentin has had enough"}
    approval = f"/approvals/{asked[1][1]}/refuse"
    assert (await office.post(approval, refused, f"no-{member}", Person="staff-8")).status_code == 200
    assert "found nowhere" in await erases(doublestar, member)
    assert await asks() == asked
    assert (await office.post(approval, refused, f"no-{member}", Person="staff-8")).status_code == 200
    new = await office.post("/adjustments", small, Person="staff-7")
    again = await office.post(f"/members/{member}/erase", {"reason": "Vanloo again"}, Person="staff-7")
    assert [(each.status_code, each.json()["code"]) for each in (new, again)] == [(409, "closed"), (409, "erased")]
    text = await everything(shop)
    assert "quentin" not in text
    assert "vanloo" not in text
    log = shop.database[AUDIT].find({"$or": [{"said.member": member}, {"said.to": member}]}).sort("_id", -1).limit(5)
    assert [each["said"]["reason"] async for each in log] == 5 * ["[erased]"]
    ends = [each["outcome"] async for each in shop.database[AUDIT].find({"of": {"$ne": None}}).sort("_id", -1).limit(6)]
    assert sorted(ends) == ["closed", *4 * ["done_before"], "erased"]


@pytest.mark.usefixtures("heard")
async def test_a_household_called_as_somebody_was_stays_one_of_its_own(shop: Api, doublestar: Commands) -> None:
    """Two households, each called by the e-mail of somebody who is erased. Mechanisms: `Terms.apart`, without which the
    two would be one, and spend each other's points; `erasing_households.households`, without which the search finds the
    e-mail as an id for ever, and what they have used of limits is forgotten."""
    shared, homes = shop.database["households"], list[str]()
    for _ in range(2):
        email = f"{secrets.token_hex(6)}@example.com"
        gone, one, other = await shop.member(5, f"email:{email}"), await shop.member(5), await shop.member(5)
        known = {"household": email, "known": {"profile.household": ["2026-01-01", "e-1", email]}}
        await shop.database["members"].update_many({"_id": {"$in": [one, other]}}, {"$set": known})
        await shared.insert_one({"_id": email, "limit:base.day": {"2026-01-01": 3}})
        assert "found nowhere" in await erases(doublestar, gone)
        found = await shop.database["members"].find({"_id": {"$in": [one, other]}}).to_list()
        assert {each["household"] for each in found} == {each["known"]["profile.household"][2] for each in found}
        assert email not in await everything(shop)
        homes += {each["household"] for each in found}
        assert await shared.find_one({"_id": homes[-1]}) == {"_id": homes[-1], "limit:base.day": {"2026-01-01": 3}}
    assert len(set(homes)) == 2
    await shared.delete_many({"_id": {"$in": homes}})
