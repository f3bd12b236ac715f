"""What a return takes back of what campaigns gave for its purchase: bonuses, challenges, a referral's reward. Pure.

- A bonus's points go back as an earn rule's do (see `returning`): by the record of what it gave.
- A challenge counts what is left. Where that misses the goal which the purchase helped to reach, the reward's points go
  back, and the goal may be reached once more.
- The reward for a friend's first purchase goes back when all of it came back, and their next one is their first then;
  or when what is left does not meet the rule's condition.
- Vouchers, draw tickets and punches are withdrawn where their rule does not hold for what is left; a punch only from a
  card that is not full. Whether a voucher is used campaigns does not know: its till does, and a used one stays used.
Gifts, tags and messages stay.

Whatever is of somebody who was merged into the member is their loss: their documents, too, count it less.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from shared.events.internal import Cause
from shared.events.light import Occurrence
from shared.rules import merging_referrals, referrals
from shared.rules.absorbed import ALONE, Ties
from shared.rules.compiled import Compiled
from shared.rules.definition import Base, Rule
from shared.rules.effects import Award
from shared.rules.facts import Facts, dated
from shared.rules.matching import Decided, Passed
from shared.rules.merging import charged
from shared.rules.merging_cards import unpunch
from shared.rules.merging_progress import Way, returned
from shared.rules.referring import Uses
from shared.rules.returning import Key, as_given, changed, give_back_uses, times_changed
from shared.rules.rewards import Thing
from shared.rules.rulebook import Rulebook, Ruleset
from shared.rules.usage import MemberUsage, Refunding
from shared.rules.wins import GivenThing, Prize, Reason, Win, challenge_scope, event_scope, referral

Document = dict[str, Any]


class Undoing(NamedTuple):
    """A return: its event, the purchase as it was, and the facts of that and of what is left (None: nothing).

    rules: of the purchase's time, as they were known when it was posted; parts: of each line of the whole purchase the
    part that is left; posted: when that was.
    """

    event: Occurrence
    was: Occurrence
    rules: Ruleset
    was_facts: Facts
    left_facts: Facts | None
    parts: Sequence[Fraction]
    posted: datetime | None = None


def record(key: str, member: str, decided: Decided) -> Document | None:
    """What is kept of an event's bonuses, for returns of it; None where they gave nothing that may go back."""
    awards = [[each.rule, each.version, each.wallet, each.points, None if each.lines is None else list(each.lines)]
              for each in decided.awards]  # fmt: skip
    passed = [each._asdict() for each in decided.passed]
    if not awards and not any(_may_go(each) for outcome in decided.outcomes for each in outcome.rule.things):
        return None
    return {"_id": key, "member": member, "awards": awards, "passed": passed, "back": [], "things": []}


def note(won: Win, given: Sequence[Prize], member: Document, held: Document | None) -> None:
    """Keeps which things a win gave, where they may go back: a bonus's in the purchase's record, if it has one (held);
    a challenge's with what it gave."""
    things = [
        [each.id, number, None if each.punched is None else each.punched.card]
        for number, each in enumerate(each for each in given if each.thing is not None)
        if each.thing is not None and _may_go(each.thing)
    ]
    if not things:
        return
    if won.reason == "bonus" and held is not None:
        held["things"] += [[won.rule.id, won.rule.version, *each] for each in things]
    elif won.reason == "challenge":
        member["completed"][won.rule.id][won.period]["things"] = things


def things_of(records: Iterable[Document], members: Iterable[Document]) -> list[str]:
    """Ids of things that returns of these purchases, or of these members', may take back."""
    of_records = {each[2] for record in records for each in record.get("things", ())}
    won = (won for member in members for rule in member.get("completed", {}).values() for won in rule.values())
    return sorted(of_records | {each[0] for held in won for each in held.get("things", ())})


def rules_of(case: Undoing) -> list[Compiled]:
    """The rules whose limits may count less."""
    return [each for kind in ("bonus", "challenge") for each in case.rules.rules(kind, case.was.kind)]


def undone(
    way: Way,
    held: Document | None,
    case: Undoing,
    book: Rulebook,
    usage: MemberUsage,
    uses: Uses,
    ties: Ties = ALONE,
) -> Iterator[Win]:
    """What goes back, as wins that correct, each of whoever had won it. way: campaigns' documents of whoever bought,
    and of whom it came to, last of the member whose usage it is; held: the purchase's record, if it has one; uses: of
    whoever brought the member, and what all share; ties: of all who are one."""
    shared = uses.shared
    if held is not None:
        yield from _bonuses(way, held, case, book, usage, shared)
    yield from _challenges(way, case, book, usage, shared, ties)
    # A reward that was given by what a duplicate had brought is the survivor's, also when they are two again.
    others = [ties.way(id_) for id_ in merging_referrals.rewarded_with(way, case.was.key)]
    for each in (*way, *(other[0] for other in others if other)):
        for reward in referrals.returned(each, case.was.key, case.event, case.left_facts, book, uses):
            yield referral(reward, case.event, each["_id"])
    for one in (way, *others):
        merging_referrals.settle(one)


def _bonuses(
    way: Way, held: Document, case: Undoing, book: Rulebook, usage: MemberUsage, shared: Refunding
) -> Iterator[Win]:
    way = next((way[number:] for number, each in enumerate(way) if each["_id"] == held["member"]), way[-1:])
    awards = [
        Award(rule, version, wallet, points, None if lines is None else tuple(lines))
        for rule, version, wallet, points, lines in held["awards"]
    ]
    passed = [Passed(**each) for each in held["passed"]]
    things: list[Any] = held.get("things", [])
    gave = {each.rule: each.version for each in passed} | {each.rule: each.version for each in awards}
    gave |= {rule: version for rule, version, *_ in things}
    rules = as_given(case.rules, gave, book)
    stood = dict[Key, int]()
    given = ((each.rule, each.version, each.wallet, each.points) for each in awards)
    for rule, version, wallet, points in (*given, *held["back"]):
        stood[rule, version, wallet] = stood.get((rule, version, wallet), 0) + points
    changes = changed("bonus", stood, case.left_facts, case.parts, rules, awards, passed, usage)
    held["back"] = [*held["back"], *([*key, points] for key, points in changes.items())]
    scope = event_scope(case.was.key)
    for compiled in rules.rules("bonus", case.was.kind):
        mine = {key[2]: points for key, points in changes.items() if key[0] == compiled.rule.id}
        withdrawn: tuple[GivenThing, ...] = ()
        if any(each[0] == compiled.rule.id for each in things) and not _holds(compiled, case.left_facts, rules):
            withdrawn = _withdrawn(way, compiled.rule, [each[2:] for each in things if each[0] == compiled.rule.id])
            held["things"] = things = [each for each in things if each[0] != compiled.rule.id]
        if mine or withdrawn:
            times, less = times_changed(compiled.rule.id, stood, changes), sum(mine.values())
            with charged(way):
                give_back_uses(compiled, case.was_facts, usage, shared, times=times, points=less)
            yield _back("bonus", compiled.rule, held["member"], scope, mine, case, case.was.time, withdrawn=withdrawn)


def _challenges(
    way: Way, case: Undoing, book: Rulebook, usage: MemberUsage, shared: Refunding, ties: Ties
) -> Iterator[Win]:
    rules = case.rules
    for compiled in rules.rules("challenge", case.was.kind):
        holds = [_holds(compiled, facts, rules) for facts in (case.was_facts, case.left_facts)]
        if not holds[0]:
            continue
        left = case.left_facts if holds[1] else None
        for mine, period in returned(way, compiled.rule, case.was_facts, left, ties, case.posted):
            held = mine[0].get("completed", {}).get(compiled.rule.id, {}).get(period)
            if held is None:
                continue
            version = compiled.rule.id, held["version"]
            rule = next((each for each in book.versions if (each.id, each.version) == version), compiled.rule)
            points = {wallet: -points for wallet, points in held["points"]}
            at, scope = datetime.fromisoformat(held["at"]), challenge_scope(period, held["times"])
            then = dated(case.was, at, rules.zone)
            with charged(mine):
                give_back_uses(compiled, then, usage, shared, times=-1, points=sum(points.values()))
            withdrawn = _withdrawn(mine, rule, held.pop("things", ()))
            yield _back("challenge", rule, mine[0]["_id"], scope, points, case, at, period, withdrawn)


def _holds(compiled: Compiled, facts: Facts | None, rules: Ruleset) -> bool:
    """What counts for a challenge, or won a thing, is whether conditions hold; not how many points that gives."""
    return facts is not None and compiled.matches(facts, rules.in_segment)


def _may_go(thing: Thing) -> bool:
    return thing.name in ("voucher", "tickets", "punch")


def _withdrawn(way: Way, rule: Base, things: Iterable[Any]) -> tuple[GivenThing, ...]:
    """Things as they are taken back; without punches on a card that has been filled, whose points were given. way: of
    whoever had won them, and of whom they came to."""
    assert isinstance(rule, Rule)
    found: list[GivenThing] = []
    for id_, number, card in things:
        punch, punches = rule.things[number].punch, None
        if punch is not None:
            punches = unpunch(way, punch.card, card)
            if punches is None:
                continue
        found.append(GivenThing(id_, number, card, punches))
    return tuple(found)


def _back(
    reason: Reason, rule: Base, winner: str, scope: str, points: dict[str, int], case: Undoing, at: datetime,
    period: str | None = None, withdrawn: tuple[GivenThing, ...] = (),
) -> Win:  # fmt: skip
    """Points less, dated as what they correct was."""
    return Win(
        reason,
        rule,
        winner,
        case.event,
        scope=f"{scope}:{event_scope(case.event.key)}",
        cause=Cause(source=case.event.source, id=case.event.id),
        points=tuple(points.items()),
        period=period,
        at=at,
        corrects=f"{rule.id}:{winner}:{scope}",
        withdrawn=withdrawn,
    )
