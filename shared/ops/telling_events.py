"""One event explained, as lines for people. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from shared.ops.explaining import BasketLine, Explanation, is_asked
from shared.ops.telling import amounts, columns, parts
from shared.ops.telling_rulings import tell_ruling
from shared.rules.saying.phrase import Phrase, say
from shared.rules.saying.speaking import Language, called, kind, recorded, spoken, written


def tell_explanation(found: Explanation, language: Language = "en") -> list[str]:
    """One event, fully."""
    lines = [
        spoken(say(Phrase.WHAT_AND_WHEN, what=found.what, at=found.at), language),
        spoken(
            say(Phrase.ENTRY, kind=kind(found.kind), member=found.member, event=found.event, number=found.seq), language
        ),
    ]
    if found.merged_into is not None:
        into = say(Phrase.MERGED_INTO, member=found.member, survivor=found.merged_into)
        lines.append(spoken(into, language))
    if found.origin is not None:
        lines.append(spoken(say(Phrase.READ_AT, origin=found.origin), language))
    lines += ["", parts(found.parts, language) if found.parts else _heading(Phrase.NOTHING_EARNED, language)]
    if found.also:
        lines.append(spoken(say(Phrase.ALSO, parts=parts(found.also, language)), language))
    if found.spared:
        lines.append(spoken(say(Phrase.SPARED, points=amounts(found.spared)), language))
    if found.ended:
        lines.append(spoken(say(Phrase.ENDED, points=amounts(found.ended)), language))
    if found.facts:
        facts = [
            (f"  {called(name, language)}", recorded(name, value, language)) for name, value in found.facts.items()
        ]
        lines += ["", _heading(Phrase.FACTS_USED, language), *columns(facts)]
    if found.rulings or is_asked({"kind": found.kind}):
        lines += ["", _heading(Phrase.RULES, language)]
    for ruling in found.rulings:
        lines += tell_ruling(ruling, language)
    if found.lines:
        lines += ["", _heading(Phrase.LINES, language), *_lines(found.lines, language)]
    if found.postings:
        postings = columns([_posting(each, language) for each in found.postings])
        lines += ["", _heading(Phrase.POSTINGS, language), *postings]
    return lines


def _heading(what: Phrase, language: Language) -> str:
    return spoken(say(what), language)


def _lines(lines: Sequence[BasketLine], language: Language) -> list[str]:
    rows = [
        (
            f"  {each.number + 1}",
            each.product,
            each.department or "-",
            f"{written(each.quantity, language)} x",
            written(Decimal(each.amount), language),
            "" if each.eligible else _heading(Phrase.NOT_ELIGIBLE, language),
            " + ".join(f"{points} {rule}" for rule, points in each.points.items() if points),
        )
        for each in lines
    ]
    return columns(rows)


def _posting(posting: Mapping[str, Any], language: Language) -> tuple[str, ...]:
    rule = spoken(say(Phrase.PART, points="", rule=posting["rule"], version=posting["version"]), language)
    amount = int(posting["amount"])
    sign = "+" if amount > 0 else ""
    return f"  {posting['account']}", f"{sign}{written(amount, language)} {posting['wallet']}", rule.strip()
