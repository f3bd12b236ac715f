"""The back office over HTTP: corrections with reason and person, dead letters, and the audit log that none escapes."""

from __future__ import annotations

import asyncio
import getpass
from datetime import UTC, datetime
from typing import Any

import orjson
from typer.testing import CliRunner

from services.earn.posting import JOURNAL
from shared.access.audit import AUDIT
from shared.access.roles import Role
from shared.cli import main
from shared.events.decode import Refused
from shared.events.internal import Origin
from shared.ops import why
from shared.runtime import letters
from shared.runtime.records import Letter, Record
from shared.runtime.store import DEAD_LETTERS
from tests.conftest import environment
from tests.integration.answers import undeclared
from tests.integration.apikit import Api, Asker
from tests.integration.test_api_events import event, on_topic


async def correct(office: Asker, path: str = "/adjustments", once: str = "", **said: Any) -> Any:
    return await office.post(path, {"wallet": "stars", "reason": "counted wrongly", **said}, once, Person="staff-7")


async def test_points_are_given_and_taken_with_a_reason_and_a_person(shop: Api) -> None:
    office, member = await shop.asker(Role.back_office), await shop.member(10)
    given = await correct(office, member=member, points=5)
    assert (given.status_code, given.json()["balance"]) == (201, 15)
    assert (await correct(office, member=member, points=7, kind="goodwill")).json()["balance"] == 22
    assert (await correct(office, member=member, points=-2)).json()["balance"] == 20
    found = await shop.database[JOURNAL].find({"member": member}).sort("seq", 1).to_list()
    accounts = [[(each["account"], each["amount"]) for each in entry["postings"]] for entry in found]
    assert accounts == [
        [("programme:adjustment", -5), (f"member:{member}", 5)],
        [("programme:goodwill", -7), (f"member:{member}", 7)],
        [(f"member:{member}", -2), ("programme:adjustment", 2)],
    ]
    assert {(e["reason"], e["by"]["person"], e["by"]["caller"]) for e in found} == {
        ("counted wrongly", "staff-7", office.name)
    }
    text = await why.told(shop.settings, member)
    assert "adjustment (staff-7: counted wrongly)  -2 stars" in text, "who, and why, is read from the database, too"
    reader = await shop.asker(Role.reader)
    told = (await reader.get(f"/members/{member}/history")).json()["entries"]
    assert [(each["points"], each["reason"], each["by"]) for each in told] == [
        ({"stars": points}, "counted wrongly", office.name) for points in (-2, 7, 5)
    ]


async def test_what_cannot_be_corrected_is_denied(shop: Api) -> None:
    office, member = await shop.asker(Role.back_office), await shop.member(10)
    for said, status, code in (
        ({"points": -11}, 409, "too_few_points"),
        ({"points": 0}, 422, "invalid_request"),
        ({"points": -1, "kind": "goodwill"}, 422, "invalid_request"),
        ({"points": 1, "kind": "gift"}, 422, "invalid_request"),
        ({"points": 1, "reason": " "}, 422, "invalid_request"),
        ({"points": 1, "wallet": "miles"}, 422, "unknown_wallet"),
    ):
        answer = await correct(office, member=member, **said)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    nobody = await office.post("/adjustments", {"member": member, "wallet": "stars", "points": 1, "reason": "because"})
    assert (nobody.status_code, nobody.json()["code"]) == (422, "person_missing")
    assert (await shop.document(member))["balances"] == {"stars": 10}


async def test_points_go_from_one_member_to_another_and_both_are_told(shop: Api) -> None:
    office, ann, bob = await shop.asker(Role.back_office), await shop.member(10), await shop.member(1)
    done = await correct(office, "/transfers", member=ann, to=bob, points=4)
    assert (done.status_code, done.json()["balance"]) == (201, 6)
    assert await office.spendable(bob) == 5
    for member, points in ((ann, -4), (bob, 4)):
        [entry] = (await office.get(f"/members/{member}/history")).json()["entries"]
        assert (entry["kind"], entry["points"]) == ("transfer", {"stars": points})
    same = await correct(office, "/transfers", member=ann, to=ann, points=4)
    assert (same.status_code, same.json()["code"]) == (422, "same_member")


async def letter(shop: Api, offset: int, partner: str, value: bytes, reason: Any = "undecidable") -> str:
    """A dead letter as intake leaves it; returns its id as people write it."""
    topic = f"{shop.settings.prefix}partner.{partner}"
    stamp = int(datetime.now(UTC).timestamp() * 1000)
    record = Record(topic, 0, offset, value, b"c-1", stamp)
    refused = Letter(record, Refused(reason, "as the test says"), Origin(topic=topic, partition=0, offset=offset))
    document = letters.document("earn-intake", refused)
    await shop.database[DEAD_LETTERS].insert_one(document)
    return str(document["_id"]).replace("|", "/", 1)


async def paged(office: Asker) -> list[str]:
    """The ids of all letters, read one at a time."""
    found, following = list[str](), None
    while not found or following is not None:
        page = (await office.get("/dead-letters", limit=1, **({"cursor": following} if following else {}))).json()
        found += [each["id"] for each in page["letters"]]
        following = page["next"]
    return found


async def test_dead_letters_are_listed_shown_and_replayed_once(shop: Api) -> None:
    office = await shop.asker(Role.back_office)
    sender = await shop.asker(Role.partner, "letters")
    await sender.http.post(
        "/v1/events", content=orjson.dumps(event("b-0", "letters")),
        headers={**sender.key, "Content-Type": "application/cloudevents+json"},
    )  # fmt: skip
    good = await letter(shop, 7, "letters", orjson.dumps(event("b-1", "letters")))
    broken = await letter(shop, 8, "letters", b"{", "not_json")
    listed = (await office.get("/dead-letters", reason="undecidable")).json()
    assert good in [each["id"] for each in listed["letters"]]
    assert listed["counts"]["undecidable"]["open"] >= 1
    assert sorted(await paged(office)) == sorted(
        each["id"] for each in (await office.get("/dead-letters")).json()["letters"]
    )
    shown = (await office.get("/dead-letters/letter", letter=good)).json()
    assert (orjson.loads(shown["value"]), shown["status"]) == (event("b-1", "letters"), "open")
    assert "replay" in shown["next"]
    both = await office.post("/dead-letters/replay", {"ids": [good, broken]}, None, Person="staff-7")
    assert (both.status_code, both.json()["code"], list(both.json()["letters"])) == (409, "refused_again", [broken])
    assert len(await on_topic(shop, "letters")) == 1, "all of them, or none"
    done = await office.post("/dead-letters/replay", {"ids": [good]}, None, Person="staff-7")
    assert done.status_code == 200
    assert [orjson.loads(each)["id"] for each in await on_topic(shop, "letters")] in (["b-0", "b-1"], ["b-1", "b-0"])
    again = await office.post("/dead-letters/replay", {"ids": [good]}, None, Person="staff-7")
    assert (again.status_code, again.json()["code"]) == (409, "replayed_before")
    once_more = await office.post("/dead-letters/replay", {"ids": [good], "again": True}, None, Person="staff-7")
    assert once_more.status_code == 200
    missing = await office.get("/dead-letters/letter", letter="earn-intake/nothing:0:0")
    assert (missing.status_code, missing.json()["code"]) == (404, "unknown_letter")


async def test_every_action_of_the_back_office_is_on_record_with_its_outcome(shop: Api) -> None:
    """Breaks where a route is answered past `routing._audited`; what was tried and denied is there, too."""
    office, auditor = await shop.asker(Role.back_office), await shop.asker(Role.auditor)
    till, member = await shop.asker(Role.till, "bakery"), await shop.member(10)
    done = await correct(office, member=member, points=5)
    again = await correct(office, once=done.request.headers["Idempotency-Key"], member=member, points=5)
    assert again.headers["Idempotency-Replayed"] == "true"
    denied = await correct(office, member=member, points=-99)
    tried = await till.post("/adjustments", {"member": member, "wallet": "stars", "points": 1, "reason": "mine"})
    assert tried.status_code == 403
    await office.post("/members/find", {"email": "ann@example.com"}, None)
    page = (await auditor.get("/audit", limit=200)).json()["actions"]
    mine = [each for each in page if each["caller"] in (office.name, till.name)]
    assert [(each["action"], each["outcome"], each["person"]) for each in reversed(mine)] == [
        ("adjust", "done", "staff-7"),
        ("adjust", "done_before", "staff-7"),
        ("adjust", "too_few_points", "staff-7"),
        ("adjust", "not_allowed", None),
        ("find_member", "unknown_member", None),
    ]
    assert [each["request"] for each in reversed(mine)][:4] == [
        each.headers["x-request-id"] for each in (done, again, denied, tried)
    ]
    assert mine[-1]["said"] == {"member": member, "wallet": "stars", "points": 5, "reason": "counted wrongly"}
    assert "ann@" not in str(await shop.database[AUDIT].find({}).to_list()), "a log of people is no place for names"
    first = (await auditor.get("/audit", limit=2)).json()
    following = (await auditor.get("/audit", limit=2, cursor=first["next"])).json()
    # Reading the log is on record, too: each look adds one, in front.
    assert [each["action"] for each in first["actions"]] == ["read_audit", "read_audit"]
    assert following["actions"][0]["id"] < first["actions"][1]["id"]


async def test_the_command_line_makes_keys_and_reads_the_log(shop: Api, monkeypatch: Any) -> None:
    for name, value in environment(shop.settings).items():
        monkeypatch.setenv(name, value)

    async def run(*words: str) -> Any:
        return await asyncio.to_thread(CliRunner().invoke, main.app, words)

    made = await run("keys", "create", "cli-office", "--role", "back-office", "--expires", "90d", "--json")
    assert made.exit_code == 0, made.output
    said = orjson.loads(made.output)
    office, member = Asker(shop.http, said["token"], "cli-office"), await shop.member(10)
    assert (await correct(office, member=member, points=5)).status_code == 201
    log = await run("audit", "--limit", "200")
    assert any("cli-office" in line and "adjust" in line and "done" in line for line in log.output.splitlines())
    rotated = await run("keys", "rotate", "cli-office", "--overlap", "12h")
    assert rotated.exit_code == 0
    assert rotated.output.splitlines()[-1].startswith("ds_")
    listed = await run("keys", "list", "cli-office")
    assert listed.output.count("cli-office") == 2
    assert said["token"] not in listed.output
    revoked = await run("keys", "revoke", said["_id"])
    assert revoked.output.strip() == f"revoked {said['_id']} of cli-office"
    second = rotated.output.splitlines()[-1].split("_")[1]
    replaced = await run("keys", "rotate", "cli-office", "--overlap", "0s")
    assert (replaced.exit_code, replaced.output.splitlines()[0]) == (0, f"revoked: {second}")
    assert await shop.keyring.holder(rotated.output.splitlines()[-1]) == "revoked"
    assert (await run("keys", "rotate", "cli-office", "--overlap", "5s")).exit_code == 1
    for _ in range(2):  # one key of the same misspelling makes the next no better
        misspelt = await run("keys", "create", "cli-nobody", "--role", "till", "--partner", "nosuchpartner", "--json")
        assert (misspelt.exit_code, "partner" in orjson.loads(misspelt.stdout)) == (0, True)
        assert "no partner nosuchpartner has an agreement or an event here yet" in misspelt.stderr
    kiosk = await run("keys", "create", "cli-kiosk", "--role", "till", "--partner", "kiosk")  # it has an agreement
    assert (kiosk.exit_code, kiosk.stderr) == (0, "")
    wrong = await run("keys", "create", "cli-till", "--role", "till")
    assert wrong.exit_code == 1
    assert "name it with --partner" in wrong.output + wrong.stderr
    kept = orjson.loads((await run("audit", "--limit", "200", "--json")).output)
    # Other tests of this session type commands, too; of keys none does.
    typed = [each for each in reversed(kept) if each["caller"] == "command line" and each["action"].startswith("keys")]
    assert [(each["action"], each["outcome"]) for each in typed] == [
        ("keys create", "done"), ("keys rotate", "done"), ("keys revoke", "done"), ("keys rotate", "done"),
        ("keys create", "done"), ("keys create", "done"), ("keys create", "done"), ("keys create", "refused"),
    ]  # fmt: skip
    assert {(each["person"], each["role"]) for each in typed} == {(getpass.getuser(), "operator")}
    assert typed[0]["said"] == {"name": "cli-office", "role": "back-office", "partner": None}
    assert said["token"] not in str(kept), "the text of a key is on no record"
    got = (await (await shop.asker(Role.auditor)).get("/audit", limit=200)).json()["actions"]
    assert next(each["action"] for each in got if each["caller"] == "command line") == "keys create", "the newest first"


async def test_what_is_answered_of_a_merge_and_its_undoing_is_in_the_document(shop: Api) -> None:
    """Each client of these tests compares every answer. Mechanism: `from` of `Parted`, and `answers.look_at`."""
    clerk = await shop.asker(Role.back_office)
    ann, same = await shop.member(30), await shop.member(12)
    person, why = {"Person": "staff-7"}, {"reason": "one person"}
    await correct(clerk, member=same, points=3, kind="goodwill")
    [theirs] = (await clerk.get(f"/members/{same}/history")).json()["entries"]
    assert (await clerk.get(f"/members/{ann}/why", entry=theirs["entry"])).status_code == 404
    merged = await clerk.post("/merges", {"member": same, "into": ann, **why}, **person)
    assert (merged.status_code, merged.json()["points"]) == (201, {"stars": 15})
    # Their entries stay their own. Mechanism: `merged_now`; without it the member has no such entry.
    told = (await clerk.get(f"/members/{ann}/why", entry=theirs["entry"])).json()["explained"]
    assert (told["member"], told["kind"]) == (same, "goodwill")
    by_its_name = await clerk.post(f"/members/{ann}/unmerge", why, **person)
    assert (by_its_name.status_code, by_its_name.json()["absorbed"]) == (409, [same])
    apart = await clerk.post(f"/members/{same}/unmerge", why, **person)
    assert (apart.status_code, apart.json()) == (
        200, {"member": same, "from": ann, "points": {"stars": 15}, "identities": 0, "balances": {"stars": 15}}
    )  # fmt: skip
    assert (await clerk.get(f"/members/{ann}/why", entry=theirs["entry"])).status_code == 404


def test_a_field_that_the_document_lacks_is_found() -> None:
    """In the answer, in what is in it, and under an address or a status that nobody knows."""
    member = "m-" + "a" * 20
    body = {"redemption": f"r-{member}-{'b' * 20}", "member": member, "wallet": "w", "points": 1, "spendable": 1}
    undo = "/v1/redemptions/r-m-1/undo"
    assert undeclared("POST", undo, 200, body) == []
    more = "Additional properties are not allowed ('{}' was unexpected)"
    assert undeclared("POST", undo, 200, body | {"from": member}) == [f"$: {more.format('from')}"]
    worth = {"amount": "1", "currency": "EUR", "rate": 1}
    assert f"$.worth: {more.format('rate')}" in undeclared("POST", "/v1/quotes", 200, {"worth": worth})
    packs = {"packs": [{"partner": "p", "x": 1}]}
    assert f"$.packs[0]: {more.format('x')}" in undeclared("GET", "/v1/packs", 200, packs)
    assert undeclared("POST", undo, 299, body) == ["status 299"]
    assert undeclared("POST", "/v1/nothing", 200, {}) == ["the address"]


async def test_a_key_that_was_to_end_is_not_for_ever_by_being_rotated(shop: Api, monkeypatch: Any) -> None:
    """A day at first, so a day from then on; then two hours, then for ever. Mechanism: `Key.life` in
    `Keyring.rotate`."""
    for name, value in environment(shop.settings).items():
        monkeypatch.setenv(name, value)

    async def run(*words: str) -> str:
        done = await asyncio.to_thread(CliRunner().invoke, main.app, ("keys", *words))
        assert done.exit_code == 0, done.output
        return str(done.output)

    await run("create", "cli-brief", "--role", "till", "--partner", "bakery", "--expires", "1d")
    assert "as long as the last one had been given" in await run("rotate", "cli-brief", "--overlap", "0s")
    hours: list[int | None] = []
    # With an overlap the last one is shortened, and no measure for the one after the next.
    for more in (("--overlap", "1h"), (), ("--expires", "2h"), (), ("--expires", "never"), ()):
        told = orjson.loads(await run("rotate", "cli-brief", "--json", *more))
        given = next(each.life for each in await shop.keyring.list("cli-brief") if each.id == told["_id"])
        hours.append(None if given is None else round(given.total_seconds() / 3600))
    assert hours == [24, 24, 2, 2, None, None]
