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


def _joining(text: str, file: str = "draft.yaml") -> Joining:
    """A definition that is to be published, as its file has it."""
    [source] = read(text, file).sources
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


# A bonus is published; of two drafts, the earn rule, which comes second, is what the campaign cannot have beside it.
_TWO = [rule("fine", "campaign: autumn", "bonus"), rule("wrong", "campaign: autumn")]
_BY_WRONG = "its limits and budget would be counted twice, as it has earn rules (wrong) and others (fine, a bonus)"


@pytest.mark.parametrize(
    ("other", "drafts", "place"),
    [
        (rule("other", "campaign: autumn", "bonus"), _TWO, "12:13"),
        (rule("other", "campaign: autumn", "bonus"), _TWO[::-1], "6:13"),
        ("", _TWO, "12:13"),
    ],
)
def test_of_two_drafts_the_one_that_the_campaign_cannot_have_is_told(other: str, drafts: list[str], place: str) -> None:
    """Mechanism: `references.mixing` in `replacing.told_at`; without it the first that joins is told. Where the
    campaign has no rules yet, it is the one that comes to another."""
    faults = check([("draft.yaml", "".join(drafts))], [("all.yaml", PROGRAMME + _CAMPAIGN + other)]).errors
    said = f"autumn: {_BY_WRONG}; make two campaigns of it"
    assert [str(each) for each in faults] == [f"draft.yaml:{place}: {said}"]


def test_of_two_that_are_published_the_one_that_the_campaign_cannot_have_is_told() -> None:
    """Mechanism: `references.mixing` in `joining._caused`; without it the first that the words name is told."""
    text = PROGRAMME + _CAMPAIGN + rule("other", "campaign: autumn", "bonus")
    published = [each.definition for each in read_sources([("all.yaml", text)])]
    with pytest.raises(DefinitionError) as refused:
        judged(
            [_joining(_TWO[0], "fine.yaml"), _joining(_TWO[1], "wrong.yaml")],
            [each for each in published if each is not None],
        )
    [fault] = refused.value.faults
    said = f"autumn, which is published: {_BY_WRONG}; make two campaigns of it"
    assert str(fault) == f"wrong.yaml:6:13: {said}"
