"""What became of a rule, as lines for people: what it gave and how that was rounded, or each condition. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from shared.ops.rulings import Ruling
from shared.ops.telling import amounts
from shared.rules.explained import Asks, Explained
from shared.rules.findings import Finding, Known
from shared.rules.holding import Held
from shared.rules.kinds import named, plainly
from shared.rules.language.catalogue import PREFIXES
from shared.rules.saying.named import Called, Named
from shared.rules.saying.phrase import Phrase, Saying, Value, say
from shared.rules.saying.speaking import Language, kind, spoken

_TELL_THEMSELVES = frozenset((Phrase.UNKNOWN, Phrase.MUST_BE_UNKNOWN))
_ATTRIBUTES = tuple(each for each, entry in PREFIXES.items() if entry.type.kind == "attribute")
_SIGNS = {"applies": "+", "stays": "="}
JOINS = {"all": Phrase.ALL_OF, "any": Phrase.ANY_OF, "not": Phrase.NOT_SO}


def tell_ruling(ruling: Ruling, language: Language = "en", *, ahead: bool = False) -> list[str]:
    """One rule: a line, then how its points came about, then what was asked. ahead: whether it is asked what the rule
    will give next, so that what was used up since it gave is told, too."""
    lines = [f"  {_SIGNS.get(ruling.verdict, '-')} {spoken(_headline(ruling), language)}"]
    explained = ruling.explained
    if explained is None:
        return lines
    if ruling.verdict in ("applies", "not_posted", "limit", "budget", "pack", "stacking") and _same(ruling, explained):
        lines += [f"      {line}" for line in _workings(explained, language)]
    lines += [f"      {line}" for line in tell_conditions(explained, language)]
    return lines + [
        f"      {spoken(_of_whom(each, explained, _used(each, ahead=ahead)), language)}"
        for each in explained.held
        if _counts(each, ruling, explained, ahead)
    ]


def _used(each: Held, *, ahead: bool) -> Saying:
    """How much of it is used, and of what is used up from when it gives again. Asked about an event, what all have used
    by now reads like what stopped it then."""
    said = each.so_far()
    if each.counted == "now" and not ahead:
        said = say(Phrase.NOT_AS_THEN, said=said)
    return each.resuming(said) if each.left <= 0 and each.counted != "own" and not each.forgotten else said


def _of_whom(each: Held, explained: Explained, said: Saying) -> Saying:
    """What is of the campaign is said to be: a rule may have a budget of its own besides."""
    campaign = next((of for of in explained.asks if of.kind == "campaign" and of.id == each.owner), None)
    if campaign is None:
        return said
    return say(Phrase.OF_CAMPAIGN, campaign=Named(campaign.id, campaign.title), reason=said)


def _counts(each: Held, ruling: Ruling, explained: Explained, ahead: bool) -> bool:
    """Whether it is told how much of a limit or budget is used. What held the rule back says it itself; what all have
    used up besides must be told, or a period is promised in which it gives nothing."""
    if ruling.verdict not in ("applies", "limit", "budget"):
        return each.used > 0
    used_up = each.counted == "now" and each.left <= 0 and each.key != explained.by
    return used_up and (ahead or ruling.verdict != "applies")


def tell_conditions(explained: Explained, language: Language = "en") -> list[str]:
    """What was asked, whatever stopped the rule: of the campaign, of the segments, of the rule itself."""
    return [line for asks in explained.asks for line in _asked(asks, language)]


def _headline(ruling: Ruling) -> Saying:
    head = say(Phrase.RULE_HEAD, title=ruling.title, rule=ruling.rule, version=ruling.version, kind=kind(ruling.kind))
    wallets: dict[str, int] = {}
    for part in ruling.parts:
        wallets[part.wallet] = wallets.get(part.wallet, 0) + part.points
    if ruling.verdict != "applies":
        return say(Phrase.GIVES_NOT, head=head, why=ruling.why or say(Phrase.NOTHING))
    points: Value = (*amounts(wallets), *ruling.given)
    if ruling.why is None:
        return say(Phrase.GIVES, head=head, points=points)
    return say(Phrase.GIVES_BUT, head=head, points=points, why=ruling.why)


def _same(ruling: Ruling, explained: Explained) -> bool:
    """Whether what was posted is what the rules would give today: only then their workings tell of it."""
    return (
        ruling.why is None
        or ruling.why.what not in (Phrase.PUBLISHED_SINCE, Phrase.POSTED_OTHERWISE)
        or ruling.version == explained.version
    )


def _workings(explained: Explained, language: Language) -> Iterator[str]:
    for each in explained.gives:
        if each.working and each.working[0].what is not Phrase.FIXED:
            said = ", ".join(spoken(part, language) for part in each.working)
            yield f"{each.wallet}: {said}" if len(explained.gives) > 1 else said


def _asked(asks: Asks, language: Language) -> Iterator[str]:
    if asks.kind == "campaign" and (asks.segment is not None or asks.condition is not None):
        yield spoken(say(Phrase.OF_THE_CAMPAIGN, campaign=Named(asks.id, asks.title)), language)
    if asks.segment is not None and asks.segment.finding is not None:
        segment = Named(asks.segment.segment, asks.segment.title)
        yield spoken(say(Phrase.OF_SEGMENT, segment=segment), language)
        yield from tell_finding(asks.segment.finding, language, 1)
    if asks.condition is not None:
        yield from tell_finding(asks.condition, language)


def tell_finding(finding: Finding, language: Language, depth: int = 0) -> Iterator[str]:
    """A part of a condition, and below it its own parts."""
    indent = "  " * depth
    if finding.how == "test":
        yield f"{indent}{spoken(_test(finding), language)}"
    else:
        said = spoken(say(JOINS[finding.how]), language)
        yield f"{indent}{spoken(say(Phrase.YES if finding.held else Phrase.NO, text=said), language)}"
    for part in finding.parts:
        yield from tell_finding(part, language, depth + 1)


def _test(finding: Finding) -> Saying:
    """Whether it holds, its facts, and what is missing: under a `not` that may be of one that does hold."""
    text: Value = finding.said or finding.text
    facts, missing, held = _facts(finding), finding.missing, finding.held
    if missing is None:
        plain, with_facts = (Phrase.YES, Phrase.YES_AS) if held else (Phrase.NO, Phrase.NO_AS)
        return say(with_facts, text=text, facts=facts) if facts else say(plain, text=text)
    plain, with_facts = (
        (Phrase.YES_MISSING, Phrase.YES_MISSING_AS) if held else (Phrase.NO_MISSING, Phrase.NO_MISSING_AS)
    )
    if not facts or "value" in missing.values or missing.what in _TELL_THEMSELVES:
        return say(plain, text=text, missing=missing)
    return say(with_facts, text=text, facts=facts, missing=missing)


def _facts(finding: Finding) -> tuple[Saying, ...]:
    """Each with its name; one that is named beside it need not be named again, unless the condition calculates with it,
    and a truth says itself."""
    known = finding.facts
    one = len(known) == 1 and not finding.calculates
    if one and known[0].value is not None and not isinstance(known[0].value, tuple):
        spoken_of = finding.said is not None or known[0].fact.startswith("lines.")
        if isinstance(known[0].value, bool) and spoken_of and not known[0].apart:
            return ()
        if finding.said is not None or "(" in known[0].fact:
            return (say(Phrase.IS, value=_value(known[0], known[0].value)),)
    return tuple(_fact(each) for each in known)


def _fact(known: Known) -> Saying:
    if known.value is None:
        return say(Phrase.UNKNOWN, fact=Called(known.fact))
    what = Phrase.FACT_SET if isinstance(known.value, tuple) else Phrase.FACT_IS
    return say(what, fact=Called(known.fact), value=_value(known, known.value))


def _value(known: Known, value: Value) -> Value:
    """What reads like what it is compared with, and is not, is told with its kind; any other attribute, so that a text
    is not taken for a number."""
    if known.apart:
        return named(value)
    return plainly(value) if known.fact.startswith(_ATTRIBUTES) else value
