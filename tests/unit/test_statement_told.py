"""A statement for one partner, in words; and partners whose names are misspelt. By hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from shared.ops.known_partners import unknown
from shared.settlement.statement import Line, Statement
from shared.settlement.writing import as_text


def line(partner: str, wallet: str, price: str | None) -> Line:
    """Ten points that it has given, at a price or at none."""
    owes = Decimal(0) if price is None else 10 * Decimal(price)
    at = None if price is None else Decimal(price)
    return Line(partner, wallet, "base", "issued", 10, at, None if price is None else "EUR", price is not None, owes)


def test_what_has_no_price_is_counted_among_the_lines_that_are_told() -> None:
    """Two of the cafe's, one of the kiosk's, none of the grocer's. Mechanism: `told.unpriced` in `as_text`; without it
    each partner is told of three."""
    begin, end = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    found = Statement(date(2026, 3, 1), date(2026, 4, 1), "UTC", closed=True, since=begin, until=end)
    found.lines = [line("cafe", "hearts", None), line("cafe", "moons", None), line("kiosk", "hearts", None),
                   line("grocer", "stars", "0.1")]  # fmt: skip

    def said(partner: str | None) -> list[str]:
        return [each.partition(" ")[0] for each in as_text(found, partner) if "no price:" in each]

    assert [said(each) for each in (None, "cafe", "kiosk", "grocer")] == [["3"], ["2"], ["1"], []]


@pytest.mark.parametrize(
    ("asked", "known", "hint"),
    [
        ("backery", {"bakery", "grocer"}, "did you mean bakery?"),
        ("nix", {"bakery", "grocer"}, "there are bakery, grocer"),
        ("nix", set(), "there are none yet"),
    ],
)
def test_who_is_no_partner_is_told_who_is(asked: str, known: set[str], hint: str) -> None:
    """Mechanism: `known_partners.unknown`."""
    assert unknown(asked, known) == f"no partner {asked} has an agreement, a key or an event here; {hint}"
