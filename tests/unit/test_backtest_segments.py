"""Who is in a draft's segments, and when: what members said long before the span, publications within it, advocates."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.backtest.result import Report
from shared.events.light import Occurrence
from shared.rules.facts import Facts
from shared.rules.rulebook import Rulebook, Ruleset
from shared.rules.yamlfile import read_all
from tests.unit.backtesting import Story, brought, compared, compared_with, written
from tests.unit.rulekit import basket, book, event, line, rule

BASE = rule("base", "then: {per_amount: {per: 1.00}}")
TWO = rule("families", 'when: member.attributes.kids == "2"', kind="segment")
ONE = rule("families", 'when: member.attributes.kids == "1"', kind="segment")
LIVE = book(BASE, TWO)


def buys(member: str, amount: str, day: str) -> tuple[str, Occurrence]:
    return member, basket(line(amount), time=f"2017-{day}T12:00:00-05:00", id_=f"{member}-{day}")


def joins(member: str, kids: str) -> tuple[str, Occurrence]:
    return member, event("signup", "2017-01-05T12:00:00-05:00", member, attributes={"kids": kids})


STORY: Story = [
    joins("m-anna", "2"),
    joins("m-bert", "1"),
    buys("m-anna", "20.00", "02-01"),
    buys("m-bert", "7.00", "02-01"),
    buys("m-anna", "30.00", "03-01"),
    buys("m-bert", "40.00", "03-01"),
    buys("m-bert", "5.00", "03-03"),
]


def segments(found: Report) -> dict[str, tuple[int | None, int | None, int]]:
    """Points of the draft and of the other side, and how many members got the draft's."""
    return {
        each.segment: (each.sums.draft.points, each.sums.other.points, each.sums.draft.members)
        for each in found.segments
    }


def later(definition: str, day: str) -> str:
    """The second version of a definition."""
    version = definition.replace("  title", "  version: 2\n  title", 1)
    return version.replace("2017-01-01T00", f"2017-{day}T00", 1)


@pytest.mark.parametrize(("first", "families"), [(None, (52, 52, 1)), ("2017-01-06", (52, 52, 1)),
                                                 ("2017-03-01", (45, 45, 1))])  # fmt: skip
def test_a_changed_segment_holds_members_who_signed_up_before_the_span(
    first: str | None, families: tuple[int, int, int], tmp_path: Path
) -> None:
    """By the draft it is Bert who is in it, whenever the span begins: 7 and 40 and 5 points.

    Mechanism: other segments in force are asked anew. Without it, it would hold Anna from the second day on.
    """
    assert segments(compared(tmp_path, STORY, LIVE, ONE, (first, None))) == {"families": families}


def test_a_new_segment_has_its_row_beside_the_rule_that_pays(tmp_path: Path) -> None:
    """Bert's two baskets of March bring 3 each.

    Mechanism: as above. Without it nobody is in the segment that came with the span, and it has no row.
    """
    draft = rule("only-ones", 'when: member.attributes.kids == "1"', kind="segment") + rule(
        "gift", "segment: only-ones\nthen: {fixed: 3}"
    )
    found = compared(tmp_path, STORY, LIVE, draft, ("2017-03-01", None))
    assert segments(found) == {"families": (30, 30, 1), "only-ones": (51, 45, 1)}
    assert {each.rule: each.sums.draft.points for each in found.rules} == {"base": 75, "gift": 6}


def test_a_publication_within_the_span_moves_members_from_its_time_on(tmp_path: Path) -> None:
    """Until March 2nd Anna is in it (20 and 30 points), from then on Bert (5); the draft changes something else.

    Mechanism: as above. Without it Anna's 50 would be all.
    """
    live = Rulebook([*LIVE.versions, *read_all([("second.yaml", later(ONE, "03-02"))], book().versions)])
    draft = rule("more", "then: {fixed: 1}")
    # One point more for each basket: two of Anna's while she is in it, one of Bert's.
    assert segments(compared(tmp_path, STORY, live, draft)) == {"families": (58, 55, 2)}


def test_an_advocate_is_asked_who_has_had_no_event_since_the_span_began(tmp_path: Path) -> None:
    """Bert brought Carl in February, who first buys in March: Bert's 50 points come within the span.

    Mechanism: members are asked between their events. Without it Bert is in the segments of his own last event, before
    the draft's began.
    """
    bring = rule("bring", "advocate: {fixed: 50}\nfriend: {fixed: 10}", kind="referral")
    live = book(BASE, TWO, bring)
    story = [
        joins("m-bert", "1"),
        joins("m-carl", "0"),
        ("m-carl", event("referral", "2017-02-01T12:00:00-05:00", "r")),
        buys("m-carl", "9.00", "03-01"),
    ]
    file = written(tmp_path / "activity.zip", brought(story, live, "m-bert"), live)
    found = compared_with(tmp_path, file, ONE, ("2017-03-01", None))
    assert segments(found) == {"families": (50, 50, 1)}


def test_segments_that_ask_more_are_asked_at_each_event(tmp_path: Path) -> None:
    """Whoever has bought before: of Anna's and Bert's baskets all but the first, by a draft from March on."""
    draft = rule("regular", "when: history.count(ever) >= 1", kind="segment")
    found = compared(tmp_path, STORY, LIVE, draft, ("2017-03-01", None))
    assert segments(found) == {"families": (30, 30, 1), "regular": (75, 75, 2)}


def test_members_are_asked_once_where_only_signups_change_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the signup, and once more by the draft's segments: four times for seven events of two members.

    Mechanism: what is worked out is kept while the same segments are in force. Without it a year takes longer.
    """
    asked: list[Facts] = []
    real = Ruleset.segments_of

    def counting(rules: Ruleset, facts: Facts) -> frozenset[str]:
        asked.append(facts)
        return real(rules, facts)

    monkeypatch.setattr(Ruleset, "segments_of", counting)
    compared(tmp_path, STORY, LIVE, ONE, ("2017-03-01", None))
    assert len(asked) == 4
