"""Writes stored activity to a file, entry by entry; see `shared.backtest.format`."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec

from shared.backtest import format as f
from shared.backtest.entries import Announced, Change, Entry
from shared.events.light import Joining, Line, Occurrence, Profile, Reported, Returned
from shared.rules.definition import Definition, Programme, as_data
from shared.rules.effects import Award

K = TypeVar("K", bound=Hashable)


class _Table(Generic[K]):
    """Numbers for what was not seen before; `new` is what the block must add."""

    def __init__(self) -> None:
        self._numbers: dict[K, int] = {}
        self.new: list[Any] = []

    def number(self, key: K, row: Any) -> int:
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self._numbers)
            self.new.append(row)
        return found

    def take(self) -> list[Any]:
        new, self.new = self.new, []
        return new

    def __len__(self) -> int:
        return len(self._numbers)


class Writer:
    """A file that comes into being when the work is done: until then it is `<name>.partial`."""

    def __init__(self, path: Path, definitions: Sequence[Definition]) -> None:
        self._path, self._partial = path, path.with_name(path.name + ".partial")
        self._definitions = definitions
        self._zip = ZipFile(self._partial, "w", ZIP_DEFLATED, compresslevel=6)
        self._members: _Table[str] = _Table()
        self._shelves: _Table[Any] = _Table()
        self._goods: _Table[tuple[str, int]] = _Table()
        self._amounts: _Table[str] = _Table()
        self._lines: _Table[Any] = _Table()
        self._heads: _Table[Any] = _Table()
        self._rules: _Table[Any] = _Table()
        self._rows: list[list[Any]] = []
        self._times: list[datetime] = []
        self._blocks: list[f.BlockAbout] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        if kind is not None:
            self._zip.close()
            self._partial.unlink(missing_ok=True)

    def add(self, entry: Entry) -> None:
        """The next entry, in the order in which they were posted."""
        self._rows.append(self._row(entry))
        # With what it counts at: a reader takes all blocks that change something within the span.
        self._times += [entry.time] if entry.taken is None else [entry.time, entry.taken.at]
        if len(self._rows) >= f.BLOCK:
            self._flush()

    def finish(self, announced: Announced) -> f.About:
        """Writes what is left, and gives the file its name."""
        self._flush()
        programme = next(each.id for each in self._definitions if isinstance(each, Programme))
        total = sum(block.entries for block in self._blocks)
        about = f.About(f.FORMAT, f.VERSION, programme, total, len(self._members), self._blocks)
        changes = sorted(announced.changes, key=lambda each: (each.since, each.member, each.ladder))
        times = [(*each[:3], _utc(each.since)) for each in changes]
        merges = sorted(_utc(each) for each in announced.merges)
        rows = f.AnnouncedRows(sorted(announced.grants), times, sorted(announced.returns), merges)
        self._write(f.DEFINITIONS, [as_data(each) for each in self._definitions])
        self._write(f.ANNOUNCED, rows)
        self._write(f.ABOUT, about)
        self._zip.close()
        self._partial.replace(self._path)
        return about

    def _write(self, name: str, data: Any) -> None:
        self._zip.writestr(name, msgspec.json.encode(data, enc_hook=_plain))

    def _flush(self) -> None:
        if not self._rows:
            return
        name = f.block_name(len(self._blocks) + 1)
        block = {
            "members": self._members.take(),
            "shelves": self._shelves.take(),
            "goods": self._goods.take(),
            "amounts": self._amounts.take(),
            "lines": list(chain.from_iterable(self._lines.take())),
            "heads": self._heads.take(),
            "rules": self._rules.take(),
            "entries": self._rows,
        }
        self._write(name, block)
        self._blocks.append(f.BlockAbout(name, len(self._rows), min(self._times), max(self._times)))
        self._rows, self._times = [], []

    def _row(self, entry: Entry) -> list[Any]:
        member, time = self._members.number(entry.member, entry.member), _utc(entry.time)
        awards = self._awards(entry.awards)
        heard = [[each.ladder, each.after, _utc(each.since)] for each in entry.heard]
        passed = [list(each) for each in entry.passed]
        rest: list[list[Any] | None] = [awards, passed, heard, _more(entry)]
        while rest and not rest[-1]:
            rest.pop()
        if entry.event is None:
            rest = [awards, passed, heard, self._taken(entry)] if entry.taken is not None else rest
            return ["g", member, time, entry.grant, *rest]
        event = entry.event
        head = [member, time, event.id, self._head(event)]
        match event.kind:
            case "purchase":
                return ["p", *head, [self._line(line) for line in event.data.lines], *rest]
            case "signup":
                profile = event.data.profile if isinstance(event.data, Joining) else Profile()
                return ["s", *head, profile, *rest]
            case "referral":
                advocate = None if entry.advocate is None else self._members.number(entry.advocate, entry.advocate)
                return ["f", *head, advocate, *rest]
            case "milestone":
                assert isinstance(event.data, Reported)
                return ["c", *head, event.data.purchase, self._taken(entry), heard]
        rest = [awards, passed, heard, _more(entry), self._taken(entry)] if entry.taken is not None else rest
        return ["r", *head, *rest]

    def _awards(self, given: Sequence[Award]) -> list[int]:
        numbers: list[int] = []
        for each in given:
            rule = (each.rule, each.version, each.wallet)
            numbers += [self._rules.number(rule, rule), each.points]
        return numbers

    def _taken(self, entry: Entry) -> list[Any] | None:
        if entry.taken is None:
            return None
        return [_utc(entry.taken.at), self._awards(entry.taken.awards), list(entry.taken.spared.items())]

    def _head(self, event: Occurrence) -> int:
        said = event.data
        row = (event.source, said.store, said.channel, said.payment, said.currency, said.attributes)
        return self._heads.number((*row[:5], _key(said.attributes)), row)

    def _line(self, line: Line) -> int:
        stands = (line.department, line.category, line.brand)
        if line.attributes:
            shelf = self._shelves.number((*stands, _key(line.attributes)), (*stands, line.attributes))
        else:
            shelf = self._shelves.number(stands, stands)
        goods, amount = (line.product, shelf), f"{line.amount:f}"
        row = (self._goods.number(goods, goods), line.quantity, self._amounts.number(amount, amount))
        return self._lines.number(row, row)


def _more(entry: Entry) -> list[Any]:
    """Of a purchase what points paid of it; of a return what it is of."""
    data = None if entry.event is None else entry.event.data
    if isinstance(data, Returned):
        back = [[each.line, each.quantity] for each in data.back or ()]
        return [data.purchase, back, None if data.amount is None else f"{data.amount:f}"]
    paid = None if data is None else data.paid_with_points
    return [] if paid is None else [paid.wallet, f"{paid.amount:f}"]


def _key(said: dict[str, Any]) -> frozenset[tuple[str, type, Any]]:
    return frozenset((name, type(value), value) for name, value in said.items())


def _plain(value: Any) -> int:
    """MongoDB's driver reads numbers beyond 32 bits as a kind of int of its own."""
    if isinstance(value, int):
        return int(value)
    raise TypeError(f"{value!r} is not for an export")


def _utc(time: datetime) -> datetime:
    return time.astimezone(UTC)


__all__ = ["Change", "Writer"]
