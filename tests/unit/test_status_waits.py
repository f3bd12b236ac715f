"""`doublestar status` tells of a service that answers, and waits, that it waits, and for what."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from shared.ops.running import note
from tests.unit.test_running import command

READY = (200, {"ready": True})
STATUS = {"service": "api", "consumers": {"c": {"assigned": [], "joined": True, "lag": 0, "batches": 7}}}


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Callable[[int, Any], None]]:
    """A service of this home that tells of itself, and of its readiness what the test says."""
    told: dict[str, tuple[int, Any]] = {"/health/status": (200, STATUS)}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = told[self.path]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            """Nothing is said."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    note(tmp_path, os.getpid(), "api-0", service="api", port=server.server_port)

    def ready(status: int, body: Any) -> None:
        told["/health/ready"] = status, body

    yield ready
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("ready", "state", "line"),
    [
        (READY, "runs", None),
        ((503, {"waiting": "for Kafka or MongoDB to take what was decided"}), "waits",
         "api-0 waits for Kafka or MongoDB to take what was decided"),
        ((503, {"waiting": ["earn-intake", "earn-ledger"]}), "waits",
         "api-0 waits for Kafka to answer earn-intake, earn-ledger"),
    ],
)  # fmt: skip
def test_one_that_is_not_ready_waits(
    tmp_path: Path, service: Callable[[int, Any], None], ready: tuple[int, Any], state: str, line: str | None
) -> None:
    """Mechanism: `waiting`, which asks for readiness; without it a process that has taken nothing for minutes `runs`.
    It is no process that does not run: the exit code stays 0."""
    service(*ready)
    code, said = command(tmp_path, "status")
    assert code == 0, said
    assert f"│ api-0   │ {state:<5} │ 0          │ 0   │ 7       │" in said
    assert [each for each in said.splitlines() if " waits " in each and "│" not in each] == ([line] if line else [])
