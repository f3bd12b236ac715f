"""What an attribute is told to be beside what a rule asks of it, where the two only read alike."""

from __future__ import annotations

from typing import Any

import pytest

from shared.ops.rulings import Ruling
from shared.ops.telling_rulings import tell_ruling
from shared.rules.explained import Explained
from shared.rules.saying.speaking import Language, data
from tests.unit.rulekit import basket, book, line, rule
from tests.unit.test_explaining import Counter


def explained(when: str, value: Any) -> Explained:
    """Of a basket of 9.00, for a member with so many kids."""
    counter = Counter(book(rule("x", f"when: '{when}'\nthen: {{fixed: 5}}")), known={"kids": ["", "", value]})
    return counter.explain(basket(line("9.00"), time="2017-03-01T12:00:00-05:00"))


def told(when: str, value: Any, language: Language = "en") -> list[str]:
    """The lines of its condition."""
    found = explained(when, value)
    lines = tell_ruling(Ruling("x", "X", "earn", 1, found.verdict, (), found.why, found), language)[1:]
    return [each.strip() for each in lines]


@pytest.mark.parametrize(
    ("when", "value", "english", "vietnamese"),
    [
        ("member.attributes.kids == 2", "2",
         "no: kids is 2: needs the number 2; is the text “2”",
         "chưa đạt: kids là 2: cần số 2; hiện là chữ “2”"),
        ("2 == member.attributes.kids", "2",
         "no: kids is 2: needs the number 2; is the text “2”",
         "chưa đạt: kids là 2: cần số 2; hiện là chữ “2”"),
        ('member.attributes.kids == "2"', 2,
         "no: kids is “2”: needs the text “2”; is the number 2",
         "chưa đạt: kids là “2”: cần chữ “2”; hiện là số 2"),
        ("member.attributes.kids == true", "true",
         "no: kids is true: needs true; is the text “true”",
         "chưa đạt: kids là có: cần có; hiện là chữ “true”"),
        ("member.attributes.kids >= 2", "3",
         "no: kids is at least 2: needs at least the number 2; is the text “3”",
         "chưa đạt: kids ít nhất là 2: cần ít nhất số 2; hiện là chữ “3”"),
        ("member.attributes.kids in [1, 2]", "2",
         "no: kids is one of 1, 2: needs one of the number 1, the number 2; is the text “2”",
         "chưa đạt: kids là một trong 1, 2: cần một trong số 1, số 2; hiện là chữ “2”"),
        ('member.attributes.kids in ["1", "2", 1, 2]', "1",
         "yes: kids is one of “1”, “2”, 1, 2 (is “1”)", "đạt: kids là một trong “1”, “2”, 1, 2 (là “1”)"),
        ('member.attributes.kids in ["1", "2", 1, 2]', 1,
         "yes: kids is one of “1”, “2”, 1, 2 (is 1)", "đạt: kids là một trong “1”, “2”, 1, 2 (là 1)"),
        ('member.attributes.kids in ["1", 2]', "3",
         "no: kids is one of “1”, 2: needs one of “1”, 2; is “3”",
         "chưa đạt: kids là một trong “1”, 2: cần một trong “1”, 2; hiện là “3”"),
        ('member.attributes.kids != "2"', 2,
         "yes: kids is not “2” (is the number 2)", "đạt: kids không phải là “2” (là số 2)"),
        ('member.attributes.kids == "true"', "true",
         "yes: kids is “true” (is “true”)", "đạt: kids là “true” (là “true”)"),
        ('member.attributes.kids == "many"', "many", "yes: kids is many (is many)", "đạt: kids là many (là many)"),
        ("member.attributes.kids != 2", "2",
         "yes: kids is not 2 (is the text “2”)", "đạt: kids không phải là 2 (là chữ “2”)"),
        ("basket.quantity >= member.attributes.kids", "2",
         "no: the number of pieces is at least kids: "
         "needs at least the text “2”; is the number 1",
         "chưa đạt: số sản phẩm ít nhất là kids: cần ít nhất chữ “2”; hiện là số 1"),
        ("member.attributes.kids == 2", 3, "no: kids is 2: needs 2; is 3", "chưa đạt: kids là 2: cần 2; hiện là 3"),
    ],
)  # fmt: skip
def test_values_that_only_read_alike_are_told_with_their_kind(
    when: str, value: Any, english: str, vietnamese: str
) -> None:
    """Partners send texts for numbers. Breaks without `differ`: it needs 2, and is 2; and a number is taken from a
    text."""
    assert [*told(when, value), *told(when, value, "vi")] == [english, vietnamese]


def test_machines_are_told_the_kinds() -> None:
    """As decimals are texts in JSON, a 2 alone would not tell. Breaks without `Known.kind`."""
    condition = data(explained("member.attributes.kids == 2", "2"))["asks"][-1]["condition"]
    assert condition["facts"] == [
        {"fact": "member.attributes.kids", "value": "2", "unit": None, "kind": "text", "apart": True}
    ]
    assert condition["missing"] == {
        "what": "needs",
        "values": {
            "wanted": {"what": "the_number", "values": {"value": "2"}, "text": "the number 2"},
            "value": {"what": "the_text", "values": {"value": "2"}, "text": "the text “2”"},
        },
        "text": "needs the number 2; is the text “2”",
    }
