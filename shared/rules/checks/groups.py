"""Stacking groups: whether their rules agree how they share an event, and whether each of them can ever win."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from shared.rules.checks.constants import Remark
from shared.rules.checks.meeting import collide
from shared.rules.checks.ordered import one_after_the_other
from shared.rules.checks.reach import asked, question
from shared.rules.checks.rivals import Rivals
from shared.rules.checks.shelf import Shelf
from shared.rules.checks.times import timeless
from shared.rules.checks.wider import Scope
from shared.rules.definition import Bounded, Rule
from shared.rules.rewards import PointsEffect

_ONE_WINS: Final = ("best", "exclusive")
_WHERE: Final = ("stacking",)


def of_group(rule: Rule, shelf: Shelf) -> list[Remark]:
    """What is wrong with a rule's place in its group, seen from the rule that comes later by id."""
    # Of a definition that stands twice, which is a fault of its own, only one is in its group.
    if shelf.newest.get(rule.id) is not rule:
        return []
    if rule.stacking is None:
        return list(one_after_the_other(rule, shelf))
    rivals = _rivals(rule, shelf)
    wrong = [*_disagreement(rule, shelf), *_wallets(rule, rivals)]
    near = [] if wrong or rivals is None else list(rivals.near(rule))
    scopes = {} if rivals is None else rivals.scopes
    ties = [*_ties(rule, near, shelf), *one_after_the_other(rule, shelf)]
    return [*wrong, *_alone(rule), *_apart(rule, shelf), *ties, *_losers(rule, near, scopes, shelf)]


def _disagreement(rule: Rule, shelf: Shelf) -> Iterator[Remark]:
    assert rule.stacking is not None
    group, how = rule.stacking.group, rule.stacking.how
    first = shelf.groups[group][0]
    if first is rule or first.stacking is None:
        return
    if first.stacking.how != how:
        said = f"the group {group} is {first.stacking.how} in {first.id} and {how} here; write the same in both"
        yield Remark((*_WHERE, "how"), said, "group")
    elif how in _ONE_WINS and (first.kind == "earn") != (rule.kind == "earn"):
        said = (
            f"{first.id} is of kind {first.kind}: rules that earn and rules of campaigns are decided apart and never "
            f"compete; give the {rule.kind} a group of its own"
        )
        yield Remark((*_WHERE, "group"), said, "group")


def _wallets(rule: Rule, rivals: Rivals | None) -> Iterator[Remark]:
    """`best` compares numbers of points: 60 miles are not more than 50 stars."""
    assert rule.stacking is not None
    if rule.stacking.how != "best":
        return
    mine = [effect.wallet for effect in rule.points]
    first = next((each for each in rivals.rules if each.points), None) if rivals is not None else None
    if not mine and first is not None:
        said = (
            f"it gives no points, and `best` compares nothing else: {first.id} wins whenever both apply; write "
            "`how: exclusive` with priorities"
        )
    elif len(mine) > 1:
        said = (
            f"it gives points of {' and '.join(mine)} at once, which `best` cannot compare; give points of one wallet"
        )
    elif mine and first is not None and first.id < rule.id and {effect.wallet for effect in first.points} != set(mine):
        theirs = " and ".join(effect.wallet for effect in first.points)
        said = (
            f"{first.id} gives {theirs} and this rule {mine[0]}: points of different wallets cannot be compared; "
            "give points of one wallet, or write `how: exclusive` with priorities"
        )
    else:
        return
    yield Remark((*_WHERE, "how"), said, "group")


def _alone(rule: Rule) -> Iterator[Remark]:
    assert rule.stacking is not None
    if rule.kind == "challenge" and rule.stacking.how in _ONE_WINS:
        said = "a challenge is won when its goal is reached, and competes with nothing then; leave `stacking` out"
        yield Remark(_WHERE, said, "group", "warning")


def _apart(rule: Rule, shelf: Shelf) -> Iterator[Remark]:
    """A rule whose event no other one of its group looks at: it competes with nothing there."""
    assert rule.stacking is not None
    group, how = rule.stacking.group, rule.stacking.how
    if how not in _ONE_WINS or rule.kind == "challenge":
        return
    # Rules of another kind are told as such, and challenges never compete.
    others = [each for each in shelf.groups[group] if each is not rule and each.kind == rule.kind]
    if not others or rule.on in (events := [each.on for each in others]):
        return
    if rule.id < others[0].id and len(set(events)) == len(events):
        return  # where no two of the group look at one event, it is told of the later ones
    other = others[0]
    said = (
        f"no other rule of the group {group} looks at its event, {rule.on} ({other.id}: {other.on}): it never "
        "competes; leave `stacking` out, or give it a group of its own"
    )
    yield Remark((*_WHERE, "group"), said, "group", "warning")


def _rivals(rule: Rule, shelf: Shelf) -> Rivals | None:
    """The rules that it competes with for an event, and itself; found once for all of them."""
    assert rule.stacking is not None
    group, how = rule.stacking.group, rule.stacking.how
    if how not in _ONE_WINS or rule.kind == "challenge":
        return None
    key = (group, how, rule.kind, rule.on)
    if key not in shelf.rivals:
        mine = [e for e in shelf.groups[group] if e.stacking and (group, e.stacking.how, e.kind, e.on) == key]
        gates = [shelf.gates(each) for each in mine]
        shelf.rivals[key] = Rivals([(e, of, asked(of, shelf)) for e, of in zip(mine, gates, strict=True)], shelf.zone)
    found: Rivals = shelf.rivals[key]
    return found


def _ties(rule: Rule, near: list[Rule], shelf: Shelf) -> Iterator[Remark]:
    """Of two rules of one priority the one with the smaller id wins: nobody meant that."""
    assert rule.stacking is not None
    for other in near:
        assert other.stacking is not None
        if other.id > rule.id or other.stacking.priority != rule.stacking.priority:
            continue
        exclusive = rule.stacking.how == "exclusive"
        if not exclusive and not _may_equal(rule, other):
            continue
        if collide(rule, other, shelf):
            why = "both can apply to one event" if exclusive else "both can give as much"
            said = (
                f"{other.id} has the priority {rule.stacking.priority} too and {why}: {other.id} would win by the "
                "order of ids; give them different priorities"
            )
            yield Remark((*_WHERE, "priority"), said, "group", "error" if exclusive else "warning")
            return


def _losers(rule: Rule, near: list[Rule], scopes: dict[str, Scope], shelf: Shelf) -> Iterator[Remark]:
    """A rule that never wins: whenever it applies, another one of its group wins."""
    for other in near:
        theirs = _scope(other, scopes, shelf)
        if not (theirs.always and _beats(other, rule)) or _scope(rule, scopes, shelf).reaches(theirs):
            continue
        if _implies(rule, other, shelf):
            said = f"it never wins: whenever it applies, {other.id} of its group applies too and wins; "
            yield Remark(_WHERE, f"{said}{_to_win(rule, other)} or narrow the other's condition", "unreachable")
            return


def _to_win(rule: Rule, other: Rule) -> str:
    """What makes a rule win. Where the most points do, a priority only tells which of two that give as much."""
    assert rule.stacking is not None
    least = _least(other)
    if rule.stacking.how == "exclusive" or least == _most(rule):
        return "raise its priority"
    return f"give more than {least} points"


def _scope(rule: Rule, scopes: dict[str, Scope], shelf: Shelf) -> Scope:
    """Found once for all of its group."""
    found = scopes.get(rule.id)
    if found is None:
        gates, own = shelf.gates(rule), question(shelf.gates(rule), rule, shelf)
        found = Scope(own, asked(gates, shelf), asked([rule], shelf), always=_always_gives(rule))
        scopes[rule.id] = found
    return found


def _beats(winner: Rule, loser: Rule) -> bool:
    """Whether one wins whenever both apply."""
    assert winner.stacking is not None and loser.stacking is not None
    before = (-winner.stacking.priority, winner.id) < (-loser.stacking.priority, loser.id)
    if winner.stacking.how == "exclusive":
        return winner.stacking.priority > loser.stacking.priority
    least, most = _least(winner), _most(loser)
    return least is not None and most is not None and (least > most or (least == most and before))


def _always_gives(rule: Rule) -> bool:
    """Whether nothing but its condition can keep a rule from giving: no limit, no schedule, and points for sure."""
    free = not rule.limits and rule.budget is None and rule.campaign is None and timeless(rule.schedule)
    return free and (bool(rule.things) or _least(rule) is not None)


def _least(rule: Rule) -> int | None:
    """The fewest points that it gives when it applies, where that is sure."""
    fixed = [effect.fixed for effect in rule.points if effect.fixed is not None]
    return sum(fixed) if fixed else None


def _most(rule: Rule) -> int | None:
    """The most points that it can give, where that is known."""
    found = [effect.fixed or effect.at_most for effect in rule.then if isinstance(effect, PointsEffect)]
    return None if None in found else sum(each for each in found if each is not None)


def _may_equal(one: Rule, other: Rule) -> bool:
    least, most = (_least(each) for each in (one, other)), (_most(each) for each in (one, other))
    low, high = list(least), list(most)
    return None in low or None in high or low != high or low[0] == low[1]


def _implies(rule: Rule, other: Rule, shelf: Shelf) -> bool:
    """Whether the other's condition holds whenever the rule's does."""
    gates: list[Bounded] = [*shelf.gates(rule)]
    if other.segment is not None and other.segment != rule.segment and other.segment not in shelf.segments:
        return False
    if other.effective > rule.effective:
        return False
    theirs = asked([other], shelf)
    ours = asked(gates, shelf)
    return all(not question(gates, rule, shelf).can_hold(*ours, but_not=[each]) for each in theirs)
