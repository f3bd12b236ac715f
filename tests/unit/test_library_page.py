"""The page about rules as a library: its example runs as it stands there, and prints what it says; and what its table
names takes events as partners send them."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import orjson
import pytest

from shared.events.decode import Refused, decode_partner
from shared.events.light import occurrence_of
from shared.events.partner import AnyEvent
from shared.rules import membership
from shared.rules.matching import decide, facts_of, ruled
from shared.rules.usage import Ample, MemberUsage
from tests.unit.rulekit import book, rule

PAGE = Path(__file__).parents[2] / "docs" / "capabilities" / "library.md"
EXAMPLE = re.compile(r"```python\n(?P<code>.*?)```\n[^`]*```\n(?P<printed>.*?)```", re.DOTALL)


def test_the_example_prints_what_the_page_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """3.20 is 3 stars and too little for coffee's 10; 6.00 is 16; after that coffee was used today: 26 in all."""
    [found] = EXAMPLE.finditer(PAGE.read_text(encoding="utf-8"))
    program = tmp_path / "example.py"
    program.write_text(found["code"], encoding="utf-8")
    runpy.run_path(str(program))
    printed = capsys.readouterr().out
    assert printed == found["printed"]
    assert [line for line in printed.splitlines() if "coffee" in line] == [
        "basket-1 coffee condition 0",
        "basket-2 coffee applies 10",
        "basket-3 coffee limit 0",
        "{'stars': 26} {'coffee:member:times:day': {'2027-03-01': 1}}",
    ]


def sent(kind: str, **data: object) -> AnyEvent:
    """An event as the page has it come in: a partner's bytes, read as strictly as at the door."""
    head = {"specversion": "1.0", "id": f"{kind}-1", "source": "/partners/grocer", "type": f"loyalty.{kind}.v1"}
    body = {**head, "time": "2027-03-01T08:00:00+07:00", "data": data}
    event = decode_partner(orjson.dumps(body), "grocer")
    assert not isinstance(event, Refused), event
    return event


ME = {"reference": "7"}
LINES = [{"product": "p", "quantity": 2, "amount": "3.20"}]
BOOK = book(
    rule("grown-up", "when: member.age >= 18\nthen: {fixed: 1}"),
    rule("texts", "when: '\"sms\" in member.consents'\nthen: {fixed: 2}"),
    rule("home", "then: {fixed: 4}\nlimits: [{per: household, period: ever, times: 1}]\nwhen: has(member.household)"),
    rule("kids", "when: member.attributes.kids == 2\nthen: {fixed: 8}"),
    rule("goods-back", "on: return\nwhen: event.partner == \"grocer\"\nthen: {fixed: 16}"),
    rule("friend", "on: referral\nthen: {fixed: 32}"),
)  # fmt: skip


def given(event: AnyEvent, member: dict[str, Any]) -> int:
    """The points of all rules, by the functions of the page's table."""
    rules = BOOK.at(event.time)
    asked = facts_of(event, member, rules)
    usage = MemberUsage(member, Ample(), asked.member.profile("household"))
    return sum(each.points for each in decide(rules.rules("earn", asked.kind), asked, rules, usage).awards)


def test_a_signup_from_a_partners_bytes_says_all_that_it_says() -> None:
    """Mechanism: `join` reads the event as rules do. It passed over birthday, household and consents of the contract's
    model, and kept attributes only: 8 of 15."""
    member = membership.newcomer("m-7")
    profile = {"birthday": "1990-03-02", "household": "oak", "consents": ["sms"], "name": "An"}
    signup = sent("signup", member=ME, profile=profile, attributes={"kids": 2})
    membership.join(member, signup)
    assert given(sent("purchase", member=ME, currency="USD", lines=LINES), member) == 15
    assert (member["household"], member["joined"]) == ("oak", "2027-03-01T01:00:00.000000+00:00")
    read = membership.newcomer("m-7")
    membership.join(read, occurrence_of(signup))
    assert {**member, "uses": None} == {**read, "uses": None}


@pytest.mark.parametrize(
    ("event", "points"),
    [
        (sent("return", member=ME, purchase="purchase-1", lines=[{"line": 0, "quantity": 1}]), 16),
        (sent("referral", advocate=ME, friend={"reference": "8"}), 32),
        (sent("milestone", member=ME, purchase="purchase-1", milestone="delivered"), 0),
    ],
)
def test_events_of_every_kind_are_taken_from_a_partners_bytes(event: AnyEvent, points: int) -> None:
    member = membership.newcomer("m-7")
    assert given(event, member) == points
    under = ruled(event, BOOK)
    assert under is not None
    assert under.facts.kind == event.type.split(".")[1]
    membership.count(member, under.facts, BOOK)


def test_what_came_back_is_counted_no_more_by_a_partners_bytes() -> None:
    """Mechanism: `uncount` and `recount` read events as rules do. A purchase of 3.20 is counted, and taken back."""
    counting = book(rule("often", "when: history.sum(basket.total, ever) >= 3\nthen: {fixed: 1}"))
    bought, member = sent("purchase", member=ME, currency="USD", lines=LINES), membership.newcomer("m-7")
    membership.count(member, facts_of(bought, member, counting.at(bought.time)), counting)
    [kept] = member["history"].values()
    assert list(kept.values()) == [32_000]  # in ten-thousandths
    again = membership.newcomer("m-7")
    membership.recount(again, member["history"], [bought], counting)
    assert again["history"] == member["history"]
    assert membership.uncount(member, bought, None, counting) == []
    assert list(member["history"].values()) == [{}]
