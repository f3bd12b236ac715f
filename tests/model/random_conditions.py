"""Random conditions: every form of the language, over values that the random events take now and then."""

from __future__ import annotations

from random import Random
from typing import Any

STORES = ("north-1", "north-2", "south-1", "q t, é")
EQUAL = ("==", "==", "!=")
ORDER = ("<", "<=", ">", ">=", "==", "!=")
_TEXTS = {
    "event.kind": ("purchase", "signup", "return"),
    "event.partner": ("grocer", "petrol", "cinema"),
    "event.store": STORES,
    "event.channel": ("online", "shop"),
    "event.payment": ("card", "cash"),
    "event.currency": ("USD", "VND"),
    "calendar.weekday": ("monday", "friday", "sunday"),
    "member.tier": ("gold", "green"),
    "member.household": ("h1", "h2"),
    "calendar.holiday(\"US\")": ("Memorial Day", "Independence Day"),
}  # fmt: skip
_NUMBERS = {
    "basket.total": ("0", "2.50", "10.00", "10", "35.000", "20.01"),
    "basket.eligible": ("5", "12.50", "20.00"),
    "basket.total - basket.eligible": ("0", "2.50"),
    "2.5 * basket.total + 1": ("26", "51.005"),
    "basket.quantity": ("1", "3", "7"),
    "calendar.hour": ("8", "12", "20"),
    "calendar.day": ("1", "15", "28"),
    "calendar.month": ("3", "6"),
    "member.age": ("16", "17", "27"),
    "member.referrals": ("0", "2"),
    "member.balance.stars": ("10", "500"),
    "member.lifetime.stars": ("900",),
    "days_since(member.joined)": ("0", "30", "100"),
    "days_since(history.last(ever))": ("0", "1", "30"),
    "lines.count()": ("1", "2", "3"),
    "lines.cheapest()": ("0.5", "2.50"),
    "lines.sum(quantity)": ("3",),
}
_DATES = {
    "calendar.date": ("2017-03-01", "2017-06-15"),
    "member.joined": ("2016-12-29", "2017-03-01"),
    "member.birthday": ("1990-03-10", "2000-06-01"),
    "history.first(ever)": ("2017-03-01",),
}
_TRUTHS = (
    "member.is_birthday", "has(event.store)", "has(member.birthday)", "has(member.household)",
    "has(event.attributes.coupon)",
    'has(calendar.holiday("US"))', '"gold" in member.tiers', '"wine-club" in member.tags', '"sms" in member.consents',
    'event.store.startsWith("north")', 'event.store.endsWith("1")', 'event.store.contains("th-")', "true", "false",
    'event.attributes.coupon == "X1"', "event.attributes.coupon == true", "event.attributes.coupon == 1",
    "event.attributes.coupon in [1, true]", "event.attributes.stamps in [true, 1, 3]",
    'member.attributes.vip in ["yes", 0, false]', 'member.attributes.kids in [true, "2", 0, false]',
    "event.attributes.stamps >= 2", "event.attributes.stamps in [1, 3]", 'event.attributes.coupon in ["X1", true]',
    'event.attributes.coupon.startsWith("X")', "event.attributes.stamps != event.attributes.coupon",
    'member.attributes.town == "city"', "member.attributes.vip == true", 'member.attributes.kids != "2"',
    "member.attributes.kids > 1", "basket.total == basket.eligible", "basket.total > basket.eligible * 1.5",
)  # fmt: skip
_LINES = (
    'department == "DELI"', 'department != "FUEL"', 'category == "wine"', 'brand in ["Acme", "Best"]', "amount >= 5.00",
    "price < 1.00", "price > 3.3334", "quantity >= 2", 'category == "wine" && brand == "Acme"',
    "attributes.organic == true",
    'department == "DELI" || category == "tea"', "has(brand)", 'product == "p"', '!(brand.startsWith("A"))',
    "quantity * 2 > 3",
)  # fmt: skip
_PAST = (
    'event.store == "north-1"', "basket.total >= 10", 'lines.any(category == "wine")', 'event.kind == "signup"',
    'event.partner == "grocer" && calendar.hour < 12', "!has(event.store)", 'event.kind in ["purchase", "return"]',
    "lines.sum(amount, brand == 'Acme') > 1",
)  # fmt: skip
_WINDOWS = ("today", "this_week", "this_month", "this_quarter", "this_year", "ever", "last_days(10)", "last_days(60)",
            'since("2017-03-02")')  # fmt: skip


def condition(r: Random, depth: int, member: float = 0.4) -> Any:
    """A tree; `member`: how often its leaves ask about the member."""
    shape = r.random()
    if depth == 0 or shape < 0.45:
        return expression(r, member)
    if shape < 0.65:
        return {"all": [condition(r, depth - 1, member) for _ in range(r.randrange(1, 4))]}
    if shape < 0.85:
        return {"any": [condition(r, depth - 1, member) for _ in range(r.randrange(1, 4))]}
    return {"not": condition(r, depth - 1, member)}


def expression(r: Random, member: float) -> str:
    """One leaf, now and then of several comparisons."""
    shape = r.random()
    if shape < 0.7:
        return comparison(r, member)
    if shape < 0.8:
        return f"!({comparison(r, member)})"
    sign = r.choice(("&&", "||"))
    parts = [f"({comparison(r, member)})" for _ in range(r.randrange(2, 4))]
    return f" {sign} ".join(parts)


def comparison(r: Random, member: float) -> str:
    if r.random() < member * 0.6:
        return history(r)
    form = r.randrange(6)
    if form == 0:
        return r.choice(_TRUTHS)
    if form == 1:
        name = r.choice(sorted(_TEXTS))
        if r.random() < 0.3:
            options = r.sample(_TEXTS[name], min(len(_TEXTS[name]), r.randrange(1, 4)))
            return f"{name} in [{', '.join(map(quoted, options))}]"
        return f"{name} {r.choice(EQUAL)} {quoted(r.choice(_TEXTS[name]))}"
    if form == 2:
        name = r.choice(sorted(_DATES))
        return f"{name} {r.choice(ORDER)} {quoted(r.choice(_DATES[name]))}"
    if form == 3:
        return lines(r)
    name = r.choice(sorted(_NUMBERS))
    if r.random() < 0.15:
        return f"{name} in [{', '.join(_NUMBERS[name][:2])}, 99]" if name != "2.5 * basket.total + 1" else "true"
    return f"{name} {r.choice(ORDER)} {r.choice(_NUMBERS[name])}"


def quoted(text: str) -> str:
    return f'"{text}"'


def line_filter(r: Random) -> str:
    return r.choice(_LINES)


def lines(r: Random) -> str:
    """A question about the lines of the basket."""
    form, where = r.randrange(6), r.choice(_LINES)
    if form == 0:
        return f"lines.{r.choice(('any', 'all', 'none'))}({where})"
    if form == 1:
        return f"lines.count({where}) {r.choice(ORDER)} {r.randrange(3)}"
    if form == 2:
        return (
            f"lines.sum({r.choice(('amount', 'quantity'))}, {where}) {r.choice(ORDER)} {r.choice(('0', '2', '12.50'))}"
        )
    if form == 3:
        what = r.choice(("product", "category", "department", "brand"))
        return f"lines.distinct({what}, {where}) {r.choice(ORDER)} {r.randrange(4)}"
    if form == 4:
        return (
            f"lines.{r.choice(('cheapest', 'dearest'))}({where}) {r.choice(ORDER)} {r.choice(('1', '2.5', '3.3333'))}"
        )
    return f"has(lines.cheapest({where}))"


def history(r: Random) -> str:
    """A question about the member's past."""
    window, where = r.choice(_WINDOWS), f", {r.choice(_PAST)}" if r.random() < 0.5 else ""
    form = r.randrange(6)
    if form == 0:
        return f"history.count({window}{where}) {r.choice(ORDER)} {r.randrange(5)}"
    if form == 1:
        what = r.choice(("basket.eligible", "basket.total", "basket.quantity", 'lines.sum(amount, brand == "Acme")'))
        return f"history.sum({what}, {window}{where}) {r.choice(ORDER)} {r.choice(('0', '20', '75.50'))}"
    if form == 2 and r.random() < 0.5:
        what, where = r.choice(("product", "category", "department", "brand")), f", {r.choice(_LINES)}" if where else ""
        return f"history.distinct({what}, {window}{where}) {r.choice(ORDER)} {r.randrange(4)}"
    if form == 2:
        what = r.choice(("event.store", "event.partner", "calendar.date", "event.channel"))
        return f"history.distinct({what}, {window}{where}) {r.choice(ORDER)} {r.randrange(4)}"
    if form == 3:
        return f"history.streak({r.choice(('day', 'week', 'month'))}{where}) {r.choice(ORDER)} {r.randrange(4)}"
    which = r.choice(("first", "last"))
    if form == 4:
        return f"days_since(history.{which}({window}{where})) {r.choice(ORDER)} {r.choice((0, 1, 5, 30))}"
    return f"has(history.{which}({window}{where}))"
