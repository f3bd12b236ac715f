"""What a partner calls an attribute is never taken for what the product keeps of a member itself; by hand."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from shared.events.light import Joining, SignupRead
from shared.ops.rebuilding import before
from shared.rules import membership
from shared.rules.language.checking import condition
from shared.rules.language.compiling import compile_test
from shared.rules.member import Member
from shared.rules.merging import lend, take_back
from shared.rules.usage import Ample
from tests.unit.rulekit import basket, book, event, facts, line, rule
from tests.unit.test_rebuilding import ME, OTHER, Books, at

ASKING = {
    "grown-up": "member.age >= 18",
    "born": "has(member.birthday)",
    "day": "member.is_birthday",
    "texts": '"sms" in member.consents',
    "home": "has(member.household)",
    "soon": 'member.attributes["profile.birthday"] == "soon"',
}
RULES = book(
    rule("base", "then: {per_amount: {per: 1.00}}"),
    *(rule(id_, f"when: '{when}'\nthen: {{fixed: 1}}") for id_, when in ASKING.items()),
    rule("shared", "then: {fixed: 2}\nlimits: [{per: household, period: ever, times: 1}]"),
    rule("silver", "when: 'member.tier == \"silver\"'\nthen: {fixed: 3}"),
    rule("asked", "when: 'member.age >= 18 || \"sms\" in member.consents'\nthen: {fixed: 1}", kind="bonus"),
)
POSING: dict[str, Any] = {"profile.birthday": "1990-01-01", "profile.consents": "sms", "profile.household": "h"}


def rules_of(books: Books, id_: str) -> set[str]:
    """Rules that gave something for an entry."""
    return {each["rule"] for each in books.state.journal[f"/partners/grocer|{id_}"]["awards"]}


def joined(**said: Any) -> Books:
    """A member who signs up, and buys for 5.00 the next day."""
    books = Books(RULES)
    books.send("signup", "s", at(1), **said)
    books.buy("b", at(2), "5.00")
    return books


@pytest.mark.parametrize(
    ("attributes", "more"),
    [
        (POSING, set()),
        ({"profile.birthday": "soon"}, {"soon"}),  # stopped every purchase that rules looked at
        ({"profile.birthday": "20000229"}, set()),
        ({"profile.birthday": True, "profile.consents": 5, "profile.household": 7}, set()),
        ({"profile.consents": False, "tier.steps": "silver"}, set()),
    ],
)
def test_no_attribute_is_a_profile(attributes: dict[str, Any], more: set[str]) -> None:
    """Mechanism: `attribute_fact`. Nobody has sent a profile: no rule that asks for one gives anything, each purchase
    is decided, and an attribute of such a name is an attribute."""
    books = joined(attributes=attributes)
    assert rules_of(books, "b") == {"base", "shared", *more}
    member = books.state.members[ME]
    assert "household" not in member
    assert {name: Member(member).attribute(name) for name in attributes} == attributes
    assert [Member(member).profile(each) for each in ("birthday", "household", "consents")] == [None] * 3
    assert not books.ledger.decision.letters
    announced = b"".join(each.value or b"" for each in books.ledger.decision.messages)
    assert b'"household"' not in announced


def test_both_are_known_side_by_side() -> None:
    """Mechanism: `attribute_fact`. What the profile says counts, and the attribute of its name is another fact."""
    profile = {"birthday": "2010-03-02", "household": "oak", "consents": ["sms"]}
    books = joined(profile=profile, attributes={"profile.birthday": "soon", "profile.consents": 5})
    assert rules_of(books, "b") == {"base", "shared", "born", "day", "texts", "home", "soon"}  # seven years old
    assert books.state.members[ME]["household"] == "oak"


def test_an_attribute_keeps_no_change_of_tier_out() -> None:
    """Mechanism: `attribute_fact`. A signup of a later time than the change: an attribute's stamp was later."""
    books = Books(RULES)
    books.send("signup", "s", at(5), attributes={"tier.steps": "gold"})
    books.tier("silver", at(3))
    books.buy("b", at(6), "5.00")
    assert rules_of(books, "b") == {"base", "shared", "silver"}


def test_what_is_rebuilt_is_what_was() -> None:
    books = joined(attributes=POSING)
    entry = books.state.journal["/partners/grocer|b"]
    then = before(entry["seq"], ME, books.sources).member
    assert [then.attribute(name) for name in POSING] == list(POSING.values())
    assert [then.profile(each) for each in ("birthday", "household", "consents")] == [None] * 3


def test_a_merge_lends_attributes_and_no_tier() -> None:
    """The duplicate's attribute `tier.steps` goes over, and back; what is known of their tier does not."""
    books = joined(attributes={"tier.steps": "gold"})
    books.tier("silver", at(3))
    books.buy("other", at(2), "1.00", OTHER)
    duplicate, survivor = books.state.members[ME], books.state.members[OTHER]
    alone = deepcopy(survivor["known"])
    lent = lend(duplicate, survivor)
    assert (Member(survivor).attribute("tier.steps"), "tier.steps" in survivor["known"]) == ("gold", False)
    take_back(duplicate, survivor, lent)
    assert survivor["known"] == alone


@pytest.mark.parametrize("name", ["profile.birthday", " profile.birthday", "  x", "tier.a", "tier", "profile", "kids"])
def test_no_two_names_are_one_attribute(name: str) -> None:
    """Whatever a program calls it that asks no contract: a space before a name is no escape of another's."""
    member = membership.newcomer("m-1")
    said: dict[str, str | int | bool] = {each: f"of {each}" for each in (f" {name}", name, f"  {name}")}
    membership.join(member, SignupRead("/partners/grocer", "s", basket().time, Joining(attributes=said)))
    assert {each: Member(member).attribute(each) for each in said} == said


EARLIER = "2017-01-01T00:00:00.000000+00:00"


@pytest.mark.parametrize(
    "kept",
    ["soon", 5, True, ["sms", 5], [5], "2017-02-30", "20000229", 2**53, {}, "", 1.5],
)
@pytest.mark.parametrize("name", ["birthday", "household", "consents"])
def test_whatever_is_kept_is_read(name: str, kept: Any) -> None:
    """Mechanism: `_LIKE`. An earlier release kept an attribute over a fact of the profile: no rule may fail of it, and
    what can be no day, no household and no consents is none."""
    member = {**membership.newcomer("m-1"), "known": {f"profile.{name}": [EARLIER, "/partners/grocer|s", kept]}}
    asked = facts(basket(line("5.00")), RULES, member)
    held = {id_ for id_, when in ASKING.items() if compile_test(condition(when))(asked)}
    assert held == ({"home"} if name == "household" and isinstance(kept, str) else set())
    assert compile_test(condition("days_since(member.birthday) >= 0"))(asked) is False
    decided = membership.earn(member, RULES.at(asked.event.time).rules("earn", "purchase"), asked, asked.rules, Ample())
    assert "base" in {each.rule for each in decided.awards}


def test_what_earlier_releases_kept_is_read_as_it_was() -> None:
    """A running database: facts of ours and plain attributes are where they were; nothing is migrated."""
    known = {
        "profile.birthday": [EARLIER, "/partners/grocer|s", "1990-03-01"],
        "profile.consents": [EARLIER, "/partners/grocer|s", ["sms"]],
        "profile.household": [EARLIER, "/partners/grocer|s", "oak"],
        "kids.count": [EARLIER, "/partners/grocer|s", 2],
        "tier.steps": [EARLIER, "steps:m-1:000000000001", "silver"],
    }
    member = {**membership.newcomer("m-1"), "known": known}
    asked = facts(basket(line("5.00")), RULES, member)
    held = {id_ for id_, when in ASKING.items() if compile_test(condition(when))(asked)}
    assert held == {"grown-up", "born", "day", "texts", "home"}
    assert Member(member).attribute("kids.count") == 2
    assert not membership.rank(member, "steps", "gold", event("signup", EARLIER).time, "steps:m-1:1")  # read again


def test_an_attribute_that_was_kept_as_a_tier_gives_way() -> None:
    """Mechanism: `rank` looks whose word it is. An earlier release kept a signup's attribute of a later time there."""
    member = membership.newcomer("m-1")
    member["known"]["tier.steps"] = ["2030-01-01T00:00:00.000000+00:00", "/partners/grocer|s", "none"]
    assert membership.rank(member, "steps", "gold", event("signup", EARLIER).time, "steps:m-1:1")
    assert member["tiers"] == {"steps": "gold"}
