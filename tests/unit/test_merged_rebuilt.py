"""The state before an event of members who were merged, rebuilt from their journals, is the state that the ledger had.

By hand, and of random lives: bought, given back, merged, merged further, taken apart, together again.
"""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from services.earn.counter.commands import Caller, Done
from services.earn.ledger import MEMBERS
from services.earn.posting import JOURNAL
from shared.events.light_entries import ASKED
from shared.ops.explaining import UNKNOWN, explain
from shared.ops.past import Past, Side
from shared.ops.rebuilding import before
from shared.ops.rejoined import join, part
from shared.ops.telling_rulings import tell_ruling
from shared.ops.why import one_event
from shared.rules import membership
from shared.runtime.memory import MemoryStore
from shared.runtime.records import Record
from tests.model.seeds import seeds
from tests.unit.campaignkit import Read
from tests.unit.partnerkit import ANN, BOB, NOON, activity, member
from tests.unit.rulekit import book, rule

CAT = member(3)
CLERK = Caller("office", person="staff-7")
THIRD = rule("third", "when: history.count(this_month) == 3\nthen: {fixed: 7}")
FRUIT = rule("fruit", "then: {fixed: 33}\nlimits: [{period: week, times: 2}]")
HOME = rule("home", "then: {fixed: 4}\nlimits: [{period: month, points: 10}]")
RICH = rule("rich", "when: member.lifetime.stars >= 90 && member.balance.stars >= 40\nthen: {fixed: 5}")
FEW = rule(
    "few", "when: history.sum(basket.total, ever) > 100000 || days_since(history.last(ever)) >= 1\nthen: {fixed: 2}"
)


class Street(Read):
    """Members who are merged and taken apart, and what is read of them."""

    async def gives_back(self, who: str, purchase: str) -> None:
        """All of a purchase of the grocer's."""
        number = self.number()
        said = {"purchase": purchase.partition("|")[2]}
        value = activity(who, "grocer", f"r-{number}", said, kind="return", at=self.clock.now, offset=number)
        await self.ledger.run([Record("activities", 0, number, value)])


async def told(street: Street, who: str, key: str) -> dict[str, list[str]]:
    """What is said of each rule, by its id, without the head of it."""
    found = one_event(who, key, await street.sources(who), UNKNOWN)
    lines = {each.rule: tell_ruling(each) for each in found.rulings}
    return {name: [said[0].partition("): ")[2], *(each.strip() for each in said[1:])] for name, said in lines.items()}


async def test_what_a_duplicate_used_and_bought_is_told_of_the_survivors_next_event() -> None:
    """Two baskets each, then one more of the survivor's. Mechanism: `rejoined.join`; without it the third rule would
    give 7 (`is 3`), and fruit's limit would have been used by the survivor's own two alone."""
    street = Street(MemoryStore(), THIRD, FRUIT)
    keys = list[str]()
    for who in (BOB, BOB, ANN, ANN):
        street.passes(hours=1)
        keys.append(await street.buys(who, "grocer", 10_000))
    before_merge = await told(street, ANN, keys[3])
    assert before_merge["third"][1] == "no: the number of purchases this month is 3 (is 2): 1 more"
    assert isinstance(await street.merges(BOB, ANN), Done)
    last = await street.buys(ANN, "grocer", 10_000)
    said = await told(street, ANN, last)
    assert said["third"] == [
        "its condition does not hold", "no: the number of purchases this month is 3 (is 5): 2 too many"
    ]  # fmt: skip
    assert said["fruit"][0] == "already used 2 times this week (by …, b-2, b-3, b-4); again from 2026-03-09"
    assert await told(street, ANN, keys[3]) == before_merge, "what was before the merge stays as it was"


async def test_apart_again_both_are_told_by_what_is_their_own() -> None:
    """Mechanism: `rejoined.part`; without it Ann's sixth basket would be told as the sixth of both. Bob's next event
    is told with what he lost meanwhile: the basket that was given back under Ann's name used his limit no more."""
    street = Street(MemoryStore(), THIRD, FRUIT)
    first, *_ = [await street.buys(who, "grocer", 10_000) for who in (BOB, BOB, ANN)]
    await street.merges(BOB, ANN)
    await street.gives_back(ANN, first)
    await street.parts(BOB)
    mine, theirs = [await street.buys(who, "grocer", 10_000) for who in (ANN, BOB)]
    assert (await told(street, ANN, mine))["third"][1] == "no: the number of purchases this month is 3 (is 2): 1 more"
    said = await told(street, BOB, theirs)
    assert said["fruit"][0] == "33 stars"
    assert street.books(JOURNAL)[theirs]["awards"][1]["rule"] == "fruit"


def rebuilt_of(document: dict[str, Any]) -> dict[str, Any]:
    """What rules may ask of a member's document, without counts of nothing."""
    uses = {key: {name: n for name, n in each.items() if n} for key, each in document.get("uses", {}).items()}
    return {
        "known": document["known"], "joined": document["joined"], "tags": document.get("tags", []),
        "uses": {key: each for key, each in uses.items() if each},
        "history": {key: each for key, each in document.get("history", {}).items() if each},
        **{name: {k: n for k, n in document.get(name, {}).items() if n} for name in ("balances", "lifetime")},
    }  # fmt: skip


async def random_life(chance: Random) -> Street:
    """Three members: most buy, some give back, and now and then two are one, or two again."""
    street = Street(MemoryStore(), THIRD, FRUIT, HOME, RICH, FEW)
    bought: list[tuple[str, str]] = []
    people = (ANN, BOB, CAT)
    for who in people:
        await street.joins(who, f"h-{who[-1]}")
    for _ in range(24):
        who, other = chance.sample(people, 2)
        street.passes(hours=chance.choice([1, 30]))
        match chance.choice(["buys", "buys", "buys", "gives back", "merges", "parts"]):
            case "buys":
                bought.append((who, await street.buys(who, "grocer", 10_000 * chance.randint(1, 6))))
            case "gives back" if bought:
                await street.gives_back(*bought.pop(chance.randrange(len(bought))))
            case "merges":
                await street.merges(who, other)
            case "parts":
                await street.parts(who)
            case _:
                pass
    for who in people:  # history is counted anew when the survivor next earns
        await street.buys(who, "grocer", 10_000)
    return street


@pytest.mark.parametrize("seed", seeds(40))
async def test_what_is_rebuilt_of_merged_members_is_what_the_ledger_has(seed: int) -> None:
    """Of everybody in the end; and each event is explained with the facts and the points that its entry has.
    Mechanism: `rebuilding._made_one`."""
    street = await random_life(Random(seed))
    for who in (ANN, BOB, CAT):
        document = street.books(MEMBERS)[who]
        sources = await street.sources(who)
        past = before(len(sources.journal) + 1, who, sources).earn.document
        if "led" not in document:
            assert rebuilt_of(past) == rebuilt_of(document)
        for entry in sources.journal:
            if entry["kind"] not in ASKED:
                continue
            found = explain(entry, sources)
            given = {
                (each.rule, part.points) for each in found.rulings
                if each.kind == "earn" and each.explained is not None and each.explained.applies
                for part in each.explained.gives if part.points
            }  # fmt: skip
            if entry["kind"] == "purchase":
                assert given == {(each["rule"], each["points"]) for each in entry["awards"]}, (seed, entry["_id"])


def test_what_campaigns_counted_of_both_is_joined_and_parted() -> None:
    """Two days and one of a challenge, a limit used by each. Mechanism: `merging_progress.lend` in `rejoined.join`."""
    days = book(rule("days", "progress: {count: days, period: week, goal: 5}\nthen: {fixed: 50}", "challenge"))
    ours, theirs = (Past(Side(membership.newcomer(who)), Side({"_id": who, "progress": {}})) for who in (ANN, BOB))
    for past, counted in ((ours, [1, 2]), (theirs, [3])):
        past.campaigns.document |= {"progress": {"days": {"w": counted}}, "uses": {"k": {"w": 1}}}
    join(ours, BOB, theirs, days)
    assert ours.campaigns.document["progress"] == {"days": {"w": [1, 2, 3]}}
    assert ours.campaigns.document["uses"] == {"k": {"w": 2}}
    assert part(ours, BOB, days, NOON) is theirs
    assert ours.campaigns.document["progress"] == {"days": {"w": [1, 2]}}
    assert ours.campaigns.document["uses"] == theirs.campaigns.document["uses"] == {"k": {"w": 1}}
