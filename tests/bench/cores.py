"""Which process uses how much of the machine while something is measured: what bounds a figure, instead of a guess."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from time import perf_counter

import psutil

from shared.ops.supervisor import Worker
from shared.settings import Settings
from shared.stack import read_state


class Cores:
    """Seconds of CPU by process, from `begin` on: services by name, `mongod`, `kafka`, and this client."""

    def __init__(self, settings: Settings, workers: Iterable[Worker]) -> None:
        servers = read_state(settings.home)
        self._pids = {worker.name: worker.process.pid for worker in workers if worker.process is not None}
        self._pids |= {"mongod" if name == "mongo" else name: servers[name]["pid"] for name in ("mongo", "kafka")}
        self._pids["client"] = os.getpid()
        self.begin()

    def begin(self) -> None:
        """What is used from now on counts."""
        self._since, self._used = perf_counter(), self._now()

    def seconds(self) -> Mapping[str, float]:
        """Seconds of CPU of each since then."""
        return {name: used - self._used[name] for name, used in self._now().items()}

    def share(self) -> Mapping[str, float]:
        """How many cores each has had, on average."""
        passed = perf_counter() - self._since
        return {name: used / passed for name, used in self.seconds().items()}

    def _now(self) -> dict[str, float]:
        times = {name: psutil.Process(pid).cpu_times() for name, pid in self._pids.items()}
        return {name: float(each.user + each.system) for name, each in times.items()}
