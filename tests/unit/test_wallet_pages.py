"""The pages about wallets tell the truth: their examples have no fault, and points end when they say."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from shared.ledger import due, lots
from shared.ledger.terms import terms
from shared.rules import membership
from shared.rules.checks.checking import check
from shared.rules.definition import Programme
from shared.rules.learning import utc
from shared.rules.yamlfile import read_all

FOLDER = Path(__file__).parents[2] / "docs" / "capabilities"
PAGES = {name: (FOLDER / name).read_text(encoding="utf-8") for name in ("wallets.md", "expiry.md")}
EXAMPLES = [(name, text) for name, page in PAGES.items() for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]
ROWS = re.findall(r"\| (\w+) \| (\d{4}-\d\d-\d\d \d\d:\d\d) \| (\d{4}-\d\d-\d\d) \|", PAGES["expiry.md"])
ZONE = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(("name", "text"), EXAMPLES)
def test_the_checker_finds_nothing_in_an_example(name: str, text: str) -> None:
    assert [str(each) for each in check([(name, text)]).faults] == []


def test_the_examples_are_there() -> None:
    assert len(EXAMPLES) == 2
    assert len(ROWS) == 9


@pytest.mark.parametrize(("wallet", "earned", "last"), ROWS)
def test_points_end_when_the_page_says(wallet: str, earned: str, last: str) -> None:
    """Good in the last microsecond of the last day, in the programme's zone, and not in the first of the next."""
    (programme,) = (each for each in read_all([EXAMPLES[1]]) if isinstance(each, Programme))
    at = datetime.fromisoformat(earned).replace(tzinfo=ZONE)
    member = membership.newcomer("m")
    due.touch(member, programme.purses, at, ZONE)
    lots.add(member, wallet, 1, terms(programme.purses[wallet], at, ZONE))
    end = datetime.combine(date.fromisoformat(last) + timedelta(days=1), time(), ZONE)
    for moment, there in ((end.astimezone(ZoneInfo("UTC")) - timedelta(microseconds=1), 1), (end, 0)):
        due.end_idle(member, moment, ZONE)
        assert lots.spendable(member, wallet, utc(moment)) == there


def test_every_term_of_a_wallet_is_on_the_page() -> None:
    said = set(re.findall(r"[a-z_]+", " ".join(text for _, text in EXAMPLES)))
    assert {"title", "kind", "value", "activates", "expires", "warn", "on_return", "redemption"} <= said
    assert {"after", "on", "inactive", "at_least", "step", "at_most_percent", "too_much", "earn_on", "hold"} <= said
