"""Stories and explanations as lines for people. Pure: no terminal, so that they read the same in a pipe or a log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from shared.ops.explaining import BasketLine, Explanation
from shared.ops.rulings import Ruling
from shared.ops.story import Chapter, Part, Status, Story
from shared.rules.conditions import Finding

_ASKED = {
    "is": "is",
    "is_not": "is not",
    "in": "one of",
    "not_in": "none of",
    "at_least": "at least",
    "more_than": "more than",
    "at_most": "at most",
    "less_than": "less than",
    "known": "known",
}


def tell_story(story: Story) -> list[str]:
    """A member's story: who, the balance and what it came from, then each entry by event time."""
    lines = [
        f"member   {story.member}, joined {story.joined or 'not yet (no signup was posted)'}",
        f"balance  {_amounts(story.balances) or 'nothing'}",
        *[f"tier     {_status(each)}" for each in story.tiers],
        f"gifts    {', '.join(story.gifts) or 'none'}",
        f"earned   {', '.join(f'{points:,} {rule}' for rule, points in story.by_rule.items()) or 'nothing yet'}",
        "",
    ]
    if story.earlier:
        brought = _amounts(story.earlier_points)
        noun = "entry" if story.earlier == 1 else "entries"
        lines.append(f"… {story.earlier:,} earlier {noun} brought {brought} (--limit 0 tells them all)")
    rows = [_chapter(each) for each in story.chapters]
    lines += columns(rows)
    if story.earned_nothing:
        noun = "event" if story.earned_nothing == 1 else "events"
        lines.append(f"{story.earned_nothing:,} {noun} earned nothing (--event ID says why)")
    return lines


def tell_explanation(found: Explanation) -> list[str]:
    """One event, fully."""
    lines = [
        f"{found.what}, {found.at:%A %Y-%m-%d %H:%M} local",
        f"{found.kind} of {found.member}, journal entry {found.event}, number {found.seq} of the member's",
    ]
    if found.origin is not None:
        lines.append(f"read at {found.origin}")
    lines += ["", parts(found.parts) if found.parts else "nothing was earned"]
    if found.also:
        lines.append(f"and granted for it: {parts(found.also)}")
    if found.facts:
        lines += ["", "facts used"]
        lines += columns([(f"  {name}", "unknown" if v is None else v) for name, v in found.facts.items()])
    lines += ["", "rules"]
    for ruling in found.rulings:
        lines += _ruling(ruling)
    if found.lines:
        lines += ["", "lines", *_lines(found.lines)]
    if found.postings:
        lines += ["", "postings", *columns([_posting(each) for each in found.postings])]
    return lines


def parts(given: Sequence[Part]) -> str:
    """`120 stars: 80 base (v1) + 40 double-star-wednesday (v1)`"""
    totals: dict[str, int] = {}
    for each in given:
        totals[each.wallet] = totals.get(each.wallet, 0) + each.points
    named = (f"{each.points:,} {each.rule} (v{each.version})" for each in given)
    return f"{_amounts(totals)}: {' + '.join(named)}"


def amount(points: int, wallet: str) -> str:
    """`120 stars`, `1 star`"""
    one = abs(points) == 1 and wallet.endswith("s") and not wallet.endswith(("ss", "us"))
    return f"{points:,} {wallet[:-1] if one else wallet}"


def _amounts(balances: Mapping[str, int]) -> str:
    return ", ".join(amount(points, wallet) for wallet, points in balances.items())


def _status(status: Status) -> str:
    years = ", ".join(f"{points:,} in {year}" for year, points in status.qualifying.items())
    named = f"{status.tier}, kept until {status.last_day}" if status.tier else "none yet"
    return f"{named} ({status.ladder}; qualifying: {years or 'nothing'})"


def _chapter(chapter: Chapter) -> tuple[str, ...]:
    after = f"= {_amounts({each.wallet: chapter.balances[each.wallet] for each in chapter.parts})}"
    return f"{chapter.at:%Y-%m-%d}", chapter.what, parts(chapter.parts), after


def _ruling(ruling: Ruling) -> list[str]:
    head = f"{ruling.rule} (v{ruling.version}, {ruling.kind})"
    if ruling.verdict == "applies":
        lines = [f"  + {head}: {amount(ruling.points, ruling.wallet)}" + (f"; {ruling.why}" if ruling.why else "")]
    else:
        lines = [f"  - {head}: {ruling.why or 'nothing'}"]
    if ruling.verdict != "not_scheduled":
        lines += [f"      {_finding(each)}" for each in ruling.findings]
    return lines


def _finding(finding: Finding) -> str:
    name, _, wanted = finding.asked.partition(" ")
    value = "unknown" if finding.value is None else finding.value
    asked = {"True": "that it is known", "False": "that it is unknown"}.get(wanted) if name == "known" else None
    return f"{finding.fact} = {value}; asked: {asked or f'{_ASKED[name]} {wanted}'}: {'yes' if finding.held else 'no'}"


def _lines(lines: Sequence[BasketLine]) -> list[str]:
    rows = [
        (
            f"  {each.number + 1}",
            each.product,
            each.department or "-",
            f"{each.quantity:,} x",
            each.amount,
            "" if each.eligible else "not eligible",
            " + ".join(f"{points} {rule}" for rule, points in each.points.items() if points),
        )
        for each in lines
    ]
    return columns(rows)


def _posting(posting: Mapping[str, object]) -> tuple[str, ...]:
    rule = f"{posting['rule']} (v{posting['version']})"
    return f"  {posting['account']}", f"{posting['amount']:+,} {posting['wallet']}", rule


def columns(rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows with their columns aligned; trailing spaces cut."""
    table = list(rows)
    if not table:
        return []
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
