"""What of this checkout runs besides its servers: services, and whoever restarts them; one file a process.

A process that runs services (`run earn`, `run all`, the demo) is noted in `<home>/running/<pid>.json` from its start
to its end, and a supervisor notes each service that it starts. So `status` lists them, `down` ends them, and nobody
empties the servers under them. What a killed process left there is known by its pid and creation time, and taken away.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final

import psutil

from shared.stack.process import alive

_FOLDER: Final = "running"
# A service is given 25 s by its supervisor to finish its batch; the supervisor itself a little longer.
_GRACE_S: Final = 25.0
_SUPERVISORS_GRACE_S: Final = _GRACE_S + 10.0


@dataclass(frozen=True)
class Running:
    """A process. `service` is None for one that only runs others; `by` is the pid of the one that restarts it."""

    pid: int
    started: float  # creation time, as the system tells it: with the pid it names a process for ever
    what: str
    service: str | None = None
    worker: int = 0
    port: int = 0
    log: str = ""
    by: int | None = None
    by_started: float = 0.0

    @property
    def alive(self) -> bool:
        """Whether it is still that process, and not a later one with its number."""
        return alive(self.pid, self.started)

    @property
    def unsupervised(self) -> bool:
        """Whether whoever restarts it is gone: nobody starts it again when it dies."""
        return self.by is not None and not alive(self.by, self.by_started)


@contextmanager
def noted(home: Path, what: str, *, service: str | None = None, worker: int = 0, port: int = 0) -> Iterator[None]:
    """Notes this process for as long as the block lasts; a supervisor's note about it is left as it is."""
    note(home, os.getpid(), what, service=service, worker=worker, port=port)
    try:
        yield
    finally:
        forget(home, os.getpid())


def note(
    home: Path, pid: int, what: str, *, service: str | None = None, worker: int = 0, port: int = 0, log: str = "",
    supervised: bool = False,
) -> None:  # fmt: skip
    """Writes down a process that runs (`supervised`: by this one); one that has ended already is not written.

    Where nothing can be written (a container's read-only disk) nobody starts or stops servers either: it runs unnoted.
    """
    with suppress(psutil.NoSuchProcess, OSError):
        known = _read(_file(home, pid))
        if not supervised and known is not None and known.alive and known.by is not None:
            return  # its supervisor knows more
        by = psutil.Process() if supervised else None
        by_whom = (by.pid, by.create_time()) if by is not None else (None, 0.0)
        one = Running(pid, psutil.Process(pid).create_time(), what, service, worker, port, log, *by_whom)
        folder = home / _FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{pid}.{os.getpid()}.part"
        part.write_text(json.dumps(asdict(one)))
        part.replace(_file(home, pid))


def forget(home: Path, pid: int) -> None:
    """The process has ended."""
    with suppress(OSError):
        _file(home, pid).unlink()


def running(home: Path) -> list[Running]:
    """All that runs: supervisors first, then services by name. Notes of what has ended are removed."""
    found: list[Running] = []
    for file in (home / _FOLDER).glob("*.json"):
        one = _read(file)
        if one is not None and one.alive:
            found.append(one)
        else:
            file.unlink(missing_ok=True)
    return sorted(found, key=lambda each: (each.service is not None, each.what, each.worker, each.pid))


def services(home: Path) -> list[Running]:
    """The services among them."""
    return [each for each in running(home) if each.service is not None]


def end(home: Path) -> list[str]:
    """Ends all of it, supervisors first: one that lives would start again what else is ended. Returns their names."""
    supervisors = [each for each in running(home) if each.service is None]
    before = running(home)
    _end(supervisors, _SUPERVISORS_GRACE_S)
    _end(running(home), _GRACE_S)  # what a supervisor left behind, and what had none
    for each in before:
        forget(home, each.pid)
    return [each.what for each in before]


def _end(some: Iterable[Running], grace_s: float) -> None:
    """Asks all at once to finish what they do; whoever does not in time is killed."""
    left = [each for each in some if each.pid != os.getpid()]
    for how, patience_s in ((signal.SIGTERM, grace_s), (signal.SIGKILL, 10.0)):
        for each in left:
            with suppress(psutil.NoSuchProcess):
                psutil.Process(each.pid).send_signal(how)
        until = time.monotonic() + patience_s
        while (left := [each for each in left if each.alive]) and time.monotonic() < until:
            time.sleep(0.05)


def _file(home: Path, pid: int) -> Path:
    return home / _FOLDER / f"{pid}.json"


def _read(file: Path) -> Running | None:
    """The note; None for one that is not there, or not ours to read."""
    try:
        said = json.loads(file.read_text())
        return Running(**{each.name: said[each.name] for each in fields(Running)})
    except (OSError, ValueError, KeyError, TypeError):
        return None
