"""What runs in a checkout is known, whoever started it: listed, ended with whoever restarts it, never wiped under."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from shared.ops.running import end, forget, note, running

AWAY = {"DOUBLESTAR_KAFKA": "127.0.0.1:1", "DOUBLESTAR_MONGO": "mongodb://127.0.0.1:1/?replicaSet=rs0"}
# `doublestar run all`, its services played by a script that sleeps.
ALL = "import sys; from shared.cli.main import app; sys.executable = sys.argv[1]; app(['run', 'all'])"


def environment(home: Path, **more: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DOUBLESTAR_")}
    return {**clean, "DOUBLESTAR_HOME": str(home), **more}


def command(home: Path, *arguments: str, **more: str) -> tuple[int, str]:
    """`doublestar` as a process: exit code, and all that it says."""
    done = subprocess.run(
        [sys.executable, "-m", "shared.cli.main", *arguments],
        env=environment(home, COLUMNS="200", **more), capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def until(condition: Callable[[], bool], what: str, patience_s: float = 30.0) -> None:
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


@pytest.fixture
def run_all(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A live `run all`, the four services and the API running."""
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\nexec sleep 600\n")
    script.chmod(0o755)
    process = subprocess.Popen(
        [sys.executable, "-c", ALL, str(script)], env=environment(tmp_path, **AWAY), stdout=subprocess.DEVNULL
    )
    try:
        until(lambda: len(running(tmp_path)) == 6, "four services, the API and their supervisor")
        yield process
    finally:
        process.kill()
        process.wait()
        end(tmp_path)


def test_down_ends_the_supervisor_too_and_leaves_nothing(tmp_path: Path, run_all: subprocess.Popen[bytes]) -> None:
    """Breaks when the supervisor is not noted, or services are ended first: it would start them again for ever."""
    before = running(tmp_path)
    assert [each.what for each in before] == ["run all", "api-0", "campaigns-0", "earn-0", "notify-0", "tiers-0"]
    code, said = command(tmp_path, "down")
    assert (code, said.splitlines()[:6]) == (0, [f"{each.what} stopped" for each in before])
    assert run_all.wait(20) == 0, "it was asked to stop, not killed"
    assert running(tmp_path) == []
    assert [each.pid for each in before if psutil.pid_exists(each.pid)] == []
    assert list((tmp_path / "running").iterdir()) == []


def test_status_tells_that_nobody_restarts_the_services(tmp_path: Path, run_all: subprocess.Popen[bytes]) -> None:
    """Breaks without `Running.unsupervised`. What outlived its supervisor is ended all the same."""
    told = "api-0, campaigns-0, earn-0, notify-0, tiers-0: without supervisor"
    assert told not in command(tmp_path, "status")[1]
    run_all.kill()
    run_all.wait()
    assert told in command(tmp_path, "status")[1]
    assert sorted(end(tmp_path)) == ["api-0", "campaigns-0", "earn-0", "notify-0", "tiers-0"]
    assert running(tmp_path) == []


def test_a_service_run_alone_is_listed_ended_and_kept_from_being_wiped_under(tmp_path: Path) -> None:
    """Breaks when only supervisors note what runs."""
    alone = subprocess.Popen(
        [sys.executable, "-m", "shared.cli.main", "run", "earn", "--worker", "3"],
        # It would give up after a minute, which a busy machine may need for what is asked below.
        env=environment(tmp_path, **AWAY, DOUBLESTAR_OUTAGE_S="900"), stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until(lambda: [each.what for each in running(tmp_path)] == ["earn-3"], "the service to be noted")
        [one] = running(tmp_path)
        assert (one.pid, one.service, one.worker, one.unsupervised) == (alone.pid, "earn", 3, False)
        code, said = command(tmp_path, "status")
        assert code == 1, "its servers are away, so it answers nothing"
        assert f"│ earn-3  │ does not answer │ 0          │ 0   │ 0       │ {alone.pid}" in said
        code, said = command(tmp_path, "demo")
        assert (code, said.split(":")[0]) == (1, "earn-3 run here")
        assert command(tmp_path, "run", "all", **AWAY) == (
            1,
            "earn-3 run here already: stop them (or `doublestar down`) first\n",
        )
        assert command(tmp_path, "down")[1].splitlines()[0] == "earn-3 stopped"
        alone.wait(20)
        assert running(tmp_path) == []
    finally:
        alone.kill()
        alone.wait()


def test_a_later_process_with_the_number_of_one_that_was_killed_is_not_taken_for_it(tmp_path: Path) -> None:
    """Breaks when only the pid is compared: `down` would end somebody else's process."""
    other = subprocess.Popen(["sleep", "600"])
    try:
        note(tmp_path, other.pid, "earn-0", service="earn")
        file = tmp_path / "running" / f"{other.pid}.json"
        text = file.read_text()
        started = str(psutil.Process(other.pid).create_time())
        file.write_text(text.replace(started, str(float(started) - 3600)))
        assert end(tmp_path) == []
        assert other.poll() is None
        assert not file.exists()
    finally:
        other.send_signal(signal.SIGKILL)
        other.wait()


def test_what_cannot_be_read_is_no_process(tmp_path: Path) -> None:
    """A half-written or foreign file must not stop `down`."""
    (tmp_path / "running").mkdir()
    (tmp_path / "running" / "1.json").write_text('{"pid": ')
    assert running(tmp_path) == []
    forget(tmp_path, 1)
