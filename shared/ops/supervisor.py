"""Runs services as processes of their own on one machine, and restarts those that die: what an orchestrator does."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Final

from shared.ops.running import forget, note
from shared.stack.process import free_port

SERVICES: Final = ("campaigns", "earn", "tiers", "notify")
API: Final = "api"  # earn's HTTP API, a process of its own in earn's database
_FIRST_WAIT_S: Final = 0.2
_LONGEST_WAIT_S: Final = 10.0
_STEADY_AFTER_S: Final = 20.0
_GRACE_S: Final = 25.0
_SHOWN_LINES: Final = 30
_LONGEST_HEARING_S: Final = 10.0
# What a service ends with when it cannot run as it is set up (a broken definition, an impossible setting): it has said
# what to write instead, and would say it again however often it were started.
MISCONFIGURED: Final = 2
# What it ends with when somebody else listens on its port: between our choosing a port and a process's listening there
# a second or two go by. One that we chose is chosen anew; one that the operator gave is for the operator to mend.
PORT_TAKEN: Final = 3


@dataclass
class Worker:
    """One process of one service."""

    service: str
    number: int
    port: int
    log: Path
    process: asyncio.subprocess.Process | None = None
    task: asyncio.Task[None] | None = None
    restarts: int = 0
    started_at: float = field(default_factory=monotonic)
    log_begins: int = 0
    given_port: bool = False  # by the operator

    @property
    def name(self) -> str:
        """`earn-0`"""
        return f"{self.service}-{self.number}"

    def said(self) -> str:
        """The last lines that the process wrote; what earlier ones wrote into the same log is not its own."""
        try:
            with self.log.open("rb") as log:
                log.seek(self.log_begins)
                lines = log.read().decode(errors="replace").splitlines()
        except OSError as error:  # somebody took the log away: that must not keep the others running
            return f"(no log: {error.strerror})"
        return "\n".join([*(["..."] if len(lines) > _SHOWN_LINES else []), *lines[-_SHOWN_LINES:]])

    def fault(self) -> str:
        """The same without what it logged, which names the worker and the time: two with one fault say one thing."""
        said = self.said()
        return "\n".join(line for line in said.splitlines() if not line.startswith("{")) or said


class Supervisor:
    """Keeps `workers` processes of each service running until `stop`.

    A process that ends is started again after 0.2 s, then after twice as long each time up to `longest_wait_s`, and
    after 0.2 s again once it has run for 20 s. One that ends with MISCONFIGURED is not: its message is shown, unless
    another one has said the same, and `on_misconfigured` is called, for whoever runs this to stop all. One whose port
    is taken is started again on another, unless the operator gave it.
    """

    def __init__(
        self,
        home: Path,
        services: Sequence[str] = SERVICES,
        *,
        workers: int | Mapping[str, int] = 1,
        environment: dict[str, str] | None = None,
        say: Callable[[str], None] = lambda _: None,
        longest_wait_s: float = _LONGEST_WAIT_S,
        on_misconfigured: Callable[[], None] = lambda: None,
    ) -> None:
        self._home = home.resolve()
        self._longest_wait_s = longest_wait_s
        self._say = say
        self._on_misconfigured = on_misconfigured
        self.misconfigured = False
        self._faults: set[str] = set()
        self._took_s = 0.0  # from start to fault, the longest
        self._environment = {**os.environ, **(environment or {})}
        self._stopping = False
        self._logs = self._home / "logs"
        self._logs.mkdir(parents=True, exist_ok=True)
        self.workers = [
            self._worker(service, number)
            for service in services
            for number in range(workers if isinstance(workers, int) else workers.get(service, 1))
        ]

    def _worker(self, service: str, number: int) -> Worker:
        return Worker(service, number, free_port(), self._logs / f"{service}-{number}.log")

    async def start(self) -> None:
        """Starts all; each is watched from then on."""
        for worker in self.workers:
            await self._start(worker)

    async def add(self, service: str) -> Worker:
        """One more worker of a service, under the lowest number that is free."""
        taken = {each.number for each in self.workers if each.service == service}
        worker = self._worker(service, next(number for number in range(len(taken) + 1) if number not in taken))
        self.workers.append(worker)
        await self._start(worker)
        return worker

    async def remove(self, worker: Worker) -> int:
        """Asks one worker to finish its batch and end, for good; returns its exit code."""
        self.workers.remove(worker)
        return (await self._end([worker]))[0]

    async def stop(self) -> None:
        """Asks all to finish their batch and end; what does not end in time is killed."""
        self._stopping = True
        await self._end(self.workers)

    async def _end(self, workers: Sequence[Worker]) -> list[int]:
        tasks = [worker.task for worker in workers if worker.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        processes = [worker.process for worker in workers if worker.process is not None]
        for process in processes:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
        ends = [asyncio.create_task(process.wait()) for process in processes]
        if ends:
            _, late = await asyncio.wait(ends, timeout=_GRACE_S)
            for process in processes if late else ():
                if process.returncode is None:
                    process.kill()
        codes = list(await asyncio.gather(*ends))
        for process in processes:
            forget(self._home, process.pid)
        return codes

    def kill(self, worker: Worker) -> bool:
        """kill -9, for crash tests; False when it was not running."""
        if worker.process is None or worker.process.returncode is not None:
            return False
        worker.process.kill()
        return True

    async def _watch(self, worker: Worker) -> None:
        wait = _FIRST_WAIT_S
        while not self._stopping:
            assert worker.process is not None
            code = await worker.process.wait()
            forget(self._home, worker.process.pid)
            taken = code == PORT_TAKEN
            if code == MISCONFIGURED or (taken and worker.given_port):
                self._show_fault(worker)
                return
            if monotonic() - worker.started_at > _STEADY_AFTER_S:
                wait = _FIRST_WAIT_S
            if taken:
                before, worker.port = worker.port, free_port()
                why, how = f"found its port {before} taken", f"on port {worker.port} "
            else:
                why, how = f"ended ({code})", ""
            self._say(f"{worker.name} {why}; started again {how}in {wait:.1f} s; its log: {worker.log}")
            await asyncio.sleep(wait)
            wait = min(self._longest_wait_s, wait * 2)
            worker.restarts += 1
            await self._spawn(worker)

    def _show_fault(self, worker: Worker) -> None:
        if (fault := worker.fault()) not in self._faults:
            self._say(f"{worker.name} cannot run as it is set up; its log: {worker.log}\n{worker.said()}")
        self._faults.add(fault)
        self._took_s = max(self._took_s, monotonic() - worker.started_at)
        self.misconfigured = True
        self._on_misconfigured()

    async def hear_out(self) -> None:
        """Lets the others say what is wrong with them, too, before they are stopped, or it would take as many starts as
        there are faults: they get as long again as it took until the first was known."""
        tasks = [worker.task for worker in self.workers if worker.task is not None]
        await asyncio.wait(tasks, timeout=min(self._took_s, _LONGEST_HEARING_S))

    async def _start(self, worker: Worker) -> None:
        await self._spawn(worker)
        worker.task = asyncio.create_task(self._watch(worker), name=worker.name)

    async def _spawn(self, worker: Worker) -> None:
        with worker.log.open("ab") as log:
            worker.log_begins = log.tell()
            worker.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "shared.cli.main",
                "run",
                worker.service,
                "--worker",
                str(worker.number),
                "--port",
                str(worker.port),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**self._environment, "DOUBLESTAR_HOME": str(self._home)},
            )
        worker.started_at = monotonic()
        note(
            self._home, worker.process.pid, worker.name, service=worker.service, worker=worker.number,
            port=worker.port, log=str(worker.log), supervised=True,
        )  # fmt: skip
