"""A member's story tells what was won that is no points."""

from __future__ import annotations

from typing import Any

from shared.ops.story import build_story, what
from shared.ops.telling import tell_story
from shared.rules.saying.speaking import written
from tests.unit.books import BOOK, DOCUMENT, FRIDAY, JOURNAL, MEMBER, TIERS, award, entry

NOTHING = "1 event earned nothing (--event ID says why)"


def test_a_story_has_what_was_won_besides_points() -> None:
    """Vouchers with their code and last instant, gifts, tickets, tags; breaks where only points are told."""
    won = {"member": MEMBER, "rule": "r", "version": 1, "at": FRIDAY["at"]}
    things = [
        {**won, "kind": "voucher", "title": "Coffee", "code": "ABC", "until": "2017-02-01T05:00:00+00:00"},
        {**won, "kind": "gift", "title": "Mug"},
        {**won, "kind": "tickets", "title": "T", "draw": "spring", "count": 2},
    ]
    told = tell_story(build_story({**DOCUMENT, "tags": ["vip", "early"]}, JOURNAL, TIERS, BOOK, 1, things))
    assert told[4:8] == [
        "won      voucher Coffee, code ABC, before Wednesday 2017-02-01 00:00 (r, 2017-01-06)",
        "won      gift Mug (r, 2017-01-06)",
        "won      2 tickets for spring (r, 2017-01-06)",
        "tags     early, vip",
    ]


def granted(seq: int, cause: str, **said: Any) -> dict[str, Any]:
    """The journal's entry of a grant for an event."""
    head = {"specversion": "1.0", "id": f"g-{seq}", "source": "/campaigns", "type": "loyalty.grant.v1"}
    data = {"member": MEMBER, "rule": "r", "version": 1, "reason": "bonus", "period": "ever", **said}
    full = {**data, "cause": {"source": "/partners/grocer", "id": cause}}
    given = [award("r", said["points"])] if said["points"] else []
    return entry(seq, {**head, "time": "2017-01-06T09:00:00-05:00", "data": full}, *given)


def test_events_that_earned_nothing_are_partners_events() -> None:
    """Of one purchase that brought nothing one is told; breaks where the grant of a tag, which has no points, is
    counted as an event, or a purchase that campaigns gave points for as one that earned nothing."""
    assert tell_story(build_story(DOCUMENT, JOURNAL, TIERS, BOOK))[-1] == NOTHING
    tagged = granted(7, "basket-4", wallet="none", points=0, tag="vip")
    assert tell_story(build_story(DOCUMENT, [*JOURNAL, tagged], TIERS, BOOK))[-1] == NOTHING
    won = granted(8, "basket-3", wallet="stars", points=5)
    assert build_story(DOCUMENT, [*JOURNAL, tagged, won], TIERS, BOOK).earned_nothing == 0


def test_the_day_that_a_challenge_was_won_for_is_a_date_in_each_language() -> None:
    """Mechanism: `period_said`; without it the Vietnamese line has 2017-03-04, as no other date of it is written."""
    of = {"reason": "challenge", "points": 9, "wallet": "stars", "issuer": "programme"}
    day, week = (what(granted(1, "b-4", period=each, **of)) for each in ("2017-03-04", "2017-W09"))
    assert written(day) == "challenge 2017-03-04, by grocer b-4"
    assert "04/03/2017" in written(day, "vi") and "2017-03-04" not in written(day, "vi")
    assert written(week) == "challenge 2017-W09, by grocer b-4"
