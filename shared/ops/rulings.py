"""What became of each rule for one event, and why: the journal's points, the reasons of the rules asked again. Pure.

The journal and campaigns' collection say what was given; the rules are asked again (`shared.rules.explaining`, the code
that decided) for the reasons: by the versions that were published when the event was decided. What is published since
is told of only where it would give something else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from shared.ledger.returned import RETURN_OF
from shared.ops.cases import KEPT, Case, Had, Inquiry, alike, newer
from shared.ops.story import Part, short
from shared.ops.undone import Undone
from shared.rules.definition import Bounded
from shared.rules.explained import Explained
from shared.rules.rulebook import Ruleset
from shared.rules.saying.phrase import Phrase, Saying, say

Pair = tuple[Explained | None, Explained | None]  # a rule, then and now; one of them where there is no other
_ONCE_IT_APPLIES: Final = ("limit", "budget", "pack", "stacking")  # verdicts on what would give but for others


@dataclass(frozen=True, slots=True)
class Ruling:
    """What became of one rule: `parts` and `version` are the posted ones; `why` says what kept it from giving more.

    explained: as the rules that are told of decide it; None for what no rule of an event gave (referral rewards).
    given: things that it gave besides. verdict: of the explanation; of a return, `stays` for a rule of its purchase of
    which it took nothing.
    """

    rule: str
    title: str
    kind: str
    version: int
    verdict: str
    parts: tuple[Part, ...]
    why: Saying | None
    explained: Explained | None = None
    given: tuple[Saying, ...] = ()

    @property
    def points(self) -> int:
        """Of all wallets, as they were posted."""
        return sum(each.points for each in self.parts)


def rulings(asked: Inquiry) -> list[Ruling]:
    """Every rule that looks at this kind of event, then what the journal has besides (referral rewards)."""
    now, had = asked.now, asked.had
    rules = asked.campaigns.rules if now is None else now.rules
    since = newer(rules, had.parts)
    pairs = [
        *_paired(asked.earn.of_earn(), None if now is None else now.of_earn()),
        *_paired(asked.campaigns.of_campaigns(), None if now is None else now.of_campaigns()),
    ]
    found = [_ruling(pair, asked, since) for pair in pairs]
    return found + _besides(asked, {each.rule for each in found}, rules)


def as_it_stands(case: Case) -> list[Ruling]:
    """Every rule that looks at a kind of event, without one: by the state now."""
    return [
        Ruling(
            each.rule, each.title, each.kind, each.version, each.verdict, (),
            say(Phrase.WOULD_APPLY) if each.applies else each.why, each, each.given if each.applies else (),
        )
        for each in (*case.of_earn(), *case.of_campaigns())
    ]  # fmt: skip


def _besides(asked: Inquiry, told: set[str], rules: Ruleset) -> list[Ruling]:
    """What no rule gives that looks at this event: grants of other reasons; of a return, what it did to each rule of
    its purchase."""
    titles = {each.id: each.title for each in rules.definitions}
    parts = {rule: tuple(each) for rule, each in asked.had.parts.items() if rule not in told and each}
    found = [_undone(each, parts.pop(each.rule, ()), titles) for each in asked.undone if each.rule not in told]
    returned = next((each for each in asked.earn.posted if RETURN_OF in each), None)
    of, why = "granted", None
    if returned is not None:
        of, why = "return", say(Phrase.HAD_GIVEN, event=short(returned[RETURN_OF]))
    return found + [
        Ruling(rule, titles.get(rule, rule), of, each[0].version, "applies", each, why) for rule, each in parts.items()
    ]


def _undone(each: Undone, parts: tuple[Part, ...], titles: Mapping[str, str]) -> Ruling:
    verdict = "stays" if each.stays else "applies"
    return Ruling(each.rule, titles.get(each.rule, each.rule), "return", each.version, verdict, parts, each.why())


def _paired(then: Sequence[Explained], now: Sequence[Explained] | None) -> list[Pair]:
    """In the order of then; what is only there by now after it."""
    if now is None:
        return [(each, each) for each in then]
    by_now, known = {each.rule: each for each in now}, {each.rule for each in then}
    since = [(None, each) for each in now if each.rule not in known]
    return [*((each, by_now.get(each.rule)) for each in then), *since]


def _ruling(pair: Pair, asked: Inquiry, since: frozenset[str]) -> Ruling:
    (then, now), had = pair, asked.had
    each = then or now
    assert each is not None
    if each.rule in had.parts:
        return _posted(pair, asked, since)
    if then is not None and (lacking := had.lacks(then)):
        held = None if _may_be_sent(then, asked) else _held_then(then, asked)
        return held or _of(then, "not_posted", _lacking(then, lacking, asked))
    came = None if then is not None and then.applies else _came(then, now, had)
    return came or _of(each, each.verdict, each.why, had.given(each))


def _lacking(then: Explained, points: tuple[Saying, ...], asked: Inquiry) -> Saying:
    """What is said of what a rule gives, and is not there. Earn decides and posts at once: what it did not post it did
    not know of, or knew of another past. So it is with what campaigns has decided, but for what it notes to have given,
    and for what it notes nothing of."""
    if then.kind == "earn":
        return _not_given(then, points, asked)
    if _may_be_sent(then, asked):
        return say(Phrase.NOT_POSTED, points=points)
    if (then.rule, then.version) not in asked.late and _unnoted(then, asked.earn.facts.kind):
        return _after_merge(say(Phrase.NOT_NOTED, points=points), asked)
    return _not_given(then, points, asked)


def _unnoted(then: Explained, kind: str) -> bool:
    """Whether campaigns keeps nothing of what a rule gave until its grant is posted: of a bonus for what is no
    purchase, and of tags alone. Vouchers, gifts and tickets it keeps, and has none."""
    if then.kind != "bonus" or not KEPT.isdisjoint(then.things):
        return False
    return kind != "purchase" or not then.points


def _may_be_sent(then: Explained, asked: Inquiry) -> bool:
    """Whether campaigns notes to have given what a rule gives; or may, where its notes were not read."""
    return asked.sent is None or then.rule in asked.sent or asked.had.kept(then)


def _held_then(then: Explained, asked: Inquiry) -> Ruling | None:
    """A challenge whose goal was reached, and that could give by now: where members share a limit or budget of it, that
    was used up when it was decided, and what has come back since is there for the next event."""
    shared = [each for each in then.held if each.per != "member"]
    if then.progress is None or then.why is None or not shared:
        return None
    if asked.merged or (then.rule, then.version) in asked.late:  # then that may be why, and is what is said
        return None
    budget = all(each.measure == "budget" for each in shared)
    said = say(Phrase.BUDGET_THEN if budget else Phrase.HELD_THEN, progress=then.why)
    if then.why.what is Phrase.REACHED_BUT:  # what would be cut by now was never decided: it is no number to be told
        said = say(Phrase.PART_THEN, progress=then.why.values["progress"])
    return _of(then, "budget" if budget else "limit", said)


def _not_given(then: Explained, points: tuple[Saying, ...], asked: Inquiry) -> Saying:
    """That it came too late is said of what did come late, and of nothing else."""
    if (then.rule, then.version) in asked.late:
        return say(Phrase.WOULD_GIVE, points=points, version=then.version)
    spent = None if asked.merged else _spent_by_then(then, asked)
    if spent is not None:
        return say(Phrase.SPENT_BY_THEN, points=points, version=then.version, reason=spent)
    return _after_merge(say(Phrase.NOT_GIVEN, points=points), asked)


def _spent_by_then(then: Explained, asked: Inquiry) -> Saying | None:
    """A budget whose total was raised since, and of which more is used by now than the version of then has."""
    budgets = {each.id: each.budget for each in asked.earn.rules.definitions if isinstance(each, Bounded)}
    for held in then.held:
        budget, money = budgets.get(held.owner), held.money
        if budget is None or held.measure != "budget" or held.per != "programme" or held.counted != "now":
            continue
        if money is None and budget.points is not None and budget.points <= held.used and budget.points < held.most:
            return say(Phrase.BUDGET_SPENT, count=budget.points)
        total = None if money is None or budget.money is None else Decimal(budget.money.amount)
        if money is None or total is None or budget.money is None or budget.money.currency != money.currency:
            continue
        if total <= money.used and total < money.most:
            return say(Phrase.MONEY_SPENT, amount=total, currency=money.currency)
    return None


def _after_merge(said: Saying, asked: Inquiry) -> Saying:
    """Where asking again gives otherwise, what somebody brought who was merged into the member may be why."""
    return say(Phrase.AFTER_MERGE, said=said, merged=tuple(asked.merged)) if asked.merged else said


def _came(then: Explained | None, now: Explained | None, had: Had) -> Ruling | None:
    """What came too late: a rule that gives by now, and could not when this was decided."""
    if now is None or now is then:
        return None
    if would := had.lacks(now):
        if then is not None and then.version == now.version:  # it is what the rule builds on that has changed
            return _of(now, "not_posted", say(Phrase.WOULD_GIVE_NOW, points=would))
        return _of(now, "not_posted", say(Phrase.WOULD_GIVE, points=would, version=now.version))
    if then is None and now.verdict == "counts":
        return _of(now, "not_posted", say(Phrase.CAME_LATER, version=now.version))
    if then is None and now.verdict in _ONCE_IT_APPLIES:  # nobody asked for it when this was decided
        return _of(now, "not_posted", say(Phrase.CAME_AFTER, version=now.version))
    return None


def _of(each: Explained, verdict: str, why: Saying | None, given: tuple[Saying, ...] = ()) -> Ruling:
    return Ruling(each.rule, each.title, each.kind, each.version, verdict, (), why, each, given)


def _posted(pair: Pair, asked: Inquiry, since: frozenset[str]) -> Ruling:
    """What was posted, told by the versions that gave it; by those of now, and that they are others, where none do."""
    known = [one for one in pair if one is not None]
    had = asked.had
    parts = had.parts[known[0].rule]
    telling = next((one for one in known if _tells(one, parts)), None)
    each = telling or known[0]
    version, why = parts[0].version if parts else each.version, each.why
    if telling is None:
        why = (
            say(Phrase.PUBLISHED_SINCE)
            if _published_since(known[-1], version, since, asked)
            else _after_merge(say(Phrase.POSTED_OTHERWISE), asked)
        )
    elif why is None and not all(_tells(one, parts) for one in known):
        why = say(Phrase.PUBLISHED_SINCE)
    given = had.given(each, decided=telling is not None)
    return Ruling(each.rule, each.title, each.kind, version, "applies", tuple(parts), why, each, given)


def _tells(each: Explained, parts: Sequence[Part]) -> bool:
    return each.applies and alike(parts, each) and (not parts or parts[0].version == each.version)


def _published_since(each: Explained, version: int, since: frozenset[str], asked: Inquiry) -> bool:
    """Whether what was posted differs from what is explained because of what was published since."""
    if version != each.version or each.rule in since:
        return True
    if each.verdict in ("not_scheduled", "not_in_segment", "condition"):
        of = {name for asks in each.asks for name in (asks.id, asks.segment and asks.segment.segment)}
        return not since.isdisjoint(name for name in of if name is not None)
    # The journal has what won then: what wins by now is newer, or no longer the same; or asked of another past.
    return each.verdict == "stacking" and not asked.merged
