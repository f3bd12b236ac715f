"""What a rule asks that events of its kind never answer, or always alike: an error where no event is left for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from shared.rules.checks.constants import Remark, contradiction, itself
from shared.rules.checks.pieces import Piece
from shared.rules.checks.solving import Question
from shared.rules.language.terms import Negation
from shared.rules.part import EventKind

_TOLD: Final = ("redundant", "birthday", "letters", "wildcard")  # without the event, too
_WHY: Final = {
    "signup": "a signup has no basket, store or payment",
    "referral": "a referral has no basket, store or attributes",
    "return": "a return has no basket, store or attributes",
    "purchase": "the rule looks at purchases alone",
}
_OPPOSITE: Final = {"always": "never", "never": "always"}
_OF_HISTORY: Final = re.compile(r"true(?: of \S+)?: history\.")


class _Found(NamedTuple):
    """A remark, and whether it is of a part whose opposite the condition asks."""

    remark: Remark
    denied: bool


def by_kind(piece: Piece, on: EventKind) -> list[Remark]:
    """Of a whole condition. A part that is never true leaves no event only where the others cannot make up for it."""
    question, said, parts = Question(on), list[Remark](), piece.conjuncts
    for part in parts:
        found, hopeless = list(_examined(part, question, False)), not question.can_hold(part.term)
        wrong = [each for each in found if hopeless and _keeps(each)]
        said += [_error(each, on) if each in wrong else _warning(each.remark, on) for each in found]
        if hopeless and not wrong:
            words = f"`{part.words}` never holds ({_WHY[on]}); change it"
            said.append(Remark(part.path, words, "unreachable", "error", part.span))
    if not question.can_hold(piece.term) and all(each.severity == "warning" for each in said):
        said.append(_error(_Found(contradiction(parts, piece, question), False), on))
    return said


def _examined(piece: Piece, question: Question, denied: bool) -> Iterator[_Found]:
    """Of a part that is wrong by itself, nothing that only follows from it."""
    negated = isinstance(piece.term, Negation)
    found = [each for part in piece.parts for each in _examined(part, question, denied is not negated)]
    if negated:
        found = [_turned(each, piece, denied) for each in found]
    yield from found
    if not found:
        yield from (_Found(each, denied) for each in itself(piece, question) if each.code not in _TOLD)


def _turned(found: _Found, piece: Piece, denied: bool) -> _Found:
    """What is always true with a `!` before it is never true, and so is told of both."""
    remark, [part] = found.remark, piece.parts
    begin = f"{remark.code} true: "
    if (remark.path, remark.span) != (part.path, part.span) or not remark.said.startswith(begin):
        return found
    code = _OPPOSITE.get(remark.code, "")
    if not code:
        return found
    said = f"{code} true: {remark.said.removeprefix(begin)}"
    return _Found(Remark(piece.path, said, code, "error", piece.span), denied)


def _keeps(found: _Found) -> bool:
    """Whether it is what keeps a condition from holding."""
    if found.remark.said.startswith("never true of "):  # one value of a list: the others may be
        return False
    return (found.remark.code == "always") is found.denied


def _because(remark: Remark, on: EventKind) -> tuple[str, str]:
    """What is wrong, with what makes it so; and what to write."""
    wrong, _, hint = remark.said.partition("; ")
    because = _WHY[on]
    if _OF_HISTORY.search(wrong):
        because = "the event itself is counted too"
    elif "true: lines.count()" in wrong and on == "purchase":
        because = "a purchase has a line at least"
    return f"{wrong} ({because})", hint


def _error(found: _Found, on: EventKind) -> Remark:
    said, hint = _because(found.remark, on)
    if found.denied:
        said, hint = f"{said}, and the rule asks for the opposite", "change it"
    return found.remark._replace(said=f"{said}; {hint}", code="unreachable", severity="error")


def _warning(remark: Remark, on: EventKind) -> Remark:
    said, hint = _because(remark, on)
    said = said.replace(" true", " true here", 1)
    if remark.code == "always":
        return remark._replace(said=f"{said}; leave it out", severity="warning")
    return remark._replace(said=f"{said}; {hint}", code="redundant", severity="warning")
