"""What versions that are to be effective in the past would have given, beside the rules as they are: that time
replayed by both."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from shared.backtest.costs import Costs, prices
from shared.backtest.drafting import Drafted, programme_of, wallets_of
from shared.backtest.engine import Engine
from shared.backtest.exported import Export
from shared.backtest.report import report
from shared.backtest.result import Report
from shared.backtest.running import Span, run
from shared.rules.definition import Definition
from shared.rules.engines.engine import Engine as Matching
from shared.rules.engines.own import OWN
from shared.rules.rulebook import Rulebook


def republished(source: Export, new: Sequence[Definition], until: datetime, engine: Matching = OWN) -> Report | None:
    """Every event from the first of the new versions' times on, as the rules without them and with them decide it.

    source: an export of the journal, with the versions that are published; until: now. Each version is in force from
    its own time on, as it would be published. Neither side is what was posted: what an earlier publication into the
    past would have changed, or the order in which members shared a budget, is no doing of this one. None where nothing
    happened since then.
    """
    live = source.definitions
    book, before = Rulebook([*live, *new], engine), Rulebook(live, engine)
    programme = programme_of(book)
    zone = ZoneInfo(programme.time_zone)
    span = Span(min(each.effective for each in new), until)
    sides = Engine(book, source.announced), Engine(before, source.announced)
    given = {wallet for each in book.versions for wallet in wallets_of(each)}
    usual = prices({}, [each for each in programme.purses if each in given])
    costs = Costs(book.versions, programme.currency, usual), Costs(before.versions, programme.currency, usual)
    found = run(source.entries(span.end), *sides, span, zone, costs)
    if found.first is None or found.last is None:
        return None
    known = {each.id for each in live}
    drafted = [Drafted(each, "changed" if each.id in known else "new") for each in new]
    return report(
        found, drafted, (book, before), (_day(found.first, zone), _day(found.last, zone)),
        against="live", other_decided=True, usual_cost=usual,
    )  # fmt: skip


def _day(time: datetime, zone: ZoneInfo) -> date:
    return time.astimezone(zone).date()
