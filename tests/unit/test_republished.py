"""What a publication into the past would have come to, worked out by hand: a changed rule, a new one, wallets apart."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from shared.backtest.exported import Export
from shared.backtest.republished import republished
from shared.backtest.result import Report
from shared.ops.retroactive import Effects, RuleEffect
from shared.ops.telling_retroactive import tell_effects
from shared.rules.definition import Definition
from shared.rules.rulebook import Rulebook
from shared.rules.yamlfile import read_all
from tests.unit.backtesting import posted, written
from tests.unit.rulekit import rule
from tests.unit.test_backtest import LIVE, STORY
from tests.unit.test_backtest_things import LIVE as GIVING
from tests.unit.test_backtest_things import STORY as THINGS

NOW = datetime(2017, 4, 1, tzinfo=UTC)
MARCH = "2017-03-01T00:00:00-05:00"


def version(id_: str, number: int, effective: str, body: str) -> list[Definition]:
    text = rule(id_, f"version: {number}\n{body}").replace("2017-01-01T00:00:00-05:00", effective)
    return read_all([("new.yaml", text)], LIVE.versions)


def would(tmp_path: Path, *new: Definition, until: datetime = NOW) -> Report | None:
    return republished(Export(written(tmp_path / "journal.zip", posted(STORY, LIVE), LIVE)), new, until)


def test_the_other_side_of_a_change_since_march(tmp_path: Path) -> None:
    """30 + 40 + 5 + 7 dollars give 82 and would give 165 (7.50 gives 15); February's 20 are not touched."""
    base = version("base", 2, MARCH, "then: {per_amount: {per: 0.50}}")
    fly = version("fly", 1, "2017-03-02T00:00:00-05:00", "then: {fixed: 3, wallet: miles}")
    found = would(tmp_path, *base, *fly)
    assert found is not None
    sums = {(r.rule, r.wallet): (r.sums.other.points, r.sums.draft.points, r.sums.draft.members) for r in found.rules}
    assert sums == {
        ("base", "stars"): (82, 165, 2),
        ("daily", "stars"): (30, 30, 2),
        ("fly", "miles"): (0, 3, 1),  # in force from the 2nd on: Bert's basket
    }
    assert [(e.wallet, e.sums.more.points, e.winning, e.losing) for e in found.wallets] == [
        ("stars", 83, 2, 0), ("miles", 3, 1, 0),
    ]  # fmt: skip


def test_it_is_told_rule_by_rule_and_wallet_by_wallet(tmp_path: Path) -> None:
    """Also of a rule that decided nothing until now, of which there is nothing to count in the journal."""
    fly = version("fly", 1, "2017-03-02T00:00:00-05:00", "then: {fixed: 3, wallet: miles}")
    counted = Effects(NOW, [RuleEffect("fly", "fly v1", fly[0].effective, 1, 0, 0, {})], 0, 0, [])
    lines = tell_effects(counted, would(tmp_path, *fly), ZoneInfo("America/New_York"))
    assert lines[3:] == [
        "the 1 events of 1 members since then (2017-03-02 to 2017-03-02), decided anew without the new versions and "
        "with them; what differs:",
        "               without  with  difference  members  with",
        "  fly (miles)        0     3          +3        0     1",
        "  all miles          0     3          +3        0     1",
        "  cost, USD: 0.17 without, 0.20 with the new versions (+0.03)",
        "  1 members would have more miles, 0 less",
        "what is posted stays posted, and settled at its prices; late events and replays of that time use the new "
        "versions from now on",
    ]


def test_things_that_were_given_are_on_both_sides(tmp_path: Path) -> None:
    """A mug of 2.00 for each basket from 30 on, of which March has two: a rule that never matches changes nothing.

    Mechanism: the rules as they are decide anew, too; the ledger knows no mugs, so they would be on one side only.
    """
    source = Export(written(tmp_path / "journal.zip", posted(THINGS, GIVING), GIVING))
    never = version("never", 1, MARCH, "when: basket.total > 9000\nthen: {fixed: 1}")
    found = republished(source, never, NOW)
    assert found is not None
    assert (found.total.other.money, found.total.draft.money, found.total.more.money) == ("4.77", "4.77", "0.00")
    mug = rule(
        "mug",
        "version: 2\nwhen: basket.total >= 40\nthen: {gift: {title: Mug, value: {amount: '3.00', currency: USD}}}",
        "bonus",
    )
    changed = read_all([("new.yaml", mug.replace("2017-01-01T00:00:00-05:00", MARCH))], GIVING.versions)
    counted = Effects(NOW, [RuleEffect("mug", "mug v2", changed[0].effective, 3, 0, 0, {})], 0, 0, [])
    lines = tell_effects(counted, republished(source, changed, NOW), ZoneInfo("America/New_York"))
    assert [" ".join(each.split()) for each in lines if "mug (gift)" in each] == [
        "mug (gift) 2 0 -2 2 0",
        "mug (gift) 0 1 +1 0 1",
    ]
    assert "  cost, USD: 4.77 without, 3.77 with the new versions (-1.00)" in lines
    nothing = tell_effects(Effects(NOW, [], 0, 0, []), found, ZoneInfo("America/New_York"))[1]
    assert nothing.endswith("decided anew with and without the new versions, come to the same")


def test_what_was_published_into_the_past_before_is_no_change_of_this(tmp_path: Path) -> None:
    """base was doubled for March after all was posted, and a budget of 25 put on daily; then fly is published, or
    daily's first words again. Mechanism: both sides are decided anew; beside what was posted base would be 83 more."""
    base = version("base", 2, MARCH, "then: {per_amount: {per: 0.50}}")
    daily = version("daily", 2, MARCH, "then: {fixed: 10}\nlimits: [{period: day, times: 1}]\nbudget: {points: 25}")
    live = Rulebook([*LIVE.versions, *base, *daily])
    source = Export(written(tmp_path / "journal.zip", posted(STORY, LIVE), live))
    fly = version("fly", 1, MARCH, "then: {fixed: 3, wallet: miles}")
    lines = tell_effects(Effects(NOW, [], 0, 0, []), republished(source, fly, NOW), ZoneInfo("America/New_York"))
    assert [each.split()[:5] for each in lines if each.startswith("  ") and "(" in each[:20]] == [
        ["fly", "(miles)", "0", "12", "+12"]
    ]
    again = version("daily", 3, MARCH, "then: {fixed: 10}\nlimits: [{period: day, times: 1}]")
    lines = tell_effects(Effects(NOW, [], 0, 0, []), republished(source, again, NOW), ZoneInfo("America/New_York"))
    # Anna on the 1st, Bert on the 1st and the 2nd: of 30 the budget had left 25.
    assert [each.split()[:5] for each in lines if each.startswith("  ") and "stars" in each] == [
        ["daily", "(stars)", "25", "30", "+5"], ["all", "stars", "190", "195", "+5"],
        ["1", "members", "would", "have", "more"],
    ]  # fmt: skip


def test_nothing_happened_since_then(tmp_path: Path) -> None:
    late = version("base", 2, "2017-03-20T00:00:00-05:00", "then: {fixed: 1}")
    assert would(tmp_path, *late) is None
    lines = tell_effects(Effects(NOW, [], 0, 0, []), None, ZoneInfo("UTC"))
    assert lines[1] == "no event happened since then: nothing would be otherwise"
