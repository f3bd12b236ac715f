"""A rulebook with a draft in it: its definitions replace or join those in force for the whole span. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from shared.backtest.running import Span
from shared.rules.definition import Definition, Programme, ReferralRule, Rule, as_data
from shared.rules.engines.engine import Engine
from shared.rules.engines.own import OWN
from shared.rules.rulebook import NoProgrammeError, Rulebook

_NOT_CONTENT: Final = ("version", "effective")
_ALWAYS: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Drafted:
    """A definition of the draft, and what it does: it is new, it changes one, or it is as it was all the time."""

    definition: Definition
    what: Literal["new", "changed", "unchanged"]


def compare(draft: Iterable[Definition], versions: Sequence[Definition], span: Span) -> list[Drafted]:
    """Each definition of the draft, against the versions that were in force within the span."""
    found: list[Drafted] = []
    begin = span.start or _first(versions)
    for each in draft:
        known = [other for other in versions if other.id == each.id]
        counted = _in_force(known, span)
        same = bool(counted) and min(other.effective for other in counted) <= begin
        same = same and all(_content(other) == _content(each) for other in counted)
        found.append(Drafted(each, "unchanged" if same else "changed" if known else "new"))
    return found


def rulebook(drafted: Iterable[Drafted], versions: Sequence[Definition], span: Span, engine: Engine = OWN) -> Rulebook:
    """The versions, and the draft's definitions from the span's beginning on; before, what was in force then.

    A draft is the newest version of its definition, so it stays in force whatever else was published for later.
    """
    added: list[Definition] = []
    for each in drafted:
        if each.what == "unchanged":
            continue
        known = [other.version for other in versions if other.id == each.definition.id]
        changes: dict[str, Any] = {"effective": span.start or _first(versions), "version": max(known, default=0) + 1}
        added.append(each.definition.model_copy(update=changes))
    return Rulebook([*versions, *added], engine)


def programme_of(book: Rulebook) -> Programme:
    """The newest version of the programme. Raises NoProgrammeError where there is none."""
    found = [each for each in book.versions if isinstance(each, Programme)]
    if not found:
        raise NoProgrammeError("no definition of kind programme is there")
    return found[-1]


def wallets_of(each: Definition) -> set[str]:
    """The wallets that a definition gives points of."""
    if isinstance(each, ReferralRule):
        return {each.advocate.wallet, each.friend.wallet}
    if not isinstance(each, Rule):
        return set()
    punched = {thing.punch.wallet for thing in each.things if thing.punch is not None}
    return punched | {effect.wallet for effect in each.points}


def _first(versions: Sequence[Definition]) -> datetime:
    return min((each.effective for each in versions), default=_ALWAYS)


def _in_force(known: Sequence[Definition], span: Span) -> list[Definition]:
    """Those of a definition's versions that decide some instant of the span."""
    ordered = sorted(known, key=lambda each: each.version)
    found: list[Definition] = []
    for n, each in enumerate(ordered):
        later = [other.effective for other in ordered[n + 1 :]]
        ends = min(later, default=None)
        begins_in_time = span.end is None or each.effective < span.end
        if begins_in_time and (ends is None or ends > max(span.start or _ALWAYS, each.effective)):
            found.append(each)
    return found


def _content(definition: Definition) -> dict[str, Any]:
    data = as_data(definition)
    return {name: value for name, value in data.items() if name not in _NOT_CONTENT}
