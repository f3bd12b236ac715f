"""The servers of a home as they are at this moment, for people and for tests; a dead one brings the end of its log."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .probe import kafka_answers, mongo_version
from .process import StackError, alive, tail
from .state import Name, Server, load


@dataclass(frozen=True)
class ServerStatus:
    """One server as it is now; `trouble` is the end of a dead one's log."""

    name: Name
    kind: str
    version: str
    url: str
    pid: int
    alive: bool
    log: str
    trouble: str = ""


def status(home: Path) -> list[ServerStatus]:
    """The recorded servers as they are now; an external one is alive when it answers."""
    return [_look_at(server) for server in load(home.resolve()).values()]


def _look_at(server: Server) -> ServerStatus:
    running = _answers(server) if server.external else alive(server.pid, server.started)
    trouble = "" if running or server.external else tail(Path(server.log))
    return ServerStatus(server.name, server.kind, server.version, server.url, server.pid, running, server.log, trouble)


def _answers(server: Server) -> bool:
    if server.name == "kafka":
        return kafka_answers(server.url)
    try:
        return bool(mongo_version(server.url, timeout_s=1.0))
    except StackError:
        return False
