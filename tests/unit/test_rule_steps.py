"""Why a referral or a tier's gift has given nothing: each step that it needs, and which is missing; by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.ops.databases import rulebook
from shared.ops.explaining import UNKNOWN
from shared.ops.rebuilding import Sources
from shared.ops.rule_story import rule_named, story_of
from shared.ops.telling_rule import tell_rule
from shared.rules.saying.speaking import Language
from tests.unit.books import BASKET, MEMBER, REGISTRY, SIGNUP, definition, entry, partner_event

NOW = datetime(2017, 6, 1, tzinfo=UTC)
FRIEND = definition(
    "referral", "friend", title="Bring a friend", schedule={"from": "2017-02-01", "until": "2017-03-01"},
    advocate={"fixed": 50}, friend={"fixed": 20},
)  # fmt: skip
BOOK = rulebook([*REGISTRY, FRIEND])


def referral(day: str, seq: int = 2) -> dict[str, Any]:
    return entry(seq, partner_event("referral", "ref-1", f"2017-{day}T12:00:00-05:00", {}))


def purchase(day: str, seq: int = 3) -> dict[str, Any]:
    return entry(seq, partner_event("purchase", "basket-1", f"2017-{day}T12:00:00-05:00", BASKET))


def told(
    rule: str, *journal: dict[str, Any], tiers: Mapping[str, Any] | None = None, language: Language = "en"
) -> list[str]:
    """The lines about the steps."""
    found = story_of(MEMBER, rule_named(rule, BOOK), Sources([SIGNUP, *journal], BOOK), UNKNOWN, NOW, tiers)
    lines = tell_rule(found, language)
    return lines[lines.index("") + 1 :]


@pytest.mark.parametrize(
    ("journal", "steps"),
    [
        ([], ["no: somebody has referred the member: no referral is known"]),
        (
            [referral("02-10")],
            [
                "yes: somebody has referred the member (grocer ref-1, Friday 2017-02-10 12:00 local)",
                "yes: the rule ran when the referral was made",
                "no: the first purchase was after the referral: no purchase yet: the next one is rewarded",
            ],
        ),
        (
            [purchase("02-01"), referral("02-10")],
            [
                "yes: somebody has referred the member (grocer ref-1, Friday 2017-02-10 12:00 local)",
                "yes: the rule ran when the referral was made",
                "no: the first purchase was after the referral: it was before (grocer basket-1, Wednesday 2017-02-01 "
                "12:00 local), and only new customers are rewarded",
            ],
        ),
        (
            [referral("01-31"), purchase("02-02")],
            [
                "yes: somebody has referred the member (grocer ref-1, Tuesday 2017-01-31 12:00 local)",
                "no: the rule ran when the referral was made: only from Wednesday 2017-02-01 00:00 on; this was "
                "Tuesday 2017-01-31 12:00",
                "yes: the first purchase was after the referral",
            ],
        ),
    ],
)  # fmt: skip
def test_a_referral_says_which_step_is_missing(journal: list[dict[str, Any]], steps: list[str]) -> None:
    head, *found = told("friend", *journal)
    assert head == "as the friend; who refers somebody is rewarded together with them"
    assert found == [f"  {step}" for step in steps]


def test_a_referral_in_vietnamese() -> None:
    assert told("friend", language="vi")[1:] == ["  chưa đạt: đã được ai đó giới thiệu: chưa có lời giới thiệu nào"]


def test_a_gift_says_how_many_qualifying_points_are_missing() -> None:
    """Gold from 90 on; 42 this year, and last year's do not count."""
    tiers = {"ladders": {"star-ladder": {"years": {"2016": 80, "2017": 42}, "reached": {}}}, "gifts": []}
    asked = "Gold was reached, from 90 qualifying points in a year on (Star-Ladder (star-ladder))"
    assert told("surprise", tiers=tiers) == [f"  no: {asked}: 48 more qualifying points; 42 in 2017"]
    assert told("surprise") == [f"  no: {asked}: 90 more qualifying points; 0 in 2017"]


def test_a_gift_that_was_given() -> None:
    reached = {"gold": "2017-02-01T12:00:00-05:00"}
    tiers = {"ladders": {"star-ladder": {"years": {"2017": 95}, "reached": reached}}, "gifts": ["surprise"]}
    found = story_of(MEMBER, rule_named("surprise", BOOK), Sources([SIGNUP], BOOK), UNKNOWN, NOW, tiers)
    lines = tell_rule(found)
    assert "given once: certificate" in lines
    assert lines[-1] == "  yes: Gold was reached, from 90 qualifying points in a year on (Star-Ladder (star-ladder))"


def test_what_gives_nothing_by_itself_is_said_without_a_programmers_list() -> None:
    with pytest.raises(LookupError, match=r"no rule is called zzz; there are base, double, fresh, friend, school"):
        rule_named("zzz", BOOK)
