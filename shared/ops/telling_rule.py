"""What a rule has given a member, and what is missing for it to give, as lines for people. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from shared.ops.rule_steps import Step
from shared.ops.rule_story import RuleStory, TakenBack
from shared.ops.rule_uses import Use
from shared.ops.telling import amounts, columns, parts
from shared.ops.telling_rulings import tell_finding, tell_ruling
from shared.rules.saying.phrase import Phrase, Saying, Value, say
from shared.rules.saying.speaking import Language, kind, spoken, written


def tell_rule(found: RuleStory, language: Language = "en") -> list[str]:
    """The rule, what it gave, then what it says to the newest event, or to the state now."""
    head = say(Phrase.OF_RULE, title=found.title, rule=found.rule, kind=kind(found.kind), member=found.member)
    force = say(Phrase.IN_FORCE_FROM, version=found.version, at=found.effective)
    given = say(Phrase.GAVE_NOTHING)
    if found.times:
        given = say(Phrase.GAVE, count=found.times, points=found.gift or (*amounts(found.points), *found.things))
        if found.back.times:
            given = _net(given, found.back)
    elif found.traceless:
        given = say(Phrase.GAVE_UNKNOWN)
    lines = [*(spoken(each, language) for each in (head, force, given))]
    if found.earlier:
        brought = (*amounts(found.earlier_points), *found.earlier_things) or say(Phrase.NOTHING)
        lines.append(f"  {spoken(say(Phrase.EARLIER, count=found.earlier, points=brought), language)}")
    lines += columns([_use(each, language) for each in found.latest])
    if found.steps:
        told = [spoken(say(Phrase.FOR_FRIENDS), language)] if found.kind == "referral" else []
        return [*lines, "", *told, *(f"  {line}" for each in found.steps for line in _step(each, language))]
    at = say(Phrase.RIGHT_NOW, at=found.at)
    if found.what is not None:
        at = say(Phrase.NEWEST, what=found.what, at=found.at)
    lines += ["", spoken(at, language)]
    if found.ruling is not None:
        return lines + tell_ruling(found.ruling, language, ahead=True)
    return [*lines, f"  {spoken(say(Phrase.NOT_IN_FORCE), language)}"]


def _net(given: Saying, back: TakenBack) -> Saying:
    phrase = Phrase.BACK_BY_RETURN if back.by_returns else Phrase.TAKEN_BACK
    taken = say(phrase, count=back.times, points=(*amounts(back.points), *back.things))
    left: Value = (*amounts(back.left), *back.left_things)
    return say(Phrase.NET, given=given, back=taken, net=left or say(Phrase.NOTHING))


def _step(step: Step, language: Language) -> Iterator[str]:
    if step.segment is not None:
        yield spoken(say(Phrase.OF_SEGMENT, segment=step.segment), language)
    if step.finding is not None:
        yield from tell_finding(step.finding, language, 0 if step.segment is None else 1)
    elif step.missing is None or step.held:
        yield spoken(say(Phrase.YES if step.held else Phrase.NO, text=step.text), language)
    else:
        yield spoken(say(Phrase.NO_MISSING, text=step.text, missing=step.missing), language)


def _use(use: Use, language: Language) -> tuple[str, ...]:
    given = [parts(use.parts, language)] if use.parts else []
    if use.back and use.things:
        given.append(spoken(say(Phrase.BACK_BY_RETURN, count=1, points=use.things), language))
    else:
        given += [spoken(each, language) for each in use.things]
    return f"  {written(use.at.date(), language)}", written(use.what, language), ", ".join(given)
