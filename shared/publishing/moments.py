"""Times as people write them on the command line: an ISO instant, a local date or time of the programme, or `now`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from shared.publishing.registry import RefusedError
from shared.rules.localtime import first_instant
from shared.rules.unsaid import UNSAID

NOW: Final = "now"
_FORMS: Final = "write 2026-03-01 (midnight), 2026-03-01T09:00 (local), 2026-03-01T09:00:00+07:00, or now"
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def read_moment(text: str, zone: ZoneInfo) -> datetime | None:
    """The instant that a text means, local ones in the programme's zone; None for `now`. Raises RefusedError."""
    said = text.strip()
    if said.lower() == NOW:
        return None
    try:
        if _DATE.fullmatch(said):
            moment = datetime.combine(date.fromisoformat(said), time())
        else:
            moment = datetime.fromisoformat(said)
    except ValueError:
        raise RefusedError(f"{text!r} is no time: {_FORMS}") from None
    if not 2000 <= moment.year < UNSAID.year:
        raise RefusedError(f"{text!r}: the year must be from 2000 to {UNSAID.year - 1}")
    return moment.astimezone(UTC) if moment.tzinfo is not None else _local(moment, zone)


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    """A local time as an instant, unless the clocks' change makes it two or none."""
    first, second = (moment.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    back = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    if back != moment:
        after = first_instant(moment, zone).astimezone(zone).isoformat()
        said = f"{moment.isoformat(' ')} does not exist in {zone.key}: the clocks go forward then"
        raise RefusedError(f"{said}; write {after}, the first time after that")
    if first.utcoffset() != second.utcoffset():
        offsets = " or ".join(each.isoformat() for each in (first, second))
        raise RefusedError(f"{moment.isoformat(' ')} comes twice in {zone.key}: write {offsets}")
    return first.astimezone(UTC)
