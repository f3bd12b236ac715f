"""What facts are called in Vietnamese: those of the catalogue, fields of lines, windows of time, and functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

FACTS: Final[Mapping[str, str]] = {
    "event.kind": "loại sự kiện",
    "event.partner": "đối tác",
    "event.store": "cửa hàng",
    "event.channel": "kênh bán",
    "event.payment": "cách thanh toán",
    "event.currency": "loại tiền",
    "event.attributes": "{name}",
    "basket.total": "tổng giỏ hàng",
    "basket.paid_with_points": "số tiền trả bằng điểm",
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
    "member.consents": "danh sách đồng ý",
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

FIELDS: Final[Mapping[str, str]] = {
    "product": "sản phẩm",
    "category": "loại hàng",
    "brand": "nhãn hiệu",
    "department": "quầy",
    "amount": "số tiền",
    "price": "giá",
    "quantity": "số lượng",
}
FILTERED: Final[Mapping[str, str]] = FIELDS
NUMBERS: Final[Mapping[str, str]] = {
    "==": "{field} là {value}",
    ">=": "{field} ít nhất là {value}",
    ">": "{field} trên {value}",
    "<=": "{field} không quá {value}",
    "<": "{field} dưới {value}",
}
WHERE: Final = " có {conditions}"
AND: Final = " và "
OR: Final = " hoặc "
OTHER: Final = "{field} khác {value}"
WINDOWS: Final[Mapping[str, str]] = {
    "today": "hôm nay",
    "this_week": "trong tuần này",
    "this_month": "trong tháng này",
    "this_quarter": "trong quý này",
    "this_year": "trong năm này",
    "ever": "từ trước đến nay",
    "last_day": "trong ngày gần đây",
    "last_days": "trong {count} ngày gần đây",
    "since": "từ {day}",
    "day": "ngày",
    "week": "tuần",
    "month": "tháng",
}
EVENTS: Final[Mapping[str, Sequence[tuple[str, str]]]] = {
    "purchase": (),
    "return": (("lần mua", "lần trả hàng"), ("có mua hàng", "có trả hàng")),
    "referral": (("lần mua", "lần giới thiệu"), ("có mua hàng", "có giới thiệu")),
    "signup": (("lần mua", "lần đăng ký"), ("có mua hàng", "có đăng ký")),
}
FUNCTIONS: Final[Mapping[str, str]] = {
    "history.count": "số lần mua {window}{where}",
    "history.sum": "tổng {of} {window}{where}",
    "history.distinct": "số giá trị khác nhau của {of} {window}{where}",
    "history.distinct.lines": "số {of} khác nhau đã mua {window}{where}",
    "history.streak": "số {window} liên tiếp có mua hàng{where}",
    "history.first": "lần mua đầu tiên {window}{where}",
    "history.last": "lần mua gần nhất {window}{where}",
    "lines.count": "số mặt hàng{where}",
    "lines.cheapest": "giá của sản phẩm rẻ nhất{where}",
    "lines.dearest": "giá của sản phẩm đắt nhất{where}",
    "lines.sum": "tổng {of} của các mặt hàng{where}",
    "lines.distinct": "số {of} khác nhau{where}",
    "lines.any": "mặt hàng trong giỏ{where}",
    "lines.all": "chỉ có mặt hàng{where}",
    "lines.none": "không có mặt hàng nào{where}",
    "days_since": "số ngày từ {of}",
    "calendar.holiday": "ngày lễ ({of})",
}
