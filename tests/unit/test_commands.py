"""Commands whose servers are away: one line that says what, where and what to do, and an exit code of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
from pymongo.errors import ServerSelectionTimeoutError
from typer.testing import CliRunner

from shared.cli import main, play
from shared.demo import grocer
from shared.settings import Settings
from shared.stack import Stack
from shared.stack.process import free_port


def run(home: Path, *arguments: str, **servers: str) -> tuple[int, str, str]:
    """`doublestar` as a process, as libraries write to its stderr too: exit code, stdout, stderr."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DOUBLESTAR_")}
    given = {f"DOUBLESTAR_{name.upper()}": value for name, value in servers.items()}
    done = subprocess.run(
        [sys.executable, "-m", "shared.cli.main", *arguments],
        env={**clean, **given, "DOUBLESTAR_HOME": str(home)}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_kafka_away(tmp_path: Path) -> None:
    """Breaks when `Watch.start` leaves its clients open, and without the handlers that keep drivers quiet."""
    kafka = f"127.0.0.1:{free_port()}"
    assert run(tmp_path, "reconcile", kafka=kafka, mongo="mongodb://127.0.0.1:1/?replicaSet=rs0") == (
        2,
        "",
        f"no Kafka answers at {kafka}: start it with `doublestar up`, or set DOUBLESTAR_KAFKA to one that runs\n",
    )


def test_publish_with_kafka_away(tmp_path: Path) -> None:
    """A clear line, and the exit code of a server that gave no answer. Breaks when it is told as a refusal."""
    kafka, file = f"127.0.0.1:{free_port()}", tmp_path / "event.json"
    file.write_text("{}")
    assert run(tmp_path, "publish", "grocer", str(file), "--raw", kafka=kafka) == (
        2,
        "",
        f"no Kafka answers at {kafka}: start it with `doublestar up`, or set DOUBLESTAR_KAFKA to one that runs\n",
    )
    assert run(tmp_path, "publish", "grocer", str(file), "--raw")[0] == 2, "nor is there one of this checkout"


@pytest.mark.parametrize("command", [("why", "--member", "grocer:900"), ("deadletters", "list")])
def test_mongodb_away(command: tuple[str, ...], tmp_path: Path) -> None:
    """Its address is told, and neither the driver's view of the cluster nor a password."""
    mongo = f"127.0.0.1:{free_port()}"
    url = f"mongodb://someone:secret@{mongo}/?replicaSet=rs0"
    assert run(tmp_path, *command, kafka="127.0.0.1:1", mongo=url) == (
        2,
        "",
        f"no MongoDB answers at {mongo}: start it with `doublestar up`, or set DOUBLESTAR_MONGO to one that runs\n",
    )


def test_the_status_of_servers_that_do_not_answer(tmp_path: Path) -> None:
    """Breaks where only the checkout's own servers are looked at: nothing would run, and nothing be wrong."""
    kafka, mongo = (f"127.0.0.1:{free_port()}" for _ in range(2))
    code, told, error = run(tmp_path, "status", kafka=kafka, mongo=f"mongodb://someone:secret@{mongo}/?replicaSet=rs0")
    assert (code, error) == (1, "")
    assert told.count("does not answer") == 2
    *_, first, second = told.splitlines()
    assert first.startswith(f"no MongoDB answers at {mongo} (")  # the system's own word for "refused"
    assert first.endswith("): check DOUBLESTAR_MONGO, or unset it")
    assert second == f"no Kafka answers at {kafka}: check DOUBLESTAR_KAFKA, or unset it"
    assert "secret" not in told
    assert run(tmp_path, "status", kafka=kafka)[0] == 1, "one of them is enough"
    assert run(tmp_path, "status")[0] == 0, "nothing is asked for, nothing runs"


def test_a_url_that_is_none(tmp_path: Path) -> None:
    code, told, error = run(tmp_path, "why", "--member", "grocer:900", mongo="mongodb://127.0.0.1:port/")
    assert (code, told, error.count("\n")) == (2, "", 1)
    assert error.startswith("DOUBLESTAR_MONGO cannot be used as it is: Port contains non-digit characters")


def test_no_servers_at_all(tmp_path: Path) -> None:
    code, told, error = run(tmp_path, "reconcile")
    assert (code, told, error.count("\n")) == (2, "", 1)
    assert error.startswith("no mongo to talk to: run `doublestar up`, or set DOUBLESTAR_MONGO")


def test_a_server_of_the_demo_that_dies_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo ends as the other commands do. Breaks where it knows of its own errors only."""
    servers = Stack("mongodb://127.0.0.1:2/?replicaSet=rs0", "127.0.0.1:3", "apache", "4.1.0", "6.0.5", tmp_path)

    async def dies(*_: Any) -> None:
        raise ServerSelectionTimeoutError("127.0.0.1:2: Connect call failed, Topology Description: <...>")

    for name in [each for each in os.environ if each.startswith("DOUBLESTAR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(play, "settings", lambda: Settings(home=tmp_path))
    monkeypatch.setattr(play, "_fresh", lambda *_: servers)
    monkeypatch.setattr(play, "_play", dies)
    monkeypatch.setattr(grocer, "counts", lambda _: {})
    app = typer.Typer()
    play.register(app)
    shown = CliRunner().invoke(app, [])
    assert shown.exit_code == 2
    assert shown.stderr == (
        "no MongoDB answers at 127.0.0.1:2: start it with `doublestar up`, or set DOUBLESTAR_MONGO to one that runs\n"
    )


def test_which_release_it_is() -> None:
    """As pyproject.toml has it, whatever else is set wrong."""
    stated = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert CliRunner().invoke(main.app, ["--version"]).output == f"doublestar {stated}\n"
