"""Many times at which something comes into force: the right rules at each, everything compiled once, few held."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from shared.rules import made
from shared.rules.compiled import Compiled, compile_rule
from shared.rules.definition import DEFINITION, Campaign, Definition, Rule
from shared.rules.matching import facts_of
from shared.rules.rulebook import Rulebook
from tests.unit.rulekit import basket, book, line

BEGIN = datetime(2017, 2, 1, tzinfo=UTC)
TIMES = 120
STORES = "abc"


def versions() -> list[Definition]:
    """A hundred rules from the beginning, and at each of 120 hours a next version of one of them."""
    r = Random(5)
    data = [rule(f"r-{n}", 1, BEGIN - timedelta(days=20), r) for n in range(100)]
    latest = dict.fromkeys((each["id"] for each in data), 1)
    for hour in range(TIMES):
        id_ = r.choice(sorted(latest))
        latest[id_] += 1
        data.append(rule(id_, latest[id_], BEGIN + timedelta(hours=hour), r))
    return [*book().versions, *map(DEFINITION.validate_python, data)]


def rule(id_: str, version: int, effective: datetime, r: Random) -> dict[str, Any]:
    """Of one of three stores, so that days are looked at too; a third have a priority or build on the first."""
    found: dict[str, Any] = {"id": id_, "version": version, "kind": "earn", "effective": effective.isoformat(),
                             "title": id_,
                             "when": f"event.store == '{r.choice(STORES)}'", "then": {"fixed": 1}}  # fmt: skip
    if r.random() < 0.3:
        found["stacking"] = {"group": "g", "how": "ordered", "priority": r.randrange(3)}
    if id_ != "r-0" and r.random() < 0.1:
        found["then"] = {"again": ["r-0"]}
    if r.random() < 0.5:
        found["schedule"] = {"from": "2017-02-01", "until": f"2017-02-0{r.randrange(3, 8)}"}
    return found


def test_at_every_time_the_rules_in_force_then_and_no_others() -> None:
    """Expected by asking every rule: of each id the latest version that is effective, in the order of decisions."""
    all_ = versions()
    rules = Rulebook(all_)
    hours = list(range(TIMES))
    for hour in [*hours, *Random(3).sample(hours, 40)]:  # in the order of time, then late ones
        moment = BEGIN + timedelta(hours=hour, minutes=30)
        latest = {each.id: each for each in all_ if each.effective <= moment}
        for store in "abc":
            event = basket(line("1.00"), time=moment.isoformat(), store=store)
            ruleset = rules.at(moment)
            fresh = Rulebook(latest.values()).at(moment)
            alone = [each for each in fresh.rules("earn", "purchase") if each.plausible(facts_of(event, None, fresh))]
            found = ruleset.matcher.plausible("earn", facts_of(event, None, ruleset))
            assert [(each.rule.id, each.rule.version) for each in found] == [
                (each.rule.id, each.rule.version) for each in alone]  # fmt: skip
    assert len(rules._sets) <= 32


def test_each_version_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[tuple[str, int]] = []

    def watched(rule: Rule, campaign: Campaign | None) -> Compiled:
        compiled.append((rule.id, rule.version))
        return compile_rule(rule, campaign)

    monkeypatch.setattr(made, "compile_rule", watched)
    rules = Rulebook(versions())
    for hour in (*range(-1, TIMES), *range(TIMES)):
        moment = BEGIN + timedelta(hours=hour, minutes=30)
        ruleset = rules.at(moment)
        ruleset.matcher.plausible("earn", facts_of(basket(line("1.00"), time=moment.isoformat()), None, ruleset))
    assert len(compiled) == len(set(compiled)) == 100 + TIMES
