"""Times on the command line: local ones in the programme's zone, and none that the clocks' change makes two or none."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from shared.publishing.moments import read_moment
from shared.publishing.registry import RefusedError

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-01-15", datetime(2026, 1, 14, 23, tzinfo=UTC)),
        ("2026-07-15", datetime(2026, 7, 14, 22, tzinfo=UTC)),
        ("2026-07-15 09:30", datetime(2026, 7, 15, 7, 30, tzinfo=UTC)),
        ("2026-07-15T09:30", datetime(2026, 7, 15, 7, 30, tzinfo=UTC)),
        ("2026-07-15T09:30:00+07:00", datetime(2026, 7, 15, 2, 30, tzinfo=UTC)),
        (" 2026-07-15T09:30Z ", datetime(2026, 7, 15, 9, 30, tzinfo=UTC)),
        ("now", None),
        ("2026-10-25T02:30+01:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_time_means_one_instant(text: str, meant: datetime | None) -> None:
    assert read_moment(text, BERLIN) == meant


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tomorrow", "is no time: write 2026-03-01"),
        ("2026-02-30", "is no time"),
        ("1999-12-31", "the year must be from 2000 to 2198"),
        (
            "2026-03-29T02:30",
            r"does not exist in Europe/Berlin: the clocks go forward then; write 2026-03-29T03:00:00\+02:00, the first",
        ),
        (
            "2026-10-25T02:30",
            r"comes twice in Europe/Berlin: write 2026-10-25T02:30:00\+02:00 or 2026-10-25T02:30:00\+01:00",
        ),
    ],
)
def test_what_means_none_or_two_is_refused(text: str, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        read_moment(text, BERLIN)
