"""Conditions on the lines of a basket, as members read them: in words where the filter is simple, else as written."""

from __future__ import annotations

import pytest

from shared.ops.rulings import Ruling
from shared.ops.telling_rulings import tell_ruling
from tests.unit.rulekit import basket, book, line, rule
from tests.unit.test_explaining import Counter

BOUGHT = basket(line("6.00", category="beer"), line("4.00", 2, category="wine"), time="2017-03-01T12:00:00-05:00")


@pytest.mark.parametrize(
    ("when", "english", "vietnamese"),
    [
        ('lines.cheapest(category == "wine") < 2.00',
         "no: the price of the cheapest piece with category wine is less than 2.00: must be less than 2.00; is 2.00",
         "chưa đạt: giá của sản phẩm rẻ nhất có loại hàng wine nhỏ hơn 2,00: phải nhỏ hơn 2,00; hiện là 2,00"),
        ('lines.dearest(brand == "Acme") >= 3.00',
         "no: the price of the dearest piece with brand Acme is at least 3.00: "
         "the price of the dearest piece with brand Acme is unknown",
         "chưa đạt: giá của sản phẩm đắt nhất có nhãn hiệu Acme ít nhất là 3,00: "
         "chưa biết giá của sản phẩm đắt nhất có nhãn hiệu Acme"),
        ("lines.count(amount >= 5.00) >= 2",
         "no: the number of lines with an amount of at least 5.00 is at least 2 (is 1): 1 more",
         "chưa đạt: số mặt hàng có số tiền ít nhất là 5,00 ít nhất là 2 (là 1): còn thiếu 1"),
        ("lines.any(price > 9.00)",
         "no: there is a line of the basket with a price of more than 9.00: no line of the basket fits",
         "chưa đạt: có mặt hàng trong giỏ có giá trên 9,00: không có mặt hàng nào trong giỏ phù hợp"),
        ('lines.all(department == "DELI")',
         "no: there is nothing but lines with department DELI: every line of the basket must fit",
         "chưa đạt: trong giỏ chỉ có mặt hàng có quầy DELI: mọi mặt hàng trong giỏ phải phù hợp"),
        ('lines.none(category == "wine" && quantity <= 2)',
         "no: there is no line with category wine and a quantity of at most 2: no line of the basket may fit",
         "chưa đạt: trong giỏ không có mặt hàng nào có loại hàng wine và số lượng không quá 2: "
         "không mặt hàng nào trong giỏ được như vậy"),
        ('lines.any(category in ["tea", "rum"])',
         'no: there is a line of the basket with category tea or rum: no line of the basket fits',
         'chưa đạt: có mặt hàng trong giỏ có loại hàng tea hoặc rum: không có mặt hàng nào trong giỏ phù hợp'),
        ('lines.any(category == "tea" || price > 9)',
         'no: lines.any(category == "tea" || price > 9): no line of the basket fits',
         'chưa đạt: lines.any(category == "tea" || price > 9): không có mặt hàng nào trong giỏ phù hợp'),
        ('lines.count(attributes.colour == "red") >= 2',
         'no: the number of lines with colour red is at least 2 (is 0): 2 more',
         'chưa đạt: số mặt hàng có colour red ít nhất là 2 (là 0): còn thiếu 2'),
        ('lines.count(category != "wine") >= 2',
         'no: the number of lines with category other than wine is at least 2 (is 1): 1 more',
         'chưa đạt: số mặt hàng có loại hàng khác wine ít nhất là 2 (là 1): còn thiếu 1'),
        ('lines.any(category != "tea")', 'yes: there is a line of the basket with category other than tea',
         'đạt: có mặt hàng trong giỏ có loại hàng khác tea'),
    ],
)  # fmt: skip
def test_lines_in_words(when: str, english: str, vietnamese: str) -> None:
    """Breaks without the sentences of a function or of a comparison in a filter; and when half of a comparison is told
    in words and half as it is written."""
    found = Counter(book(rule("x", f"when: '{when}'\nthen: {{fixed: 5}}"))).explain(BOUGHT)
    ruling = Ruling("x", "X", "earn", 1, found.verdict, (), found.why, found)
    assert [tell_ruling(ruling, each)[1].strip() for each in ("en", "vi")] == [english, vietnamese]


@pytest.mark.parametrize(
    ("when", "english", "vietnamese"),
    [
        ("history.streak(day, basket.total >= 5) >= 3",
         "no: the number of days in a row with a purchase with a basket of at least 5 is at least 3 (is 1): 2 more",
         "chưa đạt: số ngày liên tiếp có mua hàng có tổng giỏ hàng ít nhất là 5 ít nhất là 3 (là 1): còn thiếu 2"),
        ('history.count(this_month, 5.00 <= basket.total && event.store == "12") >= 3',
         "no: the number of purchases this month with a basket of at least 5.00 and the store 12 is at least 3 "
         "(is 0): 3 more",
         "chưa đạt: số lần mua trong tháng này có tổng giỏ hàng ít nhất là 5,00 và cửa hàng 12 ít nhất là 3 "
         "(là 0): còn thiếu 3"),
        ('history.count(this_week, calendar.weekday in ["friday", "saturday"]) >= 1',
         "no: the number of purchases this week with the weekday Friday or Saturday is at least 1 (is 0): 1 more",
         "chưa đạt: số lần mua trong tuần này có thứ trong tuần thứ Sáu hoặc thứ Bảy ít nhất là 1 (là 0): còn thiếu 1"),
        ('history.sum(basket.total, last_days(30), lines.count(category == "wine") >= 2) >= 30',
         "no: the sum of the basket in the last 30 days with the number of lines with category wine of at least 2 "
         "is at least 30.00 (is 0.00): 30.00 more",
         "chưa đạt: tổng giỏ hàng trong 30 ngày gần đây có số mặt hàng có loại hàng wine ít nhất là 2 "
         "ít nhất là 30,00 (là 0,00): còn thiếu 30,00"),
        # Of other kinds "purchases" would be untrue.
        ('history.count(ever, event.kind == "referral") >= 1',
         "no: the number of referrals ever is at least 1 (is 0): 1 more",
         "chưa đạt: số lần giới thiệu từ trước đến nay ít nhất là 1 (là 0): còn thiếu 1"),
        ('history.count(this_week, event.kind == "return" && event.store == "12") >= 2',
         "no: the number of returns this week with the store 12 is at least 2 (is 0): 2 more",
         "chưa đạt: số lần trả hàng trong tuần này có cửa hàng 12 ít nhất là 2 (là 0): còn thiếu 2"),
        ('history.count(ever, event.kind != "purchase") >= 1',
         'no: history.count(ever, event.kind != "purchase") >= 1 (is 0): 1 more',
         'chưa đạt: history.count(ever, event.kind != "purchase") >= 1 (là 0): còn thiếu 1'),
    ],
)  # fmt: skip
def test_filters_of_history_in_words(when: str, english: str, vietnamese: str) -> None:
    """Breaks where a filter of history knows only what lines have."""
    found = Counter(book(rule("x", f"when: '{when}'\nthen: {{fixed: 5}}"))).explain(BOUGHT)
    ruling = Ruling("x", "X", "earn", 1, found.verdict, (), found.why, found)
    assert [tell_ruling(ruling, each)[1].strip() for each in ("en", "vi")] == [english, vietnamese]
