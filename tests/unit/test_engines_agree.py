"""Both engines and a naive interpreter agree on random programmes and events: effects, verdicts, limits.

`make nightly` does the same with 100,000 pairs. Where durable-rules does not import, its half is skipped, visibly.
"""

from __future__ import annotations

import ast
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.rules.engines import own, tables
from shared.rules.engines.engine import Engine
from shared.rules.matching import facts_of
from shared.rules.rulebook import Rulebook
from tests.model.agreeing import Case, document, engines
from tests.model.rules import deciding
from tests.model.seeds import seeds
from tests.unit import rulekit

FOUND, WHY = engines()
BY_NAME = {each.name: each for each in FOUND}


@pytest.fixture(params=["own", "durable"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Each engine; one that is not here is a skip with the reason."""
    if request.param not in BY_NAME:
        pytest.skip(WHY or "")
    return BY_NAME[request.param]


@pytest.mark.parametrize("seed", seeds(40))
def test_an_engine_agrees_with_the_interpreter(engine: Engine, seed: int) -> None:
    """40 programmes of 3 to 40 rules, 30 events each: 1,200 pairs for each engine."""
    r = Random(seed)
    case = Case(r, r.choice((3, 6, 10, 16, 40)), [engine], 30)
    assert list(case.differences()) == []


@given(st.randoms(use_true_random=False), st.integers(1, 8))
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
def test_hypothesis_finds_no_programme_on_which_they_differ(r: Random, rules: int) -> None:
    """The same generator, driven by hypothesis, which looks for the smallest difference: 1,200 pairs."""
    assert list(Case(r, rules, [BY_NAME["own"]], 10).differences()) == []


@pytest.mark.parametrize("few", [0, 10_000], ids=["always indexed", "never indexed"])
@pytest.mark.parametrize("together", [0, 2, 10_000], ids=["by days", "some by days", "no days"])
def test_the_index_changes_nothing(monkeypatch: pytest.MonkeyPatch, few: int, together: int) -> None:
    """Whatever the sizes from which an index, and days, are thought worth it."""
    monkeypatch.setattr(own, "_WORTH_AN_INDEX", few)
    monkeypatch.setattr(tables, "_WORTH_A_DAY", together)
    for seed in range(100, 106):
        assert list(Case(Random(seed), 30, [BY_NAME["own"]], 20).differences()) == []


@pytest.mark.parametrize("together", [0, 2, 6])
def test_the_index_leaves_out_nothing_that_applies(monkeypatch: pytest.MonkeyPatch, together: int) -> None:
    """Candidates are all that hold for anybody, and (over all these) far fewer than there are."""
    monkeypatch.setattr(tables, "_WORTH_A_DAY", together)
    looked_at = there = 0
    for seed in range(200, 212):
        case = Case(Random(seed), 40, [BY_NAME["own"]], 20)
        book: Rulebook = next(iter(case.tills["own"].values())).rules
        for _, happened in case.events:
            event = rulekit.event(happened["type"].split(".")[1], happened["time"], "e",
                                  happened["source"].split("/")[-1], **happened["data"])  # fmt: skip
            rules = book.at(event.time)
            asked = facts_of(event, None, rules)
            all_ = rules.rules("earn", event.kind)
            found = rules.candidates("earn", asked)
            plausible = [each for each in all_ if each.plausible(facts_of(event, None, rules))]
            documents = [None, *map(document, case.members.values())]
            for each in set(plausible) - set(found):  # plausible only as the member was not asked
                seen = [facts_of(event, known, rules) for known in documents]
                assert not any(each.holds(facts, rules.in_segment) for facts in seen)
            assert [each.rank for each in found] == sorted({each.rank for each in found})
            looked_at, there = looked_at + len(found), there + len(all_)
    assert looked_at < 0.85 * there


def test_the_interpreter_imports_nothing_that_decides() -> None:
    """It shares the parser and the tree, so that a mistake in one is none in the other."""
    folder = Path(deciding.__file__).parent
    names = {
        name
        for file in folder.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (name := node.module or "").startswith("shared")
    }
    names |= {f"{node.names[0].name}" for file in folder.glob("*.py")
              for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
              if isinstance(node, ast.Import) and node.names[0].name.startswith("shared")}  # fmt: skip
    assert names <= {"shared.rules.language", "shared.rules.language.parser", "shared.rules.language.syntax"}


def test_the_generator_reaches_what_it_is_for() -> None:
    """A generator under which nothing applies would prove nothing."""
    verdicts: set[str] = set()
    shapes: set[str] = set()
    awards = 0
    for seed in range(30):
        case = Case(Random(seed), 24, [], 20)
        for who, happened in case.events:
            decided = case.shop.decide(who, happened)
            awards += len(decided.awards)
            verdicts |= {each[2] for each in decided.passed}
        shapes |= {word for each in case.data for effect in each.get("then", []) for word in effect}
    assert awards > 1_000
    assert verdicts == {"limit", "budget", "stacking"}
    assert shapes >= {"fixed", "per_amount", "per_quantity", "per_line", "again", "multiply", "cashback", "at_least"}
