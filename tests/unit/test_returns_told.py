"""Why of a return, in words; and of what follows it: a member's past without what came back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from shared.ops.explaining import UNKNOWN, explain
from shared.ops.rebuilding import Sources, before
from shared.ops.rule_story import RuleStory, rule_named, story_of
from shared.ops.story import build_story
from shared.ops.telling import tell_story
from shared.ops.telling_events import tell_explanation
from shared.ops.telling_rule import tell_rule
from shared.ops.telling_rulings import tell_ruling
from tests.unit.partnerkit import ANN
from tests.unit.returnkit import Shop
from tests.unit.rulekit import PROGRAMME, book, line, rule
from tests.unit.test_rebuilding import ME, Books, at

BASE = rule("base", "then: {per_amount: {per: 10}}")
ONCE = rule("once", "when: basket.total >= 50\nthen: {fixed: 25}\nlimits: [{period: month}]")
ASKS = rule("asks", "when: history.sum(basket.total, this_month) >= 900 || history.distinct(event.store, ever) > 8\n"
                    "then: {fixed: 1}")  # fmt: skip


def journal(found: Shop) -> list[dict[str, Any]]:
    return list(found.store.collection("journal").values())


async def test_a_return_says_what_went_back_of_which_purchase_by_which_rule() -> None:
    found = Shop(book(BASE, ONCE))
    bought = await found.buys(line("30"), line("40"))
    back = await found.returns(bought, (0, 1))
    told = "\n".join(tell_explanation(explain(found.entry(back), Sources(journal(found), found.book))))
    assert f"return of grocer {bought}" in told
    left = f"for what is left of grocer {bought} it gives"
    assert f"  + A title (base, v1, return): -3 stars; {left} 4 stars, instead of 7 stars" in told
    assert f"  + A title (once, v1, return): -25 stars; {left} nothing any more, instead of 25 stars" in told
    story = "\n".join(tell_story(build_story(found.member(), journal(found), None, found.book, 0)))
    assert f"return of grocer {bought}" in story


async def test_what_a_policy_leaves_to_the_member_is_told() -> None:
    """Of seven that were earned four are spent. Mechanism: `spared` of the entry, and of the explanation."""
    found = Shop(book(BASE, programme=PROGRAMME.replace("[stars,", "[{id: stars, on_return: pending},")))
    bought = await found.buys(line("70"))
    member = found.store.documents["members", ANN]
    member["balances"]["stars"] -= 4
    member["lots"][0]["points"] -= 4
    back = explain(found.entry(await found.returns(bought)), Sources(journal(found), found.book))
    assert (back.spared, [each.points for each in back.parts]) == ({"stars": 4}, [-3])
    assert "spent already, and left to the member as the wallet's `on_return` says: 4 stars" in tell_explanation(back)
    assert "đã tiêu rồi, và hội viên được giữ theo `on_return` của ví: 4 stars" in tell_explanation(back, "vi")


async def test_the_past_of_what_comes_after_is_without_what_came_back() -> None:
    """Balances, what was ever earned, uses and history, as the ledger has them. Mechanism: `unwinding.unwind`."""
    found = Shop(book(BASE, ONCE, ASKS))
    whole = await found.buys(line("60"), store="a")
    part = await found.buys(line("30"), line("40"), store="b")
    await found.returns(whole)
    await found.returns(part, (1, 1))
    again = await found.buys(line("50"))
    assert found.points(again)["once"] == 25  # the first one's use came back
    past = before(found.entry(again)["seq"] + 1, ANN, Sources(journal(found), found.book)).earn.document
    member = found.member()
    assert (past["balances"], past["lifetime"]) == (member["balances"], member["lifetime"])
    assert past["history"] == member["history"]
    used = {key: {b: n for b, n in buckets.items() if n} for key, buckets in past["uses"].items()}
    assert used == member["uses"]
    why = explain(found.entry(again), Sources(journal(found), found.book))
    assert [(each.rule, each.why) for each in why.rulings if each.points] == [("base", None), ("once", None)]


def about(found: Shop, rule_: str) -> RuleStory:
    """One rule and the member, at the end of the day."""
    sources = Sources(journal(found), found.book)
    return story_of(ANN, rule_named(rule_, found.book), sources, UNKNOWN, datetime.fromisoformat(at(1, 23)))


async def test_a_rule_tells_what_it_gave_and_what_returns_took_back_of_it() -> None:
    """70.00, of which 30.00 come back: 3 stars of 7, and the 25 that asked for 50.00. Breaks where a return's points
    are counted as a time that the rule gave."""
    found = Shop(book(BASE, ONCE))
    bought = await found.buys(line("30"), line("40"))
    back = await found.returns(bought, (0, 1))
    base, once = about(found, "base"), about(found, "once")
    assert tell_rule(base)[2:5] == [
        "given once: 7 stars; taken back once by a return: 3 stars; left of it: 4 stars",
        f"  2017-03-01  grocer {bought}            7 stars: 7 base (v1)",
        f"  2017-03-01  return of grocer {bought}  -3 stars: -3 base (v1)",
    ]
    assert tell_rule(once)[2] == "given once: 25 stars; taken back once by a return: 25 stars; left of it: nothing"
    assert (
        tell_rule(once, "vi")[2]
        == "đã cho 1 lần: 25 stars; đã thu lại 1 lần vì trả hàng: 25 stars; còn lại: không có gì"
    )
    assert (once.times, once.points, once.back.times, once.back.points) == (1, {"stars": 25}, 1, {"stars": 25})
    await found.returns(bought, (1, 1))
    await found.buys(line("20"))
    assert back and tell_rule(about(found, "base"))[2] == (
        "given 2 times: 9 stars; taken back 2 times by returns: 7 stars; left of it: 2 stars"
    )


def test_what_campaigns_took_back_of_points_and_a_voucher_is_one_return() -> None:
    """A correction has the scope of what it corrects, and is dated alike; a thing says when it was withdrawn."""
    rules = book(rule("both", "then: [{fixed: 5}, {voucher: {title: A coffee}}]", "bonus"))
    books, scope = Books(rules), "b-0"  # as `Books.grant` has it
    books.send("signup", "s", at(1, 8))
    books.buy("b-0", at(2), "35.00")
    books.grant("both", "b-0", at(2), points=5)
    books.send("return", "r-0", at(4), purchase="b-0")
    books.grant("both", "r-0", at(2), points=-5, corrects=f"both:{ME}:{scope}")
    when = datetime.fromisoformat(at(2))
    thing = {"_id": f"both:{ME}:{scope}:t0", "member": ME, "rule": "both", "version": 1, "at": when}
    thing |= {"kind": "voucher", "title": "A coffee", "withdrawn": datetime.fromisoformat(at(4))}
    sources = replace(books.sources, things=[thing])
    lines = tell_rule(story_of(ME, rule_named("both", rules), sources, UNKNOWN, datetime.fromisoformat(at(9))))
    assert lines[2] == (
        "given once: 5 stars, voucher A coffee; taken back once by a return: 5 stars, voucher A coffee; "
        "left of it: nothing"
    )
    assert lines[-1] and [each for each in lines if "return of grocer b-0" in each] == [
        "  2017-03-04  return of grocer b-0  -5 stars: -5 both (v1), taken back once by a return: voucher A coffee"
    ]


def rows(found: Shop, back: str) -> list[str]:
    """What a return says of each rule."""
    told = tell_explanation(explain(found.entry(back), Sources(journal(found), found.book)))
    return [each.strip() for each in told if ", return): " in each]


async def test_each_rule_of_a_purchase_says_what_a_return_did_to_it() -> None:
    """Less, nothing any more, as before, and at last nothing is left. Breaks where all rules say the same, or those of
    which nothing went say nothing."""
    found = Shop(book(BASE, ONCE, rule("card", "then: {fixed: 5}"), rule("sorry", "on: return\nthen: {fixed: 1}")))
    bought = await found.buys(line("30"), line("40"))
    first, second = await found.returns(bought, (0, 1)), await found.returns(bought)
    left = f"for what is left of grocer {bought}"
    assert rows(found, first) == [
        f"+ A title (base, v1, return): -3 stars; {left} it gives 4 stars, instead of 7 stars",
        f"= A title (card, v1, return): it stays: 5 stars {left}",
        f"+ A title (once, v1, return): -25 stars; {left} it gives nothing any more, instead of 25 stars",
    ]
    gone = f"nothing is left of grocer {bought}, for which it gave"
    assert rows(found, second) == [
        f"+ A title (base, v1, return): -4 stars; {gone} 4 stars",
        f"+ A title (card, v1, return): -5 stars; {gone} 5 stars",
    ]
    rulings = explain(found.entry(first), Sources(journal(found), found.book)).rulings
    assert [(each.rule, each.verdict, each.points) for each in rulings] == [
        ("sorry", "applies", 1), ("base", "applies", -3), ("card", "stays", 0), ("once", "applies", -25),
    ]  # fmt: skip


async def test_a_rule_of_a_group_that_wins_for_what_is_left_says_so() -> None:
    """60.00 earned 9 by one rule; of 30.00 the other gives 3. Breaks where only what was taken is told."""
    group = "stacking: {group: g, how: best}"
    found = Shop(book(rule("big", f"when: basket.total >= 50\nthen: {{fixed: 9}}\n{group}"), BASE + f"  {group}\n"))
    bought = await found.buys(line("30"), line("30"))
    back = await found.returns(bought, (0, 1))
    left = f"for what is left of grocer {bought}"
    assert rows(found, back) == [
        f"+ A title (big, v1, return): -9 stars; {left} it gives nothing any more, instead of 9 stars",
        f"+ A title (base, v1, return): 3 stars; {left} it gives 3 stars, where another of its group came before",
    ]


async def test_what_a_policy_leaves_is_not_what_a_rule_gives() -> None:
    """All of 7 would go, and 4 are spent. Breaks where the row goes by what was posted."""
    found = Shop(book(BASE, programme=PROGRAMME.replace("[stars,", "[{id: stars, on_return: pending},")))
    bought = await found.buys(line("70"))
    member = found.store.documents["members", ANN]
    member["balances"]["stars"] -= 4
    member["lots"][0]["points"] -= 4
    [row] = rows(found, await found.returns(bought))
    assert (
        row == f"+ A title (base, v1, return): -3 stars; nothing is left of grocer {bought}, for which it gave 7 stars"
    )


def test_a_bonus_that_campaigns_took_back_says_so_and_one_that_stays_stays() -> None:
    """Breaks where grants of the purchase, or corrections of the return, are not counted."""
    rules = book(rule("some", "then: {fixed: 5}", "bonus"), rule("other", "then: {fixed: 6}", "bonus"))
    books, scope = Books(rules), "b-0"
    books.send("signup", "s", at(1, 8))
    books.buy("b-0", at(2), "35.00")
    for name, points in (("some", 5), ("other", 6)):
        books.grant(name, "b-0", at(2), points=points)
    books.send("return", "r-0", at(4), purchase="b-0", amount="10.00")
    books.grant("some", "r-0", at(2), points=-2, corrects=f"some:{ME}:{scope}")
    entry = next(each for each in books.sources.journal if each["_id"].endswith("|r-0"))
    rulings = explain(entry, books.sources).rulings
    told = [tell_ruling(each)[0].strip() for each in rulings]
    assert told == [
        "+ A title (some, v1, return): -2 stars; for what is left of grocer b-0 it gives 3 stars, instead of 5 stars",
        "= A title (other, v1, return): it stays: 6 stars for what is left of grocer b-0",
    ]
