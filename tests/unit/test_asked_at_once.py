"""Rules of several kinds that are asked at once, as replays and campaigns do."""

from __future__ import annotations

import pytest

from shared.rules.engines import own
from shared.rules.engines.engine import Engine
from shared.rules.matching import facts_of
from shared.rules.rulebook import Rulebook
from shared.rules.yamlfile import read_all
from tests.model.agreeing import engines
from tests.unit import rulekit

FOUND, WHY = engines()
KINDS = ("bonus", "earn", "challenge")
DAYS = ("monday", "tuesday")
GOAL = "progress: {count: times, period: week, goal: 2}\n"


def definitions() -> str:
    """A rule of each kind for each of two days, and one that earns always."""
    rules = [
        rulekit.rule(
            f"{kind}-{day}",
            f"schedule: {{weekdays: [{day}]}}\n{GOAL if kind == 'challenge' else ''}then: {{fixed: 1}}",
            kind,
        )
        for kind in KINDS
        for day in DAYS
    ]
    return rulekit.PROGRAMME + "".join(rules) + rulekit.rule("always", "then: {fixed: 2}")


@pytest.mark.parametrize("few", [0, 12], ids=["indexed", "few"])
@pytest.mark.parametrize("engine", FOUND, ids=lambda each: each.name)
def test_each_kind_has_its_own_rules_of_the_day(engine: Engine, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails where rules of one kind are taken for another's, or those of one day for all days'.

    2017-01-09 was a Monday. At 03:00 UTC it is still the evening before in New York.
    """
    monkeypatch.setattr(own, "_WORTH_AN_INDEX", few)
    book = Rulebook(read_all([("rules.yaml", definitions())]), engine=engine)
    for time, day in (
        ("2017-01-09T12:00:00Z", ["monday"]),
        ("2017-01-10T03:00:00Z", ["monday"]),
        ("2017-01-10T05:00:00Z", ["tuesday"]),
        ("2017-01-11T03:00:00+00:00", ["tuesday"]),
        ("2017-01-11T00:00:00-05:00", []),
        ("2017-01-09T13:00:00+01:00", ["monday"]),
    ):
        happened = rulekit.basket(rulekit.line("1.00"), time=time)
        asked = facts_of(happened, None, book.at(happened.time))
        found = book.at(happened.time).matcher.plausible_of(KINDS, asked)
        assert [sorted(each.rule.id for each in kind) for kind in found] == [
            [f"bonus-{each}" for each in day],
            ["always", *(f"earn-{each}" for each in day)],
            [f"challenge-{each}" for each in day],
        ], time
