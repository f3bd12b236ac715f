"""A member's wallets in their story: what can be spent, what is to come, what ends next; and what moved by no rule."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from shared.ledger import lots
from shared.ledger.terms import Terms
from shared.ops.purses import Purse, purses_of
from shared.ops.story import build_story
from shared.ops.telling import tell_story
from shared.rules import membership
from tests.unit.books import BOOK, DOCUMENT, JOURNAL, MEMBER, TIERS

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2017, 2, 1, 12, tzinfo=UTC)


def instant(local: str) -> str:
    """A local time as lots have it."""
    return datetime.fromisoformat(local).replace(tzinfo=NEW_YORK).astimezone(UTC).isoformat(timespec="microseconds")


def owner() -> dict[str, Any]:
    """Points of every sort; ten ended yesterday, and nobody has swept them."""
    member = membership.newcomer(MEMBER)
    lots.add(member, "stars", 10, Terms(None, instant("2017-02-01T00:00")))
    lots.add(member, "stars", 7, Terms(None, instant("2017-03-01T00:00")))
    lots.add(member, "stars", 5, Terms(instant("2017-02-20T09:00"), instant("2017-03-01T00:00")))
    lots.add(member, "stars", 40, Terms(None, instant("2017-06-01T00:00")))
    lots.add(member, "miles", 3, Terms("on:delivered:/partners/x|p", None))
    lots.add(member, "idle", 4, Terms(None, "idle:1 month"))
    member["active"] = {"idle": instant("2017-01-15T10:00")}
    lots.claw(member, "cash", 6, NOW.isoformat())
    return member


def test_a_wallet_tells_what_is_there_and_what_ends_next() -> None:
    """By hand: 7 + 40 to spend; 5 pending; 7 + 5 good to the end of February; idle a month after 15 January."""
    member = owner()
    before = orjson.dumps(member)
    assert purses_of(member, NEW_YORK, NOW) == [
        Purse("cash", 0, 0, 0, 6, 0, None),
        Purse("idle", 4, 0, 0, 0, 4, "2017-02-15"),
        Purse("miles", 0, 3, 0, 0, 0, None),
        Purse("stars", 47, 5, 0, 0, 12, "2017-02-28"),
    ]
    assert orjson.dumps(member) == before  # looking changes nothing


def test_what_inactivity_has_ended_is_not_there() -> None:
    later = datetime(2017, 2, 16, 5, tzinfo=UTC)  # midnight in New York
    idle = next(each for each in purses_of(owner(), NEW_YORK, later) if each.wallet == "idle")
    assert (idle.active, idle.ending) == (0, 0)


def test_the_story_tells_them_in_both_languages() -> None:
    story = build_story({**DOCUMENT, "lots": owner()["lots"]}, JOURNAL, TIERS, BOOK, now=NOW)
    line = next(each for each in tell_story(story) if each.startswith("of it"))
    assert "3 miles pending" in line
    assert "5 stars pending, 12 stars until the end of 2017-02-28" in line
    assert any("12 stars đến hết ngày" in each for each in tell_story(story, "vi"))


def test_what_expired_or_was_spent_is_a_chapter_and_promises_are_none() -> None:
    """The balances run through them; rules' sums do not."""
    moved = [moving(7, "expiry", -11), moving(8, "redemption", -50), {**moving(9, "hold", 5), "seq": None}]
    story = build_story({**DOCUMENT, "balances": {"stars": 200}}, [*JOURNAL, *moved], TIERS, BOOK)
    assert [(each.kind, each.balances["stars"]) for each in story.chapters[-2:]] == [
        ("expiry", 250),
        ("redemption", 200),
    ]
    assert "expiry" not in story.by_rule
    told = " ".join(" ".join(tell_story(story)).split())
    assert "-11 stars: -11 expiry = 250 stars" in told


def moving(seq: int, kind: str, points: int) -> dict[str, Any]:
    """An entry of the clock, or of a till."""
    at = datetime(2017, 1, 20 + seq, tzinfo=UTC)
    said = {"kind": kind, "id": f"{kind}-{seq}", "wallet": "stars", "points": points, "at": at.isoformat()}
    return {
        "_id": f"/earn|{seq}", "member": MEMBER, "seq": seq, "kind": kind, "at": at, "awards": [], "facts": {},
        "postings": [], "event": orjson.dumps(said),
    }  # fmt: skip
