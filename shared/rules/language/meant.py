"""Facts and functions by the names that people write for them: words that are not spelt like ours, where the nearest
by its letters would lead astray. What is only misspelt is in `hints`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from difflib import SequenceMatcher
from operator import ge, gt, le, lt
from typing import Any, Final

from shared.rules.language.catalogue import FACTS, FUNCTIONS
from shared.rules.language.dates import as_date
from shared.rules.language.questions import spelt_name
from shared.rules.language.syntax import Call, ExpressionError, Literal, Name, Node
from shared.rules.language.terms import Const, Fact, Term, literal
from shared.rules.language.types import wanted
from shared.rules.localtime import WEEKDAYS

OF_A_LINE: Final = "about a line"
"""As a name is asked for in a filter of lines."""
TODAY: Final = ("today", "now", "calendar.today", "calendar.now", "event.today")
_COUNTED: Final = ("purchases", "visits", "orders", "transactions", "events", "times")
_ADDED: Final = ("total", "amount", "spend", "spent", "spending", "revenue")
_WALLETS: Final = ("member.points", "member.wallet", "member.wallets", "member.balances")
# What CEL and others call them.
OTHERWISE: Final = {
    "lines.exists": "lines.any", "lines.exists_one": "lines.count", "lines.size": "lines.count",
    "lines.every": "lines.all", "lines.some": "lines.any",
    "lines.max": "lines.dearest", "lines.min": "lines.cheapest",
    **dict.fromkeys(("basket.count", "basket.size", "basket.length", "lines.length"), "lines.count"),
    **dict.fromkeys((f"history.{each}" for each in _COUNTED), "history.count"),
    **dict.fromkeys((f"history.{each}" for each in _ADDED), "history.sum"),
}  # fmt: skip
_HOURS: Final = ("calendar.time", "event.time", "event.hour")
# Of the lines themselves: whether they are counted or looked into nobody knows.
LINES: Final = ("lines", "basket.lines", "basket.items", "event.lines", "event.items")
_ASK_LINES: Final = (
    "ask its lines with lines.count() for how many there are, such as lines.count() > 3, and with lines.any(filter) "
    'for what one of them is, such as lines.any(category == "wine")'
)
COUNTS: Final = ("len", "size", "length", "count")  # as functions
_RECKONED: Final = ("yesterday", "tomorrow")
_ASK_DAYS: Final = "of dates, ask how many days ago they are, such as days_since(member.joined) == 1"
# What partners send of a member, if they do.
_PROFILE: Final = {
    "address", "city", "country", "email", "first_name", "gender", "id", "language", "last_name", "locale", "name",
    "phone", "postcode", "region", "sex", "state", "zip",
}  # fmt: skip
_BILLS: Final = ("purchase", "transaction", "order", "cart", "receipt")
_TOTALS: Final = (
    *("basket.value", "basket.sum", "basket.subtotal", "basket.grand_total"),
    *(f"{of}.{each}" for of in _BILLS for each in ("amount", "total", "value", "sum")),
)
_STORES: Final = (
    *(f"event.{each}" for each in ("shop", "branch", "location", "outlet", "shop_id", "branch_id", "store_id")),
    *("basket.store", "basket.shop"),
)
_LINE: Final = {
    **dict.fromkeys(("qty", "pieces"), "quantity"), **dict.fromkeys(("sku", "item"), "product"),
}  # fmt: skip
_PURSES: Final = ("wallet", "wallets", "balance", "balances", "points")
_DAYS_OFF: Final = 'write calendar.weekday in ["saturday", "sunday"]'
_WORKDAYS: Final = 'write calendar.weekday in ["monday", "tuesday", "wednesday", "thursday", "friday"]'
_ANSWERED: Final = {
    **dict.fromkeys((f"calendar.{each}" for each in ("is_weekend", "weekend", "isWeekend")), _DAYS_OFF),
    **dict.fromkeys((f"calendar.{each}" for each in ("is_weekday", "is_workday", "workday")), _WORKDAYS),
    **dict.fromkeys(
        ("member.language", "member.locale", "member.lang"),
        "in which language a member reads says their signup's profile, which rules do not ask",
    ),
}
_VISITS: Final = ("visits", "visit_count", "purchases", "purchase_count", "orders", "order_count", "transactions")
_SPENT: Final = ("spend", "spent", "total_spent", "total_spend", "lifetime_spend", "spending", "revenue")
# What a member did is asked of their history; partners may have sent it all the same.
_HISTORY: Final = dict.fromkeys(_VISITS, "history.count(ever)") | dict.fromkeys(
    _SPENT, "history.sum(basket.total, ever)"
)
_SETS: Final = {
    f"{before}{each}": f"member.{each.removesuffix('s')}s"
    for before in ("member.", "")
    for each in ("consents", "consent", "tags", "segments", "tiers")
}
_FACTS: Final = {
    **dict.fromkeys(_HOURS, "calendar.hour"),
    **dict.fromkeys(TODAY, "calendar.date"),
    **dict.fromkeys(("member.status", "member.level", "member.rank"), "member.tier"),
    **dict.fromkeys(_WALLETS, "member.balance.<name>"),
    **{f"member.{each}": f"member.{each}.<name>" for each in ("balance", "lifetime")},
    **dict.fromkeys(_TOTALS, "basket.total"),
    "event.type": "event.kind",
    **dict.fromkeys(_STORES, "event.store"),
    **dict.fromkeys(("event.merchant", "event.retailer", "event.source"), "event.partner"),
    **dict.fromkeys((f"member.referrals.{each}" for each in COUNTS), "member.referrals"),
    **dict.fromkeys(("member.registered", "member.since", "member.member_since"), "member.joined"),
}
_NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_ORDERED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_SHORT: Final = 3  # letters of a month, as on calendars
_ALIKE: Final = 0.75  # how like a fact a name is, to be that one misspelt rather than a wallet
_IN_A_WALLET: Final = "points are in wallets: write {0}.<wallet>, such as {0}.stars"


def fact_meant(name: str, known: Collection[str], about: str = "") -> str:
    """What to write for a fact of another name; nothing where nobody knows. about: set in filters, where
    neither the member nor their history is asked."""
    if not about and (name in LINES or name in _RECKONED):
        return _ASK_LINES if name in LINES else _ASK_DAYS
    if not about and name in OTHERWISE:
        return f"did you mean {FUNCTIONS[OTHERWISE[name]].form}?"
    if is_truth(name):
        return f"write {name.casefold()}"
    if about == OF_A_LINE and name in _LINE:
        return f"did you mean {_LINE[name]}?"
    if name in _ANSWERED and (name.startswith("calendar.") or not about):
        return "" if about == OF_A_LINE else _ANSWERED[name]
    of, _, wallet = name.rpartition(".")
    if not about and of in _PURSES and wallet not in COUNTS:
        return f"did you mean {spelt_name(('member', 'balance', wallet))}?"
    if not about and (said := _history_meant(of, wallet) or _in_a_set(of, wallet)):
        return said
    of_one = of in _WALLETS
    meant = _FACTS.get(of if of_one else name, "")
    if meant not in known:
        return ""
    if about and meant.startswith("member."):
        return "a filter of history asks about events, not about the member now"
    if of_one:
        return f"did you mean {spelt_name(('member', 'balance', wallet))}?"
    return f"did you mean {meant}?" if meant in FACTS else _IN_A_WALLET.format(meant.removesuffix(".<name>"))


def is_truth(name: str) -> bool:
    """Whether somebody meant true or false."""
    return name.casefold() in ("true", "false")


def _history_meant(of: str, last: str) -> str:
    """`member.visits`, `total_spent`"""
    if of not in ("", "member") or last not in _HISTORY:
        return ""
    return f"write {_HISTORY[last]}" + (f"; if partners send it, write member.attributes.{last}" if of else "")


def _in_a_set(of: str, text: str) -> str:
    """`member.consents.sms`: whether it is asked to be there, or not to be, nobody knows."""
    if of not in _SETS or text in COUNTS:  # how many there are is no text
        return ""
    asked = f"{literal(text)} in {_SETS[of]}"
    return f"a set of texts is asked with `in`: {asked}, or !({asked})"


def of_a_weekday(of: Term, sign: str, number: Decimal) -> str:
    """What asks for the weekdays that somebody has numbered; nothing where it is no weekday."""
    if not isinstance(of, Fact) or of.asked.label != "calendar.weekday":
        return ""
    days = [each for day, each in enumerate(WEEKDAYS, 1) if _ORDERED[sign](day, number)]
    listed = ", ".join(map(literal, days))
    if 0 < len(days) < len(WEEKDAYS):
        return f": write calendar.weekday in [{listed}]"
    return ', such as calendar.weekday in ["saturday", "sunday"]'


def own_member_fact(name: str, others: Iterable[str]) -> str:
    """What to write for a fact of a member that is none and is not spelt like one: `member.stars`, `member.city`.
    others: what there is about a member."""
    of, _, last = name.partition(".")
    if of != "member" or not last.isidentifier():
        return ""
    sent = f"if partners send it, write member.attributes.{last}"
    if last in _PROFILE:
        return sent
    alike = (each.rpartition(".")[2] for each in others)
    if any(last.startswith(each) or each.startswith(last) or _ratio(last, each) >= _ALIKE for each in alike):
        return ""
    return f"if {last} is a wallet, write member.balance.{last}; {sent}"


def own_line_field(name: str, fields: Collection[str]) -> str:
    """What to write for a field of a line that is none and is not spelt like one: `organic`, `discount`."""
    if not name.isidentifier() or name in fields or name in (*TODAY, *_RECKONED):
        return ""
    begun = (each for each in fields if len(name) >= _SHORT and each.startswith(name))
    alike = (each for each in fields if each in name.split("_") or _ratio(name.casefold(), each) >= _ALIKE)
    return "" if any((*begun, *alike)) else f"if partners send it, write attributes.{name}"


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def on_a_birthday(name: Node, beside: str) -> str:
    """What to write where a birthday is compared with today: a birthday has its year."""
    asked = isinstance(name, Name) and name.dotted in (*TODAY, *_RECKONED) and beside == "member.birthday"
    return "of a birthday, ask member.is_birthday (today is the day)" if asked else ""


def since_a_written_date(node: Call) -> ExpressionError | None:
    """Of `days_since("2026-12-01")`: of a day that is written nobody has to count how long ago it is."""
    given = node.arguments[0] if len(node.arguments) == 1 else None
    if not isinstance(given, Literal) or not isinstance(given.value, str):
        return None
    try:
        day = as_date(given.value, given.at)
    except ExpressionError:
        return None
    # Which comparison is meant nobody knows: `< 0` is before that day, `<= 30` until 30 days behind it.
    said = (
        "days_since takes a fact that is a date, not one that is written; compare calendar.date with that day, such as "
        f'calendar.date >= "{day}"'
    )
    return ExpressionError(said, node.at)


def beside(left: Term, right: Const) -> str:
    """What to write for a value of another type than what it is compared with: the same value, where it can be."""
    value = right.value
    if isinstance(left, Fact) and left.asked.label == "calendar.weekday" and isinstance(value, Decimal):
        numbered = value in range(1, 8)  # 0 is Sunday to some, and 7 to others
        day = WEEKDAYS[int(value) - 1] if numbered else "sunday"
        return f'weekdays are texts: write {"" if numbered else "one, such as "}"{day}" (1 is monday, 7 sunday)'
    if left.type.kind == "text" and isinstance(value, int | Decimal) and not isinstance(value, bool):
        return f'write it in quotes: "{value}"'
    if left.type.kind == "number" and isinstance(value, str):
        if _NUMBER.fullmatch(value.strip()):
            return f"write it without quotes: {value.strip()}"
        month = _month(value) if isinstance(left, Fact) and left.asked.label == "calendar.month" else None
        if month is not None:
            return f"months are numbers: write {month}"
    return f"write {wanted(left.type)}"


def _month(said: str) -> int | None:
    begun = said.strip().casefold()
    found = [number for number, each in enumerate(_MONTHS, 1) if len(begun) >= _SHORT and each.startswith(begun)]
    return found[0] if len(found) == 1 else None
