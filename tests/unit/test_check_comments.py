"""Comments of YAML that cut a value short: told where they look as if they belonged to it."""

from __future__ import annotations

import pytest

from tests.unit.marked import HEAD, told


def titled(lines: str) -> str:
    return f"- id: x\n  kind: earn\n  {HEAD.replace('title: A title', lines)}  then: {{fixed: 1}}\n"


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        ("title: ▶Offer #1 of the week", "title: `#1 of the week`"),
        ("title: A\n  tags:\n    - ▶one #two", "tags.0: `#two`"),
        ("title: A\n  when: ▶basket.total > 5 #&& member.age > 18", "when: `#&& member.age > 18`"),
        ("title: ▶Offer\n    of  #" + "9" * 50, "title: `#" + "9" * 39 + "…`"),
    ],
)
def test_a_comment_that_may_be_meant_as_part_of_the_value(lines: str, shown: str) -> None:
    [said] = told(titled(lines))
    assert said == (
        f"warning: {shown} is a comment to YAML and no part of the value; put the value in quotes if it belongs to it, "
        "else write a space behind #"
    )


@pytest.mark.parametrize(
    "lines",
    [
        "title: Offer # the first",
        "title: 'Offer #1'",
        "title: 'Offer' #1",
        "title: Offer#1",
        "title: Offer\n  #commented: out",
        "title: Offer ## of the week",
        "title: A\n  version: 1 #one",
        "title: A\n  tags: [a, b] #both",
    ],
)
def test_comments_that_are_meant(lines: str) -> None:
    assert told(titled(lines)) == []
