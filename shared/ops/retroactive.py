"""What a retroactive publication would change: what older versions have decided since then, and what it would be.

What is posted stays posted: the counts tell what would be decided otherwise now. Late events and replays of that time
are decided by the new version from its publication on.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from shared.backtest.exported import Export
from shared.backtest.journal import GapError
from shared.backtest.republished import republished
from shared.backtest.result import Report
from shared.ops.databases import EARN, JOURNAL, NotThereError, database, opened
from shared.ops.exporting import export
from shared.publishing.edition import NewVersion
from shared.publishing.registry import Registry, latest
from shared.rules.compiled import segments_named
from shared.rules.conditions import term_of
from shared.rules.definition import Bounded, Campaign, Definition, Programme, ReferralRule, Rule, Segment
from shared.rules.engines.choosing import engine
from shared.rules.reading import readable
from shared.runtime.store import Document
from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class RuleEffect:
    """One rule: the journal's entries of the kinds it looks at since then, and those that other versions decided.

    because: the new version, or what it names or is named by (`families v2`). points: by wallet.
    """

    rule: str
    because: str
    since: datetime
    events: int
    entries: int
    members: int
    points: dict[str, int]


@dataclass(frozen=True, slots=True)
class Effects:
    """All rules, and without counting anything twice: how many entries and members in all.

    elsewhere: new versions that no entry of earn's journal was decided by (ladders, gifts, messages).
    """

    until: datetime
    rules: list[RuleEffect]
    entries: int
    members: int
    elsewhere: list[str]


@dataclass(frozen=True, slots=True)
class Affected:
    """A rule whose decisions since a time would be others."""

    rule: str
    because: str
    since: datetime
    kinds: frozenset[str]


async def effects(settings: Settings, past: Sequence[NewVersion], registry: Registry, until: datetime) -> Effects:
    """Counts, in earn's journal between the new versions' times and now, what versions before them decided."""
    found, elsewhere = affected(past, latest(registry))
    async with opened(settings) as client:
        earn = database(client, EARN, settings)
        rules = [await _effect(earn, each, until) for each in found]
        entries, members = await _counted(earn, [_awarded(each, until) for each in found])
    return Effects(until, rules, entries, members, elsewhere)


async def would_be(settings: Settings, new: Sequence[NewVersion], until: datetime) -> Report | str | None:
    """The journal replayed without and with the new versions; None where nothing happened since then.

    A text says why it cannot be told: the journal lacks entries.
    """
    definitions = [each for each in (readable(one.body) for one in new) if each is not None]
    matching = engine(settings.engine)
    with tempfile.TemporaryDirectory(prefix="doublestar-") as folder:
        path = Path(folder) / "journal.zip"
        try:
            await export(settings, path)
        except NotThereError:
            return None
        except GapError as error:
            return f"what it would have come to cannot be told: {error}"
        # A replay takes seconds of computing: meanwhile the connections must be kept alive.
        return await asyncio.to_thread(republished, Export(path), definitions, until, matching)


def affected(past: Sequence[NewVersion], known: Sequence[Definition]) -> tuple[list[Affected], list[str]]:
    """The rules that new versions change, directly or by what they name; and the new versions that change none."""
    rules: dict[str, Rule | ReferralRule] = {each.id: each for each in known if isinstance(each, Rule | ReferralRule)}
    found: dict[str, Affected] = {}
    elsewhere: list[str] = []
    for new in sorted(past, key=lambda each: each.effective):
        name = f"{new.id} v{new.version}"
        definition = readable(new.body)
        touched = _touched(definition, rules, known) if definition is not None else []
        if not touched:
            elsewhere.append(f"{name} ({new.kind})")
        for each in touched:
            kinds = _kinds(each) | (_kinds(rules[each.id]) if each.id in rules else frozenset())
            found.setdefault(each.id, Affected(each.id, name, new.effective, kinds))
    return [found[id_] for id_ in sorted(found)], elsewhere


def _touched(
    definition: Definition, rules: dict[str, Rule | ReferralRule], known: Sequence[Definition]
) -> list[Rule | ReferralRule]:
    """The rule itself, rules that name it (of a segment: whoever asks for it, of a campaign: its rules), and rules that
    repeat the points of one of those."""
    if isinstance(definition, Rule | ReferralRule):
        first: dict[str, Rule | ReferralRule] = {definition.id: definition}
    elif isinstance(definition, Campaign):
        first = {id_: each for id_, each in rules.items() if _campaign(each) == definition.id}
    elif isinstance(definition, Segment):
        asking = _asking(definition.id, known)
        first = {id_: each for id_, each in rules.items() if not asking.isdisjoint((id_, _campaign(each)))}
    elif isinstance(definition, Programme):
        first = dict(rules)  # its time zone and its eligible lines are everybody's
    else:
        first = {}
    before = -1
    while before != len(first):
        before = len(first)
        first |= {id_: each for id_, each in rules.items() if id_ not in first and _repeats(each, first)}
    return list(first.values())


def _asking(segment: str, known: Iterable[Definition]) -> set[str | None]:
    """Rules and campaigns that ask for a segment: as theirs, in a condition, or by another segment that does."""
    named = {each.id: segments_named(term_of(each.when)) for each in known if isinstance(each, Segment)}
    segments, before = {segment}, 0
    while before != len(segments):
        before = len(segments)
        segments |= {id_ for id_, of in named.items() if not segments.isdisjoint(of)}
    return {each.id for each in known if isinstance(each, Bounded) and not segments.isdisjoint(_segments(each))}


def _segments(of: Bounded) -> list[str]:
    asked = [] if of.when is None else segments_named(term_of(of.when))
    return asked if of.segment is None else [of.segment, *asked]


def _campaign(rule: Rule | ReferralRule) -> str | None:
    return rule.campaign if isinstance(rule, Rule) else None


def _repeats(rule: Rule | ReferralRule, others: Iterable[str]) -> bool:
    return isinstance(rule, Rule) and not set(rule.repeats).isdisjoint(others)


def _kinds(rule: Rule | ReferralRule) -> frozenset[str]:
    return frozenset({rule.on} if isinstance(rule, Rule) else {"referral", "purchase"})


def _awarded(each: Affected, until: datetime) -> Document:
    return {"awards.rule": each.rule, "at": {"$gte": each.since, "$lt": until}}


async def _effect(earn: AsyncDatabase[Document], each: Affected, until: datetime) -> RuleEffect:
    in_time = {"$gte": each.since, "$lt": until}
    events = await earn[JOURNAL].count_documents({"kind": {"$in": sorted(each.kinds)}, "at": in_time})
    entries, members = await _counted(earn, [_awarded(each, until)])
    stages: list[Document] = [
        {"$match": _awarded(each, until)},
        {"$unwind": "$awards"},
        {"$match": {"awards.rule": each.rule}},
        {"$group": {"_id": "$awards.wallet", "points": {"$sum": "$awards.points"}}},
        {"$sort": {"_id": 1}},
    ]
    points = {one["_id"]: int(one["points"]) async for one in await earn[JOURNAL].aggregate(stages)}
    return RuleEffect(each.rule, each.because, each.since, events, entries, members, points)


async def _counted(earn: AsyncDatabase[Document], matches: Sequence[Document]) -> tuple[int, int]:
    """How many journal entries fit one of these, and of how many members."""
    if not matches:
        return 0, 0
    stages: list[Document] = [
        {"$match": {"$or": list(matches)}},
        {"$group": {"_id": "$member", "entries": {"$sum": 1}}},
        {"$group": {"_id": None, "entries": {"$sum": "$entries"}, "members": {"$sum": 1}}},
    ]
    found: list[dict[str, Any]] = await (await earn[JOURNAL].aggregate(stages)).to_list()
    return (int(found[0]["entries"]), int(found[0]["members"])) if found else (0, 0)
