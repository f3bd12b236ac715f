"""noida-db in Kafka's place, where there is no Java: one small binary that speaks Kafka's protocol.

It is a stand-in for looking around and for tests, not for load. What differs from Kafka (0.2.3, with aiokafka):
- every record is kept in memory (keep a topic under about 100 MB); limits of fetch sizes are ignored;
- killed, it loses up to the last second of acknowledged records and new topics, and forgets its idempotent producers;
- a group waits for a killed dynamic member far beyond its session: give every consumer a `group_instance_id`;
- now and then, where two join at once, one is given an empty share, which aiokafka cannot read (runtime/joining.py);
- records older than seven days by their own timestamp vanish, unless their topic says `retention.ms=-1`;
- sending to a topic that does not exist creates it, with one partition; `list_topics` names internal topics too.
"""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

from .probe import kafka_answers
from .process import StackError, spawn, wait_ready
from .state import Server


def data_folder(home: Path) -> Path:
    """Where it saves its memory."""
    return home / "kafka-noida"


def launch(home: Path, port: int) -> Server:
    """Start the process; `ready` waits until it can be used."""
    binary = find_binary()
    folder, log = data_folder(home), home / "logs" / "kafka.log"
    folder.mkdir(parents=True, exist_ok=True)
    command = [str(binary), "start", "--only", "kafka", "--kafka-port", str(port), "--data-dir", str(folder)]
    pid, started = spawn(command, log, folder)
    return Server("kafka", "noida", version(), f"127.0.0.1:{port}", pid, started, port, str(log))


def ready(server: Server) -> None:
    """Wait until it names itself as a broker."""
    log = Path(server.log)
    wait_ready("noida-db", server.pid, server.started, server.port, log, lambda: kafka_answers(server.url))


def version() -> str:
    """The installed version."""
    try:
        return importlib.metadata.version("noida-db")
    except importlib.metadata.PackageNotFoundError:
        return "of unknown version"


def find_binary() -> Path:
    """The server itself, not its Python wrapper: the process started must be the one that is watched and killed."""
    for entry in sys.path:
        binary = Path(entry) / "noida_db" / "noida-db"
        if binary.is_file():
            if not binary.stat().st_mode & 0o100:
                binary.chmod(0o755)
            return binary
    raise StackError(
        "no noida-db here: install the `local` extra (`make setup`), or Java 17 with Maven, or set DOUBLESTAR_KAFKA"
    )
