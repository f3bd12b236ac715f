"""What `why` says of limits and budgets that members share: what all used, or the member's part, as such."""

from __future__ import annotations

from datetime import datetime

import pytest

from shared.ops.explaining import UNKNOWN, Standing, explain
from shared.ops.rule_story import rule_named, story_of
from shared.ops.telling_events import tell_explanation
from shared.ops.telling_rule import tell_rule
from shared.ops.telling_rulings import tell_ruling
from shared.rules.rulebook import Rulebook
from shared.rules.saying.speaking import Language
from shared.rules.usage import Ample
from shared.rules.yamlfile import read_all
from tests.unit.rulekit import book, rule
from tests.unit.test_rebuilding import ME, OTHER, Books, at

LIMIT = "limits: [{per: programme, period: month, times: 5}]"
FIVE = book(rule("firstfive", f"when: basket.eligible >= 40.00\nthen: {{fixed: 10}}\n{LIMIT}"))
MONEY = 'budget: {money: {amount: "0.50", currency: USD}, cost_per_point: 0.01}'
PAID = book(rule("paid", f"when: basket.eligible >= 40.00\nthen: {{fixed: 10}}\n{MONEY}"))
SPENT = book(rule("spent", "when: basket.eligible >= 40.00\nthen: {fixed: 10}\nbudget: {points: 50}"))
BOTH = f"{LIMIT[:-1]}, {{period: month, times: 1}}]"
OWN_TOO = book(rule("owntoo", f"when: basket.eligible >= 40.00\nthen: {{fixed: 10}}\n{BOTH}"))
HOME = book(
    rule(
        "home",
        "when: basket.eligible >= 40.00\nthen: {fixed: 10}\nlimits: [{per: household, period: month, times: 3}]",
    )
)


def lived(rules: Rulebook, mine: int, others: int) -> Books:
    """So many uses of mine, then of somebody else's, all in March; then a basket of mine that is too small."""
    books = Books(rules)
    books.send("signup", "s", at(1, 8), profile={"household": "h"})
    books.send("signup", "o", at(1, 8), OTHER, profile={"household": "h"})
    for number in range(mine):
        books.buy(f"mine-{number}", at(2 + number), "45.00")
    for number in range(others):
        books.buy(f"other-{number}", at(10 + number), "45.00", OTHER)
    return books


def of_rule(books: Books, id_: str, language: Language = "en") -> list[str]:
    """The story of a rule, as the command line tells it: with what members share as it stands now."""
    standing = Standing(books.state.shared.lane(0), Ample())
    asked = rule_named(id_, books.rules)
    return tell_rule(story_of(ME, asked, books.sources, standing, datetime.fromisoformat(at(28))), language)


def newest(books: Books, language: Language = "en") -> list[str]:
    """The rule to the newest event, where nobody says how things stand."""
    [ruling] = explain(books.journal[-1], books.sources, UNKNOWN).rulings
    return tell_ruling(ruling, language)


@pytest.mark.parametrize("mine", [0, 1])
def test_what_all_used_is_told_of_a_shared_limit_where_it_is_known(mine: int) -> None:
    """All five of March are used, one or none of them by the member; the newest basket is too small. Mechanism:
    `by_all` counts by how things stand; by the member's own journal it would be `1 of 5`, and nothing for the other."""
    books = lived(FIVE, mine, 5 - mine)
    books.buy("small", at(20), "5.00")
    assert of_rule(books, "firstfive")[-1] == (
        "      limit of all members together this month: 5 of 5 times used by now; again from 2017-04-01"
    )
    assert of_rule(books, "firstfive", "vi")[-1].endswith(
        "đã dùng 5 trên 5 lần tính đến nay; dùng lại được từ 01/04/2017"
    )


def test_a_limit_is_told_of_the_newest_events_period() -> None:
    """Five in March; in April nobody has used any."""
    books = lived(FIVE, 1, 4)
    books.buy("small", "2017-04-02T12:00:00-05:00", "5.00")
    assert not any("limit of all" in each for each in of_rule(books, "firstfive"))


@pytest.mark.parametrize(
    ("rules", "id_", "told"),
    [(SPENT, "spent", "50 of 50 points spent by now"), (PAID, "paid", "0.50 of 0.50 USD spent by now")],
)
def test_a_spent_budget_is_told_to_who_had_none_of_it(rules: Rulebook, id_: str, told: str) -> None:
    books = lived(rules, 0, 5)
    books.buy("small", at(20), "5.00")
    assert of_rule(books, id_)[-1] == f"      budget: {told}"


def test_what_a_household_used_is_told() -> None:
    books = lived(HOME, 1, 1)
    books.buy("small", at(20), "5.00")
    assert of_rule(books, "home")[-1] == "      limit of the household this month: 2 of 3 times used by now"
    said = "limit of the household this month: ? of 3 times used, of which this member: 1"
    assert newest(books)[-1] == f"      {said}"


def test_the_members_part_is_never_told_as_that_of_all() -> None:
    """Mechanism: `counted` of what is known from the member's journal alone; without it, it is `1 of 5 times used`."""
    books = lived(FIVE, 1, 4)
    books.buy("small", at(20), "5.00")
    said = "limit of all members together this month: ? of 5 times used, of which this member: 1"
    assert newest(books)[-1] == f"      {said}"
    assert newest(books, "vi")[-1].endswith("đã dùng ? trên 5 lần, trong đó hội viên này: 1")


def test_of_a_budget_in_money_the_members_part_is_told_in_money() -> None:
    books = lived(PAID, 2, 3)
    books.buy("small", at(20), "5.00")
    assert newest(books)[-1] == "      budget: ? of 0.50 USD spent, of which this member: 0.20"


def test_what_all_have_used_up_is_told_besides_the_members_own_limit() -> None:
    """The member's one of March is used, which is what refuses them. Of all five, two are used: nothing of that is
    told; with three more members all are, and nobody should wait for their own. Mechanism: `_counts`."""
    books = lived(OWN_TOO, 1, 1)
    books.buy("again", at(20), "45.00")
    assert not any("limit of all" in each for each in of_rule(books, "owntoo"))
    for number in range(3):
        books.buy(f"third-{number}", at(21), "45.00", f"m-{number}" + "3" * 19)
    said = "limit of all members together this month: 5 of 5 times used by now; again from 2017-04-01"
    assert of_rule(books, "owntoo")[-1] == f"      {said}"


def test_what_was_used_up_since_a_rule_gave_is_told_of_the_rule() -> None:
    """The member's was the first of five: the next one gets nothing. Of that one event it says nothing."""
    books = lived(FIVE, 1, 4)
    line = "      limit of all members together this month: 5 of 5 times used by now; again from 2017-04-01"
    assert of_rule(books, "firstfive")[-1] == line
    found = explain(books.journal[-1], books.sources, Standing(books.state.shared.lane(0), Ample()))
    assert not any("limit of all" in each for each in tell_ruling(found.rulings[0]))


def test_what_is_used_is_told_of_what_the_newest_version_allows() -> None:
    """Two versions: 5 a month, from the 15th on 9. The member's newest is of the 8th and of the first; by now 7 of 9
    are used. Mechanism: `Standings.used`; by what is left of the first version's five, it would be `3 of 5`."""
    first = rule("firstfive", f"when: basket.eligible >= 40.00\nthen: {{fixed: 10}}\n{LIMIT}")
    second = first.replace("times: 5", "times: 9").replace("2017-01-01T", "2017-03-15T")
    second = second.replace("kind: earn\n", "kind: earn\n  version: 2\n")
    known = book(first).versions
    books = lived(Rulebook([*known, *read_all([("later.yaml", second)], known)]), 1, 4)
    books.buy("small", at(8), "5.00")
    for number in range(2):
        books.buy(f"later-{number}", at(20), "45.00", OTHER)
    assert of_rule(books, "firstfive")[-1] == "      limit of all members together this month: 7 of 9 times used by now"


def test_of_an_old_event_it_is_said_that_a_shared_limit_is_told_as_it_stands_now() -> None:
    """None of the five was used when the basket was bought that is asked about. Mechanism: `NOT_AS_THEN`; without it
    the line reads like what stopped the event."""
    books = Books(FIVE)
    books.send("signup", "s", at(1, 8))
    books.buy("small", at(2), "5.00")
    old = books.journal[-1]
    for number in range(5):
        books.buy(f"other-{number}", at(10 + number), "45.00", OTHER)
    standing = Standing(books.state.shared.lane(0), Ample())
    found = explain(old, books.sources, standing)
    assert tell_explanation(found)[-4] == (
        "      limit of all members together this month: 5 of 5 times used by now "
        "(how it stands now, not before this event); again from 2017-04-01"
    )
    assert tell_explanation(found, "vi")[-4].endswith(
        "đã dùng 5 trên 5 lần tính đến nay (hiện trạng bây giờ, không phải trước sự kiện này); "
        "dùng lại được từ 01/04/2017"
    )
