"""Rules that nothing ever reaches: by their condition, the event they look at, their schedule, segment or campaign."""

from __future__ import annotations

from collections.abc import Iterator

from shared.rules.checks.by_kind import by_kind
from shared.rules.checks.constants import Remark, contradiction
from shared.rules.checks.firsts import earlier_purchases
from shared.rules.checks.pieces import Piece, piece_of
from shared.rules.checks.saying import while_it_runs
from shared.rules.checks.shelf import Shelf
from shared.rules.checks.solving import Question
from shared.rules.checks.times import calendar, in_force
from shared.rules.conditions import term_of
from shared.rules.definition import Bounded, Challenge, ReferralRule, Rule
from shared.rules.language.checking import condition
from shared.rules.language.terms import Term, facts_in
from shared.rules.rewards import PointsEffect
from shared.rules.unsaid import UNSAID


def unreachable(rule: Rule, shelf: Shelf) -> list[Remark]:
    """Why a rule never applies; to be asked where its condition is right by itself (see constants)."""
    found = _of_event(rule)
    return found if _errors(found) else found + (list(_of_gates(rule, shelf)) or list(_of_effects(rule)))


def never_met(referral: ReferralRule, shelf: Shelf) -> list[Remark]:
    """Why no first purchase ever is what a referral asks for. The version counts by the time of the referral, and the
    friend may buy when another has taken over: what its condition asks of the date is asked of all times."""
    side = referral.sides[0]
    found = _of_event(side)
    own = question([side], side, shelf)
    if _errors(found) or own.can_hold(*asked([side], shelf)):
        return found if _errors(found) or side.when is None else [*found, *earlier_purchases(_piece(side), own)]
    if side.when is not None and not own.can_hold((piece := _piece(side)).term):
        return [*found, _at_no_time(piece, own)]
    said = f"nobody in the segment {side.segment} ever meets the condition; change one of the two"
    return [*found, Remark(("segment",), said, "unreachable")]


def _piece(of: Bounded) -> Piece:
    assert of.when is not None
    return piece_of(of.when, of.schedule.time_zone)


def _of_event(rule: Rule) -> list[Remark]:
    return [] if rule.when is None else by_kind(_piece(rule), rule.on)


def _errors(found: list[Remark]) -> bool:
    return any(each.severity == "error" for each in found)


def question(of: list[Bounded], rule: Rule, shelf: Shelf) -> Question:
    """Asks about events that a rule looks at, at times at which all of these run."""
    programme = shelf.programme
    given = [each for one in of for each in calendar(one.schedule, shelf.zone)]
    if programme is None:
        return Question(rule.on, shelf.segments, given)
    without = programme.not_eligible
    not_eligible = None if without is None else condition(without, "line")
    return Question(rule.on, shelf.segments, given, programme.currency, not_eligible, programme.time_zone)


def asked(of: list[Bounded], shelf: Shelf) -> list[Term]:
    """All that these ask of event and member."""
    found = [term_of(each.when, each.schedule.time_zone) for each in of if each.when is not None]
    return found + [shelf.segments[each.segment] for each in of if each.segment in shelf.segments]


def can_meet(one: Rule, other: Rule, shelf: Shelf) -> bool:
    """Whether both may apply to one event, as far as their conditions and the days of their schedules say."""
    gates: list[Bounded] = [*shelf.gates(one), *shelf.gates(other)]
    return question(gates, one, shelf).can_hold(*asked(gates, shelf))


def _of_gates(rule: Rule, shelf: Shelf) -> Iterator[Remark]:
    own = question([rule], rule, shelf)
    if rule.when is not None:
        piece = _piece(rule)
        if not own.can_hold(piece.term):
            yield _at_no_time(piece, own)
            return
        if (late := _out_of_force(piece, rule, own, shelf)) is not None:
            yield late
            return
    if not own.can_hold(*asked([rule], shelf)):
        said = f"nobody in the segment {rule.segment} ever meets the rule's condition; change one of the two"
        yield Remark(("segment",), said, "unreachable")
        return
    campaign = shelf.campaign(rule)
    if campaign is not None:
        both: list[Bounded] = [campaign, rule]
        if not question(both, rule, shelf).can_hold(*asked(both, shelf)):
            said = f"no event meets both the campaign {campaign.id} and the rule; change the conditions of one"
            yield Remark(("campaign",), said, "unreachable")


def _at_no_time(piece: Piece, own: Question) -> Remark:
    parts = piece.conjuncts
    wrong = next((each for each in parts if not own.can_hold(each.term)), None)
    if wrong is None:
        remark = contradiction(parts, piece, own)
        said, _, hint = remark.said.partition("; ")
        return remark._replace(said=f"{said}{own.reason(piece.term)}; {hint}", code="unreachable")
    said = f"`schedule` leaves no time at which `{wrong.words}` holds{_then(wrong, own)}; change one of the two"
    return Remark(wrong.path, said, "unreachable", "error", wrong.span)


def _out_of_force(piece: Piece, rule: Rule, own: Question, shelf: Shelf) -> Remark | None:
    """A condition that holds only before the version is `effective`, or after the next one has taken over."""
    # How old somebody can be who was born on a day goes by the date, too.
    if not any(one.asked.scope == "calendar" or one.asked.label == "member.age" for one in facts_in(piece.term)):
        return None
    begin, end = None if rule.effective == UNSAID else rule.effective, shelf.until(rule)
    while_ = Question(rule.on, shelf.segments, [*own.given, *in_force(rule.schedule, shelf.zone, begin, end)])
    if while_.can_hold(piece.term):
        return None
    wrong = next((each for each in piece.conjuncts if not while_.can_hold(each.term)), piece)
    when = "" if begin is None else f": it is `effective` from {begin.isoformat()}"
    ends = "" if end is None else f"{' and' if when else ':'} the next one takes over at {end.isoformat()}"
    said = f"`{wrong.words}` never holds while this version is in force{when}{ends}; change one of the two"
    return Remark(wrong.path, said, "unreachable", "error", wrong.span)


def _then(wrong: Piece, own: Question) -> str:
    """What the schedule makes of the fact that is asked: what could be written."""
    asked_ = {one.asked for one in facts_in(wrong.term)}
    # The last that is said of a fact is the most exact; where it says nothing of this one, of what goes with it.
    of_it = [each for each in reversed(own.given) if each[0].asked in asked_]
    known = of_it or [each for each in own.given if each[0].asked.scope == "calendar"]
    return f": {while_it_runs(*known[0])} while it runs" if known else ""


def _of_effects(rule: Rule) -> Iterator[Remark]:
    """What the rule gives by the basket, on events that have none."""
    if rule.on == "purchase":
        return
    for number, effect in enumerate(rule.then):
        if isinstance(effect, PointsEffect):
            for name in ("per_amount", "per_quantity", "per_line", "cashback"):
                if getattr(effect, name) is not None:
                    said = f"`{name}` gives nothing on a {rule.on}, which has no basket; write `fixed`"
                    yield Remark(("then", number, name), said, "unreachable")
    if isinstance(rule, Challenge) and rule.progress.count in ("amount", "quantity"):
        said = f"a {rule.on} has no {rule.progress.count}, so nothing is ever counted; count days or times"
        yield Remark(("progress", "count"), said, "unreachable")
