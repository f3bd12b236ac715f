"""A comparison from beginning to end: drafts are read, stored activity is replayed, the result is a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

from shared.backtest.costs import Costs, prices
from shared.backtest.drafting import Drafted, compare, programme_of, rulebook, wallets_of
from shared.backtest.engine import Engine
from shared.backtest.exported import Export, ExportError
from shared.backtest.report import report
from shared.backtest.result import Report
from shared.backtest.running import Span, merges_in, run
from shared.backtest.things import gives_things
from shared.programmes import definitions_of, read_paths
from shared.rules.checks.joining import Joining, judged
from shared.rules.definition import Definition, Segment
from shared.rules.engines.engine import Engine as Matching
from shared.rules.engines.own import OWN
from shared.rules.faults import Fault
from shared.rules.localtime import first_instant
from shared.rules.rulebook import ProgrammeError, Rulebook


class Comparison:
    """Draft definitions, against what was posted (`against` is None) or against other definitions.

    days: the first and the last local day of the span, both included; None: all that is stored. said: what a point
    costs where no budget says it, by wallet (see `prices`). engine: who tells which rules' conditions hold.
    `warnings`: what the checker says of the draft beside what is in force, and is no fault. Raises DefinitionError for
    drafts that are not valid, PriceError, ExportError for a file that cannot be used.
    """

    def __init__(
        self,
        source: Export,
        files: Sequence[Path],
        against: Path | None,
        days: tuple[date | None, date | None],
        said: Mapping[str, Decimal] = MappingProxyType({}),
        engine: Matching = OWN,
    ) -> None:
        self._source, self._days, self._against = source, days, against
        self._engine = engine
        self._live = source.definitions
        self._zone = ZoneInfo(programme_of(Rulebook(self._live)).time_zone)
        self._span = self._within()
        self.warnings: list[Fault] = []
        self._draft = self._read(files, strictly=True)
        self._other = None if against is None else self._read([against])
        self._usual = prices(said, self._wallets())

    def run(self, progress: Callable[[int, int], None] = lambda done, total: None) -> Report:
        """Replays and reports. progress: is told how many entries were replayed, of how many."""
        blocks = self._source.blocks(self._span.end)
        total, done = sum(block.entries for block in blocks), 0

        def more(number: int) -> None:
            nonlocal done
            done += number
            progress(done, total)

        draft, other = self._books()
        by_segment = any(isinstance(each, Segment) for each in draft.versions)
        announced, currency = self._source.announced, programme_of(draft).currency
        drafting = Engine(draft, announced, by_segment=by_segment)
        found = run(
            self._source.entries(self._span.end, more),
            drafting,
            None if self._other is None else Engine(other, announced),
            self._span,
            self._zone,
            (Costs(draft.versions, currency, self._usual), Costs(other.versions, currency, self._usual)),
            Engine(other, announced) if self._other is None and gives_things(other) else None,
        )
        if found.first is None or found.last is None:
            raise ExportError(f"{self._nothing()}: choose another --from and --to")
        days = (self._days[0] or self._local(found.first), self._days[1] or self._local(found.last))
        return report(
            found, self._draft, (draft, other), days,
            against="live" if self._against is None else str(self._against),
            other_decided=self._other is not None, usual_cost=self._usual,
            merges=merges_in(self._span, announced.merges), contested=drafting.contested.rules(drafting.people),
        )  # fmt: skip

    def _wallets(self) -> list[str]:
        """Those that rules of one side or the other give points of, in the programme's order."""
        draft, other = self._books()
        given = {wallet for each in (*draft.versions, *other.versions) for wallet in wallets_of(each)}
        purses = list(programme_of(draft).purses)
        return [each for each in purses if each in given] or purses[:1]

    def _books(self) -> tuple[Rulebook, Rulebook]:
        draft = rulebook(self._draft, self._live, self._span, self._engine)
        other = rulebook(self._other or (), self._live, self._span, self._engine)
        known = {each.name for each in Rulebook(self._live).left_out}
        for wrong in (*draft.left_out, *other.left_out):
            if wrong.name not in known:  # a draft that is left out would be told to cost nothing
                raise ProgrammeError(f"{wrong.definition.id} cannot be used: {wrong.why}; take one of them out")
        return draft, other

    def _read(self, files: Sequence[Path], *, strictly: bool = False) -> list[Drafted]:
        newest: dict[str, Definition] = {}
        for each in sorted(self._live, key=lambda each: each.version):
            newest[each.id] = each
        sources = read_paths(files, newest.values())
        drafted = compare(definitions_of(sources), self._live, self._span)
        if strictly:
            by_id = {each.definition.id: each for each in sources if each.definition is not None}
            joining = [Joining(e.definition, by_id[e.definition.id]) for e in drafted if e.what != "unchanged"]
            self.warnings = judged(joining, newest.values())
        return drafted

    def _within(self) -> Span:
        first, last = self._days
        after = None if last is None else last + timedelta(days=1)
        return Span(None if first is None else self._begin(first), None if after is None else self._begin(after))

    def _begin(self, day: date) -> datetime:
        return first_instant(datetime(day.year, day.month, day.day), self._zone).astimezone(UTC)

    def _local(self, time: datetime) -> date:
        return time.astimezone(self._zone).date()

    def _nothing(self) -> str:
        blocks = self._source.about.blocks
        if not blocks:
            return f"{self._source.path} holds no activity"
        first, last = min(each.first for each in blocks), max(each.last for each in blocks)
        return f"no event is within the span; the activity is from {self._local(first)} to {self._local(last)}"
