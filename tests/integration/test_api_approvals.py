"""What needs two persons, over HTTP and from the command line, on real servers; an erasure until its proof is read."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from typer.testing import CliRunner

from services.earn.posting import JOURNAL
from shared.access.audit import AUDIT
from shared.access.roles import Role
from shared.cli import main
from shared.ops import erasing_steps
from tests.conftest import environment
from tests.integration.apikit import Api, Asker
from tests.integration.terminal import Commands

GIFT = {"wallet": "stars", "points": 501, "kind": "goodwill", "reason": "a long wait"}


async def gives(office: Asker, member: str, once: str = "", points: int = 501) -> Any:
    said = {**GIFT, "member": member, "points": points}
    return await office.post("/adjustments", said, once, Person="staff-7")


@pytest.fixture
def doublestar(shop: Api, monkeypatch: pytest.MonkeyPatch) -> Commands:
    for name, value in environment(shop.settings).items():
        monkeypatch.setenv(name, value)

    async def run(*words: str, code: int = 0) -> str:
        done = await asyncio.to_thread(CliRunner().invoke, main.app, words)
        assert done.exit_code == code, done.output + done.stderr
        return str(done.output) + str(done.stderr)

    return run


async def test_a_gesture_above_the_limit_waits_for_another_person(shop: Api) -> None:
    office, auditor, reader = [await shop.asker(each) for each in (Role.back_office, Role.auditor, Role.reader)]
    member = await shop.member(10)
    assert (await gives(office, member, points=500)).status_code == 201
    first = await gives(office, member, "once-1")
    again = await gives(office, member, "once-1")
    assert (first.status_code, again.status_code, again.headers["idempotency-replayed"]) == (202, 202, "true")
    assert first.json() == again.json()
    id_ = first.json()["approval"]
    assert await office.spendable(member) == 510
    shown = (await auditor.get(f"/approvals/{id_}")).json()
    assert (shown["kind"], shown["state"], shown["author"], shown["said"], shown["judged"]) == (
        "goodwill", "pending", {"caller": office.name, "person": "staff-7"},
        {"member": member, "wallet": "stars", "points": 501, "reason": "a long wait"}, None,
    )  # fmt: skip
    assert id_ in [each["approval"] for each in (await auditor.get("/approvals", state="pending")).json()["approvals"]]
    own = await office.post(f"/approvals/{id_}/approve", Person="STAFF-7")
    assert (own.status_code, own.json()["code"]) == (403, "second_person")
    approved = await office.post(f"/approvals/{id_}/approve", once="once-2", Person="staff-8")
    replayed = await office.post(f"/approvals/{id_}/approve", once="once-2", Person="staff-8")
    other = await office.post(f"/approvals/{id_}/approve", once="once-2", Person="staff-5")
    assert (other.status_code, other.json()["code"]) == (422, "key_used_before"), "it was not staff-5 who approved it"
    assert (await office.post(f"/approvals/{id_}/approve", once="once-2", Person="STAFF-8")).status_code == 200
    asks = await office.post("/adjustments", GIFT | {"member": member}, "once-1", Person="staff-9")
    assert (asks.status_code, asks.json()["code"]) == (422, "key_used_before")
    assert approved.json() == replayed.json() == {
        "approval": id_, "state": "approved",
        "done": {"member": member, "wallet": "stars", "points": 501, "balance": 1_011},
    }  # fmt: skip
    late = await office.post(f"/approvals/{id_}/refuse", {"reason": "too late"}, Person="staff-8")
    assert (late.status_code, late.json()["code"], late.json()["state"]) == (409, "judged_already", "approved")
    assert await office.spendable(member) == 1_011
    entry = await shop.database[JOURNAL].find_one({"member": member, "approved.approval": id_})
    assert entry is not None
    assert (entry["by"]["person"], entry["approved"]["person"]) == ("staff-7", "staff-8")
    for asker, named in ((auditor, ("staff-7", "staff-8")), (office, ("staff-7", "staff-8")), (reader, (None, None))):
        [newest, *_] = (await asker.get(f"/members/{member}/history")).json()["entries"]
        assert (newest["by"], newest.get("person"), newest.get("approved_by")) == (office.name, *named)
    acts = await shop.database[AUDIT].find({"said.approval": id_, "action": "approve"}).to_list()
    assert [each["person"] for each in acts] == ["STAFF-7", "staff-8", "staff-8", "staff-5", "STAFF-8"]


async def test_many_who_approve_at_once_have_one_effect(shop: Api) -> None:
    office, member = await shop.asker(Role.back_office), await shop.member(10)
    id_ = (await gives(office, member)).json()["approval"]
    answers = await asyncio.gather(
        *(office.post(f"/approvals/{id_}/approve", Person=f"chief-{number}") for number in range(8))
    )
    assert sorted(each.status_code for each in answers) == [200, *[409] * 7]
    assert await office.spendable(member) == 511


async def test_what_waits_is_judged_at_the_command_line(shop: Api, doublestar: Commands) -> None:
    office, member = await shop.asker(Role.back_office), await shop.member(10)
    yes, no = [(await gives(office, member)).json()["approval"] for _ in range(2)]
    assert yes in await doublestar("approvals", "list")
    assert "another person does" in await doublestar("approvals", "approve", yes, "--person", "Staff-7", code=1)
    await doublestar("approvals", "approve", yes, "--person", "staff-8")
    assert "goodwill (staff-7 + staff-8: a long wait)" in await doublestar("why", "--member", member)
    await doublestar("approvals", "refuse", no, "--person", "staff-8", "--reason", "too much")
    waiting, everything = await doublestar("approvals", "list"), await doublestar("approvals", "list", "--all")
    assert yes not in waiting
    assert f"{no} refused: goodwill" in everything
    assert "refused by staff-8" in everything
    assert await office.spendable(member) == 511


async def killed(*_: object) -> int:
    raise ConnectionError("killed")


async def test_an_erasure_is_asked_for_approved_ended_and_proven(
    shop: Api, doublestar: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ends it is killed in the middle, and goes on when it is run again."""
    office, auditor = await shop.asker(Role.back_office), await shop.asker(Role.auditor)
    member = await shop.member(10, "email:dora@example.com", "card:dora-1")
    asked = await office.post(f"/members/{member}/erase", {"reason": "asked by dora@example.com"}, Person="staff-7")
    assert asked.status_code == 202
    id_ = asked.json()["approval"]
    assert (await auditor.get(f"/members/{member}/erasure")).json()["code"] == "unknown_erasure"
    assert (await office.post(f"/approvals/{id_}/approve", Person="staff-7")).status_code == 403
    assert (await office.post(f"/approvals/{id_}/approve", Person="staff-8")).status_code == 200
    begun = (await auditor.get(f"/members/{member}/erasure")).json()
    assert (begun["state"], begun["approval"], begun["proof"]) == ("begun", id_, None)
    assert (await shop.document(member))["erased"]
    with monkeypatch.context() as broken:
        broken.setitem(erasing_steps.STEPS, "dead_letters", killed)
        await doublestar("members", "erase", "--approved", code=2)
    assert (await auditor.get(f"/members/{member}/erasure")).json()["state"] == "begun"
    proof = await doublestar("members", "erase", "--approved")
    assert f"erasure of {member}" in proof
    assert "found nowhere" in proof
    done = (await auditor.get(f"/members/{member}/erasure")).json()
    assert (done["state"], done["person"], done["approved_by"]) == ("done", "staff-7", "staff-8")
    assert (done["proof"]["left"], done["proof"]["terms"], done["done"]["identities"]) == ({}, 2, 2)
    names = await shop.database.list_collection_names()
    everything = [await shop.database[each].find({}).to_list() for each in names]
    assert "dora@example.com" not in str(everything)
    assert "no erasure waits" in await doublestar("members", "erase", "--approved")


async def test_a_name_goes_from_all_that_is_about_the_member_and_is_counted_where_it_is_about_others(
    shop: Api, doublestar: Commands
) -> None:
    """Breaks where the reason of the erasure itself keeps a name; where one that was asked for and refused does; and
    where the proof says `nowhere` of a name that it has counted."""
    office, auditor = await shop.asker(Role.back_office), await shop.asker(Role.auditor)
    member, other = await shop.member(1_000, "card:6666000111"), await shop.member(10)
    heard = {"known": {"name": ["2026-01-01", "e", "Zebulon Quillfeather"]}}
    await shop.pipeline.database("notify").members.replace_one({"_id": member}, heard, upsert=True)
    waits = (await gives(office, member)).json()["approval"]
    refused = {"reason": "quillfeather did not wait"}
    assert (await office.post(f"/approvals/{waits}/refuse", refused, Person="staff-8")).status_code == 200
    for whom, points, reason in ((member, 5, "Zebulon was rude"), (other, 5, "a friend of Zebulon Quillfeather")):
        said = {"member": whom, "wallet": "stars", "points": points, "kind": "goodwill", "reason": reason}
        assert (await office.post("/adjustments", said, Person="staff-7")).status_code == 201
    why = {"reason": "asked by 6666000111 Zebulon, for ZEBULON QUILLFEATHER"}
    asked = (await office.post(f"/members/{member}/erase", why, Person="staff-7")).json()["approval"]
    assert (await office.post(f"/approvals/{asked}/approve", Person="staff-8")).status_code == 200
    proof = await doublestar("members", "erase", "--approved")
    assert "THE SAME NAME in documents that are not about this member, left as they are: earn.audit 1" in proof
    assert "nowhere" not in proof
    assert "still found as a name in documents that are not about this member (see above)" in proof
    told = (await auditor.get(f"/members/{member}/erasure")).json()["proof"]
    assert (told["left"], told["others"]) == ({}, {"earn.audit": 1, "earn.journal": 1})
    names = await shop.database.list_collection_names()
    everything = [each for name in names for each in await shop.database[name].find({}).to_list()]
    named = [each for each in everything if "zebulon" in str(each).lower() or "quillfeather" in str(each).lower()]
    assert {each.get("member") or each["said"]["member"] for each in named} == {other}
    assert (await auditor.get(f"/approvals/{asked}")).json()["said"][
        "reason"
    ] == "asked by [erased] [erased], for [erased]"
    assert (await auditor.get(f"/approvals/{waits}")).json()["judged"]["reason"] == "[erased] did not wait"
    reasons = [each["reason"] for each in (await office.get(f"/members/{member}/history")).json()["entries"]]
    assert "[erased] was rude" in reasons
    for name in ("audit", "journal"):  # others share this database
        await shop.database[name].delete_many({"$or": [{"member": other}, {"said.member": other}]})


async def test_who_approves_an_erasure_is_told_what_ends_it(shop: Api, doublestar: Commands) -> None:
    office, member = await shop.asker(Role.back_office), await shop.member(10)
    asked = await office.post(f"/members/{member}/erase", {"reason": "asked for"}, Person="staff-7")
    id_ = asked.json()["approval"]
    said = await doublestar("approvals", "approve", id_, "--person", "staff-8")
    assert f"{id_} is approved, and the erasure begun: `doublestar members erase --approved` ends it" in said
    assert f"erasure of {member}" in await doublestar("members", "erase", "--approved")


async def test_what_a_household_has_in_common_is_shown(shop: Api, doublestar: Commands) -> None:
    ann, bob = await shop.member(5), await shop.member(7)
    await shop.together(f"house-{ann}", ann, bob)
    assert "12 stars in common" in await doublestar("members", "show", ann)
    assert "in common" not in await doublestar("members", "show", await shop.member(3))
