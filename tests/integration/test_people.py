"""Two members who are one, taken apart and together again, then erased: through all services on real servers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from shared.ops import erasing_steps
from shared.settings import Settings
from tests.integration.pipeline import Pipeline, running
from tests.integration.terminal import Commands, commands

MONDAY = datetime(2017, 12, 18, 17, tzinfo=UTC)  # the services' clock stands at the beginning of 2018
ANN = {"reference": "a-1", "email": "annabel@example.com", "phone": "+84900000017"}
SAME = {"reference": "a-2", "email": "a.quux@example.com", "card": "card-4711"}
BOB = {"reference": "b-1", "email": "bob@example.com"}
OURS = ("annabel@example.com", "+84900000017", "a.quux@example.com", "card-4711", "annabel quux", "a-2")
THEIRS = "bob@example.com"
NAMED = "signup-card-4711"  # a partner's id that has a name in it


def event(kind: str, id_: str, at: datetime, **data: Any) -> tuple[str, bytes]:
    head = {"specversion": "1.0", "id": id_, "source": "/partners/grocer", "type": f"loyalty.{kind}.v1"}
    member = data.get("member") or data["friend"]
    return str(member["reference"]), orjson.dumps({**head, "time": at.isoformat(), "data": data})


def signup(id_: str, member: Mapping[str, str], name: str) -> tuple[str, bytes]:
    profile = {"name": name, "birthday": "1990-05-05"}
    return event("signup", id_, MONDAY - timedelta(days=20), member=member, profile=profile, attributes={"note": name})


def bought(id_: str, member: Mapping[str, str], day: int, dollars: int) -> tuple[str, bytes]:
    lines = [{"product": "p", "quantity": 1, "amount": f"{dollars}.00", "department": "GROCERY"}]
    return event("purchase", id_, MONDAY + timedelta(days=day), member=member, currency="USD", lines=lines)


@pytest.fixture
def doublestar(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Beside these services."""
    return commands(settings, monkeypatch)


async def balance(pipeline: Pipeline, id_: str) -> int:
    found = await pipeline.database("earn").members.find_one({"_id": id_})
    assert found is not None
    return int(found["balances"].get("stars", 0))


async def rules(pipeline: Pipeline, id_: str) -> list[str]:
    """Which rules gave a member something."""
    found = pipeline.database("earn").journal.find({"member": id_})
    return sorted({each["rule"] async for entry in found for each in entry["awards"]})


async def in_order(pipeline: Pipeline) -> None:
    await pipeline.rest()
    report = await pipeline.reconcile()
    assert report.ok, [check for check in report.checks if not check.ok]


async def test_merged_taken_apart_and_erased_everywhere(
    settings: Settings, doublestar: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Breaks without `ledger.led_on`, without what tiers and campaigns do with the duplicate's entry, and where a step
    of the erasure is left out."""
    async with running(settings) as pipeline:
        await pipeline.open_topic("grocer")
        await pipeline.send([
            signup("s-1", ANN, "Annabel Quux"), signup(NAMED, SAME, "Annabel Quux"), signup("s-3", BOB, "Bob"),
            bought("p-1", {"reference": "a-1"}, 0, 600), bought("p-2", {"reference": "a-2"}, 1, 550),
            bought("p-3", {"reference": "b-1"}, 0, 20),
            event("referral", "r-1", MONDAY, advocate={"phone": ANN["phone"]}, friend={"reference": "nobody-yet"}),
            ("a-1", b'{"annabel@example.com"'),
        ])  # fmt: skip
        await pipeline.rest()
        ann, same, bob = [(await doublestar("members", "find", f"grocer:{who['reference']}")).strip()
                          for who in (ANN, SAME, BOB)]  # fmt: skip
        by = ("--reason", "the same person", "--person", "staff-7")
        await pipeline.send([bought("p-4", {"reference": "a-2"}, 2, 5)])  # on its way, wherever the merge meets it
        assert "is merged into" in await doublestar("members", "merge", same, ann, *by)
        await in_order(pipeline)
        # Its entry stays the duplicate's own. Mechanism: `why.one_event`; without it there is no event p-2.
        why = await doublestar("why", "--member", ann, "--event", "p-2")
        assert f"of {same}, who was merged into {ann} later" in why
        assert f"purchase of {same}, journal entry /partners/grocer|p-2, number 2 of the member's" in why
        assert f"merge from {same} (staff-7: the same person)" in await doublestar("why", "--member", ann)
        assert f"merge into {ann} (staff-7: the same person)" in await doublestar("why", "--member", same)
        total = await balance(pipeline, ann)
        assert (await balance(pipeline, same), await balance(pipeline, bob)) == (0, 25 + 20)
        tiers = await pipeline.database("tiers").members.find_one({"_id": ann})
        assert tiers is not None
        assert tiers["ladders"]["star-ladder"]["tier"] == "silver", "600 and 550 dollars make Silver"
        assert total >= 2 * 25 + 600 + 550 + 5

        assert "three-days" not in await rules(pipeline, ann), "a challenge is won by an event"
        await pipeline.send([bought("p-5", {"card": "card-4711", "reference": "a-2"}, 3, 10)])
        await in_order(pipeline)
        assert "three-days" in await rules(pipeline, ann)

        # The card is the survivor's name now. Mechanism: `people.Parting`; without it "nothing is to be undone".
        refused = await doublestar("members", "unmerge", "card:card-4711", *by, code=1)
        assert refused == (
            f"card:card-4711 is a name of {ann} now, who is not merged into another; it was a name of {same}, who was "
            f"merged into them. Write `doublestar members unmerge {same} --reason ... --person ...`\n"
        )
        assert "is apart again" in await doublestar("members", "unmerge", same, *by)
        await in_order(pipeline)
        assert await balance(pipeline, same) >= 25 + 550
        tiers = await pipeline.database("tiers").members.find_one({"_id": ann})
        assert tiers is not None
        assert tiers["ladders"]["star-ladder"]["tier"] is None
        assert (await doublestar("members", "find", "card:card-4711")).strip() == same
        await doublestar("members", "merge", "card:card-4711", "annabel@example.com", *by)
        await in_order(pipeline)

        await erased(pipeline, doublestar, monkeypatch, ann)
        # What is read again is known, though nobody has its names any more. Mechanism: `IntakeState.settled`.
        await pipeline.send([bought("p-1", {"reference": "a-1"}, 0, 600), signup(NAMED, SAME, "Annabel Quux")])
        await in_order(pipeline)
        assert await pipeline.database("earn").waiting.count_documents({"event": {"$ne": None}}) == 0
        # Whoever signs up under an old name is somebody new; nothing of before comes back, whatever is read again.
        await pipeline.send([signup("s-9", ANN, "Annabel Quux"), bought("p-1", {"reference": "a-1"}, 0, 600),
                             bought("p-9", {"reference": "a-1"}, 4, 30)])  # fmt: skip
        await in_order(pipeline)
        new = (await doublestar("members", "find", "annabel@example.com")).strip()
        assert new not in (ann, same)
        assert await balance(pipeline, new) >= 25 + 30
        assert (await balance(pipeline, ann), await balance(pipeline, same)) == (0, 0)


async def test_whoever_is_called_as_a_wallet_a_partner_or_a_year_leaves_the_books_whole(
    settings: Settings, doublestar: Any
) -> None:
    """A card may be called anything. Mechanism: `redacting.unmistakable`, and `_SETTLED` for names; without them Bob's
    documents would have no dates and no partner any more, and the stars of who is erased no wallet."""
    cards = ("GROCERY", "2017", "grocer", "purchase")
    async with running(settings) as pipeline:
        await pipeline.open_topic("grocer")
        odd = [{"reference": f"z-{number}", "card": card} for number, card in enumerate(cards)]
        await pipeline.send([signup("s-3", BOB, "Bob"), bought("p-3", {"reference": "b-1"}, 0, 20)])
        await pipeline.send([signup(f"o-{n}", each, "Stars") for n, each in enumerate(odd)])
        # Somebody called alike has an event that no service can read: it is nobody's, and ends no erasure with 1.
        await pipeline.send([bought("p-4", odd[0], 0, 30)])
        await pipeline.send([signup("o-9", {"reference": "y-1", "phone": "one"}, "Stars")])
        await pipeline.rest()
        earn, registry = pipeline.database("earn"), pipeline.database("campaigns").registry
        bob = (await doublestar("members", "find", "grocer:b-1")).strip()
        his = [(earn.members, bob), (earn.journal, "/partners/grocer|p-3"), (earn.inbox, "/partners/grocer|p-3")]
        published = await registry.find({}).to_list()
        before = [await where.find_one({"_id": id_}) for where, id_ in his]
        for card in cards:
            ask = ("members", "erase", f"card:{card}", "--reason", "asked by letter", "--person", "staff-7")
            proof = await doublestar(*ask, "--approved-by", "staff-8")
            alike = proof.partition("THE SAME NAME")[2].partition("\n")[0]
            assert ("campaigns.registry" in alike, "earn.dead_letters" in alike) == (True, True)
        assert await registry.find({}).to_list() == published
        assert [await where.find_one({"_id": id_}) for where, id_ in his] == before
        mine = await earn.journal.find_one({"_id": "/partners/grocer|p-4"})
        assert mine is not None
        assert {each["wallet"] for each in mine["postings"]} == {"stars"}
        said = orjson.loads(mine["event"])["data"]["event"]
        assert (said["source"], said["data"]["member"]) == ("/partners/grocer", {"reference": "erased"})
        assert said["data"]["lines"][0]["department"] == "GROCERY"
        assert await earn.identities.count_documents({"_id": {"$in": [f"card:{card}" for card in cards]}}) == 0
        await in_order(pipeline)


async def erased(pipeline: Pipeline, doublestar: Any, monkeypatch: pytest.MonkeyPatch, ann: str) -> None:
    """Killed in the middle, then run again; then a search of our own finds nobody but Bob."""
    ask = ("members", "erase", "+84900000017", "--reason", "asked by letter", "--person", "staff-7")
    await doublestar(*ask, "--approved-by", "staff-7", code=1)

    async def killed(*_: object) -> int:
        raise ConnectionError("killed")

    with monkeypatch.context() as broken:
        broken.setitem(erasing_steps.STEPS, "dead_letters", killed)
        await doublestar(*ask, "--approved-by", "staff-8", code=2)
    assert "annabel@example.com" in str(await pipeline.dump()).lower(), "there is something left to do"
    await pipeline.rest()
    proof = await doublestar(*ask, "--approved-by", "staff-8")
    assert "found nowhere but in ids that stay; running it again changes nothing" in proof
    assert "KEPT: 1 documents of earn.inbox tell an id" in proof
    kept = await pipeline.database("earn").erasures.find_one({"_id": ann})
    assert kept is not None
    assert (kept["state"], "terms" in kept) == ("done", False), "nothing is looked for any more"
    assert "partner.grocer for ever" in proof
    everything = str(await pipeline.dump()).lower().replace(NAMED, "")
    assert [each for each in OURS if f"{each}'" in everything or f'{each}"' in everything] == []
    assert THEIRS in everything, "the search looks where names are"
    # Mechanism: the step `notify_members`. Without it the words would be gone all the same, by the last step, but not
    # the mark by which nothing is written to them any more.
    mark = await pipeline.database("notify").members.find_one({"_id": ann})
    assert mark == {"_id": ann, "joined": False, "known": {}, "held": [], "erased": True}
    assert not list(pipeline.settings.outbox_folder.glob(f"*/{ann}-*"))
    await in_order(pipeline)
    log = orjson.loads(await doublestar("audit", "--limit", "200", "--json"))
    typed = [(each["action"], each["person"], each["outcome"]) for each in reversed(log)]
    assert typed == [
        ("members merge", "staff-7", "done"), ("members unmerge", "staff-7", "done"),
        ("members merge", "staff-7", "done"), ("members erase", "staff-7", "failed"),
        ("members erase", "staff-7", "done"),
    ]  # fmt: skip
    entry = await pipeline.database("earn").journal.find_one({"kind": "merge", "request": log[-1]["request"]})
    assert entry is not None, "the log and the journal tell of one another"
    again = await doublestar("members", "erase", ann, *ask[3:], "--approved-by", "staff-8")
    assert "it was done before" in again
