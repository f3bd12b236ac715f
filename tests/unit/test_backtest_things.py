"""Vouchers, gifts and other things in a backtest: counted and priced, by hand; and the lists of winners."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

from shared.backtest import page, text
from shared.backtest.result import OfMember, Report
from shared.events.light import Occurrence
from tests.unit.backtesting import Story, compared
from tests.unit.rulekit import basket, book, event, line, rule

LIVE = book(
    rule("base", "then: {per_amount: {per: 1.00}}"),
    rule(
        "mug", "when: basket.total >= 30\nthen: {gift: {title: Mug, value: {amount: '2.00', currency: USD}}}", "bonus"
    ),
    rule("families", "when: has(member.attributes.kids)\n", kind="segment"),
)
VOUCHER = "{voucher: {title: five off, value: {amount: '5.00', currency: USD}}}"
DRAFT = (
    rule(
        "five",
        f"when: basket.total >= 20\nthen: {VOUCHER}\nbudget: {{money: {{amount: '12', currency: USD}}}}",
        "bonus",
    )
    + rule("half", "when: basket.total >= 40\nthen: {voucher: {title: half, percent_off: 50}}", "bonus")
    + rule("lots", "when: basket.total < 10\nthen: [{tickets: {draw: car, count: 3}}, {tag: small}]", "bonus")
    + rule("car", "draws_at: 2018-01-01T00:00:00-05:00\nprizes: [{title: A car}]", "draw")
)


def buys(member: str, amount: str, time: str) -> tuple[str, Occurrence]:
    return member, basket(line(amount), time=f"2017-{time}:00:00-05:00", id_=f"{member}-{time}")


STORY: Story = [  # Anna has children; Bert has not
    ("m-anna", event("signup", "2017-02-05T12:00:00-05:00", "s1", attributes={"kids": "2"})),
    buys("m-anna", "20.00", "02-27T12"),
    buys("m-anna", "30.00", "03-01T12"),
    buys("m-bert", "40.00", "03-01T13"),
    buys("m-bert", "7.50", "03-02T12"),
]


def rows(found: Report) -> dict[str, tuple[object, ...]]:
    return {
        f"{each.rule} {each.thing}": (
            each.sums.draft.times, each.sums.draft.money, each.sums.draft.members, each.sums.other.times,
            each.sums.other.money, each.cost_per_point,
        )
        for each in found.rules
        if each.thing is not None
    }  # fmt: skip


def test_things_are_counted_and_those_with_a_value_priced(tmp_path: Path) -> None:
    """The budget of 12.00 pays for two vouchers of Anna's, not for Bert's; live gave two mugs, and still does."""
    found = compared(tmp_path, STORY, LIVE, DRAFT)
    assert rows(found) == {
        "five voucher": (2, "10.00", 1, 0, "0.00", "5.00"),
        "mug gift": (2, "4.00", 2, 2, "4.00", "2.00"),
        "lots tickets": (3, "0.00", 1, 0, "0.00", ""),
        "half voucher": (1, "0.00", 1, 0, "0.00", ""),
        "lots tag": (1, "0.00", 1, 0, "0.00", ""),
    }
    assert [(each.thing, each.draft, each.other) for each in found.things] == [
        ("voucher", 3, 0), ("gift", 2, 2), ("tag", 1, 0), ("tickets", 3, 0),
    ]  # fmt: skip
    # 97 points at a cent, 10.00 of vouchers and 4.00 of mugs; with points and mugs before.
    assert (found.total.draft.money, found.total.other.money, found.total.more.money) == ("14.97", "4.97", "10.00")


def test_things_by_segment_and_day(tmp_path: Path) -> None:
    """Anna's two vouchers and a mug; on March 1st a voucher, two mugs and half off, 9.00 in all."""
    found = compared(tmp_path, STORY, LIVE, DRAFT)
    [families] = [each for each in found.segments if each.thing is not None]
    assert (families.sums.draft.times, families.sums.draft.money, families.sums.other.times) == (3, "12.00", 1)
    days = {each.day: (each.draft, each.draft_money, each.other, each.other_money) for each in found.things_by_day}
    assert days["2017-03-01"] == (4, "9.00", 2, "4.00")
    assert days["2017-02-27"] == (1, "5.00", 0, "0.00")


def test_the_pages_days_come_to_what_it_says_in_all(tmp_path: Path) -> None:
    """The last two columns of every day, added up, are the costs of both sides: 14.97 and 4.97."""
    shown = page.rendered(compared(tmp_path, STORY, LIVE, DRAFT)).partition("Every local day")[2]
    rows = [re.findall(r"<td>(.*?)</td>", each) for each in shown.replace("\n", "").split("<tr>")[2:]]
    assert {row[1] for row in rows} == {"stars", "things"}
    assert [sum(Decimal(row[at]) for row in rows) for at in (-2, -1)] == [Decimal("14.97"), Decimal("4.97")]


def test_members_who_only_got_things_are_reached(tmp_path: Path) -> None:
    live = book(rule("dear", "when: basket.total >= 100\nthen: {fixed: 1}"))
    found = compared(tmp_path, STORY, live, rule("thanks", f"when: basket.total >= 40\nthen: {VOUCHER}", "bonus"))
    assert (found.total.draft.members, found.total.other.members, found.total.draft.money) == (1, 0, "5.00")
    told = "\n".join(text.lines(found))
    assert "vouchers" in told
    assert "  thanks  1 voucher  0 vouchers          +1     +5.00        1     0  5.00" in told
    assert "A voucher or gift costs its value when it is given, less where it is not used." in told
    assert "five off" not in told
    html = page.rendered(found)
    assert "thanks (vouchers)" in html and "5.00 USD at 5.00 each" in html


def test_against_other_definitions_their_things_are_decided_too(tmp_path: Path) -> None:
    found = compared(tmp_path, STORY, LIVE, DRAFT, against=rule("one", f"then: {VOUCHER}", "bonus"))
    assert rows(found)["one voucher"] == (0, "0.00", 0, 4, "20.00", "5.00")


def test_where_nobody_gets_more_the_list_has_those_with_most_and_says_so(tmp_path: Path) -> None:
    """A point for two dollars: Anna 10 + 15 of 20 + 30, Bert 20 + 3 of 40 + 7."""
    live = book(rule("base", "then: {per_amount: {per: 1.00}}"))
    found = compared(tmp_path, STORY, live, rule("base", "then: {per_amount: {per: 2.00}}"))
    assert found.winners == [OfMember("m-anna", "stars", 25, 50), OfMember("m-bert", "stars", 23, 47)]
    told = "\n".join(text.lines(found))
    assert "Nobody gets more; the most points\n" in told and "Top winners" not in told
    assert "Nobody gets more; the most points</h2>" in page.rendered(found)
