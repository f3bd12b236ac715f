"""A publication into the past as lines for people: what was decided since then, and what it would change. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from shared.backtest import text
from shared.backtest.result import Report, Side
from shared.ops.retroactive import Effects
from shared.ops.telling import columns
from shared.ops.telling_rules import local

_STAYS = (
    "what is posted stays posted, and settled at its prices; late events and replays of that time use the new versions "
    "from now on"
)


def tell_effects(found: Effects, would: Report | str | None, zone: ZoneInfo) -> list[str]:
    """What older versions decided since then; and what would come to something else by the new ones.

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
        lines += _would(would)
    else:
        lines.append("no event happened since then: nothing would be otherwise" if would is None else would)
    return [*lines, _STAYS]


def _would(found: Report) -> Iterator[str]:
    """Rules that come to something else, then wallets, money and members."""
    events = f"the {found.events:,} events of {found.members:,} members since then ({found.first} to {found.last})"
    rules = [each for each in found.rules if each.sums.draft != each.sums.other]
    wallets = [each for each in found.wallets if each.sums.draft != each.sums.other or each.winning or each.losing]
    if not rules and not wallets:
        yield f"{events}, decided anew with and without the new versions, come to the same"
        return
    yield f"{events}, decided anew without the new versions and with them; what differs:"
    rows: list[Sequence[str]] = [("  ", "without", "with", "difference", "members", "with")]
    rows += [_row(f"  {each.rule} ({each.thing or each.wallet})", each.sums.other, each.sums.draft) for each in rules]
    rows += [_row(f"  all {each.wallet}", each.sums.other, each.sums.draft) for each in wallets]
    yield from text.table(rows)
    total = found.total
    if total.more.money != "0.00":
        yield (
            f"  cost, {found.currency}: {text.money(total.other.money, found)} without, "
            f"{text.money(total.draft.money, found)} with the new versions "
            f"({text.signed_money(total.more.money, found)})"
        )
    for wallet in wallets:
        yield f"  {wallet.winning:,} members would have more {wallet.wallet}, {wallet.losing:,} less"


def _row(name: str, without: Side, with_: Side) -> tuple[str, ...]:
    """Points; of things, how many."""
    then, now = ((each.times if each.points is None else each.points) or 0 for each in (without, with_))
    return name, f"{then:,}", f"{now:,}", text.signed(now - then), f"{without.members:,}", f"{with_.members:,}"
