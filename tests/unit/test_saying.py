"""Sayings: every phrase in every language, with the same values in it; numbers, days and names as people write them."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from string import Formatter

import pytest

from shared.rules.language.catalogue import FACTS, PREFIXES
from shared.rules.saying.named import Called, Named
from shared.rules.saying.phrase import Phrase, say
from shared.rules.saying.speaking import LANGUAGES, Language, called, data, recorded, spoken, written

ROOT = Path(__file__).parent.parent.parent
BOTH: list[Language] = ["en", "vi"]


def placeholders(sentence: str | tuple[str, str]) -> set[str]:
    """The values that a sentence names; one and several may name `count` or leave it out."""
    several = sentence if isinstance(sentence, str) else sentence[1]
    return {name for _, name, _, _ in Formatter().parse(several) if name is not None}


@pytest.mark.parametrize("language", BOTH)
def test_no_phrase_and_no_fact_lacks_a_translation(language: Language) -> None:
    assert set(LANGUAGES[language].PHRASES) == set(Phrase)
    assert set(LANGUAGES[language].FACTS) == {*FACTS, *PREFIXES}
    empty = [phrase for phrase, sentence in LANGUAGES[language].PHRASES.items() if not sentence]
    assert empty == []


@pytest.mark.parametrize("phrase", Phrase)
def test_every_language_says_the_same_values(phrase: Phrase) -> None:
    assert placeholders(LANGUAGES["en"].PHRASES[phrase]) | {"count"} == (
        placeholders(LANGUAGES["vi"].PHRASES[phrase]) | {"count"}
    )


def test_no_sentence_is_left_in_the_other_language() -> None:
    """Only what has no words may read alike."""
    alike = {each for each in Phrase if LANGUAGES["en"].PHRASES[each] == LANGUAGES["vi"].PHRASES[each]}
    assert alike == {
        Phrase.AMOUNT, Phrase.PART_OF_NO_RULE, Phrase.GIVES, Phrase.GIVES_BUT, Phrase.GIVES_NOT, Phrase.FACT_SET,
        Phrase.QUOTED, Phrase.OF_FACT,
    }  # fmt: skip


def test_no_phrase_is_there_in_vain() -> None:
    """Weekdays and the kinds of grants are found by their values."""
    rooms = [each for each in (ROOT / "shared").rglob("*.py") if each.parent.name != "saying"]
    text = "".join(each.read_text(encoding="utf-8") for each in [*rooms, ROOT / "shared/rules/saying/speaking.py"])
    used = set(re.findall(r"Phrase\.([A-Z_]+)", text))
    by_value = {"MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"}
    assert {each.name for each in Phrase} - used == by_value


@pytest.mark.parametrize(
    ("value", "english", "vietnamese"),
    [
        (1234, "1,234", "1.234"),
        (Decimal("1234.50"), "1,234.50", "1.234,50"),
        (date(2017, 1, 9), "2017-01-09", "09/01/2017"),
        (datetime(2017, 1, 9, 9, 0), "Monday 2017-01-09 09:00", "09:00 thứ Hai 09/01/2017"),
        (datetime(2017, 1, 15, 23, 5), "Sunday 2017-01-15 23:05", "23:05 Chủ nhật 15/01/2017"),
        (True, "true", "có"),
        (("a", 2), "a, 2", "a, 2"),
        ((), "none", "không có"),
        (("none",), "“none”", "none"),  # one that is called so, beside that there are none
        (("none", "vip"), "none, vip", "none, vip"),
        (Called("basket.eligible"), "the eligible amount", "số tiền được tính điểm"),
        (Called("member.attributes.kids_count"), "kids_count", "kids_count"),
        (Called('member.attributes["favourite colour"]'), "favourite colour", "favourite colour"),
        (Called("member.balance.stars"), "the balance of stars", "số dư stars"),
        (Called("lines.count()"), "the number of lines", "số mặt hàng"),
        (
            Called('lines.cheapest(category == "a")'),
            "the price of the cheapest piece with category a",
            "giá của sản phẩm rẻ nhất có loại hàng a",
        ),
        (Called("lines.dearest()"), "the price of the dearest piece", "giá của sản phẩm đắt nhất"),
        (
            Called('lines.count(amount >= 1234.50 && product == "p")'),
            "the number of lines with an amount of at least 1,234.50 and product p",
            "số mặt hàng có số tiền ít nhất là 1.234,50 và sản phẩm p",
        ),
        (Called('lines.count(category != "a" || price > 1)'), *['lines.count(category != "a" || price > 1)'] * 2),
        (Called("history.count(this_month)"), "the number of purchases this month", "số lần mua trong tháng này"),
        (
            Called('history.sum(basket.eligible, last_days(30), lines.any(category == "wine"))'),
            "the sum of the eligible amount in the last 30 days with a line of the basket with category wine",
            "tổng số tiền được tính điểm trong 30 ngày gần đây có mặt hàng trong giỏ có loại hàng wine",
        ),
        (
            Called('lines.distinct(product, department == "FRUIT" && brand == "A (B), C")'),
            "the number of different products with department FRUIT and brand A (B), C",
            "số sản phẩm khác nhau có quầy FRUIT và nhãn hiệu A (B), C",
        ),
        (
            Called('history.count(ever, event.kind == "signup")'),
            "the number of signups ever",
            "số lần đăng ký từ trước đến nay",
        ),
        (
            Called('history.count(since("2017-05-01"))'),
            "the number of purchases since 2017-05-01",
            "số lần mua từ 01/05/2017",
        ),
        (
            Called("history.sum(basket.total, this_month)"),
            "the sum of the basket this month",
            "tổng giỏ hàng trong tháng này",
        ),
        (
            Called("history.sum(lines.sum(amount), this_month)"),
            "the sum of amounts of lines this month",
            "tổng số tiền của các mặt hàng trong tháng này",
        ),
        (
            Called("history.streak(week)"),
            "the number of weeks in a row with a purchase",
            "số tuần liên tiếp có mua hàng",
        ),
        (Named("base", "A star a dollar"), "A star a dollar (base)", "A star a dollar (base)"),
        (
            Called('history.count(ever, event.attributes.gift == "true")'),
            "the number of purchases ever with gift “true”",
            "số lần mua từ trước đến nay có gift “true”",
        ),
        (
            Called("history.count(ever, event.attributes.gift == true)"),
            "the number of purchases ever with gift true",
            "số lần mua từ trước đến nay có gift true",
        ),
        (say(Phrase.MORE_DAYS, count=1), "1 more day", "còn 1 ngày nữa"),
        (say(Phrase.MORE_DAYS, count=2), "2 more days", "còn 2 ngày nữa"),
        (say(Phrase.AMOUNT, count=1, wallet="stars"), "1 star", "1 stars"),
    ],
)
def test_values_as_each_language_writes_them(value: object, english: str, vietnamese: str) -> None:
    assert [written(value, each) for each in BOTH] == [english, vietnamese]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("label", "text", "english", "vietnamese"),
    [
        ("calendar.weekday", "monday", "Monday", "thứ Hai"),
        ("member.is_birthday", "false", "false", "không"),
        ("member.tags", "none", "none", "không có"),
        ("member.tags", '["none"]', "“none”", "none"),
        ("member.consents", '["e-mail, weekly","sms"]', "e-mail, weekly, sms", "e-mail, weekly, sms"),
        ("event.store", "none", "none", "none"),
        ("event.store", "true", "true", "true"),
        ("basket.eligible", "1234.50", "1,234.50", "1.234,50"),
        ("history.count(ever)", "3", "3", "3"),
        ("member.joined", "2017-01-09", "2017-01-09", "09/01/2017"),
        ("event.kind", "purchase", "purchase", "mua hàng"),
        ("event.store", "0412", "0412", "0412"),
        ("basket.total", None, "unknown", "chưa biết"),
    ],
)
def test_facts_that_a_journal_kept_as_texts(label: str, text: str | None, english: str, vietnamese: str) -> None:
    assert [recorded(label, text, each) for each in BOTH] == [english, vietnamese]


def test_a_saying_is_data_too_with_its_sentence_beside_it() -> None:
    saying = say(Phrase.MORE, amount=Decimal("3.20"))
    assert data(saying, "vi") == {"what": "more", "values": {"amount": "3.20"}, "text": "còn thiếu 3,20"}
    assert data((saying, None, date(2017, 1, 9))) == [
        {"what": "more", "values": {"amount": "3.20"}, "text": "3.20 more"}, None, "2017-01-09",
    ]  # fmt: skip


def test_a_partner_cannot_write_placeholders() -> None:
    """What an event says stays text, whatever it looks like."""
    assert spoken(say(Phrase.NEEDS, wanted="{value}", value="{0.__class__}")) == "needs {value}; is {0.__class__}"
    assert called('event.attributes["{name}"]') == "{name}"
