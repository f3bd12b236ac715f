"""The adapter: tells the data package's year as the records that partner `grocer` would publish, in publishing order.

First a signup for every household, then every basket as a purchase in order of time. What the data does not have is
made up by rule: an e-mail address and a name from the household's id; language `vi` where the id is divisible by 5,
else `en`; the preference for a formal salutation where it is divisible by 7.

On purpose it also sends what a partner would by mistake:

- every 100th purchase once more, byte for byte (ends as a duplicate);
- every 500th a third time, with the same id and another total (dead letter `content_changed`);
- 200 records over the year with one fault each, cycling through `INVALID_REASONS`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Literal
from zoneinfo import ZoneInfo

import orjson

from shared.demo import dataset
from shared.demo.dataset import DATA_CLOCK, Basket, Product

Kind = Literal["signup", "purchase", "duplicate", "changed", "invalid"]

TOPIC = "partner.grocer"
SOURCE = "/partners/grocer"
PROGRAM_ZONE = ZoneInfo("America/New_York")
DUPLICATE_EVERY = 100
CHANGED_EVERY = 500
INVALID_RECORDS = 200

INVALID_REASONS: tuple[str, ...] = (
    "not_json",  # the first half of a valid event's bytes
    "unknown_type",  # type loyalty.teleport.v1
    "missing_field",  # a purchase without lines
    "invalid_value",  # a purchase line with quantity -1
    "wrong_source",  # source /partners/somebody-else, on the grocer's topic
    "unsupported_version",  # type loyalty.purchase.v9
)
"""The dead-letter reason of invalid record k is number k modulo 6; each record is valid but for that one fault."""

AFTERWARDS = datetime(2018, 1, 2, tzinfo=DATA_CLOCK)
"""What time it is where the year is played: by the wall's clock all its statuses would have run out long ago."""

_START = datetime(2017, 1, 1, tzinfo=DATA_CLOCK)
_INVALID_STEP = timedelta(days=365) / INVALID_RECORDS


@dataclass(frozen=True, slots=True)
class Message:
    """One record to publish on `TOPIC`: `key` is the household's id in digits, `value` a CloudEvent in structured mode
    (or, where `kind` is `invalid`, something that is not quite one)."""

    kind: Kind
    key: bytes
    value: bytes


def messages(
    months: int = 12, *, households: Collection[int] | None = None, until: datetime | None = None
) -> Iterator[Message]:
    """Every record of the demo in the order to be published, built while it is walked.

    `months` 1..11 ends before the first day of the month after, 00:00 in New York; 12 is everything. `until` (aware)
    ends there instead. Signups are always sent, and dated at the start. `households` tells the story of these alone:
    the 100th and 500th are then counted over their purchases, the invalid records are all those before the end.
    Raises `ValueError` for an impossible argument, `DataNotInstalledError` where the data package is missing.
    """
    end, members = _end(months, until), _members(households)
    return chain(_signups(members), _purchases(members, households, end))


def counts(
    months: int = 12, *, households: Collection[int] | None = None, until: datetime | None = None
) -> dict[Kind, int]:
    """How many records of each kind `messages` gives for the same arguments, without building them (0.3 s a year)."""
    end, members = _end(months, until), _members(households)
    purchases, _ = dataset.sizes(households, end)
    return {
        "signup": len(members),
        "purchase": purchases,
        "duplicate": purchases // DUPLICATE_EVERY,
        "changed": purchases // CHANGED_EVERY,
        "invalid": len(_invalid_times(end)),
    }


def _end(months: int, until: datetime | None) -> datetime | None:
    if until is not None:
        if until.tzinfo is None:
            raise ValueError("until must be an aware datetime")
        return until
    if not 1 <= months <= 12:
        raise ValueError(f"months must be 1 to 12, not {months}")
    return None if months == 12 else datetime(2017, months + 1, 1, tzinfo=PROGRAM_ZONE)


def _members(households: Collection[int] | None) -> list[int]:
    known = dataset.households()
    members = known if households is None else sorted(set(households))
    if not members or not set(known).issuperset(members):
        raise ValueError("households must be at least one, and all in the data")
    return members


def _signups(members: list[int]) -> Iterator[Message]:
    demographics = dataset.demographics()
    for household in members:
        data = {
            "member": {"reference": str(household), "email": f"household-{household}@example.com"},
            "profile": {
                "name": f"Household {household}",
                "language": "en" if household % 5 else "vi",
                "preferences": {} if household % 7 else {"salutation": "formal"},
            },
            "attributes": demographics.get(household, {}),
        }
        value = orjson.dumps(_event(f"signup-{household}", "loyalty.signup.v1", _START, data))
        yield Message("signup", b"%d" % household, value)


def _purchases(members: list[int], only: Collection[int] | None, end: datetime | None) -> Iterator[Message]:
    starts = _Starts(dataset.products())
    faults = deque((time, _invalid(k, time, members)) for k, time in enumerate(_invalid_times(end)))
    for number, basket in enumerate(dataset.baskets(only, end), 1):
        while faults and faults[0][0] <= basket.time:
            yield faults.popleft()[1]
        key, value = b"%d" % basket.household, _encode(basket, starts)
        yield Message("purchase", key, value)
        if number % DUPLICATE_EVERY == 0:
            yield Message("duplicate", key, value)
        if number % CHANGED_EVERY == 0:
            first, *others = basket.lines
            changed = basket._replace(lines=[first._replace(cents=first.cents + 100), *others])
            yield Message("changed", key, _encode(changed, starts))
    yield from (message for _, message in faults)  # after the last basket, but before the end


def _invalid_times(end: datetime | None) -> list[datetime]:
    times = [_START + _INVALID_STEP * k + _INVALID_STEP / 2 for k in range(INVALID_RECORDS)]
    return [time for time in times if end is None or time < end]


def _invalid(k: int, time: datetime, members: list[int]) -> Message:
    household = members[k % len(members)]
    line: dict[str, Any] = {"product": "1", "department": "GROCERY", "quantity": 1, "amount": "1.00"}
    data = {"member": {"reference": str(household)}, "store": "1", "currency": "USD", "lines": [line]}
    event = _event(f"invalid-{k}", "loyalty.purchase.v1", time, data)
    reason = INVALID_REASONS[k % len(INVALID_REASONS)]
    match reason:
        case "unknown_type":
            event["type"] = "loyalty.teleport.v1"
        case "missing_field":
            del data["lines"]
        case "invalid_value":
            line["quantity"] = -1
        case "wrong_source":
            event["source"] = "/partners/somebody-else"
        case "unsupported_version":
            event["type"] = "loyalty.purchase.v9"
    value = orjson.dumps(event)
    return Message("invalid", b"%d" % household, value[: len(value) // 2] if reason == "not_json" else value)


def _event(identity: str, kind: str, time: datetime, data: dict[str, Any]) -> dict[str, Any]:
    head = {"specversion": "1.0", "id": identity, "source": SOURCE, "type": kind, "time": time.isoformat()}
    return {**head, "datacontenttype": "application/json", "data": data}


class _Starts(dict[int, str]):
    """Product id → the JSON of its lines up to the quantity, made when first asked for."""

    def __init__(self, products: dict[int, Product]) -> None:
        super().__init__()
        self._products = products

    def __missing__(self, product: int) -> str:
        known = self._products.get(product, Product(None, None, None))._asdict()
        facts = {"product": str(product)} | {name: value for name, value in known.items() if value is not None}
        start = self[product] = orjson.dumps(facts).decode()[:-1] + ',"quantity":'
        return start


def _encode(basket: Basket, starts: _Starts) -> bytes:
    # By hand: at ten lines a basket, a generic encoder would be the slowest part of the demo.
    lines = [
        f'{starts[product]}{quantity},"amount":"{cents // 100}.{cents % 100:02d}"}}'
        for product, quantity, cents in basket.lines
    ]
    return (
        f'{{"specversion":"1.0","id":"basket-{basket.basket}","source":"{SOURCE}","type":"loyalty.purchase.v1",'
        f'"time":"{basket.time.isoformat()}","datacontenttype":"application/json","data":{{"member":'
        f'{{"reference":"{basket.household}"}},"store":"{basket.store}","currency":"USD","lines":[{",".join(lines)}]}}}}'
    ).encode()
