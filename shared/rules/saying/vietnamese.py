"""Every phrase in Vietnamese, which has no plural."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from shared.rules.saying import english
from shared.rules.saying.phrase import Phrase as P

PHRASES: Final[Mapping[P, str | tuple[str, str]]] = {
    P.AMOUNT: "{count} {wallet}",
    P.MONDAY: "thứ Hai",
    P.TUESDAY: "thứ Ba",
    P.WEDNESDAY: "thứ Tư",
    P.THURSDAY: "thứ Năm",
    P.FRIDAY: "thứ Sáu",
    P.SATURDAY: "thứ Bảy",
    P.SUNDAY: "Chủ nhật",
    P.IN_DAY: "trong ngày này",
    P.IN_WEEK: "trong tuần này",
    P.IN_MONTH: "trong tháng này",
    P.IN_QUARTER: "trong quý này",
    P.IN_YEAR: "trong năm này",
    P.IN_EVER: "tổng cộng",
    P.TRUE: "có",
    P.FALSE: "không",
    P.NONE: "không có",
    P.MORE: "còn thiếu {amount}",
    P.MORE_POINTS: "còn thiếu {count} điểm",
    P.MORE_PIECES: "còn thiếu {count} sản phẩm",
    P.MORE_TIMES: "còn thiếu {count}",
    P.MORE_DAYS: "còn {count} ngày nữa",
    P.MORE_YEARS: "còn {count} năm nữa",
    P.MORE_HOURS: "còn {count} giờ nữa",
    P.MORE_THAN: "còn thiếu hơn {amount}",
    P.TOO_MUCH: "vượt quá {amount}",
    P.TOO_MANY: "vượt quá {count}",
    P.LESS_THAN: "phải nhỏ hơn {wanted}; hiện là {value}",
    P.NEEDS: "cần {wanted}; hiện là {value}",
    P.NEEDS_ONE_OF: "cần một trong {wanted}; hiện là {value}",
    P.NEEDS_OTHER: "không được là {wanted}",
    P.NEEDS_BEFORE: "cần trước ngày {wanted}; hiện là {value}",
    P.NEEDS_UNTIL: "cần chậm nhất là {wanted}; hiện là {value}",
    P.NEEDS_FROM: "cần từ ngày {wanted}; hiện là {value}",
    P.NEEDS_AFTER: "cần sau ngày {wanted}; hiện là {value}",
    P.NEEDS_MORE_THAN: "cần hơn {wanted}; hiện là {value}",
    P.NEEDS_AT_LEAST: "cần ít nhất {wanted}; hiện là {value}",
    P.NEEDS_LESS_THAN: "cần ít hơn {wanted}; hiện là {value}",
    P.NEEDS_AT_MOST: "cần nhiều nhất {wanted}; hiện là {value}",
    P.FROM_HOUR: "từ {hour}:00; hiện là {value}:00",
    P.BEFORE_HOUR: "trước {hour}:00; hiện là {value}:00",
    P.NEEDS_TAG: "cần nhãn {wanted}",
    P.NEEDS_CONSENT: "cần đồng ý {wanted}",
    P.NEEDS_TIER: "cần hạng {wanted}; hiện là {value}",
    P.NEEDS_SEGMENT: "chỉ dành cho hội viên thuộc nhóm {wanted}",
    P.NO_SEGMENT: "khi đó không có nhóm {wanted} nào có hiệu lực",
    P.NEEDS_START: "phải bắt đầu bằng {wanted}; hiện là {value}",
    P.NEEDS_END: "phải kết thúc bằng {wanted}; hiện là {value}",
    P.NEEDS_WITHIN: "phải chứa {wanted}; hiện là {value}",
    P.UNKNOWN: "chưa biết {fact}",
    P.MUST_BE_UNKNOWN: "{fact} phải là chưa biết; hiện là {value}",
    P.MUST_NOT_HOLD: "không được như vậy",
    P.NO_LINE: "không có mặt hàng nào trong giỏ phù hợp",
    P.EVERY_LINE: "mọi mặt hàng trong giỏ phải phù hợp",
    P.NO_LINE_MAY: "không mặt hàng nào trong giỏ được như vậy",
    P.ONLY_BIRTHDAY: "chỉ vào ngày sinh nhật",
    P.MUST_HOLD: "phải như vậy",
    P.ONLY_FROM: "chỉ từ {wanted}; lần này là {value}",
    P.ONLY_UNTIL: "chỉ đến {wanted}; lần này là {value}",
    P.ONLY_DATES: "chỉ vào {wanted}; lần này là {value}",
    P.ONLY_WEEKDAYS: "chỉ vào {wanted}; lần này là {value}",
    P.ONLY_RECURRENCE: "chỉ vào các ngày theo {wanted}; lần này là {value}",
    P.ONLY_HOURS: "chỉ trong giờ {wanted}; lần này lúc {value}",
    P.AT_NIGHT: "đêm {day}",
    P.IN_ZONE: "{reason} (theo giờ {zone})",
    P.RUNS_NEXT: "{reason}; áp dụng lại từ {start}",
    P.RUNS_NO_MORE: "{reason}; không áp dụng nữa",
    P.CONDITION: "điều kiện chưa thỏa mãn",
    P.ONLY_SEGMENT: "chỉ dành cho hội viên thuộc nhóm {segment}",
    P.OF_CAMPAIGN: "chiến dịch {campaign}: {reason}",
    P.USED: ("đã dùng {period}", "đã dùng {count} lần {period}"),
    P.USED_BY: ("đã dùng {period} (bởi {events})", "đã dùng {count} lần {period} (bởi {events})"),
    P.POINTS_USED: "đã nhận đủ {count} điểm {period}",
    P.POINTS_USED_BY: "đã nhận đủ {count} điểm {period} (bởi {events})",
    P.HOUSEHOLD_USED: "hộ gia đình đã dùng hết {period}",
    P.ALL_USED: "tất cả hội viên đã dùng hết {period}",
    P.BUDGET_SPENT: "ngân sách {count} điểm đã hết",
    P.TOO_OLD: "quá lâu để chắc chắn là chưa dùng",
    P.AGAIN_FROM: "{reason}; dùng lại được từ {start}",
    P.CUT: "bớt {taken} trong {wanted}: {reason}",
    P.STACKED_BEST: "{winner} được nhiều hơn: {winning} thay vì {wanted}",
    P.STACKED_FIRST: "{winner} được ưu tiên, và chỉ một quy tắc của {group} được cộng điểm",
    P.FIXED: "số điểm cố định",
    P.PER_AMOUNT: "{total}: {give} cho mỗi {per}, {rounding}",
    P.PER_QUANTITY: "{total} sản phẩm: {give} cho mỗi {per}, {rounding}",
    P.PER_LINE: "{count} mặt hàng: {give} cho mỗi mặt hàng",
    P.CASHBACK: "{percent} % của {total}, 1 cho mỗi {unit}, {rounding}",
    P.ONCE_MORE: "nhận thêm một lần số điểm của {rules}",
    P.TIMES: "gấp {by} lần {base} điểm của {rules}, đây là phần thêm, {rounding}",
    P.DOWN: "làm tròn xuống",
    P.UP: "làm tròn lên",
    P.HALF_UP: "làm tròn, nửa thì lên",
    P.HALF_EVEN: "làm tròn, nửa thì về số chẵn",
    P.EACH_LINE: "từng mặt hàng {rounding}",
    P.AT_LEAST: "nhưng ít nhất {bound}",
    P.AT_MOST: "nhưng nhiều nhất {bound}",
    P.NO_CURRENCY: "số tiền không ghi loại tiền; mức tính là {wanted}",
    P.OTHER_CURRENCY: "số tiền là {currency}; mức tính là {wanted}",
    P.BUILDS_ON_NOTHING: "dựa trên {rules}, mà chưa được điểm nào",
    P.DAY_OF: "{day} là ngày thứ {number} trên {goal} trong {period}",
    P.COUNT_OF: "{reached} trên {goal} trong {period}",
    P.DAY_COUNTED: "{day} đã được tính; {reached} trên {goal} trong {period}",
    P.WAS_FULL: "{period} đã đủ {goal}",
    P.NOT_COUNTED: "{period} đã quá lâu để được tính",
    P.PUBLISHED_SINCE: "đã cộng theo quy định lúc đó; sau này có quy định khác",
    P.WOULD_GIVE: "phiên bản {version} sẽ cho {points}, nhưng được công bố sau khi đã ghi nhận",
    P.NOT_POSTED: "đã được {points}, nhưng chưa được ghi vào tài khoản",
}

FACTS: Final[Mapping[str, str]] = {
    "event.kind": "loại sự kiện",
    "event.partner": "đối tác",
    "event.store": "cửa hàng",
    "event.channel": "kênh bán",
    "event.payment": "cách thanh toán",
    "event.currency": "loại tiền",
    "event.attributes": "{name}",
    "basket.total": "tổng giỏ hàng",
    "basket.eligible": "số tiền được tính điểm",
    "basket.quantity": "số sản phẩm",
    "calendar.date": "ngày",
    "calendar.weekday": "thứ trong tuần",
    "calendar.hour": "giờ",
    "calendar.day": "ngày trong tháng",
    "calendar.month": "tháng",
    "member.tier": "hạng",
    "member.tiers": "các hạng",
    "member.segments": "các nhóm",
    "member.tags": "các nhãn",
    "member.consents": "các đồng ý",
    "member.household": "hộ gia đình",
    "member.joined": "ngày tham gia",
    "member.birthday": "ngày sinh",
    "member.is_birthday": "có phải sinh nhật không",
    "member.age": "tuổi",
    "member.referrals": "số lần giới thiệu",
    "member.attributes": "{name}",
    "member.balance": "số dư {name}",
    "member.lifetime": "tổng {name} từng nhận",
}


def number(value: int | Decimal) -> str:
    """`1.234,50`"""
    return english.number(value).translate(str.maketrans(",.", ".,"))


def day(value: date) -> str:
    """`09/01/2017`"""
    return f"{value:%d/%m/%Y}"


def moment(value: datetime) -> str:
    """`09:00 thứ Hai 09/01/2017`"""
    weekday = PHRASES[list(P)[list(P).index(P.MONDAY) + value.weekday()]]
    return f"{value:%H:%M} {weekday} {value:%d/%m/%Y}"


def wallet(name: str, count: int) -> str:
    """As it is."""
    return name
