"""The servers of a home as they are at this moment, for people and for tests; a dead one brings the end of its log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .probe import mongo_version, require_kafka
from .process import StackError, alive, tail
from .state import NAMES, Name, Server, load


@dataclass(frozen=True)
class ServerStatus:
    """One server as it is now; `trouble` is the end of a dead one's log, or that one of others does not answer."""

    name: Name
    kind: str
    version: str
    url: str
    pid: int
    alive: bool
    log: str
    trouble: str = ""


def status(home: Path, named: Mapping[Name, str | None] | None = None) -> list[ServerStatus]:
    """The recorded servers as they are now, and those that the environment names in their place.

    One that others run is alive when it answers; where it does not, `trouble` says so.
    """
    recorded, urls = load(home.resolve()), {name: url for name, url in (named or {}).items() if url}
    found = [each for each in recorded.values() if not (each.external and each.name in urls)]
    ours = {each.url for each in found}
    found += [Server(name, "external", "unknown", url) for name, url in urls.items() if url not in ours]
    return [
        _ask(each) if each.external else _look_at(each)
        for each in sorted(found, key=lambda each: NAMES.index(each.name))
    ]


def _look_at(server: Server) -> ServerStatus:
    running = alive(server.pid, server.started)
    trouble = "" if running else tail(Path(server.log))
    return ServerStatus(server.name, server.kind, server.version, server.url, server.pid, running, server.log, trouble)


def _ask(server: Server) -> ServerStatus:
    version, trouble = server.version, ""
    try:
        if server.name == "kafka":
            require_kafka(server.url, timeout_s=2.0)
        else:
            version = mongo_version(server.url, timeout_s=2.0)
    except StackError as error:
        trouble = str(error)
    return ServerStatus(server.name, server.kind, version, server.url, 0, not trouble, "", trouble)
