"""A draft that makes wrong what it joins: told at the draft, which is the file that is being written."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.rules.checks.checking import check
from shared.rules.checks.joining import Joining, judged
from shared.rules.yamlfile import DefinitionError, read, read_sources
from tests.unit.marked import PROGRAMME, rule
from tests.unit.test_rules_check_command import run

_CAMPAIGN = (
    "- id: autumn\n  kind: campaign\n  effective: 2017-01-01T00:00:00-05:00\n  title: A\n"
    "  limits: [{period: day, times: 1}]\n"
)
_TWICE = (
    "its limits and budget would be counted twice, as it has earn rules (draft) and others (other, a bonus); make two "
    "campaigns of it"
)


def test_a_draft_that_joins_a_campaign_is_told_at_its_own_line(tmp_path: Path) -> None:
    """Mechanism: `replacing.told_at`. The campaign stands in a file that nobody is about to change."""
    definitions = tmp_path / "shop" / "definitions"
    definitions.mkdir(parents=True)
    (definitions / "all.yaml").write_text(PROGRAMME + _CAMPAIGN + rule("other", "campaign: autumn", "bonus"))
    draft = tmp_path / "draft.yaml"
    draft.write_text(rule("draft", "campaign: autumn"))
    code, said = run("--in", tmp_path / "shop", draft)
    assert (code, said.splitlines()[0]) == (1, f"{draft}:6:13: autumn: {_TWICE}")
    # All of it read as one, and what was so without the draft: at the campaign.
    files = [("all.yaml", (definitions / "all.yaml").read_text()), ("draft.yaml", draft.read_text())]
    assert [str(each) for each in check(files).errors] == [f"all.yaml:12:11: {_TWICE}"]
    both = files[0][1] + rule("another", "campaign: autumn")
    [fault] = check(files[1:], [("all.yaml", both)]).errors
    assert (fault.file, fault.line) == ("all.yaml", 12)


def _joining(text: str) -> Joining:
    """A definition that is to be published, as its file has it."""
    [source] = read(text, "draft.yaml").sources
    assert source.definition is not None
    return Joining(source.definition, source)


def test_a_publication_that_joins_a_campaign_is_told_at_its_own_line() -> None:
    """Mechanism: the path in `joining._caused`; without it all of the definition is shown."""
    published = [
        each.definition
        for each in read_sources([("all.yaml", PROGRAMME + _CAMPAIGN + rule("other", "campaign: autumn", "bonus"))])
    ]
    draft = _joining(rule("draft", "campaign: autumn"))
    with pytest.raises(DefinitionError) as refused:
        judged([draft], [each for each in published if each is not None])
    assert [str(each) for each in refused.value.faults] == [f"draft.yaml:6:13: autumn, which is published: {_TWICE}"]
