"""What `why` says of events that were decided before definitions were published for their time; by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.ops.explaining import UNKNOWN, Standing, explain
from shared.ops.known import Known
from shared.ops.past import Won
from shared.ops.rebuilding import Sources
from shared.ops.rule_story import rule_named, story_of
from shared.ops.telling_rule import tell_rule
from shared.ops.telling_rulings import tell_ruling
from shared.rules.rulebook import Rulebook
from shared.rules.saying.speaking import Language
from shared.rules.usage import Ample, Bound
from shared.runtime.applied import admit, applied
from tests.unit.rulekit import book, rule
from tests.unit.test_rebuilding import ME, Books, at
from tests.unit.test_why_cut import Spent

BONUS = rule("spring", "then: {fixed: 33}", "bonus")
LATER = "but was published after this was decided: it gave nothing"


def republished(*of: str, again: str) -> Rulebook:
    """A rulebook with another version of one of these for the same time."""
    known = book(*of).versions
    return Rulebook([*known, *(each for each in book(*of[:-1], again).versions if each.version > 1)])


def decided(rules: Rulebook, *days: int) -> Books:
    """Baskets that were decided by these rules, which is now."""
    books = Books(rules)
    books.send("signup", "s", at(1, 8))
    for day in days:
        books.buy(f"b-{day}", at(day), "35.00")
    return books


def then(books: Books, rules: Rulebook, *later: tuple[str, int], **said: Any) -> Sources:
    """The same, once these versions are published an hour afterwards; all others were an hour before."""
    hour = timedelta(hours=1)
    published = {
        (each.id, each.version): datetime.now(UTC) + (hour if (each.id, each.version) in later else -hour)
        for each in rules.versions
    }
    return replace(books.sources, book=rules, published=published, **said)


def told(sources: Sources, rule_: str, day: int = 2, language: Language = "en", standing: Standing = UNKNOWN) -> str:
    entry = next(each for each in sources.journal if each["_id"].endswith(f"b-{day}"))
    [found] = [each for each in explain(entry, sources, standing).rulings if each.rule == rule_]
    return tell_ruling(found, language)[0].partition("): ")[2]


def test_a_bonus_that_was_published_later_won_nothing() -> None:
    """Breaks where a rule that gives, and did not, is always said to be on its way."""
    sources = then(decided(book(), 2), book(BONUS), ("spring", 1))
    assert told(sources, "spring") == f"version 1 would give 33 stars, {LATER}"
    assert told(sources, "spring", language="vi") == (
        "bản 1 sẽ cho 33 stars, nhưng được công bố sau khi đã xét sự kiện này: chưa cho gì"
    )
    story = story_of(ME, rule_named("spring", sources.book), sources, UNKNOWN, datetime.fromisoformat(at(9)))
    assert f"  - A title (spring, v1, bonus): version 1 would give 33 stars, {LATER}" in tell_rule(story)


@pytest.mark.parametrize("kind", ["bonus", "challenge"])
def test_what_was_published_later_is_held_back_by_no_budget_of_its_own(kind: str) -> None:
    """Published into the past, when its budget is spent by now. Mechanism: `_came`;
    without it the budget is said to have held back what nobody asked for."""
    goal = "progress: {count: times, period: month, goal: 1}\n" if kind == "challenge" else ""
    poor = rule("spring", f"{goal}then: {{fixed: 33}}\nbudget: {{points: 40}}", kind)
    sources = then(decided(book(), 2), book(poor), ("spring", 1))
    spent = Standing(Spent("spring"), Spent("spring"))
    assert told(sources, "spring", standing=spent) == "version 1 was published after this was decided: it gave nothing"
    assert told(sources, "spring", language="vi", standing=spent) == (
        "bản 1 được công bố sau khi đã xét sự kiện này: chưa cho gì"
    )


def test_what_was_published_later_and_would_not_apply_is_told_by_its_condition() -> None:
    never = rule("spring", "when: basket.total > 100\nthen: {fixed: 33}", "bonus")
    sources = then(decided(book(), 2), book(never), ("spring", 1))
    assert "published" not in told(sources, "spring")


def test_a_grant_that_is_on_its_way_is_said_to_be() -> None:
    """Published before; or after, when campaigns had not decided the event yet."""
    on_its_way = "won 33 stars, but its grant is not posted yet: see `doublestar status` for lag"
    assert told(then(decided(book(), 2), book(BONUS)), "spring") == on_its_way
    behind, not_behind = (
        then(decided(book(), 2), book(BONUS), ("spring", 1), campaigns=campaigns)
        for campaigns in ({"high": 1}, {"high": 1, "ahead": [[2, 2]]})
    )
    assert told(behind, "spring") == on_its_way
    assert told(not_behind, "spring") == f"version 1 would give 33 stars, {LATER}"


def test_what_campaigns_does_not_keep_was_not_given() -> None:
    """A voucher that was published later, and one that is on its way. Breaks where things are told without looking."""
    coffee = rule("coffee", "then: {voucher: {title: A coffee}}", "bonus")
    sources = then(decided(book(), 2), book(coffee), ("coffee", 1))
    assert told(sources, "coffee") == f"version 1 would give voucher A coffee, {LATER}"
    waiting = then(decided(book(), 2), book(coffee))
    assert told(waiting, "coffee").startswith("won voucher A coffee, but its grant is not posted yet")
    thing = {"_id": f"coffee:{ME}:b-2:t0", "member": ME, "rule": "coffee", "version": 1, "kind": "voucher"}
    thing |= {"title": "A coffee", "at": datetime.fromisoformat(at(2))}
    assert told(replace(waiting, things=[thing]), "coffee") == "voucher A coffee"


def test_a_voucher_that_a_later_version_adds_is_not_shown() -> None:
    """Points by the first version; the second gives a voucher besides, and more points."""
    first = rule("spring", "then: {fixed: 33}", "bonus")
    second = rule("spring", "version: 2\nthen: [{fixed: 40}, {voucher: {title: A coffee}}]", "bonus")
    books = decided(book(first), 2)
    books.grant("spring", "b-2", at(2), points=33)
    since = "posted by the definitions of that time; others were published since"
    assert told(then(books, republished(first, again=second), ("spring", 2)), "spring") == f"33 stars; {since}"
    unknown = replace(books.sources, book=republished(first, again=second))  # by an old release: nobody knows when
    assert told(unknown, "spring") == f"33 stars; {since}"


def test_the_budget_of_the_version_that_decided_is_what_cut() -> None:
    """150 points, of which others had 100; later it is raised to 500. Breaks where the rules of now are asked."""
    first = rule("spring", "then: {fixed: 100}\nbudget: {points: 150}", "bonus")
    second = rule("spring", "version: 2\nthen: {fixed: 100}\nbudget: {points: 500}", "bonus")
    books = decided(book(first), 2)
    books.grant("spring", "b-2", at(2), points=50)
    for now in (Spent("spring"), Ample()):
        said = told(
            then(books, republished(first, again=second), ("spring", 2)), "spring", standing=Standing(Ample(), now)
        )
        assert said == "50 stars; 50 of 100 taken away: its budget of 150 points is spent"


def test_a_segment_that_was_published_later_let_nobody_in() -> None:
    """The rule is what it was; only its segment is another."""
    head = "kind: segment\n  effective: 2017-01-01T00:00:00-05:00\n  title: A title"
    few, all_ = (
        f"- id: us\n  {head}\n  version: {version}\n  when: member.balance.stars {test}\n"
        for version, test in ((1, "> 9000"), (2, ">= 0"))
    )
    bonus = rule("spring", "segment: us\nthen: {fixed: 33}", "bonus")
    sources = then(decided(book(bonus, few), 2), republished(bonus, few, again=all_), ("us", 2))
    assert told(sources, "spring") == (
        "would give 33 stars by definitions published after this was decided: it gave nothing"
    )


@pytest.mark.parametrize(("goal", "second"), [(2, "version 2 would give 9 stars, "), (4, "2017-03-03 is day 2 of 3")])
def test_a_challenge_is_counted_by_the_version_of_then(goal: int, second: str) -> None:
    """Three days of a week, won on the third; later two or four are asked. Breaks where progress is counted by now's:
    with four the third day would not be said to have won."""
    first = rule("days", "progress: {goal: 3}\nthen: {fixed: 9}", "challenge")
    later = rule("days", f"version: 2\nprogress: {{goal: {goal}}}\nthen: {{fixed: 9}}", "challenge")
    books = decided(book(first), 2, 3, 4)
    books.grant("days", "b-4", at(4), points=9, reason="challenge", period="2017-W09")
    sources = then(books, republished(first, again=later), ("days", 2))
    assert told(sources, "days", 3).startswith(second)
    assert told(sources, "days", 4) == "9 stars; 2017-03-04 is day 3 of 3 in 2017-W09"


def test_a_challenge_that_was_published_later_counted_nothing() -> None:
    challenge = rule("days", "progress: {goal: 3}\nthen: {fixed: 9}", "challenge")
    sources = then(decided(book(), 2), book(challenge), ("days", 1))
    assert told(sources, "days") == ("version 1 was published after this was decided, and did not count it")


def test_earn_tells_the_reason_of_then() -> None:
    """50.00 were asked of a basket of 35.00; the second version asks 30.00."""
    first = rule("big", "when: basket.total >= 50.00\nthen: {fixed: 5}")
    second = rule("big", "version: 2\nwhen: basket.total >= 30.00\nthen: {fixed: 5}")
    third = rule("big", "version: 3\nwhen: basket.total >= 40.00\nthen: {fixed: 5}")
    sources = then(decided(book(first), 2), republished(first, again=second), ("big", 2))
    assert told(sources, "big") == f"version 2 would give 5 stars, {LATER}"
    sources = then(decided(book(first), 2), republished(first, again=third), ("big", 3))
    entry = next(each for each in sources.journal if each["_id"].endswith("b-2"))
    assert tell_ruling(explain(entry, sources).rulings[0])[1:] == [
        "      no: the basket is at least 50.00 (is 35.00): 15.00 more"
    ]


def test_a_version_that_gave_something_was_known_whatever_clocks_say() -> None:
    """And one that is published ahead of its time needs no knowing. Breaks without `Known.heard`."""
    rules = republished(BONUS, again=rule("spring", "version: 2\nthen: {fixed: 40}", "bonus"))
    start = rules.versions[0].effective
    known = Known(rules, {("spring", 1): start, ("spring", 2): start + timedelta(days=9)})
    [first] = [each for each in known.by(start).versions if each.id == "spring"]
    assert first.version == 1
    assert known.by(known.heard([Won("spring", 2, 40)])) is rules
    assert known.heard([Won("spring", 1, 33)]) < start
    nothing = Known(book(), {("shop", 1): start + timedelta(days=9)})
    assert nothing.by(start).found(start) is not None, "something decided, so there was a programme"


def test_an_announcement_that_is_applied_is_seen_without_a_change() -> None:
    document: dict[str, Any] = {}
    for seq in (1, 2, 5, 6, 9):
        admit(document, seq)
    before = repr(document)
    assert [seq for seq in range(1, 11) if applied(document, seq)] == [1, 2, 5, 6, 9]
    assert repr(document) == before
    assert applied({"high": 1, "ahead": [3, [5, 6]]}, 3)


class _Raised:
    """What members share, as it stands once a budget was raised: so much is used, of so much."""

    def __init__(self, used: int, most: int) -> None:
        self._used, self._most = used, most

    def left(self, scope: str, bound: Bound, want: int) -> int:
        return want

    def use(self, scope: str, bound: Bound, amount: int) -> None:
        """Nothing is counted here."""

    def used(self, scope: str, bound: Bound) -> tuple[int, int]:
        return self._used, self._most


@pytest.mark.parametrize(
    ("budget", "totals", "unit", "reason", "vietnamese"),
    [
        ('{{money: {{amount: "{}", currency: USD}}, cost_per_point: 0.01}}', ("6.00", "20.00"), 1_000_000,
         "its budget of 6.00 USD is spent", "ngân sách 6,00 USD đã hết"),
        ("{{points: {}}}", ("6", "200"), 1, "its budget of 6 points is spent", "ngân sách 6 điểm đã hết"),
    ],
)  # fmt: skip
def test_a_budget_that_was_raised_since_is_said_to_have_been_spent(
    budget: str, totals: tuple[str, str], unit: int, reason: str, vietnamese: str
) -> None:
    """Mechanism: `rulings._spent_by_then`; without it why it gave nothing is said not to be kept."""
    first, second = (
        rule("spring", f"version: {number}\nthen: {{fixed: 33}}\nbudget: {budget.format(total)}", "bonus")
        for number, total in enumerate(totals, 1)
    )
    books = decided(book(first), 2)
    campaigns = dict[str, Any]()
    for seq in (1, 2):  # the signup and the basket
        assert admit(campaigns, seq)
    sources = then(books, republished(first, again=second), ("spring", 2), campaigns=campaigns)
    most = int(float(totals[1]))
    spent = f"it gave nothing: by version 1 {reason}; by the budget of now it would give 33 stars"
    left = "asked again it would give 33 stars; it gave nothing, and why is not kept"
    for used, said in ((6, spent), (5, left)):
        standing = Standing(Ample(), _Raised(used * unit, most * unit))
        assert told(sources, "spring", standing=standing) == said
    standing = Standing(Ample(), _Raised(6 * unit, most * unit))
    assert vietnamese in told(sources, "spring", language="vi", standing=standing)
