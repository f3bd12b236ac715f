"""The command line enters a room when one of its commands is asked for, and finds every command."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import typer

from shared.cli import main, rooms, rules

HERE = Path(main.__file__).parent


def commands(app: typer.Typer) -> dict[str, str | None]:
    """Names with the first line of their help; asking for them enters every room."""
    return {name: each.help for name, each in typer.main.get_group(app).commands.items()}


def test_every_command_of_every_room_is_found() -> None:
    """Breaks when a room has a command that its group does not name, or a name leads to no command."""
    found = {**commands(main.app), **{f"rules {name}": said for name, said in commands(rules.app).items()}}
    assert all(found.values()), found
    for file in HERE.glob("*.py"):
        room = import_module(f"shared.cli.{file.stem}")
        if file.stem == "main" or not hasattr(room, "register"):
            continue
        to = typer.Typer()
        room.register(to)
        prefix = "rules " if file.stem.startswith("rules_") else ""
        for name in typer.main.get_group(to).commands:
            assert prefix + name in found, f"{file.name}: {name}"


@pytest.mark.parametrize("words", [["rules", "check", "no-such-file.yaml"], ["clock", "show"], ["rules", "backtest"]])
def test_what_asks_no_server_loads_none_of_their_libraries(words: list[str]) -> None:
    """Else every check of a file waits for them. Mechanism: `rooms._Commands` imports a room when it is asked for."""
    said = (
        "import sys\nfrom shared.cli.main import app\n"
        f"try: app({words!r})\nexcept SystemExit: pass\n"
        "print([each for each in ('fastapi', 'faststream', 'aiokafka', 'pymongo', 'uvicorn') if each in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_what_fails_while_a_room_loads_comes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mechanism: `rooms._Commands` lets no KeyError of a room out; `Mapping.get` would take it for a name that is in no
    table, and the command would be told not to exist."""

    def fails(_: str) -> None:
        raise KeyError("HOME")

    monkeypatch.setattr(rooms, "import_module", fails)
    found = rooms.group({"show": "clock"})().commands
    with pytest.raises(RuntimeError, match="the room clock of the command show cannot be entered: KeyError"):
        found.get("show")
    assert found.get("shwo") is None
