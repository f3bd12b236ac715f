"""The API in this process, without servers: a room of which each test furnishes what its route needs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import httpx

from services.earn.api.guarding import Asgi
from services.earn.api.limiting import Limiter
from shared.access.keys import mint
from shared.access.roles import Role
from shared.clock import wall


class Ring:
    """A keyring that takes everybody for the holder of one key."""

    def __init__(self, role: Role, partner: str | None) -> None:
        self._key = mint("somebody", role, partner, wall(), None)[0]

    async def holder(self, token: str) -> Any:
        """That key."""
        return self._key


class Courier:
    """Keeps what it is to send."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    async def send(self, partner: str, events: list[bytes], request: str) -> None:
        """Kept."""
        self.sent += events


def room(role: Role, partner: str | None = None, **furniture: Any) -> Any:
    """A room whose every caller has this role."""
    opened = SimpleNamespace(is_set=lambda: True)
    return SimpleNamespace(keyring=Ring(role, partner), limiter=Limiter("1000000/second"), open=opened, **furniture)


def asker(app: Asgi) -> httpx.AsyncClient:
    """A client of it."""
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url="http://here", headers={"Authorization": "Bearer x"})
