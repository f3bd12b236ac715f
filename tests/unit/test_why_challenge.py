"""What `why` says of challenges whose reward a limit or budget held back; by hand, English and Vietnamese."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.campaigns.domain import MEMBERS, RECORDS
from services.campaigns.giving import THINGS
from services.earn.posting import JOURNAL
from shared.ops.explaining import Standing, explain
from shared.ops.rebuilding import Sources, before
from shared.ops.recorded import READ
from shared.ops.rule_story import rule_named, story_of
from shared.ops.telling_rule import tell_rule
from shared.ops.telling_rulings import tell_ruling
from shared.rules.quotas import Quotas
from shared.rules.rulebook import Rulebook
from shared.rules.saying.speaking import Language
from shared.rules.usage import Ample
from shared.rules.yamlfile import read_all
from shared.runtime.quotas import QUOTAS
from shared.runtime.sharing import HOUSEHOLDS, SharedUsage
from tests.unit.partnerkit import ANN, BOB, member
from tests.unit.returnkit import NOON
from tests.unit.rulekit import line, rule
from tests.unit.test_undoing import Coalition

TWICE = "progress: {count: times, period: month, goal: 2}\n"
POT = rule("pot", f"{TWICE}then: {{fixed: 20}}\nbudget: {{points: 20}}", "challenge")
DAY = timedelta(days=1)


def sources(found: Coalition, who: str) -> tuple[Sources, Standing]:
    """As `doublestar why` reads them."""
    mine = [each for each in found.store.collection(JOURNAL).values() if each["member"] == who]
    campaigns = found.campaigns
    things = [each for each in campaigns.collection(THINGS).values() if each["member"] == who]
    kept = campaigns.collection(MEMBERS).get(who)
    noted = [{name: each[name] for name in ("_id", *READ)} for each in campaigns.collection(RECORDS).values()]
    shared = SharedUsage(dict(campaigns.collection(HOUSEHOLDS)), Quotas(dict(campaigns.collection(QUOTAS)), 1)).lane(0)
    return Sources(mine, found.book, things, campaigns=kept, noted=noted), Standing(Ample(), shared)


def told(found: Coalition, event: str, who: str = ANN, rule_: str = "pot", language: Language = "en") -> str:
    """Of a rule and an event, in a line."""
    return lines(found, event, who, rule_, language)[0].partition("): ")[2]


def lines(found: Coalition, event: str, who: str = ANN, rule_: str = "pot", language: Language = "en") -> list[str]:
    """All that is told of a rule and an event."""
    known, standing = sources(found, who)
    entry = next(each for each in known.journal if each["_id"].endswith(f"|{event}"))
    [ruling] = [each for each in explain(entry, known, standing).rulings if each.rule == rule_]
    return tell_ruling(ruling, language)


def newest(found: Coalition, who: str = ANN, rule_: str = "pot") -> str:
    """The same by `--rule`."""
    known, standing = sources(found, who)
    story = story_of(who, rule_named(rule_, found.book), known, standing, NOON + 9 * DAY)
    lines = tell_rule(story)
    [said] = [each for each in lines if f"({rule_}, v" in each and each.lstrip()[0] in "+-"]
    return said.partition("): ")[2]


def is_rebuilt(found: Coalition, who: str = ANN) -> None:
    """What is explained from is what campaigns keeps."""
    known, _ = sources(found, who)
    rebuilt, live = before(len(known.journal) + 1, who, known).campaigns.document, found.counted(who)
    for name in ("progress", "won", "goals", "again", "uses"):
        assert some(rebuilt.get(name)) == some(live.get(name)), name


def some(kept: Any) -> Any:
    """Without what is empty."""
    if isinstance(kept, dict):
        return {key: each for key, held in kept.items() if (each := some(held))}
    return sorted(kept) if isinstance(kept, list) else kept or {}


async def test_a_budget_that_pays_for_a_part_by_now() -> None:
    """Ann's two take it; Bob's two wait; then it is raised to 45, of which somebody takes twenty more: five are left of
    the twenty that the reward is. Mechanism: `_held_then` tells of no cut that was never decided; without it 15 of 20
    would be said to be taken away."""
    found = Coalition(POT)
    for _ in range(2):
        await found.buys(line("30"))
    his = [await found.buys(line("30"), who=BOB) for _ in range(2)]
    later = POT.replace("points: 20", "points: 45").replace("2017-01-01T00", "2017-03-02T00") + "  version: 2\n"
    found.book = Rulebook([*found.book.versions, *read_all([("later.yaml", later)], found.book.versions)])
    for _ in range(2):
        await found.buys(line("30"), who=member(7), at=NOON + DAY)
    held = "2 of 2 in 2017-03, but a limit or budget held it back then; by now it leaves a part of it"
    assert told(found, his[1], BOB) == held
    assert "15" not in told(found, his[1], BOB, language="vi")


async def test_a_budget_that_is_back_by_now() -> None:
    """Ann's two take it; Bob's first and second count, and wait; one of Ann's comes back, and Bob's third wins.
    Mechanisms: `challenged`, by which a period is won where something was given; `_held_then`."""
    found = Coalition(POT)
    mine = [await found.buys(line("30")) for _ in range(2)]
    his = [await found.buys(line("30"), who=BOB) for _ in range(2)]
    assert told(found, his[0], BOB) == "1 of 2 in 2017-03"
    assert told(found, his[1], BOB) == "2 of 2 in 2017-03, but its budget of 20 points is spent"
    assert told(found, his[1], BOB, language="vi") == "2 trên 2 trong 2017-03, nhưng ngân sách 20 điểm đã hết"
    assert newest(found, BOB) == "2 of 2 in 2017-03, but its budget of 20 points is spent"
    is_rebuilt(found, BOB)
    await found.returns(mine[1])
    assert told(found, his[1], BOB) == "2 of 2 in 2017-03, but its budget did not pay for it then, as it does by now"
    assert told(found, his[1], BOB, language="vi").startswith("2 trên 2 trong 2017-03, nhưng lúc đó ngân sách")
    his.append(await found.buys(line("30"), who=BOB))
    said = [told(found, each, BOB) for each in his]
    assert said == [
        "1 of 2 in 2017-03", "2 of 2 in 2017-03, but its budget of 20 points is spent", "20 stars; 3 of 2 in 2017-03"
    ]  # fmt: skip
    assert [told(found, each) for each in mine] == ["1 of 2 in 2017-03", "20 stars; 2 of 2 in 2017-03"]
    for who in (ANN, BOB):
        is_rebuilt(found, who)


async def test_what_was_won_is_won_whatever_became_of_the_budget() -> None:
    """Ann won, and the budget is spent: later events are told that, and earlier ones how far it was. Mechanism: nobody
    is asked for the reward of an event with which the goal is not reached, or the period is won already."""
    found = Coalition(POT)
    mine = [await found.buys(line("30")) for _ in range(3)]
    said = ["1 of 2 in 2017-03", "20 stars; 2 of 2 in 2017-03", "2017-03 is won already"]
    assert [told(found, each) for each in mine] == said
    assert newest(found) == said[2]
    assert told(found, mine[2], language="vi") == "2017-03 đã đạt rồi"
    is_rebuilt(found)


async def test_a_budget_that_was_raised() -> None:
    """Bob's second reached the goal while the 20 were Ann's; raised to 60, his third wins."""
    found = Coalition(POT)
    for who in (ANN, ANN):
        await found.buys(line("30"), who=who)
    his = [await found.buys(line("30"), who=BOB) for _ in range(2)]
    later = POT.replace("points: 20", "points: 60").replace("2017-01-01T00", "2017-03-02T00") + "  version: 2\n"
    found.book = Rulebook([*found.book.versions, *read_all([("later.yaml", later)], found.book.versions)])
    his += [await found.buys(line("30"), who=BOB, at=NOON + DAY * n) for n in (1, 2)]
    assert found.granted(BOB) == {"pot": 20}
    said = [told(found, each, BOB) for each in his]
    assert said[0] == "1 of 2 in 2017-03"
    assert said[1].startswith("2 of 2 in 2017-03, but its budget")
    assert said[2:] == ["20 stars; 3 of 2 in 2017-03", "2017-03 is won already"]
    is_rebuilt(found, BOB)


async def test_a_days_limit_says_from_when_it_gives_again() -> None:
    found = Coalition(
        rule("two", f"limits: [{{per: programme, period: day, times: 1}}]\n{TWICE}then: {{fixed: 9}}", "challenge")
    )
    for _ in range(2):
        await found.buys(line("30"), who=BOB)
    mine = [await found.buys(line("30")) for _ in range(2)]
    assert told(found, mine[0], rule_="two") == "1 of 2 in 2017-03"
    assert told(found, mine[1], rule_="two") == (
        "2 of 2 in 2017-03, but used up this day by all members together; again from 2017-03-02"
    )
    is_rebuilt(found)


async def test_a_reward_that_would_be_nothing_or_less() -> None:
    """9.99 come to no star; and of a budget of 30, Ann has 20."""
    small = rule("tens", f"{TWICE}then: {{per_amount: {{per: 10.00}}}}", "challenge")
    found = Coalition(POT.replace("points: 20", "points: 30"), small)
    for who in (ANN, BOB):
        mine = [await found.buys(line(amount), who=who) for amount in ("30.00", "9.99")]
        assert told(found, mine[1], who, "tens") == "2 of 2 in 2017-03, but 9.99: 1 for each 10.00, rounded down"
    assert told(found, mine[1], BOB) == (
        "10 stars; 2 of 2 in 2017-03, but 10 of 20 taken away: its budget of 30 points is spent"
    )


async def test_a_voucher_is_known_by_what_campaigns_keeps() -> None:
    """No journal has it. Mechanism: `_of_things` and `noted`; without them the third would be told to have won it."""
    said = f"{TWICE}then: {{voucher: {{title: V}}}}\nlimits: [{{per: programme, period: ever, times: 1}}]"
    found = Coalition(rule("pot", said, "challenge"))
    his = [await found.buys(line("30"), who=BOB) for _ in range(3)]
    mine = [await found.buys(line("30")) for _ in range(3)]
    assert [told(found, each, BOB)[:17] for each in his[::2]] == ["1 of 2 in 2017-03", "2017-03 is won al"]
    held = "but used up in all by all members together"
    assert [told(found, each) for each in mine[1:]] == [f"{n} of 2 in 2017-03, {held}" for n in (2, 3)]
    for who in (ANN, BOB):
        is_rebuilt(found, who)


async def test_a_voucher_that_was_withdrawn_and_won_anew_was_won_before() -> None:
    """Campaigns notes the second time alone. Mechanism: `_of_things`; without it the third would not be told that the
    period was won when it was bought."""
    found = Coalition(rule("pot", f"{TWICE}then: {{voucher: {{title: V}}}}", "challenge"))
    mine = [await found.buys(line("30")) for _ in range(3)]
    for each in mine[:2]:
        await found.returns(each)
    mine.append(await found.buys(line("30")))
    assert told(found, mine[2]) == "2017-03 is won already"
    assert told(found, mine[3]).endswith("; 2 of 2 in 2017-03")
    is_rebuilt(found)


async def test_a_reward_that_goes_back_gives_its_uses_back() -> None:
    """Of a campaign's one a month: free again for the campaign's bonus. Mechanism: `unwinding._taken`; without it the
    bonus would be told to be used up by what came back."""
    found = Coalition(
        rule("c", "limits: [{per: member, period: month, times: 1}]", "campaign"),
        rule("pot", f"campaign: c\n{TWICE}then: {{fixed: 20}}", "challenge"),
        rule("big", "campaign: c\nwhen: basket.total >= 100\nthen: {fixed: 5}", "bonus"),
    )
    mine = [await found.buys(line("30")) for _ in range(2)]
    await found.returns(mine[0])
    is_rebuilt(found)
    big = await found.buys(line("100"))
    assert told(found, big, rule_="big") == "5 stars"
    assert told(found, big) == (
        "2 of 2 in 2017-03, but campaign A title (c): already used this month; again from 2017-04-01"
    )


async def test_what_is_left_of_a_budget_in_money_is_left_of_its_newest_total() -> None:
    """Of 12.00 two vouchers of 4.10 are given, then of 20.00 two more: 3.60 is left, of 20.00. What held the first back
    is the 12.00; of the last nobody knows whether it was decided before 20.00 were published. Mechanisms: `_of` of
    `shared_told`, and `_as_written` for the decimals of the newest total; without them 12.00 with 3.60 left would be a
    sum that never was, and 20 beside 20.00 looks like another number."""
    voucher = '{voucher: {title: V, value: {amount: "4.10", currency: USD}}}'
    once = "progress: {count: times, period: month, goal: 1}\n"
    first = rule("pot", f'{once}then: {voucher}\nbudget: {{money: {{amount: "12.00", currency: USD}}}}', "challenge")
    found = Coalition(first)
    for number in range(5, 7):
        await found.buys(line("30"), who=member(number))
    mine = await found.buys(line("30"))
    short = "1 of 1 in 2017-03, but its budget of {} USD has only {} left, which does not pay for it"
    assert told(found, mine) == short.format("12.00", "3.80")
    later = first.replace("12.00", "20.00").replace("2017-01-01T00", "2017-03-02T00") + "  version: 2\n"
    found.book = Rulebook([*found.book.versions, *read_all([("later.yaml", later)], found.book.versions)])
    for number in range(7, 9):
        await found.buys(line("30"), who=member(number), at=NOON + DAY)
    little = "1 of 1 in 2017-03, but its budget {} had too little left to pay for it"
    assert told(found, mine) == little.format("of 12.00 USD")
    small = await found.buys(line("30"), who=member(9), at=NOON + DAY)
    assert told(found, small, member(9)) == little.format("(20.00 USD by now)")
    again = lines(found, await found.buys(line("30"), who=member(5)), member(5))
    assert again[0].endswith("2017-03 is won already")
    assert again[1:] == ["      budget: 16.40 of 20.00 USD spent by now (how it stands now, not before this event)"]
