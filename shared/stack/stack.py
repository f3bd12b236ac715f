"""MongoDB and Kafka of one checkout: started, listed, restarted and stopped together, remembered in its home folder."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from shared.clock import Moved

from . import apache, mongod, noida
from .choice import Choice, Found, Wanted, choose
from .probe import mongo_version, require_kafka
from .process import PortTakenError, StackError, alive, end, free_port, wait_usable
from .state import NAMES, Name, Say, Server, load, locked, save

_RUNNERS: dict[str, ModuleType] = {"mongod": mongod, "apache": apache, "noida": noida}
_PORT_TRIES = 5


@dataclass(frozen=True)
class Stack:
    """Where the servers of a home are."""

    mongo_url: str
    kafka_url: str
    kafka_kind: str
    kafka_version: str
    mongo_version: str
    home: Path


def _silent(_: str) -> None:
    return


def start(
    home: Path,
    *,
    kafka: Wanted = "auto",
    kafka_url: str | None = None,
    mongo_url: str | None = None,
    say: Say = _silent,
) -> Stack:
    """Have both servers running: those that run are kept, those given by URL are only asked whether they answer."""
    home = home.resolve()
    with locked(home, say):
        servers = load(home)
        _check_conflict(servers, kafka, {"mongo": mongo_url, "kafka": kafka_url})
        before = dict(servers)
        _have_mongo(home, servers, mongo_url, say)
        try:
            _have_kafka(home, servers, kafka, kafka_url, say)
        except BaseException:
            _undo_mongo(home, servers, before.get("mongo"), say)
            raise
    mongo, broker = servers["mongo"], servers["kafka"]
    return Stack(mongo.url, broker.url, broker.kind, broker.version, mongo.version, home)


def stop(home: Path, *, wipe: bool = False, say: Say = _silent) -> list[str]:
    """End what runs and forget it; the data stays unless `wipe`."""
    home = home.resolve()
    if not home.is_dir():
        return []
    stopped: list[str] = []
    with locked(home, say):
        servers = load(home)
        for name in reversed(NAMES):  # Kafka first: nobody is then handed work that cannot be stored
            server = servers.pop(name, None)
            if server is not None and not server.external and end(server.pid, server.started):
                stopped.append(name)
                say(f"{server.title} stopped")
            save(home, servers)
        if wipe:
            for runner in _RUNNERS.values():
                shutil.rmtree(runner.data_folder(home), ignore_errors=True)
            Moved(home).reset()  # it was the data's time
            say(f"data in {home} removed")
    return stopped


def restart(home: Path, name: Name, *, say: Say = _silent) -> None:
    """Start a server again on its port and its data, after ending what is left of it."""
    home = home.resolve()
    with locked(home, say):
        servers = load(home)
        server = servers.get(name)
        if server is None:
            raise StackError(f"no {name} was started in {home}: `doublestar up` starts one")
        if server.external:
            raise StackError(f"{name} at {server.url} is not ours to restart: whoever runs it does that")
        end(server.pid, server.started)
        _launch(home, servers, server.kind, server.port)
        say(f"{servers[name].title} again on {servers[name].address}")


def _check_conflict(servers: dict[Name, Server], kafka: Wanted, urls: dict[Name, str | None]) -> None:
    """Refuse what would leave a running server behind, forgotten."""
    for name, server in servers.items():
        if server.external or not alive(server.pid, server.started):
            continue
        url = urls[name]
        if url not in (None, server.url):
            raise StackError(f"{name} runs here already on {server.url}: `doublestar down` first, to use another")
        if name == "kafka" and url is None and kafka not in ("auto", server.kind):
            raise StackError(f"{server.title} runs here already: `doublestar down` first, to run {kafka} instead")


def _have_mongo(home: Path, servers: dict[Name, Server], url: str | None, say: Say) -> None:
    if _keep(servers, "mongo", say):
        return
    if url:
        _record(home, servers, Server("mongo", "external", mongo_version(url), url))
    else:
        _launch_somewhere(home, servers, "mongod")
    say(f"{servers['mongo'].title} on {servers['mongo'].address}")


def _undo_mongo(home: Path, servers: dict[Name, Server], before: Server | None, say: Say) -> None:
    """There is no stack with one server: what was started for it is not left running, and is remembered as it was."""
    server = servers.get("mongo")
    if server is None or server == before:
        return
    if not server.external and end(server.pid, server.started):
        say(f"{server.title} stopped again")
    servers.pop("mongo")
    if before is not None:
        servers["mongo"] = before
    save(home, servers)


def _have_kafka(home: Path, servers: dict[Name, Server], wanted: Wanted, url: str | None, say: Say) -> None:
    if _keep(servers, "kafka", say):
        return
    if url:
        require_kafka(url)
        _record(home, servers, Server("kafka", "external", "unknown", url))
        say(f"Kafka: the one at {url}, which others run")
        return
    found = apache.find() if wanted != "noida" else Found()
    choice = choose(wanted, found)
    if choice.kind == "apache":
        choice = _with_jars(wanted, say)
    _launch_somewhere(home, servers, choice.kind)
    detail = f" (Java {found.java})" if choice.kind == "apache" else ""
    detail = f", an in-memory stand-in ({choice.why})," if choice.kind == "noida" else detail
    say(f"Kafka: {servers['kafka'].title}{detail} on {servers['kafka'].address}")


def _with_jars(wanted: Wanted, say: Say) -> Choice:
    try:
        apache.fetch_jars(say)
    except StackError as error:
        if wanted == "apache":
            raise
        say(str(error))
        return Choice("noida", "Maven could not fetch Apache Kafka")
    return Choice("apache")


def _keep(servers: dict[Name, Server], name: Name, say: Say) -> bool:
    """Is the recorded one still running? It may have been interrupted while starting, so it is waited for too."""
    server = servers.get(name)
    if server is None or server.external or not alive(server.pid, server.started):
        return False
    try:
        _RUNNERS[server.kind].ready(server)
    except StackError:
        if alive(server.pid, server.started):
            raise
        return False  # it was just dying
    say(f"{server.title} runs already on {server.address}")
    return True


def _launch_somewhere(home: Path, servers: dict[Name, Server], kind: str) -> None:
    """On the port that a dead one of the kind had, which clients may still be calling, or else on a free one."""
    ports = [server.port for server in servers.values() if server.kind == kind]
    ports += [free_port() for _ in range(_PORT_TRIES)]
    for port in ports[:-1]:
        with contextlib.suppress(PortTakenError):  # another checkout was faster
            return _launch(home, servers, kind, port)
    return _launch(home, servers, kind, ports[-1])


def _launch(home: Path, servers: dict[Name, Server], kind: str, port: int) -> None:
    runner = _RUNNERS[kind]
    wait_usable(port)
    server: Server = runner.launch(home, port)
    _record(home, servers, server)  # before it is ready: if we are killed while waiting, `down` still knows it
    try:
        runner.ready(server)
    except BaseException:  # also Ctrl-C: what did not come up is not left running
        end(server.pid, server.started, patience_s=3.0)
        raise


def _record(home: Path, servers: dict[Name, Server], server: Server) -> None:
    servers[server.name] = server
    save(home, servers)
