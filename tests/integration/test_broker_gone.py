"""A service whose broker goes away and stays away: not ready, then gone, and its last words say what it waited for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import psutil
import pytest

from shared import stack
from shared.stack.process import free_port

OUTAGE_S = 6.0


def environment(home: Path, **more: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DOUBLESTAR_")}
    return {**clean, "DOUBLESTAR_HOME": str(home), "DOUBLESTAR_OUTAGE_S": str(OUTAGE_S), **more}


def run(home: Path, service: str, *more: str, **settings: str) -> subprocess.Popen[bytes]:
    """A service in a process of its own; its log is `<home>/<service>.log`."""
    with (home / f"{service}.log").open("wb") as log:
        arguments = [sys.executable, "-m", "shared.cli.main", "run", service, *more]
        return subprocess.Popen(arguments, env=environment(home, **settings), stdout=log, stderr=log)


def until(condition: Callable[[], bool], what: str, patience_s: float = 60.0) -> None:
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.05)


def answer(port: int, path: str) -> int:
    """The status of a GET; 0 where nobody answers."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/health/{path}", timeout=2) as answered:
            return int(answered.status)
    except HTTPError as error:
        return error.code
    except OSError:
        return 0


@pytest.fixture
def here(tmp_path: Path) -> Iterator[stack.Stack]:
    """Servers of the test's own, of which it may kill one."""
    try:
        yield stack.start(tmp_path, kafka="noida")
    finally:
        stack.stop(tmp_path, wipe=True)


def test_a_service_whose_broker_is_gone_turns_unready_and_ends(here: stack.Stack) -> None:
    """Breaks without `Reach`, and when closing the clients of a broker that is gone is waited for without a bound."""
    port = free_port()
    service = run(here.home, "campaigns", "--port", str(port))
    try:
        until(lambda: answer(port, "ready") == 200, "the service to be ready")
        psutil.Process(stack.read_state(here.home)["kafka"]["pid"]).kill()
        killed = time.monotonic()
        until(lambda: answer(port, "ready") == 503, "it to be unready")
        assert service.wait(60) == 1
        assert time.monotonic() - killed >= OUTAGE_S, "an outage is to be outlasted for as long as the setting says"
    finally:
        service.kill()
        service.wait()
    lines = [json.loads(line) for line in (here.home / "campaigns.log").read_text().splitlines()]
    [gave_up] = [each for each in lines if each["event"] == "consumer gave up; the process ends"]
    assert gave_up["error"] == f"GaveUpError: no answer of the broker for {OUTAGE_S:.0f} s"


def test_a_service_that_waits_for_a_programme_ends_too(here: stack.Stack) -> None:
    """Breaks when only consumers ask whether the broker answers: none is there yet."""
    service = run(here.home, "tiers")
    try:
        log = here.home / "tiers.log"
        until(lambda: "waiting for a programme" in log.read_text(), "the service to wait")
        psutil.Process(stack.read_state(here.home)["kafka"]["pid"]).kill()
        assert service.wait(60) == 1
    finally:
        service.kill()
        service.wait()
    assert json.loads(log.read_text().splitlines()[-1])["error"] == "GaveUpError: no answer of the broker for 6 s"


@pytest.mark.parametrize("gone", ["mongo", "kafka"])
def test_the_last_line_of_a_start_that_was_given_up_names_the_address(gone: str, here: stack.Stack) -> None:
    """Breaks when the error's type is told alone."""
    nobody = f"127.0.0.1:{free_port()}"
    away = {"mongo": f"mongodb://somebody:secret@{nobody}/?replicaSet=rs0", "kafka": nobody}[gone]
    service = run(here.home, "tiers", **{f"DOUBLESTAR_{gone.upper()}": away})
    assert service.wait(90) == 1
    last = json.loads((here.home / "tiers.log").read_text().splitlines()[-1])
    name = {"mongo": "MongoDB", "kafka": "Kafka"}[gone]
    assert last["event"] == "the service ends"
    assert last["error"].startswith(f"GaveUpError: no {name} that can be used at {nobody} for 6 s (")
    assert "secret" not in (here.home / "tiers.log").read_text()
