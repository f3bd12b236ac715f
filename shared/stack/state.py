"""What runs, as `<home>/stack.json` remembers it between commands, and the lock that lets one at a time change it."""

from __future__ import annotations

import fcntl
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from .process import StackError

Name = Literal["mongo", "kafka"]
NAMES: tuple[Name, ...] = ("mongo", "kafka")
_PRODUCTS = {"mongo": "MongoDB", "kafka": "Kafka", "apache": "Apache Kafka", "noida": "noida-db"}
Say = Callable[[str], None]


@dataclass(frozen=True)
class Server:
    """One server; pid, creation time and port are 0 for an external one, which others start and stop."""

    name: Name
    kind: str
    version: str
    url: str
    pid: int = 0
    started: float = 0.0
    port: int = 0
    log: str = ""

    @property
    def external(self) -> bool:
        """Does someone else run it?"""
        return self.kind == "external"

    @property
    def title(self) -> str:
        """What it is, for people."""
        return f"{_PRODUCTS.get(self.kind, _PRODUCTS[self.name])} {self.version}"

    @property
    def address(self) -> str:
        """Where it is, for people."""
        return without_password(self.url) if self.external else f"127.0.0.1:{self.port}"


def without_password(url: str) -> str:
    """A URL that may be shown."""
    return re.sub(r"//[^@/]*@", "//***@", url)


def state_file(home: Path) -> Path:
    """Where the state is; settings read the URLs from it too."""
    return home / "stack.json"


def read_state(home: Path) -> dict[str, dict[str, Any]]:
    """The content of the state file, {} when there is none."""
    path = state_file(home)
    try:
        state = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise StackError(
            f"{path} is not readable as JSON ({error}): end the servers it named by hand and delete it"
        ) from None
    if not isinstance(state, dict):
        raise StackError(f"{path} does not hold a stack: end the servers it named by hand and delete it")
    return state


def load(home: Path) -> dict[Name, Server]:
    """The recorded servers."""
    state = read_state(home)
    try:
        return {name: Server(name=name, **state[name]) for name in NAMES if name in state}
    except TypeError as error:
        raise StackError(
            f"{state_file(home)} is from another version ({error}): run that version's `doublestar down`, or delete it"
        ) from None


def save(home: Path, servers: dict[Name, Server]) -> None:
    """Replace the state in one step: who reads at that moment sees the old one or the new one."""
    path = state_file(home)
    if not servers:
        path.unlink(missing_ok=True)
        return
    state = {name: {k: v for k, v in asdict(server).items() if k != "name"} for name, server in servers.items()}
    draft = path.with_name(path.name + ".draft")
    draft.write_text(json.dumps(state, indent=2) + "\n")
    draft.chmod(0o600)  # an external URL may hold a password
    draft.replace(path)


@contextmanager
def locked(home: Path, say: Say) -> Iterator[None]:
    """Hold the home's lock; another command that starts or stops there is waited for."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        file = (home / "stack.lock").open("w")
    except OSError as error:
        raise StackError(
            f"cannot write to {home} ({error.strerror}): set DOUBLESTAR_HOME to a folder of yours"
        ) from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another command is starting or stopping servers in {home}; waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
