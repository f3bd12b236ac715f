"""A member's story tells what was won that is no points."""

from __future__ import annotations

from shared.ops.story import build_story
from shared.ops.telling import tell_story
from tests.unit.books import BOOK, DOCUMENT, FRIDAY, JOURNAL, MEMBER, TIERS


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
