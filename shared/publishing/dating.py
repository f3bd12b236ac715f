"""From when a publication is in force, where a file says one time and the command another. Pure.

A time in a file is that of the version which was published with it: what is new since then is effective as the command
says. A time that nothing was published with contradicts the command, unless that is to go by the files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from shared.publishing.edition import Draft, new_versions
from shared.publishing.moments import read_moment
from shared.publishing.registry import RefusedError, Registry, instant

AS_WRITTEN: Final = "as-written"


def dated(
    drafts: Sequence[Draft], registry: Registry, said: str, zone: ZoneInfo
) -> tuple[Sequence[Draft], datetime | None]:
    """The drafts as they are to be published, and from when those are effective that do not say it (None: now).

    said: a time (see `read_moment`), or `as-written`. Raises RefusedError.
    """
    if said.strip().lower() == AS_WRITTEN:
        new_versions(drafts, registry, None)  # raises where what is new does not say from when
        return drafts, None
    moment = read_moment(said, zone)
    found = [_dated(each, registry) for each in drafts]
    wrong = [
        f"{each.id}: its file says `effective: {each.effective.astimezone(zone).isoformat(' ')}`"
        for each in found
        if each.effective is not None and each.effective != moment
    ]
    if wrong:
        hint = f"take `effective` out of the file, or give --effective {AS_WRITTEN} to go by what the files say"
        raise RefusedError("\n".join([*wrong, f"and --effective says {said.strip()}: {hint}"]))
    return found, moment


def _dated(each: Draft, registry: Registry) -> Draft:
    document = registry.get(each.id)
    if each.effective is None or document is None:
        return each
    published = any(instant(version) == each.effective for version in document["versions"])
    return replace(each, effective=None) if published else each
