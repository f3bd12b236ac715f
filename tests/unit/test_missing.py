"""What is missing, by hand: every shape of comparison that does not hold, in English and in Vietnamese."""

from __future__ import annotations

from typing import Any

import pytest

from shared.rules.conditions import All, Any_, Not, Tree
from shared.rules.findings import Finding, find
from shared.rules.history import note
from shared.rules.matching import facts_of
from shared.rules.saying.speaking import data, spoken
from tests.unit.rulekit import basket, book, line, rule

LADDER = """
- id: steps
  kind: ladder
  effective: 2017-01-01T00:00:00-05:00
  title: Steps
  qualifying: [base]
  tiers: [{id: silver, title: Silver, from: 10}, {id: gold, title: Gold, from: 20}]
"""
MEMBER = {
    "known": {
        "kids": ["", "", 1],
        "town": ["", "", "Hue"],
        "profile.birthday": ["", "", "2001-03-05"],
        "profile.consents": ["", "", ["mail"]],
    },
    "tiers": {"steps": "silver"},
    "tags": ["wine"],
    "balances": {"stars": 250},
    "joined": "2017-02-20T12:00:00+00:00",
}
# A Wednesday, 13:30 in New York; 6.80 eligible of 16.80.
BASKET = basket(
    line("6.80", 2, department="DELI"), line("10.00", department="FUEL"), time="2017-03-01T13:30:00-05:00", store="12"
)


def found(when: Tree) -> Finding:
    """The finding of a condition for that basket."""
    segment = rule("families", "when: member.attributes.kids_count >= 2", kind="segment")
    rules = book(rule("base", "then: {per_amount: {per: 1.00}}"), segment, LADDER)
    return find(when, facts_of(BASKET, MEMBER, rules.at(BASKET.time)))


@pytest.mark.parametrize(
    ("condition", "english", "vietnamese"),
    [
        ("basket.eligible >= 10.00", "3.20 more", "còn thiếu 3,20"),
        ("10.00 <= basket.eligible", "3.20 more", "còn thiếu 3,20"),
        ("basket.eligible > 6.80", "needs more than 6.80; is 6.80", "cần hơn 6,80; hiện là 6,80"),
        ("basket.eligible == 10.00", "3.20 more", "còn thiếu 3,20"),
        ("basket.eligible == 5.00", "1.80 too much", "vượt quá 1,80"),
        ("basket.eligible <= 5.00", "1.80 too much", "vượt quá 1,80"),
        ("basket.eligible < 6.80", "must be less than 6.80; is 6.80", "phải nhỏ hơn 6,80; hiện là 6,80"),
        ("basket.quantity >= 4", "1 more piece", "còn thiếu 1 sản phẩm"),
        ("basket.quantity > 4", "2 more pieces", "còn thiếu 2 sản phẩm"),
        ("basket.quantity < 3", "1 too many", "vượt quá 1"),
        ("basket.quantity <= 1", "2 too many", "vượt quá 2"),
        ("lines.count() >= 5", "3 more", "còn thiếu 3"),
        ("member.balance.stars >= 500", "250 more points", "còn thiếu 250 điểm"),
        ("days_since(member.joined) >= 11", "2 more days", "còn 2 ngày nữa"),
        ("days_since(member.joined) > 9", "1 more day", "còn 1 ngày nữa"),
        ("days_since(member.joined) <= 7", "2 too many", "vượt quá 2"),
        ("member.age >= 18", "3 more years", "còn 3 năm nữa"),
        ("basket.eligible != 6.80", "must not be 6.80", "không được là 6,80"),
        ('member.tier == "gold"', "needs Gold; is Silver", "cần Gold; hiện là Silver"),
        ('member.tier in ["gold", "black"]', "needs one of Gold, black; is Silver",
         "cần một trong Gold, black; hiện là Silver"),
        ('"gold" in member.tiers', "needs Gold; is Silver", "cần hạng Gold; hiện là Silver"),
        ('"vip" in member.tags', "needs the tag vip", "cần nhãn vip"),
        ('"sms" in member.consents', "needs the consent sms", "cần đồng ý sms"),
        ('"families" in member.segments', "only for members of the segment A title (families)",
         "chỉ dành cho hội viên thuộc nhóm A title (families)"),
        ('"nobody" in member.segments', "no segment nobody was in force at that time",
         "khi đó không có nhóm nobody nào có hiệu lực"),
        ('event.store == "13"', "needs 13; is 12", "cần 13; hiện là 12"),
        ('event.store.startsWith("9")', "must begin with 9; is 12", "phải bắt đầu bằng 9; hiện là 12"),
        ('event.store.endsWith("9")', "must end with 9; is 12", "phải kết thúc bằng 9; hiện là 12"),
        ('event.store.contains("9")', "must contain 9; is 12", "phải chứa 9; hiện là 12"),
        ('event.channel == "online"', "the channel is unknown", "chưa biết kênh bán"),
        ('event.channel in ["online", "app"]', "the channel is unknown", "chưa biết kênh bán"),
        ("has(member.household)", "the household is unknown", "chưa biết hộ gia đình"),
        ("member.attributes.kids_count >= 2", "kids_count is unknown", "chưa biết kids_count"),
        ("member.attributes.kids >= 2", "needs at least 2; is 1", "cần ít nhất 2; hiện là 1"),
        ('member.attributes.town == "Hanoi"', "needs Hanoi; is Hue", "cần Hanoi; hiện là Hue"),
        ("member.is_birthday", "only on the birthday", "chỉ vào ngày sinh nhật"),
        ('calendar.weekday == "friday"', "needs Friday; is Wednesday", "cần thứ Sáu; hiện là thứ Tư"),
        ("calendar.hour >= 14", "from 14:00; is 13:00", "từ 14:00; hiện là 13:00"),
        ("calendar.hour < 9", "before 09:00; is 13:00", "trước 09:00; hiện là 13:00"),
        ("calendar.month == 12", "needs 12; is 3", "cần 12; hiện là 3"),
        ('calendar.date >= "2017-12-24"', "needs 2017-12-24 or later; is 2017-03-01",
         "cần từ ngày 24/12/2017; hiện là 01/03/2017"),
        ('member.joined < "2017-01-01"', "needs a day before 2017-01-01; is 2017-02-20",
         "cần trước ngày 01/01/2017; hiện là 20/02/2017"),
        ('has(calendar.holiday("US"))', "the holiday (US) is unknown", "chưa biết ngày lễ (US)"),
        ('lines.any(department == "WINE")', "no line of the basket fits", "không có mặt hàng nào trong giỏ phù hợp"),
        ('lines.all(department == "DELI")', "every line of the basket must fit",
         "mọi mặt hàng trong giỏ phải phù hợp"),
        ('lines.none(department == "FUEL")', "no line of the basket may fit",
         "không mặt hàng nào trong giỏ được như vậy"),
        ("history.count(this_month) >= 3", "2 more", "còn thiếu 2"),
        ("history.sum(basket.total, ever) >= 20.00", "3.20 more", "còn thiếu 3,20"),
        ("days_since(history.last(ever)) >= 90", "the number of days since the last purchase ever is unknown",
         "chưa biết số ngày từ lần mua gần nhất từ trước đến nay"),
    ],
)  # fmt: skip
def test_what_is_missing(condition: str, english: str, vietnamese: str) -> None:
    finding = found(condition)
    assert (finding.how, finding.held, finding.text) == ("test", False, condition)
    assert finding.missing is not None
    assert [spoken(finding.missing), spoken(finding.missing, "vi")] == [english, vietnamese]


@pytest.mark.parametrize(
    ("condition", "english", "vietnamese"),
    [
        # 16.80 in the basket, 3 pieces, 250 stars, 13:30. 40.00 / 0.8 is 50.00.
        ("basket.total * 0.8 >= 40.00", "33.20 more (the basket)", "còn thiếu 33,20 (tổng giỏ hàng)"),
        ("40.00 <= 0.8 * basket.total", "33.20 more (the basket)", "còn thiếu 33,20 (tổng giỏ hàng)"),
        # 50 / 1.3 is 38.4615...: 38.47 is the least that is enough.
        ("basket.total + basket.total * 0.3 > 50", "21.67 more (the basket)", "còn thiếu 21,67 (tổng giỏ hàng)"),
        ("basket.total >= basket.total * 0.5 + 10", "3.20 more (the basket)", "còn thiếu 3,20 (tổng giỏ hàng)"),
        ("17.00 - basket.total >= 5", "4.80 too much (the basket)", "vượt quá 4,80 (tổng giỏ hàng)"),
        ("-basket.total >= -3", "13.80 too much (the basket)", "vượt quá 13,80 (tổng giỏ hàng)"),
        ("basket.total * 3 < 50.00", "0.14 too much (the basket)", "vượt quá 0,14 (tổng giỏ hàng)"),
        # 7 pieces count 21, 6 only 18.
        ("basket.quantity * 3 > 20", "4 more pieces (the number of pieces)", "còn thiếu 4 sản phẩm (số sản phẩm)"),
        ("basket.quantity * 3 > 21", "5 more pieces (the number of pieces)", "còn thiếu 5 sản phẩm (số sản phẩm)"),
        ("basket.quantity * 3 == 21", "4 more pieces (the number of pieces)", "còn thiếu 4 sản phẩm (số sản phẩm)"),
        ("basket.quantity * 2 < 5", "1 too many (the number of pieces)", "vượt quá 1 (số sản phẩm)"),
        ("member.balance.stars * 3 >= 1000", "84 more points (the balance of stars)",
         "còn thiếu 84 điểm (số dư stars)"),
        ("calendar.hour + 1 >= 16", "from 15:00; is 13:00 (the hour)", "từ 15:00; hiện là 13:00 (giờ)"),
        # Several facts, or what no amount would do: no amount is told.
        ("basket.total - basket.eligible >= 12.50", "needs at least 12.50; is 10.00",
         "cần ít nhất 12,50; hiện là 10,00"),
        ("basket.eligible >= basket.total", "needs at least 16.80; is 6.80", "cần ít nhất 16,80; hiện là 6,80"),
        ("basket.total * 2 >= history.sum(basket.total, ever) + 50", "needs at least 66.80; is 33.60",
         "cần ít nhất 66,80; hiện là 33,60"),
        ("basket.quantity * 3 == 20", "needs 20; is 9", "cần 20; hiện là 9"),
        ("basket.quantity * 0 >= 3", "needs at least 3; is 0", "cần ít nhất 3; hiện là 0"),
    ],
)  # fmt: skip
def test_what_is_missing_where_a_condition_calculates(condition: str, english: str, vietnamese: str) -> None:
    """The one fact is solved for. Breaks without `solved`, where the whole's distance would be told."""
    finding = found(condition)
    assert (finding.held, finding.missing is not None) == (False, True)
    assert finding.missing is not None
    assert [spoken(finding.missing), spoken(finding.missing, "vi")] == [english, vietnamese]


def test_machines_are_told_of_which_fact_how_much_is_missing() -> None:
    missing = data(found("basket.total * 0.8 >= 40.00").missing)
    more = {"what": "more", "values": {"amount": "33.20"}, "text": "33.20 more"}
    told = {"what": "of_fact", "values": {"lacks": more, "fact": "basket.total"}, "text": "33.20 more (the basket)"}
    assert missing == told


@pytest.mark.parametrize(
    ("condition", "english"),
    [
        ('!(member.tier == "silver")', "must not be Silver"),
        ("!has(member.attributes.kids)", "kids must be unknown; is 1"),
        ("!(basket.eligible >= 5.00)", "must be less than 5.00; is 6.80"),
        ("!(basket.total * 2 >= 5.00)", "must be less than 2.50; is 16.80 (the basket)"),
        ("!(basket.eligible != 3)", "3.80 too much"),
        ("!lines.any(amount > 0)", "must not be so"),
    ],
)
def test_what_holds_and_must_not(condition: str, english: str) -> None:
    finding = found(condition)
    [part] = finding.parts
    assert (finding.how, finding.held, part.held) == ("not", False, True)
    assert [spoken(each) for each in finding.lacking()] == [english]


def test_the_tree_is_kept_in_yaml_and_within_an_expression() -> None:
    tree = All(
        all=[Any_(any=["basket.total >= 20.00", 'event.store == "12" && basket.quantity >= 9']),
             Not.model_validate({"not": "member.age >= 15"})]
    )  # fmt: skip
    finding = found(tree)
    either, negation = finding.parts
    assert [(each.how, each.held) for each in (finding, either, negation)] == [
        ("all", False), ("any", False), ("not", False),
    ]  # fmt: skip
    first, second = either.parts
    assert (first.text, second.how) == ("basket.total >= 20.00", "all")
    assert [(each.text, each.held) for each in second.parts] == [
        ('event.store == "12"', True), ("basket.quantity >= 9", False),
    ]  # fmt: skip
    assert [spoken(each) for each in finding.lacking()] == ["3.20 more", "6 more pieces", "1 too many"]


def test_a_segment_that_a_condition_names_shows_its_own_condition() -> None:
    finding = found('"families" in member.segments')
    [own] = finding.parts
    assert (own.text, own.held) == ("member.attributes.kids_count >= 2", False)
    assert own.missing is not None
    assert spoken(own.missing) == "kids_count is unknown"


def test_facts_are_told_with_value_and_unit() -> None:
    [known] = found("basket.eligible >= 10.00").facts
    assert (known.fact, str(known.value), known.unit) == ("basket.eligible", "6.80", "money")
    [unknown] = found('event.channel == "online"').facts
    assert (unknown.fact, unknown.value) == ("event.channel", None)


def test_history_counts_this_event_and_says_how_many_lack() -> None:
    """Two baskets of 8.70 before: 34.20 with this one, in cents although they were counted in ten-thousandths."""
    rules = book(rule("x", "when: history.sum(basket.total, this_month) >= 40.00\nthen: {fixed: 1}"))
    member: dict[str, Any] = {}
    for day in (1, 1):
        before = basket(line("8.70"), time=f"2017-03-{day:02d}T09:00:00-05:00")
        facts = facts_of(before, member, rules.at(before.time))
        for key, counter in rules.counters.items():
            note(member.setdefault("history", {}), counter, key, facts)
    finding = find("history.sum(basket.total, this_month) >= 40.00", facts_of(BASKET, member, rules.at(BASKET.time)))
    [known] = finding.facts
    assert (str(known.value), finding.missing and spoken(finding.missing)) == ("34.20", "5.80 more")
