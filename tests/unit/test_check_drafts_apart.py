"""A draft that makes wrong what it does not change: publishing, a backtest and `check --in` tell it at the draft."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.programmes import read_paths
from shared.rules.checks.checking import check
from shared.rules.yamlfile import DefinitionError, read_sources
from tests.unit.marked import PROGRAMME, rule
from tests.unit.test_check_drafts import _CAMPAIGN, _TWICE

_OTHER = rule("other", "campaign: autumn", "bonus")


def test_files_that_are_to_join_what_is_published_are_told_at_their_own_line(tmp_path: Path) -> None:
    """Mechanism: `yamlfile._of_published`; without it the place is that of no file."""
    published = [each.definition for each in read_sources([("all.yaml", PROGRAMME + _CAMPAIGN + _OTHER)])]
    draft = tmp_path / "draft.yaml"
    draft.write_text(rule("draft", "campaign: autumn"))
    with pytest.raises(DefinitionError) as refused:
        read_paths([draft], [each for each in published if each is not None])
    assert [str(each) for each in refused.value.faults] == [f"{draft}:6:13: autumn: {_TWICE}"]


_MONEY = (
    "- id: spring\n  kind: campaign\n  effective: 2017-01-01T00:00:00-05:00\n  title: S\n"
    '  budget: {money: {amount: "500.00", currency: USD}COST}\n'
)


def test_a_draft_that_takes_away_what_others_need_is_told_there() -> None:
    """Mechanisms: `replacing.told_at_what_changes`, and `checking._Before` for what was wrong without the draft, which
    stays where it is."""
    rules = "".join(rule(each, "campaign: spring") for each in ("one", "two")) + rule("bad", "campaign: no-such")
    shelf = PROGRAMME + _MONEY.replace("COST", ', cost_per_point: "0.01"') + rules
    [known] = check([("all.yaml", shelf)]).errors
    found = check([("draft.yaml", _MONEY.replace("COST", ""))], [("all.yaml", shelf)]).errors
    said = "`budget` of spring counts money, and {} gives points; write its `cost_per_point`"
    assert [str(each) for each in found] == [
        f"draft.yaml:1:3: one in all.yaml:13: {said.format('one')}",
        f"draft.yaml:1:3: two in all.yaml:19: {said.format('two')}",
        str(known),
    ]
