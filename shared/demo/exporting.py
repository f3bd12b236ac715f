"""The demo's year as an exported file, straight from the retailer's data: no server, the same engine as a backtest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace

from shared.backtest.engine import Engine
from shared.backtest.entries import Announced, Entry
from shared.backtest.format import About
from shared.backtest.writing import Writer
from shared.demo import dataset
from shared.demo.grocer import PROGRAM_ZONE, SOURCE
from shared.events.light import Basket, Joining, Line, PurchaseRead, SignupRead
from shared.programmes import read_programme
from shared.rules.matching import Passed
from shared.rules.rulebook import Rulebook
from shared.settings import Settings

_CENT = Decimal("0.01")
_START = datetime(2017, 1, 1, tzinfo=dataset.DATA_CLOCK).astimezone(UTC)


def export(
    settings: Settings,
    path: Path,
    months: int = 12,
    progress: Callable[[int, int], None] = lambda done, total: None,
    *,
    households: Collection[int] | None = None,
) -> About:
    """Writes what programme `journey` would have posted for the grocer's baskets of 2017, from January on; for all
    households, or for these.

    It knows the real baskets only, none of the demo's duplicates and faults, which earn nothing. Raises
    `DataNotInstalledError` where the data package is missing.
    """
    book = Rulebook(read_programme(settings.programs / "journey"))
    engine = Engine(book, Announced())
    end = None if months == 12 else datetime(2017, months + 1, 1, tzinfo=PROGRAM_ZONE)
    total = dataset.sizes(households, end)[0]
    grants: set[str] = set()
    with Writer(path, book.versions) as writer:
        for done, entry in enumerate(_activity(end, households)):
            first, *granted = engine.take(entry)
            passed = [Passed(each.rule, 1, "limit", each.points or 0, each.by) for each in first.held]
            writer.add(replace(entry, awards=first.awards, passed=passed))
            for each in granted:
                if each.grant is not None:
                    grants.add(each.grant)
                    writer.add(Entry(each.member, each.time, None, each.grant, awards=each.awards))
            if done % 1_000 == 0:
                progress(min(done, total), total)
        progress(total, total)
        return writer.finish(Announced(frozenset(grants)))


def _activity(end: datetime | None, only: Collection[int] | None) -> Iterator[Entry]:
    demographics, lines = dataset.demographics(), _Lines()
    for household in dataset.households() if only is None else sorted(only):
        attributes: dict[str, str | int | bool] = {**demographics.get(household, {})}
        event = SignupRead(SOURCE, f"signup-{household}", _START, Joining(attributes=attributes))
        yield Entry(member_of(household), _START, event)
    for basket in dataset.baskets(only, end):
        time = basket.time.astimezone(UTC)
        data = Basket(store=str(basket.store), currency="USD", lines=[lines[each] for each in basket.lines])
        yield Entry(member_of(basket.household), time, PurchaseRead(SOURCE, f"basket-{basket.basket}", time, data))


class _Lines(dict[dataset.Line, Line]):
    """A line of the data as a line of a purchase, made when it first comes."""

    def __init__(self) -> None:
        super().__init__()
        self._products = dataset.products()

    def __missing__(self, line: dataset.Line) -> Line:
        known = self._products.get(line.product)
        said = (known.department, known.category, known.brand) if known is not None else (None, None, None)
        made = self[line] = Line(str(line.product), line.quantity, line.cents * _CENT, *said)
        return made


def member_of(household: int) -> str:
    """The id that intake mints from the demo's signups."""
    return "m-" + hashlib.blake2b(f"{SOURCE}|signup-{household}".encode(), digest_size=10).hexdigest()
