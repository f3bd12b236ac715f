"""How often a caller may ask: counted in this process, told in the standard headers."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Final

from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

_POLICY: Final = "caller"


@dataclass(frozen=True, slots=True)
class Allowance:
    """Whether one more request is allowed, how many are left, and after how many seconds there are more."""

    ok: bool
    left: int
    reset_s: int
    most: int
    window_s: int

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """`RateLimit-Policy` and `RateLimit` (IETF draft-ietf-httpapi-ratelimit-headers), and Retry-After for a no."""
        found = [
            (b"ratelimit-policy", f'"{_POLICY}";q={self.most};w={self.window_s}'.encode()),
            (b"ratelimit", f'"{_POLICY}";r={self.left};t={self.reset_s}'.encode()),
        ]
        return found if self.ok else [*found, (b"retry-after", str(self.reset_s).encode())]


class Limiter:
    """Counts by caller, over a window that slides."""

    def __init__(self, rate: str) -> None:
        self._rate = parse(rate)
        self._storage = MemoryStorage()
        self._strategy = SlidingWindowCounterRateLimiter(self._storage)

    async def take(self, caller: str) -> Allowance:
        """One more request of a caller."""
        ok = await self._strategy.hit(self._rate, caller)
        seen = await self._strategy.get_window_stats(self._rate, caller)
        reset = max(1, math.ceil(seen.reset_time - time.time()))
        return Allowance(ok, max(0, seen.remaining), reset, self._rate.amount, self._rate.get_expiry())
