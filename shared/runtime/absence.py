"""Kafka is away, Kafka is back: one line each, where its client would write hundreds a second.

While nobody answers, every fetch, heartbeat and look for metadata of every client fails several times a second, and
each writes a line. The first of them becomes ours; those that follow are counted. What tells of anything else (a topic
that is not authorized, an error of the client itself) passes at any time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from errno import EHOSTDOWN, EHOSTUNREACH, ENETDOWN, ENETUNREACH
from socket import gaierror
from time import monotonic
from typing import Final

from aiokafka.errors import KafkaConnectionError, KafkaError, NodeNotReadyError, RequestTimedOutError

from shared.addresses import shown
from shared.logs import log
from shared.runtime.topics import admin

# What the client says without an error in it when it has not reached a broker.
CONSEQUENCES: Final = frozenset((
    "Unable to update metadata from %s",
    "Marking the coordinator dead (node %s)for group %s.",
    "Heartbeat session expired - marking coordinator dead",
    "Heartbeat failed for group %s: coordinator (node %s) is either not started or not valid",
))  # fmt: skip
_UNREACHED: Final = (
    KafkaConnectionError,
    NodeNotReadyError,
    RequestTimedOutError,
    ConnectionError,
    TimeoutError,
    gaierror,
)
_UNREACHED_CODES: Final = (EHOSTDOWN, EHOSTUNREACH, ENETDOWN, ENETUNREACH)


class Absence(logging.Filter):
    """On the handler of what libraries log; `watch` runs beside it and says when the broker is back."""

    def __init__(
        self, bootstrap: str, quiet_s: float = 2.0, answers: Callable[[], Awaitable[bool]] | None = None
    ) -> None:
        super().__init__()
        self._bootstrap = bootstrap
        self._quiet_s = quiet_s
        self._answers = answers or self._connects
        self._since: float | None = None
        self._last = 0.0
        self._lines = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written as it is."""
        if not record.name.startswith("aiokafka"):
            return True
        error = _unreached(record)
        if error is None and (self._since is None or not _follows(record)):
            return True
        self._last = monotonic()
        self._lines += 1
        if self._since is None:
            self._since = self._last
            log.warning("kafka away", at=shown(self._bootstrap), error=type(error).__name__, logger=record.name)
        return False

    async def watch(self) -> None:
        """Until cancelled: back is a broker that answers, with no client that complained for a while."""
        while True:
            await asyncio.sleep(self._quiet_s / 2)
            if self._quiet() and await self._answers() and self._quiet():
                assert self._since is not None
                seconds = round(self._last - self._since, 1)
                log.info("kafka back", at=shown(self._bootstrap), seconds=seconds, lines=self._lines)
                self._since, self._lines = None, 0

    def _quiet(self) -> bool:
        return self._since is not None and monotonic() - self._last >= self._quiet_s

    async def _connects(self) -> bool:
        try:
            async with asyncio.timeout(5), admin(self._bootstrap):
                return True
        except (KafkaError, OSError, TimeoutError):
            return False


def _unreached(record: logging.LogRecord) -> BaseException | None:
    """The error that says that nobody answered, if the record brings one."""
    if not isinstance(record.args, tuple):
        return None
    return next((each for each in record.args if isinstance(each, BaseException) and _is_unreached(each)), None)


def _is_unreached(error: BaseException) -> bool:
    if isinstance(error, _UNREACHED):
        return True
    # Of a name with several addresses asyncio makes one error of all, without a code.
    several = type(error) is OSError and error.errno is None and str(error).startswith("Multiple exceptions")
    return several or (isinstance(error, OSError) and error.errno in _UNREACHED_CODES)


def _follows(record: logging.LogRecord) -> bool:
    """Whether it tells of what the client tries again by itself, once there is a broker."""
    if record.msg in CONSEQUENCES:
        return True
    args = record.args if isinstance(record.args, tuple) else ()
    kinds = [each if isinstance(each, type) else type(each) for each in args]
    return any(issubclass(each, KafkaError) and getattr(each, "retriable", False) for each in kinds)
