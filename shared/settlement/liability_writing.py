"""A liability as text, CSV and JSON. Amounts are decimal strings."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from shared.settlement.liability import NEVER, STATES, Outstanding

COLUMNS = ("wallet", "what", "of", "points", "amount", "currency")


def as_json(found: Sequence[Outstanding], at: datetime, *, to_come: bool = False) -> dict[str, Any]:
    """The structure. to_come: it is of a date to come."""
    return {"at": at.isoformat(), "to_come": to_come, "wallets": [_wallet(each) for each in found]}


def _wallet(each: Outstanding) -> dict[str, Any]:
    return {
        "wallet": each.wallet,
        "outstanding": each.outstanding,
        **{state: getattr(each, state) for state in STATES},
        "worth": None if each.worth is None else {"amount": f"{each.worth:f}", "currency": each.currency},
        "expires": each.months,
        "spent": each.spent,
        "breakage": each.breakage,
        "breakage_rate": None if each.rate is None else f"{float(each.rate):.6f}",
        "breakage_expected": each.expected,
        "by_issuer": [
            {
                "issuer": share.issuer,
                "points": share.points,
                "cost": None if share.cost is None else {"amount": f"{share.cost:f}", "currency": share.currency},
            }
            for share in each.shares
        ],
    }


def as_csv(found: Sequence[Outstanding]) -> str:
    """A row a figure."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in found:
        worth = ("", "") if each.worth is None else (f"{each.worth:f}", each.currency)
        writer.writerow((each.wallet, "outstanding", "", each.outstanding, *worth))
        writer.writerows((each.wallet, "state", state, getattr(each, state), "", "") for state in STATES)
        writer.writerows((each.wallet, "expires", month, points, "", "") for month, points in each.months.items())
        for share in each.shares:
            cost = ("", "") if share.cost is None else (f"{share.cost:f}", share.currency)
            writer.writerow((each.wallet, "issuer", share.issuer, share.points, *cost))
        writer.writerow((each.wallet, "breakage", "so far", each.breakage, "", ""))
        if each.expected is not None:
            writer.writerow((each.wallet, "breakage", "expected", each.expected, "", ""))
    return text.getvalue()


def as_text(found: Sequence[Outstanding], at: datetime, *, to_come: bool = False) -> list[str]:
    """Lines for people."""
    lines = [f"outstanding at {at.isoformat()}"]
    if to_come:
        lines.append("this date is to come: told of what there is now, as if nobody earned or spent anything by then")
    for each in found:
        worth = "their value is not said" if each.worth is None else f"worth {each.worth:,f} {each.currency}"
        parts = [f"{getattr(each, state):,} {state}" for state in STATES if getattr(each, state)]
        lines += ["", f"{each.wallet}: {each.outstanding:,} points, {worth}", f"  {', '.join(parts) or 'none'}"]
        for month, points in each.months.items():
            lines.append(f"  {'expire at no set time' if month == NEVER else f'expire in {month}'}: {points:,}")
        for share in each.shares:
            cost = "" if share.cost is None else f", at a cost of {share.cost:,f} {share.currency}"
            lines.append(f"  given by {share.issuer}: {share.points:,}{cost}")
        expected = "" if each.rate is None else f"; {each.expected:,} more expected ({float(each.rate):.1%})"
        lines.append(f"  expired so far: {each.breakage:,}{expected}")
    return lines
