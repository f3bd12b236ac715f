"""The state before an event, rebuilt from the journal, is the state that the ledger had; and the explanation with it
gives what was posted, shared limits and tiers included."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from random import Random
from typing import Any

import msgspec
import orjson
import pytest

from services.earn.entries import Entry, Status, entry
from services.earn.ledger import Ledger, LedgerState
from shared.events.light import ActivityRead, GrantRead
from shared.events.light_tiers import TierRead
from shared.ops.explaining import Standing, explain
from shared.ops.rebuilding import Sources, before
from shared.ops.rule_story import rule_named, story_of
from shared.ops.telling_rule import tell_rule
from shared.rules.quotas import Quotas
from shared.rules.rulebook import Rulebook
from shared.rules.saying.speaking import spoken
from shared.rules.usage import Ample
from shared.runtime.records import Item, Record
from shared.runtime.sharing import SharedUsage
from tests.model.seeds import seeds
from tests.unit.rulekit import book, line, rule

ME, OTHER = "m-" + "1" * 20, "m-" + "2" * 20
_DECODER = msgspec.json.Decoder(ActivityRead | GrantRead | TierRead)
LADDER = """
- id: steps
  kind: ladder
  effective: 2017-01-01T00:00:00-05:00
  title: Steps
  qualifying: [base]
  tiers: [{id: silver, title: Silver, from: 10}, {id: gold, title: Gold, from: 20}]
"""
RULES = book(
    rule("welcome", "on: signup\nthen: {fixed: 25}\nlimits: [{period: ever, times: 1}]"),
    rule("base", "then: {per_amount: {per: 1.00}}\nlimits: [{period: month, points: 90}]"),
    rule("gold", 'when: member.tier == "gold"\nthen: {again: [base]}'),
    rule("wine", '"when": \'"wine" in member.tags && member.balance.stars >= 60\'\nthen: {fixed: 5}'),
    rule("third", "when: history.count(this_week) >= 3\nthen: {fixed: 7}\nlimits: [{period: week, times: 1}]"),
    rule("scarce", "then: {fixed: 10}\nbudget: {points: 45}"),
    rule("home", "then: {fixed: 4}\nlimits: [{per: household, period: ever, times: 5}]"),
    rule("tagged", "when: basket.total >= 30.00\nthen: {tag: wine}\nlimits: [{period: ever, times: 1}]", kind="bonus"),
    LADDER,
)


class Books:
    """The real ledger over documents in memory, with what it knew of a member before each of their entries."""

    def __init__(self, rules: Rulebook) -> None:
        self.rules = rules
        self.state = LedgerState({}, {}, SharedUsage({}, Quotas({}, 1)), set())
        self.ledger = Ledger(self.state, rules, datetime.now(UTC))
        self.snapshots: dict[str, dict[str, Any]] = {}
        self.offset = 0

    def _take(self, document: dict[str, Any]) -> None:
        raw = orjson.dumps(document)
        read = _DECODER.decode(raw)
        self.offset += 1
        event: Entry | Status = Status(ME, read) if isinstance(read, TierRead) else entry(read, raw)
        if isinstance(event, Entry):
            self.snapshots[event.key] = deepcopy(self.state.members.get(event.member, {}))
        self.ledger.take(Item(Record("activities", 0, self.offset, raw), event))

    def send(self, kind: str, id_: str, time: str, member: str = ME, **data: Any) -> None:
        head = {"id": id_, "source": "/partners/grocer", "type": f"loyalty.{kind}.v1", "time": time}
        origin = {"topic": "partner.grocer", "partition": 0, "offset": self.offset}
        body = {"member": member, "origin": origin, "hash": id_, "event": {**head, "data": {"member": {}, **data}}}
        self._take({"id": id_, "source": "/earn", "type": "loyalty.activity.v1", "time": time, "data": body})

    def buy(self, id_: str, time: str, amount: str, member: str = ME) -> None:
        self.send("purchase", id_, time, member, currency="USD", lines=[line(amount)])

    def grant(self, rule_: str, cause: str, time: str, **said: Any) -> None:
        body = {"member": ME, "rule": rule_, "version": 1, "wallet": "stars", "points": 0, "issuer": "programme",
                "reason": "bonus", "cause": {"source": "/partners/grocer", "id": cause}, **said}  # fmt: skip
        head = {"specversion": "1.0", "id": f"{rule_}:{ME}:{cause}", "source": "/campaigns", "time": time}
        self._take({**head, "type": "loyalty.grant.v1", "data": body})

    def move(self, kind: str, points: int, time: str) -> None:
        """What a till, the clock or a person did, as the counter posts it."""
        member, key = self.state.members[ME], f"/{kind}|{self.offset}"
        member["seq"] += 1
        member["balances"]["stars"] += points
        said = {"wallet": "stars", "points": points}
        sides = ((f"member:{ME}", points), ("programme:redeemed", -points))
        self.state.journal[key] = {
            "_id": key, "member": ME, "seq": member["seq"], "kind": kind, "origin": None, "facts": {}, "awards": [],
            "at": datetime.fromisoformat(time), "event": orjson.dumps({"kind": kind, **said}),
            "postings": [{"account": account, "wallet": "stars", "amount": n, "rule": kind} for account, n in sides],
        }  # fmt: skip

    def tier(self, after: str | None, since: str) -> None:
        body = {"member": ME, "ladder": "steps", "after": after, "since": since}
        self._take({"id": since, "source": "/tiers", "type": "loyalty.tier.v1", "time": since, "data": body})

    @property
    def journal(self) -> list[dict[str, Any]]:
        return [each for each in self.state.journal.values() if each["member"] == ME]

    @property
    def sources(self) -> Sources:
        return Sources(self.journal, self.rules, (), self.state.members[ME].get("tiers", {}))


def at(day: int, hour: int = 12) -> str:
    return f"2017-03-{day:02d}T{hour:02d}:00:00-05:00"


def known(document: dict[str, Any]) -> dict[str, Any]:
    """What rules may ask of a member's document."""
    said = {name: each for name, each in document.get("known", {}).items() if not name.startswith("tier.")}
    return {
        "known": said, "joined": document.get("joined"), "tags": document.get("tags", []),
        "uses": document.get("uses") or {}, "referrals": document.get("referrals", 0),
        "history": {key: buckets for key, buckets in document.get("history", {}).items() if buckets},
        **{name: document.get(name) or {} for name in ("balances", "lifetime", "tiers")},
    }  # fmt: skip


def random_books(seed: int) -> Books:
    """A member's and a neighbour's spring: purchases of one household, tiers that come and go, tags."""
    chance, books = Random(seed), Books(RULES)
    for member in (ME, OTHER):
        books.send("signup", f"s-{member[-1]}", at(1, 8), member, attributes={"kids": 1}, profile={"household": "h"})
    for number in range(chance.randint(5, 14)):
        moment, id_ = at(1 + number * 2 // 3, 9 + number % 3), f"b-{number}"
        if chance.random() < 0.3:
            books.tier(chance.choice(["silver", "gold", None]), moment)
        books.buy(f"o-{number}", moment, "9.00", OTHER)
        books.buy(id_, moment, f"{chance.randint(0, 4500) / 100:.2f}")
        if chance.random() < 0.3:
            books.grant("tagged", id_, moment, tag="wine")
    return books


@pytest.mark.parametrize("seed", seeds(25))
def test_what_is_rebuilt_is_what_the_ledger_had(seed: int) -> None:
    books = random_books(seed)
    for each in books.journal:
        rebuilt = known(before(each["seq"], ME, books.sources).earn.document)
        snapshot = known(books.snapshots[each["_id"]])
        rebuilt.pop("tiers"), snapshot.pop("tiers")  # heard of before the entry, and noted in it
        assert rebuilt == snapshot


@pytest.mark.parametrize("seed", seeds(25))
def test_an_explanation_gives_what_was_posted(seed: int) -> None:
    """With the budget and the household's limit that a neighbour used too, of which only `passed` tells."""
    books = random_books(seed)
    for each in books.journal:
        if each["kind"] == "grant":
            continue
        found = explain(each, books.sources)
        posted = {(award["rule"], award["points"]) for award in each["awards"]}
        explained = {
            (ruling.rule, gives.points) for ruling in found.rulings if ruling.kind == "earn"
            and ruling.explained is not None and ruling.explained.applies for gives in ruling.explained.gives
            if gives.points
        }  # fmt: skip
        assert explained == posted
        said = {ruling.rule: ruling.why for ruling in found.rulings if ruling.kind == "earn"}
        assert all(why is None or why.what != "published_since" for why in said.values())


def test_limits_that_are_shared_are_told_from_what_the_journal_says_was_held_back() -> None:
    books = Books(RULES)
    books.send("signup", "s", at(1, 8), profile={"household": "h"})
    books.send("signup", "s2", at(1, 8), OTHER, profile={"household": "h"})
    for number in range(4):
        books.buy(f"o-{number}", at(2, 9 + number), "1.00", OTHER)
    for number in range(2):
        books.buy(f"b-{number}", at(3, 9 + number), "1.00")
    last = next(each for each in books.journal if each["_id"].endswith("b-1"))
    whys = {each.rule: each.why and spoken(each.why) for each in explain(last, books.sources).rulings}
    assert whys["scarce"] == "its budget of 45 points is spent"
    assert whys["home"] == "already used up by the household in all"
    first = next(each for each in books.journal if each["_id"].endswith("b-0"))
    cut = {each.rule: each for each in explain(first, books.sources).rulings}["scarce"]
    assert (cut.points, cut.why and spoken(cut.why)) == (5, "5 of 10 taken away: its budget of 45 points is spent")


def test_a_tag_that_campaigns_granted_used_its_limit() -> None:
    books = Books(RULES)
    books.send("signup", "s", at(1, 8))
    for number in range(2):
        books.buy(f"b-{number}", at(2, 9 + number), "35.00")
        if number == 0:
            books.grant("tagged", "b-0", at(2, 9), tag="wine")
    first, second = (next(each for each in books.journal if each["_id"].endswith(id_)) for id_ in ("b-0", "b-1"))
    rulings = [{each.rule: each for each in explain(one, books.sources).rulings}["tagged"] for one in (first, second)]
    assert [each.verdict for each in rulings] == ["applies", "limit"]
    assert rulings[1].why is not None
    assert spoken(rulings[1].why) == "already used in all (by b-0)"


def test_what_moved_without_a_rule_is_in_the_balances_that_rules_asked() -> None:
    """A rule, called undo, for who has 60: 65 less 10 spent is 55 and no; with 1 more and the 10 back 66 and yes;
    72 less 20 that expired, no.

    Breaks where `before` takes each entry for a partner's event, and where entries of tills and clocks are left out.
    """
    rich = rule("undo", "when: member.balance.stars >= 60\nthen: {fixed: 5}")
    books = Books(book(rule("base", "then: {per_amount: {per: 1.00}}"), rich))
    books.send("signup", "s", at(1, 8))
    books.buy("b-0", at(2), "65.00")
    books.move("redemption", -10, at(3))
    books.buy("b-1", at(4), "1.00")
    books.move("undo", 10, at(5))
    books.buy("b-2", at(6), "1.00")
    books.move("expiry", -20, at(7))
    books.buy("b-3", at(8), "1.00")
    told = []
    for number in range(4):
        entry_ = next(each for each in books.journal if each["_id"].endswith(f"b-{number}"))
        [ruling] = [each for each in explain(entry_, books.sources).rulings if each.rule == "undo"]
        told.append((ruling.verdict, ruling.points))
    assert told == [("condition", 0), ("condition", 0), ("applies", 5), ("condition", 0)]
    now, standing = datetime.fromisoformat(at(9)), Standing(Ample(), Ample())
    story = story_of(ME, rule_named("undo", books.rules), books.sources, standing, now)
    assert (story.what, story.times, story.points) == ("grocer b-3", 1, {"stars": 5}), "what a till undid is no rule's"


def test_a_rule_and_a_member() -> None:
    books = Books(RULES)
    books.send("signup", "s", at(1, 8))
    now, standing = datetime.fromisoformat(at(9)), Standing(Ample(), Ample())
    before_any = story_of(ME, rule_named("third", RULES), books.sources, standing, now)
    assert tell_rule(before_any) == [
        f"A title (third, earn) and {ME}",
        "version 1 is in force from Sunday 2017-01-01 00:00 on",
        "it has given nothing",
        "",
        "there is no event yet that it looks at; as things stand on Thursday 2017-03-09 12:00 local",
        "  - A title (third, v1, earn): its condition does not hold",
        "      no: the number of purchases this week is at least 3 (is 1): 2 more",
    ]
    for number in range(4):
        books.buy(f"b-{number}", at(6 + number), "2.00")
    told = tell_rule(story_of(ME, rule_named("third", RULES), books.sources, standing, now))
    assert told[2:] == [
        "given once: 7 stars",
        "  2017-03-08  grocer b-2  7 stars: 7 third (v1)",
        "",
        "the newest event it looks at: grocer b-3, Thursday 2017-03-09 12:00 local",
        "  - A title (third, v1, earn): already used this week (by b-2); again from 2017-03-13",
        "      yes: the number of purchases this week is at least 3 (is 4)",
    ]
    books.buy("late", at(7, 10), "2.00")
    story = story_of(ME, rule_named("third", RULES), books.sources, standing, now)
    assert story.what == "grocer b-3", "what comes late is not the newest"


def test_the_newest_uses_of_a_rule_are_told_and_how_many_came_before() -> None:
    """Seven baskets of 1.00 to 7.00. Mechanism: `limit` cuts, and what it leaves out is summed: 1 + 2 + 3 + 4 + 5."""
    books = Books(RULES)
    books.send("signup", "s", at(1, 8))
    for number in range(1, 8):
        books.buy(f"b-{number}", at(1 + number), f"{number}.00")

    def told(limit: int) -> list[str]:
        asked = rule_named("base", RULES)
        now, standing = datetime.fromisoformat(at(9)), Standing(Ample(), Ample())
        return tell_rule(story_of(ME, asked, books.sources, standing, now, None, limit))[2:]

    assert told(2)[:5] == [
        "given 7 times: 28 stars",
        "  … 5 earlier entries brought 15 stars (--limit 0 tells them all)",
        "  2017-03-07  grocer b-6  6 stars: 6 base (v1)",
        "  2017-03-08  grocer b-7  7 stars: 7 base (v1)",
        "",
    ]
    for limit in (0, 7, 20):
        assert [line.split()[2] for line in told(limit)[1:8]] == [f"b-{number}" for number in range(1, 8)]
