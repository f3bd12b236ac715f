"""Households of others that are called by a name of an erased person: renamed, while what was said of them is read."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import Any

import pytest
from typer.testing import CliRunner

from shared.cli import main
from shared.ops import erasing_households
from shared.ops.databases import ERASURES, database
from shared.ops.erasing_about import Client
from shared.ops.erasing_person import Person
from shared.ops.erasing_steps import STEPS
from shared.publishing.registry import RefusedError
from shared.settings import Settings
from tests.integration.apikit import Api
from tests.integration.terminal import Commands
from tests.integration.test_erasing_resumed import cut_off_in
from tests.integration.test_erasing_words import erases

pytestmark = pytest.mark.usefixtures("heard")


async def test_a_household_goes_by_its_new_word_with_all_that_it_has_used(shop: Api, doublestar: Commands) -> None:
    """Cut off right after it. Mechanism: `erasing_households._renamed`: were its members renamed later, whoever of them
    buys meanwhile would have the household's limits again."""
    email = f"{secrets.token_hex(6)}@example.com"
    gone, mate, database = await shop.member(5, f"email:{email}"), await shop.member(5), shop.database
    await shop.together(email, mate)
    await database["households"].insert_one({"_id": email, "limit:household:times:day": {"2026-01-01": 1}})

    asked = ("members", "erase", gone, "--reason", "by letter", "--person", "staff-7", "--approved-by", "staff-8")
    with cut_off_in("elsewhere"):
        assert (await asyncio.to_thread(CliRunner().invoke, main.app, asked)).exit_code == 1
    household = (await shop.document(mate))["household"]
    assert household.startswith(f"[erased]_{gone}_")
    used = await database["households"].find_one({"_id": household})
    assert used == {"_id": household, "limit:household:times:day": {"2026-01-01": 1}}
    assert "found nowhere" in await doublestar("members", "erase", "--approved")
    assert (await shop.document(mate))["household"] == household
    await database["households"].delete_one({"_id": household})  # others share this database


async def test_a_household_that_one_service_has_renamed_is_renamed_by_all(shop: Api, doublestar: Commands) -> None:
    """Cut off between earn and campaigns; before it is run again somebody is an app's user by the person's card.
    Mechanism: `shared` of the note, asked once; asked anew, campaigns would keep the card, told as somebody
    else's."""
    card = f"42{secrets.randbelow(10**10):010}"
    gone = await shop.member(5, f"card:{card}")
    assert "found nowhere" in await erases(doublestar, gone)
    await shop.member(5, f"app:{card}")
    counters = shop.pipeline.database("campaigns")["households"]
    await counters.insert_one({"_id": card, "bonus:household:times:month": {"2026-01": 1}})
    terms = {"strong": [card], "names": [], "keys": [f"card:{card}"], "references": [], "shared": []}
    again = {"state": "begun", "terms": terms, "done": {}, "freed": False}
    await shop.database[ERASURES].update_one({"_id": gone}, {"$set": again})
    await doublestar("members", "erase", "--approved")
    assert await counters.find_one({"_id": card}) is None


async def test_of_a_household_that_two_are_called_by_nothing_is_counted_twice(
    shop: Api, doublestar: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first erasure is cut off between its copy and earn's renaming. Mechanism: `awaited`; without it the second
    copies what was copied for the first as well, and the limit of the others is used up by what nobody has won."""
    emails = [f"{secrets.token_hex(6)}@example.com" for _ in range(2)]
    one, two = [await shop.member(5, f"email:{each}") for each in emails]
    mate, name = await shop.member(5), " & ".join(emails)
    await shop.together(name, mate)
    counters, bound = shop.pipeline.database("campaigns")["households"], "bonus:household:times:ever"
    await counters.insert_one({"_id": name, bound: {"ever": 3}})

    async def cut_off(*_: Any) -> int:
        raise RefusedError("cut off")

    by = ("--reason", "by letter", "--person", "staff-7", "--approved-by", "staff-8", "--patience", "0")
    with monkeypatch.context() as broken:
        broken.setattr(erasing_households, "_renamed", cut_off)
        done = await asyncio.to_thread(CliRunner().invoke, main.app, ["members", "erase", one, *by])
        assert done.exit_code == 1
    waits_ = await asyncio.to_thread(CliRunner().invoke, main.app, ["members", "erase", two, *by])
    assert waits_.exit_code == 1
    assert f"LEFT: the erasure of {one} renames others' households and has not ended" in " ".join(waits_.output.split())
    assert (await shop.document(mate))["household"] == name
    for who in (one, two):
        assert "found nowhere" in await doublestar("members", "erase", who, *by)
    household = (await shop.document(mate))["household"]
    assert household == f"[erased]_{one}_1 & [erased]_{two}_1"
    found = await counters.find({"_id": {"$in": [household, name]}}).to_list()
    assert found == [{"_id": household, bound: {"ever": 3}}]
    assert await counters.count_documents({"_id": {"$regex": one}}) == 1
    await counters.delete_one({"_id": household})


async def test_what_a_household_has_used_counts_on_in_all_services(
    shop: Api, doublestar: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off between any two steps, while campaigns counts under both words. Mechanisms: `households` copies before
    earn renames: without it campaigns knows of nothing used under the word that earn tells it from then on; `_carried`
    notes what it has copied: without that it would be added again, or what was on its way be thrown away."""
    email = f"{secrets.token_hex(6)}@example.com"
    gone, mate = await shop.member(5, f"email:{email}"), await shop.member(5)
    await shop.together(email, mate)
    counters, bound = shop.pipeline.database("campaigns")["households"], "bonus:household:times:month"
    await counters.insert_one({"_id": email, bound: {"2026-01": 1, "2026-02": 1}})

    async def cut_off(*_: Any) -> int:
        raise RefusedError("cut off")

    asked = ("members", "erase", gone, "--reason", "by letter", "--person", "staff-7", "--approved-by", "staff-8")
    with monkeypatch.context() as broken:
        broken.setattr(erasing_households, "_renamed", cut_off)
        assert (await asyncio.to_thread(CliRunner().invoke, main.app, asked)).exit_code == 1
    assert (await shop.document(mate))["household"] == email
    await counters.update_one({"_id": email}, {"$set": {f"{bound}.2026-01": 2}})  # they buy
    with cut_off_in("household_uses"):
        assert (await asyncio.to_thread(CliRunner().invoke, main.app, asked)).exit_code == 1
    household = (await shop.document(mate))["household"]
    assert household.startswith(f"[erased]_{gone}_")
    new = {"_id": household}
    assert await counters.find_one(new) == new | {bound: {"2026-01": 2, "2026-02": 1}}
    # Of January something comes back, in March they buy; what was on its way says by the old word that February's has
    # come back, and that they bought in March.
    await counters.replace_one(new, new | {bound: {"2026-01": 1, "2026-02": 1, "2026-03": 1}})
    await counters.replace_one({"_id": email}, {"_id": email, bound: {"2026-01": 2, "2026-03": 1}})
    [ended] = json.loads(await doublestar("members", "erase", "--approved", "--json"))
    assert (ended["ok"], ended["proof"]["member"]) == (True, gone)
    assert json.loads(await doublestar("members", "erase", "--approved", "--json")) == []
    assert await counters.find_one_and_delete(new) == new | {bound: {"2026-01": 1, "2026-03": 2}}
    assert await counters.find_one({"_id": email}) is None
    note = await shop.database[ERASURES].find_one({"_id": gone})
    assert note is not None
    assert (note["state"], "terms" in note) == ("done", False)


async def test_a_household_that_is_called_so_after_the_names_are_free_is_another(
    shop: Api, doublestar: Commands
) -> None:
    """Whoever has the address now calls her own household by it, and the erasure is run again. Mechanism: `freed`,
    which is noted in the transaction of `identities`; without it she would share points with strangers."""
    email = f"{secrets.token_hex(6)}@example.com"
    gone, mate, new = await shop.member(5, f"email:{email}"), await shop.member(5), await shop.member(5)
    await shop.together(email, mate)
    assert "found nowhere" in await erases(doublestar, gone)
    await shop.together(email, new)
    await shop.database["households"].insert_one({"_id": email, "limit:household:times:day": {"2026-01-01": 1}})
    terms = {"strong": [email], "names": [], "keys": [f"email:{email}"], "references": [], "shared": []}
    again = {
        "$set": {"state": "begun", "terms": terms},
        "$unset": {"done.identities": ""},
    }  # killed before it noted that
    await shop.database[ERASURES].update_one({"_id": gone}, again)
    await doublestar("members", "erase", "--approved")
    assert (await shop.document(new))["household"] == email != (await shop.document(mate))["household"]
    assert await shop.database["households"].find_one_and_delete({"_id": email}) is not None


async def test_what_earn_has_to_publish_still_tells_the_old_word(
    shop: Api, doublestar: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decided before the renaming, and not on its way yet when that is done. Mechanisms: `HEARD` has the second step,
    too, and `unheard` waits for earn's outbox, or the word comes back; `household_uses` adds what is counted by then,
    or a limit would be free again."""
    email, renamed = f"{secrets.token_hex(6)}@example.com", STEPS["households"]
    gone, mate = await shop.member(5, f"email:{email}"), await shop.member(5)
    await shop.together(email, mate)
    counters, bound = shop.pipeline.database("campaigns")["households"], "bonus:household:times:ever"
    waits = {"_id": f"outbox-{gone}", "consumer": "earn-ledger", "places": ["t:0"], "messages": []}

    async def decided(client: Client, settings: Settings, person: Person) -> int:
        await database(client, "earn", settings)["outbox"].insert_one(waits)
        return await renamed(client, settings, person)

    async def read(client: Client, settings: Settings, person: Person) -> int:
        count = await renamed(client, settings, person)
        await database(client, "campaigns", settings)["households"].insert_one({"_id": email, bound: {"ever": 1}})
        return count

    asked = ("members", "erase", gone, "--reason", "by letter", "--person", "staff-7", "--approved-by", "staff-8")
    with monkeypatch.context() as broken:
        broken.setitem(STEPS, "households", decided)
        shown = await asyncio.to_thread(CliRunner().invoke, main.app, [*asked, "--patience", "0.2"])
    assert (shown.exit_code, "LEFT: earn has 1 outbox documents to publish" in shown.output) == (1, True), shown.output
    assert (await shop.database[ERASURES].find_one({"_id": gone}) or {})["state"] == "begun"
    household = (await shop.document(mate))["household"]
    assert household.startswith(f"[erased]_{gone}_")
    await shop.database["outbox"].delete_one({"_id": waits["_id"]})
    with monkeypatch.context() as broken:
        broken.setitem(STEPS, "households", read)
        assert "found nowhere" in await doublestar("members", "erase", "--approved")
    assert await counters.find_one({"_id": email}) is None
    assert await counters.find_one_and_delete({"_id": household}) == {"_id": household, bound: {"ever": 1}}
