"""What became of a referred friend's first purchase, told: returned, or not what the rule asks for; by hand."""

from __future__ import annotations

from typing import Any

from shared.ops.explaining import UNKNOWN
from shared.ops.rebuilding import Sources
from shared.ops.rule_story import RuleStory, rule_named, story_of
from shared.ops.telling_rule import tell_rule
from shared.rules.saying.speaking import Language, data
from tests.unit.partnerkit import ANN
from tests.unit.referralkit import FIRST, Friends, on, refer
from tests.unit.rulekit import line

ASKED = "the first purchase, as far as it was kept, is what the rule asks for"
ADULTS = """
- {id: adults, kind: segment, effective: 2017-01-01T00:00:00-05:00, title: Adults,
   when: {any: [member.attributes.age >= 18, member.attributes.guarded == true]}}
"""


def told(found: Friends, who: str = FIRST) -> RuleStory:
    """The story of the rule and a member."""
    entries = [each for each in found.store.collection("journal").values() if each["member"] == who]
    sources = Sources(entries, found.book, campaigns=found.counted(who))
    return story_of(who, rule_named("refer", found.book), sources, UNKNOWN, on("03-20"))


def steps(found: Friends, language: Language = "en") -> list[str]:
    """Each step from the third on: what is said of the first purchase."""
    lines = tell_rule(told(found), language)
    return [each[2:] for each in lines[lines.index("") + 4 :]]


async def test_all_of_the_first_purchase_came_back_and_the_next_one_is_the_first() -> None:
    """Breaks when a purchase that came back whole still counts as the first, with or without a condition; and when the
    one after it is not looked at."""
    for condition in ("", "when: basket.total >= 20.00"):
        found = Friends(refer(condition))
        bought = await found.brings(FIRST, "03-02")
        back = await found.returns(bought, who=FIRST, at=on("03-03"))
        assert found.gave(FIRST) == (0, 0)
        said = f"all of it came back (grocer {back}, Friday 2017-03-03 12:00 local)"
        first = "yes: the first purchase was after the referral"
        assert steps(found) == [first, f"no: {ASKED}: {said}; the next purchase is the first then"]
        assert "đã trả lại tất cả" in steps(found, "vi")[1]
        await found.buys(line("15"), who=FIRST, at=on("03-04"))
        lacks = [f"no: {ASKED}", "no: the basket is at least 20.00 (is 15.00): 5.00 more"] if condition else []
        assert steps(found) == [first, *lacks]


async def test_who_bought_before_and_brought_all_of_it_back_is_a_new_customer() -> None:
    """Breaks when what came back is told as bought after the referral, or as what keeps the reward away for ever."""
    found = Friends(refer(""))
    bought = await found.brings(FIRST, "02-20")
    asked = "no: the first purchase was after the referral"
    assert steps(found)[0].startswith(f"{asked}: it was before")
    await found.returns(bought, who=FIRST, at=on("03-03"))
    assert [each[: len(asked) + 21] for each in steps(found)] == [f"{asked}: all of it came back"]
    await found.buys(line("15"), who=FIRST, at=on("03-04"))
    assert (steps(found), found.gave(FIRST)) == ([asked.replace("no", "yes", 1)], (20, 10))


async def test_what_is_left_of_the_first_purchase_is_told_with_what_it_misses() -> None:
    """Breaks when the purchase is looked at as it was bought."""
    found = Friends(refer("when: basket.total >= 20.00"))
    await found.refers(FIRST, ANN)
    bought = await found.buys(line("15"), line("6"), who=FIRST, at=on("03-02"))
    assert steps(found)[1:] == [f"yes: {ASKED}"]
    await found.returns(bought, (1, 1), who=FIRST, at=on("03-03"))
    assert steps(found)[1:] == [f"no: {ASKED}", "no: the basket is at least 20.00 (is 15.00): 5.00 more"]
    step = data(told(found).steps[-1])
    assert (step["missing"]["text"], step["finding"]["facts"][0]["value"]) == ("5.00 more", "15.00")


async def test_what_a_return_makes_fit_is_told_by_the_whole_purchase() -> None:
    """What was not met when it was bought is not met by less of it. Breaks when only what is left is looked at."""
    found = Friends(refer("when: basket.total <= 20.00"))
    await found.refers(FIRST, ANN)
    bought = await found.buys(line("15"), line("6"), who=FIRST, at=on("03-02"))
    await found.returns(bought, (1, 1), who=FIRST, at=on("03-03"))
    assert found.gave(FIRST) == (0, 0)
    assert [each[:36] for each in steps(found)[1:]] == [f"no: {ASKED}"[:36], "no: the basket is at most 20.00 (is "]


async def test_a_segment_is_told_with_its_own_condition_as_of_a_bonus() -> None:
    """Breaks when a referral's segment is told by its name alone, or a part of several that would do as if all had
    to."""
    found = Friends(ADULTS, refer("segment: adults\nwhen: basket.total >= 40"))
    await found.joins(FIRST, {"age": 14})
    await found.brings(FIRST, "03-02")
    assert steps(found)[1:] == [
        f"no: {ASKED}: only for members of the segment Adults (adults)",
        "the segment Adults (adults):",
        "  no: one of these:",
        "    no: age is at least 18: needs at least 18; is 14",
        "    no: guarded is true: guarded is unknown",
        "no: the basket is at least 40.00 (is 30.00): 10.00 more",
    ]
    segment: dict[str, Any] = data(told(found).steps[4])
    assert segment["segment"] == "adults"
    assert [each["missing"]["what"] for each in segment["finding"]["parts"]] == ["needs_at_least", "unknown"]
