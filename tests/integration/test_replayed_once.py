"""One dead letter that several replay at once, over real servers: published once; what a broken-off replay leaves."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from shared.access.roles import Role
from shared.clock import Moved, wall
from shared.events.decode import Refused
from shared.events.internal import Origin
from shared.ops import deadletters
from shared.ops.accounting import LETTER, outcomes
from shared.ops.letter import BROKEN_OFF
from shared.runtime import letters
from shared.runtime.records import Letter, Record
from shared.runtime.store import DEAD_LETTERS
from tests.integration.apikit import Api, Asker
from tests.integration.test_api_events import event, on_topic

AT_ONCE = 6


async def refused(shop: Api, partner: str, offset: int = 40) -> str:
    """A letter of earn's about a good event of this partner, whose topic is there; its id as people write it."""
    topic = f"{shop.settings.prefix}partner.{partner}"
    sender = await shop.asker(Role.partner, partner)
    await sender.http.post(
        "/v1/events", content=orjson.dumps(event("first", partner)),
        headers={**sender.key, "Content-Type": "application/cloudevents+json"},
    )  # fmt: skip
    value = orjson.dumps(event(f"late-{offset}", partner))
    record = Record(topic, 0, offset, value, b"c-1", int(datetime.now(UTC).timestamp() * 1000))
    refusal = Letter(record, Refused("unknown_purchase", "as the test says"), Origin(**origin(topic, offset)))
    document = letters.document("earn-ledger", refusal)
    await shop.database[DEAD_LETTERS].insert_one(document)
    return str(document["_id"]).replace("|", "/", 1)


def origin(topic: str, offset: int) -> dict[str, Any]:
    return {"topic": topic, "partition": 0, "offset": offset}


async def kept(shop: Api, id_: str) -> dict[str, Any]:
    """The letter's document."""
    found = await shop.database[DEAD_LETTERS].find_one({"_id": id_.replace("/", "|", 1)})
    assert found is not None
    return found


async def replay(office: Asker, *ids: str, **more: Any) -> tuple[int, str | None]:
    """Status, and the code of a no."""
    answer = await office.post("/dead-letters/replay", {"ids": list(ids), **more}, None, Person="staff-7")
    return answer.status_code, answer.json().get("code")


async def test_of_several_at_once_one_publishes_it(shop: Api) -> None:
    """Mechanism: `_Claim.take`, an update of the letter as it was read; without it six records are published, and all
    six are told that they were."""
    office = await shop.asker(Role.back_office)
    id_ = await refused(shop, "replayed-once")
    moved = Moved(shop.settings.home)
    moved.move(datetime(2031, 5, 1, tzinfo=UTC))
    try:
        told = await asyncio.gather(*(replay(office, id_) for _ in range(AT_ONCE)))
    finally:
        moved.reset()  # others share this API
    assert Counter(told) == {(200, None): 1, (409, "replayed_before"): AT_ONCE - 1}
    assert len(await on_topic(shop, "replayed-once")) == 2, "the first event, and the letter's"
    after = await kept(shop, id_)
    assert after["replays"][0]["at"].year == 2031, "by the clock that all goes by"
    assert (after["status"], len(after["replays"]), "claim" in after) == ("replayed", 1, False)


async def test_who_loses_one_of_several_replays_none_of_them(shop: Api) -> None:
    """Mechanism: all are claimed in one transaction; without it the other letter stays claimed, and is published by
    nobody, or is published though the answer is no."""
    office = await shop.asker(Role.back_office)
    mine, both = await refused(shop, "replayed-several"), await refused(shop, "replayed-several", 41)
    picked = await deadletters.pick(shop.settings, [mine, both])
    assert await replay(office, both) == (200, None)
    with pytest.raises(deadletters.ReplayedBeforeError, match="several:0:41"):
        await deadletters.replay(shop.settings, picked)
    assert (await kept(shop, mine))["status"] == "open"
    # The command line, by reason, leaves out what others were quicker to replay.
    assert len(await deadletters.replay(shop.settings, picked, leave_out=True)) == 1
    assert [len((await kept(shop, each))["replays"]) for each in (mine, both)] == [1, 1]


async def test_a_replay_that_was_broken_off_is_taken_over_after_a_while(shop: Api, monkeypatch: Any) -> None:
    """Mechanism: `broken_off`; without it a letter whose replay died between claim and publishing is never replayed."""
    office = await shop.asker(Role.back_office)
    id_ = await refused(shop, "replayed-broken")

    async def dies(*_: Any) -> None:
        raise ConnectionError("as if the process were killed here")

    picked = await deadletters.pick(shop.settings, [id_])
    with monkeypatch.context() as now, pytest.raises(ConnectionError):
        now.setattr(deadletters, "_send", dies)
        await deadletters.replay(shop.settings, picked)
    shown = (await office.get("/dead-letters/letter", letter=id_)).json()
    assert (shown["status"], shown["replays"]) == ("replaying", [])
    assert "broken off" in shown["next"]
    assert [each["id"] for each in (await office.get("/dead-letters", status="replaying")).json()["letters"]] == [id_]
    assert await replay(office, id_) == (409, "replayed_before")
    assert await replay(office, id_, again=True) == (409, "replayed_before"), "it may be about to be published"
    long_ago = wall() - BROKEN_OFF - timedelta(seconds=1)
    await shop.database[DEAD_LETTERS].update_one({"_id": picked[0].id}, {"$set": {"claim.at": long_ago}})
    told = await asyncio.gather(*(replay(office, id_) for _ in range(AT_ONCE)))
    assert Counter(told) == {(200, None): 1, (409, "replayed_before"): AT_ONCE - 1}
    assert len(await on_topic(shop, "replayed-broken")) == 2
    assert (await kept(shop, id_))["status"] == "replayed"


async def test_what_is_refused_anew_before_it_is_marked_stays_open(shop: Api, monkeypatch: Any) -> None:
    """Mechanism: the mark asks for its own claim; without it a letter is told to be replayed that was refused since."""
    id_ = await refused(shop, "replayed-anew")
    send = deadletters._send

    async def refused_at_once(*given: Any) -> Any:
        sent = await send(*given)
        change = {"$set": {"status": "open", "reason": "before_purchase"}, "$unset": {"claim": ""}}
        await shop.database[DEAD_LETTERS].update_one({"_id": id_.replace("/", "|", 1)}, change)
        return sent

    monkeypatch.setattr(deadletters, "_send", refused_at_once)
    assert len(await deadletters.replay(shop.settings, await deadletters.pick(shop.settings, [id_]))) == 1
    after = await kept(shop, id_)
    assert (after["status"], after["reason"], after.get("replays")) == ("open", "before_purchase", None)


async def test_a_broken_off_replay_of_the_ledgers_is_accounted_for_once(shop: Api) -> None:
    """Mechanism: `accounting._sent`; without it a letter whose replay died right after publishing is an effect, too."""
    base, places = shop.database, [origin(f"{shop.settings.prefix}partner.counts", offset) for offset in (1, 2)]
    keys = [f"{each['topic']}:0:{each['offset']}" for each in places]
    for place, key in zip(places, keys, strict=True):
        letter = {
            "_id": f"earn-ledger|{key}",
            "origin": place,
            "record": {"topic": "activities"},
            "status": "replaying",
        }
        await base[DEAD_LETTERS].insert_one(letter)
    await base["journal"].insert_one({"_id": "counts", "origin": keys[0], "member": "m-counts", "seq": None})
    found = (await outcomes(base, shop.settings.prefix))[LETTER]
    assert [each in found for each in keys] == [False, True]
    await base["journal"].delete_one({"_id": "counts"})  # others share this database
    await base[DEAD_LETTERS].delete_many({"_id": {"$in": [f"earn-ledger|{each}" for each in keys]}})
