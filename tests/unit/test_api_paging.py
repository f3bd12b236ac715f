"""Cursors that no page has told are refused before MongoDB is asked: its driver breaks on what it cannot hold."""

from __future__ import annotations

import base64
from typing import Any, Literal

import orjson
import pytest

from services.earn.api import reading
from services.earn.api.paging import cursor, instant, list_of, number, place
from services.earn.api.problems import Problem

NOON = "2026-11-29T18:10:47.166000+00:00"
NOBODY: Any = None  # a collection that is not asked


def word(*place: Any, of: str = "list") -> str:
    place = (of, *place)
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


@pytest.mark.parametrize("then", ["seq", "_id"])
@pytest.mark.parametrize(
    "said",
    [
        word("9999-12-31T23:59:59-23:00", "1"),
        word("0001-01-01T00:00:00+23:00", "1"),
        word("2026-11-29T18:10:47.166000", "1"),
        word("2026-11-29T18:10:47.166000Z", "1"),
        word("20261129T181047+0000", "1"),
        word("yesterday", "1"),
        word(NOON),
        word(NOON, "1", "1"),
        word(NOON, 1),
        word(NOON, "1", of="other"),
        word(NOON, "1") + "!",
        word(NOON, "1") + "====",
        "abc",
        "é",
        "",
    ],
)
async def test_a_word_that_is_no_place_is_refused(said: str, then: Literal["seq", "_id"]) -> None:
    with pytest.raises(Problem) as refused:
        await reading.page(NOBODY, "list", {}, "at", said, 10, then=then)
    assert (refused.value.status_code, refused.value.code) == (422, "invalid_cursor")


@pytest.mark.parametrize(
    "last", ["9223372036854775808", "-9223372036854775809", "9" * 700, "x", "", " 1", "1_0", "+1", "01", "१", "1.0"]
)
async def test_a_number_that_mongodb_cannot_hold_is_refused(last: str) -> None:
    with pytest.raises(Problem) as refused:
        await reading.page(NOBODY, "list", {}, "at", word(NOON, last), 10, then="seq")
    assert (refused.value.status_code, refused.value.code) == (422, "invalid_cursor")


@pytest.mark.parametrize("said", [NOON, "2026-11-29T18:10:47+00:00", "0001-01-01T00:00:00+00:00"])
def test_what_a_page_tells_is_read_as_it_was(said: str) -> None:
    assert instant(said).isoformat() == said
    assert number("9223372036854775807") == 2**63 - 1
    assert number("-9223372036854775808") == -(2**63)
    assert cursor("list", said, "7") == word(said, "7")


@pytest.mark.parametrize("asked", [{}, {"state": "used"}, {"state": "valid", "reason": "too_large"}])
def test_a_cursor_of_other_filters_is_refused_as_one(asked: dict[str, str]) -> None:
    """From there on entries would be missing, or of two lists. Mechanism: `list_of`."""
    said = cursor(list_of("vouchers m-1", state="valid", reason=None), NOON, "1")
    assert place(said, list_of("vouchers m-1", state="valid"), 2) == [NOON, "1"]
    with pytest.raises(Problem) as refused:
        place(said, list_of("vouchers m-1", **asked), 2)
    assert (refused.value.status_code, refused.value.code) == (422, "invalid_cursor")
    assert "other filters" in str(refused.value.detail)
    with pytest.raises(Problem, match="none of this list's"):
        place(said, list_of("vouchers m-2", state="valid"), 2)
