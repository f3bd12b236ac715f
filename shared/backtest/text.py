"""A backtest's report as text, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from shared.backtest.result import Both, HeldBack, OfMember, Report, Side
from shared.settlement.money import rounded

Row = Sequence[str]


def lines(found: Report) -> Iterator[str]:
    """Line by line."""
    other = other_name(found)
    days = f"{found.first} to {found.last} ({found.time_zone})"
    yield f"Backtest of {found.programme}, {days}: {found.events:,} events of {found.members:,} members"
    yield f"Draft: {drafts(found)}; compared with {comparison(found)}"
    if found.merges:
        yield merges(found)
    if found.contested:
        yield contested(found)
    yield ""
    head = ("", "draft", other, "difference")
    yield from table([head, *_totals(found)])
    for each in found.wallets:
        what = f" {each.wallet}" if several(found) else ""
        yield f"{each.winning:,} members get more{what}, {each.losing:,} get less"
    yield from _block("By rule", _rules(found))
    if found.things:
        said = "A voucher or gift costs its value when it is given, less where it is not used."
        yield f"  {said} Other things cost nothing here."
    yield from _block("By segment", _segments(found))
    yield from _block("By month (each local day is in the JSON)", _months(found), least=1 + len(found.wallets))
    yield from _block("What stacking, limits and budgets took away", _held(found))
    for members, won in ((found.winners, True), (found.losers, False)):
        for wallet in found.wallets:
            mine = [each for each in members if each.wallet == wallet.wallet]
            of = f" of {wallet.wallet}" if several(found) else ""
            yield from _block(members_title(mine, won=won) + of, _members(mine, other))


def members_title(members: Sequence[OfMember], *, won: bool) -> str:
    """What the list is of: where nobody gets more, those with the most points take the winners' place."""
    if not won:
        return "Top losers"
    return "Top winners" if any(each.more > 0 for each in members) else "Nobody gets more; the most points"


def plural(thing: str, count: int) -> str:
    """`1 voucher`, `2 vouchers`, `3 tickets`"""
    one = thing.removesuffix("s")
    return f"{count:,} {one if count == 1 else one + ('es' if one.endswith('ch') else 's')}"


def given(number: int | None, thing: str | None, times: int | None) -> str:
    """Points, or so many things."""
    return _count(number) if thing is None else plural(thing, times or 0)


def other_name(found: Report) -> str:
    """What the other side is called, in short."""
    return "live" if found.against == "live" else "against"


def comparison(found: Report) -> str:
    """What the other side is."""
    return "what was posted" if not found.other_decided else f"the rules in force with {found.against}"


def merges(found: Report) -> str:
    """That who was merged is replayed apart."""
    within, before = found.merges["within"], found.merges["before"]
    counts = [f"{within:,} within these days"] * bool(within) + [f"{before:,} before them"] * bool(before)
    apart = "a replay merges nobody, and decides each of the two by their own entries"
    posted = "" if found.other_decided else "; what was posted after a merge was decided of both as one, and may differ"
    return f"Members who were merged into others: {', '.join(counts)}; {apart}{posted}"


def contested(found: Report) -> str:
    """That who got the last of what members share may be somebody else in the ledger."""
    return (
        f"Used up by households or by all members together, in campaigns: {', '.join(found.contested)}; campaigns may "
        "have met members in another order than a replay, so who got the last of it may differ from what was posted; "
        "--against with a copy of the rules decides both sides alike"
    )


def drafts(found: Report) -> str:
    """Which definitions the draft has, and what they do."""
    by_what: dict[str, list[str]] = {}
    for each in found.definitions:
        by_what.setdefault(each["what"], []).append(each["id"])
    parts = [f"{', '.join(by_what[what])} ({what})" for what in ("new", "changed") if what in by_what]
    same = len(by_what.get("unchanged", ()))
    if same:
        parts.append(f"{same} unchanged")
    return "; ".join(parts) or "nothing"


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Columns side by side: the first to the left, numbers to the right."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        padded = [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
        yield "  ".join([row[0].ljust(widths[0]), *padded[1:]]).rstrip()


def signed(number: int) -> str:
    """A difference, with its sign."""
    return f"{number:+,}" if number else "0"


def money(amount: str, found: Report) -> str:
    """An amount as people pay it: nobody reads hundredths of a currency that has none."""
    return f"{rounded(Decimal(amount), found.currency):f}"


def signed_money(amount: str, found: Report) -> str:
    """A difference in money, with its sign."""
    shown = money(amount, found)
    return shown if shown.startswith("-") or not shown.strip("0.") else f"+{shown}"


def several(found: Report) -> bool:
    """Whether points are of several wallets: then each number of points says of which."""
    return len(found.wallets) > 1


def named(found: Report, name: str, wallet: str) -> str:
    """What a row is called."""
    return f"{name} ({wallet})" if several(found) and wallet else name


def _totals(found: Report) -> list[Row]:
    rows: list[Row] = []
    for each in found.wallets:
        title = f"points, {each.wallet}" if several(found) else "points"
        sums = each.sums
        rows.append((title, _count(sums.draft.points), _count(sums.other.points), signed(sums.more.points or 0)))
        if sums.draft.taken or sums.other.taken:  # what rules gave, and what returns took back of it
            one, two = sums.draft, sums.other
            rows.append(("  given", _count(one.given), _count(two.given), signed(one.given - two.given)))
            rows.append(("  taken back", _count(one.taken), _count(two.taken), signed(sums.more.taken or 0)))
    for thing in found.things:
        name = plural(thing.thing, 2).removeprefix("2 ")
        rows.append((name, f"{thing.draft:,}", f"{thing.other:,}", signed(thing.draft - thing.other)))
    draft, other, more = found.total.draft, found.total.other, found.total.more
    amounts = (money(draft.money, found), money(other.money, found), signed_money(more.money, found))
    return [
        *rows,
        (f"cost, {found.currency}", *amounts),
        ("members reached", f"{draft.members:,}", f"{other.members:,}", signed(more.members)),
        ("awards", _count(draft.times), _count(other.times), signed(more.times or 0)),
    ]


def _count(number: int | None) -> str:
    return f"{number or 0:,}"


def _block(title: str, rows: Sequence[Row], least: int = 1) -> Iterator[str]:
    """A titled table; nothing where it has fewer rows than that below its head."""
    if len(rows) > least:
        yield ""
        yield title
        yield from table([("  " + row[0], *row[1:]) for row in rows])


def _rules(found: Report) -> list[Row]:
    other = other_name(found)
    rows: list[Row] = [
        ("rule", "draft", other, "difference", f"{found.currency} more", "members", "then", _each(found))
    ]
    for each in found.rules:
        sums = each.sums
        rows.append(
            (
                named(found, each.rule, each.wallet), given(sums.draft.points, each.thing, sums.draft.times),
                given(sums.other.points, each.thing, sums.other.times),
                signed((sums.more.points if each.thing is None else sums.more.times) or 0),
                signed_money(sums.more.money, found), f"{sums.draft.members:,}",
                f"{sums.other.members:,}", each.cost_per_point,
            )
        )  # fmt: skip
    return rows


def _each(found: Report) -> str:
    return "each" if found.things else "per point"


def _segments(found: Report) -> list[Row]:
    rows: list[Row] = [("segment", "draft", other_name(found), "difference", f"{found.currency} more", "members")]
    for each in found.segments:
        sums = each.sums
        one, two, less = (each_.points if each.thing is None else each_.times for each_ in _sides(sums))
        more = (signed(less or 0), signed_money(sums.more.money, found), f"{sums.draft.members:,}")
        name = named(found, each.segment, each.wallet) if each.thing is None else f"{each.segment} ({each.thing})"
        rows.append((name, _count(one), _count(two), *more))
    return rows


def _sides(sums: Both) -> tuple[Side, Side, Side]:
    return sums.draft, sums.other, sums.more


def _months(found: Report) -> list[Row]:
    sums: dict[str, list[int]] = {}
    for day in found.days:
        month = sums.setdefault(named(found, day.day[:7], day.wallet), [0, 0])
        month[0] += day.draft
        month[1] += day.other
    rows: list[Row] = [("month", "draft", other_name(found), "difference")]
    return rows + [(month, f"{d:,}", f"{o:,}", signed(d - o)) for month, (d, o) in sums.items()]


def _held(found: Report) -> list[Row]:
    rows: list[Row] = [("rule", "by", "times", "points", "times then", "points then")]
    return rows + [(each.rule, by(each), *_numbers(each)) for each in found.held]


def by(each: HeldBack) -> str:
    """What held a rule back, in words."""
    if each.why == "stacking":
        return f"{each.by} won"
    parts = (each.by or "").split(":")
    if len(parts) != 4:
        return each.why
    owner, per, measure, period = parts
    of = "" if owner == each.rule else f" of {owner}"
    if measure == "budget":
        return f"budget{of}"
    return f"{measure} a {per}, {'in all' if period == 'ever' else f'a {period}'}{of}"


def _numbers(each: HeldBack) -> tuple[str, str, str, str]:
    draft = "?" if each.draft_points is None else f"{each.draft_points:,}"
    then = "?" if each.other_points is None else f"{each.other_points:,}"
    return f"{each.draft_times:,}", draft, "?" if each.other_times is None else f"{each.other_times:,}", then


def _members(members: Sequence[OfMember], other: str) -> list[Row]:
    rows: list[Row] = [("member", "draft", other, "difference")]
    return rows + [(each.member, f"{each.draft:,}", f"{each.other:,}", signed(each.more)) for each in members]
