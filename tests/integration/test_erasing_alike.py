"""Who is called alike: names of other kinds, or at other partners, are other people's, and stay theirs."""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from services.earn.posting import JOURNAL
from shared.access.roles import Role
from shared.cli import main
from shared.ops.databases import ERASURES
from tests.integration.apikit import Api
from tests.integration.terminal import Commands
from tests.integration.test_erasing_words import erases


def bought(source: str, **names: Any) -> dict[str, Any]:
    return {"source": source, "id": "b-1", "type": "loyalty.purchase.v1", "data": names}


async def waits(shop: Api, id_: str, key: str, **names: Any) -> None:
    """An event that waits for a stranger's signup."""
    event = orjson.dumps(bought(key.split(":")[1] if key.startswith("ref:") else "/partners/mill", **names))
    origin = {"topic": "t", "partition": 0, "offset": 1}
    document = {"_id": id_, "identities": [key], "event": event, "value": event, "key": None, "origin": origin}
    await shop.database["waiting"].insert_one(document | {"received_ms": 1, "request": None})


async def test_a_short_card_is_nobody_elses_app_nor_number_at_a_partner(shop: Api, doublestar: Commands) -> None:
    """Mechanisms: kinds of plain words in `Terms`, and `numbered` of what waits. Without the first, strangers' events
    and others' dead letters are destroyed; without the second, an event that waits for somebody else and calls the
    person by a partner's number is found by the search for ever. An entry's origin is a text: it used to stop it."""
    card = str(secrets.randbelow(9_000) + 1_000)
    gone = await shop.member(5, f"card:{card}", f"ref:/partners/cafe:{card}")
    lives = await shop.member(5, f"app:{card}")
    database = shop.database
    strangers = {f"x-{lives}-1": f"ref:/partners/cho:{card}", f"x-{lives}-2": f"app:{card}x"}
    await waits(shop, f"x-{lives}-1", strangers[f"x-{lives}-1"], member={"reference": card})
    await waits(shop, f"x-{lives}-2", strangers[f"x-{lives}-2"], advocate={"app": card}, friend={"app": f"{card}x"})
    await waits(shop, f"x-{lives}-3", f"ref:/partners/cafe:{card}9", advocate={"reference": f"{card}9"},
                friend={"reference": card})  # fmt: skip
    letter = {"_id": f"earn-ledger|{lives}", "status": "open", "member": lives, "key": None,
              "value": orjson.dumps(bought("/partners/mill", member={"app": card}))}  # fmt: skip
    await database["dead_letters"].insert_one(letter)
    event = orjson.dumps({"data": {"member": lives, "event": bought("/partners/cho", member={"reference": card})}})
    entry: dict[str, Any] = {
        "_id": f"/partners/cho|{lives}",
        "kind": "purchase",
        "seq": None,
        "member": lives,
        "awards": [],
        "origin": "partner.cho:3:2",
    }
    entry |= {"facts": {}, "postings": [], "at": datetime(2026, 1, 1, tzinfo=UTC), "event": event}
    await database[JOURNAL].insert_one(dict(entry))
    assert "found nowhere" in await erases(doublestar, gone)
    for id_, key in strangers.items():
        left = await database["waiting"].find_one({"_id": id_})
        assert left is not None
        assert (left["identities"], left["event"]) == ([key], left["value"]), "it waits"
        assert left["event"]
    known = await database["waiting"].find_one({"_id": f"x-{lives}-3"})
    assert known is not None
    assert known["event"] is None, "it names the person by their number there"
    assert await database["dead_letters"].find_one({"_id": letter["_id"]}) == letter
    assert (await database[JOURNAL].find_one({"_id": entry["_id"]}) or {})["event"] == event
    assert await database["identities"].find_one({"_id": f"app:{card}"}) is not None
    await database["waiting"].delete_many({"_id": {"$regex": f"^x-{lives}"}})  # others share this database
    await database["dead_letters"].delete_many({"_id": {"$in": [letter["_id"], "earn-intake|t:0:1"]}})
    await database[JOURNAL].delete_one({"_id": entry["_id"]})


async def test_a_partners_long_number_is_looked_for_everywhere_unless_others_are_called_so(
    shop: Api, doublestar: Commands
) -> None:
    """Mechanism: `erasing_about.own_references`. Without it no number of a partner's is looked for but behind the
    partner; without its look at others, what is said of them by theirs would be taken for the person's."""
    own, shared = (f"C-{secrets.randbelow(10**9):09}" for _ in range(2))
    gone = await shop.member(5, f"ref:/partners/mill:{own}", f"ref:/partners/mill:{shared}")
    lives = await shop.member(5, f"ref:/partners/cho:{shared.lower()}")
    said = {"known": {"friends": ["2026-01-01", "e-1", f"{own}, {shared}"]}}
    await shop.database["members"].update_one({"_id": lives}, {"$set": said})
    event = bought("/partners/mill", advocate={"app": "x"}, friend={"app": "y"}, code=own)
    entry: dict[str, Any] = {"_id": f"/partners/mill|{lives}", "kind": "referral", "seq": None, "member": lives}
    entry |= {
        "awards": [],
        "facts": {"event.attributes.by": own},
        "postings": [],
        "at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    await shop.database[JOURNAL].insert_one(
        entry | {"event": orjson.dumps({"data": {"member": lives, "event": event}})}
    )
    assert "found nowhere" in await erases(doublestar, gone)
    found = await shop.database["members"].find_one({"_id": lives})
    assert found is not None
    assert found["known"]["friends"][2] == f"[erased], {shared}"
    left = await shop.database[JOURNAL].find_one({"_id": entry["_id"]})
    assert left is not None
    assert left["facts"] == {"event.attributes.by": "[erased]"}
    assert orjson.loads(left["event"])["data"]["event"]["data"] == event["data"] | {"code": "[erased]"}
    assert await shop.database["identities"].find_one({"_id": f"ref:/partners/cho:{shared.lower()}"}) is not None
    await shop.database[JOURNAL].delete_one({"_id": entry["_id"]})  # others share this database


@pytest.mark.parametrize("known", [True, False])
async def test_strangers_of_another_partner_keep_what_waits_whatever_its_key(
    shop: Api, doublestar: Commands, *, known: bool
) -> None:
    """Theirs is the same long number, and the key of their records; nobody has signed up by it there. Mechanisms: the
    key is no name (`waiting`, `letters`); where their identity is known, `own_references` leaves the key as it is, too.
    """
    number = f"UL-{secrets.randbelow(10**9):09}"
    gone = await shop.member(5, f"ref:/partners/cho:{number}")
    key, database = f"ref:/partners/cafe:{number}", shop.database
    if known:
        await database["identities"].insert_one({"_id": key, "member": None})
    await waits(shop, f"y-{gone}", key, member={"reference": number})
    await database["waiting"].update_one({"_id": f"y-{gone}"}, {"$set": {"key": number.encode()}})
    value = orjson.dumps(bought("/partners/cafe", member={"reference": number}))
    letter = {
        "_id": f"earn-ledger|cafe-{gone}",
        "status": "open",
        "member": None,
        "key": number.encode(),
        "value": value,
    }
    await database["dead_letters"].insert_one(letter)
    assert "found nowhere" in await erases(doublestar, gone)
    left = await database["waiting"].find_one_and_delete({"_id": f"y-{gone}"})  # others share this database
    assert left is not None
    assert (left["event"], left["key"] == number.encode()) == (value, known)
    kept = await database["dead_letters"].find_one_and_delete({"_id": letter["_id"]})
    assert kept is not None
    assert (kept["status"], kept["value"]) == ("open", value)
    await database["identities"].delete_one({"_id": key})


@pytest.mark.parametrize("kind", ["app", "ref:/partners/mart", "spelt"])
async def test_a_long_word_that_somebody_else_is_known_by_stays_theirs(
    shop: Api, doublestar: Commands, kind: str
) -> None:
    """Mechanism: `alike`. Without it the other's dead letter and waiting referral are destroyed, and the erasure, which
    finds their identity, never ends."""
    card = f"55{secrets.randbelow(10**10):010}"
    called = f"{card[:4]}-{card[4:]}" if kind == "spelt" else card
    ref = {"card": called} if kind == "spelt" else {"app": called} if kind == "app" else {"reference": called}
    gone = await shop.member(5, f"card:{card}")
    lives = await shop.member(5, f"{'card' if kind == 'spelt' else kind}:{called}")
    database, source = shop.database, "/partners/mart"
    value = orjson.dumps(bought(source, member=ref))
    letter = {"_id": f"earn-ledger|{lives}", "status": "open", "member": None, "key": b"", "value": value}
    await database["dead_letters"].insert_one(letter)
    await waits(shop, f"z-{lives}-1", f"ref:/partners/mart:{lives}", advocate=ref, friend={"reference": lives})
    await waits(shop, f"z-{lives}-2", f"app:{lives}", advocate={"card": card}, friend={"app": lives})
    note = {"known": {"friends": ["2026-01-01", "e-1", f"card {called}"]}}
    await database["members"].update_one({"_id": lives}, {"$set": note})
    proof = await erases(doublestar, gone)
    assert ("THE SAME NAME" in proof, "LEFT" in proof) == (True, False), proof
    assert await database["dead_letters"].find_one_and_delete({"_id": letter["_id"]}) == letter  # others share this
    theirs, mine = [await database["waiting"].find_one_and_delete({"_id": f"z-{lives}-{n}"}) or {} for n in (1, 2)]
    assert (bool(theirs["event"]), mine["event"]) == (True, None), (
        "one waits on, the other calls the person by the card"
    )
    left = await database["members"].find_one({"_id": lives})
    assert left is not None
    assert left["known"] == note["known"]
    await database["dead_letters"].delete_many({"member": None, "event": {"$regex": f"^z-{lives}"}})


async def test_what_only_mentions_the_person_waits_on_without_the_word(shop: Api, doublestar: Commands) -> None:
    """Mechanism: `Person.called`. Without it a stranger's purchase is gone whose till wrote who served them."""
    email = f"{secrets.token_hex(6)}@example.com"
    gone = await shop.member(5, f"email:{email}")
    key, database = f"card:{secrets.token_hex(8)}", shop.database
    await waits(shop, f"w-{gone}", key, member={"card": key[5:]}, attributes={"served_by": email})
    value = orjson.dumps(bought("/partners/mart", member={"card": key[5:]}, attributes={"served_by": email}))
    letter = {"_id": f"earn-ledger|{gone}", "status": "open", "member": None, "key": b"k", "value": value}
    await database["dead_letters"].insert_one(letter)
    assert "found nowhere" in await erases(doublestar, gone)
    left = await database["waiting"].find_one_and_delete({"_id": f"w-{gone}"})  # others share this database
    kept = await database["dead_letters"].find_one_and_delete({"_id": letter["_id"]})
    assert left is not None
    assert kept is not None
    assert (left["identities"], kept["status"], kept["key"]) == ([key], "open", b"k")
    for each in (left["event"], left["value"], kept["value"]):
        assert orjson.loads(each)["data"] == {"member": {"card": key[5:]}, "attributes": {"served_by": "[erased]"}}


async def test_who_asks_for_a_duplicate_does_not_end_the_survivor(shop: Api, doublestar: Commands) -> None:
    """Mechanism: `erasing_begun.survivor`. Without it two persons who agreed about one would erase another."""
    office, (survivor, duplicate) = await shop.asker(Role.back_office), (await shop.member(5), await shop.member(5))
    said: Any = {"member": duplicate, "into": survivor, "reason": "one person"}
    assert (await office.post("/merges", said, Person="staff-7")).status_code == 201
    asked = ("members", "erase", duplicate, "--reason", "by letter", "--person", "staff-7", "--approved-by", "staff-8")
    refused = await asyncio.to_thread(CliRunner().invoke, main.app, asked)
    assert refused.exit_code == 1
    assert f"{duplicate} was merged into {survivor}: ask about that one" in " ".join(refused.stderr.split())
    assert await shop.database[ERASURES].find_one({"_id": survivor}) is None


@pytest.mark.usefixtures("heard")
async def test_households_that_are_called_in_two_spellings_stay_two(shop: Api, doublestar: Commands) -> None:
    """Mechanisms: `Terms.household` by spelling; `erasing_households._renamed`, or the limits would be free again, or
    the erasure could never be ended once the old name was used again."""
    name = f"quinn{secrets.randbelow(10**9)}@example.com"
    gone = await shop.member(5, f"email:{name}")
    households, bound = shop.database["households"], "gift:household:times:ever"
    for said, used in ((name, {"ever": 2}), (name.upper(), {"ever": 1})):
        await households.insert_one({"_id": said, bound: used})
    assert "found nowhere" in await erases(doublestar, gone)
    left = await households.find({"_id": {"$regex": gone}}).to_list()
    assert sorted(each[bound]["ever"] for each in left) == [1, 2]
    # Cut off, and somebody of the household bought before it was run again.
    await households.insert_one({"_id": name, bound: {"ever": 4}})
    terms = {"strong": [name], "names": [], "keys": [f"email:{name}"], "references": []}
    again = {"state": "begun", "terms": terms, "done": {}, "freed": False}
    await shop.database[ERASURES].update_one({"_id": gone}, {"$set": again})
    await doublestar("members", "erase", "--approved")
    left = await households.find({"_id": {"$regex": gone}}).to_list()
    assert sorted(each[bound]["ever"] for each in left) == [1, 6]
    await households.delete_many({"_id": {"$in": [each["_id"] for each in left]}})


async def test_what_the_ledger_refuses_is_not_begun(shop: Api, doublestar: Commands) -> None:
    """A till holds points of the survivor's. Taken apart since, the duplicate is not erased with them when it is asked
    again. Mechanism: `RefusedError` in `erasing._erased`; without it whom it named then would be erased, and by
    `--approved` without having been asked again."""
    office, till = await shop.asker(Role.back_office), await shop.asker(Role.till, "bakery")
    duplicate, survivor = await shop.member(50), await shop.member(70)
    by: Any = {"Person": "staff-7"}
    said: Any = {"member": duplicate, "into": survivor, "reason": "one person"}
    assert (await office.post("/merges", said, **by)).status_code == 201
    hold = await till.held(survivor, 10)
    asked = ("members", "erase", survivor, "--reason", "by letter", "--person", "staff-7", "--approved-by", "staff-8")
    refused = await asyncio.to_thread(CliRunner().invoke, main.app, asked)
    assert (refused.exit_code, "set aside at a till" in refused.stderr) == (1, True), refused.output + refused.stderr
    assert await shop.database[ERASURES].find_one({"_id": survivor}) is None
    assert (await till.post(f"/holds/{hold}/release")).status_code == 200
    parted = await office.post(f"/members/{duplicate}/unmerge", {"reason": "two"}, **by)
    assert parted.status_code == 200
    assert "found nowhere" in await doublestar(*asked)
    assert await till.spendable(duplicate) == 50
