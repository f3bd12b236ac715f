"""The house's own rules, kept by a test: who may import whom, what is pure, how long a room may get."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
FILES = sorted(each for folder in ("services", "shared", "tests") for each in (ROOT / folder).rglob("*.py"))
SERVICES = ("earn", "tiers", "campaigns", "notify")
IO_LIBRARIES = {
    "aiokafka",
    "pymongo",
    "faststream",
    "asyncio",
    "socket",
    "subprocess",
    "httpx",
    "uvicorn",
    "os",
    "pathlib",
}
# Decisions and rules: pure. What reads files or talks to servers is listed where it belongs, not here.
PURE = [
    *(ROOT / "shared" / "rules").rglob("*.py"),
    *(ROOT / "shared" / "events").glob("[!sa]*.py"),
    # Of backtests, all but what reads and writes files.
    *(
        each
        for each in (ROOT / "shared" / "backtest").glob("[!_]*.py")
        if each.stem not in ("comparing", "exported", "writing", "page")
    ),
    *(ROOT / "services").glob("*/domain.py"),
    *(
        ROOT / "services" / "earn" / f"{name}.py"
        for name in (
            "intake",
            "ledger",
            "accounts",
            "identities",
            "packs",
            "vouchers",
            "posting",
            "sweeping",
            "milestones",
        )
    ),
    *(ROOT / "shared" / "ledger").glob("*.py"),
    ROOT / "shared" / "ops" / "redacting.py",
    ROOT / "shared" / "ops" / "spellings.py",
    ROOT / "shared" / "ops" / "terms.py",
    *(
        ROOT / "services" / "earn" / "counter" / f"{name}.py"
        for name in (
            "commands",
            "quoting",
            "till",
            "giving",
            "buying",
            "vouchers",
            "voucher_commands",
            "people",
            "people_commands",
            "working",
            "desk",
        )
    ),
    *(each for each in (ROOT / "shared" / "publishing").glob("*.py") if each.name != "office.py"),
    ROOT / "services" / "notify" / "reasons.py",
]


def imports(file: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_imports_another(service: str) -> None:
    """What services share is shared/, and what they tell each other goes by topics."""
    others = tuple(f"services.{other}" for other in SERVICES if other != service)
    found = [(file.name, name) for file in (ROOT / "services" / service).glob("*.py") for name in imports(file)]
    assert [each for each in found if each[1].startswith(others)] == []


def test_shared_imports_no_service() -> None:
    """The runtime must not know who runs in it (the command line finds services by name)."""
    found = [(str(file), name) for file in (ROOT / "shared").rglob("*.py") for name in imports(file)]
    assert [each for each in found if each[1].startswith("services")] == []


@pytest.mark.parametrize("file", PURE, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_decisions_are_pure(file: Path) -> None:
    """Domain and rules import no I/O library, so that a simulation decides exactly as a server does."""
    assert [name for name in imports(file) if name.partition(".")[0] in IO_LIBRARIES] == []


RULES = sorted((ROOT / "shared" / "rules").rglob("*.py"))
# Beside IO_LIBRARIES: what opens, waits, asks the machine or draws lots.
OUTSIDE = {
    "concurrent", "glob", "http", "importlib", "io", "logging", "multiprocessing", "platform", "random", "secrets",
    "select", "shutil", "signal", "ssl", "structlog", "tempfile", "threading", "time", "urllib", "uuid",
}  # fmt: skip
ASKING = {"open", "input", "print", "exec", "eval", "__import__"}
READING = {"read_text", "read_bytes", "write_text", "write_bytes", "environ", "getenv", "utcnow"}
CLOCKS = {("date", "today"), ("datetime", "now"), ("datetime", "today")}
# The names of time zones are listed in a package that is installed with ours; nothing of this machine is asked.
ALLOWED = {"localtime.py": {"importlib.resources", ".read_text"}}
BESIDE = ("shared.rules", "shared.events", "shared.ledger", "shared.currencies")


def outside(tree: ast.Module) -> Iterator[str]:
    """All of a module that reaches for files, sockets, the clock or the environment, as far as it can be read off."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (each.name for each in names if _does_io(each.name))
            case ast.ImportFrom(module=str(name)) if _does_io(name):
                yield name
            case ast.Call(func=ast.Name(id=name)) if name in ASKING:
                yield name
            case ast.Attribute(attr=name) if name in READING:
                yield f".{name}"
            case ast.Attribute(value=ast.Name(id=of), attr=name) if (of, name) in CLOCKS:
                yield f"{of}.{name}"


def _does_io(module: str) -> bool:
    return module.partition(".")[0] in IO_LIBRARIES | OUTSIDE


@pytest.mark.parametrize("file", RULES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_rules_ask_nobody_but_their_arguments(file: Path) -> None:
    """Rules are a library: no file, no socket, no clock, no environment; and of ours only rooms that are as pure."""
    found = set(outside(ast.parse(file.read_text(encoding="utf-8")))) - ALLOWED.get(file.name, set())
    assert found == set()
    assert [name for name in imports(file) if name.startswith(("shared", "services")) and not _beside(name)] == []


def _beside(module: str) -> bool:
    return any(module == each or module.startswith(f"{each}.") for each in BESIDE)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from pathlib import Path", "pathlib"),
        ("def f():\n    import os.path", "os.path"),
        ("open('x')", "open"),
        ("def f(): return path.read_text()", ".read_text"),
        ("from datetime import datetime\nnow = datetime.now()", "datetime.now"),
        ("day = date.today()", "date.today"),
        ("import time", "time"),
    ],
)
def test_what_reaches_outside_is_found(text: str, found: str) -> None:
    """Else the test above would pass of anything."""
    assert list(outside(ast.parse(text))) == [found]
    assert list(outside(ast.parse("day = facts.today(None)\ntest = gate.open()"))) == []


def test_rooms_stay_small() -> None:
    """No file over 300 lines, no function over 70, and every module says what it is for."""
    long_files, long_functions, silent = [], [], []
    for file in FILES:
        text = file.read_text(encoding="utf-8")
        tree = ast.parse(text)
        name = str(file.relative_to(ROOT))
        if text.count("\n") > 300:
            long_files.append(name)
        if not ast.get_docstring(tree):
            silent.append(name)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= 70:
                long_functions.append(f"{name}:{node.name}")
    assert (long_files, long_functions, silent) == ([], [], [])


def test_lock_files_carry_no_addresses() -> None:
    """Versions and hashes only: where packages come from is the user's own affair."""
    for lock in ROOT.glob("requirements*.lock"):
        assert not re.search(r"https?://|--(extra-)?index-url", lock.read_text()), lock.name


def test_the_image_holds_no_mongod() -> None:
    """mongod is SSPL: a separate process for development, never shipped by us."""
    assert "fiftyone" not in (ROOT / "requirements-runtime.lock").read_text()


def test_every_target_of_the_makefile_stands_once_and_is_declared() -> None:
    """A merge once made two halves of two targets one: `make setup` did nothing."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z-]+):", text, re.MULTILINE)
    declared = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)[0].split()
    assert sorted(targets) == sorted(declared)
