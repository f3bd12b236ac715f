"""A survivor's story when goods of the duplicate's come back: what was taken of whose. By hand."""

from __future__ import annotations

from shared.ops.story import Story, build_story
from shared.ops.telling import tell_story
from shared.ops.why import _TOLD
from tests.unit.campaignkit import Campaigning
from tests.unit.partnerkit import ANN, BOB
from tests.unit.rulekit import rule

RULES = (
    rule("ny", "then: {fixed: 100}", "bonus"),
    rule("two", "progress: {count: times, period: ever, goal: 2}\nthen: {fixed: 30}", "challenge"),
)


def story(found: Campaigning, who: str) -> Story:
    """As it is now; of entries it has what `doublestar why` reads of them."""
    read = {"_id", *(name.partition(".")[0] for name in _TOLD)}
    journal = [{name: kept for name, kept in each.items() if name in read} for each in found.journal(who)]
    return build_story(found.books("members")[who], journal, None, found.book, 0)


async def test_what_came_back_of_the_duplicates_goods_is_no_earning_of_the_survivors() -> None:
    """Ann buys for 20,000 twice, Bob for 10,000; she is merged into him, and all of hers comes back. Mechanism:
    `came_back`; without it he has earned less than nothing: -3 base, -100 ny."""
    found = Campaigning(*RULES)
    for who in (ANN, BOB):
        await found.joins(who, "home")
    hers = [await found.buys_lines(ANN, 20_000) for _ in range(2)]
    await found.buys_lines(BOB, 10_000)
    await found.merges(ANN, BOB)
    his, theirs = story(found, BOB), story(found, ANN)
    assert (his.by_rule, his.came_back) == ({"ny": 100, "base": 1}, {})
    assert theirs.by_rule == {"ny": 200, "two": 30, "base": 4}
    for each in hers:
        await found.gives_back(BOB, each)
    after = story(found, BOB)
    assert after.by_rule == {"ny": 100, "base": 1}
    assert after.came_back == {ANN: {"base": 4, "ny": 200, "two": 30}}
    assert after.balances["stars"] == 101
    assert story(found, ANN).by_rule == theirs.by_rule
    said = [" ".join(each.split()) for each in tell_story(after)]
    assert "earned 100 ny, 1 base" in said
    assert f"came back of what {ANN} had bought: 4 base, 200 ny, 30 two" in said
    assert f"trả lại từ hàng do {ANN} mua: 4 base, 200 ny, 30 two" in [
        " ".join(each.split()) for each in tell_story(after, "vi")
    ]
