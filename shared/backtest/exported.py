"""Reads an exported file: definitions, what was announced, and the entries one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError

import msgspec
from pydantic import ValidationError

from shared.backtest import format as f
from shared.backtest.entries import Announced, Back, Change, Entry, Taken
from shared.events.light import (
    Basket,
    Joining,
    Line,
    MilestoneRead,
    Occurrence,
    PaidRead,
    Payload,
    PurchaseRead,
    ReferralRead,
    Reported,
    Returned,
    ReturnedLine,
    ReturnRead,
    SignupRead,
)
from shared.ledger.returned import CANCELLED
from shared.rules.definition import DEFINITION, Definition
from shared.rules.effects import Award
from shared.rules.matching import Passed
from shared.rules.wording import path_of, words

T = TypeVar("T")
_MOST_KNOWN: Final = 10_000
_AGAIN: Final = "export again with `doublestar rules export FILE`"


class ExportError(ValueError):
    """The file cannot be used; the text says why, and what to do."""


class Export:
    """An exported file. Raises ExportError where it is none, is damaged, or was written by a newer release."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = ZipFile(path)
        except BadZipFile:
            raise ExportError(f"{path} is no exported activity, or is cut short: {_AGAIN}") from None
        except OSError as error:
            raise ExportError(f"{path} cannot be read: {error.strerror}") from None
        self.about = self._about()

    def _about(self) -> f.About:
        known = self._read(f.ABOUT, dict[str, Any])
        if known.get("format") != f.FORMAT:
            raise ExportError(f"{self.path} is no exported activity: {_AGAIN}")
        if known.get("version") != f.VERSION:
            said = f"{self.path} has version {known.get('version')} of the format, this release reads {f.VERSION}"
            raise ExportError(f"{said}: {_AGAIN}")
        return self._read(f.ABOUT, f.About)

    @cached_property
    def definitions(self) -> list[Definition]:
        """Every version of every definition."""
        return [self._definition(n, each) for n, each in enumerate(self._read(f.DEFINITIONS, list[dict[str, Any]]), 1)]

    def _definition(self, number: int, data: dict[str, Any]) -> Definition:
        try:
            return DEFINITION.validate_python(data)
        except ValidationError as error:
            faults = error.errors(include_url=False)
            first = next((each for each in faults if each["type"] == "extra_forbidden"), faults[0])  # says the most
            said = words(first, str(data.get("kind")), path_of(first["loc"])) if first["loc"] else first["msg"]
            self._bad(f.DEFINITIONS, f"definition {number}, {data.get('id', 'without an id')}: {said}")

    @cached_property
    def announced(self) -> Announced:
        """What was announced to the ledger."""
        rows = self._read(f.ANNOUNCED, f.AnnouncedRows)
        changes, returns = (Change(*each) for each in rows.changes), (Back(*each) for each in rows.returns)
        return Announced(frozenset(rows.grants), tuple(changes), frozenset(returns), tuple(rows.merges))

    def blocks(self, until: datetime | None = None) -> list[f.BlockAbout]:
        """The blocks that are needed for what happened before an instant: late events come with later blocks."""
        blocks = self.about.blocks
        needed = [n for n, block in enumerate(blocks, 1) if until is None or block.first < until]
        return blocks[: needed[-1]] if needed else []

    def entries(
        self, until: datetime | None = None, progress: Callable[[int], None] = lambda _: None
    ) -> Iterator[Entry]:
        """The entries in order. progress: is told how many more were given."""
        tables = _Tables()
        decoder = msgspec.json.Decoder(f.Block)
        for about in self.blocks(until):
            block = self._read(about.name, f.Block, decoder)
            try:
                yield from tables.entries(block)
            except (IndexError, ValueError) as error:
                self._bad(about.name, str(error))
            progress(len(block.entries))

    def _read(self, name: str, type_: type[T], decoder: msgspec.json.Decoder[T] | None = None) -> T:
        try:
            data = self._zip.read(name)
        except KeyError:
            raise ExportError(f"{self.path} is no exported activity ({name} is missing): {_AGAIN}") from None
        except (BadZipFile, ZlibError, EOFError, OSError, NotImplementedError) as error:
            self._bad(name, str(error))
        try:
            return (decoder or msgspec.json.Decoder(type_)).decode(data)
        except (msgspec.DecodeError, ValueError, ArithmeticError) as error:
            self._bad(name, str(error))

    def _bad(self, name: str, why: str) -> NoReturn:
        raise ExportError(f"{self.path} is damaged ({name}: {why}): {_AGAIN}") from None


class _Tables:
    """What blocks number, so far; and their rows as entries."""

    def __init__(self) -> None:
        self.members: list[str] = []
        self.shelves: list[f.Shelf] = []
        self.goods: list[tuple[str, int]] = []
        self.amounts: list[Decimal] = []
        self.lines: list[Line] = []
        self.heads: list[f.Head] = []
        self.rules: list[f.RuleRow] = []
        self._known: dict[tuple[int, ...], Sequence[Award]] = {}  # what rows give: most is given again and again

    def entries(self, block: f.Block) -> Iterator[Entry]:
        self.members += block.members
        self.shelves += block.shelves
        self.goods += block.goods
        self.amounts += block.amounts
        self.lines += self._lines(block.lines)
        self.heads += block.heads
        self.rules += block.rules
        members, line, heads = self.members, self.lines.__getitem__, self.heads
        for row in block.entries:
            if not isinstance(row, f.PurchaseRow):
                yield self._cancelled(row) if isinstance(row, f.CancelRow) else self._without_a_basket(row)
                continue
            h, paid = heads[row.head], row.paid
            data = Basket(
                h.store, h.channel, h.payment, h.currency, h.attributes, lines=list(map(line, row.lines)),
                paid_with_points=None if paid is None else PaidRead(paid.wallet, paid.amount),
            )  # fmt: skip
            member, event = members[row.member], PurchaseRead(h.source, row.id, row.time, data)
            awards = self._awards(row.awards) if row.awards else ()
            yield Entry(
                member, row.time, event, None, None, awards, _passed(row.passed), _heard(member, row.heard)
            )  # fmt: skip

    def _without_a_basket(self, row: f.SignupRow | f.ReferralRow | f.ReturnRow | f.GrantRow) -> Entry:
        member, taken = self.members[row.member], None
        event: Occurrence | None = None
        grant: str | None = None
        advocate: str | None = None
        if isinstance(row, f.GrantRow):
            grant, taken = row.id, self._taken(row.taken)
        else:
            event = _other(row, self.heads[row.head])
            if isinstance(row, f.ReferralRow) and row.advocate is not None:
                advocate = self.members[row.advocate]
            elif isinstance(row, f.ReturnRow):
                taken = self._taken(row.taken)
        awards, heard = self._awards(row.awards) if row.awards else (), _heard(member, row.heard)
        return Entry(member, row.time, event, grant, advocate, awards, _passed(row.passed), heard, taken)

    def _lines(self, numbers: list[int]) -> Iterator[Line]:
        """Lines that say the same with the same objects: a year has millions, and what is near is read sooner."""
        shelves, goods, amounts = self.shelves, self.goods, self.amounts
        of = iter(numbers)
        for number, quantity, amount in zip(of, of, of, strict=True):
            product, shelf = goods[number]
            at = shelves[shelf]
            yield Line(product, quantity, amounts[amount], at.department, at.category, at.brand, at.attributes)

    def _cancelled(self, row: f.CancelRow) -> Entry:
        member, h = self.members[row.member], self.heads[row.head]
        said = (h.store, h.channel, h.payment, h.currency, h.attributes)
        data = Reported(*said, purchase=row.purchase, milestone=CANCELLED)
        event = MilestoneRead(h.source, row.id, row.time, data)
        taken = self._taken(row.taken)
        return Entry(member, row.time, event, heard=_heard(member, row.heard), taken=taken)

    def _taken(self, row: f.TakenRow | None) -> Taken | None:
        return None if row is None else Taken(row.at, self._awards(row.awards), dict(row.spared))

    def _awards(self, numbers: tuple[int, ...]) -> Sequence[Award]:
        found = self._known.get(numbers)
        if found is None:
            of, rules = iter(numbers), self.rules
            pairs = [(rules[number], points) for number, points in zip(of, of, strict=True)]
            found = [Award(each.rule, each.version, each.wallet, points) for each, points in pairs]
            if len(self._known) < _MOST_KNOWN:
                self._known[numbers] = found
        return found


def _passed(rows: list[f.PassedRow]) -> Sequence[Passed]:
    return [Passed(x.rule, x.version, x.verdict, x.wanted, x.by) for x in rows] if rows else ()


def _heard(member: str, rows: list[f.ChangeRow]) -> Sequence[Change]:
    return [Change(member, each.ladder, each.after, each.since) for each in rows] if rows else ()


def _other(row: f.SignupRow | f.ReferralRow | f.ReturnRow, head: f.Head) -> Occurrence:
    said = (head.store, head.channel, head.payment, head.currency, head.attributes)
    if isinstance(row, f.SignupRow):
        return SignupRead(head.source, row.id, row.time, Joining(*said, profile=row.profile))
    if isinstance(row, f.ReferralRow):
        return ReferralRead(head.source, row.id, row.time, Payload(*said))
    of = row.of or f.OfPurchase("")
    back = [ReturnedLine(line, quantity) for line, quantity in of.lines] or None
    data = Returned(*said, purchase=of.purchase, back=back, amount=of.amount)
    return ReturnRead(head.source, row.id, row.time, data)
