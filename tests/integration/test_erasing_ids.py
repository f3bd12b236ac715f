"""Events whose own id is, or has in it, what an erased person was called: of others they count once, and can be
replayed; of the person the erasure ends all the same. Through all services on real servers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from shared.settings import Settings
from tests.integration.pipeline import Pipeline, running
from tests.integration.terminal import Commands, commands
from tests.integration.test_people import MONDAY, balance, bought, event, in_order, signup

ANN = {"reference": "a-1", "card": "7700112200165", "phone": "+84937001688", "email": "annabel@example.com"}
BOB = {"reference": "b-1"}
STRANGER = {"reference": "x-1"}
OURS = ("7700112200165", "+84937001688", "annabel@example.com")


@pytest.fixture
def doublestar(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Commands:
    return commands(settings, monkeypatch)


def back(purchase: str, member: Mapping[str, str]) -> tuple[str, bytes]:
    return event("return", f"back-{purchase}", MONDAY, member=member, purchase=purchase)


async def stars(pipeline: Pipeline, doublestar: Commands, who: str) -> int:
    await in_order(pipeline)
    return await balance(pipeline, (await doublestar("members", "find", f"grocer:{who}")).strip())


@pytest.mark.parametrize("alike", [False, True])
async def test_ids_stay_what_they_are(settings: Settings, doublestar: Commands, *, alike: bool) -> None:
    """Mechanisms: `said.ID` (without it the stranger's purchases became two events of one id, one of which was lost,
    and the other posted twice; Bob's return came back as refused), `Terms._stays` and `own_ids` (without these the
    erasure ended with 1 for ever, and kept what it looked for). alike: somebody else is known by Ann's card, as a
    number of the partner's; so are ids of her own with that in them."""
    waiting = [bought(ANN["phone"], STRANGER, 0, 20), bought(ANN["card"], STRANGER, 0, 30)]
    late = bought(ANN["email"], BOB, 0, 40)
    async with running(settings) as pipeline:
        await pipeline.open_topic("grocer")
        await pipeline.send([
            signup(f"signup-annabel-{ANN['card']}", ANN, "Annabel"), bought("Annabel", ANN, 0, 9),
            *([signup("s-4", {"reference": ANN["card"]}, "Otto")] if alike else []),
            signup("s-2", BOB, "Bob"), *waiting, back(ANN["email"], BOB),
        ])  # fmt: skip
        await pipeline.rest()
        ann = (await doublestar("members", "find", "grocer:a-1")).strip()
        [letter] = await pipeline.database("earn").dead_letters.find({"reason": "unknown_purchase"}).to_list()
        by = ("--reason", "asked by letter", "--person", "staff-7", "--approved-by", "staff-8")
        proof = await doublestar("members", "erase", ann, *by)
        assert ("THE SAME NAME" if alike else "found nowhere but in ids that stay") in proof
        assert "LEFT" not in proof
        assert f"KEPT: {1 if alike else 2} documents of earn.waiting tell an id" in proof
        note: Any = await pipeline.database("earn").erasures.find_one({"_id": ann})
        assert (note["state"], "terms" in note) == ("done", False)
        again = await doublestar("members", "erase", ann, *by)
        assert "it was done before" in again
        entry: Any = await pipeline.database("earn").journal.find_one({"_id": "/partners/grocer|Annabel"})
        assert not any(each.encode() in entry["event"] for each in OURS)
        if alike:
            assert await stars(pipeline, doublestar, ANN["card"]) == 25

        # 20 and 30 by purchases whose ids are Ann's phone and card, each once, however often they are sent.
        await pipeline.send([signup("s-3", STRANGER, "Stranger")])
        assert await stars(pipeline, doublestar, "x-1") == 25 + 20 + 30
        await pipeline.send(waiting)
        assert await stars(pipeline, doublestar, "x-1") == 25 + 20 + 30
        await pipeline.send([back(ANN["card"], STRANGER)])
        assert await stars(pipeline, doublestar, "x-1") == 25 + 20

        # What Bob gave back before his purchase came: 40 and 40 less, once the letter is replayed.
        await pipeline.send([late])
        assert await stars(pipeline, doublestar, "b-1") == 25 + 40
        assert "1 replayed" in await doublestar("deadletters", "replay", letter["place"], "--yes")
        assert await stars(pipeline, doublestar, "b-1") == 25
