"""Questions whose answer adds up the journal: one at a time in a process, and each within a bound.

Tills are served by the same process and the same MongoDB: what reads millions of entries must not make them wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from typing import Any, Final, TypeVar

import pymongo
from pymongo.errors import PyMongoError

from services.earn.api.problems import Problem

T = TypeVar("T")
MOST_S: Final = 30.0
_AGAIN: Final = {"Retry-After": "10"}


class Sums:
    """The one place where such a question is answered."""

    def __init__(self, most_s: float = MOST_S) -> None:
        self._most_s = most_s
        self._busy = False

    async def ask(self, question: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Its answer. Raises Problem (503) where another is being answered, and where it takes too long."""
        if self._busy:
            said = "another statement or liability is being added up here, one at a time: ask again in 10 s"
            raise Problem(503, "busy", said, _AGAIN)
        self._busy = True
        # In a context of its own: the bound of ordinary requests, which is shorter, does not hold here.
        task = asyncio.create_task(self._bounded(question), context=Context())
        try:
            return await task
        except PyMongoError as error:
            if not error.timeout:
                raise
            said = (
                f"it takes longer than {self._most_s:g} s to add up: ask for a shorter period, or at a quieter time; "
                "`doublestar statement` and `doublestar liability` have no such bound"
            )
            raise Problem(503, "takes_too_long", said, _AGAIN) from None
        finally:
            task.cancel()
            self._busy = False

    async def _bounded(self, question: Callable[[], Coroutine[Any, Any, T]]) -> T:
        with pymongo.timeout(self._most_s):  # MongoDB is told, and ends it, too
            return await question()
