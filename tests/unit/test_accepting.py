"""Which media type a caller wants, by hand from RFC 9110."""

from __future__ import annotations

import pytest

from services.earn.api.accepting import wanted
from services.earn.api.problems import Problem

JSON, CSV = "application/json", "text/csv"


@pytest.mark.parametrize(
    ("accept", "found"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("text/csv", CSV),
        ("TEXT/CSV; header=present", CSV),
        ("text/*", CSV),
        ("text/csv, application/json", JSON),  # both alike: the first that is offered
        ("text/csv, application/json;q=0.9", CSV),
        ("text/csv;q=0.5, */*;q=0.1", CSV),
        ("application/json;q=0, */*", CSV),  # the more specific range counts
        ("text/html, application/xhtml+xml, */*;q=0.8", JSON),
        ("text/csv;q=nonsense, application/json;q=0.1", JSON),
    ],
)
def test_the_one_that_is_liked_best(accept: str, found: str) -> None:
    assert wanted(accept, (JSON, CSV)) == found


@pytest.mark.parametrize("accept", ["text/html", "application/json;q=0", "nonsense"])
def test_none_is_liked(accept: str) -> None:
    with pytest.raises(Problem, match="application/json or text/csv") as raised:
        wanted(accept, (JSON, CSV))
    assert raised.value.status_code == 406
