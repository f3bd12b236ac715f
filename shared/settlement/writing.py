"""A statement as text for people, CSV for spreadsheets, JSON for programs. Amounts are decimal strings, exact."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from shared.settlement.money import ROUNDING
from shared.settlement.statement import COALITION, Line, Net, Statement

COLUMNS = ("partner", "wallet", "rule", "kind", "points", "price", "currency", "owes")
Row = tuple[str, ...]


def only(found: Statement, partner: str | None) -> Statement:
    """What concerns one partner: its lines, packs, totals and share of what expired."""
    if partner is None:
        return found
    accounts = {
        wallet: {name: n for name, n in by.items() if name.startswith(f"partner:{partner}:")}
        for wallet, by in found.accounts.items()
    }
    return Statement(
        found.begin,
        found.end,
        found.zone,
        found.closed,
        found.since,
        found.until,
        [each for each in found.lines if each.partner == partner],
        [each for each in found.packs if each.partner == partner],
        [each for each in found.nets if each.party == partner],
        {wallet: by for wallet, by in accounts.items() if by},
        {wallet: {partner: by[partner]} for wallet, by in found.expired.items() if partner in by},
    )


def as_json(found: Statement, partner: str | None = None) -> dict[str, Any]:
    """The structure."""
    told = only(found, partner)
    return {
        "from": told.begin.isoformat(),
        "to": told.end.isoformat(),
        "time_zone": told.zone,
        "closed": told.closed,
        "rounding": ROUNDING,
        "lines": [_line(each) for each in told.lines],
        "packs": [each._asdict() | {"money": f"{each.money:f}"} for each in told.packs],
        "expired": dict(sorted(told.expired.items())),
        "totals": [
            {"party": each.party, "currency": each.currency, "owes": f"{each.owes:f}", "exact": f"{each.exact:f}"}
            for each in told.nets
        ],
        "accounts": {wallet: dict(sorted(by.items())) for wallet, by in sorted(told.accounts.items())},
        "sums_to_zero": not found.off,
    }


def _line(each: Line) -> dict[str, Any]:
    return {
        **{name: getattr(each, name) for name in COLUMNS},
        "price": None if each.price is None else f"{each.price:f}",
        "owes": f"{each.owes:f}",
        "agreed": each.agreed,
    }


def as_csv(found: Statement, partner: str | None = None) -> str:
    """A row a line; then packs, shares of what expired, and totals, told by `kind`."""
    told, text = only(found, partner), io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_cells(each) for each in told.lines)
    for pack in told.packs:
        writer.writerow((pack.partner, pack.wallet, "", "pack", pack.points, "", pack.currency, f"{pack.money:f}"))
    for wallet, by in sorted(told.expired.items()):
        writer.writerows((name, wallet, "", "share of expired", points, "", "", "") for name, points in by.items())
    writer.writerows((net.party, "", "", "total", "", "", net.currency, f"{net.owes:f}") for net in told.nets)
    return text.getvalue()


def as_text(found: Statement, partner: str | None = None) -> list[str]:
    """Lines for people."""
    told = only(found, partner)
    state = "closed" if told.closed else "still open: figures will change"
    lines = [f"settlement from {told.begin} to {told.end} (exclusive), {told.zone}; {state}", ""]
    lines += _table([("partner", "wallet", "rule", "what", "points", "at", "owes"), *map(_told, told.lines)])
    for pack in told.packs:
        paid = f"{_shown(pack.money)} {pack.currency}"
        lines.append(f"{pack.partner} bought a pack: {pack.points:,} {pack.wallet} for {paid}, paid beforehand")
    for wallet, by in sorted(told.expired.items()):
        said = ", ".join(f"{name} {points:,}" for name, points in sorted(by.items()))
        lines.append(f"expired {wallet}, shared by what each has ever given: {said}")
    lines += ["", *(_net(each) for each in told.nets)]
    if told.unpriced:
        lines.append(f"{told.unpriced} lines have no price: the programme gives their wallet no value")
    lines += [f"NOT IN BALANCE: {each}" for each in found.off]
    if not found.off:
        lines.append("points and money sum to zero over the coalition")
    return lines


def _net(each: Net) -> str:
    amount = f"{_shown(abs(each.owes))} {each.currency}"
    if not each.owes:
        return f"{each.party} owes nothing in {each.currency}"
    if each.party == COALITION:
        return f"the coalition {'pays' if each.owes > 0 else 'is paid'} {amount}"
    return f"{each.party} {'owes' if each.owes > 0 else 'is owed'} {amount}"


def _cells(each: Line) -> Row:
    price = "" if each.price is None else f"{each.price:f}"
    return (
        each.partner, each.wallet, each.rule, each.kind, str(each.points), price, each.currency or "", f"{each.owes:f}",
    )  # fmt: skip


def _told(each: Line) -> Row:
    at = "no price" if each.price is None else f"{_shown(each.price)}{'' if each.agreed else ' (its value)'}"
    owes = f"{_shown(each.owes)} {each.currency or ''}".strip()
    return each.partner, each.wallet, each.rule, each.kind, f"{each.points:,}", at, owes


def _shown(amount: Decimal) -> str:
    return f"{amount:,f}"


def _table(rows: Sequence[Row]) -> Iterator[str]:
    if len(rows) < 2:
        yield "no points were given or spent at partners"
        return
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [c.rjust(w) if n > 3 else c.ljust(w) for n, (c, w) in enumerate(zip(row, widths, strict=True))]
        yield "  ".join(cells).rstrip()
