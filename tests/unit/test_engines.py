"""The engine seam: chosen by a setting, missing with one clear line, and durable-rules in its safe subset."""

from __future__ import annotations

import builtins
import os
import subprocess
import sys
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.rules.engines import durable, rete
from shared.rules.engines.choosing import engine
from shared.rules.engines.clauses import scaled
from shared.rules.engines.names import EngineMissingError
from shared.rules.engines.normal_form import TooManyError, conjunctions
from shared.rules.engines.own import OWN
from shared.rules.language.checking import condition
from shared.rules.language.terms import written
from shared.rules.rulebook import Rulebook
from shared.settings import Settings
from tests.unit import backtesting
from tests.unit.rulekit import Till, basket, book, line, rule


@pytest.fixture
def second() -> durable.DurableEngine:
    """durable-rules, or a skip that says why."""
    try:
        return durable.DurableEngine()
    except EngineMissingError as error:
        pytest.skip(str(error))


def test_ours_is_the_default_and_the_setting_names_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOUBLESTAR_ENGINE", raising=False)
    assert engine(Settings().engine) is OWN
    monkeypatch.setenv("DOUBLESTAR_ENGINE", "durable")
    assert Settings().engine == "durable"


def test_where_it_does_not_import_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    importing = builtins.__import__

    def without(name: str, *args: Any, **more: Any) -> Any:
        if name == "durable_rules_engine":
            raise ImportError("undefined symbol: PyEval_CallObject")
        return importing(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(EngineMissingError, match=r"DOUBLESTAR_ENGINE=durable needs durable-rules") as error:
        engine("durable")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("command", [["run", "earn"], ["rules", "backtest", "draft.yaml", "--input", "activity.zip"]])
def test_a_service_and_a_backtest_of_a_file_end_with_2_and_that_line(command: list[str], tmp_path: Path) -> None:
    """In a process of its own, in which the library cannot be imported; no server is asked before."""
    draft = rule("base", "then: {fixed: 1}")
    (tmp_path / "draft.yaml").write_text(draft, encoding="utf-8")
    backtesting.written(tmp_path / "activity.zip", [], book(draft))
    program = (f"import os, sys; sys.modules['durable_rules_engine'] = None; sys.argv = {['doublestar', *command]}\n"
               f"from shared.cli.main import main; os.chdir({str(tmp_path)!r}); main()")  # fmt: skip
    environment = {**os.environ, "DOUBLESTAR_ENGINE": "durable", "DOUBLESTAR_KAFKA": "localhost:1",
                   "DOUBLESTAR_MONGO": "mongodb://localhost:1/?replicaSet=rs0"}  # fmt: skip
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 2
    assert done.stderr.strip().startswith("DOUBLESTAR_ENGINE=durable needs durable-rules")
    assert done.stderr.strip().count("\n") == 0


def test_windows_hold_to_their_last_minute_though_indexed_by_days() -> None:
    """Forty rules of one store, so that days are looked at: each from a midnight to the next day's noon, New York."""
    days = [date(2017, 3, 1) + timedelta(days=n) for n in range(40)]
    rules = book(*(
        rule(f"r-{day}", f"when: event.store == 'a'\nthen: {{fixed: 1}}\n"
                         f"schedule: {{from: {day}, until: {day + timedelta(days=1)}T12:00}}")
        for day in days
    ))  # fmt: skip
    till = Till(rules)
    for day in days[1:-1]:
        before, own = f"r-{day - timedelta(days=1)}", f"r-{day}"
        for clock, found in (("00:00:00", {before, own}), ("11:59:59", {before, own}), ("12:00:00", {own}),
                             ("23:59:59", {own})):  # fmt: skip
            time = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo("America/New_York")).isoformat()
            assert set(till.points(basket(line("1.00"), time=time, store="a"))) == found, time


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("basket.total > 1", [["basket.total > 1"]]),
        ('event.store == "a" || event.store == "b"', [['event.store == "a"'], ['event.store == "b"']]),
        ('!(event.store == "a" || member.is_birthday)', [['event.store != "a"', "not member.is_birthday"]]),
        ('!(event.store == "a" && basket.total > 1)', [['event.store != "a"'], ["not basket.total > 1"]]),
        ('(event.store == "a" || event.store == "b") && basket.total > 1',
         [['event.store == "a"', "basket.total > 1"], ['event.store == "b"', "basket.total > 1"]]),
    ],
)  # fmt: skip
def test_normal_form(text: str, forms: list[list[str]]) -> None:
    found = conjunctions(condition(text), 12)
    said = [[("" if each.positive else "not ") + written(each.term) for each in one] for one in found]
    assert said == forms


def test_a_normal_form_has_a_bound() -> None:
    text = " && ".join(f'(event.store == "{n}" || event.channel == "{n}")' for n in range(5))
    with pytest.raises(TooManyError):
        conjunctions(condition(text), 12)


@pytest.mark.parametrize(
    ("value", "whole"),
    [("1", 20_000), ("0.0001", 2), ("0.00015", 3), ("-0.00015", -3), ("-0.0001", -2), ("12.3456789", 246_913)],
)
def test_numbers_keep_their_order(value: str, whole: int) -> None:
    """Ten-thousandths, doubled; what lies between two of them is odd, and so between them: -1.5 of them is -3."""
    assert scaled(Decimal(value)) == whole


def test_a_ruleset_of_the_same_content_is_made_once(second: durable.DurableEngine) -> None:
    """A change of one definition of 200 makes one ruleset anew, whatever else is published again and again."""
    rules = [rule(f"r-{n}", f"when: 'event.store == \"{n}\"'\nthen: {{fixed: 1}}") for n in range(200)]

    def decide(texts: list[str], points: dict[str, int]) -> int:
        assert Till(Rulebook(book(*texts).versions, second)).points(basket(line("1.00"), store="7")) == points
        return len(second.rete)

    made = decide(rules, {"r-7": 1})
    assert decide(rules, {"r-7": 1}) == made > 1
    changed = [
        *rules[:7],
        rule("r-7", "when: 'event.store == \"7\" && basket.total < 1'\nthen: {fixed: 1}"),
        *rules[8:],
    ]
    assert decide(changed, {}) == made + 1
    assert decide(rules, {"r-7": 1}) == made + 1


def test_when_no_more_rulesets_may_be_made_closures_step_in_and_it_is_said() -> None:
    said: list[str] = []
    try:
        few = durable.DurableEngine(said.append, most=1)
    except EngineMissingError as error:
        pytest.skip(str(error))
    for store in "abc":
        rules = book(rule("x", f"when: 'event.store == \"{store}\"'\nthen: {{fixed: 1}}"))
        till = Till(Rulebook(rules.versions, few))
        assert till.points(basket(line("1.00"), store=store)) == {"x": 1}
        assert till.points(basket(line("1.00"), store="z")) == {}
    assert (len(few.rete), len(said)) == (1, 1)


def test_rulesets_stay_within_what_the_library_bears(second: durable.DurableEngine) -> None:
    """It searches a full table without end: 1,000 rules would never return, were they one ruleset."""
    rules = [rule(f"r-{n}", f"when: 'event.store == \"{n}\" && basket.total >= {n}'\nthen: {{fixed: 1}}")
             for n in range(1_000)]  # fmt: skip
    till = Till(Rulebook(book(*rules).versions, second))
    assert till.points(basket(line("500.00"), store="499")) == {"r-499": 1}
    assert len(second.rete) >= 1_000 / rete.MOST_CONJUNCTIONS
