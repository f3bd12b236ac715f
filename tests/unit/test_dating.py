"""From when a publication is in force: times in files, and on the command line. Times by hand, in Berlin."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from shared.publishing.dating import dated
from shared.publishing.edition import Draft
from shared.publishing.plan import Request, plan
from shared.publishing.registry import RefusedError
from tests.unit.desk import NOW, START, Desk, programme, rule

BERLIN = ZoneInfo("Europe/Berlin")


async def new(*drafts: Draft, said: str) -> list[tuple[str, int, str]]:
    """What is published of these files where rules base and fresh are, from the beginning of 2026."""
    desk = await Desk().begun(rule(points=1, effective=START), rule("fresh", 10, effective=START))
    registry = await desk.office.registry()
    found, moment = dated(drafts, registry, said, BERLIN)
    planned = plan(Request(found, moment, "Ann", "because"), registry, NOW)
    return [(each.id, each.version, each.effective.astimezone(UTC).isoformat()) for each in planned.new]


async def test_a_changed_rule_that_keeps_its_written_time_goes_by_the_command() -> None:
    """The page's example: one number is changed in a file that says from when its first version was."""
    files = (programme(effective=START), rule(points=1, effective=START), rule("fresh", 15, effective=START))
    assert await new(*files, said="2027-03-01") == [("fresh", 2, "2027-02-28T23:00:00+00:00")]
    assert await new(*files, said="now") == [("fresh", 2, NOW.isoformat())]


async def test_a_time_that_nothing_was_published_with_must_agree_with_the_command() -> None:
    """Mechanism: `dated` refuses; without it the file's time would win in silence."""
    changed = rule("fresh", 15, effective="2027-05-01T00:00:00Z")
    with pytest.raises(RefusedError) as refused:
        await new(changed, rule("more", 1, effective=START), said="2027-03-01")
    assert str(refused.value).splitlines() == [
        "fresh: its file says `effective: 2027-05-01 02:00:00+02:00`",
        "more: its file says `effective: 2026-01-01 01:00:00+01:00`",
        "and --effective says 2027-03-01: take `effective` out of the file, or give --effective as-written to go by "
        "what the files say",
    ]
    with pytest.raises(RefusedError, match="--effective says now"):
        await new(changed, said="now")
    assert await new(changed, said="2027-05-01T02:00") == [("fresh", 2, "2027-05-01T00:00:00+00:00")]


async def test_as_written_goes_by_the_files_each_from_its_own_time() -> None:
    files = (rule("fresh", 15, effective="2027-05-01T00:00:00Z"), rule("more", 1, effective="2027-06-01T00:00:00Z"))
    assert await new(*files, said="as-written") == [
        ("fresh", 2, "2027-05-01T00:00:00+00:00"),
        ("more", 1, "2027-06-01T00:00:00+00:00"),
    ]
    with pytest.raises(RefusedError, match="fresh: nothing says from when version 2 is in force"):
        await new(rule("fresh", 15), said="as-written")


async def test_what_is_not_changed_is_not_published_whatever_time_it_says() -> None:
    assert await new(rule("fresh", 10, effective=datetime(2026, 1, 1, tzinfo=UTC)), said="2027-03-01") == []


async def test_a_first_publication_says_when_or_goes_by_the_files() -> None:
    files = [programme(effective=START), rule(effective=START)]
    found, moment = dated(files, {}, "as-written", BERLIN)
    assert [each.effective.date().isoformat() for each in plan(Request(found, moment, "A", "n"), {}, NOW).new] == [
        "2026-01-01", "2026-01-01",
    ]  # fmt: skip
