"""What time it is: the wall's clock, or one that a sandbox, a demo or a test has moved.

A moved clock is a file in `.doublestar` (`clock.json`: by how many seconds it is ahead), so that all processes of a
checkout agree; `doublestar clock` moves it. Without the file, and on servers, it is the wall's.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

Clock = Callable[[], datetime]
FILE = "clock.json"


def wall() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


class Moved:
    """The wall's clock and what the file says it is ahead (or, negative, behind); read again when the file changes."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILE
        self._seen: tuple[int, int, int] | None = None
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        """Now, in UTC, as this checkout has it."""
        return wall() + self.ahead

    @property
    def ahead(self) -> timedelta:
        """By how much it is ahead of the wall's."""
        try:
            found = self._path.stat()
        except OSError:
            return timedelta()
        if self._seen != (found.st_ino, found.st_mtime_ns, found.st_size):
            self._ahead = ahead(self._path)
            self._seen = (found.st_ino, found.st_mtime_ns, found.st_size)
        return self._ahead

    def move(self, to: datetime) -> None:
        """Sets it: from now on it runs from there."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        whole = self._path.with_suffix(".part")
        whole.write_text(json.dumps({"ahead_s": (to - wall()).total_seconds()}))
        whole.replace(self._path)

    def reset(self) -> None:
        """Back to the wall's."""
        self._path.unlink(missing_ok=True)


def ahead(path: Path) -> timedelta:
    """What a clock's file says; the wall's where it says nothing that can be read."""
    try:
        return timedelta(seconds=float(json.loads(path.read_text())["ahead_s"]))
    except (OSError, ValueError, KeyError, TypeError):
        return timedelta()
