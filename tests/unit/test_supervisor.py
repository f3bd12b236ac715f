"""Which workers are started again: those that died, not those that said what to mend. The workers here are scripts."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from shared.cli.main import app
from shared.ops.supervisor import Supervisor

BROKEN = "programs/p/definitions/base.yaml:2:7: no kind is called earning"
# Stands for `python -m shared.cli.main run SERVICE ...`: the fourth argument is the service.
SCRIPT = """#!/bin/sh
case $4 in
  campaigns) {campaigns} ;;
  earn) {earn} ;;
  *) exec sleep 60 ;;
esac
"""


Does = Callable[..., None]


@pytest.fixture
def campaigns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Does:
    """Says what campaigns does: it ends at once with a broken definition, unless told otherwise. The others sleep; but
    earn may be told otherwise, too."""
    script = tmp_path / "python"
    monkeypatch.setattr(sys, "executable", str(script))

    def does(what: str, earn: str = "exec sleep 60") -> None:
        script.write_text(SCRIPT.format(campaigns=what, earn=earn))
        script.chmod(0o755)

    does(f"echo '{BROKEN}' >&2; exit 2")
    return does


async def ended(supervisor: Supervisor, over: asyncio.Event) -> None:
    """Runs until a worker cannot be run as it is set up."""
    await supervisor.start()
    try:
        await asyncio.wait_for(over.wait(), 20)
    finally:
        await supervisor.stop()


async def test_a_worker_that_cannot_run_as_it_is_set_up_is_not_started_again(tmp_path: Path, campaigns: Does) -> None:
    log = tmp_path / "logs" / "campaigns-0.log"
    log.parent.mkdir()
    log.write_text("what an earlier process wrote\n")
    said, over = list[str](), asyncio.Event()
    supervisor = Supervisor(tmp_path, ["campaigns"], say=said.append, on_misconfigured=over.set)
    await ended(supervisor, over)
    assert said == [f"campaigns-0 cannot run as it is set up; its log: {log}\n{BROKEN}"]
    assert supervisor.misconfigured
    assert [each.restarts for each in supervisor.workers] == [0]


async def test_two_workers_say_it_once(tmp_path: Path, campaigns: Does) -> None:
    """Breaks when their logs, with the worker and the time in each line, are compared too."""
    campaigns(f"""echo "{{\\"worker\\": $6}}" >&2; echo '{BROKEN}' >&2; exit 2""")
    said, over = list[str](), asyncio.Event()
    supervisor = Supervisor(tmp_path, ["campaigns"], workers=2, say=said.append, on_misconfigured=over.set)
    await supervisor.start()
    await asyncio.wait_for(asyncio.gather(*[each.task for each in supervisor.workers if each.task]), 20)
    await supervisor.stop()
    assert [each.rpartition("\n")[2] for each in said] == [BROKEN]


async def test_a_long_message_is_shown_from_its_end(tmp_path: Path, campaigns: Does) -> None:
    campaigns("seq 1 40; exit 2")
    said, over = list[str](), asyncio.Event()
    await ended(Supervisor(tmp_path, ["campaigns"], say=said.append, on_misconfigured=over.set), over)
    assert said[0].splitlines()[1:] == ["...", *(str(n) for n in range(11, 41))]


async def test_a_worker_that_died_is_started_again(tmp_path: Path, campaigns: Does) -> None:
    campaigns("test -e $0.died && exit 2; touch $0.died; exit 1")
    said, over = list[str](), asyncio.Event()
    supervisor = Supervisor(tmp_path, ["campaigns"], say=said.append, on_misconfigured=over.set)
    await ended(supervisor, over)
    assert said[0].startswith("campaigns-0 ended (1); started again in 0.2 s")
    assert [each.restarts for each in supervisor.workers] == [1]


async def test_a_worker_whose_port_is_taken_gets_another(tmp_path: Path, campaigns: Does) -> None:
    """Breaks when such a worker counts as misconfigured, and when it is started on the same port again."""
    campaigns('echo "$8" >>$0.ports; test $(wc -l <$0.ports) = 1 && exit 3; echo "why" >&2; exit 2')
    said, over = list[str](), asyncio.Event()
    supervisor = Supervisor(tmp_path, ["campaigns"], say=said.append, on_misconfigured=over.set)
    await ended(supervisor, over)
    first, second = (tmp_path / "python.ports").read_text().split()
    assert first != second == str(supervisor.workers[0].port)
    assert said[0].startswith(f"campaigns-0 found its port {first} taken; started again on port {second} in 0.2 s")


async def test_a_port_that_the_operator_gave_is_the_operators_to_mend(tmp_path: Path, campaigns: Does) -> None:
    campaigns("echo 'port 8000: address already in use' >&2; exit 3")
    said, over = list[str](), asyncio.Event()
    supervisor = Supervisor(tmp_path, ["campaigns"], say=said.append, on_misconfigured=over.set)
    supervisor.workers[0].given_port = True
    await ended(supervisor, over)
    assert supervisor.misconfigured
    assert said[0].endswith("port 8000: address already in use")


def test_run_all_ends_with_what_is_wrong_and_leaves_nothing_running(
    tmp_path: Path, campaigns: Does, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = shown_by_run_all(tmp_path, monkeypatch)
    assert lines.count(BROKEN) == 1
    assert lines[-1] == "stopping: each finishes its batch"
    assert list((tmp_path / "running").iterdir()) == []


def test_run_all_shows_each_fault_though_one_is_known_first(
    tmp_path: Path, campaigns: Does, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Breaks without `hear_out`, and when only the first fault is shown."""
    later = f"sleep 0.5; echo '{BROKEN}' >&2; exit 2"
    campaigns(later, earn=later.replace("0.5", "0.8").replace(BROKEN, "the programme is of another release"))
    lines = shown_by_run_all(tmp_path, monkeypatch, "--workers", "2")
    assert [lines.count(each) for each in (BROKEN, "the programme is of another release")] == [1, 1]


def shown_by_run_all(home: Path, monkeypatch: pytest.MonkeyPatch, *options: str) -> list[str]:
    """What `doublestar run all` says until it ends because of what is wrong."""
    for name, value in (("HOME", str(home)), ("KAFKA", "127.0.0.1:1"), ("MONGO", "mongodb://127.0.0.1:1/")):
        monkeypatch.setenv(f"DOUBLESTAR_{name}", value)
    shown = CliRunner().invoke(app, ["run", "all", *options])
    assert shown.exit_code == 2
    return shown.output.splitlines()
