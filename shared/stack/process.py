"""One server as an operating-system process: started detached, recognised later, waited for, ended without a trace."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

_FIRST_PORT = 20_000
# Which part of the ports, such as 2/8, where several start servers side by side (tests): between our choosing a port
# and a service's binding it a second or two go by, in which another would take it.
PART_OF_PORTS = "DOUBLESTAR_TEST_PORTS"
_given: set[int] = set()  # by this process
_POLL_S = 0.05
# Children of this very process stay zombies until someone asks for their exit status: keep them so that `alive` can.
_children: dict[int, subprocess.Popen[bytes]] = {}


class StackError(RuntimeError):
    """A server cannot be started, reached or found; the text says what to do."""


class PortTakenError(StackError):
    """Someone took the port between our choosing it and the server's binding it."""


def free_port() -> int:
    """A free loopback port, below the range of outgoing connections: a client that keeps calling a killed server
    would sooner or later get the server's own port as its source, and the server could not come back to it."""
    ports = part_of_ports(range(_FIRST_PORT, _outgoing_ports_begin()), os.environ.get(PART_OF_PORTS, "0/1"))
    for _ in range(50 if len(ports) > 1000 else 0):
        port = random.choice(ports)
        if port not in _given and _bindable(port):
            _given.add(port)
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def part_of_ports(ports: range, part: str) -> range:
    """Every so many-th of them; part: `which/of how many`."""
    which, _, of = part.partition("/")
    return ports[int(which) % int(of) :: int(of)]


def unusable(host: str, port: int) -> str | None:
    """Why nobody can listen there, in the system's words; None where it is free."""
    try:
        with socket.create_server((host, port)):
            return None
    except OSError as error:
        return (error.strerror or str(error)).split(" (while")[0].lower()


def wait_usable(port: int, patience_s: float = 2.0) -> None:
    """Return when somebody can listen on a loopback port, or when it stays taken. A process that was killed counts as
    dead a moment before the last of its threads is, which still holds its port."""
    deadline = time.monotonic() + patience_s
    while unusable("127.0.0.1", port) is not None and time.monotonic() < deadline:
        time.sleep(0.02)


def spawn(command: Sequence[str], log: Path, cwd: Path) -> tuple[int, float]:
    """Start a server that outlives this process; its pid and creation time together name it for ever."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_name(log.name + ".1"))  # how the last run ended stays readable; older ones do not pile up
    with log.open("wb") as out:
        child = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            start_new_session=True,
        )
    _children[child.pid] = child
    return child.pid, psutil.Process(child.pid).create_time()


def alive(pid: int, started: float) -> bool:
    """Is this the process that we started, and not a later one that was given its number?"""
    if pid in _children and _children[pid].poll() is not None:
        del _children[pid]
    try:
        process = psutil.Process(pid)
        # The clock of the machine may be set meanwhile, which moves creation times a little.
        return abs(process.create_time() - started) < 2.0 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def listens(pid: int, port: int) -> bool:
    """Does this process itself hold the port? Otherwise what answers there is someone else's server."""
    try:
        connections = psutil.Process(pid).net_connections(kind="tcp")
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True  # not told by this system: trust the answer
    return any(c.status == psutil.CONN_LISTEN and c.laddr.port == port for c in connections)


def wait_ready(  # the caller's whole knowledge of the server, in words and in numbers
    name: str, pid: int, started: float, port: int, log: Path, answers: Callable[[], bool], patience_s: float = 60.0
) -> None:
    """Return when the server really answers; raise with the end of its log when it dies or takes too long."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if not alive(pid, started):
            if "already in use" in tail(log, lines=500):  # in the words of all three
                raise PortTakenError(f"{name} cannot start: port {port} is taken by another process (`ss -ltnp`)")
            raise StackError(f"{name} ended while it was starting. The end of {log}:\n{tail(log)}")
        if listens(pid, port) and answers():
            return
        time.sleep(_POLL_S)
    raise StackError(f"{name} does not answer on port {port} after {patience_s:.0f} s. The end of {log}:\n{tail(log)}")


def end(pid: int, started: float, patience_s: float = 15.0) -> bool:
    """End a server of ours: politely, then for certain. False if it did not run."""
    if not alive(pid, started):
        return False
    for how, wait_s in ((signal.SIGTERM, patience_s), (signal.SIGKILL, 10.0)):
        try:
            psutil.Process(pid).send_signal(how)
        except psutil.NoSuchProcess:
            return True
        deadline = time.monotonic() + wait_s
        while time.monotonic() < deadline:
            if not alive(pid, started):
                return True
            time.sleep(_POLL_S)
    raise StackError(f"process {pid} does not end, even when killed: see what holds it (`ps -o stat,wchan {pid}`)")


def tail(log: Path, lines: int = 15, width: int = 300) -> str:
    """The last lines of a log, without those that say nothing; long ones cut."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 65_536))
            text = file.read().decode(errors="replace")
    except OSError:
        return "(no log)"
    kept = [line for line in text.splitlines() if line.strip()]
    return "\n".join(_plain(line)[:width] for line in kept[-lines:]) or "(the log is empty)"


def _plain(line: str) -> str:
    """A line of mongod's JSON log as people read logs; any other line as it is."""
    try:
        entry = json.loads(line)
        return f"{entry['t']['$date']} {entry['s']} {entry['c']} {entry['msg']} {json.dumps(entry.get('attr', {}))}"
    except (ValueError, KeyError, TypeError):
        return line


def _outgoing_ports_begin() -> int:
    try:
        return int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 32_768


def _bindable(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
