"""A member's story as lines for people. Pure: no terminal, so that they read the same in a pipe or a log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from shared.ops.story import Chapter, Part, Status, Story
from shared.rules.saying.phrase import Phrase, Saying, Value, say
from shared.rules.saying.speaking import Language, spoken, written


def tell_story(story: Story, language: Language = "en") -> list[str]:
    """A member's story: who, the balance and what it came from, then each entry by event time."""
    earned = _of_rules(story.by_rule, language)
    labelled: list[tuple[Phrase, Value]] = [
        (Phrase.MEMBER, _who(story)),
        (Phrase.BALANCE, amounts(story.balances) or say(Phrase.NOTHING)),
        *([(Phrase.OF_IT, of_it)] if (of_it := tuple(_purses(story))) else []),
        *[(Phrase.TIER, _status(each)) for each in story.tiers],
        (Phrase.GIFTS, tuple(story.gifts)),
        *[(Phrase.WON, each) for each in story.things],
        *([(Phrase.TAGS, tuple(story.tags))] if story.tags else []),
        (Phrase.EARNED, earned or say(Phrase.NOTHING_YET)),
        *[
            (Phrase.CAME_BACK, say(Phrase.CAME_BACK_OF, member=other, points=_of_rules(found, language)))
            for other, found in story.came_back.items()
            if found
        ],
    ]
    lines = [*columns([(spoken(say(label), language), written(value, language)) for label, value in labelled]), ""]
    if story.earlier:
        points = amounts(story.earlier_points)
        lines.append(spoken(say(Phrase.EARLIER, count=story.earlier, points=points), language))
    lines += columns([_chapter(each, language) for each in story.chapters])
    if story.earned_nothing:
        lines.append(spoken(say(Phrase.EARNED_NOTHING, count=story.earned_nothing), language))
    return lines


def _of_rules(points: Mapping[str, int], language: Language) -> tuple[str, ...]:
    """`120 base, 5 fresh`"""
    return tuple(f"{written(each, language)} {rule}" for rule, each in points.items())


def parts(given: Sequence[Part], language: Language = "en") -> str:
    """`120 stars: 80 base (v1) + 40 double-star-wednesday (v1)`"""
    totals: dict[str, int] = {}
    for each in given:
        totals[each.wallet] = totals.get(each.wallet, 0) + each.points
    named = [
        say(Phrase.PART, points=each.points, rule=each.rule, version=each.version)
        if each.version
        else say(Phrase.PART_OF_NO_RULE, points=each.points, rule=each.rule)
        for each in given
    ]
    return f"{written(amounts(totals), language)}: {' + '.join(spoken(each, language) for each in named)}"


def amount(points: int, wallet: str, language: Language = "en") -> str:
    """`120 stars`, `1 star`"""
    return spoken(say(Phrase.AMOUNT, count=points, wallet=wallet), language)


def amounts(balances: Mapping[str, int]) -> tuple[Saying, ...]:
    """`120 stars, 5 miles`"""
    return tuple(say(Phrase.AMOUNT, count=points, wallet=wallet) for wallet, points in balances.items())


def columns(rows: Iterable[Sequence[str]]) -> list[str]:
    """Rows with their columns aligned; trailing spaces cut."""
    table = list(rows)
    if not table:
        return []
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]


def _who(story: Story) -> Saying:
    if story.joined is None:
        return say(Phrase.NOT_JOINED, member=story.member)
    return say(Phrase.JOINED, member=story.member, day=story.joined)


def _purses(story: Story) -> Iterator[Saying]:
    for each in story.purses:
        said = ((Phrase.PENDING, each.pending), (Phrase.AT_A_TILL, each.held), (Phrase.OWED, each.owed))
        yield from (say(phrase, points=points, wallet=each.wallet) for phrase, points in said if points)
        if each.last_day is not None:
            yield say(Phrase.ENDING, points=each.ending, wallet=each.wallet, day=each.last_day)


def _status(status: Status) -> Saying:
    years = tuple(say(Phrase.IN_THE_YEAR, points=points, year=year) for year, points in status.qualifying.items())
    said = years or say(Phrase.NOTHING)
    if status.tier is None or status.last_day is None:
        return say(Phrase.NO_TIER, ladder=status.ladder, years=said)
    return say(Phrase.TIER_KEPT, tier=status.tier, day=status.last_day, ladder=status.ladder, years=said)


def _chapter(chapter: Chapter, language: Language) -> tuple[str, ...]:
    wallets = dict.fromkeys((*(each.wallet for each in chapter.parts), *chapter.spared, *chapter.ended))
    after = amounts({each: chapter.balances.get(each, 0) for each in wallets})
    day, what = written(chapter.at.date(), language), written(chapter.what, language)
    told = parts(chapter.parts, language) if chapter.parts else ""
    # Last, as it is long: before the balances it would push those of all other lines away.
    left = ((Phrase.SPARED, chapter.spared), (Phrase.ENDED, chapter.ended))
    besides = [spoken(say(phrase, points=amounts(points)), language) for phrase, points in left if points]
    return day, what, told, f"= {written(after, language)}", "; ".join(besides)
