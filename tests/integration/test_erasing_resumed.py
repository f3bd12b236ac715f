"""Erasures that were cut off and are run again; and whom a name means meanwhile."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from services.earn.counter import terminal
from services.earn.counter.handler import CounterHandler
from services.earn.counter.queue import Queue
from shared.access.roles import Role
from shared.cli import main
from shared.clock import wall
from shared.events.topics import ACCRUALS
from shared.ops.databases import ERASURES
from shared.ops.erasing_steps import STEPS
from shared.publishing.registry import RefusedError
from shared.rules.rulebook import Rulebook
from shared.runtime.batch import BatchLoop
from shared.runtime.mongo import MongoStore
from shared.runtime.publisher import Publisher
from shared.runtime.reading import read
from shared.runtime.records import Message
from tests.integration.apikit import Api
from tests.integration.terminal import Commands
from tests.integration.test_erasing_alike import bought, waits
from tests.integration.test_erasing_words import erases

LEFT = {"places": "counter-terminal:0"}  # of the outbox: by a command at a terminal


@contextmanager
def cut_off_in(step: str) -> Iterator[None]:
    """As if whoever runs it died there."""

    async def cut_off(*_: Any) -> int:
        raise RefusedError("cut off")

    whole, STEPS[step] = STEPS[step], cut_off
    try:
        yield
    finally:
        STEPS[step] = whole


async def test_who_signed_up_by_an_erased_name_is_not_erased_with_the_one_before(
    shop: Api, doublestar: Commands
) -> None:
    """The erasure was cut off, and somebody new has the card. Mechanisms: `alike` at each run, without which what waits
    of the new one is destroyed; `earlier` asks who has the name now, or their erasure could not be asked for."""
    card = f"44{secrets.randbelow(10**10):010}"
    gone = await shop.member(5, f"card:{card}")
    assert "found nowhere" in await erases(doublestar, gone)
    terms = {"strong": [card], "names": [], "keys": [f"card:{card}"], "references": []}
    await shop.database[ERASURES].update_one({"_id": gone}, {"$set": {"state": "begun", "terms": terms}})
    new = await shop.member(5, f"card:{card}")
    await waits(shop, f"v-{new}", f"app:{new}", advocate={"card": card}, friend={"app": new})
    await doublestar("members", "erase", "--approved")
    left = await shop.database["waiting"].find_one_and_delete({"_id": f"v-{new}"})  # others share this database
    assert left is not None
    assert left["event"] is not None
    assert (await shop.database[ERASURES].find_one({"_id": gone}) or {})["state"] == "done"
    assert f"erasure of {new}" in await erases(doublestar, f"card:{card}")


async def test_by_a_name_that_has_passed_on_nobody_is_erased_who_was_not_meant(shop: Api, doublestar: Commands) -> None:
    """The same command again, after a run that was cut off at its end. Mechanism: `erasing_begun.earlier`."""
    card = f"43{secrets.randbelow(10**10):010}"
    gone = await shop.member(5, f"card:{card}")
    assert "found nowhere" in await erases(doublestar, f"card:{card}")
    terms = {"strong": [card], "names": [], "keys": [f"card:{card}"], "references": []}
    await shop.database[ERASURES].update_one({"_id": gone}, {"$set": {"state": "begun", "terms": terms}})
    new = await shop.member(5, f"card:{card}")
    asked = ("members", "erase", f"card:{card}", "--reason", "by letter", "--person", "staff-7", "--approved-by", "x")
    refused = await asyncio.to_thread(CliRunner().invoke, main.app, asked)
    said = " ".join(refused.stderr.split())
    assert (refused.exit_code, f"card:{card} is {new} by now" in said, gone in said) == (1, True, True), said
    await doublestar("members", "erase", "--approved")


async def test_a_name_that_only_an_event_told_is_erased_and_freed(shop: Api, doublestar: Commands) -> None:
    """A purchase before the signup told card and e-mail, the signup the card. Mechanisms: `Comparing` until names are
    freed, and `identities` of nobody's."""
    email = f"{secrets.token_hex(6)}@example.com"
    gone, database = await shop.member(5), shop.database
    await database["identities"].insert_one({"_id": f"email:{email}", "member": None, "touched": 1})
    terms = {"strong": [email], "names": [], "keys": [f"email:{email}"], "references": []}
    begun = {"_id": gone, "persons": [gone], "reason": "r", "person": "a", "approved_by": "b", "state": "begun"}
    at = datetime(2026, 1, 1, tzinfo=UTC)
    await database[ERASURES].insert_one(begun | {"terms": terms, "done": {}, "begun": at})
    value = orjson.dumps(bought("/partners/mart", member={"email": email}))
    letter = {"_id": f"earn-ledger|{gone}", "status": "open", "member": None, "key": b"", "value": value}
    await database["dead_letters"].insert_one(letter)
    assert "found nowhere" in await erases(doublestar, gone)
    assert (await database["dead_letters"].find_one_and_delete({"_id": letter["_id"]}) or {})["status"] == "erased"
    assert await database["identities"].find_one({"_id": f"email:{email}"}) is None


async def test_until_an_erasure_has_ended_nobody_new_has_the_names(shop: Api, doublestar: Commands) -> None:
    """Mechanism: `identities` is the last of `STEPS`. Before, whoever signed up by the card while a cut-off erasure
    waited to be run again was paid for the erased person's referral, and shared a household with strangers."""
    card = f"33{secrets.randbelow(10**10):010}"
    gone = await shop.member(5, f"card:{card}")

    asked = ("members", "erase", gone, "--reason", "by letter", "--person", "staff-7", "--approved-by", "staff-8")
    with cut_off_in("elsewhere"):
        assert (await asyncio.to_thread(CliRunner().invoke, main.app, asked)).exit_code == 1
    assert (await shop.database["identities"].find_one({"_id": f"card:{card}"}) or {})["member"] == gone
    assert "found nowhere" in await doublestar("members", "erase", "--approved")
    assert await shop.database["identities"].find_one({"_id": f"card:{card}"}) is None


async def test_what_the_ledger_has_done_is_ended_by_whoever_runs_it_next(shop: Api, doublestar: Commands) -> None:
    """The command line died right after the ledger's part. Mechanism: the note in its transaction (`people.erase`).
    Noted before, who was merged or taken apart in between was forgotten, or destroyed with the account alive."""
    card = f"bakery-{secrets.token_hex(5)}"
    gone = await shop.member(5, f"ref:/partners/bakery:{card}")
    await terminal.member(shop.pipeline.settings, "erase", gone, "by letter", "staff-7", approved_by="staff-8")
    office = await shop.asker(Role.back_office)
    said: Any = {"member": await shop.member(5), "into": gone, "reason": "one person"}
    assert (await office.post("/merges", said, Person="staff-7")).json()["code"] == "closed"
    assert "found nowhere" in await erases(doublestar, f"bakery:{card}")
    assert (await shop.database[ERASURES].find_one({"_id": gone}) or {})["state"] == "done"


async def test_a_run_that_was_cut_off_is_found_by_any_name_of_the_person(shop: Api, doublestar: Commands) -> None:
    """Their names are free already. Mechanism: `erasing_begun.earlier` by identities' keys; by words alone nobody would
    be there, and an operator take it for done."""
    number, email = secrets.token_hex(5), f"{secrets.token_hex(5)}@example.com"
    keys = [f"ref:/partners/bakery:{number}", f"email:{email}"]
    gone = await shop.member(5, *keys)
    assert "found nowhere" in await erases(doublestar, gone)
    terms = {"strong": [keys[0], email], "names": [], "keys": keys, "references": []}
    for name in (f"bakery:{number}", email.upper(), f"email:{email}"):
        await shop.database[ERASURES].update_one({"_id": gone}, {"$set": {"state": "begun", "terms": terms}})
        assert f"erasure of {gone}" in await erases(doublestar, name)


async def test_the_notes_of_other_erasures_are_looked_into_too(shop: Api, doublestar: Commands) -> None:
    """Mechanism: `erasing_steps.said_of`; without it what somebody wrote about the one stays in the note of the other.
    What that one looks for stays: it may be the same address."""
    email = f"{secrets.token_hex(6)}@example.com"
    gone, other, at = await shop.member(5, f"email:{email}"), await shop.member(5), datetime(2026, 1, 1, tzinfo=UTC)
    terms = {"strong": [email], "names": [], "keys": [], "references": []}
    note = {"_id": other, "persons": [other], "person": "a", "approved_by": "b", "state": "begun", "begun": at}
    await shop.database[ERASURES].insert_one(note | {"reason": f"{email} wrote", "terms": terms, "done": {}})
    assert "found nowhere" in await erases(doublestar, gone)
    left = await shop.database[ERASURES].find_one_and_delete({"_id": other})
    assert left is not None
    assert (left["reason"], left["terms"]) == ("[erased] wrote", terms)


async def test_one_erasure_that_cannot_end_keeps_no_other_from_it(shop: Api, doublestar: Commands) -> None:
    """Mechanism: `cli.members._ended`."""
    first, second = sorted([await shop.member(5), await shop.member(5)])
    hold = await (till := await shop.asker(Role.till, "bakery")).held(first, 2)
    at = datetime(2020, 1, 1, tzinfo=UTC)
    for who, when in ((first, at), (second, datetime(2020, 1, 2, tzinfo=UTC))):
        note = {"_id": who, "persons": [who], "reason": "r", "person": "a", "approved_by": "b", "begun": when}
        terms: Any = {"strong": [], "names": [], "keys": [], "references": []}
        # As an earlier release noted them: before the ledger's part.
        await shop.database[ERASURES].insert_one(note | {"state": "begun", "terms": terms, "done": {"waiting": 0}})
    shown = await asyncio.to_thread(CliRunner().invoke, main.app, ["members", "erase", "--approved"])
    assert shown.exit_code == 1
    assert (await shop.database[ERASURES].find_one({"_id": second}) or {})["state"] == "done"
    assert (await till.post(f"/holds/{hold}/release")).status_code == 200
    assert f"erasure of {first}" in await doublestar("members", "erase", "--approved")


async def test_a_fault_of_ours_in_one_erasure_keeps_no_other_from_it(shop: Api, doublestar: Commands) -> None:
    """Nor is what it read quoted. Mechanism: `cli.members._erased` tells any fault as what keeps that one alone."""
    first, second = sorted([await shop.member(5), await shop.member(5)])
    for who in (first, second):
        with cut_off_in("journal"):
            asked = (
                "members",
                "erase",
                who,
                "--reason",
                "by letter",
                "--person",
                "staff-7",
                "--approved-by",
                "staff-8",
            )
            assert (await asyncio.to_thread(CliRunner().invoke, main.app, asked)).exit_code == 1
    whole = STEPS["waiting"]

    async def faulty(client: Any, settings: Any, person: Any) -> int:
        if person.persons == [first]:
            raise KeyError("Gisele Nandu")
        return await whole(client, settings, person)

    STEPS["waiting"] = faulty
    try:
        shown = await asyncio.to_thread(CliRunner().invoke, main.app, ["members", "erase", "--approved"])
    finally:
        STEPS["waiting"] = whole
    assert (shown.exit_code, "Gisele" in shown.output) == (1, False)
    assert "cut off by a fault (KeyError)" in shown.output
    assert f"erasure of {second}" in shown.output
    assert f"erasure of {first}" in await doublestar("members", "erase", "--approved")


async def test_emails_of_another_machine_are_told_by_every_run(shop: Api, doublestar: Commands) -> None:
    """The first is cut off after it has looked for them. Mechanism: `elsewhere` in the note; without it nobody would
    ever hear of the files, and the proof say `nowhere`."""
    gone, notify = await shop.member(5), shop.pipeline.database("notify")
    await notify["folders"].insert_one({"_id": "far:/mail", "host": "far", "folder": "/mail"})
    await notify["sent"].insert_one({"_id": f"n-{gone}", "member": gone})
    await notify["delivered"].insert_one({"_id": f"n-{gone}", "channel": "email"})

    asked = ("members", "erase", gone, "--reason", "by letter", "--person", "staff-7", "--approved-by", "staff-8")
    with cut_off_in("households"):
        assert (await asyncio.to_thread(CliRunner().invoke, main.app, asked)).exit_code == 1
    for code, told in ((1, "besides what a run had done that was cut off"), (0, "e-mails may lie in far:/mail")):
        shown = await asyncio.to_thread(CliRunner().invoke, main.app, asked)
        assert (shown.exit_code, told in shown.output) == (code, True), shown.output
    kept = (await shop.database[ERASURES].find_one({"_id": gone}) or {})["proof"]
    assert (kept["elsewhere"], kept["cut_off"]) == (["far:/mail"], True)
    for name in ("folders", "sent", "delivered"):  # others share this database
        await notify[name].delete_one({"_id": "far:/mail" if name == "folders" else f"n-{gone}"})


async def killed(*_: Any) -> None:
    raise RuntimeError("killed")


async def not_announced(shop: Api, monkeypatch: pytest.MonkeyPatch) -> str:
    """Somebody whose erasure was killed right after the ledger's part was committed, before it was published."""
    gone = await shop.member(5)
    asked = ("members", "erase", gone, "--reason", "by letter", "--person", "staff-7", "--approved-by", "staff-8")
    with monkeypatch.context() as broken:
        broken.setattr(Publisher, "publish", killed)
        assert (await asyncio.to_thread(CliRunner().invoke, main.app, asked)).exit_code == 2
    assert await shop.database["outbox"].count_documents(LEFT) == 1
    return gone


async def announced(shop: Api, member: str) -> int:
    """Accruals of a member."""
    watch = shop.pipeline.watch
    spans = await watch.spans((await watch.topics())[shop.settings.prefix + ACCRUALS])
    found = [each.key async for records in read(shop.settings.kafka_url(), spans) for each in records]
    return found.count(member.encode())


@pytest.mark.parametrize("by_id", [True, False])
async def test_what_a_killed_run_had_not_announced_is_announced_by_the_next(
    shop: Api, doublestar: Commands, monkeypatch: pytest.MonkeyPatch, *, by_id: bool
) -> None:
    """Mechanism: `terminal.announced`; without it the ledger's part is not settled again, and no service ever hears of
    it."""
    gone = await not_announced(shop, monkeypatch)
    at_rest = next(each for each in (await shop.pipeline.reconcile()).checks if each.name == "at_rest")
    assert (at_rest.ok, "1 outbox documents are of a command at a terminal" in at_rest.detail) == (False, True)
    assert await announced(shop, gone) == 0
    await (erases(doublestar, gone) if by_id else doublestar("members", "erase", "--approved"))
    assert (await shop.database["outbox"].count_documents(LEFT), await announced(shop, gone)) == (0, 1)
    await doublestar("members", "erase", "--approved")  # nobody is left, nor anything
    assert await announced(shop, gone) == 1


async def test_what_a_killed_command_had_not_announced_is_announced_by_an_api_that_starts(
    shop: Api, doublestar: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever command it was: nobody may type another for weeks. Mechanism: `Queue.start` drains its place."""
    gone, sent = await not_announced(shop, monkeypatch), list[Message]()

    async def publish(messages: Sequence[Message]) -> None:
        sent.extend(messages)

    handler, store = CounterHandler(wall), MongoStore(shop.pipeline.client, shop.database.name)
    queue = Queue(handler, BatchLoop(handler, store, publish, lambda: Rulebook([])), 7)
    await queue.start()
    await queue.stop()
    assert [(each.kind, each.key) for each in sent] == [("erasure", gone)]
    assert await shop.database["outbox"].count_documents(LEFT) == 0
    await doublestar("members", "erase", "--approved")
