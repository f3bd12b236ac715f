"""A publication into the past as lines for people: what was decided since then, and what it would have been. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from shared.backtest import text
from shared.backtest.result import Report, Side
from shared.ops.retroactive import Effects
from shared.ops.telling import columns
from shared.ops.telling_rules import local

_STAYS = "what is posted stays posted; late events and replays of that time use the new versions from now on"


def tell_effects(found: Effects, would: Report | str | None, zone: ZoneInfo) -> list[str]:
    """What older versions decided since then; and what the new ones would have given.

    would: see `retroactive.would_be`; a text says why it cannot be told, None is told as nothing that happened.
    """
    lines = [
        f"since then {found.entries:,} journal entries of {found.members:,} members were decided by versions that "
        "would no longer be in force:"
    ]
    rows = [("  rule", "by", "since", "events", "posted", "members", "points")]
    for each in found.rules:
        points = ", ".join(f"{amount:,} {wallet}" for wallet, amount in each.points.items()) or "0"
        counts = (f"{each.events:,}", f"{each.entries:,}", f"{each.members:,}")
        rows.append((f"  {each.rule}", each.because, local(each.since, zone), *counts, points))
    if found.rules:
        lines += columns(rows)
    lines += [f"  {each}: decides nothing in earn's journal" for each in found.elsewhere]
    if isinstance(would, Report):
        lines += _would(would, {each.rule for each in found.rules})
    else:
        lines.append("no event happened since then: nothing would be otherwise" if would is None else would)
    return [*lines, _STAYS]


def _would(found: Report, affected: set[str]) -> Iterator[str]:
    """Rules that are affected or come to something else, then each wallet, money and members."""
    yield (
        f"with the new versions the {found.events:,} events of {found.members:,} members since then "
        f"({found.first} to {found.last}) would have come to:"
    )
    rows: list[Sequence[str]] = [("  ", "posted", "would be", "difference", "members", "would be")]
    for rule in found.rules:
        if rule.rule in affected or rule.sums.more.points or rule.sums.more.times:
            rows.append(_row(f"  {rule.rule} ({rule.thing or rule.wallet})", rule.sums.other, rule.sums.draft))
    for wallet in found.wallets:
        rows.append(_row(f"  all {wallet.wallet}", wallet.sums.other, wallet.sums.draft))
    yield from text.table(rows)
    total = found.total
    yield (
        f"  cost, {found.currency}: {total.other.money} posted, {total.draft.money} with the new versions "
        f"({text.signed_money(total.more.money)})"
    )
    for wallet in found.wallets:
        yield f"  {wallet.winning:,} members would have more {wallet.wallet}, {wallet.losing:,} less"


def _row(name: str, posted: Side, would: Side) -> tuple[str, ...]:
    """Points; of things, how many."""
    then, now = ((each.times if each.points is None else each.points) or 0 for each in (posted, would))
    return name, f"{then:,}", f"{now:,}", text.signed(now - then), f"{posted.members:,}", f"{would.members:,}"
